/* query/compare_value.c - single values of two columns: whether they are equal, which comes first, and a hash. Called
 * by compare.c and compare_key.c, for columns whose types were found to go together. */
#include "query/compare.h"
#include "query/sketch.h"

#include <math.h>

/* ---- which types go together ---- */

static bool is_int(dzr_type_id id)
{
    return id >= DZR_TYPE_INT8 && id <= DZR_TYPE_UINT64;
}

static bool is_bytes(dzr_type_id id)
{
    return id == DZR_TYPE_STRING || id == DZR_TYPE_BINARY;
}

static const dzr_field *value_field(const dzr_field *field)
{
    return field->type.id == DZR_TYPE_DICTIONARY ? field->children : field;
}

static bool like(dzr_type a, dzr_type b)
{
    if ((is_int(a.id) || dzr__type_is_float(a.id)) && (is_int(b.id) || dzr__type_is_float(b.id)))
        return true;
    if ((a.id == DZR_TYPE_DECIMAL && is_int(b.id)) || (is_int(a.id) && b.id == DZR_TYPE_DECIMAL))
        return true;
    if (is_bytes(a.id) && is_bytes(b.id))
        return true;
    if (a.id == DZR_TYPE_NULL || b.id == DZR_TYPE_NULL)
        return true;
    if (a.id != b.id || a.id == DZR_TYPE_FIXED)
        return dzr_type_equal(a, b);
    return a.id != DZR_TYPE_TIMESTAMP || a.utc == b.utc;
}

dzr_compare_state dzr__compare_types(const dzr_field *a, const dzr_field *b)
{
    a = value_field(a);
    b = value_field(b);
    if (!like(a->type, b->type))
        return DZR_COMPARE_UNLIKE;
    dzr_compare_state state = dzr_type_equal(a->type, b->type) ? DZR_COMPARE_SAME : DZR_COMPARE_LIKE;
    if (a->type.id != b->type.id)
        return state;
    if (a->n_children != b->n_children)
        return DZR_COMPARE_UNLIKE;
    for (int32_t i = 0; i < a->n_children; i++) {
        const bool named = a->type.id == DZR_TYPE_STRUCT; /* names of elements, keys and values say nothing */
        const dzr_compare_state child = named && strcmp(a->children[i].name, b->children[i].name) != 0
                                                ? DZR_COMPARE_UNLIKE
                                                : dzr__compare_types(&a->children[i], &b->children[i]);
        state = DZR_MAX(state, child);
    }
    return state;
}

bool dzr__keys_alike(const dzr_field *a, const dzr_field *b)
{
    a = value_field(a);
    b = value_field(b);
    if (a->n_children > 0 || b->n_children > 0 || a->type.id == DZR_TYPE_STRUCT || b->type.id == DZR_TYPE_STRUCT)
        return false;
    return (is_int(a->type.id) && is_int(b->type.id)) || (is_bytes(a->type.id) && is_bytes(b->type.id)) ||
           dzr_type_equal(a->type, b->type);
}

/* ---- loading ---- */

/* In the finest unit. */
static dzr__wide time_at(const dzr_column *column, int64_t row)
{
    const int64_t unit = column->type.id == DZR_TYPE_DATE   ? 1
                         : column->type.unit == DZR_UNIT_MS ? 1000000
                         : column->type.unit == DZR_UNIT_US ? 1000
                                                            : 1;
    return dzr__wide_at(column, row) * unit;
}

