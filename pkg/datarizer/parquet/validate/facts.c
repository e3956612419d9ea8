/* parquet/validate/facts.c - what a file says of its values, against the values: statistics of chunks and pages, the
 * page index, sizes and histograms of levels. Called by chunk.c. Spec: parquet.thrift, Statistics, SizeStatistics,
 * OffsetIndex, ColumnIndex; PageIndex.md. */
#include "parquet/validate/validate.h"

#include <stdlib.h>

static dzr_status check_count(dzr_chunk_check *c, dzr_parquet_finding_kind kind, dzr_place place, const char *who,
        const char *what, int64_t claimed, int64_t found, dzr_error *err)
{
    return claimed == found ? DZR_OK
                            : dzr__found(c->v, kind, place, err, "%s claims %lld %s, there are %lld", who,
                                      (long long)claimed, what, (long long)found);
}

/* Of what is in lists, writers count as nulls all that has no value, or only elements that are null. */
static dzr_status check_nulls(dzr_chunk_check *c, dzr_parquet_finding_kind kind, dzr_place place, const char *who,
        int64_t claimed, const dzr_values_seen *seen, dzr_error *err)
{
    if (claimed == seen->n_rows - seen->n_set)
        return DZR_OK;
    return check_count(c, kind, place, who, "nulls", claimed, seen->n_levels - seen->n_set, err);
}

/* Bounds that hold; is exact: that are values. */
static dzr_status check_bounds(dzr_chunk_check *c, dzr_parquet_finding_kind kind, dzr_place place, const char *who,
        dzr_bytes min, dzr_bytes max, bool min_exact, bool max_exact, const dzr_values_seen *seen, dzr_error *err)
{
    uint8_t room[DZR_PLAIN_ROOM];
    if (c->order == NULL || seen->min < 0)
        return DZR_OK;
    const dzr_decoder *const d = &c->task->decoder;
    const int least = dzr__bounds_compare(*c->order, min, dzr__decoder_plain(d, seen->min, room));
    if (least > 0 || (min_exact && least < 0))
        DZR_TRY(dzr__found(c->v, kind, place, err, "%s has a min that %s (value %lld of the column chunk)", who,
                least > 0 ? "is above the least value" : "is said to be exact, and is below the least value",
                (long long)seen->min));
    const int greatest = dzr__bounds_compare(*c->order, max, dzr__decoder_plain(d, seen->max, room));
    if (greatest < 0 || (max_exact && greatest > 0))
        DZR_TRY(dzr__found(c->v, kind, place, err, "%s has a max that %s (value %lld of the column chunk)", who,
                greatest < 0 ? "is below the greatest value" : "is said to be exact, and is above the greatest value",
                (long long)seen->max));
    return DZR_OK;
}

static dzr_status check_histogram(dzr_chunk_check *c, dzr_parquet_finding_kind kind, dzr_place place, const char *who,
        const char *what, const int64_t *claimed, int32_t n, const int64_t *found, dzr_error *err)
{
    for (int32_t i = 0; i < n; i++)
        if (claimed[i] != found[i])
            return dzr__found(c->v, kind, place, err, "%s claims %lld %s levels of %d, there are %lld", who,
                    (long long)claimed[i], what, (int)i, (long long)found[i]);
    return DZR_OK;
}

/* ---- pages ---- */

