"""The other engines of the matrix: how each reads and writes a file, and in one place what each can't, by name."""

import collections
import functools
import json
import os
import re
import subprocess

os.environ["RUST_BACKTRACE"] = "0"  # a panic of Polars is an exception here; its backtrace says nothing to us
import duckdb
import dzr
import matrix
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

# ---- what they can't ----


def _has(column, *types):
    return column.type.startswith(types)


def _is_fixed_in(column, *encodings):
    return matrix.TYPES[column.type][1] == "FIXED" and column.encoding in encodings


# engine, "reads" ours or "writes" what we read, for which file and column, what it says then, and why that is not ours.
# A combination is tried all the same: when it is equal it counts; only one that fails as named here is skipped. A skip
# that is never needed fails the test, so that the list ends with the bugs. Where an engine has no such files at all
# (whole), one is tried and the others left out.
Skip = collections.namedtuple("Skip", "engine what when says why whole", defaults=[False])
SKIPS = [
    # encoding/rle.go decodeBits fills a run with its value's byte, 1, as if that were eight values
    Skip(
        "parquet-go",
        "reads",
        lambda file, column: column == ("bool", "RLE"),
        "^value",
        "RLE booleans: a run of true comes as one true and seven false by turns",
    ),
    # column.go decompress drops what the codec decoded into a buffer of its own, as LZ4 does when 3 * its input is more
    # than it got
    Skip(
        "parquet-go",
        "reads",
        lambda file, column: file.codec == "lz4",
        "^value|^decoding|^panic|values instead of",
        "LZ4_RAW: a page that takes less than three times its size is now and then read from a buffer without it",
    ),
    Skip(
        "duckdb",
        "reads",
        lambda file, column: _is_fixed_in(column, "BYTE_STREAM_SPLIT"),
        "BYTE_STREAM_SPLIT encoding is only supported for FLOAT, DOUBLE, INT32 or INT64 data",
        "BYTE_STREAM_SPLIT of fixed bytes: not supported",
    ),
    Skip(
        "duckdb",
        "reads",
        lambda file, column: _has(column, "decimal_76"),
        "^comes as double",
        "decimals of more than 38 digits: become double",
    ),
    Skip(
        "polars",
        "reads",
        lambda file, column: _is_fixed_in(column, "BYTE_STREAM_SPLIT", "DELTA_BYTE_ARRAY"),
        "Decoding FixedLenByteArray.* pages not yet supported",
        "DELTA_BYTE_ARRAY and BYTE_STREAM_SPLIT of fixed bytes: not supported",
    ),
    Skip(
        "polars",
        "reads",
        lambda file, column: _has(column, "decimal_76"),
        "can't decode Decimal128 type|precision",
        "decimals of more than 38 digits: has none",
    ),
    Skip(
        "parquet-go",
        "writes",
        lambda file, column: _has(column, "half"),
        "^comes as fixed_size_binary",
        "half: has no FLOAT16, it becomes two bytes",
    ),
    Skip(
        "duckdb",
        "writes",
        lambda file, column: _has(column, "half"),
        "Unsupported Internal Arrow Type e",
        "half: has no such type",
    ),
    Skip(
        "duckdb",
        "writes",
        lambda file, column: _has(column, "decimal_76"),
        "Unsupported Internal Arrow Type",
        "decimals of more than 38 digits: has none",
    ),
    # its files have values where the struct is null; the others read the same wrong ones
    Skip(
        "duckdb",
        "writes",
        lambda file, column: _has(column, "fixed") and file.nesting in ("struct", "deep"),
        r"^value|delta encoding of \d+ values, the page has \d+",
        "fixed bytes in a struct that may be null: a null too few",
    ),
    Skip(
        "polars",
        "writes",
        lambda file, column: _has(column, "decimal_76"),
        "does not support primitive `Int256`",
        "decimals of more than 38 digits: has none",
    ),
    # these are read and equal, but are not the combination asked for
    Skip(
        "duckdb",
        "writes",
        lambda file, column: file.pages == 2,
        "^has data pages V1",
        "data pages V2: its parquet_version V2 chooses from more encodings, in pages V1",
        whole=True,
    ),
    Skip(
        "polars",
        "writes",
        lambda file, column: file.pages == 2,
        "^has data pages V1",
        "data pages V2: writes V1 alone",
        whole=True,
    ),
    Skip(
        "duckdb",
        "writes",
        lambda file, column: file.nulls == "required",
        "^has definition levels",
        "required columns: writes optional ones alone",
        whole=True,
    ),
    Skip(
        "polars",
        "writes",
        lambda file, column: file.nulls == "required",
        "^has definition levels",
        "required columns: writes optional ones alone",
        whole=True,
    ),
]


