/* tests/alloc_nth.h - an allocator whose nth request fails, and which knows what is still out. Any number of threads
 * may use it; which of their requests is the nth is then a matter of time. */
#ifndef DZR_TESTS_ALLOC_NTH_H
#define DZR_TESTS_ALLOC_NTH_H

#include "support.h"

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

/* What a test does with the allocator, from the beginning to all being released again. */
typedef dzr_status (*alloc_nth_attempt)(const dzr_allocator *alloc, void *ctx, dzr_error *err);

/* Has the 1st request of attempt fail, then the 2nd and so on, until one is not reached any more: that attempt must
 * succeed. Each before it answers DZR_ERR_NOMEM, with a message in err, and none leaves a block. Returns how many
 * requests there are. */
static inline int64_t every_request_fails(alloc_nth_attempt attempt, void *ctx)
{
    for (int64_t n = 1;; n++) {
        alloc_nth nth;
        dzr_error err = {.message = ""};
        alloc_nth_init(&nth, n);
        const dzr_status st = attempt(&nth.allocator, ctx, &err);
        const bool reached = nth.n_requests >= n;
        if (st != (reached ? DZR_ERR_NOMEM : DZR_OK) || nth.n_out != 0)
            fail_msg("request %lld: %s, \"%s\", %lld blocks are left", (long long)n, dzr_status_name(st), err.message,
                    (long long)nth.n_out);
        if (!reached)
            return n - 1;
        if (err.status != DZR_ERR_NOMEM || err.message[0] == '\0')
            fail_msg("request %lld: err has %s, \"%s\"", (long long)n, dzr_status_name(err.status), err.message);
    }
}

#endif
