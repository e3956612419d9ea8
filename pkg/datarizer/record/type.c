/* record/type.c - whether a table of members makes sense, and RecordInfo's own. Called before a table is used. */
#include "record/internal.h"

#include <assert.h>
#include <stdio.h>

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

static dzr_status wrong(dzr_error *err, const place *at, const char *format, ...) DZR_PRINTF(3, 4);
static dzr_status wrong(dzr_error *err, const place *at, const char *format, ...)
{
    char path[MAX_PATH], what[MAX_PATH];
    size_t len = 0;
    write_path(at, path, &len);
    path[len > 0 ? len - 1 : 0] = '\0';
    va_list args;
    va_start(args, format);
    (void)vsnprintf(what, sizeof what, format, args);
    va_end(args);
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
    case DZR_TYPE_HALF:
        return sizeof(float);
    case DZR_TYPE_DECIMAL:
        if (field->type.precision <= 18 && field->size == sizeof(int64_t))
            return sizeof(int64_t);
        return sizeof(dzr_decimal);
    default:
        return dzr_type_bits(field->type) / 8;
    }
}

static dzr_member_kind kind_of(const dzr_record_field *field)
{
    switch (field->type.id) {
    case DZR_TYPE_BOOL:
        return DZR_MEMBER_BOOL;
    case DZR_TYPE_UINT8:
    case DZR_TYPE_UINT16:
    case DZR_TYPE_UINT32:
    case DZR_TYPE_UINT64:
        return DZR_MEMBER_UNSIGNED;
    case DZR_TYPE_HALF:
    case DZR_TYPE_FLOAT:
    case DZR_TYPE_DOUBLE:
        return DZR_MEMBER_REAL;
    case DZR_TYPE_STRING:
    case DZR_TYPE_BINARY:
        return DZR_MEMBER_BYTES;
    case DZR_TYPE_STRUCT:
    case DZR_TYPE_FIXED:
    case DZR_TYPE_UUID:
        return DZR_MEMBER_OTHER;
    case DZR_TYPE_DECIMAL:
        return field->size == sizeof(int64_t) ? DZR_MEMBER_SIGNED : DZR_MEMBER_OTHER;
    case DZR_TYPE_LIST:
        return DZR_MEMBER_LIST;
    default:
        return DZR_MEMBER_SIGNED;
    }
}

static const char *const kinds[] = {[DZR_MEMBER_BOOL] = "a bool",
        [DZR_MEMBER_SIGNED] = "a signed integer",
        [DZR_MEMBER_UNSIGNED] = "an unsigned integer",
        [DZR_MEMBER_REAL] = "a float or double",
        [DZR_MEMBER_BYTES] = "a dzr_bytes",
        [DZR_MEMBER_LIST] = "a dzr_list",
        [DZR_MEMBER_OTHER] = "of another type"};

static dzr_status check_record(const dzr_record_type *type, const place *at, dzr_error *err);
static dzr_status check_field(const dzr_record_field *field, const place *at, dzr_error *err);

/* What a list's items are: all of an item is its value, so only a struct has room for a flag. */
static dzr_status check_element(const dzr_record_field *element, const place *at, dzr_error *err)
{
    const place inside = {at, "[]", at->depth + 1};
    if (element->offset != 0)
        return wrong(err, &inside, "an element is at offset 0 of itself");
    if (element->is_optional && (element->record == NULL || element->present >= element->size))
        return wrong(err, &inside, "an optional element is a struct with its flag inside");
    return check_field(element, &inside, err);
}

