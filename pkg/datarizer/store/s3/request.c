/* store/s3/request.c - one attempt of a request: signed, given to curl, and what comes back taken apart. Called by
 * client.c, which decides about attempts. Spec: S3 API Reference, "Common request headers", "Common response headers".
 */
#include "store/s3/s3.h"
#include <datarizer/version.h>

#include <stdio.h>
#include <strings.h>
#include <time.h>

enum {
    CONNECT_MS = 10000,
    MAX_TEXT = 8 << 20, /* a listing of 1,000 keys takes 1.5 MiB at most */
    MAX_HEADERS = 12,
    MAX_HEADER_BYTES = 64 << 10, /* of an answer */
    TIME_BYTES = 17,
    RECEIVE_BYTES = 128 << 10, /* curl's buffers; it has 16 and 64 KiB */
    SEND_BYTES = 256 << 10,
    ANSWER_BYTES = 2048, /* what must be heard has its memory before it is asked for */
};

int dzr__s3_attempt_status(const dzr__s3_request *request)
{
    long status = 0;
    (void)curl_easy_getinfo(request->easy, CURLINFO_RESPONSE_CODE, &status);
    return (int)status;
}

/* ---- what comes back ---- */

/* Curl's write callback: anything but n ends the transfer. */
static size_t take_body(char *bytes, size_t size, size_t n, void *ctx)
{
    (void)size; /* always 1 */
    dzr__s3_request *const request = ctx;
    request->client->facts.n_bytes_received += (int64_t)n;
    const int status = dzr__s3_attempt_status(request);
    const bool to_text = (request->into == NULL && request->take == NULL) || status < 200 || status > 299;
    if (to_text) {
        request->st = dzr__bytebuf_append(&request->text, bytes, n, &request->err);
        return request->st == DZR_OK ? n : n + 1;
    }
    if (n > request->room - request->n_taken) {
        request->st = dzr_fail(
                &request->err, DZR_ERR_CORRUPT, "the answer is longer than the %zu bytes asked for", request->room);
        return n + 1;
    }
    if (request->into != NULL)
        memcpy(request->into + request->n_taken, bytes, n);
    else
        request->take(request->ctx, request->n_taken, (const uint8_t *)bytes, n);
    request->n_taken += n;
    return n;
}

/* Into out, when the line is that header; one too long for it is as if it was not there. */
static void take_header(const char *line, size_t n, const char *name, char *out, size_t room)
{
    const size_t len = strlen(name);
    if (n <= len || strncasecmp(line, name, len) != 0 || line[len] != ':')
        return;
    line += len + 1, n -= len + 1;
    while (n > 0 && (*line == ' ' || *line == '\t'))
        line++, n--;
    while (n > 0 && (line[n - 1] == '\r' || line[n - 1] == '\n' || line[n - 1] == ' '))
        n--;
    if (n >= room || memchr(line, '\0', n) != NULL)
        n = 0;
    memcpy(out, line, n);
    out[n] = '\0';
}

static size_t take_header_line(char *line, size_t size, size_t n, void *ctx)
{
    (void)size; /* always 1 */
    dzr__s3_request *const r = ctx;
    r->n_header_bytes += n;
    if (r->n_header_bytes > MAX_HEADER_BYTES) {
        r->st = dzr_fail(&r->err, DZR_ERR_LIMIT, "header lines of more than %d bytes came", (int)MAX_HEADER_BYTES);
        return n + 1;
    }
    take_header(line, n, "etag", r->etag, sizeof r->etag);
    take_header(line, n, "content-range", r->content_range, sizeof r->content_range);
    take_header(line, n, "x-amz-checksum-sha256", r->checksum, sizeof r->checksum);
    take_header(line, n, "x-amz-bucket-region", r->bucket_region, sizeof r->bucket_region);
    take_header(line, n, "date", r->date, sizeof r->date);
    take_header(line, n, "retry-after", r->retry_after, sizeof r->retry_after);
    return n;
}

/* ---- headers ---- */

