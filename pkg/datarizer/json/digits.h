/* json/digits.h - whole numbers as decimal digits, eight at a time in one register and without a branch on how many
 * there are. Used by number.c, number.cpp, time.c and writer_row.c. */
#ifndef DZR_JSON_DIGITS_H
#define DZR_JSON_DIGITS_H

#include "base/internal.h"

enum { DZR__DIGITS_8 = 100000000, DZR__DIGITS_ROOM = 24 }; /* what a call below may write over, whatever it prints */

/* The digits of value, below 10^8, one a byte and not yet letters, the first in the lowest byte. Lanes of 4, then 2,
 * then 1 digits are split by multiplying with the reciprocal, rounded up, which is exact for so few. */
static inline uint64_t dzr__digits_8(uint32_t value)
{
    uint64_t lanes = value / 10000 | (uint64_t)(value % 10000) << 32;
    uint64_t upper = (lanes * 10486 >> 20) & UINT64_C(0x0000007f0000007f);
    lanes = upper | (lanes - upper * 100) << 16;
    upper = (lanes * 103 >> 10) & UINT64_C(0x000f000f000f000f);
    return upper | (lanes - upper * 10) << 8;
}

static inline char *dzr__put_8_digits(char *to, uint32_t value)
{
    dzr__store_u64(to, dzr__digits_8(value) + UINT64_C(0x3030303030303030));
    return to + 8;
}

/* value, below 10^8, without zeros in front. */
static inline char *dzr__put_short_uint(char *to, uint32_t value)
{
    const uint64_t digits = dzr__digits_8(value);
    const unsigned n_zeros = (unsigned)__builtin_ctzll(digits | UINT64_C(1) << 56) / 8; /* the last digit stays */
    dzr__store_u64(to, (digits + UINT64_C(0x3030303030303030)) >> n_zeros * 8);
    return to + 8 - n_zeros;
}

static inline char *dzr__put_uint(char *to, uint64_t value)
{
    if (value < DZR__DIGITS_8)
        return dzr__put_short_uint(to, (uint32_t)value);
    const uint64_t upper = value / DZR__DIGITS_8;
    if (upper < DZR__DIGITS_8) {
        to = dzr__put_short_uint(to, (uint32_t)upper);
    } else {
        to = dzr__put_short_uint(to, (uint32_t)(upper / DZR__DIGITS_8));
        to = dzr__put_8_digits(to, (uint32_t)(upper % DZR__DIGITS_8));
    }
    return dzr__put_8_digits(to, (uint32_t)(value % DZR__DIGITS_8));
}

static inline char *dzr__put_int(char *to, int64_t value)
{
    *to = '-';
    return dzr__put_uint(to + (value < 0), value < 0 ? -(uint64_t)value : (uint64_t)value);
}

/* value, below 100. */
static inline char *dzr__put_2_digits(char *to, uint32_t value)
{
    const uint32_t tens = value * 103 >> 10;
    const uint16_t text = (uint16_t)(0x3030 + tens + ((value - tens * 10) << 8));
    memcpy(to, &text, sizeof text);
    return to + sizeof text;
}

#endif
