/* store/s3/sink.c - an object as a sink: one PUT when it is small, a multipart upload when it is not. Called through
 * dzr_sink. Parts go up while the caller goes on: each append moves them as far as they go.
 * Spec: S3 API Reference, PutObject, CreateMultipartUpload, UploadPart, CompleteMultipartUpload, AbortMultipartUpload;
 * S3 User Guide, "Multipart upload limits". */
#include "store/s3/s3.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

enum {
    PART_BYTES = 8 << 20,
    SMALLEST_PART = 5 << 20,
    MAX_PARTS = 10000,
    FIRST_PARTS = 1000, /* after so many parts their size doubles ... */
    STEP_PARTS = 900,   /* ... and again each time after so many */
    MOST_DOUBLED = 9,
    AT_ONCE = 4,             /* parts under way */
    MEMORY_BYTES = 48 << 20, /* of all parts, as long as that is two */
    DRIVE_BYTES = 256 << 10, /* appended between two looks at the parts under way */
    NUMBER_BYTES = 16,
};

static const size_t largest_part = (size_t)5 << 30;

typedef struct part {
    dzr__s3_request request;
    uint8_t *bytes;
    size_t n_bytes, cap;
    int32_t number; /* from 1; 0: nothing is under way */
    char number_text[NUMBER_BYTES];
} part;

/* Of the parts that are there, by number. */
typedef struct landed {
    char (*etags)[DZR__S3_ETAG];
    uint8_t (*hashes)[DZR__S3_SHA256];
    int32_t cap;
    bool with_checksums; /* the server has said that it keeps them */
} landed;

typedef struct s3_sink {
    dzr_sink sink;
    dzr_s3_options options;
    dzr_arena arena;
    dzr__s3_config config;
    dzr__s3_client *client;
    bool checksums;          /* are asked for */
    bool failed;             /* nothing but close is left */
    part parts[AT_ONCE + 1]; /* one is being filled */
    part *filling;
    size_t part_bytes;             /* the first parts' */
    size_t undriven;               /* bytes appended since the last look */
    char upload_id[DZR__S3_FOUND]; /* "": no upload was begun */
    landed landed;
    int32_t n_parts;
} s3_sink;

size_t dzr__s3_part_bytes(size_t first, int32_t n_parts)
{
    const int32_t n_doubled = n_parts < FIRST_PARTS ? 0 : 1 + (n_parts - FIRST_PARTS) / STEP_PARTS;
    return DZR_MIN(first << DZR_MIN(n_doubled, MOST_DOUBLED), largest_part);
}

size_t dzr__s3_parts_at_once(size_t part_bytes)
{
    return DZR_MAX(DZR_MIN(MEMORY_BYTES / part_bytes, (size_t)AT_ONCE + 1), (size_t)2);
}

static dzr_status fail(s3_sink *s3, dzr_status st, dzr_error *err)
{
    s3->failed = true;
    return dzr_fail_at(err, st, "%s: ", s3->sink.name);
}

/* ---- beginning and taking back an upload ---- */

/* An upload whose id is not known can't be taken back, so not even a cancelled one is left without its answer. */
static dzr_status begin_upload(s3_sink *s3, dzr_error *err)
{
    dzr__s3_request post = {.method = "POST",
            .query = {{"uploads", ""}},
            .n_query = 1,
            .begins_checksums = s3->checksums,
            .must_say = "UploadId"};
    dzr_status st = dzr__s3_run_out(s3->client, &post, err);
    dzr__bytebuf_fini(&post.text);
    if (strlen(post.found) == sizeof post.found - 1)
        return st != DZR_OK ? st
                            : dzr_fail(err, DZR_ERR_LIMIT, "the server began an upload with an id that is too long");
    memcpy(s3->upload_id, post.found, sizeof post.found);
    s3->landed.with_checksums = s3->checksums;
    return st;
}

/* What can't be taken back stays pending at the server; nothing better can be done here. again: a part that was on its
 * way may have landed after the first time, which the server would keep. */
static void abort_upload(s3_sink *s3, bool again)
{
    dzr__s3_hurry(s3->client);
    for (int i = 0; i < 1 + again; i++) {
        dzr__s3_request request = {.method = "DELETE", .query = {{"uploadId", s3->upload_id}}, .n_query = 1};
        (void)!dzr__s3_run(s3->client, &request, NULL);
        dzr__bytebuf_fini(&request.text);
    }
    s3->upload_id[0] = '\0';
}

