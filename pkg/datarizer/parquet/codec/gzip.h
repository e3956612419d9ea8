/* parquet/codec/gzip.h - the gzip half of codec.c, over zlib. */
#ifndef DZR_PARQUET_GZIP_H
#define DZR_PARQUET_GZIP_H

#include "parquet/codec/codec.h"

/* As dzr__compress and dzr__decompress say, in.len > 0 for the latter. */
DZR_MUST_CHECK dzr_status dzr__gzip_compress(
        dzr_codecs *codecs, int32_t level, dzr_bytes in, dzr_bytebuf *out, dzr_error *err);
DZR_MUST_CHECK dzr_status dzr__gzip_decompress(
        dzr_codecs *codecs, dzr_bytes in, uint8_t *out, size_t n, dzr_error *err);
void dzr__gzip_fini(dzr_codecs *codecs);

#endif
