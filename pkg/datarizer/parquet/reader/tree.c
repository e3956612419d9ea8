/* parquet/reader/tree.c - the file's tree of schema elements as the frame's schema: groups, lists and maps in every
 * form that writers have given them, with the levels at which each node is there. Called by reader.c once the footer is
 * read. Spec: parquet-format LogicalTypes.md "Nested Types", with its backward-compatibility rules; README.md "Nested
 * Encoding". */
#include "parquet/reader/reader.h"

#include "parquet/metadata/geo.h"

#include <stdio.h>

/* What a column that can't be read is shown as: the frame's type for its physical one, bytes for all the rest. */
static dzr_type shown_type(const dzr_parquet_reader *reader, int32_t column)
{
    static const dzr_type_id ids[] = {
            [DZR_PHYSICAL_BOOLEAN] = DZR_TYPE_BOOL,
            [DZR_PHYSICAL_INT32] = DZR_TYPE_INT32,
            [DZR_PHYSICAL_INT64] = DZR_TYPE_INT64,
            [DZR_PHYSICAL_INT96] = DZR_TYPE_TIMESTAMP,
            [DZR_PHYSICAL_FLOAT] = DZR_TYPE_FLOAT,
            [DZR_PHYSICAL_DOUBLE] = DZR_TYPE_DOUBLE,
            [DZR_PHYSICAL_BYTE_ARRAY] = DZR_TYPE_BINARY,
            [DZR_PHYSICAL_FIXED] = DZR_TYPE_BINARY,
    };
    dzr_type type = {.id = DZR_TYPE_BINARY};
    if (dzr__reader_type(reader, column, &type, NULL) == DZR_OK)
        return type;
    const int32_t physical = reader->leaves[column].physical;
    const bool known = physical >= 0 && (size_t)physical < sizeof ids / sizeof *ids;
    return (dzr_type){.id = known ? ids[physical] : DZR_TYPE_BINARY};
}

typedef struct walk {
    dzr_parquet_reader *reader;
    const dzr_meta_element *elements;
    int32_t next;      /* the element at hand */
    dzr_arena scratch; /* fields and their names, until the schema has copied them */
    dzr_arena hints;   /* the same for what ARROW:schema adds */
    dzr_tree_node *nodes;
    int32_t *leaf_nodes;
    int32_t n_nodes, n_leaves;
} walk;

/* Where a field hangs. */
typedef struct place {
    int32_t parent, depth;
    int16_t exists, def, rep;
    bool is_element; /* of a list that its own repetition makes: it counts as required */
    bool is_list;    /* its element is that of its list, too, whose field id it is */
    bool is_entry;   /* the struct of a map's key and value */
    bool has_key;    /* for its children */
    bool is_key;
} place;

/* ---- what a group is ---- */

typedef enum group_kind { GROUP_STRUCT, GROUP_LIST, GROUP_MAP } group_kind;

/* Annotations count only on the shape they are for: a group of one repeated field. A map without values, or with more
 * than those, is a list. Names do not matter. */
static group_kind kind_of(const dzr_meta_element *group, const dzr_meta_element *child)
{
    const bool has_logical = DZR_HAS(group, DZR_ELEMENT_LOGICAL) && group->logical.has != 0;
    const int32_t converted = DZR_HAS(group, DZR_ELEMENT_CONVERTED) ? group->converted : -1;
    const bool is_list = has_logical ? DZR_HAS(&group->logical, DZR_LOGICAL_LIST) : converted == DZR_CONVERTED_LIST;
    const bool is_map = has_logical ? DZR_HAS(&group->logical, DZR_LOGICAL_MAP)
                                    : converted == DZR_CONVERTED_MAP || converted == DZR_CONVERTED_MAP_KEY_VALUE;
    if ((!is_list && !is_map) || group->num_children != 1 || child->repetition != DZR_REPETITION_REPEATED)
        return GROUP_STRUCT;
    return is_map && child->num_children == 2 ? GROUP_MAP : GROUP_LIST;
}

