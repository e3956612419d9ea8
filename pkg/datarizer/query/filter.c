/* query/filter.c - a filter made, looked into, and asked about a batch: a tree of and, or and not over comparisons,
 * each answered for all rows at once, in three-valued logic. Called by store/table_view.c and by programs. */
#include "query/filter.h"

/* ---- making it ---- */

/* Each node that a column is found by. */
static void mark(const filter_node *node, bool *seen)
{
    for (; node != NULL; node = node->next) {
        if (node->column.n_path > 0)
            seen[node->column.path[node->column.n_path - 1]] = true;
        if (node->other.n_path > 0)
            seen[node->other.path[node->other.n_path - 1]] = true;
        mark(node->first, seen);
    }
}

static dzr_status list_nodes(dzr_filter *filter, dzr_error *err)
{
    const int32_t n = dzr_schema_n_nodes(filter->schema);
    bool *const seen = dzr__arena_zeroed(&filter->arena, (size_t)n, sizeof *seen, err);
    filter->nodes = dzr__arena_zeroed(&filter->arena, (size_t)n, sizeof *filter->nodes, err);
    if (seen == NULL || filter->nodes == NULL)
        return DZR_ERR_NOMEM;
    mark(filter->root, seen);
    for (int32_t node = 0; node < n; node++)
        if (seen[node])
            filter->nodes[filter->n_nodes++] = node;
    return DZR_OK;
}

static dzr_status understand(dzr_filter *filter, const char *expression, dzr_error *err)
{
    const size_t len = strlen(expression);
    filter_node *root = NULL;
    if (len > DZR_FILTER_BYTES)
        return dzr_fail(err, DZR_ERR_LIMIT, "a filter of %zu bytes; the limit is %d", len, DZR_FILTER_BYTES);
    if (!dzr__utf8_valid(expression, len))
        return dzr_fail(err, DZR_ERR_SYNTAX, "the filter is not UTF-8");
    uint8_t *const text = dzr__arena_zeroed(&filter->arena, len + 1, 1, err);
    if (text == NULL)
        return DZR_ERR_NOMEM;
    memcpy(text, expression, len);
    DZR_TRY(dzr__filter_parse((dzr_bytes){text, len}, filter->schema, &filter->arena, &root, err));
    filter->root = root;
    return list_nodes(filter, err);
}

dzr_status dzr_filter_new(
        const char *expression, const dzr_schema *schema, const dzr_allocator *alloc, dzr_filter **out, dzr_error *err)
{
    dzr_filter *const filter = dzr_alloc_zeroed(alloc, 1, sizeof *filter, err);
    if (filter == NULL)
        return DZR_ERR_NOMEM;
    dzr__arena_init(&filter->arena, alloc, 0);
    filter->schema = dzr_schema_hold(schema);
    const dzr_status st = understand(filter, expression, err);
    if (st != DZR_OK) {
        dzr_filter_free(filter);
        return st;
    }
    *out = filter;
    return DZR_OK;
}

void dzr_filter_free(dzr_filter *filter)
{
    if (filter == NULL)
        return;
    const dzr_allocator *const alloc = filter->arena.alloc;
    dzr_schema_free(filter->schema);
    dzr__arena_fini(&filter->arena);
    dzr_release(alloc, filter);
}

int32_t dzr_filter_n_nodes(const dzr_filter *filter)
{
    return filter->n_nodes;
}

int32_t dzr_filter_node(const dzr_filter *filter, int32_t index)
{
    return filter->nodes[index];
}

/* ---- asking it ---- */

/* Takes away rows whose value is null, or is inside a struct that is. */
static void keep_valid(const filter_run *run, const filter_operand *operand, uint64_t *valid)
{
    for (int32_t i = 0; i < operand->n_path; i++) {
        const dzr_column *const column = dzr_batch_node(run->batch, operand->path[i]);
        if (column->type.id == DZR_TYPE_NULL)
            memset(valid, 0, run->n_words * sizeof *valid);
        if (column->validity == NULL || column->type.id == DZR_TYPE_NULL)
            continue;
        size_t n_bytes = dzr__bitmap_bytes(run->n_rows);
        for (size_t word = 0; n_bytes > 0; word++) {
            const size_t n = DZR_MIN(n_bytes, sizeof *valid);
            uint64_t bits = 0;
            memcpy(&bits, column->validity + word * sizeof *valid, n);
            valid[word] &= bits;
            n_bytes -= n;
        }
    }
}

static dzr_status eval_leaf(const filter_run *run, const filter_node *node, filter_truth out, dzr_error *err)
{
    uint64_t *const valid = out.is_false; /* until it is not needed any more */
    memset(valid, 0xff, run->n_words * sizeof *valid);
    keep_valid(run, &node->column, valid);
    keep_valid(run, &node->other, valid);
    if (node->kind == FILTER_IS_NULL) {
        for (size_t i = 0; i < run->n_words; i++)
            out.is_true[i] = ~valid[i];
        return DZR_OK;
    }
    DZR_TRY(dzr__filter_leaf(run, node, out.is_true, err));
    const uint64_t known = node->kind == FILTER_SET && node->is_unknown ? 0 : UINT64_MAX;
    for (size_t i = 0; i < run->n_words; i++) {
        out.is_true[i] &= valid[i];
        out.is_false[i] = valid[i] & ~out.is_true[i] & known;
    }
    return DZR_OK;
}

