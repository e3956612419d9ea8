/* cmd/datarizer/commands.h - the commands of the toolbox; each has a file, main.c picks one. */
#ifndef CMD_DATARIZER_COMMANDS_H
#define CMD_DATARIZER_COMMANDS_H

#include <datarizer/table.h>

#include <stdio.h>

/* argv[0] is the command's name. The exit status comes back. */
int command_schema(int argc, char **argv);
int command_head(int argc, char **argv);
int command_tail(int argc, char **argv);
int command_sample(int argc, char **argv);
int command_cat(int argc, char **argv);
int command_count(int argc, char **argv);
int command_meta(int argc, char **argv);
int command_validate(int argc, char **argv);
int command_stat(int argc, char **argv);
int command_report(int argc, char **argv);
int command_diff(int argc, char **argv);
int command_convert(int argc, char **argv);
int command_merge(int argc, char **argv);
int command_split(int argc, char **argv);
int command_completions(int argc, char **argv);

/* ---- main.c ---- */
/* "datarizer: MESSAGE" on standard error; returns the exit status for a failure. */
int complain(const dzr_error *err);
/* The format that `told` (may be NULL) or else the file's name tells. False, after a line on standard error that asks
 * for `option`, when neither does: wrong usage. */
bool format_is_clear(const char *command, const char *told, const char *file, const char *option, dzr_format *out);
/* 0, or a complaint when standard output did not take everything. */
int finish_output(void);
/* The exit status so far, or that of a failing standard output. */
int finish_with(int exit_status);

/* ---- grid.c: rows as a table for people ---- */
typedef struct grid_cell {
    size_t offset, len; /* of its text, which has no control characters */
    int width;          /* columns of a terminal */
} grid_cell;

/* Zero it before grid_begin. */
typedef struct grid {
    int32_t n_columns;
    int64_t n_rows; /* the header's one or two among them */
    bool *right;    /* n_columns: numbers stand on the right */
    grid_cell *cells;
    size_t n_cells, cap_cells;
    char *text;
    size_t text_len, text_cap;
    int *widths;    /* of the columns, in what was printed last */
    int32_t n_kept; /* columns that are printed */
} grid;

/* Begins with the names of schema's columns, and below them the types when with_types. Errors: DZR_ERR_NOMEM. */
DZR_MUST_CHECK dzr_status grid_begin(grid *g, const dzr_schema *schema, bool with_types, dzr_error *err);
DZR_MUST_CHECK dzr_status grid_add_row(grid *g, const dzr_batch *batch, int64_t row, dzr_error *err);
/* The same for texts: names of columns, and a row of them. Set `right` after begin. */
DZR_MUST_CHECK dzr_status grid_begin_text(grid *g, const char *const *names, int32_t n, dzr_error *err);
DZR_MUST_CHECK dzr_status grid_add_text(grid *g, const char *const *cells, dzr_error *err);
/* Prints the rows there are, no wider than `width` columns of a terminal (0: as wide as they are), and forgets them.
 * The first call decides which columns do not fit and are left out; those that are there get wider when later rows need
 * it. */
DZR_MUST_CHECK dzr_status grid_flush(grid *g, int width, FILE *out, dzr_error *err);
/* The same, and below the rows how many columns were left out. */
DZR_MUST_CHECK dzr_status grid_print(grid *g, int width, FILE *out, dzr_error *err);
void grid_end(grid *g);
/* Columns of the terminal that standard output is; 0 when it is none. COLUMNS goes first, as elsewhere. */
int terminal_width(void);
/* Prints text of a file's, whatever it is, in one line that does nothing to a terminal: what would is spelt. */
void print_shown(const char *text, FILE *out);

#endif
