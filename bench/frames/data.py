"""bench/frames/data.py - makes the files of the frames cases, from nothing but seeds: the same values anywhere.
Called by bench/cases/frames.py, with the peers' Python. Parquet is written by pyarrow with its own defaults, so that no
tool reads what it wrote itself better than the others do.

usage: data.py FOLDER NAME ROWS PEOPLE.jsonl
NAME is people (from the JSON lines that people.c made; in three codecs), numeric100 (100 columns of integers and
floats), text (long strings), nested (events with structs, lists and maps), lineitem (as TPC-H has it) or wide (10,000
columns).
"""

import os
import sys

import numpy as np
import pyarrow as pa
import pyarrow.json
import pyarrow.parquet as pq

SEED = 20240501

PEOPLE = pa.schema(
    [
        ("id", pa.int64()),
        ("name", pa.string()),
        ("email", pa.string()),
        ("age", pa.int32()),
        ("weight", pa.float32()),
        ("score", pa.float64()),
        ("sex", pa.bool_()),
        ("day", pa.date32()),
        ("created_at", pa.timestamp("ms", "UTC")),
        ("ignored", pa.int32()),
        ("country", pa.string()),
    ]
)


def write(folder, name, table, codec="snappy"):
    path = os.path.join(folder, name + ".parquet")
    pq.write_table(table, path + ".new", compression=codec)
    os.replace(path + ".new", path)


def people(folder, lines):
    parse = pa.json.ParseOptions(explicit_schema=PEOPLE.set(7, pa.field("day", pa.string())))
    table = pa.json.read_json(lines, parse_options=parse)
    day = table["day"].cast(pa.timestamp("s")).cast(pa.date32())
    table = table.set_column(7, "day", day).cast(PEOPLE)
    for codec in ("snappy", "zstd", "none"):
        write(folder, "people-" + {"none": "uncompressed"}.get(codec, codec), table, codec)


def nulls(random, n, share):
    return random.random(n) < share


def numeric_column(random, i, n):
    kind = i % 5
    if kind == 0:
        return pa.array(random.integers(0, 100 * (i + 1), n, dtype=np.int32))
    if kind == 1:
        return pa.array(np.cumsum(random.integers(0, 1000, n)) + (1 << 40))
    if kind == 2:
        return pa.array(np.round(random.normal(100.0, 15.0, n), 2))
    if kind == 3:
        return pa.array(random.normal(0.0, 1.0, n).astype(np.float32))
    return pa.array(random.integers(-(1 << 62), 1 << 62, n), mask=nulls(random, n, 0.1))


def numeric100(folder, n):
    random = np.random.Generator(np.random.PCG64(SEED))
    write(folder, "numeric100", pa.table({f"c{i:02}": numeric_column(random, i, n) for i in range(100)}))


class Words:
    """Texts cut out of one long one at its words, as TPC-H's own generator does it."""

    def __init__(self, random, n_words, extra=()):
        letters = np.frombuffer(b"etaoinshrdlucmfwypvbgkjqxz", np.uint8)
        share = 1 / np.arange(2, 28)
        words = [bytes(random.choice(letters, random.integers(2, 11), p=share / share.sum())) for _ in range(3000)]
        words += [w.encode() for w in extra]
        rank = 1 / np.arange(1, len(words) + 1) ** 0.7
        chosen = random.choice(len(words), n_words, p=rank / rank.sum())
        self.starts = np.concatenate([[0], np.cumsum([len(words[c]) + 1 for c in chosen])])
        self.text = np.frombuffer(b" ".join(words[c] for c in chosen) + b" ", np.uint8)

    def texts(self, random, n, fewest, most):
        first = random.integers(0, len(self.starts) - most - 1, n)
        last = first + random.integers(fewest, most + 1, n)
        starts, lengths = self.starts[first], self.starts[last] - self.starts[first] - 1
        parts = []
        for at in range(0, n, 50_000):
            s, length = starts[at : at + 50_000], lengths[at : at + 50_000]
            offsets = np.concatenate([[0], np.cumsum(length)]).astype(np.int32)
            index = np.repeat(s - offsets[:-1], length) + np.arange(offsets[-1])
            parts.append(pa.StringArray.from_buffers(len(s), pa.py_buffer(offsets), pa.py_buffer(self.text[index])))
        return pa.chunked_array(parts)


def text(folder, n):
    random = np.random.Generator(np.random.PCG64(SEED + 1))
    words = Words(random, 400_000, ("žluťoučký", "kůň", "straße", "été", "naïve", "日本", "😀"))
    write(
        folder,
        "text",
        pa.table(
            {
                "id": pa.array(np.arange(n)),
                "title": words.texts(random, n, 5, 12),
                "body": words.texts(random, n, 30, 150),
            }
        ),
    )


def choice(random, values, n, share=None):
    return pa.array(values).take(pa.array(random.choice(len(values), n, p=share)))


def lists(random, n, most):
    """Offsets of n lists of up to `most` elements, a fifth of them empty."""
    lengths = random.integers(0, most + 1, n) * (random.random(n) >= 0.2)
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)


