/* tests/parquet/test_roundtrip.c - what the writer makes, the reader gives back: every type, with and without nulls,
 * through every codec, with pages and row groups of many sizes. */
#include "rows.h"

static void assert_comes_back(const dzr_batch *batch, const dzr_parquet_write_options *options)
{
    dzr_error err;
    dzr_sink *const sink = write_rows(batch, options);
    dzr_source *source = NULL;
    dzr_parquet_reader *reader = NULL;
    assert_ok(dzr_source_memory(dzr_sink_memory_bytes(sink), NULL, &source, &err));
    assert_ok(dzr_parquet_reader_open(source, NULL, &reader, &err));
    assert_true(dzr_schema_equal(dzr_parquet_reader_schema(reader), dzr_batch_schema(batch)));
    assert_int_equal(dzr_parquet_reader_n_rows(reader), dzr_batch_n_rows(batch));
    int64_t first = 0;
    for (int32_t group = 0; group < dzr_parquet_reader_n_row_groups(reader); group++) {
        dzr_batch *back = NULL;
        assert_ok(dzr_parquet_read_row_group(reader, group, NULL, 0, &back, &err));
        for (int32_t i = 0; i < N_TYPES; i++) {
            dzr_parquet_chunk facts;
            assert_same_column(dzr_batch_column(batch, i), first, dzr_batch_column(back, i));
            assert_ok(dzr_parquet_reader_chunk(reader, group, i, &facts, &err));
            assert_int_equal(facts.codec, options->codec);
            assert_int_equal(facts.n_values, dzr_batch_n_rows(back));
            assert_true(facts.has_null_count);
            assert_int_equal(facts.n_nulls, dzr_batch_column(back, i)->n_nulls);
        }
        first += dzr_batch_n_rows(back);
        dzr_batch_free(back);
    }
    assert_int_equal(first, dzr_batch_n_rows(batch));
    dzr_parquet_reader_close(reader);
    dzr_source_close(source);
    dzr_sink_close(sink);
}

static const dzr_codec codecs[] = {
        DZR_CODEC_UNCOMPRESSED, DZR_CODEC_SNAPPY, DZR_CODEC_GZIP, DZR_CODEC_ZSTD, DZR_CODEC_LZ4_RAW, DZR_CODEC_BROTLI};

static void every_type_null_pattern_and_codec(void **state)
{
    (void)state;
    static const int64_t counts[] = {0, 1, 7, 8, 9, 63, 64, 65, 1000};
    for (size_t n = 0; n < sizeof counts / sizeof *counts; n++)
        for (int pattern = NULLS_NONE; pattern <= NULLS_LAST; pattern++)
            for (int nullable = pattern == NULLS_NONE ? 0 : 1; nullable <= 1; nullable++) {
                dzr_batch *const batch = make_rows(counts[n], nullable != 0, (nulls)pattern);
                for (size_t c = 0; c < sizeof codecs / sizeof *codecs; c++) {
                    const dzr_parquet_write_options options = {.codec = codecs[c]};
                    assert_comes_back(batch, &options);
                }
                dzr_batch_free(batch);
            }
}

/* What each type's values are written in, by turns. */
static dzr_parquet_encoding encoding_for(dzr_type type, size_t turn)
{
    switch (type.id) {
    case DZR_TYPE_BOOL:
        return turn == 0 ? DZR_PARQUET_PLAIN : DZR_PARQUET_RLE;
    case DZR_TYPE_STRING:
    case DZR_TYPE_BINARY:
        return turn == 0   ? DZR_PARQUET_PLAIN
               : turn == 1 ? DZR_PARQUET_DELTA_LENGTH_BYTE_ARRAY
                           : DZR_PARQUET_DELTA_BYTE_ARRAY;
    case DZR_TYPE_FLOAT:
    case DZR_TYPE_DOUBLE:
        return turn == 0 ? DZR_PARQUET_PLAIN : DZR_PARQUET_BYTE_STREAM_SPLIT;
    case DZR_TYPE_HALF:
    case DZR_TYPE_FIXED:
    case DZR_TYPE_UUID:
        return turn == 0 ? DZR_PARQUET_PLAIN : turn == 1 ? DZR_PARQUET_DELTA_BYTE_ARRAY : DZR_PARQUET_BYTE_STREAM_SPLIT;
    case DZR_TYPE_DECIMAL:
        if (turn == 1 && type.precision > 18)
            return DZR_PARQUET_DELTA_BYTE_ARRAY;
        /* fall through */
    default:
        return turn == 0   ? DZR_PARQUET_PLAIN
               : turn == 1 ? DZR_PARQUET_DELTA_BINARY_PACKED
                           : DZR_PARQUET_BYTE_STREAM_SPLIT;
    }
}

