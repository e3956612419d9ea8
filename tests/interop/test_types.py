"""Decimals, times, float16, fixed bytes, UUIDs and columns of nothing but nulls, in files of other engines and ours."""
import datetime
import random

import duckdb
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import dzr
import values


def read_back(table, path, **options):
    pq.write_table(table, path, **options)
    return dzr.read(path)


# ---- what they write ----

@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("dictionary", [True, False])
@pytest.mark.parametrize("integers", [True, False])
@pytest.mark.parametrize("nulls", [0, 0.3, 1])
def test_we_read_pyarrow(tmp_path, version, dictionary, integers, nulls):
    table = values.table(1000, nulls).append_column("nothing", pa.nulls(1000))
    back = read_back(table, tmp_path / "a.parquet", data_page_version=version, use_dictionary=dictionary,
                     store_decimal_as_integer=integers, row_group_size=300)
    values.same(table, back)


@pytest.mark.parametrize("encoding", ["BYTE_STREAM_SPLIT", "DELTA_BYTE_ARRAY"])
def test_we_read_other_encodings_of_fixed_bytes(tmp_path, encoding):
    table = values.table(1000)
    fixed = [f.name for f in table.schema if f.name.startswith(("half", "fixed", "uuid", "few", "decimal"))]
    back = read_back(table, tmp_path / "a.parquet", use_dictionary=False, column_encoding={n: encoding for n in fixed})
    values.same(table, back)


def test_we_read_int96(tmp_path):
    rng = random.Random(5)
    stamps = pa.array([None if i % 7 == 3 else rng.randint(-2 ** 62, 2 ** 62) // 1000 * 1000 for i in range(1000)],
                      pa.int64()).cast(pa.timestamp("ns"))
    back = read_back(pa.table({"at": stamps}), tmp_path / "a.parquet", use_deprecated_int96_timestamps=True)
    assert back.column("at").type == pa.timestamp("us")
    assert back.column("at").combine_chunks() == stamps.cast(pa.timestamp("us"))


def test_we_read_duckdb(tmp_path):
    path = tmp_path / "a.parquet"
    small = {"decimal_%d_%d" % (p, s): "decimal(%d, %d)" % (p, s) for p, s in values.DECIMALS if p <= 38}
    table = values.table(2000).select([*small, "time_us"])
    duckdb.sql(f"copy (select *, from_uuid, interval (i) day as span from (select *, gen_random_uuid() as from_uuid, "
               f"row_number() over () as i from \"table\") ) to '{path}' (row_group_size 700)")
    back = dzr.read(path)
    values.same(table, back.select(table.schema.names))
    want = duckdb.sql(f"select from_uuid::varchar, span from '{path}'").fetchall()
    assert back.schema.field("from_uuid").type == pa.uuid()
    assert [str(v) for v in back.column("from_uuid").to_pylist()] == [v[0] for v in want]
    assert back.schema.field("span").type == pa.binary(12)
    spans = [datetime.timedelta(days=int.from_bytes(v[4:8], "little")) for v in back.column("span").to_pylist()]
    assert spans == [v[1] for v in want]


def test_we_read_polars(tmp_path):
    path = tmp_path / "a.parquet"
    table = values.table(2000).select(["decimal_%d_%d" % (p, s) for p, s in values.DECIMALS if p <= 38] + ["time_ns"])
    polars.from_arrow(table).with_columns(polars.lit(None).alias("nothing")).write_parquet(path)
    back = dzr.read(path)
    assert back.column("nothing").to_pylist() == [None] * 2000
    values.same(table, back.select(table.schema.names))
