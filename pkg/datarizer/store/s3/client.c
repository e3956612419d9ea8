/* store/s3/client.c - requests to one bucket on libcurl's multi interface: several at once, connections kept, each
 * tried again where that helps. Called by source.c, sink.c and objects.c; request.c makes the attempts. Spec: S3 API
 * Reference, "Error responses"; Amazon S3 User Guide, "Best practices design patterns" on retries. */
#include "net/client/internal.h"
#include "store/s3/s3.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

enum {
    RETRIES = 5,
    WAIT_MS = 200,
    WAIT_MAX_MS = 20000,
    STALL_MS = 30000,
    REQUEST_MS = 15 * 60 * 1000,
    HURRIED_RETRIES = 2,
    HURRIED_MS = 10000,
    SKEW_S = 15 * 60, /* what S3 allows */
    HINT_BYTES = 256,
};

/* ---- what may be tried again ---- */

bool dzr__s3_retries_status(int status)
{
    return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

bool dzr__s3_retries_code(const char *code)
{
    static const char *const codes[] = {"SlowDown", "InternalError", "ServiceUnavailable", "RequestTimeout",
            "ThrottlingException", "Throttling", "RequestThrottled", "RequestLimitExceeded", "BandwidthLimitExceeded",
            "OperationAborted", "ConditionalRequestConflict"};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (strcmp(code, codes[i]) == 0)
            return true;
    return false;
}

/* ---- open, close ---- */

static dzr_status check_options(const dzr_s3_options *options, dzr_error *err)
{
    if (options->retries < -1 || options->wait_ms < 0 || options->stall_timeout_ms < 0 ||
            options->request_timeout_ms < 0)
        return dzr_fail(err, DZR_ERR_ARG, "retries, waits and timeouts can't be negative");
    return DZR_OK;
}

static void take_options(dzr__s3_client *client, const dzr_s3_options *options)
{
    dzr_s3_options *const to = &client->options;
    *to = *options;
    to->retries = options->retries == 0 ? RETRIES : DZR_MAX(options->retries, 0);
    to->wait_ms = options->wait_ms == 0 ? WAIT_MS : options->wait_ms;
    to->stall_timeout_ms = options->stall_timeout_ms == 0 ? STALL_MS : options->stall_timeout_ms;
    to->request_timeout_ms = options->request_timeout_ms == 0 ? REQUEST_MS : options->request_timeout_ms;
}

dzr_status dzr__s3_client_open(
        const dzr__s3_config *config, const dzr_s3_options *options, dzr__s3_client **out, dzr_error *err)
{
    DZR_TRY(check_options(options, err));
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return dzr_fail(err, DZR_ERR_NOMEM, "libcurl can't be set up");
    dzr__s3_client *const client = dzr_alloc_zeroed(options->alloc, 1, sizeof *client, err);
    if (client == NULL) {
        curl_global_cleanup();
        return DZR_ERR_NOMEM;
    }
    client->config = config;
    take_options(client, options);
    dzr_status st = dzr__no_proxy(options->alloc, &client->no_proxy, err);
    client->multi = curl_multi_init();
    if (st == DZR_OK && client->multi == NULL)
        st = dzr_fail(err, DZR_ERR_NOMEM, "out of memory for an S3 client");
    if (st != DZR_OK) {
        dzr__s3_client_close(client);
        return st;
    }
    *out = client;
    return DZR_OK;
}

void dzr__s3_client_close(dzr__s3_client *client)
{
    if (client == NULL)
        return;
    while (client->requests != NULL)
        dzr__s3_drop(client, client->requests);
    if (client->multi != NULL)
        (void)curl_multi_cleanup(client->multi);
    dzr_release(client->options.alloc, client->no_proxy);
    dzr_release(client->options.alloc, client);
    curl_global_cleanup();
}

void dzr__s3_set_cancel(dzr__s3_client *client, const dzr_cancel *cancel)
{
    client->options.cancel = cancel;
}

void dzr__s3_hurry(dzr__s3_client *client)
{
    client->options.cancel = NULL;
    client->options.retries = DZR_MIN(client->options.retries, HURRIED_RETRIES);
    client->options.request_timeout_ms = DZR_MIN(client->options.request_timeout_ms, (int64_t)HURRIED_MS);
}

/* ---- how an attempt ended ---- */

static void finish(dzr__s3_request *request, dzr_status st)
{
    request->done = true;
    request->st = st;
}

/* What the server asks for, or half of a wait that doubles and a random part of the other half, so that many clients do
 * not come back together. */
static int64_t wait_before(const dzr__s3_client *client, const dzr__s3_request *request)
{
    int64_t asked = 0;
    const int64_t now_unix_ms = (int64_t)time(NULL) * 1000;
    if (request->retry_after[0] != '\0' && dzr__retry_after_ms(request->retry_after, now_unix_ms, &asked))
        return DZR_MIN(asked, (int64_t)WAIT_MAX_MS);
    const int64_t half = dzr__retry_backoff_ms(client->options.wait_ms, WAIT_MAX_MS, request->n_failed) / 2;
    uint32_t random = 0;
    if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
        random = UINT32_MAX / 2;
    return half + (int64_t)((uint64_t)half * random >> 32);
}

/* False when there were enough attempts, or no time is left for another. */
static bool try_again(dzr__s3_client *client, dzr__s3_request *request)
{
    if (request->last || request->n_failed >= client->options.retries)
        return false;
    request->ready_ms = dzr__clock_ms(CLOCK_MONOTONIC) + wait_before(client, request);
    if (request->ready_ms >= request->deadline_ms)
        return false;
    request->n_failed++;
    client->facts.n_retries++;
    return true;
}

/* " after 3 attempts", or nothing after the first. */
static const char *attempts(const dzr__s3_request *request, char out[32])
{
    out[0] = '\0';
    if (request->n_failed > 0)
        (void)snprintf(out, 32, " after %d attempts", (int)request->n_failed + 1);
    return out;
}

static void fail_transfer(dzr__s3_client *client, dzr__s3_request *request, CURLcode code)
{
    char text[32];
    if (request->st != DZR_OK) /* what came was refused */
        finish(request, request->st);
    else if (code == CURLE_OUT_OF_MEMORY)
        finish(request, dzr_fail(&request->err, DZR_ERR_NOMEM, "libcurl: out of memory"));
    else if (!dzr__retry_code(code) || !try_again(client, request))
        finish(request, dzr_fail(&request->err, DZR_ERR_NET, "%s%s",
                                request->words[0] != '\0' ? request->words : curl_easy_strerror(code),
                                attempts(request, text)));
}

static void fail_short(dzr__s3_client *client, dzr__s3_request *request)
{
    char text[32];
    if (!try_again(client, request))
        finish(request, dzr_fail(&request->err, DZR_ERR_CORRUPT, "%zu bytes were asked for, %zu came with \"%s\"%s",
                                request->room, request->n_taken, request->content_range, attempts(request, text)));
}

static dzr_status status_for(int http)
{
    return http == 404 ? DZR_ERR_NOT_FOUND : http == 412 || http == 409 ? DZR_ERR_EXISTS : DZR_ERR_HTTP;
}

/* What may help whoever reads the message; "" when nothing is known. */
static void hint(const dzr__s3_client *client, const dzr__s3_request *request, const char *code, char out[HINT_BYTES])
{
    const time_t there = request->date[0] != '\0' ? curl_getdate(request->date, NULL) : -1;
    const int64_t ahead = there != -1 ? (int64_t)time(NULL) - (int64_t)there : 0;
    const bool skewed = request->status == 403 && (ahead > SKEW_S || ahead < -SKEW_S);
    out[0] = '\0';
    if (skewed)
        (void)snprintf(out, HINT_BYTES, "; the clock here is %" PRId64 " min %s the server's, S3 allows 15",
                (ahead < 0 ? -ahead : ahead) / 60, ahead < 0 ? "behind" : "ahead of");
    else if (strcmp(code, "RequestTimeTooSkewed") == 0)
        (void)snprintf(out, HINT_BYTES, "; the clock here and the server's differ too much");
    else if (request->bucket_region[0] != '\0' && strcmp(request->bucket_region, client->config->region) != 0)
        (void)snprintf(out, HINT_BYTES, "; the bucket is in %s, the region here is %.40s", request->bucket_region,
                client->config->region);
    else if (strcmp(code, "AuthorizationHeaderMalformed") == 0 || request->status == 301)
        (void)snprintf(out, HINT_BYTES, "; is the region right?");
}

/* An answer that is no success, or one with an error inside: again, or told with what the server says. */
static void fail_answer(dzr__s3_client *client, dzr__s3_request *request)
{
    char code[64], message[DZR_EXCERPT_BYTES], said[300], help[HINT_BYTES], text[32];
    const dzr_bytes body = {request->text.at, request->text.len};
    const bool lacks = request->status >= 200 && request->status <= 299;
    dzr__s3_xml_text(body, "Code", code, sizeof code);
    dzr__s3_xml_text(body, "Message", said, sizeof said);
    dzr__body_excerpt((dzr_bytes){(const uint8_t *)said, strlen(said)}, message);
    const bool may_pass =
            dzr__s3_retries_status(request->status) || dzr__s3_retries_code(code) || (lacks && code[0] == '\0');
    if (may_pass && try_again(client, request))
        return;
    if (lacks && code[0] == '\0')
        (void)snprintf(message, sizeof message, "the answer has no %s", request->must_say);
    hint(client, request, code, help);
    char excerpt[DZR_EXCERPT_BYTES];
    dzr__body_excerpt((dzr_bytes){(const uint8_t *)code, strlen(code)}, excerpt);
    finish(request, dzr_fail(&request->err, status_for(request->status), "status %d%s%s%s%s%s%s", request->status,
                            code[0] != '\0' ? " " : "", excerpt, message[0] != '\0' ? ": " : "", message,
                            attempts(request, text), help));
}

/* Whether a 2xx holds what it must; an upload may fail after its status was sent. */
static bool has_wanted(dzr__s3_request *request)
{
    if (request->must_say == NULL)
        return true;
    char code[8];
    const dzr_bytes body = {request->text.at, request->text.len};
    dzr__s3_xml_text(body, "Code", code, sizeof code);
    dzr__s3_xml_text(body, request->must_say, request->found, sizeof request->found);
    return code[0] == '\0' && request->found[0] != '\0';
}

static void check_success(dzr__s3_client *client, dzr__s3_request *request)
{
    char ours[DZR__S3_CHECKSUM];
    dzr__s3_checksum(request->hash, ours);
    if (!has_wanted(request))
        fail_answer(client, request);
    else if (request->exact && request->n_taken < request->room)
        fail_short(client, request);
    else if (request->with_checksum && request->checksum[0] != '\0' && strcmp(request->checksum, ours) != 0)
        finish(request, dzr_fail(&request->err, DZR_ERR_CORRUPT, "the server has bytes of SHA-256 %s, %s was sent",
                                request->checksum, ours));
    else
        finish(request, DZR_OK);
}

static void end_transfer(dzr__s3_client *client, dzr__s3_request *request, CURLcode code)
{
    curl_off_t length = -1;
    request->status = dzr__s3_attempt_status(request);
    (void)curl_easy_getinfo(request->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    request->content_length = length;
    if (code != CURLE_OK)
        fail_transfer(client, request, code);
    else if (request->status >= 200 && request->status <= 299)
        check_success(client, request);
    else
        fail_answer(client, request);
    dzr__s3_attempt_end(request);
}

/* ---- driving ---- */

dzr_status dzr__s3_start(dzr__s3_client *client, dzr__s3_request *request, dzr_error *err)
{
    request->client = client;
    request->done = false;
    request->n_failed = 0;
    request->deadline_ms = dzr__clock_ms(CLOCK_MONOTONIC) + client->options.request_timeout_ms;
    DZR_TRY(dzr__s3_sha256(request->body, request->hash, err));
    DZR_TRY(dzr__s3_attempt_begin(request, err));
    request->next = client->requests;
    client->requests = request;
    return DZR_OK;
}

static void forget(dzr__s3_client *client, dzr__s3_request *request)
{
    for (dzr__s3_request **at = &client->requests; *at != NULL; at = &(*at)->next)
        if (*at == request) {
            *at = request->next;
            break;
        }
    dzr__s3_attempt_end(request);
}

void dzr__s3_drop(dzr__s3_client *client, dzr__s3_request *request)
{
    forget(client, request);
    dzr__bytebuf_fini(&request->text);
}

static void time_out(dzr__s3_client *client, dzr__s3_request *request)
{
    char time_words[32], text[32];
    dzr__duration_words(client->options.request_timeout_ms, time_words);
    dzr__s3_attempt_end(request);
    finish(request, dzr_fail(&request->err, DZR_ERR_TIMEOUT, "no complete answer within %s%s", time_words,
                            attempts(request, text)));
}

/* Begins the attempts whose wait is over and ends the requests whose time is; *any when one is done now. The time until
 * the next of either, -1 when there is none. */
static int64_t look_at_clock(dzr__s3_client *client, bool *any)
{
    int64_t next = -1;
    const int64_t now = dzr__clock_ms(CLOCK_MONOTONIC);
    for (dzr__s3_request *r = client->requests; r != NULL; r = r->next) {
        if (r->done)
            continue;
        if (now >= r->deadline_ms) {
            time_out(client, r);
        } else if (!r->running && now >= r->ready_ms) {
            const dzr_status st = dzr__s3_attempt_begin(r, &r->err);
            if (st != DZR_OK)
                finish(r, st);
        }
        *any = *any || r->done;
        const int64_t left = (r->running ? r->deadline_ms : r->ready_ms) - now;
        if (!r->done)
            next = next < 0 ? left : DZR_MIN(next, left);
    }
    return next;
}

/* Whether a request became done. */
static bool collect(dzr__s3_client *client)
{
    bool any = false;
    int n_left = 0;
    for (const CURLMsg *message; (message = curl_multi_info_read(client->multi, &n_left)) != NULL;) {
        if (message->msg != CURLMSG_DONE)
            continue;
        void *request = NULL;
        const CURLcode code = message->data.result;
        (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &request);
        end_transfer(client, request, code);
        any = any || ((dzr__s3_request *)request)->done;
    }
    return any;
}

static dzr_status wait_for_more(dzr__s3_client *client, int64_t wait_ms, dzr_error *err)
{
    enum { MOST_MS = 60000 };
    const dzr_cancel *const cancel = client->options.cancel;
    struct curl_waitfd extra = {.fd = cancel != NULL ? dzr_cancel_fd(cancel) : -1, .events = CURL_WAIT_POLLIN};
    const int timeout = wait_ms < 0 ? MOST_MS : (int)DZR_MIN(wait_ms, (int64_t)MOST_MS);
    if (curl_multi_poll(client->multi, &extra, cancel != NULL ? 1 : 0, timeout, NULL) != CURLM_OK)
        return dzr_fail(err, DZR_ERR_NET, "libcurl can't wait for its connections");
    return DZR_OK;
}

dzr_status dzr__s3_drive(dzr__s3_client *client, bool wait, dzr_error *err)
{
    for (;;) {
        if (dzr_cancel_is_set(client->options.cancel))
            return dzr_fail(err, DZR_ERR_CANCELLED, "cancelled");
        bool any = false;
        int64_t next = look_at_clock(client, &any);
        int running = 0;
        if (curl_multi_perform(client->multi, &running) != CURLM_OK)
            return dzr_fail(err, DZR_ERR_NET, "libcurl can't go on with its transfers");
        const int64_t n_retries = client->facts.n_retries;
        any = collect(client) || any;
        if (any || !wait)
            return DZR_OK;
        if (client->facts.n_retries != n_retries)
            next = 0; /* a wait has just begun, look again */
        DZR_TRY(wait_for_more(client, next, err));
    }
}

dzr_status dzr__s3_wait(dzr__s3_client *client, const dzr__s3_request *request, dzr_error *err)
{
    while (!request->done)
        DZR_TRY(dzr__s3_drive(client, true, err));
    return DZR_OK;
}

/* Ends a request; the status is st, or the request's own when that is DZR_OK. */
static dzr_status end_run(dzr__s3_client *client, dzr__s3_request *request, dzr_status st, dzr_error *err)
{
    forget(client, request);
    if (st != DZR_OK)
        return st;
    if (request->st != DZR_OK && err != NULL)
        *err = request->err;
    return request->st;
}

dzr_status dzr__s3_run(dzr__s3_client *client, dzr__s3_request *request, dzr_error *err)
{
    DZR_TRY(dzr__s3_start(client, request, err));
    return end_run(client, request, dzr__s3_wait(client, request, err), err);
}

dzr_status dzr__s3_run_out(dzr__s3_client *client, dzr__s3_request *request, dzr_error *err)
{
    DZR_TRY(dzr__s3_start(client, request, err));
    const dzr_status st = dzr__s3_wait(client, request, err);
    if (st == DZR_ERR_CANCELLED && request->running) {
        const dzr_cancel *const cancel = client->options.cancel;
        client->options.cancel = NULL;
        request->last = true;
        request->deadline_ms = DZR_MIN(request->deadline_ms, dzr__clock_ms(CLOCK_MONOTONIC) + HURRIED_MS);
        (void)!dzr__s3_wait(client, request, NULL);
        client->options.cancel = cancel;
    }
    return end_run(client, request, st, err);
}