def skips_of(engine, what):
    return [s for s in SKIPS if s.engine == engine.split()[0] and s.what == what]


class Tally:
    """What was tried, and what came of it."""

    def __init__(self):
        self.files = collections.Counter()
        self.equal = collections.Counter()
        self.skipped = collections.defaultdict(collections.Counter)

    def take(self, engine, what, file, found):
        """Counts what was found of each column (None or what is wrong); returns those without an excuse."""
        self.files[what, engine] += 1
        wrong = {}
        for column, message in found.items():
            if not message:
                self.equal[what, engine] += 1
                continue
            skip = next(
                (s for s in skips_of(engine, what) if s.when(file, column) and re.search(s.says, message)), None
            )
            if skip is None:
                wrong[column] = message
            else:
                self.skipped[what, engine][skip.why] += 1
        return wrong

    def leave_out(self, engine, what, file, columns):
        """Counts the columns of a file as skipped when one like it has shown that the engine has none."""
        for s in skips_of(engine, what):
            if s.whole and s.when(file, None) and self.skipped[what, engine][s.why]:
                self.files[what, engine] += 1
                self.skipped[what, engine][s.why] += len(columns)
                return True
        return False

    def lines(self):
        for what, engine in sorted(self.files):
            skipped = self.skipped[what, engine]
            yield "%s %s: %d files, %d combinations equal, %d skipped" % (
                engine,
                "reads ours" if what == "reads" else "writes, we read",
                self.files[what, engine],
                self.equal[what, engine],
                sum(skipped.values()),
            )
            for why, n in sorted(skipped.items()):
                yield "    %6d %s" % (n, why)


TALLY = Tally()


def assert_whole(what, combinations):
    """After a whole run: no engine missed a combination (it is given how many there are), no skip is stale."""
    tried = [engine for engine in combinations if TALLY.files[what, engine] == matrix.N_FILES]
    if not tried:
        pytest.skip("not the whole matrix")
    for engine in tried:
        assert TALLY.equal[what, engine] + sum(TALLY.skipped[what, engine].values()) == combinations[engine], engine
    stale = [s.why for engine in tried for s in skips_of(engine, what) if not TALLY.skipped[what, engine][s.why]]
    assert stale == []


# ---- reading ----

_duckdb = duckdb.connect()
_duckdb.execute("set arrow_lossless_conversion = true")  # UUIDs as such, not as text


def _read_pyarrow(path, names=None):
    return pq.read_table(path, columns=names, page_checksum_verification=True)


def _read_duckdb(path, names=None):
    wanted = ", ".join('"%s"' % name for name in names) if names else "*"
    return _duckdb.sql("select %s from read_parquet('%s')" % (wanted, path)).to_arrow_table()


def _read_polars(path, names=None):
    return polars.read_parquet(path, columns=names).to_arrow()


def read_ours(path, names=None):
    if names is None:
        return dzr.read(path)
    schema = pq.ParquetFile(path).schema
    return dzr.read(path, [i for i in range(len(schema)) if schema.column(i).path.split(".")[0] in names])


def scan_ours(path, names=None):
    """In batches of few rows, dictionaries of strings as they are in the file."""
    schema = pq.ParquetFile(path).schema
    paths = [schema.column(i).path for i in range(len(schema))]
    leaves = [i for i, leaf in enumerate(paths) if names is None or leaf.split(".")[0] in names]
    kept = [i for i in leaves if re.match("(string|binary)__AUTO", paths[i]) and not paths[i].endswith(".key")]
    schema, batches = dzr.scan(path, leaves, dictionaries=kept, batch_rows=37)
    return pa.Table.from_batches(batches, schema)


READERS = {"pyarrow": _read_pyarrow, "duckdb": _read_duckdb, "polars": _read_polars}


def attempt(read, *args):
    """(what it returned, None) or (None, what it says); a panic of Polars is no Exception."""
    try:
        return read(*args), None
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        return None, "%s: %s" % (type(error).__name__, error)


def compare(engine, what, read, path, file, columns):
    """What is wrong with each column. Those that make an engine refuse the file are read by themselves then."""
    exact = engine.split()[0] in ("pyarrow", "datarizer")  # the others have no such types for all
    found = {}

    def look(some, names=None):
        table, message = attempt(read, path, names)
        for column in some:
            found[column] = message or matrix.differs(
                column.type, file.nulls, file.nesting, table.column(matrix.name_of(column)), exact
            )
        return message

    if look(columns):
        skips = [s for s in skips_of(engine, what) if not s.whole]
        doubtful = [column for column in columns if any(s.when(file, column) for s in skips)]
        others = [column for column in columns if column not in doubtful]
        for some in [others] + [[column] for column in doubtful]:
            if some and look(some, [matrix.name_of(column) for column in some]) and len(some) > 1:
                for column in some:
                    look([column], [matrix.name_of(column)])
    return found


