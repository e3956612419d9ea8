/* tests/net/canned_server.h - an HTTP server of a few lines on a thread of the test, for the client and for ingest: it
 * reads a request's head and sends what a callback says. The scripted faults are in tests/ingest/fault_server.py. */
#ifndef DZR_TESTS_CANNED_SERVER_H
#define DZR_TESTS_CANNED_SERVER_H

#include "support.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/* The body of the answer to the n-th request (from 0), whose head is given; NULL: none ever comes. */
typedef const char *(*canned_answer)(int n, const char *head);

typedef struct canned_server {
    canned_answer answer;
    int listener;
    char url[64]; /* "http://127.0.0.1:4711/users/" */
    pthread_t thread;
} canned_server;

/* Reads to the end of a head; false when the peer left. */
static inline bool canned_read_head(int fd, char *head, size_t cap)
{
    size_t len = 0;
    do {
        const ssize_t got = read(fd, head + len, cap - 1 - len);
        if (got <= 0)
            return false;
        len += (size_t)got;
        head[len] = '\0';
    } while (strstr(head, "\r\n\r\n") == NULL && len < cap - 1);
    return true;
}

static inline void *canned_serve(void *arg)
{
    const canned_server *const server = arg;
    int n = 0;
    for (int fd = accept(server->listener, NULL, NULL); fd >= 0; fd = accept(server->listener, NULL, NULL)) {
        static char head[8192], text[65536];
        while (canned_read_head(fd, head, sizeof head)) {
            const char *const body = server->answer(n++, head);
            if (body == NULL)
                continue; /* waits until the client leaves */
            const int len =
                    snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(body), body);
            if (send(fd, text, (size_t)len, MSG_NOSIGNAL) != len)
                break;
        }
        close(fd);
    }
    return NULL;
}

static inline void canned_start(canned_server *server, canned_answer answer)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    server->answer = answer;
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(server->listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(server->listener, 16), 0);
    assert_int_equal(getsockname(server->listener, (struct sockaddr *)&address, &len), 0);
    snprintf(server->url, sizeof server->url, "http://127.0.0.1:%d/users/", ntohs(address.sin_port));
    assert_int_equal(pthread_create(&server->thread, NULL, canned_serve, server), 0);
}

/* After every client has closed its connection. */
static inline void canned_stop(canned_server *server)
{
    shutdown(server->listener, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->listener);
}

#endif
