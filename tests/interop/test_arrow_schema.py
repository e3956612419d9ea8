"""What Parquet has no word for goes through ARROW:schema: zones, notes of fields, types. Both ways with pyarrow, and
Polars and DuckDB read what we write."""

import base64

import duckdb
import dzr
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pytest


def _schema():
    at = pa.timestamp("us", tz="Europe/Berlin")
    return pa.schema(
        [
            pa.field("id", pa.int64(), nullable=False, metadata={"PARQUET:field_id": "1", "role": "key"}),
            pa.field("at", at, metadata={"PARQUET:field_id": "2"}),
            pa.field("utc", pa.timestamp("ms", tz="UTC")),
            pa.field("offset", pa.timestamp("ns", tz="+05:30")),
            pa.field("local", pa.timestamp("us")),
            pa.field("text", pa.string(), metadata={"PARQUET:field_id": "7", "unit": "none", "empty": ""}),
            pa.field("raw", pa.binary()),
            pa.field("tiny", pa.int8()),
            pa.field("flag", pa.bool_()),
            pa.field("day", pa.date32()),
            pa.field("lasted", pa.duration("us"), metadata={"of": "a day"}),
            pa.field("laps", pa.list_(pa.field("element", pa.duration("ns")))),
            pa.field("ratio", pa.float32()),
            pa.field("price", pa.decimal128(10, 2)),
            pa.field("uuid", pa.uuid(), metadata={"PARQUET:field_id": "12"}),
            pa.field("note", pa.json_(pa.string())),
            pa.field(
                "tags", pa.list_(pa.field("element", pa.string(), metadata={"deep": "yes", "PARQUET:field_id": "21"}))
            ),
            pa.field("times", pa.map_(pa.string(), pa.field("value", at, metadata={"of": "times"}))),
            pa.field(
                "place",
                pa.struct(
                    [
                        pa.field("seen", at, metadata={"PARQUET:field_id": "31"}),
                        pa.field("more", pa.list_(pa.field("element", pa.timestamp("ms", tz="Asia/Tokyo")))),
                    ]
                ),
            ),
        ]
    )


def _table(schema):
    import datetime
    import decimal
    import uuid

    moment = datetime.datetime(2024, 2, 29, 12, 30, 15, 123000, tzinfo=datetime.timezone.utc)
    row = {
        "id": 1,
        "at": moment,
        "utc": moment,
        "offset": moment,
        "local": moment.replace(tzinfo=None),
        "text": "text",
        "raw": b"\x00\xff",
        "tiny": -8,
        "flag": True,
        "day": moment.date(),
        "lasted": datetime.timedelta(days=-1, microseconds=7),
        "laps": [1000, None, -2000],
        "ratio": 0.5,
        "price": decimal.Decimal("1.25"),
        "uuid": uuid.UUID(int=7).bytes,
        "note": '{"a": 1}',
        "tags": ["a", None, "longer than twelve bytes"],
        "times": [("a", moment), ("b", None)],
        "place": {"seen": moment, "more": [moment, None]},
    }
    nothing = dict.fromkeys(row)
    nothing["id"] = 2
    storage = pa.schema(
        [f.with_type(f.type.storage_type) if isinstance(f.type, pa.BaseExtensionType) else f for f in schema]
    )
    plain = pa.Table.from_pylist([row, nothing, row], schema=storage)
    return pa.Table.from_arrays(
        [
            (
                pa.ExtensionArray.from_storage(f.type, plain.column(i).combine_chunks())
                if isinstance(f.type, pa.BaseExtensionType)
                else plain.column(i)
            )
            for i, f in enumerate(schema)
        ],
        schema=schema,
    )


def _named(field):
    """With one name for a map's value, which pyarrow gives its own field's, and strings for views in an extension."""
    kind = field.type
    if isinstance(kind, pa.JsonType):
        kind = pa.json_(pa.string())
    elif pa.types.is_map(kind):
        kind = pa.map_(kind.key_type, _named(kind.item_field).with_name("value"))
    elif pa.types.is_list(kind):
        kind = pa.list_(_named(kind.value_field))
    elif pa.types.is_struct(kind):
        kind = pa.struct([_named(kind.field(i)) for i in range(kind.num_fields)])
    return field.with_type(kind)


def same(got, want):
    got, want = (pa.schema([_named(f) for f in schema], metadata=schema.metadata) for schema in (got, want))
    assert got.equals(want, check_metadata=True), "\n%s\nis not\n%s" % (
        got.to_string(show_field_metadata=True),
        want.to_string(show_field_metadata=True),
    )


