/* datarizer/json.h - JSON into batches and back: lines and arrays, read by a schema or with one inferred.
 * Parsing is simdjson's; what it refuses but the recorded services accept goes to the scanner of json_doc.h. */
#ifndef DATARIZER_JSON_H
#define DATARIZER_JSON_H

#include <datarizer/frame.h>
#include <datarizer/threads.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How an object's members find their columns and values. A repeated member: the last one counts. */
typedef struct dzr_json_rules {
    bool fold_case;    /* names match without regard to case where none matches exactly, by Unicode's simple folding */
    bool null_is_zero; /* a column that is not nullable: null leaves it as it is, and without a value it gets its zero
                          ("", 0, false); a record that is null has no members. Otherwise these are errors */
    bool refuse_unknown;  /* a member without a column is an error; otherwise it is skipped, its syntax checked */
    bool replace_invalid; /* in strings each byte that is not UTF-8 and each lone surrogate becomes U+FFFD; otherwise an
                             error */
} dzr_json_rules;

/* Those of Go's encoding/json. */
#define DZR_JSON_RULES_GO ((dzr_json_rules){.fold_case = true, .null_is_zero = true, .replace_invalid = true})

typedef struct dzr_json_limits {
    size_t line_bytes; /* 0: 64 MiB. One line of JSON lines */
    uint32_t depth;    /* 0: 1024. Arrays and objects inside each other in a member's value */
} dzr_json_limits;

/* How a value must look to fit its column: BOOL true or false; INT and UINT a number in range without fraction and
 * exponent (5.0 is refused, as Go does); FLOAT and DOUBLE any number in range, rounded to nearest, and so HALF, by way
 * of DOUBLE; DECIMAL a number that its digits hold exactly; STRING a string; BINARY a string of base64, FIXED one of as
 * many bytes as it has; UUID its text; DATE "2024-01-31"; TIME "12:34:56.789", from "00:00:00" to "24:00:00"; TIMESTAMP
 * RFC 3339 with a zone when utc and without one when not; the fraction of both no finer than the unit. null fits a
 * nullable column, and nothing else fits NULL; a missing member is null. Nothing is converted beyond that.
 * STRUCT is an object whose members find its fields by the rules above, LIST an array, MAP an object: each member is an
 * entry, kept in its order, a repeated key too; a key that is no string is the text the value would have ("7", "true").
 * Of a member that repeats only the last is looked at, once its syntax was checked, where it is nested or inside
 * another. A message names the path: `member "a.b[3].c"`; the key of a map is a name in it. A MAP with nested keys is
 * refused: DZR_ERR_UNSUPPORTED from whoever gets the schema. */

/* Reads pages, each a JSON array of objects, one after the other. Step one finds a page's tokens and counts its
 * records, step two converts them; in between the caller may ask for the next page. One thread at a time. */
typedef struct dzr_json_parser dzr_json_parser;

/* rules and limits may be NULL (all zero). Errors: DZR_ERR_UNSUPPORTED (a MAP with nested keys), DZR_ERR_NOMEM. */
DZR_API DZR_MUST_CHECK dzr_status dzr_json_parser_new(const dzr_schema *schema, const dzr_json_rules *rules,
        const dzr_json_limits *limits, const dzr_allocator *alloc, dzr_json_parser **out, dzr_error *err);
DZR_API void dzr_json_parser_free(dzr_json_parser *parser); /* NULL is allowed */
/* Takes a page. text stays the caller's, unchanged until dzr_json_parser_append or the next call; it need not be
 * padded. n_records  how many the array has; 0 for `[]` and `null`. Exact when append succeeds, otherwise a count of
 * commas. Errors: DZR_ERR_SYNTAX and DZR_ERR_TYPE for a text that is no array from its first token on, DZR_ERR_LIMIT (4
 * GiB of text; 4 bytes of memory are taken for each byte of the longest page), DZR_ERR_NOMEM. */
DZR_API DZR_MUST_CHECK dzr_status dzr_json_parser_index(
        dzr_json_parser *parser, dzr_bytes text, int64_t *n_records, dzr_error *err);
/* Appends the page's records to builder, whose schema must equal the parser's; once a page.
 * On error the builder has the rows it had before. A syntax error anywhere in the page goes before a value that does
 * not fit. Errors: DZR_ERR_SYNTAX (not JSON: err->offset is the byte), DZR_ERR_TYPE (err->record is the record counted
 * from 0; the message is like `record 3: member "age": number 5.5 is not int32`), DZR_ERR_LIMIT (depth), DZR_ERR_ARG
 * (no page, another schema), DZR_ERR_NOMEM. */
