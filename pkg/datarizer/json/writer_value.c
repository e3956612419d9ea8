/* json/writer_value.c - a value of any type as JSON, and room for it. Called by writer.c, writer_rows.c and
 * writer_ahead.c. Structs become objects, lists arrays, and maps objects whose member names are the keys, as keys.c has
 * them. */
#include "json/writer.h"

#include <math.h>
#include <openssl/evp.h>

enum { PIECE_BYTES = 3 << 12 }; /* of a string or binary value, escaped or encoded at once; 3 bytes are 4 of base64 */

/* ---- room ---- */

dzr_status dzr__json_writer_flush(dzr_json_writer *writer, dzr_error *err)
{
    const size_t n = writer->buf.len;
    writer->buf.len = 0;
    return dzr_sink_append(writer->sink, writer->buf.at, n, err);
}

dzr_status dzr__json_more_room(dzr_json_writer *writer, size_t n, dzr_error *err)
{
    if (writer->sink != NULL)
        DZR_TRY(dzr__json_writer_flush(writer, err));
    return dzr__bytebuf_reserve(&writer->buf, n, err);
}

/* ---- values ---- */

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
    DZR_TRY(dzr__json_put(writer, "\"", 1, err));
    while (text.len > 0) {
        const dzr_bytes piece = {.at = text.at, .len = piece_bytes(text)};
        DZR_TRY(dzr__json_room(writer, piece.len * 6 + 16, err));
        writer->buf.len += dzr__json_escape(piece, writer->html, writer->buf.at + writer->buf.len);
        text.at += piece.len;
        text.len -= piece.len;
    }
    return dzr__json_put(writer, "\"", 1, err);
}

static dzr_status put_base64(dzr_json_writer *writer, dzr_bytes bytes, dzr_error *err)
{
    DZR_TRY(dzr__json_put(writer, "\"", 1, err));
    while (bytes.len > 0) {
        const size_t n = DZR_MIN(bytes.len, (size_t)PIECE_BYTES);
        DZR_TRY(dzr__json_room(writer, n * 4 / 3 + 5, err)); /* EncodeBlock adds a NUL */
        writer->buf.len += (size_t)EVP_EncodeBlock(writer->buf.at + writer->buf.len, bytes.at, (int)n);
        bytes.at += n;
        bytes.len -= n;
    }
    return dzr__json_put(writer, "\"", 1, err);
}

/* Values that are bytes and whose text has no bound. */
static bool is_bytes(dzr_type_id id)
{
    return id == DZR_TYPE_STRING || id == DZR_TYPE_BINARY || id == DZR_TYPE_FIXED;
}

/* Another value as text of at most DZR_JSON_SCALAR_BYTES. */
size_t dzr__json_print_scalar(const dzr_column *column, int64_t row, char *to)
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
        n = dzr__json_print_scalar(column, row, out);
    out[n] = '\0';
    return n;
}

static dzr_status put_break(dzr_json_writer *writer, size_t level, dzr_error *err)
{
    return writer->indented ? dzr__json_put(writer, writer->line_break, 1 + 2 * level, err) : DZR_OK;
}

static dzr_status put_struct(
        dzr_json_writer *writer, int32_t node, const dzr_column *column, int64_t row, dzr_error *err)
{
    if (column->n_children == 0)
        return dzr__json_put(writer, "{}", 2, err);
    int32_t child = node + 1;
    for (int32_t i = 0; i < column->n_children; i++) {
        DZR_TRY(dzr__json_put(writer, writer->before[child].at, writer->before[child].len, err));
        DZR_TRY(dzr__json_write_value(writer, child, column->children[i], row, err));
        child = dzr_schema_node_end(writer->schema, child);
    }
    DZR_TRY(put_break(writer, writer->level[node], err));
    return dzr__json_put(writer, "}", 1, err);
}

/* A key is a string whatever its type: what has no quotes of its own gets them. */
static dzr_status put_key(dzr_json_writer *writer, const dzr_column *keys, int64_t row, dzr_error *err)
{
    keys = dzr_column_resolve(keys, &row);
    if (is_bytes(keys->type.id))
        return dzr__json_write_value(writer, -1, keys, row, err);
    DZR_TRY(dzr__json_room(writer, DZR_JSON_SCALAR_BYTES + 2, err));
    char *const to = (char *)writer->buf.at + writer->buf.len;
    const size_t n = dzr__json_print_scalar(keys, row, to + 1);
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
        return dzr__json_put(writer, is_map ? "{}" : "[]", 2, err);
    const int32_t value_node = is_map ? dzr_schema_node_end(writer->schema, node + 2) : node + 1;
    DZR_TRY(dzr__json_put(writer, is_map ? "{" : "[", 1, err));
    for (int64_t i = first; i < first + n; i++) {
        if (i > first)
            DZR_TRY(dzr__json_put(writer, ",", 1, err));
        DZR_TRY(put_break(writer, writer->level[value_node], err));
        if (is_map) {
            DZR_TRY(put_key(writer, child->children[0], i, err));
            DZR_TRY(dzr__json_put(writer, ": ", writer->indented ? 2 : 1, err));
        }
        DZR_TRY(dzr__json_write_value(writer, value_node, is_map ? child->children[1] : child, i, err));
    }
    DZR_TRY(put_break(writer, writer->level[node], err));
    return dzr__json_put(writer, is_map ? "}" : "]", 1, err);
}

dzr_status dzr__json_write_value(
        dzr_json_writer *writer, int32_t node, const dzr_column *column, int64_t row, dzr_error *err)
{
    if (dzr_column_is_null(column, row))
        return dzr__json_put(writer, "null", 4, err);
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
        DZR_TRY(dzr__json_room(writer, DZR_JSON_SCALAR_BYTES, err));
        writer->buf.len += dzr__json_print_scalar(column, row, (char *)writer->buf.at + writer->buf.len);
        return DZR_OK;
    }
}
