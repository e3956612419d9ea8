/* frame/schema_parse.c - a schema from its text, and types of some columns. Called by programs. The syntax is in
 * schema_text.h; words come from schema_lex.c, the checks of a whole schema are dzr_schema_new's. */
#include "frame/schema_lex.h"

#include <datarizer/schema_text.h>

#include <stdio.h>
#include <stdlib.h>

typedef struct parser {
    dzr__schema_lexer lexer;
    dzr_arena arena;
    int32_t n_nodes;
} parser;

/* Fields as they are found. */
typedef struct found {
    dzr_field field;
    struct found *next;
} found;

typedef struct found_list {
    found *first, **end;
    int32_t n;
} found_list;

static dzr_status take_type(parser *p, dzr_field *field, int depth, dzr_error *err);

/* ---- pieces ---- */

static dzr_status unexpected(const parser *p, const char *what, dzr_error *err)
{
    return dzr__schema_unexpected(&p->lexer, what, err);
}

static dzr_status next(parser *p, dzr_error *err)
{
    return dzr__schema_next(&p->lexer, err);
}

static bool is_sign(const parser *p, char sign)
{
    return p->lexer.sign == sign; /* 0 for other words */
}

static dzr_status take_sign(parser *p, char sign, const char *what, dzr_error *err)
{
    return is_sign(p, sign) ? next(p, err) : unexpected(p, what, err);
}

static dzr_status take_name(parser *p, const char *what, const char **out, dzr_error *err)
{
    if (p->lexer.word != DZR__SCHEMA_NAME && p->lexer.word != DZR__SCHEMA_QUOTED)
        return unexpected(p, what, err);
    *out = p->lexer.value;
    return next(p, err);
}

/* A whole number of [least, greatest]. */
static dzr_status take_number(
        parser *p, const char *what, int32_t least, int32_t greatest, int32_t *out, dzr_error *err)
{
    if (p->lexer.word != DZR__SCHEMA_NUMBER)
        return unexpected(p, what, err);
    const long value = strlen(p->lexer.value) < 10 ? strtol(p->lexer.value, NULL, 10) : INT32_MAX;
    if (value < least || value > greatest)
        return dzr__schema_fail(&p->lexer, p->lexer.word_at, err, DZR_ERR_SYNTAX,
                "expected %s of %d to %d, found %.40s", what, least, greatest, p->lexer.value);
    *out = (int32_t)value;
    return next(p, err);
}

/* `not null`, or nothing. */
static dzr_status take_not_null(parser *p, dzr_field *field, dzr_error *err)
{
    field->nullable = true;
    if (!dzr__schema_is(&p->lexer, "not"))
        return DZR_OK;
    if (field->type.id == DZR_TYPE_NULL)
        return dzr__schema_fail(&p->lexer, p->lexer.word_at, err, DZR_ERR_SYNTAX,
                "a column of type null has nothing else, and can't be not null");
    DZR_TRY(next(p, err));
    if (!dzr__schema_is(&p->lexer, "null"))
        return unexpected(p, "null behind not", err);
    field->nullable = false;
    return next(p, err);
}

/* ---- children ---- */

/* A field at the list's end, the parser's. */
static dzr_status add_field(parser *p, found_list *list, dzr_field **out, dzr_error *err)
{
    if (++p->n_nodes > DZR_MAX_COLUMNS)
        return dzr__schema_fail(
                &p->lexer, p->lexer.word_at, err, DZR_ERR_LIMIT, "more columns than %d", DZR_MAX_COLUMNS);
    found *const made = dzr__arena_zeroed(&p->arena, 1, sizeof *made, err);
    if (made == NULL)
        return DZR_ERR_NOMEM;
    *list->end = made;
    list->end = &made->next;
    list->n++;
    *out = &made->field;
    return DZR_OK;
}

static dzr_status as_array(parser *p, const found_list *list, const dzr_field **out, dzr_error *err)
{
    dzr_field *const fields = dzr__arena_zeroed(&p->arena, (size_t)list->n, sizeof *fields, err);
    if (fields == NULL)
        return DZR_ERR_NOMEM;
    int32_t n = 0;
    for (const found *at = list->first; at != NULL; at = at->next)
        fields[n++] = at->field;
    *out = fields;
    return DZR_OK;
}

