/* tests/json/test_nested.c - structs, lists and maps as objects and arrays. */
#include "support.h"

#include "alloc_nth.h"
#include "json/internal.h"

#include <stdio.h>

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
        {{.id = DZR_TYPE_TIMESTAMP, .unit = DZR_UNIT_MS, .utc = true},
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
        int64_t n = 0;
        char page[200];
        snprintf(page, sizeof page, "[%s]", keys[i].line);
        assert_ok(dzr_json_parse_array(bytes_of(page), NULL, NULL, builder, &n, &err));
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

/* Rules: 'g' Go's, 's' strict, 'u' strict and unknown members refused. Columns are p, l and m, nullable; with upper
 * case rules they and all below are required. */
static const struct {
    const char *proves, *in;
    char rules;
    const char *out; /* lines; or the complaint, about a record that leaves the builder as it was */
} readings[] = {
        {"the_last_duplicate_wins", "{\"l\":[[1]],\"p\":{\"x\":1},\"l\":[[2],[3]],\"p\":{\"x\":2}}", 's',
                "{\"p\":{\"x\":2,\"y\":null},\"l\":[[2],[3]],\"m\":null}\n"},
        {"a_duplicate_may_be_null", "{\"l\":[[1]],\"l\":null,\"p\":null,\"p\":{\"x\":2}}", 's',
                "{\"p\":{\"x\":2,\"y\":null},\"l\":null,\"m\":null}\n"},
        {"the_last_duplicate_inside_wins",
                "{\"p\":{\"y\":{\"s\":\"a\"},\"x\":1,\"y\":{\"s\":\"b\",\"s\":\"c\"},\"x\":2}}", 's',
                "{\"p\":{\"x\":2,\"y\":{\"s\":\"c\"}},\"l\":null,\"m\":null}\n"},
        {"a_map_keeps_every_entry", "{\"m\":{\"2\":null,\"1\":{\"d\":\"1970-01-01\"},\"2\":null}}", 's',
                "{\"p\":null,\"l\":null,\"m\":{\"2\":null,\"1\":{\"d\":\"1970-01-01\"},\"2\":null}}\n"},
        {"case_is_folded_at_each_level", "{\"P\":{\"X\":5,\"Y\":{\"\\u017f\":\"\\u00e9\"}}}", 'g',
                "{\"p\":{\"x\":5,\"y\":{\"s\":\"é\"}},\"l\":null,\"m\":null}\n"},
        {"case_counts_otherwise", "{\"p\":{\"x\":5,\"X\":6}}", 's',
                "{\"p\":{\"x\":5,\"y\":null},\"l\":null,\"m\":null}\n"},
        {"unknown_members_are_skipped", "{\"p\":{\"x\":5,\"z\":[{\"x\":1},\"]\"]},\"q\":{}}", 's',
                "{\"p\":{\"x\":5,\"y\":null},\"l\":null,\"m\":null}\n"},
        {"white_space_is_free", " { \"l\" : [ [ 1 , null ] , [ ] ] , \"m\" : { } } ", 's',
                "{\"p\":null,\"l\":[[1,null],[]],\"m\":{}}\n"},
        {"go_makes_zeros", "{\"p\":{},\"m\":{\"1\":{}}}", 'g',
                "{\"p\":{\"x\":0,\"y\":null},\"l\":null,\"m\":{\"1\":{\"d\":\"1970-01-01\"}}}\n"},
        {"go_leaves_a_plain_value_at_null", "{\"p\":{\"x\":4,\"x\":null}}", 'g',
                "{\"p\":{\"x\":4,\"y\":null},\"l\":null,\"m\":null}\n"},
        {"go_makes_zeros_of_what_is_required", "{}", 'G', "{\"p\":{\"x\":0,\"y\":{\"s\":\"\"}},\"l\":[],\"m\":{}}\n"},
        {"go_makes_zeros_of_null_elements", "{\"l\":[null,[null,2]],\"m\":{\"1\":null}}", 'G',
                "{\"p\":{\"x\":0,\"y\":{\"s\":\"\"}},\"l\":[[],[0,2]],\"m\":{\"1\":{\"d\":\"1970-01-01\"}}}\n"},
        {"stray_bytes_are_replaced", "{\"p\":{\"x\":0,\"y\":{\"s\":\"a\xff\"}}}", 'g',
                "{\"p\":{\"x\":0,\"y\":{\"s\":\"a\xef\xbf\xbd\"}},\"l\":null,\"m\":null}\n"},

        {"array_for_a_struct", "{\"p\":[1]}", 's', "record 1: member \"p\": an array is not struct"},
        {"object_for_a_list", "{\"l\":{}}", 's', "record 1: member \"l\": an object is not list"},
        {"array_for_a_map", "{\"m\":[]}", 's', "record 1: member \"m\": an array is not map"},
        {"string_for_a_list", "{\"l\":\"x\"}", 's', "record 1: member \"l\": string \"x\" is not list"},
        {"number_for_an_inner_list", "{\"l\":[[1],null,7]}", 's', "record 1: member \"l[2]\": number 7 is not list"},
        {"object_for_an_element", "{\"l\":[[1,{}]]}", 's', "record 1: member \"l[0][1]\": an object is not int32"},
        {"element_out_of_range", "{\"l\":[[],[1,2147483648]]}", 's',
                "record 1: member \"l[1][1]\": number 2147483648 is outside the range of int32"},
        {"string_inside_structs", "{\"p\":{\"x\":1,\"y\":{\"s\":false}}}", 's',
                "record 1: member \"p.y.s\": false is not string"},
        {"inner_member_missing", "{\"p\":{\"y\":null}}", 's', "record 1: member \"p.x\" (int32) is missing"},
        {"inner_null", "{\"p\":{\"x\":null}}", 's', "record 1: member \"p.x\": null where int32 is required"},
        {"inner_unknown", "{\"p\":{\"x\":1,\"y\":{\"s\":\"\",\"t\":1}}}", 'u', "record 1: member \"p.y.t\" is unknown"},
        {"inner_stray_byte", "{\"p\":{\"x\":1,\"y\":{\"s\":\"\xff\"}}}", 's',
                "record 1: member \"p.y.s\": string \"?\" is not valid Unicode"},
        {"value_of_a_map", "{\"m\":{\"1\":null,\"2\":{\"d\":\"x\"}}}", 's',
                "record 1: member \"m.2.d\": string \"x\" is not date"},
        {"key_of_another_kind", "{\"m\":{\"1x\":null}}", 's', "record 1: member \"m.1x\": string \"1x\" is not int32"},
        {"key_out_of_range", "{\"m\":{\"9999999999\":null}}", 's',
                "record 1: member \"m.9999999999\": string \"9999999999\" is outside the range of int32"},
        {"key_with_a_tail", "{\"m\":{\"1,2\":null}}", 's', "record 1: member \"m.1,2\": string \"1,2\" is not int32"},
        {"no_key", "{\"m\":{\"\":null}}", 's', "record 1: member \"m.\": string \"\" is not int32"},
        {"required_list_missing", "{\"p\":{\"x\":1,\"y\":{\"s\":\"\"}},\"m\":{}}", 'S',
                "record 1: member \"l\" (list) is missing"},
        {"required_element_null", "{\"p\":{\"x\":1,\"y\":{\"s\":\"\"}},\"l\":[[null]],\"m\":{}}", 'S',
                "record 1: member \"l[0][0]\": null where int32 is required"},
        {"required_struct_null", "{\"p\":{\"x\":1,\"y\":null},\"l\":[],\"m\":{}}", 'S',
                "record 1: member \"p.y\": null where struct is required"},
        {"syntax_inside_goes_first", "{\"p\":{\"x\":\"a\"},\"l\":[[1,]]}", 's',
                "record 1: byte 90: ']' where a value was expected"},
};

static dzr_field required(dzr_field field)
{
    field.nullable = false;
    return field;
}

/* The schema of the table, every node of it nullable where `fields` says so, or required. */
static dzr_builder *reading_builder(bool all_required)
{
    if (!all_required)
        return builder_of(fields, 3);
    const dzr_field point[] = {point_fields[0], required(point_fields[1])};
    const dzr_field element = required(number);
    dzr_field list = required(numbers);
    list.children = &element;
    const dzr_field pair[] = {entry_fields[0], required(entry_fields[1])};
    dzr_field entries = entry;
    entries.children = pair;
    dzr_field all[] = {required(fields[0]), required(fields[1]), required(fields[2])};
    all[0].children = point;
    all[1].children = &list;
    all[2].children = &entries;
    return builder_of(all, 3);
}

static void nested_values_are_read_by_their_schema(void **state)
{
    (void)state;
    static const char first[] = "{\"p\":{\"x\":1,\"y\":{\"s\":\"\"}},\"l\":[[1]],\"m\":{\"1\":{\"d\":\"1970-01-01\"}}}";
    for (size_t i = 0; i < sizeof readings / sizeof *readings; i++) {
        dzr_error err;
        const char rule = readings[i].rules;
        dzr_json_rules rules = {.refuse_unknown = rule == 'u'};
        if (rule == 'g' || rule == 'G')
            rules = DZR_JSON_RULES_GO;
        dzr_builder *const builder = reading_builder(rule == 'G' || rule == 'S');
        char page[400], want[400];
        snprintf(page, sizeof page, "[%s,%s]", first, readings[i].in);
        int64_t n = -1;
        const dzr_status st = dzr_json_parse_array(bytes_of(page), &rules, NULL, builder, &n, &err);
        if (readings[i].out[0] == '{') {
            if (st != DZR_OK)
                fail_msg("%s: %s: %s", readings[i].proves, dzr_status_name(st), err.message);
            snprintf(want, sizeof want, "%s\n%s", first, readings[i].out);
            assert_written(builder, NULL, want, readings[i].proves);
        } else {
            if (st == DZR_OK || strcmp(err.message, readings[i].out) != 0)
                fail_msg("%s: %s: %s", readings[i].proves, dzr_status_name(st), st == DZR_OK ? "" : err.message);
            for (int32_t node = 0; node < dzr_schema_n_nodes(dzr_builder_schema(builder)); node++)
                assert_int_equal(dzr_builder_n_rows(builder, node), 0);
            snprintf(page, sizeof page, "[%s]", first);
            assert_ok(dzr_json_parse_array(bytes_of(page), &rules, NULL, builder, &n, &err));
            snprintf(want, sizeof want, "%s\n", first);
            assert_written(builder, NULL, want, readings[i].proves);
        }
        dzr_builder_free(builder);
    }
}

static void what_was_written_is_read_again(void **state)
{
    (void)state;
    dzr_error err;
    dzr_builder *const builder = builder_of(fields, 3);
    dzr_source *source = NULL;
    dzr_jsonl_reader *reader = NULL;
    dzr_batch *batch = NULL;
    const dzr_jsonl_read_options options = {.schema = dzr_builder_schema(builder)};
    assert_ok(dzr_source_memory(bytes_of(lines_of_rows), NULL, &source, &err));
    assert_ok(dzr_jsonl_reader_open(source, &options, &reader, &err));
    assert_ok(dzr_jsonl_reader_next(reader, &batch, &err));
    assert_int_equal(dzr_batch_n_rows(batch), 3);
    dzr_sink *sink = NULL;
    dzr_json_writer *writer = NULL;
    assert_ok(dzr_sink_memory(1 << 20, NULL, &sink, &err));
    assert_ok(dzr_json_writer_open(sink, dzr_batch_schema(batch), NULL, &writer, &err));
    assert_ok(dzr_json_writer_append(writer, batch, &err));
    assert_ok(dzr_json_writer_finish(writer, &err));
    assert_int_equal(dzr_sink_memory_bytes(sink).len, strlen(lines_of_rows));
    assert_memory_equal(dzr_sink_memory_bytes(sink).at, lines_of_rows, strlen(lines_of_rows));
    dzr_json_writer_close(writer);
    dzr_sink_close(sink);
    dzr_batch_free(batch);
    dzr_jsonl_reader_close(reader);
    dzr_source_close(source);
    dzr_builder_free(builder);
}

static void structs_without_fields_are_empty_objects(void **state)
{
    (void)state;
    static const dzr_field empty = {.name = "e", .type = {.id = DZR_TYPE_STRUCT}, .nullable = true};
    dzr_error err;
    int64_t n = 0;
    dzr_builder *const builder = builder_of(&empty, 1);
    assert_ok(dzr_json_parse_array(bytes_of("[{\"e\":{}},{},{\"e\":{\"x\":1}}]"), NULL, NULL, builder, &n, &err));
    assert_written(builder, NULL, "{\"e\":{}}\n{\"e\":null}\n{\"e\":{}}\n", "empty");
    dzr_builder_free(builder);
}

static void depth_is_limited_inside_known_members(void **state)
{
    (void)state;
    dzr_error err;
    int64_t n = 0;
    dzr_builder *const builder = builder_of(fields, 3);
    const dzr_json_limits limits = {.depth = 1};
    assert_ok(dzr_json_parse_array(bytes_of("[{\"l\":[]}]"), NULL, &limits, builder, &n, &err));
    assert_fails(dzr_json_parse_array(bytes_of("[{\"l\":[[]]}]"), NULL, &limits, builder, &n, &err), DZR_ERR_LIMIT,
            "record 0: byte 7: nests deeper than the 1 levels allowed");
    assert_int_equal(dzr_builder_n_rows(builder, 0), 1);
    dzr_builder_free(builder);
}

/* "a int64, b struct<c string>, d list<bool>" */
static void show_fields(const dzr_field *of, int32_t n, char *out)
{
    for (int32_t i = 0; i < n; i++) {
        assert_true(of[i].nullable);
        sprintf(out + strlen(out), "%s%s %s", i > 0 ? ", " : "", of[i].name, dzr_type_name(of[i].type));
        if (of[i].type.id < DZR_TYPE_STRUCT)
            continue;
        strcat(out, "<");
        show_fields(of[i].children, of[i].n_children, out);
        strcat(out, ">");
    }
}

static const struct {
    const char *in, *schema;
} inferred[] = {
        {"{\"a\":{\"b\":1,\"c\":\"x\"}}", "a struct<b int64, c string>"},
        {"{\"a\":{\"b\":1}}\n{\"z\":true}\n{\"a\":{\"c\":null,\"b\":0.5}}", "a struct<b double, c string>, z bool"},
        {"{\"a\":[1,null,-2],\"element\":1}", "a list<element int64>, element int64"},
        {"{\"a\":[]}\n{\"a\":null}", "a list<element string>"},
        {"{\"a\":[]}\n{\"a\":[[null],[0.5]]}", "a list<element list<element double>>"},
        {"{\"a\":[{\"b\":1},{},null,{\"c\":[{\"b\":\"x\"}]}],\"b\":{\"b\":{}}}",
                "a list<element struct<b int64, c list<element struct<b string>>>>, b struct<b struct<>>"},
};

static void nested_schemas_are_inferred_from_all_records(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof inferred / sizeof *inferred; i++) {
        dzr_error err;
        dzr_source *source = NULL;
        dzr_jsonl_reader *reader = NULL;
        dzr_batch *batch = NULL;
        assert_ok(dzr_source_memory(bytes_of(inferred[i].in), NULL, &source, &err));
        assert_ok(dzr_jsonl_reader_open(source, NULL, &reader, &err));
        const dzr_schema *const schema = dzr_jsonl_reader_schema(reader);
        char have[300] = "";
        show_fields(dzr_schema_field(schema, 0), dzr_schema_n_fields(schema), have);
        assert_string_equal(have, inferred[i].schema);
        assert_ok(dzr_jsonl_reader_next(reader, &batch, &err));
        assert_true(dzr_batch_n_rows(batch) > 0);
        dzr_batch_free(batch);
        dzr_jsonl_reader_close(reader);
        dzr_source_close(source);
    }
}

