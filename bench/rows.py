"""bench/rows.py - a fingerprint of the rows in a file, whoever wrote it: bench/run.py compares outputs by it. Needs
pyarrow.

usage: rows.py PATH COLUMN...     PATH is a Parquet file, a folder of them, or JSON lines (.jsonl); prints the number of
rows and SHA-256 over one JSON array of these columns a row, in the order of the first column. A number counts by its
value, whether the writer chose an integer or a floating-point type for it.
"""

import hashlib
import json
import sys

import pyarrow.parquet


def plain(value):
    return int(value) if isinstance(value, float) and value.is_integer() else value


def rows_of(path, columns):
    if path.endswith(".jsonl"):
        with open(path, encoding="utf-8") as file:
            return [[row[c] for c in columns] for row in map(json.loads, file)]
    table = pyarrow.parquet.read_table(path, columns=columns)
    return list(zip(*(table[c].to_pylist() for c in columns)))


def main():
    path, columns = sys.argv[1], sys.argv[2:]
    rows = sorted(rows_of(path, columns), key=lambda row: row[0])
    digest = hashlib.sha256()
    for row in rows:
        digest.update(json.dumps([plain(value) for value in row], ensure_ascii=False).encode() + b"\n")
    print(len(rows), digest.hexdigest())


if __name__ == "__main__":
    main()
