/* record/copy.c - a record with all it points at, into memory of the dataframe's own. Called by dataframe.c. */
#include "record/internal.h"

static dzr_status copy_inside(const dzr_record_field *field, void *value, dzr_arena *arena, dzr_error *err);

static dzr_status copy_members(const dzr_record_type *type, void *record, dzr_arena *arena, dzr_error *err)
{
    for (int32_t i = 0; i < type->n_fields; i++)
        if (dzr__member_is_set(record, &type->fields[i]))
            DZR_TRY(copy_inside(&type->fields[i], dzr__member(record, &type->fields[i]), arena, err));
    return DZR_OK;
}

/* A NUL goes behind, so that C can read text as it is. */
static dzr_status copy_bytes(dzr_bytes *bytes, dzr_arena *arena, dzr_error *err)
{
    uint8_t *const at = (uint8_t *)dzr__arena_text(arena, bytes->at, bytes->len, err);
    if (at == NULL)
        return DZR_ERR_NOMEM;
    bytes->at = at;
    return DZR_OK;
}

static dzr_status copy_list(const dzr_record_field *element, dzr_list *list, dzr_arena *arena, dzr_error *err)
{
    if (list->n_items == 0) {
        list->items = NULL;
        return DZR_OK;
    }
    uint8_t *const items = dzr__arena_zeroed(arena, list->n_items, element->size, err);
    if (items == NULL)
        return DZR_ERR_NOMEM;
    memcpy(items, list->items, list->n_items * element->size);
    list->items = items;
    for (size_t i = 0; i < list->n_items; i++)
        if (dzr__member_is_set(items + i * element->size, element))
            DZR_TRY(copy_inside(element, items + i * element->size, arena, err));
    return DZR_OK;
}

static dzr_status copy_inside(const dzr_record_field *field, void *value, dzr_arena *arena, dzr_error *err)
{
    switch (field->type.id) {
    case DZR_TYPE_STRING:
    case DZR_TYPE_BINARY:
        return copy_bytes(value, arena, err);
    case DZR_TYPE_STRUCT:
        return copy_members(field->record, value, arena, err);
    case DZR_TYPE_LIST:
        return copy_list(field->element, value, arena, err);
    default:
        return DZR_OK;
    }
}

dzr_status dzr__record_copy(const dzr_record_type *type, const void *from, void *to, dzr_arena *arena, dzr_error *err)
{
    memcpy(to, from, type->size);
    return copy_members(type, to, arena, err);
}
