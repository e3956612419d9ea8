"""Columns of the types that are less common: decimals, times, float16, fixed bytes, UUIDs, nothing but nulls."""

import decimal
import random
import struct
import uuid

import pyarrow as pa

DECIMALS = [
    (1, 0),
    (1, 1),
    (4, 2),
    (9, 0),
    (9, 9),
    (10, 3),
    (18, 0),
    (18, 18),
    (19, 4),
    (28, 10),
    (38, 0),
    (38, 38),
    (39, 0),
    (50, 20),
    (76, 0),
    (76, 76),
]


def decimals(rng, n, precision, scale):
    """Numbers of every length, with both ends of what fits."""
    edge = [10**precision - 1, 1 - 10**precision, 0, 1, -1]
    context = decimal.Context(prec=80)
    return [
        decimal.Decimal(rng.choice(edge) if rng.random() < 0.2 else rng.randint(-(10**d), 10**d)).scaleb(
            -scale, context
        )
        for d in (rng.randrange(precision) for _ in range(n))
    ]


def _time(rng, of_second):
    second = rng.choice([0, 1, 86399, rng.randrange(86400)])
    return second * of_second + rng.choice([0, 1, of_second - 1, rng.randrange(of_second)])


def columns(rng, n):
    """name -> pyarrow array without nulls"""
    out = {}
    for precision, scale in DECIMALS:
        kind = pa.decimal128(precision, scale) if precision <= 38 else pa.decimal256(precision, scale)
        out["decimal_%d_%d" % (precision, scale)] = pa.array(decimals(rng, n, precision, scale), kind)
    for unit, of_second in (("ms", 1000), ("us", 10**6), ("ns", 10**9)):
        stored, kind = (pa.int32(), pa.time32(unit)) if unit == "ms" else (pa.int64(), pa.time64(unit))
        out["time_" + unit] = pa.array([_time(rng, of_second) for _ in range(n)], stored).cast(kind)
    halves = [0.0, -0.0, 1.0, -2.5, 65504.0, -65504.0, 2.0**-24, float("inf"), float("-inf"), float("nan")]
    given = [rng.choice(halves) if rng.random() < 0.5 else rng.random() for _ in range(n)]
    out["half"] = pa.Array.from_buffers(pa.float16(), n, [None, pa.py_buffer(struct.pack("<%de" % n, *given))])
    for width in (1, 3, 12, 16, 20):
        out["fixed_%d" % width] = pa.array([rng.randbytes(width) for _ in range(n)], pa.binary(width))
    out["uuid"] = pa.array([uuid.UUID(bytes=rng.randbytes(16)).bytes for _ in range(n)], pa.uuid())
    out["few"] = pa.array([rng.choice([b"red", b"sky", b"fog"]) for _ in range(n)], pa.binary(3))
    return out


def table(n, nulls=0.3, seed=1, leave_out=()):
    """Columns by name; nulls is the share of rows that are null, each on its own."""
    rng = random.Random(seed)
    arrays = {}
    for name, array in columns(rng, n).items():
        if name in leave_out:
            continue
        keep = [None if rng.random() < nulls else i for i in range(n)]
        arrays[name] = array.take(pa.array(keep, pa.int64()))
    return pa.table(arrays)


def bits(array):
    """Values that compare: float16 by its bits (NaN by name), everything else as Python has it."""
    if array.type == pa.float16():
        return [
            "nan" if v is not None and v != v else v if v is None else (float(v), str(float(v)))
            for v in array.to_pylist()
        ]
    if pa.types.is_time(array.type):  # Python's times end at microseconds
        return array.cast(pa.int32() if pa.types.is_time32(array.type) else pa.int64()).to_pylist()
    return array.to_pylist()


def floats(table):
    """Text of all values, which tells zeros apart and NaN alike."""
    return [[str(v) for v in column.to_pylist()] for column in table.columns]


def same(a, b):
    assert a.schema.names == b.schema.names
    for name in a.schema.names:
        assert a.schema.field(name).type == b.schema.field(name).type, name
        assert bits(a.column(name)) == bits(b.column(name)), name
