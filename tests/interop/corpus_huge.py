"""large_string_map.brotli of apache/parquet-testing by one engine: two maps of one key each, a string of 1 GiB of "a".

usage: corpus_huge.py pyarrow | DuckDB | Polars    exits 0 when that is what it reads; takes 4 GiB and half a minute"""

import sys

import corpus
import corpus_facts as facts
import duckdb
import polars
import pyarrow.parquet as pq

PATH = corpus.FOLDER / facts.HUGE
GIB = 1 << 30


def read(engine):
    """The keys' lengths, whether they are of "a" alone, and the values."""
    if engine == "DuckDB":
        return duckdb.sql(
            f"select strlen(key), ltrim(key, 'a') = '', value from "
            f"(select map_keys(arr)[1] as key, map_values(arr)[1] as value from '{PATH}')"
        ).fetchall()
    if engine == "Polars":
        table = polars.read_parquet(PATH).to_arrow()
    else:
        table = pq.ParquetFile(PATH).read()
    rows = []
    for chunk in table.column("arr").chunks:
        for key, value in zip(chunk.keys, chunk.items):
            text = key.as_buffer()
            rows.append((len(text), bytes(text[:1]) == b"a" and text[:-1].equals(text[1:]), value.as_py()))
    return rows


if __name__ == "__main__":
    got = read(sys.argv[1])
    assert got == [(GIB, True, 1)] * 2, got
