/* cmd/datarizer/meta.c - `datarizer meta`: what Parquet files say of themselves. The tables for people are in
 * meta_table.c, JSON in meta_json.c. */
#include "cmd/datarizer/meta.h"
#include "cmd/datarizer/files.h"
#include "cmd/datarizer/part.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* ---- what both faces need ---- */

bool meta_bounds(const dzr_parquet_reader *parquet, int32_t column, dzr_bytes min, dzr_bytes max, dzr_batch **out)
{
    static const uint8_t nothing[1];
    dzr_bytes values[] = {min, max};
    for (int i = 0; i < 2; i++)
        if (values[i].at == NULL)
            values[i].at = nothing; /* an empty string is no null */
    return dzr_parquet_reader_values(parquet, column, values, 2, out, NULL) == DZR_OK;
}

static const char *named(const char *name, const char *what, int32_t number, char text[32])
{
    if (name == NULL)
        snprintf(text, 32, "%s %d", what, number);
    return name != NULL ? name : text;
}

const char *meta_encoding(int32_t encoding, char text[32])
{
    return named(dzr_parquet_encoding_name(encoding), "encoding", encoding, text);
}

const char *meta_codec(int32_t codec, char text[32])
{
    return named(dzr_parquet_codec_name(codec), "codec", codec, text);
}

const char *meta_page_type(int32_t type, char text[32])
{
    return named(dzr_parquet_page_type_name(type), "page type", type, text);
}

/* ---- what was chosen ---- */

typedef struct settings {
    file_part part;
    bool json, pages, verbose;
} settings;

static bool is_at_or_below(const char *path, const char *asked)
{
    const size_t n = strlen(asked);
    return strncmp(path, asked, n) == 0 && (path[n] == '\0' || path[n] == '.');
}

/* Numbers of the columns that were asked for, or of all. */
static dzr_status choose_columns(
        const meta_choice *what, const dzr_table_read_options *read, int32_t *out, int32_t *n, dzr_error *err)
{
    const int32_t n_columns = dzr_parquet_reader_n_columns(what->parquet);
    bool *const chosen = calloc((size_t)n_columns + 1, sizeof *chosen);
    if (chosen == NULL)
        return dzr_fail(err, DZR_ERR_NOMEM, "%s: out of memory: %d columns", what->file, n_columns);
    dzr_status st = DZR_OK;
    for (int32_t i = 0; st == DZR_OK && i < read->n_columns; i++) {
        bool found = false;
        assert(read->columns != NULL);
        for (int32_t column = 0; column < n_columns; column++)
            if (is_at_or_below(dzr_parquet_reader_path(what->parquet, column), read->columns[i]))
                found = chosen[column] = true;
        if (!found)
            st = dzr_fail(err, DZR_ERR_ARG, "%s: there is no column \"%.200s\"", what->file, read->columns[i]);
    }
    for (int32_t column = 0; column < n_columns; column++)
        if (chosen[column] || read->columns == NULL)
            out[(*n)++] = column;
    free(chosen);
    return st;
}

static dzr_status choose_groups(
        const meta_choice *what, const dzr_table_read_options *read, int32_t *out, int32_t *n, dzr_error *err)
{
    const int32_t n_groups = dzr_parquet_reader_n_row_groups(what->parquet);
    *n = read->row_groups != NULL ? read->n_row_groups : n_groups;
    for (int32_t i = 0; i < *n; i++) {
        out[i] = read->row_groups != NULL ? read->row_groups[i] : i;
        if (out[i] >= n_groups)
            return dzr_fail(err, DZR_ERR_ARG, "%s: row group %d of %d", what->file, out[i], n_groups);
    }
    return DZR_OK;
}

