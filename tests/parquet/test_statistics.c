/* tests/parquet/test_statistics.c - bounds, exactness, nulls and NaN of a chunk, by the rules of parquet.thrift. */
#include "support.h"

#include "parquet/writer/writer.h"

#include <math.h>

/* ---- numbers ---- */

/* As the column of a type that is stored without a word from the caller. */
static const dzr_meta_statistics *finish_type(dzr_minmax *minmax, dzr_type type, dzr_meta_statistics *out)
{
    dzr_error err;
    const dzr_field field = {.name = "x", .type = type};
    dzr_schema *schema = NULL;
    dzr_arena arena;
    dzr_tree tree = {0};
    dzr__arena_init(&arena, NULL, 0);
    assert_ok(dzr_schema_new(&field, 1, NULL, &schema, &err));
    assert_ok(dzr__tree_make(schema, &arena, &tree, &err));
    *out = (dzr_meta_statistics){0};
    dzr__minmax_finish(minmax, &tree.leaves[0], out);
    dzr__arena_fini(&arena);
    dzr_schema_free(schema);
    return out;
}

static const dzr_meta_statistics *finish(dzr_minmax *minmax, dzr_type_id id, dzr_meta_statistics *out)
{
    return finish_type(minmax, (dzr_type){.id = id}, out);
}

static dzr_column column_of(dzr_type_id id, const void *values, int64_t n)
{
    return (dzr_column){.type = {.id = id}, .n_rows = n, .values = values};
}

#define ASSERT_BOUNDS(id, dense_id, type, low, high, ...)                                                              \
    do {                                                                                                               \
        const type in[] = {__VA_ARGS__};                                                                               \
        const int64_t n = sizeof in / sizeof *in;                                                                      \
        const type want_low = low, want_high = high;                                                                   \
        for (int64_t cut = 0; cut <= n; cut++) { /* at once and in two parts: the same */                              \
            dzr_minmax minmax = {0};                                                                                   \
            dzr_meta_statistics out;                                                                                   \
            const dzr_column first = column_of(dense_id, in, cut), second = column_of(dense_id, in + cut, n - cut);    \
            dzr__minmax_add(&minmax, &first);                                                                          \
            dzr__minmax_add(&minmax, &second);                                                                         \
            finish(&minmax, id, &out);                                                                                 \
            assert_int_equal(out.min_value.len, sizeof(type));                                                         \
            assert_memory_equal(out.min_value.at, &want_low, sizeof(type));                                            \
            assert_memory_equal(out.max_value.at, &want_high, sizeof(type));                                           \
            assert_true(out.min_exact &&out.max_exact);                                                                \
            assert_int_equal(out.has & 0x1e0, 0x1e0);                                                                  \
        }                                                                                                              \
    } while (0)

static void integers_are_ordered_by_their_sign(void **state)
{
    (void)state;
    ASSERT_BOUNDS(DZR_TYPE_INT32, DZR_TYPE_INT32, int32_t, INT32_MIN, INT32_MAX, 5, -1, INT32_MIN, 3, INT32_MAX, 0, 7);
    ASSERT_BOUNDS(DZR_TYPE_INT8, DZR_TYPE_INT32, int32_t, -3, 5, 5, -3, 4);
    ASSERT_BOUNDS(DZR_TYPE_UINT32, DZR_TYPE_UINT32, uint32_t, 1, UINT32_MAX, 1, UINT32_MAX, 0x7fffffff);
    ASSERT_BOUNDS(DZR_TYPE_INT64, DZR_TYPE_INT64, int64_t, INT64_MIN, 9, 9, INT64_MIN, -1, 2, 3, 4, 5);
    ASSERT_BOUNDS(DZR_TYPE_UINT64, DZR_TYPE_UINT64, uint64_t, 2, UINT64_MAX, UINT64_MAX, 2, 3);
    ASSERT_BOUNDS(DZR_TYPE_DATE, DZR_TYPE_INT32, int32_t, -719162, 0, 0, -719162);
    ASSERT_BOUNDS(DZR_TYPE_TIMESTAMP, DZR_TYPE_INT64, int64_t, 7, 7, 7);
    ASSERT_BOUNDS(DZR_TYPE_INT64, DZR_TYPE_INT64, int64_t, INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX);
}

