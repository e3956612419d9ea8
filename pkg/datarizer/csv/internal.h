/* csv/internal.h - what the files of room csv share:
 *   scan.c, scan_avx2.c  where fields end: delimiters and line breaks outside quotes, 64 bytes at a time
 *   window.c             text of the source, and the fields of as many whole records as are worked on at once
 *   kind.c               what a field without a schema looks like; for infer.c, and for the writer's quotes
 *   infer.c              types from a sample
 *   convert.c, value.c   fields into columns: a column of a window at once, and single values that are not plain
 *   reader.c, writer.c   the public faces
 * Nested columns are JSON, and numbers and dates are read and printed as there: the room stands on json. */
#ifndef DZR_CSV_INTERNAL_H
#define DZR_CSV_INTERNAL_H

#include "frame/builder.h"
#include "json/internal.h"

#include <datarizer/csv.h>

/* DZR_ERR_ARG for a dialect that can't be; *out has no zeros but no_quotes' quote. */
DZR_MUST_CHECK dzr_status dzr__csv_dialect_check(const dzr_csv_dialect *dialect, dzr_csv_dialect *out, dzr_error *err);

/* ---- scan.c ---- */
enum { DZR__CSV_BLOCK = 64 /* bytes looked at at once; the text has as many behind its end */ };

typedef struct dzr__csv_scan {
    const dzr_allocator *alloc;
    uint8_t delimiter, quote;
    bool has_quote;
    bool plain; /* without vector instructions: for tests */
    uint32_t *ends;
    size_t n_ends, cap_ends; /* where fields end: at a delimiter or a line break, of CR LF at the LF */
    size_t stray;            /* the first byte that shows a quote out of place; SIZE_MAX */
    int64_t n_lines;         /* line breaks, those inside quotes too */
    bool in_quotes;          /* the text ends so */
    /* between blocks */
    uint64_t inside, before_ok, after_close;
} dzr__csv_scan;

/* Scans text[0, len), which begins with a record, up to a stray quote. A CR at its end is not followed by a LF. */
DZR_MUST_CHECK dzr_status dzr__csv_scan_text(dzr__csv_scan *scan, const uint8_t *text, size_t len, dzr_error *err);
void dzr__csv_scan_fini(dzr__csv_scan *scan);

/* ---- window.c ---- */
typedef struct dzr__csv_field {
    uint32_t start, len; /* in the window's text, with its quotes */
} dzr__csv_field;

/* A failure that waits behind the records before it. */
typedef struct dzr__csv_fault {
    dzr_status status; /* DZR_OK: none */
    dzr_error err;
} dzr__csv_fault;

typedef struct dzr__csv_window {
    const dzr_allocator *alloc;
    dzr_source *source;
    dzr_csv_limits limits;
    dzr__csv_scan scan;
    dzr_buffer *text;     /* len bytes of it, and behind them DZR__CSV_PADDING zeros that may be read */
    uint64_t text_offset; /* of text->at[0] in the source */
    size_t keep;          /* text from here on stays; SIZE_MAX: from `end` on */
    bool source_ended;
    int32_t n_columns;        /* of each record */
    const char *const *names; /* of the columns, for messages; NULL while they aren't known */

    size_t at, end; /* in text: the records of the window; the next begins at end */
    int64_t line;   /* line breaks before `end` */
    dzr__csv_field *fields;
    size_t cap_fields;
    int64_t n_rows;
    dzr__csv_fault fault; /* behind the rows */
} dzr__csv_window;

enum { DZR__CSV_PADDING = 2 * DZR__CSV_BLOCK };

/* Reads the beginning and skips a byte order mark. */
DZR_MUST_CHECK dzr_status dzr__csv_window_start(dzr__csv_window *window, dzr_error *err);
/* Scans the record at `end`, the first of the file: scan.ends[0, *n_fields) are where its fields end, from `end` on,
 * and *len is its length with the line break. *n_fields is 0 when there is none. Errors: what is wrong with it. */
DZR_MUST_CHECK dzr_status dzr__csv_window_first(dzr__csv_window *window, size_t *n_fields, size_t *len, dzr_error *err);
/* The next records: n_rows of them, maybe none but a fault; at the end neither. Errors: the source's, DZR_ERR_NOMEM. */
DZR_MUST_CHECK dzr_status dzr__csv_window_next(dzr__csv_window *window, dzr_error *err);
void dzr__csv_window_fini(dzr__csv_window *window);
/* Fills err with a message about byte `at` of the text, in a record that begins at `record`, and column `column` (-1:
 * none): "NAME: line 3: column "age": MESSAGE". Returns st. */
