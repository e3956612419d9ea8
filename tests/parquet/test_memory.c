/* tests/parquet/test_memory.c - a read with a memory budget: never above it, seen from the allocator below; what does
 * not suffice names the place and what helps; and what is given back can be taken again. */
#include "scan.h"

#include "alloc_counting.h"

/* ---- reads of all row groups, one after the other ---- */

static dzr_status read_all(dzr_source *source, size_t memory, const dzr_allocator *alloc, dzr_error *err)
{
    const dzr_parquet_read_options options = {.alloc = alloc, .memory = memory};
    dzr_parquet_reader *reader = NULL;
    DZR_TRY(dzr_parquet_reader_open(source, &options, &reader, err));
    dzr_status st = DZR_OK;
    for (int32_t group = 0; st == DZR_OK && group < dzr_parquet_reader_n_row_groups(reader); group++) {
        dzr_batch *batch = NULL;
        st = dzr_parquet_read_row_group(reader, group, NULL, 0, &batch, err);
        dzr_batch_free(batch);
    }
    dzr_parquet_reader_close(reader);
    return st;
}

static void a_read_takes_no_more_than_its_budget(void **state)
{
    (void)state;
    dzr_error err;
    static const dzr_codec codecs[] = {
            DZR_CODEC_UNCOMPRESSED, DZR_CODEC_SNAPPY, DZR_CODEC_GZIP, DZR_CODEC_ZSTD, DZR_CODEC_BROTLI};
    dzr_batch *const batch = make_rows(3000, true, NULLS_RUNS);
    for (size_t c = 0; c < sizeof codecs / sizeof *codecs; c++) {
        dzr_source *source = NULL;
        dzr_sink *const sink = write_rows(
                batch, &(dzr_parquet_write_options){.codec = codecs[c], .page_rows = 500, .row_group_rows = 1000});
        assert_ok(dzr_source_memory(dzr_sink_memory_bytes(sink), NULL, &source, &err));
        counting count;
        counting_init(&count);
        assert_ok(read_all(source, 0, &count.allocator, &err)); /* what it takes */
        const size_t enough = count.most * 2;
        size_t done = 0, refused = 0;
        for (size_t memory = 1; memory < enough; memory += memory / 20 + 1) {
            counting_init(&count);
            const dzr_status st = read_all(source, memory, &count.allocator, &err);
            assert_true(count.most <= memory);
            assert_int_equal(count.n_out, 0);
            if (st == DZR_OK) {
                done++;
                continue;
            }
            refused++;
            assert_int_equal(st, DZR_ERR_LIMIT);
            assert_int_equal(done, 0); /* more never does worse */
            assert_non_null(strstr(err.message, "memory: "));
            assert_non_null(strstr(err.message, "memory budget of "));
        }
        assert_true(done > 0 && refused > 50);
        dzr_source_close(source);
        dzr_sink_close(sink);
    }
    dzr_batch_free(batch);
}

/* ---- scans ---- */

static dzr_status scan_all(dzr_source *source, size_t memory, int64_t batch_rows, const dzr_allocator *alloc,
        const dzr_batch *want, dzr_error *err)
{
    const dzr_parquet_read_options options = {.alloc = alloc, .memory = memory};
    dzr_parquet_reader *reader = NULL;
    DZR_TRY(dzr_parquet_reader_open(source, &options, &reader, err));
    const dzr_status st = scan_gives(
            reader, &(dzr_parquet_scan_options){.batch_rows = batch_rows}, want, 0, dzr_batch_n_rows(want), err);
    dzr_parquet_reader_close(reader);
    return st;
}

