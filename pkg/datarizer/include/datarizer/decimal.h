/* datarizer/decimal.h - decimal numbers up to 76 digits: an unscaled integer, and a scale that the column's type keeps.
 * Unscaled 12345 at scale 2 is 123.45. Everything here is exact; what does not fit is said, never rounded.
 */
#ifndef DATARIZER_DECIMAL_H
#define DATARIZER_DECIMAL_H

#include <datarizer/error.h>

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    DZR_DECIMAL_DIGITS = 76,     /* the most that 256 bits always hold */
    DZR_DECIMAL_DIGITS_128 = 38, /* and 128 bits */
    DZR_DECIMAL_TEXT = 80        /* room for any printed one: sign, a zero before the point, point, digits, NUL */
};

/* 256 bits, two's complement, the lowest word first. */
typedef struct dzr_decimal {
    uint64_t word[4];
} dzr_decimal;

/* From n_bytes (16 or 32) of little-endian two's complement, as a DECIMAL column keeps them. */
static inline dzr_decimal dzr_decimal_load(const void *at, size_t n_bytes)
{
    dzr_decimal value;
    memcpy(value.word, at, n_bytes);
    if (n_bytes == 16)
        value.word[2] = value.word[3] = 0 - (value.word[1] >> 63);
    return value;
}

static inline dzr_decimal dzr_decimal_from_int(int64_t value)
{
    const uint64_t sign = value < 0 ? UINT64_MAX : 0;
    const dzr_decimal out = {{(uint64_t)value, sign, sign, sign}};
    return out;
}

/* Whether it has at most so many digits; precision 0 to DZR_DECIMAL_DIGITS. */
DZR_API bool dzr_decimal_fits(dzr_decimal value, int32_t precision);
/* Below 0, 0, above 0: a's place beside b, at one scale. */
DZR_API int dzr_decimal_compare(dzr_decimal a, dzr_decimal b);

/* The number in digits, with `scale` (0 to DZR_DECIMAL_DIGITS) of them after a point, NUL-terminated; its length. The
 * value must fit DZR_DECIMAL_DIGITS. */
DZR_API size_t dzr_decimal_print(dzr_decimal value, int32_t scale, char text[DZR_DECIMAL_TEXT]);
/* Reads digits, with a sign, a point and an exponent of ten where there are some ("-12.50", "1e3"), at a scale.
 * Errors: DZR_ERR_TYPE when the text is no number, has digits other than 0 beyond the scale, or more than precision at
 * it; out is left alone then. */
DZR_API DZR_MUST_CHECK dzr_status dzr_decimal_parse(
        const char *text, size_t len, int32_t precision, int32_t scale, dzr_decimal *out, dzr_error *err);

#ifdef __cplusplus
}
#endif
#endif
