/* cmd/datarizer/meta.h - what the faces of `datarizer meta` share. */
#ifndef CMD_DATARIZER_META_H
#define CMD_DATARIZER_META_H

#include "cmd/datarizer/commands.h"

#include <datarizer/parquet_meta.h>

/* What is to be shown of a file. */
typedef struct meta_choice {
    const char *file;
    const dzr_parquet_reader *parquet;
    const int32_t *columns; /* n_columns of the file's, ascending */
    int32_t n_columns;
    const int32_t *row_groups;
    int32_t n_row_groups;
    bool pages, chunks; /* with each page; with each chunk */
} meta_choice;

/* Bounds as values of their type; false when they are no such values. *out is the caller's. */
bool meta_bounds(const dzr_parquet_reader *parquet, int32_t column, dzr_bytes min, dzr_bytes max, dzr_batch **out);
/* "PLAIN"; "encoding 42" for one that the format does not have. Static storage, or text. */
const char *meta_encoding(int32_t encoding, char text[32]);
const char *meta_codec(int32_t codec, char text[32]);
const char *meta_page_type(int32_t type, char text[32]);

/* ---- meta_json.c, meta_table.c ---- */
DZR_MUST_CHECK dzr_status meta_print_json(const meta_choice *what, dzr_error *err);
DZR_MUST_CHECK dzr_status meta_print_tables(const meta_choice *what, dzr_error *err);

#endif
