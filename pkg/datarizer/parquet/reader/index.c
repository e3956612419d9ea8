/* parquet/reader/index.c - the page index of a chunk, read and checked as a whole: who has it may count on its places
 * lying in the file, in order, and on bounds that are values of the type. Reading values does not need it, so a file
 * with a damaged index stays readable. Spec: parquet-format PageIndex.md; parquet.thrift, OffsetIndex and ColumnIndex.
 */
#include "parquet/reader/reader.h"

#include <assert.h>

/* What the caller gets is the first member. */
typedef struct page_index {
    dzr_parquet_page_index open;
    const dzr_allocator *alloc;
    dzr_arena arena;   /* of everything in it */
    bool asked_source; /* an error is the source's, which has put its name already */
} page_index;

enum { ARENA_BASE = 1 << 16, ARENA_PER_BYTE = 128 }; /* an entry takes a byte or more, and becomes one page of ours */

/* ---- bytes to structs ---- */

/* Where an index lies: between the file's first magic and its footer. */
static dzr_status fetch(const dzr_parquet_reader *reader, int64_t offset, int32_t length, page_index *index,
        dzr_bytes *out, dzr_error *err)
{
    if (offset < DZR_PARQUET_MAGIC_BYTES || length <= 0 || (uint64_t)offset > reader->pages_end ||
            (uint64_t)length > reader->pages_end - (uint64_t)offset)
        return dzr_fail(err, DZR_ERR_CORRUPT, "is said to be %d bytes at byte %lld, the footer is at byte %llu",
                (int)length, (long long)offset, (unsigned long long)reader->pages_end);
    if ((size_t)length > reader->limits.footer_bytes)
        return dzr_fail(err, DZR_ERR_LIMIT, "%d bytes, limit is %zu", (int)length, reader->limits.footer_bytes);
    index->arena.max_bytes += ARENA_BASE + (size_t)length * ARENA_PER_BYTE;
    uint8_t *const bytes = dzr__arena_zeroed(&index->arena, (size_t)length, 1, err);
    if (bytes == NULL)
        return dzr__arena_status(err);
    index->asked_source = true;
    DZR_TRY(dzr_source_read_at(reader->source, (uint64_t)offset, bytes, (size_t)length, err));
    index->asked_source = false;
    *out = (dzr_bytes){bytes, (size_t)length};
    return DZR_OK;
}

static dzr_status parse(const dzr_parquet_reader *reader, int64_t offset, int32_t length, const dzr_thrift_shape *shape,
        void *out, page_index *index, dzr_error *err)
{
    dzr_bytes bytes = {0};
    DZR_TRY(fetch(reader, offset, length, index, &bytes, err));
    dzr_cursor c = dzr__cursor(bytes.at, bytes.len);
    const dzr_status st = dzr__thrift_read(&c, shape, out, &index->arena, err);
    if (st != DZR_OK && err != NULL && err->offset >= 0)
        err->offset += offset;
    return st;
}

/* ---- offset index ---- */

static dzr_status check_page(const dzr_meta_location *page, int32_t i, int64_t free_from, uint64_t pages_end,
        int64_t next_row, int64_t n_rows, dzr_error *err)
{
    if (page->n_bytes <= 0 || page->offset < free_from || (uint64_t)page->offset > pages_end ||
            (uint64_t)page->n_bytes > pages_end - (uint64_t)page->offset)
        return dzr_fail(err, DZR_ERR_CORRUPT,
                "page %d is said to be %d bytes at byte %lld, between byte %lld and the footer at byte %llu", (int)i,
                (int)page->n_bytes, (long long)page->offset, (long long)free_from, (unsigned long long)pages_end);
    const bool right = i == 0 ? page->first_row == 0 : page->first_row >= next_row;
    if (!right || page->first_row >= n_rows)
        return dzr_fail(err, DZR_ERR_CORRUPT, "page %d begins with row %lld of %lld, the next is row %lld", (int)i,
                (long long)page->first_row, (long long)n_rows, (long long)next_row);
    return DZR_OK;
}

/* A list that goes with the pages: absent, or as long as they are many, `each` times. */
static dzr_status check_length(const char *name, int64_t n, int64_t n_pages, int64_t each, dzr_error *err)
{
    if (n == n_pages * each)
        return DZR_OK;
    return dzr_fail(err, DZR_ERR_CORRUPT, "%s has %lld entries for %lld pages", name, (long long)n, (long long)n_pages);
}

static dzr_status check_counts(const char *name, const int64_t *counts, int64_t n, dzr_error *err)
{
    for (int64_t i = 0; i < n; i++)
        if (counts[i] < 0)
            return dzr_fail(
                    err, DZR_ERR_CORRUPT, "%s has %lld in entry %lld", name, (long long)counts[i], (long long)i);
    return DZR_OK;
}

