/* query/column.c - one column's summary as it grows: values are gathered into small arrays by kind, and each array goes
 * through the counts, the bins, the bounds and the moments. Called by summary.c, a task a column and batch. */
#include "query/sketch.h"

#include <math.h>

enum { CHUNK = 1024, INT_DIGITS = 18 };

static dzr__kind kind_of(dzr_type type)
{
    switch (type.id) {
    case DZR_TYPE_BOOL:
        return DZR__KIND_BOOL;
    case DZR_TYPE_FLOAT:
    case DZR_TYPE_DOUBLE:
    case DZR_TYPE_HALF:
        return DZR__KIND_DOUBLE;
    case DZR_TYPE_DECIMAL:
        return type.precision <= INT_DIGITS ? DZR__KIND_INT : DZR__KIND_DECIMAL;
    case DZR_TYPE_STRING:
    case DZR_TYPE_BINARY:
    case DZR_TYPE_FIXED:
    case DZR_TYPE_UUID:
        return DZR__KIND_BYTES;
    case DZR_TYPE_LIST:
    case DZR_TYPE_MAP:
        return DZR__KIND_LIST;
    case DZR_TYPE_NULL:
    case DZR_TYPE_STRUCT:
    case DZR_TYPE_DICTIONARY:
        return DZR__KIND_NONE;
    case DZR_TYPE_INT8:
    case DZR_TYPE_INT16:
    case DZR_TYPE_INT32:
    case DZR_TYPE_INT64:
    case DZR_TYPE_UINT8:
    case DZR_TYPE_UINT16:
    case DZR_TYPE_UINT32:
    case DZR_TYPE_UINT64:
    case DZR_TYPE_DATE:
    case DZR_TYPE_TIMESTAMP:
    case DZR_TYPE_TIME:
    case DZR_TYPE_DURATION:
        break;
    }
    return DZR__KIND_INT;
}

void dzr__column_summary_init(dzr__column_summary *column, const dzr_field *field, const dzr_allocator *alloc)
{
    *column = (dzr__column_summary){.alloc = alloc,
            .field = field,
            .kind = kind_of(field->type),
            .min_bytes = {.alloc = alloc},
            .max_bytes = {.alloc = alloc}};
    dzr__counts_init(&column->counts, alloc);
}

void dzr__column_summary_fini(dzr__column_summary *column)
{
    dzr__counts_fini(&column->counts);
    dzr_release(column->alloc, column->bins.n);
    dzr__bytebuf_fini(&column->min_bytes);
    dzr__bytebuf_fini(&column->max_bytes);
}

/* ---- moments ---- */

/* Takes n values in, by their own mean and squares around it (Chan, Golub and LeVeque, "Updating formulae"). */
static void add_moments(dzr__column_summary *column, const double *values, size_t n)
{
    if (n == 0)
        return;
    double sum = 0, m2 = 0;
    for (size_t i = 0; i < n; i++)
        sum += values[i];
    const double mean = sum / (double)n;
    for (size_t i = 0; i < n; i++)
        m2 += (values[i] - mean) * (values[i] - mean);
    const double before = (double)column->n_numbers, all = before + (double)n;
    const double delta = mean - column->mean;
    column->mean += delta * ((double)n / all);
    column->m2 += m2 + delta * delta * (before * (double)n / all);
    column->n_numbers += (int64_t)n;
}

/* ---- arrays of values ---- */

/* Squares around the mean lose less when large numbers are taken from one of them; the mean itself is exact anyway. */
static double from_origin(int64_t value, int64_t origin)
{
    int64_t off = 0;
    return __builtin_sub_overflow(value, origin, &off) ? (double)value - (double)origin : (double)off;
}

static dzr_status add_ints(dzr__column_summary *column, const int64_t *values, size_t n, dzr_error *err)
{
    double numbers[CHUNK];
    if (!column->has_bounds && n > 0) {
        column->origin = column->min.i = column->max.i = values[0];
        column->has_bounds = true;
    }
    for (size_t i = 0; i < n; i++) {
        column->min.i = DZR_MIN(column->min.i, values[i]);
        column->max.i = DZR_MAX(column->max.i, values[i]);
        column->sum += values[i];
        numbers[i] = from_origin(values[i], column->origin);
        DZR_TRY(dzr__counts_word(&column->counts, (uint64_t)values[i], err));
    }
    add_moments(column, numbers, n);
    return dzr__bins_ints(&column->bins, values, n, column->alloc, err);
}

