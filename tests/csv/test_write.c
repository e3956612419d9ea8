/* tests/csv/test_write.c - batches as CSV: quotes where they are needed, and every value back as it was. */
#include "csv_text.h"

#include "alloc_nth.h"

/* JSON lines into CSV: what is written is `want`. */
static dzr_status write_lines(const char *lines, const dzr_csv_dialect *dialect, const dzr_allocator *alloc,
        dzr_sink **out, dzr_schema **schema, dzr_error *err)
{
    dzr_source *source = NULL;
    dzr_jsonl_reader *reader = NULL;
    dzr_csv_writer *writer = NULL;
    dzr_sink *sink = NULL;
    const dzr_csv_write_options options = {.alloc = alloc, .dialect = *dialect};
    dzr_status st = dzr_source_memory((dzr_bytes){(const uint8_t *)lines, strlen(lines)}, NULL, &source, err);
    if (st == DZR_OK)
        st = dzr_jsonl_reader_open(source, NULL, &reader, err);
    if (st == DZR_OK)
        st = dzr_sink_memory(1 << 24, NULL, &sink, err);
    if (st == DZR_OK)
        st = dzr_csv_writer_open(sink, dzr_jsonl_reader_schema(reader), &options, &writer, err);
    while (st == DZR_OK) {
        dzr_batch *batch = NULL;
        st = dzr_jsonl_reader_next(reader, &batch, err);
        if (batch == NULL)
            break;
        st = dzr_csv_writer_append(writer, batch, err);
        dzr_batch_free(batch);
    }
    if (st == DZR_OK)
        st = dzr_csv_writer_finish(writer, err);
    if (st == DZR_OK && schema != NULL)
        *schema = dzr_schema_hold(dzr_jsonl_reader_schema(reader));
    dzr_csv_writer_close(writer);
    dzr_jsonl_reader_close(reader);
    dzr_source_close(source);
    if (st == DZR_OK)
        *out = sink;
    else
        dzr_sink_close(sink);
    return st;
}

/* The text is `want`, and read by the same schema it is `lines` again. */
static void assert_writes(const char *lines, dzr_csv_dialect dialect, const char *want)
{
    dzr_error err = {.message = ""};
    dzr_sink *sink = NULL;
    dzr_schema *schema = NULL;
    assert_ok(write_lines(lines, &dialect, NULL, &sink, &schema, &err));
    const dzr_bytes got = dzr_sink_memory_bytes(sink);
    if (got.len != strlen(want) || memcmp(got.at, want, got.len) != 0)
        fail_msg("got\n%.*s\nand not\n%s", (int)got.len, (const char *)got.at, want);
    assert_reads((const char *)got.at, got.len, &(dzr_csv_read_options){.schema = schema, .dialect = dialect}, lines);
    dzr_schema_free(schema);
    dzr_sink_close(sink);
}

static void text_gets_quotes_where_it_needs_them(void **state)
{
    (void)state;
    assert_writes("{\"a\":\"plain\",\"b,c\":1}\n{\"a\":\"x,\\\"y\\\"\",\"b,c\":2}\n{\"a\":\"two\\nlines\",\"b,c\":3}\n"
                  "{\"a\":\"\",\"b,c\":4}\n{\"a\":null,\"b,c\":null}\n{\"a\":\"\\r\",\"b,c\":5}\n",
            (dzr_csv_dialect){0}, "a,\"b,c\"\nplain,1\n\"x,\"\"y\"\"\",2\n\"two\nlines\",3\n\"\",4\n,\n\"\r\",5\n");
}

static void text_that_looks_like_something_else_gets_them_too(void **state)
{
    (void)state;
    assert_writes("{\"a\":\"1\",\"b\":true}\n{\"a\":\"007\",\"b\":false}\n{\"a\":\"2024-01-31\",\"b\":true}\n"
                  "{\"a\":\"true\",\"b\":true}\n{\"a\":\"NaN\",\"b\":true}\n{\"a\":\"nancy\",\"b\":true}\n",
            (dzr_csv_dialect){0},
            "a,b\n\"1\",true\n007,false\n\"2024-01-31\",true\n\"true\",true\n\"NaN\",true\nnancy,true\n");
}

