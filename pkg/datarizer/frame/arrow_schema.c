/* frame/arrow_schema.c - types and fields by Arrow's names for them, both ways: the schemas of arrow_export.c and
 * arrow_import.c, and of parquet/arrow_schema/. What a struct handed out needs sits in an arena.
 * Spec: Arrow C Data Interface, "Data type description -- format strings", "ArrowSchema.metadata"; Arrow columnar
 * format, "Canonical extension types". */
#include "frame/arrow.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

static const char extension_name[] = "ARROW:extension:name", extension_metadata[] = "ARROW:extension:metadata";
static const char uuid_name[] = "arrow.uuid";

static bool is_text(dzr_bytes bytes, const char *text)
{
    return bytes.len == strlen(text) && memcmp(bytes.at, text, bytes.len) == 0;
}

static dzr_bytes text_bytes(const char *text)
{
    return (dzr_bytes){(const uint8_t *)text, strlen(text)};
}

bool dzr__arrow_is_extension_key(dzr_bytes key)
{
    return is_text(key, extension_name) || is_text(key, extension_metadata);
}

/* ---- metadata: the number of pairs, then each key and value behind its length ---- */

/* A length and the bytes it counts, at *at, which is moved behind them. */
static dzr_status take_text(const char **at, dzr_bytes *out, dzr_error *err)
{
    int32_t len = 0;
    memcpy(&len, *at, sizeof len);
    if (len < 0)
        return dzr_fail(err, DZR_ERR_ARG, "Arrow metadata with a length of %d", len);
    *out = (dzr_bytes){(const uint8_t *)*at + sizeof len, (size_t)len};
    *at += sizeof len + (size_t)len;
    return DZR_OK;
}

dzr_status dzr__arrow_notes(const char *metadata, dzr_arena *arena, dzr_key_value **out, int32_t *n_out, dzr_error *err)
{
    int32_t n = 0;
    *out = NULL;
    *n_out = 0;
    if (metadata == NULL)
        return DZR_OK;
    memcpy(&n, metadata, sizeof n);
    if (n < 0)
        return dzr_fail(err, DZR_ERR_ARG, "Arrow metadata of %d entries", n);
    dzr_key_value *const notes = dzr__arena_zeroed(arena, (size_t)n, sizeof *notes, err);
    if (notes == NULL)
        return DZR_ERR_NOMEM;
    const char *at = metadata + sizeof n;
    for (int32_t i = 0; i < n; i++) {
        DZR_TRY(take_text(&at, &notes[i].key, err));
        DZR_TRY(take_text(&at, &notes[i].value, err));
    }
    *out = notes;
    *n_out = n;
    return DZR_OK;
}

static char *put_text(char *to, dzr_bytes bytes)
{
    dzr__store_u32(to, (uint32_t)bytes.len);
    if (bytes.len > 0)
        memcpy(to + sizeof(uint32_t), bytes.at, bytes.len);
    return to + sizeof(uint32_t) + bytes.len;
}

dzr_status dzr__arrow_metadata(
        const dzr_key_value *notes, int32_t n, dzr_arena *arena, const char **out, dzr_error *err)
{
    size_t n_bytes = sizeof(int32_t);
    for (int32_t i = 0; i < n; i++) {
        if (notes[i].key.len > INT32_MAX || notes[i].value.len > INT32_MAX)
            return dzr_fail(err, DZR_ERR_LIMIT, "a note of 2 GiB, which Arrow's metadata can't hold");
        n_bytes += 2 * sizeof(int32_t) + notes[i].key.len + notes[i].value.len;
    }
    *out = NULL;
    if (n == 0)
        return DZR_OK;
    char *const metadata = dzr__arena_zeroed(arena, n_bytes, 1, err);
    if (metadata == NULL)
        return err != NULL ? err->status : DZR_ERR_NOMEM;
    dzr__store_u32(metadata, (uint32_t)n);
    char *at = metadata + sizeof(int32_t);
    for (int32_t i = 0; i < n; i++)
        at = put_text(put_text(at, notes[i].key), notes[i].value);
    *out = metadata;
    return DZR_OK;
}

