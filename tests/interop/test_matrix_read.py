"""The matrix, read here: pyarrow, DuckDB, Polars and parquet-go write every combination they can."""

import matrix
import peers
import pyarrow.parquet as pq
import pytest


def check(engine, path, file, columns, found):
    """Adds to what is found already how we read the others, and whether the file is what was asked for."""
    facts = matrix.facts(path, file, columns)
    read = peers.scan_ours if matrix.FILES.index(file) % 2 else peers.read_ours
    for column, message in peers.compare(engine, "writes", read, path, file, columns).items():
        found[column] = message or facts[column]
    wrong = peers.TALLY.take(engine, "writes", file, found)
    assert not wrong, "%s, %s:\n%s" % (engine, file, "\n".join("%s: %s" % each for each in wrong.items()))


@pytest.mark.parametrize("engine", peers.WRITERS)
@pytest.mark.parametrize("file", matrix.FILES, ids=str)
def test_we_read_others(tmp_path, file, engine):
    path = tmp_path / "a.parquet"
    turn = matrix.FILES.index(file) % 3
    columns = peers.columns_of(engine, file, turn)
    if peers.TALLY.leave_out(engine, "writes", file, columns):
        pytest.skip("it writes no such files")
    columns, refused = peers.write(engine, path, file, columns, turn)
    check(engine, path, file, columns, refused)


@pytest.mark.parametrize("file", matrix.FILES, ids=str)
def test_we_read_parquet_go(tmp_path, file, go, models):
    path = tmp_path / "a.parquet"
    columns = matrix.columns_of(file.nulls)
    answer = go.ask(
        **{
            "do": "write",
            "from": str(models(file)),
            "file": str(path),
            "codec": file.codec,
            "pages": file.pages,
            "columns": columns,
        }
    )
    assert "*" not in answer, answer["*"]
    check("parquet-go", path, file, columns, {})


NANOSECONDS = ("time_ns", "timestamp_ns_local", "timestamp_ns_utc")
OTHER_OPTIONS = [  # of pyarrow's writer, with the types whose values they change
    (dict(version="1.0"), NANOSECONDS),
    (dict(version="2.4"), NANOSECONDS),
    (dict(use_deprecated_int96_timestamps=True), NANOSECONDS),
    (dict(flavor="spark"), NANOSECONDS),
    (dict(coerce_timestamps="us"), NANOSECONDS),
    (dict(write_time_adjusted_to_utc=True), ()),
    (dict(use_compliant_nested_type=False), ()),
    (dict(write_statistics=False), ()),
    (dict(max_rows_per_page=7), ()),
    (dict(use_content_defined_chunking={"min_chunk_size": 256, "max_chunk_size": 1024}), ()),
    (dict(store_schema=True), ()),
]


@pytest.mark.parametrize("options,without", OTHER_OPTIONS, ids=str)
@pytest.mark.parametrize("nesting", matrix.NESTINGS)
@pytest.mark.parametrize("nulls", ["required", "some"])
def test_we_read_what_else_pyarrow_can_write(tmp_path, nulls, nesting, options, without):
    file = matrix.File("zstd", 1, nulls, nesting)
    columns = [c for c in matrix.columns_of(nulls) if c.encoding == "AUTO" and c.type not in without]
    path = tmp_path / "a.parquet"
    table = matrix.table_of(nulls, nesting, columns)
    pq.write_table(
        table, path, compression="zstd", row_group_size=250, data_page_size=500, **{"store_schema": False, **options}
    )
    found = peers.compare("its other options", "writes", peers.read_ours, path, file, columns)
    assert not any(found.values()), {column: message for column, message in found.items() if message}


def test_every_skip_is_needed_and_nothing_was_left_out():
    asked = {
        engine: sum(len(peers.columns_of(engine, file, i % 3)) for i, file in enumerate(matrix.FILES))
        for engine in peers.WRITERS
    }
    asked["parquet-go"] = sum(len(matrix.columns_of(file.nulls)) for file in matrix.FILES)
    peers.assert_whole("writes", asked)
