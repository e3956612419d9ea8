/* store/http_source.c - a file behind http:// or https:// as a source: its end comes first, which says how long it is,
 * then ranges as they are asked for, joined where they are near. A server that knows no ranges answers the first
 * request with all of it, which goes to a temporary file. Called by file_source.c. Spec: RFC 9110, 13.1.5 "If-Range",
 * 14 "Range Requests". */
#include "net/client/internal.h"
#include "store/internal.h"
#include "store/s3/s3.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { TAIL_BYTES = 64 << 10, AHEAD_BYTES = 4 << 20, VALIDATOR = 256, STALL_S = 30 };

typedef struct http_source {
    dzr_source source;
    const dzr_allocator *alloc;
    dzr_http_client *client;
    char *url;
    char shown[DZR_URL_SHOWN_BYTES];
    pthread_mutex_t turn;      /* whose holder may use client */
    char validator[VALIDATOR]; /* a strong ETag, or when it was changed; "": the server says neither */
    struct curl_slist *headers;
    uint8_t *tail; /* the last n_tail bytes */
    size_t n_tail;
    int fd; /* all of it, where the server knows no ranges; -1 */
    /* one byte after the other */
    uint64_t next;
    uint8_t *ahead; /* n_ahead bytes from ahead_at on */
    uint64_t ahead_at;
    size_t n_ahead;
    /* the request under way */
    const dzr_source_range *sorted;
    dzr__s3_piece piece; /* of those; while opening no bytes */
} http_source;

static dzr_status name_fault(const http_source *http, dzr_status st, dzr_error *err)
{
    return dzr_fail_at(err, st, "%s: ", http->source.name);
}

/* ---- what an answer says ---- */

static int status_of(http_source *http)
{
    long status = 0;
    (void)curl_easy_getinfo(dzr__http_client_easy(http->client), CURLINFO_RESPONSE_CODE, &status);
    return (int)status;
}