static dzr_status read_offsets(const dzr_parquet_reader *reader, const dzr_meta_chunk *chunk, int64_t n_rows,
        page_index *index, dzr_parquet_page **out, dzr_error *err)
{
    dzr_meta_offset_index meta;
    DZR_TRY(parse(reader, chunk->offset_index_offset, chunk->offset_index_length, &dzr__shape_offset_index, &meta,
            index, err));
    const int32_t n = meta.pages.n;
    const bool has_strings = DZR_HAS(&meta, DZR_OFFSET_INDEX_STRING_BYTES);
    if (has_strings) {
        DZR_TRY(check_length("unencoded_byte_array_data_bytes", meta.string_bytes.n, n, 1, err));
        DZR_TRY(check_counts("unencoded_byte_array_data_bytes", meta.string_bytes.at, n, err));
    }
    dzr_parquet_page *const pages = dzr__arena_zeroed(&index->arena, (size_t)n, sizeof *pages, err);
    if (pages == NULL)
        return dzr__arena_status(err);
    int64_t free_from = DZR_PARQUET_MAGIC_BYTES, next_row = 0;
    for (int32_t i = 0; i < n; i++) {
        const dzr_meta_location *const page = &meta.pages.at[i];
        DZR_TRY(check_page(page, i, free_from, reader->pages_end, next_row, n_rows, err));
        if (i > 0) /* only now is it known to be behind the page before */
            pages[i - 1].n_rows = page->first_row - pages[i - 1].first_row;
        pages[i] = (dzr_parquet_page){.offset = page->offset,
                .n_bytes = page->n_bytes,
                .first_row = page->first_row,
                .n_rows = n_rows - page->first_row,
                .has_string_bytes = has_strings,
                .n_string_bytes = has_strings ? meta.string_bytes.at[i] : 0};
        free_from = page->offset + page->n_bytes;
        next_row = page->first_row + 1;
    }
    index->open.n_pages = n;
    index->open.pages = pages;
    *out = pages;
    return DZR_OK;
}

/* ---- column index ---- */

static dzr_status check_lists(const dzr_meta_column_index *meta, const dzr_leaf *leaf, int64_t n, dzr_error *err)
{
    DZR_TRY(check_length("null_pages", meta->null_pages.n, n, 1, err));
    DZR_TRY(check_length("min_values", meta->min_values.n, n, 1, err));
    DZR_TRY(check_length("max_values", meta->max_values.n, n, 1, err));
    if (DZR_HAS(meta, DZR_COLUMN_INDEX_NULL_COUNTS)) {
        DZR_TRY(check_length("null_counts", meta->null_counts.n, n, 1, err));
        DZR_TRY(check_counts("null_counts", meta->null_counts.at, n, err));
    }
    if (DZR_HAS(meta, DZR_COLUMN_INDEX_NAN_COUNTS)) {
        DZR_TRY(check_length("nan_counts", meta->nan_counts.n, n, 1, err));
        DZR_TRY(check_counts("nan_counts", meta->nan_counts.at, n, err));
    }
    if (meta->reps.n > 0) {
        DZR_TRY(check_length("repetition_level_histograms", meta->reps.n, n, leaf->max_rep + 1, err));
        DZR_TRY(check_counts("repetition_level_histograms", meta->reps.at, meta->reps.n, err));
    }
    if (meta->defs.n > 0) {
        DZR_TRY(check_length("definition_level_histograms", meta->defs.n, n, leaf->max_def + 1, err));
        DZR_TRY(check_counts("definition_level_histograms", meta->defs.at, meta->defs.n, err));
    }
    return DZR_OK;
}

/* Bounds are given where their order is known and both are values; those of a page of nulls mean nothing. */
static void set_bounds(const dzr_meta_column_index *meta, int32_t i, dzr_type type, dzr_parquet_page *out)
{
    const dzr_bytes min = meta->min_values.at[i], max = meta->max_values.at[i];
    if (out->is_null || !dzr__bound_valid(type, min) || !dzr__bound_valid(type, max) ||
            dzr__bounds_compare(type, min, max) > 0)
        return;
    out->has_min_max = true;
    out->min = min;
    out->max = max;
}

