"""`datarizer schema --as`: the C compiles and makes the same columns, DuckDB's table takes the file's rows, PostgreSQL
takes the statement."""

import datetime
import decimal
import functools
import glob
import json
import os
import pathlib
import pwd
import re
import resource
import shutil
import subprocess
import tempfile
import time
import uuid

import duckdb
import program
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

BUILD = pathlib.Path(os.environ["DZR_BUILD"])
ROOT = pathlib.Path(__file__).parents[2]
SANITIZED = bool(os.environ.get("DZR_SANITIZE"))

run = functools.partial(program.run, "schema")


def shown(*arguments, cwd="."):
    status, out, err = run(*arguments, cwd=cwd)
    assert (status, err) == (0, "")
    return out


ROW = {
    "id": 1,
    "int": -1,
    "select": 200,
    "Name": "é",
    "name": "b",
    "has_name": True,
    "a b": 0.5,
    'q"u\\o?te*/': 1.5,
    "": "empty",
    "1st": datetime.date(2024, 1, 31),
    "žluť": datetime.datetime(2024, 1, 31, 12, 0, 0, 250),
    "utc": datetime.datetime(2024, 1, 31, 12, tzinfo=datetime.timezone.utc),
    "clock": datetime.time(12, 30),
    "price": decimal.Decimal("-12.50"),
    "big": decimal.Decimal(10) ** 30,
    "u": uuid.UUID(int=5).bytes,
    "f": b"12345",
    "b": b"\0\1",
    "x" * 80: 1,
    "x" * 79 + "y": 2,
    "tags": ["a", "b"],
    "grid": [[1, 2], [3]],
    "address": {"city": "Praha", "address": {"zip": 1}, "CITY": "x"},
    "people": [{"name": "x", "age": 3}],
    "m": [("k", 1)],
}
SCHEMA = pa.schema(
    [
        pa.field("id", pa.int64(), False),
        ("int", pa.int8()),
        ("select", pa.uint8()),
        ("Name", pa.string()),
        ("name", pa.string()),
        ("has_name", pa.bool_()),
        ("a b", pa.float32()),
        ('q"u\\o?te*/', pa.float64()),
        ("", pa.string()),
        ("1st", pa.date32()),
        ("žluť", pa.timestamp("ms")),
        ("utc", pa.timestamp("us", "UTC")),
        ("clock", pa.time64("us")),
        ("price", pa.decimal128(10, 2)),
        ("big", pa.decimal128(38, 0)),
        ("u", pa.uuid()),
        ("f", pa.binary(5)),
        ("b", pa.binary()),
        ("x" * 80, pa.uint64()),
        ("x" * 79 + "y", pa.int16()),
        ("tags", pa.list_(pa.string())),
        ("grid", pa.list_(pa.list_(pa.int32()))),
        (
            "address",
            pa.struct([("city", pa.string()), ("address", pa.struct([("zip", pa.int64())])), ("CITY", pa.string())]),
        ),
        ("people", pa.list_(pa.struct([pa.field("name", pa.string()), pa.field("age", pa.int32())]))),
        ("m", pa.map_(pa.string(), pa.int32())),
    ]
)


@pytest.fixture(name="folder", scope="module")
def folder_fixture(tmp_path_factory):
    folder = tmp_path_factory.mktemp("as")
    pq.write_table(pa.Table.from_pylist([ROW, {"id": 2}], schema=SCHEMA), folder / "order.parquet")
    return folder


# ---- C ----

MAIN = """
#include "rows.h"
#include <datarizer/dataframe.h>
#include <stdio.h>

static void put(const dzr_field *field, int depth)
{
    char type[DZR_TYPE_TEXT];
    printf("%d %s %s %d\\n", depth, field->name, dzr_type_print(field->type, type), field->nullable);
    for (int32_t i = 0; i < field->n_children; i++)
        put(&field->children[i], depth + 1);
}

int main(void)
{
    dzr_error err;
    dzr_schema *schema = NULL;
    if (dzr_record_schema(&order_type, NULL, &schema, &err) != DZR_OK) {
        fprintf(stderr, "%s\\n", err.message);
        return 1;
    }
    for (int32_t i = 0; i < dzr_schema_n_fields(schema); i++)
        put(dzr_schema_field(schema, i), 0);
    dzr_schema_free(schema);
    return 0;
}
"""


