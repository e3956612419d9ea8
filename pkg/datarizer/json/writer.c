/* json/writer.c - batches as JSON lines or as one indented array. Called by ingest and by convert.c of the store.
 * Rows are laid out in a buffer that goes to the sink when it is full; what stands around the values is prepared once.
 * Layout: Go's encoding/json (Encoder with SetIndent("", "  ")). */
#include "frame/internal.h"
#include "json/internal.h"

#include <math.h>
#include <openssl/evp.h>

enum {
    FLUSH_BYTES = 1 << 16,
    PIECE_BYTES = 3 << 12, /* of a string or binary value, escaped or encoded at once; 3 bytes are 4 of base64 */
};

struct dzr_json_writer {
    const dzr_allocator *alloc;
    dzr_sink *sink;
    dzr_schema *schema;
    bool html;
    const char *before_all, *between, *after_row, *after_all, *nothing; /* around rows */
    dzr_bytes *before;                                                  /* each column's value */
    dzr_arena arena;
    dzr_bytebuf buf;
    int64_t n_rows;
    bool finished;
};

/* ---- what stands around the values ---- */

static dzr_status prepare_column(dzr_json_writer *writer, int32_t column, bool indented, dzr_error *err)
{
    const char *const name = dzr_schema_field(writer->schema, column)->name;
    const size_t len = strlen(name);
    uint8_t *const text = dzr__arena_zeroed(&writer->arena, 1, len * 6 + 16 + sizeof "{\n    \"\": ", err);
    if (text == NULL)
        return DZR_ERR_NOMEM;
    uint8_t *to = text;
    *to++ = column == 0 ? '{' : ',';
    to = mempcpy(to, "\n    ", indented ? 5 : 0);
    *to++ = '"';
    to += dzr__json_escape((dzr_bytes){(const uint8_t *)name, len}, writer->html, to);
    to = mempcpy(to, "\": ", indented ? 3 : 2);
    writer->before[column] = (dzr_bytes){.at = text, .len = (size_t)(to - text)};
    return DZR_OK;
}

static dzr_status prepare(dzr_json_writer *writer, dzr_json_style style, dzr_error *err)
{
    const int32_t n = dzr_schema_n_fields(writer->schema);
    const bool indented = style == DZR_JSON_ARRAY_INDENTED;
    writer->before_all = indented ? "[\n  " : "";
    writer->between = indented ? ",\n  " : "";
    writer->after_row = indented ? (n > 0 ? "\n  }" : "{}") : (n > 0 ? "}\n" : "{}\n");
    writer->after_all = indented ? "\n]\n" : "";
    writer->nothing = indented ? "[]\n" : "";
    writer->before = dzr__arena_zeroed(&writer->arena, (size_t)n, sizeof *writer->before, err);
    if (writer->before == NULL)
        return DZR_ERR_NOMEM;
    for (int32_t i = 0; i < n; i++)
        DZR_TRY(prepare_column(writer, i, indented, err));
    return dzr__bytebuf_reserve(&writer->buf, FLUSH_BYTES + PIECE_BYTES * 6, err);
}

dzr_status dzr_json_writer_open(dzr_sink *sink, const dzr_schema *schema, const dzr_json_write_options *options,
        dzr_json_writer **out, dzr_error *err)
{
    static const dzr_json_write_options defaults = {.style = DZR_JSON_LINES};
    if (options == NULL)
        options = &defaults;
    DZR_TRY(dzr__schema_require_flat(schema, "JSON", err));
    dzr_json_writer *const writer = dzr_alloc_zeroed(options->alloc, 1, sizeof *writer, err);
    if (writer == NULL)
        return DZR_ERR_NOMEM;
    writer->alloc = writer->buf.alloc = options->alloc;
    writer->sink = sink;
    writer->schema = dzr_schema_hold(schema);
    writer->html = options->escape_html;
    dzr__arena_init(&writer->arena, options->alloc, 0);
    const dzr_status st = prepare(writer, options->style, err);
    if (st != DZR_OK) {
        dzr_json_writer_close(writer);
        return st;
    }
    *out = writer;
    return DZR_OK;
}

