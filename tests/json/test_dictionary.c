/* tests/json/test_dictionary.c - columns of codes print as their values: as members, elements, keys, and alone. */
#include "support.h"

#include <datarizer/json.h>

static dzr_bytes bytes_of(const char *text)
{
    return (dzr_bytes){(const uint8_t *)text, strlen(text)};
}

static void codes_print_as_their_values(void **state)
{
    (void)state;
    dzr_error err;
    const dzr_field words = {.name = "w", .type = {.id = DZR_TYPE_STRING}};
    const dzr_field numbers = {.name = "n", .type = {.id = DZR_TYPE_INT32}};
    const dzr_field entry[] = {
            {.name = "key", .type = {.id = DZR_TYPE_DICTIONARY}, .children = &numbers, .n_children = 1},
            {.name = "value",
                    .type = {.id = DZR_TYPE_DICTIONARY},
                    .nullable = true,
                    .children = &words,
                    .n_children = 1}};
    const dzr_field entries = {.name = "e", .type = {.id = DZR_TYPE_STRUCT}, .children = entry, .n_children = 2};
    const dzr_field fields[] = {
            {.name = "w", .type = {.id = DZR_TYPE_DICTIONARY}, .nullable = true, .children = &words, .n_children = 1},
            {.name = "m", .type = {.id = DZR_TYPE_MAP}, .children = &entries, .n_children = 1}};
    enum { W, W_VALUES, M, ENTRY, KEY, KEY_VALUES, VALUE, VALUE_VALUES };
    dzr_schema *schema = NULL;
    dzr_builder *builder = NULL;
    dzr_batch *batch = NULL;
    dzr_sink *sink = NULL;
    dzr_json_writer *writer = NULL;
    assert_ok(dzr_schema_new(fields, 2, NULL, &schema, &err));
    assert_ok(dzr_builder_new(schema, NULL, &builder, &err));
    assert_ok(dzr_builder_bytes(builder, W_VALUES, bytes_of("a \"b\""), &err));
    assert_ok(dzr_builder_bytes(builder, W_VALUES, bytes_of("a word of more than twelve bytes"), &err));
    assert_ok(dzr_builder_int(builder, KEY_VALUES, 7, &err));
    assert_ok(dzr_builder_bytes(builder, VALUE_VALUES, bytes_of("v"), &err));
    for (int row = 0; row < 3; row++) {
        assert_ok(row == 2 ? dzr_builder_null(builder, W, &err) : dzr_builder_int(builder, W, 1 - row, &err));
        if (row > 0) {
            assert_ok(dzr_builder_int(builder, KEY, 0, &err));
            assert_ok(row == 1 ? dzr_builder_int(builder, VALUE, 0, &err) : dzr_builder_null(builder, VALUE, &err));
            assert_ok(dzr_builder_struct(builder, ENTRY, &err));
        }
        assert_ok(dzr_builder_list(builder, M, &err));
    }
    assert_ok(dzr_builder_finish(builder, &batch, &err));
    assert_ok(dzr_sink_memory(4096, NULL, &sink, &err));
    assert_ok(dzr_json_writer_open(sink, schema, NULL, &writer, &err));
    assert_ok(dzr_json_writer_append(writer, batch, &err));
    assert_ok(dzr_json_writer_finish(writer, &err));
    dzr_json_writer_close(writer);
    static const char want[] = "{\"w\":\"a word of more than twelve bytes\",\"m\":{}}\n"
                               "{\"w\":\"a \\\"b\\\"\",\"m\":{\"7\":\"v\"}}\n"
                               "{\"w\":null,\"m\":{\"7\":null}}\n";
    const dzr_bytes got = dzr_sink_memory_bytes(sink);
    assert_int_equal(got.len, strlen(want));
    assert_memory_equal(got.at, want, got.len);
    char text[DZR_JSON_SCALAR_BYTES];
    const dzr_column *const keys = dzr_batch_node(batch, KEY);
    assert_int_equal(dzr_json_print_scalar(keys, 0, text), 1);
    assert_string_equal(text, "7");
    dzr_sink_close(sink);
    dzr_batch_free(batch);
    dzr_builder_free(builder);
    dzr_schema_free(schema);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(codes_print_as_their_values)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
