/* tests/csv/test_read.c - CSV into batches: records and quotes, types, schemas, limits, and the places errors name. */
#include "csv_text.h"

#include "alloc_nth.h"

#include <stdio.h>
#include <stdlib.h>

#define READS(text, options, want) assert_reads(text, sizeof(text) - 1, options, want)

/* ---- records ---- */

static void lines_end_in_lf_crlf_or_cr_and_the_last_may_have_none(void **state)
{
    (void)state;
    static const char want[] = "{\"a\":1,\"b\":\"x\"}\n{\"a\":2,\"b\":\"y\"}\n";
    READS("a,b\n1,x\n2,y\n", NULL, want);
    READS("a,b\r\n1,x\r\n2,y\r\n", NULL, want);
    READS("a,b\r1,x\r2,y\r", NULL, want);
    READS("a,b\n1,x\r\n2,y", NULL, want);
    READS("\xef\xbb\xbf"
          "a,b\n\n1,x\n\r\n\n2,y\n\n",
            NULL, want); /* and a mark, and empty lines */
}

static void quotes_hold_delimiters_line_breaks_and_doubled_quotes(void **state)
{
    (void)state;
    READS("a,b\n\"x,\"\"y\"\"\nz\",1\n\"\"\"\",2\n\"\",3\n,4\n", NULL,
            "{\"a\":\"x,\\\"y\\\"\\nz\",\"b\":1}\n{\"a\":\"\\\"\",\"b\":2}\n{\"a\":\"\",\"b\":3}\n{\"a\":null,\"b\":4}"
            "\n");
    READS("\"a,\"\"1\",\"b\nc\"\r\n1,2\r\n", NULL, "{\"a,\\\"1\":1,\"b\\nc\":2}\n");
}

static void delimiter_and_quote_are_any_byte_or_there_are_no_quotes(void **state)
{
    (void)state;
    READS("a;b\n'x;''';1\n", &((dzr_csv_read_options){.dialect = {.delimiter = ';', .quote = '\''}}),
            "{\"a\":\"x;'\",\"b\":1}\n");
    READS("a\tb\n\"x\t5\"\n", &((dzr_csv_read_options){.dialect = {.delimiter = '\t', .no_quotes = true}}),
            "{\"a\":\"\\\"x\",\"b\":\"5\\\"\"}\n");
    READS("1,x\n2,\n", &((dzr_csv_read_options){.dialect.no_header = true}),
            "{\"column1\":1,\"column2\":\"x\"}\n{\"column1\":2,\"column2\":null}\n");
}

static void an_empty_line_is_null_where_there_is_one_column(void **state)
{
    (void)state;
    READS("a\n1\n\n3\n", NULL, "{\"a\":1}\n{\"a\":null}\n{\"a\":3}\n");
    READS("\n\n3\n", &((dzr_csv_read_options){.dialect.no_header = true}),
            "{\"column1\":null}\n{\"column1\":null}\n{\"column1\":3}\n");
    READS("\n", &((dzr_csv_read_options){.dialect.no_header = true}), "{\"column1\":null}\n");
    READS("\n\n1,2\n", &((dzr_csv_read_options){.dialect.no_header = true}), "{\"column1\":1,\"column2\":2}\n");
}

static void a_header_alone_has_columns_and_no_rows(void **state)
{
    (void)state;
    dzr_error err;
    dzr_csv_reader *reader = NULL;
    piece_source from = pieces("a,,\"\"\n", 6, 3);
    assert_ok(dzr_csv_reader_open(&from.source, NULL, &reader, &err));
    const dzr_schema *const schema = dzr_csv_reader_schema(reader);
    assert_int_equal(dzr_schema_n_fields(schema), 3);
    assert_string_equal(dzr_schema_field(schema, 1)->name, "column2");
    assert_string_equal(dzr_schema_field(schema, 2)->name, "");
    assert_int_equal(dzr_schema_field(schema, 0)->type.id, DZR_TYPE_STRING);
    dzr_batch *batch = NULL;
    assert_ok(dzr_csv_reader_next(reader, &batch, &err));
    assert_null(batch);
    dzr_csv_reader_close(reader);
}

