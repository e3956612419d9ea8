/* datarizer/http.h - an HTTP client for jobs that fetch one thing after another: libcurl, one connection kept, retries
 * by the rules of go-retryablehttp, a deadline for each attempt and for the whole job, cancellation.
 * Spec: RFC 9110, RFC 9112; the retry rules: docs/ingest.md. */
#ifndef DATARIZER_HTTP_H
#define DATARIZER_HTTP_H

#include <datarizer/cancel.h>
#include <datarizer/io.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An attempt failed and another follows after a wait. Good during the callback. */
typedef struct dzr_http_retry {
    const char *url;      /* without password and secrets */
    const char *reason;   /* "status 503", "no connection: Connection refused" */
    int32_t n_failed;     /* attempts made so far */
    int32_t retries_left; /* after the one that follows */
    int64_t wait_ms;
} dzr_http_retry;

/* Every number is taken as it stands: begin with DZR_HTTP_CLIENT_DEFAULTS. */
typedef struct dzr_http_client_options {
    const dzr_allocator *alloc;
    const char *accept;         /* what the Accept header says; NULL: any */
    const char *user_agent;     /* NULL: "datarizer/1.2.3" */
    int32_t retries;            /* attempts after the first */
    int64_t wait_min_ms;        /* before the first retry; then doubled ... */
    int64_t wait_max_ms;        /* ... up to this */
    int64_t retry_after_max_ms; /* a longer Retry-After is cut to this; wait_max_ms has no say in it */
    int64_t attempt_timeout_ms; /* from connecting to the last byte, redirects included; 0: none */
    int64_t job_timeout_ms;     /* from the first start to the end of the last wait; 0: none */
    size_t max_body_bytes;      /* of one answer, decompressed */
    const dzr_cancel *cancel;   /* NULL: never */
    void (*on_retry)(void *ctx, const dzr_http_retry *retry); /* may be NULL */
    void *ctx;
} dzr_http_client_options;

/* 5 retries after 1, 2, 4, 8 and 16 s; 15 s an attempt, 5 min a job; bodies of 64 MiB. */
#define DZR_HTTP_CLIENT_DEFAULTS                                                                                       \
    ((dzr_http_client_options){.retries = 5,                                                                           \
            .wait_min_ms = 1000,                                                                                       \
            .wait_max_ms = 30000,                                                                                      \
            .retry_after_max_ms = 60000,                                                                               \
            .attempt_timeout_ms = 15000,                                                                               \
            .job_timeout_ms = 300000,                                                                                  \
            .max_body_bytes = (size_t)64 << 20})

typedef struct dzr_http_client dzr_http_client;

typedef struct dzr_http_response {
    int status;     /* any that is not retried: 200, 404, 501 ... never 429 */
    dzr_bytes body; /* good until the second dzr_http_client_start from now: the next request may be under way while
                       this body is read. Of an answer that is not 2xx only the start is kept, 4 KiB. */
} dzr_http_response;

typedef struct dzr_http_client_facts {
    int64_t n_requests; /* sent or tried, redirects apart */
    int64_t n_retries;
    int64_t n_body_bytes; /* of all answers handed out */
} dzr_http_client_facts;

/* Sends nothing yet. Proxies come from the environment (http_proxy, https_proxy, no_proxy), never for loopback.
 * Errors: DZR_ERR_ARG (a negative number), DZR_ERR_NOMEM. */
DZR_API DZR_MUST_CHECK dzr_status dzr_http_client_open(
        const dzr_http_client_options *options, dzr_http_client **out, dzr_error *err);
/* Cuts a request under way. NULL is allowed. */
DZR_API void dzr_http_client_close(dzr_http_client *client);

/* Sends GET url and returns without waiting for the answer (or for the connection, when there is none yet).
 * url is http:// or https://; user and password in it become Basic authorization. One request at a time: DZR_ERR_ARG
 * when one is under way. Errors: DZR_ERR_ARG (not such a URL), DZR_ERR_NOMEM. Everything that the network does wrong is
 * told by wait. */
DZR_API DZR_MUST_CHECK dzr_status dzr_http_client_start(dzr_http_client *client, const char *url, dzr_error *err);

/* Waits for the answer of the request under way: redirects are followed (10 requests at most), what can be retried is
 * (transport errors, bodies cut short, 429, 5xx but 501), and any other status is an answer.
 * Messages do not name the URL: the caller does. Errors: DZR_ERR_NET (no answer, after all retries), DZR_ERR_HTTP (429
 * or 5xx after all retries, with status and start of the body; too many redirects), DZR_ERR_LIMIT (body too large),
 * DZR_ERR_TIMEOUT (the job's deadline, or the last attempt's), DZR_ERR_CANCELLED, DZR_ERR_NOMEM.
 * After an error the client can be started again. */
DZR_API DZR_MUST_CHECK dzr_status dzr_http_client_wait(
        dzr_http_client *client, dzr_http_response *response, dzr_error *err);

DZR_API dzr_http_client_facts dzr_http_client_facts_get(const dzr_http_client *client);

#ifdef __cplusplus
}
#endif
#endif
