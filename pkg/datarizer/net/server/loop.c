/* net/server/loop.c - one thread of the server: its libuv loop, its listening socket, its wake-ups, its way to the end.
 * server.c opens, runs and closes it; everything from here inwards happens on its thread.
 * Draining goes in stages, so that nothing that was promised is broken: new handshakes are no longer begun, those under
 * way are finished and accepted; answers carry "Connection: close"; connections that stay silent for a while are
 * closed; after the drain deadline, or a second stop, what is left is cut. */
#include "net/server/internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    ACCEPT_AT_ONCE = 64,   /* then others have their turn */
    ACCEPT_PAUSE_MS = 100, /* when the system has no descriptor or memory left */
    DRAIN_ACCEPT_MS = 100, /* for handshakes under way */
    DRAIN_IDLE_MS = 500,   /* for a request that is on its way on a kept connection */
};

static int64_t now_ms(const dzr__http_loop *loop)
{
    return (int64_t)uv_now(&loop->uv);
}

/* ---- accepting ---- */

static void refuse(dzr__http_loop *loop, int fd, dzr__http_notice kind, const char *line)
{
    const dzr_bytes busy = dzr__http_answer_busy();
    (void)!send(fd, busy.at, busy.len, MSG_NOSIGNAL | MSG_DONTWAIT);
    close(fd);
    dzr__http_notice_line(loop->server, kind, "%s", line);
}

static void admit(dzr__http_loop *loop, int fd, const struct sockaddr_storage *from)
{
    dzr_http_server *const server = loop->server;
    struct in6_addr address;
    char host[INET6_ADDRSTRLEN], peer[DZR__HTTP_PEER_BYTES], line[160];
    if (from->ss_family == AF_INET6) {
        const struct sockaddr_in6 *const v6 = (const struct sockaddr_in6 *)from;
        address = v6->sin6_addr;
        (void)inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof host);
        (void)snprintf(peer, sizeof peer, "[%s]:%d", host, ntohs(v6->sin6_port));
    } else {
        const struct sockaddr_in *const v4 = (const struct sockaddr_in *)from;
        address = (struct in6_addr){.s6_addr = {[10] = 0xff, [11] = 0xff}};
        memcpy(&address.s6_addr[12], &v4->sin_addr, 4);
        (void)inet_ntop(AF_INET, &v4->sin_addr, host, sizeof host);
        (void)snprintf(peer, sizeof peer, "%s:%d", host, ntohs(v4->sin_port));
    }
    if (atomic_fetch_add(&server->n_connections, 1) >= server->max_connections) {
        atomic_fetch_sub(&server->n_connections, 1);
        (void)snprintf(line, sizeof line, "limit of %d connections met, %s was refused", server->max_connections, peer);
        refuse(loop, fd, DZR__NOTICE_CONNECTIONS, line);
        return;
    }
    if (server->addresses != NULL &&
            !dzr__http_addresses_enter(server->addresses, &address, server->options.max_per_address)) {
        atomic_fetch_sub(&server->n_connections, 1);
        (void)snprintf(line, sizeof line, "limit of %d connections an address met, %s was refused",
                server->options.max_per_address, peer);
        refuse(loop, fd, DZR__NOTICE_ADDRESS, line);
        return;
    }
    dzr__http_connection_open(loop, fd, &address, peer, server->addresses != NULL);
}

/* Returns whether the queue of the kernel was emptied. */
static bool accept_some(dzr__http_loop *loop, int at_most)
{
    for (int i = 0; i < at_most; i++) {
        struct sockaddr_storage from = {0};
        socklen_t from_len = sizeof from;
        const int fd = accept4(loop->listen_fd, (struct sockaddr *)&from, &from_len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            admit(loop, fd, &from);
            continue;
        }
        if (errno == EAGAIN)
            return true;
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            dzr__http_notice_line(
                    loop->server, DZR__NOTICE_ACCEPT, "a connection waits to be accepted: %s", strerror(errno));
            (void)uv_poll_stop(&loop->listen_poll);
            loop->accept_again_ms = now_ms(loop) + ACCEPT_PAUSE_MS;
            dzr__http_timer_by(loop, loop->accept_again_ms);
            return true;
        }
        /* else the peer's own trouble (ECONNABORTED, EPROTO ...), or EINTR: the next, please */
    }
    return false;
}

