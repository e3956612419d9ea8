/* datarizer/parquet.h - Parquet files from batches and into batches, streaming both ways.
 * Spec: apache/parquet-format README.md, Encodings.md, LogicalTypes.md, Compression.md, src/main/thrift/parquet.thrift.
 */
#ifndef DATARIZER_PARQUET_H
#define DATARIZER_PARQUET_H

#include <datarizer/frame.h>
#include <datarizer/threads.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The numbers are parquet.thrift's CompressionCodec. */
typedef enum dzr_codec {
    DZR_CODEC_UNCOMPRESSED = 0,
    DZR_CODEC_SNAPPY = 1,
    DZR_CODEC_GZIP = 2,
    DZR_CODEC_BROTLI = 4,
    DZR_CODEC_LZ4 = 5, /* deprecated by the format: read, never written */
    DZR_CODEC_ZSTD = 6,
    DZR_CODEC_LZ4_RAW = 7
} dzr_codec;

/* "snappy" ...; NULL for a number that is no codec we know. */
DZR_API const char *dzr_codec_name(dzr_codec codec);
/* A codec to write with: names as above, without regard to case, "none" too. DZR_ERR_ARG names those there are. */
DZR_API DZR_MUST_CHECK dzr_status dzr_codec_find(const char *name, dzr_codec *out, dzr_error *err);

/* What somebody says about a file: key and value are UTF-8 by the format. value.at is NULL where there is none. */
typedef dzr_key_value dzr_parquet_metadata;

/* The key of a field's note with its field id in the file, a decimal number of 32 bits; other notes are kept by Arrow's
 * schema (no_arrow_schema below). */
#define DZR_PARQUET_FIELD_ID "PARQUET:field_id"

/* The same about a column; the writer puts it into each row group. */
typedef struct dzr_parquet_column_metadata {
    int32_t column; /* as the file numbers them: nodes that hold values */
    dzr_parquet_metadata entry;
} dzr_parquet_column_metadata;

/* Rows of each row group are in order of this column; the writer believes it. */
typedef struct dzr_parquet_sorting {
    int32_t column; /* numbered like that */
    bool descending, nulls_first;
} dzr_parquet_sorting;

/* How a column's values are written. Every reader takes AUTO; those of the others are younger or rarer. */
typedef enum dzr_parquet_encoding {
    DZR_PARQUET_AUTO = 0, /* a dictionary while it pays, then PLAIN; BOOLEAN: PLAIN */
    DZR_PARQUET_PLAIN,
    DZR_PARQUET_RLE,                     /* BOOLEAN */
    DZR_PARQUET_DELTA_BINARY_PACKED,     /* INT32, INT64: numbers close to the ones before */
    DZR_PARQUET_DELTA_LENGTH_BYTE_ARRAY, /* BYTE_ARRAY */
    DZR_PARQUET_DELTA_BYTE_ARRAY,        /* BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY: strings that begin like the ones before */
    DZR_PARQUET_BYTE_STREAM_SPLIT /* INT32, INT64, FLOAT, DOUBLE, FIXED_LEN_BYTE_ARRAY: a codec finds more in it */
} dzr_parquet_encoding;

/* What one column is to have instead of what the file has. */
typedef struct dzr_parquet_column_options {
    const char *path; /* as dzr_parquet_chunk has it: "id", "address.city", "tags.list.element" */
    dzr_parquet_encoding encoding;
    dzr_codec codec; /* 0 is UNCOMPRESSED here, too */
    int32_t level;
    bool int96; /* a TIMESTAMP in us or ns as the deprecated INT96, for readers that know no other; see below */
} dzr_parquet_column_options;

