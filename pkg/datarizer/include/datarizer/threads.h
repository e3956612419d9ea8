/* datarizer/threads.h - how many threads the library may work with. It starts none by itself: options that have a
 * `threads` say so, 0 and 1 mean the caller's thread alone. Results, errors and written bytes never depend on it. */
#ifndef DATARIZER_THREADS_H
#define DATARIZER_THREADS_H

#include <datarizer/error.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { DZR_MAX_THREADS = 1024 }; /* more are DZR_ERR_ARG */

/* The cores this process may run on, at least 1 and at most DZR_MAX_THREADS: a good number for `threads`. */
DZR_API int32_t dzr_n_cores(void);

#ifdef __cplusplus
}
#endif
#endif
