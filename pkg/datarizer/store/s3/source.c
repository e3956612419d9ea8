/* store/s3/source.c - an object as a source: its end with the first request, ranges by a few requests at once, or one
 * byte after the other with the next ones on their way. Called through dzr_source. Threads that read at once take
 * turns. Spec: RFC 9110, section 14 (Range, Content-Range) and 13 (If-Match); S3 API Reference, GetObject. */
#include "store/s3/s3.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    TAIL_BYTES = 64 << 10, /* brought by the first request, and kept: most footers, and small objects whole */
    AT_ONCE = 8,
    FIRST_AHEAD = 512 << 10, /* what read asks for at first, then twice as much each time ... */
    MOST_AHEAD = 4 << 20,    /* ... up to this */
};

/* What read goes through, and what comes after it. */
typedef struct block {
    dzr__s3_request request;
    bool asked; /* for it; request is in use */
    uint64_t offset;
    size_t n_bytes; /* 0: nothing is in it */
    uint8_t *bytes; /* MOST_AHEAD */
} block;

typedef struct s3_source {
    dzr_source source;
    dzr_s3_options options;
    dzr_arena arena;
    dzr__s3_config config;
    dzr__s3_client *client;
    pthread_mutex_t turn; /* whose holder may use client */
    char etag[DZR__S3_ETAG];
    uint8_t *tail; /* the object's last n_tail bytes */
    size_t n_tail;
    uint64_t next; /* where read goes on */
    block blocks[2];
    int current;        /* of blocks */
    size_t ahead_bytes; /* the next block's */
    size_t undriven;    /* bytes read since the last look at the other block */
} s3_source;

static dzr_status name_fault(const s3_source *s3, dzr_status st, dzr_error *err)
{
    return dzr_fail_at(err, st, "%s: ", s3->source.name);
}

/* ---- opening: the object's end ---- */

/* An object of no bytes has no range: how S3 says so differs, so it is asked for its length. */
static dzr_status open_empty(s3_source *s3, dzr_error *err)
{
    dzr__s3_request head = {.method = "HEAD"};
    const dzr_status st = dzr__s3_run(s3->client, &head, err);
    dzr__bytebuf_fini(&head.text);
    DZR_TRY(st);
    if (head.content_length > 0)
        return dzr_fail(
                err, DZR_ERR_CORRUPT, "its end can't be read, though it has %" PRId64 " bytes", head.content_length);
    s3->source.n_bytes = 0;
    return DZR_OK;
}

static dzr_status take_tail(s3_source *s3, const dzr__s3_request *get, dzr_error *err)
{
    uint64_t first = 0, last = 0, n_bytes = get->n_taken;
    if (get->status == 206 && (!dzr__content_range(get->content_range, &first, &last, &n_bytes) ||
                                      last + 1 != n_bytes || last - first + 1 != get->n_taken))
        return dzr_fail(err, DZR_ERR_CORRUPT, "its end was asked for, \"%s\" came with %zu bytes", get->content_range,
                get->n_taken);
    s3->source.n_bytes = n_bytes;
    s3->n_tail = get->n_taken;
    (void)snprintf(s3->etag, sizeof s3->etag, "%s", get->etag);
    return DZR_OK;
}

static dzr_status open_object(s3_source *s3, dzr_error *err)
{
    dzr__s3_request get = {.method = "GET", .into = s3->tail, .room = TAIL_BYTES};
    (void)snprintf(get.range, sizeof get.range, "bytes=-%d", (int)TAIL_BYTES);
    dzr_status st = dzr__s3_run(s3->client, &get, err);
    dzr__bytebuf_fini(&get.text);
    if (get.status == 416 || (st == DZR_OK && get.n_taken == 0))
        return open_empty(s3, err);
    return st == DZR_OK ? take_tail(s3, &get, err) : st;
}

/* ---- ranges ---- */

static uint64_t tail_start(const s3_source *s3)
{
    return s3->source.n_bytes - s3->n_tail;
}

/* The request for n bytes at offset of the object that was opened. */
static dzr__s3_request make_get(const s3_source *s3, uint64_t offset, size_t n)
{
    dzr__s3_request get = {
            .method = "GET", .room = n, .exact = true, .if_match = s3->etag[0] != '\0' ? s3->etag : NULL};
    (void)snprintf(get.range, sizeof get.range, "bytes=%" PRIu64 "-%" PRIu64, offset, offset + n - 1);
    return get;
}

static dzr_status check_get(const s3_source *s3, const dzr__s3_request *get, uint64_t offset, dzr_error *err)
{
    if (get->st != DZR_OK && get->status == 412)
        return dzr_fail(err, DZR_ERR_CORRUPT, "was replaced while it was read");
    if (get->st != DZR_OK) {
        if (err != NULL)
            *err = get->err;
        return get->st;
    }
    uint64_t first = 0, last = 0, n_bytes = 0;
    if (get->status == 206 && dzr__content_range(get->content_range, &first, &last, &n_bytes) && first == offset &&
            last - first + 1 == get->room && n_bytes == s3->source.n_bytes)
        return DZR_OK;
    return dzr_fail(err, DZR_ERR_CORRUPT, "%zu bytes from %" PRIu64 " were asked for, status %d came with \"%s\"",
            get->room, offset, get->status, get->content_range);
}

