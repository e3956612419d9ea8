/* frame/schema.c - types by name and width; the counted tree of fields. */
#include "frame/internal.h"

#include <stdio.h>

uint32_t dzr_type_bits(dzr_type type)
{
    switch (type.id) {
    case DZR_TYPE_BOOL:
        return 1;
    case DZR_TYPE_INT8:
    case DZR_TYPE_UINT8:
        return 8;
    case DZR_TYPE_INT16:
    case DZR_TYPE_UINT16:
    case DZR_TYPE_HALF:
        return 16;
    case DZR_TYPE_INT32:
    case DZR_TYPE_UINT32:
    case DZR_TYPE_FLOAT:
    case DZR_TYPE_DATE:
        return 32;
    case DZR_TYPE_INT64:
    case DZR_TYPE_UINT64:
    case DZR_TYPE_DOUBLE:
    case DZR_TYPE_TIMESTAMP:
    case DZR_TYPE_DURATION:
        return 64;
    case DZR_TYPE_TIME:
        return type.unit == DZR_UNIT_MS ? 32 : 64;
    case DZR_TYPE_DECIMAL:
        return type.precision <= DZR_DECIMAL_DIGITS_128 ? 128 : 256;
    case DZR_TYPE_FIXED:
        return (uint32_t)type.width * 8;
    case DZR_TYPE_LIST:
    case DZR_TYPE_MAP:
    case DZR_TYPE_DICTIONARY:
        return 32;
    case DZR_TYPE_STRING:
    case DZR_TYPE_BINARY:
    case DZR_TYPE_UUID:
        return 128;
    case DZR_TYPE_STRUCT:
    case DZR_TYPE_NULL:
        return 0;
    }
    return 0;
}

const char *dzr_type_name(dzr_type type)
{
    static const char *const timestamps[3][2] = {{"timestamp[ms]", "timestamp[ms, UTC]"},
            {"timestamp[us]", "timestamp[us, UTC]"}, {"timestamp[ns]", "timestamp[ns, UTC]"}};
    static const char *const times[3][2] = {
            {"time[ms]", "time[ms, UTC]"}, {"time[us]", "time[us, UTC]"}, {"time[ns]", "time[ns, UTC]"}};
    static const char *const durations[3] = {"duration[ms]", "duration[us]", "duration[ns]"};
    switch (type.id) {
    case DZR_TYPE_BOOL:
        return "bool";
    case DZR_TYPE_INT8:
        return "int8";
    case DZR_TYPE_INT16:
        return "int16";
    case DZR_TYPE_INT32:
        return "int32";
    case DZR_TYPE_INT64:
        return "int64";
    case DZR_TYPE_UINT8:
        return "uint8";
    case DZR_TYPE_UINT16:
        return "uint16";
    case DZR_TYPE_UINT32:
        return "uint32";
    case DZR_TYPE_UINT64:
        return "uint64";
    case DZR_TYPE_FLOAT:
        return "float";
    case DZR_TYPE_DOUBLE:
        return "double";
    case DZR_TYPE_STRING:
        return "string";
    case DZR_TYPE_BINARY:
        return "binary";
    case DZR_TYPE_DATE:
        return "date";
    case DZR_TYPE_DECIMAL:
        return "decimal";
    case DZR_TYPE_HALF:
        return "half";
    case DZR_TYPE_FIXED:
        return "fixed";
    case DZR_TYPE_UUID:
        return "uuid";
    case DZR_TYPE_NULL:
        return "null";
    case DZR_TYPE_STRUCT:
        return "struct";
    case DZR_TYPE_LIST:
        return "list";
    case DZR_TYPE_MAP:
        return "map";
    case DZR_TYPE_DICTIONARY:
        return "dictionary";
    case DZR_TYPE_TIMESTAMP:
        return (unsigned)type.unit <= DZR_UNIT_NS ? timestamps[type.unit][type.utc ? 1 : 0] : "timestamp";
    case DZR_TYPE_TIME:
        return (unsigned)type.unit <= DZR_UNIT_NS ? times[type.unit][type.utc ? 1 : 0] : "time";
    case DZR_TYPE_DURATION:
        return (unsigned)type.unit <= DZR_UNIT_NS ? durations[type.unit] : "duration";
    }
    return "unknown type";
}

const char *dzr_type_print(dzr_type type, char text[DZR_TYPE_TEXT])
{
    if (type.id == DZR_TYPE_DECIMAL)
        snprintf(text, DZR_TYPE_TEXT, "decimal(%d, %d)", type.precision, type.scale);
    else if (type.id == DZR_TYPE_FIXED)
        snprintf(text, DZR_TYPE_TEXT, "fixed(%d)", type.width);
    else
        snprintf(text, DZR_TYPE_TEXT, "%s", dzr_type_name(type));
    return text;
}

