/* net/server/request.c - bytes from a connection to one request after another; no sockets, no clocks.
 * Called by connection.c with whatever a read returned. llhttp (strict) judges target, version, field lines, the
 * framing fields and chunks. Before it, this file cuts the head into method, target and lines, because that gives each
 * limit an exact place that does not depend on how the bytes arrive, lets any token be a method, and refuses what
 * llhttp is mild about: bare line feeds and folded lines. After it, it judges Host, Expect and the transfer codings.
 * Spec: RFC 9112 sections 2 to 7, RFC 9110 sections 7.2 and 10.1.1. */
#include "net/server/internal.h"

#include <strings.h>

enum {
    TEXT_KEPT_BYTES = 16 * 1024, /* a larger buffer is given back after its request */
    FIELDS_FIRST = 32,
    CHUNK_OVERHEAD = 5, /* "1\r\n" and "\r\n" around one byte: the most that honest chunks need a byte */
};

void dzr__http_reader_fail(dzr__http_reader *reader, int status, const char *reason)
{
    reader->bad_status = status;
    reader->bad_reason = reason;
    reader->stage = DZR__READ_END;
}

static int fail_memory(dzr__http_reader *reader)
{
    dzr__http_reader_fail(reader, 503, "Out of memory");
    return -1;
}

/* RFC 9110 section 5.6.2 */
static bool is_token_byte(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool equals_ignoring_case(dzr_bytes bytes, const char *text)
{
    const size_t len = strlen(text);
    return bytes.len == len && strncasecmp((const char *)bytes.at, text, len) == 0;
}

static dzr_bytes text_at(const dzr__http_reader *reader, size_t at, size_t len)
{
    return (dzr_bytes){len == 0 ? (const uint8_t *)"" : reader->text.at + at, len}; /* there may be no text at all */
}

/* ---- what the head's fields mean ---- */

static bool is_host_byte(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("-._~%!$&'()*+,;=", c) != NULL);
}

/* uri-host [ ":" port ], RFC 3986 section 3.2.2; not empty, because redirects are built from it. */
static bool host_valid(dzr_bytes host)
{
    size_t i = 0;
    if (host.len > 0 && host.at[0] == '[') {
        for (i = 1; i < host.len && (is_host_byte(host.at[i]) || host.at[i] == ':'); i++)
            ;
        if (i < 3 || i == host.len || host.at[i] != ']')
            return false;
        i++;
    } else {
        while (i < host.len && is_host_byte(host.at[i]))
            i++;
        if (i == 0)
            return false;
    }
    if (i == host.len)
        return true;
    if (host.at[i] != ':' || host.len - i > sizeof ":65535" - 1)
        return false;
    for (i++; i < host.len; i++)
        if (host.at[i] < '0' || host.at[i] > '9')
            return false;
    return true;
}

static int judge_fields(dzr__http_reader *reader)
{
    size_t n_hosts = 0, n_codings = 0;
    bool host_ok = true, chunked = true, expects = false, expectation_known = true;
    for (size_t i = 0; i < reader->n_fields; i++) {
        const dzr__http_field *const field = &reader->fields[i];
        const dzr_bytes name = text_at(reader, field->name_at, field->name_len);
        const dzr_bytes value = text_at(reader, field->value_at, field->value_len);
        if (name.len == 4 && equals_ignoring_case(name, "host")) {
            n_hosts++;
            host_ok = host_ok && host_valid(value);
        } else if (name.len == 6 && equals_ignoring_case(name, "expect")) {
            expects = true;
            expectation_known = expectation_known && equals_ignoring_case(value, "100-continue");
        } else if (name.len == 17 && equals_ignoring_case(name, "transfer-encoding")) {
            n_codings++;
            chunked = chunked && equals_ignoring_case(value, "chunked");
        }
    }
    const bool minor_one = reader->parser.http_minor == 1;
    if (n_hosts > 1 || (minor_one && n_hosts == 0))
        dzr__http_reader_fail(reader, 400, n_hosts > 1 ? "More than one Host header" : "Host header missing");
    else if (!host_ok)
        dzr__http_reader_fail(reader, 400, "Invalid Host header");
    else if (n_codings > 0 && !minor_one)
        dzr__http_reader_fail(reader, 400, "Transfer-Encoding in an HTTP/1.0 request");
    else if (n_codings > 1 || !chunked)
        dzr__http_reader_fail(reader, 501, "Transfer-Encoding other than chunked");
    else if (minor_one && !expectation_known) /* HTTP/1.0 has no expectations: they are ignored */
        dzr__http_reader_fail(reader, 417, "Unknown expectation");
    reader->wants_continue = minor_one && expects;
    return reader->bad_status == 0 ? 0 : -1;
}