static dzr_status eval(const filter_run *run, const filter_node *node, filter_truth out, dzr_error *err);

/* Children one after the other; of `or` the rows that it is false of change places with those that it is true of. */
static dzr_status eval_chain(const filter_run *run, const filter_node *node, filter_truth out, dzr_error *err)
{
    const bool is_and = node->kind == FILTER_AND;
    uint64_t *const bits = dzr_alloc_array(run->alloc, 2 * run->n_words, sizeof *bits, err);
    if (bits == NULL)
        return DZR_ERR_NOMEM;
    const filter_truth one = {bits, bits + run->n_words};
    uint64_t *const all = is_and ? out.is_true : out.is_false, *const any = is_and ? out.is_false : out.is_true;
    const uint64_t *const of_all = is_and ? one.is_true : one.is_false, *const of_any =
                                                                                is_and ? one.is_false : one.is_true;
    dzr_status st = eval(run, node->first, out, err);
    for (const filter_node *child = node->first->next; st == DZR_OK && child != NULL; child = child->next) {
        st = eval(run, child, one, err);
        for (size_t i = 0; st == DZR_OK && i < run->n_words; i++) {
            all[i] &= of_all[i];
            any[i] |= of_any[i];
        }
    }
    dzr_release(run->alloc, bits);
    return st;
}

/* `is true` and its like, whose answer is never unknown. */
static void make_known(const filter_run *run, filter_kind kind, filter_truth out)
{
    for (size_t i = 0; i < run->n_words; i++) {
        const uint64_t is = kind == FILTER_IS_TRUE    ? out.is_true[i]
                            : kind == FILTER_IS_FALSE ? out.is_false[i]
                                                      : ~(out.is_true[i] | out.is_false[i]);
        out.is_true[i] = is;
        out.is_false[i] = ~is;
    }
}

static dzr_status eval(const filter_run *run, const filter_node *node, filter_truth out, dzr_error *err)
{
    switch (node->kind) {
    case FILTER_AND:
    case FILTER_OR:
        return eval_chain(run, node, out, err);
    case FILTER_NOT:
        return eval(run, node->first, (filter_truth){out.is_false, out.is_true}, err);
    case FILTER_IS_TRUE:
    case FILTER_IS_FALSE:
    case FILTER_IS_UNKNOWN:
        DZR_TRY(eval(run, node->first, out, err));
        make_known(run, node->kind, out);
        return DZR_OK;
    case FILTER_CONSTANT:
        memset(out.is_true, node->truth && !node->is_unknown ? 0xff : 0, run->n_words * sizeof *out.is_true);
        memset(out.is_false, !node->truth && !node->is_unknown ? 0xff : 0, run->n_words * sizeof *out.is_false);
        return DZR_OK;
    default:
        return eval_leaf(run, node, out, err);
    }
}

dzr_status dzr_filter_apply(
        const dzr_filter *filter, const dzr_batch *batch, uint8_t *selection, int64_t *n_selected, dzr_error *err)
{
    filter_run run = {.batch = batch, .alloc = filter->arena.alloc, .n_rows = dzr_batch_n_rows(batch)};
    run.n_words = (size_t)(run.n_rows + 63) / 64;
    if (!dzr_schema_equal(filter->schema, dzr_batch_schema(batch)))
        return dzr_fail(err, DZR_ERR_ARG, "the filter is for rows of another schema");
    uint64_t *const bits = dzr_alloc_array(run.alloc, 2 * run.n_words, sizeof *bits, err);
    if (bits == NULL)
        return DZR_ERR_NOMEM;
    const dzr_status st = eval(&run, filter->root, (filter_truth){bits, bits + run.n_words}, err);
    if (st == DZR_OK) {
        if ((run.n_rows & 63) != 0)
            bits[run.n_words - 1] &= (UINT64_C(1) << (run.n_rows & 63)) - 1;
        memcpy(selection, bits, dzr__bitmap_bytes(run.n_rows));
        if (n_selected != NULL)
            *n_selected = dzr__bits_count(selection, 0, run.n_rows);
    }
    dzr_release(run.alloc, bits);
    return st;
}

dzr_status dzr_filter_batch(
        const dzr_filter *filter, const dzr_batch *batch, const dzr_allocator *alloc, dzr_batch **out, dzr_error *err)
{
    uint8_t *const selection = dzr_alloc_array(filter->arena.alloc, dzr__bitmap_bytes(dzr_batch_n_rows(batch)), 1, err);
    if (selection == NULL)
        return DZR_ERR_NOMEM;
    dzr_status st = dzr_filter_apply(filter, batch, selection, NULL, err);
    if (st == DZR_OK)
        st = dzr_batch_select(batch, selection, alloc, out, err);
    dzr_release(filter->arena.alloc, selection);
    return st;
}
