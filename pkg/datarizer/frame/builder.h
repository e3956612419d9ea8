/* frame/builder.h - how a builder keeps its columns; for builder.c, builder_rows.c, and those who write rows in place:
 * json/quick.c and csv/convert.c. */
#ifndef DZR_FRAME_BUILDER_H
#define DZR_FRAME_BUILDER_H

#include "frame/internal.h"

/* One node of the schema. Strings longer than a view holds go into data blocks that never move, so that views by
 * (block, offset) stay right. A LIST's offsets stand in values, one more than its rows. */
typedef struct dzr_column_builder {
    dzr_field field;
    uint32_t bits;
    int32_t end; /* node after its last descendant */
    int64_t n_rows, cap_rows;
    int64_t n_nulls;
    dzr_buffer *validity; /* made with the first null */
    dzr_buffer *values;
    dzr_buffer **data;
    int32_t n_data, cap_data;
} dzr_column_builder;

struct dzr_builder {
    const dzr_allocator *alloc;
    dzr_schema *schema;
    int32_t n_columns; /* nodes of the schema */
    dzr_column_builder *columns;
};

static inline bool dzr__is_list(const dzr_column_builder *column)
{
    return column->field.type.id == DZR_TYPE_LIST || column->field.type.id == DZR_TYPE_MAP;
}

static inline size_t dzr__builder_bytes(const dzr_column_builder *column, int64_t n_rows)
{
    return column->bits == 1 ? dzr__bitmap_bytes(n_rows) : (size_t)(n_rows + dzr__is_list(column)) * (column->bits / 8);
}

/* Room for one row more in values and, once there are nulls, in validity. */
DZR_MUST_CHECK dzr_status dzr__builder_grow(const dzr_allocator *alloc, dzr_column_builder *column, dzr_error *err);

/* Every value goes through here first: afterwards slot n_rows may be written, and the row counts once it is. */
static inline dzr_status dzr__builder_room(const dzr_allocator *alloc, dzr_column_builder *column, dzr_error *err)
{
    return DZR_LIKELY(column->n_rows < column->cap_rows) ? DZR_OK : dzr__builder_grow(alloc, column, err);
}

static inline void dzr__builder_count(dzr_column_builder *column)
{
    if (column->validity != NULL)
        dzr__bit_set(column->validity->at, column->n_rows);
    column->n_rows++;
}

/* A data block with room for len bytes more: the newest, or a new one. */
DZR_MUST_CHECK dzr_status dzr__builder_bytes_room(
        const dzr_allocator *alloc, dzr_column_builder *column, size_t len, dzr_error *err);

/* A row of bytes that are known to be what the STRING or BINARY column holds: under 2 GiB, and UTF-8. */
DZR_MUST_CHECK dzr_status dzr__builder_put_bytes(
        const dzr_allocator *alloc, dzr_column_builder *column, dzr_bytes value, dzr_error *err);

/* Makes `block`, held once more, the column's newest data block, for views into it. Values must not be appended by
 * copy then, which would go behind its len. */
DZR_MUST_CHECK dzr_status dzr__builder_share_block(
        const dzr_allocator *alloc, dzr_column_builder *column, dzr_buffer *block, dzr_error *err);

/* A row whose slot is zero, or for a LIST has no elements: null, or a value. */
DZR_MUST_CHECK dzr_status dzr__builder_mark_zero(
        const dzr_allocator *alloc, dzr_column_builder *column, dzr_error *err);
DZR_MUST_CHECK dzr_status dzr__builder_mark_null(
        const dzr_allocator *alloc, dzr_column_builder *column, dzr_error *err);

/* "column "x" holds int32, not GIVEN" */
dzr_status dzr__builder_wrong_kind(const dzr_column_builder *column, const char *given, dzr_error *err);

#endif
