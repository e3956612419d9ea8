/* tests/parquet/test_prefixed.c - DELTA_BYTE_ARRAY and BYTE_STREAM_SPLIT: the specification's examples, and what a page
 * may get wrong. tests/interop reads files that other engines wrote with them. */
#include "support.h"

#include "parquet/encoding/encoding.h"

#include <stdlib.h>

/* axis, axle, babble, babyhood: fronts of 0, 2, 0, 3 (deltas in 3 bits from -2), then 4, 2, 6, 5 bytes (the same). */
static const uint8_t words[] = {0x80, 0x01, 4, 4, 0, 3, 3, 0, 0, 0, 0x44, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80,
        0x01, 4, 4, 8, 3, 3, 0, 0, 0, 0x70, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 'a', 'x', 'i', 's', 'l', 'e', 'b', 'a',
        'b', 'b', 'l', 'e', 'y', 'h', 'o', 'o', 'd'};
enum { N_WORDS = 4, TEXT = 44, FRONTS_MIN = 5, FRONTS = 10, OWN_MIN = 27, OWN = 32 };

typedef struct decoded {
    dzr_view views[N_WORDS];
    uint8_t data[64];
} decoded;

/* From a copy that is exactly as long, so that a sanitizer sees a byte too far. */
static dzr_status decode(const uint8_t *bytes, size_t len, bool utf8, decoded *out, dzr_error *err)
{
    uint8_t *const copy = malloc(len);
    assert_non_null(copy);
    memcpy(copy, bytes, len);
    dzr_cursor in = dzr__cursor(copy, len);
    int32_t lengths[2 * N_WORDS];
    uint64_t n_bytes = 0;
    dzr_status st = dzr__prefixed_lengths(&in, N_WORDS, lengths, &n_bytes, err);
    if (st == DZR_OK) {
        assert_true(n_bytes <= sizeof out->data);
        st = dzr__prefixed_views(in.at, N_WORDS, lengths, out->data, 3, utf8, out->views, err);
    }
    free(copy);
    return st;
}

static void the_specifications_words(void **state)
{
    (void)state;
    static const char *const want[N_WORDS] = {"axis", "axle", "babble", "babyhood"};
    dzr_error err;
    decoded out;
    assert_ok(decode(words, sizeof words, true, &out, &err));
    for (size_t i = 0; i < N_WORDS; i++) {
        assert_int_equal(out.views[i].len, strlen(want[i]));
        assert_memory_equal(out.views[i].as.inlined, want[i], strlen(want[i]));
    }
    assert_memory_equal(out.data, "axisaxlebabblebabyhood", 22);
}

static void long_values_are_views_of_what_is_put_together(void **state)
{
    (void)state;
    dzr_error err;
    /* 13 bytes, then the same and one more: fronts 0, 13 and own 13, 1 */
    static const uint8_t bytes[] = {0x80, 0x01, 4, 2, 0, 26, 0, 0, 0, 0, 0x80, 0x01, 4, 2, 26, 23, 0, 0, 0, 0, 'a', 'b',
            'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n'};
    dzr_cursor in = dzr__cursor(bytes, sizeof bytes);
    int32_t lengths[4];
    uint64_t n_bytes = 0;
    assert_ok(dzr__prefixed_lengths(&in, 2, lengths, &n_bytes, &err));
    assert_int_equal(n_bytes, 27);
    uint8_t data[27];
    dzr_view views[2];
    assert_ok(dzr__prefixed_views(in.at, 2, lengths, data, 5, false, views, &err));
    assert_memory_equal(data, "abcdefghijklmabcdefghijklmn", sizeof data);
    assert_int_equal(views[1].len, 14);
    assert_int_equal(views[1].as.ref.buffer, 5);
    assert_int_equal(views[1].as.ref.offset, 13);
    assert_memory_equal(views[1].as.ref.prefix, "abcd", 4);
}