static void numbers_are_shortest_and_floats_show_that_they_are(void **state)
{
    (void)state;
    assert_writes("{\"a\":0.1,\"b\":1}\n{\"a\":3,\"b\":-2}\n{\"a\":1e+300,\"b\":9223372036854775807}\n",
            (dzr_csv_dialect){0}, "a,b\n0.1,1\n3.0,-2\n1e+300,9223372036854775807\n");
}

static void what_is_nested_is_json(void **state)
{
    (void)state;
    assert_writes("{\"a\":{\"x\":[1,2]},\"b\":[]}\n{\"a\":{\"x\":null},\"b\":[\"q\\\"\"]}\n{\"a\":null,\"b\":null}\n",
            (dzr_csv_dialect){0}, "a,b\n\"{\"\"x\"\":[1,2]}\",[]\n\"{\"\"x\"\":null}\",\"[\"\"q\\\"\"\"\"]\"\n,\n");
}

static void any_dialect_comes_back(void **state)
{
    (void)state;
    const char *const lines = "{\"a\":\"x;y\",\"b\":-1.5}\n{\"a\":\"it's\",\"b\":null}\n";
    assert_writes(lines, (dzr_csv_dialect){.delimiter = ';', .quote = '\''}, "a;b\n'x;y';-1.5\n'it''s';\n");
    assert_writes(lines, (dzr_csv_dialect){.delimiter = '.', .quote = '-'}, "a.b\nx;y.---1.5-\nit's.\n");
    assert_writes(lines, (dzr_csv_dialect){.no_quotes = true, .delimiter = '\t'}, "a\tb\nx;y\t-1.5\nit's\t\n");
    assert_writes(lines, (dzr_csv_dialect){.no_header = true}, "x;y,-1.5\nit's,\n");
}

static void without_quotes_what_needs_them_is_refused(void **state)
{
    (void)state;
    dzr_error err;
    dzr_sink *sink = NULL;
    const dzr_csv_dialect none = {.no_quotes = true};
    assert_fails(write_lines("{\"a\":1,\"b\":\"x\"}\n{\"a\":2,\"b\":\"x,y\"}\n", &none, NULL, &sink, NULL, &err),
            DZR_ERR_TYPE, "memory: row 1: column \"b\": a text needs quotes, and there are none");
    assert_fails(write_lines("{\"a\":\"\"}\n", &none, NULL, &sink, NULL, &err), DZR_ERR_TYPE,
            "memory: row 0: column \"a\": an empty text needs quotes");
    assert_fails(write_lines("{\"a,b\":1}\n", &none, NULL, &sink, NULL, &err), DZR_ERR_TYPE,
            "memory: the name of column 1: a text needs quotes");
}

static dzr_status attempt(const dzr_allocator *alloc, void *ctx, dzr_error *err)
{
    (void)ctx;
    dzr_sink *sink = NULL;
    const dzr_csv_dialect dialect = {0};
    const dzr_status st = write_lines("{\"a\":[1],\"b\":\"x,y\"}\n", &dialect, alloc, &sink, NULL, err);
    dzr_sink_close(sink);
    return st;
}

static void memory_may_run_out_at_any_request(void **state)
{
    (void)state;
    assert_true(every_request_fails(attempt, NULL) > 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(text_gets_quotes_where_it_needs_them),
            cmocka_unit_test(text_that_looks_like_something_else_gets_them_too),
            cmocka_unit_test(numbers_are_shortest_and_floats_show_that_they_are),
            cmocka_unit_test(what_is_nested_is_json),
            cmocka_unit_test(any_dialect_comes_back),
            cmocka_unit_test(without_quotes_what_needs_them_is_refused),
            cmocka_unit_test(memory_may_run_out_at_any_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
