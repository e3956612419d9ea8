/* tests/store/s3_double.h - a server on threads of the test that holds one object as S3 does: ranges, If-Match, uploads
 * in parts. It looks at no signature; what a real server thinks of ours is for tests/s3. Its faults are set by the
 * test. */
#ifndef DZR_TESTS_S3_DOUBLE_H
#define DZR_TESTS_S3_DOUBLE_H

#include "support.h"

#include <datarizer/s3.h>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { S3_DOUBLE_PARTS = 8, S3_DOUBLE_CONNECTIONS = 256, S3_DOUBLE_HEAD = 8192 };

typedef struct s3_double {
    int listener;
    char endpoint[64];
    pthread_t acceptor, servers[S3_DOUBLE_CONNECTIONS];
    int sockets[S3_DOUBLE_CONNECTIONS];
    int n_connections;
    pthread_mutex_t lock; /* for what follows */
    uint8_t *object;      /* NULL: there is none */
    size_t n_object;
    uint8_t *parts[S3_DOUBLE_PARTS];
    size_t n_parts[S3_DOUBLE_PARTS];
    bool pending;
    int n_requests;
    const char *fault;    /* sent instead of an answer, whole; "": none is ever sent */
    int n_faults;         /* so many times */
    const char *checksum; /* told instead of the right one */
} s3_double;

typedef struct s3_double_request {
    char head[S3_DOUBLE_HEAD];
    uint8_t *body;
    size_t n_body;
} s3_double_request;

/* The value of a header, "" when there is none. */
static inline void s3_double_header(const s3_double_request *request, const char *name, char out[256])
{
    out[0] = '\0';
    const size_t n = strlen(name);
    for (const char *line = strstr(request->head, "\r\n"); line != NULL; line = strstr(line + 2, "\r\n"))
        if (strncasecmp(line + 2, name, n) == 0 && line[2 + n] == ':')
            sscanf(line + 3 + n, " %255[^\r\n]", out);
}

static inline bool s3_double_read(int fd, s3_double_request *request)
{
    size_t len = 0;
    *request = (s3_double_request){.n_body = 0};
    do {
        const ssize_t got = read(fd, request->head + len, 1);
        if (got <= 0 || len == S3_DOUBLE_HEAD - 2)
            return false;
        len++;
    } while (len < 4 || memcmp(request->head + len - 4, "\r\n\r\n", 4) != 0);
    char text[256];
    s3_double_header(request, "content-length", text);
    request->n_body = strtoull(text, NULL, 10);
    request->body = malloc(request->n_body + 1);
    for (size_t at = 0; at < request->n_body;) {
        const ssize_t got = read(fd, request->body + at, request->n_body - at);
        if (got <= 0)
            return false; /* the body is the caller's to free all the same */
        at += (size_t)got;
    }
    return true;
}

static inline void s3_double_send(int fd, const void *bytes, size_t n)
{
    for (size_t at = 0; at < n;) {
        const ssize_t put = send(fd, (const char *)bytes + at, n - at, MSG_NOSIGNAL);
        if (put <= 0)
            return;
        at += (size_t)put;
    }
}

static inline void s3_double_say(int fd, int status, const char *headers, const void *body, size_t n, bool send_body)
{
    char head[1024];
    const int len = snprintf(head, sizeof head, "HTTP/1.1 %d X\r\nContent-Length: %zu\r\n%s\r\n", status, n, headers);
    s3_double_send(fd, head, (size_t)len);
    if (send_body)
        s3_double_send(fd, body, n);
}

static inline void s3_double_error(int fd, int status, const char *code)
{
    char body[256];
    snprintf(body, sizeof body, "<Error><Code>%s</Code></Error>", code);
    s3_double_say(fd, status, "", body, strlen(body), true);
}

static inline void s3_double_get(s3_double *server, int fd, const s3_double_request *request)
{
    char range[256], match[256], headers[512];
    s3_double_header(request, "range", range);
    s3_double_header(request, "if-match", match);
    const bool is_get = request->head[0] == 'G';
    if (server->object == NULL) {
        s3_double_error(fd, 404, "NoSuchKey");
        return;
    }
    if (match[0] != '\0' && strcmp(match, "\"e1\"") != 0) {
        s3_double_error(fd, 412, "PreconditionFailed");
        return;
    }
    size_t first = 0, last = server->n_object - 1, n = 0;
    if (sscanf(range, "bytes=-%zu", &n) == 1)
        first = server->n_object - (n < server->n_object ? n : server->n_object);
    else if (range[0] != '\0')
        sscanf(range, "bytes=%zu-%zu", &first, &last);
    snprintf(headers, sizeof headers, "ETag: \"e1\"\r\nContent-Range: bytes %zu-%zu/%zu\r\n", first, last,
            server->n_object);
    s3_double_say(
            fd, is_get && range[0] != '\0' ? 206 : 200, headers, server->object + first, last - first + 1, is_get);
}

static inline void s3_double_take(s3_double *server, uint8_t *bytes, size_t n)
{
    free(server->object);
    server->object = bytes;
    server->n_object = n;
}

static inline void s3_double_put(s3_double *server, int fd, s3_double_request *request)
{
    char checksum[256], headers[512];
    const char *const number = strstr(request->head, "partNumber=");
    s3_double_header(request, "x-amz-checksum-sha256", checksum);
    const int part = number != NULL ? atoi(number + strlen("partNumber=")) - 1 : -1;
    if (part >= 0) {
        assert_true(part < S3_DOUBLE_PARTS);
        free(server->parts[part]);
        server->parts[part] = request->body;
        server->n_parts[part] = request->n_body;
    } else {
        s3_double_take(server, request->body, request->n_body);
    }
    request->body = NULL;
    snprintf(headers, sizeof headers, "ETag: \"%032d\"\r\nx-amz-checksum-sha256: %s\r\n", part,
            server->checksum != NULL ? server->checksum : checksum);
    s3_double_say(fd, 200, headers, "", 0, true);
}