/* A request for a piece of the ranges. */
typedef struct fetch {
    dzr__s3_request request;
    dzr__s3_piece piece; /* no bytes: it is free */
    const dzr_source_range *sorted;
} fetch;

static void take_piece(void *ctx, size_t at, const uint8_t *bytes, size_t n)
{
    const fetch *const f = ctx;
    dzr__s3_scatter(f->sorted, &f->piece, f->piece.offset + at, bytes, n);
}

static dzr_status begin_fetch(s3_source *s3, fetch *f, dzr_error *err)
{
    f->request = make_get(s3, f->piece.offset, f->piece.n_bytes);
    f->request.take = take_piece;
    f->request.ctx = f;
    return dzr__s3_start(s3->client, &f->request, err);
}

/* Fills free fetches with what the plan has next, as long as it has. */
static dzr_status begin_fetches(s3_source *s3, dzr__s3_plan *plan, fetch *fetches, bool *any, dzr_error *err)
{
    *any = false;
    for (size_t i = 0; i < AT_ONCE; i++) {
        fetch *const f = &fetches[i];
        if (f->piece.n_bytes == 0 && dzr__s3_plan_next(plan, &f->piece)) {
            f->sorted = plan->sorted;
            DZR_TRY(begin_fetch(s3, f, err));
        }
        *any = *any || f->piece.n_bytes > 0;
    }
    return DZR_OK;
}

static dzr_status end_fetches(s3_source *s3, fetch *fetches, dzr_error *err)
{
    for (size_t i = 0; i < AT_ONCE; i++) {
        fetch *const f = &fetches[i];
        if (f->piece.n_bytes == 0 || !f->request.done)
            continue;
        DZR_TRY(check_get(s3, &f->request, f->piece.offset, err));
        dzr__s3_drop(s3->client, &f->request);
        f->piece.n_bytes = 0;
    }
    return DZR_OK;
}

/* Brings the sorted ranges, AT_ONCE requests at a time. */
static dzr_status fetch_all(s3_source *s3, const dzr_source_range *sorted, size_t n, dzr_error *err)
{
    fetch *const fetches = dzr_alloc_zeroed(s3->options.alloc, AT_ONCE, sizeof *fetches, err);
    if (fetches == NULL)
        return DZR_ERR_NOMEM;
    dzr__s3_plan plan = {.sorted = sorted, .n = n};
    bool any = false;
    dzr_status st = begin_fetches(s3, &plan, fetches, &any, err);
    while (st == DZR_OK && any) {
        st = dzr__s3_drive(s3->client, true, err);
        if (st == DZR_OK)
            st = end_fetches(s3, fetches, err);
        if (st == DZR_OK)
            st = begin_fetches(s3, &plan, fetches, &any, err);
    }
    for (size_t i = 0; i < AT_ONCE; i++)
        if (fetches[i].piece.n_bytes > 0)
            dzr__s3_drop(s3->client, &fetches[i].request);
    dzr_release(s3->options.alloc, fetches);
    return st;
}

/* Copies what of a range is in the tail, and cuts it there. */
static dzr_source_range without_tail(const s3_source *s3, dzr_source_range range)
{
    const uint64_t start = tail_start(s3);
    if (range.offset >= start) {
        memcpy(range.out, s3->tail + (range.offset - start), range.n_bytes);
        range.n_bytes = 0;
    } else if (range.n_bytes > start - range.offset) {
        const size_t n_before = (size_t)(start - range.offset);
        memcpy((uint8_t *)range.out + n_before, s3->tail, range.n_bytes - n_before);
        range.n_bytes = n_before;
    }
    return range;
}

static dzr_status s3_read_many(dzr_source *source, const dzr_source_range *ranges, size_t n, dzr_error *err)
{
    s3_source *const s3 = (s3_source *)source;
    dzr_source_range *const sorted = dzr_alloc_array(s3->options.alloc, n, sizeof *sorted, err);
    if (sorted == NULL)
        return name_fault(s3, DZR_ERR_NOMEM, err);
    size_t n_far = 0;
    for (size_t i = 0; i < n; i++) {
        if (ranges[i].n_bytes == 0)
            continue;
        sorted[n_far] = without_tail(s3, ranges[i]);
        n_far += sorted[n_far].n_bytes > 0;
    }
    dzr_status st = DZR_OK;
    if (n_far > 0) {
        dzr__s3_sort_ranges(sorted, n_far);
        pthread_mutex_lock(&s3->turn);
        st = fetch_all(s3, sorted, n_far, err);
        pthread_mutex_unlock(&s3->turn);
    }
    dzr_release(s3->options.alloc, sorted);
    return st == DZR_OK ? DZR_OK : name_fault(s3, st, err);
}

