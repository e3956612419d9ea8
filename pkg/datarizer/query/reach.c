/* query/reach.c - which slots of a nested column a reader gets to see: from the field at the top down to the node, each
 * column's validity cuts off what is below it. Called once a batch and column; without nesting nothing is copied. */
#include "query/internal.h"

/* bits = a AND b, each NULL for all set, in memory of its own. */
static dzr_status both(dzr__reach *reach, const uint8_t *a, const uint8_t *b, int64_t n, uint8_t **out, dzr_error *err)
{
    const size_t n_bytes = dzr__bitmap_bytes(n);
    uint8_t *const bits = dzr_alloc_array(reach->alloc, n_bytes, 1, err);
    if (bits == NULL)
        return DZR_ERR_NOMEM;
    for (size_t i = 0; i < n_bytes; i++)
        bits[i] = (uint8_t)(a[i] & b[i]);
    *out = bits;
    return DZR_OK;
}

static void take(dzr__reach *reach, int which, uint8_t *bits)
{
    dzr_release(reach->alloc, reach->owned[which]);
    reach->owned[which] = bits;
}

/* The column's own nulls cut into what is valid. */
static dzr_status narrow(dzr__reach *reach, const dzr_column *column, dzr_error *err)
{
    if (column->validity == NULL)
        return DZR_OK;
    if (reach->valid == NULL) {
        reach->valid = column->validity;
        return DZR_OK;
    }
    uint8_t *bits = NULL;
    DZR_TRY(both(reach, reach->valid, column->validity, column->n_rows, &bits, err));
    take(reach, 1, bits);
    reach->valid = bits;
    return DZR_OK;
}

/* From a LIST or MAP to its elements: those of lists that are there exist, and nothing is null yet. */
static dzr_status descend(dzr__reach *reach, const dzr_column *list, dzr_error *err)
{
    uint8_t *bits = NULL;
    reach->n_rows = list->children[0]->n_rows;
    if (reach->valid != NULL) {
        bits = dzr_alloc_zeroed(reach->alloc, dzr__bitmap_bytes(reach->n_rows), 1, err);
        if (bits == NULL)
            return DZR_ERR_NOMEM;
        for (int64_t row = 0; row < list->n_rows; row++) {
            int64_t first = 0;
            const int64_t n = dzr_column_list(list, row, &first);
            if (n > 0 && dzr__bit_get(reach->valid, row))
                dzr__bits_fill(bits, first, n, true);
        }
    }
    take(reach, 0, bits);
    take(reach, 1, NULL);
    reach->exists = reach->valid = bits;
    return DZR_OK;
}

dzr_status dzr__reach_init(
        dzr__reach *reach, const dzr_batch *batch, int32_t node, const dzr_allocator *alloc, dzr_error *err)
{
    const dzr_schema *const schema = dzr_batch_schema(batch);
    *reach = (dzr__reach){.alloc = alloc, .n_rows = dzr_batch_n_rows(batch)};
    int32_t at = 0;
    while (dzr_schema_node_end(schema, at) <= node) /* the field that has it */
        at = dzr_schema_node_end(schema, at);
    dzr_status st = narrow(reach, dzr_batch_node(batch, at), err);
    while (st == DZR_OK && at < node) {
        const dzr_type_id id = dzr_schema_node(schema, at)->type.id;
        if (id == DZR_TYPE_LIST || id == DZR_TYPE_MAP)
            st = descend(reach, dzr_batch_node(batch, at), err);
        at++;
        while (dzr_schema_node_end(schema, at) <= node)
            at = dzr_schema_node_end(schema, at);
        if (st == DZR_OK)
            st = narrow(reach, dzr_batch_node(batch, at), err);
    }
    reach->n_exist = reach->exists != NULL ? dzr__bits_count(reach->exists, 0, reach->n_rows) : reach->n_rows;
    reach->n_valid = reach->valid != NULL ? dzr__bits_count(reach->valid, 0, reach->n_rows) : reach->n_rows;
    if (st != DZR_OK)
        dzr__reach_fini(reach);
    return st;
}

void dzr__reach_fini(dzr__reach *reach)
{
    take(reach, 0, NULL);
    take(reach, 1, NULL);
}
