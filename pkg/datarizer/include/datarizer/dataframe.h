/* datarizer/dataframe.h - records of one C struct (record.h), kept in memory and moved: from JSON, to and from Parquet
 * and JSON lines on disk or S3, to and from batches. */
#ifndef DATARIZER_DATAFRAME_H
#define DATARIZER_DATAFRAME_H

#include <datarizer/parquet.h>
#include <datarizer/record.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Owns copies of its records and all they point at. Records never move: what get gives is good until free. One thread
 * at a time while it grows; afterwards any number may read. */
typedef struct dzr_dataframe dzr_dataframe;

/* type outlives the frame. Errors: DZR_ERR_ARG (a table that makes no sense), DZR_ERR_NOMEM. */
DZR_API DZR_MUST_CHECK dzr_status dzr_dataframe_new(
        const dzr_record_type *type, const dzr_allocator *alloc, dzr_dataframe **out, dzr_error *err);
DZR_API void dzr_dataframe_free(dzr_dataframe *frame); /* NULL is allowed */
DZR_API int64_t dzr_dataframe_length(const dzr_dataframe *frame);
/* Record `index` in [0, length). */
DZR_API const void *dzr_dataframe_get(const dzr_dataframe *frame, int64_t index);
/* Copies n records, which stand one after the other, with all their bytes and lists.
 * Errors: DZR_ERR_NOMEM; the frame is then as it was. */
DZR_API DZR_MUST_CHECK dzr_status dzr_dataframe_append(
        dzr_dataframe *frame, const void *records, int64_t n, dzr_error *err);
/* Forgets the records from length n on; their memory goes with the frame. */
DZR_API void dzr_dataframe_truncate(dzr_dataframe *frame, int64_t n);

/* Appends the records of a text: an array of objects, or one object. Each record's _raw_data is its own part of the
 * text. Errors: dzr_record_parse's, with err->record and `record 3: ` before the message for an element of an array;
 * the frame is then as it was. */
DZR_API DZR_MUST_CHECK dzr_status dzr_dataframe_parse_json(
        dzr_dataframe *frame, dzr_bytes text, const dzr_record_parse_options *options, dzr_error *err);

enum { DZR_DATAFRAME_LINE_BYTES = 10485759 }; /* the longest line of JSON lines, without its line feed */
/* Appends the records of a file of JSON lines (a path, `-`, s3://): one a line, by dzr_record_parse's rules, but
 * RecordInfo is what the line says. Lines of nothing but white space are skipped and counted. hook may be NULL.
 * Errors: DZR_ERR_SYNTAX, DZR_ERR_TRUNCATED and DZR_ERR_TYPE with err->line, DZR_ERR_LIMIT (a longer line), the
 * store's, the hook's; the frame is then as it was. */
DZR_API DZR_MUST_CHECK dzr_status dzr_dataframe_read_jsonl(
        dzr_dataframe *frame, const char *name, dzr_record_hook hook, void *ctx, dzr_error *err);
/* Writes the records as JSON lines, as Go's encoding/json does; folders that are missing are made. A NaN or an infinity
 * is DZR_ERR_TYPE with err->record: the file then holds the records before it. Other errors leave what was there. */
DZR_API DZR_MUST_CHECK dzr_status dzr_dataframe_write_jsonl(
        const dzr_dataframe *frame, const char *name, dzr_error *err);

/* Writes the records as a Parquet file that appears whole or not at all; its folder must exist. options may be NULL:
 * Snappy. A STRING column that holds bytes which are not UTF-8 is written as BINARY. Errors: the store's, the format's.
 */
DZR_API DZR_MUST_CHECK dzr_status dzr_dataframe_write_parquet(
        const dzr_dataframe *frame, const char *name, const dzr_parquet_write_options *options, dzr_error *err);

typedef struct dzr_dataframe_read_options {
    bool allow_missing; /* a member without a column stays zero, or absent when it is optional */
    bool allow_extra;   /* columns without a member are not read */
    /* A member may be a wider number than its column, where no value can change: integers, float to double, integers to
     * a float or double of twice their width. */
    bool allow_wider;
    dzr_record_hook hook;
    void *ctx;
} dzr_dataframe_read_options;

/* Appends the records of a Parquet file. Columns are found by name, in any order, in structs and lists too; STRING and
 * BINARY stand for each other, other types must be the member's (but see allow_wider). A nullable column may fill a
 * member that is not optional as long as it holds no null. Errors: DZR_ERR_TYPE for columns that are missing, extra or
 * different, all named in one message (as many as fit; the others are counted), and for a null that has no place (err
 * has row group and the row in it as record); the hook's, the store's, the format's; the frame is then as it was. */
DZR_API DZR_MUST_CHECK dzr_status dzr_dataframe_read_parquet(
        dzr_dataframe *frame, const char *name, const dzr_dataframe_read_options *options, dzr_error *err);

/* Records [first, first + n) as a batch of dzr_record_schema. Errors: DZR_ERR_ARG (a range past the end), DZR_ERR_TYPE
 * (a STRING that is not UTF-8), DZR_ERR_LIMIT, DZR_ERR_NOMEM. */
DZR_API DZR_MUST_CHECK dzr_status dzr_dataframe_to_batch(
        const dzr_dataframe *frame, int64_t first, int64_t n, dzr_batch **out, dzr_error *err);
/* Appends a batch's rows, by the rules of read_parquet. */
DZR_API DZR_MUST_CHECK dzr_status dzr_dataframe_append_batch(
        dzr_dataframe *frame, const dzr_batch *batch, const dzr_dataframe_read_options *options, dzr_error *err);

#ifdef __cplusplus
}
#endif
#endif
