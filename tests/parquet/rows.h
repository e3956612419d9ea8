/* tests/parquet/rows.h - batches with a column of every type, and the comparison of two. */
#ifndef DZR_TESTS_PARQUET_ROWS_H
#define DZR_TESTS_PARQUET_ROWS_H

#include "support.h"

#include "parquet/metadata/metadata.h"
#include <datarizer/parquet.h>

#include <stdio.h>

/* How a column's nulls lie. */
typedef enum nulls { NULLS_NONE, NULLS_ALL, NULLS_ALTERNATE, NULLS_RUNS, NULLS_LAST } nulls;

static inline bool row_is_null(nulls pattern, int64_t row, int64_t n_rows)
{
    switch (pattern) {
    case NULLS_ALL:
        return true;
    case NULLS_ALTERNATE:
        return row % 2 == 1;
    case NULLS_RUNS:
        return row / 37 % 3 == 1 || row % 11 == 10;
    case NULLS_LAST:
        return row == n_rows - 1;
    default:
        return false;
    }
}

static const dzr_type every_type[] = {
        {.id = DZR_TYPE_BOOL},
        {.id = DZR_TYPE_INT8},
        {.id = DZR_TYPE_INT16},
        {.id = DZR_TYPE_INT32},
        {.id = DZR_TYPE_INT64},
        {.id = DZR_TYPE_UINT8},
        {.id = DZR_TYPE_UINT16},
        {.id = DZR_TYPE_UINT32},
        {.id = DZR_TYPE_UINT64},
        {.id = DZR_TYPE_FLOAT},
        {.id = DZR_TYPE_DOUBLE},
        {.id = DZR_TYPE_STRING},
        {.id = DZR_TYPE_BINARY},
        {.id = DZR_TYPE_DATE},
        {.id = DZR_TYPE_TIMESTAMP, .unit = DZR_UNIT_MS, .utc = true},
        {.id = DZR_TYPE_TIMESTAMP, .unit = DZR_UNIT_US},
        {.id = DZR_TYPE_TIMESTAMP, .unit = DZR_UNIT_NS, .utc = true},
        {.id = DZR_TYPE_TIME, .unit = DZR_UNIT_MS, .utc = true},
        {.id = DZR_TYPE_TIME, .unit = DZR_UNIT_US},
        {.id = DZR_TYPE_TIME, .unit = DZR_UNIT_NS, .utc = true},
        {.id = DZR_TYPE_DURATION, .unit = DZR_UNIT_US},
        {.id = DZR_TYPE_DECIMAL, .precision = 9, .scale = 2},
        {.id = DZR_TYPE_DECIMAL, .precision = 18, .scale = 18},
        {.id = DZR_TYPE_DECIMAL, .precision = 19},
        {.id = DZR_TYPE_DECIMAL, .precision = 38, .scale = 1},
        {.id = DZR_TYPE_DECIMAL, .precision = 39, .scale = 3},
        {.id = DZR_TYPE_DECIMAL, .precision = 76},
        {.id = DZR_TYPE_HALF},
        {.id = DZR_TYPE_FIXED, .width = 1},
        {.id = DZR_TYPE_FIXED, .width = 5},
        {.id = DZR_TYPE_FIXED, .width = 300},
        {.id = DZR_TYPE_UUID},
};
enum { N_TYPES = sizeof every_type / sizeof *every_type };

/* The same number for the same row and column in every run; few for even rows, so that dictionaries and runs occur. */
static inline uint64_t row_number(int64_t row, uint32_t column)
{
    const uint64_t at = (uint64_t)(row % 2 == 0 ? row / 50 % 5 : row) * 31 + column;
    return (at + 1) * UINT64_C(0x9E3779B97F4A7C15);
}

/* Of as many digits as the type has, and any sign. */
static inline dzr_decimal decimal_of(dzr_type type, uint64_t number)
{
    char text[DZR_DECIMAL_DIGITS + 2] = "-";
    const size_t n = 1 + number % (uint64_t)type.precision;
    for (size_t i = 1; i <= n; i++)
        text[i] = (char)('0' + (number >> i % 50) % 10);
    const size_t skip = number >> 63;
    dzr_error err;
    dzr_decimal value;
    assert_ok(dzr_decimal_parse(text + skip, 1 + n - skip, DZR_DECIMAL_DIGITS, 0, &value, &err));
    return value;
}

