/* tests/query/test_compare.c - comparisons as C sees them: what found gets, batches cut anywhere, allocations that
 * fail, and errors of sources and callbacks. Against files of every type: tests/tools/test_diff.py. */
#include "support.h"

#include "alloc_nth.h"
#include "query/internal.h"
#include <datarizer/compare.h>

#include <stdio.h>
#include <stdlib.h>

static const dzr_field fields[] = {
        {.name = "k", .type = {.id = DZR_TYPE_STRING}, .nullable = true},
        {.name = "v", .type = {.id = DZR_TYPE_INT32}, .nullable = true},
};

/* Rows [first, end) with keys "key 000001" ..., in batches of n_batch; v is 1 for multiples of `odd`, or 0. */
typedef struct rows {
    dzr_schema *schema;
    int32_t next, end, n_batch, odd;
    dzr_status fails; /* at the end, instead of it */
} rows;

static dzr_status next_rows(void *ctx, dzr_batch **out, dzr_error *err)
{
    rows *const r = ctx;
    dzr_builder *b = NULL;
    *out = NULL;
    if (r->next == r->end)
        return r->fails == DZR_OK ? DZR_OK : dzr_fail(err, r->fails, "the source broke");
    dzr_error ignored;
    if (dzr_builder_new(r->schema, NULL, &b, &ignored) != DZR_OK)
        abort();
    for (int32_t i = 0; i < r->n_batch && r->next < r->end; i++, r->next++) {
        char key[32];
        const int len = snprintf(key, sizeof key, "key number %06d", r->next);
        if (dzr_builder_bytes(b, 0, (dzr_bytes){(const uint8_t *)key, (size_t)len}, &ignored) != DZR_OK ||
                dzr_builder_int(b, 1, r->next % r->odd == 0, &ignored) != DZR_OK)
            abort();
    }
    if (dzr_builder_finish(b, out, &ignored) != DZR_OK)
        abort();
    dzr_builder_free(b);
    return DZR_OK;
}

typedef struct told {
    int64_t n, sum_a, sum_b;
    dzr_status answer;
} told;

static dzr_status count(void *ctx, const dzr_difference *difference, dzr_error *err)
{
    told *const t = ctx;
    t->n++;
    t->sum_a += difference->number_a;
    t->sum_b += difference->number_b;
    return t->answer == DZR_OK ? DZR_OK : dzr_fail(err, t->answer, "enough");
}

typedef struct setting {
    rows a, b;
    size_t memory;
    bool by_key;
    int64_t most;
} setting;

static dzr_status compare(
        const setting *s, const dzr_allocator *alloc, told *t, dzr_compare_result *result, dzr_error *err)
{
    static const char *const keys[] = {"k"};
    dzr_error ignored;
    dzr_schema *schema = NULL;
    dzr_comparison *comparison = NULL;
    if (dzr_schema_new(fields, 2, NULL, &schema, &ignored) != DZR_OK)
        abort();
    rows a = s->a, b = s->b;
    a.schema = b.schema = schema;
    const dzr_batch_source source_a = {.ctx = &a, .next = next_rows}, source_b = {.ctx = &b, .next = next_rows};
    const dzr_compare_options options = {.alloc = alloc,
            .keys = keys,
            .n_keys = s->by_key,
            .memory = s->memory,
            .found = count,
            .ctx = t,
            .max_told = s->most};
    dzr_status st = dzr_comparison_new(schema, schema, &options, &comparison, err);
    if (st == DZR_OK)
        st = dzr_comparison_run(comparison, &source_a, &source_b, result, err);
    dzr_comparison_free(comparison);
    dzr_schema_free(schema);
    return st;
}

