/* parquet/writer/writer.h - the writer's parts, from a column's rows to stored pages:
 *   writer.c      a file: options, row groups, footer; hands each column its rows
 *   notes.c       the file's metadata, with Arrow's schema, that of columns, and sorting
 *   tree.c        the schema as the file's elements, and the way down to each column
 *   shred.c       records to the repetition and definition levels of a nested column
 *   column.c      a column of the row group at hand: cuts pages, decides between dictionary and PLAIN
 *   body.c        the page at hand to bytes: levels, then values in their encoding
 *   options.c     what the caller wants of the file and of each column, checked
 *   records.c     the same for a nested column, whose pages end between records
 *   dense.c       rows to the values that are not null, at the width the format stores
 *   dictionary.c  values to codes
 *   statistics.c  smallest and largest value, by the type's order
 *   index.c       what the page index and the size statistics say of a chunk's pages
 *   tasks.c       the columns side by side, on several threads
 *   page.c        a page's body to compressed bytes with header and CRC, kept until the row group is written
 * Columns know nothing of each other. */
#ifndef DZR_PARQUET_WRITER_H
#define DZR_PARQUET_WRITER_H

#include "base/pool.h"
#include "base/quota.h"
#include "parquet/codec/codec.h"
#include "parquet/encoding/encoding.h"
#include "parquet/metadata/metadata.h"

/* ---- tree.c ---- */
/* A node on the way from a field of the schema down to a value. */
typedef struct dzr_step {
    int32_t node;
    bool nullable, is_list; /* LIST and MAP */
    uint16_t rep;           /* is_list: the repetition level of its elements but the first */
} dzr_step;

/* A column of the file: a node that holds values. */
typedef struct dzr_leaf_path {
    const dzr_field *field;
    dzr_meta_element *element;
    dzr_physical physical; /* as what values are stored */
    size_t width;          /* bytes of one in PLAIN; 0 for BOOLEAN and BYTE_ARRAY */
    bool total_order;      /* bounds in IEEE_754_TOTAL_ORDER; else in TYPE_ORDER */
    const dzr_step *steps; /* the field itself alone for a column that is not nested */
    int32_t n_steps;
    uint16_t max_def, max_rep;
    const dzr_bytes *names; /* the path in the file's schema */
    int32_t n_names;
    const char *text; /* the same, joined by dots */
} dzr_leaf_path;

typedef struct dzr_tree {
    dzr_meta_element *elements;
    int32_t n_elements;
    dzr_leaf_path *leaves;
    int32_t n_leaves;
} dzr_tree;

/* In the arena; names are views into the schema. LIST and MAP get the three levels and the names that the format wants,
 * whatever their children are called. Errors: DZR_ERR_UNSUPPORTED (a STRUCT without fields, which the format does not
 * have), DZR_ERR_NOMEM. */
DZR_MUST_CHECK dzr_status dzr__tree_make(const dzr_schema *schema, dzr_arena *arena, dzr_tree *out, dzr_error *err);
/* Makes a column of TIMESTAMP in microseconds or nanoseconds one of INT96. */
void dzr__leaf_as_int96(dzr_leaf_path *leaf);

/* ---- notes.c ---- */
typedef struct dzr_column_notes {
    dzr_meta_key_value *at;
    int32_t n;
} dzr_column_notes;

typedef struct dzr_file_notes {
    dzr_meta_key_value *metadata;
    int32_t n_metadata;
    dzr_meta_sorting *sorting;
    int32_t n_sorting;
    dzr_column_notes *columns; /* one for each; NULL: none has any */
} dzr_file_notes;

/* What the options and the schema say, in the arena. Errors: DZR_ERR_ARG (a column that is not there, text that is not
 * UTF-8), DZR_ERR_LIMIT (a schema too large for Arrow's message), DZR_ERR_NOMEM. */
