/* userator/options.h - the command line of userator. Called by main.c. */
#ifndef USERATOR_OPTIONS_H
#define USERATOR_OPTIONS_H

#include "cmd/common/options.h"

typedef struct userator_options {
    const char *listen, *db;
    const char *access_log; /* a path, "-" or "off" */
    int64_t threads;        /* never 0 after userator_options_parse */
    int64_t max_connections, max_per_address;
    int64_t max_header, max_target, max_body;                                         /* bytes */
    int64_t header_timeout, body_timeout, idle_timeout, write_timeout, drain_timeout; /* ms */
} userator_options;

/* Fills in the defaults and what argv says. */
options_outcome userator_options_parse(int argc, char **argv, userator_options *out);

#endif
