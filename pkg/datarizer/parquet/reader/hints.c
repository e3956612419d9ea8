/* parquet/reader/hints.c - what ARROW:schema adds to the fields that the file's own schema gave: zones of timestamps,
 * types that Parquet has no word for, and notes. Called by tree.c before the schema is made.
 * A hint counts only where it agrees with Parquet's type, and never changes a value: one that contradicts, or a message
 * that is damaged, is as if it was not there. Fields are found by their place, and by their name where names matter.
 * Spec: Arrow columnar format, "Schema message"; apache/arrow cpp/src/parquet/arrow, how its readers take it. */
#include "parquet/arrow_schema/arrow_schema.h"
#include "parquet/reader/reader.h"

/* The entry's text; at is NULL when there is none. */
static dzr_bytes find_entry(const dzr_parquet_reader *reader)
{
    static const char key[] = DZR_ARROW_SCHEMA_KEY;
    for (int32_t i = 0; i < reader->file.key_values.n; i++) {
        const dzr_meta_key_value *const entry = &reader->file.key_values.at[i];
        if (entry->key.len == sizeof key - 1 && memcmp(entry->key.at, key, sizeof key - 1) == 0)
            return DZR_HAS(entry, DZR_KEY_VALUE_VALUE) ? entry->value : (dzr_bytes){0};
    }
    return (dzr_bytes){0};
}

/* ---- notes ---- */

