/* cmd/datarizer/convert.c - `datarizer convert`: all records of a file into another, of the same or another format. */
#include "cmd/datarizer/commands.h"
#include "cmd/datarizer/files.h"
#include "cmd/datarizer/format_options.h"
#include "cmd/datarizer/parquet_options.h"
#include "cmd/datarizer/part.h"
#include "cmd/datarizer/signals.h"

#include <inttypes.h>

/* ---- options ---- */

typedef struct settings {
    const char *from, *to, *encoding, *dead_letter;
    bool record_info;
    int64_t max_bad, sample_rows, threads, limit_page, limit_row_group;
    file_part part;
    format_options csv;
    parquet_options parquet;
} settings;

static options_outcome parse(int *argc, char ***argv, settings *set, int *operand)
{
    static const char *const encodings[] = {"compat", "auto", NULL};
    *set = (settings){.encoding = "compat",
            .parquet = PARQUET_DEFAULTS,
            .sample_rows = 10000,
            .limit_page = (int64_t)512 << 20,
            .limit_row_group = (int64_t)4 << 30};
    const options_row rows[] = {
            {.name = "from",
                    .kind = OPTIONS_CHOICE,
                    .argument = "FORMAT",
                    .choices = format_names,
                    .text = &set->from,
                    .help = "format of IN: parquet, jsonl, json, csv or tsv, whatever its name says"},
            {.name = "to",
                    .kind = OPTIONS_CHOICE,
                    .argument = "FORMAT",
                    .choices = format_names,
                    .text = &set->to,
                    .help = "format of OUT"},
            PARQUET_CODEC(&set->parquet),
            {.name = "encoding",
                    .kind = OPTIONS_CHOICE,
                    .choices = encodings,
                    .text = &set->encoding,
                    .help = "compat: pages every reader knows; auto: what suits the values\nbest, the same as yet"},
            PARQUET_ROW_GROUP_ROWS(&set->parquet), PARQUET_SORT_ORDER(&set->parquet),
            {.name = "sample-rows",
                    .kind = OPTIONS_NUMBER,
                    .number = &set->sample_rows,
                    .min = 1,
                    .max = INT64_MAX,
                    .help = "infer the types of JSON lines or CSV from so many records"},
            {.name = "record-info",
                    .kind = OPTIONS_FLAG,
                    .flag = &set->record_info,
                    .help = "add a column _recordinfo to JSON lines: raw bytes, their\nSHA-256, when it was read, IN"},
            {.name = "dead-letter",
                    .argument = "FILE",
                    .text = &set->dead_letter,
                    .help = "put bad JSON lines there, with reason, line and raw bytes,\ninstead of failing"},
            {.name = "max-bad",
                    .kind = OPTIONS_NUMBER,
                    .number = &set->max_bad,
                    .zero = "any number",
                    .help = "fail all the same when there are more"},
            FORMAT_OPTIONS(&set->csv), PART_COLUMNS(&set->part), PART_ROW_GROUPS(&set->part),
            {.name = "rows",
                    .argument = "FIRST:COUNT",
                    .text = &set->part.rows,
                    .help = "only so many rows, from that number on; counted from 0"},
            PART_WHERE(&set->part), PART_BATCH_ROWS(&set->part),
            PART_MEMORY(&set->part, "reading a Parquet file takes no more, nor does writing one,\nor it fails; row "
                                    "groups become smaller for it"),
            {.name = "limit-page",
                    .kind = OPTIONS_SIZE,
                    .number = &set->limit_page,
                    .min = 1,
                    .max = (int64_t)2 << 30,
                    .help = "refuse Parquet pages that are larger, compressed or not"},
            {.name = "limit-row-group",
                    .kind = OPTIONS_SIZE,
                    .number = &set->limit_row_group,
                    .min = 1,
                    .max = INT64_MAX,
                    .help = "refuse Parquet row groups that take more memory"},
            {.name = "threads",
                    .kind = OPTIONS_NUMBER,
                    .number = &set->threads,
                    .max = DZR_MAX_THREADS,
                    .zero = "one a core",
                    .help = "to read with, and as many to write; the result does not\ndepend on it"},
            {0}};
    const options_program program = {.name = "datarizer convert",
            .usage = "[OPTION]... IN OUT",
            .rows = rows,
            .min_operands = 2,
            .max_operands = 2,
            .summary = "Writes all records of IN to OUT. Names tell the formats: .parquet, .jsonl, .ndjson, .json, "
                       ".csv, .tsv.\nOUT appears whole or not at all. - is standard input (JSON lines) or output, with "
                       "--from or --to.",
            .notes = "examples:\n  datarizer convert people.jsonl people.parquet\n"
                     "  datarizer convert --codec zstd --level 9 people.parquet smaller.parquet\n"
                     "  zcat people.jsonl.gz | datarizer convert --from jsonl - people.parquet\n"
                     "  datarizer convert --to jsonl people.parquet - | grep Anna\n"
                     "  datarizer convert --columns id,name --rows 1000:20 people.parquet some.jsonl\n"
                     "  datarizer convert --dead-letter bad.jsonl people.jsonl people.parquet\n"
                     "  datarizer convert --where \"born < '1990-01-01' and name like 'A%'\" people.parquet "
                     "older.parquet\n\n"
                     "Exit status: 0 when done, 1 for a failure (OUT is as it was), 2 for wrong usage, 128 and the\n"
                     "signal's number when a signal ended it."};
    return files_parse(&program, 1, argc, argv, operand);
}

