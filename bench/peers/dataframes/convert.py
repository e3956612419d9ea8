"""bench/peers/dataframes - JSON lines to Parquet and back by Polars and by DuckDB, as their users write it: read the
file, types inferred, write it (Snappy). A first yardstick for `datarizer convert`.

usage: convert.py polars|duckdb IN OUT THREADS     prints one line of JSON: cpu_s and wall_s of the work alone, without
starting Python and importing.
"""
import json
import os
import resource
import sys
import time


def polars_convert(source, target):
    import polars
    yield
    frame = polars.read_parquet(source) if source.endswith(".parquet") else polars.read_ndjson(source)
    if target.endswith(".parquet"):
        frame.write_parquet(target, compression="snappy")
    else:
        frame.write_ndjson(target)


def duckdb_convert(source, target, threads):
    import duckdb
    db = duckdb.connect(config={"threads": threads})
    yield
    parquet, lines = f"read_parquet('{source}')", f"read_json('{source}', format='newline_delimited')"
    read = parquet if source.endswith(".parquet") else lines
    form = "FORMAT parquet, COMPRESSION snappy" if target.endswith(".parquet") else "FORMAT json"
    db.execute(f"COPY (SELECT * FROM {read}) TO '{target}' ({form})")


def cpu_s():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main():
    tool, source, target, threads = sys.argv[1:]
    os.environ["POLARS_MAX_THREADS"] = threads
    work = polars_convert(source, target) if tool == "polars" else duckdb_convert(source, target, int(threads))
    next(work)  # imported and connected
    cpu, wall = cpu_s(), time.perf_counter()
    next(work, None)
    print(json.dumps({"cpu_s": cpu_s() - cpu, "wall_s": time.perf_counter() - wall}))


if __name__ == "__main__":
    main()
