/* tests/alloc_counting.h - an allocator that knows how much is out, and was at most. */
#ifndef DZR_TESTS_ALLOC_COUNTING_H
#define DZR_TESTS_ALLOC_COUNTING_H

#include <datarizer/memory.h>

#include <stdlib.h>

typedef struct counting {
    dzr_allocator allocator; /* hand out &counting.allocator */
    size_t out, most;
    int64_t n_out;
} counting;

static inline void *counting_allocate(void *ctx, size_t n_bytes)
{
    counting *const count = ctx;
    uint8_t *const block = aligned_alloc(DZR_ALIGN, (n_bytes + 2 * DZR_ALIGN - 1) / DZR_ALIGN * DZR_ALIGN);
    if (block == NULL)
        return NULL;
    memcpy(block, &n_bytes, sizeof n_bytes);
    count->out += n_bytes;
    count->n_out++;
    if (count->out > count->most)
        count->most = count->out;
    return block + DZR_ALIGN;
}

static inline void counting_release(void *ctx, void *block)
{
    counting *const count = ctx;
    size_t n_bytes = 0;
    memcpy(&n_bytes, (uint8_t *)block - DZR_ALIGN, sizeof n_bytes);
    count->out -= n_bytes;
    count->n_out--;
    free((uint8_t *)block - DZR_ALIGN);
}

static inline void counting_init(counting *count)
{
    *count = (counting){.allocator = {counting_allocate, counting_release, count}};
}

#endif
