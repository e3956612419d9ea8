/* tests/parquet/test_shred.c - nested batches become levels: the schema's tree in the file, and for each kind of
 * nesting the levels and values counted out by hand; then the pages that records are cut into. */
#include "nested.h"

#include "parquet/writer/writer.h"

/* ---- builders in a line ---- */

#define BUILD(call) assert_ok(dzr_builder_##call)

/* The first leaf's levels for all of the builder's rows, as "rep,def rep,def ... | rows". */
static void assert_levels(dzr_builder *builder, int32_t leaf, const char *want)
{
    dzr_error err;
    dzr_batch *batch = NULL;
    dzr_arena arena;
    dzr_tree tree = {0};
    dzr_shreds shreds;
    int64_t n_done = 0;
    char text[1000];
    dzr__arena_init(&arena, NULL, 0);
    dzr__shreds_init(&shreds, NULL);
    BUILD(finish(builder, &batch, &err));
    assert_ok(dzr__tree_make(dzr_batch_schema(batch), &arena, &tree, &err));
    assert_ok(dzr__shred(&shreds, batch, &tree.leaves[leaf], 0, dzr_batch_n_rows(batch), &n_done, &err));
    assert_int_equal(n_done, dzr_batch_n_rows(batch));
    size_t at = 0;
    for (int64_t i = 0; i < shreds.n_levels; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%u,%u ", ((uint32_t *)(void *)shreds.reps.at)[i],
                ((uint32_t *)(void *)shreds.defs.at)[i]);
    at += (size_t)snprintf(text + at, sizeof text - at, "|");
    for (int64_t i = 0; i < shreds.n_values; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, " %lld", (long long)((int64_t *)(void *)shreds.rows.at)[i]);
    assert_string_equal(text, want);
    dzr__shreds_fini(&shreds);
    dzr__arena_fini(&arena);
    dzr_batch_free(batch);
}

static dzr_builder *builder_of(const dzr_field *field)
{
    dzr_error err;
    dzr_schema *const schema = schema_of(field, 1);
    dzr_builder *builder = NULL;
    assert_ok(dzr_builder_new(schema, NULL, &builder, &err));
    dzr_schema_free(schema);
    return builder;
}

static void nulls_of_structs_have_a_level_each(void **state)
{
    (void)state;
    dzr_error err;
    const dzr_field field = GROUP("a", STRUCT, true, GROUP("b", STRUCT, true, LEAF("c", INT32, true)));
    dzr_builder *const builder = builder_of(&field);
    BUILD(null(builder, 0, &err)); /* a is null */
    BUILD(null(builder, 1, &err)); /* b is */
    BUILD(struct(builder, 0, &err));
    BUILD(null(builder, 2, &err)); /* c is */
    BUILD(struct(builder, 1, &err));
    BUILD(struct(builder, 0, &err));
    BUILD(int(builder, 2, 7, &err));
    BUILD(struct(builder, 1, &err));
    BUILD(struct(builder, 0, &err));
    assert_levels(builder, 0, "0,0 0,1 0,2 0,3 | 3");
    dzr_builder_free(builder);
}

static void a_null_list_an_empty_one_and_a_null_element_differ(void **state)
{
    (void)state;
    dzr_error err;
    const dzr_field field = GROUP("a", LIST, true, LEAF("element", INT32, true));
    dzr_builder *const builder = builder_of(&field);
    BUILD(null(builder, 0, &err));
    BUILD(list(builder, 0, &err));
    BUILD(null(builder, 1, &err));
    BUILD(list(builder, 0, &err));
    BUILD(int(builder, 1, 1, &err));
    BUILD(null(builder, 1, &err));
    BUILD(int(builder, 1, 2, &err));
    BUILD(list(builder, 0, &err));
    assert_levels(builder, 0, "0,0 0,1 0,2 0,3 1,2 1,3 | 1 3");
    dzr_builder_free(builder);
}

