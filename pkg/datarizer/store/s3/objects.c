/* store/s3/objects.c - looking at objects, listing and deleting them. Called by tools through s3.h.
 * Spec: S3 API Reference, HeadObject, DeleteObject, ListObjectsV2, ListMultipartUploads. */
#include "store/s3/s3.h"

#include <stdlib.h>

typedef struct work {
    dzr_arena arena;
    dzr_s3_options options;
    dzr__s3_config config;
    dzr__s3_client *client;
} work;

static void work_fini(work *w)
{
    dzr__s3_client_close(w->client);
    dzr__arena_fini(&w->arena);
}

static dzr_status work_init(work *w, const char *url, const dzr_s3_options *options, bool wants_key, dzr_error *err)
{
    *w = (work){.options = options != NULL ? *options : (dzr_s3_options){0}};
    dzr__arena_init(&w->arena, w->options.alloc, 0);
    dzr_status st = dzr__s3_config_make(url, &w->options, wants_key, &w->arena, &w->config, err);
    if (st == DZR_OK)
        st = dzr__s3_client_open(&w->config, &w->options, &w->client, err);
    if (st != DZR_OK)
        work_fini(w);
    return st;
}

/* One request without a body. */
static dzr_status ask(work *w, dzr__s3_request *request, dzr_error *err)
{
    const dzr_status st = dzr__s3_run(w->client, request, err);
    return st == DZR_OK ? DZR_OK : dzr_fail_at(err, st, "%s: ", w->config.url);
}

dzr_status dzr_s3_stat(const char *url, const dzr_s3_options *options, dzr_s3_object *out, dzr_error *err)
{
    work w;
    DZR_TRY(work_init(&w, url, options, true, err));
    dzr__s3_request head = {.method = "HEAD"};
    dzr_status st = ask(&w, &head, err);
    if (st == DZR_OK && head.content_length < 0)
        st = dzr_fail(err, DZR_ERR_HTTP, "%s: the server does not say its length", w.config.url);
    if (st == DZR_OK)
        *out = (dzr_s3_object){.n_bytes = (uint64_t)head.content_length};
    dzr__bytebuf_fini(&head.text);
    work_fini(&w);
    return st;
}

dzr_status dzr_s3_delete(const char *url, const dzr_s3_options *options, dzr_error *err)
{
    work w;
    DZR_TRY(work_init(&w, url, options, true, err));
    dzr__s3_request request = {.method = "DELETE"};
    const dzr_status st = ask(&w, &request, err);
    dzr__bytebuf_fini(&request.text);
    work_fini(&w);
    return st;
}

/* ---- listings ---- */

enum { NAME_KEY, NAME_SIZE, NAME_TOKEN, NAME_KEY_MARKER, NAME_ID_MARKER, NAME_UPLOAD, N_NAMES };
static const char *const names[N_NAMES] = {[NAME_KEY] = "Key",
        [NAME_SIZE] = "Size",
        [NAME_TOKEN] = "NextContinuationToken",
        [NAME_KEY_MARKER] = "NextKeyMarker",
        [NAME_ID_MARKER] = "NextUploadIdMarker",
        [NAME_UPLOAD] = "UploadId"};

/* A page of a listing while it is read: what was seen of the entry, and how the next page is asked for. */
typedef struct listing {
    dzr_status (*each)(void *ctx, const dzr_s3_object *object, dzr_error *err);
    void *ctx;
    bool of_uploads;
    dzr_bytebuf key, token, id_marker; /* NUL-terminated */
    bool has_key;
} listing;

static dzr_status set_text(dzr_bytebuf *to, const char *text, dzr_error *err)
{
    to->len = 0;
    return dzr__bytebuf_append(to, text, strlen(text) + 1, err);
}

/* With encoding-type=url a key comes percent-encoded, '+' for a space; in place. */
static void decode(char *text)
{
    char *to = text;
    for (; *text != '\0'; to++) {
        const char pair[] = {text[0] == '%' ? text[1] : '\0', text[0] == '%' && text[1] != '\0' ? text[2] : '\0', '\0'};
        char *end = NULL;
        const long byte = pair[1] != '\0' ? strtol(pair, &end, 16) : -1;
        if (byte > 0 && end == pair + 2) {
            *to = (char)byte;
            text += 3;
        } else {
            *to = *text == '+' ? ' ' : *text;
            text++;
        }
    }
    *to = '\0';
}

