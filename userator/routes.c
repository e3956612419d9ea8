/* userator/routes.c - see routes.h: finds the resource of a path, checks the method, answers what needs no users.
 * The routing is Starlette's: paths are compared decoded and whole, one slash at the end too many or too few redirects.
 */
#include "routes.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "docs_ui.h"
#include "openapi.h"
#include "query.h"
#include "routes_internal.h"

#define JSON "application/json"

/* ---- answers ---- */

void answer_detail(dzr_http_exchange *exchange, int status, const char *detail)
{
    char body[256];
    const int n = snprintf(body, sizeof body, "{\"detail\":\"%s\"}", detail);
    dzr_http_answer(exchange, status, JSON, NULL, 0, (dzr_bytes){(const uint8_t *)body, (size_t)n});
}

void answer_written(api_loop *loop, dzr_http_exchange *exchange, int status)
{
    if (loop->answer.failed || loop->scratch.failed)
        answer_detail(exchange, 503, "Out of memory");
    else
        dzr_http_answer(exchange, status, JSON, NULL, 0, text_bytes(&loop->answer));
}

static bool is_text(dzr_bytes bytes, const char *s)
{
    return bytes.len == strlen(s) && memcmp(bytes.at, s, bytes.len) == 0;
}

static dzr_http_header header(const char *name, const char *value)
{
    return (dzr_http_header){
            {(const uint8_t *)name, strlen(name)},
            {(const uint8_t *)value, strlen(value)},
    };
}

static void answer_not_allowed(dzr_http_exchange *exchange, const char *allowed)
{
    const dzr_http_header allow = header("Allow", allowed);
    static const char body[] = "{\"detail\":\"Method Not Allowed\"}";
    dzr_http_answer(exchange, 405, JSON, &allow, 1, (dzr_bytes){(const uint8_t *)body, sizeof body - 1});
}

static dzr_bytes health(void)
{
    static const char body[] = "{\"status\":\"ok\"}";
    return (dzr_bytes){(const uint8_t *)body, sizeof body - 1};
}

/* ---- paths ---- */

typedef enum resource {
    NO_RESOURCE,
    ALL_USERS, /* /users/ */
    ONE_USER,  /* /users/{id} */
    OPENAPI,
    HEALTH,
    PAGE, /* of the documentation */
} resource;

static const char users_path[] = "/users/";
enum { USERS_PATH_BYTES = sizeof users_path - 1 };

/* path is decoded. */
static resource find_resource(dzr_bytes path)
{
    if (path.len >= USERS_PATH_BYTES && memcmp(path.at, users_path, USERS_PATH_BYTES) == 0) {
        if (path.len == USERS_PATH_BYTES)
            return ALL_USERS;
        return memchr(path.at + USERS_PATH_BYTES, '/', path.len - USERS_PATH_BYTES) == NULL ? ONE_USER : NO_RESOURCE;
    }
    if (is_text(path, "/openapi.json"))
        return OPENAPI;
    if (is_text(path, "/healthz"))
        return HEALTH;
    return docs_ui_find(path) != NULL ? PAGE : NO_RESOURCE;
}

/* The path as routed: the request's own where there is nothing to decode, otherwise in scratch. */
static dzr_bytes decode_path(text_buf *scratch, dzr_bytes path)
{
    bool is_plain = true;
    for (size_t i = 0; i < path.len; i++)
        is_plain = is_plain && path.at[i] != '%' && path.at[i] < 0x80;
    if (is_plain)
        return path;
    text_clear(scratch);
    uint8_t *const room = text_room(scratch, QUERY_ROOM(path.len));
    return room == NULL ? (dzr_bytes){path.at, 0} : (dzr_bytes){room, query_decode(path, false, room)};
}

/* Percent-encodes what may not stand in a URL; in a path that is decoded also what would mean something else. */
static void put_url_part(text_buf *to, dzr_bytes part, bool is_path)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < part.len; i++) {
        const uint8_t c = part.at[i];
        const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c != 0 && c < 0x80 && strchr("_.-~:/=@[]!$&'()*+,;", c) != NULL) ||
                           (!is_path && (c == '%' || c == '?' || c == '#'));
        if (plain)
            text_put(to, &c, 1);
        else
            text_put(to, (const char[]){'%', digits[c >> 4], digits[c & 0xf]}, 3);
    }
}

/* The path that names a resource where this one does not, but for its slashes at the end; at NULL when none does.
 * Only the users have a slash there. */
static dzr_bytes other_path(dzr_bytes path)
{
    if (is_text(path, "/users"))
        return (dzr_bytes){(const uint8_t *)users_path, USERS_PATH_BYTES};
    dzr_bytes stripped = path;
    while (stripped.len > 0 && stripped.at[stripped.len - 1] == '/')
        stripped.len--;
    if (stripped.len == path.len || find_resource(stripped) == NO_RESOURCE)
        return (dzr_bytes){NULL, 0};
    return stripped;
}

