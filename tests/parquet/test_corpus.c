/* tests/parquet/test_corpus.c - every file of apache/parquet-testing gives its rows or a clear error. The table holds
 * what another engine (pyarrow 26) reads from each column that we support; checksum.h says how the number is made. A
 * column that reads and is not in the table fails the test, so the table grows with what the reader can do
 * (corpus_checksums.py prints its lines). The files
 * lie outside of the project; without them there is nothing to test, and one line says so. */
#include "support.h"

#include "checksum.h"

#include <datarizer/parquet.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#define FOLDER "../shared/parquet-testing"

static const struct {
    const char *file;
    int32_t column;
    int64_t n_rows, n_nulls;
    uint32_t checksum;
} columns[] = {
        {"bad_data/ARROW-GH-43605.parquet", 0, 21186, 0, 0xd2d9fd89},
        {"data/alltypes_plain.parquet", 0, 8, 0, 0x592df7b2},
        {"data/alltypes_plain.parquet", 1, 8, 0, 0xd22afc57},
        {"data/alltypes_plain.parquet", 2, 8, 0, 0x9ef7db1a},
        {"data/alltypes_plain.parquet", 3, 8, 0, 0x9ef7db1a},
        {"data/alltypes_plain.parquet", 4, 8, 0, 0x9ef7db1a},
        {"data/alltypes_plain.parquet", 5, 8, 0, 0x589177fe},
        {"data/alltypes_plain.parquet", 6, 8, 0, 0x93079eb8},
        {"data/alltypes_plain.parquet", 7, 8, 0, 0xc3e0f7f4},
        {"data/alltypes_plain.parquet", 8, 8, 0, 0x795a981e},
        {"data/alltypes_plain.parquet", 9, 8, 0, 0x8568ec2b},
        {"data/alltypes_plain.parquet", 10, 8, 0, 0xbb1b0982},
        {"data/alltypes_plain.snappy.parquet", 0, 2, 0, 0xdfe56bcb},
        {"data/alltypes_plain.snappy.parquet", 1, 2, 0, 0x8121e30f},
        {"data/alltypes_plain.snappy.parquet", 2, 2, 0, 0x89944d9d},
        {"data/alltypes_plain.snappy.parquet", 3, 2, 0, 0x89944d9d},
        {"data/alltypes_plain.snappy.parquet", 4, 2, 0, 0x89944d9d},
        {"data/alltypes_plain.snappy.parquet", 5, 2, 0, 0x0ef27127},
        {"data/alltypes_plain.snappy.parquet", 6, 2, 0, 0x0cea897d},
        {"data/alltypes_plain.snappy.parquet", 7, 2, 0, 0x2a139d5b},
        {"data/alltypes_plain.snappy.parquet", 8, 2, 0, 0x5a3c9cc5},
        {"data/alltypes_plain.snappy.parquet", 9, 2, 0, 0x2e7f0abd},
        {"data/alltypes_plain.snappy.parquet", 10, 2, 0, 0x4d446813},
        {"data/alltypes_tiny_pages.parquet", 0, 7300, 0, 0x56a9adf9},
        {"data/alltypes_tiny_pages.parquet", 1, 7300, 0, 0x420e5015},
        {"data/alltypes_tiny_pages.parquet", 2, 7300, 0, 0x1ddac724},
        {"data/alltypes_tiny_pages.parquet", 3, 7300, 0, 0xc77e472c},
        {"data/alltypes_tiny_pages.parquet", 4, 7300, 0, 0xce74f92c},
        {"data/alltypes_tiny_pages.parquet", 5, 7300, 0, 0xacf15990},
        {"data/alltypes_tiny_pages.parquet", 6, 7300, 0, 0xf5ed2d06},
        {"data/alltypes_tiny_pages.parquet", 7, 7300, 0, 0x9fe02f2f},
        {"data/alltypes_tiny_pages.parquet", 8, 7300, 0, 0x5346f284},
        {"data/alltypes_tiny_pages.parquet", 9, 7300, 0, 0x0cb76a1a},
        {"data/alltypes_tiny_pages.parquet", 10, 7300, 0, 0xea7773d1},
        {"data/alltypes_tiny_pages.parquet", 11, 7300, 0, 0x3943531a},
        {"data/alltypes_tiny_pages.parquet", 12, 7300, 0, 0x976af5a6},
        {"data/alltypes_tiny_pages_plain.parquet", 0, 7300, 0, 0x56a9adf9},
        {"data/alltypes_tiny_pages_plain.parquet", 1, 7300, 0, 0x420e5015},
        {"data/alltypes_tiny_pages_plain.parquet", 2, 7300, 0, 0x1ddac724},
        {"data/alltypes_tiny_pages_plain.parquet", 3, 7300, 0, 0xc77e472c},
        {"data/alltypes_tiny_pages_plain.parquet", 4, 7300, 0, 0xce74f92c},
        {"data/alltypes_tiny_pages_plain.parquet", 5, 7300, 0, 0xacf15990},
        {"data/alltypes_tiny_pages_plain.parquet", 6, 7300, 0, 0xf5ed2d06},
        {"data/alltypes_tiny_pages_plain.parquet", 7, 7300, 0, 0x9fe02f2f},
        {"data/alltypes_tiny_pages_plain.parquet", 8, 7300, 0, 0x5346f284},
        {"data/alltypes_tiny_pages_plain.parquet", 9, 7300, 0, 0x0cb76a1a},
        {"data/alltypes_tiny_pages_plain.parquet", 10, 7300, 0, 0xea7773d1},
        {"data/alltypes_tiny_pages_plain.parquet", 11, 7300, 0, 0x3943531a},
        {"data/alltypes_tiny_pages_plain.parquet", 12, 7300, 0, 0x976af5a6},
        {"data/binary.parquet", 0, 12, 0, 0xa79315b1},
        {"data/binary_truncated_min_max.parquet", 0, 12, 0, 0x7599ec4d},
        {"data/binary_truncated_min_max.parquet", 1, 12, 0, 0x7599ec4d},
        {"data/binary_truncated_min_max.parquet", 2, 12, 0, 0xb24a6117},
        {"data/binary_truncated_min_max.parquet", 3, 12, 0, 0x14a58f2a},
        {"data/binary_truncated_min_max.parquet", 4, 12, 0, 0x3ea90c02},
        {"data/binary_truncated_min_max.parquet", 5, 12, 0, 0x3ea90c02},
        {"data/byte_array_decimal.parquet", 0, 24, 0, 0xacd3624a},
        {"data/byte_stream_split.zstd.parquet", 0, 300, 0, 0x893a1970},
        {"data/byte_stream_split.zstd.parquet", 1, 300, 0, 0x1b11bfe8},
        {"data/column_chunk_key_value_metadata.parquet", 0, 0, 0, 0x00000000},
        {"data/column_chunk_key_value_metadata.parquet", 1, 0, 0, 0x00000000},
        {"data/data_index_bloom_encoding_stats.parquet", 0, 14, 0, 0xfd30dbfc},
        {"data/data_index_bloom_encoding_with_length.parquet", 0, 14, 0, 0xfd30dbfc},
        {"data/datapage_v1-snappy-compressed-checksum.parquet", 0, 5120, 0, 0x60663204},
        {"data/datapage_v1-snappy-compressed-checksum.parquet", 1, 5120, 0, 0x5b270073},
        {"data/datapage_v1-uncompressed-checksum.parquet", 0, 5120, 0, 0x60663204},
        {"data/datapage_v1-uncompressed-checksum.parquet", 1, 5120, 0, 0x5b270073},
        {"data/datapage_v2.snappy.parquet", 0, 5, 1, 0x18bb7c66},
        {"data/datapage_v2.snappy.parquet", 1, 5, 0, 0xa1b8db92},
        {"data/datapage_v2.snappy.parquet", 2, 5, 0, 0xad6792bd},
        {"data/datapage_v2.snappy.parquet", 3, 5, 0, 0x51728086},
        {"data/datapage_v2.snappy.parquet", 4, 5, 2, 0xe41786c3},
        {"data/delta_binary_packed.parquet", 0, 200, 0, 0x0366af5f},
        {"data/delta_binary_packed.parquet", 1, 200, 0, 0x2b804ba3},
        {"data/delta_binary_packed.parquet", 2, 200, 0, 0xfeb27afa},
        {"data/delta_binary_packed.parquet", 3, 200, 0, 0xc91b42c6},
        {"data/delta_binary_packed.parquet", 4, 200, 0, 0xcb82310e},
        {"data/delta_binary_packed.parquet", 5, 200, 0, 0x1123a254},
        {"data/delta_binary_packed.parquet", 6, 200, 0, 0x645a75e9},
        {"data/delta_binary_packed.parquet", 7, 200, 0, 0xcdff7498},
        {"data/delta_binary_packed.parquet", 8, 200, 0, 0xe005a064},
        {"data/delta_binary_packed.parquet", 9, 200, 0, 0x864a025c},
        {"data/delta_binary_packed.parquet", 10, 200, 0, 0xfc5a7e21},
        {"data/delta_binary_packed.parquet", 11, 200, 0, 0x24f27a06},
        {"data/delta_binary_packed.parquet", 12, 200, 0, 0xef28ed0f},
        {"data/delta_binary_packed.parquet", 13, 200, 0, 0x8a4420d6},
        {"data/delta_binary_packed.parquet", 14, 200, 0, 0x7a56ac01},
        {"data/delta_binary_packed.parquet", 15, 200, 0, 0xf11198de},
        {"data/delta_binary_packed.parquet", 16, 200, 0, 0x4df93c5a},
        {"data/delta_binary_packed.parquet", 17, 200, 0, 0xdbd2b663},
        {"data/delta_binary_packed.parquet", 18, 200, 0, 0xdba9f409},
        {"data/delta_binary_packed.parquet", 19, 200, 0, 0xe9052fdc},
        {"data/delta_binary_packed.parquet", 20, 200, 0, 0xea125840},
        {"data/delta_binary_packed.parquet", 21, 200, 0, 0x80b2ca20},
        {"data/delta_binary_packed.parquet", 22, 200, 0, 0x64ee3926},
        {"data/delta_binary_packed.parquet", 23, 200, 0, 0x869c6b7d},
        {"data/delta_binary_packed.parquet", 24, 200, 0, 0xfe96a76e},
        {"data/delta_binary_packed.parquet", 25, 200, 0, 0xeb0e858a},
        {"data/delta_binary_packed.parquet", 26, 200, 0, 0x248f3f7c},
        {"data/delta_binary_packed.parquet", 27, 200, 0, 0x1f532aa6},
        {"data/delta_binary_packed.parquet", 28, 200, 0, 0x6ed3066e},
        {"data/delta_binary_packed.parquet", 29, 200, 0, 0xe8fa2695},
        {"data/delta_binary_packed.parquet", 30, 200, 0, 0xda3e751e},
        {"data/delta_binary_packed.parquet", 31, 200, 0, 0x6776ee6d},
        {"data/delta_binary_packed.parquet", 32, 200, 0, 0x1d5a1732},
        {"data/delta_binary_packed.parquet", 33, 200, 0, 0x08ff9679},
        {"data/delta_binary_packed.parquet", 34, 200, 0, 0x0b53d19f},
        {"data/delta_binary_packed.parquet", 35, 200, 0, 0xa30d9a60},
        {"data/delta_binary_packed.parquet", 36, 200, 0, 0x755202e0},
        {"data/delta_binary_packed.parquet", 37, 200, 0, 0x4bca517b},
        {"data/delta_binary_packed.parquet", 38, 200, 0, 0x7e88a31e},
        {"data/delta_binary_packed.parquet", 39, 200, 0, 0xdc794f69},
        {"data/delta_binary_packed.parquet", 40, 200, 0, 0xc88565fc},
        {"data/delta_binary_packed.parquet", 41, 200, 0, 0x710bb0b2},
        {"data/delta_binary_packed.parquet", 42, 200, 0, 0x37183a88},
        {"data/delta_binary_packed.parquet", 43, 200, 0, 0xf6ac7d4a},
        {"data/delta_binary_packed.parquet", 44, 200, 0, 0x847ed9ab},
        {"data/delta_binary_packed.parquet", 45, 200, 0, 0xd229168b},
        {"data/delta_binary_packed.parquet", 46, 200, 0, 0x95059bfc},
        {"data/delta_binary_packed.parquet", 47, 200, 0, 0x00940607},
        {"data/delta_binary_packed.parquet", 48, 200, 0, 0x02ec6187},
        {"data/delta_binary_packed.parquet", 49, 200, 0, 0x54f783c2},
        {"data/delta_binary_packed.parquet", 50, 200, 0, 0x22c98044},
        {"data/delta_binary_packed.parquet", 51, 200, 0, 0x7edca410},
        {"data/delta_binary_packed.parquet", 52, 200, 0, 0x4abd8cb1},
        {"data/delta_binary_packed.parquet", 53, 200, 0, 0xc77feba9},
        {"data/delta_binary_packed.parquet", 54, 200, 0, 0x6f473808},
        {"data/delta_binary_packed.parquet", 55, 200, 0, 0x19dfc538},
        {"data/delta_binary_packed.parquet", 56, 200, 0, 0xc87aeeab},
        {"data/delta_binary_packed.parquet", 57, 200, 0, 0xa9dd97b8},
        {"data/delta_binary_packed.parquet", 58, 200, 0, 0x970590da},
        {"data/delta_binary_packed.parquet", 59, 200, 0, 0xc6cbb72c},
        {"data/delta_binary_packed.parquet", 60, 200, 0, 0x817bc158},
        {"data/delta_binary_packed.parquet", 61, 200, 0, 0x30f1d4e0},
        {"data/delta_binary_packed.parquet", 62, 200, 0, 0xfd010aac},
        {"data/delta_binary_packed.parquet", 63, 200, 0, 0xed58c4c7},
        {"data/delta_binary_packed.parquet", 64, 200, 0, 0x3634ebfc},
        {"data/delta_binary_packed.parquet", 65, 200, 0, 0xebf18c2c},
        {"data/delta_byte_array.parquet", 0, 1000, 0, 0x88e4b9b6},
        {"data/delta_byte_array.parquet", 1, 1000, 30, 0xdae6f137},
        {"data/delta_byte_array.parquet", 2, 1000, 32, 0x51ac7274},
        {"data/delta_byte_array.parquet", 3, 1000, 24, 0x5e0f60b7},
        {"data/delta_byte_array.parquet", 4, 1000, 29, 0x403964ee},
        {"data/delta_byte_array.parquet", 5, 1000, 31, 0x7526e767},
        {"data/delta_byte_array.parquet", 6, 1000, 1000, 0x060b1780},
        {"data/delta_byte_array.parquet", 7, 1000, 31, 0xa6a1a1e8},
        {"data/delta_byte_array.parquet", 8, 1000, 25, 0x45a28055},
        {"data/delta_encoding_optional_column.parquet", 0, 100, 0, 0xd350b7cb},
        {"data/delta_encoding_optional_column.parquet", 1, 100, 3, 0xc5014696},
        {"data/delta_encoding_optional_column.parquet", 2, 100, 2, 0x1378ca26},
        {"data/delta_encoding_optional_column.parquet", 3, 100, 0, 0xa1ea5c90},
        {"data/delta_encoding_optional_column.parquet", 4, 100, 1, 0xff3f2c10},
        {"data/delta_encoding_optional_column.parquet", 5, 100, 1, 0x80a2e943},
        {"data/delta_encoding_optional_column.parquet", 6, 100, 3, 0x5b37988c},
        {"data/delta_encoding_optional_column.parquet", 7, 100, 3, 0xbc4fae1c},
        {"data/delta_encoding_optional_column.parquet", 8, 100, 3, 0x21a83737},
        {"data/delta_encoding_optional_column.parquet", 9, 100, 0, 0x6c6ec315},
        {"data/delta_encoding_optional_column.parquet", 10, 100, 3, 0x5ab52d95},
        {"data/delta_encoding_optional_column.parquet", 11, 100, 3, 0xb6631a23},
        {"data/delta_encoding_optional_column.parquet", 12, 100, 1, 0xbab98c34},
        {"data/delta_encoding_optional_column.parquet", 13, 100, 4, 0x299c3fe0},
        {"data/delta_encoding_optional_column.parquet", 14, 100, 4, 0xd8d907d5},
        {"data/delta_encoding_optional_column.parquet", 15, 100, 3, 0x0c39345c},
        {"data/delta_encoding_optional_column.parquet", 16, 100, 3, 0xbd15b85a},
        {"data/dict-page-offset-zero.parquet", 0, 39, 0, 0x4a6a5129},
        {"data/encrypt_columns_plaintext_footer.parquet.encrypted", 0, 50, 0, 0x928d3bbc},
        {"data/encrypt_columns_plaintext_footer.parquet.encrypted", 1, 50, 0, 0xb0252c92},
        {"data/encrypt_columns_plaintext_footer.parquet.encrypted", 2, 50, 0, 0xa5468e82},
        {"data/encrypt_columns_plaintext_footer.parquet.encrypted", 3, 50, 0, 0x160b67d1},
        {"data/encrypt_columns_plaintext_footer.parquet.encrypted", 6, 50, 25, 0x8b22833a},
        {"data/encrypt_columns_plaintext_footer.parquet.encrypted", 7, 50, 0, 0xb04c8a72},
        {"data/fixed_length_byte_array.parquet", 0, 1000, 105, 0x72f09b3c},
        {"data/fixed_length_decimal.parquet", 0, 24, 0, 0xacd3624a},
        {"data/float16_nonzeros_and_nans.parquet", 0, 8, 1, 0xbcd45af5},
        {"data/floating_orders_nan_count.parquet", 0, 50, 0, 0xb29eae0c},
        {"data/floating_orders_nan_count.parquet", 1, 50, 0, 0xb29eae0c},
        {"data/floating_orders_nan_count.parquet", 2, 50, 0, 0x2506d056},
        {"data/floating_orders_nan_count.parquet", 3, 50, 0, 0x2506d056},
        {"data/floating_orders_nan_count.parquet", 4, 50, 0, 0xf2ec7b4d},
        {"data/floating_orders_nan_count.parquet", 5, 50, 0, 0xf2ec7b4d},
        {"data/geospatial/crs-arbitrary-value.parquet", 0, 1, 0, 0xe9308a88},
        {"data/geospatial/crs-arbitrary-value.parquet", 1, 1, 0, 0x6e391fc2},
        {"data/geospatial/crs-default.parquet", 0, 1, 0, 0xc485f096},
        {"data/geospatial/crs-default.parquet", 1, 1, 0, 0x5b957968},
        {"data/geospatial/crs-geography.parquet", 0, 1, 0, 0xc485f096},
        {"data/geospatial/crs-geography.parquet", 1, 1, 0, 0x5b957968},
        {"data/geospatial/crs-projjson.parquet", 0, 1, 0, 0xe9308a88},
        {"data/geospatial/crs-projjson.parquet", 1, 1, 0, 0x6e391fc2},
        {"data/geospatial/crs-srid.parquet", 0, 1, 0, 0xe9308a88},
        {"data/geospatial/crs-srid.parquet", 1, 1, 0, 0x6e391fc2},
        {"data/geospatial/geography-lines.parquet", 0, 499, 0, 0xa4826ca1},
        {"data/geospatial/geography-lines.parquet", 1, 499, 0, 0x9aa897aa},
        {"data/geospatial/geography-points.parquet", 0, 500, 0, 0x9e2e63e6},
        {"data/geospatial/geography-points.parquet", 1, 500, 0, 0x20a3e750},
        {"data/geospatial/geography-polygons.parquet", 0, 500, 0, 0x12f96fe3},
        {"data/geospatial/geography-polygons.parquet", 1, 500, 0, 0xe21aa6e6},
        {"data/geospatial/geospatial-with-nan.parquet", 0, 3, 0, 0x498bb7ff},
        {"data/geospatial/geospatial-with-nan.parquet", 1, 3, 0, 0x1ed4638d},
        {"data/geospatial/geospatial-with-nan.parquet", 2, 3, 0, 0x6f356e9a},
        {"data/geospatial/geospatial.parquet", 0, 196, 0, 0xf5d8098d},
        {"data/geospatial/geospatial.parquet", 1, 196, 32, 0x447c563a},
        {"data/geospatial/geospatial.parquet", 2, 196, 32, 0x877e0957},
        {"data/hadoop_lz4_compressed.parquet", 0, 4, 0, 0xcc86ccc6},
        {"data/hadoop_lz4_compressed.parquet", 1, 4, 0, 0xd9250b38},
        {"data/hadoop_lz4_compressed.parquet", 2, 4, 0, 0xe1eedd18},
        {"data/incorrect_map_schema.parquet", 0, 1, 0, 0xdd1f055b},
        {"data/incorrect_map_schema.parquet", 1, 1, 0, 0x297dcdaa},
        {"data/int32_decimal.parquet", 0, 24, 0, 0xacd3624a},
        {"data/int32_with_null_pages.parquet", 0, 1000, 275, 0xf7729654},
        {"data/int64_decimal.parquet", 0, 24, 0, 0xacd3624a},
        {"data/large_string_map.brotli.parquet", 1, 2, 0, 0xd022fe0a},
        {"data/list_columns.parquet", 0, 3, 0, 0x641f7c9f},
        {"data/list_columns.parquet", 1, 3, 1, 0xf6a51884},
        {"data/lz4_raw_compressed.parquet", 0, 4, 0, 0xcc86ccc6},
        {"data/lz4_raw_compressed.parquet", 1, 4, 0, 0xd9250b38},
        {"data/lz4_raw_compressed.parquet", 2, 4, 0, 0xe1eedd18},
        {"data/lz4_raw_compressed_larger.parquet", 0, 10000, 0, 0x2fa14a0a},
        {"data/nan_in_stats.parquet", 0, 2, 0, 0x93d6d42e},
        {"data/nation.dict-malformed.parquet", 0, 25, 0, 0x4a0d1f24},
        {"data/nation.dict-malformed.parquet", 1, 25, 0, 0x5bf1d632},
        {"data/nation.dict-malformed.parquet", 2, 25, 0, 0xea7af53f},
        {"data/nation.dict-malformed.parquet", 3, 25, 0, 0xf2bbab20},
        {"data/nested_lists.snappy.parquet", 0, 3, 0, 0xc40ca337},
        {"data/nested_lists.snappy.parquet", 1, 3, 0, 0x8e4208d1},
        {"data/nested_structs.rust.parquet", 0, 1, 0, 0xe4f3c1fe},
        {"data/nested_structs.rust.parquet", 1, 1, 0, 0x48235f75},
        {"data/nested_structs.rust.parquet", 2, 1, 0, 0xb4fe3240},
        {"data/nested_structs.rust.parquet", 3, 1, 0, 0xe7b42b72},
        {"data/nested_structs.rust.parquet", 4, 1, 0, 0x99c6f43c},
        {"data/nested_structs.rust.parquet", 5, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 6, 1, 0, 0x39ec8178},
        {"data/nested_structs.rust.parquet", 7, 1, 0, 0xc9132ac4},
        {"data/nested_structs.rust.parquet", 8, 1, 0, 0x1709fb33},
        {"data/nested_structs.rust.parquet", 9, 1, 0, 0xe7b42b72},
        {"data/nested_structs.rust.parquet", 10, 1, 0, 0x22fde5ed},
        {"data/nested_structs.rust.parquet", 11, 1, 0, 0x7235ecad},
        {"data/nested_structs.rust.parquet", 12, 1, 0, 0xc3d623dd},
        {"data/nested_structs.rust.parquet", 13, 1, 0, 0x57795a4e},
        {"data/nested_structs.rust.parquet", 14, 1, 0, 0xfd95e6dd},
        {"data/nested_structs.rust.parquet", 15, 1, 0, 0xe7b42b72},
        {"data/nested_structs.rust.parquet", 16, 1, 0, 0xe09250ce},
        {"data/nested_structs.rust.parquet", 17, 1, 0, 0xcefced4f},
        {"data/nested_structs.rust.parquet", 18, 1, 0, 0x7aee3342},
        {"data/nested_structs.rust.parquet", 19, 1, 0, 0x0970d37a},
        {"data/nested_structs.rust.parquet", 20, 1, 0, 0x7d6500e6},
        {"data/nested_structs.rust.parquet", 21, 1, 0, 0xe7b42b72},
        {"data/nested_structs.rust.parquet", 22, 1, 0, 0x07f8539f},
        {"data/nested_structs.rust.parquet", 23, 1, 0, 0xe7930787},
        {"data/nested_structs.rust.parquet", 24, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 25, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 26, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 27, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 28, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 29, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 30, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 31, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 32, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 33, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 34, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 35, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 36, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 37, 1, 0, 0x8e6d56ab},
        {"data/nested_structs.rust.parquet", 38, 1, 0, 0x22507f61},
        {"data/nested_structs.rust.parquet", 39, 1, 0, 0x3142fdd5},
        {"data/nested_structs.rust.parquet", 40, 1, 0, 0x7fc7e55d},
        {"data/nested_structs.rust.parquet", 41, 1, 0, 0x4b8ab9fa},
        {"data/nested_structs.rust.parquet", 42, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 43, 1, 0, 0xea05e516},
        {"data/nested_structs.rust.parquet", 44, 1, 0, 0xa18b85f9},
        {"data/nested_structs.rust.parquet", 45, 1, 0, 0xe862ef79},
        {"data/nested_structs.rust.parquet", 46, 1, 0, 0x947e2b70},
        {"data/nested_structs.rust.parquet", 47, 1, 0, 0x6a9cfcce},
        {"data/nested_structs.rust.parquet", 48, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 49, 1, 0, 0xb5cbfb60},
        {"data/nested_structs.rust.parquet", 50, 1, 0, 0x7852899c},
        {"data/nested_structs.rust.parquet", 51, 1, 0, 0x7825ae36},
        {"data/nested_structs.rust.parquet", 52, 1, 0, 0xa2376557},
        {"data/nested_structs.rust.parquet", 53, 1, 0, 0x8a7d3858},
        {"data/nested_structs.rust.parquet", 54, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 55, 1, 0, 0x5743bdf8},
        {"data/nested_structs.rust.parquet", 56, 1, 0, 0x3b21973c},
        {"data/nested_structs.rust.parquet", 57, 1, 0, 0x8153cc60},
        {"data/nested_structs.rust.parquet", 58, 1, 0, 0xff5bba7c},
        {"data/nested_structs.rust.parquet", 59, 1, 0, 0x29f4e93d},
        {"data/nested_structs.rust.parquet", 60, 1, 0, 0x48a2654e},
        {"data/nested_structs.rust.parquet", 61, 1, 0, 0x899465d7},
        {"data/nested_structs.rust.parquet", 62, 1, 0, 0xda55fe2d},
        {"data/nested_structs.rust.parquet", 63, 1, 0, 0x8af30bc3},
        {"data/nested_structs.rust.parquet", 64, 1, 0, 0x6e35f246},
        {"data/nested_structs.rust.parquet", 65, 1, 0, 0x6c3d5dcf},
        {"data/nested_structs.rust.parquet", 66, 1, 0, 0x70e64def},
        {"data/nested_structs.rust.parquet", 67, 1, 0, 0x9c3f6892},
        {"data/nested_structs.rust.parquet", 68, 1, 0, 0x63ed1229},
        {"data/nested_structs.rust.parquet", 69, 1, 0, 0x9f7919f1},
        {"data/nested_structs.rust.parquet", 70, 1, 0, 0xf669368b},
        {"data/nested_structs.rust.parquet", 71, 1, 0, 0x85b6327f},
        {"data/nested_structs.rust.parquet", 72, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 73, 1, 0, 0x5743bdf8},
        {"data/nested_structs.rust.parquet", 74, 1, 0, 0x72ca2d15},
        {"data/nested_structs.rust.parquet", 75, 1, 0, 0xbfcdfa36},
        {"data/nested_structs.rust.parquet", 76, 1, 0, 0x670ad631},
        {"data/nested_structs.rust.parquet", 77, 1, 0, 0xc13b7494},
        {"data/nested_structs.rust.parquet", 78, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 79, 1, 0, 0xd7991795},
        {"data/nested_structs.rust.parquet", 80, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 81, 1, 0, 0xe7b42b72},
        {"data/nested_structs.rust.parquet", 82, 1, 0, 0x43a85572},
        {"data/nested_structs.rust.parquet", 83, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 84, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 85, 1, 0, 0xdf949d74},
        {"data/nested_structs.rust.parquet", 86, 1, 0, 0xc235596a},
        {"data/nested_structs.rust.parquet", 87, 1, 0, 0x6dafbc04},
        {"data/nested_structs.rust.parquet", 88, 1, 0, 0x43a81b15},
        {"data/nested_structs.rust.parquet", 89, 1, 0, 0x6433dfc6},
        {"data/nested_structs.rust.parquet", 90, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 91, 1, 0, 0x93355087},
        {"data/nested_structs.rust.parquet", 92, 1, 0, 0x7e0afe4e},
        {"data/nested_structs.rust.parquet", 93, 1, 0, 0x6dafbc04},
        {"data/nested_structs.rust.parquet", 94, 1, 0, 0x43c52c4b},
        {"data/nested_structs.rust.parquet", 95, 1, 0, 0x99305416},
        {"data/nested_structs.rust.parquet", 96, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 97, 1, 0, 0x412bc69c},
        {"data/nested_structs.rust.parquet", 98, 1, 0, 0x6b46d08e},
        {"data/nested_structs.rust.parquet", 99, 1, 0, 0x66ede89a},
        {"data/nested_structs.rust.parquet", 100, 1, 0, 0x56ccd5b2},
        {"data/nested_structs.rust.parquet", 101, 1, 0, 0xa6d60685},
        {"data/nested_structs.rust.parquet", 102, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 103, 1, 0, 0xf9243f05},
        {"data/nested_structs.rust.parquet", 104, 1, 0, 0x253a6b1d},
        {"data/nested_structs.rust.parquet", 105, 1, 0, 0x24c8efe7},
        {"data/nested_structs.rust.parquet", 106, 1, 0, 0x72a8e023},
        {"data/nested_structs.rust.parquet", 107, 1, 0, 0xe4f4b250},
        {"data/nested_structs.rust.parquet", 108, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 109, 1, 0, 0xa11829e2},
        {"data/nested_structs.rust.parquet", 110, 1, 0, 0x41633e84},
        {"data/nested_structs.rust.parquet", 111, 1, 0, 0x74fdd133},
        {"data/nested_structs.rust.parquet", 112, 1, 0, 0x8403e696},
        {"data/nested_structs.rust.parquet", 113, 1, 0, 0x09a219a9},
        {"data/nested_structs.rust.parquet", 114, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 115, 1, 0, 0x581d49ae},
        {"data/nested_structs.rust.parquet", 116, 1, 0, 0x4b717ce6},
        {"data/nested_structs.rust.parquet", 117, 1, 0, 0x6dafbc04},
        {"data/nested_structs.rust.parquet", 118, 1, 0, 0x3d8db1d5},
        {"data/nested_structs.rust.parquet", 119, 1, 0, 0x39185bc4},
        {"data/nested_structs.rust.parquet", 120, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 121, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 122, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 123, 1, 0, 0xe7b42b72},
        {"data/nested_structs.rust.parquet", 124, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 125, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 126, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 127, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 128, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 129, 1, 0, 0xe7b42b72},
        {"data/nested_structs.rust.parquet", 130, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 131, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 132, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 133, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 134, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 135, 1, 0, 0xe7b42b72},
        {"data/nested_structs.rust.parquet", 136, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 137, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 138, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 139, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 140, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 141, 1, 0, 0xe7b42b72},
        {"data/nested_structs.rust.parquet", 142, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 143, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 144, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 145, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 146, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 147, 1, 0, 0xe7b42b72},
        {"data/nested_structs.rust.parquet", 148, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 149, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 150, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 151, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 152, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 153, 1, 0, 0xe7b42b72},
        {"data/nested_structs.rust.parquet", 154, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 155, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 156, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 157, 1, 0, 0x0696b086},
        {"data/nested_structs.rust.parquet", 158, 1, 0, 0x357eafa0},
        {"data/nested_structs.rust.parquet", 159, 1, 0, 0x82bfe453},
        {"data/nested_structs.rust.parquet", 160, 1, 0, 0x0696b086},
        {"data/nested_structs.rust.parquet", 161, 1, 0, 0x30225cb5},
        {"data/nested_structs.rust.parquet", 162, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 163, 1, 0, 0x297d282a},
        {"data/nested_structs.rust.parquet", 164, 1, 0, 0x3b163cd8},
        {"data/nested_structs.rust.parquet", 165, 1, 0, 0x8338b9d4},
        {"data/nested_structs.rust.parquet", 166, 1, 0, 0x95a3a29e},
        {"data/nested_structs.rust.parquet", 167, 1, 0, 0x05e44c04},
        {"data/nested_structs.rust.parquet", 168, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 169, 1, 0, 0xd7991795},
        {"data/nested_structs.rust.parquet", 170, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 171, 1, 0, 0xe7b42b72},
        {"data/nested_structs.rust.parquet", 172, 1, 0, 0x1d2e6117},
        {"data/nested_structs.rust.parquet", 173, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 174, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 175, 1, 0, 0xd7991795},
        {"data/nested_structs.rust.parquet", 176, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 177, 1, 0, 0xe7b42b72},
        {"data/nested_structs.rust.parquet", 178, 1, 0, 0xb5ea6012},
        {"data/nested_structs.rust.parquet", 179, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 180, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 181, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 182, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 183, 1, 0, 0xe7b42b72},
        {"data/nested_structs.rust.parquet", 184, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 185, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 186, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 187, 1, 0, 0x581d49ae},
        {"data/nested_structs.rust.parquet", 188, 1, 0, 0x1d692003},
        {"data/nested_structs.rust.parquet", 189, 1, 0, 0x7825ae36},
        {"data/nested_structs.rust.parquet", 190, 1, 0, 0x621d53f9},
        {"data/nested_structs.rust.parquet", 191, 1, 0, 0x8c5a3c86},
        {"data/nested_structs.rust.parquet", 192, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 193, 1, 0, 0x581d49ae},
        {"data/nested_structs.rust.parquet", 194, 1, 0, 0x4c74e02d},
        {"data/nested_structs.rust.parquet", 195, 1, 0, 0x3a00a94b},
        {"data/nested_structs.rust.parquet", 196, 1, 0, 0x35589306},
        {"data/nested_structs.rust.parquet", 197, 1, 0, 0x8561a6c5},
        {"data/nested_structs.rust.parquet", 198, 1, 0, 0xd7991795},
        {"data/nested_structs.rust.parquet", 199, 1, 0, 0xd7991795},
        {"data/nested_structs.rust.parquet", 200, 1, 0, 0xd7991795},
        {"data/nested_structs.rust.parquet", 201, 1, 0, 0xe7b42b72},
        {"data/nested_structs.rust.parquet", 202, 1, 0, 0xe7b42b72},
        {"data/nested_structs.rust.parquet", 203, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 204, 1, 0, 0x2a635991},
        {"data/nested_structs.rust.parquet", 205, 1, 0, 0x2a635991},
        {"data/nested_structs.rust.parquet", 206, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 207, 1, 0, 0xe7b42b72},
        {"data/nested_structs.rust.parquet", 208, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 209, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 210, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 211, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 212, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 213, 1, 0, 0xe7b42b72},
        {"data/nested_structs.rust.parquet", 214, 1, 0, 0x1b33170b},
        {"data/nested_structs.rust.parquet", 215, 1, 0, 0x1b33170b},
        {"data/non_hadoop_lz4_compressed.parquet", 0, 4, 0, 0xcc86ccc6},
        {"data/non_hadoop_lz4_compressed.parquet", 1, 4, 0, 0xd9250b38},
        {"data/non_hadoop_lz4_compressed.parquet", 2, 4, 0, 0xe1eedd18},
        {"data/nullable.impala.parquet", 0, 7, 0, 0xc4cf491a},
        {"data/nullable.impala.parquet", 1, 7, 4, 0x6afbe004},
        {"data/nullable.impala.parquet", 2, 7, 2, 0x5f9a99a6},
        {"data/nullable.impala.parquet", 3, 7, 1, 0xd0677f57},
        {"data/nullable.impala.parquet", 4, 7, 1, 0x86cce718},
        {"data/nullable.impala.parquet", 5, 7, 3, 0x486c3855},
        {"data/nullable.impala.parquet", 6, 7, 3, 0x031aa3af},
        {"data/nullable.impala.parquet", 7, 7, 1, 0xb528f649},
        {"data/nullable.impala.parquet", 8, 7, 1, 0x8b3513d1},
        {"data/nullable.impala.parquet", 9, 7, 1, 0x3729ef70},
        {"data/nullable.impala.parquet", 10, 7, 1, 0xbed1be61},
        {"data/nullable.impala.parquet", 11, 7, 1, 0x0e776d11},
        {"data/nullable.impala.parquet", 12, 7, 1, 0x63cff04f},
        {"data/nulls.snappy.parquet", 0, 8, 0, 0x0dea99fc},
        {"data/plain-dict-uncompressed-checksum.parquet", 0, 1000, 0, 0x2fe5d930},
        {"data/plain-dict-uncompressed-checksum.parquet", 1, 1000, 0, 0x0ce26b5b},
        {"data/repeated_no_annotation.parquet", 0, 6, 0, 0xf8ebe999},
        {"data/repeated_no_annotation.parquet", 1, 6, 2, 0xa4236a5f},
        {"data/repeated_no_annotation.parquet", 2, 6, 2, 0xe7c2d5f5},
        {"data/rle_boolean_encoding.parquet", 0, 68, 6, 0xb58e1754},
        {"data/single_nan.parquet", 0, 1, 1, 0xd202ef8d},
};