/* Zero everywhere but codec is a good start; DZR_PARQUET_WRITE_DEFAULTS has Snappy. */
typedef struct dzr_parquet_write_options {
    const dzr_allocator *alloc;
    dzr_codec codec;
    int32_t level;            /* 0: the codec's own default (ZSTD 1..22, GZIP 1..9, BROTLI 1..11: 5) */
    int64_t row_group_rows;   /* 0: 1,000,000. A row group ends after so many rows ... */
    int64_t row_group_bytes;  /* 0: 128 MiB. ... or once its values would take so many bytes as PLAIN */
    int32_t page_bytes;       /* 0: 1 MiB. Data pages end before their values take more (one row alone may) */
    int32_t page_rows;        /* 0: 20,000. ... or hold so many rows */
    int32_t dictionary_bytes; /* 0: 1 MiB. A larger dictionary falls back to PLAIN; -1: no dictionaries */
    int32_t page_version;     /* 0: 1, which every reader takes. 2: data pages V2, whose levels are not compressed */
    const dzr_parquet_metadata *metadata; /* of the file, copied by open */
    int32_t n_metadata;
    const dzr_parquet_column_metadata *column_metadata; /* copied by open */
    int32_t n_column_metadata;
    const dzr_parquet_sorting *sorting; /* the first counts most; copied by open */
    int32_t n_sorting;
    /* By default the file's metadata gets an entry ARROW:schema, in place of any of the caller's: the schema in Arrow's
     * own terms, by which its readers (this one, pyarrow, Polars ...) know zones, UUIDs and notes of fields again. */
    bool no_arrow_schema;
    const dzr_parquet_column_options *columns; /* for those that are to differ; needed only by open */
    int32_t n_columns;
    int32_t threads; /* to encode columns with, the caller's among them; as in threads.h. The file is the same */
    /* All TIMESTAMP columns in us and ns as INT96: without a logical type, so unit and zone are lost, and without
     * bounds. Those in ms, which reach further, stay INT64. */
    bool int96;
    /* Bounds of FLOAT, DOUBLE and HALF in IEEE_754_TOTAL_ORDER: zeros keep their sign, and where all values are NaN the
     * bounds are, too. Readers that do not know the order pass such bounds over. */
    bool float_total_order;
    /* A budget of bytes for all that the writer takes, 0: none. Row groups, pages and dictionaries become smaller for
     * it, so that a row group's values take an eighth of it. What does not fit all the same is DZR_ERR_LIMIT: a codec's
     * context, very long strings, or what the footer will say of very many row groups. */
    size_t memory;
} dzr_parquet_write_options;

#define DZR_PARQUET_WRITE_DEFAULTS ((dzr_parquet_write_options){.codec = DZR_CODEC_SNAPPY})

typedef struct dzr_parquet_writer dzr_parquet_writer;

/* sink stays the caller's, outlives the writer, and is empty yet. Pages get a CRC, column chunks statistics. LIST and
 * MAP are written in the format's standard form, whose names take the place of their children's.
 * A DICTIONARY column is written as its values, with a dictionary like any other while that pays.
 * One thread at a time. Errors: DZR_ERR_ARG (an option out of its range, a column that is not there or can't have the
 * encoding), DZR_ERR_UNSUPPORTED (a STRUCT without fields,
 * which the format does not have), DZR_ERR_NOMEM, the sink's. */
DZR_API DZR_MUST_CHECK dzr_status dzr_parquet_writer_open(dzr_sink *sink, const dzr_schema *schema,
        const dzr_parquet_write_options *options, dzr_parquet_writer **out, dzr_error *err);
/* Takes the rows (copying or holding the batch); full row groups go to the sink.
 * Errors: DZR_ERR_ARG when the batch has another schema, or a null where that has none; DZR_ERR_LIMIT for a row that a
 * page can't hold; DZR_ERR_NOMEM, the sink's; after one, only close is useful. */
DZR_API DZR_MUST_CHECK dzr_status dzr_parquet_writer_append(
        dzr_parquet_writer *writer, const dzr_batch *batch, dzr_error *err);
/* Writes the last row group and the footer; does not commit the sink. */
DZR_API DZR_MUST_CHECK dzr_status dzr_parquet_writer_finish(dzr_parquet_writer *writer, dzr_error *err);
DZR_API void dzr_parquet_writer_close(dzr_parquet_writer *writer); /* NULL is allowed */

/* Limits on what a file may claim; 0 means the value named. */
typedef struct dzr_parquet_limits {
    size_t footer_bytes;    /* 256 MiB */
    int32_t schema_nodes;   /* 200,001: what a schema of DZR_MAX_COLUMNS may take */
    int32_t depth;          /* 130: what a schema of DZR_MAX_DEPTH may take. A list has two levels in a file */
    int32_t row_groups;     /* 1,000,000 */
    size_t page_bytes;      /* 512 MiB, compressed and not */
    size_t row_group_bytes; /* 4 GiB, decoded memory of the columns asked for in one read */
} dzr_parquet_limits;

typedef struct dzr_parquet_read_options {
    const dzr_allocator *alloc;
    dzr_parquet_limits limits;
    bool skip_crc; /* by default a page with a CRC is checked */
    /* A budget of bytes, 0: none. All that the reader takes, and the batches that it gave out and that are not freed
     * yet, never take more (but for a Snappy page's and an LZ4 frame's working memory, which is of a fixed size).
     * What would is DZR_ERR_LIMIT, whose message names the place. */
    size_t memory;
    /* To read columns with, the caller's among them; as in threads.h. Within a budget of `memory` the caller's reads
     * alone, which needs least. */
    int32_t threads;
} dzr_parquet_read_options;

