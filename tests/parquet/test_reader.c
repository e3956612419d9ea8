/* tests/parquet/test_reader.c - files made by hand, one for each rule of the format that readers get wrong: those that
 * must be read and those that must be refused, with the exact message. */
#include "handmade.h"

#include <datarizer/parquet.h>

#include <stdio.h>
#include <stdlib.h>

#define BODY(...) (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})

/* A copy of the file at the end of a block of its own, so that a sanitizer sees a read past it. */
typedef struct opened {
    uint8_t *bytes;
    dzr_source *source;
    dzr_parquet_reader *reader;
} opened;

static dzr_status open_bytes(dzr_bytes file, const dzr_parquet_read_options *options, opened *out, dzr_error *err)
{
    out->bytes = malloc(file.len > 0 ? file.len : 1);
    assert_non_null(out->bytes);
    if (file.len > 0)
        memcpy(out->bytes, file.at, file.len);
    out->reader = NULL;
    assert_int_equal(dzr_source_memory((dzr_bytes){out->bytes, file.len}, NULL, &out->source, err), DZR_OK);
    return dzr_parquet_reader_open(out->source, options, &out->reader, err);
}

static void close_opened(opened *file)
{
    dzr_parquet_reader_close(file->reader);
    dzr_source_close(file->source);
    free(file->bytes);
}

/* Opens and reads row group 0, whatever fails first. */
static dzr_status read_made(made *file, const dzr_parquet_read_options *options, dzr_batch **batch, dzr_error *err)
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

/* ---- what must be refused ---- */

