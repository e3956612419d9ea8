/* parquet/encoding/plain_write.c - PLAIN, the way out: the values of a column's rows one after the other, nulls left
 * out. Called by writer/ for data pages and dictionary pages. Spec: parquet-format Encodings.md, "Plain (PLAIN = 0)".
 */
#include "parquet/encoding/encoding.h"

/* The rows as runs without nulls: *at is moved to the next one before end, and its length returned; 0 when none is
 * left. */
static int64_t next_valid_run(const uint8_t *validity, int64_t *at, int64_t end)
{
    int64_t from = *at;
    if (validity == NULL)
        return end - from;
    while (from < end && !dzr__bit_get(validity, from))
        from++;
    int64_t to = from;
    while (to < end && dzr__bit_get(validity, to))
        to++;
    *at = from;
    return to - from;
}

static dzr_status write_bools(dzr_bytebuf *out, const dzr_column *column, int64_t first, int64_t n, dzr_error *err)
{
    DZR_TRY(dzr__bytebuf_reserve(out, dzr__bitmap_bytes(n), err));
    uint8_t *const bits = out->at + out->len;
    memset(bits, 0, dzr__bitmap_bytes(n));
    int64_t n_written = 0;
    int64_t at = first;
    for (int64_t run; (run = next_valid_run(column->validity, &at, first + n)) > 0; at += run) {
        dzr__bits_copy(bits, n_written, column->values, at, run);
        n_written += run;
    }
    out->len += dzr__bitmap_bytes(n_written);
    return DZR_OK;
}

static dzr_status write_fixed(
        dzr_bytebuf *out, const dzr_column *column, size_t size, int64_t first, int64_t n, dzr_error *err)
{
    DZR_TRY(dzr__bytebuf_reserve(out, (size_t)n * size, err));
    int64_t at = first;
    for (int64_t run; (run = next_valid_run(column->validity, &at, first + n)) > 0; at += run) {
        memcpy(out->at + out->len, (const uint8_t *)column->values + size * (size_t)at, size * (size_t)run);
        out->len += size * (size_t)run;
    }
    return DZR_OK;
}

static dzr_status write_widened(dzr_bytebuf *out, const dzr_column *column, int64_t first, int64_t n, dzr_error *err)
{
    DZR_TRY(dzr__bytebuf_reserve(out, (size_t)n * sizeof(int32_t), err));
    for (int64_t row = first; row < first + n; row++) {
        if (dzr_column_is_null(column, row))
            continue;
        int32_t value = 0;
        switch (column->type.id) {
        case DZR_TYPE_INT8:
            value = ((const int8_t *)column->values)[row];
            break;
        case DZR_TYPE_UINT8:
            value = ((const uint8_t *)column->values)[row];
            break;
        case DZR_TYPE_INT16:
            value = ((const int16_t *)column->values)[row];
            break;
        default:
            value = ((const uint16_t *)column->values)[row];
            break;
        }
        dzr__store_u32(out->at + out->len, (uint32_t)value);
        out->len += sizeof value;
    }
    return DZR_OK;
}

static dzr_status write_strings(dzr_bytebuf *out, const dzr_column *column, int64_t first, int64_t n, dzr_error *err)
{
    for (int64_t row = first; row < first + n; row++) {
        if (dzr_column_is_null(column, row))
            continue;
        const dzr_bytes value = dzr_column_bytes(column, row);
        DZR_TRY(dzr__bytebuf_reserve(out, sizeof(uint32_t) + value.len, err));
        dzr__store_u32(out->at + out->len, (uint32_t)value.len);
        if (value.len > 0)
            memcpy(out->at + out->len + sizeof(uint32_t), value.at, value.len);
        out->len += sizeof(uint32_t) + value.len;
    }
    return DZR_OK;
}

dzr_status dzr__plain_write(dzr_bytebuf *out, const dzr_column *column, int64_t first, int64_t n, dzr_error *err)
{
    switch (column->type.id) {
    case DZR_TYPE_BOOL:
        return write_bools(out, column, first, n, err);
    case DZR_TYPE_INT8:
    case DZR_TYPE_INT16:
    case DZR_TYPE_UINT8:
    case DZR_TYPE_UINT16:
        return write_widened(out, column, first, n, err);
    case DZR_TYPE_STRING:
    case DZR_TYPE_BINARY:
        return write_strings(out, column, first, n, err);
    default:
        return write_fixed(out, column, dzr_type_bits(column->type) / 8, first, n, err);
    }
}