static dzr_status add_line(dzr__s3_request *request, const char *name, const char *value, dzr_error *err)
{
    char line[8192]; /* session tokens of some kinds of login are long */
    const int n = snprintf(line, sizeof line, "%s: %s", name, value);
    if (n < 0 || (size_t)n >= sizeof line)
        return dzr_fail(err, DZR_ERR_LIMIT, "header %s has more than %zu bytes", name, sizeof line - 1);
    struct curl_slist *const longer = curl_slist_append(request->headers, line);
    if (longer == NULL)
        return dzr_fail(err, DZR_ERR_NOMEM, "out of memory for a request");
    request->headers = longer;
    return DZR_OK;
}

/* All that are signed, in the order of their names. */
static size_t list_headers(const dzr__s3_request *request, const char *hash, const char *checksum, const char *stamp,
        dzr__s3_pair out[MAX_HEADERS])
{
    const dzr__s3_config *const config = request->client->config;
    const dzr__s3_pair all[MAX_HEADERS] = {
            {"host", config->host},
            {"if-match", request->if_match},
            {"if-none-match", request->if_none_match},
            {"range", request->range[0] != '\0' ? request->range : NULL},
            {"x-amz-checksum-algorithm", request->begins_checksums ? "SHA256" : NULL},
            {"x-amz-checksum-mode", request->asks_checksum ? "ENABLED" : NULL},
            {"x-amz-checksum-sha256", request->with_checksum ? checksum : NULL},
            {"x-amz-content-sha256", hash},
            {"x-amz-date", stamp},
            {"x-amz-security-token", config->session_token[0] != '\0' ? config->session_token : NULL},
    };
    size_t n = 0;
    for (size_t i = 0; i < MAX_HEADERS; i++)
        if (all[i].value != NULL)
            out[n++] = all[i];
    return n;
}

static void put_hex(const uint8_t hash[DZR__S3_SHA256], char out[DZR__S3_HEX + 1])
{
    for (size_t i = 0; i < DZR__S3_SHA256; i++)
        (void)snprintf(out + 2 * i, 3, "%02x", hash[i]);
}

static dzr_status make_headers(dzr__s3_request *request, const char *path, dzr_error *err)
{
    const dzr__s3_config *const config = request->client->config;
    char hash[DZR__S3_HEX + 1], checksum[DZR__S3_CHECKSUM], stamp[TIME_BYTES];
    const time_t now = time(NULL);
    struct tm utc;
    (void)strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", gmtime_r(&now, &utc));
    put_hex(request->hash, hash);
    dzr__s3_checksum(request->hash, checksum);
    dzr__s3_pair headers[MAX_HEADERS];
    const size_t n = list_headers(request, hash, checksum, stamp, headers);
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
    dzr_bytebuf authorization = {.alloc = request->client->options.alloc};
    dzr_status st = dzr__s3_authorize(&signing, &authorization, err);
    for (size_t i = 0; st == DZR_OK && i < n; i++)
        st = add_line(request, headers[i].name, headers[i].value, err);
    if (st == DZR_OK)
        st = add_line(request, "Authorization", (const char *)authorization.at, err);
    dzr__bytebuf_fini(&authorization);
    /* curl would send these two besides, or wait for a 100 */
    if (st == DZR_OK)
        st = add_line(request, "Expect", "", err);
    return st == DZR_OK ? add_line(request, "Content-Type", "", err) : st;
}

/* ---- the URL ---- */

/* "/bucket/key" or "/key", encoded, with a NUL. */
static dzr_status make_path(const dzr__s3_request *request, dzr_bytebuf *out, dzr_error *err)
{
    const dzr__s3_config *const config = request->client->config;
    DZR_TRY(dzr__bytebuf_append(out, config->base, strlen(config->base), err));
    DZR_TRY(dzr__bytebuf_append(out, "/", 1, err));
    DZR_TRY(dzr__s3_encode(out, request->on_bucket ? "" : config->key, true, err));
    return dzr__bytebuf_append(out, "", 1, err);
}

