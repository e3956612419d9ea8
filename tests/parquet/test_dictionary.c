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

/* ---- columns are read as codes ---- */

/* Rows like `want`'s, whose first n columns have codes. Every code is below the dictionary's end. */
static dzr_status coded_scan_gives(dzr_parquet_reader *reader, const dzr_parquet_scan_options *options,
        const dzr_batch *want, int64_t first, int64_t n, int64_t *n_values, dzr_error *err)
{
    dzr_parquet_scan *scan = NULL;
    dzr_schema *decoded = NULL;
    *n_values = 0;
    DZR_TRY(dzr_parquet_scan_open(reader, options, &scan, err));
    dzr_status st = dzr_schema_decode(dzr_parquet_scan_schema(scan), NULL, &decoded, err);
    while (st == DZR_OK) {
        dzr_batch *batch = NULL, *plain = NULL;
        st = dzr_parquet_scan_next(scan, &batch, err);
        if (batch == NULL)
            break;
        for (int32_t node = 0; node < dzr_schema_n_nodes(dzr_batch_schema(batch)); node++) {
            const dzr_column *const column = dzr_batch_node(batch, node);
            if (column->type.id != DZR_TYPE_DICTIONARY)
                continue;
            *n_values = DZR_MAX(*n_values, column->children[0]->n_rows);
            for (int64_t row = 0; row < column->n_rows; row++) {
                const int32_t code = ((const int32_t *)column->values)[row];
                assert_true(dzr_column_is_null(column, row) ? code == 0 : code < column->children[0]->n_rows);
            }
        }
        assert_int_equal(dzr_batch_decode(batch, decoded, NULL, &plain, err), DZR_OK);
        dzr_batch_free(batch);
        for (int32_t i = 0; i < dzr_schema_n_fields(decoded); i++)
            for (int64_t row = 0; row < dzr_batch_n_rows(plain); row++)
                assert_same_row(dzr_batch_column(want, i), first + row, dzr_batch_column(plain, i), row);
        first += dzr_batch_n_rows(plain);
        n -= dzr_batch_n_rows(plain);
        dzr_batch_free(plain);
    }
    if (st == DZR_OK)
        assert_int_equal(n, 0);
    dzr_schema_free(decoded);
    dzr_parquet_scan_close(scan);
    return st;
}

static const dzr_parquet_write_options layouts[] = {
        {.page_rows = 50, .row_group_rows = 250},
        {.codec = DZR_CODEC_SNAPPY, .page_rows = 33, .row_group_rows = 600, .dictionary_bytes = 200}, /* falls back */
        {.codec = DZR_CODEC_ZSTD, .page_rows = 50, .row_group_rows = 300, .page_version = 2, .dictionary_bytes = 400},
        {.codec = DZR_CODEC_SNAPPY, .page_rows = 20, .row_group_rows = 500, .dictionary_bytes = -1},
        {.page_rows = 7, .row_group_rows = 400, .dictionary_bytes = -1, .page_version = 2},
};
enum { N_LAYOUTS = sizeof layouts / sizeof *layouts, ROWS = 700 };

/* All columns that may be, as codes: in batches of many sizes, from many rows on. */
static void compare(const dzr_batch *batch, const dzr_parquet_write_options *layout, const int32_t *coded, int32_t n)
{
    dzr_error err;
    int64_t n_values = 0;
    uint64_t seed = 5;
    dzr_sink *const sink = write_rows(batch, layout);
    dzr_parquet_reader *reader = NULL;
    plain_source plain;
    plain_source_init(&plain, dzr_sink_memory_bytes(sink));
    assert_ok(dzr_parquet_reader_open(&plain.source, NULL, &reader, &err));
    static const int64_t sizes[] = {1, 13, 100, 350, 700};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const dzr_parquet_scan_options options = {.batch_rows = sizes[i], .dictionaries = coded, .n_dictionaries = n};
        assert_ok(coded_scan_gives(reader, &options, batch, 0, ROWS, &n_values, &err));
        assert_true(n_values > 0 && n_values <= ROWS * 10);
        const int64_t first = (int64_t)(next_number(&seed) % ROWS);
        const dzr_parquet_scan_options part = {
                .first_row = first, .batch_rows = sizes[i], .dictionaries = coded, .n_dictionaries = n};
        assert_ok(coded_scan_gives(reader, &part, batch, first, ROWS - first, &n_values, &err));
    }
    dzr_parquet_reader_close(reader);
    dzr_sink_close(sink);
}

