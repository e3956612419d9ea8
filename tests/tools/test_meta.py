"""`datarizer meta` says of a file what pyarrow and DuckDB say of it."""

import base64
import datetime
import decimal
import functools
import json
import pathlib

import duckdb
import program
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

CORPUS = pathlib.Path(__file__).parents[3] / "shared" / "parquet-testing" / "data"

run = functools.partial(program.run, COLUMNS=None)


def meta(*arguments, cwd="."):
    status, out, err = run("meta", "--json", *arguments, cwd=cwd)
    assert (status, err) == (0, "")
    return json.loads(out)


@pytest.fixture(name="folder", scope="module")
def folder_fixture(tmp_path_factory):
    folder = tmp_path_factory.mktemp("meta")
    day = datetime.date(2024, 1, 31)
    table = pa.table(
        {
            "n": pa.array(range(1000), pa.int64()),
            "t": pa.array([None if i % 10 == 0 else f"x{i % 7}" for i in range(1000)]),
            "d": pa.array([day + datetime.timedelta(i % 5) for i in range(1000)]),
            "p": pa.array([decimal.Decimal(i) / 4 for i in range(1000)], pa.decimal128(12, 2)),
            "at": pa.array(
                [datetime.datetime(2024, 1, 31, 12, 0, i % 60) for i in range(1000)], pa.timestamp("us", "UTC")
            ),
            "s": pa.array([{"a": i / 2, "l": [i] * (i % 3)} for i in range(1000)]),
            "empty": pa.array(["" for _ in range(1000)]),
        }
    ).replace_schema_metadata({"who": "me"})
    pq.write_table(
        table,
        folder / "a.parquet",
        row_group_size=400,
        compression={"n": "zstd", "t": "snappy", "s.a": "gzip"},
        write_page_index=True,
        write_page_checksum=True,
        sorting_columns=[pq.SortingColumn(0, descending=False, nulls_first=True)],
        data_page_version="2.0",
        data_page_size=1000,
        max_rows_per_page=100,
    )
    return folder


def check_against_pyarrow(facts, file):
    whole = pq.ParquetFile(file).metadata
    assert facts["n_row_groups"] == whole.num_row_groups and facts["n_columns"] == whole.num_columns
    assert facts.get("n_rows_claimed", facts["n_rows"]) == whole.num_rows
    assert facts["created_by"] == (whole.created_by or "") and facts["n_bytes"] == file.stat().st_size
    assert facts["footer_bytes"] == whole.serialized_size
    for group in facts["row_groups"]:
        theirs = whole.row_group(group["number"])
        assert group["n_rows"] == theirs.num_rows and group["n_bytes_uncompressed"] == theirs.total_byte_size
        assert [by["descending"] for by in group.get("sorting", [])] == [by.descending for by in theirs.sorting_columns]
        for i, chunk in enumerate(group["columns"]):
            check_chunk(chunk, theirs.column(i))


def check_chunk(ours, theirs):
    assert ours["path"] == theirs.path_in_schema and ours["physical_type"] == theirs.physical_type
    if theirs.compression != "UNKNOWN":
        assert ours["codec"].split("_")[0] == theirs.compression.split("_")[0]
    assert ours["n_values"] == theirs.num_values
    assert ours["n_bytes"] == theirs.total_compressed_size
    assert ours["n_bytes_uncompressed"] == theirs.total_uncompressed_size
    assert set(ours["encodings"]) == set(theirs.encodings)
    assert ours["data_page_offset"] == theirs.data_page_offset
    assert ("offset_index_offset" in ours) == theirs.has_offset_index
    assert ("column_index_offset" in ours) == theirs.has_column_index
    statistics = theirs.statistics
    if statistics is not None and statistics.has_null_count:
        assert ours["n_nulls"] == statistics.null_count


def plain(value):
    """As JSON has it."""
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return float(value) if isinstance(value, decimal.Decimal) else value