/* `NAME TYPE, NAME TYPE not null` up to `closing` (0: the end of the text), which stays. */
static dzr_status take_fields(parser *p, char closing, int depth, const dzr_field **out, int32_t *n_out, dzr_error *err)
{
    found_list list = {.first = NULL};
    list.end = &list.first;
    while (closing != 0 ? !is_sign(p, closing) : p->lexer.word != DZR__SCHEMA_END) {
        dzr_field *field = NULL;
        DZR_TRY(add_field(p, &list, &field, err));
        DZR_TRY(take_name(p, "a column's name", &field->name, err));
        if (is_sign(p, ':'))
            DZR_TRY(next(p, err));
        DZR_TRY(take_type(p, field, depth, err));
        DZR_TRY(take_not_null(p, field, err));
        if (!is_sign(p, ','))
            break;
        DZR_TRY(next(p, err));
    }
    *n_out = list.n;
    return as_array(p, &list, out, err);
}

/* `TYPE`, or `NAME: TYPE` for one that is not called `name`, and maybe `not null`. */
static dzr_status take_child(parser *p, const char *name, dzr_field *field, int depth, dzr_error *err)
{
    const dzr__schema_lexer before = p->lexer;
    field->name = name;
    if (++p->n_nodes > DZR_MAX_COLUMNS)
        return dzr__schema_fail(
                &p->lexer, p->lexer.word_at, err, DZR_ERR_LIMIT, "more columns than %d", DZR_MAX_COLUMNS);
    if (p->lexer.word == DZR__SCHEMA_NAME || p->lexer.word == DZR__SCHEMA_QUOTED) {
        const char *const told = p->lexer.value;
        DZR_TRY(next(p, err));
        if (is_sign(p, ':')) {
            field->name = told;
            DZR_TRY(next(p, err));
        } else {
            p->lexer = before;
        }
    }
    DZR_TRY(take_type(p, field, depth, err));
    return take_not_null(p, field, err);
}

static dzr_field *new_children(parser *p, dzr_field *of, int32_t n, dzr_error *err)
{
    dzr_field *const children = dzr__arena_zeroed(&p->arena, (size_t)n, sizeof *children, err);
    of->children = children;
    of->n_children = n;
    return children;
}

/* `KEY, VALUE`, or one struct of both, which says the names. */
static dzr_status take_entry(parser *p, dzr_field *field, int depth, dzr_error *err)
{
    const size_t at = p->lexer.word_at;
    dzr_field first = {.name = NULL};
    DZR_TRY(take_child(p, NULL, &first, depth + 1, err)); /* the key, or the entry */
    dzr_field *const entry = new_children(p, field, 1, err);
    dzr_field *const pair = entry != NULL ? dzr__arena_zeroed(&p->arena, 2, sizeof *pair, err) : NULL;
    if (pair == NULL)
        return DZR_ERR_NOMEM;
    if (is_sign(p, ',')) {
        DZR_TRY(next(p, err));
        pair[0] = first;
        pair[0].name = first.name != NULL ? first.name : "key";
        p->n_nodes++; /* the entry */
        DZR_TRY(take_child(p, "value", &pair[1], depth + 1, err));
        *entry = (dzr_field){.name = "key_value", .type = {.id = DZR_TYPE_STRUCT}};
    } else {
        if (first.type.id != DZR_TYPE_STRUCT || first.n_children != 2)
            return dzr__schema_fail(&p->lexer, at, err, DZR_ERR_SYNTAX,
                    "a map has two types, of its keys and its values, or a struct of two fields");
        memcpy(pair, first.children, 2 * sizeof *pair);
        *entry = first;
        entry->name = first.name != NULL ? first.name : "key_value";
        entry->nullable = false;
    }
    pair[0].nullable = false;
    entry->children = pair;
    entry->n_children = 2;
    return DZR_OK;
}

/* What stands in < > behind struct, list, map or dictionary. */
static dzr_status take_children(parser *p, dzr_field *field, int depth, dzr_error *err)
{
    DZR_TRY(take_sign(p, '<', "< with what is in it", err));
    if (field->type.id == DZR_TYPE_STRUCT) {
        DZR_TRY(take_fields(p, '>', depth + 1, &field->children, &field->n_children, err));
        return take_sign(p, '>', "a comma or >", err);
    }
    if (field->type.id == DZR_TYPE_MAP) {
        DZR_TRY(take_entry(p, field, depth + 1, err));
        return take_sign(p, '>', "> at the end of the map", err);
    }
    dzr_field *const child = new_children(p, field, 1, err);
    if (child == NULL)
        return DZR_ERR_NOMEM;
    const bool is_list = field->type.id == DZR_TYPE_LIST;
    DZR_TRY(take_child(p, is_list ? "element" : "values", child, depth + 1, err));
    child->nullable = child->nullable && is_list;
    return take_sign(p, '>', is_list ? "> at the end of the list" : "> at the end of the dictionary", err);
}

/* ---- types ---- */

