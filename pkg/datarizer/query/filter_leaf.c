/* query/filter_leaf.c - one comparison over a column: a bit a row. What stands under a null is compared as well, and
 * taken away by filter_eval.c, which calls this. A DICTIONARY's values are compared once each. */
#include "query/filter.h"

/* word w of is_true, from TEST of each of its rows. */
#define EACH_WORD(n_rows, TEST)                                                                                        \
    for (int64_t first = 0; first < (n_rows); first += 64) {                                                           \
        const int64_t n = DZR_MIN((n_rows)-first, (int64_t)64);                                                        \
        uint64_t word = 0;                                                                                             \
        for (int64_t i = 0; i < n; i++) {                                                                              \
            const int64_t row = first + i;                                                                             \
            word |= (uint64_t)(TEST) << i;                                                                             \
        }                                                                                                              \
        is_true[first >> 6] = word;                                                                                    \
    }

/* ---- within a range: one unsigned comparison a row ---- */

#define RANGE(type, unsigned_type, least, most)                                                                        \
    {                                                                                                                  \
        const dzr__wide from = DZR_MAX(low, (dzr__wide)(least)), to = DZR_MIN(high, (dzr__wide)(most));                \
        if (from > to)                                                                                                 \
            return; /* none: the bits are clear */                                                                     \
        const type *const values = column->values;                                                                     \
        const unsigned_type base = (unsigned_type)from, span = (unsigned_type)(to - from);                             \
        EACH_WORD(column->n_rows, (unsigned_type)((unsigned_type)values[row] - base) <= span)                          \
        return;                                                                                                        \
    }

#define FLOAT_RANGE(type, VALUE)                                                                                       \
    {                                                                                                                  \
        const dzr__wide from = DZR_MAX(low, (dzr__wide)INT64_MIN), to = DZR_MIN(high, (dzr__wide)INT64_MAX);           \
        if (from > to)                                                                                                 \
            return;                                                                                                    \
        const type *const values = column->values;                                                                     \
        const uint64_t base = (uint64_t)from, span = (uint64_t)(to - from);                                            \
        EACH_WORD(column->n_rows, (uint64_t)dzr__filter_key(VALUE) - base <= span)                                     \
        return;                                                                                                        \
    }

static void range(const dzr_column *column, dzr__wide low, dzr__wide high, uint64_t *is_true)
{
    switch (column->type.id) {
    case DZR_TYPE_BOOL:
        EACH_WORD(column->n_rows, dzr_column_bool(column, row) ? low <= 1 && high >= 1 : low <= 0 && high >= 0)
        return;
    case DZR_TYPE_INT8:
        RANGE(int8_t, uint8_t, INT8_MIN, INT8_MAX)
    case DZR_TYPE_INT16:
        RANGE(int16_t, uint16_t, INT16_MIN, INT16_MAX)
    case DZR_TYPE_UINT8:
        RANGE(uint8_t, uint8_t, 0, UINT8_MAX)
    case DZR_TYPE_UINT16:
        RANGE(uint16_t, uint16_t, 0, UINT16_MAX)
    case DZR_TYPE_UINT32:
        RANGE(uint32_t, uint32_t, 0, UINT32_MAX)
    case DZR_TYPE_UINT64:
        RANGE(uint64_t, uint64_t, 0, UINT64_MAX)
    case DZR_TYPE_HALF:
        FLOAT_RANGE(uint16_t, dzr_half_to_double(values[row]))
    case DZR_TYPE_FLOAT:
        FLOAT_RANGE(float, (double)values[row])
    case DZR_TYPE_DOUBLE:
        FLOAT_RANGE(double, values[row])
    default:
        break;
    }
    if (dzr_type_bits(column->type) == 32)
        RANGE(int32_t, uint32_t, INT32_MIN, INT32_MAX)
    RANGE(int64_t, uint64_t, INT64_MIN, INT64_MAX)
}

/* ---- one row's value, for what is not so common ---- */

static filter_value value_of(filter_class class, const dzr_column *column, int64_t row)
{
    filter_value value;
    if (class == CLASS_DECIMAL)
        value.decimal = (filter_point){.floor = dzr_column_decimal(column, row)};
    else if (class == CLASS_BYTES)
        value.bytes = dzr__bytes_at(column, row);
    else
        value.integer = class == CLASS_FLOAT ? dzr__filter_key(dzr__double_at(column, row)) : dzr__wide_at(column, row);
    return value;
}

