/* tests/parquet/checksum.h - one number for a column's values, that a few lines of any language compute too:
 * CRC-32 over each row's byte 0 for null, else byte 1 and the value: a boolean one byte, numbers little-endian in their
 * frame type's width, strings as 4 bytes of length and their bytes; a struct its fields' rows, a list 4 bytes of length
 * and its elements' rows. */
#ifndef DZR_TESTS_PARQUET_CHECKSUM_H
#define DZR_TESTS_PARQUET_CHECKSUM_H

#include <datarizer/frame.h>

#include <zlib.h>

static inline uLong row_checksum(uLong crc, const dzr_column *column, int64_t row)
{
    const uint32_t width = dzr_type_bits(column->type) / 8;
    const uint8_t there = dzr_column_is_null(column, row) ? 0 : 1;
    crc = crc32(crc, &there, 1);
    if (there == 0)
        return crc;
    switch (column->type.id) {
    case DZR_TYPE_BOOL: {
        const uint8_t value = dzr_column_bool(column, row) ? 1 : 0;
        return crc32(crc, &value, 1);
    }
    case DZR_TYPE_STRING:
    case DZR_TYPE_BINARY: {
        const dzr_bytes value = dzr_column_bytes(column, row);
        const uint32_t len = (uint32_t)value.len;
        crc = crc32(crc, (const uint8_t *)&len, sizeof len);
        return crc32(crc, value.at, len);
    }
    case DZR_TYPE_STRUCT:
        for (int32_t i = 0; i < column->n_children; i++)
            crc = row_checksum(crc, column->children[i], row);
        return crc;
    case DZR_TYPE_LIST:
    case DZR_TYPE_MAP: {
        int64_t first = 0;
        const uint32_t len = (uint32_t)dzr_column_list(column, row, &first);
        crc = crc32(crc, (const uint8_t *)&len, sizeof len);
        for (uint32_t i = 0; i < len; i++)
            crc = row_checksum(crc, column->children[0], first + i);
        return crc;
    }
    default:
        return crc32(crc, (const uint8_t *)column->values + (size_t)row * width, width);
    }
}

static inline uint32_t column_checksum(uint32_t before, const dzr_column *column)
{
    uLong crc = before;
    for (int64_t row = 0; row < column->n_rows; row++)
        crc = row_checksum(crc, column, row);
    return (uint32_t)crc;
}

#endif
