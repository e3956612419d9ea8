/* tests/query/test_summary.c - a column's summary against what a plain loop says: counts, distinct values, moments,
 * bins; and that neither threads nor a failed allocation change or lose anything. */
#include "support.h"

#include "alloc_nth.h"
#include "query/sketch.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t next_random(uint64_t *state)
{
    *state += UINT64_C(0x9e3779b97f4a7c15);
    return dzr__hash_word(*state);
}

/* ---- sketches ---- */

static void counts_are_exact_while_there_are_few(void **state)
{
    (void)state;
    dzr_error err;
    dzr__counts counts;
    dzr__count *top = NULL;
    int32_t n_top = 0;
    dzr__counts_init(&counts, NULL);
    for (uint64_t i = 0; i < DZR_SUMMARY_VALUES; i++)
        for (uint64_t k = 0; k <= i % 7; k++)
            assert_ok(dzr__counts_word(&counts, i, &err));
    assert_int_equal(dzr__counts_distinct(&counts), DZR_SUMMARY_VALUES);
    assert_null(counts.registers);
    assert_ok(dzr__counts_top(&counts, 3, &top, &n_top, &err));
    assert_int_equal(n_top, 3);
    for (uint64_t i = 0; i < 3; i++) {
        assert_int_equal(top[i].key, 6 + 7 * i);
        assert_int_equal(top[i].n, 7);
    }
    dzr_release(NULL, top);
    dzr__counts_fini(&counts);
}

/* Of a million values a tenth is one of ten; the rest never comes twice. */
static void frequent_values_are_found_among_very_many(void **state)
{
    (void)state;
    enum { N = 1000000 };
    dzr_error err;
    dzr__counts counts;
    dzr__count *top = NULL;
    int32_t n_top = 0;
    int64_t truth[10] = {0};
    uint64_t random = 7;
    dzr__counts_init(&counts, NULL);
    for (uint64_t i = 0; i < N; i++) {
        char text[40];
        const uint64_t draw = next_random(&random);
        const bool frequent = draw % 10 == 0;
        const unsigned which = (unsigned)(draw >> 32) % 10;
        const int len = frequent ? snprintf(text, sizeof text, "frequent %u", which)
                                 : snprintf(text, sizeof text, "value %llu", (unsigned long long)i);
        truth[which] += frequent;
        assert_ok(dzr__counts_bytes(&counts, (dzr_bytes){(const uint8_t *)text, (size_t)len}, &err));
    }
    assert_true(counts.forgotten > 0 && counts.forgotten <= N / 2048);
    assert_ok(dzr__counts_top(&counts, 20, &top, &n_top, &err));
    assert_int_equal(n_top, 10);
    for (int i = 0; i < n_top; i++) {
        const dzr_bytes key = dzr__counts_key(&counts, &top[i]);
        const int64_t is = truth[key.at[key.len - 1] - '0'];
        assert_true(top[i].n <= is && is <= top[i].n + counts.forgotten);
    }
    const double distinct = (double)dzr__counts_distinct(&counts), real = N - N / 10.0 + 10;
    assert_true(fabs(distinct / real - 1) < 3 * 0.0081);
    dzr_release(NULL, top);
    dzr__counts_fini(&counts);
}

static void the_estimate_is_as_good_as_promised_at_every_size(void **state)
{
    (void)state;
    static uint8_t registers[DZR__HLL_REGISTERS];
    double squares = 0;
    int n = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        memset(registers, 0, sizeof registers);
        uint64_t next = 1000;
        for (uint64_t i = 1; i <= 300000; i++) {
            dzr__hll_add(registers, dzr__hash_word(seed << 40 | i));
            if (i != next)
                continue;
            const double off = dzr__hll_estimate(registers) / (double)i - 1;
            assert_true(fabs(off) < 4 * 0.0081);
            squares += off * off;
            n++;
            next += next / 2;
        }
    }
    assert_true(sqrt(squares / n) < 0.0081);
    memset(registers, 0, sizeof registers);
    assert_true(dzr__hll_estimate(registers) == 0);
}

