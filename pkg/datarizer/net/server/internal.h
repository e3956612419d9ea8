/* net/server/internal.h - what the files of the HTTP server share. From the socket inwards:
 *   server.c      options, listening sockets, threads, stop, notices
 *   loop.c        one thread: accepts, wakes for posted answers, drains
 *   connection.c  one socket: reads, feeds the reader, writes answers in order
 *   request.c     bytes to a request, without sockets (fuzz/http_request.c drives it alone)
 *   exchange.c    a request with the place for its answer: pool, post, what a handler may ask
 *   answer.c      an answer to bytes
 *   deadline.c    who has to be finished by when
 *   addresses.c   connections a peer address
 * Design: docs/http-server.md. */
#ifndef DZR_NET_SERVER_INTERNAL_H
#define DZR_NET_SERVER_INTERNAL_H

#include "base/internal.h"

#include <datarizer/http_server.h>

#include <llhttp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <uv.h>

/* ---- request.c ---- */

enum {
    DZR__HTTP_METHOD_BYTES = 32, /* the longest registered method has 18 */
    DZR__HTTP_MAX_HEADERS = 128, /* lines in a head */
};

typedef struct dzr__http_limits {
    size_t header_bytes, target_bytes, body_bytes;
} dzr__http_limits;

typedef enum dzr__http_progress {
    DZR__HTTP_MORE, /* all bytes were used, the request is not complete */
    DZR__HTTP_DONE, /* the request is complete; bytes after it were not used */
    DZR__HTTP_BAD,  /* bad_status and bad_reason say why; the connection can't be read on */
} dzr__http_progress;

typedef enum dzr__http_stage {
    DZR__READ_BLANK, /* empty lines before the request */
    DZR__READ_METHOD,
    DZR__READ_TARGET,
    DZR__READ_HEAD, /* from the space after the target */
    DZR__READ_BODY,
    DZR__READ_TRAILERS,
    DZR__READ_END /* done or bad */
} dzr__http_stage;

/* Where a field line's name and value lie in the reader's text, which may move while it grows. */
typedef struct dzr__http_field {
    uint32_t name_at, name_len, value_at, value_len;
} dzr__http_field;

/* Reads one request at a time. The outcome does not depend on how the bytes were cut into pieces. */
typedef struct dzr__http_reader {
    const dzr__http_limits *limits;
    dzr_bytebuf text; /* method, target, names and values, body, one after the other */
    dzr__http_field *fields;
    dzr_http_header *headers;
    size_t fields_cap, n_fields; /* both arrays have the same room */
    llhttp_t parser;
    dzr__http_stage stage;
    uint8_t last;       /* the byte before this piece, 0 at the start */
    bool at_line_start; /* of a field line, or of the empty one */
    bool at_last_line;  /* the empty one has begun */
    bool in_value;      /* the newest field has its value's place */
    bool keep_alive;
    bool has_body;
    bool wants_continue; /* "Expect: 100-continue" from a client that waits for it */
    size_t method_len, target_len, body_at;
    size_t head_bytes, body_raw_bytes; /* as received; trailers count to the head */
    size_t n_lines;
    int bad_status; /* 0 while all is well */
    const char *bad_reason;
    dzr_http_request request; /* filled once done; method and target as far as known when bad */
} dzr__http_reader;

/* limits outlive the reader. */
void dzr__http_reader_init(dzr__http_reader *reader, const dzr_allocator *alloc, const dzr__http_limits *limits);
/* Ready for the next request. Keeps modest buffers. */
void dzr__http_reader_reset(dzr__http_reader *reader);
void dzr__http_reader_fini(dzr__http_reader *reader);
/* After DONE or BAD nothing may be fed before a reset. Memory that is short is BAD with status 503. */
dzr__http_progress dzr__http_reader_feed(dzr__http_reader *reader, const uint8_t *at, size_t len, size_t *used);
/* Makes the request bad for a reason from outside, such as a deadline. */
void dzr__http_reader_fail(dzr__http_reader *reader, int status, const char *reason);
/* Whether any byte of a request has come. */
static inline bool dzr__http_reader_started(const dzr__http_reader *reader)
{
    return reader->head_bytes > 0;
}

/* ---- links: a ring, whose head is a link as well ---- */

typedef struct dzr__link {
    struct dzr__link *prev, *next;
} dzr__link;

static inline void dzr__link_init(dzr__link *link)
{
    link->prev = link->next = link;
}
/* Also whether a link that is no head is in no ring. */
static inline bool dzr__link_alone(const dzr__link *link)
{
    return link->next == link;
}
static inline void dzr__link_remove(dzr__link *link)
{
    link->prev->next = link->next;
    link->next->prev = link->prev;
    dzr__link_init(link);
}
static inline void dzr__link_append(dzr__link *head, dzr__link *link)
{
    link->prev = head->prev;
    link->next = head;
    head->prev->next = link;
    head->prev = link;
}
#define DZR__LINKED(link, type, member) ((type *)((char *)(link)-offsetof(type, member)))

