/* tests/parquet/test_snappy.c - our Snappy decompressor beside libsnappy's, on whole and on damaged blocks. */
#include "support.h"

#include "parquet/codec/snappy_read.h"

#include <snappy-c.h>
#include <stdlib.h>

enum { ROOM = 70000 };

static uint32_t draw(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

/* Words of a small language, where copies come from all over; now and then numbers, where they come from close by. */
static size_t fill_with_text(uint8_t *at, uint32_t *seed)
{
    const size_t n = draw(seed) % ROOM;
    uint32_t value = draw(seed);
    for (size_t i = 0; i < n;) {
        uint32_t word = draw(seed) % 500 * 7919;
        if (i / 9000 % 2 == 1) {
            memcpy(at + i, &value, DZR_MIN(n - i, sizeof value));
            value += draw(seed) % 3;
            i += sizeof value;
            continue;
        }
        for (size_t end = i + 2 + word % 11; i < n && i < end; i++, word = word * 31 + 7)
            at[i] = (uint8_t)('a' + word % 26);
    }
    return n;
}

/* Bytes as columns have them: a period, values of a few bytes, runs, noise; or text. */
static size_t fill(uint8_t *at, uint32_t *seed)
{
    if (draw(seed) % 4 == 0)
        return fill_with_text(at, seed);
    const size_t n = draw(seed) % 4 == 0 ? draw(seed) % 200 : draw(seed) % ROOM;
    const uint32_t kind = draw(seed) % 4, period = 1 + draw(seed) % 40;
    for (size_t i = 0; i < n; i++)
        at[i] = (uint8_t)(kind == 0                                                    ? draw(seed)
                          : kind == 1                                                  ? i / period
                          : kind == 2 && i >= period && draw(seed) % (period * 2) != 0 ? at[i - period]
                          : i % period == 0                                            ? draw(seed) % 8
                                                                                       : 0);
    return n;
}

static void it_makes_what_libsnappy_took(void **state)
{
    (void)state;
    static uint8_t in[ROOM], packed[ROOM * 2], out[ROOM + 1];
    for (uint32_t round = 0; round < 2000; round++) {
        uint32_t seed = round;
        const size_t n = fill(in, &seed);
        size_t n_packed = sizeof packed;
        assert_int_equal(snappy_compress((const char *)in, n, (char *)packed, &n_packed), SNAPPY_OK);
        out[n] = 0xee;
        dzr_error err;
        const dzr_bytes block = {packed, n_packed};
        if (dzr__snappy_decompress(block, out, n, &err) != DZR_OK)
            fail_msg("round %u: %s", round, err.message);
        if (memcmp(in, out, n) != 0 || out[n] != 0xee)
            fail_msg("round %u: other bytes", round);
    }
}

static void it_refuses_what_libsnappy_refuses(void **state)
{
    (void)state;
    static uint8_t in[ROOM], packed[ROOM * 2], ours[ROOM + 1], theirs[ROOM];
    size_t n_refused = 0;
    for (uint32_t round = 0; round < 20000; round++) {
        uint32_t seed = round;
        const size_t n = fill(in, &seed) % 600;
        size_t n_packed = sizeof packed, made = sizeof theirs;
        assert_int_equal(snappy_compress((const char *)in, n, (char *)packed, &n_packed), SNAPPY_OK);
        size_t header = 1;
        while (packed[header - 1] & 0x80)
            header++;
        if (n_packed > header)
            for (uint32_t i = 0; i <= draw(&seed) % 3; i++)
                packed[header + draw(&seed) % (n_packed - header)] = (uint8_t)draw(&seed);
        if (draw(&seed) % 8 == 0)
            n_packed = header + draw(&seed) % (n_packed - header + 1);
        const bool taken = snappy_uncompress((const char *)packed, n_packed, (char *)theirs, &made) == SNAPPY_OK;
        /* exactly as large as it may read, for a checker of memory */
        uint8_t *const block = malloc(n_packed);
        assert_non_null(block);
        memcpy(block, packed, n_packed);
        ours[n] = 0xee;
        dzr_error err;
        const dzr_status st = dzr__snappy_decompress((dzr_bytes){block, n_packed}, ours, n, &err);
        free(block);
        if ((st == DZR_OK) != taken || ours[n] != 0xee || (taken && memcmp(ours, theirs, n) != 0))
            fail_msg("round %u: libsnappy says otherwise", round);
        n_refused += !taken;
    }
    assert_in_range(n_refused, 2000, 18000);
}

static void each_fault_is_named(void **state)
{
    (void)state;
    static const struct {
        uint8_t block[12];
        size_t len, n;
        const char *says;
    } faults[] = {
            {{0x80}, 1, 0, "its length can't be read"},
            {{0xff, 0xff, 0xff, 0xff, 0x1f}, 5, 0, "its length can't be read"},
            {{5}, 1, 4, "snappy makes 5 bytes where 4 are expected"},
            {{4, 3 << 2, 'a', 'b'}, 4, 4,
                    "a damaged snappy block of 4 bytes: a literal reaches past the end, at byte 2"},
            {{4, 60 << 2}, 2, 4, "a literal reaches past the end"},
            {{5, 0, 'a', 1 | 0 << 2, 2}, 5, 5, "a copy from before the start, at byte 4"},
            {{5, 0, 'a', 1 | 0 << 2, 0}, 5, 5, "a copy from before the start"},
            {{5, 0, 'a', 2 | 3 << 2, 1}, 5, 5, "it ends inside a copy"},
            {{4, 0, 'a', 1 | 0 << 2, 1}, 5, 4, "it makes more than it says"},
            {{6, 0, 'a', 1 | 0 << 2, 1}, 5, 6, "it makes less than it says"},
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        uint8_t out[8] = {0};
        dzr_error err;
        assert_fails(dzr__snappy_decompress((dzr_bytes){faults[i].block, faults[i].len}, out, faults[i].n, &err),
                DZR_ERR_CORRUPT, faults[i].says);
        for (size_t k = faults[i].n; k < sizeof out; k++)
            assert_int_equal(out[k], 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(it_makes_what_libsnappy_took),
            cmocka_unit_test(it_refuses_what_libsnappy_refuses),
            cmocka_unit_test(each_fault_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
