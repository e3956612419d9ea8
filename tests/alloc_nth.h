/* tests/alloc_nth.h - an allocator whose nth request fails, and which knows what is still out. Any number of threads
 * may use it; which of their requests is the nth is then a matter of time. */
#ifndef DZR_TESTS_ALLOC_NTH_H
#define DZR_TESTS_ALLOC_NTH_H

#include <datarizer/memory.h>

typedef struct alloc_nth {
    dzr_allocator allocator; /* hand out &nth.allocator */
    int64_t fail_at;         /* counted from 1; 0: never */
    _Atomic int64_t n_requests;
    _Atomic int64_t n_out; /* blocks not released yet */
} alloc_nth;

static inline void *alloc_nth_allocate(void *ctx, size_t n_bytes)
{
    alloc_nth *const nth = ctx;
    if (++nth->n_requests == nth->fail_at)
        return NULL;
    const dzr_allocator *const real = dzr_allocator_default();
    void *const block = real->allocate(real->ctx, n_bytes);
    nth->n_out += block != NULL;
    return block;
}

static inline void alloc_nth_release(void *ctx, void *block)
{
    alloc_nth *const nth = ctx;
    nth->n_out--;
    const dzr_allocator *const real = dzr_allocator_default();
    real->release(real->ctx, block);
}

static inline void alloc_nth_init(alloc_nth *nth, int64_t fail_at)
{
    *nth = (alloc_nth){.allocator = {alloc_nth_allocate, alloc_nth_release, nth}, .fail_at = fail_at};
}

#endif
