/* base/pool.c - see pool.h. One lock guards the queue of jobs; who has joined a job takes its tasks without it. */
#include "base/pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

struct dzr_pool {
    const dzr_allocator *alloc;
    pthread_mutex_t lock; /* of what follows, and of jobs but for their atomics */
    pthread_cond_t work;  /* a job came, or the pool closes */
    pthread_cond_t done;  /* somebody left a job */
    dzr_job *first, *last;
    size_t n_queued, n_idle;
    bool closing, refused; /* refused: the system has no more threads */
    int32_t n_threads;     /* with the caller's */
    int32_t n_started;
    pthread_t threads[];
};

int32_t dzr_n_cores(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        return DZR_MAX(CPU_COUNT(&set), 1);
    const long n = sysconf(_SC_NPROCESSORS_ONLN); /* more than the set has room for */
    return n < 1 ? 1 : (int32_t)DZR_MIN(n, (long)DZR_MAX_THREADS);
}

/* ---- tasks ---- */

static void note_failure(dzr_pool *pool, dzr_job *job, size_t task, dzr_status status, const dzr_error *err)
{
    if (pool != NULL)
        pthread_mutex_lock(&pool->lock);
    if (task < atomic_load_explicit(&job->failed, memory_order_relaxed)) {
        atomic_store_explicit(&job->failed, task, memory_order_relaxed);
        job->status = status;
        job->error = *err;
    }
    if (pool != NULL)
        pthread_mutex_unlock(&pool->lock);
}

/* Until all are begun. */
static void do_tasks(dzr_pool *pool, dzr_job *job, int32_t slot)
{
    for (;;) {
        const size_t place = atomic_fetch_add_explicit(&job->next, 1, memory_order_relaxed);
        if (place >= job->n_tasks)
            return;
        const size_t task = job->order != NULL ? job->order[place].task : place;
        if (task > atomic_load_explicit(&job->failed, memory_order_relaxed))
            continue;
        dzr_error err;
        const dzr_status status = job->run(job->ctx, slot, task, &err);
        if (status != DZR_OK)
            note_failure(pool, job, task, status, &err);
    }
}

/* ---- the queue; all with the lock held ---- */

static void enqueue(dzr_pool *pool, dzr_job *job)
{
    if (pool->last == NULL)
        pool->first = job;
    else
        pool->last->next_job = job;
    pool->last = job;
    pool->n_queued++;
    job->is_queued = true;
}

static void dequeue(dzr_pool *pool, dzr_job *job)
{
    dzr_job *before = NULL;
    for (dzr_job *at = pool->first; at != job; at = at->next_job)
        before = at;
    if (before == NULL)
        pool->first = job->next_job;
    else
        before->next_job = job->next_job;
    if (pool->last == job)
        pool->last = before;
    pool->n_queued--;
    job->is_queued = false;
}

static bool may_join(const dzr_pool *pool, const dzr_job *job)
{
    return job->is_queued && job->n_joined < pool->n_threads;
}

static dzr_job *job_to_join(const dzr_pool *pool)
{
    dzr_job *job = pool->first;
    while (job != NULL && !may_join(pool, job))
        job = job->next_job;
    return job;
}

/* Gives the lock away meanwhile. */
static void work_on(dzr_pool *pool, dzr_job *job)
{
    const int32_t slot = job->n_joined++;
    job->n_working++;
    pthread_mutex_unlock(&pool->lock);
    do_tasks(pool, job, slot);
    pthread_mutex_lock(&pool->lock);
    if (job->is_queued)
        dequeue(pool, job);
    if (--job->n_working == 0)
        pthread_cond_broadcast(&pool->done);
}

