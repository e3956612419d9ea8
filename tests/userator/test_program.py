"""userator as a user runs it: the command line, what it says, the exit statuses, the access log, faults of its file."""

import gzip
import json
import os
import re
import resource
import signal
import socket
import sqlite3
import subprocess
import threading
import time

import pytest
from program import PROGRAM, Inserter, Userator, create, request, userator

TABLE = (
    "CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, email TEXT UNIQUE NOT NULL, "
    "age INTEGER DEFAULT 0)"
)


def run(*arguments):
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=20)
    return done.returncode, done.stdout, done.stderr


# ---- the command line ----


def test_help_lists_every_option_with_its_default():
    code, out, err = run("--help")
    assert (code, err) == (0, "")
    for option, default in {
        "--listen ADDRESS": "127.0.0.1:8000",
        "--db PATH": "users.db",
        "--threads N": "one a core",
        "--access-log PATH": "-",
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


def test_man_page_has_every_option_of_help():
    page = os.path.join(os.path.dirname(__file__), "../../userator/userator.1")
    with open(page) as file:
        text = file.read()
    for option in re.findall(r"--([a-z-]+)", run("--help")[1]):
        assert "Fl -%s" % option in text, option


def test_version_is_printed():
    code, out, err = run("--version")
    assert (code, err) == (0, "") and re.fullmatch(r"userator \(datarizer\) \d+\.\d+\.\d+\n", out)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--nonsense"], "unknown or ambiguous option --nonsense"),
        (["--threads", "-1"], '--threads "-1": not a whole number'),
        (["--threads", "1000"], '--threads "1000": must lie between 0 and 256'),
        (["--max-body", "1 MiB"], '--max-body "1 MiB": not such a value; 16KiB is one'),
        (["--idle-timeout", "10"], '--idle-timeout "10": not such a value; 1.5s is one'),
        (["users.db"], 'unexpected argument "users.db"'),
    ],
)
def test_wrong_option_is_one_line_and_exit_2(arguments, message):
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert err == "userator: %s (userator --help lists the options)\n" % message


# ---- what stops it from starting: one line, exit 1 ----


def refused(*arguments):
    code, out, err = run(*arguments)
    assert (code, out) == (1, "") and err.count("\n") == 1, (code, out, err)
    return err


