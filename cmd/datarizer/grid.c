/* cmd/datarizer/grid.c - rows as a table for people: columns as wide as what they hold, fitted to the terminal.
 * Called by schema.c and head.c. Widths are those of a terminal, where East Asian wide characters take two columns. */
#include "cmd/datarizer/commands.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <unistr.h>
#include <uniwidth.h>

enum {
    CELL_WIDTH = 60, /* columns; longer values are cut */
    CELL_BYTES = 512,
    GAP = 2,
    NARROWEST = 6, /* a column is never made narrower to fit the terminal */
};

static const char ellipsis[] = "\xe2\x80\xa6";

/* ---- cells ---- */

static dzr_status grow(void **array, size_t *cap, size_t wanted, size_t size, dzr_error *err)
{
    if (wanted <= *cap)
        return DZR_OK;
    const size_t grown = wanted + wanted / 2 + 64;
    void *const moved = reallocarray(*array, grown, size);
    if (moved == NULL)
        return dzr_fail(err, DZR_ERR_NOMEM, "out of memory: %zu values of %zu bytes were asked for", grown, size);
    *array = moved;
    *cap = grown;
    return DZR_OK;
}

enum { SHOWN_BYTES = 16 }; /* of a character, at most */

/* One character as it is shown; one that would move the cursor, break the line or turn its direction is spelt. A stray
 * byte, which a terminal may take for a control character, comes in as U+FFFD. Bytes written, width added. */
