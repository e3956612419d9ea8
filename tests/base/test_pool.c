/* tests/base/test_pool.c - the thread pool: each task once, whose error it is, who does it, and threads that the system
 * refuses. Also run under ThreadSanitizer. */
#include "support.h"

#include "alloc_nth.h"
#include "base/pool.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

enum { MANY = 1000, MOST_SLOTS = 16 };

/* ---- pthread_create of the pool, counted, and refused from some call on ---- */

static atomic_int n_created;
static int refuse_from = -1; /* -1: never */

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *arg);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *arg);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *arg)
{
    if (refuse_from >= 0 && atomic_load(&n_created) >= refuse_from)
        return EAGAIN;
    atomic_fetch_add(&n_created, 1);
    return __real_pthread_create(thread, attributes, run, arg);
}

static int back_to_normal(void **state)
{
    (void)state;
    atomic_store(&n_created, 0);
    refuse_from = -1;
    return 0;
}

static void sleep_us(long us)
{
    const struct timespec time = {.tv_nsec = us * 1000};
    (void)nanosleep(&time, NULL);
}

static dzr_pool *pool_of(int32_t n_threads)
{
    dzr_error err;
    dzr_pool *pool = NULL;
    assert_ok(dzr__pool_new(n_threads, NULL, &pool, &err));
    return pool;
}

static const int32_t numbers[] = {0, 1, 2, 3, 8};

/* ---- tasks ---- */

typedef struct tally {
    atomic_int runs[MANY];
    atomic_bool busy[MOST_SLOTS];
    atomic_int n_clashes, n_begun;
    size_t fails[4]; /* tasks that do */
    size_t n_fails;
    long pause_us; /* of task 0, and of those that fail: the lower, the longer */
} tally;

static dzr_status count(void *ctx, int32_t slot, size_t task, dzr_error *err)
{
    tally *const t = ctx;
    if (slot < 0 || slot >= MOST_SLOTS || atomic_exchange(&t->busy[slot], true)) {
        atomic_fetch_add(&t->n_clashes, 1);
        return DZR_OK;
    }
    atomic_fetch_add(&t->runs[task], 1);
    atomic_fetch_add(&t->n_begun, 1);
    dzr_status st = DZR_OK;
    if (task == 0 && t->pause_us > 0)
        sleep_us(t->pause_us);
    for (size_t i = 0; i < t->n_fails; i++)
        if (t->fails[i] == task) {
            sleep_us(t->pause_us / (long)(i + 1));
            st = dzr_fail(err, i % 2 == 0 ? DZR_ERR_CORRUPT : DZR_ERR_LIMIT, "task %zu", task);
        }
    atomic_store(&t->busy[slot], false);
    return st;
}

static void each_task_is_done_once(void **state)
{
    (void)state;
    static const size_t amounts[] = {0, 1, 2, 7, MANY};
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
        dzr_pool *const pool = pool_of(numbers[k]);
        for (size_t a = 0; a < sizeof amounts / sizeof *amounts; a++) {
            static tally t;
            dzr_error err;
            memset(&t, 0, sizeof t);
            assert_ok(dzr__pool_run(pool, count, &t, amounts[a], NULL, &err));
            for (size_t i = 0; i < MANY; i++)
                assert_int_equal(atomic_load(&t.runs[i]), i < amounts[a] ? 1 : 0);
            assert_int_equal(atomic_load(&t.n_clashes), 0);
        }
        dzr__pool_free(pool);
    }
}

static void the_lowest_task_that_fails_gives_the_error(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
        dzr_pool *const pool = pool_of(numbers[k]);
        for (int round = 0; round < 20; round++) {
            static tally t;
            dzr_error err;
            memset(&t, 0, sizeof t);
            t.n_fails = 3;
            t.fails[0] = 3; /* which takes longest to fail */
            t.fails[1] = 5;
            t.fails[2] = 900;
            t.pause_us = 300;
            assert_fails(dzr__pool_run(pool, count, &t, MANY, NULL, &err), DZR_ERR_CORRUPT, "task 3");
            assert_int_equal(err.status, DZR_ERR_CORRUPT);
            for (size_t i = 0; i <= 3; i++)
                assert_int_equal(atomic_load(&t.runs[i]), 1);
            assert_int_equal(dzr__pool_run(pool, count, &t, MANY, NULL, NULL), DZR_ERR_CORRUPT); /* nobody listens */
        }
        dzr__pool_free(pool);
    }
}

