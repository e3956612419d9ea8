/* json/doc_print.c - values of json_doc.h back to text, compactly and always as valid JSON in valid UTF-8.
 * Called for what an answer echoes; dzr_json_write_string also for every string an answer holds.
 * Spec: Python's json.dumps(ensure_ascii=False, separators=(",", ":")). */
#include "json/internal.h"

#include <math.h>

/* ---- strings ---- */

static uint8_t *put_u_escape(uint8_t *out, uint32_t code)
{
    static const char digits[] = "0123456789abcdef";
    *out++ = '\\';
    *out++ = 'u';
    for (int shift = 12; shift >= 0; shift -= 4)
        *out++ = (uint8_t)digits[code >> shift & 0xf];
    return out;
}

static uint8_t *put_escaped(uint8_t *out, uint8_t c)
{
    static const char shorts[32] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    const uint8_t letter = c >= 0x20 ? c : (uint8_t)shorts[c];
    if (letter == 0)
        return put_u_escape(out, c);
    *out++ = '\\';
    *out++ = letter;
    return out;
}

/* Bytes of the well-formed character at `at`, which is not ASCII; 0 when there is none. */
static size_t character_bytes(const uint8_t *at, size_t left)
{
    const size_t n = *at >= 0xf0 ? 4 : *at >= 0xe0 ? 3 : 2;
    return n <= left && dzr__utf8_valid(at, n) ? n : 0;
}

/* A character that is not ASCII, or a byte that is none. Returns the bytes taken. */
static size_t put_wide(uint8_t **out, const uint8_t *at, size_t left)
{
    const size_t n = character_bytes(at, left);
    if (n > 0) {
        memcpy(*out, at, n);
        *out += n;
        return n;
    }
    if (left >= 3 && at[0] == 0xed && (at[1] & 0xe0) == 0xa0 && (at[2] & 0xc0) == 0x80) {
        *out = put_u_escape(*out, 0xd000 | (uint32_t)(at[1] & 0x3f) << 6 | (at[2] & 0x3f));
        return 3;
    }
    *out = dzr__json_put_utf8(*out, 0xfffd);
    return 1;
}

/* Text that is not UTF-8. */
static uint8_t *put_faulty(uint8_t *out, dzr_bytes text)
{
    for (size_t i = 0; i < text.len;) {
        const uint8_t c = text.at[i];
        if (c >= 0x80) {
            i += put_wide(&out, text.at + i, text.len - i);
            continue;
        }
        if (c < 0x20 || c == '"' || c == '\\')
            out = put_escaped(out, c);
        else
            *out++ = c;
        i++;
    }
    return out;
}

size_t dzr_json_write_string(dzr_bytes text, uint8_t *out)
{
    uint8_t *to = out;
    *to++ = '"';
    if (text.len > 0 && dzr__utf8_valid(text.at, text.len))
        to += dzr__json_escape(text, false, to);
    else
        to = put_faulty(to, text);
    *to++ = '"';
    return (size_t)(to - out);
}

/* ---- values ---- */

static dzr_status print_text(dzr_sink *sink, const char *text, dzr_error *err)
{
    return dzr_sink_append(sink, text, strlen(text), err);
}

/* In pieces, so that no buffer has to be six times as long as the text. Pieces end where a character does. */
static dzr_status print_string(dzr_bytes text, dzr_sink *sink, dzr_error *err)
{
    enum { PIECE = 256 };
    uint8_t buffer[DZR_JSON_STRING_ROOM(PIECE)];
    DZR_TRY(print_text(sink, "\"", err));
    while (text.len > 0) {
        size_t n = DZR_MIN(text.len, (size_t)PIECE);
        for (int back = 0; back < 3 && n < text.len && (text.at[n] & 0xc0) == 0x80; back++)
            n--;
        const size_t n_written = dzr_json_write_string((dzr_bytes){text.at, n}, buffer);
        DZR_TRY(dzr_sink_append(sink, buffer + 1, n_written - 2, err));
        text = (dzr_bytes){text.at + n, text.len - n};
    }
    return print_text(sink, "\"", err);
}

static dzr_status print_float(double number, dzr_sink *sink, dzr_error *err)
{
    if (!isfinite(number))
        return print_text(sink, "null", err);
    char text[DZR__DOUBLE_BYTES];
    return dzr_sink_append(sink, text, dzr__json_print_double(number, DZR__DOUBLE_PYTHON, text), err);
}

static dzr_status print_items(const dzr_json_value *value, dzr_sink *sink, dzr_error *err)
{
    const bool is_object = value->kind == DZR_JSON_OBJECT;
    const char *separator = is_object ? "{" : "[";
    if (value->as.first == NULL)
        return print_text(sink, is_object ? "{}" : "[]", err);
    for (const dzr_json_value *item = value->as.first; item != NULL; item = item->next, separator = ",") {
        DZR_TRY(print_text(sink, separator, err));
        if (is_object) {
            DZR_TRY(print_string(item->key, sink, err));
            DZR_TRY(print_text(sink, ":", err));
        }
        DZR_TRY(dzr_json_value_print(item, sink, err));
    }
    return print_text(sink, is_object ? "}" : "]", err);
}

dzr_status dzr_json_value_print(const dzr_json_value *value, dzr_sink *sink, dzr_error *err)
{
    switch (value->kind) {
    case DZR_JSON_NULL:
        return print_text(sink, "null", err);
    case DZR_JSON_FALSE:
        return print_text(sink, "false", err);
    case DZR_JSON_TRUE:
        return print_text(sink, "true", err);
    case DZR_JSON_INTEGER:
        return dzr_sink_append(sink, value->as.text.at, value->as.text.len, err);
    case DZR_JSON_FLOAT:
        return print_float(value->as.number, sink, err);
    case DZR_JSON_STRING:
        return print_string(value->as.text, sink, err);
    case DZR_JSON_ARRAY:
    case DZR_JSON_OBJECT:
        break;
    }
    return print_items(value, sink, err);
}
