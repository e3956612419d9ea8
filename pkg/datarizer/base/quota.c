/* base/quota.c - an allocator with a ceiling; see quota.h. Before each block stands its size. */
#include "base/quota.h"

#include <stdatomic.h>
#include <stdio.h>

struct dzr_quota {
    dzr_allocator allocator;
    const dzr_allocator *real;
    size_t limit;
    atomic_size_t taken;
    atomic_size_t owners; /* blocks, and who made it */
    atomic_bool refused;
};

enum { HEADER = DZR_ALIGN }; /* room for the size that keeps the block's border */

static void drop_owner(dzr_quota *quota)
{
    if (atomic_fetch_sub_explicit(&quota->owners, 1, memory_order_acq_rel) == 1)
        dzr_release(quota->real, quota);
}

/* Takes n bytes when they fit. */
static bool take(dzr_quota *quota, size_t n)
{
    size_t taken = atomic_load_explicit(&quota->taken, memory_order_relaxed);
    do {
        if (n > quota->limit - taken)
            return false;
    } while (!atomic_compare_exchange_weak_explicit(
            &quota->taken, &taken, taken + n, memory_order_relaxed, memory_order_relaxed));
    return true;
}

static void *quota_allocate(void *ctx, size_t n_bytes)
{
    dzr_quota *const quota = ctx;
    if (n_bytes > SIZE_MAX - HEADER || !take(quota, n_bytes + HEADER)) {
        atomic_store_explicit(&quota->refused, true, memory_order_relaxed);
        return NULL;
    }
    uint8_t *const block = quota->real->allocate(quota->real->ctx, n_bytes + HEADER);
    if (block == NULL) {
        atomic_fetch_sub_explicit(&quota->taken, n_bytes + HEADER, memory_order_relaxed);
        return NULL;
    }
    memcpy(block, &n_bytes, sizeof n_bytes);
    atomic_fetch_add_explicit(&quota->owners, 1, memory_order_relaxed);
    return block + HEADER;
}

static void quota_release(void *ctx, void *at)
{
    dzr_quota *const quota = ctx;
    uint8_t *const block = (uint8_t *)at - HEADER;
    size_t n_bytes = 0;
    memcpy(&n_bytes, block, sizeof n_bytes);
    quota->real->release(quota->real->ctx, block);
    atomic_fetch_sub_explicit(&quota->taken, n_bytes + HEADER, memory_order_relaxed);
    drop_owner(quota);
}

dzr_status dzr__quota_new(size_t limit, const dzr_allocator *real, dzr_quota **out, dzr_error *err)
{
    if (real == NULL)
        real = dzr_allocator_default();
    if (limit < sizeof **out)
        return dzr_fail(err, DZR_ERR_LIMIT, "a memory budget of %zu bytes has no room for anything", limit);
    dzr_quota *const quota = dzr_alloc_zeroed(real, 1, sizeof *quota, err);
    if (quota == NULL)
        return DZR_ERR_NOMEM;
    quota->allocator = (dzr_allocator){quota_allocate, quota_release, quota};
    quota->real = real;
    quota->limit = limit;
    atomic_init(&quota->taken, sizeof *quota);
    atomic_init(&quota->owners, 1);
    *out = quota;
    return DZR_OK;
}

const dzr_allocator *dzr__quota_allocator(const dzr_quota *quota)
{
    return &quota->allocator;
}

void dzr__quota_close(dzr_quota *quota)
{
    if (quota != NULL)
        drop_owner(quota);
}

size_t dzr__quota_taken(const dzr_quota *quota)
{
    return atomic_load_explicit(&quota->taken, memory_order_relaxed);
}

size_t dzr__quota_left(const dzr_quota *quota)
{
    return quota->limit - dzr__quota_taken(quota);
}

dzr_status dzr__quota_status(dzr_quota *quota, dzr_status st, const char *advice, dzr_error *err)
{
    if (quota == NULL || !atomic_exchange_explicit(&quota->refused, false, memory_order_relaxed) || st != DZR_ERR_NOMEM)
        return st;
    if (err == NULL)
        return DZR_ERR_LIMIT;
    err->status = DZR_ERR_LIMIT;
    const size_t len = strlen(err->message);
    snprintf(err->message + len, sizeof err->message - len,
            ", which the memory budget of %zu bytes does not allow: raise `memory`%s", quota->limit, advice);
    return DZR_ERR_LIMIT;
}
