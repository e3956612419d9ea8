/* store/s3/client.c - requests to one bucket on libcurl's multi interface: several at once, connections kept, each
 * signed anew for each attempt and tried again where that helps. Called by source.c, sink.c and objects.c.
 * Spec: S3 API Reference, "Error responses", "Common request headers"; RFC 9110 on lengths and ranges. */
#include "store/s3/s3.h"
#include <datarizer/version.h>

#include <inttypes.h>
#include <stdio.h>
#include <strings.h>
#include <sys/random.h>
#include <time.h>

enum {
    RETRIES = 5,
    WAIT_MS = 200,
    WAIT_MAX_MS = 20000,
    STALL_MS = 30000,
    CONNECT_MS = 10000,
    MAX_TEXT = 8 << 20, /* a listing of 1,000 keys takes 1.5 MiB at most */
    MAX_HEADERS = 12,
    TIME_BYTES = 17,
};

struct dzr__s3_client {
    const dzr__s3_config *config;
    dzr_s3_options options; /* with the defaults filled in */
    const dzr_cancel *cancel;
    CURLM *multi;
    dzr__s3_request *requests; /* started and not dropped */
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- what may be tried again ---- */

bool dzr__s3_retries_status(int status)
{
    return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

bool dzr__s3_retries_code(const char *code)
{
    static const char *const codes[] = {"SlowDown", "InternalError", "ServiceUnavailable", "RequestTimeout",
            "ThrottlingException", "Throttling", "RequestThrottled", "RequestLimitExceeded", "BandwidthLimitExceeded",
            "OperationAborted"};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (strcmp(code, codes[i]) == 0)
            return true;
    return false;
}

/* ---- open, close ---- */

dzr_status dzr__s3_client_open(
        const dzr__s3_config *config, const dzr_s3_options *options, dzr__s3_client **out, dzr_error *err)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return dzr_fail(err, DZR_ERR_NOMEM, "libcurl can't be set up");
    dzr__s3_client *const client = dzr_alloc_zeroed(options->alloc, 1, sizeof *client, err);
    if (client == NULL) {
        curl_global_cleanup();
        return DZR_ERR_NOMEM;
    }
    client->config = config;
    client->options = *options;
    client->cancel = options->cancel;
    if (options->retries == 0)
        client->options.retries = RETRIES;
    if (options->wait_ms == 0)
        client->options.wait_ms = WAIT_MS;
    if (options->stall_timeout_ms == 0)
        client->options.stall_timeout_ms = STALL_MS;
    client->multi = curl_multi_init();
    if (client->multi == NULL) {
        dzr__s3_client_close(client);
        return dzr_fail(err, DZR_ERR_NOMEM, "out of memory for an S3 client");
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
    dzr_release(client->options.alloc, client);
    curl_global_cleanup();
}

void dzr__s3_set_cancel(dzr__s3_client *client, const dzr_cancel *cancel)
{
    client->cancel = cancel;
}

/* ---- what comes back ---- */

static int status_of(CURL *easy)
{
    long status = 0;
    (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    return (int)status;
}

static bool is_success(int status)
{
    return status >= 200 && status <= 299;
}

/* Curl's write callback: anything but n ends the transfer. */
static size_t take_body(char *bytes, size_t size, size_t n, void *ctx)
{
    (void)size; /* always 1 */
    dzr__s3_request *const request = ctx;
    if (request->into == NULL || !is_success(status_of(request->easy)))
        return dzr__bytebuf_append(&request->text, bytes, n, &request->err) == DZR_OK ? n : n + 1;
    if (n > request->room - request->n_into)
        return n + 1;
    memcpy(request->into + request->n_into, bytes, n);
    request->n_into += n;
    return n;
}

static void take_header(const char *line, size_t n, const char *name, char *out, size_t room)
{
    const size_t len = strlen(name);
    if (n <= len || strncasecmp(line, name, len) != 0)
        return;
    line += len, n -= len;
    while (n > 0 && *line == ' ')
        line++, n--;
    while (n > 0 && (line[n - 1] == '\r' || line[n - 1] == '\n' || line[n - 1] == ' '))
        n--;
    n = DZR_MIN(n, room - 1);
    memcpy(out, line, n);
    out[n] = '\0';
}

static size_t take_header_line(char *line, size_t size, size_t n, void *ctx)
{
    (void)size; /* always 1 */
    dzr__s3_request *const request = ctx;
    take_header(line, n, "etag:", request->etag, sizeof request->etag);
    take_header(line, n, "content-range:", request->content_range, sizeof request->content_range);
    return n;
}

/* ---- an attempt: signed, set up, given to curl ---- */

static dzr_status add_header(dzr__s3_request *request, const char *name, const char *value, dzr_error *err)
{
    char line[4096];
    const int n = snprintf(line, sizeof line, "%s: %s", name, value);
    struct curl_slist *const longer =
            n > 0 && (size_t)n < sizeof line ? curl_slist_append(request->headers, line) : NULL;
    if (longer == NULL)
        return dzr_fail(err, DZR_ERR_NOMEM, "header %s is too long, or memory is short", name);
    request->headers = longer;
    return DZR_OK;
}

static const char *method_resource(const dzr__s3_client *client, const dzr__s3_request *request)
{
    return request->on_bucket ? "" : client->config->key;
}

/* "/bucket/key" or "/key", encoded, with a NUL. */
static dzr_status make_path(
        const dzr__s3_client *client, const dzr__s3_request *request, dzr_bytebuf *out, dzr_error *err)
{
    DZR_TRY(dzr__bytebuf_append(out, client->config->base, strlen(client->config->base), err));
    DZR_TRY(dzr__bytebuf_append(out, "/", 1, err));
    DZR_TRY(dzr__s3_encode(out, method_resource(client, request), true, err));
    return dzr__bytebuf_append(out, "", 1, err);
}

static dzr_status make_headers(dzr__s3_client *client, dzr__s3_request *request, const char *path, dzr_error *err)
{
    const dzr__s3_config *const config = client->config;
    char hash[DZR__S3_HEX + 1], stamp[TIME_BYTES];
    const time_t now = time(NULL);
    struct tm utc;
    (void)strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", gmtime_r(&now, &utc));
    DZR_TRY(dzr__s3_hash(request->body, hash, err));
    dzr__s3_pair headers[MAX_HEADERS]; /* in the order of names */
    size_t n = 0;
    headers[n++] = (dzr__s3_pair){"host", config->host};
    if (request->if_match != NULL)
        headers[n++] = (dzr__s3_pair){"if-match", request->if_match};
    if (request->if_none_match != NULL)
        headers[n++] = (dzr__s3_pair){"if-none-match", request->if_none_match};
    if (request->range[0] != '\0')
        headers[n++] = (dzr__s3_pair){"range", request->range};
    headers[n++] = (dzr__s3_pair){"x-amz-content-sha256", hash};
    headers[n++] = (dzr__s3_pair){"x-amz-date", stamp};
    if (config->session_token[0] != '\0')
        headers[n++] = (dzr__s3_pair){"x-amz-security-token", config->session_token};
    const dzr__s3_signing signing = {.method = request->method,
            .path = path,
            .query = request->query,
            .n_query = request->n_query,
            .headers = headers,
            .n_headers = n,
            .payload_hash = hash,
            .time = stamp,
            .region = config->region,
            .service = "s3",
            .access_key = config->access_key,
            .secret_key = config->secret_key};
    dzr_bytebuf authorization = {.alloc = client->options.alloc};
    dzr_status st = dzr__s3_authorize(&signing, &authorization, err);
    for (size_t i = 0; st == DZR_OK && i < n; i++)
        st = add_header(request, headers[i].name, headers[i].value, err);
    if (st == DZR_OK)
        st = add_header(request, "Authorization", (const char *)authorization.at, err);
    dzr__bytebuf_fini(&authorization);
    return st;
}

static dzr_status make_url(dzr__s3_client *client, dzr__s3_request *request, const char *path, dzr_error *err)
{
    dzr_bytebuf url = {.alloc = client->options.alloc};
    const char *const parts[] = {
            client->config->scheme, "://", client->config->host, path, request->n_query > 0 ? "?" : ""};
    dzr_status st = DZR_OK;
    for (size_t i = 0; st == DZR_OK && i < sizeof parts / sizeof *parts; i++)
        st = dzr__bytebuf_append(&url, parts[i], strlen(parts[i]), err);
    if (st == DZR_OK)
        st = dzr__s3_query(&url, request->query, request->n_query, err);
    if (st == DZR_OK)
        st = dzr__bytebuf_append(&url, "", 1, err);
    if (st == DZR_OK && curl_easy_setopt(request->easy, CURLOPT_URL, (const char *)url.at) != CURLE_OK)
        st = dzr_fail(err, DZR_ERR_NOMEM, "out of memory for a URL");
    dzr__bytebuf_fini(&url);
    return st;
}

static bool set_method(const dzr__s3_request *request)
{
    CURL *const easy = request->easy;
    const bool has_body = strcmp(request->method, "PUT") == 0 || strcmp(request->method, "POST") == 0;
    if (strcmp(request->method, "HEAD") == 0)
        return curl_easy_setopt(easy, CURLOPT_NOBODY, 1L) == CURLE_OK;
    bool ok = true;
    if (has_body) {
        const char *const body = request->body.len > 0 ? (const char *)request->body.at : "";
        ok = curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len) == CURLE_OK;
    }
    return ok && curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method) == CURLE_OK;
}

static bool set_up(dzr__s3_client *client, dzr__s3_request *request)
{
    CURL *const easy = request->easy;
    const long stall_s = (long)((client->options.stall_timeout_ms + 999) / 1000);
    bool ok = set_method(request);
    ok = ok && curl_easy_setopt(easy, CURLOPT_HTTPHEADER, request->headers) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, request->words) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_WRITEDATA, request) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header_line) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_HEADERDATA, request) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_PRIVATE, request) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_NOPROXY, "localhost,127.0.0.0/8,::1") == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, stall_s) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, request->must_say != NULL ? 1L : 0L) == CURLE_OK;
    return ok;
}

