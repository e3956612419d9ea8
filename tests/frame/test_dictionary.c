/* tests/frame/test_dictionary.c - columns of codes and a dictionary: built, cut, decoded, shared with others through
 * Arrow and taken from them, and what is refused. tests/interop does the same with pyarrow. */
#include "support.h"

#include "alloc_nth.h"
#include "frame/internal.h"
#include <datarizer/arrow.h>

static const dzr_field text_values = {.name = "values", .type = {.id = DZR_TYPE_STRING}};
static const dzr_field bool_values = {.name = "values", .type = {.id = DZR_TYPE_BOOL}};
static const dzr_field time_values = {.name = "values",
        .type = {.id = DZR_TYPE_TIMESTAMP, .unit = DZR_UNIT_MS, .utc = true},
        .zone = "Europe/Prague"};
static const dzr_field in_list = {.name = "element",
        .type = {.id = DZR_TYPE_DICTIONARY},
        .nullable = true,
        .children = &text_values,
        .n_children = 1};
static const dzr_field fields[] = {
        {.name = "t", .type = {.id = DZR_TYPE_DICTIONARY}, .nullable = true, .children = &text_values, .n_children = 1},
        {.name = "b", .type = {.id = DZR_TYPE_DICTIONARY}, .children = &bool_values, .n_children = 1},
        {.name = "l", .type = {.id = DZR_TYPE_LIST}, .children = &in_list, .n_children = 1},
        {.name = "at",
                .type = {.id = DZR_TYPE_DICTIONARY},
                .nullable = true,
                .children = &time_values,
                .n_children = 1},
        {.name = "n", .type = {.id = DZR_TYPE_INT64}},
};
enum { T, T_VALUES, B, B_VALUES, L, L_CODES, L_VALUES, AT, AT_VALUES, N, N_ROWS = 21 };

static const char *const words[] = {"short", "a word of more than twelve bytes", "another such long word"};

static dzr_bytes bytes_of(const char *text)
{
    return (dzr_bytes){(const uint8_t *)text, strlen(text)};
}

static dzr_status append_row(dzr_builder *builder, int row, dzr_error *err)
{
    DZR_TRY(row % 4 == 3 ? dzr_builder_null(builder, T, err) : dzr_builder_int(builder, T, row % 3, err));
    DZR_TRY(dzr_builder_int(builder, B, row % 2, err));
    for (int i = 0; i < row % 4; i++)
        DZR_TRY(i == 2 ? dzr_builder_null(builder, L_CODES, err) : dzr_builder_int(builder, L_CODES, i, err));
    DZR_TRY(dzr_builder_list(builder, L, err));
    DZR_TRY(row % 5 == 0 ? dzr_builder_null(builder, AT, err) : dzr_builder_int(builder, AT, 0, err));
    return dzr_builder_int(builder, N, row, err);
}

static dzr_status build(const dzr_allocator *alloc, dzr_batch **out, dzr_error *err)
{
    dzr_schema *schema = NULL;
    dzr_builder *builder = NULL;
    dzr_status st = dzr_schema_new(fields, 5, alloc, &schema, err);
    if (st == DZR_OK)
        st = dzr_builder_new(schema, alloc, &builder, err);
    for (int i = 0; i < 3 && st == DZR_OK; i++)
        st = dzr_builder_bytes(builder, T_VALUES, bytes_of(words[i]), err);
    for (int i = 0; i < 2 && st == DZR_OK; i++)
        st = dzr_builder_bool(builder, B_VALUES, i == 1, err);
    for (int i = 1; i >= 0 && st == DZR_OK; i--)
        st = dzr_builder_bytes(builder, L_VALUES, bytes_of(words[i]), err);
    if (st == DZR_OK)
        st = dzr_builder_int(builder, AT_VALUES, 1700000000000, err);
    for (int row = 0; row < N_ROWS && st == DZR_OK; row++)
        st = append_row(builder, row, err);
    if (st == DZR_OK)
        st = dzr_builder_finish(builder, out, err);
    dzr_builder_free(builder);
    dzr_schema_free(schema);
    return st;
}

