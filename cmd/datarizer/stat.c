/* cmd/datarizer/stat.c - `datarizer stat`: what is in each column, as a table for people; as JSON in stat_json.c. */
#include "cmd/datarizer/stat.h"

#include "cmd/common/try.h"
#include "cmd/datarizer/files.h"
#include "cmd/datarizer/format_options.h"
#include "cmd/datarizer/part.h"
#include "cmd/datarizer/values.h"

#include <inttypes.h>
#include <langinfo.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

dzr_status summarize(dzr_table_reader *reader, const dzr_summary_options *options, dzr_summary **out, dzr_error *err)
{
    dzr_summary *summary = NULL;
    dzr_status st = dzr_summary_new(dzr_table_reader_schema(reader), options, &summary, err);
    for (dzr_batch *batch = NULL; st == DZR_OK;) {
        st = dzr_table_reader_next(reader, &batch, err);
        if (st != DZR_OK || batch == NULL)
            break;
        st = dzr_summary_add(summary, batch, err);
        dzr_batch_free(batch);
    }
    if (st == DZR_OK)
        st = dzr_summary_finish(summary, err);
    if (st != DZR_OK) {
        dzr_summary_free(summary);
        return st;
    }
    *out = summary;
    return DZR_OK;
}

int32_t n_frequent(const dzr_summary_column *column, int32_t most)
{
    enum { ONE_IN = 1000 };
    int32_t n = 0;
    if (column->n_top == 0 || (column->top_is_exact && column->top[0].at_least == 1))
        return 0;
    while (n < column->n_top && n < most &&
            (column->top_is_exact || column->top[n].at_least >= column->n_values / ONE_IN))
        n++;
    return n;
}

void bound_text(const dzr_batch *batch, int64_t row, size_t most, char *text, size_t room)
{
    const dzr_column *const column = dzr_batch_column(batch, 0);
    if (column->type.id == DZR_TYPE_DOUBLE)
        snprintf(text, room, "%.6g", ((const double *)column->values)[row]);
    else
        value_text(batch, 0, row, most, text, room);
}

/* ---- the table's cells ---- */

enum { CELL = 200, BOUND = 24, TOP_SHOWN = 3, TOP_VALUE = 16, BARS = 16 };

static const char *const headings[] = {
        "column", "type", "nulls", "distinct", "min", "max", "mean", "spread", "most frequent"};
enum { N_CELLS = sizeof headings / sizeof *headings };

/* A bar for each bin, in eighths of the highest; none where there is nothing. */
static void spread_text(const dzr_summary_column *column, bool utf8, char text[CELL])
{
    static const char *const blocks[] = {" ", "\xe2\x96\x81", "\xe2\x96\x82", "\xe2\x96\x83", "\xe2\x96\x84",
            "\xe2\x96\x85", "\xe2\x96\x86", "\xe2\x96\x87", "\xe2\x96\x88"};
    static const char *const ascii[] = {" ", ".", ":", "-", "=", "+", "*", "#", "@"};
    int64_t most = 0;
    size_t n = 0;
    for (int32_t i = 0; i < column->n_bins; i++)
        most = column->bins[i] > most ? column->bins[i] : most;
    for (int32_t i = 0; i < column->n_bins; i++) {
        const double share = (double)column->bins[i] / (double)most;
        const int height = column->bins[i] == 0 ? 0 : 1 + (int)(share * 7);
        n += (size_t)snprintf(text + n, CELL - n, "%s", (utf8 ? blocks : ascii)[height]);
    }
    text[n] = '\0';
}

/* "Praha 3, Brno 2": a count that is not certain to be all has a + behind. */
static void top_text(const dzr_summary_column *column, char text[CELL])
{
    size_t n = 0;
    text[0] = '\0';
    const int32_t n_shown = n_frequent(column, TOP_SHOWN);
    for (int32_t i = 0; i < n_shown; i++) {
        char value[TOP_VALUE + 8];
        value_text(column->values, 0, 2 + i, TOP_VALUE, value, sizeof value);
        n += (size_t)snprintf(text + n, CELL - n, "%s%s %" PRId64 "%s", i > 0 ? ", " : "", value,
                column->top[i].at_least, column->top[i].at_least < column->top[i].at_most ? "+" : "");
    }
}

