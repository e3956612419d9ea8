"""api: userator beside the same API in Go and in Python, and beside a bare epoll loop, under wrk.

Each server gets its own empty database and 10,000 users through its own POST. Then each load runs against one server
after the other, round after round, so that a noisy moment meets all of them; a figure is the median of the rounds.
wrk has one thread and shares the cores with the server, so requests a second say what this machine does and the
server's CPU per request says what the server costs. All servers stand idle while another is measured.
"""

import http.client
import json
import os
import sqlite3
import statistics
import subprocess
import threading

from harness import machine, peers, records
from harness.load import CONNECTIONS, WRK_THREADS, load
from harness.paths import MADE, PEERS, SCRATCH, BenchError
from harness.process import free_port, peak_rss_kib, wait_until_healthy

ROUNDS, BARE_ROUNDS, SECONDS, USERS = 3, 5, 2, 10_000  # bare answers cost what waking costs, so they vary most
QUICK_ROUNDS, QUICK_SECONDS, QUICK_USERS = 1, 1, 300

LOADS = {  # name: (what it asks for, wrk script, path)
    "bare": ("GET /healthz", "fixed.lua", "/healthz"),
    "read": ("GET /users/{id}, ids at random", "by_id.lua", ""),
    "list": ("GET /users/?limit=100", "fixed.lua", "/users/?limit=100"),
    "insert": ("POST /users/, a new e-mail each", "insert.lua", ""),
}

# CPU per bare answer, µs, where the marks were set: the comparison servers should keep these proportions.
PLANNED_US = {"epoll loop": 7.3, "Go": 15.0, "FastAPI": 98.0}


class Server:
    """One server under test: `kind` is what it is, `threads` its threads, GOMAXPROCS or worker processes."""

    def __init__(self, kind, threads, command, env=None, has_users=True):
        self.kind, self.threads, self.env, self.has_users = kind, threads, env or {}, has_users
        self.name = f"{kind.replace(',', '').replace(' ', '_').lower()}_{threads}"
        self.database = os.path.join(SCRATCH, self.name + ".db")
        self.port = free_port()
        self.command = command(self)
        self.process = None

    def start(self, processes):
        self.process = processes.start(self.name, self.command, self.env)
        wait_until_healthy(self.process, self.port)

    def users(self):
        """How many users its database has, read past the server."""
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as db:
            return db.execute("SELECT count(*) FROM users").fetchone()[0]


def _userator(access_log):
    return lambda s: [
        peers.ours("userator"),
        "--listen",
        f"127.0.0.1:{s.port}",
        "--db",
        s.database,
        "--threads",
        str(s.threads),
        "--access-log",
        access_log,
    ]


def _servers():
    epoll_loop = os.path.join(MADE, "epoll_loop")
    go_api, python = peers.go_program("go_api"), peers.fastapi_python()
    made = []
    for threads in sorted({machine.CORES, 1}, reverse=True):
        made += [
            Server("userator", threads, _userator("off")),
            Server("epoll loop", threads, lambda s: [epoll_loop, str(s.port), str(s.threads)], has_users=False),
            Server(
                "Go",
                threads,
                lambda s: [go_api, "-listen", f"127.0.0.1:{s.port}", "-db", s.database],
                env={"GOMAXPROCS": str(threads)},
            ),
            Server(
                "FastAPI",
                threads,
                lambda s: [
                    python,
                    "-m",
                    "uvicorn",
                    "--app-dir",
                    os.path.join(PEERS, "fastapi_api"),
                    "app:app",
                    "--host",
                    "127.0.0.1",
                    "--port",
                    str(s.port),
                    "--no-access-log",
                    "--workers",
                    str(s.threads),
                ],
            ),
        ]
    made.append(Server("userator, access log", machine.CORES, _userator("-")))
    for server in made:
        server.env["USERS_DB"] = server.database
    return made