static const struct {
    const char *name;
    dzr_type_id id;
} types[] = {{"bool", DZR_TYPE_BOOL}, {"int8", DZR_TYPE_INT8}, {"int16", DZR_TYPE_INT16}, {"int32", DZR_TYPE_INT32},
        {"int64", DZR_TYPE_INT64}, {"uint8", DZR_TYPE_UINT8}, {"uint16", DZR_TYPE_UINT16}, {"uint32", DZR_TYPE_UINT32},
        {"uint64", DZR_TYPE_UINT64}, {"half", DZR_TYPE_HALF}, {"float", DZR_TYPE_FLOAT}, {"double", DZR_TYPE_DOUBLE},
        {"string", DZR_TYPE_STRING}, {"binary", DZR_TYPE_BINARY}, {"date", DZR_TYPE_DATE},
        {"timestamp", DZR_TYPE_TIMESTAMP}, {"time", DZR_TYPE_TIME}, {"duration", DZR_TYPE_DURATION},
        {"decimal", DZR_TYPE_DECIMAL}, {"fixed", DZR_TYPE_FIXED}, {"uuid", DZR_TYPE_UUID}, {"null", DZR_TYPE_NULL},
        {"struct", DZR_TYPE_STRUCT}, {"list", DZR_TYPE_LIST}, {"map", DZR_TYPE_MAP},
        {"dictionary", DZR_TYPE_DICTIONARY}};

enum { N_TYPES = sizeof types / sizeof *types };

static dzr_status no_type(const parser *p, dzr_error *err)
{
    char names[400] = "a type (";
    size_t len = strlen(names);
    for (size_t i = 0; i < N_TYPES && len < sizeof names; i++)
        len += (size_t)snprintf(names + len, sizeof names - len, "%s%s", types[i].name, i + 1 < N_TYPES ? ", " : ")");
    return unexpected(p, names, err);
}

/* `[us]`, `[us, UTC]`, `[us, Europe/Berlin]` */
static dzr_status take_unit(parser *p, dzr_field *field, dzr_error *err)
{
    static const char *const units[] = {[DZR_UNIT_MS] = "ms", [DZR_UNIT_US] = "us", [DZR_UNIT_NS] = "ns"};
    DZR_TRY(take_sign(p, '[', "a unit: [ms], [us] or [ns]", err));
    unsigned unit = 0;
    while (unit <= DZR_UNIT_NS && !dzr__schema_is(&p->lexer, units[unit]))
        unit++;
    if (unit > DZR_UNIT_NS)
        return unexpected(p, "ms, us or ns", err);
    field->type.unit = (dzr_time_unit)unit;
    DZR_TRY(next(p, err));
    if (field->type.id != DZR_TYPE_DURATION && is_sign(p, ',')) {
        DZR_TRY(dzr__schema_next_zone(&p->lexer, err));
        const bool is_utc = dzr__schema_is(&p->lexer, "utc");
        if (!is_utc && field->type.id == DZR_TYPE_TIME)
            return unexpected(p, "UTC", err);
        if (p->lexer.word == DZR__SCHEMA_QUOTED && *p->lexer.value == '\0')
            return unexpected(p, "a time zone", err);
        field->type.utc = true;
        const char *zone = NULL;
        DZR_TRY(take_name(p, "UTC or a time zone", &zone, err));
        field->zone = is_utc ? NULL : zone;
    }
    return take_sign(p, ']', "]", err);
}

/* `(12, 2)`, `(12)`, `(16)` */
static dzr_status take_sizes(parser *p, dzr_field *field, dzr_error *err)
{
    dzr_type *const type = &field->type;
    const bool is_decimal = type->id == DZR_TYPE_DECIMAL;
    DZR_TRY(take_sign(
            p, '(', is_decimal ? "( with the digits in all and those after the point" : "( with the bytes", err));
    if (!is_decimal)
        DZR_TRY(take_number(p, "a number of bytes", 1, DZR_MAX_WIDTH, &type->width, err));
    else
        DZR_TRY(take_number(p, "a number of digits", 1, DZR_DECIMAL_DIGITS, &type->precision, err));
    if (is_decimal && is_sign(p, ',')) {
        DZR_TRY(next(p, err));
        DZR_TRY(take_number(p, "a number of digits after the point", 0, type->precision, &type->scale, err));
    }
    return take_sign(p, ')', ")", err);
}

