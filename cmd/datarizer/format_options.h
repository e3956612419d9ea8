/* cmd/datarizer/format_options.h - the options that say how a file of records is written down, which all commands that
 * open one have: its format, and of CSV the delimiter, quote and header. */
#ifndef CMD_DATARIZER_FORMAT_OPTIONS_H
#define CMD_DATARIZER_FORMAT_OPTIONS_H

#include "cmd/common/options.h"

#include <datarizer/table.h>

/* The names of formats, NULL at the end: choices of --from and --to. */
extern const char *const format_names[];

/* What the options say. Zero it first. */
typedef struct format_options {
    const char *delimiter, *quote; /* as they were given; NULL: not at all */
    bool no_header;
} format_options;

/* Rows of an option table. */
#define FORMAT_FROM(from_)                                                                                             \
    {                                                                                                                  \
        .name = "from", .kind = OPTIONS_CHOICE, .argument = "FORMAT", .choices = format_names, .text = (from_),        \
        .help = "read as parquet, jsonl, json, csv or tsv, whatever the name says"                                     \
    }
#define FORMAT_OPTIONS(p)                                                                                              \
    {.name = "delimiter",                                                                                              \
            .argument = "CHARACTER",                                                                                   \
            .text = &(p)->delimiter,                                                                                   \
            .help = "what stands between the fields of CSV: one character,\n\\t for a tab; without it a comma, of "    \
                    ".tsv "                                                                                            \
                    "a tab"},                                                                                          \
            {.name = "quote",                                                                                          \
                    .argument = "CHARACTER",                                                                           \
                    .text = &(p)->quote,                                                                               \
                    .help = "what stands around fields of CSV, or none; without it \""},                               \
    {                                                                                                                  \
        .name = "no-header", .kind = OPTIONS_FLAG, .flag = &(p)->no_header,                                            \
        .help = "the first record of CSV has values and no names"                                                      \
    }

/* False after a line on standard error: wrong usage. */
bool format_options_apply(const format_options *p, const char *program, dzr_csv_dialect *dialect);

#endif