typedef struct dzr_parquet_reader dzr_parquet_reader;

/* Reads the footer. source stays the caller's and outlives the reader and must know its size. options may be NULL.
 * Errors: DZR_ERR_CORRUPT, DZR_ERR_TRUNCATED, DZR_ERR_LIMIT, DZR_ERR_UNSUPPORTED (encrypted footer), the source's;
 * each message starts with the source's name. */
DZR_API DZR_MUST_CHECK dzr_status dzr_parquet_reader_open(
        dzr_source *source, const dzr_parquet_read_options *options, dzr_parquet_reader **out, dzr_error *err);
DZR_API void dzr_parquet_reader_close(dzr_parquet_reader *reader); /* NULL is allowed */

/* The file's schema as the frame has it. Lives as long as the reader. Its columns are the nodes that hold values, in
 * file order: STRUCT, LIST and MAP have none of their own. Lists and maps come in every form that the format knows: a
 * repeated field by itself is a LIST that is not nullable, of elements that are not; a map without values is a LIST of
 * its keys; a map's key is not nullable, even where the file says so. */
DZR_API const dzr_schema *dzr_parquet_reader_schema(const dzr_parquet_reader *reader);
/* Columns there are: their numbers are below. */
DZR_API int32_t dzr_parquet_reader_n_columns(const dzr_parquet_reader *reader);
/* "a.b.c": the names in the file on the way down to the column, which is in [0, n_columns). */
DZR_API const char *dzr_parquet_reader_path(const dzr_parquet_reader *reader, int32_t column);
DZR_API int64_t dzr_parquet_reader_n_rows(const dzr_parquet_reader *reader);
DZR_API int32_t dzr_parquet_reader_n_row_groups(const dzr_parquet_reader *reader);
DZR_API int64_t dzr_parquet_reader_row_group_rows(const dzr_parquet_reader *reader, int32_t row_group);
/* The writer's name, "" when absent. */
DZR_API const char *dzr_parquet_reader_created_by(const dzr_parquet_reader *reader);

/* Whether the entry ARROW:schema of the file's metadata could be taken in: DZR_OK too when there is none. Zones and
 * notes of fields come from it, and UUIDs that Parquet calls bytes, where it does not contradict the file's own schema.
 * One that is damaged costs nothing but that: it is ignored. Errors: DZR_ERR_CORRUPT, DZR_ERR_TRUNCATED, DZR_ERR_LIMIT
 * (it has more fields or is deeper than a frame may be), DZR_ERR_NOMEM. */
DZR_API DZR_MUST_CHECK dzr_status dzr_parquet_reader_check_arrow_schema(
        const dzr_parquet_reader *reader, dzr_error *err);

/* Entries of the file's metadata, in its order; keys may repeat. Views live as long as the reader. index is in
 * [0, n_metadata). */
DZR_API int32_t dzr_parquet_reader_n_metadata(const dzr_parquet_reader *reader);
DZR_API dzr_parquet_metadata dzr_parquet_reader_metadata(const dzr_parquet_reader *reader, int32_t index);
/* What a row group's rows are said to be in order of: entries, and one of them. Columns are not checked to exist. */
DZR_API int32_t dzr_parquet_reader_n_sorting(const dzr_parquet_reader *reader, int32_t row_group);
DZR_API dzr_parquet_sorting dzr_parquet_reader_sorting(
        const dzr_parquet_reader *reader, int32_t row_group, int32_t index);
/* How many entries of the first row group's sorting hold for the rows of all row groups, one after the other: entries
 * that all have, as far as the bounds of the first column say that no group's values come before those of the one
 * before. row_groups NULL means all; else n_row_groups of them, in their order, each in [0, n_row_groups of the file).
 */
DZR_API int32_t dzr_parquet_reader_sorted(
        const dzr_parquet_reader *reader, const int32_t *row_groups, int32_t n_row_groups);

/* DZR_OK when the column's values can be read; else DZR_ERR_UNSUPPORTED (a type frames do not have) or
 * DZR_ERR_CORRUPT (an annotation that contradicts itself), with the reason. In the schema such a column has the type
 * that is next to its physical one: BINARY for bytes of a fixed length. DZR_ERR_ARG for a number out of range. */
DZR_API DZR_MUST_CHECK dzr_status dzr_parquet_reader_can_read(
        const dzr_parquet_reader *reader, int32_t column, dzr_error *err);

/* A column of WKB, as the file annotates it. In the schema it is BINARY with the notes of Arrow's extension type
 * geoarrow.wkb (keys ARROW:extension:name and ARROW:extension:metadata), which other engines know; the writer annotates
 * a BINARY field with such notes in the same way. Its values are not looked into. */
