/* net/server/server.c - the server as a program sees it: options, listening sockets, one thread a loop, stop, close.
 * The contract is datarizer/http_server.h, the design docs/http-server.md. */
#include "net/server/internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

enum { BACKLOG = 4096, DESCRIPTORS_KEPT = 64, DESCRIPTORS_KEPT_A_LOOP = 16 };

/* ---- notices ---- */

void dzr__http_notice_line(dzr_http_server *server, dzr__http_notice kind, const char *format, ...)
{
    if (server->options.on_notice == NULL)
        return;
    const long long now_ms = (long long)(uv_hrtime() / 1000000) + 1000; /* + 1000: the first is never too early */
    long long before_ms = atomic_load(&server->noticed_ms[kind]);
    if (now_ms - before_ms < 1000 || !atomic_compare_exchange_strong(&server->noticed_ms[kind], &before_ms, now_ms))
        return;
    char line[256];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line, sizeof line, format, args);
    va_end(args);
    server->options.on_notice(server->options.ctx, line);
}

/* ---- options ---- */

static void fill_options(dzr_http_server *server, const dzr_http_server_options *options)
{
    dzr_http_server_options *const mine = &server->options;
    *mine = *options;
    if (mine->n_loops == 0)
        mine->n_loops = (int)uv_available_parallelism();
    const struct {
        int64_t *value;
        int64_t preset;
    } times[] = {
            {&mine->header_timeout_ms, 10000},
            {&mine->body_timeout_ms, 30000},
            {&mine->idle_timeout_ms, 60000},
            {&mine->write_timeout_ms, 30000},
            {&mine->drain_timeout_ms, 10000},
    };
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
        if (*times[i].value == 0)
            *times[i].value = times[i].preset;
    server->limits = (dzr__http_limits){
            .header_bytes = options->max_header_bytes != 0 ? options->max_header_bytes : (size_t)32 * 1024,
            .target_bytes = options->max_target_bytes != 0 ? options->max_target_bytes : (size_t)16 * 1024,
            .body_bytes = options->max_body_bytes != 0 ? options->max_body_bytes : (size_t)1024 * 1024,
    };
}

static dzr_status check_options(const dzr_http_server_options *options, dzr_error *err)
{
    if (options->handler == NULL)
        return dzr_fail(err, DZR_ERR_ARG, "an HTTP server needs a handler");
    if (options->listen == NULL)
        return dzr_fail(err, DZR_ERR_ARG, "an HTTP server needs an address to listen on");
    if (options->n_loops < 0 || options->n_loops > 1024)
        return dzr_fail(err, DZR_ERR_ARG, "%d loops: 0 to 1024 are possible", options->n_loops);
    if (options->max_connections < 0 || options->max_per_address < 0)
        return dzr_fail(err, DZR_ERR_ARG, "a limit of connections is negative");
    if (options->header_timeout_ms < 0 || options->body_timeout_ms < 0 || options->idle_timeout_ms < 0 ||
            options->write_timeout_ms < 0 || options->drain_timeout_ms < 0)
        return dzr_fail(err, DZR_ERR_ARG, "a timeout is negative");
    const size_t most = UINT32_MAX / 4; /* places in a request are 32 bits wide */
    if (options->max_header_bytes > most || options->max_target_bytes > most || options->max_body_bytes > SIZE_MAX / 16)
        return dzr_fail(err, DZR_ERR_ARG, "a limit of bytes is too large");
    return DZR_OK;
}

