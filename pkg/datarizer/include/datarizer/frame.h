/* datarizer/frame.h - values in memory: a schema, columns in the Arrow layout, and batches of rows.
 * Knows no file format. json and parquet turn files into batches and back; arrow.h shares batches with other engines.
 * Layout: Arrow columnar format, "Validity bitmaps", "Fixed-size primitive layout", "Variable-size binary view layout".
 */
#ifndef DATARIZER_FRAME_H
#define DATARIZER_FRAME_H

#include <datarizer/io.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Arrow's names. STRING is UTF-8; both STRING and BINARY are columns of dzr_view. TIMESTAMP counts units since
 * 1970-01-01T00:00:00. Nested kinds join at the end. */
typedef enum dzr_type_id {
    DZR_TYPE_BOOL,
    DZR_TYPE_INT8,
    DZR_TYPE_INT16,
    DZR_TYPE_INT32,
    DZR_TYPE_INT64,
    DZR_TYPE_UINT8,
    DZR_TYPE_UINT16,
    DZR_TYPE_UINT32,
    DZR_TYPE_UINT64,
    DZR_TYPE_FLOAT,  /* 32 bits */
    DZR_TYPE_DOUBLE, /* 64 bits */
    DZR_TYPE_STRING,
    DZR_TYPE_BINARY,
    DZR_TYPE_DATE,     /* int32 days since 1970-01-01 */
    DZR_TYPE_TIMESTAMP /* int64, see unit and utc */
} dzr_type_id;

typedef enum dzr_time_unit { DZR_UNIT_MS, DZR_UNIT_US, DZR_UNIT_NS } dzr_time_unit;

typedef struct dzr_type {
    dzr_type_id id;
    dzr_time_unit unit; /* TIMESTAMP */
    bool utc;           /* TIMESTAMP: an instant; false: a local date and time without a zone */
} dzr_type;

/* Bits a value takes in its column: 1 for BOOL, 128 for STRING and BINARY (a dzr_view). */
DZR_API uint32_t dzr_type_bits(dzr_type type);
/* "int32", "timestamp[ms, UTC]" ...; static storage. */
DZR_API const char *dzr_type_name(dzr_type type);
DZR_API bool dzr_type_equal(dzr_type a, dzr_type b);

typedef struct dzr_field {
    const char *name; /* UTF-8, NUL-terminated */
    dzr_type type;
    bool nullable;
} dzr_field;

/* An immutable list of fields, counted: hold adds an owner, free takes one away. Threads may share it. */
typedef struct dzr_schema dzr_schema;

enum { DZR_MAX_COLUMNS = 100000 };

/* Copies the fields, names too. Names may repeat (Parquet files have that); 0 fields are allowed.
 * Errors: DZR_ERR_LIMIT over DZR_MAX_COLUMNS, DZR_ERR_NOMEM, DZR_ERR_ARG for a NULL name or one that is not UTF-8. */
DZR_API DZR_MUST_CHECK dzr_status dzr_schema_new(
        const dzr_field *fields, int32_t n_fields, const dzr_allocator *alloc, dzr_schema **out, dzr_error *err);
DZR_API dzr_schema *dzr_schema_hold(const dzr_schema *schema);
DZR_API void dzr_schema_free(dzr_schema *schema); /* NULL is allowed */
DZR_API int32_t dzr_schema_n_fields(const dzr_schema *schema);
/* index in [0, n_fields); the view lives as long as the schema. */
DZR_API const dzr_field *dzr_schema_field(const dzr_schema *schema, int32_t index);
/* The first field of that name, -1 when there is none. */
DZR_API int32_t dzr_schema_find(const dzr_schema *schema, const char *name);
DZR_API bool dzr_schema_equal(const dzr_schema *a, const dzr_schema *b);

/* One value of a STRING or BINARY column: Arrow's binary view, 16 bytes. Up to 12 bytes live inside, longer values in
 * data buffer `buffer` of the column at `offset`, with their first four bytes repeated in `prefix`. */
typedef struct dzr_view {
    int32_t len;
    union {
        uint8_t inlined[12];
        struct {
            uint8_t prefix[4];
            int32_t buffer;
            int32_t offset;
        } ref;
    } as;
} dzr_view;

enum { DZR_VIEW_INLINE = 12 };

/* A column as its batch holds it. All of it belongs to the batch and lives as long as that. */
typedef struct dzr_column {
    dzr_type type;
    int64_t n_rows;
    int64_t n_nulls;
    const uint8_t *validity; /* bit i set when row i has a value, least significant bit first; NULL when n_nulls is 0 */
    const void *values;      /* n_rows values of the type's width; BOOL as bits; a null row's slot is zero */
    const dzr_bytes *data;   /* STRING, BINARY: what views point into */
    int32_t n_data;
} dzr_column;

