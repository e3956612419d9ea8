/* json/string.c - a JSON string out of a text: found, checked, its escapes resolved, and what is no character replaced.
 * Called by token.c and record.c for every name and value. Almost all strings are views into the text.
 * Spec: RFC 8259 section 7; replacement as Go's encoding/json: each stray byte and each lone surrogate becomes U+FFFD.
 */
#include "json/internal.h"

/* The closing quote of the string that opens at `start`, when simdjson has seen the text: only white space stands
 * between it and the next token. */
static size_t clean_end(const dzr__json_walk *walk)
{
    size_t end = walk->next[1] - 1u;
    while (walk->text[end] != '"')
        end--;
    return end;
}

/* The same for a text that nobody has checked yet. */
static dzr_status find_end(const dzr__json_walk *walk, size_t start, size_t *end, dzr_error *err)
{
    for (size_t i = start + 1; i < walk->len; i++) {
        if (walk->text[i] == '"') {
            *end = i;
            return DZR_OK;
        }
        if (walk->text[i] < 0x20)
            return dzr__json_unexpected(
                    walk, i, "a character of a string (control characters are written as escapes)", err);
        if (walk->text[i] == '\\' && i + 1 < walk->len && walk->text[i + 1] >= 0x20)
            i++;
    }
    return dzr__json_unexpected(walk, walk->len, "the closing '\"' of a string", err);
}

static dzr_status read_hex4(const dzr__json_walk *walk, size_t at, uint32_t *out, dzr_error *err)
{
    uint32_t value = 0;
    for (size_t i = at; i < at + 4; i++) {
        const uint8_t byte = walk->text[i];
        const uint8_t lower = byte | 0x20;
        if (byte >= '0' && byte <= '9')
            value = value << 4 | (uint32_t)(byte - '0');
        else if (lower >= 'a' && lower <= 'f')
            value = value << 4 | (uint32_t)(lower - 'a' + 10);
        else
            return dzr__json_unexpected(walk, i, "a hexadecimal digit of a \\u escape", err);
    }
    *out = value;
    return DZR_OK;
}

enum { REPLACEMENT = 0xFFFD };

/* The code point of the \u escape whose 'u' is at *at, with its second half where there is one; *at moves past it.
 * `end` is the closing quote, so four bytes may be read wherever a quote would stop them. */
static dzr_status read_unicode(
        const dzr__json_walk *walk, size_t *at, size_t end, uint32_t *code, bool *replaced, dzr_error *err)
{
    uint32_t unit = 0;
    DZR_TRY(read_hex4(walk, *at + 1, &unit, err)); /* a quote is no digit, so this stops at `end` */
    *at += 5;
    if (unit >= 0xD800 && unit < 0xDC00 && end - *at >= 6 && walk->text[*at] == '\\' && walk->text[*at + 1] == 'u') {
        uint32_t low = 0;
        DZR_TRY(read_hex4(walk, *at + 2, &low, err));
        if (low >= 0xDC00 && low < 0xE000) {
            *at += 6;
            *code = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
            return DZR_OK;
        }
    }
    const bool lone = unit >= 0xD800 && unit < 0xE000;
    *replaced |= lone;
    *code = lone ? REPLACEMENT : unit;
    return DZR_OK;
}

/* The escape whose backslash is at *at. */
static dzr_status resolve(
        const dzr__json_walk *walk, size_t *at, size_t end, uint8_t *to, size_t *n, bool *replaced, dzr_error *err)
{
    static const char short_escapes[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    const uint8_t kind = walk->text[*at + 1]; /* at most the closing quote */
    if (kind == 'u') {
        uint32_t code = 0;
        (*at)++;
        DZR_TRY(read_unicode(walk, at, end, &code, replaced, err));
        *n = (size_t)(dzr__json_put_utf8(to, code) - to);
        return DZR_OK;
    }
    const char *const found = kind != 0 ? strchr(short_escapes, kind) : NULL;
    if (found == NULL)
        return dzr__json_unexpected(walk, *at + 1, "one of \"\\/bfnrtu after '\\'", err);
    to[0] = (uint8_t)meanings[found - short_escapes];
    *n = 1;
    *at += 2;
    return DZR_OK;
}

/* Bytes of the character at `at`, 0 when it is none. */
static size_t character_bytes(const uint8_t *at, size_t left)
{
    const uint8_t lead = *at;
    const size_t n = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    return n <= left && dzr__utf8_valid(at, n) ? n : 0;
}

/* The string between start and end into scratch, character by character. An escape is never shorter than what it means,
 * a stray byte becomes three. */
static dzr_status rewrite(const dzr__json_walk *walk, size_t start, size_t end, dzr_bytebuf *scratch, dzr_bytes *out,
        bool *replaced, dzr_error *err)
{
    const size_t before = scratch->len;
    DZR_TRY(dzr__bytebuf_reserve(scratch, walk->clean ? end - start : 3 * (end - start), err));
    uint8_t *to = scratch->at + before;
    for (size_t at = start; at < end;) {
        size_t n = 0;
        if (walk->text[at] == '\\') {
            DZR_TRY(resolve(walk, &at, end, to, &n, replaced, err));
            to += n;
            continue;
        }
        n = walk->clean ? 1 : character_bytes(walk->text + at, end - at);
        if (n == 0) {
            *replaced = true;
            to = dzr__json_put_utf8(to, REPLACEMENT);
            at++;
            continue;
        }
        memcpy(to, walk->text + at, n);
        to += n;
        at += n;
    }
    *out = (dzr_bytes){.at = scratch->at + before, .len = (size_t)(to - scratch->at) - before};
    scratch->len = (size_t)(to - scratch->at);
    return DZR_OK;
}

dzr_status dzr__json_take_string(
        dzr__json_walk *walk, dzr_bytebuf *scratch, dzr_bytes *out, bool *replaced, dzr_error *err)
{
    const size_t start = *walk->next + 1u;
    size_t end = 0;
    if (walk->clean)
        end = clean_end(walk);
    else
        DZR_TRY(find_end(walk, start - 1, &end, err));
    *replaced = false;
    *out = (dzr_bytes){.at = walk->text + start, .len = end - start};
    const bool plain = out->len == 0 || memchr(out->at, '\\', out->len) == NULL;
    if (!plain || (!walk->clean && !dzr__utf8_valid(out->at, out->len)))
        DZR_TRY(rewrite(walk, start, end, scratch, out, replaced, err));
    walk->next++;
    return DZR_OK;
}
