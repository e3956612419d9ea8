/* cmd/datarizer/rows.c - rows on standard output: see rows.h. Called by head, tail, sample and cat. */
#include "cmd/datarizer/rows.h"

#include <string.h>

const char *const rows_formats[] = {"table", "jsonl", "csv", NULL};

enum { ROWS_HELD = 1000 }; /* of a table; those that follow may need wider columns */

static int width_of(const rows_style *style)
{
    return style->width > 0 ? (int)style->width : terminal_width();
}

static bool is_table(const rows_style *style)
{
    return !style->json && (style->format == NULL || strcmp(style->format, "table") == 0);
}

/* ---- rows ---- */

static dzr_status begin_lines(rows_out *out, dzr_error *err)
{
    dzr_table_write_options options = {.format = DZR_FORMAT_JSONL};
    const dzr_status st = out->style->json ? DZR_OK : dzr_format_find(out->style->format, &options.format, err);
    if (st != DZR_OK)
        return st;
    return dzr_table_writer_open("-", out->schema, &options, &out->lines, err);
}

dzr_status rows_begin(rows_out *out, const dzr_schema *schema, dzr_error *err)
{
    if (out->schema != NULL && dzr_schema_equal(out->schema, schema))
        return DZR_OK;
    const dzr_status st = out->schema != NULL ? rows_end(out, err) : DZR_OK;
    if (st != DZR_OK)
        return st;
    out->schema = dzr_schema_hold(schema);
    return is_table(out->style) ? grid_begin(&out->table, schema, true, err) : begin_lines(out, err);
}

dzr_status rows_add(rows_out *out, const dzr_batch *batch, dzr_error *err)
{
    dzr_status st = DZR_OK;
    if (out->lines != NULL)
        return dzr_table_writer_append(out->lines, batch, err);
    for (int64_t row = 0; st == DZR_OK && row < dzr_batch_n_rows(batch); row++) {
        st = grid_add_row(&out->table, batch, row, err);
        if (st == DZR_OK && out->table.n_rows >= ROWS_HELD)
            st = grid_flush(&out->table, width_of(out->style), stdout, err);
    }
    return st;
}

dzr_status rows_add_all(rows_out *out, dzr_table_reader *reader, dzr_error *err)
{
    dzr_status st = rows_begin(out, dzr_table_reader_schema(reader), err);
    while (st == DZR_OK && ferror(stdout) == 0) {
        dzr_batch *batch = NULL;
        st = dzr_table_reader_next(reader, &batch, err);
        if (batch == NULL)
            break;
        st = rows_add(out, batch, err);
        dzr_batch_free(batch);
    }
    return st;
}

dzr_status rows_end(rows_out *out, dzr_error *err)
{
    dzr_status st = DZR_OK;
    if (out->lines != NULL)
        st = dzr_table_writer_commit(out->lines, err);
    else if (out->schema != NULL)
        st = grid_print(&out->table, width_of(out->style), stdout, err);
    rows_fini(out);
    return st;
}

void rows_fini(rows_out *out)
{
    dzr_table_writer_close(out->lines);
    out->lines = NULL;
    grid_end(&out->table);
    dzr_schema_free(out->schema);
    out->schema = NULL;
}

/* ---- several files ---- */

dzr_status rows_title(rows_out *out, const char *file, int32_t i, int32_t n_files, dzr_error *err)
{
    if (n_files < 2 || !is_table(out->style))
        return DZR_OK;
    const dzr_status st = rows_end(out, err);
    if (st != DZR_OK)
        return st;
    fputs(i > 0 ? "\n==> " : "==> ", stdout);
    print_shown(file, stdout);
    fputs(" <==\n", stdout);
    return DZR_OK;
}

int rows_of_files(const rows_style *style, const char *command, char **files, int n_files,
        dzr_status (*each)(void *ctx, rows_out *out, const char *file, dzr_format format, dzr_error *err), void *ctx)
{
    rows_out out = {.style = style};
    dzr_error err;
    int exit_status = OPTIONS_EXIT_OK;
    for (int i = 0; i < n_files; i++) {
        dzr_format format = DZR_FORMAT_BY_NAME;
        if (!format_is_clear(command, style->from, files[i], "--from", &format)) {
            rows_fini(&out);
            return OPTIONS_EXIT_USAGE;
        }
        dzr_status st = rows_title(&out, files[i], i, n_files, &err);
        if (st == DZR_OK)
            st = each(ctx, &out, files[i], format, &err);
        if (st != DZR_OK) {
            if (out.table.widths == NULL && out.table.n_rows <= 2) /* a table's head by itself says nothing */
                rows_fini(&out);
            fflush(stdout); /* rows that came before it stand before the complaint */
            exit_status = complain(&err);
        }
    }
    if (rows_end(&out, &err) != DZR_OK)
        exit_status = complain(&err);
    return finish_with(exit_status);
}