/* ---- types ---- */

static void types_are_inferred_so_that_nothing_is_lost(void **state)
{
    (void)state;
    static const struct {
        const char *values; /* of one column, a line each */
        const char *type;
    } cases[] = {
            {"true\nFalse\nTRUE", "bool"},
            {"1\n-9223372036854775808\n9223372036854775807", "int64"},
            {"1\n9223372036854775808", "uint64"},
            {"-1\n9223372036854775808", "string"},
            {"18446744073709551616", "string"},
            {"007", "string"},
            {"+5", "string"},
            {"1\n2.5\n1e300", "double"},
            {"NaN\ninf\n-inf", "double"},
            {"-0", "double"},
            {"0.5\n9007199254740993", "string"},
            {"0.12345678901234567890", "string"},
            {"1e999", "string"},
            {"2024-01-31\n1999-12-31", "date"},
            {"2024-02-30", "string"},
            {"2024-01-31T12:00:00\n2024-01-31 12:00:00.5", "timestamp[us]"},
            {"2024-01-31T12:00:00Z\n2024-01-31 12:00:00.5+02", "timestamp[us, UTC]"},
            {"2024-01-31T12:00:00.123456789", "timestamp[ns]"},
            {"2024-01-31T12:00:00\n2024-01-31T12:00:00Z", "string"},
            {"1\ntrue", "string"},
            {"\"1\"\n2", "string"},
            {"", "string"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char rows[400] = "a,b\n";
        const char *line = cases[i].values;
        for (;;) {
            const size_t len = strcspn(line, "\n");
            (void)snprintf(rows + strlen(rows), sizeof rows - strlen(rows), "%.*s,x\n", (int)len, line);
            if (line[len] == '\0')
                break;
            line += len + 1;
        }
        dzr_error err = {.message = ""};
        dzr_csv_reader *reader = NULL;
        piece_source from = pieces(rows, strlen(rows), 5);
        assert_ok(dzr_csv_reader_open(&from.source, NULL, &reader, &err));
        const char *const type = dzr_type_name(dzr_schema_field(dzr_csv_reader_schema(reader), 0)->type);
        if (strcmp(type, cases[i].type) != 0)
            fail_msg("%s: %s and not %s", cases[i].values, type, cases[i].type);
        dzr_csv_reader_close(reader);
    }
}

static void quotes_say_nothing_where_everything_has_them(void **state)
{
    (void)state;
    READS("\"a\",\"b\"\n\"1\",\"x\"\n\"\",\"\"\n", NULL, "{\"a\":1,\"b\":\"x\"}\n{\"a\":null,\"b\":\"\"}\n");
    READS("a,b\n\"1\",\"x\"\n", NULL, "{\"a\":\"1\",\"b\":\"x\"}\n");
}

static void times_have_zones_in_all_their_spellings(void **state)
{
    (void)state;
    READS("t,u\n2024-01-31T12:00:00.25Z,1\n2024-01-31 12:00:00+02:00,2\n2024-01-31 12:00:00-0230,3\n2024-01-31 "
          "12:00:00+02,4\n",
            NULL,
            "{\"t\":\"2024-01-31T12:00:00.250000Z\",\"u\":1}\n{\"t\":\"2024-01-31T10:00:00Z\",\"u\":2}\n"
            "{\"t\":\"2024-01-31T14:30:00Z\",\"u\":3}\n{\"t\":\"2024-01-31T10:00:00Z\",\"u\":4}\n");
}

static dzr_schema *schema_of(const dzr_field *fields, int32_t n)
{
    dzr_schema *schema = NULL;
    dzr_error err;
    assert_ok(dzr_schema_new(fields, n, NULL, &schema, &err));
    return schema;
}

static void every_type_is_read_by_a_schema(void **state)
{
    (void)state;
    const dzr_field element = {.name = "element", .type.id = DZR_TYPE_INT32, .nullable = true};
    const dzr_field fields[] = {{.name = "i8", .type.id = DZR_TYPE_INT8, .nullable = true},
            {.name = "u64", .type.id = DZR_TYPE_UINT64, .nullable = true},
            {.name = "f", .type.id = DZR_TYPE_FLOAT, .nullable = true},
            {.name = "dec", .type = {.id = DZR_TYPE_DECIMAL, .precision = 10, .scale = 2}, .nullable = true},
            {.name = "bin", .type.id = DZR_TYPE_BINARY, .nullable = true},
            {.name = "fix", .type = {.id = DZR_TYPE_FIXED, .width = 2}, .nullable = true},
            {.name = "id", .type.id = DZR_TYPE_UUID, .nullable = true},
            {.name = "time", .type = {.id = DZR_TYPE_TIME, .unit = DZR_UNIT_MS}, .nullable = true},
            {.name = "list", .type.id = DZR_TYPE_LIST, .nullable = true, .children = &element, .n_children = 1},
            {.name = "none", .type.id = DZR_TYPE_NULL, .nullable = true}};
    dzr_schema *const schema = schema_of(fields, sizeof fields / sizeof *fields);
    READS("none,u64,i8,f,dec,bin,fix,id,time,list,extra\n"
          ",18446744073709551615,-128,0.1,-12.50,AAE=,AAE=,12345678-1234-1234-1234-123456789abc,12:34:56.789,"
          "\"[1,null,3]\",x\n"
          ",,,,,\"\",,,,[],y\n",
            &((dzr_csv_read_options){.schema = schema}),
            "{\"i8\":-128,\"u64\":18446744073709551615,\"f\":0.1,\"dec\":-12.50,\"bin\":\"AAE=\",\"fix\":\"AAE=\","
            "\"id\":\"12345678-1234-1234-1234-123456789abc\",\"time\":\"12:34:56.789\",\"list\":[1,null,3],\"none\":"
            "null}\n"
            "{\"i8\":null,\"u64\":null,\"f\":null,\"dec\":null,\"bin\":\"\",\"fix\":null,\"id\":null,\"time\":null,"
            "\"list\":[],\"none\":null}\n");
    dzr_schema_free(schema);
}

static void types_of_some_columns_go_before_inference(void **state)
{
    (void)state;
    const dzr_field field = {.name = "zip", .type.id = DZR_TYPE_STRING};
    dzr_schema *const types = schema_of(&field, 1);
    READS("zip,n\n12345,1\n", &((dzr_csv_read_options){.types = types}), "{\"zip\":\"12345\",\"n\":1}\n");
    dzr_schema_free(types);
}

/* ---- what is refused, and where ---- */

static const struct {
    const char *text;
    dzr_status status;
    const char *part;
    int64_t line, offset;
} refused[] = {
        {"", DZR_ERR_TYPE, "in.csv: is empty", -1, -1},
        {"a,b\n1,2\n3\n", DZR_ERR_SYNTAX, "in.csv: line 3: 1 field, where there are 2 columns", 3, 8},
        {"a,b\n\"1\n1\",2\n3,4,5\n", DZR_ERR_SYNTAX, "in.csv: line 4: 3 fields, where there are 2 columns", 4, 12},
        {"a,b\n1,x\"y\n", DZR_ERR_SYNTAX, "line 2: column \"b\": a quote inside a field", 2, 7},
        {"a,b\n1,\"x\"y\n", DZR_ERR_SYNTAX, "line 2: column \"b\": text behind a closing quote", 2, 9},
        {"a,b\n1,\"x\n\n", DZR_ERR_SYNTAX, "line 2: column \"b\": the quote that begins the field is not closed", 2, 6},
        {"a\"b,c\n", DZR_ERR_SYNTAX, "line 1: field 1: a quote inside a field", 1, 1},
        {"a,b\n1,2\n2,\xc3(\n", DZR_ERR_SYNTAX, "line 3: column \"b\": bytes that are not UTF-8", 3, 10},
        {"a,b\r\n1,\xed\xa0\x80\r\n", DZR_ERR_SYNTAX, "line 2: column \"b\": bytes that are not UTF-8", 2, 7},
        {"a,b\n1,2\n2,x\n3,y\n1\n", DZR_ERR_TYPE, "line 3: column \"b\": \"x\" is not int64 (as inferred", 3, 10},
};

static void what_is_wrong_is_named_with_line_and_byte(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 5, SIZE_MAX};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
            dzr_error err = {.message = ""};
            dzr_sink *sink = NULL;
            const dzr_bytes text = {(const uint8_t *)refused[i].text, strlen(refused[i].text)};
            assert_fails(read_text(text, sizes[k], &(dzr_csv_read_options){.sample_rows = 1}, &sink, &err),
                    refused[i].status, refused[i].part);
            if (err.line != refused[i].line || err.offset != refused[i].offset)
                fail_msg("%s: line %lld, byte %lld", refused[i].text, (long long)err.line, (long long)err.offset);
            assert_null(sink);
        }
    }
}