static dzr_status on_entry(void *ctx, size_t name, const char *text, dzr_error *err)
{
    listing *const l = ctx;
    switch (name) {
    case NAME_KEY:
        DZR_TRY(set_text(&l->key, text, err));
        decode((char *)l->key.at);
        l->has_key = true;
        return DZR_OK;
    case NAME_SIZE:
    case NAME_UPLOAD: {
        if (!l->has_key || l->of_uploads != (name == NAME_UPLOAD))
            return DZR_OK;
        l->has_key = false;
        const dzr_s3_object object = {
                .key = (const char *)l->key.at, .n_bytes = l->of_uploads ? 0 : strtoull(text, NULL, 10)};
        return l->each(l->ctx, &object, err);
    }
    case NAME_TOKEN:
    case NAME_KEY_MARKER:
        return set_text(&l->token, text, err);
    case NAME_ID_MARKER:
        return set_text(&l->id_marker, text, err);
    default:
        return DZR_OK;
    }
}

static const char *text_of(const dzr_bytebuf *text)
{
    return text->len > 0 ? (const char *)text->at : "";
}

static dzr_status list_page(work *w, listing *l, dzr_error *err)
{
    dzr__s3_request get = {.method = "GET", .on_bucket = true};
    dzr__s3_pair *const query = get.query;
    dzr_bytebuf token = l->token, id_marker = l->id_marker; /* of the page before; the page fills new ones */
    l->token = (dzr_bytebuf){.alloc = w->options.alloc};
    l->id_marker = (dzr_bytebuf){.alloc = w->options.alloc};
    if (token.len > 0 && !l->of_uploads)
        query[get.n_query++] = (dzr__s3_pair){"continuation-token", text_of(&token)};
    query[get.n_query++] = (dzr__s3_pair){"encoding-type", "url"};
    if (l->of_uploads && token.len > 0)
        query[get.n_query++] = (dzr__s3_pair){"key-marker", text_of(&token)};
    if (!l->of_uploads)
        query[get.n_query++] = (dzr__s3_pair){"list-type", "2"};
    query[get.n_query++] = (dzr__s3_pair){"prefix", w->config.key};
    if (l->of_uploads && token.len > 0)
        query[get.n_query++] = (dzr__s3_pair){"upload-id-marker", text_of(&id_marker)};
    if (l->of_uploads)
        query[get.n_query++] = (dzr__s3_pair){"uploads", ""};
    dzr_status st = ask(w, &get, err);
    if (st == DZR_OK)
        st = dzr__s3_xml((dzr_bytes){get.text.at, get.text.len}, names, N_NAMES, on_entry, l, err);
    dzr__bytebuf_fini(&get.text);
    dzr__bytebuf_fini(&token);
    dzr__bytebuf_fini(&id_marker);
    return st;
}

static dzr_status list(const char *url, const dzr_s3_options *options, listing *l, dzr_error *err)
{
    work w;
    DZR_TRY(work_init(&w, url, options, false, err));
    l->key.alloc = l->token.alloc = l->id_marker.alloc = w.options.alloc;
    dzr_status st = DZR_OK;
    do
        st = list_page(&w, l, err);
    while (st == DZR_OK && l->token.len > 1);
    dzr__bytebuf_fini(&l->key);
    dzr__bytebuf_fini(&l->token);
    dzr__bytebuf_fini(&l->id_marker);
    work_fini(&w);
    return st;
}

dzr_status dzr_s3_list(const char *url, const dzr_s3_options *options,
        dzr_status (*each)(void *ctx, const dzr_s3_object *object, dzr_error *err), void *ctx, dzr_error *err)
{
    listing l = {.each = each, .ctx = ctx};
    return list(url, options, &l, err);
}

dzr_status dzr_s3_list_uploads(const char *url, const dzr_s3_options *options,
        dzr_status (*each)(void *ctx, const dzr_s3_object *object, dzr_error *err), void *ctx, dzr_error *err)
{
    listing l = {.each = each, .ctx = ctx, .of_uploads = true};
    return list(url, options, &l, err);
}
