/* datarizer/record.h - a C struct described once by a table of its members: then JSON becomes such structs, and
 * dataframe.h keeps them, and writes and reads them as Parquet and JSON lines.
 *
 *     typedef struct city { dzr_bytes name; int64_t people; double height; bool has_height; } city;
 *     static const dzr_record_field fields[] = {
 *         DZR_FIELD(city, name, DZR_STRING),
 *         DZR_FIELD(city, people, DZR_INT64),
 *         DZR_OPTIONAL(city, height, has_height, DZR_DOUBLE),
 *     };
 *     static const dzr_record_type city_type = DZR_RECORD(city, fields);
 */
#ifndef DATARIZER_RECORD_H
#define DATARIZER_RECORD_H

#include <datarizer/frame.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A LIST member: n_items items one after the other, each of the element's size. */
typedef struct dzr_list {
    const void *items;
    size_t n_items;
} dzr_list;

/* What a member is to C, so that a table that says another type is found out. The macros below fill it in. */
typedef enum dzr_member_kind {
    DZR_MEMBER_ANY, /* not known: a line that was written without the macros */
    DZR_MEMBER_BOOL,
    DZR_MEMBER_SIGNED,
    DZR_MEMBER_UNSIGNED,
    DZR_MEMBER_REAL,
    DZR_MEMBER_BYTES,
    DZR_MEMBER_LIST,
    DZR_MEMBER_OTHER
} dzr_member_kind;

/* One member. What holds a value of each type: BOOL bool, INTn intn_t, UINTn uintn_t, FLOAT float, DOUBLE double,
 * HALF float, STRING and BINARY dzr_bytes, FIXED uint8_t[width], DATE int32_t, TIMESTAMP int64_t, TIME int32_t in ms
 * and int64_t in us and ns, UUID uint8_t[16], DECIMAL dzr_decimal or, up to 18 digits, int64_t, STRUCT a struct, LIST a
 * dzr_list. MAP and NULL have none. */
typedef struct dzr_record_field {
    const char *name;     /* of the column */
    size_t offset, size;  /* of the member, in bytes */
    dzr_member_kind kind; /* of the member */
    size_t present;       /* with is_optional: the offset of a bool that says there is a value */
    bool is_optional;     /* a nullable column */
    dzr_type type;
    const struct dzr_record_type *record;   /* STRUCT: its members */
    const struct dzr_record_field *element; /* LIST: an item, at offset 0 of itself; its name stands nowhere */
    const char *json_name;                  /* of the member in JSON; NULL: name */
    bool json_number;                       /* DATE, TIMESTAMP: in JSON a number, never a text */
} dzr_record_field;

typedef struct dzr_record_type {
    const char *name; /* in messages: "datarizer.Student" */
    size_t size;      /* sizeof the struct */
    const dzr_record_field *fields;
    int32_t n_fields;
} dzr_record_type;

/* What follows the member's name in a line of the table; more may follow, `.json_name = "Name"`. */
#define DZR_BOOL .type = {.id = DZR_TYPE_BOOL}
#define DZR_INT8 .type = {.id = DZR_TYPE_INT8}
#define DZR_INT16 .type = {.id = DZR_TYPE_INT16}
#define DZR_INT32 .type = {.id = DZR_TYPE_INT32}
#define DZR_INT64 .type = {.id = DZR_TYPE_INT64}
#define DZR_UINT8 .type = {.id = DZR_TYPE_UINT8}
#define DZR_UINT16 .type = {.id = DZR_TYPE_UINT16}
#define DZR_UINT32 .type = {.id = DZR_TYPE_UINT32}
#define DZR_UINT64 .type = {.id = DZR_TYPE_UINT64}
#define DZR_FLOAT .type = {.id = DZR_TYPE_FLOAT}
#define DZR_DOUBLE .type = {.id = DZR_TYPE_DOUBLE}
#define DZR_STRING .type = {.id = DZR_TYPE_STRING}
#define DZR_BINARY .type = {.id = DZR_TYPE_BINARY}
#define DZR_DATE .type = {.id = DZR_TYPE_DATE}
#define DZR_TIMESTAMP(unit_, utc_) .type = {.id = DZR_TYPE_TIMESTAMP, .unit = (unit_), .utc = (utc_)}
#define DZR_TIME(unit_, utc_) .type = {.id = DZR_TYPE_TIME, .unit = (unit_), .utc = (utc_)}
#define DZR_HALF .type = {.id = DZR_TYPE_HALF}
#define DZR_FIXED(width_) .type = {.id = DZR_TYPE_FIXED, .width = (width_)}
#define DZR_UUID .type = {.id = DZR_TYPE_UUID}
#define DZR_DECIMAL(precision_, scale_) .type = {.id = DZR_TYPE_DECIMAL, .precision = (precision_), .scale = (scale_)}
#define DZR_STRUCT(record_) .type = {.id = DZR_TYPE_STRUCT}, .record = (record_)
#define DZR_LIST(element_) .type = {.id = DZR_TYPE_LIST}, .element = (element_)