/* ---- what llhttp calls ---- */

static dzr__http_reader *reader_of(llhttp_t *parser)
{
    return parser->data;
}

static int on_text(dzr__http_reader *reader, const char *at, size_t len)
{
    return dzr__bytebuf_append(&reader->text, at, len, NULL) == DZR_OK ? 0 : fail_memory(reader);
}

static int grow_fields(dzr__http_reader *reader)
{
    const size_t cap = reader->fields_cap == 0 ? FIELDS_FIRST : DZR__HTTP_MAX_HEADERS;
    dzr__http_field *const fields = dzr_alloc_array(reader->text.alloc, cap, sizeof *fields, NULL);
    dzr_http_header *const headers = dzr_alloc_array(reader->text.alloc, cap, sizeof *headers, NULL);
    if (fields == NULL || headers == NULL) {
        dzr_release(reader->text.alloc, fields);
        dzr_release(reader->text.alloc, headers);
        return fail_memory(reader);
    }
    if (reader->n_fields > 0)
        memcpy(fields, reader->fields, reader->n_fields * sizeof *fields);
    dzr_release(reader->text.alloc, reader->fields);
    dzr_release(reader->text.alloc, reader->headers);
    reader->fields = fields;
    reader->headers = headers;
    reader->fields_cap = cap;
    return 0;
}

static int on_field_name(llhttp_t *parser, const char *at, size_t len)
{
    dzr__http_reader *const reader = reader_of(parser);
    if (reader->stage == DZR__READ_TRAILERS)
        return 0; /* nobody asked for them */

    if (reader->in_value || reader->n_fields == 0) { /* else more of the same name */
        /* Never more than the lines that read_head has counted. */
        if (reader->n_fields == reader->fields_cap && grow_fields(reader) != 0)
            return -1;
        reader->fields[reader->n_fields++] = (dzr__http_field){.name_at = (uint32_t)reader->text.len};
        reader->in_value = false;
    }
    reader->fields[reader->n_fields - 1].name_len += (uint32_t)len;
    return on_text(reader, at, len);
}

static int on_field_name_complete(llhttp_t *parser)
{
    dzr__http_reader *const reader = reader_of(parser);
    if (reader->stage == DZR__READ_TRAILERS)
        return 0;
    if (reader->in_value || reader->n_fields == 0 || reader->fields[reader->n_fields - 1].name_len == 0) {
        dzr__http_reader_fail(
                reader, 400, "Header line without a name"); /* llhttp lets a line pass that starts with ":" */
        return -1;
    }
    reader->fields[reader->n_fields - 1].value_at = (uint32_t)reader->text.len;
    reader->in_value = true;
    return 0;
}

static int on_field_value(llhttp_t *parser, const char *at, size_t len)
{
    dzr__http_reader *const reader = reader_of(parser);
    if (reader->stage == DZR__READ_TRAILERS)
        return 0;
    reader->fields[reader->n_fields - 1].value_len += (uint32_t)len;
    return on_text(reader, at, len);
}

static int on_field_value_complete(llhttp_t *parser)
{
    dzr__http_reader *const reader = reader_of(parser);
    if (reader->stage != DZR__READ_TRAILERS) {
        dzr__http_field *const field = &reader->fields[reader->n_fields - 1];
        const uint8_t *const value = reader->text.at + field->value_at;
        while (field->value_len > 0 && (value[field->value_len - 1] == ' ' || value[field->value_len - 1] == '\t'))
            field->value_len--;
    }
    return 0;
}

static int on_headers_complete(llhttp_t *parser)
{
    dzr__http_reader *const reader = reader_of(parser);
    if (parser->http_major != 1 || parser->http_minor > 1) {
        dzr__http_reader_fail(reader, 505, "HTTP version not supported");
        return -1;
    }
    parser->upgrade = 0; /* no other protocol is spoken here: an Upgrade is ignored, CONNECT is a method like others */
    if (judge_fields(reader) != 0)
        return -1;
    const bool chunked = (parser->flags & F_CHUNKED) != 0;
    if (!chunked && parser->content_length > reader->limits->body_bytes) {
        dzr__http_reader_fail(reader, 413, "Request body too large");
        return -1;
    }
    reader->has_body = chunked || parser->content_length > 0;
    reader->keep_alive = llhttp_should_keep_alive(parser) != 0 && parser->method != HTTP_CONNECT;
    reader->wants_continue = reader->wants_continue && reader->has_body;
    reader->body_at = reader->text.len;
    reader->stage = DZR__READ_BODY;
    return 0;
}

