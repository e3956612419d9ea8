/* cmd/datarizer/stat_json.c - `datarizer stat --json`: one object with all that a summary says. */
#include "cmd/datarizer/stat.h"

#include "cmd/common/try.h"
#include "cmd/datarizer/values.h"

#include <inttypes.h>

static void print_counts(const dzr_summary_column *column)
{
    const dzr_type_id id = column->field->type.id;
    char type[DZR_TYPE_TEXT];
    printf("{\"path\":");
    print_json_text(column->path, stdout);
    printf(",\"type\":\"%s\",\"nullable\":%s,\"n_values\":%" PRId64 ",\"n_nulls\":%" PRId64,
            dzr_type_print(column->field->type, type), column->field->nullable ? "true" : "false", column->n_values,
            column->n_nulls);
    if (column->n_distinct >= 0)
        printf(",\"n_distinct\":%" PRId64 ",\"distinct_is_exact\":%s", column->n_distinct,
                column->distinct_is_exact ? "true" : "false");
    if (id == DZR_TYPE_FLOAT || id == DZR_TYPE_DOUBLE || id == DZR_TYPE_HALF)
        printf(",\"n_nan\":%" PRId64 ",\"n_infinite\":%" PRId64, column->n_nan, column->n_infinite);
    if (id == DZR_TYPE_BOOL)
        printf(",\"n_true\":%" PRId64 ",\"n_false\":%" PRId64, column->n_true, column->n_values - column->n_true);
}

static void print_moments(const dzr_summary_column *column)
{
    if (column->has_mean) {
        printf(",\"mean\":");
        print_json_number(column->mean, stdout);
    }
    if (column->has_stddev) {
        printf(",\"stddev\":");
        print_json_number(column->stddev, stdout);
    }
    if (column->has_lengths) {
        printf(",\"length\":{\"min\":%" PRId64 ",\"max\":%" PRId64 ",\"mean\":", column->min_length,
                column->max_length);
        print_json_number(column->mean_length, stdout);
        printf("}");
    }
}

static dzr_status print_top(const dzr_summary_column *column, dzr_error *err)
{
    printf(",\"top_is_exact\":%s,\"top\":[", column->top_is_exact ? "true" : "false");
    for (int32_t i = 0; i < column->n_top; i++) {
        printf("%s{\"value\":", i > 0 ? "," : "");
        TRY(print_json_value(column->values, 0, 2 + i, stdout, err));
        printf(",\"at_least\":%" PRId64 ",\"at_most\":%" PRId64 "}", column->top[i].at_least, column->top[i].at_most);
    }
    printf("]");
    return DZR_OK;
}

static dzr_status print_histogram(const dzr_summary_column *column, dzr_error *err)
{
    printf(",\"histogram\":{\"of\":\"%s\",\"edges\":[", column->has_lengths ? "lengths" : "values");
    for (int32_t i = 0; i <= column->n_bins; i++) {
        printf("%s", i > 0 ? "," : "");
        TRY(print_json_value(column->edges, 0, i, stdout, err));
    }
    printf("],\"counts\":[");
    for (int32_t i = 0; i < column->n_bins; i++)
        printf("%s%" PRId64, i > 0 ? "," : "", column->bins[i]);
    printf("]}");
    return DZR_OK;
}

static dzr_status print_column(const dzr_summary_column *column, dzr_error *err)
{
    print_counts(column);
    if (column->has_bounds) {
        printf(",\"min\":");
        TRY(print_json_value(column->values, 0, 0, stdout, err));
        printf(",\"max\":");
        TRY(print_json_value(column->values, 0, 1, stdout, err));
    }
    print_moments(column);
    if (column->values != NULL)
        TRY(print_top(column, err));
    if (column->edges != NULL)
        TRY(print_histogram(column, err));
    printf("}");
    return DZR_OK;
}

dzr_status stat_print_json(const char *file, const char *format, const dzr_summary *summary, dzr_error *err)
{
    printf("{\"file\":");
    print_json_text(file, stdout);
    printf(",\"format\":\"%s\",\"n_rows\":%" PRId64 ",\"columns\":[", format, dzr_summary_n_rows(summary));
    for (int32_t i = 0; i < dzr_summary_n_columns(summary); i++) {
        printf("%s", i > 0 ? "," : "");
        TRY(print_column(dzr_summary_column_at(summary, i), err));
    }
    printf("]}\n");
    return DZR_OK;
}