/* Each bin has what a loop finds between its edges. */
static void check_double_bins(const double *values, size_t n)
{
    dzr_error err;
    dzr__bins bins = {.n = NULL};
    int64_t joined[32], width = 0, total = 0;
    int32_t n_joined = 0;
    for (size_t i = 0; i < n; i += 3)
        assert_ok(dzr__bins_doubles(&bins, values + i, DZR_MIN((size_t)3, n - i), NULL, &err));
    dzr__bins_join(&bins, 32, joined, &n_joined, &width);
    for (int32_t i = 0; i < n_joined; i++) {
        const double from = dzr__bins_double_edge(&bins, width, i), to = dzr__bins_double_edge(&bins, width, i + 1);
        int64_t inside = 0;
        for (size_t k = 0; k < n; k++)
            inside += values[k] >= from && values[k] < to;
        assert_int_equal(joined[i], inside);
        total += inside;
    }
    assert_int_equal(total, n);
    dzr_release(NULL, bins.n);
}

static void bins_of_doubles_count_what_is_between_their_edges(void **state)
{
    (void)state;
    enum { N = 3000 };
    static double values[N];
    uint64_t random = 3;
    for (size_t i = 0; i < N; i++)
        values[i] = (double)(next_random(&random) >> 11) * 0x1p-53 * 200 - 100;
    check_double_bins(values, N);
    for (size_t i = 0; i < N; i++)
        values[i] = (double)i;
    check_double_bins(values, N);
    for (size_t i = 0; i < N; i++)
        values[i] = -(double)i / 7;
    check_double_bins(values, N);
    const double extremes[] = {0, 5e-324, -5e-324, 1, -1, 1e300, -1e300, DBL_MAX, -DBL_MAX, DBL_MIN, 1e-300, 3, 4};
    check_double_bins(extremes, sizeof extremes / sizeof *extremes);
    const double same[] = {0.1, 0.1, 0.1, 0.1};
    check_double_bins(same, 4);
}

static void check_int_bins(const int64_t *values, size_t n)
{
    dzr_error err;
    dzr__bins bins = {.n = NULL};
    int64_t joined[10], width = 0, total = 0;
    int32_t n_joined = 0;
    assert_ok(dzr__bins_ints(&bins, values, n, NULL, &err));
    dzr__bins_join(&bins, 10, joined, &n_joined, &width);
    for (int32_t i = 0; i < n_joined; i++) {
        const int64_t from = dzr__bins_int_edge(&bins, width, i), to = dzr__bins_int_edge(&bins, width, i + 1);
        int64_t inside = 0;
        for (size_t k = 0; k < n; k++)
            inside += values[k] >= from && (values[k] < to || (to == INT64_MAX && i == n_joined - 1));
        assert_int_equal(joined[i], inside);
        total += inside;
    }
    assert_int_equal(total, n);
    dzr_release(NULL, bins.n);
}

static void bins_of_ints_count_what_is_between_their_edges(void **state)
{
    (void)state;
    static int64_t values[3000];
    uint64_t random = 5;
    for (size_t i = 0; i < 3000; i++)
        values[i] = (int64_t)next_random(&random);
    check_int_bins(values, 3000);
    for (size_t i = 0; i < 3000; i++)
        values[i] = (int64_t)(i * i) - 100000;
    check_int_bins(values, 3000);
    const int64_t extremes[] = {INT64_MIN, INT64_MIN + 1, INT64_MAX, 0, -1};
    check_int_bins(extremes, 5);
    check_int_bins(extremes, 2);
    const int64_t down[] = {5, 4, 3, -200, -300, 7, INT64_MIN};
    check_int_bins(down, 7);
    check_int_bins(down, 6);
}

/* ---- summaries ---- */

static const dzr_field fields[] = {
        {.name = "i", .type = {.id = DZR_TYPE_INT32}, .nullable = true},
        {.name = "u", .type = {.id = DZR_TYPE_UINT64}},
        {.name = "d", .type = {.id = DZR_TYPE_DOUBLE}, .nullable = true},
        {.name = "s", .type = {.id = DZR_TYPE_STRING}, .nullable = true},
        {.name = "b", .type = {.id = DZR_TYPE_BOOL}},
        {.name = "m", .type = {.id = DZR_TYPE_DECIMAL, .precision = 30, .scale = 2}},
};
enum { N_FIELDS = 6, N_ROWS = 5000 };

