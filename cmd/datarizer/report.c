/* cmd/datarizer/report.c - `datarizer report`: a page on a file for a browser, which needs nothing else. Facts and
 * schema are here; sizes in report_sizes.c, columns in report_columns.c, looks in report_html.c. */
#include "cmd/datarizer/report.h"

#include "cmd/common/try.h"
#include "cmd/datarizer/files.h"
#include "cmd/datarizer/format_options.h"
#include "cmd/datarizer/part.h"
#include "cmd/datarizer/schema.h"

#include <datarizer/version.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- facts ---- */

static void put_fact(const char *name, const char *value, FILE *out)
{
    fprintf(out, "<div><dt>%s</dt><dd>%s</dd></div>", name, value);
}

static void put_facts(const report *r, FILE *out)
{
    const char *const slash = strrchr(r->file, '/');
    char text[32];
    fprintf(out, "<h1><bdi>");
    html_text(slash != NULL && slash[1] != '\0' ? slash + 1 : r->file, out);
    fprintf(out, "</bdi></h1>\n<p class=\"soft\">%s",
            r->parquet != NULL                ? "Parquet"
            : strcmp(r->format, "jsonl") == 0 ? "JSON lines; types are inferred from the records at the start"
                                              : "CSV; types are inferred from the records at the start");
    if (r->parquet != NULL && *dzr_parquet_reader_created_by(r->parquet) != '\0') {
        fputs(", created by <bdi>", out);
        html_text(dzr_parquet_reader_created_by(r->parquet), out);
        fputs("</bdi>", out);
    }
    fprintf(out, "</p>\n<dl class=\"facts\">");
    put_fact("rows", html_number(dzr_summary_n_rows(r->summary), text), out);
    put_fact("columns", html_number(dzr_schema_n_fields(r->schema), text), out);
    if (r->parquet != NULL) {
        put_fact("row groups", html_number(dzr_parquet_reader_n_row_groups(r->parquet), text), out);
        put_fact("data", html_size(r->size, text), out);
        put_fact("uncompressed", html_size(r->plain_size, text), out);
    }
    fprintf(out, "</dl>\n");
}

/* ---- schema ---- */

/* *column: the next of Parquet's; *shown: rows so far. */
static void put_fields(
        const report *r, const dzr_field *fields, int32_t n, int depth, int32_t *column, int32_t *shown, FILE *out)
{
    for (int32_t i = 0; i < n && *shown < REPORT_COLUMNS; i++) {
        char type[DZR_TYPE_TEXT], size[32];
        (*shown)++;
        fprintf(out, "<tr><td style=\"padding-left:%dpx\"><bdi>", 20 * (depth < 12 ? depth : 12));
        html_text(fields[i].name, out);
        fprintf(out, "</bdi></td><td>%s</td><td>%s</td>", dzr_type_print(fields[i].type, type),
                fields[i].nullable ? "" : "never null");
        const bool is_column = r->parquet != NULL && what_is_said(r->parquet, &fields[i], column).column >= 0;
        if (r->parquet != NULL)
            fprintf(out, "<td class=\"n\">%s</td>", is_column ? html_size(r->sizes[*column - 1], size) : "");
        fprintf(out, "</tr>\n");
        put_fields(r, fields[i].children, fields[i].n_children, depth + 1, column, shown, out);
    }
}

static void put_schema(const report *r, FILE *out)
{
    const int32_t n = dzr_schema_n_fields(r->schema);
    int32_t column = 0, shown = 0;
    char number[32];
    fprintf(out,
            "<h2>Schema</h2>\n<div class=\"panel\"><table "
            "class=\"tree\">\n<tr><th>column</th><th>type</th><th></th>%s</tr>",
            r->parquet != NULL ? "<th class=\"n\">size</th>" : "");
    if (n > 0)
        put_fields(r, dzr_schema_field(r->schema, 0), n, 0, &column, &shown, out);
    fprintf(out, "</table>");
    if (shown < dzr_schema_n_nodes(r->schema))
        fprintf(out, "<p class=\"soft\">and %s more</p>", html_number(dzr_schema_n_nodes(r->schema) - shown, number));
    fprintf(out, "</div>\n");
}

/* The start of a long value is enough to know it by. */
static void put_metadata(const report *r, FILE *out)
{
    enum { MOST_BYTES = 600 };
    bool any = false;
    for (int32_t i = 0; r->parquet != NULL && i < dzr_parquet_reader_n_metadata(r->parquet); i++) {
        dzr_parquet_metadata entry = dzr_parquet_reader_metadata(r->parquet, i);
        if (is_text(entry.key, "ARROW:schema"))
            continue;
        if (!any)
            fprintf(out, "<h2>Metadata</h2>\n<div class=\"panel\"><table class=\"tree\">\n");
        any = true;
        const bool is_cut = entry.value.len > MOST_BYTES;
        entry.value.len = is_cut ? MOST_BYTES : entry.value.len;
        fputs("<tr><td><bdi>", out);
        html_bytes(entry.key, out);
        fputs("</bdi></td><td><bdi>", out);
        html_bytes(entry.value, out);
        fprintf(out, "</bdi>%s</td></tr>\n", is_cut ? "\xe2\x80\xa6" : "");
    }
    if (any)
        fprintf(out, "</table></div>\n");
}

