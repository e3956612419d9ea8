/* tests/record/everything.h - a record with a member of every kind, what stands in row i of it, and what differs
 * between two. test_interop.py has the same rules in Python. */
#ifndef TESTS_EVERYTHING_H
#define TESTS_EVERYTHING_H

#include <datarizer/dataframe.h>

#include <stdio.h>
#include <string.h>

#define SCALARS(X)                                                                                                     \
    X(b, bool, DZR_BOOL)                                                                                               \
    X(i8, int8_t, DZR_INT8)                                                                                            \
    X(i16, int16_t, DZR_INT16)                                                                                         \
    X(i32, int32_t, DZR_INT32)                                                                                         \
    X(i64, int64_t, DZR_INT64)                                                                                         \
    X(u8, uint8_t, DZR_UINT8)                                                                                          \
    X(u16, uint16_t, DZR_UINT16)                                                                                       \
    X(u32, uint32_t, DZR_UINT32)                                                                                       \
    X(u64, uint64_t, DZR_UINT64)                                                                                       \
    X(f, float, DZR_FLOAT)                                                                                             \
    X(d, double, DZR_DOUBLE)                                                                                           \
    X(day, int32_t, DZR_DATE)                                                                                          \
    X(ms, int64_t, DZR_TIMESTAMP(DZR_UNIT_MS, true))                                                                   \
    X(us, int64_t, DZR_TIMESTAMP(DZR_UNIT_US, false))                                                                  \
    X(ns, int64_t, DZR_TIMESTAMP(DZR_UNIT_NS, true))
#define TEXTS(X)                                                                                                       \
    X(s, dzr_bytes, DZR_STRING)                                                                                        \
    X(raw, dzr_bytes, DZR_BINARY)

#define MEMBER(name, c_type, ...) c_type name;
#define MEMBER_AND_FLAG(name, c_type, ...)                                                                             \
    c_type name;                                                                                                       \
    bool has_##name;
#define LINE(name, c_type, ...) DZR_FIELD(kinds, name, __VA_ARGS__),
#define OPTIONAL_LINE(name, c_type, ...) DZR_OPTIONAL(maybe_kinds, name, has_##name, __VA_ARGS__),

typedef struct kinds {
    SCALARS(MEMBER)
    TEXTS(MEMBER)
} kinds;
static const dzr_record_field kinds_fields[] = {SCALARS(LINE) TEXTS(LINE)};
static const dzr_record_type kinds_type = DZR_RECORD(kinds, kinds_fields);

typedef struct maybe_kinds {
    SCALARS(MEMBER_AND_FLAG)
    TEXTS(MEMBER_AND_FLAG)
} maybe_kinds;
static const dzr_record_field maybe_kinds_fields[] = {SCALARS(OPTIONAL_LINE) TEXTS(OPTIONAL_LINE)};
static const dzr_record_type maybe_kinds_type = DZR_RECORD(maybe_kinds, maybe_kinds_fields);

typedef struct part {
    dzr_bytes label;
    dzr_list marks; /* of int64_t */
    int32_t n;
    bool has_n;
} part;
static const dzr_record_field mark = DZR_ELEMENT(int64_t, DZR_INT64);
static const dzr_record_field part_fields[] = {
        DZR_FIELD(part, label, DZR_STRING),
        DZR_FIELD(part, marks, DZR_LIST(&mark)),
        DZR_OPTIONAL(part, n, has_n, DZR_INT32),
};
static const dzr_record_type part_type = DZR_RECORD(part, part_fields);

typedef struct hole {
    double x;
    bool is_there;
} hole;
static const dzr_record_field hole_fields[] = {DZR_FIELD(hole, x, DZR_DOUBLE)};
static const dzr_record_type hole_type = DZR_RECORD(hole, hole_fields);

typedef struct everything {
    int64_t id;
    kinds all;
    maybe_kinds some;
    part one;
    part other;
    bool has_other;
    dzr_list numbers; /* of int32_t */
    dzr_list names;   /* of dzr_bytes */
    bool has_names;
    dzr_list parts; /* of part */
    dzr_list holes; /* of hole, some of them null */
    dzr_list grid;  /* of lists of double */
    dzr_record_info info;
} everything;
static const dzr_record_field number = DZR_ELEMENT(int32_t, DZR_INT32);
static const dzr_record_field name = DZR_ELEMENT(dzr_bytes, DZR_STRING);
static const dzr_record_field a_part = DZR_ELEMENT(part, DZR_STRUCT(&part_type));
static const dzr_record_field a_hole = DZR_OPTIONAL_ELEMENT(hole, is_there, DZR_STRUCT(&hole_type));
static const dzr_record_field cell = DZR_ELEMENT(double, DZR_DOUBLE);
static const dzr_record_field grid_row = DZR_ELEMENT(dzr_list, DZR_LIST(&cell));
static const dzr_record_field everything_fields[] = {
        DZR_FIELD(everything, id, DZR_INT64),
        DZR_FIELD(everything, all, DZR_STRUCT(&kinds_type)),
        DZR_FIELD(everything, some, DZR_STRUCT(&maybe_kinds_type)),
        DZR_FIELD(everything, one, DZR_STRUCT(&part_type)),
        DZR_OPTIONAL(everything, other, has_other, DZR_STRUCT(&part_type)),
        DZR_FIELD(everything, numbers, DZR_LIST(&number)),
        DZR_OPTIONAL(everything, names, has_names, DZR_LIST(&name)),
        DZR_FIELD(everything, parts, DZR_LIST(&a_part)),
        DZR_FIELD(everything, holes, DZR_LIST(&a_hole)),
        DZR_FIELD(everything, grid, DZR_LIST(&grid_row)),
        DZR_RECORD_INFO(everything, info),
};
static const dzr_record_type everything_type = DZR_RECORD(everything, everything_fields);

