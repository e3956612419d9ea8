"""The commands of the program over every valid file of apache/parquet-testing, held to what pyarrow and DuckDB read
there, or, where they do not read a file, to what other commands say of it."""

import csv
import html
import io
import json
import os
import pathlib
import subprocess

import corpus
import corpus_facts as facts
import duckdb
import pytest

PROGRAM = pathlib.Path(os.environ["DZR_BUILD"]) / "bin" / "datarizer"
FILES = [name for name in corpus.files() if name != facts.HUGE and name not in facts.WRONG_CRC]

pytestmark = pytest.mark.skipif(not FILES, reason=f"there is no {corpus.FOLDER} here")


def run(*arguments):
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout


def theirs(path):
    """The file as pyarrow reads it, or DuckDB where pyarrow does not; None when neither does."""
    for read in corpus.read_pyarrow, corpus.read_duckdb:
        table, _ = corpus.attempt(read, path)
        if table is not None:
            return table
    return None


@pytest.fixture(name="file", params=FILES, scope="module")
def file_fixture(request):
    return corpus.FOLDER / request.param


@pytest.fixture(name="lines", scope="module")
def lines_fixture(file):
    """The rows as JSON lines, by cat."""
    return run("cat", "--json", file).splitlines()


def test_count_and_cat_have_the_rows_that_others_read(file, lines):
    table = theirs(file)
    assert run("count", file) == f"{len(lines)}\n".encode()
    if table:
        assert len(lines) == corpus.n_rows(table)


def test_head_and_tail_are_the_ends_of_cat(file, lines):
    assert run("head", "--json", "-n", 3, file).splitlines() == lines[:3]
    assert run("tail", "--json", "-n", 3, file).splitlines() == lines[-3:]


def test_a_sample_is_drawn_from_the_rows_in_their_order(file, lines):
    rest = iter(lines)
    drawn = run("sample", "--json", "-n", 5, "--seed", 7, file).splitlines()
    assert len(drawn) == min(5, len(lines)) and all(line in rest for line in drawn)


def test_cat_as_csv_has_a_record_a_row(file, lines):
    text = run("cat", "--format", "csv", file).decode()
    records = list(csv.reader(io.StringIO(text, newline="")))
    assert len(records) == len(lines) + 1 and records[0] == [name for name, _, _ in corpus.read_datarizer(file)]


def test_duckdb_takes_the_table_and_what_it_reads_goes_in(file):
    statement = run("schema", "--as", "duckdb", file).decode()
    with duckdb.connect() as base:
        base.execute(statement)
        table = statement.split('"')[1]
        if corpus.attempt(corpus.read_duckdb, file)[0]:
            base.execute(f"insert into \"{table}\" select * from read_parquet('{file}')")


def test_it_does_not_differ_from_itself_nor_from_what_convert_makes_of_it(file, tmp_path):
    assert json.loads(run("diff", "--json", file, file))["n_different"] == 0
    run("convert", file, tmp_path / "a.parquet")
    assert json.loads(run("diff", "--json", file, tmp_path / "a.parquet"))["n_different"] == 0


def test_merged_with_itself_it_is_there_twice(file, tmp_path):
    run("merge", file, file, "-o", tmp_path / "a.parquet")
    once = corpus.read_datarizer(file)
    twice = [(name, kind, rows + rows) for name, kind, rows in once]
    assert corpus.difference(corpus.read_pyarrow(tmp_path / "a.parquet"), twice) == ""


def test_a_report_names_each_column(file, tmp_path):
    run("report", file, "-o", tmp_path / "a.html")
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert all(html.escape(name) in page for name, _, _ in corpus.read_datarizer(file))
