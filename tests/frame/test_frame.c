/* tests/frame/test_frame.c - schema, bitmaps, builder, slice. */
#include "support.h"

#include "alloc_nth.h"
#include "frame/internal.h"

#include <math.h>
#include <stdio.h>

static const dzr_field all_kinds[] = {
        {.name = "flag", .type = {.id = DZR_TYPE_BOOL}, .nullable = true},
        {.name = "tiny", .type = {.id = DZR_TYPE_INT8}, .nullable = true},
        {.name = "id", .type = {.id = DZR_TYPE_INT32}, .nullable = false},
        {.name = "big", .type = {.id = DZR_TYPE_UINT64}, .nullable = true},
        {.name = "ratio", .type = {.id = DZR_TYPE_FLOAT}, .nullable = true},
        {.name = "score", .type = {.id = DZR_TYPE_DOUBLE}, .nullable = true},
        {.name = "name", .type = {.id = DZR_TYPE_STRING}, .nullable = true},
        {.name = "raw", .type = {.id = DZR_TYPE_BINARY}, .nullable = false},
        {.name = "day", .type = {.id = DZR_TYPE_DATE}, .nullable = true},
        {.name = "at", .type = {.id = DZR_TYPE_TIMESTAMP, .unit = DZR_UNIT_MS, .utc = true}, .nullable = true},
};
enum { N_KINDS = sizeof all_kinds / sizeof *all_kinds };

static void schema_copies_finds_and_compares(void **state)
{
    (void)state;
    dzr_error err;
    char name[] = "first";
    const dzr_field fields[] = {{.name = name, .type = {.id = DZR_TYPE_INT32}, .nullable = false},
            {.name = "first", .type = {.id = DZR_TYPE_STRING}, .nullable = true}};
    dzr_schema *schema = NULL;
    assert_ok(dzr_schema_new(fields, 2, NULL, &schema, &err));
    name[0] = 'x';
    assert_string_equal(dzr_schema_field(schema, 0)->name, "first");
    assert_int_equal(dzr_schema_find(schema, "first"), 0);
    assert_int_equal(dzr_schema_find(schema, "second"), -1);
    dzr_schema *other = NULL;
    assert_ok(dzr_schema_new(fields, 2, NULL, &other, &err));
    assert_false(dzr_schema_equal(schema, other));
    assert_true(dzr_schema_equal(schema, schema));
    dzr_schema_free(dzr_schema_hold(schema));
    dzr_schema_free(schema);
    dzr_schema_free(other);
    dzr_schema *none = NULL;
    const dzr_field bad[] = {{.name = "\xff", .type = {.id = DZR_TYPE_INT32}, .nullable = false}};
    assert_fails(dzr_schema_new(bad, 1, NULL, &none, &err), DZR_ERR_ARG, "not UTF-8");
    assert_fails(dzr_schema_new(NULL, DZR_MAX_COLUMNS + 1, NULL, &none, &err), DZR_ERR_LIMIT, "limit is 100000");
    assert_null(none);
}

static void type_names_and_widths(void **state)
{
    (void)state;
    assert_string_equal(dzr_type_name((dzr_type){.id = DZR_TYPE_TIMESTAMP, .unit = DZR_UNIT_US}), "timestamp[us]");
    assert_string_equal(dzr_type_name((dzr_type){.id = DZR_TYPE_DATE}), "date");
    assert_int_equal(dzr_type_bits((dzr_type){.id = DZR_TYPE_BOOL}), 1);
    assert_int_equal(dzr_type_bits((dzr_type){.id = DZR_TYPE_STRING}), 8 * sizeof(dzr_view));
    assert_int_equal(dzr_type_bits((dzr_type){.id = (dzr_type_id)99}), 0);
    const dzr_type local = {.id = DZR_TYPE_TIMESTAMP}, utc = {.id = DZR_TYPE_TIMESTAMP, .utc = true};
    assert_false(dzr_type_equal(local, utc));
}

/* Every start, length and target position against bit by bit. */
static void bit_runs_equal_single_bits(void **state)
{
    (void)state;
    uint8_t from[40], to[40], want[40];
    for (size_t i = 0; i < sizeof from; i++)
        from[i] = (uint8_t)(i * 37 + 11);
    for (int64_t first = 0; first < 20; first++)
        for (int64_t n = 0; n < 150; n += 7) {
            int64_t count = 0;
            for (int64_t i = 0; i < n; i++)
                count += dzr__bit_get(from, first + i);
            assert_int_equal(dzr__bits_count(from, first, n), count);
            for (int64_t at = 0; at < 18; at++) {
                memset(to, 0xa5, sizeof to);
                memset(want, 0xa5, sizeof want);
                dzr__bits_copy(to, at, from, first, n);
                for (int64_t i = 0; i < n; i++)
                    dzr__bit_get(from, first + i) ? dzr__bit_set(want, at + i) : dzr__bit_clear(want, at + i);
                assert_memory_equal(to, want, sizeof to);
            }
            memset(to, 0xa5, sizeof to);
            memset(want, 0xa5, sizeof want);
            dzr__bits_fill(to, first, n, n % 2 == 0);
            for (int64_t i = first; i < first + n; i++)
                n % 2 == 0 ? dzr__bit_set(want, i) : dzr__bit_clear(want, i);
            assert_memory_equal(to, want, sizeof to);
        }
}

