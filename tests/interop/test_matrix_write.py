"""The matrix, written here: every combination is read by pyarrow, DuckDB, Polars, parquet-go and ourselves."""
import pytest
import pyarrow.parquet as pq

import dzr
import matrix
import peers

ENGINES = ["datarizer"] + list(peers.READERS) + ["parquet-go"]
# Pages, row groups, dictionaries and batches of several sizes, by turns. Flat files of the first have three row groups of
# three pages each, dictionaries that fall back to PLAIN in the first page or later.
TURNS = [
    dict(row_group_rows=250, page_rows=90, dictionary_bytes=1000),
    dict(page_bytes=500, dictionary_bytes=3000, batch_rows=77),
    dict(row_group_rows=100, page_bytes=4000),
]


def columns_of(file):
    return [c for c in matrix.columns_of(file.nulls) if c.type not in matrix.NOT_WRITTEN and can(c)]


def can(column):
    physical = matrix.TYPES[column.type][1]
    return physical != "FIXED" or column.encoding in ("AUTO", "PLAIN")


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    """Writes a file once; gives its path."""
    folder, written = tmp_path_factory.mktemp("ours"), set()

    def write(file):
        path = folder / ("%s_%s_%s_%s.parquet" % file)
        if file not in written:
            columns = columns_of(file)
            encodings = {matrix.path_of(matrix.name_of(c), file.nesting): (c.encoding, file.codec) for c in columns}
            dzr.write(matrix.table_of(file.nulls, file.nesting, columns), path, file.codec, page_version=file.pages,
                      columns=encodings, **TURNS[matrix.FILES.index(file) % len(TURNS)])
            written.add(file)
        return path

    return write


@pytest.fixture(scope="module")
def go(parquet_go):
    process = peers.ParquetGo(parquet_go)
    yield process
    process.close()


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """The file parquet-go compares with."""
    folder, written = tmp_path_factory.mktemp("models"), set()

    def write(file):
        path = folder / ("%s_%s.parquet" % (file.nulls, file.nesting))
        if path not in written:
            peers.write_model(path, file.nulls, file.nesting)
            written.add(path)
        return path

    return write


def check(engine, file, found):
    wrong = peers.TALLY.take(engine, "reads", file, found)
    assert not wrong, "%s, %s:\n%s" % (engine, file, "\n".join("%s: %s" % each for each in wrong.items()))


@pytest.mark.parametrize("file", matrix.FILES, ids=str)
def test_files_have_what_was_asked_for(ours, file):
    """Encodings, codec and nullability are in the file: the others are not shown something easier."""
    facts = pq.ParquetFile(ours(file))
    columns = {matrix.path_of(matrix.name_of(c), file.nesting): c for c in columns_of(file)}
    for i in range(facts.metadata.num_columns):
        chunk = facts.metadata.row_group(0).column(i)
        column = columns.get(chunk.path_in_schema)
        if column is None:
            assert file.nesting == "map" and chunk.path_in_schema.endswith(".key")
            continue
        assert chunk.compression == {"none": "UNCOMPRESSED"}.get(file.codec, file.codec.upper())
        if column.encoding != "AUTO":
            assert column.encoding in chunk.encodings, column
        required = file.nulls == "required"
        assert facts.schema.column(i).max_definition_level == {
            "flat": 1, "struct": 2, "list": 3, "map": 3, "deep": 6}[file.nesting] - (
                0 if not required else {"flat": 1, "struct": 2, "list": 2, "map": 2, "deep": 4}[file.nesting])


@pytest.mark.parametrize("file", matrix.FILES, ids=str)
def test_we_read_ours(ours, file):
    check("datarizer", file, peers.compare(lambda path, names=None: dzr.read(path), ours(file), file, columns_of(file)))


@pytest.mark.parametrize("engine", peers.READERS)
@pytest.mark.parametrize("file", matrix.FILES, ids=str)
def test_others_read_ours(ours, file, engine):
    check(engine, file, peers.compare(peers.READERS[engine], ours(file), file, columns_of(file)))


@pytest.mark.parametrize("file", matrix.FILES, ids=str)
def test_parquet_go_reads_ours(ours, file, go, models):
    check("parquet-go", file, go.compare(ours(file), models(file), columns_of(file)))


def test_every_skip_is_needed_and_nothing_was_left_out():
    """After a whole run only: each engine was asked for every combination, and no excuse is stale."""
    tried = [engine for engine in ENGINES if peers.TALLY.files["reads", engine] == len(matrix.FILES)]
    if not tried or len(matrix.FILES) < 100:
        pytest.skip("not the whole matrix")
    combinations = sum(len(columns_of(file)) for file in matrix.FILES)
    for engine in tried:
        skipped = sum(peers.TALLY.skipped["reads", engine].values())
        assert peers.TALLY.equal["reads", engine] + skipped == combinations, engine
    assert peers.unneeded("reads", tried) == []
