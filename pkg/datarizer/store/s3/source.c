/* store/s3/source.c - an object as a source: its end with the first request, ranges by one request each, neighbours
 * joined, several at once. Called through dzr_source. Threads that read at once take turns.
 * Spec: RFC 9110, section 14 (Range, Content-Range); S3 API Reference, GetObject. */
#include "store/s3/s3.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    TAIL_BYTES = 64 << 10, /* brought by the first request, and kept: most footers, and small objects whole */
    GAP_BYTES = 1 << 20,   /* ranges no further apart become one request: those bytes cost less than its delay */
    JOINED_BYTES = 32 << 20,
    AT_ONCE = 4,
    AHEAD_BYTES = 4 << 20, /* what read asks for at once */
};

typedef struct s3_source {
    dzr_source source;
    dzr_s3_options options;
    dzr_arena arena;
    dzr__s3_config config;
    dzr__s3_client *client;
    pthread_mutex_t turn;
    char etag[DZR__S3_ETAG];
    uint8_t *tail; /* the object's last n_tail bytes */
    size_t n_tail;
    uint64_t next;  /* where read goes on */
    uint8_t *ahead; /* [ahead_at, ahead_at + n_ahead) of the object, for read */
    uint64_t ahead_at;
    size_t n_ahead;
} s3_source;

static dzr_status name_fault(const s3_source *s3, dzr_status st, dzr_error *err)
{
    return dzr_fail_at(err, st, "%s: ", s3->source.name);
}

/* ---- opening: the object's end ---- */

/* "bytes 5-9/10" */
static bool read_content_range(const char *text, uint64_t *first, uint64_t *last, uint64_t *n_bytes)
{
    return sscanf(text, "bytes %" SCNu64 "-%" SCNu64 "/%" SCNu64, first, last, n_bytes) == 3 && *first <= *last &&
           *last < *n_bytes;
}

/* An object of no bytes has no range: how S3 says so differs, so it is asked for its length. */
static dzr_status open_empty(s3_source *s3, dzr_error *err)
{
    dzr__s3_request head = {.method = "HEAD"};
    const dzr_status st = dzr__s3_run(s3->client, &head, err);
    dzr__bytebuf_fini(&head.text);
    DZR_TRY(st);
    if (head.content_length != 0)
        return dzr_fail(
                err, DZR_ERR_CORRUPT, "its end can't be read, though it has %" PRId64 " bytes", head.content_length);
    s3->source.n_bytes = 0;
    return DZR_OK;
}

static dzr_status take_tail(s3_source *s3, const dzr__s3_request *get, dzr_error *err)
{
    uint64_t first = 0, last = 0, n_bytes = get->n_into;
    if (get->status == 206 && (!read_content_range(get->content_range, &first, &last, &n_bytes) ||
                                      last + 1 != n_bytes || last - first + 1 != get->n_into))
        return dzr_fail(err, DZR_ERR_CORRUPT, "its end was asked for, \"%.60s\" came with %zu bytes",
                get->content_range, get->n_into);
    s3->source.n_bytes = n_bytes;
    s3->n_tail = get->n_into;
    (void)snprintf(s3->etag, sizeof s3->etag, "%s", get->etag);
    return DZR_OK;
}

static dzr_status open_object(s3_source *s3, dzr_error *err)
{
    dzr__s3_request get = {.method = "GET", .into = s3->tail, .room = TAIL_BYTES};
    (void)snprintf(get.range, sizeof get.range, "bytes=-%d", (int)TAIL_BYTES);
    dzr_status st = dzr__s3_run(s3->client, &get, err);
    dzr__bytebuf_fini(&get.text);
    if (get.status == 416 || (st == DZR_OK && get.n_into == 0))
        return open_empty(s3, err);
    return st == DZR_OK ? take_tail(s3, &get, err) : st;
}

/* ---- ranges ---- */

/* One request, for ranges [first, end) of those sorted. */
typedef struct fetch {
    dzr__s3_request request;
    size_t first, end;
    uint64_t offset;
    size_t n_bytes;
    uint8_t *joined; /* NULL: straight into the only range's place */
} fetch;

static bool in_tail(const s3_source *s3, uint64_t offset)
{
    return offset >= s3->source.n_bytes - s3->n_tail;
}