static dzr_status add_finite(dzr__column_summary *column, const double *values, size_t n, dzr_error *err)
{
    add_moments(column, values, n);
    return dzr__bins_doubles(&column->bins, values, n, column->alloc, err);
}

static dzr_status add_doubles(dzr__column_summary *column, const double *values, size_t n, dzr_error *err)
{
    double finite[CHUNK];
    size_t n_finite = 0;
    for (size_t i = 0; i < n; i++) {
        const double value = values[i] == 0 ? 0 : values[i]; /* whatever its sign */
        uint64_t bits = 0;
        if (isnan(value)) {
            column->n_nan++;
            continue;
        }
        if (!column->has_bounds)
            column->min.d = column->max.d = value;
        column->has_bounds = true;
        column->min.d = DZR_MIN(column->min.d, value);
        column->max.d = DZR_MAX(column->max.d, value);
        memcpy(&bits, &value, sizeof bits);
        DZR_TRY(dzr__counts_word(&column->counts, bits, err));
        if (isinf(value))
            column->n_infinite++;
        else
            finite[n_finite++] = value;
    }
    return add_finite(column, finite, n_finite, err);
}

/* The nearest double but for a few units in the last place. */
static double decimal_to_double(dzr_decimal value, int32_t scale)
{
    const bool negative = value.word[3] >> 63 != 0;
    double out = 0;
    unsigned __int128 carry = negative;
    uint64_t words[4];
    for (int i = 0; i < 4; i++) {
        carry += negative ? ~value.word[i] : value.word[i];
        words[i] = (uint64_t)carry;
        carry >>= 64;
    }
    for (int i = 3; i >= 0; i--)
        out = out * 0x1p64 + (double)words[i];
    return (negative ? -out : out) / pow(10, scale);
}

static dzr_status add_decimals(dzr__column_summary *column, const dzr_decimal *values, size_t n, dzr_error *err)
{
    double numbers[CHUNK];
    for (size_t i = 0; i < n; i++) {
        if (!column->has_bounds)
            column->min.decimal = column->max.decimal = values[i];
        column->has_bounds = true;
        if (dzr_decimal_compare(values[i], column->min.decimal) < 0)
            column->min.decimal = values[i];
        if (dzr_decimal_compare(values[i], column->max.decimal) > 0)
            column->max.decimal = values[i];
        numbers[i] = decimal_to_double(values[i], column->field->type.scale);
        DZR_TRY(dzr__counts_bytes(&column->counts, (dzr_bytes){(const uint8_t *)&values[i], sizeof *values}, err));
    }
    return add_finite(column, numbers, n, err);
}

static dzr_status add_lengths(dzr__column_summary *column, const int64_t *lengths, size_t n, dzr_error *err)
{
    if (column->n_numbers == 0 && n > 0)
        column->min_length = column->max_length = lengths[0];
    for (size_t i = 0; i < n; i++) {
        column->min_length = DZR_MIN(column->min_length, lengths[i]);
        column->max_length = DZR_MAX(column->max_length, lengths[i]);
        column->sum += lengths[i];
    }
    column->n_numbers += (int64_t)n;
    return dzr__bins_ints(&column->bins, lengths, n, column->alloc, err);
}

static int64_t n_characters(dzr_bytes text)
{
    int64_t n = 0;
    for (size_t i = 0; i < text.len; i++)
        n += (text.at[i] & 0xc0) != 0x80;
    return n;
}

static dzr_bytes bytes_of(const dzr_bytebuf *bound)
{
    return (dzr_bytes){bound->at, bound->len};
}

static dzr_status keep(dzr_bytebuf *bound, dzr_bytes value, dzr_error *err)
{
    bound->len = 0;
    return dzr__bytebuf_append(bound, value.at, value.len, err);
}

