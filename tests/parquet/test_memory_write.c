/* tests/parquet/test_memory_write.c - writing with a memory budget: row groups become smaller rather than fail, and the
 * budget is never passed, seen from the allocator below. */
#include "scan.h"

#include "alloc_counting.h"

enum { N_BATCHES = 6, BATCH_ROWS = 1500 };

/* The batches, one after the other, into a sink of memory that the caller closes. */
static dzr_status write_all(
        dzr_batch *const *batches, const dzr_parquet_write_options *options, dzr_sink **out, dzr_error *err)
{
    dzr_parquet_writer *writer = NULL;
    DZR_TRY(dzr_sink_memory(64 << 20, NULL, out, err));
    dzr_status st = dzr_parquet_writer_open(*out, dzr_batch_schema(batches[0]), options, &writer, err);
    for (int i = 0; i < N_BATCHES && st == DZR_OK; i++)
        st = dzr_parquet_writer_append(writer, batches[i], err);
    if (st == DZR_OK)
        st = dzr_parquet_writer_finish(writer, err);
    dzr_parquet_writer_close(writer);
    return st;
}

/* How many row groups the file has; its rows are those of the batches. */
static int32_t check_file(const dzr_sink *sink, dzr_batch *const *batches)
{
    dzr_error err;
    dzr_source *source = NULL;
    dzr_parquet_reader *reader = NULL;
    assert_ok(dzr_source_memory(dzr_sink_memory_bytes(sink), NULL, &source, &err));
    assert_ok(dzr_parquet_reader_open(source, NULL, &reader, &err));
    for (int64_t i = 0; i < N_BATCHES; i++) {
        const dzr_parquet_scan_options options = {.first_row = i * BATCH_ROWS, .n_rows = BATCH_ROWS};
        assert_ok(scan_gives(reader, &options, batches[i], 0, BATCH_ROWS, &err));
    }
    const int32_t n = dzr_parquet_reader_n_row_groups(reader);
    dzr_parquet_reader_close(reader);
    dzr_source_close(source);
    return n;
}

static void compare(dzr_batch *const *batches, dzr_codec codec)
{
    dzr_error err;
    dzr_sink *sink = NULL;
    int32_t most_groups = 0;
    size_t done = 0, refused = 0, first_done = 0;
    for (size_t memory = 1000; memory < (size_t)64 << 20; memory += memory / 4) {
        counting count;
        counting_init(&count);
        const dzr_parquet_write_options options = {
                .alloc = &count.allocator, .codec = codec, .memory = memory, .threads = 1};
        sink = NULL;
        const dzr_status st = write_all(batches, &options, &sink, &err);
        assert_true(count.most <= memory);
        assert_int_equal(count.n_out, 0);
        if (st == DZR_OK) {
            const int32_t n_groups = check_file(sink, batches);
            most_groups = DZR_MAX(most_groups, n_groups);
            first_done = done == 0 ? memory : first_done;
            done++;
        } else {
            refused++;
            assert_int_equal(st, DZR_ERR_LIMIT);
            assert_true(done == 0 || memory < 2 * first_done); /* twice what may suffice does suffice */
            assert_non_null(strstr(err.message, "memory budget of "));
        }
        dzr_sink_close(sink);
    }
    assert_true(done > 5 && refused > 5);
    assert_true(most_groups > 3); /* without a budget it is one */
}

static void flat_rows_are_written_within_the_budget(void **state)
{
    (void)state;
    dzr_batch *const batch = make_rows(BATCH_ROWS, true, NULLS_RUNS);
    dzr_batch *const batches[N_BATCHES] = {batch, batch, batch, batch, batch, batch};
    compare(batches, DZR_CODEC_UNCOMPRESSED);
    compare(batches, DZR_CODEC_SNAPPY);
    compare(batches, DZR_CODEC_ZSTD);
    dzr_batch_free(batch);
}

static void nested_rows_are_written_within_the_budget(void **state)
{
    (void)state;
    dzr_error err;
    dzr_schema *const schema = deep_schema();
    dzr_batch *batches[N_BATCHES] = {NULL};
    for (uint64_t i = 0; i < N_BATCHES; i++)
        assert_ok(nested_rows(schema, BATCH_ROWS, 100 + i, NULL, &batches[i], &err));
    compare(batches, DZR_CODEC_SNAPPY);
    for (size_t i = 0; i < N_BATCHES; i++)
        dzr_batch_free(batches[i]);
    dzr_schema_free(schema);
}

static void what_does_not_fit_names_the_place(void **state)
{
    (void)state;
    dzr_error err;
    dzr_sink *sink = NULL;
    dzr_schema *schema = NULL;
    dzr_builder *builder = NULL;
    dzr_batch *batch = NULL;
    dzr_parquet_writer *writer = NULL;
    static uint8_t text[1 << 20];
    memset(text, 'x', sizeof text);
    const dzr_field fields[] = {LEAF("n", INT64, false), LEAF("t", STRING, false)};
    assert_ok(dzr_schema_new(fields, 2, NULL, &schema, &err));
    assert_ok(dzr_builder_new(schema, NULL, &builder, &err));
    assert_ok(dzr_builder_int(builder, 0, 1, &err));
    assert_ok(dzr_builder_bytes(builder, 1, (dzr_bytes){text, sizeof text}, &err));
    assert_ok(dzr_builder_finish(builder, &batch, &err));
    assert_ok(dzr_sink_memory(1 << 20, NULL, &sink, &err));
    assert_fails(dzr_parquet_writer_open(sink, schema, &(dzr_parquet_write_options){.memory = 100}, &writer, &err),
            DZR_ERR_LIMIT, "which the memory budget of 100 bytes does not allow: raise `memory`");
    assert_fails(dzr_parquet_writer_open(sink, schema, &(dzr_parquet_write_options){.memory = 4000}, &writer, &err),
            DZR_ERR_LIMIT, "which the memory budget of 4000 bytes does not allow: raise `memory`");
    assert_null(writer);
    assert_ok(dzr_parquet_writer_open(sink, schema, &(dzr_parquet_write_options){.memory = 500000}, &writer, &err));
    assert_fails(dzr_parquet_writer_append(writer, batch, &err), DZR_ERR_LIMIT,
            "memory: row group 0, column \"t\": out of memory: ");
    assert_non_null(strstr(err.message, "which the memory budget of 500000 bytes does not allow: raise `memory`"));
    assert_fails(dzr_parquet_writer_finish(writer, &err), DZR_ERR_ARG, "failed before");
    dzr_parquet_writer_close(writer);
    dzr_sink_close(sink);
    dzr_batch_free(batch);
    dzr_builder_free(builder);
    dzr_schema_free(schema);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(flat_rows_are_written_within_the_budget),
            cmocka_unit_test(nested_rows_are_written_within_the_budget),
            cmocka_unit_test(what_does_not_fit_names_the_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