static void zeros_stand_for_both_zeros(void **state)
{
    (void)state;
    ASSERT_BOUNDS(DZR_TYPE_DOUBLE, DZR_TYPE_DOUBLE, double, -0.0, 0.0, 0.0);
    ASSERT_BOUNDS(DZR_TYPE_DOUBLE, DZR_TYPE_DOUBLE, double, -0.0, 0.0, -0.0);
    ASSERT_BOUNDS(DZR_TYPE_DOUBLE, DZR_TYPE_DOUBLE, double, -0.0, 2, 0.0, 2);
    ASSERT_BOUNDS(DZR_TYPE_DOUBLE, DZR_TYPE_DOUBLE, double, -1, 0.0, -1, -0.0);
    ASSERT_BOUNDS(DZR_TYPE_FLOAT, DZR_TYPE_FLOAT, float, -0.0f, 0.0f, 0.0f, -0.0f, 0.0f);
    ASSERT_BOUNDS(DZR_TYPE_FLOAT, DZR_TYPE_FLOAT, float, -1.5f, 1.5f, 1.5f, 0.0f, -1.5f);
}

static void nan_is_no_bound(void **state)
{
    (void)state;
    const double nan64 = NAN;
    ASSERT_BOUNDS(DZR_TYPE_DOUBLE, DZR_TYPE_DOUBLE, double, 1, 2, nan64, 1, nan64, 2, nan64);
    ASSERT_BOUNDS(DZR_TYPE_DOUBLE, DZR_TYPE_DOUBLE, double, -INFINITY, INFINITY, nan64, INFINITY, -INFINITY);
    ASSERT_BOUNDS(
            DZR_TYPE_DOUBLE, DZR_TYPE_DOUBLE, double, INFINITY, INFINITY, nan64, INFINITY, nan64, nan64, nan64, nan64);
    ASSERT_BOUNDS(DZR_TYPE_FLOAT, DZR_TYPE_FLOAT, float, 1, 1, NAN, 1, NAN, NAN, NAN, NAN, NAN);
}

static void nan_alone_gives_no_bounds_and_its_count(void **state)
{
    (void)state;
    const double in[5] = {NAN, -NAN, NAN, NAN, NAN};
    const dzr_column values = column_of(DZR_TYPE_DOUBLE, in, 5);
    dzr_minmax minmax = {0};
    dzr_meta_statistics out;
    dzr__minmax_add(&minmax, &values);
    dzr__minmax_count_nan(&minmax, &values);
    finish(&minmax, DZR_TYPE_DOUBLE, &out);
    assert_int_equal(out.has, 1u << DZR_STATISTICS_NAN_COUNT);
    assert_int_equal(out.nan_count, 5);
}

static void a_count_of_nan_is_for_floating_point_alone(void **state)
{
    (void)state;
    dzr_minmax minmax = {0};
    dzr_meta_statistics out;
    assert_int_equal(finish(&minmax, DZR_TYPE_INT32, &out)->has, 0);
    assert_int_equal(finish(&minmax, DZR_TYPE_STRING, &out)->has, 0);
    assert_int_equal(finish(&minmax, DZR_TYPE_FLOAT, &out)->has, 1u << DZR_STATISTICS_NAN_COUNT);
    assert_int_equal(out.nan_count, 0);
}

