"""What a file says besides its rows: `datarizer schema` shows it, `datarizer convert` keeps it. Files are pyarrow's."""

import base64
import json
import os
import pathlib
import subprocess

import pytest

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

CORPUS = pathlib.Path(__file__).parents[3] / "shared" / "parquet-testing" / "data"

SCHEMA = pa.schema(
    [
        pa.field("id", pa.int64(), nullable=False, metadata={"PARQUET:field_id": "1", "role": "key"}),
        pa.field("at", pa.timestamp("us", "Europe/Berlin"), metadata={"PARQUET:field_id": "2"}),
        pa.field(
            "tags", pa.list_(pa.field("element", pa.string(), metadata={"PARQUET:field_id": "4", "e": "\u001b[2J"}))
        ),
    ],
    metadata={"made by": "somebody", "long": "x" * 1000},
)


def run(*arguments, cwd):
    command = [os.environ["DZR_DATARIZER"], *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


@pytest.fixture(name="folder")
def folder_fixture(tmp_path):
    rows = [{"id": i, "at": i * 1000000, "tags": [str(i), None]} for i in range(6)]
    sorting = [pq.SortingColumn(0), pq.SortingColumn(1, descending=True, nulls_first=True)]
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    pq.write_table(table, tmp_path / "theirs.parquet", sorting_columns=sorting, row_group_size=3)
    return tmp_path


def test_schema_shows_people_ids_zones_and_notes(folder):
    lines = run("schema", "theirs.parquet", cwd=folder).splitlines()
    assert [line.rstrip() for line in lines[:5]] == [
        "column     type                          null  id  notes",
        "id         int64                         no    1   role=key",
        "at         timestamp[us, Europe/Berlin]  yes   2",
        "tags       list                          yes",
        "  element  string                        yes   4   e=\\u001b[2J",
    ]
    assert lines[-4].startswith("Parquet; 6 rows in 2 row groups; created by parquet-cpp-arrow")
    assert lines[-3] == "each row group in order of id, at descending nulls first"
    assert lines[-2] == "made by=somebody"
    assert lines[-1].startswith("long=xxx") and lines[-1].endswith("x...") and len(lines[-1]) < 125


def test_schema_tells_programs_all_of_it(folder):
    facts = json.loads(run("schema", "--json", "theirs.parquet", cwd=folder))
    assert facts["metadata"] == [{"key": "made by", "value": "somebody"}, {"key": "long", "value": "x" * 1000}]
    assert facts["sorting"] == [
        {"column": "id", "descending": False, "nulls_first": False},
        {"column": "at", "descending": True, "nulls_first": True},
    ]
    assert facts["columns"] == [
        {
            "name": "id",
            "type": "int64",
            "nullable": False,
            "field_id": 1,
            "metadata": [{"key": "role", "value": "key"}],
        },
        {"name": "at", "type": "timestamp[us, UTC]", "nullable": True, "field_id": 2, "zone": "Europe/Berlin"},
        {
            "name": "tags",
            "type": "list",
            "nullable": True,
            "children": [
                {
                    "name": "element",
                    "type": "string",
                    "nullable": True,
                    "field_id": 4,
                    "metadata": [{"key": "e", "value": "\u001b[2J"}],
                }
            ],
        },
    ]


def test_schema_shows_metadata_of_columns(tmp_path):
    if not CORPUS.exists():
        pytest.skip("the corpus is not here")
    file = CORPUS / "column_chunk_key_value_metadata.parquet"
    lines = run("schema", file, cwd=tmp_path).splitlines()
    assert lines[1] == "column1  int32  yes   foo=bar, thisiskeywithoutvalue"
    column = json.loads(run("schema", "--json", file, cwd=tmp_path))["columns"][0]
    assert column["metadata"] == [{"key": "foo", "value": "bar"}, {"key": "thisiskeywithoutvalue", "value": None}]


def test_convert_keeps_what_the_file_says(folder):
    run("convert", "theirs.parquet", "ours.parquet", cwd=folder)
    before, after = (
        json.loads(run("schema", "--json", name, cwd=folder)) for name in ("theirs.parquet", "ours.parquet")
    )
    for fact in ("metadata", "sorting", "columns", "n_rows"):
        assert after[fact] == before[fact], fact
    ours = pq.ParquetFile(folder / "ours.parquet")
    assert ours.schema_arrow.equals(SCHEMA, check_metadata=True)
    assert ours.metadata.num_row_groups == 1
    assert ours.read().equals(pq.read_table(folder / "theirs.parquet"))


def test_convert_of_a_part_keeps_what_goes_with_it(folder):
    run("convert", "--columns", "tags,at", "--row-groups", "1", "theirs.parquet", "part.parquet", cwd=folder)
    ours = pq.ParquetFile(folder / "part.parquet")
    want = pa.schema([SCHEMA.field("tags"), SCHEMA.field("at")], metadata=SCHEMA.metadata)
    assert ours.schema_arrow.equals(want, check_metadata=True)
    assert ours.metadata.row_group(0).sorting_columns == ()  # "at" is in order among equal ids, which are left out


def test_a_damaged_arrow_schema_is_not_carried_on(folder):
    table = pa.table({"a": [1, 2]})
    with pq.ParquetWriter(folder / "damaged.parquet", table.schema, store_schema=False) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({"ARROW:schema": base64.b64encode(b"\xff\xff\xff\xff\x10\0\0\0no").decode()})
    with pytest.raises(pa.ArrowInvalid):
        pq.read_table(folder / "damaged.parquet")
    run("convert", "damaged.parquet", "sound.parquet", cwd=folder)
    assert pq.read_table(folder / "sound.parquet") == table
