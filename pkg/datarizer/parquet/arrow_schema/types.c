/* parquet/arrow_schema/types.c - Arrow's types by their two names: the format string of the C Data Interface, and a
 * table in a flatbuffer with its numbers. Spec: apache/arrow format/Schema.fbs, union Type and the tables in it; Arrow
 * C Data Interface, "Data type description -- format strings". */
#include "parquet/arrow_schema/arrow_schema.h"

#include <stdio.h>
#include <stdlib.h>

static const dzr_arrow_param params[DZR_ARROW_N_TYPES][DZR_ARROW_PARAMS] = {
        [DZR_ARROW_INT] = {{4, 0}, {1, 0}},               /* bits, signed */
        [DZR_ARROW_FLOAT] = {{2, 0}},                     /* half, single, double */
        [DZR_ARROW_DECIMAL] = {{4, 0}, {4, 0}, {4, 128}}, /* precision, scale, bits */
        [DZR_ARROW_DATE] = {{2, 1}},                      /* days, milliseconds */
        [DZR_ARROW_TIME] = {{2, 1}, {4, 32}},             /* unit, bits */
        [DZR_ARROW_TIMESTAMP] = {{2, 0}},                 /* unit: seconds, milli-, micro-, nanoseconds */
        [DZR_ARROW_INTERVAL] = {{2, 0}},                  /* months, days and milliseconds, all of it */
        [DZR_ARROW_FIXED] = {{4, 0}},                     /* bytes */
        [DZR_ARROW_FIXED_LIST] = {{4, 0}},                /* elements */
        [DZR_ARROW_MAP] = {{1, 0}},                       /* whether keys are in order */
        [DZR_ARROW_DURATION] = {{2, 1}},                  /* unit */
};

const dzr_arrow_param *dzr__arrow_params(int32_t type)
{
    return type > 0 && type < DZR_ARROW_N_TYPES && type != 14 /* unions are no part of Parquet */ ? params[type] : NULL;
}

/* Types whose format string is always the same. */
static const struct {
    const char *format;
    int32_t type;
    int32_t params[DZR_ARROW_PARAMS];
} plain[] = {
        {"n", DZR_ARROW_NULL, {0}},
        {"b", DZR_ARROW_BOOL, {0}},
        {"c", DZR_ARROW_INT, {8, 1}},
        {"s", DZR_ARROW_INT, {16, 1}},
        {"i", DZR_ARROW_INT, {32, 1}},
        {"l", DZR_ARROW_INT, {64, 1}},
        {"C", DZR_ARROW_INT, {8, 0}},
        {"S", DZR_ARROW_INT, {16, 0}},
        {"I", DZR_ARROW_INT, {32, 0}},
        {"L", DZR_ARROW_INT, {64, 0}},
        {"e", DZR_ARROW_FLOAT, {0}},
        {"f", DZR_ARROW_FLOAT, {1}},
        {"g", DZR_ARROW_FLOAT, {2}},
        {"z", DZR_ARROW_BINARY, {0}},
        {"Z", DZR_ARROW_LARGE_BINARY, {0}},
        {"vz", DZR_ARROW_BINARY_VIEW, {0}},
        {"u", DZR_ARROW_UTF8, {0}},
        {"U", DZR_ARROW_LARGE_UTF8, {0}},
        {"vu", DZR_ARROW_UTF8_VIEW, {0}},
        {"tdD", DZR_ARROW_DATE, {0}},
        {"tdm", DZR_ARROW_DATE, {1}},
        {"tts", DZR_ARROW_TIME, {0, 32}},
        {"ttm", DZR_ARROW_TIME, {1, 32}},
        {"ttu", DZR_ARROW_TIME, {2, 64}},
        {"ttn", DZR_ARROW_TIME, {3, 64}},
        {"tDs", DZR_ARROW_DURATION, {0}},
        {"tDm", DZR_ARROW_DURATION, {1}},
        {"tDu", DZR_ARROW_DURATION, {2}},
        {"tDn", DZR_ARROW_DURATION, {3}},
        {"tiM", DZR_ARROW_INTERVAL, {0}},
        {"tiD", DZR_ARROW_INTERVAL, {1}},
        {"tin", DZR_ARROW_INTERVAL, {2}},
        {"+s", DZR_ARROW_STRUCT, {0}},
        {"+l", DZR_ARROW_LIST, {0}},
        {"+L", DZR_ARROW_LARGE_LIST, {0}},
        {"+vl", DZR_ARROW_LIST_VIEW, {0}},
        {"+vL", DZR_ARROW_LARGE_LIST_VIEW, {0}},
        {"+r", DZR_ARROW_RUN_ENDS, {0}},
};
enum { N_PLAIN = sizeof plain / sizeof *plain, N_UNITS = 4 };

static const char units[N_UNITS + 1] = "smun";

