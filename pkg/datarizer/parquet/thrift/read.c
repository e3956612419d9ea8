/* parquet/thrift/read.c - the compact protocol, reading: one pass over bounded bytes, straight into C structs.
 * Called with footers (metadata/footer.c) and page headers (reader/). See thrift.h. */
#include "parquet/thrift/wire.h"

static dzr_status corrupt(const dzr_cursor *c, dzr_error *err, const char *what)
{
    const dzr_status st = dzr_fail(err, DZR_ERR_CORRUPT, "%s at byte %lld", what, (long long)dzr__cursor_offset(c));
    if (err != NULL)
        err->offset = dzr__cursor_offset(c);
    return st;
}

/* Says which field it was, once: the innermost names itself, and the structs around it stay silent. */
static dzr_status at_field(const dzr_thrift_shape *shape, const char *field, dzr_status st, dzr_error *err)
{
    return dzr_fail_at(err, st, "%s.%s: ", shape->name, field);
}

/* A zigzag number of at most `bits` bits. */
static dzr_status read_int(dzr_cursor *c, int bits, int64_t *out, dzr_error *err)
{
    uint64_t raw = 0;
    DZR_TRY(dzr__read_uvarint(c, &raw, err));
    if (bits < 64 && raw >> bits != 0)
        return corrupt(c, err, "a number too wide for its type ends");
    *out = (int64_t)(raw >> 1) ^ -(int64_t)(raw & 1);
    return DZR_OK;
}

static dzr_status read_bytes(dzr_cursor *c, dzr_bytes *out, dzr_error *err)
{
    uint64_t len = 0;
    DZR_TRY(dzr__read_uvarint(c, &len, err));
    DZR_TRY(dzr__cursor_take(c, len, &out->at, err));
    out->len = (size_t)len;
    return DZR_OK;
}

/* A field's type and id; the type is DZR_WIRE_STOP at the struct's end. The id is the last one plus the high nibble, or
 * follows in full where that is 0. */
static dzr_status read_field_header(dzr_cursor *c, int64_t *id, uint8_t *wire, dzr_error *err)
{
    uint8_t byte = 0;
    DZR_TRY(dzr__read_u8(c, &byte, err));
    *wire = byte & 0x0f;
    if (byte == DZR_WIRE_STOP)
        return DZR_OK;
    if (*wire == DZR_WIRE_STOP || *wire > DZR_WIRE_UUID)
        return corrupt(c, err, "a field of unknown type ends its header");
    if (byte >> 4 == 0)
        return read_int(c, 16, id, err);
    *id += byte >> 4;
    return DZR_OK;
}

/* Element type and count of a list or set. Each element takes a byte or more, so the bytes left bound the count. An
 * empty list may be a bare 0, without type. */
static dzr_status read_list_header(dzr_cursor *c, uint8_t *wire, uint64_t *n, dzr_error *err)
{
    uint8_t byte = 0;
    DZR_TRY(dzr__read_u8(c, &byte, err));
    *wire = byte & 0x0f;
    *n = byte >> 4;
    if (*n == 15)
        DZR_TRY(dzr__read_uvarint(c, n, err));
    if (*n > dzr__cursor_left(c))
        return dzr_fail(err, DZR_ERR_TRUNCATED, "a list of %llu elements at byte %lld, where %zu bytes are left",
                (unsigned long long)*n, (long long)dzr__cursor_offset(c), dzr__cursor_left(c));
    if (*n > 0 && (*wire == DZR_WIRE_STOP || *wire > DZR_WIRE_UUID))
        return corrupt(c, err, "a list of unknown type begins");
    return DZR_OK;
}

/* ---- skipping what we do not know ---- */

static dzr_status skip_value(dzr_cursor *c, uint8_t wire, bool element, int depth, dzr_error *err);

static dzr_status skip_struct(dzr_cursor *c, int depth, dzr_error *err)
{
    int64_t id = 0;
    for (uint8_t wire = 0;;) {
        DZR_TRY(read_field_header(c, &id, &wire, err));
        if (wire == DZR_WIRE_STOP)
            return DZR_OK;
        DZR_TRY(skip_value(c, wire, false, depth, err));
    }
}