static void more_values_than_rows(made *file)
{
    made_init(file, DZR_TYPE_INT32, false, 300);
    made_page(file, v1_header(500, DZR_ENCODING_PLAIN), BODY(1));
}
static void negative_values(made *file)
{
    made_init(file, DZR_TYPE_INT32, false, 300);
    made_page(file, v1_header(-1, DZR_ENCODING_PLAIN), BODY(1));
}
static void fewer_values_than_rows(made *file)
{
    made_init(file, DZR_TYPE_INT32, false, 3);
    made_page(file, v1_header(2, DZR_ENCODING_PLAIN), BODY(1, 0, 0, 0, 2, 0, 0, 0));
    file->chunk.meta.compressed_size = (int64_t)file->bytes.len - 4;
}
static void too_few_plain_bytes(made *file)
{
    made_init(file, DZR_TYPE_INT64, false, 2);
    made_page(file, v1_header(2, DZR_ENCODING_PLAIN), BODY(1, 0, 0, 0, 2, 0, 0, 0));
}
static void too_few_plain_bits(made *file)
{
    made_init(file, DZR_TYPE_BOOL, false, 9);
    made_page(file, v1_header(9, DZR_ENCODING_PLAIN), BODY(1));
}
static void levels_longer_than_page(made *file)
{
    made_init(file, DZR_TYPE_INT32, true, 1);
    made_page(file, v1_header(1, DZR_ENCODING_PLAIN), BODY(255, 255, 255, 255, 2, 1));
}
static void levels_without_length(made *file)
{
    made_init(file, DZR_TYPE_INT32, true, 1);
    made_page(file, v1_header(1, DZR_ENCODING_PLAIN), BODY(2, 1));
}
static void fewer_levels_than_values(made *file)
{
    made_init(file, DZR_TYPE_INT32, true, 5);
    made_page(file, v1_header(5, DZR_ENCODING_PLAIN), BODY(2, 0, 0, 0, 4, 1, 1, 0, 0, 0, 2, 0, 0, 0));
}
static void levels_in_plain(made *file)
{
    made_init(file, DZR_TYPE_INT32, true, 1);
    dzr_meta_page header = v1_header(1, DZR_ENCODING_PLAIN);
    header.data.def_encoding = DZR_ENCODING_PLAIN;
    made_page(file, header, BODY(1));
}
static void unsupported_encoding(made *file)
{
    made_init(file, DZR_TYPE_INT32, false, 1);
    made_page(file, v1_header(1, DZR_ENCODING_DELTA_BYTE_ARRAY), BODY(1));
}
static void unknown_encoding(made *file)
{
    made_init(file, DZR_TYPE_STRING, false, 1);
    made_page(file, v1_header(1, (dzr_encoding)77), BODY(1));
}
static void split_streams_of_another_length(made *file)
{
    made_init(file, DZR_TYPE_INT32, false, 2);
    made_page(file, v1_header(2, DZR_ENCODING_BYTE_STREAM_SPLIT), BODY(1, 2, 3, 4));
}
static void index_past_dictionary(made *file)
{
    made_init(file, DZR_TYPE_INT32, false, 3);
    made_page(file, dictionary_header(1, DZR_ENCODING_PLAIN), BODY(7, 0, 0, 0));
    made_page(file, v1_header(3, DZR_ENCODING_RLE_DICTIONARY), BODY(1, 3, 0x05));
}
static void index_width_33(made *file)
{
    made_init(file, DZR_TYPE_INT32, false, 3);
    made_page(file, dictionary_header(1, DZR_ENCODING_PLAIN), BODY(7, 0, 0, 0));
    made_page(file, v1_header(3, DZR_ENCODING_RLE_DICTIONARY), BODY(33, 3, 0x05));
}
static void no_index_width(made *file)
{
    made_init(file, DZR_TYPE_INT32, false, 3);
    made_page(file, dictionary_header(1, DZR_ENCODING_PLAIN), BODY(7, 0, 0, 0));
    made_page(file, v1_header(3, DZR_ENCODING_RLE_DICTIONARY), NULL, 0);
}
static void no_dictionary(made *file)
{
    made_init(file, DZR_TYPE_INT32, false, 3);
    made_page(file, v1_header(3, DZR_ENCODING_RLE_DICTIONARY), BODY(1, 3, 0x05));
}
static void two_dictionaries(made *file)
{
    made_init(file, DZR_TYPE_INT32, false, 3);
    made_page(file, dictionary_header(1, DZR_ENCODING_PLAIN), BODY(7, 0, 0, 0));
    made_page(file, dictionary_header(1, DZR_ENCODING_PLAIN), BODY(7, 0, 0, 0));
}
static void huge_dictionary(made *file)
{
    made_init(file, DZR_TYPE_STRING, false, 3);
    made_page(file, dictionary_header(INT32_MAX, DZR_ENCODING_PLAIN), BODY(7, 0, 0, 0));
}
static void negative_dictionary(made *file)
{
    made_init(file, DZR_TYPE_INT32, false, 3);
    made_page(file, dictionary_header(-5, DZR_ENCODING_PLAIN), BODY(7, 0, 0, 0));
}
static void dictionary_in_delta(made *file)
{
    made_init(file, DZR_TYPE_INT32, false, 3);
    made_page(file, dictionary_header(1, DZR_ENCODING_DELTA_BINARY_PACKED), BODY(7, 0, 0, 0));
}
static void dictionary_of_booleans(made *file)
{
    made_init(file, DZR_TYPE_BOOL, false, 3);
    made_page(file, dictionary_header(1, DZR_ENCODING_PLAIN), BODY(1));
}
static void dictionary_of_narrow_values(made *file)
{
    made_init(file, DZR_TYPE_INT8, false, 3);
    made_page(file, dictionary_header(2, DZR_ENCODING_PLAIN), BODY(7, 0, 0, 0, 0, 1, 0, 0));
}
static void not_utf8(made *file)
{
    made_init(file, DZR_TYPE_STRING, false, 2);
    made_page(file, v1_header(2, DZR_ENCODING_PLAIN), BODY(1, 0, 0, 0, 'a', 1, 0, 0, 0, 0xff));
}
static void dictionary_not_utf8(made *file)
{
    made_init(file, DZR_TYPE_STRING, false, 2);
    made_page(file, dictionary_header(1, DZR_ENCODING_PLAIN), BODY(1, 0, 0, 0, 0xff));
}
static void string_past_page(made *file)
{
    made_init(file, DZR_TYPE_STRING, false, 1);
    made_page(file, v1_header(1, DZR_ENCODING_PLAIN), BODY(255, 255, 255, 127, 'a'));
}
static void value_out_of_range(made *file)
{
    made_init(file, DZR_TYPE_INT8, false, 2);
    made_page(file, v1_header(2, DZR_ENCODING_PLAIN), BODY(1, 0, 0, 0, 0, 1, 0, 0));
}
static void negative_page_size(made *file)
{
    made_init(file, DZR_TYPE_INT32, false, 1);
    dzr_meta_page header = v1_header(1, DZR_ENCODING_PLAIN);
    header.compressed_size = -4;
    made_page(file, header, BODY(7, 0, 0, 0));
}
static void page_past_chunk(made *file)
{
    made_init(file, DZR_TYPE_INT32, false, 1);
    dzr_meta_page header = v1_header(1, DZR_ENCODING_PLAIN);
    header.compressed_size = header.uncompressed_size = 5000;
    made_page(file, header, BODY(7, 0, 0, 0));
}
static void page_over_limit(made *file)
{
    made_init(file, DZR_TYPE_INT32, false, 1);
    file->chunk.meta.codec = DZR_CODEC_ZSTD;
    dzr_meta_page header = v1_header(1, DZR_ENCODING_PLAIN);
    header.uncompressed_size = INT32_MAX;
    made_page(file, header, BODY(7, 0, 0, 0));
}
static void uncompressed_sizes_differ(made *file)
{
    made_init(file, DZR_TYPE_INT32, false, 1);
    dzr_meta_page header = v1_header(1, DZR_ENCODING_PLAIN);
    header.uncompressed_size = 8;
    made_page(file, header, BODY(7, 0, 0, 0));
}
static void page_not_snappy(made *file)
{
    made_init(file, DZR_TYPE_INT32, false, 1);
    file->chunk.meta.codec = DZR_CODEC_SNAPPY;
    made_page(file, v1_header(1, DZR_ENCODING_PLAIN), BODY(4, 255, 255, 255));
}
static void page_of_another_size(made *file)
{
    made_init(file, DZR_TYPE_INT32, false, 1);
    file->chunk.meta.codec = DZR_CODEC_SNAPPY;
    dzr_meta_page header = v1_header(1, DZR_ENCODING_PLAIN);
    header.uncompressed_size = 8;
    made_page(file, header, BODY(4, 12, 7, 0, 0, 0));
}
static void crc_wrong(made *file)
{
    made_init(file, DZR_TYPE_INT32, false, 1);
    dzr_meta_page header = v1_header(1, DZR_ENCODING_PLAIN);
    header.has |= 1u << DZR_PAGE_HAS_CRC;
    header.crc = 0x1234;
    made_page(file, header, BODY(7, 0, 0, 0));
}
static void v2_nulls_disagree(made *file)
{
    made_init(file, DZR_TYPE_INT32, true, 4);
    made_page(file, v2_header(4, 1, 2, DZR_ENCODING_PLAIN), BODY(3, 0x05, 7, 0, 0, 0, 8, 0, 0, 0));
}
static void v2_nulls_in_required(made *file)
{
    made_init(file, DZR_TYPE_INT32, false, 1);
    made_page(file, v2_header(1, 1, 0, DZR_ENCODING_PLAIN), BODY(7, 0, 0, 0));
}
static void v2_levels_past_page(made *file)
{
    made_init(file, DZR_TYPE_INT32, true, 4);
    made_page(file, v2_header(4, 2, 11, DZR_ENCODING_PLAIN), BODY(3, 0x05, 7, 0, 0, 0, 8, 0, 0, 0));
}
static void v2_levels_overflow(made *file)
{
    made_init(file, DZR_TYPE_INT32, true, 4);
    dzr_meta_page header = v2_header(4, 2, INT32_MAX, DZR_ENCODING_PLAIN);
    header.data_v2.rep_bytes = INT32_MAX;
    made_page(file, header, BODY(3, 0x05, 7, 0, 0, 0, 8, 0, 0, 0));
}
static void v2_sizes_differ(made *file)
{
    made_init(file, DZR_TYPE_INT32, false, 1);
    dzr_meta_page header = v2_header(1, 0, 0, DZR_ENCODING_PLAIN);
    header.uncompressed_size = 2000;
    made_page(file, header, BODY(7, 0, 0, 0));
}
static void v2_nothing_compressed(made *file) /* others gave uninitialised memory here */
{
    made_init(file, DZR_TYPE_INT32, false, 1);
    file->chunk.meta.codec = DZR_CODEC_SNAPPY;
    dzr_meta_page header = v2_header(1, 0, 0, DZR_ENCODING_PLAIN);
    header.uncompressed_size = 4;
    made_page(file, header, NULL, 0);
}
static void page_of_unknown_type(made *file)
{
    made_init(file, DZR_TYPE_INT32, false, 1);
    made_page(file, (dzr_meta_page){.type = 9}, BODY(7, 0, 0, 0));
}
static void data_page_without_header(made *file)
{
    made_init(file, DZR_TYPE_INT32, false, 1);
    made_page(file, (dzr_meta_page){.type = DZR_PAGE_DATA}, BODY(7, 0, 0, 0));
}
static void dictionary_page_without_header(made *file)
{
    made_init(file, DZR_TYPE_INT32, false, 1);
    made_page(file, (dzr_meta_page){.type = DZR_PAGE_DICTIONARY}, BODY(7, 0, 0, 0));
}
static void page_header_broken(made *file)
{
    dzr_error err;
    made_init(file, DZR_TYPE_INT32, false, 1);
    assert_ok(dzr__bytebuf_append(&file->bytes, "\x15\x00\x15", 3, &err));
    file->chunk.meta.compressed_size = 3;
}
static void chunk_rows_differ(made *file)
{
    made_init(file, DZR_TYPE_INT32, false, 2);
    file->chunk.meta.num_values = 3;
}
static void chunk_past_footer(made *file)
{
    made_init(file, DZR_TYPE_INT32, false, 2);
    file->chunk.meta.compressed_size = INT64_MAX;
}
static void chunk_offset_past_footer(made *file)
{
    made_init(file, DZR_TYPE_INT32, false, 2);
    file->chunk.meta.data_page_offset = INT64_MAX;
    file->chunk.meta.compressed_size = 5;
}
static void chunk_offset_negative(made *file)
{
    made_init(file, DZR_TYPE_INT32, false, 2);
    file->chunk.meta.data_page_offset = -4;
}
static void chunk_of_another_type(made *file)
{
    made_init(file, DZR_TYPE_INT32, false, 2);
    file->chunk.meta.type = DZR_PHYSICAL_INT64;
}
static void chunk_encrypted(made *file)
{
    made_init(file, DZR_TYPE_INT32, false, 2);
    file->chunk.has |= 1u << DZR_CHUNK_CRYPTO;
}
static void chunk_in_another_file(made *file)
{
    made_init(file, DZR_TYPE_INT32, false, 2);
    file->chunk.has |= 1u << DZR_CHUNK_FILE_PATH;
    file->chunk.file_path = (dzr_bytes){(const uint8_t *)"part.0", 6};
}
static void codec_lzo(made *file)
{
    made_init(file, DZR_TYPE_INT32, false, 2);
    file->chunk.meta.codec = 3;
}
static void codec_unknown(made *file)
{
    made_init(file, DZR_TYPE_INT32, false, 2);
    file->chunk.meta.codec = -3;
}
static void rows_of_a_terabyte(made *file)
{
    made_init(file, DZR_TYPE_INT64, false, INT64_C(1) << 40);
    made_page(file, v1_header(1, DZR_ENCODING_PLAIN), BODY(7, 0, 0, 0, 0, 0, 0, 0));
}
static void rows_past_64_bits(made *file)
{
    made_init(file, DZR_TYPE_INT64, false, INT64_MAX);
    made_page(file, v1_header(1, DZR_ENCODING_PLAIN), BODY(7, 0, 0, 0, 0, 0, 0, 0));
}
static void column_int96(made *file)
{
    made_init(file, DZR_TYPE_INT64, false, 1);
    file->column.type = file->chunk.meta.type = DZR_PHYSICAL_INT96;
}
#define AT_4 "memory: row group 0, column \"x\", byte 4: "
#define COLUMN "memory: row group 0, column \"x\": "

