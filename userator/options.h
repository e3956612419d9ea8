/* userator/options.h - the command line of userator. Called by main.c. */
#ifndef USERATOR_OPTIONS_H
#define USERATOR_OPTIONS_H

#include "cmd/common/service.h"

typedef struct userator_options {
    const char *listen, *db;
    const char *access_log; /* a path, "-" or "off" */
    int64_t threads;        /* never 0 after userator_options_parse */
    service_limits limits;
} userator_options;

/* Fills in the defaults and what argv says. */
options_outcome userator_options_parse(int argc, char **argv, userator_options *out);

#endif
