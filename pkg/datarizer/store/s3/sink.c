/* store/s3/sink.c - an object as a sink: one PUT when it is small, a multipart upload when it is not. Called through
 * dzr_sink. Parts go up while the caller goes on: each append moves them as far as they go.
 * Spec: S3 API Reference, PutObject, CreateMultipartUpload, UploadPart, CompleteMultipartUpload, AbortMultipartUpload;
 * S3 User Guide, "Multipart upload limits". */
#include "store/s3/s3.h"

#include <openssl/evp.h>
#include <stdio.h>

enum {
    PART_BYTES = 8 << 20,
    SMALLEST_PART = 5 << 20,
    MAX_PARTS = 10000,
    STEP_PARTS = 1000, /* after so many parts their size doubles */
    AT_ONCE = 4,
    DRIVE_BYTES = 256 << 10, /* appended between two looks at the parts under way */
    UPLOAD_ID = 1024,
    NUMBER_BYTES = 16,
};

typedef struct part {
    dzr__s3_request request;
    uint8_t *bytes;
    size_t n_bytes, cap;
    int32_t number; /* from 1; 0: nothing is under way */
    char number_text[NUMBER_BYTES];
} part;

typedef struct s3_sink {
    dzr_sink sink;
    dzr_s3_options options;
    dzr_arena arena;
    dzr__s3_config config;
    dzr__s3_client *client;
    part parts[AT_ONCE + 1]; /* one is being filled */
    part *filling;
    size_t part_bytes;           /* the first parts' */
    size_t undriven;             /* bytes appended since the last look */
    char upload_id[UPLOAD_ID];   /* "": no upload was begun */
    char (*etags)[DZR__S3_ETAG]; /* of the parts that are there */
    int32_t n_parts, cap_parts;
} s3_sink;

size_t dzr__s3_part_bytes(size_t first, int32_t n_parts)
{
    return first << DZR_MIN(n_parts / STEP_PARTS, 9);
}

static dzr_status name_fault(const s3_sink *s3, dzr_status st, dzr_error *err)
{
    return dzr_fail_at(err, st, "%s: ", s3->sink.name);
}

/* ---- beginning and taking back an upload ---- */

/* An upload whose id is not known can't be taken back, so not even a cancelled one is left without its answer. */
static dzr_status begin_upload(s3_sink *s3, dzr_error *err)
{
    dzr__s3_request post = {.method = "POST", .query = {{"uploads", ""}}, .n_query = 1, .must_say = "UploadId"};
    dzr_status st = dzr__s3_run_out(s3->client, &post, err);
    dzr__s3_xml_text((dzr_bytes){post.text.at, post.text.len}, "UploadId", s3->upload_id, sizeof s3->upload_id);
    if (st == DZR_OK && strlen(s3->upload_id) == sizeof s3->upload_id - 1)
        st = dzr_fail(err, DZR_ERR_HTTP, "the server began a multipart upload with an id that is too long");
    dzr__bytebuf_fini(&post.text);
    return st;
}

/* What can't be taken back stays pending at the server; nothing better can be done here. */
static void abort_upload(s3_sink *s3)
{
    dzr__s3_set_cancel(s3->client, NULL);
    dzr_error err;
    dzr__s3_request request = {.method = "DELETE", .query = {{"uploadId", s3->upload_id}}, .n_query = 1};
    (void)!dzr__s3_run(s3->client, &request, &err);
    dzr__bytebuf_fini(&request.text);
    s3->upload_id[0] = '\0';
}

/* ---- parts ---- */

static dzr_status keep_etag(s3_sink *s3, const part *p, dzr_error *err)
{
    if (p->request.etag[0] == '\0')
        return dzr_fail(err, DZR_ERR_HTTP, "the server took part %d without an ETag", (int)p->number);
    if (p->number > s3->cap_parts) {
        const int32_t cap = DZR_MAX(p->number * 2, 64);
        char(*const etags)[DZR__S3_ETAG] = dzr_alloc_zeroed(s3->options.alloc, (size_t)cap, sizeof *etags, err);
        if (etags == NULL)
            return DZR_ERR_NOMEM;
        if (s3->cap_parts > 0)
            memcpy(etags, s3->etags, (size_t)s3->cap_parts * sizeof *etags);
        dzr_release(s3->options.alloc, s3->etags);
        s3->etags = etags;
        s3->cap_parts = cap;
    }
    memcpy(s3->etags[p->number - 1], p->request.etag, DZR__S3_ETAG);
    return DZR_OK;
}