/* ---- out ---- */

/* Static, or in room when the type has numbers; a timestamp's zone is still to follow. */
static const char *format_of(dzr_type type, char room[32])
{
    static const char *const times[3] = {"ttm", "ttu", "ttn"};
    static const char *const timestamps[3] = {"tsm:", "tsu:", "tsn:"};
    static const char *const durations[3] = {"tDm", "tDu", "tDn"};
    switch (type.id) {
    case DZR_TYPE_BOOL:
        return "b";
    case DZR_TYPE_INT8:
        return "c";
    case DZR_TYPE_INT16:
        return "s";
    case DZR_TYPE_INT32:
    case DZR_TYPE_DICTIONARY: /* of its codes */
        return "i";
    case DZR_TYPE_INT64:
        return "l";
    case DZR_TYPE_UINT8:
        return "C";
    case DZR_TYPE_UINT16:
        return "S";
    case DZR_TYPE_UINT32:
        return "I";
    case DZR_TYPE_UINT64:
        return "L";
    case DZR_TYPE_FLOAT:
        return "f";
    case DZR_TYPE_DOUBLE:
        return "g";
    case DZR_TYPE_STRING:
        return "vu";
    case DZR_TYPE_BINARY:
        return "vz";
    case DZR_TYPE_DATE:
        return "tdD";
    case DZR_TYPE_TIMESTAMP:
        return timestamps[type.unit];
    case DZR_TYPE_TIME:
        return times[type.unit];
    case DZR_TYPE_DURATION:
        return durations[type.unit];
    case DZR_TYPE_DECIMAL:
        snprintf(room, 32, "d:%d,%d%s", type.precision, type.scale,
                type.precision <= DZR_DECIMAL_DIGITS_128 ? "" : ",256");
        return room;
    case DZR_TYPE_HALF:
        return "e";
    case DZR_TYPE_FIXED:
        snprintf(room, 32, "w:%d", type.width);
        return room;
    case DZR_TYPE_UUID:
        return "w:16";
    case DZR_TYPE_NULL:
        return "n";
    case DZR_TYPE_STRUCT:
        return "+s";
    case DZR_TYPE_LIST:
        return "+l";
    case DZR_TYPE_MAP:
        return "+m";
    }
    return "n";
}

static const char *zone_of(const dzr_field *field)
{
    return !field->type.utc || field->type.id != DZR_TYPE_TIMESTAMP ? "" : field->zone != NULL ? field->zone : "UTC";
}

/* A UUID is an extension type, which a note says; those the field has of its own then do not count. */
static dzr_status export_notes(const dzr_field *field, dzr_arena *arena, const char **out, dzr_error *err)
{
    if (field->type.id != DZR_TYPE_UUID)
        return dzr__arrow_metadata(field->metadata, field->n_metadata, arena, out, err);
    dzr_key_value *const notes = dzr__arena_zeroed(arena, (size_t)field->n_metadata + 1, sizeof *notes, err);
    if (notes == NULL)
        return DZR_ERR_NOMEM;
    int32_t n = 0;
    notes[n++] = (dzr_key_value){text_bytes(extension_name), text_bytes(uuid_name)};
    for (int32_t i = 0; i < field->n_metadata; i++)
        if (!dzr__arrow_is_extension_key(field->metadata[i].key))
            notes[n++] = field->metadata[i];
    return dzr__arrow_metadata(notes, n, arena, out, err);
}

/* A consumer may move a child out and release it by itself: that must do nothing but mark it and what hangs on it. */
static void release_child(struct ArrowSchema *child)
{
    for (int64_t i = 0; i < child->n_children; i++)
        if (child->children[i]->release != NULL)
            child->children[i]->release(child->children[i]);
    if (child->dictionary != NULL && child->dictionary->release != NULL)
        child->dictionary->release(child->dictionary);
    child->release = NULL;
}

