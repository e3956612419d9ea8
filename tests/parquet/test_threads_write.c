/* tests/parquet/test_threads_write.c - with any number of threads the writer makes the same file, byte for byte, and
 * fails with the same error. Also run under ThreadSanitizer. */
#include "nested.h"

#include "alloc_nth.h"

static const int32_t numbers[] = {0, 2, 8};
enum { N_NUMBERS = sizeof numbers / sizeof *numbers };

/* Columns of every kind of nesting beside flat ones, enough of them that a batch is worth several threads. */
static dzr_batch *make_nested(int64_t n_rows)
{
    const dzr_field fields[] = {LEAF("id", INT64, false), GROUP("tags", LIST, true, LEAF("element", STRING, true)),
            GROUP("place", STRUCT, true, LEAF("name", STRING, true),
                    GROUP("points", LIST, false, LEAF("element", DOUBLE, false))),
            GROUP("grid", LIST, true, GROUP("element", LIST, true, LEAF("element", INT32, true))),
            GROUP("props", MAP, true,
                    GROUP("entries", STRUCT, false, LEAF("key", STRING, false), LEAF("value", INT64, true)))};
    dzr_error err;
    dzr_batch *batch = NULL;
    dzr_schema *const schema = schema_of(fields, sizeof fields / sizeof *fields);
    assert_ok(nested_rows(schema, n_rows, 1, NULL, &batch, &err));
    dzr_schema_free(schema);
    return batch;
}

/* The batch in slices of so many rows. */
static dzr_status write_slices(
        const dzr_batch *batch, int64_t slice, const dzr_parquet_write_options *options, dzr_sink *sink, dzr_error *err)
{
    dzr_parquet_writer *writer = NULL;
    DZR_TRY(dzr_parquet_writer_open(sink, dzr_batch_schema(batch), options, &writer, err));
    dzr_status st = DZR_OK;
    const int64_t n = dzr_batch_n_rows(batch);
    for (int64_t first = 0; first < n && st == DZR_OK; first += slice) {
        dzr_batch *part = NULL;
        st = dzr_batch_slice(batch, first, DZR_MIN(slice, n - first), &part, err);
        if (st == DZR_OK)
            st = dzr_parquet_writer_append(writer, part, err);
        dzr_batch_free(part);
    }
    if (st == DZR_OK)
        st = dzr_parquet_writer_finish(writer, err);
    dzr_parquet_writer_close(writer);
    return st;
}

static void assert_same_file(const dzr_batch *batch, dzr_parquet_write_options options)
{
    static const int64_t slices[] = {INT64_MAX, 1500};
    dzr_sink *first = NULL;
    for (size_t s = 0; s < sizeof slices / sizeof *slices; s++)
        for (size_t k = 0; k < N_NUMBERS; k++) {
            dzr_error err;
            dzr_sink *sink = NULL;
            options.threads = numbers[k];
            assert_ok(dzr_sink_memory(SIZE_MAX, NULL, &sink, &err));
            assert_ok(write_slices(batch, DZR_MIN(slices[s], dzr_batch_n_rows(batch)), &options, sink, &err));
            if (first == NULL) {
                first = sink;
                continue;
            }
            const dzr_bytes want = dzr_sink_memory_bytes(first), got = dzr_sink_memory_bytes(sink);
            assert_int_equal(want.len, got.len);
            assert_memory_equal(want.at, got.at, want.len);
            dzr_sink_close(sink);
        }
    dzr_sink_close(first);
}

static void every_codec_and_page_version_gives_the_same_file(void **state)
{
    (void)state;
    static const dzr_codec codecs[] = {DZR_CODEC_UNCOMPRESSED, DZR_CODEC_SNAPPY, DZR_CODEC_GZIP, DZR_CODEC_ZSTD};
    dzr_batch *const flat = make_rows(2500, true, NULLS_RUNS), *const nested = make_nested(2500);
    for (size_t c = 0; c < sizeof codecs / sizeof *codecs; c++)
        for (int32_t version = 1; version <= 2; version++) {
            const dzr_parquet_write_options options = {
                    .codec = codecs[c], .page_version = version, .page_rows = 500, .row_group_rows = 1300};
            assert_same_file(flat, options);
            assert_same_file(nested, options);
        }
    dzr_batch_free(flat);
    dzr_batch_free(nested);
}

