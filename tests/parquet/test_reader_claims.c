/* tests/parquet/test_reader_claims.c - numbers of a file that other readers multiplied or added before they looked at
 * them, to end in a wrong address or in gigabytes: each is refused for what it is, within the memory that its caller
 * allows a row group, counted by the allocator. test_reader_refused.c has the faults of pages. */
#include "handmade.h"

#include "alloc_counting.h"

enum { MOST_BYTES = 1 << 20, WIDEST = 1 << 20 };

static void init_fixed(made *file, int32_t width, int64_t n_rows)
{
    made_init(file, DZR_TYPE_INT32, false, n_rows);
    file->column.type = file->chunk.meta.type = DZR_PHYSICAL_FIXED;
    file->column.has |= 1u << DZR_ELEMENT_TYPE_LENGTH;
    file->column.type_length = width;
}

static void strings_by_the_billion(made *file)
{
    made_init(file, DZR_TYPE_STRING, false, INT32_MAX);
    made_page(file, v1_header(INT32_MAX, DZR_ENCODING_PLAIN), BODY(0, 0, 0, 0));
}
static void strings_past_64_bits(made *file)
{
    made_init(file, DZR_TYPE_STRING, false, INT64_MAX / 8);
    made_page(file, v1_header(INT32_MAX, DZR_ENCODING_PLAIN), BODY(0, 0, 0, 0));
}
static void wide_values_by_the_billion(made *file)
{
    init_fixed(file, WIDEST, INT32_MAX);
    made_page(file, v1_header(INT32_MAX, DZR_ENCODING_PLAIN), BODY(0, 0, 0, 0));
}
static void wide_values_past_64_bits(made *file)
{
    init_fixed(file, WIDEST, INT64_MAX / WIDEST + 1);
    made_page(file, v1_header(INT32_MAX, DZR_ENCODING_PLAIN), BODY(0, 0, 0, 0));
}
static void wide_values_in_a_short_page(made *file)
{
    init_fixed(file, WIDEST / 4 - 1, 2);
    made_page(file, v1_header(2, DZR_ENCODING_PLAIN), BODY(0, 0, 0, 0));
}
static void booleans_by_the_billion(made *file)
{
    made_init(file, DZR_TYPE_BOOL, false, INT32_MAX);
    made_page(file, v1_header(INT32_MAX, DZR_ENCODING_PLAIN), BODY(255));
}
static void wide_dictionary(made *file)
{
    init_fixed(file, WIDEST, 1);
    made_page(file, dictionary_header(INT32_MAX, DZR_ENCODING_PLAIN), BODY(0, 0, 0, 0));
}
static void dictionary_of_strings(made *file)
{
    made_init(file, DZR_TYPE_STRING, false, 1);
    made_page(file, dictionary_header(INT32_MAX, DZR_ENCODING_PLAIN), BODY(0, 0, 0, 0));
}
/* 2^28 groups of eight indices of 32 bits: 2^36 bits in a page of 13 bytes. */
static void packed_indices_past_the_page(made *file)
{
    made_init(file, DZR_TYPE_INT32, false, 3);
    made_page(file, dictionary_header(1, DZR_ENCODING_PLAIN), BODY(7, 0, 0, 0));
    made_page(
            file, v1_header(3, DZR_ENCODING_RLE_DICTIONARY), BODY(32, 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0, 0, 0, 0, 0));
}
static void packed_levels_past_the_page(made *file)
{
    made_init(file, DZR_TYPE_INT32, true, 9);
    dzr_meta_page header = v1_header(9, DZR_ENCODING_PLAIN);
    header.data.def_encoding = DZR_ENCODING_BIT_PACKED;
    made_page(file, header, BODY(255));
}
static void a_run_of_a_cut_value(made *file)
{
    made_init(file, DZR_TYPE_INT32, false, 2);
    made_page(file, dictionary_header(1, DZR_ENCODING_PLAIN), BODY(7, 0, 0, 0));
    made_page(file, v1_header(2, DZR_ENCODING_RLE_DICTIONARY), BODY(24, 4, 0, 0));
}
static void lengths_that_wrap(made *file) /* two of 2^31 - 1 are -2 in 32 bits */
{
    made_init(file, DZR_TYPE_BINARY, false, 2);
    made_page(file, v1_header(2, DZR_ENCODING_DELTA_LENGTH_BYTE_ARRAY),
            BODY(0x80, 1, 4, 2, 0xfe, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0, 0, 0, 'a', 'b'));
}
static void lengths_below_zero(made *file)
{
    made_init(file, DZR_TYPE_BINARY, false, 1);
    made_page(file, v1_header(1, DZR_ENCODING_DELTA_LENGTH_BYTE_ARRAY), BODY(0x80, 1, 4, 1, 1, 'a', 'b'));
}
static void deltas_in_a_huge_block(made *file) /* 2^63 values a block, 2^56 miniblocks of 128 */
{
    made_init(file, DZR_TYPE_INT64, false, 3);
    made_page(file, v1_header(3, DZR_ENCODING_DELTA_BINARY_PACKED),
            BODY(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
                    0x80, 1, 3, 2, 2, 0, 0));
}
static void a_huge_miniblock(made *file) /* of 2^63 values of 64 bits */
{
    made_init(file, DZR_TYPE_INT64, false, 3);
    made_page(file, v1_header(3, DZR_ENCODING_DELTA_BINARY_PACKED),
            BODY(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1, 1, 3, 2, 2, 64, 0, 0, 0));
}
static void chunk_ends_past_64_bits(made *file)
{
    made_init(file, DZR_TYPE_INT32, false, 1);
    file->chunk.meta.compressed_size = INT64_MAX;
}
static void dictionary_before_the_file(made *file)
{
    made_init(file, DZR_TYPE_INT32, false, 1);
    file->chunk.meta.has |= 1u << DZR_COLUMN_DICTIONARY_PAGE_OFFSET;
    file->chunk.meta.dictionary_page_offset = INT64_MIN;
    file->chunk.meta.data_page_offset = -1;
    made_page(file, v1_header(1, DZR_ENCODING_PLAIN), BODY(1, 0, 0, 0));
}
static void more_nulls_than_values(made *file)
{
    made_init(file, DZR_TYPE_INT32, true, 1);
    made_page(file, v2_header(1, INT32_MAX, 2, DZR_ENCODING_PLAIN), BODY(2, 0));
}
static void uncompressed_size_below_zero(made *file)
{
    made_init(file, DZR_TYPE_INT32, false, 1);
    file->chunk.meta.codec = DZR_CODEC_SNAPPY;
    dzr_meta_page header = v1_header(1, DZR_ENCODING_PLAIN);
    header.uncompressed_size = INT32_MIN;
    made_page(file, header, BODY(4, 12, 1, 0, 0, 0));
}
static void alp(made *file) /* an encoding that is to come */
{
    made_init(file, DZR_TYPE_DOUBLE, false, 1);
    made_page(file, v1_header(1, (dzr_encoding)10), BODY(0, 0, 0, 0, 0, 0, 0, 0));
}

