"""`--sort-order`: recorded as pyarrow reads it, and refused when the rows are not so; DuckDB sorts what is written."""

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from program import run

COLUMNS = {
    "tags": pa.array([[1], None, [2, 3], [], [4], None, [5], [6]], pa.list_(pa.int64())),
    "day one": pa.array([3, 1, None, 2, 2, None, 3, 1], pa.date32()),
    "name": pa.array(["b", "a", "z", None, "é", "a", "a", "a"]),
    "x": pa.array([0.5, -1.0, 2.0, 1.5, None, 8.0, 0.25, -0.5]),
}
ORDERS = {
    '"day one", name, x': [(1, False, False), (2, False, False), (3, False, False)],
    '"day one" desc nulls first,name desc': [(1, True, True), (2, True, False)],
    "name ASC NULLS FIRST , x Desc": [(2, False, True), (3, True, False)],
    "x": [(3, False, False)],
}


@pytest.fixture(name="folder")
def folder_fixture(tmp_path):
    rows = pa.table(COLUMNS)
    pq.write_table(rows, tmp_path / "none.parquet")
    with duckdb.connect() as base:
        base.register("rows", rows)
        base.execute("set default_null_order = 'nulls_last'")
        for i, order in enumerate(ORDERS):
            in_order = base.execute(f"select * from rows order by {order}").to_arrow_table()
            pq.write_table(in_order, tmp_path / f"{i}.parquet")
    return tmp_path


@pytest.mark.parametrize("i", range(len(ORDERS)))
@pytest.mark.parametrize("command", ["convert", "merge", "batches"])
def test_rows_in_order_are_recorded_as_such(folder, i, command):
    order, want = list(ORDERS.items())[i]
    options = ["--sort-order", order, f"{i}.parquet"]
    if command == "merge":
        done = run("merge", "-o", "out.parquet", *options, cwd=folder)
    else:  # a row alone in a batch is held to the one before all the same
        batches = ["--batch-rows", 1, "--row-group-rows", 3] if command == "batches" else []
        done = run("convert", *batches, *options, "out.parquet", cwd=folder)
    assert done == (0, "", "")
    file = pq.ParquetFile(folder / "out.parquet")
    for group in range(file.metadata.num_row_groups):
        got = file.metadata.row_group(group).sorting_columns
        assert [(by.column_index, by.descending, by.nulls_first) for by in got] == want
    assert file.read().equals(pq.read_table(folder / f"{i}.parquet"))
    assert run("validate", "out.parquet", cwd=folder)[0] == 0


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("batch_rows", [1, 2, 100])
def test_rows_in_another_order_are_refused_with_their_number(folder, order, batch_rows):
    done = run("convert", "--batch-rows", batch_rows, "--sort-order", order, "none.parquet", "out.parquet", cwd=folder)
    wrong = {'"day one", name, x': 1, '"day one" desc nulls first,name desc': 2}
    wrong |= {"name ASC NULLS FIRST , x Desc": 1, "x": 1}
    message = (
        f"datarizer: out.parquet: row {wrong[order]} is not in the sort order claimed: it comes before the one ahead"
    )
    assert done == (1, "", message + "\n")
    assert not (folder / "out.parquet").exists()


@pytest.mark.parametrize(
    ("order", "part"),
    [
        ("", 'sort order "", byte 0: a column is missing'),
        ("x,", 'sort order "x,", byte 2: a column is missing'),
        ("x down", 'sort order "x down", byte 2: expected ","'),
        ("x nulls", 'sort order "x nulls", byte 7: "first" or "last" is missing'),
        ('"x', 'sort order ""x", byte 0: the " has no end'),
        ('"y""y"', 'sort order: there is no column "y"y"'),
        ("tags", 'sort order: column "tags" is a list, which has none'),
    ],
)
def test_what_is_no_order_is_said(folder, order, part):
    status, out, err = run("convert", "--sort-order", order, "none.parquet", "out.parquet", cwd=folder)
    assert (status, out) == (1, "") and err.startswith(f"datarizer: out.parquet: {part}") and err.count("\n") == 1


def test_other_formats_have_no_place_for_it(folder):
    status, _, err = run("convert", "--columns", "x", "--sort-order", "x", "3.parquet", "out.jsonl", cwd=folder)
    assert (status, err) == (1, "datarizer: out.jsonl: only Parquet has a place for a sort order\n")
    assert run("convert", "--sort-order", "x", "3.parquet", "out.parquet", cwd=folder) == (0, "", "")