bool dzr_type_equal(dzr_type a, dzr_type b)
{
    if (a.id != b.id)
        return false;
    switch (a.id) {
    case DZR_TYPE_TIMESTAMP:
    case DZR_TYPE_TIME:
        return a.unit == b.unit && a.utc == b.utc;
    case DZR_TYPE_DURATION:
        return a.unit == b.unit;
    case DZR_TYPE_DECIMAL:
        return a.precision == b.precision && a.scale == b.scale;
    case DZR_TYPE_FIXED:
        return a.width == b.width;
    default:
        return true;
    }
}

struct dzr_schema {
    _Atomic int64_t owners;
    dzr_arena arena; /* the nodes and their names */
    int32_t n_fields;
    dzr_field *fields;
    int32_t n_nodes;
    const dzr_field **nodes; /* pre-order */
    int32_t *node_ends;
    int32_t *field_nodes;
};

/* ---- checks: before anything is copied ---- */

/* The path to a field, for messages: each level on the stack of the check names its field. */
typedef struct field_path {
    const struct field_path *above;
    const dzr_field *field;
    int32_t depth;
} field_path;

static void path_text(const field_path *path, char *text, size_t room)
{
    if (path->above != NULL) {
        path_text(path->above, text, room);
        const size_t len = strlen(text);
        snprintf(text + len, room - len, ".%s", path->field->name);
    } else {
        snprintf(text, room, "%s", path->field->name);
    }
}

static dzr_status bad_field(const field_path *path, const char *why, dzr_error *err)
{
    char text[256];
    path_text(path, text, sizeof text);
    return dzr_fail(err, DZR_ERR_ARG, "field \"%s\": %s", text, why);
}

/* The numbers that go with a type. */
static dzr_status check_type(const field_path *path, dzr_error *err)
{
    const dzr_type type = path->field->type;
    char why[128];
    switch (type.id) {
    case DZR_TYPE_TIMESTAMP:
    case DZR_TYPE_TIME:
    case DZR_TYPE_DURATION:
        return (unsigned)type.unit <= DZR_UNIT_NS ? DZR_OK : bad_field(path, "unknown unit", err);
    case DZR_TYPE_DECIMAL:
        if (type.precision >= 1 && type.precision <= DZR_DECIMAL_DIGITS && type.scale >= 0 &&
                type.scale <= type.precision)
            return DZR_OK;
        snprintf(why, sizeof why, "decimal(%d, %d): it has 1 to %d digits, 0 to all of them after the point",
                type.precision, type.scale, DZR_DECIMAL_DIGITS);
        return bad_field(path, why, err);
    case DZR_TYPE_FIXED:
        if (type.width >= 1 && type.width <= DZR_MAX_WIDTH)
            return DZR_OK;
        snprintf(why, sizeof why, "fixed(%d): a value has 1 to %d bytes", type.width, DZR_MAX_WIDTH);
        return bad_field(path, why, err);
    case DZR_TYPE_NULL:
        return path->field->nullable ? DZR_OK : bad_field(path, "has nothing but nulls, and is not nullable", err);
    default:
        return DZR_OK;
    }
}

/* What is said of a field besides its type. */
static dzr_status check_notes(const field_path *path, dzr_error *err)
{
    const dzr_field *const field = path->field;
    if (field->n_metadata < 0)
        return bad_field(path, "a number of notes below 0", err);
    if (field->zone == NULL)
        return DZR_OK;
    if (field->type.id != DZR_TYPE_TIMESTAMP || !field->type.utc)
        return bad_field(path, "a time zone, and it is no timestamp in UTC", err);
    if (field->zone[0] == '\0' || !dzr__utf8_valid(field->zone, strlen(field->zone)))
        return bad_field(path, "its time zone is empty or not UTF-8", err);
    return DZR_OK;
}

static dzr_status check_children(const field_path *path, dzr_error *err)
{
    const dzr_field *const field = path->field;
    switch (field->type.id) {
    case DZR_TYPE_STRUCT:
        return field->n_children >= 0 ? DZR_OK : bad_field(path, "a number of children below 0", err);
    case DZR_TYPE_LIST:
        return field->n_children == 1 ? DZR_OK : bad_field(path, "a list has one child, its element", err);
    case DZR_TYPE_MAP: {
        const dzr_field *const entry = field->n_children == 1 ? field->children : NULL;
        if (entry == NULL || entry->type.id != DZR_TYPE_STRUCT || entry->n_children != 2 || entry->nullable ||
                entry->children[0].nullable)
            return bad_field(
                    path, "a map has one child, a struct of key and value, without nulls but in the value", err);
        return DZR_OK;
    }
    case DZR_TYPE_DICTIONARY: {
        const dzr_field *const values = field->n_children == 1 ? field->children : NULL;
        if (values == NULL || values->n_children != 0 || values->nullable || values->type.id == DZR_TYPE_NULL ||
                values->type.id == DZR_TYPE_STRUCT)
            return bad_field(path, "a dictionary has one child, its values, without nulls and not nested", err);
        return DZR_OK;
    }
    default:
        return field->n_children == 0 ? DZR_OK : bad_field(path, "children under a type that has none", err);
    }
}