/* Row groups by bytes end where the values of all columns say, which no column knows by itself. */
static void row_groups_by_bytes_end_at_the_same_rows(void **state)
{
    (void)state;
    static const int64_t sizes[] = {1, 100000, 250000, 1 << 30};
    dzr_batch *const flat = make_rows(3500, true, NULLS_ALTERNATE), *const nested = make_nested(3500);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const dzr_parquet_write_options options = {
                .codec = DZR_CODEC_SNAPPY, .row_group_bytes = sizes[i], .page_bytes = 4000, .dictionary_bytes = 3000};
        assert_same_file(flat, options);
        assert_same_file(nested, options);
    }
    dzr_batch_free(flat);
    dzr_batch_free(nested);
}

static void every_encoding_gives_the_same_file(void **state)
{
    (void)state;
    static const dzr_parquet_encoding of_numbers[] = {
            DZR_PARQUET_PLAIN, DZR_PARQUET_DELTA_BINARY_PACKED, DZR_PARQUET_BYTE_STREAM_SPLIT};
    static const dzr_parquet_encoding of_strings[] = {
            DZR_PARQUET_PLAIN, DZR_PARQUET_DELTA_LENGTH_BYTE_ARRAY, DZR_PARQUET_DELTA_BYTE_ARRAY};
    dzr_batch *const batch = make_nested(4000);
    for (size_t i = 0; i < 3; i++) {
        const dzr_parquet_column_options own[] = {
                {.path = "id", .encoding = of_numbers[i], .codec = DZR_CODEC_ZSTD, .level = 3},
                {.path = "tags.list.element", .encoding = of_strings[i], .codec = DZR_CODEC_SNAPPY},
                {.path = "place.name", .encoding = of_strings[2 - i]},
                {.path = "grid.list.element.list.element", .encoding = of_numbers[i]}};
        const dzr_parquet_write_options options = {.codec = DZR_CODEC_SNAPPY,
                .columns = own,
                .n_columns = sizeof own / sizeof *own,
                .row_group_rows = 3000,
                .dictionary_bytes = -1};
        assert_same_file(batch, options);
    }
    dzr_batch_free(batch);
}

/* ---- failures ---- */

/* Columns without a null by the schema, but for some that have one: the bits say so. */
static dzr_batch *make_contradiction(const int32_t *with_null, int32_t n_with_null)
{
    enum { COLUMNS = 8, ROWS = 3000 };
    dzr_error err;
    dzr_field fields[COLUMNS];
    static const char *const names[COLUMNS] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    for (int32_t i = 0; i < COLUMNS; i++)
        fields[i] = (dzr_field)LEAF(names[i], INT64, false);
    dzr_schema *const schema = schema_of(fields, COLUMNS);
    dzr_batch *batch = NULL;
    assert_ok(dzr__batch_new(schema, ROWS, NULL, &batch, &err));
    for (int32_t i = 0; i < COLUMNS; i++) {
        bool has_null = false;
        for (int32_t k = 0; k < n_with_null; k++)
            has_null = has_null || with_null[k] == i;
        dzr_buffer *const values = dzr__buffer_new(NULL, ROWS * sizeof(int64_t), &err);
        dzr_buffer *const validity = has_null ? dzr__buffer_new(NULL, dzr__bitmap_bytes(ROWS), &err) : NULL;
        memset(values->at, 0, ROWS * sizeof(int64_t));
        if (has_null) {
            dzr__bits_fill(validity->at, 0, ROWS, true);
            dzr__bit_clear(validity->at, ROWS - 1 - i);
        }
        assert_ok(dzr__batch_take_column(batch, i, has_null ? 1 : 0, validity, values, NULL, 0, &err));
    }
    dzr_schema_free(schema);
    return batch;
}