/* ---- parts ---- */

static dzr_status grow(landed *l, int32_t n, const dzr_allocator *alloc, dzr_error *err)
{
    if (n <= l->cap)
        return DZR_OK;
    const int32_t cap = DZR_MAX(n * 2, 64);
    char(*const etags)[DZR__S3_ETAG] = dzr_alloc_zeroed(alloc, (size_t)cap, sizeof *etags, err);
    uint8_t(*const hashes)[DZR__S3_SHA256] = dzr_alloc_zeroed(alloc, (size_t)cap, sizeof *hashes, err);
    if (etags == NULL || hashes == NULL) {
        dzr_release(alloc, etags);
        dzr_release(alloc, hashes);
        return DZR_ERR_NOMEM;
    }
    if (l->cap > 0) {
        memcpy(etags, l->etags, (size_t)l->cap * sizeof *etags);
        memcpy(hashes, l->hashes, (size_t)l->cap * sizeof *hashes);
    }
    dzr_release(alloc, l->etags);
    dzr_release(alloc, l->hashes);
    l->etags = etags;
    l->hashes = hashes;
    l->cap = cap;
    return DZR_OK;
}

static dzr_status note_landed(s3_sink *s3, const part *p, dzr_error *err)
{
    landed *const l = &s3->landed;
    if (p->request.etag[0] == '\0')
        return dzr_fail(err, DZR_ERR_HTTP, "the server took part %d without an ETag", (int)p->number);
    DZR_TRY(grow(l, p->number, s3->options.alloc, err));
    memcpy(l->etags[p->number - 1], p->request.etag, sizeof *l->etags);
    memcpy(l->hashes[p->number - 1], p->request.hash, sizeof *l->hashes);
    l->with_checksums = l->with_checksums && p->request.checksum[0] != '\0';
    return DZR_OK;
}

static void free_part(s3_sink *s3, part *p)
{
    dzr__s3_drop(s3->client, &p->request);
    p->number = 0;
    p->n_bytes = 0;
}

static size_t n_free_parts(const s3_sink *s3)
{
    size_t n = 0;
    for (size_t i = 0; i <= AT_ONCE; i++)
        n += s3->parts[i].number == 0;
    return n;
}

/* Takes in the parts that are up; with wait, after at least one more is. */
static dzr_status take_parts(s3_sink *s3, bool wait, dzr_error *err)
{
    DZR_TRY(dzr__s3_drive(s3->client, wait, err));
    for (size_t i = 0; i <= AT_ONCE; i++) {
        part *const p = &s3->parts[i];
        if (p->number == 0 || !p->request.done)
            continue;
        if (p->request.st != DZR_OK) {
            if (err != NULL)
                *err = p->request.err;
            return dzr_fail_at(err, p->request.st, "part %d: ", (int)p->number);
        }
        DZR_TRY(note_landed(s3, p, err));
        free_part(s3, p);
    }
    return DZR_OK;
}

/* Waits until no more than so many are under way. */
static dzr_status wait_for_parts(s3_sink *s3, size_t n_under_way, dzr_error *err)
{
    DZR_TRY(take_parts(s3, false, err));
    while (AT_ONCE + 1 - n_free_parts(s3) > n_under_way)
        DZR_TRY(take_parts(s3, true, err));
    return DZR_OK;
}

/* A free part for the next bytes, with memory for them; that of others goes when they would be too many. */
static dzr_status choose_filling(s3_sink *s3, size_t room, dzr_error *err)
{
    DZR_TRY(wait_for_parts(s3, dzr__s3_parts_at_once(room) - 1, err));
    part *chosen = NULL;
    for (size_t i = 0; i <= AT_ONCE; i++) {
        part *const p = &s3->parts[i];
        if (p->number == 0 && (chosen == NULL || (chosen->cap < room && p->cap >= room)))
            chosen = p;
    }
    for (size_t i = 0; i <= AT_ONCE; i++) {
        part *const p = &s3->parts[i];
        if (p->number != 0 || p->cap == room)
            continue;
        dzr_release(s3->options.alloc, p->bytes);
        p->bytes = NULL;
        p->cap = 0;
    }
    s3->filling = chosen;
    if (chosen->bytes == NULL)
        chosen->bytes = dzr_alloc_array(s3->options.alloc, room, 1, err);
    if (chosen->bytes == NULL)
        return DZR_ERR_NOMEM;
    chosen->cap = room;
    return DZR_OK;
}