DZR_API DZR_MUST_CHECK dzr_status dzr_json_parser_append(dzr_json_parser *parser, dzr_builder *builder, dzr_error *err);

/* Both steps at once, for a single text. n_records is written on success. Errors: as the two steps. */
DZR_API DZR_MUST_CHECK dzr_status dzr_json_parse_array(dzr_bytes text, const dzr_json_rules *rules,
        const dzr_json_limits *limits, dzr_builder *builder, int64_t *n_records, dzr_error *err);

/* Where rows came from. With it a reader of JSON lines gives each row a last column `_recordinfo`, a STRUCT of
 * _raw_data (the record's own bytes, exactly: STRING, or BINARY with replace_invalid, when they need not be UTF-8),
 * _row_hash (STRING: SHA-256 of them, 64 hexadecimal digits), _ingest_timestamp (TIMESTAMP in UTC milliseconds) and
 * _source_info (STRING): what record.h's dzr_record_info has of a C struct. */
typedef struct dzr_jsonl_record_info {
    const char *source_info; /* NULL: the source's name */
    int64_t now_ms;          /* 0: the clock's, when a row's MiB of text is begun with */
} dzr_jsonl_record_info;

/* A line that is no record, or one that does not fit. Views live until the call returns. */
typedef struct dzr_bad_record {
    const dzr_error *why; /* SYNTAX, TYPE, TRUNCATED or LIMIT, as a reader would end with it */
    dzr_bytes raw;        /* the line without its line feed, exactly */
    int64_t line;         /* counted from 1 */
    int64_t offset;       /* of its first byte in the source */
} dzr_bad_record;

/* What a reader of JSON lines is told; zero everywhere is a good start. */
typedef struct dzr_jsonl_read_options {
    const dzr_allocator *alloc;
    const dzr_schema *schema; /* NULL: inferred */
    dzr_json_rules rules;     /* with an inferred schema refuse_unknown is always on */
    dzr_json_limits limits;
    int64_t batch_rows;  /* 0: 65,536. A batch ends after so many rows, or after 64 MiB of text */
    int64_t sample_rows; /* 0: 10,000. The schema is inferred from so many records, or the first 16 MiB of text */
    int32_t threads;     /* to convert text with, the caller's among them; as in threads.h */
    const dzr_jsonl_record_info *record_info; /* NULL: none is wanted; otherwise it outlives the reader */
    /* Called with each bad record, in order, instead of ending with it: the reader goes on after DZR_OK, and ends with
     * another status and its message. The caller's thread then converts alone. Of the sample such records are passed
     * over, and told when their turn comes. */
    dzr_status (*bad)(void *ctx, const dzr_bad_record *record, dzr_error *err);
    void *bad_ctx;
} dzr_jsonl_read_options;

/* How a schema is inferred: columns in the order their names first appear, all nullable. Only true and false: BOOL.
 * Whole numbers: INT64, or UINT64 when one is beyond INT64 and none is negative. Numbers of which one has a fraction or
 * an exponent: DOUBLE. Strings, whatever is in them: STRING. Nothing but null: STRING. Objects: a STRUCT of all their
 * members; arrays: a LIST whose "element" has the type of all their elements together. Other mixtures are errors. What
 * follows the sample must fit, and have no new members, or the reader fails with its line: no value is lost. */
typedef struct dzr_jsonl_reader dzr_jsonl_reader;

/* Each line holds one object and nothing else; lines of white space are skipped, a byte order mark before the first
 * line too. source stays the caller's and outlives the reader; it is read forward only. Memory is bounded by a batch
 * and the sample, not by the file; with several threads by one batch more than there are threads, since text is read
 * and converted ahead. What comes out does not depend on their number: the same batches, then the same error. One
 * thread at a time. Errors: DZR_ERR_SYNTAX and DZR_ERR_TYPE with err->line,
 * err->offset (byte in the source) and a message like `people.jsonl: line 3: member "age": string "x" is not int64` (a
 * byte in it counts from the start of the line); DZR_ERR_TYPE when a schema can't be inferred (no record, members of
 * mixed kinds) or has a column `_recordinfo` where one is to be added, DZR_ERR_UNSUPPORTED (a MAP with nested keys),
 * DZR_ERR_LIMIT (line_bytes, depth, DZR_MAX_COLUMNS, DZR_MAX_DEPTH), DZR_ERR_ARG (an option out of its range, a schema
 * without columns), DZR_ERR_NOMEM, the source's. */
