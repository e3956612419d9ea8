/* store/s3/objects.c - looking at objects, listing and deleting them. Called by tools through s3.h.
 * Spec: S3 API Reference, HeadObject, DeleteObject, ListObjectsV2, ListMultipartUploads. */
#include "store/s3/s3.h"

#include <ctype.h>
#include <inttypes.h>

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

enum { NAME_KEY, NAME_SIZE, NAME_TOKEN, NAME_KEY_MARKER, NAME_ID_MARKER, NAME_UPLOAD, NAME_TRUNCATED, N_NAMES };
static const char *const names[N_NAMES] = {[NAME_KEY] = "Key",
        [NAME_SIZE] = "Size",
        [NAME_TOKEN] = "NextContinuationToken",
        [NAME_KEY_MARKER] = "NextKeyMarker",
        [NAME_ID_MARKER] = "NextUploadIdMarker",
        [NAME_UPLOAD] = "UploadId",
        [NAME_TRUNCATED] = "IsTruncated"};

/* A page of a listing while it is read: what was seen of the entry, and how the next page is asked for. */
typedef struct listing {
    dzr_status (*each)(void *ctx, const dzr_s3_object *object, dzr_error *err);
    void *ctx;
    bool of_uploads;
    dzr_bytebuf key, token, id_marker; /* NUL-terminated */
    bool has_key, truncated;
    bool ended; /* by each */
} listing;

static dzr_status set_text(dzr_bytebuf *to, const char *text, dzr_error *err)
{
    to->len = 0;
    return dzr__bytebuf_append(to, text, strlen(text) + 1, err);
}

static int hex_digit(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : isxdigit((unsigned char)c) ? (c | 0x20) - 'a' + 10 : -1;
}

/* With encoding-type=url a key comes percent-encoded, '+' for a space; in place. */
static void decode(char *text)
{
    char *to = text;
    for (; *text != '\0'; to++) {
        const int high = *text == '%' ? hex_digit(text[1]) : -1;
        const int low = high >= 0 ? hex_digit(text[2]) : -1;
        if (low >= 0 && (high | low) != 0) {
            *to = (char)(high << 4 | low);
            text += 3;
        } else {
            *to = (char)(*text == '+' ? ' ' : *text);
            text++;
        }
    }
    *to = '\0';
}

static dzr_status set_key(dzr_bytebuf *to, const char *text, dzr_error *err)
{
    DZR_TRY(set_text(to, text, err));
    decode((char *)to->at);
    return DZR_OK;
}

static dzr_status parse_size(const char *text, uint64_t *size, dzr_error *err)
{
    uint64_t value = 0;
    bool ok = *text != '\0';
    for (const char *c = text; ok && *c != '\0'; c++)
        ok = isdigit((unsigned char)*c) && !__builtin_mul_overflow(value, (uint64_t)10, &value) &&
             !__builtin_add_overflow(value, (uint64_t)(*c - '0'), &value);
    if (!ok)
        return dzr_fail(err, DZR_ERR_CORRUPT, "the listing has an object of \"%.40s\" bytes", text);
    *size = value;
    return DZR_OK;
}

static dzr_status on_entry(void *ctx, size_t name, const char *text, dzr_error *err)
{
    listing *const l = ctx;
    switch (name) {
    case NAME_KEY:
        DZR_TRY(set_key(&l->key, text, err));
        l->has_key = true;
        return DZR_OK;
    case NAME_SIZE:
    case NAME_UPLOAD: {
        if (!l->has_key || l->of_uploads != (name == NAME_UPLOAD))
            return DZR_OK;
        l->has_key = false;
        dzr_s3_object object = {.key = (const char *)l->key.at};
        if (!l->of_uploads)
            DZR_TRY(parse_size(text, &object.n_bytes, err));
        const dzr_status st = l->each(l->ctx, &object, err);
        l->ended = st != DZR_OK;
        return st;
    }
    case NAME_TOKEN:
        return set_text(&l->token, text, err);
    case NAME_KEY_MARKER: /* a key, so it comes encoded as they do */
        return set_key(&l->token, text, err);
    case NAME_ID_MARKER:
        return set_text(&l->id_marker, text, err);
    case NAME_TRUNCATED:
        l->truncated = strcmp(text, "true") == 0;
        return DZR_OK;
    default:
        return DZR_OK;
    }
}

static const char *text_of(const dzr_bytebuf *text)
{
    return text->len > 0 ? (const char *)text->at : "";
}

/* A next page that is the one before would have no end. */
static dzr_status check_next(const listing *l, const dzr_bytebuf *token, const dzr_bytebuf *id_marker, dzr_error *err)
{
    const bool same =
            strcmp(text_of(&l->token), text_of(token)) == 0 && strcmp(text_of(&l->id_marker), text_of(id_marker)) == 0;
    return l->truncated && same
                   ? dzr_fail(err, DZR_ERR_CORRUPT, "the listing goes on, but the server does not say where")
                   : DZR_OK;
}

static dzr_status list_page(work *w, listing *l, dzr_error *err)
{
    dzr__s3_request get = {.method = "GET", .on_bucket = true};
    dzr__s3_pair *const query = get.query;
    dzr_bytebuf token = l->token, id_marker = l->id_marker; /* of the page before; the page fills new ones */
    l->token = (dzr_bytebuf){.alloc = w->options.alloc};
    l->id_marker = (dzr_bytebuf){.alloc = w->options.alloc};
    l->truncated = false;
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
    if (st == DZR_OK) {
        st = dzr__s3_xml((dzr_bytes){get.text.at, get.text.len}, names, N_NAMES, on_entry, l, err);
        if (st == DZR_OK)
            st = check_next(l, &token, &id_marker, err);
        if (st != DZR_OK && !l->ended)
            st = dzr_fail_at(err, st, "%s: ", w->config.url);
    }
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
    while (st == DZR_OK && l->truncated);
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
