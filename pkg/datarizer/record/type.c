/* record/type.c - whether a table of members makes sense, and RecordInfo's own. Called before a table is used. */
#include "record/internal.h"

enum { MAX_PATH = 256 };

static const dzr_record_field info_fields[] = {
        {.name = "_raw_data",
                .offset = offsetof(dzr_record_info, raw_data),
                .size = sizeof(dzr_bytes),
                .type = {.id = DZR_TYPE_STRING}},
        {.name = "_row_hash",
                .offset = offsetof(dzr_record_info, row_hash),
                .size = sizeof(dzr_bytes),
                .type = {.id = DZR_TYPE_STRING}},
        {.name = "_ingest_timestamp",
                .offset = offsetof(dzr_record_info, ingest_timestamp),
                .size = sizeof(int64_t),
                .type = {.id = DZR_TYPE_TIMESTAMP, .unit = DZR_UNIT_MS, .utc = true},
                .json_number = true},
        {.name = "_source_info",
                .offset = offsetof(dzr_record_info, source_info),
                .size = sizeof(dzr_bytes),
                .type = {.id = DZR_TYPE_STRING}},
};

const dzr_record_type dzr_record_info_type = {.name = "datarizer.RecordInfo",
        .size = sizeof(dzr_record_info),
        .fields = info_fields,
        .n_fields = sizeof info_fields / sizeof *info_fields};

/* The path of the member being looked at, for messages. */
typedef struct place {
    const struct place *above;
    const char *name;
    int depth;
} place;

static void write_path(const place *at, char out[MAX_PATH], size_t *len)
{
    if (at == NULL)
        return;
    write_path(at->above, out, len);
    for (const char *c = at->name; *c != '\0' && *len < MAX_PATH - 1; c++)
        out[(*len)++] = *c;
    if (*len < MAX_PATH - 1)
        out[(*len)++] = '.';
}

static dzr_status wrong(const place *at, const char *what, dzr_error *err)
{
    char path[MAX_PATH];
    size_t len = 0;
    write_path(at, path, &len);
    path[len > 0 ? len - 1 : 0] = '\0';
    return dzr_fail(err, DZR_ERR_ARG, "the table of %s: %s", path, what);
}

/* Bytes of a member of that type; 0: of any size. */
static size_t size_of(const dzr_record_field *field)
{
    switch (field->type.id) {
    case DZR_TYPE_BOOL:
        return sizeof(bool);
    case DZR_TYPE_STRING:
    case DZR_TYPE_BINARY:
        return sizeof(dzr_bytes);
    case DZR_TYPE_LIST:
        return sizeof(dzr_list);
    case DZR_TYPE_STRUCT:
        return field->record->size;
    default:
        return dzr_type_bits(field->type) / 8;
    }
}

static dzr_status check_record(const dzr_record_type *type, const place *at, dzr_error *err);

static dzr_status check_field(const dzr_record_field *field, const place *at, dzr_error *err)
{
    if (at->depth > DZR_MAX_DEPTH)
        return wrong(at, "nests too deep, or a struct is inside itself", err);
    if ((unsigned)field->type.id > DZR_TYPE_LIST)
        return wrong(at, "a member can't be of this type", err);
    if (field->json_number && field->type.id != DZR_TYPE_DATE && field->type.id != DZR_TYPE_TIMESTAMP)
        return wrong(at, "json_number is for dates and timestamps", err);
    if ((field->type.id == DZR_TYPE_STRUCT) != (field->record != NULL))
        return wrong(at, "a struct needs its table, and nothing else has one", err);
    if ((field->type.id == DZR_TYPE_LIST) != (field->element != NULL))
        return wrong(at, "a list needs its element, and nothing else has one", err);
    if (field->size != size_of(field))
        return dzr_fail_at(err, wrong(at, "", err), "a member of %zu bytes where %s has %zu: ", field->size,
                dzr_type_name(field->type), size_of(field));
    if (field->record != NULL)
        return check_record(field->record, at, err);
    if (field->element == NULL)
        return DZR_OK;
    const place inside = {at, "[]", at->depth + 1};
    if (field->element->offset != 0 ||
            (field->element->is_optional &&
                    (field->element->record == NULL || field->element->present >= field->element->size)))
        return wrong(&inside, "an element stands at offset 0, and has a value", err);
    return check_field(field->element, &inside, err);
}

static dzr_status check_record(const dzr_record_type *type, const place *at, dzr_error *err)
{
    if (type->n_fields <= 0)
        return wrong(at, "has no members", err);
    for (int32_t i = 0; i < type->n_fields; i++) {
        const dzr_record_field *const field = &type->fields[i];
        const place inside = {at, field->name != NULL ? field->name : "?", at->depth + 1};
        if (field->name == NULL)
            return wrong(&inside, "a member has no name", err);
        if (field->offset > type->size || field->size > type->size - field->offset)
            return wrong(&inside, "lies outside the struct", err);
        if (field->is_optional &&
                (field->present >= type->size ||
                        (field->present >= field->offset && field->present < field->offset + field->size)))
            return wrong(&inside, "its flag lies outside the struct or inside the member", err);
        for (int32_t k = 0; k < i; k++)
            if (strcmp(type->fields[k].name, field->name) == 0 ||
                    strcmp(dzr__json_name(&type->fields[k]), dzr__json_name(field)) == 0)
                return wrong(&inside, "two members have this name", err);
        DZR_TRY(check_field(field, &inside, err));
    }
    return DZR_OK;
}

dzr_status dzr_record_type_check(const dzr_record_type *type, dzr_error *err)
{
    const place top = {NULL, type->name != NULL ? type->name : "?", 0};
    if (type->name == NULL)
        return wrong(&top, "it has no name", err);
    return check_record(type, &top, err);
}
