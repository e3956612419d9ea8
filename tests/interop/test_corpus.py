"""Every valid file of apache/parquet-testing gives what other engines and its own _expect.csv say, value by value; every bad
one a clear error. corpus_facts.py names who does not read what; docs/parquet-corpus.md shows it."""

import pytest

import corpus
import corpus_facts as facts
import corpus_page
import dzr

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


@pytest.mark.parametrize("name", sorted(facts.REFUSED))
def test_a_bad_file_is_a_clear_error(name):
    assert facts.REFUSED[name][1] in corpus.refusal(name)


def test_the_page_in_docs_is_what_is_found(computed):
    found, committed = (corpus_page.without_versions(text) for text in (computed[0], corpus_page.PAGE.read_text()))
    assert found == committed, "tests/interop/corpus_page.py --write writes it"
