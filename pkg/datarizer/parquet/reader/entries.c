/* parquet/reader/entries.c - the dictionary of a column that is read as codes; see entries.h. A file's own dictionary
 * is taken in as it stands, without a look at its values; these are hashed once a value comes by itself, or a second
 * dictionary. */
#include "parquet/reader/entries.h"

enum {
    FIRST_SLOTS = 1024,
    /* Slots a value is looked for in. Chance needs fewer in a half-full table; values made to share a hash become
     * entries again and again instead. */
    MOST_PROBES = 64,
    MOST_ENTRIES = 1 << 28
};

dzr_status dzr__entries_new(
        dzr_type type, dzr_budget *budget, const dzr_allocator *alloc, dzr_entries **out, dzr_error *err)
{
    dzr_entries *const entries = dzr_alloc_zeroed(alloc, 1, sizeof *entries, err);
    if (entries == NULL)
        return DZR_ERR_NOMEM;
    const dzr_status st = dzr__decoder_init(&entries->values, type, 0, 0, 0, budget, alloc, err);
    if (st != DZR_OK) {
        dzr__entries_free(entries);
        return st;
    }
    *out = entries;
    return DZR_OK;
}

void dzr__entries_free(dzr_entries *entries)
{
    if (entries == NULL)
        return;
    const dzr_allocator *const alloc = entries->values.alloc;
    dzr__decoder_fini(&entries->values);
    dzr_release(alloc, entries->slots);
    dzr_release(alloc, entries);
}

uint64_t dzr__entries_bytes(const dzr_entries *entries)
{
    const dzr_decoder *const d = &entries->values;
    uint64_t n = d->values->cap + (uint64_t)entries->n_slots * sizeof(int32_t) + d->scratch_bytes;
    for (int32_t i = 0; i < d->n_data; i++)
        n += d->data[i]->cap;
    return n;
}

/* ---- the table ---- */

__extension__ typedef unsigned __int128 wide;

