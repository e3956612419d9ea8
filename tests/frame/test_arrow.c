/* tests/frame/test_arrow.c - the C Data Interface: out and in again, and what is checked on the way in.
 * tests/interop shares batches with pyarrow through the same calls. */
#include "support.h"

#include "alloc_nth.h"
#include "frame/internal.h"
#include <datarizer/arrow.h>

#include <stdio.h>

static const dzr_field fields[] = {
        {.name = "flag", .type = {.id = DZR_TYPE_BOOL}, .nullable = true},
        {.name = "id", .type = {.id = DZR_TYPE_INT64}, .nullable = false},
        {.name = "name", .type = {.id = DZR_TYPE_STRING}, .nullable = true},
        {.name = "at", .type = {.id = DZR_TYPE_TIMESTAMP, .unit = DZR_UNIT_NS, .utc = true}, .nullable = true},
};

static int text_of(int i, char text[64])
{
    return snprintf(text, 64, "%s%d", i % 2 == 0 ? "" : "longer than twelve bytes ", i);
}

static dzr_status append_row(dzr_builder *builder, int i, dzr_error *err)
{
    char text[64];
    const dzr_bytes bytes = {(const uint8_t *)text, (size_t)text_of(i, text)};
    DZR_TRY(dzr_builder_int(builder, 1, i, err));
    if (i % 4 == 3) {
        DZR_TRY(dzr_builder_null(builder, 0, err));
        DZR_TRY(dzr_builder_null(builder, 2, err));
        return dzr_builder_null(builder, 3, err);
    }
    DZR_TRY(dzr_builder_bool(builder, 0, i % 3 == 0, err));
    DZR_TRY(dzr_builder_bytes(builder, 2, bytes, err));
    return dzr_builder_int(builder, 3, i * 10, err);
}

static dzr_status build(const dzr_allocator *alloc, int n_rows, dzr_batch **out, dzr_error *err)
{
    dzr_schema *schema = NULL;
    dzr_builder *builder = NULL;
    dzr_status st = dzr_schema_new(fields, 4, alloc, &schema, err);
    if (st == DZR_OK)
        st = dzr_builder_new(schema, alloc, &builder, err);
    for (int i = 0; i < n_rows && st == DZR_OK; i++)
        st = append_row(builder, i, err);
    if (st == DZR_OK)
        st = dzr_builder_finish(builder, out, err);
    dzr_builder_free(builder);
    dzr_schema_free(schema);
    return st;
}

static void check(const dzr_batch *batch, int first, int n_rows)
{
    assert_int_equal(dzr_batch_n_rows(batch), n_rows);
    for (int row = 0; row < n_rows; row++) {
        char text[64];
        const int i = first + row;
        const int len = text_of(i, text);
        const bool null = i % 4 == 3;
        assert_int_equal(dzr_column_is_null(dzr_batch_column(batch, 0), row), null);
        assert_int_equal(dzr_column_bool(dzr_batch_column(batch, 0), row), !null && i % 3 == 0);
        assert_int_equal(((const int64_t *)dzr_batch_column(batch, 1)->values)[row], i);
        const dzr_bytes name = dzr_column_bytes(dzr_batch_column(batch, 2), row);
        assert_int_equal(name.len, null ? 0 : len);
        assert_memory_equal(name.at, text, name.len);
        assert_int_equal(((const int64_t *)dzr_batch_column(batch, 3)->values)[row], null ? 0 : i * 10);
    }
}

static void a_batch_goes_out_and_comes_in(void **state)
{
    (void)state;
    dzr_error err;
    dzr_batch *batch = NULL;
    assert_ok(build(NULL, 200, &batch, &err));
    struct ArrowSchema schema;
    struct ArrowArray array;
    assert_ok(dzr_arrow_export_schema(dzr_batch_schema(batch), NULL, &schema, &err));
    assert_ok(dzr_arrow_export_batch(batch, NULL, &array, &err));
    assert_string_equal(schema.children[2]->format, "vu");
    assert_string_equal(schema.children[3]->format, "tsn:UTC");
    dzr_batch_free(batch); /* the array keeps what it needs */
    dzr_batch *back = NULL;
    assert_ok(dzr_arrow_import_batch(&array, &schema, NULL, &back, &err));
    assert_null(array.release);
    check(back, 0, 200);
    schema.release(&schema);
    dzr_batch_free(back);
}

