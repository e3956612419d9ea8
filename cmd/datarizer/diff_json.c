/* cmd/datarizer/diff_json.c - `datarizer diff --json`: one object, printed as the comparison goes on. Called by diff.c.
 */
#include "cmd/datarizer/diff.h"

#include "cmd/common/try.h"
#include "cmd/datarizer/values.h"

#include <inttypes.h>

static const char *const states[] = {[DZR_COMPARE_SAME] = "same",
        [DZR_COMPARE_LIKE] = "like",
        [DZR_COMPARE_UNLIKE] = "unlike",
        [DZR_COMPARE_ONLY_A] = "only_a",
        [DZR_COMPARE_ONLY_B] = "only_b"};

void diff_json_begin(const diff *d)
{
    printf("{\"a\":");
    print_json_text(d->names[0], stdout);
    printf(",\"b\":");
    print_json_text(d->names[1], stdout);
    printf(",\"differences\":[");
}

/* The columns of one side of a row that differ, or all of a row that only it has. */
static dzr_status put_side(const diff *d, const dzr_difference *difference, int side, dzr_error *err)
{
    const dzr_batch *const batch = side == 0 ? difference->a : difference->b;
    const int64_t row = side == 0 ? difference->row_a : difference->row_b;
    const bool alone = difference->a == NULL || difference->b == NULL;
    const int32_t n = alone ? dzr_schema_n_fields(dzr_batch_schema(batch)) : difference->n_columns;
    putchar('{');
    for (int32_t i = 0; i < n; i++) {
        const dzr_compare_column *const column =
                alone ? NULL : dzr_comparison_column(d->comparison, difference->columns[i]);
        const int32_t field = alone ? i : side == 0 ? column->a : column->b;
        printf("%s", i > 0 ? "," : "");
        print_json_text(dzr_schema_field(dzr_batch_schema(batch), field)->name, stdout);
        putchar(':');
        TRY(print_json_value(batch, field, row, stdout, err));
    }
    putchar('}');
    return DZR_OK;
}

dzr_status diff_json_row(void *ctx, const dzr_difference *difference, dzr_error *err)
{
    diff *const d = ctx;
    const dzr_batch *const batch = difference->a != NULL ? difference->a : difference->b;
    printf("%s{", d->n_printed++ > 0 ? "," : "");
    for (int32_t i = 0; i < d->n_keys; i++) {
        printf("%s", i > 0 ? "," : "\"key\":{");
        print_json_text(d->keys[i], stdout);
        putchar(':');
        TRY(print_json_value(batch, dzr_schema_find(dzr_batch_schema(batch), d->keys[i]),
                difference->a != NULL ? difference->row_a : difference->row_b, stdout, err));
    }
    printf("%s", d->n_keys > 0 ? "}," : "");
    if (difference->a != NULL) {
        printf("\"row_a\":%" PRId64 ",\"a\":", difference->number_a);
        TRY(put_side(d, difference, 0, err));
    }
    if (difference->b != NULL) {
        printf("%s\"row_b\":%" PRId64 ",\"b\":", difference->a != NULL ? "," : "", difference->number_b);
        TRY(put_side(d, difference, 1, err));
    }
    putchar('}');
    return DZR_OK;
}

static void put_type(const diff *d, int side, int32_t field)
{
    char type[DZR_TYPE_TEXT];
    const dzr_schema *const schema = dzr_table_reader_schema(d->readers[side]);
    if (field >= 0)
        printf(",\"type_%c\":\"%s\",\"nullable_%c\":%s", "ab"[side],
                dzr_type_print(dzr_schema_field(schema, field)->type, type), "ab"[side],
                dzr_schema_field(schema, field) -> nullable ? "true" : "false");
}

void diff_json_end(const diff *d, const dzr_compare_result *result)
{
    const bool equal =
            diff_n_of_schema(d) == 0 && result->n_different == 0 && result->n_only_a == 0 && result->n_only_b == 0;
    printf("],\"columns\":[");
    for (int32_t i = 0; i < dzr_comparison_n_columns(d->comparison); i++) {
        const dzr_compare_column *const column = dzr_comparison_column(d->comparison, i);
        printf("%s{\"name\":", i > 0 ? "," : "");
        print_json_text(column->name, stdout);
        printf(",\"state\":\"%s\"", states[column->state]);
        put_type(d, 0, column->a);
        put_type(d, 1, column->b);
        printf(",\"differs\":%s,\"n_different\":%" PRId64 "}", diff_is_of_schema(d, column) ? "true" : "false",
                column->n_different);
    }
    printf("],\"equal\":%s,\"n_rows_a\":%" PRId64 ",\"n_rows_b\":%" PRId64 ",\"n_different\":%" PRId64
           ",\"n_only_a\":%" PRId64 ",\"n_only_b\":%" PRId64 "}\n",
            equal ? "true" : "false", result->n_rows_a, result->n_rows_b, result->n_different, result->n_only_a,
            result->n_only_b);
}
