/* json/token.c - a place among the tokens of a text: what is wrong there in words, literals, and skipping what nobody
 * asked for with its grammar checked all the same. Called by record.c, array.c and lines.c. Spec: RFC 8259. */
#include "json/internal.h"

#include <stdio.h>

dzr_status dzr__json_unexpected(const dzr__json_walk *walk, size_t offset, const char *expected, dzr_error *err)
{
    dzr_status st = DZR_ERR_SYNTAX;
    if (offset >= walk->len) {
        st = dzr_fail(err, st, "byte %zu: the text ends where %s was expected", walk->len, expected);
        offset = walk->len;
    } else if (walk->text[offset] > ' ' && walk->text[offset] < 0x7f) {
        st = dzr_fail(err, st, "byte %zu: '%c' where %s was expected", offset, walk->text[offset], expected);
    } else {
        st = dzr_fail(err, st, "byte %zu: byte 0x%02x where %s was expected", offset, walk->text[offset], expected);
    }
    if (err != NULL)
        err->offset = (int64_t)offset;
    return st;
}

void dzr__json_show(dzr_bytes text, const char *lead, char *out, size_t room)
{
    const size_t lead_len = strlen(lead);
    memcpy(out, lead, lead_len);
    char *to = out + lead_len;
    const char *const most = out + room - sizeof "...";
    size_t at = 0;
    while (at < text.len) {
        const uint8_t byte = text.at[at];
        size_t n = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
        const bool shown = byte >= 0x20 && byte != 0x7f && n <= text.len - at && dzr__utf8_valid(text.at + at, n);
        n = shown ? n : 1;
        if (n > (size_t)(most - to))
            break;
        memcpy(to, shown ? text.at + at : (const uint8_t *)"?", n);
        to += n;
        at += n;
    }
    if (at < text.len)
        to = mempcpy(to, "...", 3);
    *to = '\0';
}

void dzr__json_describe(const dzr__json_walk *walk, const uint32_t *first, char out[DZR__JSON_SHOWN])
{
    const size_t start = *first;
    const uint8_t byte = walk->text[start];
    if (byte == '{' || byte == '[') {
        (void)snprintf(out, DZR__JSON_SHOWN, "%s", byte == '{' ? "an object" : "an array");
        return;
    }
    size_t end = first[1];
    while (end > start + 1 && walk->text[end - 1] <= ' ')
        end--;
    const char *const kind = byte == '"' ? "string " : byte == '-' || (byte >= '0' && byte <= '9') ? "number " : "";
    dzr__json_show((dzr_bytes){walk->text + start, end - start}, kind, out, DZR__JSON_SHOWN);
}

dzr_status dzr__json_not_a(const dzr__json_walk *walk, const uint32_t *first, const char *expected, dzr_error *err)
{
    char value[DZR__JSON_SHOWN];
    dzr__json_describe(walk, first, value);
    const dzr_status st = dzr_fail(err, DZR_ERR_TYPE, "%s where %s was expected", value, expected);
    if (err != NULL)
        err->offset = *first;
    return st;
}

dzr_status dzr__json_take_literal(dzr__json_walk *walk, const char *word, size_t len, dzr_error *err)
{
    const size_t start = *walk->next;
    for (size_t i = 0; i < len; i++) {
        if (start + i < walk->len && walk->text[start + i] == (uint8_t)word[i])
            continue;
        char expected[32];
        snprintf(expected, sizeof expected, "the '%c' of %s", word[i], word);
        return dzr__json_unexpected(walk, start + i, expected, err);
    }
    if (!dzr__json_scalar_ends(walk, start + len))
        return dzr__json_unexpected(walk, start + len, "the end of a literal", err);
    walk->next++;
    return DZR_OK;
}

static dzr_status skip_scalar(dzr__json_walk *walk, dzr_bytebuf *scratch, dzr_error *err)
{
    dzr__json_number number;
    dzr_bytes string;
    bool replaced = false;
    switch (dzr__json_peek(walk)) {
    case '"':
        return dzr__json_take_string(walk, scratch, &string, &replaced, err);
    case 't':
        return dzr__json_take_literal(walk, "true", 4, err);
    case 'f':
        return dzr__json_take_literal(walk, "false", 5, err);
    case 'n':
        return dzr__json_take_literal(walk, "null", 4, err);
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        return dzr__json_take_number(walk, &number, err);
    default:
        return dzr__json_unexpected(walk, *walk->next, "a value", err);
    }
}

/* A member's name and its colon. */
static dzr_status skip_name(dzr__json_walk *walk, const char *expected, dzr_bytebuf *scratch, dzr_error *err)
{
    dzr_bytes name;
    bool replaced = false;
    if (dzr__json_peek(walk) != '"')
        return dzr__json_unexpected(walk, *walk->next, expected, err);
    DZR_TRY(dzr__json_take_string(walk, scratch, &name, &replaced, err));
    if (dzr__json_peek(walk) != ':')
        return dzr__json_unexpected(walk, *walk->next, "':' after a member name", err);
    walk->next++;
    return DZR_OK;
}

/* Bit i of stack says whether the container at level i is an object. */
dzr_status dzr__json_skip(dzr__json_walk *walk, uint8_t *stack, uint32_t depth, dzr_bytebuf *scratch, dzr_error *err)
{
    uint32_t level = 0;
    for (;;) {
        const uint8_t first = dzr__json_peek(walk);
        if (first == '{' || first == '[') {
            if (level == depth) {
                const dzr_status st = dzr_fail(
                        err, DZR_ERR_LIMIT, "byte %u: nests deeper than the %u levels allowed", *walk->next, depth);
                if (err != NULL)
                    err->offset = *walk->next;
                return st;
            }
            walk->next++;
            const uint8_t bit = (uint8_t)(1u << (level & 7));
            stack[level >> 3] = (uint8_t)(first == '{' ? stack[level >> 3] | bit : stack[level >> 3] & ~bit);
            level++;
            if (dzr__json_peek(walk) != (first == '{' ? '}' : ']')) {
                if (first == '{')
                    DZR_TRY(skip_name(walk, "a member name or '}'", scratch, err));
                continue;
            }
            walk->next++;
            level--;
        } else {
            DZR_TRY(skip_scalar(walk, scratch, err));
        }
        for (;; level--) { /* after a value: the next one, or the end of what it stands in */
            if (level == 0)
                return DZR_OK;
            const bool is_object = (stack[(level - 1) >> 3] >> ((level - 1) & 7) & 1) != 0;
            const uint8_t byte = dzr__json_peek(walk);
            if (byte != ',' && byte != (is_object ? '}' : ']'))
                return dzr__json_unexpected(
                        walk, *walk->next, is_object ? "',' or '}' after a value" : "',' or ']' after a value", err);
            walk->next++;
            if (byte != ',')
                continue;
            if (is_object)
                DZR_TRY(skip_name(walk, "a member name", scratch, err));
            break;
        }
    }
}
