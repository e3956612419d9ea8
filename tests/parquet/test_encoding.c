/* tests/parquet/test_encoding.c - the hybrid of runs and packed values, and PLAIN: tables of bytes, and every width and
 * border there and back. */
#include "support.h"

#include "parquet/encoding/encoding.h"

#include <stdlib.h>

static uint64_t random_state;
static uint32_t random_u32(void) /* xorshift64*, the same numbers in every run */
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return (uint32_t)(random_state * UINT64_C(2685821657736338717) >> 32);
}

static uint32_t mask(uint32_t width)
{
    return width == 32 ? UINT32_MAX : (1u << width) - 1;
}

/* ---- runs, from bytes ---- */

static const struct {
    const char *proves;
    uint8_t in[16];
    size_t len;
    uint32_t width;
    int64_t n;
    dzr_status want;
    const char *message;
    uint32_t values[17];
} runs[] = {
        {"a_repeated_run", {0x08, 0x05}, 2, 3, 4, DZR_OK, "", {5, 5, 5, 5}},
        {"the_spec's_packed_run", {0x03, 0x88, 0xC6, 0xFA}, 4, 3, 8, DZR_OK, "", {0, 1, 2, 3, 4, 5, 6, 7}},
        {"a_run_after_a_packed_run", {0x03, 0x88, 0xC6, 0xFA, 0x04, 0x02}, 6, 3, 10, DZR_OK, "",
                {0, 1, 2, 3, 4, 5, 6, 7, 2, 2}},
        {"a_last_run_longer_than_the_values", {0x7E, 0x01}, 2, 1, 3, DZR_OK, "", {1, 1, 1}},
        {"padding_of_a_packed_run", {0x03, 0x88, 0xC6, 0xFA}, 4, 3, 3, DZR_OK, "", {0, 1, 2}},
        {"a_packed_run_cut_after_its_values", {0x03, 0x88, 0xC6}, 3, 3, 5, DZR_OK, "", {0, 1, 2, 3, 4}},
        {"a_packed_run_cut_before_its_values", {0x03, 0x88, 0xC6}, 3, 3, 6, DZR_ERR_TRUNCATED, "1 values are missing",
                {0}},
        {"a_packed_run_without_bytes", {0x03}, 1, 3, 1, DZR_ERR_TRUNCATED, "1 values are missing", {0}},
        {"no_bytes_no_values", {0}, 0, 3, 0, DZR_OK, "", {0}},
        {"no_bytes_but_values", {0}, 0, 3, 2, DZR_ERR_TRUNCATED, "end after 0 bytes, 2 values are missing", {0}},
        {"runs_that_end_too_early", {0x04, 0x02}, 2, 3, 3, DZR_ERR_TRUNCATED, "1 values are missing", {0}},
        {"a_repeated_value_cut", {0x04, 0x02}, 2, 9, 2, DZR_ERR_TRUNCATED, "2 values are missing", {0}},
        {"a_header_cut", {0x84}, 1, 3, 2, DZR_ERR_TRUNCATED, "2 values are missing", {0}},
        {"a_repeated_value_wider_than_the_width", {0x04, 0x08}, 2, 3, 2, DZR_ERR_CORRUPT,
                "a run repeats 8, which 3 bits can't hold", {0}},
        {"width_0_repeated", {0x0A}, 1, 0, 5, DZR_OK, "", {0}},
        {"width_0_packed", {0x03}, 1, 0, 8, DZR_OK, "", {0}},
        {"width_0_still_needs_runs", {0x0A}, 1, 0, 6, DZR_ERR_TRUNCATED, "1 values are missing", {0}},
        {"width_32_repeated", {0x04, 0xFF, 0xFF, 0xFF, 0xFF}, 5, 32, 2, DZR_OK, "", {UINT32_MAX, UINT32_MAX}},
        {"empty_runs_are_passed_over", {0x00, 0x07, 0x01, 0x04, 0x02}, 5, 3, 2, DZR_OK, "", {2, 2}},
        {"only_empty_runs_end", {0x00, 0x07, 0x01}, 3, 3, 1, DZR_ERR_TRUNCATED, "1 values are missing", {0}},
        {"the_longest_run", {0xFE, 0xFF, 0xFF, 0xFF, 0x0F, 0x01}, 6, 1, 3, DZR_OK, "", {1, 1, 1}},
        {"the_longest_packed_run_cut", {0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x03}, 6, 1, 8, DZR_OK, "",
                {1, 1, 0, 0, 0, 0, 0, 0}},
        {"a_run_past_2^31", {0xFE, 0xFF, 0xFF, 0xFF, 0x1F, 0x01}, 6, 1, 3, DZR_ERR_CORRUPT, "more than 2^31 - 1 values",
                {0}},
        {"a_header_that_never_ends", {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01}, 6, 1, 3, DZR_ERR_CORRUPT,
                "takes more than 5 bytes", {0}},
};

