/* parquet/thrift/thrift.h - Thrift's compact protocol, both ways, driven by tables: a shape says which field of the
 * wire is which member of a C struct. metadata/shapes.c holds the shapes of the format; footers and page headers come
 * through here. Spec: Apache Thrift "Thrift Compact protocol encoding" (thrift-compact-protocol.md). */
#ifndef DZR_PARQUET_THRIFT_H
#define DZR_PARQUET_THRIFT_H

#include "base/internal.h"

enum { DZR_THRIFT_DEPTH = 64 }; /* structs and containers inside each other, in a field we skip */

typedef enum dzr_thrift_kind {
    DZR_THRIFT_BOOL,   /* bool */
    DZR_THRIFT_I8,     /* int8_t */
    DZR_THRIFT_I16,    /* int16_t */
    DZR_THRIFT_I32,    /* int32_t, enums too */
    DZR_THRIFT_I64,    /* int64_t */
    DZR_THRIFT_BYTES,  /* dzr_bytes, a view into what was read; binary and string */
    DZR_THRIFT_STRUCT, /* a C struct that `shape` describes, in place */
    DZR_THRIFT_EMPTY,  /* a struct of which only its presence counts: no member; its fields are skipped */
    DZR_THRIFT_LIST    /* DZR_LIST(...) of `of`, which is no EMPTY and no LIST */
} dzr_thrift_kind;

/* A list in a C struct. */
#define DZR_LIST(type)                                                                                                 \
    struct {                                                                                                           \
        type *at;                                                                                                      \
        int32_t n;                                                                                                     \
    }

typedef struct dzr_thrift_shape dzr_thrift_shape;
typedef struct dzr_thrift_field {
    const char *name;
    uint8_t id; /* 1 .. 31 */
    bool required;
    uint8_t kind, of;              /* dzr_thrift_kind */
    uint16_t at;                   /* offset of the member */
    const dzr_thrift_shape *shape; /* STRUCT, or LIST of STRUCT */
} dzr_thrift_field;

/* Every struct that has a shape begins with `uint32_t has`: bit 1 << id is set for a field that is there. A union is a
 * struct with one field; a member that the shape does not know leaves `has` 0. */
struct dzr_thrift_shape {
    const char *name;
    const dzr_thrift_field *fields; /* ids ascending */
    uint32_t n_fields;
    uint32_t size; /* of the C struct */
};

/* What dzr__arena_zeroed and dzr__arena_text failed with. */
static inline dzr_status dzr__arena_status(const dzr_error *err)
{
    return err != NULL ? err->status : DZR_ERR_NOMEM;
}

#define DZR_HAS(meta, id) (((meta)->has >> (id)&1u) != 0)

/* Reads one struct into *out, which is cleared first. Views point into the bytes behind c, lists into the arena (which
 * may be NULL for a shape without lists). Unknown fields and union members are skipped, and optional fields that have
 * another type than ours. A list's length is at most the bytes left. Errors: DZR_ERR_TRUNCATED, DZR_ERR_CORRUPT (a
 * required field of another type or missing, a list of another type, a number wider than its type, nesting too deep;
 * err->offset is the byte, counted from c->start), DZR_ERR_NOMEM, DZR_ERR_LIMIT (the arena's). After an error the
 * content of *out is undefined. */
DZR_MUST_CHECK dzr_status dzr__thrift_read(
        dzr_cursor *c, const dzr_thrift_shape *shape, void *out, dzr_arena *arena, dzr_error *err);

/* Appends the struct: fields in `has`, and required ones whether in it or not. Errors: the buffer's. */
DZR_MUST_CHECK dzr_status dzr__thrift_write(
        dzr_bytebuf *out, const dzr_thrift_shape *shape, const void *meta, dzr_error *err);

#endif
