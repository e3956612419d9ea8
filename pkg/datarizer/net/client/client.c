/* net/client/client.c - the HTTP client of datarizer/http.h on libcurl's multi interface: one easy handle, one kept
 * connection, attempts and waits by the rules of retry.c.
 * A request goes through: start (sent, not waited for) -> wait: attempts -> hops (redirects) -> transfer (curl).
 * Deadlines are ours, not curl's: there are two at once, and none costs a setopt or a timer per request. */
#include "net/client/internal.h"
#include <datarizer/version.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    MAX_REQUESTS_A_CHAIN = 10, /* the first and its redirects, as Go's client counts */
    ERROR_BODY_BYTES = 4096,   /* what is kept, and waited for, of an answer that is not 2xx */
    HEADER_BYTES = 512 * 1024, /* of one transfer; curl keeps them all, and limits those before the body only */
    FOREVER_MS = 3600 * 1000   /* one wait without a deadline; it is then begun again */
};

struct dzr_http_client {
    dzr_http_client_options options;
    CURL *easy;
    CURLM *multi;
    struct curl_slist *headers;
    char curl_words[CURL_ERROR_SIZE];

    dzr_bytebuf bodies[2]; /* this answer's and the one's before */
    int body_index;

    /* the request under way */
    char *url;
    bool under_way; /* started, not waited for yet */
    bool attached;  /* easy is in multi */
    int running;    /* curl's count of unfinished transfers: 0 or 1 */
    CURLMcode multi_code;
    int64_t attempt_deadline_ms; /* monotonic; INT64_MAX: none */
    int64_t job_deadline_ms;     /* likewise; 0: nothing was started yet */
    size_t header_bytes;         /* of this transfer, trailers too */
    dzr__http_take *take;        /* NULL: bodies are kept */
    void *take_ctx;
    uint64_t n_taken;       /* of this transfer */
    bool body_cut;          /* what came is enough: an error's body past ERROR_BODY_BYTES */
    dzr_status body_status; /* why the answer could not be kept */
    dzr_error body_err;

    dzr_http_client_facts facts;
};

/* How one attempt ended. */
typedef struct attempt {
    CURLcode code;
    int status;              /* 0: none came */
    bool timed_out;          /* cut at attempt_timeout_ms */
    const char *retry_after; /* NULL: none. Curl's, good until the next transfer */
} attempt;

static int64_t now_ms(void)
{
    return dzr__clock_ms(CLOCK_MONOTONIC);
}

static int64_t deadline_after(int64_t timeout_ms)
{
    int64_t deadline = 0;
    return timeout_ms == 0 || __builtin_add_overflow(now_ms(), timeout_ms, &deadline) ? INT64_MAX : deadline;
}

static dzr_bytebuf *this_body(dzr_http_client *client)
{
    return &client->bodies[client->body_index];
}

/* ---- open, close ---- */

static dzr_status check_options(const dzr_http_client_options *options, dzr_error *err)
{
    if (options->retries < 0 || options->wait_min_ms < 0 || options->wait_max_ms < 0 ||
            options->retry_after_max_ms < 0 || options->attempt_timeout_ms < 0 || options->job_timeout_ms < 0)
        return dzr_fail(err, DZR_ERR_ARG, "retries, waits and timeouts can't be negative");
    if (options->max_body_bytes == 0)
        return dzr_fail(err, DZR_ERR_ARG, "a body limit of 0 bytes lets no answer through");
    return DZR_OK;
}

static size_t keep_body(char *bytes, size_t size, size_t n, void *ctx);
static size_t count_header(char *line, size_t size, size_t n, void *ctx);

static bool add_header(dzr_http_client *client, const char *name, const char *value)
{
    char line[1024];
    const int n = snprintf(line, sizeof line, "%s: %s", name, value);
    if (n < 0 || (size_t)n >= sizeof line)
        return false;
    struct curl_slist *const longer = curl_slist_append(client->headers, line);
    if (longer != NULL)
        client->headers = longer;
    return longer != NULL;
}

static bool set_no_proxy(dzr_http_client *client)
{
    char *hosts = NULL;
    if (dzr__no_proxy(client->options.alloc, &hosts, NULL) != DZR_OK)
        return false;
    const bool ok = hosts == NULL || curl_easy_setopt(client->easy, CURLOPT_NOPROXY, hosts) == CURLE_OK;
    dzr_release(client->options.alloc, hosts);
    return ok;
}

