/* cmd/common/service.c - see service.h: words for the operator, signals, the run of a server between them. */
#include "cmd/common/service.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

enum { SAY_WAIT_MS = 100 };

void service_say(const char *program, const char *line)
{
    char text[DZR_ERROR_BYTES + 200];
    const int n = snprintf(text, sizeof text, "%s: %s\n", program, line);
    const size_t len = (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    struct pollfd file = {.fd = STDERR_FILENO, .events = POLLOUT};
    if (poll(&file, 1, SAY_WAIT_MS) == 0 || write(STDERR_FILENO, text, len) < 0)
        return; /* nobody reads it: nothing to be done */
}

static _Atomic(dzr_http_server *) running;
static atomic_int n_signals, last_signal;

/* The first lets requests in flight finish, the next cuts them: the server counts too. */
static void on_signal(int number)
{
    const int old_errno = errno;
    dzr_http_server *server = running;
    n_signals++;
    last_signal = number;
    if (server != NULL)
        dzr_http_server_stop(server);
    errno = old_errno;
}

void service_prepare(void)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL); /* a peer that went is an error of write */
    sigaction(SIGXFSZ, &ignore, NULL); /* and so is a file that may not grow */

    /* Connections are files; the system's default of 1,024 is meant for programs that use select. */
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

dzr_status service_run(dzr_http_server *server, dzr_error *err)
{
    running = server;
    struct sigaction stop = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigfillset(&stop.sa_mask);
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGINT, &stop, NULL);
    const dzr_status status = dzr_http_server_run(server, err);
    running = NULL; /* a signal from here on changes nothing: what is left takes moments */
    return status;
}

int service_exit_code(void)
{
    return n_signals > 1 ? 128 + last_signal : OPTIONS_EXIT_OK;
}