/* Every connection is a descriptor; some are kept for the program's files and the loops themselves. */
static void settle_max_connections(dzr_http_server *server)
{
    const int wanted = server->options.max_connections != 0 ? server->options.max_connections : 10000;
    struct rlimit files = {.rlim_cur = RLIM_INFINITY};
    (void)getrlimit(RLIMIT_NOFILE, &files);
    const rlim_t kept = DESCRIPTORS_KEPT + (rlim_t)server->options.n_loops * DESCRIPTORS_KEPT_A_LOOP;
    const rlim_t possible = files.rlim_cur > kept + 1 ? files.rlim_cur - kept : 1;
    server->max_connections = (rlim_t)wanted > possible ? (int)possible : wanted;
    char line[160];
    (void)snprintf(line, sizeof line, "%d connections at most instead of %d: the limit of open files is %llu",
            server->max_connections, wanted, (unsigned long long)files.rlim_cur);
    if (server->max_connections < wanted && server->options.on_notice != NULL)
        server->options.on_notice(server->options.ctx, line);
}

/* ---- listening ---- */

/* getaddrinfo takes 99999 for 34463. */
static bool is_port(const char *text)
{
    const size_t n = strspn(text, "0123456789");
    return n > 0 && n <= 5 && text[n] == '\0' && strtol(text, NULL, 10) <= 65535;
}

