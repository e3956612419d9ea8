/* cmd/datarizer/schema.c - `datarizer schema`: the columns of a file and what is known about it without reading it;
 * here for people, in schema_json.c for programs. */
#include "cmd/datarizer/schema.h"

#include "cmd/datarizer/files.h"
#include "cmd/datarizer/rows.h"
#include "cmd/datarizer/schema_as.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <unistr.h>

/* ---- what a file says, for both ---- */

dzr_bytes bytes_of(const char *text)
{
    return (dzr_bytes){(const uint8_t *)text, strlen(text)};
}

bool is_text(dzr_bytes bytes, const char *text)
{
    return bytes.len == strlen(text) && memcmp(bytes.at, text, bytes.len) == 0;
}

/* A schema's columns are numbered as they come. */
said what_is_said(const dzr_parquet_reader *parquet, const dzr_field *field, int32_t *column)
{
    said out = {.field = field, .parquet = parquet, .column = -1};
    if (parquet == NULL || field->n_children > 0)
        return out;
    dzr_parquet_chunk chunk;
    out.column = (*column)++;
    out.has_geo = dzr_parquet_reader_geo(parquet, out.column, &out.geo);
    if (dzr_parquet_reader_n_row_groups(parquet) > 0 &&
            dzr_parquet_reader_chunk(parquet, 0, out.column, &chunk, NULL) == DZR_OK)
        out.n_chunk_notes = chunk.n_metadata;
    return out;
}

bool next_note(const said *of, int32_t *next, dzr_key_value *out)
{
    const dzr_field *const field = of->field;
    while (*next < field->n_metadata + of->n_chunk_notes) {
        const int32_t i = (*next)++;
        *out = i < field->n_metadata
                       ? field->metadata[i]
                       : dzr_parquet_reader_chunk_metadata(of->parquet, 0, of->column, i - field->n_metadata);
        const bool is_geo =
                of->has_geo && i < field->n_metadata &&
                (is_text(out->key, "ARROW:extension:name") || is_text(out->key, "ARROW:extension:metadata"));
        if (!is_geo && !is_text(out->key, DZR_PARQUET_FIELD_ID))
            return true;
    }
    return false;
}

int32_t n_sorting(const dzr_parquet_reader *parquet)
{
    const int32_t n_groups = dzr_parquet_reader_n_row_groups(parquet);
    const int32_t n = n_groups > 0 ? dzr_parquet_reader_n_sorting(parquet, 0) : 0;
    for (int32_t k = 0; k < n; k++) {
        const dzr_parquet_sorting first = dzr_parquet_reader_sorting(parquet, 0, k);
        if (first.column < 0 || first.column >= dzr_parquet_reader_n_columns(parquet))
            return 0;
        for (int32_t i = 1; i < n_groups; i++) {
            if (dzr_parquet_reader_n_sorting(parquet, i) != n)
                return 0;
            const dzr_parquet_sorting other = dzr_parquet_reader_sorting(parquet, i, k);
            if (other.column != first.column || other.descending != first.descending ||
                    other.nulls_first != first.nulls_first)
                return 0;
        }
    }
    return n;
}

/* ---- for people ---- */

enum { TYPE_BYTES = 4 * DZR_TYPE_TEXT, NOTE_BYTES = 120, NOTES_BYTES = 400, MOST_CELLS = 5 };

/* Text that grows up to its room, and then ends in an ellipsis. A stray byte becomes U+FFFD. */
typedef struct cell {
    char text[NOTES_BYTES];
    size_t len, room;
    bool full;
} cell;

static void add_bytes(cell *to, dzr_bytes bytes)
{
    static const char more[] = "...";
    for (size_t i = 0; i < bytes.len && !to->full;) {
        ucs4_t code = 0;
        uint8_t character[6];
        i += (size_t)u8_mbtouc(&code, bytes.at + i, bytes.len - i);
        const int n = u8_uctomb(character, code, sizeof character);
        to->full = n < 0 || (size_t)n + sizeof more > to->room - to->len;
        if (to->full)
            memcpy(to->text + to->len, more, sizeof more);
        else
            memcpy(to->text + to->len, character, (size_t)n);
        to->len += to->full ? sizeof more - 1 : (size_t)n;
    }
}

