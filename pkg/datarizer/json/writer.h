/* json/writer.h - what the files of the JSON writer share: writer.c is what callers see, writer_value.c has values,
 * writer_rows.c rows, and writer_ahead.c has several threads lay them out. */
#ifndef DZR_JSON_WRITER_H
#define DZR_JSON_WRITER_H

#include "base/pool.h"
#include "frame/internal.h"
#include "json/internal.h"

enum {
    DZR__JSON_ROW_LEVEL = 2, /* of indentation: the members of a row in an array */
    DZR__JSON_INDENT_BYTES = 2 * (DZR__JSON_ROW_LEVEL + DZR_MAX_DEPTH),
};

enum { DZR__JSON_COPY = 32 }; /* bytes that can be read from a dzr_bytes of `before` on, however few it has */

/* A column of the batch whose rows are being laid out, and what stands before its values. */
typedef struct dzr__json_cell {
    const uint8_t *before;
    size_t n_before;
    const uint8_t *validity;  /* NULL: no nulls */
    const int32_t *codes;     /* of a DICTIONARY: the row of `column` that has the value; NULL: the same row */
    const dzr_column *column; /* with the values */
    dzr_type_id id;           /* of those */
    int32_t node;
} dzr__json_cell;

typedef struct dzr__json_ahead dzr__json_ahead;

struct dzr_json_writer {
    const dzr_allocator *alloc;
    dzr_sink *sink; /* NULL in the copies that lay out rows into a buffer that grows */
    dzr_schema *schema;
    bool html, indented;
    const char *before_all, *between, *after_row, *after_all, *nothing; /* around rows */
    dzr_bytes *before;                                                  /* each member's value, by node */
    uint8_t *level;                                                     /* of indentation, by node */
    char line_break[1 + DZR__JSON_INDENT_BYTES];                        /* a line feed and spaces */
    dzr_arena arena;
    dzr__json_cell *cells; /* one a column; each copy has its own */
    dzr_bytebuf buf;
    int64_t n_rows;
    bool finished;
    dzr__json_ahead *ahead; /* NULL: the caller's thread alone */
};

/* ---- writer_value.c ---- */
/* What is in the buffer goes to the sink. */
DZR_MUST_CHECK dzr_status dzr__json_writer_flush(dzr_json_writer *writer, dzr_error *err);
/* Room for n bytes more than the buffer has: empties it into the sink or, for a long name or without a sink, grows it.
 */
DZR_MUST_CHECK dzr_status dzr__json_more_room(dzr_json_writer *writer, size_t n, dzr_error *err);
static inline dzr_status dzr__json_room(dzr_json_writer *writer, size_t n, dzr_error *err)
{
    return DZR_LIKELY(n <= writer->buf.cap - writer->buf.len) ? DZR_OK : dzr__json_more_room(writer, n, err);
}
static inline dzr_status dzr__json_put(dzr_json_writer *writer, const void *bytes, size_t n, dzr_error *err)
{
    DZR_TRY(dzr__json_room(writer, n, err));
    memcpy(writer->buf.at + writer->buf.len, bytes, n);
    writer->buf.len += n;
    return DZR_OK;
}
/* A value that is there and neither nested nor of unbounded bytes; room for DZR_JSON_SCALAR_BYTES. Bytes of text. */
size_t dzr__json_print_scalar(const dzr_column *column, int64_t row, char *to);
DZR_MUST_CHECK dzr_status dzr__json_write_value(
        dzr_json_writer *writer, int32_t node, const dzr_column *column, int64_t row, dzr_error *err);

/* ---- writer_rows.c ---- */
/* Rows from *row to end. After an error the buffer of a writer without a sink ends before the row that is *row then. */
DZR_MUST_CHECK dzr_status dzr__json_put_rows(
        dzr_json_writer *writer, const dzr_batch *batch, int64_t *row, int64_t end, dzr_error *err);

/* ---- writer_ahead.c ---- */
/* Sets up a writer that is otherwise ready for so many threads. Errors: DZR_ERR_ARG (out of range), DZR_ERR_NOMEM. */
DZR_MUST_CHECK dzr_status dzr__json_writer_threads(dzr_json_writer *writer, int32_t n_threads, dzr_error *err);
/* All rows of the batch. Errors: the sink's, DZR_ERR_NOMEM. */
DZR_MUST_CHECK dzr_status dzr__json_ahead_append(dzr__json_ahead *ahead, const dzr_batch *batch, dzr_error *err);
void dzr__json_ahead_free(dzr__json_ahead *ahead); /* NULL is allowed */

#endif