/* Sends the part that was filled. */
static dzr_status send_part(s3_sink *s3, dzr_error *err)
{
    if (s3->upload_id[0] == '\0')
        DZR_TRY(begin_upload(s3, err));
    if (s3->n_parts == MAX_PARTS)
        return dzr_fail(err, DZR_ERR_LIMIT, "an object has at most %d parts", (int)MAX_PARTS);
    part *const p = s3->filling;
    DZR_TRY(wait_for_parts(s3, dzr__s3_parts_at_once(p->cap) - 2, err));
    s3->filling = NULL;
    p->number = ++s3->n_parts;
    (void)snprintf(p->number_text, sizeof p->number_text, "%d", (int)p->number);
    p->request = (dzr__s3_request){.method = "PUT",
            .query = {{"partNumber", p->number_text}, {"uploadId", s3->upload_id}},
            .n_query = 2,
            .body = {p->bytes, p->n_bytes},
            .with_checksum = s3->checksums};
    return dzr__s3_start(s3->client, &p->request, err);
}

/* A full part is sent when more comes, so that an object of one part never is an upload of parts. */
static dzr_status fill(s3_sink *s3, const uint8_t **bytes, size_t *n, dzr_error *err)
{
    if (s3->filling != NULL && s3->filling->n_bytes == s3->filling->cap)
        DZR_TRY(send_part(s3, err));
    if (s3->filling == NULL)
        DZR_TRY(choose_filling(s3, dzr__s3_part_bytes(s3->part_bytes, s3->n_parts), err));
    part *const p = s3->filling;
    const size_t taken = DZR_MIN(*n, p->cap - p->n_bytes);
    memcpy(p->bytes + p->n_bytes, *bytes, taken);
    p->n_bytes += taken;
    *bytes += taken;
    *n -= taken;
    return DZR_OK;
}

static dzr_status append(s3_sink *s3, const uint8_t *bytes, size_t n, dzr_error *err)
{
    s3->undriven += n;
    while (n > 0)
        DZR_TRY(fill(s3, &bytes, &n, err));
    if (s3->undriven < DRIVE_BYTES)
        return DZR_OK;
    s3->undriven = 0;
    return take_parts(s3, false, err);
}

static dzr_status s3_append(dzr_sink *sink, const void *bytes, size_t n, dzr_error *err)
{
    s3_sink *const s3 = (s3_sink *)sink;
    if (s3->failed)
        return dzr_fail(err, DZR_ERR_ARG, "%s: has failed before", sink->name);
    const dzr_status st = append(s3, bytes, n, err);
    return st == DZR_OK ? DZR_OK : fail(s3, st, err);
}

/* ---- completing ---- */

static dzr_status list_parts(const s3_sink *s3, dzr_bytebuf *xml, dzr_error *err)
{
    char line[DZR__S3_ETAG + DZR__S3_CHECKSUM + 160];
    static const char head[] = "<CompleteMultipartUpload>", foot[] = "</CompleteMultipartUpload>";
    DZR_TRY(dzr__bytebuf_append(xml, head, sizeof head - 1, err));
    for (int32_t i = 0; i < s3->n_parts; i++) {
        const char *etag = s3->landed.etags[i];
        size_t n = strlen(etag);
        if (n >= 2 && etag[0] == '"' && etag[n - 1] == '"')
            etag++, n -= 2;
        if (strspn(etag, "0123456789abcdefABCDEF-") < n)
            return dzr_fail(err, DZR_ERR_HTTP, "the server gave part %d an ETag that is none", (int)i + 1);
        char checksum[DZR__S3_CHECKSUM] = "";
        if (s3->landed.with_checksums)
            dzr__s3_checksum(s3->landed.hashes[i], checksum);
        const int len = snprintf(line, sizeof line,
                "<Part><PartNumber>%d</PartNumber><ETag>&quot;%.*s&quot;</ETag>%s%s%s</Part>", (int)i + 1, (int)n, etag,
                checksum[0] != '\0' ? "<ChecksumSHA256>" : "", checksum,
                checksum[0] != '\0' ? "</ChecksumSHA256>" : "");
        DZR_TRY(dzr__bytebuf_append(xml, line, (size_t)len, err));
    }
    return dzr__bytebuf_append(xml, foot, sizeof foot - 1, err);
}