/* "host:port" or "[v6]:port" to addresses. */
static dzr_status resolve(const char *text, struct addrinfo **out, dzr_error *err)
{
    char host[256];
    const char *const colon = strrchr(text, ':');
    const bool bracketed = text[0] == '[' && colon != NULL && colon > text + 1 && colon[-1] == ']';
    const char *const host_at = bracketed ? text + 1 : text;
    const size_t host_len = colon == NULL ? 0 : (size_t)(colon - host_at) - (bracketed ? 1 : 0);
    if (host_len == 0 || host_len >= sizeof host || !is_port(colon + 1) ||
            (!bracketed && (text[0] == '[' || memchr(text, ':', host_len) != NULL)))
        return dzr_fail(err, DZR_ERR_ARG, "%s: is no address to listen on, such as 127.0.0.1:8000 or [::1]:8000", text);
    memcpy(host, host_at, host_len);
    host[host_len] = '\0';
    const struct addrinfo hints = {
            .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    const int failed = getaddrinfo(host, colon + 1, &hints, out);
    if (failed == 0)
        return DZR_OK;
    return dzr_fail(err, DZR_ERR_NET, "%s: %s", text, failed == EAI_SYSTEM ? strerror(errno) : gai_strerror(failed));
}

static int bind_one(const struct sockaddr *address, socklen_t len, bool first)
{
    const int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    const int on = 1;
    /* The first binds alone, so that a port that is taken fails even where its owner shares it too; then it shares with
     * the other loops. Accepted sockets inherit TCP_NODELAY. */
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
            (first || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0) && bind(fd, address, len) == 0 &&
            setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0 &&
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    const int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

static void name_address(dzr_http_server *server, const struct sockaddr_storage *address)
{
    char host[INET6_ADDRSTRLEN];
    if (address->ss_family == AF_INET6) {
        const struct sockaddr_in6 *const v6 = (const struct sockaddr_in6 *)address;
        (void)inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof host);
        (void)snprintf(server->address, sizeof server->address, "[%s]:%d", host, ntohs(v6->sin6_port));
    } else {
        const struct sockaddr_in *const v4 = (const struct sockaddr_in *)address;
        (void)inet_ntop(AF_INET, &v4->sin_addr, host, sizeof host);
        (void)snprintf(server->address, sizeof server->address, "%s:%d", host, ntohs(v4->sin_port));
    }
}

static dzr_status listen_all(dzr_http_server *server, dzr_error *err)
{
    const char *const text = server->options.listen;
    struct addrinfo *found = NULL;
    DZR_TRY(resolve(text, &found, err));
    struct sockaddr_storage real = {0};
    socklen_t real_len = sizeof real;
    int fd = -1;
    for (const struct addrinfo *at = found; at != NULL && fd < 0; at = at->ai_next)
        fd = bind_one(at->ai_addr, at->ai_addrlen, true);
    dzr_status st = fd < 0 ? dzr_fail(err, DZR_ERR_NET, "%s: %s", text, strerror(errno)) : DZR_OK;
    freeaddrinfo(found);
    if (st != DZR_OK)
        return st;
    server->loops[0]->listen_fd = fd;
    if (getsockname(fd, (struct sockaddr *)&real, &real_len) != 0)
        return dzr_fail(err, DZR_ERR_NET, "%s: %s", text, strerror(errno));
    name_address(server, &real);
    for (int i = 1; i < server->n_loops; i++) {
        server->loops[i]->listen_fd = bind_one((const struct sockaddr *)&real, real_len, false);
        if (server->loops[i]->listen_fd < 0)
            return dzr_fail(err, DZR_ERR_NET, "%s: %s", server->address, strerror(errno));
    }
    return DZR_OK;
}

/* ---- open and close ---- */

static dzr_status open_loops(dzr_http_server *server, dzr_error *err)
{
    const dzr_allocator *const alloc = server->options.alloc;
    server->loops = dzr_alloc_zeroed(alloc, (size_t)server->options.n_loops, sizeof(dzr__http_loop *), err);
    if (server->loops == NULL)
        return DZR_ERR_NOMEM;
    for (int i = 0; i < server->options.n_loops; i++) {
        dzr__http_loop *const loop = dzr_alloc_zeroed(alloc, 1, sizeof *loop, err);
        if (loop == NULL)
            return DZR_ERR_NOMEM;
        server->loops[server->n_loops++] = loop;
        loop->server = server;
        loop->index = i;
        loop->listen_fd = -1;
        dzr__link_init(&loop->orphans);
        dzr__link_init(&loop->free_exchanges);
        loop->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (loop->wake_fd < 0)
            return dzr_fail(err, DZR_ERR_IO, "making an eventfd: %s", strerror(errno));
    }
    return DZR_OK;
}

static dzr_status open_server(dzr_http_server *server, dzr_error *err)
{
    server->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    server->cut_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (server->stop_fd < 0 || server->cut_fd < 0)
        return dzr_fail(err, DZR_ERR_IO, "making an eventfd: %s", strerror(errno));
    DZR_TRY(open_loops(server, err));
    DZR_TRY(listen_all(server, err));
    if (server->options.max_per_address > 0)
        DZR_TRY(dzr__http_addresses_open(server->options.alloc, server->max_connections, &server->addresses, err));
    return DZR_OK;
}

dzr_status dzr_http_server_open(const dzr_http_server_options *options, dzr_http_server **out, dzr_error *err)
{
    DZR_TRY(check_options(options, err));
    dzr_http_server *const server = dzr_alloc_zeroed(options->alloc, 1, sizeof *server, err);
    if (server == NULL)
        return DZR_ERR_NOMEM;
    fill_options(server, options);
    settle_max_connections(server);
    server->stop_fd = server->cut_fd = -1;
    pthread_mutex_init(&server->start_lock, NULL);
    pthread_cond_init(&server->start_changed, NULL);
    const dzr_status st = open_server(server, err);
    if (st != DZR_OK) {
        dzr_http_server_close(server);
        return st;
    }
    *out = server;
    return DZR_OK;
}

static void close_fd(int fd)
{
    if (fd >= 0)
        close(fd);
}

void dzr_http_server_close(dzr_http_server *server)
{
    if (server == NULL)
        return;
    for (int i = 0; i < server->n_loops; i++) {
        dzr__http_loop *const loop = server->loops[i];
        dzr__http_loop_run_posted(loop); /* what came too late: the poster's arg is not lost */
        dzr__http_exchange_free_pool(loop);
        close_fd(loop->listen_fd);
        close_fd(loop->wake_fd);
        dzr_release(server->options.alloc, loop);
    }
    dzr_release(server->options.alloc, server->loops);
    dzr__http_addresses_close(server->addresses);
    close_fd(server->stop_fd);
    close_fd(server->cut_fd);
    pthread_cond_destroy(&server->start_changed);
    pthread_mutex_destroy(&server->start_lock);
    dzr_release(server->options.alloc, server);
}

const char *dzr_http_server_address(const dzr_http_server *server)
{
    return server->address;
}

int dzr_http_server_max_connections(const dzr_http_server *server)
{
    return server->max_connections;
}

/* ---- run and stop ---- */

static dzr_status start_loop(dzr__http_loop *loop, dzr_error *err)
{
    const dzr_http_server_options *const options = &loop->server->options;
    dzr_status st = dzr__http_loop_open(loop, err);
    if (st == DZR_OK && options->on_loop_start != NULL)
        st = options->on_loop_start(options->ctx, loop->index, &loop->ctx, err);
    return st;
}

/* Tells run how this loop's start went and waits for how all went. */
static bool all_started(dzr_http_server *server, dzr_status st, const dzr_error *err)
{
    pthread_mutex_lock(&server->start_lock);
    if (st != DZR_OK && server->start_status == DZR_OK) {
        server->start_status = st;
        server->start_error = *err;
    }
    server->n_started++;
    pthread_cond_broadcast(&server->start_changed);
    while (server->start == DZR__START_WAIT)
        pthread_cond_wait(&server->start_changed, &server->start_lock);
    const bool go = server->start == DZR__START_GO;
    pthread_mutex_unlock(&server->start_lock);
    return go;
}

static void *loop_main(void *arg)
{
    dzr__http_loop *const loop = arg;
    const dzr_http_server_options *const options = &loop->server->options;
    dzr_error err = {0};
    const dzr_status st = start_loop(loop, &err);
    if (all_started(loop->server, st, &err))
        dzr__http_loop_run(loop);
    if (st == DZR_OK && options->on_loop_stop != NULL)
        options->on_loop_stop(options->ctx, loop->ctx);
    dzr__http_loop_close(loop);
    return NULL;
}

/* Waits until n loops have tried to start, then lets all go on or none. */
static void release_loops(dzr_http_server *server, int n)
{
    pthread_mutex_lock(&server->start_lock);
    while (server->n_started < n)
        pthread_cond_wait(&server->start_changed, &server->start_lock);
    server->start = server->start_status == DZR_OK ? DZR__START_GO : DZR__START_FAILED;
    pthread_cond_broadcast(&server->start_changed);
    pthread_mutex_unlock(&server->start_lock);
}

static void start_failed(dzr_http_server *server, int number)
{
    pthread_mutex_lock(&server->start_lock);
    server->start_status = dzr_fail(&server->start_error, DZR_ERR_IO, "starting a thread: %s", strerror(number));
    pthread_mutex_unlock(&server->start_lock);
}

dzr_status dzr_http_server_run(dzr_http_server *server, dzr_error *err)
{
    if (server->start != DZR__START_WAIT)
        return dzr_fail(err, DZR_ERR_ARG, "%s: a server runs only once", server->address);
    /* Signals are the program's own threads' business; a blocked SIGPIPE also makes every write answer EPIPE. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int n = 0, failed = 0;
    while (n < server->n_loops && failed == 0) {
        failed = pthread_create(&server->loops[n]->thread, NULL, loop_main, server->loops[n]);
        n += failed == 0 ? 1 : 0;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed != 0)
        start_failed(server, failed);
    release_loops(server, n);
    for (int i = 0; i < n; i++)
        pthread_join(server->loops[i]->thread, NULL);
    if (server->start_status != DZR_OK && err != NULL)
        *err = server->start_error;
    return server->start_status;
}

void dzr_http_server_stop(dzr_http_server *server)
{
    const int saved = errno;
    const uint64_t one = 1;
    const int fd = atomic_fetch_add(&server->n_stops, 1) == 0 ? server->stop_fd : server->cut_fd;
    ssize_t n = 0;
    do {
        n = write(fd, &one, sizeof one);
    } while (n < 0 && errno == EINTR);
    errno = saved;
}