#ifdef __cplusplus
#define DZR_MEMBER_KIND(value) DZR_MEMBER_ANY
#define DZR_FLAG_OFFSET(record, flag) offsetof(record, flag)
#else
/* clang-format off */
#define DZR_MEMBER_KIND(value)                                                                                         \
    _Generic((value),                                                                                                  \
        bool: DZR_MEMBER_BOOL,                                                                                         \
        signed char: DZR_MEMBER_SIGNED, short: DZR_MEMBER_SIGNED, int: DZR_MEMBER_SIGNED,                              \
        long: DZR_MEMBER_SIGNED, long long: DZR_MEMBER_SIGNED,                                                         \
        unsigned char: DZR_MEMBER_UNSIGNED, unsigned short: DZR_MEMBER_UNSIGNED, unsigned int: DZR_MEMBER_UNSIGNED,    \
        unsigned long: DZR_MEMBER_UNSIGNED, unsigned long long: DZR_MEMBER_UNSIGNED,                                   \
        float: DZR_MEMBER_REAL, double: DZR_MEMBER_REAL,                                                               \
        dzr_bytes: DZR_MEMBER_BYTES, dzr_list: DZR_MEMBER_LIST,                                                        \
        default: DZR_MEMBER_OTHER)
/* clang-format on */
/* Does not compile for a flag that is no bool. */
#define DZR_FLAG_OFFSET(record, flag) _Generic(((record *)0)->flag, bool : offsetof(record, flag))
#endif

/* DZR_FIELD(city, people, DZR_INT64): a member that always has a value, and a column of its name. */
#define DZR_FIELD(record, member, ...) DZR_FIELD_AS(#member, record, member, __VA_ARGS__)
/* DZR_OPTIONAL(city, height, has_height, DZR_DOUBLE): one that has a value where the bool has_height is true. */
#define DZR_OPTIONAL(record, member, flag, ...) DZR_OPTIONAL_AS(#member, record, member, flag, __VA_ARGS__)
/* The same with another name for the column. */
#define DZR_FIELD_AS(column, record, member, ...)                                                                      \
    {                                                                                                                  \
        .name = (column), .offset = offsetof(record, member), .size = sizeof(((record *)0)->member),                   \
        .kind = DZR_MEMBER_KIND(((record *)0)->member), __VA_ARGS__                                                    \
    }
#define DZR_OPTIONAL_AS(column, record, member, flag, ...)                                                             \
    {                                                                                                                  \
        .name = (column), .offset = offsetof(record, member), .size = sizeof(((record *)0)->member),                   \
        .kind = DZR_MEMBER_KIND(((record *)0)->member), .present = DZR_FLAG_OFFSET(record, flag), .is_optional = true, \
        __VA_ARGS__                                                                                                    \
    }
/* DZR_ELEMENT(int32_t, DZR_INT32): what a list's items are. */
#define DZR_ELEMENT(item, ...)                                                                                         \
    {                                                                                                                  \
        .name = "element", .size = sizeof(item), .kind = DZR_MEMBER_KIND(*(item *)0), __VA_ARGS__                      \
    }
/* DZR_OPTIONAL_ELEMENT(city, exists, DZR_STRUCT(&city_type)): structs, null where their bool `exists` is false. */
#define DZR_OPTIONAL_ELEMENT(item, flag, ...)                                                                          \
    {                                                                                                                  \
        .name = "element", .size = sizeof(item), .kind = DZR_MEMBER_KIND(*(item *)0),                                  \
        .present = DZR_FLAG_OFFSET(item, flag), .is_optional = true, __VA_ARGS__                                       \
    }