static void free_part(s3_sink *s3, part *p)
{
    dzr__s3_drop(s3->client, &p->request);
    dzr__bytebuf_fini(&p->request.text);
    p->number = 0;
    p->n_bytes = 0;
}

/* Takes in the parts that are up. *n_free is how many of parts are not under way. */
static dzr_status take_parts(s3_sink *s3, bool wait, size_t *n_free, dzr_error *err)
{
    DZR_TRY(dzr__s3_drive(s3->client, wait, err));
    *n_free = 0;
    for (size_t i = 0; i <= AT_ONCE; i++) {
        part *const p = &s3->parts[i];
        if (p->number != 0 && p->request.done) {
            if (p->request.st != DZR_OK) {
                if (err != NULL)
                    *err = p->request.err;
                return dzr_fail_at(err, p->request.st, "part %d: ", (int)p->number);
            }
            DZR_TRY(keep_etag(s3, p, err));
            free_part(s3, p);
        }
        *n_free += p->number == 0;
    }
    return DZR_OK;
}

static part *free_slot(s3_sink *s3)
{
    for (size_t i = 0; i <= AT_ONCE; i++)
        if (s3->parts[i].number == 0)
            return &s3->parts[i];
    return NULL;
}

/* Whether another part must not go up yet: AT_ONCE do, or the larger ones of a long upload take their memory. */
static bool must_wait(const s3_sink *s3)
{
    size_t n_bytes = 0, n_busy = 0;
    for (size_t i = 0; i <= AT_ONCE; i++)
        if (s3->parts[i].number != 0) {
            n_bytes += s3->parts[i].cap;
            n_busy++;
        }
    return n_busy >= AT_ONCE || (n_busy > 0 && n_bytes + s3->filling->cap > (AT_ONCE + 1) * s3->part_bytes);
}

/* Sends the part that was filled, and finds a place to fill the next. */
static dzr_status send_part(s3_sink *s3, dzr_error *err)
{
    if (s3->upload_id[0] == '\0')
        DZR_TRY(begin_upload(s3, err));
    if (s3->n_parts == MAX_PARTS)
        return dzr_fail(err, DZR_ERR_LIMIT, "an object has at most %d parts", (int)MAX_PARTS);
    part *const p = s3->filling;
    size_t n_free = 0;
    while (must_wait(s3))
        DZR_TRY(take_parts(s3, true, &n_free, err));
    p->number = ++s3->n_parts;
    (void)snprintf(p->number_text, sizeof p->number_text, "%d", (int)p->number);
    p->request = (dzr__s3_request){.method = "PUT",
            .query = {{"partNumber", p->number_text}, {"uploadId", s3->upload_id}},
            .n_query = 2,
            .body = {p->bytes, p->n_bytes}};
    DZR_TRY(dzr__s3_start(s3->client, &p->request, err));
    DZR_TRY(take_parts(s3, false, &n_free, err));
    s3->filling = free_slot(s3); /* there is one: AT_ONCE at most go up */
    return DZR_OK;
}

static dzr_status fill(s3_sink *s3, const uint8_t **bytes, size_t *n, dzr_error *err)
{
    part *const p = s3->filling;
    const size_t room = dzr__s3_part_bytes(s3->part_bytes, s3->n_parts);
    if (p->cap < room) {
        dzr_release(s3->options.alloc, p->bytes);
        p->cap = 0;
        p->bytes = dzr_alloc_array(s3->options.alloc, room, 1, err);
        if (p->bytes == NULL)
            return DZR_ERR_NOMEM;
        p->cap = room;
    }
    const size_t taken = DZR_MIN(*n, room - p->n_bytes);
    memcpy(p->bytes + p->n_bytes, *bytes, taken);
    p->n_bytes += taken;
    *bytes += taken;
    *n -= taken;
    return p->n_bytes == room && *n > 0 ? send_part(s3, err) : DZR_OK;
}

static dzr_status append(s3_sink *s3, const uint8_t *bytes, size_t n, dzr_error *err)
{
    s3->undriven += n;
    while (n > 0)
        DZR_TRY(fill(s3, &bytes, &n, err));
    if (s3->undriven < DRIVE_BYTES)
        return DZR_OK;
    s3->undriven = 0;
    size_t n_free = 0;
    return take_parts(s3, false, &n_free, err);
}