static dzr_status export_field(const dzr_field *field, dzr_arena *arena, struct ArrowSchema *out, dzr_error *err)
{
    char room[32];
    const char *const format = format_of(field->type, room), *const zone = zone_of(field);
    char *const text = dzr__arena_zeroed(arena, strlen(format) + strlen(zone) + 1, 1, err);
    const char *const name = text == NULL ? NULL : dzr__arena_text(arena, field->name, strlen(field->name), err);
    if (name == NULL)
        return DZR_ERR_NOMEM;
    memcpy(text, format, strlen(format));
    memcpy(text + strlen(format), zone, strlen(zone));
    *out = (struct ArrowSchema){
            .format = text, .name = name, .flags = field->nullable ? ARROW_FLAG_NULLABLE : 0, .release = release_child};
    return export_notes(field, arena, &out->metadata, err);
}

static dzr_status export_dictionary(
        const dzr_field *values, dzr_arena *arena, struct ArrowSchema *codes, dzr_error *err)
{
    codes->dictionary = dzr__arena_zeroed(arena, 1, sizeof *codes->dictionary, err);
    return codes->dictionary == NULL ? DZR_ERR_NOMEM : export_field(values, arena, codes->dictionary, err);
}

static dzr_status export_fields(
        const dzr_field *fields, int32_t n_fields, dzr_arena *arena, struct ArrowSchema *parent, dzr_error *err)
{
    const size_t n = (size_t)n_fields;
    struct ArrowSchema **const children = dzr__arena_zeroed(arena, n, sizeof(struct ArrowSchema *), err);
    struct ArrowSchema *const nodes = children == NULL ? NULL : dzr__arena_zeroed(arena, n, sizeof *nodes, err);
    if (nodes == NULL)
        return DZR_ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        children[i] = &nodes[i];
        DZR_TRY(export_field(&fields[i], arena, &nodes[i], err));
        if (fields[i].type.id == DZR_TYPE_DICTIONARY)
            DZR_TRY(export_dictionary(&fields[i].children[0], arena, &nodes[i], err));
        else if (fields[i].n_children > 0)
            DZR_TRY(export_fields(fields[i].children, fields[i].n_children, arena, &nodes[i], err));
    }
    parent->n_children = n_fields;
    parent->children = children;
    return DZR_OK;
}

dzr_status dzr__arrow_schema_of(const dzr_schema *schema, dzr_arena *arena, struct ArrowSchema *out, dzr_error *err)
{
    const int32_t n = dzr_schema_n_fields(schema);
    *out = (struct ArrowSchema){.format = "+s", .name = "", .release = release_child};
    return export_fields(n > 0 ? dzr_schema_field(schema, 0) : NULL, n, arena, out, err);
}

/* ---- in ---- */

/* A number in [0, INT_MAX], at *at and before one of ends (a NUL counts), which *at is moved behind. */
static bool take_number(const char **at, const char *ends, int32_t *out)
{
    char *end = NULL;
    if (**at < '0' || **at > '9')
        return false;
    const long value = strtol(*at, &end, 10);
    if (value > INT_MAX || strchr(ends, *end) == NULL)
        return false;
    *out = (int32_t)value;
    *at = *end == '\0' ? end : end + 1;
    return true;
}

bool dzr__arrow_decimal(const char *format, dzr_type *out, int32_t *bits)
{
    const char *at = format + 2;
    dzr_type type = {.id = DZR_TYPE_DECIMAL};
    *bits = 128;
    if (!take_number(&at, ",", &type.precision) || !take_number(&at, ",", &type.scale))
        return false;
    if (*at != '\0' && (!take_number(&at, "", bits) || (*bits != 32 && *bits != 64 && *bits != 128 && *bits != 256)))
        return false;
    *out = type;
    return true;
}

/* Fixed-size bytes, which are a UUID when a note says so. */
static bool fixed_of(const char *format, const dzr_key_value *notes, int32_t n_notes, dzr_type *out)
{
    const char *at = format + 2;
    dzr_type type = {.id = DZR_TYPE_FIXED};
    if (!take_number(&at, "", &type.width))
        return false;
    for (int32_t i = 0; i < n_notes && type.width == DZR_UUID_BYTES; i++)
        if (is_text(notes[i].key, extension_name)) {
            if (is_text(notes[i].value, uuid_name))
                type = (dzr_type){.id = DZR_TYPE_UUID};
            break;
        }
    *out = type;
    return true;
}