static dzr_batch *make_batch(dzr_schema *schema, int64_t from, int64_t n)
{
    dzr_error err;
    dzr_builder *b = NULL;
    dzr_batch *batch = NULL;
    assert_ok(dzr_builder_new(schema, NULL, &b, &err));
    for (int64_t i = from; i < from + n; i++) {
        char text[32];
        const int len = snprintf(text, sizeof text, "\xc3\xa4%lld", (long long)(i % 5));
        assert_ok(i % 4 == 0 ? dzr_builder_null(b, 0, &err) : dzr_builder_int(b, 0, i, &err));
        assert_ok(dzr_builder_uint(b, 1, UINT64_MAX - (uint64_t)i, &err));
        assert_ok(dzr_builder_double(b, 2, i % 10 == 9 ? (double)NAN : i % 2 ? -0.0 : 0.0, &err));
        assert_ok(dzr_builder_bytes(b, 3, (dzr_bytes){(const uint8_t *)text, (size_t)len}, &err));
        assert_ok(dzr_builder_bool(b, 4, i % 3 == 0, &err));
        assert_ok(dzr_builder_decimal(b, 5, dzr_decimal_from_int(-i * 100), &err));
    }
    assert_ok(dzr_builder_finish(b, &batch, &err));
    dzr_builder_free(b);
    return batch;
}

static dzr_status summarize(const dzr_allocator *alloc, int32_t threads, dzr_summary **out, dzr_error *err)
{
    dzr_error ignored;
    dzr_schema *schema = NULL;
    if (dzr_schema_new(fields, N_FIELDS, NULL, &schema, &ignored) != DZR_OK)
        fail();
    const dzr_summary_options options = {.alloc = alloc, .threads = threads, .n_top = 2, .n_bins = 10};
    dzr_status st = dzr_summary_new(schema, &options, out, err);
    for (int64_t from = 0; st == DZR_OK && from < N_ROWS; from += N_ROWS / 2) {
        dzr_batch *const batch = make_batch(schema, from, N_ROWS / 2);
        st = dzr_summary_add(*out, batch, err);
        dzr_batch_free(batch);
    }
    if (st == DZR_OK)
        st = dzr_summary_finish(*out, err);
    dzr_schema_free(schema);
    return st;
}

static void a_summary_says_what_is_there(void **state)
{
    (void)state;
    dzr_error err;
    dzr_summary *summary = NULL;
    assert_ok(summarize(NULL, 1, &summary, &err));
    assert_int_equal(dzr_summary_n_rows(summary), N_ROWS);
    assert_int_equal(dzr_summary_n_columns(summary), N_FIELDS);
    const dzr_summary_column *const i = dzr_summary_column_at(summary, 0);
    assert_string_equal(i->path, "i");
    assert_int_equal(i->n_values, 3750);
    assert_int_equal(i->n_nulls, 1250);
    assert_true(i->distinct_is_exact);
    assert_int_equal(i->n_distinct, 3750);
    assert_int_equal(((const int32_t *)dzr_batch_column(i->values, 0)->values)[0], 1);
    assert_int_equal(((const int32_t *)dzr_batch_column(i->values, 0)->values)[1], 4999);
    assert_true(i->mean == 2500);
    assert_int_equal(i->n_bins, 10);
    const dzr_summary_column *const u = dzr_summary_column_at(summary, 1);
    assert_false(u->distinct_is_exact);
    assert_true(llabs(u->n_distinct - N_ROWS) < 150);
    assert_true(((const uint64_t *)dzr_batch_column(u->values, 0)->values)[0] == UINT64_MAX - 4999);
    assert_true(((const uint64_t *)dzr_batch_column(u->values, 0)->values)[1] == UINT64_MAX);
    assert_true(fabs(u->stddev - 1443.5) < 0.1);
    const dzr_summary_column *const d = dzr_summary_column_at(summary, 2);
    assert_int_equal(d->n_nan, 500);
    assert_int_equal(d->n_distinct, 2); /* 0 and NaN */
    assert_int_equal(d->n_top, 1);
    assert_int_equal(d->top[0].at_least, 4500);
    assert_true(d->has_mean && d->mean == 0 && d->stddev == 0);
    const dzr_summary_column *const s = dzr_summary_column_at(summary, 3);
    assert_int_equal(s->n_distinct, 5);
    assert_int_equal(s->n_top, 2);
    assert_int_equal(s->top[1].at_least, 1000);
    assert_int_equal(s->top[1].at_most, 1000);
    assert_memory_equal(dzr_column_bytes(dzr_batch_column(s->values, 0), 3).at,
            "\xc3\xa4"
            "1",
            3);
    assert_int_equal(s->min_length, 2); /* characters */
    const dzr_summary_column *const b = dzr_summary_column_at(summary, 4);
    assert_int_equal(b->n_true, 1667);
    assert_false(b->has_mean);
    const dzr_summary_column *const m = dzr_summary_column_at(summary, 5);
    assert_true(fabs(m->mean + 2499.5) < 1e-9);
    assert_int_equal((int64_t)dzr_column_decimal(dzr_batch_column(m->values, 0), 0).word[0], -499900);
    dzr_summary_free(summary);
}

