/* query/compare_key.c - rows of two sides that belong together by a key. The first side is taken into memory and found
 * by a hash of its keys; where it does not fit, both have to be in the key's order and are merged, beginning with what
 * was taken in. Called by compare.c. */
#include "query/compare.h"
#include "query/sketch.h"

#include <assert.h>

/* ---- keys of rows ---- */

static const dzr_column *key_column(const dzr_comparison *c, const dzr_batch *batch, bool is_a, int32_t key)
{
    const dzr_compare_column *const column = &c->columns[c->keys[key]];
    return dzr_batch_column(batch, is_a ? column->a : column->b);
}

/* Of two rows, each of either side. */
static int order(const dzr_comparison *c, const dzr_batch *x, int64_t row_x, bool x_is_a, const dzr_batch *y,
        int64_t row_y, bool y_is_a)
{
    for (int32_t i = 0; i < c->options.n_keys; i++) {
        const int o = dzr__keys_order(key_column(c, x, x_is_a, i), row_x, key_column(c, y, y_is_a, i), row_y);
        if (o != 0)
            return o;
    }
    return 0;
}

static uint64_t hash_of(const dzr_comparison *c, const dzr_batch *batch, int64_t row, bool is_a)
{
    uint64_t hash = 0;
    for (int32_t i = 0; i < c->options.n_keys; i++)
        hash = dzr__hash_word(hash + UINT64_C(0x9e3779b97f4a7c15) + dzr__key_hash(key_column(c, batch, is_a, i), row));
    return hash;
}

static dzr_status twice(int64_t row, int64_t other, const char *side, dzr_error *err)
{
    return dzr_fail(
            err, DZR_ERR_ARG, "rows %lld and %lld of the %s have the same key", (long long)other, (long long)row, side);
}

/* ---- the first side, as far as it fits ---- */

typedef struct held {
    dzr_batch **batches;
    int64_t *firsts; /* number of each one's first row */
    size_t n, cap;
    int64_t n_rows;
    size_t n_bytes;
} held;

enum { INDEX_BYTES = 64 }; /* of a row, at most: its place in the index and whether it was found */

static size_t batch_bytes(const dzr_batch *batch)
{
    size_t n_bytes = 0;
    for (int32_t node = 0; node < dzr_schema_n_nodes(dzr_batch_schema(batch)); node++) {
        int32_t n = 0;
        dzr_buffer *const *const buffers = dzr__batch_buffers(batch, node, &n);
        for (int32_t i = 0; i < n; i++)
            n_bytes += buffers[i] != NULL ? DZR_MAX(buffers[i]->cap, buffers[i]->len) : 0;
    }
    return n_bytes + (size_t)dzr_batch_n_rows(batch) * INDEX_BYTES;
}

static dzr_status hold(held *h, dzr_batch *batch, const dzr_allocator *alloc, dzr_error *err)
{
    if (h->n == h->cap) {
        const size_t cap = 2 * h->cap + 16;
        dzr_batch **const batches = dzr_alloc_array(alloc, cap, sizeof *batches, err);
        int64_t *const firsts = batches != NULL ? dzr_alloc_array(alloc, cap, sizeof *firsts, err) : NULL;
        if (firsts == NULL) {
            dzr_release(alloc, batches);
            return DZR_ERR_NOMEM;
        }
        if (h->n > 0) {
            memcpy(batches, h->batches, h->n * sizeof *batches);
            memcpy(firsts, h->firsts, h->n * sizeof *firsts);
        }
        dzr_release(alloc, h->batches);
        dzr_release(alloc, h->firsts);
        h->batches = batches;
        h->firsts = firsts;
        h->cap = cap;
    }
    h->batches[h->n] = batch;
    h->firsts[h->n++] = h->n_rows;
    h->n_rows += dzr_batch_n_rows(batch);
    h->n_bytes += batch_bytes(batch);
    return DZR_OK;
}