void dzr_json_writer_close(dzr_json_writer *writer)
{
    if (writer == NULL)
        return;
    dzr__bytebuf_fini(&writer->buf);
    dzr__arena_fini(&writer->arena);
    dzr_schema_free(writer->schema);
    dzr_release(writer->alloc, writer);
}

/* ---- values ---- */

static dzr_status flush(dzr_json_writer *writer, dzr_error *err)
{
    const size_t n = writer->buf.len;
    writer->buf.len = 0;
    return dzr_sink_append(writer->sink, writer->buf.at, n, err);
}

/* Room for n bytes, by emptying the buffer into the sink or, for a long name, growing it. */
static inline dzr_status make_room(dzr_json_writer *writer, size_t n, dzr_error *err)
{
    if (DZR_LIKELY(n <= writer->buf.cap - writer->buf.len))
        return DZR_OK;
    DZR_TRY(flush(writer, err));
    return dzr__bytebuf_reserve(&writer->buf, n, err);
}

static dzr_status put(dzr_json_writer *writer, const void *bytes, size_t n, dzr_error *err)
{
    DZR_TRY(make_room(writer, n, err));
    memcpy(writer->buf.at + writer->buf.len, bytes, n);
    writer->buf.len += n;
    return DZR_OK;
}

static dzr_status put_text(dzr_json_writer *writer, const char *text, dzr_error *err)
{
    return put(writer, text, strlen(text), err);
}

/* Where a piece of a string may end so that no character of it is cut. */
static size_t piece_bytes(dzr_bytes text)
{
    if (text.len <= PIECE_BYTES)
        return text.len;
    size_t n = PIECE_BYTES;
    while ((text.at[n] & 0xC0) == 0x80 && n > PIECE_BYTES - 3)
        n--;
    return n;
}

static dzr_status put_string(dzr_json_writer *writer, dzr_bytes text, dzr_error *err)
{
    DZR_TRY(put(writer, "\"", 1, err));
    while (text.len > 0) {
        const dzr_bytes piece = {.at = text.at, .len = piece_bytes(text)};
        DZR_TRY(make_room(writer, piece.len * 6 + 16, err));
        writer->buf.len += dzr__json_escape(piece, writer->html, writer->buf.at + writer->buf.len);
        text.at += piece.len;
        text.len -= piece.len;
    }
    return put(writer, "\"", 1, err);
}

static dzr_status put_base64(dzr_json_writer *writer, dzr_bytes bytes, dzr_error *err)
{
    DZR_TRY(put(writer, "\"", 1, err));
    while (bytes.len > 0) {
        const size_t n = DZR_MIN(bytes.len, (size_t)PIECE_BYTES);
        DZR_TRY(make_room(writer, n * 4 / 3 + 5, err)); /* EncodeBlock adds a NUL */
        writer->buf.len += (size_t)EVP_EncodeBlock(writer->buf.at + writer->buf.len, bytes.at, (int)n);
        bytes.at += n;
        bytes.len -= n;
    }
    return put(writer, "\"", 1, err);
}