static void nothing_is_begun_after_a_failure_by_one_thread(void **state)
{
    (void)state;
    static tally t;
    dzr_error err;
    memset(&t, 0, sizeof t);
    t.n_fails = 1;
    t.fails[0] = 10;
    assert_fails(dzr__pool_run(NULL, count, &t, MANY, NULL, &err), DZR_ERR_CORRUPT, "task 10");
    assert_int_equal(atomic_load(&t.n_begun), 11);
}

static dzr_status fail_or_sleep(void *ctx, int32_t slot, size_t task, dzr_error *err)
{
    (void)slot;
    atomic_fetch_add((atomic_int *)ctx, 1);
    if (task == 0)
        return dzr_fail(err, DZR_ERR_CORRUPT, "task 0");
    sleep_us(1000);
    return DZR_OK;
}

/* What others had begun by then is a matter of time; they begin no more. */
static void the_rest_is_left_out_after_a_failure_by_several(void **state)
{
    (void)state;
    dzr_pool *const pool = pool_of(2);
    atomic_int n_begun = 0;
    dzr_error err;
    assert_fails(dzr__pool_run(pool, fail_or_sleep, &n_begun, MANY, NULL, &err), DZR_ERR_CORRUPT, "task 0");
    assert_in_range(atomic_load(&n_begun), 1, MANY / 2);
    dzr__pool_free(pool);
}

static dzr_status note_order(void *ctx, int32_t slot, size_t task, dzr_error *err)
{
    (void)slot;
    (void)err;
    tally *const t = ctx;
    atomic_store(&t->runs[task], atomic_fetch_add(&t->n_begun, 1));
    return DZR_OK;
}

static void the_dearest_task_begins_first(void **state)
{
    (void)state;
    dzr_pool *const pool = pool_of(2);
    const uint64_t costs[] = {1, 5, 5, 900, 2, 7};
    for (int round = 0; round < 50; round++) {
        static tally t;
        dzr_error err;
        memset(&t, 0, sizeof t);
        assert_ok(dzr__pool_run(pool, note_order, &t, 6, costs, &err));
        assert_true(atomic_load(&t.runs[3]) <= 1); /* one of the two may be a little late */
        assert_true(atomic_load(&t.runs[0]) >= 4);
    }
    dzr__pool_free(pool);
}

/* ---- jobs in the background ---- */

static void jobs_under_way_end_in_any_order(void **state)
{
    (void)state;
    enum { JOBS = 12 };
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
        dzr_pool *const pool = pool_of(numbers[k]);
        static tally tallies[JOBS];
        dzr_job jobs[JOBS];
        dzr_error err;
        memset(tallies, 0, sizeof tallies);
        for (size_t i = 0; i < JOBS; i++) {
            tallies[i].pause_us = i % 3 == 0 ? 500 : 0;
            tallies[i].n_fails = i == 4;
            tallies[i].fails[0] = 1;
            dzr__pool_start(pool, &jobs[i], count, &tallies[i], i == 5 ? 0 : i % 2 == 0 ? 3 : 1);
        }
        for (size_t i = 0; i < JOBS; i++) {
            const size_t job = i < JOBS / 2 ? i : JOBS - 1 - i + JOBS / 2;
            if (job == 4)
                assert_fails(dzr__pool_wait(pool, &jobs[job], &err), DZR_ERR_CORRUPT, "task 1");
            else
                assert_ok(dzr__pool_wait(pool, &jobs[job], &err));
            assert_int_equal(atomic_load(&tallies[job].runs[0]), job == 5 ? 0 : 1);
            assert_int_equal(atomic_load(&tallies[job].n_clashes), 0);
        }
        dzr__pool_free(pool);
    }
}