static size_t show(char *to, ucs4_t code, int *width)
{
    const bool disturbs = code == 0 || (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
    const int columns = disturbs ? -1 : uc_width(code, "UTF-8");
    if (columns >= 0) {
        *width += columns;
        return (size_t)u8_uctomb((uint8_t *)to, code, SHOWN_BYTES);
    }
    const int spelt = code == '\n'   ? snprintf(to, SHOWN_BYTES, "\\n")
                      : code == '\t' ? snprintf(to, SHOWN_BYTES, "\\t")
                                     : snprintf(to, SHOWN_BYTES, "\\u%04x", (unsigned)code);
    *width += spelt;
    return (size_t)spelt;
}

/* Takes characters while they fit `most` columns and CELL_BYTES; what was cut ends in an ellipsis. */
static size_t cut(char *to, const uint8_t *at, size_t len, int most, int *width)
{
    size_t n_to = 0, fitting = 0; /* bytes, and those after which an ellipsis still fits */
    int fitting_width = 0;
    *width = 0;
    for (size_t i = 0; i < len;) {
        if (*width < most) {
            fitting = n_to;
            fitting_width = *width;
        }
        ucs4_t code = 0;
        const int n = u8_mbtouc(&code, at + i, len - i);
        if (n_to + (size_t)2 * SHOWN_BYTES > CELL_BYTES)
            *width = most + 1;
        else
            n_to += show(to + n_to, code, width);
        if (*width > most) {
            memcpy(to + fitting, ellipsis, sizeof ellipsis - 1);
            *width = fitting_width + 1;
            return fitting + sizeof ellipsis - 1;
        }
        i += (size_t)n;
    }
    return n_to;
}

static dzr_status add_cell(grid *g, const void *at, size_t len, dzr_error *err)
{
    dzr_status st = grow((void **)&g->cells, &g->cap_cells, g->n_cells + 1, sizeof *g->cells, err);
    if (st == DZR_OK)
        st = grow((void **)&g->text, &g->text_cap, g->text_len + CELL_BYTES, 1, err);
    if (st != DZR_OK)
        return st;
    grid_cell *const cell = &g->cells[g->n_cells++];
    cell->offset = g->text_len;
    cell->len = cut(g->text + g->text_len, at, len, CELL_WIDTH, &cell->width);
    g->text_len += cell->len;
    return DZR_OK;
}

/* ---- rows ---- */

dzr_status grid_begin(grid *g, const dzr_schema *schema, bool with_types, dzr_error *err)
{
    g->n_columns = dzr_schema_n_fields(schema);
    g->right = calloc((size_t)g->n_columns + 1, sizeof *g->right);
    if (g->right == NULL)
        return dzr_fail(err, DZR_ERR_NOMEM, "out of memory: %d columns", g->n_columns);
    for (int types = 0; types <= (with_types ? 1 : 0); types++) {
        for (int32_t i = 0; i < g->n_columns; i++) {
            const dzr_field *const field = dzr_schema_field(schema, i);
            char type[DZR_TYPE_TEXT];
            const char *const text = types ? dzr_type_print(field->type, type) : field->name;
            const dzr_status st = add_cell(g, text, strlen(text), err);
            if (st != DZR_OK)
                return st;
            g->right[i] = (field->type.id >= DZR_TYPE_INT8 && field->type.id <= DZR_TYPE_DOUBLE) ||
                          field->type.id == DZR_TYPE_DECIMAL || field->type.id == DZR_TYPE_HALF ||
                          field->type.id == DZR_TYPE_DURATION;
        }
        g->n_rows++;
    }
    return DZR_OK;
}

dzr_status grid_begin_text(grid *g, const char *const *names, int32_t n, dzr_error *err)
{
    g->n_columns = n;
    g->right = calloc((size_t)n + 1, sizeof *g->right);
    if (g->right == NULL)
        return dzr_fail(err, DZR_ERR_NOMEM, "out of memory: %d columns", n);
    return grid_add_text(g, names, err);
}

dzr_status grid_add_text(grid *g, const char *const *cells, dzr_error *err)
{
    for (int32_t i = 0; i < g->n_columns; i++) {
        const dzr_status st = add_cell(g, cells[i], strlen(cells[i]), err);
        if (st != DZR_OK)
            return st;
    }
    g->n_rows++;
    return DZR_OK;
}

/* Binary values are shown as hexadecimal digits, cut where the cell ends. */
static dzr_status add_binary(grid *g, dzr_bytes bytes, dzr_error *err)
{
    char hex[2 * CELL_WIDTH + 1] = "";
    size_t n = 0;
    for (size_t i = 0; i < bytes.len && n < (size_t)2 * CELL_WIDTH; i++)
        n += (size_t)snprintf(hex + n, 3, "%02x", bytes.at[i]);
    return add_cell(g, hex, n, err);
}

/* Structs, lists and maps are shown as JSON. */
static dzr_status add_nested(grid *g, const dzr_batch *batch, int32_t field, int64_t row, dzr_error *err)
{
    dzr_sink *json = NULL;
    dzr_status st = dzr_sink_memory(SIZE_MAX, NULL, &json, err);
    if (st != DZR_OK)
        return st;
    st = dzr_json_write_value(json, batch, field, row, err);
    const dzr_bytes text = dzr_sink_memory_bytes(json);
    if (st == DZR_OK)
        st = add_cell(g, text.at, text.len, err);
    dzr_sink_close(json);
    return st;
}

static dzr_status add_value(grid *g, const dzr_batch *batch, int32_t field, int64_t row, dzr_error *err)
{
    const dzr_column *const column = dzr_batch_column(batch, field);
    if (dzr_column_is_null(column, row))
        return add_cell(g, "null", 4, err);
    if (column->type.id >= DZR_TYPE_STRUCT)
        return add_nested(g, batch, field, row, err);
    if (column->type.id == DZR_TYPE_STRING || column->type.id == DZR_TYPE_BINARY) {
        const dzr_bytes bytes = dzr_column_bytes(column, row);
        return column->type.id == DZR_TYPE_STRING ? add_cell(g, bytes.at, bytes.len, err) : add_binary(g, bytes, err);
    }
    if (column->type.id == DZR_TYPE_FIXED)
        return add_binary(g, dzr_column_fixed(column, row), err);
    char text[DZR_JSON_SCALAR_BYTES];
    const size_t n = dzr_json_print_scalar(column, row, text);
    const bool quoted = text[0] == '"'; /* dates, times, UUIDs */
    return add_cell(g, text + quoted, n - (quoted ? 2 : 0), err);
}

dzr_status grid_add_row(grid *g, const dzr_batch *batch, int64_t row, dzr_error *err)
{
    for (int32_t i = 0; i < g->n_columns; i++) {
        const dzr_status st = add_value(g, batch, i, row, err);
        if (st != DZR_OK)
            return st;
    }
    g->n_rows++;
    return DZR_OK;
}

void grid_end(grid *g)
{
    free(g->right);
    free(g->cells);
    free(g->text);
    free(g->widths);
    *g = (grid){.n_columns = 0};
}

/* ---- fitting and printing ---- */

int terminal_width(void)
{
    const char *const told = getenv("COLUMNS");
    const long width = told != NULL ? strtol(told, NULL, 10) : 0;
    struct winsize size;
    if (width > 0 && width <= INT_MAX)
        return (int)width;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/* Columns become as wide as the rows at hand need, if they are not. */
static void measure(const grid *g, int *widths)
{
    for (int32_t i = 0; i < g->n_columns; i++) {
        for (int64_t row = 0; row < g->n_rows; row++) {
            const int width = g->cells[row * g->n_columns + i].width;
            widths[i] = width > widths[i] ? width : widths[i];
        }
    }
}

/* How many columns fit when they are as narrow as may be; one in any case. */
static int32_t n_fitting(const int *widths, int32_t n, int width)
{
    int64_t least = -GAP;
    for (int32_t i = 0; i < n; i++) {
        least += (widths[i] < NARROWEST ? widths[i] : NARROWEST) + GAP;
        if (least > width && i > 0)
            return i;
    }
    return n;
}

/* Takes off the widest columns until all fit. */
static void narrow(int *widths, int32_t n, int width)
{
    int64_t total = -GAP;
    for (int32_t i = 0; i < n; i++)
        total += widths[i] + GAP;
    for (; total > width; total--) {
        int32_t widest = 0;
        for (int32_t i = 1; i < n; i++)
            widest = widths[i] > widths[widest] ? i : widest;
        if (widths[widest] <= NARROWEST)
            return;
        widths[widest]--;
    }
}

static void print_cell(const grid *g, const grid_cell *cell, int width, bool right, bool is_last, FILE *out)
{
    char shorter[CELL_BYTES];
    const char *text = g->text + cell->offset;
    size_t len = cell->len;
    int have = cell->width;
    if (have > width) {
        len = cut(shorter, (const uint8_t *)text, len, width, &have);
        text = shorter;
    }
    if (right)
        fprintf(out, "%*s", width - have, "");
    fwrite(text, 1, len, out);
    if (!right && !is_last)
        fprintf(out, "%*s", width - have, "");
    fputs(is_last ? "\n" : "  ", out);
}

dzr_status grid_flush(grid *g, int width, FILE *out, dzr_error *err)
{
    if (g->widths == NULL) {
        g->widths = calloc((size_t)g->n_columns + 1, sizeof *g->widths);
        if (g->widths == NULL)
            return dzr_fail(err, DZR_ERR_NOMEM, "out of memory: %d columns", g->n_columns);
        g->n_kept = -1;
    }
    measure(g, g->widths);
    if (g->n_kept < 0)
        g->n_kept = width > 0 ? n_fitting(g->widths, g->n_columns, width) : g->n_columns;
    if (width > 0)
        narrow(g->widths, g->n_kept, width);
    for (int64_t row = 0; row < g->n_rows; row++)
        for (int32_t i = 0; i < g->n_kept; i++)
            print_cell(g, &g->cells[row * g->n_columns + i], g->widths[i], g->right[i], i == g->n_kept - 1, out);
    g->n_rows = 0;
    g->n_cells = g->text_len = 0;
    return DZR_OK;
}

dzr_status grid_print(grid *g, int width, FILE *out, dzr_error *err)
{
    const dzr_status st = grid_flush(g, width, out, err);
    const int32_t n_left_out = g->n_columns - g->n_kept;
    if (st == DZR_OK && n_left_out > 0)
        fprintf(out, "(and %d more column%s)\n", n_left_out, n_left_out == 1 ? "" : "s");
    return st;
}

void print_shown(const char *text, FILE *out)
{
    const uint8_t *const bytes = (const uint8_t *)text;
    const size_t len = strlen(text);
    for (size_t i = 0; i < len;) {
        char shown[SHOWN_BYTES];
        ucs4_t code = 0;
        int width = 0;
        i += (size_t)u8_mbtouc(&code, bytes + i, len - i);
        fwrite(shown, 1, show(shown, code, &width), out);
    }
}
