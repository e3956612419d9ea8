/* userator/users.c - the users: created, listed, looked up by id. Called by routes.c on a loop's thread; reads are
 * answered at once, an insert when the writer has it on disk. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "detail.h"
#include "integer.h"
#include "query.h"
#include "routes_internal.h"
#include "validate.h"

/* ---- a user as JSON ---- */

/* Everything but the id and the closing brace. */
static void put_members(text_buf *to, dzr_bytes name, dzr_bytes email, bool has_age, int64_t age)
{
    TEXT_LITERAL(to, "{\"name\":");
    text_put_string(to, name);
    TEXT_LITERAL(to, ",\"email\":");
    text_put_string(to, email);
    TEXT_LITERAL(to, ",\"age\":");
    if (has_age)
        text_put_int64(to, age);
    else
        TEXT_LITERAL(to, "null");
    TEXT_LITERAL(to, ",\"id\":");
}

static dzr_status put_user(void *ctx, const user_row *row)
{
    text_buf *const to = ctx;
    put_members(to, row->name, row->email, row->has_age, row->age);
    text_put_int64(to, row->id);
    TEXT_LITERAL(to, "}");
    return DZR_OK;
}

static dzr_status put_next_user(void *ctx, const user_row *row)
{
    text_buf *const to = ctx;
    if (to->len > 1) /* behind the bracket */
        TEXT_LITERAL(to, ",");
    return put_user(ctx, row);
}

/* ---- reading ---- */

static void answer_failed_read(dzr_http_exchange *exchange, dzr_status status)
{
    answer_detail(exchange, user_db_http_status(status), user_db_detail(status));
}

static void answer_not_found(api_loop *loop, dzr_http_exchange *exchange, int64_t id)
{
    text_clear(&loop->answer);
    TEXT_LITERAL(&loop->answer, "{\"detail\":\"User with ID ");
    text_put_int64(&loop->answer, id);
    TEXT_LITERAL(&loop->answer, " not found\"}");
    answer_written(loop, exchange, 404);
}

/* The user with this id, within before and after. */
static void answer_user(api_loop *loop, dzr_http_exchange *exchange, int64_t id, const char *before, const char *after)
{
    dzr_error err;
    text_put_cstring(&loop->answer, before);
    const dzr_status status = user_reader_get(loop->reader, id, put_user, &loop->answer, &err);
    text_put_cstring(&loop->answer, after);
    if (status == DZR_OK)
        answer_written(loop, exchange, 200);
    else if (status == DZR_ERR_NOT_FOUND)
        answer_not_found(loop, exchange, id);
    else
        answer_failed_read(exchange, status);
}

void users_get(api_loop *loop, dzr_http_exchange *exchange, dzr_bytes id)
{
    int64_t number = 0;
    const integer_verdict verdict = integer_parse(id, &number);
    const detail_kind complaint = detail_of_integer(verdict, number, INT64_MIN, INT64_MAX);
    if (complaint == DETAIL_KINDS) {
        answer_user(loop, exchange, number, "", "");
        return;
    }
    detail_list list = {.to = &loop->answer};
    detail_add(&list, &(detail){.kind = complaint, .part = "path", .field = "user_id_path", .text = id});
    detail_finish(&list);
    answer_written(loop, exchange, 422);
}

/* ---- the list ---- */

typedef struct parameter {
    const char *name;
    int64_t least, most;
    int64_t value;  /* the default, until one is given */
    dzr_bytes text; /* as sent, at NULL when absent; the last one counts */
} parameter;

enum { USER_ID, SKIP, LIMIT, N_PARAMETERS };

/* text decoded, good until the next call. Hardly any has something to decode. */
static dzr_bytes decode(text_buf *scratch, dzr_bytes encoded)
{
    text_clear(scratch);
    uint8_t *const room = text_room(scratch, QUERY_ROOM(encoded.len));
    if (room == NULL)
        return (dzr_bytes){(const uint8_t *)"", 0};
    return (dzr_bytes){room, query_decode(encoded, true, room)};
}

static void find_parameters(text_buf *scratch, dzr_bytes query, parameter *parameters)
{
    dzr_bytes name, value;
    while (query_next(&query, &name, &value)) {
        const dzr_bytes decoded = decode(scratch, name);
        for (int i = 0; i < N_PARAMETERS; i++)
            if (decoded.len == strlen(parameters[i].name) && memcmp(decoded.at, parameters[i].name, decoded.len) == 0)
                parameters[i].text = value;
    }
}

/* Reads the value of a parameter that was given, or complains. */
static void read_parameter(api_loop *loop, parameter *p, detail_list *list)
{
    if (p->text.at == NULL)
        return;
    const dzr_bytes decoded = decode(&loop->scratch, p->text);
    const integer_verdict verdict = integer_parse(decoded, &p->value);
    const detail_kind complaint = detail_of_integer(verdict, p->value, p->least, p->most);
    if (complaint == DETAIL_KINDS)
        return;
    const detail entry = {.kind = complaint,
            .part = "query",
            .field = p->name,
            .text = decoded,
            .number = complaint == DETAIL_TOO_SMALL ? p->least : p->most};
    detail_add(list, &entry);
}

