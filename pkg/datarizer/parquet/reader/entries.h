/* parquet/reader/entries.h - the dictionary of a column that is read as codes: the values its rows name by number. What
 * a file's dictionary page has joins it, and so does each value of a page in another encoding, once: whatever a chunk
 * falls back to, the column stays one of codes. Called by page.c and values.c while pages are decoded, by scan_column.c
 * between chunks, and by cut.c. */
#ifndef DZR_PARQUET_ENTRIES_H
#define DZR_PARQUET_ENTRIES_H

#include "parquet/reader/reader.h"

struct dzr_entries {
    dzr_decoder values; /* `row` of them, as they are stored, and what they point into */
    int32_t *slots;     /* one more than an entry's number, where its hash points or behind; 0 is empty */
    uint32_t n_slots;   /* a power of two, at least twice the entries; 0: no value was looked for yet */
    int64_t n_hashed;   /* the first entries, which are in slots */
};

/* type is what is stored: no BOOL. free takes NULL, too. */
DZR_MUST_CHECK dzr_status dzr__entries_new(
        dzr_type type, dzr_budget *budget, const dzr_allocator *alloc, dzr_entries **out, dzr_error *err);
void dzr__entries_free(dzr_entries *entries);
/* The codes of n values, which are slots of entries->values. Those that are new become entries. distinct: they are not
 * looked for, when there are no entries yet.
 * Errors: DZR_ERR_LIMIT (more than 2^28), DZR_ERR_NOMEM. */
DZR_MUST_CHECK dzr_status dzr__entries_add(
        dzr_entries *entries, const void *values, int64_t n, bool distinct, int32_t *codes, dzr_error *err);
/* A decoder that shares the values there are, as they are stored. dzr__decoder_fini(out) is needed after a failure too.
 */
DZR_MUST_CHECK dzr_status dzr__entries_share(const dzr_entries *entries, dzr_decoder *out, dzr_error *err);
/* Keeps the entries that the rows of `rows`, a decoder of their codes, name. They then have new numbers. */
DZR_MUST_CHECK dzr_status dzr__entries_shrink(dzr_entries *entries, dzr_decoder *rows, dzr_error *err);
/* Memory they take. */
uint64_t dzr__entries_bytes(const dzr_entries *entries);

#endif