/* Files that must not open or whose columns must not read, and why. Others may only lack support. */
static const struct {
    const char *file;
    dzr_status want;
    const char *message;
} refused[] = {
        {"data/datapage_v1-corrupt-checksum.parquet", DZR_ERR_CORRUPT, "page has CRC"},
        {"data/rle-dict-uncompressed-corrupt-checksum.parquet", DZR_ERR_CORRUPT, "page has CRC"},
        {"data/large_string_map.brotli.parquet", DZR_ERR_LIMIT, "page of 1073741828 bytes, limit is 536870912"},
        {"bad_data/ARROW-GH-47662.parquet", DZR_ERR_TRUNCATED, "page has 364 bytes for 100 values"},
        {"bad_data/ARROW-GH-41317.parquet", DZR_ERR_CORRUPT, "a list of another type than expected"},
        {"bad_data/ARROW-RS-GH-6229-DICTHEADER.parquet", DZR_ERR_CORRUPT,
                "DataPageHeader.num_values: another type than expected"},
        {"bad_data/ARROW-RS-GH-6229-DICTHEADER.parquet", DZR_ERR_TRUNCATED, "bytes at byte"},
};

static size_t n_unknown; /* columns that read and are not in the table */

static size_t find_column(const char *file, int32_t column)
{
    size_t i = 0;
    while (i < sizeof columns / sizeof *columns && (strcmp(columns[i].file, file) != 0 || columns[i].column != column))
        i++;
    return i;
}

