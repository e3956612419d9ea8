/* query/filter_bind.c - what a comparison is once the column's type is known: values become the column's own, or an
 * error that says what would go with it. Called by filter_parse.c. */
#include "query/filter.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

filter_class dzr__filter_class(dzr_type type)
{
    switch (type.id) {
    case DZR_TYPE_FLOAT:
    case DZR_TYPE_DOUBLE:
    case DZR_TYPE_HALF:
        return CLASS_FLOAT;
    case DZR_TYPE_DECIMAL:
        return CLASS_DECIMAL;
    case DZR_TYPE_STRING:
    case DZR_TYPE_BINARY:
    case DZR_TYPE_FIXED:
    case DZR_TYPE_UUID:
        return CLASS_BYTES;
    case DZR_TYPE_NULL:
        return CLASS_NULL;
    case DZR_TYPE_STRUCT:
    case DZR_TYPE_LIST:
    case DZR_TYPE_MAP:
    case DZR_TYPE_DICTIONARY:
        return CLASS_NONE;
    default:
        return CLASS_INTEGER;
    }
}

static bool is_time(dzr_type_id id)
{
    return id == DZR_TYPE_DATE || id == DZR_TYPE_TIMESTAMP || id == DZR_TYPE_TIME;
}

/* "column "age" is int32: WHAT" at an operand's place. */
static dzr_status fail_type(const filter_binder *b, const filter_operand *column, const filter_operand *value,
        const char *what, dzr_error *err)
{
    char type[DZR_TYPE_TEXT];
    const dzr_bytes text = b->lexer->text;
    return dzr__filter_fail(b->lexer, value->at, err, DZR_ERR_TYPE, "column %.*s is %s: %.*s %s",
            (int)DZR_MIN(column->end - column->at, (size_t)200), (const char *)text.at + column->at,
            dzr_type_print(column->type, type), (int)DZR_MIN(value->end - value->at, (size_t)100),
            (const char *)text.at + value->at, what);
}

/* ---- one value ---- */

/* The number as the column's own nearest. The text is digits, a point, an exponent: what strtod takes in any case. */
static dzr_status float_value(const filter_binder *b, const filter_operand *column, const filter_operand *value,
        filter_point *out, dzr_error *err)
{
    static const char *const names[] = {"nan", "inf", "infinity", "-inf", "-infinity"};
    double number = 0;
    bool is_named = false;
    char *const text = dzr__arena_text(b->arena, value->text.at, value->text.len, err);
    if (text == NULL)
        return DZR_ERR_NOMEM;
    for (size_t i = 0; value->kind == OPERAND_STRING && i < sizeof names / sizeof *names; i++)
        is_named = is_named || strcasecmp(text, names[i]) == 0;
    if (value->kind == OPERAND_STRING && !is_named)
        return fail_type(b, column, value, "should be a number, without quotes ('NaN' and 'inf' are strings)", err);
    const locale_t plain = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
    if (plain == (locale_t)0)
        return dzr_fail(err, DZR_ERR_NOMEM, "out of memory");
    if (column->type.id == DZR_TYPE_FLOAT)
        number = (double)strtof_l(text, NULL, plain);
    else
        number = strtod_l(text, NULL, plain);
    freelocale(plain);
    if (column->type.id == DZR_TYPE_HALF)
        number = dzr_half_to_double(dzr_half_from_double(number));
    if (isinf(number) && !is_named)
        return fail_type(b, column, value, "is beyond its numbers", err);
    *out = dzr__filter_point_at(dzr__filter_key(value->is_negative ? -number : number), false);
    return DZR_OK;
}

static dzr_status integer_value(const filter_binder *b, const filter_operand *column, const filter_operand *value,
        filter_point *out, dzr_error *err)
{
    dzr_error why;
    if (column->type.id == DZR_TYPE_BOOL) {
        if (value->kind != OPERAND_BOOL)
            return fail_type(b, column, value, "should be true or false", err);
        *out = dzr__filter_point_at(value->truth, false);
        return DZR_OK;
    }
    if (is_time(column->type.id)) {
        if (value->kind != OPERAND_STRING)
            return fail_type(b, column, value, "should be a string such as '2024-01-31' or '12:34:56'", err);
        const dzr_status st = dzr__filter_time(value->text, column->type, out, &why);
        return st == DZR_OK ? DZR_OK : fail_type(b, column, value, why.message, err);
    }
    if (value->kind != OPERAND_NUMBER)
        return fail_type(b, column, value, "should be a number, without quotes", err);
    *out = dzr__filter_point(value->text, value->is_negative, 0);
    return DZR_OK;
}

