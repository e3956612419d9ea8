/* parquet/reader/spares.c - a few buffers that a reader has done with and will want again, for the next column and the
 * next row group: windows of stored pages and decompressed pages that nobody points into. Memory that was used just now
 * is in the cache, and fresh memory costs the kernel more than most pages take to decode.
 * Called by page_cursor.c and page.c, from any thread. */
#include "parquet/reader/reader.h"

#include <pthread.h>

enum { N_SPARES = 8, MOST_BYTES = 4 << 20, /* what is kept at most */ ROUND = 64 << 10 };

struct dzr_spares {
    const dzr_allocator *alloc;
    pthread_mutex_t lock;
    size_t n;
    dzr_buffer *at[N_SPARES];
};

dzr_spares *dzr__spares_new(const dzr_allocator *alloc, dzr_error *err)
{
    dzr_spares *const spares = dzr_alloc_zeroed(alloc, 1, sizeof *spares, err);
    if (spares == NULL)
        return NULL;
    spares->alloc = alloc;
    (void)pthread_mutex_init(&spares->lock, NULL); /* without attributes it can't fail */
    return spares;
}

void dzr__spares_free(dzr_spares *spares)
{
    if (spares == NULL)
        return;
    for (size_t i = 0; i < spares->n; i++)
        dzr__buffer_free(spares->at[i]);
    (void)pthread_mutex_destroy(&spares->lock);
    dzr_release(spares->alloc, spares);
}

dzr_buffer *dzr__spares_take(dzr_spares *spares, const dzr_allocator *alloc, size_t n_bytes, dzr_error *err)
{
    if (spares == NULL || n_bytes > MOST_BYTES)
        return dzr__buffer_new(alloc, n_bytes, err);
    dzr_buffer *found = NULL;
    (void)pthread_mutex_lock(&spares->lock);
    for (size_t i = 0; i < spares->n && found == NULL; i++)
        if (spares->at[i]->cap >= n_bytes) {
            found = spares->at[i];
            spares->at[i] = spares->at[--spares->n];
        }
    (void)pthread_mutex_unlock(&spares->lock);
    return found != NULL ? found : dzr__buffer_new(alloc, (n_bytes + ROUND - 1) / ROUND * ROUND, err);
}

/* The one that is left over once the largest are kept, if any. */
static dzr_buffer *keep(dzr_spares *spares, dzr_buffer *buffer)
{
    if (spares->n < N_SPARES) {
        spares->at[spares->n++] = buffer;
        return NULL;
    }
    for (size_t i = 0; i < N_SPARES; i++)
        if (spares->at[i]->cap < buffer->cap) {
            dzr_buffer *const smaller = spares->at[i];
            spares->at[i] = buffer;
            buffer = smaller;
        }
    return buffer;
}

void dzr__spares_give(dzr_spares *spares, dzr_buffer *buffer)
{
    if (spares != NULL && buffer != NULL && buffer->cap <= MOST_BYTES &&
            atomic_load_explicit(&buffer->owners, memory_order_acquire) == 1) {
        (void)pthread_mutex_lock(&spares->lock);
        buffer = keep(spares, buffer);
        (void)pthread_mutex_unlock(&spares->lock);
    }
    dzr__buffer_free(buffer);
}
