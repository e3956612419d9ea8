"""libdatarizer.so from Python: tables go in and out through the Arrow C Data Interface, files through the library."""

import ctypes as c
import os

import pyarrow as pa

_lib = c.CDLL(os.environ["DZR_LIBRARY"])


class _Error(c.Structure):
    _fields_ = [
        ("status", c.c_int),
        ("row_group", c.c_int32),
        ("column", c.c_int32),
        ("offset", c.c_int64),
        ("line", c.c_int64),
        ("record", c.c_int64),
        ("message", c.c_char * 1024),
    ]


class Bytes(c.Structure):
    _fields_ = [("at", c.c_char_p), ("len", c.c_size_t)]


class Metadata(c.Structure):
    _fields_ = [("key", Bytes), ("value", Bytes)]


class ColumnMetadata(c.Structure):
    _fields_ = [("column", c.c_int32), ("entry", Metadata)]


class Sorting(c.Structure):
    _fields_ = [("column", c.c_int32), ("descending", c.c_bool), ("nulls_first", c.c_bool)]


class ColumnOptions(c.Structure):
    _fields_ = [
        ("path", c.c_char_p),
        ("encoding", c.c_int),
        ("codec", c.c_int),
        ("level", c.c_int32),
        ("int96", c.c_bool),
    ]


class WriteOptions(c.Structure):
    _fields_ = [
        ("alloc", c.c_void_p),
        ("codec", c.c_int),
        ("level", c.c_int32),
        ("row_group_rows", c.c_int64),
        ("row_group_bytes", c.c_int64),
        ("page_bytes", c.c_int32),
        ("page_rows", c.c_int32),
        ("dictionary_bytes", c.c_int32),
        ("page_version", c.c_int32),
        ("metadata", c.POINTER(Metadata)),
        ("n_metadata", c.c_int32),
        ("column_metadata", c.POINTER(ColumnMetadata)),
        ("n_column_metadata", c.c_int32),
        ("sorting", c.POINTER(Sorting)),
        ("n_sorting", c.c_int32),
        ("no_arrow_schema", c.c_bool),
        ("columns", c.POINTER(ColumnOptions)),
        ("n_columns", c.c_int32),
        ("threads", c.c_int32),
        ("int96", c.c_bool),
        ("float_total_order", c.c_bool),
        ("memory", c.c_size_t),
    ]


class Limits(c.Structure):
    _fields_ = [
        ("footer_bytes", c.c_size_t),
        ("schema_nodes", c.c_int32),
        ("depth", c.c_int32),
        ("row_groups", c.c_int32),
        ("page_bytes", c.c_size_t),
        ("row_group_bytes", c.c_size_t),
    ]


class ReadOptions(c.Structure):
    _fields_ = [
        ("alloc", c.c_void_p),
        ("limits", Limits),
        ("skip_crc", c.c_bool),
        ("memory", c.c_size_t),
        ("threads", c.c_int32),
    ]


class ScanOptions(c.Structure):
    _fields_ = [
        ("columns", c.POINTER(c.c_int32)),
        ("n_columns", c.c_int32),
        ("row_groups", c.POINTER(c.c_int32)),
        ("n_row_groups", c.c_int32),
        ("first_row", c.c_int64),
        ("n_rows", c.c_int64),
        ("batch_rows", c.c_int64),
        ("dictionaries", c.POINTER(c.c_int32)),
        ("n_dictionaries", c.c_int32),
    ]


class BatchSource(c.Structure):
    _fields_ = [("ctx", c.c_void_p), ("next", c.c_void_p), ("close", c.c_void_p)]


class JsonlReadOptions(c.Structure):
    _fields_ = [
        ("alloc", c.c_void_p),
        ("schema", c.c_void_p),
        ("fold_case", c.c_bool),
        ("null_is_zero", c.c_bool),
        ("refuse_unknown", c.c_bool),
        ("replace_invalid", c.c_bool),
        ("line_bytes", c.c_size_t),
        ("depth", c.c_uint32),
        ("batch_rows", c.c_int64),
        ("sample_rows", c.c_int64),
        ("threads", c.c_int32),
        ("record_info", c.c_void_p),
        ("bad", c.c_void_p),
        ("bad_ctx", c.c_void_p),
    ]


CODECS = {"none": 0, "snappy": 1, "gzip": 2, "brotli": 4, "zstd": 6, "lz4": 7}  # pyarrow's names
ENCODINGS = [
    "AUTO",
    "PLAIN",
    "RLE",
    "DELTA_BINARY_PACKED",
    "DELTA_LENGTH_BYTE_ARRAY",
    "DELTA_BYTE_ARRAY",
    "BYTE_STREAM_SPLIT",
]


class DzrError(Exception):
    pass


def _call(name, *args):
    err = _Error()
    function = getattr(_lib, name)
    function.restype = c.c_int
    if function(*args, c.byref(err)) != 0:
        raise DzrError(err.message.decode())