/* A value of fixed width as text of at most DZR_JSON_SCALAR_BYTES. */
static size_t print_scalar(const dzr_column *column, int64_t row, char *to)
{
    const void *const values = column->values;
    switch (column->type.id) {
    case DZR_TYPE_BOOL:
        return dzr_column_bool(column, row) ? (memcpy(to, "true", 4), (size_t)4) : (memcpy(to, "false", 5), (size_t)5);
    case DZR_TYPE_INT8:
        return dzr__json_print_int(((const int8_t *)values)[row], to);
    case DZR_TYPE_INT16:
        return dzr__json_print_int(((const int16_t *)values)[row], to);
    case DZR_TYPE_INT32:
        return dzr__json_print_int(((const int32_t *)values)[row], to);
    case DZR_TYPE_INT64:
        return dzr__json_print_int(((const int64_t *)values)[row], to);
    case DZR_TYPE_UINT8:
        return dzr__json_print_uint(((const uint8_t *)values)[row], to);
    case DZR_TYPE_UINT16:
        return dzr__json_print_uint(((const uint16_t *)values)[row], to);
    case DZR_TYPE_UINT32:
        return dzr__json_print_uint(((const uint32_t *)values)[row], to);
    case DZR_TYPE_UINT64:
        return dzr__json_print_uint(((const uint64_t *)values)[row], to);
    case DZR_TYPE_FLOAT:
        if (isfinite(((const float *)values)[row]))
            return dzr__json_print_float(((const float *)values)[row], DZR__DOUBLE_GO, to);
        break;
    case DZR_TYPE_DOUBLE:
        if (isfinite(((const double *)values)[row]))
            return dzr__json_print_double(((const double *)values)[row], DZR__DOUBLE_GO, to);
        break;
    case DZR_TYPE_DATE: {
        const size_t n = dzr__json_print_date(((const int32_t *)values)[row], to + 1);
        to[0] = to[n + 1] = '"';
        return n + 2;
    }
    case DZR_TYPE_TIMESTAMP: {
        const size_t n = dzr__json_print_timestamp(((const int64_t *)values)[row], column->type, to + 1);
        to[0] = to[n + 1] = '"';
        return n + 2;
    }
    case DZR_TYPE_STRUCT:
    case DZR_TYPE_LIST:
    case DZR_TYPE_MAP: /* refused when the schema came */
    case DZR_TYPE_STRING:
    case DZR_TYPE_BINARY:
        break;
    }
    memcpy(to, "null", 4); /* JSON has no NaN and no infinity */
    return 4;
}

size_t dzr_json_print_scalar(const dzr_column *column, int64_t row, char out[DZR_JSON_SCALAR_BYTES])
{
    size_t n = 0;
    if (dzr_column_is_null(column, row))
        n = (size_t)(stpcpy(out, "null") - out);
    else if (column->type.id != DZR_TYPE_STRING && column->type.id != DZR_TYPE_BINARY)
        n = print_scalar(column, row, out);
    out[n] = '\0';
    return n;
}

static dzr_status put_value(dzr_json_writer *writer, const dzr_column *column, int64_t row, dzr_error *err)
{
    if (dzr_column_is_null(column, row))
        return put(writer, "null", 4, err);
    if (column->type.id == DZR_TYPE_STRING)
        return put_string(writer, dzr_column_bytes(column, row), err);
    if (column->type.id == DZR_TYPE_BINARY)
        return put_base64(writer, dzr_column_bytes(column, row), err);
    DZR_TRY(make_room(writer, DZR_JSON_SCALAR_BYTES, err));
    writer->buf.len += print_scalar(column, row, (char *)writer->buf.at + writer->buf.len);
    return DZR_OK;
}

static dzr_status put_row(dzr_json_writer *writer, const dzr_batch *batch, int64_t row, dzr_error *err)
{
    DZR_TRY(put_text(writer, writer->n_rows == 0 ? writer->before_all : writer->between, err));
    const int32_t n = dzr_schema_n_fields(writer->schema);
    for (int32_t i = 0; i < n; i++) {
        DZR_TRY(put(writer, writer->before[i].at, writer->before[i].len, err));
        DZR_TRY(put_value(writer, dzr_batch_column(batch, i), row, err));
    }
    writer->n_rows++;
    return put_text(writer, writer->after_row, err);
}

dzr_status dzr_json_writer_append(dzr_json_writer *writer, const dzr_batch *batch, dzr_error *err)
{
    if (writer->finished)
        return dzr_fail(err, DZR_ERR_ARG, "%s: the JSON text is finished", writer->sink->name);
    if (!dzr_schema_equal(dzr_batch_schema(batch), writer->schema))
        return dzr_fail(err, DZR_ERR_ARG, "%s: the batch has another schema", writer->sink->name);
    const int64_t n_rows = dzr_batch_n_rows(batch);
    for (int64_t row = 0; row < n_rows; row++)
        DZR_TRY(put_row(writer, batch, row, err));
    return DZR_OK;
}

dzr_status dzr_json_writer_finish(dzr_json_writer *writer, dzr_error *err)
{
    if (writer->finished)
        return DZR_OK;
    DZR_TRY(put_text(writer, writer->n_rows == 0 ? writer->nothing : writer->after_all, err));
    writer->finished = true;
    return flush(writer, err);
}