static void inference_ends_at_the_depth_of_a_schema(void **state)
{
    (void)state;
    for (int depth = DZR_MAX_DEPTH - 1; depth <= DZR_MAX_DEPTH; depth++) {
        dzr_error err;
        dzr_source *source = NULL;
        dzr_jsonl_reader *reader = NULL;
        char line[3 * DZR_MAX_DEPTH] = "{\"a\":";
        memset(line + 5, '[', (size_t)depth);
        memset(line + 5 + depth, ']', (size_t)depth);
        strcpy(line + 5 + 2 * depth, "}");
        assert_ok(dzr_source_memory(bytes_of(line), NULL, &source, &err));
        const dzr_status st = dzr_jsonl_reader_open(source, NULL, &reader, &err);
        assert_string_equal(dzr_status_name(st), depth < DZR_MAX_DEPTH ? "DZR_OK" : "DZR_ERR_LIMIT");
        if (st != DZR_OK)
            assert_non_null(strstr(err.message, "line 1: byte 68: nests deeper than the 64 levels allowed"));
        dzr_jsonl_reader_close(reader);
        dzr_source_close(source);
    }
}

static dzr_status infer(const dzr_allocator *alloc)
{
    dzr_error err;
    dzr_source *source = NULL;
    dzr_jsonl_reader *reader = NULL;
    dzr_batch *batch = NULL;
    const dzr_jsonl_read_options options = {.alloc = alloc};
    assert_ok(dzr_source_memory(bytes_of(inferred[5].in), NULL, &source, &err));
    dzr_status st = dzr_jsonl_reader_open(source, &options, &reader, &err);
    if (st == DZR_OK)
        st = dzr_jsonl_reader_next(reader, &batch, &err);
    dzr_batch_free(batch);
    dzr_jsonl_reader_close(reader);
    dzr_source_close(source);
    return st;
}