static void add_note(cell *to, const dzr_key_value *note)
{
    if (to->len > 0)
        add_bytes(to, bytes_of(", "));
    const size_t room = to->room;
    to->room = to->len + NOTE_BYTES < room ? to->len + NOTE_BYTES : room;
    add_bytes(to, note->key);
    if (note->value.at != NULL)
        add_bytes(to, bytes_of("="));
    if (note->value.at != NULL)
        add_bytes(to, note->value);
    to->full = to->full && to->room == room;
    to->room = room;
}

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

/* The table at hand: ids and notes have a column where there are any. */
typedef struct table {
    const dzr_parquet_reader *parquet;
    int32_t column; /* the next */
    bool has_ids, has_notes;
    dzr_builder *builder;
} table;

static void look_for_notes(table *t, const dzr_field *fields, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        dzr_key_value note;
        const said of = what_is_said(t->parquet, &fields[i], &t->column);
        t->has_ids = t->has_ids || dzr_field_note(&fields[i], DZR_PARQUET_FIELD_ID) != NULL;
        t->has_notes = t->has_notes || next_note(&of, &(int32_t){0}, &note);
        if (fields[i].n_children > 0)
            look_for_notes(t, fields[i].children, fields[i].n_children);
    }
}

/* "timestamp[us, Europe/Berlin]" */
static void add_type(cell *to, const said *of)
{
    char text[TYPE_BYTES];
    if (of->has_geo) {
        add_bytes(to, bytes_of(geo_text(&of->geo, text)));
        return;
    }
    dzr_type_print(of->field->type, text);
    char *const utc = of->field->zone != NULL ? strstr(text, "UTC]") : NULL;
    if (utc != NULL)
        *utc = '\0';
    add_bytes(to, bytes_of(text));
    if (utc == NULL)
        return;
    add_bytes(to, bytes_of(of->field->zone));
    add_bytes(to, bytes_of("]"));
}

/* A row for the field and each below it, whose names are set in by their depth. */
static dzr_status add_field(table *t, const dzr_field *field, int depth, dzr_error *err)
{
    char name[400];
    const int len = snprintf(name, sizeof name, "%*s%s", 2 * depth, "", field->name);
    const bool fits = len >= 0 && (size_t)len < sizeof name; /* a name that long is cut anyway, and needs no place */
    const said of = what_is_said(t->parquet, field, &t->column);
    cell type = {.room = NOTES_BYTES}, id = {.room = NOTE_BYTES}, notes = {.room = NOTES_BYTES};
    add_type(&type, &of);
    const dzr_key_value *const field_id = dzr_field_note(field, DZR_PARQUET_FIELD_ID);
    if (field_id != NULL)
        add_bytes(&id, field_id->value);
    dzr_key_value note;
    for (int32_t next = 0; next_note(&of, &next, &note);)
        add_note(&notes, &note);
    const char *cells[MOST_CELLS] = {fits ? name : field->name, type.text, field->nullable ? "yes" : "no"};
    int32_t n = 3;
    if (t->has_ids)
        cells[n++] = id.text;
    if (t->has_notes)
        cells[n++] = notes.text;
    for (int32_t k = 0; k < n; k++) {
        const dzr_status st = dzr_builder_bytes(t->builder, k, bytes_of(cells[k]), err);
        if (st != DZR_OK)
            return st;
    }
    for (int32_t i = 0; i < field->n_children; i++) {
        const dzr_status st = add_field(t, &field->children[i], depth + 1, err);
        if (st != DZR_OK)
            return st;
    }
    return DZR_OK;
}

