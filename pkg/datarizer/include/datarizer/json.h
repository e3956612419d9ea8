/* datarizer/json.h - JSON into batches and back: lines and arrays, read by a schema or with one inferred.
 * Parsing is simdjson's; what it refuses but the recorded services accept goes to the scanner of json_doc.h. */
#ifndef DATARIZER_JSON_H
#define DATARIZER_JSON_H

#include <datarizer/frame.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How an object's members find their columns. */
typedef struct dzr_json_rules {
    bool fold_case;     /* keys match without regard to case (Go's encoding/json): an exact match is not preferred */
    bool null_is_zero;  /* null and a missing member give a non-nullable column its zero ("", 0, false); otherwise an error */
    bool refuse_unknown; /* a member without a column is an error; otherwise skipped */
} dzr_json_rules;

typedef struct dzr_json_limits {
    size_t line_bytes;  /* 0: 64 MiB. One line of JSON lines */
    uint32_t depth;     /* 0: 1024. Nesting */
} dzr_json_limits;

/* Appends the records of a JSON array of objects to builder, and counts them.
 * text      must stay unchanged during the call; it need not be padded.
 * n_records records appended; `null` and `[]` give 0. On error the builder has the rows it had before.
 * Errors: DZR_ERR_SYNTAX (not JSON; err has the byte offset), DZR_ERR_TYPE (not an array of objects, a value that does
 * not fit its column: err->record is the record counted from 0, the message names record, member, value and type),
 * DZR_ERR_LIMIT (depth), DZR_ERR_NOMEM. */
DZR_API DZR_MUST_CHECK dzr_status dzr_json_parse_array(dzr_bytes text, const dzr_json_rules *rules,
        const dzr_json_limits *limits, dzr_builder *builder, int64_t *n_records, dzr_error *err);

/* What a reader of JSON lines is told; zero everywhere is a good start. */
typedef struct dzr_jsonl_read_options {
    const dzr_allocator *alloc;
    const dzr_schema *schema;   /* NULL: inferred from the first sample_rows records, all columns nullable */
    dzr_json_rules rules;
    dzr_json_limits limits;
    int64_t batch_rows;         /* 0: 65,536. Most rows a batch */
    int64_t sample_rows;        /* 0: 10,000. For inference; what follows must fit or fails with its line */
} dzr_jsonl_read_options;

typedef struct dzr_jsonl_reader dzr_jsonl_reader;

/* source stays the caller's and outlives the reader; it is read forward only. One thread at a time.
 * Errors: as dzr_json_parse_array, with err->line and the source's name in the message; DZR_ERR_TYPE when the schema
 * can't be inferred (no record, or a member of mixed kinds: the message names the member and both kinds). */
DZR_API DZR_MUST_CHECK dzr_status dzr_jsonl_reader_open(
        dzr_source *source, const dzr_jsonl_read_options *options, dzr_jsonl_reader **out, dzr_error *err);
DZR_API const dzr_schema *dzr_jsonl_reader_schema(const dzr_jsonl_reader *reader);
/* *out is NULL at the end. Blank lines are skipped but counted. */
DZR_API DZR_MUST_CHECK dzr_status dzr_jsonl_reader_next(dzr_jsonl_reader *reader, dzr_batch **out, dzr_error *err);
DZR_API void dzr_jsonl_reader_close(dzr_jsonl_reader *reader); /* NULL is allowed */

typedef enum dzr_json_style {
    DZR_JSON_LINES,          /* one compact object a line */
    DZR_JSON_ARRAY_INDENTED, /* one array, two spaces an indent, as Go's MarshalIndent and Encoder write it; `[]` without rows */
} dzr_json_style;

typedef struct dzr_json_write_options {
    const dzr_allocator *alloc;
    dzr_json_style style;
    bool escape_html; /* <, >, &, U+2028 and U+2029 as \uXXXX, as Go does */
} dzr_json_write_options;

typedef struct dzr_json_writer dzr_json_writer;

/* sink stays the caller's; memory is bounded by a small buffer. Null is written as null, NaN and infinities as null,
 * BINARY as base64, DATE as "2024-01-31", TIMESTAMP as RFC 3339 ("Z" when utc). Floats are shortest round-trip. */
DZR_API DZR_MUST_CHECK dzr_status dzr_json_writer_open(dzr_sink *sink, const dzr_schema *schema,
        const dzr_json_write_options *options, dzr_json_writer **out, dzr_error *err);
/* Errors: DZR_ERR_ARG when the batch has another schema; the sink's. */
DZR_API DZR_MUST_CHECK dzr_status dzr_json_writer_append(dzr_json_writer *writer, const dzr_batch *batch, dzr_error *err);
/* Writes what is left (the end of the array); does not commit the sink. */
DZR_API DZR_MUST_CHECK dzr_status dzr_json_writer_finish(dzr_json_writer *writer, dzr_error *err);
DZR_API void dzr_json_writer_close(dzr_json_writer *writer); /* NULL is allowed */

#ifdef __cplusplus
}
#endif
#endif
