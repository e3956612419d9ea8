/* parquet/writer/shred.c - records to levels: for each value of a nested column, and each place where a null or an
 * empty list stands for some, how far down the way to it is there (definition level) and which list goes on (repetition
 * level). Called by writer.c. Spec: parquet-format README.md "Nested Encoding"; Melnik et al., "Dremel", section 4. */
#include "parquet/writer/writer.h"

#include <assert.h>

enum { MANY_LEVELS = 4096 }; /* what one call makes, but for a record that has more */

void dzr__shreds_init(dzr_shreds *shreds, const dzr_allocator *alloc)
{
    *shreds = (dzr_shreds){.alloc = alloc, .reps.alloc = alloc, .defs.alloc = alloc, .rows.alloc = alloc};
}

void dzr__shreds_fini(dzr_shreds *shreds)
{
    dzr__bytebuf_fini(&shreds->reps);
    dzr__bytebuf_fini(&shreds->defs);
    dzr__bytebuf_fini(&shreds->rows);
}

typedef struct shredder {
    dzr_shreds *out;
    const dzr_leaf_path *leaf;
    const dzr_column *columns[DZR_MAX_DEPTH]; /* of the leaf's steps */
} shredder;

/* A level, and with row >= 0 the value that it is for. */
static dzr_status add_level(dzr_shreds *out, uint32_t rep, uint32_t def, int64_t row, dzr_error *err)
{
    DZR_TRY(dzr__bytebuf_append(&out->reps, &rep, sizeof rep, err));
    DZR_TRY(dzr__bytebuf_append(&out->defs, &def, sizeof def, err));
    out->n_levels++;
    if (row < 0)
        return DZR_OK;
    DZR_TRY(dzr__bytebuf_append(&out->rows, &row, sizeof row, err));
    out->n_values++;
    return DZR_OK;
}

/* Row `row` of step `at` and all below it. What stands under a null or outside of every list is never looked at. */
static dzr_status shred_row(const shredder *s, int32_t at, int64_t row, uint32_t rep, uint32_t def, dzr_error *err)
{
    for (;; at++) {
        const dzr_step *const step = &s->leaf->steps[at];
        const dzr_column *const column = s->columns[at];
        if (dzr_column_is_null(column, row)) {
            if (step->nullable)
                return add_level(s->out, rep, def, -1, err);
            return dzr_fail(err, DZR_ERR_ARG, "column \"%s\" has a null in a part that is not nullable", s->leaf->text);
        }
        def += step->nullable ? 1 : 0;
        if (step->is_list) {
            int64_t first = 0;
            const int64_t n = dzr_column_list(column, row, &first);
            if (n == 0)
                return add_level(s->out, rep, def, -1, err);
            for (int64_t i = 0; i < n; i++)
                DZR_TRY(shred_row(s, at + 1, first + i, i == 0 ? rep : step->rep, def + 1, err));
            return DZR_OK;
        }
        if (at == s->leaf->n_steps - 1)
            return add_level(s->out, rep, def, row, err);
    }
}

dzr_status dzr__shred(dzr_shreds *shreds, const dzr_batch *batch, const dzr_leaf_path *leaf, int64_t first, int64_t n,
        int64_t *n_done, dzr_error *err)
{
    shredder s = {.out = shreds, .leaf = leaf};
    assert(leaf->n_steps > 0);
    for (int32_t i = 0; i < leaf->n_steps; i++)
        s.columns[i] = dzr_batch_node(batch, leaf->steps[i].node);
    shreds->reps.len = shreds->defs.len = shreds->rows.len = 0;
    shreds->n_levels = shreds->n_values = 0;
    DZR_TRY(dzr__bytebuf_reserve(&shreds->rows, sizeof(int64_t), err)); /* so that there is a place for none, too */
    for (*n_done = 0; *n_done < n && shreds->n_levels < MANY_LEVELS; ++*n_done)
        DZR_TRY(shred_row(&s, 0, first + *n_done, 0, 0, err));
    return DZR_OK;
}
