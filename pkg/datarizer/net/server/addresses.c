/* net/server/addresses.c - how many connections each peer address has, for max_per_address. Called by loop.c and
 * connection.c from every loop's thread, only when that limit is set.
 * An open table with linear probing, twice as large as there can be connections, so it never fills and never allocates
 * after its birth. The hash is seeded: a peer that chooses its addresses can't make them meet. */
#include "net/server/internal.h"

#include <sys/random.h>

typedef struct slot {
    uint64_t high, low;
    uint32_t n; /* 0: free */
} slot;

struct dzr__http_addresses {
    const dzr_allocator *alloc;
    pthread_mutex_t lock;
    uint64_t seed;
    size_t mask;
    slot slots[];
};

dzr_status dzr__http_addresses_open(
        const dzr_allocator *alloc, int max_connections, dzr__http_addresses **out, dzr_error *err)
{
    size_t n_slots = 16;
    while (n_slots < 2 * (size_t)max_connections)
        n_slots *= 2;
    dzr__http_addresses *const addresses =
            dzr_alloc_zeroed(alloc, 1, sizeof *addresses + n_slots * sizeof addresses->slots[0], err);
    if (addresses == NULL)
        return DZR_ERR_NOMEM;
    addresses->alloc = alloc;
    addresses->mask = n_slots - 1;
    if (getrandom(&addresses->seed, sizeof addresses->seed, GRND_NONBLOCK) < 0)
        addresses->seed = uv_hrtime() ^ (uint64_t)(uintptr_t)addresses;
    pthread_mutex_init(&addresses->lock, NULL);
    *out = addresses;
    return DZR_OK;
}

void dzr__http_addresses_close(dzr__http_addresses *addresses)
{
    if (addresses == NULL)
        return;
    pthread_mutex_destroy(&addresses->lock);
    dzr_release(addresses->alloc, addresses);
}

static slot key_of(const struct in6_addr *address)
{
    slot key = {dzr__load_u64(address->s6_addr), dzr__load_u64(address->s6_addr + 8), 0};
    if (!IN6_IS_ADDR_V4MAPPED(address))
        key.low = 0; /* one customer, one /64 */
    return key;
}

static size_t home_of(const dzr__http_addresses *addresses, const slot *key)
{
    uint64_t h = key->high ^ addresses->seed;
    h = (h ^ (h >> 32)) * 0x9e3779b97f4a7c15u;
    h ^= key->low;
    h = (h ^ (h >> 32)) * 0xd6e8feb86659fd93u;
    return (size_t)(h ^ (h >> 32)) & addresses->mask;
}

/* Where key is, or the free slot where it would go. */
static size_t find(const dzr__http_addresses *addresses, const slot *key)
{
    size_t i = home_of(addresses, key);
    while (addresses->slots[i].n > 0 && (addresses->slots[i].high != key->high || addresses->slots[i].low != key->low))
        i = (i + 1) & addresses->mask;
    return i;
}

bool dzr__http_addresses_enter(dzr__http_addresses *addresses, const struct in6_addr *address, int max)
{
    const slot key = key_of(address);
    pthread_mutex_lock(&addresses->lock);
    slot *const found = &addresses->slots[find(addresses, &key)];
    const bool entered = found->n < (uint32_t)max;
    if (entered)
        *found = (slot){key.high, key.low, found->n + 1};
    pthread_mutex_unlock(&addresses->lock);
    return entered;
}

/* Frees slot i and moves up those behind it that would no longer be found. */
static void vacate(dzr__http_addresses *addresses, size_t i)
{
    const size_t mask = addresses->mask;
    for (size_t next = (i + 1) & mask; addresses->slots[next].n > 0; next = (next + 1) & mask) {
        const size_t home = home_of(addresses, &addresses->slots[next]);
        if (((next - home) & mask) >= ((next - i) & mask)) {
            addresses->slots[i] = addresses->slots[next];
            i = next;
        }
    }
    addresses->slots[i].n = 0;
}

void dzr__http_addresses_leave(dzr__http_addresses *addresses, const struct in6_addr *address)
{
    const slot key = key_of(address);
    pthread_mutex_lock(&addresses->lock);
    const size_t i = find(addresses, &key);
    if (addresses->slots[i].n > 0 && --addresses->slots[i].n == 0)
        vacate(addresses, i);
    pthread_mutex_unlock(&addresses->lock);
}