typedef struct dzr_parquet_geo {
    bool is_geography;     /* edges are on the globe; else GEOMETRY, with edges in a plane */
    dzr_bytes crs;         /* as the file has it: "srid:5070", PROJJSON ...; "OGC:CRS84" when it has none. UTF-8 */
    const char *algorithm; /* GEOGRAPHY: "spherical", "vincenty", "thomas", "andoyer" or "karney"; else NULL */
} dzr_parquet_geo;

/* Whether the column is one; views live as long as the reader. */
DZR_API bool dzr_parquet_reader_geo(const dzr_parquet_reader *reader, int32_t column, dzr_parquet_geo *out);

/* What the footer says of one column chunk. Views live as long as the reader. */
typedef struct dzr_parquet_chunk {
    const char *path;          /* "a.b.c" */
    const char *physical_type; /* "BYTE_ARRAY" */
    int32_t codec;             /* dzr_codec, or another number of CompressionCodec */
    int64_t n_values;
    int64_t n_bytes, n_bytes_uncompressed;
    bool has_null_count, has_min_max, min_exact, max_exact;
    int64_t n_nulls;
    dzr_bytes min, max; /* as PLAIN encodes the value, without length prefix */
    int32_t n_metadata; /* entries that the chunk has of its own: dzr_parquet_reader_chunk_metadata */
} dzr_parquet_chunk;

DZR_API DZR_MUST_CHECK dzr_status dzr_parquet_reader_chunk(
        const dzr_parquet_reader *reader, int32_t row_group, int32_t column, dzr_parquet_chunk *out, dzr_error *err);

/* One of a chunk's entries; row_group and column are there, and index is in [0, n_metadata). */
DZR_API dzr_parquet_metadata dzr_parquet_reader_chunk_metadata(
        const dzr_parquet_reader *reader, int32_t row_group, int32_t column, int32_t index);

typedef enum dzr_parquet_compare {
    DZR_PARQUET_EQ,
    DZR_PARQUET_NE,
    DZR_PARQUET_LT,
    DZR_PARQUET_LE,
    DZR_PARQUET_GT,
    DZR_PARQUET_GE,
    DZR_PARQUET_IS_NULL, /* these two take no value */
    DZR_PARQUET_NOT_NULL
} dzr_parquet_compare;

/* *out is false only when the statistics of the chunk say that none of its values compares so with `value`, which is as
 * PLAIN encodes a value of the column, without length prefix. Null compares with nothing; NaN as IEEE 754 has it, so
 * NaN in the column matches NE alone, and nothing is left out for a value that is NaN. In a list each value counts, and
 * a null above it is a null. Errors: DZR_ERR_ARG (a number out of range, a value of another length than the type's),
 * those of can_read. */
DZR_API DZR_MUST_CHECK dzr_status dzr_parquet_reader_may_match(const dzr_parquet_reader *reader, int32_t row_group,
        int32_t column, dzr_parquet_compare compare, dzr_bytes value, bool *out, dzr_error *err);

/* One data page, as the page index has it. */
typedef struct dzr_parquet_page {
    int64_t offset;            /* of its header, in the file */
    int64_t n_bytes;           /* header included */
    int64_t first_row, n_rows; /* counted from the row group's first */
    bool has_string_bytes;
    int64_t n_string_bytes; /* what its BYTE_ARRAY values take by themselves */
    /* the rest is there with has_bounds only */
    bool is_null; /* nothing but nulls */
    bool has_null_count, has_nan_count, has_min_max;
    int64_t n_nulls, n_nan;
    dzr_bytes min, max; /* no value is below or above; they need not be values of the page */
} dzr_parquet_page;

typedef enum dzr_parquet_order {
    DZR_PARQUET_UNORDERED = 0,
    DZR_PARQUET_ASCENDING = 1,
    DZR_PARQUET_DESCENDING = 2
} dzr_parquet_order;

typedef struct dzr_parquet_page_index {
    int32_t n_pages;
    const dzr_parquet_page *pages;
    bool has_bounds;         /* the file has a column index too */
    dzr_parquet_order order; /* of the bounds, page after page: as the file says */
    int32_t n_reps, n_defs;  /* entries of a page's histogram of levels, one for each level; 0: there is none */
    const int64_t *reps, *defs;
} dzr_parquet_page_index;

