/* fuzz/deltas.c - the delta encodings beside plain twins of them, a bit at a time, written from the format's text. The
 * first bytes say how wide a value is and how many there are; the rest are a page's values.
 * Holds: numbers and strings are the twin's, or both refuse; none past the end are touched; what was read, written
 * again, reads the same. Spec: parquet-format Encodings.md, "Delta Encoding", "Delta-length byte array", "Delta
 * Strings". */
#include "parquet/encoding/encoding.h"

#include "draw.h"
#include "require.h"

#include <stdlib.h>

enum { MOST = 1 << 12 };

/* ---- the twins ---- */

static bool twin_varint(dzr_bytes *in, uint64_t *out)
{
    *out = 0;
    for (uint32_t shift = 0; shift < 70; shift += 7) {
        if (in->len == 0 || (shift == 63 && in->at[0] > 1))
            return false;
        const uint8_t byte = *in->at++;
        in->len--;
        *out |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return true;
    }
    return false;
}

static bool twin_zigzag(dzr_bytes *in, uint64_t *out)
{
    if (!twin_varint(in, out))
        return false;
    *out = *out % 2 == 0 ? *out / 2 : ~(*out / 2);
    return true;
}

static uint64_t bits_of(const uint8_t *at, uint64_t first, uint32_t width)
{
    uint64_t value = 0;
    for (uint32_t i = 0; i < width; i++)
        value |= (uint64_t)(at[(first + i) / 8] >> ((first + i) % 8) & 1) << i;
    return value;
}

/* n numbers; in goes on behind them. */
static bool twin_numbers(dzr_bytes *in, size_t n, uint64_t *out)
{
    uint64_t block, n_mini, n_values, last;
    if (!twin_varint(in, &block) || !twin_varint(in, &n_mini) || !twin_varint(in, &n_values) || !twin_zigzag(in, &last))
        return false;
    if (block == 0 || block % 128 != 0 || n_mini == 0 || block % n_mini != 0 || block / n_mini % 32 != 0 ||
            n_values != n)
        return false;
    if (n > 0)
        out[0] = last;
    for (size_t done = 1; done < n;) {
        uint64_t min;
        if (!twin_zigzag(in, &min) || in->len < n_mini)
            return false;
        const uint8_t *const widths = in->at;
        in->at += n_mini;
        in->len -= n_mini;
        for (uint64_t m = 0; m < n_mini && done < n; m++) {
            const unsigned __int128 n_bytes = (unsigned __int128)(block / n_mini) * widths[m] / 8;
            if (widths[m] > 64 || n_bytes > in->len)
                return false;
            for (uint64_t i = 0; i < block / n_mini && done < n; i++, done++)
                out[done] = last += min + bits_of(in->at, i * widths[m], widths[m]);
            in->at += (size_t)n_bytes;
            in->len -= (size_t)n_bytes;
        }
    }
    return true;
}

/* Every value's length, 0 to 2^31 - 1 as INT32 has it. */
static bool twin_lengths(dzr_bytes *in, size_t n, uint64_t *out)
{
    if (!twin_numbers(in, n, out))
        return false;
    for (size_t i = 0; i < n; i++) {
        out[i] &= UINT32_MAX;
        if (out[i] > INT32_MAX)
            return false;
    }
    return true;
}

typedef struct strings {
    uint8_t *bytes; /* one after the other */
    uint64_t lens[MOST];
    uint64_t fronts[MOST];
} strings;

static bool twin_strings(dzr_bytes in, size_t n, strings *out)
{
    if (!twin_lengths(&in, n, out->lens))
        return false;
    uint64_t total = 0;
    for (size_t i = 0; i < n; i++) {
        total += out->lens[i];
        if (total > in.len)
            return false;
    }
    out->bytes = malloc(total + 1);
    REQUIRE(out->bytes != NULL);
    if (total > 0)
        memcpy(out->bytes, in.at, total);
    return true;
}

enum { MOST_BYTES = 1 << 22 };

/* *large: more bytes than the target wants to look at. */
static bool twin_prefixed(dzr_bytes in, size_t n, strings *out, bool *large)
{
    *large = false;
    if (!twin_lengths(&in, n, out->fronts) || !twin_lengths(&in, n, out->lens))
        return false;
    uint64_t total = 0, own = 0, before = 0;
    for (size_t i = 0; i < n; i++) {
        own += out->lens[i];
        if (out->fronts[i] > before || own > in.len)
            return false;
        before = out->fronts[i] + out->lens[i];
        total += before;
    }
    *large = total > MOST_BYTES;
    if (*large)
        return true;
    out->bytes = malloc(total + 1);
    REQUIRE(out->bytes != NULL);
    uint8_t *to = out->bytes;
    const uint8_t *last = to;
    for (size_t i = 0; i < n; i++) {
        uint8_t *const start = to;
        for (uint64_t k = 0; k < out->fronts[i]; k++)
            *to++ = last[k];
        for (uint64_t k = 0; k < out->lens[i]; k++)
            *to++ = *in.at++;
        out->lens[i] += out->fronts[i];
        last = start;
    }
    return true;
}

