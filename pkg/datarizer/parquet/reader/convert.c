/* parquet/reader/convert.c - values that the format stores otherwise than the frame holds them: decimals in their four
 * forms, the timestamps of INT96, times (which are checked only), and columns of nothing but nulls. A column's chunk is
 * decoded as what is stored, and becomes the frame's here, all at once. Called by run.c, and by scan_column.c with a
 * batch's rows. Decimals of the usual sizes were made before, page by page (decimals.c).
 * Spec: parquet-format LogicalTypes.md "DECIMAL", "TIME", "UNKNOWN"; parquet.thrift, Type.INT96. */
#include "parquet/reader/reader.h"

dzr_type dzr__stored_type(const dzr_leaf *leaf, dzr_type type)
{
    const bool as_stored = type.id == DZR_TYPE_DECIMAL || type.id == DZR_TYPE_NULL || type.id == DZR_TYPE_TIME ||
                           type.id == DZR_TYPE_HALF || type.id == DZR_TYPE_UUID;
    if (leaf->physical == DZR_PHYSICAL_INT96)
        return (dzr_type){.id = DZR_TYPE_FIXED, .width = DZR_INT96_BYTES};
    if (!as_stored)
        return type;
    switch (leaf->physical) {
    case DZR_PHYSICAL_BOOLEAN:
        return (dzr_type){.id = DZR_TYPE_BOOL};
    case DZR_PHYSICAL_INT32:
        return (dzr_type){.id = DZR_TYPE_INT32};
    case DZR_PHYSICAL_INT64:
        return (dzr_type){.id = DZR_TYPE_INT64};
    case DZR_PHYSICAL_FLOAT:
        return (dzr_type){.id = DZR_TYPE_FLOAT};
    case DZR_PHYSICAL_DOUBLE:
        return (dzr_type){.id = DZR_TYPE_DOUBLE};
    case DZR_PHYSICAL_FIXED:
        return (dzr_type){.id = DZR_TYPE_FIXED, .width = leaf->type_length};
    default:
        return (dzr_type){.id = DZR_TYPE_BINARY};
    }
}

static bool has_value(const dzr_decoder *d, int64_t row)
{
    return d->validity == NULL || dzr__bit_get(d->validity->at, row);
}

static dzr_status bad_row(int64_t row, dzr_error *err)
{
    if (err != NULL)
        err->record = row;
    return DZR_ERR_CORRUPT;
}

/* Values in place of those that were decoded, and of what they point into. */
static void replace_values(dzr_decoder *d, dzr_buffer *values)
{
    dzr__buffer_free(d->values);
    d->values = values;
    for (int32_t i = 0; i < d->n_data; i++)
        dzr__buffer_free(d->data[i]);
    d->n_data = 0;
}

/* ---- decimals ---- */

/* Two's complement of any length, highest byte first; false where more than 256 bits count, or there is none. */
static bool load_big_endian(dzr_bytes bytes, dzr_decimal *out)
{
    uint8_t low_first[sizeof out->word];
    const uint8_t sign = bytes.len > 0 && bytes.at[0] >> 7 != 0 ? 0xff : 0;
    while (bytes.len > sizeof low_first && bytes.at[0] == sign) {
        bytes.at++;
        bytes.len--;
    }
    if (bytes.len == 0 || bytes.len > sizeof low_first || (bytes.at[0] >> 7 != 0) != (sign != 0))
        return false;
    memset(low_first, sign, sizeof low_first);
    for (size_t i = 0; i < bytes.len; i++)
        low_first[i] = bytes.at[bytes.len - 1 - i];
    memcpy(out->word, low_first, sizeof low_first);
    return true;
}

/* Row `row` of the decoder, which has a value. */
static bool load_decimal(const dzr_decoder *d, const dzr_column *stored, int64_t row, dzr_decimal *out)
{
    switch (d->type.id) {
    case DZR_TYPE_INT32:
        *out = dzr_decimal_from_int(((const int32_t *)stored->values)[row]);
        return true;
    case DZR_TYPE_INT64:
        *out = dzr_decimal_from_int(((const int64_t *)stored->values)[row]);
        return true;
    case DZR_TYPE_FIXED:
        return load_big_endian(dzr_column_fixed(stored, row), out);
    default:
        return load_big_endian(dzr_column_bytes(stored, row), out);
    }
}

/* The decoder's rows as a column, whose data is `views` then: as many as it has data buffers. */
static dzr_column stored_column(const dzr_decoder *d, dzr_bytes *views)
{
    for (int32_t i = 0; i < d->n_data; i++)
        views[i] = (dzr_bytes){.at = d->data[i]->at, .len = d->data[i]->len};
    return (dzr_column){.type = d->type, .n_rows = d->row, .values = d->values->at, .data = views, .n_data = d->n_data};
}

