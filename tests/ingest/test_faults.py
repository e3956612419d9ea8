"""Everything a server can do wrong, each with its exact message: the table of docs/errors.md, section "ingest". No
output may be left behind. Rows run side by side."""

import concurrent.futures
import gzip
import json
import socket
import time
from email.utils import formatdate

import pytest
import support
from fault_server import FaultServer, ok, page

FAST = ("--retries", "1", "--wait-min", "10ms")  # two attempts without a real wait
PAGE0 = "{list}?limit=50&skip=0: page 0: "
PAGE1 = "{list}?limit=50&skip=50: page 1: "
GIVING_UP = PAGE0 + "giving up after 2 attempts: "
ONE_USER = '[{"id":1,"name":"a","email":"e","age":%s}]'
FIRST_PAGE = ok(page(1, 50))

# name: (script, options, message, requests sent)
FAULTS = {
    "status_404": (
        [{"status": 404, "body": '{"detail":"Not Found"}'}],
        (),
        PAGE0 + 'status 404, body: {"detail":"Not Found"}',
        1,
    ),
    "status_204": ([{"status": 204}], (), PAGE0 + "status 204", 1),
    "status_500_for_ever": (
        [{"status": 500, "body": "broken\nbadly"}],
        FAST,
        GIVING_UP + "status 500, body: broken badly",
        2,
    ),
    "status_404_on_the_second_page": (
        [FIRST_PAGE, {"status": 404, "body": "gone"}],
        (),
        PAGE1 + "status 404, body: gone",
        2,
    ),
    "closed_without_an_answer": ([{"close": True}], FAST, GIVING_UP + "the connection closed without an answer", 2),
    "reset": ([{"reset": True}], FAST, GIVING_UP + "the connection broke while receiving: Connection reset by peer", 2),
    "body_cut_short": ([{"body": page(1, 50), "cut": 100}], FAST, GIVING_UP + "the body was cut short", 2),
    "chunk_cut_short": ([{"body": page(1, 50), "cut_chunk": True}], FAST, GIVING_UP + "the body was cut short", 2),
    "not_http": ([{"raw": b"220 mail.example.com ESMTP\r\n"}], FAST, GIVING_UP + "the answer is not HTTP", 2),
    "binary_garbage": ([{"raw": bytes(range(256)) * 4}], FAST, GIVING_UP + "the answer is not HTTP", 2),
    "http_9": (
        [{"raw": b"HTTP/9.9 200 OK\r\nContent-Length: 2\r\n\r\n[]"}],
        FAST,
        GIVING_UP + "the answer is not HTTP",
        2,
    ),
    "never_answers": (
        [{"hang": True}],
        (*FAST, "--attempt-timeout", "300ms"),
        GIVING_UP + "no complete answer within 300 ms",
        2,
    ),
    "drips": (
        [{**ok(page(1, 50)), "drip": 0.02}],
        (*FAST, "--attempt-timeout", "500ms"),
        GIVING_UP + "no complete answer within 500 ms",
        2,
    ),
    "job_timeout_in_an_attempt": (
        [{"hang": True}],
        ("--job-timeout", "500ms"),
        PAGE0 + "the job's time of 500 ms is over",
        1,
    ),
    "job_timeout_in_a_wait": (
        [{"status": 503, "headers": {"Retry-After": "7"}}],
        ("--job-timeout", "5s"),
        PAGE0 + "the job's time of 5 s leaves no room for a wait of 7 s after attempt 1: status 503",
        1,
    ),
    "redirect_for_ever": (
        [{"status": 302, "headers": {"Location": "/users/"}}],
        (),
        PAGE0 + "stopped after 10 redirects",
        10,
    ),
    "redirect_to_another_scheme": (
        [{"status": 301, "headers": {"Location": "ftp://ann:pw@host/x"}}],
        (),
        PAGE0 + "redirect to ftp://ann:xxxxx@host/x: only http and https are followed",
        1,
    ),
    "redirect_to_nowhere": ([{"status": 307, "body": "?"}], (), PAGE0 + "status 307", 1),
    "not_modified": ([{"status": 304}], (), PAGE0 + "status 304", 1),
    "body_too_large": (
        [{"endless": True}],
        ("--max-body", "1MiB"),
        PAGE0 + "the body is larger than the limit of 1048576 bytes",
        1,
    ),
    "announced_too_large": (
        [{"body": "", "headers": {"Content-Length": "1099511627776"}}],
        (),
        PAGE0 + "a body larger than the limit of 67108864 bytes is announced",
        1,
    ),
    "gzip_bomb": (
        [{"body": gzip.compress(b" " * (80 << 20)), "headers": {"Content-Encoding": "gzip"}}],
        (),
        PAGE0 + "the body is larger than the limit of 67108864 bytes",
        1,
    ),
    "broken_gzip": (
        [{"body": "not gzip", "headers": {"Content-Encoding": "gzip"}}],
        FAST,
        PAGE0 + "the body's Content-Encoding can't be undone",
        1,
    ),
    "unknown_encoding": (
        [{"body": "[]", "headers": {"Content-Encoding": "rot13"}}],
        FAST,
        PAGE0 + "the body's Content-Encoding can't be undone",
        1,
    ),
    "endless_error_body": ([{"status": 404, "endless": True}], (), PAGE0 + "status 404, body: " + "[" * 204 + "...", 1),
    "header_without_end": (
        [{"raw": b"HTTP/1.1 200 OK\r\nX: " + b"x" * (2 << 20)}],
        FAST,
        PAGE0 + "out of memory, or a header line of more than 100 kB came",
        1,
    ),
    "headers_without_end": (
        [{"raw": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * (1 << 17)}],
        FAST,
        GIVING_UP + "Too large response headers: 307205 > 307200",
        2,
    ),
    "trailers_without_end": (
        [{"raw": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n" + b"X: y\r\n" * (1 << 17)}],
        FAST,
        PAGE0 + "header lines of more than 524288 bytes came",
        1,
    ),
    "bad_chunk": (
        [{"raw": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}],
        FAST,
        GIVING_UP + "Illegal or missing hexadecimal sequence in chunked-encoding",
        2,
    ),
    "announced_too_large_in_an_error": (
        [{"status": 404, "headers": {"Content-Length": "1099511627776"}}],
        (),
        PAGE0 + "status 404",
        1,
    ),
    "same_page_for_ever": (
        [FIRST_PAGE],
        (),
        PAGE1 + "the same page as the one before: the server seems to ignore skip",
        2,
    ),
}

# name: (body of the only page, or the script; message after the page)
BODIES = {
    "empty_body": ("", "byte 0: the text ends where a value was expected, body: (empty)"),
    "html": (
        "<html>\n<body>Welcome</body></html>",
        "byte 0: '<' where a value was expected, body: <html> <body>Welcome</body></html>",
    ),
    "cut_json": (
        '[{"id":1',
        "record 0: byte 8: the text ends where ',' or '}' after a value was expected, body: [{\"id\":1",
    ),
    "bad_json": ("[{]", "record 0: byte 2: ']' where a member name or '}' was expected, body: [{]"),
    "two_values": ("[][]", "byte 2: '[' where the end of the text was expected, body: [][]"),
    "not_utf8": (
        b'[{"id":1,"name":"\xff","email":"e","age":1}]',
        'record 0: member "name": string "?" is not valid Unicode',
    ),
    "nan": (
        ONE_USER % "NaN",
        'record 0: byte 38: \'N\' where a value was expected, body: [{"id":1,"name":"a","email":"e","age":NaN}]',
    ),
    "object_instead_of_array": ('{"id":1}', "an object where an array was expected"),
    "string_instead_of_array": ('"users"', 'string "users" where an array was expected'),
    "number_instead_of_object": ("[1]", "record 0: number 1 where an object was expected"),
    "age_string": (ONE_USER % '"5"', 'record 0: member "age": string "5" is not int32'),
    "age_float": (ONE_USER % "5.5", 'record 0: member "age": number 5.5 is not int32'),
    "age_bool": (ONE_USER % "true", 'record 0: member "age": true is not int32'),
    "age_past_int32": (
        ONE_USER % "2147483648",
        'record 0: member "age": number 2147483648 is outside the range of int32',
    ),
    "age_below_int32": (
        ONE_USER % "-2147483649",
        'record 0: member "age": number -2147483649 is outside the range of int32',
    ),
    "id_past_int32": (
        '[{"id":4294967297,"name":"a","email":"e","age":1}]',
        'record 0: member "id": number 4294967297 is outside the range of int32',
    ),
    "id_past_int64": (
        '[{"id":18446744073709551617,"name":"a","email":"e","age":1}]',
        'record 0: member "id": number 18446744073709551617 is outside the range of int32',
    ),
    "name_number": ('[{"id":1,"name":5,"email":"e","age":1}]', 'record 0: member "name": number 5 is not string'),
    "deep_nesting": (
        '[{"id":1,"x":' + "[" * 5000 + "]" * 5000 + "}]",
        "record 0: byte 1037: nests deeper than the 1024 levels allowed",
    ),
}
ALL = {**FAULTS, **{name: ([ok(body)], (), PAGE0 + message, 1) for name, (body, message) in BODIES.items()}}


def one(folder, script, options):
    with FaultServer(script) as server:
        run = support.run(folder, "--url", server.url, "--quiet", *options)
        time.sleep(0.05)
        return run, server.url, len(server.requests), run.files


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    rows = ALL
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        futures = {
            name: pool.submit(one, tmp_path_factory.mktemp(name[:20]), script, options)
            for name, (script, options, _, _) in rows.items()
        }
        return {name: future.result() for name, future in futures.items()}


@pytest.mark.parametrize("name", ALL)
def test_fault(runs, name):
    _, _, message, n_requests = ALL[name]
    run, url, n_sent, files = runs[name]
    assert run.exit == 1, run.stderr
    assert len(run.lines) == 1
    assert run.lines[0] == "ingest: " + message.replace("{list}", url)
    assert n_sent == n_requests
    assert files == []


def test_a_record_is_named_on_its_own_page(tmp_path):
    users = json.loads(page(51, 50))
    users[17]["age"] = 1 << 31
    with FaultServer([FIRST_PAGE, ok(json.dumps(users)), ok("[]")]) as server:
        run = support.run(tmp_path, "--url", server.url)
        assert run.exit == 1
        assert run.lines == [
            f'ingest: {server.url}?limit=50&skip=50: page 1: record 17: member "age": number 2147483648'
            " is outside the range of int32"
        ]
    assert run.files == []


def test_refused(tmp_path):
    with socket.socket() as taken:  # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/users/"
        run = support.run(tmp_path, "--url", url, *FAST)
    assert run.exit == 1
    assert run.lines == [
        f"ingest: {url}?limit=50&skip=0: no connection: Connection refused; trying again in 0.0 s (0 left)",
        f"ingest: {url}?limit=50&skip=0: page 0: giving up after 2 attempts: no connection: Connection refused",
    ]
    assert run.files == []


def test_tls_to_a_plain_port(tmp_path):
    with FaultServer([ok("[]")]) as server:
        run = support.run(tmp_path, "--url", server.url.replace("http:", "https:"), "--retries", "0")
    assert run.exit == 1
    assert "page 0: giving up after 1 attempt: the TLS handshake failed: " in run.stderr


@pytest.mark.parametrize(
    "url, message",
    [
        ("localhost:8000/users/", '"localhost:8000/users/": must begin with http:// or https://'),
        ("ftp://host/users/", "ftp://host/users/: must begin with http:// or https://"),
        (
            "http://127.0.0.1:99999/",
            '"http://127.0.0.1:99999/": Port number was not a decimal number between 0 and 65535',
        ),
        ("http://a b/", '"http://a b/": Bad hostname'),
        ("", '"": must begin with http:// or https://'),
    ],
)
def test_bad_url(tmp_path, url, message):
    run = support.run(tmp_path, "--url", url)
    assert (run.exit, run.lines, run.files) == (1, ["ingest: " + message], [])


@pytest.mark.parametrize(
    "fault",
    [
        {"body": page(1, 50), "cut": 100},
        {"body": page(1, 50), "cut_chunk": True},
        {"reset": True},
        {"close": True},
        {"raw": b"garbage\r\n"},
        {"status": 429},
        {"status": 999},
    ],
    ids=lambda fault: next(iter(fault.keys() - {"body"})) + str(fault.get("status", "")),
)
def test_a_passing_fault_is_retried(tmp_path, fault):
    with FaultServer([FIRST_PAGE, fault, ok(page(51, 2))]) as server:
        run = support.run(tmp_path, "--url", server.url, "--wait-min", "10ms")
        assert [r["target"][-7:] for r in server.requests] == ["&skip=0", "skip=50", "skip=50"]
    assert run.exit == 0, run.stderr
    assert len(json.loads(run.json)) == 52
    silent = "reset" in fault or "close" in fault  # a kept connection that went stale is replaced at once
    assert ("0 retries" if silent else "1 retry") in run.lines[-1]


def test_retry_after_is_cut_to_its_ceiling(tmp_path):
    with FaultServer([{"status": 503, "headers": {"Retry-After": "86400"}}, ok("[]")]) as server:
        run = support.run(tmp_path, "--url", server.url, "--retry-after-max", "200ms")
    assert run.exit == 0
    assert 0.2 <= run.seconds < 5
    assert run.lines[0].endswith(": status 503; trying again in 0.2 s (4 left)")


def test_an_http_date_in_retry_after_is_waited_for(tmp_path):
    def answer(target):
        if len(server.requests) > 1:
            return ok("[]")
        return {"status": 429, "headers": {"Retry-After": formatdate(time.time() + 2, usegmt=True)}}

    with FaultServer(answer) as server:
        run = support.run(tmp_path, "--url", server.url)
        waited = server.requests[1]["at_s"] - server.requests[0]["at_s"]
    assert run.exit == 0
    assert 0.9 < waited < 2.5  # the date has whole seconds


def test_redirects_are_followed_and_asked_for_anew_on_each_page(tmp_path):
    def answer(target):
        if target.startswith("/users/"):
            return {"status": 307, "headers": {"Location": "/moved" + target}, "body": "see there" * 1000}
        return ok(page(1, 50) if target.endswith("skip=0") else page(51, 3))

    with FaultServer(answer) as server:
        run = support.run(tmp_path, "--url", server.url)
        assert server.n_connections == 1
    assert run.exit == 0
    assert len(json.loads(run.json)) == 53


def test_an_answer_without_length_ends_with_its_connection(tmp_path):
    with FaultServer([{"raw": b"HTTP/1.0 200 OK\r\n\r\n" + page(1, 2).encode()}]) as server:
        run = support.run(tmp_path, "--url", server.url)
    assert run.exit == 0
    assert len(json.loads(run.json)) == 2


def test_gzip_is_taken(tmp_path):
    with FaultServer([{"body": gzip.compress(page(1, 3).encode()), "headers": {"Content-Encoding": "gzip"}}]) as server:
        run = support.run(tmp_path, "--url", server.url)
        assert server.requests[0]["headers"]["Accept-Encoding"] == "gzip"
    assert run.exit == 0
    assert len(json.loads(run.json)) == 3