static inline dzr_status append_value(dzr_builder *builder, int32_t column, dzr_type type, int64_t row, dzr_error *err)
{
    static const uint8_t bits[] = {[DZR_TYPE_INT8] = 8,
            [DZR_TYPE_INT16] = 16,
            [DZR_TYPE_INT32] = 32,
            [DZR_TYPE_INT64] = 64,
            [DZR_TYPE_UINT8] = 8,
            [DZR_TYPE_UINT16] = 16,
            [DZR_TYPE_UINT32] = 32,
            [DZR_TYPE_UINT64] = 64,
            [DZR_TYPE_DATE] = 32,
            [DZR_TYPE_TIMESTAMP] = 64,
            [DZR_TYPE_DURATION] = 64};
    const uint64_t number = row_number(row, (uint32_t)column);
    char text[400];
    uint8_t bytes[300];
    switch (type.id) {
    case DZR_TYPE_BOOL:
        return dzr_builder_bool(builder, column, number >> 63 != 0, err);
    case DZR_TYPE_UINT8:
    case DZR_TYPE_UINT16:
    case DZR_TYPE_UINT32:
    case DZR_TYPE_UINT64:
        return dzr_builder_uint(builder, column, number >> (64 - bits[type.id]), err);
    case DZR_TYPE_FLOAT:
    case DZR_TYPE_DOUBLE:
        return dzr_builder_double(builder, column, (double)(int64_t)number / 1048576, err);
    case DZR_TYPE_STRING:
    case DZR_TYPE_BINARY: {
        const int len = snprintf(text, sizeof text, "%0*llu\xc3\xbc",
                (int)(number >> 56) + (int)(row % 13 == 0 ? 100 : 1), (unsigned long long)(number >> 44));
        return dzr_builder_bytes(builder, column, (dzr_bytes){(const uint8_t *)text, (size_t)len}, err);
    }
    case DZR_TYPE_TIME:
        return dzr_builder_int(builder, column, (int64_t)(number % (uint64_t)(dzr__units_a_day(type.unit) + 1)), err);
    case DZR_TYPE_DECIMAL:
        return dzr_builder_decimal(builder, column, decimal_of(type, number), err);
    case DZR_TYPE_HALF:
        return dzr_builder_double(builder, column, (double)(int32_t)(number >> 32) / (1 << 16), err);
    case DZR_TYPE_FIXED:
    case DZR_TYPE_UUID: {
        const size_t width = dzr_type_bits(type) / 8;
        for (size_t i = 0; i < width; i++)
            bytes[i] = (uint8_t)(number >> i % 8 * 8);
        return dzr_builder_bytes(builder, column, (dzr_bytes){bytes, width}, err);
    }
    default:
        return dzr_builder_int(builder, column, (int64_t)number >> (64 - bits[type.id]), err);
    }
}

enum { PLAIN_ROOM = 300 }; /* the widest value above */

/* A value as PLAIN encodes it, without length prefix; integers of 8 and 16 bits as 32. */
static inline dzr_bytes plain_value(const dzr_column *column, int64_t row, uint8_t room[PLAIN_ROOM])
{
    const size_t width = dzr_type_bits(column->type) / 8, stored = (size_t)dzr__fixed_bytes(column->type);
    const uint8_t *const at = (const uint8_t *)column->values + (size_t)row * width;
    memset(room, 0, PLAIN_ROOM);
    switch (column->type.id) {
    case DZR_TYPE_BOOL:
        room[0] = dzr_column_bool(column, row);
        return (dzr_bytes){room, 1};
    case DZR_TYPE_STRING:
    case DZR_TYPE_BINARY:
        return dzr_column_bytes(column, row);
    case DZR_TYPE_INT8:
        dzr__store_u32(room, (uint32_t)(int8_t)*at);
        return (dzr_bytes){room, 4};
    case DZR_TYPE_INT16:
        dzr__store_u32(room, (uint32_t)((const int16_t *)column->values)[row]);
        return (dzr_bytes){room, 4};
    case DZR_TYPE_UINT8:
    case DZR_TYPE_UINT16:
        memcpy(room, at, width);
        return (dzr_bytes){room, 4};
    case DZR_TYPE_DECIMAL:
        if (column->type.precision <= 18)
            return (dzr_bytes){at, column->type.precision <= 9 ? 4 : 8};
        for (size_t i = 0; i < stored; i++)
            room[i] = at[stored - 1 - i];
        return (dzr_bytes){room, stored};
    default:
        return (dzr_bytes){at, width};
    }
}

