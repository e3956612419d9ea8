/* datarizer/memory.h - where the library's memory comes from. Every options struct names an allocator; NULL there means
 * the default one. */
#ifndef DATARIZER_MEMORY_H
#define DATARIZER_MEMORY_H

#include <datarizer/error.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { DZR_ALIGN = 64 }; /* bytes; every block starts on such a border, as the Arrow layout recommends */

/* The caller's own allocator. Blocks must be aligned to DZR_ALIGN. The struct must outlive everything allocated with
 * it. Called from any thread that uses the objects made with it, and from several at once where an option asks for more
 * than one thread (threads.h). */
typedef struct dzr_allocator {
    void *(*allocate)(void *ctx, size_t n_bytes); /* NULL when there is none; n_bytes > 0 */
    void (*release)(void *ctx, void *block);      /* block is never NULL */
    void *ctx;
} dzr_allocator;

/* aligned_alloc and free of the C library. Static storage. */
DZR_API const dzr_allocator *dzr_allocator_default(void);

/* n * size bytes, not cleared; NULL and err filled (DZR_ERR_NOMEM) when the product overflows or memory is short.
 * 0 bytes gives a block too. alloc NULL means the default. Free with dzr_release and the same allocator. */
DZR_API void *dzr_alloc_array(const dzr_allocator *alloc, size_t n, size_t size, dzr_error *err);
/* The same, cleared to zero. */
DZR_API void *dzr_alloc_zeroed(const dzr_allocator *alloc, size_t n, size_t size, dzr_error *err);
/* block may be NULL. */
DZR_API void dzr_release(const dzr_allocator *alloc, void *block);

#ifdef __cplusplus
}
#endif
#endif