static dzr_status add_strings(dzr__column_summary *column, const dzr_bytes *values, size_t n, dzr_error *err)
{
    const dzr_type_id id = column->field->type.id;
    int64_t lengths[CHUNK];
    for (size_t i = 0; i < n; i++) {
        const bool first = !column->has_bounds;
        column->has_bounds = true;
        if (first || dzr__bytes_order(values[i], bytes_of(&column->min_bytes)) < 0)
            DZR_TRY(keep(&column->min_bytes, values[i], err));
        if (first || dzr__bytes_order(values[i], bytes_of(&column->max_bytes)) > 0)
            DZR_TRY(keep(&column->max_bytes, values[i], err));
        lengths[i] = id == DZR_TYPE_STRING ? n_characters(values[i]) : (int64_t)values[i].len;
        DZR_TRY(dzr__counts_bytes(&column->counts, values[i], err));
    }
    return id == DZR_TYPE_STRING || id == DZR_TYPE_BINARY ? add_lengths(column, lengths, n, err) : DZR_OK;
}

/* ---- gathering ---- */

static int64_t int_at(const dzr_column *column, int64_t row)
{
    if (column->type.id == DZR_TYPE_UINT64)
        return (int64_t)(((const uint64_t *)column->values)[row] ^ (uint64_t)1 << 63);
    if (column->type.id == DZR_TYPE_DECIMAL)
        return (int64_t)dzr_column_decimal(column, row).word[0]; /* 18 digits */
    return (int64_t)dzr__wide_at(column, row);
}

typedef union chunk {
    int64_t ints[CHUNK];
    double doubles[CHUNK];
    dzr_decimal decimals[CHUNK];
    dzr_bytes bytes[CHUNK];
} chunk;

static void gather(dzr__column_summary *column, const dzr_column *from, int64_t row, chunk *to, size_t i)
{
    int64_t first = 0;
    switch (column->kind) {
    case DZR__KIND_INT:
        to->ints[i] = int_at(from, row);
        break;
    case DZR__KIND_BOOL:
        column->n_true += to->ints[i] = dzr_column_bool(from, row);
        break;
    case DZR__KIND_DOUBLE:
        to->doubles[i] = dzr__double_at(from, row);
        break;
    case DZR__KIND_DECIMAL:
        to->decimals[i] = dzr_column_decimal(from, row);
        break;
    case DZR__KIND_BYTES:
        to->bytes[i] = dzr__bytes_at(from, row);
        break;
    case DZR__KIND_LIST:
        to->ints[i] = dzr_column_list(from, row, &first);
        break;
    case DZR__KIND_NONE:
        break;
    }
}

static dzr_status add_chunk(dzr__column_summary *column, const chunk *values, size_t n, dzr_error *err)
{
    switch (column->kind) {
    case DZR__KIND_INT:
    case DZR__KIND_BOOL:
        return add_ints(column, values->ints, n, err);
    case DZR__KIND_DOUBLE:
        return add_doubles(column, values->doubles, n, err);
    case DZR__KIND_DECIMAL:
        return add_decimals(column, values->decimals, n, err);
    case DZR__KIND_BYTES:
        return add_strings(column, values->bytes, n, err);
    case DZR__KIND_LIST:
        return add_lengths(column, values->ints, n, err);
    case DZR__KIND_NONE:
        break;
    }
    return DZR_OK;
}

dzr_status dzr__column_summary_add(dzr__column_summary *column, const dzr_batch *batch, dzr_error *err)
{
    dzr__reach reach;
    DZR_TRY(dzr__reach_init(&reach, batch, column->node, column->alloc, err));
    const dzr_column *const from = dzr_batch_node(batch, column->node);
    column->n_values += reach.n_valid;
    column->n_nulls += reach.n_exist - reach.n_valid;
    chunk values;
    size_t n = 0;
    dzr_status st = DZR_OK;
    for (int64_t row = 0; st == DZR_OK && row < reach.n_rows; row++) {
        if (reach.valid != NULL && !dzr__bit_get(reach.valid, row))
            continue;
        gather(column, from, row, &values, n++);
        if (n == CHUNK) {
            st = add_chunk(column, &values, n, err);
            n = 0;
        }
    }
    if (st == DZR_OK)
        st = add_chunk(column, &values, n, err);
    dzr__reach_fini(&reach);
    return st;
}