static dzr_status s3_append(dzr_sink *sink, const void *bytes, size_t n, dzr_error *err)
{
    s3_sink *const s3 = (s3_sink *)sink;
    const dzr_status st = append(s3, bytes, n, err);
    return st == DZR_OK ? DZR_OK : name_fault(s3, st, err);
}

/* ---- completing ---- */

static dzr_status list_parts(const s3_sink *s3, dzr_bytebuf *xml, dzr_error *err)
{
    char line[DZR__S3_ETAG + 80];
    static const char head[] = "<CompleteMultipartUpload>", foot[] = "</CompleteMultipartUpload>";
    DZR_TRY(dzr__bytebuf_append(xml, head, sizeof head - 1, err));
    for (int32_t i = 0; i < s3->n_parts; i++) {
        const char *etag = s3->etags[i];
        size_t n = strlen(etag);
        if (n >= 2 && etag[0] == '"' && etag[n - 1] == '"')
            etag++, n -= 2;
        if (strspn(etag, "0123456789abcdefABCDEF-") < n)
            return dzr_fail(err, DZR_ERR_HTTP, "the server gave part %d an ETag that is none", (int)i + 1);
        const int len = snprintf(line, sizeof line,
                "<Part><PartNumber>%d</PartNumber><ETag>&quot;%.*s&quot;</ETag></Part>", (int)i + 1, (int)n, etag);
        DZR_TRY(dzr__bytebuf_append(xml, line, (size_t)len, err));
    }
    return dzr__bytebuf_append(xml, foot, sizeof foot - 1, err);
}

/* Appends 16 bytes as hexadecimal digits. */
static void put_hex(const uint8_t sum[16], char out[33])
{
    for (int k = 0; k < 16; k++)
        (void)snprintf(out + 2 * k, 3, "%02x", sum[k]);
}

/* The ETag of an object made of parts: the MD5 of their MD5s, where their ETags are such. "" otherwise. */
static void whole_etag(const s3_sink *s3, char out[DZR__S3_ETAG])
{
    uint8_t sum[EVP_MAX_MD_SIZE];
    EVP_MD_CTX *const md5 = EVP_MD_CTX_new();
    bool ok = md5 != NULL && EVP_DigestInit_ex(md5, EVP_md5(), NULL) == 1;
    for (int32_t i = 0; ok && i < s3->n_parts; i++) {
        const char *const digits = s3->etags[i] + strspn(s3->etags[i], "\"");
        for (int k = 0; k < 16 && ok; k++) {
            unsigned byte = 0;
            ok = sscanf(digits + 2 * k, "%2x", &byte) == 1;
            sum[k] = (uint8_t)byte;
        }
        ok = ok && EVP_DigestUpdate(md5, sum, 16) == 1;
    }
    ok = ok && EVP_DigestFinal_ex(md5, sum, NULL) == 1;
    EVP_MD_CTX_free(md5);
    out[0] = '\0';
    if (!ok)
        return;
    put_hex(sum, out);
    (void)snprintf(out + 32, NUMBER_BYTES, "-%d", (int)s3->n_parts);
}

/* The object's ETag, when one is there that has our length; else "". */
static void etag_there(s3_sink *s3, char out[DZR__S3_ETAG])
{
    dzr__s3_request head = {.method = "HEAD"};
    dzr_error err;
    const dzr_status st = dzr__s3_run(s3->client, &head, &err);
    dzr__bytebuf_fini(&head.text);
    const bool fits = st == DZR_OK && head.content_length >= 0 && (uint64_t)head.content_length == s3->sink.n_bytes;
    (void)snprintf(out, DZR__S3_ETAG, "%s", fits ? head.etag : "");
}

/* Whether the object that is there is what was to be completed. An encrypted one's ETag tells just the number of
 * parts; that does where the upload is known to have ended, as nobody else ends it. */
static bool is_completed(s3_sink *s3, bool upload_ended)
{
    char want[DZR__S3_ETAG], there[DZR__S3_ETAG];
    etag_there(s3, there);
    whole_etag(s3, want);
    const char *const dash = strchr(want, '-');
    return dash != NULL && (strstr(there, want) != NULL || (upload_ended && strstr(there, dash) != NULL));
}

