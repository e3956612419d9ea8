"""Every valid file of apache/parquet-testing gives what other engines and its own _expect.csv say, value by value;
every bad one a clear error. corpus_facts.py names who does not read what; docs/parquet-corpus.md shows it."""

import os
import pathlib
import subprocess
import sys

import corpus
import corpus_facts as facts
import corpus_page
import dzr
import pytest

HERE = pathlib.Path(__file__).parent

pytestmark = pytest.mark.skipif(not corpus.FOLDER.exists(), reason=f"there is no {corpus.FOLDER} here")


@pytest.fixture(scope="module")
def computed(parquet_go):
    return corpus_page.compute(parquet_go)


def test_every_file_is_read_as_the_other_engines_read_it(computed):
    wrong = []
    for name, (_, outcomes) in computed[1].items():
        for engine, (outcome, detail) in outcomes.items():
            want, part, _ = facts.EXCEPTIONS.get((name, engine), ("equal", "", ""))
            if outcome != want or part not in detail:
                wrong.append(f"{name}: {engine} {outcome}, {detail}")
        if sum(outcome == "equal" for outcome, _ in outcomes.values()) < 2:
            wrong.append(f"{name}: no two engines agree with us")
    assert not wrong, "\n".join(wrong)


def test_every_file_is_known(computed):
    assert facts.SPECIAL.keys() == set(corpus.files())
    assert {name for name, _ in facts.EXCEPTIONS} <= facts.SPECIAL.keys()


@pytest.mark.parametrize("name", ["delta_binary_packed", "delta_byte_array", "delta_encoding_optional_column"])
def test_values_are_those_of_the_csv_beside_the_file(name):
    expected = corpus.expected(f"data/{name}.parquet")
    ours = corpus.read_datarizer(corpus.FOLDER / f"data/{name}.parquet")
    assert [column.strip() for column in expected] == [column.strip() for column, _, _ in ours]
    for (column, _, got), want in zip(ours, expected.values()):
        written = ["" if v is None else v.decode() if isinstance(v, bytes) else str(v) for v in got]
        assert written == want, column


@pytest.mark.parametrize("name", sorted(facts.WRONG_CRC))
def test_a_wrong_crc_is_an_error(name):
    with pytest.raises(dzr.DzrError, match="byte 4: page has CRC"):
        corpus.read_datarizer(corpus.FOLDER / name)


@pytest.mark.skipif("DZR_HUGE" not in os.environ, reason="4 GiB and minutes: DZR_HUGE=1 runs it")
@pytest.mark.parametrize("engine", ["pyarrow", "DuckDB", "Polars"])
def test_who_reads_two_strings_of_1_gib(engine):
    """Ours are read by tests/tools/test_corpus_bounds.py."""
    done = subprocess.run([sys.executable, HERE / "corpus_huge.py", engine], capture_output=True, text=True)
    _, part, _ = facts.EXCEPTIONS.get((facts.HUGE, engine), ("equal", "", ""))
    assert (done.returncode == 0) == (part == "")
    assert part in done.stderr


@pytest.mark.skipif("DZR_HUGE" not in os.environ, reason="a minute and more: DZR_HUGE=1 runs it")
def test_parquet_go_reads_two_strings_of_1_gib(parquet_go):
    with subprocess.Popen([parquet_go, "dump", corpus.FOLDER / facts.HUGE], stdout=subprocess.PIPE) as program:
        for before in (b'["', b'","'):  # hexadecimal digits of "a"
            assert program.stdout.read(len(before)) == before
            for _ in range(1 << 10):
                assert program.stdout.read(2 << 20) == b"61" * (1 << 20)
        assert program.stdout.read() == b'"]\n[1,1]\n'
    assert program.returncode == 0


@pytest.mark.parametrize("name", sorted(facts.REFUSED))
def test_a_bad_file_is_a_clear_error(name):
    assert facts.REFUSED[name][1] in corpus.refusal(name)


@pytest.mark.parametrize("path", corpus.encrypted(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_an_encrypted_file_is_refused_by_name(path):
    with pytest.raises(dzr.DzrError, match=r"its footer is encrypted$|row group 0, column \"\w+\": is encrypted$"):
        corpus.read_datarizer(path)


def test_shredded_variants_are_read_as_they_are_stored():
    gaps = {
        path.name: corpus.difference(corpus.read_datarizer(path), corpus.read_pyarrow(path))
        for path in corpus.variants()
    }
    assert len(gaps) > 100
    assert {name: gap for name, gap in gaps.items() if gap} == {}


def test_the_page_in_docs_is_what_is_found(computed):
    found, committed = (corpus_page.without_versions(text) for text in (computed[0], corpus_page.PAGE.read_text()))
    assert found == committed, "tests/interop/corpus_page.py --write writes it"
