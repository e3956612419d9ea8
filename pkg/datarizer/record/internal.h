/* record/internal.h - what the files of the room share: members of a struct by their description, copies, text. */
#ifndef DZR_RECORD_INTERNAL_H
#define DZR_RECORD_INTERNAL_H

#include "base/internal.h"
#include <datarizer/dataframe.h>

static inline void *dzr__member(void *record, const dzr_record_field *field)
{
    return (uint8_t *)record + field->offset;
}
static inline const void *dzr__member_of(const void *record, const dzr_record_field *field)
{
    return (const uint8_t *)record + field->offset;
}
static inline bool dzr__member_is_set(const void *record, const dzr_record_field *field)
{
    return !field->is_optional || *((const bool *)record + field->present);
}
static inline void dzr__member_mark(void *record, const dzr_record_field *field, bool is_set)
{
    if (field->is_optional)
        *((bool *)record + field->present) = is_set;
}
/* A DECIMAL member is a dzr_decimal, or an int64_t. */
static inline dzr_decimal dzr__member_decimal(const void *value, const dzr_record_field *field)
{
    int64_t narrow;
    dzr_decimal decimal;
    if (field->size == sizeof narrow) {
        memcpy(&narrow, value, sizeof narrow);
        return dzr_decimal_from_int(narrow);
    }
    memcpy(&decimal, value, sizeof decimal);
    return decimal;
}
/* A little-endian integer of 1 to 8 bytes, without a sign and with one. */
static inline uint64_t dzr__load_unsigned(const void *value, size_t size)
{
    uint64_t bits = 0;
    memcpy(&bits, value, size);
    return bits;
}
static inline int64_t dzr__load_signed(const void *value, size_t size)
{
    const unsigned shift = 64 - 8 * (unsigned)size;
    return (int64_t)(dzr__load_unsigned(value, size) << shift) >> shift;
}
static inline const char *dzr__json_name(const dzr_record_field *field)
{
    return field->json_name != NULL ? field->json_name : field->name;
}
static inline const uint8_t *dzr__item(const dzr_list *list, const dzr_record_field *element, size_t i)
{
    return (const uint8_t *)list->items + i * element->size;
}

/* ---- copy.c ---- */
/* Copies what the record at `from` points at into arena, and the record to `to`. DZR_ERR_NOMEM. */
DZR_MUST_CHECK dzr_status dzr__record_copy(
        const dzr_record_type *type, const void *from, void *to, dzr_arena *arena, dzr_error *err);

/* ---- parse.c ---- */
/* Without "failed to parse record: " before the message, RecordInfo and the hook: the caller sees to those. */
DZR_MUST_CHECK dzr_status dzr__record_parse_value(
        dzr_record_parser *parser, dzr_bytes text, void *record, dzr_error *err);
/* The elements of a text that is one array: of each its own bytes. *is_array is false for any other text, which is not
 * looked at further; its grammar is checked. */
typedef struct dzr__elements {
    const uint8_t *at; /* of the next */
} dzr__elements;
DZR_MUST_CHECK dzr_status dzr__elements_open(
        dzr_record_parser *parser, dzr_bytes text, dzr__elements *out, bool *is_array, dzr_error *err);
bool dzr__elements_next(dzr__elements *elements, dzr_bytes *out);
/* Calls the hook, which may be NULL, with an error of its own, so that it finds one whatever the caller passed, and
 * leaves one that is whole even if it forgot the message. */
DZR_MUST_CHECK dzr_status dzr__record_hook(dzr_record_hook hook, void *ctx, void *record, dzr_error *err);
/* options filled into record's RecordInfo, if it has one, and the hook called. */
DZR_MUST_CHECK dzr_status dzr__record_finish(dzr_record_parser *parser, dzr_bytes text,
        const dzr_record_parse_options *options, void *record, dzr_error *err);

/* ---- print.c ---- */
/* Appends the record as Go's json.Marshal writes it. DZR_ERR_TYPE for NaN and infinities, in Go's words. */
DZR_MUST_CHECK dzr_status dzr__record_print(
        const dzr_record_type *type, const void *record, dzr_bytebuf *out, dzr_error *err);

/* ---- batch.c ---- */
/* The schema of the records' columns. is_text, by leaf in pre-order among the schema's nodes, says which STRING nodes
 * are to be STRING; NULL: all. The others are BINARY. */
DZR_MUST_CHECK dzr_status dzr__record_schema(
        const dzr_record_type *type, const bool *is_text, const dzr_allocator *alloc, dzr_schema **out, dzr_error *err);
int32_t dzr__record_n_nodes(const dzr_record_type *type);
/* Clears is_text of each STRING node of which the record holds a value that is not UTF-8. */
void dzr__record_check_text(const dzr_record_type *type, const void *record, bool *is_text);
/* Appends the record as a row. */
DZR_MUST_CHECK dzr_status dzr__record_put(
        const dzr_record_type *type, const void *record, dzr_builder *builder, dzr_error *err);

/* ---- match.c: which column fills which member ---- */
typedef struct dzr__match dzr__match; /* of one field */
struct dzr__match {
    int32_t node;      /* of the schema; -1: none, the member stays as it is */
    dzr__match *inner; /* STRUCT: of each member; LIST: of its element */
};
/* One a field, in arena. is_wanted (by top-level field of the schema, may be NULL) is set for those that fill one. */
DZR_MUST_CHECK dzr_status dzr__record_match(const dzr_record_type *type, const dzr_schema *schema,
        const dzr_dataframe_read_options *options, dzr_arena *arena, dzr__match **out, bool *is_wanted, dzr_error *err);
/* Sets the members of a zeroed record from a row; bytes are views into the batch, lists stand in arena. DZR_ERR_TYPE
 * for a null without a place. */
DZR_MUST_CHECK dzr_status dzr__record_fill(const dzr_record_type *type, const dzr__match *matches,
        const dzr_batch *batch, int64_t row, dzr_arena *arena, void *record, dzr_error *err);

/* ---- dataframe.c ---- */
struct dzr_dataframe {
    const dzr_record_type *type;
    const dzr_allocator *alloc;
    dzr_arena arena; /* what records point at */
    uint8_t **blocks;
    size_t n_blocks, cap_blocks;
    int64_t n_records;
};

#endif
