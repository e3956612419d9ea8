/* tests/frame/test_nested.c - structs, lists and maps: the schema's tree, building, cutting back, slices, the exchange.
 */
#include "support.h"

#include "alloc_nth.h"
#include "frame/internal.h"
#include <datarizer/arrow.h>

/* id int32; point struct<x int32, y int32?>?; tags list<string?>?; counts map<string, list<int32>>
 * nodes: 0 id, 1 point, 2 x, 3 y, 4 tags, 5 element, 6 counts, 7 entries, 8 key, 9 value, 10 element */
static const dzr_field point_fields[] = {
        {.name = "x", .type = {.id = DZR_TYPE_INT32}},
        {.name = "y", .type = {.id = DZR_TYPE_INT32}, .nullable = true},
};
static const dzr_field tag = {.name = "element", .type = {.id = DZR_TYPE_STRING}, .nullable = true};
static const dzr_field count = {.name = "element", .type = {.id = DZR_TYPE_INT32}};
static const dzr_field entry_fields[] = {
        {.name = "key", .type = {.id = DZR_TYPE_STRING}},
        {.name = "value", .type = {.id = DZR_TYPE_LIST}, .children = &count, .n_children = 1},
};
static const dzr_field entry = {
        .name = "entries", .type = {.id = DZR_TYPE_STRUCT}, .children = entry_fields, .n_children = 2};
static const dzr_field fields[] = {
        {.name = "id", .type = {.id = DZR_TYPE_INT32}},
        {.name = "point", .type = {.id = DZR_TYPE_STRUCT}, .nullable = true, .children = point_fields, .n_children = 2},
        {.name = "tags", .type = {.id = DZR_TYPE_LIST}, .nullable = true, .children = &tag, .n_children = 1},
        {.name = "counts", .type = {.id = DZR_TYPE_MAP}, .children = &entry, .n_children = 1},
};

static dzr_bytes text(const char *chars)
{
    return (dzr_bytes){(const uint8_t *)chars, strlen(chars)};
}

/* Row i: every fourth point null, every third list of tags null, i % 4 tags of which the last is null, i % 3 counts. */
static dzr_status append_row(dzr_builder *b, int32_t i, dzr_error *err)
{
    DZR_TRY(dzr_builder_int(b, 0, i, err));
    if (i % 4 == 1) {
        DZR_TRY(dzr_builder_null(b, 1, err));
    } else {
        DZR_TRY(dzr_builder_int(b, 2, i * 10, err));
        DZR_TRY(i % 2 == 0 ? dzr_builder_null(b, 3, err) : dzr_builder_int(b, 3, -i, err));
        DZR_TRY(dzr_builder_struct(b, 1, err));
    }
    if (i % 3 == 2) {
        DZR_TRY(dzr_builder_null(b, 4, err));
    } else {
        for (int32_t k = 0; k < i % 4; k++)
            DZR_TRY(k + 1 == i % 4 ? dzr_builder_null(b, 5, err)
                                   : dzr_builder_bytes(b, 5, text("a tag of more than twelve bytes"), err));
        DZR_TRY(dzr_builder_list(b, 4, err));
    }
    for (int32_t k = 0; k < i % 3; k++) {
        DZR_TRY(dzr_builder_bytes(b, 8, text(k == 0 ? "a" : "b"), err));
        for (int32_t n = 0; n < k * 2; n++)
            DZR_TRY(dzr_builder_int(b, 10, i + n, err));
        DZR_TRY(dzr_builder_list(b, 9, err));
        DZR_TRY(dzr_builder_struct(b, 7, err));
    }
    return dzr_builder_list(b, 6, err);
}

