/* datarizer/parquet_meta.h - what a Parquet file says of itself, to the last offset, as it says it: for listings and
 * checks. Reading rows takes none of it (parquet.h does). Views live as long as the reader; numbers of enums that we do
 * not know are given as they are. Spec: apache/parquet-format src/main/thrift/parquet.thrift. */
#ifndef DATARIZER_PARQUET_META_H
#define DATARIZER_PARQUET_META_H

#include <datarizer/parquet.h>

#ifdef __cplusplus
extern "C" {
#endif

/* "PLAIN", "RLE_DICTIONARY" ..., "DATA_PAGE", "DICTIONARY_PAGE" ...; NULL for a number that the format does not have.
 */
DZR_API const char *dzr_parquet_encoding_name(int32_t encoding);
DZR_API const char *dzr_parquet_page_type_name(int32_t type);
/* "SNAPPY" ...: all that the format has, LZO too. */
DZR_API const char *dzr_parquet_codec_name(int32_t codec);

/* FileMetaData, and where it lies. */
typedef struct dzr_parquet_file_facts {
    int32_t version;
    int64_t n_rows;         /* that the file claims; dzr_parquet_reader_n_rows adds up row groups */
    uint64_t n_bytes;       /* of the file */
    uint64_t footer_offset; /* its first byte */
    uint64_t footer_bytes;  /* without the eight behind it */
    bool has_column_orders; /* without which only deprecated bounds count */
} dzr_parquet_file_facts;

DZR_API dzr_parquet_file_facts dzr_parquet_reader_file_facts(const dzr_parquet_reader *reader);

/* RowGroup. Numbers that may be absent are -1 then. */
typedef struct dzr_parquet_group_facts {
    int64_t n_rows;
    int64_t n_bytes_uncompressed; /* total_byte_size */
    int64_t n_bytes;              /* total_compressed_size, or the sum of the chunks' where that is absent */
    int64_t file_offset;
    int32_t ordinal;
    int32_t n_sorting; /* entries, for dzr_parquet_reader_sorting */
} dzr_parquet_group_facts;

/* row_group is in [0, n_row_groups). */
DZR_API dzr_parquet_group_facts dzr_parquet_reader_group_facts(const dzr_parquet_reader *reader, int32_t row_group);

/* How many pages of a kind there are in an encoding: PageEncodingStats. */
typedef struct dzr_parquet_page_count {
    int32_t page_type, encoding, n_pages;
} dzr_parquet_page_count;

/* ColumnChunk and ColumnMetaData, besides what dzr_parquet_chunk has. An offset of 0 says that there is none. */
typedef struct dzr_parquet_chunk_facts {
    int64_t data_page_offset, dictionary_page_offset, index_page_offset;
    int32_t n_encodings, n_page_counts;
    const int32_t *encodings; /* as the file lists them */
    bool has_distinct_count, has_nan_count;
    int64_t n_distinct, n_nan;
    bool has_old_min_max; /* the deprecated pair, compared as signed numbers by whoever wrote it */
    dzr_bytes old_min, old_max;
    int64_t offset_index_offset, column_index_offset, bloom_filter_offset;
    int32_t offset_index_bytes, column_index_bytes;
    int32_t bloom_filter_bytes; /* 0: not said */
    bool has_string_bytes;
    int64_t n_string_bytes; /* what BYTE_ARRAY values take by themselves */
    int32_t n_reps, n_defs; /* entries of the histograms of levels; 0: there is none */
    const int64_t *reps, *defs;
    bool is_encrypted, is_elsewhere; /* the pages; elsewhere is in another file */
} dzr_parquet_chunk_facts;

/* Errors: those of dzr_parquet_reader_chunk. */
DZR_API DZR_MUST_CHECK dzr_status dzr_parquet_reader_chunk_facts(const dzr_parquet_reader *reader, int32_t row_group,
        int32_t column, dzr_parquet_chunk_facts *out, dzr_error *err);
/* index is in [0, n_page_counts) of a chunk that is there. */
DZR_API dzr_parquet_page_count dzr_parquet_reader_page_count(
        const dzr_parquet_reader *reader, int32_t row_group, int32_t column, int32_t index);

/* PageHeader, and where the page lies. Numbers that its kind of page does not have, or that are absent, are -1. */
typedef struct dzr_parquet_page_facts {
    int64_t offset;       /* of the header */
    int32_t header_bytes; /* and the page behind it: */
    int32_t n_bytes, n_bytes_uncompressed;
    int32_t type, encoding;
    int32_t n_values;
    int32_t n_nulls, n_rows;            /* of a V2 page */
    int32_t rep_encoding, def_encoding; /* of a V1 page */
    int32_t rep_bytes, def_bytes;       /* of a V2 page */
    bool has_crc, is_compressed, is_sorted;
    uint32_t crc;
    int64_t null_count; /* of the page's own statistics */
    bool has_min_max;
    dzr_bytes min, max; /* good until `each` returns */
} dzr_parquet_page_facts;

/* Called with a page; another status than DZR_OK ends the walk, and is returned. */
typedef dzr_status (*dzr_parquet_page_visitor)(void *ctx, const dzr_parquet_page_facts *page, dzr_error *err);

/* Walks the headers of a chunk's pages, in their order, until they have as many values as the chunk claims. Pages are
 * not looked into. Errors, with their place: DZR_ERR_ARG (a number out of range), DZR_ERR_CORRUPT, DZR_ERR_TRUNCATED,
 * DZR_ERR_UNSUPPORTED (the chunk is encrypted, or elsewhere), DZR_ERR_LIMIT, DZR_ERR_NOMEM, the source's, `each`'s. */
DZR_API DZR_MUST_CHECK dzr_status dzr_parquet_reader_each_page(const dzr_parquet_reader *reader, int32_t row_group,
        int32_t column, dzr_parquet_page_visitor each, void *ctx, dzr_error *err);

/* Values of a column as PLAIN encodes them, without length prefix (bounds, mostly), as a batch of one column of the
 * type that the column has: n rows, null where `at` is NULL. A STRING that is not UTF-8, as a bound that was cut may
 * be, makes it a column of BINARY. Errors: DZR_ERR_ARG (a column out of range, a value of another length than the
 * type's), those of dzr_parquet_reader_can_read, DZR_ERR_CORRUPT (a value the type can't have), DZR_ERR_NOMEM. */
DZR_API DZR_MUST_CHECK dzr_status dzr_parquet_reader_values(const dzr_parquet_reader *reader, int32_t column,
        const dzr_bytes *values, int32_t n, dzr_batch **out, dzr_error *err);

#ifdef __cplusplus
}
#endif
#endif
