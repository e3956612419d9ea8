/* tests/parquet/test_scan.c - ranges of rows and batches of any size are what a read of everything has there: flat and
 * nested, from pages of both versions, with an offset index and without, from a source in memory and from one that has
 * to be asked; and what is refused. */
#include "scan.h"

#include "alloc_nth.h"
#include "parquet/metadata/metadata.h"

#include <stdlib.h>

enum { N_ROWS = 700 };

static dzr_batch *deep_rows(int64_t n_rows)
{
    dzr_error err;
    dzr_batch *batch = NULL;
    dzr_schema *const schema = deep_schema();
    assert_ok(nested_rows(schema, n_rows, 4711, NULL, &batch, &err));
    dzr_schema_free(schema);
    return batch;
}

/* ---- one file, many scans ---- */

static void compare_scans(dzr_source *source, const dzr_batch *want, int64_t group_rows, uint64_t seed)
{
    dzr_error err;
    dzr_parquet_reader *reader = NULL;
    assert_ok(dzr_parquet_reader_open(source, NULL, &reader, &err));
    static const int64_t sizes[] = {1, 7, 100, 699, 700, 0};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        assert_ok(scan_gives(reader, &(dzr_parquet_scan_options){.batch_rows = sizes[i]}, want, 0, N_ROWS, &err));
    for (int i = 0; i < 12; i++) {
        const int64_t first = (int64_t)(next_number(&seed) % (N_ROWS + 1));
        const int64_t n = 1 + (int64_t)(next_number(&seed) % N_ROWS);
        const dzr_parquet_scan_options options = {
                .first_row = first, .n_rows = n, .batch_rows = 1 + (int64_t)(next_number(&seed) % 300)};
        assert_ok(scan_gives(reader, &options, want, first, DZR_MIN(n, N_ROWS - first), &err));
    }
    /* a range within one row group, which is not the first */
    const int32_t last = dzr_parquet_reader_n_row_groups(reader) - 1;
    const dzr_parquet_scan_options in_last = {
            .row_groups = &last, .n_row_groups = 1, .first_row = 17, .n_rows = 50, .batch_rows = 20};
    assert_ok(scan_gives(reader, &in_last, want, last * group_rows + 17, 50, &err));
    dzr_parquet_reader_close(reader);
}

static void compare_file(const dzr_batch *batch, const dzr_parquet_write_options *options, uint64_t seed)
{
    dzr_error err;
    dzr_sink *const sink = write_rows(batch, options);
    dzr_source *source = NULL;
    plain_source plain;
    plain_source_init(&plain, dzr_sink_memory_bytes(sink));
    assert_ok(dzr_source_memory(dzr_sink_memory_bytes(sink), NULL, &source, &err));
    compare_scans(source, batch, options->row_group_rows, seed);
    compare_scans(&plain.source, batch, options->row_group_rows, seed + 1);
    dzr_source_close(source);
    dzr_sink_close(sink);
}

static const dzr_parquet_write_options layouts[] = {
        {.page_rows = 10, .row_group_rows = 250},
        {.codec = DZR_CODEC_SNAPPY, .page_rows = 33, .row_group_rows = 600},
        {.codec = DZR_CODEC_ZSTD, .page_rows = 50, .row_group_rows = 300, .page_version = 2},
        {.codec = DZR_CODEC_SNAPPY, .page_rows = 20, .row_group_rows = 500, .dictionary_bytes = -1},
        {.page_rows = 7, .row_group_rows = 400, .dictionary_bytes = -1, .page_version = 2},
        {.page_rows = 25, .row_group_rows = 600, .dictionary_bytes = 200},
};
enum { N_LAYOUTS = sizeof layouts / sizeof *layouts };

static void flat_rows_are_those_of_a_whole_read(void **state)
{
    (void)state;
    static const nulls patterns[] = {NULLS_NONE, NULLS_RUNS, NULLS_LAST, NULLS_ALL};
    for (size_t p = 0; p < sizeof patterns / sizeof *patterns; p++) {
        dzr_batch *const batch = make_rows(N_ROWS, patterns[p] != NULLS_NONE, patterns[p]);
        for (size_t i = p % 2; i < N_LAYOUTS; i += 2)
            compare_file(batch, &layouts[i], p * 100 + i);
        dzr_batch_free(batch);
    }
}

static void nested_rows_are_those_of_a_whole_read(void **state)
{
    (void)state;
    dzr_batch *const batch = deep_rows(N_ROWS);
    for (size_t i = 0; i < N_LAYOUTS; i++)
        compare_file(batch, &layouts[i], i);
    dzr_batch_free(batch);
}

