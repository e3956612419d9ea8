/* cmd/datarizer/schema_json.c - `datarizer schema --json`: one object with what a file says. */
#include "cmd/datarizer/schema.h"
#include "cmd/datarizer/values.h"

#include <inttypes.h>

/* Keys may repeat, so that entries are objects of their own; a value that is not there is null. */
static void print_entry(const char *before, const dzr_key_value *entry)
{
    printf("%s{\"key\":", before);
    print_json_string(entry->key, stdout);
    printf(",\"value\":");
    if (entry->value.at == NULL)
        printf("null");
    else
        print_json_string(entry->value, stdout);
    printf("}");
}

static void print_notes(const said *of)
{
    dzr_key_value note;
    int32_t n = 0;
    for (int32_t next = 0; next_note(of, &next, &note); n++)
        print_entry(n == 0 ? ",\"metadata\":[" : ",", &note);
    if (n > 0)
        printf("]");
}

/* Fields, and below each that has some, its children. */
static void print_fields(const dzr_parquet_reader *parquet, const dzr_field *fields, int32_t n, int32_t *column)
{
    for (int32_t i = 0; i < n; i++) {
        printf("%s{\"name\":", i > 0 ? "," : "");
        print_json_text(fields[i].name, stdout);
        char type[DZR_TYPE_TEXT];
        printf(",\"type\":\"%s\",\"nullable\":%s", dzr_type_print(fields[i].type, type),
                fields[i].nullable ? "true" : "false");
        const said of = what_is_said(parquet, &fields[i], column);
        const dzr_key_value *const id = dzr_field_note(&fields[i], DZR_PARQUET_FIELD_ID);
        if (id != NULL)
            printf(",\"field_id\":%.*s", (int)id->value.len,
                    (const char *)id->value.at); /* a number: the reader made it */
        if (fields[i].zone != NULL) {
            printf(",\"zone\":");
            print_json_text(fields[i].zone, stdout);
        }
        if (of.has_geo) {
            printf(",\"annotation\":\"%s\",\"crs\":", of.geo.is_geography ? "geography" : "geometry");
            print_json_string(of.geo.crs, stdout);
            if (of.geo.algorithm != NULL)
                printf(",\"algorithm\":\"%s\"", of.geo.algorithm);
        }
        print_notes(&of);
        if (fields[i].n_children > 0) {
            printf(",\"children\":[");
            print_fields(parquet, fields[i].children, fields[i].n_children, column);
            printf("]");
        }
        printf("}");
    }
}

static void print_parquet(const dzr_parquet_reader *parquet)
{
    printf(",\"n_rows\":%" PRId64 ",\"n_row_groups\":%" PRId32 ",\"created_by\":", dzr_parquet_reader_n_rows(parquet),
            dzr_parquet_reader_n_row_groups(parquet));
    print_json_text(dzr_parquet_reader_created_by(parquet), stdout);
    const int32_t n = n_sorting(parquet);
    for (int32_t i = 0; i < n; i++) {
        const dzr_parquet_sorting by = dzr_parquet_reader_sorting(parquet, 0, i);
        printf("%s{\"column\":", i == 0 ? ",\"sorting\":[" : ",");
        print_json_text(dzr_parquet_reader_path(parquet, by.column), stdout);
        printf(",\"descending\":%s,\"nulls_first\":%s}", by.descending ? "true" : "false",
                by.nulls_first ? "true" : "false");
    }
    if (n > 0)
        printf("]");
    int32_t n_entries = 0;
    for (int32_t i = 0; i < dzr_parquet_reader_n_metadata(parquet); i++) {
        const dzr_parquet_metadata entry = dzr_parquet_reader_metadata(parquet, i);
        if (!is_text(entry.key, "ARROW:schema"))
            print_entry(n_entries++ == 0 ? ",\"metadata\":[" : ",", &entry);
    }
    if (n_entries > 0)
        printf("]");
}

void schema_print_json(const char *file, dzr_format format, const dzr_table_reader *reader)
{
    const dzr_parquet_reader *const parquet = dzr_table_reader_parquet(reader);
    const dzr_schema *const schema = dzr_table_reader_schema(reader);
    printf("{\"file\":");
    print_json_text(file, stdout);
    printf(",\"format\":\"%s\"", dzr_format_name(format));
    if (parquet != NULL)
        print_parquet(parquet);
    printf(",\"columns\":[");
    int32_t column = 0;
    if (dzr_schema_n_fields(schema) > 0)
        print_fields(parquet, dzr_schema_field(schema, 0), dzr_schema_n_fields(schema), &column);
    printf("]}\n");
}
