/* json/record.c - one JSON object into one row of a builder. Called by array.c and lines.c for each record.
 * Members are expected in the order of the record before; a value waits in its column's slot until the
 * object is complete, because a repeated member replaces the one before. Of an object or array in a member the slot
 * keeps the place, and nested.c converts it then. Semantics: Go's encoding/json, see json.h. */
#include "json/internal.h"

#include <stdio.h>

dzr_status dzr__json_object_init(dzr__json_object *object, const dzr_schema *schema, int32_t node, bool fold_case,
        const dzr_allocator *alloc, dzr_error *err)
{
    const dzr_field *const parent = node >= 0 ? dzr_schema_node(schema, node) : NULL;
    const int32_t n = parent != NULL ? parent->n_children : dzr_schema_n_fields(schema);
    const dzr_field *const fields = parent != NULL ? parent->children : n > 0 ? dzr_schema_field(schema, 0) : NULL;
    DZR_TRY(dzr__json_names_init(&object->names, fields, n, fold_case, alloc, err));
    object->nodes = dzr_alloc_zeroed(alloc, (size_t)n, sizeof *object->nodes, err);
    object->order = dzr_alloc_zeroed(alloc, (size_t)n, sizeof *object->order, err);
    if (object->nodes == NULL || object->order == NULL) {
        dzr__json_object_fini(object, alloc);
        return DZR_ERR_NOMEM;
    }
    int32_t child = node + 1;
    for (int32_t i = 0; i < n; i++) {
        object->order[i] = i;
        object->nodes[i] = child;
        child = dzr_schema_node_end(schema, child);
    }
    return DZR_OK;
}

void dzr__json_object_fini(dzr__json_object *object, const dzr_allocator *alloc)
{
    dzr__json_names_fini(&object->names);
    dzr_release(alloc, object->nodes);
    dzr_release(alloc, object->order);
    object->nodes = object->order = NULL;
}

/* Objects for the structs at and below the columns. */
static dzr_status init_structs(dzr__json_record *record, dzr_error *err)
{
    const dzr_schema *const schema = record->schema;
    const int32_t n_nodes = dzr_schema_n_nodes(schema);
    record->structs = dzr_alloc_zeroed(record->alloc, (size_t)n_nodes, sizeof *record->structs, err);
    record->members = dzr_alloc_zeroed(record->alloc, (size_t)n_nodes, sizeof *record->members, err);
    if (record->structs == NULL || record->members == NULL)
        return DZR_ERR_NOMEM;
    for (int32_t node = 0; node < n_nodes; node++) {
        const dzr_type_id id = dzr_schema_node(schema, node)->type.id;
        if (id == DZR_TYPE_MAP) {
            node++; /* its entries are no object with names */
            continue;
        }
        if (id != DZR_TYPE_STRUCT)
            continue;
        dzr__json_object *const object = dzr_alloc_zeroed(record->alloc, 1, sizeof *object, err);
        if (object == NULL)
            return DZR_ERR_NOMEM;
        const dzr_status st = dzr__json_object_init(object, schema, node, record->rules.fold_case, record->alloc, err);
        if (st != DZR_OK) {
            dzr_release(record->alloc, object);
            return st;
        }
        record->structs[node] = object;
    }
    return DZR_OK;
}

dzr_status dzr__json_record_init(dzr__json_record *record, const dzr_schema *schema, const dzr_json_rules *rules,
        const dzr_json_limits *limits, const dzr_allocator *alloc, dzr_error *err)
{
    enum { DEFAULT_DEPTH = 1024 };
    *record = (dzr__json_record){.alloc = alloc, .schema = schema, .scratch = {.alloc = alloc}};
    if (rules != NULL)
        record->rules = *rules;
    record->depth = limits != NULL && limits->depth != 0 ? limits->depth : DEFAULT_DEPTH;
    const int32_t n = dzr_schema_n_fields(schema);
    DZR_TRY(dzr__json_object_init(&record->row, schema, -1, record->rules.fold_case, alloc, err));
    record->slots = dzr_alloc_zeroed(alloc, (size_t)n, sizeof *record->slots, err);
    record->stack = dzr_alloc_zeroed(alloc, record->depth / 8 + 1, 1, err);
    dzr_status st = record->slots == NULL || record->stack == NULL ? DZR_ERR_NOMEM : init_structs(record, err);
    if (st == DZR_OK)
        st = dzr__json_quick_init(record, err);
    if (st != DZR_OK)
        dzr__json_record_fini(record);
    return st;
}

void dzr__json_record_fini(dzr__json_record *record)
{
    for (int32_t node = 0; record->structs != NULL && node < dzr_schema_n_nodes(record->schema); node++) {
        if (record->structs[node] == NULL)
            continue;
        dzr__json_object_fini(record->structs[node], record->alloc);
        dzr_release(record->alloc, record->structs[node]);
    }
    dzr_release(record->alloc, record->structs);
    dzr_release(record->alloc, record->members);
    record->structs = NULL;
    record->members = NULL;
    dzr__json_object_fini(&record->row, record->alloc);
    dzr__bytebuf_fini(&record->scratch);
    dzr_release(record->alloc, record->slots);
    dzr_release(record->alloc, record->stack);
    dzr_release(record->alloc, record->quick);
    dzr_release(record->alloc, record->quick_nulls);
    record->slots = NULL;
    record->stack = NULL;
    record->quick = NULL;
    record->quick_nulls = NULL;
}

