"""The raw-socket table of docs/http-server.md, part one: what a request may look like and what is refused."""

import pytest
from raw import Client, ask, chunked, echoed, get, post, server


@pytest.fixture(scope="module")
def port():
    with server("--loops", 2) as running:
        yield running.port


def refused(port, data, *statuses):
    """One error answer with a JSON body, then the end; and the server goes on."""
    with Client(port) as client:
        client.send(data)
        answer = client.answer()
        assert answer is not None and answer.status in statuses, answer
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["connection"] == "close"
        assert answer.body.startswith(b'{"detail":"') and answer.body.endswith(b'"}')
        assert client.ended()
    assert ask(port, get()).status == 200
    return answer


def refused_while_sending(port, data, status):
    with Client(port) as client:
        try:
            client.send(data)
        except (BrokenPipeError, ConnectionResetError):
            pass
        answer = client.answer()
        assert answer.status == status and answer.headers["connection"] == "close"
    assert ask(port, get()).status == 200


# ---- served ----


def test_pipelined_gets_are_answered_in_order(port):
    with Client(port) as client:
        client.send(b"".join(get("/echo?%d" % i) for i in range(40)))
        for i in range(40):
            assert echoed(client.answer())[0]["query"] == [str(i)]


def test_pipelined_requests_beyond_the_queue_are_answered_in_order(port):
    with Client(port) as client:
        client.send(
            b"".join(
                get("/later?%d" % (30 if i % 50 == 0 else 0)) if i % 7 == 0 else get("/echo?%d" % i) for i in range(500)
            )
        )
        for i in range(500):
            answer = client.answer()
            if i % 7 == 0:
                assert answer.body == b"later\n"
            else:
                assert echoed(answer)[0]["query"] == [str(i)]


def test_request_split_byte_by_byte_is_served(port):
    with Client(port) as client:
        for byte in post(b"hello", "Content-Length: 5"):
            client.send(bytes([byte]))
        assert echoed(client.answer())[1] == b"hello"


def test_http_1_0_closes(port):
    with Client(port) as client:
        client.send(get("/bare", version="1.0", host=False))
        answer = client.answer()
        assert answer.status == 200 and answer.headers["connection"] == "close"
        assert client.ended()


def test_http_1_0_keep_alive_is_kept(port):
    with Client(port) as client:
        for _ in range(3):
            client.send(get("/bare", "Connection: keep-alive", version="1.0"))
            answer = client.answer()
            assert answer.status == 200 and answer.headers["connection"] == "keep-alive"


def test_connection_close_is_obeyed_and_later_requests_are_not_read(port):
    with Client(port) as client:
        client.send(get("/bare", "Connection: close") + get("/bare"))
        assert client.answer().headers["connection"] == "close"
        assert client.ended()


def test_half_closed_client_is_answered(port):
    with Client(port) as client:
        client.send(get("/bare") + get("/later?50"))
        client.socket.shutdown(1)
        assert client.answer().status == 200
        assert client.answer().headers["connection"] == "close"
        assert client.ended()


def test_chunked_body_with_extension_and_trailer_is_served(port):
    answer = ask(port, chunked(b'5;name=value\r\nhello\r\n6;q="x y"\r\n world\r\n0;last\r\nX-Trailer: t\r\n\r\n'))
    seen, body = echoed(answer)
    assert body == b"hello world"
    assert not any("railer" in header for header in seen["header"])


def test_empty_lines_before_a_request_are_skipped(port):
    assert ask(port, b"\r\n\r\n" + get()).status == 200


def test_expect_100_continue_is_answered_before_the_body(port):
    with Client(port) as client:
        client.send(post(b"", "Content-Length: 5", "Expect: 100-continue"))
        assert client.answer().status == 100
        client.send(b"hello")
        assert echoed(client.answer())[1] == b"hello"


def test_expect_100_continue_waits_for_its_turn(port):
    with Client(port) as client:
        client.send(get("/later?200") + post(b"", "Content-Length: 5", "Expect: 100-continue"))
        assert client.answer().body == b"later\n"
        assert client.answer().status == 100
        client.send(b"hello")
        assert echoed(client.answer())[1] == b"hello"


def test_expect_100_continue_with_the_body_sent_is_answered_once(port):
    with Client(port) as client:
        client.send(post(b"hello", "Content-Length: 5", "Expect: 100-continue"))
        assert client.answer().status == 200


