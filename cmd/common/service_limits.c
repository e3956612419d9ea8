/* cmd/common/service_limits.c - the limits of the HTTP server as options: see service.h. */
#include "cmd/common/service.h"

#include <sched.h>
#include <stdio.h>

static const int64_t KIB = 1024, MIB = 1048576, SECOND = 1000; /* ms */

int64_t service_count_cores(void)
{
    cpu_set_t cores;
    if (sched_getaffinity(0, sizeof cores, &cores) != 0)
        return 1;
    const int n = CPU_COUNT(&cores);
    return n < 1 ? 1 : n < SERVICE_MAX_THREADS ? n : SERVICE_MAX_THREADS;
}

static options_row size_row(const char *name, int64_t *number, int64_t min, int64_t max, const char *help)
{
    return (options_row){.name = name, .kind = OPTIONS_SIZE, .number = number, .min = min, .max = max, .help = help};
}

static options_row timeout_row(const char *name, int64_t *number, const char *help)
{
    return (options_row){
            .name = name, .kind = OPTIONS_DURATION, .number = number, .min = 1, .max = OPTIONS_DAY_MS, .help = help};
}

void service_limits_rows(service_limits *limits, options_row rows[SERVICE_LIMIT_ROWS])
{
    *limits = (service_limits){
            .max_header = 32 * KIB,
            .max_target = 16 * KIB,
            .max_body = 1 * MIB,
            .header_timeout = 10 * SECOND,
            .body_timeout = 30 * SECOND,
            .idle_timeout = 60 * SECOND,
            .write_timeout = 30 * SECOND,
            .drain_timeout = 10 * SECOND,
    };
    *rows++ = (options_row){.name = "max-connections",
            .kind = OPTIONS_NUMBER,
            .number = &limits->max_connections,
            .max = 1000000,
            .zero = "10000, or what the open-file limit allows",
            .help = "at once"};
    *rows++ = (options_row){.name = "max-per-address",
            .kind = OPTIONS_NUMBER,
            .number = &limits->max_per_address,
            .max = 1000000,
            .zero = "no limit",
            .help = "connections of one peer address"};
    *rows++ = size_row("max-header", &limits->max_header, 256, 64 * MIB, "of a request line and its fields");
    *rows++ = size_row("max-target", &limits->max_target, 16, 64 * MIB, "of a request target");
    *rows++ = size_row("max-body", &limits->max_body, 1, 512 * MIB, "of a request body");
    *rows++ = timeout_row("header-timeout", &limits->header_timeout, "until a request's head is whole");
    *rows++ = timeout_row("body-timeout", &limits->body_timeout, "until its body is whole");
    *rows++ = timeout_row("idle-timeout", &limits->idle_timeout, "between requests of a connection");
    *rows++ = timeout_row("write-timeout", &limits->write_timeout, "without the client taking a byte");
    *rows = timeout_row("drain-timeout", &limits->drain_timeout, "after a signal, until connections are cut");
}

void service_limits_apply(const service_limits *limits, dzr_http_server_options *out)
{
    out->max_connections = (int)limits->max_connections;
    out->max_per_address = (int)limits->max_per_address;
    out->max_header_bytes = (size_t)limits->max_header;
    out->max_target_bytes = (size_t)limits->max_target;
    out->max_body_bytes = (size_t)limits->max_body;
    out->header_timeout_ms = limits->header_timeout;
    out->body_timeout_ms = limits->body_timeout;
    out->idle_timeout_ms = limits->idle_timeout;
    out->write_timeout_ms = limits->write_timeout;
    out->drain_timeout_ms = limits->drain_timeout;
}

void service_limits_format(const service_limits *limits, char out[SERVICE_LIMITS_BYTES])
{
    char header[OPTIONS_VALUE_BYTES], target[OPTIONS_VALUE_BYTES], body[OPTIONS_VALUE_BYTES];
    options_format_size(limits->max_header, header);
    options_format_size(limits->max_target, target);
    options_format_size(limits->max_body, body);
    snprintf(out, SERVICE_LIMITS_BYTES, "header %s, target %s, body %s", header, target, body);
}
