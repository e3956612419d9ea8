/* query/counts.c - values and how often each came: exactly while there are few, then the frequent ones with an error
 * that is known. Called by column.c with each value of a column.
 * Once DZR_SUMMARY_VALUES are there, half of them go: the median of the counts is taken off each, and what is left with
 * nothing is forgotten. So no count is off by more than the sum of those medians, which is at most n_values / 2048.
 * Spec: Misra and Gries, "Finding repeated elements"; Anderson et al., "A high-performance algorithm for identifying
 * frequent items in data streams" (IMC 2017). */
#include "query/sketch.h"

#include <stdlib.h>

enum { FIRST_SLOTS = 32 };

void dzr__counts_init(dzr__counts *counts, const dzr_allocator *alloc)
{
    *counts = (dzr__counts){.alloc = alloc, .bytes = {.alloc = alloc}};
}

void dzr__counts_fini(dzr__counts *counts)
{
    dzr_release(counts->alloc, counts->slots);
    dzr_release(counts->alloc, counts->registers);
    dzr__bytebuf_fini(&counts->bytes);
}

dzr_bytes dzr__counts_key(const dzr__counts *counts, const dzr__count *count)
{
    return (dzr_bytes){count->len > 0 ? counts->bytes.at + count->key : (const uint8_t *)"", count->len};
}

/* ---- the table ---- */

static dzr__count *free_slot(dzr__count *slots, size_t n_slots, uint64_t hash)
{
    size_t i = hash & (n_slots - 1);
    while (slots[i].n != 0)
        i = (i + 1) & (n_slots - 1);
    return &slots[i];
}

static dzr_status make_room(dzr__counts *counts, dzr_error *err)
{
    const size_t n_slots = counts->n_slots == 0 ? FIRST_SLOTS : 2 * counts->n_slots;
    dzr__count *const slots = dzr_alloc_zeroed(counts->alloc, n_slots, sizeof *slots, err);
    if (slots == NULL)
        return DZR_ERR_NOMEM;
    for (size_t i = 0; i < counts->n_slots; i++)
        if (counts->slots[i].n != 0)
            *free_slot(slots, n_slots, counts->slots[i].hash) = counts->slots[i];
    dzr_release(counts->alloc, counts->slots);
    counts->slots = slots;
    counts->n_slots = n_slots;
    return DZR_OK;
}

/* From now on all values go to the registers, too. */
static dzr_status begin_estimate(dzr__counts *counts, dzr_error *err)
{
    if (counts->registers != NULL)
        return DZR_OK;
    counts->registers = dzr_alloc_zeroed(counts->alloc, DZR__HLL_REGISTERS, 1, err);
    if (counts->registers == NULL)
        return DZR_ERR_NOMEM;
    for (size_t i = 0; i < counts->n_slots; i++)
        if (counts->slots[i].n != 0)
            dzr__hll_add(counts->registers, counts->slots[i].hash);
    return DZR_OK;
}

