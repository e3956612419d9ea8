/* cmd/datarizer/validate.c - `datarizer validate`: what is wrong with files, found in every byte of them. Parquet goes
 * to dzr_parquet_validate; of other formats every record is read. */
#include "cmd/datarizer/files.h"
#include "cmd/datarizer/rows.h"
#include "cmd/datarizer/values.h"

#include <datarizer/parquet_validate.h>

#include <inttypes.h>
#include <limits.h>

/* One file's check under way. */
typedef struct checking {
    bool json;
    int64_t n_told, n_findings;
} checking;

static void put_number(const char *key, int64_t number)
{
    if (number >= 0)
        printf(",\"%s\":%" PRId64, key, number);
}

static void tell(checking *c, const char *kind, const dzr_parquet_finding *where, const char *message)
{
    if (!c->json) {
        printf("%s: ", kind);
        print_shown(message, stdout);
        putchar('\n');
        return;
    }
    printf("%s{\"kind\":\"%s\"", c->n_told++ > 0 ? "," : "", kind);
    if (where != NULL) {
        put_number("row_group", where->row_group);
        put_number("column", where->column);
        put_number("page", where->page);
        put_number("offset", where->offset);
    }
    fputs(",\"message\":", stdout);
    print_json_text(message, stdout);
    putchar('}');
}

static dzr_status hook(void *ctx, const dzr_parquet_finding *finding, dzr_error *err)
{
    (void)err;
    tell(ctx, dzr_parquet_finding_name(finding->kind), finding, finding->message);
    return DZR_OK;
}

/* "3 row groups, " */
static void put_count(int64_t n, const char *one, const char *end)
{
    printf("%" PRId64 " %s%s%s", n, one, n == 1 ? "" : "s", end);
}

static dzr_status check_parquet(checking *c, const char *file, dzr_error *err)
{
    dzr_source *source = NULL;
    dzr_parquet_checked checked;
    dzr_status st = dzr_store_open_source(file, NULL, &source, err);
    if (st != DZR_OK)
        return st;
    st = dzr_parquet_validate(source, NULL, hook, c, &checked, err);
    dzr_source_close(source);
    c->n_findings = checked.n_findings;
    if (st != DZR_OK)
        return st;
    if (c->json) {
        printf("],\"n_findings\":%" PRId64, checked.n_findings);
        put_number("n_unchecked", checked.n_unchecked);
        put_number("n_row_groups", checked.n_row_groups);
        put_number("n_chunks", checked.n_chunks);
        put_number("n_pages", checked.n_pages);
        put_number("n_values", checked.n_values);
        put_number("n_crcs", checked.n_crcs);
        put_number("n_indexes", checked.n_indexes);
        put_number("n_bloom_filters", checked.n_bloom_filters);
        return DZR_OK;
    }
    print_shown(file, stdout);
    fputs(checked.n_findings == 0 ? ": valid; checked " : ": not valid; checked ", stdout);
    put_count(checked.n_row_groups, "row group", ", ");
    put_count(checked.n_chunks, "column chunk", ", ");
    put_count(checked.n_pages, "page", " (");
    put_count(checked.n_crcs, "checksum", "), ");
    put_count(checked.n_values, "value", ", ");
    put_count(checked.n_indexes, "chunk", " with a page index, ");
    put_count(checked.n_bloom_filters, "bloom filter", "\n");
    return DZR_OK;
}

/* The first record that can't be read ends it: what comes after may be anything. */
static dzr_status check_records(checking *c, const char *file, dzr_format format, dzr_error *err)
{
    const dzr_table_read_options options = {.format = format};
    dzr_table_reader *reader = NULL;
    int64_t n_rows = 0;
    dzr_status st = dzr_table_reader_open(file, &options, &reader, err);
    while (st == DZR_OK) {
        dzr_batch *batch = NULL;
        st = dzr_table_reader_next(reader, &batch, err);
        if (batch == NULL)
            break;
        n_rows += dzr_batch_n_rows(batch);
        dzr_batch_free(batch);
    }
    dzr_table_reader_close(reader);
    if (st == DZR_ERR_SYNTAX || st == DZR_ERR_TYPE || st == DZR_ERR_CORRUPT || st == DZR_ERR_TRUNCATED) {
        tell(c, "record", NULL, err->message);
        c->n_findings = 1;
        st = DZR_OK;
    }
    if (st != DZR_OK)
        return st;
    if (c->json) {
        printf("],\"n_findings\":%" PRId64, c->n_findings);
        put_number("n_rows", n_rows);
        return DZR_OK;
    }
    print_shown(file, stdout);
    fputs(c->n_findings == 0 ? ": valid; read " : ": not valid; read ", stdout);
    put_count(n_rows, "row", c->n_findings == 0 ? "\n" : " before that\n");
    return DZR_OK;
}

static int check(const char *file, dzr_format format, bool json)
{
    dzr_error err;
    checking c = {.json = json};
    if (json) {
        fputs("{\"file\":", stdout);
        print_json_text(file, stdout);
        printf(",\"format\":\"%s\",\"findings\":[", dzr_format_name(format));
    }
    const dzr_status st =
            format == DZR_FORMAT_PARQUET ? check_parquet(&c, file, &err) : check_records(&c, file, format, &err);
    if (json && st != DZR_OK) {
        fputs("],\"error\":", stdout);
        print_json_text(err.message, stdout);
    }
    if (json)
        puts("}");
    if (st != DZR_OK) {
        fflush(stdout);
        return complain(&err);
    }
    return c.n_findings == 0 ? OPTIONS_EXIT_OK : OPTIONS_EXIT_FAILURE;
}

int command_validate(int argc, char **argv)
{
    const char *from = NULL;
    bool json = false;
    const options_row rows[] = {
            {.name = "json", .kind = OPTIONS_FLAG, .flag = &json, .help = "print one JSON object for each file"},
            FORMAT_FROM(&from), {0}};
    const options_program program = {.name = "datarizer validate",
            .usage = "[OPTION]... FILE...",
            .rows = rows,
            .min_operands = 1,
            .max_operands = INT_MAX,
            .summary = "Checks every byte of each FILE, and prints what is wrong and where. Of Parquet: checksums, "
                       "pages,\n"
                       "levels, dictionaries, statistics, page indexes, bloom filters and sorting against the values,\n"
                       "and what no part of the file claims. Of JSON lines: each record is read.",
            .notes = "examples:\n  datarizer validate people.parquet\n  datarizer validate *.parquet\n"
                     "  datarizer validate --json people.parquet | jq '.findings[].kind'\n\n"
                     "Exit status: 0 when there was nothing wrong, 1 when there was, or a file can't be read, 2 for "
                     "wrong\n"
                     "usage."};
    int operand = 0;
    const options_outcome outcome = files_parse(&program, 0, &argc, &argv, &operand);
    if (outcome != OPTIONS_RUN)
        return options_exit(outcome);
    int exit_status = OPTIONS_EXIT_OK;
    for (int i = operand; i < argc; i++) {
        dzr_format format = DZR_FORMAT_BY_NAME;
        if (!format_is_clear(program.name, from, argv[i], "--from", &format))
            return OPTIONS_EXIT_USAGE;
        if (check(argv[i], format, json) != OPTIONS_EXIT_OK)
            exit_status = OPTIONS_EXIT_FAILURE;
    }
    return finish_with(exit_status);
}