def nested(folder, n):
    random = np.random.Generator(np.random.PCG64(SEED + 2))
    words = Words(random, 100_000)
    user = pa.StructArray.from_arrays(
        [
            pa.array(random.integers(1, 1 << 40, n)),
            words.texts(random, n, 1, 3).combine_chunks(),
            pa.StructArray.from_arrays(
                [
                    choice(random, ["Praha", "Brno", "Wien", "Berlin", "Paris"], n),
                    pa.array(random.integers(10_000, 99_999, n, dtype=np.int32), mask=nulls(random, n, 0.2)),
                ],
                ["city", "zip"],
            ),
        ],
        ["id", "name", "address"],
    )
    tags = lists(random, n, 5)
    items = lists(random, n, 4)
    m = int(items[-1])
    item = pa.StructArray.from_arrays(
        [
            words.texts(random, m, 1, 1).combine_chunks(),
            pa.array(random.integers(1, 100, m, dtype=np.int32)),
            pa.array(np.round(random.random(m) * 500, 2), mask=nulls(random, m, 0.05)),
        ],
        ["sku", "quantity", "price"],
    )
    attributes = lists(random, n, 3)
    k = int(attributes[-1])
    keys = (
        np.repeat(random.integers(0, 20, n), np.diff(attributes))
        + np.arange(k)
        - np.repeat(attributes[:-1], np.diff(attributes))
    ) % 20  # none twice in a map
    write(
        folder,
        "nested",
        pa.table(
            {
                "id": pa.array(np.arange(n)),
                "at": pa.array(
                    1_700_000_000_000_000 + np.cumsum(random.integers(0, 1_000_000, n)), pa.timestamp("us", "UTC")
                ),
                "kind": choice(random, ["view", "click", "cart", "order"], n, [0.6, 0.25, 0.1, 0.05]),
                "user": user,
                "tags": pa.ListArray.from_arrays(
                    pa.array(tags), choice(random, [f"tag{i}" for i in range(50)], int(tags[-1]))
                ),
                "items": pa.ListArray.from_arrays(pa.array(items), item),
                "attributes": pa.MapArray.from_arrays(
                    pa.array(attributes),
                    pa.array([f"key{i}" for i in range(20)]).take(pa.array(keys)),
                    words.texts(random, k, 1, 2).combine_chunks(),
                ),
            }
        ),
    )


def decimals(cents):
    both = np.stack([cents, cents >> 63], axis=1).astype(np.int64)
    return pa.Array.from_buffers(pa.decimal128(15, 2), len(cents), [None, pa.py_buffer(np.ascontiguousarray(both))])


def lineitem(folder, n):
    random = np.random.Generator(np.random.PCG64(SEED + 3))
    words = Words(random, 200_000)
    quantity = random.integers(1, 51, n)
    ship = 8035 + random.integers(1, 2527, n)
    receipt = ship + random.integers(1, 31, n)
    write(
        folder,
        "lineitem",
        pa.table(
            {
                "l_orderkey": pa.array(np.sort(random.integers(1, n, n))),
                "l_partkey": pa.array(random.integers(1, 200_001, n)),
                "l_suppkey": pa.array(random.integers(1, 10_001, n)),
                "l_linenumber": pa.array(random.integers(1, 8, n, dtype=np.int32)),
                "l_quantity": decimals(quantity * 100),
                "l_extendedprice": decimals(quantity * random.integers(90_000, 200_001, n)),
                "l_discount": decimals(random.integers(0, 11, n)),
                "l_tax": decimals(random.integers(0, 9, n)),
                "l_returnflag": choice(random, ["A", "N", "R"], n, [0.25, 0.5, 0.25]),
                "l_linestatus": choice(random, ["F", "O"], n),
                "l_shipdate": pa.array(ship.astype(np.int32), pa.date32()),
                "l_commitdate": pa.array((ship + random.integers(-60, 61, n)).astype(np.int32), pa.date32()),
                "l_receiptdate": pa.array(receipt.astype(np.int32), pa.date32()),
                "l_shipinstruct": choice(random, ["DELIVER IN PERSON", "COLLECT COD", "NONE", "TAKE BACK RETURN"], n),
                "l_shipmode": choice(random, ["REG AIR", "AIR", "RAIL", "SHIP", "TRUCK", "MAIL", "FOB"], n),
                "l_comment": words.texts(random, n, 2, 7),
            }
        ),
    )


def wide(folder, n):
    random = np.random.Generator(np.random.PCG64(SEED + 4))
    write(folder, "wide", pa.table({f"column_{i:05}": pa.array(random.random(n)) for i in range(10_000)}))


def main():
    folder, name, rows, lines = sys.argv[1:]
    if name == "people":
        people(folder, lines)
    else:
        {"numeric100": numeric100, "text": text, "nested": nested, "lineitem": lineitem, "wide": wide}[name](
            folder, int(rows)
        )


if __name__ == "__main__":
    main()