static void assert_text(const dzr_column *column, int64_t row, const char *want)
{
    assert_int_equal(dzr_column_is_null(column, row), want == NULL);
    if (want == NULL)
        return;
    column = dzr_column_resolve(column, &row);
    const dzr_bytes got = dzr_column_bytes(column, row);
    assert_int_equal(got.len, strlen(want));
    assert_memory_equal(got.at, want, got.len);
}

/* Rows [first, first + n) of what build makes, encoded or decoded. */
static void check(const dzr_batch *batch, int first, int n)
{
    assert_int_equal(dzr_batch_n_rows(batch), n);
    for (int i = 0; i < n; i++) {
        const int row = first + i;
        assert_text(dzr_batch_column(batch, 0), i, row % 4 == 3 ? NULL : words[row % 3]);
        int64_t at = i, from = 0;
        const dzr_column *const flags = dzr_column_resolve(dzr_batch_column(batch, 1), &at);
        assert_int_equal(dzr_column_bool(flags, at), row % 2);
        assert_int_equal(dzr_column_list(dzr_batch_column(batch, 2), i, &from), row % 4);
        for (int k = 0; k < row % 4; k++)
            assert_text(dzr_batch_column(batch, 2)->children[0], from + k, k == 2 ? NULL : words[1 - k]);
        assert_int_equal(dzr_column_is_null(dzr_batch_column(batch, 3), i), row % 5 == 0);
        assert_int_equal(((const int64_t *)dzr_batch_column(batch, 4)->values)[i], row);
    }
}

static void codes_are_built_cut_and_decoded(void **state)
{
    (void)state;
    dzr_error err;
    dzr_batch *batch = NULL, *slice = NULL, *decoded = NULL, *again = NULL;
    dzr_schema *schema = NULL;
    assert_ok(build(NULL, &batch, &err));
    check(batch, 0, N_ROWS);
    assert_ok(dzr_batch_slice(batch, 3, 9, &slice, &err));
    check(slice, 3, 9);
    assert_ptr_equal(dzr_batch_node(slice, T_VALUES)->values, dzr_batch_node(batch, T_VALUES)->values); /* shared */
    assert_int_equal(dzr_batch_node(slice, T_VALUES)->n_rows, 3);
    assert_ok(dzr_schema_decode(dzr_batch_schema(batch), NULL, &schema, &err));
    assert_int_equal(dzr_schema_n_nodes(schema), 6);
    assert_string_equal(dzr_type_name(dzr_schema_node(schema, 0)->type), "string");
    assert_true(dzr_schema_node(schema, 0)->nullable && !dzr_schema_node(schema, 1)->nullable);
    assert_string_equal(dzr_schema_node(schema, 4)->zone, "Europe/Prague");
    assert_ok(dzr_batch_decode(slice, schema, NULL, &decoded, &err));
    check(decoded, 3, 9);
    assert_ok(dzr_batch_decode(decoded, schema, NULL, &again, &err));
    assert_ptr_equal(again, decoded); /* nothing to do */
    dzr_batch_free(batch);
    dzr_batch_free(slice);
    check(again, 3, 9); /* it lives on its own */
    dzr_batch_free(again);
    dzr_batch_free(decoded);
    dzr_schema_free(schema);
}

static dzr_status through_arrow(const dzr_allocator *alloc, dzr_error *err)
{
    dzr_batch *batch = NULL, *back = NULL;
    struct ArrowSchema schema = {.release = NULL};
    struct ArrowArray array = {.release = NULL};
    DZR_TRY(build(alloc, &batch, err));
    dzr_status st = dzr_arrow_export_schema(dzr_batch_schema(batch), alloc, &schema, err);
    if (st == DZR_OK)
        st = dzr_arrow_export_batch(batch, alloc, &array, err);
    if (st == DZR_OK) {
        assert_string_equal(schema.children[0]->format, "i");
        assert_string_equal(schema.children[0]->dictionary->format, "vu");
        assert_int_equal(schema.children[0]->n_children, 0);
        assert_string_equal(schema.children[3]->dictionary->format, "tsm:Europe/Prague");
        assert_int_equal(array.children[0]->dictionary->length, 3);
        st = dzr_arrow_import_batch(&array, &schema, alloc, &back, err);
    }
    dzr_batch_free(batch);
    if (st == DZR_OK)
        check(back, 0, N_ROWS);
    dzr_batch_free(back);
    if (schema.release != NULL)
        schema.release(&schema);
    if (array.release != NULL)
        array.release(&array);
    return st;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    dzr_error err;
    dzr_status st = DZR_ERR_NOMEM;
    int64_t n = 1;
    for (; st == DZR_ERR_NOMEM; n++) {
        alloc_nth nth;
        alloc_nth_init(&nth, n);
        st = through_arrow(&nth.allocator, &err);
        assert_int_equal(nth.n_out, 0);
    }
    assert_int_equal(st, DZR_OK);
    assert_true(n > 50);
}

