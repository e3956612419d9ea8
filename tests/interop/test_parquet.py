"""Parquet files: pyarrow, DuckDB, Polars and parquet-go read what we write, and we read what they write: what stands
around values, files of few rows, nested schemas drawn at random. The matrix (matrix.py) has every type
in every encoding."""

import datetime
import os
import random
import subprocess

import data
import duckdb
import dzr
import generate
import polars
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

CODECS = ["none", "snappy", "gzip", "zstd", "brotli", "lz4"]
SHAPES = [("some", True), ("none", False), ("none", True), ("all", True), ("runs", True)]


# ---- what we write ----


@pytest.mark.parametrize("nulls,nullable", SHAPES)
def test_pyarrow_reads_ours(tmp_path, nulls, nullable):
    table = data.table(3000, nulls, nullable)
    path = tmp_path / "a.parquet"
    dzr.write(table, path, batch_rows=700, row_group_rows=1100, page_rows=300)
    back = pq.read_table(path, page_checksum_verification=True)
    data.same(table, back)
    facts = pq.ParquetFile(path).metadata
    assert facts.created_by.startswith("datarizer version ")
    assert [facts.row_group(i).num_rows for i in range(facts.num_row_groups)] == [1100, 1100, 800]


@pytest.mark.parametrize("rows", [0, 1, 2, 7, 8, 9])
@pytest.mark.parametrize("nulls,nullable", SHAPES)
def test_pyarrow_reads_small_files(tmp_path, rows, nulls, nullable):
    table = data.table(rows, nulls, nullable)
    dzr.write(table, tmp_path / "a.parquet")
    data.same(table, pq.read_table(tmp_path / "a.parquet", page_checksum_verification=True))


def test_pyarrow_and_duckdb_see_what_stands_around_pages(tmp_path):
    path = tmp_path / "a.parquet"
    metadata = (dzr.Metadata * 2)(
        *(dzr.Metadata(dzr.Bytes(k, len(k)), dzr.Bytes(v, len(v))) for k, v in [(b"origin", b"here"), (b"empty", b"")])
    )
    sorting = (dzr.Sorting * 1)(dzr.Sorting(3, True, False))
    dzr.write(
        data.table(3000),
        path,
        page_rows=300,
        metadata=metadata,
        n_metadata=2,
        sorting=sorting,
        n_sorting=1,
        no_arrow_schema=True,
    )
    facts = pq.ParquetFile(path).metadata
    assert facts.metadata == {b"origin": b"here", b"empty": b""}
    assert facts.row_group(0).sorting_columns == (pq.SortingColumn(3, descending=True, nulls_first=False),)
    for i in range(facts.num_columns):
        assert facts.row_group(0).column(i).has_offset_index
        assert facts.row_group(0).column(i).has_column_index
    rows = duckdb.sql(f"select key, value from parquet_kv_metadata('{path}')").fetchall()
    assert rows == [(b"origin", b"here"), (b"empty", b"")]


@pytest.mark.parametrize(
    "options", [{"dictionary_bytes": -1}, {"dictionary_bytes": 100}, {"page_bytes": 200}, {"level": 3}]
)
def test_pyarrow_reads_every_choice(tmp_path, options):
    table = data.table(5000)
    dzr.write(table, tmp_path / "a.parquet", "zstd", **options)
    data.same(table, pq.read_table(tmp_path / "a.parquet", page_checksum_verification=True))


def test_statistics_say_what_pyarrow_computes(tmp_path):
    table = data.table(2000)
    dzr.write(table, tmp_path / "a.parquet")
    facts = pq.ParquetFile(tmp_path / "a.parquet").metadata.row_group(0)
    for i, field in enumerate(table.schema):
        column = table.column(i)
        stats = facts.column(i).statistics
        assert stats.null_count == column.null_count, field.name
        if pa.types.is_floating(field.type):
            assert (stats.min, stats.max) == (float("-inf"), float("inf")), field.name
        elif pa.types.is_integer(field.type) or pa.types.is_boolean(field.type):
            assert (stats.min, stats.max) == tuple(pc.min_max(column).as_py().values()), field.name
        elif pa.types.is_string(field.type) or pa.types.is_binary(field.type):
            values = [v.encode() if isinstance(v, str) else v for v in column.to_pylist() if v is not None]
            low, high = (v.encode() if isinstance(v, str) else v for v in (stats.min, stats.max))
            assert (low, high) == (min(values), max(values)), field.name


