/* cmd/api/v1/main.c - the deprecated text API as a program: opens the database and the server, runs until a signal.
 * What a request gets is in routes.c. Each answer says that it is deprecated and what comes after it. */
#include <datarizer/http_server.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/common/service.h"
#include "routes.h"

typedef struct v1_options {
    const char *listen, *db;
    int64_t threads; /* never 0 after parse */
    service_limits limits;
} v1_options;

/* Inserts take turns, so that more loops than this only wait for each other. */
enum { MAX_LOOPS = 16 };

static options_outcome parse(int argc, char **argv, v1_options *out)
{
    *out = (v1_options){.listen = "127.0.0.1:8080", .db = "users.db"};
    options_row rows[3 + SERVICE_LIMIT_ROWS + 1] = {
            {.name = "listen",
                    .argument = "ADDRESS",
                    .text = &out->listen,
                    .help = "IP address and port; port 0: any free one"},
            {.name = "db", .text = &out->db, .help = "the SQLite file, made when missing"},
            {.name = "threads",
                    .kind = OPTIONS_NUMBER,
                    .number = &out->threads,
                    .max = MAX_LOOPS,
                    .zero = "one a core, at most 16",
                    .help = "event loops"},
    };
    service_limits_rows(&out->limits, rows + 3);
    const options_program program = {
            .name = "api-v1",
            .usage = "[OPTION]...",
            .summary = "Serves the deprecated v1 user API over HTTP from an SQLite file of its own.",
            .rows = rows,
            .notes = "Sizes: 512, 16KiB, 1MiB. Times: 250ms, 10s, 1.5m.\n"
                     "SIGTERM and SIGINT let the requests in flight finish; a second one cuts them.\n"
                     "Exit status: 0 after a signal when all was finished, 1 when it could not start or run,\n"
                     "2 for a wrong option, 128 + the signal's number when a second signal cut it short.",
    };
    const options_outcome outcome = options_parse(&program, argc, argv, NULL);
    if (out->threads == 0)
        out->threads = service_count_cores();
    if (out->threads > MAX_LOOPS)
        out->threads = MAX_LOOPS;
    return outcome;
}

static void say(const char *line)
{
    service_say("api-v1", line);
}

static void on_notice(void *ctx, const char *line)
{
    (void)ctx;
    say(line);
}

static dzr_bytes bytes_of(const char *text)
{
    return (dzr_bytes){(const uint8_t *)text, strlen(text)};
}

static void say_where(const v1_options *options, const dzr_http_server *server)
{
    char line[DZR_ERROR_BYTES], limits[SERVICE_LIMITS_BYTES];
    service_limits_format(&options->limits, limits);
    snprintf(line, sizeof line,
            "listening on http://%s (database %.500s, %" PRId64 " loop%s, at most %d connections, %s)",
            dzr_http_server_address(server), options->db, options->threads, options->threads == 1 ? "" : "s",
            dzr_http_server_max_connections(server), limits);
    say(line);
}

static dzr_status serve(const v1_options *options, dzr_error *err)
{
    const dzr_http_header headers[] = {
            {bytes_of("Deprecation"), bytes_of("@1735689600")}, /* RFC 9745: since 2025-01-01 */
            {bytes_of("Link"), bytes_of("</users/>; rel=\"successor-version\"")},
    };
    v1_routes routes = {.on_notice = on_notice};
    dzr_http_server_options server_options = {
            .listen = options->listen,
            .n_loops = (int)options->threads,
            .headers = headers,
            .n_headers = sizeof headers / sizeof *headers,
            .handler = v1_routes_handle,
            .ctx = &routes,
            .on_loop_start = v1_routes_start_loop,
            .on_loop_stop = v1_routes_stop_loop,
            .on_notice = on_notice,
    };
    service_limits_apply(&options->limits, &server_options);
    dzr_http_server *server = NULL;
    dzr_status status = v1_db_open(options->db, &routes.db, err);
    if (status == DZR_OK)
        status = dzr_http_server_open(&server_options, &server, err);
    if (status == DZR_OK) {
        say_where(options, server);
        status = service_run(server, err);
    }
    dzr_http_server_close(server);
    v1_db_close(routes.db);
    if (status == DZR_OK)
        say("stopped");
    return status;
}

int main(int argc, char **argv)
{
    v1_options options;
    const options_outcome outcome = parse(argc, argv, &options);
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
