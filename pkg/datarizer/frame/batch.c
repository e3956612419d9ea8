/* frame/batch.c - rows of one schema: the columns, who owns their buffers, and a slice of them. */
#include "frame/internal.h"

typedef struct column_owner {
    dzr_column column;
    dzr_buffer **buffers; /* [0] validity or NULL, [1] values, [2 ..] data */
    int32_t n_buffers;
} column_owner;

struct dzr_batch {
    _Atomic int64_t owners;
    dzr_arena arena; /* everything here but the buffers */
    dzr_schema *schema;
    int64_t n_rows;
    column_owner *columns;
};

dzr_status dzr__batch_new(
        const dzr_schema *schema, int64_t n_rows, const dzr_allocator *alloc, dzr_batch **out, dzr_error *err)
{
    dzr_batch *const batch = dzr_alloc_zeroed(alloc, 1, sizeof *batch, err);
    if (batch == NULL)
        return DZR_ERR_NOMEM;
    atomic_init(&batch->owners, 1);
    dzr__arena_init(&batch->arena, alloc, 0);
    batch->schema = dzr_schema_hold(schema);
    batch->n_rows = n_rows;
    const size_t n_columns = (size_t)dzr_schema_n_fields(schema);
    batch->columns = dzr__arena_zeroed(&batch->arena, n_columns, sizeof *batch->columns, err);
    if (batch->columns == NULL) {
        dzr_batch_free(batch);
        return DZR_ERR_NOMEM;
    }
    *out = batch;
    return DZR_OK;
}

dzr_status dzr__batch_take_column(dzr_batch *batch, int32_t index, int64_t n_nulls, dzr_buffer *validity,
        dzr_buffer *values, dzr_buffer *const *data, int32_t n_data, dzr_error *err)
{
    column_owner *const owner = &batch->columns[index];
    dzr_buffer **const buffers = dzr__arena_zeroed(&batch->arena, (size_t)n_data + 2, sizeof(dzr_buffer *), err);
    dzr_bytes *const views = dzr__arena_zeroed(&batch->arena, (size_t)n_data, sizeof *views, err);
    if (buffers == NULL || views == NULL) {
        dzr__buffer_free(validity);
        dzr__buffer_free(values);
        for (int32_t i = 0; i < n_data; i++)
            dzr__buffer_free(data[i]);
        return DZR_ERR_NOMEM;
    }
    buffers[0] = validity;
    buffers[1] = values;
    for (int32_t i = 0; i < n_data; i++) {
        buffers[i + 2] = data[i];
        views[i] = (dzr_bytes){.at = data[i]->at, .len = data[i]->len};
    }
    owner->buffers = buffers;
    owner->n_buffers = n_data + 2;
    owner->column = (dzr_column){.type = dzr_schema_field(batch->schema, index)->type,
            .n_rows = batch->n_rows,
            .n_nulls = n_nulls,
            .validity = n_nulls > 0 ? validity->at : NULL,
            .values = values->at,
            .data = views,
            .n_data = n_data};
    return DZR_OK;
}

dzr_buffer *const *dzr__batch_buffers(const dzr_batch *batch, int32_t index, int32_t *n_buffers)
{
    *n_buffers = batch->columns[index].n_buffers;
    return batch->columns[index].buffers;
}

dzr_batch *dzr_batch_hold(const dzr_batch *batch)
{
    dzr_batch *const counted = (dzr_batch *)(uintptr_t)batch; /* the count is not part of what const promises */
    atomic_fetch_add_explicit(&counted->owners, 1, memory_order_relaxed);
    return counted;
}

void dzr_batch_free(dzr_batch *batch)
{
    if (batch == NULL || atomic_fetch_sub_explicit(&batch->owners, 1, memory_order_acq_rel) != 1)
        return;
    const int32_t n_columns = batch->columns != NULL ? dzr_schema_n_fields(batch->schema) : 0;
    for (int32_t i = 0; i < n_columns; i++)
        for (int32_t k = 0; k < batch->columns[i].n_buffers; k++)
            dzr__buffer_free(batch->columns[i].buffers[k]);
    const dzr_allocator *const alloc = batch->arena.alloc;
    dzr_schema_free(batch->schema);
    dzr__arena_fini(&batch->arena);
    dzr_release(alloc, batch);
}