/* ---- the page ---- */

static void put_page(const report *r, FILE *out)
{
    html_head(r->file, out);
    put_facts(r, out);
    if (r->parquet != NULL)
        report_treemap(r, out);
    report_columns(r, out);
    if (r->parquet != NULL)
        report_row_groups(r, out);
    put_schema(r, out);
    put_metadata(r, out);
    fprintf(out, "<p class=\"soft\" style=\"margin-top:36px\">datarizer %s</p>\n</main>\n</body>\n</html>\n",
            dzr_version());
}

/* All of it or nothing: into memory, then to where it belongs. */
static dzr_status write_page(const report *r, const char *to, dzr_error *err)
{
    char *page = NULL;
    size_t n_bytes = 0;
    FILE *const out = open_memstream(&page, &n_bytes);
    if (out == NULL)
        return dzr_fail(err, DZR_ERR_NOMEM, "out of memory for a page");
    put_page(r, out);
    const bool failed = ferror(out) != 0;
    dzr_sink *sink = NULL;
    dzr_status st = fclose(out) != 0 || failed ? dzr_fail(err, DZR_ERR_NOMEM, "out of memory for a page")
                                               : dzr_store_open_sink(to, NULL, &sink, err);
    if (st == DZR_OK)
        st = dzr_sink_append(sink, page, n_bytes, err);
    if (st == DZR_OK)
        st = dzr_sink_commit(sink, err);
    dzr_sink_close(sink);
    free(page);
    return st;
}

static dzr_status make_report(const char *file, const dzr_table_read_options *read, const char *to, dzr_error *err)
{
    dzr_table_reader *reader = NULL;
    dzr_summary *summary = NULL;
    const dzr_summary_options options = {.threads = read->threads};
    report r = {.file = file, .format = dzr_format_name(read->format)};
    TRY(dzr_table_reader_open(file, read, &reader, err));
    r.parquet = dzr_table_reader_parquet(reader);
    r.schema = dzr_table_reader_schema(reader);
    dzr_status st = r.parquet != NULL ? report_measure(&r, err) : DZR_OK;
    if (st == DZR_OK)
        st = summarize(reader, &options, &summary, err);
    r.summary = summary;
    if (st == DZR_OK)
        st = write_page(&r, to, err);
    free(r.sizes);
    free(r.plain_sizes);
    dzr_summary_free(summary);
    dzr_table_reader_close(reader);
    return st;
}

int command_report(int argc, char **argv)
{
    const char *from = NULL, *to = NULL;
    int64_t threads = 0;
    file_part part = {.columns = NULL};
    const options_row rows[] = {{.name = "output",
                                        .letter = 'o',
                                        .argument = "PAGE",
                                        .text = &to,
                                        .help = "where the page goes; - is standard output"},
            PART_MEMORY(&part, "reading a Parquet file takes no more, or fails"),
            {.name = "threads",
                    .kind = OPTIONS_NUMBER,
                    .number = &threads,
                    .max = DZR_MAX_THREADS,
                    .zero = "one a core",
                    .help = "to read and count with; the result does not depend on it"},
            {.name = "from",
                    .kind = OPTIONS_CHOICE,
                    .argument = "FORMAT",
                    .choices = format_names,
                    .text = &from,
                    .help = "read as parquet, jsonl, csv or tsv, whatever the name says"},
            {0}};
    const options_program program = {.name = "datarizer report",
            .usage = "[OPTION]... FILE -o PAGE",
            .rows = rows,
            .min_operands = 1,
            .max_operands = 1,
            .summary =
                    "Writes a page on FILE for a browser: facts, sizes by column, what is in each column, row groups, "
                    "schema.\nIt is one file without scripts, light or dark as the reader has it.",
            .notes = "examples:\n  datarizer report people.parquet -o people.html\n  datarizer report "
                     "s3://bucket/people.parquet -o people.html\n  zcat people.jsonl.gz | datarizer report --from "
                     "jsonl - "
                     "-o people.html\n\n"
                     "Exit status: 0 when done, 1 for a failure (PAGE is as it was), 2 for wrong usage."};
    int operand = 0;
    const options_outcome outcome = files_parse(&program, 1, &argc, &argv, &operand);
    if (outcome != OPTIONS_RUN)
        return options_exit(outcome);
    if (to == NULL) {
        fprintf(stderr, "datarizer report: -o PAGE is missing (datarizer report --help lists the options)\n");
        return OPTIONS_EXIT_USAGE;
    }
    dzr_error err;
    dzr_table_read_options read = {.threads = threads > 0 ? (int32_t)threads : dzr_n_cores()};
    if (!format_is_clear("datarizer report", from, argv[operand], "--from", &read.format) ||
            !part_apply(&part, "report", &read))
        return OPTIONS_EXIT_USAGE;
    const dzr_status st = make_report(argv[operand], &read, to, &err);
    part_free(&part);
    return st == DZR_OK ? OPTIONS_EXIT_OK : complain(&err);
}