static void *work(void *arg)
{
    dzr_pool *const pool = arg;
    pthread_mutex_lock(&pool->lock);
    while (!pool->closing) {
        dzr_job *const job = job_to_join(pool);
        if (job != NULL) {
            work_on(pool, job);
            continue;
        }
        pool->n_idle++;
        pthread_cond_wait(&pool->work, &pool->lock);
        pool->n_idle--;
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* As many more threads as could find a task of the n that came, where each job that waits takes an idle one. A thread
 * inherits who starts it in its signals: handlers are to run where the program expects them. */
static void start_threads(dzr_pool *pool, size_t n)
{
    const size_t n_free = pool->n_idle - DZR_MIN(pool->n_idle, pool->n_queued);
    sigset_t all, before;
    sigfillset(&all);
    if (n_free >= n || pool->refused || pool->n_started == pool->n_threads - 1)
        return;
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (size_t i = n_free; i < n && pool->n_started < pool->n_threads - 1 && !pool->refused; i++) {
        pool->refused = pthread_create(&pool->threads[pool->n_started], NULL, work, pool) != 0;
        pool->n_started += !pool->refused;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* ---- jobs ---- */

static void init_job(dzr_job *job, dzr_task *run, void *ctx, size_t n_tasks, const dzr_task_order *order)
{
    job->run = run;
    job->ctx = ctx;
    job->n_tasks = n_tasks;
    job->order = order;
    atomic_init(&job->next, 0);
    atomic_init(&job->failed, n_tasks);
    job->status = DZR_OK;
    job->n_joined = job->n_working = 0;
    job->is_queued = false;
    job->next_job = NULL;
}

/* n_others: threads besides the caller's that could find something to do. */
static void publish(dzr_pool *pool, dzr_job *job, size_t n_others)
{
    if (pool == NULL || job->n_tasks == 0)
        return;
    pthread_mutex_lock(&pool->lock);
    start_threads(pool, n_others);
    enqueue(pool, job);
    if (n_others == 1)
        pthread_cond_signal(&pool->work);
    else if (n_others > 1)
        pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
}

void dzr__pool_start(dzr_pool *pool, dzr_job *job, dzr_task *run, void *ctx, size_t n_tasks)
{
    init_job(job, run, ctx, n_tasks, NULL);
    publish(pool, job, n_tasks);
}

dzr_status dzr__pool_wait(dzr_pool *pool, dzr_job *job, dzr_error *err)
{
    if (pool == NULL) {
        do_tasks(NULL, job, 0);
    } else {
        pthread_mutex_lock(&pool->lock);
        while (job->is_queued || job->n_working > 0) {
            dzr_job *const mine = may_join(pool, job) ? job : job_to_join(pool);
            if (mine != NULL)
                work_on(pool, mine);
            else
                pthread_cond_wait(&pool->done, &pool->lock);
        }
        pthread_mutex_unlock(&pool->lock);
    }
    if (job->status != DZR_OK && err != NULL)
        *err = job->error;
    return job->status;
}

/* The dearest first, then by number. */
static int by_cost(const void *a, const void *b)
{
    const dzr_task_order *const one = a, *const other = b;
    if (one->cost != other->cost)
        return one->cost > other->cost ? -1 : 1;
    return one->task < other->task ? -1 : 1;
}

dzr_status dzr__pool_run(
        dzr_pool *pool, dzr_task *run, void *ctx, size_t n_tasks, const uint64_t *costs, dzr_error *err)
{
    dzr_task_order *order = NULL;
    dzr_job job;
    if (n_tasks < 2)
        pool = NULL; /* nobody else is needed */
    if (pool != NULL && costs != NULL) {
        order = dzr_alloc_array(pool->alloc, n_tasks, sizeof *order, err);
        if (order == NULL)
            return DZR_ERR_NOMEM;
        for (size_t i = 0; i < n_tasks; i++)
            order[i] = (dzr_task_order){costs[i], i};
        qsort(order, n_tasks, sizeof *order, by_cost);
    }
    init_job(&job, run, ctx, n_tasks, order);
    publish(pool, &job, n_tasks - 1);
    const dzr_status st = dzr__pool_wait(pool, &job, err);
    if (pool != NULL)
        dzr_release(pool->alloc, order);
    return st;
}

/* ---- the pool ---- */

dzr_status dzr__pool_new(int32_t n_threads, const dzr_allocator *alloc, dzr_pool **out, dzr_error *err)
{
    *out = NULL;
    if (n_threads < 0 || n_threads > DZR_MAX_THREADS)
        return dzr_fail(err, DZR_ERR_ARG, "option threads is %d, and must be 0 to %d", (int)n_threads, DZR_MAX_THREADS);
    if (n_threads < 2)
        return DZR_OK;
    const size_t n_bytes = sizeof(dzr_pool) + (size_t)(n_threads - 1) * sizeof(pthread_t);
    dzr_pool *const pool = dzr_alloc_zeroed(alloc, 1, n_bytes, err);
    if (pool == NULL)
        return DZR_ERR_NOMEM;
    pool->alloc = alloc;
    pool->n_threads = n_threads;
    (void)pthread_mutex_init(&pool->lock, NULL); /* these three can't fail on Linux */
    (void)pthread_cond_init(&pool->work, NULL);
    (void)pthread_cond_init(&pool->done, NULL);
    *out = pool;
    return DZR_OK;
}

void dzr__pool_free(dzr_pool *pool)
{
    if (pool == NULL)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->closing = true;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    for (int32_t i = 0; i < pool->n_started; i++)
        (void)pthread_join(pool->threads[i], NULL);
    pthread_cond_destroy(&pool->done);
    pthread_cond_destroy(&pool->work);
    pthread_mutex_destroy(&pool->lock);
    dzr_release(pool->alloc, pool);
}

int32_t dzr__pool_n_threads(const dzr_pool *pool)
{
    return pool == NULL ? 1 : pool->n_threads;
}
