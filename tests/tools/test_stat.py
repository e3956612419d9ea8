"""`datarizer stat`: what it says of generated files and of the public corpus, beside what DuckDB and pyarrow say."""

import datetime
import decimal
import json
import math
import pathlib
import random

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from program import run

CORPUS = pathlib.Path(__file__).parents[2].parent / "shared" / "parquet-testing"
N = 30000


def stat(*arguments, **more):
    status, out, err = run("stat", "--json", *arguments, **more)
    assert (status, err) == (0, "")
    facts = json.loads(out)
    return facts, {column["path"]: column for column in facts["columns"]}


def ask(query):
    return duckdb.connect().execute(query).fetchall()


def maybe(rng, value):
    return None if rng.random() < 0.1 else value


def table():
    rng = random.Random(11)
    rows = range(N)
    columns = {
        "id": pa.array(rows, pa.int64()),
        "small": pa.array([maybe(rng, rng.randrange(-100, 100)) for _ in rows], pa.int8()),
        "large": pa.array([2**64 - 1 - rng.randrange(1000) ** 4 for _ in rows], pa.uint64()),
        "normal": pa.array([maybe(rng, rng.gauss(1e6, 3)) for _ in rows], pa.float64()),
        "single": pa.array([rng.expovariate(1) for _ in rows], pa.float32()),
        "price": pa.array(
            [decimal.Decimal(rng.randrange(-(10**6), 10**6)).scaleb(-2) for _ in rows], pa.decimal128(12, 2)
        ),
        "huge": pa.array([decimal.Decimal(rng.randrange(10**30)).scaleb(-5) for _ in rows], pa.decimal128(38, 5)),
        "word": pa.array([maybe(rng, f"žluť {int(rng.paretovariate(1))}") for _ in rows], pa.string()),
        "raw": pa.array([bytes([rng.randrange(4)]) * rng.randrange(6) for _ in rows], pa.binary()),
        "flag": pa.array([maybe(rng, rng.random() < 0.25) for _ in rows], pa.bool_()),
        "day": pa.array([rng.randrange(20000) for _ in rows], pa.int32()).cast(pa.date32()),
        "at": pa.array([rng.randrange(10**12) for _ in rows], pa.int64()).cast(pa.timestamp("ms")),
        "empty": pa.array([None] * N, pa.int32()),
    }
    return pa.table(columns)


@pytest.fixture(name="made", scope="module")
def made_fixture(tmp_path_factory):
    path = tmp_path_factory.mktemp("stat") / "made.parquet"
    pq.write_table(table(), path, row_group_size=7000)
    return path


def close(ours, theirs, off=1e-9):
    return math.isclose(ours, theirs, rel_tol=off, abs_tol=1e-12)


def same(ours, theirs):
    if theirs is None:
        return ours is None
    if isinstance(theirs, datetime.datetime):
        return datetime.datetime.fromisoformat(ours) == theirs
    if isinstance(theirs, datetime.date):
        return ours == theirs.isoformat()
    if isinstance(theirs, decimal.Decimal):
        return decimal.Decimal(repr(ours)) == theirs or math.isclose(ours, theirs, rel_tol=1e-15)
    if isinstance(theirs, float):
        return ours == theirs or (math.isinf(theirs) and ours is None)
    if isinstance(theirs, bytes):
        return ours == __import__("base64").b64encode(theirs).decode()
    return ours == theirs


def test_counts_bounds_and_distinct_values_are_those_of_duckdb(made):
    facts, columns = stat(made)
    assert facts["n_rows"] == N
    for name, ours in columns.items():
        query = f'select count("{name}"), count(distinct "{name}"), min("{name}"), max("{name}") from "{made}"'
        count, distinct, least, greatest = ask(query)[0]
        assert (ours["n_values"], ours["n_nulls"]) == (count, N - count)
        if ours["distinct_is_exact"]:
            assert ours["n_distinct"] == distinct
        else:
            assert distinct > 4096 and close(ours["n_distinct"], distinct, 0.025)
        assert ours["distinct_is_exact"] == (distinct <= 4096)
        if name != "single":  # whose text has fewer digits in DuckDB
            assert same(ours.get("min"), least) and same(ours.get("max"), greatest), name


