/* cmd/datarizer/merge.c - `datarizer merge`: all records of several files, one after the other, in one. */
#include "cmd/datarizer/commands.h"
#include "cmd/datarizer/format_options.h"
#include "cmd/datarizer/parquet_options.h"
#include "cmd/datarizer/signals.h"

#include "cmd/common/options.h"
#include "cmd/datarizer/files.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>

typedef struct settings {
    const char *from, *to, *out;
    bool by_name, json;
    int64_t memory, threads;
    format_options csv;
    parquet_options parquet;
} settings;

static options_outcome parse(int *argc, char ***argv, settings *set, int *operand)
{
    *set = (settings){.parquet = PARQUET_DEFAULTS};
    const options_row rows[] = {
            {.name = "output", .letter = 'o', .argument = "OUT", .text = &set->out, .help = "the file to write"},
            {.name = "by-name",
                    .kind = OPTIONS_FLAG,
                    .flag = &set->by_name,
                    .help = "take the columns of all files, found by their names; null\nwhere a file has none"},
            FORMAT_FROM(&set->from), FORMAT_OPTIONS(&set->csv),
            {.name = "to",
                    .kind = OPTIONS_CHOICE,
                    .argument = "FORMAT",
                    .choices = format_names,
                    .text = &set->to,
                    .help = "format of OUT"},
            PARQUET_CODEC(&set->parquet), PARQUET_ROW_GROUP_ROWS(&set->parquet), PARQUET_SORT_ORDER(&set->parquet),
            {.name = "memory",
                    .kind = OPTIONS_SIZE,
                    .number = &set->memory,
                    .zero = "no bound",
                    .help = "reading a Parquet file takes no more, nor does writing one,\nor it fails"},
            {.name = "threads",
                    .kind = OPTIONS_NUMBER,
                    .number = &set->threads,
                    .max = DZR_MAX_THREADS,
                    .zero = "one a core",
                    .help = "to read with, and as many to write"},
            {.name = "json", .kind = OPTIONS_FLAG, .flag = &set->json, .help = "print what was done as a JSON object"},
            {0}};
    const options_program program = {.name = "datarizer merge",
            .usage = "[OPTION]... -o OUT FILE...",
            .rows = rows,
            .min_operands = 1,
            .max_operands = INT_MAX,
            .summary =
                    "Writes all records of the FILEs, one file after the other, to OUT, which appears whole or not at "
                    "all.\nThe files have the same columns, or --by-name those that they have.",
            .notes = "examples:\n  datarizer merge -o year.parquet month-*.parquet\n"
                     "  datarizer merge --by-name --codec zstd -o all.parquet old.parquet new.jsonl\n\n"
                     "Exit status: 0 when done, 1 for a failure (OUT is as it was), 2 for wrong usage, 128 and the\n"
                     "signal's number when a signal ended it."};
    const options_outcome outcome = files_parse(&program, 0, argc, argv, operand);
    if (outcome != OPTIONS_RUN || set->out != NULL)
        return outcome;
    fprintf(stderr, "datarizer merge: where to? -o OUT says it (datarizer merge --help lists the options)\n");
    return OPTIONS_USAGE;
}

/* Each name must tell its format where --from does not, and be a file: it is opened twice. */
static bool names_are_clear(const settings *set, char **files, int n)
{
    for (int i = 0; i < n; i++) {
        dzr_format format = DZR_FORMAT_BY_NAME;
        if (strcmp(files[i], "-") == 0) {
            fprintf(stderr, "datarizer merge: standard input can't be merged: its columns must be known beforehand\n");
            return false;
        }
        if (!format_is_clear("datarizer merge", set->from, files[i], "--from", &format))
            return false;
    }
    return true;
}

static int run(const settings *set, char **files, int n, dzr_format format)
{
    dzr_error err;
    dzr_convert_result done;
    const int32_t threads = set->threads > 0 ? (int32_t)set->threads : dzr_n_cores();
    dzr_table_read_options read = {.threads = threads, .memory = (size_t)set->memory};
    dzr_table_write_options write = {.format = format, .threads = threads, .parquet = {.memory = (size_t)set->memory}};
    if (!parquet_options_apply(&set->parquet, "datarizer merge", &write.parquet) ||
            !format_options_apply(&set->csv, "datarizer merge", &read.csv.dialect))
        return OPTIONS_EXIT_USAGE;
    write.csv = read.csv.dialect;
    write.sort_order = set->parquet.sort_order;
    dzr_status st = signals_cancel(&read.cancel, &err);
    if (st == DZR_OK && set->from != NULL)
        st = dzr_format_find(set->from, &read.format, &err);
    write.cancel = read.cancel;
    if (st == DZR_OK)
        st = dzr_merge((const char *const *)files, n, set->by_name, &read, set->out, &write, &done, &err);
    if (st != DZR_OK)
        return signals_complain(&err);
    if (set->json)
        printf("{\"n_files\":%d,\"n_rows\":%" PRId64 ",\"n_bytes\":%" PRIu64 "}\n", n, done.n_rows, done.n_bytes);
    return finish_output();
}

int command_merge(int argc, char **argv)
{
    settings set;
    int operand = 0;
    dzr_format format = DZR_FORMAT_BY_NAME;
    const options_outcome outcome = parse(&argc, &argv, &set, &operand);
    if (outcome != OPTIONS_RUN)
        return options_exit(outcome);
    if (!names_are_clear(&set, argv + operand, argc - operand) ||
            !format_is_clear("datarizer merge", set.to, set.out, "--to", &format))
        return OPTIONS_EXIT_USAGE;
    return run(&set, argv + operand, argc - operand, format);
}