/* The bytes at the end of a block of their own, so that a sanitizer sees a read past them. */
static uint8_t *exact(const uint8_t *bytes, size_t len)
{
    uint8_t *const copy = malloc(len > 0 ? len : 1);
    assert_non_null(copy);
    if (len > 0)
        memcpy(copy, bytes, len);
    return copy;
}

static void runs_read_as_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        dzr_error err = {.message = ""};
        uint8_t *const in = exact(runs[i].in, runs[i].len);
        dzr_rle rle;
        uint32_t values[17] = {0};
        dzr__rle_init(&rle, in, runs[i].len, runs[i].width);
        const dzr_status st = dzr__rle_read(&rle, values, runs[i].n, &err);
        if (st != runs[i].want || strstr(err.message, runs[i].message) == NULL)
            fail_msg("%s: %s, \"%s\"", runs[i].proves, dzr_status_name(st), err.message);
        if (st == DZR_OK && memcmp(values, runs[i].values, sizeof *values * (size_t)runs[i].n) != 0)
            fail_msg("%s: other values", runs[i].proves);
        free(in);
    }
}

/* ---- there and back ---- */

/* Stretches of equal values between random ones, so that both kinds of runs and their borders occur. */
static void fill(uint32_t *values, size_t n, uint32_t width)
{
    for (size_t i = 0; i < n;) {
        const uint32_t value = random_u32() & mask(width);
        const size_t same = random_u32() % 3 == 0 ? random_u32() % 100 : 1;
        for (size_t j = 0; j < same && i < n; j++)
            values[i++] = value;
    }
}

static void every_width_comes_back(void **state)
{
    (void)state;
    dzr_error err;
    random_state = 42;
    static const size_t lengths[] = {0, 1, 7, 8, 9, 31, 32, 33, 63, 64, 65, 255, 256, 257, 1000, 5003};
    for (uint32_t width = 0; width <= 32; width++) {
        for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++) {
            const size_t n = lengths[l];
            uint32_t values[5003], back[5003];
            fill(values, n, width);
            dzr_bytebuf out = {.max_bytes = 1 << 20};
            assert_ok(dzr__rle_write(&out, width, values, (int64_t)n, &err));
            uint8_t *const in = exact(out.at, out.len);
            dzr_rle rle;
            dzr__rle_init(&rle, in, out.len, width);
            /* in uneven steps: a reader may stop inside a run and go on */
            for (size_t at = 0; at < n;) {
                const size_t wanted = random_u32() % 300 + 1;
                const size_t step = DZR_MIN(n - at, wanted);
                assert_ok(dzr__rle_read(&rle, back + at, (int64_t)step, &err));
                at += step;
            }
            assert_memory_equal(back, values, n * sizeof *values);
            assert_int_equal(dzr__cursor_left(&rle.in), 0);
            free(in);
            dzr__bytebuf_fini(&out);
        }
    }
}

/* In memory that ends with the run, so that a sanitizer sees a load past it. */
static void vectors_unpack_what_the_plain_way_does(void **state)
{
    (void)state;
    enum { MOST = 200 };
    uint32_t want[MOST], got[MOST + 1];
    for (uint32_t width = 0; width <= 32; width++)
        for (size_t n = 1; n <= MOST; n += n < 70 ? 1 : 13) {
            const size_t n_bytes = (n * width + 7) / 8;
            uint8_t *const run = malloc(n_bytes + 1);
            assert_non_null(run);
            for (size_t i = 0; i < n_bytes; i++)
                run[1 + i] = (uint8_t)((i + 1) * 2654435761u >> 13);
            for (size_t first = 0; first < n && first < 20; first++) {
                got[n - first] = 0xabcdef;
                dzr__unpack_plain(run + 1, n_bytes, width, first, n - first, want);
                dzr__unpack(run + 1, n_bytes, width, first, n - first, got);
                if (memcmp(got, want, (n - first) * sizeof *got) != 0 || got[n - first] != 0xabcdef)
                    fail_msg("%zu values of %u bits from %zu on", n - first, width, first);
            }
            free(run);
        }
}