static void the_first_record_that_is_wrong_counts_whatever_is_wrong_with_it(void **state)
{
    (void)state;
    dzr_error err;
    dzr_sink *sink = NULL;
    const char text[] = "a,b\n1,1\n2,x\ny,3\n4\n";
    assert_fails(read_text((dzr_bytes){(const uint8_t *)text, sizeof text - 1}, 3,
                         &(dzr_csv_read_options){.sample_rows = 1}, &sink, &err),
            DZR_ERR_TYPE, "line 3: column \"b\": \"x\" is not int64");
}

static void a_late_value_that_a_double_would_change_is_refused(void **state)
{
    (void)state;
    dzr_error err;
    dzr_sink *sink = NULL;
    const char text[] = "a,b\n0.5,1\n9007199254740993,2\n";
    assert_fails(read_text((dzr_bytes){(const uint8_t *)text, sizeof text - 1}, 99,
                         &(dzr_csv_read_options){.sample_rows = 1}, &sink, &err),
            DZR_ERR_TYPE, "line 3: column \"a\": \"9007199254740993\" would change as a double");
}

static void a_schema_says_which_columns_there_must_be(void **state)
{
    (void)state;
    dzr_error err;
    dzr_sink *sink = NULL;
    const dzr_field field = {.name = "c", .type.id = DZR_TYPE_INT64};
    dzr_schema *const schema = schema_of(&field, 1);
    const dzr_csv_read_options options = {.schema = schema};
    assert_fails(read_text((dzr_bytes){(const uint8_t *)"a,b\n", 4}, 99, &options, &sink, &err), DZR_ERR_ARG,
            "in.csv: the header has no column \"c\"");
    assert_fails(read_text((dzr_bytes){(const uint8_t *)"c,b\n,1\n", 7}, 99, &options, &sink, &err), DZR_ERR_TYPE,
            "line 2: column \"c\": is empty, and the schema allows no null there");
    const dzr_csv_read_options by_place = {.schema = schema, .dialect.no_header = true};
    assert_fails(read_text((dzr_bytes){(const uint8_t *)"1,2\n", 4}, 99, &by_place, &sink, &err), DZR_ERR_ARG,
            "in.csv: the schema has 1 columns, the first record has 2 fields");
    dzr_schema_free(schema);
}

