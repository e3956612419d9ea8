/* json/writer.h - what the files of the JSON writer share: writer.c lays out rows, writer_ahead.c has several threads
 * do so. */
#ifndef DZR_JSON_WRITER_H
#define DZR_JSON_WRITER_H

#include "base/pool.h"
#include "frame/internal.h"
#include "json/internal.h"

enum {
    DZR__JSON_ROW_LEVEL = 2, /* of indentation: the members of a row in an array */
    DZR__JSON_INDENT_BYTES = 2 * (DZR__JSON_ROW_LEVEL + DZR_MAX_DEPTH),
};

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
    dzr_bytebuf buf;
    int64_t n_rows;
    bool finished;
    dzr__json_ahead *ahead; /* NULL: the caller's thread alone */
};

/* ---- writer.c ---- */
DZR_MUST_CHECK dzr_status dzr__json_put_row(
        dzr_json_writer *writer, const dzr_batch *batch, int64_t row, dzr_error *err);
/* What is in the buffer goes to the sink. */
DZR_MUST_CHECK dzr_status dzr__json_writer_flush(dzr_json_writer *writer, dzr_error *err);

/* ---- writer_ahead.c ---- */
/* Sets up a writer that is otherwise ready for so many threads. Errors: DZR_ERR_ARG (out of range), DZR_ERR_NOMEM. */
DZR_MUST_CHECK dzr_status dzr__json_writer_threads(dzr_json_writer *writer, int32_t n_threads, dzr_error *err);
/* All rows of the batch. Errors: the sink's, DZR_ERR_NOMEM. */
DZR_MUST_CHECK dzr_status dzr__json_ahead_append(dzr__json_ahead *ahead, const dzr_batch *batch, dzr_error *err);
void dzr__json_ahead_free(dzr__json_ahead *ahead); /* NULL is allowed */

#endif
