/* record/match.c - which column fills which member, by name at every level, and rows into members. Called by
 * dataframe.c and parquet.c. All that does not fit is told at once. */
#include "record/internal.h"

#include <inttypes.h>
#include <stdio.h>

enum { MAX_PATH = 256, MAX_SAID = 768 };

typedef struct matching {
    const dzr_schema *schema;
    bool allow_missing, allow_extra, allow_wider;
    dzr_arena *arena;
    bool *is_wanted;
    dzr_error *err;
    char path[MAX_PATH];
    char said[MAX_SAID];
    size_t len_said;
    int32_t n_said, n_unsaid; /* what did not fit */
} matching;

static void say(matching *m, const char *format, ...) DZR_PRINTF(2, 3);
static void say(matching *m, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char one[2 * MAX_PATH];
    const int len = vsnprintf(one, sizeof one, format, args);
    va_end(args);
    if (m->n_unsaid > 0 || m->len_said + (size_t)len + 2 >= sizeof m->said) {
        m->n_unsaid++;
        return;
    }
    m->len_said += (size_t)snprintf(
            m->said + m->len_said, sizeof m->said - m->len_said, "%s%s", m->n_said > 0 ? "; " : "", one);
    m->n_said++;
}

/* The path with name at its end; back to `before` afterwards. */
static size_t push(matching *m, const char *name)
{
    const size_t before = strlen(m->path);
    (void)snprintf(m->path + before, sizeof m->path - before, "%s%s", before > 0 ? "." : "", name);
    return before;
}

static bool is_bytes(dzr_type_id id)
{
    return id == DZR_TYPE_STRING || id == DZR_TYPE_BINARY;
}

static bool is_signed(dzr_type_id id)
{
    return id >= DZR_TYPE_INT8 && id <= DZR_TYPE_INT64;
}

static bool is_unsigned(dzr_type_id id)
{
    return id >= DZR_TYPE_UINT8 && id <= DZR_TYPE_UINT64;
}

/* Whether `to` holds every number that `from` holds. */
static bool widens(dzr_type from, dzr_type to)
{
    const uint32_t bits = dzr_type_bits(from);
    if (from.id == DZR_TYPE_HALF)
        return to.id == DZR_TYPE_FLOAT || to.id == DZR_TYPE_DOUBLE;
    if (from.id == DZR_TYPE_FLOAT)
        return to.id == DZR_TYPE_DOUBLE;
    if (!is_signed(from.id) && !is_unsigned(from.id))
        return false;
    if (to.id == DZR_TYPE_FLOAT || to.id == DZR_TYPE_DOUBLE)
        return 2 * bits <= dzr_type_bits(to);
    return (is_signed(to.id) || (is_unsigned(to.id) && is_unsigned(from.id))) && bits < dzr_type_bits(to);
}

static bool goes_with(const matching *m, const dzr_record_field *field, dzr_type type)
{
    return dzr_type_equal(field->type, type) || (is_bytes(field->type.id) && is_bytes(type.id)) ||
           (m->allow_wider && widens(type, field->type));
}

static dzr_status match_fields(matching *m, const dzr_record_type *type, int32_t first, int32_t end, dzr__match **out);

static dzr_status match_field(matching *m, const dzr_record_field *field, int32_t node, dzr__match *out)
{
    const dzr_field *const column = dzr_schema_node(m->schema, node);
    char is[DZR_TYPE_TEXT], wanted[DZR_TYPE_TEXT];
    if (!goes_with(m, field, column->type)) {
        say(m, "column \"%s\" is %s, not %s", m->path, dzr_type_print(column->type, is),
                dzr_type_print(field->type, wanted));
        return DZR_OK;
    }
    out->node = node;
    if (m->is_wanted != NULL)
        m->is_wanted[node] = true;
    if (field->record != NULL)
        return match_fields(m, field->record, node + 1, dzr_schema_node_end(m->schema, node), &out->inner);
    if (field->element == NULL)
        return DZR_OK;
    out->inner = dzr__arena_zeroed(m->arena, 1, sizeof *out->inner, m->err);
    if (out->inner == NULL)
        return DZR_ERR_NOMEM;
    out->inner->node = -1;
    const dzr_field *const items = dzr_schema_node(m->schema, node + 1);
    if (goes_with(m, field->element, items->type))
        return match_field(m, field->element, node + 1, out->inner);
    say(m, "column \"%s\" has elements of %s, not %s", m->path, dzr_type_print(items->type, is),
            dzr_type_print(field->element->type, wanted));
    return DZR_OK;
}