static const struct {
    const char *proves;
    void (*make)(made *);
    dzr_status want;
    const char *message;
    int64_t offset;
} refused[] = {
        {"more_values_than_rows", more_values_than_rows, DZR_ERR_CORRUPT, AT_4 "page claims 500 values, 300 are left",
                4},
        {"negative_values", negative_values, DZR_ERR_CORRUPT, AT_4 "page claims -1 values, 300 are left", 4},
        {"fewer_values_than_rows", fewer_values_than_rows, DZR_ERR_TRUNCATED,
                "byte 29: pages end, 1 of 3 values are missing", 29},
        {"too_few_plain_bytes", too_few_plain_bytes, DZR_ERR_TRUNCATED, AT_4 "page has 8 bytes for 2 values", 4},
        {"too_few_plain_bits", too_few_plain_bits, DZR_ERR_TRUNCATED, AT_4 "page has 1 bytes for 9 values", 4},
        {"levels_longer_than_page", levels_longer_than_page, DZR_ERR_TRUNCATED,
                AT_4 "page of 6 bytes ends inside its levels, which claim 4294967295", 4},
        {"levels_without_length", levels_without_length, DZR_ERR_TRUNCATED,
                AT_4 "page of 2 bytes ends inside its levels, which claim 0", 4},
        {"fewer_levels_than_values", fewer_levels_than_values, DZR_ERR_TRUNCATED,
                AT_4 "runs of 1-bit values end after 2 bytes, 3 values are missing", 4},
        {"levels_in_plain", levels_in_plain, DZR_ERR_UNSUPPORTED, AT_4 "levels in encoding PLAIN (0)", 4},
        {"unsupported_encoding", unsupported_encoding, DZR_ERR_UNSUPPORTED,
                AT_4 "encoding DELTA_BYTE_ARRAY (7) of int32 values", 4},
        {"unknown_encoding", unknown_encoding, DZR_ERR_UNSUPPORTED, AT_4 "encoding unknown (77) of string values", 4},
        {"split_streams_of_another_length", split_streams_of_another_length, DZR_ERR_CORRUPT,
                AT_4 "split streams of 4 bytes for 2 values of 4", 4},
        {"index_past_dictionary", index_past_dictionary, DZR_ERR_CORRUPT,
                "a value is entry 1 of the dictionary, which has 1", -2},
        {"index_width_33", index_width_33, DZR_ERR_CORRUPT, "dictionary indices of 33 bits, at most 32 are allowed",
                -2},
        {"no_index_width", no_index_width, DZR_ERR_TRUNCATED, "page has 0 bytes for 3 values", -2},
        {"no_dictionary", no_dictionary, DZR_ERR_CORRUPT, AT_4 "page refers to a dictionary, but none came before it",
                4},
        {"two_dictionaries", two_dictionaries, DZR_ERR_CORRUPT, "a second dictionary page", -2},
        {"huge_dictionary", huge_dictionary, DZR_ERR_TRUNCATED,
                AT_4 "dictionary page claims 2147483647 values in 4 bytes", 4},
        {"negative_dictionary", negative_dictionary, DZR_ERR_CORRUPT,
                AT_4 "dictionary page claims -5 values in 4 bytes", 4},
        {"dictionary_in_delta", dictionary_in_delta, DZR_ERR_UNSUPPORTED, AT_4 "dictionary page in encoding 5", 4},
        {"dictionary_of_booleans", dictionary_of_booleans, DZR_ERR_UNSUPPORTED, AT_4 "a dictionary of booleans", 4},
        {"dictionary_of_narrow_values", dictionary_of_narrow_values, DZR_ERR_CORRUPT,
                AT_4 "value 1 is 256, its type holds -128 to 127", 4},
        {"not_utf8", not_utf8, DZR_ERR_CORRUPT, AT_4 "string value 1 is not UTF-8", 4},
        {"dictionary_not_utf8", dictionary_not_utf8, DZR_ERR_CORRUPT, AT_4 "string value 0 is not UTF-8", 4},
        {"string_past_page", string_past_page, DZR_ERR_TRUNCATED, AT_4 "5 bytes of strings end inside value 0 of 1", 4},
        {"value_out_of_range", value_out_of_range, DZR_ERR_CORRUPT, AT_4 "value 1 is 256, its type holds -128 to 127",
                4},
        {"negative_page_size", negative_page_size, DZR_ERR_CORRUPT,
                AT_4 "page claims -4 bytes, 4 of them after decompression", 4},
        {"page_past_chunk", page_past_chunk, DZR_ERR_TRUNCATED, AT_4 "page claims 5000 bytes, 4 are left", 4},
        {"page_over_limit", page_over_limit, DZR_ERR_LIMIT, AT_4 "page of 2147483647 bytes, limit is 536870912", 4},
        {"uncompressed_sizes_differ", uncompressed_sizes_differ, DZR_ERR_CORRUPT,
                AT_4 "page that is not compressed claims 4 bytes, 8 after decompression", 4},
        {"page_not_snappy", page_not_snappy, DZR_ERR_CORRUPT, AT_4 "a damaged snappy block of 4 bytes", 4},
        {"page_of_another_size", page_of_another_size, DZR_ERR_CORRUPT,
                AT_4 "snappy makes 4 bytes where 8 are expected", 4},
        {"crc_wrong", crc_wrong, DZR_ERR_CORRUPT, AT_4 "page has CRC bc93e7a5, its header says 00001234", 4},
        {"v2_nulls_disagree", v2_nulls_disagree, DZR_ERR_CORRUPT, AT_4 "page claims 1 nulls, its levels say 2", 4},
        {"v2_nulls_in_required", v2_nulls_in_required, DZR_ERR_CORRUPT, AT_4 "page claims 1 nulls, its levels say 0",
                4},
        {"v2_levels_past_page", v2_levels_past_page, DZR_ERR_CORRUPT,
                AT_4 "page of 10 bytes claims levels of 0 and 11 bytes", 4},
        {"v2_levels_overflow", v2_levels_overflow, DZR_ERR_CORRUPT,
                AT_4 "page of 10 bytes claims levels of 2147483647 and 2147483647 bytes", 4},
        {"v2_sizes_differ", v2_sizes_differ, DZR_ERR_CORRUPT,
                AT_4 "page claims 2000 bytes of values, it has 4 that are not compressed", 4},
        {"v2_nothing_compressed", v2_nothing_compressed, DZR_ERR_CORRUPT,
                AT_4 "nothing makes 0 bytes where 4 are expected", 4},
        {"page_of_unknown_type", page_of_unknown_type, DZR_ERR_UNSUPPORTED, AT_4 "page of type 9", 4},
        {"data_page_without_header", data_page_without_header, DZR_ERR_CORRUPT,
                AT_4 "data page without a data page header", 4},
        {"dictionary_page_without_header", dictionary_page_without_header, DZR_ERR_CORRUPT,
                AT_4 "dictionary page without a dictionary page header", 4},
        {"page_header_broken", page_header_broken, DZR_ERR_TRUNCATED,
                AT_4 "page header: PageHeader.uncompressed_size: 1 bytes expected at byte 3, 0 are left", 4},
        {"chunk_rows_differ", chunk_rows_differ, DZR_ERR_CORRUPT, COLUMN "it has 3 values, the row group 2 rows", -1},
        {"chunk_past_footer", chunk_past_footer, DZR_ERR_TRUNCATED,
                COLUMN "its pages are said to be 9223372036854775807 bytes at byte 4, the footer is at byte 4", -1},
        {"chunk_offset_past_footer", chunk_offset_past_footer, DZR_ERR_TRUNCATED,
                COLUMN "its pages are said to be 5 bytes at byte 9223372036854775807, the footer is at byte 4", -1},
        {"chunk_offset_negative", chunk_offset_negative, DZR_ERR_CORRUPT,
                COLUMN "its pages are said to be 0 bytes at byte -4", -1},
        {"chunk_of_another_type", chunk_of_another_type, DZR_ERR_CORRUPT,
                COLUMN "its chunk has physical type 2, the schema says 1", -1},
        {"chunk_encrypted", chunk_encrypted, DZR_ERR_UNSUPPORTED, COLUMN "is encrypted", -1},
        {"chunk_in_another_file", chunk_in_another_file, DZR_ERR_UNSUPPORTED, COLUMN "its pages are in another file",
                -1},
        {"codec_lzo", codec_lzo, DZR_ERR_UNSUPPORTED, COLUMN "codec LZO (3)", -1},
        {"codec_unknown", codec_unknown, DZR_ERR_UNSUPPORTED, COLUMN "codec unknown (-3)", -1},
        {"rows_of_a_terabyte", rows_of_a_terabyte, DZR_ERR_LIMIT,
                COLUMN "8796093022208 bytes more are needed, 0 of the 4294967296 allowed for a row group are taken",
                -1},
        {"rows_past_64_bits", rows_past_64_bits, DZR_ERR_LIMIT, COLUMN "18446744073709551615 bytes more are needed",
                -1},
        {"column_int96", column_int96, DZR_ERR_UNSUPPORTED, COLUMN "type INT96 is not supported", -1},
};

