/* net/server/answer.c - an answer to bytes: status line, the server's own fields, the caller's, the body.
 * Called by handlers through dzr_http_answer and by connection.c for what the server answers itself. The bytes stay in
 * the exchange until connection.c has written them in its turn. Spec: RFC 9110 sections 6.6.1, 8.6, 15; RFC 9112
 * section 9. */
#include "net/server/internal.h"

#include <assert.h>
#include <time.h>

const char *dzr__http_reason(int status)
{
    static const struct {
        int status;
        const char *reason;
    } phrases[] = {
            {200, "OK"},
            {201, "Created"},
            {202, "Accepted"},
            {204, "No Content"},
            {206, "Partial Content"},
            {301, "Moved Permanently"},
            {302, "Found"},
            {303, "See Other"},
            {304, "Not Modified"},
            {307, "Temporary Redirect"},
            {308, "Permanent Redirect"},
            {400, "Bad Request"},
            {401, "Unauthorized"},
            {403, "Forbidden"},
            {404, "Not Found"},
            {405, "Method Not Allowed"},
            {406, "Not Acceptable"},
            {408, "Request Timeout"},
            {409, "Conflict"},
            {410, "Gone"},
            {411, "Length Required"},
            {412, "Precondition Failed"},
            {413, "Content Too Large"},
            {414, "URI Too Long"},
            {415, "Unsupported Media Type"},
            {416, "Range Not Satisfiable"},
            {417, "Expectation Failed"},
            {422, "Unprocessable Content"},
            {426, "Upgrade Required"},
            {428, "Precondition Required"},
            {429, "Too Many Requests"},
            {431, "Request Header Fields Too Large"},
            {500, "Internal Server Error"},
            {501, "Not Implemented"},
            {502, "Bad Gateway"},
            {503, "Service Unavailable"},
            {504, "Gateway Timeout"},
            {505, "HTTP Version Not Supported"},
            {507, "Insufficient Storage"},
    };
    for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++)
        if (phrases[i].status == status)
            return phrases[i].reason;
    return "Status";
}

