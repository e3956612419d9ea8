/* cmd/datarizer/diff.c - `datarizer diff`: how two files differ, in their columns and their rows. Comparing is the
 * library's; here the files are opened so that they can be compared, and in diff_print.c and diff_json.c it is said. */
#include "cmd/datarizer/diff.h"

#include "cmd/common/options.h"
#include "cmd/common/try.h"
#include "cmd/datarizer/files.h"
#include "cmd/datarizer/format_options.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool diff_is_of_schema(const diff *d, const dzr_compare_column *column)
{
    const bool declared =
            dzr_table_reader_parquet(d->readers[0]) != NULL && dzr_table_reader_parquet(d->readers[1]) != NULL;
    return column->state >= DZR_COMPARE_UNLIKE || (declared && column->state == DZR_COMPARE_LIKE);
}

int32_t diff_n_of_schema(const diff *d)
{
    int32_t n = 0;
    for (int32_t i = 0; i < dzr_comparison_n_columns(d->comparison); i++)
        n += diff_is_of_schema(d, dzr_comparison_column(d->comparison, i));
    return n;
}

/* ---- opening both sides ---- */

static bool is_name(const char *const *names, int32_t n, const char *name)
{
    for (int32_t i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* Of a Parquet file no more is read than the columns that are compared. */
static dzr_status open_parquet(diff *d, int side, dzr_table_read_options read, dzr_error *err)
{
    TRY(dzr_table_reader_open(d->names[side], &read, &d->readers[side], err));
    if (d->n_columns == 0)
        return DZR_OK;
    const dzr_schema *const schema = dzr_table_reader_schema(d->readers[side]);
    const char *names[2 * DIFF_NAMES];
    int32_t n = 0;
    for (int32_t i = 0; i < d->n_keys + d->n_columns; i++) {
        const char *const name = i < d->n_keys ? d->keys[i] : d->columns[i - d->n_keys];
        if (dzr_schema_find(schema, name) >= 0 && !is_name(names, n, name))
            names[n++] = name;
    }
    if (n == 0)
        return DZR_OK;
    dzr_table_reader_close(d->readers[side]);
    d->readers[side] = NULL;
    read.columns = names;
    read.n_columns = n;
    return dzr_table_reader_open(d->names[side], &read, &d->readers[side], err);
}

/* The fields of `own` (NULL: of `other`), with the types that other has for their names; all may be null. */
static dzr_status adopt(const dzr_schema *own, const dzr_schema *other, dzr_schema **out, dzr_error *err)
{
    const dzr_schema *const fields = own != NULL ? own : other;
    const int32_t n = dzr_schema_n_fields(fields);
    dzr_field *const adopted = calloc((size_t)n + 1, sizeof *adopted);
    if (adopted == NULL)
        return dzr_fail(err, DZR_ERR_NOMEM, "out of memory: %d columns", n);
    for (int32_t i = 0; i < n; i++) {
        const int32_t there = dzr_schema_find(other, dzr_schema_field(fields, i)->name);
        adopted[i] = there >= 0 ? *dzr_schema_field(other, there) : *dzr_schema_field(fields, i);
        adopted[i].nullable = true;
    }
    const dzr_status st = dzr_schema_new(adopted, n, NULL, out, err);
    free(adopted);
    return st;
}

/* A text beside a Parquet file: its values are read as the types that file has. Standard input, which can't be looked
 * at beforehand, is taken to have the same columns. */
static dzr_status open_text(diff *d, int side, dzr_table_read_options read, dzr_error *err)
{
    const dzr_schema *const other = dzr_table_reader_schema(d->readers[1 - side]);
    if (strcmp(d->names[side], "-") != 0)
        TRY(dzr_table_reader_open(d->names[side], &read, &d->readers[side], err));
    const dzr_schema *const own = d->readers[side] != NULL ? dzr_table_reader_schema(d->readers[side]) : NULL;
    const bool has_own = own != NULL;
    TRY(adopt(own, other, &d->adopted, err));
    dzr_table_reader_close(d->readers[side]);
    d->readers[side] = NULL;
    read.jsonl.schema = read.csv.schema = d->adopted;
    read.jsonl.rules.refuse_unknown = has_own || d->n_columns == 0;
    return dzr_table_reader_open(d->names[side], &read, &d->readers[side], err);
}

static dzr_status open_both(diff *d, const dzr_table_read_options *read, dzr_error *err)
{
    const int first = read[0].format == DZR_FORMAT_PARQUET ? 0 : 1; /* a text may need the other's types */
    for (int i = 0; i < 2; i++) {
        const int side = i == 0 ? first : 1 - first;
        const bool mixed = i == 1 && read[first].format == DZR_FORMAT_PARQUET;
        if (read[side].format == DZR_FORMAT_PARQUET)
            TRY(open_parquet(d, side, read[side], err));
        else if (mixed)
            TRY(open_text(d, side, read[side], err));
        else
            TRY(dzr_table_reader_open(d->names[side], &read[side], &d->readers[side], err));
    }
    return DZR_OK;
}

/* ---- comparing ---- */

static dzr_status next_batch(void *ctx, dzr_batch **out, dzr_error *err)
{
    return dzr_table_reader_next(ctx, out, err);
}

/* *equal: whether nothing differs. */
static dzr_status compare(diff *d, dzr_compare_options *options, bool *equal, dzr_error *err)
{
    const dzr_batch_source a = {.ctx = d->readers[0], .next = next_batch},
                           b = {.ctx = d->readers[1], .next = next_batch};
    dzr_comparison *comparison = NULL;
    dzr_compare_result result;
    options->found = d->json ? diff_json_row : diff_print_row;
    options->ctx = d;
    TRY(dzr_comparison_new(
            dzr_table_reader_schema(d->readers[0]), dzr_table_reader_schema(d->readers[1]), options, &comparison, err));
    d->comparison = comparison;
    if (d->json)
        diff_json_begin(d);
    else
        diff_print_schema(d);
    const dzr_status st = dzr_comparison_run(comparison, &a, &b, &result, err);
    if (st == DZR_OK) {
        *equal = diff_n_of_schema(d) == 0 && result.n_different == 0 && result.n_only_a == 0 && result.n_only_b == 0;
        if (d->json)
            diff_json_end(d, &result);
        else
            diff_print_end(d, &result);
    }
    dzr_comparison_free(comparison);
    return st;
}

/* ---- the command ---- */

typedef struct settings {
    const char *from, *keys, *columns;
    int64_t limit, memory, threads;
    bool json;
} settings;

static options_outcome parse(int *argc, char ***argv, settings *set, int *operand)
{
    *set = (settings){.limit = 10, .memory = (int64_t)1 << 30};
    const options_row rows[] = {{.name = "key",
                                        .argument = "NAMES",
                                        .text = &set->keys,
                                        .help = "rows belong together whose values in these columns are the\nsame, not "
                                                "those of one number"},
            {.name = "columns",
                    .argument = "NAMES",
                    .text = &set->columns,
                    .help = "compare only these columns, with commas between them"},
            {.name = "limit",
                    .kind = OPTIONS_NUMBER,
                    .number = &set->limit,
                    .max = INT64_MAX,
                    .help = "show so many rows that differ, at most; all are counted"},
            {.name = "json", .kind = OPTIONS_FLAG, .flag = &set->json, .help = "print one JSON object"},
            {.name = "memory",
                    .kind = OPTIONS_SIZE,
                    .number = &set->memory,
                    .min = 1,
                    .max = INT64_MAX,
                    .help = "with --key: for the rows of A; where they do not fit, both\nfiles must be in order of the "
                            "key"},
            {.name = "threads",
                    .kind = OPTIONS_NUMBER,
                    .number = &set->threads,
                    .max = DZR_MAX_THREADS,
                    .zero = "one a core",
                    .help = "to read with; the result does not depend on it"},
            {.name = "from",
                    .kind = OPTIONS_CHOICE,
                    .argument = "FORMAT",
                    .choices = format_names,
                    .text = &set->from,
                    .help = "the format of -, or of a file whose name tells none"},
            {0}};
    const options_program program = {.name = "datarizer diff",
            .usage = "[OPTION]... A B",
            .rows = rows,
            .min_operands = 2,
            .max_operands = 2,
            .summary = "Prints how the files A and B differ, in columns and rows. Columns go together by their names, "
                       "rows by\ntheir number or by --key. Formats may differ: JSON lines are then read as the types "
                       "that the Parquet\nfile has. One of both may be -, for JSON lines from standard input.",
            .notes = "Null equals null and NaN equals NaN; floats are compared bit by bit, so that 0 and -0 differ.\n\n"
                     "examples:\n  datarizer diff before.parquet after.parquet\n  datarizer diff --key id --limit 100 "
                     "before.parquet after.jsonl\n  datarizer diff --json a.parquet b.parquet | jq .n_different\n\n"
                     "Exit status: 0 when nothing differs, 1 when something does, or for a failure, which one line on\n"
                     "standard error tells, 2 for wrong usage."};
    return files_parse(&program, 2, argc, argv, operand);
}

/* Names with commas between them, cut in place. */
static bool split(const char *option, char *text, const char **names, int32_t *n)
{
    for (char *name = text; name != NULL;) {
        char *const comma = strchr(name, ',');
        if (comma != NULL)
            *comma = '\0';
        if (*name == '\0' || *n == DIFF_NAMES) {
            fprintf(stderr, "datarizer diff: --%s: %s (datarizer diff --help lists the options)\n", option,
                    *name == '\0' ? "a name is empty" : "too many names");
            return false;
        }
        names[(*n)++] = name;
        name = comma != NULL ? comma + 1 : NULL;
    }
    return true;
}

static bool format_of(const settings *set, const char *name, dzr_format *out)
{
    if (dzr_format_of(name, out, NULL) == DZR_OK)
        return true;
    return format_is_clear("datarizer diff", set->from, name, "--from", out);
}

static int run(diff *d, const settings *set, const dzr_table_read_options *read)
{
    dzr_error err;
    bool equal = false;
    dzr_compare_options options = {.columns = d->n_columns > 0 ? d->columns : NULL,
            .n_columns = d->n_columns,
            .keys = d->keys,
            .n_keys = d->n_keys,
            .memory = (size_t)set->memory,
            .max_told = set->limit};
    dzr_status st = open_both(d, read, &err);
    if (st == DZR_OK)
        st = compare(d, &options, &equal, &err);
    for (int i = 0; i < 2; i++)
        dzr_table_reader_close(d->readers[i]);
    dzr_schema_free(d->adopted);
    if (st != DZR_OK) {
        (void)fflush(stdout); /* what was found before stands before the complaint */
        return complain(&err);
    }
    const int output = finish_output();
    return output != OPTIONS_EXIT_OK || equal ? output : OPTIONS_EXIT_FAILURE;
}

int command_diff(int argc, char **argv)
{
    settings set;
    int operand = 0;
    const options_outcome outcome = parse(&argc, &argv, &set, &operand);
    if (outcome != OPTIONS_RUN)
        return options_exit(outcome);
    const char *const no_color = getenv("NO_COLOR");
    diff d = {.names = {argv[operand], argv[operand + 1]},
            .json = set.json,
            .colour = isatty(STDOUT_FILENO) == 1 && (no_color == NULL || *no_color == '\0')};
    if (strcmp(d.names[0], "-") == 0 && strcmp(d.names[1], "-") == 0) {
        fprintf(stderr, "datarizer diff: only one of both can be standard input\n");
        return OPTIONS_EXIT_USAGE;
    }
    dzr_table_read_options read[2] = {{.threads = set.threads > 0 ? (int32_t)set.threads : dzr_n_cores()}};
    read[1] = read[0];
    char *const keys = set.keys != NULL ? strdup(set.keys) : NULL;
    char *const columns = set.columns != NULL ? strdup(set.columns) : NULL;
    const bool clear = format_of(&set, d.names[0], &read[0].format) && format_of(&set, d.names[1], &read[1].format) &&
                       (keys == NULL || split("key", keys, d.keys, &d.n_keys)) &&
                       (columns == NULL || split("columns", columns, d.columns, &d.n_columns));
    const int exit_status = clear ? run(&d, &set, read) : OPTIONS_EXIT_USAGE;
    free(keys);
    free(columns);
    return exit_status;
}