static void every_encoding_page_version_and_null_pattern(void **state)
{
    (void)state;
    static const int64_t counts[] = {0, 1, 33, 129, 300};
    for (size_t n = 0; n < sizeof counts / sizeof *counts; n++)
        for (int pattern = NULLS_NONE; pattern <= NULLS_LAST; pattern++) {
            dzr_batch *const batch = make_rows(counts[n], pattern != NULLS_NONE, (nulls)pattern);
            for (int32_t version = 1; version <= 2; version++)
                for (size_t turn = 0; turn < 3; turn++) {
                    const dzr_codec codec = codecs[(n + turn + (size_t)pattern) % (sizeof codecs / sizeof *codecs)];
                    dzr_parquet_column_options columns[N_TYPES];
                    char names[N_TYPES][16];
                    for (int32_t i = 0; i < N_TYPES; i++) {
                        snprintf(names[i], sizeof names[i], "c%d", i);
                        columns[i] = (dzr_parquet_column_options){
                                .path = names[i], .encoding = encoding_for(every_type[i], turn), .codec = codec};
                    }
                    const dzr_parquet_write_options options = {.codec = codec,
                            .page_rows = 100,
                            .page_version = version,
                            .columns = columns,
                            .n_columns = N_TYPES};
                    assert_comes_back(batch, &options);
                }
            dzr_batch_free(batch);
        }
}

static void every_size_of_pages_row_groups_and_dictionaries(void **state)
{
    (void)state;
    static const int32_t page_rows[] = {1, 7, 64, 1000};
    static const int64_t group_rows[] = {1, 100, 999, 5000};
    static const int32_t dictionary_bytes[] = {-1, 64, 0};
    dzr_batch *const batch = make_rows(1500, true, NULLS_RUNS);
    for (size_t p = 0; p < sizeof page_rows / sizeof *page_rows; p++)
        for (size_t g = 0; g < sizeof group_rows / sizeof *group_rows; g++)
            for (size_t d = 0; d < sizeof dictionary_bytes / sizeof *dictionary_bytes; d++) {
                const dzr_parquet_write_options options = {.codec = codecs[(p + g + d) % 4],
                        .page_rows = page_rows[p],
                        .row_group_rows = group_rows[g],
                        .dictionary_bytes = dictionary_bytes[d]};
                assert_comes_back(batch, &options);
            }
    dzr_batch_free(batch);
}

static void long_strings_come_back(void **state)
{
    (void)state;
    dzr_error err;
    static uint8_t text[3 << 20];
    memset(text, 'x', sizeof text);
    const dzr_field field = {.name = "long", .type = {.id = DZR_TYPE_STRING}, .nullable = true};
    dzr_schema *schema = NULL;
    dzr_builder *builder = NULL;
    dzr_batch *batch = NULL, *back = NULL;
    assert_ok(dzr_schema_new(&field, 1, NULL, &schema, &err));
    assert_ok(dzr_builder_new(schema, NULL, &builder, &err));
    for (size_t i = 0; i < 8; i++) {
        assert_ok(dzr_builder_bytes(builder, 0, (dzr_bytes){text, sizeof text >> i}, &err));
        assert_ok(dzr_builder_null(builder, 0, &err));
    }
    assert_ok(dzr_builder_finish(builder, &batch, &err));
    for (size_t c = 0; c < sizeof codecs / sizeof *codecs; c++) {
        dzr_sink *const sink = write_rows(batch, &(dzr_parquet_write_options){.codec = codecs[c]});
        dzr_source *source = NULL;
        dzr_parquet_reader *reader = NULL;
        assert_ok(dzr_source_memory(dzr_sink_memory_bytes(sink), NULL, &source, &err));
        assert_ok(dzr_parquet_reader_open(source, NULL, &reader, &err));
        assert_ok(dzr_parquet_read_row_group(reader, 0, NULL, 0, &back, &err));
        dzr_parquet_reader_close(reader); /* the batch needs none of these */
        dzr_source_close(source);
        dzr_sink_close(sink);
        assert_same_column(dzr_batch_column(batch, 0), 0, dzr_batch_column(back, 0));
        dzr_batch_free(back);
    }
    dzr_batch_free(batch);
    dzr_builder_free(builder);
    dzr_schema_free(schema);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_type_null_pattern_and_codec),
            cmocka_unit_test(every_encoding_page_version_and_null_pattern),
            cmocka_unit_test(every_size_of_pages_row_groups_and_dictionaries),
            cmocka_unit_test(long_strings_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
