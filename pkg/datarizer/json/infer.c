/* json/infer.c - a schema from what the first records of a file hold. Called by lines.c when it was given none.
 * Each member keeps the set of kinds it was seen with; at the end each set has one type, or was refused before. */
#include "json/internal.h"

enum { /* kinds of value, as bits */
    SEEN_BOOL = 1,
    SEEN_STRING = 2,
    SEEN_REAL = 4,
    SEEN_NEGATIVE = 8, /* whole numbers: within int64 and below 0, within int64, beyond it within uint64 */
    SEEN_WHOLE = 16,
    SEEN_LARGE = 32,
};

struct dzr__json_seen {
    dzr_bytes name; /* NUL-terminated, in the arena */
    unsigned kinds;
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
static uint32_t slot_of(const dzr__json_infer *infer, dzr_bytes name)
{
    const uint32_t mask = infer->n_slots - 1;
    uint32_t i = dzr__json_hash(name) & mask;
    for (; infer->table[i] != 0; i = (i + 1) & mask) {
        const dzr_bytes have = infer->seen[infer->table[i] - 1].name;
        if (have.len == name.len && memcmp(have.at, name.at, name.len) == 0)
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
        table[slot_of(infer, seen[i].name)] = i + 1;
    return DZR_OK;
}

static dzr_status find(dzr__json_infer *infer, dzr_bytes name, int32_t *index, dzr_error *err)
{
    if (infer->n_seen == infer->cap_seen)
        DZR_TRY(grow(infer, err));
    const uint32_t slot = slot_of(infer, name);
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
    infer->seen[*index] = (dzr__json_seen){.name = {(const uint8_t *)text, name.len}};
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
    return kinds & SEEN_BOOL     ? "bool"
           : kinds & SEEN_STRING ? "string"
           : kinds & SEEN_REAL   ? "number"
           : kinds & SEEN_LARGE  ? "whole number beyond int64"
                                 : "whole number";
}

/* Whether one type holds all these kinds. */
static bool agree(unsigned kinds)
{
    if ((kinds & (SEEN_BOOL | SEEN_STRING)) != 0)
        return kinds == SEEN_BOOL || kinds == SEEN_STRING;
    return (kinds & SEEN_REAL) != 0 || (kinds & (SEEN_NEGATIVE | SEEN_LARGE)) != (SEEN_NEGATIVE | SEEN_LARGE);
}

static dzr_status take_member(dzr__json_infer *infer, dzr__json_walk *walk, const char *wanted, dzr_error *err)
{
    dzr_bytes name;
    bool replaced = false;
    int32_t index = 0;
    if (dzr__json_peek(walk) != '"')
        return dzr__json_unexpected(walk, *walk->next, wanted, err);
    infer->scratch.len = 0;
    DZR_TRY(dzr__json_take_string(walk, &infer->scratch, &name, &replaced, err));
    DZR_TRY(find(infer, name, &index, err));
    if (dzr__json_peek(walk) != ':')
        return dzr__json_unexpected(walk, *walk->next, "':' after a member name", err);
    walk->next++;
    const uint8_t first = dzr__json_peek(walk);
    dzr__json_seen *const seen = &infer->seen[index];
    char shown[DZR__JSON_SHOWN];
    dzr__json_show(seen->name, "", shown, sizeof shown);
    if (first == '{' || first == '[')
        return dzr_fail(err, DZR_ERR_UNSUPPORTED, "member \"%s\": %s; only flat records can be read", shown,
                first == '{' ? "an object" : "an array");
    unsigned kind = 0;
    const dzr_status st = take_scalar(infer, walk, &kind, err);
    if (st != DZR_OK)
        return st == DZR_ERR_TYPE ? dzr_fail_at(err, st, "member \"%s\": ", shown) : st;
    if (kind != 0 && seen->kinds != 0 && !agree(seen->kinds | kind))
        return dzr_fail(err, DZR_ERR_TYPE, "member \"%s\": a %s, where an earlier record has a %s", shown,
                kind_name(kind), kind_name(seen->kinds));
    seen->kinds |= kind;
    return DZR_OK;
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
    walk->next++;
    if (dzr__json_peek(walk) == '}') {
        walk->next++;
        return DZR_OK;
    }
    for (const char *wanted = "a member name or '}'";; wanted = "a member name") {
        DZR_TRY(take_member(infer, walk, wanted, err));
        const uint8_t byte = dzr__json_peek(walk);
        if (byte != ',' && byte != '}')
            return dzr__json_unexpected(walk, *walk->next, "',' or '}' after a value", err);
        walk->next++;
        if (byte == '}')
            return DZR_OK;
    }
}

/* ---- types ---- */

static dzr_type_id type_of(unsigned kinds)
{
    if (kinds == SEEN_BOOL)
        return DZR_TYPE_BOOL;
    if (kinds == SEEN_STRING || kinds == 0)
        return DZR_TYPE_STRING;
    if ((kinds & SEEN_REAL) != 0)
        return DZR_TYPE_DOUBLE;
    return (kinds & SEEN_LARGE) != 0 ? DZR_TYPE_UINT64 : DZR_TYPE_INT64;
}

dzr_status dzr__json_infer_schema(const dzr__json_infer *infer, dzr_schema **out, dzr_error *err)
{
    if (infer->n_records == 0)
        return dzr_fail(err, DZR_ERR_TYPE, "no record from which columns could be inferred");
    if (infer->n_seen == 0)
        return dzr_fail(err, DZR_ERR_TYPE, "the records have no members from which columns could be inferred");
    dzr_field *const fields = dzr_alloc_zeroed(infer->alloc, (size_t)infer->n_seen, sizeof *fields, err);
    if (fields == NULL)
        return DZR_ERR_NOMEM;
    for (int32_t i = 0; i < infer->n_seen; i++) {
        fields[i].name = (const char *)infer->seen[i].name.at;
        fields[i].type.id = type_of(infer->seen[i].kinds);
        fields[i].nullable = true;
    }
    const dzr_status st = dzr_schema_new(fields, infer->n_seen, infer->alloc, out, err);
    dzr_release(infer->alloc, fields);
    return st;
}
