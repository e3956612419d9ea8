/* tests/record/test_origin.c - RecordInfo of JSON lines read as columns is what it is of records read one by one. */
#include "support.h"

#include "alloc_nth.h"

#include <datarizer/dataframe.h>
#include <datarizer/json.h>

#include <stdio.h>
#include <time.h>

typedef struct person {
    int64_t id;
    dzr_bytes name;
    double score;
    bool has_score;
    dzr_record_info info;
} person;

static const dzr_record_field person_fields[] = {DZR_FIELD(person, id, DZR_INT64), DZR_FIELD(person, name, DZR_STRING),
        DZR_OPTIONAL(person, score, has_score, DZR_DOUBLE), DZR_RECORD_INFO(person, info)};
static const dzr_record_type with_info = DZR_RECORD(person, person_fields);
static const dzr_record_type without_info = {
        .name = "person", .size = sizeof(person), .fields = person_fields, .n_fields = 3};

enum { NOW_MS = 1712345678901, MANY = 3000 };
static const char source_name[] = "a source of more than twelve bytes";

/* Appends a batch's rows to text as JSON lines. */
static void put_rows(const dzr_batch *batch, dzr_sink *text)
{
    dzr_error err;
    dzr_json_writer *writer = NULL;
    assert_ok(dzr_json_writer_open(text, dzr_batch_schema(batch), NULL, &writer, &err));
    assert_ok(dzr_json_writer_append(writer, batch, &err));
    assert_ok(dzr_json_writer_finish(writer, &err));
    dzr_json_writer_close(writer);
}

/* What the reader makes of in; *schema is held for the caller unless it is NULL. */
static dzr_status read_lines(
        dzr_bytes in, const dzr_jsonl_read_options *options, dzr_sink *text, dzr_schema **schema, dzr_error *err)
{
    dzr_source *source = NULL;
    dzr_jsonl_reader *reader = NULL;
    dzr_status st = dzr_source_memory(in, options->alloc, &source, err);
    if (st == DZR_OK)
        st = dzr_jsonl_reader_open(source, options, &reader, err);
    if (st == DZR_OK && schema != NULL)
        *schema = dzr_schema_hold(dzr_jsonl_reader_schema(reader));
    while (st == DZR_OK) {
        dzr_batch *batch = NULL;
        st = dzr_jsonl_reader_next(reader, &batch, err);
        if (batch == NULL)
            break;
        if (text != NULL)
            put_rows(batch, text);
        dzr_batch_free(batch);
    }
    dzr_jsonl_reader_close(reader);
    dzr_source_close(source);
    return st;
}

static dzr_bytes of(const char *text)
{
    return (dzr_bytes){(const uint8_t *)text, strlen(text)};
}

static void rows_are_those_of_records_parsed_one_by_one(void **state)
{
    (void)state;
    static char in[MANY * 120];
    size_t n = 0;
    dzr_error err;
    dzr_dataframe *frame = NULL;
    dzr_batch *batch = NULL;
    dzr_schema *schema = NULL, *built = NULL, *whole = NULL;
    dzr_sink *want = NULL;
    assert_ok(dzr_dataframe_new(&with_info, NULL, &frame, &err));
    const dzr_record_parse_options parse = {.source_info = source_name, .now_ms = NOW_MS};
    for (int i = 0; i < MANY; i++) {
        static const char *const shapes[] = {"{\"id\":%d,\"name\":\"Anna\",\"score\":0.5}",
                "{\"id\": %d, \"name\": \"Jos\u00e9 \\n and others\", \"score\": null}", "{\"name\":\"\",  \"id\":%d }",
                "{\"id\":%d,\"name\":\"x\",\"more\":[{\"a\":[]}]}"};
        char record[120];
        (void)snprintf(record, sizeof record, shapes[i % 7 % 4], i);
        assert_ok(dzr_dataframe_parse_json(frame, of(record), &parse, &err));
        static const char *const around[][2] = {{"", "\n"}, {"", "\r\n"}, {" \t", " \n"}, {"", "\n\n"}};
        n += (size_t)snprintf(in + n, sizeof in - n, "%s%s%s", around[i % 5 % 4][0], record, around[i % 5 % 4][1]);
    }
    assert_ok(dzr_dataframe_to_batch(frame, 0, MANY, &batch, &err));
    assert_ok(dzr_sink_memory(SIZE_MAX, NULL, &want, &err));
    put_rows(batch, want);
    assert_ok(dzr_record_schema(&without_info, NULL, &schema, &err));
    assert_ok(dzr_record_schema(&with_info, NULL, &whole, &err));
    const dzr_jsonl_record_info info = {.source_info = source_name, .now_ms = NOW_MS};
    for (int32_t threads = 1; threads <= 3; threads += 2) {
        const dzr_jsonl_read_options options = {
                .schema = schema, .record_info = &info, .batch_rows = 700, .threads = threads};
        dzr_sink *have = NULL;
        assert_ok(dzr_sink_memory(SIZE_MAX, NULL, &have, &err));
        assert_ok(read_lines((dzr_bytes){(const uint8_t *)in, n}, &options, have, &built, &err));
        assert_true(dzr_schema_equal(built, whole));
        const dzr_bytes a = dzr_sink_memory_bytes(want), b = dzr_sink_memory_bytes(have);
        assert_int_equal(a.len, b.len);
        assert_memory_equal(a.at, b.at, a.len);
        dzr_sink_close(have);
        dzr_schema_free(built);
    }
    dzr_sink_close(want);
    dzr_batch_free(batch);
    dzr_schema_free(schema);
    dzr_schema_free(whole);
    dzr_dataframe_free(frame);
}