DZR_API DZR_MUST_CHECK dzr_status dzr_jsonl_reader_open(
        dzr_source *source, const dzr_jsonl_read_options *options, dzr_jsonl_reader **out, dzr_error *err);
/* Of the batches, with `_recordinfo` where that is wanted. Lives as long as the reader. */
DZR_API const dzr_schema *dzr_jsonl_reader_schema(const dzr_jsonl_reader *reader);
/* *out is NULL at the end. After an error only close is useful. */
DZR_API DZR_MUST_CHECK dzr_status dzr_jsonl_reader_next(dzr_jsonl_reader *reader, dzr_batch **out, dzr_error *err);
DZR_API void dzr_jsonl_reader_close(dzr_jsonl_reader *reader); /* NULL is allowed */

/* A source that gives the records of a JSON array as JSON lines: for a reader of lines, which then reads an array
 * without having it whole. Bytes stay where they are; lines are numbered as the records are, and its name says so.
 * inner stays the caller's and outlives it; it is read forward only. Its read fails with DZR_ERR_SYNTAX and err->offset
 * where the text around the records is no array. Errors: DZR_ERR_NOMEM. */
DZR_API DZR_MUST_CHECK dzr_status dzr_json_array_source(
        dzr_source *inner, const dzr_allocator *alloc, dzr_source **out, dzr_error *err);

typedef enum dzr_json_style {
    DZR_JSON_LINES,          /* one compact object a line */
    DZR_JSON_ARRAY_INDENTED, /* one array, two spaces an indent, as Go's MarshalIndent and Encoder write it; `[]`
                                without rows */
    DZR_JSON_ARRAY_LINES,    /* one array, a compact object a line; `[]` without rows */
} dzr_json_style;

typedef struct dzr_json_write_options {
    const dzr_allocator *alloc;
    dzr_json_style style;
    bool escape_html; /* <, >, &, U+2028 and U+2029 as \uXXXX, as Go does */
    int32_t threads;  /* to lay out rows with, the caller's among them; as in threads.h. The text is the same */
} dzr_json_write_options;

typedef struct dzr_json_writer dzr_json_writer;

/* sink stays the caller's; memory is bounded by a small buffer for each thread. Null is written as null, NaN and
 * infinities as null, BINARY and FIXED as base64, DATE as "2024-01-31", TIME as "12:34:56.789", TIMESTAMP as RFC 3339
 * ("Z" when utc), DECIMAL as a number, UUID as its text. Floats are shortest round-trip. STRUCT is an object, LIST an
 * array, MAP an object: its keys, whatever their type, are strings that hold what the value would be without its quotes
 * ("7", "true", "2024-01-31"), its entries stand in their order, a key that repeats too. Errors: DZR_ERR_UNSUPPORTED
 * for a MAP with nested keys, DZR_ERR_NOMEM. */
DZR_API DZR_MUST_CHECK dzr_status dzr_json_writer_open(dzr_sink *sink, const dzr_schema *schema,
        const dzr_json_write_options *options, dzr_json_writer **out, dzr_error *err);
/* Errors: DZR_ERR_ARG when the batch has another schema; the sink's. */
DZR_API DZR_MUST_CHECK dzr_status dzr_json_writer_append(
        dzr_json_writer *writer, const dzr_batch *batch, dzr_error *err);
/* Writes what is left (the end of the array); does not commit the sink. */
DZR_API DZR_MUST_CHECK dzr_status dzr_json_writer_finish(dzr_json_writer *writer, dzr_error *err);
DZR_API void dzr_json_writer_close(dzr_json_writer *writer); /* NULL is allowed */

/* One value of column `field`, nested or not, compact and nothing around it: for a few of them, as it sets up a writer.
 * Errors: as opening a writer and appending. */
DZR_API DZR_MUST_CHECK dzr_status dzr_json_write_value(
        dzr_sink *sink, const dzr_batch *batch, int32_t field, int64_t row, dzr_error *err);

enum { DZR_JSON_SCALAR_BYTES = 96 };
/* One value as the writer puts it, with a NUL at the end; its length is returned. Strings, binary and nested values,
 * which have no such bound, give "" and 0. */
DZR_API size_t dzr_json_print_scalar(const dzr_column *column, int64_t row, char out[DZR_JSON_SCALAR_BYTES]);

#ifdef __cplusplus
}
#endif
#endif
