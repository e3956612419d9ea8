/* tests/parquet/test_delta.c - DELTA_BINARY_PACKED and DELTA_LENGTH_BYTE_ARRAY: the specification's examples, and what
 * a page may get wrong. tests/interop reads files that pyarrow and parquet-go wrote with them. */
#include "support.h"

#include "parquet/encoding/encoding.h"

#include <stdlib.h>

/* bytes on the heap, exactly as long as they are, so that a sanitizer sees a byte too far */
static dzr_status read_exact(const uint8_t *bytes, size_t len, size_t size, int64_t n, void *out, dzr_error *err)
{
    uint8_t *const copy = malloc(len > 0 ? len : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, len);
    dzr_cursor in = dzr__cursor(copy, len);
    const dzr_status st = dzr__delta_read(&in, size, n, out, err);
    free(copy);
    return st;
}

static void the_specifications_examples(void **state)
{
    (void)state;
    dzr_error err;
    /* 1, 2, 3, 4, 5: block 128, 4 miniblocks, 5 values, first 1; min delta 1, all widths 0 */
    const uint8_t steps[] = {0x80, 0x01, 0x04, 0x05, 0x02, 0x02, 0, 0, 0, 0};
    int32_t out[8] = {0};
    assert_ok(read_exact(steps, sizeof steps, 4, 5, out, &err));
    for (int i = 0; i < 5; i++)
        assert_int_equal(out[i], i + 1);
    /* 7, 5, 3, 1, 2, 3, 4, 5: min delta -2, the first miniblock packs 0, 0, 0, 3, 3, 3, 3 in 2 bits */
    const uint8_t bends[] = {0x80, 0x01, 0x04, 0x08, 0x0e, 0x03, 2, 0, 0, 0, 0xc0, 0x3f, 0, 0, 0, 0, 0, 0};
    int64_t wide[8] = {0};
    assert_ok(read_exact(bends, sizeof bends, 8, 8, wide, &err));
    const int64_t want[] = {7, 5, 3, 1, 2, 3, 4, 5};
    assert_memory_equal(wide, want, sizeof want);
}

/* Other writers' blocks are larger than the usual 128 in 4, and their miniblocks longer. */
static void blocks_are_of_any_size_that_is_allowed(void **state)
{
    (void)state;
    static const struct {
        uint64_t block, n_miniblocks;
    } sizes[] = {{128, 1}, {128, 4}, {256, 8}, {256, 2}, {1024, 32}, {1024, 1}, {3200, 100}, {1 << 20, 4}};
    enum { N = 3000 };
    static int32_t out[N];
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        dzr_error err;
        uint8_t bytes[4000];
        size_t n = 0;
        const uint64_t header[] = {sizes[i].block, sizes[i].n_miniblocks, N, 10 /* 5 */};
        for (size_t k = 0; k < 4; k++) {
            uint64_t v = header[k];
            for (; v >= 0x80; v >>= 7)
                bytes[n++] = (uint8_t)(v | 0x80);
            bytes[n++] = (uint8_t)v;
        }
        for (uint64_t done = 1; done < N; done += sizes[i].block) {
            bytes[n++] = 3;                                      /* each 2 less than the one before, in no bits */
            for (uint64_t m = 0; m < sizes[i].n_miniblocks; m++) /* what comes after the last value may be anything */
                bytes[n++] = done + m * (sizes[i].block / sizes[i].n_miniblocks) < N ? 0 : 255;
        }
        assert_ok(read_exact(bytes, n, 4, N, out, &err));
        for (int32_t k = 0; k < N; k++)
            assert_int_equal(out[k], 5 - 2 * k);
    }
}

static void sums_wrap(void **state)
{
    (void)state;
    dzr_error err;
    /* INT32_MAX, INT32_MIN: delta 1 */
    const uint8_t bytes[] = {0x80, 0x01, 0x04, 0x02, 0xfe, 0xff, 0xff, 0xff, 0x0f, 0x02, 0, 0, 0, 0};
    int32_t out[2] = {0};
    assert_ok(read_exact(bytes, sizeof bytes, 4, 2, out, &err));
    assert_int_equal(out[0], INT32_MAX);
    assert_int_equal(out[1], INT32_MIN);
}

static void no_value_and_one_value_have_no_block(void **state)
{
    (void)state;
    dzr_error err;
    const uint8_t none[] = {0x80, 0x01, 0x04, 0x00, 0x00};
    const uint8_t one[] = {0x80, 0x01, 0x04, 0x01, 0x0d};
    int32_t out[1] = {99};
    assert_ok(read_exact(none, sizeof none, 4, 0, out, &err));
    assert_int_equal(out[0], 99);
    assert_ok(read_exact(one, sizeof one, 4, 1, out, &err));
    assert_int_equal(out[0], -7);
}