DZR_MUST_CHECK dzr_status dzr__notes_make(const dzr_parquet_write_options *options, const dzr_schema *schema,
        int32_t n_columns, dzr_arena *arena, dzr_file_notes *out, dzr_error *err);
/* Puts them into a row group, whose chunks are there, and into the file. */
void dzr__notes_to_group(const dzr_file_notes *notes, dzr_meta_row_group *group);
void dzr__notes_to_file(const dzr_file_notes *notes, dzr_meta_file *file);

/* ---- shred.c ---- */
/* Levels of some records of one column, and which rows of the node that holds its values they take. */
typedef struct dzr_shreds {
    const dzr_allocator *alloc;
    dzr_bytebuf reps, defs; /* uint32_t each; a record begins where rep is 0 */
    dzr_bytebuf rows;       /* int64_t each, ascending: one for each def that is max_def */
    int64_t n_levels, n_values;
} dzr_shreds;

void dzr__shreds_init(dzr_shreds *shreds, const dzr_allocator *alloc);
void dzr__shreds_fini(dzr_shreds *shreds);
/* Shreds records [first, first + n) of the batch, fewer when they have many levels; *n_done were. What the last call
 * made is gone. Errors: DZR_ERR_ARG (a null where the schema has none), DZR_ERR_NOMEM. */
DZR_MUST_CHECK dzr_status dzr__shred(dzr_shreds *shreds, const dzr_batch *batch, const dzr_leaf_path *leaf,
        int64_t first, int64_t n, int64_t *n_done, dzr_error *err);

/* ---- dense.c ---- */
/* The values of rows [first, first + n) that are not null, as a column without nulls of what the leaf stores: integers
 * of 32 bits and more for those of fewer, for dates, times and short decimals; booleans as bits from bit 0; FIXED for
 * all FIXED_LEN_BYTE_ARRAY but HALF, with a precision where it is a number, highest byte first. Points into `in` where
 * it can, else into scratch, good until scratch changes. Errors: scratch's. */
DZR_MUST_CHECK dzr_status dzr__dense(const dzr_leaf_path *leaf, const dzr_column *in, int64_t first, int64_t n,
        dzr_bytebuf *scratch, dzr_column *out, dzr_error *err);
/* The same of the n rows named, which all have values. */
DZR_MUST_CHECK dzr_status dzr__dense_rows(const dzr_leaf_path *leaf, const dzr_column *in, const int64_t *rows,
        int64_t n, dzr_bytebuf *scratch, dzr_column *out, dzr_error *err);

/* ---- statistics.c ---- */
enum { DZR_BOUND_BYTES = 64 }; /* longer strings are cut to bounds of so many bytes; longer FIXED have none */

/* The first bytes of a string, and whether there are more: all that a bound needs. */
typedef struct dzr_bound {
    uint8_t bytes[DZR_BOUND_BYTES];
    uint32_t len;
    bool longer;
} dzr_bound;

typedef union dzr_number {
    int32_t i32;
    uint32_t u32;
    int64_t i64;
    uint64_t u64;
    float f32;
    double f64;
    uint16_t f16;
} dzr_number;

/* Smallest and largest value seen. Zero is empty, but for total. */
typedef struct dzr_minmax {
    bool total; /* in IEEE_754_TOTAL_ORDER: what is below is keys (i64) of that, of numbers and of NaN apart */
    bool any_nan;
    dzr_number min_nan, max_nan;
    bool any;      /* some value that has an order: NaN has none */
    dzr_type type; /* of the dense values, once there are any */
    dzr_number min, max;
    dzr_bound min_bound, max_bound;
    int64_t n_nan;
} dzr_minmax;

/* Takes in the values of a dense column (dzr__dense); always of one type. */
void dzr__minmax_add(dzr_minmax *minmax, const dzr_column *values);
/* Counts NaN only: for values that go through a dictionary, whose entries give the bounds. */
void dzr__minmax_count_nan(dzr_minmax *minmax, const dzr_column *values);
/* Takes in what another one has seen, of values of the same type. */
void dzr__minmax_merge(dzr_minmax *minmax, const dzr_minmax *more);
/* Fills bounds, exactness and NaN count. The bytes lie in `minmax`, whose bounds of strings are cut in place: call it
 * once. */
