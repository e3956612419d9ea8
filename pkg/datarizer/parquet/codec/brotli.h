/* parquet/codec/brotli.h - the Brotli part of codec.c, over libbrotli. */
#ifndef DZR_PARQUET_BROTLI_H
#define DZR_PARQUET_BROTLI_H

#include "parquet/codec/codec.h"

/* As dzr__compress and dzr__decompress say, in.len > 0 for the latter. */
DZR_MUST_CHECK dzr_status dzr__brotli_compress(
        const dzr_codecs *codecs, int32_t level, dzr_bytes in, dzr_bytebuf *out, dzr_error *err);
DZR_MUST_CHECK dzr_status dzr__brotli_decompress(
        const dzr_codecs *codecs, dzr_bytes in, uint8_t *out, size_t n, dzr_error *err);

#endif
