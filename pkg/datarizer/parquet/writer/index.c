/* parquet/writer/index.c - what stands beside a chunk's pages: the offset index, which says where each lies and begins,
 * the column index with its bounds, nulls and NaNs, and the size statistics. Called by column.c with each page that it
 * stores. Spec: parquet-format PageIndex.md; parquet.thrift, OffsetIndex, ColumnIndex and SizeStatistics. */
#include "parquet/writer/writer.h"

/* A page in dzr_page_index.pages. */
typedef struct page_entry {
    int32_t n_bytes;
    uint32_t min_len, max_len; /* of its bytes in bounds, which follow each other */
    int64_t n_rows, n_values, n_nulls, n_nan, string_bytes;
} page_entry;

void dzr__page_index_init(dzr_page_index *index, const dzr_leaf_path *leaf, const dzr_allocator *alloc)
{
    *index = (dzr_page_index){.leaf = leaf, .pages.alloc = alloc, .bounds.alloc = alloc, .histograms.alloc = alloc};
}

void dzr__page_index_fini(dzr_page_index *index)
{
    dzr__bytebuf_fini(&index->pages);
    dzr__bytebuf_fini(&index->bounds);
    dzr__bytebuf_fini(&index->histograms);
}

void dzr__page_index_clear(dzr_page_index *index)
{
    index->pages.len = index->bounds.len = index->histograms.len = 0;
    index->lacks_bounds = index->has_huge_page = false;
}

/* How many entries a histogram has: none where the counts of rows, values and nulls say it already. */
static int32_t n_reps(const dzr_page_index *index)
{
    return index->leaf->max_rep > 0 ? index->leaf->max_rep + 1 : 0;
}

static int32_t n_defs(const dzr_page_index *index)
{
    return index->leaf->max_def > 1 ? index->leaf->max_def + 1 : 0;
}

/* ---- a page ---- */

static dzr_status add_histogram(dzr_page_index *index, const dzr_bytebuf *levels, int32_t n, dzr_error *err)
{
    const size_t n_bytes = (size_t)n * sizeof(int64_t);
    if (n == 0)
        return DZR_OK;
    DZR_TRY(dzr__bytebuf_reserve(&index->histograms, n_bytes, err));
    int64_t *const counts = (int64_t *)(void *)(index->histograms.at + index->histograms.len);
    memset(counts, 0, n_bytes);
    const uint32_t *const in = (const uint32_t *)(const void *)levels->at;
    for (size_t i = 0; i < levels->len / sizeof *in; i++)
        counts[in[i]]++;
    index->histograms.len += n_bytes;
    return DZR_OK;
}

dzr_status dzr__page_index_add(
        dzr_page_index *index, const dzr_page_facts *page, const dzr_minmax *minmax, dzr_error *err)
{
    dzr_minmax cut = *minmax;
    dzr_meta_statistics statistics = {0};
    dzr__minmax_finish(&cut, index->leaf, &statistics);
    page_entry entry = {.n_bytes = (int32_t)DZR_MIN(page->n_bytes, (size_t)INT32_MAX),
            .n_rows = page->n_rows,
            .n_values = page->n_values,
            .n_nulls = page->n_nulls,
            .n_nan = statistics.nan_count,
            .string_bytes = page->string_bytes};
    index->has_huge_page |= page->n_bytes > INT32_MAX;
    if (DZR_HAS(&statistics, DZR_STATISTICS_MIN_VALUE) && DZR_HAS(&statistics, DZR_STATISTICS_MAX_VALUE)) {
        entry.min_len = (uint32_t)statistics.min_value.len;
        entry.max_len = (uint32_t)statistics.max_value.len;
        DZR_TRY(dzr__bytebuf_append(&index->bounds, statistics.min_value.at, entry.min_len, err));
        DZR_TRY(dzr__bytebuf_append(&index->bounds, statistics.max_value.at, entry.max_len, err));
    } else {
        index->lacks_bounds |= page->n_values > 0;
    }
    DZR_TRY(add_histogram(index, page->reps, n_reps(index), err));
    DZR_TRY(add_histogram(index, page->defs, n_defs(index), err));
    return dzr__bytebuf_append(&index->pages, &entry, sizeof entry, err);
}