void dzr__minmax_finish(dzr_minmax *minmax, const dzr_leaf_path *leaf, dzr_meta_statistics *out);

/* ---- dictionary.c ---- */
/* Distinct values in order of appearance, found by an open-addressed table. Zero is empty, with alloc (in the
 * buffers too) and max_bytes set. */
typedef struct dzr_dictionary {
    const dzr_allocator *alloc;
    dzr_type type;     /* of the dense values that were encoded */
    size_t max_bytes;  /* of `plain` */
    dzr_bytebuf plain; /* the entries as PLAIN writes them: the dictionary page */
    dzr_bytebuf views; /* strings: an entry's dzr_view each, into `plain` */
    uint32_t n;
    void *slots;
    uint32_t n_slots;    /* a power of two */
    int64_t plain_bytes; /* what PLAIN would have taken for all values encoded so far */
} dzr_dictionary;

/* Appends the code of each dense value to codes (uint32_t), until one would make the dictionary larger than max_bytes,
 * or share a hash with too many others. *n_done values were taken. Errors: DZR_ERR_NOMEM. */
DZR_MUST_CHECK dzr_status dzr__dictionary_encode(
        dzr_dictionary *dictionary, const dzr_column *values, dzr_bytebuf *codes, int64_t *n_done, dzr_error *err);
/* The entries as a dense column whose data is *data; and the values of n > 0 codes as one, in scratch. */
void dzr__dictionary_entries(const dzr_dictionary *dictionary, dzr_bytes *data, dzr_column *out);
DZR_MUST_CHECK dzr_status dzr__dictionary_values(const dzr_dictionary *dictionary, const uint32_t *codes, int64_t n,
        dzr_bytes *data, dzr_bytebuf *scratch, dzr_column *out, dzr_error *err);
/* Gives the table back; the entries stay. */
void dzr__dictionary_close(dzr_dictionary *dictionary);
/* Empty again, memory kept. */
void dzr__dictionary_clear(dzr_dictionary *dictionary);
void dzr__dictionary_fini(dzr_dictionary *dictionary);

/* ---- page.c ---- */
/* Stored pages, one after the other, in blocks that need no moving as they grow in number. */
typedef struct dzr_segment dzr_segment;
typedef struct dzr_segments {
    const dzr_allocator *alloc;
    dzr_segment *first, *last;
    dzr_segment *writing; /* the one that is being filled; those after it are empty */
    size_t n_bytes;
} dzr_segments;

DZR_MUST_CHECK dzr_status dzr__segments_append(
        dzr_segments *segments, dzr_bytes header, dzr_bytes stored, dzr_error *err);
DZR_MUST_CHECK dzr_status dzr__segments_write(const dzr_segments *segments, dzr_sink *sink, dzr_error *err);
void dzr__segments_clear(dzr_segments *segments);
void dzr__segments_fini(dzr_segments *segments);

/* What turns bodies into stored pages; its buffers are used again and again. */
typedef struct dzr_page_press {
    dzr_codecs codecs;
    dzr_bytebuf body, stored, header; /* body: free for a caller to build one in */
    dzr_bytebuf scratch;              /* free for a caller between calls */
} dzr_page_press;

void dzr__page_press_init(dzr_page_press *press, const dzr_allocator *alloc);
void dzr__page_press_fini(dzr_page_press *press);

/* A stored page: these three, one after the other. */
typedef struct dzr_pressed {
    dzr_bytes header, levels, values;
} dzr_pressed;