static const struct {
    const char *proves;
    size_t at;
    uint8_t byte; /* in its place */
    size_t len;
    dzr_status want;
    const char *message;
} bad[] = {
        {"a_first_front", 4, 2, sizeof words, DZR_ERR_CORRUPT, "value 0 claims 1 bytes of the one before, which has 0"},
        {"a_front_that_is_too_long", FRONTS, 0x47, sizeof words, DZR_ERR_CORRUPT,
                "value 1 claims 5 bytes of the one before, which has 4"},
        {"a_front_below_zero", FRONTS_MIN, 5, sizeof words, DZR_ERR_CORRUPT,
                "value 2 claims -2 bytes of the one before and 6 of its own"},
        {"own_bytes_below_zero", OWN_MIN, 9, sizeof words, DZR_ERR_CORRUPT,
                "value 1 claims 2 bytes of the one before and -1 of its own"},
        {"bytes_that_end", TEXT, 'a', sizeof words - 1, DZR_ERR_TRUNCATED,
                "16 bytes of strings end inside value 3 of 4"},
        {"no_lengths_of_own_bytes", TEXT, 'a', 22, DZR_ERR_TRUNCATED, "1 bytes expected at byte 22, 0 are left"},
        {"another_number_of_fronts", 3, 5, sizeof words, DZR_ERR_CORRUPT, "delta encoding of 5 values, the page has 4"},
        {"another_number_of_own_lengths", 25, 5, sizeof words, DZR_ERR_CORRUPT,
                "delta encoding of 5 values, the page has 4"},
        {"not_utf8", TEXT + 1, 0xff, sizeof words, DZR_ERR_CORRUPT, "string value 0 is not UTF-8"},
};

static void what_breaks_the_rules_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        dzr_error err;
        decoded out;
        uint8_t bytes[sizeof words];
        memcpy(bytes, words, sizeof words);
        bytes[bad[i].at] = bad[i].byte;
        const dzr_status st = decode(bytes, bad[i].len, true, &out, &err);
        if (st != bad[i].want || strcmp(err.message, bad[i].message) != 0)
            fail_msg("%s: %s: %s", bad[i].proves, dzr_status_name(st), st == DZR_OK ? "" : err.message);
    }
}

static void a_fixed_size_must_be_every_values(void **state)
{
    (void)state;
    dzr_error err;
    static const int32_t lengths[] = {0, 1, 2, 1};
    uint8_t out[4];
    assert_ok(dzr__prefixed_fixed((const uint8_t *)"abc", 2, lengths, 2, out, &err));
    assert_memory_equal(out, "abac", sizeof out);
    assert_fails(dzr__prefixed_fixed((const uint8_t *)"abc", 2, lengths, 3, out, &err), DZR_ERR_CORRUPT,
            "value 0 has 2 bytes, its type has 3");
}

static void split_streams_of_any_width_are_joined(void **state)
{
    (void)state;
    dzr_error err;
    for (size_t size = 1; size <= 20; size++)
        for (size_t n = 0; n <= 70; n++) {
            uint8_t *const in = malloc(n * size + 1), *const out = malloc(n * size + 1);
            assert_true(in != NULL && out != NULL);
            for (size_t i = 0; i < n * size; i++)
                in[i] = (uint8_t)(i * 7 + size);
            const dzr_bytes bytes = {in, n * size};
            assert_ok(dzr__split_read(bytes, size, (int64_t)n, out, &err));
            for (size_t i = 0; i < n; i++)
                for (size_t k = 0; k < size; k++)
                    assert_int_equal(out[i * size + k], in[k * n + i]);
            assert_fails(dzr__split_read((dzr_bytes){in, n * size + 1}, size, (int64_t)n, out, &err), DZR_ERR_CORRUPT,
                    "split streams of");
            free(in);
            free(out);
        }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(the_specifications_words),
            cmocka_unit_test(long_values_are_views_of_what_is_put_together),
            cmocka_unit_test(what_breaks_the_rules_is_refused),
            cmocka_unit_test(a_fixed_size_must_be_every_values),
            cmocka_unit_test(split_streams_of_any_width_are_joined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