static void check_refusal(const char *file, const dzr_error *err)
{
    if (strncmp(err->message, file, strlen(file)) != 0)
        fail_msg("%s: the message \"%s\" does not begin with the file", file, err->message);
    if (err->status == DZR_ERR_UNSUPPORTED)
        return;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (strcmp(refused[i].file, file) == 0 && refused[i].want == err->status &&
                strstr(err->message, refused[i].message) != NULL)
            return;
    fail_msg("%s: %s, \"%s\"", file, dzr_status_name(err->status), err->message);
}

/* One column of all row groups; whether it could be read. */
static bool read_column(dzr_parquet_reader *reader, const char *file, int32_t column, size_t known)
{
    dzr_error err;
    uint32_t checksum = 0;
    int64_t n_rows = 0, n_nulls = 0;
    for (int32_t group = 0; group < dzr_parquet_reader_n_row_groups(reader); group++) {
        dzr_batch *batch = NULL;
        if (dzr_parquet_read_row_group(reader, group, &column, 1, &batch, &err) != DZR_OK) {
            check_refusal(file, &err);
            return false;
        }
        checksum = column_checksum(checksum, dzr_batch_column(batch, 0));
        n_rows += dzr_batch_n_rows(batch);
        n_nulls += dzr_batch_column(batch, 0)->n_nulls;
        dzr_batch_free(batch);
    }
    if (strncmp(file, "shredded_variant/", 17) == 0)
        return false; /* about what variants hold; as columns they are binary in structs */
    if (known == sizeof columns / sizeof *columns) {
        print_error("%s, column %d reads, but the table does not have it: %lld rows, %lld nulls, checksum 0x%08x\n",
                file, (int)column, (long long)n_rows, (long long)n_nulls, checksum);
        n_unknown++;
        return true;
    }
    assert_int_equal(n_rows, columns[known].n_rows);
    assert_int_equal(n_nulls, columns[known].n_nulls);
    if (checksum != columns[known].checksum)
        fail_msg("%s, column %d: checksum 0x%08x", file, column, checksum);
    return true;
}

