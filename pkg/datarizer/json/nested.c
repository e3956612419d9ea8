/* json/nested.c - what is inside a member: objects into structs and maps, arrays into lists, straight into the builder.
 * Called by record.c when a row is complete, for values whose syntax it has checked to the last byte.
 * A struct's members are found first and converted then, in the order of its fields: a repeated one counts where it
 * stands last, and one that is not there is met. A map keeps all its entries, in their order. */
#include "json/internal.h"

static dzr_status put_value(
        dzr__json_record *record, dzr__json_walk *walk, int32_t node, dzr_builder *builder, dzr_error *err);

/* One value, of which only the brackets matter any more. */
static void pass_over(dzr__json_walk *walk)
{
    int64_t level = 0;
    do {
        const uint8_t byte = dzr__json_peek(walk);
        level += (byte == '{' || byte == '[') - (byte == '}' || byte == ']');
        walk->next++;
    } while (level > 0);
}

/* Takes the ',' or closing bracket after an item; true for the latter. */
static bool at_end(dzr__json_walk *walk)
{
    return walk->text[*walk->next++] != ',';
}

/* The same for a container without items, whose opening bracket is the next token. */
static bool is_empty(dzr__json_walk *walk)
{
    walk->next++;
    const uint8_t byte = dzr__json_peek(walk);
    if (byte != '}' && byte != ']')
        return false;
    walk->next++;
    return true;
}

dzr_status dzr__json_put_nothing(dzr__json_record *record, int32_t node, dzr_builder *builder, dzr_error *err)
{
    static const dzr__json_slot zero = {.state = DZR__JSON_SET};
    const dzr_field *const field = dzr_schema_node(record->schema, node);
    if (field->nullable)
        return dzr_builder_null(builder, node, err);
    switch (field->type.id) {
    case DZR_TYPE_LIST:
    case DZR_TYPE_MAP:
        return dzr_builder_list(builder, node, err);
    case DZR_TYPE_STRUCT:
        for (int32_t i = 0; i < field->n_children; i++)
            DZR_TRY(dzr__json_put_nothing(record, record->structs[node]->nodes[i], builder, err));
        return dzr_builder_struct(builder, node, err);
    default:
        return dzr__json_put_value(&zero, field, &record->scratch, builder, node, err);
    }
}

/* ---- structs ---- */

/* Notes in record->members where each member's value is; walk moves behind the object. */
static dzr_status find_members(dzr__json_record *record, dzr__json_object *object, dzr__json_walk *walk, dzr_error *err)
{
    const int32_t n = object->names.n_fields;
    for (int32_t i = 0; i < n; i++)
        record->members[object->nodes[i]] = NULL;
    if (is_empty(walk))
        return DZR_OK;
    for (int32_t k = 0;; k++) {
        const size_t mark = record->scratch.len;
        int32_t field = -1;
        DZR_TRY(dzr__json_take_name(record, walk, object, k < n ? object->order[k] : -1, "a member name", &field, err));
        record->scratch.len = mark;
        if (k < n)
            object->order[k] = field;
        /* Go leaves a plain value as it was when null comes */
        const bool counts = field >= 0 && !(dzr__json_peek(walk) == 'n' && record->rules.null_is_zero &&
                                                  !object->names.fields[field].nullable);
        if (counts)
            record->members[object->nodes[field]] = walk->next;
        pass_over(walk);
        if (at_end(walk))
            return DZR_OK;
    }
}

static dzr_status put_struct(
        dzr__json_record *record, dzr__json_walk *walk, int32_t node, dzr_builder *builder, dzr_error *err)
{
    dzr__json_object *const object = record->structs[node];
    DZR_TRY(find_members(record, object, walk, err));
    for (int32_t i = 0; i < object->names.n_fields && record->misfit.status == DZR_OK; i++) {
        const dzr_field *const field = &object->names.fields[i];
        const int32_t child = object->nodes[i];
        dzr__json_walk member = *walk;
        member.next = record->members[child];
        if (member.next != NULL) {
            record->path[record->n_steps++] = (dzr__json_step){.field = field->name};
            const dzr_status st = put_value(record, &member, child, builder, err);
            record->n_steps--;
            DZR_TRY(st);
        } else if (field->nullable || record->rules.null_is_zero) {
            DZR_TRY(dzr__json_put_nothing(record, child, builder, err));
        } else {
            dzr__json_note_missing(record, walk, field);
        }
    }
    return record->misfit.status == DZR_OK ? dzr_builder_struct(builder, node, err) : DZR_OK;
}

/* ---- lists and maps ---- */

