/* tests/json/test_array.c - pages of records: Go's rules as recorded, the words of each complaint, counting, memory. */
#include "support.h"

#include "alloc_nth.h"
#include "json/internal.h"

#include "go_records.h"

#include <stdio.h>
#include <stdlib.h>

static dzr_schema *student_schema(void)
{
    static const dzr_field fields[] = {
            {.name = "Name", .type = {.id = DZR_TYPE_STRING}, .nullable = false},
            {.name = "Age", .type = {.id = DZR_TYPE_INT32}, .nullable = false},
            {.name = "Id", .type = {.id = DZR_TYPE_INT64}, .nullable = false},
            {.name = "Weight", .type = {.id = DZR_TYPE_FLOAT}, .nullable = false},
            {.name = "Sex", .type = {.id = DZR_TYPE_BOOL}, .nullable = false},
            {.name = "Day", .type = {.id = DZR_TYPE_INT32}, .nullable = false},
            {.name = "Ignored", .type = {.id = DZR_TYPE_INT32}, .nullable = true},
    };
    dzr_error err;
    dzr_schema *schema = NULL;
    assert_ok(dzr_schema_new(fields, sizeof fields / sizeof *fields, NULL, &schema, &err));
    return schema;
}

static dzr_builder *builder_of(dzr_schema *schema)
{
    dzr_error err;
    dzr_builder *builder = NULL;
    assert_ok(dzr_builder_new(schema, NULL, &builder, &err));
    dzr_schema_free(schema);
    return builder;
}

static dzr_bytes bytes_of(const char *text)
{
    return (dzr_bytes){.at = (const uint8_t *)text, .len = strlen(text)};
}

/* What the builder holds as JSON; it is empty afterwards. */
static dzr_sink *written(dzr_builder *builder, const dzr_json_write_options *options)
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
    dzr_json_writer_close(writer);
    dzr_batch_free(batch);
    return sink;
}

static void assert_written(
        dzr_builder *builder, const dzr_json_write_options *options, const char *want, const char *what)
{
    dzr_sink *const sink = written(builder, options);
    const dzr_bytes have = dzr_sink_memory_bytes(sink);
    if (have.len != strlen(want) || memcmp(have.at, want, have.len) != 0)
        fail_msg("%s: wrote\n%.*s\ninstead of\n%s", what, (int)have.len, (const char *)have.at, want);
    dzr_sink_close(sink);
}

static void records_are_taken_and_refused_as_go_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof go_records / sizeof *go_records; i++) {
        char page[4096];
        snprintf(page, sizeof page, "[%s]", go_records[i].in);
        dzr_builder *const builder = builder_of(student_schema());
        dzr_error err;
        int64_t n = -1;
        const dzr_json_rules rules = DZR_JSON_RULES_GO;
        const dzr_status st = dzr_json_parse_array(bytes_of(page), &rules, NULL, builder, &n, &err);
        if (st != go_records[i].want)
            fail_msg("%s: %s: %s", go_records[i].proves, dzr_status_name(st), st == DZR_OK ? "" : err.message);
        if (st == DZR_OK)
            assert_written(
                    builder, &(dzr_json_write_options){.escape_html = true}, go_records[i].out, go_records[i].proves);
        assert_int_equal(n, st == DZR_OK ? 1 : -1);
        assert_int_equal(dzr_builder_n_rows(builder, 0), 0);
        dzr_builder_free(builder);
    }
}

/* The tokens simdjson finds and those found one by one lead to the same rows or the same complaint. */
static void both_ways_to_find_tokens_agree(void **state)
{
    (void)state;
    dzr_error err;
    dzr__json_index index, slow;
    assert_ok(dzr__json_index_init(&index, NULL, &err));
    assert_ok(dzr__json_index_init(&slow, NULL, &err));
    for (size_t i = 0; i < sizeof go_records / sizeof *go_records; i++) {
        const dzr_bytes text = bytes_of(go_records[i].in);
        assert_ok(dzr__json_index_text(&index, text, &err));
        assert_ok(dzr__json_index_slowly(&slow, text, &err));
        if (!index.clean || go_records[i].want == DZR_ERR_SYNTAX)
            continue;
        assert_int_equal(index.n, slow.n);
        assert_memory_equal(index.at, slow.at, (index.n + 1) * sizeof *index.at);
    }
    dzr__json_index_fini(&index);
    dzr__json_index_fini(&slow);
}

