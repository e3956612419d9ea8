"""The other engines of the matrix: how each reads and writes a file, and in one place what each can't, by name."""
import collections
import json
import os
import re
import subprocess

os.environ["RUST_BACKTRACE"] = "0"  # a panic of Polars is an exception here; its backtrace says nothing to us
import duckdb
import polars
import pyarrow as pa
import pyarrow.parquet as pq

import matrix

# ---- what they can't ----

# engine, "reads" ours or "writes" what we read, for which file and column, what it says then, and why that is not ours.
# A combination is tried all the same: when it is equal it counts; only one that fails as named here is skipped. A skip
# that is never needed fails the test, so that the list ends with the bugs.
Skip = collections.namedtuple("Skip", "engine what when says why")
SKIPS = [
    # encoding/rle.go decodeBits fills a run with its value's byte, 1, as if that were eight values
    Skip("parquet-go", "reads", lambda file, column: column == ("bool", "RLE"), "^value",
         "RLE booleans: a run of true comes as one true and seven false by turns"),
    # column.go decompress drops what the codec decoded into a buffer of its own; LZ4 does when it got less than 3 * its input
    Skip("parquet-go", "reads", lambda file, column: file.codec == "lz4", "^value|^decoding|^panic|values instead of",
         "LZ4_RAW: a page that takes less than three times its size is now and then read from a buffer without it"),
]


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
            skip = next((s for s in SKIPS if (s.engine, s.what) == (engine, what) and s.when(file, column)
                         and re.search(s.says, message)), None)
            if skip is None:
                wrong[column] = message
            else:
                self.skipped[what, engine][skip.why] += 1
        return wrong

    def lines(self):
        for what, engine in sorted(self.files):
            skipped = self.skipped[what, engine]
            yield "%s %s: %d files, %d combinations equal, %d skipped" % (
                engine, "reads ours" if what == "reads" else "writes, we read", self.files[what, engine],
                self.equal[what, engine], sum(skipped.values()))
            for why, n in sorted(skipped.items()):
                yield "    %6d %s" % (n, why)


TALLY = Tally()


def unneeded(what, engines):
    """The skips no combination asked for."""
    return [s.why for s in SKIPS if s.what == what and s.engine in engines and not TALLY.skipped[what, s.engine][s.why]]


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


READERS = {"pyarrow": _read_pyarrow, "duckdb": _read_duckdb, "polars": _read_polars}


def attempt(read, *args):
    """(what it returned, None) or (None, what it says); a panic of Polars is no Exception."""
    try:
        return read(*args), None
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        return None, "%s: %s" % (type(error).__name__, error)


def compare(read, path, file, columns):
    """Each column by itself when the file as a whole is refused."""
    names = [matrix.name_of(column) for column in columns]
    table, message = attempt(read, path)
    if message is None and table.schema.names != names:
        return {column: "the file has the columns %s" % table.schema.names for column in columns}
    found = {}
    for column, name in zip(columns, names):
        one = table
        if table is None:
            one, message = attempt(read, path, [name])
        if one is not None:
            message = matrix.differs(column.type, file.nulls, file.nesting, one.column(name))
        found[column] = message
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
    pq.write_table(table, path, compression="none", use_dictionary=False, store_schema=False,
                   store_decimal_as_integer=True, data_page_size=1000)
