/* tests/parquet/test_reader_rules.c - what files say besides their values and readers make too much or too little of:
 * counts of the footer, CRCs of every kind of page, places of things that are not read, and how many pages there are.
 * test_reader.c has the rules of pages. */
#include "handmade.h"

#include "parquet/codec/codec.h"
#include <datarizer/parquet.h>

static const uint8_t ints[] = {1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0};

static void assert_ints(made *file, int64_t n)
{
    dzr_error err;
    dzr_batch *batch = NULL;
    assert_ok(read_made(file, NULL, &batch, &err));
    const dzr_column *const column = dzr_batch_column(batch, 0);
    assert_int_equal(column->n_rows, n);
    for (int64_t i = 0; i < n; i++)
        assert_int_equal(((const int32_t *)column->values)[i], i % 3 + 1);
    dzr_batch_free(batch);
}

/* ---- the footer ---- */

static void the_version_says_nothing(void **state)
{
    (void)state;
    for (int32_t version = -1; version < 4; version++) {
        made file;
        made_init(&file, DZR_TYPE_INT32, false, 3);
        file.version = version;
        made_page(&file, v1_header(3, DZR_ENCODING_PLAIN), ints, sizeof ints);
        assert_ints(&file, 3);
    }
}

static void rows_are_those_of_the_row_groups(void **state)
{
    (void)state;
    static const int64_t claims[] = {1, 4, INT64_MAX};
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) {
        made file;
        made_init(&file, DZR_TYPE_INT32, false, 3);
        file.claimed_rows = claims[i];
        made_page(&file, v1_header(3, DZR_ENCODING_PLAIN), ints, sizeof ints);
        assert_ints(&file, 3);
    }
}

/* Bloom filters and page indexes are not read with the values: wherever they are said to be, it costs nothing. */
static void places_of_what_is_not_read_may_be_anywhere(void **state)
{
    (void)state;
    made file;
    made_init(&file, DZR_TYPE_INT32, false, 3);
    file.chunk.meta.has |=
            1u << DZR_COLUMN_BLOOM_OFFSET | 1u << DZR_COLUMN_BLOOM_LENGTH | 1u << DZR_COLUMN_INDEX_PAGE_OFFSET;
    file.chunk.meta.bloom_offset = INT64_MAX;
    file.chunk.meta.bloom_length = -1;
    file.chunk.meta.index_page_offset = INT64_MIN;
    file.chunk.has |= 1u << DZR_CHUNK_OFFSET_INDEX_OFFSET | 1u << DZR_CHUNK_OFFSET_INDEX_LENGTH |
                      1u << DZR_CHUNK_COLUMN_INDEX_OFFSET | 1u << DZR_CHUNK_COLUMN_INDEX_LENGTH;
    file.chunk.offset_index_offset = file.chunk.column_index_offset = -5;
    file.chunk.offset_index_length = file.chunk.column_index_length = INT32_MAX;
    file.chunk.file_offset = INT64_MAX;
    made_page(&file, v1_header(3, DZR_ENCODING_PLAIN), ints, sizeof ints);
    assert_ints(&file, 3);
}

/* ---- pages ---- */

/* The header with the CRC of the page as it is stored, or one that differs in its highest bit. */
static void page_with_crc(made *file, dzr_meta_page header, const void *body, size_t n, bool right)
{
    header.has |= 1u << DZR_PAGE_HAS_CRC;
    header.crc = (int32_t)(dzr__page_crc(body, n) ^ (right ? 0 : UINT32_C(0x80000000)));
    made_page(file, header, body, n);
}

/* A dictionary page, then a V2 page with levels: index 1 and a null. */
static void make_dictionary_and_v2(made *file, bool dictionary_right, bool data_right)
{
    static const uint8_t data[] = {3, 1, 1, 3, 1};
    made_init(file, DZR_TYPE_INT32, true, 2);
    page_with_crc(file, dictionary_header(2, DZR_ENCODING_PLAIN), ints, 8, dictionary_right);
    page_with_crc(file, v2_header(2, 1, 2, DZR_ENCODING_RLE_DICTIONARY), data, sizeof data, data_right);
}

