/* cmd/ingest/main.c - the program `ingest`: options, signals, progress and the summary line around dzr_ingest_run. */
#include "cmd/common/options.h"

#include <datarizer/ingest.h>

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { PROGRESS_INTERVAL_MS = 100 };

typedef struct terminal {
    bool quiet;      /* errors only */
    bool progress;   /* standard error is a terminal */
    bool line_shown; /* a progress line stands there, without its line feed */
    int64_t shown_ms;
} terminal;

/* ---- signals: the handler sets the flag that the job looks at, and main exits as the shell expects ---- */

static dzr_cancel *cancel;
static volatile sig_atomic_t signal_number;

static void on_signal(int number)
{
    signal_number = number;
    dzr_cancel_set(cancel);
}

static void handle_signals(void)
{
    /* the second signal of a kind finds the default action: it ends a job that hangs in a flush, and nothing half shows
     */
    const struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)(SA_RESETHAND | SA_RESTART)};
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct sigaction before;
        if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN) /* nohup */
            (void)sigaction(numbers[i], &action, NULL);
    }
    (void)signal(SIGPIPE, SIG_IGN); /* a reader of standard output that left is a write error like any other */
}

/* ---- what the terminal shows ---- */

static void clear_line(terminal *screen)
{
    if (screen->line_shown)
        fputs("\r\033[K", stderr);
    screen->line_shown = false;
}

/* "812 B", "13.0 kB", "4.2 MB" */
static void format_bytes(int64_t n_bytes, char out[32])
{
    static const char *const units[] = {"kB", "MB", "GB", "TB"};
    if (n_bytes < 1000) {
        (void)snprintf(out, 32, "%" PRId64 " B", n_bytes);
        return;
    }
    double value = (double)n_bytes / 1000;
    size_t unit = 0;
    while (value >= 999.95 && unit < 3) {
        value /= 1000;
        unit++;
    }
    (void)snprintf(out, 32, "%.1f %s", value, units[unit]);
}

static void print_facts(const dzr_ingest_facts *facts)
{
    char bytes[32];
    format_bytes(facts->n_body_bytes, bytes);
    fprintf(stderr, "%" PRId64 " user%s from %" PRId64 " page%s, %" PRId64 " retr%s, %s, %.2f s", facts->n_records,
            facts->n_records == 1 ? "" : "s", facts->n_pages, facts->n_pages == 1 ? "" : "s", facts->n_retries,
            facts->n_retries == 1 ? "y" : "ies", bytes, (double)facts->duration_ms / 1000);
}

static void on_page(void *ctx, const dzr_ingest_facts *so_far)
{
    terminal *const screen = ctx;
    if (!screen->progress || so_far->duration_ms < screen->shown_ms + PROGRESS_INTERVAL_MS)
        return;
    screen->shown_ms = so_far->duration_ms;
    screen->line_shown = true;
    fputs("\r\033[K", stderr);
    print_facts(so_far);
    fflush(stderr);
}

static void on_retry(void *ctx, const dzr_http_retry *retry)
{
    terminal *const screen = ctx;
    if (screen->quiet)
        return;
    clear_line(screen);
    fprintf(stderr, "ingest: %s: %s; trying again in %.1f s (%" PRId32 " left)\n", retry->url, retry->reason,
            (double)retry->wait_ms / 1000, retry->retries_left);
}

/* ---- options ---- */

typedef struct settings {
    const char *url, *json, *parquet;
    int64_t page_limit, retries, wait_min_ms, wait_max_ms, retry_after_max_ms, attempt_timeout_ms, job_timeout_ms;
    int64_t max_body_bytes;
    bool quiet;
} settings;