static void threads_change_nothing(void **state)
{
    (void)state;
    dzr_error err;
    dzr_summary *one = NULL, *three = NULL;
    assert_ok(summarize(NULL, 1, &one, &err));
    assert_ok(summarize(NULL, 3, &three, &err));
    for (int32_t i = 0; i < N_FIELDS; i++) {
        const dzr_summary_column *const a = dzr_summary_column_at(one, i), *const b = dzr_summary_column_at(three, i);
        assert_int_equal(a->n_distinct, b->n_distinct);
        assert_memory_equal(&a->mean, &b->mean, sizeof a->mean);
        assert_memory_equal(&a->stddev, &b->stddev, sizeof a->stddev);
        assert_int_equal(a->n_top, b->n_top);
        assert_memory_equal(a->top, b->top, (size_t)a->n_top * sizeof *a->top);
        assert_int_equal(a->n_bins, b->n_bins);
        if (a->n_bins > 0)
            assert_memory_equal(a->bins, b->bins, (size_t)a->n_bins * sizeof *a->bins);
    }
    dzr_summary_free(one);
    dzr_summary_free(three);
}

static dzr_status attempt(const dzr_allocator *alloc, void *ctx, dzr_error *err)
{
    (void)ctx;
    dzr_summary *summary = NULL;
    const dzr_status st = summarize(alloc, 1, &summary, err);
    dzr_summary_free(summary);
    return st;
}

static void memory_that_is_short_is_told(void **state)
{
    (void)state;
    assert_true(every_request_fails(attempt, NULL) > 50);
}

static void paths_have_the_names_on_the_way_down(void **state)
{
    (void)state;
    dzr_error err;
    const dzr_field element = {.name = "element", .type = {.id = DZR_TYPE_INT32}};
    const dzr_field inner = {.name = "b", .type = {.id = DZR_TYPE_LIST}, .children = &element, .n_children = 1};
    const dzr_field outer = {.name = "a", .type = {.id = DZR_TYPE_STRUCT}, .children = &inner, .n_children = 1};
    dzr_schema *schema = NULL;
    dzr_summary *summary = NULL;
    assert_ok(dzr_schema_new(&outer, 1, NULL, &schema, &err));
    assert_ok(dzr_summary_new(schema, NULL, &summary, &err));
    assert_ok(dzr_summary_finish(summary, &err));
    assert_int_equal(dzr_summary_n_columns(summary), 2);
    assert_string_equal(dzr_summary_column_at(summary, 0)->path, "a.b");
    assert_string_equal(dzr_summary_column_at(summary, 1)->path, "a.b.element");
    dzr_summary_free(summary);
    dzr_schema_free(schema);
}

static void a_column_without_values_says_nothing(void **state)
{
    (void)state;
    dzr_error err;
    dzr_schema *schema = NULL;
    dzr_summary *summary = NULL;
    assert_ok(dzr_schema_new(fields, N_FIELDS, NULL, &schema, &err));
    assert_ok(dzr_summary_new(schema, NULL, &summary, &err));
    assert_ok(dzr_summary_finish(summary, &err));
    for (int32_t i = 0; i < N_FIELDS; i++) {
        const dzr_summary_column *const c = dzr_summary_column_at(summary, i);
        assert_true(c->n_values == 0 && c->n_nulls == 0 && c->n_distinct == 0 && c->n_top == 0 && c->n_bins == 0);
        assert_false(c->has_bounds || c->has_mean || c->has_stddev || c->has_lengths);
        assert_null(c->values);
    }
    dzr_batch *const batch = make_batch(schema, 0, 1);
    assert_fails(dzr_summary_add(summary, batch, &err), DZR_ERR_ARG, "finished");
    dzr_batch_free(batch);
    dzr_summary_free(summary);
    dzr_schema_free(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(counts_are_exact_while_there_are_few),
            cmocka_unit_test(frequent_values_are_found_among_very_many),
            cmocka_unit_test(the_estimate_is_as_good_as_promised_at_every_size),
            cmocka_unit_test(bins_of_doubles_count_what_is_between_their_edges),
            cmocka_unit_test(bins_of_ints_count_what_is_between_their_edges),
            cmocka_unit_test(a_summary_says_what_is_there),
            cmocka_unit_test(threads_change_nothing),
            cmocka_unit_test(memory_that_is_short_is_told),
            cmocka_unit_test(a_column_without_values_says_nothing),
            cmocka_unit_test(paths_have_the_names_on_the_way_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