def test_absolute_form_is_served(port):
    seen, _ = echoed(ask(port, get("http://other.example:81/a/b?c=d")))
    assert seen["path"] == ["/a/b"] and seen["query"] == ["c=d"]
    assert seen["target"] == ["http://other.example:81/a/b?c=d"]


@pytest.mark.parametrize("target,path", [("http://other.example", "/"), ("http://other.example?x", "/")])
def test_absolute_form_without_path_is_the_root(port, target, path):
    assert echoed(ask(port, get(target)))[0]["path"] == [path]


@pytest.mark.parametrize(
    "target", ["//", "//users/", "/..", "/../../etc/passwd", "/%00", "/%zz", "/%", "*", "/a?b?c#".rstrip("#")]
)
def test_odd_targets_reach_the_handler_as_sent(port, target):
    assert echoed(ask(port, get(target)))[0]["target"] == [target]


@pytest.mark.parametrize("method", ["FOO", "get", "PROPFIND", "DESCRIBE", "SOURCE", "PRI", "M-SEARCH", "A" * 32])
def test_any_token_is_a_method(port, method):
    answer = ask(port, get("/echo").replace(b"GET", method.encode(), 1))
    assert echoed(answer)[0]["method"] == [method]


def test_unknown_method_with_body_keeps_the_connection(port):
    with Client(port) as client:
        client.send(post(b"hello", "Content-Length: 5").replace(b"POST", b"FOO", 1) + get())
        assert echoed(client.answer())[1] == b"hello"
        assert client.answer().status == 200


def test_connect_is_answered_and_closed(port):
    with Client(port) as client:
        client.send(get("a.example:443").replace(b"GET", b"CONNECT", 1))
        answer = client.answer()
        assert answer.headers["connection"] == "close" and echoed(answer)[0]["method"] == ["CONNECT"]
        assert client.ended()


def test_upgrade_is_ignored(port):
    with Client(port) as client:
        client.send(get("/bare", "Connection: Upgrade", "Upgrade: websocket") + get("/empty"))
        assert client.answer().status == 200
        assert client.answer().status == 204


def test_head_is_the_head_of_get(port):
    with Client(port) as client:
        client.send(get().replace(b"GET", b"HEAD", 1) + get())
        answer = client.answer(head_only=True)
        assert answer.status == 200 and answer.headers["content-length"] == "71"
        assert len(client.answer().body) == 71


def test_no_content_has_no_length(port):
    assert "content-length" not in ask(port, get("/empty")).headers


def test_an_answer_carries_the_callers_fields_and_a_date(port):
    answer = ask(port, get("/fields"))
    assert answer.status == 405 and answer.headers["allow"] == "GET" and answer.headers["x-empty"] == ""
    assert answer.headers["date"].endswith(" GMT")


def test_header_values_lose_the_white_space_around_them(port):
    assert "X=a b" in echoed(ask(port, get("/echo", "X: \t a b \t ")))[0]["header"]


def test_body_of_the_largest_size_is_served(port):
    body = b"x" * (1 << 20)
    assert echoed(ask(port, post(body, "Content-Length: %d" % len(body))))[1] == body


def test_large_answer_arrives_whole(port):
    assert ask(port, get("/big?20000000")).body == b"x" * 20000000


# ---- refused ----


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["Host: a", "Host: a"],
        ["Host: a", "Host: b"],
        ["Host: a b"],
        ["Host: a/b"],
        ["Host: u@a"],
        ["Host:"],
        ["Host: :80"],
        ["Host: a:b"],
        ["Host: a:800000"],
        ["Host: [::1"],
        ["Host: []"],
        ["Host: a\xff"],
        ["Host: a, b"],
    ],
    ids=lambda lines: "+".join(lines).replace("\xff", "xff") or "none",
)
def test_host_missing_doubled_or_bad_is_400(port, lines):
    refused(port, get("/bare", *lines, host=False), 400)


@pytest.mark.parametrize("host", ["a", "a.example:80", "127.0.0.1:8000", "[::1]", "[::1]:8000", "a_b-c~d"])
def test_host_of_every_form_is_served(port, host):
    assert ask(port, get("/bare", "Host: " + host, host=False)).status == 200


def test_http_1_0_with_two_hosts_is_400(port):
    refused(port, get("/bare", "Host: a", version="1.0"), 400)


def test_unknown_expectation_is_417(port):
    refused(port, post(b"hello", "Content-Length: 5", "Expect: tea"), 417)


@pytest.mark.parametrize("order", [0, 1])
def test_content_length_with_transfer_encoding_is_400(port, order):
    lines = ["Content-Length: 5", "Transfer-Encoding: chunked"]
    refused(port, post(b"0\r\n\r\n", *(lines[::-1] if order else lines)), 400)


