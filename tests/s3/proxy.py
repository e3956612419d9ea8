"""A proxy between a client and MinIO that breaks what it is told to, and counts. Host stays, so that signatures hold.

A rule is a dict: `method`, `query` (a part of it) and `times` say which requests it is for; the rest what is done:
    status, code       answer that error instead of asking MinIO
    body               answer 200 with this body instead
    cut_request        close after so many bytes of the request's body
    cut_answer         close after so many bytes of the answer's body, of which the length was said
    lose_answer        let MinIO do it, then close without an answer
    corrupt_range      answer another Content-Range than MinIO's
    flip               change this byte of the answer's body
    shorten            leave so many bytes off the answer's body, and say its length accordingly
    too                with status or body: let MinIO do it too
    early              with status: answer before the request's body is read
    delay              seconds before it is passed on
    came               an Event: is set once such a request has come
    hold, hold_answer  an Event: the request, or the answer, goes on once it is set
"""

import http.client
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Proxy:
    def __init__(self, port):
        proxy = self
        self.rules, self.requests, self.lock = [], [], threading.Lock()
        self.active = self.most_active = 0

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def handle_one(self):
                proxy.handle(self, port)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_one

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def find(self, handler):
        query = handler.path.partition("?")[2]
        with self.lock:
            for rule in self.rules:
                wanted = rule.get("method", handler.command) == handler.command and rule.get("query", "") in query
                if wanted and rule.get("skip", 0) > 0:
                    rule["skip"] -= 1
                elif wanted and rule.get("times", 1) > 0:
                    rule["times"] = rule.get("times", 1) - 1
                    return rule
        return {}

    def handle(self, handler, port):
        with self.lock:
            self.active += 1
            self.most_active = max(self.most_active, self.active)
        try:
            self.pass_on(handler, port)
        except OSError:
            handler.close_connection = True
        finally:
            with self.lock:
                self.active -= 1

    def pass_on(self, handler, port):
        rule = self.find(handler)
        length = int(handler.headers.get("Content-Length", 0))
        if "cut_request" in rule:
            handler.rfile.read(min(length, rule["cut_request"]))
            self.hang_up(handler)
            return
        body = handler.rfile.read(length) if "early" not in rule else b""
        if "came" in rule:
            rule["came"].set()
        if "hold" in rule:
            rule["hold"].wait(60)
        if "delay" in rule:
            time.sleep(rule["delay"])
        own = "status" in rule or "body" in rule
        if not own or "too" in rule:
            reply, data = self.ask(handler, port, body)
        if own:
            text = rule.get("body") or f"<Error><Code>{rule['code']}</Code><Message>as told</Message></Error>"
            self.count(handler, length, 0)
            self.answer(handler, rule.get("status", 200), [("Content-Type", "application/xml")], text.encode())
            handler.close_connection = "early" in rule
            return
        self.count(handler, length, len(data))
        if "lose_answer" in rule:
            self.hang_up(handler)
            return
        if "hold_answer" in rule:
            rule["hold_answer"].wait(60)
        headers = [(n, v) for n, v in reply.getheaders() if n.lower() not in ("content-length", "transfer-encoding")]
        if "corrupt_range" in rule:
            headers = [(n, "bytes 1-2/3" if n.lower() == "content-range" else v) for n, v in headers]
        if "flip" in rule:
            data = data[: rule["flip"]] + bytes([data[rule["flip"]] ^ 0x55]) + data[rule["flip"] + 1 :]
        data = data[: len(data) - rule.get("shorten", 0)]
        shown = reply.getheader("Content-Length") if handler.command == "HEAD" else str(len(data))
        self.answer(handler, reply.status, headers, data, shown, rule.get("cut_answer"))

    @staticmethod
    def ask(handler, port, body):
        upstream = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        upstream.putrequest(handler.command, handler.path, skip_host=True, skip_accept_encoding=True)
        for name, value in handler.headers.items():
            upstream.putheader(name, value)
        upstream.endheaders(body)
        reply = upstream.getresponse()
        data = reply.read()
        upstream.close()
        return reply, data

    def count(self, handler, n_sent, n_received):
        with self.lock:
            self.requests.append((handler.command, handler.path, handler.headers.get("Range"), n_sent, n_received))

    def answer(self, handler, status, headers, data, length=None, cut=None):
        handler.send_response_only(status)
        for name, value in headers:
            handler.send_header(name, value)
        handler.send_header("Content-Length", length if length is not None else str(len(data)))
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(data if cut is None else data[:cut])
        if cut is not None:
            self.hang_up(handler)

    @staticmethod
    def hang_up(handler):
        handler.close_connection = True
        handler.wfile.flush()
        handler.connection.shutdown(socket.SHUT_RDWR)