def test_pyarrow_returns_the_types_and_notes_we_had(tmp_path):
    table = _table(_schema())
    dzr.write(table, tmp_path / "ours.parquet")
    same(pq.read_schema(tmp_path / "ours.parquet"), table.schema)
    assert pq.read_table(tmp_path / "ours.parquet").to_pylist() == table.to_pylist()


def test_we_return_the_types_and_notes_pyarrow_had(tmp_path):
    table = _table(_schema())
    pq.write_table(table, tmp_path / "theirs.parquet")
    back = dzr.read(tmp_path / "theirs.parquet")
    same(back.schema, table.schema)
    assert back.to_pylist() == table.to_pylist()


def test_what_was_written_and_read_twice_is_the_same(tmp_path):
    table = _table(_schema())
    dzr.write(table, tmp_path / "once.parquet")
    once = dzr.read(tmp_path / "once.parquet")
    dzr.write(once, tmp_path / "twice.parquet")
    same(dzr.read(tmp_path / "twice.parquet").schema, table.schema)
    same(pq.read_schema(tmp_path / "twice.parquet"), table.schema)


def test_pyarrow_sees_the_files_metadata_in_the_schema(tmp_path):
    entry = dzr.Metadata(dzr.Bytes(b"pandas", 6), dzr.Bytes(b"{}", 2))
    for without in (False, True):
        dzr.write(
            pa.table({"a": [1]}),
            tmp_path / "noted.parquet",
            metadata=dzr.c.pointer(entry),
            n_metadata=1,
            no_arrow_schema=without,
        )
        assert pq.read_schema(tmp_path / "noted.parquet").metadata == {b"pandas": b"{}"}
        assert pq.read_metadata(tmp_path / "noted.parquet").metadata[b"pandas"] == b"{}"


def test_without_it_parquet_alone_speaks(tmp_path):
    table = _table(_schema())
    dzr.write(table, tmp_path / "plain.parquet", no_arrow_schema=True)
    assert pq.read_metadata(tmp_path / "plain.parquet").metadata is None
    back = pq.read_schema(tmp_path / "plain.parquet")
    assert back.field("at").type == pa.timestamp("us", tz="UTC")
    assert back.field("at").metadata == {b"PARQUET:field_id": b"2"}
    assert back.field("id").metadata == {b"PARQUET:field_id": b"1"}
    assert dzr.read(tmp_path / "plain.parquet").schema.field("at").type == pa.timestamp("us", tz="UTC")


def test_polars_and_duckdb_read_it(tmp_path):
    table = _table(_schema()).drop_columns(["offset", "note"])  # Polars knows neither zones by offset nor arrow.json
    dzr.write(table, tmp_path / "ours.parquet")
    frame = polars.read_parquet(tmp_path / "ours.parquet")
    assert frame.schema["at"] == polars.Datetime("us", "Europe/Berlin")
    assert (
        frame.select("id", "at", "text", "tags", "place").to_dicts()
        == table.select(["id", "at", "text", "tags", "place"]).to_pylist()
    )
    rows = duckdb.sql("select id, epoch_us(\"at\"), text, tags from '%s'" % (tmp_path / "ours.parquet")).fetchall()
    assert rows[0] == (1, 1709209815123000, "text", ["a", None, "longer than twelve bytes"])


def test_we_return_the_zones_polars_had(tmp_path):
    import datetime

    moments = [datetime.datetime(2024, 1, 2, 3), None]
    frame = polars.DataFrame({"t": moments}).with_columns(
        polars.col("t").dt.replace_time_zone("America/New_York").alias("zoned"),
        polars.col("t").dt.replace_time_zone("UTC").alias("utc"),
    )
    frame.write_parquet(tmp_path / "polars.parquet")
    back = dzr.read(tmp_path / "polars.parquet")
    assert back.schema.field("zoned").type == pa.timestamp("us", tz="America/New_York")
    assert back.schema.field("utc").type == pa.timestamp("us", tz="UTC")
    assert back.schema.field("t").type == pa.timestamp("us")
    assert polars.from_arrow(back).to_dicts() == frame.to_dicts()


def _with_entry(table, entry, path):
    with pq.ParquetWriter(path, table.schema, store_schema=False) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({"ARROW:schema": entry})