static bool same_key(dzr_bytes a, dzr_bytes b)
{
    return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

/* Whether Parquet's own schema says it: a field id always. */
static bool is_known(const dzr_field *field, dzr_bytes key)
{
    static const char id[] = DZR_PARQUET_FIELD_ID;
    bool known = same_key(key, (dzr_bytes){(const uint8_t *)id, sizeof id - 1});
    for (int32_t i = 0; i < field->n_metadata && !known; i++)
        known = same_key(field->metadata[i].key, key);
    return known;
}

/* The hint's notes behind those the field has. Its extension type is dropped with `drop_extension`. */
static dzr_status add_notes(
        dzr_field *field, const struct ArrowSchema *hint, bool drop_extension, dzr_arena *arena, dzr_error *err)
{
    dzr_key_value *notes = NULL;
    int32_t n = 0;
    DZR_TRY(dzr__arrow_notes(hint->metadata, arena, &notes, &n, err));
    if (n == 0)
        return DZR_OK;
    dzr_key_value *const all = dzr__arena_zeroed(arena, (size_t)field->n_metadata + (size_t)n, sizeof *all, err);
    if (all == NULL)
        return dzr__arena_status(err);
    int32_t n_all = 0;
    for (; n_all < field->n_metadata; n_all++)
        all[n_all] = field->metadata[n_all];
    for (int32_t i = 0; i < n; i++)
        if (!is_known(field, notes[i].key) && !(drop_extension && dzr__arrow_is_extension_key(notes[i].key)))
            all[n_all++] = notes[i];
    field->metadata = all;
    field->n_metadata = n_all;
    return DZR_OK;
}

/* ---- types ---- */

static bool starts(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* Whether a hint's format is that of lists. */
static bool is_list(const char *format)
{
    static const char *const lists[] = {"+l", "+L", "+vl", "+vL"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (strcmp(format, lists[i]) == 0)
            return true;
    return starts(format, "+w:");
}

/* What a hint makes of a field. */
typedef struct verdict {
    bool agrees;
    bool same; /* in Arrow the field has this type to the letter, so that an extension of it is one of ours */
} verdict;

static verdict judge(const dzr_type type, const char *format, const dzr_type *hint)
{
    if (hint != NULL && dzr_type_equal(type, *hint))
        return (verdict){true, !starts(format, "+")};
    switch (type.id) {
    case DZR_TYPE_TIMESTAMP: /* seconds are milliseconds in Parquet; writers may have been told another unit */
        return (verdict){.agrees = starts(format, "ts")};
    case DZR_TYPE_TIME:
        return (verdict){.agrees = starts(format, "tt")};
    case DZR_TYPE_DATE:
        return (verdict){.agrees = strcmp(format, "tdm") == 0};
    case DZR_TYPE_INT64:
        return (verdict){.agrees = starts(format, "tD")};
    case DZR_TYPE_LIST:
        return (verdict){.agrees = is_list(format)};
    default:
        return (verdict){.agrees = false};
    }
}

/* ---- fields ---- */

static dzr_status apply_children(dzr_field *field, const struct ArrowSchema *hint, dzr_arena *arena, dzr_error *err);

static dzr_status apply(dzr_field *field, const struct ArrowSchema *hint, dzr_arena *arena, dzr_error *err)
{
    /* A dictionary's values have the type. Columns may stay encoded one day; then this is the hint for it. */
    const struct ArrowSchema *const values = hint->dictionary != NULL ? hint->dictionary : hint;
    dzr_key_value *notes = NULL;
    int32_t n_notes = 0;
    dzr_type type;
    DZR_TRY(dzr__arrow_notes(hint->metadata, arena, &notes, &n_notes, err));
    const bool known = dzr__arrow_type(values->format, notes, n_notes, &type);
    if (known && type.id == DZR_TYPE_UUID && field->type.id == DZR_TYPE_FIXED && field->type.width == DZR_UUID_BYTES)
        field->type = type;
    if (known && type.id == DZR_TYPE_DURATION && field->type.id == DZR_TYPE_INT64)
        field->type = type;
    const verdict v = judge(field->type, values->format, known ? &type : NULL);
    if (!v.agrees)
        return DZR_OK;
    const char *const zone = dzr__arrow_zone(values->format);
    if (field->type.id == DZR_TYPE_TIMESTAMP && field->type.utc && zone != NULL && dzr__utf8_valid(zone, strlen(zone)))
        field->zone = zone;
    const bool is_extension = v.same && hint->dictionary == NULL && field->type.id != DZR_TYPE_UUID;
    DZR_TRY(add_notes(field, hint, !is_extension, arena, err));
    return apply_children(field, values, arena, err);
}

/* Names of a list's element and of a map's key and value are not the same in Parquet and in Arrow. */
static dzr_status apply_fields(
        dzr_field *fields, int32_t n, bool by_name, const struct ArrowSchema *parent, dzr_arena *arena, dzr_error *err)
{
    if (parent->n_children != n)
        return DZR_OK;
    for (int32_t i = 0; i < n; i++)
        if (!by_name || strcmp(fields[i].name, parent->children[i]->name) == 0)
            DZR_TRY(apply(&fields[i], parent->children[i], arena, err));
    return DZR_OK;
}

static dzr_status apply_children(dzr_field *field, const struct ArrowSchema *hint, dzr_arena *arena, dzr_error *err)
{
    dzr_field *const children = (dzr_field *)(uintptr_t)field->children; /* tree.c's, not given out yet */
    if (field->type.id != DZR_TYPE_MAP)
        return apply_fields(children, field->n_children, field->type.id == DZR_TYPE_STRUCT, hint, arena, err);
    dzr_field *const pair = (dzr_field *)(uintptr_t)children->children;
    return hint->n_children == 1 ? apply_fields(pair, 2, false, hint->children[0], arena, err) : DZR_OK;
}

dzr_status dzr__hints_apply(
        const dzr_parquet_reader *reader, dzr_field *fields, int32_t n, dzr_arena *arena, dzr_error *err)
{
    const dzr_bytes text = find_entry(reader);
    struct ArrowSchema hint;
    if (text.at == NULL)
        return DZR_OK;
    const dzr_status st = dzr__arrow_schema_read(text, arena, &hint, err);
    if (st == DZR_ERR_NOMEM)
        return st;
    arena->max_bytes = 0; /* what is added is bounded by what was read */
    return st == DZR_OK ? apply_fields(fields, n, true, &hint, arena, err) : DZR_OK;
}

dzr_status dzr_parquet_reader_check_arrow_schema(const dzr_parquet_reader *reader, dzr_error *err)
{
    const dzr_bytes text = find_entry(reader);
    dzr_arena arena;
    struct ArrowSchema hint;
    if (text.at == NULL)
        return DZR_OK;
    dzr__arena_init(&arena, reader->alloc, 0);
    const dzr_status st = dzr__arrow_schema_read(text, &arena, &hint, err);
    dzr__arena_fini(&arena);
    return st == DZR_OK ? DZR_OK : dzr_fail_at(err, st, "%s: %s: ", reader->source->name, DZR_ARROW_SCHEMA_KEY);
}