#define DZR_RECORD(record, fields_)                                                                                    \
    {                                                                                                                  \
        .name = #record, .size = sizeof(record), .fields = (fields_), .n_fields = sizeof(fields_) / sizeof *(fields_)  \
    }

/* Where a record came from. A struct that has it as a member gets it filled by whoever parses. */
typedef struct dzr_record_info {
    dzr_bytes raw_data;       /* the record's own bytes, exactly */
    dzr_bytes row_hash;       /* SHA-256 of them, 64 hexadecimal digits */
    int64_t ingest_timestamp; /* when it was parsed, in UTC milliseconds */
    dzr_bytes source_info;    /* what the caller says */
} dzr_record_info;

/* Columns _raw_data, _row_hash, _ingest_timestamp (timestamp[ms, UTC], in JSON a number) and _source_info. */
DZR_API extern const dzr_record_type dzr_record_info_type;
/* DZR_RECORD_INFO(student, info): the member, as the group `_recordinfo`. */
#define DZR_RECORD_INFO(record, member) DZR_FIELD_AS("_recordinfo", record, member, DZR_STRUCT(&dzr_record_info_type))

/* Whether the table makes sense: members are of their type and lie inside the struct, beside each other; each optional
 * one has a flag of its own; names are UTF-8 and do not repeat; no struct is inside itself. DZR_ERR_ARG names the
 * member's path. Everything below and dzr_dataframe_new check it. */
DZR_API DZR_MUST_CHECK dzr_status dzr_record_type_check(const dzr_record_type *type, dzr_error *err);
/* The schema of its columns. The caller frees it. Errors: as check, DZR_ERR_NOMEM. */
DZR_API DZR_MUST_CHECK dzr_status dzr_record_schema(
        const dzr_record_type *type, const dzr_allocator *alloc, dzr_schema **out, dzr_error *err);

/* Called with each record that was parsed or read, RecordInfo filled: it may refuse it (its status and message, with
 * the record's place before it, are what the caller gets; err is never NULL) or set members. Bytes that it sets must
 * last until the parser's next record; a dataframe copies them. */
typedef dzr_status (*dzr_record_hook)(void *ctx, void *record, dzr_error *err);

typedef struct dzr_record_parse_options {
    const char *source_info; /* NULL: "" */
    int64_t now_ms;          /* for _ingest_timestamp; 0: the clock's */
    dzr_record_hook hook;    /* may be NULL */
    void *ctx;
} dzr_record_parse_options;

/* Turns JSON into structs by the rules of Go's encoding/json, whose words its messages use: names match without regard
 * to case where none matches exactly, the last of a repeated one counts, unknown ones are skipped; null clears an
 * optional member and leaves another alone; a whole record of null is zero. Numbers fit their type exactly, floats are
 * rounded. STRING takes a string (bytes that are not UTF-8 become U+FFFD), BINARY a string of base64, DATE
 * "2024-01-31" or days since 1970, TIMESTAMP RFC 3339 or units since 1970 (both the number alone with json_number),
 * DECIMAL a number that fits exactly, TIME "12:34:56.789", FIXED base64 of as many bytes, UUID its text, STRUCT an
 * object, LIST an array. One thread at a time. */
typedef struct dzr_record_parser dzr_record_parser;

DZR_API DZR_MUST_CHECK dzr_status dzr_record_parser_new(
        const dzr_record_type *type, const dzr_allocator *alloc, dzr_record_parser **out, dzr_error *err);
DZR_API void dzr_record_parser_free(dzr_record_parser *parser); /* NULL is allowed */
/* Parses a text that is one value and nothing else into *record, which has room for the struct; its bytes and lists are
 * the parser's, or views into text and source_info, good until the next record. options may be NULL. When a value has a
 * wrong type the members that were right are set and the first wrong one is told; a syntax error goes first, and leaves
 * *record zero. Errors: DZR_ERR_SYNTAX (err->offset is the byte), DZR_ERR_TRUNCATED, DZR_ERR_TYPE, DZR_ERR_LIMIT
 * (10,000 arrays and objects inside each other), DZR_ERR_NOMEM, the hook's. */
DZR_API DZR_MUST_CHECK dzr_status dzr_record_parse(dzr_record_parser *parser, dzr_bytes text,
        const dzr_record_parse_options *options, void *record, dzr_error *err);

#ifdef __cplusplus
}
#endif
#endif