bool dzr__arrow_type(const char *format, const dzr_key_value *notes, int32_t n_notes, dzr_type *out)
{
    static const struct {
        const char *format;
        dzr_type_id id;
    } plain[] = {{"b", DZR_TYPE_BOOL}, {"c", DZR_TYPE_INT8}, {"s", DZR_TYPE_INT16}, {"i", DZR_TYPE_INT32},
            {"l", DZR_TYPE_INT64}, {"C", DZR_TYPE_UINT8}, {"S", DZR_TYPE_UINT16}, {"I", DZR_TYPE_UINT32},
            {"L", DZR_TYPE_UINT64}, {"f", DZR_TYPE_FLOAT}, {"g", DZR_TYPE_DOUBLE}, {"u", DZR_TYPE_STRING},
            {"U", DZR_TYPE_STRING}, {"vu", DZR_TYPE_STRING}, {"z", DZR_TYPE_BINARY}, {"Z", DZR_TYPE_BINARY},
            {"vz", DZR_TYPE_BINARY}, {"tdD", DZR_TYPE_DATE}, {"+s", DZR_TYPE_STRUCT}, {"+l", DZR_TYPE_LIST},
            {"+L", DZR_TYPE_LIST}, {"+m", DZR_TYPE_MAP}, {"e", DZR_TYPE_HALF}, {"n", DZR_TYPE_NULL}};
    int32_t bits = 0;
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (strcmp(format, plain[i].format) == 0) {
            *out = (dzr_type){.id = plain[i].id};
            return true;
        }
    static const char *const stamps[3] = {"tsm:", "tsu:", "tsn:"};
    for (int unit = 0; unit < 3; unit++)
        if (strncmp(format, stamps[unit], 4) == 0) {
            *out = (dzr_type){.id = DZR_TYPE_TIMESTAMP, .unit = (dzr_time_unit)unit, .utc = format[4] != '\0'};
            return true;
        }
    static const char *const durations[3] = {"tDm", "tDu", "tDn"};
    for (int unit = 0; unit < 3; unit++)
        if (strcmp(format, durations[unit]) == 0) {
            *out = (dzr_type){.id = DZR_TYPE_DURATION, .unit = (dzr_time_unit)unit};
            return true;
        }
    static const char *const times[4] = {"ttm", "ttu", "ttn", "tts"};
    for (int unit = 0; unit < 4; unit++)
        if (strcmp(format, times[unit]) == 0) {
            *out = (dzr_type){.id = DZR_TYPE_TIME, .unit = (dzr_time_unit)(unit % 3)};
            return true;
        }
    if (strncmp(format, "d:", 2) == 0)
        return dzr__arrow_decimal(format, out, &bits);
    return strncmp(format, "w:", 2) == 0 && fixed_of(format, notes, n_notes, out);
}

const char *dzr__arrow_zone(const char *format)
{
    const bool has_one = strncmp(format, "ts", 2) == 0 && format[2] != '\0' && format[3] == ':' && format[4] != '\0';
    return has_one && strcmp(format + 4, "UTC") != 0 ? format + 4 : NULL;
}

int32_t dzr__arrow_drop_extension(dzr_key_value *notes, int32_t n)
{
    int32_t kept = 0;
    assert(notes != NULL || n == 0);
    for (int32_t i = 0; i < n; i++)
        if (!dzr__arrow_is_extension_key(notes[i].key))
            notes[kept++] = notes[i];
    return kept;
}

static dzr_status import_fields(
        dzr_arena *arena, const struct ArrowSchema *in, int32_t depth, const dzr_field **out, dzr_error *err);

static dzr_status import_field(
        dzr_arena *arena, const struct ArrowSchema *in, int32_t depth, dzr_field *out, dzr_error *err);

