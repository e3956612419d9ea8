/* datarizer/frame.h - values in memory: a schema, columns in the Arrow layout, and batches of rows.
 * Knows no file format. json and parquet turn files into batches and back; arrow.h shares batches with other engines.
 * Layout: Arrow columnar format, "Validity bitmaps", "Fixed-size primitive layout", "Variable-size binary view layout".
 */
#ifndef DATARIZER_FRAME_H
#define DATARIZER_FRAME_H

#include <datarizer/decimal.h>
#include <datarizer/io.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Arrow's names. STRING is UTF-8; both STRING and BINARY are columns of dzr_view. TIMESTAMP counts units since
 * 1970-01-01T00:00:00. STRUCT, LIST, MAP and DICTIONARY have children: dzr_field says
 * which. */
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
    DZR_TYPE_DATE,      /* int32 days since 1970-01-01 */
    DZR_TYPE_TIMESTAMP, /* int64, see unit and utc */
    DZR_TYPE_TIME,      /* 0 to 24:00:00: int32 in ms, int64 in us and ns; see unit and utc */
    DZR_TYPE_DECIMAL,   /* see precision and scale; little-endian two's complement, see dzr_decimal */
    DZR_TYPE_HALF,      /* float of 16 bits, IEEE 754 binary16: dzr_half_to_double */
    DZR_TYPE_FIXED,     /* width bytes */
    DZR_TYPE_UUID,      /* 16 bytes in the order they are written in */
    DZR_TYPE_NULL,      /* nothing but nulls; the field is nullable */
    DZR_TYPE_DURATION,  /* int64 of units, see unit: time that passes, of either sign */
    DZR_TYPE_STRUCT,
    DZR_TYPE_LIST,
    DZR_TYPE_MAP,
    DZR_TYPE_DICTIONARY /* codes: int32 numbers of rows of its child, which has the values */
} dzr_type_id;

typedef enum dzr_time_unit { DZR_UNIT_MS, DZR_UNIT_US, DZR_UNIT_NS } dzr_time_unit;

typedef struct dzr_type {
    dzr_type_id id;
    dzr_time_unit unit; /* TIMESTAMP, TIME, DURATION */
    bool utc;           /* TIMESTAMP: an instant; false: a local date and time without a zone. TIME: in UTC */
    int32_t precision;  /* DECIMAL: digits in all, 1 to DZR_DECIMAL_DIGITS */
    int32_t scale;      /* DECIMAL: of those, after the point: 0 to precision */
    int32_t width;      /* FIXED: 1 to DZR_MAX_WIDTH */
} dzr_type;

enum { DZR_MAX_WIDTH = 1 << 20, DZR_TYPE_TEXT = 32 };

/* Bits a value takes in its column: 1 for BOOL, 128 for STRING and BINARY (a dzr_view), 32 for LIST and MAP (an
 * offset) and DICTIONARY, 128 for DECIMAL up to a precision of 38 and 256 beyond, 0 for STRUCT and NULL. */
DZR_API uint32_t dzr_type_bits(dzr_type type);
/* "int32", "timestamp[ms, UTC]", "decimal", "fixed" ...; static storage. */
DZR_API const char *dzr_type_name(dzr_type type);
/* The same with a decimal's and a fixed's numbers: "decimal(10, 2)", "fixed(16)"; returns text. */
DZR_API const char *dzr_type_print(dzr_type type, char text[DZR_TYPE_TEXT]);
DZR_API bool dzr_type_equal(dzr_type a, dzr_type b);

/* A note: by custom both are UTF-8. value.at is NULL where there is none. */
typedef struct dzr_key_value {
    dzr_bytes key, value;
} dzr_key_value;

typedef struct dzr_field {
    const char *name; /* UTF-8, NUL-terminated */
    dzr_type type;
    bool nullable;
    /* STRUCT: its fields, any number. LIST: one, the element. MAP: one, a STRUCT of two, key and value; neither that
     * struct nor the key is nullable. DICTIONARY: one, the values, not nullable and without children of its own; not
     * NULL. Other types have none. */
    const struct dzr_field *children;
    int32_t n_children;
    /* TIMESTAMP in UTC: the zone that people read it in, as Arrow names them: "Europe/Berlin", "+02:00"; NULL: UTC. The
     * values do not change with it. */
    const char *zone;
    const dzr_key_value *metadata; /* notes on the field, which files keep; keys may repeat */
    int32_t n_metadata;
} dzr_field;

