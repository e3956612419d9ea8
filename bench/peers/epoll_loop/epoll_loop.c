/* bench/peers/epoll_loop/epoll_loop.c - the floor under every HTTP server measured here: a bare epoll loop that finds
 * the end of each request's head and answers one fixed JSON of 71 bytes, the size of one user. Keep-alive, pipelining
 * (one write for all requests of a read), N threads with a listener each by SO_REUSEPORT. It reads no header, holds no
 * deadline and no limit but its buffer, so its CPU per request is what the kernel and the system calls cost.
 * Started by bench/run.py; not a server for anything else.
 * usage: epoll_loop PORT THREADS     loopback only; PORT 0 takes a free one; prints "listening on 127.0.0.1:PORT". */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define BODY "{\"name\":\"User 04711\",\"email\":\"user4711@example.com\",\"age\":47,\"id\":4711}"
_Static_assert(sizeof BODY - 1 == 71, "the answer is as long as the one user it stands for");

static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 71\r\n\r\n" BODY;

enum {
    ANSWER_BYTES = sizeof answer - 1,
    HEAD_BYTES = 16 * 1024, /* what a connection may hold unanswered; a longer head closes it */
    PIPELINE = 64,          /* answers put into one write */
    MAX_THREADS = 64
};

typedef struct connection {
    int fd;
    size_t n_held; /* bytes of a request whose end has not come yet */
    char held[HEAD_BYTES];
} connection;

static char answers[PIPELINE * ANSWER_BYTES];

/* All of it, or false when the peer is gone or does not read: a loop for comparison keeps no write queue. */
static bool write_all(int fd, const char *at, size_t left)
{
    while (left > 0) {
        const ssize_t n = send(fd, at, left, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        left -= (size_t)n;
    }
    return true;
}

/* Takes complete heads off the front of what is held and returns how many there were; only GET has no body. */
static int take_requests(connection *c)
{
    int n_requests = 0;
    const char *at = c->held;
    const char *const end = c->held + c->n_held;
    for (;;) {
        const char *const blank = memmem(at, (size_t)(end - at), "\r\n\r\n", 4);
        if (blank == NULL)
            break;
        if (memcmp(at, "GET ", 4) != 0)
            return -1;
        at = blank + 4;
        n_requests++;
    }
    c->n_held = (size_t)(end - at);
    memmove(c->held, at, c->n_held);
    return n_requests;
}

/* One read, one write. False: close the connection. */
static bool serve(connection *c)
{
    const ssize_t n = recv(c->fd, c->held + c->n_held, sizeof c->held - c->n_held, 0);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    if (n == 0)
        return false; /* the peer has closed, or a head fills the buffer */
    c->n_held += (size_t)n;
    int n_requests = take_requests(c);
    if (n_requests < 0)
        return false;
    for (; n_requests > 0; n_requests -= PIPELINE) {
        const int n_now = n_requests < PIPELINE ? n_requests : PIPELINE;
        if (!write_all(c->fd, answers, (size_t)n_now * ANSWER_BYTES))
            return false;
    }
    return true;
}

static void welcome(int epoll, int listener)
{
    const int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    connection *const c = malloc(sizeof *c);
    if (c != NULL) {
        c->fd = fd;
        c->n_held = 0;
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &(struct epoll_event){.events = EPOLLIN, .data.ptr = c}) == 0)
            return;
    }
    free(c);
    close(fd);
}

static void *loop(void *listener_fd)
{
    const int listener = *(const int *)listener_fd;
    const int epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &(struct epoll_event){.events = EPOLLIN}) != 0) {
        perror("epoll_loop: epoll");
        exit(1);
    }
    for (;;) {
        struct epoll_event events[64];
        const int n_events = epoll_wait(epoll, events, 64, -1);
        for (int i = 0; i < n_events; i++) {
            connection *const c = events[i].data.ptr;
            if (c == NULL) {
                welcome(epoll, listener);
            } else if (!serve(c)) {
                close(c->fd);
                free(c);
            }
        }
    }
    return NULL;
}

/* A listener of its own for each thread, all on the same port; *port 0 becomes the one that was free. */
static int open_listener(uint16_t *port)
{
    struct sockaddr_in at = {
            .sin_family = AF_INET, .sin_port = htons(*port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n_at = sizeof at;
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &(int){1}, sizeof(int)) != 0 ||
            bind(fd, (const struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 1024) != 0 ||
            getsockname(fd, (struct sockaddr *)&at, &n_at) != 0) {
        perror("epoll_loop: listen");
        exit(1);
    }
    *port = ntohs(at.sin_port);
    return fd;
}

int main(int argc, char **argv)
{
    const long wanted = argc == 3 ? strtol(argv[1], NULL, 10) : -1;
    const long n_threads = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
    if (wanted < 0 || wanted > 65535 || n_threads < 1 || n_threads > MAX_THREADS) {
        fprintf(stderr, "usage: epoll_loop PORT THREADS\n");
        return 2;
    }
    for (size_t i = 0; i < PIPELINE; i++)
        memcpy(answers + i * ANSWER_BYTES, answer, ANSWER_BYTES);
    uint16_t port = (uint16_t)wanted;
    static int listeners[MAX_THREADS];
    for (long i = 0; i < n_threads; i++)
        listeners[i] = open_listener(&port);
    printf("listening on 127.0.0.1:%u\n", port);
    fflush(stdout);
    for (long i = 1; i < n_threads; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, loop, &listeners[i]) != 0) {
            fprintf(stderr, "epoll_loop: no thread to be had\n");
            return 1;
        }
    }
    loop(&listeners[0]);
    return 0;
}
