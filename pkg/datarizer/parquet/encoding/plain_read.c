/* parquet/encoding/plain_read.c - PLAIN, the way in: strings to views, narrow integers, and values moved apart where
 * nulls stand between them. Plain fixed-width values without nulls need nothing from here: they are copied as they are.
 * Called by reader/page.c. Spec: parquet-format Encodings.md, "Plain (PLAIN = 0)". */
#include "parquet/encoding/encoding.h"

#include <assert.h>

/* ---- byte arrays ---- */

static dzr_status ends_early(dzr_bytes in, int64_t index, int64_t n, dzr_error *err)
{
    const dzr_status st = dzr_fail(err, DZR_ERR_TRUNCATED, "%zu bytes of strings end inside value %lld of %lld", in.len,
            (long long)index, (long long)n);
    if (err != NULL)
        err->record = index;
    return st;
}

/* Names the first value that is not UTF-8; the bounds of all n are known to be good. */
static dzr_status not_utf8(dzr_bytes in, int64_t n, dzr_error *err)
{
    const uint8_t *at = in.at;
    for (int64_t i = 0; i < n; i++) {
        const uint32_t len = dzr__load_u32(at);
        if (!dzr__utf8_valid(at + 4, len)) {
            const dzr_status st = dzr_fail(err, DZR_ERR_CORRUPT, "string value %lld is not UTF-8", (long long)i);
            if (err != NULL)
                err->record = i;
            return st;
        }
        at += 4 + (size_t)len;
    }
    return DZR_OK;
}

/* Lengths below 128 are four ASCII bytes, and an unfinished character before one makes the whole invalid. So strings
 * and lengths are checked as one text; only a longer length cuts it. */
static bool all_utf8(dzr_bytes in, int64_t n)
{
    const uint8_t *at = in.at;
    const uint8_t *text = in.at;
    for (int64_t i = 0; i < n; i++) {
        const uint32_t len = dzr__load_u32(at);
        if (len >= 0x80) {
            if (!dzr__utf8_valid(text, (size_t)(at - text)))
                return false;
            text = at + 4;
        }
        at += 4 + (size_t)len;
    }
    return dzr__utf8_valid(text, (size_t)(at - text));
}

dzr_status dzr__plain_read_views(
        dzr_bytes in, int64_t n, const uint8_t *base, int32_t buffer, bool utf8, dzr_view *out, dzr_error *err)
{
    const uint8_t *at = in.at;
    const uint8_t *const end = in.at + in.len;
    for (int64_t i = 0; i < n; i++) {
        if (DZR_UNLIKELY(end - at < 4))
            return ends_early(in, i, n, err);
        const uint32_t len = dzr__load_u32(at);
        at += 4;
        if (DZR_UNLIKELY(len > INT32_MAX || len > (size_t)(end - at)))
            return ends_early(in, i, n, err);
        out[i] = dzr__view(at, (int32_t)len, buffer, (int32_t)(at - base));
        at += len;
    }
    return utf8 && !all_utf8(in, n) ? not_utf8(in, n, err) : DZR_OK;
}

/* ---- integers below 32 bits ---- */

#define READ_NARROW(type, low, high)                                                                                   \
    do {                                                                                                               \
        int32_t bad = 0;                                                                                               \
        for (int64_t i = 0; i < n; i++) {                                                                              \
            const int32_t value = (int32_t)dzr__load_u32(in + 4 * i);                                                  \
            bad |= (value < (low)) | (value > (high));                                                                 \
            ((type *)out)[i] = (type)value;                                                                            \
        }                                                                                                              \
        if (bad != 0)                                                                                                  \
            return out_of_range(in, n, low, high, err);                                                                \
    } while (0)

static dzr_status out_of_range(const uint8_t *in, int64_t n, int32_t low, int32_t high, dzr_error *err)
{
    int64_t i = 0;
    int32_t value = 0;
    for (; i < n; i++) {
        value = (int32_t)dzr__load_u32(in + 4 * i);
        if (value < low || value > high)
            break;
    }
    const dzr_status st =
            dzr_fail(err, DZR_ERR_CORRUPT, "value %lld is %d, its type holds %d to %d", (long long)i, value, low, high);
    if (err != NULL)
        err->record = i;
    return st;
}

dzr_status dzr__plain_read_narrow(const uint8_t *in, int64_t n, dzr_type_id type, void *out, dzr_error *err)
{
    switch (type) {
    case DZR_TYPE_INT8:
        READ_NARROW(int8_t, INT8_MIN, INT8_MAX);
        break;
    case DZR_TYPE_INT16:
        READ_NARROW(int16_t, INT16_MIN, INT16_MAX);
        break;
    case DZR_TYPE_UINT8:
        READ_NARROW(uint8_t, 0, UINT8_MAX);
        break;
    default:
        assert(type == DZR_TYPE_UINT16);
        READ_NARROW(uint16_t, 0, UINT16_MAX);
        break;
    }
    return DZR_OK;
}

/* ---- making room for nulls ---- */

/* From the back, so that a value is read before its place is taken: a value's row is never before its place among the
 * dense ones. Words of 64 rows that are all set or all clear move at once. size is a constant at each call. */
static inline __attribute__((always_inline)) void spread(
        uint8_t *values, const size_t size, const uint8_t *validity, int64_t first, int64_t n, int64_t n_set)
{
    int64_t row = n;
    while (row > n_set) { /* once they are equal, every value left stands where it belongs */
        const int64_t step = row % 64 != 0 ? row % 64 : 64;
        uint64_t set = 0;
        dzr__bits_copy((uint8_t *)&set, 0, validity, first + row - step, step);
        const int64_t n_here = __builtin_popcountll(set);
        row -= step;
        n_set -= n_here;
        uint8_t *const to = values + size * (size_t)row;
        const uint8_t *const from = values + size * (size_t)n_set;
        if (n_here == step) {
            memmove(to, from, size * (size_t)step);
            continue;
        }
        int64_t next = n_here;
        for (int64_t i = step - 1; i >= 0; i--) {
            uint8_t slot[16] = {0};
            if ((set >> i & 1) != 0)
                memcpy(slot, from + size * (size_t)--next, size);
            memcpy(to + size * (size_t)i, slot, size);
        }
    }
}

void dzr__spread(void *values, size_t size, const uint8_t *validity, int64_t first, int64_t n, int64_t n_set)
{
    assert(n_set == dzr__bits_count(validity, first, n));
    switch (size) {
    case 1:
        spread(values, 1, validity, first, n, n_set);
        break;
    case 2:
        spread(values, 2, validity, first, n, n_set);
        break;
    case 4:
        spread(values, 4, validity, first, n, n_set);
        break;
    case 8:
        spread(values, 8, validity, first, n, n_set);
        break;
    default:
        assert(size == 16);
        spread(values, 16, validity, first, n, n_set);
        break;
    }
}

void dzr__spread_bits(const uint8_t *dense, const uint8_t *validity, uint8_t *out, int64_t first, int64_t n)
{
    int64_t next = 0;
    for (int64_t row = first; row < first + n; row++) {
        if (dzr__bit_get(validity, row) && dzr__bit_get(dense, next++))
            dzr__bit_set(out, row);
        else
            dzr__bit_clear(out, row);
    }
}