static void long_runs_take_few_bytes(void **state)
{
    (void)state;
    dzr_error err;
    dzr_bytebuf out = {.max_bytes = 100};
    assert_ok(dzr__rle_write_repeated(&out, 1, 1, 1000000, &err));
    assert_int_equal(out.len, 4);
    out.len = 0;
    assert_ok(dzr__rle_write_repeated(&out, 1, 1, (int64_t)INT32_MAX + 5, &err));
    assert_int_equal(out.len, 8); /* a run of 2^31 - 1 and one of 5 */
    assert_ok(dzr__rle_write_repeated(&out, 1, 1, 0, &err));
    assert_int_equal(out.len, 8);
    static uint8_t ones[1000];
    memset(ones, 0xff, sizeof ones);
    out.len = 0;
    assert_ok(dzr__rle_write_bits(&out, ones, 3, 7000, &err));
    assert_int_equal(out.len, 3);
    dzr__bytebuf_fini(&out);
}

static void bits_come_back_from_and_to_any_position(void **state)
{
    (void)state;
    dzr_error err;
    random_state = 7;
    for (int round = 0; round < 2000; round++) {
        uint8_t bits[300], back[300], kept[300];
        for (size_t i = 0; i < sizeof bits; i++) {
            const uint32_t kind = random_u32() % 4;
            bits[i] = kind == 0 ? (uint8_t)random_u32() : kind == 1 ? 0 : kind == 2 ? 0xff : i > 0 ? bits[i - 1] : 0;
            kept[i] = back[i] = (uint8_t)random_u32();
        }
        const int64_t first = random_u32() % 70, n = random_u32() % 2000, to = random_u32() % 70;
        dzr_bytebuf out = {.max_bytes = 1 << 20};
        assert_ok(dzr__rle_write_bits(&out, bits, first, n, &err));
        dzr_rle rle;
        dzr__rle_init(&rle, out.at, out.len, 1);
        int64_t n_set = -1;
        assert_ok(dzr__rle_read_bits(&rle, 1, back, to, n, &n_set, &err));
        int64_t want_set = 0;
        for (int64_t i = 0; i < n; i++) {
            assert_int_equal(dzr__bit_get(back, to + i), dzr__bit_get(bits, first + i));
            want_set += dzr__bit_get(bits, first + i) ? 1 : 0;
        }
        assert_int_equal(n_set, want_set);
        for (int64_t i = 0; i < (int64_t)sizeof back * 8; i++)
            if (i < to || i >= to + n)
                assert_int_equal(dzr__bit_get(back, i), dzr__bit_get(kept, i));
        dzr__bytebuf_fini(&out);
    }
}

static void wide_levels_become_validity(void **state)
{
    (void)state;
    dzr_error err;
    random_state = 99;
    for (uint32_t max = 1; max < 20; max++) {
        uint32_t levels[1000];
        for (size_t i = 0; i < 1000; i++)
            levels[i] = random_u32() % 3 == 0 ? random_u32() % (max + 1) : max;
        dzr_bytebuf out = {.max_bytes = 1 << 20};
        assert_ok(dzr__rle_write(&out, dzr__bit_width(max), levels, 1000, &err));
        dzr_rle rle;
        dzr__rle_init(&rle, out.at, out.len, dzr__bit_width(max));
        uint8_t bits[126] = {0};
        int64_t n_set = 0;
        assert_ok(dzr__rle_read_bits(&rle, max, bits, 5, 1000, &n_set, &err));
        for (int i = 0; i < 1000; i++)
            assert_int_equal(dzr__bit_get(bits, 5 + i), levels[i] == max);
        dzr__bytebuf_fini(&out);
    }
}

