/* fuzz/runs.c - bit packing and the RLE / bit-packing hybrid beside a plain twin of them, a bit at a time, written from
 * the format's text. The first bytes say how wide values are, how many are read and how many at once; the rest are
 * runs. Holds: numbers, bits and dictionary entries are the twin's, or both refuse; none past the end are touched; what
 * was read, written again, reads the same. Spec: parquet-format Encodings.md, "Run Length Encoding / Bit-Packing Hybrid
 * (RLE = 3)", "Bit-packed (Deprecated)". */
#include "parquet/encoding/encoding.h"

#include "draw.h"
#include "require.h"

#include <stdlib.h>

enum { MOST = 1 << 12 };

/* ---- the twin ---- */

/* Bits [first, first + width), least significant first. */
static uint32_t bits_of(const uint8_t *at, uint64_t first, uint32_t width)
{
    uint32_t value = 0;
    for (uint32_t i = 0; i < width; i++)
        value |= (uint32_t)(at[(first + i) / 8] >> ((first + i) % 8) & 1) << i;
    return value;
}

/* n values; false where runs end before, or break a rule. *used is where the last run it took from ends. */
static bool twin_runs(dzr_bytes in, uint32_t width, uint32_t *out, size_t n)
{
    size_t at = 0;
    for (size_t done = 0; done < n;) {
        uint64_t header = 0;
        for (uint32_t shift = 0;; shift += 7) {
            if (at == in.len || shift > 28)
                return false;
            header |= (uint64_t)(in.at[at] & 0x7f) << shift;
            if (in.at[at++] < 0x80)
                break;
        }
        if (header > UINT32_MAX)
            return false;
        if (header % 2 == 0) {
            const size_t n_bytes = (width + 7) / 8;
            if (n_bytes > in.len - at)
                return false;
            uint64_t value = 0;
            for (size_t i = 0; i < n_bytes; i++)
                value |= (uint64_t)in.at[at + i] << 8 * i;
            at += n_bytes;
            if (value >> width != 0)
                return false;
            for (uint64_t i = 0; i < header / 2 && done < n; i++)
                out[done++] = (uint32_t)value;
            continue;
        }
        uint64_t n_values = header / 2 * 8, n_bytes = header / 2 * width;
        if (n_bytes > in.len - at) { /* the last run's padding may be missing, and only whole values count */
            n_bytes = in.len - at;
            n_values = n_bytes * 8 / width;
            if (n_values == 0)
                return false;
        }
        for (uint64_t i = 0; i < n_values && done < n; i++)
            out[done++] = bits_of(in.at + at, i * width, width);
        at += n_bytes;
    }
    return true;
}

/* ---- beside it ---- */

typedef struct shape {
    uint32_t width;
    size_t n, step;
} shape;

static bool all_below(const uint32_t *values, size_t n, uint64_t limit)
{
    for (size_t i = 0; i < n; i++)
        if (values[i] >= limit)
            return false;
    return true;
}

static void check_numbers(dzr_bytes in, shape s, const uint32_t *want, bool good)
{
    dzr_rle runs;
    dzr_error err = {.message = ""};
    uint32_t *const got = malloc((s.n + 1) * sizeof *got);
    REQUIRE(got != NULL);
    dzr_status st = DZR_OK;
    dzr__rle_init(&runs, in.at, in.len, s.width);
    for (size_t done = 0; st == DZR_OK && done < s.n;) {
        const size_t step = DZR_MIN(s.step, s.n - done);
        bool all = false;
        st = dzr__rle_next_all(&runs, want[done], (int64_t)step, &all, &err);
        if (st == DZR_OK)
            st = dzr__rle_read(&runs, got + done, (int64_t)step, &err);
        for (size_t i = 0; st == DZR_OK && all && i < step; i++)
            REQUIRE(got[done + i] == want[done]);
        done += step;
    }
    REQUIRE((st == DZR_OK) == good);
    REQUIRE(good ? s.n == 0 || memcmp(got, want, s.n * sizeof *got) == 0 : err.status == st && err.message[0] != '\0');
    free(got);
}

static void check_bits(dzr_bytes in, shape s, uint32_t max, const uint32_t *want, bool good)
{
    enum { FIRST = 5 };
    dzr_rle runs;
    dzr_error err = {.message = ""};
    uint8_t *const bits = calloc(1, (FIRST + s.n) / 8 + 1);
    int64_t n_set = 0, n_want = 0;
    REQUIRE(bits != NULL);
    bits[0] = 0x15; /* those before stay */
    dzr__rle_init(&runs, in.at, in.len, s.width);
    const dzr_status st = dzr__rle_read_bits(&runs, max, bits, FIRST, (int64_t)s.n, &n_set, &err);
    const bool fits = good && all_below(want, s.n, (uint64_t)max + 1);
    REQUIRE((st == DZR_OK) == fits);
    for (size_t i = 0; fits && i < s.n; i++) {
        REQUIRE(dzr__bit_get(bits, FIRST + (int64_t)i) == (want[i] == max));
        n_want += want[i] == max;
    }
    REQUIRE((bits[0] & 0x1f) == 0x15 && (!fits || n_set == n_want));
    free(bits);
}

