/* userator/main.c - the user API server as a program: opens the database, the access log and the server, runs until a
 * signal, and closes them in the order that loses nothing. What a request gets is in routes.c. */
#include <datarizer/http_server.h>

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "access_log.h"
#include "options.h"
#include "routes.h"

/* What all callbacks of the server share. */
typedef struct service {
    routes routes;   /* first, as routes.h wants it */
    access_log *log; /* NULL: off */
} service;

/* One event loop's. */
typedef struct service_loop {
    void *routes_loop;
    access_log_lane *lane; /* NULL: no log */
} service_loop;

/* ---- words for the operator: each line in one write ---- */

static void say(const char *line)
{
    char text[DZR_ERROR_BYTES + 200];
    const int n = snprintf(text, sizeof text, "userator: %s\n", line);
    const size_t len = (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    if (write(STDERR_FILENO, text, len) < 0)
        return; /* nobody reads it: nothing to be done */
}

static void on_notice(void *ctx, const char *line)
{
    (void)ctx;
    say(line);
}

/* ---- callbacks of the server ---- */

static void handle(void *ctx, void *loop_ctx, dzr_http_exchange *exchange)
{
    const service_loop *loop = loop_ctx;
    routes_handle(ctx, loop->routes_loop, exchange);
}

static dzr_status start_loop(void *ctx, int loop_index, void **loop_ctx, dzr_error *err)
{
    service *shared = ctx;
    service_loop *loop = dzr_alloc_zeroed(NULL, 1, sizeof *loop, err);
    if (loop == NULL)
        return DZR_ERR_NOMEM;
    const dzr_status status = routes_loop_start(ctx, loop_index, &loop->routes_loop, err);
    if (status != DZR_OK) {
        dzr_release(NULL, loop);
        return status;
    }
    if (shared->log != NULL)
        loop->lane = access_log_lane_at(shared->log, loop_index);
    *loop_ctx = loop;
    return DZR_OK;
}

static void stop_loop(void *ctx, void *loop_ctx)
{
    service_loop *loop = loop_ctx;
    if (loop == NULL)
        return;
    routes_loop_stop(ctx, loop->routes_loop);
    dzr_release(NULL, loop);
}

static void on_answered(void *ctx, void *loop_ctx, const dzr_http_exchange *exchange, int status, size_t body_bytes,
        int64_t duration_us)
{
    (void)ctx;
    const service_loop *loop = loop_ctx;
    const dzr_http_request *request = dzr_http_exchange_request(exchange);
    const access_log_entry entry = {
            .peer = dzr_http_exchange_peer(exchange),
            .method = request->method,
            .target = request->target,
            .status = status,
            .body_bytes = body_bytes,
            .duration_us = duration_us,
    };
    access_log_write(loop->lane, &entry);
}

/* ---- signals ---- */

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

static void catch_signals(dzr_http_server *server)
{
    running = server;
    struct sigaction stop = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigfillset(&stop.sa_mask);
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGINT, &stop, NULL);
}

static void ignore_signals(void)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL); /* a peer that went is an error of write */
    sigaction(SIGXFSZ, &ignore, NULL); /* and so is a file that may not grow */
}

/* ---- start, run, end ---- */

/* Connections are files; the system's default of 1,024 is meant for programs that use select. */
static void raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void say_where(const userator_options *options, const dzr_http_server *server)
{
    char line[DZR_ERROR_BYTES], header[OPTIONS_VALUE_BYTES], target[OPTIONS_VALUE_BYTES], body[OPTIONS_VALUE_BYTES];
    options_format_size(options->max_header, header);
    options_format_size(options->max_target, target);
    options_format_size(options->max_body, body);
    snprintf(line, sizeof line,
            "listening on http://%s (database %.500s, %" PRId64
            " loop%s, at most %d connections, header %s, target %s, "
            "body %s)",
            dzr_http_server_address(server), options->db, options->threads, options->threads == 1 ? "" : "s",
            dzr_http_server_max_connections(server), header, target, body);
    say(line);
}

static void say_farewell(user_db *db)
{
    char line[200];
    user_db_stats stats;
    user_db_stats_read(db, &stats);
    snprintf(line, sizeof line,
            "stopped; %" PRIu64 " users inserted in %" PRIu64 " commits (%" PRIu64 " in the largest), %" PRIu64
            " conflicts, %" PRIu64 " failed",
            stats.n_inserted, stats.n_commits, stats.largest_commit, stats.n_conflicts, stats.n_failed);
    say(line);
}

static dzr_status open_server(const userator_options *options, service *shared, dzr_http_server **out, dzr_error *err)
{
    const dzr_http_server_options server_options = {
            .listen = options->listen,
            .n_loops = (int)options->threads,
            .max_connections = (int)options->max_connections,
            .max_per_address = (int)options->max_per_address,
            .max_header_bytes = (size_t)options->max_header,
            .max_target_bytes = (size_t)options->max_target,
            .max_body_bytes = (size_t)options->max_body,
            .header_timeout_ms = options->header_timeout,
            .body_timeout_ms = options->body_timeout,
            .idle_timeout_ms = options->idle_timeout,
            .write_timeout_ms = options->write_timeout,
            .drain_timeout_ms = options->drain_timeout,
            .handler = handle,
            .ctx = shared,
            .on_loop_start = start_loop,
            .on_loop_stop = stop_loop,
            .on_answered = shared->log != NULL ? on_answered : NULL,
            .on_notice = on_notice,
    };
    return dzr_http_server_open(&server_options, out, err);
}

/* The database is closed before the server: inserts that are still on their way are executed, and their answers are
 * posted to loops that have ended, which is allowed until the server is closed. */
static dzr_status serve(const userator_options *options, dzr_error *err)
{
    service shared = {0};
    dzr_http_server *server = NULL;
    const user_db_options db_options = {.path = options->db, .on_notice = on_notice};
    dzr_status status = user_db_open(&db_options, &shared.routes.db, err);
    if (status == DZR_OK && strcmp(options->access_log, "off") != 0)
        status = access_log_open(options->access_log, (int)options->threads, on_notice, NULL, &shared.log, err);
    if (status == DZR_OK)
        status = open_server(options, &shared, &server, err);
    if (status == DZR_OK) {
        say_where(options, server);
        catch_signals(server);
        status = dzr_http_server_run(server, err);
        running = NULL; /* a signal from here on changes nothing: what is left takes moments */
    }
    access_log_close(shared.log);
    if (server != NULL && status == DZR_OK)
        say_farewell(shared.routes.db);
    user_db_close(shared.routes.db);
    dzr_http_server_close(server);
    return status;
}

int main(int argc, char **argv)
{
    userator_options options;
    const options_outcome outcome = userator_options_parse(argc, argv, &options);
    if (outcome != OPTIONS_RUN)
        return outcome == OPTIONS_DONE ? OPTIONS_EXIT_OK : OPTIONS_EXIT_USAGE;
    ignore_signals();
    raise_file_limit();
    dzr_error err;
    if (serve(&options, &err) != DZR_OK) {
        say(err.message);
        return OPTIONS_EXIT_FAILURE;
    }
    return n_signals > 1 ? 128 + last_signal : OPTIONS_EXIT_OK;
}
