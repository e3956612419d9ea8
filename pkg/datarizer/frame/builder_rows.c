/* frame/builder_rows.c - what a builder's columns have in common: nulls, structs and lists over others, cutting back,
 * and the batch they become. */
#include "frame/builder.h"

#include <assert.h>

static dzr_column_builder *column_at(dzr_builder *builder, int32_t index)
{
    assert(index >= 0 && index < builder->n_columns);
    return &builder->columns[index];
}

int64_t dzr_builder_n_rows(const dzr_builder *builder, int32_t index)
{
    assert(index >= 0 && index < builder->n_columns);
    return builder->columns[index].n_rows;
}

static void truncate_node(dzr_builder *builder, int32_t node, int64_t n_rows)
{
    dzr_column_builder *const column = &builder->columns[node];
    int64_t below = n_rows;
    if (dzr__is_list(column)) {
        const int64_t kept = DZR_MIN(n_rows, column->n_rows);
        below = column->values == NULL ? 0 : ((const int32_t *)(const void *)column->values->at)[kept];
    }
    if (column->field.type.id == DZR_TYPE_DICTIONARY)
        below = INT64_MAX; /* values stay, though no code may name them */
    for (int32_t child = node + 1; child < column->end; child = builder->columns[child].end)
        truncate_node(builder, child, below);
    if (column->n_rows <= n_rows)
        return;
    if (column->validity != NULL)
        column->n_nulls = n_rows - dzr__bits_count(column->validity->at, 0, n_rows);
    column->n_rows = n_rows; /* string bytes of the rows cut off stay in their block, unused */
}

void dzr_builder_truncate(dzr_builder *builder, int64_t n_rows)
{
    for (int32_t node = 0; node < builder->n_columns; node = builder->columns[node].end)
        truncate_node(builder, node, n_rows);
}

/* A null, or where that is not allowed a zero, in node and in all that has a row for each of its rows. */
static dzr_status append_nothing(dzr_builder *builder, int32_t node, bool null, dzr_error *err)
{
    dzr_column_builder *const column = &builder->columns[node];
    const int64_t n_rows = column->n_rows;
    dzr_status st = null ? dzr__builder_mark_null(builder->alloc, column, err)
                         : dzr__builder_mark_zero(builder->alloc, column, err);
    if (column->field.type.id != DZR_TYPE_STRUCT)
        return st;
    for (int32_t child = node + 1; child < column->end && st == DZR_OK; child = builder->columns[child].end)
        st = append_nothing(builder, child, builder->columns[child].field.nullable, err);
    if (st != DZR_OK)
        truncate_node(builder, node, n_rows);
    return st;
}

dzr_status dzr_builder_null(dzr_builder *builder, int32_t index, dzr_error *err)
{
    const dzr_column_builder *const column = column_at(builder, index);
    if (!column->field.nullable)
        return dzr_fail(err, DZR_ERR_TYPE, "column \"%s\" can't be null", column->field.name);
    return append_nothing(builder, index, true, err);
}

dzr_status dzr_builder_struct(dzr_builder *builder, int32_t index, dzr_error *err)
{
    dzr_column_builder *const column = column_at(builder, index);
    if (column->field.type.id != DZR_TYPE_STRUCT)
        return dzr__builder_wrong_kind(column, "a struct", err);
    DZR_TRY(dzr__builder_room(builder->alloc, column, err));
    dzr__builder_count(column);
    return DZR_OK;
}

dzr_status dzr_builder_list(dzr_builder *builder, int32_t index, dzr_error *err)
{
    dzr_column_builder *const column = column_at(builder, index);
    if (!dzr__is_list(column))
        return dzr__builder_wrong_kind(column, "a list", err);
    const int64_t end = builder->columns[index + 1].n_rows;
    if (end > INT32_MAX)
        return dzr_fail(
                err, DZR_ERR_LIMIT, "column \"%s\": more than 2^31 - 1 elements in a batch", column->field.name);
    DZR_TRY(dzr__builder_room(builder->alloc, column, err));
    ((int32_t *)(void *)column->values->at)[column->n_rows + 1] = (int32_t)end;
    dzr__builder_count(column);
    return DZR_OK;
}