/* Options that JSON lines alone have. */
static bool is_of_lines(const settings *set, dzr_format format)
{
    if (format == DZR_FORMAT_JSONL || (!set->record_info && set->dead_letter == NULL && set->max_bad == 0))
        return true;
    fprintf(stderr, "datarizer convert: %s goes with JSON lines only\n",
            set->record_info           ? "--record-info"
            : set->dead_letter != NULL ? "--dead-letter"
                                       : "--max-bad");
    return false;
}

/* ---- the work ---- */

static int convert(
        const settings *set, const char *in, const dzr_table_read_options *what, const char *out, dzr_format format)
{
    dzr_error err;
    dzr_table_read_options read = *what;
    dzr_table_write_options write = {.format = format,
            .threads = (int32_t)set->threads,
            .csv = what->csv.dialect,
            .sort_order = set->parquet.sort_order,
            .parquet = {.memory = (size_t)set->part.memory}};
    if (!parquet_options_apply(&set->parquet, "datarizer convert", &write.parquet))
        return OPTIONS_EXIT_USAGE;
    if (signals_cancel(&read.cancel, &err) != DZR_OK)
        return complain(&err);
    write.cancel = read.cancel;
    dzr_convert_result result;
    const dzr_status st = dzr_convert(in, &read, out, &write, &result, &err);
    if (st == DZR_OK && result.n_bad > 0)
        fprintf(stderr, "datarizer: %s: %" PRId64 " bad record%s went to %s\n", in, result.n_bad,
                result.n_bad == 1 ? "" : "s", set->dead_letter);
    return st == DZR_OK ? OPTIONS_EXIT_OK : signals_complain(&err);
}

int command_convert(int argc, char **argv)
{
    settings set;
    int operand = 0;
    const options_outcome outcome = parse(&argc, &argv, &set, &operand);
    if (outcome != OPTIONS_RUN)
        return options_exit(outcome);
    const char *const in = argv[operand], *const out = argv[operand + 1];
    set.threads = set.threads > 0 ? set.threads : dzr_n_cores();
    const dzr_jsonl_record_info record_info = {.source_info = in};
    dzr_table_read_options read = {.threads = (int32_t)set.threads,
            .jsonl = {.sample_rows = set.sample_rows, .record_info = set.record_info ? &record_info : NULL},
            .csv = {.sample_rows = set.sample_rows},
            .dead_letter = set.dead_letter,
            .max_bad = set.max_bad,
            .limits = {.page_bytes = (size_t)set.limit_page, .row_group_bytes = (size_t)set.limit_row_group}};
    dzr_format format = DZR_FORMAT_BY_NAME;
    const bool clear = format_is_clear("datarizer convert", set.from, in, "--from", &read.format) &&
                       format_is_clear("datarizer convert", set.to, out, "--to", &format) &&
                       part_apply(&set.part, "convert", &read) &&
                       format_options_apply(&set.csv, "datarizer convert", &read.csv.dialect) &&
                       is_of_lines(&set, read.format);
    const int exit_status = clear ? convert(&set, in, &read, out, format) : OPTIONS_EXIT_USAGE;
    part_free(&set.part);
    return exit_status;
}
