/* cmd/datarizer/schema.h - what the two faces of `datarizer schema` share. */
#ifndef CMD_DATARIZER_SCHEMA_H
#define CMD_DATARIZER_SCHEMA_H

#include "cmd/datarizer/commands.h"

dzr_bytes bytes_of(const char *text);
bool is_text(dzr_bytes bytes, const char *text);

/* What a file says of a field besides its name and type. */
typedef struct said {
    const dzr_field *field;
    const dzr_parquet_reader *parquet; /* NULL: another format */
    int32_t column;                    /* the file's number; -1 for a field that holds no values itself */
    bool has_geo;
    dzr_parquet_geo geo;
    int32_t n_chunk_notes; /* that the first row group has of the column */
} said;

/* *column is the next column's number, and moves on. */
said what_is_said(const dzr_parquet_reader *parquet, const dzr_field *field, int32_t *column);
/* The field's notes and its column's, one after the other from *next = 0 on, but those that are shown otherwise: the
 * field id, and what `geo` has. False after the last. */
bool next_note(const said *of, int32_t *next, dzr_key_value *out);
/* Entries of the first row group's sorting, where all row groups say the same and its columns are there; 0 otherwise.
 */
int32_t n_sorting(const dzr_parquet_reader *parquet);

/* ---- schema_json.c ---- */
void schema_print_json(const char *file, dzr_format format, const dzr_table_reader *reader);

#endif