static void limits_are_kept(void **state)
{
    (void)state;
    dzr_error err;
    dzr_sink *sink = NULL;
    const dzr_bytes text = {(const uint8_t *)"a,b\n1,12345\n", 12};
    assert_fails(read_text(text, 99, &(dzr_csv_read_options){.limits.field_bytes = 4}, &sink, &err), DZR_ERR_LIMIT,
            "line 2: column \"b\": the field is longer than the 4 bytes allowed");
    assert_fails(read_text(text, 99, &(dzr_csv_read_options){.limits.record_bytes = 7}, &sink, &err), DZR_ERR_LIMIT,
            "line 2: the record is longer than the 7 bytes allowed");
    assert_fails(read_text(text, 99, &(dzr_csv_read_options){.limits.columns = 1}, &sink, &err), DZR_ERR_LIMIT,
            "in.csv: the first record has 2 fields, 1 columns are allowed");
    assert_fails(read_text(text, 99, &(dzr_csv_read_options){.dialect = {.delimiter = ';', .quote = ';'}}, &sink, &err),
            DZR_ERR_ARG, "in.csv: the delimiter and the quote of CSV can't be the same");
    assert_fails(read_text(text, 99, &(dzr_csv_read_options){.dialect = {.delimiter = '\n'}}, &sink, &err), DZR_ERR_ARG,
            "one byte of ASCII");
}

