/* tests/base/test_base.c - errors, memory, cursor, text, memory source and sink. */
#include "support.h"

#include "base/internal.h"
#include <datarizer/version.h>

#include <limits.h>

static void message_is_prefixed_and_keeps_numbers(void **state)
{
    (void)state;
    dzr_error err;
    assert_int_equal(dzr_fail(&err, DZR_ERR_CORRUPT, "page claims %d values", 500), DZR_ERR_CORRUPT);
    err.offset = 4711;
    assert_int_equal(dzr_fail_at(&err, DZR_ERR_CORRUPT, "%s: ", "a.parquet"), DZR_ERR_CORRUPT);
    assert_string_equal(err.message, "a.parquet: page claims 500 values");
    assert_int_equal(err.offset, 4711);
    assert_int_equal(err.row_group, -1);
    assert_int_equal(dzr_fail(NULL, DZR_ERR_IO, "nobody reads this"), DZR_ERR_IO);
    assert_int_equal(dzr_fail_at(NULL, DZR_ERR_IO, "nor this"), DZR_ERR_IO);
}

static void long_message_is_cut_at_a_character(void **state)
{
    (void)state;
    char text[4 * DZR_ERROR_BYTES];
    for (size_t shift = 0; shift < 4; shift++) {
        memset(text, 'x', shift);
        for (size_t i = shift; i + 4 < sizeof text; i += 3)
            memcpy(text + i, "\xe2\x82\xac", 4);
        dzr_error err;
        (void)dzr_fail(&err, DZR_ERR_IO, "%s", text);
        assert_true(strlen(err.message) >= DZR_ERROR_BYTES - 4);
        assert_true(dzr__utf8_valid(err.message, strlen(err.message)));
        (void)dzr_fail_at(&err, DZR_ERR_IO, "place: ");
        assert_true(strlen(err.message) >= DZR_ERROR_BYTES - 4);
        assert_memory_equal(err.message, "place: ", 7);
        assert_true(dzr__utf8_valid(err.message, strlen(err.message)));
    }
}

static void every_status_has_name_and_text(void **state)
{
    (void)state;
    assert_string_equal(dzr_status_name(DZR_ERR_LIMIT), "DZR_ERR_LIMIT");
    assert_string_equal(dzr_status_text(DZR_ERR_LIMIT), "beyond a limit");
    assert_string_equal(dzr_status_name((dzr_status)999), "unknown status");
    assert_string_equal(dzr_version(), DZR_VERSION);
}

static void a_product_that_overflows_is_no_memory(void **state)
{
    (void)state;
    dzr_error err;
    assert_null(dzr_alloc_array(NULL, SIZE_MAX / 2, 3, &err));
    assert_int_equal(err.status, DZR_ERR_NOMEM);
    uint8_t *const block = dzr_alloc_zeroed(NULL, 100, 1, &err);
    assert_int_equal((uintptr_t)block % DZR_ALIGN, 0);
    assert_int_equal(block[99], 0);
    dzr_release(NULL, block);
    dzr_release(NULL, NULL);
}

static void arena_keeps_its_ceiling(void **state)
{
    (void)state;
    dzr_error err;
    dzr_arena arena;
    dzr__arena_init(&arena, NULL, 10000);
    assert_non_null(dzr__arena_zeroed(&arena, 0, 16, &err));
    for (int i = 0; i < 100; i++) {
        uint8_t *const at = dzr__arena_zeroed(&arena, 1, 90, &err);
        assert_non_null(at);
        assert_int_equal((uintptr_t)at % 16, 0);
        memset(at, 0xff, 90);
    }
    assert_null(dzr__arena_zeroed(&arena, 1, 500, &err));
    assert_int_equal(err.status, DZR_ERR_LIMIT);
    assert_string_equal(dzr__arena_text(&arena, "abcd", 3, &err), "abc");
    dzr__arena_fini(&arena);
}

