/* userator/options.c - see options.h. The limits and their defaults are those of cmd/common/service_limits.c;
 * userator.1 explains each. */
#include "options.h"

options_outcome userator_options_parse(int argc, char **argv, userator_options *out)
{
    *out = (userator_options){
            .listen = "127.0.0.1:8000",
            .db = "users.db",
            .access_log = "-",
    };
    options_row rows[4 + SERVICE_LIMIT_ROWS + 1] = {
            {.name = "listen",
                    .argument = "ADDRESS",
                    .text = &out->listen,
                    .help = "IP address and port; port 0: any free one"},
            {.name = "db", .text = &out->db, .help = "the SQLite file, made when missing"},
            {.name = "threads",
                    .kind = OPTIONS_NUMBER,
                    .number = &out->threads,
                    .max = SERVICE_MAX_THREADS,
                    .zero = "one a core",
                    .help = "event loops"},
            {.name = "access-log",
                    .text = &out->access_log,
                    .help = "where a line a request goes: a file,\n- for standard error, or off"},
    };
    service_limits_rows(&out->limits, rows + 4);
    const options_program program = {
            .name = "userator",
            .usage = "[OPTION]...",
            .summary = "Serves the user API over HTTP from an SQLite file. Its pages are at /docs.",
            .rows = rows,
            .notes = "Sizes: 512, 16KiB, 1MiB. Times: 250ms, 10s, 1.5m.\n"
                     "SIGTERM and SIGINT let the requests in flight finish; a second one cuts them.\n"
                     "Exit status: 0 after a signal when all was finished, 1 when it could not start or run,\n"
                     "2 for a wrong option, 128 + the signal's number when a second signal cut it short.",
    };
    const options_outcome outcome = options_parse(&program, argc, argv, NULL);
    if (out->threads == 0)
        out->threads = service_count_cores();
    return outcome;
}
