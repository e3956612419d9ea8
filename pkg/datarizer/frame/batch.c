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
    column_owner *nodes; /* as the schema numbers them */
};

/* Hangs each node's children on it: what they hold comes later, where they stand does not change. */
static dzr_status link_children(dzr_batch *batch, dzr_error *err)
{
    for (int32_t node = 0; node < dzr_schema_n_nodes(batch->schema); node++) {
        const dzr_field *const field = dzr_schema_node(batch->schema, node);
        dzr_column *const column = &batch->nodes[node].column;
        column->type = field->type;
        column->n_children = field->n_children;
        const dzr_column **const children =
                dzr__arena_zeroed(&batch->arena, (size_t)field->n_children, sizeof(dzr_column *), err);
        if (children == NULL)
            return DZR_ERR_NOMEM;
        int32_t child = node + 1;
        for (int32_t i = 0; i < field->n_children; i++) {
            children[i] = &batch->nodes[child].column;
            child = dzr_schema_node_end(batch->schema, child);
        }
        column->children = children;
    }
    return DZR_OK;
}

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
    const size_t n_nodes = (size_t)dzr_schema_n_nodes(schema);
    batch->nodes = dzr__arena_zeroed(&batch->arena, n_nodes, sizeof *batch->nodes, err);
    if (batch->nodes == NULL || link_children(batch, err) != DZR_OK) {
        dzr_batch_free(batch);
        return DZR_ERR_NOMEM;
    }
    *out = batch;
    return DZR_OK;
}

dzr_status dzr__batch_take_node(dzr_batch *batch, int32_t node, int64_t n_rows, int64_t n_nulls, dzr_buffer *validity,
        dzr_buffer *values, dzr_buffer *const *data, int32_t n_data, dzr_error *err)
{
    column_owner *const owner = &batch->nodes[node];
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
    owner->column.n_rows = n_rows;
    owner->column.n_nulls = n_nulls;
    owner->column.validity = n_nulls > 0 ? validity->at : NULL;
    owner->column.values = values != NULL ? values->at : NULL;
    owner->column.data = views;
    owner->column.n_data = n_data;
    return DZR_OK;
}

dzr_status dzr__batch_take_column(dzr_batch *batch, int32_t node, int64_t n_nulls, dzr_buffer *validity,
        dzr_buffer *values, dzr_buffer *const *data, int32_t n_data, dzr_error *err)
{
    return dzr__batch_take_node(batch, node, batch->n_rows, n_nulls, validity, values, data, n_data, err);
}

dzr_buffer *const *dzr__batch_buffers(const dzr_batch *batch, int32_t node, int32_t *n_buffers)
{
    *n_buffers = batch->nodes[node].n_buffers;
    return batch->nodes[node].buffers;
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
    const int32_t n_nodes = batch->nodes != NULL ? dzr_schema_n_nodes(batch->schema) : 0;
    for (int32_t i = 0; i < n_nodes; i++)
        for (int32_t k = 0; k < batch->nodes[i].n_buffers; k++)
            dzr__buffer_free(batch->nodes[i].buffers[k]);
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
    return &batch->nodes[dzr_schema_field_node(batch->schema, index)].column;
}

const dzr_column *dzr_batch_node(const dzr_batch *batch, int32_t node)
{
    return &batch->nodes[node].column;
}

/* ---- slice ---- */

static dzr_buffer *copy_bits(
        const dzr_allocator *alloc, const void *bits, int64_t first, int64_t n_rows, dzr_error *err)
{
    dzr_buffer *const buffer = dzr__buffer_new(alloc, dzr__bitmap_bytes(n_rows), err);
    if (buffer == NULL)
        return NULL;
    buffer->len = buffer->cap;
    if (buffer->len > 0)
        buffer->at[buffer->len - 1] = 0;
    dzr__bits_copy(buffer->at, 0, bits, first, n_rows);
    return buffer;
}

static dzr_buffer *copy_values(
        const dzr_allocator *alloc, const dzr_column *from, int64_t first, int64_t n_rows, dzr_error *err)
{
    const size_t bits = dzr_type_bits(from->type);
    if (bits == 1)
        return copy_bits(alloc, from->values, first, n_rows, err);
    const size_t width = bits / 8;
    dzr_buffer *const buffer = dzr__buffer_new(alloc, (size_t)n_rows * width, err);
    if (buffer == NULL)
        return NULL;
    buffer->len = buffer->cap;
    if (buffer->len > 0)
        memcpy(buffer->at, (const uint8_t *)from->values + (size_t)first * width, buffer->len);
    return buffer;
}

