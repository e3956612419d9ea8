/* query/compare.c - datarizer/compare.h: columns matched by name, and rows by position. By key: compare_key.c. */
#include "query/compare.h"

/* ---- columns ---- */

static bool is_named(const char *const *names, int32_t n, const char *name)
{
    for (int32_t i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* Whether a field is to be looked at. */
static bool is_wanted(const dzr_compare_options *options, const char *name)
{
    return options->columns == NULL || is_named(options->columns, options->n_columns, name) ||
           is_named(options->keys, options->n_keys, name);
}

/* The first field from `from` on of that name; -1. */
static int32_t find_from(const dzr_schema *schema, const char *name, int32_t from)
{
    for (int32_t i = from; i < dzr_schema_n_fields(schema); i++)
        if (strcmp(dzr_schema_field(schema, i)->name, name) == 0)
            return i;
    return -1;
}

/* The field of b that goes with field i of a: the first of the name that no other has yet. A name that is there once on
 * both sides, as names should be, is found at once. */
static int32_t partner(const dzr_comparison *c, int32_t i, const bool *taken)
{
    const char *const name = dzr_schema_field(c->a, i)->name;
    const bool same_place =
            i < dzr_schema_n_fields(c->b) && !taken[i] && strcmp(dzr_schema_field(c->b, i)->name, name) == 0;
    if (same_place && dzr_schema_find(c->b, name) == i)
        return i;
    int32_t b = dzr_schema_find(c->b, name);
    while (b >= 0 && taken[b])
        b = find_from(c->b, name, b + 1);
    return b;
}

static void match(dzr_comparison *c, bool *taken)
{
    for (int32_t i = 0; i < dzr_schema_n_fields(c->a); i++) {
        const dzr_field *const field = dzr_schema_field(c->a, i);
        if (!is_wanted(&c->options, field->name))
            continue;
        const int32_t b = partner(c, i, taken);
        if (b >= 0)
            taken[b] = true;
        const dzr_compare_state state =
                b < 0 ? DZR_COMPARE_ONLY_A : dzr__compare_types(field, dzr_schema_field(c->b, b));
        if (state <= DZR_COMPARE_LIKE)
            c->pairs[c->n_pairs++] = c->n_columns;
        c->columns[c->n_columns++] = (dzr_compare_column){field->name, i, b, state, 0};
    }
    for (int32_t i = 0; i < dzr_schema_n_fields(c->b); i++) {
        const char *const name = dzr_schema_field(c->b, i)->name;
        if (!taken[i] && is_wanted(&c->options, name))
            c->columns[c->n_columns++] = (dzr_compare_column){name, -1, i, DZR_COMPARE_ONLY_B, 0};
    }
}

static int32_t find_column(const dzr_comparison *c, const char *name)
{
    for (int32_t i = 0; i < c->n_columns; i++)
        if (strcmp(c->columns[i].name, name) == 0)
            return i;
    return -1;
}

static dzr_status check_names(dzr_comparison *c, dzr_error *err)
{
    const dzr_compare_options *const o = &c->options;
    for (int32_t i = 0; i < o->n_columns; i++)
        if (find_column(c, o->columns[i]) < 0)
            return dzr_fail(err, DZR_ERR_ARG, "neither side has a column \"%.200s\"", o->columns[i]);
    for (int32_t i = 0; i < o->n_keys; i++) {
        char type_a[DZR_TYPE_TEXT], type_b[DZR_TYPE_TEXT];
        c->keys[i] = find_column(c, o->keys[i]);
        const dzr_compare_column *const column = c->keys[i] >= 0 ? &c->columns[c->keys[i]] : NULL;
        if (column == NULL || column->a < 0 || column->b < 0)
            return dzr_fail(err, DZR_ERR_ARG, "the key \"%.200s\" is no column of %s", o->keys[i],
                    column == NULL  ? "either side"
                    : column->a < 0 ? "the first"
                                    : "the second");
        const dzr_field *const a = dzr_schema_field(c->a, column->a), *const b = dzr_schema_field(c->b, column->b);
        if (!dzr__keys_alike(a, b))
            return dzr_fail(err, DZR_ERR_ARG, "the key \"%.200s\" is %s and %s: keys are of one kind, and not nested",
                    o->keys[i], dzr_type_print(a->type, type_a), dzr_type_print(b->type, type_b));
    }
    return DZR_OK;
}

static dzr_status set_up(dzr_comparison *c, dzr_error *err)
{
    const size_t n_a = (size_t)dzr_schema_n_fields(c->a), n_b = (size_t)dzr_schema_n_fields(c->b);
    c->columns = dzr__arena_zeroed(&c->arena, n_a + n_b, sizeof *c->columns, err);
    c->pairs = c->columns != NULL ? dzr__arena_zeroed(&c->arena, n_a, sizeof *c->pairs, err) : NULL;
    c->different = c->pairs != NULL ? dzr__arena_zeroed(&c->arena, n_a, sizeof *c->different, err) : NULL;
    c->keys =
            c->different != NULL ? dzr__arena_zeroed(&c->arena, (size_t)c->options.n_keys, sizeof *c->keys, err) : NULL;
    bool *const taken = c->keys != NULL ? dzr__arena_zeroed(&c->arena, n_b, sizeof *taken, err) : NULL;
    if (taken == NULL)
        return DZR_ERR_NOMEM;
    match(c, taken);
    return check_names(c, err);
}

dzr_status dzr_comparison_new(const dzr_schema *a, const dzr_schema *b, const dzr_compare_options *options,
        dzr_comparison **out, dzr_error *err)
{
    const dzr_compare_options chosen = options != NULL ? *options : (dzr_compare_options){0};
    dzr_comparison *const c = dzr_alloc_zeroed(chosen.alloc, 1, sizeof *c, err);
    if (c == NULL)
        return DZR_ERR_NOMEM;
    c->options = chosen;
    c->a = dzr_schema_hold(a);
    c->b = dzr_schema_hold(b);
    dzr__arena_init(&c->arena, chosen.alloc, 0);
    const dzr_status st = set_up(c, err);
    if (st != DZR_OK) {
        dzr_comparison_free(c);
        return st;
    }
    *out = c;
    return DZR_OK;
}

void dzr_comparison_free(dzr_comparison *comparison)
{
    if (comparison == NULL)
        return;
    dzr_schema_free(comparison->a);
    dzr_schema_free(comparison->b);
    dzr__arena_fini(&comparison->arena);
    dzr_release(comparison->options.alloc, comparison);
}

int32_t dzr_comparison_n_columns(const dzr_comparison *comparison)
{
    return comparison->n_columns;
}

const dzr_compare_column *dzr_comparison_column(const dzr_comparison *comparison, int32_t index)
{
    return &comparison->columns[index];
}

/* ---- rows ---- */

static dzr_status tell(dzr_comparison *c, const dzr_difference *difference, dzr_error *err)
{
    if (c->options.found == NULL || c->n_told >= c->options.max_told)
        return DZR_OK;
    c->n_told++;
    return c->options.found(c->options.ctx, difference, err);
}

dzr_status dzr__compare_lone(
        dzr_comparison *c, const dzr_batch *a, const dzr_batch *b, int64_t row, int64_t number, dzr_error *err)
{
    const dzr_difference difference = {.a = a,
            .b = b,
            .row_a = row,
            .row_b = row,
            .number_a = a != NULL ? number : -1,
            .number_b = b != NULL ? number : -1};
    c->result.n_only_a += a != NULL;
    c->result.n_only_b += b != NULL;
    return tell(c, &difference, err);
}

dzr_status dzr__compare_rows(dzr_comparison *c, const dzr_batch *a, int64_t row_a, int64_t number_a, const dzr_batch *b,
        int64_t row_b, int64_t number_b, dzr_error *err)
{
    int32_t n = 0;
    for (int32_t i = 0; i < c->n_pairs; i++) {
        dzr_compare_column *const column = &c->columns[c->pairs[i]];
        if (dzr__values_equal(dzr_batch_column(a, column->a), row_a, dzr_batch_column(b, column->b), row_b))
            continue;
        column->n_different++;
        c->different[n++] = c->pairs[i];
    }
    if (n == 0)
        return DZR_OK;
    c->result.n_different++;
    const dzr_difference difference = {a, b, row_a, row_b, number_a, number_b, c->different, n};
    return tell(c, &difference, err);
}

dzr_status dzr__side_settle(dzr__side *side, dzr_error *err)
{
    while (side->batch == NULL || side->row == dzr_batch_n_rows(side->batch)) {
        dzr_batch_free(side->batch);
        side->batch = NULL;
        side->row = 0;
        DZR_TRY(side->source->next(side->source->ctx, &side->batch, err));
        if (side->batch == NULL)
            break;
    }
    return DZR_OK;
}

/* Whether n rows have the same bits in columns of one width without nulls: most often they do, and nothing else needs
 * to be looked at. */
static bool same_bits(const dzr_column *a, int64_t row_a, const dzr_column *b, int64_t row_b, int64_t n)
{
    const size_t width = dzr_type_bits(a->type) / 8;
    const bool plain = a->type.id >= DZR_TYPE_INT8 && a->type.id <= DZR_TYPE_DOUBLE;
    const bool timed = a->type.id >= DZR_TYPE_DATE && a->type.id <= DZR_TYPE_UUID;
    if (!(plain || timed) || !dzr_type_equal(a->type, b->type) || a->validity != NULL || b->validity != NULL)
        return false;
    return memcmp((const uint8_t *)a->values + width * (size_t)row_a,
                   (const uint8_t *)b->values + width * (size_t)row_b, width * (size_t)n) == 0;
}

/* Whether all of n rows are equal, column by column. */
static bool all_equal(const dzr_comparison *c, const dzr__side *a, const dzr__side *b, int64_t n)
{
    for (int32_t i = 0; i < c->n_pairs; i++) {
        const dzr_compare_column *const pair = &c->columns[c->pairs[i]];
        const dzr_column *const x = dzr_batch_column(a->batch, pair->a), *const y = dzr_batch_column(b->batch, pair->b);
        if (same_bits(x, a->row, y, b->row, n))
            continue;
        for (int64_t k = 0; k < n; k++)
            if (!dzr__values_equal(x, a->row + k, y, b->row + k))
                return false;
    }
    return true;
}

static dzr_status compare_run(dzr_comparison *c, dzr__side *a, dzr__side *b, int64_t n, dzr_error *err)
{
    const bool equal = all_equal(c, a, b, n);
    for (int64_t k = 0; k < n; k++) {
        if (!equal)
            DZR_TRY(dzr__compare_rows(c, a->batch, a->row, a->number, b->batch, b->row, b->number, err));
        a->row++;
        a->number++;
        b->row++;
        b->number++;
    }
    return DZR_OK;
}

static dzr_status compare_by_position(dzr_comparison *c, dzr__side *a, dzr__side *b, dzr_error *err)
{
    enum { RUN = 256 };
    for (;;) {
        DZR_TRY(dzr__side_settle(a, err));
        DZR_TRY(dzr__side_settle(b, err));
        if (a->batch == NULL && b->batch == NULL)
            return DZR_OK;
        if (a->batch == NULL || b->batch == NULL) {
            dzr__side *const rest = a->batch != NULL ? a : b;
            DZR_TRY(dzr__compare_lone(c, a->batch, b->batch, rest->row, rest->number, err));
            rest->row++;
            rest->number++;
            continue;
        }
        const int64_t left = DZR_MIN(dzr_batch_n_rows(a->batch) - a->row, dzr_batch_n_rows(b->batch) - b->row);
        DZR_TRY(compare_run(c, a, b, DZR_MIN(left, (int64_t)RUN), err));
    }
}

dzr_status dzr_comparison_run(dzr_comparison *comparison, const dzr_batch_source *a, const dzr_batch_source *b,
        dzr_compare_result *result, dzr_error *err)
{
    dzr__side side_a = {.source = a}, side_b = {.source = b};
    comparison->result = (dzr_compare_result){0};
    comparison->n_told = 0;
    for (int32_t i = 0; i < comparison->n_columns; i++)
        comparison->columns[i].n_different = 0;
    const dzr_status st = comparison->options.n_keys > 0 ? dzr__compare_by_key(comparison, &side_a, &side_b, err)
                                                         : compare_by_position(comparison, &side_a, &side_b, err);
    comparison->result.n_rows_a = side_a.number;
    comparison->result.n_rows_b = side_b.number;
    dzr_batch_free(side_a.batch);
    dzr_batch_free(side_b.batch);
    if (st == DZR_OK)
        *result = comparison->result;
    return st;
}
