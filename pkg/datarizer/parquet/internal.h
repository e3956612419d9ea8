/* parquet/internal.h - the numbers of the format, which every part of the room shares.
 * Spec: parquet-format src/main/thrift/parquet.thrift; the names are that file's. */
#ifndef DZR_PARQUET_INTERNAL_H
#define DZR_PARQUET_INTERNAL_H

#include "frame/internal.h"
#include <datarizer/parquet.h>

/* "PAR1" begins and ends a file; before the last one stands the footer's length, four bytes. */
#define DZR_PARQUET_MAGIC "PAR1"
enum { DZR_PARQUET_MAGIC_BYTES = 4, DZR_PARQUET_TAIL_BYTES = 8 };

typedef enum dzr_physical {
    DZR_PHYSICAL_BOOLEAN = 0,
    DZR_PHYSICAL_INT32 = 1,
    DZR_PHYSICAL_INT64 = 2,
    DZR_PHYSICAL_INT96 = 3,
    DZR_PHYSICAL_FLOAT = 4,
    DZR_PHYSICAL_DOUBLE = 5,
    DZR_PHYSICAL_BYTE_ARRAY = 6,
    DZR_PHYSICAL_FIXED = 7 /* FIXED_LEN_BYTE_ARRAY */
} dzr_physical;

typedef enum dzr_converted {
    DZR_CONVERTED_UTF8 = 0,
    DZR_CONVERTED_MAP = 1,
    DZR_CONVERTED_MAP_KEY_VALUE = 2,
    DZR_CONVERTED_LIST = 3,
    DZR_CONVERTED_ENUM = 4,
    DZR_CONVERTED_DECIMAL = 5,
    DZR_CONVERTED_DATE = 6,
    DZR_CONVERTED_TIME_MILLIS = 7,
    DZR_CONVERTED_TIME_MICROS = 8,
    DZR_CONVERTED_TIMESTAMP_MILLIS = 9,
    DZR_CONVERTED_TIMESTAMP_MICROS = 10,
    DZR_CONVERTED_UINT_8 = 11,
    DZR_CONVERTED_UINT_16 = 12,
    DZR_CONVERTED_UINT_32 = 13,
    DZR_CONVERTED_UINT_64 = 14,
    DZR_CONVERTED_INT_8 = 15,
    DZR_CONVERTED_INT_16 = 16,
    DZR_CONVERTED_INT_32 = 17,
    DZR_CONVERTED_INT_64 = 18,
    DZR_CONVERTED_JSON = 19,
    DZR_CONVERTED_BSON = 20,
    DZR_CONVERTED_INTERVAL = 21
} dzr_converted;

typedef enum dzr_repetition {
    DZR_REPETITION_REQUIRED = 0,
    DZR_REPETITION_OPTIONAL = 1,
    DZR_REPETITION_REPEATED = 2
} dzr_repetition;

typedef enum dzr_encoding {
    DZR_ENCODING_PLAIN = 0,
    DZR_ENCODING_PLAIN_DICTIONARY = 2,
    DZR_ENCODING_RLE = 3,
    DZR_ENCODING_BIT_PACKED = 4,
    DZR_ENCODING_DELTA_BINARY_PACKED = 5,
    DZR_ENCODING_DELTA_LENGTH_BYTE_ARRAY = 6,
    DZR_ENCODING_DELTA_BYTE_ARRAY = 7,
    DZR_ENCODING_RLE_DICTIONARY = 8,
    DZR_ENCODING_BYTE_STREAM_SPLIT = 9
} dzr_encoding;

typedef enum dzr_page_type {
    DZR_PAGE_DATA = 0,
    DZR_PAGE_INDEX = 1,
    DZR_PAGE_DICTIONARY = 2,
    DZR_PAGE_DATA_V2 = 3
} dzr_page_type;

/* "BYTE_ARRAY", "RLE_DICTIONARY", "ZSTD"; static storage. "unknown type 9" and the like are the caller's to say: NULL
 * for a number the format does not have. */
const char *dzr__physical_name(int32_t physical);
const char *dzr__encoding_name(int32_t encoding);
const char *dzr__compression_name(int32_t codec);

#endif
