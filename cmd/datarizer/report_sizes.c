/* cmd/datarizer/report_sizes.c - where the bytes of a Parquet file are: a treemap of its columns, and its row groups
 * one below the other. Called by report.c. */
#include "cmd/datarizer/report.h"
#include "cmd/datarizer/treemap.h"

#include <inttypes.h>
#include <stdlib.h>

enum { MAP_WIDTH = 1120, MAP_HEIGHT = 420, MOST_RECTS = 80, MOST_GROUPS = 60, BAR = 1000, LETTER = 9, ONE_IN = 100000 };

dzr_status report_measure(report *r, dzr_error *err)
{
    const int32_t n_columns = dzr_parquet_reader_n_columns(r->parquet);
    const int32_t n_groups = dzr_parquet_reader_n_row_groups(r->parquet);
    r->sizes = calloc((size_t)n_columns + 1, sizeof *r->sizes);
    r->plain_sizes = calloc((size_t)n_columns + 1, sizeof *r->plain_sizes);
    if (r->sizes == NULL || r->plain_sizes == NULL)
        return dzr_fail(err, DZR_ERR_NOMEM, "out of memory: %d columns", n_columns);
    for (int32_t group = 0; group < n_groups; group++) {
        for (int32_t column = 0; column < n_columns; column++) {
            dzr_parquet_chunk chunk;
            const dzr_status st = dzr_parquet_reader_chunk(r->parquet, group, column, &chunk, err);
            if (st != DZR_OK)
                return st;
            r->sizes[column] += (uint64_t)(chunk.n_bytes > 0 ? chunk.n_bytes : 0);
            r->plain_sizes[column] += (uint64_t)(chunk.n_bytes_uncompressed > 0 ? chunk.n_bytes_uncompressed : 0);
        }
    }
    for (int32_t column = 0; column < n_columns; column++) {
        r->size += r->sizes[column];
        r->plain_size += r->plain_sizes[column];
    }
    return DZR_OK;
}

/* ---- the treemap ---- */

typedef struct share {
    uint64_t size;
    int32_t column; /* -1: all that are too small to be seen */
} share;

static int by_size(const void *a, const void *b)
{
    const share *const x = a, *const y = b;
    return x->size != y->size ? (x->size > y->size ? -1 : 1) : x->column - y->column;
}

static void put_rect(const report *r, const share *of, const treemap_rect *rect, int32_t n_others, FILE *out)
{
    char size[32], name[64];
    (void)snprintf(name, sizeof name, "%" PRId32 " more columns", n_others);
    const char *const path = of->column >= 0 ? dzr_parquet_reader_path(r->parquet, of->column) : name;
    const double percent = 100 * (double)of->size / (double)r->size;
    const int fits = (int)((rect->width - 16) / LETTER);
    fprintf(out, "<g><rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"4\" style=\"--h:%d\"><title>",
            rect->x, rect->y, rect->width, rect->height, html_hue(of->column));
    html_text(path, out);
    fprintf(out, ": %s, %.1f %%</title></rect>", html_size(of->size, size), percent);
    if (fits >= 3 && rect->height >= 24) {
        fprintf(out, "<text x=\"%.1f\" y=\"%.1f\">", rect->x + 8, rect->y + 19);
        html_cut(path, rect->width - 16, out);
        fprintf(out, "</text>");
    }
    if (fits >= 9 && rect->height >= 42)
        fprintf(out, "<text class=\"small\" x=\"%.1f\" y=\"%.1f\">%s%s%.1f %%</text>", rect->x + 8, rect->y + 36,
                fits >= 16 ? size : "", fits >= 16 ? ", " : "", percent);
    fprintf(out, "</g>\n");
}

/* The greatest first; what is beyond MOST_RECTS, or too small for a rectangle, is one together. How many. */
static int32_t take_shares(const report *r, share *shares, int32_t *n_others)
{
    int32_t n = 0;
    for (int32_t i = 0; i < dzr_parquet_reader_n_columns(r->parquet); i++)
        if (r->sizes[i] > 0)
            shares[n++] = (share){r->sizes[i], i};
    qsort(shares, (size_t)n, sizeof *shares, by_size);
    int32_t kept = 0;
    const uint64_t least = r->size / ONE_IN;
    while (kept < n && kept < (n > MOST_RECTS ? MOST_RECTS - 1 : n) && shares[kept].size > least)
        kept++;
    share rest = {.column = -1};
    *n_others = n - kept;
    for (int32_t i = kept; i < n; i++)
        rest.size += shares[i].size;
    if (rest.size <= least) /* nobody would see it */
        return kept;
    shares[kept++] = rest;
    qsort(shares, (size_t)kept, sizeof *shares, by_size);
    return kept;
}

