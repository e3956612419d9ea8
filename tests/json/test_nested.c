/* tests/json/test_nested.c - structs, lists and maps as objects and arrays. */
#include "support.h"

#include "alloc_nth.h"
#include "json/internal.h"

/* p struct<x int32, y struct<s string>?>?; l list<list<int32?>?>?; m map<int32, struct<d date>?>? */
static const dzr_field string_field[] = {{.name = "s", .type = {.id = DZR_TYPE_STRING}}};
static const dzr_field point_fields[] = {
        {.name = "x", .type = {.id = DZR_TYPE_INT32}},
        {.name = "y", .type = {.id = DZR_TYPE_STRUCT}, .nullable = true, .children = string_field, .n_children = 1},
};
static const dzr_field number = {.name = "element", .type = {.id = DZR_TYPE_INT32}, .nullable = true};
static const dzr_field numbers = {
        .name = "element", .type = {.id = DZR_TYPE_LIST}, .nullable = true, .children = &number, .n_children = 1};
static const dzr_field day_field[] = {{.name = "d", .type = {.id = DZR_TYPE_DATE}}};
static const dzr_field entry_fields[] = {
        {.name = "key", .type = {.id = DZR_TYPE_INT32}},
        {.name = "value", .type = {.id = DZR_TYPE_STRUCT}, .nullable = true, .children = day_field, .n_children = 1},
};
static const dzr_field entry = {
        .name = "entries", .type = {.id = DZR_TYPE_STRUCT}, .children = entry_fields, .n_children = 2};
static const dzr_field fields[] = {
        {.name = "p", .type = {.id = DZR_TYPE_STRUCT}, .nullable = true, .children = point_fields, .n_children = 2},
        {.name = "l", .type = {.id = DZR_TYPE_LIST}, .nullable = true, .children = &numbers, .n_children = 1},
        {.name = "m", .type = {.id = DZR_TYPE_MAP}, .nullable = true, .children = &entry, .n_children = 1},
};
enum { P, X, Y, S, L, L_ELEMENT, L_NUMBER, M, M_ENTRY, M_KEY, M_VALUE, M_DAY };

static dzr_bytes bytes_of(const char *text)
{
    return (dzr_bytes){.at = (const uint8_t *)text, .len = strlen(text)};
}

static dzr_builder *builder_of(const dzr_field *of, int32_t n)
{
    dzr_error err;
    dzr_schema *schema = NULL;
    dzr_builder *builder = NULL;
    assert_ok(dzr_schema_new(of, n, NULL, &schema, &err));
    assert_ok(dzr_builder_new(schema, NULL, &builder, &err));
    dzr_schema_free(schema);
    return builder;
}

static void assert_written(
        dzr_builder *builder, const dzr_json_write_options *options, const char *want, const char *what)
{
    dzr_error err;
    dzr_batch *batch = NULL;
    dzr_sink *sink = NULL;
    dzr_json_writer *writer = NULL;
    assert_ok(dzr_builder_finish(builder, &batch, &err));
    assert_ok(dzr_sink_memory(1 << 24, NULL, &sink, &err));
    assert_ok(dzr_json_writer_open(sink, dzr_batch_schema(batch), options, &writer, &err));
    assert_ok(dzr_json_writer_append(writer, batch, &err));
    assert_ok(dzr_json_writer_finish(writer, &err));
    const dzr_bytes have = dzr_sink_memory_bytes(sink);
    if (have.len != strlen(want) || memcmp(have.at, want, have.len) != 0)
        fail_msg("%s: wrote\n%.*s\ninstead of\n%s", what, (int)have.len, (const char *)have.at, want);
    dzr_json_writer_close(writer);
    dzr_sink_close(sink);
    dzr_batch_free(batch);
}