static dzr_status set_url(dzr__s3_request *request, const char *path, dzr_error *err)
{
    const dzr__s3_config *const config = request->client->config;
    dzr_bytebuf url = {.alloc = request->client->options.alloc};
    const char *const parts[] = {config->scheme, "://", config->host, path, request->n_query > 0 ? "?" : ""};
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

/* ---- given to curl ---- */

static bool set_method(const dzr__s3_request *request)
{
    CURL *const easy = request->easy;
    if (strcmp(request->method, "HEAD") == 0)
        return curl_easy_setopt(easy, CURLOPT_NOBODY, 1L) == CURLE_OK;
    bool ok = true;
    if (strcmp(request->method, "PUT") == 0 || strcmp(request->method, "POST") == 0) {
        const char *const body = request->body.len > 0 ? (const char *)request->body.at : "";
        ok = curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len) == CURLE_OK;
    }
    return ok && curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method) == CURLE_OK;
}

static bool set_up(dzr__s3_request *request)
{
    CURL *const easy = request->easy;
    const dzr__s3_client *const client = request->client;
    const long stall_s = (long)((client->options.stall_timeout_ms + 999) / 1000);
    const bool once = request->once || request->must_say != NULL;
    char agent[64];
    (void)snprintf(agent, sizeof agent, "datarizer/%s", dzr_version());
    bool ok = set_method(request);
    ok = ok && curl_easy_setopt(easy, CURLOPT_HTTPHEADER, request->headers) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_USERAGENT, agent) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, request->words) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_WRITEDATA, request) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header_line) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_HEADERDATA, request) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_PRIVATE, request) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK;
    if (client->no_proxy != NULL)
        ok = ok && curl_easy_setopt(easy, CURLOPT_NOPROXY, client->no_proxy) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, stall_s) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)RECEIVE_BYTES) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)SEND_BYTES) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, once ? 1L : 0L) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK;
    const char *const ca_bundle = client->config->ca_bundle;
    ok = ok && (ca_bundle[0] == '\0' || curl_easy_setopt(easy, CURLOPT_CAINFO, ca_bundle) == CURLE_OK);
    return ok;
}

/* Nothing of an attempt before is left. */
static void forget_answer(dzr__s3_request *request)
{
    request->status = 0;
    request->n_taken = request->text.len = request->n_header_bytes = 0;
    request->text.alloc = request->client->options.alloc;
    request->text.max_bytes = MAX_TEXT;
    request->content_length = -1;
    request->st = DZR_OK;
    char *const texts[] = {request->found, request->etag, request->content_range, request->checksum,
            request->bucket_region, request->date, request->retry_after, request->words};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        texts[i][0] = '\0';
}

dzr_status dzr__s3_attempt_begin(dzr__s3_request *request, dzr_error *err)
{
    dzr__s3_client *const client = request->client;
    forget_answer(request);
    if (request->must_say != NULL)
        DZR_TRY(dzr__bytebuf_reserve(&request->text, ANSWER_BYTES, err));
    request->easy = curl_easy_init();
    if (request->easy == NULL)
        return dzr_fail(err, DZR_ERR_NOMEM, "out of memory for a request");
    dzr_bytebuf path = {.alloc = client->options.alloc};
    dzr_status st = make_path(request, &path, err);
    if (st == DZR_OK)
        st = make_headers(request, (const char *)path.at, err);
    if (st == DZR_OK)
        st = set_url(request, (const char *)path.at, err);
    dzr__bytebuf_fini(&path);
    if (st == DZR_OK && (!set_up(request) || curl_multi_add_handle(client->multi, request->easy) != CURLM_OK))
        st = dzr_fail(err, DZR_ERR_NOMEM, "libcurl has no memory for a request");
    if (st != DZR_OK) {
        dzr__s3_attempt_end(request);
        return st;
    }
    request->running = true;
    client->facts.n_requests++;
    return DZR_OK;
}

void dzr__s3_attempt_end(dzr__s3_request *request)
{
    if (request->easy != NULL) {
        curl_off_t n_sent = 0;
        (void)curl_easy_getinfo(request->easy, CURLINFO_SIZE_UPLOAD_T, &n_sent);
        request->client->facts.n_bytes_sent += n_sent;
        (void)curl_multi_remove_handle(request->client->multi, request->easy);
        curl_easy_cleanup(request->easy);
    }
    curl_slist_free_all(request->headers);
    request->easy = NULL;
    request->headers = NULL;
    request->running = false;
}
