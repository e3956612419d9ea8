/* parquet/codec/codec.c - which codec does what; Zstandard, plain copies and Snappy's way in here, its way out in
 * snappy_read.c, gzip, LZ4 and Brotli in files of their own. See codec.h. */
#include "parquet/codec/brotli.h"
#include "parquet/codec/gzip.h"
#include "parquet/codec/lz4.h"
#include "parquet/codec/snappy_read.h"

#include <snappy-c.h>
#include <strings.h>
#include <zlib.h>
#define ZSTD_STATIC_LINKING_ONLY /* ZSTD_customMem, which the shared library has, too */
#include <zstd.h>
#include <zstd_errors.h>

static const struct {
    dzr_codec codec;
    const char *name;
} names[] = {
        {DZR_CODEC_UNCOMPRESSED, "uncompressed"},
        {DZR_CODEC_SNAPPY, "snappy"},
        {DZR_CODEC_GZIP, "gzip"},
        {DZR_CODEC_ZSTD, "zstd"},
        {DZR_CODEC_LZ4_RAW, "lz4_raw"},
        {DZR_CODEC_LZ4, "lz4"},
        {DZR_CODEC_BROTLI, "brotli"},
};

const char *dzr_codec_name(dzr_codec codec)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].codec == codec)
            return names[i].name;
    return NULL;
}

