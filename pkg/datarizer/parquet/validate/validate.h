/* parquet/validate/validate.h - what the files of the check share. validate.c goes through the file; chunk.c through a
 * chunk's pages, values.c what their values are; facts.c compares that with what the file says; bloom.c and order.c
 * check bloom filters and sorting. All functions return the hook's status, or an error that ends the check: what is
 * wrong with the file is a finding and no error. */
#ifndef DZR_PARQUET_VALIDATE_INTERNAL_H
#define DZR_PARQUET_VALIDATE_INTERNAL_H

#include "parquet/reader/scan.h"

#include <datarizer/parquet_validate.h>

/* A part of the file that something claims. */
typedef struct dzr_span {
    uint64_t start, end;
    int32_t row_group, column;
    const char *what;
} dzr_span;

typedef struct dzr_validation {
    dzr_parquet_reader *reader;
    dzr_parquet_finding_hook hook;
    void *ctx;
    dzr_parquet_checked checked;
    dzr_span *spans;
    size_t n_spans, cap_spans;
} dzr_validation;

/* Where a finding is; numbers -1 where they do not apply. */
typedef struct dzr_place {
    int32_t row_group, column, page;
    int64_t offset;
} dzr_place;

DZR_MUST_CHECK dzr_status dzr__found(dzr_validation *v, dzr_parquet_finding_kind kind, dzr_place place, dzr_error *err,
        const char *format, ...) DZR_PRINTF(5, 6);
/* What a call failed with becomes a finding, of kind UNCHECKED for what is not supported; but not what ends the check:
 * DZR_ERR_NOMEM, the source's, which it returns. A message that has its place already is taken as it is. */
DZR_MUST_CHECK dzr_status dzr__found_error(dzr_validation *v, dzr_parquet_finding_kind kind, dzr_place place,
        bool has_place, dzr_status st, dzr_error *why, dzr_error *err);
DZR_MUST_CHECK dzr_status dzr__span_add(dzr_validation *v, uint64_t start, uint64_t n_bytes, int32_t row_group,
        int32_t column, const char *what, dzr_error *err);

/* ---- values.c ---- */
/* What values are, of a page or of a chunk. Rows are the decoder's. */
typedef struct dzr_values_seen {
    int64_t n_levels, n_rows, n_set, n_records, n_nan; /* n_rows: of the values, without those of empty lists */
    int64_t min, max;                                  /* rows, of those that can be compared; -1: there is none */
    int64_t n_string_bytes;
} dzr_values_seen;

enum { DZR_PLAIN_ROOM = 8 };
bool dzr__decoder_has_value(const dzr_decoder *decoder, int64_t row);
/* The value of a row as PLAIN has it, without length prefix; room has numbers that are narrower in memory. */
dzr_bytes dzr__decoder_plain(const dzr_decoder *decoder, int64_t row, uint8_t room[DZR_PLAIN_ROOM]);
/* Adds rows [first, end); order NULL: they are not compared. */
void dzr__values_add(
        dzr_values_seen *seen, const dzr_decoder *decoder, const dzr_type *order, int64_t first, int64_t end);
/* Of two parts of a chunk one. */
void dzr__values_join(
        dzr_values_seen *to, const dzr_values_seen *from, const dzr_decoder *decoder, const dzr_type *order);
uint64_t dzr__xxh64(const uint8_t *at, size_t len);

/* ---- chunk.c ---- */
/* A chunk at hand. */
typedef struct dzr_chunk_check {
    dzr_validation *v;
    dzr_column_task *task;
    dzr_place place;       /* of the chunk */
    const dzr_type *order; /* as what its bounds are compared; NULL: they say nothing */
    dzr_parquet_page_index *index;
    dzr_values_seen all;
    bool complete;        /* all its values were decoded */
    int64_t *reps, *defs; /* levels so far, of each: max + 1 entries */
    dzr_bytebuf scratch;  /* a decompressed page, for its levels */
    dzr_codecs codecs;
} dzr_chunk_check;

DZR_MUST_CHECK dzr_status dzr__validate_chunk(dzr_validation *v, int32_t row_group, int32_t column, dzr_error *err);

/* ---- levels.c ---- */
/* Adds a page's levels to histograms of max + 1 entries each. A page that can't be read adds none. */
DZR_MUST_CHECK dzr_status dzr__levels_count(
        dzr_chunk_check *c, const dzr_stored_page *page, int64_t *reps, int64_t *defs, dzr_error *err);

/* ---- facts.c ---- */
/* A page's own statistics, and what the page index says of data page number `page`, which has header_at. */
DZR_MUST_CHECK dzr_status dzr__check_page_facts(dzr_chunk_check *c, dzr_place place, const dzr_stored_page *page,
        uint64_t n_bytes, const dzr_values_seen *seen, int64_t first_record, dzr_error *err);
/* What the footer says of all of the chunk's values, once they are all decoded. */
DZR_MUST_CHECK dzr_status dzr__check_chunk_facts(dzr_chunk_check *c, int32_t n_pages, dzr_error *err);

/* ---- bloom.c, order.c ---- */
DZR_MUST_CHECK dzr_status dzr__check_bloom(dzr_chunk_check *c, dzr_error *err);
DZR_MUST_CHECK dzr_status dzr__check_sorting(dzr_validation *v, int32_t row_group, dzr_error *err);

#endif