/* The claimed size meets the limit before any byte of the chunk is taken. After the last chunk come lines again, which
 * are cut as those of the head were. */
static int on_chunk_header(llhttp_t *parser)
{
    dzr__http_reader *const reader = reader_of(parser);
    if (parser->content_length > reader->limits->body_bytes - (reader->text.len - reader->body_at)) {
        dzr__http_reader_fail(reader, 413, "Request body too large");
        return -1;
    }
    if (parser->content_length > 0)
        return 0;
    reader->stage = DZR__READ_TRAILERS;
    reader->at_line_start = true;
    return HPE_PAUSED;
}

static int on_body(llhttp_t *parser, const char *at, size_t len)
{
    return on_text(reader_of(parser), at, len);
}

static int on_message_complete(llhttp_t *parser)
{
    reader_of(parser)->stage = DZR__READ_END;
    return HPE_PAUSED; /* so that llhttp_execute returns with the place where the next request starts */
}

static const llhttp_settings_t callbacks = {
        .on_header_field = on_field_name,
        .on_header_field_complete = on_field_name_complete,
        .on_header_value = on_field_value,
        .on_header_value_complete = on_field_value_complete,
        .on_headers_complete = on_headers_complete,
        .on_chunk_header = on_chunk_header,
        .on_body = on_body,
        .on_message_complete = on_message_complete,
};

/* ---- from bytes to llhttp ---- */

/* Returns how many bytes llhttp took: all of them, or those up to the request's end or its fault. */
static size_t execute(dzr__http_reader *reader, const uint8_t *at, size_t len)
{
    const llhttp_errno_t err = llhttp_execute(&reader->parser, (const char *)at, len);
    if (err == HPE_OK)
        return len;
    if (err != HPE_PAUSED && reader->bad_status == 0) {
        if (err == HPE_INVALID_VERSION)
            dzr__http_reader_fail(reader, 505, "HTTP version not supported");
        else
            dzr__http_reader_fail(reader, 400, llhttp_get_error_reason(&reader->parser));
    }
    const char *const stopped_at = llhttp_get_error_pos(&reader->parser);
    llhttp_resume(&reader->parser); /* from a pause; an error stays */
    return stopped_at == NULL ? len : (size_t)(stopped_at - (const char *)at);
}

/* Empty lines before a request are allowed (RFC 9112 section 2.2). Stays at the first byte that is none of one. */
static size_t read_blank(dzr__http_reader *reader, const uint8_t *at, size_t len)
{
    size_t i = 0;
    for (; i < len; i++) {
        if (reader->last == '\r' ? at[i] != '\n' : at[i] != '\r') {
            if (reader->last == '\r')
                dzr__http_reader_fail(reader, 400, "Expected LF after CR");
            else
                reader->stage = DZR__READ_METHOD;
            break;
        }
        if (++reader->head_bytes > reader->limits->header_bytes) {
            dzr__http_reader_fail(reader, 431, "Request header fields too large");
            break;
        }
        reader->last = at[i];
    }
    return i;
}

/* llhttp knows a fixed list of methods and treats some apart, so it is told PUT for all of them (a method that it
 * allows with no protocol but HTTP), except for CONNECT, whose target has a form of its own. */
static void start_parser(dzr__http_reader *reader)
{
    const bool connect = reader->method_len == 7 && memcmp(reader->text.at, "CONNECT", 7) == 0;
    llhttp_init(&reader->parser, HTTP_REQUEST, &callbacks);
    reader->parser.data = reader;
    const char *const start = connect ? "CONNECT " : "PUT ";
    (void)execute(reader, (const uint8_t *)start, strlen(start));
}