/* ---- beside them ---- */

static void check_numbers(dzr_bytes in, size_t n, size_t size)
{
    static uint64_t want[MOST];
    dzr_bytes rest = in;
    dzr_error err = {.message = ""};
    dzr_cursor c = dzr__cursor(in.at, in.len);
    uint8_t *const got = malloc(n * size + 1), *const again = malloc(n * size + 1);
    REQUIRE(got != NULL && again != NULL);
    const bool good = twin_numbers(&rest, n, want);
    const dzr_status st = dzr__delta_read(&c, size, (int64_t)n, got, &err);
    REQUIRE((st == DZR_OK) == good);
    REQUIRE(good || (err.status == st && err.message[0] != '\0'));
    for (size_t i = 0; good && i < n; i++)
        REQUIRE(memcmp(got + i * size, &want[i], size) == 0);
    if (good) {
        dzr_bytebuf out = {0};
        REQUIRE(c.at == rest.at);
        REQUIRE_OK(dzr__delta_write(&out, size, got, (int64_t)n, &err));
        c = dzr__cursor(out.at, out.len);
        REQUIRE_OK(dzr__delta_read(&c, size, (int64_t)n, again, &err));
        REQUIRE(dzr__cursor_left(&c) == 0 && memcmp(got, again, n * size) == 0);
        dzr__bytebuf_fini(&out);
    }
    free(got);
    free(again);
}

/* Views into `base` are the strings. Their PLAIN is appended. */
static void compare_views(const dzr_view *views, const uint8_t *base, const strings *want, size_t n, dzr_bytebuf *plain)
{
    dzr_error err;
    const uint8_t *expected = want->bytes;
    for (size_t i = 0; i < n; i++) {
        const dzr_view *const view = &views[i];
        REQUIRE(view->len >= 0 && (uint64_t)view->len == want->lens[i]);
        const uint8_t *at = view->as.inlined;
        if (view->len > DZR_VIEW_INLINE) {
            REQUIRE(view->as.ref.buffer == 7);
            at = base + view->as.ref.offset;
            REQUIRE(memcmp(view->as.ref.prefix, at, 4) == 0);
        }
        REQUIRE(memcmp(at, expected, (size_t)view->len) == 0);
        const uint32_t len = (uint32_t)view->len;
        REQUIRE_OK(dzr__bytebuf_append(plain, &len, 4, &err));
        REQUIRE_OK(dzr__bytebuf_append(plain, at, len, &err));
        expected += len;
    }
}

static bool all_utf8(const strings *s, size_t n)
{
    const uint8_t *at = s->bytes;
    for (size_t i = 0; i < n; at += s->lens[i++])
        if (!dzr__utf8_valid(at, s->lens[i]))
            return false;
    return true;
}

static void check_strings(dzr_bytes in, size_t n, bool utf8)
{
    static strings want;
    want.bytes = NULL;
    dzr_error err = {.message = ""};
    dzr_bytebuf plain = {0}, scratch = {0}, out = {0};
    dzr_view *const got = malloc((n + 1) * sizeof *got);
    REQUIRE(got != NULL);
    bool good = twin_strings(in, n, &want);
    good = good && (!utf8 || all_utf8(&want, n));
    dzr_status st = dzr__delta_read_views(in, (int64_t)n, in.at, 7, utf8, got, &err);
    REQUIRE((st == DZR_OK) == good);
    if (good) {
        compare_views(got, in.at, &want, n, &plain);
        REQUIRE_OK(dzr__delta_write_strings(&out, plain.at, (int64_t)n, &scratch, &err));
        REQUIRE_OK(dzr__delta_read_views((dzr_bytes){out.at, out.len}, (int64_t)n, out.at, 7, utf8, got, &err));
        plain.len = 0;
        compare_views(got, out.at, &want, n, &plain);
    }
    free(want.bytes);
    free(got);
    dzr__bytebuf_fini(&plain);
    dzr__bytebuf_fini(&scratch);
    dzr__bytebuf_fini(&out);
}

