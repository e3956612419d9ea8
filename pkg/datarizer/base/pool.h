/* base/pool.h - tasks over several threads: readers and writers hand their columns and pieces of text over to it.
 * A pool belongs to one reader or writer. Its threads are started when there is work that they could do, and block all
 * signals. NULL is a pool too: the caller's thread alone. A job is some tasks, numbered from 0, that need not wait for
 * each other; several jobs may be under way at once, started from any threads. */
#ifndef DZR_BASE_POOL_H
#define DZR_BASE_POOL_H

#include "base/internal.h"
#include <datarizer/threads.h>

#include <stdatomic.h>

typedef struct dzr_pool dzr_pool;

/* For work by n_threads, the caller's counted: 0 and 1 give NULL. A thread that the system refuses is done without.
 * Errors: DZR_ERR_ARG (negative, more than DZR_MAX_THREADS), DZR_ERR_NOMEM. */
DZR_MUST_CHECK dzr_status dzr__pool_new(int32_t n_threads, const dzr_allocator *alloc, dzr_pool **out, dzr_error *err);
/* Jobs were waited for before. NULL is allowed. */
void dzr__pool_free(dzr_pool *pool);
/* How many may work on a job at once, at most: 1 for NULL. */
int32_t dzr__pool_n_threads(const dzr_pool *pool);

/* Does a task. slot is in [0, n_threads), and no two who work on the job at the same time have the same: an index for
 * what tasks can't share. It does not wait for another job of its pool. err is never NULL. */
typedef dzr_status dzr_task(void *ctx, int32_t slot, size_t task, dzr_error *err);

typedef struct dzr_task_order {
    uint64_t cost;
    size_t task;
} dzr_task_order;

/* In the caller's storage, which stays where it is until the job was waited for. The fields are the pool's. */
typedef struct dzr_job dzr_job;
struct dzr_job {
    dzr_task *run;
    void *ctx;
    size_t n_tasks;
    const dzr_task_order *order; /* NULL: as they are numbered */
    atomic_size_t next;          /* place in the order */
    atomic_size_t failed;        /* the first task that did; n_tasks: none */
    dzr_status status;           /* its status and error */
    dzr_error error;
    int32_t n_joined, n_working; /* threads, ever and now */
    bool is_queued;              /* there may be tasks left that nobody has begun */
    dzr_job *next_job;
};

/* Has tasks done by others as they find time, while the caller goes on. */
void dzr__pool_start(dzr_pool *pool, dzr_job *job, dzr_task *run, void *ctx, size_t n_tasks);
/* Works on the job, and on others where that has nothing left to begin, until the job is done. Once a task has failed,
 * those with a higher number are left out, and the error is that of the lowest: the same however many threads there
 * were. */
DZR_MUST_CHECK dzr_status dzr__pool_wait(dzr_pool *pool, dzr_job *job, dzr_error *err);
/* Both in one; costs[i], where costs is not NULL, is what task i takes, in any unit: the dearest begin first.
 * Errors: the tasks', DZR_ERR_NOMEM. */
DZR_MUST_CHECK dzr_status dzr__pool_run(
        dzr_pool *pool, dzr_task *run, void *ctx, size_t n_tasks, const uint64_t *costs, dzr_error *err);

#endif
