/* store/table_view.c - what becomes of a file's rows before a caller gets them: those stay that an expression is true
 * of, then some are passed over and no more than a number given out; of formats that read all columns, those stay that
 * were asked for. Parquet's scans read what was asked for; a filter's columns that are not among that are read by a
 * second scan beside the first. Called by table_reader.c. */
#include "store/internal.h"

#include "query/internal.h"
#include <datarizer/filter.h>

struct dzr__table_view {
    dzr_arena arena;
    dzr_filter *filter;
    dzr_parquet_scan *beside; /* of the filter's columns; NULL: the rows have them */
    dzr_schema *schema;       /* of some columns; NULL: of all */
    int32_t *nodes;           /* of the rows, that become the schema's */
    int64_t n_before;         /* rows to pass over */
    int64_t n_left;           /* to give out */
};

/* ---- columns by names ---- */

typedef struct choosing {
    const char *name;
    const dzr_schema *schema;
    bool *wanted; /* nodes asked for, above such, and below */
    dzr_arena *arena;
    int32_t *nodes;
    int32_t n_nodes;
} choosing;

/* The nodes down to the one that has this name with dots; how many. */
static dzr_status find(const choosing *c, const char *asked, int32_t path[DZR_MAX_DEPTH], int32_t *n, dzr_error *err)
{
    dzr_bytes parts[DZR_MAX_DEPTH];
    int32_t n_parts = 0;
    for (const char *at = asked; n_parts < DZR_MAX_DEPTH; at += parts[n_parts - 1].len + 1) {
        parts[n_parts++] = (dzr_bytes){(const uint8_t *)at, strcspn(at, ".")};
        if (at[parts[n_parts - 1].len] == '\0')
            break;
    }
    const dzr_field *stopped = NULL;
    char closest[DZR__NAME_BYTES];
    *n = dzr__schema_path(c->schema, parts, n_parts, path, &stopped);
    if (*n > 0)
        return DZR_OK;
    if (!dzr__schema_closest(c->schema, asked, closest))
        return dzr_fail(err, DZR_ERR_ARG, "%s: there is no column \"%.200s\"", c->name, asked);
    return dzr_fail(err, DZR_ERR_ARG, "%s: there is no column \"%.200s\"; \"%.200s\" is the most like it", c->name,
            asked, closest);
}

/* Takes the node, and below it what is wanted, in the schema's order. */
static dzr_status choose(choosing *c, int32_t node, dzr_field *out, dzr_error *err)
{
    const dzr_field *const field = dzr_schema_node(c->schema, node);
    *out = *field;
    c->nodes[c->n_nodes++] = node;
    if (field->n_children == 0)
        return DZR_OK;
    dzr_field *const children = dzr__arena_zeroed(c->arena, (size_t)field->n_children, sizeof *children, err);
    if (children == NULL)
        return DZR_ERR_NOMEM;
    int32_t n = 0, child = node + 1;
    for (int32_t i = 0; i < field->n_children; i++, child = dzr_schema_node_end(c->schema, child))
        if (c->wanted[child])
            DZR_TRY(choose(c, child, &children[n++], err));
    out->children = children;
    out->n_children = n;
    return DZR_OK;
}

/* Fields in the order in which they are first asked for. */
static dzr_status choose_columns(dzr__table_view *view, const char *name, const dzr_schema *schema,
        const dzr_table_read_options *options, dzr_error *err)
{
    const size_t n_nodes = (size_t)dzr_schema_n_nodes(schema);
    choosing c = {.name = name, .schema = schema, .arena = &view->arena};
    c.wanted = dzr__arena_zeroed(&view->arena, n_nodes, sizeof *c.wanted, err);
    c.nodes = dzr__arena_zeroed(&view->arena, n_nodes, sizeof *c.nodes, err);
    int32_t *const tops = dzr__arena_zeroed(&view->arena, (size_t)options->n_columns, sizeof *tops, err);
    dzr_field *const fields = dzr__arena_zeroed(&view->arena, (size_t)options->n_columns, sizeof *fields, err);
    if (c.wanted == NULL || c.nodes == NULL || tops == NULL || fields == NULL)
        return DZR_ERR_NOMEM;
    int32_t n = 0;
    for (int32_t i = 0; i < options->n_columns; i++) {
        int32_t path[DZR_MAX_DEPTH], n_path = 0;
        DZR_TRY(find(&c, options->columns[i], path, &n_path, err));
        if (!c.wanted[path[0]])
            tops[n++] = path[0];
        for (int32_t k = 0; k < n_path; k++)
            c.wanted[path[k]] = true;
        const int32_t end = dzr_schema_node_end(schema, path[n_path - 1]);
        for (int32_t node = path[n_path - 1]; node < end; node++)
            c.wanted[node] = true;
    }
    for (int32_t i = 0; i < n; i++)
        DZR_TRY(choose(&c, tops[i], &fields[i], err));
    view->nodes = c.nodes;
    return dzr_schema_new(fields, n, view->arena.alloc, &view->schema, err);
}