static void offsets_of_root_and_child_add_up(void **state)
{
    (void)state;
    dzr_error err;
    dzr_batch *batch = NULL;
    assert_ok(build(NULL, 200, &batch, &err));
    for (int offset = 0; offset < 20; offset++) {
        struct ArrowSchema schema;
        struct ArrowArray array;
        assert_ok(dzr_arrow_export_schema(dzr_batch_schema(batch), NULL, &schema, &err));
        assert_ok(dzr_arrow_export_batch(batch, NULL, &array, &err));
        for (int64_t i = 0; i < array.n_children; i++) {
            array.children[i]->offset = 3;
            array.children[i]->length -= 3;
        }
        array.offset = offset;
        array.length = 200 - 3 - offset;
        dzr_batch *back = NULL;
        assert_ok(dzr_arrow_import_batch(&array, &schema, NULL, &back, &err));
        check(back, 3 + offset, 200 - 3 - offset);
        schema.release(&schema);
        dzr_batch_free(back);
    }
    dzr_batch_free(batch);
}

static void a_child_moved_out_outlives_the_root(void **state)
{
    (void)state;
    dzr_error err;
    dzr_batch *batch = NULL;
    assert_ok(build(NULL, 50, &batch, &err));
    struct ArrowArray array;
    assert_ok(dzr_arrow_export_batch(batch, NULL, &array, &err));
    dzr_batch_free(batch);
    struct ArrowArray child = *array.children[1];
    array.children[1]->release = NULL;
    array.release(&array);
    assert_int_equal(((const int64_t *)child.buffers[1])[49], 49);
    child.release(&child);
}

/* ---- arrays of another producer, made by hand ---- */

static int n_released;

static void count_release(struct ArrowArray *array)
{
    array->release = NULL;
    n_released++;
}

static void keep_schema(struct ArrowSchema *schema)
{
    schema->release = NULL;
}

static dzr_status import_column(const char *format, int64_t flags, int64_t length, int64_t n_buffers,
        const void **buffers, dzr_batch **out, dzr_error *err)
{
    struct ArrowSchema child_schema = {.format = format, .name = "c", .flags = flags, .release = keep_schema};
    struct ArrowSchema *schemas[] = {&child_schema};
    const struct ArrowSchema schema = {.format = "+s", .n_children = 1, .children = schemas, .release = keep_schema};
    static struct ArrowArray child; /* outlives this call: the batch may keep it */
    static struct ArrowArray *children[] = {&child};
    static const void *no_validity[] = {NULL};
    child = (struct ArrowArray){.length = length, .null_count = -1, .n_buffers = n_buffers, .buffers = buffers};
    struct ArrowArray array = {.length = length,
            .n_buffers = 1,
            .buffers = no_validity,
            .n_children = 1,
            .children = children,
            .release = count_release};
    n_released = 0;
    const dzr_status st = dzr_arrow_import_batch(&array, &schema, NULL, out, err);
    assert_null(array.release);
    assert_int_equal(n_released, st == DZR_OK ? 0 : 1);
    return st;
}

static void strings_with_offsets_become_views(void **state)
{
    (void)state;
    dzr_error err;
    const int32_t offsets[] = {0, 5, 5, 30};
    const int64_t large[] = {0, 5, 5, 30};
    const void *buffers[] = {NULL, offsets, "hellotwenty-five bytes of text"};
    for (int wide = 0; wide < 2; wide++) {
        dzr_batch *batch = NULL;
        buffers[1] = wide ? (const void *)large : offsets;
        assert_ok(import_column(wide ? "U" : "u", 0, 3, 3, buffers, &batch, &err));
        const dzr_bytes last = dzr_column_bytes(dzr_batch_column(batch, 0), 2);
        assert_int_equal(last.len, 25);
        assert_memory_equal(last.at, "twenty-five bytes of text", 25);
        assert_int_equal(dzr_column_bytes(dzr_batch_column(batch, 0), 1).len, 0);
        dzr_batch_free(batch);
        assert_int_equal(n_released, 1);
    }
}