/* Whole digits where they are many, else `digits` of them. */
static size_t number_text(double number, int digits, char *text, size_t room)
{
    const bool is_long = fabs(number) >= 1e4 && fabs(number) < 1e12;
    const int n = is_long ? snprintf(text, room, "%.0f", number) : snprintf(text, room, "%.*g", digits, number);
    return (size_t)n;
}

static void mean_text(const dzr_summary_column *column, bool utf8, char text[CELL])
{
    size_t n = column->has_mean ? number_text(column->mean, 5, text, CELL) : 0;
    if (column->has_stddev) {
        n += (size_t)snprintf(text + n, CELL - n, "%s", utf8 ? " \xc2\xb1 " : " +- ");
        (void)number_text(column->stddev, 4, text + n, CELL - n);
    }
    if (column->has_lengths)
        snprintf(text, CELL, "%.3g long", column->mean_length);
    else if (column->field->type.id == DZR_TYPE_BOOL && column->n_values > 0)
        snprintf(text, CELL, "%.3g true", (double)column->n_true / (double)column->n_values);
}

static dzr_status add_cell(dzr_builder *builder, int32_t cell, const char *text, dzr_error *err)
{
    return dzr_builder_bytes(builder, cell, (dzr_bytes){(const uint8_t *)text, strlen(text)}, err);
}

static dzr_status add_column(dzr_builder *builder, const dzr_summary_column *column, bool utf8, dzr_error *err)
{
    char type[DZR_TYPE_TEXT], cells[N_CELLS][CELL] = {{0}};
    snprintf(cells[2], CELL, "%" PRId64, column->n_nulls);
    if (column->n_nan > 0)
        snprintf(cells[2], CELL, "%" PRId64 ", %" PRId64 " NaN", column->n_nulls, column->n_nan);
    if (column->n_distinct >= 0)
        snprintf(cells[3], CELL, "%s%" PRId64, column->distinct_is_exact ? "" : "~", column->n_distinct);
    for (int32_t i = 0; column->has_bounds && i < 2; i++)
        bound_text(column->values, i, BOUND, cells[4 + i], CELL);
    mean_text(column, utf8, cells[6]);
    spread_text(column, utf8, cells[7]);
    top_text(column, cells[8]);
    TRY(add_cell(builder, 0, column->path, err));
    TRY(add_cell(builder, 1, dzr_type_print(column->field->type, type), err));
    for (int32_t i = 2; i < N_CELLS; i++)
        TRY(add_cell(builder, i, cells[i], err));
    return DZR_OK;
}

/* ---- the table ---- */

static dzr_status fill_grid(grid *g, const dzr_summary *summary, bool utf8, dzr_error *err)
{
    dzr_field fields[N_CELLS];
    dzr_schema *schema = NULL;
    dzr_builder *builder = NULL;
    dzr_batch *batch = NULL;
    for (int32_t i = 0; i < N_CELLS; i++)
        fields[i] = (dzr_field){.name = headings[i], .type = {.id = DZR_TYPE_STRING}};
    dzr_status st = dzr_schema_new(fields, N_CELLS, NULL, &schema, err);
    if (st == DZR_OK)
        st = dzr_builder_new(schema, NULL, &builder, err);
    const int32_t n = dzr_summary_n_columns(summary);
    for (int32_t i = 0; st == DZR_OK && i < n; i++)
        st = add_column(builder, dzr_summary_column_at(summary, i), utf8, err);
    if (st == DZR_OK)
        st = dzr_builder_finish(builder, &batch, err);
    if (st == DZR_OK)
        st = grid_begin(g, schema, false, err);
    for (int32_t i = 0; st == DZR_OK && i < n; i++)
        st = grid_add_row(g, batch, i, err);
    for (int32_t i = 2; st == DZR_OK && i <= 6; i++)
        g->right[i] = true;
    dzr_batch_free(batch);
    dzr_builder_free(builder);
    dzr_schema_free(schema);
    return st;
}

static dzr_status print_table(const dzr_summary *summary, dzr_error *err)
{
    grid g = {.n_columns = 0};
    const bool utf8 = setlocale(LC_CTYPE, "") != NULL && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    dzr_status st = fill_grid(&g, summary, utf8, err);
    if (st == DZR_OK)
        st = grid_print(&g, terminal_width(), stdout, err);
    if (st == DZR_OK)
        printf("\n%" PRId64 " row%s\n", dzr_summary_n_rows(summary), dzr_summary_n_rows(summary) == 1 ? "" : "s");
    grid_end(&g);
    return st;
}

