/* parquet/metadata/names.c - the format's names for its numbers, for messages and listings. */
#include "parquet/internal.h"

#define NAME_OF(names, number)                                                                                         \
    ((number) >= 0 && (size_t)(number) < sizeof(names) / sizeof *(names) ? (names)[number] : NULL)

const char *dzr__physical_name(int32_t physical)
{
    static const char *const names[] = {
            "BOOLEAN", "INT32", "INT64", "INT96", "FLOAT", "DOUBLE", "BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY"};
    return NAME_OF(names, physical);
}

const char *dzr__encoding_name(int32_t encoding)
{
    static const char *const names[] = {"PLAIN", NULL, "PLAIN_DICTIONARY", "RLE", "BIT_PACKED", "DELTA_BINARY_PACKED",
            "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY", "RLE_DICTIONARY", "BYTE_STREAM_SPLIT"};
    return NAME_OF(names, encoding);
}

const char *dzr__compression_name(int32_t codec)
{
    static const char *const names[] = {"UNCOMPRESSED", "SNAPPY", "GZIP", "LZO", "BROTLI", "LZ4", "ZSTD", "LZ4_RAW"};
    return NAME_OF(names, codec);
}
