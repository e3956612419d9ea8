/* json/infer.c - a schema from what the first records of a file hold. Called by lines.c when it was given none.
 * Each member, of records and of objects inside them, and the elements of each list keep the set of kinds they were
 * seen with; at the end each set has one type, or was refused before. */
#include "json/internal.h"

enum { /* kinds of value, as bits */
    SEEN_BOOL = 1,
    SEEN_STRING = 2,
    SEEN_REAL = 4,
    SEEN_NEGATIVE = 8, /* whole numbers: within int64 and below 0, within int64, beyond it within uint64 */
    SEEN_WHOLE = 16,
    SEEN_LARGE = 32,
    SEEN_OBJECT = 64,
    SEEN_LIST = 128,
};

enum { NONE = -1 };

struct dzr__json_seen {
    dzr_bytes name; /* NUL-terminated, in the arena */
    unsigned kinds;
    int32_t parent; /* the member whose object or array this is in, NONE for a record's */
    int32_t n_children;
};

void dzr__json_infer_init(dzr__json_infer *infer, const dzr_allocator *alloc)
{
    *infer = (dzr__json_infer){.alloc = alloc, .scratch = {.alloc = alloc}};
    dzr__arena_init(&infer->arena, alloc, 0);
}

void dzr__json_infer_fini(dzr__json_infer *infer)
{
    dzr__arena_fini(&infer->arena);
    dzr__bytebuf_fini(&infer->scratch);
    dzr_release(infer->alloc, infer->seen);
    dzr_release(infer->alloc, infer->table);
}

/* ---- members by name ---- */

/* Where the name is in the table, or would be. */
static uint32_t slot_of(const dzr__json_infer *infer, int32_t parent, dzr_bytes name)
{
    const uint32_t mask = infer->n_slots - 1;
    uint32_t i = (dzr__json_hash(name) + (uint32_t)parent * 2654435761u) & mask;
    for (; infer->table[i] != 0; i = (i + 1) & mask) {
        const dzr__json_seen *const seen = &infer->seen[infer->table[i] - 1];
        const dzr_bytes have = seen->name;
        if (seen->parent == parent && have.len == name.len && memcmp(have.at, name.at, name.len) == 0)
            break;
    }
    return i;
}

static dzr_status grow(dzr__json_infer *infer, dzr_error *err)
{
    const int32_t cap = infer->cap_seen == 0 ? 16 : infer->cap_seen * 2;
    dzr__json_seen *const seen = dzr_alloc_zeroed(infer->alloc, (size_t)cap, sizeof *seen, err);
    int32_t *const table = dzr_alloc_zeroed(infer->alloc, (size_t)cap * 2, sizeof *table, err);
    if (seen == NULL || table == NULL) {
        dzr_release(infer->alloc, seen);
        dzr_release(infer->alloc, table);
        return DZR_ERR_NOMEM;
    }
    if (infer->n_seen > 0)
        memcpy(seen, infer->seen, (size_t)infer->n_seen * sizeof *seen);
    dzr_release(infer->alloc, infer->seen);
    dzr_release(infer->alloc, infer->table);
    infer->seen = seen;
    infer->cap_seen = cap;
    infer->table = table;
    infer->n_slots = (uint32_t)cap * 2;
    for (int32_t i = 0; i < infer->n_seen; i++)
        table[slot_of(infer, seen[i].parent, seen[i].name)] = i + 1;
    return DZR_OK;
}

