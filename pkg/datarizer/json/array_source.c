/* json/array_source.c - the records of a JSON array as JSON lines, byte for byte where they stand: the brackets around
 * them become spaces, the commas between them line feeds, and line feeds inside them spaces. Whoever reads lines reads
 * an array so, without ever having it whole. Called by the store for files in that format. */
#include "json/internal.h"

#include <inttypes.h>
#include <stdio.h>

typedef enum array_place { BEFORE, INSIDE, BEHIND } array_place;

typedef struct array_source {
    dzr_source source;
    const dzr_allocator *alloc;
    dzr_source *inner;
    array_place place;
    bool in_string, escaped;
    bool has_value; /* something stands behind the last '[' or ',' */
    bool has_comma; /* that was a ',' */
    int64_t depth;  /* brackets open inside a record */
    uint64_t offset;
    char name[];
} array_source;

static dzr_status unexpected(const array_source *array, const char *what, uint64_t offset, dzr_error *err)
{
    (void)dzr_fail(err, DZR_ERR_SYNTAX, "%s: byte %" PRIu64 ": %s", array->inner->name, offset, what);
    if (err != NULL)
        err->offset = (int64_t)offset;
    return DZR_ERR_SYNTAX;
}

static bool is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

/* A byte between the brackets of the array and outside of strings; what becomes of it. NULL, or what is wrong. */
static const char *take_inside(array_source *array, uint8_t *byte)
{
    switch (*byte) {
    case '"':
        array->in_string = true;
        break;
    case '{':
    case '[':
        array->depth++;
        break;
    case '}':
    case ']':
        if (array->depth > 0) {
            array->depth--;
            break;
        }
        if (*byte == '}')
            return "'}' where a record was expected";
        if (array->has_comma && !array->has_value)
            return "']' behind a ',', where a record was expected";
        array->place = BEHIND;
        *byte = ' ';
        return NULL;
    case ',':
        if (array->depth > 0)
            break;
        if (!array->has_value)
            return "',' where a record was expected";
        array->has_value = false;
        array->has_comma = true;
        *byte = '\n';
        return NULL;
    case '\n':
        *byte = ' ';
        return NULL;
    default:
        break;
    }
    array->has_value |= !is_space(*byte);
    return NULL;
}

static const char *take(array_source *array, uint8_t *byte, uint64_t offset)
{
    static const uint8_t mark[] = {0xEF, 0xBB, 0xBF};
    if (array->in_string) {
        const bool ends = *byte == '"' && !array->escaped;
        array->escaped = *byte == '\\' && !array->escaped;
        array->in_string = !ends;
        return *byte == '\n' ? "a line break inside a string" : NULL;
    }
    if (array->place == INSIDE)
        return take_inside(array, byte);
    if (array->place == BEFORE && offset < sizeof mark && *byte == mark[offset]) {
        *byte = ' ';
        return NULL;
    }
    if (array->place == BEFORE && *byte == '[')
        array->place = INSIDE;
    else if (!is_space(*byte))
        return array->place == BEFORE ? "an array was expected, '['" : "something behind the array";
    *byte = ' ';
    return NULL;
}

static dzr_status array_read(dzr_source *source, void *out, size_t n, size_t *n_read, dzr_error *err)
{
    array_source *const array = (array_source *)source;
    uint8_t *const bytes = out;
    DZR_TRY(dzr_source_read(array->inner, out, n, n_read, err));
    for (size_t i = 0; i < *n_read; i++) {
        const char *const wrong = take(array, &bytes[i], array->offset + i);
        if (wrong != NULL)
            return unexpected(array, wrong, array->offset + i, err);
    }
    array->offset += *n_read;
    if (*n_read == 0 && array->place != BEHIND)
        return unexpected(array,
                array->place == BEFORE ? "the text ends where an array was expected" : "the text ends inside the array",
                array->offset, err);
    return DZR_OK;
}

static void array_close(dzr_source *source)
{
    dzr_release(((array_source *)source)->alloc, source);
}

dzr_status dzr_json_array_source(dzr_source *inner, const dzr_allocator *alloc, dzr_source **out, dzr_error *err)
{
    static const dzr_source_ops ops = {.read = array_read, .close = array_close};
    static const char note[] = " (its records as lines)";
    const size_t n_name = strlen(inner->name) + sizeof note;
    array_source *const array = dzr_alloc_zeroed(alloc, 1, sizeof *array + n_name, err);
    if (array == NULL)
        return DZR_ERR_NOMEM;
    (void)snprintf(array->name, n_name, "%s%s", inner->name, note);
    array->source = (dzr_source){.ops = &ops, .name = array->name, .n_bytes = DZR_SIZE_UNKNOWN};
    array->alloc = alloc;
    array->inner = inner;
    *out = &array->source;
    return DZR_OK;
}
