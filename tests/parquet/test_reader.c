/* tests/parquet/test_reader.c - pages made by hand, one for each rule of the format that readers get wrong: what must
 * be read, and the rows it holds. */
#include "handmade.h"

#include <datarizer/parquet.h>

#include <stdio.h>
#include <stdlib.h>

/* ---- what must be read: the rows, as text ---- */

static void print_row(const dzr_column *column, int64_t row, char *text, size_t cap)
{
    if (dzr_column_is_null(column, row)) {
        snprintf(text, cap, "-");
        return;
    }
    const dzr_bytes bytes = column->type.id == DZR_TYPE_STRING || column->type.id == DZR_TYPE_BINARY
                                    ? dzr_column_bytes(column, row)
                                    : (dzr_bytes){0};
    switch (column->type.id) {
    case DZR_TYPE_BOOL:
        snprintf(text, cap, "%d", dzr_column_bool(column, row));
        break;
    case DZR_TYPE_INT8:
        snprintf(text, cap, "%d", ((const int8_t *)column->values)[row]);
        break;
    case DZR_TYPE_UINT16:
        snprintf(text, cap, "%u", ((const uint16_t *)column->values)[row]);
        break;
    case DZR_TYPE_UINT32:
        snprintf(text, cap, "%u", ((const uint32_t *)column->values)[row]);
        break;
    case DZR_TYPE_INT64:
        snprintf(text, cap, "%lld", (long long)((const int64_t *)column->values)[row]);
        break;
    case DZR_TYPE_STRING:
    case DZR_TYPE_BINARY:
        snprintf(text, cap, "%.*s", (int)bytes.len, (const char *)bytes.at);
        break;
    default:
        snprintf(text, cap, "%d", ((const int32_t *)column->values)[row]);
        break;
    }
}

static void assert_reads(made *file, const char *want)
{
    dzr_error err;
    dzr_batch *batch = NULL;
    char got[1000] = "";
    assert_ok(read_made(file, NULL, &batch, &err));
    const dzr_column *const column = dzr_batch_column(batch, 0);
    for (int64_t row = 0; row < column->n_rows; row++) {
        char value[100];
        print_row(column, row, value, sizeof value);
        snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s", row > 0 ? " " : "", value);
    }
    assert_string_equal(got, want);
    dzr_batch_free(batch);
}

static void required_columns_have_no_levels(void **state)
{
    (void)state;
    made file;
    made_init(&file, DZR_TYPE_INT32, false, 3);
    made_page(&file, v1_header(1, DZR_ENCODING_PLAIN), BODY(7, 0, 0, 0));
    made_page(&file, v1_header(2, DZR_ENCODING_PLAIN), BODY(8, 0, 0, 0, 255, 255, 255, 255));
    assert_reads(&file, "7 8 -1");
}

static void v1_levels_carry_their_length(void **state)
{
    (void)state;
    made file;
    made_init(&file, DZR_TYPE_INT32, true, 4);
    made_page(&file, v1_header(4, DZR_ENCODING_PLAIN), BODY(2, 0, 0, 0, 3, 0x05, 7, 0, 0, 0, 8, 0, 0, 0));
    assert_reads(&file, "7 - 8 -");
}

static void nulls_may_begin_in_a_later_page(void **state)
{
    (void)state;
    made file;
    made_init(&file, DZR_TYPE_INT32, true, 7);
    made_page(&file, v1_header(2, DZR_ENCODING_PLAIN), BODY(2, 0, 0, 0, 4, 1, 1, 0, 0, 0, 2, 0, 0, 0));
    made_page(&file, v1_header(2, DZR_ENCODING_PLAIN), BODY(2, 0, 0, 0, 4, 0));
    made_page(&file, v1_header(1, DZR_ENCODING_PLAIN), BODY(2, 0, 0, 0, 2, 1, 3, 0, 0, 0));
    made_page(&file, v1_header(2, DZR_ENCODING_PLAIN), BODY(2, 0, 0, 0, 3, 2, 4, 0, 0, 0));
    assert_reads(&file, "1 2 - - 3 - 4");
}

