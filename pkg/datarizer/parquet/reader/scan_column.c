/* parquet/reader/scan_column.c - a column's rows for one batch after another: decodes pages until there are enough, and
 * has the rest wait. Pages before the first row wanted are passed over: unread where the offset index says where the
 * others are, else by their headers, and below lists by their repetition levels. Called by scan.c, for each column on
 * its own. Spec: parquet-format PageIndex.md; README.md "Column chunks". */
#include "parquet/reader/entries.h"
#include "parquet/reader/scan.h"

static bool is_in_lists(const dzr_scan_column *column)
{
    return column->task->leaf->max_rep > 0;
}

/* Records that are whole. A page may end inside one, unless the index says where the next begins. */
static int64_t whole_records(const dzr_scan_column *column)
{
    const int64_t n = dzr__task_records(column->task);
    const bool may_go_on = column->in_chunk && is_in_lists(column) && column->index == NULL && n > 0;
    return may_go_on ? n - 1 : n;
}

/* ---- a chunk's begin and end ---- */

static void close_chunk(dzr_scan_column *column)
{
    dzr__page_cursor_close(&column->pages);
    dzr_parquet_page_index_free(column->index);
    column->index = NULL;
    column->in_chunk = false;
}

void dzr__scan_column_close(dzr_scan_column *column)
{
    close_chunk(column);
}

/* Where pages are, if the file says so and can be believed: within the chunk, and a dictionary's at the front. */
static dzr_status find_pages(dzr_scan_column *column, dzr_error *err)
{
    const dzr_column_task *const task = column->task;
    dzr_parquet_page_index *index = NULL;
    const dzr_status st = dzr__page_places(task->reader, task->row_group, task->column, &index, err);
    if (st == DZR_ERR_CORRUPT || st == DZR_ERR_TRUNCATED || st == DZR_ERR_LIMIT || st == DZR_ERR_UNSUPPORTED)
        return DZR_OK; /* pages tell as much, if slower */
    DZR_TRY(st);
    if (index == NULL)
        return DZR_OK;
    const int32_t n = index->n_pages;
    const uint64_t begin = n > 0 ? (uint64_t)index->pages[0].offset : 0;
    const uint64_t end = n > 0 ? (uint64_t)(index->pages[n - 1].offset + index->pages[n - 1].n_bytes) : 0;
    if (begin < column->pages.next || end > column->pages.end) {
        dzr_parquet_page_index_free(index);
        return DZR_OK;
    }
    column->index = index;
    return DZR_OK;
}

static dzr_status decode(dzr_scan_column *column, const dzr_stored_page *page, dzr_error *err)
{
    const dzr_status st = dzr__decode_page(&column->task->decoder, page, err);
    return st == DZR_OK ? DZR_OK : dzr__task_fail(column->task, st, (int64_t)column->pages.next, err);
}

/* The dictionary, which the index leaves out, and on to the page with the first row wanted. */
static dzr_status go_by_index(dzr_scan_column *column, dzr_error *err)
{
    const dzr_parquet_page *const pages = column->index->pages;
    if (column->pages.next < (uint64_t)pages[0].offset) {
        dzr_meta_page header;
        dzr_stored_page page;
        size_t n_bytes = 0;
        DZR_TRY(dzr__page_cursor_header(&column->pages, &header, &n_bytes, err));
        if (header.type == DZR_PAGE_DICTIONARY) {
            DZR_TRY(dzr__page_cursor_page(&column->pages, &header, n_bytes, &page, err));
            DZR_TRY(decode(column, &page, err));
        }
    }
    int32_t i = 0;
    while (i + 1 < column->index->n_pages && pages[i + 1].first_row <= column->first)
        i++;
    column->page = i;
    column->passed = pages[i].first_row;
    column->pages.next = (uint64_t)pages[i].offset;
    return DZR_OK;
}

