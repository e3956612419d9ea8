"""Prints lines for test_corpus.c's table: what pyarrow reads from columns of apache/parquet-testing.

usage: corpus_checksums.py FOLDER FILE COLUMN [FILE COLUMN]...    FILE below FOLDER, COLUMN the number of a leaf"""

import decimal
import struct
import sys
import zlib

import pyarrow as pa
import pyarrow.parquet as pq

PACKED = {
    pa.int8(): "<b", pa.int16(): "<h", pa.int32(): "<i", pa.int64(): "<q", pa.uint8(): "<B", pa.uint16(): "<H",
    pa.uint32(): "<I", pa.uint64(): "<Q", pa.float32(): "<f", pa.float64(): "<d", pa.date32(): "<i",
}  # fmt: skip


def row_bytes(array, row, out):
    """Appends what checksum.h says of a row."""
    if not array[row].is_valid:
        out.append(b"\0")
        return
    out.append(b"\1")
    kind = array.type
    if pa.types.is_boolean(kind):
        out.append(bytes([array[row].as_py()]))
    elif pa.types.is_string(kind) or pa.types.is_binary(kind):
        value = array[row].as_buffer().to_pybytes()
        out.append(struct.pack("<I", len(value)) + value)
    elif pa.types.is_struct(kind):
        for i in range(kind.num_fields):
            row_bytes(array.field(i), row, out)
    elif pa.types.is_list(kind) or pa.types.is_map(kind):
        first, end = array.offsets[row].as_py(), array.offsets[row + 1].as_py()
        out.append(struct.pack("<I", end - first))
        if pa.types.is_map(kind):
            items = pa.StructArray.from_arrays([array.keys, array.items], names=["key", "value"])
        else:
            items = array.values
        for i in range(first, end):
            row_bytes(items, i, out)
    elif pa.types.is_decimal(kind):
        unscaled = int(array[row].as_py().scaleb(kind.scale, decimal.Context(prec=80)))
        out.append(unscaled.to_bytes(16 if kind.precision <= 38 else 32, "little", signed=True))
    elif isinstance(kind, pa.UuidType):
        out.append(array[row].as_py().bytes)
    elif pa.types.is_fixed_size_binary(kind):
        out.append(array[row].as_py())
    elif kind == pa.float16():
        out.append(struct.pack("<H", array.view(pa.uint16())[row].as_py()))
    elif pa.types.is_timestamp(kind):
        out.append(struct.pack("<q", array[row].value))
    elif pa.types.is_time(kind):
        out.append(struct.pack("<i" if pa.types.is_time32(kind) else "<q", array[row].value))
    elif pa.types.is_date32(kind):
        out.append(struct.pack("<i", array[row].value))
    else:
        out.append(struct.pack(PACKED[kind], array[row].as_py()))


def line(folder, name, column):
    file = pq.ParquetFile(f"{folder}/{name}", coerce_int96_timestamp_unit="us")
    crc = rows = nulls = 0
    for group in range(file.num_row_groups):
        table = file.read_row_group(group, columns=[file.schema.column(column).path])
        array = table.column(0).combine_chunks()
        if isinstance(array, pa.ChunkedArray):
            array = pa.concat_arrays(array.chunks)
        if pa.types.is_dictionary(array.type):
            array = array.dictionary_decode()
        out = []
        for row in range(len(array)):
            row_bytes(array, row, out)
        crc = zlib.crc32(b"".join(out), crc)
        rows += len(array)
        nulls += array.null_count
    return f'        {{"{name}", {column}, {rows}, {nulls}, 0x{crc:08x}}},'


if __name__ == "__main__":
    arguments = sys.argv[2:]
    for name, column in zip(arguments[::2], arguments[1::2]):
        print(line(sys.argv[1], name, int(column)))
