/* userator/validate.c - see validate.h. */
#include "validate.h"

#include <math.h>
#include <strings.h>

#include "detail.h"
#include "email.h"
#include "integer.h"

static const dzr_json_value null_value = {.kind = DZR_JSON_NULL};
static const dzr_json_value empty_object = {.kind = DZR_JSON_OBJECT};

enum { TREE_BYTES = 64 << 20 };

/* ---- is the body JSON at all ---- */

static dzr_bytes trim_ascii(dzr_bytes b)
{
    while (b.len > 0 && (b.at[0] == ' ' || b.at[0] == '\t'))
        b = (dzr_bytes){b.at + 1, b.len - 1};
    while (b.len > 0 && (b.at[b.len - 1] == ' ' || b.at[b.len - 1] == '\t'))
        b.len--;
    return b;
}

static bool ends_with(dzr_bytes b, const char *lower_case)
{
    const size_t n = strlen(lower_case);
    return b.len >= n && strncasecmp((const char *)b.at + b.len - n, lower_case, n) == 0;
}

/* application/json and application/anything+json, whatever the parameters; no content type at all means JSON too. */
static bool is_json_type(dzr_bytes content_type)
{
    static const char application[] = "application/";
    const size_t n = sizeof application - 1;
    if (content_type.len == 0)
        return true;
    const uint8_t *const semicolon = memchr(content_type.at, ';', content_type.len);
    if (semicolon != NULL)
        content_type.len = (size_t)(semicolon - content_type.at);
    content_type = trim_ascii(content_type);
    if (content_type.len <= n || strncasecmp((const char *)content_type.at, application, n) != 0)
        return false;
    const dzr_bytes subtype = {content_type.at + n, content_type.len - n};
    if (memchr(subtype.at, '/', subtype.len) != NULL)
        return false;
    return ends_with(subtype, "+json") || (subtype.len == 4 && ends_with(subtype, "json"));
}

/* ---- the members: each is set in user, or complained about in list ---- */

typedef struct checker {
    const dzr_json_value *body;
    detail_list list;
    text_buf *email;
    new_user *user;
} checker;

/* A complaint about a member; one that is missing echoes the whole body. */
static void complain(checker *c, detail_kind kind, const char *field, const dzr_json_value *value)
{
    const detail entry = {.kind = kind, .part = "body", .field = field, .value = value != NULL ? value : c->body};
    detail_add(&c->list, &entry);
}

/* Whether value is a string of valid UTF-8. */
static bool check_string(checker *c, const char *field, const dzr_json_value *value)
{
    if (value == NULL)
        complain(c, DETAIL_MISSING, field, NULL);
    else if (value->kind != DZR_JSON_STRING)
        complain(c, DETAIL_NOT_STRING, field, value);
    else if (value->lone_surrogate)
        complain(c, DETAIL_NOT_UNICODE, field, value);
    else
        return true;
    return false;
}

static void check_name(checker *c)
{
    const dzr_json_value *const name = dzr_json_member(c->body, "name");
    if (check_string(c, "name", name))
        c->user->name = name->as.text;
}

static void check_email(checker *c)
{
    const dzr_json_value *const email = dzr_json_member(c->body, "email");
    if (!check_string(c, "email", email))
        return;
    const bool is_valid = email_normalize(email->as.text, c->email);
    c->user->email = text_bytes(c->email);
    if (is_valid)
        return;
    const detail entry = {DETAIL_BAD_EMAIL, "body", "email", .value = email, .reason = c->user->email};
    detail_add(&c->list, &entry);
}

/* The kind of complaint about a float that is to be an integer, DETAIL_KINDS when it is one. Between the integers of
 * 64 bits, both ends excluded, every whole float converts exactly. */
static detail_kind integer_from_float(double number, int64_t *age)
{
    if (!isfinite(number))
        return DETAIL_NOT_FINITE;
    if (number != trunc(number))
        return DETAIL_FRACTION;
    if (number <= -0x1p63 || number >= 0x1p63)
        return DETAIL_TOO_LARGE;
    *age = (int64_t)number;
    return DETAIL_KINDS;
}

