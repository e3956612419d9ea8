"""UUIDs: by the Arrow C Data Interface as its extension type, in Parquet as pyarrow and DuckDB have them, in JSON."""

import random
import uuid

import duckdb
import dzr
import pyarrow as pa
import pyarrow.parquet as pq


def table(n=1000):
    rng = random.Random(5)
    values = [None if rng.random() < 0.2 else rng.randbytes(16) for _ in range(n)]
    return pa.table(
        {"u": pa.array(values, pa.uuid()), "all": pa.array([rng.randbytes(16) for _ in range(n)], pa.uuid())}
    )


def test_ours_in_other_engines(tmp_path):
    rows = table()
    path = str(tmp_path / "a.parquet")
    dzr.write(rows, path)
    assert pq.read_table(path).equals(rows)
    want = [(value.as_py(),) for value in rows["u"]]
    assert duckdb.sql(f"select u from '{path}'").fetchall() == want
    column = pq.ParquetFile(path).metadata.row_group(0).column(1)
    values = [value.as_py().bytes for value in rows["all"]]
    assert (column.statistics.min, column.statistics.max) == (min(values), max(values))


def test_theirs_here(tmp_path):
    rows = table()
    path = str(tmp_path / "a.parquet")
    for options in ({}, {"use_dictionary": False}, {"data_page_version": "2.0", "compression": "zstd"}):
        pq.write_table(rows, path, **options)
        assert dzr.read(path).equals(rows)
    text = [str(uuid.UUID(bytes=bytes([i] * 16))) for i in range(50)]
    duckdb.sql(f"copy (select unnest({text})::uuid as u) to '{path}'")
    assert [str(value) for value in dzr.read(path)["u"].to_pylist()] == text
