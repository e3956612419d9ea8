/* json/quick_value.h - scalars out of a text whose tokens are known, eight bytes at a time; for quick.c. Each takes
 * plain values only and answers false for all else, right or wrong: value.c then looks closer. They may read up to
 * DZR__QUICK_BEYOND bytes from a token's start on, and behind its end.
 * Digits: Daniel Lemire, "Quickly parsing eight digits" (2022). */
#ifndef DZR_JSON_QUICK_VALUE_H
#define DZR_JSON_QUICK_VALUE_H

#include "json/internal.h"

#include <float.h>

enum { DZR__QUICK_BEYOND = 64 };

/* ---- digits ---- */

static inline bool dzr__quick_all_digits(uint64_t eight)
{
    const uint64_t high = UINT64_C(0xf0f0f0f0f0f0f0f0);
    return ((eight & high) | (((eight + UINT64_C(0x0606060606060606)) & high) >> 4)) == UINT64_C(0x3333333333333333);
}

/* The first digit is the lowest byte. */
static inline uint64_t dzr__quick_of_eight(uint64_t eight)
{
    const uint64_t pairs = (eight - UINT64_C(0x3030303030303030)) * 10 + ((eight - UINT64_C(0x3030303030303030)) >> 8);
    const uint64_t mask = UINT64_C(0x000000ff000000ff);
    return ((pairs & mask) * UINT64_C(0x000f424000000064) + ((pairs >> 16) & mask) * UINT64_C(0x0000271000000001)) >>
           32;
}

/* The n bytes at `at`, 1 to 8, behind as many '0' as make eight. */
static inline uint64_t dzr__quick_last(const uint8_t *at, size_t n)
{
    const unsigned bits = 8 * (unsigned)n;
    return dzr__load_u64(at) << (64 - bits) | (UINT64_C(0x3030303030303030) >> bits / 2) >> bits / 2;
}

/* 1 to 18 digits and nothing else. */
static inline bool dzr__quick_digits(const uint8_t *at, size_t n, uint64_t *out)
{
    if (DZR_LIKELY(n - 1 < 8)) {
        const uint64_t last = dzr__quick_last(at, n);
        *out = dzr__quick_of_eight(last);
        return dzr__quick_all_digits(last);
    }
    if (n - 1 >= 18)
        return false;
    const uint64_t last = dzr__load_u64(at + n - 8);
    if (n <= 16) {
        const uint64_t first = dzr__quick_last(at, n - 8);
        *out = dzr__quick_of_eight(first) * 100000000 + dzr__quick_of_eight(last);
        return dzr__quick_all_digits(first) && dzr__quick_all_digits(last);
    }
    const uint64_t first = dzr__quick_last(at, n - 16), middle = dzr__load_u64(at + n - 16);
    *out = (dzr__quick_of_eight(first) * 100000000 + dzr__quick_of_eight(middle)) * 100000000 +
           dzr__quick_of_eight(last);
    return dzr__quick_all_digits(first) && dzr__quick_all_digits(middle) && dzr__quick_all_digits(last);
}

/* ---- numbers; n is the length of the token ---- */

static inline bool dzr__quick_int(const uint8_t *at, size_t n, int64_t *out)
{
    const bool negative = *at == '-';
    uint64_t digits = 0;
    at += negative;
    n -= negative;
    if (!dzr__quick_digits(at, n, &digits) || (*at == '0' && n > 1))
        return false;
    *out = negative ? -(int64_t)digits : (int64_t)digits;
    return true;
}

typedef struct dzr__quick_number {
    uint64_t mantissa;
    size_t scale; /* value = mantissa / 10^scale */
    bool negative;
} dzr__quick_number;

