/* query/value.c - one row's value of a column, wide enough for all types of its kind. Called by filters, summaries and
 * comparisons. */
#include "query/internal.h"

dzr__wide dzr__wide_at(const dzr_column *column, int64_t row)
{
    switch (column->type.id) {
    case DZR_TYPE_BOOL:
        return dzr_column_bool(column, row);
    case DZR_TYPE_INT8:
        return ((const int8_t *)column->values)[row];
    case DZR_TYPE_INT16:
        return ((const int16_t *)column->values)[row];
    case DZR_TYPE_UINT8:
        return ((const uint8_t *)column->values)[row];
    case DZR_TYPE_UINT16:
        return ((const uint16_t *)column->values)[row];
    case DZR_TYPE_UINT32:
        return ((const uint32_t *)column->values)[row];
    case DZR_TYPE_UINT64:
        return ((const uint64_t *)column->values)[row];
    default:
        return dzr_type_bits(column->type) == 32 ? ((const int32_t *)column->values)[row]
                                                 : ((const int64_t *)column->values)[row];
    }
}

double dzr__double_at(const dzr_column *column, int64_t row)
{
    return column->type.id == DZR_TYPE_DOUBLE  ? ((const double *)column->values)[row]
           : column->type.id == DZR_TYPE_FLOAT ? (double)((const float *)column->values)[row]
                                               : dzr_half_to_double(((const uint16_t *)column->values)[row]);
}

dzr_bytes dzr__bytes_at(const dzr_column *column, int64_t row)
{
    return column->type.id == DZR_TYPE_FIXED || column->type.id == DZR_TYPE_UUID ? dzr_column_fixed(column, row)
                                                                                 : dzr_column_bytes(column, row);
}