/* Compresses values and completes page (sizes, CRC); what comes out is good until the next call. Levels stay as they
 * are, and are those of a V2 page, whose values stay so too when they do not get smaller.
 * Errors: DZR_ERR_LIMIT (a page of 2 GiB or more), DZR_ERR_NOMEM. */
DZR_MUST_CHECK dzr_status dzr__page_press(dzr_page_press *press, dzr_codec codec, int32_t level, dzr_meta_page *page,
        dzr_bytes levels, dzr_bytes values, dzr_pressed *out, dzr_error *err);

/* ---- index.c ---- */
/* A stored page. */
typedef struct dzr_page_facts {
    size_t n_bytes; /* header included */
    int64_t n_rows, n_values, n_nulls;
    int64_t string_bytes;           /* of BYTE_ARRAY values, without their lengths */
    const dzr_bytebuf *reps, *defs; /* nested columns: its levels, uint32_t each */
} dzr_page_facts;

/* What is known of the pages of a chunk so far. */
typedef struct dzr_page_index {
    const dzr_leaf_path *leaf;
    dzr_bytebuf pages;      /* one entry each */
    dzr_bytebuf bounds;     /* their bounds' bytes */
    dzr_bytebuf histograms; /* int64_t: repetition, then definition levels of each page, where there is a choice */
    bool lacks_bounds;      /* of a page that has values */
    bool has_huge_page;     /* one whose size the index has no room for */
} dzr_page_index;

/* The page indexes of all chunks, which wait for the end of the file. */
typedef struct dzr_indexes {
    dzr_segments columns, offsets;
} dzr_indexes;

void dzr__page_index_init(dzr_page_index *index, const dzr_leaf_path *leaf, const dzr_allocator *alloc);
void dzr__page_index_fini(dzr_page_index *index);
void dzr__page_index_clear(dzr_page_index *index);
/* Adds a page; its bounds are those of minmax, which is left alone. Errors: DZR_ERR_NOMEM. */
DZR_MUST_CHECK dzr_status dzr__page_index_add(
        dzr_page_index *index, const dzr_page_facts *page, const dzr_minmax *minmax, dzr_error *err);
/* Writes down the chunk, whose first data page is at byte `offset`: column and offset index behind those of other
 * chunks, with their places counted from there, and the size statistics, in the arena. There is no column index when a
 * page with values has no bounds. Errors: DZR_ERR_NOMEM. */
DZR_MUST_CHECK dzr_status dzr__page_index_finish(const dzr_page_index *index, uint64_t offset, dzr_indexes *indexes,
        dzr_arena *arena, dzr_meta_chunk *chunk, dzr_error *err);

/* ---- column.c ---- */
typedef struct dzr_column_writer {
    const dzr_leaf_path *leaf;
    const dzr_field *field;
    dzr_physical physical; /* and width: the leaf's */
    size_t width;
    uint16_t max_def, max_rep; /* not nested: 1 for an optional column, and 0 */
    bool is_nested;
    int32_t page_rows;
    int32_t page_bytes;
    bool v2;          /* pages are V2 */
    int32_t encoding; /* dzr_encoding of values that have no codes */
    dzr_codec codec;
    int32_t level;

    /* the page at hand */
    int32_t n_rows;            /* records */
    int64_t n_levels;          /* not nested: n_rows */
    int64_t n_values;          /* levels of a value that is there */
    dzr_bytebuf validity;      /* not nested: bits of its rows; empty while none is null */
    dzr_bytebuf reps, defs;    /* nested: levels, uint32_t each */
    dzr_bytebuf plain;         /* PLAIN values */
    dzr_bytebuf codes;         /* or codes of the dictionary */
    int64_t page_plain_bytes;  /* what its strings take in PLAIN, where they might: nulls count as empty */
    uint32_t page_first_entry; /* entries of the dictionary when it began */
    int64_t page_first_bytes;  /* and its plain_bytes */
    dzr_minmax page_minmax;    /* of its values in PLAIN, and all its NaNs */

    /* the chunk at hand */
    bool use_dictionary; /* the page at hand has codes */
    bool on_trial;       /* no page with codes has been stored yet */
    dzr_dictionary dictionary;
    dzr_minmax minmax; /* of stored pages */
    dzr_page_index index;
    dzr_segments pages; /* data pages */
    dzr_segments dictionary_page;
    int64_t dictionary_uncompressed; /* its size, header included */
    int64_t chunk_levels, chunk_values;
    int64_t dictionary_values; /* of those, the ones in stored pages with codes */
    int64_t plain_bytes; /* of the values in pages without codes, as PLAIN; dictionary.plain_bytes has the others */
    int64_t uncompressed_size; /* of stored data pages, headers included */
    int32_t n_value_pages, n_code_pages;
} dzr_column_writer;

