"""`datarizer diff`: files made by pyarrow whose differences are known, by position and by key, across formats."""

import datetime
import decimal
import functools
import json
import random
import struct
import subprocess
import uuid

import program
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from program import PROGRAM

run = functools.partial(program.run, "diff")


def diff(*arguments, limit=1000000, **more):
    status, out, err = run("--json", "--limit", limit, *arguments, **more)
    assert err == ""
    facts = json.loads(out)
    assert status == (0 if facts["equal"] else 1)
    return facts


@pytest.fixture(name="write")
def write_fixture(tmp_path):
    def write(name, columns, **options):
        made = columns if isinstance(columns, pa.Table) else pa.table(columns)
        pq.write_table(made, tmp_path / name, **options)
        return tmp_path / name

    return write


def every_type(n=500):
    rng = random.Random(3)
    rows = range(n)

    def some(value):
        return None if rng.random() < 0.2 else value

    nested = pa.struct([("x", pa.int32()), ("l", pa.list_(pa.string()))])
    return pa.table(
        {
            "id": pa.array(rows, pa.int64()),
            "i8": pa.array([some(rng.randrange(-128, 128)) for _ in rows], pa.int8()),
            "u64": pa.array([some(2**64 - 1 - i) for i in rows], pa.uint64()),
            "f": pa.array([some(struct.unpack("f", struct.pack("f", rng.random()))[0]) for _ in rows], pa.float32()),
            "d": pa.array([some(rng.choice([float("inf"), 0.0, -0.0, rng.random()])) for _ in rows], pa.float64()),
            "s": pa.array([some("ž" * rng.randrange(30)) for _ in rows], pa.string()),
            "b": pa.array([some(rng.randbytes(rng.randrange(20))) for _ in rows], pa.binary()),
            "fixed": pa.array([some(rng.randbytes(5)) for _ in rows], pa.binary(5)),
            "flag": pa.array([some(rng.random() < 0.5) for _ in rows], pa.bool_()),
            "day": pa.array([some(datetime.date(2000, 1, 1) + datetime.timedelta(i)) for i in rows], pa.date32()),
            "at": pa.array([some(i * 1234567) for i in rows], pa.timestamp("us", "UTC")),
            "local": pa.array([some(i * 1234567) for i in rows], pa.timestamp("ms")),
            "time": pa.array([some(i * 1000) for i in rows], pa.time64("us")),
            "dec": pa.array(
                [some(decimal.Decimal(rng.randrange(10**9)).scaleb(-3)) for _ in rows], pa.decimal128(20, 3)
            ),
            "n": pa.array([some({"x": some(i), "l": some(["a", None, "b"][: i % 4])}) for i in rows], nested),
            "m": pa.array([some([("k", i), ("q", None)]) for i in rows], pa.map_(pa.string(), pa.int32())),
            "word": pa.array([some(rng.choice(["x", "y"])) for _ in rows]).dictionary_encode(),
        }
    )


def test_files_of_all_types_equal_themselves_however_they_are_written(write, tmp_path):
    made = every_type()
    a = write("a.parquet", made, row_group_size=70)
    b = write("b.parquet", made, compression="zstd", use_dictionary=False, data_page_version="2.0", row_group_size=333)
    assert run(a, b) == (0, "no difference in 500 rows and 17 columns\n", "")
    assert run(a, b, "--key", "id")[0] == 0
    lines = tmp_path / "a.jsonl"
    plain = write("plain.parquet", made.drop_columns(["d"]))
    subprocess.run([PROGRAM, "convert", plain, lines], check=True)
    assert run(plain, lines) == (0, "no difference in 500 rows and 16 columns\n", "")
    assert run(lines, plain, "--key", "id")[0] == 0
    assert run(plain, "-", "--from", "jsonl", stdin=lines.read_text("utf-8"))[0] == 0
    assert run("-", plain, "--from", "jsonl", stdin=lines.read_text("utf-8"))[0] == 0
    assert run("-", plain, "--from", "jsonl", "--columns", "s,n", stdin=lines.read_text("utf-8"))[0] == 0