static dzr_status check_page_statistics(
        dzr_chunk_check *c, dzr_place place, const dzr_stored_page *page, const dzr_values_seen *seen, dzr_error *err)
{
    const dzr_meta_page *const header = page->header;
    const bool v2 = header->type == DZR_PAGE_DATA_V2;
    const bool has = v2 ? DZR_HAS(&header->data_v2, DZR_DATA_PAGE_V2_STATISTICS)
                        : DZR_HAS(&header->data, DZR_DATA_PAGE_STATISTICS);
    const dzr_meta_statistics *const claim = v2 ? &header->data_v2.statistics : &header->data.statistics;
    if (v2) {
        DZR_TRY(check_count(c, DZR_PARQUET_FOUND_PAGE, place, "its header", "rows", header->data_v2.num_rows,
                seen->n_records, err));
        DZR_TRY(check_nulls(c, DZR_PARQUET_FOUND_PAGE, place, "its header", header->data_v2.num_nulls, seen, err));
    }
    if (!has)
        return DZR_OK;
    if (DZR_HAS(claim, DZR_STATISTICS_NULL_COUNT))
        DZR_TRY(check_nulls(c, DZR_PARQUET_FOUND_STATISTICS, place, "its header", claim->null_count, seen, err));
    if (c->order == NULL || !DZR_HAS(claim, DZR_STATISTICS_MIN_VALUE) || !DZR_HAS(claim, DZR_STATISTICS_MAX_VALUE) ||
            !dzr__bound_valid(*c->order, claim->min_value) || !dzr__bound_valid(*c->order, claim->max_value))
        return DZR_OK;
    return check_bounds(c, DZR_PARQUET_FOUND_STATISTICS, place, "its header", claim->min_value, claim->max_value, false,
            false, seen, err);
}

static dzr_status check_location(dzr_chunk_check *c, dzr_place place, const dzr_parquet_page *claim, uint64_t n_bytes,
        const dzr_values_seen *seen, int64_t first_record, dzr_error *err)
{
    static const char who[] = "the offset index";
    const struct {
        const char *what;
        int64_t claimed, found;
    } all[] = {{"as its byte", claim->offset, place.offset}, {"bytes", claim->n_bytes, (int64_t)n_bytes},
            {"as its first row", claim->first_row, first_record}, {"rows", claim->n_rows, seen->n_records}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].claimed != all[i].found)
            DZR_TRY(dzr__found(c->v, DZR_PARQUET_FOUND_PAGE_INDEX, place, err, "%s has %lld %s, it is %lld", who,
                    (long long)all[i].claimed, all[i].what, (long long)all[i].found));
    if (claim->has_string_bytes)
        DZR_TRY(check_count(c, DZR_PARQUET_FOUND_SIZES, place, who, "bytes of strings", claim->n_string_bytes,
                seen->n_string_bytes, err));
    return DZR_OK;
}

static dzr_status check_column_index(
        dzr_chunk_check *c, dzr_place place, const dzr_parquet_page *claim, const dzr_values_seen *seen, dzr_error *err)
{
    static const char who[] = "the column index";
    if (claim->is_null != (seen->n_set == 0))
        DZR_TRY(dzr__found(c->v, DZR_PARQUET_FOUND_PAGE_INDEX, place, err, "%s says that there are %s but nulls in it",
                who, claim->is_null ? "none" : "others"));
    if (claim->has_null_count)
        DZR_TRY(check_nulls(c, DZR_PARQUET_FOUND_PAGE_INDEX, place, who, claim->n_nulls, seen, err));
    if (claim->has_nan_count && c->order != NULL)
        DZR_TRY(check_count(c, DZR_PARQUET_FOUND_PAGE_INDEX, place, who, "NaNs", claim->n_nan, seen->n_nan, err));
    if (claim->has_min_max)
        return check_bounds(
                c, DZR_PARQUET_FOUND_PAGE_INDEX, place, who, claim->min, claim->max, false, false, seen, err);
    if (c->order != NULL && seen->min >= 0)
        return dzr__found(c->v, DZR_PARQUET_FOUND_PAGE_INDEX, place, err,
                "%s has bounds that are no values, or of which min is above max", who);
    return DZR_OK;
}

