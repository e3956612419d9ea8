/* base/memory.c - the default allocator, sized arrays, arena and growing buffer. */
#include "base/internal.h"

#include <stdlib.h>
#include <sys/mman.h>

static void *default_allocate(void *ctx, size_t n_bytes)
{
    (void)ctx;
    void *block = NULL;
    return posix_memalign(&block, DZR_ALIGN, n_bytes) == 0 ? block : NULL;
}

static void default_release(void *ctx, void *block)
{
    (void)ctx;
    free(block);
}

const dzr_allocator *dzr_allocator_default(void)
{
    static const dzr_allocator allocator = {default_allocate, default_release, NULL};
    return &allocator;
}

void *dzr_alloc_array(const dzr_allocator *alloc, size_t n, size_t size, dzr_error *err)
{
    if (alloc == NULL)
        alloc = dzr_allocator_default();
    size_t n_bytes = 0;
    if (__builtin_mul_overflow(n, size, &n_bytes)) {
        (void)dzr_fail(
                err, DZR_ERR_NOMEM, "out of memory: %zu values of %zu bytes are more than can be addressed", n, size);
        return NULL;
    }
    void *const block = alloc->allocate(alloc->ctx, n_bytes > 0 ? n_bytes : 1);
    if (block == NULL)
        (void)dzr_fail(err, DZR_ERR_NOMEM, "out of memory: %zu bytes were asked for", n_bytes);
    return block;
}

void *dzr_alloc_zeroed(const dzr_allocator *alloc, size_t n, size_t size, dzr_error *err)
{
    void *const block = dzr_alloc_array(alloc, n, size, err);
    if (block != NULL)
        memset(block, 0, n * size);
    return block;
}

void dzr_release(const dzr_allocator *alloc, void *block)
{
    if (block == NULL)
        return;
    if (alloc == NULL)
        alloc = dzr_allocator_default();
    alloc->release(alloc->ctx, block);
}

/* Since Linux 5.14; older ones refuse it, and lose nothing. */
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

void dzr__memory_populate(void *at, size_t n)
{
    enum { WORTH_BYTES = 64 << 10 };
    static const uintptr_t page = 4096; /* on a machine with larger ones the call is refused */
    const uintptr_t first = ((uintptr_t)at + page - 1) & ~(page - 1), end = ((uintptr_t)at + n) & ~(page - 1);
    if (n >= WORTH_BYTES)
        (void)madvise((void *)first, end - first, MADV_POPULATE_WRITE);
}

/* ---- arena ---- */

enum { ARENA_FIRST_BLOCK = 4096, ARENA_LARGEST_BLOCK = 1 << 20, ARENA_ALIGN = 16 };

struct dzr_arena_block { /* 16 bytes, so `bytes` keeps the border of ARENA_ALIGN */
    dzr_arena_block *older;
    size_t n_bytes;
    uint8_t bytes[];
};

void dzr__arena_init(dzr_arena *arena, const dzr_allocator *alloc, size_t max_bytes)
{
    *arena = (dzr_arena){.alloc = alloc, .max_bytes = max_bytes};
}

void dzr__arena_fini(dzr_arena *arena)
{
    while (arena->blocks != NULL) {
        dzr_arena_block *const older = arena->blocks->older;
        dzr_release(arena->alloc, arena->blocks);
        arena->blocks = older;
    }
    arena->used = arena->room = arena->total = 0;
}

static dzr_status arena_grow(dzr_arena *arena, size_t n_bytes, dzr_error *err)
{
    size_t room = arena->room == 0 ? ARENA_FIRST_BLOCK : DZR_MIN(arena->room * 2, (size_t)ARENA_LARGEST_BLOCK);
    room = DZR_MAX(room, n_bytes);
    if (room > SIZE_MAX - sizeof(dzr_arena_block))
        return dzr_fail(err, DZR_ERR_NOMEM, "out of memory: %zu bytes were asked for", n_bytes);
    dzr_arena_block *const block = dzr_alloc_array(arena->alloc, 1, sizeof *block + room, err);
    if (block == NULL)
        return DZR_ERR_NOMEM;
    block->older = arena->blocks;
    block->n_bytes = room;
    arena->blocks = block;
    arena->used = 0;
    arena->room = room;
    return DZR_OK;
}

void *dzr__arena_zeroed(dzr_arena *arena, size_t n, size_t size, dzr_error *err)
{
    size_t n_bytes = 0;
    if (__builtin_mul_overflow(n, size, &n_bytes) || n_bytes > SIZE_MAX - ARENA_ALIGN) {
        (void)dzr_fail(
                err, DZR_ERR_NOMEM, "out of memory: %zu values of %zu bytes are more than can be addressed", n, size);
        return NULL;
    }
    n_bytes = (DZR_MAX(n_bytes, (size_t)1) + ARENA_ALIGN - 1) / ARENA_ALIGN *
              ARENA_ALIGN; /* nothing has an address too */
    if (arena->max_bytes != 0 && n_bytes > arena->max_bytes - arena->total) {
        (void)dzr_fail(err, DZR_ERR_LIMIT, "needs more than the %zu bytes allowed", arena->max_bytes);
        return NULL;
    }
    if (n_bytes > arena->room - arena->used && arena_grow(arena, n_bytes, err) != DZR_OK)
        return NULL;
    uint8_t *const at = arena->blocks->bytes + arena->used;
    arena->used += n_bytes;
    arena->total += n_bytes;
    memset(at, 0, n_bytes);
    return at;
}

char *dzr__arena_text(dzr_arena *arena, const void *at, size_t len, dzr_error *err)
{
    char *const text = dzr__arena_zeroed(arena, 1, len + 1, err);
    if (text != NULL && len > 0)
        memcpy(text, at, len);
    return text;
}

/* ---- growing buffer ---- */

dzr_status dzr__bytebuf_reserve(dzr_bytebuf *buf, size_t n, dzr_error *err)
{
    if (n <= buf->cap - buf->len)
        return DZR_OK;
    const size_t ceiling = buf->max_bytes != 0 ? buf->max_bytes : SIZE_MAX / 2;
    if (n > ceiling - buf->len)
        return dzr_fail(err, DZR_ERR_LIMIT, "needs more than the %zu bytes allowed", ceiling);
    const size_t wanted = DZR_MAX(buf->len + n, DZR_MAX(buf->cap + buf->cap / 2, (size_t)256));
    const size_t cap = DZR_MIN(wanted, ceiling);
    uint8_t *const at = dzr_alloc_array(buf->alloc, cap, 1, err);
    if (at == NULL)
        return DZR_ERR_NOMEM;
    if (buf->len > 0)
        memcpy(at, buf->at, buf->len);
    dzr_release(buf->alloc, buf->at);
    buf->at = at;
    buf->cap = cap;
    return DZR_OK;
}

void dzr__bytebuf_fini(dzr_bytebuf *buf)
{
    dzr_release(buf->alloc, buf->at);
    buf->at = NULL;
    buf->len = buf->cap = 0;
}