/* own: what the caller wants of this column, NULL for nothing special. */
void dzr__column_init(dzr_column_writer *column, const dzr_leaf_path *leaf, const dzr_parquet_write_options *options,
        const dzr_parquet_column_options *own);
void dzr__column_fini(dzr_column_writer *column);
/* Takes in rows [first, first + n) of `in`, which has the field's type; not nested. Errors: DZR_ERR_NOMEM,
 * DZR_ERR_LIMIT (a string too large for a page), DZR_ERR_ARG (a null in a required column). */
DZR_MUST_CHECK dzr_status dzr__column_append(dzr_column_writer *column, dzr_page_press *press, const dzr_column *in,
        int64_t first, int64_t n, dzr_error *err);
/* Ends the chunk's last page and its dictionary's, which nothing may follow but flush. Errors: DZR_ERR_NOMEM,
 * DZR_ERR_LIMIT. */
DZR_MUST_CHECK dzr_status dzr__column_end(dzr_column_writer *column, dzr_page_press *press, dzr_error *err);
/* After end: the chunk's pages go to the sink, which stands at *offset, and offset moves on; what the page index says
 * of it joins indexes; chunk is filled, but for the path, with bytes in the arena. The column is ready for the next
 * chunk. Errors: DZR_ERR_NOMEM, the sink's. */
DZR_MUST_CHECK dzr_status dzr__column_flush(dzr_column_writer *column, dzr_sink *sink, uint64_t *offset,
        dzr_arena *arena, dzr_indexes *indexes, dzr_meta_chunk *chunk, dzr_error *err);

/* What column.c and records.c share. end_page stores the page at hand, if it has rows (last: no
 * page with codes follows); leave_dictionary is
 * for a dictionary that is full; levels_that_fit is how many levels a page may have (strings in PLAIN have their own
 * rule), and append_plain takes in values that get no codes. */
DZR_MUST_CHECK dzr_status dzr__column_end_page(
        dzr_column_writer *column, dzr_page_press *press, bool last, dzr_error *err);
DZR_MUST_CHECK dzr_status dzr__column_leave_dictionary(
        dzr_column_writer *column, dzr_page_press *press, dzr_error *err);
DZR_MUST_CHECK dzr_status dzr__column_append_plain(dzr_column_writer *column, const dzr_column *values, dzr_error *err);
bool dzr__column_has_plain_strings(const dzr_column_writer *column);
int64_t dzr__column_page_levels(const dzr_column_writer *column);

/* ---- body.c ---- */
/* One entry would need no bits at all, which the format allows and few writers do: it takes one. */
static inline uint32_t dzr__column_code_width(const dzr_column_writer *column)
{
    return column->dictionary.n < 2 ? 1 : dzr__bit_width(column->dictionary.n - 1);
}

static inline int64_t dzr__column_n_codes(const dzr_column_writer *column)
{
    return (int64_t)(column->codes.len / sizeof(uint32_t));
}

/* A page's bytes. V1 has its levels at the front of values. */
typedef struct dzr_page_body {
    dzr_bytes levels, values;
    size_t rep_bytes, def_bytes; /* of levels */
} dzr_page_body;

