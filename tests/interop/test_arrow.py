"""Batches shared in memory through the Arrow C Data Interface."""

import data
import dzr
import generate
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import values


@pytest.mark.parametrize("nulls", ["none", "all", "runs", "some"])
@pytest.mark.parametrize("rows", [0, 1, 8, 1000])
def test_pyarrow_batches_come_in_and_go_out(rows, nulls):
    table = data.table(rows, nulls)
    for record_batch in table.to_batches():
        batch = dzr.to_batch(record_batch)
        back = dzr.from_batch(batch)
        dzr.free_batch(batch)
        back.validate(full=True)
        data.same(pa.Table.from_batches([record_batch]), dzr.plain(pa.Table.from_batches([back])))


@pytest.mark.parametrize("first", [0, 1, 7, 8, 13])
def test_slices_come_in_by_their_offset(first):
    record_batch = data.table(100).to_batches()[0].slice(first, 80)
    batch = dzr.to_batch(record_batch)
    back = dzr.from_batch(batch)
    dzr.free_batch(batch)
    data.same(pa.Table.from_batches([record_batch]), dzr.plain(pa.Table.from_batches([back])))


@pytest.mark.parametrize("kind", [pa.large_string(), pa.string_view(), pa.string()])
def test_every_layout_of_strings_comes_in(kind):
    texts = pa.array(["", None, "short", "longer than twelve bytes", "x" * 1000], kind)
    batch = dzr.to_batch(pa.RecordBatch.from_arrays([texts], ["text"]))
    back = dzr.from_batch(batch)
    dzr.free_batch(batch)
    assert back.column(0).to_pylist() == texts.to_pylist()


def test_a_type_without_a_column_here_is_refused_by_name():
    record_batch = pa.RecordBatch.from_arrays([pa.array([(1, 2, 3)], pa.month_day_nano_interval())], ["items"])
    with pytest.raises(dzr.DzrError, match='column "items" has the Arrow format "tin"'):
        dzr.to_batch(record_batch)


def test_polars_and_duckdb_read_our_batches():
    import duckdb
    import polars

    batch = dzr.to_batch(data.table(500).select(["i64", "text", "flag"]).to_batches()[0])
    ours = dzr.from_batch(batch)
    dzr.free_batch(batch)
    want = data.table(500).select(["i64", "text", "flag"]).to_pylist()
    assert polars.from_arrow(ours).to_dicts() == want
    shared = pa.Table.from_batches([ours])  # noqa: F841 DuckDB finds it by this name
    assert duckdb.sql("select * from shared").to_arrow_table().to_pylist() == want


@pytest.mark.parametrize("seed", range(300))
def test_nested_batches_come_in_and_go_out(seed):
    table = generate.table(seed)
    record_batch = (
        table.combine_chunks().to_batches()[0]
        if table.num_rows
        else pa.RecordBatch.from_pylist([], schema=table.schema)
    )
    first = seed % 3 if table.num_rows > 3 else 0
    record_batch = record_batch.slice(first)
    batch = dzr.to_batch(record_batch)
    back = dzr.from_batch(batch)
    dzr.free_batch(batch)
    back.validate(full=True)
    back = dzr.plain(pa.Table.from_batches([back]))
    assert back.schema == table.schema, "seed %d" % seed
    assert back.to_pylist() == record_batch.to_pylist(), "seed %d" % seed


@pytest.mark.parametrize("rows,nulls", [(0, 0), (1, 0), (300, 0), (300, 0.3), (300, 1)])
def test_less_common_types_come_in_and_go_out(rows, nulls):
    table = values.table(rows, nulls).append_column("nothing", pa.nulls(rows))
    for first in (0, 1, 7):
        record_batch = (table.combine_chunks().to_batches() or [pa.RecordBatch.from_pylist([], schema=table.schema)])[0]
        record_batch = record_batch.slice(min(first, rows))
        batch = dzr.to_batch(record_batch)
        back = dzr.from_batch(batch)
        dzr.free_batch(batch)
        back.validate(full=True)
        values.same(record_batch, back)