/* ---- the filter ---- */

/* Columns stand for nodes that hold values: of those below `node` the first. */
static int32_t column_below(const dzr_schema *schema, int32_t node)
{
    int32_t column = 0;
    for (int32_t i = 0;; i++) {
        const dzr_type_id id = dzr_schema_node(schema, i)->type.id;
        const bool holds = id != DZR_TYPE_STRUCT && id != DZR_TYPE_LIST && id != DZR_TYPE_MAP;
        if (holds && i >= node)
            return column;
        column += holds;
    }
}

/* A scan of the columns that the filter looks at, of the same rows. */
static dzr_status open_beside(dzr__table_view *view, const dzr_filter *filter, dzr_parquet_reader *parquet,
        const dzr_table_read_options *part, dzr_error *err)
{
    const int32_t n = dzr_filter_n_nodes(filter);
    int32_t *const columns = dzr__arena_zeroed(&view->arena, (size_t)n, sizeof *columns, err);
    if (columns == NULL)
        return DZR_ERR_NOMEM;
    dzr_parquet_scan_options scan = {.columns = columns,
            .row_groups = part->row_groups,
            .n_row_groups = part->n_row_groups,
            .first_row = part->first_row,
            .n_rows = part->n_rows,
            .batch_rows = part->batch_rows};
    for (int32_t i = 0; i < n; i++) {
        const int32_t column = column_below(dzr_parquet_reader_schema(parquet), dzr_filter_node(filter, i));
        bool is_new = true;
        for (int32_t k = 0; k < scan.n_columns; k++)
            is_new = is_new && columns[k] != column;
        if (is_new)
            columns[scan.n_columns++] = column;
    }
    return dzr_parquet_scan_open(parquet, &scan, &view->beside, err);
}

static dzr_status open_filter(dzr__table_view *view, const char *name, const dzr_schema *schema,
        dzr_parquet_reader *parquet, const dzr_table_read_options *part, dzr_error *err)
{
    dzr_error why;
    dzr_status st = dzr_filter_new(part->where, schema, view->arena.alloc, &view->filter, &why);
    if (st != DZR_OK && parquet != NULL && part->columns != NULL) {
        dzr_filter *of_all = NULL;
        st = dzr_filter_new(part->where, dzr_parquet_reader_schema(parquet), view->arena.alloc, &of_all, &why);
        if (st == DZR_OK)
            st = open_beside(view, of_all, parquet, part, &why);
        dzr_filter_free(of_all);
        if (st == DZR_OK)
            st = dzr_filter_new(
                    part->where, dzr_parquet_scan_schema(view->beside), view->arena.alloc, &view->filter, &why);
    }
    if (st == DZR_OK)
        return DZR_OK;
    if (err != NULL)
        *err = why;
    return dzr_fail_at(err, st, "%s: where: ", name);
}

/* ---- open and close ---- */

static dzr_status open_view(dzr__table_view *view, const char *name, const dzr_schema *schema,
        dzr_parquet_reader *parquet, const dzr_table_read_options *part, dzr_error *err)
{
    if (part->offset < 0 || (part->has_limit && part->limit < 0))
        return dzr_fail(err, DZR_ERR_ARG, "%s: at most %lld rows after %lld", name, (long long)part->limit,
                (long long)part->offset);
    view->n_before = part->offset;
    view->n_left = part->has_limit ? part->limit : INT64_MAX;
    if (parquet == NULL && part->columns != NULL)
        DZR_TRY(choose_columns(view, name, schema, part, err));
    return part->where != NULL ? open_filter(view, name, schema, parquet, part, err) : DZR_OK;
}

