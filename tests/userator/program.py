"""A running userator and plain clients to it: what the pytest files of this folder share."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time

PROGRAM = os.environ.get("DZR_USERATOR", "build/bin/userator")


class Userator:
    """One process on a free port; what it says on standard error is collected."""

    def __init__(self, db, *options, wait=True, preexec=None):
        self.process = subprocess.Popen(
            [PROGRAM, "--listen", "127.0.0.1:0", "--db", str(db), *map(str, options)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            preexec_fn=preexec,
        )
        self.lines = []
        self.port = None
        self.listening = threading.Event()
        self.reader = threading.Thread(target=self._collect, daemon=True)
        self.reader.start()
        if wait:
            self.wait_until_listening()

    def _collect(self):
        for line in self.process.stderr:
            text = line.decode("latin-1").rstrip("\n")
            self.lines.append(text)
            found = re.search(r"listening on http://[^ ]*:(\d+) ", text)
            if found:
                self.port = int(found.group(1))
                self.listening.set()
        self.listening.set()

    def wait_until_listening(self):
        assert self.listening.wait(60) and self.port, self.lines

    def says(self, part, seconds=5):
        """Waits until a line has this part."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if any(part in line for line in self.lines):
                return True
            time.sleep(0.01)
        return False

    def signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def wait(self, timeout=30):
        code = self.process.wait(timeout)
        self.reader.join(10)
        assert not any("Sanitizer" in line for line in self.lines), "\n".join(self.lines)
        return code

    def kill(self):
        self.process.kill()
        self.wait()


@contextlib.contextmanager
def userator(db, *options, **kwargs):
    """Stopped by SIGTERM at the end, and must then exit 0."""
    running = Userator(db, *options, **kwargs)
    try:
        yield running
        if running.process.poll() is None:
            running.signal()
            assert running.wait() == 0
    finally:
        if running.process.poll() is None:
            running.process.kill()
            running.process.wait()


def request(port, method, target, body=None, headers=()):
    """(status, headers, body) over a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        sent = dict(headers)
        if body is not None:
            body = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        connection.request(method, target, body, sent)
        answer = connection.getresponse()
        return answer.status, dict((k.lower(), v) for k, v in answer.getheaders()), answer.read()
    finally:
        connection.close()


def create(port, email, name="n", age=1):
    status, _, body = request(port, "POST", "/users/", {"name": name, "email": email, "age": age})
    return status, json.loads(body)


class Inserter(threading.Thread):
    """Creates users one after the other on one kept connection until it is told to stop or the server is gone.

    acknowledged   email -> id of each 201 that came whole
    failures       what else came in answer to a request that was sent whole
    """

    def __init__(self, port, prefix, name="n"):
        super().__init__(daemon=True)
        self.port, self.prefix, self.name = port, prefix, name
        self.acknowledged, self.failures = {}, []
        self.stopping = False

    def run(self):
        connection = None
        n = 0
        while not self.stopping:
            email = "%s.%d@example.com" % (self.prefix, n)
            n += 1
            if connection is None:
                try:
                    connection = socket.create_connection(("127.0.0.1", self.port), timeout=30)
                except OSError:
                    return  # it listens no more
                rest = b""
            body = b'{"name":"%s","email":"%s","age":%d}' % (self.name.encode(), email.encode(), n)
            try:
                connection.sendall(
                    b"POST /users/ HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
                    b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
                )
                while b"\r\n\r\n" not in rest:
                    rest += self._more(connection)
                head, rest = rest.split(b"\r\n\r\n", 1)
                length = int(re.search(rb"\ncontent-length: (\d+)", head.lower()).group(1))
                while len(rest) < length:
                    rest += self._more(connection)
            except OSError as error:
                self.failures.append((email, repr(error)))
                return
            answer, rest = rest[:length], rest[length:]
            if head.startswith(b"HTTP/1.1 201 "):
                self.acknowledged[email] = json.loads(answer)["id"]
            else:
                self.failures.append((email, head, answer))
            if b"\nconnection: close" in head.lower():
                connection.close()
                connection = None
        if connection is not None:
            connection.close()

    @staticmethod
    def _more(connection):
        piece = connection.recv(65536)
        if not piece:
            raise ConnectionError("closed inside an answer")
        return piece
