/* cmd/datarizer/parquet_options.h - the options that say how Parquet is written, for the commands that write some. */
#ifndef CMD_DATARIZER_PARQUET_OPTIONS_H
#define CMD_DATARIZER_PARQUET_OPTIONS_H

#include "cmd/common/options.h"

#include <datarizer/table.h>

/* What the options say. Begin with PARQUET_DEFAULTS. */
typedef struct parquet_options {
    const char *codec, *sort_order;
    int64_t level, row_group_rows;
} parquet_options;

#define PARQUET_DEFAULTS                                                                                               \
    {                                                                                                                  \
        .codec = "snappy", .row_group_rows = 1000000                                                                   \
    }

/* Rows of an option table: "--codec" and "--level"; "--row-group-rows"; "--sort-order", which goes to
 * dzr_table_write_options. */
#define PARQUET_CODEC(p)                                                                                               \
    {.name = "codec",                                                                                                  \
            .kind = OPTIONS_CHOICE,                                                                                    \
            .argument = "NAME",                                                                                        \
            .choices = parquet_codecs,                                                                                 \
            .text = &(p)->codec,                                                                                       \
            .help = "compress Parquet pages: snappy, zstd, gzip, lz4_raw, brotli, uncompressed"},                      \
    {                                                                                                                  \
        .name = "level", .kind = OPTIONS_NUMBER, .number = &(p)->level, .max = 22, .zero = "the codec's own",          \
        .help = "how hard: zstd 1 to 22, gzip 1 to 9, brotli 1 to 11"                                                  \
    }
#define PARQUET_ROW_GROUP_ROWS(p)                                                                                      \
    {                                                                                                                  \
        .name = "row-group-rows", .kind = OPTIONS_NUMBER, .number = &(p)->row_group_rows, .min = 1, .max = INT32_MAX,  \
        .help = "rows a Parquet row group, at most"                                                                    \
    }
#define PARQUET_SORT_ORDER(p)                                                                                          \
    {                                                                                                                  \
        .name = "sort-order", .argument = "COLUMNS", .text = &(p)->sort_order,                                         \
        .help = "the rows are in this order, as in SQL: \"day desc, name nulls\nfirst\"; checked, and recorded in "    \
                "Parquet"                                                                                              \
    }
extern const char *const parquet_codecs[];

/* Fills options with what was chosen. False after a line on standard error: wrong usage. */
bool parquet_options_apply(const parquet_options *p, const char *program, dzr_parquet_write_options *options);

#endif