/* The names, types and whether null is allowed, as a table whose cells are strings. */
static dzr_status print_columns(const dzr_schema *schema, const dzr_parquet_reader *parquet, dzr_error *err)
{
    static const char *const names[] = {"column", "type", "null", "id", "notes"};
    const int32_t n_fields = dzr_schema_n_fields(schema), n = dzr_schema_n_nodes(schema);
    table t = {.parquet = parquet};
    if (n_fields > 0)
        look_for_notes(&t, dzr_schema_field(schema, 0), n_fields);
    dzr_field fields[MOST_CELLS];
    int32_t n_cells = 0;
    for (int32_t i = 0; i < MOST_CELLS; i++)
        if (i < 3 || (i == 3 && t.has_ids) || (i == 4 && t.has_notes))
            fields[n_cells++] = (dzr_field){.name = names[i], .type = {.id = DZR_TYPE_STRING}};
    dzr_schema *columns = NULL;
    dzr_batch *batch = NULL;
    dzr_status st = dzr_schema_new(fields, n_cells, NULL, &columns, err);
    if (st == DZR_OK)
        st = dzr_builder_new(columns, NULL, &t.builder, err);
    t.column = 0;
    for (int32_t i = 0; st == DZR_OK && i < n_fields; i++)
        st = add_field(&t, dzr_schema_field(schema, i), 0, err);
    if (st == DZR_OK)
        st = dzr_builder_finish(t.builder, &batch, err);
    grid g = {.n_columns = 0};
    if (st == DZR_OK)
        st = grid_begin(&g, columns, false, err);
    for (int32_t i = 0; st == DZR_OK && i < n; i++)
        st = grid_add_row(&g, batch, i, err);
    if (st == DZR_OK)
        st = grid_print(&g, 0, stdout, err);
    grid_end(&g);
    dzr_batch_free(batch);
    dzr_builder_free(t.builder);
    dzr_schema_free(columns);
    return st;
}

static void print_sorting(const dzr_parquet_reader *parquet)
{
    const int32_t n = n_sorting(parquet);
    for (int32_t i = 0; i < n; i++) {
        const dzr_parquet_sorting by = dzr_parquet_reader_sorting(parquet, 0, i);
        printf("%s", i == 0 ? "each row group in order of " : ", ");
        print_shown(dzr_parquet_reader_path(parquet, by.column), stdout);
        printf("%s%s", by.descending ? " descending" : "", by.nulls_first ? " nulls first" : "");
    }
    if (n > 0)
        putchar('\n');
}

/* Arrow's schema is seen in the table above. */
static void print_metadata(const dzr_parquet_reader *parquet)
{
    for (int32_t i = 0; i < dzr_parquet_reader_n_metadata(parquet); i++) {
        const dzr_parquet_metadata entry = dzr_parquet_reader_metadata(parquet, i);
        cell line = {.room = NOTES_BYTES};
        if (is_text(entry.key, "ARROW:schema"))
            continue;
        add_note(&line, &entry);
        print_shown(line.text, stdout);
        putchar('\n');
    }
}

static void print_facts(const dzr_table_reader *reader, dzr_format format)
{
    const dzr_parquet_reader *const parquet = dzr_table_reader_parquet(reader);
    if (parquet == NULL) {
        printf("\n%s; types are inferred from the records at the start\n", format == DZR_FORMAT_JSONL  ? "JSON lines"
                                                                           : format == DZR_FORMAT_JSON ? "JSON"
                                                                                                       : "CSV");
        return;
    }
    const int64_t n_rows = dzr_parquet_reader_n_rows(parquet);
    const int32_t n_groups = dzr_parquet_reader_n_row_groups(parquet);
    const char *const created_by = dzr_parquet_reader_created_by(parquet);
    printf("\nParquet; %" PRId64 " row%s in %" PRId32 " row group%s%s", n_rows, n_rows == 1 ? "" : "s", n_groups,
            n_groups == 1 ? "" : "s", *created_by != '\0' ? "; created by " : "");
    print_shown(created_by, stdout);
    putchar('\n');
    print_sorting(parquet);
    print_metadata(parquet);
}

