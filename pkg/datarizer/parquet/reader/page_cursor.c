/* parquet/reader/page_cursor.c - the stored pages of one chunk, one after the other: in place where the source can show
 * its bytes, else in windows that hold a page at least. A window is read into the memory of the last one, which the
 * processor still has at hand, and which costs no fresh pages. Called by scan_column.c and run.c.
 * Spec: parquet-format README.md "Column chunks". */
#include "parquet/reader/scan.h"

enum {
    FIRST_LOOK = 4096,      /* a header is in it; else it is looked for in twice as much */
    WINDOW = 256 << 10,     /* bytes read at once */
    FAR_WINDOW = 4 << 20,   /* where each read costs a round trip */
    BUDGET_WINDOWS = 32,    /* with a memory budget: no window is more than this part of what is left of it ... */
    LEAST_WINDOW = 64 << 10 /* ... or than this */
};

dzr_status dzr__page_cursor_open(dzr_page_cursor *cursor, const dzr_column_task *task, dzr_error *err)
{
    *cursor = (dzr_page_cursor){
            .task = task, .next = task->offset, .end = task->offset + task->n_bytes, .view_at = task->offset};
    return dzr_source_view_at(task->reader->source, task->offset, task->n_bytes, &cursor->view, err);
}

void dzr__page_cursor_close(dzr_page_cursor *cursor)
{
    if (cursor->window != NULL)
        dzr__spares_give(cursor->task->reader->spares, cursor->window);
    *cursor = (dzr_page_cursor){0};
}

static size_t window_bytes(const dzr_page_cursor *cursor, size_t n)
{
    const dzr_parquet_reader *const reader = cursor->task->reader;
    size_t window = reader->source->ops->read_many != NULL ? FAR_WINDOW : WINDOW;
    if (reader->quota != NULL)
        window = DZR_MIN(window, DZR_MAX(dzr__quota_left(reader->quota) / BUDGET_WINDOWS, (size_t)LEAST_WINDOW));
    return (size_t)DZR_MIN((uint64_t)DZR_MAX(window, n), cursor->end - cursor->next);
}

/* Memory for a window of n bytes: the last one's, unless strings point into that or it is too small. What of the last
 * window is still to come moves to the front; that many bytes are answered in *n_kept. */
static dzr_status make_window(dzr_page_cursor *cursor, size_t n, size_t *n_kept, dzr_error *err)
{
    dzr_buffer *const last = cursor->window;
    const uint64_t last_end = last != NULL ? cursor->window_at + last->len : 0;
    const bool goes_on = last != NULL && cursor->next >= cursor->window_at && cursor->next <= last_end;
    const uint8_t *const rest = goes_on ? last->at + (cursor->next - cursor->window_at) : NULL;
    *n_kept = goes_on ? (size_t)DZR_MIN(last_end - cursor->next, (uint64_t)n) : 0;
    const bool is_ours = last != NULL && atomic_load_explicit(&last->owners, memory_order_acquire) == 1;
    if (is_ours && last->cap >= n) {
        if (*n_kept > 0)
            memmove(last->at, rest, *n_kept);
        return DZR_OK;
    }
    const dzr_parquet_reader *const reader = cursor->task->reader;
    dzr_buffer *const window = dzr__spares_take(reader->spares, reader->alloc, n, err);
    if (window == NULL)
        return dzr__task_fail(cursor->task, DZR_ERR_NOMEM, (int64_t)cursor->next, err);
    if (*n_kept > 0)
        memcpy(window->at, rest, *n_kept);
    dzr__spares_give(reader->spares, last);
    cursor->window = window;
    return DZR_OK;
}

static dzr_status read_window(dzr_page_cursor *cursor, size_t n, dzr_error *err)
{
    const dzr_column_task *const task = cursor->task;
    size_t n_kept = 0;
    n = window_bytes(cursor, n);
    DZR_TRY(make_window(cursor, n, &n_kept, err));
    cursor->window->len = n;
    cursor->window_at = cursor->next;
    const dzr_status st = dzr_source_read_at(
            task->reader->source, cursor->next + n_kept, cursor->window->at + n_kept, n - n_kept, err);
    if (st != DZR_OK && err != NULL) { /* the source has put its name already */
        err->row_group = task->row_group;
        err->column = task->column;
    }
    return st;
}

/* The next n bytes, which the chunk has. */
static dzr_status see(dzr_page_cursor *cursor, size_t n, const uint8_t **out, dzr_error *err)
{
    if (cursor->view != NULL) {
        *out = cursor->view + (cursor->next - cursor->view_at);
        return DZR_OK;
    }
    const dzr_buffer *const window = cursor->window;
    if (window == NULL || cursor->next < cursor->window_at || cursor->next - cursor->window_at > window->len ||
            n > window->len - (size_t)(cursor->next - cursor->window_at))
        DZR_TRY(read_window(cursor, n, err));
    *out = cursor->window->at + (cursor->next - cursor->window_at);
    return DZR_OK;
}

dzr_status dzr__page_cursor_header(dzr_page_cursor *cursor, dzr_meta_page *header, size_t *n_bytes, dzr_error *err)
{
    const dzr_column_task *const task = cursor->task;
    const size_t n_left = (size_t)(cursor->end - cursor->next);
    for (size_t look = FIRST_LOOK;; look *= 2) {
        const size_t n = cursor->view != NULL ? n_left : DZR_MIN(look, n_left);
        const uint8_t *at = NULL;
        DZR_TRY(see(cursor, n, &at, err));
        dzr_cursor in = dzr__cursor(at, n);
        const dzr_status st = dzr__read_page_header(&in, n_left, task->reader->limits.page_bytes, header, err);
        *n_bytes = (size_t)(in.at - at);
        if (st == DZR_OK)
            return DZR_OK;
        if (st != DZR_ERR_TRUNCATED || n == n_left)
            return dzr__task_fail(task, st, (int64_t)cursor->next, err);
    }
}

dzr_status dzr__page_cursor_page(
        dzr_page_cursor *cursor, const dzr_meta_page *header, size_t n_bytes, dzr_stored_page *out, dzr_error *err)
{
    const dzr_column_task *const task = cursor->task;
    const uint8_t *at = NULL;
    const size_t n = (size_t)header->compressed_size;
    DZR_TRY(see(cursor, n_bytes + n, &at, err));
    *out = (dzr_stored_page){
            .header = header, .codec = task->meta->codec, .stored = {at + n_bytes, n}, .keeper = cursor->window};
    const dzr_status st = dzr__check_page(out, task->reader->skip_crc, err);
    if (st != DZR_OK)
        return dzr__task_fail(task, st, (int64_t)cursor->next, err);
    return DZR_OK;
}