def test_columns_have_their_own_codecs(tmp_path):
    table = data.table(2000)
    path = tmp_path / "a.parquet"
    dzr.write(
        table,
        path,
        "zstd",
        columns={"i64": ("AUTO", "none"), "text": ("AUTO", "brotli"), "f64": ("BYTE_STREAM_SPLIT", "lz4")},
    )
    facts = pq.ParquetFile(path).metadata.row_group(0)
    codecs = {facts.column(i).path_in_schema: facts.column(i).compression for i in range(facts.num_columns)}
    assert (codecs["i64"], codecs["text"], codecs["f64"], codecs["u64"]) == ("UNCOMPRESSED", "BROTLI", "LZ4", "ZSTD")
    data.same(table, pq.read_table(path, page_checksum_verification=True))


# ---- nested: schemas made from seeds, up to four levels deep ----

SEEDS = int(os.environ.get("DZR_NESTED_SEEDS", "500"))


def leaf_paths(field, above=""):
    """The paths of a field's columns in the file, with their types."""
    path, kind = above + field.name, field.type
    if pa.types.is_struct(kind):
        return [leaf for i in range(kind.num_fields) for leaf in leaf_paths(kind.field(i), path + ".")]
    if pa.types.is_map(kind):
        return [
            leaf
            for child, name in ((kind.key_field, "key"), (kind.item_field, "value"))
            for leaf in leaf_paths(child.with_name(name), path + ".key_value.")
        ]
    if pa.types.is_list(kind):
        return leaf_paths(kind.value_field.with_name("element"), path + ".list.")
    return [(path, kind)]


