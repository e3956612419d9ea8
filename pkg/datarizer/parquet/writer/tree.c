/* parquet/writer/tree.c - the frame's schema as the file's: a list of elements, each before its children, and for each
 * column the way down to it. Called by writer.c when it opens. Spec: parquet-format LogicalTypes.md "Lists", "Maps". */
#include "parquet/writer/writer.h"

#include "parquet/metadata/geo.h"

/* Where the walk stands: the nodes and names from the root to the node at hand. A node takes at most two elements. */
typedef struct walk {
    const dzr_schema *schema;
    dzr_arena *arena;
    dzr_tree *tree;
    dzr_step steps[DZR_MAX_DEPTH];
    int32_t n_steps;
    dzr_bytes names[2 * DZR_MAX_DEPTH];
    int32_t n_names;
    uint16_t def, rep; /* levels so far */
} walk;

/* The names so far, joined by dots, in the arena. */
static const char *path_text(const walk *w, dzr_error *err)
{
    dzr_bytebuf text = {.alloc = w->arena->alloc};
    dzr_status st = DZR_OK;
    for (int32_t i = 0; i < w->n_names && st == DZR_OK; i++) {
        st = i > 0 ? dzr__bytebuf_append(&text, ".", 1, err) : DZR_OK;
        if (st == DZR_OK)
            st = dzr__bytebuf_append(&text, w->names[i].at, w->names[i].len, err);
    }
    const char *const out = st == DZR_OK ? dzr__arena_text(w->arena, text.at, text.len, err) : NULL;
    dzr__bytebuf_fini(&text);
    return out;
}

static size_t width_of(const dzr_meta_element *element)
{
    switch (element->type) {
    case DZR_PHYSICAL_INT32:
    case DZR_PHYSICAL_FLOAT:
        return sizeof(int32_t);
    case DZR_PHYSICAL_INT64:
    case DZR_PHYSICAL_DOUBLE:
        return sizeof(int64_t);
    default:
        return (size_t)element->type_length; /* 0 but for FIXED_LEN_BYTE_ARRAY */
    }
}

static dzr_status add_leaf(walk *w, const dzr_field *field, dzr_meta_element *element, dzr_error *err)
{
    DZR_TRY(dzr__geo_annotate(field, w->arena, element, err));
    dzr_step *const steps = dzr__arena_zeroed(w->arena, (size_t)w->n_steps, sizeof *steps, err);
    dzr_bytes *const names = steps == NULL ? NULL : dzr__arena_zeroed(w->arena, (size_t)w->n_names, sizeof *names, err);
    const char *const text = names == NULL ? NULL : path_text(w, err);
    if (text == NULL)
        return DZR_ERR_NOMEM;
    memcpy(steps, w->steps, (size_t)w->n_steps * sizeof *steps);
    memcpy(names, w->names, (size_t)w->n_names * sizeof *names);
    w->tree->leaves[w->tree->n_leaves++] = (dzr_leaf_path){
            .field = field,
            .element = element,
            .physical = (dzr_physical)element->type,
            .width = width_of(element),
            .steps = steps,
            .n_steps = w->n_steps,
            .max_def = w->def,
            .max_rep = w->rep,
            .names = names,
            .n_names = w->n_names,
            .text = text,
    };
    return DZR_OK;
}

/* The next element, named: NULL leaves it the field's own name. */
static dzr_meta_element *add_element(walk *w, const dzr_field *field, const char *name)
{
    dzr_meta_element *const element = &w->tree->elements[w->tree->n_elements++];
    dzr__element_from_field(field, element);
    if (name != NULL)
        element->name = (dzr_bytes){(const uint8_t *)name, strlen(name)};
    w->names[w->n_names++] = element->name;
    return element;
}

static dzr_status walk_node(walk *w, int32_t node, const char *name, dzr_error *err);

/* names: what the first n_names children are called in the file, instead of their own. */
static dzr_status walk_children(walk *w, int32_t node, const char *const *names, int32_t n_names, dzr_error *err)
{
    int32_t child = node + 1;
    const int32_t n = dzr_schema_node(w->schema, node)->n_children;
    for (int32_t i = 0; i < n; i++) {
        DZR_TRY(walk_node(w, child, names != NULL && i < n_names ? names[i] : NULL, err));
        child = dzr_schema_node_end(w->schema, child);
    }
    return DZR_OK;
}