void users_list(api_loop *loop, dzr_http_exchange *exchange)
{
    parameter parameters[N_PARAMETERS] = {
            /* complaints come in this order */
            [USER_ID] = {.name = "user_id", .least = INT64_MIN, .most = INT64_MAX},
            [SKIP] = {.name = "skip", .least = 0, .most = INT64_MAX, .value = 0},
            [LIMIT] = {.name = "limit", .least = 1, .most = 100, .value = 10},
    };
    find_parameters(&loop->scratch, dzr_http_exchange_request(exchange)->query, parameters);
    detail_list list = {.to = &loop->answer};
    for (int i = 0; i < N_PARAMETERS; i++)
        read_parameter(loop, &parameters[i], &list);
    if (list.n > 0 || loop->scratch.failed) {
        detail_finish(&list);
        answer_written(loop, exchange, 422);
        return;
    }
    if (parameters[USER_ID].text.at != NULL) {
        answer_user(loop, exchange, parameters[USER_ID].value, "[", "]");
        return;
    }
    dzr_error err;
    TEXT_LITERAL(&loop->answer, "[");
    const dzr_status status = user_reader_list(
            loop->reader, parameters[SKIP].value, parameters[LIMIT].value, put_next_user, &loop->answer, &err);
    TEXT_LITERAL(&loop->answer, "]");
    if (status == DZR_OK)
        answer_written(loop, exchange, 200);
    else
        answer_failed_read(exchange, status);
}

/* ---- creating ---- */

enum { ID_BYTES = 24 }; /* of an id in decimal, the closing brace and a NUL */

/* An insert on its way: alone in one block with the name, the address and the answer but for its id. It owns all it
 * needs, because the loop may be gone when the answer comes. */
typedef struct pending {
    user_insert insert;
    dzr_http_exchange *exchange;
    size_t answer_len;
    uint8_t *answer; /* has ID_BYTES more */
    uint8_t bytes[];
} pending;

static void answer_conflict(const pending *p)
{
    text_buf body;
    text_init(&body);
    TEXT_LITERAL(&body, "{\"detail\":\"Email '");
    text_put_unquoted(&body, p->insert.email);
    TEXT_LITERAL(&body, "' already exists.\"}");
    if (body.failed)
        answer_detail(p->exchange, 503, "Out of memory");
    else
        dzr_http_answer(p->exchange, 409, "application/json", NULL, 0, text_bytes(&body));
    text_fini(&body);
}

/* On the loop's thread. */
static void answer_insert(dzr_http_exchange *exchange, void *arg)
{
    pending *const p = arg;
    if (p->insert.status == DZR_OK) {
        const int n = snprintf((char *)p->answer + p->answer_len, ID_BYTES, "%" PRId64 "}", p->insert.id);
        const dzr_bytes body = {p->answer, p->answer_len + (size_t)n};
        dzr_http_answer(exchange, 201, "application/json", NULL, 0, body);
    } else if (p->insert.status == DZR_ERR_EXISTS) {
        answer_conflict(p);
    } else {
        answer_detail(exchange, user_db_http_status(p->insert.status), user_db_detail(p->insert.status));
    }
    free(p);
}

/* On the writer's thread. */
static void post_answer(user_insert *insert)
{
    pending *const p = insert->ctx;
    dzr_http_post(p->exchange, answer_insert, p);
}

static uint8_t *append(uint8_t *to, dzr_bytes bytes, dzr_bytes *copy)
{
    if (bytes.at != NULL)
        memcpy(to, bytes.at, bytes.len);
    *copy = (dzr_bytes){to, bytes.len};
    return to + bytes.len;
}

/* NULL when there is no memory. */
static pending *new_pending(dzr_http_exchange *exchange, const new_user *user, dzr_bytes answer)
{
    pending *const p = malloc(sizeof *p + user->name.len + user->email.len + answer.len + ID_BYTES);
    if (p == NULL)
        return NULL;
    *p = (pending){.exchange = exchange, .answer_len = answer.len};
    p->insert = (user_insert){.has_age = user->has_age, .age = user->age, .done = post_answer, .ctx = p};
    dzr_bytes copy;
    uint8_t *at = append(p->bytes, user->name, &p->insert.name);
    at = append(at, user->email, &p->insert.email);
    (void)append(at, answer, &copy);
    p->answer = at;
    return p;
}

static void insert(api_loop *loop, dzr_http_exchange *exchange, const new_user *user)
{
    put_members(&loop->answer, user->name, user->email, user->has_age, user->age);
    pending *const p = loop->answer.failed ? NULL : new_pending(exchange, user, text_bytes(&loop->answer));
    if (p == NULL) {
        answer_detail(exchange, 503, "Out of memory");
        return;
    }
    const dzr_status status = user_db_insert(loop->db, &p->insert);
    if (status == DZR_OK)
        return;
    answer_detail(exchange, user_db_http_status(status), user_db_detail(status));
    free(p);
}

void users_create(api_loop *loop, dzr_http_exchange *exchange)
{
    const dzr_http_request *const request = dzr_http_exchange_request(exchange);
    const user_body body = {dzr_http_request_header(request, "content-type", NULL), request->body};
    new_user user;
    dzr_json_doc *doc = NULL;
    text_clear(&loop->scratch);
    const int refused = validate_user(&body, &user, &doc, &loop->scratch, &loop->answer);
    if (refused == 0)
        insert(loop, exchange, &user);
    else
        answer_written(loop, exchange, refused);
    dzr_json_doc_close(doc);
}
