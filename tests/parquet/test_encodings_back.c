/* tests/parquet/test_encodings_back.c - DELTA_BINARY_PACKED, DELTA_LENGTH_BYTE_ARRAY, DELTA_BYTE_ARRAY and
 * BYTE_STREAM_SPLIT as we write them: the specification's bytes, and everything comes back, at every number of values
 * around a block's edges and every width of differences. */
#include "support.h"

#include "parquet/encoding/encoding.h"

#include <stdlib.h>

static const int64_t counts[] = {0, 1, 2, 31, 32, 33, 64, 65, 127, 128, 129, 130, 255, 256, 257, 258, 1000};
enum { N_COUNTS = sizeof counts / sizeof *counts, MOST = 1000 };

static uint64_t random_state;

static uint64_t random_u64(void)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return random_state ^ random_state >> 29;
}

/* ---- integers ---- */

static void the_specifications_bytes(void **state)
{
    (void)state;
    dzr_error err;
    dzr_bytebuf out = {0};
    static const int32_t steps[] = {1, 2, 3, 4, 5};
    static const uint8_t want_steps[] = {0x80, 0x01, 0x04, 0x05, 0x02, 0x02, 0, 0, 0, 0};
    assert_ok(dzr__delta_write(&out, 4, steps, 5, &err));
    assert_int_equal(out.len, sizeof want_steps);
    assert_memory_equal(out.at, want_steps, sizeof want_steps);
    static const int64_t bends[] = {7, 5, 3, 1, 2, 3, 4, 5};
    static const uint8_t want_bends[] = {0x80, 0x01, 0x04, 0x08, 0x0e, 0x03, 2, 0, 0, 0, 0xc0, 0x3f, 0, 0, 0, 0, 0, 0};
    out.len = 0;
    assert_ok(dzr__delta_write(&out, 8, bends, 8, &err));
    assert_int_equal(out.len, sizeof want_bends);
    assert_memory_equal(out.at, want_bends, sizeof want_bends);
    dzr__bytebuf_fini(&out);
}

/* From a copy that is exactly as long, so that a sanitizer sees a byte too far. */
static void assert_integers_come_back(const void *values, size_t size, int64_t n)
{
    dzr_error err;
    dzr_bytebuf out = {0};
    assert_ok(dzr__delta_write(&out, size, values, n, &err));
    uint8_t *const copy = malloc(out.len), *const back = malloc((size_t)n * size + 1);
    assert_true(copy != NULL && back != NULL);
    memcpy(copy, out.at, out.len);
    dzr_cursor in = dzr__cursor(copy, out.len);
    assert_ok(dzr__delta_read(&in, size, n, back, &err));
    assert_int_equal(dzr__cursor_left(&in), 0);
    assert_memory_equal(back, values, (size_t)n * size);
    free(copy);
    free(back);
    dzr__bytebuf_fini(&out);
}

static void differences_of_every_width_come_back(void **state)
{
    (void)state;
    random_state = 7;
    for (unsigned width = 0; width <= 64; width++)
        for (size_t c = 0; c < N_COUNTS; c++) {
            int32_t narrow[MOST];
            int64_t wide[MOST];
            uint64_t last = random_u64();
            for (int64_t i = 0; i < counts[c]; i++) {
                last += width == 0 ? 3 : random_u64() >> (64 - width);
                wide[i] = (int64_t)last;
                narrow[i] = (int32_t)last;
            }
            assert_integers_come_back(wide, sizeof *wide, counts[c]);
            assert_integers_come_back(narrow, sizeof *narrow, counts[c]);
        }
}