typedef struct flags {
    atomic_bool begun, set;
} flags;

static dzr_status wait_for_flag(void *ctx, int32_t slot, size_t task, dzr_error *err)
{
    (void)slot;
    (void)task;
    (void)err;
    flags *const f = ctx;
    atomic_store(&f->begun, true);
    while (!atomic_load(&f->set))
        sleep_us(50);
    return DZR_OK;
}

static dzr_status set_flag(void *ctx, int32_t slot, size_t task, dzr_error *err)
{
    (void)slot;
    (void)task;
    (void)err;
    flags *const f = ctx;
    atomic_store(&f->set, true);
    return DZR_OK;
}

/* The only other thread is stuck in the job that is waited for, until the caller does the one behind it. */
static void who_waits_works_on_other_jobs(void **state)
{
    (void)state;
    dzr_pool *const pool = pool_of(2);
    flags f = {false, false};
    dzr_job stuck, behind;
    dzr_error err;
    dzr__pool_start(pool, &stuck, wait_for_flag, &f, 1);
    while (!atomic_load(&f.begun))
        sleep_us(50);
    dzr__pool_start(pool, &behind, set_flag, &f, 1);
    assert_ok(dzr__pool_wait(pool, &stuck, &err));
    assert_ok(dzr__pool_wait(pool, &behind, &err));
    dzr__pool_free(pool);
}

/* ---- threads ---- */

static void a_thread_starts_only_for_work_of_its_own(void **state)
{
    (void)state;
    static tally t;
    dzr_error err;
    memset(&t, 0, sizeof t);
    dzr_pool *const pool = pool_of(8);
    assert_int_equal(dzr__pool_n_threads(pool), 8);
    assert_int_equal(dzr__pool_n_threads(NULL), 1);
    assert_ok(dzr__pool_run(pool, count, &t, 1, NULL, &err));
    assert_int_equal(atomic_load(&n_created), 0);
    assert_ok(dzr__pool_run(pool, count, &t, 3, NULL, &err));
    assert_int_equal(atomic_load(&n_created), 2);
    assert_ok(dzr__pool_run(pool, count, &t, MANY, NULL, &err));
    assert_int_equal(atomic_load(&n_created), 7);
    dzr__pool_free(pool);
}

static void a_thread_that_is_refused_is_done_without(void **state)
{
    (void)state;
    for (refuse_from = 0; refuse_from < 4; refuse_from++) {
        static tally t;
        dzr_error err;
        memset(&t, 0, sizeof t);
        atomic_store(&n_created, 0);
        dzr_pool *const pool = pool_of(8);
        for (int round = 0; round < 3; round++)
            assert_ok(dzr__pool_run(pool, count, &t, MANY, NULL, &err));
        assert_int_equal(atomic_load(&n_created), refuse_from);
        assert_int_equal(atomic_load(&t.runs[MANY - 1]), 3);
        dzr_job job;
        dzr__pool_start(pool, &job, count, &t, MANY);
        assert_ok(dzr__pool_wait(pool, &job, &err));
        assert_int_equal(atomic_load(&t.runs[0]), 4);
        dzr__pool_free(pool);
    }
}

static dzr_status note_mask(void *ctx, int32_t slot, size_t task, dzr_error *err)
{
    (void)slot;
    (void)task;
    (void)err;
    atomic_int *const n_blocked = ctx;
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    atomic_fetch_add(n_blocked, sigismember(&mask, SIGTERM));
    sleep_us(1000);
    return DZR_OK;
}

static void signals_are_left_to_the_callers_thread(void **state)
{
    (void)state;
    dzr_pool *const pool = pool_of(2);
    atomic_int n_blocked = 0;
    dzr_error err;
    for (int round = 0; round < 100 && atomic_load(&n_blocked) == 0; round++)
        assert_ok(dzr__pool_run(pool, note_mask, &n_blocked, 8, NULL, &err));
    assert_true(atomic_load(&n_blocked) > 0);
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    assert_int_equal(sigismember(&mask, SIGTERM), 0);
    dzr__pool_free(pool);
}

