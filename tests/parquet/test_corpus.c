/* tests/parquet/test_corpus.c - every file of apache/parquet-testing gives its rows or a clear error. The table holds
 * what another engine (pyarrow 26) reads from each column that we support; checksum.h says how the number is made. A
 * column that reads and is not in the table fails the test, so the table grows with what the reader can do. The files
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
        {"data/alltypes_tiny_pages_plain.parquet", 11, 7300, 0, 0x3943531a},
        {"data/alltypes_tiny_pages_plain.parquet", 12, 7300, 0, 0x976af5a6},
        {"data/binary.parquet", 0, 12, 0, 0xa79315b1},
        {"data/binary_truncated_min_max.parquet", 0, 12, 0, 0x7599ec4d},
        {"data/binary_truncated_min_max.parquet", 1, 12, 0, 0x7599ec4d},
        {"data/binary_truncated_min_max.parquet", 2, 12, 0, 0xb24a6117},
        {"data/binary_truncated_min_max.parquet", 3, 12, 0, 0x14a58f2a},
        {"data/binary_truncated_min_max.parquet", 4, 12, 0, 0x3ea90c02},
        {"data/binary_truncated_min_max.parquet", 5, 12, 0, 0x3ea90c02},
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
        {"data/delta_encoding_optional_column.parquet", 0, 100, 0, 0xd350b7cb},
        {"data/delta_encoding_optional_column.parquet", 1, 100, 3, 0xc5014696},
        {"data/delta_encoding_optional_column.parquet", 2, 100, 2, 0x1378ca26},
        {"data/delta_encoding_optional_column.parquet", 3, 100, 0, 0xa1ea5c90},
        {"data/delta_encoding_optional_column.parquet", 4, 100, 1, 0xff3f2c10},
        {"data/delta_encoding_optional_column.parquet", 5, 100, 1, 0x80a2e943},
        {"data/delta_encoding_optional_column.parquet", 6, 100, 3, 0x5b37988c},
        {"data/delta_encoding_optional_column.parquet", 7, 100, 3, 0xbc4fae1c},
        {"data/delta_encoding_optional_column.parquet", 8, 100, 3, 0x21a83737},
        {"data/dict-page-offset-zero.parquet", 0, 39, 0, 0x4a6a5129},
        {"data/encrypt_columns_plaintext_footer.parquet.encrypted", 0, 50, 0, 0x928d3bbc},
        {"data/encrypt_columns_plaintext_footer.parquet.encrypted", 6, 50, 25, 0x8b22833a},
        {"data/floating_orders_nan_count.parquet", 0, 50, 0, 0xb29eae0c},
        {"data/floating_orders_nan_count.parquet", 1, 50, 0, 0xb29eae0c},
        {"data/floating_orders_nan_count.parquet", 2, 50, 0, 0x2506d056},
        {"data/floating_orders_nan_count.parquet", 3, 50, 0, 0x2506d056},
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
        {"data/int32_with_null_pages.parquet", 0, 1000, 275, 0xf7729654},
        {"data/nan_in_stats.parquet", 0, 2, 0, 0x93d6d42e},
        {"data/nation.dict-malformed.parquet", 0, 25, 0, 0x4a0d1f24},
        {"data/nation.dict-malformed.parquet", 1, 25, 0, 0x5bf1d632},
        {"data/nation.dict-malformed.parquet", 2, 25, 0, 0xea7af53f},
        {"data/nation.dict-malformed.parquet", 3, 25, 0, 0xf2bbab20},
        {"data/nested_lists.snappy.parquet", 1, 3, 0, 0x8e4208d1},
        {"data/nullable.impala.parquet", 0, 7, 0, 0xc4cf491a},
        {"data/plain-dict-uncompressed-checksum.parquet", 0, 1000, 0, 0x2fe5d930},
        {"data/plain-dict-uncompressed-checksum.parquet", 1, 1000, 0, 0x0ce26b5b},
        {"data/repeated_no_annotation.parquet", 0, 6, 0, 0xf8ebe999},
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
        {"bad_data/ARROW-GH-41317.parquet", DZR_ERR_CORRUPT, "a list of another type than expected"},
        {"bad_data/ARROW-RS-GH-6229-DICTHEADER.parquet", DZR_ERR_CORRUPT,
                "DataPageHeader.num_values: another type than expected"},
        {"bad_data/ARROW-RS-GH-6229-DICTHEADER.parquet", DZR_ERR_TRUNCATED, "bytes at byte"},
};

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
        return false; /* about nested columns; their only flat one is a row number */
    if (known == sizeof columns / sizeof *columns)
        fail_msg("%s, column %d reads, but the table does not have it: %lld rows, %lld nulls, checksum 0x%08x", file,
                column, (long long)n_rows, (long long)n_nulls, checksum);
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
        for (int32_t i = 0; i < dzr_schema_n_fields(dzr_parquet_reader_schema(reader)); i++)
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
    assert_int_equal(n_read, sizeof columns / sizeof *columns);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(every_file_gives_its_rows_or_a_clear_error)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
