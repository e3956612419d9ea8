/* json/number.c - JSON's numbers: their grammar, their digits, and whole numbers printed.
 * Called by record.c and token.c; float.cpp makes doubles of what is scanned here.
 * Spec: RFC 8259 section 6. */
#include "json/internal.h"

#include "json/digits.h"

static bool is_digit(const dzr__json_walk *walk, size_t at)
{
    return at < walk->len && walk->text[at] >= '0' && walk->text[at] <= '9';
}

/* Takes digits into the mantissa while they fit; those that do not move the exponent and may cost exactness. */
static size_t take_digits(const dzr__json_walk *walk, size_t at, bool fraction, dzr__json_number *out)
{
    for (; is_digit(walk, at); at++) {
        const uint8_t digit = (uint8_t)(walk->text[at] - '0');
        uint64_t grown = 0;
        if (out->exact && !__builtin_mul_overflow(out->mantissa, (uint64_t)10, &grown) &&
                !__builtin_add_overflow(grown, (uint64_t)digit, &grown)) {
            out->mantissa = grown;
            out->exponent -= fraction;
        } else {
            out->exact = false;
            out->exponent += !fraction;
        }
    }
    return at;
}

static dzr_status take_exponent(const dzr__json_walk *walk, size_t *at, dzr__json_number *out, dzr_error *err)
{
    enum { FAR = 100000000 }; /* beyond any double, and no sum with the digits of a 4 GiB text wraps from here */
    size_t i = *at + 1;
    const bool negative = i < walk->len && walk->text[i] == '-';
    if (i < walk->len && (walk->text[i] == '-' || walk->text[i] == '+'))
        i++;
    if (!is_digit(walk, i))
        return dzr__json_unexpected(walk, i, "a digit of an exponent", err);
    int32_t exponent = 0;
    for (; is_digit(walk, i); i++)
        exponent = exponent < FAR ? exponent * 10 + (walk->text[i] - '0') : exponent;
    if (__builtin_add_overflow(out->exponent, negative ? -exponent : exponent, &out->exponent))
        out->exponent = negative ? INT32_MIN : INT32_MAX;
    *at = i;
    return DZR_OK;
}

dzr_status dzr__json_take_number(dzr__json_walk *walk, dzr__json_number *out, dzr_error *err)
{
    const size_t start = *walk->next;
    size_t at = start;
    *out = (dzr__json_number){.whole = true, .exact = true, .negative = walk->text[at] == '-'};
    at += out->negative;
    if (!is_digit(walk, at))
        return dzr__json_unexpected(walk, at, "a digit", err);
    at = walk->text[at] == '0' ? at + 1 : take_digits(walk, at, false, out);
    if (at < walk->len && walk->text[at] == '.') {
        out->whole = false;
        if (!is_digit(walk, at + 1))
            return dzr__json_unexpected(walk, at + 1, "a digit after the decimal point", err);
        at = take_digits(walk, at + 1, true, out);
    }
    if (at < walk->len && (walk->text[at] == 'e' || walk->text[at] == 'E')) {
        out->whole = false;
        DZR_TRY(take_exponent(walk, &at, out, err));
    }
    if (!dzr__json_scalar_ends(walk, at))
        return dzr__json_unexpected(walk, at, "the end of a number", err);
    out->text = (dzr_bytes){.at = walk->text + start, .len = at - start};
    walk->next++;
    return DZR_OK;
}

size_t dzr__json_print_uint(uint64_t value, char *out)
{
    return (size_t)(dzr__put_uint(out, value) - out);
}

size_t dzr__json_print_int(int64_t value, char *out)
{
    return (size_t)(dzr__put_int(out, value) - out);
}
