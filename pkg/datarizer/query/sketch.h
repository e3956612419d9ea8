/* query/sketch.h - what a column's summary is made of: values with their counts, an estimate of how many there are, and
 * bins. None depends on anything but the values and their order. */
#ifndef DZR_QUERY_SKETCH_H
#define DZR_QUERY_SKETCH_H

#include "query/internal.h"
#include <datarizer/summary.h>

/* ---- counts.c: a table of values and how often they came ---- */

/* A value in it: a word by itself, or len bytes at `key` of the table's bytes. */
typedef struct dzr__count {
    uint64_t hash, key;
    int64_t n; /* 0: a free slot */
    size_t len;
} dzr__count;

typedef struct dzr__counts {
    const dzr_allocator *alloc;
    dzr__count *slots; /* a power of two, at most half of them used; NULL at the beginning */
    size_t n_slots, n_used;
    dzr_bytebuf bytes;
    int64_t forgotten;  /* what any value may have been there more often than its count says */
    uint8_t *registers; /* of HyperLogLog; NULL as long as all values are in the table */
    bool left_out;      /* a value was too long */
} dzr__counts;

void dzr__counts_init(dzr__counts *counts, const dzr_allocator *alloc);
void dzr__counts_fini(dzr__counts *counts);
DZR_MUST_CHECK dzr_status dzr__counts_word(dzr__counts *counts, uint64_t word, dzr_error *err);
DZR_MUST_CHECK dzr_status dzr__counts_bytes(dzr__counts *counts, dzr_bytes value, dzr_error *err);
/* How many distinct ones came. */
int64_t dzr__counts_distinct(const dzr__counts *counts);
/* The most frequent, at most `most`, each certain to be: the greatest count first, then the lesser value (words as
 * unsigned numbers). How many; *out is the caller's to release. Errors: DZR_ERR_NOMEM. */
DZR_MUST_CHECK dzr_status dzr__counts_top(
        const dzr__counts *counts, int32_t most, dzr__count **out, int32_t *n_out, dzr_error *err);
dzr_bytes dzr__counts_key(const dzr__counts *counts, const dzr__count *count);

/* ---- hyperloglog.c ---- */
enum { DZR__HLL_BITS = 14, DZR__HLL_REGISTERS = 1 << DZR__HLL_BITS };

void dzr__hll_add(uint8_t registers[DZR__HLL_REGISTERS], uint64_t hash);
double dzr__hll_estimate(const uint8_t registers[DZR__HLL_REGISTERS]);
/* Good in all its bits; the same for equal values, today and tomorrow. */
uint64_t dzr__hash_word(uint64_t word);
uint64_t dzr__hash_bytes(dzr_bytes bytes);

/* ---- bins.c: how values are spread, in bins of one width ---- */

/* Bin i counts values v with floor(v / 2^scale) == first + i. The width doubles, and neighbours join, whenever a value
 * would lie outside of all: counts are exact, and at least half of the bins lie between the bounds. */
typedef struct dzr__bins {
    int64_t *n; /* DZR_SUMMARY_BINS of them; NULL as long as there is no value */
    int64_t first, low, high;
    int scale;
    double down[2]; /* 2^-scale, of doubles, in two steps */
} dzr__bins;

DZR_MUST_CHECK dzr_status dzr__bins_ints(
        dzr__bins *bins, const int64_t *values, size_t n, const dzr_allocator *alloc, dzr_error *err);
/* Finite ones. */
DZR_MUST_CHECK dzr_status dzr__bins_doubles(
        dzr__bins *bins, const double *values, size_t n, const dzr_allocator *alloc, dzr_error *err);
/* Joins them into at most `most`: counts in n[0 .. *n_out), and *width as many of their bins in each. */
void dzr__bins_join(const dzr__bins *bins, int32_t most, int64_t *n, int32_t *n_out, int64_t *width);
/* Where joined bin i begins; ints cut to their range. */
int64_t dzr__bins_int_edge(const dzr__bins *bins, int64_t width, int32_t i);
double dzr__bins_double_edge(const dzr__bins *bins, int64_t width, int32_t i);

/* ---- column.c: one column's summary as it grows ---- */
typedef enum dzr__kind {
    DZR__KIND_NONE, /* NULL */
    DZR__KIND_BOOL,
    DZR__KIND_INT, /* all that fits int64_t, decimals of 18 digits among them; UINT64 moved down by 2^63 */
    DZR__KIND_DOUBLE,
    DZR__KIND_DECIMAL,
    DZR__KIND_BYTES,
    DZR__KIND_LIST
} dzr__kind;

typedef struct dzr__column_summary {
    const dzr_allocator *alloc;
    const dzr_field *field;
    const char *path;
    int32_t node;
    dzr__kind kind;
    int64_t n_values, n_nulls, n_nan, n_infinite, n_true;
    dzr__counts counts;
    dzr__bins bins;
    int64_t n_numbers; /* finite ones, or lengths: of mean, m2 and sum */
    double mean, m2;   /* of ints: from `origin`, the first of them */
    __int128 sum;      /* of ints and lengths */
    int64_t origin;
    bool has_bounds;
    union {
        int64_t i;
        double d;
        dzr_decimal decimal;
    } min, max;
    dzr_bytebuf min_bytes, max_bytes;
    int64_t min_length, max_length;
} dzr__column_summary;

void dzr__column_summary_init(dzr__column_summary *column, const dzr_field *field, const dzr_allocator *alloc);
void dzr__column_summary_fini(dzr__column_summary *column);
/* The values of its node. */
DZR_MUST_CHECK dzr_status dzr__column_summary_add(dzr__column_summary *column, const dzr_batch *batch, dzr_error *err);

#endif