static void bad_files_are_refused_by_name_and_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        made file;
        dzr_error err = {.message = ""};
        dzr_batch *batch = NULL;
        refused[i].make(&file);
        const dzr_status st = read_made(&file, NULL, &batch, &err);
        if (st != refused[i].want || strstr(err.message, refused[i].message) == NULL)
            fail_msg("%s: %s, \"%s\"", refused[i].proves, dzr_status_name(st), err.message);
        assert_null(batch);
        assert_int_equal(err.row_group, 0);
        assert_int_equal(err.column, 0);
        if (refused[i].offset != -2)
            assert_int_equal(err.offset, refused[i].offset);
    }
}

static void a_wrong_crc_can_be_passed_over(void **state)
{
    (void)state;
    made file;
    dzr_error err;
    dzr_batch *batch = NULL;
    crc_wrong(&file);
    const dzr_parquet_read_options options = {.skip_crc = true};
    assert_ok(read_made(&file, &options, &batch, &err));
    assert_int_equal(((const int32_t *)dzr_batch_column(batch, 0)->values)[0], 7);
    dzr_batch_free(batch);
}

/* ---- the file around the pages ---- */

static void files_that_are_none_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        dzr_status want;
        const char *message;
    } files[] = {
            {"", 0, DZR_ERR_TRUNCATED, "memory: no Parquet file: it has 0 bytes, the smallest has 12"},
            {"PAR1\0\0\0PAR1", 11, DZR_ERR_TRUNCATED, "memory: no Parquet file: it has 11 bytes, the smallest has 12"},
            {"PAR1\0\0\0\0PAR2", 12, DZR_ERR_CORRUPT, "memory: no Parquet file: it does not end with PAR1"},
            {"PAR0\0\0\0\0PAR1", 12, DZR_ERR_CORRUPT, "memory: no Parquet file: it does not begin with PAR1"},
            {"PARE\0\0\0\0PARE", 12, DZR_ERR_UNSUPPORTED, "memory: its footer is encrypted"},
            {"PAR1\1\0\0\0PAR1", 12, DZR_ERR_TRUNCATED, "memory: claims a footer of 1 bytes, the file has 12"},
            {"PAR1\xff\xff\xff\xffPAR1", 12, DZR_ERR_LIMIT, "memory: a footer of 4294967295 bytes, limit is 268435456"},
            {"PAR1\0\0\0\0PAR1", 12, DZR_ERR_TRUNCATED, "memory: footer at byte 4: "},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        opened file;
        dzr_error err = {.message = ""};
        const dzr_status st = open_bytes((dzr_bytes){(const uint8_t *)files[i].bytes, files[i].len}, NULL, &file, &err);
        if (st != files[i].want || strstr(err.message, files[i].message) == NULL)
            fail_msg("file %zu: %s, \"%s\"", i, dzr_status_name(st), err.message);
        assert_null(file.reader);
        close_opened(&file);
    }
}