static void buffer_grows_to_its_ceiling_and_no_further(void **state)
{
    (void)state;
    dzr_error err;
    dzr_bytebuf buf = {.max_bytes = 1000};
    for (int i = 0; i < 100; i++)
        assert_ok(dzr__bytebuf_append(&buf, "0123456789", 10, &err));
    assert_fails(dzr__bytebuf_append(&buf, "x", 1, &err), DZR_ERR_LIMIT, "1000 bytes");
    assert_int_equal(buf.len, 1000);
    assert_memory_equal(buf.at + 990, "0123456789", 10);
    dzr__bytebuf_fini(&buf);
}

static const struct {
    const char *proves;
    uint8_t in[11];
    size_t len;
    dzr_status want;
    uint64_t value;
} uvarints[] = {
        {"zero", {0}, 1, DZR_OK, 0},
        {"low_group_comes_first", {0xac, 0x02}, 2, DZR_OK, 300},
        {"all_64_bits", {255, 255, 255, 255, 255, 255, 255, 255, 255, 1}, 10, DZR_OK, UINT64_MAX},
        {"empty_is_truncated", {0}, 0, DZR_ERR_TRUNCATED, 0},
        {"input_ending_inside_is_truncated", {0x80}, 1, DZR_ERR_TRUNCATED, 0},
        {"a_65th_bit_is_refused", {255, 255, 255, 255, 255, 255, 255, 255, 255, 2}, 10, DZR_ERR_CORRUPT, 0},
        {"an_11th_byte_is_refused", {128, 128, 128, 128, 128, 128, 128, 128, 128, 129, 0}, 11, DZR_ERR_CORRUPT, 0},
};

static void uvarint_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof uvarints / sizeof *uvarints; i++) {
        dzr_error err;
        dzr_cursor c = dzr__cursor(uvarints[i].in, uvarints[i].len);
        uint64_t value = 77;
        const dzr_status st = dzr__read_uvarint(&c, &value, &err);
        if (st != uvarints[i].want)
            fail_msg("%s: %s", uvarints[i].proves, dzr_status_name(st));
        assert_int_equal(value, st == DZR_OK ? uvarints[i].value : 77);
    }
}

static void cursor_stays_where_too_few_are_left(void **state)
{
    (void)state;
    dzr_error err;
    const uint8_t bytes[5] = {1, 2, 3, 4, 5};
    dzr_cursor c = dzr__cursor(bytes, sizeof bytes);
    uint32_t word = 0;
    assert_ok(dzr__read_u32le(&c, &word, &err));
    assert_int_equal(word, 0x04030201);
    assert_fails(dzr__read_u32le(&c, &word, &err), DZR_ERR_TRUNCATED, "4 bytes expected at byte 4, 1 are left");
    assert_int_equal(err.offset, 4);
    const uint8_t *at = NULL;
    assert_fails(dzr__cursor_take(&c, UINT64_MAX, &at, &err), DZR_ERR_TRUNCATED, "1 are left");
    assert_null(at);
    assert_int_equal(dzr__cursor_left(&c), 1);
}

static const struct {
    const char *bytes;
    bool valid;
} utf8s[] = {
        {"", true},
        {"plain ascii, longer than eight", true},
        {"\xc3\xa9", true},
        {"\xe2\x82\xac", true},
        {"\xf0\x9f\x98\x80", true},
        {"\xf4\x8f\xbf\xbf", true},
        {"\xed\x9f\xbf", true},
        {"\xee\x80\x80", true},
        {"\x80", false},
        {"\xc3", false},
        {"\xc0\xaf", false},
        {"\xc1\xbf", false},
        {"\xe0\x9f\xbf", false},
        {"\xed\xa0\x80", false},
        {"\xf0\x8f\xbf\xbf", false},
        {"\xf4\x90\x80\x80", false},
        {"\xf5\x80\x80\x80", false},
        {"\xe2\x82", false},
        {"\xf0\x9f\x98", false},
        {"12345678\xff", false},
        {"\xe2\x28\xa1", false},
};

