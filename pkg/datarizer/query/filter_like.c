/* query/filter_like.c - LIKE's patterns: % is any text, _ any one character. Without _ and with regard to case a text
 * is searched for the bytes between the %s; else character by character, going back to the last % alone, so that time
 * is bounded by the product of both lengths. Called by filter_bind.c and filter_leaf.c. */
#include "query/filter.h"

#include <unicase.h>
#include <unistr.h>

/* Takes the character at *at, which moves on. What is no UTF-8 is U+FFFD, byte by byte. */
static ucs4_t take(dzr_bytes text, size_t *at)
{
    ucs4_t code = text.at[*at];
    if (code < 0x80)
        ++*at;
    else
        *at += (size_t)u8_mbtouc(&code, text.at + *at, text.len - *at);
    return code;
}

static ucs4_t lower(ucs4_t code)
{
    if (code < 0x80)
        return code >= 'A' && code <= 'Z' ? code | 0x20 : code;
    return uc_tolower(code);
}

/* ---- from the pattern ---- */

/* The bytes between the %s, escapes taken out: one piece more than there are %s. */
static dzr_status cut(filter_like *out, dzr_arena *arena, dzr_error *err)
{
    dzr_bytes *const pieces = dzr__arena_zeroed(arena, (size_t)out->n_codes + 1, sizeof *pieces, err);
    uint8_t *const bytes = dzr__arena_zeroed(arena, (size_t)out->n_codes + 1, 4, err);
    if (pieces == NULL || bytes == NULL)
        return DZR_ERR_NOMEM;
    size_t n = 0;
    pieces[0].at = bytes;
    for (int32_t i = 0; i < out->n_codes; i++) {
        if (out->codes[i] == LIKE_ANY) {
            out->n_pieces++;
            pieces[out->n_pieces] = (dzr_bytes){bytes + n, 0};
            continue;
        }
        const int len = u8_uctomb(bytes + n, out->codes[i], 6);
        n += (size_t)len;
        pieces[out->n_pieces].len += (size_t)len;
    }
    out->n_pieces++;
    out->pieces = pieces;
    return DZR_OK;
}

dzr_status dzr__filter_like_new(
        dzr_bytes pattern, dzr_bytes escape, bool ignores_case, dzr_arena *arena, filter_like *out, dzr_error *err)
{
    size_t escape_at = 0;
    const ucs4_t escaping = escape.len > 0 ? take(escape, &escape_at) : UINT32_MAX;
    if (escape_at != escape.len)
        return dzr_fail(err, DZR_ERR_SYNTAX, "what escapes is one character");
    uint32_t *const codes = dzr__arena_zeroed(arena, pattern.len + 1, sizeof *codes, err);
    if (codes == NULL)
        return DZR_ERR_NOMEM;
    bool has_one = false;
    *out = (filter_like){.codes = codes, .ignores_case = ignores_case};
    for (size_t at = 0; at < pattern.len;) {
        ucs4_t code = take(pattern, &at);
        const bool is_escaped = code == escaping;
        if (is_escaped && at == pattern.len)
            return dzr_fail(err, DZR_ERR_SYNTAX, "the pattern ends with the character that escapes the next");
        if (is_escaped)
            code = take(pattern, &at);
        else if (code == '%')
            code = LIKE_ANY;
        else if (code == '_')
            code = LIKE_ANY_ONE;
        has_one = has_one || code == LIKE_ANY_ONE;
        codes[out->n_codes++] = ignores_case && code < LIKE_ANY ? lower(code) : code;
    }
    out->is_simple = !has_one && !ignores_case;
    return out->is_simple ? cut(out, arena, err) : DZR_OK;
}

/* ---- a text ---- */

static bool begins(dzr_bytes text, dzr_bytes with)
{
    return text.len >= with.len && (with.len == 0 || memcmp(text.at, with.at, with.len) == 0);
}

/* The first piece begins the text, the last ends it, those in between follow each other. */
static bool match_pieces(const filter_like *like, dzr_bytes text)
{
    const dzr_bytes *const piece = like->pieces;
    const int32_t last = like->n_pieces - 1;
    if (!begins(text, piece[0]))
        return false;
    if (last == 0)
        return text.len == piece[0].len;
    text = (dzr_bytes){text.at + piece[0].len, text.len - piece[0].len};
    if (text.len < piece[last].len)
        return false;
    const dzr_bytes end = {text.at + (text.len - piece[last].len), piece[last].len};
    if (!begins(end, piece[last]))
        return false;
    text.len -= piece[last].len;
    for (int32_t i = 1; i < last; i++) {
        const uint8_t *const found = piece[i].len > 0 ? memmem(text.at, text.len, piece[i].at, piece[i].len) : text.at;
        if (found == NULL)
            return false;
        text.len -= (size_t)(found - text.at) + piece[i].len;
        text.at = found + piece[i].len;
    }
    return true;
}

static bool match_codes(const filter_like *like, dzr_bytes text)
{
    size_t at = 0, retry_at = 0;
    int32_t code = 0, retry = -1; /* behind the last %, and the text that it has not taken yet */
    while (at < text.len) {
        if (code < like->n_codes && like->codes[code] == LIKE_ANY) {
            retry = ++code;
            retry_at = at;
            continue;
        }
        size_t next = at;
        const ucs4_t character = take(text, &next);
        if (code < like->n_codes && (like->codes[code] == LIKE_ANY_ONE ||
                                            like->codes[code] == (like->ignores_case ? lower(character) : character))) {
            code++;
            at = next;
            continue;
        }
        if (retry < 0)
            return false;
        (void)take(text, &retry_at); /* the % takes one more */
        at = retry_at;
        code = retry;
    }
    while (code < like->n_codes && like->codes[code] == LIKE_ANY)
        code++;
    return code == like->n_codes;
}

bool dzr__filter_like(const filter_like *like, dzr_bytes text)
{
    return like->is_simple ? match_pieces(like, text) : match_codes(like, text);
}
