/* parquet/metadata/json_text.c - reads and writes the few JSON strings in the notes of geospatial columns. See
 * json_text.h. Spec: RFC 8259. */
#include "parquet/metadata/json_text.h"

enum { MAX_DEPTH = 64 };

/* ---- one value ---- */

static const uint8_t *skip_space(const uint8_t *at, const uint8_t *end)
{
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r'))
        at++;
    return at;
}

static bool is_hex(uint8_t byte)
{
    return (byte >= '0' && byte <= '9') || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'f');
}

/* Each of these returns where the thing at `at` ends, NULL when it is none. */
static const uint8_t *skip_string(const uint8_t *at, const uint8_t *end)
{
    if (at == end || *at++ != '"')
        return NULL;
    while (at < end && *at != '"') {
        if (*at < 0x20)
            return NULL;
        if (*at++ != '\\')
            continue;
        if (at == end || strchr("\"\\/bfnrtu", *at) == NULL || *at == '\0')
            return NULL;
        if (*at++ != 'u')
            continue;
        for (int i = 0; i < 4; i++)
            if (at == end || !is_hex(*at++))
                return NULL;
    }
    return at < end ? at + 1 : NULL;
}

static const uint8_t *skip_digits(const uint8_t *at, const uint8_t *end)
{
    const uint8_t *const first = at;
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    return at > first ? at : NULL;
}

static const uint8_t *skip_number(const uint8_t *at, const uint8_t *end)
{
    if (at < end && *at == '-')
        at++;
    const bool zero = at < end && *at == '0';
    at = zero ? at + 1 : skip_digits(at, end);
    if (at != NULL && at < end && *at == '.')
        at = skip_digits(at + 1, end);
    if (at == NULL || at == end || (*at | 0x20) != 'e')
        return at;
    at++;
    return skip_digits(at < end && (*at == '+' || *at == '-') ? at + 1 : at, end);
}

static const uint8_t *skip_value(const uint8_t *at, const uint8_t *end, int depth);

/* After the bracket that opens it; an object's values have keys. */
static const uint8_t *skip_container(const uint8_t *at, const uint8_t *end, int depth)
{
    const bool object = at[-1] == '{';
    const uint8_t close = object ? '}' : ']';
    at = skip_space(at, end);
    if (at < end && *at == close)
        return at + 1;
    for (;;) {
        if (object) {
            at = skip_string(skip_space(at, end), end);
            at = at != NULL ? skip_space(at, end) : NULL;
            if (at == NULL || at == end || *at++ != ':')
                return NULL;
        }
        at = skip_value(at, end, depth);
        if (at == NULL || at == end)
            return NULL;
        if (*at == close)
            return at + 1;
        if (*at++ != ',')
            return NULL;
    }
}

/* With the space around it. */
static const uint8_t *skip_value(const uint8_t *at, const uint8_t *end, int depth)
{
    static const char *const words[] = {"true", "false", "null"};
    at = skip_space(at, end);
    if (at == end || depth == MAX_DEPTH)
        return NULL;
    const uint8_t *after = NULL;
    if (*at == '{' || *at == '[')
        after = skip_container(at + 1, end, depth + 1);
    else if (*at == '"')
        after = skip_string(at, end);
    else if (*at == '-' || (*at >= '0' && *at <= '9'))
        after = skip_number(at, end);
    for (size_t i = 0; after == NULL && i < sizeof words / sizeof *words; i++)
        if ((size_t)(end - at) >= strlen(words[i]) && memcmp(at, words[i], strlen(words[i])) == 0)
            after = at + strlen(words[i]);
    return after == NULL ? NULL : skip_space(after, end);
}

bool dzr__json_text_valid(dzr_bytes text, bool object)
{
    if (text.len == 0 || !dzr__utf8_valid(text.at, text.len))
        return false;
    const uint8_t *const end = text.at + text.len;
    const uint8_t *const at = skip_space(text.at, end);
    return at < end && (!object || *at == '{') && skip_value(at, end, 0) == end;
}