static void by_default_the_source_and_the_time_are_what_they_are(void **state)
{
    (void)state;
    dzr_error err;
    dzr_source *source = NULL;
    dzr_jsonl_reader *reader = NULL;
    dzr_batch *batch = NULL;
    const dzr_jsonl_record_info info = {.now_ms = 0};
    const dzr_jsonl_read_options options = {.record_info = &info};
    struct timespec start, end;
    clock_gettime(CLOCK_REALTIME, &start);
    assert_ok(dzr_source_memory(of("\xef\xbb\xbf{\"a\":1}\n{\"a\":2}"), NULL, &source, &err));
    source->name = "in.jsonl";
    assert_ok(dzr_jsonl_reader_open(source, &options, &reader, &err));
    assert_ok(dzr_jsonl_reader_next(reader, &batch, &err));
    clock_gettime(CLOCK_REALTIME, &end);
    assert_int_equal(dzr_batch_n_rows(batch), 2);
    const dzr_column *const group = dzr_batch_column(batch, 1);
    const dzr_bytes raw = dzr_column_bytes(group->children[0], 0), from = dzr_column_bytes(group->children[3], 1);
    const int64_t at_ms = ((const int64_t *)group->children[2]->values)[0];
    assert_int_equal(raw.len, 7);
    assert_memory_equal(raw.at, "{\"a\":1}", 7);
    assert_int_equal(from.len, 8);
    assert_memory_equal(from.at, "in.jsonl", 8);
    assert_true(at_ms >= start.tv_sec * 1000 + start.tv_nsec / 1000000);
    assert_true(at_ms <= end.tv_sec * 1000 + end.tv_nsec / 1000000);
    dzr_batch_free(batch);
    dzr_jsonl_reader_close(reader);
    dzr_source_close(source);
}

static void bytes_that_are_not_utf8_are_refused_or_kept_as_binary(void **state)
{
    (void)state;
    static const char in[] = "{\"a\":1}\n{\"a\":2,\"b\":\"\xff\"}\n";
    static const dzr_field a = {.name = "a", .type.id = DZR_TYPE_INT64};
    dzr_error err;
    dzr_schema *schema = NULL, *built = NULL;
    dzr_sink *text = NULL;
    const dzr_jsonl_record_info info = {.source_info = "s", .now_ms = 1};
    assert_ok(dzr_schema_new(&a, 1, NULL, &schema, &err));
    dzr_jsonl_read_options options = {.schema = schema, .record_info = &info};
    assert_fails(read_lines(of(in), &options, NULL, NULL, &err), DZR_ERR_TYPE,
            "line 2: is not UTF-8, as column \"_raw_data\" has to be");
    assert_int_equal(err.line, 2);
    options.rules.replace_invalid = true;
    assert_ok(dzr_sink_memory(4096, NULL, &text, &err));
    assert_ok(read_lines(of(in), &options, text, &built, &err));
    assert_int_equal(dzr_schema_node(built, 2)->type.id, DZR_TYPE_BINARY);
    const dzr_bytes have = dzr_sink_memory_bytes(text);
    assert_non_null(memmem(have.at, have.len, "\"eyJhIjoyLCJiIjoi/yJ9\"", 22)); /* {"a":2,"b":" FF "} in base64 */
    dzr_sink_close(text);
    dzr_schema_free(schema);
    dzr_schema_free(built);
}

static void a_column_of_that_name_is_refused(void **state)
{
    (void)state;
    dzr_error err;
    const dzr_jsonl_record_info info = {.now_ms = 1};
    const dzr_jsonl_read_options options = {.record_info = &info};
    assert_fails(read_lines(of("{\"a\":1,\"_recordinfo\":2}\n"), &options, NULL, NULL, &err), DZR_ERR_TYPE,
            "there is a column \"_recordinfo\" already");
}

static void an_allocation_that_fails_loses_nothing(void **state)
{
    (void)state;
    static const char in[] = "{\"a\":1}\n{\"a\":null,\"b\":\"a text of some length\"}\n"
                             "{\"a\":3}                                                                         \n";
    const dzr_jsonl_record_info info = {.source_info = source_name, .now_ms = 1};
    int64_t nth = 1;
    for (;; nth++) {
        alloc_nth alloc;
        dzr_error err;
        alloc_nth_init(&alloc, nth);
        const dzr_jsonl_read_options options = {.alloc = &alloc.allocator, .record_info = &info};
        const dzr_status st = read_lines(of(in), &options, NULL, NULL, &err);
        assert_int_equal(alloc.n_out, 0);
        if (alloc.n_requests < nth) {
            assert_int_equal(st, DZR_OK);
            break;
        }
        assert_true(
                st == DZR_OK || st == DZR_ERR_NOMEM); /* the thorough way may find room where the quick one had none */
    }
    assert_true(nth > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(rows_are_those_of_records_parsed_one_by_one),
            cmocka_unit_test(by_default_the_source_and_the_time_are_what_they_are),
            cmocka_unit_test(bytes_that_are_not_utf8_are_refused_or_kept_as_binary),
            cmocka_unit_test(a_column_of_that_name_is_refused),
            cmocka_unit_test(an_allocation_that_fails_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
