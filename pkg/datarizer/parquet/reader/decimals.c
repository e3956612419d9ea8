/* parquet/reader/decimals.c - decimals of up to 38 digits, stored in 4, 8 or up to 16 bytes, to slots of 16. Called by
 * values.c with a page's values, and with a dictionary's, which are few: what gathers them then needs no more than that
 * for a page. Other forms are converted when a column is done (convert.c).
 * Spec: parquet-format LogicalTypes.md "DECIMAL". */
#include "parquet/reader/reader.h"

__extension__ typedef __int128 wide;
__extension__ typedef unsigned __int128 unsigned_wide;

bool dzr__makes_decimals(dzr_type stored, dzr_type type)
{
    return type.id == DZR_TYPE_DECIMAL && type.precision <= DZR_DECIMAL_DIGITS_128 &&
           (stored.id == DZR_TYPE_INT32 || stored.id == DZR_TYPE_INT64 ||
                   (stored.id == DZR_TYPE_FIXED && stored.width <= DZR_DECIMAL_SLOT));
}

static wide greatest(int32_t digits)
{
    wide power = 1;
    for (int32_t i = 0; i < digits; i++)
        power *= 10;
    return power - 1;
}

/* Two's complement of n (1..16) bytes, highest first. */
static wide load_big_endian(const uint8_t *at, size_t n)
{
    unsigned_wide value = at[0] >> 7 != 0 ? ~(unsigned_wide)0 : 0;
    for (size_t i = 0; i < n; i++)
        value = value << 8 | at[i];
    return (wide)value;
}

/* The same of n (1..8) bytes before `end`, eight of which can be looked at. */
static inline int64_t big_endian_before(const uint8_t *end, size_t n)
{
    return (int64_t)(__builtin_bswap64(dzr__load_u64(end - 8)) << (64 - 8 * n)) >> (64 - 8 * n);
}

/* The value that `load` says of row i, inlined, for all rows that are left. */
#define FILL(type, load)                                                                                               \
    do {                                                                                                               \
        for (; i < n; i++) {                                                                                           \
            const type number = (load);                                                                                \
            const wide value = number;                                                                                 \
            beyond |= (number > limit) | (number < -limit);                                                            \
            memcpy(to + DZR_DECIMAL_SLOT * (size_t)i, &value, sizeof value);                                           \
        }                                                                                                              \
    } while (0)

/* Stored in up to eight bytes. False when a value is beyond limit. */
static bool fill_narrow(const uint8_t *in, int64_t n, dzr_type stored, int64_t limit, int64_t i, uint8_t *to)
{
    int beyond = 0;
    const size_t width = (size_t)stored.width;
    if (stored.id == DZR_TYPE_INT32)
        FILL(int64_t, (int32_t)dzr__load_u32(in + 4 * i));
    else if (stored.id == DZR_TYPE_INT64)
        FILL(int64_t, (int64_t)dzr__load_u64(in + 8 * i));
    else
        FILL(int64_t, big_endian_before(in + width * (size_t)(i + 1), width));
    return beyond == 0;
}

/* And in 9 to 16. */
static bool fill_wide(const uint8_t *in, int64_t n, size_t width, wide limit, int64_t i, uint8_t *to)
{
    int beyond = 0;
    const uint8_t *end = in + width * (size_t)i;
    FILL(wide, (end += width, (wide)((unsigned_wide)(uint64_t)big_endian_before(end - 8, width - 8) << 64 |
                                      __builtin_bswap64(dzr__load_u64(end - 8)))));
    return beyond == 0;
}

/* One by one: a value that the others can't load, and which of them is beyond limit. */
static wide load_one(const uint8_t *in, int64_t i, dzr_type stored)
{
    switch (stored.id) {
    case DZR_TYPE_INT32:
        return (int32_t)dzr__load_u32(in + 4 * i);
    case DZR_TYPE_INT64:
        return (int64_t)dzr__load_u64(in + 8 * i);
    default:
        return load_big_endian(in + (size_t)stored.width * (size_t)i, (size_t)stored.width);
    }
}

/* The fast loops take the least number of 64 bits for one that is too long, whatever the digits. */
static dzr_status check_each(const uint8_t *in, int64_t n, dzr_type stored, int32_t digits, wide limit, dzr_error *err)
{
    int64_t i = 0;
    for (; i < n; i++) {
        const wide value = load_one(in, i, stored);
        if (value > limit || value < -limit)
            break;
    }
    if (i == n)
        return DZR_OK;
    const dzr_status st = dzr_fail(err, DZR_ERR_CORRUPT, "value %lld is no decimal of %d digits", (long long)i, digits);
    if (err != NULL)
        err->record = i;
    return st;
}

dzr_status dzr__decimals_read(const uint8_t *in, int64_t n, dzr_type stored, int32_t digits, void *to, dzr_error *err)
{
    const wide limit = greatest(digits);
    const bool is_fixed = stored.id == DZR_TYPE_FIXED;
    const size_t width = is_fixed ? (size_t)stored.width : 0, looked_at = width > 8 ? 16 : 8;
    bool ok = true;
    int64_t i = 0;
    for (; is_fixed && i < n && width * (size_t)(i + 1) < looked_at; i++) {
        const wide value = load_big_endian(in + width * (size_t)i, width);
        ok = ok && value <= limit && value >= -limit;
        memcpy((uint8_t *)to + DZR_DECIMAL_SLOT * (size_t)i, &value, sizeof value);
    }
    if (width > 8)
        ok = fill_wide(in, n, width, limit, i, to) && ok;
    else /* every number of 64 bits fits into 19 digits */
        ok = fill_narrow(in, n, stored, limit > INT64_MAX ? INT64_MAX : (int64_t)limit, i, to) && ok;
    return ok ? DZR_OK : check_each(in, n, stored, digits, limit, err);
}
