/* frame/schema_print.c - a schema as the text that schema_parse.c reads. Called by programs. */
#include "frame/schema_lex.h"

#include <datarizer/schema_text.h>

static dzr_status put_type(dzr_bytebuf *to, const dzr_field *field, dzr_error *err);

static dzr_status put(dzr_bytebuf *to, const char *text, dzr_error *err)
{
    return dzr__bytebuf_append(to, text, strlen(text), err);
}

static dzr_status put_quoted(dzr_bytebuf *to, const char *text, dzr_error *err)
{
    DZR_TRY(put(to, "\"", err));
    for (; *text != '\0'; text++) {
        if (*text == '"')
            DZR_TRY(put(to, "\"", err));
        DZR_TRY(dzr__bytebuf_append(to, text, 1, err));
    }
    return put(to, "\"", err);
}

/* In quotes where it must. */
static dzr_status put_name(dzr_bytebuf *to, const char *name, dzr_error *err)
{
    bool is_plain = dzr__schema_is_name_start((uint8_t)*name);
    for (const char *at = name; *at != '\0'; at++)
        is_plain = is_plain && (dzr__schema_is_name_start((uint8_t)*at) || dzr__schema_is_digit((uint8_t)*at));
    return is_plain ? put(to, name, err) : put_quoted(to, name, err);
}

static dzr_status put_zone(dzr_bytebuf *to, const char *zone, dzr_error *err)
{
    bool is_plain = true;
    for (const char *at = zone; *at != '\0'; at++)
        is_plain = is_plain && dzr__schema_is_zone((uint8_t)*at);
    return is_plain ? put(to, zone, err) : put_quoted(to, zone, err);
}

static dzr_status put_field(dzr_bytebuf *to, const dzr_field *field, dzr_error *err)
{
    DZR_TRY(put_name(to, field->name, err));
    DZR_TRY(put(to, " ", err));
    DZR_TRY(put_type(to, field, err));
    return field->nullable ? DZR_OK : put(to, " not null", err);
}

/* A type in < >, with its name where that is not the usual one (NULL: there is none). */
static dzr_status put_child(
        dzr_bytebuf *to, const dzr_field *field, const char *usual, bool says_not_null, dzr_error *err)
{
    if (usual == NULL || strcmp(field->name, usual) != 0) {
        DZR_TRY(put_name(to, field->name, err));
        DZR_TRY(put(to, ": ", err));
    }
    DZR_TRY(put_type(to, field, err));
    return says_not_null && !field->nullable ? put(to, " not null", err) : DZR_OK;
}

static dzr_status put_children(dzr_bytebuf *to, const dzr_field *field, dzr_error *err)
{
    const dzr_field *const children = field->children;
    if (field->type.id == DZR_TYPE_LIST)
        return put_child(to, children, "element", true, err);
    if (field->type.id == DZR_TYPE_DICTIONARY)
        return put_child(to, children, "values", false, err);
    if (field->type.id == DZR_TYPE_MAP && strcmp(children->name, "key_value") != 0)
        return put_child(to, children, NULL, false, err);
    if (field->type.id == DZR_TYPE_MAP) {
        DZR_TRY(put_child(to, &children->children[0], "key", false, err));
        DZR_TRY(put(to, ", ", err));
        return put_child(to, &children->children[1], "value", true, err);
    }
    for (int32_t i = 0; i < field->n_children; i++) {
        if (i > 0)
            DZR_TRY(put(to, ", ", err));
        DZR_TRY(put_field(to, &children[i], err));
    }
    return DZR_OK;
}

static dzr_status put_type(dzr_bytebuf *to, const dzr_field *field, dzr_error *err)
{
    char text[DZR_TYPE_TEXT];
    dzr_type_print(field->type, text);
    char *const utc = field->zone != NULL ? strstr(text, "UTC]") : NULL;
    if (utc != NULL)
        *utc = '\0';
    DZR_TRY(put(to, text, err));
    if (utc != NULL) {
        DZR_TRY(put_zone(to, field->zone, err));
        return put(to, "]", err);
    }
    if (field->type.id < DZR_TYPE_STRUCT)
        return DZR_OK;
    DZR_TRY(put(to, "<", err));
    DZR_TRY(put_children(to, field, err));
    return put(to, ">", err);
}

/* ---- all of it ---- */

/* The buffer becomes the caller's. */
static dzr_status finish(dzr_bytebuf *to, dzr_status st, char **out, dzr_error *err)
{
    if (st == DZR_OK)
        st = dzr__bytebuf_append(to, "", 1, err);
    if (st != DZR_OK) {
        dzr__bytebuf_fini(to);
        return st;
    }
    *out = (char *)to->at;
    return DZR_OK;
}

dzr_status dzr_schema_print(const dzr_schema *schema, const dzr_allocator *alloc, char **out, dzr_error *err)
{
    dzr_bytebuf to = {.alloc = alloc, .max_bytes = DZR_MAX_SCHEMA_TEXT};
    const int32_t n = dzr_schema_n_fields(schema);
    dzr_status st = DZR_OK;
    for (int32_t i = 0; st == DZR_OK && i < n; i++) {
        st = put_field(&to, dzr_schema_field(schema, i), err);
        if (st == DZR_OK)
            st = put(&to, i + 1 < n ? ",\n" : "\n", err);
    }
    return finish(&to, st, out, err);
}

dzr_status dzr_field_print_type(const dzr_field *field, const dzr_allocator *alloc, char **out, dzr_error *err)
{
    dzr_bytebuf to = {.alloc = alloc, .max_bytes = DZR_MAX_SCHEMA_TEXT};
    return finish(&to, put_type(&to, field, err), out, err);
}