void report_treemap(const report *r, FILE *out)
{
    share *const shares = calloc((size_t)dzr_parquet_reader_n_columns(r->parquet) + 1, sizeof *shares);
    int32_t n_others = 0;
    const int32_t n = shares != NULL ? take_shares(r, shares, &n_others) : 0;
    uint64_t areas[MOST_RECTS];
    treemap_rect rects[MOST_RECTS];
    if (n > 0) {
        for (int32_t i = 0; i < n; i++)
            areas[i] = shares[i].size;
        treemap_lay(areas, n, MAP_WIDTH, MAP_HEIGHT, rects);
        fprintf(out,
                "<h2>Size by column</h2>\n<div class=\"panel\"><svg class=\"map\" viewBox=\"0 0 %d %d\" role=\"img\" "
                "aria-label=\"size by column\">\n",
                (int)MAP_WIDTH, (int)MAP_HEIGHT);
        for (int32_t i = 0; i < n; i++)
            put_rect(r, &shares[i], &rects[i], n_others, out);
        fprintf(out, "</svg></div>\n");
    }
    free(shares);
}

/* ---- row groups ---- */

static uint64_t chunk_size(const report *r, int32_t group, int32_t column)
{
    dzr_parquet_chunk chunk;
    const dzr_status st = dzr_parquet_reader_chunk(r->parquet, group, column, &chunk, NULL);
    return st == DZR_OK && chunk.n_bytes > 0 ? (uint64_t)chunk.n_bytes : 0;
}

static uint64_t group_size(const report *r, int32_t group)
{
    uint64_t size = 0;
    for (int32_t i = 0; i < dzr_parquet_reader_n_columns(r->parquet); i++)
        size += chunk_size(r, group, i);
    return size;
}

/* A bar as long as the row group is large, cut into its columns; those too thin to be seen are left out. */
static void put_group(const report *r, int32_t group, uint64_t largest, FILE *out)
{
    char text[32], size[32];
    const uint64_t all = group_size(r, group);
    uint64_t at = 0;
    fprintf(out, "<span>%" PRId32 "</span><svg viewBox=\"0 0 %d 14\" preserveAspectRatio=\"none\">", group, (int)BAR);
    for (int32_t i = 0; i < dzr_parquet_reader_n_columns(r->parquet); i++) {
        const uint64_t n = chunk_size(r, group, i);
        const double x = BAR * (double)at / (double)largest, width = BAR * (double)n / (double)largest;
        at += n;
        if (width < 0.3)
            continue;
        fprintf(out, "<rect class=\"seg\" style=\"--h:%d\" x=\"%.2f\" width=\"%.2f\" height=\"14\"><title>",
                html_hue(i), x, width);
        html_text(dzr_parquet_reader_path(r->parquet, i), out);
        fprintf(out, ": %s</title></rect>", html_size(n, size));
    }
    const int64_t n_rows = dzr_parquet_reader_row_group_rows(r->parquet, group);
    fprintf(out, "</svg><span class=\"soft\">%s row%s, %s</span>\n", html_number(n_rows, text), n_rows == 1 ? "" : "s",
            html_size(all, size));
}

void report_row_groups(const report *r, FILE *out)
{
    const int32_t n = dzr_parquet_reader_n_row_groups(r->parquet);
    const int32_t shown = n < MOST_GROUPS ? n : MOST_GROUPS;
    uint64_t largest = 0;
    char text[32];
    for (int32_t i = 0; i < shown; i++)
        largest = group_size(r, i) > largest ? group_size(r, i) : largest;
    if (largest == 0)
        return;
    fprintf(out, "<h2>Row groups</h2>\n<div class=\"panel\"><div class=\"rows\">\n");
    for (int32_t i = 0; i < shown; i++)
        put_group(r, i, largest, out);
    fprintf(out, "</div>");
    if (shown < n)
        fprintf(out, "<p class=\"soft\" style=\"margin:10px 0 0\">and %s more</p>", html_number(n - shown, text));
    fprintf(out, "</div>\n");
}
