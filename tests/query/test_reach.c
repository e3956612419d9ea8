/* tests/query/test_reach.c - what of a nested column exists and what of that has a value, against rows written down. */
#include "support.h"

#include "alloc_nth.h"
#include "query/internal.h"

/* point struct<x int32, y int32?>?; tags list<struct<n int32?>?>?
 * nodes: 0 point, 1 x, 2 y, 3 tags, 4 element, 5 n */
static const dzr_field point_fields[] = {
        {.name = "x", .type = {.id = DZR_TYPE_INT32}},
        {.name = "y", .type = {.id = DZR_TYPE_INT32}, .nullable = true},
};
static const dzr_field tag_field = {.name = "n", .type = {.id = DZR_TYPE_INT32}, .nullable = true};
static const dzr_field tag = {
        .name = "element", .type = {.id = DZR_TYPE_STRUCT}, .nullable = true, .children = &tag_field, .n_children = 1};
static const dzr_field fields[] = {
        {.name = "point", .type = {.id = DZR_TYPE_STRUCT}, .nullable = true, .children = point_fields, .n_children = 2},
        {.name = "tags", .type = {.id = DZR_TYPE_LIST}, .nullable = true, .children = &tag, .n_children = 1},
};

/* Row 0: {x 1, y null}, [{n 7}, null, {n null}]; row 1: null, null; row 2: {x 2, y 3}, []. */
static dzr_batch *make_batch(void)
{
    dzr_error err;
    dzr_schema *schema = NULL;
    dzr_builder *b = NULL;
    dzr_batch *batch = NULL;
    assert_ok(dzr_schema_new(fields, 2, NULL, &schema, &err));
    assert_ok(dzr_builder_new(schema, NULL, &b, &err));
    assert_ok(dzr_builder_int(b, 1, 1, &err));
    assert_ok(dzr_builder_null(b, 2, &err));
    assert_ok(dzr_builder_struct(b, 0, &err));
    assert_ok(dzr_builder_null(b, 0, &err));
    assert_ok(dzr_builder_int(b, 1, 2, &err));
    assert_ok(dzr_builder_int(b, 2, 3, &err));
    assert_ok(dzr_builder_struct(b, 0, &err));
    assert_ok(dzr_builder_int(b, 5, 7, &err));
    assert_ok(dzr_builder_struct(b, 4, &err));
    assert_ok(dzr_builder_null(b, 4, &err));
    assert_ok(dzr_builder_null(b, 5, &err));
    assert_ok(dzr_builder_struct(b, 4, &err));
    assert_ok(dzr_builder_list(b, 3, &err));
    assert_ok(dzr_builder_null(b, 3, &err));
    assert_ok(dzr_builder_list(b, 3, &err));
    assert_ok(dzr_builder_finish(b, &batch, &err));
    dzr_builder_free(b);
    dzr_schema_free(schema);
    return batch;
}

static const struct {
    const char *proves;
    int32_t node;
    int64_t n_rows, n_exist, n_valid;
} cases[] = {
        {"a_null_struct_is_a_null", 0, 3, 3, 2},
        {"what_is_below_a_null_struct_is_null_though_it_may_not_be", 1, 3, 3, 2},
        {"nulls_of_both_count_once", 2, 3, 3, 1},
        {"a_null_list_is_a_null", 3, 3, 3, 2},
        {"a_list_s_elements_count_and_lists_that_are_null_or_empty_have_none", 4, 3, 3, 2},
        {"nulls_below_elements_come_together", 5, 3, 3, 1},
};

static void nested_nulls_are_counted(void **state)
{
    (void)state;
    dzr_error err;
    dzr_batch *const batch = make_batch();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dzr__reach reach;
        print_message("%s\n", cases[i].proves);
        assert_ok(dzr__reach_init(&reach, batch, cases[i].node, NULL, &err));
        assert_int_equal(reach.n_rows, cases[i].n_rows);
        assert_int_equal(reach.n_exist, cases[i].n_exist);
        assert_int_equal(reach.n_valid, cases[i].n_valid);
        dzr__reach_fini(&reach);
    }
    dzr_batch_free(batch);
}

static void memory_that_is_short_is_told(void **state)
{
    (void)state;
    dzr_error err;
    dzr_batch *const batch = make_batch();
    int n_failed = 0;
    for (int64_t nth = 1;; nth++) {
        alloc_nth alloc;
        dzr__reach reach;
        alloc_nth_init(&alloc, nth);
        const dzr_status st = dzr__reach_init(&reach, batch, 5, &alloc.allocator, &err);
        if (st == DZR_OK) {
            dzr__reach_fini(&reach);
            break;
        }
        assert_int_equal(st, DZR_ERR_NOMEM);
        n_failed++;
    }
    assert_true(n_failed > 0);
    dzr_batch_free(batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(nested_nulls_are_counted),
            cmocka_unit_test(memory_that_is_short_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
