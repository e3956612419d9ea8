/* frame/arrow_export.c - a schema and a batch for other engines through the Arrow C Data Interface.
 * Everything a struct handed out needs sits in one arena, hung on the root's private_data; children release nothing. */
#include "frame/internal.h"
#include <datarizer/arrow.h>

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

static const char *format_of(dzr_type type)
{
    static const char *const timestamps[3][2] = {{"tsm:", "tsm:UTC"}, {"tsu:", "tsu:UTC"}, {"tsn:", "tsn:UTC"}};
    switch (type.id) {
    case DZR_TYPE_BOOL:
        return "b";
    case DZR_TYPE_INT8:
        return "c";
    case DZR_TYPE_INT16:
        return "s";
    case DZR_TYPE_INT32:
        return "i";
    case DZR_TYPE_INT64:
        return "l";
    case DZR_TYPE_UINT8:
        return "C";
    case DZR_TYPE_UINT16:
        return "S";
    case DZR_TYPE_UINT32:
        return "I";
    case DZR_TYPE_UINT64:
        return "L";
    case DZR_TYPE_FLOAT:
        return "f";
    case DZR_TYPE_DOUBLE:
        return "g";
    case DZR_TYPE_STRING:
        return "vu";
    case DZR_TYPE_BINARY:
        return "vz";
    case DZR_TYPE_DATE:
        return "tdD";
    case DZR_TYPE_TIMESTAMP:
        return timestamps[type.unit][type.utc ? 1 : 0];
    }
    return "n";
}

/* ---- schema ---- */

/* A consumer may move a child out and release it by itself: that must do nothing but mark it. */
static void release_child_schema(struct ArrowSchema *child)
{
    child->release = NULL;
}

static void release_schema(struct ArrowSchema *root)
{
    for (int64_t i = 0; i < root->n_children; i++)
        if (root->children[i]->release != NULL)
            root->children[i]->release(root->children[i]);
    root->release = NULL;
    owner_free(root->private_data);
}

static dzr_status fill_schema(export_owner *owner, const dzr_schema *schema, struct ArrowSchema *out, dzr_error *err)
{
    const size_t n = (size_t)dzr_schema_n_fields(schema);
    struct ArrowSchema **const children = dzr__arena_zeroed(&owner->arena, n, sizeof(struct ArrowSchema *), err);
    struct ArrowSchema *const nodes = dzr__arena_zeroed(&owner->arena, n, sizeof *nodes, err);
    if (children == NULL || nodes == NULL)
        return DZR_ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        const dzr_field *const field = dzr_schema_field(schema, (int32_t)i);
        const char *const name = dzr__arena_text(&owner->arena, field->name, strlen(field->name), err);
        if (name == NULL)
            return DZR_ERR_NOMEM;
        nodes[i] = (struct ArrowSchema){.format = format_of(field->type),
                .name = name,
                .flags = field->nullable ? ARROW_FLAG_NULLABLE : 0,
                .release = release_child_schema};
        children[i] = &nodes[i];
    }
    *out = (struct ArrowSchema){.format = "+s",
            .name = "",
            .n_children = (int64_t)n,
            .children = children,
            .release = release_schema,
            .private_data = owner};
    return DZR_OK;
}

dzr_status dzr_arrow_export_schema(
        const dzr_schema *schema, const dzr_allocator *alloc, struct ArrowSchema *out, dzr_error *err)
{
    export_owner *const owner = owner_new(alloc, err);
    if (owner == NULL)
        return DZR_ERR_NOMEM;
    const dzr_status st = fill_schema(owner, schema, out, err);
    if (st != DZR_OK)
        owner_free(owner);
    return st;
}

/* ---- batch ---- */

/* A child moved out must outlive the root: it is an owner of the batch by itself. */
typedef struct child_owner {
    export_owner *all;
    _Atomic int64_t *owners; /* of `all`: the root and each child */
} child_owner;

static void drop_owner(export_owner *all, _Atomic int64_t *owners)
{
    if (atomic_fetch_sub_explicit(owners, 1, memory_order_acq_rel) == 1)
        owner_free(all);
}

static void release_child_array(struct ArrowArray *child)
{
    const child_owner owner = *(const child_owner *)child->private_data;
    child->release = NULL;
    drop_owner(owner.all, owner.owners);
}

static void release_array(struct ArrowArray *root)
{
    for (int64_t i = 0; i < root->n_children; i++)
        if (root->children[i]->release != NULL)
            root->children[i]->release(root->children[i]);
    const child_owner owner = *(const child_owner *)root->private_data;
    root->release = NULL;
    drop_owner(owner.all, owner.owners);
}

static dzr_status fill_column(export_owner *owner, const dzr_column *column, struct ArrowArray *out, dzr_error *err)
{
    const bool views = column->type.id == DZR_TYPE_STRING || column->type.id == DZR_TYPE_BINARY;
    const size_t n_data = (size_t)column->n_data;
    const size_t n_buffers = views ? 3 + n_data : 2;
    const void **const buffers = dzr__arena_zeroed(&owner->arena, n_buffers, sizeof *buffers, err);
    if (buffers == NULL)
        return DZR_ERR_NOMEM;
    buffers[0] = column->validity;
    buffers[1] = column->values;
    if (views) { /* the data buffers, then their lengths: "Binary view arrays" of the specification */
        int64_t *const lengths = dzr__arena_zeroed(&owner->arena, n_data, sizeof *lengths, err);
        if (lengths == NULL)
            return DZR_ERR_NOMEM;
        for (size_t i = 0; i < n_data; i++) {
            buffers[2 + i] = column->data[i].at;
            lengths[i] = (int64_t)column->data[i].len;
        }
        buffers[2 + n_data] = lengths;
    }
    *out = (struct ArrowArray){.length = column->n_rows,
            .null_count = column->n_nulls,
            .n_buffers = (int64_t)n_buffers,
            .buffers = buffers,
            .release = release_child_array};
    return DZR_OK;
}

static dzr_status fill_batch(export_owner *owner, const dzr_batch *batch, struct ArrowArray *out, dzr_error *err)
{
    const size_t n = (size_t)dzr_schema_n_fields(dzr_batch_schema(batch));
    struct ArrowArray **const children = dzr__arena_zeroed(&owner->arena, n, sizeof(struct ArrowArray *), err);
    struct ArrowArray *const nodes = dzr__arena_zeroed(&owner->arena, n, sizeof *nodes, err);
    const void **const no_validity = dzr__arena_zeroed(&owner->arena, 1, sizeof *no_validity, err);
    child_owner *const shared = dzr__arena_zeroed(&owner->arena, 1, sizeof *shared, err);
    _Atomic int64_t *const owners = dzr__arena_zeroed(&owner->arena, 1, sizeof *owners, err);
    if (children == NULL || nodes == NULL || no_validity == NULL || shared == NULL || owners == NULL)
        return DZR_ERR_NOMEM;
    atomic_init(owners, (int64_t)n + 1);
    *shared = (child_owner){.all = owner, .owners = owners};
    for (size_t i = 0; i < n; i++) {
        DZR_TRY(fill_column(owner, dzr_batch_column(batch, (int32_t)i), &nodes[i], err));
        nodes[i].private_data = shared;
        children[i] = &nodes[i];
    }
    *out = (struct ArrowArray){.length = dzr_batch_n_rows(batch),
            .n_buffers = 1,
            .n_children = (int64_t)n,
            .buffers = no_validity,
            .children = children,
            .release = release_array,
            .private_data = shared};
    return DZR_OK;
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