static void a_scan_takes_no_more_than_its_budget(void **state)
{
    (void)state;
    dzr_error err;
    dzr_batch *batch = NULL;
    dzr_schema *const schema = deep_schema();
    assert_ok(nested_rows(schema, 2000, 3, NULL, &batch, &err));
    dzr_schema_free(schema);
    dzr_sink *const sink = write_rows(
            batch, &(dzr_parquet_write_options){.codec = DZR_CODEC_SNAPPY, .page_rows = 100, .row_group_rows = 1500});
    plain_source plain;
    plain_source_init(&plain, dzr_sink_memory_bytes(sink));
    size_t done = 0, refused = 0;
    for (size_t memory = 1000; done < 10; memory += memory / 10) {
        counting count;
        counting_init(&count);
        const dzr_status st = scan_all(&plain.source, memory, 70, &count.allocator, batch, &err);
        assert_true(count.most <= memory);
        assert_int_equal(count.n_out, 0);
        if (st != DZR_OK) {
            assert_int_equal(st, DZR_ERR_LIMIT);
            assert_memory_equal(err.message, "plain: ", 7);
            assert_non_null(strstr(err.message, "memory budget of "));
        }
        done += st == DZR_OK;
        refused += st != DZR_OK;
    }
    assert_true(refused > 10);
    dzr_sink_close(sink);
    dzr_batch_free(batch);
}

/* Columns of codes too, whose dictionaries batches share. */
static void codes_take_no_more_than_the_budget(void **state)
{
    (void)state;
    dzr_error err;
    static const int32_t coded[] = {3, 4, 10, 11, 12};
    dzr_batch *const batch = make_rows(3000, true, NULLS_RUNS);
    dzr_sink *const sink = write_rows(
            batch, &(dzr_parquet_write_options){.page_rows = 200, .row_group_rows = 1400, .dictionary_bytes = 3000});
    plain_source plain;
    plain_source_init(&plain, dzr_sink_memory_bytes(sink));
    size_t done = 0, refused = 0;
    for (size_t memory = 10000; done < 10; memory += memory / 8) {
        counting count;
        counting_init(&count);
        dzr_parquet_reader *reader = NULL;
        dzr_parquet_scan *scan = NULL;
        const dzr_parquet_read_options options = {.alloc = &count.allocator, .memory = memory};
        const dzr_parquet_scan_options what = {
                .columns = coded, .n_columns = 5, .batch_rows = 150, .dictionaries = coded, .n_dictionaries = 5};
        int64_t n_rows = 0;
        dzr_status st = dzr_parquet_reader_open(&plain.source, &options, &reader, &err);
        if (st == DZR_OK)
            st = dzr_parquet_scan_open(reader, &what, &scan, &err);
        while (st == DZR_OK) {
            dzr_batch *part = NULL;
            st = dzr_parquet_scan_next(scan, &part, &err);
            if (part == NULL)
                break;
            n_rows += dzr_batch_n_rows(part);
            dzr_batch_free(part);
        }
        dzr_parquet_scan_close(scan);
        dzr_parquet_reader_close(reader);
        assert_true(count.most <= memory);
        assert_int_equal(count.n_out, 0);
        assert_true(st == DZR_OK ? n_rows == 3000 : st == DZR_ERR_LIMIT);
        done += st == DZR_OK;
        refused += st != DZR_OK;
    }
    assert_true(refused > 5);
    dzr_sink_close(sink);
    dzr_batch_free(batch);
}