static void utf8_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof utf8s / sizeof *utf8s; i++)
        if (dzr__utf8_valid(utf8s[i].bytes, strlen(utf8s[i].bytes)) != utf8s[i].valid)
            fail_msg("case %zu is taken wrongly", i);
}

static void civil_days_go_both_ways(void **state)
{
    (void)state;
    int64_t year = 0;
    int month = 0, day = 0;
    dzr__civil_from_days(0, &year, &month, &day);
    assert_true(year == 1970 && month == 1 && day == 1);
    dzr__civil_from_days(19782, &year, &month, &day);
    assert_true(year == 2024 && month == 2 && day == 29);
    dzr__civil_from_days(-1, &year, &month, &day);
    assert_true(year == 1969 && month == 12 && day == 31);
    for (int64_t days = -2000000; days < 2000000; days += 37) {
        dzr__civil_from_days(days, &year, &month, &day);
        assert_int_equal(dzr__days_from_civil(year, month, day), days);
    }
}

static void memory_source_keeps_its_range(void **state)
{
    (void)state;
    dzr_error err;
    dzr_source *source = NULL;
    assert_ok(dzr_source_memory((dzr_bytes){(const uint8_t *)"hello", 5}, NULL, &source, &err));
    char out[8] = {0};
    assert_ok(dzr_source_read_at(source, 1, out, 4, &err));
    assert_string_equal(out, "ello");
    assert_fails(dzr_source_read_at(source, 2, out, 4, &err), DZR_ERR_TRUNCATED, "memory: 4 bytes wanted at byte 2");
    assert_fails(dzr_source_read_at(source, UINT64_MAX, out, 4, &err), DZR_ERR_TRUNCATED, "it has 5");
    size_t n = 0;
    assert_ok(dzr_source_read(source, out, 3, &n, &err));
    assert_int_equal(n, 3);
    assert_ok(dzr_source_read(source, out, 3, &n, &err));
    assert_int_equal(n, 2);
    assert_ok(dzr_source_read(source, out, 3, &n, &err));
    assert_int_equal(n, 0);
    dzr_source_close(source);
}

static void memory_sink_commits_once(void **state)
{
    (void)state;
    dzr_error err;
    dzr_sink *sink = NULL;
    assert_ok(dzr_sink_memory(8, NULL, &sink, &err));
    assert_ok(dzr_sink_append(sink, "hello", 5, &err));
    assert_fails(dzr_sink_append(sink, "hello", 5, &err), DZR_ERR_LIMIT, "memory: ");
    assert_int_equal(sink->n_bytes, 5);
    assert_ok(dzr_sink_commit(sink, &err));
    assert_fails(dzr_sink_commit(sink, &err), DZR_ERR_ARG, "committed already");
    assert_fails(dzr_sink_append(sink, "x", 1, &err), DZR_ERR_ARG, "is committed");
    assert_memory_equal(dzr_sink_memory_bytes(sink).at, "hello", 5);
    dzr_sink_close(sink);
    dzr_sink_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(message_is_prefixed_and_keeps_numbers),
            cmocka_unit_test(long_message_is_cut_at_a_character),
            cmocka_unit_test(every_status_has_name_and_text),
            cmocka_unit_test(a_product_that_overflows_is_no_memory),
            cmocka_unit_test(arena_keeps_its_ceiling),
            cmocka_unit_test(buffer_grows_to_its_ceiling_and_no_further),
            cmocka_unit_test(uvarint_table),
            cmocka_unit_test(cursor_stays_where_too_few_are_left),
            cmocka_unit_test(utf8_table),
            cmocka_unit_test(civil_days_go_both_ways),
            cmocka_unit_test(memory_source_keeps_its_range),
            cmocka_unit_test(memory_sink_commits_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
