/* parquet/codec/lz4.h - the LZ4 and LZ4_RAW part of codec.c, over liblz4. */
#ifndef DZR_PARQUET_LZ4_H
#define DZR_PARQUET_LZ4_H

#include "parquet/codec/codec.h"

/* As dzr__compress and dzr__decompress say, in.len > 0 for the latter. LZ4_RAW is one block. */
DZR_MUST_CHECK dzr_status dzr__lz4_raw_compress(dzr_bytes in, dzr_bytebuf *out, dzr_error *err);
DZR_MUST_CHECK dzr_status dzr__lz4_raw_decompress(dzr_bytes in, uint8_t *out, size_t n, dzr_error *err);
/* The deprecated LZ4, which writers understood in three ways: Hadoop's framing, one block, an LZ4 frame. */
DZR_MUST_CHECK dzr_status dzr__lz4_decompress(dzr_bytes in, uint8_t *out, size_t n, dzr_error *err);

#endif