/* The note of that key, the first; NULL when there is none. */
DZR_API const dzr_key_value *dzr_field_note(const dzr_field *field, const char *key);

/* An immutable tree of fields, counted: hold adds an owner, free takes one away. Threads may share it.
 * Its nodes are numbered in pre-order, each field before its children: without nesting, node i is field i. */
typedef struct dzr_schema dzr_schema;

enum { DZR_MAX_COLUMNS = 100000, DZR_MAX_DEPTH = 64 };

/* Copies the fields, with all they point to. Names may repeat (Parquet files have that); 0 fields are allowed.
 * Errors: DZR_ERR_LIMIT over DZR_MAX_COLUMNS nodes or deeper than DZR_MAX_DEPTH, DZR_ERR_NOMEM, DZR_ERR_ARG for a NULL
 * name or one that is not UTF-8, and for children or a zone that do not go with the type; the message names the field's
 * path. */
DZR_API DZR_MUST_CHECK dzr_status dzr_schema_new(
        const dzr_field *fields, int32_t n_fields, const dzr_allocator *alloc, dzr_schema **out, dzr_error *err);
DZR_API dzr_schema *dzr_schema_hold(const dzr_schema *schema);
DZR_API void dzr_schema_free(dzr_schema *schema); /* NULL is allowed */
DZR_API int32_t dzr_schema_n_fields(const dzr_schema *schema);
/* index in [0, n_fields); the view lives as long as the schema. */
DZR_API const dzr_field *dzr_schema_field(const dzr_schema *schema, int32_t index);
/* The first field of that name, -1 when there is none. */
DZR_API int32_t dzr_schema_find(const dzr_schema *schema, const char *name);
/* Whether names, types and children are the same, which is all that values depend on: zones and metadata may differ. */
DZR_API bool dzr_schema_equal(const dzr_schema *a, const dzr_schema *b);
DZR_API int32_t dzr_schema_n_nodes(const dzr_schema *schema);
/* node in [0, n_nodes). */
DZR_API const dzr_field *dzr_schema_node(const dzr_schema *schema, int32_t node);
/* The number of field `index`, and of the node after all its descendants: its next sibling's, or its parent's end. */
DZR_API int32_t dzr_schema_field_node(const dzr_schema *schema, int32_t index);
DZR_API int32_t dzr_schema_node_end(const dzr_schema *schema, int32_t node);

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
    /* n_rows values of the type's width; BOOL as bits; a null row's slot is zero. LIST and MAP: n_rows + 1 offsets
     * (int32_t), the first 0, the last the rows of the child. DICTIONARY: n_rows codes (int32_t), each below the rows
     * of the child, which may be any number. STRUCT and NULL: NULL. */
    const void *values;
    const dzr_bytes *data; /* STRING, BINARY: what views point into */
    int32_t n_data;
    int32_t n_children; /* STRUCT: children of as many rows. What stands under a null STRUCT or LIST means nothing */
    const struct dzr_column *const *children;
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

/* A FIXED or UUID value's bytes, in the batch. */
static inline dzr_bytes dzr_column_fixed(const dzr_column *column, int64_t row)
{
    const size_t width = dzr_type_bits(column->type) / 8;
    const dzr_bytes bytes = {(const uint8_t *)column->values + width * (size_t)row, width};
    return bytes;
}

/* A DECIMAL's unscaled value. */
static inline dzr_decimal dzr_column_decimal(const dzr_column *column, int64_t row)
{
    return column->type.precision <= DZR_DECIMAL_DIGITS_128
                   ? dzr_decimal_load((const uint8_t *)column->values + 16 * (size_t)row, 16)
                   : dzr_decimal_load((const uint8_t *)column->values + 32 * (size_t)row, 32);
}

/* The elements of row `row` of a LIST or MAP are the child's rows [*first, *first + result). */
static inline int64_t dzr_column_list(const dzr_column *column, int64_t row, int64_t *first)
{
    const int32_t *const offsets = (const int32_t *)column->values + row;
    *first = offsets[0];
    return offsets[1] - offsets[0];
}

