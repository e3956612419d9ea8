"""What lands: the two files for the recorded 137 users and for none, options of the outputs, and memory."""

import json
import os
import pathlib
import shutil
import subprocess

import pytest
import support
from fault_server import FaultServer, ok, page, user

RECORDED_USERS = [json.loads(line) for line in (support.ORACLE / "users_input.jsonl").open()]


def paged(users, limit=50):
    """A server of these users, as the user API answers."""

    def answer(target):
        skip = int(target.rpartition("skip=")[2])
        return ok(json.dumps(users[skip : skip + limit], ensure_ascii=False, separators=(",", ":")))

    return FaultServer(answer)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recorded")
    with paged(RECORDED_USERS) as server:
        run = support.run(folder, "--url", server.url)
        assert run.exit == 0, run.stderr
        run.requests, run.n_connections = server.requests, server.n_connections
    return run


def test_137_users_take_three_requests_on_one_connection(recorded):
    assert [r["target"] for r in recorded.requests] == [f"/users/?limit=50&skip={n}" for n in (0, 50, 100)]
    assert recorded.n_connections == 1


def test_137_users_give_the_recorded_json_byte_for_byte(recorded):
    assert recorded.json == (support.ORACLE / "users.json").read_bytes()


def test_137_users_give_the_recorded_parquet_schema_and_values(recorded):
    parquet = pytest.importorskip("pyarrow.parquet")
    ours = parquet.read_table(recorded.folder / "tmp/users_simple.parquet")
    theirs = parquet.read_table(support.ORACLE / "users_simple.parquet")
    assert ours.schema.equals(theirs.schema)
    assert ours.equals(theirs)
    mine = parquet.ParquetFile(recorded.folder / "tmp/users_simple.parquet").schema
    original = parquet.ParquetFile(support.ORACLE / "users_simple.parquet").schema
    for i in range(4):
        for part in ("name", "physical_type", "logical_type", "max_definition_level", "max_repetition_level"):
            assert str(getattr(mine.column(i), part)) == str(getattr(original.column(i), part))


def test_the_summary_is_one_line_on_standard_error(recorded):
    assert recorded.stdout == ""
    assert len(recorded.lines) == 1
    assert recorded.lines[0].startswith("ingest: 137 users from 3 pages, 0 retries, ")
    assert recorded.lines[0].endswith(" s: tmp/users.json, tmp/users_simple.parquet")


def test_no_users_give_an_empty_array_and_a_parquet_file_without_rows(tmp_path):
    with paged([]) as server:
        run = support.run(tmp_path, "--url", server.url)
    assert run.exit == 0
    assert run.json == b"[]\n"
    parquet = pytest.importorskip("pyarrow.parquet")
    empty = parquet.read_table(tmp_path / "tmp/users_simple.parquet")
    assert empty.num_rows == 0
    assert empty.schema.equals(parquet.read_table(support.ORACLE / "users_simple.parquet").schema)


def test_outputs_replace_what_was_there_and_their_folders_are_made(tmp_path):
    target = tmp_path / "a/b/users.json"
    with paged([user(1)]) as server:
        assert support.run(tmp_path, "--url", server.url, "--json", str(target)).exit == 0
        target.write_text("old")
        assert support.run(tmp_path, "--url", server.url, "--json", str(target)).exit == 0
    assert json.loads(target.read_text()) == [user(1)]


def test_an_empty_name_leaves_an_output_out(tmp_path):
    with paged([user(1)]) as server:
        run = support.run(tmp_path, "--url", server.url, "--json", "", "--quiet")
        assert (run.exit, run.files, run.stderr) == (0, ["tmp/users_simple.parquet"], "")
        run = support.run(tmp_path, "--url", server.url, "--json", "", "--parquet", "")
    assert run.exit == 1
    assert run.lines == ["ingest: no output is wanted: neither JSON nor Parquet"]


def test_a_dash_is_standard_output(tmp_path):
    with paged([user(1)]) as server:
        run = support.run(tmp_path, "--url", server.url, "--json", "-", "--parquet", "")
    assert (run.exit, run.files) == (0, [])
    assert json.loads(run.stdout) == [user(1)]


@pytest.mark.parametrize("name", ["-", "s3://bucket/out"])
def test_two_outputs_of_one_name_are_refused(tmp_path, name):
    run = support.run(tmp_path, "--json", name, "--parquet", name)
    assert run.exit == 1
    assert run.stdout == ""
    assert run.lines == [f"ingest: {name}: can't be the JSON and the Parquet output at once"]