static void rubbish_under_a_null_is_zeroed(void **state)
{
    (void)state;
    dzr_error err;
    const uint8_t validity[] = {0x05};
    const int32_t values[] = {1, 77, 3};
    const void *buffers[] = {validity, values};
    dzr_batch *batch = NULL;
    assert_ok(import_column("i", ARROW_FLAG_NULLABLE, 3, 2, buffers, &batch, &err));
    assert_int_equal(dzr_batch_column(batch, 0)->n_nulls, 1);
    assert_int_equal(((const int32_t *)dzr_batch_column(batch, 0)->values)[1], 0);
    assert_int_equal(((const int32_t *)dzr_batch_column(batch, 0)->values)[2], 3);
    dzr_batch_free(batch);
}

static void what_a_producer_gets_wrong_is_refused(void **state)
{
    (void)state;
    dzr_error err;
    dzr_batch *batch = NULL;
    const int32_t back[] = {0, 5, 3, 8};
    const void *strings[] = {NULL, back, "hello..."};
    assert_fails(import_column("u", 0, 3, 3, strings, &batch, &err), DZR_ERR_CORRUPT, "row 1: offsets 5 to 3");
    const int32_t good[] = {0, 1};
    const void *latin[] = {NULL, good, "\xe9"};
    assert_fails(import_column("u", 0, 1, 3, latin, &batch, &err), DZR_ERR_CORRUPT, "row 0: the string is not UTF-8");
    const uint8_t validity[] = {0x00};
    const void *nulls[] = {validity, good};
    assert_fails(import_column("i", 0, 2, 2, nulls, &batch, &err), DZR_ERR_CORRUPT, "declared without nulls and has 2");
    assert_fails(import_column("tiM", 0, 2, 2, nulls, &batch, &err), DZR_ERR_UNSUPPORTED, "the Arrow format \"tiM\"");
    assert_fails(import_column("u", 0, 2, 2, nulls, &batch, &err), DZR_ERR_ARG, "another shape");
    dzr_view views[] = {{.len = 20, .as.ref = {.buffer = 1}}};
    const int64_t lengths[] = {30};
    const void *view_buffers[] = {NULL, views, "thirty bytes of text to look at", lengths};
    assert_fails(import_column("vu", 0, 1, 4, view_buffers, &batch, &err), DZR_ERR_CORRUPT, "points outside the data");
    views[0].as.ref.buffer = 0;
    views[0].as.ref.offset = 11;
    assert_fails(import_column("vu", 0, 1, 4, view_buffers, &batch, &err), DZR_ERR_CORRUPT, "points outside the data");
    views[0].len = -1;
    assert_fails(import_column("vu", 0, 1, 4, view_buffers, &batch, &err), DZR_ERR_CORRUPT, "row 0: length -1");
    assert_null(batch);
}

static dzr_status round_trip(const dzr_allocator *alloc, void *ctx, dzr_error *err)
{
    (void)ctx;
    dzr_batch *batch = NULL;
    dzr_batch *back = NULL;
    struct ArrowSchema schema = {.release = NULL};
    struct ArrowArray array = {.release = NULL};
    dzr_status st = build(alloc, 90, &batch, err);
    if (st == DZR_OK)
        st = dzr_arrow_export_schema(dzr_batch_schema(batch), alloc, &schema, err);
    if (st == DZR_OK)
        st = dzr_arrow_export_batch(batch, alloc, &array, err);
    if (st == DZR_OK)
        st = dzr_arrow_import_batch(&array, &schema, alloc, &back, err);
    assert_null(array.release);
    if (schema.release != NULL)
        schema.release(&schema);
    dzr_batch_free(batch);
    dzr_batch_free(back);
    return st;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    assert_true(every_request_fails(round_trip, NULL) > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_batch_goes_out_and_comes_in),
            cmocka_unit_test(offsets_of_root_and_child_add_up),
            cmocka_unit_test(a_child_moved_out_outlives_the_root),
            cmocka_unit_test(strings_with_offsets_become_views),
            cmocka_unit_test(rubbish_under_a_null_is_zeroed),
            cmocka_unit_test(what_a_producer_gets_wrong_is_refused),
            cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