/* Until the end, *all, or until memory is used up. */
static dzr_status fill(dzr_comparison *c, const dzr__side *a, held *h, bool *all, dzr_error *err)
{
    const size_t memory = c->options.memory;
    for (*all = false; memory == 0 || h->n_bytes < memory;) {
        dzr_batch *batch = NULL;
        DZR_TRY(a->source->next(a->source->ctx, &batch, err));
        *all = batch == NULL;
        if (*all)
            break;
        const dzr_status st = hold(h, batch, c->options.alloc, err);
        if (st != DZR_OK) {
            dzr_batch_free(batch);
            return st;
        }
    }
    return DZR_OK;
}

/* ---- by hash ---- */

typedef struct entry {
    uint64_t hash;
    uint32_t batch, row;
    bool used, found;
} entry;

typedef struct key_index {
    entry *entries;
    size_t mask;
} key_index;

/* The entry of a row's key, or the free one where it goes. */
static entry *find(const dzr_comparison *c, const key_index *index, const held *h, uint64_t hash,
        const dzr_batch *batch, int64_t row, bool is_a)
{
    size_t i = hash & index->mask;
    for (;; i = (i + 1) & index->mask) {
        entry *const at = &index->entries[i];
        assert(!at->used || h->batches != NULL);
        if (!at->used || (at->hash == hash && order(c, h->batches[at->batch], at->row, true, batch, row, is_a) == 0))
            return at;
    }
}

static dzr_status build(const dzr_comparison *c, const held *h, key_index *index, dzr_error *err)
{
    size_t n = 16;
    while (n < (size_t)h->n_rows * 2)
        n *= 2;
    index->mask = n - 1;
    index->entries = dzr_alloc_zeroed(c->options.alloc, n, sizeof *index->entries, err);
    if (index->entries == NULL)
        return DZR_ERR_NOMEM;
    for (size_t b = 0; b < h->n; b++) {
        if (dzr_batch_n_rows(h->batches[b]) > UINT32_MAX || b > UINT32_MAX)
            return dzr_fail(err, DZR_ERR_LIMIT, "a batch of more than 2^32 rows");
        for (int64_t row = 0; row < dzr_batch_n_rows(h->batches[b]); row++) {
            const uint64_t hash = hash_of(c, h->batches[b], row, true);
            entry *const at = find(c, index, h, hash, h->batches[b], row, true);
            if (at->used)
                return twice(h->firsts[b] + row, h->firsts[at->batch] + at->row, "first", err);
            *at = (entry){hash, (uint32_t)b, (uint32_t)row, true, false};
        }
    }
    return DZR_OK;
}

/* Rows of the second side as they come, each beside its partner. */
static dzr_status probe(dzr_comparison *c, const held *h, const key_index *index, dzr__side *b, dzr_error *err)
{
    for (;;) {
        DZR_TRY(dzr__side_settle(b, err));
        if (b->batch == NULL)
            return DZR_OK;
        const uint64_t hash = hash_of(c, b->batch, b->row, false);
        entry *const at = find(c, index, h, hash, b->batch, b->row, false);
        if (at->used && at->found)
            return dzr_fail(
                    err, DZR_ERR_ARG, "row %lld of the second has the key of a row before it", (long long)b->number);
        at->found = at->used;
        assert(!at->used || h->batches != NULL);
        if (at->used)
            DZR_TRY(dzr__compare_rows(c, h->batches[at->batch], at->row, h->firsts[at->batch] + at->row, b->batch,
                    b->row, b->number, err));
        else
            DZR_TRY(dzr__compare_lone(c, NULL, b->batch, b->row, b->number, err));
        b->row++;
        b->number++;
    }
}

/* Rows of the first that had no partner, in their order. */
static dzr_status tell_rest(dzr_comparison *c, const held *h, const key_index *index, dzr_error *err)
{
    for (size_t b = 0; b < h->n; b++) {
        for (int64_t row = 0; row < dzr_batch_n_rows(h->batches[b]); row++) {
            const dzr_batch *const batch = h->batches[b];
            const uint64_t hash = hash_of(c, batch, row, true);
            if (!find(c, index, h, hash, batch, row, true)->found)
                DZR_TRY(dzr__compare_lone(c, batch, NULL, row, h->firsts[b] + row, err));
        }
    }
    return DZR_OK;
}