static void deprecated_bit_packed_levels_are_msb_first(void **state)
{
    (void)state;
    dzr_error err;
    static const uint8_t in[] = {0xB0, 0x80}; /* 1 0 1 1 0 0 0 0 1 */
    uint8_t bits[2] = {0, 0};
    size_t used = 0;
    int64_t n_set = 0;
    assert_ok(dzr__bit_packed_levels((dzr_bytes){in, 2}, 1, bits, 0, 9, &used, &n_set, &err));
    assert_int_equal(bits[0] | bits[1] << 8, 0x10D);
    assert_int_equal(used, 2);
    assert_int_equal(n_set, 4);
    assert_fails(dzr__bit_packed_levels((dzr_bytes){in, 1}, 1, bits, 0, 9, &used, &n_set, &err), DZR_ERR_TRUNCATED,
            "9 bit-packed levels of 1 bits in 1 bytes");
    static const uint8_t wide[] = {0x1B}; /* 0 1 2 3 */
    assert_ok(dzr__bit_packed_levels((dzr_bytes){wide, 1}, 3, bits, 0, 4, &used, &n_set, &err));
    assert_int_equal(bits[0] & 0xF, 8);
    assert_fails(dzr__bit_packed_levels((dzr_bytes){wide, 1}, 2, bits, 0, 4, &used, &n_set, &err), DZR_ERR_CORRUPT,
            "a level is 3, the highest of this column is 2");
}

static void one_run_for_all_is_seen_before_reading(void **state)
{
    (void)state;
    dzr_error err;
    static const uint8_t in[] = {0x14, 0x01, 0x14, 0x00}; /* ten ones, ten zeros */
    dzr_rle rle;
    bool all = false;
    uint32_t values[20];
    dzr__rle_init(&rle, in, sizeof in, 1);
    assert_ok(dzr__rle_next_all(&rle, 1, 10, &all, &err));
    assert_true(all);
    assert_ok(dzr__rle_next_all(&rle, 1, 11, &all, &err));
    assert_false(all);
    assert_ok(dzr__rle_next_all(&rle, 0, 10, &all, &err));
    assert_false(all);
    assert_ok(dzr__rle_read(&rle, values, 20, &err));
    assert_int_equal(values[9], 1);
    assert_int_equal(values[10], 0);
    assert_fails(dzr__rle_next_all(&rle, 1, 1, &all, &err), DZR_ERR_TRUNCATED, "1 values are missing");
}

static void a_level_above_the_highest_is_corrupt(void **state)
{
    (void)state;
    dzr_error err;
    static const uint8_t repeated[] = {0x08, 0x03}, packed[] = {0x03, 0x00, 0xC0};
    uint8_t bits[1];
    int64_t n_set = 0;
    dzr_rle rle;
    dzr__rle_init(&rle, repeated, sizeof repeated, 2);
    assert_fails(dzr__rle_read_bits(&rle, 2, bits, 0, 4, &n_set, &err), DZR_ERR_CORRUPT,
            "a level is 3, the highest of this column is 2");
    dzr__rle_init(&rle, packed, sizeof packed, 2);
    assert_fails(dzr__rle_read_bits(&rle, 2, bits, 0, 8, &n_set, &err), DZR_ERR_CORRUPT,
            "a level is 3, the highest of this column is 2");
}

/* ---- dictionaries ---- */

static void gather_equals_read_and_look_up(void **state)
{
    (void)state;
    dzr_error err;
    random_state = 3;
    static const size_t sizes[] = {1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        for (uint32_t n_dictionary = 1; n_dictionary <= 300; n_dictionary += 13) {
            uint8_t dictionary[300 * 16], out[2000 * 16];
            uint32_t index[2000];
            for (size_t i = 0; i < sizeof dictionary; i++)
                dictionary[i] = (uint8_t)random_u32();
            fill(index, 2000, 16);
            for (size_t i = 0; i < 2000; i++)
                index[i] %= n_dictionary;
            dzr_bytebuf buf = {.max_bytes = 1 << 20};
            const uint32_t width = dzr__bit_width(n_dictionary - 1);
            assert_ok(dzr__rle_write(&buf, width, index, 2000, &err));
            dzr_rle rle;
            dzr__rle_init(&rle, buf.at, buf.len, width);
            assert_ok(dzr__rle_gather(&rle, dictionary, n_dictionary, sizes[s], out, 2000, &err));
            for (size_t i = 0; i < 2000; i++)
                assert_memory_equal(out + i * sizes[s], dictionary + index[i] * sizes[s], sizes[s]);
            dzr__bytebuf_fini(&buf);
        }
    }
}