static void extremes_wrap_and_take_no_more_bits_than_a_value(void **state)
{
    (void)state;
    dzr_error err;
    int32_t narrow[129];
    int64_t wide[129];
    for (int i = 0; i < 129; i++) {
        narrow[i] = i % 3 == 0 ? INT32_MIN : i % 3 == 1 ? INT32_MAX : 0;
        wide[i] = i % 3 == 0 ? INT64_MIN : i % 3 == 1 ? INT64_MAX : 0;
    }
    assert_integers_come_back(narrow, sizeof *narrow, 129);
    assert_integers_come_back(wide, sizeof *wide, 129);
    dzr_bytebuf out = {0};
    assert_ok(dzr__delta_write(&out, sizeof *narrow, narrow, 129, &err));
    assert_true(out.len <= 128 * 4 + 24);
    out.len = 0;
    assert_ok(dzr__delta_write(&out, sizeof *wide, wide, 129, &err));
    assert_true(out.len <= 128 * 8 + 32);
    dzr__bytebuf_fini(&out);
}

/* ---- strings ---- */

/* n values as PLAIN has them, some sharing their fronts; size 0: of any length, with it before them. */
static void make_plain(dzr_bytebuf *plain, size_t size, int64_t n)
{
    dzr_error err;
    uint8_t value[300];
    plain->len = 0;
    memset(value, 'a', sizeof value);
    for (int64_t i = 0; i < n; i++) {
        const uint32_t len = size > 0 ? (uint32_t)size : i % 7 == 0 ? 0 : (uint32_t)(random_u64() % sizeof value);
        if (len > 0 && i % 5 != 0)
            value[random_u64() % len] = (uint8_t)('a' + random_u64() % 26);
        if (size == 0)
            assert_ok(dzr__bytebuf_append(plain, &len, sizeof len, &err));
        assert_ok(dzr__bytebuf_append(plain, value, len, &err));
    }
}

/* Views into `base` say what PLAIN does. */
static void assert_same_strings(const dzr_view *views, const uint8_t *base, const uint8_t *plain, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        const uint32_t len = dzr__load_u32(plain);
        assert_int_equal(views[i].len, len);
        const bool is_short = len <= DZR_VIEW_INLINE;
        assert_memory_equal(is_short ? views[i].as.inlined : base + views[i].as.ref.offset, plain + 4, len);
        plain += 4 + len;
    }
}

static void strings_after_their_lengths_come_back(void **state)
{
    (void)state;
    dzr_error err;
    dzr_bytebuf plain = {0}, out = {0}, scratch = {0};
    static dzr_view views[MOST];
    for (size_t c = 0; c < N_COUNTS; c++) {
        make_plain(&plain, 0, counts[c]);
        out.len = 0;
        assert_ok(dzr__delta_write_strings(&out, plain.at, counts[c], &scratch, &err));
        assert_ok(dzr__delta_read_views((dzr_bytes){out.at, out.len}, counts[c], out.at, 0, true, views, &err));
        assert_same_strings(views, out.at, plain.at, counts[c]);
    }
    dzr__bytebuf_fini(&plain);
    dzr__bytebuf_fini(&out);
    dzr__bytebuf_fini(&scratch);
}

static void the_specifications_words(void **state)
{
    (void)state;
    dzr_error err;
    static const uint8_t plain[] = "\4\0\0\0axis\4\0\0\0axle\6\0\0\0babble\10\0\0\0babyhood";
    static const uint8_t want[] = {0x80, 0x01, 4, 4, 0, 3, 3, 0, 0, 0, 0x44, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80,
            0x01, 4, 4, 8, 3, 3, 0, 0, 0, 0x70, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 'a', 'x', 'i', 's', 'l', 'e', 'b', 'a',
            'b', 'b', 'l', 'e', 'y', 'h', 'o', 'o', 'd'};
    dzr_bytebuf out = {0}, scratch = {0};
    assert_ok(dzr__prefixed_write(&out, 0, plain, 4, &scratch, &err));
    assert_int_equal(out.len, sizeof want);
    assert_memory_equal(out.at, want, sizeof want);
    dzr__bytebuf_fini(&out);
    dzr__bytebuf_fini(&scratch);
}

