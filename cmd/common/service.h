/* cmd/common/service.h - what programs that serve HTTP share: the options of the server's limits, words for the
 * operator, signals. Used by userator and api-v1, once a process; `program_service` in CMake. */
#ifndef CMD_COMMON_SERVICE_H
#define CMD_COMMON_SERVICE_H

#include <datarizer/http_server.h>

#include "cmd/common/options.h"

/* ---- options ---- */

typedef struct service_limits {
    int64_t max_connections, max_per_address;
    int64_t max_header, max_target, max_body;                                         /* bytes */
    int64_t header_timeout, body_timeout, idle_timeout, write_timeout, drain_timeout; /* ms */
} service_limits;

enum { SERVICE_LIMIT_ROWS = 10, SERVICE_MAX_THREADS = 256 };

/* Sets the defaults of datarizer/http_server.h, written out so that --help shows them, and fills in a row for each,
 * without a last row. */
void service_limits_rows(service_limits *limits, options_row rows[SERVICE_LIMIT_ROWS]);
void service_limits_apply(const service_limits *limits, dzr_http_server_options *out);
/* "header 32KiB, target 16KiB, body 1MiB" */
enum { SERVICE_LIMITS_BYTES = 128 };
void service_limits_format(const service_limits *limits, char out[SERVICE_LIMITS_BYTES]);

/* The cores this process may run on, SERVICE_MAX_THREADS at most: for event loops. */
int64_t service_count_cores(void);

/* ---- running ---- */

/* "PROGRAM: line" to standard error, in one write. A pipe that nobody reads holds nobody up: the line is lost when
 * there is no room for it within a tenth of a second. */
void service_say(const char *program, const char *line);
/* No signal for a peer that went or a file that may not grow; as many open files as the system allows. */
void service_prepare(void);
/* Runs the server until a signal: the first SIGTERM or SIGINT lets requests in flight finish, the next cuts them. */
DZR_MUST_CHECK dzr_status service_run(dzr_http_server *server, dzr_error *err);
/* The exit status after service_run: 0, or 128 + the signal's number when a second one cut it short. */
int service_exit_code(void);

#endif