@pytest.mark.parametrize(
    "lines",
    [
        ["Content-Length: 5", "Content-Length: 6"],
        ["Content-Length: 5", "Content-Length: 5"],
        ["Content-Length: 5, 6"],
        ["Content-Length: 5, 5"],
        ["Content-Length: +5"],
        ["Content-Length: 0x5"],
        ["Content-Length:"],
        ["Content-Length: -5"],
        ["Content-Length: 5 5"],
        ["Content-Length: 5a"],
    ],
    ids="+".join,
)
def test_bad_content_length_is_400(port, lines):
    refused(port, post(b"hello", *lines), 400)


def test_content_length_beyond_64_bits_is_400(port):
    refused(port, post(b"hello", "Content-Length: %d" % (2**64 + 5)), 400, 413)


@pytest.mark.parametrize("length", [2**20 + 1, 2**63, 2**64 - 1])
def test_content_length_beyond_the_limit_is_413_before_the_body(port, length):
    refused(port, post(b"", "Content-Length: %d" % length, "Expect: 100-continue"), 413)


def test_body_being_sent_does_not_destroy_the_413(port):
    body = b"x" * (3 << 20)
    with Client(port) as client:
        client.send(post(b"", "Content-Length: %d" % len(body)))
        try:
            client.send(body)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert client.answer().status == 413


@pytest.mark.parametrize(
    "coding",
    [
        "xchunked",
        "identity",
        "chunked, identity",
        "chunked, chunked",
        "identity, chunked",
        "gzip, chunked",
        "chunked;q=1",
        "\x0bchunked",
        "",
    ],
    ids=lambda coding: coding.replace("\x0b", "VT") or "empty",
)
def test_transfer_encoding_other_than_chunked_is_400_or_501(port, coding):
    refused(port, post(b"0\r\n\r\n", "Transfer-Encoding: " + coding), 400, 501)


def test_transfer_encoding_twice_is_400_or_501(port):
    refused(port, post(b"0\r\n\r\n", "Transfer-Encoding: chunked", "Transfer-Encoding: chunked"), 400, 501)


def test_transfer_encoding_in_http_1_0_is_400(port):
    refused(port, chunked(b"0\r\n\r\n").replace(b"HTTP/1.1", b"HTTP/1.0"), 400)


def test_space_before_the_colon_is_400(port):
    refused(port, post(b"0\r\n\r\n", "Transfer-Encoding : chunked"), 400)


@pytest.mark.parametrize(
    "lines", [["X: a", " b"], ["X: a", "\tb"], [" X: a"], ["X:", " a"], ["X: a", " "], ["X: a", " ", "Y: b"]], ids=repr
)
def test_folded_header_line_is_400(port, lines):
    refused(port, get("/bare", *lines), 400)


def test_header_line_that_starts_with_space_after_the_request_line_is_400(port):
    refused(port, get("/bare", " X: a", "Host: a", host=False), 400)


@pytest.mark.parametrize("size", [b"0x5", b"-1", b"5 5", b"+5", b"", b" 5", b"g"])
def test_bad_chunk_size_is_400(port, size):
    refused(port, chunked(size + b"\r\nhello\r\n0\r\n\r\n"), 400)


@pytest.mark.parametrize("size", [b"f" * 17, b"1" + b"0" * 16, b"f" * 16, b"8" + b"0" * 15, b"100001"])
def test_chunk_size_overflow_is_400_or_413(port, size):
    refused(port, chunked(size + b"\r\nhello\r\n0\r\n\r\n"), 400, 413)


def test_chunks_that_add_up_beyond_the_limit_are_413(port):
    refused(port, chunked(b"80000\r\n" + b"x" * 0x80000 + b"\r\n80001\r\n"), 413)


@pytest.mark.parametrize(
    "body",
    [
        b"5\r\nhelloXX0\r\n\r\n",
        b"5\r\nhello0\r\n\r\n",
        b"5\r\nhello\n0\r\n\r\n",
        b"5\nhello\r\n0\r\n\r\n",
        b"5\r\nhello\r\n0\n\r\n",
        b"5\r\nhello\r\n0\r\n\n",
        b"5\rhello\r\n0\r\n\r\n",
        b"5;a\nb\r\nhello\r\n0\r\n\r\n",
        b"5\r\nhello\r\n0\r\nX: y\n\r\n",
        b"5\r\nhello\r\n0\r\n X: y\r\n\r\n",
    ],
)
def test_bad_chunk_end_or_bare_lf_in_chunks_is_400(port, body):
    refused(port, chunked(body), 400)