/* Offsets of rows [first, first + n_rows], counted from 0 again. */
static dzr_buffer *copy_offsets(
        const dzr_allocator *alloc, const dzr_column *from, int64_t first, int64_t n_rows, dzr_error *err)
{
    dzr_buffer *const buffer = dzr__buffer_new(alloc, (size_t)(n_rows + 1) * sizeof(int32_t), err);
    if (buffer == NULL)
        return NULL;
    buffer->len = buffer->cap;
    const int32_t *const offsets = (const int32_t *)from->values + first;
    for (int64_t i = 0; i <= n_rows; i++)
        ((int32_t *)(void *)buffer->at)[i] = offsets[i] - offsets[0];
    return buffer;
}

static bool is_list(dzr_type type)
{
    return type.id == DZR_TYPE_LIST || type.id == DZR_TYPE_MAP;
}

/* Node's own buffers as those of node `to_node` of another batch. */
static dzr_status share_node(const dzr_batch *batch, int32_t node, dzr_batch *to, int32_t to_node, dzr_error *err)
{
    const column_owner *const owner = &batch->nodes[node];
    for (int32_t i = 0; i < owner->n_buffers; i++)
        (void)dzr__buffer_hold(owner->buffers[i]);
    return dzr__batch_take_node(to, to_node, owner->column.n_rows, owner->column.n_nulls, owner->buffers[0],
            owner->buffers[1], owner->buffers + 2, owner->n_buffers - 2, err);
}

/* Node's rows [first, first + n_rows) and below them all that belongs to those. */
static dzr_status slice_node(
        const dzr_batch *batch, int32_t node, int64_t first, int64_t n_rows, dzr_batch *to, dzr_error *err)
{
    const column_owner *const owner = &batch->nodes[node];
    const dzr_column *const from = &owner->column;
    const int64_t n_nulls = from->validity == NULL ? 0 : n_rows - dzr__bits_count(from->validity, first, n_rows);
    dzr_buffer *validity = NULL;
    dzr_buffer *values = NULL;
    if (n_nulls > 0) {
        validity = copy_bits(to->arena.alloc, from->validity, first, n_rows, err);
        if (validity == NULL)
            return DZR_ERR_NOMEM;
    }
    if (dzr_type_bits(from->type) != 0) {
        values = is_list(from->type) ? copy_offsets(to->arena.alloc, from, first, n_rows, err)
                                     : copy_values(to->arena.alloc, from, first, n_rows, err);
        if (values == NULL) {
            dzr__buffer_free(validity);
            return DZR_ERR_NOMEM;
        }
    }
    for (int32_t i = 0; i < from->n_data; i++)
        (void)dzr__buffer_hold(owner->buffers[i + 2]);
    DZR_TRY(dzr__batch_take_node(to, node, n_rows, n_nulls, validity, values, owner->buffers + 2, from->n_data, err));
    if (from->type.id == DZR_TYPE_DICTIONARY)
        return share_node(batch, node + 1, to, node + 1, err);
    int64_t child_first = first;
    int64_t child_rows = n_rows;
    if (is_list(from->type)) {
        const int32_t *const offsets = (const int32_t *)from->values;
        child_first = offsets[first];
        child_rows = offsets[first + n_rows] - child_first;
    }
    int32_t child = node + 1;
    for (int32_t i = 0; i < from->n_children; i++) {
        DZR_TRY(slice_node(batch, child, child_first, child_rows, to, err));
        child = dzr_schema_node_end(batch->schema, child);
    }
    return DZR_OK;
}

dzr_status dzr__batch_slice(const dzr_batch *batch, int64_t first, int64_t n_rows, const dzr_allocator *alloc,
        dzr_batch **out, dzr_error *err)
{
    if (first < 0 || n_rows < 0 || first > batch->n_rows || n_rows > batch->n_rows - first)
        return dzr_fail(err, DZR_ERR_ARG, "rows %lld to %lld of a batch of %lld", (long long)first,
                (long long)first + (long long)n_rows, (long long)batch->n_rows);
    dzr_batch *slice = NULL;
    DZR_TRY(dzr__batch_new(batch->schema, n_rows, alloc, &slice, err));
    for (int32_t i = 0; i < dzr_schema_n_fields(batch->schema); i++) {
        const dzr_status st = slice_node(batch, dzr_schema_field_node(batch->schema, i), first, n_rows, slice, err);
        if (st != DZR_OK) {
            dzr_batch_free(slice);
            return st;
        }
    }
    *out = slice;
    return DZR_OK;
}

dzr_status dzr_batch_slice(const dzr_batch *batch, int64_t first, int64_t n_rows, dzr_batch **out, dzr_error *err)
{
    return dzr__batch_slice(batch, first, n_rows, batch->arena.alloc, out, err);
}

/* ---- without dictionaries ---- */