static void check_row(const dzr_batch *batch, int64_t row, int32_t i)
{
    const dzr_column *const point = dzr_batch_column(batch, 1);
    assert_int_equal(((const int32_t *)dzr_batch_column(batch, 0)->values)[row], i);
    assert_int_equal(dzr_column_is_null(point, row), i % 4 == 1);
    if (i % 4 != 1) {
        assert_int_equal(((const int32_t *)point->children[0]->values)[row], i * 10);
        assert_int_equal(dzr_column_is_null(point->children[1], row), i % 2 == 0);
        assert_int_equal(((const int32_t *)point->children[1]->values)[row], i % 2 == 0 ? 0 : -i);
    }
    int64_t first = 0;
    const dzr_column *const tags = dzr_batch_column(batch, 2);
    assert_int_equal(dzr_column_is_null(tags, row), i % 3 == 2);
    if (i % 3 != 2) {
        assert_int_equal(dzr_column_list(tags, row, &first), i % 4);
        for (int64_t k = 0; k < i % 4; k++) {
            assert_int_equal(dzr_column_is_null(tags->children[0], first + k), k + 1 == i % 4);
            assert_int_equal(dzr_column_bytes(tags->children[0], first + k).len, k + 1 == i % 4 ? 0 : 31);
        }
    }
    const dzr_column *const counts = dzr_batch_column(batch, 3);
    assert_int_equal(dzr_column_list(counts, row, &first), i % 3);
    for (int64_t k = 0; k < i % 3; k++) {
        const dzr_column *const values = counts->children[0]->children[1];
        assert_int_equal(dzr_column_bytes(counts->children[0]->children[0], first + k).at[0], k == 0 ? 'a' : 'b');
        int64_t at = 0;
        assert_int_equal(dzr_column_list(values, first + k, &at), k * 2);
        for (int64_t n = 0; n < k * 2; n++)
            assert_int_equal(((const int32_t *)values->children[0]->values)[at + n], i + n);
    }
}

static dzr_status new_builder(const dzr_allocator *alloc, dzr_builder **out, dzr_error *err)
{
    dzr_schema *schema = NULL;
    DZR_TRY(dzr_schema_new(fields, 4, alloc, &schema, err));
    const dzr_status st = dzr_builder_new(schema, alloc, out, err);
    dzr_schema_free(schema);
    return st;
}

static dzr_status build(const dzr_allocator *alloc, int32_t n_rows, dzr_batch **out, dzr_error *err)
{
    dzr_builder *builder = NULL;
    dzr_status st = new_builder(alloc, &builder, err);
    for (int32_t i = 0; i < n_rows && st == DZR_OK; i++)
        st = append_row(builder, i, err);
    if (st == DZR_OK)
        st = dzr_builder_finish(builder, out, err);
    dzr_builder_free(builder);
    return st;
}

static void nodes_are_numbered_before_their_children(void **state)
{
    (void)state;
    dzr_error err;
    dzr_schema *schema = NULL;
    assert_ok(dzr_schema_new(fields, 4, NULL, &schema, &err));
    assert_int_equal(dzr_schema_n_nodes(schema), 11);
    assert_string_equal(dzr_schema_node(schema, 9)->name, "value");
    assert_int_equal(dzr_schema_field_node(schema, 3), 6);
    assert_int_equal(dzr_schema_node_end(schema, 1), 4);
    assert_int_equal(dzr_schema_node_end(schema, 6), 11);
    assert_string_equal(dzr_schema_field(schema, 1)->children[1].name, "y");
    dzr_schema_free(schema);
}

static void children_that_do_not_go_with_the_type_are_refused(void **state)
{
    (void)state;
    dzr_error err;
    dzr_schema *schema = NULL;
    const dzr_field bare = {.name = "l", .type = {.id = DZR_TYPE_LIST}};
    const dzr_field leaf = {.name = "i", .type = {.id = DZR_TYPE_INT32}, .children = &tag, .n_children = 1};
    const dzr_field map = {.name = "m", .type = {.id = DZR_TYPE_MAP}, .children = &tag, .n_children = 1};
    const dzr_field outer = {.name = "o", .type = {.id = DZR_TYPE_STRUCT}, .children = &map, .n_children = 1};
    assert_fails(dzr_schema_new(&bare, 1, NULL, &schema, &err), DZR_ERR_ARG, "field \"l\": a list has one child");
    assert_fails(dzr_schema_new(&leaf, 1, NULL, &schema, &err), DZR_ERR_ARG, "field \"i\": children under a type");
    assert_fails(dzr_schema_new(&outer, 1, NULL, &schema, &err), DZR_ERR_ARG, "field \"o.m\": a map has one child");
    dzr_field deep[DZR_MAX_DEPTH + 1];
    for (int i = 0; i <= DZR_MAX_DEPTH; i++)
        deep[i] = (dzr_field){.name = "d",
                .type = {.id = i < DZR_MAX_DEPTH ? DZR_TYPE_LIST : DZR_TYPE_INT32},
                .children = i < DZR_MAX_DEPTH ? &deep[i + 1] : NULL,
                .n_children = i < DZR_MAX_DEPTH};
    assert_fails(dzr_schema_new(deep, 1, NULL, &schema, &err), DZR_ERR_LIMIT, "nested deeper than 64");
    assert_ok(dzr_schema_new(deep + 1, 1, NULL, &schema, &err));
    dzr_schema_free(schema);
}

