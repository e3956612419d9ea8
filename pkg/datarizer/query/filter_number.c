/* query/filter_number.c - a filter's numbers, exactly: between or at integers of a column's scale, however many digits
 * they have. Called by filter_bind.c. */
#include "query/filter.h"

enum { MOST_EXPONENT = 1000000 }; /* what is beyond is beyond every column, or nothing */

static int64_t exponent_of(dzr_bytes text, size_t *n_mantissa)
{
    int64_t exponent = 0;
    *n_mantissa = 0;
    while (*n_mantissa < text.len && (text.at[*n_mantissa] | 0x20) != 'e')
        ++*n_mantissa;
    if (*n_mantissa == text.len)
        return 0;
    size_t i = *n_mantissa + 1;
    const bool is_negative = text.at[i] == '-';
    i += text.at[i] == '-' || text.at[i] == '+';
    for (; i < text.len && exponent < MOST_EXPONENT; i++)
        exponent = exponent * 10 + (text.at[i] - '0');
    exponent = DZR_MIN(exponent, (int64_t)MOST_EXPONENT);
    return is_negative ? -exponent : exponent;
}

static dzr_decimal less_one(dzr_decimal value)
{
    for (int i = 0; i < 4 && value.word[i]-- == 0; i++) {
    }
    return value;
}

static dzr_decimal negate(dzr_decimal value)
{
    value = less_one(value); /* -x is the complement of x - 1 */
    for (int i = 0; i < 4; i++)
        value.word[i] = ~value.word[i];
    return value;
}

filter_point dzr__filter_point(dzr_bytes text, bool is_negative, int32_t scale)
{
    filter_point point = {.has_rest = false};
    char whole[DZR_DECIMAL_DIGITS + 1];
    size_t n_whole = 0, n_mantissa = 0;
    int64_t n_before = exponent_of(text, &n_mantissa) + scale;
    for (size_t i = 0; i < n_mantissa && text.at[i] != '.'; i++)
        n_before++;
    for (size_t i = 0; i < n_mantissa; i++) {
        if (text.at[i] == '.')
            continue;
        if (n_before-- <= 0) { /* behind the point */
            point.has_rest = point.has_rest || text.at[i] != '0';
        } else if (n_whole > 0 || text.at[i] != '0') {
            if (n_whole == DZR_DECIMAL_DIGITS)
                return (filter_point){.beyond = is_negative ? -1 : 1};
            whole[n_whole++] = (char)text.at[i];
        }
    }
    for (; n_whole > 0 && n_before > 0; n_before--) {
        if (n_whole == DZR_DECIMAL_DIGITS)
            return (filter_point){.beyond = is_negative ? -1 : 1};
        whole[n_whole++] = '0';
    }
    if (n_whole == 0)
        whole[n_whole++] = '0';
    if (dzr_decimal_parse(whole, n_whole, DZR_DECIMAL_DIGITS, 0, &point.floor, NULL) != DZR_OK)
        return (filter_point){.beyond = is_negative ? -1 : 1};
    if (is_negative) {
        point.floor = negate(point.floor);
        if (point.has_rest)
            point.floor = less_one(point.floor);
    }
    return point;
}

filter_point dzr__filter_point_at(dzr__wide value, bool has_rest)
{
    filter_point point = {.has_rest = has_rest};
    const uint64_t sign = value < 0 ? UINT64_MAX : 0;
    point.floor = (dzr_decimal){{(uint64_t)value, (uint64_t)(value >> 64), sign, sign}};
    return point;
}

dzr__wide dzr__filter_wide(const filter_point *point)
{
    const dzr__wide least = (dzr__wide)INT64_MIN - 1, most = (dzr__wide)UINT64_MAX + 1;
    const uint64_t *const word = point->floor.word;
    const bool is_negative = word[3] >> 63 != 0;
    if (point->beyond != 0)
        return point->beyond < 0 ? least : most;
    if (!is_negative)
        return (word[1] | word[2] | word[3]) != 0 ? most : (dzr__wide)word[0];
    if ((word[1] & word[2] & word[3]) != UINT64_MAX || word[0] >> 63 == 0)
        return least;
    return (dzr__wide)(int64_t)word[0];
}