static dzr_status by_hash(dzr_comparison *c, const held *h, dzr__side *a, dzr__side *b, dzr_error *err)
{
    key_index index = {.entries = NULL};
    dzr_status st = build(c, h, &index, err);
    if (st == DZR_OK)
        st = probe(c, h, &index, b, err);
    if (st == DZR_OK)
        st = tell_rest(c, h, &index, err);
    a->number = h->n_rows;
    dzr_release(c->options.alloc, index.entries);
    return st;
}

/* ---- by order ---- */

/* The first side for a merge: what was taken in, then what is still to come. */
typedef struct replay {
    held *held;
    size_t next;
    const dzr_batch_source *rest;
} replay;

static dzr_status replay_next(void *ctx, dzr_batch **out, dzr_error *err)
{
    replay *const r = ctx;
    if (r->next == r->held->n)
        return r->rest->next(r->rest->ctx, out, err);
    *out = r->held->batches[r->next];
    r->held->batches[r->next++] = NULL; /* whoever has it now frees it */
    return DZR_OK;
}

/* Moves on by a row, which must come after the one before it. */
static dzr_status step(const dzr_comparison *c, dzr__side *side, bool is_a, dzr_error *err)
{
    dzr_batch *const before = dzr_batch_hold(side->batch);
    const int64_t row = side->row++;
    side->number++;
    dzr_status st = dzr__side_settle(side, err);
    if (st == DZR_OK && side->batch != NULL) {
        const int o = order(c, before, row, is_a, side->batch, side->row, is_a);
        const char *const which = is_a ? "first" : "second";
        if (o == 0)
            st = twice(side->number, side->number - 1, which, err);
        else if (o > 0)
            st = dzr_fail(err, DZR_ERR_LIMIT,
                    "the rows of the first do not fit %zu bytes of memory, and row %lld of the %s is not in order of "
                    "the "
                    "key: raise the memory, or sort both by the key",
                    c->options.memory, (long long)side->number, which);
    }
    dzr_batch_free(before);
    return st;
}

static dzr_status merge(dzr_comparison *c, dzr__side *a, dzr__side *b, dzr_error *err)
{
    DZR_TRY(dzr__side_settle(a, err));
    DZR_TRY(dzr__side_settle(b, err));
    while (a->batch != NULL || b->batch != NULL) {
        const int o = a->batch == NULL   ? 1
                      : b->batch == NULL ? -1
                                         : order(c, a->batch, a->row, true, b->batch, b->row, false);
        if (o == 0)
            DZR_TRY(dzr__compare_rows(c, a->batch, a->row, a->number, b->batch, b->row, b->number, err));
        else
            DZR_TRY(dzr__compare_lone(c, o < 0 ? a->batch : NULL, o > 0 ? b->batch : NULL, o < 0 ? a->row : b->row,
                    o < 0 ? a->number : b->number, err));
        if (o <= 0)
            DZR_TRY(step(c, a, true, err));
        if (o >= 0)
            DZR_TRY(step(c, b, false, err));
    }
    return DZR_OK;
}

dzr_status dzr__compare_by_key(dzr_comparison *c, dzr__side *a, dzr__side *b, dzr_error *err)
{
    held h = {.n = 0};
    bool all = false;
    replay r = {.held = &h, .rest = a->source};
    const dzr_batch_source replayed = {.ctx = &r, .next = replay_next};
    dzr_status st = fill(c, a, &h, &all, err);
    if (st == DZR_OK && all) {
        st = by_hash(c, &h, a, b, err);
    } else if (st == DZR_OK) {
        a->source = &replayed;
        st = merge(c, a, b, err);
        a->source = r.rest;
    }
    for (size_t i = 0; i < h.n; i++)
        dzr_batch_free(h.batches[i]);
    dzr_release(c->options.alloc, h.batches);
    dzr_release(c->options.alloc, h.firsts);
    return st;
}