/* ---- what others may send ---- */

static void release_array(struct ArrowArray *array)
{
    array->release = NULL;
}

static void release_schema(struct ArrowSchema *schema)
{
    schema->release = NULL;
}

/* One column of three codes in some format, with a dictionary of two int32. */
static dzr_status import_codes(const char *format, const void *codes, const uint8_t *validity,
        const uint8_t *value_validity, dzr_batch **out, dzr_error *err)
{
    static const int32_t values[] = {10, 20};
    struct ArrowSchema value_schema = {
            .format = "i", .name = "", .flags = ARROW_FLAG_NULLABLE, .release = release_schema};
    struct ArrowSchema column_schema = {.format = format,
            .name = "x",
            .flags = ARROW_FLAG_NULLABLE,
            .dictionary = &value_schema,
            .release = release_schema};
    struct ArrowSchema *columns[] = {&column_schema};
    struct ArrowSchema schema = {
            .format = "+s", .name = "", .n_children = 1, .children = columns, .release = release_schema};
    struct ArrowArray value_array = {.length = 2,
            .null_count = value_validity != NULL,
            .n_buffers = 2,
            .buffers = (const void *[]){value_validity, values},
            .release = release_array};
    struct ArrowArray column_array = {.length = 3,
            .null_count = -1,
            .n_buffers = 2,
            .buffers = (const void *[]){validity, codes},
            .dictionary = &value_array,
            .release = release_array};
    struct ArrowArray *arrays[] = {&column_array};
    struct ArrowArray array = {.length = 3,
            .n_buffers = 1,
            .buffers = (const void *[]){NULL},
            .n_children = 1,
            .children = arrays,
            .release = release_array};
    return dzr_arrow_import_batch(&array, &schema, NULL, out, err);
}

static void codes_of_any_integer_type_come_in(void **state)
{
    (void)state;
    dzr_error err;
    static const int8_t of_8[] = {1, 0, 1};
    static const int16_t of_16[] = {1, 0, 1};
    static const int32_t of_32[] = {1, 0, 1};
    static const int64_t of_64[] = {1, 0, 1};
    static const struct {
        const char *format;
        const void *codes;
    } cases[] = {{"c", of_8}, {"C", of_8}, {"s", of_16}, {"S", of_16}, {"i", of_32}, {"I", of_32}, {"l", of_64},
            {"L", of_64}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dzr_batch *batch = NULL;
        assert_ok(import_codes(cases[i].format, cases[i].codes, NULL, NULL, &batch, &err));
        const dzr_column *const column = dzr_batch_column(batch, 0);
        assert_int_equal(column->type.id, DZR_TYPE_DICTIONARY);
        for (int64_t row = 0; row < 3; row++) {
            int64_t at = row;
            const dzr_column *const values = dzr_column_resolve(column, &at);
            assert_int_equal(((const int32_t *)values->values)[at], row == 1 ? 10 : 20);
        }
        dzr_batch_free(batch);
    }
}

