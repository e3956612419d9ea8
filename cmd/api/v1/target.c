/* cmd/api/v1/target.c - see target.h. Spec: Go 1.24's url.ParseQuery, path.Clean and http.ServeMux, strconv.Atoi. */
#include "target.h"

#include <string.h>

static int hex_digit(uint8_t byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    const uint8_t lower = byte | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* The byte at *at, an escape decoded; *at moves past it. -1 for an escape that is none. */
static int next_byte(dzr_bytes text, size_t *at)
{
    const uint8_t byte = text.at[(*at)++];
    if (byte != '%')
        return byte;
    if (text.len - *at < 2)
        return -1;
    const int high = hex_digit(text.at[*at]), low = hex_digit(text.at[*at + 1]);
    *at += 2;
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

bool target_path_is_valid(dzr_bytes path)
{
    for (size_t at = 0; at < path.len;)
        if (next_byte(path, &at) < 0)
            return false;
    return true;
}

bool target_first_segment_is(dzr_bytes path, const char *name)
{
    size_t at = 1;
    for (; at < path.len && path.at[at] != '/'; name++)
        if (*name == '\0' || next_byte(path, &at) != (uint8_t)*name)
            return false;
    return *name == '\0';
}

size_t target_clean(dzr_bytes path, uint8_t *out)
{
    size_t len = 0;
    for (size_t at = 0; at < path.len;) {
        const size_t start = at + 1; /* at is a slash */
        for (at = start; at < path.len && path.at[at] != '/';)
            at++;
        const uint8_t *const segment = path.at + start;
        const size_t n = at - start;
        if (n == 0 || (n == 1 && segment[0] == '.'))
            continue;
        if (n == 2 && segment[0] == '.' && segment[1] == '.') {
            while (len > 0 && out[--len] != '/')
                ;
            continue;
        }
        out[len++] = '/';
        memcpy(out + len, segment, n);
        len += n;
    }
    if (len == 0 || path.at[path.len - 1] == '/')
        out[len++] = '/';
    return len;
}

size_t target_encode(dzr_bytes text, uint8_t *out)
{
    static const char digits[] = "0123456789ABCDEF";
    uint8_t *to = out;
    for (size_t i = 0; i < text.len; i++) {
        const uint8_t byte = text.at[i];
        if (byte > ' ' && byte < 0x7f) {
            *to++ = byte;
            continue;
        }
        *to++ = '%';
        *to++ = (uint8_t)digits[byte >> 4];
        *to++ = (uint8_t)digits[byte & 15];
    }
    return (size_t)(to - out);
}

/* A name or value of a query; false for an escape that is none. */
static bool decode(dzr_bytes text, uint8_t *room, dzr_bytes *out)
{
    size_t len = 0;
    for (size_t at = 0; at < text.len;) {
        const bool is_plus = text.at[at] == '+';
        const int byte = next_byte(text, &at);
        if (byte < 0)
            return false;
        room[len++] = is_plus ? ' ' : (uint8_t)byte;
    }
    *out = (dzr_bytes){room, len};
    return true;
}

static dzr_bytes cut(dzr_bytes *text, char separator)
{
    const uint8_t *const found = text->len > 0 ? memchr(text->at, separator, text->len) : NULL;
    const size_t n = found != NULL ? (size_t)(found - text->at) : text->len;
    const dzr_bytes before = {text->at, n};
    const size_t taken = found != NULL ? n + 1 : n;
    *text = (dzr_bytes){text->at + taken, text->len - taken};
    return before;
}

bool target_parameter(dzr_bytes query, const char *name, uint8_t *room, dzr_bytes *out)
{
    while (query.len > 0) {
        dzr_bytes value = cut(&query, '&');
        if (value.len > 0 && memchr(value.at, ';', value.len) != NULL)
            continue;
        const dzr_bytes key = cut(&value, '=');
        dzr_bytes decoded;
        if (decode(key, room, &decoded) && decoded.len == strlen(name) && memcmp(room, name, decoded.len) == 0 &&
                decode(value, room, out))
            return true;
    }
    return false;
}

bool target_read_int(dzr_bytes text, int64_t *out)
{
    const bool has_sign = text.len > 0 && (text.at[0] == '-' || text.at[0] == '+');
    const bool is_negative = has_sign && text.at[0] == '-';
    int64_t value = 0;
    for (size_t i = has_sign; i < text.len; i++) {
        const int digit = text.at[i] - '0';
        if (digit < 0 || digit > 9 || __builtin_mul_overflow(value, 10, &value) ||
                __builtin_add_overflow(value, is_negative ? -digit : digit, &value))
            return false;
    }
    *out = value;
    return text.len > (size_t)has_sign;
}