const dzr_schema *dzr_batch_schema(const dzr_batch *batch)
{
    return batch->schema;
}

int64_t dzr_batch_n_rows(const dzr_batch *batch)
{
    return batch->n_rows;
}

const dzr_column *dzr_batch_column(const dzr_batch *batch, int32_t index)
{
    return &batch->columns[index].column;
}

/* ---- slice ---- */

static dzr_buffer *copy_bits(const dzr_batch *batch, const void *bits, int64_t first, int64_t n_rows, dzr_error *err)
{
    dzr_buffer *const buffer = dzr__buffer_new(batch->arena.alloc, dzr__bitmap_bytes(n_rows), err);
    if (buffer == NULL)
        return NULL;
    buffer->len = buffer->cap;
    if (buffer->len > 0)
        buffer->at[buffer->len - 1] = 0;
    dzr__bits_copy(buffer->at, 0, bits, first, n_rows);
    return buffer;
}

static dzr_buffer *copy_values(
        const dzr_batch *batch, const dzr_column *from, int64_t first, int64_t n_rows, dzr_error *err)
{
    const size_t bits = dzr_type_bits(from->type);
    if (bits == 1)
        return copy_bits(batch, from->values, first, n_rows, err);
    const size_t width = bits / 8;
    dzr_buffer *const buffer = dzr__buffer_new(batch->arena.alloc, (size_t)n_rows * width, err);
    if (buffer == NULL)
        return NULL;
    buffer->len = buffer->cap;
    if (buffer->len > 0)
        memcpy(buffer->at, (const uint8_t *)from->values + (size_t)first * width, buffer->len);
    return buffer;
}

static dzr_status slice_column(const dzr_batch *batch, int32_t index, int64_t first, dzr_batch *to, dzr_error *err)
{
    const column_owner *const owner = &batch->columns[index];
    const dzr_column *const from = &owner->column;
    const int64_t n_nulls =
            from->validity == NULL ? 0 : to->n_rows - dzr__bits_count(from->validity, first, to->n_rows);
    dzr_buffer *validity = NULL;
    if (n_nulls > 0) {
        validity = copy_bits(batch, from->validity, first, to->n_rows, err);
        if (validity == NULL)
            return DZR_ERR_NOMEM;
    }
    dzr_buffer *const values = copy_values(batch, from, first, to->n_rows, err);
    if (values == NULL) {
        dzr__buffer_free(validity);
        return DZR_ERR_NOMEM;
    }
    for (int32_t i = 0; i < from->n_data; i++)
        (void)dzr__buffer_hold(owner->buffers[i + 2]);
    return dzr__batch_take_column(to, index, n_nulls, validity, values, owner->buffers + 2, from->n_data, err);
}

dzr_status dzr_batch_slice(const dzr_batch *batch, int64_t first, int64_t n_rows, dzr_batch **out, dzr_error *err)
{
    if (first < 0 || n_rows < 0 || first > batch->n_rows || n_rows > batch->n_rows - first)
        return dzr_fail(err, DZR_ERR_ARG, "rows %lld to %lld of a batch of %lld", (long long)first,
                (long long)first + (long long)n_rows, (long long)batch->n_rows);
    dzr_batch *slice = NULL;
    DZR_TRY(dzr__batch_new(batch->schema, n_rows, batch->arena.alloc, &slice, err));
    for (int32_t i = 0; i < dzr_schema_n_fields(batch->schema); i++) {
        const dzr_status st = slice_column(batch, i, first, slice, err);
        if (st != DZR_OK) {
            dzr_batch_free(slice);
            return st;
        }
    }
    *out = slice;
    return DZR_OK;
}