/* ---- the chunk ---- */

static const page_entry *entries(const dzr_page_index *index)
{
    return (const page_entry *)(const void *)index->pages.at;
}

static int32_t n_pages(const dzr_page_index *index)
{
    return (int32_t)(index->pages.len / sizeof(page_entry));
}

/* The counts of one kind of level, page after page; NULL and err where there is no memory. */
static int64_t *gather_histograms(
        const dzr_page_index *index, int32_t skip, int32_t n, dzr_arena *arena, dzr_error *err)
{
    const int64_t *const all = (const int64_t *)(const void *)index->histograms.at;
    const int32_t step = n_reps(index) + n_defs(index), pages = n_pages(index);
    int64_t *const out = dzr__arena_zeroed(arena, (size_t)pages * (size_t)n, sizeof *out, err);
    if (out == NULL)
        return NULL;
    for (int32_t i = 0; i < pages; i++)
        memcpy(out + (size_t)i * (size_t)n, all + (size_t)i * (size_t)step + skip, (size_t)n * sizeof *out);
    return out;
}

static dzr_status write_offsets(
        const dzr_page_index *index, uint64_t offset, dzr_arena *arena, dzr_bytebuf *out, dzr_error *err)
{
    const int32_t n = n_pages(index);
    dzr_meta_location *const pages = dzr__arena_zeroed(arena, (size_t)n, sizeof *pages, err);
    int64_t *const string_bytes = pages == NULL ? NULL : dzr__arena_zeroed(arena, (size_t)n, sizeof *string_bytes, err);
    if (string_bytes == NULL)
        return dzr__arena_status(err);
    int64_t at = (int64_t)offset, row = 0;
    for (int32_t i = 0; i < n; i++) {
        const page_entry *const entry = &entries(index)[i];
        pages[i] = (dzr_meta_location){.offset = at, .n_bytes = entry->n_bytes, .first_row = row};
        string_bytes[i] = entry->string_bytes;
        at += entry->n_bytes;
        row += entry->n_rows;
    }
    const dzr_meta_offset_index meta = {
            .has = index->leaf->physical == DZR_PHYSICAL_BYTE_ARRAY ? 1u << DZR_OFFSET_INDEX_STRING_BYTES : 0,
            .pages = {.at = pages, .n = n},
            .string_bytes = {.at = string_bytes, .n = n}};
    return dzr__thrift_write(out, &dzr__shape_offset_index, &meta, err);
}

static int compare_bounds(const dzr_leaf_path *leaf, dzr_type type, dzr_bytes a, dzr_bytes b)
{
    if (!leaf->total_order)
        return dzr__bounds_compare(type, a, b);
    const int64_t left = dzr__total_order_key(type.id, a.at), right = dzr__total_order_key(type.id, b.at);
    return (left > right) - (left < right);
}

/* How the bounds of pages that have some follow each other; both ways where they are all the same. */
static int32_t boundary_order(const dzr_meta_column_index *meta, const dzr_leaf_path *leaf, dzr_type type)
{
    bool ascending = dzr__type_has_order(type), descending = ascending;
    int32_t last = -1;
    for (int32_t i = 0; i < meta->null_pages.n && (ascending || descending); i++) {
        if (meta->null_pages.at[i])
            continue;
        if (last >= 0) {
            const int min = compare_bounds(leaf, type, meta->min_values.at[last], meta->min_values.at[i]);
            const int max = compare_bounds(leaf, type, meta->max_values.at[last], meta->max_values.at[i]);
            ascending = ascending && min <= 0 && max <= 0;
            descending = descending && min >= 0 && max >= 0;
        }
        last = i;
    }
    return ascending ? DZR_PARQUET_ASCENDING : descending ? DZR_PARQUET_DESCENDING : DZR_PARQUET_UNORDERED;
}