static dzr_status read_bounds(const dzr_parquet_reader *reader, int32_t column, const dzr_meta_chunk *chunk,
        page_index *index, dzr_parquet_page *pages, dzr_error *err)
{
    const dzr_leaf *const leaf = &reader->leaves[column];
    const int32_t n = index->open.n_pages;
    dzr_meta_column_index meta;
    DZR_TRY(parse(reader, chunk->column_index_offset, chunk->column_index_length, &dzr__shape_column_index, &meta,
            index, err));
    DZR_TRY(check_lists(&meta, leaf, n, err));
    assert(n == 0 || pages != NULL);
    dzr_type type = {0};
    const bool has_order = dzr__reader_has_order(reader, column, &type);
    for (int32_t i = 0; i < n; i++) {
        dzr_parquet_page *const page = &pages[i];
        page->is_null = meta.null_pages.at[i];
        page->has_null_count = DZR_HAS(&meta, DZR_COLUMN_INDEX_NULL_COUNTS);
        page->n_nulls = page->has_null_count ? meta.null_counts.at[i] : 0;
        page->has_nan_count = DZR_HAS(&meta, DZR_COLUMN_INDEX_NAN_COUNTS);
        page->n_nan = page->has_nan_count ? meta.nan_counts.at[i] : 0;
        if (has_order)
            set_bounds(&meta, i, type, page);
    }
    dzr_parquet_page_index *const open = &index->open;
    open->has_bounds = true;
    open->order = has_order && meta.order >= DZR_PARQUET_UNORDERED && meta.order <= DZR_PARQUET_DESCENDING
                          ? (dzr_parquet_order)meta.order
                          : DZR_PARQUET_UNORDERED;
    open->n_reps = meta.reps.n > 0 ? leaf->max_rep + 1 : 0;
    open->n_defs = meta.defs.n > 0 ? leaf->max_def + 1 : 0;
    open->reps = meta.reps.at;
    open->defs = meta.defs.at;
    return DZR_OK;
}

/* ---- both ---- */

static dzr_status read_index(const dzr_parquet_reader *reader, int32_t row_group, int32_t column, bool with_bounds,
        page_index *index, dzr_error *err)
{
    const dzr_meta_row_group *const group = &reader->file.row_groups.at[row_group];
    const dzr_meta_chunk *const chunk = &group->columns.at[column];
    const char *which = "offset index";
    dzr_parquet_page *pages = NULL;
    if (err != NULL)
        err->offset = -1;
    dzr_status st = read_offsets(reader, chunk, group->num_rows, index, &pages, err);
    if (st == DZR_OK && with_bounds && DZR_HAS(chunk, DZR_CHUNK_COLUMN_INDEX_OFFSET) &&
            DZR_HAS(chunk, DZR_CHUNK_COLUMN_INDEX_LENGTH)) {
        which = "column index";
        st = read_bounds(reader, column, chunk, index, pages, err);
    }
    if (st == DZR_OK || index->asked_source)
        return st;
    if (err != NULL) {
        err->row_group = row_group;
        err->column = column;
    }
    return dzr_fail_at(err, st, "%s: row group %d, column \"%s\", %s: ", reader->source->name, (int)row_group,
            reader->leaves[column].path, which);
}

static dzr_status make_index(const dzr_parquet_reader *reader, int32_t row_group, int32_t column, bool with_bounds,
        dzr_parquet_page_index **out, dzr_error *err)
{
    const dzr_meta_chunk *const chunk = &reader->file.row_groups.at[row_group].columns.at[column];
    if (!DZR_HAS(chunk, DZR_CHUNK_OFFSET_INDEX_OFFSET) || !DZR_HAS(chunk, DZR_CHUNK_OFFSET_INDEX_LENGTH)) {
        *out = NULL;
        return DZR_OK;
    }
    page_index *const index = dzr_alloc_zeroed(reader->alloc, 1, sizeof *index, err);
    if (index == NULL)
        return DZR_ERR_NOMEM;
    index->alloc = reader->alloc;
    dzr__arena_init(&index->arena, reader->alloc, 0);
    const dzr_status st = read_index(reader, row_group, column, with_bounds, index, err);
    if (st != DZR_OK) {
        dzr_parquet_page_index_free(&index->open);
        return st;
    }
    *out = &index->open;
    return DZR_OK;
}

dzr_status dzr__page_places(const dzr_parquet_reader *reader, int32_t row_group, int32_t column,
        dzr_parquet_page_index **out, dzr_error *err)
{
    return make_index(reader, row_group, column, false, out, err);
}

dzr_status dzr_parquet_reader_page_index(const dzr_parquet_reader *reader, int32_t row_group, int32_t column,
        dzr_parquet_page_index **out, dzr_error *err)
{
    dzr_parquet_chunk ignored;
    DZR_TRY(dzr_parquet_reader_chunk(reader, row_group, column, &ignored, err)); /* the numbers are right */
    return dzr__reader_status(reader, make_index(reader, row_group, column, true, out, err), err);
}

void dzr_parquet_page_index_free(dzr_parquet_page_index *open)
{
    page_index *const index = (page_index *)(void *)open;
    if (index == NULL)
        return;
    const dzr_allocator *const alloc = index->alloc;
    dzr__arena_fini(&index->arena);
    dzr_release(alloc, index);
}
