/* userator/options.c - see options.h. The defaults are those of datarizer/http_server.h, written out so that --help
 * shows them; userator.1 explains each. */
#include "options.h"

#include <sched.h>

enum { KIB = 1024, MIB = 1024 * 1024, SECOND = 1000, MAX_THREADS = 256 };

/* The cores this process may run on. */
static int64_t count_cores(void)
{
    cpu_set_t cores;
    if (sched_getaffinity(0, sizeof cores, &cores) != 0)
        return 1;
    const int n = CPU_COUNT(&cores);
    return n < 1 ? 1 : n < MAX_THREADS ? n : MAX_THREADS;
}

options_outcome userator_options_parse(int argc, char **argv, userator_options *out)
{
    *out = (userator_options){
            .listen = "127.0.0.1:8000",
            .db = "users.db",
            .access_log = "-",
            .max_header = 32 * KIB,
            .max_target = 16 * KIB,
            .max_body = 1 * MIB,
            .header_timeout = 10 * SECOND,
            .body_timeout = 30 * SECOND,
            .idle_timeout = 60 * SECOND,
            .write_timeout = 30 * SECOND,
            .drain_timeout = 10 * SECOND,
    };
#define TIMEOUT(option, field, says)                                                                                   \
    {                                                                                                                  \
        .name = option, .kind = OPTIONS_DURATION, .number = &out->field, .min = 1, .max = OPTIONS_DAY_MS, .help = says \
    }
    const options_row rows[] = {
            {.name = "listen",
                    .argument = "ADDRESS",
                    .text = &out->listen,
                    .help = "IP address and port; port 0: any free one"},
            {.name = "db", .text = &out->db, .help = "the SQLite file, made when missing"},
            {.name = "threads",
                    .kind = OPTIONS_NUMBER,
                    .number = &out->threads,
                    .max = MAX_THREADS,
                    .zero = "one a core",
                    .help = "event loops"},
            {.name = "access-log",
                    .text = &out->access_log,
                    .help = "where a line a request goes: a file,\n- for standard error, or off"},
            {.name = "max-connections",
                    .kind = OPTIONS_NUMBER,
                    .number = &out->max_connections,
                    .max = 1000000,
                    .zero = "10000, or what the open-file limit allows",
                    .help = "at once"},
            {.name = "max-per-address",
                    .kind = OPTIONS_NUMBER,
                    .number = &out->max_per_address,
                    .max = 1000000,
                    .zero = "no limit",
                    .help = "connections of one peer address"},
            {.name = "max-header",
                    .kind = OPTIONS_SIZE,
                    .number = &out->max_header,
                    .min = 256,
                    .max = 64 * MIB,
                    .help = "of a request line and its fields"},
            {.name = "max-target",
                    .kind = OPTIONS_SIZE,
                    .number = &out->max_target,
                    .min = 16,
                    .max = 64 * MIB,
                    .help = "of a request target"},
            {.name = "max-body",
                    .kind = OPTIONS_SIZE,
                    .number = &out->max_body,
                    .min = 1,
                    .max = 512 * MIB,
                    .help = "of a request body"},
            TIMEOUT("header-timeout", header_timeout, "until a request's head is whole"),
            TIMEOUT("body-timeout", body_timeout, "until its body is whole"),
            TIMEOUT("idle-timeout", idle_timeout, "between requests of a connection"),
            TIMEOUT("write-timeout", write_timeout, "without the client taking a byte"),
            TIMEOUT("drain-timeout", drain_timeout, "after a signal, until connections are cut"),
            {0},
    };
#undef TIMEOUT
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
        out->threads = count_cores();
    return outcome;
}
