/* datarizer/compare.h - two streams of batches, compared: their columns by name, their rows by position or by a key.
 * Knows no file format. */
#ifndef DATARIZER_COMPARE_H
#define DATARIZER_COMPARE_H

#include <datarizer/frame.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum dzr_compare_state {
    DZR_COMPARE_SAME,   /* of one type */
    DZR_COMPARE_LIKE,   /* of two, whose values can be compared */
    DZR_COMPARE_UNLIKE, /* of two that have nothing in common: values are not compared */
    DZR_COMPARE_ONLY_A,
    DZR_COMPARE_ONLY_B
} dzr_compare_state;

/* A column of either side, or of both: those have the same name (the second of a name goes with the second). */
typedef struct dzr_compare_column {
    const char *name;
    int32_t a, b; /* fields; -1: not there */
    dzr_compare_state state;
    int64_t n_different; /* values, of rows that both have */
} dzr_compare_column;

/* A row that differs. */
typedef struct dzr_difference {
    const dzr_batch *a, *b;     /* NULL: only the other side has it */
    int64_t row_a, row_b;       /* in the batch */
    int64_t number_a, number_b; /* counted from 0 over all batches; -1 where there is none */
    const int32_t *columns;     /* n_columns of them, whose values differ: numbers for dzr_comparison_column */
    int32_t n_columns;
} dzr_difference;

typedef struct dzr_compare_options {
    const dzr_allocator *alloc;
    const char *const *columns; /* n_columns names of fields; all others are as if they were not there. NULL: all */
    int32_t n_columns;
    const char *const *keys; /* n_keys names of fields, on both sides and of one kind there; none: rows by position */
    int32_t n_keys;
    size_t memory; /* by key: for the rows of a; 0: no bound */
    /* Gets the first max_told rows that differ, as they are found. Another status than DZR_OK ends it. */
    dzr_status (*found)(void *ctx, const dzr_difference *difference, dzr_error *err);
    void *ctx;
    int64_t max_told;
} dzr_compare_options;

typedef struct dzr_compare_result {
    int64_t n_rows_a, n_rows_b;
    int64_t n_different;        /* rows that both have, with another value */
    int64_t n_only_a, n_only_b; /* rows */
} dzr_compare_result;

typedef struct dzr_comparison dzr_comparison;

/* options are copied, but for what they point to, which stays until the comparison is freed. Errors: DZR_ERR_ARG (a
 * column or key that neither side, or for a key not both, has; a key that is nested, or of two kinds), DZR_ERR_NOMEM.
 */
DZR_API DZR_MUST_CHECK dzr_status dzr_comparison_new(const dzr_schema *a, const dzr_schema *b,
        const dzr_compare_options *options, dzr_comparison **out, dzr_error *err);
DZR_API void dzr_comparison_free(dzr_comparison *comparison); /* NULL is allowed */
DZR_API int32_t dzr_comparison_n_columns(const dzr_comparison *comparison);
/* Those of a in its order, then those of b alone; index in [0, n_columns). */
DZR_API const dzr_compare_column *dzr_comparison_column(const dzr_comparison *comparison, int32_t index);

/* Reads both to their end, once; batches have the schemas that new was given. Sources stay the caller's to close.
 * Null equals null. Floats are equal when their bits are, and NaN equals NaN whatever its bits: 0 and -0 differ. Values
 * of two types are compared exactly: numbers as numbers, times in the finer unit, strings and binary as bytes; structs
 * field by field, lists and maps element by element. By position, memory is bounded by a batch of each. By key, null is
 * a key like any other; a is taken into memory, and where its rows do not fit both must come in ascending order of the
 * key (null first, strings by their bytes, NaN last), with which memory is bounded by what was taken in and a batch of
 * each. Errors: DZR_ERR_ARG (a key that is there twice; the message has the row), DZR_ERR_LIMIT (does not fit and is
 * not in order: it says which row), DZR_ERR_NOMEM, the sources', found's. */
DZR_API DZR_MUST_CHECK dzr_status dzr_comparison_run(dzr_comparison *comparison, const dzr_batch_source *a,
        const dzr_batch_source *b, dzr_compare_result *result, dzr_error *err);

#ifdef __cplusplus
}
#endif
#endif
