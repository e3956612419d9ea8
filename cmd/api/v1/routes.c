/* cmd/api/v1/routes.c - see routes.h: finds the resource, decodes a new user, writes users as text or JSON. The
 * routing, the redirects and the words are those of the Go program this replaces. */
#include "routes.h"

#include <datarizer/json_go.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/common/try.h"
#include "target.h"

#define TEXT "text/plain; charset=utf-8"

enum { MAX_ANSWER_BYTES = 256 * 1024 * 1024, SNIFFED_BYTES = 512 };

enum { ID, NAME, EMAIL, AGE, N_FIELDS };

typedef struct v1_loop {
    v1_connection *connection;
    dzr_json_go *decoder;
} v1_loop;

/* One request being answered. */
typedef struct v1_answer {
    v1_loop *loop;
    const dzr_http_request *request;
    dzr_sink *body;
    int status;
    const char *content_type; /* NULL: none */
    uint8_t *location;        /* NULL: none; owned */
    size_t location_bytes;
} v1_answer;

/* ---- a loop's own ---- */

static dzr_status new_decoder(dzr_json_go **out, dzr_error *err)
{
    static const dzr_field fields[N_FIELDS] = {
            [ID] = {.name = "ID", .type.id = DZR_TYPE_INT64},
            [NAME] = {.name = "Name", .type.id = DZR_TYPE_STRING},
            [EMAIL] = {.name = "Email", .type.id = DZR_TYPE_STRING},
            [AGE] = {.name = "age", .type.id = DZR_TYPE_INT64},
    };
    dzr_schema *schema = NULL;
    dzr_status status = dzr_schema_new(fields, N_FIELDS, NULL, &schema, err);
    if (status == DZR_OK)
        status = dzr_json_go_new(schema, "main.User", NULL, out, err);
    dzr_schema_free(schema);
    return status;
}

dzr_status v1_routes_start_loop(void *ctx, int loop_index, void **loop_ctx, dzr_error *err)
{
    (void)loop_index;
    const v1_routes *const routes = ctx;
    v1_loop *const loop = dzr_alloc_zeroed(NULL, 1, sizeof *loop, err);
    if (loop == NULL)
        return DZR_ERR_NOMEM;
    dzr_status status = v1_db_connect(routes->db, &loop->connection, err);
    if (status == DZR_OK)
        status = new_decoder(&loop->decoder, err);
    if (status == DZR_OK)
        *loop_ctx = loop;
    else
        v1_routes_stop_loop(ctx, loop);
    return status;
}

void v1_routes_stop_loop(void *ctx, void *loop_ctx)
{
    (void)ctx;
    v1_loop *const loop = loop_ctx;
    if (loop == NULL)
        return;
    v1_db_disconnect(loop->connection);
    dzr_json_go_free(loop->decoder);
    dzr_release(NULL, loop);
}

/* ---- writing ---- */

static dzr_status put(v1_answer *answer, const char *text, dzr_error *err)
{
    return dzr_sink_append(answer->body, text, strlen(text), err);
}

static dzr_status put_bytes(v1_answer *answer, dzr_bytes bytes, dzr_error *err)
{
    return bytes.len > 0 ? dzr_sink_append(answer->body, bytes.at, bytes.len, err) : DZR_OK;
}

static dzr_status put_int(v1_answer *answer, int64_t value, dzr_error *err)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRId64, value);
    return put(answer, digits, err);
}

static dzr_status answer_text(v1_answer *answer, int status, const char *text, dzr_error *err)
{
    answer->status = status;
    answer->content_type = TEXT;
    return put(answer, text, err);
}

/* What Go's http.DetectContentType makes of a text that begins as ours do: bytes of binary data decide. */
static const char *sniff(dzr_bytes text)
{
    for (size_t i = 0; i < text.len && i < SNIFFED_BYTES; i++) {
        const uint8_t byte = text.at[i];
        if (byte <= 0x08 || byte == 0x0B || (byte >= 0x0E && byte <= 0x1A) || (byte >= 0x1C && byte <= 0x1F))
            return "application/octet-stream";
    }
    return TEXT;
}

/* ---- GET ---- */