static dzr_status bytes_value(const filter_binder *b, const filter_operand *column, const filter_operand *value,
        dzr_bytes *out, dzr_error *err)
{
    if (value->kind != OPERAND_STRING)
        return fail_type(b, column, value, "should be a string, in single quotes", err);
    *out = value->text;
    if (column->type.id != DZR_TYPE_UUID)
        return DZR_OK;
    uint8_t *const uuid = dzr__arena_zeroed(b->arena, DZR_UUID_BYTES, 1, err);
    if (uuid == NULL)
        return DZR_ERR_NOMEM;
    if (!dzr_uuid_parse((const char *)value->text.at, value->text.len, uuid))
        return fail_type(b, column, value, "is no UUID", err);
    *out = (dzr_bytes){uuid, DZR_UUID_BYTES};
    return DZR_OK;
}

/* The value as the column has them: `point` of numbers, `bytes` of the others. It is no null, and the class has some.
 */
static dzr_status bind_value(const filter_binder *b, const filter_operand *column, const filter_operand *value,
        filter_point *point, dzr_bytes *bytes, dzr_error *err)
{
    *point = (filter_point){.beyond = 0};
    switch (dzr__filter_class(column->type)) {
    case CLASS_INTEGER:
        return integer_value(b, column, value, point, err);
    case CLASS_FLOAT:
        if (value->kind != OPERAND_NUMBER && value->kind != OPERAND_STRING)
            return fail_type(b, column, value, "should be a number", err);
        return float_value(b, column, value, point, err);
    case CLASS_DECIMAL:
        if (value->kind != OPERAND_NUMBER)
            return fail_type(b, column, value, "should be a number, without quotes", err);
        *point = dzr__filter_point(value->text, value->is_negative, column->type.scale);
        return DZR_OK;
    case CLASS_BYTES:
        return bytes_value(b, column, value, bytes, err);
    default:
        return DZR_OK;
    }
}

/* ---- a column beside a value ---- */

static void bind_range(uint8_t accept, const filter_point *point, filter_node *out)
{
    const dzr__wide at = dzr__filter_wide(point), least = (dzr__wide)INT64_MIN - 2, most = (dzr__wide)UINT64_MAX + 2;
    const bool rest = point->has_rest;
    out->kind = FILTER_RANGE;
    out->truth = accept != (ACCEPT_LESS | ACCEPT_GREATER);
    out->low = (accept & ACCEPT_LESS) != 0 ? least : (accept & ACCEPT_EQUAL) != 0 ? at + rest : at + 1;
    out->high = (accept & ACCEPT_GREATER) != 0 ? most : (accept & ACCEPT_EQUAL) != 0 ? at : at - !rest;
    if (!out->truth) { /* outside of what is equal */
        out->low = at + rest;
        out->high = at;
    }
}

static dzr_status need_order(const filter_binder *b, const filter_operand *column, dzr_error *err)
{
    char type[DZR_TYPE_TEXT];
    if (dzr__filter_class(column->type) != CLASS_NONE)
        return DZR_OK;
    return dzr__filter_fail(b->lexer, column->at, err, DZR_ERR_TYPE,
            "column %.*s is a %s, which can't be compared: it is null or is not null",
            (int)DZR_MIN(column->end - column->at, (size_t)200), (const char *)b->lexer->text.at + column->at,
            dzr_type_print(column->type, type));
}

static dzr_status bind_order(const filter_binder *b, uint8_t accept, const filter_operand *column,
        const filter_operand *value, filter_node *out, dzr_error *err)
{
    filter_point point;
    dzr_bytes bytes = {NULL, 0};
    DZR_TRY(bind_value(b, column, value, &point, &bytes, err));
    if (out->class == CLASS_INTEGER || out->class == CLASS_FLOAT) {
        bind_range(accept, &point, out);
        return DZR_OK;
    }
    out->kind = FILTER_ORDER;
    out->accept = accept;
    if (out->class == CLASS_DECIMAL)
        out->value.decimal = point;
    else
        out->value.bytes = bytes;
    return DZR_OK;
}

/* ---- two columns ---- */

static bool is_binary(dzr_type_id id)
{
    return id == DZR_TYPE_BINARY || id == DZR_TYPE_FIXED;
}

static bool go_together(dzr_type a, dzr_type b)
{
    const filter_class of_a = dzr__filter_class(a), of_b = dzr__filter_class(b);
    const bool whole_a = of_a == CLASS_INTEGER && a.id <= DZR_TYPE_UINT64 && a.id != DZR_TYPE_BOOL;
    const bool whole_b = of_b == CLASS_INTEGER && b.id <= DZR_TYPE_UINT64 && b.id != DZR_TYPE_BOOL;
    if (a.id == b.id)
        return a.id != DZR_TYPE_TIMESTAMP || a.utc == b.utc;
    return (whole_a && (whole_b || of_b == CLASS_FLOAT || of_b == CLASS_DECIMAL)) ||
           (whole_b && (of_a == CLASS_FLOAT || of_a == CLASS_DECIMAL)) ||
           (of_a == CLASS_FLOAT && of_b == CLASS_FLOAT) || (is_binary(a.id) && is_binary(b.id));
}