static void repetition_names_the_list_that_goes_on(void **state)
{
    (void)state;
    dzr_error err;
    const dzr_field field = GROUP("a", LIST, false, GROUP("element", LIST, false, LEAF("element", INT32, false)));
    dzr_builder *const builder = builder_of(&field);
    /* [[1, 2], [], [3]] and [] and [[4]] */
    BUILD(int(builder, 2, 1, &err));
    BUILD(int(builder, 2, 2, &err));
    BUILD(list(builder, 1, &err));
    BUILD(list(builder, 1, &err));
    BUILD(int(builder, 2, 3, &err));
    BUILD(list(builder, 1, &err));
    BUILD(list(builder, 0, &err));
    BUILD(list(builder, 0, &err));
    BUILD(int(builder, 2, 4, &err));
    BUILD(list(builder, 1, &err));
    BUILD(list(builder, 0, &err));
    assert_levels(builder, 0, "0,2 2,2 1,1 1,2 0,0 0,2 | 0 1 2 3");
    dzr_builder_free(builder);
}

static void map_keys_and_values_share_their_levels(void **state)
{
    (void)state;
    dzr_error err;
    const dzr_field field =
            GROUP("m", MAP, true, GROUP("entries", STRUCT, false, LEAF("k", INT32, false), LEAF("v", INT32, true)));
    for (int32_t leaf = 0; leaf < 2; leaf++) {
        dzr_builder *const builder = builder_of(&field);
        BUILD(int(builder, 2, 1, &err));
        BUILD(null(builder, 3, &err));
        BUILD(struct(builder, 1, &err));
        BUILD(int(builder, 2, 2, &err));
        BUILD(int(builder, 3, 20, &err));
        BUILD(struct(builder, 1, &err));
        BUILD(list(builder, 0, &err));
        BUILD(null(builder, 0, &err));
        BUILD(list(builder, 0, &err));
        assert_levels(builder, leaf, leaf == 0 ? "0,2 1,2 0,0 0,1 | 0 1" : "0,2 1,3 0,0 0,1 | 1");
        dzr_builder_free(builder);
    }
}

/* What a producer of batches may leave under a null is not written: here the list that is null has an element. */
static void what_stands_under_a_null_is_skipped(void **state)
{
    (void)state;
    dzr_error err;
    const dzr_field field = GROUP("a", LIST, true, LEAF("element", INT32, false));
    dzr_schema *const schema = schema_of(&field, 1);
    dzr_batch *batch = NULL;
    dzr_arena arena;
    dzr_tree tree = {0};
    dzr_shreds shreds;
    int64_t n_done = 0;
    dzr_buffer *const validity = dzr__buffer_new(NULL, 1, &err), *const offsets = dzr__buffer_new(NULL, 16, &err),
                      *const values = dzr__buffer_new(NULL, 12, &err);
    validity->at[0] = 5;
    memcpy(offsets->at, (const int32_t[]){0, 1, 2, 3}, 16);
    memcpy(values->at, (const int32_t[]){10, 11, 12}, 12);
    assert_ok(dzr__batch_new(schema, 3, NULL, &batch, &err));
    assert_ok(dzr__batch_take_node(batch, 0, 3, 1, validity, offsets, NULL, 0, &err));
    assert_ok(dzr__batch_take_node(batch, 1, 3, 0, NULL, values, NULL, 0, &err));
    dzr__arena_init(&arena, NULL, 0);
    dzr__shreds_init(&shreds, NULL);
    assert_ok(dzr__tree_make(schema, &arena, &tree, &err));
    assert_ok(dzr__shred(&shreds, batch, &tree.leaves[0], 0, 3, &n_done, &err));
    assert_int_equal(shreds.n_levels, 3);
    assert_memory_equal(shreds.defs.at, ((const uint32_t[]){2, 0, 2}), 12);
    assert_memory_equal(shreds.rows.at, ((const int64_t[]){0, 2}), 16);
    dzr_column dense;
    dzr_bytebuf scratch = {0};
    assert_ok(dzr__dense_rows(&tree.leaves[0], dzr_batch_node(batch, 1), (const int64_t *)(const void *)shreds.rows.at,
            2, &scratch, &dense, &err));
    assert_memory_equal(dense.values, ((const int32_t[]){10, 12}), 8);
    dzr__bytebuf_fini(&scratch);
    dzr__shreds_fini(&shreds);
    dzr__arena_fini(&arena);
    dzr_batch_free(batch);
    dzr_schema_free(schema);
}