static const struct {
    const char *proves, *in;
    dzr_status want;
    int64_t offset, record;
    const char *message;
} complaints[] = {
        {"empty_text", "", DZR_ERR_SYNTAX, 0, -1, "byte 0: the text ends where a value was expected"},
        {"not_an_array", "{\"id\":1}", DZR_ERR_TYPE, 0, -1, "an object where an array was expected"},
        {"a_word", "oops", DZR_ERR_SYNTAX, 0, -1, "byte 0: 'o' where a value was expected"},
        {"html", "<html>", DZR_ERR_SYNTAX, 0, -1, "byte 0: '<' where a value was expected"},
        {"byte_order_mark", "\xef\xbb\xbf[]", DZR_ERR_SYNTAX, 0, -1, "byte 0: byte 0xef where a value was expected"},
        {"null_with_a_tail", "null 1", DZR_ERR_SYNTAX, 5, -1, "byte 5: '1' where the end of the text was expected"},
        {"bad_null", "nul", DZR_ERR_SYNTAX, 3, -1, "byte 3: the text ends where the 'l' of null was expected"},
        {"open_object", "[{]", DZR_ERR_SYNTAX, 2, 0, "record 0: byte 2: ']' where a member name or '}' was expected"},
        {"cut_short", "[{\"id\":1},{\"id\":", DZR_ERR_SYNTAX, 16, 1,
                "record 1: byte 16: the text ends where a value was expected"},
        {"cut_in_a_string", "[{\"name\":\"a", DZR_ERR_SYNTAX, 11, 0,
                "record 0: byte 11: the text ends where the closing '\"' of a string was expected"},
        {"tail", "[] x", DZR_ERR_SYNTAX, 3, -1, "byte 3: 'x' where the end of the text was expected"},
        {"comma_at_the_end", "[{},]", DZR_ERR_SYNTAX, 4, 1, "record 1: byte 4: ']' where a value was expected"},
        {"no_comma", "[{} {}]", DZR_ERR_SYNTAX, 4, 0,
                "record 0: byte 4: '{' where ',' or ']' after the object was expected"},
        {"item_of_another_kind", "[{},[1,2]]", DZR_ERR_TYPE, 4, 1, "record 1: an array where an object was expected"},
        {"float_for_int", "[{\"id\":1},{\"id\":5.5}]", DZR_ERR_TYPE, 16, 1,
                "record 1: member \"id\": number 5.5 is not int32"},
        {"whole_float_for_int", "[{\"id\":5.0}]", DZR_ERR_TYPE, 7, 0,
                "record 0: member \"id\": number 5.0 is not int32"},
        {"string_for_int", "[{\"id\":\"5\"}]", DZR_ERR_TYPE, 7, 0,
                "record 0: member \"id\": string \"5\" is not int32"},
        {"object_for_int", "[{\"id\":{\"a\":[1]}}]", DZR_ERR_TYPE, 7, 0,
                "record 0: member \"id\": an object is not int32"},
        {"beyond_32_bits", "[{\"id\":1},{},{\"id\":2147483648}]", DZR_ERR_TYPE, 19, 2,
                "record 2: member \"id\": number 2147483648 is outside the range of int32"},
        {"beyond_64_bits", "[{\"id\":-99999999999999999999}]", DZR_ERR_TYPE, 7, 0,
                "record 0: member \"id\": number -99999999999999999999 is outside the range of int32"},
        {"number_for_string", "[{\"name\": 12 }]", DZR_ERR_TYPE, 10, 0,
                "record 0: member \"name\": number 12 is not string"},
        {"control_character", "[{\"name\":\"a\nb\"}]", DZR_ERR_SYNTAX, 11, 0,
                "record 0: byte 11: byte 0x0a where a character of a string (control characters are written as "
                "escapes) was expected"},
        {"syntax_goes_before_type", "[{\"id\":\"x\"},{\"id\":}]", DZR_ERR_SYNTAX, 18, 1,
                "record 1: byte 18: '}' where a value was expected"},
        {"skipped_values_are_checked", "[{\"x\":{\"y\":[1,tru]}}]", DZR_ERR_SYNTAX, 17, 0,
                "record 0: byte 17: ']' where the 'e' of true was expected"},
        {"long_values_are_cut", "[{\"id\":\"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggg\"}]",
                DZR_ERR_TYPE, 7, 0,
                "record 0: member \"id\": string "
                "\"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggg... is not int32"},
};