static dzr_status check_field(const dzr_record_field *field, const place *at, dzr_error *err)
{
    const dzr_type_id id = field->type.id;
    if (at->depth > DZR_MAX_DEPTH)
        return wrong(err, at, "nests too deep, or a struct is inside itself");
    if ((unsigned)id > DZR_TYPE_LIST || id == DZR_TYPE_NULL || id == DZR_TYPE_DURATION)
        return wrong(err, at, "a member can't be of this type");
    if (field->json_number && id != DZR_TYPE_DATE && id != DZR_TYPE_TIMESTAMP)
        return wrong(err, at, "json_number is for dates and timestamps");
    if ((id == DZR_TYPE_STRUCT) != (field->record != NULL))
        return wrong(err, at, "a struct needs its table, and nothing else has one");
    if ((id == DZR_TYPE_LIST) != (field->element != NULL))
        return wrong(err, at, "a list needs its element, and nothing else has one");
    if (id == DZR_TYPE_DECIMAL && (field->type.precision < 1 || field->type.precision > DZR_DECIMAL_DIGITS ||
                                          field->type.scale > field->type.precision))
        return wrong(err, at, "a decimal has 1 to %d digits, and no more of them after the point", DZR_DECIMAL_DIGITS);
    if (id == DZR_TYPE_FIXED && (field->type.width < 1 || field->type.width > DZR_MAX_WIDTH))
        return wrong(err, at, "a fixed has 1 to %d bytes", DZR_MAX_WIDTH);
    if (field->kind != DZR_MEMBER_ANY && field->kind != kind_of(field))
        return wrong(err, at, "the member is %s, and can't hold %s", kinds[field->kind], dzr_type_name(field->type));
    if (field->size != size_of(field))
        return wrong(err, at, "the member has %zu bytes, %s takes %zu", field->size, dzr_type_name(field->type),
                size_of(field));
    if (field->record != NULL)
        return check_record(field->record, at, err);
    return field->element != NULL ? check_element(field->element, at, err) : DZR_OK;
}

/* Whether bytes [a, a + a_size) and [b, b + b_size) share one. */
static bool overlap(size_t a, size_t a_size, size_t b, size_t b_size)
{
    return a < b + b_size && b < a + a_size;
}

/* A line beside one that stands before it: a line that was copied and only half changed. */
static dzr_status check_pair(
        const dzr_record_field *earlier, const dzr_record_field *later, const place *at, dzr_error *err)
{
    assert(earlier->name != NULL && later->name != NULL); /* each was checked alone before */
    if (strcmp(earlier->name, later->name) == 0 || strcmp(dzr__json_name(earlier), dzr__json_name(later)) == 0)
        return wrong(err, at, "two members have this name");
    if (overlap(earlier->offset, earlier->size, later->offset, later->size))
        return wrong(err, at, "lies on \"%s\"", earlier->name);
    if (later->is_optional && overlap(earlier->offset, earlier->size, later->present, sizeof(bool)))
        return wrong(err, at, "its flag lies on \"%s\"", earlier->name);
    if (earlier->is_optional && overlap(later->offset, later->size, earlier->present, sizeof(bool)))
        return wrong(err, at, "lies on the flag of \"%s\"", earlier->name);
    if (earlier->is_optional && later->is_optional && earlier->present == later->present)
        return wrong(err, at, "has the flag of \"%s\"", earlier->name);
    return DZR_OK;
}

static dzr_status check_line(const dzr_record_type *type, int32_t index, const place *at, dzr_error *err)
{
    const dzr_record_field *const field = &type->fields[index];
    if (field->name == NULL)
        return wrong(err, at, "a member has no name");
    if (!dzr__utf8_valid((const uint8_t *)field->name, strlen(field->name)))
        return wrong(err, at, "the name is not UTF-8");
    if (field->offset > type->size || field->size > type->size - field->offset)
        return wrong(err, at, "lies outside the struct");
    if (field->is_optional &&
            (field->present >= type->size || overlap(field->offset, field->size, field->present, sizeof(bool))))
        return wrong(err, at, "its flag lies outside the struct or inside the member");
    for (int32_t i = 0; i < index; i++)
        DZR_TRY(check_pair(&type->fields[i], field, at, err));
    return check_field(field, at, err);
}

static dzr_status check_record(const dzr_record_type *type, const place *at, dzr_error *err)
{
    if (type->name == NULL)
        return wrong(err, at, "the struct has no name");
    if (type->n_fields <= 0)
        return wrong(err, at, "has no members");
    for (int32_t i = 0; i < type->n_fields; i++) {
        const char *const name = type->fields[i].name;
        const place inside = {at, name != NULL ? name : "?", at->depth + 1};
        DZR_TRY(check_line(type, i, &inside, err));
    }
    return DZR_OK;
}

dzr_status dzr_record_type_check(const dzr_record_type *type, dzr_error *err)
{
    const place top = {NULL, type->name != NULL ? type->name : "?", 0};
    return check_record(type, &top, err);
}