def test_port_that_is_taken(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = "127.0.0.1:%d" % taken.getsockname()[1]
        err = refused("--listen", address, "--db", tmp_path / "users.db")
        assert err.startswith("userator: %s: " % address) and "Address already in use" in err


@pytest.mark.parametrize("address", ["nonsense", "127.0.0.1", "127.0.0.1:", "127.0.0.1:99999", "127.0.0.1:http"])
def test_address_that_is_none(tmp_path, address):
    assert refused("--listen", address, "--db", tmp_path / "users.db").startswith("userator: %s: " % address)


def test_folder_that_is_not_there(tmp_path):
    path = tmp_path / "no" / "users.db"
    assert refused("--listen", "127.0.0.1:0", "--db", path) == (
        "userator: %s: opening: unable to open database file (No such file or directory)\n" % path
    )


def test_file_that_is_no_database(tmp_path):
    path = tmp_path / "users.db"
    path.write_text("name,email\n" * 1000)
    assert refused("--listen", "127.0.0.1:0", "--db", path) == (
        "userator: %s: opening: file is not a database\n" % path
    )


def test_database_of_the_v1_api(tmp_path):
    path = tmp_path / "users.db"
    with sqlite3.connect(path) as db:
        db.execute(
            "CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, email TEXT, " "age INTEGER DEFAULT 0)"
        )
    assert refused("--listen", "127.0.0.1:0", "--db", path) == (
        'userator: %s: table users is not the user API\'s: column 2 is "name TEXT", wanted "name TEXT NOT NULL"\n'
        % path
    )


def test_access_log_that_cannot_be_opened(tmp_path):
    path = tmp_path / "no" / "log"
    assert refused("--listen", "127.0.0.1:0", "--db", tmp_path / "users.db", "--access-log", path) == (
        "userator: %s: No such file or directory\n" % path
    )


# ---- running ----


def test_first_line_tells_address_and_limits(tmp_path):
    with userator(
        tmp_path / "users.db",
        "--threads",
        1,
        "--max-connections",
        100,
        "--max-header",
        "8KiB",
        "--max-target",
        "1KiB",
        "--max-body",
        "64KiB",
    ) as server:
        assert server.lines[0] == (
            "userator: listening on http://127.0.0.1:%d (database %s, 1 loop, at most 100 connections, header 8KiB, "
            "target 1KiB, body 64KiB)" % (server.port, tmp_path / "users.db")
        )
        status, _, _ = request(server.port, "POST", "/users/", {"name": "n" * 70000, "email": "a@example.com"})
        assert status == 413
        assert request(server.port, "GET", "/" + "x" * 1100)[0] == 414
        assert request(server.port, "GET", "/", headers={"X": "x" * 9000})[0] == 431
    assert (
        server.lines[-1] == "userator: stopped; 0 users inserted in 0 commits (0 in the largest), 0 conflicts, 0 failed"
    )


def test_health_is_a_bare_json_answer(tmp_path):
    with userator(tmp_path / "users.db") as server:
        status, headers, body = request(server.port, "GET", "/healthz")
        assert status == 200 and headers["content-type"] == "application/json" and json.loads(body) == {"status": "ok"}


def test_database_of_the_original_opens_and_ours_opens_there(tmp_path):
    path = tmp_path / "users.db"
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute(TABLE)
    db.execute("INSERT INTO users (name, email, age) VALUES ('Zoë', 'zoe@example.com', NULL)")
    db.commit()
    with userator(path) as server:  # and both are open at once
        assert json.loads(request(server.port, "GET", "/users/1")[2]) == {
            "name": "Zoë",
            "email": "zoe@example.com",
            "age": None,
            "id": 1,
        }
        assert create(server.port, "ann@example.com", "Ann", 7) == (
            201,
            {"name": "Ann", "email": "ann@example.com", "age": 7, "id": 2},
        )
        assert db.execute("SELECT name, email, age FROM users WHERE id = 2").fetchall() == [
            ("Ann", "ann@example.com", 7)
        ]
        db.execute("INSERT INTO users (name, email, age) VALUES ('Ben', 'ben@example.com', 3)")
        db.commit()
        assert json.loads(request(server.port, "GET", "/users/3")[2])["name"] == "Ben"
        assert create(server.port, "ben@example.com")[0] == 409
        assert create(server.port, "cy@example.com")[1]["id"] == 4
    db.close()
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA journal_mode").fetchall() == [("wal",)]


def test_two_servers_share_a_file(tmp_path):
    with userator(tmp_path / "users.db") as one, userator(tmp_path / "users.db") as other:
        threads = [Inserter(server.port, "%d-%d" % (i, server.port)) for i in range(4) for server in (one, other)]
        for thread in threads:
            thread.start()
        time.sleep(1)
        for thread in threads:
            thread.stopping = True
        for thread in threads:
            thread.join()
            assert thread.failures == []
            assert thread.acknowledged
        ids = sorted(i for thread in threads for i in thread.acknowledged.values())
        assert ids == list(range(1, len(ids) + 1))
        assert json.loads(request(one.port, "GET", "/users/%d" % ids[-1])[2]) == json.loads(
            request(other.port, "GET", "/users/%d" % ids[-1])[2]
        )


def test_locked_file_is_503_after_a_while_and_reading_goes_on(tmp_path):
    path = tmp_path / "users.db"
    with userator(path) as server:
        assert create(server.port, "ann@example.com")[0] == 201
        db = sqlite3.connect(path, isolation_level=None)
        db.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        answers = []
        threads = [
            threading.Thread(target=lambda i=i: answers.append(create(server.port, "%d@example.com" % i)))
            for i in range(5)
        ]
        for thread in threads:
            thread.start()
        time.sleep(0.2)
        assert request(server.port, "GET", "/users/1")[0] == 200
        for thread in threads:
            thread.join()
        assert 4.5 < time.monotonic() - began < 8
        assert answers == [(503, {"detail": "The database is busy"})] * 5
        assert server.says("users.db: inserting users: another process holds the database locked")
        db.execute("COMMIT")
        db.close()
        assert create(server.port, "0@example.com")[1]["id"] == 2
        assert server.says("inserting users works again")


def test_full_disk_is_507_and_reading_goes_on(tmp_path):
    """No file of the process may grow past 300 KB; the log of the database is the first to get there."""

    def limit_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))

    with userator(tmp_path / "users.db", preexec=limit_files) as server:
        created = 0
        while True:
            status, body = create(server.port, "%d@example.com" % created, "n" * 5000)
            if status != 201:
                break
            created += 1
        assert (status, body) == (507, {"detail": "The disk is full"})
        assert 10 < created < 60
        assert len(json.loads(request(server.port, "GET", "/users/?limit=100")[2])) == created
        assert server.says("users.db: inserting users: ")
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        assert create(server.port, "later@example.com")[1]["id"] == created + 1
        assert server.says("inserting users works again")


# ---- the access log ----

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z 127\.0\.0\.1:\d+ (\S+) (\S+) (\d{3}) (\d+) (\d+)us")


def raw(port, data):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        return answer


@pytest.mark.parametrize("destination", ["file", "standard error"])
def test_access_log_has_one_line_a_request(tmp_path, destination):
    log = tmp_path / "access.log"
    options = ["--access-log", log] if destination == "file" else []
    with userator(tmp_path / "users.db", "--threads", 1, *options) as server:
        assert request(server.port, "GET", "/users/?skip=3&x=%22%20")[0] == 200
        assert request(server.port, "GET", "/" + "a" * 600)[0] == 404
        raw(server.port, b'GET /q"u\\o HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n')
        raw(server.port, b"garbage\r\n\r\n")
        assert create(server.port, "ann@example.com")[0] == 201
    lines = (
        log.read_text().splitlines()
        if destination == "file"
        else [line for line in server.lines if not line.startswith("userator: ")]
    )
    parts = [LINE.fullmatch(line).groups() for line in lines]
    assert [(method, target, status) for method, target, status, _, _ in parts] == [
        ("GET", "/users/?skip=3&x=%22%20", "200"),
        ("GET", "/" + "a" * 511 + "...", "404"),
        ("GET", "/q\\x22u\\x5co", "404"),
        (parts[3][0], parts[3][1], "400"),
        ("POST", "/users/", "201"),
    ]
    assert parts[0][3] == "2"
    assert 0 < int(parts[4][4]) < 5_000_000