static void deprecated_bit_packed_levels_are_read(void **state)
{
    (void)state;
    made file;
    made_init(&file, DZR_TYPE_INT32, true, 4);
    dzr_meta_page header = v1_header(4, DZR_ENCODING_PLAIN);
    header.data.def_encoding = DZR_ENCODING_BIT_PACKED;
    made_page(&file, header, BODY(0xA0, 7, 0, 0, 0, 8, 0, 0, 0));
    assert_reads(&file, "7 - 8 -");
}

static void v2_levels_carry_no_length(void **state)
{
    (void)state;
    made file;
    made_init(&file, DZR_TYPE_INT32, true, 4);
    made_page(&file, v2_header(4, 2, 2, DZR_ENCODING_PLAIN), BODY(3, 0x05, 7, 0, 0, 0, 8, 0, 0, 0));
    assert_reads(&file, "7 - 8 -");
}

static void v2_pages_compress_values_only(void **state)
{
    (void)state;
    made file;
    made_init(&file, DZR_TYPE_INT32, true, 2);
    file.chunk.meta.codec = DZR_CODEC_SNAPPY;
    dzr_meta_page header = v2_header(2, 1, 2, DZR_ENCODING_PLAIN);
    header.uncompressed_size = 6; /* 2 of levels, 4 of values */
    made_page(&file, header, BODY(3, 0x01, /* snappy: 4 bytes, as a literal */ 4, 12, 7, 0, 0, 0));
    assert_reads(&file, "7 -");
}

static void v2_pages_may_be_uncompressed_whatever_the_codec(void **state)
{
    (void)state;
    made file;
    made_init(&file, DZR_TYPE_INT32, true, 2);
    file.chunk.meta.codec = DZR_CODEC_SNAPPY;
    dzr_meta_page header = v2_header(2, 1, 2, DZR_ENCODING_PLAIN);
    header.data_v2.has = 1u << DZR_DATA_PAGE_V2_IS_COMPRESSED;
    header.data_v2.is_compressed = false;
    made_page(&file, header, BODY(3, 0x01, 7, 0, 0, 0));
    assert_reads(&file, "7 -");
}

static void no_value_bytes_are_not_given_to_the_codec(void **state)
{
    (void)state;
    made file;
    made_init(&file, DZR_TYPE_INT32, true, 2);
    file.chunk.meta.codec = DZR_CODEC_SNAPPY;
    made_page(&file, v2_header(2, 2, 2, DZR_ENCODING_PLAIN), BODY(4, 0));
    assert_reads(&file, "- -");
}

static void dictionary_offset_may_be_present_and_zero(void **state)
{
    (void)state;
    made file;
    made_init(&file, DZR_TYPE_INT32, false, 3);
    file.chunk.meta.has = 1u << DZR_COLUMN_DICTIONARY_PAGE_OFFSET;
    made_page(&file, dictionary_header(2, DZR_ENCODING_PLAIN), BODY(7, 0, 0, 0, 8, 0, 0, 0));
    made_page(&file, v1_header(3, DZR_ENCODING_RLE_DICTIONARY), BODY(1, 3, 0x05));
    assert_reads(&file, "8 7 8");
}

static void data_offset_may_lie_behind_the_dictionary(void **state)
{
    (void)state;
    made file;
    made_init(&file, DZR_TYPE_INT32, false, 3);
    made_page(&file, dictionary_header(2, DZR_ENCODING_PLAIN_DICTIONARY), BODY(7, 0, 0, 0, 8, 0, 0, 0));
    file.chunk.meta.has = 1u << DZR_COLUMN_DICTIONARY_PAGE_OFFSET;
    file.chunk.meta.dictionary_page_offset = 4;
    file.chunk.meta.data_page_offset = (int64_t)file.bytes.len;
    made_page(&file, v1_header(3, DZR_ENCODING_PLAIN_DICTIONARY), BODY(1, 3, 0x05));
    assert_reads(&file, "8 7 8");
}