static void arguments_are_checked_first(void **state)
{
    (void)state;
    made made_file;
    made_init(&made_file, DZR_TYPE_INT32, false, 1);
    made_page(&made_file, v1_header(1, DZR_ENCODING_PLAIN), BODY(7, 0, 0, 0));
    made_finish(&made_file, 2);
    opened file;
    dzr_error err;
    dzr_batch *batch = NULL;
    dzr_parquet_chunk facts;
    assert_ok(open_bytes((dzr_bytes){made_file.bytes.at, made_file.bytes.len}, NULL, &file, &err));
    assert_int_equal(dzr_parquet_reader_n_rows(file.reader), 2);
    assert_int_equal(dzr_parquet_reader_row_group_rows(file.reader, 1), 1);
    assert_string_equal(dzr_parquet_reader_created_by(file.reader), "");
    const int32_t columns[] = {0, 1}, negative[] = {-1}, twice[] = {0, 0};
    assert_fails(
            dzr_parquet_read_row_group(file.reader, 2, NULL, 0, &batch, &err), DZR_ERR_ARG, "memory: row group 2 of 2");
    assert_fails(dzr_parquet_read_row_group(file.reader, -1, NULL, 0, &batch, &err), DZR_ERR_ARG,
            "memory: row group -1 of 2");
    assert_fails(
            dzr_parquet_read_row_group(file.reader, 0, columns, 2, &batch, &err), DZR_ERR_ARG, "memory: column 1 of 1");
    assert_fails(dzr_parquet_read_row_group(file.reader, 0, negative, 1, &batch, &err), DZR_ERR_ARG,
            "memory: column -1 of 1");
    assert_fails(dzr_parquet_read_row_group(file.reader, 0, columns, -1, &batch, &err), DZR_ERR_ARG,
            "memory: -1 columns wanted");
    assert_fails(dzr_parquet_reader_chunk(file.reader, 0, 1, &facts, &err), DZR_ERR_ARG, "memory: column 1 of 1");
    assert_fails(dzr_parquet_reader_can_read(file.reader, 1, &err), DZR_ERR_ARG, "memory: column 1 of 1");
    assert_null(batch);
    assert_ok(dzr_parquet_read_row_group(file.reader, 1, twice, 2, &batch, &err)); /* a column may be wanted twice */
    assert_int_equal(((const int32_t *)dzr_batch_column(batch, 1)->values)[0], 7);
    dzr_batch_free(batch);
    assert_ok(dzr_parquet_read_row_group(file.reader, 1, columns, 0, &batch, &err)); /* or none: rows without columns */
    assert_int_equal(dzr_batch_n_rows(batch), 1);
    dzr_batch_free(batch);
    close_opened(&file);
    dzr__bytebuf_fini(&made_file.bytes);
}