static inline bool dzr_column_is_null(const dzr_column *column, int64_t row)
{
    return column->validity != NULL && (column->validity[row >> 3] >> (row & 7) & 1) == 0;
}

static inline bool dzr_column_bool(const dzr_column *column, int64_t row)
{
    return (((const uint8_t *)column->values)[row >> 3] >> (row & 7) & 1) != 0;
}

/* A STRING or BINARY value; len 0 for null. The bytes live as long as the batch. */
static inline dzr_bytes dzr_column_bytes(const dzr_column *column, int64_t row)
{
    const dzr_view *const view = (const dzr_view *)column->values + row;
    dzr_bytes bytes;
    bytes.len = (size_t)view->len;
    bytes.at = view->len <= DZR_VIEW_INLINE ? view->as.inlined
                                            : column->data[view->as.ref.buffer].at + view->as.ref.offset;
    return bytes;
}

/* Rows of one schema, immutable, counted like a schema. Threads may share it. */
typedef struct dzr_batch dzr_batch;

DZR_API dzr_batch *dzr_batch_hold(const dzr_batch *batch);
DZR_API void dzr_batch_free(dzr_batch *batch); /* NULL is allowed */
DZR_API const dzr_schema *dzr_batch_schema(const dzr_batch *batch);
DZR_API int64_t dzr_batch_n_rows(const dzr_batch *batch);
DZR_API const dzr_column *dzr_batch_column(const dzr_batch *batch, int32_t index);
/* Rows [first, first + n_rows) as a batch of their own; shares strings' data, copies the rest.
 * Errors: DZR_ERR_ARG when the range reaches past the end, DZR_ERR_NOMEM. */
DZR_API DZR_MUST_CHECK dzr_status dzr_batch_slice(
        const dzr_batch *batch, int64_t first, int64_t n_rows, dzr_batch **out, dzr_error *err);

/* Builds a batch value by value: each column is appended to on its own, finish wants all of one length.
 * One thread at a time. */
typedef struct dzr_builder dzr_builder;

DZR_API DZR_MUST_CHECK dzr_status dzr_builder_new(
        const dzr_schema *schema, const dzr_allocator *alloc, dzr_builder **out, dzr_error *err);
DZR_API void dzr_builder_free(dzr_builder *builder); /* NULL is allowed */
/* What it builds; lives as long as the builder. */
DZR_API const dzr_schema *dzr_builder_schema(const dzr_builder *builder);
/* Appends one value to column `column` (in [0, n_fields), asserted).
 * Errors: DZR_ERR_TYPE when the column holds another kind, the value is out of its range, a string is not UTF-8 or is
 * 2 GiB or longer, or the column is not nullable (null); DZR_ERR_NOMEM. After an error the column is as it was. */
DZR_API DZR_MUST_CHECK dzr_status dzr_builder_null(dzr_builder *builder, int32_t column, dzr_error *err);
DZR_API DZR_MUST_CHECK dzr_status dzr_builder_bool(dzr_builder *builder, int32_t column, bool value, dzr_error *err);
/* INT8 .. INT64, DATE, TIMESTAMP, and unsigned columns for values >= 0. */
DZR_API DZR_MUST_CHECK dzr_status dzr_builder_int(dzr_builder *builder, int32_t column, int64_t value, dzr_error *err);
DZR_API DZR_MUST_CHECK dzr_status dzr_builder_uint(
        dzr_builder *builder, int32_t column, uint64_t value, dzr_error *err);
/* FLOAT (rounded to nearest) and DOUBLE. */
DZR_API DZR_MUST_CHECK dzr_status dzr_builder_double(
        dzr_builder *builder, int32_t column, double value, dzr_error *err);
/* STRING and BINARY; copies the bytes. */
DZR_API DZR_MUST_CHECK dzr_status dzr_builder_bytes(
        dzr_builder *builder, int32_t column, dzr_bytes value, dzr_error *err);
/* Rows in column so far. */
DZR_API int64_t dzr_builder_n_rows(const dzr_builder *builder, int32_t column);
/* Cuts each column back to n_rows rows (a record that failed half-way leaves no half row). */
DZR_API void dzr_builder_truncate(dzr_builder *builder, int64_t n_rows);
/* The rows as a batch; the builder is empty again and can be used on.
 * Errors: DZR_ERR_ARG when columns differ in length (naming one), DZR_ERR_NOMEM; the builder keeps its rows then. */
DZR_API DZR_MUST_CHECK dzr_status dzr_builder_finish(dzr_builder *builder, dzr_batch **out, dzr_error *err);

#ifdef __cplusplus
}
#endif
#endif
