"""The round-trip matrix: every type in every encoding it can have, under every codec and page version, with and without
nulls, flat and nested. One file is one (codec, pages, nulls, nesting); it has a column for each (type, encoding)."""

import collections
import decimal
import functools
import itertools
import os
import random
import struct

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

CODECS = ["none", "snappy", "gzip", "zstd", "lz4", "brotli"]  # pyarrow's names; lz4 is LZ4_RAW in the file
PAGES = [1, 2]
NULLS = ["required", "full", "some", "all"]  # full: nullable, without a null
NESTINGS = ["flat", "struct", "list", "map", "deep"]
LEAVES = 640  # values of a column, nulls among them

File = collections.namedtuple("File", "codec pages nulls nesting")
Column = collections.namedtuple("Column", "type encoding")
FILES = [File(*each) for each in itertools.product(CODECS, PAGES, NULLS, NESTINGS)]
N_FILES = len(FILES)
if os.environ.get("DZR_MATRIX") == "sample":  # for builds that are slow: every value of each dimension, and most pairs
    FILES = FILES[::17]

ENCODINGS = {  # by physical type; AUTO is a dictionary while it pays
    "BOOLEAN": ["AUTO", "PLAIN", "RLE"],
    "INT": ["AUTO", "PLAIN", "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"],
    "FLOAT": ["AUTO", "PLAIN", "BYTE_STREAM_SPLIT"],
    "BYTE_ARRAY": ["AUTO", "PLAIN", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"],
    "FIXED": ["AUTO", "PLAIN", "DELTA_BYTE_ARRAY", "BYTE_STREAM_SPLIT"],
    "NULL": ["AUTO", "PLAIN"],
}

# name -> (Arrow type, physical type)
TYPES = {"bool": (pa.bool_(), "BOOLEAN")}
for _bits in (8, 16, 32, 64):
    TYPES["int%d" % _bits] = (getattr(pa, "int%d" % _bits)(), "INT")
    TYPES["uint%d" % _bits] = (getattr(pa, "uint%d" % _bits)(), "INT")
TYPES.update(
    {
        "half": (pa.float16(), "FIXED"),
        "float": (pa.float32(), "FLOAT"),
        "double": (pa.float64(), "FLOAT"),
        "string": (pa.string(), "BYTE_ARRAY"),
        "binary": (pa.binary(), "BYTE_ARRAY"),
        "fixed_1": (pa.binary(1), "FIXED"),
        "fixed_5": (pa.binary(5), "FIXED"),
        "fixed_16": (pa.binary(16), "FIXED"),
        "uuid": (pa.uuid(), "FIXED"),
        "date": (pa.date32(), "INT"),
        "time_ms": (pa.time32("ms"), "INT"),
        "time_us": (pa.time64("us"), "INT"),
        "time_ns": (pa.time64("ns"), "INT"),
    }
)
for _unit in ("ms", "us", "ns"):
    TYPES["timestamp_%s_local" % _unit] = (pa.timestamp(_unit), "INT")
    TYPES["timestamp_%s_utc" % _unit] = (pa.timestamp(_unit, "UTC"), "INT")
TYPES.update(
    {
        "decimal_9": (pa.decimal128(9, 2), "INT"),
        "decimal_18": (pa.decimal128(18, 6), "INT"),
        "decimal_38": (pa.decimal128(38, 10), "FIXED"),
        "decimal_76": (pa.decimal256(76, 20), "FIXED"),
        "null": (pa.null(), "NULL"),
    }
)


def columns_of(nulls):
    """The columns of a file; one of nothing but nulls can be neither required nor full."""
    return [
        Column(name, encoding)
        for name, (_, physical) in TYPES.items()
        if name != "null" or nulls in ("some", "all")
        for encoding in ENCODINGS[physical]
    ]


def name_of(column):
    return "%s__%s" % column


def path_of(name, nesting):
    """Where the column's values are in the file's schema."""
    return (
        name
        + {
            "flat": "",
            "struct": ".v",
            "list": ".list.element",
            "map": ".key_value.value",
            "deep": ".list.element.list.element.v",
        }[nesting]
    )


# ---- values ----

_EXACT = decimal.Context(prec=80)
_DAYS = {"ms": 86400 * 10**3, "us": 86400 * 10**6, "ns": 86400 * 10**9}


def _pool(name, rng):
    """(edges, a function for any value)"""
    kind = TYPES[name][0]
    if name == "bool":
        return [False, True], lambda: rng.random() < 0.5
    if pa.types.is_integer(kind):
        low = -(2 ** (kind.bit_width - 1)) if pa.types.is_signed_integer(kind) else 0
        high = low + 2**kind.bit_width - 1
        return [low, high, 0, 1, high - 1, low + 1], lambda: rng.choice([rng.randint(low, high), rng.randint(0, 100)])
    if pa.types.is_floating(kind):
        top = {16: 65504.0, 32: 3.4028234663852886e38, 64: 1.7976931348623157e308}[kind.bit_width]
        low = {16: 2.0**-24, 32: 2.0**-149, 64: 5e-324}[kind.bit_width]
        edges = [0.0, -0.0, top, -top, low, -low, float("inf"), float("-inf"), float("nan"), 1.5]
        return edges, lambda: round(rng.uniform(-1000, 1000), 3)
    if name in ("string", "binary"):
        edges = [
            "",
            "a",
            "exactly12byt",
            "thirteen byte",
            "Žofie Müller 李小龍",
            "nul\0inside",
            "long " * 300,
            "shared front 1",
            "shared front 2",
        ]

        def any_text():
            return "a text of its own %d" % rng.randrange(10**9)

        if name == "string":
            return edges, any_text
        return [e.encode() for e in edges] + [b"\xff\x00", b"\x00"], lambda: rng.randbytes(rng.randrange(24))
    if name == "uuid" or name.startswith("fixed"):
        width = 16 if name == "uuid" else kind.byte_width
        return [b"\0" * width, b"\xff" * width, b"\x7f" * width], lambda: rng.randbytes(width)
    if pa.types.is_decimal(kind):
        most = 10**kind.precision - 1

        def exact(unscaled):
            return decimal.Decimal(unscaled).scaleb(-kind.scale, _EXACT)

        return (
            [exact(v) for v in (most, -most, 0, 1, -1, 128, -128, 255)],
            lambda: exact(rng.randint(-(10**d), 10**d) if (d := rng.randrange(kind.precision)) else 0),
        )
    if name == "date":
        return [0, -1, 1, 19723, -719162, 2932896], lambda: rng.randrange(-100000, 100000)
    day = _DAYS[kind.unit]
    if pa.types.is_time(kind):
        return [0, 1, day - 1, day // 2], lambda: rng.randrange(day)
    edges = [0, -1, 1, 19723 * day + 1]  # DuckDB and Python end where their calendars do: years 1 to 9999
    edges += [-(2**63) + 2, 2**63 - 1] if kind.unit == "ns" else [-719162 * day, 2932897 * day - 1]
    return edges, lambda: rng.randrange(-20000, 40000) * day + rng.randrange(day)


def _array(values, kind):
    """Numbers become dates and times, floats of 16 bits come by their bits: pyarrow makes those from numpy only."""
    if kind == pa.float16():
        bits = [None if v is None else struct.unpack("<h", struct.pack("<e", v))[0] for v in values]
        return pa.array(bits, pa.int16()).view(kind)
    if pa.types.is_temporal(kind):
        return pa.array(values, pa.int32() if kind.bit_width == 32 else pa.int64()).cast(kind)
    return pa.array(values, kind)


@functools.lru_cache(maxsize=None)
def leaf(name, nulls):
    """LEAVES values: edges in turns, a run of one, a few in disorder, then any; nulls alone and in runs."""
    kind = TYPES[name][0]
    if nulls == "all" or name == "null":
        return pa.nulls(LEAVES, kind)
    rng = random.Random(name)
    edges, any_value = _pool(name, rng)
    few = [any_value() for _ in range(3)]
    parts = LEAVES // 4
    values = [edges[i % len(edges)] for i in range(parts)] + [any_value()] * (parts // 2)
    values += [rng.choice(few) for _ in range(parts)]
    values += [any_value() if rng.random() < 0.8 else rng.choice(edges) for _ in range(LEAVES - len(values))]
    if nulls == "some":
        values = [None if i // 33 % 4 == 1 or (i > LEAVES // 2 and i % 5 == 3) else v for i, v in enumerate(values)]
    return _array(values, kind)


def _lists(elements, field, nulls):
    """Lists over all the elements: short, empty, one long, and null ones where they may be."""
    lengths, left, at = [], len(elements), 0
    pattern = [1, 0, 3, None, 2, 2, 0, 7, 1, None, None, 1, 70, 4, 0, 0, 1]
    while left > 0:
        length = pattern[at % len(pattern)]
        at += 1
        lengths.append(None if length is None and nulls in ("some", "all") else min(length or 0, left))
        left -= lengths[-1] or 0
    offsets = pa.array([0] + list(itertools.accumulate(length or 0 for length in lengths)), pa.int32())
    mask = pa.array([length is None for length in lengths])
    return pa.ListArray.from_arrays(offsets, elements, pa.list_(field), mask=mask)


def _structs(values, field, nulls):
    mask = pa.array([nulls in ("some", "all") and i % 11 == 4 for i in range(len(values))])
    return pa.StructArray.from_arrays([values], fields=[field], mask=mask)


@functools.lru_cache(maxsize=None)
def array_of(name, nulls, nesting):
    """The column that stands for a type, without regard to how it is written."""
    values, kind, nullable = leaf(name, nulls), TYPES[name][0], nulls != "required"
    if nesting == "flat":
        return values
    if nesting == "struct":
        return _structs(values, pa.field("v", kind, nullable), nulls)
    if nesting == "list":
        return _lists(values, pa.field("element", kind, nullable), nulls)
    if nesting == "map":
        lists = _lists(values, pa.field("element", kind, nullable), nulls)
        keys = pa.array(["key %d" % i for i in range(len(values))])
        return pa.MapArray.from_arrays(
            lists.offsets,
            keys,
            values,
            pa.map_(pa.field("key", pa.string(), False), pa.field("value", kind, nullable)),
            mask=lists.is_null(),
        )
    structs = _structs(values, pa.field("v", kind, nullable), nulls)
    inner = _lists(structs, pa.field("element", structs.type, nullable), nulls)
    return _lists(inner, pa.field("element", inner.type, nullable), nulls)


def table_of(nulls, nesting, columns):
    arrays = [array_of(column.type, nulls, nesting) for column in columns]
    fields = [pa.field(name_of(c), array.type, nulls != "required") for c, array in zip(columns, arrays)]
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


# ---- comparing: nesting level by level, then values by their bits ----


def _entries(array):
    """A map as what it is in a file: a list of structs."""
    kind = array.type
    fields = [pa.field("key", kind.key_type, False), pa.field("value", kind.item_type)]
    return array.cast(pa.list_(pa.struct(fields)))


_PLAIN = {pa.string_view(): pa.string(), pa.binary_view(): pa.binary()}


def shape(array):
    """The column as arrays that compare one by one: lengths of lists, validity of structs, values at last."""
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    kind = array.type
    if pa.types.is_map(kind):
        return shape(_entries(array))
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return [pc.list_value_length(array).cast(pa.int64())] + shape(array.flatten())
    if pa.types.is_dictionary(kind):  # of views, which pyarrow 26 does not decode
        return [pa.DictionaryArray.from_arrays(array.indices, *shape(array.dictionary)).dictionary_decode()]
    if kind in _PLAIN:
        return [array.cast(_PLAIN[kind])]
    if pa.types.is_struct(kind):
        return [array.is_valid()] + [part for child in array.flatten() for part in shape(child)]
    return [array]


def _bits(array):
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    if pa.types.is_floating(array.type):
        return array.view({16: pa.int16(), 32: pa.int32(), 64: pa.int64()}[array.type.bit_width])
    return array


@functools.lru_cache(maxsize=None)
def wanted(name, nulls, nesting):
    return shape(array_of(name, nulls, nesting))


def differs(name, nulls, nesting, got, exact=False):
    """What is wrong with a column that was read, None when nothing is. Unless exact, values may come in another type
    that loses nothing."""
    want, got = wanted(name, nulls, nesting), shape(got)
    if len(want) != len(got):
        return "nested otherwise: %s" % [part.type for part in got]
    for a, b in zip(want, got):
        if a.type != b.type:
            if exact:
                return "comes as %s" % b.type
            if pa.types.is_null(a.type) and b.null_count == len(b):  # there is no cast to it
                b = pa.nulls(len(b))
            try:
                b = b.cast(a.type) if not isinstance(a, pa.ExtensionArray) else b.cast(a.type.storage_type)
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
                return "comes as %s: %s" % (b.type, error)
        if len(a) != len(b):
            return "%d values instead of %d" % (len(b), len(a))
        a, b = _bits(a), _bits(b)
        if not a.equals(b) and not pa.types.is_null(a.type):  # whose nulls have no slots
            x, y = a.to_pylist(), b.to_pylist()
            at = next(i for i in range(len(x)) if x[i] != y[i])
            return "value %d of %d is %r instead of %r" % (at, len(x), y[at], x[at])
    return None


# ---- what the file itself says: that a writer did what it was asked for ----


def max_definition(nulls, nesting):
    optional = nulls != "required"
    return {
        "flat": optional,
        "struct": 2 * optional,
        "list": 1 + 2 * optional,
        "map": 1 + 2 * optional,
        "deep": 2 + 4 * optional,
    }[nesting]


def _page_version(data, chunk):
    """The first field of a page header is its type: 0 is a data page V1, 3 one of V2."""
    start = data[chunk.data_page_offset : chunk.data_page_offset + 2]
    return {b"\x15\x00": 1, b"\x15\x06": 2}.get(start, start)


def facts(path, file, columns):
    """For each column what the file has otherwise than asked for, None when nothing."""
    reader, found = pq.ParquetFile(path), {}
    with open(path, "rb") as opened:
        data = opened.read()
    leaves = {
        name.split(".")[0]: i
        for i in range(reader.metadata.num_columns)
        if not (name := reader.schema.column(i).path).endswith(".key")
    }
    groups = range(reader.metadata.num_row_groups)
    for column in columns:
        at = leaves[name_of(column)]
        chunks = [reader.metadata.row_group(g).column(at) for g in groups]
        found[column] = None
        if any(chunk.compression != {"none": "UNCOMPRESSED"}.get(file.codec, file.codec.upper()) for chunk in chunks):
            found[column] = "has the codec %s" % chunks[0].compression
        elif any(_page_version(data, chunk) != file.pages for chunk in chunks):
            found[column] = "has data pages V%s" % _page_version(data, chunks[0])
        elif column.encoding != "AUTO" and any(column.encoding not in chunk.encodings for chunk in chunks):
            found[column] = "has the encodings %s" % (chunks[0].encodings,)
        elif reader.schema.column(at).max_definition_level != max_definition(file.nulls, file.nesting):
            found[column] = "has definition levels to %d" % reader.schema.column(at).max_definition_level
    return found
