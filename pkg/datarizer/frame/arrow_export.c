/* frame/arrow_export.c - a schema and a batch for other engines through the Arrow C Data Interface.
 * Everything a struct handed out needs sits in one arena, hung on the root's private_data; children release nothing. */
#include "frame/arrow.h"

typedef struct export_owner {
    dzr_arena arena;
    const dzr_allocator *alloc;
    dzr_batch *batch; /* NULL for a schema */
} export_owner;

static export_owner *owner_new(const dzr_allocator *alloc, dzr_error *err)
{
    export_owner *const owner = dzr_alloc_zeroed(alloc, 1, sizeof *owner, err);
    if (owner != NULL) {
        owner->alloc = alloc;
        dzr__arena_init(&owner->arena, alloc, 0);
    }
    return owner;
}

static void owner_free(export_owner *owner)
{
    dzr_batch_free(owner->batch);
    dzr__arena_fini(&owner->arena);
    dzr_release(owner->alloc, owner);
}

/* ---- schema ---- */

static void release_schema(struct ArrowSchema *root)
{
    export_owner *const owner = root->private_data;
    for (int64_t i = 0; i < root->n_children; i++)
        if (root->children[i]->release != NULL)
            root->children[i]->release(root->children[i]);
    root->release = NULL;
    owner_free(owner);
}

dzr_status dzr_arrow_export_schema(
        const dzr_schema *schema, const dzr_allocator *alloc, struct ArrowSchema *out, dzr_error *err)
{
    export_owner *const owner = owner_new(alloc, err);
    if (owner == NULL)
        return DZR_ERR_NOMEM;
    struct ArrowSchema root;
    const dzr_status st = dzr__arrow_schema_of(schema, &owner->arena, &root, err);
    if (st != DZR_OK) {
        owner_free(owner);
        return st;
    }
    root.release = release_schema;
    root.private_data = owner;
    *out = root;
    return DZR_OK;
}

/* ---- batch ---- */

/* A child moved out must outlive the root: the root and every node are each an owner of all. */
typedef struct shared_owner {
    export_owner *all;
    _Atomic int64_t owners;
} shared_owner;

static void release_array(struct ArrowArray *array)
{
    shared_owner *const shared = array->private_data;
    for (int64_t i = 0; i < array->n_children; i++)
        if (array->children[i]->release != NULL)
            array->children[i]->release(array->children[i]);
    if (array->dictionary != NULL && array->dictionary->release != NULL)
        array->dictionary->release(array->dictionary);
    array->release = NULL;
    if (atomic_fetch_sub_explicit(&shared->owners, 1, memory_order_acq_rel) == 1)
        owner_free(shared->all);
}

static int64_t n_buffers_of(const dzr_column *column)
{
    switch (column->type.id) {
    case DZR_TYPE_NULL:
        return 0;
    case DZR_TYPE_STRUCT:
        return 1;
    case DZR_TYPE_STRING:
    case DZR_TYPE_BINARY:
        return 3 + (int64_t)column->n_data;
    default:
        return 2;
    }
}

static dzr_status fill_buffers(shared_owner *shared, const dzr_column *column, const void ***out, dzr_error *err)
{
    dzr_arena *const arena = &shared->all->arena;
    const int64_t n_buffers = n_buffers_of(column);
    const void **const buffers = dzr__arena_zeroed(arena, (size_t)n_buffers, sizeof *buffers, err);
    if (buffers == NULL)
        return DZR_ERR_NOMEM;
    if (n_buffers > 0)
        buffers[0] = column->validity;
    if (n_buffers > 1)
        buffers[1] = column->values;
    if (n_buffers > 2) { /* the data buffers, then their lengths: "Binary view arrays" of the specification */
        const size_t n_data = (size_t)column->n_data;
        int64_t *const lengths = dzr__arena_zeroed(arena, n_data, sizeof *lengths, err);
        if (lengths == NULL)
            return DZR_ERR_NOMEM;
        for (size_t i = 0; i < n_data; i++) {
            buffers[2 + i] = column->data[i].at;
            lengths[i] = (int64_t)column->data[i].len;
        }
        buffers[2 + n_data] = lengths;
    }
    *out = buffers;
    return DZR_OK;
}

static dzr_status fill_column(shared_owner *shared, const dzr_column *column, struct ArrowArray *out, dzr_error *err)
{
    dzr_arena *const arena = &shared->all->arena;
    const size_t n = (size_t)column->n_children;
    struct ArrowArray **const children = dzr__arena_zeroed(arena, n, sizeof(struct ArrowArray *), err);
    struct ArrowArray *const nodes = dzr__arena_zeroed(arena, n, sizeof *nodes, err);
    const void **buffers = NULL;
    if (children == NULL || nodes == NULL)
        return DZR_ERR_NOMEM;
    DZR_TRY(fill_buffers(shared, column, &buffers, err));
    *out = (struct ArrowArray){.length = column->n_rows,
            .null_count = column->n_nulls,
            .n_buffers = n_buffers_of(column),
            .buffers = buffers,
            .n_children = (int64_t)n,
            .children = children,
            .release = release_array,
            .private_data = shared};
    for (size_t i = 0; i < n; i++) {
        children[i] = &nodes[i];
        DZR_TRY(fill_column(shared, column->children[i], &nodes[i], err));
    }
    if (column->type.id == DZR_TYPE_DICTIONARY) {
        out->dictionary = &nodes[0];
        out->n_children = 0;
    }
    return DZR_OK;
}

/* A batch goes out as a struct without nulls over its columns. */
static dzr_status fill_batch(export_owner *owner, const dzr_batch *batch, struct ArrowArray *out, dzr_error *err)
{
    const dzr_schema *const schema = dzr_batch_schema(batch);
    const size_t n = (size_t)dzr_schema_n_fields(schema);
    const dzr_column **const columns = dzr__arena_zeroed(&owner->arena, n, sizeof(dzr_column *), err);
    shared_owner *const shared = dzr__arena_zeroed(&owner->arena, 1, sizeof *shared, err);
    if (columns == NULL || shared == NULL)
        return DZR_ERR_NOMEM;
    shared->all = owner;
    atomic_init(&shared->owners, (int64_t)dzr_schema_n_nodes(schema) + 1);
    for (size_t i = 0; i < n; i++)
        columns[i] = dzr_batch_column(batch, (int32_t)i);
    const dzr_column root = {.type = {.id = DZR_TYPE_STRUCT},
            .n_rows = dzr_batch_n_rows(batch),
            .n_children = (int32_t)n,
            .children = columns};
    return fill_column(shared, &root, out, err);
}

dzr_status dzr_arrow_export_batch(
        const dzr_batch *batch, const dzr_allocator *alloc, struct ArrowArray *out, dzr_error *err)
{
    export_owner *const owner = owner_new(alloc, err);
    if (owner == NULL)
        return DZR_ERR_NOMEM;
    const dzr_status st = fill_batch(owner, batch, out, err);
    if (st != DZR_OK) {
        owner_free(owner);
        return st;
    }
    owner->batch = dzr_batch_hold(batch);
    return DZR_OK;
}