static dzr_status complete(s3_sink *s3, dzr_bytes xml, dzr_error *err)
{
    dzr__s3_request post = {.method = "POST",
            .query = {{"uploadId", s3->upload_id}},
            .n_query = 1,
            .body = xml,
            .if_none_match = s3->options.no_overwrite ? "*" : NULL,
            .must_say = "ETag"};
    const dzr_status st = dzr__s3_run(s3->client, &post, err);
    dzr__bytebuf_fini(&post.text);
    /* an answer that was lost, or said that something broke, may have been to a request that was carried out */
    const bool unsure = post.n_failed > 0 || post.status < 400 || post.status >= 500;
    if (st != DZR_OK && st != DZR_ERR_CANCELLED && unsure && is_completed(s3, st == DZR_ERR_NOT_FOUND)) {
        abort_upload(s3); /* it ended long ago, unless another put the very same object there */
        return DZR_OK;
    }
    return st;
}

static dzr_status commit_parts(s3_sink *s3, dzr_error *err)
{
    DZR_TRY(send_part(s3, err));
    size_t n_free = 0;
    DZR_TRY(take_parts(s3, false, &n_free, err));
    while (n_free <= AT_ONCE)
        DZR_TRY(take_parts(s3, true, &n_free, err));
    dzr_bytebuf xml = {.alloc = s3->options.alloc};
    dzr_status st = list_parts(s3, &xml, err);
    if (st == DZR_OK)
        st = complete(s3, (dzr_bytes){xml.at, xml.len}, err);
    dzr__bytebuf_fini(&xml);
    if (st == DZR_OK)
        s3->upload_id[0] = '\0'; /* nothing is left to take back */
    return st;
}

/* Whether the object that is there has our bytes, as far as its ETag tells: their MD5, unless it is encrypted. */
static bool is_put(s3_sink *s3)
{
    uint8_t sum[EVP_MAX_MD_SIZE];
    char want[33], there[DZR__S3_ETAG];
    const part *const p = s3->filling;
    etag_there(s3, there);
    if (EVP_Digest(p->bytes, p->n_bytes, sum, NULL, EVP_md5(), NULL) != 1)
        return false;
    put_hex(sum, want);
    return strstr(there, want) != NULL;
}

static dzr_status put_whole(s3_sink *s3, dzr_error *err)
{
    dzr__s3_request put = {.method = "PUT",
            .body = {s3->filling->bytes, s3->filling->n_bytes},
            .if_none_match = s3->options.no_overwrite ? "*" : NULL};
    const dzr_status st = dzr__s3_run(s3->client, &put, err);
    dzr__bytebuf_fini(&put.text);
    /* what is there may be ours, by an attempt whose answer was lost */
    return st == DZR_ERR_EXISTS && put.n_failed > 0 && is_put(s3) ? DZR_OK : st;
}

static dzr_status s3_commit(dzr_sink *sink, dzr_error *err)
{
    s3_sink *const s3 = (s3_sink *)sink;
    const dzr_status st = s3->upload_id[0] == '\0' ? put_whole(s3, err) : commit_parts(s3, err);
    return st == DZR_OK ? DZR_OK : name_fault(s3, st, err);
}

/* ---- open, close ---- */

static void s3_close(dzr_sink *sink)
{
    s3_sink *const s3 = (s3_sink *)sink;
    const dzr_allocator *const alloc = s3->options.alloc;
    for (size_t i = 0; i <= AT_ONCE; i++) {
        if (s3->parts[i].number != 0)
            free_part(s3, &s3->parts[i]);
        dzr_release(alloc, s3->parts[i].bytes);
    }
    if (s3->upload_id[0] != '\0')
        abort_upload(s3);
    dzr__s3_client_close(s3->client);
    dzr_release(alloc, s3->etags);
    dzr__arena_fini(&s3->arena);
    dzr_release(alloc, s3);
}

static const dzr_sink_ops ops = {.append = s3_append, .commit = s3_commit, .close = s3_close};

dzr_status dzr_s3_open_sink(const char *url, const dzr_s3_options *options, dzr_sink **out, dzr_error *err)
{
    const dzr_s3_options chosen = options != NULL ? *options : (dzr_s3_options){0};
    if (chosen.part_bytes != 0 && chosen.part_bytes < SMALLEST_PART)
        return dzr_fail(
                err, DZR_ERR_ARG, "parts of %zu bytes; S3 wants at least %d", chosen.part_bytes, (int)SMALLEST_PART);
    s3_sink *const s3 = dzr_alloc_zeroed(chosen.alloc, 1, sizeof *s3, err);
    if (s3 == NULL)
        return DZR_ERR_NOMEM;
    s3->options = chosen;
    s3->part_bytes = chosen.part_bytes != 0 ? chosen.part_bytes : PART_BYTES;
    s3->filling = &s3->parts[0];
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