/* The column that has the value of row *row, which is there: of a DICTIONARY its child, where it is row *row then. */
static inline const dzr_column *dzr_column_resolve(const dzr_column *column, int64_t *row)
{
    if (column->type.id != DZR_TYPE_DICTIONARY)
        return column;
    *row = ((const int32_t *)column->values)[*row];
    return column->children[0];
}

/* Rows of one schema, immutable, counted like a schema. Threads may share it. */
typedef struct dzr_batch dzr_batch;

DZR_API dzr_batch *dzr_batch_hold(const dzr_batch *batch);
DZR_API void dzr_batch_free(dzr_batch *batch); /* NULL is allowed */
DZR_API const dzr_schema *dzr_batch_schema(const dzr_batch *batch);
DZR_API int64_t dzr_batch_n_rows(const dzr_batch *batch);
/* Column of field `index` in [0, n_fields); children hang on it. */
DZR_API const dzr_column *dzr_batch_column(const dzr_batch *batch, int32_t index);
/* Column of node `node` in [0, n_nodes), however deep. */
DZR_API const dzr_column *dzr_batch_node(const dzr_batch *batch, int32_t node);
/* Rows [first, first + n_rows) as a batch of their own; shares strings' data and dictionaries, copies the rest.
 * Errors: DZR_ERR_ARG when the range reaches past the end, DZR_ERR_NOMEM. */
DZR_API DZR_MUST_CHECK dzr_status dzr_batch_slice(
        const dzr_batch *batch, int64_t first, int64_t n_rows, dzr_batch **out, dzr_error *err);

/* The rows whose bit is set in selection (as many bits as the batch has rows, least significant first) as a batch of
 * their own, from alloc; shares as slice does, and is the batch itself, held anew, when all are. Errors: DZR_ERR_NOMEM.
 */
DZR_API DZR_MUST_CHECK dzr_status dzr_batch_select(
        const dzr_batch *batch, const uint8_t *selection, const dzr_allocator *alloc, dzr_batch **out, dzr_error *err);

/* The schema with its DICTIONARY fields as what their values are; and the batch so, with values in the place of codes
 * (strings' data is shared, as is all that is not in a dictionary). Both are held anew when there is nothing to do.
 * schema is what dzr_schema_decode made of the batch's. Errors: DZR_ERR_NOMEM. */
DZR_API DZR_MUST_CHECK dzr_status dzr_schema_decode(
        const dzr_schema *schema, const dzr_allocator *alloc, dzr_schema **out, dzr_error *err);
DZR_API DZR_MUST_CHECK dzr_status dzr_batch_decode(
        const dzr_batch *batch, const dzr_schema *schema, const dzr_allocator *alloc, dzr_batch **out, dzr_error *err);

/* Batches of one schema, one after the other: what a scan or a table's reader gives out, for those who take any. */
typedef struct dzr_batch_source {
    void *ctx;
    dzr_status (*next)(void *ctx, dzr_batch **out, dzr_error *err); /* *out is NULL at the end */
    void (*close)(void *ctx);                                       /* called once, whatever happens; NULL: nothing */
} dzr_batch_source;

/* Builds a batch value by value: each node of the schema is appended to on its own, by its number (for a schema without
 * nesting, the column's). Children go first: a LIST's elements, then the LIST, which takes those appended since its
 * last row; a STRUCT row is appended besides a row in each of its children; a DICTIONARY's values go to its child, as
 * many as there are. finish wants all to agree. One thread at a time. */
typedef struct dzr_builder dzr_builder;

DZR_API DZR_MUST_CHECK dzr_status dzr_builder_new(
        const dzr_schema *schema, const dzr_allocator *alloc, dzr_builder **out, dzr_error *err);
DZR_API void dzr_builder_free(dzr_builder *builder); /* NULL is allowed */
/* What it builds; lives as long as the builder. */
DZR_API const dzr_schema *dzr_builder_schema(const dzr_builder *builder);
/* Appends one value to node `column` (in [0, n_nodes), asserted).
 * Errors: DZR_ERR_TYPE when it holds another kind, the value is out of its range, a string is not UTF-8 or is
 * 2 GiB or longer, or it is not nullable (null); DZR_ERR_NOMEM. After an error the column is as it was.
 * A null STRUCT appends a null, or where that is not allowed a zero, to each of its children. */