/* Everything that is the same for all requests. */
static bool set_up_easy(dzr_http_client *client)
{
    CURL *const easy = client->easy;
    const dzr_http_client_options *const options = &client->options;
    char agent[64];
    (void)snprintf(agent, sizeof agent, "datarizer/%s", dzr_version());
    if (options->accept != NULL && !add_header(client, "Accept", options->accept))
        return false;
    const char *const user_agent = options->user_agent != NULL ? options->user_agent : agent;
    bool ok = curl_easy_setopt(easy, CURLOPT_HTTPHEADER, client->headers) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_USERAGENT, user_agent) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, client->curl_words) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, keep_body) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_WRITEDATA, client) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, count_header) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_HEADERDATA, client) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)options->max_body_bytes) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip") == CURLE_OK;
    ok = ok && set_no_proxy(client);
    /* spares two system calls a request */
    ok = ok && curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK;
    return ok;
}

dzr_status dzr_http_client_open(const dzr_http_client_options *options, dzr_http_client **out, dzr_error *err)
{
    DZR_TRY(check_options(options, err));
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return dzr_fail(err, DZR_ERR_NOMEM, "libcurl can't be set up");
    dzr_http_client *const client = dzr_alloc_zeroed(options->alloc, 1, sizeof *client, err);
    if (client == NULL) {
        curl_global_cleanup();
        return DZR_ERR_NOMEM;
    }
    client->options = *options;
    for (int i = 0; i < 2; i++)
        client->bodies[i] = (dzr_bytebuf){.alloc = options->alloc, .max_bytes = options->max_body_bytes};
    client->easy = curl_easy_init();
    client->multi = curl_multi_init();
    if (client->easy == NULL || client->multi == NULL || !set_up_easy(client)) {
        dzr_http_client_close(client);
        return dzr_fail(err, DZR_ERR_NOMEM, "out of memory for an HTTP client");
    }
    *out = client;
    return DZR_OK;
}

CURL *dzr__http_client_easy(dzr_http_client *client)
{
    return client->easy;
}

void dzr__http_client_take(dzr_http_client *client, dzr__http_take *take, void *ctx)
{
    client->take = take;
    client->take_ctx = ctx;
}

void dzr__http_client_cancel(dzr_http_client *client, const dzr_cancel *cancel)
{
    client->options.cancel = cancel;
}

static void detach(dzr_http_client *client)
{
    if (client->attached)
        (void)curl_multi_remove_handle(client->multi, client->easy);
    client->attached = false;
}

void dzr_http_client_close(dzr_http_client *client)
{
    if (client == NULL)
        return;
    detach(client);
    curl_easy_cleanup(client->easy);
    if (client->multi != NULL)
        (void)curl_multi_cleanup(client->multi);
    curl_slist_free_all(client->headers);
    for (int i = 0; i < 2; i++)
        dzr__bytebuf_fini(&client->bodies[i]);
    dzr_release(client->options.alloc, client->url);
    dzr_release(client->options.alloc, client);
    curl_global_cleanup();
}

dzr_http_client_facts dzr_http_client_facts_get(const dzr_http_client *client)
{
    return client->facts;
}

/* ---- the body ---- */

static bool is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static bool is_success(int status)
{
    return status >= 200 && status <= 299;
}