static void the_budget_covers_all_columns_of_a_read(void **state)
{
    (void)state;
    made made_file;
    made_init(&made_file, DZR_TYPE_INT32, false, 2);
    made_page(&made_file, v1_header(2, DZR_ENCODING_PLAIN), BODY(7, 0, 0, 0, 8, 0, 0, 0));
    made_finish(&made_file, 1);
    opened file;
    dzr_error err;
    dzr_batch *batch = NULL;
    const dzr_parquet_read_options options = {.limits = {.row_group_bytes = 15}};
    assert_ok(open_bytes((dzr_bytes){made_file.bytes.at, made_file.bytes.len}, &options, &file, &err));
    const int32_t columns[] = {0, 0};
    assert_fails(dzr_parquet_read_row_group(file.reader, 0, columns, 2, &batch, &err), DZR_ERR_LIMIT,
            COLUMN "8 bytes more are needed, 8 of the 15 allowed for a row group are taken");
    assert_ok(dzr_parquet_read_row_group(file.reader, 0, columns, 1, &batch, &err));
    dzr_batch_free(batch);
    close_opened(&file);
    dzr__bytebuf_fini(&made_file.bytes);
}

static void a_column_that_cannot_be_read_is_shown(void **state)
{
    (void)state;
    made made_file;
    column_int96(&made_file);
    made_finish(&made_file, 1);
    opened file;
    dzr_error err;
    assert_ok(open_bytes((dzr_bytes){made_file.bytes.at, made_file.bytes.len}, NULL, &file, &err));
    assert_string_equal(dzr_schema_field(dzr_parquet_reader_schema(file.reader), 0)->name, "x");
    assert_fails(dzr_parquet_reader_can_read(file.reader, 0, &err), DZR_ERR_UNSUPPORTED,
            "memory: column \"x\": type INT96 is not supported");
    assert_int_equal(err.column, 0);
    dzr_parquet_chunk facts;
    assert_ok(dzr_parquet_reader_chunk(file.reader, 0, 0, &facts, &err));
    assert_string_equal(facts.physical_type, "INT96");
    close_opened(&file);
    dzr__bytebuf_fini(&made_file.bytes);
}

