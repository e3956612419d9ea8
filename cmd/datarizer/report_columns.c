/* cmd/datarizer/report_columns.c - a card for each column of a report: nulls, distribution, bounds, frequent values.
 * Called by report.c. */
#include "cmd/datarizer/report.h"

#include <inttypes.h>

enum { WIDTH = 320, HEIGHT = 56, TOP = 5, VALUE = 60, ROOM = 80 };

static double share_of(int64_t part, int64_t all)
{
    return all > 0 ? (double)part / (double)all : 0;
}

static void put_value(const dzr_batch *batch, int64_t row, FILE *out)
{
    char text[ROOM];
    bound_text(batch, row, VALUE, text, sizeof text);
    fputs("<bdi>", out);
    html_text(text, out);
    fputs("</bdi>", out);
}

/* ---- the histogram ---- */

static void put_histogram(const dzr_summary_column *column, FILE *out)
{
    int64_t most = 1;
    char number[32];
    for (int32_t i = 0; i < column->n_bins; i++)
        most = column->bins[i] > most ? column->bins[i] : most;
    const double step = (double)WIDTH / column->n_bins;
    fprintf(out, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"histogram\">", (int)WIDTH, (int)HEIGHT);
    for (int32_t i = 0; i < column->n_bins; i++) {
        const double full = share_of(column->bins[i], most) * (HEIGHT - 2);
        const double height = column->bins[i] > 0 && full < 1.5 ? 1.5 : full;
        fprintf(out, "<rect class=\"bar\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\"><title>", i * step,
                HEIGHT - height, step > 3 ? step - 1 : step, height);
        put_value(column->edges, i, out);
        fputs(" \xe2\x80\x93 ", out);
        put_value(column->edges, i + 1, out);
        fprintf(out, ": %s</title></rect>", html_number(column->bins[i], number));
    }
    fprintf(out, "</svg>\n<div class=\"ends\"><span>");
    put_value(column->edges, 0, out);
    fprintf(out, "</span><span>%s</span><span>", column->has_lengths ? "length" : "");
    put_value(column->edges, column->n_bins, out);
    fprintf(out, "</span></div>\n");
}

/* ---- what stands below it ---- */

static void put_pair(const char *name, const char *value, FILE *out)
{
    fprintf(out, "<dt>%s</dt><dd>%s</dd>", name, value);
}

static void put_bounds(const dzr_summary_column *column, FILE *out)
{
    static const char *const names[] = {"min", "max"};
    for (int i = 0; column->has_bounds && i < 2; i++) {
        fprintf(out, "<dt>%s</dt><dd>", names[i]);
        put_value(column->values, i, out);
        fputs("</dd>", out);
    }
}

static void put_pairs(const dzr_summary_column *column, FILE *out)
{
    char text[100], number[32];
    const int64_t n_slots = column->n_values + column->n_nulls;
    fprintf(out, "<dl class=\"pairs\">");
    snprintf(text, sizeof text, "%s (%.3g %%)", html_number(column->n_nulls, number),
            100 * share_of(column->n_nulls, n_slots));
    put_pair("nulls", column->n_nulls > 0 ? text : "none", out);
    snprintf(text, sizeof text, "%s%s", column->distinct_is_exact ? "" : "about ",
            html_number(column->n_distinct, number));
    if (column->n_distinct >= 0)
        put_pair("distinct", text, out);
    if (column->n_nan > 0)
        put_pair("NaN", html_number(column->n_nan, number), out);
    if (column->n_infinite > 0)
        put_pair("infinite", html_number(column->n_infinite, number), out);
    put_bounds(column, out);
    snprintf(text, sizeof text, column->has_stddev ? "%.6g \xc2\xb1 %.4g" : "%.6g", column->mean, column->stddev);
    if (column->has_mean)
        put_pair("mean", text, out);
    snprintf(text, sizeof text, "%.4g", column->mean_length);
    if (column->has_lengths)
        put_pair("mean length", text, out);
    fprintf(out, "</dl>\n");
}

static void put_top(const dzr_summary_column *column, FILE *out)
{
    char number[32];
    const int32_t n = n_frequent(column, TOP);
    if (n == 0)
        return;
    fprintf(out, "<ul class=\"top\">");
    for (int32_t i = 0; i < n; i++) {
        const dzr_summary_top *const top = &column->top[i];
        const double width = 100 * share_of(top->at_least, column->n_values);
        fprintf(out, "<li><i style=\"width:%.1f%%\"></i><span>", width);
        put_value(column->values, 2 + i, out);
        fprintf(out, "</span><span>%s%s</span></li>", html_number(top->at_least, number),
                top->at_least < top->at_most ? "+" : "");
    }
    fprintf(out, "</ul>\n");
}

static void put_card(const dzr_summary_column *column, FILE *out)
{
    char type[DZR_TYPE_TEXT];
    const int64_t n_slots = column->n_values + column->n_nulls;
    fprintf(out, "<section class=\"card\"><h3><bdi>");
    html_text(column->path, out);
    fprintf(out, "</bdi></h3><p class=\"type\">%s%s</p>\n", dzr_type_print(column->field->type, type),
            column->field->nullable ? "" : ", never null");
    if (column->n_nulls > 0)
        fprintf(out, "<div class=\"meter\" title=\"nulls\"><i style=\"width:%.2f%%\"></i></div>\n",
                100 * share_of(column->n_nulls, n_slots));
    if (column->edges != NULL && column->n_bins > 1)
        put_histogram(column, out);
    put_pairs(column, out);
    put_top(column, out);
    fprintf(out, "</section>\n");
}

void report_columns(const report *r, FILE *out)
{
    const int32_t n = dzr_summary_n_columns(r->summary);
    char number[32];
    fprintf(out, "<h2>Columns</h2>\n<div class=\"cards\">\n");
    for (int32_t i = 0; i < n && i < REPORT_COLUMNS; i++)
        put_card(dzr_summary_column_at(r->summary, i), out);
    fprintf(out, "</div>\n");
    if (n > REPORT_COLUMNS)
        fprintf(out, "<p class=\"soft\">and %s more</p>\n", html_number(n - REPORT_COLUMNS, number));
}