static void complaints_name_record_member_value_and_type(void **state)
{
    (void)state;
    static const dzr_field fields[] = {{.name = "id", .type = {.id = DZR_TYPE_INT32}, .nullable = false},
            {.name = "name", .type = {.id = DZR_TYPE_STRING}, .nullable = false}};
    for (size_t i = 0; i < sizeof complaints / sizeof *complaints; i++) {
        dzr_error err;
        dzr_schema *schema = NULL;
        assert_ok(dzr_schema_new(fields, 2, NULL, &schema, &err));
        dzr_builder *const builder = builder_of(schema);
        int64_t n = -1;
        const dzr_json_rules rules = DZR_JSON_RULES_GO;
        assert_ok(dzr_json_parse_array(bytes_of("[{\"id\":1}]"), &rules, NULL, builder, &n, &err));
        const dzr_status st = dzr_json_parse_array(bytes_of(complaints[i].in), &rules, NULL, builder, &n, &err);
        if (st != complaints[i].want || strcmp(err.message, complaints[i].message) != 0)
            fail_msg("%s: %s: \"%s\"", complaints[i].proves, dzr_status_name(st), err.message);
        if (err.offset != complaints[i].offset || err.record != complaints[i].record)
            fail_msg(
                    "%s: offset %lld, record %lld", complaints[i].proves, (long long)err.offset, (long long)err.record);
        assert_int_equal(n, 1);
        assert_int_equal(dzr_builder_n_rows(builder, 0), 1);
        assert_int_equal(dzr_builder_n_rows(builder, 1), 1);
        dzr_builder_free(builder);
    }
}

static void strict_rules_refuse_what_go_lets_pass(void **state)
{
    (void)state;
    static const struct {
        const char *in, *message;
    } refused[] = {
            {"[{\"name\":\"a\"}]", "record 0: member \"id\" (int32) is missing"},
            {"[{\"ID\":1,\"id\":2,\"name\":\"a\"}]", "record 0: member \"ID\" is unknown"},
            {"[{\"id\":null,\"name\":\"a\"}]", "record 0: member \"id\": null where int32 is required"},
            {"[null]", "record 0: null where an object was expected"},
            {"[{\"id\":1,\"name\":\"a\\ud800\"}]",
                    "record 0: member \"name\": string \"a\\ud800\" is not valid Unicode"},
            {"[{\"id\":1,\"name\":\"\xff\"}]", "record 0: member \"name\": string \"?\" is not valid Unicode"},
            {"[{\"id\":1,\"name\":\"a\",\"more\":1}]", "record 0: member \"more\" is unknown"},
    };
    static const dzr_field fields[] = {{.name = "id", .type = {.id = DZR_TYPE_INT32}, .nullable = false},
            {.name = "name", .type = {.id = DZR_TYPE_STRING}, .nullable = false}};
    dzr_error err;
    dzr_schema *schema = NULL;
    assert_ok(dzr_schema_new(fields, 2, NULL, &schema, &err));
    dzr_builder *const builder = builder_of(schema);
    const dzr_json_rules rules = {.refuse_unknown = true};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        int64_t n = -1;
        assert_fails(dzr_json_parse_array(bytes_of(refused[i].in), &rules, NULL, builder, &n, &err), DZR_ERR_TYPE,
                refused[i].message);
        assert_int_equal(dzr_builder_n_rows(builder, 0), 0);
    }
    dzr_builder_free(builder);
}