/* "" when there is none. */
static const char *header_of(http_source *http, const char *name)
{
    struct curl_header *header = NULL;
    return curl_easy_header(dzr__http_client_easy(http->client), name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK
                   ? header->value
                   : "";
}

/* What names this state of the file: an ETag that is not weak goes first. */
static void find_validator(http_source *http, char out[VALIDATOR])
{
    const char *const etag = header_of(http, "ETag");
    const char *const modified = header_of(http, "Last-Modified");
    const char *const best = etag[0] == '"' ? etag : modified;
    (void)snprintf(out, VALIDATOR, "%s", strlen(best) < VALIDATOR ? best : "");
}

/* ---- requests ---- */

/* One GET of `range`; what comes goes to take. if_range: of the file as it was when opened. */
static dzr_status get(http_source *http, const char *range, bool if_range, int *status, dzr_error *err)
{
    CURL *const easy = dzr__http_client_easy(http->client);
    dzr_http_response response;
    if (if_range && http->headers == NULL && http->validator[0] != '\0') {
        char line[VALIDATOR + 16];
        (void)snprintf(line, sizeof line, "If-Range: %s", http->validator);
        http->headers = curl_slist_append(NULL, line);
        if (http->headers == NULL || curl_easy_setopt(easy, CURLOPT_HTTPHEADER, http->headers) != CURLE_OK)
            return dzr_fail(err, DZR_ERR_NOMEM, "out of memory for a request");
    }
    if (curl_easy_setopt(easy, CURLOPT_RANGE, range) != CURLE_OK)
        return dzr_fail(err, DZR_ERR_NOMEM, "out of memory for a request");
    DZR_TRY(dzr_http_client_start(http->client, http->url, err));
    DZR_TRY(dzr_http_client_wait(http->client, &response, err));
    *status = response.status;
    if (response.status == 200 || response.status == 206 || response.status == 416)
        return DZR_OK;
    char excerpt[DZR_EXCERPT_BYTES];
    dzr__body_excerpt(response.body, excerpt);
    return dzr_fail(err, response.status == 404 || response.status == 410 ? DZR_ERR_NOT_FOUND : DZR_ERR_HTTP,
            "status %d%s%s", response.status, excerpt[0] != '\0' ? ": " : "", excerpt);
}

/* ---- opening ---- */

static dzr_status open_temporary(http_source *http, dzr_error *err)
{
    const char *const told = getenv("TMPDIR");
    const char *const folder = told != NULL && *told != '\0' ? told : "/tmp";
    http->fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (http->fd >= 0)
        return DZR_OK;
    char *path = NULL;
    if (asprintf(&path, "%s/datarizer-XXXXXX", folder) < 0)
        return dzr_fail(err, DZR_ERR_NOMEM, "out of memory for a path");
    http->fd = mkostemp(path, O_CLOEXEC);
    const int failed = errno;
    if (http->fd >= 0)
        (void)unlink(path);
    free(path);
    return http->fd >= 0 ? DZR_OK : dzr__store_system_error(err, failed, folder, "can't hold a temporary file");
}

static dzr_status spool(http_source *http, uint64_t at, const uint8_t *bytes, size_t n, dzr_error *err)
{
    if (http->fd < 0)
        DZR_TRY(open_temporary(http, err));
    for (size_t done = 0; done < n;) {
        const ssize_t put = pwrite(http->fd, bytes + done, n - done, (off_t)(at + done));
        if (put < 0 && errno != EINTR)
            return dzr__store_system_error(err, errno, "the temporary file", "writing failed");
        done += put > 0 ? (size_t)put : 0;
    }
    http->source.n_bytes = at + n;
    return DZR_OK;
}

/* The first answer's body: the end of the file, or all of it. */
static dzr_status take_first(http_source *http, uint64_t at, const uint8_t *bytes, size_t n, dzr_error *err)
{
    if (status_of(http) != 206)
        return spool(http, at, bytes, n, err);
    if (at > TAIL_BYTES || n > TAIL_BYTES - at)
        return dzr_fail(err, DZR_ERR_CORRUPT, "its last %d bytes were asked for, more came", (int)TAIL_BYTES);
    memcpy(http->tail + at, bytes, n);
    http->n_tail = (size_t)at + n;
    return DZR_OK;
}

static dzr_status take_size(http_source *http, dzr_error *err)
{
    uint64_t first = 0, last = 0, n_bytes = 0;
    const char *const said = header_of(http, "Content-Range");
    if (!dzr__content_range(said, &first, &last, &n_bytes) || last + 1 != n_bytes || last - first + 1 != http->n_tail)
        return dzr_fail(
                err, DZR_ERR_CORRUPT, "its end was asked for, \"%.100s\" came with %zu bytes", said, http->n_tail);
    http->source.n_bytes = n_bytes;
    find_validator(http, http->validator);
    return DZR_OK;
}

static dzr_status open_file(http_source *http, dzr_error *err)
{
    char range[32];
    int status = 0;
    http->source.n_bytes = 0;
    (void)snprintf(range, sizeof range, "-%d", (int)TAIL_BYTES);
    DZR_TRY(get(http, range, false, &status, err));
    if (status == 416) /* no bytes, or a server that won't give the end of a short file */
        DZR_TRY(get(http, NULL, false, &status, err));
    if (status == 206) {
        if (http->fd >= 0) /* of an attempt that failed */
            (void)close(http->fd);
        http->fd = -1;
        return take_size(http, err);
    }
    return status == 200 ? DZR_OK : dzr_fail(err, DZR_ERR_HTTP, "status %d", status);
}

/* ---- ranges ---- */

static uint64_t tail_start(const http_source *http)
{
    return http->source.n_bytes - http->n_tail;
}

static dzr_status check_range(http_source *http, dzr_error *err)
{
    char validator[VALIDATOR];
    uint64_t first = 0, last = 0, n_bytes = 0;
    const char *const said = header_of(http, "Content-Range");
    const bool is_range = status_of(http) == 206 && dzr__content_range(said, &first, &last, &n_bytes);
    find_validator(http, validator);
    if (status_of(http) == 200 || (is_range && n_bytes != http->source.n_bytes) ||
            (is_range && strcmp(validator, http->validator) != 0))
        return dzr_fail(err, DZR_ERR_CORRUPT, "was replaced while it was read");
    if (!is_range || first != http->piece.offset || last - first + 1 != http->piece.n_bytes)
        return dzr_fail(err, DZR_ERR_CORRUPT,
                "%zu bytes from %" PRIu64 " were asked for, status %d came with \"%.100s\"", http->piece.n_bytes,
                http->piece.offset, status_of(http), said);
    return DZR_OK;
}

/* Every body that comes, piece by piece. */
static dzr_status take(void *ctx, uint64_t at, const uint8_t *bytes, size_t n, dzr_error *err)
{
    http_source *const http = ctx;
    if (http->piece.n_bytes == 0)
        return take_first(http, at, bytes, n, err);
    if (at == 0)
        DZR_TRY(check_range(http, err));
    if (at > http->piece.n_bytes || n > http->piece.n_bytes - at)
        return dzr_fail(err, DZR_ERR_CORRUPT, "%zu bytes were asked for, more came", http->piece.n_bytes);
    dzr__s3_scatter(http->sorted, &http->piece, http->piece.offset + at, bytes, n);
    return DZR_OK;
}

static dzr_status fetch(http_source *http, const dzr_source_range *sorted, size_t n, dzr_error *err)
{
    dzr__s3_plan plan = {.sorted = sorted, .n = n};
    dzr_status st = DZR_OK;
    http->sorted = sorted;
    while (st == DZR_OK && dzr__s3_plan_next(&plan, &http->piece)) {
        char range[64];
        int status = 0;
        const uint64_t from = http->piece.offset;
        (void)snprintf(range, sizeof range, "%" PRIu64 "-%" PRIu64, from, from + http->piece.n_bytes - 1);
        st = get(http, range, true, &status, err);
        if (st == DZR_OK && status != 206) /* an answer without a body */
            st = dzr_fail(err, DZR_ERR_CORRUPT, "was replaced while it was read");
    }
    return st;
}

/* Copies what of a range is in the tail, and cuts it there. */
static dzr_source_range without_tail(const http_source *http, dzr_source_range range)
{
    const uint64_t start = tail_start(http);
    const size_t n_before = range.offset >= start ? 0 : (size_t)DZR_MIN((uint64_t)range.n_bytes, start - range.offset);
    if (n_before < range.n_bytes)
        memcpy((uint8_t *)range.out + n_before, http->tail + (range.offset + n_before - start),
                range.n_bytes - n_before);
    range.n_bytes = n_before;
    return range;
}

static dzr_status read_file(const http_source *http, dzr_source_range range, dzr_error *err)
{
    for (size_t done = 0; done < range.n_bytes;) {
        const ssize_t got =
                pread(http->fd, (uint8_t *)range.out + done, range.n_bytes - done, (off_t)(range.offset + done));
        if (got == 0 || (got < 0 && errno != EINTR))
            return dzr__store_system_error(err, got == 0 ? EIO : errno, "the temporary file", "reading failed");
        done += got > 0 ? (size_t)got : 0;
    }
    return DZR_OK;
}

/* The ranges, with the client in hand. */
static dzr_status read_ranges(http_source *http, const dzr_source_range *ranges, size_t n, dzr_error *err)
{
    dzr_source_range *const sorted = dzr_alloc_array(http->alloc, n, sizeof *sorted, err);
    size_t n_far = 0;
    dzr_status st = sorted == NULL ? DZR_ERR_NOMEM : DZR_OK;
    for (size_t i = 0; st == DZR_OK && i < n; i++) {
        if (ranges[i].n_bytes == 0)
            continue;
        if (http->fd >= 0) {
            st = read_file(http, ranges[i], err);
        } else {
            sorted[n_far] = without_tail(http, ranges[i]);
            n_far += sorted[n_far].n_bytes > 0;
        }
    }
    if (st == DZR_OK && n_far > 0) {
        dzr__s3_sort_ranges(sorted, n_far);
        st = fetch(http, sorted, n_far, err);
    }
    dzr_release(http->alloc, sorted);
    return st == DZR_OK ? DZR_OK : name_fault(http, st, err);
}

static dzr_status http_read_many(dzr_source *source, const dzr_source_range *ranges, size_t n, dzr_error *err)
{
    http_source *const http = (http_source *)source;
    pthread_mutex_lock(&http->turn);
    const dzr_status st = read_ranges(http, ranges, n, err);
    pthread_mutex_unlock(&http->turn);
    return st;
}

static dzr_status http_read_at(dzr_source *source, uint64_t offset, void *out, size_t n, dzr_error *err)
{
    const dzr_source_range range = {offset, n, out};
    return http_read_many(source, &range, 1, err);
}

static dzr_status http_read(dzr_source *source, void *out, size_t n, size_t *n_read, dzr_error *err)
{
    http_source *const http = (http_source *)source;
    *n_read = 0;
    if (http->next == source->n_bytes)
        return DZR_OK;
    if (http->ahead == NULL)
        http->ahead = dzr_alloc_array(http->alloc, AHEAD_BYTES, 1, err);
    if (http->ahead == NULL)
        return name_fault(http, DZR_ERR_NOMEM, err);
    if (http->next - http->ahead_at >= http->n_ahead) {
        const size_t wanted = (size_t)DZR_MIN((uint64_t)AHEAD_BYTES, source->n_bytes - http->next);
        http->n_ahead = 0;
        DZR_TRY(http_read_at(source, http->next, http->ahead, wanted, err));
        http->ahead_at = http->next;
        http->n_ahead = wanted;
    }
    const size_t from = (size_t)(http->next - http->ahead_at);
    *n_read = DZR_MIN(n, http->n_ahead - from);
    memcpy(out, http->ahead + from, *n_read);
    http->next += *n_read;
    return DZR_OK;
}

/* ---- open, close ---- */

static void http_close(dzr_source *source)
{
    http_source *const http = (http_source *)source;
    dzr_http_client_close(http->client);
    curl_slist_free_all(http->headers);
    if (http->fd >= 0)
        (void)close(http->fd);
    pthread_mutex_destroy(&http->turn);
    dzr_release(http->alloc, http->tail);
    dzr_release(http->alloc, http->ahead);
    dzr_release(http->alloc, http->url);
    dzr_release(http->alloc, http);
}

static const dzr_source_ops ops = {
        .read_at = http_read_at, .read = http_read, .close = http_close, .read_many = http_read_many};

bool dzr__http_is_source(const dzr_source *source)
{
    return source->ops == &ops;
}

void dzr__http_source_cancel(dzr_source *source, const dzr_cancel *cancel)
{
    dzr__http_client_cancel(((http_source *)source)->client, cancel);
}

/* A large file takes its time: what ends a request is that nothing comes any more. Bytes come as they are stored. */
static dzr_status set_up(http_source *http, const dzr_cancel *cancel, dzr_error *err)
{
    dzr_http_client_options options = DZR_HTTP_CLIENT_DEFAULTS;
    options.alloc = http->alloc;
    options.cancel = cancel;
    options.attempt_timeout_ms = options.job_timeout_ms = 0;
    options.max_body_bytes = INT64_MAX; /* of those that are taken; of an error's body little is kept */
    DZR_TRY(dzr_http_client_open(&options, &http->client, err));
    CURL *const easy = dzr__http_client_easy(http->client);
    dzr__http_client_take(http->client, take, http);
    if (curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, NULL) != CURLE_OK ||
            curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)STALL_S) != CURLE_OK ||
            curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L) != CURLE_OK ||
            curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)STALL_S) != CURLE_OK)
        return dzr_fail(err, DZR_ERR_NOMEM, "out of memory for an HTTP client");
    return open_file(http, err);
}

dzr_status dzr__http_open_source(
        const char *url, const dzr_allocator *alloc, const dzr_cancel *cancel, dzr_source **out, dzr_error *err)
{
    http_source *const http = dzr_alloc_zeroed(alloc, 1, sizeof *http, err);
    if (http == NULL)
        return DZR_ERR_NOMEM;
    http->alloc = alloc;
    http->fd = -1;
    (void)pthread_mutex_init(&http->turn, NULL);
    dzr__url_shown(url, http->shown);
    http->source = (dzr_source){.ops = &ops, .name = http->shown};
    http->tail = dzr_alloc_array(alloc, TAIL_BYTES, 1, err);
    dzr_status st = http->tail == NULL ? DZR_ERR_NOMEM : dzr__url_normalize(url, alloc, &http->url, err);
    if (st == DZR_OK)
        st = set_up(http, cancel, err);
    if (st != DZR_OK) {
        (void)name_fault(http, st, err);
        http_close(&http->source);
        return st;
    }
    *out = &http->source;
    return DZR_OK;
}