def tree(columns, depth=0):
    """What `--json` says, as the program above prints it, but for elements, which are never null in C."""
    for column in columns:
        if column["type"] == "map":
            continue
        yield f"{depth} {column['name']} {column['type']} {int(column['nullable'] and column['name'] != 'element')}"
        yield from tree(column.get("children", []), depth + 1)


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_c_compiles_and_makes_the_same_columns(compiler, folder, tmp_path):
    if shutil.which(compiler) is None:
        pytest.skip(f"no {compiler}")
    header = shown("--as", "c", "order.parquet", cwd=folder)
    (tmp_path / "rows.h").write_text(header, "utf-8")
    (tmp_path / "main.c").write_text(MAIN, "utf-8")
    flags = ["-std=c11", "-Wall", "-Wextra", "-Wconversion", "-Werror", f"-I{ROOT}/pkg/datarizer/include"]
    subprocess.run([compiler, *flags, "-fsyntax-only", "main.c"], cwd=tmp_path, check=True)
    assert "not here: m, map" in header
    libraries = sorted(BUILD.glob("pkg/datarizer/libdatarizer.so"))
    if SANITIZED or not libraries:
        return  # a sanitized library does not go with a program that is not
    link = [str(libraries[0]), f"-Wl,-rpath,{libraries[0].parent}", "-o", "main"]
    subprocess.run([compiler, *flags, "main.c", *link], cwd=tmp_path, check=True)
    done = subprocess.run(["./main"], cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    want = list(tree(json.loads(shown("--json", "order.parquet", cwd=folder))["columns"]))
    assert done.stdout.decode().splitlines() == want


def test_the_name_is_what_is_asked_for(folder):
    assert "typedef struct int_ {" in shown("--as", "c", "--name", "int", "order.parquet", cwd=folder)
    out = shown("--as", "duckdb", "--name", 'my "table"', "order.parquet", cwd=folder)
    assert out.startswith('CREATE TABLE "my ""table""" (\n')


def test_several_files_and_json_lines(folder):
    (folder / "a.jsonl").write_text('{"x":1}\n')
    assert shown("--as", "postgres", "a.jsonl", cwd=folder) == 'CREATE TABLE "a" (\n    "x" bigint\n);\n'
    out = shown("a.jsonl", "order.parquet", cwd=folder)
    assert out.startswith("==> a.jsonl <==\ncolumn") and "\n==> order.parquet <==\n" in out
    status, out, err = run("none.parquet", "a.jsonl", cwd=folder)
    assert status == 1 and "int64" in out and err.startswith("datarizer: none.parquet: ")


# ---- databases ----


def test_duckdb_takes_the_table_and_the_rows(folder):
    database = duckdb.connect()
    database.sql(shown("--as", "duckdb", "order.parquet", cwd=folder))
    theirs = f"select * from '{folder}/order.parquet'"
    database.sql(f'insert into "order" {theirs}')
    ours = database.sql('select * from "order"')
    as_text = "select columns(*)::varchar from "
    rows = database.sql(f'{as_text} "order" order by id').fetchall()
    assert rows == database.sql(f"{as_text} ({theirs}) order by id").fetchall() and len(rows) == 2
    assert [str(kind) for kind in ours.types] == [str(kind) for kind in database.sql(theirs).types]
    assert ours.columns[:8] == database.sql(theirs).columns[:8]
    assert ours.columns[:6] == ["id", "int", "select", "Name", "name_1", "has_name"]
    with pytest.raises(duckdb.ConstraintException):
        database.sql('insert into "order" (id) values (null)')


def programs():
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/postgres"))
    return pathlib.Path(found[-1]).parent if found else None


def test_postgres_takes_the_table(folder):
    """A server that reads from its standard input: no port, no socket."""
    if programs() is None:
        pytest.skip("no PostgreSQL on this machine: its statement is not tried")
    who = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}
    where = pathlib.Path(tempfile.mkdtemp(prefix="dzr-postgres-"))
    try:
        if who:
            account = pwd.getpwnam("postgres")
            os.chown(where, account.pw_uid, account.pw_gid)
        data = str(where / "data")
        options = {"cwd": where, "check": True, "capture_output": True, "env": {"PATH": "/usr/bin:/bin"}, **who}
        subprocess.run([programs() / "initdb", "-D", data, "-A", "trust", "-E", "UTF8", "--locale=C", "-N"], **options)
        statement = shown("--as", "postgres", "order.parquet", cwd=folder)
        ask = (
            "select column_name, data_type, is_nullable, udt_name from information_schema.columns "
            "where table_name = 'order' order by ordinal_position;\n\n"
        )
        text = (statement + "\n" + ask).encode()
        done = subprocess.run(
            [programs() / "postgres", "--single", "-j", "-D", data, "postgres"], input=text, **options
        )
        assert b"ERROR" not in done.stderr, done.stderr
        values = re.findall(r'(\w+) = "(.*?)"\t', done.stdout.decode())
    finally:
        shutil.rmtree(where)
    rows = [tuple(value for _, value in values[i : i + 4]) for i in range(0, len(values), 4)]
    assert rows[:6] == [
        ("id", "bigint", "NO", "int8"),
        ("int", "smallint", "YES", "int2"),
        ("select", "smallint", "YES", "int2"),
        ("Name", "text", "YES", "text"),
        ("name", "text", "YES", "text"),
        ("has_name", "boolean", "YES", "bool"),
    ]
    kinds = {name: udt for name, _, _, udt in rows}
    assert len(rows) == len(SCHEMA) == len(kinds)
    assert ("x" * 63 in kinds) and ("x" * 61 + "_2" in kinds)  # 63 bytes count
    wanted = {"utc": "timestamptz", "tags": "_text", "grid": "jsonb", "m": "jsonb", "u": "uuid", "price": "numeric"}
    assert {name: kinds[name] for name in wanted} == wanted


# ---- how long it takes ----


@pytest.mark.skipif(SANITIZED, reason="a sanitizer takes its time")
def test_schema_takes_few_milliseconds(folder):
    """The best of many, as the machine may be busy with other things; of CPU time, for the same reason."""
    best = wall = 1.0
    for _ in range(20):
        begun, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
        shown("order.parquet", cwd=folder)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        wall = min(wall, time.monotonic() - begun)
    print(f"schema: {1000 * best:.1f} ms of CPU, {1000 * wall:.1f} ms")
    assert best < 0.01