static bool has_name(const dzr_meta_element *element, dzr_bytes start, const char *end)
{
    const size_t n = strlen(end);
    return element->name.len == start.len + n &&
           (start.len == 0 || memcmp(element->name.at, start.at, start.len) == 0) &&
           memcmp(element->name.at + start.len, end, n) == 0;
}

/* Whether a list's repeated field is its element, and not just the group around that: the first four of the format's
 * rules for lists. */
static bool is_element_itself(const dzr_meta_element *list, const dzr_meta_element *repeated)
{
    if (repeated->num_children != 1 || repeated[1].repetition == DZR_REPETITION_REPEATED)
        return true;
    return has_name(repeated, (dzr_bytes){0}, "array") || has_name(repeated, list->name, "_tuple");
}

/* ---- the walk ---- */

static int32_t add_node(walk *w, const place *at, int16_t def)
{
    w->nodes[w->n_nodes] = (dzr_tree_node){
            .parent = at->parent,
            .first_leaf = w->n_leaves,
            .exists = at->exists,
            .def = def,
            .rep = at->rep,
            .never_null = at->is_key,
    };
    return w->n_nodes++;
}

/* The element's field id as a note, in decimal. */
static dzr_status add_field_id(walk *w, const dzr_meta_element *element, dzr_field *out, dzr_error *err)
{
    static const char key[] = DZR_PARQUET_FIELD_ID;
    char text[16];
    if (!DZR_HAS(element, DZR_ELEMENT_FIELD_ID))
        return DZR_OK;
    const size_t len = (size_t)snprintf(text, sizeof text, "%d", element->field_id);
    const char *const value = dzr__arena_text(&w->scratch, text, len, err);
    dzr_key_value *const note = value == NULL ? NULL : dzr__arena_zeroed(&w->scratch, 1, sizeof *note, err);
    if (note == NULL)
        return DZR_ERR_NOMEM;
    *note = (dzr_key_value){{(const uint8_t *)key, sizeof key - 1}, {(const uint8_t *)value, len}};
    out->metadata = note;
    out->n_metadata = 1;
    return DZR_OK;
}

static dzr_status add_field(walk *w, const place *at, dzr_field *out, dzr_error *err);

/* n children, each hanging at `below`. */
static dzr_status add_children(walk *w, const place *below, int32_t n, dzr_field *out, dzr_error *err)
{
    dzr_field *const children = dzr__arena_zeroed(&w->scratch, (size_t)n, sizeof *children, err);
    if (children == NULL)
        return DZR_ERR_NOMEM;
    for (int32_t i = 0; i < n; i++) {
        place child = *below;
        child.is_key = below->has_key && i == 0;
        DZR_TRY(add_field(w, &child, &children[i], err));
    }
    out->children = children;
    out->n_children = n;
    return DZR_OK;
}

static place below_list(int32_t node, int16_t def, const place *at)
{
    return (place){.parent = node,
            .depth = at->depth + 1,
            .exists = (int16_t)(def + 1),
            .def = (int16_t)(def + 1),
            .rep = (int16_t)(at->rep + 1)};
}

/* The element at hand, a group, and what is below it. */
static dzr_status add_group(
        walk *w, const dzr_meta_element *group, const place *at, int32_t node, dzr_field *out, dzr_error *err)
{
    const int16_t def = w->nodes[node].def;
    const dzr_meta_element *const child = group + 1;
    const group_kind kind = kind_of(group, child);
    if (kind == GROUP_STRUCT) {
        out->type.id = DZR_TYPE_STRUCT;
        const place below = {.parent = node,
                .depth = at->depth + 1,
                .exists = at->exists,
                .def = def,
                .rep = at->rep,
                .has_key = at->is_entry};
        return add_children(w, &below, group->num_children, out, err);
    }
    out->type.id = kind == GROUP_MAP ? DZR_TYPE_MAP : DZR_TYPE_LIST;
    place below = below_list(node, def, at);
    below.is_element = kind == GROUP_MAP || is_element_itself(group, child);
    below.is_entry = kind == GROUP_MAP;
    if (!below.is_element)
        w->next++; /* the group in the middle */
    return add_children(w, &below, 1, out, err);
}