static void an_index_past_the_dictionary_is_corrupt(void **state)
{
    (void)state;
    dzr_error err;
    static const uint8_t repeated[] = {0x08, 0x03}, packed[] = {0x03, 0x00, 0xC0}, any[] = {0x02};
    static const int32_t dictionary[3] = {1, 2, 3};
    int32_t out[8];
    dzr_rle rle;
    dzr__rle_init(&rle, repeated, sizeof repeated, 2);
    assert_fails(dzr__rle_gather(&rle, dictionary, 3, 4, out, 4, &err), DZR_ERR_CORRUPT,
            "a value is entry 3 of the dictionary, which has 3");
    dzr__rle_init(&rle, packed, sizeof packed, 2);
    assert_fails(dzr__rle_gather(&rle, dictionary, 3, 4, out, 8, &err), DZR_ERR_CORRUPT,
            "a value is entry 3 of the dictionary, which has 3");
    dzr__rle_init(&rle, any, sizeof any, 0);
    assert_fails(dzr__rle_gather(&rle, dictionary, 0, 4, out, 1, &err), DZR_ERR_CORRUPT,
            "a value is entry 0 of the dictionary, which has 0");
}

/* ---- PLAIN ---- */

static void spread_puts_values_where_validity_says(void **state)
{
    (void)state;
    random_state = 12;
    static const size_t sizes[] = {1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16};
    for (int round = 0; round < 3000; round++) {
        const size_t size = sizes[round % 5];
        _Alignas(16) uint8_t values[300 * 16];
        uint8_t validity[64], dense[300 * 16], bits[64];
        for (size_t i = 0; i < sizeof validity; i++) {
            const uint32_t kind = random_u32() % 3;
            validity[i] = kind == 0 ? (uint8_t)random_u32() : kind == 1 ? 0xff : i > 0 ? validity[i - 1] : 0;
        }
        for (size_t i = 0; i < sizeof dense; i++)
            dense[i] = (uint8_t)random_u32();
        const int64_t first = random_u32() % 100, n = random_u32() % 300;
        memcpy(values, dense, sizeof values);
        dzr__spread(values, size, validity, first, n, dzr__bits_count(validity, first, n));
        memset(bits, 0xff, sizeof bits);
        dzr__spread_bits(dense, validity, bits, first, n);
        int64_t next = 0;
        for (int64_t i = 0; i < n; i++) {
            static const uint8_t zero[16];
            const bool set = dzr__bit_get(validity, first + i);
            assert_memory_equal(values + size * (size_t)i, set ? dense + size * (size_t)next : zero, size);
            assert_int_equal(dzr__bit_get(bits, first + i), set && dzr__bit_get(dense, next));
            next += set ? 1 : 0;
        }
    }
}

static void narrow_integers_are_range_checked(void **state)
{
    (void)state;
    dzr_error err;
    static const struct {
        dzr_type_id type;
        int32_t low, high;
        const char *message;
    } types[] = {
            {DZR_TYPE_INT8, -128, 127, "its type holds -128 to 127"},
            {DZR_TYPE_INT16, -32768, 32767, "its type holds -32768 to 32767"},
            {DZR_TYPE_UINT8, 0, 255, "its type holds 0 to 255"},
            {DZR_TYPE_UINT16, 0, 65535, "its type holds 0 to 65535"},
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        int32_t in[2] = {types[i].low, types[i].high};
        int16_t out[2];
        assert_ok(dzr__plain_read_narrow((const uint8_t *)in, 2, types[i].type, out, &err));
        if (types[i].type == DZR_TYPE_INT8 || types[i].type == DZR_TYPE_UINT8) {
            assert_int_equal(((uint8_t *)out)[0], (uint8_t)types[i].low);
            assert_int_equal(((uint8_t *)out)[1], (uint8_t)types[i].high);
        } else {
            assert_int_equal((uint16_t)out[0], (uint16_t)types[i].low);
            assert_int_equal((uint16_t)out[1], (uint16_t)types[i].high);
        }
        in[1] = types[i].high + 1;
        assert_fails(dzr__plain_read_narrow((const uint8_t *)in, 2, types[i].type, out, &err), DZR_ERR_CORRUPT,
                types[i].message);
        assert_int_equal(err.record, 1);
        in[0] = types[i].low - 1;
        assert_fails(dzr__plain_read_narrow((const uint8_t *)in, 1, types[i].type, out, &err), DZR_ERR_CORRUPT,
                "value 0 is");
    }
}

