/* net/server/connection.c - one socket: what is read goes to the reader, complete requests to the handler, answers back
 * in the order of their requests, as many as there are with one write. It stops reading while too much waits, and
 * closes so that the peer gets the last answer. Everything here runs on the loop's thread. Called by loop.c (a new
 * socket, posted answers, draining) and deadline.c. Spec: RFC 9112 section 9; RFC 9110 section 10.1.1. Rules in words:
 * docs/http-server.md. */
#include "net/server/internal.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    QUEUED_MOST = 64,               /* exchanges of one connection */
    QUEUED_MOST_BYTES = 256 * 1024, /* their requests and answers, before another request is taken */
};

/* ---- beginning and end ---- */

static void on_poll(uv_poll_t *poll, int status, int events);

void dzr__http_connection_open(
        dzr__http_loop *loop, int fd, const struct in6_addr *address, const char *peer, bool counted_address)
{
    dzr__http_connection *const connection = dzr_alloc_zeroed(loop->server->options.alloc, 1, sizeof *connection, NULL);
    const bool polled = connection != NULL && uv_poll_init(&loop->uv, &connection->poll, fd) == 0;
    if (!polled) {
        dzr__http_notice_line(loop->server, DZR__NOTICE_MEMORY, "out of memory: the connection of %s is closed", peer);
        dzr_release(loop->server->options.alloc, connection);
        if (counted_address)
            dzr__http_addresses_leave(loop->server->addresses, address);
        atomic_fetch_sub(&loop->server->n_connections, 1);
        close(fd);
        return;
    }
    connection->poll.data = connection;
    connection->loop = loop;
    connection->fd = fd;
    connection->address = *address;
    connection->counted_address = counted_address;
    connection->deadline_kind = DZR__DEADLINE_NONE;
    connection->tail.alloc = loop->server->options.alloc;
    dzr__link_init(&connection->dirty);
    dzr__link_init(&connection->queue);
    dzr__link_init(&connection->deadline);
    dzr__link_append(&loop->connections, &connection->link);
    memcpy(connection->peer, peer, sizeof connection->peer);
    dzr__http_connection_pump(connection);
}

static void on_closed(uv_handle_t *handle)
{
    dzr__http_connection *const connection = handle->data;
    dzr_release(connection->loop->server->options.alloc, connection);
}

static void dequeue(dzr__http_connection *connection, dzr_http_exchange *exchange)
{
    dzr__link_remove(&exchange->link);
    connection->n_queued--;
    connection->queued_bytes -= exchange->held_bytes;
}

void dzr__http_connection_close(dzr__http_connection *connection)
{
    if (connection->closed)
        return;
    connection->closed = true;
    dzr__http_loop *const loop = connection->loop;
    dzr__link_remove(&connection->link);
    dzr__link_remove(&connection->dirty);
    dzr__link_remove(&connection->deadline);
    while (!dzr__link_alone(&connection->queue)) {
        dzr_http_exchange *const exchange = DZR__LINKED(connection->queue.next, dzr_http_exchange, link);
        dequeue(connection, exchange);
        exchange->connection = NULL;
        if (exchange->answered)
            dzr__http_exchange_put(exchange);
        else
            dzr__link_append(&loop->orphans, &exchange->link);
    }
    if (connection->reading != NULL)
        dzr__http_exchange_put(connection->reading);
    dzr__bytebuf_fini(&connection->tail);
    if (connection->counted_address)
        dzr__http_addresses_leave(loop->server->addresses, &connection->address);
    uv_close((uv_handle_t *)&connection->poll, on_closed);
    close(connection->fd);
    atomic_fetch_sub(&loop->server->n_connections, 1);
    if (loop->draining)
        dzr__http_timer_by(loop, (int64_t)uv_now(&loop->uv)); /* it may have been the last */
}

void dzr__http_connection_cut(dzr__http_connection *connection)
{
    const struct linger none = {.l_onoff = 1, .l_linger = 0};
    if (!connection->closed)
        (void)setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &none, sizeof none); /* else the kernel goes on alone */
    dzr__http_connection_close(connection);
}