static size_t read_method(dzr__http_reader *reader, const uint8_t *at, size_t len)
{
    size_t i = 0;
    while (i < len && is_token_byte(at[i]) && reader->method_len + i < DZR__HTTP_METHOD_BYTES)
        i++;
    if (dzr__bytebuf_append(&reader->text, at, i, NULL) != DZR_OK) {
        (void)fail_memory(reader);
        return i;
    }
    reader->method_len += i;
    reader->head_bytes += i;
    if (i == len)
        return i;
    if (at[i] == ' ' && reader->method_len > 0) {
        reader->head_bytes++;
        reader->stage = DZR__READ_TARGET;
        start_parser(reader);
        return i + 1;
    }
    if (is_token_byte(at[i]))
        dzr__http_reader_fail(reader, 501, "Request method too long");
    else
        dzr__http_reader_fail(reader, 400, "Invalid request method");
    return i;
}

/* A fragment is never sent; llhttp would take it. The same goes for a line that ends after the target, as in HTTP/0.9.
 */
static bool ends_target(uint8_t c)
{
    return c <= ' ' || c == 0x7f || c == '#';
}

static size_t read_target(dzr__http_reader *reader, const uint8_t *at, size_t len)
{
    const size_t left = reader->limits->target_bytes - reader->target_len;
    size_t n = 0;
    while (n < len && n < left && !ends_target(at[n]))
        n++;
    const size_t used = execute(reader, at, n);
    reader->head_bytes += used;
    if (reader->bad_status != 0)
        return used;
    if (dzr__bytebuf_append(&reader->text, at, n, NULL) != DZR_OK) {
        (void)fail_memory(reader);
        return n;
    }
    reader->target_len += n;
    if (n == len)
        return n;
    if (!ends_target(at[n]))
        dzr__http_reader_fail(reader, 414, "Request target too long");
    else if (at[n] != ' ' || reader->target_len == 0)
        dzr__http_reader_fail(reader, 400, "Invalid request target");
    else
        reader->stage = DZR__READ_HEAD; /* which starts with this space */
    return n;
}

typedef struct lines_piece {
    size_t len;     /* bytes that may go to llhttp */
    bool ended;     /* the empty line ends with them */
    int bad_status; /* what is wrong with the byte after them, 0 for nothing */
    const char *bad_reason;
} lines_piece;

/* Follows the lines of the head or the trailers, which must end in CR LF, through one piece. */
static lines_piece scan_lines(dzr__http_reader *reader, const uint8_t *at, size_t len)
{
    size_t i = 0;
    while (i < len) {
        if (reader->at_line_start) {
            reader->at_line_start = false;
            reader->at_last_line = at[i] == '\r';
            if (at[i] == ' ' || at[i] == '\t')
                return (lines_piece){i, false, 400, "Folded header line"};
            if (!reader->at_last_line && ++reader->n_lines > DZR__HTTP_MAX_HEADERS)
                return (lines_piece){i, false, 431, "Too many header lines"};
        }
        const uint8_t *const line_feed = memchr(at + i, '\n', len - i);
        if (line_feed == NULL)
            return (lines_piece){.len = len};
        const size_t end = (size_t)(line_feed - at);
        if ((end > 0 ? at[end - 1] : reader->last) != '\r')
            return (lines_piece){end, false, 400, "Expected CR before LF"};
        if (reader->at_last_line)
            return (lines_piece){.len = end + 1, .ended = true};
        reader->at_line_start = true;
        i = end + 1;
    }
    return (lines_piece){.len = len};
}

/* The rest of the head, or the trailers: both are lines up to an empty one, and share one limit. */
static size_t read_lines(dzr__http_reader *reader, const uint8_t *at, size_t len)
{
    const dzr__http_stage stage = reader->stage;
    const size_t left = reader->limits->header_bytes - DZR_MIN(reader->head_bytes, reader->limits->header_bytes);
    lines_piece piece = scan_lines(reader, at, DZR_MIN(len, left));
    if (!piece.ended && piece.bad_status == 0 && len > left) {
        piece.bad_status = 431;
        piece.bad_reason = "Request header fields too large";
    }
    const size_t used = execute(reader, at, piece.len);
    reader->head_bytes += used;
    if (piece.len > 0)
        reader->last = at[piece.len - 1];
    if (reader->bad_status != 0)
        return used;
    if (piece.bad_status != 0)
        dzr__http_reader_fail(reader, piece.bad_status, piece.bad_reason);
    else if (piece.ended != (reader->stage != stage)) /* llhttp sees another end: neither can be trusted */
        dzr__http_reader_fail(reader, 400, "Invalid line end");
    return used;
}