/* ---- choices ---- */

static void row_groups_come_in_the_order_asked_for(void **state)
{
    (void)state;
    dzr_error err;
    dzr_batch *const batch = deep_rows(300);
    dzr_sink *const sink = write_rows(batch, &(dzr_parquet_write_options){.row_group_rows = 100, .page_rows = 30});
    dzr_source *source = NULL;
    dzr_parquet_reader *reader = NULL;
    dzr_parquet_scan *scan = NULL;
    assert_ok(dzr_source_memory(dzr_sink_memory_bytes(sink), NULL, &source, &err));
    assert_ok(dzr_parquet_reader_open(source, NULL, &reader, &err));
    static const int32_t groups[] = {2, 0, 2};
    const dzr_parquet_scan_options options = {
            .row_groups = groups, .n_row_groups = 3, .first_row = 90, .batch_rows = 60};
    assert_ok(dzr_parquet_scan_open(reader, &options, &scan, &err));
    static const int64_t rows[] = {60, 60, 60, 30};
    int64_t at = 90;
    for (size_t i = 0; i < 4; i++) {
        dzr_batch *got = NULL;
        assert_ok(dzr_parquet_scan_next(scan, &got, &err));
        assert_int_equal(dzr_batch_n_rows(got), rows[i]);
        for (int64_t row = 0; row < rows[i]; row++, at++)
            for (int32_t c = 0; c < 5; c++)
                assert_same_row(
                        dzr_batch_column(batch, c), groups[at / 100] * 100 + at % 100, dzr_batch_column(got, c), row);
        dzr_batch_free(got);
    }
    dzr_batch *none = batch;
    assert_ok(dzr_parquet_scan_next(scan, &none, &err));
    assert_null(none);
    assert_ok(dzr_parquet_scan_next(scan, &none, &err)); /* and again */
    assert_null(none);
    dzr_parquet_scan_close(scan);
    dzr_parquet_reader_close(reader);
    dzr_source_close(source);
    dzr_sink_close(sink);
    dzr_batch_free(batch);
}

/* The fields above each column, and no others. Columns: id, m.key, m.value.a, .b, .c, s.x, s.y, t, flag. */
static const struct {
    const char *proves;
    int32_t columns[3], n_columns;
    const char *nodes; /* names of the batch's schema, in pre-order */
} projections[] = {
        {"a_flat_column", {7}, 1, "t"},
        {"a_map_keeps_its_name_as_a_list_of_keys", {1}, 1, "m key_value key"},
        {"a_leaf_of_a_struct_in_a_list_in_a_map", {2}, 1, "m key_value value element a"},
        {"two_leaves_of_it", {4, 2}, 2, "m key_value value element a c element"},
        {"a_leaf_at_every_level", {0, 6, 4}, 3, "id s y m key_value value element c element"},
        {"key_and_leaf_make_a_map_again", {3, 1}, 2, "m key_value key value element b"},
        {"columns_twice", {0, 7, 0}, 3, "id t id"},
        {"none", {0}, 0, ""},
};

static void any_leaves_come_with_what_is_above_them(void **state)
{
    (void)state;
    dzr_error err;
    dzr_batch *const batch = deep_rows(N_ROWS);
    dzr_sink *const sink = write_rows(batch, &(dzr_parquet_write_options){.row_group_rows = 300, .page_rows = 40});
    dzr_source *source = NULL;
    dzr_parquet_reader *reader = NULL;
    assert_ok(dzr_source_memory(dzr_sink_memory_bytes(sink), NULL, &source, &err));
    assert_ok(dzr_parquet_reader_open(source, NULL, &reader, &err));
    for (size_t i = 0; i < sizeof projections / sizeof *projections; i++) {
        dzr_parquet_scan *scan = NULL;
        const dzr_parquet_scan_options options = {.columns = projections[i].columns,
                .n_columns = projections[i].n_columns,
                .first_row = 310,
                .n_rows = 150,
                .batch_rows = 150};
        assert_ok(dzr_parquet_scan_open(reader, &options, &scan, &err));
        char names[200] = "";
        const dzr_schema *const schema = dzr_parquet_scan_schema(scan);
        for (int32_t node = 0; node < dzr_schema_n_nodes(schema); node++) {
            strcat(names, node > 0 ? " " : "");
            strcat(names, dzr_schema_node(schema, node)->name);
        }
        assert_string_equal(names, projections[i].nodes);
        dzr_batch *part = NULL, *whole = NULL, *slice = NULL;
        assert_ok(dzr_parquet_scan_next(scan, &part, &err));
        assert_int_equal(dzr_batch_n_rows(part), 150);
        assert_ok(
                dzr_parquet_read_row_group(reader, 1, projections[i].columns, projections[i].n_columns, &whole, &err));
        assert_ok(dzr_batch_slice(whole, 10, 150, &slice, &err));
        assert_true(dzr_schema_equal(dzr_batch_schema(part), dzr_batch_schema(slice)));
        for (int32_t field = 0; field < dzr_schema_n_fields(schema); field++)
            for (int64_t row = 0; row < 150; row++)
                assert_same_row(dzr_batch_column(slice, field), row, dzr_batch_column(part, field), row);
        dzr_batch_free(slice);
        dzr_batch_free(whole);
        dzr_batch_free(part);
        dzr_parquet_scan_close(scan);
    }
    dzr_parquet_reader_close(reader);
    dzr_source_close(source);
    dzr_sink_close(sink);
    dzr_batch_free(batch);
}

