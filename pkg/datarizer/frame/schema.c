/* frame/schema.c - types by name and width; the counted list of fields. */
#include "frame/internal.h"

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
        return 64;
    case DZR_TYPE_STRING:
    case DZR_TYPE_BINARY:
        return 128;
    }
    return 0;
}

const char *dzr_type_name(dzr_type type)
{
    static const char *const timestamps[3][2] = {{"timestamp[ms]", "timestamp[ms, UTC]"},
            {"timestamp[us]", "timestamp[us, UTC]"}, {"timestamp[ns]", "timestamp[ns, UTC]"}};
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
    case DZR_TYPE_TIMESTAMP:
        return type.unit <= DZR_UNIT_NS ? timestamps[type.unit][type.utc ? 1 : 0] : "timestamp";
    }
    return "unknown type";
}

bool dzr_type_equal(dzr_type a, dzr_type b)
{
    return a.id == b.id && (a.id != DZR_TYPE_TIMESTAMP || (a.unit == b.unit && a.utc == b.utc));
}

struct dzr_schema {
    _Atomic int64_t owners;
    dzr_arena arena; /* the fields and their names */
    int32_t n_fields;
    dzr_field *fields;
};

static dzr_status copy_fields(dzr_schema *schema, const dzr_field *fields, int32_t n_fields, dzr_error *err)
{
    schema->fields = dzr__arena_zeroed(&schema->arena, (size_t)n_fields, sizeof *schema->fields, err);
    if (schema->fields == NULL)
        return DZR_ERR_NOMEM;
    for (int32_t i = 0; i < n_fields; i++) {
        const char *const name = fields[i].name;
        if (name == NULL || !dzr__utf8_valid(name, strlen(name)))
            return dzr_fail(err, DZR_ERR_ARG, "field %d: its name is missing or not UTF-8", i);
        if (dzr_type_bits(fields[i].type) == 0)
            return dzr_fail(err, DZR_ERR_ARG, "field \"%s\": unknown type %d", name, (int)fields[i].type.id);
        schema->fields[i] = fields[i];
        schema->fields[i].name = dzr__arena_text(&schema->arena, name, strlen(name), err);
        if (schema->fields[i].name == NULL)
            return DZR_ERR_NOMEM;
    }
    schema->n_fields = n_fields;
    return DZR_OK;
}

dzr_status dzr_schema_new(
        const dzr_field *fields, int32_t n_fields, const dzr_allocator *alloc, dzr_schema **out, dzr_error *err)
{
    if (n_fields < 0)
        return dzr_fail(err, DZR_ERR_ARG, "a schema can't have %d fields", n_fields);
    if (n_fields > DZR_MAX_COLUMNS)
        return dzr_fail(err, DZR_ERR_LIMIT, "%d columns, limit is %d", n_fields, DZR_MAX_COLUMNS);
    dzr_schema *const schema = dzr_alloc_zeroed(alloc, 1, sizeof *schema, err);
    if (schema == NULL)
        return DZR_ERR_NOMEM;
    atomic_init(&schema->owners, 1);
    dzr__arena_init(&schema->arena, alloc, 0);
    const dzr_status st = copy_fields(schema, fields, n_fields, err);
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

int32_t dzr_schema_n_fields(const dzr_schema *schema)
{
    return schema->n_fields;
}

const dzr_field *dzr_schema_field(const dzr_schema *schema, int32_t index)
{
    return &schema->fields[index];
}

int32_t dzr_schema_find(const dzr_schema *schema, const char *name)
{
    for (int32_t i = 0; i < schema->n_fields; i++)
        if (strcmp(schema->fields[i].name, name) == 0)
            return i;
    return -1;
}

bool dzr_schema_equal(const dzr_schema *a, const dzr_schema *b)
{
    if (a == b)
        return true;
    if (a->n_fields != b->n_fields)
        return false;
    for (int32_t i = 0; i < a->n_fields; i++) {
        const dzr_field *const fa = &a->fields[i];
        const dzr_field *const fb = &b->fields[i];
        if (strcmp(fa->name, fb->name) != 0 || !dzr_type_equal(fa->type, fb->type) || fa->nullable != fb->nullable)
            return false;
    }
    return true;
}