static void false_comes_before_true(void **state)
{
    (void)state;
    static const struct {
        uint8_t bits;
        int64_t n;
        uint8_t low, high;
    } cases[] = {{0x00, 3, 0, 0}, {0x07, 3, 1, 1}, {0x02, 3, 0, 1}, {0xf8, 3, 0, 0}};
    for (size_t i = 0; i < 4; i++) {
        const dzr_column values = column_of(DZR_TYPE_BOOL, &cases[i].bits, cases[i].n);
        dzr_minmax minmax = {0};
        dzr_meta_statistics out;
        dzr__minmax_add(&minmax, &values);
        finish(&minmax, DZR_TYPE_BOOL, &out);
        assert_int_equal(out.min_value.len, 1);
        assert_int_equal(out.min_value.at[0], cases[i].low);
        assert_int_equal(out.max_value.at[0], cases[i].high);
    }
}

/* ---- values of one length ---- */

static void halves_are_ordered_by_value_with_the_rules_of_floats(void **state)
{
    (void)state;
    ASSERT_BOUNDS(DZR_TYPE_HALF, DZR_TYPE_HALF, uint16_t, 0xc000, 0x4000, 0x4000, 0xc000, 0x3c00, 0xbc00);
    ASSERT_BOUNDS(DZR_TYPE_HALF, DZR_TYPE_HALF, uint16_t, 0xfc00, 0x7c00, 0x7e00, 0x7c00, 0xfc00, 0xfe00, 0x0001);
    ASSERT_BOUNDS(DZR_TYPE_HALF, DZR_TYPE_HALF, uint16_t, 0x8000, 0x0000, 0x0000);
    ASSERT_BOUNDS(DZR_TYPE_HALF, DZR_TYPE_HALF, uint16_t, 0x8000, 0x3c00, 0x0000, 0x3c00);
    ASSERT_BOUNDS(DZR_TYPE_HALF, DZR_TYPE_HALF, uint16_t, 0xbc00, 0x0000, 0x8000, 0xbc00);
    const uint16_t nan[] = {0x7c01, 0xffff, 0x7e00};
    const dzr_column values = column_of(DZR_TYPE_HALF, nan, 3);
    dzr_minmax minmax = {0};
    dzr_meta_statistics out;
    dzr__minmax_add(&minmax, &values);
    dzr__minmax_count_nan(&minmax, &values);
    finish(&minmax, DZR_TYPE_HALF, &out);
    assert_int_equal(out.has, 1u << DZR_STATISTICS_NAN_COUNT);
    assert_int_equal(out.nan_count, 3);
}

/* Bits of halves; in total order the column has them as they stand. */
static const struct {
    const char *proves;
    uint16_t in[4], min, max;
} total_orders[] = {
        {"numbers_by_value", {0x3c00, 0xc000, 0x4000, 0x0001}, 0xc000, 0x4000},
        {"a_zero_keeps_its_sign", {0x0000, 0x0000, 0x3c00, 0x3c00}, 0x0000, 0x3c00},
        {"minus_zero_comes_first", {0x0000, 0x8000, 0x0000, 0x8000}, 0x8000, 0x0000},
        {"minus_zero_alone", {0x8000, 0x8000, 0x8000, 0x8000}, 0x8000, 0x8000},
        {"nan_is_passed_over", {0x7e00, 0x7c00, 0xfe00, 0xfc00}, 0xfc00, 0x7c00},
        {"nan_alone_by_sign_and_bits", {0x7e00, 0xfe01, 0x7c01, 0xfe00}, 0xfe01, 0x7e00},
        {"positive_nan_alone", {0x7fff, 0x7c01, 0x7e00, 0x7e00}, 0x7c01, 0x7fff},
};

static void assert_total_order(size_t i, dzr_type_id id, const void *in, const void *min, const void *max, size_t size)
{
    for (int64_t cut = 0; cut <= 4; cut++) { /* at once, in two parts, and in two that are merged */
        dzr_minmax minmax = {.total = true}, more = {.total = true};
        dzr_meta_statistics out;
        const dzr_column first = column_of(id, in, cut),
                         second = column_of(id, (const uint8_t *)in + size * (size_t)cut, 4 - cut);
        dzr__minmax_add(&minmax, &first);
        dzr__minmax_add(cut == 2 ? &minmax : &more, &second);
        dzr__minmax_merge(&minmax, &more);
        finish(&minmax, id, &out);
        if (out.min_value.len != size || memcmp(out.min_value.at, min, size) != 0 || !out.min_exact)
            fail_msg("%s: min of type %d", total_orders[i].proves, (int)id);
        if (out.max_value.len != size || memcmp(out.max_value.at, max, size) != 0 || !out.max_exact)
            fail_msg("%s: max of type %d", total_orders[i].proves, (int)id);
    }
}

