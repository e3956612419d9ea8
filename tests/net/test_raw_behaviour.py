"""The raw-socket table of docs/http-server.md, part two: time, number, memory and the end.
Limits are shortened where only the kind of limit matters."""

import resource
import socket
import threading
import time

import pytest
from raw import Client, allow_many_files, ask, echoed, get, post, seconds, served, server

SANITIZED = bool(__import__("os").environ.get("DZR_SANITIZE"))


# ---- deadlines ----


def drip(client, data, every):
    """Sends byte by byte until the server has had enough; returns its answer."""
    client.socket.settimeout(every)
    for byte in data:
        try:
            client.send(bytes([byte]))
            piece = client.socket.recv(1 << 16)
            client.buffer += piece
            break
        except TimeoutError:
            continue
        except (BrokenPipeError, ConnectionResetError):
            break
    client.socket.settimeout(5)
    return client.answer()


def test_dripped_header_is_ended_by_the_total_deadline():
    with server("--header-ms", 1200) as running, Client(running.port) as client:
        took, answer = seconds(lambda: drip(client, get("/bare", "X: " + "a" * 100), 0.5))
        assert answer.status == 408 and answer.headers["connection"] == "close"
        assert 1.1 <= took <= 3
        assert client.ended()


def test_dripped_body_is_ended_by_the_total_deadline():
    with server("--body-ms", 1200) as running, Client(running.port) as client:
        client.send(post(b"", "Content-Length: 100"))
        took, answer = seconds(lambda: drip(client, b"x" * 100, 0.5))
        assert answer.status == 408
        assert 1.1 <= took <= 3


def test_silence_after_the_connect_is_ended_by_the_header_deadline():
    with server("--header-ms", 300) as running, Client(running.port) as client:
        took, ended = seconds(client.ended)
        assert ended and 0.2 <= took <= 2


def test_silence_within_a_header_is_answered_408():
    with server("--header-ms", 300) as running, Client(running.port) as client:
        client.send(b"GET /bare HT")
        assert client.answer().status == 408
        assert client.ended()


def test_second_request_has_a_header_deadline_of_its_own():
    with server("--header-ms", 600) as running, Client(running.port) as client:
        for _ in range(3):
            time.sleep(0.4)
            client.send(get())
            assert client.answer().status == 200
        client.send(b"GET /bare HT")
        took, answer = seconds(client.answer)
        assert answer.status == 408 and 0.5 <= took <= 2


def test_idle_connection_is_closed():
    with server("--idle-ms", 400) as running, Client(running.port) as client:
        client.send(get())
        assert client.answer().status == 200
        took, ended = seconds(client.ended)
        assert ended and 0.3 <= took <= 2


def test_busy_connection_is_not_idle():
    with server("--idle-ms", 200, "--header-ms", 200) as running, Client(running.port) as client:
        client.send(get("/later?900"))
        assert client.answer().body == b"later\n"


def test_defaults_are_ten_seconds_for_a_header():
    with server() as running, Client(running.port) as client:
        client.send(b"G")
        took, answer = seconds(client.answer)
        assert answer.status == 408 and 9.5 <= took <= 12


def test_client_that_never_reads_is_closed_and_memory_stays_bounded():
    with server("--write-ms", 500, "--loops", 1) as running, Client(running.port, receive_buffer=4096) as client:
        before = running.rss_kib()
        client.socket.settimeout(0.5)
        sent = 0
        try:
            for _ in range(2000):
                client.send(get("/big?100000"))
                sent += 1
        except (TimeoutError, ConnectionResetError, BrokenPipeError):
            pass
        grown = running.rss_kib() - before
        assert grown < (64 if SANITIZED else 8) * 1024, grown
        time.sleep(1.5)
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            client.socket.settimeout(2)
            while client.socket.recv(1 << 16):
                pass
            raise ConnectionResetError
        assert served(running.port)


def test_slow_but_steady_reader_gets_everything():
    with server("--write-ms", 700) as running, Client(running.port, receive_buffer=65536) as client:
        client.send(get("/big?3000000"))
        got = 0
        start = time.monotonic()
        while got < 3000000:
            piece = client.socket.recv(1 << 16)
            assert piece, "cut after %d bytes, %.1f s" % (got, time.monotonic() - start)
            got += len(piece)
            time.sleep(0.05)
        assert time.monotonic() - start > 1.4


# ---- numbers ----