static void on_listen(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    dzr__http_loop *const loop = poll->data;
    (void)accept_some(loop, ACCEPT_AT_ONCE);
    dzr__http_loop_flush(loop);
}

static void stop_accepting(dzr__http_loop *loop)
{
    if (!loop->accepting)
        return;
    loop->accepting = false;
    loop->accept_again_ms = INT64_MAX;
    uv_close((uv_handle_t *)&loop->listen_poll, NULL);
    close(loop->listen_fd);
    loop->listen_fd = -1;
}

/* ---- posted answers ---- */

void dzr__http_loop_flush(dzr__http_loop *loop)
{
    while (!dzr__link_alone(&loop->dirty)) {
        dzr__http_connection *const connection = DZR__LINKED(loop->dirty.next, dzr__http_connection, dirty);
        dzr__link_remove(&connection->dirty);
        dzr__http_connection_pump(connection);
    }
}

static void on_wake(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    dzr__http_loop *const loop = poll->data;
    uint64_t n = 0;
    (void)!read(loop->wake_fd, &n, sizeof n); /* before the list is taken, so that no wake-up is lost */
    dzr__http_loop_run_posted(loop);
    dzr__http_loop_flush(loop);
    if (loop->draining)
        dzr__http_timer_by(loop, now_ms(loop)); /* the last orphan may be gone */
}

/* ---- the end ---- */

/* Has the kernel drop the start of new handshakes at this socket, and nothing else. Without it a connection could be
 * completed by the kernel between our last accept and the close, and then be reset. The program reads the TCP header's
 * flags: SYN without ACK. */
static void refuse_handshakes(int listen_fd)
{
    struct sock_filter code[] = {
            BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13),
            BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x12),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x02, 0, 1),
            BPF_STMT(BPF_RET | BPF_K, 0),
            BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
    };
    const struct sock_fprog program = {.len = sizeof code / sizeof code[0], .filter = code};
    (void)setsockopt(
            listen_fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program); /* refused: a smaller promise */
}

static void on_stop(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    dzr__http_loop *const loop = poll->data;
    (void)uv_poll_stop(poll);
    const int64_t now = now_ms(loop), drain_ms = loop->server->options.drain_timeout_ms;
    loop->draining = true;
    loop->accept_until_ms = now + DZR_MIN(DRAIN_ACCEPT_MS, drain_ms);
    loop->linger_idle_until_ms = now + DZR_MIN(DRAIN_IDLE_MS, drain_ms);
    loop->cut_at_ms = now + drain_ms;
    refuse_handshakes(loop->listen_fd);
    dzr__http_loop_tick(loop);
}

static void end(dzr__http_loop *loop)
{
    while (!dzr__link_alone(&loop->connections))
        dzr__http_connection_cut(DZR__LINKED(loop->connections.next, dzr__http_connection, link));
    stop_accepting(loop);
    loop->ended = true;
    uv_close((uv_handle_t *)&loop->wake_poll, NULL);
    uv_close((uv_handle_t *)&loop->stop_poll, NULL);
    uv_close((uv_handle_t *)&loop->cut_poll, NULL);
    uv_close((uv_handle_t *)&loop->timer, NULL);
}

static void on_cut(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    end(poll->data);
}

static void close_idle(dzr__http_loop *loop)
{
    for (dzr__link *link = loop->connections.next, *next = NULL; link != &loop->connections; link = next) {
        next = link->next;
        dzr__http_connection *const connection = DZR__LINKED(link, dzr__http_connection, link);
        if (dzr__http_connection_idle(connection))
            dzr__http_connection_close(connection);
    }
}

