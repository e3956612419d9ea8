/* cmd/datarizer/signals.h - how commands that write a file end by a signal: nothing is left half-written. */
#ifndef CMD_DATARIZER_SIGNALS_H
#define CMD_DATARIZER_SIGNALS_H

#include "cmd/datarizer/commands.h"

/* A flag that SIGINT, SIGTERM and SIGHUP set from now on; it is left to the end of the process. A second signal of its
 * kind ends the program at once. */
DZR_MUST_CHECK dzr_status signals_cancel(const dzr_cancel **out, dzr_error *err);
/* The exit status of a failure: 128 and the number of the signal that set the flag, without a word, or complain's. */
int signals_complain(const dzr_error *err);

#endif
