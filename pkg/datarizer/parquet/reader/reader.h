/* parquet/reader/reader.h - what the files of the reader share.
 * tree.c makes the schema when the file is opened. A read goes: plan.c decides which chunks and how much memory;
 * chunk.c walks a chunk's pages; page.c decodes one page into the column's buffers, values.c the values in it, and
 * assemble.c what is above them.
 * Chunks are independent: a task has its own state and only reads the reader's. */
#ifndef DZR_PARQUET_READER_H
#define DZR_PARQUET_READER_H

#include "base/pool.h"
#include "base/quota.h"
#include "parquet/codec/codec.h"
#include "parquet/encoding/encoding.h"
#include "parquet/metadata/metadata.h"

/* A node of the frame's schema in the file. Levels count from the root, so that 0 and 0 is a record. */
typedef struct dzr_tree_node {
    int32_t parent;               /* node, -1 for a field of its own */
    int32_t first_leaf, end_leaf; /* its columns */
    int16_t exists;               /* the definition level at which it has a row */
    int16_t def;                  /* and the one at which that is not null */
    int16_t rep;                  /* lists above it: what begins a new row */
    bool never_null;              /* a map's key, even where the file says that it is optional */
} dzr_tree_node;

/* ---- buffers to be used again, by any thread (spares.c) ---- */
typedef struct dzr_spares dzr_spares;

dzr_spares *dzr__spares_new(const dzr_allocator *alloc, dzr_error *err); /* NULL with err filled on DZR_ERR_NOMEM */
void dzr__spares_free(dzr_spares *spares);                               /* NULL is allowed */
/* A buffer of at least n_bytes, with whatever is in it; NULL with err filled on DZR_ERR_NOMEM. spares NULL: none are
 * kept. alloc is that of the spares. */
dzr_buffer *dzr__spares_take(dzr_spares *spares, const dzr_allocator *alloc, size_t n_bytes, dzr_error *err);
/* One owner less; kept when that was the last. buffer NULL is allowed. */
void dzr__spares_give(dzr_spares *spares, dzr_buffer *buffer);

struct dzr_parquet_reader {
    const dzr_allocator *alloc;
    dzr_quota *quota; /* what alloc is then; NULL: there is no budget */
    dzr_pool *pool;   /* who reads columns; NULL, with a budget too: the caller's thread, which needs least memory */
    dzr_source *source;
    dzr_parquet_limits limits;
    bool skip_crc;
    dzr_spares *spares; /* NULL within a budget */
    uint64_t pages_end; /* the footer's first byte: no page reaches past it */
    uint8_t *footer;    /* when the source gave no view */
    dzr_arena arena;    /* of what follows */
    dzr_meta_file file;
    const dzr_leaf *leaves;
    int32_t n_leaves;
    int64_t n_rows;
    const char *created_by;
    dzr_schema *schema;
    const dzr_tree_node *nodes; /* the schema's */
    const int32_t *leaf_nodes;  /* which of them is column i */
};

/* Fills schema, nodes and leaf_nodes. Errors: DZR_ERR_LIMIT (deeper than a frame may be), DZR_ERR_NOMEM. */
DZR_MUST_CHECK dzr_status dzr__reader_make_schema(dzr_parquet_reader *reader, dzr_error *err);

/* What every call that takes memory returns: a budget that did not suffice is a limit. */
static inline dzr_status dzr__reader_status(const dzr_parquet_reader *reader, dzr_status st, dzr_error *err)
{
    return dzr__quota_status(reader->quota, st, ", or read fewer columns or rows at a time", err);
}

/* Adds to fields what ARROW:schema says of them; they then point into the arena, which is fresh. Errors: DZR_ERR_NOMEM.
 * (hints.c) */
DZR_MUST_CHECK dzr_status dzr__hints_apply(
        const dzr_parquet_reader *reader, dzr_field *fields, int32_t n, dzr_arena *arena, dzr_error *err);

/* The type column's values have in a batch. DZR_ERR_UNSUPPORTED, with the reason, when they can't be read (yet). */
DZR_MUST_CHECK dzr_status dzr__reader_type(
        const dzr_parquet_reader *reader, int32_t column, dzr_type *out, dzr_error *err);
/* Whether the file orders the column's bounds by a rule that we know; *out is as what they are compared then. */
bool dzr__reader_has_order(const dzr_parquet_reader *reader, int32_t column, dzr_type *out);
/* As what its bounds are compared (dzr__ordered_as). Errors: the same. */
DZR_MUST_CHECK dzr_status dzr__reader_order(
        const dzr_parquet_reader *reader, int32_t column, dzr_type *out, dzr_error *err);

enum { DZR_DECIMAL_SLOT = 16 /* bytes of a decimal that a decoder makes */ };