static void codes_that_name_nothing_are_corrupt(void **state)
{
    (void)state;
    dzr_error err;
    dzr_batch *batch = NULL;
    static const int8_t fine[] = {0, 0, 0}, above[] = {0, 2, 0}, below[] = {0, 0, -1};
    static const int64_t wraps[] = {0, INT64_C(1) << 32, 0};
    static const uint8_t not_1 = 5, first_only = 1;
    assert_fails(import_codes("c", above, NULL, NULL, &batch, &err), DZR_ERR_CORRUPT,
            "column \"x\", row 1: a code that its dictionary of 2 has not");
    assert_fails(import_codes("c", below, NULL, NULL, &batch, &err), DZR_ERR_CORRUPT, "row 2: a code that");
    assert_fails(import_codes("l", wraps, NULL, NULL, &batch, &err), DZR_ERR_CORRUPT, "row 1: a code that");
    assert_fails(import_codes("c", fine, NULL, &first_only, &batch, &err), DZR_ERR_CORRUPT,
            "column \"x\" is declared without nulls and has 1");
    assert_fails(import_codes("g", above, NULL, NULL, &batch, &err), DZR_ERR_UNSUPPORTED,
            "column \"x\" has a dictionary and the Arrow format \"g\"");
    assert_null(batch);
    assert_ok(import_codes("c", above, &not_1, NULL, &batch, &err)); /* what stands under a null is not looked at */
    assert_int_equal(dzr_batch_column(batch, 0)->n_nulls, 1);
    assert_int_equal(((const int32_t *)dzr_batch_column(batch, 0)->values)[1], 0);
    dzr_batch_free(batch);
}

static void dictionaries_have_their_rules(void **state)
{
    (void)state;
    dzr_error err;
    dzr_schema *schema = NULL;
    const dzr_field nullable = {.name = "v", .type = {.id = DZR_TYPE_INT32}, .nullable = true};
    const dzr_field nothing = {.name = "v", .type = {.id = DZR_TYPE_NULL}, .nullable = true};
    const dzr_field structure = {.name = "v", .type = {.id = DZR_TYPE_STRUCT}};
    const dzr_field *const children[] = {NULL, &nullable, &nothing, &structure, &fields[0]};
    for (size_t i = 0; i < sizeof children / sizeof *children; i++) {
        const dzr_field field = {.name = "d",
                .type = {.id = DZR_TYPE_DICTIONARY},
                .children = children[i],
                .n_children = children[i] != NULL};
        assert_fails(dzr_schema_new(&field, 1, NULL, &schema, &err), DZR_ERR_ARG,
                "field \"d\": a dictionary has one child, its values, without nulls and not nested");
    }
    dzr_builder *builder = NULL;
    assert_ok(dzr_schema_new(fields, 1, NULL, &schema, &err));
    assert_ok(dzr_builder_new(schema, NULL, &builder, &err));
    assert_fails(
            dzr_builder_int(builder, T, 0, &err), DZR_ERR_TYPE, "column \"t\": code 0, its dictionary has 0 values");
    assert_ok(dzr_builder_bytes(builder, T_VALUES, bytes_of("x"), &err));
    assert_ok(dzr_builder_int(builder, T, 0, &err));
    assert_fails(dzr_builder_int(builder, T, -1, &err), DZR_ERR_TYPE, "-1 is outside dictionary");
    assert_fails(dzr_builder_bytes(builder, T, bytes_of("x"), &err), DZR_ERR_TYPE, "holds dictionary, not bytes");
    dzr_builder_truncate(builder, 0); /* values stay */
    assert_ok(dzr_builder_int(builder, T, 0, &err));
    dzr_batch *batch = NULL;
    assert_ok(dzr_builder_finish(builder, &batch, &err));
    assert_int_equal(dzr_batch_n_rows(batch), 1);
    dzr_batch_free(batch);
    assert_fails(dzr_builder_uint(builder, T, 0, &err), DZR_ERR_TYPE, "its dictionary has 0 values"); /* empty again */
    dzr_builder_free(builder);
    dzr_schema_free(schema);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(codes_are_built_cut_and_decoded),
            cmocka_unit_test(every_allocation_may_fail),
            cmocka_unit_test(codes_of_any_integer_type_come_in),
            cmocka_unit_test(codes_that_name_nothing_are_corrupt),
            cmocka_unit_test(dictionaries_have_their_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