/* The same sign, the highest bits of the exponent, and the payload for another width: what matters is kept. */
static uint64_t wider(uint16_t half, uint32_t fraction, uint64_t exponents)
{
    const uint64_t sign = half >> 15, exponent = (half >> 10 & 0x1f) == 0x1f ? exponents : half >> 10 & 0x1f;
    const uint64_t bits = exponents == 0xff ? 31 : 63;
    return sign << bits | exponent << fraction | (half & 0x3ffu);
}

static void total_order_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof total_orders / sizeof *total_orders; i++) {
        uint16_t half[6];
        uint32_t single[6];
        uint64_t whole[6];
        memcpy(half, total_orders[i].in, sizeof total_orders[i].in);
        half[4] = total_orders[i].min;
        half[5] = total_orders[i].max;
        for (int k = 0; k < 6; k++) {
            single[k] = (uint32_t)wider(half[k], 23, 0xff);
            whole[k] = wider(half[k], 52, 0x7ff);
        }
        assert_total_order(i, DZR_TYPE_HALF, half, half + 4, half + 5, sizeof *half);
        assert_total_order(i, DZR_TYPE_FLOAT, single, single + 4, single + 5, sizeof *single);
        assert_total_order(i, DZR_TYPE_DOUBLE, whole, whole + 4, whole + 5, sizeof *whole);
    }
}

static const struct {
    const char *proves;
    dzr_type type;
    int32_t width;
    const char *in; /* values, one after the other */
    int64_t n;
    const char *min, *max;
} fixed[] = {
        {"bytes_are_unsigned", {.id = DZR_TYPE_FIXED, .width = 2}, 2, "\x7f\xff\x80\x00\x01\x02", 3, "\x01\x02",
                "\x80\x00"},
        {"one_byte", {.id = DZR_TYPE_FIXED, .width = 1}, 1, "\xff\x01\x02", 3, "\x01", "\xff"},
        {"a_decimal_has_a_sign", {.id = DZR_TYPE_DECIMAL, .precision = 20}, 9,
                "\x01\x01\x01\x01\x01\x01\x01\x01\x01\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff\xff\xff\xff\xff"
                "\xff"
                "\xff",
                3, "\xff\xff\xff\xff\xff\xff\xff\xff\xfe", "\x01\x01\x01\x01\x01\x01\x01\x01\x01"},
        {"a_uuid_has_none", {.id = DZR_TYPE_UUID}, 16, "\xff...............\x01...............", 2,
                "\x01...............", "\xff..............."},
};

static void fixed_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
        const size_t width = (size_t)fixed[i].width;
        dzr_meta_statistics out;
        dzr_minmax minmax = {0}, first = {0};
        dzr_column values = column_of(DZR_TYPE_FIXED, fixed[i].in, 1);
        values.type.width = fixed[i].width;
        values.type.precision = fixed[i].type.precision;
        dzr__minmax_add(&first, &values);
        dzr__minmax_merge(&minmax, &first);
        values.values = fixed[i].in + width;
        values.n_rows = fixed[i].n - 1;
        dzr__minmax_add(&minmax, &values);
        finish_type(&minmax, fixed[i].type, &out);
        if (out.min_value.len != width || memcmp(out.min_value.at, fixed[i].min, width) != 0 || !out.min_exact)
            fail_msg("%s: min", fixed[i].proves);
        if (out.max_value.len != width || memcmp(out.max_value.at, fixed[i].max, width) != 0 || !out.max_exact)
            fail_msg("%s: max", fixed[i].proves);
    }
}