/* One look at how far draining has come. Returns when to look again. */
static int64_t drain(dzr__http_loop *loop)
{
    const int64_t now = now_ms(loop);
    if (loop->accepting && now >= loop->accept_until_ms) {
        (void)accept_some(loop, INT_MAX);
        stop_accepting(loop);
        dzr__http_loop_flush(loop);
    }
    if (now >= loop->linger_idle_until_ms)
        close_idle(loop);
    const bool done = !loop->accepting && dzr__link_alone(&loop->connections) && dzr__link_alone(&loop->orphans);
    if (done || now >= loop->cut_at_ms) {
        end(loop);
        return INT64_MAX;
    }
    if (loop->accepting)
        return loop->accept_until_ms;
    return now < loop->linger_idle_until_ms ? loop->linger_idle_until_ms : loop->cut_at_ms;
}

void dzr__http_loop_tick(dzr__http_loop *loop)
{
    int64_t next = dzr__http_deadlines_expire(loop);
    dzr__http_loop_flush(loop);
    if (now_ms(loop) >= loop->accept_again_ms) {
        loop->accept_again_ms = INT64_MAX;
        (void)uv_poll_start(&loop->listen_poll, UV_READABLE, on_listen);
    }
    next = DZR_MIN(next, loop->accept_again_ms);
    const int64_t drain_next = loop->draining ? drain(loop) : INT64_MAX;
    next = DZR_MIN(next, drain_next);
    if (next != INT64_MAX)
        dzr__http_timer_by(loop, next);
}

/* ---- from server.c ---- */

dzr_status dzr__http_loop_open(dzr__http_loop *loop, dzr_error *err)
{
    loop->accept_again_ms = INT64_MAX;
    dzr__link_init(&loop->connections);
    dzr__link_init(&loop->dirty);
    const int failed = uv_loop_init(&loop->uv);
    if (failed != 0)
        return dzr_fail(err, DZR_ERR_IO, "starting a loop: %s", uv_strerror(failed));
    loop->opened = true;
    dzr__http_deadlines_init(loop);
    (void)uv_timer_init(&loop->uv, &loop->timer);
    loop->timer.data = loop;
    const struct {
        uv_poll_t *poll;
        int fd;
        uv_poll_cb call;
    } watched[] = {
            {&loop->listen_poll, loop->listen_fd, on_listen},
            {&loop->wake_poll, loop->wake_fd, on_wake},
            {&loop->stop_poll, loop->server->stop_fd, on_stop},
            {&loop->cut_poll, loop->server->cut_fd, on_cut},
    };
    for (size_t i = 0; i < sizeof watched / sizeof watched[0]; i++) {
        int bad = uv_poll_init(&loop->uv, watched[i].poll, watched[i].fd);
        watched[i].poll->data = loop;
        if (bad == 0)
            bad = uv_poll_start(watched[i].poll, UV_READABLE, watched[i].call);
        if (bad != 0)
            return dzr_fail(err, DZR_ERR_IO, "watching a socket: %s", uv_strerror(bad));
    }
    loop->accepting = true;
    return DZR_OK;
}

void dzr__http_loop_run(dzr__http_loop *loop)
{
    (void)uv_run(&loop->uv, UV_RUN_DEFAULT);
}

static void close_handle(uv_handle_t *handle, void *arg)
{
    (void)arg;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

/* Also for a loop that never ran, or that was opened halfway. */
void dzr__http_loop_close(dzr__http_loop *loop)
{
    loop->ended = true;
    if (!loop->opened)
        return;
    uv_walk(&loop->uv, close_handle, NULL);
    (void)uv_run(&loop->uv, UV_RUN_DEFAULT);
    (void)uv_loop_close(&loop->uv);
}