static dzr_status skip_list(dzr_cursor *c, int depth, dzr_error *err)
{
    uint8_t wire = 0;
    uint64_t n = 0;
    DZR_TRY(read_list_header(c, &wire, &n, err));
    for (uint64_t i = 0; i < n; i++)
        DZR_TRY(skip_value(c, wire, true, depth, err));
    return DZR_OK;
}

/* Count first; then, unless it is 0, one byte with the types of key and value. */
static dzr_status skip_map(dzr_cursor *c, int depth, dzr_error *err)
{
    uint64_t n = 0;
    DZR_TRY(dzr__read_uvarint(c, &n, err));
    if (n == 0)
        return DZR_OK;
    uint8_t types = 0;
    DZR_TRY(dzr__read_u8(c, &types, err));
    for (uint64_t i = 0; i < n; i++) {
        DZR_TRY(skip_value(c, types >> 4, true, depth, err));
        DZR_TRY(skip_value(c, types & 0x0f, true, depth, err));
    }
    return DZR_OK;
}

/* `element`: of a list, set or map, where a bool takes a byte. Every value but a field's bool takes at least one byte,
 * so the bytes left bound the work. */
static dzr_status skip_value(dzr_cursor *c, uint8_t wire, bool element, int depth, dzr_error *err)
{
    const uint8_t *ignored = NULL;
    uint64_t number = 0;
    dzr_bytes bytes = {0};
    if (depth == DZR_THRIFT_DEPTH)
        return corrupt(c, err, "nested deeper than 64 levels");
    switch (wire) {
    case DZR_WIRE_TRUE:
    case DZR_WIRE_FALSE:
        return element ? dzr__cursor_take(c, 1, &ignored, err) : DZR_OK;
    case DZR_WIRE_I8:
        return dzr__cursor_take(c, 1, &ignored, err);
    case DZR_WIRE_I16:
    case DZR_WIRE_I32:
    case DZR_WIRE_I64:
        return dzr__read_uvarint(c, &number, err);
    case DZR_WIRE_DOUBLE:
        return dzr__cursor_take(c, 8, &ignored, err);
    case DZR_WIRE_BINARY:
        return read_bytes(c, &bytes, err);
    case DZR_WIRE_LIST:
    case DZR_WIRE_SET:
        return skip_list(c, depth + 1, err);
    case DZR_WIRE_MAP:
        return skip_map(c, depth + 1, err);
    case DZR_WIRE_STRUCT:
        return skip_struct(c, depth + 1, err);
    case DZR_WIRE_UUID:
        return dzr__cursor_take(c, 16, &ignored, err);
    default:
        return corrupt(c, err, "a value of unknown type begins");
    }
}

/* ---- filling structs; nesting is as deep as the shapes are ---- */

/* One value that is no list. `wire` tells a field's bool; NULL: an element of a list, whose bool is a byte. Writers of
 * lists have used 0, 1 and 2 there, so only 1 is true. */
static dzr_status read_value(dzr_cursor *c, uint8_t kind, const uint8_t *wire, const dzr_thrift_shape *shape, void *out,
        dzr_arena *arena, dzr_error *err)
{
    int64_t number = 0;
    uint8_t byte = 0;
    switch (kind) {
    case DZR_THRIFT_BOOL:
        if (wire == NULL)
            DZR_TRY(dzr__read_u8(c, &byte, err));
        *(bool *)out = (wire == NULL ? byte : *wire) == DZR_WIRE_TRUE;
        return DZR_OK;
    case DZR_THRIFT_I8:
        DZR_TRY(dzr__read_u8(c, &byte, err));
        *(int8_t *)out = (int8_t)byte;
        return DZR_OK;
    case DZR_THRIFT_I16:
        DZR_TRY(read_int(c, 16, &number, err));
        *(int16_t *)out = (int16_t)number;
        return DZR_OK;
    case DZR_THRIFT_I32:
        DZR_TRY(read_int(c, 32, &number, err));
        *(int32_t *)out = (int32_t)number;
        return DZR_OK;
    case DZR_THRIFT_I64:
        DZR_TRY(read_int(c, 64, &number, err));
        *(int64_t *)out = number;
        return DZR_OK;
    case DZR_THRIFT_BYTES:
        return read_bytes(c, out, err);
    case DZR_THRIFT_STRUCT:
        return dzr__thrift_read(c, shape, out, arena, err);
    default:
        return skip_struct(c, 1, err);
    }
}

