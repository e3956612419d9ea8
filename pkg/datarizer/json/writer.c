/* json/writer.c - batches as JSON lines or as one indented array. Called by ingest and by convert.c of the store;
 * writer_ahead.c has several threads lay out rows.
 * Rows are laid out in a buffer that goes to the sink when it is full; what stands around the values is prepared once.
 * Structs become objects, lists arrays, and maps objects whose member names are the keys, as keys.c has them.
 * Layout: Go's encoding/json (Encoder with SetIndent("", "  ")). */
#include "json/writer.h"

#include <math.h>
#include <openssl/evp.h>

enum {
    FLUSH_BYTES = 1 << 16,
    PIECE_BYTES = 3 << 12, /* of a string or binary value, escaped or encoded at once; 3 bytes are 4 of base64 */
};

/* ---- what stands around the values ---- */

/* What stands before the value of the struct member, or column, `node`. */
static dzr_status prepare_member(dzr_json_writer *writer, int32_t node, bool is_first, dzr_error *err)
{
    const char *const name = dzr_schema_node(writer->schema, node)->name;
    const size_t len = strlen(name);
    const size_t indent = writer->indented ? 1 + 2 * (size_t)writer->level[node] : 0;
    uint8_t *const text = dzr__arena_zeroed(&writer->arena, 1, len * 6 + 16 + indent + sizeof "{\"\": ", err);
    if (text == NULL)
        return DZR_ERR_NOMEM;
    uint8_t *to = text;
    *to++ = is_first ? '{' : ',';
    to = mempcpy(to, writer->line_break, indent);
    *to++ = '"';
    to += dzr__json_escape((dzr_bytes){(const uint8_t *)name, len}, writer->html, to);
    to = mempcpy(to, "\": ", writer->indented ? 3 : 2);
    writer->before[node] = (dzr_bytes){.at = text, .len = (size_t)(to - text)};
    return DZR_OK;
}

/* The members of struct `node`, or with -1 of a row, and all below them; they end before node `end`. */
static dzr_status prepare_members(
        dzr_json_writer *writer, int32_t node, int32_t end, bool named, uint8_t level, dzr_error *err)
{
    for (int32_t child = node + 1; child < end; child = dzr_schema_node_end(writer->schema, child)) {
        const dzr_type_id id = dzr_schema_node(writer->schema, child)->type.id;
        const bool is_entry = node >= 0 && dzr_schema_node(writer->schema, node)->type.id == DZR_TYPE_MAP;
        writer->level[child] = level;
        if (named)
            DZR_TRY(prepare_member(writer, child, child == node + 1, err));
        /* a map's entries are no level of their own in the text, and key and value no members */
        DZR_TRY(prepare_members(writer, child, dzr_schema_node_end(writer->schema, child),
                id == DZR_TYPE_STRUCT && !is_entry, (uint8_t)(level + !is_entry), err));
    }
    return DZR_OK;
}

static dzr_status prepare(dzr_json_writer *writer, dzr_json_style style, dzr_error *err)
{
    const int32_t n = dzr_schema_n_fields(writer->schema), n_nodes = dzr_schema_n_nodes(writer->schema);
    const bool indented = writer->indented = style == DZR_JSON_ARRAY_INDENTED;
    writer->before_all = indented ? "[\n  " : "";
    writer->between = indented ? ",\n  " : "";
    writer->after_row = indented ? (n > 0 ? "\n  }" : "{}") : (n > 0 ? "}\n" : "{}\n");
    writer->after_all = indented ? "\n]\n" : "";
    writer->nothing = indented ? "[]\n" : "";
    memset(writer->line_break, ' ', sizeof writer->line_break);
    writer->line_break[0] = '\n';
    writer->before = dzr__arena_zeroed(&writer->arena, (size_t)n_nodes, sizeof *writer->before, err);
    writer->level = dzr__arena_zeroed(&writer->arena, (size_t)n_nodes, sizeof *writer->level, err);
    if (writer->before == NULL || writer->level == NULL)
        return DZR_ERR_NOMEM;
    DZR_TRY(prepare_members(writer, -1, n_nodes, true, DZR__JSON_ROW_LEVEL, err));
    return dzr__bytebuf_reserve(&writer->buf, FLUSH_BYTES + PIECE_BYTES * 6, err);
}

dzr_status dzr_json_writer_open(dzr_sink *sink, const dzr_schema *schema, const dzr_json_write_options *options,
        dzr_json_writer **out, dzr_error *err)
{
    static const dzr_json_write_options defaults = {.style = DZR_JSON_LINES};
    if (options == NULL)
        options = &defaults;
    DZR_TRY(dzr__json_check_keys(schema, err));
    dzr_json_writer *const writer = dzr_alloc_zeroed(options->alloc, 1, sizeof *writer, err);
    if (writer == NULL)
        return DZR_ERR_NOMEM;
    writer->alloc = writer->buf.alloc = options->alloc;
    writer->sink = sink;
    writer->schema = dzr_schema_hold(schema);
    writer->html = options->escape_html;
    dzr__arena_init(&writer->arena, options->alloc, 0);
    dzr_status st = prepare(writer, options->style, err);
    if (st == DZR_OK)
        st = dzr__json_writer_threads(writer, options->threads, err);
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
    dzr__json_ahead_free(writer->ahead);
    dzr__bytebuf_fini(&writer->buf);
    dzr__arena_fini(&writer->arena);
    dzr_schema_free(writer->schema);
    dzr_release(writer->alloc, writer);
}