static dzr_status open_chunk(dzr_scan_column *column, dzr_error *err)
{
    dzr_column_task *const task = column->task;
    dzr_decoder *const d = &task->decoder;
    const dzr_segment_rows *const segment = column->segments++;
    DZR_TRY(dzr__task_open_chunk(task, segment->row_group, err));
    d->level = 0;
    d->n_levels = task->n_levels;
    dzr_release(d->alloc, d->dictionary);
    d->dictionary = NULL;
    d->n_dictionary = 0;
    d->has_dictionary = false;
    if (d->entries != NULL) { /* of those before, what rows that wait need */
        const dzr_status st = dzr__entries_shrink(d->entries, d, err);
        if (st != DZR_OK)
            return dzr__task_fail(task, st, -1, err);
    }
    column->first = segment->first;
    column->passed = 0;
    column->begun = false;
    column->in_chunk = true;
    DZR_TRY(dzr__page_cursor_open(&column->pages, task, err));
    if (column->first == 0)
        return DZR_OK;
    DZR_TRY(find_pages(column, err));
    return column->index != NULL ? go_by_index(column, err) : DZR_OK;
}

/* Nothing is missing, when all was read. */
static dzr_status end_chunk(dzr_scan_column *column, dzr_error *err)
{
    dzr_column_task *const task = column->task;
    close_chunk(column);
    if (!column->begun) /* lists that say fewer records than there are: all was passed over */
        return dzr__task_fail(task,
                dzr_fail(err, DZR_ERR_CORRUPT, "pages have %lld records, the row group has %lld",
                        (long long)column->passed, (long long)task->n_rows),
                -1, err);
    const dzr_status st = task->n_nodes > 1 ? dzr__assembly_finish(&task->assembly, err) : DZR_OK;
    return st == DZR_OK ? DZR_OK : dzr__task_fail(task, st, -1, err);
}

/* ---- a page ---- */

/* The first page that is decoded: what was passed over is counted, and the record at hand may be one of that. */
static dzr_status begin(dzr_scan_column *column, dzr_error *err)
{
    dzr_column_task *const task = column->task;
    dzr_decoder *const d = &task->decoder;
    int64_t first = column->passed;
    const bool may_go_on = is_in_lists(column) && column->index == NULL && first > 0;
    if (may_go_on)
        first--;
    column->begun = true;
    column->taken += column->first - first;
    if (task->n_nodes == 1)
        return DZR_OK;
    task->assembly.n_records = dzr__task_records(task) + task->n_rows - first;
    if (!may_go_on)
        return DZR_OK;
    DZR_TRY(dzr__decoder_room(d, 1, err)); /* its value is zero: the memory is fresh */
    DZR_TRY(dzr__assembly_pass(&task->assembly, err));
    dzr__bit_set(d->validity->at, d->row++);
    return DZR_OK;
}

static bool is_data(const dzr_meta_page *header)
{
    return (header->type == DZR_PAGE_DATA && DZR_HAS(header, DZR_PAGE_HAS_DATA)) ||
           (header->type == DZR_PAGE_DATA_V2 && DZR_HAS(header, DZR_PAGE_HAS_DATA_V2));
}

/* Whether all records that begin in the page are before the first one wanted; it is counted then. Its bytes are looked
 * at below lists only. */
static dzr_status may_pass(
        dzr_scan_column *column, const dzr_meta_page *header, size_t n_bytes, bool *pass, dzr_error *err)
{
    dzr_column_task *const task = column->task;
    dzr_decoder *const d = &task->decoder;
    const int32_t n_values = header->type == DZR_PAGE_DATA_V2 ? header->data_v2.num_values : header->data.num_values;
    int64_t n = n_values;
    *pass = false;
    if (column->begun || column->index != NULL || column->passed >= column->first || !is_data(header) || n_values < 0 ||
            n_values > d->n_levels - d->level) /* that is an error where it is decoded */
        return DZR_OK;
    if (is_in_lists(column)) {
        dzr_stored_page page;
        DZR_TRY(dzr__page_cursor_page(&column->pages, header, n_bytes, &page, err));
        const dzr_status st = dzr__count_records(d, &page, &n, err);
        if (st != DZR_OK)
            return dzr__task_fail(task, st, (int64_t)column->pages.next, err);
    }
    *pass = n <= column->first - column->passed;
    if (*pass) {
        column->passed += n;
        d->level += n_values;
    }
    return DZR_OK;
}