static void values_longer_than_a_bound_have_none(void **state)
{
    (void)state;
    static const uint8_t in[2][DZR_BOUND_BYTES + 1] = {{1}, {2}};
    for (int32_t width = DZR_BOUND_BYTES; width <= DZR_BOUND_BYTES + 1; width++) {
        dzr_meta_statistics out;
        dzr_minmax minmax = {0};
        dzr_column values = column_of(DZR_TYPE_FIXED, in, 1);
        values.type.width = width;
        dzr__minmax_add(&minmax, &values);
        finish_type(&minmax, values.type, &out);
        assert_int_equal(DZR_HAS(&out, DZR_STATISTICS_MIN_VALUE), width == DZR_BOUND_BYTES);
    }
}

/* ---- strings ---- */

#define A16 "aaaaaaaaaaaaaaaa"
#define A60 A16 A16 A16 "aaaaaaaaaaaa"
#define A63 A60 "aaa"
#define A64 A63 "a"
#define F16 "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
#define TOP "\xf4\x8f\xbf\xbf" /* U+10FFFF */
#define TOP16 TOP TOP TOP TOP

static const struct {
    const char *proves;
    dzr_type_id type;
    const char *in[4]; /* up to the first NULL */
    const char *min;
    bool min_exact;
    const char *max; /* NULL: there is none */
    bool max_exact;
} strings[] = {
        {"one_value", DZR_TYPE_STRING, {"b"}, "b", true, "b", true},
        {"an_empty_string_is_the_least", DZR_TYPE_STRING, {"b", "", "a"}, "", true, "b", true},
        {"a_prefix_comes_first", DZR_TYPE_STRING, {"abcd", "abc", "abcde"}, "abc", true, "abcde", true},
        {"bytes_are_unsigned", DZR_TYPE_BINARY, {"\x7f", "\x80", "\xff", "\x01"}, "\x01", true, "\xff", true},
        {"the_first_four_bytes_alone_do_not_decide", DZR_TYPE_STRING, {"aaaab", "aaaac", "aaaaa"}, "aaaaa", true,
                "aaaac", true},
        {"a_long_value_among_short_ones", DZR_TYPE_STRING, {"abcdefghijklmnop", "abcdefghijkl", "abcdefghijklm"},
                "abcdefghijkl", true, "abcdefghijklmnop", true},
        {"64_bytes_are_whole", DZR_TYPE_STRING, {A64}, A64, true, A64, true},
        {"65_bytes_are_cut", DZR_TYPE_STRING, {A64 "a"}, A64, false, A63 "b", false},
        {"whole_min_and_cut_max_with_the_same_64_bytes", DZR_TYPE_STRING, {A64 "b", A64}, A64, true, A63 "b", false},
        {"cut_min_is_not_above_the_value", DZR_TYPE_BINARY, {A64 "\xff", "b"}, A64, false, "b", true},
        {"bytes_of_ff_at_the_end_go", DZR_TYPE_BINARY, {A60 "\xff\xff\xff\xff\x01"}, A60 "\xff\xff\xff\xff", false,
                A16 A16 A16 "aaaaaaaaaaab", false},
        {"nothing_but_ff_has_no_max", DZR_TYPE_BINARY, {F16 F16 F16 F16 "\x01"}, F16 F16 F16 F16, false, NULL, false},
        {"64_bytes_of_ff_are_whole", DZR_TYPE_BINARY, {F16 F16 F16 F16}, F16 F16 F16 F16, true, F16 F16 F16 F16, true},
        {"a_character_across_the_cut_goes", DZR_TYPE_STRING, {A63 "\xc3\xa9"}, A63, false,
                A16 A16 A16 "aaaaaaaaaaaaaab", false},
        {"a_character_of_4_across_the_cut_goes", DZR_TYPE_STRING, {A60 "a\xf0\x9f\x98\x80"}, A60 "a", false, A60 "b",
                false},
        {"a_whole_character_at_the_cut_grows", DZR_TYPE_STRING, {A60 "aa\xc3\xa9z"}, A60 "aa\xc3\xa9", false,
                A60 "aa\xc3\xaa", false},
        {"growing_carries_within_a_character", DZR_TYPE_STRING, {A60 "aa\xc3\xbfz"}, A60 "aa\xc3\xbf", false,
                A60 "aa\xc4\x80", false},
        {"surrogates_are_passed_over", DZR_TYPE_STRING, {A60 "a\xed\x9f\xbfz"}, A60 "a\xed\x9f\xbf", false,
                A60 "a\xee\x80\x80", false},
        {"7f_would_need_more_bytes_so_the_one_before_grows", DZR_TYPE_STRING, {A63 "\x7fz"}, A63 "\x7f", false,
                A16 A16 A16 "aaaaaaaaaaaaaab", false},
        {"the_last_of_all_characters_can_not_grow", DZR_TYPE_STRING, {TOP16 TOP16 TOP16 TOP16 "a"},
                TOP16 TOP16 TOP16 TOP16, false, NULL, false},
        {"the_last_character_goes_and_the_one_before_grows", DZR_TYPE_STRING, {A60 TOP "a"}, A60 TOP, false,
                A16 A16 A16 "aaaaaaaaaaab", false},
};

