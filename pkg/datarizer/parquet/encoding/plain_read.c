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

/* What of 12 bytes at a value is its own, by its length; 13 stands for all that are longer: only the prefix. */
static const uint32_t first_4[14] = {0, 0xff, 0xffff, 0xffffff, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u};
#define LOW_BYTES(n) ((UINT64_C(1) << (8 * (n))) - 1)
static const uint64_t last_8[14] = {0, 0, 0, 0, 0, LOW_BYTES(1), LOW_BYTES(2), LOW_BYTES(3), LOW_BYTES(4), LOW_BYTES(5),
        LOW_BYTES(6), LOW_BYTES(7), UINT64_MAX, 0};

/* dzr__view without a branch or a call, where 12 bytes can be read at `at`, whatever len is. */
static inline dzr_view quick_view(const uint8_t *at, uint32_t len, int32_t buffer, int32_t offset)
{
    const uint32_t kind = DZR_MIN(len, 13u);
    const uint64_t is_ref = len > DZR_VIEW_INLINE ? UINT64_MAX : 0;
    const uint64_t ref = (uint32_t)buffer | (uint64_t)(uint32_t)offset << 32;
    const uint64_t words[2] = {len | (uint64_t)(dzr__load_u32(at) & first_4[kind]) << 32,
            (dzr__load_u64(at + 4) & last_8[kind]) | (ref & is_ref)};
    dzr_view view;
    memcpy(&view, words, sizeof view);
    return view;
}

dzr_status dzr__plain_read_views(
        dzr_bytes in, int64_t n, const uint8_t *base, int32_t buffer, bool utf8, dzr_view *out, dzr_error *err)
{
    const uint8_t *at = in.at;
    const uint8_t *const end = in.at + in.len;
    uint32_t any_len = 0;
    int64_t i = 0;
    for (; i < n && end - at >= 4 + DZR_VIEW_INLINE; i++) {
        const uint32_t len = dzr__load_u32(at);
        at += 4;
        if (DZR_UNLIKELY(len > INT32_MAX || len > (size_t)(end - at)))
            return ends_early(in, i, n, err);
        out[i] = quick_view(at, len, buffer, (int32_t)(at - base));
        any_len |= len;
        at += len;
    }
    for (; i < n; i++) {
        if (end - at < 4)
            return ends_early(in, i, n, err);
        const uint32_t len = dzr__load_u32(at);
        at += 4;
        if (len > (size_t)(end - at))
            return ends_early(in, i, n, err);
        out[i] = dzr__view(at, (int32_t)len, buffer, (int32_t)(at - base));
        at += len;
    }
    if (!utf8)
        return DZR_OK;
    const bool valid = any_len < 0x80 ? dzr__utf8_valid(in.at, (size_t)(at - in.at)) : all_utf8(in, n);
    return valid ? DZR_OK : not_utf8(in, n, err);
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
 * dense ones. Words of 64 rows that are all set or all clear move at once. In a mixed word each row takes what stands
 * at its turn, which a null then masks; that is at or before its own place, so always inside. */
#define SPREAD(type)                                                                                                   \
    static void spread_##type(type *values, const uint8_t *validity, int64_t first, int64_t n, int64_t n_set)          \
    {                                                                                                                  \
        int64_t row = n;                                                                                               \
        while (row > n_set) { /* once they are equal, every value left stands where it belongs */                      \
            const int64_t step = row % 64 != 0 ? row % 64 : 64;                                                        \
            uint64_t set = 0;                                                                                          \
            dzr__bits_copy((uint8_t *)&set, 0, validity, first + row - step, step);                                    \
            const int64_t n_here = __builtin_popcountll(set);                                                          \
            row -= step;                                                                                               \
            n_set -= n_here;                                                                                           \
            type *const to = values + row;                                                                             \
            const type *const from = values + n_set;                                                                   \
            if (n_here == step) {                                                                                      \
                memmove(to, from, sizeof *to *(size_t)step);                                                           \
            } else if (n_here == 0) {                                                                                  \
                memset(to, 0, sizeof *to *(size_t)step);                                                               \
            } else {                                                                                                   \
                int64_t next = n_here;                                                                                 \
                for (int64_t i = step - 1; i >= 0; i--) {                                                              \
                    const uint64_t is_set = set >> i & 1;                                                              \
                    next -= (int64_t)is_set;                                                                           \
                    to[i] = (type)(from[next] & (type)(0 - (type)is_set));                                             \
                }                                                                                                      \
            }                                                                                                          \
        }                                                                                                              \
    }

typedef unsigned __int128 uint128_t;
SPREAD(uint8_t)
SPREAD(uint16_t)
SPREAD(uint32_t)
SPREAD(uint64_t)
SPREAD(uint128_t)

/* Slots of any size, one by one. */
static void spread_slots(uint8_t *values, size_t size, const uint8_t *validity, int64_t first, int64_t n, int64_t n_set)
{
    for (int64_t row = n - 1; row >= n_set; row--) { /* once they are equal, every value left stands where it belongs */
        uint8_t *const to = values + size * (size_t)row;
        if (!dzr__bit_get(validity, first + row))
            memset(to, 0, size);
        else
            memcpy(to, values + size * (size_t)--n_set, size);
    }
}

void dzr__spread(void *values, size_t size, const uint8_t *validity, int64_t first, int64_t n, int64_t n_set)
{
    assert(n_set == dzr__bits_count(validity, first, n));
    switch (size) {
    case 1:
        spread_uint8_t(values, validity, first, n, n_set);
        break;
    case 2:
        spread_uint16_t(values, validity, first, n, n_set);
        break;
    case 4:
        spread_uint32_t(values, validity, first, n, n_set);
        break;
    case 8:
        spread_uint64_t(values, validity, first, n, n_set);
        break;
    case 16:
        spread_uint128_t(values, validity, first, n, n_set);
        break;
    default:
        spread_slots(values, size, validity, first, n, n_set);
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