/* ---- memory that one read may take (page.c) ---- */
/* Shared by the columns of a read, which may take from it at once. None gives back before the read is over: whether it
 * suffices does not depend on who comes first. */
typedef struct dzr_budget {
    size_t limit;
    atomic_size_t taken;
} dzr_budget;

DZR_MUST_CHECK dzr_status dzr__budget_take(dzr_budget *budget, uint64_t n_bytes, dzr_error *err);

/* ---- where pages lie (index.c) ---- */
/* dzr_parquet_reader_page_index without the bounds; numbers are right. */
DZR_MUST_CHECK dzr_status dzr__page_places(const dzr_parquet_reader *reader, int32_t row_group, int32_t column,
        dzr_parquet_page_index **out, dzr_error *err);

/* ---- what is above the values of a nested column (assemble.c) ---- */
/* A page's levels of one kind. */
typedef struct dzr_levels {
    uint32_t max; /* 0: all are 0, and nothing is stored */
    dzr_rle runs;
    const uint8_t *packed; /* or the deprecated bit-packed form */
    int64_t packed_next;
} dzr_levels;

/* n levels at the front of a V1 page, whose bytes in then loses; those of a V2 page have no length before them. */
DZR_MUST_CHECK dzr_status dzr__levels_v1(
        dzr_levels *levels, uint32_t max, int32_t encoding, int64_t n, dzr_bytes *in, dzr_error *err);
void dzr__levels_v2(dzr_levels *levels, uint32_t max, dzr_bytes bytes);
/* Levels with their length before them, taken from the front of in. */
DZR_MUST_CHECK dzr_status dzr__level_bytes(dzr_bytes *in, dzr_bytes *out, dzr_error *err);
dzr_status dzr__unknown_level_encoding(int32_t encoding, dzr_error *err);
/* How many of the next n levels are 0. Errors as for dzr__assemble. */
DZR_MUST_CHECK dzr_status dzr__levels_zeros(dzr_levels *levels, int64_t n, int64_t *n_zeros, dzr_error *err);

/* Makes *buffer, NULL for none yet, one of n_bytes at least, from the budget: the content is kept, the rest zero. */
DZR_MUST_CHECK dzr_status dzr__grow_zeroed(
        dzr_buffer **buffer, size_t n_bytes, dzr_budget *budget, const dzr_allocator *alloc, dzr_error *err);

/* A node on the way from the field down to the values, and what it has got so far. The last step is the column itself,
 * whose buffers are the decoder's. */
typedef struct dzr_assembly_step {
    uint32_t exists, def; /* as in dzr_tree_node */
    bool never_null, nullable, is_list;
    int64_t n_rows, n_nulls, room;
    dzr_buffer *validity; /* nullable */
    dzr_buffer *offsets;  /* is_list */
} dzr_assembly_step;

typedef struct dzr_assembly {
    const dzr_allocator *alloc;
    dzr_budget *budget;
    dzr_assembly_step *steps;
    int32_t n_steps;
    int32_t starts[DZR_MAX_DEPTH + 1]; /* the first step that gets a row at each repetition level */
    uint32_t max_rep, last_def;
    int64_t n_records; /* that the levels must make */
} dzr_assembly;

/* fini is needed after a failure too. Steps are then added from the top. */
DZR_MUST_CHECK dzr_status dzr__assembly_init(dzr_assembly *assembly, int32_t n_steps, int64_t n_records,
        dzr_budget *budget, const dzr_allocator *alloc, dzr_error *err);
void dzr__assembly_add(dzr_assembly *assembly, int32_t at, const dzr_tree_node *node, const dzr_field *field);
void dzr__assembly_fini(dzr_assembly *assembly);
/* Takes in a page's n levels. The column gets *n_rows rows, whose bits in validity (zeros before) are set for the
 * *n_set that have a value. Errors: DZR_ERR_CORRUPT (levels that contradict each other or the number of records),
 * DZR_ERR_TRUNCATED, DZR_ERR_LIMIT, DZR_ERR_NOMEM. */
DZR_MUST_CHECK dzr_status dzr__assemble(dzr_assembly *assembly, dzr_levels *reps, dzr_levels *defs, int64_t n,
        uint8_t *validity, int64_t *n_rows, int64_t *n_set, dzr_error *err);
/* A record that nobody will look at, with one row at every step: in place of records that were passed over, of which
 * the last may go on in the page that comes. */
DZR_MUST_CHECK dzr_status dzr__assembly_pass(dzr_assembly *assembly, dzr_error *err);
/* After the last page: completes the offsets. Errors: DZR_ERR_CORRUPT (records are missing), and as above. */
DZR_MUST_CHECK dzr_status dzr__assembly_finish(dzr_assembly *assembly, dzr_error *err);