def test_a_file_of_many_features(folder):
    facts = meta("--pages", "a.parquet", cwd=folder)
    check_against_pyarrow(facts, folder / "a.parquet")
    assert {"key": "who", "value": "me"} in facts["metadata"]
    theirs = pq.ParquetFile(folder / "a.parquet").metadata
    for group in facts["row_groups"]:
        assert group["sorting"] == [{"column": "n", "descending": False, "nulls_first": True}]
        for i, chunk in enumerate(group["columns"]):
            statistics = theirs.row_group(group["number"]).column(i).statistics
            assert (chunk["min"], chunk["max"]) == (plain(statistics.min), plain(statistics.max)), chunk["path"]
            data = [page for page in chunk["pages"] if page["type"] == "DATA_PAGE_V2"]
            assert sum(page["n_values"] for page in data) == chunk["n_values"]
            assert sum(page["header_bytes"] + page["n_bytes"] for page in chunk["pages"]) == chunk["n_bytes"]
            assert all(len(page["crc"]) == 8 for page in chunk["pages"])
            index = chunk["page_index"]
            assert [page["offset"] for page in index["pages"]] == [page["offset"] for page in data]
            assert sum(page["n_rows"] for page in index["pages"]) == group["n_rows"]
            assert [page["n_nulls"] for page in index["pages"]] == [page["n_nulls"] for page in data]
    assert facts["row_groups"][1]["columns"][0]["page_index"]["order"] == "ascending"


def test_duckdb_says_the_same(folder):
    facts = meta("a.parquet", cwd=folder)
    rows = duckdb.sql(
        "select row_group_id, path_in_schema, num_values, total_compressed_size, total_uncompressed_size, compression, "
        f"stats_null_count from parquet_metadata('{folder}/a.parquet') order by row_group_id, column_id"
    ).fetchall()
    ours = [
        (
            group["number"],
            chunk["path"].replace(".", ", "),
            chunk["n_values"],
            chunk["n_bytes"],
            chunk["n_bytes_uncompressed"],
            chunk["codec"],
            chunk["n_nulls"],
        )
        for group in facts["row_groups"]
        for chunk in group["columns"]
    ]
    assert ours == rows


def test_a_choice_of_columns_and_row_groups(folder):
    facts = meta("--columns", "s,n", "--row-groups", "2,0", "a.parquet", cwd=folder)
    assert [group["number"] for group in facts["row_groups"]] == [2, 0]
    assert [chunk["path"] for chunk in facts["row_groups"][0]["columns"]] == ["n", "s.a", "s.l.list.element"]
    status, out, err = run("meta", "--columns", "nope", "a.parquet", cwd=folder)
    assert (status, out, err) == (1, "", 'datarizer: a.parquet: there is no column "nope"\n')
    status, out, err = run("meta", "--row-groups", "3", "a.parquet", cwd=folder)
    assert (status, out, err) == (1, "", "datarizer: a.parquet: row group 3 of 3\n")


def test_tables_for_people(folder):
    status, out, err = run("meta", "a.parquet", cwd=folder)
    lines = out.splitlines()
    assert (status, err) == (0, "")
    assert lines[0].startswith("a.parquet: Parquet version 2, 1000 rows in 3 row groups, ")
    assert lines[1].startswith("created by parquet-cpp-arrow")
    heading = next(line for line in lines if line.startswith("column"))
    assert heading.split()[:6] == ["column", "type", "codec", "values", "nulls", "stored"]
    row = next(line for line in lines if line.startswith("t "))
    assert row.split()[:5] == ["t", "BYTE_ARRAY", "SNAPPY", "1000", "100"]
    status, out, err = run("meta", "--columns", "n", "--row-groups", 1, "--pages", "a.parquet", cwd=folder)
    assert (status, err) == (0, "")
    chunk = next(line for line in out.splitlines() if line.startswith("    1  n"))
    assert chunk.split()[:5] == ["1", "n", "ZSTD", "400", "0"] and "400  799" in chunk
    assert out.count("DATA_PAGE_V2") == 4


def test_all_of_the_corpus():
    files = sorted(CORPUS.glob("*.parquet"))
    if not files:
        pytest.skip("no ../shared/parquet-testing")
    for file in files:
        status, out, err = run("meta", "--json", "--pages", file)
        if status != 0:
            assert "encrypted" in err or "is said to be" in err, err
            continue
        try:
            pq.ParquetFile(file)
        except Exception:  # what pyarrow can't open is no measure
            continue
        check_against_pyarrow(json.loads(out), file)
        assert run("meta", "-v", "--pages", file)[0] == 0
