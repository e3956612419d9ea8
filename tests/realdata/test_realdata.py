"""Real data through `datarizer convert`: every value is there again, by pyarrow and by DuckDB."""

import os
import pathlib
import subprocess
import sys

import datasets
import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

PROGRAM = os.environ["DZR_DATARIZER"]
LEAST_ROWS = {"flights": 336776, "weather": 26115, "days": 1461, "cities": 200000, "networks": 500000}
HAS_CSV = "csv" in subprocess.run([PROGRAM, "convert", "--help"], capture_output=True, check=True).stdout.decode()


def convert(*arguments):
    done = subprocess.run([PROGRAM, "convert", *map(str, arguments)], capture_output=True, timeout=300, check=False)
    assert (done.returncode, done.stderr.decode()) == (0, "")


@pytest.fixture(name="real", scope="module", params=datasets.TABLES)
def real_fixture(request, tmp_path_factory):
    """A set of data as pyarrow writes it, and the table."""
    table = datasets.TABLES[request.param]()
    assert table.num_rows >= LEAST_ROWS[request.param]
    path = tmp_path_factory.mktemp(request.param) / "in.parquet"
    pq.write_table(table, path, row_group_size=100000)
    return path, table


def check(path, table):
    """Each column as it was, after a cast where the format between has no such type."""
    got = pq.read_table(path)
    assert got.column_names == table.column_names and got.num_rows == table.num_rows
    for name in table.column_names:
        want, have = table[name], got[name]
        if pa.types.is_null(want.type):
            assert have.null_count == len(have)
        else:
            assert have.cast(want.type).equals(want), name


def check_by_duckdb(a, b):
    """No row of one is missing in the other, each as often as it is there."""
    for one, other in ((a, b), (b, a)):
        query = f"select count(*) from (select * from '{one}' except all select * from '{other}')"
        assert duckdb.sql(query).fetchall() == [(0,)]


@pytest.mark.parametrize("options", [[], ["--codec", "zstd", "--row-group-rows", "5000"], ["--memory", "64MiB"]])
def test_parquet_to_parquet(options, real):
    path, table = real
    out = path.with_name("out.parquet")
    convert(*options, path, out)
    assert pq.read_schema(out).equals(table.schema)
    assert pq.read_table(out).equals(table)
    check_by_duckdb(path, out)


def test_parquet_to_json_lines_and_back(real):
    path, table = real
    lines, back = path.with_name("lines.jsonl"), path.with_name("back.parquet")
    convert(path, lines)
    convert("--sample-rows", table.num_rows, lines, back)
    check(back, table)
    duck = duckdb.sql(f"select count(*) from read_json('{lines}', format='newline_delimited')").fetchall()
    assert duck == [(table.num_rows,)]


@pytest.mark.skipif(not HAS_CSV, reason="no CSV yet")
def test_parquet_to_csv_and_back(real):
    path, table = real
    if any(pa.types.is_nested(kind) for kind in table.schema.types):
        pytest.skip("CSV has no lists")
    text, back = path.with_name("text.csv"), path.with_name("back.parquet")
    convert(path, text)
    convert("--sample-rows", table.num_rows, text, back)
    check(back, table)


def test_a_filter_leaves_what_duckdb_leaves(tmp_path):
    path, out = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pq.write_table(datasets.flights(), path, row_group_size=50000)
    where = "dep_delay > 60 and carrier in ('UA', 'AA') and (arr_time is null or time_hour < '2013-07-01T00:00:00Z')"
    convert("--where", where, path, out)
    duck = duckdb.connect()
    duck.execute("set TimeZone='UTC'")
    want = duck.sql(f"select count(*) from '{path}' where {where}").fetchall()[0][0]
    assert pq.read_metadata(out).num_rows == want > 1000
    left = f"(select * from '{path}' where {where} except all select * from '{out}')"
    assert duck.sql(f"select count(*) from {left}").fetchall() == [(0,)]


MEASURE = """
import os, resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
"""


def peak_bytes(*arguments):
    """The most memory that the program had at once, as the kernel counts it: started by a small process, since what a
    process had before exec counts, too."""
    command = [sys.executable, "-S", "-c", MEASURE, PROGRAM, "convert", *map(str, arguments)]
    return int(subprocess.run(command, capture_output=True, check=True).stdout)


@pytest.mark.skipif(bool(os.environ.get("DZR_SANITIZE")), reason="a sanitizer takes memory of its own")
def test_a_file_ten_times_larger_than_memory_is_converted_within_it(tmp_path):
    """Peak resident size, program and libraries included."""
    memory = 64 << 20
    path = tmp_path / "in.parquet"
    rows = 1 << 20
    columns = {name: pa.array([f"{name}{i * 2654435761 % (1 << 62):x}" * 3 for i in range(rows)]) for name in "abcd"}
    table = pa.table({"n": pa.array(range(rows), pa.int64()), **columns})
    with pq.ParquetWriter(path, table.schema, compression="none", use_dictionary=False) as writer:
        for _ in range(4):
            writer.write_table(table, row_group_size=100000)
    assert pathlib.Path(path).stat().st_size > 10 * memory
    for name in ("out.parquet", "out.jsonl"):
        peak = peak_bytes("--memory", memory, "--threads", 1, path, tmp_path / name)
        print(f"{path.stat().st_size} bytes to {name}: peak {peak}")
        assert peak < memory, name
    assert pq.read_metadata(tmp_path / "out.parquet").num_rows == 4 * rows