/* Reads the page index of a chunk: *out is NULL when the file has none, else the caller's to free; it lives on its own.
 * It is checked before it is given out: pages follow each other within the file, rows within the row group, lists have
 * an entry for each page, bounds are values. Errors: DZR_ERR_ARG (a number out of range), DZR_ERR_CORRUPT,
 * DZR_ERR_TRUNCATED, DZR_ERR_LIMIT (larger than a footer may be), DZR_ERR_NOMEM, the source's. Values are read without
 * it: an error here says nothing of them. */
DZR_API DZR_MUST_CHECK dzr_status dzr_parquet_reader_page_index(const dzr_parquet_reader *reader, int32_t row_group,
        int32_t column, dzr_parquet_page_index **out, dzr_error *err);
DZR_API void dzr_parquet_page_index_free(dzr_parquet_page_index *index); /* NULL is allowed */

/* What a scan reads. Zero is all of the file. */
typedef struct dzr_parquet_scan_options {
    const int32_t *columns; /* NULL: all; else n_columns of them, in the order they are to come in */
    int32_t n_columns;
    const int32_t *row_groups; /* NULL: all; else n_row_groups of them, in this order */
    int32_t n_row_groups;
    /* Of the rows of those row groups, one after the other, n_rows (0: all there are) from number first_row on; what is
     * behind the last one is not there. Pages before first_row are passed over: unread when the file has an offset
     * index, else by their headers. */
    int64_t first_row, n_rows;
    int64_t batch_rows; /* of each batch but the last, whatever row groups have; 0: 65,536, or fewer to suit `memory` */
    /* Of the columns those that come as codes of a dictionary: DZR_TYPE_DICTIONARY of their type, in every batch,
     * whatever the file does. A batch's dictionary has the file's for its rows' chunks, and each value once that a page
     * has by itself, in another encoding; batches share it where they can. No BOOL. Needed only by open. */
    const int32_t *dictionaries;
    int32_t n_dictionaries;
} dzr_parquet_scan_options;

typedef struct dzr_parquet_scan dzr_parquet_scan;

/* Reads rows batch by batch; what is kept between two is less than a page of each column, so that memory is bounded by
 * a batch and a page and not by a row group. options may be NULL, and is needed only by open. The reader outlives the
 * scan, and may have many at once; one scan belongs to one thread at a time.
 * Errors: DZR_ERR_ARG (a number out of range, checked first), DZR_ERR_UNSUPPORTED (a column's type, a
 * dictionary of booleans or nulls), DZR_ERR_NOMEM. */
DZR_API DZR_MUST_CHECK dzr_status dzr_parquet_scan_open(
        dzr_parquet_reader *reader, const dzr_parquet_scan_options *options, dzr_parquet_scan **out, dzr_error *err);
/* Of the batches; lives as long as the scan. */
DZR_API const dzr_schema *dzr_parquet_scan_schema(const dzr_parquet_scan *scan);
/* Its batches' columns, and the file's number of one of them. */
DZR_API int32_t dzr_parquet_scan_n_columns(const dzr_parquet_scan *scan);
DZR_API int32_t dzr_parquet_scan_column(const dzr_parquet_scan *scan, int32_t column);
/* *out is the next batch, or NULL at the end. Batches are as dzr_parquet_read_row_group gives them, and live on after
 * scan and reader are closed. limits.row_group_bytes holds for each column's part. Errors: as there, and
 * DZR_ERR_CORRUPT for an offset index that says other rows than a page has. After one only close is useful. */
DZR_API DZR_MUST_CHECK dzr_status dzr_parquet_scan_next(dzr_parquet_scan *scan, dzr_batch **out, dzr_error *err);
DZR_API void dzr_parquet_scan_close(dzr_parquet_scan *scan); /* NULL is allowed */
/* The scan's batches, whose close closes the scan: for dzr_arrow_export_stream. */
DZR_API dzr_batch_source dzr_parquet_scan_batches(dzr_parquet_scan *scan);

/* Reads columns[0 .. n_columns) of one row group into a batch whose schema has just those fields; columns NULL means
 * all. Strings are views into the decoded pages, which the batch keeps. Errors: DZR_ERR_ARG (a number out of range,
 * checked first), DZR_ERR_CORRUPT, DZR_ERR_TRUNCATED (err has row group, column and offset), DZR_ERR_UNSUPPORTED
 * (codec, encoding or type named), DZR_ERR_LIMIT, DZR_ERR_NOMEM. A reader may be used by several threads at once: it
 * keeps no state between calls. */
DZR_API DZR_MUST_CHECK dzr_status dzr_parquet_read_row_group(dzr_parquet_reader *reader, int32_t row_group,
        const int32_t *columns, int32_t n_columns, dzr_batch **out, dzr_error *err);

#ifdef __cplusplus
}
#endif
#endif