static const struct {
    const char *proves;
    void (*make)(made *);
    dzr_status want;
    const char *message;
} claims[] = {
        {"strings_by_the_billion", strings_by_the_billion, DZR_ERR_LIMIT, "34359738352 bytes more are needed"},
        {"strings_past_64_bits", strings_past_64_bits, DZR_ERR_LIMIT, "18446744073709551600 bytes more are needed"},
        {"wide_values_by_the_billion", wide_values_by_the_billion, DZR_ERR_LIMIT,
                "2251799812636672 bytes more are needed"},
        {"wide_values_past_64_bits", wide_values_past_64_bits, DZR_ERR_LIMIT, "bytes more are needed"},
        {"wide_values_in_a_short_page", wide_values_in_a_short_page, DZR_ERR_TRUNCATED,
                "page has 4 bytes for 2 values"},
        {"booleans_by_the_billion", booleans_by_the_billion, DZR_ERR_LIMIT,
                "268435456 bytes more are needed, 0 of the 1048576 allowed"},
        {"wide_dictionary", wide_dictionary, DZR_ERR_TRUNCATED, "2147483647"},
        {"dictionary_of_strings", dictionary_of_strings, DZR_ERR_TRUNCATED, "2147483647"},
        {"packed_indices_past_the_page", packed_indices_past_the_page, DZR_ERR_TRUNCATED, "values are missing"},
        {"packed_levels_past_the_page", packed_levels_past_the_page, DZR_ERR_TRUNCATED, "byte"},
        {"a_run_of_a_cut_value", a_run_of_a_cut_value, DZR_ERR_TRUNCATED, "2 values are missing"},
        {"lengths_that_wrap", lengths_that_wrap, DZR_ERR_TRUNCATED, "2147483647 bytes expected"},
        {"lengths_below_zero", lengths_below_zero, DZR_ERR_CORRUPT, "string value 0 claims a length of -1"},
        {"deltas_in_a_huge_block", deltas_in_a_huge_block, DZR_ERR_TRUNCATED, "72057594037927936 bytes expected"},
        {"a_huge_miniblock", a_huge_miniblock, DZR_ERR_TRUNCATED, "18446744073709551615 bytes expected"},
        {"chunk_ends_past_64_bits", chunk_ends_past_64_bits, DZR_ERR_TRUNCATED, "9223372036854775807 bytes at byte 4"},
        {"dictionary_before_the_file", dictionary_before_the_file, DZR_ERR_CORRUPT, "at byte -1"},
        {"more_nulls_than_values", more_nulls_than_values, DZR_ERR_CORRUPT, "page claims 2147483647 nulls"},
        {"uncompressed_size_below_zero", uncompressed_size_below_zero, DZR_ERR_CORRUPT, "-2147483648"},
        {"an_encoding_that_is_to_come", alp, DZR_ERR_UNSUPPORTED, "encoding unknown (10) of double values"},
};

static void claims_are_refused_before_they_cost(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) {
        made file;
        counting count;
        dzr_error err = {.message = ""};
        dzr_batch *batch = NULL;
        counting_init(&count);
        claims[i].make(&file);
        const dzr_parquet_read_options options = {.alloc = &count.allocator, .limits = {.row_group_bytes = MOST_BYTES}};
        const dzr_status st = read_made(&file, &options, &batch, &err);
        if (st != claims[i].want || strstr(err.message, claims[i].message) == NULL)
            fail_msg("%s: %s, \"%s\"", claims[i].proves, dzr_status_name(st), err.message);
        assert_memory_equal(err.message, "memory: row group 0, column \"x\"", 30);
        assert_null(batch);
        if (count.most > MOST_BYTES + MOST_BYTES / 8) /* the footer is not a row group's */
            fail_msg("%s: %zu bytes", claims[i].proves, count.most);
        assert_int_equal(count.n_out, 0);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(claims_are_refused_before_they_cost)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
