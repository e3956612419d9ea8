/* userator/integer.c - see integer.h. */
#include "integer.h"

#include "characters.h"

static bool is_digit(dzr_bytes text, size_t i)
{
    return i < text.len && text.at[i] >= '0' && text.at[i] <= '9';
}

/* What the digits of text amount to, whose form has been checked; underscores are stepped over. */
static integer_verdict add_up(dzr_bytes text, bool negative, int64_t *value)
{
    uint64_t size = 0;
    bool beyond = false;
    size_t n_digits = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '_')
            continue;
        const uint64_t digit = (uint64_t)(text.at[i] - '0');
        if (n_digits > 0 || digit > 0)
            n_digits++;
        beyond = __builtin_mul_overflow(size, 10, &size) || __builtin_add_overflow(size, digit, &size) || beyond;
    }
    if (n_digits > INTEGER_MAX_DIGITS)
        return INTEGER_TOO_LONG;
    const uint64_t limit = (uint64_t)INT64_MAX + (negative ? 1 : 0);
    if (beyond || size > limit)
        return negative ? INTEGER_BELOW : INTEGER_ABOVE;
    *value = negative ? (int64_t)(0 - size) : (int64_t)size;
    return INTEGER_OK;
}

integer_verdict integer_parse(dzr_bytes text, int64_t *value)
{
    *value = 0;
    text = trim_white_space(text);
    const bool has_sign = text.len > 0 && (text.at[0] == '-' || text.at[0] == '+');
    const bool negative = has_sign && text.at[0] == '-';
    size_t i = has_sign ? 1 : 0;
    const size_t start = i;
    while (is_digit(text, i) || (i > start && i < text.len && text.at[i] == '_' && text.at[i - 1] != '_'))
        i++;
    const size_t end = i;
    if (end == start || text.at[end - 1] == '_')
        return INTEGER_NONE;
    if (i < text.len) { /* only a fraction may follow */
        if (text.at[i++] != '.' || i == text.len)
            return INTEGER_NONE;
        for (; i < text.len; i++)
            if (text.at[i] != '0')
                return INTEGER_NONE;
    }
    return add_up((dzr_bytes){text.at + start, end - start}, negative, value);
}

integer_verdict integer_parse_json(dzr_bytes digits, int64_t *value)
{
    *value = 0;
    const bool negative = digits.at[0] == '-';
    return add_up((dzr_bytes){digits.at + negative, digits.len - negative}, negative, value);
}