static void a_chunk_may_be_longer_than_its_size_says(void **state)
{
    (void)state;
    made file;
    made_init(&file, DZR_TYPE_INT32, false, 3);
    made_page(&file, dictionary_header(2, DZR_ENCODING_PLAIN), BODY(7, 0, 0, 0, 8, 0, 0, 0));
    made_page(&file, v1_header(3, DZR_ENCODING_RLE_DICTIONARY), BODY(1, 3, 0x05));
    file.chunk.meta.compressed_size = (int64_t)file.bytes.len - 4 - 14; /* an old writer left a header out */
    assert_reads(&file, "8 7 8");
}

static void a_dictionary_of_one_entry_has_indices_of_no_bits(void **state)
{
    (void)state;
    made file;
    made_init(&file, DZR_TYPE_INT64, false, 9);
    made_page(&file, dictionary_header(1, DZR_ENCODING_PLAIN), BODY(5, 0, 0, 0, 0, 0, 0, 0));
    made_page(&file, v1_header(8, DZR_ENCODING_RLE_DICTIONARY), BODY(0, 3));
    made_page(&file, v1_header(1, DZR_ENCODING_RLE_DICTIONARY), BODY(0, 2));
    assert_reads(&file, "5 5 5 5 5 5 5 5 5");
}

static void an_empty_dictionary_serves_null_pages(void **state)
{
    (void)state;
    made file;
    made_init(&file, DZR_TYPE_STRING, true, 3);
    made_page(&file, dictionary_header(0, DZR_ENCODING_PLAIN), BODY(0)); /* a stray byte */
    made_page(&file, v1_header(3, DZR_ENCODING_RLE_DICTIONARY), BODY(2, 0, 0, 0, 6, 0));
    assert_reads(&file, "- - -");
}

static void a_last_run_of_indices_may_be_cut(void **state)
{
    (void)state;
    made file;
    made_init(&file, DZR_TYPE_STRING, true, 3);
    made_page(&file, dictionary_header(2, DZR_ENCODING_PLAIN),
            BODY(1, 0, 0, 0, 'a', 14, 0, 0, 0, 'l', 'o', 'n', 'g', 'e', 'r', ' ', 't', 'h', 'a', 'n', ' ', '1', '2'));
    made_page(&file, v1_header(3, DZR_ENCODING_RLE_DICTIONARY),
            BODY(2, 0, 0, 0, 6, 1, /* 4 bits, 2 of 4 bytes */ 4, 3, 0x01, 0x01));
    assert_reads(&file, "longer than 12 a longer than 12");
}

static void run_length_encoded_booleans_carry_their_length(void **state)
{
    (void)state;
    made file;
    made_init(&file, DZR_TYPE_BOOL, true, 5);
    made_page(&file, v1_header(3, DZR_ENCODING_RLE), BODY(2, 0, 0, 0, 3, 0x05, 2, 0, 0, 0, 3, 0x02));
    made_page(&file, v2_header(2, 0, 2, DZR_ENCODING_RLE), BODY(4, 1, 2, 0, 0, 0, 4, 1));
    assert_reads(&file, "0 - 1 1 1");
}

static void plain_booleans_are_bits(void **state)
{
    (void)state;
    made file;
    made_init(&file, DZR_TYPE_BOOL, true, 7);
    made_page(&file, v1_header(3, DZR_ENCODING_PLAIN), BODY(2, 0, 0, 0, 6, 1, 0x05));
    made_page(&file, v1_header(4, DZR_ENCODING_PLAIN), BODY(2, 0, 0, 0, 3, 0x0D, 0x03));
    assert_reads(&file, "1 0 1 1 - 1 0");
}