static dzr_status find(dzr__json_infer *infer, int32_t parent, dzr_bytes name, int32_t *index, dzr_error *err)
{
    if (infer->n_seen == infer->cap_seen)
        DZR_TRY(grow(infer, err));
    const uint32_t slot = slot_of(infer, parent, name);
    if (infer->table[slot] != 0) {
        *index = infer->table[slot] - 1;
        return DZR_OK;
    }
    if (infer->n_seen == DZR_MAX_COLUMNS)
        return dzr_fail(err, DZR_ERR_LIMIT, "more than %d different members", DZR_MAX_COLUMNS);
    if (memchr(name.at, 0, name.len) != NULL)
        return dzr_fail(err, DZR_ERR_UNSUPPORTED, "a member name with U+0000 in it");
    const char *const text = dzr__arena_text(&infer->arena, name.at, name.len, err);
    if (text == NULL)
        return DZR_ERR_NOMEM;
    *index = infer->n_seen++;
    infer->seen[*index] = (dzr__json_seen){.name = {(const uint8_t *)text, name.len}, .parent = parent};
    if (parent != NONE)
        infer->seen[parent].n_children++;
    infer->table[slot] = *index + 1;
    return DZR_OK;
}

/* ---- values ---- */

/* Takes a scalar; *kind is 0 for null, and for a whole number beyond 64 bits, which number then holds. */
static dzr_status take_scalar(dzr__json_infer *infer, dzr__json_walk *walk, unsigned *kind, dzr_error *err)
{
    dzr__json_number number;
    dzr_bytes text;
    bool replaced = false;
    const uint8_t first = dzr__json_peek(walk);
    *kind = 0;
    if (first == '"') {
        *kind = SEEN_STRING;
        return dzr__json_take_string(walk, &infer->scratch, &text, &replaced, err);
    }
    if (first == 't' || first == 'f') {
        *kind = SEEN_BOOL;
        return dzr__json_take_literal(walk, first == 't' ? "true" : "false", first == 't' ? 4 : 5, err);
    }
    if (first == 'n')
        return dzr__json_take_literal(walk, "null", 4, err);
    if (first != '-' && (first < '0' || first > '9'))
        return dzr__json_unexpected(walk, *walk->next, "a value", err);
    const uint32_t *const start = walk->next;
    DZR_TRY(dzr__json_take_number(walk, &number, err));
    if (!number.whole)
        *kind = SEEN_REAL;
    else if (number.exact && number.mantissa <= (uint64_t)INT64_MAX + number.negative)
        *kind = number.negative ? SEEN_NEGATIVE : SEEN_WHOLE;
    else if (number.exact && !number.negative)
        *kind = SEEN_LARGE;
    if (*kind != 0)
        return DZR_OK;
    char shown[DZR__JSON_SHOWN];
    dzr__json_describe(walk, start, shown);
    return dzr_fail(err, DZR_ERR_TYPE, "%s is outside the range of int64 and uint64", shown);
}

static const char *kind_name(unsigned kinds)
{
    return kinds & SEEN_OBJECT   ? "object"
           : kinds & SEEN_LIST   ? "array"
           : kinds & SEEN_BOOL   ? "bool"
           : kinds & SEEN_STRING ? "string"
           : kinds & SEEN_REAL   ? "number"
           : kinds & SEEN_LARGE  ? "whole number beyond int64"
                                 : "whole number";
}

/* Whether one type holds all these kinds. */
static bool agree(unsigned kinds)
{
    if ((kinds & (SEEN_BOOL | SEEN_STRING | SEEN_OBJECT | SEEN_LIST)) != 0)
        return (kinds & (kinds - 1)) == 0;
    return (kinds & SEEN_REAL) != 0 || (kinds & (SEEN_NEGATIVE | SEEN_LARGE)) != (SEEN_NEGATIVE | SEEN_LARGE);
}

/* The way to a member, as in `a.b[].c`; bytes written. */
static size_t show_path(const dzr__json_infer *infer, int32_t index, char *out, size_t room)
{
    const dzr__json_seen *const seen = &infer->seen[index];
    const bool is_element = seen->parent != NONE && (infer->seen[seen->parent].kinds & SEEN_LIST) != 0;
    size_t n = seen->parent == NONE ? 0 : show_path(infer, seen->parent, out, room);
    if (room - n < DZR__JSON_SHOWN)
        return n;
    if (is_element) {
        memcpy(out + n, "[]", 3);
    } else {
        if (n > 0)
            out[n++] = '.';
        dzr__json_show(seen->name, "", out + n, DZR__JSON_SHOWN - 1);
    }
    return n + strlen(out + n);
}