def _void(name, *args):
    getattr(_lib, name)(*args)


def _ask(name, kind, *args):
    function = getattr(_lib, name)
    function.restype = kind
    return function(*args)


class _Held:
    """A 128-byte room for struct ArrowSchema (72 bytes) or struct ArrowArray (80 bytes)."""

    def __init__(self):
        self.room = (c.c_uint64 * 16)()
        self.address = c.addressof(self.room)

    def release(self, at):
        """Calls the release function in slot `at` (8-byte words), when there is one left."""
        if self.room[at]:
            c.CFUNCTYPE(None, c.c_void_p)(self.room[at])(self.address)


def to_batch(record_batch):
    """A dzr_batch over the record batch's memory; free with free_batch."""
    array, schema = _Held(), _Held()
    record_batch._export_to_c(array.address, schema.address)
    batch = c.c_void_p()
    try:
        _call("dzr_arrow_import_batch", c.c_void_p(array.address), c.c_void_p(schema.address), None, c.byref(batch))
    finally:
        schema.release(7)
    return batch


def free_batch(batch):
    _void("dzr_batch_free", batch)


def from_batch(batch):
    """The batch as a pyarrow.RecordBatch over the library's memory."""
    array, schema = _Held(), _Held()
    of = c.c_void_p(_ask("dzr_batch_schema", c.c_void_p, batch))
    _call("dzr_arrow_export_schema", of, None, c.c_void_p(schema.address))
    _call("dzr_arrow_export_batch", batch, None, c.c_void_p(array.address))
    return pa.RecordBatch._import_from_c(array.address, schema.address)


def _plain_type(kind):
    if kind == pa.string_view():
        return pa.string()
    if kind == pa.binary_view():
        return pa.binary()
    if pa.types.is_struct(kind):
        return pa.struct([_plain_field(kind.field(i)) for i in range(kind.num_fields)])
    if pa.types.is_map(kind):
        return pa.map_(_plain_type(kind.key_type), _plain_field(kind.item_field))
    if pa.types.is_list(kind):
        return pa.list_(_plain_field(kind.value_field))
    return kind


def _plain_field(field):
    return field.with_type(_plain_type(field.type))


def plain(table):
    """String views as strings, however deep, so that tables compare. What has none stays: pyarrow 26 casts nulls
    in structs in lists to a wrong length."""
    schema = pa.schema([_plain_field(f) for f in table.schema])
    return pa.Table.from_arrays(
        [
            column if column.type == field.type else column.cast(field.type)
            for column, field in zip(table.columns, schema)
        ],
        schema=schema,
    )


def write(table, path, codec="snappy", batch_rows=None, columns=None, **options):
    """columns: path -> (encoding, codec)"""
    sink, writer = c.c_void_p(), c.c_void_p()
    own = (ColumnOptions * len(columns or {}))(
        *[
            ColumnOptions(name.encode(), ENCODINGS.index(encoding), CODECS[its_codec])
            for name, (encoding, its_codec) in (columns or {}).items()
        ]
    )
    chosen = WriteOptions(codec=CODECS[codec], columns=own, n_columns=len(own), **options)
    _call("dzr_store_open_sink", str(path).encode(), None, c.byref(sink))
    try:
        for record_batch in table.to_batches(max_chunksize=batch_rows) or [
            pa.RecordBatch.from_pylist([], schema=table.schema)
        ]:
            batch = to_batch(record_batch)
            try:
                if not writer:
                    _call(
                        "dzr_parquet_writer_open",
                        sink,
                        c.c_void_p(_ask("dzr_batch_schema", c.c_void_p, batch)),
                        c.byref(chosen),
                        c.byref(writer),
                    )
                _call("dzr_parquet_writer_append", writer, batch)
            finally:
                free_batch(batch)
        _call("dzr_parquet_writer_finish", writer)
        _call("dzr_sink_commit", sink)
    finally:
        _void("dzr_parquet_writer_close", writer)
        _void("dzr_sink_close", sink)


def read(path, columns=None, limits=None, **options):
    """The whole file as a table; columns are leaf numbers."""
    source, reader = c.c_void_p(), c.c_void_p()
    chosen = ReadOptions(limits=Limits(**(limits or {})), **options)
    _call("dzr_store_open_source", str(path).encode(), None, c.byref(source))
    try:
        _call("dzr_parquet_reader_open", source, c.byref(chosen), c.byref(reader))
        batches = []
        wanted = (c.c_int32 * len(columns))(*columns) if columns is not None else None
        for row_group in range(_ask("dzr_parquet_reader_n_row_groups", c.c_int32, reader)):
            batch = c.c_void_p()
            _call(
                "dzr_parquet_read_row_group",
                reader,
                c.c_int32(row_group),
                wanted,
                c.c_int32(len(columns) if columns is not None else 0),
                c.byref(batch),
            )
            try:
                batches.append(from_batch(batch))
            finally:
                free_batch(batch)
        if not batches:
            schema = _Held()
            of = c.c_void_p(_ask("dzr_parquet_reader_schema", c.c_void_p, reader))
            _call("dzr_arrow_export_schema", of, None, c.c_void_p(schema.address))
            return plain(pa.Table.from_batches([], schema=pa.Schema._import_from_c(schema.address)))
        return plain(pa.Table.from_batches(batches))
    finally:
        _void("dzr_parquet_reader_close", reader)
        _void("dzr_source_close", source)