static const struct {
    const char *proves;
    uint8_t in[16];
    size_t len;
    int64_t n;
    dzr_status want;
    const char *message;
} bad[] = {
        {"empty", {0}, 0, 1, DZR_ERR_TRUNCATED, "1 bytes expected at byte 0"},
        {"block_of_zero", {0x00, 0x04, 0x02, 0x02, 0, 0}, 6, 2, DZR_ERR_CORRUPT, "delta blocks of 0 values"},
        {"block_not_of_128", {0x40, 0x02, 0x02, 0x02, 0, 0}, 6, 2, DZR_ERR_CORRUPT, "delta blocks of 64 values"},
        {"no_miniblocks", {0x80, 0x01, 0x00, 0x02, 0x02}, 5, 2, DZR_ERR_CORRUPT, "in 0 miniblocks"},
        {"miniblocks_that_do_not_divide", {0x80, 0x01, 0x03, 0x02, 0x02}, 5, 2, DZR_ERR_CORRUPT, "in 3 miniblocks"},
        {"miniblock_not_of_32", {0x80, 0x01, 0x08, 0x02, 0x02}, 5, 2, DZR_ERR_CORRUPT, "in 8 miniblocks"},
        {"fewer_values_than_the_page", {0x80, 0x01, 0x04, 0x02, 0x02, 2, 0, 0, 0, 0}, 10, 3, DZR_ERR_CORRUPT,
                "delta encoding of 2 values, the page has 3"},
        {"more_values_than_the_page", {0x80, 0x01, 0x04, 0x03, 0x02, 2, 0, 0, 0, 0}, 10, 2, DZR_ERR_CORRUPT,
                "delta encoding of 3 values, the page has 2"},
        {"too_wide", {0x80, 0x01, 0x04, 0x02, 0x02, 2, 65, 0, 0, 0}, 10, 2, DZR_ERR_CORRUPT, "deltas of 65 bits"},
        {"widths_cut_off", {0x80, 0x01, 0x04, 0x02, 0x02, 2, 1, 0}, 8, 2, DZR_ERR_TRUNCATED, "4 bytes expected"},
        {"miniblock_cut_off", {0x80, 0x01, 0x04, 0x02, 0x02, 2, 1, 0, 0, 0, 0xff, 0xff, 0xff}, 13, 2, DZR_ERR_TRUNCATED,
                "4 bytes expected at byte 10, 3 are left"},
};

static void what_breaks_the_rules_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        dzr_error err;
        int32_t out[4];
        const dzr_status st = read_exact(bad[i].in, bad[i].len, 4, bad[i].n, out, &err);
        if (st != bad[i].want || strstr(err.message, bad[i].message) == NULL)
            fail_msg("%s: %s: %s", bad[i].proves, dzr_status_name(st), st == DZR_OK ? "" : err.message);
    }
}

static void strings_are_views_behind_their_lengths(void **state)
{
    (void)state;
    dzr_error err;
    /* lengths 5, 0, 14: first 5, deltas -5, 14; min -5, stored 0 and 19 in 5 bits: 32 * 5 / 8 = 20 bytes */
    uint8_t page[64] = {0x80, 0x01, 0x04, 0x03, 0x0a, 0x09, 5, 0, 0, 0, 0x60, 0x02};
    memcpy(page + 30, "HelloFourteen bytes", 19);
    dzr_view out[3];
    assert_ok(dzr__delta_read_views((dzr_bytes){page, 49}, 3, page, 7, true, out, &err));
    assert_int_equal(out[0].len, 5);
    assert_memory_equal(out[0].as.inlined, "Hello", 5);
    assert_int_equal(out[1].len, 0);
    assert_int_equal(out[2].len, 14);
    assert_int_equal(out[2].as.ref.buffer, 7);
    assert_int_equal(out[2].as.ref.offset, 35);
    assert_fails(dzr__delta_read_views((dzr_bytes){page, 48}, 3, page, 7, true, out, &err), DZR_ERR_TRUNCATED,
            "14 bytes expected at byte 35, 13 are left");
    page[36] = 0xff;
    assert_fails(dzr__delta_read_views((dzr_bytes){page, 49}, 3, page, 7, true, out, &err), DZR_ERR_CORRUPT,
            "string value 2 is not UTF-8");
    page[5] = 0x0b; /* min -6: the second length becomes -1 */
    assert_fails(dzr__delta_read_views((dzr_bytes){page, 49}, 3, page, 7, true, out, &err), DZR_ERR_CORRUPT,
            "string value 1 claims a length of -1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(the_specifications_examples),
            cmocka_unit_test(blocks_are_of_any_size_that_is_allowed),
            cmocka_unit_test(sums_wrap),
            cmocka_unit_test(no_value_and_one_value_have_no_block),
            cmocka_unit_test(what_breaks_the_rules_is_refused),
            cmocka_unit_test(strings_are_views_behind_their_lengths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
