"""A server under test and raw sockets to it: what test_raw_*.py share."""

import contextlib
import os
import re
import resource
import signal
import socket
import subprocess
import threading
import time

PROGRAM = os.environ["DZR_ECHO_SERVER"]


def allow_many_files():
    """The tests that open many sockets need as many files as the hard limit gives."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


class Server:
    """tests/net/echo_server on a free port; its lines are kept."""

    def __init__(self, *options):
        self.process = subprocess.Popen([PROGRAM, *map(str, options)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        first = self.process.stdout.readline().decode()
        assert first.startswith("listening on "), first
        self.port = int(first.rsplit(":", 1)[1])
        self.lines = []
        self.reader = threading.Thread(target=self._collect, daemon=True)
        self.reader.start()

    def _collect(self):
        for line in self.process.stdout:
            self.lines.append(line.decode("latin-1").rstrip("\n"))

    def lines_of(self, kind, at_least=0):
        """What was printed of a kind, waiting a moment for as many as there must be."""
        until = time.monotonic() + 3
        while True:
            found = [line for line in self.lines if line.startswith(kind + " ")]
            if len(found) >= at_least or time.monotonic() > until:
                return found
            time.sleep(0.02)

    def rss_kib(self):
        with open("/proc/%d/status" % self.process.pid) as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1))

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def wait(self, timeout):
        """The exit status; what a sanitizer said is shown."""
        code = self.process.wait(timeout)
        self.reader.join(5)
        errors = self.process.stderr.read().decode("latin-1")
        assert errors == "", errors
        return code

    def stop(self):
        if self.process.poll() is None:
            self.terminate()
            self.terminate()
        try:
            assert self.wait(20) == 0
        finally:
            if self.process.poll() is None:
                self.process.kill()


@contextlib.contextmanager
def server(*options):
    running = Server(*options)
    try:
        yield running
    finally:
        running.stop()


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def __repr__(self):
        return "Answer(%d, %r, %r)" % (self.status, self.headers, self.body[:200])


class Client:
    """One connection."""

    def __init__(self, port, receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(15)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def _more(self):
        data = self.socket.recv(1 << 16)
        self.buffer += data
        return len(data) > 0

    def answer(self, head_only=False):
        """The next answer, by its Content-Length; None when the connection ends before it starts."""
        while b"\r\n\r\n" not in self.buffer:
            if not self._more():
                assert self.buffer == b"", "half an answer: %r" % self.buffer
                return None
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        version, status, _ = lines[0].split(" ", 2)
        assert version == "HTTP/1.1"
        headers = {}
        for line in lines[1:]:
            name, value = line.split(": ", 1)
            assert name.lower() not in headers, line
            headers[name.lower()] = value
        length = 0 if head_only else int(headers.get("content-length", "0"))
        while len(self.buffer) < length:
            assert self._more(), "the body ends early: %d of %d bytes" % (len(self.buffer), length)
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return Answer(int(status), headers, body)

    def ended(self, within=5):
        """Whether the server closes this connection, with nothing more to read."""
        self.socket.settimeout(within)
        try:
            return self.buffer == b"" and self.socket.recv(1) == b""
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False


def get(path="/bare", *lines, version="1.1", host=True):
    head = ["GET %s HTTP/%s" % (path, version)] + (["Host: a"] if host else []) + list(lines)
    return ("\r\n".join(head) + "\r\n\r\n").encode("latin-1")


def post(body, *lines, path="/echo"):
    head = ["POST %s HTTP/1.1" % path, "Host: a"] + list(lines)
    return ("\r\n".join(head) + "\r\n\r\n").encode("latin-1") + body


def chunked(body):
    return post(body, "Transfer-Encoding: chunked")


def ask(port, data):
    with Client(port) as client:
        client.send(data)
        return client.answer()


def echoed(answer):
    """What the echo route saw: {name: [values]}, body."""
    head, body = answer.body.split(b"\n\n", 1)
    seen = {}
    for line in head.decode("latin-1").split("\n"):
        name, value = line.split(" ", 1)
        seen.setdefault(name, []).append(value)
    return seen, body


def served(port):
    """Whether a fresh client gets an answer."""
    answer = ask(port, get())
    return answer is not None and answer.status == 200


def seconds(call):
    start = time.monotonic()
    result = call()
    return time.monotonic() - start, result
