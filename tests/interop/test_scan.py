"""Scans of files that pyarrow wrote, given out as Arrow streams: ranges of rows are slices of the whole."""

import random

import data
import dzr
import pyarrow as pa
import pyarrow.parquet as pq
import pytest


def nested(n, seed=3):
    rng = random.Random(seed)

    def texts(most):
        return None if rng.random() < 0.1 else ["x" * rng.randrange(30) for _ in range(rng.randrange(most))]

    return pa.table(
        {
            "id": pa.array(range(n), pa.int64()),
            "tags": pa.array([texts(6) for _ in range(n)], pa.list_(pa.string())),
            "deep": pa.array(
                [
                    [
                        (
                            "k%d" % i,
                            [
                                {"a": rng.randrange(99), "b": None if rng.random() < 0.3 else "v"}
                                for _ in range(rng.randrange(4))
                            ],
                        )
                        for i in range(rng.randrange(3))
                    ]
                    for _ in range(n)
                ],
                pa.map_(pa.string(), pa.list_(pa.struct([("a", pa.int32()), ("b", pa.string())]))),
            ),
        }
    )


def whole(path, **options):
    schema, batches = dzr.scan(path, **options)
    return dzr.plain(pa.Table.from_batches(batches, schema=schema))


LAYOUTS = [
    {"data_page_size": 300, "use_dictionary": False},  # pages begin inside rows
    {"data_page_size": 300, "write_page_index": True},
    {"data_page_size": 500, "data_page_version": "2.0", "compression": "zstd"},
    {"data_page_size": 200, "write_page_index": True, "data_page_version": "2.0", "use_dictionary": False},
    {"data_page_size": 1000, "dictionary_pagesize_limit": 200},
]


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
@pytest.mark.parametrize("make", [nested, data.table], ids=["nested", "flat"])
def test_a_range_of_rows_is_a_slice_of_the_whole(tmp_path, make, layout):
    table = make(2000)
    path = tmp_path / "a.parquet"
    pq.write_table(table, path, row_group_size=900, write_batch_size=64, **layout)
    want = dzr.read(path)
    data.same(want, whole(path, batch_rows=333))
    rng = random.Random(8)
    for _ in range(30):
        first, n = rng.randrange(2000), rng.randrange(1, 1200)
        got = whole(path, first_row=first, n_rows=n, batch_rows=rng.randrange(1, 500))
        data.same(want.slice(first, n), got)


def test_batches_have_the_size_asked_for(tmp_path):
    pq.write_table(nested(1000), tmp_path / "a.parquet", row_group_size=300)
    _, batches = dzr.scan(tmp_path / "a.parquet", batch_rows=128)
    assert [b.num_rows for b in batches] == [128] * 7 + [104]


def test_row_groups_and_leaves_are_chosen_by_number(tmp_path):
    table = nested(1000)
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=300)
    got = whole(tmp_path / "a.parquet", row_groups=[2, 0], columns=[0, 4])
    assert got.column("id").to_pylist() == [*range(600, 900), *range(300)]
    deep = table.column("deep").to_pylist()
    want = [[[{"b": s["b"]} for s in v] for _, v in deep[i]] for i in [*range(600, 900), *range(300)]]
    assert [[pair["value"] for pair in row] for row in got.column("deep").to_pylist()] == want


def test_a_failure_has_our_words_in_pyarrow(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(
        pa.table({"x": pa.array(range(100000), pa.int64())}),
        path,
        use_dictionary=False,
        compression="none",
        write_page_checksum=True,
    )
    raw = bytearray(path.read_bytes())
    raw[300] ^= 1
    path.write_bytes(raw)
    with pytest.raises(OSError, match='row group 0, column "x", byte 4: page has CRC'):
        dzr.scan(path)


def test_a_budget_names_itself(tmp_path):
    pq.write_table(nested(5000), tmp_path / "a.parquet", data_page_size=1000)
    data.same(dzr.read(tmp_path / "a.parquet"), whole(tmp_path / "a.parquet", memory=50 << 20))
    with pytest.raises(OSError, match='column ".*memory budget of 300000 bytes does not allow: raise `memory`'):
        dzr.scan(tmp_path / "a.parquet", memory=300000)


def test_streams_of_pyarrow_come_in():
    table = nested(1000)
    batches = dzr.from_stream(table.to_reader(max_chunksize=130))
    assert [b.num_rows for b in batches] == [130] * 7 + [90]
    data.same(table, dzr.plain(pa.Table.from_batches(batches)))
    assert dzr.from_stream(table.slice(0, 0).to_reader()) == []


def broken():
    yield pa.record_batch({"x": [1]})
    raise ValueError("no more of this")


def test_a_stream_that_fails_says_so():
    with pytest.raises(dzr.DzrError, match="Arrow stream: .*no more of this"):
        dzr.from_stream(pa.RecordBatchReader.from_batches(pa.schema({"x": pa.int64()}), broken()))


CODED = [
    {},
    {"use_dictionary": False},
    {"dictionary_pagesize_limit": 500, "data_page_size": 400},  # falls back in the middle
    {"data_page_version": "2.0", "compression": "zstd", "dictionary_pagesize_limit": 2000, "data_page_size": 900},
    {"use_dictionary": False, "column_encoding": {"few": "DELTA_BYTE_ARRAY", "many": "DELTA_LENGTH_BYTE_ARRAY"}},
]


@pytest.mark.parametrize("layout", CODED, ids=str)
def test_columns_come_as_codes_whatever_the_file_has(tmp_path, layout):
    rng = random.Random(4)
    table = pa.table(
        {
            "few": pa.array([rng.choice([None, "a", "a word of more than twelve bytes", ""]) for _ in range(3000)]),
            "many": pa.array(["value %d" % rng.randrange(2000) for _ in range(3000)]),
            "n": pa.array([rng.randrange(50) for _ in range(3000)], pa.int16()),
            "tags": pa.array([["t%d" % rng.randrange(9)] * rng.randrange(4) for _ in range(3000)]),
        }
    )
    path = tmp_path / "a.parquet"
    pq.write_table(table, path, row_group_size=1300, write_batch_size=64, **layout)
    for batch_rows in (100, 700, 3000):
        schema, batches = dzr.scan(path, dictionaries=[0, 1, 2, 3], batch_rows=batch_rows)
        assert all(pa.types.is_dictionary(schema.field(i).type) for i in range(3))
        assert schema.field("n").type == pa.dictionary(pa.int32(), pa.int16())
        assert pa.types.is_dictionary(schema.field("tags").type.value_type)
        for batch in batches:
            batch.validate(full=True)
        for name in table.column_names:
            assert [v for b in batches for v in b.column(name).to_pylist()] == table.column(name).to_pylist()
        assert max(len(b.column("few").dictionary) for b in batches) <= 6  # two row groups' values, three each
