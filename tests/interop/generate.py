"""Random nested tables: a seed gives a schema up to four levels deep and its rows: nulls, empty lists, long strings."""

import datetime
import random

import pyarrow as pa

LEAVES = [
    pa.bool_(),
    pa.int8(),
    pa.int32(),
    pa.int64(),
    pa.uint16(),
    pa.float64(),
    pa.string(),
    pa.binary(),
    pa.date32(),
    pa.timestamp("ms", "UTC"),
    pa.timestamp("us"),
]
EPOCH = {None: datetime.datetime(1970, 1, 1), "UTC": datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)}


def _type(rng, depth):
    kind = rng.random()
    if depth == 0 or kind < 0.4:
        return rng.choice(LEAVES)
    if kind < 0.6:
        return pa.struct([_field(rng, "f%d" % i, depth - 1) for i in range(rng.randint(1, 3))])
    if kind < 0.85:
        return pa.list_(_field(rng, "element", depth - 1))
    return pa.map_(rng.choice([pa.string(), pa.int32()]), _field(rng, "value", depth - 1))


def _field(rng, name, depth):
    return pa.field(name, _type(rng, depth), rng.random() < 0.7)


def _leaf(rng, kind):
    if pa.types.is_boolean(kind):
        return rng.random() < 0.5
    if pa.types.is_integer(kind):
        low = 0 if pa.types.is_unsigned_integer(kind) else -(2 ** (kind.bit_width - 1))
        return rng.choice([0, low, 2 ** (kind.bit_width - 1) - 1, rng.randint(low, 2 ** (kind.bit_width - 1) - 1)])
    if pa.types.is_floating(kind):
        return rng.choice([0.0, -1.5, 1e300, rng.random()])
    if pa.types.is_string(kind):
        return rng.choice(["", "short", "longer than twelve bytes", "Žofie 李小龍 👩‍🚀", "x" * rng.randrange(3000)])
    if pa.types.is_binary(kind):
        return rng.randbytes(rng.choice([0, 3, 30]))
    if pa.types.is_date(kind):
        return datetime.date(1970, 1, 1) + datetime.timedelta(days=rng.randint(-50000, 50000))
    return EPOCH[kind.tz] + datetime.timedelta(milliseconds=rng.randint(-(10**12), 2 * 10**12))


def value(rng, field):
    kind = field.type
    if field.nullable and rng.random() < 0.25:
        return None
    if pa.types.is_struct(kind):
        return {kind.field(i).name: value(rng, kind.field(i)) for i in range(kind.num_fields)}
    if pa.types.is_map(kind):
        keys = {_leaf(rng, kind.key_type): None for _ in range(rng.choice([0, 1, 2, 5]))}
        return [(key, value(rng, kind.item_field)) for key in keys]
    if pa.types.is_list(kind):
        return [value(rng, kind.value_field) for _ in range(rng.choice([0, 0, 1, 2, 3, 10]))]
    return _leaf(rng, kind)


def table(seed, depth=4):
    rng = random.Random(seed)
    schema = pa.schema([_field(rng, "c%d" % i, depth) for i in range(rng.randint(1, 4))])
    rows = [{f.name: value(rng, f) for f in schema} for _ in range(rng.choice([0, 1, 2, 7, 50, 200]))]
    return pa.Table.from_pylist(rows, schema=schema)