static dzr_status read_list(
        dzr_cursor *c, const dzr_thrift_field *field, dzr_any_list *out, dzr_arena *arena, dzr_error *err)
{
    uint8_t wire = 0;
    uint64_t n = 0;
    DZR_TRY(read_list_header(c, &wire, &n, err));
    if (n == 0) {
        *out = (dzr_any_list){.at = NULL, .n = 0};
        return DZR_OK;
    }
    const uint8_t wanted = dzr__wire_of(field->of);
    if (wire != wanted && !(wanted == DZR_WIRE_TRUE && wire == DZR_WIRE_FALSE))
        return corrupt(c, err, "a list of another type than expected begins");
    if (n > INT32_MAX)
        return dzr_fail(err, DZR_ERR_LIMIT, "a list of %llu elements, limit is %d", (unsigned long long)n, INT32_MAX);
    const size_t size = dzr__element_size(field);
    uint8_t *const at = dzr__arena_zeroed(arena, (size_t)n, size, err);
    if (at == NULL)
        return dzr__arena_status(err);
    for (uint64_t i = 0; i < n; i++)
        DZR_TRY(read_value(c, field->of, NULL, field->shape, at + i * size, arena, err));
    *out = (dzr_any_list){.at = at, .n = (int32_t)n};
    return DZR_OK;
}

/* The field of that id; fields come in order as a rule, so the search goes on from the last one. NULL when unknown. */
static const dzr_thrift_field *find_field(const dzr_thrift_shape *shape, int64_t id, uint32_t *next)
{
    if (*next > 0 && shape->fields[*next - 1].id >= id)
        *next = 0;
    while (*next < shape->n_fields && shape->fields[*next].id < id)
        ++*next;
    return *next < shape->n_fields && shape->fields[*next].id == id ? &shape->fields[(*next)++] : NULL;
}

static bool has_type(const dzr_thrift_field *field, uint8_t wire)
{
    const uint8_t wanted = dzr__wire_of(field->kind);
    return wire == wanted || (wanted == DZR_WIRE_TRUE && wire == DZR_WIRE_FALSE);
}

static dzr_status read_field(
        dzr_cursor *c, const dzr_thrift_field *field, uint8_t wire, uint8_t *meta, dzr_arena *arena, dzr_error *err)
{
    if (!has_type(field, wire))
        return corrupt(c, err, "another type than expected");
    void *const member = meta + field->at;
    if (field->kind != DZR_THRIFT_LIST)
        return read_value(c, field->kind, &wire, field->shape, member, arena, err);
    dzr_any_list list;
    DZR_TRY(read_list(c, field, &list, arena, err));
    memcpy(member, &list, sizeof list);
    return DZR_OK;
}

dzr_status dzr__thrift_read(dzr_cursor *c, const dzr_thrift_shape *shape, void *out, dzr_arena *arena, dzr_error *err)
{
    memset(out, 0, shape->size);
    uint32_t has = 0, next = 0;
    int64_t id = 0;
    for (uint8_t wire = 0;;) {
        DZR_TRY(read_field_header(c, &id, &wire, err));
        if (wire == DZR_WIRE_STOP)
            break;
        const dzr_thrift_field *const field = find_field(shape, id, &next);
        /* some writers use ids of their own that the format took later: an optional field of another type is unknown */
        if (field == NULL || (!field->required && !has_type(field, wire))) {
            DZR_TRY(skip_value(c, wire, false, 0, err));
            continue;
        }
        const dzr_status st = read_field(c, field, wire, out, arena, err);
        if (st != DZR_OK)
            return at_field(shape, field->name, st, err);
        has |= 1u << id;
    }
    for (uint32_t i = 0; i < shape->n_fields; i++)
        if (shape->fields[i].required && (has >> shape->fields[i].id & 1) == 0)
            return at_field(shape, shape->fields[i].name, corrupt(c, err, "missing in the struct that ends"), err);
    memcpy(out, &has, sizeof has);
    return DZR_OK;
}