/* Up to 19 digits in all, no exponent. */
static inline bool dzr__quick_number_at(const uint8_t *at, size_t n, dzr__quick_number *out)
{
    static const uint64_t powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000,
            10000000000, 100000000000, 1000000000000, 10000000000000, 100000000000000, 1000000000000000,
            10000000000000000, 100000000000000000, 1000000000000000000};
    out->negative = *at == '-';
    at += out->negative;
    n -= out->negative;
    const uint64_t dots = dzr__load_u64(at) ^ UINT64_C(0x2e2e2e2e2e2e2e2e);
    const uint64_t zeros = (dots - UINT64_C(0x0101010101010101)) & ~dots & UINT64_C(0x8080808080808080);
    const size_t point = zeros != 0 ? (size_t)__builtin_ctzll(zeros) >> 3 : 8;
    if (point >= n) { /* what was found stands behind the token */
        out->scale = 0;
        return dzr__quick_digits(at, n, &out->mantissa) && (*at != '0' || n == 1);
    }
    const size_t scale = n - point - 1;
    uint64_t whole = 0, fraction = 0;
    if (point - 1 >= 7 || point + scale > 19 || !dzr__quick_digits(at, point, &whole) || (*at == '0' && point > 1) ||
            !dzr__quick_digits(at + point + 1, scale, &fraction))
        return false;
    out->mantissa = whole * powers[scale] + fraction;
    out->scale = scale;
    return true;
}

/* The quotient rounded to 64 bits, and then to those of a double or float. That is right unless the first rounding ends
 * just half-way between two results; then the answer is false. */
#if LDBL_MANT_DIG == 64
static inline bool dzr__quick_quotient(const dzr__quick_number *number, unsigned spare_bits, long double *out)
{
    static const long double powers[] = {1e0L, 1e1L, 1e2L, 1e3L, 1e4L, 1e5L, 1e6L, 1e7L, 1e8L, 1e9L, 1e10L, 1e11L,
            1e12L, 1e13L, 1e14L, 1e15L, 1e16L, 1e17L, 1e18L};
    uint64_t bits;
    *out = (long double)number->mantissa / powers[number->scale];
    memcpy(&bits, out, sizeof bits);
    return (bits & ((UINT64_C(1) << spare_bits) - 1)) != UINT64_C(1) << (spare_bits - 1);
}
#else
static inline bool dzr__quick_quotient(const dzr__quick_number *number, unsigned spare_bits, long double *out)
{
    (void)number;
    (void)spare_bits;
    *out = 0;
    return false;
}
#endif

static inline bool dzr__quick_to_double(const dzr__quick_number *number, double *out)
{
    static const double powers[] = {
            1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};
    long double wide = 0;
    double value = 0;
    if (number->mantissa <= UINT64_C(1) << DBL_MANT_DIG) /* both are exact, so that one division rounds once */
        value = (double)(int64_t)number->mantissa / powers[number->scale];
    else if (dzr__quick_quotient(number, 64 - DBL_MANT_DIG, &wide))
        value = (double)wide;
    else
        return false;
    *out = number->negative ? -value : value;
    return true;
}

static inline bool dzr__quick_to_float(const dzr__quick_number *number, float *out)
{
    static const float powers[] = {1e0F, 1e1F, 1e2F, 1e3F, 1e4F, 1e5F, 1e6F, 1e7F, 1e8F, 1e9F, 1e10F};
    long double wide = 0;
    float value = 0;
    if (number->mantissa <= UINT64_C(1) << FLT_MANT_DIG && number->scale < sizeof powers / sizeof *powers)
        value = (float)(int64_t)number->mantissa / powers[number->scale];
    else if (dzr__quick_quotient(number, 64 - FLT_MANT_DIG, &wide))
        value = (float)wide;
    else
        return false;
    *out = number->negative ? -value : value;
    return true;
}

/* true and false take the same way: which of them comes next can't be guessed. */
static inline bool dzr__quick_bool(const uint8_t *at, size_t n, bool *out)
{
    const uint32_t word = dzr__load_u32(at);
    const bool is_true = (word == UINT32_C(0x65757274)) & (n == 4);                   /* "true" */
    const bool is_false = (word == UINT32_C(0x736c6166)) & (at[4] == 'e') & (n == 5); /* "fals", "e" */
    *out = is_true;
    return is_true | is_false;
}

/* ---- dates; n is the length between the quotes ---- */

static inline unsigned dzr__quick_pair(const uint8_t *at)
{
    return (unsigned)(at[0] - '0') * 10 + (unsigned)(at[1] - '0');
}