static dzr_status decode_fields(
        const dzr_field *fields, int32_t n, dzr_arena *arena, const dzr_field **out, bool *any, dzr_error *err)
{
    dzr_field *const copy = dzr__arena_zeroed(arena, (size_t)n, sizeof *copy, err);
    if (copy == NULL)
        return DZR_ERR_NOMEM;
    for (int32_t i = 0; i < n; i++) {
        copy[i] = fields[i];
        if (fields[i].type.id == DZR_TYPE_DICTIONARY) {
            *any = true;
            copy[i].type = fields[i].children[0].type;
            copy[i].zone = fields[i].children[0].zone;
            copy[i].children = NULL;
            copy[i].n_children = 0;
        } else if (fields[i].n_children > 0) {
            DZR_TRY(decode_fields(fields[i].children, fields[i].n_children, arena, &copy[i].children, any, err));
        }
    }
    *out = copy;
    return DZR_OK;
}

dzr_status dzr_schema_decode(const dzr_schema *schema, const dzr_allocator *alloc, dzr_schema **out, dzr_error *err)
{
    dzr_arena arena;
    const int32_t n = dzr_schema_n_fields(schema);
    const dzr_field *fields = NULL;
    bool any = false;
    dzr__arena_init(&arena, alloc, 0);
    dzr_status st = n == 0 ? DZR_OK : decode_fields(dzr_schema_field(schema, 0), n, &arena, &fields, &any, err);
    if (st == DZR_OK && any)
        st = dzr_schema_new(fields, n, alloc, out, err);
    else if (st == DZR_OK)
        *out = dzr_schema_hold(schema);
    dzr__arena_fini(&arena);
    return st;
}

/* The values of a dictionary's codes; a null row's slot is zero. */
static dzr_buffer *gather(const dzr_column *codes, const dzr_allocator *alloc, dzr_error *err)
{
    const dzr_column *const values = codes->children[0];
    const int32_t *const code = codes->values;
    const size_t width = dzr_type_bits(values->type) / 8;
    const size_t n_bytes = width == 0 ? dzr__bitmap_bytes(codes->n_rows) : (size_t)codes->n_rows * width;
    dzr_buffer *const out = dzr__buffer_new(alloc, n_bytes, err);
    if (out == NULL)
        return NULL;
    out->len = n_bytes;
    memset(out->at, 0, n_bytes);
    for (int64_t row = 0; row < codes->n_rows; row++) {
        if (dzr_column_is_null(codes, row) || values->n_rows == 0) /* under a struct that is null there may be none */
            continue;
        if (width > 0)
            memcpy(out->at + width * (size_t)row, (const uint8_t *)values->values + width * (size_t)code[row], width);
        else if (dzr_column_bool(values, code[row]))
            dzr__bit_set(out->at, row);
    }
    return out;
}

static dzr_status decode_node(const dzr_batch *batch, int32_t node, const dzr_allocator *alloc, dzr_batch *to,
        int32_t to_node, dzr_error *err)
{
    const column_owner *const owner = &batch->nodes[node];
    const dzr_column *const column = &owner->column;
    if (column->type.id != DZR_TYPE_DICTIONARY)
        return share_node(batch, node, to, to_node, err);
    const column_owner *const values = &batch->nodes[node + 1];
    dzr_buffer *const gathered = gather(column, alloc, err);
    if (gathered == NULL)
        return DZR_ERR_NOMEM;
    for (int32_t i = 2; i < values->n_buffers; i++)
        (void)dzr__buffer_hold(values->buffers[i]);
    return dzr__batch_take_node(to, to_node, column->n_rows, column->n_nulls, dzr__buffer_hold(owner->buffers[0]),
            gathered, values->buffers + 2, values->n_buffers - 2, err);
}

dzr_status dzr_batch_decode(
        const dzr_batch *batch, const dzr_schema *schema, const dzr_allocator *alloc, dzr_batch **out, dzr_error *err)
{
    const int32_t n_nodes = dzr_schema_n_nodes(batch->schema);
    if (dzr_schema_n_nodes(schema) == n_nodes) {
        *out = dzr_batch_hold(batch);
        return DZR_OK;
    }
    dzr_batch *decoded = NULL;
    DZR_TRY(dzr__batch_new(schema, batch->n_rows, alloc, &decoded, err));
    for (int32_t node = 0, to_node = 0; node < n_nodes; to_node++) {
        const dzr_status st = decode_node(batch, node, alloc, decoded, to_node, err);
        if (st != DZR_OK) {
            dzr_batch_free(decoded);
            return st;
        }
        node += batch->nodes[node].column.type.id == DZR_TYPE_DICTIONARY ? 2 : 1;
    }
    *out = decoded;
    return DZR_OK;
}