bool dzr__http_connection_idle(const dzr__http_connection *connection)
{
    uint8_t byte = 0;
    return !connection->closed && !connection->lingering && connection->reading == NULL && connection->n_queued == 0 &&
           recv(connection->fd, &byte, 1, MSG_PEEK) <= 0; /* a busy loop may not have come to reading it */
}

/* ---- requests in ---- */

static bool has_room(const dzr__http_connection *connection)
{
    return connection->n_queued < QUEUED_MOST && connection->queued_bytes < QUEUED_MOST_BYTES;
}

static bool takes_requests(const dzr__http_connection *connection)
{
    return !connection->closed && !connection->last && has_room(connection);
}

static void enqueue(dzr__http_connection *connection, dzr_http_exchange *exchange)
{
    connection->reading = NULL;
    connection->n_requests++;
    exchange->held_bytes = exchange->reader.text.len;
    connection->n_queued++;
    connection->queued_bytes += exchange->held_bytes;
    dzr__link_append(&connection->queue, &exchange->link);
}

static void refuse(dzr__http_connection *connection, dzr_http_exchange *exchange)
{
    enqueue(connection, exchange);
    connection->last = true;
    dzr__http_answer_error(exchange, exchange->reader.bad_status, exchange->reader.bad_reason);
}

static void handle(dzr__http_connection *connection, dzr_http_exchange *exchange)
{
    const dzr_http_server_options *const options = &connection->loop->server->options;
    enqueue(connection, exchange);
    connection->last = !exchange->reader.keep_alive;
    options->handler(options->ctx, connection->loop->ctx, exchange);
}

/* Returns how many bytes were used: all, unless the queue became full. */
static size_t feed(dzr__http_connection *connection, const uint8_t *at, size_t len)
{
    size_t i = 0;
    while (i < len && takes_requests(connection)) {
        if (connection->reading == NULL)
            connection->reading = dzr__http_exchange_take(connection->loop, connection);
        dzr_http_exchange *const exchange = connection->reading;
        if (exchange == NULL) {
            dzr__http_notice_line(connection->loop->server, DZR__NOTICE_MEMORY,
                    "out of memory: the connection of %s is closed", connection->peer);
            dzr__http_connection_close(connection);
            break;
        }
        size_t used = 0;
        const dzr__http_progress progress = dzr__http_reader_feed(&exchange->reader, at + i, len - i, &used);
        i += used;
        connection->more_input = i < len;
        if (progress == DZR__HTTP_DONE)
            handle(connection, exchange);
        else if (progress == DZR__HTTP_BAD)
            refuse(connection, exchange);
    }
    connection->more_input = false;
    return connection->closed || connection->last ? len : i; /* nobody reads on after the last request */
}

static void peer_ended(dzr__http_connection *connection)
{
    connection->peer_ended = true;
    if (connection->tail.len == connection->tail_at && connection->reading != NULL) {
        dzr__http_exchange_put(connection->reading); /* half a request will not become whole */
        connection->reading = NULL;
    }
}

static void read_some(dzr__http_connection *connection)
{
    dzr__http_loop *const loop = connection->loop;
    const ssize_t n = recv(connection->fd, loop->read_buf, sizeof loop->read_buf, 0);
    if (n == 0)
        peer_ended(connection);
    if (n < 0 && errno != EAGAIN && errno != EINTR)
        dzr__http_connection_close(connection);
    if (n <= 0 || connection->last)
        return; /* or thrown away: what comes after the last request */
    const size_t used = feed(connection, loop->read_buf, (size_t)n);
    if (used == (size_t)n)
        return;
    if (dzr__bytebuf_append(&connection->tail, loop->read_buf + used, (size_t)n - used, NULL) != DZR_OK)
        dzr__http_connection_close(connection);
}

