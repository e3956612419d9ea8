/* parquet/codec/codec.h - compression of pages: one face over zlib, libzstd, libsnappy and our own way out of Snappy,
 * and the CRC of what is stored. Called by reader/ and writer/ with whole pages. Spec: parquet-format Compression.md;
 * parquet.thrift, PageHeader.crc. */
#ifndef DZR_PARQUET_CODEC_H
#define DZR_PARQUET_CODEC_H

#include "parquet/internal.h"

/* The libraries' contexts, made when first needed and used again. Zero is a good start, with alloc set. One thread at a
 * time. libsnappy, and liblz4 for frames, take their working memory (of a fixed size) from malloc; the others from
 * alloc. */
typedef struct dzr_codecs {
    const dzr_allocator *alloc;
    void *zstd_in, *zstd_out; /* ZSTD_CCtx, ZSTD_DCtx */
    void *gzip_in, *gzip_out; /* z_stream */
    int32_t gzip_level;       /* what gzip_in was made for */
} dzr_codecs;

void dzr__codecs_fini(dzr_codecs *codecs);

/* Whether pages of this codec can be read; the number comes from a file. */
static inline bool dzr__codec_known(int32_t codec)
{
    return dzr_codec_name((dzr_codec)codec) != NULL;
}

/* Whether pages can be written with it. */
static inline bool dzr__codec_written(dzr_codec codec)
{
    return codec != DZR_CODEC_LZ4 && dzr__codec_known((int32_t)codec);
}

/* Replaces what out holds with `in`, compressed; level 0 is the codec's default. UNCOMPRESSED copies.
 * Errors: DZR_ERR_NOMEM, DZR_ERR_LIMIT (out's ceiling). */
DZR_MUST_CHECK dzr_status dzr__compress(
        dzr_codecs *codecs, dzr_codec codec, int32_t level, dzr_bytes in, dzr_bytebuf *out, dzr_error *err);

/* Fills out[0 .. n) exactly. No bytes at all (in.len 0) stand for no bytes, whatever the codec. GZIP: all members.
 * Errors: DZR_ERR_CORRUPT (in is no such stream, or makes fewer or more than n bytes; nothing past out + n is written),
 * DZR_ERR_UNSUPPORTED (a codec we do not have, named), DZR_ERR_NOMEM. out is undefined after an error. */
DZR_MUST_CHECK dzr_status dzr__decompress(
        dzr_codecs *codecs, int32_t codec, dzr_bytes in, uint8_t *out, size_t n, dzr_error *err);

/* CRC-32 of a page as it is stored; its bits are PageHeader.crc. */
uint32_t dzr__page_crc(const void *at, size_t len);
/* That of bytes which follow those that gave crc. */
uint32_t dzr__page_crc_more(uint32_t crc, const void *at, size_t len);

#endif