static void string_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
        dzr_view views[4];
        dzr_bytes data[4];
        int64_t n = 0;
        for (; n < 4 && strings[i].in[n] != NULL; n++) {
            const size_t len = strlen(strings[i].in[n]);
            data[n] = (dzr_bytes){(const uint8_t *)strings[i].in[n], len};
            views[n] = dzr__view(data[n].at, (int32_t)len, (int32_t)n, 0);
        }
        const dzr_column values = {
                .type = {.id = strings[i].type}, .n_rows = n, .values = views, .data = data, .n_data = (int32_t)n};
        dzr_minmax minmax = {0};
        dzr_meta_statistics out;
        dzr__minmax_add(&minmax, &values);
        finish(&minmax, strings[i].type, &out);
        const bool has_max = DZR_HAS(&out, DZR_STATISTICS_MAX_VALUE);
        if (!DZR_HAS(&out, DZR_STATISTICS_MIN_VALUE) || out.min_value.len != strlen(strings[i].min) ||
                memcmp(out.min_value.at, strings[i].min, out.min_value.len) != 0 ||
                out.min_exact != strings[i].min_exact)
            fail_msg("%s: min is %.*s", strings[i].proves, (int)out.min_value.len, (const char *)out.min_value.at);
        if (has_max != (strings[i].max != NULL))
            fail_msg("%s: max is there or not", strings[i].proves);
        if (has_max && (out.max_value.len != strlen(strings[i].max) ||
                               memcmp(out.max_value.at, strings[i].max, out.max_value.len) != 0 ||
                               out.max_exact != strings[i].max_exact))
            fail_msg("%s: max is %.*s", strings[i].proves, (int)out.max_value.len, (const char *)out.max_value.at);
        assert_true(
                strings[i].type != DZR_TYPE_STRING || (dzr__utf8_valid(out.min_value.at, out.min_value.len) &&
                                                              dzr__utf8_valid(out.max_value.at, out.max_value.len)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(integers_are_ordered_by_their_sign),
            cmocka_unit_test(zeros_stand_for_both_zeros),
            cmocka_unit_test(nan_is_no_bound),
            cmocka_unit_test(nan_alone_gives_no_bounds_and_its_count),
            cmocka_unit_test(a_count_of_nan_is_for_floating_point_alone),
            cmocka_unit_test(false_comes_before_true),
            cmocka_unit_test(halves_are_ordered_by_value_with_the_rules_of_floats),
            cmocka_unit_test(total_order_table),
            cmocka_unit_test(fixed_table),
            cmocka_unit_test(values_longer_than_a_bound_have_none),
            cmocka_unit_test(string_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
