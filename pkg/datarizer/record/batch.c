/* record/batch.c - the schema of a record's columns, and records into a builder's columns. Called by dataframe.c and
 * parquet.c. Nodes are numbered in pre-order, as the schema numbers them. */
#include "record/internal.h"

/* ---- the schema ---- */

typedef struct schema_work {
    dzr_arena arena;
    const bool *is_text;
    int32_t node;
} schema_work;

static dzr_status make_fields(
        schema_work *work, const dzr_record_field *fields, int32_t n, const dzr_field **out, dzr_error *err)
{
    dzr_field *const made = dzr__arena_zeroed(&work->arena, (size_t)n, sizeof *made, err);
    if (made == NULL)
        return DZR_ERR_NOMEM;
    for (int32_t i = 0; i < n; i++) {
        const dzr_record_field *const field = &fields[i];
        const int32_t node = work->node++;
        made[i] = (dzr_field){.name = field->name, .type = field->type, .nullable = field->is_optional};
        if (field->type.id == DZR_TYPE_STRING && work->is_text != NULL && !work->is_text[node])
            made[i].type.id = DZR_TYPE_BINARY;
        const bool is_list = field->element != NULL;
        if (!is_list && field->record == NULL)
            continue;
        made[i].n_children = is_list ? 1 : field->record->n_fields;
        DZR_TRY(make_fields(
                work, is_list ? field->element : field->record->fields, made[i].n_children, &made[i].children, err));
    }
    *out = made;
    return DZR_OK;
}

dzr_status dzr__record_schema(
        const dzr_record_type *type, const bool *is_text, const dzr_allocator *alloc, dzr_schema **out, dzr_error *err)
{
    schema_work work = {.is_text = is_text};
    dzr__arena_init(&work.arena, alloc, 0);
    const dzr_field *fields = NULL;
    dzr_status st = make_fields(&work, type->fields, type->n_fields, &fields, err);
    if (st == DZR_OK)
        st = dzr_schema_new(fields, type->n_fields, alloc, out, err);
    dzr__arena_fini(&work.arena);
    return st;
}

dzr_status dzr_record_schema(const dzr_record_type *type, const dzr_allocator *alloc, dzr_schema **out, dzr_error *err)
{
    DZR_TRY(dzr_record_type_check(type, err));
    return dzr__record_schema(type, NULL, alloc, out, err);
}

static int32_t count_nodes(const dzr_record_field *field)
{
    int32_t n = 1;
    if (field->element != NULL)
        n += count_nodes(field->element);
    else if (field->record != NULL)
        n += dzr__record_n_nodes(field->record);
    return n;
}

int32_t dzr__record_n_nodes(const dzr_record_type *type)
{
    int32_t n = 0;
    for (int32_t i = 0; i < type->n_fields; i++)
        n += count_nodes(&type->fields[i]);
    return n;
}

/* ---- which strings are text ---- */

static void check_field(const dzr_record_field *field, const void *record, bool *is_text)
{
    const void *const value = dzr__member_of(record, field);
    if (!dzr__member_is_set(record, field))
        return;
    if (field->type.id == DZR_TYPE_STRING) {
        const dzr_bytes *const bytes = value;
        *is_text = *is_text && dzr__utf8_valid(bytes->at, bytes->len);
    } else if (field->element != NULL) {
        const dzr_list *const list = value;
        for (size_t i = 0; i < list->n_items; i++)
            check_field(field->element, dzr__item(list, field->element, i), is_text + 1);
    } else if (field->record != NULL)
        dzr__record_check_text(field->record, value, is_text + 1);
}

void dzr__record_check_text(const dzr_record_type *type, const void *record, bool *is_text)
{
    for (int32_t i = 0; i < type->n_fields; i++) {
        check_field(&type->fields[i], record, is_text);
        is_text += count_nodes(&type->fields[i]);
    }
}

/* ---- rows ---- */

static dzr_status put_field(
        const dzr_record_field *field, const void *record, dzr_builder *builder, int32_t node, dzr_error *err);

static dzr_status put_members(
        const dzr_record_type *type, const void *record, dzr_builder *builder, int32_t node, dzr_error *err)
{
    for (int32_t i = 0; i < type->n_fields; i++) {
        DZR_TRY(put_field(&type->fields[i], record, builder, node, err));
        node = dzr_schema_node_end(dzr_builder_schema(builder), node);
    }
    return DZR_OK;
}

static dzr_status put_int(
        const dzr_record_field *field, const void *value, dzr_builder *builder, int32_t node, dzr_error *err)
{
    if (field->type.id >= DZR_TYPE_UINT8 && field->type.id <= DZR_TYPE_UINT64)
        return dzr_builder_uint(builder, node, dzr__load_unsigned(value, field->size), err);
    return dzr_builder_int(builder, node, dzr__load_signed(value, field->size), err);
}

static dzr_status put_list(
        const dzr_record_field *element, const dzr_list *list, dzr_builder *builder, int32_t node, dzr_error *err)
{
    for (size_t i = 0; i < list->n_items; i++)
        DZR_TRY(put_field(element, dzr__item(list, element, i), builder, node + 1, err));
    return dzr_builder_list(builder, node, err);
}

static dzr_status put_field(
        const dzr_record_field *field, const void *record, dzr_builder *builder, int32_t node, dzr_error *err)
{
    const void *const value = dzr__member_of(record, field);
    if (!dzr__member_is_set(record, field))
        return dzr_builder_null(builder, node, err);
    switch (field->type.id) {
    case DZR_TYPE_BOOL:
        return dzr_builder_bool(builder, node, *(const bool *)value, err);
    case DZR_TYPE_HALF:
    case DZR_TYPE_FLOAT:
        return dzr_builder_double(builder, node, (double)*(const float *)value, err);
    case DZR_TYPE_DOUBLE:
        return dzr_builder_double(builder, node, *(const double *)value, err);
    case DZR_TYPE_STRING:
    case DZR_TYPE_BINARY:
        return dzr_builder_bytes(builder, node, *(const dzr_bytes *)value, err);
    case DZR_TYPE_FIXED:
    case DZR_TYPE_UUID:
        return dzr_builder_bytes(builder, node, (dzr_bytes){value, field->size}, err);
    case DZR_TYPE_DECIMAL:
        return dzr_builder_decimal(builder, node, dzr__member_decimal(value, field), err);
    case DZR_TYPE_STRUCT:
        DZR_TRY(put_members(field->record, value, builder, node + 1, err));
        return dzr_builder_struct(builder, node, err);
    case DZR_TYPE_LIST:
        return put_list(field->element, value, builder, node, err);
    default:
        return put_int(field, value, builder, node, err);
    }
}

dzr_status dzr__record_put(const dzr_record_type *type, const void *record, dzr_builder *builder, dzr_error *err)
{
    return put_members(type, record, builder, 0, err);
}
