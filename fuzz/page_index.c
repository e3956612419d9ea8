/* fuzz/page_index.c - the page index of a chunk: the first bytes say what the column is and how many rows it has, the
 * rest is offset index and column index, in a file whose footer says where they are. What holds: parquet_check.h. */
#include "draw.h"
#include "parquet/metadata/metadata.h"
#include "parquet_check.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    draw d = {bytes, bytes + len};
    dzr_error err;
    dzr_bytebuf file = {0};
    dzr_type type = {.id = (dzr_type_id)draw_below(&d, DZR_TYPE_NULL + 1),
            .unit = DZR_UNIT_US,
            .precision = 1 + (int32_t)draw_below(&d, DZR_DECIMAL_DIGITS),
            .width = 1 + (int32_t)draw_below(&d, 20)};
    const dzr_field field = {.name = "x", .type = type, .nullable = draw_one_in(&d, 2)};
    const int64_t n_rows = (int64_t)draw_number(&d, 2);
    const size_t offset_bytes = draw_number(&d, 2);
    const dzr_bytes indexes = {d.at, (size_t)(d.end - d.at)};
    dzr_meta_element elements[2] = {
            {.has = 1u << DZR_ELEMENT_NUM_CHILDREN, .name = {(const uint8_t *)"root", 4}, .num_children = 1}};
    dzr__element_from_field(&field, &elements[1]);
    dzr_meta_order order = {.has = 1u << DZR_ORDER_TYPE};
    dzr_meta_chunk chunk = {.has = 1u << DZR_CHUNK_META | 1u << DZR_CHUNK_OFFSET_INDEX_OFFSET |
                                   1u << DZR_CHUNK_OFFSET_INDEX_LENGTH | 1u << DZR_CHUNK_COLUMN_INDEX_OFFSET |
                                   1u << DZR_CHUNK_COLUMN_INDEX_LENGTH,
            .meta = {.type = elements[1].type, .num_values = n_rows, .data_page_offset = 4, .compressed_size = 1},
            .offset_index_offset = 4,
            .offset_index_length = (int32_t)DZR_MIN(offset_bytes, indexes.len),
            .column_index_offset = 4 + (int64_t)DZR_MIN(offset_bytes, indexes.len),
            .column_index_length = (int32_t)(indexes.len - DZR_MIN(offset_bytes, indexes.len))};
    if (chunk.column_index_length == 0)
        chunk.has = 1u << DZR_CHUNK_META | 1u << DZR_CHUNK_OFFSET_INDEX_OFFSET | 1u << DZR_CHUNK_OFFSET_INDEX_LENGTH;
    dzr_meta_row_group group = {.columns = {&chunk, 1}, .num_rows = n_rows};
    const dzr_meta_file meta = {.has = 1u << DZR_FILE_COLUMN_ORDERS,
            .version = 1,
            .schema = {elements, 2},
            .num_rows = n_rows,
            .row_groups = {&group, 1},
            .column_orders = {&order, 1}};
    REQUIRE_OK(dzr__bytebuf_append(&file, DZR_PARQUET_MAGIC, 4, &err));
    REQUIRE_OK(dzr__bytebuf_append(&file, indexes.at, indexes.len, &err));
    const size_t start = file.len;
    REQUIRE_OK(dzr__thrift_write(&file, &dzr__shape_file, &meta, &err));
    const uint32_t footer_bytes = (uint32_t)(file.len - start);
    REQUIRE_OK(dzr__bytebuf_append(&file, &footer_bytes, 4, &err));
    REQUIRE_OK(dzr__bytebuf_append(&file, DZR_PARQUET_MAGIC, 4, &err));
    (void)check_file((dzr_bytes){file.at, file.len}, true, CHECK_MEMORY);
    dzr__bytebuf_fini(&file);
    return 0;
}
