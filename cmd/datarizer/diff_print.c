/* cmd/datarizer/diff_print.c - differences for people: a line a column, a line a row. Called by diff.c. */
#include "cmd/datarizer/diff.h"
#include "cmd/datarizer/values.h"

#include <inttypes.h>

enum { VALUE = 40, ROOM = 60, SHOWN = 8 };

static void colour(const diff *d, int side)
{
    if (d->colour)
        fputs(side == 0 ? "\033[31m" : side == 1 ? "\033[32m" : "\033[0m", stdout);
}

/* A string in quotes, so that it is not taken for null or a number. */
static void put_value(const diff *d, int side, const dzr_batch *batch, int32_t field, int64_t row)
{
    char text[ROOM];
    const dzr_column *const column = dzr_batch_column(batch, field);
    const bool quoted = column->type.id == DZR_TYPE_STRING && !dzr_column_is_null(column, row);
    value_text(batch, field, row, VALUE, text, sizeof text);
    colour(d, side);
    fputs(quoted ? "\"" : "", stdout);
    print_shown(text, stdout);
    fputs(quoted ? "\"" : "", stdout);
    colour(d, -1);
}

static const dzr_field *field_of(const diff *d, int side, const dzr_compare_column *column)
{
    return dzr_schema_field(dzr_table_reader_schema(d->readers[side]), side == 0 ? column->a : column->b);
}

void diff_print_schema(const diff *d)
{
    char a[DZR_TYPE_TEXT], b[DZR_TYPE_TEXT];
    for (int32_t i = 0; i < dzr_comparison_n_columns(d->comparison); i++) {
        const dzr_compare_column *const column = dzr_comparison_column(d->comparison, i);
        if (!diff_is_of_schema(d, column))
            continue;
        printf("column \"");
        print_shown(column->name, stdout);
        if (column->state == DZR_COMPARE_ONLY_A || column->state == DZR_COMPARE_ONLY_B) {
            const int side = column->state == DZR_COMPARE_ONLY_B;
            printf("\" only in ");
            colour(d, side);
            print_shown(d->names[side], stdout);
            colour(d, -1);
        } else {
            printf("\" is ");
            colour(d, 0);
            fputs(dzr_type_print(field_of(d, 0, column)->type, a), stdout);
            colour(d, -1);
            printf(" and ");
            colour(d, 1);
            fputs(dzr_type_print(field_of(d, 1, column)->type, b), stdout);
            colour(d, -1);
            printf("%s", column->state == DZR_COMPARE_UNLIKE ? ", values are not compared" : "");
        }
        putchar('\n');
    }
}

/* "row 7", "row 7 and 9", or "id=7, day=2024-01-31". */
static void put_place(const diff *d, const dzr_difference *difference)
{
    const bool in_a = difference->a != NULL;
    for (int32_t i = 0; i < d->n_keys; i++) {
        const dzr_batch *const batch = in_a ? difference->a : difference->b;
        printf("%s", i > 0 ? ", " : "");
        print_shown(d->keys[i], stdout);
        putchar('=');
        put_value(d, -1, batch, dzr_schema_find(dzr_batch_schema(batch), d->keys[i]),
                in_a ? difference->row_a : difference->row_b);
    }
    if (d->n_keys == 0)
        printf("row %" PRId64, in_a ? difference->number_a : difference->number_b);
}

static void put_lone(const diff *d, const dzr_difference *difference)
{
    const int side = difference->a == NULL;
    const dzr_batch *const batch = side == 0 ? difference->a : difference->b;
    const dzr_schema *const schema = dzr_batch_schema(batch);
    printf(" only in ");
    print_shown(d->names[side], stdout);
    for (int32_t i = 0; i < dzr_schema_n_fields(schema) && i < SHOWN; i++) {
        printf("%s", i > 0 ? ", " : ": ");
        print_shown(dzr_schema_field(schema, i)->name, stdout);
        putchar(' ');
        put_value(d, side, batch, i, side == 0 ? difference->row_a : difference->row_b);
    }
    printf("%s\n", dzr_schema_n_fields(schema) > SHOWN ? ", ..." : "");
}

dzr_status diff_print_row(void *ctx, const dzr_difference *difference, dzr_error *err)
{
    diff *const d = ctx;
    (void)err;
    d->n_printed++;
    put_place(d, difference);
    if (difference->a == NULL || difference->b == NULL) {
        put_lone(d, difference);
        return DZR_OK;
    }
    for (int32_t i = 0; i < difference->n_columns && i < SHOWN; i++) {
        const dzr_compare_column *const column = dzr_comparison_column(d->comparison, difference->columns[i]);
        printf("%s", i > 0 ? ", " : ": ");
        print_shown(column->name, stdout);
        putchar(' ');
        put_value(d, 0, difference->a, column->a, difference->row_a);
        printf(" -> ");
        put_value(d, 1, difference->b, column->b, difference->row_b);
    }
    if (difference->n_columns > SHOWN)
        printf(", and %d more columns", difference->n_columns - SHOWN);
    putchar('\n');
    return DZR_OK;
}

static const char *plural(int64_t n)
{
    return n == 1 ? "" : "s";
}

void diff_print_end(const diff *d, const dzr_compare_result *result)
{
    const int64_t n_rows = result->n_different + result->n_only_a + result->n_only_b;
    const int32_t n_columns = dzr_comparison_n_columns(d->comparison);
    if (d->n_printed < n_rows && d->n_printed > 0)
        printf("...\n");
    if (n_rows == 0) {
        printf("%s%" PRId64 " row%s and %" PRId32 " column%s\n",
                diff_n_of_schema(d) == 0 ? "no difference in " : "no difference in the values of ", result->n_rows_a,
                plural(result->n_rows_a), n_columns, plural(n_columns));
        return;
    }
    const int64_t n_common = result->n_rows_a - result->n_only_a;
    printf("%" PRId64 " of %" PRId64 " row%s differ%s", result->n_different, n_common, plural(n_common),
            result->n_different == 1 ? "s" : "");
    const char *before = " (";
    for (int32_t i = 0; i < n_columns; i++) {
        const dzr_compare_column *const column = dzr_comparison_column(d->comparison, i);
        if (column->n_different == 0)
            continue;
        fputs(before, stdout);
        print_shown(column->name, stdout);
        printf(" %" PRId64, column->n_different);
        before = ", ";
    }
    printf("%s, %" PRId64 " only in ", result->n_different > 0 ? ")" : "", result->n_only_a);
    print_shown(d->names[0], stdout);
    printf(", %" PRId64 " only in ", result->n_only_b);
    print_shown(d->names[1], stdout);
    putchar('\n');
}