/* Types whose format string has numbers in it; its beginning. */
static const struct {
    const char *start;
    int32_t type, n_params;
} numbered[] = {
        {"d:", DZR_ARROW_DECIMAL, 3},
        {"w:", DZR_ARROW_FIXED, 1},
        {"+w:", DZR_ARROW_FIXED_LIST, 1},
};
enum { N_NUMBERED = sizeof numbered / sizeof *numbered };

/* ---- a format string ---- */

static bool same_params(const int32_t *a, const int32_t *b)
{
    return memcmp(a, b, DZR_ARROW_PARAMS * sizeof *a) == 0;
}

static const char *timestamp_format(const dzr_arrow_wire *wire, dzr_arena *arena, dzr_error *err)
{
    const int32_t unit = wire->params[0];
    if (unit < 0 || unit >= N_UNITS)
        return "";
    char *const format = dzr__arena_zeroed(arena, 4 + wire->zone.len + 1, 1, err);
    if (format == NULL)
        return NULL;
    memcpy(format, (const char[]){'t', 's', units[unit], ':'}, 4);
    if (wire->zone.len > 0)
        memcpy(format + 4, wire->zone.at, wire->zone.len);
    return format;
}

static const char *numbered_format(const dzr_arrow_wire *wire, dzr_arena *arena, dzr_error *err)
{
    char text[64] = "";
    for (size_t i = 0; i < N_NUMBERED; i++) {
        if (numbered[i].type != wire->type)
            continue;
        /* 128 bits go without saying */
        const int32_t n = numbered[i].n_params - (numbered[i].n_params == 3 && wire->params[2] == 128 ? 1 : 0);
        size_t len = (size_t)snprintf(text, sizeof text, "%s", numbered[i].start);
        for (int32_t k = 0; k < n; k++)
            len += (size_t)snprintf(text + len, sizeof text - len, "%s%d", k > 0 ? "," : "", wire->params[k]);
    }
    return dzr__arena_text(arena, text, strlen(text), err);
}

const char *dzr__arrow_format(const dzr_arrow_wire *wire, dzr_arena *arena, int64_t *flags, dzr_error *err)
{
    for (size_t i = 0; i < N_PLAIN; i++)
        if (plain[i].type == wire->type && same_params(plain[i].params, wire->params))
            return plain[i].format;
    if (wire->type == DZR_ARROW_TIMESTAMP)
        return timestamp_format(wire, arena, err);
    if (wire->type != DZR_ARROW_MAP)
        return numbered_format(wire, arena, err);
    if (wire->params[0] != 0)
        *flags |= ARROW_FLAG_MAP_KEYS_SORTED;
    return "+m";
}

/* ---- and back ---- */

/* 1 to n numbers with commas between, and nothing behind. */
static bool take_numbers(const char *at, int32_t n, int32_t *out)
{
    for (int32_t i = 0; i < n; i++) {
        char *end = NULL;
        const long value = strtol(at, &end, 10);
        if (end == at || value < INT32_MIN || value > INT32_MAX)
            return false;
        out[i] = (int32_t)value;
        if (*end != ',')
            return *end == '\0';
        at = end + 1;
    }
    return false;
}

static bool timestamp_wire(const char *format, dzr_arrow_wire *out)
{
    const char *const unit = format[2] != '\0' ? strchr(units, format[2]) : NULL;
    if (unit == NULL || format[3] != ':')
        return false;
    *out = (dzr_arrow_wire){.type = DZR_ARROW_TIMESTAMP,
            .params = {(int32_t)(unit - units)},
            .zone = {(const uint8_t *)format + 4, strlen(format + 4)}};
    return true;
}

bool dzr__arrow_wire(const char *format, int64_t flags, dzr_arrow_wire *out)
{
    for (size_t i = 0; i < N_PLAIN; i++)
        if (strcmp(plain[i].format, format) == 0) {
            *out = (dzr_arrow_wire){.type = plain[i].type};
            memcpy(out->params, plain[i].params, sizeof out->params);
            return true;
        }
    if (strcmp(format, "+m") == 0) {
        *out = (dzr_arrow_wire){.type = DZR_ARROW_MAP, .params = {(flags & ARROW_FLAG_MAP_KEYS_SORTED) != 0 ? 1 : 0}};
        return true;
    }
    if (strncmp(format, "ts", 2) == 0)
        return timestamp_wire(format, out);
    for (size_t i = 0; i < N_NUMBERED; i++) {
        const size_t len = strlen(numbered[i].start);
        if (strncmp(format, numbered[i].start, len) != 0)
            continue;
        *out = (dzr_arrow_wire){.type = numbered[i].type};
        for (int32_t k = 0; k < DZR_ARROW_PARAMS; k++)
            out->params[k] = params[numbered[i].type][k].otherwise;
        return take_numbers(format + len, numbered[i].n_params, out->params);
    }
    return false;
}