static int response_status(CURL *easy)
{
    long status = 0;
    (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    return (int)status;
}

static dzr_status keep_bytes(dzr_http_client *client, const char *bytes, size_t n)
{
    dzr_bytebuf *const body = this_body(client);
    dzr_error *const err = &client->body_err;
    const int status = response_status(client->easy);
    if (is_redirect(status)) /* nobody reads it, but only a transfer that ends well tells where to go */
        return DZR_OK;
    if (client->take != NULL && is_success(status)) {
        client->n_taken += n;
        return client->take(client->take_ctx, client->n_taken - n, (const uint8_t *)bytes, n, err);
    }
    const size_t limit = client->options.max_body_bytes;
    const size_t room = (!is_success(status) ? DZR_MIN(limit, (size_t)ERROR_BODY_BYTES) : limit) - body->len;
    if (body->len == 0) {
        curl_off_t announced = -1;
        (void)curl_easy_getinfo(client->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
        if (announced > 0 && (uint64_t)announced <= room)
            DZR_TRY(dzr__bytebuf_reserve(body, (size_t)announced, err));
    }
    if (n > room && is_success(status))
        return dzr_fail(err, DZR_ERR_LIMIT, "the body is larger than the limit of %zu bytes", limit);
    client->body_cut = n > room;
    return dzr__bytebuf_append(body, bytes, DZR_MIN(n, room), err);
}

/* Curl's write callback: anything but n ends the transfer. */
static size_t keep_body(char *bytes, size_t size, size_t n, void *ctx)
{
    (void)size; /* always 1 */
    dzr_http_client *const client = ctx;
    client->body_status = keep_bytes(client, bytes, n);
    return client->body_status == DZR_OK && !client->body_cut ? n : n + 1;
}

/* Curl's callback for each header line, those after a chunked body included. */
static size_t count_header(char *line, size_t size, size_t n, void *ctx)
{
    (void)line;
    (void)size; /* always 1 */
    dzr_http_client *const client = ctx;
    client->header_bytes += n;
    if (client->header_bytes <= HEADER_BYTES)
        return n;
    client->body_status =
            dzr_fail(&client->body_err, DZR_ERR_LIMIT, "header lines of more than %d bytes came", (int)HEADER_BYTES);
    return n + 1;
}

/* ---- one transfer: to the end of one answer ---- */

/* Puts the easy handle to work; on a kept connection the request is sent before this returns. */
static void attach(dzr_http_client *client)
{
    this_body(client)->len = 0;
    client->header_bytes = 0;
    client->n_taken = 0;
    client->body_cut = false;
    client->body_status = DZR_OK;
    client->curl_words[0] = '\0';
    client->running = 0;
    client->multi_code = curl_multi_add_handle(client->multi, client->easy);
    if (client->multi_code != CURLM_OK)
        return;
    client->attached = true;
    client->multi_code = curl_multi_perform(client->multi, &client->running);
}

static dzr_status cancelled(dzr_error *err)
{
    return dzr_fail(err, DZR_ERR_CANCELLED, "cancelled");
}

static dzr_status job_is_over(const dzr_http_client *client, dzr_error *err)
{
    char words[32];
    dzr__duration_words(client->options.job_timeout_ms, words);
    return dzr_fail(err, DZR_ERR_TIMEOUT, "the job's time of %s is over", words);
}

/* Sleeps until curl has something to do, until the deadline, or until cancelled. */
static void poll_once(dzr_http_client *client, int64_t deadline_ms)
{
    struct curl_waitfd extra = {.fd = -1, .events = CURL_WAIT_POLLIN};
    unsigned n_extra = 0;
    if (client->options.cancel != NULL) {
        extra.fd = dzr_cancel_fd(client->options.cancel);
        n_extra = 1;
    }
    int64_t wait_ms = FOREVER_MS;
    if (deadline_ms != INT64_MAX)
        wait_ms = DZR_MAX((int64_t)0, DZR_MIN(deadline_ms - now_ms(), wait_ms));
    client->multi_code = curl_multi_poll(client->multi, &extra, n_extra, (int)wait_ms, NULL);
}

/* Drives the transfer to its end; timed_out when the attempt's deadline came first. A failure here ends the job. */
static dzr_status finish_transfer(dzr_http_client *client, attempt *result, dzr_error *err)
{
    const int64_t deadline_ms = DZR_MIN(client->attempt_deadline_ms, client->job_deadline_ms);
    while (client->multi_code == CURLM_OK && client->running > 0) {
        poll_once(client, deadline_ms);
        if (dzr_cancel_is_set(client->options.cancel))
            return cancelled(err);
        if (client->multi_code == CURLM_OK)
            client->multi_code = curl_multi_perform(client->multi, &client->running);
        if (client->running > 0 && deadline_ms != INT64_MAX && now_ms() >= deadline_ms) {
            if (deadline_ms == client->job_deadline_ms)
                return job_is_over(client, err);
            result->timed_out = true;
            return DZR_OK;
        }
    }
    if (client->multi_code != CURLM_OK)
        return dzr_fail(err, client->multi_code == CURLM_OUT_OF_MEMORY ? DZR_ERR_NOMEM : DZR_ERR_NET, "libcurl: %s",
                curl_multi_strerror(client->multi_code));
    int n_left = 0;
    const CURLMsg *const message = curl_multi_info_read(client->multi, &n_left);
    result->code = message != NULL ? message->data.result : CURLE_OK;
    result->status = response_status(client->easy);
    if (client->body_status != DZR_OK)
        return dzr_fail(err, client->body_status, "%s", client->body_err.message);
    if (result->code == CURLE_FILESIZE_EXCEEDED && is_success(result->status))
        return dzr_fail(err, DZR_ERR_LIMIT, "a body larger than the limit of %zu bytes is announced",
                client->options.max_body_bytes);
    if (result->code == CURLE_FILESIZE_EXCEEDED || client->body_cut)
        result->code = CURLE_OK; /* an error is an answer without all of its body */
    return DZR_OK;
}

/* ---- one attempt: a transfer and the redirects after it ---- */

static dzr_status set_url(dzr_http_client *client, const char *url, dzr_error *err)
{
    const CURLcode code = curl_easy_setopt(client->easy, CURLOPT_URL, url);
    if (code == CURLE_OUT_OF_MEMORY)
        return dzr_fail(err, DZR_ERR_NOMEM, "out of memory for a URL");
    return code == CURLE_OK ? DZR_OK
                            : dzr_fail(err, DZR_ERR_ARG, "the URL can't be used: %s", curl_easy_strerror(code));
}

/* The attempt's first transfer is attached already. On DZR_OK result says how it ended, and the handle is free again;
 * otherwise the job is at an end. */
static dzr_status finish_attempt(dzr_http_client *client, attempt *result, dzr_error *err)
{
    for (int n_requests = 1;; n_requests++) {
        *result = (attempt){0};
        const dzr_status st = finish_transfer(client, result, err);
        detach(client);
        DZR_TRY(st);
        char *target = NULL; /* curl's; absolute */
        if (!result->timed_out && result->code == CURLE_OK && is_redirect(result->status))
            (void)curl_easy_getinfo(client->easy, CURLINFO_REDIRECT_URL, &target);
        if (target == NULL)
            break;
        if (n_requests == MAX_REQUESTS_A_CHAIN)
            return dzr_fail(err, DZR_ERR_HTTP, "stopped after %d redirects", MAX_REQUESTS_A_CHAIN);
        if (!dzr__url_is_http(target)) {
            char shown[DZR_URL_SHOWN_BYTES];
            dzr__url_shown(target, shown);
            return dzr_fail(err, DZR_ERR_HTTP, "redirect to %s: only http and https are followed", shown);
        }
        DZR_TRY(set_url(client, target, err));
        attach(client);
    }
    struct curl_header *header = NULL;
    if (!result->timed_out && result->status != 0 &&
            curl_easy_header(client->easy, "Retry-After", 0, CURLH_HEADER, -1, &header) == CURLHE_OK)
        result->retry_after = header->value;
    return DZR_OK;
}

/* ---- a request: attempts, and waits between them ---- */

static dzr_status begin_attempt(dzr_http_client *client, dzr_error *err)
{
    DZR_TRY(set_url(client, client->url, err));
    client->attempt_deadline_ms = deadline_after(client->options.attempt_timeout_ms);
    client->facts.n_requests++;
    attach(client);
    return DZR_OK;
}

dzr_status dzr_http_client_start(dzr_http_client *client, const char *url, dzr_error *err)
{
    if (client->under_way)
        return dzr_fail(err, DZR_ERR_ARG, "a request is under way");
    if (!dzr__url_is_http(url))
        return dzr_fail(err, DZR_ERR_ARG, "the URL must begin with http:// or https://");
    const size_t n_bytes = strlen(url) + 1;
    char *const copy = dzr_alloc_array(client->options.alloc, n_bytes, 1, err);
    if (copy == NULL)
        return DZR_ERR_NOMEM;
    memcpy(copy, url, n_bytes);
    dzr_release(client->options.alloc, client->url);
    client->url = copy;
    client->body_index ^= 1;
    if (client->job_deadline_ms == 0)
        client->job_deadline_ms = deadline_after(client->options.job_timeout_ms);
    DZR_TRY(begin_attempt(client, err));
    client->under_way = true;
    return DZR_OK;
}

/* What an attempt that did not give an answer says; DZR_OK when it gave one. */
static dzr_status failure_words(const dzr_http_client *client, const attempt *result, char words[DZR_WORDS_BYTES])
{
    if (result->timed_out) {
        char timeout[32];
        dzr__duration_words(client->options.attempt_timeout_ms, timeout);
        (void)snprintf(words, DZR_WORDS_BYTES, "no complete answer within %s", timeout);
        return DZR_ERR_TIMEOUT;
    }
    if (result->code != CURLE_OK) {
        long os_errno = 0;
        (void)curl_easy_getinfo(client->easy, CURLINFO_OS_ERRNO, &os_errno);
        dzr__transfer_words(result->code, os_errno, client->curl_words, words);
        return result->code == CURLE_OUT_OF_MEMORY   ? DZR_ERR_NOMEM
               : result->code == CURLE_URL_MALFORMAT ? DZR_ERR_ARG
                                                     : DZR_ERR_NET;
    }
    if (dzr__retry_status(result->status)) {
        (void)snprintf(words, DZR_WORDS_BYTES, "status %d", result->status);
        return DZR_ERR_HTTP;
    }
    return DZR_OK;
}

static dzr_status give_up(dzr_http_client *client, dzr_status why, const char *words, int32_t n_failed, dzr_error *err)
{
    char excerpt[DZR_EXCERPT_BYTES] = "";
    if (why == DZR_ERR_HTTP) {
        const dzr_bytebuf *const body = this_body(client);
        dzr__body_excerpt((dzr_bytes){.at = body->at, .len = body->len}, excerpt);
    }
    return dzr_fail(err, why, "giving up after %d attempt%s: %s%s%s", n_failed, n_failed == 1 ? "" : "s", words,
            excerpt[0] != '\0' ? ", body: " : "", excerpt);
}

static dzr_status sleep_before_retry(dzr_http_client *client, int64_t wait_ms, dzr_error *err)
{
    int64_t until_ms = 0;
    if (__builtin_add_overflow(now_ms(), wait_ms, &until_ms))
        until_ms = INT64_MAX;
    struct pollfd fd = {.fd = -1, .events = POLLIN};
    if (client->options.cancel != NULL)
        fd.fd = dzr_cancel_fd(client->options.cancel);
    for (;;) {
        if (dzr_cancel_is_set(client->options.cancel))
            return cancelled(err);
        const int64_t left_ms = until_ms - now_ms();
        if (left_ms <= 0)
            return DZR_OK;
        if (poll(&fd, 1, (int)DZR_MIN(left_ms, (int64_t)FOREVER_MS)) < 0 && errno != EINTR)
            return dzr_fail(err, DZR_ERR_IO, "poll: %s", strerror(errno));
    }
}

/* Waits as long as the rules say and sends the request again. The words are the failed attempt's. */
static dzr_status try_again(
        dzr_http_client *client, const attempt *failed, const char *words, int32_t n_failed, dzr_error *err)
{
    const dzr_http_client_options *const options = &client->options;
    const int64_t wait_ms = dzr__retry_wait_ms(
            options, n_failed - 1, failed->status, failed->retry_after, dzr__clock_ms(CLOCK_REALTIME));
    if (client->job_deadline_ms != INT64_MAX && wait_ms >= client->job_deadline_ms - now_ms()) {
        char job[32], wait[32];
        dzr__duration_words(options->job_timeout_ms, job);
        dzr__duration_words(wait_ms, wait);
        return dzr_fail(err, DZR_ERR_TIMEOUT,
                "the job's time of %s leaves no room for a wait of %s after attempt %d: %s", job, wait, n_failed,
                words);
    }
    if (options->on_retry != NULL) {
        char shown[DZR_URL_SHOWN_BYTES];
        dzr__url_shown(client->url, shown);
        options->on_retry(options->ctx, &(dzr_http_retry){.url = shown,
                                                .reason = words,
                                                .n_failed = n_failed,
                                                .retries_left = options->retries - n_failed,
                                                .wait_ms = wait_ms});
    }
    DZR_TRY(sleep_before_retry(client, wait_ms, err));
    client->facts.n_retries++;
    return begin_attempt(client, err);
}

static dzr_status wait_for_answer(dzr_http_client *client, dzr_http_response *response, dzr_error *err)
{
    for (int32_t n_failed = 1;; n_failed++) {
        attempt result;
        char words[DZR_WORDS_BYTES];
        DZR_TRY(finish_attempt(client, &result, err));
        const dzr_status failure = failure_words(client, &result, words);
        if (failure == DZR_OK) {
            const dzr_bytebuf *const body = this_body(client);
            client->facts.n_body_bytes += (int64_t)body->len;
            *response = (dzr_http_response){.status = result.status, .body = {.at = body->at, .len = body->len}};
            return DZR_OK;
        }
        if (result.code != CURLE_OK && !dzr__retry_code(result.code))
            return dzr_fail(err, failure, "%s", words);
        if (n_failed > client->options.retries)
            return give_up(client, failure, words, n_failed, err);
        DZR_TRY(try_again(client, &result, words, n_failed, err));
    }
}

dzr_status dzr_http_client_wait(dzr_http_client *client, dzr_http_response *response, dzr_error *err)
{
    if (!client->under_way)
        return dzr_fail(err, DZR_ERR_ARG, "no request is under way");
    dzr_status st = DZR_OK;
    /* a fast server's answers are complete without any wait that would notice these */
    if (dzr_cancel_is_set(client->options.cancel))
        st = cancelled(err);
    else if (client->job_deadline_ms != INT64_MAX && now_ms() >= client->job_deadline_ms)
        st = job_is_over(client, err);
    else
        st = wait_for_answer(client, response, err);
    detach(client);
    client->under_way = false;
    return st;
}
