/* cmd/common/option_values.c - byte sizes and durations as text, both ways: "16KiB", "1.5s". Called by options.c and by
 * programs that print such values. A value is a decimal number, a fraction allowed, and a unit. */
#include "cmd/common/options.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct unit {
    const char *name;
    int64_t factor;
} unit;

/* From large to small, so that formatting finds the largest that fits. */
static const unit size_units[] = {
        {"TiB", INT64_C(1) << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}, {"", 1}, {NULL, 0}};
static const unit duration_units[] = {{"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}, {NULL, 0}};

/* The digits at *text, moved past them. No more than 18 count, so that the sum fits. */
static bool take_digits(const char **text, int64_t *value, int64_t *scale)
{
    const char *const start = *text;
    *value = 0;
    *scale = 1;
    for (; **text >= '0' && **text <= '9'; (*text)++) {
        if (*text - start >= 18)
            return false;
        *value = *value * 10 + (**text - '0');
        *scale *= 10;
    }
    return *text > start;
}

static dzr_status parse_value(const char *text, const unit *units, const char *example, int64_t *out, dzr_error *err)
{
    const char *at = text;
    int64_t whole, fraction = 0, scale = 1;
    if (strspn(text, "0123456789") > 18)
        return dzr_fail(err, DZR_ERR_LIMIT, "too large");
    if (!take_digits(&at, &whole, &scale))
        return dzr_fail(err, DZR_ERR_SYNTAX, "not such a value; %s is one", example);
    scale = 1;
    if (*at == '.') {
        at++;
        if (!take_digits(&at, &fraction, &scale))
            return dzr_fail(err, DZR_ERR_SYNTAX, "not such a value; %s is one", example);
    }
    while (units->name != NULL && strcmp(units->name, at) != 0)
        units++;
    if (units->name == NULL && whole == 0 && fraction == 0 && *at == '\0') {
        *out = 0; /* zero needs no unit */
        return DZR_OK;
    }
    if (units->name == NULL)
        return dzr_fail(err, DZR_ERR_SYNTAX, "not such a value; %s is one", example);
    __extension__ typedef __int128 wide; /* 10^18 times 2^40 */
    const wide value = (wide)whole * units->factor + (wide)fraction * units->factor / scale;
    if (value > INT64_MAX)
        return dzr_fail(err, DZR_ERR_LIMIT, "too large");
    *out = (int64_t)value;
    return DZR_OK;
}

dzr_status options_parse_size(const char *text, int64_t *n_bytes, dzr_error *err)
{
    return parse_value(text, size_units, "16KiB", n_bytes, err);
}

dzr_status options_parse_duration(const char *text, int64_t *ms, dzr_error *err)
{
    return parse_value(text, duration_units, "1.5s", ms, err);
}

static void format_value(int64_t value, const unit *units, const char *zero, char out[OPTIONS_VALUE_BYTES])
{
    if (value == 0) {
        snprintf(out, OPTIONS_VALUE_BYTES, "%s", zero);
        return;
    }
    while (value % units->factor != 0)
        units++;
    snprintf(out, OPTIONS_VALUE_BYTES, "%" PRId64 "%s", value / units->factor,
            strcmp(units->name, "B") == 0 ? "" : units->name);
}

void options_format_size(int64_t n_bytes, char out[OPTIONS_VALUE_BYTES])
{
    format_value(n_bytes, size_units, "0", out);
}

void options_format_duration(int64_t ms, char out[OPTIONS_VALUE_BYTES])
{
    format_value(ms, duration_units, "0", out);
}