static size_t read_body(dzr__http_reader *reader, const uint8_t *at, size_t len)
{
    const size_t used = execute(reader, at, len);
    reader->body_raw_bytes += used;
    const size_t overhead = reader->body_raw_bytes - (reader->text.len - reader->body_at);
    if (overhead > reader->limits->header_bytes + CHUNK_OVERHEAD * reader->limits->body_bytes)
        dzr__http_reader_fail(reader, 413, "Chunk extensions too large");
    return used;
}

/* ---- the request as the handler sees it ---- */

/* Splits target into path and query; absolute-form loses scheme and host (RFC 9112 section 3.2.2). */
static void split_target(dzr_http_request *request)
{
    const uint8_t *at = request->target.at;
    const uint8_t *const end = at + request->target.len;
    const uint8_t *const scheme = at[0] == '/' ? NULL : memmem(at, request->target.len, "://", 3);
    bool no_path = false;
    if (scheme != NULL) {
        for (at = scheme + 3; at < end && *at != '/' && *at != '?'; at++)
            ;
        no_path = at == end || *at == '?';
    }
    const uint8_t *const mark = memchr(at, '?', (size_t)(end - at));
    const uint8_t *const path_end = mark != NULL ? mark : end;
    request->path = no_path ? (dzr_bytes){(const uint8_t *)"/", 1} : (dzr_bytes){at, (size_t)(path_end - at)};
    request->query = mark != NULL ? (dzr_bytes){mark + 1, (size_t)(end - mark - 1)} : (dzr_bytes){NULL, 0};
}

/* The text has stopped moving: views into it can be handed out. */
static void fill_request(dzr__http_reader *reader)
{
    dzr_http_request *const request = &reader->request;
    request->method = text_at(reader, 0, reader->method_len);
    request->target = text_at(reader, reader->method_len, reader->target_len);
    if (reader->bad_status != 0)
        return;
    split_target(request);
    request->body = text_at(reader, reader->body_at, reader->text.len - reader->body_at);
    request->minor_version = reader->parser.http_minor;
    for (size_t i = 0; i < reader->n_fields; i++) {
        const dzr__http_field *const field = &reader->fields[i];
        reader->headers[i].name = text_at(reader, field->name_at, field->name_len);
        reader->headers[i].value = text_at(reader, field->value_at, field->value_len);
    }
    request->headers = reader->headers;
    request->n_headers = reader->n_fields;
}

dzr__http_progress dzr__http_reader_feed(dzr__http_reader *reader, const uint8_t *at, size_t len, size_t *used)
{
    static size_t (*const read_stage[])(dzr__http_reader *, const uint8_t *, size_t) = {
            [DZR__READ_BLANK] = read_blank,
            [DZR__READ_METHOD] = read_method,
            [DZR__READ_TARGET] = read_target,
            [DZR__READ_HEAD] = read_lines,
            [DZR__READ_BODY] = read_body,
            [DZR__READ_TRAILERS] = read_lines,
    };
    size_t i = 0;
    while (i < len && reader->stage != DZR__READ_END)
        i += read_stage[reader->stage](reader, at + i, len - i);
    *used = i;
    if (reader->stage != DZR__READ_END)
        return DZR__HTTP_MORE;
    fill_request(reader);
    return reader->bad_status == 0 ? DZR__HTTP_DONE : DZR__HTTP_BAD;
}

void dzr__http_reader_init(dzr__http_reader *reader, const dzr_allocator *alloc, const dzr__http_limits *limits)
{
    *reader = (dzr__http_reader){.limits = limits, .text = {.alloc = alloc}};
}

void dzr__http_reader_reset(dzr__http_reader *reader)
{
    const dzr__http_reader old = *reader;
    dzr__http_reader_init(reader, old.text.alloc, old.limits);
    reader->text = old.text;
    reader->text.len = 0;
    if (reader->text.cap > TEXT_KEPT_BYTES)
        dzr__bytebuf_fini(&reader->text);
    reader->fields = old.fields;
    reader->headers = old.headers;
    reader->fields_cap = old.fields_cap;
}

void dzr__http_reader_fini(dzr__http_reader *reader)
{
    dzr__bytebuf_fini(&reader->text);
    dzr_release(reader->text.alloc, reader->fields);
    dzr_release(reader->text.alloc, reader->headers);
    reader->fields = NULL;
    reader->headers = NULL;
    reader->fields_cap = 0;
}
