/* datarizer/schema_text.h - a schema as text that people write and read: columns with their types, as `datarizer
 * schema` prints types, and back.
 *
 *   id int64 not null, name string, at timestamp[us, Europe/Berlin], tags list<string>,
 *   address struct<city string, zip int32>, price decimal(12, 2), counts map<string, int64 not null>
 *
 * schema   fields with commas between, one more at the end is allowed. White space and line breaks separate, and #
 * begins a note up to the end of the line. field    a name, then maybe a colon, a type, and `not null` where null is
 * not allowed. name     ASCII letters, digits and _ (no digit first), and whatever is not ASCII; anything else, but
 * U+0000, in double quotes, where "" is one of them. type     bool int8 int16 int32 int64 uint8 uint16 uint32 uint64
 * half float double string binary date uuid null; timestamp[UNIT] timestamp[UNIT, UTC] timestamp[UNIT, ZONE] time[UNIT]
 * time[UNIT, UTC] duration[UNIT], of unit ms, us or ns and a zone that is in double quotes unless it is letters,
 * digits, _ / + - and :; decimal(DIGITS) decimal(DIGITS, AFTER THE POINT) fixed(BYTES); struct<FIELDS>; list<TYPE>;
 *          map<TYPE, TYPE>, whose key is not null; dictionary<TYPE>, whose values are not.
 *          Inside < > a type may have `not null` behind it. Case does not matter.
 *          The element of a list is called element, what a map consists of key_value with key and value, and the values
 *          of a dictionary values; where they are not, list<item: TYPE>, map<entries: struct<k TYPE, v TYPE>> and
 *          dictionary<colors: TYPE> say so.
 * Notes on fields (dzr_field's metadata) are not part of it. */
#ifndef DATARIZER_SCHEMA_TEXT_H
#define DATARIZER_SCHEMA_TEXT_H

#include <datarizer/frame.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { DZR_MAX_SCHEMA_TEXT = 64 << 20 }; /* bytes */

/* Errors: DZR_ERR_SYNTAX with err->line, err->offset (byte in the text) and a message like `column 12: "integer" is no
 * type ...`, or `line 2, column 3: ...` when the text has lines, both counted from 1 in characters; DZR_ERR_ARG for a
 * schema that dzr_schema_new does not take, DZR_ERR_LIMIT (DZR_MAX_SCHEMA_TEXT, DZR_MAX_COLUMNS, DZR_MAX_DEPTH),
 * DZR_ERR_NOMEM. */
DZR_API DZR_MUST_CHECK dzr_status dzr_schema_parse(
        dzr_bytes text, const dzr_allocator *alloc, dzr_schema **out, dzr_error *err);

/* Types of some columns, for dzr_jsonl_read_options and dzr_csv_read_options: `id = int32, address.zip = string`, a
 * name or several with dots between, then = and what stands behind a field's name above. *out has a field for each,
 * whose name is the names with dots between. Errors: as above; DZR_ERR_SYNTAX also for a column that comes twice. */
DZR_API DZR_MUST_CHECK dzr_status dzr_types_parse(
        dzr_bytes text, const dzr_allocator *alloc, dzr_schema **out, dzr_error *err);

/* The text of a schema, a field a line, and of a field's type without its `not null`: dzr_schema_parse makes the same
 * of it, zones with it. *out is NUL-terminated; free it with dzr_release(alloc, *out). Errors: DZR_ERR_LIMIT
 * (DZR_MAX_SCHEMA_TEXT), DZR_ERR_NOMEM. */
DZR_API DZR_MUST_CHECK dzr_status dzr_schema_print(
        const dzr_schema *schema, const dzr_allocator *alloc, char **out, dzr_error *err);
DZR_API DZR_MUST_CHECK dzr_status dzr_field_print_type(
        const dzr_field *field, const dzr_allocator *alloc, char **out, dzr_error *err);

#ifdef __cplusplus
}
#endif
#endif
