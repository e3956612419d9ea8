"""The program over every valid file of apache/parquet-testing: schema and head show it, convert rewrites it so that
pyarrow reads what we read from the original, and makes JSON lines of it, one a row."""

import os
import pathlib
import subprocess

import corpus
import corpus_facts as facts
import pytest

PROGRAM = pathlib.Path(os.environ["DZR_BUILD"]) / "bin" / "datarizer"
FILES = [name for name in corpus.files() if name != facts.HUGE and name not in facts.WRONG_CRC]

pytestmark = pytest.mark.skipif(not FILES, reason=f"there is no {corpus.FOLDER} here")


def run(*arguments):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, check=True).stdout


@pytest.mark.parametrize("name", FILES)
def test_it_is_shown(name):
    table = corpus.read_datarizer(corpus.FOLDER / name)
    shown = run("schema", corpus.FOLDER / name).decode()
    for column, _, _ in table:
        assert f"\n{column} " in shown
    assert len(run("head", "--json", corpus.FOLDER / name).splitlines()) == min(10, corpus.n_rows(table))


@pytest.mark.parametrize("encoding", ["compat", "auto"])
@pytest.mark.parametrize("name", FILES)
def test_it_is_rewritten(tmp_path, name, encoding):
    run("convert", "--encoding", encoding, "--codec", "zstd", corpus.FOLDER / name, tmp_path / "a.parquet")
    want = corpus.read_datarizer(corpus.FOLDER / name)
    assert corpus.difference(corpus.read_pyarrow(tmp_path / "a.parquet"), want) == ""
    assert corpus.difference(corpus.read_datarizer(tmp_path / "a.parquet"), want) == ""


@pytest.mark.parametrize("name", FILES)
def test_it_becomes_json_lines(tmp_path, name):
    run("convert", corpus.FOLDER / name, tmp_path / "a.jsonl")
    rows = corpus.n_rows(corpus.read_datarizer(corpus.FOLDER / name))
    assert len((tmp_path / "a.jsonl").read_bytes().splitlines()) == rows
