/* parquet/arrow_schema/arrow_schema.h - the schema that Arrow's writers leave in a file beside Parquet's own, under the
 * key ARROW:schema: base64 of a message of Arrow's IPC format, which holds a flatbuffer. The reader takes hints from it
 * (reader/hints.c), the writer puts it there. On this side of it is struct ArrowSchema of the C Data Interface, so that
 * types have the names that frame/arrow_schema.c gives them.
 *   types.c   format strings and what stands for them in the message
 *   read.c    a message to a tree of struct ArrowSchema
 *   write.c   and back
 *   base64.c  the text around it
 * Spec: Arrow columnar format, "Encapsulated message format"; apache/arrow format/Message.fbs and format/Schema.fbs;
 * FlatBuffers, "Internals". */
#ifndef DZR_PARQUET_ARROW_SCHEMA_H
#define DZR_PARQUET_ARROW_SCHEMA_H

#include "frame/arrow.h"

#define DZR_ARROW_SCHEMA_KEY "ARROW:schema"

/* ---- whole (base64.c) ---- */
/* The tree behind an entry's text, in the arena, whose ceiling becomes 64 KiB and 16 bytes for each of the text;
 * releasing it does nothing but mark it. A type that has no format string has an empty one. Errors: DZR_ERR_CORRUPT,
 * DZR_ERR_LIMIT (more fields or deeper than a frame may have; the arena's), DZR_ERR_NOMEM; the message names a byte of
 * the decoded message. */
DZR_MUST_CHECK dzr_status dzr__arrow_schema_read(
        dzr_bytes text, dzr_arena *arena, struct ArrowSchema *out, dzr_error *err);
/* Appends the text for a tree. Errors: DZR_ERR_UNSUPPORTED (a format string that types.c does not have), the buffer's.
 */
DZR_MUST_CHECK dzr_status dzr__arrow_schema_write(const struct ArrowSchema *schema, dzr_bytebuf *out, dzr_error *err);

/* ---- the message ---- */
DZR_MUST_CHECK dzr_status dzr__arrow_message_read(
        dzr_bytes message, dzr_arena *arena, struct ArrowSchema *out, dzr_error *err);
DZR_MUST_CHECK dzr_status dzr__arrow_message_write(const struct ArrowSchema *schema, dzr_bytebuf *out, dzr_error *err);

/* ---- types (types.c) ---- */
/* Numbers of union Type. */
typedef enum dzr_arrow_type {
    DZR_ARROW_NULL = 1,
    DZR_ARROW_INT = 2,
    DZR_ARROW_FLOAT = 3,
    DZR_ARROW_BINARY = 4,
    DZR_ARROW_UTF8 = 5,
    DZR_ARROW_BOOL = 6,
    DZR_ARROW_DECIMAL = 7,
    DZR_ARROW_DATE = 8,
    DZR_ARROW_TIME = 9,
    DZR_ARROW_TIMESTAMP = 10,
    DZR_ARROW_INTERVAL = 11,
    DZR_ARROW_LIST = 12,
    DZR_ARROW_STRUCT = 13,
    DZR_ARROW_FIXED = 15,
    DZR_ARROW_FIXED_LIST = 16,
    DZR_ARROW_MAP = 17,
    DZR_ARROW_DURATION = 18,
    DZR_ARROW_LARGE_BINARY = 19,
    DZR_ARROW_LARGE_UTF8 = 20,
    DZR_ARROW_LARGE_LIST = 21,
    DZR_ARROW_RUN_ENDS = 22,
    DZR_ARROW_BINARY_VIEW = 23,
    DZR_ARROW_UTF8_VIEW = 24,
    DZR_ARROW_LIST_VIEW = 25,
    DZR_ARROW_LARGE_LIST_VIEW = 26,
    DZR_ARROW_N_TYPES
} dzr_arrow_type;

enum { DZR_ARROW_PARAMS = 3 };

/* A type's table in the message: its numbers, each in the slot of its place. A timestamp's zone follows in slot 1. */
typedef struct dzr_arrow_wire {
    int32_t type; /* dzr_arrow_type, or a number we do not know */
    int32_t params[DZR_ARROW_PARAMS];
    dzr_bytes zone; /* of a timestamp */
} dzr_arrow_wire;

typedef struct dzr_arrow_param {
    uint8_t bytes;     /* 1, 2 or 4 */
    int32_t otherwise; /* what it is when it is not there */
} dzr_arrow_param;

/* The numbers that go with a type, DZR_ARROW_PARAMS of them: those with 0 bytes are not there. NULL for a type that we
 * do not know. */
const dzr_arrow_param *dzr__arrow_params(int32_t type);
/* The format string, in the arena; "" where the type has none. A map's order of keys is a flag. NULL: the arena's
 * error. */
const char *dzr__arrow_format(const dzr_arrow_wire *wire, dzr_arena *arena, int64_t *flags, dzr_error *err);
/* And back; false for a string that we do not know. */
bool dzr__arrow_wire(const char *format, int64_t flags, dzr_arrow_wire *out);

#endif
