/* parquet/codec/lz4.c - LZ4 pages: one block (LZ4_RAW), or what older writers took LZ4 to mean. Called by codec.c.
 * Spec: parquet-format Compression.md, "LZ4" and "LZ4_RAW"; lz4 doc/lz4_Block_format.md and lz4_Frame_format.md. */
#include "parquet/codec/lz4.h"

#include <lz4.h>
#include <lz4frame.h>

dzr_status dzr__lz4_raw_compress(dzr_bytes in, dzr_bytebuf *out, dzr_error *err)
{
    if (in.len > LZ4_MAX_INPUT_SIZE)
        return dzr_fail(err, DZR_ERR_LIMIT, "lz4 can't compress %zu bytes at once", in.len);
    const int bound = LZ4_compressBound((int)in.len);
    DZR_TRY(dzr__bytebuf_reserve(out, (size_t)bound, err));
    const int n = LZ4_compress_default((const char *)in.at, (char *)out->at, (int)in.len, bound);
    if (n <= 0)
        return dzr_fail(err, DZR_ERR_NOMEM, "compressing %zu bytes with lz4 failed", in.len);
    out->len = (size_t)n;
    return DZR_OK;
}

static bool take_block(dzr_bytes in, uint8_t *out, size_t n)
{
    return in.len <= INT32_MAX && n <= INT32_MAX &&
           LZ4_decompress_safe((const char *)in.at, (char *)out, (int)in.len, (int)n) == (int)n;
}

dzr_status dzr__lz4_raw_decompress(dzr_bytes in, uint8_t *out, size_t n, dzr_error *err)
{
    return take_block(in, out, n)
                   ? DZR_OK
                   : dzr_fail(err, DZR_ERR_CORRUPT, "a damaged lz4 block of %zu bytes, where %zu are expected of it",
                             in.len, n);
}

static uint32_t load_u32be(const uint8_t *at)
{
    return __builtin_bswap32(dzr__load_u32(at));
}

/* [bytes made, bytes of the block, both big-endian; the block], again and again. */
static bool take_hadoop(dzr_bytes in, uint8_t *out, size_t n)
{
    while (in.len >= 8) {
        const size_t makes = load_u32be(in.at), takes = load_u32be(in.at + 4);
        if (takes > in.len - 8 || makes > n || !take_block((dzr_bytes){in.at + 8, takes}, out, makes))
            return false;
        in.at += 8 + takes;
        in.len -= 8 + takes;
        out += makes;
        n -= makes;
    }
    return in.len == 0 && n == 0;
}

static bool take_frame(dzr_bytes in, uint8_t *out, size_t n)
{
    LZ4F_dctx *context = NULL;
    if (LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)))
        return false;
    size_t more = 1;
    while (in.len > 0 && more != 0) {
        size_t made = n, taken = in.len;
        more = LZ4F_decompress(context, out, &made, in.at, &taken, NULL);
        if (LZ4F_isError(more) || (made == 0 && taken == 0))
            break;
        in.at += taken;
        in.len -= taken;
        out += made;
        n -= made;
    }
    LZ4F_freeDecompressionContext(context);
    return more == 0 && in.len == 0 && n == 0;
}

dzr_status dzr__lz4_decompress(dzr_bytes in, uint8_t *out, size_t n, dzr_error *err)
{
    if (take_hadoop(in, out, n) || take_block(in, out, n) || take_frame(in, out, n))
        return DZR_OK;
    return dzr_fail(err, DZR_ERR_CORRUPT,
            "%zu bytes of lz4 make no %zu bytes: not in Hadoop's framing, as a block or as a frame", in.len, n);
}