/* Goes on with what was read before the queue was full. Returns whether there was anything. */
static bool feed_tail(dzr__http_connection *connection)
{
    const size_t left = connection->tail.len - connection->tail_at;
    if (left == 0 || !takes_requests(connection))
        return false;
    connection->tail_at += feed(connection, connection->tail.at + connection->tail_at, left);
    if (!connection->closed && connection->tail_at == connection->tail.len) {
        dzr__bytebuf_fini(&connection->tail);
        connection->tail_at = 0;
        if (connection->peer_ended)
            peer_ended(connection);
    }
    return true;
}

/* ---- answers out ---- */

/* The last answer is the one to the last request taken. When the peer has ended, and while draining, it is also the one
 * with no request behind it: none in the queue, none begun, none read, and (for a while) none in the socket. */
bool dzr__http_connection_is_last(dzr__http_connection *connection, const dzr_http_exchange *exchange)
{
    if (&exchange->link != connection->queue.prev)
        return false;
    const dzr__http_loop *const loop = connection->loop;
    const bool ending = connection->peer_ended || loop->draining;
    if (!connection->last && ending && connection->reading == NULL && !connection->more_input &&
            connection->tail.len == connection->tail_at) {
        uint8_t byte = 0;
        connection->last = connection->peer_ended || (int64_t)uv_now(&loop->uv) >= loop->linger_idle_until_ms ||
                           recv(connection->fd, &byte, 1, MSG_PEEK) <= 0;
    }
    return connection->last;
}

static void written(dzr__http_connection *connection, dzr_http_exchange *exchange)
{
    const dzr_http_server_options *const options = &connection->loop->server->options;
    if (options->on_answered != NULL)
        options->on_answered(options->ctx, connection->loop->ctx, exchange, exchange->status,
                exchange->answer_body_bytes, (int64_t)((uv_hrtime() - exchange->started_ns) / 1000));
    dequeue(connection, exchange);
    dzr__http_exchange_put(exchange);
}

/* Takes n bytes off the front of the queue's answers. */
static void advance(dzr__http_connection *connection, size_t n)
{
    while (n > 0) {
        dzr_http_exchange *const first = DZR__LINKED(connection->queue.next, dzr_http_exchange, link);
        const size_t step = DZR_MIN(n, first->out.len - first->out_sent);
        first->out_sent += step;
        n -= step;
        if (first->out_sent == first->out.len)
            written(connection, first);
    }
}

static int gather(const dzr__http_connection *connection, struct iovec *parts, size_t *n_bytes)
{
    int n = 0;
    for (const dzr__link *link = connection->queue.next; link != &connection->queue; link = link->next) {
        const dzr_http_exchange *const exchange = DZR__LINKED(link, dzr_http_exchange, link);
        if (!exchange->answered)
            break;
        const size_t left = exchange->out.len - exchange->out_sent;
        parts[n++] = (struct iovec){exchange->out.at + exchange->out_sent, left};
        *n_bytes += left;
    }
    return n;
}

/* Writes the answers that are next in turn, with one call. */
static void write_answers(dzr__http_connection *connection)
{
    struct iovec parts[QUEUED_MOST];
    size_t n_bytes = 0;
    const int n_parts = gather(connection, parts, &n_bytes);
    if (n_parts == 0)
        return;
    const struct msghdr message = {.msg_iov = parts, .msg_iovlen = (size_t)n_parts};
    ssize_t n = 0;
    do {
        n = n_parts == 1 ? send(connection->fd, parts[0].iov_base, parts[0].iov_len, MSG_NOSIGNAL)
                         : sendmsg(connection->fd, &message, MSG_NOSIGNAL);
    } while (n < 0 && errno == EINTR);
    if (n < 0 && errno != EAGAIN) {
        dzr__http_connection_close(connection);
        return;
    }
    advance(connection, n < 0 ? 0 : (size_t)n);
    connection->blocked = n < 0 || (size_t)n < n_bytes;
    if (n > 0 && connection->blocked)
        dzr__http_deadline_set(connection, DZR__DEADLINE_WRITE, true); /* some progress: the wait starts anew */
}

