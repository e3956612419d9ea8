"""bench/peers/dataframes - Parquet and JSON lines by Polars, pyarrow and DuckDB, as their users write it; the others'
side of the frames cases. Only the work itself is measured, without starting Python, importing and connecting.

usage: frames.py TOOL read FILE THREADS [COLUMN]     every value of the file, or of one column, into memory
       frames.py TOOL write FILE OUT CODEC THREADS   FILE is read first; only writing it from memory counts
       frames.py TOOL convert IN OUT THREADS         JSON lines to Parquet (Snappy, types inferred), or back
       frames.py TOOL footer FILE                    open, and know the schema
TOOL is polars, pyarrow or duckdb. Prints one line of JSON: cpu_s, system_s (of it in the kernel), wall_s, rows, and for
read "sums": {column: checksum}.
"""

import json
import os
import resource
import sys
import time


def measured(work):
    """(what work answers, {cpu_s, system_s, wall_s})"""
    before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    answer = work()
    after, end = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    system_s = after.ru_stime - before.ru_stime
    return answer, {"cpu_s": after.ru_utime - before.ru_utime + system_s, "system_s": system_s, "wall_s": end - start}


class Polars:
    def __init__(self, threads):
        os.environ["POLARS_MAX_THREADS"] = str(threads)
        import polars

        self.pl = polars

    def read(self, file, column):
        return self.pl.read_parquet(file, columns=[column] if column else None)

    def write(self, frame, out, codec):
        frame.write_parquet(out, compression=codec)

    def convert(self, source, out):
        if out.endswith(".parquet"):
            self.pl.read_ndjson(source).write_parquet(out, compression="snappy")
        else:
            self.pl.read_parquet(source).write_ndjson(out)

    def footer(self, file):
        return len(self.pl.read_parquet_schema(file))

    def batches(self, frame):
        return frame.to_arrow(compat_level=self.pl.CompatLevel.newest()).to_batches()


class Pyarrow:
    def __init__(self, threads):
        # its default, mimalloc, asks for huge pages, and where those are dear it reads three times as long
        os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "jemalloc"
        import pyarrow
        import pyarrow.dataset  # read_table would import it at its first call
        import pyarrow.json
        import pyarrow.parquet

        pyarrow.set_cpu_count(threads)
        pyarrow.set_io_thread_count(max(1, threads))
        self.pa, self.threads = pyarrow, threads > 1

    def read(self, file, column):
        return self.pa.parquet.read_table(file, columns=[column] if column else None, use_threads=self.threads)

    def write(self, frame, out, codec):
        self.pa.parquet.write_table(frame, out, compression=codec)

    def convert(self, source, out):
        options = self.pa.json.ReadOptions(use_threads=self.threads)
        self.pa.parquet.write_table(self.pa.json.read_json(source, options), out)

    def footer(self, file):
        return len(self.pa.parquet.ParquetFile(file).schema_arrow)

    def batches(self, frame):
        return frame.to_batches()


class Duckdb:
    def __init__(self, threads):
        import duckdb

        self.db = duckdb.connect(config={"threads": threads})

    def read(self, file, column):
        what = f'"{column}"' if column else "*"
        self.db.execute(f"CREATE TABLE frame AS SELECT {what} FROM read_parquet('{file}')")

    def write(self, _, out, codec):
        self.db.execute(f"COPY frame TO '{out}' (FORMAT parquet, COMPRESSION {codec})")

    def convert(self, source, out):
        if out.endswith(".parquet"):
            read, form = f"read_json('{source}', format='newline_delimited')", "FORMAT parquet, COMPRESSION snappy"
        else:
            read, form = f"read_parquet('{source}')", "FORMAT json"
        self.db.execute(f"COPY (SELECT * FROM {read}) TO '{out}' ({form})")

    def footer(self, file):
        # the cheapest of its ways to open a file; DESCRIBE takes thirteen times as long
        return self.db.execute(f"SELECT count(*) FROM read_parquet('{file}')").fetchone()[0]

    def batches(self, _):
        return self.db.sql("SELECT * FROM frame").to_arrow_reader(1 << 17)


TOOLS = {"polars": Polars, "pyarrow": Pyarrow, "duckdb": Duckdb}


def main():
    tool, verb, file, *rest = sys.argv[1:]
    threads = 1 if verb == "footer" else int(rest[0] if verb == "read" else rest[-1])
    peer = TOOLS[tool](threads)
    if verb == "read":
        frame, cost = measured(lambda: peer.read(file, rest[1] if len(rest) > 1 else None))
        import sums

        rows, by_column = sums.of_batches(peer.batches(frame))
        cost.update(rows=rows, sums=by_column)
    elif verb == "write":
        frame = peer.read(file, None)
        _, cost = measured(lambda: peer.write(frame, rest[0], rest[1]))
    elif verb == "convert":
        _, cost = measured(lambda: peer.convert(file, rest[0]))
    else:
        _, cost = measured(lambda: peer.footer(file))
    print(json.dumps(cost))


if __name__ == "__main__":
    main()
