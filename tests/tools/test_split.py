"""`datarizer split`: the parts hold the rows in order, as pyarrow reads them, and appear together or not at all."""

import csv
import functools
import json
import os
import signal
import subprocess
import time

import program
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

run = functools.partial(program.run, "split")
N = 2500


@pytest.fixture(name="folder")
def folder_fixture(tmp_path):
    rows = range(N)
    table = pa.table(
        {
            "id": pa.array(rows, pa.int64()),
            "t": pa.array([f"row {i % 90}" if i % 3 else None for i in rows], pa.string()),
            "l": pa.array([list(range(i % 4)) for i in rows], pa.list_(pa.int32())),
        },
        metadata={"who": "me"},
    )
    pq.write_table(table, tmp_path / "in.parquet", row_group_size=700)
    return tmp_path


def parts(folder, ending="parquet"):
    return sorted(folder.glob(f"p*.{ending}"))


@pytest.mark.parametrize("n", [25, 400, 699, 700, 701, N - 1, N, N + 1])
def test_by_rows(folder, n):
    status, out, err = run("--rows", n, "--json", "-o", "p{}.parquet", "in.parquet", cwd=folder)
    assert (status, err) == (0, "")
    names = parts(folder)
    assert [path.name for path in names] == [f"p{i + 1:05}.parquet" for i in range(-(-N // n))]
    said = json.loads(out)
    assert said == {"n_parts": len(names), "n_rows": N, "n_bytes": sum(path.stat().st_size for path in names)}
    tables = [pq.read_table(path) for path in names]
    assert {table.num_rows for table in tables[:-1]} <= {n}
    assert pa.concat_tables(tables).equals(pq.read_table(folder / "in.parquet"))
    assert all(table.schema.metadata[b"who"] == b"me" for table in tables)


@pytest.mark.parametrize("n", [1, 3, 7, 90])
def test_by_parts(folder, n):
    assert run("--parts", n, "--codec", "zstd", "-o", "p{}.parquet", "in.parquet", cwd=folder) == (0, "", "")
    tables = [pq.read_table(path) for path in parts(folder)]
    sizes = [table.num_rows for table in tables]
    assert len(sizes) == n and max(sizes) - min(sizes) <= 1 and sizes == sorted(sizes, reverse=True)
    assert pa.concat_tables(tables).equals(pq.read_table(folder / "in.parquet"))


@pytest.mark.parametrize("ending", ["jsonl", "json", "csv"])
def test_into_other_formats(folder, ending):
    assert run("--rows", 1000, "--columns", "id", "-o", f"p{{}}.{ending}", "in.parquet", cwd=folder) == (0, "", "")
    ids = []
    for path in parts(folder, ending):
        text = path.read_text(encoding="utf-8")
        if ending == "csv":
            ids += [int(row["id"]) for row in csv.DictReader(text.splitlines())]
        else:
            ids += [row["id"] for row in (json.loads(text) if ending == "json" else map(json.loads, text.splitlines()))]
    assert ids == list(range(N))


def test_of_a_stream_and_of_nothing(folder):
    lines = "".join(f'{{"n":{i}}}\n' for i in range(5))
    assert run("--from", "jsonl", "-n", 2, "-o", "p{}.parquet", "-", cwd=folder, stdin=lines) == (0, "", "")
    assert [pq.read_table(path)["n"].to_pylist() for path in parts(folder)] == [[0, 1], [2, 3], [4]]
    pq.write_table(pa.table({"a": pa.array([], pa.int8())}), folder / "none.parquet")
    assert run("-n", 2, "-o", "q{}.parquet", "none.parquet", cwd=folder) == (0, "", "")
    assert pq.read_table(folder / "q00001.parquet").schema.names == ["a"]


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["-n", 2, "in.parquet"], "where to? -o part-{}.parquet"),
        (["-n", 2, "-o", "p.parquet", "in.parquet"], "where to?"),
        (["-n", 2, "-o", "{}{}.parquet", "in.parquet"], "where to?"),
        (["-o", "p{}.parquet", "in.parquet"], "by either --rows or --parts"),
        (["-n", 2, "--parts", 2, "-o", "p{}.parquet", "in.parquet"], "by either --rows or --parts"),
        (["--parts", 2, "--from", "jsonl", "-o", "p{}.parquet", "-"], "split by --rows"),
        (["-n", 2, "-o", "p{}", "in.parquet"], "its name does not tell the format"),
    ],
)
def test_wrong_usage(folder, arguments, part):
    status, out, err = run(*arguments, cwd=folder)
    assert (status, out) == (2, "") and part in err and err.count("\n") == 1


def test_bad_input_leaves_no_parts_and_those_of_before(folder):
    (folder / "p00001.jsonl").write_text("before")
    (folder / "bad.jsonl").write_text('{"n":1}\n' * 10 + '{"n":\n')
    status, out, err = run("-n", 3, "-o", "p{}.jsonl", "bad.jsonl", cwd=folder)
    assert (status, out) == (1, "") and err.startswith("datarizer: bad.jsonl: line 11: ")
    assert sorted(os.listdir(folder)) == ["bad.jsonl", "in.parquet", "p00001.jsonl"]
    assert (folder / "p00001.jsonl").read_text() == "before"
    status, _, err = run("-n", 1, "-o", "no/p{}.jsonl", "in.parquet", cwd=folder)
    assert status == 1 and err.startswith("datarizer: no/p00001.jsonl: ") and "No such file" in err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_without_a_trace(tmp_path, number):
    command = [program.PROGRAM, "split", "-n", "10", "--from", "jsonl", "-o", "p{}.parquet", "-"]
    with subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdin.write(b'{"n":1}\n' * 40000)
        process.stdin.flush()
        time.sleep(0.3)
        process.send_signal(number)
        assert process.wait(timeout=60) == 128 + number
        assert process.stderr.read() == b""
    assert os.listdir(tmp_path) == []