/* ---- the rows of one column while they are decoded (page.c) ---- */
typedef struct dzr_entries dzr_entries; /* entries.h */

typedef struct dzr_decoder {
    const dzr_allocator *alloc;
    dzr_budget *budget;
    dzr_type type;
    uint32_t max_def;       /* definition level of a value that is there; 0: a required column, without levels */
    int32_t digits;         /* not 0: slots hold decimals of so many, made of what is stored (decimals.c) */
    size_t size;            /* bytes of a slot of values; 0 for BOOL, whose values are bits */
    int64_t n_rows;         /* there will be; nested: there may be, n_levels. A scan: there is room for */
    int64_t row;            /* the next one */
    int64_t n_nulls;        /* before it */
    int64_t n_levels;       /* there will be; n_rows where not nested */
    int64_t level;          /* the next one */
    dzr_entries *entries;   /* what values are codes of, and `dictionary` has the codes for; NULL: they are values */
    dzr_assembly *assembly; /* of a nested column; NULL: a level is a row */
    dzr_buffer *values;
    dzr_buffer *validity; /* NULL before the first null */
    dzr_buffer **data;    /* what views in values point into */
    int32_t n_data, data_room;
    bool has_dictionary;
    uint32_t n_dictionary;
    uint8_t *dictionary;     /* its values, as slots */
    int32_t dictionary_data; /* what they point into when they are views: an entry of data */
    dzr_spares *spares;      /* where scratch comes from; NULL: alloc */
    dzr_buffer *scratch;     /* a decompressed page that nobody points into */
    size_t scratch_bytes;    /* of the budget */
    size_t passing_bytes;    /* the most that a page needed besides, and gave back to the allocator */
    dzr_codecs codecs;
} dzr_decoder;

/* Takes the memory of n_rows values from the budget and allocates it. fini is needed after a failure too. */
DZR_MUST_CHECK dzr_status dzr__decoder_init(dzr_decoder *decoder, dzr_type type, int32_t digits, uint32_t max_def,
        int64_t n_rows, dzr_budget *budget, const dzr_allocator *alloc, dzr_error *err);
/* Makes a fresh decoder that of a nested column, whose n_rows are levels. The assembly is complete, and lives longer.
 */
DZR_MUST_CHECK dzr_status dzr__decoder_nest(dzr_decoder *decoder, dzr_assembly *assembly, dzr_error *err);
void dzr__decoder_fini(dzr_decoder *decoder);
/* Frees what only pages to come would need. */
void dzr__decoder_close(dzr_decoder *decoder);

/* Room for n rows after row, in a decoder that was made for fewer; taken from the budget. */
DZR_MUST_CHECK dzr_status dzr__decoder_room(dzr_decoder *decoder, int64_t n, dzr_error *err);
/* A buffer of n_bytes, from the budget; and keep: the column keeps it from now on, also when that fails, and views name
 * it by *index. */
DZR_MUST_CHECK dzr_status dzr__decoder_buffer(dzr_decoder *decoder, uint64_t n_bytes, dzr_buffer **out, dzr_error *err);
DZR_MUST_CHECK dzr_status dzr__decoder_keep(dzr_decoder *decoder, dzr_buffer *buffer, int32_t *index, dzr_error *err);
/* One for rows that another has, still empty. */
dzr_decoder dzr__decoder_like(const dzr_decoder *decoder);
/* to's first n values were copied from a decoder of views, which then point into those of its buffers that they need:
 * `to` keeps these, and first of all, when asked, the one of from's dictionary (cut.c). */
DZR_MUST_CHECK dzr_status dzr__decoder_share_data(
        const dzr_decoder *from, bool with_dictionary, dzr_decoder *to, int64_t n, dzr_error *err);
/* What pages' values are decoded by: the decoder, or its entries'. */
dzr_decoder *dzr__value_decoder(dzr_decoder *decoder);

/* ---- a page's values (values.c) ---- */
/* Whether slots are views of bytes that lie elsewhere. */
static inline bool dzr__has_views(const dzr_decoder *decoder)
{
    return decoder->type.id == DZR_TYPE_STRING || decoder->type.id == DZR_TYPE_BINARY;
}

/* Bytes a value takes in PLAIN; 0 for those that have no fixed number. */
static inline size_t dzr__stored_size(const dzr_decoder *decoder)
{
    if (decoder->type.id == DZR_TYPE_FIXED)
        return (size_t)decoder->type.width;
    if (decoder->digits != 0)
        return decoder->type.id == DZR_TYPE_INT32 ? sizeof(int32_t) : sizeof(int64_t);
    return dzr__has_views(decoder) || decoder->size == 0 ? 0 : DZR_MAX(decoder->size, sizeof(int32_t));
}

