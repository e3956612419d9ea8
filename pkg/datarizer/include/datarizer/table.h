/* datarizer/table.h - a file of records by its name: read as batches whatever its format is, written from batches, and
 * converted from one format to another. The store opens the file, its ending or the caller says the format, and the
 * codec of that format does the rest. */
#ifndef DATARIZER_TABLE_H
#define DATARIZER_TABLE_H

#include <datarizer/cancel.h>
#include <datarizer/csv.h>
#include <datarizer/json.h>
#include <datarizer/parquet.h>
#include <datarizer/store.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum dzr_format {
    DZR_FORMAT_BY_NAME, /* .parquet, .jsonl, .ndjson, .json, .csv and .tsv, without regard to case */
    DZR_FORMAT_PARQUET,
    DZR_FORMAT_JSONL,
    DZR_FORMAT_CSV,
    DZR_FORMAT_JSON, /* one array of objects */
    DZR_FORMAT_TSV,  /* CSV whose delimiter is a tab unless another is given */
} dzr_format;

/* "parquet", "jsonl", "json", "csv", "tsv"; static storage. */
DZR_API const char *dzr_format_name(dzr_format format);
/* By such a name, without regard to case, "ndjson" too. DZR_ERR_ARG names those there are. */
DZR_API DZR_MUST_CHECK dzr_status dzr_format_find(const char *name, dzr_format *out, dzr_error *err);
/* By the ending of a file's name. DZR_ERR_ARG when it has none of those above, as `-` has not. */
DZR_API DZR_MUST_CHECK dzr_status dzr_format_of(const char *file_name, dzr_format *out, dzr_error *err);

typedef struct dzr_table_read_options {
    const dzr_allocator *alloc;
    dzr_format format;
    const dzr_cancel *cancel;     /* NULL: never. Ends next, also while it waits for a stream, and waiting for S3 */
    const dzr_s3_options *s3;     /* as in dzr_store_source_options */
    int32_t threads;              /* to read with, the caller's among them; as in threads.h */
    dzr_jsonl_read_options jsonl; /* its alloc and threads are not looked at */
    dzr_csv_read_options csv;     /* its alloc is not looked at */
    dzr_parquet_limits limits;    /* of Parquet */
    size_t memory;                /* of Parquet, as in dzr_parquet_read_options */
    /* What to read; zero is everything. */
    const char *const *columns; /* n_columns of them, in the order they are to come in: of Parquet paths as
                                   dzr_parquet_reader_path has them, or of what is above some: "tags" is
                                   "tags.list.element", too; of others names, with dots from a struct down */
    int32_t n_columns;
    const int32_t *row_groups; /* of Parquet, n_row_groups of them */
    int32_t n_row_groups;
    int64_t first_row, n_rows; /* of those: n_rows (0: all there are) from number first_row on */
    int64_t last_rows;         /* of those: the last so many, and then the two above are 0; 0: from the front. Another
                                  format than Parquet is read to its end before the first batch comes */
    int64_t batch_rows;        /* of each batch but the last; 0: row groups (a scan's batches with `memory`), or what
                                  jsonl or csv says */
    const char *where; /* of those: the rows that it is true of, by filter.h, whether their columns are asked for or
                          not; NULL: all */
    int64_t offset;    /* of those: but for so many at first */
    bool has_limit;
    int64_t limit; /* of those: so many at most */
    /* Of JSON lines: where records go that are bad, instead of ending it: JSON lines with members reason, line, offset,
     * and raw or, where that is not UTF-8, raw_base64. NULL: they end it. Only dzr_convert makes the file appear. */
    const char *dead_letter;
    int64_t max_bad; /* one more ends it all the same; 0: no number does */
} dzr_table_read_options;

typedef struct dzr_table_reader dzr_table_reader;

/* name is for dzr_store_open_source. options may be NULL, and are needed only by open. One thread at a time.
 * Errors: the store's, the format's; DZR_ERR_ARG (dzr_format_of's, a column or row group that is not there, a number
 * below 0), those of dzr_filter_new, DZR_ERR_UNSUPPORTED for Parquet from a stream, and for row groups of another
 * format. */
DZR_API DZR_MUST_CHECK dzr_status dzr_table_reader_open(
        const char *name, const dzr_table_read_options *options, dzr_table_reader **out, dzr_error *err);
/* Both live as long as the reader. The schema is that of its batches. */
DZR_API const dzr_schema *dzr_table_reader_schema(const dzr_table_reader *reader);
DZR_API const dzr_parquet_reader *dzr_table_reader_parquet(
        const dzr_table_reader *reader); /* NULL for another format */
/* *out is NULL at the end. A batch is a row group where nothing was chosen, what dzr_parquet_scan_next gives, or what
 * dzr_jsonl_reader_next or dzr_csv_reader_next does, or its rows in the range.
 * Errors: the format's, DZR_ERR_CANCELLED. After one only close is useful. */
DZR_API DZR_MUST_CHECK dzr_status dzr_table_reader_next(dzr_table_reader *reader, dzr_batch **out, dzr_error *err);
DZR_API void dzr_table_reader_close(dzr_table_reader *reader); /* NULL is allowed */

/* How many rows the file has. Of Parquet only the footer is read; lines of JSON are counted but not parsed: those that
 * hold more than white space; records of CSV are cut but not converted. Of options alloc, format, cancel, s3, limits
 * and csv count. Errors: the store's, the format's,
 * DZR_ERR_CANCELLED. */
DZR_API DZR_MUST_CHECK dzr_status dzr_table_count(
        const char *name, const dzr_table_read_options *options, int64_t *n_rows, dzr_error *err);