static void check_gather(dzr_bytes in, shape s, size_t size, uint32_t n_dictionary, const uint32_t *want, bool good)
{
    dzr_rle runs;
    dzr_error err = {.message = ""};
    uint8_t *const dictionary = malloc(n_dictionary * size + 1), *const got = malloc(s.n * size + 1);
    REQUIRE(dictionary != NULL && got != NULL);
    for (size_t i = 0; i < n_dictionary * size; i++)
        dictionary[i] = (uint8_t)(i * 41 + i / 256);
    dzr__rle_init(&runs, in.at, in.len, s.width);
    const dzr_status st = dzr__rle_gather(&runs, dictionary, n_dictionary, size, got, (int64_t)s.n, &err);
    const bool fits = good && all_below(want, s.n, n_dictionary);
    REQUIRE((st == DZR_OK) == fits);
    for (size_t i = 0; fits && i < s.n; i++)
        REQUIRE(memcmp(got + i * size, dictionary + want[i] * size, size) == 0);
    free(dictionary);
    free(got);
}

/* The deprecated levels: most significant bit first, without runs. */
static void check_levels(dzr_bytes in, shape s, uint32_t max)
{
    const uint32_t width = dzr__bit_width(max);
    dzr_error err = {.message = ""};
    uint8_t *const bits = calloc(1, s.n / 8 + 1);
    size_t used = 0;
    int64_t n_set = 0;
    REQUIRE(bits != NULL);
    const bool there = (uint64_t)s.n * width <= (uint64_t)in.len * 8;
    bool fits = there;
    const dzr_status st = dzr__bit_packed_levels(in, max, bits, 0, (int64_t)s.n, &used, &n_set, &err);
    for (size_t i = 0; there && i < s.n; i++) {
        uint32_t level = 0;
        for (uint64_t bit = i * width; bit < (i + 1) * width; bit++)
            level = level << 1 | (uint32_t)(in.at[bit / 8] >> (7 - bit % 8) & 1);
        fits = fits && level <= max;
        REQUIRE(st != DZR_OK || dzr__bit_get(bits, (int64_t)i) == (level == max));
    }
    REQUIRE((st == DZR_OK) == fits && (!fits || used == (s.n * width + 7) / 8));
    free(bits);
}

/* Numbers that were read are written, and the runs read as them. */
static void check_written(shape s, const uint32_t *values)
{
    dzr_error err;
    dzr_bytebuf out = {0};
    uint32_t *const again = malloc((s.n + 1) * sizeof *again);
    REQUIRE(again != NULL);
    REQUIRE_OK(dzr__rle_write(&out, s.width, values, (int64_t)s.n, &err));
    REQUIRE(twin_runs((dzr_bytes){out.at, out.len}, s.width, again, s.n));
    REQUIRE(s.n == 0 || memcmp(again, values, s.n * sizeof *again) == 0);
    out.len = 0;
    if (s.n > 0) {
        REQUIRE_OK(dzr__rle_write_repeated(&out, s.width, values[0], (int64_t)s.n, &err));
        REQUIRE(twin_runs((dzr_bytes){out.at, out.len}, s.width, again, s.n));
        REQUIRE(again[0] == values[0] && again[s.n - 1] == values[0]);
    }
    free(again);
    dzr__bytebuf_fini(&out);
}

/* Bits [3, 3 + n) of the input as values of one bit. */
static void check_written_bits(dzr_bytes in)
{
    enum { FIRST = 3 };
    dzr_error err;
    dzr_bytebuf out = {0};
    static uint32_t again[MOST];
    const size_t n = in.len == 0 ? 0 : DZR_MIN(in.len * 8 - FIRST, (size_t)MOST);
    REQUIRE_OK(dzr__rle_write_bits(&out, in.at, FIRST, (int64_t)n, &err));
    REQUIRE(twin_runs((dzr_bytes){out.at, out.len}, 1, again, n));
    for (size_t i = 0; i < n; i++)
        REQUIRE((again[i] != 0) == dzr__bit_get(in.at, FIRST + (int64_t)i));
    dzr__bytebuf_fini(&out);
}

static void check_unpack(dzr_bytes in, uint32_t width, size_t first)
{
    static uint32_t got[MOST];
    const size_t n_all = width == 0 ? 0 : in.len * 8 / width;
    if (first > n_all)
        return;
    const size_t n = DZR_MIN(n_all - first, (size_t)MOST);
    dzr__unpack(in.at, in.len, width, first, n, got);
    for (size_t i = 0; i < n; i++)
        REQUIRE(got[i] == bits_of(in.at, (first + i) * width, width));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const size_t sizes[] = {1, 2, 4, 8, 16};
    static uint32_t want[MOST];
    draw d = {bytes, bytes + len};
    shape s = {.width = draw_below(&d, 33)};
    const size_t size = sizes[draw_below(&d, sizeof sizes / sizeof *sizes)];
    s.n = draw_number(&d, 2) % MOST;
    s.step = 1 + draw_number(&d, 2) % MOST;
    const uint32_t max = 1 + draw_below(&d, 5);
    const uint32_t n_dictionary = (uint32_t)draw_number(&d, 2);
    const dzr_bytes in = {d.at, (size_t)(d.end - d.at)};
    memset(want, 0, sizeof want);
    const bool good = twin_runs(in, s.width, want, s.n);
    check_numbers(in, s, want, good);
    check_bits(in, s, max, want, good);
    check_gather(in, s, size, n_dictionary, want, good);
    check_levels(in, s, max);
    check_unpack(in, s.width, s.step);
    check_written_bits(in);
    if (good)
        check_written(s, want);
    return 0;
}
