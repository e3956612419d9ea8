"""A userator of a test's own: a free port, a database in the test's folder, ended by its process id."""
import json
import os
import pathlib
import re
import signal
import subprocess
import time
import urllib.request

ROOT = pathlib.Path(__file__).parent.parent.parent
USERATOR = os.environ.get("DZR_USERATOR", str(ROOT / "build/bin/userator"))


class Server:
    def __init__(self, folder, *options, database="users.db"):
        self.folder = pathlib.Path(folder)
        self.database = self.folder / database
        self.log = self.folder / "userator.log"
        with open(self.log, "ab") as log:
            begun = log.tell()
            self.process = subprocess.Popen([USERATOR, "--listen", "127.0.0.1:0", "--db", str(self.database), *options],
                                            stderr=log, cwd=self.folder)
        self.address = self._address(begun)
        self.base = "http://%s" % self.address

    def _address(self, begun):
        for _ in range(600):
            text = self.log.read_bytes()[begun:].decode()
            found = re.search(r"listening on http://(\S+)", text)
            if found:
                return found.group(1)
            if self.process.poll() is not None:
                raise RuntimeError("userator ended with %d: %s" % (self.process.returncode, text))
            time.sleep(0.05)
        self.process.kill()
        raise RuntimeError("userator did not say where it listens: %s" % text)

    @property
    def port(self):
        return int(self.address.rsplit(":", 1)[1])

    def get(self, target):
        with urllib.request.urlopen(self.base + target, timeout=30) as answer:
            return answer.status, answer.headers, answer.read()

    def create(self, name, email, **more):
        request = urllib.request.Request(self.base + "/users/", json.dumps({"name": name, "email": email, **more}).encode(),
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """SIGTERM; answers the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