static void strings_without_their_fronts_come_back(void **state)
{
    (void)state;
    dzr_error err;
    dzr_bytebuf plain = {0}, out = {0}, scratch = {0};
    static dzr_view views[MOST];
    static int32_t lengths[2 * MOST];
    static uint8_t data[MOST * 300];
    for (size_t c = 0; c < N_COUNTS; c++) {
        const int64_t n = counts[c];
        make_plain(&plain, 0, n);
        out.len = 0;
        assert_ok(dzr__prefixed_write(&out, 0, plain.at, n, &scratch, &err));
        dzr_cursor in = dzr__cursor(out.at, out.len);
        uint64_t n_bytes = 0;
        assert_ok(dzr__prefixed_lengths(&in, n, lengths, &n_bytes, &err));
        assert_int_equal(n_bytes, plain.len - (size_t)n * 4);
        assert_ok(dzr__prefixed_views(in.at, n, lengths, data, 0, true, views, &err));
        assert_same_strings(views, data, plain.at, n);
    }
    dzr__bytebuf_fini(&plain);
    dzr__bytebuf_fini(&out);
    dzr__bytebuf_fini(&scratch);
}

static void values_of_a_fixed_size_come_back(void **state)
{
    (void)state;
    dzr_error err;
    dzr_bytebuf plain = {0}, out = {0}, scratch = {0};
    static int32_t lengths[2 * MOST];
    static uint8_t back[MOST * 17];
    for (size_t size = 1; size <= 17; size++)
        for (size_t c = 0; c < N_COUNTS; c++) {
            const int64_t n = counts[c];
            make_plain(&plain, size, n);
            out.len = 0;
            assert_ok(dzr__prefixed_write(&out, size, plain.at, n, &scratch, &err));
            dzr_cursor in = dzr__cursor(out.at, out.len);
            uint64_t n_bytes = 0;
            assert_ok(dzr__prefixed_lengths(&in, n, lengths, &n_bytes, &err));
            assert_ok(dzr__prefixed_fixed(in.at, n, lengths, size, back, &err));
            assert_memory_equal(back, plain.at, plain.len);
            out.len = 0;
            assert_ok(dzr__split_write(&out, size, plain.at, n, &err));
            assert_ok(dzr__split_read((dzr_bytes){out.at, out.len}, size, n, back, &err));
            assert_memory_equal(back, plain.at, plain.len);
        }
    dzr__bytebuf_fini(&plain);
    dzr__bytebuf_fini(&out);
    dzr__bytebuf_fini(&scratch);
}

/* A page of 10 MB may claim values of terabytes. */
static void a_page_that_claims_more_than_2_gib_is_refused_before_they_are_made(void **state)
{
    (void)state;
    enum { N = 4096, LONG = 1 << 20 };
    dzr_error err;
    dzr_bytebuf out = {0};
    int32_t *const lengths = calloc(2 * N, sizeof *lengths);
    uint8_t *const text = calloc(1, LONG);
    assert_true(lengths != NULL && text != NULL);
    for (size_t i = 1; i < N; i++)
        lengths[i] = LONG;
    assert_ok(dzr__delta_write(&out, sizeof *lengths, lengths, N, &err));
    memset(lengths, 0, N * sizeof *lengths);
    lengths[0] = LONG;
    assert_ok(dzr__delta_write(&out, sizeof *lengths, lengths, N, &err));
    assert_ok(dzr__bytebuf_append(&out, text, LONG, &err));
    dzr_cursor in = dzr__cursor(out.at, out.len);
    uint64_t n_bytes = 99;
    assert_fails(dzr__prefixed_lengths(&in, N, lengths, &n_bytes, &err), DZR_ERR_LIMIT,
            "a page of strings of 4294967296 bytes together, limit is 2147483647");
    assert_int_equal(n_bytes, 99);
    free(lengths);
    free(text);
    dzr__bytebuf_fini(&out);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(the_specifications_bytes),
            cmocka_unit_test(differences_of_every_width_come_back),
            cmocka_unit_test(extremes_wrap_and_take_no_more_bits_than_a_value),
            cmocka_unit_test(strings_after_their_lengths_come_back),
            cmocka_unit_test(the_specifications_words),
            cmocka_unit_test(strings_without_their_fronts_come_back),
            cmocka_unit_test(values_of_a_fixed_size_come_back),
            cmocka_unit_test(a_page_that_claims_more_than_2_gib_is_refused_before_they_are_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
