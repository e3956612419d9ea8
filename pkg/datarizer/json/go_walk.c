/* json/go_walk.c - over a value whose grammar go_scan.c has found sound, and words that complaints about it share.
 * Called by go_decode.c and room record. Spec: RFC 8259; the words are those of Go 1.24's encoding/json. */
#include "json/internal.h"

#include <stdio.h>

/* From the opening quote to past the closing one. */
static const uint8_t *past_string(const uint8_t *at)
{
    for (at++; *at != '"'; at++)
        if (*at == '\\')
            at++;
    return at + 1;
}

static const uint8_t *past_container(const uint8_t *at)
{
    for (uint32_t depth = 0;;) {
        if (*at == '"') {
            at = past_string(at);
            continue;
        }
        if (*at == '{' || *at == '[')
            depth++;
        else if ((*at == '}' || *at == ']') && --depth == 0)
            return at + 1;
        at++;
    }
}

const uint8_t *dzr__json_go_past_value(const uint8_t *at)
{
    if (*at == '"')
        return past_string(at);
    if (*at == '{' || *at == '[')
        return past_container(at);
    while (*at != ',' && *at != '}' && *at != ']' && *at > ' ')
        at++;
    return at;
}

void dzr__json_go_quote(uint8_t byte, char out[DZR__JSON_GO_QUOTED])
{
    static const char shorts[] = {['\a'] = 'a',
            ['\b'] = 'b',
            ['\t'] = 't',
            ['\n'] = 'n',
            ['\v'] = 'v',
            ['\f'] = 'f',
            ['\r'] = 'r',
            ['\''] = '\'',
            ['\\'] = '\\'};
    const bool prints = (byte >= 0x20 && byte < 0x7f) || (byte > 0xA0 && byte != 0xAD);
    if (byte < sizeof shorts && shorts[byte] != 0)
        (void)snprintf(out, DZR__JSON_GO_QUOTED, "'\\%c'", shorts[byte]);
    else if (byte < 0x80)
        (void)snprintf(out, DZR__JSON_GO_QUOTED, prints ? "'%c'" : "'\\x%02x'", byte);
    else if (prints)
        (void)snprintf(out, DZR__JSON_GO_QUOTED, "'%c%c'", 0xC0 | byte >> 6, 0x80 | (byte & 0x3F));
    else
        (void)snprintf(out, DZR__JSON_GO_QUOTED, "'\\u%04x'", byte);
}

const char *dzr__json_go_kind(uint8_t first)
{
    switch (first) {
    case '{':
        return "object";
    case '[':
        return "array";
    case '"':
        return "string";
    case 't':
    case 'f':
        return "bool";
    default:
        return "number";
    }
}