/* ---- the command ---- */

typedef struct settings {
    const char *from;
    int64_t threads, n_top;
    bool json;
    file_part part;
    format_options csv;
} settings;

static options_outcome parse(int *argc, char ***argv, settings *set, int *operand)
{
    *set = (settings){.n_top = 10};
    const options_row rows[] = {PART_COLUMNS(&set->part), PART_WHERE(&set->part), PART_ROW_GROUPS(&set->part),
            {.name = "rows",
                    .argument = "FIRST:COUNT",
                    .text = &set->part.rows,
                    .help = "only so many rows, from that number on; counted from 0"},
            {.name = "json", .kind = OPTIONS_FLAG, .flag = &set->json, .help = "print one JSON object with all facts"},
            {.name = "top",
                    .kind = OPTIONS_NUMBER,
                    .number = &set->n_top,
                    .min = 1,
                    .max = DZR_SUMMARY_VALUES,
                    .help = "with --json: so many of the most frequent values"},
            PART_MEMORY(&set->part, "reading a Parquet file takes no more, or fails"),
            {.name = "threads",
                    .kind = OPTIONS_NUMBER,
                    .number = &set->threads,
                    .max = DZR_MAX_THREADS,
                    .zero = "one a core",
                    .help = "to read and count with; the result does not depend on it"},
            FORMAT_FROM(&set->from), FORMAT_OPTIONS(&set->csv), {0}};
    const options_program program = {.name = "datarizer stat",
            .usage = "[OPTION]... FILE",
            .rows = rows,
            .min_operands = 1,
            .max_operands = 1,
            .summary = "Reads FILE and prints what is in each column: nulls, distinct values, least and greatest, mean "
                       "and\nstandard deviation, a histogram, the most frequent values. FILE may be -, for JSON lines "
                       "from\nstandard input.",
            .notes = "~ is an estimate, within 0.8 % most of the time; 7+ is at least 7. Histograms of strings and "
                     "lists are\nof their lengths.\n\n"
                     "examples:\n  datarizer stat people.parquet\n  datarizer stat --columns age,address.city "
                     "people.parquet\n  datarizer stat --where \"country = 'CZ'\" people.parquet\n  datarizer stat "
                     "--json people.parquet | jq '.columns[] | {path, "
                     "n_nulls}'\n\n"
                     "Exit status: 0 when done, 1 for a file that can't be read, 2 for wrong usage."};
    return files_parse(&program, 1, argc, argv, operand);
}

static int stat_file(const char *file, const settings *set, const dzr_table_read_options *read)
{
    dzr_error err;
    dzr_table_reader *reader = NULL;
    dzr_summary *summary = NULL;
    const dzr_summary_options options = {
            .threads = read->threads, .n_top = (int32_t)set->n_top, .n_bins = set->json ? 0 : BARS};
    dzr_status st = dzr_table_reader_open(file, read, &reader, &err);
    if (st == DZR_OK)
        st = summarize(reader, &options, &summary, &err);
    if (st == DZR_OK)
        st = set->json ? stat_print_json(file, dzr_format_name(read->format), summary, &err)
                       : print_table(summary, &err);
    dzr_summary_free(summary);
    dzr_table_reader_close(reader);
    return st == DZR_OK ? finish_output() : complain(&err);
}

int command_stat(int argc, char **argv)
{
    settings set;
    int operand = 0;
    const options_outcome outcome = parse(&argc, &argv, &set, &operand);
    if (outcome != OPTIONS_RUN)
        return options_exit(outcome);
    dzr_table_read_options read = {.threads = set.threads > 0 ? (int32_t)set.threads : dzr_n_cores()};
    int exit_status = OPTIONS_EXIT_USAGE;
    if (format_is_clear("datarizer stat", set.from, argv[operand], "--from", &read.format) &&
            part_apply(&set.part, "stat", &read) && format_options_apply(&set.csv, "datarizer stat", &read.csv.dialect))
        exit_status = stat_file(argv[operand], &set, &read);
    part_free(&set.part);
    return exit_status;
}
