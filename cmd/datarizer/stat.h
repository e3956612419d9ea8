/* cmd/datarizer/stat.h - what the commands that summarize a file share: `stat`, for people and as JSON, and `report`.
 */
#ifndef CMD_DATARIZER_STAT_H
#define CMD_DATARIZER_STAT_H

#include "cmd/datarizer/commands.h"

#include <datarizer/summary.h>

/* Reads all that the reader has. *out is the caller's to free. */
DZR_MUST_CHECK dzr_status summarize(
        dzr_table_reader *reader, const dzr_summary_options *options, dzr_summary **out, dzr_error *err);
/* How many of its most frequent values, `most` at most, are worth a person's look: none where all differ, and of counts
 * that are not exact those of a thousandth of the values. */
int32_t n_frequent(const dzr_summary_column *column, int32_t most);
/* A bound or edge, as value_text; a double in six digits. */
void bound_text(const dzr_batch *batch, int64_t row, size_t most, char *text, size_t room);

/* ---- stat_json.c ---- */
DZR_MUST_CHECK dzr_status stat_print_json(
        const char *file, const char *format, const dzr_summary *summary, dzr_error *err);

#endif
