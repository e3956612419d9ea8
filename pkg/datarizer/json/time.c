/* json/time.c - dates and times as JSON carries them: strings of RFC 3339. Called by value.c and writer.c.
 * Spec: RFC 3339 section 5.6; years outside 0000..9999 as ISO 8601's expanded form (+12024-01-31). */
#include "json/internal.h"

#include "json/digits.h"

enum { SECONDS_A_DAY = 86400 };

static int64_t units_a_second(dzr_time_unit unit)
{
    return unit == DZR_UNIT_MS ? 1000 : unit == DZR_UNIT_US ? 1000000 : 1000000000;
}

/* ---- printing ---- */

static char *put_digits(char *to, int64_t value, int n)
{
    for (int i = n - 1; i >= 0; i--, value /= 10)
        to[i] = (char)('0' + value % 10);
    return to + n;
}

/* "-MM-DD" */
static char *put_month_and_day(char *to, uint32_t month, uint32_t day)
{
    *to++ = '-';
    to = dzr__put_2_digits(to, month);
    *to++ = '-';
    return dzr__put_2_digits(to, day);
}

static char *put_far_date(char *to, int64_t days)
{
    int64_t year = 0;
    int month = 0, day = 0;
    dzr__civil_from_days(days, &year, &month, &day);
    const int64_t magnitude = year < 0 ? -year : year;
    int n = 4;
    if (year < 0 || year > 9999) {
        *to++ = year < 0 ? '-' : '+';
        for (int64_t rest = magnitude / 10000; rest > 0; rest /= 10)
            n++;
    }
    to = put_digits(to, magnitude, n);
    return put_month_and_day(to, (uint32_t)month, (uint32_t)day);
}

/* Days from 0000-03-01 to 9999-12-31 by two multiplications, which give quotient and remainder in one: years of a
 * century as the upper half of a product, months of a year as the upper half of a word. Years begin in March, so that
 * months in front of any have the same lengths every year.
 * Spec: C. Neri, L. Schneider, "Euclidean affine functions and their application to calendar algorithms" (2022). */
static char *put_date(char *to, int64_t days)
{
    enum {
        DAYS_BEFORE_1970 = 719468,
        DAYS_TO_10000 = 2932897, /* from 1970 */
        DAYS_A_CENTURY_4 = 146097,
        DAYS_TO_JANUARY = 306,
        YEAR_FACTOR = 2939745, /* 2^32 / (365.25 * 4), rounded up */
    };
    if (days < -DAYS_BEFORE_1970 || days >= DAYS_TO_10000)
        return put_far_date(to, days);
    const uint32_t quarters = 4 * (uint32_t)(days + DAYS_BEFORE_1970) + 3;
    const uint32_t century = quarters / DAYS_A_CENTURY_4, of_century = quarters % DAYS_A_CENTURY_4 | 3;
    const uint64_t years = (uint64_t)YEAR_FACTOR * of_century;
    const uint32_t of_year = (uint32_t)years / YEAR_FACTOR / 4;
    const uint32_t months = 2141 * of_year + 197913;
    const uint32_t month = months >> 16, day = (months & 0xffff) / 2141 + 1;
    const bool next = of_year >= DAYS_TO_JANUARY;
    const uint32_t year = century * 100 + (uint32_t)(years >> 32) + next;
    to = dzr__put_2_digits(to, year / 100);
    to = dzr__put_2_digits(to, year % 100);
    return put_month_and_day(to, next ? month - 12 : month, day);
}

size_t dzr__json_print_date(int32_t days, char out[DZR__JSON_TIME_BYTES])
{
    return (size_t)(put_date(out, days) - out);
}

/* Hours, minutes, seconds, and where there is one a fraction in as many digits as the unit has. */
static char *put_clock(char *to, uint32_t seconds, uint32_t fraction, dzr_time_unit unit)
{
    const uint32_t minutes = seconds / 60;
    to = dzr__put_2_digits(to, minutes / 60);
    *to++ = ':';
    to = dzr__put_2_digits(to, minutes % 60);
    *to++ = ':';
    to = dzr__put_2_digits(to, seconds % 60);
    if (fraction == 0)
        return to;
    *to++ = '.';
    if (unit == DZR_UNIT_NS) { /* nine digits */
        *to = (char)('0' + fraction / DZR__DIGITS_8);
        return dzr__put_8_digits(to + 1, fraction % DZR__DIGITS_8);
    }
    const bool ms = unit == DZR_UNIT_MS;
    dzr__put_8_digits(to, fraction * (ms ? 100000 : 100));
    return to + (ms ? 3 : 6);
}

size_t dzr__json_print_time(int64_t value, dzr_time_unit unit, char out[DZR__JSON_TIME_BYTES])
{
    const int64_t a_second = units_a_second(unit);
    return (size_t)(put_clock(out, (uint32_t)(value / a_second), (uint32_t)(value % a_second), unit) - out);
}

/* value units, as a_second of them make a second; inlined where that is a constant. */
static inline char *put_timestamp(char *to, int64_t value, int64_t a_second, dzr_type type)
{
    const int64_t a_day = SECONDS_A_DAY * a_second;
    int64_t days = value / a_day, of_day = value % a_day;
    if (of_day < 0) {
        of_day += a_day;
        days--;
    }
    to = put_date(to, days);
    *to++ = 'T';
    to = put_clock(to, (uint32_t)((uint64_t)of_day / (uint64_t)a_second),
            (uint32_t)((uint64_t)of_day % (uint64_t)a_second), type.unit);
    *to = 'Z';
    return to + type.utc;
}