static dzr_status put_user(void *ctx, const v1_user *user, dzr_error *err)
{
    v1_answer *const answer = ctx;
    TRY(put(answer, "ID: ", err));
    TRY(put_int(answer, user->id, err));
    TRY(put(answer, ", Name: ", err));
    TRY(put_bytes(answer, user->name, err));
    TRY(put(answer, ", Email: ", err));
    TRY(put_bytes(answer, user->email, err));
    TRY(put(answer, ", Age: ", err));
    TRY(put_int(answer, user->age, err));
    return put(answer, "\n", err);
}

static dzr_status get_user(v1_answer *answer, int64_t id, dzr_error *err)
{
    const dzr_status status = v1_db_find(answer->loop->connection, id, put_user, answer, err);
    if (status != DZR_ERR_NOT_FOUND)
        return status;
    TRY(answer_text(answer, 404, "User with ID ", err));
    TRY(put_int(answer, id, err));
    return put(answer, " not found\n", err);
}

static dzr_status get_users(v1_answer *answer, dzr_error *err)
{
    const dzr_bytes query = answer->request->query;
    uint8_t *const room = dzr_alloc_array(NULL, query.len, 1, err);
    if (room == NULL)
        return DZR_ERR_NOMEM;
    dzr_bytes text = {0};
    const bool has_id = target_parameter(query, "id", room, &text) && text.len > 0;
    int64_t id = 0;
    const bool is_valid = has_id && target_read_int(text, &id);
    dzr_release(NULL, room);
    if (has_id && !is_valid)
        return answer_text(answer, 400, "Invalid user ID format\n", err);
    answer->status = 200;
    if (has_id) {
        TRY(get_user(answer, id, err));
    } else {
        TRY(put(answer, "Users:\n", err));
        TRY(v1_db_list(answer->loop->connection, put_user, answer, err));
    }
    answer->content_type = sniff(dzr_sink_memory_bytes(answer->body));
    return DZR_OK;
}

/* ---- POST ---- */

static dzr_status put_json_string(v1_answer *answer, dzr_bytes text, dzr_error *err)
{
    uint8_t *const quoted = dzr_alloc_array(NULL, DZR_JSON_GO_STRING_ROOM(text.len), 1, err);
    if (quoted == NULL)
        return DZR_ERR_NOMEM;
    const size_t n = dzr_json_go_write_string(text, quoted);
    const dzr_status status = dzr_sink_append(answer->body, quoted, n, err);
    dzr_release(NULL, quoted);
    return status;
}

static dzr_status put_json_user(v1_answer *answer, const v1_user *user, dzr_error *err)
{
    answer->status = 201;
    answer->content_type = "application/json";
    TRY(put(answer, "{\"ID\":", err));
    TRY(put_int(answer, user->id, err));
    TRY(put(answer, ",\"Name\":", err));
    TRY(put_json_string(answer, user->name, err));
    TRY(put(answer, ",\"Email\":", err));
    TRY(put_json_string(answer, user->email, err));
    TRY(put(answer, ",\"age\":", err));
    TRY(put_int(answer, user->age, err));
    return put(answer, "}\n", err);
}

static dzr_status create_user(v1_answer *answer, dzr_error *err)
{
    v1_loop *const loop = answer->loop;
    dzr_json_go_value values[N_FIELDS];
    const dzr_status status = dzr_json_go_decode(loop->decoder, answer->request->body, values, err);
    if (status == DZR_ERR_NOMEM)
        return status;
    if (status != DZR_OK) {
        TRY(answer_text(answer, 400, "Invalid request payload: ", err));
        TRY(put_bytes(answer, dzr_json_go_complaint(loop->decoder), err));
        return put(answer, "\n", err);
    }
    if (values[NAME].text.len == 0 || values[EMAIL].text.len == 0)
        return answer_text(answer, 400, "Name and Email are required\n", err);
    v1_user user = {.name = values[NAME].text, .email = values[EMAIL].text, .age = values[AGE].number};
    TRY(v1_db_insert(loop->connection, &user, &user.id, err));
    return put_json_user(answer, &user, err);
}

/* ---- the resource of a path ---- */

static bool method_is(const v1_answer *answer, const char *method)
{
    const dzr_bytes have = answer->request->method;
    return have.len == strlen(method) && memcmp(have.at, method, have.len) == 0;
}

