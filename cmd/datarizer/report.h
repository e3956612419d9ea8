/* cmd/datarizer/report.h - what the files of `datarizer report` share: the page is written part by part to a stream in
 * memory. */
#ifndef CMD_DATARIZER_REPORT_H
#define CMD_DATARIZER_REPORT_H

#include "cmd/datarizer/stat.h"

/* What a page says of a file. */
typedef struct report {
    const char *file, *format;
    const dzr_schema *schema;
    const dzr_parquet_reader *parquet; /* NULL: another format, which has no sizes */
    const dzr_summary *summary;
    uint64_t *sizes, *plain_sizes; /* of each of Parquet's columns: compressed and not */
    uint64_t size, plain_size;     /* of all */
} report;

enum { REPORT_COLUMNS = 400 }; /* a page shows no more; what else there is is counted */

/* ---- report_html.c ---- */
void html_head(const char *title, FILE *out);
/* Text of a file's: markup, control characters and such as turn the direction of text have no effect. */
void html_bytes(dzr_bytes text, FILE *out);
void html_text(const char *text, FILE *out);
/* What of it fits `room` pixels of a label in a picture, with an ellipsis where it is cut. */
void html_cut(const char *text, double room, FILE *out);
/* "1,234,567" */
const char *html_number(int64_t number, char text[32]);
/* "1.2 MiB" */
const char *html_size(uint64_t n_bytes, char text[32]);
/* The colour of a column of Parquet, the same in every picture: to stand in a style attribute. */
int html_hue(int32_t column);

/* ---- report_sizes.c: Parquet only ---- */
DZR_MUST_CHECK dzr_status report_measure(report *r, dzr_error *err);
void report_treemap(const report *r, FILE *out);
void report_row_groups(const report *r, FILE *out);

/* ---- report_columns.c ---- */
void report_columns(const report *r, FILE *out);

#endif
