/* datarizer/csv.h - CSV into batches and back: records of delimited fields, read by a schema or with one inferred.
 * Spec: RFC 4180, with any delimiter and quote of one byte. Guide: docs/csv.md. */
#ifndef DATARIZER_CSV_H
#define DATARIZER_CSV_H

#include <datarizer/frame.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How records are written down; all zero is RFC 4180: commas, double quotes, a header. Bytes are ASCII, no line breaks,
 * and differ; DZR_ERR_ARG otherwise. */
typedef struct dzr_csv_dialect {
    char delimiter; /* 0: ',' */
    char quote;     /* 0: '"'. A quote inside quotes is doubled */
    bool no_quotes; /* there are none: every field is what stands between delimiters */
    bool no_header; /* the first record is one like all others: read, columns are "column1", "column2" ... */
} dzr_csv_dialect;

typedef struct dzr_csv_limits {
    size_t field_bytes;  /* 0: 64 MiB */
    size_t record_bytes; /* 0: 64 MiB; at most 1 GiB */
    int32_t columns;     /* 0: DZR_MAX_COLUMNS */
} dzr_csv_limits;

typedef struct dzr_csv_read_options {
    const dzr_allocator *alloc;
    dzr_csv_dialect dialect;
    const dzr_schema *schema; /* NULL: inferred */
    const dzr_schema *types;  /* of an inferred schema: the columns that have these names have these types. May be NULL
                               */
    dzr_csv_limits limits;
    int64_t batch_rows;  /* 0: 65,536. A batch ends after so many rows, or after 64 MiB of text */
    int64_t sample_rows; /* 0: 10,000. Types are inferred from so many records, or the first 16 MiB of text */
} dzr_csv_read_options;

/* Values. An empty field without quotes is null. In quotes it is the empty text in a STRING or BINARY column, null in
 * any other. STRING is the field, BINARY and FIXED are base64, UUID its text, BOOL true or false (True and TRUE are
 * taken, too), whole numbers and DECIMAL digits, floats a number, NaN, inf or -inf, DATE 2024-01-31, TIME 12:34:56.789,
 * TIMESTAMP 2024-01-31T12:34:56.789 (or with a space), behind it a zone when utc: Z, +02:00, +0200 or +02. DURATION is
 * the number of its units. STRUCT, LIST and MAP are JSON, as json.h has it.
 *
 * A schema given with a header: fields find their columns by name, and columns without a field are passed over. Without
 * a header there are as many fields as columns.
 *
 * How types are inferred, all columns nullable: only true and false: BOOL. Whole numbers: INT64, or UINT64 when one is
 * beyond INT64 and none negative. Numbers of which some have a fraction or an exponent, NaN or inf: DOUBLE. Dates:
 * DATE. Dates with times: TIMESTAMP in microseconds (nanoseconds where one is finer), utc when all have a zone.
 * Everything else is STRING, and so is what would lose in those: numbers with zeros in front (007), with a plus, beyond
 * 64 bits or with more than 17 digits, whole numbers beyond 2^53 beside fractions; also kinds that mix, and a column of
 * nothing but nulls. A value in quotes is text, but in a file that quotes every value and the header quotes say
 * nothing. What follows the sample must fit, or the reader fails with its line: no value is lost. */
typedef struct dzr_csv_reader dzr_csv_reader;

/* source stays the caller's and outlives the reader; it is read forward only. Memory is bounded by a batch and the
 * sample, not by the file. Lines end in LF, CRLF or CR; a byte order mark is skipped, empty lines are, too, unless
 * there is one column, where they are null. All text is UTF-8. One thread at a time. Errors: DZR_ERR_SYNTAX (a quote
 * that is not closed, text behind a closing one, a quote in a field without quotes, too few or too many fields, bytes
 * that are not UTF-8) and DZR_ERR_TYPE, both with err->line, err->offset (byte in the source) and a message like
 * `people.csv: line 3: column "age": "x" is not int64`; DZR_ERR_TYPE for a file without a record where names or types
 * must come from it; DZR_ERR_ARG (an option, a field that the header has not); DZR_ERR_UNSUPPORTED (a MAP with nested
 * keys); DZR_ERR_LIMIT; DZR_ERR_NOMEM; the source's. */
DZR_API DZR_MUST_CHECK dzr_status dzr_csv_reader_open(
        dzr_source *source, const dzr_csv_read_options *options, dzr_csv_reader **out, dzr_error *err);
/* Lives as long as the reader. */
DZR_API const dzr_schema *dzr_csv_reader_schema(const dzr_csv_reader *reader);
/* *out is NULL at the end. After an error only close is useful. */
DZR_API DZR_MUST_CHECK dzr_status dzr_csv_reader_next(dzr_csv_reader *reader, dzr_batch **out, dzr_error *err);
/* How many records are still to come, by reading them; their values are not looked at. Errors: as next, but
 * DZR_ERR_TYPE.
 */
DZR_API DZR_MUST_CHECK dzr_status dzr_csv_reader_count(dzr_csv_reader *reader, int64_t *n_rows, dzr_error *err);
DZR_API void dzr_csv_reader_close(dzr_csv_reader *reader); /* NULL is allowed */

typedef struct dzr_csv_write_options {
    const dzr_allocator *alloc;
    dzr_csv_dialect dialect;
} dzr_csv_write_options;

typedef struct dzr_csv_writer dzr_csv_writer;

/* sink stays the caller's; memory is bounded by a small buffer and the longest field. Values are written as they are
 * read, lines end in LF; floats are the shortest text that reads back as they are, and have a point or an exponent.
 * Quotes stand around text that holds a delimiter, a quote or a line break, that is empty, and that would be taken for
 * another type when types are inferred. Errors: DZR_ERR_ARG (the dialect, a schema without columns),
 * DZR_ERR_UNSUPPORTED (a MAP with nested keys), DZR_ERR_NOMEM, the sink's. */
DZR_API DZR_MUST_CHECK dzr_status dzr_csv_writer_open(dzr_sink *sink, const dzr_schema *schema,
        const dzr_csv_write_options *options, dzr_csv_writer **out, dzr_error *err);
/* Errors: DZR_ERR_ARG when the batch has another schema; DZR_ERR_TYPE, naming column and row, for a text that would
 * need quotes where there are none; DZR_ERR_NOMEM; the sink's. */
DZR_API DZR_MUST_CHECK dzr_status dzr_csv_writer_append(dzr_csv_writer *writer, const dzr_batch *batch, dzr_error *err);
/* Writes what is left; does not commit the sink. */
DZR_API DZR_MUST_CHECK dzr_status dzr_csv_writer_finish(dzr_csv_writer *writer, dzr_error *err);
DZR_API void dzr_csv_writer_close(dzr_csv_writer *writer); /* NULL is allowed */

#ifdef __cplusplus
}
#endif
#endif