/* Puts together what in holds; NULL when it is refused. The data is the caller's. */
static uint8_t *read_prefixed(dzr_bytes in, size_t n, bool utf8, dzr_view *out, uint64_t *n_bytes)
{
    dzr_error err = {.message = ""};
    dzr_cursor c = dzr__cursor(in.at, in.len);
    int32_t *const lengths = malloc((n + 1) * 2 * sizeof *lengths);
    uint8_t *data = NULL;
    REQUIRE(lengths != NULL);
    *n_bytes = 0;
    dzr_status st = dzr__prefixed_lengths(&c, (int64_t)n, lengths, n_bytes, &err);
    if (st == DZR_OK && *n_bytes <= MOST_BYTES) {
        data = malloc(*n_bytes + 1);
        REQUIRE(data != NULL);
        st = dzr__prefixed_views(c.at, (int64_t)n, lengths, data, 7, utf8, out, &err);
    }
    REQUIRE(st == DZR_OK || (err.status == st && err.message[0] != '\0'));
    free(lengths);
    if (st == DZR_OK)
        return data;
    free(data);
    return NULL;
}

static void check_prefixed(dzr_bytes in, size_t n, bool utf8)
{
    static strings want;
    want.bytes = NULL;
    dzr_error err = {.message = ""};
    dzr_bytebuf plain = {0}, scratch = {0}, out = {0};
    dzr_view *const got = malloc((n + 1) * sizeof *got);
    uint64_t n_bytes = 0;
    bool large = false;
    REQUIRE(got != NULL);
    bool good = twin_prefixed(in, n, &want, &large);
    uint8_t *data = read_prefixed(in, n, utf8, got, &n_bytes);
    if (!large) {
        good = good && (!utf8 || all_utf8(&want, n));
        REQUIRE((data != NULL) == good);
    }
    if (data != NULL) {
        compare_views(got, data, &want, n, &plain);
        free(data);
        REQUIRE_OK(dzr__prefixed_write(&out, 0, plain.at, (int64_t)n, &scratch, &err));
        data = read_prefixed((dzr_bytes){out.at, out.len}, n, utf8, got, &n_bytes);
        REQUIRE(data != NULL);
        plain.len = 0;
        compare_views(got, data, &want, n, &plain);
        free(data);
    }
    free(want.bytes);
    free(got);
    dzr__bytebuf_fini(&plain);
    dzr__bytebuf_fini(&scratch);
    dzr__bytebuf_fini(&out);
}

/* Values of a fixed size: those of the input, written, come back; and the input itself, as pages have it. */
static void check_fixed(dzr_bytes in, size_t n, size_t size)
{
    dzr_error err = {.message = ""};
    dzr_bytebuf scratch = {0}, out = {0};
    int32_t *const lengths = malloc((n + 1) * 2 * sizeof *lengths);
    uint8_t *const values = malloc((n + in.len) * size + 1);
    REQUIRE(lengths != NULL && values != NULL);
    uint64_t n_bytes = 0;
    dzr_cursor c = dzr__cursor(in.at, in.len);
    if (dzr__prefixed_lengths(&c, (int64_t)n, lengths, &n_bytes, &err) == DZR_OK && n_bytes <= MOST_BYTES) {
        const dzr_status st = dzr__prefixed_fixed(c.at, (int64_t)n, lengths, size, values, &err);
        bool good = true;
        for (size_t i = 0; i < n; i++)
            good = good && (size_t)lengths[i] + (size_t)lengths[n + i] == size;
        REQUIRE((st == DZR_OK) == good);
    }
    const size_t n_in = DZR_MIN(in.len / size, n);
    REQUIRE_OK(dzr__prefixed_write(&out, size, in.at, (int64_t)n_in, &scratch, &err));
    c = dzr__cursor(out.at, out.len);
    REQUIRE_OK(dzr__prefixed_lengths(&c, (int64_t)n_in, lengths, &n_bytes, &err));
    REQUIRE_OK(dzr__prefixed_fixed(c.at, (int64_t)n_in, lengths, size, values, &err));
    REQUIRE(n_in == 0 || memcmp(values, in.at, n_in * size) == 0);
    free(lengths);
    free(values);
    dzr__bytebuf_fini(&scratch);
    dzr__bytebuf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    draw d = {bytes, bytes + len};
    const uint32_t how = draw_below(&d, 6);
    const size_t n = draw_number(&d, 2) % MOST;
    const size_t size = 1 + draw_below(&d, 20);
    const dzr_bytes in = {d.at, (size_t)(d.end - d.at)};
    switch (how) {
    case 0:
    case 1:
        check_numbers(in, n, how == 0 ? 4 : 8);
        break;
    case 2:
    case 3:
        check_strings(in, n, how == 2);
        break;
    case 4:
        check_prefixed(in, n, size % 2 == 0);
        break;
    default:
        check_fixed(in, n, size);
        break;
    }
    return 0;
}
