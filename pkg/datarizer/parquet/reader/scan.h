/* parquet/reader/scan.h - what the files of a scan share: scan.c gives out batches, scan_column.c has a column's rows
 * for each of them, page_cursor.c the stored pages of its chunks, and cut.c takes rows from what is decoded. */
#ifndef DZR_PARQUET_SCAN_H
#define DZR_PARQUET_SCAN_H

#include "parquet/reader/plan.h"

/* ---- the stored pages of a chunk, one after the other, wherever its bytes lie (page_cursor.c) ---- */
typedef struct dzr_page_cursor {
    const dzr_column_task *task;
    uint64_t next, end;  /* of the file: where the next page begins, and pages end at the latest */
    const uint8_t *view; /* of all from view_at to the end, where the source has one */
    uint64_t view_at;
    dzr_buffer *window; /* else some bytes from window_at on */
    uint64_t window_at;
} dzr_page_cursor;

/* All of them return errors with their place. The cursor begins at the chunk's first page; zero is one at its end. */
DZR_MUST_CHECK dzr_status dzr__page_cursor_open(dzr_page_cursor *cursor, const dzr_column_task *task, dzr_error *err);
void dzr__page_cursor_close(dzr_page_cursor *cursor);
/* The header of the next page, which takes *n_bytes. DZR_ERR_TRUNCATED when there is none. */
DZR_MUST_CHECK dzr_status dzr__page_cursor_header(
        dzr_page_cursor *cursor, dzr_meta_page *header, size_t *n_bytes, dzr_error *err);
/* The page behind such a header, its CRC checked; good until the next call. */
DZR_MUST_CHECK dzr_status dzr__page_cursor_page(
        dzr_page_cursor *cursor, const dzr_meta_page *header, size_t n_bytes, dzr_stored_page *out, dzr_error *err);

/* ---- one column (scan_column.c) ---- */
/* Rows of one row group that are wanted. */
typedef struct dzr_segment_rows {
    int32_t row_group;
    int64_t first; /* 0 but for the scan's first */
} dzr_segment_rows;

typedef struct dzr_scan_column {
    dzr_column_task *task; /* the plan's; what it has decoded are rows that wait for their batch */
    dzr_budget budget;
    const dzr_segment_rows *segments; /* the scan's: those that come */
    int64_t taken;                    /* records at the front of the task that nobody wants any more */

    /* the chunk at hand */
    bool in_chunk;
    dzr_page_cursor pages;
    dzr_parquet_page_index *index; /* where its pages are, when some at its front are not wanted; NULL: not known */
    int32_t page;                  /* of index: the next one */
    int64_t first;                 /* the first record wanted */
    int64_t passed;                /* records that begin in pages passed over */
    bool begun;                    /* a page of it has been decoded */
} dzr_scan_column;

void dzr__scan_column_close(dzr_scan_column *column);
/* The next n rows, which are there, as those of *out, a task of its own, in the frame's type. dzr__task_end(out) is
 * needed after a failure too. Errors, with their place: those of dzr__decode_page. */
DZR_MUST_CHECK dzr_status dzr__scan_column_read(
        dzr_scan_column *column, int64_t n, dzr_column_task *out, dzr_error *err);

#endif
