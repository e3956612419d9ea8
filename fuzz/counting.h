/* fuzz/counting.h - an allocator that knows how much is taken: a target checks that limits hold and nothing is left. */
#ifndef DZR_FUZZ_COUNTING_H
#define DZR_FUZZ_COUNTING_H

#include <datarizer/memory.h>

#include <stdlib.h>

typedef struct counting {
    size_t now, most;
} counting;

enum { COUNTING_HEAD = DZR_ALIGN }; /* before each block: its size */

static void *counting_allocate(void *ctx, size_t n_bytes)
{
    counting *const count = ctx;
    void *block = NULL;
    if (n_bytes > SIZE_MAX - COUNTING_HEAD || posix_memalign(&block, DZR_ALIGN, n_bytes + COUNTING_HEAD) != 0)
        return NULL;
    *(size_t *)block = n_bytes;
    count->now += n_bytes;
    if (count->now > count->most)
        count->most = count->now;
    return (uint8_t *)block + COUNTING_HEAD;
}

static void counting_release(void *ctx, void *block)
{
    counting *const count = ctx;
    uint8_t *const start = (uint8_t *)block - COUNTING_HEAD;
    count->now -= *(const size_t *)(const void *)start;
    free(start);
}

#endif
