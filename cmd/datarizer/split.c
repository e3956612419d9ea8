/* cmd/datarizer/split.c - `datarizer split`: the records of a file in several, one after the other. */
#include "cmd/datarizer/commands.h"
#include "cmd/datarizer/parquet_options.h"
#include "cmd/datarizer/part.h"
#include "cmd/datarizer/signals.h"

#include "cmd/datarizer/files.h"
#include "cmd/datarizer/format_options.h"

#include <inttypes.h>
#include <string.h>
#include <sys/resource.h>

typedef struct settings {
    const char *from, *to, *out;
    bool json;
    int64_t rows, parts, threads;
    file_part part;
    format_options csv;
    parquet_options parquet;
} settings;

static options_outcome parse(int *argc, char ***argv, settings *set, int *operand)
{
    *set = (settings){.parquet = PARQUET_DEFAULTS};
    const options_row rows[] = {
            {.name = "output",
                    .letter = 'o',
                    .argument = "OUT",
                    .text = &set->out,
                    .help = "the name of the parts; {} in it is the number of each,\nfrom 00001 on"},
            {.name = "rows",
                    .letter = 'n',
                    .kind = OPTIONS_NUMBER,
                    .number = &set->rows,
                    .min = 1,
                    .max = INT64_MAX,
                    .no_default = true,
                    .help = "each part has so many rows, the last what is left"},
            {.name = "parts",
                    .kind = OPTIONS_NUMBER,
                    .number = &set->parts,
                    .min = 1,
                    .max = DZR_SPLIT_MAX_PARTS,
                    .no_default = true,
                    .help = "so many parts, with about as many rows each"},
            FORMAT_FROM(&set->from), FORMAT_OPTIONS(&set->csv),
            {.name = "to",
                    .kind = OPTIONS_CHOICE,
                    .argument = "FORMAT",
                    .choices = format_names,
                    .text = &set->to,
                    .help = "format of the parts, whatever OUT says"},
            PARQUET_CODEC(&set->parquet), PARQUET_ROW_GROUP_ROWS(&set->parquet), PARQUET_SORT_ORDER(&set->parquet),
            PART_COLUMNS(&set->part),
            PART_MEMORY(&set->part, "reading a Parquet file takes no more, nor does writing one,\nor it fails"),
            {.name = "threads",
                    .kind = OPTIONS_NUMBER,
                    .number = &set->threads,
                    .max = DZR_MAX_THREADS,
                    .zero = "one a core",
                    .help = "to read with, and as many to write"},
            {.name = "json", .kind = OPTIONS_FLAG, .flag = &set->json, .help = "print what was done as a JSON object"},
            {0}};
    const options_program program = {.name = "datarizer split",
            .usage = "[OPTION]... -o OUT FILE",
            .rows = rows,
            .min_operands = 1,
            .max_operands = 1,
            .summary = "Writes the records of FILE to several files, one after the other, which appear when all are "
                       "there.\n- is JSON lines from standard input.",
            .notes = "examples:\n  datarizer split --rows 1000000 -o part-{}.parquet big.parquet\n"
                     "  datarizer split --parts 8 -o s3://bucket/part-{}.jsonl big.parquet\n\n"
                     "Exit status: 0 when done, 1 for a failure (there are no new parts), 2 for wrong usage, 128 and\n"
                     "the signal's number when a signal ended it."};
    const options_outcome outcome = files_parse(&program, 1, argc, argv, operand);
    if (outcome != OPTIONS_RUN)
        return outcome;
    if (set->out == NULL || strstr(set->out, "{}") == NULL || strstr(strstr(set->out, "{}") + 2, "{}") != NULL)
        fprintf(stderr, "datarizer split: where to? -o part-{}.parquet says it, {} being the number of each part\n");
    else if ((set->rows > 0) == (set->parts > 0))
        fprintf(stderr, "datarizer split: how? by either --rows or --parts\n");
    else if (set->parts > 0 && strcmp((*argv)[*operand], "-") == 0)
        fprintf(stderr, "datarizer split: standard input has to be split by --rows: nobody knows how many there are\n");
    else
        return OPTIONS_RUN;
    return OPTIONS_USAGE;
}

/* A part's file is open until all are there. */
static void allow_open_files(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return;
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files);
}

static int run(const settings *set, const char *in, dzr_table_read_options *read, dzr_format to)
{
    dzr_error err;
    dzr_split_result done;
    const dzr_split_options how = {.rows = set->rows, .parts = (int32_t)set->parts};
    read->threads = set->threads > 0 ? (int32_t)set->threads : dzr_n_cores();
    dzr_table_write_options write = {.format = to,
            .threads = read->threads,
            .csv = read->csv.dialect,
            .sort_order = set->parquet.sort_order,
            .parquet = {.memory = read->memory}};
    allow_open_files();
    if (!parquet_options_apply(&set->parquet, "datarizer split", &write.parquet))
        return OPTIONS_EXIT_USAGE;
    dzr_status st = signals_cancel(&read->cancel, &err);
    write.cancel = read->cancel;
    if (st == DZR_OK)
        st = dzr_split(in, read, set->out, &how, &write, &done, &err);
    if (st != DZR_OK)
        return signals_complain(&err);
    if (set->json)
        printf("{\"n_parts\":%" PRId32 ",\"n_rows\":%" PRId64 ",\"n_bytes\":%" PRIu64 "}\n", done.n_parts, done.n_rows,
                done.n_bytes);
    return finish_output();
}

int command_split(int argc, char **argv)
{
    settings set;
    int operand = 0;
    const options_outcome outcome = parse(&argc, &argv, &set, &operand);
    if (outcome != OPTIONS_RUN)
        return options_exit(outcome);
    const char *const in = argv[operand];
    dzr_table_read_options read = {.format = DZR_FORMAT_BY_NAME};
    dzr_format to = DZR_FORMAT_BY_NAME;
    const bool clear = format_is_clear("datarizer split", set.from, in, "--from", &read.format) &&
                       format_is_clear("datarizer split", set.to, set.out, "--to", &to) &&
                       part_apply(&set.part, "split", &read) &&
                       format_options_apply(&set.csv, "datarizer split", &read.csv.dialect);
    const int exit_status = clear ? run(&set, in, &read, to) : OPTIONS_EXIT_USAGE;
    part_free(&set.part);
    return exit_status;
}