/* The format allows a dictionary of any type; parquet-go writes one of booleans. */
static void booleans_may_have_a_dictionary(void **state)
{
    (void)state;
    made file;
    made_init(&file, DZR_TYPE_BOOL, true, 12);
    made_page(&file, dictionary_header(2, DZR_ENCODING_PLAIN), BODY(0x02)); /* false, true */
    made_page(&file, v1_header(3, DZR_ENCODING_RLE_DICTIONARY), BODY(2, 0, 0, 0, 3, 0x05, 1, 3, 0x01));
    made_page(&file, v2_header(9, 0, 2, DZR_ENCODING_RLE_DICTIONARY), BODY(18, 1, 1, 16, 0, 2, 1));
    assert_reads(&file, "1 - 0 0 0 0 0 0 0 0 0 1");
}

static void split_streams_are_joined_between_nulls(void **state)
{
    (void)state;
    made file;
    made_init(&file, DZR_TYPE_INT32, true, 3);
    made_page(&file, v1_header(3, DZR_ENCODING_BYTE_STREAM_SPLIT),
            BODY(2, 0, 0, 0, 3, 0x05, /* streams */ 1, 255, 2, 255, 0, 255, 0, 255));
    assert_reads(&file, "513 - -1");
}

static void narrow_integers_may_be_split(void **state)
{
    (void)state;
    made file;
    made_init(&file, DZR_TYPE_INT8, false, 2);
    made_page(&file, v1_header(2, DZR_ENCODING_BYTE_STREAM_SPLIT), BODY(7, 0x80, 0, 255, 0, 255, 0, 255));
    assert_reads(&file, "7 -128");
}

static void values_that_share_their_front_are_put_together(void **state)
{
    (void)state;
    made file;
    made_init(&file, DZR_TYPE_STRING, true, 5);
    /* ab, null, abc, "", null; fronts 0, 2, 0: min -2, stored 4, 0; own 2, 1, 0: min -1, widths 0 */
    uint8_t body[40] = {2, 0, 0, 0, 3, 0x0d, 0x80, 0x01, 4, 3, 0, 3, 3, 0, 0, 0, 4};
    memcpy(body + 28, (const uint8_t[]){0x80, 0x01, 4, 3, 4, 1, 0, 0, 0, 0, 'a', 'b'}, 12);
    uint8_t page[sizeof body + 1];
    memcpy(page, body, sizeof body);
    page[sizeof body] = 'c';
    made_page(&file, v1_header(5, DZR_ENCODING_DELTA_BYTE_ARRAY), page, sizeof page);
    assert_reads(&file, "ab - abc  -");
}

static void deltas_of_33_bits_wrap(void **state)
{
    (void)state;
    made file;
    made_init(&file, DZR_TYPE_INT32, false, 2);
    /* 128 values a block in 4 miniblocks, 2 values, the first INT32_MAX; deltas at least -(2^32 - 1), in 33 bits */
    static const uint8_t head[] = {
            0x80, 0x01, 4, 2, 0xFE, 0xFF, 0xFF, 0xFF, 0x0F, 0xFD, 0xFF, 0xFF, 0xFF, 0x1F, 33, 0, 0, 0};
    uint8_t body[sizeof head + 33 * 4] = {0};
    memcpy(body, head, sizeof head);
    made_page(&file, v1_header(2, DZR_ENCODING_DELTA_BINARY_PACKED), body, sizeof body);
    assert_reads(&file, "2147483647 -2147483648");
}

static void bytes_after_the_last_value_are_ignored(void **state)
{
    (void)state;
    made file;
    made_init(&file, DZR_TYPE_INT32, false, 1);
    dzr_meta_page index = {.type = DZR_PAGE_INDEX, .has = 1u << DZR_PAGE_HAS_INDEX};
    made_page(&file, index, BODY(1, 2, 3)); /* of a type nobody defined */
    made_page(&file, v1_header(0, DZR_ENCODING_PLAIN), NULL, 0);
    made_page(&file, v1_header(1, DZR_ENCODING_PLAIN), BODY(7, 0, 0, 0, 1, 2, 3));
    made_page(&file, v1_header(500, DZR_ENCODING_BYTE_STREAM_SPLIT), BODY(1));
    assert_reads(&file, "7");
}

