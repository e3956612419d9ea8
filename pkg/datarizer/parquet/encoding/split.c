/* parquet/encoding/split.c - BYTE_STREAM_SPLIT, both ways: first all lowest bytes, then all second ones, and so on.
 * Called by reader/values.c and writer/body.c with one page's values. Spec: parquet-format Encodings.md, "Byte Stream
 * Split". */
#include "parquet/encoding/encoding.h"

/* size is a constant at the calls that matter, so that the inner loop is unrolled. */
static inline __attribute__((always_inline)) void join(const uint8_t *in, const size_t size, size_t n, uint8_t *out)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < size; k++)
            out[i * size + k] = in[k * n + i];
}

dzr_status dzr__split_read(dzr_bytes in, size_t size, int64_t n, void *out, dzr_error *err)
{
    if (in.len % size != 0 || in.len / size != (size_t)n)
        return dzr_fail(
                err, DZR_ERR_CORRUPT, "split streams of %zu bytes for %lld values of %zu", in.len, (long long)n, size);
    switch (size) {
    case 2:
        join(in.at, 2, (size_t)n, out);
        break;
    case 4:
        join(in.at, 4, (size_t)n, out);
        break;
    case 8:
        join(in.at, 8, (size_t)n, out);
        break;
    default:
        join(in.at, size, (size_t)n, out);
        break;
    }
    return DZR_OK;
}

dzr_status dzr__split_write(dzr_bytebuf *out, size_t size, const void *values, int64_t n, dzr_error *err)
{
    const uint8_t *const in = values;
    if (n == 0)
        return DZR_OK;
    DZR_TRY(dzr__bytebuf_reserve(out, size * (size_t)n, err));
    for (size_t k = 0; k < size; k++) {
        uint8_t *const stream = out->at + out->len + k * (size_t)n;
        for (size_t i = 0; i < (size_t)n; i++)
            stream[i] = in[i * size + k];
    }
    out->len += size * (size_t)n;
    return DZR_OK;
}