def test_chunk_extensions_without_end_are_413(port):
    data = chunked(b"1;" + b"a" * (6 << 20))
    with Client(port) as client:
        try:
            client.send(data)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert client.answer().status == 413


def test_trailers_share_the_limit_of_the_head(port):
    refused_while_sending(port, chunked(b"0\r\n" + b"X: " + b"a" * 40000), 431)
    refused_while_sending(port, chunked(b"0\r\n" + b"X: a\r\n" * 200), 431)


def test_connection_that_ends_before_the_last_chunk_is_closed_without_handling(port):
    with Client(port) as client:
        client.send(chunked(b"5\r\nhello\r\n"))
        client.socket.shutdown(1)
        assert client.answer() is None


@pytest.mark.parametrize(
    "line",
    [
        "X: a\rb",
        "X: a\0b",
        "X: a\x01b",
        "X: a\x7fb",
        "X\0: a",
        "X\x01: a",
        "X\r: a",
        "X y: a",
        "X\x80: a",
        ": a",
        "X",
        "X\x0b: a",
        "(X): a",
    ],
    ids=lambda line: ascii(line),
)
def test_control_byte_or_space_in_a_header_is_400(port, line):
    refused(port, get("/bare", line), 400)


def test_bare_lf_in_the_head_is_400(port):
    refused(port, b"GET /bare HTTP/1.1\nHost: a\n\n", 400)
    refused(port, b"GET /bare HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400)


@pytest.mark.parametrize(
    "version",
    [
        "HTTP/9.9",
        "HTTP/2.0",
        "HTTP/0.9",
        "HTTP/1.2",
        "HTTP/1",
        "HTTP/1.10",
        "http/1.1",
        "RTSP/1.0",
        "ICE/1.0",
        "",
        "HTTP/1.1 x",
        "HTTP/1.1\rX",
    ],
)
def test_other_version_or_protocol_is_505_or_400(port, version):
    refused(port, b"GET /bare " + version.encode() + b"\r\nHost: a\r\n\r\n", 505, 400)


def test_http_2_preface_is_505_or_400(port):
    refused(port, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, 400)


def test_tls_hello_is_400(port):
    refused(port, bytes.fromhex("16030100c8010000c40303") + bytes(range(190)), 400)


@pytest.mark.parametrize(
    "data",
    [
        b"\0" * 100,
        b"hello\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /bare\r\n\r\n",
        b" GET / HTTP/1.1\r\n\r\n",
        b"GET  / HTTP/1.1\r\n\r\n",
        b"\r\rGET / HTTP/1.1\r\n\r\n",
        b"GET bare HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
    ids=repr,
)
def test_garbage_is_400(port, data):
    refused(port, data, 400)


def test_method_of_33_bytes_is_501(port):
    refused(port, get().replace(b"GET", b"A" * 33, 1), 501)


def test_bad_request_behind_good_ones_is_answered_in_its_turn(port):
    with Client(port) as client:
        client.send(get("/later?100") + get("/bare") + b"BAD\x01 / HTTP/1.1\r\n\r\n" + get())
        assert client.answer().body == b"later\n"
        assert client.answer().status == 200
        assert client.answer().status == 400
        assert client.ended()


# ---- limits of size ----


@pytest.mark.parametrize(
    "lines",
    [
        ["X: " + "a" * 40960],
        ["X%d: %s" % (i, "a" * 1000) for i in range(2000)],
        ["X%d: a" % i for i in range(1000)],
        ["X: a"] * 129,
        ["X" * 40960 + ": a"],
    ],
    ids=["one_header_of_40_KiB", "2_MiB_of_headers", "1000_headers", "129_headers", "name_of_40_KiB"],
)
def test_too_many_or_too_long_headers_are_431(port, lines):
    refused_while_sending(port, get("/bare", *lines), 431)


def test_128_headers_are_served(port):
    assert ask(port, get("/bare", *["X: a"] * 127)).status == 200


def test_target_of_64_KiB_is_414(port):
    refused_while_sending(port, get("/" + "a" * 65535), 414)


def test_target_of_16_KiB_is_served_and_one_byte_more_is_not(port):
    assert ask(port, get("/" + "a" * 16383)).status == 200
    refused(port, get("/" + "a" * 16384), 414)


def test_empty_lines_without_end_are_431(port):
    refused_while_sending(port, b"\r\n" * 20000, 431)