/* Whether slots hold just the bytes that PLAIN has. */
static inline bool dzr__is_as_stored(const dzr_decoder *decoder)
{
    return decoder->digits == 0 && decoder->size != 0 && dzr__stored_size(decoder) == decoder->size;
}

static inline bool dzr__is_dictionary_encoding(int32_t encoding)
{
    return encoding == DZR_ENCODING_RLE_DICTIONARY || encoding == DZR_ENCODING_PLAIN_DICTIONARY;
}

/* Whether views of such a page point into it, so that it has to be kept. */
static inline bool dzr__views_into_page(const dzr_decoder *decoder, int32_t encoding)
{
    return dzr__has_views(decoder) && !dzr__is_dictionary_encoding(encoding) &&
           encoding != DZR_ENCODING_DELTA_BYTE_ARRAY;
}

/* DZR_ERR_UNSUPPORTED, named, when the column's values do not come in this encoding. */
DZR_MUST_CHECK dzr_status dzr__check_encoding(const dzr_decoder *decoder, int32_t encoding, dzr_error *err);
/* The values of a page whose levels are read: n rows, n_set of them with a value. base is where data buffer `buffer`
 * starts, for views into the page. */
DZR_MUST_CHECK dzr_status dzr__read_values(dzr_decoder *decoder, int32_t encoding, dzr_bytes in, int64_t n,
        int64_t n_set, const uint8_t *base, int32_t buffer, dzr_error *err);
/* n values of PLAIN to slots: a dictionary's, for one. */
DZR_MUST_CHECK dzr_status dzr__read_plain(
        dzr_decoder *decoder, dzr_bytes in, int64_t n, const uint8_t *base, int32_t buffer, void *to, dzr_error *err);

/* ---- pages (page.c) ---- */
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
/* How many records begin in a data page of a column below lists, which is looked at no further. Errors as above. */
DZR_MUST_CHECK dzr_status dzr__count_records(
        dzr_decoder *decoder, const dzr_stored_page *page, int64_t *n, dzr_error *err);

/* ---- values that are stored otherwise than the frame holds them (convert.c) ---- */
/* As what a decoder reads a column whose type in the frame is `type`. */
dzr_type dzr__stored_type(const dzr_leaf *leaf, dzr_type type);
/* Whether a decoder of `stored` makes decimals of `type` page by page; if so it needs their digits. (decimals.c) */
bool dzr__makes_decimals(dzr_type stored, dzr_type type);
/* n values of PLAIN to slots of 16 bytes. DZR_ERR_CORRUPT: one has more digits. */
DZR_MUST_CHECK dzr_status dzr__decimals_read(
        const uint8_t *in, int64_t n, dzr_type stored, int32_t digits, void *to, dzr_error *err);
/* Makes the rows of a decoder that is done, and read the column so, values of `type`. Errors: DZR_ERR_CORRUPT (one that
 * the type can't have, err->record is its row), DZR_ERR_UNSUPPORTED (INT96 beyond what 64 bits of microseconds hold),
 * DZR_ERR_LIMIT, DZR_ERR_NOMEM. */
DZR_MUST_CHECK dzr_status dzr__convert(dzr_decoder *decoder, dzr_type type, dzr_error *err);

/* ---- the pages of one chunk (chunk.c) ---- */
typedef struct dzr_chunk_bytes {
    dzr_bytes bytes;
    dzr_buffer *keeper; /* as above */
    int32_t codec;
    size_t page_bytes; /* limit */
    bool skip_crc;
} dzr_chunk_bytes;

/* The header at `in`, which then stands behind it; n_left is what is left of the chunk from there on. Errors:
 * DZR_ERR_CORRUPT, DZR_ERR_TRUNCATED, DZR_ERR_LIMIT (more than page_bytes). */
DZR_MUST_CHECK dzr_status dzr__read_page_header(
        dzr_cursor *in, size_t n_left, size_t page_bytes, dzr_meta_page *out, dzr_error *err);
/* Its CRC, when it has one. DZR_ERR_CORRUPT. */
DZR_MUST_CHECK dzr_status dzr__check_page(const dzr_stored_page *page, bool skip_crc, dzr_error *err);
/* Says that the chunk ends before the decoder has all its levels. */
dzr_status dzr__pages_end(const dzr_decoder *decoder, dzr_error *err);
/* A page of any kind. Errors: those of the two above. */
DZR_MUST_CHECK dzr_status dzr__decode_page(dzr_decoder *decoder, const dzr_stored_page *page, dzr_error *err);

/* Decodes pages until the decoder has all its levels; bytes after that are ignored. Errors: those above, with *at, the
 * byte of the chunk where the page starts (or its header breaks). */
DZR_MUST_CHECK dzr_status dzr__decode_chunk(
        dzr_decoder *decoder, const dzr_chunk_bytes *chunk, size_t *at, dzr_error *err);

#endif