def test_means_and_deviations_are_those_of_duckdb(made):
    _, columns = stat(made)
    for name in ["id", "small", "large", "normal", "single", "price", "huge"]:
        as_double = f"cast({name} as double)"
        mean, deviation = ask(f"select avg({as_double}), stddev_samp({as_double}) from '{made}'")[0]
        assert close(columns[name]["mean"], mean), name
        assert close(columns[name]["stddev"], deviation, 1e-6 if name == "large" else 1e-9), name
    trues = ask(f"select count(*) from '{made}' where flag")[0][0]
    assert columns["flag"]["n_true"] == trues
    lengths = ask(f"select min(length(word)), max(length(word)), avg(length(word)) from '{made}'")[0]
    assert (columns["word"]["length"]["min"], columns["word"]["length"]["max"]) == lengths[:2]
    assert close(columns["word"]["length"]["mean"], lengths[2])
    assert not any(key in columns["empty"] for key in ["min", "max", "mean", "top", "histogram"])


def test_the_most_frequent_values_are_those_of_duckdb(made):
    _, columns = stat(made, "--top", 5)
    for name in ["small", "word", "flag", "raw"]:
        query = f"select {name}, count(*) from '{made}' where {name} is not null group by 1 order by 2 desc, 1 limit 5"
        theirs = ask(query)
        assert len(columns[name]["top"]) == len(theirs)
        for told, (_, count) in zip(columns[name]["top"], theirs):
            assert told["at_least"] <= count <= told["at_most"]
            assert not columns[name]["top_is_exact"] or told["at_least"] == told["at_most"] == count


def test_bins_have_what_duckdb_finds_between_their_edges(made):
    _, columns = stat(made)
    for name in ["id", "small", "normal", "single", "price"]:
        histogram = columns[name]["histogram"]
        assert sum(histogram["counts"]) == columns[name]["n_values"]
        last = len(histogram["counts"]) - 1
        for i, count in enumerate(histogram["counts"]):
            low, high = histogram["edges"][i : i + 2]
            below = "<=" if i == last else "<"
            value = f"cast({name} as double)"
            query = f"select count(*) from '{made}' where {value} >= {low!r} and {value} {below} {high!r}"
            assert count == ask(query)[0][0], (name, i)


def test_threads_formats_and_parts_change_nothing(made, tmp_path):
    facts, columns = stat(made, "--threads", 1)
    assert facts == stat(made, "--threads", 3)[0]
    lines = tmp_path / "made.jsonl"
    assert run("convert", "--columns", "id,small,word", made, lines)[0] == 0
    for by_line in [stat(lines)[1], stat("--from", "jsonl", "-", stdin=lines.read_text("utf-8"))[1]]:
        for name in ["id", "small", "word"]:
            theirs = dict(columns[name], type=by_line[name]["type"])
            if "stddev" in theirs:  # squares are summed batch by batch
                assert close(by_line[name].pop("stddev"), theirs.pop("stddev"), 1e-12)
            assert by_line[name] == theirs
    assert list(stat(made, "--columns", "word,id")[1]) == ["word", "id"]
    few = stat(made, "--rows", "100:50", "--columns", "id")[1]["id"]
    assert (few["n_values"], few["min"], few["max"], few["n_distinct"]) == (50, 100, 149, 50)


def test_nested_columns_are_counted_by_their_elements(tmp_path):
    path = tmp_path / "nested.parquet"
    lists = [[1, None, 3], None, [], [4]]
    structs = [{"x": 1, "y": None}, None, {"x": 2, "y": "a"}, {"x": None, "y": "b"}]
    kind = pa.struct([("x", pa.int32()), ("y", pa.string())])
    pq.write_table(pa.table({"l": pa.array(lists, pa.list_(pa.int32())), "s": pa.array(structs, kind)}), path)
    _, columns = stat(path)
    assert list(columns) == ["l", "l.element", "s.x", "s.y"]
    found = {path: (column["n_values"], column["n_nulls"]) for path, column in columns.items()}
    assert found == {"l": (3, 1), "l.element": (3, 1), "s.x": (2, 2), "s.y": (2, 2)}
    assert columns["l"]["length"] == {"min": 0, "max": 3, "mean": pytest.approx(4 / 3)}
    assert columns["l.element"]["mean"] == pytest.approx(8 / 3)


