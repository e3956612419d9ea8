"""Starting, watching and stopping the programs that are measured. Whatever is started here is stopped here, by its
process id, whether a run ends well, fails or is interrupted."""

import http.client
import json
import os
import signal
import socket
import subprocess
import time

from .paths import MADE, SCRATCH, BenchError

TICKS = os.sysconf("SC_CLK_TCK")


def _stat(pid):
    """The fields of /proc/PID/stat after the name, or None when there is no such process."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rsplit(")", 1)[1].split()
    except OSError:  # also ProcessLookupError, when it ends while it is read
        return None


def _kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass  # it ended by itself just now


def tree(pid):
    """The process and all below it that still run."""
    members = [pid]
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
                for child in file.read().split():
                    members += tree(int(child))
    except OSError:
        pass  # it ended while we looked
    return members


def cpu_seconds(pid):
    """(user, system) time of a process tree, of those that still run."""
    all_fields = [fields for fields in map(_stat, tree(pid)) if fields]
    return sum(int(fields[11]) for fields in all_fields) / TICKS, sum(int(fields[12]) for fields in all_fields) / TICKS


def peak_rss_kib(pid):
    """Peak resident memory, summed over a process tree (pages that its processes share count in each)."""
    total = 0
    for member in tree(pid):
        try:
            with open(f"/proc/{member}/status", encoding="ascii", errors="replace") as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith("VmHWM:"))
        except OSError:
            pass
    return total


class Processes:
    """The programs of a run. Leaving the `with` stops those that are left."""

    def __init__(self):
        self._running = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        while self._running:
            self.stop(self._running[-1])

    def start(self, name, command, env=None):
        """Starts a program; what it prints goes to build/bench/run/NAME.log."""
        with open(os.path.join(SCRATCH, name + ".log"), "ab") as log:
            started = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=SCRATCH,
                env={**os.environ, **(env or {})},
            )
        started.name = name
        self._running.append(started)
        return started

    def stop(self, process, grace_s=15):
        """Asks the program to end and waits; what is left of its tree after the grace is killed, by id."""
        born = {pid: fields[19] for pid in tree(process.pid) if (fields := _stat(pid))}
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(grace_s)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for pid, start_time in born.items():
            fields = _stat(pid)
            if fields and fields[19] == start_time and fields[0] != "Z":  # the same process, not one that took its id
                _kill(pid)
        self._running.remove(process)

    def measure(self, name, command, limit_s, env=None):
        """Runs a program to its end and answers what it cost: user_s, system_s, wall_s, peak_rss_kib."""
        report = os.path.join(SCRATCH, name + ".measure")
        process = self.start(name, [os.path.join(MADE, "measure"), report, *command], env)
        try:
            status = process.wait(limit_s)
        except subprocess.TimeoutExpired:
            raise BenchError(f"{name} did not end within {limit_s} s; see {log_of(name)}") from None
        finally:
            self.stop(process)
        if status != 0:
            raise BenchError(f"{name} exited {status}: {last_line(name)}")
        with open(report, encoding="ascii") as file:
            return json.load(file)


def log_of(name):
    return os.path.join(SCRATCH, name + ".log")


def last_line(name):
    with open(log_of(name), encoding="utf-8", errors="replace") as file:
        lines = file.read().strip().splitlines()
    return lines[-1] if lines else "it printed nothing"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_until_healthy(process, port, limit_s=30):
    """Returns when GET /healthz answers 200; fails when the program ends first or the limit passes."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise BenchError(f"{process.name} exited {process.returncode}: {last_line(process.name)}")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(0.05)
    raise BenchError(f"{process.name} did not answer /healthz within {limit_s} s; see {log_of(process.name)}")