/* ---- much ---- */

/* Records whose fields are long enough to cross blocks, windows and buffers. */
static void long_fields_and_many_records_come_whole(void **state)
{
    (void)state;
    const size_t n_rows = 3000, longest = 3 << 20;
    char *const text = malloc(longest + n_rows * 700 + 100);
    assert_non_null(text);
    char *to = text + sprintf(text, "id,text\n");
    for (size_t i = 0; i < n_rows; i++) {
        const size_t len = i == 1500 ? longest : i * 7 % 600 + 1;
        to += sprintf(to, "%zu,\"", i);
        memset(to, (int)('a' + i % 26), len);
        to[len / 2] = i % 3 == 0 ? '\n' : ',';
        to += len;
        to += sprintf(to, "\"\"\"\n");
    }
    for (size_t piece = 4093; piece < 1 << 24; piece *= 61) {
        dzr_error err = {.message = ""};
        piece_source from = pieces(text, (size_t)(to - text), piece);
        dzr_csv_reader *reader = NULL;
        assert_ok(dzr_csv_reader_open(&from.source, &(dzr_csv_read_options){.batch_rows = 999}, &reader, &err));
        size_t n = 0;
        for (;;) {
            dzr_batch *batch = NULL;
            assert_ok(dzr_csv_reader_next(reader, &batch, &err));
            if (batch == NULL)
                break;
            for (int64_t row = 0; row < dzr_batch_n_rows(batch); row++, n++) {
                assert_int_equal(((const int64_t *)dzr_batch_column(batch, 0)->values)[row], n);
                const dzr_bytes bytes = dzr_column_bytes(dzr_batch_column(batch, 1), row);
                const size_t len = n == 1500 ? longest : n * 7 % 600 + 1;
                assert_int_equal(bytes.len, len + 1);
                assert_int_equal(bytes.at[len], '"');
                assert_int_equal(bytes.at[len / 2], n % 3 == 0 ? '\n' : ',');
                if (len > 2)
                    assert_int_equal(bytes.at[0], 'a' + n % 26);
            }
            assert_true(dzr_batch_n_rows(batch) == 999 || n == n_rows);
            dzr_batch_free(batch);
        }
        assert_int_equal(n, n_rows);
        dzr_csv_reader_close(reader);
    }
    free(text);
}