static void end_attempt(dzr__s3_client *client, dzr__s3_request *request)
{
    if (request->easy != NULL) {
        (void)curl_multi_remove_handle(client->multi, request->easy);
        curl_easy_cleanup(request->easy);
    }
    curl_slist_free_all(request->headers);
    request->easy = NULL;
    request->headers = NULL;
    request->running = false;
}

static dzr_status begin_attempt(dzr__s3_client *client, dzr__s3_request *request, dzr_error *err)
{
    request->status = 0;
    request->n_into = request->text.len = 0;
    request->text.alloc = client->options.alloc;
    request->text.max_bytes = MAX_TEXT;
    request->etag[0] = request->content_range[0] = request->words[0] = '\0';
    request->content_length = -1;
    request->client = client;
    request->easy = curl_easy_init();
    if (request->easy == NULL)
        return dzr_fail(err, DZR_ERR_NOMEM, "out of memory for a request");
    dzr_bytebuf path = {.alloc = client->options.alloc};
    /* curl would send these two besides, or wait for a 100 */
    dzr_status st = add_header(request, "Expect", "", err);
    if (st == DZR_OK)
        st = add_header(request, "Content-Type", "", err);
    if (st == DZR_OK)
        st = make_path(client, request, &path, err);
    if (st == DZR_OK)
        st = make_headers(client, request, (const char *)path.at, err);
    if (st == DZR_OK)
        st = make_url(client, request, (const char *)path.at, err);
    dzr__bytebuf_fini(&path);
    if (st == DZR_OK && (!set_up(client, request) || curl_multi_add_handle(client->multi, request->easy) != CURLM_OK))
        st = dzr_fail(err, DZR_ERR_NOMEM, "libcurl has no memory for a request");
    if (st != DZR_OK)
        end_attempt(client, request);
    else
        request->running = true;
    return st;
}

