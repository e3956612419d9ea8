"""A scripted HTTP server on a loopback port: each request gets the next answer of a script, the last one for ever.

An answer is a dict. A well-behaved one: {"status": 200, "headers": {...}, "body": "..."}. Or a fault:
    {"raw": b"..."}            these bytes and nothing else, then the connection closes
    {"cut": n, "body": ...}    a Content-Length for all of the body, n bytes of it, then the connection closes
    {"cut_chunk": True, ...}   a chunked body whose last chunk never comes
    {"reset": True}            the connection is reset instead of answered
    {"close": True}            ... or closed
    {"hang": True}             ... or left open without a word
    {"drip": seconds, ...}     a well-behaved answer, byte by byte
    {"endless": True}          a body without a length that never ends
A script may also be a function of the request target that returns an answer.
"""

import http.client
import json
import socket
import struct
import threading
import time


def user(i):
    return {"id": i, "name": f"u{i}", "email": f"u{i}@example.com", "age": i}


def page(first, n):
    """A page of users first .. first + n - 1, as the original's test server wrote it."""
    return json.dumps([user(i) for i in range(first, first + n)])


def ok(body):
    return {"status": 200, "headers": {"Content-Type": "application/json"}, "body": body}


def head(status, headers):
    lines = [f"HTTP/1.1 {status} {http.client.responses.get(status, 'Status')}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


class FaultServer:
    """Use as a context manager; `url` is the address of the list, `requests` what came: at_s, target, headers."""

    def __init__(self, script):
        self.script = script
        self.requests = []
        self.n_connections = 0
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self.open = set()

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/users/"
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *exc):
        self.stopping.set()
        self.listener.close()
        with self.lock:
            for connection in self.open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def _accept(self):
        while not self.stopping.is_set():
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                self.n_connections += 1
                self.open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream = connection.makefile("rb")
        try:
            while self._one(connection, stream):
                pass
        except (OSError, ValueError, IndexError):  # it left, or spoke something else, such as TLS
            pass
        finally:
            with self.lock:
                self.open.discard(connection)
            stream.close()
            connection.close()

    def _one(self, connection, stream):
        line = stream.readline()
        if not line:
            return False
        target = line.split(b" ")[1].decode()
        headers = {}
        while (field := stream.readline()) not in (b"\r\n", b""):
            name, _, value = field.decode().partition(":")
            headers[name] = value.strip()
        with self.lock:
            n = len(self.requests)
            self.requests.append({"at_s": time.monotonic(), "target": target, "headers": headers})
        answer = self.script(target) if callable(self.script) else self.script[min(n, len(self.script) - 1)]
        return self._answer(connection, answer)

    def _answer(self, connection, answer):
        if "raw" in answer:
            connection.sendall(answer["raw"])
            return False
        if "reset" in answer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        if "close" in answer:
            return False
        if "hang" in answer:
            self.stopping.wait(60)
            return False
        body = answer.get("body", "")
        body = body.encode() if isinstance(body, str) else body
        status = answer.get("status", 200)
        headers = dict(answer.get("headers", {}))
        if "endless" in answer:
            connection.sendall(head(status, headers))
            while not self.stopping.is_set():
                connection.sendall(b"[" * 65536)
            return False
        if "cut_chunk" in answer:
            headers["Transfer-Encoding"] = "chunked"
            connection.sendall(head(status, headers) + b"%x\r\n%s\r\n" % (len(body), body))
            return False
        if status != 204:
            headers.setdefault("Content-Length", str(len(body)))
        if "cut" in answer:
            connection.sendall(head(status, headers) + body[: answer["cut"]])
            return False
        whole = head(status, headers) + body
        if "drip" in answer:
            for i in range(len(whole)):
                connection.sendall(whole[i : i + 1])
                if self.stopping.wait(answer["drip"]):
                    return False
            return True
        connection.sendall(whole)
        return True