/* The client waits for leave to send its body, and it is its turn. */
static void invite_body(dzr__http_connection *connection)
{
    static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
    dzr__http_reader *const reader = &connection->reading->reader;
    if (reader->stage != DZR__READ_BODY || !reader->wants_continue || connection->n_queued > 0)
        return;
    reader->wants_continue = false;
    if (reader->body_raw_bytes == 0 &&
            send(connection->fd, text, sizeof text - 1, MSG_NOSIGNAL) != (ssize_t)sizeof text - 1)
        dzr__http_connection_close(connection); /* not even 25 bytes fit: no answer will either */
}

/* After the last answer. Closing at once would make the kernel answer unread or late bytes with a reset, which may
 * overtake the answer; so only our side is closed, until the peer's is or a second has passed. */
static void finish(dzr__http_connection *connection)
{
    if (connection->peer_ended || (!connection->lingering && shutdown(connection->fd, SHUT_WR) != 0)) {
        dzr__http_connection_close(connection);
        return;
    }
    connection->lingering = true;
}

/* ---- what to wait for next ---- */

static dzr__http_deadline deadline_due(const dzr__http_connection *connection)
{
    if (connection->blocked)
        return DZR__DEADLINE_WRITE;
    if (connection->lingering)
        return DZR__DEADLINE_LINGER;
    if (connection->reading != NULL && has_room(connection))
        return connection->reading->reader.stage < DZR__READ_BODY ? DZR__DEADLINE_HEADER : DZR__DEADLINE_BODY;
    if (connection->n_queued > 0)
        return DZR__DEADLINE_NONE; /* the handler's time */
    return connection->n_requests == 0 ? DZR__DEADLINE_HEADER : DZR__DEADLINE_IDLE;
}

static void wait_for_events(dzr__http_connection *connection)
{
    const bool reads =
            !connection->peer_ended && !connection->blocked &&
            (connection->lingering || (takes_requests(connection) && connection->tail.len == connection->tail_at));
    const int events = (reads ? UV_READABLE : 0) | (connection->blocked ? UV_WRITABLE : 0);
    if (events == connection->poll_events)
        return;
    connection->poll_events = events;
    const int failed =
            events == 0 ? uv_poll_stop(&connection->poll) : uv_poll_start(&connection->poll, events, on_poll);
    if (failed != 0)
        dzr__http_connection_close(connection);
}

void dzr__http_connection_pump(dzr__http_connection *connection)
{
    do {
        if (!connection->closed && !connection->blocked)
            write_answers(connection);
    } while (!connection->closed && !connection->blocked && feed_tail(connection));
    if (connection->closed)
        return;
    dzr__link_remove(&connection->dirty);
    if (connection->reading != NULL)
        invite_body(connection);
    if (!connection->closed && connection->n_queued == 0 && connection->reading == NULL &&
            (connection->last || connection->peer_ended))
        finish(connection);
    if (connection->closed)
        return;
    dzr__http_deadline_set(connection, deadline_due(connection), false);
    wait_for_events(connection);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    dzr__http_connection *const connection = poll->data;
    if (status < 0) {
        dzr__http_connection_close(connection); /* reset by the peer */
        return;
    }
    if ((events & UV_WRITABLE) != 0)
        connection->blocked = false;
    if ((events & UV_READABLE) != 0)
        read_some(connection);
    dzr__http_connection_pump(connection);
    dzr__http_loop_flush(connection->loop);
}

void dzr__http_connection_expired(dzr__http_connection *connection)
{
    dzr_http_exchange *const exchange = connection->reading;
    switch (connection->deadline_kind) {
    case DZR__DEADLINE_WRITE:
        dzr__http_connection_cut(connection);
        return;
    case DZR__DEADLINE_HEADER:
    case DZR__DEADLINE_BODY:
        if (exchange != NULL) {
            dzr__http_reader_fail(&exchange->reader, 408, "Request not complete in time");
            refuse(connection, exchange);
            dzr__http_connection_pump(connection);
            return;
        }
        break;
    case DZR__DEADLINE_IDLE:
    case DZR__DEADLINE_LINGER:
    case DZR__DEADLINE_NONE:
        break;
    }
    dzr__http_connection_close(connection);
}