/* ---- how it ended ---- */

static void finish(dzr__s3_request *request, dzr_status st)
{
    request->done = true;
    request->st = st;
}

/* After a random part of a wait that doubles, so that many clients do not come back together. */
static bool try_again(dzr__s3_client *client, dzr__s3_request *request)
{
    if (request->last || request->n_failed >= client->options.retries)
        return false;
    const int shift = DZR_MIN(request->n_failed, 20);
    const int64_t longest = DZR_MIN(client->options.wait_ms << shift, (int64_t)WAIT_MAX_MS);
    uint32_t random = 0;
    if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
        random = 0x80000000;
    request->n_failed++;
    request->ready_ms = now_ms() + longest / 2 + (int64_t)((uint64_t)(longest / 2) * random >> 32);
    return true;
}

static void fail_transfer(dzr__s3_client *client, dzr__s3_request *request, CURLcode code)
{
    if (code == CURLE_OUT_OF_MEMORY) {
        finish(request, dzr_fail(&request->err, DZR_ERR_NOMEM, "libcurl: out of memory"));
        return;
    }
    if (code == CURLE_WRITE_ERROR) { /* take_body refused: more than was asked for, or no memory */
        if (request->into != NULL && is_success(status_of(request->easy)))
            (void)dzr_fail(
                    &request->err, DZR_ERR_CORRUPT, "the answer is longer than the %zu bytes asked for", request->room);
        finish(request, request->err.status);
        return;
    }
    if (try_again(client, request))
        return;
    finish(request, dzr_fail(&request->err, DZR_ERR_NET, "%s%s after %d attempts",
                            request->words[0] != '\0' ? request->words : curl_easy_strerror(code),
                            code == CURLE_OPERATION_TIMEDOUT ? " (nothing moved for too long)" : "",
                            (int)request->n_failed + 1));
}

