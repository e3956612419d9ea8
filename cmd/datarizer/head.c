/* cmd/datarizer/head.c - `datarizer head`: the first rows of a file, as a table or as JSON lines. */
#include "cmd/datarizer/commands.h"
#include "cmd/datarizer/part.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Columns of the terminal that standard output is; 0 when it is none. COLUMNS goes first, as elsewhere. */
static int terminal_width(void)
{
    const char *const told = getenv("COLUMNS");
    const long width = told != NULL ? strtol(told, NULL, 10) : 0;
    struct winsize size;
    if (width > 0 && width <= INT_MAX)
        return (int)width;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/* Hands batch after batch to `take`; the reader was told which rows. */
static dzr_status each_batch(dzr_table_reader *reader,
        dzr_status (*take)(void *ctx, const dzr_batch *batch, dzr_error *err), void *ctx, dzr_error *err)
{
    for (;;) {
        dzr_batch *batch = NULL;
        dzr_status st = dzr_table_reader_next(reader, &batch, err);
        if (st != DZR_OK || batch == NULL)
            return st;
        st = take(ctx, batch, err);
        dzr_batch_free(batch);
        if (st != DZR_OK)
            return st;
    }
}

static dzr_status add_to_grid(void *ctx, const dzr_batch *batch, dzr_error *err)
{
    dzr_status st = DZR_OK;
    for (int64_t row = 0; st == DZR_OK && row < dzr_batch_n_rows(batch); row++)
        st = grid_add_row(ctx, batch, row, err);
    return st;
}

static dzr_status print_table(dzr_table_reader *reader, bool none, int width, dzr_error *err)
{
    grid g = {.n_columns = 0};
    dzr_status st = grid_begin(&g, dzr_table_reader_schema(reader), true, err);
    if (st == DZR_OK && !none)
        st = each_batch(reader, add_to_grid, &g, err);
    if (st == DZR_OK)
        grid_print(&g, width, stdout);
    grid_end(&g);
    return st;
}

static dzr_status append_to_writer(void *ctx, const dzr_batch *batch, dzr_error *err)
{
    return dzr_table_writer_append(ctx, batch, err);
}

static dzr_status print_lines(dzr_table_reader *reader, bool none, dzr_error *err)
{
    const dzr_table_write_options options = {.format = DZR_FORMAT_JSONL};
    dzr_table_writer *writer = NULL;
    dzr_status st = dzr_table_writer_open("-", dzr_table_reader_schema(reader), &options, &writer, err);
    if (st == DZR_OK && !none)
        st = each_batch(reader, append_to_writer, writer, err);
    if (st == DZR_OK)
        st = dzr_table_writer_commit(writer, err);
    dzr_table_writer_close(writer);
    return st;
}

static int head(const char *file, dzr_table_read_options *read, bool none, bool json, int width)
{
    dzr_error err;
    dzr_table_reader *reader = NULL;
    if (read->n_rows > 0 && read->n_rows < 10000)
        read->jsonl.batch_rows = read->n_rows; /* of JSON lines no more are parsed than asked for */
    dzr_status st = dzr_table_reader_open(file, read, &reader, &err);
    if (st == DZR_OK)
        st = json ? print_lines(reader, none, &err) : print_table(reader, none, width, &err);
    dzr_table_reader_close(reader);
    return st == DZR_OK ? finish_output() : complain(&err);
}

int command_head(int argc, char **argv)
{
    static const char *const formats[] = {"parquet", "jsonl", "ndjson", NULL};
    const char *from = NULL;
    file_part part = {.rows = "10"};
    int64_t width = 0;
    bool json = false;
    const options_row rows[] = {{.name = "rows",
                                        .letter = 'n',
                                        .argument = "ROWS",
                                        .text = &part.rows,
                                        .help = "how many, or FIRST:COUNT, with rows counted from 0"},
            PART_COLUMNS(&part), PART_ROW_GROUPS(&part),
            PART_MEMORY(&part, "reading a Parquet file takes no more, or fails"),
            {.name = "json", .kind = OPTIONS_FLAG, .flag = &json, .help = "print JSON lines, values in full"},
            {.name = "width",
                    .kind = OPTIONS_NUMBER,
                    .number = &width,
                    .max = 100000,
                    .zero = "the terminal's; without one as wide as the values",
                    .help = "no table line is longer"},
            {.name = "from",
                    .kind = OPTIONS_CHOICE,
                    .argument = "FORMAT",
                    .choices = formats,
                    .text = &from,
                    .help = "read as parquet or jsonl, whatever the name says"},
            {0}};
    const options_program program = {.name = "datarizer head",
            .usage = "[OPTION]... FILE",
            .rows = rows,
            .min_operands = 1,
            .max_operands = 1,
            .summary = "Prints the first rows of FILE as a table. FILE may be -, for JSON lines from standard input.",
            .notes = "examples:\n  datarizer head -n 3 people.parquet\n  datarizer head --rows 1000:5 --columns "
                     "id,name people.parquet\n  datarizer head --json -n 1 people.parquet | "
                     "jq\n\n"
                     "Exit status: 0 when done, 1 for a file that can't be read, 2 for wrong usage."};
    int operand = 0;
    const options_outcome outcome = options_parse(&program, argc, argv, &operand);
    if (outcome != OPTIONS_RUN)
        return outcome == OPTIONS_DONE ? OPTIONS_EXIT_OK : OPTIONS_EXIT_USAGE;
    dzr_table_read_options read = {.format = DZR_FORMAT_BY_NAME};
    const bool none = strcmp(part.rows, "0") == 0;
    if (none)
        part.rows = NULL;
    int exit_status = OPTIONS_EXIT_USAGE;
    if (format_is_clear("datarizer head", from, argv[operand], "--from", &read.format) &&
            part_apply(&part, "head", &read))
        exit_status = head(argv[operand], &read, none, json, width > 0 ? (int)width : terminal_width());
    part_free(&part);
    return exit_status;
}
