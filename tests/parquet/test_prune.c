/* tests/parquet/test_prune.c - a row group is left out only when no row of it matches: tried with every comparison, of
 * every type, against the rows themselves; and by statistics that are missing, cut, crossed or old. */
#include "rows.h"

#include "parquet/reader/reader.h"

enum { N_GROUPS = 12, GROUP_ROWS = 40 };

static dzr_parquet_reader *open_sink(const dzr_sink *sink, dzr_source **source)
{
    dzr_error err;
    dzr_parquet_reader *reader = NULL;
    assert_ok(dzr_source_memory(dzr_sink_memory_bytes(sink), NULL, source, &err));
    assert_ok(dzr_parquet_reader_open(*source, NULL, &reader, &err));
    return reader;
}

static bool matches(int order, dzr_parquet_compare compare)
{
    switch (compare) {
    case DZR_PARQUET_EQ:
        return order == 0;
    case DZR_PARQUET_NE:
        return order != 0;
    case DZR_PARQUET_LT:
        return order < 0;
    case DZR_PARQUET_LE:
        return order <= 0;
    case DZR_PARQUET_GT:
        return order > 0;
    default:
        return order >= 0;
    }
}

/* Compares each row of the group with the value, and what pruning says. Counts groups that were left out. */
static void check_group(const dzr_parquet_reader *reader, int32_t group, int32_t column, const dzr_column *rows,
        int64_t first, dzr_bytes value, int64_t *left_out)
{
    dzr_error err;
    for (dzr_parquet_compare compare = DZR_PARQUET_EQ; compare <= DZR_PARQUET_NOT_NULL; compare++) {
        bool some = false, may = false;
        for (int64_t row = first; row < first + GROUP_ROWS; row++) {
            uint8_t room[PLAIN_ROOM];
            const bool is_null = dzr_column_is_null(rows, row);
            if (compare >= DZR_PARQUET_IS_NULL)
                some |= is_null == (compare == DZR_PARQUET_IS_NULL);
            else if (!is_null)
                some |= matches(dzr__bounds_compare(order_of(rows), plain_value(rows, row, room), value), compare);
        }
        assert_ok(dzr_parquet_reader_may_match(reader, group, column, compare, value, &may, &err));
        if (some && !may)
            fail_msg("row group %d of column %d is left out by comparison %d", group, column, compare);
        *left_out += !may;
    }
}

static void nothing_that_matches_is_left_out(void **state)
{
    (void)state;
    for (nulls pattern = NULLS_NONE; pattern <= NULLS_LAST; pattern++) {
        dzr_batch *const batch = make_rows(N_GROUPS * GROUP_ROWS, true, pattern);
        dzr_sink *const sink = write_rows(batch, &(dzr_parquet_write_options){.row_group_rows = GROUP_ROWS});
        dzr_source *source = NULL;
        dzr_parquet_reader *const reader = open_sink(sink, &source);
        assert_int_equal(dzr_parquet_reader_n_row_groups(reader), N_GROUPS);
        int64_t left_out = 0;
        for (int32_t c = 0; c < N_TYPES; c++) {
            const dzr_column *const rows = dzr_batch_column(batch, c);
            for (int64_t row = 0; row < rows->n_rows; row += 17) { /* a null's slot is zero: a value as well */
                uint8_t room[PLAIN_ROOM];
                const dzr_bytes value = plain_value(rows, row, room);
                for (int32_t g = 0; g < N_GROUPS; g++)
                    check_group(reader, g, c, rows, (int64_t)g * GROUP_ROWS, value, &left_out);
            }
        }
        assert_true(left_out > 1000);
        dzr_parquet_reader_close(reader);
        dzr_source_close(source);
        dzr_sink_close(sink);
        dzr_batch_free(batch);
    }
}

/* ---- statistics as others leave them: those of a file are changed after it was opened ---- */

typedef struct doubles {
    dzr_sink *sink;
    dzr_source *source;
    dzr_parquet_reader *reader;
    dzr_meta_statistics *statistics;
} doubles;

