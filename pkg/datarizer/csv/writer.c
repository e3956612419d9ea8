/* csv/writer.c - batches as CSV: the public face, see csv.h. Called by the store's tables and by programs.
 * Rows are laid out in a buffer that goes to the sink when it is full. Spec: RFC 4180, with LF for line breaks. */
#include "json/writer.h"
#include "csv/internal.h"

#include <math.h>
#include <openssl/evp.h>

enum {
    FLUSH_BYTES = 1 << 16,
    PIECE_BYTES = 3 << 12, /* of binary, encoded at once; 3 bytes are 4 of base64 */
};

struct dzr_csv_writer {
    const dzr_allocator *alloc;
    dzr_sink *sink;
    dzr_schema *schema;
    dzr_csv_dialect dialect;
    bool special[256];  /* text with such a byte needs quotes */
    bool scalars_plain; /* numbers and dates never have one */
    dzr_bytebuf buf, encoded;
    dzr_json_writer *json; /* without a sink, of nested values; NULL where there are none */
    int64_t n_rows;
    bool finished;
};

/* ---- the buffer ---- */

static dzr_status flush(dzr_csv_writer *writer, dzr_error *err)
{
    const size_t n = writer->buf.len;
    writer->buf.len = 0;
    return n == 0 ? DZR_OK : dzr_sink_append(writer->sink, writer->buf.at, n, err);
}

static inline dzr_status make_room(dzr_csv_writer *writer, size_t n, dzr_error *err)
{
    if (DZR_LIKELY(n <= writer->buf.cap - writer->buf.len))
        return DZR_OK;
    DZR_TRY(flush(writer, err));
    return dzr__bytebuf_reserve(&writer->buf, n, err);
}

static inline void put_byte(dzr_csv_writer *writer, char byte)
{
    writer->buf.at[writer->buf.len++] = (uint8_t)byte;
}

/* Behind field k of n. */
static inline void put_end(dzr_csv_writer *writer, int32_t k, int32_t n)
{
    if (k + 1 < n)
        put_byte(writer, writer->dialect.delimiter);
    else
        put_byte(writer, '\n');
}

/* ---- text ---- */

/* Text that would be another type without quotes, if its type was inferred. */
static bool looks_typed(dzr_bytes text)
{
    switch (text.at[0]) {
    case 't':
    case 'T':
    case 'f':
    case 'F':
    case 'n':
    case 'N':
    case 'i':
    case 'I':
        return text.len <= 5 && dzr__csv_kind_of(text) != DZR__CSV_TEXT;
    default:
        return (text.at[0] == '-' || (text.at[0] >= '0' && text.at[0] <= '9')) &&
               dzr__csv_kind_of(text) != DZR__CSV_TEXT;
    }
}

static bool has_special(const dzr_csv_writer *writer, dzr_bytes text)
{
    bool any = false;
    for (size_t i = 0; i < text.len; i++)
        any |= writer->special[text.at[i]];
    return any;
}

static dzr_status put_quoted(dzr_csv_writer *writer, dzr_bytes text, dzr_error *err)
{
    const char quote = writer->dialect.quote;
    DZR_TRY(make_room(writer, text.len + 2, err));
    put_byte(writer, quote);
    for (;;) {
        const uint8_t *const found = text.len > 0 ? memchr(text.at, quote, text.len) : NULL;
        const size_t n = found != NULL ? (size_t)(found - text.at) + 1 : text.len;
        DZR_TRY(make_room(writer, n + 2, err));
        if (n > 0)
            memcpy(writer->buf.at + writer->buf.len, text.at, n);
        writer->buf.len += n;
        put_byte(writer, quote); /* the second of two, or the closing one */
        if (found == NULL)
            return DZR_OK;
        text.at += n;
        text.len -= n;
    }
}

/* is_name: in the header, where nothing is inferred. */
static dzr_status put_text(dzr_csv_writer *writer, dzr_bytes text, bool is_name, dzr_error *err)
{
    const bool at_start = writer->sink->n_bytes == 0 && writer->buf.len == 0;
    const bool is_mark = at_start && text.len >= 3 && memcmp(text.at, "\xef\xbb\xbf", 3) == 0;
    const bool must = text.len == 0 || is_mark || has_special(writer, text);
    if (must && writer->dialect.no_quotes)
        return dzr_fail(err, DZR_ERR_TYPE, "%s needs quotes, and there are none; write with another delimiter or quote",
                text.len == 0 ? "an empty text" : "a text");
    if (must || (!is_name && !writer->dialect.no_quotes && looks_typed(text)))
        return put_quoted(writer, text, err);
    DZR_TRY(make_room(writer, text.len, err));
    memcpy(writer->buf.at + writer->buf.len, text.at, text.len);
    writer->buf.len += text.len;
    return DZR_OK;
}