/* A data page; about n_wanted rows are to come. */
static dzr_status decode_data(dzr_scan_column *column, const dzr_stored_page *page, int64_t n_wanted, dzr_error *err)
{
    dzr_column_task *const task = column->task;
    const dzr_meta_page *const header = page->header;
    const int32_t n_values = header->type == DZR_PAGE_DATA_V2 ? header->data_v2.num_values : header->data.num_values;
    dzr_status st = column->begun ? DZR_OK : begin(column, err);
    if (st == DZR_OK)
        st = dzr__decoder_room(&task->decoder, DZR_MAX((int64_t)n_values, n_wanted), err);
    if (st != DZR_OK)
        return dzr__task_fail(task, st, (int64_t)column->pages.next, err);
    const int64_t before = dzr__task_records(task);
    DZR_TRY(decode(column, page, err));
    if (column->index == NULL)
        return DZR_OK;
    const int64_t n = dzr__task_records(task) - before, said = column->index->pages[column->page].n_rows;
    if (n == said)
        return DZR_OK;
    st = dzr_fail(
            err, DZR_ERR_CORRUPT, "page has %lld rows, the offset index says %lld", (long long)n, (long long)said);
    return dzr__task_fail(task, st, (int64_t)column->pages.next, err);
}

/* The next page of the chunk, or its end. */
static dzr_status read_page(dzr_scan_column *column, int64_t n_wanted, dzr_error *err)
{
    const dzr_decoder *const d = &column->task->decoder;
    if (column->index != NULL ? column->page == column->index->n_pages : d->level == d->n_levels)
        return end_chunk(column, err);
    if (column->index != NULL)
        column->pages.next = (uint64_t)column->index->pages[column->page].offset;
    if (column->pages.next == column->pages.end)
        return dzr__task_fail(column->task, dzr__pages_end(d, err), (int64_t)column->pages.next, err);
    dzr_meta_page header;
    dzr_stored_page page;
    size_t n_bytes = 0;
    bool pass = false;
    DZR_TRY(dzr__page_cursor_header(&column->pages, &header, &n_bytes, err));
    DZR_TRY(may_pass(column, &header, n_bytes, &pass, err));
    if (!pass) {
        DZR_TRY(dzr__page_cursor_page(&column->pages, &header, n_bytes, &page, err));
        DZR_TRY(is_data(&header) ? decode_data(column, &page, n_wanted, err) : decode(column, &page, err));
        if (column->index != NULL && !is_data(&header)) /* going on would come back to it for ever */
            return dzr__task_fail(column->task,
                    dzr_fail(err, DZR_ERR_CORRUPT, "page of type %d where the offset index says that data is",
                            header.type),
                    (int64_t)column->pages.next, err);
        column->page += column->index != NULL ? 1 : 0;
    }
    column->pages.next += n_bytes + (size_t)header.compressed_size;
    return DZR_OK;
}

/* ---- a batch's rows ---- */

static dzr_status fill(dzr_scan_column *column, int64_t n, dzr_error *err)
{
    if (whole_records(column) - column->taken >= n)
        return DZR_OK;
    if (column->taken > 0) {
        const dzr_status st = dzr__task_forget(column->task, column->taken, err);
        if (st != DZR_OK)
            return dzr__task_fail(column->task, st, -1, err);
        column->taken = 0;
        dzr__task_count(column->task, &column->budget);
    }
    int64_t n_there = whole_records(column);
    while (n_there - column->taken < n) {
        DZR_TRY(column->in_chunk ? read_page(column, n - (n_there - column->taken), err) : open_chunk(column, err));
        n_there = whole_records(column);
    }
    return DZR_OK;
}

dzr_status dzr__scan_column_read(dzr_scan_column *column, int64_t n, dzr_column_task *out, dzr_error *err)
{
    dzr_column_task *const task = column->task;
    *out = (dzr_column_task){.reader = task->reader};
    DZR_TRY(fill(column, n, err));
    const int64_t n_there = dzr__task_records(task);
    const bool all = column->taken == 0 && n_there == n;
    dzr_status st = dzr__task_cut(task, column->taken, n, all, out, err);
    column->taken += all ? 0 : n;
    if (st == DZR_OK && column->taken == n_there) {
        st = dzr__task_forget(task, n_there, err);
        column->taken = 0;
    }
    dzr__task_count(task, &column->budget);
    if (st == DZR_OK)
        st = dzr__convert(task->is_coded ? &out->dictionary : &out->decoder, task->type, err);
    return st == DZR_OK ? DZR_OK : dzr__task_fail(task, st, -1, err);
}