static dzr_status status_for(int http)
{
    return http == 404 ? DZR_ERR_NOT_FOUND : http == 412 || http == 409 ? DZR_ERR_EXISTS : DZR_ERR_HTTP;
}

/* Whether the server did what was asked: what takes it long may fail after the 200 was sent. */
static bool is_done(const dzr__s3_request *request)
{
    char said[DZR__S3_ETAG] = "";
    if (request->must_say != NULL)
        dzr__s3_xml_text((dzr_bytes){request->text.at, request->text.len}, request->must_say, said, sizeof said);
    return is_success(request->status) && (request->must_say == NULL || said[0] != '\0');
}

/* An answer that is no success: again, or told with what the server says. */
static void fail_answer(dzr__s3_client *client, dzr__s3_request *request)
{
    char code[64], message[300];
    const dzr_bytes text = {request->text.at, request->text.len};
    dzr__s3_xml_text(text, "Code", code, sizeof code);
    dzr__s3_xml_text(text, "Message", message, sizeof message);
    const bool says_nothing = is_success(request->status) && code[0] == '\0';
    if ((dzr__s3_retries_status(request->status) || dzr__s3_retries_code(code) || says_nothing) &&
            try_again(client, request))
        return;
    for (char *c = message; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20)
            *c = ' ';
    const char *hint = "";
    if (strcmp(code, "RequestTimeTooSkewed") == 0)
        hint = "; the clock here and the server's differ too much";
    if (strcmp(code, "AuthorizationHeaderMalformed") == 0 || request->status == 301)
        hint = "; is the region right?";
    if (says_nothing)
        hint = ", but not that it is done";
    char attempts[32] = "";
    if (request->n_failed > 0)
        (void)snprintf(attempts, sizeof attempts, " after %d attempts", (int)request->n_failed + 1);
    finish(request, dzr_fail(&request->err, status_for(request->status), "status %d%s%s%s%s%s%s", request->status,
                            code[0] != '\0' ? " " : "", code, message[0] != '\0' ? ": " : "", message, attempts, hint));
}