static void every_type_is_read_as_codes(void **state)
{
    (void)state;
    int32_t all_but_bool[N_TYPES];
    for (int32_t i = 1; i < N_TYPES; i++)
        all_but_bool[i - 1] = i;
    static const nulls patterns[] = {NULLS_NONE, NULLS_RUNS};
    for (size_t p = 0; p < 2; p++) {
        dzr_batch *const batch = make_rows(ROWS, p > 0, patterns[p]);
        for (size_t i = 0; i < N_LAYOUTS; i++)
            compare(batch, &layouts[i], all_but_bool, N_TYPES - 1);
        dzr_batch_free(batch);
    }
}

static void nested_columns_are_read_as_codes(void **state)
{
    (void)state;
    dzr_error err;
    static const int32_t coded[] = {1, 2, 3, 5, 7}; /* m.key, m.value.a, m.value.b, s.x, t */
    dzr_schema *const schema = deep_schema();
    dzr_batch *batch = NULL;
    assert_ok(nested_rows(schema, ROWS, 77, NULL, &batch, &err));
    for (size_t i = 0; i < N_LAYOUTS; i++)
        compare(batch, &layouts[i], coded, 5);
    dzr_batch_free(batch);
    dzr_schema_free(schema);
}

/* What the file has as a dictionary is the batch's, once, however many batches there are. */
static void batches_share_the_files_dictionary(void **state)
{
    (void)state;
    dzr_error err;
    dzr_batch *const coded = coded_rows(1000);
    dzr_sink *const sink = write_rows(coded, &(dzr_parquet_write_options){.row_group_rows = 500});
    dzr_source *source = NULL;
    dzr_parquet_reader *reader = NULL;
    dzr_parquet_scan *scan = NULL;
    assert_ok(dzr_source_memory(dzr_sink_memory_bytes(sink), NULL, &source, &err));
    assert_ok(dzr_parquet_reader_open(source, NULL, &reader, &err));
    static const int32_t column = 0;
    const dzr_parquet_scan_options options = {
            .columns = &column, .n_columns = 1, .batch_rows = 100, .dictionaries = &column, .n_dictionaries = 1};
    assert_ok(dzr_parquet_scan_open(reader, &options, &scan, &err));
    const dzr_field *const field = dzr_schema_field(dzr_parquet_scan_schema(scan), 0);
    assert_int_equal(field->type.id, DZR_TYPE_DICTIONARY);
    assert_true(field->nullable && !field->children[0].nullable);
    assert_int_equal(field->children[0].type.id, DZR_TYPE_STRING);
    const void *values = NULL;
    for (int i = 0; i < 10; i++) {
        dzr_batch *batch = NULL;
        assert_ok(dzr_parquet_scan_next(scan, &batch, &err));
        const dzr_column *const dictionary = dzr_batch_column(batch, 0)->children[0];
        assert_true(dictionary->n_rows > 5 && dictionary->n_rows < 40);
        if (i % 5 > 0)
            assert_ptr_equal(dictionary->values, values);
        values = dictionary->values;
        dzr_batch_free(batch);
    }
    dzr_parquet_scan_close(scan);
    dzr_parquet_reader_close(reader);
    dzr_source_close(source);
    dzr_sink_close(sink);
    dzr_batch_free(coded);
}