/* One row group of 2.4 million bytes of values, in pages of 8,000. */
static void a_scan_takes_a_batch_and_not_a_row_group(void **state)
{
    (void)state;
    dzr_error err;
    enum { MANY = 300000 };
    const dzr_field field = {.name = "x", .type = {.id = DZR_TYPE_INT64}};
    dzr_schema *const schema = schema_of(&field, 1);
    dzr_builder *builder = NULL;
    dzr_batch *batch = NULL;
    assert_ok(dzr_builder_new(schema, NULL, &builder, &err));
    for (int64_t i = 0; i < MANY; i++)
        assert_ok(dzr_builder_int(builder, 0, (int64_t)row_number(i, 1), &err));
    assert_ok(dzr_builder_finish(builder, &batch, &err));
    dzr_sink *const sink = write_rows(
            batch, &(dzr_parquet_write_options){.codec = DZR_CODEC_SNAPPY, .page_rows = 1000, .dictionary_bytes = -1});
    plain_source plain;
    plain_source_init(&plain, dzr_sink_memory_bytes(sink));
    counting count;
    counting_init(&count);
    assert_ok(read_all(&plain.source, 0, &count.allocator, &err));
    assert_true(count.most > MANY * sizeof(int64_t));
    counting_init(&count);
    assert_ok(scan_all(&plain.source, 0, 2000, &count.allocator, batch, &err));
    assert_true(count.most < 500000); /* a window of 256 KiB, and some batches' worth */
    counting_init(&count);
    assert_ok(scan_all(&plain.source, 250000, 2000, &count.allocator, batch, &err)); /* windows are smaller then */
    assert_true(count.most <= 250000);
    dzr_sink_close(sink);
    dzr_batch_free(batch);
    dzr_builder_free(builder);
    dzr_schema_free(schema);
}

static void a_budget_that_does_not_suffice_names_the_place(void **state)
{
    (void)state;
    dzr_error err;
    dzr_batch *const batch = make_rows(3000, true, NULLS_NONE);
    dzr_sink *const sink = write_rows(batch, &(dzr_parquet_write_options){.dictionary_bytes = -1});
    dzr_source *source = NULL;
    dzr_parquet_reader *reader = NULL;
    dzr_batch *got = NULL;
    assert_ok(dzr_source_memory(dzr_sink_memory_bytes(sink), NULL, &source, &err));
    assert_fails(dzr_parquet_reader_open(source, &(dzr_parquet_read_options){.memory = 10}, &reader, &err),
            DZR_ERR_LIMIT, "memory: a memory budget of 10 bytes has no room for anything");
    assert_fails(dzr_parquet_reader_open(source, &(dzr_parquet_read_options){.memory = 3000}, &reader, &err),
            DZR_ERR_LIMIT,
            "which the memory budget of 3000 bytes does not allow: raise `memory`, or read fewer columns or rows");
    assert_null(reader);
    assert_ok(dzr_parquet_reader_open(source, &(dzr_parquet_read_options){.memory = 110000}, &reader, &err));
    assert_fails(dzr_parquet_read_row_group(reader, 0, &(int32_t){11}, 1, &got, &err), DZR_ERR_LIMIT,
            "memory: row group 0, column \"c11\"");
    assert_non_null(strstr(err.message, "which the memory budget of 110000 bytes does not allow: raise `memory`"));
    assert_int_equal(err.row_group, 0);
    assert_int_equal(err.column, 11);
    /* what a batch gives back is there for the next, and batches count while they live */
    for (int32_t i = 0; i < 20; i++) {
        dzr_batch *held = NULL;
        assert_ok(dzr_parquet_read_row_group(reader, 0, &(int32_t){4}, 1, &held, &err));
        assert_fails(
                dzr_parquet_read_row_group(reader, 0, &(int32_t){8}, 1, &got, &err), DZR_ERR_LIMIT, "column \"c8\": ");
        dzr_batch_free(held);
    }
    assert_null(got);
    assert_ok(dzr_parquet_read_row_group(reader, 0, &(int32_t){4}, 1, &got, &err));
    dzr_parquet_reader_close(reader);
    assert_same_column(dzr_batch_column(batch, 4), 0, dzr_batch_column(got, 0)); /* it outlives the reader */
    dzr_batch_free(got);
    dzr_source_close(source);
    dzr_sink_close(sink);
    dzr_batch_free(batch);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_read_takes_no_more_than_its_budget),
            cmocka_unit_test(a_scan_takes_no_more_than_its_budget),
            cmocka_unit_test(codes_take_no_more_than_the_budget),
            cmocka_unit_test(a_scan_takes_a_batch_and_not_a_row_group),
            cmocka_unit_test(a_budget_that_does_not_suffice_names_the_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