/* The element at hand and all below it; w->next is the one after them then. */
static dzr_status add_field(walk *w, const place *at, dzr_field *out, dzr_error *err)
{
    const dzr_meta_element *const element = &w->elements[w->next];
    const bool repeated = element->repetition == DZR_REPETITION_REPEATED;
    const bool optional = element->repetition == DZR_REPETITION_OPTIONAL;
    const char *const name = dzr__arena_text(&w->scratch, element->name.at, element->name.len, err);
    if (name == NULL)
        return DZR_ERR_NOMEM;
    if (at->depth > DZR_MAX_DEPTH)
        return dzr_fail(err, DZR_ERR_LIMIT, "field \"%.200s\" is nested deeper than %d", name, DZR_MAX_DEPTH);
    const int16_t def = (int16_t)(at->def + (optional ? 1 : 0));
    const int32_t node = add_node(w, at, def);
    *out = (dzr_field){.name = name, .nullable = optional && !at->is_key};
    if (!at->is_list)
        DZR_TRY(add_field_id(w, element, out, err));
    dzr_status st = DZR_OK;
    if (repeated && !at->is_element) { /* a list without a word */
        place below = below_list(node, def, at);
        below.is_element = below.is_list = true;
        out->type.id = DZR_TYPE_LIST;
        st = add_children(w, &below, 1, out, err);
    } else if (element->num_children == 0) {
        w->next++;
        w->leaf_nodes[w->n_leaves] = node;
        out->type = shown_type(w->reader, w->n_leaves++);
        if (out->type.id == DZR_TYPE_NULL && !out->nullable)
            return dzr_fail(err, DZR_ERR_CORRUPT, "field \"%.200s\" is the key of a map, and can only be null", name);
        st = dzr__geo_add_notes(element, &w->scratch, out, err);
    } else {
        w->next++;
        st = add_group(w, element, at, node, out, err);
    }
    w->nodes[node].end_leaf = w->n_leaves;
    return st;
}

static dzr_status make_schema(walk *w, dzr_error *err)
{
    dzr_parquet_reader *const reader = w->reader;
    dzr_field root = {0};
    const place top = {.parent = -1, .depth = 1};
    w->next = 1;
    DZR_TRY(add_children(w, &top, reader->file.schema.at[0].num_children, &root, err));
    dzr_field *const fields = (dzr_field *)(uintptr_t)root.children; /* made above */
    DZR_TRY(dzr__hints_apply(reader, fields, root.n_children, &w->hints, err));
    return dzr_schema_new(root.children, root.n_children, reader->alloc, &reader->schema, err);
}

dzr_status dzr__reader_make_schema(dzr_parquet_reader *reader, dzr_error *err)
{
    const size_t n = (size_t)reader->file.schema.n;
    walk w = {.reader = reader, .elements = reader->file.schema.at};
    dzr__arena_init(&w.scratch, reader->alloc, 0);
    dzr__arena_init(&w.hints, reader->alloc, 0);
    w.nodes = dzr__arena_zeroed(&reader->arena, 2 * n, sizeof *w.nodes, err); /* a repeated element may be two nodes */
    w.leaf_nodes =
            w.nodes == NULL ? NULL : dzr__arena_zeroed(&reader->arena, (size_t)reader->n_leaves, sizeof(int32_t), err);
    const dzr_status st = w.leaf_nodes == NULL ? dzr__arena_status(err) : make_schema(&w, err);
    dzr__arena_fini(&w.hints);
    dzr__arena_fini(&w.scratch);
    reader->nodes = w.nodes;
    reader->leaf_nodes = w.leaf_nodes;
    return st;
}
