/* frame/builder.c - columns that grow value by value; builder_rows.c makes rows of them. */
#include "frame/builder.h"

#include <assert.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>

enum { FIRST_ROWS = 64, DATA_BLOCK = 1 << 16, DATA_BLOCK_MAX = 1 << 24 };

static void column_fini(const dzr_allocator *alloc, dzr_column_builder *column)
{
    dzr__buffer_free(column->validity);
    dzr__buffer_free(column->values);
    for (int32_t i = 0; i < column->n_data; i++)
        dzr__buffer_free(column->data[i]);
    dzr_release(alloc, column->data);
}

dzr_status dzr_builder_new(const dzr_schema *schema, const dzr_allocator *alloc, dzr_builder **out, dzr_error *err)
{
    dzr_builder *const builder = dzr_alloc_zeroed(alloc, 1, sizeof *builder, err);
    if (builder == NULL)
        return DZR_ERR_NOMEM;
    builder->alloc = alloc;
    builder->schema = dzr_schema_hold(schema);
    builder->columns = dzr_alloc_zeroed(alloc, (size_t)dzr_schema_n_nodes(schema), sizeof *builder->columns, err);
    if (builder->columns == NULL) {
        dzr_builder_free(builder);
        return DZR_ERR_NOMEM;
    }
    builder->n_columns = dzr_schema_n_nodes(schema);
    for (int32_t i = 0; i < builder->n_columns; i++) {
        builder->columns[i].field = *dzr_schema_node(schema, i);
        builder->columns[i].end = dzr_schema_node_end(schema, i);
        builder->columns[i].bits = dzr_type_bits(builder->columns[i].field.type);
    }
    *out = builder;
    return DZR_OK;
}

void dzr_builder_free(dzr_builder *builder)
{
    if (builder == NULL)
        return;
    for (int32_t i = 0; builder->columns != NULL && i < builder->n_columns; i++)
        column_fini(builder->alloc, &builder->columns[i]);
    dzr_release(builder->alloc, builder->columns);
    dzr_schema_free(builder->schema);
    dzr_release(builder->alloc, builder);
}

const dzr_schema *dzr_builder_schema(const dzr_builder *builder)
{
    return builder->schema;
}

/* ---- growing ---- */

static dzr_status grow(const dzr_allocator *alloc, dzr_buffer **buffer, size_t n_bytes, dzr_error *err)
{
    if (*buffer == NULL) {
        *buffer = dzr__buffer_new(alloc, n_bytes, err);
        return *buffer != NULL ? DZR_OK : DZR_ERR_NOMEM;
    }
    return dzr__buffer_grow(*buffer, n_bytes, err);
}

dzr_status dzr__builder_grow(const dzr_allocator *alloc, dzr_column_builder *column, dzr_error *err)
{
    const int64_t cap = column->cap_rows == 0 ? FIRST_ROWS : column->cap_rows * 2;
    if (column->values != NULL)
        column->values->len = dzr__builder_bytes(column, column->n_rows);
    if (column->validity != NULL) {
        column->validity->len = dzr__bitmap_bytes(column->n_rows);
        DZR_TRY(grow(alloc, &column->validity, dzr__bitmap_bytes(cap), err));
    }
    if (column->bits != 0) {
        const bool fresh = column->values == NULL;
        DZR_TRY(grow(alloc, &column->values, dzr__builder_bytes(column, cap), err));
        if (fresh && dzr__is_list(column))
            dzr__store_u32(column->values->at, 0); /* the first list starts at 0 */
    }
    column->cap_rows = cap;
    return DZR_OK;
}

/* ---- values ---- */

dzr_status dzr__builder_wrong_kind(const dzr_column_builder *column, const char *given, dzr_error *err)
{
    return dzr_fail(err, DZR_ERR_TYPE, "column \"%s\" holds %s, not %s", column->field.name,
            dzr_type_name(column->field.type), given);
}

static dzr_column_builder *column_at(dzr_builder *builder, int32_t index)
{
    assert(index >= 0 && index < builder->n_columns);
    return &builder->columns[index];
}

