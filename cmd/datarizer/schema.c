/* cmd/datarizer/schema.c - `datarizer schema`: the columns of a file and what is known about it without reading it. */
#include "cmd/datarizer/commands.h"

#include "cmd/common/options.h"

#include <inttypes.h>
#include <string.h>
#include <unistr.h>

/* ---- as JSON ---- */

/* A stray byte, in the file's name or in what wrote it, becomes U+FFFD: JSON is UTF-8. */
static void print_json_string(const char *text)
{
    const uint8_t *const bytes = (const uint8_t *)text;
    const size_t len = strlen(text);
    putchar('"');
    for (size_t i = 0; i < len;) {
        ucs4_t code = 0;
        const size_t n = (size_t)u8_mbtouc(&code, bytes + i, len - i);
        if (code == '"' || code == '\\')
            printf("\\%c", (char)code);
        else if (code < 0x20)
            printf("\\u%04x", (unsigned)code);
        else if (code == 0xfffd)
            fputs("\xef\xbf\xbd", stdout);
        else
            fwrite(bytes + i, 1, n, stdout);
        i += n;
    }
    putchar('"');
}

/* Fields, and below each that has some, its children. */
static void print_fields(const dzr_field *fields, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        printf("%s{\"name\":", i > 0 ? "," : "");
        print_json_string(fields[i].name);
        char type[DZR_TYPE_TEXT];
        printf(",\"type\":\"%s\",\"nullable\":%s", dzr_type_print(fields[i].type, type),
                fields[i].nullable ? "true" : "false");
        if (fields[i].n_children > 0) {
            printf(",\"children\":[");
            print_fields(fields[i].children, fields[i].n_children);
            printf("]");
        }
        printf("}");
    }
}

static void print_json(const char *file, const dzr_table_reader *reader)
{
    const dzr_parquet_reader *const parquet = dzr_table_reader_parquet(reader);
    const dzr_schema *const schema = dzr_table_reader_schema(reader);
    printf("{\"file\":");
    print_json_string(file);
    printf(",\"format\":\"%s\"", dzr_format_name(parquet != NULL ? DZR_FORMAT_PARQUET : DZR_FORMAT_JSONL));
    if (parquet != NULL) {
        printf(",\"n_rows\":%" PRId64 ",\"n_row_groups\":%" PRId32 ",\"created_by\":",
                dzr_parquet_reader_n_rows(parquet), dzr_parquet_reader_n_row_groups(parquet));
        print_json_string(dzr_parquet_reader_created_by(parquet));
    }
    printf(",\"columns\":[");
    if (dzr_schema_n_fields(schema) > 0)
        print_fields(dzr_schema_field(schema, 0), dzr_schema_n_fields(schema));
    printf("]}\n");
}

/* ---- for people ---- */

/* A row for the field and each below it, whose names are set in by their depth. */
static dzr_status add_field(dzr_builder *builder, const dzr_field *field, int depth, dzr_error *err)
{
    char name[400];
    const int len = snprintf(name, sizeof name, "%*s%s", 2 * depth, "", field->name);
    const bool fits = len >= 0 && (size_t)len < sizeof name; /* a name that long is cut anyway, and needs no place */
    char type[DZR_TYPE_TEXT];
    const char *const cells[] = {
            fits ? name : field->name, dzr_type_print(field->type, type), field->nullable ? "yes" : "no"};
    for (int32_t k = 0; k < 3; k++) {
        const dzr_status st =
                dzr_builder_bytes(builder, k, (dzr_bytes){(const uint8_t *)cells[k], strlen(cells[k])}, err);
        if (st != DZR_OK)
            return st;
    }
    for (int32_t i = 0; i < field->n_children; i++) {
        const dzr_status st = add_field(builder, &field->children[i], depth + 1, err);
        if (st != DZR_OK)
            return st;
    }
    return DZR_OK;
}

