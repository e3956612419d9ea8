/* json/lines.h - what the files of the reader of JSON lines share:
 *   lines.c        the public face: opening, the schema, and batches by the caller's thread alone
 *   lines_rows.c   lines of text to rows of a builder
 *   origin.c       where each row came from, as a column
 *   lines_ahead.c  batches by several threads, in order: text is read and cut by the caller's thread and converted by
 *                  all, ahead of what is asked for
 * Both ways end batches at the same lines and fail with the same line. */
#ifndef DZR_JSON_LINES_H
#define DZR_JSON_LINES_H

#include "base/pool.h"
#include "json/internal.h"

enum {
    DZR__JSONL_BLOCK_BYTES = 1 << 20,  /* read at a time, and whose tokens are found at once */
    DZR__JSONL_BATCH_BYTES = 64 << 20, /* of text, after which a batch ends */
};

/* ---- origin.c ---- */
/* What every row of a block gets besides its own bytes. */
typedef struct dzr__jsonl_origin {
    int32_t node; /* of `_recordinfo` in the builder; 0: it is not wanted */
    const char *source_info;
    int64_t now_ms;
} dzr__jsonl_origin;

/* The schema with `_recordinfo` behind its fields; is_text: _raw_data is STRING, otherwise BINARY. DZR_ERR_TYPE when
 * there is a field of that name, dzr_schema_new's. */
DZR_MUST_CHECK dzr_status dzr__jsonl_origin_schema(
        const dzr_schema *schema, bool is_text, const dzr_allocator *alloc, dzr_schema **out, dzr_error *err);
/* Appends the row of `_recordinfo` for a line that holds one record. DZR_ERR_TYPE (a text that is not UTF-8),
 * DZR_ERR_LIMIT (2 GiB), DZR_ERR_NOMEM. */
DZR_MUST_CHECK dzr_status dzr__jsonl_origin_put(
        const dzr__jsonl_origin *origin, dzr_builder *builder, dzr_bytes line, bool is_utf8, dzr_error *err);

/* ---- lines_rows.c ---- */
/* A text of whole lines, and what converts them. One thread at a time. */
typedef struct dzr__jsonl_rows {
    const char *name; /* the source's */
    const dzr_jsonl_read_options *options;
    bool inferred; /* the schema was */
    dzr_builder *builder;
    dzr__json_record record;
    dzr__json_index index, line_index; /* of the block; of one line */
    dzr__jsonl_origin origin;

    const uint8_t *text;
    size_t at, end;      /* the block in it: the next line starts at `at`, the last ends before `end` */
    uint64_t offset;     /* of text[0] in the source */
    int64_t line;        /* lines done */
    dzr__json_walk walk; /* over the block, while its lines are taken together */
    bool whole;
} dzr__jsonl_rows;

/* Zero first; fini is needed after a failure too. Before there is a schema lines can be taken and walked over. */
DZR_MUST_CHECK dzr_status dzr__jsonl_rows_init(dzr__jsonl_rows *rows, const char *name,
        const dzr_jsonl_read_options *options, const dzr_allocator *alloc, dzr_error *err);
/* schema is that of the lines; built, that of the batches: the same, or with `_recordinfo`. */
DZR_MUST_CHECK dzr_status dzr__jsonl_rows_schema(dzr__jsonl_rows *rows, const dzr_schema *schema,
        const dzr_schema *built, bool inferred, const dzr_allocator *alloc, dzr_error *err);
void dzr__jsonl_rows_fini(dzr__jsonl_rows *rows);
/* Finds the tokens of the lines in [at, end), before the first of them is taken. */
DZR_MUST_CHECK dzr_status dzr__jsonl_rows_index(dzr__jsonl_rows *rows, dzr_error *err);
/* The next line of an indexed block into the builder. Errors: DZR_ERR_SYNTAX, DZR_ERR_TYPE, DZR_ERR_LIMIT with the
 * place, DZR_ERR_NOMEM. */
DZR_MUST_CHECK dzr_status dzr__jsonl_rows_take(dzr__jsonl_rows *rows, dzr_error *err);

/* For a schema to be inferred: the next line without its line feed; its tokens, *is_blank when it has none; whether
 * they are all taken; and the place put before a message. */
dzr_bytes dzr__jsonl_rows_line(dzr__jsonl_rows *rows);
DZR_MUST_CHECK dzr_status dzr__jsonl_rows_walk(
        dzr__jsonl_rows *rows, dzr_bytes line, dzr__json_walk *walk, bool *is_blank, dzr_error *err);
DZR_MUST_CHECK dzr_status dzr__jsonl_end_of_line(const dzr__json_walk *walk, dzr_error *err);
dzr_status dzr__jsonl_rows_fail(const dzr__jsonl_rows *rows, dzr_bytes line, dzr_status st, dzr_error *err);
/* DZR_ERR_LIMIT: that line of the source is longer than the options allow. */
dzr_status dzr__jsonl_too_long(const char *name, const dzr_jsonl_read_options *options, int64_t line, dzr_error *err);

/* ---- lines_ahead.c ---- */
typedef struct dzr__jsonl_ahead dzr__jsonl_ahead;

/* What a reader that works with several threads is made of. All outlive it. */
typedef struct dzr__jsonl_setup {
    const dzr_allocator *alloc;
    dzr_source *source;
    const dzr_jsonl_read_options *options;
    const dzr_schema *schema, *built; /* as dzr__jsonl_rows_schema has them */
    bool inferred;
} dzr__jsonl_setup;

/* The text is what was read already, from byte `offset` of the source on, where a line starts; it is copied.
 * Errors: DZR_ERR_NOMEM. */
DZR_MUST_CHECK dzr_status dzr__jsonl_ahead_open(const dzr__jsonl_setup *setup, dzr_bytes text, uint64_t offset,
        bool source_ended, dzr__jsonl_ahead **out, dzr_error *err);
/* As dzr_jsonl_reader_next. */
DZR_MUST_CHECK dzr_status dzr__jsonl_ahead_next(dzr__jsonl_ahead *ahead, dzr_batch **out, dzr_error *err);
void dzr__jsonl_ahead_close(dzr__jsonl_ahead *ahead); /* NULL is allowed */

#endif