static dzr_bytes load(const char *path)
{
    FILE *const file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    const size_t len = (size_t)ftell(file);
    rewind(file);
    uint8_t *const bytes = malloc(len > 0 ? len : 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, len, file), len);
    fclose(file);
    return (dzr_bytes){.at = bytes, .len = len};
}

static bool is_parquet(const char *name)
{
    const char *const suffix = strstr(name, ".parquet");
    return suffix != NULL && (strcmp(suffix, ".parquet") == 0 || strcmp(suffix, ".parquet.encrypted") == 0);
}

/* How many columns of the file could be read. */
static size_t read_file(const char *file)
{
    char path[4096];
    dzr_error err;
    dzr_source *source = NULL;
    dzr_parquet_reader *reader = NULL;
    size_t n_read = 0;
    snprintf(path, sizeof path, "%s/%s", FOLDER, file);
    const dzr_bytes bytes = load(path);
    assert_ok(dzr_source_memory(bytes, NULL, &source, &err));
    source->name = file;
    if (dzr_parquet_reader_open(source, NULL, &reader, &err) == DZR_OK) {
        for (int32_t i = 0; i < dzr_parquet_reader_n_columns(reader); i++)
            n_read += read_column(reader, file, i, find_column(file, i)) ? 1 : 0;
    } else {
        check_refusal(file, &err);
    }
    dzr_parquet_reader_close(reader);
    dzr_source_close(source);
    free((void *)(uintptr_t)bytes.at);
    return n_read;
}

static size_t read_folder(const char *name)
{
    char path[4096];
    size_t n_read = 0;
    snprintf(path, sizeof path, "%s/%s", FOLDER, name);
    DIR *const folder = opendir(path);
    assert_non_null(folder);
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        char file[2048];
        snprintf(file, sizeof file, "%s/%.1000s", name, entry->d_name);
        if (is_parquet(entry->d_name))
            n_read += read_file(file);
    }
    closedir(folder);
    return n_read;
}

static void every_file_gives_its_rows_or_a_clear_error(void **state)
{
    (void)state;
    static const char *const folders[] = {"data", "data/aes256", "data/geospatial", "bad_data", "shredded_variant"};
    DIR *const folder = opendir(FOLDER);
    if (folder == NULL) {
        printf("skipped: there is no %s here\n", FOLDER);
        skip();
    }
    closedir(folder);
    size_t n_read = 0;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        n_read += read_folder(folders[i]);
    assert_int_equal(n_unknown, 0);
    assert_int_equal(n_read, sizeof columns / sizeof *columns);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(every_file_gives_its_rows_or_a_clear_error)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