def _seed(server, n_users, n_clients=8):
    """Creates users 1 to n_users through POST, from several kept connections at once."""
    faults = []

    def create(first):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        try:
            for i in range(first, n_users + 1, n_clients):
                body = json.dumps({"name": f"User {i:05d}", "email": f"user{i:05d}@example.com", "age": i % 100})
                connection.request("POST", "/users/", body, {"Content-Type": "application/json"})
                answer = connection.getresponse()
                text = answer.read()
                if answer.status != 201:
                    raise BenchError(f"{server.name}: POST /users/ answered {answer.status}: {text[:200]!r}")
        except (OSError, http.client.HTTPException, BenchError) as fault:
            faults.append(fault)
        finally:
            connection.close()

    clients = [threading.Thread(target=create, args=(first,)) for first in range(1, n_clients + 1)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    if faults:
        raise BenchError(f"{server.name}: {faults[0]}")


def _get(server, path):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        connection.request("GET", path)
        return json.load(connection.getresponse())
    finally:
        connection.close()


def _check(server, n_users):
    """The answers are what the loads take them for, before any is timed."""
    user, users = _get(server, f"/users/{n_users}"), _get(server, "/users/?limit=100")
    if set(user) != {"name", "email", "age", "id"} or user["id"] != n_users or server.users() != n_users:
        raise BenchError(f"{server.name}: user {n_users} of {server.users()} is {user}")
    if len(users) != 100 or set(users[0]) != set(user):
        raise BenchError(f"{server.name}: a list of 100 has {len(users)} users")


def _arguments(name, round_number, n_users):
    if name == "read":
        return (n_users, round_number)
    return (f"r{round_number}t",) if name == "insert" else ()


def _measure(server, name, round_number, seconds, n_users):
    _, script, path = LOADS[name]
    before = server.users() if name == "insert" else 0
    figures = load(server, seconds, script, path, _arguments(name, round_number, n_users))
    if name == "insert" and (made := server.users() - before) < figures["requests"]:
        raise BenchError(f"{server.name}: {figures['requests']} users acknowledged, {made} are in its database")
    return figures


def _summary(server, name, rounds):
    def middle(figure):
        return statistics.median(r[figure] for r in rounds)

    return {
        "load": name,
        "server": server.kind,
        "threads": server.threads,
        "requests_per_s": round(middle("requests_per_s")),
        "best_per_s": round(max(r["requests_per_s"] for r in rounds)),
        "cpu_us": round(middle("cpu_us"), 2),
        "kernel_share": round(middle("kernel_share"), 2),
        "p50_us": round(middle("p50_us")),
        "p99_us": round(middle("p99_us")),
        "timeouts": sum(r["timeouts"] for r in rounds),
    }


def _marks(figures):
    """The marks, each as requests a second and as CPU per request; FastAPI as the original ran it, with one worker."""
    of = {(f["load"], f["server"], f["threads"]): f for f in figures}
    n = machine.CORES
    marks = []

    def ratio(name, load_name, peer, threads, wanted):
        ours, theirs = of[load_name, "userator", n], of[load_name, peer, threads]
        marks.append(
            records.mark(
                f"{name}: requests/s, times {peer} with {threads}",
                ours["requests_per_s"] / theirs["requests_per_s"],
                wanted,
            )
        )
        marks.append(
            records.mark(
                f"{name}: CPU a request, {peer} with {threads} over ours", theirs["cpu_us"] / ours["cpu_us"], wanted
            )
        )

    ratio("read by id", "read", "Go", n, 1.6)
    ratio("read by id", "read", "FastAPI", 1, 60)
    ratio("durable insert", "insert", "Go", n, 1)
    ratio("durable insert", "insert", "FastAPI", 1, 20)
    for threads in sorted({n, 1}, reverse=True):
        loop, ours = of["bare", "epoll loop", threads], of["bare", "userator", threads]
        marks.append(
            records.mark(
                f"bare answer: CPU a request, ours over the epoll loop's, --threads {threads}",
                ours["cpu_us"] / loop["cpu_us"],
                1.25,
                at_least=False,
            )
        )
    return marks


def _honesty(figures):
    """What the servers took against what they took where the marks were set, as it is and by the loop's scale."""
    bare = {f["server"]: f for f in figures if f["load"] == "bare" and f["threads"] == machine.CORES}
    scale = bare["epoll loop"]["cpu_us"] / PLANNED_US["epoll loop"]
    return [
        {
            "server": server,
            "planned_us": planned,
            "cpu_us": bare[server]["cpu_us"],
            "kernel_share": bare[server]["kernel_share"],
            "over_planned": round(bare[server]["cpu_us"] / planned, 3),
            "over_scaled": round(bare[server]["cpu_us"] / planned / scale, 3),
        }
        for server, planned in PLANNED_US.items()
    ]


def _versions():
    go, python = peers.go_versions("go_api"), peers.fastapi_python()
    return {
        "ours": subprocess.run(
            [peers.ours("userator"), "--version"], capture_output=True, text=True, check=False
        ).stdout.strip(),
        "Go": go,
        "FastAPI": peers.python_versions(python, "fastapi", "starlette", "pydantic", "uvicorn", "uvloop", "httptools"),
        "wrk": (
            subprocess.run([peers.wrk(), "-v"], capture_output=True, text=True, check=False).stdout.split()
            or ["", "unknown"]
        )[1],
    }


def run(processes, options):
    seconds, n_users = (QUICK_SECONDS, QUICK_USERS) if options.quick else (options.seconds or SECONDS, USERS)
    n_rounds = {
        name: QUICK_ROUNDS if options.quick else options.rounds or (BARE_ROUNDS if name == "bare" else ROUNDS)
        for name in LOADS
    }
    peers.c_programs()
    servers = _servers()
    facts = machine.facts()
    for server in servers:
        server.start(processes)
        if server.has_users:
            _seed(server, n_users)
            _check(server, n_users)
    figures = []
    for name in LOADS:
        taking_part = [s for s in servers if s.has_users or name == "bare"]
        rounds = {s.name: [] for s in taking_part}
        for round_number in range(n_rounds[name]):
            print(f"bench: api, {name}, round {round_number + 1} of {n_rounds[name]}", flush=True)
            for server in taking_part:
                rounds[server.name].append(_measure(server, name, round_number, seconds, n_users))
        figures += [_summary(s, name, rounds[s.name]) for s in taking_part]
    peaks = [{"server": s.kind, "threads": s.threads, "peak_rss_kib": peak_rss_kib(s.process.pid)} for s in servers]
    for server in servers:
        processes.stop(server.process)
    return [
        {
            "subject": "api",
            **facts,
            "connections": CONNECTIONS,
            "wrk_threads": WRK_THREADS,
            "seconds": seconds,
            "rounds": n_rounds,
            "users": n_users,
            "figures": figures,
            "memory": peaks,
            "marks": _marks(figures),
            "honesty": _honesty(figures),
            "versions": _versions(),
        }
    ]


def show(record):
    peaks = {(m["server"], m["threads"]): m["peak_rss_kib"] / 1024 for m in record["memory"]}
    parts = []
    for name, (what, _, _) in LOADS.items():
        rows = [
            [
                f["server"],
                f["threads"],
                f"{f['requests_per_s']:,}",
                f"{f['cpu_us']:.1f}",
                f"{f['p50_us'] / 1000:.2f}",
                f"{f['p99_us'] / 1000:.2f}",
                f["timeouts"],
                f"{peaks[f['server'], f['threads']]:.1f}",
            ]
            for f in record["figures"]
            if f["load"] == name
        ]
        parts.append(
            f"{what}:\n\n"
            + records.table(
                ["server", "threads", "requests/s", "CPU µs a request", "p50 ms", "p99 ms", "timeouts", "peak MiB"],
                rows,
            )
        )
    parts.append(records.marks_table(record["marks"]))
    parts.append(
        "CPU of a bare answer beside what it was where the marks were set:\n\n"
        + records.table(
            [
                "server",
                "planned µs",
                "here µs",
                "of it in the kernel",
                "here / planned",
                "the same, scaled by the loop",
            ],
            [
                [
                    h["server"],
                    f"{h['planned_us']:.1f}",
                    f"{h['cpu_us']:.1f}",
                    f"{h['kernel_share']:.0%}",
                    f"{h['over_planned']:.2f}",
                    f"{h['over_scaled']:.2f}",
                ]
                for h in record["honesty"]
            ],
        )
    )
    return "\n\n".join(parts)