static void rows_are_read_back(void **state)
{
    (void)state;
    dzr_error err;
    for (int32_t n = 0; n < 200; n = n * 2 + 1) {
        dzr_batch *batch = NULL;
        assert_ok(build(NULL, n, &batch, &err));
        for (int32_t i = 0; i < n; i++)
            check_row(batch, i, i);
        dzr_batch_free(batch);
    }
}

static void slices_take_what_belongs_to_their_rows(void **state)
{
    (void)state;
    dzr_error err;
    dzr_batch *batch = NULL;
    assert_ok(build(NULL, 60, &batch, &err));
    for (int32_t first = 0; first < 60; first += 7)
        for (int32_t n = 0; n <= 60 - first; n += 5) {
            dzr_batch *slice = NULL, *selected = NULL;
            assert_ok(dzr_batch_slice(batch, first, n, &slice, &err));
            for (int32_t i = 0; i < n; i++)
                check_row(slice, i, first + i);
            dzr_batch_free(selected);
            dzr_batch_free(slice);
        }
    dzr_batch_free(batch);
}

static void selections_take_what_belongs_to_their_rows(void **state)
{
    (void)state;
    enum { N = 200 };
    dzr_error err;
    dzr_batch *batch = NULL;
    assert_ok(build(NULL, N, &batch, &err));
    for (int every = 1; every <= 64; every += every < 8 ? 1 : 9) {
        uint8_t bits[N / 8] = {0};
        dzr_batch *selected = NULL;
        for (int i = 0; i < N; i++) /* runs of every length up to `every`, and gaps likewise */
            if (every == 1 || i / every % 2 == 0)
                dzr__bit_set(bits, i);
        assert_ok(dzr_batch_select(batch, bits, NULL, &selected, &err));
        int64_t row = 0;
        for (int i = 0; i < N; i++)
            if (dzr__bit_get(bits, i))
                check_row(selected, row++, i);
        assert_int_equal(dzr_batch_n_rows(selected), row);
        dzr_batch_free(selected);
    }
    const uint8_t none[N / 8] = {0};
    dzr_batch *empty = NULL;
    assert_ok(dzr_batch_select(batch, none, NULL, &empty, &err));
    assert_int_equal(dzr_batch_n_rows(empty), 0);
    dzr_batch_free(empty);
    dzr_batch_free(batch);
}

static void fields_left_out_leave_the_others_alone(void **state)
{
    (void)state;
    dzr_error err;
    dzr_batch *batch = NULL, *fewer = NULL;
    dzr_schema *schema = NULL;
    const dzr_field y = {.name = "y", .type = {.id = DZR_TYPE_INT32}, .nullable = true};
    const dzr_field chosen[] = {fields[2],
            {.name = "point", .type = {.id = DZR_TYPE_STRUCT}, .nullable = true, .children = &y, .n_children = 1}};
    assert_ok(build(NULL, 20, &batch, &err));
    assert_ok(dzr_schema_new(chosen, 2, NULL, &schema, &err));
    assert_ok(dzr__batch_project(batch, schema, (const int32_t[]){4, 5, 1, 3}, NULL, &fewer, &err));
    const dzr_column *const tags = dzr_batch_column(fewer, 0), *const point = dzr_batch_column(fewer, 1);
    assert_ptr_equal(tags->values, dzr_batch_column(batch, 2)->values);
    assert_ptr_equal(tags->children[0]->values, dzr_batch_column(batch, 2)->children[0]->values);
    assert_int_equal(point->n_children, 1);
    assert_ptr_equal(point->children[0]->values, dzr_batch_column(batch, 1)->children[1]->values);
    assert_int_equal(point->n_nulls, dzr_batch_column(batch, 1)->n_nulls);
    dzr_schema_free(schema);
    dzr_batch_free(batch);
    dzr_batch_free(fewer); /* it has its own share */
}