static options_outcome parse(int argc, char **argv, settings *set)
{
    const dzr_http_client_options http = DZR_HTTP_CLIENT_DEFAULTS;
    *set = (settings){.url = "http://127.0.0.1:8000/users/",
            .json = "tmp/users.json",
            .parquet = "tmp/users_simple.parquet",
            .page_limit = 50,
            .retries = http.retries,
            .wait_min_ms = http.wait_min_ms,
            .wait_max_ms = http.wait_max_ms,
            .retry_after_max_ms = http.retry_after_max_ms,
            .attempt_timeout_ms = http.attempt_timeout_ms,
            .job_timeout_ms = http.job_timeout_ms,
            .max_body_bytes = (int64_t)http.max_body_bytes};
    const options_row rows[] = {
            {.name = "url", .argument = "URL", .text = &set->url, .help = "the list of users"},
            {.name = "json", .text = &set->json, .help = "write this JSON file; - is standard output, '' none"},
            {.name = "parquet",
                    .text = &set->parquet,
                    .help = "write this Parquet file; - is standard output, '' none"},
            {.name = "page-limit",
                    .kind = OPTIONS_NUMBER,
                    .number = &set->page_limit,
                    .min = 1,
                    .max = 1000000,
                    .help = "users a page, what the server gives at least"},
            {.name = "retries",
                    .kind = OPTIONS_NUMBER,
                    .number = &set->retries,
                    .max = 1000,
                    .help = "attempts after the first that fails"},
            {.name = "wait-min",
                    .kind = OPTIONS_DURATION,
                    .number = &set->wait_min_ms,
                    .max = OPTIONS_DAY_MS,
                    .help = "before the first retry, doubled for each that follows"},
            {.name = "wait-max",
                    .kind = OPTIONS_DURATION,
                    .number = &set->wait_max_ms,
                    .max = OPTIONS_DAY_MS,
                    .help = "the longest of these waits"},
            {.name = "retry-after-max",
                    .kind = OPTIONS_DURATION,
                    .number = &set->retry_after_max_ms,
                    .max = OPTIONS_DAY_MS,
                    .help = "the longest wait a server's Retry-After gets"},
            {.name = "attempt-timeout",
                    .kind = OPTIONS_DURATION,
                    .number = &set->attempt_timeout_ms,
                    .max = OPTIONS_DAY_MS,
                    .zero = "none",
                    .help = "for one attempt, from connecting to the last byte"},
            {.name = "job-timeout",
                    .kind = OPTIONS_DURATION,
                    .number = &set->job_timeout_ms,
                    .max = 30 * (int64_t)OPTIONS_DAY_MS,
                    .zero = "none",
                    .help = "for fetching all pages"},
            {.name = "max-body",
                    .kind = OPTIONS_SIZE,
                    .number = &set->max_body_bytes,
                    .min = 1,
                    .max = (int64_t)1 << 31,
                    .help = "the largest page taken"},
            {.name = "quiet", .kind = OPTIONS_FLAG, .flag = &set->quiet, .help = "print errors only"},
            {0},
    };
    const options_program program = {.name = "ingest",
            .usage = "[OPTION]...",
            .summary =
                    "Pulls every user of the user API, page by page, into a JSON and a Parquet file: both or neither.",
            .rows = rows,
            .notes = "Exit status: 0 all written; 1 failed, nothing written; 2 wrong options; 130, 143, 129 ended by "
                     "SIGINT,\n"
                     "SIGTERM, SIGHUP, nothing written."};
    return options_parse(&program, argc, argv, NULL);
}

static int report(
        dzr_status st, const settings *set, terminal *screen, const dzr_ingest_facts *facts, const dzr_error *err)
{
    clear_line(screen);
    if (st == DZR_ERR_CANCELLED) {
        fprintf(stderr, "ingest: interrupted after %" PRId64 " page%s, nothing written\n", facts->n_pages,
                facts->n_pages == 1 ? "" : "s");
        return 128 + (int)signal_number;
    }
    if (st != DZR_OK) {
        fprintf(stderr, "ingest: %s\n", err->message);
        return OPTIONS_EXIT_FAILURE;
    }
    if (!set->quiet) {
        const bool both = set->json[0] != '\0' && set->parquet[0] != '\0';
        fputs("ingest: ", stderr);
        print_facts(facts);
        fprintf(stderr, ": %s%s%s\n", set->json, both ? ", " : "", set->parquet);
    }
    return OPTIONS_EXIT_OK;
}

int main(int argc, char **argv)
{
    settings set;
    const options_outcome outcome = parse(argc, argv, &set);
    if (outcome != OPTIONS_RUN)
        return options_exit(outcome);
    dzr_error err;
    if (dzr_cancel_new(NULL, &cancel, &err) != DZR_OK) {
        fprintf(stderr, "ingest: %s\n", err.message);
        return OPTIONS_EXIT_FAILURE;
    }
    handle_signals();
    terminal screen = {.quiet = set.quiet, .progress = !set.quiet && isatty(STDERR_FILENO)};
    const dzr_ingest_options options = {.url = set.url,
            .json = set.json,
            .parquet = set.parquet,
            .page_limit = (int32_t)set.page_limit,
            .http = {.retries = (int32_t)set.retries,
                    .wait_min_ms = set.wait_min_ms,
                    .wait_max_ms = set.wait_max_ms,
                    .retry_after_max_ms = set.retry_after_max_ms,
                    .attempt_timeout_ms = set.attempt_timeout_ms,
                    .job_timeout_ms = set.job_timeout_ms,
                    .max_body_bytes = (size_t)set.max_body_bytes,
                    .cancel = cancel,
                    .on_retry = on_retry,
                    .ctx = &screen},
            .on_page = on_page,
            .ctx = &screen};
    dzr_ingest_facts facts;
    const dzr_status st = dzr_ingest_run(&options, &facts, &err);
    return report(st, &set, &screen, &facts, &err); /* cancel is left: a signal may still come */
}