/* What the options say. */
typedef struct settings {
    const char *from, *as, *table;
    bool json;
    format_options csv;
} settings;

static dzr_status show(
        const settings *set, const char *file, dzr_format format, const dzr_table_reader *reader, dzr_error *err)
{
    const dzr_schema *const schema = dzr_table_reader_schema(reader);
    char name[NAME_BYTES];
    file_stem(file, name);
    if (set->json) {
        schema_print_json(file, format, reader);
        return DZR_OK;
    }
    if (set->as != NULL && strcmp(set->as, "c") == 0)
        return schema_print_c(file, set->table != NULL ? set->table : name, schema, err);
    if (set->as != NULL)
        return schema_print_sql(set->table != NULL ? set->table : name, strcmp(set->as, "postgres") == 0, schema, err);
    const dzr_status st = print_columns(schema, dzr_table_reader_parquet(reader), err);
    if (st == DZR_OK)
        print_facts(reader, format);
    return st;
}

int command_schema(int argc, char **argv)
{
    static const char *const languages[] = {"c", "duckdb", "postgres", NULL};
    settings set = {.from = NULL};
    const options_row rows[] = {FORMAT_FROM(&set.from), FORMAT_OPTIONS(&set.csv),
            {.name = "json", .kind = OPTIONS_FLAG, .flag = &set.json, .help = "print one JSON object for each file"},
            {.name = "as",
                    .kind = OPTIONS_CHOICE,
                    .argument = "LANGUAGE",
                    .choices = languages,
                    .text = &set.as,
                    .help = "print a C struct with its table for record.h (c), or the statement\nthat makes a table "
                            "(duckdb, postgres)"},
            {.name = "name",
                    .argument = "NAME",
                    .text = &set.table,
                    .help = "of the struct or table; without it the file's"},
            {0}};
    const options_program program = {.name = "datarizer schema",
            .usage = "[OPTION]... FILE...",
            .rows = rows,
            .min_operands = 1,
            .max_operands = INT_MAX,
            .summary = "Prints the columns of each FILE and their types. - is JSON lines from standard input.",
            .notes = "examples:\n  datarizer schema people.parquet\n  datarizer schema --json people.jsonl | jq "
                     ".columns\n  datarizer schema --as duckdb people.parquet | duckdb people.db\n"
                     "  datarizer schema --as c people.parquet > people.h\n\n"
                     "Exit status: 0 when done, 1 for a file that can't be read, 2 for wrong usage."};
    int operand = 0;
    const options_outcome outcome = files_parse(&program, 0, &argc, &argv, &operand);
    if (outcome != OPTIONS_RUN)
        return options_exit(outcome);
    int exit_status = OPTIONS_EXIT_OK;
    for (int i = operand; i < argc; i++) {
        dzr_error err;
        dzr_table_read_options options = {.threads = 1};
        dzr_table_reader *reader = NULL;
        if (!format_is_clear("datarizer schema", set.from, argv[i], "--from", &options.format) ||
                !format_options_apply(&set.csv, program.name, &options.csv.dialect))
            return OPTIONS_EXIT_USAGE;
        dzr_status st = dzr_table_reader_open(argv[i], &options, &reader, &err);
        const bool has_title = st == DZR_OK && argc - operand > 1 && !set.json && set.as == NULL;
        if (has_title) {
            fputs(i > operand ? "\n==> " : "==> ", stdout);
            print_shown(argv[i], stdout);
            fputs(" <==\n", stdout);
        }
        if (st == DZR_OK)
            st = show(&set, argv[i], options.format, reader, &err);
        dzr_table_reader_close(reader);
        if (st != DZR_OK) {
            fflush(stdout);
            exit_status = complain(&err);
        }
    }
    return finish_with(exit_status);
}