static dzr_status check_fields(
        const field_path *above, const dzr_field *fields, int32_t n_fields, int32_t *n_nodes, dzr_error *err)
{
    for (int32_t i = 0; i < n_fields; i++) {
        const field_path path = {above, &fields[i], above == NULL ? 1 : above->depth + 1};
        const char *const name = fields[i].name;
        if (name == NULL || !dzr__utf8_valid(name, strlen(name)))
            return dzr_fail(err, DZR_ERR_ARG, "field %d: its name is missing or not UTF-8", i);
        if ((unsigned)fields[i].type.id > DZR_TYPE_DICTIONARY)
            return bad_field(&path, "unknown type", err);
        if (++*n_nodes > DZR_MAX_COLUMNS)
            return dzr_fail(err, DZR_ERR_LIMIT, "more columns than %d", DZR_MAX_COLUMNS);
        if (path.depth > DZR_MAX_DEPTH)
            return dzr_fail(err, DZR_ERR_LIMIT, "field \"%s\": nested deeper than %d", name, DZR_MAX_DEPTH);
        DZR_TRY(check_type(&path, err));
        DZR_TRY(check_notes(&path, err));
        DZR_TRY(check_children(&path, err));
        if (fields[i].n_children > 0)
            DZR_TRY(check_fields(&path, fields[i].children, fields[i].n_children, n_nodes, err));
    }
    return DZR_OK;
}

/* ---- the copy ---- */

static dzr_status copy_bytes(dzr_schema *schema, dzr_bytes from, dzr_bytes *out, dzr_error *err)
{
    const char *const at = dzr__arena_text(&schema->arena, from.at, from.len, err);
    if (at == NULL)
        return DZR_ERR_NOMEM;
    *out = (dzr_bytes){(const uint8_t *)at, from.len};
    return DZR_OK;
}

static dzr_status copy_notes(dzr_schema *schema, const dzr_field *from, dzr_field *out, dzr_error *err)
{
    if (from->zone != NULL) {
        out->zone = dzr__arena_text(&schema->arena, from->zone, strlen(from->zone), err);
        if (out->zone == NULL)
            return DZR_ERR_NOMEM;
    }
    if (from->n_metadata == 0)
        return DZR_OK;
    dzr_key_value *const notes = dzr__arena_zeroed(&schema->arena, (size_t)from->n_metadata, sizeof *notes, err);
    if (notes == NULL)
        return DZR_ERR_NOMEM;
    for (int32_t i = 0; i < from->n_metadata; i++) {
        DZR_TRY(copy_bytes(schema, from->metadata[i].key, &notes[i].key, err));
        if (from->metadata[i].value.at != NULL)
            DZR_TRY(copy_bytes(schema, from->metadata[i].value, &notes[i].value, err));
    }
    out->metadata = notes;
    return DZR_OK;
}

static dzr_status copy_fields(
        dzr_schema *schema, const dzr_field *from, int32_t n, dzr_field **out, int32_t *tops, dzr_error *err)
{
    dzr_field *const fields = dzr__arena_zeroed(&schema->arena, (size_t)n, sizeof *fields, err);
    if (fields == NULL)
        return DZR_ERR_NOMEM;
    for (int32_t i = 0; i < n; i++) {
        const int32_t node = schema->n_nodes++;
        dzr_field *children = NULL;
        schema->nodes[node] = &fields[i];
        if (tops != NULL)
            tops[i] = node;
        fields[i] = from[i];
        fields[i].name = dzr__arena_text(&schema->arena, from[i].name, strlen(from[i].name), err);
        if (fields[i].name == NULL)
            return DZR_ERR_NOMEM;
        DZR_TRY(copy_notes(schema, &from[i], &fields[i], err));
        if (from[i].n_children > 0)
            DZR_TRY(copy_fields(schema, from[i].children, from[i].n_children, &children, NULL, err));
        fields[i].children = children;
        schema->node_ends[node] = schema->n_nodes;
    }
    *out = fields;
    return DZR_OK;
}