/* A row with everything, one of nulls, one of empty values. */
static dzr_status append_rows(dzr_builder *b, dzr_error *err)
{
    DZR_TRY(dzr_builder_int(b, X, -1, err));
    DZR_TRY(dzr_builder_bytes(b, S, bytes_of("<é\n"), err));
    DZR_TRY(dzr_builder_struct(b, Y, err));
    DZR_TRY(dzr_builder_struct(b, P, err));
    DZR_TRY(dzr_builder_int(b, L_NUMBER, 1, err));
    DZR_TRY(dzr_builder_null(b, L_NUMBER, err));
    DZR_TRY(dzr_builder_list(b, L_ELEMENT, err));
    DZR_TRY(dzr_builder_null(b, L_ELEMENT, err));
    DZR_TRY(dzr_builder_list(b, L_ELEMENT, err));
    DZR_TRY(dzr_builder_list(b, L, err));
    for (int32_t key = 7; key < 9; key++) {
        DZR_TRY(dzr_builder_int(b, M_KEY, key, err));
        if (key == 8) {
            DZR_TRY(dzr_builder_null(b, M_VALUE, err));
        } else {
            DZR_TRY(dzr_builder_int(b, M_DAY, 1, err));
            DZR_TRY(dzr_builder_struct(b, M_VALUE, err));
        }
        DZR_TRY(dzr_builder_struct(b, M_ENTRY, err));
    }
    DZR_TRY(dzr_builder_list(b, M, err));

    DZR_TRY(dzr_builder_null(b, P, err));
    DZR_TRY(dzr_builder_null(b, L, err));
    DZR_TRY(dzr_builder_null(b, M, err));

    DZR_TRY(dzr_builder_int(b, X, 0, err));
    DZR_TRY(dzr_builder_null(b, Y, err));
    DZR_TRY(dzr_builder_struct(b, P, err));
    DZR_TRY(dzr_builder_list(b, L, err));
    return dzr_builder_list(b, M, err);
}

static const char lines_of_rows[] = "{\"p\":{\"x\":-1,\"y\":{\"s\":\"<é\\n\"}},\"l\":[[1,null],null,[]],\"m\":{\"7\":{"
                                    "\"d\":\"1970-01-02\"},\"8\":null}}\n"
                                    "{\"p\":null,\"l\":null,\"m\":null}\n"
                                    "{\"p\":{\"x\":0,\"y\":null},\"l\":[],\"m\":{}}\n";

static void structs_lists_and_maps_are_objects_and_arrays(void **state)
{
    (void)state;
    dzr_error err;
    dzr_builder *const builder = builder_of(fields, 3);
    assert_ok(append_rows(builder, &err));
    assert_written(builder, NULL, lines_of_rows, "lines");
    dzr_builder_free(builder);
}

static void nested_values_are_indented_as_go_does(void **state)
{
    (void)state;
    static const dzr_json_write_options options = {.style = DZR_JSON_ARRAY_INDENTED, .escape_html = true};
    dzr_error err;
    dzr_builder *const builder = builder_of(fields, 3);
    assert_ok(append_rows(builder, &err));
    assert_written(builder, &options,
            "[\n  {\n    \"p\": {\n      \"x\": -1,\n      \"y\": {\n        \"s\": \"\\u003cé\\n\"\n      }\n    },\n"
            "    \"l\": [\n      [\n        1,\n        null\n      ],\n      null,\n      []\n    ],\n"
            "    \"m\": {\n      \"7\": {\n        \"d\": \"1970-01-02\"\n      },\n      \"8\": null\n    }\n  },\n"
            "  {\n    \"p\": null,\n    \"l\": null,\n    \"m\": null\n  },\n"
            "  {\n    \"p\": {\n      \"x\": 0,\n      \"y\": null\n    },\n    \"l\": [],\n    \"m\": {}\n  }\n]\n",
            "array");
    dzr_builder_free(builder);
}

static dzr_field map_of(const dzr_field *entries)
{
    return (dzr_field){.name = "m", .type = {.id = DZR_TYPE_MAP}, .children = entries, .n_children = 1};
}

static dzr_status append_key(dzr_builder *b, dzr_type_id id, int which, dzr_error *err)
{
    switch (id) {
    case DZR_TYPE_BOOL:
        return dzr_builder_bool(b, 2, which == 0, err);
    case DZR_TYPE_DOUBLE:
    case DZR_TYPE_FLOAT:
        return dzr_builder_double(b, 2, which == 0 ? -0.5 : 1e30, err);
    case DZR_TYPE_STRING:
    case DZR_TYPE_BINARY:
        return dzr_builder_bytes(b, 2, bytes_of(which == 0 ? "" : "a\"<"), err);
    case DZR_TYPE_UINT64:
        return dzr_builder_uint(b, 2, which == 0 ? 0 : UINT64_MAX, err);
    default:
        return dzr_builder_int(b, 2, which == 0 ? -1 : 100, err);
    }
}

