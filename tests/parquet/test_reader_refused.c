/* tests/parquet/test_reader_refused.c - pages and chunks made by hand that must be refused, each with the exact message
 * and place. */
#include "handmade.h"

#include <datarizer/parquet.h>

#include <stdio.h>
#include <stdlib.h>

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
    made_page(file, dictionary_header(9, DZR_ENCODING_PLAIN), BODY(1));
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
#define AT_4 "memory: row group 0, column \"x\", byte 4: "

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
        {"dictionary_of_booleans", dictionary_of_booleans, DZR_ERR_TRUNCATED,
                AT_4 "dictionary page claims 9 values in 1 bytes", 4},
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
        {"column_of_unknown_type", made_unknown_type, DZR_ERR_UNSUPPORTED, COLUMN "physical type 8 is not known", -1},
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

int main(void)
{
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(bad_files_are_refused_by_name_and_place),
            cmocka_unit_test(a_wrong_crc_can_be_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