static const struct {
    const char *proves;
    const char *in;
    size_t len;
    int64_t n;
    dzr_status want;
    const char *message;
} strings[] = {
        {"two_strings", "\2\0\0\0ab\0\0\0\0", 10, 2, DZR_OK, ""},
        {"a_length_cut", "\2\0\0\0ab\0\0\0", 9, 2, DZR_ERR_TRUNCATED, "9 bytes of strings end inside value 1 of 2"},
        {"a_string_cut", "\3\0\0\0ab", 6, 1, DZR_ERR_TRUNCATED, "6 bytes of strings end inside value 0 of 1"},
        {"a_length_of_4_gib",
                "\xff\xff\xff\xff"
                "ab",
                6, 1, DZR_ERR_TRUNCATED, "end inside value 0 of 1"},
        {"a_length_that_is_negative",
                "\0\0\0\x80"
                "ab",
                6, 1, DZR_ERR_TRUNCATED, "end inside value 0 of 1"},
        {"utf8", "\2\0\0\0\xc3\xbc\3\0\0\0\xe2\x82\xac", 13, 2, DZR_OK, ""},
        {"not_utf8", "\1\0\0\0a\1\0\0\0\xff", 10, 2, DZR_ERR_CORRUPT, "string value 1 is not UTF-8"},
        {"a_character_across_two_strings", "\1\0\0\0\xc3\1\0\0\0\xbc", 10, 2, DZR_ERR_CORRUPT,
                "string value 0 is not UTF-8"},
        {"a_character_cut_at_the_end", "\1\0\0\0a\1\0\0\0\xc3", 10, 2, DZR_ERR_CORRUPT, "string value 1 is not UTF-8"},
        {"a_surrogate", "\3\0\0\0\xed\xa0\x80", 7, 1, DZR_ERR_CORRUPT, "string value 0 is not UTF-8"},
};

static void strings_read_as_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
        dzr_error err = {.message = ""};
        uint8_t *const in = exact((const uint8_t *)strings[i].in, strings[i].len);
        dzr_view views[2];
        const dzr_bytes bytes = {.at = in, .len = strings[i].len};
        const dzr_status st = dzr__plain_read_views(bytes, strings[i].n, in, 0, true, views, &err);
        if (st != strings[i].want || strstr(err.message, strings[i].message) == NULL)
            fail_msg("%s: %s, \"%s\"", strings[i].proves, dzr_status_name(st), err.message);
        if (st == DZR_ERR_CORRUPT) /* as binary the same bytes are fine */
            assert_ok(dzr__plain_read_views(bytes, strings[i].n, in, 0, false, views, &err));
        free(in);
    }
}

/* Lengths around 12 (inlined or not) and 128 (where the lengths are no ASCII any more), and what is not UTF-8 among
 * them. */
static void strings_of_every_length_come_back(void **state)
{
    (void)state;
    dzr_error err;
    enum { N = 300 };
    dzr_bytebuf out = {.max_bytes = 1 << 20};
    uint8_t text[N];
    for (uint32_t i = 0; i < N; i++)
        text[i] = (uint8_t)('a' + i % 26);
    const size_t before = 100; /* the page's levels, say */
    assert_ok(dzr__bytebuf_append(&out, text, before, &err));
    for (uint32_t len = 0; len < N; len++) {
        assert_ok(dzr__bytebuf_append(&out, &len, 4, &err));
        assert_ok(dzr__bytebuf_append(&out, text, len, &err));
    }
    static dzr_view views[N];
    const dzr_bytes in = {.at = out.at + before, .len = out.len - before};
    assert_ok(dzr__plain_read_views(in, N, out.at, 0, true, views, &err));
    const dzr_bytes data = {.at = out.at, .len = out.len};
    dzr_column column = {.type = {.id = DZR_TYPE_STRING}, .n_rows = N, .values = views, .data = &data, .n_data = 1};
    for (int64_t row = 0; row < N; row++) {
        const dzr_bytes value = dzr_column_bytes(&column, row);
        assert_int_equal(value.len, row);
        assert_memory_equal(value.at, text, value.len);
    }
    dzr_bytebuf again = {.max_bytes = 1 << 20};
    assert_ok(dzr__plain_write(&again, &column, 0, N, &err));
    assert_int_equal(again.len, in.len);
    assert_memory_equal(again.at, in.at, in.len);

    for (int64_t row = 1; row < N; row += 7) { /* one bad byte, in each place of the text */
        size_t at = before;
        for (int64_t i = 0; i < row; i++)
            at += 4 + (size_t)i;
        uint8_t *const byte = out.at + at + 4 + (size_t)row / 2;
        const uint8_t good = *byte;
        *byte = 0xfe;
        assert_fails(dzr__plain_read_views(in, N, out.at, 0, true, views, &err), DZR_ERR_CORRUPT, "is not UTF-8");
        assert_int_equal(err.record, row);
        *byte = good;
    }
    dzr__bytebuf_fini(&out);
    dzr__bytebuf_fini(&again);
}

