/* query/internal.h - what the files of the room share: it answers questions about batches, and knows no file format. */
#ifndef DZR_QUERY_INTERNAL_H
#define DZR_QUERY_INTERNAL_H

#include "frame/internal.h"

/* ---- reach.c: which slots of a node a reader gets to see ---- */

/* Of a node's slots (its column's rows) those that exist stand in lists that are there, and of those that exist some
 * have a value. A null STRUCT makes null what is below it; what stands under a null LIST does not exist. */
typedef struct dzr__reach {
    const uint8_t *exists, *valid; /* bitmaps over the column's rows; NULL: all of them */
    int64_t n_rows, n_exist, n_valid;
    uint8_t *owned[2]; /* what of them was made for it */
    const dzr_allocator *alloc;
} dzr__reach;

/* Of node `node`, in [0, n_nodes) of the batch's schema. It borrows from the batch. Errors: DZR_ERR_NOMEM. */
DZR_MUST_CHECK dzr_status dzr__reach_init(
        dzr__reach *reach, const dzr_batch *batch, int32_t node, const dzr_allocator *alloc, dzr_error *err);
void dzr__reach_fini(dzr__reach *reach);

#endif