/* ---- words for what does not fit; the caller puts the record or line before them ---- */

enum { PATH_BYTES = 200 };

/* The text of the token between its quotes, as it stands. */
static dzr_bytes token_text(const dzr__json_walk *walk, const uint32_t *token)
{
    const uint8_t *const start = walk->text + *token + 1;
    const uint8_t *const quote = memrchr(start, '"', (size_t)(walk->text + token[1] - start)); /* token[1] is the ':' */
    return (dzr_bytes){.at = start, .len = quote != NULL ? (size_t)(quote - start) : 0};
}

/* Where the path leads, then `last` unless it is NULL: `a.b[3].c`. */
static void show_path(const dzr__json_record *record, const dzr__json_walk *walk, const dzr_bytes *last,
        char out[DZR__JSON_SHOWN + PATH_BYTES])
{
    char path[DZR__JSON_SHOWN + PATH_BYTES];
    size_t n = 0;
    for (int i = 0; i <= record->n_steps; i++) {
        const dzr__json_step *const step = &record->path[i];
        dzr_bytes name = {.at = NULL};
        if (i == record->n_steps && last == NULL)
            break;
        if (i == record->n_steps)
            name = *last;
        else if (step->field != NULL)
            name = (dzr_bytes){(const uint8_t *)step->field, strlen(step->field)};
        else if (step->key != NULL)
            name = token_text(walk, step->key);
        if (name.at == NULL) {
            n += (size_t)snprintf(path + n, sizeof path - n, "[%lld]", (long long)step->element);
        } else {
            if (n > 0)
                path[n++] = '.';
            dzr__json_show(name, "", path + n, DZR__JSON_SHOWN);
            n += strlen(path + n);
        }
        if (n > PATH_BYTES - 24)
            break;
    }
    path[n] = '\0';
    memcpy(out, path, n + 1);
}

void dzr__json_note_misfit(dzr__json_record *record, const dzr__json_walk *walk, const uint32_t *first,
        const dzr_field *field, dzr__json_fit fit)
{
    if (record->misfit.status != DZR_OK)
        return;
    char name[DZR__JSON_SHOWN + PATH_BYTES], value[DZR__JSON_SHOWN];
    show_path(record, walk, NULL, name);
    dzr__json_describe(walk, first, value);
    const char *const type = dzr_type_name(field->type);
    switch (fit) {
    case DZR__JSON_OUT_OF_RANGE:
        (void)dzr_fail(
                &record->misfit, DZR_ERR_TYPE, "member \"%s\": %s is outside the range of %s", name, value, type);
        break;
    case DZR__JSON_IS_NULL:
        (void)dzr_fail(&record->misfit, DZR_ERR_TYPE, "member \"%s\": null where %s is required", name, type);
        break;
    case DZR__JSON_BAD_UTF8:
        (void)dzr_fail(&record->misfit, DZR_ERR_TYPE, "member \"%s\": %s is not valid Unicode", name, value);
        break;
    default:
        (void)dzr_fail(&record->misfit, DZR_ERR_TYPE, "member \"%s\": %s is not %s", name, value, type);
        break;
    }
    record->misfit.offset = *first;
}

void dzr__json_note_missing(dzr__json_record *record, const dzr__json_walk *walk, const dzr_field *field)
{
    if (record->misfit.status != DZR_OK)
        return;
    char name[DZR__JSON_SHOWN + PATH_BYTES];
    const dzr_bytes last = {(const uint8_t *)field->name, strlen(field->name)};
    show_path(record, walk, &last, name);
    (void)dzr_fail(&record->misfit, DZR_ERR_TYPE, "member \"%s\" (%s) is missing", name, dzr_type_name(field->type));
}

/* ---- members ---- */

dzr_status dzr__json_take_name(dzr__json_record *record, dzr__json_walk *walk, dzr__json_object *object,
        int32_t expected, const char *wanted, int32_t *field, dzr_error *err)
{
    if (dzr__json_peek(walk) != '"')
        return dzr__json_unexpected(walk, *walk->next, wanted, err);
    const size_t start = *walk->next;
    if (expected >= 0) {
        const dzr_bytes quoted = object->names.quoted[expected];
        if (quoted.len > 0 && quoted.len <= walk->len - start &&
                memcmp(walk->text + start, quoted.at, quoted.len) == 0) {
            *field = expected;
            walk->next++;
            goto colon;
        }
    }
    dzr_bytes name;
    bool replaced = false;
    const uint32_t *const first = walk->next;
    DZR_TRY(dzr__json_take_string(walk, &record->scratch, &name, &replaced, err));
    DZR_TRY(dzr__json_names_find(&object->names, name, field, err));
    if (*field < 0 && record->rules.refuse_unknown && record->misfit.status == DZR_OK) {
        char shown[DZR__JSON_SHOWN + PATH_BYTES];
        show_path(record, walk, &name, shown);
        (void)dzr_fail(&record->misfit, DZR_ERR_TYPE, "member \"%s\" is unknown", shown);
        record->misfit.offset = *first;
    }
colon:
    if (dzr__json_peek(walk) != ':')
        return dzr__json_unexpected(walk, *walk->next, "':' after a member name", err);
    walk->next++;
    return DZR_OK;
}