static int by_number(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static int64_t median(const dzr__counts *counts, int64_t *scratch)
{
    size_t n = 0;
    for (size_t i = 0; i < counts->n_slots; i++)
        if (counts->slots[i].n != 0)
            scratch[n++] = counts->slots[i].n;
    bool all_one = true; /* as in a column without repetition: nothing to sort */
    for (size_t i = 0; all_one && i < n; i++)
        all_one = scratch[i] == 1;
    if (!all_one)
        qsort(scratch, n, sizeof *scratch, by_number);
    return scratch[n / 2];
}

/* Takes the median off all counts, and out what has nothing left, with the bytes of it. */
static dzr_status forget(dzr__counts *counts, dzr_error *err)
{
    DZR_TRY(begin_estimate(counts, err));
    const size_t n_slots = counts->n_slots;
    dzr__count *const slots = dzr_alloc_zeroed(counts->alloc, n_slots, sizeof *slots, err);
    int64_t *const scratch = dzr_alloc_array(counts->alloc, counts->n_used, sizeof *scratch, err);
    dzr_bytebuf bytes = {.alloc = counts->alloc};
    dzr_status st = slots == NULL || scratch == NULL ? DZR_ERR_NOMEM : DZR_OK;
    const int64_t off = st == DZR_OK ? median(counts, scratch) : 0;
    size_t n_used = 0;
    for (size_t i = 0; st == DZR_OK && i < n_slots; i++) {
        dzr__count count = counts->slots[i];
        if (count.n <= off)
            continue;
        const dzr_bytes key = dzr__counts_key(counts, &count);
        count.n -= off;
        if (count.len > 0) {
            count.key = bytes.len;
            st = dzr__bytebuf_append(&bytes, key.at, key.len, err);
        }
        *free_slot(slots, n_slots, count.hash) = count;
        n_used++;
    }
    dzr_release(counts->alloc, scratch);
    if (st != DZR_OK) {
        dzr_release(counts->alloc, slots);
        dzr__bytebuf_fini(&bytes);
        return st;
    }
    dzr_release(counts->alloc, counts->slots);
    dzr__bytebuf_fini(&counts->bytes);
    counts->slots = slots;
    counts->bytes = bytes;
    counts->n_used = n_used;
    counts->forgotten += off;
    return DZR_OK;
}

/* The value's slot, or a free one where it goes, which there always is. */
static dzr__count *find(const dzr__counts *counts, uint64_t hash, uint64_t word, const dzr_bytes *value)
{
    size_t i = hash & (counts->n_slots - 1);
    for (;; i = (i + 1) & (counts->n_slots - 1)) {
        dzr__count *const at = &counts->slots[i];
        if (at->n == 0)
            return at;
        if (at->hash != hash)
            continue;
        if (value == NULL ? at->key == word
                          : at->len == value->len &&
                                    (at->len == 0 || memcmp(counts->bytes.at + at->key, value->at, at->len) == 0))
            return at;
    }
}

static dzr_status add(dzr__counts *counts, uint64_t hash, uint64_t word, const dzr_bytes *value, dzr_error *err)
{
    if (counts->registers != NULL)
        dzr__hll_add(counts->registers, hash);
    if (counts->n_slots == 0)
        DZR_TRY(make_room(counts, err));
    dzr__count *at = find(counts, hash, word, value);
    if (at->n != 0) {
        at->n++;
        return DZR_OK;
    }
    if (counts->n_used == DZR_SUMMARY_VALUES || 2 * counts->n_used == counts->n_slots) {
        DZR_TRY(counts->n_used == DZR_SUMMARY_VALUES ? forget(counts, err) : make_room(counts, err));
        if (counts->registers != NULL)
            dzr__hll_add(counts->registers, hash);
        at = free_slot(counts->slots, counts->n_slots, hash);
    }
    const uint64_t key = value != NULL ? counts->bytes.len : word;
    if (value != NULL)
        DZR_TRY(dzr__bytebuf_append(&counts->bytes, value->at, value->len, err));
    *at = (dzr__count){.hash = hash, .key = key, .n = 1, .len = value != NULL ? value->len : 0};
    counts->n_used++;
    return DZR_OK;
}

dzr_status dzr__counts_word(dzr__counts *counts, uint64_t word, dzr_error *err)
{
    return add(counts, dzr__hash_word(word), word, NULL, err);
}

dzr_status dzr__counts_bytes(dzr__counts *counts, dzr_bytes value, dzr_error *err)
{
    const uint64_t hash = dzr__hash_bytes(value);
    if (value.len <= DZR_SUMMARY_KEY_BYTES)
        return add(counts, hash, 0, &value, err);
    DZR_TRY(begin_estimate(counts, err));
    dzr__hll_add(counts->registers, hash);
    counts->left_out = true;
    return DZR_OK;
}

/* ---- what it says ---- */

int64_t dzr__counts_distinct(const dzr__counts *counts)
{
    if (counts->registers == NULL)
        return (int64_t)counts->n_used;
    return (int64_t)(dzr__hll_estimate(counts->registers) + 0.5);
}

static int by_count(const void *a, const void *b, void *ctx)
{
    const dzr__count *const x = a, *const y = b;
    if (x->n != y->n)
        return x->n > y->n ? -1 : 1;
    if (x->len == 0 && y->len == 0)
        return x->key < y->key ? -1 : x->key > y->key;
    const dzr__counts *const counts = ctx;
    return dzr__bytes_order(dzr__counts_key(counts, x), dzr__counts_key(counts, y));
}

dzr_status dzr__counts_top(const dzr__counts *counts, int32_t most, dzr__count **out, int32_t *n_out, dzr_error *err)
{
    *n_out = 0;
    *out = NULL;
    if (counts->n_used == 0)
        return DZR_OK;
    dzr__count *const all = dzr_alloc_array(counts->alloc, counts->n_used, sizeof *all, err);
    if (all == NULL)
        return DZR_ERR_NOMEM;
    size_t n = 0;
    for (size_t i = 0; i < counts->n_slots; i++)
        if (counts->slots[i].n > counts->forgotten) /* one that is not here came `forgotten` times at most */
            all[n++] = counts->slots[i];
    qsort_r(all, n, sizeof *all, by_count, (void *)(uintptr_t)counts);
    *out = all;
    *n_out = (int32_t)DZR_MIN(n, (size_t)most);
    return DZR_OK;
}