def test_half_open_connections_at_the_limit_leave_room_within_a_second():
    with server("--max-connections", 64, "--loops", 2) as running:
        crowd = []
        for _ in range(200):
            client = Client(running.port)
            try:
                client.send(b"GET /bare HTTP/1.1\r\nHo")
            except (ConnectionResetError, BrokenPipeError):
                pass
            crowd.append(client)
        time.sleep(0.2)
        notices = running.lines_of("notice", at_least=1)
        assert 1 <= len(notices) <= 2 and "limit of 64 connections met" in notices[0], notices
        for client in crowd:
            client.socket.close()
        start = time.monotonic()
        while True:
            try:
                if served(running.port):
                    break
            except ConnectionResetError:
                pass
            assert time.monotonic() - start < 1
        assert time.monotonic() - start < 1


def test_connection_beyond_the_limit_gets_503_or_reset_and_others_are_served():
    with server("--max-connections", 3) as running:
        inside = [Client(running.port) for _ in range(3)]
        for client in inside:
            client.send(get())
            assert client.answer().status == 200
        with Client(running.port) as outside:
            try:
                answer = outside.answer()
                assert answer.status == 503 and answer.body == b'{"detail":"Too many connections"}'
                assert outside.ended()
            except ConnectionResetError:
                pass
        for client in inside:
            client.send(get())
            assert client.answer().status == 200
            client.socket.close()
        assert len(running.lines_of("notice", at_least=1)) == 1


def test_limit_per_address_counts_each_address_alone():
    with server("--max-per-address", 2, "--loops", 2) as running:

        def connect(source):
            client = Client.__new__(Client)
            client.socket = socket.create_connection(("127.0.0.1", running.port), 5, (source, 0))
            client.buffer = b""
            return client

        def status(client):
            try:
                client.send(get())
                answer = client.answer()
                return answer.status if answer else 0
            except (ConnectionResetError, BrokenPipeError):
                return 0

        first = [connect("127.0.0.2") for _ in range(2)]
        assert [status(client) for client in first] == [200, 200]
        assert status(connect("127.0.0.2")) in (0, 503)
        assert status(connect("127.0.0.3")) == 200
        assert [status(client) for client in first] == [200, 200]
        first[0].socket.close()
        time.sleep(0.2)
        assert status(connect("127.0.0.2")) == 200
        assert any("limit of 2 connections an address met" in line for line in running.lines_of("notice", at_least=1))