DZR_API DZR_MUST_CHECK dzr_status dzr_builder_null(dzr_builder *builder, int32_t column, dzr_error *err);
DZR_API DZR_MUST_CHECK dzr_status dzr_builder_bool(dzr_builder *builder, int32_t column, bool value, dzr_error *err);
/* INT8 .. INT64, DATE, TIMESTAMP, DURATION, TIME (0 to 24:00:00), and unsigned columns for values >= 0. A DICTIONARY's
 * code, of a value that its child has already. */
DZR_API DZR_MUST_CHECK dzr_status dzr_builder_int(dzr_builder *builder, int32_t column, int64_t value, dzr_error *err);
DZR_API DZR_MUST_CHECK dzr_status dzr_builder_uint(
        dzr_builder *builder, int32_t column, uint64_t value, dzr_error *err);
/* FLOAT and HALF (rounded to nearest), and DOUBLE. */
DZR_API DZR_MUST_CHECK dzr_status dzr_builder_double(
        dzr_builder *builder, int32_t column, double value, dzr_error *err);
/* The unscaled value of a DECIMAL; DZR_ERR_TYPE when it has more digits than the precision. */
DZR_API DZR_MUST_CHECK dzr_status dzr_builder_decimal(
        dzr_builder *builder, int32_t column, dzr_decimal value, dzr_error *err);
/* STRING and BINARY, and FIXED and UUID of exactly their width; copies the bytes. */
DZR_API DZR_MUST_CHECK dzr_status dzr_builder_bytes(
        dzr_builder *builder, int32_t column, dzr_bytes value, dzr_error *err);
/* A row of a STRUCT that is there. */
DZR_API DZR_MUST_CHECK dzr_status dzr_builder_struct(dzr_builder *builder, int32_t column, dzr_error *err);
/* A row of a LIST or MAP: the elements appended since its last row, maybe none.
 * Errors besides: DZR_ERR_LIMIT over 2^31 - 1 elements in a batch. */
DZR_API DZR_MUST_CHECK dzr_status dzr_builder_list(dzr_builder *builder, int32_t column, dzr_error *err);
/* Appends row `row` of the batch, whose schema is equal to the builder's (asserted): a row to each field, with all that
 * is below it. Errors: DZR_ERR_UNSUPPORTED (a DICTIONARY: dzr_batch_decode it before), DZR_ERR_LIMIT (a list's),
 * DZR_ERR_NOMEM; the builder is then as it was. */
DZR_API DZR_MUST_CHECK dzr_status dzr_builder_row(
        dzr_builder *builder, const dzr_batch *batch, int64_t row, dzr_error *err);
/* Rows in node `column` so far. */
DZR_API int64_t dzr_builder_n_rows(const dzr_builder *builder, int32_t column);
/* Cuts each field back to n_rows rows, with all below it (a record that failed half-way leaves no half row). */
DZR_API void dzr_builder_truncate(dzr_builder *builder, int64_t n_rows);
/* The rows as a batch; the builder is empty again and can be used on.
 * Errors: DZR_ERR_ARG when lengths do not agree (naming a column), DZR_ERR_NOMEM; the builder keeps its rows then. */
DZR_API DZR_MUST_CHECK dzr_status dzr_builder_finish(dzr_builder *builder, dzr_batch **out, dzr_error *err);

/* ---- single values ---- */
/* The nearest binary16, ties to even; what is too large becomes infinite. Every binary16 is a double. */
DZR_API uint16_t dzr_half_from_double(double value);
DZR_API double dzr_half_to_double(uint16_t half);

enum { DZR_UUID_BYTES = 16, DZR_UUID_TEXT = 37 };
/* The canonical text, 8-4-4-4-12 hexadecimal digits in lower case, NUL-terminated; and back, in either case.
 * parse returns false for any other text, and leaves out alone. */
DZR_API void dzr_uuid_print(const uint8_t uuid[DZR_UUID_BYTES], char text[DZR_UUID_TEXT]);
DZR_API bool dzr_uuid_parse(const char *text, size_t len, uint8_t out[DZR_UUID_BYTES]);

#ifdef __cplusplus
}
#endif
#endif