def other(value):
    """Another value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float, decimal.Decimal)):
        return value + 1 if value in (float("inf"), 0) or value < 100 else value - 1
    if isinstance(value, str):
        return value + "!"
    if isinstance(value, bytes):
        return bytes([value[0] ^ 1]) + value[1:] if value else b"x"
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value + datetime.timedelta(days=1)
    if isinstance(value, datetime.time):
        return value.replace(hour=(value.hour + 1) % 24)
    if isinstance(value, list):
        return value[:-1] if value else value + [("z", 1)]
    if isinstance(value, dict):
        return dict(value, x=None if value["x"] is not None else 7)
    raise TypeError(type(value))


@pytest.mark.parametrize("column", every_type(1).schema.names[1:])
def test_a_single_value_of_any_type_is_found(write, column):
    made = every_type()
    values = made[column].to_pylist()
    row = next(i for i in range(123, 500) if values[i] is not None and values[i] != float("inf"))
    changed = values[:row] + [other(values[row])] + values[row + 1 :]
    nulled = values[:row] + [None] + values[row + 1 :]
    a = write("a.parquet", made)
    place = made.schema.get_field_index(column)
    for name, instead in [("b.parquet", changed), ("c.parquet", nulled)]:
        kind = made.schema.field(column).type
        array = pa.array(instead, kind.value_type if pa.types.is_dictionary(kind) else kind)
        b = write(name, made.set_column(place, column, array), row_group_size=100)
        for facts in [diff(a, b), diff(a, b, "--key", "id"), diff(b, a)]:
            found = facts["differences"]
            assert [(d["row_a"], d["row_b"], list(d["a"]), list(d["b"])) for d in found] == [
                (row, row, [column], [column])
            ]
            assert facts["n_different"] == 1 and not facts["equal"]


def test_floats_differ_by_their_bits_but_nan_is_nan(write):
    nans = [struct.unpack("d", struct.pack("Q", bits))[0] for bits in (0x7FF8000000000000, 0xFFF8000000000001)]
    a = write("a.parquet", {"d": [0.0, nans[0], 1.0, nans[0], None]})
    b = write("b.parquet", {"d": [-0.0, nans[1], 1.0000000000000002, None, None]})
    assert [d["row_a"] for d in diff(a, b)["differences"]] == [0, 2, 3]


def test_rows_that_one_side_has_alone_by_position(write):
    a = write("a.parquet", {"n": list(range(1000))})
    b = write("b.parquet", {"n": list(range(700))}, row_group_size=64)
    facts = diff(a, b)
    assert (facts["n_rows_a"], facts["n_rows_b"], facts["n_only_a"], facts["n_only_b"]) == (1000, 700, 300, 0)
    assert [d["row_a"] for d in facts["differences"]] == list(range(700, 1000))
    assert diff(b, a)["n_only_b"] == 300
    status, out, _ = run(a, b, "--limit", 2)
    assert status == 1 and out.splitlines()[2:] == [
        "...",
        f"0 of 700 rows differ, 300 only in {a}, 0 only in {b}",
    ]


def keyed(rng, rows):
    return {
        "k": pa.array([k for k, _ in rows], pa.int64()),
        "g": pa.array([None if k % 10 == 0 else f"g{k % 7}" for k, _ in rows]),
        "v": [v for _, v in rows],
    }


@pytest.mark.parametrize("memory", ["1GiB", "1B", "3KiB"])
@pytest.mark.parametrize("seed", range(4))
def test_by_key_all_that_differs_is_found(write, memory, seed):
    """Sorted, so that a budget of one byte will do; with more, the second side may be in any order."""
    rng = random.Random(seed)
    ours = {k: rng.randrange(5) for k in rng.sample(range(-2000, 2000), 900)}
    theirs = {k: v if rng.random() < 0.9 else v + 1 for k, v in ours.items() if rng.random() < 0.9}
    theirs.update({k: 1 for k in rng.sample(range(3000, 5000), 50)})
    a = write("a.parquet", keyed(rng, sorted(ours.items())), row_group_size=100)
    rows = sorted(theirs.items())
    if memory == "1GiB":
        rng.shuffle(rows)
    b = write("b.parquet", keyed(rng, rows), row_group_size=77)
    facts = diff(a, b, "--key", "k,g", "--memory", memory)
    changed = {k for k in ours.keys() & theirs.keys() if ours[k] != theirs[k]}
    found = {"both": set(), "a": set(), "b": set()}
    for d in facts["differences"]:
        found["both" if "a" in d and "b" in d else "a" if "a" in d else "b"].add(d["key"]["k"])
    assert found == {"both": changed, "a": ours.keys() - theirs.keys(), "b": theirs.keys() - ours.keys()}
    assert facts["n_different"] == len(changed) == facts["columns"][2]["n_different"]


def test_what_does_not_fit_and_is_in_no_order_is_said(write):
    rows = list(range(5000))
    random.Random(1).shuffle(rows)
    a = write("a.parquet", {"k": rows}, row_group_size=500)
    b = write("b.parquet", {"k": sorted(rows)})
    assert diff(a, b, "--key", "k")["equal"]
    status, _, err = run(a, b, "--key", "k", "--memory", "1KiB")
    assert status == 1 and "do not fit 1024 bytes of memory, and row" in err and "raise the memory, or sort both" in err


@pytest.mark.parametrize("memory", ["1GiB", "1B"])
def test_keys_that_are_there_twice_are_refused(write, memory):
    once = write("once.parquet", {"k": [1, 2, 3, 4]})
    twice = write("twice.parquet", {"k": [1, 2, 2, 4]})
    for files, side in [((twice, once), "first"), ((once, twice), "second")]:
        status, _, err = run(*files, "--key", "k", "--memory", memory)
        assert status == 1 and side in err and "key" in err and "row" in err


@pytest.mark.parametrize(
    "values",
    [
        ["b", "a", None, "aa", ""],
        [b"\xff", b"", None, b"\x00"],
        [1.5, None, float("nan"), -0.0, 0.0, float("-inf")],
        [decimal.Decimal("1.5"), None, decimal.Decimal("-2.5")],
        [True, None, False],
        [datetime.date(2020, 1, 1), None, datetime.date(1900, 1, 1)],
        [datetime.datetime(2020, 1, 1), None, datetime.datetime(1900, 1, 1)],
        [uuid.uuid4().bytes, uuid.uuid4().bytes],
    ],
    ids=["string", "binary", "double", "decimal", "bool", "date", "timestamp", "uuid"],
)
def test_keys_of_any_flat_type(write, values):
    a = write("a.parquet", {"k": values, "v": list(range(len(values)))})
    b = write("b.parquet", {"k": values[::-1], "v": list(range(len(values)))[::-1]})
    assert diff(a, b, "--key", "k")["equal"]


def test_schemas_differ_by_names_and_types(write):
    a = write("a.parquet", {"id": [1, 2], "x": pa.array([1, 2], pa.int32()), "s": ["a", "b"], "old": [1, 2]})
    b = write("b.parquet", {"new": [1, 2], "s": [1, 2], "x": pa.array([1, 3], pa.int64()), "id": [1, 2]})
    facts = diff(a, b)
    told = {c["name"]: (c["state"], c["differs"]) for c in facts["columns"]}
    assert told == {
        "id": ("same", False),
        "x": ("like", True),
        "s": ("unlike", True),
        "old": ("only_a", True),
        "new": ("only_b", True),
    }
    assert facts["n_different"] == 1 and facts["differences"][0]["row_a"] == 1
    status, out, err = run(a, b)
    assert (status, err) == (1, "")
    assert out.splitlines() == [
        'column "x" is int32 and int64',
        'column "s" is string and int64, values are not compared',
        f'column "old" only in {a}',
        f'column "new" only in {b}',
        "row 1: x 2 -> 3",
        f"1 of 2 rows differs (x 1), 0 only in {a}, 0 only in {b}",
    ]
    assert diff(a, b, "--columns", "id")["equal"]
    assert not diff(a, b, "--columns", "id,new")["equal"]
    both = diff(a, b, "--key", "id", "--columns", "x")
    assert both["n_different"] == 1 and [c["name"] for c in both["columns"]] == ["id", "x"]


def test_values_of_two_types_are_compared_as_numbers_and_times(write):
    a = write(
        "a.parquet",
        {
            "i": pa.array([2**53, 2**53 + 1, 5], pa.int64()),
            "t": pa.array([1000, 1500, None], pa.timestamp("ms")),
            "m": pa.array([decimal.Decimal("1.50"), decimal.Decimal("2.25"), None], pa.decimal128(9, 2)),
            "u": pa.array([1, 2, 2**63], pa.uint64()),
        },
    )
    b = write(
        "b.parquet",
        {
            "i": pa.array([2.0**53, 2.0**53, 5.0], pa.float64()),
            "t": pa.array([1000000, 1500001, None], pa.timestamp("us")),
            "m": pa.array([decimal.Decimal("1.5"), decimal.Decimal("2.2"), None], pa.decimal128(30, 1)),
            "u": pa.array([1, -2, None], pa.int64()),
        },
    )
    for files in [(a, b), (b, a)]:
        facts = diff(*files)
        assert [(d["row_a"], sorted(d["a"])) for d in facts["differences"]] == [(1, ["i", "m", "t", "u"]), (2, ["u"])]


def test_json_lines_beside_parquet_are_read_as_its_types(write, tmp_path):
    columns = {
        "day": [datetime.date(2024, 1, 31), None],
        "f": pa.array([0.1, 2.5], pa.float32()),
        "raw": [b"\x00\xff", b""],
        "id": pa.array([1, 2], pa.int16()),
    }
    a = write("a.parquet", columns)
    b = tmp_path / "b.jsonl"
    b.write_text('{"id":1,"f":0.1,"day":"2024-01-31","raw":"AP8="}\n{"id":2,"f":2.5,"day":null,"raw":""}\n', "utf-8")
    assert diff(a, b)["equal"] and diff(b, a)["equal"]
    b.write_text('{"id":1,"f":0.1,"day":"2024-02-01","raw":"AP8=","more":1}\n{"id":2,"f":2.5}\n', "utf-8")
    facts = diff(a, b)
    assert [sorted(d["b"]) for d in facts["differences"]] == [["day"], ["raw"]]
    assert {c["name"] for c in facts["columns"] if c["differs"]} == {"more"}
    b.write_text('{"id":"one"}\n', "utf-8")
    status, _, err = run(a, b)
    assert status == 1 and 'b.jsonl: line 1: member "id": string "one" is not int16' in err


def test_csv_beside_parquet_is_read_as_its_types(write, tmp_path):
    made = every_type().drop_columns(["n", "m", "s"])
    a = write("a.parquet", made)
    b = tmp_path / "b.csv"
    subprocess.run([PROGRAM, "convert", a, b], check=True)
    assert diff(a, b)["equal"] and diff(b, a, "--key", "id")["equal"]
    text = b.read_text("utf-8").splitlines(keepends=True)
    b.write_text("".join(text[:300] + text[301:]), "utf-8")
    facts = diff(a, b, "--key", "id")
    assert (facts["n_only_a"], facts["n_different"]) == (1, 0) and facts["differences"][0]["row_a"] == 299


def test_what_is_printed_does_nothing_to_a_terminal(write):
    a = write("a.parquet", {"s\x1b[31m": ["x\x1b]0;evil\x07", "null", None]})
    b = write("b.parquet", {"s\x1b[31m": ["y\n", None, "null"]})
    status, out, err = run(a, b)
    assert (status, err) == (1, "") and "\x1b" not in out and "\x07" not in out
    assert out.splitlines()[1] == 'row 1: s\\u001b[31m "null" -> null'


def test_colours_are_for_terminals(write, tmp_path):
    a = write("a.parquet", {"n": [1]})
    b = write("b.parquet", {"n": [2]})
    seen = {}
    for name, environment in {"plain": "NO_COLOR=1", "coloured": "NO_COLOR="}.items():
        command = f"env {environment} {PROGRAM} diff {a} {b}"
        done = subprocess.run(["script", "-qec", command, "/dev/null"], capture_output=True, timeout=60, check=False)
        seen[name] = done.stdout.decode()
    assert "\x1b[31m1\x1b[0m -> \x1b[32m2\x1b[0m" in seen["coloured"] and "\x1b" not in seen["plain"]


def test_what_is_wrong_is_said(write, tmp_path):
    a = write("a.parquet", {"n": [1], "l": [[1]]})
    wide = write("wide.parquet", {"n": ["1"], "l": [[1]]})
    assert run(a)[0] == 2 and run("-", "-", "--from", "jsonl")[0] == 2 and run(a, a, "--key", ",")[0] == 2
    for arguments, said in [
        ((a, tmp_path / "no.parquet"), "no.parquet: can't be opened"),
        ((a, a, "--key", "none"), 'the key "none" is no column of either side'),
        ((a, a, "--key", "l"), 'the key "l" is list and list: keys are of one kind, and not nested'),
        ((a, wide, "--key", "n"), 'the key "n" is int64 and string'),
        ((a, a, "--columns", "none"), 'neither side has a column "none"'),
    ]:
        status, out, err = run(*arguments)
        assert (status, out) == (1, "") and said in err and err.count("\n") == 1


def test_empty_files(write):
    none = write("none.parquet", {"n": pa.array([], pa.int64())})
    one = write("one.parquet", {"n": [1]})
    assert run(none, none) == (0, "no difference in 0 rows and 1 column\n", "")
    assert diff(none, one)["n_only_b"] == 1 and diff(one, none, "--key", "n")["n_only_a"] == 1
