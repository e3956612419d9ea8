/* datarizer/http_server.h - an HTTP/1.1 server on llhttp and libuv: connections, deadlines, limits; one loop a thread,
 * each with its own listening socket (SO_REUSEPORT). What a request means is the handler's.
 * Spec: RFC 9110, RFC 9112. Limits and their reasons: docs/http-server.md. */
#ifndef DATARIZER_HTTP_SERVER_H
#define DATARIZER_HTTP_SERVER_H

#include <datarizer/io.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dzr_http_server dzr_http_server;
/* One request and the place for its answer. Belongs to the server until answered; used on its loop's thread only.
 * Stays valid when its connection goes: the answer then goes nowhere. */
typedef struct dzr_http_exchange dzr_http_exchange;

typedef struct dzr_http_header {
    dzr_bytes name, value; /* as sent; value without the white space around it */
} dzr_http_header;

/* Good until the exchange is answered. */
typedef struct dzr_http_request {
    dzr_bytes method; /* "GET"; any token, as sent */
    dzr_bytes target; /* as sent */
    dzr_bytes path;   /* of target: before the "?", still percent-encoded; absolute-form without scheme and host */
    dzr_bytes query;  /* after the first "?", without it; at NULL when there is none */
    dzr_bytes body;   /* whole, chunks joined */
    const dzr_http_header *headers;
    size_t n_headers;
    int minor_version; /* HTTP/1.minor */
} dzr_http_request;

/* Called on a loop's thread for each request with its body complete. Answers at once with dzr_http_answer, or later:
 * keep the exchange and have dzr_http_post bring you back to this thread. loop_ctx is what on_loop_start gave. */
typedef void (*dzr_http_handler)(void *ctx, void *loop_ctx, dzr_http_exchange *exchange);

/* 0 means the value named. */
typedef struct dzr_http_server_options {
    const dzr_allocator *alloc;
    const char *listen;        /* "127.0.0.1:8000", "[::1]:0"; port 0: any free one */
    int n_loops;               /* 0: one a core */
    int max_connections;       /* 0: 10,000; never more than the open-file limit allows */
    int max_per_address;       /* 0: off; an IPv6 address counts by its /64 */
    size_t max_header_bytes;   /* 32 KiB: the whole head: request line and fields (128 of them at most) */
    size_t max_target_bytes;   /* 16 KiB */
    size_t max_body_bytes;     /* 1 MiB */
    int64_t header_timeout_ms; /* 10 s in total, from the first byte (or the connect) */
    int64_t body_timeout_ms;   /* 30 s in total */
    int64_t idle_timeout_ms;   /* 60 s between requests */
    int64_t write_timeout_ms;  /* 30 s without progress */
    int64_t drain_timeout_ms;  /* 10 s: after stop, until connections are cut */
    /* Fields of every answer besides its own, those the server gives by itself too, save the 503 of a connection too
     * many. They stay the caller's and outlive the server. */
    const dzr_http_header *headers;
    size_t n_headers;
    dzr_http_handler handler;
    void *ctx;
    /* Both may be NULL. Called on the loop's own thread, before its first and after its last request. A failing start
     * fails the server's. */
    dzr_status (*on_loop_start)(void *ctx, int loop_index, void **loop_ctx, dzr_error *err);
    void (*on_loop_stop)(void *ctx, void *loop_ctx);
    /* May be NULL: after each answer was handed to the socket; for an access log. Also for answers the server gave by
     * itself (400, 408, 413, 431 ...; method and target may be empty). */
    void (*on_answered)(void *ctx, void *loop_ctx, const dzr_http_exchange *exchange, int status, size_t body_bytes,
            int64_t duration_us);
    /* May be NULL: one line for an operator, such as a limit that was met (at most one a second a kind). Any thread. */
    void (*on_notice)(void *ctx, const char *line);
} dzr_http_server_options;

/* Binds and listens, starts no thread yet. Errors: DZR_ERR_ARG, DZR_ERR_NET (the address and the system's words). */
DZR_API DZR_MUST_CHECK dzr_status dzr_http_server_open(
        const dzr_http_server_options *options, dzr_http_server **out, dzr_error *err);
/* "127.0.0.1:8000", with the real port. Lives as long as the server. */
DZR_API const char *dzr_http_server_address(const dzr_http_server *server);
DZR_API int dzr_http_server_max_connections(const dzr_http_server *server);
/* Runs the loops on threads of their own (which block all signals) and returns when dzr_http_server_stop has been
 * called and all are drained. Once only. Errors: what on_loop_start answered; DZR_ERR_IO when the system lacks
 * something. */
DZR_API DZR_MUST_CHECK dzr_status dzr_http_server_run(dzr_http_server *server, dzr_error *err);
/* Stops accepting, answers what is in flight (connections the kernel has completed and requests already sent included),
 * closes idle connections after half a second, cuts the rest after drain_timeout_ms; a second call cuts it at once.
 * Async-signal-safe, from any thread, until close. */
DZR_API void dzr_http_server_stop(dzr_http_server *server);
DZR_API void dzr_http_server_close(dzr_http_server *server); /* after run has returned, or before it was called, and
                                                              * after the last dzr_http_post: what was posted too late
                                                              * for its loop is run here; NULL is allowed */

DZR_API const dzr_http_request *dzr_http_exchange_request(const dzr_http_exchange *exchange);
/* The header's first value, at NULL when absent; name in lower case. n_found (may be NULL): how many there are. */
DZR_API dzr_bytes dzr_http_request_header(const dzr_http_request *request, const char *name, size_t *n_found);
/* "127.0.0.1:4711" of the peer. */
DZR_API const char *dzr_http_exchange_peer(const dzr_http_exchange *exchange);

/* Answers; the exchange is gone for the caller afterwards. Everything is copied.
 * content_type may be NULL (no body type). extra: n_extra headers more (no CR, LF or NUL in them: asserted).
 * Content-Length, Date, Connection are the server's. A HEAD answer sends the header of `body` without it. */
DZR_API void dzr_http_answer(dzr_http_exchange *exchange, int status, const char *content_type,
        const dzr_http_header *extra, size_t n_extra, dzr_bytes body);

/* Any thread: has fn called with exchange and arg on the exchange's own loop, exactly once. Needs no memory, so it
 * can't fail; in return an exchange is posted again only after fn has run. Many posts wake a loop once. */
DZR_API void dzr_http_post(dzr_http_exchange *exchange, void (*fn)(dzr_http_exchange *exchange, void *arg), void *arg);

#ifdef __cplusplus
}
#endif
#endif