/* The names, types and whether null is allowed, as a table whose cells are strings. */
static dzr_status print_columns(const dzr_schema *schema, dzr_error *err)
{
    static const dzr_field fields[] = {{.name = "column", .type = {.id = DZR_TYPE_STRING}, .nullable = false},
            {.name = "type", .type = {.id = DZR_TYPE_STRING}, .nullable = false},
            {.name = "null", .type = {.id = DZR_TYPE_STRING}, .nullable = false}};
    dzr_schema *columns = NULL;
    dzr_builder *builder = NULL;
    dzr_batch *batch = NULL;
    dzr_status st = dzr_schema_new(fields, 3, NULL, &columns, err);
    if (st == DZR_OK)
        st = dzr_builder_new(columns, NULL, &builder, err);
    const int32_t n = dzr_schema_n_nodes(schema);
    for (int32_t i = 0; st == DZR_OK && i < dzr_schema_n_fields(schema); i++)
        st = add_field(builder, dzr_schema_field(schema, i), 0, err);
    if (st == DZR_OK)
        st = dzr_builder_finish(builder, &batch, err);
    grid g = {.n_columns = 0};
    if (st == DZR_OK)
        st = grid_begin(&g, columns, false, err);
    for (int32_t i = 0; st == DZR_OK && i < n; i++)
        st = grid_add_row(&g, batch, i, err);
    if (st == DZR_OK)
        grid_print(&g, 0, stdout);
    grid_end(&g);
    dzr_batch_free(batch);
    dzr_builder_free(builder);
    dzr_schema_free(columns);
    return st;
}

static void print_facts(const dzr_table_reader *reader)
{
    const dzr_parquet_reader *const parquet = dzr_table_reader_parquet(reader);
    if (parquet == NULL) {
        printf("\nJSON lines; types are inferred from the records at the start\n");
        return;
    }
    const int64_t n_rows = dzr_parquet_reader_n_rows(parquet);
    const int32_t n_groups = dzr_parquet_reader_n_row_groups(parquet);
    const char *const created_by = dzr_parquet_reader_created_by(parquet);
    printf("\nParquet; %" PRId64 " row%s in %" PRId32 " row group%s%s", n_rows, n_rows == 1 ? "" : "s", n_groups,
            n_groups == 1 ? "" : "s", *created_by != '\0' ? "; created by " : "");
    print_shown(created_by, stdout);
    putchar('\n');
}

int command_schema(int argc, char **argv)
{
    static const char *const formats[] = {"parquet", "jsonl", "ndjson", NULL};
    const char *from = NULL;
    bool json = false;
    const options_row rows[] = {{.name = "from",
                                        .kind = OPTIONS_CHOICE,
                                        .argument = "FORMAT",
                                        .choices = formats,
                                        .text = &from,
                                        .help = "read as parquet or jsonl, whatever the name says"},
            {.name = "json", .kind = OPTIONS_FLAG, .flag = &json, .help = "print one JSON object"}, {0}};
    const options_program program = {.name = "datarizer schema",
            .usage = "[OPTION]... FILE",
            .rows = rows,
            .min_operands = 1,
            .max_operands = 1,
            .summary = "Prints the columns of FILE and their types. FILE may be -, for JSON lines from standard input.",
            .notes = "examples:\n  datarizer schema people.parquet\n  datarizer schema --json people.jsonl | jq "
                     ".columns\n\n"
                     "Exit status: 0 when done, 1 for a file that can't be read, 2 for wrong usage."};
    int operand = 0;
    const options_outcome outcome = options_parse(&program, argc, argv, &operand);
    if (outcome != OPTIONS_RUN)
        return outcome == OPTIONS_DONE ? OPTIONS_EXIT_OK : OPTIONS_EXIT_USAGE;
    dzr_error err;
    dzr_table_read_options options = {.format = DZR_FORMAT_BY_NAME};
    dzr_table_reader *reader = NULL;
    if (!format_is_clear("datarizer schema", from, argv[operand], "--from", &options.format))
        return OPTIONS_EXIT_USAGE;
    dzr_status st = dzr_table_reader_open(argv[operand], &options, &reader, &err);
    if (st == DZR_OK && json) {
        print_json(argv[operand], reader);
    } else if (st == DZR_OK) {
        st = print_columns(dzr_table_reader_schema(reader), &err);
        if (st == DZR_OK)
            print_facts(reader);
    }
    dzr_table_reader_close(reader);
    return st == DZR_OK ? finish_output() : complain(&err);
}