# ---- parquet-go, a process that answers questions ----


class ParquetGo:
    def __init__(self, program):
        self.process = subprocess.Popen([program, "matrix"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, **question):
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError("parquet-go ended with status %s at %s" % (self.process.wait(), question))
        return json.loads(line)

    def compare(self, path, model, columns):
        """Levels and values as they are in a file that pyarrow wrote plainly."""
        answer = self.ask(do="read", file=str(path), like=str(model))
        return {c: answer.get("*") or answer.get(matrix.name_of(c), "is not there") for c in columns}

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def write_model(path, nulls, nesting):
    """A column for each type as plain as there is, for parquet-go to compare with and to copy from."""
    columns = [c for c in matrix.columns_of(nulls) if c.encoding == "PLAIN"]
    table = matrix.table_of(nulls, nesting, columns).rename_columns([c.type for c in columns])
    pq.write_table(
        table,
        path,
        compression="none",
        use_dictionary=False,
        store_schema=False,
        store_decimal_as_integer=True,
        data_page_size=1000,
    )


# ---- writing ----


def _write_pyarrow(table, path, file, columns, turn):
    encodings = {matrix.path_of(matrix.name_of(c), file.nesting): c.encoding for c in columns}
    pq.write_table(
        table,
        path,
        compression=file.codec,
        data_page_version="%d.0" % file.pages,
        row_group_size=250,
        data_page_size=[500, 4000, 200][turn],
        write_batch_size=50,
        use_dictionary=[p for p, encoding in encodings.items() if encoding == "AUTO"],
        column_encoding={p: encoding for p, encoding in encodings.items() if encoding != "AUTO"},
        dictionary_pagesize_limit=[1 << 20, 1000, 100][turn],
        store_decimal_as_integer=turn != 2,
        write_page_index=turn == 1,
        write_page_checksum=turn != 1,
        store_schema=turn == 2,
    )


def _write_duckdb(table, path, file, columns, turn, version="V1"):
    codec = {"none": "uncompressed", "lz4": "lz4_raw"}.get(file.codec, file.codec)
    limit = ["", ", dictionary_size_limit 1", ", string_dictionary_page_size_limit 1000"][turn]
    options = "format parquet, parquet_version %s, compression %s%s" % (version, codec, limit)
    _duckdb.from_arrow(table).query("rows", "copy rows to '%s' (%s)" % (path, options))


def _write_polars(table, path, file, columns, turn):
    codec = {"none": "uncompressed"}.get(file.codec, file.codec)
    polars.from_arrow(table).write_parquet(
        path,
        compression=codec,
        row_group_size=[250, 1000, 90][turn],
        data_page_size=[500, 200, 4000][turn],
        statistics=turn != 1,
    )


WRITERS = {
    "pyarrow": _write_pyarrow,
    "duckdb": _write_duckdb,
    "duckdb V2": functools.partial(_write_duckdb, version="V2"),
    "polars": _write_polars,
}


def columns_of(engine, file, turn):
    """The columns an engine is to write."""
    columns = matrix.columns_of(file.nulls)
    if engine != "pyarrow":  # they choose by themselves
        return [c for c in columns if c.encoding == "AUTO"]
    if turn == 2:  # its decimals are bytes then
        return [c for c in columns if not c.type.startswith("decimal") or c.encoding in matrix.ENCODINGS["FIXED"]]
    return columns


def write(engine, path, file, columns, turn):
    """Writes what the engine can; returns the columns in the file, and what it said of each of the others."""

    def whole(columns):
        table = matrix.table_of(file.nulls, file.nesting, columns)
        return attempt(WRITERS[engine], table, path, file, columns, turn)[1]

    refused = {}
    if whole(columns):
        for column in columns:
            if any(s.when(file, column) for s in skips_of(engine, "writes") if not s.whole):
                if message := _refusal(engine, path, column, file.nulls, file.nesting):
                    refused[column] = message
        columns = [column for column in columns if column not in refused]
        message = whole(columns)
        assert not message, message
    return columns, refused


_refusals = {}


def _refusal(engine, path, column, nulls, nesting):
    """What an engine says when it is to write this column alone, which the codec has no part in."""
    key = (engine, column, nulls, nesting)
    if key not in _refusals:
        table, file = matrix.table_of(nulls, nesting, [column]), matrix.File("none", 1, nulls, nesting)
        _refusals[key] = attempt(WRITERS[engine], table, path, file, [column], 0)[1]
    return _refusals[key]
