/* query/bins.c - how numbers are spread, without knowing their bounds beforehand: bins of a width that is a power of
 * two and doubles when a value lies outside. Called by column.c. */
#include "query/sketch.h"

#include <math.h>

static uint64_t span(int64_t low, int64_t high)
{
    return (uint64_t)high - (uint64_t)low;
}

static dzr_status begin(dzr__bins *bins, int64_t at, const dzr_allocator *alloc, dzr_error *err)
{
    bins->n = dzr_alloc_zeroed(alloc, DZR_SUMMARY_BINS, sizeof *bins->n, err);
    bins->first = bins->low = bins->high = at;
    return bins->n == NULL ? DZR_ERR_NOMEM : DZR_OK;
}

/* Joins 2^by neighbours, and has the bins stand where they reach from low to high. */
static void move(dzr__bins *bins, int by, int64_t first)
{
    int64_t moved[DZR_SUMMARY_BINS] = {0};
    for (int64_t k = bins->low;; k++) {
        moved[span(first, k >> by)] += bins->n[span(bins->first, k)];
        if (k == bins->high)
            break;
    }
    memcpy(bins->n, moved, sizeof moved);
    bins->first = first;
    bins->low >>= by;
    bins->high >>= by;
    bins->scale += by;
}

/* Makes room for a value at `at`, which lies outside of all; where it is then. */
static int64_t stretch(dzr__bins *bins, int64_t at)
{
    int by = 0;
    while (span(DZR_MIN(bins->low, at) >> by, DZR_MAX(bins->high, at) >> by) >= DZR_SUMMARY_BINS)
        by++;
    const int64_t low = bins->low >> by, high = bins->high >> by;
    /* what goes on upwards has its room there, and so downwards */
    const bool upwards = at >> by >= low || high < INT64_MIN + DZR_SUMMARY_BINS;
    move(bins, by, upwards ? DZR_MIN(low, at >> by) : high - (DZR_SUMMARY_BINS - 1));
    return at >> by;
}

static void count(dzr__bins *bins, int64_t at)
{
    if (span(bins->first, at) >= DZR_SUMMARY_BINS)
        at = stretch(bins, at);
    bins->n[span(bins->first, at)]++;
    bins->low = DZR_MIN(bins->low, at);
    bins->high = DZR_MAX(bins->high, at);
}

dzr_status dzr__bins_ints(dzr__bins *bins, const int64_t *values, size_t n, const dzr_allocator *alloc, dzr_error *err)
{
    if (bins->n == NULL && n > 0)
        DZR_TRY(begin(bins, values[0], alloc, err));
    for (size_t i = 0; i < n; i++)
        count(bins, values[i] >> bins->scale);
    return DZR_OK;
}

/* ---- doubles: scaled so that a place is an integer ---- */

enum { MOST_PLACE_BITS = 61, MANTISSA_BITS = 52, LEAST_EXPONENT = -1074 };

static void set_steps(dzr__bins *bins)
{
    bins->down[0] = ldexp(1, -bins->scale / 2);
    bins->down[1] = ldexp(1, -bins->scale - -bins->scale / 2);
}

static int finest_scale(double value)
{
    return value == 0 ? LEAST_EXPONENT : DZR_MAX(ilogb(value) - MANTISSA_BITS, LEAST_EXPONENT);
}

static double scaled(const dzr__bins *bins, double value)
{
    return value * bins->down[0] * bins->down[1];
}

static int64_t floor_of(double value)
{
    const int64_t whole = (int64_t)value;
    return whole - ((double)whole > value);
}

/* Once a value is too far from zero for its place to be an integer of 64 bits. */
static void coarsen(dzr__bins *bins, double value)
{
    const int by = finest_scale(value) - bins->scale;
    const int shift = DZR_MIN(by, 63); /* then all are at 0 or -1 */
    move(bins, shift, bins->low >> shift);
    bins->scale += by - shift;
    set_steps(bins);
}

dzr_status dzr__bins_doubles(
        dzr__bins *bins, const double *values, size_t n, const dzr_allocator *alloc, dzr_error *err)
{
    const double most = ldexp(1, MOST_PLACE_BITS);
    if (bins->n == NULL && n > 0) {
        bins->scale = finest_scale(values[0]);
        set_steps(bins);
        DZR_TRY(begin(bins, floor_of(scaled(bins, values[0])), alloc, err));
    }
    for (size_t i = 0; i < n; i++) {
        double at = scaled(bins, values[i]);
        if (fabs(at) >= most) {
            coarsen(bins, values[i]);
            at = scaled(bins, values[i]);
        }
        const int scale = bins->scale;
        count(bins, floor_of(at));
        if (bins->scale != scale)
            set_steps(bins);
    }
    return DZR_OK;
}

/* ---- the end ---- */

void dzr__bins_join(const dzr__bins *bins, int32_t most, int64_t *n, int32_t *n_out, int64_t *width)
{
    const int64_t n_used = bins->n != NULL ? bins->high - bins->low + 1 : 0;
    *width = (n_used + most - 1) / most;
    *n_out = 0;
    for (int64_t i = 0; i < n_used; i++) {
        if (i % *width == 0)
            n[(*n_out)++] = 0;
        n[*n_out - 1] += bins->n[bins->low - bins->first + i];
    }
}

int64_t dzr__bins_int_edge(const dzr__bins *bins, int64_t width, int32_t i)
{
    const __int128 edge = ((__int128)bins->low + (__int128)width * i) * ((__int128)1 << bins->scale);
    return edge > INT64_MAX ? INT64_MAX : edge < INT64_MIN ? INT64_MIN : (int64_t)edge;
}

double dzr__bins_double_edge(const dzr__bins *bins, int64_t width, int32_t i)
{
    return ldexp((double)(bins->low + (__int128)width * i), bins->scale);
}