static void zero_slot(dzr_column_builder *column)
{
    if (column->bits == 0)
        return;
    if (column->bits == 1) {
        dzr__bit_clear(column->values->at, column->n_rows);
        return;
    }
    uint8_t *const slot = column->values->at + dzr__builder_bytes(column, column->n_rows);
    if (dzr__is_list(column))
        memcpy(slot, slot - sizeof(int32_t), sizeof(int32_t)); /* no elements: ends where it starts */
    else
        memset(slot, 0, column->bits / 8);
}

dzr_status dzr__builder_mark_null(const dzr_allocator *alloc, dzr_column_builder *column, dzr_error *err)
{
    DZR_TRY(dzr__builder_room(alloc, column, err));
    if (column->validity == NULL) {
        DZR_TRY(grow(alloc, &column->validity, dzr__bitmap_bytes(column->cap_rows), err));
        dzr__bits_fill(column->validity->at, 0, column->n_rows, true);
    }
    zero_slot(column);
    dzr__bit_clear(column->validity->at, column->n_rows);
    column->n_rows++;
    column->n_nulls++;
    return DZR_OK;
}

dzr_status dzr__builder_mark_zero(const dzr_allocator *alloc, dzr_column_builder *column, dzr_error *err)
{
    DZR_TRY(dzr__builder_room(alloc, column, err));
    zero_slot(column);
    dzr__builder_count(column);
    return DZR_OK;
}

dzr_status dzr_builder_bool(dzr_builder *builder, int32_t index, bool value, dzr_error *err)
{
    dzr_column_builder *const column = column_at(builder, index);
    if (column->field.type.id != DZR_TYPE_BOOL)
        return dzr__builder_wrong_kind(column, "bool", err);
    DZR_TRY(dzr__builder_room(builder->alloc, column, err));
    value ? dzr__bit_set(column->values->at, column->n_rows) : dzr__bit_clear(column->values->at, column->n_rows);
    dzr__builder_count(column);
    return DZR_OK;
}

/* Least and greatest value of an integer column; false when it is none. */
static bool int_range(dzr_type type, int64_t *least, uint64_t *greatest)
{
    switch (type.id) {
    case DZR_TYPE_TIME:
        return *least = 0, *greatest = (uint64_t)dzr__units_a_day(type.unit), true;
    case DZR_TYPE_INT8:
        return *least = INT8_MIN, *greatest = INT8_MAX, true;
    case DZR_TYPE_INT16:
        return *least = INT16_MIN, *greatest = INT16_MAX, true;
    case DZR_TYPE_INT32:
    case DZR_TYPE_DATE:
        return *least = INT32_MIN, *greatest = INT32_MAX, true;
    case DZR_TYPE_INT64:
    case DZR_TYPE_TIMESTAMP:
    case DZR_TYPE_DURATION:
        return *least = INT64_MIN, *greatest = INT64_MAX, true;
    case DZR_TYPE_UINT8:
        return *least = 0, *greatest = UINT8_MAX, true;
    case DZR_TYPE_UINT16:
        return *least = 0, *greatest = UINT16_MAX, true;
    case DZR_TYPE_UINT32:
        return *least = 0, *greatest = UINT32_MAX, true;
    case DZR_TYPE_DICTIONARY:
        return *least = 0, *greatest = INT32_MAX, true;
    case DZR_TYPE_UINT64:
        return *least = 0, *greatest = UINT64_MAX, true;
    default:
        return false;
    }
}

static dzr_status store_int(dzr_builder *builder, dzr_column_builder *column, uint64_t bits, dzr_error *err)
{
    if (column->field.type.id == DZR_TYPE_DICTIONARY && (int64_t)bits >= column[1].n_rows) /* its child is next to it */
        return dzr_fail(err, DZR_ERR_TYPE, "column \"%s\": code %" PRIu64 ", its dictionary has %" PRId64 " values",
                column->field.name, bits, column[1].n_rows);
    DZR_TRY(dzr__builder_room(builder->alloc, column, err));
    /* the low bytes come first, so a narrower column takes just those */
    memcpy(column->values->at + dzr__builder_bytes(column, column->n_rows), &bits, column->bits / 8);
    dzr__builder_count(column);
    return DZR_OK;
}

