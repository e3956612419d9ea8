/* datarizer/parquet_validate.h - every byte of a Parquet file, checked: pages against their checksums, their headers
 * and each other, and all that the file says of its values against the values. */
#ifndef DATARIZER_PARQUET_VALIDATE_H
#define DATARIZER_PARQUET_VALIDATE_H

#include <datarizer/parquet.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What is not as it should be. */
typedef enum dzr_parquet_finding_kind {
    DZR_PARQUET_FOUND_FOOTER,       /* it can't be read, or its numbers contradict each other */
    DZR_PARQUET_FOUND_LAYOUT,       /* parts of the file overlap, or bytes belong to nothing */
    DZR_PARQUET_FOUND_CHUNK,        /* a chunk's sizes, counts, encodings or offsets are not those of its pages */
    DZR_PARQUET_FOUND_PAGE,         /* a page can't be read: its header, levels, values, indices */
    DZR_PARQUET_FOUND_CRC,          /* its bytes are not those that were written */
    DZR_PARQUET_FOUND_STATISTICS,   /* of a chunk or a page: the values are others */
    DZR_PARQUET_FOUND_PAGE_INDEX,   /* places or bounds of pages are others */
    DZR_PARQUET_FOUND_SIZES,        /* bytes of strings or histograms of levels are others */
    DZR_PARQUET_FOUND_BLOOM_FILTER, /* it can't be read, or denies a value that is there */
    DZR_PARQUET_FOUND_SORTING,      /* rows are not in the order that they are said to be in */
    DZR_PARQUET_FOUND_UNCHECKED     /* nothing wrong, but not looked at: encrypted, or a type, codec or encoding that
                                       this library does not have */
} dzr_parquet_finding_kind;

/* "footer", "page_index" ...; static storage. */
DZR_API const char *dzr_parquet_finding_name(dzr_parquet_finding_kind kind);

/* A number is -1 where it does not apply. */
typedef struct dzr_parquet_finding {
    dzr_parquet_finding_kind kind;
    int32_t row_group, column;
    int32_t page;        /* data pages of the chunk, counted from 0 */
    int64_t offset;      /* byte in the file */
    const char *message; /* with the place before it, good until the call returns */
} dzr_parquet_finding;

/* Called with each finding; another status than DZR_OK ends the check, and is returned. */
typedef dzr_status (*dzr_parquet_finding_hook)(void *ctx, const dzr_parquet_finding *finding, dzr_error *err);

/* What was looked at. */
typedef struct dzr_parquet_checked {
    int64_t n_findings; /* UNCHECKED ones are not among them */
    int64_t n_unchecked;
    int64_t n_row_groups, n_chunks, n_pages, n_values;
    int64_t n_crcs, n_indexes, n_bloom_filters; /* there were that many of them to check */
} dzr_parquet_checked;

/* Checks all of the file, and goes on after a finding as far as that can be done: the rest of a chunk is not decoded
 * after a page that can't be read. One chunk at a time is in memory, and the sorting columns of a row group. options
 * may be NULL; skip_crc and threads are not looked at. DZR_OK with findings, too. Errors: the hook's, the source's,
 * DZR_ERR_NOMEM, DZR_ERR_ARG (a stream); *out, which may be NULL, is filled all the same. */
DZR_API DZR_MUST_CHECK dzr_status dzr_parquet_validate(dzr_source *source, const dzr_parquet_read_options *options,
        dzr_parquet_finding_hook hook, void *ctx, dzr_parquet_checked *out, dzr_error *err);

#ifdef __cplusplus
}
#endif
#endif
