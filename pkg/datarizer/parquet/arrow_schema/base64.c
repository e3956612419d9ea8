/* parquet/arrow_schema/base64.c - the text of an ARROW:schema entry to the message in it, and back. Called by
 * reader/hints.c and writer/writer.c. Spec: RFC 4648, 4. */
#include "parquet/arrow_schema/arrow_schema.h"

#include <openssl/evp.h>

enum {
    ARENA_BASE = 1 << 16,
    ARENA_PER_BYTE = 16,
    LARGEST = 1 << 28 /* bytes of text, so that every length is an int: libcrypto counts in those */
};

dzr_status dzr__arrow_schema_read(dzr_bytes text, dzr_arena *arena, struct ArrowSchema *out, dzr_error *err)
{
    if (text.len > LARGEST)
        return dzr_fail(err, DZR_ERR_LIMIT, "%zu bytes, limit is %d", text.len, (int)LARGEST);
    arena->max_bytes = ARENA_BASE + ARENA_PER_BYTE * text.len;
    uint8_t *const message = dzr__arena_zeroed(arena, text.len / 4 * 3 + 3, 1, err);
    if (message == NULL)
        return err != NULL ? err->status : DZR_ERR_NOMEM;
    /* What pads the text's end is decoded as zeros, which do no harm behind a message that has a length of its own. */
    const int n = text.len == 0 ? 0 : EVP_DecodeBlock(message, text.at, (int)text.len);
    if (n < 0)
        return dzr_fail(err, DZR_ERR_CORRUPT, "no base64");
    return dzr__arrow_message_read((dzr_bytes){message, (size_t)n}, arena, out, err);
}

dzr_status dzr__arrow_schema_write(const struct ArrowSchema *schema, dzr_bytebuf *out, dzr_error *err)
{
    dzr_bytebuf message = {.alloc = out->alloc, .max_bytes = (size_t)LARGEST / 4 * 3};
    dzr_status st = dzr__arrow_message_write(schema, &message, err);
    const size_t n_text = (message.len + 2) / 3 * 4;
    if (st == DZR_OK)
        st = dzr__bytebuf_reserve(out, n_text + 1, err); /* it ends it with a NUL */
    if (st == DZR_OK) {
        (void)EVP_EncodeBlock(out->at + out->len, message.at, (int)message.len);
        out->len += n_text;
    }
    dzr__bytebuf_fini(&message);
    return st;
}
