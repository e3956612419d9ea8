/* tests/parquet/handmade.h - Parquet files of one column, page by page, with whatever is to be wrong with them.
 * The metadata writer makes the bytes; what it is told may break any rule. */
#ifndef DZR_TESTS_PARQUET_HANDMADE_H
#define DZR_TESTS_PARQUET_HANDMADE_H

#include "support.h"

#include "parquet/metadata/metadata.h"
#include <datarizer/parquet.h>

#include <stdlib.h>

typedef struct made {
    dzr_meta_element column;
    int64_t n_rows;
    int64_t claimed_rows; /* what the footer says of all row groups; 0: the truth */
    int32_t version;      /* 0: 1 */
    uint32_t order;       /* of the column's bounds, 1u << DZR_ORDER_TYPE ...; 0: the file says nothing of orders */
    dzr_meta_chunk chunk; /* sizes and offsets that are 0 are set when the file is finished */
    dzr_bytebuf bytes;    /* the file so far */
} made;

static inline void made_init(made *file, dzr_type_id id, bool nullable, int64_t n_rows)
{
    dzr_error err;
    const dzr_field field = {.name = "x", .type = {.id = id}, .nullable = nullable};
    *file = (made){.n_rows = n_rows, .bytes = {.max_bytes = 16 << 20}};
    dzr__element_from_field(&field, &file->column);
    file->chunk.has = 1u << DZR_CHUNK_META;
    file->chunk.meta.type = file->column.type;
    file->chunk.meta.num_values = n_rows;
    file->chunk.meta.data_page_offset = 4;
    assert_ok(dzr__bytebuf_append(&file->bytes, "PAR1", 4, &err));
}

/* Sizes that are 0 become those of the body. */
static inline void made_page(made *file, dzr_meta_page header, const void *body, size_t n)
{
    dzr_error err;
    if (header.compressed_size == 0)
        header.compressed_size = (int32_t)n;
    if (header.uncompressed_size == 0)
        header.uncompressed_size = (int32_t)n;
    assert_ok(dzr__thrift_write(&file->bytes, &dzr__shape_page, &header, &err));
    assert_ok(dzr__bytebuf_append(&file->bytes, body, n, &err));
}

static inline dzr_meta_page v1_header(int32_t n_values, dzr_encoding encoding)
{
    return (dzr_meta_page){.has = 1u << DZR_PAGE_HAS_DATA,
            .type = DZR_PAGE_DATA,
            .data = {.num_values = n_values,
                    .encoding = (int32_t)encoding,
                    .def_encoding = DZR_ENCODING_RLE,
                    .rep_encoding = DZR_ENCODING_RLE}};
}

static inline dzr_meta_page v2_header(int32_t n_values, int32_t n_nulls, int32_t def_bytes, dzr_encoding encoding)
{
    return (dzr_meta_page){.has = 1u << DZR_PAGE_HAS_DATA_V2,
            .type = DZR_PAGE_DATA_V2,
            .data_v2 = {.num_values = n_values,
                    .num_nulls = n_nulls,
                    .num_rows = n_values,
                    .encoding = (int32_t)encoding,
                    .def_bytes = def_bytes}};
}

static inline dzr_meta_page dictionary_header(int32_t n_values, dzr_encoding encoding)
{
    return (dzr_meta_page){.has = 1u << DZR_PAGE_HAS_DICTIONARY,
            .type = DZR_PAGE_DICTIONARY,
            .dictionary = {.num_values = n_values, .encoding = (int32_t)encoding}};
}

/* Writes the footer: n_groups row groups, all with the same chunk. */
static inline void made_finish(made *file, int32_t n_groups)
{
    dzr_error err;
    dzr_meta_element elements[2] = {{.name = {(const uint8_t *)"root", 4}, .num_children = 1}, file->column};
    elements[0].has = 1u << DZR_ELEMENT_NUM_CHILDREN;
    if (file->chunk.meta.compressed_size == 0)
        file->chunk.meta.compressed_size = (int64_t)file->bytes.len - 4;
    dzr_meta_row_group group = {.columns = {&file->chunk, 1}, .num_rows = file->n_rows};
    dzr_meta_row_group groups[4];
    assert_true(n_groups <= 4);
    for (int32_t i = 0; i < n_groups; i++)
        groups[i] = group;
    dzr_meta_order order = {.has = file->order};
    const dzr_meta_file meta = {.has = file->order != 0 ? 1u << DZR_FILE_COLUMN_ORDERS : 0,
            .column_orders = {&order, 1},
            .version = file->version != 0 ? file->version : 1,
            .schema = {elements, 2},
            .num_rows = file->claimed_rows != 0 ? file->claimed_rows : file->n_rows * n_groups,
            .row_groups = {groups, n_groups}};
    const size_t start = file->bytes.len;
    assert_ok(dzr__thrift_write(&file->bytes, &dzr__shape_file, &meta, &err));
    const uint32_t n = (uint32_t)(file->bytes.len - start);
    assert_ok(dzr__bytebuf_append(&file->bytes, &n, 4, &err));
    assert_ok(dzr__bytebuf_append(&file->bytes, "PAR1", 4, &err));
}

/* ---- a file made, opened and read ---- */

/* Before what is wrong with the column. */
#define COLUMN "memory: row group 0, column \"x\": "

#define BODY(...) (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})

/* A copy of the file at the end of a block of its own, so that a sanitizer sees a read past it. */
typedef struct opened {
    uint8_t *bytes;
    dzr_source *source;
    dzr_parquet_reader *reader;
} opened;

static inline dzr_status open_bytes(
        dzr_bytes file, const dzr_parquet_read_options *options, opened *out, dzr_error *err)
{
    out->bytes = malloc(file.len > 0 ? file.len : 1);
    assert_non_null(out->bytes);
    if (file.len > 0)
        memcpy(out->bytes, file.at, file.len);
    out->reader = NULL;
    assert_int_equal(dzr_source_memory((dzr_bytes){out->bytes, file.len}, NULL, &out->source, err), DZR_OK);
    return dzr_parquet_reader_open(out->source, options, &out->reader, err);
}

static inline void close_opened(opened *file)
{
    dzr_parquet_reader_close(file->reader);
    dzr_source_close(file->source);
    free(file->bytes);
}

/* Opens and reads row group 0, whatever fails first. */
static inline dzr_status read_made(
        made *file, const dzr_parquet_read_options *options, dzr_batch **batch, dzr_error *err)
{
    made_finish(file, 1);
    opened opened_file;
    dzr_status st = open_bytes((dzr_bytes){file->bytes.at, file->bytes.len}, options, &opened_file, err);
    if (st == DZR_OK)
        st = dzr_parquet_read_row_group(opened_file.reader, 0, NULL, 0, batch, err);
    close_opened(&opened_file); /* a batch outlives reader and source */
    dzr__bytebuf_fini(&file->bytes);
    return st;
}

/* A column that frames have no type for. */
static inline void made_unknown_type(made *file)
{
    made_init(file, DZR_TYPE_INT64, false, 1);
    file->column.type = file->chunk.meta.type = 8;
}

#endif
