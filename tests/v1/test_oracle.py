"""The recorded v1 API, replayed against the program, and what it says besides: that it is deprecated."""

import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time

import pytest

PROGRAM = os.path.abspath(os.environ.get("DZR_API_V1", "build/bin/api-v1"))
HERE = pathlib.Path(__file__).parent
REPLAY = HERE.parent / "userator" / "oracle" / "replay.py"


def start(db, *options):
    process = subprocess.Popen(
        [PROGRAM, "--listen", "127.0.0.1:0", "--db", str(db), *map(str, options)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    line = process.stderr.readline()
    found = re.search(r"listening on http://127\.0\.0\.1:(\d+) ", line)
    assert found, line + process.communicate(timeout=30)[1]
    return process, int(found.group(1))


def stop(process, number=signal.SIGTERM):
    process.send_signal(number)
    said = process.communicate(timeout=60)[1]
    assert "Sanitizer" not in said, said
    return process.returncode, said


@contextlib.contextmanager
def api(db, *options):
    """Stopped by SIGTERM at the end, and must then exit 0."""
    process, port = start(db, *options)
    try:
        yield port
        code, said = stop(process)
        assert code == 0 and said.endswith("api-v1: stopped\n"), said
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def exchange(port, request):
    """The bytes of one request on a connection of its own: (status, header fields, body)."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request)
        return read_answer(connection)


def read_answer(connection):
    with connection.makefile("rb") as stream:
        status = int(stream.readline().split()[1])
        fields = {}
        for line in iter(stream.readline, b"\r\n"):
            name, value = line.decode("latin-1").split(":", 1)
            fields[name.lower()] = value.strip()
        return status, fields, stream.read(int(fields.get("content-length", 0)))


def get(port, target, method="GET"):
    return exchange(
        port, b"%s %s HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n" % (method.encode(), target.encode("latin-1"))
    )


def post(port, body):
    return exchange(
        port,
        b"POST /users HTTP/1.1\r\nHost: t\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body),
    )


# ---- as recorded ----


def test_every_recorded_case_is_answered_as_recorded_to_the_byte(tmp_path):
    with api(tmp_path / "users.db") as port:
        run = subprocess.run(
            [
                sys.executable,
                REPLAY,
                HERE / "oracle" / "v1_api.jsonl",
                "--bytes",
                "--base",
                "http://127.0.0.1:%d" % port,
            ],
            capture_output=True,
            text=True,
        )
    assert run.stdout.splitlines()[-1] == "168 passed, 0 failed", run.stdout
    assert run.returncode == 0


def test_the_table_is_the_original_s_without_pragmas(tmp_path):
    with api(tmp_path / "users.db") as port:
        assert post(port, b'{"name":"a\\u0000","email":"b"}')[0] == 201
    with sqlite3.connect(tmp_path / "users.db") as db:
        columns = [
            (name, kind, not_null, default, key)
            for _, name, kind, not_null, default, key in db.execute("PRAGMA table_info(users)")
        ]
        assert columns == [
            ("id", "INTEGER", 0, None, 1),
            ("name", "TEXT", 0, None, 0),
            ("email", "TEXT", 0, None, 0),
            ("age", "INTEGER", 0, "0", 0),
        ]
        assert db.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert db.execute("SELECT * FROM users").fetchall() == [(1, "a\0", "b", 0)]
        assert "AUTOINCREMENT" in db.execute("SELECT sql FROM sqlite_master WHERE name = 'users'").fetchone()[0]


# ---- deprecated, and says so ----


def test_each_answer_says_that_it_is_deprecated(tmp_path):
    answers = {}
    with api(tmp_path / "users.db", "--max-body", "1KiB", "--max-header", "1KiB", "--max-target", "200") as port:
        answers[201] = post(port, b'{"name":"a","email":"b"}')
        answers[200] = get(port, "/users/")
        answers[301] = get(port, "//users")
        answers[400] = post(port, b"{")
        answers[404] = get(port, "/nope")
        answers[405] = get(port, "/users", "DELETE")
        answers[413] = post(port, b" " * 2000)
        answers[414] = get(port, "/" + 300 * "x")
        answers[431] = exchange(port, b"GET / HTTP/1.1\r\nHost: t\r\nX: %s\r\n\r\n" % (2000 * b"x"))
        answers[0] = exchange(port, b"no request\r\n\r\n")
        head = get(port, "/users", "HEAD")
    for status, (got, fields, _) in [*answers.items(), (405, (head[0], head[1], b""))]:
        assert got == (status or 400)
        assert fields["deprecation"] == "@1735689600"
        assert fields["link"] == '</users/>; rel="successor-version"'


# ---- what the recordings leave open ----


@pytest.mark.parametrize(
    "target, location",
    [
        ("//", "/"),
        ("/users/..", "/"),
        ("/users/.", "/users"),
        ("/users/../../..//users/", "/users/"),
        ("/a/b/../c/./d//?x=1&y", "/a/c/d/?x=1&y"),
        ("//%75sers/%2e", "/%75sers/%2e"),
    ],
)
def test_paths_are_cleaned_by_a_redirect(tmp_path, target, location):
    with api(tmp_path / "users.db") as port:
        status, fields, _ = get(port, target)
        assert (status, fields["location"]) == (301, location)
        assert get(port, fields["location"])[0] in (200, 404)


def test_a_link_of_a_redirect_cannot_leave_its_attribute(tmp_path):
    with api(tmp_path / "users.db") as port:
        status, fields, body = get(port, "//users?\"'<&>")
        assert status == 301 and fields["location"] == "/users?\"'<&>"
        assert body == b'<a href="/users?&#34;&#39;&lt;&amp;&gt;">Moved Permanently</a>.\n\n'


def test_an_escape_that_is_none_is_a_bad_request(tmp_path):
    with api(tmp_path / "users.db") as port:
        assert get(port, "/users/%zz")[::2] == (400, b"400 Bad Request\n")
        assert get(port, "/users%2")[::2] == (400, b"400 Bad Request\n")


def test_control_bytes_after_the_first_512_do_not_change_the_type(tmp_path):
    with api(tmp_path / "users.db") as port:
        before = len("ID: 1, Name: ")
        for n, kind in (512 - before - 1, "application/octet-stream"), (512 - before, "text/plain; charset=utf-8"):
            user = json.loads(post(port, json.dumps({"name": n * "x" + "\1", "email": "e"}).encode())[2])
            assert get(port, "/users?id=%d" % user["ID"])[1]["content-type"] == kind


# ---- the file ----


def test_rows_of_another_program_are_seen_and_nulls_are_empty(tmp_path):
    with api(tmp_path / "users.db") as port:
        with sqlite3.connect(tmp_path / "users.db") as db:
            db.execute("INSERT INTO users (name, email, age) VALUES (NULL, 'e', NULL)")
        assert get(port, "/users")[2] == b"Users:\nID: 1, Name: , Email: e, Age: 0\n"


def test_a_lock_that_stays_is_answered_with_503(tmp_path):
    with api(tmp_path / "users.db", "--threads", "1") as port:
        assert get(port, "/users")[0] == 200  # its connection is open
        db = sqlite3.connect(tmp_path / "users.db", isolation_level=None)
        db.execute("BEGIN EXCLUSIVE")
        started = time.monotonic()
        assert post(port, b'{"name":"a","email":"b"}')[::2] == (503, b"Service Unavailable\n")
        assert get(port, "/users")[0] == 503
        assert time.monotonic() - started < 20
        db.execute("ROLLBACK")
        db.close()
        assert post(port, b'{"name":"a","email":"b"}')[0] == 201
        assert get(port, "/users")[2] == b"Users:\nID: 1, Name: a, Email: b, Age: 0\n"


def test_inserts_from_all_sides_get_an_id_each(tmp_path):
    ids, each, sides = [], 20, 4

    def insert(port):
        for _ in range(each):
            status, _, body = post(port, b'{"name":"a","email":"b"}')
            ids.append(json.loads(body)["ID"] if status == 201 else status)
            assert get(port, "/users?id=1")[0] == 200

    with api(tmp_path / "users.db", "--threads", "4") as port:
        threads = [threading.Thread(target=insert, args=(port,)) for _ in range(sides)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(ids) == list(range(1, each * sides + 1))


# ---- the program ----


def test_a_request_on_its_way_is_answered_after_sigterm(tmp_path):
    body = b'{"name":"late","email":"l"}'
    process, port = start(tmp_path / "users.db")
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(
            b"POST /users HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\n" b"Content-Length: %d\r\n\r\n" % len(body)
        )
        assert b" 100 " in connection.recv(100)  # the server has the head
        process.send_signal(signal.SIGTERM)
        time.sleep(0.1)
        connection.sendall(body)
        status, fields, answer = read_answer(connection)
    assert (status, json.loads(answer)["ID"], fields["connection"]) == (201, 1, "close")
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 0 and "Sanitizer" not in said, said


def run(*arguments, cwd=None):
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=60, cwd=cwd)
    return done.returncode, done.stdout, done.stderr


def test_help_lists_each_option_with_its_default_and_so_does_the_man_page():
    code, out, err = run("--help")
    assert (code, err) == (0, "")
    for option, default in {
        "--listen ADDRESS": "127.0.0.1:8080",
        "--db PATH": "users.db",
        "--threads N": "one a core, at most 16",
        "--max-connections N": "10000, or what the open-file limit allows",
        "--max-per-address N": "no limit",
        "--max-header SIZE": "32KiB",
        "--max-target SIZE": "16KiB",
        "--max-body SIZE": "1MiB",
        "--header-timeout TIME": "10s",
        "--body-timeout TIME": "30s",
        "--idle-timeout TIME": "1m",
        "--write-timeout TIME": "30s",
        "--drain-timeout TIME": "10s",
    }.items():
        assert re.search(r"^ +%s [^(]*\(%s\)$" % (re.escape(option), re.escape(default)), out, re.M), option
    page = (HERE.parent.parent / "cmd" / "api" / "v1" / "api-v1.1").read_text()
    for option in re.findall(r"--([a-z-]+)", out):
        assert "Fl -%s" % option in page, option


def test_version_is_printed():
    code, out, err = run("--version")
    assert (code, err) == (0, "") and re.fullmatch(r"api-v1 \(datarizer\) \d+\.\d+\.\d+\n", out)


@pytest.mark.parametrize(
    "arguments, code, message",
    [
        (["--threads", "17"], 2, 'api-v1: --threads "17": must lie between 0 and 16'),
        (["--db", ""], 1, "api-v1: the database needs a path\n"),
        (["--db", "none/users.db"], 1, "api-v1: ./none/users.db: opening: unable to open database file\n"),
        (["--db", "text"], 1, "api-v1: ./text: making the table: file is not a database\n"),
        (["--db", "other.db"], 1, "api-v1: ./other.db: opening: table users has no column named age\n"),
        (["--listen", "nowhere"], 1, "api-v1: "),
    ],
)
def test_what_cannot_start_says_why(tmp_path, arguments, code, message):
    (tmp_path / "text").write_text(100 * "no database")
    with sqlite3.connect(tmp_path / "other.db") as db:
        db.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, email TEXT)")
    got, out, err = run("--listen", "127.0.0.1:0", *arguments, cwd=tmp_path)
    assert (got, out) == (code, "") and err.startswith(message) and err.count("\n") == 1