static const struct {
    dzr_parquet_scan_options options;
    const char *message;
} refused[] = {
        {{.first_row = -1}, "memory: 0 rows from row -1 on"},
        {{.n_rows = -2}, "memory: -2 rows from row 0 on"},
        {{.batch_rows = -1}, "memory: batches of -1 rows"},
        {{.row_groups = (const int32_t[]){0, 3}, .n_row_groups = 2}, "memory: row group 3 of 3"},
        {{.row_groups = (const int32_t[]){-1}, .n_row_groups = 1}, "memory: row group -1 of 3"},
        {{.row_groups = (const int32_t[]){0}, .n_row_groups = -1}, "memory: -1 row groups wanted"},
        {{.columns = (const int32_t[]){9}, .n_columns = 1}, "memory: column 9 of 9"},
        {{.columns = (const int32_t[]){0}, .n_columns = -1}, "memory: -1 columns wanted"},
};

static void numbers_out_of_range_are_refused(void **state)
{
    (void)state;
    dzr_error err;
    dzr_batch *const batch = deep_rows(300);
    dzr_sink *const sink = write_rows(batch, &(dzr_parquet_write_options){.row_group_rows = 100});
    dzr_source *source = NULL;
    dzr_parquet_reader *reader = NULL;
    assert_ok(dzr_source_memory(dzr_sink_memory_bytes(sink), NULL, &source, &err));
    assert_ok(dzr_parquet_reader_open(source, NULL, &reader, &err));
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        dzr_parquet_scan *scan = NULL;
        assert_fails(dzr_parquet_scan_open(reader, &refused[i].options, &scan, &err), DZR_ERR_ARG, refused[i].message);
        assert_null(scan);
    }
    /* what is behind the last row is not there */
    assert_ok(scan_gives(reader, &(dzr_parquet_scan_options){.first_row = 300}, batch, 300, 0, &err));
    assert_ok(scan_gives(
            reader, &(dzr_parquet_scan_options){.first_row = INT64_MAX, .n_rows = INT64_MAX}, batch, 0, 0, &err));
    assert_ok(scan_gives(
            reader, &(dzr_parquet_scan_options){.first_row = 299, .n_rows = INT64_MAX}, batch, 299, 1, &err));
    assert_ok(scan_gives(reader, &(dzr_parquet_scan_options){.row_groups = (const int32_t[]){0}}, batch, 0, 0, &err));
    dzr_parquet_reader_close(reader);
    dzr_source_close(source);
    dzr_sink_close(sink);
    dzr_batch_free(batch);
}

/* ---- pages that are not wanted are not read ---- */

static uint64_t bytes_read_for(dzr_bytes file, const dzr_parquet_scan_options *options, const dzr_batch *want)
{
    dzr_error err;
    plain_source plain;
    plain_source_init(&plain, file);
    dzr_parquet_reader *reader = NULL;
    assert_ok(dzr_parquet_reader_open(&plain.source, NULL, &reader, &err));
    const uint64_t before = plain.n_read;
    assert_ok(scan_gives(reader, options, want, options->first_row, options->n_rows, &err));
    dzr_parquet_reader_close(reader);
    return plain.n_read - before;
}

