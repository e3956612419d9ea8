/* cmd/datarizer/schema.c - `datarizer schema`: the columns of a file and what is known about it without reading it. */
#include "cmd/datarizer/commands.h"

#include "cmd/common/options.h"

#include <inttypes.h>
#include <string.h>
#include <unistr.h>

static dzr_bytes bytes_of(const char *text)
{
    return (dzr_bytes){(const uint8_t *)text, strlen(text)};
}

/* ---- as JSON ---- */

/* A stray byte, in the file's name or in what wrote it, becomes U+FFFD: JSON is UTF-8. */
static void print_json_string(dzr_bytes text)
{
    putchar('"');
    for (size_t i = 0; i < text.len;) {
        ucs4_t code = 0;
        const size_t n = (size_t)u8_mbtouc(&code, text.at + i, text.len - i);
        if (code == '"' || code == '\\')
            printf("\\%c", (char)code);
        else if (code < 0x20)
            printf("\\u%04x", (unsigned)code);
        else if (code == 0xfffd)
            fputs("\xef\xbf\xbd", stdout);
        else
            fwrite(text.at + i, 1, n, stdout);
        i += n;
    }
    putchar('"');
}

/* A schema's columns are numbered as they come: *column is the next. True for one of WKB, of which a file says more. */
static bool is_geo(const dzr_parquet_reader *parquet, const dzr_field *field, int32_t *column, dzr_parquet_geo *out)
{
    if (field->n_children > 0)
        return false;
    return parquet != NULL && dzr_parquet_reader_geo(parquet, (*column)++, out);
}

/* Fields, and below each that has some, its children. */
static void print_fields(const dzr_parquet_reader *parquet, const dzr_field *fields, int32_t n, int32_t *column)
{
    for (int32_t i = 0; i < n; i++) {
        printf("%s{\"name\":", i > 0 ? "," : "");
        print_json_string(bytes_of(fields[i].name));
        char type[DZR_TYPE_TEXT];
        printf(",\"type\":\"%s\",\"nullable\":%s", dzr_type_print(fields[i].type, type),
                fields[i].nullable ? "true" : "false");
        dzr_parquet_geo geo;
        if (is_geo(parquet, &fields[i], column, &geo)) {
            printf(",\"annotation\":\"%s\",\"crs\":", geo.is_geography ? "geography" : "geometry");
            print_json_string(geo.crs);
            if (geo.algorithm != NULL)
                printf(",\"algorithm\":\"%s\"", geo.algorithm);
        }
        if (fields[i].n_children > 0) {
            printf(",\"children\":[");
            print_fields(parquet, fields[i].children, fields[i].n_children, column);
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
    print_json_string(bytes_of(file));
    printf(",\"format\":\"%s\"", dzr_format_name(parquet != NULL ? DZR_FORMAT_PARQUET : DZR_FORMAT_JSONL));
    if (parquet != NULL) {
        printf(",\"n_rows\":%" PRId64 ",\"n_row_groups\":%" PRId32 ",\"created_by\":",
                dzr_parquet_reader_n_rows(parquet), dzr_parquet_reader_n_row_groups(parquet));
        print_json_string(bytes_of(dzr_parquet_reader_created_by(parquet)));
    }
    printf(",\"columns\":[");
    int32_t column = 0;
    if (dzr_schema_n_fields(schema) > 0)
        print_fields(parquet, dzr_schema_field(schema, 0), dzr_schema_n_fields(schema), &column);
    printf("]}\n");
}

/* ---- for people ---- */

enum { TYPE_BYTES = 4 * DZR_TYPE_TEXT };

/* "geometry(srid:5070)"; a coordinate system that is spelled out in JSON is not repeated, a long name is cut. */
static const char *geo_text(const dzr_parquet_geo *geo, char text[TYPE_BYTES])
{
    const dzr_bytes crs = geo->crs.at[0] == '{' ? bytes_of("PROJJSON") : geo->crs;
    size_t len = crs.len < TYPE_BYTES / 2 ? crs.len : TYPE_BYTES / 2;
    while (len < crs.len && (crs.at[len] & 0xc0) == 0x80) /* in the middle of a character */
        len--;
    snprintf(text, TYPE_BYTES, "%s(%.*s%s%s%s)", geo->is_geography ? "geography" : "geometry", (int)len,
            (const char *)crs.at, len < crs.len ? "..." : "", geo->algorithm != NULL ? ", " : "",
            geo->algorithm != NULL ? geo->algorithm : "");
    return text;
}

/* A row for the field and each below it, whose names are set in by their depth. */
static dzr_status add_field(dzr_builder *builder, const dzr_parquet_reader *parquet, const dzr_field *field, int depth,
        int32_t *column, dzr_error *err)
{
    char name[400];
    const int len = snprintf(name, sizeof name, "%*s%s", 2 * depth, "", field->name);
    const bool fits = len >= 0 && (size_t)len < sizeof name; /* a name that long is cut anyway, and needs no place */
    char type[TYPE_BYTES];
    dzr_parquet_geo geo;
    const bool has_geo = is_geo(parquet, field, column, &geo);
    const char *const cells[] = {fits ? name : field->name,
            has_geo ? geo_text(&geo, type) : dzr_type_print(field->type, type), field->nullable ? "yes" : "no"};
    for (int32_t k = 0; k < 3; k++) {
        const dzr_status st =
                dzr_builder_bytes(builder, k, (dzr_bytes){(const uint8_t *)cells[k], strlen(cells[k])}, err);
        if (st != DZR_OK)
            return st;
    }
    for (int32_t i = 0; i < field->n_children; i++) {
        const dzr_status st = add_field(builder, parquet, &field->children[i], depth + 1, column, err);
        if (st != DZR_OK)
            return st;
    }
    return DZR_OK;
}

/* The names, types and whether null is allowed, as a table whose cells are strings. */
static dzr_status print_columns(const dzr_schema *schema, const dzr_parquet_reader *parquet, dzr_error *err)
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
    int32_t column = 0;
    for (int32_t i = 0; st == DZR_OK && i < dzr_schema_n_fields(schema); i++)
        st = add_field(builder, parquet, dzr_schema_field(schema, i), 0, &column, err);
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
        st = print_columns(dzr_table_reader_schema(reader), dzr_table_reader_parquet(reader), &err);
        if (st == DZR_OK)
            print_facts(reader);
    }
    dzr_table_reader_close(reader);
    return st == DZR_OK ? finish_output() : complain(&err);
}