dzr_status dzr__csv_window_fail(const dzr__csv_window *window, size_t record, int32_t column, size_t at, dzr_status st,
        dzr_error *err, const char *message);
/* Of a field with or without quotes. Quotes inside are undoubled in place, when `change`: once for each field. */
dzr_bytes dzr__csv_content(const dzr__csv_scan *scan, uint8_t *text, dzr__csv_field field, bool change);
static inline bool dzr__csv_quoted(const dzr__csv_scan *scan, const uint8_t *text, dzr__csv_field field)
{
    return scan->has_quote && field.len > 0 && text[field.start] == scan->quote;
}

/* ---- kind.c ---- */
typedef enum dzr__csv_kind {
    DZR__CSV_BOOL = 1,
    DZR__CSV_NEGATIVE = 2, /* whole numbers: within int64 and below 0, within int64, beyond it within uint64 */
    DZR__CSV_WHOLE = 4,
    DZR__CSV_LARGE = 8,
    DZR__CSV_REAL = 16,
    DZR__CSV_DATE = 32,
    DZR__CSV_LOCAL = 64, /* a date and time without and with a zone */
    DZR__CSV_INSTANT = 128,
    DZR__CSV_TEXT = 256,
    DZR__CSV_BIG = 512,   /* beside a whole number: beyond 2^53 */
    DZR__CSV_FINE = 1024, /* beside a time: finer than microseconds */
} dzr__csv_kind;

unsigned dzr__csv_kind_of(dzr_bytes text);
/* The type that holds all of such kinds. */
dzr_type dzr__csv_type_of(unsigned kinds);
/* With a zone in any of its spellings, and a space or a T. */
bool dzr__csv_read_timestamp(dzr_bytes text, dzr_type type, int64_t *value);
/* NaN, inf and -inf in any case. */
bool dzr__csv_read_special(dzr_bytes text, double *value);
/* A number that a double holds without loss: of 17 digits at most, or whole and exact. */
bool dzr__csv_is_kept(const dzr__json_number *number);
bool dzr__csv_read_number(dzr_bytes text, dzr__json_number *number);

/* ---- infer.c ---- */
typedef struct dzr__csv_seen {
    unsigned plain, quoted; /* kinds of values without and with quotes */
    int64_t n_nulls, n_quoted;
} dzr__csv_seen;

/* Takes the window's rows, at most `most` of them. */
void dzr__csv_infer_rows(dzr__csv_seen *seen, const dzr__csv_window *window, int64_t most);
/* fields has n fields with their names. */
void dzr__csv_infer_types(const dzr__csv_seen *seen, int32_t n, bool header_quoted, dzr_field *fields);

/* ---- convert.c ---- */
/* How a column of the file becomes a field. */
typedef struct dzr__csv_column {
    const dzr_field *field;
    int32_t node;            /* of the field; -1: the column is passed over */
    int32_t place;           /* of the column in a record */
    bool is_kept;            /* an inferred DOUBLE: nothing may be lost */
    int64_t least, greatest; /* of an integer, as far as int64 goes */
    size_t width;            /* of its values, in bytes */
} dzr__csv_column;

typedef struct dzr__csv_convert {
    const dzr_allocator *alloc;
    dzr_builder *builder;
    dzr__csv_column *columns;
    int32_t n_columns;
    bool inferred;
    /* value.c */
    dzr__json_record record; /* of the schema, where there are nested fields */
    bool has_nested;
    dzr__json_index index;
    dzr_bytebuf scratch;
} dzr__csv_convert;

/* Appends rows [first, first + n_rows) of the window. On failure (DZR_ERR_TYPE, with the place; DZR_ERR_NOMEM) it is
 * that of the first record with one. */
DZR_MUST_CHECK dzr_status dzr__csv_convert_rows(
        dzr__csv_convert *convert, dzr__csv_window *window, int64_t first, int64_t n_rows, dzr_error *err);

/* ---- value.c ---- */
/* Zero first; fini is needed after a failure, too. */
DZR_MUST_CHECK dzr_status dzr__csv_convert_init(dzr__csv_convert *convert, const dzr_schema *schema, dzr_error *err);
void dzr__csv_convert_fini(dzr__csv_convert *convert);
/* Appends one field of any type but STRING. DZR_ERR_TYPE with a message that names no place. */
DZR_MUST_CHECK dzr_status dzr__csv_put_value(
        dzr__csv_convert *convert, const dzr__csv_column *column, dzr_bytes text, bool is_quoted, dzr_error *err);

#endif