static void plain_leaves_nulls_out(void **state)
{
    (void)state;
    dzr_error err;
    static const uint8_t validity[] = {0xB5, 0x01}; /* rows 0, 2, 4, 5, 7, 8 */
    static const int32_t ints[] = {10, 0, 12, 0, 14, 15, 0, 17, 18};
    static const int8_t bytes[] = {-1, 0, 2, 0, 4, 5, 0, 7, 8};
    static const uint16_t shorts[] = {65535, 0, 2, 0, 4, 5, 0, 7, 8};
    static const uint8_t bools[] = {0x91, 0x01};
    dzr_bytebuf out = {.max_bytes = 1000};
    dzr_column column = {
            .type = {.id = DZR_TYPE_INT32}, .n_rows = 9, .n_nulls = 3, .validity = validity, .values = ints};
    assert_ok(dzr__plain_write(&out, &column, 1, 7, &err));
    static const int32_t want_ints[] = {12, 14, 15, 17};
    assert_int_equal(out.len, sizeof want_ints);
    assert_memory_equal(out.at, want_ints, sizeof want_ints);
    out.len = 0;
    column = (dzr_column){
            .type = {.id = DZR_TYPE_INT8}, .n_rows = 9, .n_nulls = 3, .validity = validity, .values = bytes};
    assert_ok(dzr__plain_write(&out, &column, 0, 3, &err));
    static const int32_t want_bytes[] = {-1, 2};
    assert_int_equal(out.len, sizeof want_bytes);
    assert_memory_equal(out.at, want_bytes, sizeof want_bytes);
    out.len = 0;
    column = (dzr_column){.type = {.id = DZR_TYPE_UINT16}, .n_rows = 9, .values = shorts};
    assert_ok(dzr__plain_write(&out, &column, 0, 2, &err));
    static const int32_t want_shorts[] = {65535, 0};
    assert_memory_equal(out.at, want_shorts, sizeof want_shorts);
    out.len = 0;
    column = (dzr_column){
            .type = {.id = DZR_TYPE_BOOL}, .n_rows = 9, .n_nulls = 3, .validity = validity, .values = bools};
    assert_ok(dzr__plain_write(&out, &column, 0, 9, &err));
    assert_int_equal(out.len, 1);
    assert_int_equal(out.at[0], 0x35); /* rows 0, 2, 4, 5, 7, 8: 1 0 1 0 1 1 */
    dzr__bytebuf_fini(&out);
}

static void a_full_buffer_is_said(void **state)
{
    (void)state;
    dzr_error err;
    static const int64_t values[100];
    const dzr_column column = {.type = {.id = DZR_TYPE_INT64}, .n_rows = 100, .values = values};
    dzr_bytebuf out = {.max_bytes = 100};
    assert_fails(dzr__plain_write(&out, &column, 0, 100, &err), DZR_ERR_LIMIT, "100 bytes");
    assert_int_equal(out.len, 0);
    dzr__bytebuf_fini(&out);
}

/* ---- decimals ---- */

int main(void)
{
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(runs_read_as_the_table_says),
            cmocka_unit_test(every_width_comes_back),
            cmocka_unit_test(vectors_unpack_what_the_plain_way_does),
            cmocka_unit_test(long_runs_take_few_bytes),
            cmocka_unit_test(bits_come_back_from_and_to_any_position),
            cmocka_unit_test(wide_levels_become_validity),
            cmocka_unit_test(deprecated_bit_packed_levels_are_msb_first),
            cmocka_unit_test(one_run_for_all_is_seen_before_reading),
            cmocka_unit_test(a_level_above_the_highest_is_corrupt),
            cmocka_unit_test(gather_equals_read_and_look_up),
            cmocka_unit_test(an_index_past_the_dictionary_is_corrupt),
            cmocka_unit_test(spread_puts_values_where_validity_says),
            cmocka_unit_test(narrow_integers_are_range_checked),
            cmocka_unit_test(strings_read_as_the_table_says),
            cmocka_unit_test(strings_of_every_length_come_back),
            cmocka_unit_test(plain_leaves_nulls_out),
            cmocka_unit_test(a_full_buffer_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