static int32_t find(const matching *m, const char *name, int32_t node, int32_t end)
{
    for (; node < end; node = dzr_schema_node_end(m->schema, node))
        if (strcmp(dzr_schema_node(m->schema, node)->name, name) == 0)
            return node;
    return -1;
}

static void tell_extra(matching *m, const dzr_record_type *type, int32_t node, int32_t end)
{
    for (; node < end; node = dzr_schema_node_end(m->schema, node)) {
        const dzr_field *const column = dzr_schema_node(m->schema, node);
        bool known = false;
        for (int32_t i = 0; i < type->n_fields && !known; i++)
            known = strcmp(type->fields[i].name, column->name) == 0;
        if (known)
            continue;
        const size_t before = push(m, column->name);
        say(m, "column \"%s\" (%s) has no member", m->path, dzr_type_name(column->type));
        m->path[before] = '\0';
    }
}

/* The columns are nodes [first, end) and what is inside them. */
static dzr_status match_fields(matching *m, const dzr_record_type *type, int32_t first, int32_t end, dzr__match **out)
{
    dzr__match *const matches = dzr__arena_zeroed(m->arena, (size_t)type->n_fields, sizeof *matches, m->err);
    if (matches == NULL)
        return DZR_ERR_NOMEM;
    *out = matches;
    for (int32_t i = 0; i < type->n_fields; i++) {
        const dzr_record_field *const field = &type->fields[i];
        const int32_t node = find(m, field->name, first, end);
        const size_t before = push(m, field->name);
        matches[i].node = -1;
        if (node >= 0 && find(m, field->name, dzr_schema_node_end(m->schema, node), end) >= 0)
            say(m, "column \"%s\" is there twice", m->path);
        else if (node >= 0)
            DZR_TRY(match_field(m, field, node, &matches[i]));
        else if (!m->allow_missing)
            say(m, "column \"%s\" (%s) is missing", m->path, dzr_type_name(field->type));
        m->path[before] = '\0';
    }
    if (!m->allow_extra)
        tell_extra(m, type, first, end);
    return DZR_OK;
}

dzr_status dzr__record_match(const dzr_record_type *type, const dzr_schema *schema,
        const dzr_dataframe_read_options *options, dzr_arena *arena, dzr__match **out, bool *is_wanted, dzr_error *err)
{
    matching m = {.schema = schema,
            .allow_missing = options != NULL && options->allow_missing,
            .allow_extra = options != NULL && options->allow_extra,
            .allow_wider = options != NULL && options->allow_wider,
            .arena = arena,
            .is_wanted = is_wanted,
            .err = err};
    DZR_TRY(match_fields(&m, type, 0, dzr_schema_n_nodes(schema), out));
    if (m.n_unsaid > 0)
        return dzr_fail(err, DZR_ERR_TYPE, "these are no columns of %s: %s; and %" PRId32 " more", type->name, m.said,
                m.n_unsaid);
    return m.n_said == 0 ? DZR_OK : dzr_fail(err, DZR_ERR_TYPE, "these are no columns of %s: %s", type->name, m.said);
}

/* ---- rows ---- */

typedef struct filling {
    const dzr_batch *batch;
    int64_t record; /* the row of the batch, for messages */
    dzr_arena *arena;
    dzr_error *err;
} filling;

static void store_half(const dzr_record_field *field, const dzr_column *column, int64_t row, void *value)
{
    const double number = dzr_half_to_double(((const uint16_t *)column->values)[row]);
    if (field->type.id == DZR_TYPE_DOUBLE)
        *(double *)value = number;
    else
        *(float *)value = (float)number;
}