static dzr_status put_list(
        dzr__json_record *record, dzr__json_walk *walk, int32_t node, dzr_builder *builder, dzr_error *err)
{
    bool ended = is_empty(walk);
    for (int64_t i = 0; !ended; i++) {
        record->path[record->n_steps++] = (dzr__json_step){.element = i};
        const dzr_status st = put_value(record, walk, node + 1, builder, err);
        record->n_steps--;
        if (st != DZR_OK || record->misfit.status != DZR_OK)
            return st;
        ended = at_end(walk);
    }
    return dzr_builder_list(builder, node, err);
}

/* The key at the next token and its colon. */
static dzr_status put_key(
        dzr__json_record *record, dzr__json_walk *walk, int32_t node, dzr_builder *builder, dzr_error *err)
{
    const dzr_field *const field = dzr_schema_node(record->schema, node);
    const uint32_t *const first = walk->next;
    const size_t mark = record->scratch.len;
    dzr__json_slot slot = {.state = DZR__JSON_MISSING};
    dzr__json_fit fit = DZR__JSON_FITS;
    dzr_bytes text;
    bool replaced = false;
    DZR_TRY(dzr__json_take_string(walk, &record->scratch, &text, &replaced, err));
    walk->next++; /* ':' */
    if (replaced && !record->rules.replace_invalid)
        fit = DZR__JSON_BAD_UTF8;
    else
        DZR_TRY(dzr__json_read_key(text, field->type, &record->scratch, &slot, &fit, err));
    if (fit == DZR__JSON_FITS)
        DZR_TRY(dzr__json_put_value(&slot, field, &record->scratch, builder, node, err));
    else
        dzr__json_note_misfit(record, walk, first, field, fit);
    record->scratch.len = mark;
    return DZR_OK;
}

static dzr_status put_map(
        dzr__json_record *record, dzr__json_walk *walk, int32_t node, dzr_builder *builder, dzr_error *err)
{
    const int32_t entry = node + 1, key = node + 2, value = dzr_schema_node_end(record->schema, key);
    bool ended = is_empty(walk);
    while (!ended) {
        record->path[record->n_steps++] = (dzr__json_step){.key = walk->next};
        dzr_status st = put_key(record, walk, key, builder, err);
        if (st == DZR_OK && record->misfit.status == DZR_OK)
            st = put_value(record, walk, value, builder, err);
        record->n_steps--;
        if (st != DZR_OK || record->misfit.status != DZR_OK)
            return st;
        DZR_TRY(dzr_builder_struct(builder, entry, err));
        ended = at_end(walk);
    }
    return dzr_builder_list(builder, node, err);
}

/* ---- any value ---- */

static dzr_status put_scalar(
        dzr__json_record *record, dzr__json_walk *walk, int32_t node, dzr_builder *builder, dzr_error *err)
{
    const dzr_field *const field = dzr_schema_node(record->schema, node);
    const uint32_t *const first = walk->next;
    const size_t mark = record->scratch.len;
    dzr__json_slot slot = {.state = DZR__JSON_MISSING};
    dzr__json_fit fit = DZR__JSON_OTHER_KIND;
    DZR_TRY(dzr__json_take_value(walk, field, &record->rules, &record->scratch, &slot, &fit, err));
    if (fit != DZR__JSON_FITS)
        dzr__json_note_misfit(record, walk, first, field, fit);
    else if (slot.state == DZR__JSON_SET)
        DZR_TRY(dzr__json_put_value(&slot, field, &record->scratch, builder, node, err));
    else
        DZR_TRY(dzr__json_put_nothing(record, node, builder, err));
    record->scratch.len = mark;
    return DZR_OK;
}

static dzr_status put_value(
        dzr__json_record *record, dzr__json_walk *walk, int32_t node, dzr_builder *builder, dzr_error *err)
{
    const dzr_field *const field = dzr_schema_node(record->schema, node);
    const uint8_t byte = dzr__json_peek(walk);
    if (byte != '{' && byte != '[')
        return put_scalar(record, walk, node, builder, err);
    if (!dzr__json_opens(byte, field->type.id)) {
        dzr__json_note_misfit(record, walk, walk->next, field, DZR__JSON_OTHER_KIND);
        return DZR_OK;
    }
    if (field->type.id == DZR_TYPE_STRUCT)
        return put_struct(record, walk, node, builder, err);
    return field->type.id == DZR_TYPE_LIST ? put_list(record, walk, node, builder, err)
                                           : put_map(record, walk, node, builder, err);
}

dzr_status dzr__json_put_nested(dzr__json_record *record, const dzr__json_walk *walk, const uint32_t *first,
        int32_t node, dzr_builder *builder, dzr_error *err)
{
    dzr__json_walk value = *walk;
    value.next = first;
    return put_value(record, &value, node, builder, err);
}