static dzr_status s3_read_at(dzr_source *source, uint64_t offset, void *out, size_t n, dzr_error *err)
{
    const dzr_source_range range = {offset, n, out};
    return s3_read_many(source, &range, 1, err);
}

/* ---- one byte after the other ---- */

/* Asks for the block from offset on; nothing when that is the tail. */
static dzr_status ask(s3_source *s3, block *b, uint64_t offset, dzr_error *err)
{
    if (offset >= tail_start(s3))
        return DZR_OK;
    if (b->bytes == NULL)
        b->bytes = dzr_alloc_array(s3->options.alloc, MOST_AHEAD, 1, err);
    if (b->bytes == NULL)
        return DZR_ERR_NOMEM;
    const size_t n = (size_t)DZR_MIN((uint64_t)s3->ahead_bytes, tail_start(s3) - offset);
    b->request = make_get(s3, offset, n);
    b->request.into = b->bytes;
    b->n_bytes = 0;
    DZR_TRY(dzr__s3_start(s3->client, &b->request, err));
    b->asked = true;
    b->offset = offset;
    b->n_bytes = n;
    s3->ahead_bytes = DZR_MIN(2 * s3->ahead_bytes, (size_t)MOST_AHEAD);
    return DZR_OK;
}

static dzr_status wait_for(s3_source *s3, block *b, dzr_error *err)
{
    if (!b->asked)
        return DZR_OK;
    dzr_status st = dzr__s3_wait(s3->client, &b->request, err);
    if (st == DZR_OK)
        st = check_get(s3, &b->request, b->offset, err);
    if (st != DZR_OK)
        b->n_bytes = 0;
    dzr__s3_drop(s3->client, &b->request);
    b->asked = false;
    return st;
}

static bool holds(const block *b, uint64_t offset)
{
    return offset >= b->offset && offset - b->offset < b->n_bytes;
}

/* Makes current the block that has the next byte, and asks for the one after it. */
static dzr_status turn_over(s3_source *s3, dzr_error *err)
{
    s3->current ^= 1;
    block *const b = &s3->blocks[s3->current];
    if (!holds(b, s3->next))
        DZR_TRY(ask(s3, b, s3->next, err)); /* the first time */
    DZR_TRY(wait_for(s3, b, err));
    return ask(s3, &s3->blocks[s3->current ^ 1], b->offset + b->n_bytes, err);
}

/* Now and then: what is on its way comes on only while somebody looks. */
static dzr_status keep_going(s3_source *s3, size_t n, dzr_error *err)
{
    enum { DRIVE_BYTES = 128 << 10 };
    s3->undriven += n;
    if (s3->undriven < DRIVE_BYTES || !s3->blocks[s3->current ^ 1].asked)
        return DZR_OK;
    s3->undriven = 0;
    return dzr__s3_drive(s3->client, false, err);
}

static dzr_status read_on(s3_source *s3, uint8_t *out, size_t n, size_t *n_read, dzr_error *err)
{
    if (s3->next >= tail_start(s3)) {
        *n_read = (size_t)DZR_MIN((uint64_t)n, s3->source.n_bytes - s3->next);
        memcpy(out, s3->tail + (s3->next - tail_start(s3)), *n_read);
        return DZR_OK;
    }
    if (!holds(&s3->blocks[s3->current], s3->next) || s3->blocks[s3->current].asked)
        DZR_TRY(turn_over(s3, err));
    else
        DZR_TRY(keep_going(s3, n, err));
    const block *const b = &s3->blocks[s3->current];
    const size_t from = (size_t)(s3->next - b->offset);
    *n_read = DZR_MIN(n, b->n_bytes - from);
    memcpy(out, b->bytes + from, *n_read);
    return DZR_OK;
}

static dzr_status s3_read(dzr_source *source, void *out, size_t n, size_t *n_read, dzr_error *err)
{
    s3_source *const s3 = (s3_source *)source;
    pthread_mutex_lock(&s3->turn);
    const dzr_status st = read_on(s3, out, n, n_read, err);
    pthread_mutex_unlock(&s3->turn);
    if (st != DZR_OK) {
        *n_read = 0;
        return name_fault(s3, st, err);
    }
    s3->next += *n_read;
    return DZR_OK;
}

/* ---- open, close ---- */

static void s3_close(dzr_source *source)
{
    s3_source *const s3 = (s3_source *)source;
    const dzr_allocator *const alloc = s3->options.alloc;
    for (int i = 0; i < 2; i++) {
        if (s3->blocks[i].asked)
            dzr__s3_drop(s3->client, &s3->blocks[i].request);
        dzr_release(alloc, s3->blocks[i].bytes);
    }
    dzr__s3_client_close(s3->client);
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

dzr_s3_facts dzr_s3_source_facts(const dzr_source *source)
{
    return dzr__s3_is_source(source) ? ((const s3_source *)source)->client->facts : (dzr_s3_facts){0};
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
    s3->ahead_bytes = FIRST_AHEAD;
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
