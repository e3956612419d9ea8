"""Tables with every type of this slice, made from a fixed seed: extremes, nulls in runs and alone, repeats and not."""

import decimal
import random

import pyarrow as pa

_EXACT = decimal.Context(prec=80)
STAMPS = [(unit, zone) for unit in ("ms", "us", "ns") for zone in (None, "UTC")]


def _ints(rng, low, high, n):
    edge = [low, high, 0, 1, low + 1, high - 1]
    return [rng.choice(edge) if rng.random() < 0.1 else rng.randint(low, high) for _ in range(n)]


def _texts(rng, n):
    words = ["", "a", "exactly 12 by", "Žofie Müller 李小龍", "👩‍🚀", "line\nbreak", "nul\0inside"]
    return [
        rng.choice(words) if rng.random() < 0.5 else "unique text number %d" % rng.randrange(10**9) for _ in range(n)
    ]


def columns(rng, n):
    """name -> (type, values)"""
    out = {"flag": (pa.bool_(), [rng.random() < 0.5 for _ in range(n)])}
    for bits in (8, 16, 32, 64):
        out["i%d" % bits] = (getattr(pa, "int%d" % bits)(), _ints(rng, -(2 ** (bits - 1)), 2 ** (bits - 1) - 1, n))
        out["u%d" % bits] = (getattr(pa, "uint%d" % bits)(), _ints(rng, 0, 2**bits - 1, n))
    floats = [0.0, -0.0, 1.5, -2.25, float("inf"), float("-inf"), float("nan"), 3.0e38]
    out["f32"] = (pa.float32(), [rng.choice(floats) for _ in range(n)])
    out["f64"] = (pa.float64(), [rng.choice(floats + [1e308, 5e-324]) if i % 3 else rng.random() for i in range(n)])
    out["text"] = (pa.string(), _texts(rng, n))
    out["raw"] = (pa.binary(), [rng.randbytes(rng.randrange(20)) for _ in range(n)])
    out["few"] = (pa.string(), [rng.choice(["red", "green", "a colour of more than twelve bytes"]) for _ in range(n)])
    out["run"] = (pa.int32(), [i // 100 for i in range(n)])
    out["same"] = (pa.int64(), [7] * n)
    out["day"] = (pa.date32(), _ints(rng, -1000000, 1000000, n))
    for precision, scale in ((9, 2), (18, 0), (38, 38), (38, 10)):
        most = 10**precision - 1
        unscaled = _ints(rng, -most, most, n)
        values = [decimal.Decimal(value).scaleb(-scale, _EXACT) for value in unscaled]
        out["decimal_%d_%d" % (precision, scale)] = (pa.decimal128(precision, scale), values)
    for unit, zone in STAMPS:
        out["at_%s_%s" % (unit, zone or "local")] = (pa.timestamp(unit, zone), _ints(rng, -(2**62), 2**62, n))
    return out


def _nulls(rng, n, pattern):
    if pattern == "none":
        return [False] * n
    if pattern == "all":
        return [True] * n
    if pattern == "runs":
        return [i // 37 % 3 == 1 for i in range(n)]
    return [rng.random() < 0.3 for _ in range(n)]


def table(n, nulls="some", nullable=True, seed=1):
    rng = random.Random(seed)
    arrays, fields = [], []
    for name, (kind, values) in columns(rng, n).items():
        mask = _nulls(rng, n, nulls)
        given = [None if m else v for v, m in zip(values, mask)]
        if pa.types.is_date(kind):
            array = pa.array(given, pa.int32()).cast(kind)
        elif pa.types.is_timestamp(kind):
            array = pa.array(given, pa.int64()).cast(kind)
        else:
            array = pa.array(given, kind)
        arrays.append(array)
        fields.append(pa.field(name, kind, nullable))
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def same(a, b):
    """Equal schema and values; NaN equals NaN, and -0.0 differs from 0.0 (compared by their bits)."""
    if a.schema != b.schema:
        raise AssertionError("schemas differ:\n%s\n---\n%s" % (a.schema, b.schema))
    assert a.num_rows == b.num_rows
    for name in a.schema.names:
        x, y = (t.column(name).combine_chunks() for t in (a, b))
        if pa.types.is_floating(x.type):
            bits = pa.int32() if x.type.bit_width == 32 else pa.int64()
            x, y = ([None if not v.is_valid else _bits(v.as_py(), bits) for v in z] for z in (x, y))
        else:
            x, y = x.to_pylist() if pa.types.is_boolean(x.type) else x, (
                y.to_pylist() if pa.types.is_boolean(y.type) else y
            )
        if isinstance(x, list):
            assert x == y, name
        else:
            assert x.equals(y), "column %s differs" % name


def _bits(value, kind):
    import struct

    if value != value:
        return "nan"
    return struct.pack("<f" if kind == pa.int32() else "<d", value)