static void open_doubles(doubles *out, const double *values, int n)
{
    dzr_error err;
    const dzr_field field = {.name = "x", .type = {.id = DZR_TYPE_DOUBLE}, .nullable = true};
    dzr_schema *schema = NULL;
    dzr_builder *builder = NULL;
    dzr_batch *batch = NULL;
    assert_ok(dzr_schema_new(&field, 1, NULL, &schema, &err));
    assert_ok(dzr_builder_new(schema, NULL, &builder, &err));
    for (int i = 0; i < n; i++)
        assert_ok(dzr_builder_double(builder, 0, values[i], &err));
    assert_ok(dzr_builder_finish(builder, &batch, &err));
    out->sink = write_rows(batch, NULL);
    out->reader = open_sink(out->sink, &out->source);
    out->statistics = &out->reader->file.row_groups.at[0].columns.at[0].meta.statistics;
    dzr_batch_free(batch);
    dzr_builder_free(builder);
    dzr_schema_free(schema);
}

static void close_doubles(doubles *file)
{
    dzr_parquet_reader_close(file->reader);
    dzr_source_close(file->source);
    dzr_sink_close(file->sink);
}

static bool may(const doubles *file, dzr_parquet_compare compare, double value)
{
    dzr_error err;
    bool out = false;
    assert_ok(dzr_parquet_reader_may_match(
            file->reader, 0, 0, compare, (dzr_bytes){(const uint8_t *)&value, sizeof value}, &out, &err));
    return out;
}

static void nan_matches_ne_alone(void **state)
{
    (void)state;
    const double nan64 = __builtin_nan("");
    doubles file;
    open_doubles(&file, (const double[]){2, nan64, 2}, 3);
    assert_true(may(&file, DZR_PARQUET_NE, 2)); /* the NaN */
    assert_false(may(&file, DZR_PARQUET_GT, 2));
    assert_true(may(&file, DZR_PARQUET_EQ, nan64) && may(&file, DZR_PARQUET_LT, nan64));
    file.statistics->has &= ~(1u << DZR_STATISTICS_NAN_COUNT);
    assert_true(may(&file, DZR_PARQUET_NE, 2)); /* for all we know */
    close_doubles(&file);
    open_doubles(&file, (const double[]){2, 2}, 2);
    assert_false(may(&file, DZR_PARQUET_NE, 2));
    assert_true(may(&file, DZR_PARQUET_NE, 3));
    close_doubles(&file);
    open_doubles(&file, (const double[]){nan64, nan64}, 2); /* no bounds at all, but a count */
    assert_true(may(&file, DZR_PARQUET_NE, 2) && may(&file, DZR_PARQUET_EQ, nan64));
    assert_false(may(&file, DZR_PARQUET_EQ, 2) || may(&file, DZR_PARQUET_GE, 2));
    file.statistics->has &= ~(1u << DZR_STATISTICS_NULL_COUNT); /* then there may be fewer NaN than values */
    assert_true(may(&file, DZR_PARQUET_EQ, 2));
    close_doubles(&file);
}

static void the_total_order_of_floats_bounds_as_well(void **state)
{
    (void)state;
    static const double nan64 = __builtin_nan(""), negative = -0.0, positive = 0.0;
    doubles file;
    open_doubles(&file, (const double[]){0.0, 0.0}, 2);
    file.reader->file.column_orders.at[0].has = 1u << DZR_ORDER_IEEE_754_TOTAL;
    file.statistics->min_value.at =
            (const uint8_t *)&positive; /* so there is no -0, which whoever looks for it means */
    assert_true(may(&file, DZR_PARQUET_EQ, -0.0) && may(&file, DZR_PARQUET_EQ, 0.0));
    assert_false(may(&file, DZR_PARQUET_LT, 0.0) || may(&file, DZR_PARQUET_EQ, 1));
    file.statistics->min_value.at = (const uint8_t *)&negative;
    assert_true(may(&file, DZR_PARQUET_EQ, 0.0));
    file.statistics->min_value.at = file.statistics->max_value.at = (const uint8_t *)&nan64; /* all are, it says */
    assert_true(may(&file, DZR_PARQUET_EQ, 1));
    file.statistics->nan_count = 2;
    assert_false(may(&file, DZR_PARQUET_EQ, 1));
    assert_true(may(&file, DZR_PARQUET_NE, 1));
    close_doubles(&file);
}

