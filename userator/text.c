/* userator/text.c - see text.h. */
#include "text.h"

#include <stdlib.h>

#include <datarizer/json_doc.h>
#include <unistr.h>

enum { FIRST_BYTES = 16 * 1024, KEPT_BYTES = 1024 * 1024 };

static dzr_status append_to_text(dzr_sink *sink, const void *bytes, size_t n, dzr_error *err)
{
    text_buf *const t = (text_buf *)sink;
    text_put(t, bytes, n);
    return t->failed ? dzr_fail(err, DZR_ERR_NOMEM, "out of memory") : DZR_OK;
}

void text_init(text_buf *t)
{
    static const dzr_sink_ops ops = {.append = append_to_text}; /* nobody commits or closes an answer */
    *t = (text_buf){.sink = {.ops = &ops, .name = "answer"}};
}

void text_fini(text_buf *t)
{
    free(t->at);
    text_init(t);
}

void text_clear(text_buf *t)
{
    if (t->cap > KEPT_BYTES)
        text_fini(t);
    t->len = 0;
    t->failed = false;
}

uint8_t *text_grow(text_buf *t, size_t n)
{
    const size_t doubled = t->cap > 0 ? t->cap * 2 : FIRST_BYTES;
    const size_t cap = t->len + n > doubled ? t->len + n : doubled; /* both are bounded by the server's limits */
    uint8_t *const at = t->failed ? NULL : realloc(t->at, cap);
    if (at == NULL) {
        t->failed = true;
        return NULL;
    }
    t->at = at;
    t->cap = cap;
    return at + t->len;
}

void text_put_string(text_buf *t, dzr_bytes bytes)
{
    uint8_t *const room = text_room(t, DZR_JSON_STRING_ROOM(bytes.len));
    if (room != NULL)
        t->len += dzr_json_write_string(bytes, room);
}

void text_put_unquoted(text_buf *t, dzr_bytes bytes)
{
    uint8_t *const room = text_room(t, DZR_JSON_STRING_ROOM(bytes.len));
    if (room == NULL)
        return;
    const size_t n = dzr_json_write_string(bytes, room) - 2;
    memmove(room, room + 1, n);
    t->len += n;
}

void text_put_int64(text_buf *t, int64_t value)
{
    uint8_t digits[20];
    uint8_t *at = digits + sizeof digits;
    uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do
        *--at = (uint8_t)('0' + left % 10);
    while ((left /= 10) > 0);
    if (value < 0)
        *--at = '-';
    text_put(t, at, (size_t)(digits + sizeof digits - at));
}

void text_put_character(text_buf *t, uint32_t code)
{
    uint8_t bytes[6];
    const int n = u8_uctomb(bytes, code, sizeof bytes);
    if (n > 0)
        text_put(t, bytes, (size_t)n);
}