static int text_of(int i, char text[64])
{
    return snprintf(text, 64, i % 2 == 0 ? "n%d" : "a rather long name, number %d", i);
}

static dzr_status append_row(dzr_builder *builder, int i, dzr_error *err)
{
    char text[64];
    const dzr_bytes bytes = {(const uint8_t *)text, (size_t)text_of(i, text)};
    DZR_TRY(dzr_builder_int(builder, 2, i * 1000, err));
    DZR_TRY(dzr_builder_bytes(builder, 7, bytes, err));
    if (i % 3 == 2) {
        for (int k = 0; k < N_KINDS; k++)
            if (all_kinds[k].nullable)
                DZR_TRY(dzr_builder_null(builder, k, err));
        return DZR_OK;
    }
    DZR_TRY(dzr_builder_bool(builder, 0, i % 5 == 0, err));
    DZR_TRY(dzr_builder_int(builder, 1, -(i % 100), err));
    DZR_TRY(dzr_builder_uint(builder, 3, UINT64_MAX - (unsigned)i, err));
    DZR_TRY(dzr_builder_double(builder, 4, i * 0.5, err));
    DZR_TRY(dzr_builder_double(builder, 5, i * 0.25, err));
    DZR_TRY(dzr_builder_bytes(builder, 6, bytes, err));
    DZR_TRY(dzr_builder_int(builder, 8, i - 500, err));
    return dzr_builder_int(builder, 9, i * 86400000LL, err);
}

static void check_row(const dzr_batch *batch, int64_t row, int i)
{
    char text[64];
    const int len = text_of(i, text);
    const dzr_column *column[N_KINDS];
    const bool null = i % 3 == 2;
    for (int k = 0; k < N_KINDS; k++) {
        column[k] = dzr_batch_column(batch, k);
        assert_int_equal(dzr_column_is_null(column[k], row), null && all_kinds[k].nullable);
    }
    assert_int_equal(dzr_column_bool(column[0], row), !null && i % 5 == 0);
    assert_int_equal(((const int8_t *)column[1]->values)[row], null ? 0 : -(i % 100));
    assert_int_equal(((const int32_t *)column[2]->values)[row], i * 1000);
    assert_true(((const uint64_t *)column[3]->values)[row] == (null ? 0 : UINT64_MAX - (unsigned)i));
    assert_true(((const float *)column[4]->values)[row] == (null ? 0.0F : (float)i * 0.5F));
    assert_true(((const double *)column[5]->values)[row] == (null ? 0.0 : i * 0.25));
    const dzr_bytes name = dzr_column_bytes(column[6], row);
    assert_int_equal(name.len, null ? 0 : len);
    assert_memory_equal(name.at, text, name.len);
    const dzr_bytes raw = dzr_column_bytes(column[7], row);
    assert_int_equal(raw.len, len);
    assert_memory_equal(raw.at, text, raw.len);
    assert_int_equal(((const int32_t *)column[8]->values)[row], null ? 0 : i - 500);
    assert_true(((const int64_t *)column[9]->values)[row] == (null ? 0 : i * 86400000LL));
}

static dzr_status new_builder(const dzr_allocator *alloc, dzr_builder **out, dzr_error *err)
{
    dzr_schema *schema = NULL;
    DZR_TRY(dzr_schema_new(all_kinds, N_KINDS, alloc, &schema, err));
    const dzr_status st = dzr_builder_new(schema, alloc, out, err);
    dzr_schema_free(schema);
    return st;
}

static dzr_status build(const dzr_allocator *alloc, int n_rows, dzr_batch **out, dzr_error *err)
{
    dzr_builder *builder = NULL;
    dzr_status st = new_builder(alloc, &builder, err);
    for (int i = 0; i < n_rows && st == DZR_OK; i++)
        st = append_row(builder, i, err);
    if (st == DZR_OK)
        st = dzr_builder_finish(builder, out, err);
    dzr_builder_free(builder);
    return st;
}

static void built_rows_are_read_back(void **state)
{
    (void)state;
    dzr_error err;
    const int sizes[] = {0, 1, 7, 8, 9, 63, 64, 65, 1000, 20000};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        dzr_batch *batch = NULL;
        assert_ok(build(NULL, sizes[s], &batch, &err));
        assert_int_equal(dzr_batch_n_rows(batch), sizes[s]);
        for (int i = 0; i < sizes[s]; i++)
            check_row(batch, i, i);
        dzr_batch_free(batch);
    }
}