def test_access_log_can_be_off(tmp_path):
    with userator(tmp_path / "users.db", "--access-log", "off") as server:
        assert request(server.port, "GET", "/healthz")[0] == 200
    assert len(server.lines) == 2


def test_log_that_nobody_reads_holds_up_nobody(tmp_path):
    """A pipe is full after 64 KiB; requests go on, and the lines that were lost are told at the end."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with userator(tmp_path / "users.db", "--threads", 1, "--access-log", pipe) as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
            piece = (b"GET /" + b"x" * 400 + b" HTTP/1.1\r\nHost: t\r\n\r\n") * 20
            for _ in range(150):
                connection.sendall(piece)
                answers = b""
                while answers.count(b'Not Found"}') < 20:
                    answers += connection.recv(65536)
        os.set_blocking(reader, True)
        drained = threading.Thread(
            target=lambda: [None for _ in iter(lambda: os.read(reader, 65536), b"")], daemon=True
        )
        drained.start()
        assert server.says("lines of the access log were lost")
    drained.join(10)
    os.close(reader)


def test_standard_error_that_nobody_reads_does_not_keep_it_from_ending(tmp_path):
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [PROGRAM, "--listen", "127.0.0.1:0", "--db", str(tmp_path / "users.db"), "--threads", "1"],
        stdout=subprocess.DEVNULL,
        stderr=writing,
    )
    os.close(writing)
    try:
        first = b""
        while not (found := re.search(rb"listening on http://[^ ]*:(\d+) ", first)):
            first += os.read(reading, 4096)
        with socket.create_connection(("127.0.0.1", int(found.group(1))), timeout=10) as connection:
            piece = (b"GET /" + b"x" * 400 + b" HTTP/1.1\r\nHost: t\r\n\r\n") * 20
            for _ in range(30):
                connection.sendall(piece)
                answers = b""
                while answers.count(b'Not Found"}') < 20:
                    answers += connection.recv(65536)
        time.sleep(0.3)  # the log's thread fills the pipe
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()
        os.close(reading)


# ---- stopping ----


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_no_insert_fails_when_it_is_stopped_under_load(tmp_path, number):
    server = Userator(tmp_path / "users.db", "--access-log", "off")
    threads = [Inserter(server.port, str(i)) for i in range(16)]
    for thread in threads:
        thread.start()
    time.sleep(0.7)
    server.signal(number)
    began = time.monotonic()
    assert server.wait() == 0
    assert time.monotonic() - began < 8
    acknowledged = {}
    for thread in threads:
        thread.join()
        assert thread.failures == []
        acknowledged.update(thread.acknowledged)
    assert len(acknowledged) > 100
    assert not os.path.exists(tmp_path / "users.db-wal")  # closed in order: one whole file
    with sqlite3.connect(tmp_path / "users.db") as db:
        assert dict(db.execute("SELECT email, id FROM users")) == acknowledged


def test_second_signal_cuts_and_tells_by_the_exit_status(tmp_path):
    server = Userator(tmp_path / "users.db")
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\n")
        time.sleep(0.2)
        server.signal()
        time.sleep(0.3)
        assert server.process.poll() is None
        server.signal(signal.SIGINT)
        assert server.wait(5) == 128 + signal.SIGINT


def test_second_signal_leaves_no_insert_half_done(tmp_path):
    """The file is locked, so an insert waits when the server is cut; its answer is lost, memory and file are not."""
    path = tmp_path / "users.db"
    server = Userator(path)
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    threads = [Inserter(server.port, str(i)) for i in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    server.signal()
    time.sleep(0.1)
    server.signal()
    time.sleep(0.3)
    db.execute("COMMIT")
    db.close()
    assert server.wait() == 128 + signal.SIGTERM
    for thread in threads:
        thread.join()
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("SELECT count(*) FROM users").fetchone()[0] == 4


# ---- the pages of /docs ----


def test_pages_of_docs_name_only_this_server(tmp_path):
    with userator(tmp_path / "users.db") as server:
        for path in ("/docs", "/redoc"):
            status, headers, body = request(server.port, "GET", path)
            assert status == 200 and headers["content-type"] == "text/html; charset=utf-8"
            text = body.decode()
            assert "//" not in text
            for address in re.findall(r'(?:src|href)="([^"]+)"', text):
                status, _, whole = request(server.port, "GET", "/" + address)
                assert status == 200 and whole
                status, headers, packed = request(
                    server.port, "GET", "/" + address, headers={"Accept-Encoding": "gzip"}
                )
                if headers.get("content-encoding") == "gzip":
                    assert gzip.decompress(packed) == whole and len(packed) < len(whole) / 3
                else:
                    assert packed == whole