static uint64_t double_bits(double value)
{
    uint64_t bits = 0;
    if (isnan(value))
        return UINT64_MAX; /* one NaN for all */
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* ---- equal ---- */

static bool int_is_double(dzr__wide whole, double value)
{
    return fabs(value) < 0x1p80 && (dzr__wide)value == whole && (double)(dzr__wide)value == value;
}

static dzr_decimal decimal_at(const dzr_column *column, int64_t row)
{
    if (column->type.id == DZR_TYPE_DECIMAL)
        return dzr_column_decimal(column, row);
    const dzr__wide whole = dzr__wide_at(column, row);
    const uint64_t sign = whole < 0 ? UINT64_MAX : 0;
    return (dzr_decimal){{(uint64_t)whole, (uint64_t)((unsigned __int128)whole >> 64), sign, sign}};
}

/* Where scales differ, the text of one is read at the other's. */
static bool decimals_equal(const dzr_column *a, int64_t row_a, const dzr_column *b, int64_t row_b)
{
    const int32_t scale_a = a->type.id == DZR_TYPE_DECIMAL ? a->type.scale : 0;
    const int32_t scale_b = b->type.id == DZR_TYPE_DECIMAL ? b->type.scale : 0;
    const dzr_decimal x = decimal_at(a, row_a), y = decimal_at(b, row_b);
    if (scale_a == scale_b)
        return dzr_decimal_compare(x, y) == 0;
    const bool a_is_finer = scale_a > scale_b;
    char text[DZR_DECIMAL_TEXT];
    dzr_decimal read;
    const size_t len = dzr_decimal_print(a_is_finer ? y : x, a_is_finer ? scale_b : scale_a, text);
    const dzr_status st = dzr_decimal_parse(text, len, DZR_DECIMAL_DIGITS, a_is_finer ? scale_a : scale_b, &read, NULL);
    return st == DZR_OK && dzr_decimal_compare(read, a_is_finer ? x : y) == 0;
}

static bool lists_equal(const dzr_column *a, int64_t row_a, const dzr_column *b, int64_t row_b)
{
    int64_t first_a = 0, first_b = 0;
    const int64_t n = dzr_column_list(a, row_a, &first_a);
    if (n != dzr_column_list(b, row_b, &first_b))
        return false;
    for (int64_t i = 0; i < n; i++)
        if (!dzr__values_equal(a->children[0], first_a + i, b->children[0], first_b + i))
            return false;
    return true;
}

static bool numbers_equal(const dzr_column *a, int64_t row_a, const dzr_column *b, int64_t row_b)
{
    const dzr_type_id id_a = a->type.id, id_b = b->type.id;
    if (is_int(id_a) && is_int(id_b))
        return dzr__wide_at(a, row_a) == dzr__wide_at(b, row_b);
    if (dzr__type_is_float(id_a) && dzr__type_is_float(id_b))
        return double_bits(dzr__double_at(a, row_a)) == double_bits(dzr__double_at(b, row_b));
    if (dzr__type_is_float(id_a) || dzr__type_is_float(id_b))
        return is_int(id_a) ? int_is_double(dzr__wide_at(a, row_a), dzr__double_at(b, row_b))
                            : int_is_double(dzr__wide_at(b, row_b), dzr__double_at(a, row_a));
    return decimals_equal(a, row_a, b, row_b);
}

/* Both are there. */
static bool present_equal(const dzr_column *a, int64_t row_a, const dzr_column *b, int64_t row_b)
{
    switch (a->type.id) {
    case DZR_TYPE_BOOL:
        return dzr_column_bool(a, row_a) == dzr_column_bool(b, row_b);
    case DZR_TYPE_STRING:
    case DZR_TYPE_BINARY:
    case DZR_TYPE_FIXED:
    case DZR_TYPE_UUID: {
        const dzr_bytes x = dzr__bytes_at(a, row_a), y = dzr__bytes_at(b, row_b);
        return x.len == y.len && (x.len == 0 || memcmp(x.at, y.at, x.len) == 0);
    }
    case DZR_TYPE_DATE:
    case DZR_TYPE_TIMESTAMP:
    case DZR_TYPE_TIME:
    case DZR_TYPE_DURATION:
        return time_at(a, row_a) == time_at(b, row_b);
    case DZR_TYPE_STRUCT:
        for (int32_t i = 0; i < a->n_children; i++)
            if (!dzr__values_equal(a->children[i], row_a, b->children[i], row_b))
                return false;
        return true;
    case DZR_TYPE_LIST:
    case DZR_TYPE_MAP:
        return lists_equal(a, row_a, b, row_b);
    case DZR_TYPE_NULL:
    case DZR_TYPE_DICTIONARY: /* was resolved */
        return true;
    case DZR_TYPE_INT8:
    case DZR_TYPE_INT16:
    case DZR_TYPE_INT32:
    case DZR_TYPE_INT64:
    case DZR_TYPE_UINT8:
    case DZR_TYPE_UINT16:
    case DZR_TYPE_UINT32:
    case DZR_TYPE_UINT64:
    case DZR_TYPE_FLOAT:
    case DZR_TYPE_DOUBLE:
    case DZR_TYPE_HALF:
    case DZR_TYPE_DECIMAL:
        break;
    }
    return numbers_equal(a, row_a, b, row_b);
}

static bool is_null(const dzr_column *column, int64_t row)
{
    return column->type.id == DZR_TYPE_NULL || dzr_column_is_null(column, row);
}

bool dzr__values_equal(const dzr_column *a, int64_t row_a, const dzr_column *b, int64_t row_b)
{
    const bool null_a = is_null(a, row_a), null_b = is_null(b, row_b);
    if (null_a || null_b)
        return null_a && null_b;
    a = dzr_column_resolve(a, &row_a);
    b = dzr_column_resolve(b, &row_b);
    return present_equal(a, row_a, b, row_b);
}

/* ---- keys ---- */

/* NaN after all others, -0 before 0. */
static int doubles_order(double a, double b)
{
    if (isnan(a) || isnan(b))
        return isnan(a) - isnan(b);
    return a != b ? (a < b ? -1 : 1) : (signbit(b) != 0) - (signbit(a) != 0);
}

int dzr__keys_order(const dzr_column *a, int64_t row_a, const dzr_column *b, int64_t row_b)
{
    const bool null_a = is_null(a, row_a), null_b = is_null(b, row_b);
    if (null_a || null_b)
        return null_b - null_a;
    a = dzr_column_resolve(a, &row_a);
    b = dzr_column_resolve(b, &row_b);
    const dzr_type_id id = a->type.id;
    if (id == DZR_TYPE_BOOL)
        return dzr_column_bool(a, row_a) - dzr_column_bool(b, row_b);
    if (dzr__type_is_float(id))
        return doubles_order(dzr__double_at(a, row_a), dzr__double_at(b, row_b));
    if (id == DZR_TYPE_DECIMAL)
        return dzr_decimal_compare(dzr_column_decimal(a, row_a), dzr_column_decimal(b, row_b));
    if (is_bytes(id) || id == DZR_TYPE_FIXED || id == DZR_TYPE_UUID)
        return dzr__bytes_order(dzr__bytes_at(a, row_a), dzr__bytes_at(b, row_b));
    const dzr__wide x = dzr__wide_at(a, row_a), y = dzr__wide_at(b, row_b);
    return x < y ? -1 : x > y;
}

uint64_t dzr__key_hash(const dzr_column *column, int64_t row)
{
    if (is_null(column, row))
        return UINT64_C(0x6e756c6c);
    column = dzr_column_resolve(column, &row);
    const dzr_type_id id = column->type.id;
    if (id == DZR_TYPE_BOOL)
        return dzr__hash_word(dzr_column_bool(column, row));
    if (dzr__type_is_float(id))
        return dzr__hash_word(double_bits(dzr__double_at(column, row)));
    if (id == DZR_TYPE_DECIMAL) {
        const dzr_decimal value = dzr_column_decimal(column, row);
        return dzr__hash_bytes((dzr_bytes){(const uint8_t *)&value, sizeof value});
    }
    if (is_bytes(id) || id == DZR_TYPE_FIXED || id == DZR_TYPE_UUID)
        return dzr__hash_bytes(dzr__bytes_at(column, row));
    return dzr__hash_word((uint64_t)dzr__wide_at(column, row));
}