/* Whether the object that is there is the one that was sent: after a failure that may have been a success, of which the
 * answer was lost. Its length and checksum tell, or its ETag where the server keeps no checksum. */
static bool is_there(s3_sink *s3, const char *checksum, const char *etag)
{
    dzr__s3_request head = {.method = "HEAD", .asks_checksum = true};
    const dzr_status st = dzr__s3_run(s3->client, &head, NULL);
    dzr__bytebuf_fini(&head.text);
    if (st != DZR_OK || (uint64_t)head.content_length != s3->sink.n_bytes)
        return false;
    if (head.checksum[0] != '\0')
        return strcmp(head.checksum, checksum) == 0;
    const size_t n = strlen(etag);
    return n > 0 && head.etag[0] == '"' && strncmp(head.etag + 1, etag, n) == 0 && strcmp(head.etag + 1 + n, "\"") == 0;
}

/* Whether a request that would make the object appear, and failed or was cancelled, may have done so all the same. The
 * second of two attempts of which the first succeeded unseen is told that the upload is gone or that the object exists;
 * the first of all is not, as it goes `once`. */
static bool may_be_there(const dzr__s3_request *request, dzr_status st)
{
    return st == DZR_ERR_NET || st == DZR_ERR_TIMEOUT || st == DZR_ERR_CANCELLED || request->status >= 500 ||
           (request->status >= 200 && request->status <= 299) ||
           (request->n_failed > 0 && (st == DZR_ERR_NOT_FOUND || st == DZR_ERR_EXISTS));
}

static dzr_status complete(s3_sink *s3, dzr_bytes xml, dzr_error *err)
{
    char checksum[DZR__S3_CHECKSUM], etag[DZR__S3_ETAG], told[DZR__S3_HEADER];
    DZR_TRY(dzr__s3_checksum_of_parts((const uint8_t(*)[DZR__S3_SHA256])s3->landed.hashes, s3->n_parts, checksum, err));
    dzr__s3_request post = {.method = "POST",
            .query = {{"uploadId", s3->upload_id}},
            .n_query = 1,
            .body = xml,
            .if_none_match = s3->options.no_overwrite ? "*" : NULL,
            .must_say = "ETag"};
    const dzr_status st = dzr__s3_run(s3->client, &post, err);
    dzr__s3_xml_text((dzr_bytes){post.text.at, post.text.len}, "ChecksumSHA256", told, sizeof told);
    dzr__bytebuf_fini(&post.text);
    if (st == DZR_OK && told[0] != '\0' && strcmp(told, checksum) != 0)
        return dzr_fail(
                err, DZR_ERR_CORRUPT, "the object has the checksum %s, its parts were sent with %s", told, checksum);
    if (st == DZR_OK || !may_be_there(&post, st))
        return st;
    abort_upload(s3, false); /* so that what is not there now will not come later */
    dzr__s3_etag_of_parts((const char(*)[DZR__S3_ETAG])s3->landed.etags, s3->n_parts, etag);
    return is_there(s3, checksum, etag) ? DZR_OK : st;
}

static dzr_status commit_parts(s3_sink *s3, dzr_error *err)
{
    DZR_TRY(send_part(s3, err));
    DZR_TRY(wait_for_parts(s3, 0, err));
    dzr_bytebuf xml = {.alloc = s3->options.alloc};
    dzr_status st = list_parts(s3, &xml, err);
    if (st == DZR_OK)
        st = complete(s3, (dzr_bytes){xml.at, xml.len}, err);
    dzr__bytebuf_fini(&xml);
    if (st == DZR_OK)
        s3->upload_id[0] = '\0'; /* nothing is left to take back */
    return st;
}