def _numbers(values):
    return (c.c_int32 * len(values))(*values) if values is not None else None


def scan(path, columns=None, row_groups=None, dictionaries=None, memory=0, **options):
    """A scan's record batches, through an Arrow stream; columns and dictionaries are leaf numbers."""
    source, reader, it = c.c_void_p(), c.c_void_p(), c.c_void_p()
    read_options = ReadOptions(memory=memory)
    chosen = ScanOptions(
        columns=_numbers(columns),
        n_columns=len(columns or []),
        row_groups=_numbers(row_groups),
        n_row_groups=len(row_groups or []),
        dictionaries=_numbers(dictionaries),
        n_dictionaries=len(dictionaries or []),
        **options
    )
    _call("dzr_store_open_source", str(path).encode(), None, c.byref(source))
    try:
        _call("dzr_parquet_reader_open", source, c.byref(read_options), c.byref(reader))
        _call("dzr_parquet_scan_open", reader, c.byref(chosen), c.byref(it))
        stream = _Held()
        schema = c.c_void_p(_ask("dzr_parquet_scan_schema", c.c_void_p, it))
        _call(
            "dzr_arrow_export_stream",
            _ask("dzr_parquet_scan_batches", BatchSource, it),
            schema,
            None,
            c.c_void_p(stream.address),
        )
        batches = pa.RecordBatchReader._import_from_c(stream.address)
        try:
            return batches.schema, list(batches)
        finally:
            batches.close()
    finally:
        _void("dzr_parquet_reader_close", reader)
        _void("dzr_source_close", source)


def from_stream(batch_reader):
    """The batches of a pyarrow.RecordBatchReader through ours, as record batches again."""
    stream, reader = _Held(), c.c_void_p()
    batch_reader._export_to_c(stream.address)
    _call("dzr_arrow_reader_open", c.c_void_p(stream.address), None, c.byref(reader))
    try:
        batches = []
        while True:
            batch = c.c_void_p()
            _call("dzr_arrow_reader_next", reader, c.byref(batch))
            if not batch:
                return batches
            try:
                batches.append(from_batch(batch))
            finally:
                free_batch(batch)
    finally:
        _void("dzr_arrow_reader_close", reader)


def write_json_lines(table, path):
    sink, writer = c.c_void_p(), c.c_void_p()
    _call("dzr_store_open_sink", str(path).encode(), None, c.byref(sink))
    try:
        for record_batch in table.to_batches() or [pa.RecordBatch.from_pylist([], schema=table.schema)]:
            batch = to_batch(record_batch)
            try:
                if not writer:
                    _call(
                        "dzr_json_writer_open",
                        sink,
                        c.c_void_p(_ask("dzr_batch_schema", c.c_void_p, batch)),
                        None,
                        c.byref(writer),
                    )
                _call("dzr_json_writer_append", writer, batch)
            finally:
                free_batch(batch)
        _call("dzr_json_writer_finish", writer)
        _call("dzr_sink_commit", sink)
    finally:
        _void("dzr_json_writer_close", writer)
        _void("dzr_sink_close", sink)


def read_json_lines(path, schema=None):
    """The file as a table, by a pyarrow schema or with the one inferred."""
    source, reader = c.c_void_p(), c.c_void_p()
    model = to_batch(pa.RecordBatch.from_pylist([], schema=schema)) if schema is not None else None
    _call("dzr_store_open_source", str(path).encode(), None, c.byref(source))
    try:
        of = _ask("dzr_batch_schema", c.c_void_p, model) if model is not None else None
        options = JsonlReadOptions(schema=of, refuse_unknown=True)
        _call("dzr_jsonl_reader_open", source, c.byref(options), c.byref(reader))
        batches = []
        while True:
            batch = c.c_void_p()
            _call("dzr_jsonl_reader_next", reader, c.byref(batch))
            if not batch:
                break
            try:
                batches.append(from_batch(batch))
            finally:
                free_batch(batch)
        return plain(pa.Table.from_batches(batches)) if batches else schema.empty_table()
    finally:
        _void("dzr_jsonl_reader_close", reader)
        _void("dzr_source_close", source)
        _void("dzr_batch_free", model)