static dzr_status fill_histograms(
        const dzr_page_index *index, dzr_arena *arena, dzr_meta_column_index *meta, dzr_error *err)
{
    const int32_t reps = n_reps(index), defs = n_defs(index);
    if (reps > 0) {
        meta->has |= 1u << DZR_COLUMN_INDEX_REPS;
        meta->reps.at = gather_histograms(index, 0, reps, arena, err);
        meta->reps.n = n_pages(index) * reps;
        if (meta->reps.at == NULL)
            return dzr__arena_status(err);
    }
    if (defs > 0) {
        meta->has |= 1u << DZR_COLUMN_INDEX_DEFS;
        meta->defs.at = gather_histograms(index, reps, defs, arena, err);
        meta->defs.n = n_pages(index) * defs;
        if (meta->defs.at == NULL)
            return dzr__arena_status(err);
    }
    return DZR_OK;
}

static dzr_status write_bounds(const dzr_page_index *index, dzr_arena *arena, dzr_bytebuf *out, dzr_error *err)
{
    const int32_t n = n_pages(index);
    const dzr_type type = dzr__ordered_as(index->leaf->field->type, (int32_t)index->leaf->physical);
    const bool is_float = dzr__type_is_float(type);
    bool *const nulls = dzr__arena_zeroed(arena, (size_t)n, sizeof *nulls, err);
    dzr_bytes *const bounds = nulls == NULL ? NULL : dzr__arena_zeroed(arena, (size_t)n * 2, sizeof *bounds, err);
    int64_t *const counts = bounds == NULL ? NULL : dzr__arena_zeroed(arena, (size_t)n * 2, sizeof *counts, err);
    if (counts == NULL)
        return dzr__arena_status(err);
    const uint8_t *at = index->bounds.len > 0 ? index->bounds.at : (const uint8_t *)""; /* NULL has no place + 0 */
    for (int32_t i = 0; i < n; i++) {
        const page_entry *const entry = &entries(index)[i];
        nulls[i] = entry->n_values == 0;
        bounds[i] = (dzr_bytes){at, entry->min_len};
        bounds[n + i] = (dzr_bytes){at + entry->min_len, entry->max_len};
        at += entry->min_len + entry->max_len;
        counts[i] = entry->n_nulls;
        counts[n + i] = entry->n_nan;
    }
    dzr_meta_column_index meta = {
            .has = 1u << DZR_COLUMN_INDEX_NULL_COUNTS | (is_float ? 1u << DZR_COLUMN_INDEX_NAN_COUNTS : 0),
            .null_pages = {.at = nulls, .n = n},
            .min_values = {.at = bounds, .n = n},
            .max_values = {.at = bounds + n, .n = n},
            .null_counts = {.at = counts, .n = n},
            .nan_counts = {.at = counts + n, .n = n}};
    meta.order = boundary_order(&meta, index->leaf, type);
    DZR_TRY(fill_histograms(index, arena, &meta, err));
    return dzr__thrift_write(out, &dzr__shape_column_index, &meta, err);
}

/* The sum of the pages' histograms. */
static dzr_status sum_histograms(
        const dzr_page_index *index, int32_t skip, int32_t n, int64_t **out, dzr_arena *arena, dzr_error *err)
{
    const int64_t *const all = (const int64_t *)(const void *)index->histograms.at;
    const int32_t step = n_reps(index) + n_defs(index);
    *out = dzr__arena_zeroed(arena, (size_t)n, sizeof **out, err);
    if (*out == NULL)
        return dzr__arena_status(err);
    for (int32_t i = 0; i < n_pages(index); i++)
        for (int32_t k = 0; k < n; k++)
            (*out)[k] += all[(size_t)i * (size_t)step + (size_t)(skip + k)];
    return DZR_OK;
}