static void a_null_where_there_may_be_none_is_refused(void **state)
{
    (void)state;
    dzr_error err;
    const dzr_field field = GROUP("a", LIST, false, LEAF("element", INT32, false));
    dzr_schema *const schema = schema_of(&field, 1);
    dzr_batch *batch = NULL;
    dzr_sink *sink = NULL;
    dzr_parquet_writer *writer = NULL;
    dzr_buffer *const validity = dzr__buffer_new(NULL, 1, &err), *const offsets = dzr__buffer_new(NULL, 8, &err),
                      *const values = dzr__buffer_new(NULL, 8, &err);
    validity->at[0] = 1;
    memcpy(offsets->at, (const int32_t[]){0, 2}, 8);
    memset(values->at, 0, 8);
    assert_ok(dzr__batch_new(schema, 1, NULL, &batch, &err));
    assert_ok(dzr__batch_take_node(batch, 0, 1, 0, NULL, offsets, NULL, 0, &err));
    assert_ok(dzr__batch_take_node(batch, 1, 2, 1, validity, values, NULL, 0, &err));
    assert_ok(dzr_sink_memory(1 << 20, NULL, &sink, &err));
    assert_ok(dzr_parquet_writer_open(sink, schema, NULL, &writer, &err));
    assert_fails(dzr_parquet_writer_append(writer, batch, &err), DZR_ERR_ARG,
            "column \"a.list.element\" has a null in a part that is not nullable");
    dzr_parquet_writer_close(writer);
    dzr_sink_close(sink);
    dzr_batch_free(batch);
    dzr_schema_free(schema);
}

/* ---- the tree ---- */

static void the_file_has_the_standard_lists_and_maps(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int32_t repetition, n_children, converted; /* -1: none */
    } want[] = {{"schema", 0, 2, -1}, {"l", DZR_REPETITION_OPTIONAL, 1, DZR_CONVERTED_LIST},
            {"list", DZR_REPETITION_REPEATED, 1, -1}, {"element", DZR_REPETITION_OPTIONAL, 2, -1},
            {"x", DZR_REPETITION_REQUIRED, 0, -1}, {"y", DZR_REPETITION_OPTIONAL, 0, DZR_CONVERTED_UTF8},
            {"m", DZR_REPETITION_REQUIRED, 1, DZR_CONVERTED_MAP}, {"key_value", DZR_REPETITION_REPEATED, 2, -1},
            {"key", DZR_REPETITION_REQUIRED, 0, -1}, {"value", DZR_REPETITION_OPTIONAL, 0, -1}};
    const dzr_field fields[] = {
            GROUP("l", LIST, true, GROUP("item", STRUCT, true, LEAF("x", INT32, false), LEAF("y", STRING, true))),
            GROUP("m", MAP, false, GROUP("entries", STRUCT, false, LEAF("k", INT32, false), LEAF("v", INT32, true)))};
    dzr_error err;
    dzr_schema *const schema = schema_of(fields, 2);
    dzr_arena arena;
    dzr_tree tree = {0};
    dzr__arena_init(&arena, NULL, 0);
    assert_ok(dzr__tree_make(schema, &arena, &tree, &err));
    assert_int_equal(tree.n_elements, sizeof want / sizeof *want);
    for (int32_t i = 0; i < tree.n_elements; i++) {
        const dzr_meta_element *const element = &tree.elements[i];
        assert_int_equal(element->name.len, strlen(want[i].name));
        assert_memory_equal(element->name.at, want[i].name, element->name.len);
        assert_int_equal(element->num_children, want[i].n_children);
        if (i > 0)
            assert_int_equal(element->repetition, want[i].repetition);
        assert_int_equal(DZR_HAS(element, DZR_ELEMENT_CONVERTED) ? element->converted : -1, want[i].converted);
        assert_int_equal(DZR_HAS(element, DZR_ELEMENT_LOGICAL), want[i].converted >= 0);
        assert_int_equal(DZR_HAS(element, DZR_ELEMENT_TYPE), want[i].n_children == 0);
    }
    assert_int_equal(tree.n_leaves, 4);
    assert_string_equal(tree.leaves[1].text, "l.list.element.y");
    assert_int_equal(tree.leaves[1].max_def, 4);
    assert_int_equal(tree.leaves[1].max_rep, 1);
    assert_string_equal(tree.leaves[3].text, "m.key_value.value");
    assert_int_equal(tree.leaves[3].max_def, 2);
    dzr__arena_fini(&arena);
    dzr_schema_free(schema);
}

