/* json/record.c - one JSON object into one row of a builder. Called by array.c and lines.c for each record.
 * Members are expected in the order of the record before; a value waits in its column's slot until the
 * object is complete, because a repeated member replaces the one before. Semantics: Go's encoding/json, see json.h. */
#include "json/internal.h"

dzr_status dzr__json_record_init(dzr__json_record *record, const dzr_schema *schema, const dzr_json_rules *rules,
        const dzr_json_limits *limits, const dzr_allocator *alloc, dzr_error *err)
{
    enum { DEFAULT_DEPTH = 1024 };
    *record = (dzr__json_record){.alloc = alloc, .schema = schema, .scratch = {.alloc = alloc}};
    if (rules != NULL)
        record->rules = *rules;
    record->depth = limits != NULL && limits->depth != 0 ? limits->depth : DEFAULT_DEPTH;
    DZR_TRY(dzr__json_names_init(&record->names, schema, record->rules.fold_case, alloc, err));
    const int32_t n = dzr_schema_n_fields(schema);
    record->slots = dzr_alloc_zeroed(alloc, (size_t)n, sizeof *record->slots, err);
    record->order = dzr_alloc_zeroed(alloc, (size_t)n, sizeof *record->order, err);
    record->stack = dzr_alloc_zeroed(alloc, record->depth / 8 + 1, 1, err);
    if (record->slots == NULL || record->order == NULL || record->stack == NULL) {
        dzr__json_record_fini(record);
        return DZR_ERR_NOMEM;
    }
    for (int32_t i = 0; i < n; i++)
        record->order[i] = i;
    return DZR_OK;
}

void dzr__json_record_fini(dzr__json_record *record)
{
    dzr__json_names_fini(&record->names);
    dzr__bytebuf_fini(&record->scratch);
    dzr_release(record->alloc, record->slots);
    dzr_release(record->alloc, record->order);
    dzr_release(record->alloc, record->stack);
    record->slots = NULL;
    record->order = NULL;
    record->stack = NULL;
}

/* ---- words for what does not fit; the caller puts the record or line before them ---- */

static void note_misfit(dzr__json_record *record, const dzr__json_walk *walk, const uint32_t *first,
        const dzr_field *field, dzr__json_fit fit)
{
    if (record->misfit.status != DZR_OK)
        return;
    char name[DZR__JSON_SHOWN], value[DZR__JSON_SHOWN];
    dzr__json_show((dzr_bytes){(const uint8_t *)field->name, strlen(field->name)}, "", name, sizeof name);
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

/* ---- members ---- */

/* The member's name at the next token: its column in *column, -1 for none. */
static dzr_status take_name(dzr__json_record *record, dzr__json_walk *walk, int32_t expected, const char *wanted,
        int32_t *column, dzr_error *err)
{
    if (dzr__json_peek(walk) != '"')
        return dzr__json_unexpected(walk, *walk->next, wanted, err);
    const size_t start = *walk->next;
    if (expected >= 0) {
        const dzr_bytes quoted = record->names.quoted[expected];
        if (quoted.len > 0 && quoted.len <= walk->len - start &&
                memcmp(walk->text + start, quoted.at, quoted.len) == 0) {
            *column = expected;
            walk->next++;
            goto colon;
        }
    }
    dzr_bytes name;
    bool replaced = false;
    const uint32_t *const first = walk->next;
    DZR_TRY(dzr__json_take_string(walk, &record->scratch, &name, &replaced, err));
    DZR_TRY(dzr__json_names_find(&record->names, name, column, err));
    if (*column < 0 && record->rules.refuse_unknown && record->misfit.status == DZR_OK) {
        char shown[DZR__JSON_SHOWN];
        dzr__json_show(name, "", shown, sizeof shown);
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
    const dzr_field *const field = dzr_schema_field(record->schema, column);
    dzr__json_fit fit = DZR__JSON_OTHER_KIND;
    if (byte == '{' || byte == '[')
        DZR_TRY(dzr__json_skip(walk, record->stack, record->depth, &record->scratch, err));
    else
        DZR_TRY(dzr__json_take_value(walk, field, &record->rules, &record->scratch, &record->slots[column], &fit, err));
    if (fit != DZR__JSON_FITS)
        note_misfit(record, walk, first, field, fit);
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
        DZR_TRY(take_name(record, walk, k < n ? record->order[k] : -1, wanted, &column, err));
        if (k < n)
            record->order[k] = column;
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
static dzr_status put_row(dzr__json_record *record, dzr_builder *builder, dzr_error *err)
{
    static const dzr__json_slot zero = {.state = DZR__JSON_SET};
    const int32_t n = dzr_schema_n_fields(record->schema);
    for (int32_t i = 0; i < n && record->misfit.status == DZR_OK; i++) {
        const dzr_field *const field = dzr_schema_field(record->schema, i);
        const dzr__json_slot *slot = &record->slots[i];
        if (slot->state == DZR__JSON_MISSING && !field->nullable) {
            if (!record->rules.null_is_zero) {
                char name[DZR__JSON_SHOWN];
                dzr__json_show((dzr_bytes){(const uint8_t *)field->name, strlen(field->name)}, "", name, sizeof name);
                (void)dzr_fail(&record->misfit, DZR_ERR_TYPE, "member \"%s\" (%s) is missing", name,
                        dzr_type_name(field->type));
                return DZR_OK;
            }
            slot = &zero;
        }
        DZR_TRY(dzr__json_put_value(slot, field, &record->scratch, builder, i, err));
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
    return put_row(record, builder, err);
}
