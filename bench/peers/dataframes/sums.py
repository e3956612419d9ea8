"""bench/peers/dataframes/sums.py - the checksum of each column of a file or of Arrow batches, by the C code that takes
ours too (bench/frames/checksum.c). Imported by frames.py; by itself it checks outputs, with readers that are not ours.

usage: sums.py FILE...     Parquet (read by pyarrow) or JSON lines (.jsonl, read by Polars); prints one line of JSON for
each: {"rows": N, "sums": {column: checksum}}. Dates and times count as their ISO text, which is what JSON has.
"""

import ctypes
import json
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
# sizes of the two structs of the Arrow C Data Interface, in words
ARRAY_WORDS, SCHEMA_WORDS = 10, 9


def of_batches(batches):
    """(rows, {column: checksum}) of pyarrow record batches."""
    library = ctypes.CDLL(os.path.join(ROOT, "build", "bench", "libchecksum.so"))
    rows, sums, names = 0, None, []
    for batch in batches:
        if sums is None:
            names = batch.schema.names
            sums = (ctypes.c_uint64 * max(1, len(names)))()
        array, schema = (ctypes.c_uint64 * ARRAY_WORDS)(), (ctypes.c_uint64 * SCHEMA_WORDS)()
        message = ctypes.create_string_buffer(512)
        batch._export_to_c(ctypes.addressof(array), ctypes.addressof(schema))
        if library.checksum_arrow(array, schema, ctypes.c_uint64(rows), sums, message) != 0:
            raise ValueError(message.value.decode())
        rows += batch.num_rows
    return rows, {name: f"{sums[i]:016x}" for i, name in enumerate(names)}


def read_as_text(path):
    """The file's rows as Polars has them, dates and times as ISO text, `weight` as the float it is in `people`."""
    import polars as pl
    import pyarrow.parquet

    lines = path.endswith(".jsonl")
    frame = (
        pl.read_ndjson(path, infer_schema_length=10_000) if lines else pl.from_arrow(pyarrow.parquet.read_table(path))
    )
    if "created_at" in frame.columns and frame.schema["created_at"] == pl.String:
        # DuckDB writes a space and cuts zeros, and each has its own word for UTC
        text = pl.col("created_at").str.replace(" ", "T").str.replace(r"(Z|\+00|\+00:00)$", "")
        frame = frame.with_columns(text.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="ms"))
    if "day" in frame.columns and frame.schema["day"] != pl.String:
        frame = frame.with_columns(pl.col("day").cast(pl.Date))
    if "weight" in frame.columns:
        frame = frame.with_columns(pl.col("weight").cast(pl.Float32))
    return frame.with_columns(
        pl.col(pl.Date).dt.to_string("%Y-%m-%d"), pl.col(pl.Datetime).dt.to_string("%Y-%m-%dT%H:%M:%S%.3fZ")
    )


def main():
    for path in sys.argv[1:]:
        frame = read_as_text(path)
        rows, sums = of_batches(frame.to_arrow().to_batches())
        print(json.dumps({"rows": rows, "sums": sums}))


if __name__ == "__main__":
    main()