/* As what its bounds are compared, in a file of ours. */
static inline dzr_type order_of(const dzr_column *column)
{
    return dzr__ordered_as(column->type, (int32_t)dzr__physical_of(column->type));
}

/* A column of every type, all nullable or none. */
static inline dzr_batch *make_rows(int64_t n_rows, bool nullable, nulls pattern)
{
    dzr_error err;
    dzr_field fields[N_TYPES];
    char names[N_TYPES][16];
    for (int32_t i = 0; i < N_TYPES; i++) {
        snprintf(names[i], sizeof names[i], "c%d", i);
        fields[i] = (dzr_field){.name = names[i], .type = every_type[i], .nullable = nullable};
    }
    dzr_schema *schema = NULL;
    dzr_builder *builder = NULL;
    dzr_batch *batch = NULL;
    assert_ok(dzr_schema_new(fields, N_TYPES, NULL, &schema, &err));
    assert_ok(dzr_builder_new(schema, NULL, &builder, &err));
    for (int64_t row = 0; row < n_rows; row++)
        for (int32_t i = 0; i < N_TYPES; i++) {
            if (nullable && row_is_null(pattern, row, n_rows))
                assert_ok(dzr_builder_null(builder, i, &err));
            else
                assert_ok(append_value(builder, i, every_type[i], row, &err));
        }
    assert_ok(dzr_builder_finish(builder, &batch, &err));
    dzr_builder_free(builder);
    dzr_schema_free(schema);
    return batch;
}

/* Rows [first, first + b's rows) of a column are b's. */
static inline void assert_same_column(const dzr_column *a, int64_t first, const dzr_column *b)
{
    assert_true(dzr_type_equal(a->type, b->type));
    const size_t width = dzr_type_bits(a->type) / 8;
    int64_t n_nulls = 0;
    for (int64_t row = 0; row < b->n_rows; row++) {
        assert_int_equal(dzr_column_is_null(a, first + row), dzr_column_is_null(b, row));
        n_nulls += dzr_column_is_null(b, row) ? 1 : 0;
        if (a->type.id == DZR_TYPE_STRING || a->type.id == DZR_TYPE_BINARY) {
            const dzr_bytes left = dzr_column_bytes(a, first + row), right = dzr_column_bytes(b, row);
            assert_int_equal(left.len, right.len);
            assert_memory_equal(left.at, right.at, left.len);
        } else if (width == 0) {
            assert_int_equal(dzr_column_bool(a, first + row), dzr_column_bool(b, row));
        } else { /* null slots too: both are zero */
            assert_memory_equal((const uint8_t *)a->values + (size_t)(first + row) * width,
                    (const uint8_t *)b->values + (size_t)row * width, width);
        }
    }
    assert_int_equal(n_nulls, b->n_nulls);
}

/* The file the writer makes of a batch, in a sink of memory that the caller closes. */
static inline dzr_sink *write_rows(const dzr_batch *batch, const dzr_parquet_write_options *options)
{
    dzr_error err;
    dzr_sink *sink = NULL;
    dzr_parquet_writer *writer = NULL;
    assert_ok(dzr_sink_memory(64 << 20, NULL, &sink, &err));
    assert_ok(dzr_parquet_writer_open(sink, dzr_batch_schema(batch), options, &writer, &err));
    assert_ok(dzr_parquet_writer_append(writer, batch, &err));
    assert_ok(dzr_parquet_writer_finish(writer, &err));
    dzr_parquet_writer_close(writer);
    return sink;
}

#endif