/* Once a second is enough. strftime would follow the process's locale. */
static const char *date_now(dzr__http_loop *loop)
{
    static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[][4] = {
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const time_t now = time(NULL);
    struct tm utc;
    if (now != loop->date_s && gmtime_r(&now, &utc) != NULL) {
        loop->date_s = now;
        (void)snprintf(loop->date, sizeof loop->date, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[utc.tm_wday],
                utc.tm_mday, months[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
    }
    return loop->date;
}

/* ---- writing into room that has been reserved ---- */

static uint8_t *put(uint8_t *to, const void *from, size_t n)
{
    if (n > 0)
        memcpy(to, from, n);
    return to + n;
}

static uint8_t *put_text(uint8_t *to, const char *text)
{
    return put(to, text, strlen(text));
}

static uint8_t *put_number(uint8_t *to, size_t number)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return put(to, digits + at, sizeof digits - at);
}

__attribute__((unused)) /* with NDEBUG */
static bool
safe_in_field(dzr_bytes bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        if (bytes.at[i] == '\r' || bytes.at[i] == '\n' || bytes.at[i] == '\0')
            return false;
    return true;
}

enum { FIXED_BYTES = 256 }; /* more than the status line and the server's own fields take */

static size_t fields_room(const dzr_http_header *fields, size_t n_fields)
{
    size_t n_bytes = 0;
    for (size_t i = 0; i < n_fields; i++) {
        assert(safe_in_field(fields[i].name) && safe_in_field(fields[i].value));
        n_bytes += fields[i].name.len + fields[i].value.len + sizeof ": \r\n" - 1;
    }
    return n_bytes;
}

static uint8_t *put_fields(uint8_t *to, const dzr_http_header *fields, size_t n_fields)
{
    for (size_t i = 0; i < n_fields; i++) {
        to = put(put_text(to, "\r\n"), fields[i].name.at, fields[i].name.len);
        to = put(put_text(to, ": "), fields[i].value.at, fields[i].value.len);
    }
    return to;
}

/* 204 and 304 have no body and need no length; HEAD is told the length of what GET would get. */
static bool status_has_body(int status)
{
    return status >= 200 && status != 204 && status != 304;
}

static uint8_t *put_head(uint8_t *to, dzr_http_exchange *exchange, int status, const char *content_type,
        const dzr_http_header *extra, size_t n_extra, size_t body_bytes)
{
    to = put_text(to, "HTTP/1.1 ");
    to = put_number(to, (size_t)status);
    to = put_text(to, " ");
    to = put_text(to, dzr__http_reason(status));
    to = put_text(to, "\r\nDate: ");
    to = put_text(to, date_now(exchange->loop));
    if (content_type != NULL) {
        to = put_text(to, "\r\nContent-Type: ");
        to = put_text(to, content_type);
    }
    if (status_has_body(status)) {
        to = put_text(to, "\r\nContent-Length: ");
        to = put_number(to, body_bytes);
    }
    const dzr_http_server_options *const options = &exchange->loop->server->options;
    to = put_fields(to, options->headers, options->n_headers);
    to = put_fields(to, extra, n_extra);
    if (dzr__http_connection_is_last(exchange->connection, exchange))
        to = put_text(to, "\r\nConnection: close");
    else if (exchange->reader.request.minor_version == 0)
        to = put_text(to, "\r\nConnection: keep-alive");
    return put_text(to, "\r\n\r\n");
}

void dzr_http_answer(dzr_http_exchange *exchange, int status, const char *content_type, const dzr_http_header *extra,
        size_t n_extra, dzr_bytes body)
{
    assert(!exchange->answered && status >= 200 && status <= 999);
    dzr__http_connection *const connection = exchange->connection;
    if (connection == NULL) { /* it went while the answer was being made */
        dzr__http_exchange_put(exchange);
        return;
    }
    const dzr_bytes method = exchange->reader.request.method;
    const bool head = method.len == 4 && memcmp(method.at, "HEAD", 4) == 0;
    const size_t sent_bytes = head || !status_has_body(status) ? 0 : body.len;
    const dzr_http_server_options *const options = &exchange->loop->server->options;
    const size_t room = FIXED_BYTES + (content_type == NULL ? 0 : strlen(content_type)) +
                        fields_room(options->headers, options->n_headers) + fields_room(extra, n_extra) + sent_bytes;
    if (dzr__bytebuf_reserve(&exchange->out, room, NULL) != DZR_OK) {
        dzr__http_notice_line(exchange->loop->server, DZR__NOTICE_MEMORY,
                "out of memory: an answer of %zu bytes could not be made, its connection is closed", room);
        dzr__http_connection_close(connection); /* orphans the exchange, */
        dzr__http_exchange_put(exchange);       /* which goes the same way then */
        return;
    }
    uint8_t *to = exchange->out.at;
    to = put_head(to, exchange, status, content_type, extra, n_extra, body.len);
    to = put(to, body.at, sent_bytes);
    exchange->out.len = (size_t)(to - exchange->out.at);
    exchange->status = status;
    exchange->answer_body_bytes = sent_bytes;
    exchange->answered = true;
    exchange->held_bytes += exchange->out.len;
    connection->queued_bytes += exchange->out.len;
    if (dzr__link_alone(&connection->dirty))
        dzr__link_append(&exchange->loop->dirty, &connection->dirty);
}

void dzr__http_answer_error(dzr_http_exchange *exchange, int status, const char *reason)
{
    char body[160];
    int len = snprintf(body, sizeof body, "{\"detail\":\"%.120s\"}", reason);
    for (int i = (int)sizeof "{\"detail\":\"" - 1; i < len - 2;
            i++) /* reasons of llhttp are plain text, but not ours */
        if (body[i] == '"' || body[i] == '\\' || (unsigned char)body[i] < ' ' || (unsigned char)body[i] > '~')
            body[i] = '\'';
    dzr_http_answer(exchange, status, "application/json", NULL, 0, (dzr_bytes){(const uint8_t *)body, (size_t)len});
}

dzr_bytes dzr__http_answer_busy(void)
{
    static const char text[] = "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
                               "Content-Length: 33\r\nRetry-After: 1\r\nConnection: close\r\n\r\n"
                               "{\"detail\":\"Too many connections\"}";
    return (dzr_bytes){(const uint8_t *)text, sizeof text - 1};
}