/* A number of column, into a member that is wider. */
static void store_wider(const dzr_record_field *field, const dzr_column *column, int64_t row, void *value)
{
    const size_t size = dzr_type_bits(column->type) / 8;
    const uint8_t *const at = (const uint8_t *)column->values + (size_t)row * size;
    if (column->type.id == DZR_TYPE_FLOAT) {
        float narrow;
        memcpy(&narrow, at, sizeof narrow);
        *(double *)value = (double)narrow;
        return;
    }
    const int64_t integer =
            is_signed(column->type.id) ? dzr__load_signed(at, size) : (int64_t)dzr__load_unsigned(at, size);
    if (field->type.id == DZR_TYPE_FLOAT)
        *(float *)value = (float)integer;
    else if (field->type.id == DZR_TYPE_DOUBLE)
        *(double *)value = (double)integer;
    else
        memcpy(value, &integer, field->size);
}

static dzr_status fill_fields(
        const filling *f, const dzr_record_type *type, const dzr__match *matches, int64_t row, void *record);

static dzr_status fill_field(
        const filling *f, const dzr_record_field *field, const dzr__match *match, int64_t row, void *record);

static dzr_status fill_list(const filling *f, const dzr_record_field *element, const dzr__match *match,
        const dzr_column *column, int64_t row, dzr_list *list)
{
    int64_t first = 0;
    const int64_t n = dzr_column_list(column, row, &first);
    *list = (dzr_list){NULL, (size_t)n};
    if (n == 0)
        return DZR_OK;
    uint8_t *const items = dzr__arena_zeroed(f->arena, (size_t)n, element->size, f->err);
    if (items == NULL)
        return DZR_ERR_NOMEM;
    list->items = items;
    for (int64_t i = 0; i < n; i++)
        DZR_TRY(fill_field(f, element, match, first + i, items + (size_t)i * element->size));
    return DZR_OK;
}

/* Little-endian: of a decimal in an int64_t the low word. */
static void store_decimal(const dzr_record_field *field, const dzr_column *column, int64_t row, void *value)
{
    const dzr_decimal decimal = dzr_column_decimal(column, row);
    memcpy(value, &decimal, field->size);
}

static dzr_status fill_field(
        const filling *f, const dzr_record_field *field, const dzr__match *match, int64_t row, void *record)
{
    const dzr_column *const column = dzr_batch_node(f->batch, match->node);
    void *const value = dzr__member(record, field);
    if (dzr_column_is_null(column, row)) {
        if (field->is_optional)
            return DZR_OK;
        (void)dzr_fail(f->err, DZR_ERR_TYPE, "row %" PRId64 ": column \"%s\" is null, and its member is not optional",
                f->record, dzr_schema_node(dzr_batch_schema(f->batch), match->node)->name);
        if (f->err != NULL)
            f->err->record = f->record;
        return DZR_ERR_TYPE;
    }
    switch (field->type.id) {
    case DZR_TYPE_BOOL:
        *(bool *)value = dzr_column_bool(column, row);
        break;
    case DZR_TYPE_STRING:
    case DZR_TYPE_BINARY:
        *(dzr_bytes *)value = dzr_column_bytes(column, row);
        break;
    case DZR_TYPE_STRUCT:
        DZR_TRY(fill_fields(f, field->record, match->inner, row, value));
        break;
    case DZR_TYPE_LIST:
        DZR_TRY(fill_list(f, field->element, match->inner, column, row, value));
        break;
    case DZR_TYPE_DECIMAL:
        store_decimal(field, column, row, value);
        break;
    default:
        if (column->type.id == DZR_TYPE_HALF)
            store_half(field, column, row, value);
        else if (field->type.id != column->type.id)
            store_wider(field, column, row, value);
        else
            memcpy(value, (const uint8_t *)column->values + (size_t)row * field->size, field->size);
    }
    dzr__member_mark(record, field, true);
    return DZR_OK;
}

static dzr_status fill_fields(
        const filling *f, const dzr_record_type *type, const dzr__match *matches, int64_t row, void *record)
{
    for (int32_t i = 0; i < type->n_fields; i++)
        if (matches[i].node >= 0)
            DZR_TRY(fill_field(f, &type->fields[i], &matches[i], row, record));
    return DZR_OK;
}

dzr_status dzr__record_fill(const dzr_record_type *type, const dzr__match *matches, const dzr_batch *batch, int64_t row,
        dzr_arena *arena, void *record, dzr_error *err)
{
    const filling f = {batch, row, arena, err};
    return fill_fields(&f, type, matches, row, record);
}
