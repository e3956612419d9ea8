/* userator/main.c - the user API server as a program: opens the database, the access log and the server, runs until a
 * signal, and closes them in the order that loses nothing. What a request gets is in routes.c. */
#include <datarizer/http_server.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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
    service_say("userator", line);
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

/* ---- start, run, end ---- */

static void say_where(const userator_options *options, const dzr_http_server *server)
{
    char line[DZR_ERROR_BYTES], limits[SERVICE_LIMITS_BYTES];
    service_limits_format(&options->limits, limits);
    snprintf(line, sizeof line,
            "listening on http://%s (database %.500s, %" PRId64 " loop%s, at most %d connections, %s)",
            dzr_http_server_address(server), options->db, options->threads, options->threads == 1 ? "" : "s",
            dzr_http_server_max_connections(server), limits);
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
    dzr_http_server_options server_options = {
            .listen = options->listen,
            .n_loops = (int)options->threads,
            .handler = handle,
            .ctx = shared,
            .on_loop_start = start_loop,
            .on_loop_stop = stop_loop,
            .on_answered = shared->log != NULL ? on_answered : NULL,
            .on_notice = on_notice,
    };
    service_limits_apply(&options->limits, &server_options);
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
        status = service_run(server, err);
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
        return options_exit(outcome);
    service_prepare();
    dzr_error err;
    if (serve(&options, &err) != DZR_OK) {
        say(err.message);
        return OPTIONS_EXIT_FAILURE;
    }
    return service_exit_code();
}
