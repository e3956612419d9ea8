/* datarizer/summary.h - what is in each column of batches that pass by: nulls, bounds, mean, how many distinct values,
 * which are the most frequent, and how they are spread. One pass; memory is bounded by the number of columns, a few
 * hundred KiB each at most (and its longest bound), whatever the number of rows. */
#ifndef DATARIZER_SUMMARY_H
#define DATARIZER_SUMMARY_H

#include <datarizer/frame.h>
#include <datarizer/threads.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dzr_summary_options {
    const dzr_allocator *alloc;
    int32_t threads; /* the caller's among them; as in threads.h: columns are shared out among them */
    int32_t n_top;   /* 0: 10. The most frequent values that are told, at most DZR_SUMMARY_VALUES */
    int32_t n_bins;  /* 0: 32. Of a histogram, at most DZR_SUMMARY_BINS */
} dzr_summary_options;

enum {
    DZR_SUMMARY_VALUES = 4096,   /* distinct values of a column that are counted one by one; see n_distinct and top */
    DZR_SUMMARY_KEY_BYTES = 256, /* longer values are not among them */
    DZR_SUMMARY_BINS = 256,
};

/* A value and how often it is there. at_least equals at_most as long as a column has no more than DZR_SUMMARY_VALUES
 * distinct values; of more, those that are rare are forgotten at times, and what is told is certain to be more frequent
 * than any value that is not. */
typedef struct dzr_summary_top {
    int64_t at_least, at_most;
} dzr_summary_top;

/* One node of the schema, but a STRUCT. Nested ones count the slots that exist: an element of a list once, one of a
 * null or empty list not at all; a null STRUCT is a null of each field in it. */
typedef struct dzr_summary_column {
    const char *path; /* "id", "address.city", "tags.element": names on the way down */
    const dzr_field *field;
    int64_t n_values, n_nulls;
    int64_t n_nan, n_infinite; /* FLOAT, DOUBLE, HALF: among the values; NaN has no part in what follows */
    int64_t n_true;            /* BOOL */
    /* Zeros of either sign are one value, so is NaN. Exact up to DZR_SUMMARY_VALUES values, none of them longer than
     * DZR_SUMMARY_KEY_BYTES; beyond by HyperLogLog, with a standard error of 0.8 %. -1: not counted (LIST, MAP). */
    int64_t n_distinct;
    bool distinct_is_exact;
    bool has_bounds; /* values has the least and the greatest value, in rows 0 and 1: strings by their bytes */
    /* Numbers, DECIMAL among them, with a deviation of a sample (n - 1). Neither where a value is infinite. */
    bool has_mean, has_stddev;
    double mean, stddev;
    /* STRING: characters; BINARY: bytes; LIST, MAP: elements */
    bool has_lengths;
    int64_t min_length, max_length;
    double mean_length;
    /* Two batches of one column each, which the summary keeps: values of the column's type, bounds first and then the
     * top ones; NULL where there are none. And n_bins + 1 edges, where bin i has bins[i] values from edge i up to below
     * edge i + 1 (the last: up to it): of the column's type, or INT64, UINT64 and DOUBLE for numbers and lengths. */
    const dzr_batch *values;
    int32_t n_top;
    const dzr_summary_top *top; /* the value of top[i] is in row 2 + i */
    bool top_is_exact;          /* nothing was forgotten, nor left out for its length */
    int32_t n_bins;
    const int64_t *bins;
    const dzr_batch *edges;
} dzr_summary_column;

typedef struct dzr_summary dzr_summary;

/* options may be NULL, and are needed only here. Errors: DZR_ERR_ARG (an option out of its range), DZR_ERR_NOMEM. */
DZR_API DZR_MUST_CHECK dzr_status dzr_summary_new(
        const dzr_schema *schema, const dzr_summary_options *options, dzr_summary **out, dzr_error *err);
/* Batches of that schema. One thread at a time. Errors: DZR_ERR_ARG (another schema, after finish), DZR_ERR_NOMEM;
 * after one only free is useful. */
DZR_API DZR_MUST_CHECK dzr_status dzr_summary_add(dzr_summary *summary, const dzr_batch *batch, dzr_error *err);
/* No more batches: columns can be looked at. Errors: DZR_ERR_NOMEM. */
DZR_API DZR_MUST_CHECK dzr_status dzr_summary_finish(dzr_summary *summary, dzr_error *err);
DZR_API int64_t dzr_summary_n_rows(const dzr_summary *summary);
DZR_API int32_t dzr_summary_n_columns(const dzr_summary *summary);
/* index in [0, n_columns), in the schema's order; after finish. Lives as long as the summary. */
DZR_API const dzr_summary_column *dzr_summary_column_at(const dzr_summary *summary, int32_t index);
DZR_API void dzr_summary_free(dzr_summary *summary); /* NULL is allowed */

#ifdef __cplusplus
}
#endif
#endif