static dzr_status fill_decimals(
        const dzr_decoder *d, const dzr_column *stored, dzr_type type, dzr_buffer *values, dzr_error *err)
{
    const size_t width = dzr_type_bits(type) / 8;
    for (int64_t row = 0; row < d->row; row++) {
        dzr_decimal value = {{0}};
        if (has_value(d, row) && (!load_decimal(d, stored, row, &value) || !dzr_decimal_fits(value, type.precision))) {
            (void)dzr_fail(
                    err, DZR_ERR_CORRUPT, "value %lld is no decimal of %d digits", (long long)row, type.precision);
            return bad_row(row, err);
        }
        memcpy(values->at + width * (size_t)row, value.word, width); /* the low words come first */
    }
    return DZR_OK;
}

static dzr_status convert_decimals(dzr_decoder *d, dzr_type type, dzr_error *err)
{
    dzr_buffer *values = NULL;
    dzr_bytes *const views = dzr_alloc_array(d->alloc, (size_t)d->n_data, sizeof *views, err);
    if (views == NULL)
        return DZR_ERR_NOMEM;
    dzr_status st = dzr__decoder_buffer(d, (uint64_t)d->row * (dzr_type_bits(type) / 8), &values, err);
    if (st == DZR_OK) {
        const dzr_column stored = stored_column(d, views);
        st = fill_decimals(d, &stored, type, values, err);
    }
    if (st == DZR_OK)
        replace_values(d, values);
    else
        dzr__buffer_free(values);
    dzr_release(d->alloc, views);
    return st;
}

/* ---- INT96: nanoseconds of a day, which may be more or fewer than a day has, and the Julian day ---- */

static dzr_status convert_int96(dzr_decoder *d, dzr_error *err)
{
    static const __int128 a_day = INT64_C(86400000000);
    dzr_buffer *values = NULL;
    DZR_TRY(dzr__decoder_buffer(d, (uint64_t)d->row * sizeof(int64_t), &values, err));
    for (int64_t row = 0; row < d->row; row++) {
        const uint8_t *const at = d->values->at + DZR_INT96_BYTES * (size_t)row;
        const int64_t nanos = (int64_t)dzr__load_u64(at);
        const int64_t days = (int64_t)(int32_t)dzr__load_u32(at + sizeof nanos) - DZR_JULIAN_DAY_OF_1970;
        const int64_t of_day = nanos / 1000 - (nanos % 1000 < 0 ? 1 : 0);
        int64_t value = 0; /* what a null gets */
        if (has_value(d, row) && __builtin_add_overflow(days * a_day, of_day, &value)) {
            dzr__buffer_free(values);
            (void)dzr_fail(err, DZR_ERR_UNSUPPORTED,
                    "value %lld is INT96 of day %lld, which 64 bits of microseconds do not reach", (long long)row,
                    (long long)days);
            (void)bad_row(row, err);
            return DZR_ERR_UNSUPPORTED;
        }
        dzr__store_u64(values->at + sizeof value * (size_t)row, (uint64_t)value);
    }
    replace_values(d, values);
    return DZR_OK;
}

/* ---- what is only checked ---- */

static dzr_status check_times(const dzr_decoder *d, dzr_type type, dzr_error *err)
{
    const int64_t day = dzr__units_a_day(type.unit);
    for (int64_t row = 0; row < d->row; row++) { /* a null's slot is zero, or was never looked at */
        const int64_t value = d->size == sizeof(int32_t) ? ((const int32_t *)(const void *)d->values->at)[row]
                                                         : ((const int64_t *)(const void *)d->values->at)[row];
        if (value < 0 || value > day) {
            (void)dzr_fail(err, DZR_ERR_CORRUPT, "value %lld is %lld, which is no time of a day in %s", (long long)row,
                    (long long)value, dzr_type_name(type));
            return bad_row(row, err);
        }
    }
    return DZR_OK;
}

static dzr_status convert_nulls(dzr_decoder *d, dzr_error *err)
{
    for (int64_t row = 0; row < d->row; row++)
        if (has_value(d, row)) {
            (void)dzr_fail(
                    err, DZR_ERR_CORRUPT, "value %lld is not null, and its type knows nothing else", (long long)row);
            return bad_row(row, err);
        }
    replace_values(d, NULL);
    return DZR_OK;
}

dzr_status dzr__convert(dzr_decoder *d, dzr_type type, dzr_error *err)
{
    switch (type.id) {
    case DZR_TYPE_DECIMAL:
        return d->digits != 0 ? DZR_OK : convert_decimals(d, type, err);
    case DZR_TYPE_TIMESTAMP:
        return d->type.id == DZR_TYPE_FIXED ? convert_int96(d, err) : DZR_OK;
    case DZR_TYPE_TIME:
        return check_times(d, type, err);
    case DZR_TYPE_NULL:
        return convert_nulls(d, err);
    default:
        return DZR_OK;
    }
}