static dzr_status put_base64(dzr_csv_writer *writer, dzr_bytes bytes, dzr_error *err)
{
    dzr_bytebuf *const out = &writer->encoded;
    out->len = 0;
    while (bytes.len > 0) {
        const size_t n = DZR_MIN(bytes.len, (size_t)PIECE_BYTES);
        DZR_TRY(dzr__bytebuf_reserve(out, n * 4 / 3 + 5, err)); /* EncodeBlock adds a NUL */
        out->len += (size_t)EVP_EncodeBlock(out->at + out->len, bytes.at, (int)n);
        bytes.at += n;
        bytes.len -= n;
    }
    return put_text(writer, (dzr_bytes){out->at, out->len}, false, err);
}

static dzr_status put_json(dzr_csv_writer *writer, int32_t field, const dzr_column *column, int64_t row, dzr_error *err)
{
    writer->json->buf.len = 0;
    DZR_TRY(dzr__json_write_value(writer->json, dzr_schema_field_node(writer->schema, field), column, row, err));
    return put_text(writer, (dzr_bytes){writer->json->buf.at, writer->json->buf.len}, false, err);
}

/* ---- scalars ---- */

static size_t print_real(double value, bool is_float, char *to)
{
    if (isnan(value))
        return (size_t)(stpcpy(to, "NaN") - to);
    if (isinf(value))
        return (size_t)(stpcpy(to, value < 0 ? "-inf" : "inf") - to);
    return is_float ? dzr__json_print_float((float)value, DZR__DOUBLE_PYTHON, to)
                    : dzr__json_print_double(value, DZR__DOUBLE_PYTHON, to);
}

/* A value that is there and neither bytes nor nested, as text of at most DZR_JSON_SCALAR_BYTES: JSON's without the
 * quotes, but for floats, which are Python's. */
static size_t print_scalar(const dzr_column *column, int64_t row, char *to)
{
    const void *const values = column->values;
    switch (column->type.id) {
    case DZR_TYPE_FLOAT:
        return print_real(((const float *)values)[row], true, to);
    case DZR_TYPE_DOUBLE:
        return print_real(((const double *)values)[row], false, to);
    case DZR_TYPE_HALF:
        return print_real(dzr_half_to_double(((const uint16_t *)values)[row]), true, to);
    default:
        break;
    }
    const size_t n = dzr__json_print_scalar(column, row, to);
    if (to[0] != '"')
        return n;
    memmove(to, to + 1, n - 2);
    return n - 2;
}

static dzr_status put_scalar(dzr_csv_writer *writer, const dzr_column *column, int64_t row, dzr_error *err)
{
    DZR_TRY(make_room(writer, DZR_JSON_SCALAR_BYTES, err));
    if (writer->scalars_plain) {
        writer->buf.len += print_scalar(column, row, (char *)writer->buf.at + writer->buf.len);
        return DZR_OK;
    }
    char text[DZR_JSON_SCALAR_BYTES];
    const dzr_bytes bytes = {(const uint8_t *)text, print_scalar(column, row, text)};
    if (has_special(writer, bytes))
        return put_text(writer, bytes, true, err);
    memcpy(writer->buf.at + writer->buf.len, text, bytes.len);
    writer->buf.len += bytes.len;
    return DZR_OK;
}

/* ---- rows ---- */

static dzr_status put_value(
        dzr_csv_writer *writer, int32_t field, const dzr_column *column, int64_t row, dzr_error *err)
{
    if (dzr_column_is_null(column, row))
        return DZR_OK;
    const dzr_column *const outer = column;
    const int64_t outer_row = row;
    column = dzr_column_resolve(column, &row);
    switch (column->type.id) {
    case DZR_TYPE_STRING:
        return put_text(writer, dzr_column_bytes(column, row), false, err);
    case DZR_TYPE_BINARY:
        return put_base64(writer, dzr_column_bytes(column, row), err);
    case DZR_TYPE_FIXED:
        return put_base64(writer, dzr_column_fixed(column, row), err);
    case DZR_TYPE_STRUCT:
    case DZR_TYPE_LIST:
    case DZR_TYPE_MAP:
        return put_json(writer, field, outer, outer_row, err);
    default:
        return put_scalar(writer, column, row, err);
    }
}

static dzr_status put_rows(dzr_csv_writer *writer, const dzr_batch *batch, dzr_error *err)
{
    const int32_t n = dzr_schema_n_fields(writer->schema);
    const int64_t n_rows = dzr_batch_n_rows(batch);
    for (int64_t row = 0; row < n_rows; row++, writer->n_rows++) {
        for (int32_t k = 0; k < n; k++) {
            const dzr_status st = put_value(writer, k, dzr_batch_column(batch, k), row, err);
            if (st == DZR_ERR_TYPE)
                return dzr_fail_at(err, st, "%s: row %lld: column \"%.200s\": ", writer->sink->name,
                        (long long)writer->n_rows, dzr_schema_field(writer->schema, k)->name);
            DZR_TRY(st);
            DZR_TRY(make_room(writer, 1, err));
            put_end(writer, k, n);
        }
    }
    return DZR_OK;
}

