/* tests/base/test_utf8.c - UTF-8 by vectors and byte by byte give the same answer. */
#include "support.h"

#include "base/internal.h"

/* Each byte at which table 3-7 of Unicode changes its mind. */
static const uint8_t edges[] = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1,
        0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff};
enum { N_EDGES = sizeof edges, ROOM = 400 };

static void compare(const uint8_t *at, size_t len)
{
    const bool plain = dzr__utf8_valid_plain(at, len);
    if (dzr__utf8_valid(at, len) != plain)
        fail_msg("%zu bytes that are %sUTF-8 by the plain way", len, plain ? "" : "not ");
}

/* Four such bytes anywhere about the borders of 32 bytes, and at the end, in ASCII and in longer characters. */
static void every_sequence_of_edges_is_judged_alike_wherever_it_stands(void **state)
{
    (void)state;
    static const struct {
        size_t at, len;
    } places[] = {{0, 70}, {28, 70}, {29, 70}, {30, 70}, {31, 70}, {32, 70}, {61, 65}, {60, 64}, {160, 300}};
    static uint8_t text[ROOM];
    for (size_t p = 0; p < sizeof places / sizeof *places; p++) {
        const bool wide = p % 2 == 1;
        for (size_t i = 0; i < ROOM; i++) /* two-byte characters begin at even bytes */
            text[i] = !wide ? 'a' : i % 2 == 0 ? 0xc3 : 0xa9;
        uint8_t *const at = text + places[p].at;
        const uint8_t was[4] = {at[0], at[1], at[2], at[3]};
        for (uint32_t n = 0; n < N_EDGES * N_EDGES * N_EDGES * N_EDGES; n++) {
            uint32_t rest = n;
            for (size_t i = 0; i < 4; i++, rest /= N_EDGES)
                at[i] = edges[rest % N_EDGES];
            compare(text, places[p].len);
        }
        memcpy(at, was, sizeof was);
    }
}

static void text_cut_anywhere_is_judged_alike(void **state)
{
    (void)state;
    static const char *const characters[] = {"a", "z", "\u00e9", "\u20ac", "\U0001f600"};
    static char text[ROOM];
    uint32_t seed = 1;
    for (uint32_t round = 0; round < 2000; round++) {
        size_t len = 0;
        while (len + 4 < ROOM) {
            seed = seed * 1664525 + 1013904223;
            const char *const character = characters[round % 3 == 0          ? seed >> 30
                                                     : (seed >> 8) % 50 == 0 ? 2 + seed % 3
                                                                             : 0];
            memcpy(text + len, character, strlen(character));
            len += strlen(character);
        }
        assert_true(dzr__utf8_valid(text, len));
        compare((const uint8_t *)text, seed % len);
        text[(seed >> 4) % len] = (char)(seed >> 12);
        compare((const uint8_t *)text, len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_sequence_of_edges_is_judged_alike_wherever_it_stands),
            cmocka_unit_test(text_cut_anywhere_is_judged_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
