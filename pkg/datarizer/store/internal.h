/* store/internal.h - what the files of the store share. */
#ifndef DZR_STORE_INTERNAL_H
#define DZR_STORE_INTERNAL_H

#include "base/internal.h"
#include <datarizer/table.h>

/* The path a name means: itself, or what follows file://. *path is NULL for `-`.
 * Errors: DZR_ERR_UNSUPPORTED for another scheme, DZR_ERR_ARG for an empty name. */
DZR_MUST_CHECK dzr_status dzr__store_path(const char *name, const char **path, dzr_error *err);
/* Whether two names mean the same file, however they are spelled, or both standard output. The files need not exist;
 * their folders must. */
bool dzr__store_same_file(const char *a, const char *b);

/* "NAME: WHAT: the system's words"; DZR_ERR_NOT_FOUND for ENOENT and ENOTDIR, else DZR_ERR_IO. */
dzr_status dzr__store_system_error(dzr_error *err, int error_number, const char *name, const char *what);

/* Makes the folders above path that are missing. name is for messages. */
DZR_MUST_CHECK dzr_status dzr__store_make_folders(
        const char *name, const char *path, const dzr_allocator *alloc, dzr_error *err);

/* ---- http_source.c ---- */
/* A file behind http:// or https://, read by range; where the server knows none, the whole of it is fetched into a file
 * without a name in TMPDIR (or /tmp). One that changes while it is read is DZR_ERR_CORRUPT. cancel may be NULL.
 * Errors: DZR_ERR_NOT_FOUND (404, 410), DZR_ERR_HTTP, those of dzr_http_client_wait, DZR_ERR_IO (the temporary file).
 */
DZR_MUST_CHECK dzr_status dzr__http_open_source(
        const char *url, const dzr_allocator *alloc, const dzr_cancel *cancel, dzr_source **out, dzr_error *err);
bool dzr__http_is_source(const dzr_source *source);
void dzr__http_source_cancel(dzr_source *source, const dzr_cancel *cancel);

/* The scan that gives a reader's batches; NULL where they are whole row groups, or no Parquet. (table_reader.c) */
const dzr_parquet_scan *dzr__table_reader_scan(const dzr_table_reader *reader);
/* Makes the reader of a Parquet file, which was opened with these options, give rows [first, first + n) of what they
 * choose from now on. (table_reader.c) */
DZR_MUST_CHECK dzr_status dzr__table_reader_range(
        dzr_table_reader *reader, const dzr_table_read_options *options, int64_t first, int64_t n, dzr_error *err);
/* Rows of the row groups that options choose of a Parquet file; numbers that are not there count nothing. */
int64_t dzr__parquet_rows(const dzr_parquet_reader *reader, const dzr_table_read_options *options);
/* Adds to options what the file read says besides its rows, for a file that gets them; they then point into the arena
 * and the reader. read may be NULL. Errors: DZR_ERR_NOMEM. (keep.c) */
DZR_MUST_CHECK dzr_status dzr__keep(const dzr_table_reader *reader, const dzr_table_read_options *read,
        dzr_arena *arena, dzr_parquet_write_options *options, dzr_error *err);

/* ---- table_writer.c ---- */
/* The two halves of dzr_table_writer_commit, for a caller with several files: all is written, and what it took of
 * memory given back; the file appears. */
DZR_MUST_CHECK dzr_status dzr__table_writer_finish(dzr_table_writer *writer, dzr_error *err);
DZR_MUST_CHECK dzr_status dzr__table_writer_commit_finished(dzr_table_writer *writer, dzr_error *err);

/* ---- sort_order.c: what a Parquet file's rows are said to be in order of, held to the rows ---- */
typedef struct dzr__sort_order dzr__sort_order;
/* text as dzr_table_write_options.sort_order has it; file is for messages. */
DZR_MUST_CHECK dzr_status dzr__sort_order_new(const char *file, const char *text, const dzr_schema *schema,
        const dzr_allocator *alloc, dzr__sort_order **out, dzr_error *err);
/* As the writer of Parquet wants it. */
const dzr_parquet_sorting *dzr__sort_order_columns(const dzr__sort_order *order, int32_t *n);
/* The rows that come next. Errors: DZR_ERR_ARG with the row that stands behind one it should stand before. */
DZR_MUST_CHECK dzr_status dzr__sort_order_check(dzr__sort_order *order, const dzr_batch *batch, dzr_error *err);
void dzr__sort_order_free(dzr__sort_order *order); /* NULL is allowed */

/* ---- table_view.c: of a reader's rows those that an expression is true of, and of their columns some ---- */
typedef struct dzr__table_view dzr__table_view;
/* *out is NULL when options ask for nothing of that. schema is of the reader's batches; parquet, whose scans choose
 * columns themselves, may be NULL. part is what of it is read. */
DZR_MUST_CHECK dzr_status dzr__table_view_open(const char *name, const dzr_schema *schema, dzr_parquet_reader *parquet,
        const dzr_table_read_options *part, dzr__table_view **out, dzr_error *err);
void dzr__table_view_close(dzr__table_view *view); /* NULL is allowed */
/* Of its batches; NULL: the reader's. */
const dzr_schema *dzr__table_view_schema(const dzr__table_view *view);
/* The next of its batches, from those that next gives. */
DZR_MUST_CHECK dzr_status dzr__table_view_next(dzr__table_view *view, dzr_table_reader *reader,
        dzr_status (*next)(dzr_table_reader *reader, dzr_batch **out, dzr_error *err), dzr_batch **out, dzr_error *err);

/* ---- dead_letter.c: bad records put aside ---- */
typedef struct dzr__dead_letter dzr__dead_letter;
/* A file of JSON lines for at most `most` records, 0: any number. Errors: the store's, DZR_ERR_NOMEM. */
DZR_MUST_CHECK dzr_status dzr__dead_letter_open(
        const char *name, int64_t most, const dzr_allocator *alloc, dzr__dead_letter **out, dzr_error *err);
/* ctx is the file. Errors: DZR_ERR_LIMIT for one too many, the store's, DZR_ERR_NOMEM. */
DZR_MUST_CHECK dzr_status dzr__dead_letter_take(void *ctx, const dzr_bad_record *record, dzr_error *err);
int64_t dzr__dead_letter_n(const dzr__dead_letter *letter);
/* It appears, whole, if empty. */
DZR_MUST_CHECK dzr_status dzr__dead_letter_commit(dzr__dead_letter *letter, dzr_error *err);
void dzr__dead_letter_close(dzr__dead_letter *letter); /* NULL is allowed */
/* Those of a reader that puts them aside: they are told for good. Their number. (table_reader.c) */
DZR_MUST_CHECK dzr_status dzr__table_reader_end(dzr_table_reader *reader, int64_t *n_bad, dzr_error *err);

#endif
