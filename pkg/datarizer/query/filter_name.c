/* query/filter_name.c - from names with dots to a schema's node, and the name most like one that is not there.
 * Called by filter_parse.c for each column, and by store/table_view.c. */
#include "query/filter.h"

#include <stdio.h>

typedef struct search {
    const dzr_schema *schema;
    const dzr_bytes *parts;
    int32_t n_parts;
    int32_t *path;
    int32_t n_path;
    const dzr_field *stopped; /* a field that has no members to go on into */
} search;

/* Whether name is parts[first .. end) with dots between them. */
static bool is_joined(const char *name, const dzr_bytes *parts, int32_t first, int32_t end)
{
    for (int32_t i = first; i < end; i++) {
        if (i > first && *name++ != '.')
            return false;
        if (strlen(name) < parts[i].len || (parts[i].len > 0 && memcmp(name, parts[i].at, parts[i].len) != 0))
            return false;
        name += parts[i].len;
    }
    return *name == '\0';
}

/* Siblings from node on, n of them: one that is the first parts, and below it the rest. Fewer parts go first. */
static bool find(search *s, int32_t node, int32_t n, int32_t first)
{
    for (int32_t end = first + 1; end <= s->n_parts; end++) {
        int32_t at = node;
        for (int32_t i = 0; i < n; i++, at = dzr_schema_node_end(s->schema, at)) {
            const dzr_field *const field = dzr_schema_node(s->schema, at);
            if (!is_joined(field->name, s->parts, first, end))
                continue;
            s->path[s->n_path++] = at;
            if (end == s->n_parts)
                return true;
            if (field->type.id == DZR_TYPE_STRUCT && find(s, at + 1, field->n_children, end))
                return true;
            if (field->type.id != DZR_TYPE_STRUCT && s->stopped == NULL)
                s->stopped = field;
            s->n_path--;
        }
    }
    return false;
}

int32_t dzr__schema_path(const dzr_schema *schema, const dzr_bytes *parts, int32_t n_parts, int32_t path[DZR_MAX_DEPTH],
        const dzr_field **stopped)
{
    search s = {.schema = schema, .parts = parts, .n_parts = n_parts, .path = path};
    const bool found = find(&s, 0, dzr_schema_n_fields(schema), 0);
    *stopped = s.stopped;
    return found ? s.n_path : 0;
}

/* ---- the name most like it ---- */

enum { NAME_BYTES = DZR__NAME_BYTES, MOST_NAMES = 4096 };

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

/* Levenshtein's distance of bytes, without regard to case. */
static size_t distance(const char *a, size_t n_a, const char *b, size_t n_b)
{
    size_t row[NAME_BYTES + 1];
    for (size_t k = 0; k <= n_b; k++)
        row[k] = k;
    for (size_t i = 0; i < n_a; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t k = 0; k < n_b; k++) {
            const size_t changed = diagonal + (lower((uint8_t)a[i]) != lower((uint8_t)b[k]));
            diagonal = row[k + 1];
            row[k + 1] = DZR_MIN(changed, DZR_MIN(row[k], diagonal) + 1);
        }
    }
    return row[n_b];
}

typedef struct likeness {
    const char *wanted;
    size_t n_wanted, best;
    char name[NAME_BYTES];
    int32_t n_seen;
} likeness;

static void look_among(likeness *l, const dzr_field *fields, int32_t n, const char *above, size_t n_above)
{
    for (int32_t i = 0; i < n && l->n_seen < MOST_NAMES; i++, l->n_seen++) {
        char name[NAME_BYTES];
        const int len = snprintf(name, sizeof name, "%.*s%s", (int)n_above, above, fields[i].name);
        if (len < 0 || (size_t)len + 1 >= sizeof name)
            continue;
        const size_t far = distance(name, (size_t)len, l->wanted, l->n_wanted);
        if (far < l->best) {
            l->best = far;
            memcpy(l->name, name, (size_t)len + 1);
        }
        if (fields[i].type.id != DZR_TYPE_STRUCT)
            continue;
        name[len] = '.';
        look_among(l, fields[i].children, fields[i].n_children, name, (size_t)len + 1);
    }
}

bool dzr__schema_closest(const dzr_schema *schema, const char *wanted, char out[DZR__NAME_BYTES])
{
    likeness l = {.wanted = wanted, .n_wanted = strnlen(wanted, NAME_BYTES), .best = SIZE_MAX};
    const int32_t n_fields = dzr_schema_n_fields(schema);
    if (n_fields > 0 && l.n_wanted < NAME_BYTES)
        look_among(&l, dzr_schema_field(schema, 0), n_fields, "", 0);
    if (l.best != SIZE_MAX)
        memcpy(out, l.name, sizeof l.name);
    return l.best != SIZE_MAX;
}

/* ---- a filter's column ---- */

static dzr_status fail_unknown(const filter_lexer *lexer, const dzr_schema *schema, const dzr_bytes *parts,
        int32_t n_parts, const filter_operand *operand, dzr_error *err)
{
    char wanted[NAME_BYTES] = "", closest[NAME_BYTES];
    size_t n = 0;
    for (int32_t i = 0; i < n_parts && n + 1 < sizeof wanted; i++)
        n += (size_t)snprintf(wanted + n, sizeof wanted - n, "%s%.*s", i > 0 ? "." : "",
                (int)DZR_MIN(parts[i].len, sizeof wanted), (const char *)parts[i].at);
    if (!dzr__schema_closest(schema, wanted, closest))
        return dzr__filter_fail(lexer, operand->at, err, DZR_ERR_NOT_FOUND, "there is no column \"%.200s\"", wanted);
    return dzr__filter_fail(lexer, operand->at, err, DZR_ERR_NOT_FOUND,
            "there is no column \"%.200s\"; \"%.200s\" is the most like it (strings stand in single quotes)", wanted,
            closest);
}

dzr_status dzr__filter_column(const filter_lexer *lexer, const dzr_schema *schema, const dzr_bytes *parts,
        int32_t n_parts, filter_operand *out, dzr_error *err)
{
    int32_t found[DZR_MAX_DEPTH];
    const dzr_field *stopped = NULL;
    const int32_t n = dzr__schema_path(schema, parts, n_parts, found, &stopped);
    if (n == 0 && stopped != NULL && (stopped->type.id == DZR_TYPE_LIST || stopped->type.id == DZR_TYPE_MAP))
        return dzr__filter_fail(lexer, out->at, err, DZR_ERR_TYPE,
                "\"%.200s\" is a %s, and a filter does not look into one: it is null or not", stopped->name,
                dzr_type_name(stopped->type));
    if (n == 0)
        return fail_unknown(lexer, schema, parts, n_parts, out, err);
    int32_t *const path = dzr__arena_zeroed(lexer->arena, (size_t)n, sizeof *path, err);
    if (path == NULL)
        return DZR_ERR_NOMEM;
    memcpy(path, found, (size_t)n * sizeof *path);
    const dzr_field *const field = dzr_schema_node(schema, path[n - 1]);
    out->kind = OPERAND_COLUMN;
    out->path = path;
    out->n_path = n;
    out->type = field->type.id == DZR_TYPE_DICTIONARY ? field->children[0].type : field->type;
    return DZR_OK;
}
