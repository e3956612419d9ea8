/* cmd/datarizer/stat.h - what the commands that summarize a file share: `stat`, for people and as JSON, and `report`.
 */
#ifndef CMD_DATARIZER_STAT_H
#define CMD_DATARIZER_STAT_H

#include "cmd/datarizer/commands.h"

#include <datarizer/summary.h>

/* Reads all that the reader has. *out is the caller's to free. */
DZR_MUST_CHECK dzr_status summarize(
        dzr_table_reader *reader, const dzr_summary_options *options, dzr_summary **out, dzr_error *err);
/* Whether a column is of nothing but different values: then the most frequent ones say nothing. */
bool all_differ(const dzr_summary_column *column);

/* ---- stat_json.c ---- */
DZR_MUST_CHECK dzr_status stat_print_json(
        const char *file, const char *format, const dzr_summary *summary, dzr_error *err);

#endif
