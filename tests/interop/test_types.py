"""Decimals, times, float16, fixed bytes, UUIDs and columns of nothing but nulls, in files of other engines and ours."""

import datetime
import decimal
import random
import struct

import duckdb
import dzr
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
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
    back = read_back(
        table,
        tmp_path / "a.parquet",
        data_page_version=version,
        use_dictionary=dictionary,
        store_decimal_as_integer=integers,
        row_group_size=300,
    )
    values.same(table, back)


@pytest.mark.parametrize("encoding", ["BYTE_STREAM_SPLIT", "DELTA_BYTE_ARRAY"])
def test_we_read_other_encodings_of_fixed_bytes(tmp_path, encoding):
    table = values.table(1000)
    fixed = [f.name for f in table.schema if f.name.startswith(("half", "fixed", "uuid", "few", "decimal"))]
    back = read_back(table, tmp_path / "a.parquet", use_dictionary=False, column_encoding={n: encoding for n in fixed})
    values.same(table, back)


def test_we_read_int96(tmp_path):
    rng = random.Random(5)
    stamps = pa.array(
        [None if i % 7 == 3 else rng.randint(-(2**62), 2**62) // 1000 * 1000 for i in range(1000)], pa.int64()
    ).cast(pa.timestamp("ns"))
    back = read_back(pa.table({"at": stamps}), tmp_path / "a.parquet", use_deprecated_int96_timestamps=True)
    assert back.column("at").type == pa.timestamp("us")
    assert back.column("at").combine_chunks() == stamps.cast(pa.timestamp("us"))


def test_we_read_duckdb(tmp_path):
    path = tmp_path / "a.parquet"
    small = {"decimal_%d_%d" % (p, s): "decimal(%d, %d)" % (p, s) for p, s in values.DECIMALS if p <= 38}
    table = values.table(2000).select([*small, "time_us"])
    duckdb.sql(
        f"copy (select *, from_uuid, interval (i) day as span from (select *, gen_random_uuid() as from_uuid, "
        f"row_number() over () as i from \"table\") ) to '{path}' (row_group_size 700)"
    )
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


# ---- what we write ----


def without_wide_decimals(table):
    """DuckDB and Polars have decimals of up to 38 digits."""
    return table.drop_columns(["decimal_%d_%d" % (p, s) for p, s in values.DECIMALS if p > 38])


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("dictionary_bytes", [0, -1, 200])
@pytest.mark.parametrize("nulls", [0, 0.3, 1])
def test_pyarrow_reads_ours(tmp_path, version, dictionary_bytes, nulls):
    table = values.table(3000, nulls).append_column("nothing", pa.nulls(3000))
    dzr.write(
        table,
        tmp_path / "a.parquet",
        page_version=version,
        dictionary_bytes=dictionary_bytes,
        page_rows=500,
        row_group_rows=1100,
    )
    values.same(table, pq.read_table(tmp_path / "a.parquet", page_checksum_verification=True))
    values.same(table, dzr.read(tmp_path / "a.parquet"))


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("encoding", ["PLAIN", "BYTE_STREAM_SPLIT", "DELTA_BYTE_ARRAY", "DELTA_BINARY_PACKED"])
def test_pyarrow_reads_other_encodings_of_ours(tmp_path, encoding, version):
    table = values.table(3000)
    integers = {"decimal_%d_%d" % (p, s) for p, s in values.DECIMALS if p <= 18} | {"time_ms", "time_us", "time_ns"}
    fixed = set(table.schema.names) - integers
    has = {"DELTA_BYTE_ARRAY": fixed, "DELTA_BINARY_PACKED": integers}.get(encoding, set(table.schema.names))
    path = tmp_path / "a.parquet"
    dzr.write(table, path, columns={name: (encoding, "zstd") for name in has}, page_version=version)
    for i, name in enumerate(table.schema.names):
        assert (encoding in pq.ParquetFile(path).metadata.row_group(0).column(i).encodings) or name not in has
    values.same(table, pq.read_table(path, page_checksum_verification=True))
    values.same(table, dzr.read(path))


def test_duckdb_reads_ours(tmp_path):
    path = tmp_path / "a.parquet"
    table = without_wide_decimals(values.table(3000)).append_column("nothing", pa.nulls(3000))
    dzr.write(table, path, page_rows=500)
    got = duckdb.sql(f"select * from '{path}'").to_arrow_table()
    for name in table.schema.names:
        want = table.column(name)
        if name.startswith("time_"):
            day = pa.time64("us")
            assert got.column(name).cast(day, safe=False) == want.cast(day, safe=False), name
        elif name == "uuid":
            assert [v and str(v) for v in got.column(name).to_pylist()] == [v and str(v) for v in want.to_pylist()]
        elif name == "half":
            assert values.bits(got.column(name).cast(pa.float16())) == values.bits(want), name
        else:
            assert values.bits(got.column(name)) == values.bits(want), name


def test_polars_reads_ours(tmp_path):
    path = tmp_path / "a.parquet"
    table = without_wide_decimals(values.table(3000)).append_column("nothing", pa.nulls(3000))
    dzr.write(table, path, page_rows=500)
    got = polars.read_parquet(path).to_arrow()
    for name in table.schema.names:
        want = table.column(name)
        if name.startswith("time_"):  # it has nanoseconds alone
            day = pa.time64("ns")
            assert got.column(name) == want.cast(day), name
        elif name == "uuid":
            assert got.column(name).to_pylist() == [v and v.bytes for v in want.to_pylist()]
        elif name == "nothing":
            assert got.column(name).null_count == 3000
        else:
            assert values.bits(got.column(name).cast(want.type)) == values.bits(want), name


def test_statistics_say_what_pyarrow_computes(tmp_path):
    table = values.table(2000)
    dzr.write(table, tmp_path / "a.parquet", page_rows=300)
    facts = pq.ParquetFile(tmp_path / "a.parquet").metadata.row_group(0)
    for i, field in enumerate(table.schema):
        if field.name == "time_ns":  # pyarrow's Python values end at microseconds
            continue
        column, stats = facts.column(i), facts.column(i).statistics
        given = [v for v in table.column(i).to_pylist() if v is not None and v == v]
        if field.name == "uuid":
            given = [v.bytes for v in given]
        assert column.has_column_index and column.has_offset_index, field.name
        assert stats.null_count == table.column(i).null_count, field.name
        low, high = stats.min, stats.max
        if field.name == "half" and isinstance(low, bytes):
            low, high = (struct.unpack("<e", v)[0] for v in (low, high))
        if field.name.startswith("decimal") and isinstance(low, bytes):
            low, high = (
                decimal.Decimal(int.from_bytes(v, "big", signed=True)).scaleb(
                    -field.type.scale, decimal.Context(prec=80)
                )
                for v in (low, high)
            )
        assert (low, high) == (min(given), max(given)), field.name


def test_others_read_bounds_in_total_order(tmp_path):
    """DuckDB knows the order; pyarrow passes its bounds over, and reads the values."""
    path = tmp_path / "a.parquet"
    nan, table = float("nan"), {}
    for name, kind in (("float", pa.float32()), ("double", pa.float64())):
        table[name] = pa.array([0.0, 5.0, nan, nan, nan, -0.0, -5.0, -0.0], kind)
    dzr.write(pa.table(table), path, row_group_rows=2, float_total_order=True)
    rows = duckdb.sql(
        f"select path_in_schema, stats_min_value, stats_max_value from parquet_metadata('{path}')"
    ).fetchall()
    for name in table:
        bounds = [(low, high) for column, low, high in rows if column == name]
        assert (bounds[0], bounds[2:]) == (("0.0", "5.0"), [("-0.0", "-0.0"), ("-5.0", "-0.0")]), name
    assert values.floats(pq.read_table(path)) == values.floats(pa.table(table))
    assert pq.ParquetFile(path).metadata.row_group(0).column(0).statistics.has_min_max is False


@pytest.mark.parametrize("dictionary_bytes", [0, -1])
@pytest.mark.parametrize("unit", ["us", "ns"])
def test_others_read_our_int96(tmp_path, unit, dictionary_bytes):
    rng = random.Random(6)
    stamps = pa.array(
        [
            None if i % 7 == 3 else rng.randint(-(2**62), 2**62) // 1000 * (1000 if unit == "ns" else 1)
            for i in range(1000)
        ],
        pa.int64(),
    ).cast(pa.timestamp(unit))
    path = tmp_path / "a.parquet"
    dzr.write(pa.table({"at": stamps}), path, int96=True, dictionary_bytes=dictionary_bytes)
    assert pq.ParquetFile(path).schema.column(0).physical_type == "INT96"
    want = stamps.cast(pa.timestamp("us"))
    assert pq.read_table(path, coerce_int96_timestamp_unit="us").column("at").combine_chunks() == want
    assert duckdb.sql(f"select * from '{path}'").to_arrow_table().column("at").cast(want.type).combine_chunks() == want
    if unit == "ns":  # Polars has INT96 in nanoseconds alone, and wraps what they do not reach
        assert polars.read_parquet(path).to_arrow().column("at").combine_chunks() == stamps