static void slices_hold_their_rows(void **state)
{
    (void)state;
    dzr_error err;
    dzr_batch *batch = NULL;
    dzr_batch *slice = NULL;
    assert_ok(build(NULL, 300, &batch, &err));
    for (int first = 0; first < 300; first += 13)
        for (int n = 0; n <= 300 - first; n += 31) {
            assert_ok(dzr_batch_slice(batch, first, n, &slice, &err));
            for (int i = 0; i < n; i++)
                check_row(slice, i, first + i);
            dzr_batch_free(slice);
        }
    slice = NULL;
    assert_fails(dzr_batch_slice(batch, 299, 2, &slice, &err), DZR_ERR_ARG, "rows 299 to 301 of a batch of 300");
    assert_null(slice);
    dzr_batch_free(batch);
}

static void a_value_that_does_not_fit_leaves_the_column_alone(void **state)
{
    (void)state;
    dzr_error err;
    dzr_builder *b = NULL;
    assert_ok(new_builder(NULL, &b, &err));
    const dzr_bytes latin = {(const uint8_t *)"\xff", 1};
    const dzr_bytes huge = {(const uint8_t *)"", (size_t)INT32_MAX + 1};
    assert_fails(dzr_builder_int(b, 1, 128, &err), DZR_ERR_TYPE, "column \"tiny\": 128 is outside int8");
    assert_fails(dzr_builder_int(b, 2, INT64_C(2147483648), &err), DZR_ERR_TYPE, "2147483648 is outside int32");
    assert_fails(dzr_builder_int(b, 3, -1, &err), DZR_ERR_TYPE, "-1 is outside uint64");
    assert_fails(dzr_builder_uint(b, 9, UINT64_MAX, &err), DZR_ERR_TYPE, "18446744073709551615 is outside");
    assert_fails(dzr_builder_double(b, 4, 1e39, &err), DZR_ERR_TYPE, "is outside float");
    assert_fails(dzr_builder_null(b, 2, &err), DZR_ERR_TYPE, "column \"id\" can't be null");
    assert_fails(dzr_builder_bool(b, 6, true, &err), DZR_ERR_TYPE, "column \"name\" holds string, not bool");
    assert_fails(dzr_builder_bytes(b, 6, latin, &err), DZR_ERR_TYPE, "not UTF-8");
    assert_fails(dzr_builder_bytes(b, 6, huge, &err), DZR_ERR_TYPE, "under 2 GiB");
    for (int i = 0; i < N_KINDS; i++)
        assert_int_equal(dzr_builder_n_rows(b, i), 0);
    assert_ok(dzr_builder_double(b, 4, INFINITY, &err));
    dzr_batch *batch = NULL;
    assert_fails(dzr_builder_finish(b, &batch, &err), DZR_ERR_ARG, "column \"ratio\" has 1 rows, 0 were expected");
    assert_null(batch);
    dzr_builder_free(b);
}

static void truncate_forgets_half_a_row(void **state)
{
    (void)state;
    dzr_error err;
    dzr_builder *builder = NULL;
    assert_ok(new_builder(NULL, &builder, &err));
    for (int i = 0; i < 10; i++)
        assert_ok(append_row(builder, i, &err));
    assert_ok(dzr_builder_null(builder, 0, &err));
    assert_ok(dzr_builder_null(builder, 1, &err));
    dzr_builder_truncate(builder, 8);
    for (int i = 8; i < 100; i++)
        assert_ok(append_row(builder, i, &err));
    dzr_batch *batch = NULL;
    assert_ok(dzr_builder_finish(builder, &batch, &err));
    for (int i = 0; i < 100; i++)
        check_row(batch, i, i);
    assert_int_equal(dzr_batch_column(batch, 0)->n_nulls, 33);
    dzr_batch_free(batch);
    assert_ok(append_row(builder, 1, &err)); /* and goes on after finish */
    assert_ok(dzr_builder_finish(builder, &batch, &err));
    check_row(batch, 0, 1);
    dzr_batch_free(batch);
    dzr_builder_free(builder);
}

static dzr_status build_and_slice(const dzr_allocator *alloc, void *ctx, dzr_error *err)
{
    (void)ctx;
    dzr_batch *batch = NULL, *slice = NULL;
    dzr_status st = build(alloc, 700, &batch, err);
    if (st == DZR_OK)
        st = dzr_batch_slice(batch, 3, 600, &slice, err);
    dzr_batch_free(batch);
    dzr_batch_free(slice);
    return st;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    assert_true(every_request_fails(build_and_slice, NULL) > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(schema_copies_finds_and_compares),
            cmocka_unit_test(type_names_and_widths),
            cmocka_unit_test(bit_runs_equal_single_bits),
            cmocka_unit_test(built_rows_are_read_back),
            cmocka_unit_test(slices_hold_their_rows),
            cmocka_unit_test(a_value_that_does_not_fit_leaves_the_column_alone),
            cmocka_unit_test(truncate_forgets_half_a_row),
            cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
