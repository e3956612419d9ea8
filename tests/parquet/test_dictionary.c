/* tests/parquet/test_dictionary.c - columns of codes: written like their values, and read with a dictionary where that
 * is asked for, whatever the file has. */
#include "scan.h"

#include "alloc_nth.h"

/* ---- columns of codes are written ---- */

/* Words in a dictionary, flat and in a list, and the same decoded. */
static dzr_batch *coded_rows(int64_t n_rows)
{
    dzr_error err;
    dzr_schema *schema = NULL;
    dzr_builder *builder = NULL;
    dzr_batch *batch = NULL;
    const dzr_field words = LEAF("w", STRING, false), numbers = LEAF("n", INT64, false);
    const dzr_field element = {
            .name = "element", .type = TYPE(DICTIONARY), .nullable = true, .children = &numbers, .n_children = 1};
    const dzr_field fields[] = {
            {.name = "w", .type = TYPE(DICTIONARY), .nullable = true, .children = &words, .n_children = 1},
            {.name = "l", .type = TYPE(LIST), .nullable = true, .children = &element, .n_children = 1},
    };
    assert_ok(dzr_schema_new(fields, 2, NULL, &schema, &err));
    assert_ok(dzr_builder_new(schema, NULL, &builder, &err));
    for (int64_t i = 0; i < 40; i++) {
        char text[64];
        const int len = snprintf(text, sizeof text, "word %0*lld", (int)i, (long long)i);
        assert_ok(dzr_builder_bytes(builder, 1, (dzr_bytes){(const uint8_t *)text, (size_t)len}, &err));
        assert_ok(dzr_builder_int(builder, 4, i * i, &err));
    }
    for (int64_t row = 0; row < n_rows; row++) {
        if (row % 7 == 6)
            assert_ok(dzr_builder_null(builder, 0, &err));
        else
            assert_ok(dzr_builder_int(builder, 0, row * row % 40, &err));
        for (int64_t i = 0; i < row % 4; i++) {
            if (i == 2)
                assert_ok(dzr_builder_null(builder, 3, &err));
            else
                assert_ok(dzr_builder_int(builder, 3, (row + i) % 40, &err));
        }
        assert_ok(dzr_builder_list(builder, 2, &err));
    }
    assert_ok(dzr_builder_finish(builder, &batch, &err));
    dzr_builder_free(builder);
    dzr_schema_free(schema);
    return batch;
}

static void codes_are_written_as_their_values(void **state)
{
    (void)state;
    dzr_error err;
    dzr_batch *const coded = coded_rows(1000);
    dzr_schema *schema = NULL;
    dzr_batch *plain = NULL;
    assert_ok(dzr_schema_decode(dzr_batch_schema(coded), NULL, &schema, &err));
    assert_ok(dzr_batch_decode(coded, schema, NULL, &plain, &err));
    for (int32_t bytes = -1; bytes <= 0; bytes++) { /* with and without dictionaries in the file */
        const dzr_parquet_write_options options = {.dictionary_bytes = bytes, .row_group_rows = 600, .page_rows = 100};
        dzr_sink *const a = write_rows(coded, &options), *const b = write_rows(plain, &options);
        const dzr_bytes in_a = dzr_sink_memory_bytes(a), in_b = dzr_sink_memory_bytes(b);
        dzr_source *source = NULL;
        dzr_parquet_reader *reader = NULL;
        assert_ok(dzr_source_memory(in_a, NULL, &source, &err));
        assert_ok(dzr_parquet_reader_open(source, NULL, &reader, &err));
        assert_ok(scan_gives(reader, &(dzr_parquet_scan_options){.batch_rows = 0}, plain, 0, 1000, &err));
        assert_true(in_a.len > 1000 && in_b.len > 1000);
        dzr_parquet_reader_close(reader);
        dzr_source_close(source);
        dzr_sink_close(a);
        dzr_sink_close(b);
    }
    dzr_batch_free(plain);
    dzr_schema_free(schema);
    dzr_batch_free(coded);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(codes_are_written_as_their_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
