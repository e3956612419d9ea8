/* cmd/datarizer/rows.h - rows on standard output, for the commands that show some: as a table, JSON lines ... What they
 * have in common of options is here, too. */
#ifndef CMD_DATARIZER_ROWS_H
#define CMD_DATARIZER_ROWS_H

#include "cmd/datarizer/commands.h"

#include "cmd/common/options.h"
#include "cmd/datarizer/format_options.h"

/* How rows are shown, by options. Zero it first. */
typedef struct rows_style {
    const char *from, *format; /* NULL: what the name says; "table" */
    bool json;
    int64_t width;
    format_options csv;
} rows_style;

/* "--format", "--json" and "--width" */
#define ROWS_STYLE(s)                                                                                                  \
    {.name = "format",                                                                                                 \
            .kind = OPTIONS_CHOICE,                                                                                    \
            .argument = "FORMAT",                                                                                      \
            .choices = rows_formats,                                                                                   \
            .text = &(s)->format,                                                                                      \
            .help = "print a table, or jsonl or csv: values in full"},                                                 \
            {.name = "json", .kind = OPTIONS_FLAG, .flag = &(s)->json, .help = "the same as --format jsonl"},          \
            {.name = "width",                                                                                          \
                    .kind = OPTIONS_NUMBER,                                                                            \
                    .number = &(s)->width,                                                                             \
                    .max = 100000,                                                                                     \
                    .zero = "the terminal's; without one as wide as the values",                                       \
                    .help = "no table line is longer"},                                                                \
            FORMAT_FROM(&(s)->from), FORMAT_OPTIONS(&(s)->csv)
extern const char *const rows_formats[];

/* Where rows go. Zero it, and set style, before rows_begin. */
typedef struct rows_out {
    const rows_style *style;
    dzr_schema *schema; /* of the rows at hand; NULL: none yet */
    grid table;
    dzr_table_writer *lines; /* instead of a table */
} rows_out;

/* Rows of that schema follow. They go on below those that came before where theirs is the same, else anew. */
DZR_MUST_CHECK dzr_status rows_begin(rows_out *out, const dzr_schema *schema, dzr_error *err);
DZR_MUST_CHECK dzr_status rows_add(rows_out *out, const dzr_batch *batch, dzr_error *err);
/* All that the reader gives, from rows_begin on. */
DZR_MUST_CHECK dzr_status rows_add_all(rows_out *out, dzr_table_reader *reader, dzr_error *err);
/* What is still held is printed. */
DZR_MUST_CHECK dzr_status rows_end(rows_out *out, dzr_error *err);
void rows_fini(rows_out *out); /* in any case */

/* With several files each has its name above its rows in a table, as head(1) has it. */
DZR_MUST_CHECK dzr_status rows_title(rows_out *out, const char *file, int32_t i, int32_t n_files, dzr_error *err);

/* Calls `each` with one file after the other, and goes on after one that failed, as cat(1) does. The exit status. */
int rows_of_files(const rows_style *style, const char *command, char **files, int n_files,
        dzr_status (*each)(void *ctx, rows_out *out, const char *file, dzr_format format, dzr_error *err), void *ctx);

#endif