static void the_same_is_found_however_batches_are_cut_and_memory_is_short(void **state)
{
    (void)state;
    static const size_t memories[] = {0, 1, 3000, 20000};
    for (int32_t cut = 1; cut < 400; cut = cut * 3 + 1) {
        for (size_t m = 0; m < sizeof memories / sizeof *memories; m++) {
            dzr_error err;
            told t = {0};
            dzr_compare_result result;
            const setting s = {
                    {NULL, 0, 300, cut, 7, DZR_OK}, {NULL, 100, 350, 90, 14, DZR_OK}, memories[m], true, 1000};
            assert_ok(compare(&s, NULL, &t, &result, &err));
            assert_int_equal(result.n_rows_a, 300);
            assert_int_equal(result.n_rows_b, 250);
            assert_int_equal(result.n_only_a, 100);
            assert_int_equal(result.n_only_b, 50);
            assert_int_equal(result.n_different, 14); /* odd multiples of 7 from 105 to 287 */
            assert_int_equal(t.n, 164);
        }
    }
}

static void by_position_rows_are_numbered_over_all_batches(void **state)
{
    (void)state;
    dzr_error err;
    told t = {0};
    dzr_compare_result result;
    const setting s = {{NULL, 0, 1000, 33, 500, DZR_OK}, {NULL, 0, 1002, 700, 2000, DZR_OK}, 0, false, 1000};
    assert_ok(compare(&s, NULL, &t, &result, &err));
    assert_int_equal(result.n_different, 1); /* row 500 */
    assert_int_equal(result.n_only_b, 2);
    assert_int_equal(t.sum_a, 500 - 1 - 1);
    assert_int_equal(t.sum_b, 500 + 1000 + 1001);
}

static void no_more_are_told_than_asked_for_but_all_are_counted(void **state)
{
    (void)state;
    dzr_error err;
    told t = {0};
    dzr_compare_result result;
    const setting s = {{NULL, 0, 100, 10, 1, DZR_OK}, {NULL, 0, 100, 10, 1000, DZR_OK}, 0, false, 3};
    assert_ok(compare(&s, NULL, &t, &result, &err));
    assert_int_equal(t.n, 3);
    assert_int_equal(result.n_different, 99); /* 0 is a multiple of both */
}

static void errors_of_sources_and_callbacks_end_it(void **state)
{
    (void)state;
    dzr_error err;
    dzr_compare_result result = {.n_rows_a = -7};
    for (int by_key = 0; by_key <= 1; by_key++) {
        told t = {0};
        const setting broken = {{NULL, 0, 10, 3, 1, DZR_ERR_CORRUPT}, {NULL, 0, 10, 3, 1, DZR_OK}, 0, by_key, 3};
        assert_fails(compare(&broken, NULL, &t, &result, &err), DZR_ERR_CORRUPT, "the source broke");
        t.answer = DZR_ERR_CANCELLED;
        const setting ended = {{NULL, 0, 10, 3, 1, DZR_OK}, {NULL, 5, 10, 3, 1, DZR_OK}, (size_t)by_key, by_key, 3};
        assert_fails(compare(&ended, NULL, &t, &result, &err), DZR_ERR_CANCELLED, "enough");
        assert_int_equal(t.n, 1);
    }
    assert_int_equal(result.n_rows_a, -7); /* left alone */
}

static dzr_status attempt(const dzr_allocator *alloc, void *ctx, dzr_error *err)
{
    told t = {0};
    dzr_compare_result result;
    return compare(ctx, alloc, &t, &result, err);
}

static void memory_that_runs_out_is_told(void **state)
{
    (void)state;
    setting s = {{NULL, 0, 300, 9, 7, DZR_OK}, {NULL, 100, 350, 90, 14, DZR_OK}, 0, true, 1000};
    assert_true(every_request_fails(attempt, &s) > 4);
    s.memory = 3000;
    assert_true(every_request_fails(attempt, &s) > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(the_same_is_found_however_batches_are_cut_and_memory_is_short),
            cmocka_unit_test(by_position_rows_are_numbered_over_all_batches),
            cmocka_unit_test(no_more_are_told_than_asked_for_but_all_are_counted),
            cmocka_unit_test(errors_of_sources_and_callbacks_end_it),
            cmocka_unit_test(memory_that_runs_out_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