/* n rows of those that options choose, or all where there are no more, as one batch in the file's order. Each set of n
 * is as likely as another; the same seed gives the same rows of the same file. Of Parquet only pages near such rows are
 * read where the file has an offset index; other formats are read once from end to end. Errors: the reader's,
 * DZR_ERR_ARG (n below 0; first_row, n_rows or last_rows not 0), DZR_ERR_NOMEM. */
DZR_API DZR_MUST_CHECK dzr_status dzr_table_sample(const char *name, const dzr_table_read_options *options, int64_t n,
        uint64_t seed, dzr_batch **out, dzr_error *err);

typedef struct dzr_table_write_options {
    const dzr_allocator *alloc;
    dzr_format format;
    bool make_folders;
    const dzr_cancel *cancel;          /* NULL: never. Ends waiting for S3 */
    const dzr_s3_options *s3;          /* as in dzr_store_sink_options */
    int32_t threads;                   /* to write with, the caller's among them; as in threads.h */
    dzr_parquet_write_options parquet; /* its alloc and threads are not looked at; all zero: uncompressed */
    dzr_csv_dialect csv;
    /* Of Parquet: what the rows are in order of, as in SQL: "day desc, name nulls first", names in "..." where they are
     * no words (a " in them twice); nulls come last where nothing is said. Each row group records it, in place of
     * parquet.sorting, and a row that is not in that order is DZR_ERR_ARG. NULL: nothing is known */
    const char *sort_order;
} dzr_table_write_options;

typedef struct dzr_table_writer dzr_table_writer;

/* name is for dzr_store_open_sink. Nothing of it can be seen before commit.
 * Errors: the store's, the format's; DZR_ERR_ARG (dzr_format_of's; JSON with two columns of one name, of which a reader
 * would see one). */
DZR_API DZR_MUST_CHECK dzr_status dzr_table_writer_open(const char *name, const dzr_schema *schema,
        const dzr_table_write_options *options, dzr_table_writer **out, dzr_error *err);
DZR_API DZR_MUST_CHECK dzr_status dzr_table_writer_append(
        dzr_table_writer *writer, const dzr_batch *batch, dzr_error *err);
/* Finishes the file and makes it appear, whole and flushed to disk. */
DZR_API DZR_MUST_CHECK dzr_status dzr_table_writer_commit(dzr_table_writer *writer, dzr_error *err);
DZR_API uint64_t dzr_table_writer_n_bytes(const dzr_table_writer *writer); /* so far; all of them after commit */
/* Without commit nothing is left of it. NULL is allowed. */
DZR_API void dzr_table_writer_close(dzr_table_writer *writer);

/* What a conversion did. */
typedef struct dzr_convert_result {
    int64_t n_rows;
    uint64_t n_bytes; /* of the new file */
    int64_t n_bad;    /* records that went to the dead letter file */
} dzr_convert_result;

/* Copies all records of one file into another, which appears whole or not at all; they may be one and the same.
 * From Parquet to Parquet what the file says besides its rows comes along: metadata of the file, and of columns where
 * all row groups say the same; sorting, as far as it holds for all rows one after the other; with the schema, field
 * ids, zones and notes. What write_options has of that comes behind it, in place of entries of the same key, or instead
 * (sorting). Memory is bounded by a row group of either. result may be NULL. Errors: those of the reader and the
 * writer. */
DZR_API DZR_MUST_CHECK dzr_status dzr_convert(const char *in, const dzr_table_read_options *read_options,
        const char *out, const dzr_table_write_options *write_options, dzr_convert_result *result, dzr_error *err);

/* All rows of the files, one after the other, as one. Their columns are the same, or with by_name found by their names:
 * the new file then has those of all, null where a file has none. What may be null in one may be null in the new one.
 * Each file is opened twice, so none can be a stream. What files say besides their rows does not come along. Memory and
 * errors as dzr_convert's, DZR_ERR_TYPE for columns that do not go together, DZR_ERR_ARG for no files. */
DZR_API DZR_MUST_CHECK dzr_status dzr_merge(const char *const *names, int32_t n_files, bool by_name,
        const dzr_table_read_options *read_options, const char *out, const dzr_table_write_options *write_options,
        dzr_convert_result *result, dzr_error *err);

enum { DZR_SPLIT_MAX_PARTS = 100000 };

/* One of both, the other 0. */
typedef struct dzr_split_options {
    int64_t rows;  /* each part has so many, the last what is left */
    int32_t parts; /* so many, which differ by a row at most; the rows are counted first, so that in can't be a stream,
                      and read_options choose no rows */
} dzr_split_options;

typedef struct dzr_split_result {
    int64_t n_rows;
    uint64_t n_bytes; /* of all parts */
    int32_t n_parts;  /* one at least, if with no rows */
} dzr_split_result;

/* Copies the records of in into several files, as dzr_convert does into one. out is their name, in which {} stands for
 * the number of each, from 00001 on. None appears before all are written, for which a file stays open for each (of S3
 * up to a part of an upload in memory); should the system then fail in the midst of it, the message says which are new.
 * Errors: as dzr_convert's, DZR_ERR_ARG (no {} or two in out; rows and parts), DZR_ERR_LIMIT (more than
 * DZR_SPLIT_MAX_PARTS). */
DZR_API DZR_MUST_CHECK dzr_status dzr_split(const char *in, const dzr_table_read_options *read_options, const char *out,
        const dzr_split_options *options, const dzr_table_write_options *write_options, dzr_split_result *result,
        dzr_error *err);

#ifdef __cplusplus
}
#endif
#endif