/* Codes of any integer type, and values that are not nested. */
static dzr_status import_dictionary(
        dzr_arena *arena, const struct ArrowSchema *in, int32_t depth, dzr_field *out, dzr_error *err)
{
    dzr_field *const values = dzr__arena_zeroed(arena, 1, sizeof *values, err);
    if (values == NULL)
        return DZR_ERR_NOMEM;
    if (in->format[0] == '\0' || in->format[1] != '\0' || strchr("cCsSiIlL", in->format[0]) == NULL)
        return dzr_fail(err, DZR_ERR_UNSUPPORTED, "column \"%s\" has a dictionary and the Arrow format \"%s\"",
                out->name, in->format);
    if (in->dictionary->dictionary != NULL || in->dictionary->n_children != 0)
        return dzr_fail(err, DZR_ERR_UNSUPPORTED, "column \"%s\" has a dictionary of the Arrow format \"%s\"",
                out->name, in->dictionary->format);
    DZR_TRY(import_field(arena, in->dictionary, depth + 1, values, err));
    if (values->type.id == DZR_TYPE_NULL)
        return dzr_fail(err, DZR_ERR_UNSUPPORTED, "column \"%s\" has a dictionary of nothing but nulls", out->name);
    values->name = out->name;
    values->nullable = false; /* whatever is said; the array's are looked at */
    out->type.id = DZR_TYPE_DICTIONARY;
    out->children = values;
    out->n_children = 1;
    return DZR_OK;
}

static dzr_status import_field(
        dzr_arena *arena, const struct ArrowSchema *in, int32_t depth, dzr_field *out, dzr_error *err)
{
    dzr_key_value *notes = NULL;
    out->name = in->name != NULL ? in->name : "";
    out->nullable = (in->flags & ARROW_FLAG_NULLABLE) != 0;
    DZR_TRY(dzr__arrow_notes(in->metadata, arena, &notes, &out->n_metadata, err));
    if (in->dictionary != NULL) {
        out->metadata = notes;
        return import_dictionary(arena, in, depth, out, err);
    }
    if (!dzr__arrow_type(in->format, notes, out->n_metadata, &out->type))
        return dzr_fail(err, DZR_ERR_UNSUPPORTED, "column \"%s\" has the Arrow format \"%s\"", out->name, in->format);
    if (out->type.id == DZR_TYPE_UUID)
        out->n_metadata = dzr__arrow_drop_extension(notes, out->n_metadata);
    out->metadata = notes;
    out->zone = dzr__arrow_zone(in->format);
    if (in->n_children != 0)
        DZR_TRY(import_fields(arena, in, depth + 1, &out->children, err));
    out->n_children = (int32_t)in->n_children;
    return DZR_OK;
}

/* in's children as fields in the arena. */
static dzr_status import_fields(
        dzr_arena *arena, const struct ArrowSchema *in, int32_t depth, const dzr_field **out, dzr_error *err)
{
    if (in->n_children < 0 || in->n_children > DZR_MAX_COLUMNS)
        return dzr_fail(err, DZR_ERR_LIMIT, "%lld columns, limit is %d", (long long)in->n_children, DZR_MAX_COLUMNS);
    if (depth > DZR_MAX_DEPTH)
        return dzr_fail(err, DZR_ERR_LIMIT, "nested deeper than %d", DZR_MAX_DEPTH);
    dzr_field *const fields = dzr__arena_zeroed(arena, (size_t)in->n_children, sizeof *fields, err);
    if (fields == NULL)
        return DZR_ERR_NOMEM;
    for (int64_t i = 0; i < in->n_children; i++)
        DZR_TRY(import_field(arena, in->children[i], depth, &fields[i], err));
    *out = fields;
    return DZR_OK;
}

dzr_status dzr_arrow_import_schema(
        const struct ArrowSchema *in, const dzr_allocator *alloc, dzr_schema **out, dzr_error *err)
{
    if (in->release == NULL || strcmp(in->format, "+s") != 0)
        return dzr_fail(err, DZR_ERR_ARG, "not a struct: a batch comes as format \"+s\"");
    dzr_arena arena;
    dzr__arena_init(&arena, alloc, 0);
    const dzr_field *fields = NULL;
    dzr_status st = import_fields(&arena, in, 1, &fields, err);
    if (st == DZR_OK)
        st = dzr_schema_new(fields, (int32_t)in->n_children, alloc, out, err);
    dzr__arena_fini(&arena);
    return st;
}