static void records_are_counted_before_they_are_converted(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        int64_t n;
    } pages[] = {
            {"[]", 0},
            {" [ ] ", 0},
            {"null", 0},
            {"[{}]", 1},
            {"[{\"id\":1,\"name\":\"[,]\"},{\"x\":[1,2,{\"y\":[]}]},{}]", 3},
            {"[{\"name\":\"\xff,\"},{}]", 2},
    };
    dzr_error err;
    dzr_builder *const builder = builder_of(student_schema());
    dzr_json_parser *parser = NULL;
    const dzr_json_rules rules = DZR_JSON_RULES_GO;
    assert_ok(dzr_json_parser_new(dzr_builder_schema(builder), &rules, NULL, NULL, &parser, &err));
    assert_fails(dzr_json_parser_append(parser, builder, &err), DZR_ERR_ARG, "no page");
    int64_t total = 0;
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        int64_t n = -1;
        assert_ok(dzr_json_parser_index(parser, bytes_of(pages[i].in), &n, &err));
        assert_int_equal(n, pages[i].n);
        assert_int_equal(dzr_builder_n_rows(builder, 0), total);
        assert_ok(dzr_json_parser_append(parser, builder, &err));
        total += n;
        assert_int_equal(dzr_builder_n_rows(builder, 0), total);
        assert_fails(dzr_json_parser_append(parser, builder, &err), DZR_ERR_ARG, "no page");
    }
    dzr_json_parser_free(parser);
    dzr_builder_free(builder);
}

static void nesting_has_a_limit(void **state)
{
    (void)state;
    static const dzr_json_limits limits = {.depth = 3};
    dzr_error err;
    dzr_builder *const builder = builder_of(student_schema());
    const dzr_json_rules rules = DZR_JSON_RULES_GO;
    int64_t n = 0;
    assert_ok(dzr_json_parse_array(bytes_of("[{\"x\":[{\"y\":[]}]}]"), &rules, &limits, builder, &n, &err));
    assert_fails(dzr_json_parse_array(bytes_of("[{\"x\":[[[[1]]]]}]"), &rules, &limits, builder, &n, &err),
            DZR_ERR_LIMIT, "record 0: byte 9: nests deeper than the 3 levels allowed");
    dzr_builder_free(builder);
}

