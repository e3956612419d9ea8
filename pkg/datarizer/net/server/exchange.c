/* net/server/exchange.c - a request together with the place for its answer: the loop's pool of them, what a handler may
 * ask of one, and dzr_http_post, which brings another thread's result back to the loop.
 * An exchange whose connection went before it was answered is an orphan: it stays valid, its answer goes nowhere. */
#include "net/server/internal.h"

#include <errno.h>
#include <strings.h>
#include <unistd.h>

enum { POOL_MOST = 128, OUT_KEPT_BYTES = 32 * 1024 };

static dzr_http_exchange *exchange_new(dzr__http_loop *loop)
{
    const dzr_allocator *const alloc = loop->server->options.alloc;
    dzr_http_exchange *const exchange = dzr_alloc_zeroed(alloc, 1, sizeof *exchange, NULL);
    if (exchange == NULL)
        return NULL;
    exchange->loop = loop;
    exchange->out.alloc = alloc;
    dzr__link_init(&exchange->link);
    dzr__http_reader_init(&exchange->reader, alloc, &loop->server->limits);
    return exchange;
}

static void exchange_free(dzr_http_exchange *exchange)
{
    dzr__bytebuf_fini(&exchange->out);
    dzr__http_reader_fini(&exchange->reader);
    dzr_release(exchange->loop->server->options.alloc, exchange);
}

dzr_http_exchange *dzr__http_exchange_take(dzr__http_loop *loop, dzr__http_connection *connection)
{
    dzr_http_exchange *exchange = NULL;
    if (dzr__link_alone(&loop->free_exchanges)) {
        exchange = exchange_new(loop);
        if (exchange == NULL)
            return NULL;
    } else {
        exchange = DZR__LINKED(loop->free_exchanges.prev, dzr_http_exchange, link); /* the one used last is warm */
        dzr__link_remove(&exchange->link);
        loop->n_free--;
    }
    exchange->connection = connection;
    memcpy(exchange->peer, connection->peer, sizeof exchange->peer);
    if (loop->server->options.on_answered != NULL)
        exchange->started_ns = uv_hrtime();
    return exchange;
}

void dzr__http_exchange_put(dzr_http_exchange *exchange)
{
    dzr__http_loop *const loop = exchange->loop;
    dzr__link_remove(&exchange->link);
    if (loop->n_free == POOL_MOST) {
        exchange_free(exchange);
        return;
    }
    dzr__http_reader_reset(&exchange->reader);
    if (exchange->out.cap > OUT_KEPT_BYTES)
        dzr__bytebuf_fini(&exchange->out);
    exchange->out.len = exchange->out_sent = exchange->held_bytes = exchange->answer_body_bytes = 0;
    exchange->answered = false;
    exchange->connection = NULL;
    dzr__link_append(&loop->free_exchanges, &exchange->link);
    loop->n_free++;
}

static void free_ring(dzr__link *ring)
{
    while (!dzr__link_alone(ring)) {
        dzr_http_exchange *const exchange = DZR__LINKED(ring->next, dzr_http_exchange, link);
        dzr__link_remove(&exchange->link);
        exchange_free(exchange);
    }
}

void dzr__http_exchange_free_pool(dzr__http_loop *loop)
{
    free_ring(&loop->free_exchanges);
    free_ring(&loop->orphans);
}

/* ---- for handlers ---- */

const dzr_http_request *dzr_http_exchange_request(const dzr_http_exchange *exchange)
{
    return &exchange->reader.request;
}

const char *dzr_http_exchange_peer(const dzr_http_exchange *exchange)
{
    return exchange->peer;
}

dzr_bytes dzr_http_request_header(const dzr_http_request *request, const char *name, size_t *n_found)
{
    const size_t name_len = strlen(name);
    dzr_bytes first = {NULL, 0};
    size_t n = 0;
    for (size_t i = 0; i < request->n_headers; i++) {
        const dzr_http_header *const header = &request->headers[i];
        if (header->name.len != name_len || strncasecmp((const char *)header->name.at, name, name_len) != 0)
            continue;
        if (n++ == 0)
            first = header->value;
    }
    if (n_found != NULL)
        *n_found = n;
    return first;
}

/* ---- from other threads ---- */

void dzr_http_post(dzr_http_exchange *exchange, void (*fn)(dzr_http_exchange *exchange, void *arg), void *arg)
{
    dzr__http_loop *const loop = exchange->loop;
    exchange->posted_fn = fn;
    exchange->posted_arg = arg;
    dzr_http_exchange *newest = atomic_load_explicit(&loop->posted, memory_order_relaxed);
    do {
        exchange->posted_before = newest;
    } while (!atomic_compare_exchange_weak_explicit(
            &loop->posted, &newest, exchange, memory_order_release, memory_order_relaxed));
    if (newest != NULL)
        return; /* whoever found it empty has woken the loop, which takes all at once */
    const uint64_t one = 1;
    ssize_t n = 0;
    do {
        n = write(loop->wake_fd, &one, sizeof one);
    } while (n < 0 && errno == EINTR);
}

void dzr__http_loop_run_posted(dzr__http_loop *loop)
{
    dzr_http_exchange *newest = atomic_exchange_explicit(&loop->posted, NULL, memory_order_acquire);
    dzr_http_exchange *oldest = NULL;
    while (newest != NULL) {
        dzr_http_exchange *const before = newest->posted_before;
        newest->posted_before = oldest;
        oldest = newest;
        newest = before;
    }
    while (oldest != NULL) {
        dzr_http_exchange *const next = oldest->posted_before; /* the call may give the exchange away */
        oldest->posted_fn(oldest, oldest->posted_arg);
        oldest = next;
    }
}
