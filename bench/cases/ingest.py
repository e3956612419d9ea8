"""ingest: every user of userator into JSON and Parquet, by ours, by the original's design in Go, and by dlt.

The users are put straight into the SQLite file, in id order, with the table the server itself would make; then one
userator serves them to each program in turn. A figure counts only when the program's rows are the ones that were put
in. CPU and memory are the program's own; the wall time has the server's share in it.
Ours runs on fewer users too, to show its memory: it rises until a row group is full (65,536 users) and then stays.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import statistics
import subprocess

from harness import machine, peers, records
from harness.paths import BENCH, PEERS, SCRATCH, BenchError
from harness.process import free_port, wait_until_healthy

USERS, QUICK_USERS = (2_000, 20_000, 100_000, 200_000), (200, 2_000)
ROUNDS, DLT_ROUNDS = 3, 1
LIMIT_S = 120

TABLE = """CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, email TEXT UNIQUE NOT NULL,
           age INTEGER DEFAULT 0)"""
NAMES = (
    "Ada Lovelace",
    "Žofie Nováková",
    "李小龍",
    "O'Neil & Sons",
    "José <b>Muñoz</b>",
    "Grace Hopper",
    'Ole "Bit" Dahl',
)


def _user(i):
    return i, f"{NAMES[i % len(NAMES)]} {i}", f"user{i}@example.com", i * 7919 % 100


def _make_database(path, n_users):
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute(TABLE)
    db.executemany("INSERT INTO users (id, name, email, age) VALUES (?, ?, ?, ?)", map(_user, range(1, n_users + 1)))
    db.commit()
    db.close()


def _expected(n_users):
    """What bench/rows.py prints for these users."""
    digest = hashlib.sha256()
    for i in range(1, n_users + 1):
        digest.update(json.dumps(list(_user(i)), ensure_ascii=False).encode() + b"\n")
    return f"{n_users} {digest.hexdigest()}"


def _check_rows(program, path, n_users):
    """The Parquet file, or the folder of them, holds exactly the users that were served."""
    done = subprocess.run(
        [peers.data_python(), os.path.join(BENCH, "rows.py"), path, "id", "name", "email", "age"],
        capture_output=True,
        text=True,
        check=False,
    )
    got, expected = done.stdout.strip() or done.stderr.strip(), _expected(n_users)
    if got != expected:
        raise BenchError(f"{program}: {path} has {got}, not {expected}")


def _check_json(program, path, n_users):
    with open(path, encoding="utf-8") as file:
        users = json.load(file)
    if [(u["id"], u["name"], u["email"], u["age"]) for u in users] != [_user(i) for i in range(1, n_users + 1)]:
        raise BenchError(f"{program}: {path} is not the {n_users} users that were served")


class Program:
    """One of the three: how it is called and where its rows land."""

    def __init__(self, name, command, parquet, json_file=None):
        self.name, self.command, self.parquet, self.json_file = name, command, parquet, json_file

    def run(self, processes, base, out, n_users, check):
        shutil.rmtree(out, ignore_errors=True)
        os.mkdir(out)
        used = processes.measure("ingest_" + self.name, self.command(base, out), LIMIT_S)
        if check:
            _check_rows(self.name, os.path.join(out, self.parquet), n_users)
            if self.json_file:
                _check_json(self.name, os.path.join(out, self.json_file), n_users)
        return used


def _programs():
    ingest, go_ingest, python = peers.ours("ingest"), peers.go_program("go_ingest"), peers.dlt_python()
    json_file, parquet = "users.json", "users_simple.parquet"
    return {
        "ours": Program(
            "ours",
            lambda base, out: [
                ingest,
                "--url",
                base + "users/",
                "--json",
                f"{out}/{json_file}",
                "--parquet",
                f"{out}/{parquet}",
            ],
            parquet,
            json_file,
        ),
        "Go": Program(
            "Go",
            lambda base, out: [
                go_ingest,
                "-url",
                base + "users/",
                "-json",
                f"{out}/{json_file}",
                "-parquet",
                f"{out}/{parquet}",
            ],
            parquet,
            json_file,
        ),
        "dlt": Program(
            "dlt", lambda base, out: [python, os.path.join(PEERS, "dlt_ingest", "ingest.py"), base, out], "users/users"
        ),
    }


def _summary(program, n_users, rounds):
    cpu = [r["user_s"] + r["system_s"] for r in rounds]
    return {
        "program": program,
        "users": n_users,
        "rounds": len(rounds),
        "cpu_s": round(min(cpu), 4),
        "median_cpu_s": round(statistics.median(cpu), 4),
        "wall_s": round(min(r["wall_s"] for r in rounds), 3),
        "peak_rss_kib": max(r["peak_rss_kib"] for r in rounds),
    }


def _measure(processes, programs, n_users, n_rounds):
    """All rounds at one number of users, behind a server of their own. `n_rounds` says how many for each program."""
    database, port, out = os.path.join(SCRATCH, f"ingest_{n_users}.db"), free_port(), os.path.join(SCRATCH, "out")
    _make_database(database, n_users)
    server = processes.start(
        f"ingest_server_{n_users}",
        [
            peers.ours("userator"),
            "--listen",
            f"127.0.0.1:{port}",
            "--db",
            database,
            "--threads",
            str(machine.CORES),
            "--access-log",
            "off",
        ],
    )
    wait_until_healthy(server, port)
    rounds = {name: [] for name in n_rounds}
    for round_number in range(max(n_rounds.values())):
        for name, wanted in n_rounds.items():
            if round_number < wanted:
                print(f"bench: ingest, {n_users:,} users, {name}, round {round_number + 1} of {wanted}", flush=True)
                rounds[name].append(
                    programs[name].run(processes, f"http://127.0.0.1:{port}/", out, n_users, check=round_number == 0)
                )
    processes.stop(server)
    return [_summary(name, n_users, r) for name, r in rounds.items()]


def _marks(figures):
    of = {(f["program"], f["users"]): f for f in figures}
    sizes = sorted({users for _, users in of})
    most, fewer = of["ours", sizes[-1]], of["ours", sizes[-2]]
    return [
        records.mark(f"ours, {sizes[-1]:,} users: CPU seconds", most["cpu_s"], 0.3, at_least=False),
        records.mark(
            f"ours: peak memory at {sizes[-1]:,} users over that at {sizes[-2]:,}",
            most["peak_rss_kib"] / fewer["peak_rss_kib"],
            1.1,
            at_least=False,
        ),
    ]


def run(processes, options):
    peers.c_programs()
    programs = _programs()
    facts = machine.facts()
    sizes = QUICK_USERS if options.quick else USERS
    n_rounds = 1 if options.quick else options.rounds or ROUNDS
    figures = []
    for n_users in sizes:
        everyone = n_users == sizes[-1]
        figures += _measure(
            processes,
            programs,
            n_users,
            {"ours": n_rounds, "Go": n_rounds, "dlt": DLT_ROUNDS} if everyone else {"ours": n_rounds},
        )
    return [
        {
            "subject": "ingest",
            **facts,
            "threads": "each program's default",
            "connections": 1,
            "page": 50,
            "figures": figures,
            "marks": _marks(figures),
            "versions": {"Go": peers.go_versions("go_ingest"), "dlt": peers.python_versions(peers.dlt_python(), "dlt")},
        }
    ]


def show(record):
    ours = {f["users"]: f["cpu_s"] for f in record["figures"] if f["program"] == "ours"}
    rows = [
        [
            f["program"],
            f"{f['users']:,}",
            f["rounds"],
            f"{f['cpu_s']:.3f}",
            f"{f['median_cpu_s']:.3f}",
            f"{f['cpu_s'] / ours[f['users']]:.1f}",
            f"{f['wall_s']:.2f}",
            f"{f['peak_rss_kib'] / 1024:.1f}",
        ]
        for f in record["figures"]
    ]
    head = ["program", "users", "rounds", "CPU s, best", "median", "over ours", "wall s, best", "peak MiB"]
    return records.table(head, rows) + "\n\n" + records.marks_table(record["marks"])