static inline void s3_double_forget_parts(s3_double *server)
{
    for (int i = 0; i < S3_DOUBLE_PARTS; i++) {
        free(server->parts[i]);
        server->parts[i] = NULL;
        server->n_parts[i] = 0;
    }
    server->pending = false;
}

static inline void s3_double_post(s3_double *server, int fd, const s3_double_request *request)
{
    static const char begun[] = "<R><UploadId>u</UploadId></R>", done[] = "<R><ETag>\"e\"</ETag></R>";
    if (strstr(request->head, "?uploads=") != NULL) {
        server->pending = true;
        s3_double_say(fd, 200, "", begun, strlen(begun), true);
        return;
    }
    size_t n = 0;
    for (int i = 0; i < S3_DOUBLE_PARTS; i++)
        n += server->n_parts[i];
    uint8_t *const whole = malloc(n + 1);
    n = 0;
    for (int i = 0; i < S3_DOUBLE_PARTS; i++) {
        if (server->parts[i] != NULL)
            memcpy(whole + n, server->parts[i], server->n_parts[i]);
        n += server->n_parts[i];
    }
    s3_double_take(server, whole, n);
    s3_double_forget_parts(server);
    s3_double_say(fd, 200, "", done, strlen(done), true);
}

/* Whether the connection goes on. */
static inline bool s3_double_answer(s3_double *server, int fd, s3_double_request *request)
{
    bool goes_on = true;
    pthread_mutex_lock(&server->lock);
    server->n_requests++;
    if (server->n_faults > 0) {
        server->n_faults--;
        s3_double_send(fd, server->fault, strlen(server->fault));
        char byte;
        const bool is_silent = server->fault[0] == '\0';
        pthread_mutex_unlock(&server->lock);
        while (is_silent && read(fd, &byte, 1) > 0)
            continue;
        return !is_silent;
    }
    switch (request->head[0]) {
    case 'G':
    case 'H':
        s3_double_get(server, fd, request);
        break;
    case 'P':
        if (request->head[1] == 'U')
            s3_double_put(server, fd, request);
        else
            s3_double_post(server, fd, request);
        break;
    case 'D':
        s3_double_forget_parts(server);
        s3_double_say(fd, 204, "", "", 0, true);
        break;
    default:
        goes_on = false;
    }
    pthread_mutex_unlock(&server->lock);
    return goes_on;
}

typedef struct s3_double_connection {
    s3_double *server;
    int fd;
} s3_double_connection;

static inline void *s3_double_serve(void *arg)
{
    const s3_double_connection connection = *(s3_double_connection *)arg;
    free(arg);
    s3_double_request request;
    bool goes_on = true;
    while (goes_on) {
        goes_on =
                s3_double_read(connection.fd, &request) && s3_double_answer(connection.server, connection.fd, &request);
        free(request.body);
    }
    shutdown(connection.fd, SHUT_RDWR);
    return NULL;
}

static inline void *s3_double_accept(void *arg)
{
    s3_double *const server = arg;
    for (;;) {
        const int fd = accept(server->listener, NULL, NULL);
        if (fd < 0 || server->n_connections == S3_DOUBLE_CONNECTIONS)
            return NULL;
        s3_double_connection *const connection = malloc(sizeof *connection);
        *connection = (s3_double_connection){server, fd};
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        server->sockets[server->n_connections] = fd;
        pthread_create(&server->servers[server->n_connections++], NULL, s3_double_serve, connection);
    }
}

static inline void s3_double_start(s3_double *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    *server = (s3_double){.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    assert_int_equal(bind(server->listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(server->listener, 64), 0);
    assert_int_equal(getsockname(server->listener, (struct sockaddr *)&address, &len), 0);
    snprintf(server->endpoint, sizeof server->endpoint, "http://127.0.0.1:%d", ntohs(address.sin_port));
    pthread_mutex_init(&server->lock, NULL);
    assert_int_equal(pthread_create(&server->acceptor, NULL, s3_double_accept, server), 0);
}

/* Closes all connections, too. */
static inline void s3_double_stop(s3_double *server)
{
    shutdown(server->listener, SHUT_RDWR);
    pthread_join(server->acceptor, NULL);
    close(server->listener);
    for (int i = 0; i < server->n_connections; i++) {
        shutdown(server->sockets[i], SHUT_RDWR);
        pthread_join(server->servers[i], NULL);
        close(server->sockets[i]);
    }
    s3_double_forget_parts(server);
    free(server->object);
    pthread_mutex_destroy(&server->lock);
}

/* An object of n bytes that are a function of their position. */
static inline void s3_double_hold(s3_double *server, size_t n)
{
    uint8_t *const bytes = malloc(n + 1);
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)(i * 2654435761U >> 11);
    pthread_mutex_lock(&server->lock);
    s3_double_take(server, bytes, n);
    pthread_mutex_unlock(&server->lock);
}

static inline dzr_s3_options s3_double_options(const s3_double *server)
{
    return (dzr_s3_options){.access_key = "key",
            .secret_key = "secret",
            .region = "us-east-1",
            .endpoint = server->endpoint,
            .wait_ms = 1};
}

#endif
