/* cmd/datarizer/part.h - the options that choose a part of a file, which several commands have: which columns, row
 * groups and rows, in batches of how many, within how much memory. */
#ifndef CMD_DATARIZER_PART_H
#define CMD_DATARIZER_PART_H

#include "cmd/common/options.h"

#include <datarizer/table.h>

/* What the options say, and what becomes of it. Zero it first. */
typedef struct file_part {
    const char *columns, *row_groups, *rows, *where, *limit; /* as they were given; NULL: not at all */
    int64_t offset, batch_rows, memory;
    char *names; /* the text of columns, cut into them */
    const char **column_names;
    int32_t *numbers; /* of row groups */
} file_part;

/* Rows of an option table. */
#define PART_COLUMNS(p)                                                                                                \
    {                                                                                                                  \
        .name = "columns", .argument = "NAMES", .text = &(p)->columns,                                                 \
        .help = "only these columns, with commas between them; \"a.b\" is b\ninside of a"                              \
    }
#define PART_ROW_GROUPS(p)                                                                                             \
    {                                                                                                                  \
        .name = "row-groups", .argument = "NUMBERS", .text = &(p)->row_groups,                                         \
        .help = "only these row groups of a Parquet file: 0,2,5-7"                                                     \
    }
/* "--where", "--offset" and "--limit" */
#define PART_WHERE(p)                                                                                                  \
    {.name = "where",                                                                                                  \
            .argument = "EXPR",                                                                                        \
            .text = &(p)->where,                                                                                       \
            .help = "only rows that this is true of, as in SQL:\n\"age >= 18 and city in ('Praha', 'Brno')\""},        \
            {.name = "offset",                                                                                         \
                    .kind = OPTIONS_NUMBER,                                                                            \
                    .number = &(p)->offset,                                                                            \
                    .zero = "none",                                                                                    \
                    .help = "leave out so many of those at first"},                                                    \
    {                                                                                                                  \
        .name = "limit", .argument = "N", .text = &(p)->limit, .help = "and take at most so many"                      \
    }
#define PART_BATCH_ROWS(p)                                                                                             \
    {                                                                                                                  \
        .name = "batch-rows", .kind = OPTIONS_NUMBER, .number = &(p)->batch_rows, .zero = "as the file has them",      \
        .help = "read so many rows at a time"                                                                          \
    }
#define PART_MEMORY(p, help_)                                                                                          \
    {                                                                                                                  \
        .name = "memory", .kind = OPTIONS_SIZE, .number = &(p)->memory, .zero = "no bound", .help = help_              \
    }

/* Fills options with what was chosen; they point into the part, which part_free gives back. false after a line on
 * standard error: wrong usage. */
bool part_apply(file_part *p, const char *command, dzr_table_read_options *options);
void part_free(file_part *p);

#endif
