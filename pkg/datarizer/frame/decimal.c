/* frame/decimal.c - numbers of 256 bits as text and back, and how many digits they have.
 * Called by builder.c and arrow_import.c for each value, by parquet and json for their text and bytes. */
#include "frame/internal.h"

#include <assert.h>
#include <stdio.h>

__extension__ typedef unsigned __int128 wide;

enum { CHUNK_DIGITS = 19 }; /* the most that 64 bits always hold */
static const uint64_t chunk = UINT64_C(10000000000000000000);

/* value * factor + add; false when that takes more than 256 bits. */
static bool multiply_add(dzr_decimal *value, uint64_t factor, uint64_t add)
{
    uint64_t carry = add;
    for (int i = 0; i < 4; i++) {
        const wide product = (wide)value->word[i] * factor + carry;
        value->word[i] = (uint64_t)product;
        carry = (uint64_t)(product >> 64);
    }
    return carry == 0;
}

/* Divides by `chunk`; the rest. */
static uint64_t take_chunk(dzr_decimal *value)
{
    wide rest = 0;
    for (int i = 3; i >= 0; i--) {
        rest = rest << 64 | value->word[i];
        value->word[i] = (uint64_t)(rest / chunk);
        rest %= chunk;
    }
    return (uint64_t)rest;
}

static bool is_zero(const dzr_decimal *value)
{
    return (value->word[0] | value->word[1] | value->word[2] | value->word[3]) == 0;
}

static bool is_negative(dzr_decimal value)
{
    return value.word[3] >> 63 != 0;
}

static dzr_decimal negate(dzr_decimal value)
{
    uint64_t carry = 1;
    for (int i = 0; i < 4; i++) {
        value.word[i] = ~value.word[i] + carry;
        carry = carry != 0 && value.word[i] == 0;
    }
    return value;
}

/* Of two that are not negative, as unsigned numbers: the least 256-bit number negated is itself. */
static int compare_magnitudes(const dzr_decimal *a, const dzr_decimal *b)
{
    for (int i = 3; i >= 0; i--)
        if (a->word[i] != b->word[i])
            return a->word[i] < b->word[i] ? -1 : 1;
    return 0;
}

static dzr_decimal power_of_ten(int32_t exponent)
{
    dzr_decimal power = {{1}};
    for (; exponent >= CHUNK_DIGITS; exponent -= CHUNK_DIGITS)
        (void)multiply_add(&power, chunk, 0);
    uint64_t rest = 1;
    for (; exponent > 0; exponent--)
        rest *= 10;
    (void)multiply_add(&power, rest, 0);
    return power;
}

bool dzr_decimal_fits(dzr_decimal value, int32_t precision)
{
    assert(precision >= 0 && precision <= DZR_DECIMAL_DIGITS);
    const dzr_decimal magnitude = is_negative(value) ? negate(value) : value;
    const dzr_decimal limit = power_of_ten(precision);
    return compare_magnitudes(&magnitude, &limit) < 0;
}

int dzr_decimal_compare(dzr_decimal a, dzr_decimal b)
{
    if (is_negative(a) != is_negative(b))
        return is_negative(a) ? -1 : 1;
    return compare_magnitudes(&a, &b); /* of one sign, two's complement has their order */
}

/* ---- text ---- */

size_t dzr_decimal_print(dzr_decimal value, int32_t scale, char text[DZR_DECIMAL_TEXT])
{
    char digits[5 * CHUNK_DIGITS]; /* from the back */
    size_t n = 0;
    const bool negative = is_negative(value);
    dzr_decimal left = negative ? negate(value) : value;
    while (!is_zero(&left)) {
        uint64_t part = take_chunk(&left);
        for (int i = 0; i < CHUNK_DIGITS && (part > 0 || !is_zero(&left)); i++, part /= 10)
            digits[n++] = (char)('0' + part % 10);
    }
    while (n <= (size_t)scale) /* zeros after the point, and one before it */
        digits[n++] = '0';
    assert(n <= DZR_DECIMAL_DIGITS + 1);
    size_t len = 0;
    if (negative)
        text[len++] = '-';
    while (n > 0) {
        if (n == (size_t)scale)
            text[len++] = '.';
        text[len++] = digits[--n];
    }
    text[len] = '\0';
    return len;
}

/* A number's text in parts: digits with a point that is somewhere in them, or at their end. */
typedef struct number_text {
    bool negative;
    const char *digits, *end; /* with the point */
    const char *point;        /* end when there is none */
    int64_t exponent;
} number_text;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *skip_digits(const char *at, const char *end)
{
    while (at < end && is_digit(*at))
        at++;
    return at;
}

/* An exponent that no number of ours has stays large, however long its text. */
static bool split_exponent(const char *at, const char *end, int64_t *out)
{
    const bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    if (at == end || skip_digits(at, end) != end)
        return false;
    int64_t exponent = 0;
    for (; at < end; at++)
        exponent = DZR_MIN(exponent * 10 + (*at - '0'), INT32_MAX);
    *out = negative ? -exponent : exponent;
    return true;
}

static bool split_number(const char *text, size_t len, number_text *out)
{
    const char *const end = text + len;
    const char *at = text;
    out->negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    out->digits = at;
    out->point = at = skip_digits(at, end);
    if (at < end && *at == '.')
        at = skip_digits(at + 1, end);
    else
        out->point = at;
    out->end = at;
    out->exponent = 0;
    const int64_t n_digits = (out->end - out->digits) - (out->point < out->end ? 1 : 0);
    if (n_digits == 0)
        return false;
    if (at == end)
        return true;
    return (*at == 'e' || *at == 'E') && split_exponent(at + 1, end, &out->exponent);
}

static dzr_status no_fit(const char *text, size_t len, int32_t precision, int32_t scale, dzr_error *err)
{
    return dzr_fail(err, DZR_ERR_TYPE, "%.*s%s does not fit decimal(%d, %d)", (int)DZR_MIN(len, (size_t)100), text,
            len > 100 ? "..." : "", precision, scale);
}

dzr_status dzr_decimal_parse(
        const char *text, size_t len, int32_t precision, int32_t scale, dzr_decimal *out, dzr_error *err)
{
    number_text number;
    dzr_decimal value = {{0}};
    if (!split_number(text, len, &number))
        return dzr_fail(err, DZR_ERR_TYPE, "\"%.*s\"%s is no decimal number", (int)DZR_MIN(len, (size_t)100), text,
                len > 100 ? "..." : "");
    /* the place of the first digit: 10^place of the unscaled value. */
    int64_t place = (number.point - number.digits) - 1 + number.exponent + scale;
    for (const char *at = number.digits; at < number.end; at++) {
        if (*at == '.')
            continue;
        const unsigned digit = (unsigned)(*at - '0');
        const bool counts = digit != 0 || !is_zero(&value);
        if (digit != 0 && (place < 0 || place >= precision))
            return no_fit(text, len, precision, scale, err);
        if (counts && place >= 0) /* at most precision digits come here: the first one was below it */
            (void)multiply_add(&value, 10, digit);
        place--;
    }
    for (; place >= 0 && !is_zero(&value); place--)
        (void)multiply_add(&value, 10, 0);
    *out = number.negative ? negate(value) : value;
    return DZR_OK;
}
