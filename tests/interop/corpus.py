"""Every file of apache/parquet-testing by us and by other engines, compared value by value.

Values are brought to one form, in which equal means equal: floats by their bits (NaN is one), text and bytes as bytes,
instants and times in nanoseconds, decimals as numbers, lists as lists, structs as tuples, maps as lists of pairs."""

import csv
import decimal
import json
import pathlib
import shutil
import struct
import subprocess

import corpus_facts as facts
import duckdb
import dzr
import polars
import pyarrow as pa
import pyarrow.parquet as pq

ROOT = pathlib.Path(__file__).parents[2]
FOLDER = ROOT.parent / "shared" / "parquet-testing"
OTHERS = ["pyarrow", "DuckDB", "Polars", "parquet-go"]
NANOS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}


def files():
    """The valid files, as they are below the folder; encrypted ones and variants are for later."""
    found = [
        *FOLDER.glob("data/*.parquet"),
        *FOLDER.glob("data/geospatial/*.parquet"),
        *FOLDER.glob("bad_data/*.parquet"),
    ]
    return sorted({str(path.relative_to(FOLDER)) for path in found} - facts.REFUSED.keys())


def encrypted():
    return sorted([*FOLDER.glob("data/*.encrypted"), *FOLDER.glob("data/aes256/*.encrypted")])


def variants():
    return sorted(FOLDER.glob("shredded_variant/*.parquet"))


# ---- values in one form ----


def _number(value):
    return "nan" if value != value else struct.pack("<d", value)


def _rows_of(offsets, children, validity):
    return [children[a:b] if is_valid else None for a, b, is_valid in zip(offsets, offsets[1:], validity)]


def values(array):
    """A pyarrow array's values, a row each."""
    kind = array.type
    if isinstance(kind, pa.ExtensionType):
        return values(array.storage)
    if pa.types.is_dictionary(kind):
        return values(array.dictionary_decode())
    there = array.is_valid().to_pylist()
    if pa.types.is_struct(kind):
        members = zip(*(values(array.field(i)) for i in range(kind.num_fields)))
        return [row if is_valid else None for row, is_valid in zip(members, there)]
    if pa.types.is_map(kind):
        entries = list(zip(values(array.keys), values(array.items)))
        return _rows_of(array.offsets.to_pylist(), entries, there)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return _rows_of(array.offsets.to_pylist(), values(array.values), there)
    if pa.types.is_timestamp(kind) or pa.types.is_time64(kind) or pa.types.is_time32(kind):
        stored = array.cast(pa.int32() if pa.types.is_time32(kind) else pa.int64()).to_pylist()
        return [None if v is None else v * NANOS[kind.unit] for v in stored]
    if pa.types.is_date32(kind):
        return array.cast(pa.int32()).to_pylist()
    if pa.types.is_floating(kind):
        return [None if v is None else _number(v) for v in array.to_pylist()]
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return [None if v is None else v.encode() for v in array.to_pylist()]
    return array.to_pylist()  # numbers, decimals, booleans, bytes


def columns(table):
    """(name, type, values) of each column."""
    out = []
    for name, column in zip(table.column_names, table.columns):
        parts = [values(chunk) for chunk in column.chunks]
        out.append((name, column.type, [row for part in parts for row in part]))
    return out


def entries(kind, rows):
    """[(type, values)] of the leaves below a column, an entry where the file has one: None for null or an empty one."""
    if isinstance(kind, pa.ExtensionType):
        return entries(kind.storage_type, rows)
    if pa.types.is_map(kind):
        return entries(pa.list_(pa.struct([kind.key_field, kind.item_field])), rows)
    if pa.types.is_list(kind):
        return entries(kind.value_type, [element for row in rows for element in row or [None]])
    if pa.types.is_struct(kind):
        members = [
            entries(kind.field(i).type, [None if row is None else row[i] for row in rows])
            for i in range(kind.num_fields)
        ]
        return [leaf for member in members for leaf in member]
    return [(kind, rows)]


# ---- the engines: each reads a file as [(name, type, values)], or raises ----


def read_datarizer(path, **options):
    return columns(dzr.read(path, **options))


def read_pyarrow(path, verify=True):
    file = pq.ParquetFile(path, page_checksum_verification=verify, coerce_int96_timestamp_unit="us")
    return columns(file.read())


def read_duckdb(path):
    return columns(duckdb.sql(f"select * from read_parquet('{path}')").to_arrow_table())


def read_polars(path):
    return columns(polars.read_parquet(path).to_arrow())


