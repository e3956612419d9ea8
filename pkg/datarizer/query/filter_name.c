/* query/filter_name.c - from names with dots to a schema's node, and the name most like one that is not there.
 * Called by filter_parse.c for each column. */
#include "query/filter.h"

#include <stdio.h>

typedef struct search {
    const dzr_schema *schema;
    const dzr_bytes *parts;
    int32_t n_parts;
    int32_t path[DZR_MAX_DEPTH];
    int32_t n_path;
    bool stopped; /* at a field that has no members to go on into */
    const dzr_field *at;
} search;

/* Whether name is parts[first .. end) with dots between them. */
static bool is_joined(const char *name, const dzr_bytes *parts, int32_t first, int32_t end)
{
    for (int32_t i = first; i < end; i++) {
        if (i > first && *name++ != '.')
            return false;
        if (strncmp(name, (const char *)parts[i].at, parts[i].len) != 0 || strlen(name) < parts[i].len)
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
            s->stopped = s->stopped || field->type.id != DZR_TYPE_STRUCT;
            s->at = s->stopped ? field : s->at;
            s->n_path--;
        }
    }
    return false;
}

/* ---- the name most like it ---- */

enum { NAME_BYTES = 256, MOST_NAMES = 4096 };

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

static dzr_status fail_unknown(
        const filter_lexer *lexer, const search *s, const filter_operand *operand, dzr_error *err)
{
    char wanted[NAME_BYTES];
    size_t n = 0;
    for (int32_t i = 0; i < s->n_parts && n + 1 < sizeof wanted; i++)
        n += (size_t)snprintf(wanted + n, sizeof wanted - n, "%s%.*s", i > 0 ? "." : "",
                (int)DZR_MIN(s->parts[i].len, sizeof wanted - n - 1), (const char *)s->parts[i].at);
    n = DZR_MIN(n, sizeof wanted - 1);
    likeness l = {.wanted = wanted, .n_wanted = n, .best = SIZE_MAX};
    const int32_t n_fields = dzr_schema_n_fields(s->schema);
    if (n_fields > 0)
        look_among(&l, dzr_schema_field(s->schema, 0), n_fields, "", 0);
    if (l.best == SIZE_MAX)
        return dzr__filter_fail(lexer, operand->at, err, DZR_ERR_NOT_FOUND, "there is no column \"%.200s\"", wanted);
    return dzr__filter_fail(lexer, operand->at, err, DZR_ERR_NOT_FOUND,
            "there is no column \"%.200s\"; \"%.200s\" is the most like it (strings stand in single quotes)", wanted,
            l.name);
}

dzr_status dzr__filter_column(const filter_lexer *lexer, const dzr_schema *schema, const dzr_bytes *parts,
        int32_t n_parts, filter_operand *out, dzr_error *err)
{
    search s = {.schema = schema, .parts = parts, .n_parts = n_parts};
    if (!find(&s, 0, dzr_schema_n_fields(schema), 0)) {
        if (s.stopped && (s.at->type.id == DZR_TYPE_LIST || s.at->type.id == DZR_TYPE_MAP))
            return dzr__filter_fail(lexer, out->at, err, DZR_ERR_TYPE,
                    "\"%.200s\" is a %s, and a filter does not look into one: it is null or not", s.at->name,
                    dzr_type_name(s.at->type));
        return fail_unknown(lexer, &s, out, err);
    }
    int32_t *const path = dzr__arena_zeroed(lexer->arena, (size_t)s.n_path, sizeof *path, err);
    if (path == NULL)
        return DZR_ERR_NOMEM;
    memcpy(path, s.path, (size_t)s.n_path * sizeof *path);
    const dzr_field *const field = dzr_schema_node(schema, path[s.n_path - 1]);
    out->kind = OPERAND_COLUMN;
    out->path = path;
    out->n_path = s.n_path;
    out->type = field->type.id == DZR_TYPE_DICTIONARY ? field->children[0].type : field->type;
    return DZR_OK;
}