static void a_record_that_failed_half_way_is_cut_off(void **state)
{
    (void)state;
    dzr_error err;
    dzr_builder *b = NULL;
    assert_ok(new_builder(NULL, &b, &err));
    for (int32_t i = 0; i < 10; i++)
        assert_ok(append_row(b, i, &err));
    assert_ok(dzr_builder_bytes(b, 5, text("half"), &err)); /* an element without its list */
    assert_ok(dzr_builder_null(b, 1, &err));
    assert_ok(dzr_builder_int(b, 10, 1, &err));
    assert_ok(dzr_builder_list(b, 9, &err));
    dzr_builder_truncate(b, 8);
    for (int32_t i = 8; i < 40; i++)
        assert_ok(append_row(b, i, &err));
    dzr_batch *batch = NULL;
    assert_ok(dzr_builder_finish(b, &batch, &err));
    for (int32_t i = 0; i < 40; i++)
        check_row(batch, i, i);
    dzr_batch_free(batch);
    assert_ok(append_row(b, 3, &err));
    assert_ok(dzr_builder_int(b, 10, 1, &err));
    assert_fails(dzr_builder_finish(b, &batch, &err), DZR_ERR_ARG, "column \"element\" has 1 rows, 0 were expected");
    assert_fails(dzr_builder_list(b, 1, &err), DZR_ERR_TYPE, "column \"point\" holds struct, not a list");
    assert_fails(dzr_builder_struct(b, 4, &err), DZR_ERR_TYPE, "column \"tags\" holds list, not a struct");
    assert_fails(dzr_builder_null(b, 6, &err), DZR_ERR_TYPE, "column \"counts\" can't be null");
    dzr_builder_free(b);
}

/* Every third row, in another order. */
static dzr_status copy_rows(const dzr_allocator *alloc, void *ctx, dzr_error *err)
{
    (void)ctx;
    dzr_batch *batch = NULL, *picked = NULL;
    dzr_builder *builder = NULL;
    dzr_status st = build(alloc, 40, &batch, err);
    if (st == DZR_OK)
        st = new_builder(alloc, &builder, err);
    for (int32_t i = 39; i >= 0 && st == DZR_OK; i -= 3)
        st = dzr_builder_row(builder, batch, i, err);
    if (st == DZR_OK)
        st = dzr_builder_finish(builder, &picked, err);
    dzr_batch_free(batch);
    dzr_builder_free(builder);
    for (int32_t i = 39; i >= 0 && st == DZR_OK; i -= 3)
        check_row(picked, (39 - i) / 3, i);
    dzr_batch_free(picked);
    return st;
}

static void rows_are_copied_with_all_that_is_below(void **state)
{
    (void)state;
    dzr_error err;
    assert_ok(copy_rows(NULL, NULL, &err));
    assert_true(every_request_fails(copy_rows, NULL) > 10);
}

static dzr_status round_trip(const dzr_allocator *alloc, void *ctx, dzr_error *err)
{
    (void)ctx;
    dzr_batch *batch = NULL;
    dzr_batch *slice = NULL, *selected = NULL;
    dzr_batch *back = NULL;
    struct ArrowSchema schema = {.release = NULL};
    struct ArrowArray array = {.release = NULL};
    dzr_status st = build(alloc, 30, &batch, err);
    if (st == DZR_OK)
        st = dzr_batch_slice(batch, 5, 20, &slice, err);
    const uint8_t some[8] = {0x5a, 0xff, 0x00, 0x81};
    if (st == DZR_OK)
        st = dzr_batch_select(batch, some, alloc, &selected, err);
    if (st == DZR_OK)
        st = dzr_arrow_export_schema(dzr_batch_schema(slice), alloc, &schema, err);
    if (st == DZR_OK)
        st = dzr_arrow_export_batch(slice, alloc, &array, err);
    dzr_batch_free(batch);
    dzr_batch_free(selected);
    dzr_batch_free(slice);
    if (st == DZR_OK)
        st = dzr_arrow_import_batch(&array, &schema, alloc, &back, err);
    for (int32_t i = 0; i < 20 && st == DZR_OK; i++)
        check_row(back, i, 5 + i);
    if (schema.release != NULL)
        schema.release(&schema);
    dzr_batch_free(back);
    return st;
}

static void every_allocation_of_a_round_trip_may_fail(void **state)
{
    (void)state;
    assert_true(every_request_fails(round_trip, NULL) > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(nodes_are_numbered_before_their_children),
            cmocka_unit_test(children_that_do_not_go_with_the_type_are_refused),
            cmocka_unit_test(rows_are_read_back),
            cmocka_unit_test(slices_take_what_belongs_to_their_rows),
            cmocka_unit_test(selections_take_what_belongs_to_their_rows),
            cmocka_unit_test(fields_left_out_leave_the_others_alone),
            cmocka_unit_test(a_record_that_failed_half_way_is_cut_off),
            cmocka_unit_test(rows_are_copied_with_all_that_is_below),
            cmocka_unit_test(every_allocation_of_a_round_trip_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