/* ---- exchange, connection, loop, server ---- */

typedef struct dzr__http_connection dzr__http_connection;
typedef struct dzr__http_loop dzr__http_loop;

enum { DZR__HTTP_PEER_BYTES = 56 }; /* "[v6 address]:port" */

struct dzr_http_exchange {
    dzr__http_reader reader;
    dzr__http_loop *loop;
    dzr__http_connection *connection; /* NULL when it went before the answer came */
    dzr__link link;                   /* in the connection's queue, the loop's orphans or its free ones */
    bool answered;
    int status;
    size_t answer_body_bytes;
    dzr_bytebuf out; /* the answer as it goes over the wire */
    size_t out_sent;
    size_t held_bytes; /* counted in the connection's queued_bytes */
    uint64_t started_ns;
    char peer[DZR__HTTP_PEER_BYTES];
    dzr_http_exchange *posted_before; /* dzr_http_post: at most one at a time, so that a post needs no memory */
    void (*posted_fn)(dzr_http_exchange *exchange, void *arg);
    void *posted_arg;
};

typedef enum dzr__http_deadline {
    DZR__DEADLINE_HEADER, /* the head of a request, whole */
    DZR__DEADLINE_BODY,   /* its body, whole */
    DZR__DEADLINE_IDLE,   /* the next request's first byte */
    DZR__DEADLINE_WRITE,  /* any progress in writing */
    DZR__DEADLINE_LINGER, /* the peer's own close, after ours */
    DZR__N_DEADLINES,
    DZR__DEADLINE_NONE = DZR__N_DEADLINES
} dzr__http_deadline;

struct dzr__http_connection {
    uv_poll_t poll;
    dzr__http_loop *loop;
    int fd;
    int poll_events;
    dzr__link link;  /* all of the loop */
    dzr__link dirty; /* those of the loop that have answers to write */
    dzr__link queue; /* exchanges, oldest first: waiting for their answer or for its writing */
    dzr__link deadline;
    int64_t deadline_ms;
    uint64_t deadline_request; /* n_requests when it was set */
    dzr__http_deadline deadline_kind;
    bool closed;     /* only the memory is left */
    bool blocked;    /* the socket takes no more for now */
    bool peer_ended; /* no byte will come any more */
    bool last;       /* no request after those in the queue will be taken */
    bool lingering;  /* our side is closed; what comes is thrown away until theirs is */
    bool more_input; /* the piece being fed goes on after the request being handled */
    bool counted_address;
    unsigned n_queued;
    size_t queued_bytes;
    uint64_t n_requests;        /* complete ones so far */
    dzr_http_exchange *reading; /* the request that is not complete yet */
    dzr_bytebuf tail;           /* read, not fed yet, because the queue was full; from tail_at */
    size_t tail_at;
    struct in6_addr address; /* IPv4 as mapped */
    char peer[DZR__HTTP_PEER_BYTES];
};

enum { DZR__HTTP_READ_BYTES = 64 * 1024 };

struct dzr__http_loop {
    dzr_http_server *server;
    int index;
    int listen_fd, wake_fd; /* wake_fd: an eventfd, open as long as the server, so that a post is always safe */
    void *ctx;              /* from on_loop_start */
    pthread_t thread;
    uv_loop_t uv;
    uv_poll_t listen_poll, wake_poll, stop_poll, cut_poll;
    uv_timer_t timer;
    int64_t timer_due_ms; /* INT64_MAX: off */
    dzr__link connections, dirty, orphans, free_exchanges;
    dzr__link deadlines[DZR__N_DEADLINES];
    int64_t deadline_after_ms[DZR__N_DEADLINES];
    unsigned n_free;
    bool opened; /* uv is: nothing of it may be touched otherwise */
    bool accepting;
    bool draining;
    bool ended;
    int64_t accept_again_ms; /* after the system ran out of something; INT64_MAX: not waiting */
    int64_t accept_until_ms, linger_idle_until_ms, cut_at_ms; /* while draining */
    _Atomic(dzr_http_exchange *) posted;                      /* newest first */
    time_t date_s;
    char date[64]; /* "Sun, 06 Nov 1994 08:49:37 GMT" */
    uint8_t read_buf[DZR__HTTP_READ_BYTES];
};

typedef enum dzr__http_notice {
    DZR__NOTICE_CONNECTIONS,
    DZR__NOTICE_ADDRESS,
    DZR__NOTICE_ACCEPT,
    DZR__NOTICE_MEMORY,
    DZR__N_NOTICES
} dzr__http_notice;

