/* cmd/datarizer/head.c - `datarizer head`, `tail` and `cat`: the first rows of files, the last, or all of them. */
#include "cmd/datarizer/files.h"
#include "cmd/datarizer/part.h"
#include "cmd/datarizer/rows.h"

#include <limits.h>
#include <string.h>

typedef struct showing {
    dzr_table_read_options read;
    bool none; /* no row at all: just what is above them */
} showing;

static dzr_status show(void *ctx, rows_out *out, const char *file, dzr_format format, dzr_error *err)
{
    const showing *const what = ctx;
    dzr_table_read_options read = what->read;
    dzr_table_reader *reader = NULL;
    read.format = format;
    dzr_status st = dzr_table_reader_open(file, &read, &reader, err);
    if (st == DZR_OK)
        st = what->none ? rows_begin(out, dzr_table_reader_schema(reader), err) : rows_add_all(out, reader, err);
    dzr_table_reader_close(reader);
    return st;
}

/* What is left once there is a table of options. last   how many rows at the end are wanted; NULL: not those, but what
 * part says. */
static int run(const options_program *program, int argc, char **argv, file_part *part, const int64_t *last,
        const rows_style *style)
{
    int operand = 0;
    const options_outcome outcome = files_parse(program, 0, &argc, &argv, &operand);
    if (outcome != OPTIONS_RUN)
        return options_exit(outcome);
    showing what = {.none = last != NULL ? *last == 0 : part->rows != NULL && strcmp(part->rows, "0") == 0};
    if (what.none)
        part->rows = NULL;
    int exit_status = OPTIONS_EXIT_USAGE;
    if (part_apply(part, program->name + strlen("datarizer "), &what.read) &&
            format_options_apply(&style->csv, program->name, &what.read.csv.dialect)) {
        what.read.last_rows = last != NULL ? *last : 0;
        if (what.read.n_rows > 0 && what.read.n_rows < 10000)
            what.read.jsonl.batch_rows = what.read.n_rows; /* of JSON lines no more are parsed than asked for */
        exit_status = rows_of_files(style, program->name, argv + operand, argc - operand, show, &what);
    }
    part_free(part);
    return exit_status;
}

int command_head(int argc, char **argv)
{
    rows_style style = {.format = "table"};
    file_part part = {.rows = "10"};
    const options_row rows[] = {{.name = "rows",
                                        .letter = 'n',
                                        .argument = "ROWS",
                                        .text = &part.rows,
                                        .help = "how many, or FIRST:COUNT, with rows counted from 0"},
            PART_COLUMNS(&part), PART_ROW_GROUPS(&part),
            PART_MEMORY(&part, "reading a Parquet file takes no more, or fails"), ROWS_STYLE(&style), {0}};
    const options_program program = {.name = "datarizer head",
            .usage = "[OPTION]... FILE...",
            .rows = rows,
            .min_operands = 1,
            .max_operands = INT_MAX,
            .summary = "Prints the first rows of each FILE as a table. - is JSON lines from standard input.",
            .notes = "examples:\n  datarizer head -n 3 people.parquet\n  datarizer head --rows 1000:5 --columns "
                     "id,name people.parquet\n  datarizer head --json -n 1 people.parquet | "
                     "jq\n\n"
                     "Exit status: 0 when done, 1 for a file that can't be read, 2 for wrong usage."};
    return run(&program, argc, argv, &part, NULL, &style);
}

int command_tail(int argc, char **argv)
{
    rows_style style = {.format = "table"};
    file_part part = {.rows = NULL};
    int64_t n = 10;
    const options_row rows[] = {{.name = "rows",
                                        .letter = 'n',
                                        .argument = "ROWS",
                                        .kind = OPTIONS_NUMBER,
                                        .number = &n,
                                        .help = "how many"},
            PART_COLUMNS(&part), PART_ROW_GROUPS(&part),
            PART_MEMORY(&part, "reading a Parquet file takes no more, or fails"), ROWS_STYLE(&style), {0}};
    const options_program program = {.name = "datarizer tail",
            .usage = "[OPTION]... FILE...",
            .rows = rows,
            .min_operands = 1,
            .max_operands = INT_MAX,
            .summary = "Prints the last rows of each FILE as a table. - is JSON lines from standard input.",
            .notes = "examples:\n  datarizer tail -n 3 people.parquet\n  datarizer tail --json -n 1 "
                     "s3://logs/today.jsonl\n\n"
                     "Exit status: 0 when done, 1 for a file that can't be read, 2 for wrong usage."};
    return run(&program, argc, argv, &part, &n, &style);
}

int command_cat(int argc, char **argv)
{
    rows_style style = {.format = "table"};
    file_part part = {.rows = NULL};
    const options_row rows[] = {{.name = "rows",
                                        .argument = "FIRST:COUNT",
                                        .text = &part.rows,
                                        .help = "only so many rows, from that number on; counted from 0"},
            PART_COLUMNS(&part), PART_ROW_GROUPS(&part), PART_BATCH_ROWS(&part),
            PART_MEMORY(&part, "reading a Parquet file takes no more, or fails"), ROWS_STYLE(&style), {0}};
    const options_program program = {.name = "datarizer cat",
            .usage = "[OPTION]... FILE...",
            .rows = rows,
            .min_operands = 1,
            .max_operands = INT_MAX,
            .summary =
                    "Prints all rows of each FILE as a table, one file after the other. - is JSON lines from standard "
                    "input.",
            .notes = "examples:\n  datarizer cat people.parquet | less -S\n"
                     "  datarizer cat --format jsonl part-*.parquet | jq -c 'select(.age > 40)'\n\n"
                     "Exit status: 0 when done, 1 for a file that can't be read, 2 for wrong usage."};
    return run(&program, argc, argv, &part, NULL, &style);
}
