/* parquet/writer/body.c - the page at hand of a column to bytes: levels, then values in the column's encoding, which
 * were kept as PLAIN until now, or codes. Called by column.c at the end of a page.
 * Spec: parquet-format README.md "Data Pages", Encodings.md; parquet.thrift, DataPageHeaderV2. */
#include "parquet/writer/writer.h"

/* ---- levels ---- */

/* A nested column's repetition or definition levels. */
static dzr_status write_nested_levels(dzr_bytebuf *body, uint16_t max, const dzr_bytebuf *levels, dzr_error *err)
{
    return dzr__rle_write(body, dzr__bit_width(max), (const uint32_t *)(const void *)levels->at,
            (int64_t)(levels->len / sizeof(uint32_t)), err);
}

/* Another column's definition levels: runs of ones where no row is null. */
static dzr_status write_flat_levels(const dzr_column_writer *column, dzr_bytebuf *body, dzr_error *err)
{
    if (column->n_values == column->n_rows)
        return dzr__rle_write_repeated(body, 1, 1, column->n_rows, err);
    return dzr__rle_write_bits(body, column->validity.at, 0, column->n_rows, err);
}

/* Levels of one kind; V1 has their length before them. Those that are always 0 are not there. */
static dzr_status write_levels(
        const dzr_column_writer *column, bool definition, dzr_bytebuf *body, size_t *n_bytes, dzr_error *err)
{
    const uint32_t nothing_yet = 0;
    *n_bytes = 0;
    if ((definition ? column->max_def : column->max_rep) == 0)
        return DZR_OK;
    if (!column->v2)
        DZR_TRY(dzr__bytebuf_append(body, &nothing_yet, sizeof nothing_yet, err));
    const size_t start = body->len;
    if (!column->is_nested)
        DZR_TRY(write_flat_levels(column, body, err));
    else if (definition)
        DZR_TRY(write_nested_levels(body, column->max_def, &column->defs, err));
    else
        DZR_TRY(write_nested_levels(body, column->max_rep, &column->reps, err));
    *n_bytes = body->len - start;
    if (*n_bytes > INT32_MAX)
        return dzr_fail(err, DZR_ERR_LIMIT, "levels of %zu bytes in a page, limit is %d", *n_bytes, INT32_MAX);
    if (!column->v2)
        dzr__store_u32(body->at + start - sizeof(uint32_t), (uint32_t)*n_bytes);
    return DZR_OK;
}

/* ---- values ---- */

/* A byte with the width of codes, then their runs. */
static dzr_status write_codes(const dzr_column_writer *column, dzr_bytebuf *body, dzr_error *err)
{
    const uint8_t width = (uint8_t)dzr__column_code_width(column);
    DZR_TRY(dzr__bytebuf_append(body, &width, 1, err));
    return dzr__rle_write(
            body, width, (const uint32_t *)(const void *)column->codes.at, dzr__column_n_codes(column), err);
}

/* Runs of booleans have their length before them in V2, too. */
static dzr_status write_bools(const dzr_column_writer *column, dzr_bytebuf *body, dzr_error *err)
{
    const uint32_t nothing_yet = 0;
    DZR_TRY(dzr__bytebuf_append(body, &nothing_yet, sizeof nothing_yet, err));
    const size_t start = body->len;
    DZR_TRY(dzr__rle_write_bits(body, column->plain.at, 0, column->n_values, err));
    dzr__store_u32(body->at + start - sizeof(uint32_t), (uint32_t)(body->len - start));
    return DZR_OK;
}

static dzr_status write_values(const dzr_column_writer *column, dzr_bytebuf *body, dzr_bytebuf *scratch, dzr_error *err)
{
    const uint8_t *const plain = column->plain.at;
    const int64_t n = column->n_values;
    switch (column->encoding) {
    case DZR_ENCODING_RLE:
        return write_bools(column, body, err);
    case DZR_ENCODING_DELTA_BINARY_PACKED:
        return dzr__delta_write(body, column->width, plain, n, err);
    case DZR_ENCODING_DELTA_LENGTH_BYTE_ARRAY:
        return dzr__delta_write_strings(body, plain, n, scratch, err);
    case DZR_ENCODING_DELTA_BYTE_ARRAY:
        return dzr__prefixed_write(body, column->width, plain, n, scratch, err);
    case DZR_ENCODING_BYTE_STREAM_SPLIT:
        return dzr__split_write(body, column->width, plain, n, err);
    default:
        return dzr__bytebuf_append(body, plain, column->plain.len, err);
    }
}

/* Whether values are stored just as they were kept. */
static bool values_are_ready(const dzr_column_writer *column)
{
    return !column->use_dictionary && column->encoding == DZR_ENCODING_PLAIN;
}

dzr_status dzr__column_build_body(
        const dzr_column_writer *column, dzr_page_press *press, dzr_page_body *out, dzr_error *err)
{
    dzr_bytebuf *const body = &press->body;
    *out = (dzr_page_body){0};
    body->len = 0;
    DZR_TRY(write_levels(column, false, body, &out->rep_bytes, err));
    DZR_TRY(write_levels(column, true, body, &out->def_bytes, err));
    const size_t n_levels = column->v2 ? body->len : 0; /* bytes that are stored apart */
    if (values_are_ready(column) && body->len == n_levels) {
        out->values = (dzr_bytes){column->plain.at, column->plain.len};
    } else {
        DZR_TRY(column->use_dictionary ? write_codes(column, body, err)
                                       : write_values(column, body, &press->scratch, err));
        out->values = (dzr_bytes){body->at + n_levels, body->len - n_levels};
    }
    out->levels = (dzr_bytes){body->at, n_levels};
    return DZR_OK;
}
