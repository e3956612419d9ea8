"""The matrix, read here: pyarrow, DuckDB, Polars and parquet-go write every combination they can."""
import pytest

import matrix
import peers



def check(engine, path, file, columns, found):
    """Adds to what is found already how we read the others, and whether the file is what was asked for."""
    facts = matrix.facts(path, file, columns)
    for column, message in peers.compare(engine, "writes", peers.read_ours, path, file, columns).items():
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
    answer = go.ask(**{"do": "write", "from": str(models(file)), "file": str(path), "codec": file.codec,
                       "pages": file.pages, "columns": columns})
    assert "*" not in answer, answer["*"]
    check("parquet-go", path, file, columns, {})


def test_every_skip_is_needed_and_nothing_was_left_out():
    asked = {engine: sum(len(peers.columns_of(engine, file, i % 3)) for i, file in enumerate(matrix.FILES))
             for engine in peers.WRITERS}
    asked["parquet-go"] = sum(len(matrix.columns_of(file.nulls)) for file in matrix.FILES)
    peers.assert_whole("writes", asked)
