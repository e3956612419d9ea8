"""One run of wrk against one server, and the server's CPU while it ran."""

import json
import os
import subprocess

from .paths import BENCH, BenchError
from .peers import wrk
from .process import cpu_seconds

CONNECTIONS = 64
WRK_THREADS = 1  # wrk takes at most one core; with more it would crowd the server out of two
SCRIPTS = os.path.join(BENCH, "wrk")


def load(server, seconds, script, path="", arguments=()):
    """Figures of one run: requests_per_s, cpu_us (server CPU per request) and the kernel's share of it, p50_us, p99_us,
    timeouts.

    A connection that breaks or an answer above 399 makes the run worthless and is an error. Timeouts (answers later
    than 2 s) are counted: a server may be that slow.
    """
    before = cpu_seconds(server.process.pid)
    done = subprocess.run(
        [
            wrk(),
            "-t",
            str(WRK_THREADS),
            "-c",
            str(CONNECTIONS),
            "-d",
            f"{seconds}s",
            "-s",
            os.path.join(SCRIPTS, script),
            f"http://127.0.0.1:{server.port}{path}",
            "--",
            *map(str, arguments),
        ],
        capture_output=True,
        text=True,
        timeout=seconds + 30,
        check=False,
        env={**os.environ, "LUA_PATH": os.path.join(SCRIPTS, "?.lua")},
    )
    user, system = (after - earlier for earlier, after in zip(before, cpu_seconds(server.process.pid)))
    if done.returncode != 0 or not done.stdout.strip():
        raise BenchError(f"wrk against {server.name}: {done.stdout}{done.stderr}")
    got = json.loads(done.stdout.strip().splitlines()[-1])
    errors = ("connect_errors", "read_errors", "write_errors", "status_errors")
    faults = {name: got[name] for name in errors if got[name]}
    if faults or got["requests"] == 0:
        raise BenchError(f"{script} against {server.name}: {got['requests']} requests, {faults or 'no answer'}")
    return {
        "requests": got["requests"],
        "requests_per_s": got["requests"] / got["seconds"],
        "cpu_us": (user + system) / got["requests"] * 1e6,
        "kernel_share": system / (user + system) if user + system > 0 else 0,
        "p50_us": got["p50_us"],
        "p99_us": got["p99_us"],
        "timeouts": got["timeouts"],
    }