static dzr_status fill(dzr_schema *schema, const dzr_field *fields, int32_t n_fields, int32_t n_nodes, dzr_error *err)
{
    schema->nodes = dzr__arena_zeroed(&schema->arena, (size_t)n_nodes, sizeof(dzr_field *), err);
    schema->node_ends = dzr__arena_zeroed(&schema->arena, (size_t)n_nodes, sizeof(int32_t), err);
    schema->field_nodes = dzr__arena_zeroed(&schema->arena, (size_t)n_fields, sizeof(int32_t), err);
    if (schema->nodes == NULL || schema->node_ends == NULL || schema->field_nodes == NULL)
        return DZR_ERR_NOMEM;
    schema->n_fields = n_fields;
    return copy_fields(schema, fields, n_fields, &schema->fields, schema->field_nodes, err);
}

dzr_status dzr_schema_new(
        const dzr_field *fields, int32_t n_fields, const dzr_allocator *alloc, dzr_schema **out, dzr_error *err)
{
    int32_t n_nodes = 0;
    if (n_fields < 0)
        return dzr_fail(err, DZR_ERR_ARG, "a schema can't have %d fields", n_fields);
    if (n_fields > DZR_MAX_COLUMNS)
        return dzr_fail(err, DZR_ERR_LIMIT, "%d columns, limit is %d", n_fields, DZR_MAX_COLUMNS);
    DZR_TRY(check_fields(NULL, fields, n_fields, &n_nodes, err));
    dzr_schema *const schema = dzr_alloc_zeroed(alloc, 1, sizeof *schema, err);
    if (schema == NULL)
        return DZR_ERR_NOMEM;
    atomic_init(&schema->owners, 1);
    dzr__arena_init(&schema->arena, alloc, 0);
    const dzr_status st = fill(schema, fields, n_fields, n_nodes, err);
    if (st != DZR_OK) {
        dzr_schema_free(schema);
        return st;
    }
    *out = schema;
    return DZR_OK;
}

dzr_schema *dzr_schema_hold(const dzr_schema *schema)
{
    dzr_schema *const counted = (dzr_schema *)(uintptr_t)schema; /* the count is not part of what const promises */
    atomic_fetch_add_explicit(&counted->owners, 1, memory_order_relaxed);
    return counted;
}

void dzr_schema_free(dzr_schema *schema)
{
    if (schema == NULL || atomic_fetch_sub_explicit(&schema->owners, 1, memory_order_acq_rel) != 1)
        return;
    const dzr_allocator *const alloc = schema->arena.alloc;
    dzr__arena_fini(&schema->arena);
    dzr_release(alloc, schema);
}

/* ---- looking ---- */

int32_t dzr_schema_n_fields(const dzr_schema *schema)
{
    return schema->n_fields;
}

const dzr_field *dzr_schema_field(const dzr_schema *schema, int32_t index)
{
    return &schema->fields[index];
}

int32_t dzr_schema_n_nodes(const dzr_schema *schema)
{
    return schema->n_nodes;
}

const dzr_field *dzr_schema_node(const dzr_schema *schema, int32_t node)
{
    return schema->nodes[node];
}

int32_t dzr_schema_field_node(const dzr_schema *schema, int32_t index)
{
    return schema->field_nodes[index];
}

int32_t dzr_schema_node_end(const dzr_schema *schema, int32_t node)
{
    return schema->node_ends[node];
}

int32_t dzr_schema_find(const dzr_schema *schema, const char *name)
{
    for (int32_t i = 0; i < schema->n_fields; i++)
        if (strcmp(schema->fields[i].name, name) == 0)
            return i;
    return -1;
}

const dzr_key_value *dzr_field_note(const dzr_field *field, const char *key)
{
    const size_t len = strlen(key);
    for (int32_t i = 0; i < field->n_metadata; i++) {
        const dzr_bytes its = field->metadata[i].key;
        if (its.len == len && memcmp(its.at, key, len) == 0)
            return &field->metadata[i];
    }
    return NULL;
}

/* Nodes in pre-order with their numbers of children are the tree. */
bool dzr_schema_equal(const dzr_schema *a, const dzr_schema *b)
{
    if (a == b)
        return true;
    if (a->n_nodes != b->n_nodes || a->n_fields != b->n_fields)
        return false;
    for (int32_t i = 0; i < a->n_nodes; i++) {
        const dzr_field *const fa = a->nodes[i];
        const dzr_field *const fb = b->nodes[i];
        if (strcmp(fa->name, fb->name) != 0 || !dzr_type_equal(fa->type, fb->type) || fa->nullable != fb->nullable ||
                fa->n_children != fb->n_children)
            return false;
    }
    return true;
}