typedef struct dzr__http_addresses dzr__http_addresses;

struct dzr_http_server {
    dzr_http_server_options options; /* no 0 left where 0 means a default */
    dzr__http_limits limits;
    dzr__http_loop **loops;
    int n_loops;
    int max_connections;
    int stop_fd, cut_fd; /* eventfds: the first and the second call of dzr_http_server_stop */
    atomic_int n_stops;
    atomic_int n_connections;
    atomic_llong noticed_ms[DZR__N_NOTICES];
    dzr__http_addresses *addresses; /* NULL: off */
    pthread_mutex_t start_lock;
    pthread_cond_t start_changed;
    int n_started;
    enum { DZR__START_WAIT, DZR__START_GO, DZR__START_FAILED } start;
    dzr_status start_status;
    dzr_error start_error;
    char address[DZR__HTTP_PEER_BYTES];
};

/* ---- server.c ---- */
/* One line to on_notice, at most one a second a kind. */
void dzr__http_notice_line(dzr_http_server *server, dzr__http_notice kind, const char *format, ...) DZR_PRINTF(3, 4);

/* ---- loop.c ---- */
DZR_MUST_CHECK dzr_status dzr__http_loop_open(dzr__http_loop *loop, dzr_error *err); /* on its own thread */
void dzr__http_loop_run(dzr__http_loop *loop);
void dzr__http_loop_close(dzr__http_loop *loop);
/* Called by the timer: ends what is due, and sees to the stages of a stop. */
void dzr__http_loop_tick(dzr__http_loop *loop);
/* Writes the answers of every connection that got some outside of its own reading. */
void dzr__http_loop_flush(dzr__http_loop *loop);
/* Runs what was posted and not run, oldest first. */
void dzr__http_loop_run_posted(dzr__http_loop *loop);

/* ---- connection.c ---- */
/* Takes over fd in any case. */
void dzr__http_connection_open(
        dzr__http_loop *loop, int fd, const struct in6_addr *address, const char *peer, bool counted_address);
void dzr__http_connection_close(dzr__http_connection *connection);
/* The same, without leaving the kernel anything to send: the peer sees a reset. */
void dzr__http_connection_cut(dzr__http_connection *connection);
/* Writes what can be written, reads on where that made room, and sees to interest and deadline. */
void dzr__http_connection_pump(dzr__http_connection *connection);
void dzr__http_connection_expired(dzr__http_connection *connection);
/* Whether it waits for a request and has no byte of one, the socket's included. */
bool dzr__http_connection_idle(const dzr__http_connection *connection);
/* Called by an answer: whether exchange is the last this connection answers, so that "Connection: close" is due. */
bool dzr__http_connection_is_last(dzr__http_connection *connection, const dzr_http_exchange *exchange);

/* ---- exchange.c ---- */
/* NULL when memory is short. */
dzr_http_exchange *dzr__http_exchange_take(dzr__http_loop *loop, dzr__http_connection *connection);
/* Back into the loop's pool; it may be linked anywhere. */
void dzr__http_exchange_put(dzr_http_exchange *exchange);
void dzr__http_exchange_free_pool(dzr__http_loop *loop);

/* ---- answer.c ---- */
/* Answers for the server itself: {"detail": reason}. */
void dzr__http_answer_error(dzr_http_exchange *exchange, int status, const char *reason);
/* The bytes of a 503 for a connection that is not taken. */
dzr_bytes dzr__http_answer_busy(void);
/* "Not Found" for 404; "Status" for a number without a phrase here. */
const char *dzr__http_reason(int status);

/* ---- deadline.c ---- */
void dzr__http_deadlines_init(dzr__http_loop *loop);
/* Sets the connection's only deadline. One of the same kind for the same request goes on unless `again`. */
void dzr__http_deadline_set(dzr__http_connection *connection, dzr__http_deadline kind, bool again);
/* Has the loop's timer fire no later than at_ms. */
void dzr__http_timer_by(dzr__http_loop *loop, int64_t at_ms);
/* Ends what is due; returns when the next is, INT64_MAX for never. */
int64_t dzr__http_deadlines_expire(dzr__http_loop *loop);

/* ---- addresses.c: how many connections each peer address has; any thread ---- */
DZR_MUST_CHECK dzr_status dzr__http_addresses_open(
        const dzr_allocator *alloc, int max_connections, dzr__http_addresses **out, dzr_error *err);
void dzr__http_addresses_close(dzr__http_addresses *addresses);
/* Counts one more unless there are `max` already. An IPv6 address counts by its /64, the smallest network handed out.
 */
bool dzr__http_addresses_enter(dzr__http_addresses *addresses, const struct in6_addr *address, int max);
void dzr__http_addresses_leave(dzr__http_addresses *addresses, const struct in6_addr *address);

#endif