static const struct {
    dzr_type type;
    const char *line;
} keys[] = {
        {{.id = DZR_TYPE_BOOL}, "{\"m\":{\"true\":0,\"false\":1}}\n"},
        {{.id = DZR_TYPE_INT8}, "{\"m\":{\"-1\":0,\"100\":1}}\n"},
        {{.id = DZR_TYPE_UINT64}, "{\"m\":{\"0\":0,\"18446744073709551615\":1}}\n"},
        {{.id = DZR_TYPE_DOUBLE}, "{\"m\":{\"-0.5\":0,\"1e+30\":1}}\n"},
        {{.id = DZR_TYPE_FLOAT}, "{\"m\":{\"-0.5\":0,\"1e+30\":1}}\n"},
        {{.id = DZR_TYPE_STRING}, "{\"m\":{\"\":0,\"a\\\"<\":1}}\n"},
        {{.id = DZR_TYPE_BINARY}, "{\"m\":{\"\":0,\"YSI8\":1}}\n"},
        {{.id = DZR_TYPE_DATE}, "{\"m\":{\"1969-12-31\":0,\"1970-04-11\":1}}\n"},
        {{DZR_TYPE_TIMESTAMP, DZR_UNIT_MS, true},
                "{\"m\":{\"1969-12-31T23:59:59.999Z\":0,\"1970-01-01T00:00:00.100Z\":1}}\n"},
};

static void keys_of_every_type_are_strings(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        dzr_error err;
        const dzr_field pair[] = {
                {.name = "key", .type = keys[i].type}, {.name = "value", .type = {.id = DZR_TYPE_INT32}}};
        const dzr_field entries = {
                .name = "entries", .type = {.id = DZR_TYPE_STRUCT}, .children = pair, .n_children = 2};
        const dzr_field map = map_of(&entries);
        dzr_builder *const builder = builder_of(&map, 1);
        for (int which = 0; which < 2; which++) {
            assert_ok(append_key(builder, keys[i].type.id, which, &err));
            assert_ok(dzr_builder_int(builder, 3, which, &err));
            assert_ok(dzr_builder_struct(builder, 1, &err));
        }
        assert_ok(dzr_builder_list(builder, 0, &err));
        assert_written(builder, NULL, keys[i].line, dzr_type_name(keys[i].type));
        dzr_builder_free(builder);
    }
}

static void nested_keys_are_refused(void **state)
{
    (void)state;
    const dzr_field pair[] = {{.name = "key", .type = {.id = DZR_TYPE_LIST}, .children = &number, .n_children = 1},
            {.name = "value", .type = {.id = DZR_TYPE_INT32}}};
    const dzr_field entries = {.name = "entries", .type = {.id = DZR_TYPE_STRUCT}, .children = pair, .n_children = 2};
    const dzr_field map = map_of(&entries);
    dzr_error err;
    dzr_schema *schema = NULL;
    dzr_sink *sink = NULL;
    dzr_json_writer *writer = NULL;
    assert_ok(dzr_schema_new(&map, 1, NULL, &schema, &err));
    assert_ok(dzr_sink_memory(1 << 10, NULL, &sink, &err));
    assert_int_equal(dzr_json_writer_open(sink, schema, NULL, &writer, &err), DZR_ERR_UNSUPPORTED);
    assert_string_equal(err.message, "map \"m\": JSON has no keys that are a list");
    assert_null(writer);
    dzr_sink_close(sink);
    dzr_schema_free(schema);
}

static dzr_status write_rows(const dzr_allocator *alloc)
{
    dzr_error err;
    dzr_builder *const builder = builder_of(fields, 3);
    dzr_batch *batch = NULL;
    dzr_sink *sink = NULL;
    dzr_json_writer *writer = NULL;
    assert_ok(append_rows(builder, &err));
    assert_ok(dzr_builder_finish(builder, &batch, &err));
    assert_ok(dzr_sink_memory(1 << 20, NULL, &sink, &err));
    dzr_status st = dzr_json_writer_open(
            sink, dzr_batch_schema(batch), &(dzr_json_write_options){.alloc = alloc}, &writer, &err);
    if (st == DZR_OK)
        st = dzr_json_writer_append(writer, batch, &err);
    if (st == DZR_OK)
        st = dzr_json_writer_finish(writer, &err);
    dzr_json_writer_close(writer);
    dzr_sink_close(sink);
    dzr_batch_free(batch);
    dzr_builder_free(builder);
    return st;
}

static void every_failing_allocation_is_answered_when_writing(void **state)
{
    (void)state;
    int64_t nth = 1;
    for (;; nth++) {
        alloc_nth alloc;
        alloc_nth_init(&alloc, nth);
        const dzr_status st = write_rows(&alloc.allocator);
        assert_int_equal(alloc.n_out, 0);
        if (st == DZR_OK)
            break;
        assert_string_equal(dzr_status_name(st), "DZR_ERR_NOMEM");
    }
    assert_true(nth > 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(structs_lists_and_maps_are_objects_and_arrays),
            cmocka_unit_test(nested_values_are_indented_as_go_does),
            cmocka_unit_test(keys_of_every_type_are_strings),
            cmocka_unit_test(nested_keys_are_refused),
            cmocka_unit_test(every_failing_allocation_is_answered_when_writing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