/* ---- row i ---- */

/* What a row points at. */
typedef struct part_store {
    char label[32];
    int64_t marks[2];
} part_store;
typedef struct everything_store {
    char s[32], source[32];
    uint8_t raw[3];
    part_store parts[5];
    part items[3];
    int32_t numbers[4];
    char name_text[3][32];
    dzr_bytes names[3];
    hole holes[4];
    double cells[3][3];
    dzr_list rows[3];
} everything_store;

static inline dzr_bytes printed(char out[32], const char *format, int64_t i)
{
    char text[32];
    const int n = snprintf(text, sizeof text, format, (long long)i);
    memcpy(out, text, sizeof text);
    return (dzr_bytes){(const uint8_t *)out, (size_t)n};
}

/* Values from both ends of a type's range and from around zero. */
static inline int64_t near_ends(int64_t i, int64_t min, int64_t max)
{
    const int64_t k = i / 3 % 50;
    return i % 3 == 0 ? min + k : i % 3 == 1 ? max - k : k;
}

static inline part make_part(int64_t i, part_store *store)
{
    store->marks[0] = i;
    store->marks[1] = -2 * i;
    return (part){.label = printed(store->label, "part %lld of many", i),
            .marks = {store->marks, (size_t)(i % 3)},
            .n = i % 2 == 0 ? (int32_t)(i % 1000) : 0,
            .has_n = i % 2 == 0};
}

static inline kinds make_kinds(int64_t i, everything_store *store)
{
    memcpy(store->raw, (const uint8_t[]){(uint8_t)i, 0, 255}, 3);
    return (kinds){.b = i % 2 == 1,
            .i8 = (int8_t)near_ends(i, INT8_MIN, INT8_MAX),
            .i16 = (int16_t)near_ends(i, INT16_MIN, INT16_MAX),
            .i32 = (int32_t)near_ends(i, INT32_MIN, INT32_MAX),
            .i64 = near_ends(i, INT64_MIN, INT64_MAX),
            .u8 = (uint8_t)near_ends(i, 0, UINT8_MAX),
            .u16 = (uint16_t)near_ends(i, 0, UINT16_MAX),
            .u32 = (uint32_t)near_ends(i, 0, UINT32_MAX),
            .u64 = UINT64_MAX - (uint64_t)i,
            .f = (float)(i % 1000) / 8 - 3,
            .d = (double)i / 10,
            .day = (int32_t)near_ends(i, -25000, 25000),
            .ms = near_ends(i, -60000, 1700000000123),
            .us = near_ends(i, -1, 1700000000123456),
            .ns = near_ends(i, 1, 1700000000123456789),
            .s = i % 5 == 0 ? (dzr_bytes){NULL, 0}
                            : printed(store->s, "Z\u00fcrich \"%lld\"", i % 5 == 1 ? i : i << 40),
            .raw = {store->raw, (size_t)(i % 4 % 3)}};
}

static inline maybe_kinds make_maybe(const kinds *k, bool there)
{
    maybe_kinds m = {.has_b = there};
#define SET(member, c_type, ...)                                                                                       \
    m.has_##member = there;                                                                                            \
    if (there)                                                                                                         \
        m.member = k->member;
    SCALARS(SET)
    TEXTS(SET)
#undef SET
    return m;
}

static inline everything make_row(int64_t i, everything_store *store)
{
    everything e = {.id = i, .all = make_kinds(i, store), .one = make_part(i, &store->parts[0])};
    e.some = make_maybe(&e.all, i % 4 != 0);
    e.has_other = i % 3 != 0;
    if (e.has_other)
        e.other = make_part(i + 1, &store->parts[1]);
    for (int k = 0; k < 4; k++) {
        store->numbers[k] = (int32_t)(i + k);
        store->holes[k] = (hole){.x = k % 2 == 0 ? (double)k / 4 : 0, .is_there = k % 2 == 0};
    }
    e.numbers = (dzr_list){store->numbers, (size_t)(i % 4)};
    e.holes = (dzr_list){store->holes, (size_t)(i % 5 % 4)};
    for (int k = 0; k < 3; k++) {
        store->names[k] = printed(store->name_text[k], "name %lld", k);
        store->items[k] = make_part(i + 10 * k, &store->parts[2 + k]);
        for (int c = 0; c <= k; c++)
            store->cells[k][c] = (double)(k * 10 + c);
        store->rows[k] = (dzr_list){store->cells[k], (size_t)k};
    }
    e.has_names = i % 5 != 0;
    if (e.has_names)
        e.names = (dzr_list){store->names, (size_t)(i % 3)};
    e.parts = (dzr_list){store->items, (size_t)(i % 3)};
    e.grid = (dzr_list){store->rows, (size_t)(i % 4)};
    if (i % 4 == 3)
        e.grid.n_items = 3;
    e.info = (dzr_record_info){e.all.s, e.one.label, 1700000000000 + i, printed(store->source, "source %lld", i % 7)};
    return e;
}

