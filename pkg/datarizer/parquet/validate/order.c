/* parquet/validate/order.c - whether rows of a row group are in the order that it says. Called by validate.c.
 * Spec: parquet.thrift, SortingColumn. */
#include "parquet/validate/validate.h"

/* As i is to k in a column of the order: below, the same, above. */
static int compare_by(const dzr_meta_sorting *by, const dzr_column *column, int64_t i, int64_t k)
{
    const bool null_i = dzr_column_is_null(column, i), null_k = dzr_column_is_null(column, k);
    if (null_i || null_k)
        return null_i == null_k ? 0 : null_i == by->nulls_first ? -1 : 1;
    const int order = dzr__values_order(column, i, column, k);
    return by->descending ? -order : order;
}

static dzr_status check_rows(dzr_validation *v, int32_t row_group, const dzr_meta_row_group *group, int32_t n,
        const dzr_batch *batch, dzr_error *err)
{
    for (int64_t row = 1; row < dzr_batch_n_rows(batch); row++) {
        int order = 0;
        for (int32_t i = 0; order == 0 && i < n; i++)
            order = compare_by(&group->sorting.at[i], dzr_batch_column(batch, i), row - 1, row);
        if (order > 0)
            return dzr__found(v, DZR_PARQUET_FOUND_SORTING, (dzr_place){row_group, -1, -1, -1}, err,
                    "rows %lld and %lld are not in the order that it claims", (long long)row - 1, (long long)row);
    }
    return DZR_OK;
}

dzr_status dzr__check_sorting(dzr_validation *v, int32_t row_group, dzr_error *err)
{
    dzr_parquet_reader *const reader = v->reader;
    const dzr_meta_row_group *const group = &reader->file.row_groups.at[row_group];
    const dzr_place place = {row_group, -1, -1, -1};
    int32_t columns[64], n = 0;
    for (; n < group->sorting.n && n < (int32_t)(sizeof columns / sizeof *columns); n++) {
        const int32_t column = group->sorting.at[n].column;
        if (column < 0 || column >= reader->n_leaves)
            return dzr__found(v, DZR_PARQUET_FOUND_SORTING, place, err, "it is in order of column %d of %d", column,
                    reader->n_leaves);
        if (reader->nodes[reader->leaf_nodes[column]].parent >= 0)
            break; /* what is nested has no order of its own: the columns before it say what they say */
        columns[n] = column;
    }
    if (n == 0)
        return DZR_OK;
    dzr_batch *batch = NULL;
    dzr_error why;
    dzr_status st = dzr_parquet_read_row_group(reader, row_group, columns, n, &batch, &why);
    if (st == DZR_ERR_CORRUPT || st == DZR_ERR_TRUNCATED || st == DZR_ERR_UNSUPPORTED || st == DZR_ERR_LIMIT)
        return DZR_OK; /* has been told */
    if (st != DZR_OK)
        return dzr__found_error(v, DZR_PARQUET_FOUND_SORTING, place, true, st, &why, err);
    st = check_rows(v, row_group, group, n, batch, err);
    dzr_batch_free(batch);
    return st;
}