static void zeros_of_both_signs_are_one(void **state)
{
    (void)state;
    doubles file;
    open_doubles(&file, (const double[]){0.0, -0.0}, 2);
    assert_true(may(&file, DZR_PARQUET_EQ, 0.0) && may(&file, DZR_PARQUET_EQ, -0.0));
    assert_false(may(&file, DZR_PARQUET_LT, 0.0) || may(&file, DZR_PARQUET_GT, -0.0));
    const double positive = 0.0, negative = -0.0; /* as a writer that does not know the rule leaves them */
    file.statistics->min_value.at = (const uint8_t *)&positive;
    file.statistics->max_value.at = (const uint8_t *)&negative;
    assert_true(
            may(&file, DZR_PARQUET_EQ, -0.0) && may(&file, DZR_PARQUET_GE, 0.0) && may(&file, DZR_PARQUET_LE, -0.0));
    close_doubles(&file);
}

static void what_statistics_do_not_say_excludes_nothing(void **state)
{
    (void)state;
    static const double one = 1, two = 2, nan64 = __builtin_nan("");
    doubles file;
    open_doubles(&file, (const double[]){1, 2}, 2);
    assert_false(may(&file, DZR_PARQUET_EQ, 3) || may(&file, DZR_PARQUET_IS_NULL, 0));
    const dzr_meta_statistics good = *file.statistics;
    file.statistics->has &= ~(1u << DZR_STATISTICS_NULL_COUNT);
    assert_true(may(&file, DZR_PARQUET_IS_NULL, 0));
    file.statistics->null_count = 2; /* which is not there */
    assert_true(may(&file, DZR_PARQUET_NOT_NULL, 0));
    *file.statistics = good;
    file.statistics->has &= ~(1u << DZR_STATISTICS_MAX_VALUE);
    assert_true(may(&file, DZR_PARQUET_EQ, 3));
    *file.statistics = good;
    file.statistics->min_value.at = (const uint8_t *)&two; /* crossed */
    file.statistics->max_value.at = (const uint8_t *)&one;
    assert_true(may(&file, DZR_PARQUET_EQ, 3));
    *file.statistics = good;
    file.statistics->max_value.at = (const uint8_t *)&nan64;
    assert_true(may(&file, DZR_PARQUET_EQ, 3));
    *file.statistics = good;
    file.statistics->max_value.len = 7;
    assert_true(may(&file, DZR_PARQUET_EQ, 3));
    *file.statistics = good;
    file.statistics->min_value.at = file.statistics->max_value.at; /* 2 alone, but not exact: 1 may be there */
    file.statistics->min_exact = false;
    assert_true(may(&file, DZR_PARQUET_NE, 2));
    *file.statistics = good;
    file.reader->file.column_orders.at[0].has = 0; /* an order that we do not know */
    assert_true(may(&file, DZR_PARQUET_EQ, 3));
    file.reader->file.column_orders.n = 0;
    assert_true(may(&file, DZR_PARQUET_EQ, 3));
    close_doubles(&file);
}

static void a_value_of_another_length_is_refused(void **state)
{
    (void)state;
    dzr_error err;
    doubles file;
    bool out = false;
    open_doubles(&file, (const double[]){1, 2}, 2);
    const dzr_bytes value = {(const uint8_t *)"1234", 4};
    assert_int_equal(dzr_parquet_reader_may_match(file.reader, 0, 0, DZR_PARQUET_EQ, value, &out, &err), DZR_ERR_ARG);
    assert_non_null(strstr(err.message, "column \"x\": 4 bytes are no value of double"));
    assert_int_equal(dzr_parquet_reader_may_match(file.reader, 1, 0, DZR_PARQUET_EQ, value, &out, &err), DZR_ERR_ARG);
    assert_non_null(strstr(err.message, "row group 1 of 1"));
    close_doubles(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(nothing_that_matches_is_left_out),
            cmocka_unit_test(nan_matches_ne_alone),
            cmocka_unit_test(the_total_order_of_floats_bounds_as_well),
            cmocka_unit_test(zeros_of_both_signs_are_one),
            cmocka_unit_test(what_statistics_do_not_say_excludes_nothing),
            cmocka_unit_test(a_value_of_another_length_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