/* ---- values ---- */

dzr_status dzr__json_writer_flush(dzr_json_writer *writer, dzr_error *err)
{
    const size_t n = writer->buf.len;
    writer->buf.len = 0;
    return dzr_sink_append(writer->sink, writer->buf.at, n, err);
}

/* Room for n bytes, by emptying the buffer into the sink or, for a long name or without a sink, growing it. */
static inline dzr_status make_room(dzr_json_writer *writer, size_t n, dzr_error *err)
{
    if (DZR_LIKELY(n <= writer->buf.cap - writer->buf.len))
        return DZR_OK;
    if (writer->sink != NULL)
        DZR_TRY(dzr__json_writer_flush(writer, err));
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

/* Values that are bytes and whose text has no bound. */
static bool is_bytes(dzr_type_id id)
{
    return id == DZR_TYPE_STRING || id == DZR_TYPE_BINARY || id == DZR_TYPE_FIXED;
}

/* Another value as text of at most DZR_JSON_SCALAR_BYTES. */
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
    case DZR_TYPE_DURATION: /* of its units */
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
    case DZR_TYPE_TIME: {
        const int64_t time =
                column->type.unit == DZR_UNIT_MS ? ((const int32_t *)values)[row] : ((const int64_t *)values)[row];
        const size_t n = dzr__json_print_time(time, column->type.unit, to + 1);
        to[0] = to[n + 1] = '"';
        return n + 2;
    }
    case DZR_TYPE_DECIMAL:
        return dzr_decimal_print(dzr_column_decimal(column, row), column->type.scale, to);
    case DZR_TYPE_HALF: {
        const double half = dzr_half_to_double(((const uint16_t *)values)[row]);
        if (isfinite(half))
            return dzr__json_print_float((float)half, DZR__DOUBLE_GO, to);
        break;
    }
    case DZR_TYPE_UUID:
        dzr_uuid_print(dzr_column_fixed(column, row).at, to + 1);
        to[0] = to[DZR_UUID_TEXT] = '"';
        return DZR_UUID_TEXT + 1;
    case DZR_TYPE_STRUCT:
    case DZR_TYPE_LIST:
    case DZR_TYPE_MAP:
    case DZR_TYPE_STRING:
    case DZR_TYPE_BINARY:
    case DZR_TYPE_FIXED:
    case DZR_TYPE_NULL:
    case DZR_TYPE_DICTIONARY: /* resolved before */
        break;
    }
    memcpy(to, "null", 4); /* JSON has no NaN and no infinity */
    return 4;
}

size_t dzr_json_print_scalar(const dzr_column *column, int64_t row, char out[DZR_JSON_SCALAR_BYTES])
{
    size_t n = 0;
    const bool null = dzr_column_is_null(column, row);
    if (!null)
        column = dzr_column_resolve(column, &row);
    if (null)
        n = (size_t)(stpcpy(out, "null") - out);
    else if (column->type.id < DZR_TYPE_STRUCT && !is_bytes(column->type.id))
        n = print_scalar(column, row, out);
    out[n] = '\0';
    return n;
}

static dzr_status put_value(
        dzr_json_writer *writer, int32_t node, const dzr_column *column, int64_t row, dzr_error *err);

static dzr_status put_break(dzr_json_writer *writer, size_t level, dzr_error *err)
{
    return writer->indented ? put(writer, writer->line_break, 1 + 2 * level, err) : DZR_OK;
}

static dzr_status put_struct(
        dzr_json_writer *writer, int32_t node, const dzr_column *column, int64_t row, dzr_error *err)
{
    if (column->n_children == 0)
        return put(writer, "{}", 2, err);
    int32_t child = node + 1;
    for (int32_t i = 0; i < column->n_children; i++) {
        DZR_TRY(put(writer, writer->before[child].at, writer->before[child].len, err));
        DZR_TRY(put_value(writer, child, column->children[i], row, err));
        child = dzr_schema_node_end(writer->schema, child);
    }
    DZR_TRY(put_break(writer, writer->level[node], err));
    return put(writer, "}", 1, err);
}