enum { PATH_BYTES = 300 };

/* Adds a kind to what was seen before, if both have a type in common. */
static dzr_status add_kind(dzr__json_infer *infer, int32_t index, unsigned kind, dzr_error *err)
{
    dzr__json_seen *const seen = &infer->seen[index];
    if (kind != 0 && seen->kinds != 0 && !agree(seen->kinds | kind)) {
        char path[PATH_BYTES];
        (void)show_path(infer, index, path, sizeof path);
        const bool vowel = (kind & (SEEN_OBJECT | SEEN_LIST)) != 0;
        const bool vowel_before = (seen->kinds & (SEEN_OBJECT | SEEN_LIST)) != 0;
        return dzr_fail(err, DZR_ERR_TYPE, "member \"%s\": %s %s, where an earlier %s %s %s", path, vowel ? "an" : "a",
                kind_name(kind), strstr(path, "[]") != NULL ? "element has" : "record has", vowel_before ? "an" : "a",
                kind_name(seen->kinds));
    }
    seen->kinds |= kind;
    return DZR_OK;
}

static dzr_status take_items(dzr__json_infer *infer, dzr__json_walk *walk, int32_t parent, int depth, dzr_error *err);

static dzr_status take_value(dzr__json_infer *infer, dzr__json_walk *walk, int32_t index, int depth, dzr_error *err)
{
    const uint8_t first = dzr__json_peek(walk);
    unsigned kind = 0;
    if (first == '{' || first == '[') {
        if (depth == DZR_MAX_DEPTH) {
            const dzr_status st = dzr_fail(err, DZR_ERR_LIMIT, "byte %u: nests deeper than the %d levels allowed",
                    *walk->next, (int)DZR_MAX_DEPTH);
            if (err != NULL)
                err->offset = *walk->next;
            return st;
        }
        DZR_TRY(add_kind(infer, index, first == '{' ? SEEN_OBJECT : SEEN_LIST, err));
        return take_items(infer, walk, index, depth + 1, err);
    }
    const dzr_status st = take_scalar(infer, walk, &kind, err);
    if (st == DZR_ERR_TYPE) {
        char path[PATH_BYTES];
        (void)show_path(infer, index, path, sizeof path);
        return dzr_fail_at(err, st, "member \"%s\": ", path);
    }
    return st == DZR_OK ? add_kind(infer, index, kind, err) : st;
}

/* A member's name and its colon. */
static dzr_status take_name(dzr__json_infer *infer, dzr__json_walk *walk, int32_t parent, const char *wanted,
        int32_t *index, dzr_error *err)
{
    dzr_bytes name;
    bool replaced = false;
    if (dzr__json_peek(walk) != '"')
        return dzr__json_unexpected(walk, *walk->next, wanted, err);
    infer->scratch.len = 0;
    DZR_TRY(dzr__json_take_string(walk, &infer->scratch, &name, &replaced, err));
    DZR_TRY(find(infer, parent, name, index, err));
    if (dzr__json_peek(walk) != ':')
        return dzr__json_unexpected(walk, *walk->next, "':' after a member name", err);
    walk->next++;
    return DZR_OK;
}

/* What is in the object or array at the next token: member `parent`'s, or with NONE a record. All elements of a list
 * are one member, called as Arrow and Parquet call it; there is one for a list that is empty, too. */
