/* json/doc_decode.c - the bytes of a document to UTF-8: finds the encoding and checks or converts.
 * Called by doc.c before it scans. Surrogates pass, each as the three bytes that UTF-8 would have given it.
 * Spec: Python's json.detect_encoding and its codecs' "surrogatepass". */
#include "json/internal.h"

typedef enum encoding { UTF8, UTF16_LE, UTF16_BE, UTF32_LE, UTF32_BE } encoding;

static bool starts_with(dzr_bytes input, const char *prefix, size_t n)
{
    return input.len >= n && memcmp(input.at, prefix, n) == 0;
}

/* Takes a byte order mark off input. */
static encoding detect(dzr_bytes *input)
{
    static const struct {
        const char *mark;
        size_t n_bytes;
        encoding means;
    } marks[] = {
            {"\x00\x00\xfe\xff", 4, UTF32_BE},
            {"\xff\xfe\x00\x00", 4, UTF32_LE},
            {"\xfe\xff", 2, UTF16_BE},
            {"\xff\xfe", 2, UTF16_LE},
            {"\xef\xbb\xbf", 3, UTF8},
    };
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (starts_with(*input, marks[i].mark, marks[i].n_bytes)) {
            *input = (dzr_bytes){input->at + marks[i].n_bytes, input->len - marks[i].n_bytes};
            return marks[i].means;
        }
    }
    const uint8_t *const at = input->at;
    if (input->len >= 4) { /* the first character of JSON is ASCII, so zeros tell */
        if (at[0] == 0)
            return at[1] != 0 ? UTF16_BE : UTF32_BE;
        if (at[1] == 0)
            return at[2] != 0 || at[3] != 0 ? UTF16_LE : UTF32_LE;
    } else if (input->len == 2) {
        if (at[0] == 0)
            return UTF16_BE;
        if (at[1] == 0)
            return UTF16_LE;
    }
    return UTF8;
}

uint8_t *dzr__json_put_utf8(uint8_t *out, uint32_t code)
{
    if (code < 0x80) {
        *out++ = (uint8_t)code;
        return out;
    }
    if (code < 0x800) {
        *out++ = (uint8_t)(0xc0 | code >> 6);
    } else {
        if (code < 0x10000) {
            *out++ = (uint8_t)(0xe0 | code >> 12);
        } else {
            *out++ = (uint8_t)(0xf0 | code >> 18);
            *out++ = (uint8_t)(0x80 | (code >> 12 & 0x3f));
        }
        *out++ = (uint8_t)(0x80 | (code >> 6 & 0x3f));
    }
    *out++ = (uint8_t)(0x80 | (code & 0x3f));
    return out;
}

static uint32_t unit16(const uint8_t *at, bool big_endian)
{
    return big_endian ? (uint32_t)at[0] << 8 | at[1] : (uint32_t)at[1] << 8 | at[0];
}

static uint32_t unit32(const uint8_t *at, bool big_endian)
{
    return big_endian ? unit16(at, true) << 16 | unit16(at + 2, true) : unit16(at + 2, false) << 16 | unit16(at, false);
}

static dzr_status decode_utf16(dzr_bytes input, bool big_endian, dzr_arena *arena, dzr__json_text *out, dzr_error *err)
{
    if (input.len % 2 != 0)
        return dzr_fail(err, DZR_ERR_CORRUPT, "UTF-16 text of %zu bytes: half a character at its end", input.len);
    uint8_t *const start = dzr__arena_zeroed(arena, input.len / 2, 3, err);
    if (start == NULL)
        return err->status;
    uint8_t *end = start;
    for (size_t i = 0; i < input.len; i += 2) {
        uint32_t code = unit16(input.at + i, big_endian);
        if (code >= 0xd800 && code < 0xdc00 && input.len - i >= 4) {
            const uint32_t low = unit16(input.at + i + 2, big_endian);
            if (low >= 0xdc00 && low < 0xe000) {
                code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                i += 2;
            }
        }
        out->any_surrogate = out->any_surrogate || (code >= 0xd800 && code < 0xe000);
        end = dzr__json_put_utf8(end, code);
    }
    out->bytes = (dzr_bytes){start, (size_t)(end - start)};
    return DZR_OK;
}

static dzr_status decode_utf32(dzr_bytes input, bool big_endian, dzr_arena *arena, dzr__json_text *out, dzr_error *err)
{
    if (input.len % 4 != 0)
        return dzr_fail(err, DZR_ERR_CORRUPT, "UTF-32 text of %zu bytes: part of a character at its end", input.len);
    uint8_t *const start = dzr__arena_zeroed(arena, input.len, 1, err);
    if (start == NULL)
        return err->status;
    uint8_t *end = start;
    for (size_t i = 0; i < input.len; i += 4) {
        const uint32_t code = unit32(input.at + i, big_endian);
        if (code > 0x10ffff)
            return dzr_fail(err, DZR_ERR_CORRUPT, "UTF-32 text: no character 0x%x, at byte %zu", (unsigned)code, i);
        out->any_surrogate = out->any_surrogate || (code >= 0xd800 && code < 0xe000);
        end = dzr__json_put_utf8(end, code);
    }
    out->bytes = (dzr_bytes){start, (size_t)(end - start)};
    return DZR_OK;
}

/* Whether the bytes between encoded surrogates are UTF-8. */
static bool is_utf8_but_for_surrogates(const uint8_t *at, size_t len)
{
    size_t start = 0;
    for (size_t i = 0; i + 2 < len; i++) {
        if (at[i] != 0xed || (at[i + 1] & 0xe0) != 0xa0 || (at[i + 2] & 0xc0) != 0x80)
            continue;
        if (!dzr__utf8_valid(at + start, i - start))
            return false;
        i += 2;
        start = i + 1;
    }
    return dzr__utf8_valid(at + start, len - start);
}

dzr_status dzr__json_decode(dzr_bytes input, dzr_arena *arena, dzr__json_text *out, dzr_error *err)
{
    *out = (dzr__json_text){.any_surrogate = false};
    if (input.len == 0)
        input.at = (const uint8_t *)""; /* so that there is always an address */
    const encoding found = detect(&input);
    switch (found) {
    case UTF16_LE:
    case UTF16_BE:
        return decode_utf16(input, found == UTF16_BE, arena, out, err);
    case UTF32_LE:
    case UTF32_BE:
        return decode_utf32(input, found == UTF32_BE, arena, out, err);
    case UTF8:
        break;
    }
    out->bytes = input;
    if (dzr__utf8_valid(input.at, input.len))
        return DZR_OK;
    out->any_surrogate = true;
    if (!is_utf8_but_for_surrogates(input.at, input.len))
        return dzr_fail(err, DZR_ERR_CORRUPT, "the text is not UTF-8");
    return DZR_OK;
}
