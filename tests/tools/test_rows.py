"""`datarizer tail`, `sample`, `cat`, `count`: which rows they print of which file, compared with pyarrow and DuckDB."""

import collections
import json
import pathlib
import subprocess

import duckdb
import pyarrow.parquet as pq
import pytest
from program import PROGRAM, run

CORPUS = pathlib.Path(__file__).parents[3] / "shared" / "parquet-testing" / "data"
ROWS = 5000


def rows(*arguments, cwd, stdin=""):
    status, out, err = run(*arguments, "--json", cwd=cwd, stdin=stdin)
    assert (status, err) == (0, "")
    return [json.loads(line) for line in out.splitlines()]


def record(i):
    return {"n": i, "t": f"x{i}" if i % 3 else None, "l": list(range(i % 4)), "s": {"a": i / 2, "b": i % 2 == 0}}


@pytest.fixture(name="folder", scope="module")
def folder_fixture(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rows")
    lines = "".join(json.dumps(record(i)) + "\n" for i in range(ROWS))
    (folder / "n.jsonl").write_text("\ufeff" + lines + "\n  \n", encoding="utf-8")
    assert run("convert", "--row-group-rows", 1200, "n.jsonl", "n.parquet", cwd=folder) == (0, "", "")
    return folder


FILES = ["n.jsonl", "n.parquet"]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("n", [1, 10, 1199, 1200, 1201, ROWS, ROWS + 7])
def test_tail_prints_the_last_rows(name, n, folder):
    assert rows("tail", "-n", n, name, cwd=folder) == [record(i) for i in range(max(ROWS - n, 0), ROWS)]


def test_tail_of_row_groups_and_of_nothing(folder):
    got = rows("tail", "-n", 3, "--row-groups", "3,0", "--columns", "n", "n.parquet", cwd=folder)
    assert got == [{"n": i} for i in (1197, 1198, 1199)]
    assert rows("tail", "-n", 0, "n.parquet", cwd=folder) == []
    status, out, err = run("tail", "-n", 1, "--columns", "nope", "n.parquet", cwd=folder)
    assert (status, out) == (1, "") and err == 'datarizer: n.parquet: there is no column "nope"\n'


@pytest.mark.parametrize("name", FILES)
def test_cat_prints_every_row_and_of_several_files(name, folder):
    assert rows("cat", name, cwd=folder) == [record(i) for i in range(ROWS)]
    assert rows("cat", "--rows", "4998:", name, "n.parquet", cwd=folder) == [record(4998), record(4999)] * 2
    assert rows("cat", "--from", "jsonl", "-", cwd=folder, stdin='{"a":1}\n{"a":2}\n') == [{"a": 1}, {"a": 2}]


def test_a_table_has_a_title_for_each_of_several_files_and_wider_columns_where_later_rows_need_them(folder):
    status, out, err = run("cat", "--columns", "n", "n.parquet", cwd=folder)
    lines = out.splitlines()
    assert (status, err, len(lines)) == (0, "", ROWS + 2)
    assert lines[2] == "    0" and lines[-1] == " 4999"
    (folder / "late.jsonl").write_text("".join('{"a":"%s"}\n' % ("x" * (30 if i == 2500 else 1)) for i in range(3000)))
    status, out, err = run("cat", "late.jsonl", cwd=folder)
    assert out.splitlines()[2502] == "x" * 30
    status, out, err = run("tail", "-n", 1, "--columns", "n", "n.parquet", "n.parquet", cwd=folder)
    part = "==> n.parquet <==\n    n\nint64\n 4999\n"
    assert (status, out, err) == (0, part + "\n" + part, "")


def test_a_file_that_fails_does_not_hide_the_others(folder):
    status, out, err = run("cat", "--json", "--rows", "0:1", "none.parquet", "n.parquet", cwd=folder)
    assert status == 1 and json.loads(out) == record(0)
    assert err.startswith("datarizer: none.parquet: can't be opened") and err.count("\n") == 1
    assert run("cat", "a.txt", cwd=folder)[0] == 2


def test_a_reader_that_goes_away_is_no_complaint(folder):
    done = subprocess.run(
        f"{PROGRAM} cat n.parquet | head -n 1", shell=True, cwd=folder, capture_output=True, check=False
    )
    assert done.stderr == b"" and done.stdout.count(b"\n") == 1


def test_rows_are_csv_when_asked_for(folder):
    want = "n,t\n4998,\n4999,x4999\n"
    assert run("tail", "--format", "csv", "-n", 2, "--columns", "n,t", "n.parquet", cwd=folder) == (0, want, "")
    assert run("cat", "--format", "csv", "--rows", "4998:2", "--columns", "n,t", "n.jsonl", cwd=folder) == (0, want, "")


# ---- sample ----


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("n", [0, 1, 7, 4000, ROWS, ROWS + 1])
def test_a_sample_has_rows_of_the_file_in_order_and_none_twice(name, n, folder):
    got = rows("sample", "-n", n, "--seed", 5, name, cwd=folder)
    numbers = [row["n"] for row in got]
    assert len(numbers) == min(n, ROWS) and numbers == sorted(set(numbers))
    assert got == [record(i) for i in numbers]


@pytest.mark.parametrize("name", FILES)
def test_a_seed_gives_the_same_rows_and_none_gives_others(name, folder):
    seeded = [rows("sample", "-n", 20, "--seed", 11, name, cwd=folder) for _ in range(2)]
    assert seeded[0] == seeded[1] != rows("sample", "-n", 20, "--seed", 12, name, cwd=folder)
    assert rows("sample", "-n", 20, name, cwd=folder) != rows("sample", "-n", 20, name, cwd=folder)


@pytest.mark.parametrize("name", ["ten.jsonl", "ten.parquet"])
def test_each_row_is_drawn_as_often(name, folder):
    """3 of 10 rows, 200 times: each is expected 60 times, with a deviation of 6.5; 5 of those allow for bad luck."""
    (folder / "ten.jsonl").write_text("".join('{"n":%d}\n' % i for i in range(10)))
    assert run("convert", "ten.jsonl", "ten.parquet", cwd=folder)[0] == 0
    drawn = collections.Counter()
    for seed in range(200):
        drawn.update(row["n"] for row in rows("sample", "-n", 3, "--seed", seed, name, cwd=folder))
    assert all(60 - 32 < drawn[i] < 60 + 32 for i in range(10)), drawn


def test_few_rows_of_many_are_drawn_evenly(tmp_path):
    duckdb.sql(f"copy (select range::bigint n from range(400000)) to '{tmp_path}/m.parquet' (row_group_size 100000)")
    drawn = [
        row["n"] for seed in range(20) for row in rows("sample", "-n", 50, "--seed", seed, "m.parquet", cwd=tmp_path)
    ]
    quarters = collections.Counter(n // 100000 for n in drawn)
    assert len(drawn) == 1000 and all(250 - 70 < quarters[i] < 250 + 70 for i in range(4)), quarters


# ---- count ----


def test_count_of_files_and_in_total(folder):
    assert run("count", "n.parquet", cwd=folder) == (0, f"{ROWS}\n", "")
    assert run("count", "--from", "jsonl", "-", cwd=folder, stdin='{"a":1}\n\n \t\r\n{"a":2}') == (0, "2\n", "")
    status, out, err = run("count", *FILES, "none.parquet", cwd=folder)
    assert (status, out) == (1, f"{ROWS}  n.jsonl\n{ROWS}  n.parquet\n{2 * ROWS}  total\n")
    assert err.startswith("datarizer: none.parquet: can't be opened")
    status, out, err = run("count", "--json", *FILES, cwd=folder)
    assert (status, err) == (0, "") and json.loads(out) == {
        "files": [{"file": name, "n_rows": ROWS} for name in FILES],
        "total": 2 * ROWS,
    }


def test_count_needs_nothing_but_the_footer(folder):
    data = bytearray((folder / "n.parquet").read_bytes())
    footer = int.from_bytes(data[-8:-4], "little")
    data[4 : -8 - footer] = bytes(len(data) - 12 - footer)
    (folder / "wiped.parquet").write_bytes(data)
    assert run("count", "wiped.parquet", cwd=folder) == (0, f"{ROWS}\n", "")


def test_patterns_that_no_shell_spelt_out_are_the_files_they_match(folder, tmp_path):
    for name in ["part-2.jsonl", "part-1.jsonl", "other.jsonl", "[x].jsonl"]:
        (tmp_path / name).write_text(json.dumps({"name": name}) + "\n", encoding="utf-8")
    assert run("count", "part-?.jsonl", "[x].jsonl", cwd=tmp_path) == (
        0,
        "1  part-1.jsonl\n1  part-2.jsonl\n1  [x].jsonl\n3  total\n",
        "",
    )
    assert [row["name"] for row in rows("cat", "part-*", cwd=tmp_path)] == ["part-1.jsonl", "part-2.jsonl"]
    assert run("merge", "-o", "all.jsonl", "p*", cwd=tmp_path) == (0, "", "")
    assert rows("cat", "al?.jsonl", cwd=tmp_path) == [{"name": "part-1.jsonl"}, {"name": "part-2.jsonl"}]
    assert run("convert", "o*.jsonl", "*.csv", cwd=tmp_path) == (0, "", "")
    assert (tmp_path / "*.csv").read_text(encoding="utf-8") == "name\nother.jsonl\n"
    assert run("convert", "part-*.jsonl", "x.csv", cwd=tmp_path) == (
        1,
        "",
        "datarizer: part-*.jsonl: matches 2 files where one is wanted; merge makes one of several\n",
    )
    status, out, err = run("head", "no-*.jsonl", cwd=tmp_path)
    assert (status, out) == (1, "") and err.startswith("datarizer: no-*.jsonl: can't be opened: No such file")


def test_counts_are_those_of_other_engines():
    files = sorted(CORPUS.glob("*.parquet"))
    if not files:
        pytest.skip("no ../shared/parquet-testing")
    for file in files:
        try:
            facts = pq.ParquetFile(file).metadata
            want = sum(facts.row_group(i).num_rows for i in range(facts.num_row_groups))  # one says 0 of the whole
        except Exception:  # what pyarrow can't open is no measure
            continue
        status, out, err = run("count", file, cwd=".")
        if status == 0:
            assert (file.name, out, err) == (file.name, f"{want}\n", "")
        else:
            assert "encrypted" in err, err
