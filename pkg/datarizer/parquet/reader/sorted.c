/* parquet/reader/sorted.c - what order rows of several row groups are in, one group after the other: what each says of
 * itself, and what the bounds say of two neighbours. Called by whoever cuts rows into other row groups (store/keep.c).
 * Spec: parquet.thrift, SortingColumn: it holds within a row group only. */
#include "parquet/reader/reader.h"

static bool same_sorting(const dzr_meta_sorting *a, const dzr_meta_sorting *b)
{
    return a->column == b->column && a->descending == b->descending && a->nulls_first == b->nulls_first;
}

/* How many entries two row groups begin with alike, of n. */
static int32_t common(const dzr_meta_row_group *a, const dzr_meta_row_group *b, int32_t n)
{
    int32_t same = 0;
    while (same < DZR_MIN(n, b->sorting.n) && same_sorting(&a->sorting.at[same], &b->sorting.at[same]))
        same++;
    return same;
}

/* What the values of one row group are to those of the next, in the column's order: -1 all before, 0 none behind, 1 not
 * known. A null may be anywhere, and so may NaN, which has no bounds. */
static int neighbours(const dzr_parquet_reader *reader, const dzr_meta_sorting *by, int32_t group, int32_t next_group)
{
    dzr_type type;
    dzr_parquet_chunk a, b;
    if (dzr_parquet_reader_chunk(reader, group, by->column, &a, NULL) != DZR_OK ||
            dzr_parquet_reader_chunk(reader, next_group, by->column, &b, NULL) != DZR_OK ||
            dzr__reader_order(reader, by->column, &type, NULL) != DZR_OK)
        return 1;
    const bool is_float = type.id == DZR_TYPE_FLOAT || type.id == DZR_TYPE_DOUBLE || type.id == DZR_TYPE_HALF;
    if (is_float || !a.has_null_count || !b.has_null_count || a.n_nulls > 0 || b.n_nulls > 0 || !a.has_min_max ||
            !b.has_min_max || !dzr__type_has_order(type))
        return 1;
    const dzr_bytes last = by->descending ? b.max : a.max, first = by->descending ? a.min : b.min;
    if (!dzr__bound_valid(type, last) || !dzr__bound_valid(type, first))
        return 1;
    const int order = dzr__bounds_compare(type, last, first);
    return order < 0 ? -1 : order > 0 ? 1 : 0;
}

/* Entries of a row group up to the first whose column is not there. */
static int32_t n_sound(const dzr_parquet_reader *reader, const dzr_meta_row_group *group)
{
    int32_t n = 0;
    while (n < group->sorting.n && group->sorting.at[n].column >= 0 && group->sorting.at[n].column < reader->n_leaves)
        n++;
    return n;
}

int32_t dzr_parquet_reader_sorted(const dzr_parquet_reader *reader, const int32_t *row_groups, int32_t n_row_groups)
{
    const int32_t n = row_groups != NULL ? n_row_groups : reader->file.row_groups.n;
    const dzr_meta_row_group *const groups = reader->file.row_groups.at;
    int32_t n_sorted = 0, before = -1;
    for (int32_t i = 0; i < n; i++) {
        const int32_t group = row_groups != NULL ? row_groups[i] : i;
        if (i == 0)
            n_sorted = n_sound(reader, &groups[group]);
        n_sorted = common(&groups[row_groups != NULL ? row_groups[0] : 0], &groups[group], n_sorted);
        if (n_sorted == 0)
            return 0;
        if (groups[group].num_rows == 0)
            continue;
        const int order = before < 0 ? -1 : neighbours(reader, &groups[group].sorting.at[0], before, group);
        if (order > 0)
            return 0;
        if (order == 0)
            n_sorted = 1; /* rows that are equal may not go on in the second column's order */
        before = group;
    }
    return n_sorted;
}