static void every_type_is_read_and_written_alike(void **state)
{
    (void)state;
    static const dzr_field fields[] = {
            {.name = "b", .type = {.id = DZR_TYPE_BOOL}, .nullable = true},
            {.name = "i8", .type = {.id = DZR_TYPE_INT8}, .nullable = true},
            {.name = "i16", .type = {.id = DZR_TYPE_INT16}, .nullable = true},
            {.name = "u8", .type = {.id = DZR_TYPE_UINT8}, .nullable = true},
            {.name = "u16", .type = {.id = DZR_TYPE_UINT16}, .nullable = true},
            {.name = "u32", .type = {.id = DZR_TYPE_UINT32}, .nullable = true},
            {.name = "u64", .type = {.id = DZR_TYPE_UINT64}, .nullable = true},
            {.name = "d", .type = {.id = DZR_TYPE_DOUBLE}, .nullable = true},
            {.name = "bin", .type = {.id = DZR_TYPE_BINARY}, .nullable = true},
            {.name = "date", .type = {.id = DZR_TYPE_DATE}, .nullable = true},
            {.name = "ms", .type = {.id = DZR_TYPE_TIMESTAMP, .unit = DZR_UNIT_MS, .utc = true}, .nullable = true},
            {.name = "us", .type = {.id = DZR_TYPE_TIMESTAMP, .unit = DZR_UNIT_US}, .nullable = true},
            {.name = "ns", .type = {.id = DZR_TYPE_TIMESTAMP, .unit = DZR_UNIT_NS, .utc = true}, .nullable = true},
            {.name = "odd \"name\"\n", .type = {.id = DZR_TYPE_STRING}, .nullable = true},
    };
    static const char rows[] =
            "{\"b\":true,\"i8\":-128,\"i16\":32767,\"u8\":255,\"u16\":65535,\"u32\":4294967295,\"u64\":"
            "18446744073709551615,"
            "\"d\":-0.1,\"bin\":\"AP8Q\",\"date\":\"2024-02-29\",\"ms\":\"1969-12-31T23:59:59.999Z\","
            "\"us\":\"2262-04-11T23:47:16.854775\",\"ns\":\"2262-04-11T23:47:16.854775807Z\",\"odd "
            "\\\"name\\\"\\n\":\"\"}\n"
            "{\"b\":false,\"i8\":0,\"i16\":0,\"u8\":0,\"u16\":0,\"u32\":0,\"u64\":0,\"d\":5e-324,\"bin\":\"\",\"date\":"
            "\"-0001-01-01\","
            "\"ms\":\"+12024-01-01T00:00:00Z\",\"us\":\"0000-01-01T00:00:00\",\"ns\":\"1677-09-21T00:12:43."
            "145224192Z\",\"odd "
            "\\\"name\\\"\\n\":\"a\"}\n"
            "{\"b\":null,\"i8\":null,\"i16\":null,\"u8\":null,\"u16\":null,\"u32\":null,\"u64\":null,\"d\":null,"
            "\"bin\":null,"
            "\"date\":null,\"ms\":null,\"us\":null,\"ns\":null,\"odd \\\"name\\\"\\n\":null}\n";
    dzr_error err;
    dzr_schema *schema = NULL;
    assert_ok(dzr_schema_new(fields, sizeof fields / sizeof *fields, NULL, &schema, &err));
    dzr_builder *const builder = builder_of(schema);
    char page[2 * sizeof rows] = "[";
    char *to = page + 1;
    for (const char *from = rows; *from != '\0'; from++)
        *to++ = *from == '\n' ? ',' : *from;
    to[-1] = ']';
    int64_t n = 0;
    assert_ok(dzr_json_parse_array(bytes_of(page), NULL, NULL, builder, &n, &err));
    assert_int_equal(n, 3);
    assert_written(builder, NULL, rows, "all types");
    static const char *const misfits[] = {
            "{\"u8\":256}",
            "{\"u8\":-1}",
            "{\"i8\":-129}",
            "{\"u64\":18446744073709551616}",
            "{\"d\":1e999}",
            "{\"b\":1}",
            "{\"date\":\"2023-02-29\"}",
            "{\"date\":\"2024-1-01\"}",
            "{\"date\":\"2024-01-01x\"}",
            "{\"date\":20240101}",
            "{\"ms\":\"2024-01-01T00:00:00.0001Z\"}",
            "{\"ms\":\"2024-01-01T00:00:00\"}",
            "{\"us\":\"2024-01-01T00:00:00Z\"}",
            "{\"ms\":\"2024-01-01T24:00:00Z\"}",
            "{\"ms\":\"2024-01-01T00:00:60Z\"}",
            "{\"ms\":\"2024-01-01T00:00:00+1:00\"}",
            "{\"ns\":\"2262-04-11T23:47:16.854775808Z\"}",
            "{\"bin\":\"AP8\"}",
            "{\"bin\":\"A===\"}",
            "{\"bin\":\"AP8*\"}",
    };
    for (size_t i = 0; i < sizeof misfits / sizeof *misfits; i++) {
        snprintf(page, sizeof page, "[%s]", misfits[i]);
        const dzr_status st = dzr_json_parse_array(bytes_of(page), NULL, NULL, builder, &n, &err);
        if (st != DZR_ERR_TYPE)
            fail_msg("%s: %s", misfits[i], dzr_status_name(st));
    }
    assert_ok(dzr_json_parse_array(
            bytes_of("[{\"ms\":\"2024-01-01t01:30:00.5000+01:30\"}]"), NULL, NULL, builder, &n, &err));
    dzr_batch *batch = NULL;
    assert_ok(dzr_builder_finish(builder, &batch, &err));
    assert_int_equal(((const int64_t *)dzr_batch_column(batch, 10)->values)[0], 1704067200500);
    dzr_batch_free(batch);
    dzr_builder_free(builder);
}