def _stored(kind, value):
    """A stored value, as parquet-go gives it, in the form of values of our type."""
    if value is None or pa.types.is_boolean(kind):
        return value
    if pa.types.is_floating(kind) and isinstance(value, int):
        packed, form = ("<I", "<f") if pa.types.is_float32(kind) else ("<Q", "<d")
        return _number(struct.unpack(form, struct.pack(packed, value))[0])
    raw = bytes.fromhex(value) if isinstance(value, str) else None
    if pa.types.is_floating(kind):
        return _number(struct.unpack("<e", raw)[0])
    if pa.types.is_decimal(kind):
        unscaled = value if raw is None else int.from_bytes(raw, "big", signed=True)
        return decimal.Decimal(unscaled).scaleb(-kind.scale, decimal.Context(prec=80))
    if pa.types.is_timestamp(kind) and raw is not None:  # INT96
        nanos, day = struct.unpack("<qi", raw)
        return (day - 2440588) * 86400 * 10**9 + nanos
    if pa.types.is_timestamp(kind) or pa.types.is_time(kind):
        return value * NANOS[kind.unit]
    if pa.types.is_unsigned_integer(kind):
        return value % 2**kind.bit_width
    return value if raw is None else raw


class Failed(Exception):
    pass


def read_parquet_go(program, path, ours):
    """The entries of each leaf, in the form of ours: [(name, type, values)]."""
    done = subprocess.run([program, "dump", path], capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise Failed(done.stderr.strip())
    theirs = [json.loads(line) for line in done.stdout.splitlines()]
    leaves = leaves_of(ours)
    if len(theirs) != len(leaves):
        raise Failed(f"{len(theirs)} leaves")
    return [(name, kind, [_stored(kind, v) for v in stored]) for (name, kind, _), stored in zip(leaves, theirs)]


def leaves_of(table):
    """The columns as what the file stores: [(name, type, entries)]."""
    return [(name, *leaf) for name, kind, rows in table for leaf in entries(kind, rows)]


def build_parquet_go(folder):
    """The Go program, or None where there is no Go."""
    go = shutil.which("go")
    if go is None:
        return None
    program = pathlib.Path(folder) / "parquet_go"
    subprocess.run([go, "build", "-o", program, "."], cwd=pathlib.Path(__file__).parent / "parquet_go", check=True)
    return program


# ---- _expect.csv ----


def expected(name):
    """The values of a file's _expect.csv as they are written there, by column; None when it has none."""
    path = FOLDER / name.replace(".parquet", "_expect.csv")
    if not path.exists():
        return None
    with open(path, newline="") as lines:
        header, *rows = csv.reader(lines)
    return {column: [row[i] for row in rows] for i, column in enumerate(header)}


# ---- who reads what ----


def difference(mine, theirs):
    """The first difference between two readings, "" when there is none."""
    if len(mine) != len(theirs):
        return f"{len(mine)} columns, {len(theirs)} of theirs"
    for (name, _, a), (other, _, b) in zip(mine, theirs):
        if name != other:
            return f"column {name} is called {other}"
        if len(a) != len(b):
            return f"column {name} has {len(a)} values, {len(b)} of theirs"
        if a != b:
            row = next(i for i in range(len(a)) if a[i] != b[i])
            return f"column {name}, value {row}: {a[row]!r:.200}, {b[row]!r:.200} of theirs"
    return ""


def attempt(read, *arguments):
    """What an engine reads, or why it does not."""
    try:
        return read(*arguments), ""
    except BaseException as error:  # Polars' panics are no Exceptions
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        return None, f"{type(error).__name__}: {error}"


def compare(name, parquet_go):
    """What we read, and {engine: (outcome, detail)} of the others: "equal" to us, "fails", "differs"."""
    path = FOLDER / name
    ours = read_datarizer(path, skip_crc=name in facts.WRONG_CRC)
    out = {}
    readers = {
        "pyarrow": (read_pyarrow, path, name not in facts.WRONG_CRC),
        "DuckDB": (read_duckdb, path),
        "Polars": (read_polars, path),
        "parquet-go": (read_parquet_go, parquet_go, path, ours),
    }
    for engine, read in readers.items():
        theirs, why = attempt(*read)
        if theirs is None:
            out[engine] = ("fails", why)
        else:
            gap = difference(leaves_of(ours) if engine == "parquet-go" else ours, theirs)
            out[engine] = ("differs", gap) if gap else ("equal", "")
    return ours, out


def refusal(name):
    """What we say of a bad file, without the path."""
    try:
        read_datarizer(FOLDER / name)
    except dzr.DzrError as error:
        return str(error).removeprefix(f"{FOLDER / name}: ")
    raise AssertionError(f"{name} reads")


def n_rows(table):
    return len(table[0][2]) if table else 0