static void a_struct_without_fields_is_refused(void **state)
{
    (void)state;
    dzr_error err;
    dzr_sink *sink = NULL;
    dzr_parquet_writer *writer = NULL;
    const dzr_field empty = {.name = "empty", .type = {.id = DZR_TYPE_STRUCT}};
    dzr_schema *const schema = schema_of(&empty, 1);
    assert_ok(dzr_sink_memory(1 << 20, NULL, &sink, &err));
    assert_fails(dzr_parquet_writer_open(sink, schema, NULL, &writer, &err), DZR_ERR_UNSUPPORTED,
            "field \"empty\" is a struct without fields");
    assert_null(writer);
    dzr_sink_close(sink);
    dzr_schema_free(schema);
}

/* ---- files ---- */

static const dzr_field many_fields[] = {LEAF("id", INT64, false),
        GROUP("l", LIST, true, GROUP("element", LIST, true, LEAF("element", STRING, true))),
        GROUP("s", STRUCT, true, LEAF("a", DOUBLE, true), LEAF("b", BOOL, false),
                GROUP("c", LIST, false, LEAF("element", INT16, true))),
        GROUP("m", MAP, true,
                GROUP("key_value", STRUCT, false, LEAF("key", STRING, false),
                        GROUP("value", STRUCT, true, LEAF("x", DATE, true))))};
enum { N_MANY_FIELDS = sizeof many_fields / sizeof *many_fields };

static dzr_status write_batch(
        const dzr_batch *batch, int64_t step, const dzr_parquet_write_options *options, dzr_sink **sink, dzr_error *err)
{
    dzr_parquet_writer *writer = NULL;
    DZR_TRY(dzr_sink_memory(64 << 20, NULL, sink, err));
    dzr_status st = dzr_parquet_writer_open(*sink, dzr_batch_schema(batch), options, &writer, err);
    for (int64_t first = 0; first < dzr_batch_n_rows(batch) && st == DZR_OK; first += step) {
        dzr_batch *part = NULL;
        st = dzr_batch_slice(batch, first, DZR_MIN(step, dzr_batch_n_rows(batch) - first), &part, err);
        if (st == DZR_OK)
            st = dzr_parquet_writer_append(writer, part, err);
        dzr_batch_free(part);
    }
    if (st == DZR_OK)
        st = dzr_parquet_writer_finish(writer, err);
    dzr_parquet_writer_close(writer);
    return st;
}

static void the_file_depends_on_the_rows_alone(void **state)
{
    (void)state;
    static const dzr_parquet_write_options choices[] = {{.codec = DZR_CODEC_SNAPPY},
            {.page_rows = 7, .row_group_rows = 100}, {.page_bytes = 60, .dictionary_bytes = 200},
            {.dictionary_bytes = -1, .page_bytes = 300}};
    dzr_error err;
    dzr_schema *const schema = schema_of(many_fields, N_MANY_FIELDS);
    dzr_batch *batch = NULL;
    assert_ok(nested_rows(schema, 1500, 3, NULL, &batch, &err));
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        dzr_sink *whole = NULL, *parts = NULL;
        assert_ok(write_batch(batch, 1500, &choices[i], &whole, &err));
        assert_ok(write_batch(batch, 11, &choices[i], &parts, &err));
        const dzr_bytes a = dzr_sink_memory_bytes(whole), b = dzr_sink_memory_bytes(parts);
        assert_int_equal(a.len, b.len);
        assert_memory_equal(a.at, b.at, a.len);
        dzr_sink_close(whole);
        dzr_sink_close(parts);
    }
    dzr_batch_free(batch);
    dzr_schema_free(schema);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(nulls_of_structs_have_a_level_each),
            cmocka_unit_test(a_null_list_an_empty_one_and_a_null_element_differ),
            cmocka_unit_test(repetition_names_the_list_that_goes_on),
            cmocka_unit_test(map_keys_and_values_share_their_levels),
            cmocka_unit_test(what_stands_under_a_null_is_skipped),
            cmocka_unit_test(a_null_where_there_may_be_none_is_refused),
            cmocka_unit_test(the_file_has_the_standard_lists_and_maps),
            cmocka_unit_test(a_struct_without_fields_is_refused),
            cmocka_unit_test(the_file_depends_on_the_rows_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
