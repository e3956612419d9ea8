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

/* ---- value.c: one row's value, which is there; of a column that is no DICTIONARY ---- */

__extension__ typedef __int128 dzr__wide;

static inline bool dzr__type_is_float(dzr_type_id id)
{
    return id == DZR_TYPE_FLOAT || id == DZR_TYPE_DOUBLE || id == DZR_TYPE_HALF;
}

/* Whole numbers, what is counted in units (DATE, TIMESTAMP, TIME, DURATION), and BOOL. */
dzr__wide dzr__wide_at(const dzr_column *column, int64_t row);
/* FLOAT, DOUBLE, HALF */
double dzr__double_at(const dzr_column *column, int64_t row);
/* STRING, BINARY, FIXED, UUID */
dzr_bytes dzr__bytes_at(const dzr_column *column, int64_t row);

/* ---- filter_name.c: a schema's node by names ---- */

/* The nodes from a field down to parts[0 .. n_parts), n_parts at least 1; how many, 0 when there is none. A name that
 * has dots itself is several parts. *stopped is a field on the way that is no STRUCT, where there is one; else NULL. */
int32_t dzr__schema_path(const dzr_schema *schema, const dzr_bytes *parts, int32_t n_parts, int32_t path[DZR_MAX_DEPTH],
        const dzr_field **stopped);
enum { DZR__NAME_BYTES = 256 };
/* The name, with dots, that is most like the one wanted; false when there is none. */
bool dzr__schema_closest(const dzr_schema *schema, const char *wanted, char out[DZR__NAME_BYTES]);

#endif