/* ---- what differs ---- */

#define SAME(condition, what)                                                                                          \
    if (!(condition))                                                                                                  \
    return what

static inline bool same_bytes(dzr_bytes a, dzr_bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline const char *part_difference(const part *a, const part *b)
{
    SAME(same_bytes(a->label, b->label), "part.label");
    SAME(a->has_n == b->has_n && a->n == b->n, "part.n");
    SAME(a->marks.n_items == b->marks.n_items, "part.marks");
    const int64_t *const left = a->marks.items, *const right = b->marks.items;
    for (size_t i = 0; i < a->marks.n_items; i++)
        SAME(left[i] == right[i], "part.marks[]");
    return NULL;
}

static inline const char *scalar_difference(const everything *a, const everything *b)
{
#define SAME_SCALAR(member, c_type, ...)                                                                               \
    SAME(memcmp(&a->all.member, &b->all.member, sizeof(c_type)) == 0, "all." #member);                                 \
    SAME(a->some.has_##member == b->some.has_##member, "some." #member " (null)");                                     \
    SAME(memcmp(&a->some.member, &b->some.member, sizeof(c_type)) == 0, "some." #member);
#define SAME_TEXT(member, c_type, ...)                                                                                 \
    SAME(same_bytes(a->all.member, b->all.member), "all." #member);                                                    \
    SAME(a->some.has_##member == b->some.has_##member, "some." #member " (null)");                                     \
    SAME(same_bytes(a->some.member, b->some.member), "some." #member);
    SCALARS(SAME_SCALAR)
    TEXTS(SAME_TEXT)
#undef SAME_SCALAR
#undef SAME_TEXT
    return NULL;
}

static inline const char *list_difference(const everything *a, const everything *b)
{
    SAME(a->numbers.n_items == b->numbers.n_items, "numbers");
    for (size_t i = 0; i < a->numbers.n_items; i++)
        SAME(((const int32_t *)a->numbers.items)[i] == ((const int32_t *)b->numbers.items)[i], "numbers[]");
    SAME(a->has_names == b->has_names && a->names.n_items == b->names.n_items, "names");
    for (size_t i = 0; i < a->names.n_items; i++)
        SAME(same_bytes(((const dzr_bytes *)a->names.items)[i], ((const dzr_bytes *)b->names.items)[i]), "names[]");
    SAME(a->parts.n_items == b->parts.n_items, "parts");
    for (size_t i = 0; i < a->parts.n_items; i++) {
        const char *const what = part_difference((const part *)a->parts.items + i, (const part *)b->parts.items + i);
        SAME(what == NULL, what);
    }
    SAME(a->holes.n_items == b->holes.n_items, "holes");
    for (size_t i = 0; i < a->holes.n_items; i++) {
        const hole left = ((const hole *)a->holes.items)[i], right = ((const hole *)b->holes.items)[i];
        SAME(left.is_there == right.is_there && memcmp(&left.x, &right.x, sizeof left.x) == 0, "holes[]");
    }
    SAME(a->grid.n_items == b->grid.n_items, "grid");
    for (size_t i = 0; i < a->grid.n_items; i++) {
        const dzr_list left = ((const dzr_list *)a->grid.items)[i], right = ((const dzr_list *)b->grid.items)[i];
        SAME(left.n_items == right.n_items, "grid[]");
        SAME(left.n_items == 0 || memcmp(left.items, right.items, left.n_items * sizeof(double)) == 0, "grid[][]");
    }
    return NULL;
}

/* The first member that is not the same, or NULL. */
static inline const char *difference(const everything *a, const everything *b)
{
    SAME(a->id == b->id, "id");
    const char *what = scalar_difference(a, b);
    what = what != NULL ? what : list_difference(a, b);
    what = what != NULL ? what : part_difference(&a->one, &b->one);
    what = what != NULL ? what : part_difference(&a->other, &b->other);
    SAME(what == NULL, what);
    SAME(a->has_other == b->has_other, "other");
    SAME(same_bytes(a->info.raw_data, b->info.raw_data), "_raw_data");
    SAME(same_bytes(a->info.row_hash, b->info.row_hash), "_row_hash");
    SAME(a->info.ingest_timestamp == b->info.ingest_timestamp, "_ingest_timestamp");
    SAME(same_bytes(a->info.source_info, b->info.source_info), "_source_info");
    return NULL;
}

#endif