dzr_status dzr_builder_int(dzr_builder *builder, int32_t index, int64_t value, dzr_error *err)
{
    dzr_column_builder *const column = column_at(builder, index);
    int64_t least = 0;
    uint64_t greatest = 0;
    if (!int_range(column->field.type, &least, &greatest))
        return dzr__builder_wrong_kind(column, "an integer", err);
    if (value < least || (value > 0 && (uint64_t)value > greatest))
        return dzr_fail(err, DZR_ERR_TYPE, "column \"%s\": %" PRId64 " is outside %s", column->field.name, value,
                dzr_type_name(column->field.type));
    return store_int(builder, column, (uint64_t)value, err);
}

dzr_status dzr_builder_uint(dzr_builder *builder, int32_t index, uint64_t value, dzr_error *err)
{
    dzr_column_builder *const column = column_at(builder, index);
    int64_t least = 0;
    uint64_t greatest = 0;
    if (!int_range(column->field.type, &least, &greatest))
        return dzr__builder_wrong_kind(column, "an integer", err);
    if (value > greatest)
        return dzr_fail(err, DZR_ERR_TYPE, "column \"%s\": %" PRIu64 " is outside %s", column->field.name, value,
                dzr_type_name(column->field.type));
    return store_int(builder, column, value, err);
}

dzr_status dzr_builder_double(dzr_builder *builder, int32_t index, double value, dzr_error *err)
{
    dzr_column_builder *const column = column_at(builder, index);
    const dzr_type_id id = column->field.type.id;
    if (id != DZR_TYPE_DOUBLE && id != DZR_TYPE_FLOAT && id != DZR_TYPE_HALF)
        return dzr__builder_wrong_kind(column, "a float", err);
    const double limit = id == DZR_TYPE_FLOAT ? 0x1.ffffffp+127 : id == DZR_TYPE_HALF ? 65520 : INFINITY;
    if (isfinite(value) && fabs(value) >= limit)
        return dzr_fail(err, DZR_ERR_TYPE, "column \"%s\": %.17g is outside %s", column->field.name, value,
                dzr_type_name(column->field.type));
    DZR_TRY(dzr__builder_room(builder->alloc, column, err));
    if (id == DZR_TYPE_DOUBLE)
        ((double *)(void *)column->values->at)[column->n_rows] = value;
    else if (id == DZR_TYPE_FLOAT)
        ((float *)(void *)column->values->at)[column->n_rows] = (float)value;
    else
        ((uint16_t *)(void *)column->values->at)[column->n_rows] = dzr_half_from_double(value);
    dzr__builder_count(column);
    return DZR_OK;
}

/* The bytes of a value of fixed width, as the column keeps them. */
static dzr_status append_fixed(dzr_builder *builder, dzr_column_builder *column, const void *at, dzr_error *err)
{
    DZR_TRY(dzr__builder_room(builder->alloc, column, err));
    memcpy(column->values->at + dzr__builder_bytes(column, column->n_rows), at, column->bits / 8);
    dzr__builder_count(column);
    return DZR_OK;
}

dzr_status dzr_builder_decimal(dzr_builder *builder, int32_t index, dzr_decimal value, dzr_error *err)
{
    dzr_column_builder *const column = column_at(builder, index);
    const dzr_type type = column->field.type;
    if (type.id != DZR_TYPE_DECIMAL)
        return dzr__builder_wrong_kind(column, "a decimal", err);
    if (!dzr_decimal_fits(value, type.precision))
        return dzr_fail(
                err, DZR_ERR_TYPE, "column \"%s\": a value of more than %d digits", column->field.name, type.precision);
    return append_fixed(builder, column, value.word, err); /* the low words come first */
}

