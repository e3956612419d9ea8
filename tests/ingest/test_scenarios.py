"""Replays the recorded runs of the original (oracle/ingest_scenarios.jsonl): the same answers, so the same requests in
the same order, waits within 0.3 s, exit status and JSON. All run side by side: some take half a minute."""

import concurrent.futures
import json
import socket

import pytest
import support
from fault_server import FaultServer, page, user

WAIT_TOLERANCE_S = 0.3
SCENARIOS = [json.loads(line) for line in (support.ORACLE / "ingest_scenarios.jsonl").open()]

# Where the oracle's README calls the original defective: no users are `[]`, a value past 32 bits is an error.
REPLACED = {
    "age_beyond_int32": {"exit": 1, "users_json": None},
}


def expanded(answer):
    """The recording keeps only the start of long bodies; what it left out is its numbered users."""
    answer = dict(answer)
    if "body_items" in answer:
        whole = page(1, answer["body_items"])
        assert whole.startswith(answer["body"].removesuffix("..."))
        answer["body"] = whole
    return answer


def expected_json(scenario):
    if scenario["users_json"] == "null\n":
        return "[]\n"
    if scenario.get("users_json_truncated"):
        users = [u for answer in scenario["answers"] for u in json.loads(expanded(answer)["body"])]
        whole = json.dumps(users, indent=2) + "\n" if users else "[]\n"
        assert whole.startswith(scenario["users_json"].removesuffix("..."))
        return whole
    return scenario["users_json"]


def replay(scenario):
    with support.temporary_folder() as folder:
        if scenario["answers"] is None:  # refused: a port that is taken, but that nobody listens on
            with socket.socket() as taken:
                taken.bind(("127.0.0.1", 0))
                url = f"http://127.0.0.1:{taken.getsockname()[1]}/users/"
                run = support.run(folder, "--url", url)
            return run, [], run.json, run.parquet, run.files
        with FaultServer([expanded(answer) for answer in scenario["answers"]]) as server:
            run = support.run(folder, "--url", server.url)
            return run, server.requests, run.json, run.parquet, run.files


@pytest.fixture(scope="module")
def replays():
    longest_first = sorted(SCENARIOS, key=lambda scenario: -scenario["seconds"])
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        futures = {scenario["id"]: pool.submit(replay, scenario) for scenario in longest_first}
        return {name: future.result() for name, future in futures.items()}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario["id"])
def test_recorded_run(replays, scenario):
    run, requests, written_json, written_parquet, files = replays[scenario["id"]]
    wanted = {**scenario, "users_json": expected_json(scenario), **REPLACED.get(scenario["id"], {})}

    assert run.exit == wanted["exit"], run.stderr
    assert run.stdout == ""
    assert [request["target"] for request in requests] == [request["target"] for request in scenario["requests"]]
    for request in requests:
        assert request["headers"]["Accept"] == "application/json"

    def waits(of):
        return [b["at_s"] - a["at_s"] for a, b in zip(of, of[1:])]

    for waited, recorded in zip(waits(requests), waits(scenario["requests"])):
        assert waited == pytest.approx(recorded, abs=WAIT_TOLERANCE_S)
    if not requests:  # refused: nobody saw the waits, so the whole tells; starting the program is in it
        assert scenario["seconds"] <= run.seconds < scenario["seconds"] + 2

    if wanted["users_json"] is None:
        assert files == []
        assert len([line for line in run.lines if "trying again" not in line]) == 1, run.stderr
    else:
        assert written_json.decode() == wanted["users_json"]
        assert written_parquet[:4] == written_parquet[-4:] == b"PAR1"
        assert files == ["tmp/users.json", "tmp/users_simple.parquet"]


def test_expected_users_are_written_as_the_recording_writes_them():
    """Guards this file's own expectation: json.dumps with an indent of 2 is the recorded layout."""
    recorded = next(s for s in SCENARIOS if s["id"] == "retry_500_then_ok")["users_json"]
    assert json.dumps([user(1), user(2)], indent=2) + "\n" == recorded
