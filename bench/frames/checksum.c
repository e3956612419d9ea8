/* bench/frames/checksum.c - see checksum.h. Flat columns have loops of their own, so that checking stays cheap beside
 * what is measured; nested ones are walked value by value. */
#include "checksum.h"

#include <math.h>
#include <string.h>

static const uint64_t NULL_SUM = UINT64_C(0x6e756c6c), ROW_STEP = UINT64_C(0x9e3779b97f4a7c15);

static inline uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static inline uint64_t load_u64(const uint8_t *at)
{
    uint64_t v;
    memcpy(&v, at, sizeof v);
    return v;
}

static uint64_t of_bytes(dzr_bytes bytes)
{
    uint64_t sum = bytes.len;
    for (; bytes.len >= 8; bytes.at += 8, bytes.len -= 8)
        sum = mix(sum ^ load_u64(bytes.at)) + ROW_STEP;
    uint64_t rest = 0;
    if (bytes.len > 0)
        memcpy(&rest, bytes.at, bytes.len);
    return mix(sum ^ rest);
}

static inline uint64_t of_double(double value)
{
    if (fabs(value) < 0x1p53 && value == (double)(int64_t)value)
        return mix((uint64_t)(int64_t)value);
    if (isnan(value))
        return mix(UINT64_C(0x7ff8) << 48);
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return mix(bits);
}

static uint64_t of_decimal(const dzr_column *column, int64_t row)
{
    const size_t n = dzr_type_bits(column->type) / 8;
    return of_bytes((dzr_bytes){(const uint8_t *)column->values + n * (size_t)row, n});
}

/* Units of nanoseconds wrap, for all alike. */
static uint64_t nanoseconds(dzr_type type)
{
    return type.id != DZR_TYPE_TIMESTAMP && type.id != DZR_TYPE_TIME ? 1
           : type.unit == DZR_UNIT_MS                                ? 1000000
           : type.unit == DZR_UNIT_US                                ? 1000
                                                                     : 1;
}

static uint64_t of_value(const dzr_column *column, int64_t row);

static uint64_t of_nested(const dzr_column *column, int64_t row)
{
    uint64_t sum = 1;
    if (column->type.id == DZR_TYPE_STRUCT) {
        for (int32_t i = 0; i < column->n_children; i++)
            sum = mix(sum ^ of_value(column->children[i], row)) + ROW_STEP;
        return sum;
    }
    int64_t first = 0;
    const int64_t n = dzr_column_list(column, row, &first);
    for (int64_t i = 0; i < n; i++)
        sum = mix(sum ^ of_value(column->children[0], first + i)) + ROW_STEP;
    return mix(sum + (uint64_t)n);
}

static uint64_t of_value(const dzr_column *column, int64_t row)
{
    if (dzr_column_is_null(column, row))
        return NULL_SUM;
    const void *const values = column->values;
    switch (column->type.id) {
    case DZR_TYPE_BOOL:
        return mix(dzr_column_bool(column, row) ? 1 : 0);
    case DZR_TYPE_INT8:
        return mix((uint64_t)((const int8_t *)values)[row]);
    case DZR_TYPE_INT16:
        return mix((uint64_t)((const int16_t *)values)[row]);
    case DZR_TYPE_INT32:
    case DZR_TYPE_DATE:
        return mix((uint64_t)((const int32_t *)values)[row]);
    case DZR_TYPE_UINT8:
        return mix(((const uint8_t *)values)[row]);
    case DZR_TYPE_UINT16:
        return mix(((const uint16_t *)values)[row]);
    case DZR_TYPE_UINT32:
        return mix(((const uint32_t *)values)[row]);
    case DZR_TYPE_FLOAT:
        return of_double((double)((const float *)values)[row]);
    case DZR_TYPE_DOUBLE:
        return of_double(((const double *)values)[row]);
    case DZR_TYPE_STRING:
    case DZR_TYPE_BINARY:
        return of_bytes(dzr_column_bytes(column, row));
    case DZR_TYPE_STRUCT:
    case DZR_TYPE_LIST:
    case DZR_TYPE_MAP:
        return of_nested(column, row);
    case DZR_TYPE_INT64:
    case DZR_TYPE_UINT64:
    case DZR_TYPE_TIMESTAMP:
        return mix(((const uint64_t *)values)[row] * nanoseconds(column->type));
    case DZR_TYPE_NULL:
        return NULL_SUM;
    default:
        return of_decimal(column, row);
    }
}

#define SUM_ROWS(value)                                                                                                \
    for (int64_t row = 0; row < column->n_rows; row++)                                                                 \
    sum += mix((dzr_column_is_null(column, row) ? NULL_SUM : (value)) + ((uint64_t)row + before) * ROW_STEP)

static uint64_t of_column(const dzr_column *column, uint64_t before)
{
    const void *const values = column->values;
    const uint64_t unit = nanoseconds(column->type);
    uint64_t sum = 0;
    switch (column->type.id) {
    case DZR_TYPE_INT32:
    case DZR_TYPE_DATE:
        SUM_ROWS(mix((uint64_t)((const int32_t *)values)[row]));
        return sum;
    case DZR_TYPE_INT64:
    case DZR_TYPE_TIMESTAMP:
        SUM_ROWS(mix(((const uint64_t *)values)[row] * unit));
        return sum;
    case DZR_TYPE_DOUBLE:
        SUM_ROWS(of_double(((const double *)values)[row]));
        return sum;
    case DZR_TYPE_STRING:
        SUM_ROWS(of_bytes(dzr_column_bytes(column, row)));
        return sum;
    default:
        SUM_ROWS(of_value(column, row));
        return sum;
    }
}

void checksum_batch(const dzr_batch *batch, uint64_t n_rows_before, uint64_t *sums)
{
    const int32_t n = dzr_schema_n_fields(dzr_batch_schema(batch));
    for (int32_t i = 0; i < n; i++)
        sums[i] += of_column(dzr_batch_column(batch, i), n_rows_before);
}

int checksum_arrow(
        struct ArrowArray *array, struct ArrowSchema *schema, uint64_t n_rows_before, uint64_t *sums, char message[512])
{
    dzr_batch *batch = NULL;
    dzr_error err;
    const dzr_status st = dzr_arrow_import_batch(array, schema, NULL, &batch, &err);
    schema->release(schema);
    if (st != DZR_OK) {
        strncpy(message, err.message, 511);
        message[511] = '\0';
        return -1;
    }
    checksum_batch(batch, n_rows_before, sums);
    dzr_batch_free(batch);
    return 0;
}
