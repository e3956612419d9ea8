/* query/filter_time.c - a filter's dates and times, from ISO 8601's text to units of a column, exactly: a value may lie
 * between two of them. Called by filter_bind.c. */
#include "query/filter.h"

typedef struct clock_text {
    const uint8_t *at, *end;
} clock_text;

static bool take(clock_text *t, char c)
{
    const bool is = t->at < t->end && *t->at == (uint8_t)c;
    t->at += is;
    return is;
}

/* Exactly n digits. */
static bool take_digits(clock_text *t, int n, int64_t *out)
{
    for (*out = 0; n > 0; n--, t->at++) {
        if (t->at == t->end || *t->at < '0' || *t->at > '9')
            return false;
        *out = *out * 10 + (*t->at - '0');
    }
    return true;
}

/* Years of four digits, or of more with a sign. */
static bool take_date(clock_text *t, int64_t *days)
{
    static const uint8_t lengths[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t year = 0, month = 0, day = 0;
    int n = 4;
    const bool is_negative = take(t, '-');
    if (is_negative || take(t, '+'))
        while (n < 7 && t->end - t->at > n && t->at[n] != '-')
            n++;
    if (!take_digits(t, n, &year) || !take(t, '-') || !take_digits(t, 2, &month) || !take(t, '-') ||
            !take_digits(t, 2, &day))
        return false;
    year = is_negative ? -year : year;
    const bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (month < 1 || month > 12 || day < 1 || day > lengths[month - 1] || (month == 2 && day == 29 && !is_leap))
        return false;
    *days = dzr__days_from_civil(year, (int)month, (int)day);
    return true;
}

/* "12:34", with seconds and a fraction of up to nine digits where there are some; nanoseconds. */
static bool take_clock(clock_text *t, int64_t *ns)
{
    int64_t hour = 0, minute = 0, second = 0, fraction = 0, digit = 0;
    if (!take_digits(t, 2, &hour) || !take(t, ':') || !take_digits(t, 2, &minute))
        return false;
    if (take(t, ':')) {
        if (!take_digits(t, 2, &second))
            return false;
        int64_t place = 100000000;
        if (take(t, '.')) {
            if (!take_digits(t, 1, &digit))
                return false;
            for (fraction = digit * place; place > 1 && take_digits(t, 1, &digit);)
                fraction += digit * (place /= 10);
        }
    }
    *ns = ((hour * 60 + minute) * 60 + second) * 1000000000 + fraction;
    return hour <= 24 && minute < 60 && second < 60 && *ns <= dzr__units_a_day(DZR_UNIT_NS);
}

/* "Z", "+02", "+02:00", "+0200"; false for something else. Nanoseconds east of UTC. */
static bool take_zone(clock_text *t, int64_t *ns)
{
    int64_t hour = 0, minute = 0;
    *ns = 0;
    if (take(t, 'Z') || take(t, 'z'))
        return true;
    const bool is_west = take(t, '-');
    if ((!is_west && !take(t, '+')) || !take_digits(t, 2, &hour))
        return false;
    if ((take(t, ':') || t->at < t->end) && !take_digits(t, 2, &minute))
        return false;
    *ns = (hour * 60 + minute) * (int64_t)60000000000 * (is_west ? -1 : 1);
    return hour <= 24 && minute < 60;
}

static filter_point at_unit(dzr__wide ns, dzr_time_unit unit)
{
    const int64_t units = unit == DZR_UNIT_MS ? 1000000 : unit == DZR_UNIT_US ? 1000 : 1;
    const dzr__wide rest = ns % units;
    return dzr__filter_point_at(ns / units - (rest < 0), rest != 0);
}

static dzr_status date_point(dzr_bytes text, filter_point *out, dzr_error *err)
{
    clock_text t = {text.at, text.at + text.len};
    int64_t days = 0;
    if (!take_date(&t, &days) || t.at != t.end)
        return dzr_fail(err, DZR_ERR_TYPE, "is no date such as '2024-01-31'");
    *out = dzr__filter_point_at(days, false);
    return DZR_OK;
}

static dzr_status time_point(dzr_bytes text, dzr_type type, filter_point *out, dzr_error *err)
{
    clock_text t = {text.at, text.at + text.len};
    int64_t ns = 0;
    if (!take_clock(&t, &ns) || t.at != t.end)
        return dzr_fail(err, DZR_ERR_TYPE, "is no time of a day such as '12:34:56.789'");
    *out = at_unit(ns, type.unit);
    return DZR_OK;
}

static dzr_status timestamp_point(dzr_bytes text, dzr_type type, filter_point *out, dzr_error *err)
{
    clock_text t = {text.at, text.at + text.len};
    int64_t days = 0, ns = 0, east = 0;
    bool fits = take_date(&t, &days);
    if (fits && t.at < t.end)
        fits = (take(&t, 'T') || take(&t, 't') || take(&t, ' ')) && take_clock(&t, &ns);
    if (fits && t.at < t.end) {
        fits = take_zone(&t, &east) && t.at == t.end;
        if (fits && !type.utc)
            return dzr_fail(err, DZR_ERR_TYPE, "has a zone, and the column's times have none: leave it out");
    }
    if (!fits)
        return dzr_fail(err, DZR_ERR_TYPE, "is no timestamp such as '2024-01-31 12:34:56.789%s'", type.utc ? "Z" : "");
    *out = at_unit((dzr__wide)days * dzr__units_a_day(DZR_UNIT_NS) + ns - east, type.unit);
    return DZR_OK;
}

dzr_status dzr__filter_time(dzr_bytes text, dzr_type type, filter_point *out, dzr_error *err)
{
    return type.id == DZR_TYPE_DATE   ? date_point(text, out, err)
           : type.id == DZR_TYPE_TIME ? time_point(text, type, out, err)
                                      : timestamp_point(text, type, out, err);
}
