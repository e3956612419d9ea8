/* userator/query.c - see query.h. */
#include "query.h"

#include <string.h>

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    const uint8_t lower = c | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* The byte that text has at *i once decoded. */
static uint8_t next_byte(dzr_bytes text, size_t *i, bool plus_is_space)
{
    const uint8_t c = text.at[(*i)++];
    if (c == '+' && plus_is_space)
        return ' ';
    if (c != '%' || text.len - *i < 2)
        return c;
    const int high = hex_digit(text.at[*i]), low = hex_digit(text.at[*i + 1]);
    if (high < 0 || low < 0)
        return c;
    *i += 2;
    return (uint8_t)(high << 4 | low);
}

/* How many bytes at `at` begin a character: *whole when all of it is there. A lone byte that can't begin one counts 1.
 * Unicode 15, table 3-7, and 3.9 "U+FFFD Substitution of Maximal Subparts". */
static size_t longest_start(const uint8_t *at, size_t left, bool *whole)
{
    const uint8_t lead = at[0];
    *whole = lead < 0x80;
    if (lead < 0xc2 || lead > 0xf4)
        return 1;
    const size_t n = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    uint8_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    uint8_t high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    size_t i = 1;
    for (; i < n && i < left && at[i] >= low && at[i] <= high; i++) {
        low = 0x80;
        high = 0xbf;
    }
    *whole = i == n;
    return i;
}

/* The character that begins at *i with an encoded byte from 0x80 on, or U+FFFD for as much of one as there is. */
static uint8_t *put_encoded(uint8_t *out, dzr_bytes text, size_t *i, bool plus_is_space)
{
    uint8_t bytes[4] = {0};
    size_t ends[4] = {0}; /* in text, of each byte */
    size_t n = 0;
    for (size_t at = *i; n < 4 && at < text.len && text.at[at] < 0x80; n++) {
        bytes[n] = next_byte(text, &at, plus_is_space);
        ends[n] = at;
    }
    bool whole = false;
    const size_t n_used = longest_start(bytes, n, &whole);
    const size_t n_out = whole ? n_used : 3;
    memcpy(out, whole ? bytes : (const uint8_t *)"\xef\xbf\xbd", n_out);
    *i = ends[n_used - 1];
    return out + n_out;
}

size_t query_decode(dzr_bytes text, bool plus_is_space, uint8_t *out)
{
    uint8_t *to = out;
    for (size_t i = 0; i < text.len;) {
        const uint8_t c = text.at[i];
        if (c >= 0x80) { /* Latin-1 */
            *to++ = (uint8_t)(0xc0 | c >> 6);
            *to++ = (uint8_t)(0x80 | (c & 0x3f));
            i++;
            continue;
        }
        size_t after = i;
        const uint8_t byte = next_byte(text, &after, plus_is_space);
        if (byte < 0x80) {
            *to++ = byte;
            i = after;
        } else {
            to = put_encoded(to, text, &i, plus_is_space);
        }
    }
    return (size_t)(to - out);
}

bool query_next(dzr_bytes *rest, dzr_bytes *name, dzr_bytes *value)
{
    while (rest->len > 0) {
        const uint8_t *const end = rest->at + rest->len;
        const uint8_t *const and_sign = memchr(rest->at, '&', rest->len);
        const dzr_bytes piece = {rest->at, (size_t)((and_sign != NULL ? and_sign : end) - rest->at)};
        const size_t n_taken = piece.len + (and_sign != NULL ? 1 : 0);
        *rest = (dzr_bytes){rest->at + n_taken, rest->len - n_taken};
        if (piece.len == 0)
            continue;
        const uint8_t *const equals = memchr(piece.at, '=', piece.len);
        const size_t name_len = equals != NULL ? (size_t)(equals - piece.at) : piece.len;
        *name = (dzr_bytes){piece.at, name_len};
        *value = (dzr_bytes){piece.at + name_len, 0};
        if (equals != NULL)
            *value = (dzr_bytes){equals + 1, piece.len - name_len - 1};
        return true;
    }
    return false;
}