def some_encodings(rng, schema):
    """About half of the columns get an encoding and a codec of their own."""
    chosen = {}
    for path, kind in (leaf for field in schema for leaf in leaf_paths(field)):
        if pa.types.is_string(kind) or pa.types.is_binary(kind):
            can = ["AUTO", "PLAIN", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"]
        elif pa.types.is_boolean(kind):
            can = ["AUTO", "PLAIN", "RLE"]
        else:
            can = ["AUTO", "PLAIN", "BYTE_STREAM_SPLIT"] + (
                [] if pa.types.is_floating(kind) else ["DELTA_BINARY_PACKED"]
            )
        if rng.random() < 0.5:
            chosen[path] = (rng.choice(can), rng.choice(CODECS))
    return chosen


def write_nested(table, path, seed, encodings=True):
    """Pages, row groups, dictionaries and batches of many sizes, encodings and page versions by turns."""
    rng = random.Random(seed)
    columns = some_encodings(rng, table.schema)
    dzr.write(
        table,
        path,
        rng.choice(CODECS),
        page_version=rng.choice([0, 1, 2]),
        columns=columns if encodings else None,
        batch_rows=rng.choice([1, 7, 100]),
        row_group_rows=rng.choice([3, 20, 1000]),
        page_rows=rng.choice([1, 5, 0]),
        page_bytes=rng.choice([50, 500, 0]),
        dictionary_bytes=rng.choice([-1, 30, 200, 0]),
    )


def seeds_by(n):
    return [range(first, min(first + n, SEEDS)) for first in range(0, SEEDS, n)]


@pytest.mark.parametrize("seeds", seeds_by(50), ids=str)
def test_pyarrow_reads_our_nested_files(tmp_path, seeds):
    path = tmp_path / "a.parquet"
    for seed in seeds:
        table = generate.table(seed)
        write_nested(table, path, seed)
        back = pq.read_table(path, page_checksum_verification=True)
        assert back.schema == table.schema, "seed %d" % seed
        assert back.to_pylist() == table.to_pylist(), "seed %d" % seed


def rounded(value):
    """Maps as lists of entries, however an engine shows them; instants without their zone's name."""
    if isinstance(value, dict):
        if set(value) == {"key", "value"}:
            return (rounded(value["key"]), rounded(value["value"]))
        return {k: rounded(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(v) for v in value] if isinstance(value, list) else tuple(rounded(v) for v in value)
    if hasattr(value, "tzinfo") and value.tzinfo is not None:
        return value.astimezone(datetime.timezone.utc).replace(tzinfo=None)
    return value


@pytest.mark.parametrize("seeds", seeds_by(50), ids=str)
def test_duckdb_reads_our_nested_files(tmp_path, seeds):
    path = tmp_path / "a.parquet"
    for seed in seeds:
        table = generate.table(seed)
        write_nested(table, path, seed)
        back = duckdb.sql("select * from read_parquet('%s')" % path).to_arrow_table()
        assert rounded(back.to_pylist()) == rounded(table.to_pylist()), "seed %d" % seed


@pytest.mark.parametrize("seeds", seeds_by(50), ids=str)
def test_polars_reads_our_nested_files(tmp_path, seeds):
    path = tmp_path / "a.parquet"
    for seed in seeds:
        table = generate.table(seed)
        # Polars 2.1 panics on a nested page without a value in a delta or split encoding, pyarrow's just the same
        write_nested(table, path, seed, encodings=False)
        back = polars.read_parquet(path).to_arrow()
        assert rounded(back.to_pylist()) == rounded(table.to_pylist()), "seed %d" % seed


def test_nested_statistics_count_nulls_as_levels(tmp_path):
    """A null or empty list counts as one value that is not there, as the format says."""
    table = pa.table({"l": pa.array([[1, None, 3], [], None, [7]], pa.list_(pa.field("element", pa.int32())))})
    path = tmp_path / "a.parquet"
    dzr.write(table, path)
    column = pq.ParquetFile(path).metadata.row_group(0).column(0)
    assert (column.path_in_schema, column.num_values) == ("l.list.element", 6)
    assert (column.statistics.null_count, column.statistics.min, column.statistics.max) == (3, 1, 7)


def chosen_nested(seed):
    """pyarrow's options, by turns."""
    rng = random.Random(seed)
    return dict(
        compression=rng.choice(CODECS),
        row_group_size=rng.choice([1, 3, 20, 1000]),
        data_page_size=rng.choice([1, 50, 500, 100000]),
        write_batch_size=rng.choice([1, 7, 1000]),
        use_dictionary=rng.choice([True, False]),
        data_page_version=rng.choice(["1.0", "2.0"]),
    )


def assert_reads(path, table, seed):
    back = dzr.read(path)
    back.validate(full=True)
    assert rounded(back.to_pylist()) == rounded(table.to_pylist()), "seed %d" % seed
    return back


@pytest.mark.parametrize("seeds", seeds_by(50), ids=str)
def test_we_read_nested_pyarrow_and_our_own(tmp_path, seeds):
    path = tmp_path / "a.parquet"
    for seed in seeds:
        table = generate.table(seed)
        pq.write_table(table, path, store_schema=False, **chosen_nested(seed))
        assert assert_reads(path, table, seed).schema == table.schema, "seed %d" % seed
        write_nested(table, path, seed)
        assert assert_reads(path, table, seed).schema == table.schema, "seed %d" % seed


def pruned(value, kind, path):
    """What is left of a value when only the column at the end of path is wanted."""
    if value is None or not path:
        return value
    if pa.types.is_struct(kind):
        return {path[0]: pruned(value[path[0]], kind.field(path[0]).type, path[1:])}
    if pa.types.is_map(kind):
        at, inner = (0, kind.key_type) if path[1] == "key" else (1, kind.item_type)
        return [{path[1]: pruned(entry[at], inner, path[2:])} for entry in value]
    return [pruned(element, kind.value_type, path[2:]) for element in value]


@pytest.mark.parametrize("seeds", seeds_by(50), ids=str)
def test_we_read_nested_columns_one_by_one(tmp_path, seeds):
    path = tmp_path / "a.parquet"
    for seed in seeds:
        table = generate.table(seed)
        pq.write_table(table, path, store_schema=False, **chosen_nested(seed))
        for column in range(pq.ParquetFile(path).metadata.num_columns):
            name, *rest = pq.ParquetFile(path).schema.column(column).path.split(".")
            want = [pruned(v, table.schema.field(name).type, rest) for v in table.column(name).to_pylist()]
            assert dzr.read(path, [column]).to_pylist() == [{name: v} for v in want], "seed %d" % seed


@pytest.mark.parametrize("seeds", seeds_by(50), ids=str)
def test_we_read_nested_duckdb_and_polars(tmp_path, seeds):
    path = tmp_path / "a.parquet"
    for seed in seeds:
        table = generate.table(seed)
        duckdb.from_arrow(table).write_parquet(str(path), row_group_size=2048)
        assert_reads(path, table, seed)
        polars.from_arrow(table).write_parquet(path, row_group_size=20, data_page_size=200)
        assert_reads(path, table, seed)


@pytest.mark.parametrize("seeds", [range(0, 25), range(25, 50)], ids=str)
def test_parquet_go_reads_our_nested_files_and_we_its_copies(tmp_path, seeds, parquet_go):
    for seed in seeds:
        table = generate.table(seed)
        write_nested(table, tmp_path / "a.parquet", seed)
        subprocess.run([parquet_go, "copy", tmp_path / "a.parquet", tmp_path / "b.parquet"], check=True)
        assert_reads(tmp_path / "b.parquet", table, seed)


# ---- what they write ----


def encodings_of(table, strings, numbers):
    """Columns by name: strings in one encoding, numbers in another, as far as they can."""
    chosen = {}
    for field in table.schema:
        if pa.types.is_string(field.type) or pa.types.is_binary(field.type):
            chosen[field.name] = strings
        elif pa.types.is_boolean(field.type):
            chosen[field.name] = "RLE"
        elif pa.types.is_decimal(field.type):
            continue  # wide ones are stored as bytes, which only some encodings take
        elif numbers != "DELTA_BINARY_PACKED" or not pa.types.is_floating(field.type):
            chosen[field.name] = numbers
    return chosen


@pytest.mark.parametrize("rows", [1, 2, 32, 33, 128, 129, 5000])
@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("nulls,nullable", SHAPES)
@pytest.mark.parametrize(
    "strings,numbers", [("DELTA_LENGTH_BYTE_ARRAY", "DELTA_BINARY_PACKED"), ("DELTA_BYTE_ARRAY", "BYTE_STREAM_SPLIT")]
)
def test_we_read_delta_and_split_encodings(tmp_path, rows, version, nulls, nullable, strings, numbers):
    table = data.table(rows, nulls, nullable)
    encodings = encodings_of(table, strings, numbers)
    path = tmp_path / "a.parquet"
    pq.write_table(
        table, path, use_dictionary=False, column_encoding=encodings, store_schema=False, data_page_version=version
    )
    data.same(table, dzr.read(path))


@pytest.mark.parametrize("rows", [0, 1, 2, 7, 8, 9])
@pytest.mark.parametrize("nulls,nullable", SHAPES)
def test_we_read_small_files(tmp_path, rows, nulls, nullable):
    table = data.table(rows, nulls, nullable)
    pq.write_table(table, tmp_path / "a.parquet", store_schema=False)
    data.same(table, dzr.read(tmp_path / "a.parquet"))


def test_we_read_the_columns_asked_for(tmp_path):
    table = data.table(1000)
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=300, store_schema=False)
    data.same(table.select([11, 0, 4]), dzr.read(tmp_path / "a.parquet", [11, 0, 4]))