static void end_transfer(dzr__s3_client *client, dzr__s3_request *request, CURLcode code)
{
    curl_off_t length = -1;
    request->status = status_of(request->easy);
    (void)curl_easy_getinfo(request->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    request->content_length = length;
    if (code != CURLE_OK)
        fail_transfer(client, request, code);
    else if (is_done(request))
        finish(request, DZR_OK);
    else
        fail_answer(client, request);
    end_attempt(client, request);
}

/* ---- driving ---- */

dzr_status dzr__s3_start(dzr__s3_client *client, dzr__s3_request *request, dzr_error *err)
{
    request->done = false;
    request->n_failed = 0;
    DZR_TRY(begin_attempt(client, request, err));
    request->next = client->requests;
    client->requests = request;
    return DZR_OK;
}

void dzr__s3_drop(dzr__s3_client *client, dzr__s3_request *request)
{
    for (dzr__s3_request **at = &client->requests; *at != NULL; at = &(*at)->next)
        if (*at == request) {
            *at = request->next;
            break;
        }
    end_attempt(client, request);
}

/* Begins the attempts whose wait is over. Whether a request became done at that. */
static bool begin_due(dzr__s3_client *client)
{
    bool any = false;
    for (dzr__s3_request *r = client->requests; r != NULL; r = r->next) {
        if (r->done || r->running || r->ready_ms > now_ms())
            continue;
        const dzr_status st = begin_attempt(client, r, &r->err);
        if (st == DZR_OK)
            continue;
        finish(r, st);
        any = true;
    }
    return any;
}

/* Until the next attempt is due, or a second. */
static int ms_to_wait(const dzr__s3_client *client)
{
    int64_t next = 1000;
    for (const dzr__s3_request *r = client->requests; r != NULL; r = r->next)
        if (!r->done && !r->running)
            next = DZR_MIN(next, r->ready_ms - now_ms());
    return (int)DZR_MAX(next, (int64_t)0);
}

/* Whether a request became done. */
static bool collect(dzr__s3_client *client)
{
    bool any = false;
    int n_left = 0;
    for (const CURLMsg *message; (message = curl_multi_info_read(client->multi, &n_left)) != NULL;) {
        if (message->msg != CURLMSG_DONE)
            continue;
        char *request = NULL;
        const CURLcode code = message->data.result;
        (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &request);
        end_transfer(client, (dzr__s3_request *)(void *)request, code);
        any = any || ((dzr__s3_request *)(void *)request)->done;
    }
    return any;
}

static dzr_status wait_for_more(dzr__s3_client *client, dzr_error *err)
{
    struct curl_waitfd extra = {
            .fd = client->cancel != NULL ? dzr_cancel_fd(client->cancel) : -1, .events = CURL_WAIT_POLLIN};
    const unsigned n_extra = client->cancel != NULL ? 1 : 0;
    if (curl_multi_poll(client->multi, &extra, n_extra, ms_to_wait(client), NULL) != CURLM_OK)
        return dzr_fail(err, DZR_ERR_NET, "libcurl can't wait for its connections");
    return DZR_OK;
}

dzr_status dzr__s3_drive(dzr__s3_client *client, bool wait, dzr_error *err)
{
    for (;;) {
        if (dzr_cancel_is_set(client->cancel))
            return dzr_fail(err, DZR_ERR_CANCELLED, "cancelled");
        bool any = begin_due(client);
        int running = 0;
        if (curl_multi_perform(client->multi, &running) != CURLM_OK)
            return dzr_fail(err, DZR_ERR_NET, "libcurl can't go on with its transfers");
        any = collect(client) || any;
        if (any || !wait)
            return DZR_OK;
        DZR_TRY(wait_for_more(client, err));
    }
}

/* Ends a request; the status is st, or the request's own when that is DZR_OK. */
static dzr_status end_run(dzr__s3_client *client, dzr__s3_request *request, dzr_status st, dzr_error *err)
{
    dzr__s3_drop(client, request);
    if (st != DZR_OK)
        return st;
    if (request->st != DZR_OK && err != NULL)
        *err = request->err;
    return request->st;
}

dzr_status dzr__s3_run(dzr__s3_client *client, dzr__s3_request *request, dzr_error *err)
{
    DZR_TRY(dzr__s3_start(client, request, err));
    dzr_status st = DZR_OK;
    while (st == DZR_OK && !request->done)
        st = dzr__s3_drive(client, true, err);
    return end_run(client, request, st, err);
}

dzr_status dzr__s3_run_out(dzr__s3_client *client, dzr__s3_request *request, dzr_error *err)
{
    DZR_TRY(dzr__s3_start(client, request, err));
    dzr_status st = DZR_OK;
    while (st == DZR_OK && !request->done)
        st = dzr__s3_drive(client, true, err);
    if (st == DZR_ERR_CANCELLED && request->running) {
        const dzr_cancel *const cancel = client->cancel;
        client->cancel = NULL;
        request->last = true;
        for (dzr_status after = DZR_OK; after == DZR_OK && !request->done;)
            after = dzr__s3_drive(client, true, NULL);
        client->cancel = cancel;
    }
    return end_run(client, request, st, err);
}