static dzr_status bind_columns(const filter_binder *b, uint8_t accept, const filter_operand *left,
        const filter_operand *right, filter_node *out, dzr_error *err)
{
    char type[DZR_TYPE_TEXT], what[DZR_TYPE_TEXT + 64];
    DZR_TRY(need_order(b, right, err));
    if (out->class == CLASS_NULL || dzr__filter_class(right->type) == CLASS_NULL) {
        out->is_unknown = true;
        return DZR_OK;
    }
    snprintf(what, sizeof what, "is %s, and these two have no order", dzr_type_print(right->type, type));
    if (!go_together(left->type, right->type))
        return fail_type(b, left, right, what, err);
    out->kind = FILTER_COLUMNS;
    out->accept = accept;
    out->other = *right;
    return DZR_OK;
}

dzr_status dzr__filter_bind_compare(const filter_binder *b, uint8_t accept, const filter_operand *left,
        const filter_operand *right, filter_node *out, dzr_error *err)
{
    DZR_TRY(need_order(b, left, err));
    out->kind = FILTER_CONSTANT;
    out->column = *left;
    out->class = dzr__filter_class(left->type);
    if (right->kind == OPERAND_COLUMN)
        return bind_columns(b, accept, left, right, out, err);
    if (right->kind != OPERAND_NULL && out->class != CLASS_NULL)
        return bind_order(b, accept, left, right, out, err);
    out->is_unknown = true;
    return DZR_OK;
}

/* ---- in ---- */

int dzr__filter_compare(filter_class class, const filter_value *a, const filter_value *b)
{
    if (class == CLASS_DECIMAL)
        return dzr_decimal_compare(a->decimal.floor, b->decimal.floor);
    if (class != CLASS_BYTES)
        return (a->integer > b->integer) - (a->integer < b->integer);
    const int order = dzr__bytes_order(a->bytes, b->bytes);
    return (order > 0) - (order < 0);
}

static int by_integer(const void *a, const void *b)
{
    return dzr__filter_compare(CLASS_INTEGER, a, b);
}

static int by_decimal(const void *a, const void *b)
{
    return dzr__filter_compare(CLASS_DECIMAL, a, b);
}

static int by_bytes(const void *a, const void *b)
{
    return dzr__filter_compare(CLASS_BYTES, a, b);
}

dzr_status dzr__filter_bind_in(const filter_binder *b, const filter_operand *column, const filter_operand *values,
        int32_t n_values, filter_node *out, dzr_error *err)
{
    DZR_TRY(need_order(b, column, err));
    filter_value *const set = dzr__arena_zeroed(b->arena, (size_t)n_values, sizeof *set, err);
    if (set == NULL)
        return DZR_ERR_NOMEM;
    out->column = *column;
    out->class = dzr__filter_class(column->type);
    for (int32_t i = 0; i < n_values; i++) {
        filter_point point;
        dzr_bytes bytes = {NULL, 0};
        if (values[i].kind == OPERAND_NULL || out->class == CLASS_NULL) {
            out->is_unknown = true;
            continue;
        }
        DZR_TRY(bind_value(b, column, &values[i], &point, &bytes, err));
        if (point.has_rest || point.beyond != 0) /* no value is that */
            continue;
        filter_value *const value = &set[out->n_values++];
        if (out->class == CLASS_BYTES)
            value->bytes = bytes;
        else if (out->class == CLASS_DECIMAL)
            value->decimal = point;
        else
            value->integer = dzr__filter_wide(&point);
    }
    out->values = set;
    qsort(set, (size_t)out->n_values, sizeof *set,
            out->class == CLASS_BYTES     ? by_bytes
            : out->class == CLASS_DECIMAL ? by_decimal
                                          : by_integer);
    return DZR_OK;
}

/* ---- like ---- */

dzr_status dzr__filter_bind_like(const filter_binder *b, const filter_operand *column, const filter_operand *pattern,
        const filter_operand *escape, bool ignores_case, filter_node *out, dzr_error *err)
{
    out->column = *column;
    out->class = CLASS_BYTES;
    if (column->type.id != DZR_TYPE_STRING && column->type.id != DZR_TYPE_NULL)
        return fail_type(b, column, pattern, "is a pattern, for strings", err);
    if (pattern->kind == OPERAND_NULL || (escape != NULL && escape->kind == OPERAND_NULL) ||
            column->type.id == DZR_TYPE_NULL) {
        out->kind = FILTER_CONSTANT;
        out->is_unknown = true;
        return DZR_OK;
    }
    if (pattern->kind != OPERAND_STRING)
        return fail_type(b, column, pattern, "should be a pattern in single quotes", err);
    if (escape != NULL && escape->kind != OPERAND_STRING)
        return fail_type(b, column, escape, "should be one character in single quotes", err);
    dzr_error why;
    const dzr_status st = dzr__filter_like_new(pattern->text, escape != NULL ? escape->text : (dzr_bytes){NULL, 0},
            ignores_case, b->arena, &out->like, &why);
    return st == DZR_OK ? DZR_OK : dzr__filter_fail(b->lexer, pattern->at, err, st, "%s", why.message);
}