size_t dzr__json_print_timestamp(int64_t value, dzr_type type, char out[DZR__JSON_TIME_BYTES])
{
    char *const end = type.unit == DZR_UNIT_MS   ? put_timestamp(out, value, 1000, type)
                      : type.unit == DZR_UNIT_US ? put_timestamp(out, value, 1000000, type)
                                                 : put_timestamp(out, value, 1000000000, type);
    return (size_t)(end - out);
}

/* ---- reading ---- */

static bool take(dzr_cursor *c, char byte)
{
    if (c->at == c->end || *c->at != (uint8_t)byte)
        return false;
    c->at++;
    return true;
}

/* Between least and most digits; false when there are fewer, more stay. */
static bool take_digits(dzr_cursor *c, int least, int most, int64_t *out)
{
    int64_t value = 0;
    int n = 0;
    for (; n < most && c->at < c->end && *c->at >= '0' && *c->at <= '9'; n++)
        value = value * 10 + (*c->at++ - '0');
    *out = value;
    return n >= least;
}

static bool take_date(dzr_cursor *c, int64_t *days)
{
    const bool minus = take(c, '-');
    const bool expanded = minus || take(c, '+');
    int64_t year = 0, month = 0, day = 0;
    if (!take_digits(c, 4, expanded ? 9 : 4, &year) || !take(c, '-') || !take_digits(c, 2, 2, &month) ||
            !take(c, '-') || !take_digits(c, 2, 2, &day) || month < 1 || month > 12 || day < 1)
        return false;
    year = minus ? -year : year;
    *days = dzr__days_from_civil(year, (int)month, (int)day);
    int64_t back_year = 0; /* the 30th of February comes back as another day */
    int back_month = 0, back_day = 0;
    dzr__civil_from_days(*days, &back_year, &back_month, &back_day);
    return back_month == month && back_day == day;
}

bool dzr__json_read_date(dzr_bytes text, int32_t *days)
{
    dzr_cursor c = dzr__cursor(text.at, text.len);
    int64_t wide = 0;
    if (!take_date(&c, &wide) || c.at != c.end || wide < INT32_MIN || wide > INT32_MAX)
        return false;
    *days = (int32_t)wide;
    return true;
}

static bool take_clock(dzr_cursor *c, int64_t *seconds)
{
    int64_t hour = 0, minute = 0, second = 0;
    if (!take_digits(c, 2, 2, &hour) || !take(c, ':') || !take_digits(c, 2, 2, &minute) || !take(c, ':') ||
            !take_digits(c, 2, 2, &second) || hour > 23 || minute > 59 || second > 59)
        return false;
    *seconds = hour * 3600 + minute * 60 + second;
    return true;
}

/* Digits after the point, in units of the column; a digit finer than that must be 0. */
static bool take_fraction(dzr_cursor *c, int64_t a_second, int64_t *out)
{
    *out = 0;
    if (!take(c, '.'))
        return true;
    int64_t worth = a_second / 10;
    const uint8_t *const first = c->at;
    for (; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++, worth /= 10) {
        if (worth == 0 && *c->at != '0')
            return false;
        *out += (*c->at - '0') * worth;
    }
    return c->at > first;
}

/* "Z" or "+02:00", in seconds east of Greenwich. */
static bool take_zone(dzr_cursor *c, int64_t *east)
{
    *east = 0;
    if (take(c, 'Z') || take(c, 'z'))
        return true;
    const bool minus = take(c, '-');
    int64_t hour = 0, minute = 0;
    if ((!minus && !take(c, '+')) || !take_digits(c, 2, 2, &hour) || !take(c, ':') || !take_digits(c, 2, 2, &minute) ||
            hour > 23 || minute > 59)
        return false;
    *east = (hour * 3600 + minute * 60) * (minus ? -1 : 1);
    return true;
}

bool dzr__json_read_time(dzr_bytes text, dzr_time_unit unit, int64_t *value)
{
    static const char day_end[] = "24:00:00";
    dzr_cursor c = dzr__cursor(text.at, text.len);
    const int64_t a_second = units_a_second(unit);
    int64_t seconds = SECONDS_A_DAY, fraction = 0;
    if (text.len == sizeof day_end - 1 && memcmp(text.at, day_end, text.len) == 0)
        c.at = c.end;
    else if (!take_clock(&c, &seconds) || !take_fraction(&c, a_second, &fraction))
        return false;
    *value = seconds * a_second + fraction;
    return c.at == c.end;
}

bool dzr__json_read_timestamp(dzr_bytes text, dzr_type type, int64_t *value)
{
    dzr_cursor c = dzr__cursor(text.at, text.len);
    const int64_t a_second = units_a_second(type.unit);
    int64_t days = 0, of_day = 0, fraction = 0, east = 0;
    if (!take_date(&c, &days) || (!take(&c, 'T') && !take(&c, 't') && !take(&c, ' ')) || !take_clock(&c, &of_day) ||
            !take_fraction(&c, a_second, &fraction) || (type.utc && !take_zone(&c, &east)) || c.at != c.end)
        return false;
    /* days is at most 4e11, so seconds fit; units are added on the side of zero so that the ends of int64 are reached
     */
    int64_t seconds = days * SECONDS_A_DAY + of_day - east;
    if (seconds < 0 && fraction > 0) {
        seconds++;
        fraction -= a_second;
    }
    return !__builtin_mul_overflow(seconds, a_second, value) && !__builtin_add_overflow(*value, fraction, value);
}
