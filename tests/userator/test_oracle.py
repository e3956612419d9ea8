"""The recorded user API, replayed against the program."""

import json
import pathlib
import subprocess
import sys

from program import request, userator

ORACLE = pathlib.Path(__file__).parent / "oracle"


def replay(server, *options):
    return subprocess.run(
        [
            sys.executable,
            ORACLE / "replay.py",
            ORACLE / "user_api.jsonl",
            "--base",
            "http://127.0.0.1:%d" % server.port,
            *options,
        ],
        capture_output=True,
        text=True,
    )


def test_every_recorded_case_is_answered_as_recorded(tmp_path):
    with userator(tmp_path / "users.db") as server:
        run = replay(server)
        assert run.returncode == 0, run.stdout
        assert run.stdout.splitlines()[-1] == "463 passed, 0 failed"


def test_answers_equal_the_recorded_ones_to_the_byte(tmp_path):
    """Only in the parts that a case leaves free, wording from Unicode tables, do bytes differ."""
    free = {
        c["id"]
        for c in map(json.loads, open(ORACLE / "user_api.jsonl", encoding="utf-8"))
        if any(part.startswith("$") for part in c.get("ignore", []))
    }
    with userator(tmp_path / "users.db", "--threads", "1") as server:
        run = replay(server, "--bytes")
    failed = {line.split()[1] for line in run.stdout.splitlines() if line.startswith("FAIL ")}
    assert failed <= free, run.stdout


def test_the_openapi_document_is_the_recorded_one(tmp_path):
    with userator(tmp_path / "users.db") as server:
        status, headers, body = request(server.port, "GET", "/openapi.json")
    assert status == 200 and headers["content-type"] == "application/json"
    assert json.loads(body) == json.load(open(ORACLE / "user_api_openapi.json", encoding="utf-8"))