static void integers_keep_their_width_and_sign(void **state)
{
    (void)state;
    made file;
    made_init(&file, DZR_TYPE_UINT32, false, 2);
    made_page(&file, v1_header(2, DZR_ENCODING_PLAIN), BODY(255, 255, 255, 255, 1, 0, 0, 0));
    assert_reads(&file, "4294967295 1");
    made_init(&file, DZR_TYPE_INT8, false, 2);
    made_page(&file, v1_header(2, DZR_ENCODING_PLAIN), BODY(0x80, 255, 255, 255, 127, 0, 0, 0));
    assert_reads(&file, "-128 127");
    made_init(&file, DZR_TYPE_UINT16, false, 3);
    made_page(&file, dictionary_header(2, DZR_ENCODING_PLAIN), BODY(255, 255, 0, 0, 1, 0, 0, 0));
    made_page(&file, v1_header(3, DZR_ENCODING_RLE_DICTIONARY), BODY(1, 3, 0x05));
    assert_reads(&file, "1 65535 1");
}

static void unknown_annotations_leave_the_physical_type(void **state)
{
    (void)state;
    made file;
    made_init(&file, DZR_TYPE_INT32, false, 1);
    file.column.has |= 1u << DZR_ELEMENT_LOGICAL | 1u << DZR_ELEMENT_CONVERTED;
    file.column.logical.has = 0; /* a member of the union that nobody knows */
    file.column.converted = 99;
    made_page(&file, v1_header(1, DZR_ENCODING_PLAIN), BODY(7, 0, 0, 0));
    assert_reads(&file, "7");
}

static void a_file_without_rows_is_read(void **state)
{
    (void)state;
    made file;
    made_init(&file, DZR_TYPE_STRING, true, 0);
    file.chunk.meta.data_page_offset = 0;
    assert_reads(&file, "");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(required_columns_have_no_levels),
            cmocka_unit_test(v1_levels_carry_their_length),
            cmocka_unit_test(nulls_may_begin_in_a_later_page),
            cmocka_unit_test(deprecated_bit_packed_levels_are_read),
            cmocka_unit_test(v2_levels_carry_no_length),
            cmocka_unit_test(v2_pages_compress_values_only),
            cmocka_unit_test(v2_pages_may_be_uncompressed_whatever_the_codec),
            cmocka_unit_test(no_value_bytes_are_not_given_to_the_codec),
            cmocka_unit_test(dictionary_offset_may_be_present_and_zero),
            cmocka_unit_test(data_offset_may_lie_behind_the_dictionary),
            cmocka_unit_test(a_chunk_may_be_longer_than_its_size_says),
            cmocka_unit_test(a_dictionary_of_one_entry_has_indices_of_no_bits),
            cmocka_unit_test(an_empty_dictionary_serves_null_pages),
            cmocka_unit_test(a_last_run_of_indices_may_be_cut),
            cmocka_unit_test(run_length_encoded_booleans_carry_their_length),
            cmocka_unit_test(plain_booleans_are_bits),
            cmocka_unit_test(booleans_may_have_a_dictionary),
            cmocka_unit_test(split_streams_are_joined_between_nulls),
            cmocka_unit_test(narrow_integers_may_be_split),
            cmocka_unit_test(values_that_share_their_front_are_put_together),
            cmocka_unit_test(deltas_of_33_bits_wrap),
            cmocka_unit_test(bytes_after_the_last_value_are_ignored),
            cmocka_unit_test(integers_keep_their_width_and_sign),
            cmocka_unit_test(unknown_annotations_leave_the_physical_type),
            cmocka_unit_test(a_file_without_rows_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
