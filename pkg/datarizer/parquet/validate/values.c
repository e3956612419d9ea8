/* parquet/validate/values.c - what the values of a decoded page are: how many, which are the least and the greatest,
 * and each as PLAIN has it. Called by chunk.c, facts.c and bloom.c. Spec: Encodings.md "PLAIN"; parquet.thrift,
 * ColumnOrder; XXH64: github.com/Cyan4973/xxHash doc/xxhash_spec.md. */
#include "parquet/validate/validate.h"

bool dzr__decoder_has_value(const dzr_decoder *d, int64_t row)
{
    return d->validity == NULL || dzr__bit_get(d->validity->at, row);
}

dzr_bytes dzr__decoder_plain(const dzr_decoder *d, int64_t row, uint8_t room[DZR_PLAIN_ROOM])
{
    if (d->size == 0) {
        room[0] = dzr__bit_get(d->values->at, row);
        return (dzr_bytes){room, 1};
    }
    const uint8_t *const slot = d->values->at + d->size * (size_t)row;
    if (dzr__has_views(d)) {
        const dzr_view *const view = (const dzr_view *)(const void *)slot;
        const uint8_t *const at = view->len <= DZR_VIEW_INLINE ? view->as.inlined
                                                               : d->data[view->as.ref.buffer]->at + view->as.ref.offset;
        return (dzr_bytes){at, (size_t)view->len};
    }
    const size_t size = dzr__stored_size(d);
    if (size == d->size)
        return (dzr_bytes){slot, size};
    int32_t wide = 0; /* 8 and 16 bits are stored as 32 */
    memcpy(&wide, slot, d->size);
    if (!dzr__type_is_unsigned(d->type))
        wide = d->size == 1 ? (int8_t)wide : (int16_t)wide;
    memcpy(room, &wide, sizeof wide);
    return (dzr_bytes){room, sizeof wide};
}

static bool is_less(const dzr_decoder *d, dzr_type order, int64_t a, int64_t b)
{
    uint8_t room_a[DZR_PLAIN_ROOM], room_b[DZR_PLAIN_ROOM];
    return dzr__bounds_compare(order, dzr__decoder_plain(d, a, room_a), dzr__decoder_plain(d, b, room_b)) < 0;
}

static void add_bounds(dzr_values_seen *seen, const dzr_decoder *d, dzr_type order, int64_t min, int64_t max)
{
    if (min < 0)
        return;
    if (seen->min < 0 || is_less(d, order, min, seen->min))
        seen->min = min;
    if (seen->max < 0 || is_less(d, order, seen->max, max))
        seen->max = max;
}

/* What no bound is taken of: NaN. */
static bool is_nan(const dzr_decoder *d, const dzr_type *order, int64_t row)
{
    uint8_t room[DZR_PLAIN_ROOM];
    return order != NULL && dzr__type_is_float(*order) && !dzr__bound_valid(*order, dzr__decoder_plain(d, row, room));
}

void dzr__values_add(dzr_values_seen *seen, const dzr_decoder *d, const dzr_type *order, int64_t first, int64_t end)
{
    seen->n_rows += end - first;
    for (int64_t row = first; row < end; row++) {
        if (!dzr__decoder_has_value(d, row))
            continue;
        seen->n_set++;
        if (dzr__has_views(d))
            seen->n_string_bytes += ((const dzr_view *)(const void *)d->values->at)[row].len;
        if (is_nan(d, order, row))
            seen->n_nan++;
        else if (order != NULL)
            add_bounds(seen, d, *order, row, row);
    }
}

void dzr__values_join(dzr_values_seen *to, const dzr_values_seen *from, const dzr_decoder *d, const dzr_type *order)
{
    to->n_levels += from->n_levels;
    to->n_rows += from->n_rows;
    to->n_set += from->n_set;
    to->n_records += from->n_records;
    to->n_nan += from->n_nan;
    to->n_string_bytes += from->n_string_bytes;
    if (order != NULL)
        add_bounds(to, d, *order, from->min, from->max);
}

/* ---- hash of a value: XXH64 with seed 0, as bloom filters want it ---- */

static const uint64_t primes[] = {UINT64_C(0x9e3779b185ebca87), UINT64_C(0xc2b2ae3d27d4eb4f),
        UINT64_C(0x165667b19e3779f9), UINT64_C(0x85ebca77c2b2ae63), UINT64_C(0x27d4eb2f165667c5)};

static uint64_t turn(uint64_t x, unsigned n)
{
    return x << n | x >> (64 - n);
}

static uint64_t take_lane(uint64_t sum, uint64_t lane)
{
    return turn(sum + lane * primes[1], 31) * primes[0];
}

uint64_t dzr__xxh64(const uint8_t *at, size_t len)
{
    const uint8_t *const end = at + len;
    uint64_t hash = primes[4];
    if (len >= 32) {
        uint64_t sums[] = {primes[0] + primes[1], primes[1], 0, -primes[0]};
        for (; end - at >= 32; at += 32)
            for (size_t i = 0; i < 4; i++)
                sums[i] = take_lane(sums[i], dzr__load_u64(at + 8 * i));
        hash = turn(sums[0], 1) + turn(sums[1], 7) + turn(sums[2], 12) + turn(sums[3], 18);
        for (int i = 0; i < 4; i++)
            hash = (hash ^ take_lane(0, sums[i])) * primes[0] + primes[3];
    }
    hash += len;
    for (; end - at >= 8; at += 8)
        hash = turn(hash ^ take_lane(0, dzr__load_u64(at)), 27) * primes[0] + primes[3];
    if (end - at >= 4) {
        hash = turn(hash ^ dzr__load_u32(at) * primes[0], 23) * primes[1] + primes[2];
        at += 4;
    }
    for (; at < end; at++)
        hash = turn(hash ^ *at * primes[4], 11) * primes[0];
    hash = (hash ^ hash >> 33) * primes[1];
    hash = (hash ^ hash >> 29) * primes[2];
    return hash ^ hash >> 32;
}
