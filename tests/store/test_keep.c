/* tests/store/test_keep.c - what a conversion from Parquet to Parquet keeps besides the rows. */
#include "support.h"

#include "alloc_nth.h"
#include "base/internal.h"
#include <datarizer/table.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { A, B, C, N_COLUMNS };

static char folder[] = "/tmp/dzr-keep-XXXXXX";
static char in[64], out[64];

static int make_folder(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(in, sizeof in, "%s/in.parquet", folder);
    snprintf(out, sizeof out, "%s/out.parquet", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    (void)unlink(in);
    (void)unlink(out);
    return rmdir(folder);
}

static dzr_bytes text(const char *chars)
{
    return (dzr_bytes){(const uint8_t *)chars, strlen(chars)};
}

static void check_text(dzr_bytes got, const char *want)
{
    assert_int_equal(got.len, strlen(want));
    assert_memory_equal(got.at, want, got.len);
}

static const dzr_key_value id = {{(const uint8_t *)"PARQUET:field_id", 16}, {(const uint8_t *)"7", 1}};
static const dzr_field fields[N_COLUMNS] = {
        {.name = "a", .type = {.id = DZR_TYPE_INT32}, .nullable = true, .metadata = &id, .n_metadata = 1},
        {.name = "b", .type = {.id = DZR_TYPE_DOUBLE}},
        {.name = "c", .type = {.id = DZR_TYPE_TIMESTAMP, .utc = true}, .zone = "Asia/Tokyo"},
};

/* `in`, of row groups of two rows; NO_VALUE is null in column a. */
enum { NO_VALUE = -1000000 };
static void make_in(const int32_t *a, int n_rows, const dzr_parquet_write_options *parquet)
{
    dzr_error err;
    dzr_schema *schema = NULL;
    dzr_builder *builder = NULL;
    dzr_batch *batch = NULL;
    dzr_table_writer *writer = NULL;
    dzr_table_write_options options = {.parquet = *parquet};
    options.parquet.row_group_rows = 2;
    assert_ok(dzr_schema_new(fields, N_COLUMNS, NULL, &schema, &err));
    assert_ok(dzr_builder_new(schema, NULL, &builder, &err));
    for (int i = 0; i < n_rows; i++) {
        assert_ok(a[i] == NO_VALUE ? dzr_builder_null(builder, A, &err) : dzr_builder_int(builder, A, a[i], &err));
        assert_ok(dzr_builder_double(builder, B, a[i], &err));
        assert_ok(dzr_builder_int(builder, C, a[i], &err));
    }
    assert_ok(dzr_builder_finish(builder, &batch, &err));
    assert_ok(dzr_table_writer_open(in, schema, &options, &writer, &err));
    assert_ok(dzr_table_writer_append(writer, batch, &err));
    assert_ok(dzr_table_writer_commit(writer, &err));
    dzr_table_writer_close(writer);
    dzr_batch_free(batch);
    dzr_builder_free(builder);
    dzr_schema_free(schema);
}

static const dzr_parquet_reader *open_out(dzr_table_reader **reader)
{
    dzr_error err;
    assert_ok(dzr_table_reader_open(out, NULL, reader, &err));
    return dzr_table_reader_parquet(*reader);
}

/* ---- sorting ---- */

static const dzr_parquet_sorting a_up = {.column = A}, a_down = {.column = A, .descending = true}, b_up = {.column = B},
                                 c_up = {.column = C};

typedef struct sorting_case {
    const char *proves;
    int32_t a[8];
    int n_rows;
    dzr_parquet_sorting said[2];
    int32_t n_said, n_want;
} sorting_case;

static void sorting_is_kept_where_it_holds_for_all_rows(void **state)
{
    (void)state;
    const sorting_case cases[] = {
            {"nothing_said_nothing_kept", {1, 2}, 2, {{0}}, 0, 0},
            {"one_row_group_is_believed", {5, 4}, 2, {a_up, c_up}, 2, 2},
            {"groups_one_behind_the_other", {1, 2, 3, 4, 5}, 5, {a_up, b_up}, 2, 2},
            {"equal_neighbours_keep_the_first_only", {1, 2, 2, 4}, 4, {a_up, b_up}, 2, 1},
            {"groups_that_begin_again", {1, 2, 1, 2}, 4, {a_up, b_up}, 2, 0},
            {"down_where_it_goes_down", {9, 8, 7, 6}, 4, {a_down}, 1, 1},
            {"not_where_it_goes_up", {1, 2, 3, 4}, 4, {a_down}, 1, 0},
            {"a_null_may_be_out_of_place", {1, 2, 3, NO_VALUE}, 4, {a_up}, 1, 0},
            {"a_nan_as_well", {1, 2, 3, 4}, 4, {b_up}, 1, 0},
            {"times_have_an_order", {1, 2, 3, 4}, 4, {c_up, a_up}, 2, 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dzr_error err;
        dzr_table_reader *reader = NULL;
        const sorting_case *const c = &cases[i];
        make_in(c->a, c->n_rows, &(dzr_parquet_write_options){.sorting = c->said, .n_sorting = c->n_said});
        assert_ok(dzr_convert(in, NULL, out, NULL, NULL, &err));
        const dzr_parquet_reader *const parquet = open_out(&reader);
        assert_int_equal(dzr_parquet_reader_n_row_groups(parquet), 1);
        const int32_t n = dzr_parquet_reader_n_sorting(parquet, 0);
        if (n != c->n_want)
            fail_msg("%s: %d entries, and not %d", c->proves, n, c->n_want);
        for (int32_t k = 0; k < n; k++) {
            const dzr_parquet_sorting got = dzr_parquet_reader_sorting(parquet, 0, k);
            assert_int_equal(got.column, c->said[k].column);
            assert_int_equal(got.descending, c->said[k].descending);
        }
        dzr_table_reader_close(reader);
    }
}

static int32_t n_kept(const dzr_table_read_options *read, const dzr_parquet_sorting *want)
{
    dzr_error err;
    dzr_table_reader *reader = NULL;
    assert_ok(dzr_convert(in, read, out, NULL, NULL, &err));
    const dzr_parquet_reader *const parquet = open_out(&reader);
    const int32_t n = dzr_parquet_reader_n_sorting(parquet, 0);
    for (int32_t k = 0; k < n; k++)
        assert_int_equal(dzr_parquet_reader_sorting(parquet, 0, k).column, want[k].column);
    dzr_table_reader_close(reader);
    return n;
}

static void sorting_follows_the_columns_and_row_groups_that_are_read(void **state)
{
    (void)state;
    static const int32_t rows[] = {1, 2, 1, 2, 3, 4};
    static const char *const c_a[] = {"c", "a"}, *const only_c[] = {"c"}, *const only_b[] = {"b"};
    static const int32_t ordered[] = {1, 2}, back[] = {2, 1}, overlapping[] = {0, 1};
    const dzr_parquet_sorting said[] = {c_up, b_up, a_up};
    make_in(rows, 6, &(dzr_parquet_write_options){.sorting = said, .n_sorting = 3});
    dzr_table_read_options read = {.row_groups = ordered, .n_row_groups = 2};
    assert_int_equal(n_kept(&read, said), 3);
    read.row_groups = back;
    assert_int_equal(n_kept(&read, said), 0);
    read.row_groups = overlapping;
    assert_int_equal(n_kept(&read, said), 0);
    read.row_groups = ordered;
    read.columns = c_a; /* column 2 becomes 0; behind a column that is not there nothing is in order */
    read.n_columns = 2;
    assert_int_equal(n_kept(&read, (dzr_parquet_sorting[]){{.column = 0}}), 1);
    read.columns = only_c;
    read.n_columns = 1;
    assert_int_equal(n_kept(&read, (dzr_parquet_sorting[]){{.column = 0}}), 1);
    read.columns = only_b;
    assert_int_equal(n_kept(&read, said), 0);
}

static void the_callers_sorting_is_instead(void **state)
{
    (void)state;
    static const int32_t rows[] = {1, 2};
    dzr_error err;
    dzr_table_reader *reader = NULL;
    make_in(rows, 2, &(dzr_parquet_write_options){.sorting = &a_up, .n_sorting = 1});
    assert_ok(dzr_convert(
            in, NULL, out, &(dzr_table_write_options){.parquet = {.sorting = &c_up, .n_sorting = 1}}, NULL, &err));
    const dzr_parquet_reader *const parquet = open_out(&reader);
    assert_int_equal(dzr_parquet_reader_n_sorting(parquet, 0), 1);
    assert_int_equal(dzr_parquet_reader_sorting(parquet, 0, 0).column, C);
    dzr_table_reader_close(reader);
}

/* ---- metadata ---- */

static void metadata_of_the_file_comes_along(void **state)
{
    (void)state;
    static const int32_t rows[] = {1, 2, 3};
    dzr_error err;
    dzr_table_reader *reader = NULL;
    const dzr_parquet_metadata said[] = {{text("x"), text("1")}, {text("y"), {NULL, 0}}, {text("x"), text("2")}};
    const dzr_parquet_metadata own[] = {{text("y"), text("mine")}, {text("z"), text("3")}};
    make_in(rows, 3, &(dzr_parquet_write_options){.metadata = said, .n_metadata = 3});
    assert_ok(dzr_convert(
            in, NULL, out, &(dzr_table_write_options){.parquet = {.metadata = own, .n_metadata = 2}}, NULL, &err));
    const dzr_parquet_reader *const parquet = open_out(&reader);
    static const char *const keys[] = {"x", "x", "y", "z", "ARROW:schema"}, *const values[] = {"1", "2", "mine", "3"};
    assert_int_equal(dzr_parquet_reader_n_metadata(parquet), 5);
    for (int32_t i = 0; i < 5; i++)
        check_text(dzr_parquet_reader_metadata(parquet, i).key, keys[i]);
    for (int32_t i = 0; i < 4; i++)
        check_text(dzr_parquet_reader_metadata(parquet, i).value, values[i]);
    const dzr_schema *const schema = dzr_table_reader_schema(reader);
    check_text(dzr_field_note(dzr_schema_field(schema, A), "PARQUET:field_id")->value, "7");
    assert_string_equal(dzr_schema_field(schema, C)->zone, "Asia/Tokyo");
    dzr_table_reader_close(reader);
    assert_ok(dzr_convert(in, NULL, out, &(dzr_table_write_options){.parquet = {.no_arrow_schema = true}}, NULL, &err));
    assert_int_equal(dzr_parquet_reader_n_metadata(open_out(&reader)), 3); /* nor the old one */
    dzr_table_reader_close(reader);
}

static void metadata_of_columns_comes_along_with_them(void **state)
{
    (void)state;
    static const int32_t rows[] = {1, 2, 3};
    static const char *const c_b[] = {"c", "b"};
    dzr_error err;
    dzr_table_reader *reader = NULL;
    dzr_parquet_chunk chunk;
    const dzr_parquet_column_metadata said[] = {
            {A, {text("x"), text("a")}}, {C, {text("x"), text("c")}}, {C, {text("y"), {NULL, 0}}}};
    const dzr_parquet_column_metadata own = {1, {text("z"), text("b")}};
    make_in(rows, 3, &(dzr_parquet_write_options){.column_metadata = said, .n_column_metadata = 3});
    const dzr_table_read_options read = {.columns = c_b, .n_columns = 2};
    assert_ok(dzr_convert(in, &read, out,
            &(dzr_table_write_options){.parquet = {.column_metadata = &own, .n_column_metadata = 1}}, NULL, &err));
    const dzr_parquet_reader *const parquet = open_out(&reader);
    assert_ok(dzr_parquet_reader_chunk(parquet, 0, 0, &chunk, &err));
    assert_int_equal(chunk.n_metadata, 2);
    check_text(dzr_parquet_reader_chunk_metadata(parquet, 0, 0, 0).value, "c");
    assert_null(dzr_parquet_reader_chunk_metadata(parquet, 0, 0, 1).value.at);
    assert_ok(dzr_parquet_reader_chunk(parquet, 0, 1, &chunk, &err));
    assert_int_equal(chunk.n_metadata, 1);
    check_text(dzr_parquet_reader_chunk_metadata(parquet, 0, 1, 0).value, "b");
    dzr_table_reader_close(reader);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    static const int32_t rows[] = {1, 2, 3};
    const dzr_parquet_column_metadata column = {A, {text("x"), text("a")}};
    const dzr_parquet_metadata file = {text("x"), text("1")};
    make_in(rows, 3,
            &(dzr_parquet_write_options){.column_metadata = &column,
                    .n_column_metadata = 1,
                    .metadata = &file,
                    .n_metadata = 1,
                    .sorting = &a_up,
                    .n_sorting = 1});
    bool reached = true;
    for (int64_t n = 1; reached; n++) {
        dzr_error err;
        alloc_nth nth;
        alloc_nth_init(&nth, n);
        const dzr_table_read_options read = {.alloc = &nth.allocator};
        const dzr_table_write_options write = {.alloc = &nth.allocator};
        const dzr_status st = dzr_convert(in, &read, out, &write, NULL, &err);
        reached = nth.n_requests >= n;
        assert_int_equal(st, reached ? DZR_ERR_NOMEM : DZR_OK);
        assert_int_equal(nth.n_out, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(sorting_is_kept_where_it_holds_for_all_rows),
            cmocka_unit_test(sorting_follows_the_columns_and_row_groups_that_are_read),
            cmocka_unit_test(the_callers_sorting_is_instead),
            cmocka_unit_test(metadata_of_the_file_comes_along),
            cmocka_unit_test(metadata_of_columns_comes_along_with_them),
            cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