/* Depth is the field's; the words up to `not null`. */
static dzr_status take_type(parser *p, dzr_field *field, int depth, dzr_error *err)
{
    size_t i = 0;
    while (i < N_TYPES && !dzr__schema_is(&p->lexer, types[i].name))
        i++;
    if (i == N_TYPES)
        return no_type(p, err);
    if (depth > DZR_MAX_DEPTH)
        return dzr__schema_fail(
                &p->lexer, p->lexer.word_at, err, DZR_ERR_LIMIT, "nested deeper than %d", DZR_MAX_DEPTH);
    field->type.id = types[i].id;
    DZR_TRY(next(p, err));
    switch (field->type.id) {
    case DZR_TYPE_TIMESTAMP:
    case DZR_TYPE_TIME:
    case DZR_TYPE_DURATION:
        return take_unit(p, field, err);
    case DZR_TYPE_DECIMAL:
    case DZR_TYPE_FIXED:
        return take_sizes(p, field, err);
    case DZR_TYPE_STRUCT:
    case DZR_TYPE_LIST:
    case DZR_TYPE_MAP:
    case DZR_TYPE_DICTIONARY:
        return take_children(p, field, depth, err);
    default:
        return DZR_OK;
    }
}

/* ---- types of some columns ---- */

/* `a.b` up to its = sign, as one name. */
static dzr_status take_path(parser *p, const char **out, dzr_error *err)
{
    DZR_TRY(take_name(p, "a column's name", out, err));
    for (int depth = 1; is_sign(p, '.'); depth++) {
        const char *member = NULL;
        if (depth == DZR_MAX_DEPTH)
            return dzr__schema_fail(
                    &p->lexer, p->lexer.word_at, err, DZR_ERR_LIMIT, "nested deeper than %d", DZR_MAX_DEPTH);
        DZR_TRY(next(p, err));
        DZR_TRY(take_name(p, "a name behind the dot", &member, err));
        const size_t above = strlen(*out), n = strlen(member);
        char *const path = dzr__arena_zeroed(&p->arena, above + n + 2, 1, err);
        if (path == NULL)
            return DZR_ERR_NOMEM;
        memcpy(path, *out, above);
        path[above] = '.';
        memcpy(path + above + 1, member, n);
        *out = path;
    }
    return take_sign(p, '=', "= and a type", err);
}

static dzr_status take_types(parser *p, const dzr_field **out, int32_t *n_out, dzr_error *err)
{
    found_list list = {.first = NULL};
    list.end = &list.first;
    do {
        const size_t at = p->lexer.word_at;
        dzr_field *field = NULL;
        DZR_TRY(add_field(p, &list, &field, err));
        DZR_TRY(take_path(p, &field->name, err));
        for (const found *have = list.first; &have->field != field; have = have->next)
            if (strcmp(have->field.name, field->name) == 0)
                return dzr__schema_fail(&p->lexer, at, err, DZR_ERR_SYNTAX, "%.200s has a type already", field->name);
        DZR_TRY(take_type(p, field, 1, err));
        DZR_TRY(take_not_null(p, field, err));
        if (!is_sign(p, ','))
            break;
        DZR_TRY(next(p, err));
    } while (p->lexer.word != DZR__SCHEMA_END);
    *n_out = list.n;
    return as_array(p, &list, out, err);
}

/* ---- all of it ---- */

static dzr_status parse_all(parser *p, bool of_some, const dzr_allocator *alloc, dzr_schema **out, dzr_error *err)
{
    const dzr_field *fields = NULL;
    int32_t n = 0;
    if (p->lexer.text.len > DZR_MAX_SCHEMA_TEXT)
        return dzr_fail(
                err, DZR_ERR_LIMIT, "a schema of %zu bytes, limit is %d", p->lexer.text.len, DZR_MAX_SCHEMA_TEXT);
    DZR_TRY(next(p, err));
    DZR_TRY(of_some ? take_types(p, &fields, &n, err) : take_fields(p, 0, 1, &fields, &n, err));
    if (p->lexer.word != DZR__SCHEMA_END)
        return unexpected(p, "a comma or the end", err);
    return dzr_schema_new(fields, n, alloc, out, err);
}

static dzr_status parse(dzr_bytes text, bool of_some, const dzr_allocator *alloc, dzr_schema **out, dzr_error *err)
{
    parser p = {.lexer = {.text = text}};
    p.lexer.arena = &p.arena;
    dzr__arena_init(&p.arena, alloc, 0);
    const dzr_status st = parse_all(&p, of_some, alloc, out, err);
    dzr__arena_fini(&p.arena);
    return st;
}

dzr_status dzr_schema_parse(dzr_bytes text, const dzr_allocator *alloc, dzr_schema **out, dzr_error *err)
{
    return parse(text, false, alloc, out, err);
}

dzr_status dzr_types_parse(dzr_bytes text, const dzr_allocator *alloc, dzr_schema **out, dzr_error *err)
{
    return parse(text, true, alloc, out, err);
}
