/* parquet/reader/reader.h - what the files of the reader share.
 * A read goes: plan.c decides which chunks and how much memory; chunk.c walks a chunk's pages; page.c decodes one page
 * into the column's buffers. Chunks are independent: a task has its own state and only reads the reader's. */
#ifndef DZR_PARQUET_READER_H
#define DZR_PARQUET_READER_H

#include "parquet/codec/codec.h"
#include "parquet/metadata/metadata.h"

struct dzr_parquet_reader {
    const dzr_allocator *alloc;
    dzr_source *source;
    dzr_parquet_limits limits;
    bool skip_crc;
    uint64_t pages_end; /* the footer's first byte: no page reaches past it */
    uint8_t *footer;    /* when the source gave no view */
    dzr_arena arena;    /* of what follows */
    dzr_meta_file file;
    const dzr_leaf *leaves;
    int32_t n_leaves;
    int64_t n_rows;
    const char *created_by;
    dzr_schema *schema;
};

/* The type column's values have in a batch. DZR_ERR_UNSUPPORTED, with the reason, when they can't be read (yet). */
DZR_MUST_CHECK dzr_status dzr__reader_type(
        const dzr_parquet_reader *reader, int32_t column, dzr_type *out, dzr_error *err);

/* ---- memory that one read may take (page.c) ---- */
typedef struct dzr_budget {
    size_t limit, taken;
} dzr_budget;

DZR_MUST_CHECK dzr_status dzr__budget_take(dzr_budget *budget, uint64_t n_bytes, dzr_error *err);

/* ---- the rows of one column while they are decoded (page.c) ---- */
typedef struct dzr_decoder {
    const dzr_allocator *alloc;
    dzr_budget *budget;
    dzr_type type;
    uint32_t max_def; /* definition level of a value that is there; 0: a required column, without levels */
    size_t size;      /* bytes of a slot of values; 0 for BOOL, whose values are bits */
    int64_t n_rows;   /* there will be */
    int64_t row;      /* the next one */
    int64_t n_nulls;  /* before it */
    dzr_buffer *values;
    dzr_buffer *validity; /* NULL before the first null */
    dzr_buffer **data;    /* what views in values point into */
    int32_t n_data, data_room;
    bool has_dictionary;
    uint32_t n_dictionary;
    uint8_t *dictionary; /* its values, as slots */
    uint8_t *scratch;    /* a decompressed page that nobody points into */
    size_t scratch_bytes;
    dzr_codecs codecs;
} dzr_decoder;

/* Takes the memory of n_rows values from the budget and allocates it. fini is needed after a failure too. */
DZR_MUST_CHECK dzr_status dzr__decoder_init(dzr_decoder *decoder, dzr_type type, uint32_t max_def, int64_t n_rows,
        dzr_budget *budget, const dzr_allocator *alloc, dzr_error *err);
void dzr__decoder_fini(dzr_decoder *decoder);

/* A page as it is stored, its header's sizes checked: stored.len is compressed_size, and uncompressed_size is within
 * limits. keeper   a buffer of ours that holds the bytes; NULL when they are somebody else's. */
typedef struct dzr_stored_page {
    const dzr_meta_page *header;
    int32_t codec;
    dzr_bytes stored;
    dzr_buffer *keeper;
} dzr_stored_page;

/* Errors: DZR_ERR_CORRUPT, DZR_ERR_TRUNCATED, DZR_ERR_UNSUPPORTED (an encoding), DZR_ERR_LIMIT, DZR_ERR_NOMEM.
 * After one, only fini is useful. */
DZR_MUST_CHECK dzr_status dzr__decode_dictionary_page(
        dzr_decoder *decoder, const dzr_stored_page *page, dzr_error *err);
DZR_MUST_CHECK dzr_status dzr__decode_data_page(dzr_decoder *decoder, const dzr_stored_page *page, dzr_error *err);

/* ---- the pages of one chunk (chunk.c) ---- */
typedef struct dzr_chunk_bytes {
    dzr_bytes bytes;
    dzr_buffer *keeper; /* as above */
    int32_t codec;
    size_t page_bytes; /* limit */
    bool skip_crc;
} dzr_chunk_bytes;

/* Decodes pages until the decoder has all its rows; bytes after that are ignored. Errors: those above, with *at, the
 * byte of the chunk where the page starts (or its header breaks). */
DZR_MUST_CHECK dzr_status dzr__decode_chunk(
        dzr_decoder *decoder, const dzr_chunk_bytes *chunk, size_t *at, dzr_error *err);

#endif