static dzr_status put_html(v1_answer *answer, dzr_bytes text, dzr_error *err)
{
    for (size_t i = 0; i < text.len; i++) {
        const uint8_t byte = text.at[i];
        const char plain[] = {(char)byte, '\0'};
        const char *const escaped = byte == '&'    ? "&amp;"
                                    : byte == '<'  ? "&lt;"
                                    : byte == '>'  ? "&gt;"
                                    : byte == '"'  ? "&#34;"
                                    : byte == '\'' ? "&#39;"
                                                   : plain;
        TRY(put(answer, escaped, err));
    }
    return DZR_OK;
}

/* Only to who reads it goes a page that links there. */
static dzr_status redirect(v1_answer *answer, dzr_bytes path, dzr_error *err)
{
    const dzr_bytes query = answer->request->query;
    uint8_t *const location = answer->location = dzr_alloc_array(NULL, path.len + query.len + 1, 3, err);
    if (location == NULL)
        return DZR_ERR_NOMEM;
    size_t len = target_encode(path, location);
    if (query.len > 0) {
        location[len++] = '?';
        len += target_encode(query, location + len);
    }
    answer->location_bytes = len;
    answer->status = 301;
    if (!method_is(answer, "GET") && !method_is(answer, "HEAD"))
        return DZR_OK;
    answer->content_type = "text/html; charset=utf-8";
    TRY(put(answer, "<a href=\"", err));
    TRY(put_html(answer, (dzr_bytes){location, len}, err));
    return put(answer, "\">Moved Permanently</a>.\n\n", err);
}

static dzr_status respond_at(v1_answer *answer, dzr_bytes path, dzr_error *err)
{
    if (!target_first_segment_is(path, "users"))
        return answer_text(answer, 404, "404 page not found\n", err);
    if (method_is(answer, "GET"))
        return get_users(answer, err);
    if (method_is(answer, "POST"))
        return create_user(answer, err);
    return answer_text(answer, 405, "Method Not Allowed\n", err);
}

static dzr_status respond(v1_answer *answer, dzr_error *err)
{
    const dzr_bytes path = answer->request->path;
    if (!target_path_is_valid(path))
        return answer_text(answer, 400, "400 Bad Request\n", err);
    if (path.len == 0 || path.at[0] != '/') /* "*", and what CONNECT has */
        return answer_text(answer, 404, "404 page not found\n", err);
    uint8_t *const clean = dzr_alloc_array(NULL, path.len, 1, err);
    if (clean == NULL)
        return DZR_ERR_NOMEM;
    const size_t len = target_clean(path, clean);
    const dzr_status status =
            len == path.len ? respond_at(answer, path, err) : redirect(answer, (dzr_bytes){clean, len}, err);
    dzr_release(NULL, clean);
    return status;
}

static void answer_failure(const v1_routes *routes, dzr_http_exchange *exchange, const dzr_error *err)
{
    const bool is_busy = err->status == DZR_ERR_TIMEOUT || err->status == DZR_ERR_NOMEM;
    const char *const text = is_busy ? "Service Unavailable\n" : "Internal Server Error\n";
    routes->on_notice(NULL, err->message);
    dzr_http_answer(exchange, is_busy ? 503 : 500, TEXT, NULL, 0, (dzr_bytes){(const uint8_t *)text, strlen(text)});
}

void v1_routes_handle(void *ctx, void *loop_ctx, dzr_http_exchange *exchange)
{
    v1_answer answer = {.loop = loop_ctx, .request = dzr_http_exchange_request(exchange)};
    dzr_error err;
    dzr_status status = dzr_sink_memory(MAX_ANSWER_BYTES, NULL, &answer.body, &err);
    if (status == DZR_OK)
        status = respond(&answer, &err);
    if (status == DZR_OK) {
        const dzr_http_header location = {
                {(const uint8_t *)"Location", strlen("Location")}, {answer.location, answer.location_bytes}};
        dzr_http_answer(exchange, answer.status, answer.content_type, &location, answer.location != NULL,
                dzr_sink_memory_bytes(answer.body));
    } else {
        answer_failure(ctx, exchange, &err);
    }
    dzr_release(NULL, answer.location);
    dzr_sink_close(answer.body);
}
