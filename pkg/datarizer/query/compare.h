/* query/compare.h - what the files of the comparison share. */
#ifndef DZR_QUERY_COMPARE_H
#define DZR_QUERY_COMPARE_H

#include "query/internal.h"
#include <datarizer/compare.h>

/* ---- compare_value.c ---- */
/* How values of the two fields can be compared; never ONLY_A or ONLY_B. */
dzr_compare_state dzr__compare_types(const dzr_field *a, const dzr_field *b);
/* Of columns that can be. */
bool dzr__values_equal(const dzr_column *a, int64_t row_a, const dzr_column *b, int64_t row_b);
/* Whether a field may be a key, and two of them one together: whole numbers of any width, texts and bytes, or else one
 * type. */
bool dzr__keys_alike(const dzr_field *a, const dzr_field *b);
/* Below 0, 0, above 0; 0 goes with equal. Null comes first, NaN last. */
int dzr__keys_order(const dzr_column *a, int64_t row_a, const dzr_column *b, int64_t row_b);
/* The same for keys that are equal. */
uint64_t dzr__key_hash(const dzr_column *column, int64_t row);

/* ---- compare.c ---- */
struct dzr_comparison {
    dzr_compare_options options;
    dzr_schema *a, *b;
    dzr_arena arena;
    dzr_compare_column *columns;
    int32_t n_columns;
    int32_t *pairs; /* columns whose values are compared */
    int32_t n_pairs;
    int32_t *keys;      /* columns */
    int32_t *different; /* room for n_pairs: the columns of a row that differ */
    dzr_compare_result result;
    int64_t n_told;
};

/* One side's rows as they come. */
typedef struct dzr__side {
    const dzr_batch_source *source;
    dzr_batch *batch; /* NULL at the end */
    int64_t row;      /* in it: the next */
    int64_t number;   /* of that row over all batches */
} dzr__side;

/* Has side stand on a row, or at the end: batch is NULL then. */
DZR_MUST_CHECK dzr_status dzr__side_settle(dzr__side *side, dzr_error *err);
/* Tells of a row that only one side has: the other's batch is NULL. */
DZR_MUST_CHECK dzr_status dzr__compare_lone(
        dzr_comparison *c, const dzr_batch *a, const dzr_batch *b, int64_t row, int64_t number, dzr_error *err);
/* Compares one row of each, and tells when they differ. */
DZR_MUST_CHECK dzr_status dzr__compare_rows(dzr_comparison *c, const dzr_batch *a, int64_t row_a, int64_t number_a,
        const dzr_batch *b, int64_t row_b, int64_t number_b, dzr_error *err);

/* ---- compare_key.c ---- */
DZR_MUST_CHECK dzr_status dzr__compare_by_key(dzr_comparison *c, dzr__side *a, dzr__side *b, dzr_error *err);

#endif