dzr_status dzr__table_view_open(const char *name, const dzr_schema *schema, dzr_parquet_reader *parquet,
        const dzr_table_read_options *part, dzr__table_view **out, dzr_error *err)
{
    *out = NULL;
    if (part->where == NULL && part->offset == 0 && !part->has_limit && (parquet != NULL || part->columns == NULL))
        return DZR_OK;
    dzr__table_view *const view = dzr_alloc_zeroed(part->alloc, 1, sizeof *view, err);
    if (view == NULL)
        return DZR_ERR_NOMEM;
    dzr__arena_init(&view->arena, part->alloc, 0);
    const dzr_status st = open_view(view, name, schema, parquet, part, err);
    if (st != DZR_OK) {
        dzr__table_view_close(view);
        return st;
    }
    *out = view;
    return DZR_OK;
}

void dzr__table_view_close(dzr__table_view *view)
{
    if (view == NULL)
        return;
    const dzr_allocator *const alloc = view->arena.alloc;
    dzr_filter_free(view->filter);
    dzr_parquet_scan_close(view->beside);
    dzr_schema_free(view->schema);
    dzr__arena_fini(&view->arena);
    dzr_release(alloc, view);
}

const dzr_schema *dzr__table_view_schema(const dzr__table_view *view)
{
    return view->schema;
}

/* ---- batches: each step takes *batch and leaves another, or none after an error ---- */

static void replace(dzr_batch **batch, dzr_status st, dzr_batch *with)
{
    dzr_batch_free(*batch);
    *batch = st == DZR_OK ? with : NULL;
}

static dzr_status filter_batch(dzr__table_view *view, dzr_batch **batch, dzr_error *err)
{
    dzr_batch *beside = NULL, *left = NULL;
    const int64_t n_rows = dzr_batch_n_rows(*batch);
    uint8_t *const selection = dzr_alloc_array(view->arena.alloc, dzr__bitmap_bytes(n_rows), 1, err);
    dzr_status st = selection != NULL ? DZR_OK : DZR_ERR_NOMEM;
    if (st == DZR_OK && view->beside != NULL)
        st = dzr_parquet_scan_next(view->beside, &beside, err);
    if (st == DZR_OK && view->beside != NULL && (beside == NULL || dzr_batch_n_rows(beside) != n_rows))
        st = dzr_fail(err, DZR_ERR_CORRUPT, "columns of one file have different numbers of rows");
    if (st == DZR_OK)
        st = dzr_filter_apply(view->filter, beside != NULL ? beside : *batch, selection, NULL, err);
    if (st == DZR_OK)
        st = dzr_batch_select(*batch, selection, view->arena.alloc, &left, err);
    dzr_release(view->arena.alloc, selection);
    dzr_batch_free(beside);
    replace(batch, st, left);
    return st;
}

/* What offset and limit leave of it. */
static dzr_status cut_batch(dzr__table_view *view, dzr_batch **batch, dzr_error *err)
{
    const int64_t n_rows = dzr_batch_n_rows(*batch), first = DZR_MIN(view->n_before, n_rows);
    const int64_t n = DZR_MIN(n_rows - first, view->n_left);
    dzr_batch *cut = NULL;
    view->n_before -= first;
    view->n_left -= view->n_left == INT64_MAX ? 0 : n;
    if (n == n_rows)
        return DZR_OK;
    const dzr_status st = dzr_batch_slice(*batch, first, n, &cut, err);
    replace(batch, st, cut);
    return st;
}

static dzr_status apply(dzr__table_view *view, dzr_batch **batch, dzr_error *err)
{
    dzr_batch *fewer = NULL;
    if (view->filter != NULL)
        DZR_TRY(filter_batch(view, batch, err));
    DZR_TRY(cut_batch(view, batch, err));
    if (view->schema == NULL)
        return DZR_OK;
    const dzr_status st = dzr__batch_project(*batch, view->schema, view->nodes, view->arena.alloc, &fewer, err);
    replace(batch, st, fewer);
    return st;
}

dzr_status dzr__table_view_next(dzr__table_view *view, dzr_table_reader *reader,
        dzr_status (*next)(dzr_table_reader *reader, dzr_batch **out, dzr_error *err), dzr_batch **out, dzr_error *err)
{
    *out = NULL;
    while (view->n_left > 0) {
        dzr_batch *batch = NULL;
        DZR_TRY(next(reader, &batch, err));
        if (batch == NULL)
            return DZR_OK;
        DZR_TRY(apply(view, &batch, err));
        if (dzr_batch_n_rows(batch) > 0) {
            *out = batch;
            return DZR_OK;
        }
        dzr_batch_free(batch);
    }
    return DZR_OK;
}