def test_seconds_become_milliseconds():
    record_batch = pa.RecordBatch.from_arrays([pa.array([1, None, 86399], pa.int32()).cast(pa.time32("s"))], ["at"])
    batch = dzr.to_batch(record_batch)
    back = dzr.from_batch(batch)
    dzr.free_batch(batch)
    assert back.column(0).type == pa.time32("ms")
    assert back.column(0).to_pylist() == record_batch.column(0).to_pylist()


def test_zones_and_metadata_come_in_and_go_out():
    zone = pa.timestamp("us", tz="Europe/Berlin")
    schema = pa.schema(
        [
            pa.field("weight", pa.float64(), metadata={"unit": "kg", "empty": ""}),
            pa.field("at", zone, metadata={"PARQUET:field_id": "7"}),
            pa.field("utc", pa.timestamp("ns", tz="UTC"), nullable=False),
            pa.field("times", pa.list_(pa.field("item", pa.timestamp("ms", tz="+02:00"), metadata={"deep": "yes"}))),
            pa.field("note", pa.json_(pa.string_view()), metadata={"a": "b"}),
            pa.field("id", pa.uuid(), metadata={"c": "d"}),
            pa.field("lasted", pa.duration("ms"), metadata={"e": "f"}),
        ]
    )
    batch = dzr.to_batch(pa.RecordBatch.from_pylist([], schema=schema))
    back = dzr.from_batch(batch)
    dzr.free_batch(batch)
    assert back.schema.equals(schema, check_metadata=True), back.schema.to_string(show_field_metadata=True)


DICTIONARIES = [
    pa.array(["a", "b", None, "a", "a long word of many bytes"]).dictionary_encode(),
    pa.DictionaryArray.from_arrays(pa.array([0, 1, None, 1], pa.int8()), pa.array(["x", "y"])),
    pa.DictionaryArray.from_arrays(pa.array([1, 0, 1], pa.uint64()), pa.array([1.5, -0.0])),
    pa.DictionaryArray.from_arrays(pa.array([1, 0, 1], pa.int32()), pa.array([b"x", b""], pa.large_binary())),
    pa.DictionaryArray.from_arrays(pa.array([None, 0], pa.int16()), pa.array([19000], pa.date32())),
    pa.DictionaryArray.from_arrays(pa.array([5, 2, 2, None, 0], pa.int64()), pa.array(list("abcdef"))).slice(1, 3),
]


@pytest.mark.parametrize("array", DICTIONARIES, ids=lambda a: str(a.type))
def test_dictionaries_go_through(array):
    batch = dzr.to_batch(
        pa.record_batch({"d": array, "l": pa.ListArray.from_arrays([0, *[len(array)] * len(array)], array)})
    )
    try:
        back = dzr.from_batch(batch)
    finally:
        dzr.free_batch(batch)
    assert pa.types.is_dictionary(back.column("d").type) and back.column("d").type.index_type == pa.int32()
    assert back.column("d").to_pylist() == array.to_pylist()
    assert back.column("l").to_pylist() == pa.ListArray.from_arrays([0, *[len(array)] * len(array)], array).to_pylist()


@pytest.mark.parametrize("array", DICTIONARIES, ids=lambda a: str(a.type))
def test_dictionaries_are_written(tmp_path, array):
    table = pa.table({"d": array, "n": range(len(array))})
    dzr.write(table, tmp_path / "a.parquet")
    assert pq.read_table(tmp_path / "a.parquet").column("d").to_pylist() == array.to_pylist()


def test_a_dictionary_with_null_in_it_is_refused():
    array = pa.DictionaryArray.from_arrays(pa.array([0, 1]), pa.array(["x", None]))
    with pytest.raises(dzr.DzrError, match='column "d" is declared without nulls and has 1'):
        dzr.to_batch(pa.record_batch({"d": array}))
