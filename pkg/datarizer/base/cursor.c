/* base/cursor.c - reading bytes from outside: never past the end, never wider than asked. */
#include "base/internal.h"

static dzr_status too_short(const dzr_cursor *c, uint64_t n, dzr_error *err)
{
    const dzr_status st = dzr_fail(err, DZR_ERR_TRUNCATED, "%llu bytes expected at byte %lld, %zu are left",
            (unsigned long long)n, (long long)dzr__cursor_offset(c), dzr__cursor_left(c));
    if (err != NULL)
        err->offset = dzr__cursor_offset(c);
    return st;
}

dzr_status dzr__cursor_take(dzr_cursor *c, uint64_t n, const uint8_t **out, dzr_error *err)
{
    if (!dzr__cursor_has(c, n))
        return too_short(c, n, err);
    *out = c->at;
    c->at += n;
    return DZR_OK;
}

dzr_status dzr__read_u8(dzr_cursor *c, uint8_t *out, dzr_error *err)
{
    if (c->at == c->end)
        return too_short(c, 1, err);
    *out = *c->at++;
    return DZR_OK;
}

dzr_status dzr__read_u32le(dzr_cursor *c, uint32_t *out, dzr_error *err)
{
    const uint8_t *at = NULL;
    DZR_TRY(dzr__cursor_take(c, 4, &at, err));
    *out = dzr__load_u32(at);
    return DZR_OK;
}

dzr_status dzr__read_uvarint(dzr_cursor *c, uint64_t *out, dzr_error *err)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t group = 0;
        DZR_TRY(dzr__read_u8(c, &group, err));
        if (shift == 63 && group > 1)
            return dzr_fail(
                    err, DZR_ERR_CORRUPT, "varint wider than 64 bits at byte %lld", (long long)dzr__cursor_offset(c));
        value |= (uint64_t)(group & 0x7f) << shift;
        if ((group & 0x80) == 0) {
            *out = value;
            return DZR_OK;
        }
    }
    return dzr_fail(err, DZR_ERR_CORRUPT, "varint longer than 10 bytes at byte %lld", (long long)dzr__cursor_offset(c));
}