@pytest.mark.parametrize("entry", ["!!!!", "", "AAAA", base64.b64encode(b"\xff\xff\xff\xff\x10\0\0\0garbage").decode()])
def test_a_damaged_schema_costs_nothing_but_itself(tmp_path, entry):
    table = pa.table({"a": pa.array([1, 2], pa.int64()), "s": ["x", "y"]})
    _with_entry(table, entry, tmp_path / "damaged.parquet")
    assert dzr.read(tmp_path / "damaged.parquet") == table


@pytest.mark.parametrize(
    "schema",
    [
        pa.schema([("a", pa.string()), ("s", pa.int8())]),
        pa.schema([("a", pa.int8()), ("s", pa.large_string())]),
        pa.schema([("a", pa.int64())]),
        pa.schema([("s", pa.string()), ("a", pa.int64())]),
        pa.schema([("a", pa.list_(pa.int64())), ("s", pa.struct([("x", pa.int8())]))]),
        pa.schema([("a", pa.timestamp("us", "Europe/Berlin")), ("s", pa.dictionary(pa.int8(), pa.string()))]),
    ],
)
def test_one_that_contradicts_changes_nothing(tmp_path, schema):
    table = pa.table({"a": pa.array([1, 2], pa.int64()), "s": ["x", "y"]})
    _with_entry(table, base64.b64encode(schema.serialize().to_pybytes()).decode(), tmp_path / "other.parquet")
    back = dzr.read(tmp_path / "other.parquet")
    assert back == table and back.schema == table.schema


@pytest.mark.parametrize(
    "kind,ours",
    [
        (pa.large_string(), pa.string()),
        (pa.string_view(), pa.string()),
        (pa.large_binary(), pa.binary()),
        (pa.dictionary(pa.int16(), pa.string()), pa.string()),
        (pa.decimal256(5, 2), pa.decimal128(5, 2)),
        (pa.decimal32(5, 2), pa.decimal128(5, 2)),
        (pa.date64(), pa.date32()),
        (pa.timestamp("s", "UTC"), pa.timestamp("ms", "UTC")),
        (pa.list_(pa.field("element", pa.int8()), 2), pa.list_(pa.field("element", pa.int8()))),
        (pa.large_list(pa.field("element", pa.int8())), pa.list_(pa.field("element", pa.int8()))),
    ],
)
def test_layouts_that_we_have_not_keep_their_notes(tmp_path, kind, ours):
    schema = pa.schema([pa.field("c", kind, metadata={"a": "b"})])
    pq.write_table(schema.empty_table(), tmp_path / "theirs.parquet")
    same(dzr.read(tmp_path / "theirs.parquet").schema, pa.schema([pa.field("c", ours, metadata={"a": "b"})]))


def test_metadata_of_columns_is_written(tmp_path):
    """As Thrift has it, for pyarrow shows none: two strings, fields 1 and 2."""
    entry = dzr.ColumnMetadata(1, dzr.Metadata(dzr.Bytes(b"unit", 4), dzr.Bytes(b"kg", 2)))
    table = pa.table({"a": [1, 2], "b": [3, 4]})
    dzr.write(table, tmp_path / "ours.parquet", column_metadata=dzr.c.pointer(entry), n_column_metadata=1)
    assert pq.read_table(tmp_path / "ours.parquet") == table
    assert b"\x18\x04unit\x18\x02kg" in (tmp_path / "ours.parquet").read_bytes()


def test_durations_are_numbers_of_their_unit_in_json(tmp_path):
    schema = pa.schema([("lasted", pa.duration("ms"))])
    table = pa.table({"lasted": pa.array([1500, None, -7], pa.int64()).cast(pa.duration("ms"))}, schema=schema)
    dzr.write_json_lines(table, tmp_path / "a.jsonl")
    assert (tmp_path / "a.jsonl").read_text() == '{"lasted":1500}\n{"lasted":null}\n{"lasted":-7}\n'
    assert dzr.read_json_lines(tmp_path / "a.jsonl", schema) == table


def test_durations_without_arrow_schema_are_integers(tmp_path):
    table = pa.table({"lasted": pa.array([1500, None, -7], pa.int64()).cast(pa.duration("ns"))})
    dzr.write(table, tmp_path / "with.parquet")
    dzr.write(table, tmp_path / "without.parquet", no_arrow_schema=True)
    assert pq.read_table(tmp_path / "with.parquet") == table == dzr.read(tmp_path / "with.parquet")
    assert polars.read_parquet(tmp_path / "with.parquet").schema["lasted"] == polars.Duration("ns")
    assert dzr.read(tmp_path / "without.parquet").schema.field("lasted").type == pa.int64()
    assert pq.read_metadata(tmp_path / "with.parquet").row_group(0).column(0).statistics.max == 1500