def test_ten_thousand_idle_connections_fit_in_64_MiB():
    wanted = 10000
    if allow_many_files() < wanted + 200:
        pytest.skip("the hard limit of open files is %d" % resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    with server("--loops", 2) as running:
        idle = []
        for i in range(wanted - 1):
            client = socket.create_connection(("127.0.0.1", running.port), 10)
            client.sendall(get())
            assert client.recv(4096).startswith(b"HTTP/1.1 200 ")
            idle.append(client)
        if not SANITIZED:
            assert running.rss_kib() < 64 * 1024, running.rss_kib()
        assert served(running.port)
        for client in idle:
            client.close()


def test_limit_follows_the_open_file_limit():
    import subprocess

    from raw import PROGRAM

    process = subprocess.Popen(
        ["sh", "-c", 'ulimit -S -n 200; ulimit -H -n 200; exec "$0" --loops 1', PROGRAM], stdout=subprocess.PIPE
    )
    try:
        assert (
            process.stdout.readline()
            == b"notice 120 connections at most instead of 10000: the limit of open files is 200\n"
        )
        assert process.stdout.readline().startswith(b"listening on ")
    finally:
        process.terminate()
        assert process.wait(10) == 0
        process.stdout.close()


# ---- answers from other threads ----


def test_deferred_answers_leave_in_the_order_of_their_requests():
    with server("--loops", 1) as running, Client(running.port) as client:
        client.send(get("/later?300") + get("/echo?1") + get("/later?10") + get("/echo?2"))
        took, first = seconds(client.answer)
        assert first.body == b"later\n" and took >= 0.25
        assert echoed(client.answer())[0]["query"] == ["1"]
        assert client.answer().body == b"later\n"
        assert echoed(client.answer())[0]["query"] == ["2"]


def test_connection_that_leaves_before_its_answer_harms_nobody():
    with server("--loops", 1) as running:
        for _ in range(50):
            with Client(running.port) as client:
                client.send(get("/later?100") + get("/later?1"))
                time.sleep(0.002)
        time.sleep(0.3)
        assert served(running.port)


def test_access_log_names_every_answer():
    with server("--log", 1, "--loops", 1) as running:
        ask(running.port, get("/echo?x"))
        ask(running.port, post(b"", "Content-Length: 9999999"))
        ask(running.port, b"\x16\x03")
        answered = running.lines_of("answered", at_least=3)
        assert answered[0].startswith("answered GET /echo?x 200 ") and answered[0].endswith(" ok")
        assert answered[1].startswith("answered POST /echo 413 ")
        assert answered[2].startswith("answered   400 ")


# ---- the end ----


class Load:
    """Clients ask one request after another until the server says close or no longer accepts; each answer counts."""

    def __init__(self, port, paths, n_clients, keep):
        self.port, self.paths, self.keep = port, paths, keep
        self.n_answers, self.failures, self.lock = 0, [], threading.Lock()
        self.threads = [threading.Thread(target=self._client, args=(i,)) for i in range(n_clients)]
        for thread in self.threads:
            thread.start()

    def _client(self, number):
        n = 0
        while True:
            try:
                client = Client(self.port)
            except OSError:
                return  # nobody listens any more: nothing was promised
            with client:
                while True:
                    n += 1
                    try:
                        client.send(get(self.paths[(number + n) % len(self.paths)]))
                        answer = client.answer()
                    except OSError as error:
                        answer = error
                    if not hasattr(answer, "status") or answer.status != 200:
                        with self.lock:
                            self.failures.append((number, n, answer))
                        return
                    with self.lock:
                        self.n_answers += 1
                    if answer.headers.get("connection") == "close" or not self.keep:
                        break

    def join(self):
        for thread in self.threads:
            thread.join(30)
            assert not thread.is_alive()


@pytest.mark.parametrize("keep", [True, False], ids=["kept_connections", "fresh_connections"])
def test_stop_under_load_fails_no_request_in_flight(keep):
    with server("--loops", 2) as running:
        load = Load(running.port, ["/bare", "/later?30", "/echo"], 24, keep)
        time.sleep(0.7)
        running.terminate()
        took, code = seconds(lambda: running.wait(12))
        load.join()
        assert code == 0 and took < 10
        assert load.failures == []
        assert load.n_answers > 100


def test_stop_answers_what_waits_in_the_accept_queue_and_what_is_in_flight():
    with server("--loops", 2) as running:
        clients = [Client(running.port) for _ in range(50)]
        for client in clients:
            client.send(get("/later?400"))
        running.terminate()
        for client in clients:
            answer = client.answer()
            assert answer.status == 200 and answer.headers["connection"] == "close"
            assert client.ended()
        assert running.wait(5) == 0


def test_stop_closes_idle_connections_soon():
    with server("--loops", 1) as running, Client(running.port) as client:
        client.send(get())
        assert client.answer().status == 200
        running.terminate()
        took, code = seconds(lambda: running.wait(5))
        assert code == 0 and took < 2
        assert client.ended()


def test_stop_answers_a_request_that_came_while_the_loop_was_busy():
    """Its time as an idle connection is over before the loop can read it."""
    with server("--loops", 1) as running, Client(running.port) as busy, Client(running.port) as waiting:
        for client in busy, waiting:
            client.send(get())
            assert client.answer().status == 200
        running.terminate()
        time.sleep(0.2)
        busy.send(get("/stall?700"))
        time.sleep(0.1)
        waiting.send(get())
        for client in busy, waiting:
            assert client.answer().status == 200
            assert client.ended()
        assert running.wait(5) == 0


def test_stop_waits_no_longer_than_the_drain_deadline():
    with server("--drain-ms", 700, "--loops", 1) as running, Client(running.port) as client:
        client.send(b"GET /bare HTTP/1.1\r\n")
        time.sleep(0.1)
        running.terminate()
        took, code = seconds(lambda: running.wait(5))
        assert code == 0 and 0.5 <= took < 2


def test_second_signal_forces():
    with server("--loops", 2) as running, Client(running.port) as client:
        client.send(b"GET /bare HTTP/1.1\r\n")
        time.sleep(0.1)
        running.terminate()
        time.sleep(0.3)
        assert running.process.poll() is None
        running.terminate()
        took, code = seconds(lambda: running.wait(5))
        assert code == 0 and took < 0.5


def test_port_in_use_is_refused_with_the_systems_words():
    import subprocess

    from raw import PROGRAM

    with server("--loops", 2) as running:
        second = subprocess.run([PROGRAM, "--listen", "127.0.0.1:%d" % running.port], capture_output=True, timeout=10)
        assert second.returncode == 1
        assert second.stderr.decode() == "echo_server: 127.0.0.1:%d: Address already in use\n" % running.port