static void arrays_are_indented_as_go_does(void **state)
{
    (void)state;
    static const dzr_field fields[] = {{.name = "id", .type = {.id = DZR_TYPE_INT32}, .nullable = false},
            {.name = "name", .type = {.id = DZR_TYPE_STRING}, .nullable = false}};
    static const dzr_json_write_options options = {.style = DZR_JSON_ARRAY_INDENTED, .escape_html = true};
    dzr_error err;
    dzr_schema *schema = NULL;
    assert_ok(dzr_schema_new(fields, 2, NULL, &schema, &err));
    dzr_builder *const builder = builder_of(schema);
    assert_written(builder, &options, "[]\n", "no rows");
    int64_t n = 0;
    static const char page[] = "[{\"id\":1,\"name\":\"<b>Bold & \xe2\x80\xa8 "
                               "\xe2\x82\xac\x7f\\u0007</b>\"},{\"id\":-2147483648,\"name\":\"\"}]";
    assert_ok(dzr_json_parse_array(bytes_of(page), NULL, NULL, builder, &n, &err));
    assert_written(builder, &options,
            "[\n  {\n    \"id\": 1,\n    \"name\": \"\\u003cb\\u003eBold \\u0026 \\u2028 "
            "\xe2\x82\xac\x7f\\u0007\\u003c/b\\u003e\"\n  },\n"
            "  {\n    \"id\": -2147483648,\n    \"name\": \"\"\n  }\n]\n",
            "two rows");
    dzr_builder_free(builder);
}

/* Strings of every length around the block and the piece, with something to escape at every place. */
static void long_strings_survive_the_way_there_and_back(void **state)
{
    (void)state;
    static const dzr_field fields[] = {{.name = "s", .type = {.id = DZR_TYPE_STRING}, .nullable = false}};
    static const size_t lengths[] = {0, 1, 12, 13, 15, 16, 17, 31, 32, 33, 100, 12287, 12288, 12289, 40000, 200000};
    static const char *const marks[] = {
            "x", "\"", "\\", "\n", "\x01", "<", "\xe2\x82\xac", "\xe2\x80\xa9", "\xf0\x9f\x98\x80"};
    dzr_error err;
    dzr_schema *schema = NULL;
    assert_ok(dzr_schema_new(fields, 1, NULL, &schema, &err));
    dzr_builder *const builder = builder_of(schema);
    char *const text = malloc(200100);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        for (size_t k = 0; k < sizeof marks / sizeof *marks; k++) {
            memset(text, 'a', lengths[i]);
            const size_t step = lengths[i] < 1000 ? 1 : lengths[i] / 7;
            const size_t place = step == 1 ? k * 3 % (lengths[i] + 1) : step * (k % 7);
            const size_t len = strlen(marks[k]);
            memcpy(text + place, marks[k], len);
            memcpy(text + lengths[i] + 4, marks[k], len);
            const size_t total = DZR_MAX(lengths[i], place + len);
            const dzr_bytes value = {(const uint8_t *)text, total};
            assert_ok(dzr_builder_bytes(builder, 0, value, &err));
            dzr_sink *const sink = written(
                    builder, &(dzr_json_write_options){.style = DZR_JSON_ARRAY_INDENTED, .escape_html = k % 2 == 0});
            int64_t n = 0;
            assert_ok(dzr_json_parse_array(dzr_sink_memory_bytes(sink), NULL, NULL, builder, &n, &err));
            dzr_sink_close(sink);
            dzr_batch *batch = NULL;
            assert_ok(dzr_builder_finish(builder, &batch, &err));
            const dzr_bytes back = dzr_column_bytes(dzr_batch_column(batch, 0), 0);
            assert_int_equal(back.len, total);
            assert_memory_equal(back.at, text, total);
            dzr_batch_free(batch);
        }
    }
    free(text);
    dzr_builder_free(builder);
}