dzr_status dzr_codec_find(const char *name, dzr_codec *out, dzr_error *err)
{
    if (strcasecmp(name, "none") == 0) {
        *out = DZR_CODEC_UNCOMPRESSED;
        return DZR_OK;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (dzr__codec_written(names[i].codec) && strcasecmp(name, names[i].name) == 0) {
            *out = names[i].codec;
            return DZR_OK;
        }
    return dzr_fail(err, DZR_ERR_ARG,
            "no codec is called \"%.100s\"; there are snappy, zstd, gzip, lz4_raw, brotli and none (uncompressed)",
            name);
}

/* Its memory comes from where ours does, so that a budget counts it. */
static void *lend(void *alloc, size_t n_bytes)
{
    return dzr_alloc_array(alloc, n_bytes, 1, NULL);
}

static void take_back(void *alloc, void *block)
{
    dzr_release(alloc, block);
}

static ZSTD_customMem zstd_memory(const dzr_codecs *codecs)
{
    return (ZSTD_customMem){lend, take_back, (void *)(uintptr_t)codecs->alloc}; /* handed back to the two above only */
}

void dzr__codecs_fini(dzr_codecs *codecs)
{
    ZSTD_freeCCtx(codecs->zstd_in);
    ZSTD_freeDCtx(codecs->zstd_out);
    dzr__gzip_fini(codecs);
    codecs->zstd_in = codecs->zstd_out = NULL;
}

uint32_t dzr__page_crc(const void *at, size_t len)
{
    return dzr__page_crc_more(0, at, len);
}

uint32_t dzr__page_crc_more(uint32_t crc, const void *at, size_t len)
{
    return len == 0 ? crc : (uint32_t)crc32_z(crc, at, len); /* zlib takes NULL for a wish to begin */
}

/* ---- compressing ---- */

static dzr_status zstd_failed(size_t code, const char *what, dzr_error *err)
{
    const dzr_status st = ZSTD_getErrorCode(code) == ZSTD_error_memory_allocation ? DZR_ERR_NOMEM : DZR_ERR_CORRUPT;
    return dzr_fail(err, st, "%s: %s", what, ZSTD_getErrorName(code));
}

static dzr_status compress_snappy(dzr_bytes in, dzr_bytebuf *out, dzr_error *err)
{
    size_t n = snappy_max_compressed_length(in.len);
    DZR_TRY(dzr__bytebuf_reserve(out, n, err));
    if (snappy_compress((const char *)in.at, in.len, (char *)out->at, &n) != SNAPPY_OK)
        return dzr_fail(err, DZR_ERR_LIMIT, "snappy can't compress %zu bytes at once", in.len);
    out->len = n;
    return DZR_OK;
}

static dzr_status compress_zstd(dzr_codecs *codecs, int32_t level, dzr_bytes in, dzr_bytebuf *out, dzr_error *err)
{
    if (codecs->zstd_in == NULL)
        codecs->zstd_in = ZSTD_createCCtx_advanced(zstd_memory(codecs));
    if (codecs->zstd_in == NULL)
        return dzr_fail(err, DZR_ERR_NOMEM, "out of memory for a zstd context");
    DZR_TRY(dzr__bytebuf_reserve(out, ZSTD_compressBound(in.len), err));
    const size_t n = ZSTD_compressCCtx(codecs->zstd_in, out->at, out->cap, in.at, in.len, level);
    if (ZSTD_isError(n))
        return zstd_failed(n, "compressing with zstd failed", err);
    out->len = n;
    return DZR_OK;
}

dzr_status dzr__compress(
        dzr_codecs *codecs, dzr_codec codec, int32_t level, dzr_bytes in, dzr_bytebuf *out, dzr_error *err)
{
    out->len = 0;
    switch (codec) {
    case DZR_CODEC_SNAPPY:
        return compress_snappy(in, out, err);
    case DZR_CODEC_ZSTD:
        return compress_zstd(codecs, level, in, out, err);
    case DZR_CODEC_GZIP:
        return dzr__gzip_compress(codecs, level, in, out, err);
    case DZR_CODEC_LZ4_RAW:
        return dzr__lz4_raw_compress(in, out, err);
    case DZR_CODEC_BROTLI:
        return dzr__brotli_compress(codecs, level, in, out, err);
    case DZR_CODEC_LZ4:
        return dzr_fail(err, DZR_ERR_UNSUPPORTED, "codec LZ4 is not written; LZ4_RAW took its place");
    default:
        return dzr__bytebuf_append(out, in.at, in.len, err);
    }
}

/* ---- decompressing ---- */

static dzr_status wrong_size(const char *codec, size_t made, size_t wanted, dzr_error *err)
{
    return dzr_fail(err, DZR_ERR_CORRUPT, "%s makes %zu bytes where %zu are expected", codec, made, wanted);
}

static dzr_status decompress_zstd(dzr_codecs *codecs, dzr_bytes in, uint8_t *out, size_t n, dzr_error *err)
{
    if (codecs->zstd_out == NULL)
        codecs->zstd_out = ZSTD_createDCtx_advanced(zstd_memory(codecs));
    if (codecs->zstd_out == NULL)
        return dzr_fail(err, DZR_ERR_NOMEM, "out of memory for a zstd context");
    const size_t made = ZSTD_decompressDCtx(codecs->zstd_out, out, n, in.at, in.len);
    if (ZSTD_isError(made)) {
        if (ZSTD_getErrorCode(made) == ZSTD_error_dstSize_tooSmall)
            return dzr_fail(err, DZR_ERR_CORRUPT, "zstd makes more than the %zu bytes expected", n);
        return zstd_failed(made, "a damaged zstd frame", err);
    }
    return made == n ? DZR_OK : wrong_size("zstd", made, n, err);
}

dzr_status dzr__decompress(dzr_codecs *codecs, int32_t codec, dzr_bytes in, uint8_t *out, size_t n, dzr_error *err)
{
    if (in.len == 0)
        return n == 0 ? DZR_OK : wrong_size("nothing", 0, n, err);
    switch (codec) {
    case DZR_CODEC_UNCOMPRESSED:
        if (in.len != n)
            return wrong_size("an uncompressed page", in.len, n, err);
        memcpy(out, in.at, n);
        return DZR_OK;
    case DZR_CODEC_SNAPPY:
        return dzr__snappy_decompress(in, out, n, err);
    case DZR_CODEC_GZIP:
        return dzr__gzip_decompress(codecs, in, out, n, err);
    case DZR_CODEC_ZSTD:
        return decompress_zstd(codecs, in, out, n, err);
    case DZR_CODEC_LZ4_RAW:
        return dzr__lz4_raw_decompress(in, out, n, err);
    case DZR_CODEC_LZ4:
        return dzr__lz4_decompress(in, out, n, err);
    case DZR_CODEC_BROTLI:
        return dzr__brotli_decompress(codecs, in, out, n, err);
    default: {
        const char *const name = dzr__compression_name(codec);
        if (name == NULL)
            return dzr_fail(err, DZR_ERR_UNSUPPORTED, "codec %d is not known", (int)codec);
        return dzr_fail(err, DZR_ERR_UNSUPPORTED, "codec %s is not supported", name);
    }
    }
}
