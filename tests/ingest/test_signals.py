"""Interrupted and out of room: nothing half is left, whatever the moment."""

import os
import pathlib
import shutil
import signal
import subprocess
import time

import pytest
import support
from fault_server import FaultServer, ok, page

FIRST_PAGE = ok(page(1, 50))


def interrupted(folder, script, number, n_requests):
    """Runs until that many requests have come, sends the signal, and waits for the end."""
    with FaultServer(script) as server:
        process = support.start(folder, "--url", server.url)
        deadline = time.monotonic() + 10
        while len(server.requests) < n_requests and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.1)
        begun = time.monotonic()
        process.send_signal(number)
        return support.Run(pathlib.Path(folder), process, begun)


@pytest.mark.parametrize("number, status", [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_while_an_answer_is_awaited(tmp_path, number, status):
    run = interrupted(tmp_path, [FIRST_PAGE, {"hang": True}], number, 2)
    assert run.exit == status
    assert run.seconds < 1
    assert run.lines == ["ingest: interrupted after 1 page, nothing written"]
    assert run.files == []


def test_a_signal_while_waiting_to_retry(tmp_path):
    run = interrupted(tmp_path, [{"status": 503, "headers": {"Retry-After": "60"}}], signal.SIGINT, 1)
    assert run.exit == 130
    assert run.seconds < 1
    assert run.files == []


def test_a_signal_leaves_the_files_of_the_last_run(tmp_path):
    (tmp_path / "tmp").mkdir()
    (tmp_path / "tmp/users.json").write_text("old")
    run = interrupted(tmp_path, [FIRST_PAGE, {"drip": 0.05, **ok(page(51, 50))}], signal.SIGTERM, 2)
    assert run.exit == 143
    assert run.files == ["tmp/users.json"]
    assert run.json == b"old"


def test_kill_9_leaves_nothing(tmp_path):
    run = interrupted(tmp_path, [FIRST_PAGE, {"hang": True}], signal.SIGKILL, 2)
    assert run.exit == -9
    assert run.files == []


def test_an_output_that_takes_nothing(tmp_path):
    with FaultServer([ok(page(1, 5))]) as server:
        run = support.run(tmp_path, "--url", server.url, "--json", "/dev/full")
    assert run.exit == 1
    assert run.lines == ["ingest: /dev/full: writing failed: No space left on device"]
    assert run.files == []


def test_a_full_disk_leaves_nothing(tmp_path):
    """On a file system of 256 KiB, in a mount namespace of its own."""
    unshare = shutil.which("unshare") or pytest.skip("unshare is not installed")
    (tmp_path / "disk").mkdir()
    namespace = [unshare, "--mount", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"]), "sh", "-euc"]
    mount = "mount -t tmpfs -o size=256k none disk; "
    if subprocess.run([*namespace, mount], cwd=tmp_path, capture_output=True).returncode != 0:
        pytest.skip("no file system can be mounted here")

    def answer(target):
        return ok(page(int(target.rpartition("skip=")[2]), 50))

    with FaultServer(answer) as server:
        run = subprocess.run(
            [
                *namespace,
                mount + '"$@" && exit 9; find disk -type f',
                "sh",
                support.INGEST,
                "--url",
                server.url,
                "--json",
                "disk/users.json",
                "--parquet",
                "disk/users.parquet",
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
    assert run.returncode == 0, run.stderr
    assert run.stdout == ""
    assert run.stderr == "ingest: disk/users.json: writing failed: No space left on device\n"


@pytest.mark.parametrize("blocked", ["users.json", "users_simple.parquet"])
def test_an_output_that_is_a_folder_is_met_before_anything_is_fetched(tmp_path, blocked):
    (tmp_path / "tmp" / blocked).mkdir(parents=True)
    with FaultServer([ok("[]")]) as server:
        run = support.run(tmp_path, "--url", server.url)
        assert server.requests == []
    assert (run.exit, run.files) == (1, [])
    assert run.lines == [f"ingest: tmp/{blocked}: can't be written: Is a directory"]


def test_a_second_file_that_cannot_appear_is_told_beside_the_first(tmp_path):
    """The one case in which the first has appeared: the second's name was taken while the job ran."""

    def answer(target):
        if target.endswith("skip=0"):
            return FIRST_PAGE
        (tmp_path / "tmp/users_simple.parquet").mkdir()
        return ok("[]")

    with FaultServer(answer) as server:
        run = support.run(tmp_path, "--url", server.url)
    assert (run.exit, run.files) == (1, ["tmp/users.json"])
    assert run.lines == [
        "ingest: tmp/users.json is written, but tmp/users_simple.parquet: can't be replaced: Is a directory"
    ]
