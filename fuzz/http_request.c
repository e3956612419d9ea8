/* fuzz/http_request.c - whatever bytes arrive, the server's reader (net/server/request.c) either takes a request or
 * refuses it for a reason. Holds that
 *   - the outcome is the same in one piece, byte by byte and in pieces of odd sizes;
 *   - a request that was taken keeps the limits, and written down again plainly it is read as the same request;
 *   - no method, target, name or value holds a byte that could end its line. */
#include "net/server/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#define HOLDS(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);                             \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

static const dzr__http_limits limits = {.header_bytes = 1024, .target_bytes = 200, .body_bytes = 600};

/* Feeds in pieces of 1 to `piece` bytes, each a block of its own so that a sanitizer sees a byte too far. */
static dzr__http_progress feed(
        dzr__http_reader *reader, const uint8_t *bytes, size_t len, size_t piece, uint32_t seed, size_t *total)
{
    dzr__http_progress progress = DZR__HTTP_MORE;
    *total = 0;
    while (*total < len && progress == DZR__HTTP_MORE) {
        seed = seed * 1664525u + 1013904223u;
        const size_t step = DZR_MIN(len - *total, 1 + (piece > 1 ? (seed >> 16) % piece : 0));
        uint8_t *const block = malloc(step);
        HOLDS(block != NULL);
        memcpy(block, bytes + *total, step);
        size_t used = 0;
        progress = dzr__http_reader_feed(reader, block, step, &used);
        HOLDS(used <= step);
        HOLDS(progress != DZR__HTTP_MORE || used == step);
        *total += used;
        free(block);
    }
    return progress;
}