/* Room for one data block more. */
static dzr_status room_for_block(const dzr_allocator *alloc, dzr_column_builder *column, dzr_error *err)
{
    if (column->n_data < column->cap_data)
        return DZR_OK;
    const int32_t cap = column->cap_data == 0 ? 8 : column->cap_data * 2;
    dzr_buffer **const data = dzr_alloc_zeroed(alloc, (size_t)cap, sizeof *data, err);
    if (data == NULL)
        return DZR_ERR_NOMEM;
    if (column->n_data > 0)
        memcpy(data, column->data, (size_t)column->n_data * sizeof *data);
    dzr_release(alloc, column->data);
    column->data = data;
    column->cap_data = cap;
    return DZR_OK;
}

dzr_status dzr__builder_share_block(
        const dzr_allocator *alloc, dzr_column_builder *column, dzr_buffer *block, dzr_error *err)
{
    if (column->n_data > 0 && column->data[column->n_data - 1] == block)
        return DZR_OK;
    DZR_TRY(room_for_block(alloc, column, err));
    column->data[column->n_data++] = dzr__buffer_hold(block);
    return DZR_OK;
}

dzr_status dzr__builder_bytes_room(const dzr_allocator *alloc, dzr_column_builder *column, size_t len, dzr_error *err)
{
    if (column->n_data > 0) {
        const dzr_buffer *const newest = column->data[column->n_data - 1];
        if (len <= newest->cap - newest->len)
            return DZR_OK;
    }
    DZR_TRY(room_for_block(alloc, column, err));
    const size_t block = column->n_data < 8 ? (size_t)DATA_BLOCK << column->n_data : DATA_BLOCK_MAX;
    dzr_buffer *const buffer = dzr__buffer_new(alloc, DZR_MAX(len, block), err);
    if (buffer == NULL)
        return DZR_ERR_NOMEM;
    column->data[column->n_data++] = buffer;
    return DZR_OK;
}

dzr_status dzr__builder_put_bytes(
        const dzr_allocator *alloc, dzr_column_builder *column, dzr_bytes value, dzr_error *err)
{
    DZR_TRY(dzr__builder_room(alloc, column, err));
    int32_t block = 0;
    int32_t offset = 0;
    if (value.len > DZR_VIEW_INLINE) {
        DZR_TRY(dzr__builder_bytes_room(alloc, column, value.len, err));
        dzr_buffer *const newest = column->data[column->n_data - 1];
        block = column->n_data - 1;
        offset = (int32_t)newest->len;
        memcpy(newest->at + newest->len, value.at, value.len);
        newest->len += value.len;
    }
    ((dzr_view *)(void *)column->values->at)[column->n_rows] = dzr__view(value.at, (int32_t)value.len, block, offset);
    dzr__builder_count(column);
    return DZR_OK;
}

dzr_status dzr_builder_bytes(dzr_builder *builder, int32_t index, dzr_bytes value, dzr_error *err)
{
    dzr_column_builder *const column = column_at(builder, index);
    if (column->field.type.id == DZR_TYPE_FIXED || column->field.type.id == DZR_TYPE_UUID) {
        if (value.len != column->bits / 8)
            return dzr_fail(err, DZR_ERR_TYPE, "column \"%s\": a value of %zu bytes, it must be %u", column->field.name,
                    value.len, column->bits / 8);
        return append_fixed(builder, column, value.at, err);
    }
    if (column->field.type.id != DZR_TYPE_STRING && column->field.type.id != DZR_TYPE_BINARY)
        return dzr__builder_wrong_kind(column, "bytes", err);
    if (value.len > INT32_MAX)
        return dzr_fail(err, DZR_ERR_TYPE, "column \"%s\": a value of %zu bytes, it must be under 2 GiB",
                column->field.name, value.len);
    if (column->field.type.id == DZR_TYPE_STRING && !dzr__utf8_valid(value.at, value.len))
        return dzr_fail(err, DZR_ERR_TYPE, "column \"%s\": the string is not UTF-8", column->field.name);
    return dzr__builder_put_bytes(builder->alloc, column, value, err);
}
