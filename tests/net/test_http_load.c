/* tests/net/test_http_load.c - the server under several clients at once, with answers from other threads, connections
 * that leave early and a stop in the middle; and with every allocation failing once. Run under ThreadSanitizer too. */
#include "support.h"

#include "alloc_nth.h"

#include <arpa/inet.h>
#include <datarizer/http_server.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

enum { N_CLIENTS = 6, N_WORKERS = 2, PIPELINED = 5 };

static void sleep_ms(long ms)
{
    const struct timespec pause = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&pause, NULL);
}

/* ---- workers, as a program's database thread would be ---- */

typedef struct job {
    dzr_http_exchange *exchange;
    struct job *next;
} job;

typedef struct world {
    dzr_http_server *server;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    job *jobs;
    bool over;
    atomic_int n_handled, n_deferred, n_run, n_answers, n_failures;
    atomic_bool stopping;
} world;

static const dzr_bytes body = {(const uint8_t *)"hello", 5};

static void answer_posted(dzr_http_exchange *exchange, void *arg)
{
    job *const done = arg;
    world *const w = (world *)(void *)done->next; /* the job's way back */
    free(done);
    atomic_fetch_add(&w->n_run, 1);
    dzr_http_answer(exchange, 200, "text/plain", NULL, 0, body);
}

