/* frame/builder_copy.c - rows of a batch into a builder, nested values and all: for those who pick rows out of batches.
 * Called by store/sample.c. */
#include "frame/builder.h"

#include <assert.h>

/* A value of a fixed width, as it is. */
static dzr_status copy_slot(dzr_builder *builder, int32_t node, const dzr_column *from, int64_t row, dzr_error *err)
{
    dzr_column_builder *const column = &builder->columns[node];
    const size_t size = column->bits / 8;
    DZR_TRY(dzr__builder_room(builder->alloc, column, err));
    memcpy(column->values->at + size * (size_t)column->n_rows, (const uint8_t *)from->values + size * (size_t)row,
            size);
    dzr__builder_count(column);
    return DZR_OK;
}

static dzr_status copy_row(dzr_builder *builder, int32_t node, const dzr_column *from, int64_t row, dzr_error *err)
{
    if (from->type.id == DZR_TYPE_NULL || dzr_column_is_null(from, row))
        return dzr_builder_null(builder, node, err);
    switch (from->type.id) {
    case DZR_TYPE_BOOL:
        return dzr_builder_bool(builder, node, dzr_column_bool(from, row), err);
    case DZR_TYPE_STRING:
    case DZR_TYPE_BINARY:
        return dzr_builder_bytes(builder, node, dzr_column_bytes(from, row), err);
    case DZR_TYPE_STRUCT:
        for (int32_t i = 0, child = node + 1; i < from->n_children; i++, child = builder->columns[child].end)
            DZR_TRY(copy_row(builder, child, from->children[i], row, err));
        return dzr_builder_struct(builder, node, err);
    case DZR_TYPE_LIST:
    case DZR_TYPE_MAP: {
        int64_t first = 0;
        const int64_t n = dzr_column_list(from, row, &first);
        for (int64_t i = 0; i < n; i++)
            DZR_TRY(copy_row(builder, node + 1, from->children[0], first + i, err));
        return dzr_builder_list(builder, node, err);
    }
    case DZR_TYPE_DICTIONARY:
        return dzr_fail(err, DZR_ERR_UNSUPPORTED, "column \"%s\" is a dictionary", builder->columns[node].field.name);
    default:
        return copy_slot(builder, node, from, row, err);
    }
}

dzr_status dzr_builder_row(dzr_builder *builder, const dzr_batch *batch, int64_t row, dzr_error *err)
{
    assert(dzr_schema_equal(builder->schema, dzr_batch_schema(batch)));
    const int64_t n_rows = builder->n_columns > 0 ? builder->columns[0].n_rows : 0;
    for (int32_t i = 0, node = 0; node < builder->n_columns; i++, node = builder->columns[node].end) {
        const dzr_status st = copy_row(builder, node, dzr_batch_column(batch, i), row, err);
        if (st != DZR_OK) {
            dzr_builder_truncate(builder, n_rows);
            return st;
        }
    }
    return DZR_OK;
}