/* The page's levels, which join those of the chunk; compared where the column index has a histogram of them. */
static dzr_status check_levels(dzr_chunk_check *c, dzr_place place, const dzr_stored_page *page, dzr_error *err)
{
    const dzr_leaf *const leaf = c->task->leaf;
    const int32_t n_reps = leaf->max_rep + 1, n_defs = leaf->max_def + 1, i = place.page;
    const dzr_parquet_page_index *const index = c->index;
    const bool by_page = index != NULL && i < index->n_pages;
    dzr_error why;
    int64_t *const reps = dzr_alloc_zeroed(c->v->reader->alloc, (size_t)n_reps + (size_t)n_defs, sizeof *reps, err);
    if (reps == NULL)
        return DZR_ERR_NOMEM;
    int64_t *const defs = reps + n_reps;
    dzr_status st = dzr__levels_count(c, page, reps, defs, &why);
    st = dzr__found_error(c->v, DZR_PARQUET_FOUND_PAGE, place, false, st, &why, err);
    for (int32_t k = 0; k < n_reps; k++)
        c->reps[k] += reps[k];
    for (int32_t k = 0; k < n_defs; k++)
        c->defs[k] += defs[k];
    if (st == DZR_OK && by_page && index->n_reps > 0)
        st = check_histogram(c, DZR_PARQUET_FOUND_SIZES, place, "the column index", "repetition",
                index->reps + (int64_t)i * n_reps, n_reps, reps, err);
    if (st == DZR_OK && by_page && index->n_defs > 0)
        st = check_histogram(c, DZR_PARQUET_FOUND_SIZES, place, "the column index", "definition",
                index->defs + (int64_t)i * n_defs, n_defs, defs, err);
    dzr_release(c->v->reader->alloc, reps);
    return st;
}

dzr_status dzr__check_page_facts(dzr_chunk_check *c, dzr_place place, const dzr_stored_page *page, uint64_t n_bytes,
        const dzr_values_seen *seen, int64_t first_record, dzr_error *err)
{
    const dzr_meta_column *const meta = c->task->meta;
    const dzr_parquet_page_index *const index = c->index;
    const bool has_histograms = meta->sizes.reps.n > 0 || meta->sizes.defs.n > 0 ||
                                (index != NULL && (index->n_reps > 0 || index->n_defs > 0));
    DZR_TRY(check_page_statistics(c, place, page, seen, err));
    if (has_histograms)
        DZR_TRY(check_levels(c, place, page, err));
    if (index == NULL || place.page >= index->n_pages)
        return DZR_OK;
    DZR_TRY(check_location(c, place, &index->pages[place.page], n_bytes, seen, first_record, err));
    return index->has_bounds ? check_column_index(c, place, &index->pages[place.page], seen, err) : DZR_OK;
}

/* ---- the chunk ---- */

/* Pages' bounds are in the order that the index says, pages of nulls left out. */
static dzr_status check_boundary_order(dzr_chunk_check *c, dzr_error *err)
{
    const dzr_parquet_page_index *const index = c->index;
    const dzr_parquet_page *before = NULL;
    if (!index->has_bounds || index->order == DZR_PARQUET_UNORDERED || c->order == NULL)
        return DZR_OK;
    for (int32_t i = 0; i < index->n_pages; i++) {
        const dzr_parquet_page *const page = &index->pages[i];
        if (!page->has_min_max)
            continue;
        const int sign = index->order == DZR_PARQUET_ASCENDING ? 1 : -1;
        if (before != NULL && (sign * dzr__bounds_compare(*c->order, before->min, page->min) > 0 ||
                                      sign * dzr__bounds_compare(*c->order, before->max, page->max) > 0)) {
            dzr_place place = c->place;
            place.page = i;
            return dzr__found(c->v, DZR_PARQUET_FOUND_PAGE_INDEX, place, err,
                    "the column index says that bounds are %s, and these are not",
                    sign > 0 ? "ascending" : "descending");
        }
        before = page;
    }
    return DZR_OK;
}

