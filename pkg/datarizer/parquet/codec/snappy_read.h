/* parquet/codec/snappy_read.h - Snappy blocks, decompressed by our own loop. See snappy_read.c. */
#ifndef DZR_PARQUET_SNAPPY_READ_H
#define DZR_PARQUET_SNAPPY_READ_H

#include "parquet/internal.h"

/* Fills out[0 .. n), exactly, from one block. Errors: DZR_ERR_CORRUPT, with what is wrong and the byte; out is then
 * undefined, and nothing past out + n is written. */
DZR_MUST_CHECK dzr_status dzr__snappy_decompress(dzr_bytes in, uint8_t *out, size_t n, dzr_error *err);

#endif