static dzr_status put_whole(s3_sink *s3, dzr_error *err)
{
    dzr_bytes body = {0};
    if (s3->filling != NULL)
        body = (dzr_bytes){s3->filling->bytes, s3->filling->n_bytes};
    dzr__s3_request put = {.method = "PUT",
            .body = body,
            .with_checksum = s3->checksums,
            .once = s3->options.no_overwrite,
            .if_none_match = s3->options.no_overwrite ? "*" : NULL};
    const dzr_status st = dzr__s3_run(s3->client, &put, err);
    dzr__bytebuf_fini(&put.text);
    if (st == DZR_OK || !may_be_there(&put, st))
        return st;
    char checksum[DZR__S3_CHECKSUM], etag[DZR__S3_ETAG];
    dzr__s3_hurry(s3->client);
    dzr__s3_checksum(put.hash, checksum);
    dzr__s3_etag(body, etag);
    return is_there(s3, checksum, etag) ? DZR_OK : st;
}

static dzr_status s3_commit(dzr_sink *sink, dzr_error *err)
{
    s3_sink *const s3 = (s3_sink *)sink;
    if (s3->failed)
        return dzr_fail(err, DZR_ERR_ARG, "%s: has failed before", sink->name);
    const dzr_status st = s3->upload_id[0] == '\0' ? put_whole(s3, err) : commit_parts(s3, err);
    return st == DZR_OK ? DZR_OK : fail(s3, st, err);
}

/* ---- open, close ---- */

static void s3_close(dzr_sink *sink)
{
    s3_sink *const s3 = (s3_sink *)sink;
    const dzr_allocator *const alloc = s3->options.alloc;
    bool any = false;
    for (size_t i = 0; i <= AT_ONCE; i++) {
        any = any || s3->parts[i].number != 0;
        if (s3->parts[i].number != 0)
            free_part(s3, &s3->parts[i]);
        dzr_release(alloc, s3->parts[i].bytes);
    }
    if (s3->upload_id[0] != '\0')
        abort_upload(s3, any);
    dzr__s3_client_close(s3->client);
    dzr_release(alloc, s3->landed.etags);
    dzr_release(alloc, s3->landed.hashes);
    dzr__arena_fini(&s3->arena);
    dzr_release(alloc, s3);
}

static const dzr_sink_ops ops = {.append = s3_append, .commit = s3_commit, .close = s3_close};

dzr_s3_facts dzr_s3_sink_facts(const dzr_sink *sink)
{
    return sink->ops == &ops ? ((const s3_sink *)sink)->client->facts : (dzr_s3_facts){0};
}

/* The server keeps no checksum where the environment says so: some do not know them. */
static bool wants_checksums(void)
{
    const char *const said = getenv("AWS_REQUEST_CHECKSUM_CALCULATION");
    return said == NULL || strcasecmp(said, "when_required") != 0;
}

dzr_status dzr_s3_open_sink(const char *url, const dzr_s3_options *options, dzr_sink **out, dzr_error *err)
{
    const dzr_s3_options chosen = options != NULL ? *options : (dzr_s3_options){0};
    if (chosen.part_bytes != 0 && (chosen.part_bytes < SMALLEST_PART || chosen.part_bytes > largest_part))
        return dzr_fail(err, DZR_ERR_ARG, "parts of %zu bytes; S3 takes %d to %zu", chosen.part_bytes,
                (int)SMALLEST_PART, largest_part);
    s3_sink *const s3 = dzr_alloc_zeroed(chosen.alloc, 1, sizeof *s3, err);
    if (s3 == NULL)
        return DZR_ERR_NOMEM;
    s3->options = chosen;
    s3->part_bytes = chosen.part_bytes != 0 ? chosen.part_bytes : PART_BYTES;
    s3->checksums = wants_checksums();
    s3->sink = (dzr_sink){.ops = &ops, .name = url};
    dzr__arena_init(&s3->arena, chosen.alloc, 0);
    dzr_status st = dzr__s3_config_make(url, &chosen, true, &s3->arena, &s3->config, err);
    if (st == DZR_OK) {
        s3->sink.name = s3->config.url;
        st = dzr__s3_client_open(&s3->config, &s3->options, &s3->client, err);
    }
    if (st != DZR_OK) {
        s3_close(&s3->sink);
        return st;
    }
    *out = &s3->sink;
    return DZR_OK;
}
