/* tests/net/echo_server.c - a small server on datarizer/http_server.h for the raw-socket tests and the load test.
 * usage: echo_server [--listen A] [--NAME N ...]    prints "listening on A", then one line a notice and an answer
 * (--log 1) /bare             71 bytes of JSON /echo             what arrived: one "name value" a line, then an empty
 * line and the body /later?MS         answered by another thread after MS milliseconds /stall?MS         the same on
 * the loop's own thread /big?BYTES        a body of that many bytes /fields           an answer with fields of its own
 * /empty            204 */
#include <datarizer/http_server.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static dzr_http_server *server;

static void on_signal(int number)
{
    (void)number;
    dzr_http_server_stop(server);
}

static dzr_bytes bytes_of(const char *text)
{
    return (dzr_bytes){(const uint8_t *)text, strlen(text)};
}

static bool path_is(const dzr_http_request *request, const char *path)
{
    return request->path.len == strlen(path) && memcmp(request->path.at, path, request->path.len) == 0;
}

static long query_number(const dzr_http_request *request)
{
    char digits[20] = {0};
    if (request->query.len > 0 && request->query.len < sizeof digits)
        memcpy(digits, request->query.at, request->query.len);
    return strtol(digits, NULL, 10);
}

/* ---- answers from another thread ---- */

static void answer_later(dzr_http_exchange *exchange, void *arg)
{
    const char *const text = arg;
    dzr_http_answer(exchange, 200, "text/plain", NULL, 0, bytes_of(text));
}

struct late {
    dzr_http_exchange *exchange;
    long delay_ms;
};

static void *late_main(void *arg)
{
    struct late *const late = arg;
    const struct timespec pause = {late->delay_ms / 1000, late->delay_ms % 1000 * 1000000};
    if (late->delay_ms > 0)
        nanosleep(&pause, NULL);
    dzr_http_post(late->exchange, answer_later, "later\n");
    free(late);
    return NULL;
}

static void defer(dzr_http_exchange *exchange, long delay_ms)
{
    struct late *const late = malloc(sizeof *late);
    pthread_t thread;
    if (late != NULL)
        *late = (struct late){exchange, delay_ms};
    if (late == NULL || pthread_create(&thread, NULL, late_main, late) != 0) {
        free(late);
        dzr_http_answer(exchange, 503, NULL, NULL, 0, bytes_of(""));
        return;
    }
    pthread_detach(thread);
}

static void stall(dzr_http_exchange *exchange, long ms)
{
    const struct timespec pause = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&pause, NULL);
    dzr_http_answer(exchange, 200, "text/plain", NULL, 0, bytes_of("stalled\n"));
}

/* ---- routes ---- */

static void echo(dzr_http_exchange *exchange, const dzr_http_request *request)
{
    char *out = NULL;
    size_t out_len = 0;
    FILE *const text = open_memstream(&out, &out_len);
    if (text == NULL) {
        dzr_http_answer(exchange, 503, NULL, NULL, 0, bytes_of(""));
        return;
    }
    fprintf(text, "method %.*s\n", (int)request->method.len, (const char *)request->method.at);
    fprintf(text, "target %.*s\n", (int)request->target.len, (const char *)request->target.at);
    fprintf(text, "path %.*s\n", (int)request->path.len, (const char *)request->path.at);
    if (request->query.at != NULL)
        fprintf(text, "query %.*s\n", (int)request->query.len, (const char *)request->query.at);
    for (size_t i = 0; i < request->n_headers; i++)
        fprintf(text, "header %.*s=%.*s\n", (int)request->headers[i].name.len,
                (const char *)request->headers[i].name.at, (int)request->headers[i].value.len,
                (const char *)request->headers[i].value.at);
    fprintf(text, "peer %s\n\n", dzr_http_exchange_peer(exchange));
    fwrite(request->body.at, 1, request->body.len, text);
    fclose(text);
    dzr_http_answer(exchange, 200, "text/plain", NULL, 0, (dzr_bytes){(const uint8_t *)out, out_len});
    free(out);
}

static void big(dzr_http_exchange *exchange, size_t n_bytes)
{
    char *const body = malloc(n_bytes > 0 ? n_bytes : 1);
    if (body == NULL) {
        dzr_http_answer(exchange, 503, NULL, NULL, 0, bytes_of(""));
        return;
    }
    memset(body, 'x', n_bytes);
    dzr_http_answer(exchange, 200, "text/plain", NULL, 0, (dzr_bytes){(const uint8_t *)body, n_bytes});
    free(body);
}