static void pages_before_the_range_stay_unread(void **state)
{
    (void)state;
    dzr_error err;
    enum { MANY = 600000 };
    const dzr_field field = {.name = "x", .type = {.id = DZR_TYPE_INT64}};
    dzr_schema *const schema = schema_of(&field, 1);
    dzr_builder *builder = NULL;
    dzr_batch *batch = NULL;
    assert_ok(dzr_builder_new(schema, NULL, &builder, &err));
    for (int64_t i = 0; i < MANY; i++)
        assert_ok(dzr_builder_int(builder, 0, (int64_t)row_number(i, 1), &err));
    assert_ok(dzr_builder_finish(builder, &batch, &err));
    dzr_sink *const sink = write_rows(batch, &(dzr_parquet_write_options){.dictionary_bytes = -1});
    const dzr_bytes file = dzr_sink_memory_bytes(sink); /* of 4.8 MB */
    const dzr_parquet_scan_options at_end = {.first_row = MANY - 10, .n_rows = 10};
    assert_true(bytes_read_for(file, &at_end, batch) < 300000);
    const dzr_parquet_scan_options at_begin = {.first_row = 5, .n_rows = 10};
    assert_true(bytes_read_for(file, &at_begin, batch) < 600000);
    dzr_sink_close(sink);
    dzr_batch_free(batch);
    dzr_builder_free(builder);
    dzr_schema_free(schema);
}

/* ---- faults ---- */

static dzr_status open_and_scan(dzr_source *source, const dzr_allocator *alloc, const dzr_batch *want, dzr_error *err)
{
    const dzr_parquet_read_options options = {.alloc = alloc};
    dzr_parquet_reader *reader = NULL;
    DZR_TRY(dzr_parquet_reader_open(source, &options, &reader, err));
    const dzr_parquet_scan_options scan = {.first_row = 13, .n_rows = 50, .batch_rows = 11};
    const dzr_status st = scan_gives(reader, &scan, want, 13, 50, err);
    dzr_parquet_reader_close(reader);
    return st;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    dzr_error err;
    dzr_batch *const batch = deep_rows(80);
    static const dzr_codec codecs[] = {DZR_CODEC_UNCOMPRESSED, DZR_CODEC_ZSTD};
    for (size_t c = 0; c < 2; c++) {
        dzr_sink *const sink = write_rows(
                batch, &(dzr_parquet_write_options){.codec = codecs[c], .row_group_rows = 40, .page_rows = 9});
        plain_source plain;
        plain_source_init(&plain, dzr_sink_memory_bytes(sink));
        dzr_status st = DZR_ERR_NOMEM;
        int64_t n = 1;
        for (; st == DZR_ERR_NOMEM; n++) {
            alloc_nth nth;
            alloc_nth_init(&nth, n);
            err.message[0] = '\0';
            st = open_and_scan(&plain.source, &nth.allocator, batch, &err);
            assert_int_equal(nth.n_out, 0);
            if (st == DZR_ERR_NOMEM)
                assert_non_null(strstr(err.message, "out of memory"));
        }
        assert_int_equal(st, DZR_OK);
        assert_true(n > 300);
        dzr_sink_close(sink);
    }
    dzr_batch_free(batch);
}

static void every_read_of_the_source_may_fail(void **state)
{
    (void)state;
    dzr_error err;
    dzr_batch *const batch = deep_rows(80);
    dzr_sink *const sink = write_rows(batch, &(dzr_parquet_write_options){.row_group_rows = 40, .page_rows = 9});
    plain_source plain;
    plain_source_init(&plain, dzr_sink_memory_bytes(sink));
    dzr_status st = DZR_ERR_IO;
    for (plain.fail_at = 0; st == DZR_ERR_IO; plain.fail_at++) {
        plain.calls = 0;
        st = open_and_scan(&plain.source, NULL, batch, &err);
        if (st == DZR_ERR_IO)
            assert_string_equal(err.message, "plain: Input/output error");
    }
    assert_int_equal(st, DZR_OK);
    assert_true(plain.fail_at > 20);
    dzr_sink_close(sink);
    dzr_batch_free(batch);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(flat_rows_are_those_of_a_whole_read),
            cmocka_unit_test(nested_rows_are_those_of_a_whole_read),
            cmocka_unit_test(row_groups_come_in_the_order_asked_for),
            cmocka_unit_test(any_leaves_come_with_what_is_above_them),
            cmocka_unit_test(numbers_out_of_range_are_refused),
            cmocka_unit_test(pages_before_the_range_stay_unread),
            cmocka_unit_test(every_allocation_may_fail),
            cmocka_unit_test(every_read_of_the_source_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