/* ---- statistics ---- */

static dzr_parquet_chunk chunk_facts(made *made_file)
{
    dzr_error err;
    opened file;
    dzr_parquet_chunk facts;
    made_file->chunk.meta.has |= 1u << DZR_COLUMN_STATISTICS;
    made_finish(made_file, 1);
    assert_ok(open_bytes((dzr_bytes){made_file->bytes.at, made_file->bytes.len}, NULL, &file, &err));
    assert_ok(dzr_parquet_reader_chunk(file.reader, 0, 0, &facts, &err));
    facts.path = facts.physical_type = NULL;
    close_opened(&file);
    dzr__bytebuf_fini(&made_file->bytes);
    return facts;
}

static void bounds_are_given_where_they_can_be_trusted(void **state)
{
    (void)state;
    made file;
    static const uint8_t nan[] = {0, 0, 0xc0, 0x7f};
    const dzr_bytes four = {(const uint8_t *)"\1\0\0\0", 4}, three = {(const uint8_t *)"\1\0\0", 3},
                    not_a_number = {nan, 4};
    const uint32_t deprecated = 1u << DZR_STATISTICS_MIN | 1u << DZR_STATISTICS_MAX;
    const uint32_t current = 1u << DZR_STATISTICS_MIN_VALUE | 1u << DZR_STATISTICS_MAX_VALUE;

    made_init(&file, DZR_TYPE_INT32, false, 0);
    file.chunk.meta.statistics = (dzr_meta_statistics){.has = deprecated, .min = four, .max = four};
    assert_true(chunk_facts(&file).has_min_max); /* signed, so the old pair is right */

    made_init(&file, DZR_TYPE_UINT32, false, 0);
    file.chunk.meta.statistics = (dzr_meta_statistics){.has = deprecated, .min = four, .max = four};
    assert_false(chunk_facts(&file).has_min_max);

    made_init(&file, DZR_TYPE_INT32, false, 0);
    file.chunk.meta.statistics = (dzr_meta_statistics){.has = deprecated, .min = three, .max = four};
    assert_false(chunk_facts(&file).has_min_max); /* shorter than the type */

    made_init(&file, DZR_TYPE_FLOAT, false, 0);
    file.chunk.meta.statistics = (dzr_meta_statistics){.has = deprecated, .min = four, .max = not_a_number};
    assert_false(chunk_facts(&file).has_min_max);

    made_init(&file, DZR_TYPE_INT32, false, 0);
    file.chunk.meta.statistics = (dzr_meta_statistics){
            .has = current | 1u << DZR_STATISTICS_NULL_COUNT, .min_value = four, .max_value = four, .null_count = 0};
    const dzr_parquet_chunk facts = chunk_facts(&file);
    assert_false(facts.has_min_max); /* no column_orders */
    assert_true(facts.has_null_count);

    made_init(&file, DZR_TYPE_INT32, false, 0);
    file.chunk.meta.statistics = (dzr_meta_statistics){.has = 1u << DZR_STATISTICS_NULL_COUNT, .null_count = -1};
    assert_false(chunk_facts(&file).has_null_count);
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
            cmocka_unit_test(split_streams_are_joined_between_nulls),
            cmocka_unit_test(narrow_integers_may_be_split),
            cmocka_unit_test(values_that_share_their_front_are_put_together),
            cmocka_unit_test(deltas_of_33_bits_wrap),
            cmocka_unit_test(bytes_after_the_last_value_are_ignored),
            cmocka_unit_test(integers_keep_their_width_and_sign),
            cmocka_unit_test(unknown_annotations_leave_the_physical_type),
            cmocka_unit_test(a_file_without_rows_is_read),
            cmocka_unit_test(bad_files_are_refused_by_name_and_place),
            cmocka_unit_test(a_wrong_crc_can_be_passed_over),
            cmocka_unit_test(files_that_are_none_are_refused),
            cmocka_unit_test(arguments_are_checked_first),
            cmocka_unit_test(the_budget_covers_all_columns_of_a_read),
            cmocka_unit_test(a_column_that_cannot_be_read_is_shown),
            cmocka_unit_test(bounds_are_given_where_they_can_be_trusted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