/* The page at hand as bytes, in the column's buffers or the press's body, good until those change; the press's scratch
 * is lost. Errors: DZR_ERR_LIMIT, DZR_ERR_NOMEM. */
DZR_MUST_CHECK dzr_status dzr__column_build_body(
        const dzr_column_writer *column, dzr_page_press *press, dzr_page_body *out, dzr_error *err);

/* ---- options.c ---- */
/* The options with defaults in place of zeros. DZR_ERR_ARG: one is out of its range, and named. */
DZR_MUST_CHECK dzr_status dzr__write_options_fill(
        const dzr_parquet_write_options *given, dzr_parquet_write_options *out, dzr_error *err);
/* Makes row groups, pages and dictionaries small enough for the memory that the options allow. */
void dzr__write_options_fit(dzr_parquet_write_options *options, int32_t n_columns);
/* of_leaf[i]: which of the options' columns is leaf i, NULL for none. Leaves that are to be INT96 become that.
 * DZR_ERR_ARG: one names no column or one that was named before, or wants an encoding that the column's type does not
 * have, or INT96 of what is no timestamp. */
DZR_MUST_CHECK dzr_status dzr__column_options_match(const dzr_parquet_write_options *options, dzr_tree *tree,
        const dzr_parquet_column_options **of_leaf, dzr_error *err);
int32_t dzr__encoding_of(dzr_parquet_encoding encoding); /* dzr_encoding; PLAIN for AUTO */

/* ---- records.c ---- */
/* Takes in whole records, shredded by the column's own path; `in` is the node that holds the values.
 * Errors: as dzr__column_append. */
DZR_MUST_CHECK dzr_status dzr__column_append_records(dzr_column_writer *column, dzr_page_press *press,
        const dzr_column *in, const dzr_shreds *records, dzr_error *err);

/* ---- tasks.c ---- */
/* What a thread needs to work on a column. */
typedef struct dzr_bench {
    dzr_page_press press;
    dzr_shreds shreds;
} dzr_bench;

/* The columns of a file, and who works on them. Zero, then init; fini is needed after a failure too. */
typedef struct dzr_columns {
    const dzr_allocator *alloc;
    dzr_pool *pool;
    dzr_bench *benches; /* one for each thread */
    int32_t n_benches;
    dzr_column_writer *at;
    uint64_t *costs; /* of each column's next task */
    int32_t n;
} dzr_columns;

DZR_MUST_CHECK dzr_status dzr__columns_init(
        dzr_columns *columns, const dzr_parquet_write_options *options, dzr_error *err);
/* Makes the columns; own[i] as in dzr__column_init. */
DZR_MUST_CHECK dzr_status dzr__columns_open(dzr_columns *columns, const dzr_tree *tree,
        const dzr_parquet_write_options *options, const dzr_parquet_column_options *const *own, dzr_error *err);
void dzr__columns_fini(dzr_columns *columns);
/* Gives back what they keep for the next row group, between two. */
void dzr__columns_release(dzr_columns *columns);
/* What the values of the row group at hand would take in PLAIN. */
int64_t dzr__columns_bytes(const dzr_columns *columns);
/* Takes in rows [first, first + *n) of the batch behind the group_rows there are; fewer, in *n, when the row group
 * might have group_bytes before. Errors, with the column: dzr__column_append's, that of the lowest column. */
DZR_MUST_CHECK dzr_status dzr__columns_append(dzr_columns *columns, const dzr_batch *batch, int64_t first, int64_t *n,
        int64_t group_rows, int64_t group_bytes, dzr_error *err);
/* Whether a row group may end after so many rows: the same ones however they come, so that the file depends on the rows
 * alone. */
bool dzr__columns_may_end(int64_t group_rows);
/* dzr__column_end for all. Errors: as there, with the column. */
DZR_MUST_CHECK dzr_status dzr__columns_end(dzr_columns *columns, dzr_error *err);

#endif