static dzr_status take_items(dzr__json_infer *infer, dzr__json_walk *walk, int32_t parent, int depth, dzr_error *err)
{
    const bool is_object = walk->text[*walk->next++] == '{';
    const uint8_t closing = is_object ? '}' : ']';
    int32_t index = NONE;
    if (!is_object)
        DZR_TRY(find(infer, parent, (dzr_bytes){(const uint8_t *)"element", 7}, &index, err));
    if (dzr__json_peek(walk) == closing) {
        walk->next++;
        return DZR_OK;
    }
    for (const char *wanted = "a member name or '}'";; wanted = "a member name") {
        if (is_object)
            DZR_TRY(take_name(infer, walk, parent, wanted, &index, err));
        DZR_TRY(take_value(infer, walk, index, depth, err));
        const uint8_t byte = dzr__json_peek(walk);
        if (byte != ',' && byte != closing)
            return dzr__json_unexpected(
                    walk, *walk->next, is_object ? "',' or '}' after a value" : "',' or ']' after a value", err);
        walk->next++;
        if (byte == closing)
            return DZR_OK;
    }
}

dzr_status dzr__json_infer_record(dzr__json_infer *infer, dzr__json_walk *walk, dzr_error *err)
{
    infer->n_records++;
    if (dzr__json_peek(walk) != '{') {
        uint8_t stack[16];
        const uint32_t *const first = walk->next;
        DZR_TRY(dzr__json_skip(walk, stack, sizeof stack * 8, &infer->scratch, err));
        return dzr__json_not_a(walk, first, "an object", err);
    }
    return take_items(infer, walk, NONE, 1, err);
}

/* ---- types ---- */

static dzr_type_id type_of(unsigned kinds)
{
    if (kinds == SEEN_OBJECT)
        return DZR_TYPE_STRUCT;
    if (kinds == SEEN_LIST)
        return DZR_TYPE_LIST;
    if (kinds == SEEN_BOOL)
        return DZR_TYPE_BOOL;
    if (kinds == SEEN_STRING || kinds == 0)
        return DZR_TYPE_STRING;
    if ((kinds & SEEN_REAL) != 0)
        return DZR_TYPE_DOUBLE;
    return (kinds & SEEN_LARGE) != 0 ? DZR_TYPE_UINT64 : DZR_TYPE_INT64;
}

/* next has room for an index of each. How many fields a record has. */
static int32_t fill_fields(const dzr__json_infer *infer, dzr_field *fields, int32_t *next)
{
    int32_t n_top = 0, start = 0, at = 0;
    for (int32_t i = 0; i < infer->n_seen; i++)
        n_top += infer->seen[i].parent == NONE;
    start = n_top;
    for (int32_t i = 0; i < infer->n_seen; i++) {
        const dzr__json_seen *const seen = &infer->seen[i];
        /* a parent was seen before its children, so next[parent] is where its next child goes */
        dzr_field *const field = &fields[seen->parent == NONE ? at++ : next[seen->parent]++];
        *field = (dzr_field){.name = (const char *)seen->name.at, .type.id = type_of(seen->kinds), .nullable = true};
        if (seen->n_children > 0)
            field->children = &fields[start];
        field->n_children = seen->n_children;
        next[i] = start;
        start += seen->n_children;
    }
    return n_top;
}

dzr_status dzr__json_infer_schema(const dzr__json_infer *infer, dzr_schema **out, dzr_error *err)
{
    if (infer->n_records == 0)
        return dzr_fail(err, DZR_ERR_TYPE, "no record from which columns could be inferred");
    if (infer->n_seen == 0)
        return dzr_fail(err, DZR_ERR_TYPE, "the records have no members from which columns could be inferred");
    /* Fields of one parent stand together: records' first, then those of each member in its turn. */
    dzr_field *const fields = dzr_alloc_zeroed(infer->alloc, (size_t)infer->n_seen, sizeof *fields, err);
    int32_t *const next = dzr_alloc_zeroed(infer->alloc, (size_t)infer->n_seen, sizeof *next, err);
    dzr_status st = fields == NULL || next == NULL ? DZR_ERR_NOMEM : DZR_OK;
    if (st == DZR_OK)
        st = dzr_schema_new(fields, fill_fields(infer, fields, next), infer->alloc, out, err);
    dzr_release(infer->alloc, fields);
    dzr_release(infer->alloc, next);
    return st;
}