static bool same_bytes(dzr_bytes a, dzr_bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static void hold_same(const dzr_http_request *a, const dzr_http_request *b)
{
    HOLDS(same_bytes(a->method, b->method));
    HOLDS(same_bytes(a->target, b->target));
    HOLDS(same_bytes(a->path, b->path));
    HOLDS(same_bytes(a->query, b->query));
    HOLDS(same_bytes(a->body, b->body));
    HOLDS(a->minor_version == b->minor_version);
}

static void hold_same_headers(const dzr_http_request *a, const dzr_http_request *b)
{
    HOLDS(a->n_headers == b->n_headers);
    for (size_t i = 0; i < a->n_headers; i++) {
        HOLDS(same_bytes(a->headers[i].name, b->headers[i].name));
        HOLDS(same_bytes(a->headers[i].value, b->headers[i].value));
    }
}

static void hold_clean(dzr_bytes text, bool spaces)
{
    for (size_t i = 0; i < text.len; i++)
        HOLDS(text.at[i] == '\t' ? spaces : text.at[i] >= (spaces ? ' ' : '!') && text.at[i] != 0x7f);
}

static void hold_sound(const dzr_http_request *request)
{
    HOLDS(request->method.len > 0 && request->target.len > 0 && request->path.len > 0);
    HOLDS(request->target.len <= limits.target_bytes && request->body.len <= limits.body_bytes);
    HOLDS(request->n_headers <= DZR__HTTP_MAX_HEADERS);
    HOLDS(request->minor_version == 0 || request->minor_version == 1);
    hold_clean(request->method, false);
    hold_clean(request->target, false);
    size_t n_hosts = 0, n_lengths = 0, n_codings = 0;
    (void)dzr_http_request_header(request, "host", &n_hosts);
    (void)dzr_http_request_header(request, "content-length", &n_lengths);
    (void)dzr_http_request_header(request, "transfer-encoding", &n_codings);
    HOLDS(request->minor_version == 0 ? n_hosts <= 1 : n_hosts == 1);
    HOLDS(n_lengths + n_codings <= 1);
    for (size_t i = 0; i < request->n_headers; i++) {
        HOLDS(request->headers[i].name.len > 0);
        hold_clean(request->headers[i].name, false);
        hold_clean(request->headers[i].value, true);
    }
}

/* Writes the request with its body's length in place of its framing fields, and reads that. */
static void hold_again(const dzr_http_request *request)
{
    char *text = NULL;
    size_t text_len = 0;
    FILE *const out = open_memstream(&text, &text_len);
    HOLDS(out != NULL);
    fwrite(request->method.at, 1, request->method.len, out);
    fputc(' ', out);
    fwrite(request->target.at, 1, request->target.len, out);
    fprintf(out, " HTTP/1.%d\r\n", request->minor_version);
    for (size_t i = 0; i < request->n_headers; i++) {
        const dzr_http_header *const header = &request->headers[i];
        if ((header->name.len == 14 && strncasecmp((const char *)header->name.at, "content-length", 14) == 0) ||
                (header->name.len == 17 && strncasecmp((const char *)header->name.at, "transfer-encoding", 17) == 0))
            continue;
        fwrite(header->name.at, 1, header->name.len, out);
        fputs(": ", out);
        fwrite(header->value.at, 1, header->value.len, out);
        fputs("\r\n", out);
    }
    fprintf(out, "Content-Length: %zu\r\n\r\n", request->body.len);
    fwrite(request->body.at, 1, request->body.len, out);
    fclose(out);
    static const dzr__http_limits wide = {.header_bytes = 8192, .target_bytes = 200, .body_bytes = 600};
    dzr__http_reader again;
    dzr__http_reader_init(&again, NULL, &wide);
    size_t used = 0;
    const dzr__http_progress progress = dzr__http_reader_feed(&again, (const uint8_t *)text, text_len, &used);
    if (again.bad_status != 431) { /* the length's own line may be one too many */
        HOLDS(progress == DZR__HTTP_DONE);
        HOLDS(used == text_len);
        hold_same(request, &again.request);
    }
    dzr__http_reader_fini(&again);
    free(text);
}

/* Reads the request at the start of bytes in three ways; returns its length, 0 when there is none to go on after. */
static size_t read_one(const uint8_t *bytes, size_t len)
{
    static const size_t pieces[] = {SIZE_MAX, 1, 7, 61};
    dzr__http_reader readers[4];
    dzr__http_progress progress[4];
    size_t used[4];
    for (size_t i = 0; i < 4; i++) {
        dzr__http_reader_init(&readers[i], NULL, &limits);
        if (i == 0)
            progress[i] = dzr__http_reader_feed(&readers[i], bytes, len, &used[i]);
        else
            progress[i] =
                    feed(&readers[i], bytes, len, pieces[i], (uint32_t)len * 31 + (len > 0 ? bytes[0] : 0), &used[i]);
        HOLDS(progress[i] == progress[0]);
        HOLDS(readers[i].bad_status == readers[0].bad_status);
        if (progress[0] == DZR__HTTP_BAD) {
            HOLDS(readers[i].bad_reason != NULL && strcmp(readers[i].bad_reason, readers[0].bad_reason) == 0);
            HOLDS(readers[i].bad_status >= 400 && readers[i].bad_status <= 505);
        }
        if (progress[0] == DZR__HTTP_DONE) {
            HOLDS(used[i] == used[0]);
            HOLDS(readers[i].keep_alive == readers[0].keep_alive);
            hold_same(&readers[i].request, &readers[0].request);
            hold_same_headers(&readers[i].request, &readers[0].request);
        }
    }
    if (progress[0] == DZR__HTTP_DONE) {
        hold_sound(&readers[0].request);
        hold_again(&readers[0].request);
    }
    for (size_t i = 0; i < 4; i++)
        dzr__http_reader_fini(&readers[i]);
    return progress[0] == DZR__HTTP_DONE ? used[0] : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    uint8_t *const whole = malloc(len > 0 ? len : 1); /* exactly len */
    HOLDS(whole != NULL);
    if (len > 0)
        memcpy(whole, bytes, len);
    size_t at = 0;
    for (size_t n = 1; at < len && n > 0; at += n)
        n = read_one(whole + at, len - at);
    free(whole);
    return 0;
}