/* 2024-01-31, the 10 bytes at `at`. */
static inline bool dzr__quick_date_at(const uint8_t *at, int32_t *days)
{
    static const uint8_t month_days[] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const uint64_t dashes = UINT64_C(0x2d00002d00000000), at_dashes = UINT64_C(0xff0000ff00000000);
    const uint64_t eight = dzr__load_u64(at);
    const uint64_t digits = (eight & ~at_dashes) | (UINT64_C(0x3030303030303030) & at_dashes);
    const uint64_t two = dzr__quick_last(at + 8, 2);
    if ((eight & at_dashes) != dashes || !dzr__quick_all_digits(digits) || !dzr__quick_all_digits(two))
        return false;
    const unsigned year = dzr__quick_pair(at) * 100 + dzr__quick_pair(at + 2);
    const unsigned month = dzr__quick_pair(at + 5), day = dzr__quick_pair(at + 8);
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (month - 1 >= 12 || day - 1 >= month_days[month] + (unsigned)(month == 2 && leap))
        return false;
    /* days since the 1st of March of year 0, of which the 29th of February is the last of a year */
    const unsigned from_march = year + 4800 - (month <= 2), month_from_march = month > 2 ? month - 3 : month + 9;
    const unsigned since = from_march * 365 + from_march / 4 - from_march / 100 + from_march / 400 +
                           (153 * month_from_march + 2) / 5 + day - 1;
    enum { MARCH_OF_4800_BC = 2472632 }; /* days before 1970 */
    *days = (int32_t)since - MARCH_OF_4800_BC;
    return true;
}

static inline bool dzr__quick_date(const uint8_t *at, size_t n, int32_t *days)
{
    return n == 10 && dzr__quick_date_at(at, days);
}

/* 2024-01-31T12:34:56, with a fraction no finer than the unit, and a Z when utc. */
static inline bool dzr__quick_timestamp(const uint8_t *at, size_t n, dzr_type type, int64_t *out)
{
    static const uint32_t worth[] = {1000000000, 100000000, 10000000, 1000000, 100000, 10000, 1000, 100, 10, 1};
    enum { CLOCK = 11, WHOLE = 19, NS_FROM = -100000, NS_TO = 100000 }; /* days that fit in ns */
    int32_t days = 0;
    n -= type.utc;
    if (n < WHOLE || n > WHOLE + 10 || (type.utc && at[n] != 'Z') || !dzr__quick_date_at(at, &days) || at[10] != 'T' ||
            (type.unit == DZR_UNIT_NS && (days < NS_FROM || days > NS_TO)))
        return false;
    /* 12:34:56 as 8 bytes, colons made zeros */
    const uint64_t colons = UINT64_C(0x00003a00003a0000), at_colons = UINT64_C(0x0000ff0000ff0000);
    const uint64_t eight = dzr__load_u64(at + CLOCK);
    const unsigned hour = dzr__quick_pair(at + CLOCK), minute = dzr__quick_pair(at + CLOCK + 3),
                   second = dzr__quick_pair(at + CLOCK + 6);
    if ((eight & at_colons) != colons ||
            !dzr__quick_all_digits((eight & ~at_colons) | (UINT64_C(0x3030303030303030) & at_colons)) || hour > 23 ||
            minute > 59 || second > 59)
        return false;
    const size_t unit_digits = type.unit == DZR_UNIT_MS ? 3 : type.unit == DZR_UNIT_US ? 6 : 9;
    const int64_t a_second = worth[9 - unit_digits];
    int64_t value = ((int64_t)days * 86400 + hour * 3600 + minute * 60 + second) * a_second;
    if (n > WHOLE) {
        const size_t fraction_digits = n - WHOLE - 1;
        uint64_t fraction = 0;
        if (at[WHOLE] != '.' || fraction_digits > unit_digits ||
                !dzr__quick_digits(at + WHOLE + 1, fraction_digits, &fraction))
            return false;
        value += (int64_t)fraction * worth[9 - (unit_digits - fraction_digits)];
    }
    *out = value;
    return true;
}

#endif
