/* parquet/metadata/schema.c - from the flat list of schema elements to the columns of a file, with their levels.
 * Called by footer.c. Spec: parquet.thrift, SchemaElement; README.md "Nested Encoding" (levels). */
#include "parquet/metadata/metadata.h"

/* A group whose children are being read. */
typedef struct group {
    int32_t element, left; /* children that are still to come */
    int16_t max_def, max_rep;
    size_t path_len; /* of the path up to it, 0 for the root */
} group;

typedef struct walk {
    const dzr_meta_element *elements;
    int32_t n;
    dzr_arena *arena;
    dzr_bytebuf path; /* of the node at hand */
    dzr_leaf *leaves;
    int32_t n_leaves;
} walk;

static dzr_status node_fault(const walk *w, int32_t i, dzr_status st, const char *what, dzr_error *err)
{
    const dzr_bytes name = w->elements[i].name;
    if (name.len > 200 || !dzr__utf8_valid(name.at, name.len))
        return dzr_fail(err, st, "schema element %d %s", (int)i, what);
    return dzr_fail(err, st, "schema element %d (%.*s) %s", (int)i, (int)name.len, (const char *)name.at, what);
}

static dzr_status append_name(walk *w, const group *parent, int32_t i, dzr_error *err)
{
    const dzr_bytes name = w->elements[i].name;
    if (!dzr__utf8_valid(name.at, name.len) || memchr(name.at, 0, name.len) != NULL)
        return node_fault(w, i, DZR_ERR_CORRUPT, "has a name that is not UTF-8 text", err);
    w->path.len = parent->path_len;
    if (parent->element != 0)
        DZR_TRY(dzr__bytebuf_append(&w->path, ".", 1, err));
    return dzr__bytebuf_append(&w->path, name.at, name.len, err);
}

/* A node adds a definition level unless it is required, a repetition level when it is repeated. */
static dzr_status node_levels(
        const walk *w, int32_t i, const group *parent, int16_t *max_def, int16_t *max_rep, dzr_error *err)
{
    const dzr_meta_element *const element = &w->elements[i];
    *max_def = parent->max_def;
    *max_rep = parent->max_rep;
    if (!DZR_HAS(element, DZR_ELEMENT_REPETITION))
        return node_fault(w, i, DZR_ERR_CORRUPT, "has no repetition", err);
    switch (element->repetition) {
    case DZR_REPETITION_REQUIRED:
        return DZR_OK;
    case DZR_REPETITION_REPEATED:
        ++*max_rep;
        ++*max_def;
        return DZR_OK;
    case DZR_REPETITION_OPTIONAL:
        ++*max_def;
        return DZR_OK;
    default:
        return node_fault(w, i, DZR_ERR_UNSUPPORTED, "has an unknown repetition", err);
    }
}

static dzr_status add_leaf(walk *w, int32_t i, const group *parent, int16_t max_def, int16_t max_rep, dzr_error *err)
{
    const dzr_meta_element *const element = &w->elements[i];
    if (!DZR_HAS(element, DZR_ELEMENT_TYPE))
        return node_fault(w, i, DZR_ERR_CORRUPT, "has neither type nor children", err);
    if (element->type == DZR_PHYSICAL_FIXED && element->type_length <= 0)
        return node_fault(w, i, DZR_ERR_CORRUPT, "is FIXED_LEN_BYTE_ARRAY without a length", err);
    const char *const path = dzr__arena_text(w->arena, w->path.at, w->path.len, err);
    if (path == NULL)
        return dzr__arena_status(err);
    w->leaves[w->n_leaves++] = (dzr_leaf){
            .element = i,
            .parent = parent->element,
            .physical = element->type,
            .type_length = element->type == DZR_PHYSICAL_FIXED ? element->type_length : 0,
            .max_def = max_def,
            .max_rep = max_rep,
            .path = path,
    };
    return DZR_OK;
}

/* Elements stand in depth-first order; `open` holds the groups between the root and the node at hand. */
static dzr_status walk_elements(walk *w, int32_t max_depth, group *open, dzr_error *err)
{
    int32_t depth = 0;
    open[0] = (group){.element = 0, .left = w->elements[0].num_children};
    for (int32_t i = 1; i < w->n; i++) {
        while (open[depth].left == 0) {
            if (depth == 0)
                return node_fault(w, i, DZR_ERR_CORRUPT, "is nobody's child", err);
            depth--;
        }
        group *const parent = &open[depth];
        parent->left--;
        int16_t max_def = 0, max_rep = 0;
        DZR_TRY(node_levels(w, i, parent, &max_def, &max_rep, err));
        DZR_TRY(append_name(w, parent, i, err));
        const int32_t n_children = w->elements[i].num_children;
        if (n_children < 0)
            return node_fault(w, i, DZR_ERR_CORRUPT, "has a negative number of children", err);
        if (n_children == 0) {
            DZR_TRY(add_leaf(w, i, parent, max_def, max_rep, err));
            continue;
        }
        if (DZR_HAS(&w->elements[i], DZR_ELEMENT_TYPE))
            return node_fault(w, i, DZR_ERR_CORRUPT, "has a type and children", err);
        if (++depth == max_depth)
            return node_fault(w, i, DZR_ERR_LIMIT, "is nested too deep", err);
        open[depth] = (group){i, n_children, max_def, max_rep, w->path.len};
    }
    for (; depth >= 0; depth--)
        if (open[depth].left != 0)
            return node_fault(w, open[depth].element, DZR_ERR_CORRUPT, "has fewer children than it says", err);
    return DZR_OK;
}

dzr_status dzr__leaves_read(const dzr_meta_element *elements, int32_t n, const dzr_parquet_limits *limits,
        dzr_arena *arena, const dzr_leaf **out, int32_t *n_out, dzr_error *err)
{
    if (n == 0)
        return dzr_fail(err, DZR_ERR_CORRUPT, "the schema has no root");
    if (n > limits->schema_nodes)
        return dzr_fail(err, DZR_ERR_LIMIT, "a schema of %d elements, limit is %d", (int)n, (int)limits->schema_nodes);
    walk w = {.elements = elements, .n = n, .arena = arena, .path.alloc = arena->alloc};
    if (elements[0].num_children < 0)
        return node_fault(&w, 0, DZR_ERR_CORRUPT, "has a negative number of children", err);
    group *const open = dzr__arena_zeroed(arena, (size_t)limits->depth, sizeof *open, err);
    w.leaves = open == NULL ? NULL : dzr__arena_zeroed(arena, (size_t)n, sizeof *w.leaves, err);
    const dzr_status st = w.leaves == NULL ? dzr__arena_status(err) : walk_elements(&w, limits->depth, open, err);
    dzr__bytebuf_fini(&w.path);
    if (st != DZR_OK)
        return st;
    *out = w.leaves;
    *n_out = w.n_leaves;
    return DZR_OK;
}