static dzr_status begin_fetch(s3_source *s3, const dzr_source_range *const *sorted, fetch *f, dzr_error *err)
{
    f->joined = NULL;
    if (f->end - f->first > 1) {
        f->joined = dzr_alloc_array(s3->options.alloc, f->n_bytes, 1, err);
        if (f->joined == NULL)
            return DZR_ERR_NOMEM;
    }
    f->request = (dzr__s3_request){.method = "GET",
            .if_match = s3->etag[0] != '\0' ? s3->etag : NULL,
            .into = f->joined != NULL ? f->joined : sorted[f->first]->out,
            .room = f->n_bytes};
    (void)snprintf(f->request.range, sizeof f->request.range, "bytes=%" PRIu64 "-%" PRIu64, f->offset,
            f->offset + f->n_bytes - 1);
    return dzr__s3_start(s3->client, &f->request, err);
}

static dzr_status end_fetch(s3_source *s3, const dzr_source_range *const *sorted, fetch *f, dzr_error *err)
{
    const dzr__s3_request *const request = &f->request;
    if (request->st != DZR_OK && request->status == 412)
        return dzr_fail(err, DZR_ERR_CORRUPT, "was replaced while it was read");
    if (request->st != DZR_OK) {
        if (err != NULL)
            *err = request->err;
        return request->st;
    }
    uint64_t first = 0, last = 0, n_bytes = 0;
    if (request->status != 206 || !read_content_range(request->content_range, &first, &last, &n_bytes) ||
            first != f->offset || n_bytes != s3->source.n_bytes || request->n_into != f->n_bytes)
        return dzr_fail(err, DZR_ERR_CORRUPT, "%zu bytes from %" PRIu64 " were asked for, %zu came with \"%.60s\"",
                f->n_bytes, f->offset, request->n_into, request->content_range);
    for (size_t i = f->first; f->joined != NULL && i < f->end; i++)
        memcpy(sorted[i]->out, f->joined + (sorted[i]->offset - f->offset), sorted[i]->n_bytes);
    return DZR_OK;
}

static void free_fetch(s3_source *s3, fetch *f)
{
    dzr__s3_drop(s3->client, &f->request);
    dzr__bytebuf_fini(&f->request.text);
    dzr_release(s3->options.alloc, f->joined);
    *f = (fetch){0};
}

/* The ranges from `first` on that one request brings. */
static fetch plan_fetch(const dzr_source_range *const *sorted, size_t n, size_t first)
{
    fetch f = {.first = first, .end = first + 1, .offset = sorted[first]->offset, .n_bytes = sorted[first]->n_bytes};
    for (; f.end < n; f.end++) {
        const dzr_source_range *const next = sorted[f.end];
        const uint64_t have = f.offset + f.n_bytes, whole = next->offset + next->n_bytes;
        if (next->offset > have + GAP_BYTES || whole - f.offset > JOINED_BYTES)
            break;
        f.n_bytes = (size_t)(DZR_MAX(have, whole) - f.offset);
    }
    return f;
}

static int by_offset(const void *a, const void *b)
{
    const dzr_source_range *const *const x = a, *const *const y = b;
    return ((*x)->offset > (*y)->offset) - ((*x)->offset < (*y)->offset);
}

/* Requests for the sorted ranges, AT_ONCE at a time. */
static dzr_status fetch_all(s3_source *s3, const dzr_source_range *const *sorted, size_t n, dzr_error *err)
{
    fetch under_way[AT_ONCE] = {0};
    dzr_status st = DZR_OK;
    size_t next = 0, n_busy = 0;
    while (st == DZR_OK && (next < n || n_busy > 0)) {
        for (size_t i = 0; i < AT_ONCE && next < n && st == DZR_OK; i++) {
            if (under_way[i].n_bytes != 0)
                continue;
            under_way[i] = plan_fetch(sorted, n, next);
            next = under_way[i].end;
            n_busy++;
            st = begin_fetch(s3, sorted, &under_way[i], err);
        }
        if (st == DZR_OK)
            st = dzr__s3_drive(s3->client, true, err);
        for (size_t i = 0; i < AT_ONCE && st == DZR_OK; i++) {
            if (under_way[i].n_bytes == 0 || !under_way[i].request.done)
                continue;
            st = end_fetch(s3, sorted, &under_way[i], err);
            free_fetch(s3, &under_way[i]);
            n_busy--;
        }
    }
    for (size_t i = 0; i < AT_ONCE; i++)
        if (under_way[i].n_bytes != 0)
            free_fetch(s3, &under_way[i]);
    return st;
}

