/* userator/text.h - a growing buffer that answers are written into, one a loop, used again for every request.
 * A failed allocation is remembered, not returned: the writer goes on into the void and looks at `failed` once, at the
 * end. Written by routes.c, detail.c, validate.c and email*.c. */
#ifndef USERATOR_TEXT_H
#define USERATOR_TEXT_H

#include <datarizer/io.h>

#include <string.h>

typedef struct text_buf {
    dzr_sink sink; /* appends here too, for dzr_json_value_print */
    uint8_t *at;
    size_t len, cap;
    bool failed; /* memory ran out; what is in it is not to be used */
} text_buf;

void text_init(text_buf *t);
void text_fini(text_buf *t);
/* Empties it for the next use; a buffer that has grown beyond all need is given back. */
void text_clear(text_buf *t);

/* Room for n more bytes, NULL (and failed) when there is none. Add to len what was used of it. */
uint8_t *text_grow(text_buf *t, size_t n);
static inline uint8_t *text_room(text_buf *t, size_t n)
{
    return n < t->cap - t->len ? t->at + t->len : text_grow(t, n);
}

static inline void text_put(text_buf *t, const void *bytes, size_t n)
{
    uint8_t *const room = text_room(t, n);
    if (room == NULL || n == 0)
        return;
    memcpy(room, bytes, n);
    t->len += n;
}
#define TEXT_LITERAL(t, literal) text_put((t), (literal), sizeof(literal) - 1)
static inline void text_put_bytes(text_buf *t, dzr_bytes bytes)
{
    text_put(t, bytes.at, bytes.len);
}
static inline void text_put_cstring(text_buf *t, const char *s)
{
    text_put(t, s, strlen(s));
}

/* In quotes, as dzr_json_write_string. */
void text_put_string(text_buf *t, dzr_bytes bytes);
/* The same without the quotes. */
void text_put_unquoted(text_buf *t, dzr_bytes bytes);
void text_put_int64(text_buf *t, int64_t value);
/* One character in UTF-8; nothing for a surrogate. */
void text_put_character(text_buf *t, uint32_t code);

static inline dzr_bytes text_bytes(const text_buf *t)
{
    return (dzr_bytes){t->at, t->len};
}

#endif