def test_nan_and_infinities_are_counted_apart(tmp_path):
    path = tmp_path / "floats.parquet"
    values = [1.0, float("nan"), float("inf"), None, -0.0, 0.0, float("nan")]
    pq.write_table(pa.table({"f": pa.array(values, pa.float64())}), path)
    told = stat(path)[1]["f"]
    assert (told["n_values"], told["n_nulls"], told["n_nan"], told["n_infinite"]) == (6, 1, 2, 1)
    assert (told["n_distinct"], told["min"], "mean" in told) == (4, 0, False)
    assert sum(told["histogram"]["counts"]) == 3


def flat(kind):
    return not (pa.types.is_nested(kind) or pa.types.is_dictionary(kind) or pa.types.is_null(kind))


def check_against_pyarrow(path):
    theirs = pq.read_table(path)
    facts, columns = stat(path)
    assert facts["n_rows"] == theirs.num_rows
    checked = 0
    for field in theirs.schema:
        if not flat(field.type) or theirs.schema.names.count(field.name) > 1 or field.name not in columns:
            continue
        column, told = theirs[field.name], columns[field.name]
        assert told["n_nulls"] == column.null_count and told["n_values"] == len(column) - column.null_count
        checked += 1
        if pa.types.is_integer(field.type) or pa.types.is_string(field.type) or pa.types.is_boolean(field.type):
            bounds = pc.min_max(column).as_py()
            assert (told.get("min"), told.get("max")) == (bounds["min"], bounds["max"])
        if pa.types.is_integer(field.type) and told["n_values"] > 1:
            assert close(told["mean"], pc.mean(column.cast(pa.float64(), safe=False)).as_py(), 1e-12)
        if told["distinct_is_exact"] and not pa.types.is_floating(field.type):
            assert told["n_distinct"] == pc.count_distinct(column.combine_chunks()).as_py()
    return checked


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not there")
def test_the_public_corpus_is_told_as_pyarrow_reads_it():
    n_files = n_columns = 0
    for path in sorted((CORPUS / "data").glob("*.parquet")):
        status, _, _ = run("stat", path)
        try:
            pq.read_table(path)
        except (OSError, pa.ArrowException):
            continue
        if status == 0:
            n_columns += check_against_pyarrow(path)
            n_files += 1
    assert n_files >= 40 and n_columns >= 150


def test_the_table_suits_its_reader(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"n":1,"s":"x\\u001b[31m"}\n{"n":2,"s":"x\\u001b[31m"}\n', encoding="utf-8")
    status, out, err = run("stat", "a.jsonl", cwd=tmp_path, LC_ALL="C.UTF-8")
    assert (status, err) == (0, "")
    assert "█" in out and "1.5 ± 0.707" in out and "\x1b" not in out and "2 rows" in out
    status, out, err = run("stat", "a.jsonl", cwd=tmp_path, LC_ALL="C")
    assert (status, err) == (0, "") and out.isascii() and "@" in out and "1.5 +- 0.707" in out
    status, out, err = run("stat", "a.jsonl", cwd=tmp_path, LC_ALL="C", COLUMNS="40")
    assert max(map(len, out.splitlines())) <= 40 and "more column" in out


def test_what_is_wrong_is_said(tmp_path, made):
    assert run("stat", "no.parquet", cwd=tmp_path) == (
        1,
        "",
        "datarizer: no.parquet: can't be opened: No such file or directory\n",
    )
    status, out, err = run("stat", made, "--columns", "none")
    assert (status, out) == (1, "") and 'there is no column "none"' in err
    assert run("stat")[0] == 2
    assert run("stat", "x")[0] == 2
    assert run("stat", made, "--top", 0)[0] == 2
    broken = tmp_path / "broken.parquet"
    data = bytearray(made.read_bytes())
    data[5000:5100] = bytes(100)
    broken.write_bytes(data)
    status, out, err = run("stat", broken)
    assert (status, out) == (1, "") and "row group 0, column" in err and "byte" in err