static int by_hash(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Different values, by their hashes: that two of 2^32 values have one hash is as likely as not. */
static dzr_status count_distinct(dzr_chunk_check *c, int64_t *out, dzr_error *err)
{
    const dzr_decoder *const d = &c->task->decoder;
    uint64_t *const hashes = dzr_alloc_array(c->v->reader->alloc, (size_t)c->all.n_set, sizeof *hashes, err);
    if (hashes == NULL)
        return DZR_ERR_NOMEM;
    size_t n = 0;
    for (int64_t row = 0; row < d->row; row++) {
        uint8_t room[DZR_PLAIN_ROOM];
        if (!dzr__decoder_has_value(d, row))
            continue;
        const dzr_bytes value = dzr__decoder_plain(d, row, room);
        hashes[n++] = dzr__xxh64(value.at, value.len);
    }
    qsort(hashes, n, sizeof *hashes, by_hash);
    *out = n > 0;
    for (size_t i = 1; i < n; i++)
        *out += hashes[i] != hashes[i - 1];
    dzr_release(c->v->reader->alloc, hashes);
    return DZR_OK;
}

static dzr_status check_statistics(dzr_chunk_check *c, dzr_error *err)
{
    static const char who[] = "its statistics";
    const dzr_meta_statistics *const claim = &c->task->meta->statistics;
    const dzr_values_seen *const all = &c->all;
    dzr_parquet_chunk chunk;
    if (!DZR_HAS(c->task->meta, DZR_COLUMN_STATISTICS))
        return DZR_OK;
    if (DZR_HAS(claim, DZR_STATISTICS_NULL_COUNT))
        DZR_TRY(check_nulls(c, DZR_PARQUET_FOUND_STATISTICS, c->place, who, claim->null_count, all, err));
    if (DZR_HAS(claim, DZR_STATISTICS_NAN_COUNT) && c->order != NULL)
        DZR_TRY(check_count(c, DZR_PARQUET_FOUND_STATISTICS, c->place, who, "NaNs", claim->nan_count, all->n_nan, err));
    if (DZR_HAS(claim, DZR_STATISTICS_DISTINCT_COUNT)) {
        int64_t n = 0;
        DZR_TRY(count_distinct(c, &n, err));
        DZR_TRY(check_count(
                c, DZR_PARQUET_FOUND_STATISTICS, c->place, who, "distinct values", claim->distinct_count, n, err));
    }
    if (dzr_parquet_reader_chunk(c->v->reader, c->place.row_group, c->place.column, &chunk, NULL) != DZR_OK)
        return DZR_OK;
    if (chunk.has_min_max)
        return check_bounds(c, DZR_PARQUET_FOUND_STATISTICS, c->place, who, chunk.min, chunk.max, chunk.min_exact,
                chunk.max_exact, all, err);
    if (DZR_HAS(claim, DZR_STATISTICS_MIN_VALUE) && DZR_HAS(claim, DZR_STATISTICS_MAX_VALUE) && c->order != NULL &&
            all->min >= 0)
        return dzr__found(c->v, DZR_PARQUET_FOUND_STATISTICS, c->place, err, "%s have bounds that are no values", who);
    return DZR_OK;
}

static dzr_status check_sizes(dzr_chunk_check *c, dzr_error *err)
{
    static const char who[] = "its size statistics";
    const dzr_meta_sizes *const claim = &c->task->meta->sizes;
    const dzr_leaf *const leaf = c->task->leaf;
    if (!DZR_HAS(c->task->meta, DZR_COLUMN_SIZES))
        return DZR_OK;
    if (DZR_HAS(claim, DZR_SIZES_STRING_BYTES))
        DZR_TRY(check_count(c, DZR_PARQUET_FOUND_SIZES, c->place, who, "bytes of strings", claim->string_bytes,
                c->all.n_string_bytes, err));
    if (claim->reps.n > 0 && claim->reps.n != leaf->max_rep + 1)
        DZR_TRY(check_count(
                c, DZR_PARQUET_FOUND_SIZES, c->place, who, "repetition levels", claim->reps.n, leaf->max_rep + 1, err));
    else
        DZR_TRY(check_histogram(
                c, DZR_PARQUET_FOUND_SIZES, c->place, who, "repetition", claim->reps.at, claim->reps.n, c->reps, err));
    if (claim->defs.n > 0 && claim->defs.n != leaf->max_def + 1)
        return check_count(
                c, DZR_PARQUET_FOUND_SIZES, c->place, who, "definition levels", claim->defs.n, leaf->max_def + 1, err);
    return check_histogram(
            c, DZR_PARQUET_FOUND_SIZES, c->place, who, "definition", claim->defs.at, claim->defs.n, c->defs, err);
}

dzr_status dzr__check_chunk_facts(dzr_chunk_check *c, int32_t n_pages, dzr_error *err)
{
    DZR_TRY(check_statistics(c, err));
    DZR_TRY(check_sizes(c, err));
    if (c->index == NULL)
        return DZR_OK;
    DZR_TRY(check_count(
            c, DZR_PARQUET_FOUND_PAGE_INDEX, c->place, "the offset index", "pages", c->index->n_pages, n_pages, err));
    return check_boundary_order(c, err);
}
