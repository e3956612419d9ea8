/* json/escape.c - text as it stands between the quotes of a JSON string. Called by writer.c for every string and name.
 * Escapes are those of Go's encoding/json: \b \f \n \r \t short, other control characters \u00xx, and with html < > &
 * U+2028 and U+2029. Text without any is copied 16 bytes at a time. Spec: RFC 8259 section 7. */
#include "json/escape.h"
#include "json/internal.h"

/* Bytes to stop at: 1 always, 2 with html (E2 begins U+2028 and U+2029, and many others). */
static const uint8_t stops[256] = {
        [0x00] = 1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        ['"'] = 1,
        ['\\'] = 1,
        ['<'] = 2,
        ['>'] = 2,
        ['&'] = 2,
        [0xE2] = 2,
};

/* Copies what needs no escape, 16 bytes at a time, up to the last block that has 16 bytes. */
static size_t copy_blocks(const uint8_t *at, size_t len, bool html, uint8_t *to)
{
    size_t done = 0;
#ifdef __SSE2__
    for (; len - done >= 16; done += 16) {
        const __m128i block = _mm_loadu_si128((const __m128i *)(const void *)(at + done));
        _mm_storeu_si128((__m128i *)(void *)(to + done), block);
        const unsigned mask = (unsigned)_mm_movemask_epi8(dzr__json_stops(block, html));
        if (mask != 0)
            return done + (size_t)__builtin_ctz(mask);
    }
#else
    (void)at, (void)len, (void)html, (void)to;
#endif
    return done;
}

static uint8_t *put_unicode(uint8_t *to, unsigned code)
{
    static const char hex[] = "0123456789abcdef";
    *to++ = '\\';
    *to++ = 'u';
    for (int shift = 12; shift >= 0; shift -= 4)
        *to++ = (uint8_t)hex[code >> shift & 15];
    return to;
}

/* The escape of the byte at `at`, or the character itself where it only looked like one; *n bytes of it are done. */
static uint8_t *put_stop(const uint8_t *at, size_t left, size_t *n, uint8_t *to)
{
    static const char shorts[] = {
            ['"'] = '"', ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
    *n = 1;
    if (*at == 0xE2) {
        if (left >= 3 && at[1] == 0x80 && (at[2] == 0xA8 || at[2] == 0xA9)) {
            *n = 3;
            return put_unicode(to, 0x2000u + (at[2] & 0x3Fu));
        }
        *to = *at;
        return to + 1;
    }
    if (*at < sizeof shorts && shorts[*at] != 0) {
        *to++ = '\\';
        *to++ = (uint8_t)shorts[*at];
        return to;
    }
    return put_unicode(to, *at);
}

size_t dzr__json_escape(dzr_bytes text, bool html, uint8_t *const to)
{
    const uint8_t stop_at = html ? 3 : 1;
    uint8_t *out = to;
    for (size_t at = 0; at < text.len;) {
        const size_t copied = copy_blocks(text.at + at, text.len - at, html, out);
        at += copied;
        out += copied;
        while (at < text.len && (stops[text.at[at]] & stop_at) == 0)
            *out++ = text.at[at++];
        if (at == text.len)
            break;
        size_t n = 0;
        out = put_stop(text.at + at, text.len - at, &n, out);
        at += n;
    }
    return (size_t)(out - to);
}
