"""http:// as a file's name: real servers on loopback, with ranges and without, that fail, redirect and change files."""

import hashlib
import http.server
import json
import os
import re
import subprocess
import threading
import time

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

PROGRAM = os.environ["DZR_DATARIZER"]


def run(*arguments, **environment):
    """Exit status, standard output, standard error."""
    done = subprocess.run(
        [PROGRAM, *map(str, arguments)],
        capture_output=True,
        timeout=60,
        check=False,
        env={**os.environ, **environment},
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


class Ranges(http.server.BaseHTTPRequestHandler):
    """Files of `server.files` by range, as nginx serves them; server.twist may answer instead."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.server.requests.append((self.path, dict(self.headers)))
        if self.server.twist is not None and self.server.twist(self, len(self.server.requests)):
            return
        data = self.server.files.get(self.path.partition("?")[0].lstrip("/"))
        if data is None:
            self.answer(404, b"no such thing")
            return
        etag = '"%s"' % hashlib.md5(data).hexdigest()
        wanted = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        if wanted is None or self.headers.get("If-Range", etag) != etag:
            self.answer(200, data, ETag=etag)
            return
        first, last = wanted.groups()
        if first == "":
            first, last = max(0, len(data) - int(last)), len(data) - 1
        first, last = int(first), min(int(last), len(data) - 1)
        if first > last:
            self.answer(416, Content_Range=f"bytes */{len(data)}")
            return
        self.server.n_bytes += last + 1 - first
        self.answer(206, data[first : last + 1], ETag=etag, Content_Range=f"bytes {first}-{last}/{len(data)}")


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        self.files, self.requests, self.twist, self.n_bytes = {}, [], None, 0
        self.url = f"http://127.0.0.1:{self.server_address[1]}/"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


@pytest.fixture(name="parquet", scope="module")
def parquet_fixture(tmp_path_factory):
    path = tmp_path_factory.mktemp("http") / "t.parquet"
    rows = range(200000)
    columns = {"n": pa.array(rows), "s": [hashlib.md5(b"%d" % i).hexdigest() for i in rows], "m": [i % 7 for i in rows]}
    pq.write_table(pa.table(columns), path, row_group_size=50000)
    return path


@pytest.fixture(name="server")
def server_fixture(parquet):
    with Server(Ranges) as server:
        server.files["t.parquet"] = parquet.read_bytes()
        yield server


def test_parquet_is_read_by_range_and_only_what_is_asked_for(server, parquet):
    size = parquet.stat().st_size
    assert run("stat", "--json", "--columns", "m", server.url + "t.parquet")[0] == 0
    assert 65536 < server.n_bytes < size / 10
    assert all("Range" in headers for _, headers in server.requests)
    assert all("If-Range" in headers for _, headers in server.requests[1:])
    server.n_bytes = 0
    assert run("schema", server.url + "t.parquet")[0] == 0
    assert server.n_bytes == 65536


def test_all_values_come(server, parquet, tmp_path):
    copy = tmp_path / "copy.parquet"
    assert run("convert", server.url + "t.parquet?token=abc#part", copy) == (0, "", "")
    assert pq.read_table(copy).equals(pq.read_table(parquet))
    lines = "".join(json.dumps({"n": i, "s": "x" * (i % 50)}) + "\n" for i in range(200000))
    server.files["t.jsonl"] = lines.encode()
    assert len(lines) > 2 * (4 << 20)
    status, out, err = run("convert", "--to", "jsonl", server.url + "t.jsonl", "-")
    assert (status, err) == (0, "") and [json.loads(line) for line in out.splitlines()] == [
        json.loads(line) for line in lines.splitlines()
    ]


def test_a_server_without_ranges_sends_the_whole_once(parquet, tmp_path):
    class Plain(http.server.SimpleHTTPRequestHandler):
        """Python's own, which knows no ranges."""

        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(parquet.parent))

        def do_GET(self):
            self.server.requests.append(self.path)
            super().do_GET()

        def log_message(self, *_):
            pass

    spool = tmp_path / "spool"
    spool.mkdir()
    with Server(Plain) as server:
        copy = tmp_path / "copy.parquet"
        assert run("convert", server.url + "t.parquet", copy, TMPDIR=str(spool)) == (0, "", "")
        assert server.requests == ["/t.parquet"]
        assert pq.read_table(copy).equals(pq.read_table(parquet))
        assert not list(spool.iterdir())
        status, out, err = run("schema", server.url + "t.parquet", TMPDIR="/no/such/folder")
        assert (status, out) == (1, "") and "/no/such/folder: can't hold a temporary file" in err


def test_a_file_that_changes_meanwhile_is_an_error(server, tmp_path):
    data = server.files["t.parquet"]

    def change(_, n):
        if n == 3:
            server.files["t.parquet"] = data[:4] + b"x" + data[5:]
        return False

    server.twist = change
    out = tmp_path / "out.parquet"
    status, _, err = run("convert", server.url + "t.parquet", out)
    assert status == 1 and "was replaced while it was read" in err and not out.exists()


