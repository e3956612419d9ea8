"""`datarizer merge`: what pyarrow says of the files one after the other, and the union of their columns."""

import datetime
import functools
import json

import program
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

run = functools.partial(program.run, "merge")


def table(first, n):
    rows = range(first, first + n)
    return pa.table(
        {
            "id": pa.array(rows, pa.int64()),
            "t": pa.array([f"row {i}" if i % 3 else None for i in rows], pa.string()),
            "day": pa.array([datetime.date(2024, 1, 1) + datetime.timedelta(i) for i in rows], pa.date32()),
            "l": pa.array([list(range(i % 4)) for i in rows], pa.list_(pa.int32())),
        }
    )


@pytest.fixture(name="folder")
def folder_fixture(tmp_path):
    for i, n in enumerate((1000, 1, 2500, 0)):
        pq.write_table(table(i * 10000, n), tmp_path / f"{i}.parquet", row_group_size=700)
    return tmp_path


FILES = [f"{i}.parquet" for i in range(4)]


@pytest.mark.parametrize("options", [[], ["--by-name"], ["--threads", "1", "--codec", "zstd"], ["--memory", "8MiB"]])
def test_rows_follow_each_other(options, folder):
    status, out, err = run(*options, "--json", "-o", "all.parquet", *FILES, cwd=folder)
    assert (status, err) == (0, "")
    said = json.loads(out)
    assert (said["n_files"], said["n_rows"]) == (4, 3501)
    assert said["n_bytes"] == (folder / "all.parquet").stat().st_size
    assert pq.read_table(folder / "all.parquet").equals(pa.concat_tables(pq.read_table(folder / f) for f in FILES))


def test_by_name_each_file_gets_the_columns_of_all(folder):
    types = [
        pa.struct([pa.field("a", pa.int32(), False), ("b", pa.list_(pa.string()))]),
        pa.map_(pa.string(), pa.int64()),
    ]
    types += [pa.bool_(), pa.decimal128(30, 2), pa.binary(3), pa.timestamp("us", "UTC")]
    values = [{"a": 1, "b": ["x", None]}, [("k", 1)], True, 5, b"abc", datetime.datetime(2024, 1, 1)]
    more = {f"c{i}": pa.array([value, None], kind) for i, (kind, value) in enumerate(zip(types, values))}
    pq.write_table(pa.table({"t": pa.array(["first", None]), **more}), folder / "other.parquet")
    status, _, err = run("--by-name", "-o", "all.parquet", "0.parquet", "other.parquet", "1.parquet", cwd=folder)
    assert (status, err) == (0, "")
    parts = [pq.read_table(folder / f) for f in ("0.parquet", "other.parquet", "1.parquet")]
    want = pa.concat_tables(parts, promote_options="default")
    assert pq.read_table(folder / "all.parquet").equals(want)


def test_a_level_the_codec_has_not_is_wrong_usage(folder):
    status, _, err = run("--codec", "gzip", "--level", 10, "-o", "all.parquet", "0.parquet", cwd=folder)
    assert (status, err) == (2, "datarizer merge: --level: gzip ends at 9\n")


def test_csv_of_any_dialect(folder):
    (folder / "a.csv").write_text("n;t\n1;'x;y'\n")
    (folder / "b").write_text("n;t\n2;\n")
    options = ["--from", "csv", "--to", "csv", "--delimiter", ";", "--quote", "'", "-o", "c"]
    assert run(*options, "a.csv", "b", cwd=folder) == (0, "", "")
    assert (folder / "c").read_text() == "n;t\n1;'x;y'\n2;\n"


def test_files_of_different_formats(folder):
    (folder / "a.jsonl").write_text('{"n":1}\n{"n":2}\n')
    pq.write_table(pa.table({"n": pa.array([3, 4], pa.int64())}), folder / "b.parquet")
    assert run("-o", "c.jsonl", "a.jsonl", "b.parquet", "a.jsonl", cwd=folder) == (0, "", "")
    assert [json.loads(line)["n"] for line in (folder / "c.jsonl").read_text().splitlines()] == [1, 2, 3, 4, 1, 2]


@pytest.mark.parametrize(
    ("other", "by_name", "part"),
    [
        ({"id": pa.array([1])}, False, "other.parquet: has 1 columns, and a file before 4: --by-name"),
        ({"id": pa.array(["x"])}, True, 'other.parquet: column "id" is string, and int64 in a file before'),
        ({"l": pa.array([["x"]])}, True, 'other.parquet: column "l" is a list of other fields than in a file before'),
    ],
)
def test_what_does_not_go_together_is_said_and_nothing_left(other, by_name, part, folder):
    pq.write_table(pa.table(other), folder / "other.parquet")
    options = ["--by-name"] if by_name else []
    status, out, err = run(*options, "-o", "all.parquet", "0.parquet", "other.parquet", cwd=folder)
    assert (status, out) == (1, "") and part in err
    assert not (folder / "all.parquet").exists()


def test_wrong_usage(folder):
    assert run("0.parquet", cwd=folder)[0] == 2
    status, _, err = run("-o", "all.parquet", "-", cwd=folder)
    assert status == 2 and "standard input can't be merged" in err
    status, _, err = run("-o", "all.parquet", "0.parquet", "nowhere.parquet", cwd=folder)
    assert status == 1 and "nowhere.parquet: " in err