static void the_lowest_column_that_fails_gives_the_error(void **state)
{
    (void)state;
    static const int32_t bad[] = {2, 4, 7};
    dzr_batch *const batch = make_contradiction(bad, 3);
    for (size_t k = 0; k < N_NUMBERS; k++)
        for (int round = 0; round < 10; round++) {
            dzr_error err;
            dzr_sink *sink = NULL;
            const dzr_parquet_write_options options = {.threads = numbers[k]};
            assert_ok(dzr_sink_memory(SIZE_MAX, NULL, &sink, &err));
            assert_fails(write_slices(batch, dzr_batch_n_rows(batch), &options, sink, &err), DZR_ERR_ARG,
                    "column \"c\" is not nullable, and has nulls");
            assert_int_equal(err.column, 2);
            dzr_sink_close(sink);
        }
    dzr_batch_free(batch);
}

static void a_sink_that_is_full_fails_at_the_same_byte(void **state)
{
    (void)state;
    dzr_batch *const batch = make_rows(4000, true, NULLS_RUNS);
    const dzr_parquet_write_options whole = {.row_group_rows = 1500};
    dzr_sink *const file = write_rows(batch, &whole);
    for (size_t room = 1; room < file->n_bytes; room += 37777) {
        dzr_error first = {.status = DZR_OK};
        for (size_t k = 0; k < N_NUMBERS; k++) {
            dzr_error err = {.status = DZR_OK};
            dzr_sink *sink = NULL;
            const dzr_parquet_write_options options = {.threads = numbers[k], .row_group_rows = 1500};
            assert_ok(dzr_sink_memory(room, NULL, &sink, &err));
            const dzr_status st = write_slices(batch, 2500, &options, sink, &err);
            if (k == 0)
                first = err;
            assert_int_equal(st, DZR_ERR_LIMIT);
            assert_string_equal(err.message, first.message);
            assert_int_equal(err.column, first.column);
            dzr_sink_close(sink);
        }
    }
    dzr_sink_close(file);
    dzr_batch_free(batch);
}

static void the_nth_allocation_fails_without_a_leak(void **state)
{
    (void)state;
    dzr_batch *const batch = make_nested(1500);
    dzr_status st = DZR_ERR_NOMEM;
    int64_t n = 1;
    for (; st != DZR_OK; n += 1 + n / 4) {
        alloc_nth memory;
        dzr_error err;
        dzr_sink *sink = NULL;
        alloc_nth_init(&memory, n);
        const dzr_parquet_write_options options = {
                .alloc = &memory.allocator, .codec = DZR_CODEC_ZSTD, .threads = 3, .row_group_rows = 700};
        assert_ok(dzr_sink_memory(SIZE_MAX, NULL, &sink, &err));
        st = write_slices(batch, 1500, &options, sink, &err);
        assert_true(st == DZR_OK || st == DZR_ERR_NOMEM);
        assert_int_equal(memory.n_out, 0);
        dzr_sink_close(sink);
    }
    assert_true(n > 80);
    dzr_batch_free(batch);
}

static void a_number_of_threads_out_of_range_is_refused(void **state)
{
    (void)state;
    dzr_batch *const batch = make_rows(1, false, NULLS_NONE);
    static const int32_t wrong[] = {-1, 1025};
    for (size_t i = 0; i < 2; i++) {
        dzr_error err;
        dzr_sink *sink = NULL;
        const dzr_parquet_write_options options = {.threads = wrong[i]};
        assert_ok(dzr_sink_memory(SIZE_MAX, NULL, &sink, &err));
        assert_fails(write_slices(batch, 1, &options, sink, &err), DZR_ERR_ARG, "must be 0 to 1024");
        assert_int_equal(sink->n_bytes, 0);
        dzr_sink_close(sink);
    }
    dzr_batch_free(batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_codec_and_page_version_gives_the_same_file),
            cmocka_unit_test(row_groups_by_bytes_end_at_the_same_rows),
            cmocka_unit_test(every_encoding_gives_the_same_file),
            cmocka_unit_test(the_lowest_column_that_fails_gives_the_error),
            cmocka_unit_test(a_sink_that_is_full_fails_at_the_same_byte),
            cmocka_unit_test(the_nth_allocation_fails_without_a_leak),
            cmocka_unit_test(a_number_of_threads_out_of_range_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
