/* parquet/metadata/order.c - how the format orders the bounds of a type, as bytes: for the writer's boundary order and
 * for the reader, which may leave out what bounds exclude. A type that is not named here has no order, and nothing is
 * concluded from its bounds. Of the orders of floating point, that of IEEE 754 differs in two points, and neither
 * matters here: zeros of both signs are equal to whoever looks for one, and bounds that are NaN, which say that all
 * values are, are none. Spec: parquet.thrift, ColumnOrder. */
#include "parquet/metadata/metadata.h"

typedef enum kind {
    KIND_NONE,
    KIND_BOOL,
    KIND_I32,
    KIND_U32,
    KIND_I64,
    KIND_U64,
    KIND_F32,
    KIND_F64,
    KIND_F16,
    KIND_BYTES,
    KIND_FIXED,
    KIND_SIGNED
} kind;

dzr_type dzr__ordered_as(dzr_type type, int32_t physical)
{
    if (physical == DZR_PHYSICAL_INT96)
        return (dzr_type){.id = DZR_TYPE_NULL};
    if (type.id == DZR_TYPE_DECIMAL && physical == DZR_PHYSICAL_INT32)
        return (dzr_type){.id = DZR_TYPE_INT32};
    if (type.id == DZR_TYPE_DECIMAL && physical == DZR_PHYSICAL_INT64)
        return (dzr_type){.id = DZR_TYPE_INT64};
    return type;
}

static kind kind_of(dzr_type type)
{
    switch (type.id) {
    case DZR_TYPE_BOOL:
        return KIND_BOOL;
    case DZR_TYPE_INT8:
    case DZR_TYPE_INT16:
    case DZR_TYPE_INT32:
    case DZR_TYPE_DATE:
        return KIND_I32;
    case DZR_TYPE_UINT8:
    case DZR_TYPE_UINT16:
    case DZR_TYPE_UINT32:
        return KIND_U32;
    case DZR_TYPE_INT64:
    case DZR_TYPE_TIMESTAMP:
    case DZR_TYPE_DURATION:
        return KIND_I64;
    case DZR_TYPE_UINT64:
        return KIND_U64;
    case DZR_TYPE_FLOAT:
        return KIND_F32;
    case DZR_TYPE_DOUBLE:
        return KIND_F64;
    case DZR_TYPE_TIME:
        return type.unit == DZR_UNIT_MS ? KIND_I32 : KIND_I64;
    case DZR_TYPE_HALF:
        return KIND_F16;
    case DZR_TYPE_STRING:
    case DZR_TYPE_BINARY:
        return KIND_BYTES;
    case DZR_TYPE_FIXED:
    case DZR_TYPE_UUID:
        return KIND_FIXED;
    case DZR_TYPE_DECIMAL:
        return KIND_SIGNED;
    default:
        return KIND_NONE;
    }
}

bool dzr__type_has_order(dzr_type type)
{
    return kind_of(type) != KIND_NONE;
}

static float load_f32(dzr_bytes bytes)
{
    float value;
    memcpy(&value, bytes.at, sizeof value);
    return value;
}

static double load_f64(dzr_bytes bytes)
{
    double value;
    memcpy(&value, bytes.at, sizeof value);
    return value;
}

static double load_f16(dzr_bytes bytes)
{
    uint16_t half;
    memcpy(&half, bytes.at, sizeof half);
    return dzr_half_to_double(half);
}

/* Without the bytes at the front that only repeat the sign. */
static dzr_bytes shortest(dzr_bytes number)
{
    while (number.len > 1 && number.at[0] == (number.at[1] >> 7 != 0 ? 0xff : 0)) {
        number.at++;
        number.len--;
    }
    return number;
}

/* Two's complement, highest byte first, of any lengths. */
static int compare_signed(dzr_bytes a, dzr_bytes b)
{
    a = shortest(a);
    b = shortest(b);
    const bool negative = a.at[0] >> 7 != 0;
    if (negative != (b.at[0] >> 7 != 0))
        return negative ? -1 : 1;
    if (a.len != b.len)
        return (a.len < b.len) == negative ? 1 : -1;
    return memcmp(a.at, b.at, a.len);
}

bool dzr__bound_valid(dzr_type type, dzr_bytes bound)
{
    switch (kind_of(type)) {
    case KIND_BOOL:
        return bound.len == 1;
    case KIND_I32:
    case KIND_U32:
        return bound.len == sizeof(int32_t);
    case KIND_I64:
    case KIND_U64:
        return bound.len == sizeof(int64_t);
    case KIND_F32:
        return bound.len == sizeof(float) && !__builtin_isnan(load_f32(bound));
    case KIND_F64:
        return bound.len == sizeof(double) && !__builtin_isnan(load_f64(bound));
    case KIND_F16:
        return bound.len == sizeof(uint16_t) && !__builtin_isnan(load_f16(bound));
    case KIND_BYTES:
        return true;
    case KIND_FIXED:
        return bound.len == dzr_type_bits(type) / 8;
    case KIND_SIGNED:
        return bound.len > 0;
    default:
        return false;
    }
}

/* As numbers with a sign, those of negative values turned around. */
int64_t dzr__total_order_key(dzr_type_id id, const void *value)
{
    const size_t size = id == DZR_TYPE_HALF ? 2 : id == DZR_TYPE_FLOAT ? 4 : 8;
    uint64_t bits = 0;
    memcpy(&bits, value, size);
    const int64_t number = (int64_t)(bits << (64 - 8 * size)) >> (64 - 8 * size);
    return number < 0 ? number ^ INT64_MAX >> (64 - 8 * size) : number;
}

void dzr__total_order_value(dzr_type_id id, int64_t key, void *value)
{
    const size_t size = id == DZR_TYPE_HALF ? 2 : id == DZR_TYPE_FLOAT ? 4 : 8;
    const int64_t number = key < 0 ? key ^ INT64_MAX >> (64 - 8 * size) : key;
    memcpy(value, &number, size);
}

#define THREE_WAY(a, b) (((a) > (b)) - ((a) < (b)))

int dzr__bounds_compare(dzr_type type, dzr_bytes a, dzr_bytes b)
{
    switch (kind_of(type)) {
    case KIND_BOOL:
        return THREE_WAY(a.at[0] != 0, b.at[0] != 0);
    case KIND_I32:
        return THREE_WAY((int32_t)dzr__load_u32(a.at), (int32_t)dzr__load_u32(b.at));
    case KIND_U32:
        return THREE_WAY(dzr__load_u32(a.at), dzr__load_u32(b.at));
    case KIND_I64:
        return THREE_WAY((int64_t)dzr__load_u64(a.at), (int64_t)dzr__load_u64(b.at));
    case KIND_U64:
        return THREE_WAY(dzr__load_u64(a.at), dzr__load_u64(b.at));
    case KIND_F32:
        return THREE_WAY(load_f32(a), load_f32(b));
    case KIND_F64:
        return THREE_WAY(load_f64(a), load_f64(b));
    case KIND_F16:
        return THREE_WAY(load_f16(a), load_f16(b));
    case KIND_SIGNED:
        return compare_signed(a, b);
    default:
        return dzr__bytes_order(a, b);
    }
}