static dzr_status read_page(const dzr_allocator *alloc)
{
    dzr_error err;
    dzr_schema *schema = NULL;
    dzr_builder *builder = NULL;
    dzr_json_parser *parser = NULL;
    dzr_batch *batch = NULL;
    int64_t n = 0;
    const dzr_json_rules rules = DZR_JSON_RULES_GO;
    dzr_status st = dzr_schema_new(fields, 3, alloc, &schema, &err);
    if (st == DZR_OK)
        st = dzr_builder_new(schema, alloc, &builder, &err);
    if (st == DZR_OK)
        st = dzr_json_parser_new(schema, &rules, NULL, alloc, &parser, &err);
    if (st == DZR_OK)
        st = dzr_json_parser_index(parser,
                bytes_of("[{\"p\":{\"Y\":{\"s\":\"longer than twelve\\n\"}},\"l\":[[1]],\"m\":{\"\\u0031\":{}}}]"), &n,
                &err);
    if (st == DZR_OK)
        st = dzr_json_parser_append(parser, builder, &err);
    if (st != DZR_OK && builder != NULL)
        assert_int_equal(dzr_builder_n_rows(builder, 0), 0);
    if (st == DZR_OK)
        st = dzr_builder_finish(builder, &batch, &err);
    dzr_batch_free(batch);
    dzr_json_parser_free(parser);
    dzr_builder_free(builder);
    dzr_schema_free(schema);
    return st;
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

static void fail_each_allocation(dzr_status (*run)(const dzr_allocator *alloc), int64_t at_least)
{
    int64_t nth = 1;
    for (;; nth++) {
        alloc_nth alloc;
        alloc_nth_init(&alloc, nth);
        const dzr_status st = run(&alloc.allocator);
        assert_int_equal(alloc.n_out, 0);
        if (st == DZR_OK)
            break;
        assert_string_equal(dzr_status_name(st), "DZR_ERR_NOMEM");
    }
    assert_true(nth > at_least);
}

static void every_failing_allocation_is_answered(void **state)
{
    (void)state;
    fail_each_allocation(write_rows, 2);
    fail_each_allocation(read_page, 20);
    fail_each_allocation(infer, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(structs_lists_and_maps_are_objects_and_arrays),
            cmocka_unit_test(nested_values_are_indented_as_go_does),
            cmocka_unit_test(keys_of_every_type_are_strings),
            cmocka_unit_test(nested_keys_are_refused),
            cmocka_unit_test(nested_values_are_read_by_their_schema),
            cmocka_unit_test(what_was_written_is_read_again),
            cmocka_unit_test(structs_without_fields_are_empty_objects),
            cmocka_unit_test(depth_is_limited_inside_known_members),
            cmocka_unit_test(nested_schemas_are_inferred_from_all_records),
            cmocka_unit_test(inference_ends_at_the_depth_of_a_schema),
            cmocka_unit_test(every_failing_allocation_is_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