static void every_kind_of_page_has_a_crc(void **state)
{
    (void)state;
    made file;
    dzr_error err;
    dzr_batch *batch = NULL;
    make_dictionary_and_v2(&file, true, true);
    assert_ok(read_made(&file, NULL, &batch, &err));
    assert_int_equal(((const int32_t *)dzr_batch_column(batch, 0)->values)[0], 2);
    assert_int_equal(dzr_batch_column(batch, 0)->n_nulls, 1);
    dzr_batch_free(batch);
    batch = NULL;
    make_dictionary_and_v2(&file, false, true);
    assert_fails(read_made(&file, NULL, &batch, &err), DZR_ERR_CORRUPT, "byte 4: page has CRC");
    make_dictionary_and_v2(&file, true, false);
    assert_fails(read_made(&file, NULL, &batch, &err), DZR_ERR_CORRUPT, "page has CRC");
    assert_null(batch);
}

static void pages_may_be_more_than_16_bits_count(void **state)
{
    (void)state;
    enum { N = 70000 };
    made file;
    made_init(&file, DZR_TYPE_INT32, false, N);
    for (int i = 0; i < N; i++)
        made_page(&file, v1_header(1, DZR_ENCODING_PLAIN), ints + (size_t)(i % 3) * 4, 4);
    assert_ints(&file, N);
}

/* A page of a type that holds no values, in the middle: an index page, which nobody writes. */
static void pages_without_values_are_passed_over(void **state)
{
    (void)state;
    made file;
    made_init(&file, DZR_TYPE_INT32, false, 3);
    made_page(&file, v1_header(2, DZR_ENCODING_PLAIN), ints, 8);
    made_page(&file, (dzr_meta_page){.has = 1u << DZR_PAGE_HAS_INDEX, .type = DZR_PAGE_INDEX}, BODY(9, 9));
    made_page(&file, v1_header(1, DZR_ENCODING_PLAIN), ints + 8, 4);
    assert_ints(&file, 3);
}

/* ---- a reader after an error ---- */

/* A row group of a good and a bad column cannot be made by hand here; the same column asked for twice can fail once. */
static void an_error_leaves_the_reader_as_it_was(void **state)
{
    (void)state;
    made file;
    opened opened_file;
    dzr_error err;
    dzr_batch *batch = NULL;
    made_init(&file, DZR_TYPE_INT32, false, 3);
    page_with_crc(&file, v1_header(3, DZR_ENCODING_PLAIN), ints, sizeof ints, true);
    made_finish(&file, 1);
    assert_ok(open_bytes((dzr_bytes){file.bytes.at, file.bytes.len}, NULL, &opened_file, &err));
    uint8_t *body = NULL;
    for (size_t i = 0; body == NULL; i++)
        body = memcmp(opened_file.bytes + i, ints, sizeof ints) == 0 ? opened_file.bytes + i : NULL;
    for (int i = 0; i < 3; i++) {
        body[0] ^= 0x10;
        assert_fails(dzr_parquet_read_row_group(opened_file.reader, 0, NULL, 0, &batch, &err), DZR_ERR_CORRUPT,
                "byte 4: page has CRC");
        assert_null(batch);
        body[0] ^= 0x10;
        assert_ok(dzr_parquet_read_row_group(opened_file.reader, 0, NULL, 0, &batch, &err));
        assert_memory_equal(dzr_batch_column(batch, 0)->values, ints, sizeof ints);
        dzr_batch_free(batch);
        batch = NULL;
    }
    close_opened(&opened_file);
    dzr__bytebuf_fini(&file.bytes);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(the_version_says_nothing),
            cmocka_unit_test(rows_are_those_of_the_row_groups),
            cmocka_unit_test(places_of_what_is_not_read_may_be_anywhere),
            cmocka_unit_test(every_kind_of_page_has_a_crc),
            cmocka_unit_test(pages_may_be_more_than_16_bits_count),
            cmocka_unit_test(pages_without_values_are_passed_over),
            cmocka_unit_test(an_error_leaves_the_reader_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