static dzr_status s3_read_many(dzr_source *source, const dzr_source_range *ranges, size_t n, dzr_error *err)
{
    s3_source *const s3 = (s3_source *)source;
    const dzr_source_range **const sorted = dzr_alloc_array(s3->options.alloc, n, sizeof *sorted, err);
    if (sorted == NULL)
        return DZR_ERR_NOMEM;
    size_t n_far = 0;
    for (size_t i = 0; i < n; i++)
        if (ranges[i].n_bytes == 0)
            continue;
        else if (in_tail(s3, ranges[i].offset))
            memcpy(ranges[i].out, s3->tail + (ranges[i].offset - (s3->source.n_bytes - s3->n_tail)), ranges[i].n_bytes);
        else
            sorted[n_far++] = &ranges[i];
    qsort(sorted, n_far, sizeof *sorted, by_offset);
    pthread_mutex_lock(&s3->turn);
    const dzr_status st = fetch_all(s3, sorted, n_far, err);
    pthread_mutex_unlock(&s3->turn);
    dzr_release(s3->options.alloc, sorted);
    return st == DZR_OK ? DZR_OK : name_fault(s3, st, err);
}

static dzr_status s3_read_at(dzr_source *source, uint64_t offset, void *out, size_t n, dzr_error *err)
{
    const dzr_source_range range = {offset, n, out};
    return s3_read_many(source, &range, 1, err);
}

/* ---- one byte after the other ---- */

static dzr_status s3_read(dzr_source *source, void *out, size_t n, size_t *n_read, dzr_error *err)
{
    s3_source *const s3 = (s3_source *)source;
    *n_read = 0;
    if (s3->next >= source->n_bytes)
        return DZR_OK;
    if (s3->next < s3->ahead_at || s3->next >= s3->ahead_at + s3->n_ahead) {
        if (s3->ahead == NULL)
            s3->ahead = dzr_alloc_array(s3->options.alloc, AHEAD_BYTES, 1, err);
        if (s3->ahead == NULL)
            return DZR_ERR_NOMEM;
        s3->n_ahead = 0;
        const size_t want = (size_t)DZR_MIN(source->n_bytes - s3->next, (uint64_t)AHEAD_BYTES);
        DZR_TRY(s3_read_at(source, s3->next, s3->ahead, want, err));
        s3->ahead_at = s3->next;
        s3->n_ahead = want;
    }
    const size_t from = (size_t)(s3->next - s3->ahead_at);
    *n_read = DZR_MIN(n, s3->n_ahead - from);
    memcpy(out, s3->ahead + from, *n_read);
    s3->next += *n_read;
    return DZR_OK;
}

/* ---- open, close ---- */

static void s3_close(dzr_source *source)
{
    s3_source *const s3 = (s3_source *)source;
    const dzr_allocator *const alloc = s3->options.alloc;
    dzr__s3_client_close(s3->client);
    dzr_release(alloc, s3->ahead);
    dzr__arena_fini(&s3->arena);
    pthread_mutex_destroy(&s3->turn);
    dzr_release(alloc, s3);
}

static const dzr_source_ops ops = {
        .read_at = s3_read_at, .read = s3_read, .close = s3_close, .read_many = s3_read_many};

bool dzr__s3_is_source(const dzr_source *source)
{
    return source->ops == &ops;
}

void dzr__s3_source_cancel(dzr_source *source, const dzr_cancel *cancel)
{
    dzr__s3_set_cancel(((s3_source *)source)->client, cancel);
}

dzr_status dzr_s3_open_source(const char *url, const dzr_s3_options *options, dzr_source **out, dzr_error *err)
{
    const dzr_s3_options chosen = options != NULL ? *options : (dzr_s3_options){0};
    s3_source *const s3 = dzr_alloc_zeroed(chosen.alloc, 1, sizeof *s3, err);
    if (s3 == NULL)
        return DZR_ERR_NOMEM;
    s3->options = chosen;
    s3->source = (dzr_source){.ops = &ops, .name = url};
    dzr__arena_init(&s3->arena, chosen.alloc, 0);
    (void)pthread_mutex_init(&s3->turn, NULL);
    dzr_status st = dzr__s3_config_make(url, &chosen, true, &s3->arena, &s3->config, err);
    if (st == DZR_OK) {
        s3->source.name = s3->config.url;
        s3->tail = dzr__arena_zeroed(&s3->arena, 1, TAIL_BYTES, err);
        st = s3->tail == NULL ? DZR_ERR_NOMEM : dzr__s3_client_open(&s3->config, &s3->options, &s3->client, err);
        if (st == DZR_OK)
            st = open_object(s3, err);
        if (st != DZR_OK)
            (void)name_fault(s3, st, err);
    }
    if (st != DZR_OK) {
        s3_close(&s3->source);
        return st;
    }
    *out = &s3->source;
    return DZR_OK;
}
