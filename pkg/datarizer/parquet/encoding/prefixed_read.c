/* parquet/encoding/prefixed_read.c - DELTA_BYTE_ARRAY, reading: values that share their front with the one before.
 * Called by reader/values.c in two steps, because between them somebody has to find the memory: lengths first, which
 * say how much, then the values. Spec: parquet-format Encodings.md, "Delta Strings (DELTA_BYTE_ARRAY = 7)". */
#include "parquet/encoding/encoding.h"

/* What lengths[i] and lengths[n + i] say of value i, which follows one of `before` bytes. */
static dzr_status check_lengths(int64_t i, int32_t prefix, int32_t suffix, uint64_t before, dzr_error *err)
{
    if (prefix < 0 || suffix < 0)
        return dzr_fail(err, DZR_ERR_CORRUPT, "value %lld claims %d bytes of the one before and %d of its own",
                (long long)i, prefix, suffix);
    if ((uint64_t)prefix > before)
        return dzr_fail(err, DZR_ERR_CORRUPT, "value %lld claims %d bytes of the one before, which has %llu",
                (long long)i, prefix, (unsigned long long)before);
    return DZR_OK;
}

dzr_status dzr__prefixed_lengths(dzr_cursor *in, int64_t n, int32_t *lengths, uint64_t *n_bytes, dzr_error *err)
{
    uint64_t own = 0, total = 0, before = 0;
    DZR_TRY(dzr__delta_read(in, sizeof *lengths, n, lengths, err));
    DZR_TRY(dzr__delta_read(in, sizeof *lengths, n, lengths + n, err));
    for (int64_t i = 0; i < n;
            i++) { /* a value is no longer than the page and there are fewer than 2^32: no sum wraps */
        DZR_TRY(check_lengths(i, lengths[i], lengths[n + i], before, err));
        own += (uint64_t)lengths[n + i];
        if (own > dzr__cursor_left(in))
            return dzr_fail(err, DZR_ERR_TRUNCATED, "%zu bytes of strings end inside value %lld of %lld",
                    (size_t)dzr__cursor_left(in), (long long)i, (long long)n);
        before = (uint64_t)lengths[i] + (uint64_t)lengths[n + i];
        total += before;
    }
    if (total > INT32_MAX)
        return dzr_fail(err, DZR_ERR_LIMIT, "a page of strings of %llu bytes together, limit is %d",
                (unsigned long long)total, INT32_MAX);
    *n_bytes = total;
    return DZR_OK;
}

/* Value i at `to`; `before` is the one before it. */
static void put_together(uint8_t *to, const uint8_t *before, size_t prefix, const uint8_t *own, size_t suffix)
{
    if (prefix > 0)
        memcpy(to, before, prefix);
    if (suffix > 0)
        memcpy(to + prefix, own, suffix);
}

dzr_status dzr__prefixed_views(const uint8_t *suffixes, int64_t n, const int32_t *lengths, uint8_t *data,
        int32_t buffer, bool utf8, dzr_view *out, dzr_error *err)
{
    const uint8_t *before = data;
    uint8_t *at = data;
    for (int64_t i = 0; i < n; i++) {
        const size_t prefix = (size_t)lengths[i], suffix = (size_t)lengths[n + i];
        put_together(at, before, prefix, suffixes, suffix);
        if (utf8 && !dzr__utf8_valid(at, prefix + suffix)) {
            const dzr_status st = dzr_fail(err, DZR_ERR_CORRUPT, "string value %lld is not UTF-8", (long long)i);
            if (err != NULL)
                err->record = i;
            return st;
        }
        out[i] = dzr__view(at, (int32_t)(prefix + suffix), buffer, (int32_t)(at - data));
        before = at;
        at += prefix + suffix;
        suffixes += suffix;
    }
    return DZR_OK;
}

dzr_status dzr__prefixed_fixed(
        const uint8_t *suffixes, int64_t n, const int32_t *lengths, size_t size, uint8_t *out, dzr_error *err)
{
    const uint8_t *before = out;
    for (int64_t i = 0; i < n; i++) {
        const size_t prefix = (size_t)lengths[i], suffix = (size_t)lengths[n + i];
        if (prefix + suffix != size)
            return dzr_fail(err, DZR_ERR_CORRUPT, "value %lld has %zu bytes, its type has %zu", (long long)i,
                    prefix + suffix, size);
        put_together(out, before, prefix, suffixes, suffix);
        before = out;
        out += size;
        suffixes += suffix;
    }
    return DZR_OK;
}