@pytest.mark.parametrize("other", ["./new/out", "new//out", "file://new/out", "new/../new/out", "link/out"])
def test_two_spellings_of_one_output_are_refused(tmp_path, other):
    (tmp_path / "link").symlink_to("new")
    run = support.run(tmp_path, "--json", "new/out", "--parquet", other)
    assert run.exit == 1
    assert run.lines == [f"ingest: {other}: can't be the JSON and the Parquet output at once"]
    assert not (tmp_path / "new" / "out").exists()


def test_a_query_of_the_url_is_kept_and_limit_comes_first_of_ours(tmp_path):
    with paged([]) as server:
        run = support.run(tmp_path, "--url", server.url + "?active=1#top", "--page-limit", "7")
        assert run.exit == 0
        assert server.requests[0]["target"] == "/users/?active=1&limit=7&skip=0"


def test_credentials_in_the_url_are_sent_and_not_shown(tmp_path):
    with FaultServer([{"status": 404, "body": "gone"}]) as server:
        url = server.url.replace("http://", "http://ann:s3cret@")
        run = support.run(tmp_path, "--url", url + "?api_key=k3y")
        assert server.requests[0]["headers"]["Authorization"] == "Basic YW5uOnMzY3JldA=="
    assert "s3cret" not in run.stderr and "k3y" not in run.stderr
    assert f"http://ann:xxxxx@127.0.0.1:{server.port}/users/?api_key=xxxxx&limit=50&skip=0" in run.stderr


def test_a_proxy_of_the_environment_is_used_but_not_for_this_machine(tmp_path):
    with paged([user(1)]) as server:
        proxy = f"http://127.0.0.1:{server.port}"
        run = support.run(tmp_path, "--url", "http://api.example/users/", http_proxy=proxy)
        assert (run.exit, server.requests[0]["target"]) == (0, "http://api.example/users/?limit=50&skip=0")
        nobody = "http://127.0.0.1:1"
        for no_proxy in ({}, {"no_proxy": "api.example"}, {"no_proxy": "*"}):
            assert support.run(tmp_path, "--url", server.url, http_proxy=nobody, **no_proxy).exit == 0


def test_the_next_page_is_asked_for_before_this_one_is_written(tmp_path):
    """Of a full page that does not convert, the next one has been asked for already."""
    broken = json.loads(page(1, 50))
    broken[49]["age"] = "x"
    with FaultServer([ok(json.dumps(broken)), {"hang": True}]) as server:
        run = support.run(tmp_path, "--url", server.url)
        assert run.exit == 1
        assert "record 49" in run.stderr
    assert run.files == []


def peak_memory_kb(folder, *options):
    time = shutil.which("time") or pytest.skip("GNU time is not installed")
    process = subprocess.run(
        [time, "-f", "%M", support.INGEST, *options, "--quiet"], cwd=folder, capture_output=True, text=True, check=True
    )
    return int(process.stderr.splitlines()[-1])


def test_memory_does_not_grow_with_the_number_of_users(tmp_path):
    """Past one row group of the Parquet file, which is the most that is held."""
    if os.environ.get("DZR_SANITIZE"):
        pytest.skip("a sanitizer keeps freed memory")

    def answer_until(n_users):
        def answer(target):
            skip = int(target.rpartition("skip=")[2])
            return ok(page(skip, 2000) if skip < n_users else "[]")

        return answer

    peaks = []
    for n_users in (100_000, 400_000):
        with FaultServer(answer_until(n_users)) as server:
            peaks.append(peak_memory_kb(tmp_path, "--url", server.url, "--page-limit", "2000"))
    assert peaks[1] < peaks[0] + 1024, peaks


def test_help_and_version(tmp_path):
    run = support.run(tmp_path, "--help")
    assert (run.exit, run.stderr) == (0, "")
    for option in (
        "--url URL",
        "--json",
        "--parquet",
        "--page-limit",
        "--retries",
        "--wait-min",
        "--wait-max",
        "--retry-after-max",
        "--attempt-timeout",
        "--job-timeout",
        "--max-body",
        "--quiet",
    ):
        assert option in run.stdout
    manual = (pathlib.Path(__file__).parent.parent.parent / "cmd/ingest/ingest.1").read_text()
    for line in run.stdout.splitlines():
        if line.strip().startswith("--") and line.split()[0] not in ("--help", "--version"):
            assert ".It Fl \\-" + line.split()[0][2:] in manual
    run = support.run(tmp_path, "--version")
    assert run.exit == 0 and run.stdout.startswith("ingest ")
