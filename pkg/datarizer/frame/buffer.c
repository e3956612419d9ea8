/* frame/buffer.c - counted bytes that columns share. */
#include "frame/internal.h"

dzr_buffer *dzr__buffer_new(const dzr_allocator *alloc, size_t cap, dzr_error *err)
{
    dzr_buffer *const buffer = dzr_alloc_zeroed(alloc, 1, sizeof *buffer, err);
    if (buffer == NULL)
        return NULL;
    uint8_t *const at = dzr_alloc_array(alloc, cap, 1, err);
    if (at == NULL) {
        dzr_release(alloc, buffer);
        return NULL;
    }
    atomic_init(&buffer->owners, 1);
    buffer->alloc = alloc;
    buffer->at = at;
    buffer->cap = cap;
    return buffer;
}

dzr_buffer *dzr__buffer_foreign(
        const dzr_allocator *alloc, const void *at, size_t len, void (*drop)(void *), void *owner, dzr_error *err)
{
    dzr_buffer *const buffer = dzr_alloc_zeroed(alloc, 1, sizeof *buffer, err);
    if (buffer == NULL)
        return NULL;
    atomic_init(&buffer->owners, 1);
    buffer->alloc = alloc;
    buffer->at = (uint8_t *)(uintptr_t)at; /* never written: it is not ours */
    buffer->len = buffer->cap = len;
    buffer->drop = drop;
    buffer->owner = owner;
    return buffer;
}

dzr_buffer *dzr__buffer_hold(dzr_buffer *buffer)
{
    if (buffer != NULL)
        atomic_fetch_add_explicit(&buffer->owners, 1, memory_order_relaxed);
    return buffer;
}

void dzr__buffer_free(dzr_buffer *buffer)
{
    if (buffer == NULL || atomic_fetch_sub_explicit(&buffer->owners, 1, memory_order_acq_rel) != 1)
        return;
    if (buffer->drop != NULL)
        buffer->drop(buffer->owner);
    else
        dzr_release(buffer->alloc, buffer->at);
    dzr_release(buffer->alloc, buffer);
}

dzr_status dzr__buffer_grow(dzr_buffer *buffer, size_t cap, dzr_error *err)
{
    if (cap <= buffer->cap)
        return DZR_OK;
    const size_t room = DZR_MAX(cap, buffer->cap + buffer->cap / 2);
    uint8_t *const at = dzr_alloc_array(buffer->alloc, room, 1, err);
    if (at == NULL)
        return DZR_ERR_NOMEM;
    if (buffer->len > 0)
        memcpy(at, buffer->at, buffer->len);
    dzr_release(buffer->alloc, buffer->at);
    buffer->at = at;
    buffer->cap = room;
    return DZR_OK;
}