static dzr_status take_member_value(dzr__json_record *record, dzr__json_walk *walk, int32_t column, dzr_error *err)
{
    const uint32_t *const first = walk->next;
    const uint8_t byte = dzr__json_peek(walk);
    if (column < 0)
        return dzr__json_skip(walk, record->stack, record->depth, &record->scratch, err);
    const dzr_field *const field = &record->row.names.fields[column];
    dzr__json_slot *const slot = &record->slots[column];
    dzr__json_fit fit = DZR__JSON_OTHER_KIND;
    if (byte == '{' || byte == '[') {
        DZR_TRY(dzr__json_skip(walk, record->stack, record->depth, &record->scratch, err));
        if (dzr__json_opens(byte, field->type.id)) {
            *slot = (dzr__json_slot){.state = DZR__JSON_SET, .as.nested = first};
            return DZR_OK;
        }
    } else {
        DZR_TRY(dzr__json_take_value(walk, field, &record->rules, &record->scratch, slot, &fit, err));
    }
    if (fit != DZR__JSON_FITS) {
        record->path[0].field = field->name;
        record->n_steps = 1;
        dzr__json_note_misfit(record, walk, first, field, fit);
        record->n_steps = 0;
    }
    return DZR_OK;
}

static dzr_status take_members(dzr__json_record *record, dzr__json_walk *walk, dzr_error *err)
{
    walk->next++; /* '{' */
    if (dzr__json_peek(walk) == '}') {
        walk->next++;
        return DZR_OK;
    }
    const char *wanted = "a member name or '}'";
    const int32_t n = dzr_schema_n_fields(record->schema);
    for (int32_t k = 0;; k++) {
        int32_t column = -1;
        DZR_TRY(dzr__json_take_name(
                record, walk, &record->row, k < n ? record->row.order[k] : -1, wanted, &column, err));
        if (k < n)
            record->row.order[k] = column;
        DZR_TRY(take_member_value(record, walk, column, err));
        const uint8_t byte = dzr__json_peek(walk);
        if (byte != ',' && byte != '}')
            return dzr__json_unexpected(walk, *walk->next, "',' or '}' after a value", err);
        walk->next++;
        if (byte == '}')
            return DZR_OK;
        wanted = "a member name";
    }
}

/* ---- the row ---- */

/* Each column's value to the builder: what is missing is null, zero, or a misfit. */
static dzr_status put_row(dzr__json_record *record, const dzr__json_walk *walk, dzr_builder *builder, dzr_error *err)
{
    static const dzr__json_slot zero = {.state = DZR__JSON_SET};
    const int32_t n = record->row.names.n_fields;
    for (int32_t i = 0; i < n && record->misfit.status == DZR_OK; i++) {
        const dzr_field *const field = &record->row.names.fields[i];
        const int32_t node = record->row.nodes[i];
        const dzr__json_slot *slot = &record->slots[i];
        if (slot->state == DZR__JSON_MISSING && !field->nullable) {
            if (!record->rules.null_is_zero) {
                dzr__json_note_missing(record, walk, field);
                return DZR_OK;
            }
            slot = &zero;
        }
        if (field->type.id < DZR_TYPE_STRUCT) {
            DZR_TRY(dzr__json_put_value(slot, field, &record->scratch, builder, node, err));
        } else if (slot->state == DZR__JSON_SET && slot != &zero) {
            record->path[0] = (dzr__json_step){.field = field->name};
            record->n_steps = 1;
            const dzr_status st = dzr__json_put_nested(record, walk, slot->as.nested, node, builder, err);
            record->n_steps = 0;
            DZR_TRY(st);
        } else {
            DZR_TRY(dzr__json_put_nothing(record, node, builder, err));
        }
    }
    return DZR_OK;
}

dzr_status dzr__json_take_record(dzr__json_record *record, dzr__json_walk *walk, dzr_builder *builder, dzr_error *err)
{
    const int32_t n = dzr_schema_n_fields(record->schema);
    for (int32_t i = 0; i < n; i++)
        record->slots[i].state = DZR__JSON_MISSING;
    record->scratch.len = 0;
    const uint32_t *const first = walk->next;
    const uint8_t byte = dzr__json_peek(walk);
    if (byte == '{') {
        DZR_TRY(take_members(record, walk, err));
    } else {
        DZR_TRY(dzr__json_skip(walk, record->stack, record->depth, &record->scratch, err));
        const bool is_zero = byte == 'n' && record->rules.null_is_zero; /* null is a record without members, as in Go */
        if (!is_zero && record->misfit.status == DZR_OK)
            (void)dzr__json_not_a(walk, first, "an object", &record->misfit);
    }
    return put_row(record, walk, builder, err);
}