static bool accepts(uint8_t accept, int order)
{
    return (accept & (order < 0 ? ACCEPT_LESS : order > 0 ? ACCEPT_GREATER : ACCEPT_EQUAL)) != 0;
}

/* Of a DECIMAL or of bytes. */
static bool is_ordered(const filter_node *node, const dzr_column *column, int64_t row)
{
    const filter_value value = value_of(node->class, column, row);
    const filter_point *const point = &node->value.decimal;
    if (node->class != CLASS_DECIMAL)
        return accepts(node->accept, dzr__filter_compare(CLASS_BYTES, &value, &node->value));
    if (point->beyond != 0)
        return accepts(node->accept, -point->beyond);
    const int order = dzr_decimal_compare(value.decimal.floor, point->floor);
    return accepts(node->accept, order == 0 && point->has_rest ? -1 : order);
}

static bool is_in(const filter_node *node, const dzr_column *column, int64_t row)
{
    const filter_value value = value_of(node->class, column, row);
    int32_t low = 0, high = node->n_values;
    while (low < high) {
        const int32_t middle = low + (high - low) / 2;
        const int order = dzr__filter_compare(node->class, &value, &node->values[middle]);
        if (order == 0)
            return true;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

static void compare(const filter_node *node, const dzr_column *column, uint64_t *is_true)
{
    if (node->kind == FILTER_RANGE)
        range(column, node->low, node->high, is_true);
    else if (node->kind == FILTER_ORDER)
        EACH_WORD(column->n_rows, is_ordered(node, column, row))
    else if (node->kind == FILTER_SET)
        EACH_WORD(column->n_rows, is_in(node, column, row))
    else
        EACH_WORD(column->n_rows, dzr__filter_like(&node->like, dzr__bytes_at(column, row)))
}

/* ---- two columns ---- */

/* An integer beside a float, exactly: a double from 2^65 on is beyond, and below that its whole part is exact. */
static int compare_mixed(dzr__wide a, double b)
{
    const double beyond = 36893488147419103232.0;
    if (b != b || b >= beyond)
        return -1;
    if (b <= -beyond)
        return 1;
    const dzr__wide whole = (dzr__wide)b; /* towards zero */
    if (a != whole)
        return a < whole ? -1 : 1;
    const double rest = b - (double)whole;
    return rest > 0 ? -1 : rest < 0 ? 1 : 0;
}

__extension__ typedef unsigned __int128 wide;
enum { WORDS = 8 }; /* 76 digits by 10^76 */

typedef struct magnitude {
    uint64_t word[WORDS];
    bool is_negative;
} magnitude;

/* An integer's or a decimal's value times a power of ten. */
static magnitude scaled(const dzr_column *column, int64_t row, int32_t power)
{
    magnitude m = {{0}, false};
    const dzr_decimal value = column->type.id == DZR_TYPE_DECIMAL
                                      ? dzr_column_decimal(column, row)
                                      : dzr__filter_point_at(dzr__wide_at(column, row), false).floor;
    m.is_negative = value.word[3] >> 63 != 0;
    uint64_t carry = m.is_negative;
    for (int i = 0; i < 4; i++) {
        m.word[i] = (m.is_negative ? ~value.word[i] : value.word[i]) + carry;
        carry = carry != 0 && m.word[i] == 0;
    }
    for (; power > 0; power--) {
        wide product = 0;
        for (int i = 0; i < WORDS; i++) {
            product = (product >> 64) + (wide)m.word[i] * 10;
            m.word[i] = (uint64_t)product;
        }
    }
    return m;
}

static int compare_scaled(const dzr_column *a, int64_t row_a, const dzr_column *b, int64_t row_b)
{
    const int32_t scale_a = a->type.id == DZR_TYPE_DECIMAL ? a->type.scale : 0;
    const int32_t scale_b = b->type.id == DZR_TYPE_DECIMAL ? b->type.scale : 0;
    const magnitude x = scaled(a, row_a, DZR_MAX(scale_b - scale_a, 0));
    const magnitude y = scaled(b, row_b, DZR_MAX(scale_a - scale_b, 0));
    if (x.is_negative != y.is_negative)
        return x.is_negative ? -1 : 1;
    for (int i = WORDS - 1; i >= 0; i--)
        if (x.word[i] != y.word[i])
            return (x.word[i] < y.word[i]) == x.is_negative ? 1 : -1;
    return 0;
}

static bool has_unit(dzr_type type)
{
    return type.id == DZR_TYPE_TIMESTAMP || type.id == DZR_TYPE_TIME || type.id == DZR_TYPE_DURATION;
}

static dzr__wide in_ns(const dzr_column *column, int64_t row)
{
    return dzr__wide_at(column, row) * (dzr__units_a_day(DZR_UNIT_NS) / dzr__units_a_day(column->type.unit));
}

static int compare_rows(const dzr_column *a, int64_t row_a, const dzr_column *b, int64_t row_b)
{
    const filter_class of_a = dzr__filter_class(a->type), of_b = dzr__filter_class(b->type);
    if (of_a == CLASS_DECIMAL || of_b == CLASS_DECIMAL)
        return compare_scaled(a, row_a, b, row_b);
    if (of_a == CLASS_INTEGER && of_b == CLASS_FLOAT)
        return compare_mixed(dzr__wide_at(a, row_a), dzr__double_at(b, row_b));
    if (of_a == CLASS_FLOAT && of_b == CLASS_INTEGER)
        return -compare_mixed(dzr__wide_at(b, row_b), dzr__double_at(a, row_a));
    filter_value x = value_of(of_a, a, row_a), y = value_of(of_b, b, row_b);
    if (has_unit(a->type) && a->type.unit != b->type.unit) {
        x.integer = in_ns(a, row_a);
        y.integer = in_ns(b, row_b);
    }
    return dzr__filter_compare(of_a, &x, &y);
}

static bool is_beside(const filter_node *node, const dzr_column *left, const dzr_column *right, int64_t row)
{
    int64_t row_left = row, row_right = row;
    if (dzr_column_is_null(left, row) || dzr_column_is_null(right, row))
        return false; /* a dictionary may be empty then */
    left = dzr_column_resolve(left, &row_left);
    right = dzr_column_resolve(right, &row_right);
    return accepts(node->accept, compare_rows(left, row_left, right, row_right));
}

/* ---- all of them ---- */

static const dzr_column *column_of(const filter_run *run, const filter_operand *operand)
{
    return dzr_batch_node(run->batch, operand->path[operand->n_path - 1]);
}

/* The values' bits, by the codes. */
static dzr_status by_codes(
        const filter_run *run, const filter_node *node, const dzr_column *column, uint64_t *is_true, dzr_error *err)
{
    const dzr_column *const values = column->children[0];
    const int32_t *const codes = column->values;
    if (values->n_rows == 0)
        return DZR_OK;
    uint64_t *const bits = dzr_alloc_zeroed(run->alloc, (size_t)(values->n_rows + 63) / 64, sizeof *bits, err);
    if (bits == NULL)
        return DZR_ERR_NOMEM;
    compare(node, values, bits);
    EACH_WORD(column->n_rows, bits[codes[row] >> 6] >> (codes[row] & 63) & 1)
    dzr_release(run->alloc, bits);
    return DZR_OK;
}

dzr_status dzr__filter_leaf(const filter_run *run, const filter_node *node, uint64_t *is_true, dzr_error *err)
{
    const dzr_column *const column = column_of(run, &node->column);
    memset(is_true, 0, run->n_words * sizeof *is_true);
    if (node->kind == FILTER_COLUMNS) {
        const dzr_column *const other = column_of(run, &node->other);
        EACH_WORD(run->n_rows, is_beside(node, column, other, row))
    } else if (column->type.id == DZR_TYPE_DICTIONARY) {
        DZR_TRY(by_codes(run, node, column, is_true, err));
    } else if (column->type.id != DZR_TYPE_NULL) {
        compare(node, column, is_true);
    }
    if (node->kind == FILTER_RANGE && !node->truth)
        for (size_t i = 0; i < run->n_words; i++)
            is_true[i] = ~is_true[i];
    return DZR_OK;
}