static dzr_status show(const settings *set, meta_choice *what, const dzr_table_read_options *read, dzr_error *err)
{
    const int32_t n_groups =
            read->row_groups != NULL ? read->n_row_groups : dzr_parquet_reader_n_row_groups(what->parquet);
    int32_t *const columns = calloc((size_t)dzr_parquet_reader_n_columns(what->parquet) + 1, sizeof *columns);
    int32_t *const groups = calloc((size_t)n_groups + 1, sizeof *groups);
    dzr_status st = columns != NULL && groups != NULL
                            ? DZR_OK
                            : dzr_fail(err, DZR_ERR_NOMEM, "%s: out of memory: %d row groups", what->file, n_groups);
    if (st == DZR_OK)
        st = choose_columns(what, read, columns, &what->n_columns, err);
    if (st == DZR_OK)
        st = choose_groups(what, read, groups, &what->n_row_groups, err);
    what->columns = columns;
    what->row_groups = groups;
    if (st == DZR_OK)
        st = set->json ? meta_print_json(what, err) : meta_print_tables(what, err);
    free(columns);
    free(groups);
    return st;
}

static dzr_status meta(const settings *set, const char *file, const dzr_table_read_options *read, dzr_error *err)
{
    const dzr_parquet_read_options options = {.limits = {.page_bytes = INT32_MAX}, .threads = 1}; /* none is read */
    meta_choice what = {.file = file,
            .pages = set->pages,
            .chunks = set->verbose || read->columns != NULL || read->row_groups != NULL};
    dzr_source *source = NULL;
    dzr_parquet_reader *reader = NULL;
    dzr_status st = dzr_store_open_source(file, NULL, &source, err);
    if (st == DZR_OK)
        st = dzr_parquet_reader_open(source, &options, &reader, err);
    what.parquet = reader;
    if (st == DZR_OK)
        st = show(set, &what, read, err);
    dzr_parquet_reader_close(reader);
    dzr_source_close(source);
    return st;
}

int command_meta(int argc, char **argv)
{
    settings set = {.json = false};
    const options_row rows[] = {PART_COLUMNS(&set.part), PART_ROW_GROUPS(&set.part),
            {.name = "verbose",
                    .letter = 'v',
                    .kind = OPTIONS_FLAG,
                    .flag = &set.verbose,
                    .help = "each column of each row group, too, as with one of the above"},
            {.name = "pages", .kind = OPTIONS_FLAG, .flag = &set.pages, .help = "and each page"},
            {.name = "json", .kind = OPTIONS_FLAG, .flag = &set.json, .help = "print one JSON object with all of it"},
            {0}};
    const options_program program = {.name = "datarizer meta",
            .usage = "[OPTION]... FILE...",
            .rows = rows,
            .min_operands = 1,
            .max_operands = INT_MAX,
            .summary = "Prints what each Parquet FILE says of itself: rows, row groups, sizes, codecs, encodings,\n"
                       "statistics, indexes, metadata.",
            .notes =
                    "examples:\n  datarizer meta people.parquet\n  datarizer meta --columns id --pages people.parquet\n"
                    "  datarizer meta --json people.parquet | jq '.row_groups[].columns[] | {path, ratio}'\n\n"
                    "Exit status: 0 when done, 1 for a file that can't be read, 2 for wrong usage."};
    int operand = 0;
    const options_outcome outcome = files_parse(&program, 0, &argc, &argv, &operand);
    if (outcome != OPTIONS_RUN)
        return options_exit(outcome);
    dzr_table_read_options read = {.format = DZR_FORMAT_PARQUET};
    int exit_status = OPTIONS_EXIT_USAGE;
    if (part_apply(&set.part, "meta", &read)) {
        exit_status = OPTIONS_EXIT_OK;
        for (int i = operand; i < argc; i++) {
            dzr_error err;
            if (i > operand && !set.json)
                putchar('\n');
            if (meta(&set, argv[i], &read, &err) != DZR_OK) {
                fflush(stdout);
                exit_status = complain(&err);
            }
        }
        exit_status = finish_with(exit_status);
    }
    part_free(&set.part);
    return exit_status;
}