static void *worker_main(void *arg)
{
    world *const w = arg;
    pthread_mutex_lock(&w->lock);
    for (;;) {
        while (w->jobs == NULL && !w->over)
            pthread_cond_wait(&w->changed, &w->lock);
        job *const mine = w->jobs;
        if (mine == NULL)
            break;
        w->jobs = mine->next;
        pthread_mutex_unlock(&w->lock);
        mine->next = (job *)(void *)w;
        dzr_http_post(mine->exchange, answer_posted, mine);
        pthread_mutex_lock(&w->lock);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

static void handle(void *ctx, void *loop_ctx, dzr_http_exchange *exchange)
{
    (void)loop_ctx;
    world *const w = ctx;
    const dzr_bytes target = dzr_http_exchange_request(exchange)->target;
    atomic_fetch_add(&w->n_handled, 1);
    job *const mine = target.len > 1 && target.at[1] == 'd' ? malloc(sizeof *mine) : NULL;
    if (mine == NULL) {
        dzr_http_answer(exchange, 200, "text/plain", NULL, 0, body);
        return;
    }
    atomic_fetch_add(&w->n_deferred, 1);
    mine->exchange = exchange;
    pthread_mutex_lock(&w->lock);
    mine->next = w->jobs;
    w->jobs = mine;
    pthread_cond_signal(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

/* ---- clients ---- */

static int dial(const world *w)
{
    const int port = atoi(strrchr(dzr_http_server_address(w->server), ':') + 1);
    const struct sockaddr_in to = {
            .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const struct timeval patience = {.tv_sec = 20};
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(fd, (const struct sockaddr *)&to, sizeof to) == 0)
        return fd;
    close(fd);
    return -1;
}

static bool send_all(int fd, const char *text)
{
    for (size_t at = 0, len = strlen(text); at < len;) {
        const ssize_t n = send(fd, text + at, len - at, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        at += (size_t)n;
    }
    return true;
}

/* Reads n answers of `body`. Returns how many came whole; *closing when one of them said that it is the last. */
static int read_answers(int fd, int n, bool *closing)
{
    char text[8192];
    size_t len = 0;
    int whole = 0;
    while (whole < n) {
        const ssize_t got = recv(fd, text + len, sizeof text - 1 - len, 0);
        if (got <= 0)
            break;
        len += (size_t)got;
        text[len] = '\0';
        for (const char *end = NULL; (end = strstr(text, "\r\n\r\nhello")) != NULL; whole++) {
            const char *const last = strstr(text, "Connection: close");
            *closing = *closing || (last != NULL && last < end);
            len -= (size_t)(end + 9 - text);
            memmove(text, end + 9, len + 1);
        }
    }
    return whole;
}

static void *client_main(void *arg)
{
    world *const w = arg;
    static const char *const batches[] = {
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /d HTTP/1.1\r\nHost: a\r\n\r\n",
            ("POST /d HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\nHost: a\r\n\r\n"
             "GET /d HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\nGET /d HTTP/1.1\r\nHost: a\r\n\r\n"),
    };
    static const int n_in_batch[] = {1, 1, PIPELINED};
    for (unsigned round = 0;; round++) {
        const int fd = dial(w);
        if (fd < 0)
            return NULL; /* nobody listens any more */
        bool closing = false;
        for (unsigned i = 0; i < 20 && !closing; i++) {
            const unsigned kind = (round + i) % 3;
            if (!send_all(fd, batches[kind]) || read_answers(fd, n_in_batch[kind], &closing) != n_in_batch[kind]) {
                atomic_fetch_add(&w->n_failures, 1);
                break;
            }
            atomic_fetch_add(&w->n_answers, n_in_batch[kind]);
        }
        if (!closing && round % 4 == 3)
            (void)send_all(fd, batches[2]); /* and leave without waiting */
        close(fd);
        if (atomic_load(&w->stopping) && closing)
            return NULL;
    }
}

static void *run_main(void *arg)
{
    world *const w = arg;
    dzr_error err;
    const dzr_status st = dzr_http_server_run(w->server, &err);
    if (st != DZR_OK)
        fprintf(stderr, "run: %s\n", err.message);
    return st == DZR_OK ? NULL : w;
}

static void start_threads(pthread_t *threads, int n, void *(*body_of)(void *), world *w)
{
    for (int i = 0; i < n; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, body_of, w), 0);
}

static void join_threads(const pthread_t *threads, int n)
{
    for (int i = 0; i < n; i++) {
        void *result = NULL;
        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_null(result);
    }
}

static void end_workers(world *w)
{
    pthread_mutex_lock(&w->lock);
    w->over = true;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

static void a_stop_under_load_fails_nothing_and_loses_no_post(void **state)
{
    (void)state;
    world w = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    dzr_error err;
    const dzr_http_server_options options = {.listen = "127.0.0.1:0", .n_loops = 2, .handler = handle, .ctx = &w};
    assert_ok(dzr_http_server_open(&options, &w.server, &err));
    pthread_t clients[N_CLIENTS], workers[N_WORKERS], runner;
    start_threads(&runner, 1, run_main, &w);
    start_threads(workers, N_WORKERS, worker_main, &w);
    start_threads(clients, N_CLIENTS, client_main, &w);
    sleep_ms(700);
    atomic_store(&w.stopping, true);
    dzr_http_server_stop(w.server);
    join_threads(&runner, 1);
    join_threads(clients, N_CLIENTS);
    end_workers(&w);
    join_threads(workers, N_WORKERS);
    dzr_http_server_close(w.server);
    assert_int_equal(atomic_load(&w.n_failures), 0);
    assert_true(atomic_load(&w.n_answers) > 100);
    assert_int_equal(atomic_load(&w.n_run), atomic_load(&w.n_deferred));
}

static void posts_that_come_after_a_forced_end_are_run_by_close(void **state)
{
    (void)state;
    world w = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    dzr_error err;
    const dzr_http_server_options options = {.listen = "127.0.0.1:0", .n_loops = 2, .handler = handle, .ctx = &w};
    assert_ok(dzr_http_server_open(&options, &w.server, &err));
    pthread_t runner, workers[N_WORKERS];
    start_threads(&runner, 1, run_main, &w);
    int fds[8];
    for (int i = 0; i < 8; i++) {
        fds[i] = dial(&w);
        assert_true(fds[i] >= 0);
        assert_true(send_all(fds[i], "GET /d HTTP/1.1\r\nHost: a\r\n\r\n"));
    }
    while (atomic_load(&w.n_deferred) < 8)
        sleep_ms(1);
    dzr_http_server_stop(w.server);
    dzr_http_server_stop(w.server);
    join_threads(&runner, 1);
    start_threads(workers, N_WORKERS, worker_main, &w); /* only now: every post comes too late */
    end_workers(&w);
    join_threads(workers, N_WORKERS);
    assert_int_equal(atomic_load(&w.n_run), 0);
    dzr_http_server_close(w.server);
    assert_int_equal(atomic_load(&w.n_run), 8);
    for (int i = 0; i < 8; i++)
        close(fds[i]);
}

/* Allocation n fails; an answer or a closed connection is all a client may see, and the next client is served. */
static void any_allocation_may_fail(void **state)
{
    (void)state;
    bool met = true;
    for (int64_t n = 1; met; n++) {
        alloc_nth nth;
        alloc_nth_init(&nth, 0);
        world w = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
        dzr_error err;
        const dzr_http_server_options options = {
                .alloc = &nth.allocator, .listen = "127.0.0.1:0", .n_loops = 1, .handler = handle, .ctx = &w};
        assert_ok(dzr_http_server_open(&options, &w.server, &err));
        nth.fail_at = nth.n_requests + n; /* before the loop's thread starts: nobody else allocates */
        const int64_t fail_at = nth.fail_at;
        pthread_t runner, worker;
        start_threads(&runner, 1, run_main, &w);
        start_threads(&worker, 1, worker_main, &w);
        int n_unserved = 0;
        for (int i = 0; i < 3; i++) {
            const int fd = dial(&w);
            assert_true(fd >= 0);
            char text[6000] = "POST /d HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n";
            memset(text + strlen(text), 'x', 5000);
            strcat(text, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            bool closing = false;
            const int whole = send_all(fd, text) ? read_answers(fd, 2, &closing) : 0;
            n_unserved += whole < 2;
            close(fd);
        }
        dzr_http_server_stop(w.server);
        join_threads(&runner, 1);
        end_workers(&w);
        join_threads(&worker, 1);
        met = nth.n_requests >= fail_at;
        assert_true(n_unserved <= (met ? 1 : 0)); /* whoever met the failure */
        dzr_http_server_close(w.server);
        assert_int_equal(nth.n_out, 0);
    }
}

/* ---- a system without descriptors ---- */

static void refuse_all(void *ctx, void *loop_ctx, dzr_http_exchange *exchange)
{
    (void)ctx;
    (void)loop_ctx;
    dzr_http_answer(exchange, 404, NULL, NULL, 0, body);
}

static void a_loop_without_a_descriptor_fails_the_start(void **state)
{
    (void)state;
    uv_loop_t other; /* has libuv open what all loops share, without which it aborts */
    assert_int_equal(uv_loop_init(&other), 0);
    const dzr_http_server_options options = {.listen = "127.0.0.1:0", .n_loops = 2, .handler = refuse_all};
    dzr_http_server *server = NULL;
    dzr_error err;
    assert_int_equal(dzr_http_server_open(&options, &server, &err), DZR_OK);
    const int next = dup(STDERR_FILENO);
    assert_true(next >= 0);
    close(next);
    struct rlimit files;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
    const struct rlimit none_left = {.rlim_cur = (rlim_t)next, .rlim_max = files.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none_left), 0);
    const dzr_status st = dzr_http_server_run(server, &err);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &files), 0);
    assert_int_equal(st, DZR_ERR_IO);
    assert_non_null(strstr(err.message, "starting a loop: too many open files"));
    dzr_http_server_close(server);
    assert_int_equal(uv_loop_close(&other), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_loop_without_a_descriptor_fails_the_start),
            cmocka_unit_test(a_stop_under_load_fails_nothing_and_loses_no_post),
            cmocka_unit_test(posts_that_come_after_a_forced_end_are_run_by_close),
            cmocka_unit_test(any_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