static void fields(dzr_http_exchange *exchange)
{
    const dzr_http_header extra[] = {
            {bytes_of("Allow"), bytes_of("GET")},
            {bytes_of("X-Empty"), bytes_of("")},
    };
    dzr_http_answer(exchange, 405, "application/json", extra, 2, bytes_of("{\"detail\":\"Method Not Allowed\"}"));
}

static void handle(void *ctx, void *loop_ctx, dzr_http_exchange *exchange)
{
    (void)ctx;
    (void)loop_ctx;
    const dzr_http_request *const request = dzr_http_exchange_request(exchange);
    if (path_is(request, "/bare"))
        dzr_http_answer(exchange, 200, "application/json", NULL, 0,
                bytes_of("{\"name\":\"Alice Example\",\"email\":\"alice@example.com\",\"age\":28,\"id\":1234}"));
    else if (path_is(request, "/later"))
        defer(exchange, query_number(request));
    else if (path_is(request, "/stall"))
        stall(exchange, query_number(request));
    else if (path_is(request, "/big"))
        big(exchange, (size_t)query_number(request));
    else if (path_is(request, "/fields"))
        fields(exchange);
    else if (path_is(request, "/empty"))
        dzr_http_answer(exchange, 204, NULL, NULL, 0, bytes_of(""));
    else
        echo(exchange, request);
}

static void log_answer(void *ctx, void *loop_ctx, const dzr_http_exchange *exchange, int status, size_t body_bytes,
        int64_t duration_us)
{
    (void)ctx;
    (void)loop_ctx;
    const dzr_http_request *const request = dzr_http_exchange_request(exchange);
    printf("answered %.*s %.*s %d %zu %s\n", (int)request->method.len, (const char *)request->method.at,
            (int)request->target.len, (const char *)request->target.at, status, body_bytes,
            duration_us >= 0 ? "ok" : "negative duration");
    fflush(stdout);
}

static void print_notice(void *ctx, const char *line)
{
    (void)ctx;
    printf("notice %s\n", line);
    fflush(stdout);
}

/* ---- main ---- */

static bool set_option(dzr_http_server_options *options, const char *name, const char *value)
{
    const long long number = strtoll(value, NULL, 10);
    if (strcmp(name, "--listen") == 0)
        options->listen = value;
    else if (strcmp(name, "--loops") == 0)
        options->n_loops = (int)number;
    else if (strcmp(name, "--max-connections") == 0)
        options->max_connections = (int)number;
    else if (strcmp(name, "--max-per-address") == 0)
        options->max_per_address = (int)number;
    else if (strcmp(name, "--header-ms") == 0)
        options->header_timeout_ms = number;
    else if (strcmp(name, "--body-ms") == 0)
        options->body_timeout_ms = number;
    else if (strcmp(name, "--idle-ms") == 0)
        options->idle_timeout_ms = number;
    else if (strcmp(name, "--write-ms") == 0)
        options->write_timeout_ms = number;
    else if (strcmp(name, "--drain-ms") == 0)
        options->drain_timeout_ms = number;
    else if (strcmp(name, "--log") == 0)
        options->on_answered = number != 0 ? log_answer : NULL;
    else
        return false;
    return true;
}

int main(int argc, char **argv)
{
    dzr_http_server_options options = {.listen = "127.0.0.1:0", .handler = handle, .on_notice = print_notice};
    for (int i = 1; i + 1 < argc; i += 2)
        if (!set_option(&options, argv[i], argv[i + 1])) {
            fprintf(stderr, "echo_server: unknown option %s\n", argv[i]);
            return 2;
        }
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    dzr_error err;
    if (dzr_http_server_open(&options, &server, &err) != DZR_OK) {
        fprintf(stderr, "echo_server: %s\n", err.message);
        return 1;
    }
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGTERM, &action, NULL);
    printf("listening on %s\n", dzr_http_server_address(server));
    fflush(stdout);
    const dzr_status st = dzr_http_server_run(server, &err);
    if (st != DZR_OK)
        fprintf(stderr, "echo_server: %s\n", err.message);
    (void)signal(SIGTERM, SIG_IGN); /* nothing is left to stop */
    dzr_http_server_close(server);
    return st == DZR_OK ? 0 : 1;
}