/* A value that pages have by themselves is an entry once. */
static void values_of_their_own_are_entries_once(void **state)
{
    (void)state;
    dzr_error err;
    dzr_batch *const coded = coded_rows(1000);
    static const int32_t columns[] = {0, 1};
    for (int32_t bytes = -1; bytes < 200; bytes += 100) { /* no dictionary in the file, and such that fall back */
        const dzr_parquet_write_options layout = {.row_group_rows = 500, .page_rows = 50, .dictionary_bytes = bytes};
        dzr_sink *const sink = write_rows(coded, &layout);
        dzr_source *source = NULL;
        dzr_parquet_reader *reader = NULL;
        dzr_parquet_scan *scan = NULL;
        dzr_batch *batch = NULL;
        assert_ok(dzr_source_memory(dzr_sink_memory_bytes(sink), NULL, &source, &err));
        assert_ok(dzr_parquet_reader_open(source, NULL, &reader, &err));
        const dzr_parquet_scan_options options = {.batch_rows = 1000, .dictionaries = columns, .n_dictionaries = 2};
        assert_ok(dzr_parquet_scan_open(reader, &options, &scan, &err));
        assert_ok(dzr_parquet_scan_next(scan, &batch, &err));
        assert_true(dzr_batch_column(batch, 0)->children[0]->n_rows <= 40);
        assert_true(dzr_batch_column(batch, 1)->children[0]->children[0]->n_rows <= 40);
        dzr_batch_free(batch);
        dzr_parquet_scan_close(scan);
        dzr_parquet_reader_close(reader);
        dzr_source_close(source);
        dzr_sink_close(sink);
    }
    dzr_batch_free(coded);
}

static void what_has_no_dictionary_is_refused(void **state)
{
    (void)state;
    dzr_error err;
    dzr_batch *const batch = make_rows(10, false, NULLS_NONE);
    dzr_sink *const sink = write_rows(batch, &(dzr_parquet_write_options){.codec = DZR_CODEC_SNAPPY});
    dzr_source *source = NULL;
    dzr_parquet_reader *reader = NULL;
    dzr_parquet_scan *scan = NULL;
    assert_ok(dzr_source_memory(dzr_sink_memory_bytes(sink), NULL, &source, &err));
    assert_ok(dzr_parquet_reader_open(source, NULL, &reader, &err));
    const dzr_parquet_scan_options booleans = {.dictionaries = (const int32_t[]){3, 0}, .n_dictionaries = 2};
    assert_fails(dzr_parquet_scan_open(reader, &booleans, &scan, &err), DZR_ERR_UNSUPPORTED,
            "memory: row group 0, column \"c0\": a dictionary of values of bool");
    const dzr_parquet_scan_options absent = {.dictionaries = (const int32_t[]){N_TYPES}, .n_dictionaries = 1};
    assert_fails(dzr_parquet_scan_open(reader, &absent, &scan, &err), DZR_ERR_ARG, "memory: column 32 of 32");
    assert_null(scan);
    dzr_parquet_reader_close(reader);
    dzr_source_close(source);
    dzr_sink_close(sink);
    dzr_batch_free(batch);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    dzr_error err;
    dzr_schema *const schema = deep_schema();
    dzr_batch *batch = NULL;
    assert_ok(nested_rows(schema, 120, 77, NULL, &batch, &err));
    dzr_sink *const sink = write_rows(
            batch, &(dzr_parquet_write_options){.row_group_rows = 50, .page_rows = 11, .dictionary_bytes = 300});
    plain_source plain;
    plain_source_init(&plain, dzr_sink_memory_bytes(sink));
    static const int32_t coded[] = {1, 2, 3, 5, 7};
    const dzr_parquet_scan_options options = {.batch_rows = 40, .dictionaries = coded, .n_dictionaries = 5};
    dzr_status st = DZR_ERR_NOMEM;
    int64_t n = 1, n_values = 0;
    for (; st == DZR_ERR_NOMEM; n++) {
        alloc_nth nth;
        alloc_nth_init(&nth, n);
        dzr_parquet_reader *reader = NULL;
        st = dzr_parquet_reader_open(
                &plain.source, &(dzr_parquet_read_options){.alloc = &nth.allocator}, &reader, &err);
        if (st == DZR_OK)
            st = coded_scan_gives(reader, &options, batch, 0, 120, &n_values, &err);
        dzr_parquet_reader_close(reader);
        assert_int_equal(nth.n_out, 0);
    }
    assert_int_equal(st, DZR_OK);
    assert_true(n > 300);
    dzr_sink_close(sink);
    dzr_batch_free(batch);
    dzr_schema_free(schema);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(codes_are_written_as_their_values),
            cmocka_unit_test(every_type_is_read_as_codes),
            cmocka_unit_test(nested_columns_are_read_as_codes),
            cmocka_unit_test(batches_share_the_files_dictionary),
            cmocka_unit_test(values_of_their_own_are_entries_once),
            cmocka_unit_test(what_has_no_dictionary_is_refused),
            cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