/* A key is a string whatever its type: what has no quotes of its own gets them. */
static dzr_status put_key(dzr_json_writer *writer, const dzr_column *keys, int64_t row, dzr_error *err)
{
    keys = dzr_column_resolve(keys, &row);
    if (is_bytes(keys->type.id))
        return put_value(writer, -1, keys, row, err);
    DZR_TRY(make_room(writer, DZR_JSON_SCALAR_BYTES + 2, err));
    char *const to = (char *)writer->buf.at + writer->buf.len;
    const size_t n = print_scalar(keys, row, to + 1);
    const bool quoted = to[1] == '"';
    if (quoted)
        memmove(to, to + 1, n);
    else
        to[0] = to[n + 1] = '"';
    writer->buf.len += quoted ? n : n + 2;
    return DZR_OK;
}

/* The elements of a list or the entries of a map. */
static dzr_status put_list(dzr_json_writer *writer, int32_t node, const dzr_column *column, int64_t row, dzr_error *err)
{
    const bool is_map = column->type.id == DZR_TYPE_MAP;
    const dzr_column *const child = column->children[0];
    int64_t first = 0;
    const int64_t n = dzr_column_list(column, row, &first);
    if (n == 0)
        return put(writer, is_map ? "{}" : "[]", 2, err);
    const int32_t value_node = is_map ? dzr_schema_node_end(writer->schema, node + 2) : node + 1;
    DZR_TRY(put(writer, is_map ? "{" : "[", 1, err));
    for (int64_t i = first; i < first + n; i++) {
        if (i > first)
            DZR_TRY(put(writer, ",", 1, err));
        DZR_TRY(put_break(writer, writer->level[value_node], err));
        if (is_map) {
            DZR_TRY(put_key(writer, child->children[0], i, err));
            DZR_TRY(put(writer, ": ", writer->indented ? 2 : 1, err));
        }
        DZR_TRY(put_value(writer, value_node, is_map ? child->children[1] : child, i, err));
    }
    DZR_TRY(put_break(writer, writer->level[node], err));
    return put(writer, is_map ? "}" : "]", 1, err);
}

static dzr_status put_value(
        dzr_json_writer *writer, int32_t node, const dzr_column *column, int64_t row, dzr_error *err)
{
    if (dzr_column_is_null(column, row))
        return put(writer, "null", 4, err);
    column = dzr_column_resolve(column, &row);
    switch (column->type.id) {
    case DZR_TYPE_STRING:
        return put_string(writer, dzr_column_bytes(column, row), err);
    case DZR_TYPE_BINARY:
        return put_base64(writer, dzr_column_bytes(column, row), err);
    case DZR_TYPE_FIXED:
        return put_base64(writer, dzr_column_fixed(column, row), err);
    case DZR_TYPE_STRUCT:
        return put_struct(writer, node, column, row, err);
    case DZR_TYPE_LIST:
    case DZR_TYPE_MAP:
        return put_list(writer, node, column, row, err);
    default:
        DZR_TRY(make_room(writer, DZR_JSON_SCALAR_BYTES, err));
        writer->buf.len += print_scalar(column, row, (char *)writer->buf.at + writer->buf.len);
        return DZR_OK;
    }
}

dzr_status dzr__json_put_row(dzr_json_writer *writer, const dzr_batch *batch, int64_t row, dzr_error *err)
{
    DZR_TRY(put_text(writer, writer->n_rows == 0 ? writer->before_all : writer->between, err));
    const int32_t n = dzr_schema_n_fields(writer->schema);
    for (int32_t i = 0; i < n; i++) {
        const int32_t node = dzr_schema_field_node(writer->schema, i);
        DZR_TRY(put(writer, writer->before[node].at, writer->before[node].len, err));
        DZR_TRY(put_value(writer, node, dzr_batch_column(batch, i), row, err));
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
    if (writer->ahead != NULL)
        return dzr__json_ahead_append(writer->ahead, batch, err);
    const int64_t n_rows = dzr_batch_n_rows(batch);
    for (int64_t row = 0; row < n_rows; row++)
        DZR_TRY(dzr__json_put_row(writer, batch, row, err));
    return DZR_OK;
}

dzr_status dzr_json_writer_finish(dzr_json_writer *writer, dzr_error *err)
{
    if (writer->finished)
        return DZR_OK;
    DZR_TRY(put_text(writer, writer->n_rows == 0 ? writer->nothing : writer->after_all, err));
    writer->finished = true;
    return dzr__json_writer_flush(writer, err);
}

dzr_status dzr_json_write_value(dzr_sink *sink, const dzr_batch *batch, int32_t field, int64_t row, dzr_error *err)
{
    dzr_json_writer *writer = NULL;
    const dzr_schema *const schema = dzr_batch_schema(batch);
    DZR_TRY(dzr_json_writer_open(sink, schema, NULL, &writer, err));
    const int32_t node = dzr_schema_field_node(schema, field);
    dzr_status st = put_value(writer, node, dzr_batch_column(batch, field), row, err);
    if (st == DZR_OK)
        st = dzr__json_writer_flush(writer, err);
    dzr_json_writer_close(writer);
    return st;
}
