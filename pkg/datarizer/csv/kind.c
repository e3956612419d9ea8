/* csv/kind.c - what a field looks like when nobody says what it is, and the texts of values that JSON has not. Called
 * by infer.c and value.c, and by writer.c, which puts quotes around text that looks like something else. */
#include "csv/internal.h"

#include <math.h>
#include <strings.h>

enum { MOST_DIGITS = 17 /* that a double keeps, read and printed again */ };

bool dzr__csv_read_number(dzr_bytes text, dzr__json_number *number)
{
    if (text.len == 0 || text.len > UINT32_MAX || (text.at[0] != '-' && (text.at[0] < '0' || text.at[0] > '9')))
        return false;
    const uint32_t tokens[] = {0, (uint32_t)text.len};
    dzr__json_walk walk = {.text = text.at, .len = text.len, .next = tokens, .end = tokens + 1, .clean = true};
    return dzr__json_take_number(&walk, number, NULL) == DZR_OK && number->text.len == text.len;
}

bool dzr__csv_is_kept(const dzr__json_number *number)
{
    double value = 0;
    uint64_t digits = number->mantissa;
    if (!number->exact || !dzr__json_number_double(number, &value))
        return false;
    if (number->whole)
        return digits <= UINT64_C(1) << 53;
    while (digits != 0 && digits % 10 == 0)
        digits /= 10;
    return digits < UINT64_C(100000000000000000) && (digits == 0 || value != 0);
}

bool dzr__csv_read_special(dzr_bytes text, double *value)
{
    const bool negative = text.len > 0 && text.at[0] == '-';
    const char *const at = (const char *)text.at + negative;
    const size_t n = text.len - negative;
    if (n == 3 && strncasecmp(at, "nan", 3) == 0 && !negative)
        return *value = (double)NAN, true;
    if ((n != 3 || strncasecmp(at, "inf", 3) != 0) && (n != 8 || strncasecmp(at, "infinity", 8) != 0))
        return false;
    *value = negative ? -(double)INFINITY : (double)INFINITY;
    return true;
}

/* ---- dates and times ---- */

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

/* The time with its zone as RFC 3339 spells it: +02 and +0200 become +02:00. The length; 0 when there is no zone. */
static size_t spell_zone(dzr_bytes text, uint8_t out[DZR__JSON_TIME_BYTES])
{
    static const size_t signs[] = {3, 5, 6}; /* from the end: +02, +0200, +02:00 */
    size_t n = text.len;
    memcpy(out, text.at, n);
    if (n > 0 && (out[n - 1] == 'Z' || out[n - 1] == 'z'))
        return n;
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        const size_t at = n - signs[i];
        if (n < 16 + signs[i] || (out[at] != '+' && out[at] != '-'))
            continue;
        if (signs[i] == 3) {
            memcpy(out + n, ":00", 3);
            return n + 3;
        }
        if (signs[i] == 5) {
            memmove(out + n - 1, out + n - 2, 2);
            out[n - 2] = ':';
            return n + 1;
        }
        return n;
    }
    return 0;
}

bool dzr__csv_read_timestamp(dzr_bytes text, dzr_type type, int64_t *value)
{
    uint8_t spelt[DZR__JSON_TIME_BYTES];
    if (text.len < 16 || text.len > sizeof spelt - 3)
        return false;
    if (!type.utc)
        return dzr__json_read_timestamp(text, type, value);
    const size_t n = spell_zone(text, spelt);
    return n > 0 && dzr__json_read_timestamp((dzr_bytes){spelt, n}, type, value);
}

/* A date with a time, or 0. */
static unsigned time_kind(dzr_bytes text)
{
    int64_t value = 0;
    for (int i = 0; i < 4; i++) {
        const dzr_type type = {.id = DZR_TYPE_TIMESTAMP, .unit = i < 2 ? DZR_UNIT_US : DZR_UNIT_NS, .utc = i % 2 != 0};
        if (dzr__csv_read_timestamp(text, type, &value))
            return (unsigned)(type.utc ? DZR__CSV_INSTANT : DZR__CSV_LOCAL) | (i < 2 ? 0u : (unsigned)DZR__CSV_FINE);
    }
    return 0;
}

/* ---- all kinds ---- */

static unsigned number_kind(dzr_bytes text)
{
    dzr__json_number number;
    if (!dzr__csv_read_number(text, &number))
        return DZR__CSV_TEXT;
    if (!number.whole || (number.negative && number.mantissa == 0)) /* -0 is no whole number */
        return dzr__csv_is_kept(&number) ? DZR__CSV_REAL : DZR__CSV_TEXT;
    if (!number.exact || (number.negative && number.mantissa > (uint64_t)INT64_MAX + 1))
        return DZR__CSV_TEXT;
    const unsigned big = number.mantissa > UINT64_C(1) << 53 ? DZR__CSV_BIG : 0;
    if (number.negative)
        return DZR__CSV_NEGATIVE | big;
    return (number.mantissa <= INT64_MAX ? DZR__CSV_WHOLE : DZR__CSV_LARGE) | big;
}

static bool is_word(dzr_bytes text)
{
    static const char *const words[] = {"true", "True", "TRUE", "false", "False", "FALSE"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text.len == strlen(words[i]) && memcmp(text.at, words[i], text.len) == 0)
            return true;
    return false;
}

unsigned dzr__csv_kind_of(dzr_bytes text)
{
    double special = 0;
    int32_t days = 0;
    const uint8_t first = text.len > 0 ? text.at[0] : 0;
    if (is_digit(first) || first == '-' || first == '+') {
        const unsigned kind = first == '+' ? DZR__CSV_TEXT : number_kind(text);
        if (kind != DZR__CSV_TEXT)
            return kind;
        if (dzr__json_read_date(text, &days))
            return DZR__CSV_DATE;
        const unsigned time = time_kind(text);
        if (time != 0)
            return time;
    }
    if (is_word(text))
        return DZR__CSV_BOOL;
    return text.len <= 4 && dzr__csv_read_special(text, &special) ? DZR__CSV_REAL : DZR__CSV_TEXT;
}

dzr_type dzr__csv_type_of(unsigned kinds)
{
    const dzr_type text = {.id = DZR_TYPE_STRING};
    const unsigned whole = DZR__CSV_NEGATIVE | DZR__CSV_WHOLE | DZR__CSV_LARGE, fine = DZR__CSV_FINE;
    const unsigned seen = kinds & ~(unsigned)(DZR__CSV_BIG | DZR__CSV_FINE);
    if (seen == DZR__CSV_BOOL)
        return (dzr_type){.id = DZR_TYPE_BOOL};
    if (seen == DZR__CSV_DATE)
        return (dzr_type){.id = DZR_TYPE_DATE};
    if (seen == DZR__CSV_LOCAL || seen == DZR__CSV_INSTANT)
        return (dzr_type){.id = DZR_TYPE_TIMESTAMP,
                .unit = (kinds & fine) != 0 ? DZR_UNIT_NS : DZR_UNIT_US,
                .utc = seen == DZR__CSV_INSTANT};
    if (seen == 0 || (seen & ~(whole | DZR__CSV_REAL)) != 0)
        return text;
    if ((seen & DZR__CSV_REAL) != 0)
        return (kinds & DZR__CSV_BIG) != 0 ? text : (dzr_type){.id = DZR_TYPE_DOUBLE};
    if ((seen & DZR__CSV_LARGE) == 0)
        return (dzr_type){.id = DZR_TYPE_INT64};
    return (seen & DZR__CSV_NEGATIVE) != 0 ? text : (dzr_type){.id = DZR_TYPE_UINT64};
}