static void both_ways_of_scanning_agree(void **state)
{
    (void)state;
    static const char alphabet[] = "a,\"\n\rb,,\"\"x1";
    uint64_t seed = 42;
    uint8_t text[700 + DZR__CSV_PADDING] = {0};
    for (int round = 0; round < 3000; round++) {
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
        const size_t len = seed >> 33 & 511;
        for (size_t i = 0; i < sizeof text; i++) {
            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
            text[i] = i < len ? (uint8_t)alphabet[(seed >> 40) % (round % 3 == 0 ? 12 : 4)] : 0;
        }
        dzr__csv_scan ways[2];
        for (int i = 0; i < 2; i++) {
            dzr_error err;
            ways[i] = (dzr__csv_scan){.delimiter = ',', .quote = '"', .has_quote = round % 5 != 0, .plain = i == 1};
            assert_ok(dzr__csv_scan_text(&ways[i], text, len, &err));
        }
        assert_int_equal(ways[0].stray, ways[1].stray);
        assert_int_equal(ways[0].n_ends, ways[1].n_ends);
        if (ways[0].n_ends > 0)
            assert_memory_equal(ways[0].ends, ways[1].ends, ways[0].n_ends * sizeof *ways[0].ends);
        if (ways[0].stray == SIZE_MAX)
            assert_int_equal(ways[0].n_lines, ways[1].n_lines);
        dzr__csv_scan_fini(&ways[0]);
        dzr__csv_scan_fini(&ways[1]);
    }
}

static void records_are_counted_without_their_values(void **state)
{
    (void)state;
    dzr_error err;
    dzr_csv_reader *reader = NULL;
    int64_t n = 0;
    piece_source from = pieces("a,b\n\"1\n2\",3\n\nx,4\n", 17, 2);
    assert_ok(dzr_csv_reader_open(&from.source, &(dzr_csv_read_options){.sample_rows = 1}, &reader, &err));
    assert_ok(dzr_csv_reader_count(reader, &n, &err));
    assert_int_equal(n, 2);
    dzr_csv_reader_close(reader);
}

static dzr_status attempt(const dzr_allocator *alloc, void *ctx, dzr_error *err)
{
    (void)ctx;
    static const char text[] = "a,b,c,d\n1,\"a long text with \"\"quotes\"\"\",[1],2024-01-31\n,\"x\",\"[2,3]\",\n";
    const dzr_field element = {.name = "element", .type.id = DZR_TYPE_INT32, .nullable = true};
    const dzr_field field = {.name = "c", .type.id = DZR_TYPE_LIST, .children = &element, .n_children = 1};
    dzr_schema *types = NULL;
    dzr_sink *sink = NULL;
    DZR_TRY(dzr_schema_new(&field, 1, alloc, &types, err));
    const dzr_csv_read_options options = {.alloc = alloc, .types = types};
    const dzr_status st = read_text((dzr_bytes){(const uint8_t *)text, sizeof text - 1}, 50, &options, &sink, err);
    dzr_sink_close(sink);
    dzr_schema_free(types);
    return st;
}

static void memory_may_run_out_at_any_request(void **state)
{
    (void)state;
    assert_true(every_request_fails(attempt, NULL) > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(lines_end_in_lf_crlf_or_cr_and_the_last_may_have_none),
            cmocka_unit_test(quotes_hold_delimiters_line_breaks_and_doubled_quotes),
            cmocka_unit_test(delimiter_and_quote_are_any_byte_or_there_are_no_quotes),
            cmocka_unit_test(an_empty_line_is_null_where_there_is_one_column),
            cmocka_unit_test(a_header_alone_has_columns_and_no_rows),
            cmocka_unit_test(types_are_inferred_so_that_nothing_is_lost),
            cmocka_unit_test(quotes_say_nothing_where_everything_has_them),
            cmocka_unit_test(times_have_zones_in_all_their_spellings),
            cmocka_unit_test(every_type_is_read_by_a_schema),
            cmocka_unit_test(types_of_some_columns_go_before_inference),
            cmocka_unit_test(what_is_wrong_is_named_with_line_and_byte),
            cmocka_unit_test(the_first_record_that_is_wrong_counts_whatever_is_wrong_with_it),
            cmocka_unit_test(a_late_value_that_a_double_would_change_is_refused),
            cmocka_unit_test(a_schema_says_which_columns_there_must_be),
            cmocka_unit_test(limits_are_kept),
            cmocka_unit_test(long_fields_and_many_records_come_whole),
            cmocka_unit_test(both_ways_of_scanning_agree),
            cmocka_unit_test(records_are_counted_without_their_values),
            cmocka_unit_test(memory_may_run_out_at_any_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