static uint64_t mix(uint64_t a, uint64_t b)
{
    const wide product = (wide)(a ^ 0xa0761d6478bd642fu) * (b ^ 0xe7037ed1a0b428dbu);
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint32_t hash_bytes(dzr_bytes bytes)
{
    uint64_t h = bytes.len;
    for (; bytes.len >= 8; bytes.at += 8, bytes.len -= 8)
        h = mix(h, dzr__load_u64(bytes.at));
    uint64_t last = 0;
    if (bytes.len > 0)
        memcpy(&last, bytes.at, bytes.len);
    return (uint32_t)mix(h, last);
}

/* The bytes of a value, which is a slot of d. */
static dzr_bytes bytes_of(const dzr_decoder *d, const void *slot)
{
    if (!dzr__has_views(d))
        return (dzr_bytes){slot, d->size};
    const dzr_view *const view = slot;
    return (dzr_bytes){
            view->len <= DZR_VIEW_INLINE ? view->as.inlined : d->data[view->as.ref.buffer]->at + view->as.ref.offset,
            (size_t)view->len};
}

static dzr_bytes entry_bytes(const dzr_entries *entries, int64_t i)
{
    return bytes_of(&entries->values, entries->values.values->at + entries->values.size * (size_t)i);
}

/* The entry of those bytes, or -1 with *at the slot for one; UINT32_MAX: there is none near. */
static int32_t find(const dzr_entries *entries, dzr_bytes bytes, uint32_t *at)
{
    const uint32_t mask = entries->n_slots - 1, hash = hash_bytes(bytes);
    for (uint32_t probe = 0; probe < MOST_PROBES; probe++) {
        *at = (hash + probe) & mask;
        const int32_t entry = entries->slots[*at] - 1;
        if (entry < 0)
            return -1;
        const dzr_bytes known = entry_bytes(entries, entry);
        if (known.len == bytes.len && (bytes.len == 0 || memcmp(known.at, bytes.at, bytes.len) == 0))
            return entry;
    }
    *at = UINT32_MAX;
    return -1;
}

/* Entries that are not hashed yet go into the table. */
static void hash_entries(dzr_entries *entries)
{
    for (; entries->n_hashed < entries->values.row; entries->n_hashed++) {
        uint32_t at = 0;
        if (find(entries, entry_bytes(entries, entries->n_hashed), &at) < 0 && at != UINT32_MAX)
            entries->slots[at] = (int32_t)entries->n_hashed + 1;
    }
}

/* A table that is half empty with n more entries. */
static dzr_status make_table(dzr_entries *entries, int64_t n, dzr_error *err)
{
    const uint64_t needed = 2 * (uint64_t)(entries->values.row + n);
    uint64_t n_slots = DZR_MAX(entries->n_slots, (uint32_t)FIRST_SLOTS);
    while (n_slots < needed)
        n_slots *= 2;
    if (n_slots != entries->n_slots) {
        DZR_TRY(dzr__budget_take(entries->values.budget, n_slots * sizeof(int32_t), err));
        int32_t *const slots = dzr_alloc_zeroed(entries->values.alloc, (size_t)n_slots, sizeof *slots, err);
        if (slots == NULL)
            return DZR_ERR_NOMEM;
        dzr_release(entries->values.alloc, entries->slots);
        entries->slots = slots;
        entries->n_slots = (uint32_t)n_slots;
        entries->n_hashed = 0;
    }
    hash_entries(entries);
    return DZR_OK;
}

/* ---- values in ---- */

/* Room for n entries more. Batches may hold the values there are: they are copied, and not moved. */
static dzr_status make_room(dzr_entries *entries, int64_t n, dzr_error *err)
{
    dzr_decoder *const d = &entries->values;
    if (n > MOST_ENTRIES - d->row)
        return dzr_fail(err, DZR_ERR_LIMIT, "a dictionary of more than %d values", MOST_ENTRIES);
    if (n <= d->n_rows - d->row)
        return DZR_OK;
    const int64_t n_rows = DZR_MAX(d->row + n, d->n_rows + d->n_rows / 2);
    dzr_buffer *values = NULL;
    DZR_TRY(dzr__decoder_buffer(d, (uint64_t)n_rows * d->size, &values, err));
    if (d->row > 0)
        memcpy(values->at, d->values->at, (size_t)d->row * d->size);
    dzr__buffer_free(d->values);
    d->values = values;
    d->n_rows = n_rows;
    return DZR_OK;
}

static dzr_status add_hashed(dzr_entries *entries, const void *values, int64_t n, int32_t *codes, dzr_error *err)
{
    dzr_decoder *const d = &entries->values;
    const uint8_t *const in = values;
    for (int64_t i = 0; i < n; i++) {
        const void *const slot = in + d->size * (size_t)i;
        uint32_t at = 0;
        if (entries->n_slots < 2 * (uint64_t)(d->row + 1))
            DZR_TRY(make_table(entries, d->row + 1, err));
        codes[i] = find(entries, bytes_of(d, slot), &at);
        if (codes[i] >= 0)
            continue;
        DZR_TRY(make_room(entries, 1, err));
        memcpy(d->values->at + d->size * (size_t)d->row, slot, d->size);
        codes[i] = (int32_t)d->row++;
        if (at != UINT32_MAX)
            entries->slots[at] = codes[i] + 1;
        entries->n_hashed = d->row;
    }
    return DZR_OK;
}

dzr_status dzr__entries_add(
        dzr_entries *entries, const void *values, int64_t n, bool distinct, int32_t *codes, dzr_error *err)
{
    dzr_decoder *const d = &entries->values;
    if (d->row > 0 || !distinct) {
        DZR_TRY(make_table(entries, 0, err));
        return add_hashed(entries, values, n, codes, err);
    }
    DZR_TRY(make_room(entries, n, err));
    if (n > 0)
        memcpy(d->values->at, values, d->size * (size_t)n);
    for (int64_t i = 0; i < n; i++)
        codes[i] = (int32_t)i;
    d->row = n; /* n_hashed is 0: they go into the table once there is one */
    return DZR_OK;
}

/* ---- out ---- */

dzr_status dzr__entries_share(const dzr_entries *entries, dzr_decoder *out, dzr_error *err)
{
    const dzr_decoder *const d = &entries->values;
    *out = dzr__decoder_like(d);
    out->values = dzr__buffer_hold(d->values);
    out->row = out->n_rows = d->row;
    for (int32_t i = 0; i < d->n_data; i++) {
        int32_t ignored = 0;
        DZR_TRY(dzr__decoder_keep(out, dzr__buffer_hold(d->data[i]), &ignored, err));
    }
    return DZR_OK;
}

/* New numbers for the entries that rows name, in the order in which they are met, into map (-1: not met). */
static int64_t number_anew(int32_t *map, dzr_decoder *rows)
{
    int64_t n_kept = 0;
    for (int64_t row = 0; row < rows->row; row++) {
        if (rows->validity != NULL && !dzr__bit_get(rows->validity->at, row))
            continue; /* its code stays 0, whatever that is */
        int32_t *const code = (int32_t *)(void *)rows->values->at + row;
        if (map[*code] < 0)
            map[*code] = (int32_t)n_kept++;
        *code = map[*code];
    }
    return n_kept;
}

static dzr_status keep_entries(dzr_entries *entries, const int32_t *map, int64_t n_kept, dzr_error *err)
{
    dzr_decoder *const d = &entries->values;
    dzr_decoder kept = dzr__decoder_like(d);
    dzr_status st = dzr__decoder_buffer(&kept, (uint64_t)n_kept * d->size, &kept.values, err);
    for (int64_t i = 0; st == DZR_OK && i < d->row; i++)
        if (map[i] >= 0)
            memcpy(kept.values->at + d->size * (size_t)map[i], d->values->at + d->size * (size_t)i, d->size);
    if (st == DZR_OK && dzr__has_views(d))
        st = dzr__decoder_share_data(d, false, &kept, n_kept, err);
    if (st != DZR_OK) {
        dzr__decoder_fini(&kept);
        return st;
    }
    kept.row = kept.n_rows = n_kept;
    dzr__decoder_fini(d);
    *d = kept;
    return DZR_OK;
}

dzr_status dzr__entries_shrink(dzr_entries *entries, dzr_decoder *rows, dzr_error *err)
{
    dzr_decoder *const d = &entries->values;
    if (d->row == 0) /* all rows are null */
        return DZR_OK;
    int32_t *const map = dzr_alloc_array(d->alloc, (size_t)d->row, sizeof *map, err);
    if (map == NULL)
        return DZR_ERR_NOMEM;
    for (int64_t i = 0; i < d->row; i++)
        map[i] = -1;
    const int64_t n_kept = number_anew(map, rows);
    const dzr_status st = keep_entries(entries, map, n_kept, err);
    dzr_release(d->alloc, map);
    dzr_release(d->alloc, entries->slots);
    entries->slots = NULL;
    entries->n_slots = 0;
    entries->n_hashed = 0;
    return st;
}
