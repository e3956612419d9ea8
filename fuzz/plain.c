/* fuzz/plain.c - PLAIN, split streams, and values moved apart for nulls, beside plain twins of them. The first bytes
 * say which, how many values and of which size; the rest are a page's values.
 * Holds: values are the twin's, or both refuse; none past the end are touched.
 * Spec: parquet-format Encodings.md, "Plain", "Byte Stream Split". */
#include "parquet/encoding/encoding.h"

#include "draw.h"
#include "require.h"

#include <stdlib.h>

enum { MOST = 1 << 12 };

/* ---- strings ---- */

/* A code point at a time, by its number. */
static bool twin_utf8(const uint8_t *at, size_t len)
{
    for (size_t i = 0; i < len;) {
        const uint32_t lead = at[i++];
        const uint32_t n = lead < 0x80 ? 0 : lead < 0xc0 ? 9 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf8 ? 3 : 9;
        static const uint32_t least[] = {0, 0x80, 0x800, 0x10000}, mask[] = {0x7f, 0x1f, 0x0f, 0x07};
        if (n == 9 || n > len - i)
            return false;
        uint32_t point = lead & mask[n];
        for (uint32_t k = 0; k < n; k++, i++) {
            if (at[i] >> 6 != 2)
                return false;
            point = point << 6 | (at[i] & 0x3f);
        }
        if (point < least[n] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
            return false;
    }
    return true;
}

static void check_utf8(dzr_bytes in, size_t from)
{
    from %= in.len + 1;
    REQUIRE(dzr__utf8_valid(in.at + from, in.len - from) == twin_utf8(in.at + from, in.len - from));
}

static void check_views(dzr_bytes in, size_t n, bool utf8)
{
    dzr_error err = {.message = ""};
    dzr_view *const got = malloc((n + 1) * sizeof *got);
    REQUIRE(got != NULL);
    const dzr_status st = dzr__plain_read_views(in, (int64_t)n, in.at, 3, utf8, got, &err);
    size_t at = 0;
    int64_t first_bad = -1;
    bool there = true;
    for (size_t i = 0; there && i < n; i++) {
        const uint32_t len = in.len - at < 4 ? 0 : dzr__load_u32(in.at + at);
        there = in.len - at >= 4 && len <= in.len - at - 4;
        if (!there)
            break;
        at += 4;
        if (utf8 && first_bad < 0 && !twin_utf8(in.at + at, len))
            first_bad = (int64_t)i;
        const dzr_view want = dzr__view(in.at + at, (int32_t)len, 3, (int32_t)at);
        REQUIRE(st != DZR_OK || memcmp(&got[i], &want, sizeof want) == 0);
        at += len;
    }
    REQUIRE(st == (!there ? DZR_ERR_TRUNCATED : first_bad >= 0 ? DZR_ERR_CORRUPT : DZR_OK));
    REQUIRE(st != DZR_ERR_CORRUPT || err.record == first_bad);
    free(got);
}

/* ---- numbers ---- */

static void check_narrow(dzr_bytes in)
{
    static const struct {
        dzr_type_id type;
        int64_t least, most;
        size_t size;
    } types[] = {{DZR_TYPE_INT8, INT8_MIN, INT8_MAX, 1}, {DZR_TYPE_INT16, INT16_MIN, INT16_MAX, 2},
            {DZR_TYPE_UINT8, 0, UINT8_MAX, 1}, {DZR_TYPE_UINT16, 0, UINT16_MAX, 2}};
    const size_t n = in.len / 4;
    uint8_t *const got = malloc(n * 2 + 1);
    REQUIRE(got != NULL);
    for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
        dzr_error err = {.message = ""};
        int64_t first_bad = -1;
        const dzr_status st = dzr__plain_read_narrow(in.at, (int64_t)n, types[t].type, got, &err);
        for (size_t i = 0; i < n; i++) {
            const int32_t value = (int32_t)dzr__load_u32(in.at + 4 * i);
            if (first_bad < 0 && (value < types[t].least || value > types[t].most))
                first_bad = (int64_t)i;
            REQUIRE(st != DZR_OK || memcmp(got + types[t].size * i, &value, types[t].size) == 0);
        }
        REQUIRE((st == DZR_OK) == (first_bad < 0) && (st == DZR_OK || err.record == first_bad));
    }
    free(got);
}

static void check_split(dzr_bytes in, size_t size, size_t n)
{
    dzr_error err = {.message = ""};
    dzr_bytebuf again = {0};
    uint8_t *const got = malloc(n * size + 1);
    REQUIRE(got != NULL);
    const dzr_status st = dzr__split_read(in, size, (int64_t)n, got, &err);
    REQUIRE((st == DZR_OK) == (in.len == n * size));
    for (size_t i = 0; st == DZR_OK && i < n * size; i++)
        REQUIRE(got[i] == in.at[i % size * n + i / size]);
    if (st == DZR_OK) {
        REQUIRE_OK(dzr__split_write(&again, size, got, (int64_t)n, &err));
        REQUIRE(again.len == in.len && (in.len == 0 || memcmp(again.at, in.at, in.len) == 0));
    }
    dzr__bytebuf_fini(&again);
    free(got);
}

/* ---- apart for nulls ---- */

/* The input's first n bits after `first` are validity, its bytes values. */
static void check_spread(dzr_bytes in, size_t size, int64_t first)
{
    if (in.len < 2)
        return;
    const int64_t n = (int64_t)DZR_MIN(in.len * 8, (size_t)MOST) - first;
    if (n < 0)
        return;
    const int64_t n_set = dzr__bits_count(in.at, first, n);
    uint8_t *const values = malloc((size_t)n * size + 1), *const bits = calloc(1, in.len + 1);
    REQUIRE(values != NULL && bits != NULL);
    for (size_t i = 0; i < (size_t)n * size; i++)
        values[i] = in.at[i % in.len];
    dzr__spread(values, size, in.at, first, n, n_set);
    dzr__spread_bits(in.at, in.at, bits, first, n);
    int64_t next = 0;
    for (int64_t row = 0; row < n; row++) {
        const bool set = dzr__bit_get(in.at, first + row);
        for (size_t i = 0; i < size; i++)
            REQUIRE(values[(size_t)row * size + i] == (set ? in.at[((size_t)next * size + i) % in.len] : 0));
        REQUIRE(dzr__bit_get(bits, first + row) == (set && dzr__bit_get(in.at, next)));
        next += set;
    }
    free(values);
    free(bits);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    draw d = {bytes, bytes + len};
    const uint32_t how = draw_below(&d, 6);
    const size_t n = draw_number(&d, 2) % MOST, size = 1 + draw_below(&d, 20);
    const dzr_bytes in = {d.at, (size_t)(d.end - d.at)};
    switch (how) {
    case 0:
        check_utf8(in, n);
        break;
    case 1:
    case 2:
        check_views(in, n, how == 2);
        break;
    case 3:
        check_narrow(in);
        break;
    case 4:
        check_split(in, size, n % 2 == 0 ? n : in.len / size);
        break;
    default:
        check_spread(in, size, (int64_t)(n % 200));
        break;
    }
    return 0;
}
