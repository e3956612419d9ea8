/* cmd/datarizer/sample.c - `datarizer sample`: rows of files, drawn by chance. */
#include "cmd/datarizer/files.h"
#include "cmd/datarizer/part.h"
#include "cmd/datarizer/rows.h"

#include <inttypes.h>
#include <limits.h>
#include <sys/random.h>

typedef struct drawing {
    dzr_table_read_options read;
    int64_t n;
    uint64_t seed;
} drawing;

static dzr_status show(void *ctx, rows_out *out, const char *file, dzr_format format, dzr_error *err)
{
    drawing *const what = ctx;
    dzr_batch *batch = NULL;
    what->read.format = format;
    dzr_status st = dzr_table_sample(file, &what->read, what->n, what->seed, &batch, err);
    if (st == DZR_OK)
        st = rows_begin(out, dzr_batch_schema(batch), err);
    if (st == DZR_OK)
        st = rows_add(out, batch, err);
    dzr_batch_free(batch);
    return st;
}

int command_sample(int argc, char **argv)
{
    rows_style style = {.format = "table"};
    file_part part = {.rows = NULL};
    drawing what = {.n = 10};
    int64_t seed = -1;
    const options_row rows[] = {{.name = "rows",
                                        .letter = 'n',
                                        .argument = "ROWS",
                                        .kind = OPTIONS_NUMBER,
                                        .number = &what.n,
                                        .help = "how many"},
            {.name = "seed",
                    .kind = OPTIONS_NUMBER,
                    .number = &seed,
                    .no_default = true,
                    .help = "the same number draws the same rows of a file again (another\neach time)"},
            PART_COLUMNS(&part), PART_ROW_GROUPS(&part),
            PART_MEMORY(&part, "reading a Parquet file takes no more, or fails"), ROWS_STYLE(&style), {0}};
    const options_program program = {.name = "datarizer sample",
            .usage = "[OPTION]... FILE...",
            .rows = rows,
            .min_operands = 1,
            .max_operands = INT_MAX,
            .summary = "Prints rows of each FILE drawn by chance, in the file's order: any set of so many rows is as "
                       "likely as\nanother. - is JSON lines from standard input.",
            .notes = "examples:\n  datarizer sample people.parquet\n"
                     "  datarizer sample -n 1000 --seed 7 --json people.parquet > some.jsonl\n\n"
                     "Exit status: 0 when done, 1 for a file that can't be read, 2 for wrong usage."};
    int operand = 0;
    const options_outcome outcome = files_parse(&program, 0, &argc, &argv, &operand);
    if (outcome != OPTIONS_RUN)
        return options_exit(outcome);
    what.seed = (uint64_t)seed;
    if (seed < 0 && getrandom(&what.seed, sizeof what.seed, 0) != (ssize_t)sizeof what.seed) {
        fputs("datarizer sample: the system gives no random numbers; choose them with --seed\n", stderr);
        return OPTIONS_EXIT_FAILURE;
    }
    int exit_status = OPTIONS_EXIT_USAGE;
    if (part_apply(&part, "sample", &what.read) &&
            format_options_apply(&style.csv, program.name, &what.read.csv.dialect))
        exit_status = rows_of_files(&style, program.name, argv + operand, argc - operand, show, &what);
    part_free(&part);
    return exit_status;
}