/* ---- the batch ---- */

static dzr_status check_rows(const dzr_builder *builder, int32_t node, int64_t n_rows, dzr_error *err)
{
    const dzr_column_builder *const column = &builder->columns[node];
    if (column->n_rows != n_rows)
        return dzr_fail(err, DZR_ERR_ARG, "column \"%s\" has %lld rows, %lld were expected", column->field.name,
                (long long)column->n_rows, (long long)n_rows);
    int64_t below = n_rows;
    if (dzr__is_list(column))
        below = column->values == NULL ? 0 : ((const int32_t *)(const void *)column->values->at)[n_rows];
    if (column->field.type.id == DZR_TYPE_DICTIONARY)
        return DZR_OK; /* as many values as there are */
    for (int32_t child = node + 1; child < column->end; child = builder->columns[child].end)
        DZR_TRY(check_rows(builder, child, below, err));
    return DZR_OK;
}

/* Every column gets at least an empty values buffer; the last byte of a bitmap has zeros behind its rows. */
static dzr_status finish_column(dzr_builder *builder, dzr_column_builder *column, dzr_error *err)
{
    const bool has_values = column->bits != 0;
    if (has_values && column->values == NULL)
        DZR_TRY(dzr__builder_grow(builder->alloc, column, err));
    if (has_values)
        column->values->len = dzr__builder_bytes(column, column->n_rows);
    const int64_t padding = (8 - (column->n_rows & 7)) & 7;
    if (column->bits == 1)
        dzr__bits_fill(column->values->at, column->n_rows, padding, false);
    if (column->validity != NULL) {
        column->validity->len = dzr__bitmap_bytes(column->n_rows);
        dzr__bits_fill(column->validity->at, column->n_rows, padding, false);
    }
    return DZR_OK;
}

/* The batch becomes an owner besides the builder, so that a failure loses nothing. */
static dzr_status share_columns(const dzr_builder *builder, dzr_batch *batch, dzr_error *err)
{
    for (int32_t i = 0; i < builder->n_columns; i++) {
        const dzr_column_builder *const column = &builder->columns[i];
        (void)dzr__buffer_hold(column->validity);
        (void)dzr__buffer_hold(column->values);
        for (int32_t k = 0; k < column->n_data; k++)
            (void)dzr__buffer_hold(column->data[k]);
        DZR_TRY(dzr__batch_take_node(batch, i, column->n_rows, column->n_nulls, column->validity, column->values,
                column->data, column->n_data, err));
    }
    return DZR_OK;
}

static void reset_columns(dzr_builder *builder)
{
    for (int32_t i = 0; i < builder->n_columns; i++) {
        dzr_column_builder *const column = &builder->columns[i];
        dzr__buffer_free(column->validity);
        dzr__buffer_free(column->values);
        for (int32_t k = 0; k < column->n_data; k++)
            dzr__buffer_free(column->data[k]);
        column->n_rows = column->cap_rows = column->n_nulls = 0;
        column->validity = column->values = NULL;
        column->n_data = 0;
    }
}

dzr_status dzr_builder_finish(dzr_builder *builder, dzr_batch **out, dzr_error *err)
{
    const int64_t n_rows = builder->n_columns > 0 ? builder->columns[0].n_rows : 0;
    for (int32_t node = 0; node < builder->n_columns; node = builder->columns[node].end)
        DZR_TRY(check_rows(builder, node, n_rows, err));
    for (int32_t i = 0; i < builder->n_columns; i++)
        DZR_TRY(finish_column(builder, &builder->columns[i], err));
    dzr_batch *batch = NULL;
    DZR_TRY(dzr__batch_new(builder->schema, n_rows, builder->alloc, &batch, err));
    const dzr_status st = share_columns(builder, batch, err);
    if (st != DZR_OK) {
        dzr_batch_free(batch);
        return st;
    }
    reset_columns(builder);
    *out = batch;
    return DZR_OK;
}