def test_a_server_that_ignores_if_range_is_seen_through(server):
    def change(handler, n):
        del handler.headers["If-Range"]
        if n == 2:
            server.files["t.parquet"] = server.files["t.parquet"][:4] + b"x" + server.files["t.parquet"][5:]
        return False

    server.twist = change
    status, _, err = run("stat", server.url + "t.parquet")
    assert status == 1 and "was replaced while it was read" in err


def test_what_fails_for_a_while_is_tried_again(server, parquet, tmp_path):
    data = server.files["t.parquet"]

    def fail(handler, n):
        if n in (1, 3):
            handler.answer(503, b"busy", Retry_After="0")
        elif n == 5:  # cut short
            first, last = map(int, re.findall(r"\d+", handler.headers["Range"]))
            said = {"Content_Length": str(last + 1 - first), "Content_Range": f"bytes {first}-{last}/{len(data)}"}
            handler.answer(206, data[first : (first + last) // 2], ETag=f'"{hashlib.md5(data).hexdigest()}"', **said)
            handler.close_connection = True
        return n in (1, 3, 5)

    server.twist = fail
    copy = tmp_path / "copy.parquet"
    assert run("convert", server.url + "t.parquet", copy) == (0, "", "")
    assert pq.read_table(copy).equals(pq.read_table(parquet)) and len(server.requests) > 5


def test_redirects_are_followed_each_time(server, parquet, tmp_path):
    server.twist = lambda handler, n: handler.path.startswith("/old") and (
        handler.answer(302, Location="/t.parquet") or True
    )
    copy = tmp_path / "copy.parquet"
    assert run("convert", server.url + "old.parquet", copy) == (0, "", "")
    assert pq.read_table(copy).equals(pq.read_table(parquet))


@pytest.mark.parametrize(
    "status, body, said",
    [
        (404, b"no such thing", "status 404: no such thing"),
        (403, b"", "status 403"),
        (401, b"who?", "status 401: who?"),
    ],
)
def test_what_the_server_refuses_is_said(server, status, body, said):
    server.twist = lambda handler, n: handler.answer(status, body) or True
    url = server.url.replace("http://", "http://me:secret@") + "t.parquet?sig=secret"
    code, out, err = run("schema", url)
    assert (code, out) == (1, "") and said in err and "secret" not in err and "t.parquet" in err
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "headers",
    [{}, {"Content_Range": "bytes 0-1/9999999"}, {"Content_Range": "bytes 5-1/10"}, {"Content_Range": "x" * 5000}],
    ids=["none", "other", "backwards", "long"],
)
def test_ranges_that_contradict_themselves_are_refused(server, headers):
    server.twist = lambda handler, n: handler.answer(206, b"abc", **headers) or True
    status, _, err = run("schema", server.url + "t.parquet")
    assert status == 1 and "its end was asked for" in err
    server.twist = lambda handler, n: n > 1 and (handler.answer(206, b"abc", **headers) or True)
    server.requests.clear()
    status, _, err = run("stat", server.url + "t.parquet")
    assert status == 1 and ("were asked for" in err or "was replaced" in err)


def test_more_than_was_asked_for_is_refused(server):
    server.twist = lambda handler, n: handler.answer(206, bytes(70000), Content_Range="bytes 0-69999/70000") or True
    status, _, err = run("schema", server.url + "t.parquet")
    assert status == 1 and "more came" in err


def test_empty_and_short_files(server):
    server.files.update({"e.parquet": b"", "s.jsonl": b'{"a":1}\n', "e.jsonl": b""})
    assert run("head", "--json", server.url + "s.jsonl") == (0, '{"a":1}\n', "")
    for name in ["e.parquet", "e.jsonl"]:
        status, out, err = run("schema", server.url + name)
        assert (status, out) == (1, "") and name in err


def test_nobody_there_and_other_schemes(tmp_path):
    with Server(Ranges) as server:
        url = server.url
    started = time.monotonic()
    with subprocess.Popen([PROGRAM, "convert", url + "t.parquet", tmp_path / "x.parquet"], stderr=subprocess.PIPE) as p:
        time.sleep(0.5)
        p.terminate()  # while it waits before an attempt
        _, err = p.communicate(timeout=30)
    assert p.returncode == 128 + 15 and err == b"" and time.monotonic() - started < 20
    (tmp_path / "a.jsonl").write_text('{"a":1}\n', encoding="utf-8")
    status, _, err = run("convert", tmp_path / "a.jsonl", "http://127.0.0.1:1/a.parquet")
    assert status == 1 and "http:// is only read, never written" in err
    status, _, err = run("schema", "ftp://h/a.parquet")
    assert status == 1 and "ftp:// is not supported, only paths, -, file://, http(s):// and s3://" in err
