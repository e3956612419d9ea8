/* tests/parquet/test_float_orders.c - floating point as another writer leaves it under both orders that the format has
 * for it: data/floating_orders_nan_count.parquet of apache/parquet-testing, whose row groups hold no NaN, some, nothing
 * else, and zeros at either end. Bounds are those of the values, and leave out what they must. The file lies outside of
 * the project; without it there is nothing to test, and one line says so. */
#include "support.h"

#include <datarizer/parquet.h>
#include <datarizer/store.h>

#include <math.h>
#include <stdio.h>
#include <sys/stat.h>

#define FILE_NAME "../shared/parquet-testing/data/floating_orders_nan_count.parquet"

enum { N_GROUPS = 5, N_COLUMNS = 6 };

static double load(const void *at, dzr_type type)
{
    if (type.id == DZR_TYPE_FLOAT) {
        float value;
        memcpy(&value, at, sizeof value);
        return (double)value;
    }
    if (type.id == DZR_TYPE_HALF) {
        uint16_t value;
        memcpy(&value, at, sizeof value);
        return dzr_half_to_double(value);
    }
    double value;
    memcpy(&value, at, sizeof value);
    return value;
}

static bool may(const dzr_parquet_reader *reader, int32_t group, int32_t column, dzr_parquet_compare compare,
        const uint8_t *value, size_t width)
{
    dzr_error err;
    bool out = false;
    assert_ok(dzr_parquet_reader_may_match(reader, group, column, compare, (dzr_bytes){value, width}, &out, &err));
    return out;
}

static void check_column(const dzr_parquet_reader *reader, int32_t group, int32_t column, const dzr_column *rows)
{
    dzr_error err;
    dzr_parquet_chunk facts;
    const size_t width = dzr_type_bits(rows->type) / 8;
    const uint8_t *const values = rows->values;
    double low = INFINITY, high = -INFINITY;
    int64_t n_nan = 0;
    for (int64_t row = 0; row < rows->n_rows; row++) {
        const double value = load(values + width * (size_t)row, rows->type);
        n_nan += isnan(value) ? 1 : 0;
        low = value < low ? value : low; /* NaN is neither */
        high = value > high ? value : high;
    }
    assert_ok(dzr_parquet_reader_chunk(reader, group, column, &facts, &err));
    /* in TYPE_ORDER, the odd columns', this writer gives no bounds beside NaN */
    assert_int_equal(facts.has_min_max, column % 2 == 0 ? n_nan < rows->n_rows : n_nan == 0);
    for (int64_t row = 0; row < rows->n_rows; row++) {
        const uint8_t *const at = values + width * (size_t)row;
        if (isnan(load(at, rows->type)))
            continue;
        assert_true(may(reader, group, column, DZR_PARQUET_EQ, at, width));
        assert_true(may(reader, group, column, DZR_PARQUET_GE, at, width));
        assert_true(may(reader, group, column, DZR_PARQUET_LE, at, width));
    }
    if (!facts.has_min_max) { /* zero is among the values, unless all are NaN, which are counted */
        static const uint8_t zero[8] = {0};
        assert_int_equal(may(reader, group, column, DZR_PARQUET_EQ, zero, width), n_nan < rows->n_rows);
        assert_true(may(reader, group, column, DZR_PARQUET_NE, zero, width));
        return;
    }
    assert_true(load(facts.min.at, rows->type) == low && load(facts.max.at, rows->type) == high);
    assert_false(may(reader, group, column, DZR_PARQUET_LT, facts.min.at, width));
    assert_false(may(reader, group, column, DZR_PARQUET_GT, facts.max.at, width));
}

static void bounds_of_both_orders_are_those_of_the_values(void **state)
{
    (void)state;
    struct stat found;
    dzr_error err;
    dzr_source *source = NULL;
    dzr_parquet_reader *reader = NULL;
    if (stat(FILE_NAME, &found) != 0) {
        printf("skipped: there is no %s here\n", FILE_NAME);
        skip();
    }
    assert_ok(dzr_store_open_source(FILE_NAME, NULL, &source, &err));
    assert_ok(dzr_parquet_reader_open(source, NULL, &reader, &err));
    assert_int_equal(dzr_parquet_reader_n_row_groups(reader), N_GROUPS);
    assert_int_equal(dzr_parquet_reader_n_columns(reader), N_COLUMNS);
    for (int32_t group = 0; group < N_GROUPS; group++) {
        dzr_batch *batch = NULL;
        assert_ok(dzr_parquet_read_row_group(reader, group, NULL, 0, &batch, &err));
        for (int32_t column = 0; column < N_COLUMNS; column++)
            check_column(reader, group, column, dzr_batch_column(batch, column));
        dzr_batch_free(batch);
    }
    dzr_parquet_reader_close(reader);
    dzr_source_close(source);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(bounds_of_both_orders_are_those_of_the_values)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