static dzr_status fill_sizes(const dzr_page_index *index, dzr_arena *arena, dzr_meta_column *meta, dzr_error *err)
{
    const int32_t reps = n_reps(index), defs = n_defs(index);
    dzr_meta_sizes *const sizes = &meta->sizes;
    if (index->leaf->physical == DZR_PHYSICAL_BYTE_ARRAY) {
        sizes->has |= 1u << DZR_SIZES_STRING_BYTES;
        for (int32_t i = 0; i < n_pages(index); i++)
            sizes->string_bytes += entries(index)[i].string_bytes;
    }
    if (reps > 0) {
        sizes->has |= 1u << DZR_SIZES_REPS;
        sizes->reps.n = reps;
        DZR_TRY(sum_histograms(index, 0, reps, &sizes->reps.at, arena, err));
    }
    if (defs > 0) {
        sizes->has |= 1u << DZR_SIZES_DEFS;
        sizes->defs.n = defs;
        DZR_TRY(sum_histograms(index, reps, defs, &sizes->defs.at, arena, err));
    }
    if (sizes->has != 0)
        meta->has |= 1u << DZR_COLUMN_SIZES;
    return DZR_OK;
}

/* Puts the index behind those of other chunks; one that is too large for its length is left out: nobody needs it. */
static dzr_status keep(dzr_segments *segments, const dzr_bytebuf *bytes, uint32_t has_offset, uint32_t has_length,
        dzr_meta_chunk *chunk, int64_t *offset, int32_t *length, dzr_error *err)
{
    if (bytes->len > INT32_MAX)
        return DZR_OK;
    *offset = (int64_t)segments->n_bytes;
    *length = (int32_t)bytes->len;
    chunk->has |= 1u << has_offset | 1u << has_length;
    return dzr__segments_append(segments, (dzr_bytes){bytes->at, bytes->len}, (dzr_bytes){0}, err);
}

static dzr_status finish(const dzr_page_index *index, uint64_t offset, dzr_indexes *indexes, dzr_arena *scratch,
        dzr_bytebuf *bytes, dzr_meta_chunk *chunk, dzr_error *err)
{
    if (index->has_huge_page || n_pages(index) == 0)
        return DZR_OK;
    DZR_TRY(write_offsets(index, offset, scratch, bytes, err));
    DZR_TRY(keep(&indexes->offsets, bytes, DZR_CHUNK_OFFSET_INDEX_OFFSET, DZR_CHUNK_OFFSET_INDEX_LENGTH, chunk,
            &chunk->offset_index_offset, &chunk->offset_index_length, err));
    if (index->lacks_bounds || !DZR_HAS(chunk, DZR_CHUNK_OFFSET_INDEX_OFFSET))
        return DZR_OK;
    bytes->len = 0;
    DZR_TRY(write_bounds(index, scratch, bytes, err));
    return keep(&indexes->columns, bytes, DZR_CHUNK_COLUMN_INDEX_OFFSET, DZR_CHUNK_COLUMN_INDEX_LENGTH, chunk,
            &chunk->column_index_offset, &chunk->column_index_length, err);
}

dzr_status dzr__page_index_finish(const dzr_page_index *index, uint64_t offset, dzr_indexes *indexes, dzr_arena *arena,
        dzr_meta_chunk *chunk, dzr_error *err)
{
    DZR_TRY(fill_sizes(index, arena, &chunk->meta, err));
    dzr_arena scratch;
    dzr__arena_init(&scratch, arena->alloc, 0);
    dzr_bytebuf bytes = {.alloc = arena->alloc};
    const dzr_status st = finish(index, offset, indexes, &scratch, &bytes, chunk, err);
    dzr__bytebuf_fini(&bytes);
    dzr__arena_fini(&scratch);
    return st;
}
