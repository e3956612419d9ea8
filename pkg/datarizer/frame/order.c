/* frame/order.c - how two values of a type stand to each other in the order of its logical type. Called by who checks
 * what rows are in order of: parquet/validate and the store. */
#include "frame/internal.h"

#define THREE_WAY(a, b) (((a) > (b)) - ((a) < (b)))
#define AT(type, column, row) (((const type *)(column)->values)[row])
#define COMPARE(type) THREE_WAY(AT(type, a, i), AT(type, b, k))

int dzr__values_order(const dzr_column *a, int64_t i, const dzr_column *b, int64_t k)
{
    switch (a->type.id) {
    case DZR_TYPE_BOOL:
        return THREE_WAY(dzr_column_bool(a, i), dzr_column_bool(b, k));
    case DZR_TYPE_INT8:
        return COMPARE(int8_t);
    case DZR_TYPE_INT16:
        return COMPARE(int16_t);
    case DZR_TYPE_INT32:
    case DZR_TYPE_DATE:
        return COMPARE(int32_t);
    case DZR_TYPE_INT64:
    case DZR_TYPE_TIMESTAMP:
    case DZR_TYPE_DURATION:
        return COMPARE(int64_t);
    case DZR_TYPE_TIME:
        return a->type.unit == DZR_UNIT_MS ? COMPARE(int32_t) : COMPARE(int64_t);
    case DZR_TYPE_UINT8:
        return COMPARE(uint8_t);
    case DZR_TYPE_UINT16:
        return COMPARE(uint16_t);
    case DZR_TYPE_UINT32:
        return COMPARE(uint32_t);
    case DZR_TYPE_UINT64:
        return COMPARE(uint64_t);
    case DZR_TYPE_FLOAT:
        return COMPARE(float);
    case DZR_TYPE_DOUBLE:
        return COMPARE(double);
    case DZR_TYPE_HALF:
        return THREE_WAY(dzr_half_to_double(AT(uint16_t, a, i)), dzr_half_to_double(AT(uint16_t, b, k)));
    case DZR_TYPE_DECIMAL:
        return dzr_decimal_compare(dzr_column_decimal(a, i), dzr_column_decimal(b, k));
    case DZR_TYPE_STRING:
    case DZR_TYPE_BINARY:
        return dzr__bytes_order(dzr_column_bytes(a, i), dzr_column_bytes(b, k));
    case DZR_TYPE_FIXED:
    case DZR_TYPE_UUID:
        return dzr__bytes_order(dzr_column_fixed(a, i), dzr_column_fixed(b, k));
    default:
        return 0;
    }
}
