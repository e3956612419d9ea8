"""Records with a member of every kind beside pyarrow: what the library writes it reads, and the other way round."""

import os
import subprocess

import pyarrow as pa
import pyarrow.parquet as pq

PROGRAM = os.environ["DZR_EVERYTHING_FILE"]
N = 2000


def kinds(nullable):
    types = [
        ("b", pa.bool_()),
        ("i8", pa.int8()),
        ("i16", pa.int16()),
        ("i32", pa.int32()),
        ("i64", pa.int64()),
        ("u8", pa.uint8()),
        ("u16", pa.uint16()),
        ("u32", pa.uint32()),
        ("u64", pa.uint64()),
        ("f", pa.float32()),
        ("d", pa.float64()),
        ("day", pa.date32()),
        ("ms", pa.timestamp("ms", "UTC")),
        ("us", pa.timestamp("us")),
        ("ns", pa.timestamp("ns", "UTC")),
        ("s", pa.string()),
        ("raw", pa.binary()),
    ]
    return pa.struct([pa.field(name, type, nullable=nullable) for name, type in types])


def items(type, nullable=False):
    return pa.list_(pa.field("element", type, nullable=nullable))


PART = pa.struct(
    [
        pa.field("label", pa.string(), nullable=False),
        pa.field("marks", items(pa.int64()), nullable=False),
        pa.field("n", pa.int32()),
    ]
)
INFO = pa.struct(
    [
        pa.field("_raw_data", pa.string(), nullable=False),
        pa.field("_row_hash", pa.string(), nullable=False),
        pa.field("_ingest_timestamp", pa.timestamp("ms", "UTC"), nullable=False),
        pa.field("_source_info", pa.string(), nullable=False),
    ]
)
SCHEMA = pa.schema(
    [
        pa.field("id", pa.int64(), nullable=False),
        pa.field("all", kinds(False), nullable=False),
        pa.field("some", kinds(True), nullable=False),
        pa.field("one", PART, nullable=False),
        pa.field("other", PART),
        pa.field("numbers", items(pa.int32()), nullable=False),
        pa.field("names", items(pa.string())),
        pa.field("parts", items(PART), nullable=False),
        pa.field("holes", items(pa.struct([pa.field("x", pa.float64(), nullable=False)]), True), nullable=False),
        pa.field("grid", items(items(pa.float64())), nullable=False),
        pa.field("_recordinfo", INFO, nullable=False),
    ]
)


def near_ends(i, low, high):
    k = i // 3 % 50
    return [low + k, high - k, k][i % 3]


def signed(i, bits):
    return near_ends(i, -(1 << bits - 1), (1 << bits - 1) - 1)


def one_of_each(i):
    """Dates and times as numbers: pyarrow takes them so, however far from today."""
    return {
        "b": i % 2 == 1,
        "i8": signed(i, 8),
        "i16": signed(i, 16),
        "i32": signed(i, 32),
        "i64": signed(i, 64),
        "u8": near_ends(i, 0, 255),
        "u16": near_ends(i, 0, 65535),
        "u32": near_ends(i, 0, 2**32 - 1),
        "u64": 2**64 - 1 - i,
        "f": i % 1000 / 8 - 3,
        "d": i / 10,
        "day": near_ends(i, -25000, 25000),
        "ms": near_ends(i, -60000, 1700000000123),
        "us": near_ends(i, -1, 1700000000123456),
        "ns": near_ends(i, 1, 1700000000123456789),
        "s": "" if i % 5 == 0 else f'Zürich "{i if i % 5 == 1 else i << 40}"',
        "raw": bytes([i % 256, 0, 255])[: i % 4 % 3],
    }


def part(i):
    return {"label": f"part {i} of many", "marks": [i, -2 * i][: i % 3], "n": i % 1000 if i % 2 == 0 else None}


def row(i):
    each = one_of_each(i)
    grid = [[], [10.0], [20.0, 21.0]]
    return {
        "id": i,
        "all": each,
        "some": each if i % 4 != 0 else dict.fromkeys(each),
        "one": part(i),
        "other": part(i + 1) if i % 3 != 0 else None,
        "numbers": [i + k for k in range(i % 4)],
        "names": [f"name {k}" for k in range(i % 3)] if i % 5 != 0 else None,
        "parts": [part(i + 10 * k) for k in range(i % 3)],
        "holes": [{"x": k / 4} if k % 2 == 0 else None for k in range(i % 5 % 4)],
        "grid": grid[: i % 4],
        "_recordinfo": {
            "_raw_data": each["s"],
            "_row_hash": part(i)["label"],
            "_ingest_timestamp": 1700000000000 + i,
            "_source_info": f"source {i % 7}",
        },
    }


def expected():
    return pa.Table.from_pylist([row(i) for i in range(N)], SCHEMA)


def run(operation, path):
    result = subprocess.run([PROGRAM, operation, path, str(N)], capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr


def test_pyarrow_reads_what_a_frame_writes(tmp_path):
    run("write", tmp_path / "a.parquet")
    read = pq.read_table(tmp_path / "a.parquet")
    read.validate(full=True)
    assert read.schema.equals(SCHEMA), read.schema
    assert read.equals(expected())


def test_a_frame_reads_what_pyarrow_writes(tmp_path):
    pq.write_table(expected(), tmp_path / "a.parquet", row_group_size=700)
    run("check", tmp_path / "a.parquet")


def loose(type):
    """The same type with everything nullable and the members of structs turned around."""
    if pa.types.is_struct(type):
        return pa.struct([pa.field(inner.name, loose(inner.type)) for inner in reversed(list(type))])
    return pa.list_(loose(type.value_type)) if pa.types.is_list(type) else type


def test_a_frame_reads_nullable_columns_in_another_order(tmp_path):
    schema = pa.schema([pa.field(field.name, loose(field.type)) for field in reversed(list(SCHEMA))])
    table = pa.Table.from_pylist([row(i) for i in range(N)], schema)
    pq.write_table(table, tmp_path / "a.parquet", compression="zstd", data_page_version="2.0", use_dictionary=False)
    run("check", tmp_path / "a.parquet")