/* The repeated group in the middle of a list; a map's is its struct of key and value. */
static dzr_status walk_list(walk *w, int32_t node, dzr_error *err)
{
    static const char *const element_name[] = {"element"};
    static const char *const entry_names[] = {"key", "value"};
    const bool is_map = dzr_schema_node(w->schema, node)->type.id == DZR_TYPE_MAP;
    const dzr_field group = {.name = is_map ? "key_value" : "list", .type = {.id = DZR_TYPE_STRUCT}};
    dzr_meta_element *const element = add_element(w, &group, NULL);
    element->repetition = DZR_REPETITION_REPEATED;
    element->num_children = is_map ? 2 : 1;
    w->def++;
    w->steps[w->n_steps - 1].rep = ++w->rep;
    if (!is_map)
        return walk_children(w, node, element_name, 1, err);
    w->steps[w->n_steps++] = (dzr_step){.node = node + 1};
    return walk_children(w, node + 1, entry_names, 2, err);
}

/* A field and all below it; the walk stands as before after it. */
static dzr_status walk_node(walk *w, int32_t node, const char *name, dzr_error *err)
{
    const dzr_field *const field = dzr_schema_node(w->schema, node);
    const int32_t n_steps = w->n_steps, n_names = w->n_names;
    const uint16_t def = w->def, rep = w->rep;
    const bool is_list = field->type.id == DZR_TYPE_LIST || field->type.id == DZR_TYPE_MAP;
    dzr_meta_element *const element = add_element(w, field, name);
    w->steps[w->n_steps++] = (dzr_step){.node = node, .nullable = field->nullable, .is_list = is_list};
    w->def = (uint16_t)(w->def + (field->nullable ? 1 : 0));
    if (is_list) {
        element->num_children = 1;
        DZR_TRY(walk_list(w, node, err));
    } else if (field->type.id != DZR_TYPE_STRUCT) {
        DZR_TRY(add_leaf(w, field, element, err));
    } else {
        if (field->n_children == 0)
            return dzr_fail(err, DZR_ERR_UNSUPPORTED, "field \"%s\" is a struct without fields, which Parquet has not",
                    field->name);
        DZR_TRY(walk_children(w, node, NULL, 0, err));
    }
    w->n_steps = n_steps;
    w->n_names = n_names;
    w->def = def;
    w->rep = rep;
    return DZR_OK;
}

dzr_status dzr__tree_make(const dzr_schema *schema, dzr_arena *arena, dzr_tree *out, dzr_error *err)
{
    const size_t n_nodes = (size_t)dzr_schema_n_nodes(schema);
    out->elements = dzr__arena_zeroed(arena, 2 * n_nodes + 1, sizeof *out->elements, err);
    out->leaves = out->elements == NULL ? NULL : dzr__arena_zeroed(arena, n_nodes, sizeof *out->leaves, err);
    if (out->leaves == NULL)
        return DZR_ERR_NOMEM;
    out->elements[out->n_elements++] = (dzr_meta_element){
            .has = 1u << DZR_ELEMENT_NUM_CHILDREN,
            .name = {(const uint8_t *)"schema", 6},
            .num_children = dzr_schema_n_fields(schema),
    };
    walk w = {.schema = schema, .arena = arena, .tree = out};
    for (int32_t i = 0; i < dzr_schema_n_fields(schema); i++)
        DZR_TRY(walk_node(&w, dzr_schema_field_node(schema, i), NULL, err));
    return DZR_OK;
}

void dzr__leaf_as_int96(dzr_leaf_path *leaf)
{
    leaf->physical = DZR_PHYSICAL_INT96;
    leaf->width = DZR_INT96_BYTES;
    leaf->element->type = DZR_PHYSICAL_INT96;
    leaf->element->has &= ~(1u << DZR_ELEMENT_LOGICAL | 1u << DZR_ELEMENT_CONVERTED); /* it has none */
}
