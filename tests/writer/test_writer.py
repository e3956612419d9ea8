"""The program writer: its two files beside those recorded, and its manners."""

import hashlib
import json
import os
import pathlib
import re
import subprocess
import time

import pyarrow.parquet as pq

RECORDED = pathlib.Path(__file__).parent / "oracle"
WRITER = os.environ["DZR_WRITER"]


def run(*arguments, cwd):
    return subprocess.run([WRITER, *map(str, arguments)], cwd=cwd, capture_output=True, text=True, timeout=30)


def without_times(text):
    return re.sub(r'"_ingest_timestamp":\d+', '"_ingest_timestamp":0', text)


def test_its_lines_are_the_recorded_ones(tmp_path):
    before = int(time.time() * 1000)
    result = run(cwd=tmp_path)
    after = int(time.time() * 1000)
    assert (result.returncode, result.stdout, result.stderr) == (0, (RECORDED / "stdout.txt").read_text(), "")
    assert sorted(path.name for path in (tmp_path / "tmp").iterdir()) == ["students.jsonl", "students.parquet"]
    text = (tmp_path / "tmp" / "students.jsonl").read_text()
    assert without_times(text) == without_times((RECORDED / "students.jsonl").read_text())
    for line in text.splitlines():
        info = json.loads(line)["_recordinfo"]
        assert before <= info["_ingest_timestamp"] <= after
        assert info["_row_hash"] == hashlib.sha256(info["_raw_data"].encode()).hexdigest()


def rows(table):
    out = table.to_pylist()
    for row in out:
        del row["_recordinfo"]["_ingest_timestamp"]
    return out


def test_its_parquet_file_is_the_recorded_one(tmp_path):
    assert run("--out-dir", tmp_path / "a" / "b", cwd=tmp_path).returncode == 0
    ours = pq.ParquetFile(tmp_path / "a" / "b" / "students.parquet")
    theirs = pq.ParquetFile(RECORDED / "students.parquet")
    assert ours.schema_arrow.equals(theirs.schema_arrow)
    assert [str(ours.schema.column(i)) for i in range(11)] == [str(theirs.schema.column(i)) for i in range(11)]
    assert rows(ours.read()) == rows(theirs.read())
    assert ours.metadata.num_row_groups == 1
    for i in range(11):
        mine, recorded = ours.metadata.row_group(0).column(i), theirs.metadata.row_group(0).column(i)
        assert mine.compression == recorded.compression == "SNAPPY"
        if recorded.statistics.has_min_max and "timestamp" not in mine.path_in_schema:
            assert (mine.statistics.min, mine.statistics.max) == (recorded.statistics.min, recorded.statistics.max)
        assert mine.statistics.null_count == (1 if mine.path_in_schema == "ignored" else 0)  # theirs says 0 there


def test_what_was_there_is_replaced(tmp_path):
    (tmp_path / "students.jsonl").write_text("older\n" * 1000)
    (tmp_path / "students.parquet").write_text("older\n" * 1000)
    assert run("--out-dir", f"{tmp_path}/", cwd=tmp_path).returncode == 0
    assert (tmp_path / "students.jsonl").read_text().count("\n") == 2
    assert pq.read_table(tmp_path / "students.parquet").num_rows == 2


def test_a_file_in_the_way_is_one_clear_line(tmp_path):
    (tmp_path / "tmp").write_text("in the way")
    result = run(cwd=tmp_path)
    assert result.returncode == 1
    assert result.stderr.startswith("writer: failed to create directory 'tmp': ")
    assert result.stderr.count("\n") == 1
    assert (tmp_path / "tmp").read_text() == "in the way"


def test_options(tmp_path):
    result = run("--out", cwd=tmp_path)
    assert result.returncode == 2 and result.stderr.startswith("writer: ")
    assert "--out-dir" in run("--help", cwd=tmp_path).stdout
    assert run("--version", cwd=tmp_path).returncode == 0
    assert not (tmp_path / "tmp").exists()


def test_output_that_can_not_be_written_is_told(tmp_path):
    with open("/dev/full", "w") as full:
        result = subprocess.run([WRITER], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, timeout=30)
    assert result.returncode == 1
    assert "No space left" in result.stderr