static void *run_from_elsewhere(void *pool)
{
    for (int round = 0; round < 50; round++) {
        tally *const t = calloc(1, sizeof *t);
        dzr_error err;
        if (t == NULL || dzr__pool_run(pool, count, t, 40, NULL, &err) != DZR_OK || atomic_load(&t->n_begun) != 40 ||
                atomic_load(&t->n_clashes) != 0) {
            free(t);
            return (void *)1;
        }
        free(t);
    }
    return NULL;
}

static void several_threads_may_use_one_pool(void **state)
{
    (void)state;
    dzr_pool *const pool = pool_of(3);
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(__real_pthread_create(&threads[i], NULL, run_from_elsewhere, pool), 0);
    for (size_t i = 0; i < 4; i++) {
        void *failed = NULL;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    dzr__pool_free(pool);
}

/* ---- arguments, memory ---- */

static void a_number_out_of_range_is_refused(void **state)
{
    (void)state;
    dzr_error err;
    dzr_pool *pool = NULL;
    assert_fails(dzr__pool_new(-1, NULL, &pool, &err), DZR_ERR_ARG, "option threads is -1, and must be 0 to 1024");
    assert_fails(dzr__pool_new(1025, NULL, &pool, &err), DZR_ERR_ARG, "option threads is 1025, and must be 0 to 1024");
    assert_null(pool);
    assert_ok(dzr__pool_new(1, NULL, &pool, &err));
    assert_null(pool);
    dzr__pool_free(NULL);
}

static void without_memory_it_says_so(void **state)
{
    (void)state;
    for (int64_t fail_at = 1; fail_at <= 2; fail_at++) {
        static tally t;
        const uint64_t costs[] = {1, 2};
        alloc_nth nth;
        dzr_error err;
        dzr_pool *pool = NULL;
        memset(&t, 0, sizeof t);
        alloc_nth_init(&nth, fail_at);
        dzr_status st = dzr__pool_new(2, &nth.allocator, &pool, &err);
        assert_int_equal(st, fail_at == 1 ? DZR_ERR_NOMEM : DZR_OK);
        if (st == DZR_OK)
            assert_fails(dzr__pool_run(pool, count, &t, 2, costs, &err), DZR_ERR_NOMEM, "out of memory");
        assert_int_equal(atomic_load(&t.n_begun), 0);
        dzr__pool_free(pool);
        assert_int_equal(nth.n_out, 0);
    }
}

static void there_is_a_core(void **state)
{
    (void)state;
    assert_in_range(dzr_n_cores(), 1, DZR_MAX_THREADS);
    cpu_set_t before, one;
    assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
    CPU_ZERO(&one);
    for (size_t i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; i++)
        if (CPU_ISSET(i, &before))
            CPU_SET(i, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    assert_int_equal(dzr_n_cores(), 1);
    assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup(each_task_is_done_once, back_to_normal),
            cmocka_unit_test_setup(the_lowest_task_that_fails_gives_the_error, back_to_normal),
            cmocka_unit_test_setup(nothing_is_begun_after_a_failure_by_one_thread, back_to_normal),
            cmocka_unit_test_setup(the_rest_is_left_out_after_a_failure_by_several, back_to_normal),
            cmocka_unit_test_setup(the_dearest_task_begins_first, back_to_normal),
            cmocka_unit_test_setup(jobs_under_way_end_in_any_order, back_to_normal),
            cmocka_unit_test_setup(who_waits_works_on_other_jobs, back_to_normal),
            cmocka_unit_test_setup(a_thread_starts_only_for_work_of_its_own, back_to_normal),
            cmocka_unit_test_setup(a_thread_that_is_refused_is_done_without, back_to_normal),
            cmocka_unit_test_setup(signals_are_left_to_the_callers_thread, back_to_normal),
            cmocka_unit_test_setup(several_threads_may_use_one_pool, back_to_normal),
            cmocka_unit_test_setup(a_number_out_of_range_is_refused, back_to_normal),
            cmocka_unit_test_setup(without_memory_it_says_so, back_to_normal),
            cmocka_unit_test_setup(there_is_a_core, back_to_normal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