bool dzr__json_text_next(dzr_bytes object, size_t *at, dzr_json_member *out)
{
    const uint8_t *const end = object.at + object.len;
    const uint8_t *key = *at > 0 ? object.at + *at : (const uint8_t *)memchr(object.at, '{', object.len) + 1;
    key = skip_space(key, end);
    if (*key == '}')
        return false;
    const uint8_t *const key_end = skip_string(key, end);
    const uint8_t *const value = skip_space(skip_space(key_end, end) + 1, end); /* the colon between */
    const uint8_t *const after = skip_value(value, end, 0);
    const uint8_t *value_end = after;
    while (value_end[-1] == ' ' || value_end[-1] == '\t' || value_end[-1] == '\n' || value_end[-1] == '\r')
        value_end--;
    *out = (dzr_json_member){{key, (size_t)(key_end - key)}, {value, (size_t)(value_end - value)}};
    *at = (size_t)(after - object.at) + (*after == ',' ? 1 : 0);
    return true;
}

/* ---- strings ---- */

static uint32_t hex4(const uint8_t *at)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++)
        value = value << 4 | (uint32_t)(at[i] <= '9' ? at[i] - '0' : (at[i] | 0x20) - 'a' + 10);
    return value;
}

static uint8_t *put_utf8(uint8_t *at, uint32_t code)
{
    if (code < 0x80) {
        *at++ = (uint8_t)code;
        return at;
    }
    const int n_more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const uint8_t first[] = {0, 0xc0, 0xe0, 0xf0};
    *at++ = (uint8_t)(first[n_more] | code >> 6 * n_more);
    for (int i = n_more - 1; i >= 0; i--)
        *at++ = (uint8_t)(0x80 | (code >> 6 * i & 0x3f));
    return at;
}

/* The code at *at, behind "\u"; a pair of surrogates is one. */
static uint32_t take_code(const uint8_t **at, const uint8_t *end)
{
    uint32_t code = hex4(*at);
    *at += 4;
    if (code >> 10 == 0xd800 >> 10 && end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u' &&
            hex4(*at + 2) >> 10 == 0xdc00 >> 10) {
        code = 0x10000 + ((code & 0x3ff) << 10 | (hex4(*at + 2) & 0x3ff));
        *at += 6;
    }
    return code >> 11 == 0xd800 >> 11 ? 0xfffd : code;
}

dzr_status dzr__json_text_unescape(dzr_bytes string, dzr_arena *arena, dzr_bytes *out, dzr_error *err)
{
    uint8_t *const text = dzr__arena_zeroed(arena, string.len, 1, err); /* never longer than its escapes */
    if (text == NULL)
        return DZR_ERR_NOMEM;
    uint8_t *to = text;
    const uint8_t *const end = string.at + string.len - 1;
    for (const uint8_t *at = string.at + 1; at < end;) {
        if (*at != '\\') {
            *to++ = *at++;
            continue;
        }
        static const char names[] = "bfnrt", means[] = "\b\f\n\r\t";
        const uint8_t kind = at[1];
        at += 2;
        const char *const name = strchr(names, kind);
        if (kind == 'u')
            to = put_utf8(to, take_code(&at, end));
        else
            *to++ = name != NULL ? (uint8_t)means[name - names] : kind;
    }
    *out = (dzr_bytes){text, (size_t)(to - text)};
    return DZR_OK;
}

dzr_status dzr__json_text_append(dzr_bytebuf *out, dzr_bytes string, dzr_error *err)
{
    static const char digits[] = "0123456789abcdef";
    DZR_TRY(dzr__bytebuf_append(out, "\"", 1, err));
    for (size_t i = 0; i < string.len; i++) {
        const uint8_t byte = string.at[i];
        const char code[6] = {'\\', 'u', '0', '0', digits[byte >> 4], digits[byte & 15]};
        if (byte == '"' || byte == '\\')
            DZR_TRY(dzr__bytebuf_append(out, "\\", 1, err));
        DZR_TRY(byte < 0x20 ? dzr__bytebuf_append(out, code, sizeof code, err)
                            : dzr__bytebuf_append(out, &byte, 1, err));
    }
    return dzr__bytebuf_append(out, "\"", 1, err);
}
