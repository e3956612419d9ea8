/* cmd/datarizer/diff.h - what the files of `datarizer diff` share: the two sides, and how differences are printed. */
#ifndef CMD_DATARIZER_DIFF_H
#define CMD_DATARIZER_DIFF_H

#include "cmd/datarizer/commands.h"

#include <datarizer/compare.h>

enum { DIFF_NAMES = 256 };

typedef struct diff {
    const char *names[2]; /* of the files */
    dzr_table_reader *readers[2];
    dzr_schema *adopted; /* what a text is read as: the types of the other side */
    const char *keys[DIFF_NAMES], *columns[DIFF_NAMES];
    int32_t n_keys, n_columns;
    const dzr_comparison *comparison;
    int64_t n_printed;
    bool json, colour;
} diff;

/* What a column's row in the schemas says is a difference: one side has it alone, or types differ that both files
 * declare. A text declares none, so there only what can't be compared counts. */
bool diff_is_of_schema(const diff *d, const dzr_compare_column *column);
int32_t diff_n_of_schema(const diff *d);

/* ---- diff_print.c ---- */
void diff_print_schema(const diff *d);
dzr_status diff_print_row(void *ctx, const dzr_difference *difference, dzr_error *err);
void diff_print_end(const diff *d, const dzr_compare_result *result);

/* ---- diff_json.c: one object, whose parts are printed one after the other ---- */
void diff_json_begin(const diff *d);
dzr_status diff_json_row(void *ctx, const dzr_difference *difference, dzr_error *err);
void diff_json_end(const diff *d, const dzr_compare_result *result);

#endif
