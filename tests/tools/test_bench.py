"""bench/ itself: what it starts it stops, outputs that differ are seen, and its page says what the records say."""

import json
import os
import subprocess
import sys
import time

import pyarrow
import pyarrow.parquet
import pytest

BENCH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "bench")
sys.path.insert(0, os.path.abspath(BENCH))

import report  # noqa: E402
from cases import frames  # noqa: E402
from harness import process, records  # noqa: E402
from harness.paths import BenchError  # noqa: E402


@pytest.fixture(autouse=True)
def scratch(tmp_path, monkeypatch):
    monkeypatch.setattr(process, "SCRATCH", str(tmp_path))


def _gone(pid):
    """It does not run any more; a killed process may take a moment to go."""
    deadline = time.monotonic() + 10
    while _runs(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _runs(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _wait_for_children(pid, count):
    deadline = time.monotonic() + 10
    while len(process.tree(pid)) < 1 + count:
        assert time.monotonic() < deadline, "the children did not start"
        time.sleep(0.02)
    return process.tree(pid)


def test_an_interrupt_stops_the_whole_tree_even_children_that_ignore_sigterm():
    with pytest.raises(KeyboardInterrupt):
        with process.Processes() as processes:
            started = processes.start(
                "tree", ["sh", "-c", "sh -c 'trap \"\" TERM; sleep 60; sleep 60' & sleep 60; wait"]
            )
            members = _wait_for_children(started.pid, 3)
            raise KeyboardInterrupt
    assert len(members) == 4 and all(map(_gone, members))


def test_a_program_that_fails_is_an_error_that_names_it_and_its_last_words():
    with process.Processes() as processes:
        started = processes.start("failing", ["sh", "-c", "echo no such table >&2; exit 3"])
        with pytest.raises(BenchError, match="failing exited 3: no such table"):
            process.wait_until_healthy(started, process.free_port(), limit_s=10)


def test_cpu_and_memory_of_a_tree_count_its_children():
    busy = "import time\nx = bytearray(64 << 20)\nwhile time.process_time() < 0.3: pass\ntime.sleep(60)"
    with process.Processes() as processes:
        started = processes.start("busy", ["sh", "-c", f"{sys.executable} -c '{busy}' & wait"])
        deadline = time.monotonic() + 20
        while sum(process.cpu_seconds(started.pid)) < 0.29:
            assert time.monotonic() < deadline, "the child's CPU is not seen"
            time.sleep(0.05)
        assert process.peak_rss_kib(started.pid) > 64 << 10


def _fingerprint(path):
    return subprocess.run(
        [sys.executable, os.path.join(BENCH, "rows.py"), path, "id", "name"], capture_output=True, text=True, check=True
    ).stdout.split()


def test_rows_are_equal_by_value_whatever_the_format_and_a_changed_value_shows(tmp_path):
    def write(name, ids, names):
        path = str(tmp_path / name)
        pyarrow.parquet.write_table(pyarrow.table({"id": ids, "name": names}), path)
        return path

    integers = _fingerprint(write("integers.parquet", [1, 2, 3], ["a", None, "ž"]))
    shuffled_floats = _fingerprint(write("floats.parquet", [3.0, 1.0, 2.0], ["ž", "a", None]))
    lines = tmp_path / "lines.jsonl"
    lines.write_text('{"name": "a", "id": 1}\n{"id": 2, "name": null}\n{"id": 3, "name": "ž"}\n', encoding="utf-8")
    assert integers[0] == "3" and integers == shuffled_floats == _fingerprint(str(lines))
    assert _fingerprint(write("changed.parquet", [1, 2, 3], ["a", None, "z"])) != integers


def test_a_mark_is_met_at_its_border_and_not_beyond():
    assert records.mark("m", 1.6, 1.6)["met"] and not records.mark("m", 1.59, 1.6)["met"]
    assert (
        records.mark("m", 1.25, 1.25, at_least=False)["met"]
        and not records.mark("m", 1.26, 1.25, at_least=False)["met"]
    )


def _ingest_record(cpu_s):
    figures = [
        {
            "program": p,
            "users": 200_000,
            "rounds": 3,
            "cpu_s": cpu,
            "median_cpu_s": cpu,
            "wall_s": 2.0,
            "peak_rss_kib": 8192,
        }
        for p, cpu in (("ours", cpu_s), ("Go", 1.2))
    ]
    return {
        "subject": "ingest",
        "date": "2026-01-01T00:00:00Z",
        "commit": "0123456789ab",
        "cpu": "A processor",
        "cores": 2,
        "kernel": "6.1",
        "load_before": 0.0,
        "compiler": "cc 12",
        "flags": "-O3",
        "figures": figures,
        "marks": [records.mark("ours, 200,000 users: CPU seconds", cpu_s, 0.3, at_least=False)],
        "versions": {"Go": {"go": "go1.24"}, "wrk": "4.1.0"},
    }


def test_the_page_is_made_of_the_newest_record_and_says_which_marks_are_missed(tmp_path):
    lines = [json.dumps(_ingest_record(cpu_s)) for cpu_s in (0.2, 0.4)]
    (tmp_path / "ingest.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    page = report.page(str(tmp_path))
    assert "| ours, 200,000 users: CPU seconds | <= 0.3 | 0.40 |  NO |" in page
    assert "commit 0123456789ab: A processor, 2 cores, Linux 6.1, load before the run 0.0; cc 12, -O3." in page
    assert "Versions: Go (go go1.24); wrk 4.1.0." in page and "## The user API" not in page


def _comparison(expected=None):
    return frames.Comparison("read", "people", {"ours": None, "Polars": None}, expected=expected)


def test_a_value_that_one_tool_reads_otherwise_is_an_error_that_names_tool_and_column():
    comparison = _comparison()
    comparison._check("ours", 2, {"id": "a1", "name": "b2"})
    comparison._check("Polars", 2, {"name": "b2", "id": "a1"})
    with pytest.raises(BenchError, match=r"read, people: the values of Polars are not the others': 2 rows.*\['name'\]"):
        comparison._check("Polars", 2, {"id": "a1", "name": "b3"})
    with pytest.raises(BenchError, match="Polars are not the others': 3 rows"):
        comparison._check("Polars", 3, {"id": "a1", "name": "b2"})


def _footer_record(peers_cpu_s):
    figures = [
        {
            "case": "10,000 columns",
            "tool": tool,
            "threads": 1,
            "cpu_s": cpu_s,
            "median_cpu_s": cpu_s,
            "wall_s": 0.1,
            "peak_rss_kib": 2048,
        }
        for tool, cpu_s in (("ours", 0.01), *peers_cpu_s.items())
    ]
    marks = frames.SUBJECTS["footer"][1](frames.Figures(figures))
    return {**_ingest_record(0.1), "subject": "footer", "figures": figures, "marks": marks}


def test_the_best_peer_is_the_one_a_mark_of_all_is_measured_by_and_the_chart_shows_each(tmp_path):
    record = _footer_record({"Polars": 0.019, "pyarrow": 0.05, "DuckDB": 0.95})
    (tmp_path / "footer.jsonl").write_text(json.dumps(record) + "\n", encoding="utf-8")
    assert "| best peer over ours | >= 2   | 1.90 |  NO |" in report.page(str(tmp_path))
    chart = report.chart(str(tmp_path))
    assert all(f">{words}</text>" in chart for words in ("10,000 columns", "Polars 1.90", "DuckDB 95.00", "ours 1.00"))


def test_no_results_is_an_error_that_says_what_to_run(tmp_path):
    with pytest.raises(BenchError, match="bench/results has no results yet; run `make bench`"):
        report.page(str(tmp_path))


def test_an_unknown_case_is_refused_before_anything_runs():
    done = subprocess.run(
        [sys.executable, os.path.join(BENCH, "run.py"), "nosuch"], capture_output=True, text=True, check=False
    )
    assert (
        done.returncode == 2
        and "no case 'nosuch'; there are api, ingest, read, write, json, column, footer, kernels, memory" in done.stderr
    )