static detail_kind read_age(const dzr_json_value *value, int64_t *age)
{
    integer_verdict verdict = INTEGER_OK;
    detail_kind complaint = DETAIL_KINDS;
    switch (value->kind) {
    case DZR_JSON_FALSE:
    case DZR_JSON_TRUE:
        *age = value->kind == DZR_JSON_TRUE;
        break;
    case DZR_JSON_INTEGER:
        verdict = integer_parse_json(value->as.text, age);
        break;
    case DZR_JSON_FLOAT:
        complaint = integer_from_float(value->as.number, age);
        break;
    case DZR_JSON_STRING:
        verdict = integer_parse(value->as.text, age);
        complaint = value->lone_surrogate ? DETAIL_NOT_UNICODE : DETAIL_KINDS;
        break;
    case DZR_JSON_NULL:
    case DZR_JSON_ARRAY:
    case DZR_JSON_OBJECT:
        complaint = DETAIL_NOT_INTEGER;
        break;
    }
    return complaint != DETAIL_KINDS ? complaint : detail_of_integer(verdict, *age, 0, INT64_MAX);
}

static void check_age(checker *c)
{
    const dzr_json_value *const age = dzr_json_member(c->body, "age");
    c->user->has_age = age == NULL || age->kind != DZR_JSON_NULL;
    if (age == NULL || age->kind == DZR_JSON_NULL)
        return;
    const detail_kind complaint = read_age(age, &c->user->age);
    if (complaint != DETAIL_KINDS)
        complain(c, complaint, "age", age);
}

/* ---- the body ---- */

static int refuse_body(text_buf *answer, const detail *entry)
{
    detail_list list = {.to = answer};
    detail_add(&list, entry);
    detail_finish(&list);
    return 422;
}

static int validate_members(const dzr_json_value *body, new_user *user, text_buf *email, text_buf *answer)
{
    if (body->kind == DZR_JSON_NULL)
        return refuse_body(answer, &(detail){DETAIL_MISSING, "body", .value = body});
    if (body->kind != DZR_JSON_OBJECT)
        return refuse_body(answer, &(detail){DETAIL_NOT_OBJECT, "body", .value = body});
    checker c = {.body = body, .list = {.to = answer}, .email = email, .user = user};
    check_name(&c);
    check_email(&c);
    check_age(&c);
    if (c.list.n == 0)
        return 0;
    detail_finish(&c.list);
    return 422;
}

static int out_of_memory(text_buf *answer)
{
    TEXT_LITERAL(answer, "{\"detail\":\"Out of memory\"}");
    return 503;
}

int validate_user(const user_body *body, new_user *user, dzr_json_doc **doc, text_buf *email, text_buf *answer)
{
    *user = (new_user){.has_age = true};
    *doc = NULL;
    if (body->bytes.len == 0)
        return refuse_body(answer, &(detail){DETAIL_MISSING, "body", .value = &null_value});
    if (!is_json_type(body->content_type))
        return refuse_body(answer, &(detail){DETAIL_NOT_OBJECT, "body", .text = body->bytes});
    const dzr_json_doc_options options = {.memory_bytes = TREE_BYTES};
    dzr_json_fault fault;
    const dzr_status status = dzr_json_doc_open(body->bytes, &options, doc, &fault, NULL);
    if (status == DZR_ERR_NOMEM)
        return out_of_memory(answer);
    if (status == DZR_ERR_SYNTAX) {
        const dzr_bytes message = {(const uint8_t *)fault.message, strlen(fault.message)};
        return refuse_body(answer, &(detail){DETAIL_BAD_JSON, "body", .value = &empty_object, .number = fault.position,
                                           .reason = message});
    }
    if (status != DZR_OK) { /* not UTF-8, too deep, too many digits, too large a tree */
        TEXT_LITERAL(answer, "{\"detail\":\"There was an error parsing the body\"}");
        return 400;
    }
    const int answered = validate_members(dzr_json_doc_root(*doc), user, email, answer);
    if (answered == 0 && !email->failed)
        return 0;
    dzr_json_doc_close(*doc);
    *doc = NULL;
    if (!email->failed)
        return answered;
    text_clear(answer);
    return out_of_memory(answer);
}