/* Parse and write with allocation 1 failing, then 2, 3 ...: always DZR_ERR_NOMEM, nothing leaks, until all succeeds. */
static dzr_status parse_and_write(const dzr_allocator *alloc, void *ctx, dzr_error *err)
{
    (void)ctx;
    static const dzr_field fields[] = {{.name = "id", .type = {.id = DZR_TYPE_INT32}, .nullable = false},
            {.name = "name", .type = {.id = DZR_TYPE_STRING}, .nullable = true}};
    static const char page[] =
            "[{\"id\":1,\"NAME\":\"long enough to be no inline \\n value\"},{\"id\":2,\"Name\":\"\xff\"},{}]";
    const dzr_json_rules rules = DZR_JSON_RULES_GO;
    dzr_schema *schema = NULL;
    dzr_builder *builder = NULL;
    dzr_json_parser *parser = NULL;
    dzr_batch *batch = NULL;
    dzr_sink *sink = NULL;
    dzr_json_writer *writer = NULL;
    int64_t n = 0;
    dzr_status st = dzr_schema_new(fields, 2, alloc, &schema, err);
    if (st == DZR_OK)
        st = dzr_builder_new(schema, alloc, &builder, err);
    if (st == DZR_OK)
        st = dzr_json_parser_new(schema, &rules, NULL, alloc, &parser, err);
    if (st == DZR_OK)
        st = dzr_json_parser_index(parser, bytes_of(page), &n, err);
    if (st == DZR_OK)
        st = dzr_json_parser_append(parser, builder, err);
    if (st == DZR_OK)
        st = dzr_builder_finish(builder, &batch, err);
    if (st == DZR_OK)
        st = dzr_sink_memory(1 << 20, alloc, &sink, err);
    if (st == DZR_OK)
        st = dzr_json_writer_open(sink, schema, &(dzr_json_write_options){.alloc = alloc}, &writer, err);
    if (st == DZR_OK)
        st = dzr_json_writer_append(writer, batch, err);
    if (st == DZR_OK)
        st = dzr_json_writer_finish(writer, err);
    if (st == DZR_OK)
        assert_int_equal(dzr_batch_n_rows(batch), 3);
    dzr_json_writer_close(writer);
    dzr_sink_close(sink);
    dzr_batch_free(batch);
    dzr_json_parser_free(parser);
    dzr_builder_free(builder);
    dzr_schema_free(schema);
    return st;
}

static void every_failing_allocation_is_answered(void **state)
{
    (void)state;
    assert_true(every_request_fails(parse_and_write, NULL) > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(records_are_taken_and_refused_as_go_does),
            cmocka_unit_test(both_ways_to_find_tokens_agree),
            cmocka_unit_test(complaints_name_record_member_value_and_type),
            cmocka_unit_test(strict_rules_refuse_what_go_lets_pass),
            cmocka_unit_test(records_are_counted_before_they_are_converted),
            cmocka_unit_test(nesting_has_a_limit),
            cmocka_unit_test(every_type_is_read_and_written_alike),
            cmocka_unit_test(arrays_are_indented_as_go_does),
            cmocka_unit_test(long_strings_survive_the_way_there_and_back),
            cmocka_unit_test(every_failing_allocation_is_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
