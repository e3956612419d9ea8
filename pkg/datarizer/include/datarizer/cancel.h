/* datarizer/cancel.h - a flag that ends long work from outside: a signal handler or another thread sets it, whoever
 * works or waits looks at it. A descriptor becomes readable with it, so a wait in poll(2) ends at once and no wake-up
 * is lost. */
#ifndef DATARIZER_CANCEL_H
#define DATARIZER_CANCEL_H

#include <datarizer/memory.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dzr_cancel dzr_cancel;

/* Errors: DZR_ERR_NOMEM, DZR_ERR_IO (no descriptor left). */
DZR_API DZR_MUST_CHECK dzr_status dzr_cancel_new(const dzr_allocator *alloc, dzr_cancel **out, dzr_error *err);
DZR_API void dzr_cancel_free(dzr_cancel *cancel); /* NULL is allowed; nobody may be waiting on it any more */
/* For good: there is no unset. Async-signal-safe, from any thread. */
DZR_API void dzr_cancel_set(dzr_cancel *cancel);
/* NULL is never set. */
DZR_API bool dzr_cancel_is_set(const dzr_cancel *cancel);
/* Readable once set; to be polled, not read. */
DZR_API int dzr_cancel_fd(const dzr_cancel *cancel);

#ifdef __cplusplus
}
#endif
#endif