/* To an absolute address when the client said which host it meant. */
static void answer_redirect(api_loop *loop, dzr_http_exchange *exchange, dzr_bytes path)
{
    const dzr_http_request *const request = dzr_http_exchange_request(exchange);
    const dzr_bytes host = dzr_http_request_header(request, "host", NULL);
    text_buf *const url = &loop->answer;
    if (host.len > 0) {
        TEXT_LITERAL(url, "http://");
        put_url_part(url, host, true);
    }
    put_url_part(url, path, true);
    if (request->query.len > 0) {
        TEXT_LITERAL(url, "?");
        put_url_part(url, request->query, false);
    }
    if (url->failed) {
        answer_detail(exchange, 503, "Out of memory");
        return;
    }
    dzr_http_header location = header("Location", "");
    location.value = text_bytes(url);
    dzr_http_answer(exchange, 307, NULL, &location, 1, (dzr_bytes){NULL, 0});
}

/* ---- the documentation ---- */

/* One member of Accept-Encoding: "gzip", and no weight of zero behind it. RFC 9110 12.5.3, 12.4.2. */
static bool is_gzip(const char *member, size_t len)
{
    static const char gzip[] = "gzip";
    const size_t n = sizeof gzip - 1;
    if (len < n || strncasecmp(member, gzip, n) != 0 || (len > n && strchr("; \t", member[n]) == NULL))
        return false;
    const char *const weight = memchr(member, '=', len);
    if (weight == NULL)
        return true;
    for (const char *at = weight + 1; at < member + len; at++)
        if (*at >= '1' && *at <= '9')
            return true;
    return false;
}

static bool accepts_gzip(dzr_bytes list)
{
    if (list.len == 0)
        return false;
    const char *at = (const char *)list.at;
    const char *const end = at + list.len;
    while (at < end) {
        const char *const comma = memchr(at, ',', (size_t)(end - at));
        const char *const member_end = comma != NULL ? comma : end;
        while (at < member_end && (*at == ' ' || *at == '\t'))
            at++;
        if (is_gzip(at, (size_t)(member_end - at)))
            return true;
        at = member_end + 1;
    }
    return false;
}

static void answer_page(dzr_http_exchange *exchange, const docs_asset *page)
{
    const dzr_bytes accepted = dzr_http_request_header(dzr_http_exchange_request(exchange), "accept-encoding", NULL);
    const bool zipped = page->gzip.at != NULL && accepts_gzip(accepted);
    dzr_http_header headers[3];
    size_t n = 0;
    if (page->gzip.at != NULL)
        headers[n++] = header("Vary", "Accept-Encoding");
    if (zipped)
        headers[n++] = header("Content-Encoding", "gzip");
    if (page->cache_control != NULL)
        headers[n++] = header("Cache-Control", page->cache_control);
    dzr_http_answer(exchange, 200, page->content_type, headers, n, zipped ? page->gzip : page->body);
}

/* ---- a request ---- */

static void handle_users(api_loop *loop, dzr_http_exchange *exchange, bool is_get, bool is_post)
{
    if (is_get)
        users_list(loop, exchange);
    else if (is_post)
        users_create(loop, exchange);
    else
        answer_not_allowed(exchange, "POST"); /* as recorded; GET goes without saying */
}

void routes_handle(void *ctx, void *loop_ctx, dzr_http_exchange *exchange)
{
    (void)ctx;
    api_loop *const loop = loop_ctx;
    text_clear(&loop->answer);
    text_clear(&loop->scratch);
    const dzr_http_request *const request = dzr_http_exchange_request(exchange);
    const dzr_bytes path = decode_path(&loop->scratch, request->path);
    const bool is_get = is_text(request->method, "GET");
    const bool is_read = is_get || is_text(request->method, "HEAD");
    const resource found = find_resource(path);
    switch (found) {
    case ALL_USERS:
        handle_users(loop, exchange, is_get, is_text(request->method, "POST"));
        return;
    case ONE_USER:
        if (is_get)
            users_get(loop, exchange, (dzr_bytes){path.at + USERS_PATH_BYTES, path.len - USERS_PATH_BYTES});
        else
            answer_not_allowed(exchange, "GET");
        return;
    case NO_RESOURCE: {
        const dzr_bytes other = other_path(path);
        if (other.at != NULL)
            answer_redirect(loop, exchange, other);
        else
            answer_detail(exchange, 404, "Not Found");
        return;
    }
    case OPENAPI:
    case HEALTH:
    case PAGE:
        break;
    }
    if (!is_read)
        answer_not_allowed(exchange, "GET, HEAD");
    else if (found == PAGE)
        answer_page(exchange, docs_ui_find(path));
    else
        dzr_http_answer(exchange, 200, JSON, NULL, 0, found == OPENAPI ? openapi_document() : health());
}

dzr_status routes_loop_start(void *ctx, int loop_index, void **loop_ctx, dzr_error *err)
{
    (void)loop_index;
    const routes *const r = ctx;
    api_loop *const loop = dzr_alloc_zeroed(NULL, 1, sizeof *loop, err);
    if (loop == NULL)
        return DZR_ERR_NOMEM;
    loop->db = r->db;
    text_init(&loop->answer);
    text_init(&loop->scratch);
    const dzr_status status = user_reader_open(r->db, &loop->reader, err);
    if (status != DZR_OK) {
        dzr_release(NULL, loop);
        return status;
    }
    *loop_ctx = loop;
    return DZR_OK;
}

void routes_loop_stop(void *ctx, void *loop_ctx)
{
    (void)ctx;
    api_loop *const loop = loop_ctx;
    if (loop == NULL)
        return;
    user_reader_close(loop->reader);
    text_fini(&loop->answer);
    text_fini(&loop->scratch);
    dzr_release(NULL, loop);
}