static dzr_status put_header(dzr_csv_writer *writer, dzr_error *err)
{
    const int32_t n = dzr_schema_n_fields(writer->schema);
    for (int32_t k = 0; k < n; k++) {
        const char *const name = dzr_schema_field(writer->schema, k)->name;
        const dzr_bytes text = {(const uint8_t *)name, strlen(name)};
        const dzr_status st = put_text(writer, text, true, err);
        if (st == DZR_ERR_TYPE)
            return dzr_fail_at(err, st, "%s: the name of column %d: ", writer->sink->name, (int)k + 1);
        DZR_TRY(st);
        DZR_TRY(make_room(writer, 1, err));
        put_end(writer, k, n);
    }
    return DZR_OK;
}

/* ---- the public face ---- */

static dzr_status open_all(dzr_csv_writer *writer, const dzr_csv_dialect *dialect, dzr_error *err)
{
    const char *const name = writer->sink->name;
    dzr_csv_dialect *const own = &writer->dialect;
    if (dzr__csv_dialect_check(dialect, own, err) != DZR_OK)
        return dzr_fail_at(err, DZR_ERR_ARG, "%s: ", name);
    if (dzr_schema_n_fields(writer->schema) == 0)
        return dzr_fail(err, DZR_ERR_ARG, "%s: CSV can't hold records without columns", name);
    writer->special['\n'] = writer->special['\r'] = true;
    writer->special[(uint8_t)own->delimiter] = true;
    if (!own->no_quotes)
        writer->special[(uint8_t)own->quote] = true;
    static const char in_scalars[] = "0123456789+-.:abcdefghijklmnopqrstuvwxyzTZNI";
    writer->scalars_plain =
            strchr(in_scalars, own->delimiter) == NULL && (own->no_quotes || strchr(in_scalars, own->quote) == NULL);
    bool has_nested = false;
    for (int32_t k = 0; k < dzr_schema_n_fields(writer->schema); k++) {
        const dzr_type_id id = dzr_schema_field(writer->schema, k)->type.id;
        has_nested |= id == DZR_TYPE_STRUCT || id == DZR_TYPE_LIST || id == DZR_TYPE_MAP;
    }
    const dzr_json_write_options json = {.alloc = writer->alloc};
    if (has_nested)
        DZR_TRY(dzr_json_writer_open(NULL, writer->schema, &json, &writer->json, err));
    DZR_TRY(dzr__bytebuf_reserve(&writer->buf, FLUSH_BYTES, err));
    return own->no_header ? DZR_OK : put_header(writer, err);
}

dzr_status dzr_csv_writer_open(dzr_sink *sink, const dzr_schema *schema, const dzr_csv_write_options *options,
        dzr_csv_writer **out, dzr_error *err)
{
    static const dzr_csv_write_options defaults = {.alloc = NULL};
    if (options == NULL)
        options = &defaults;
    dzr_csv_writer *const writer = dzr_alloc_zeroed(options->alloc, 1, sizeof *writer, err);
    if (writer == NULL)
        return DZR_ERR_NOMEM;
    writer->alloc = writer->buf.alloc = writer->encoded.alloc = options->alloc;
    writer->sink = sink;
    writer->schema = dzr_schema_hold(schema);
    const dzr_status st = open_all(writer, &options->dialect, err);
    if (st != DZR_OK) {
        dzr_csv_writer_close(writer);
        return st;
    }
    *out = writer;
    return DZR_OK;
}

void dzr_csv_writer_close(dzr_csv_writer *writer)
{
    if (writer == NULL)
        return;
    dzr_json_writer_close(writer->json);
    dzr__bytebuf_fini(&writer->buf);
    dzr__bytebuf_fini(&writer->encoded);
    dzr_schema_free(writer->schema);
    dzr_release(writer->alloc, writer);
}

dzr_status dzr_csv_writer_append(dzr_csv_writer *writer, const dzr_batch *batch, dzr_error *err)
{
    if (writer->finished)
        return dzr_fail(err, DZR_ERR_ARG, "%s: the CSV text is finished", writer->sink->name);
    if (!dzr_schema_equal(dzr_batch_schema(batch), writer->schema))
        return dzr_fail(err, DZR_ERR_ARG, "%s: the batch has another schema", writer->sink->name);
    return put_rows(writer, batch, err);
}

dzr_status dzr_csv_writer_finish(dzr_csv_writer *writer, dzr_error *err)
{
    if (writer->finished)
        return DZR_OK;
    writer->finished = true;
    return flush(writer, err);
}
