"""The matrix, written here: every combination is read by pyarrow, DuckDB, Polars, parquet-go and ourselves."""

import dzr
import matrix
import peers
import pytest

ENGINES = ["datarizer", "datarizer in batches"] + list(peers.READERS) + ["parquet-go"]
# Pages, row groups, dictionaries and batches of several sizes, by turns. Flat files of the first have three row groups
# of three pages each, dictionaries that fall back to PLAIN in the first page or later.
TURNS = [
    dict(row_group_rows=250, page_rows=90, dictionary_bytes=1000),
    dict(page_bytes=500, dictionary_bytes=3000, batch_rows=77, threads=2),
    dict(row_group_rows=100, page_bytes=4000, no_arrow_schema=True),
]


def columns_of(file):
    return matrix.columns_of(file.nulls)


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    """Writes a file once; gives its path."""
    folder, written = tmp_path_factory.mktemp("ours"), set()

    def write(file):
        path = folder / ("%s_%s_%s_%s.parquet" % file)
        if file not in written:
            columns = columns_of(file)
            encodings = {matrix.path_of(matrix.name_of(c), file.nesting): (c.encoding, file.codec) for c in columns}
            dzr.write(
                matrix.table_of(file.nulls, file.nesting, columns),
                path,
                file.codec,
                page_version=file.pages,
                columns=encodings,
                **TURNS[matrix.FILES.index(file) % len(TURNS)]
            )
            written.add(file)
        return path

    return write


def check(engine, file, found):
    wrong = peers.TALLY.take(engine, "reads", file, found)
    assert not wrong, "%s, %s:\n%s" % (engine, file, "\n".join("%s: %s" % each for each in wrong.items()))


@pytest.mark.parametrize("file", matrix.FILES, ids=str)
def test_files_have_what_was_asked_for(ours, file):
    """The others are not shown something easier."""
    assert not any(matrix.facts(ours(file), file, columns_of(file)).values())


@pytest.mark.parametrize("file", matrix.FILES, ids=str)
def test_we_read_ours(ours, file):
    check("datarizer", file, peers.compare("datarizer", "reads", peers.read_ours, ours(file), file, columns_of(file)))


@pytest.mark.parametrize("file", matrix.FILES, ids=str)
def test_we_read_ours_in_batches(ours, file):
    engine = "datarizer in batches"
    check(engine, file, peers.compare(engine, "reads", peers.scan_ours, ours(file), file, columns_of(file)))


@pytest.mark.parametrize("engine", peers.READERS)
@pytest.mark.parametrize("file", matrix.FILES, ids=str)
def test_others_read_ours(ours, file, engine):
    check(engine, file, peers.compare(engine, "reads", peers.READERS[engine], ours(file), file, columns_of(file)))


@pytest.mark.parametrize("file", matrix.FILES, ids=str)
def test_parquet_go_reads_ours(ours, file, go, models):
    check("parquet-go", file, go.compare(ours(file), models(file), columns_of(file)))


def test_every_skip_is_needed_and_nothing_was_left_out():
    peers.assert_whole("reads", dict.fromkeys(ENGINES, sum(len(columns_of(file)) for file in matrix.FILES)))
