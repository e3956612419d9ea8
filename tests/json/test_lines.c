/* tests/json/test_lines.c - JSON lines into batches: inference, lines and their numbers, limits, streams cut anywhere.
 */
#include "support.h"

#include "alloc_nth.h"
#include "json/internal.h"

#include <stdio.h>
#include <stdlib.h>

/* A source that is a stream and hands out at most `piece` bytes at a time. */
typedef struct dripping_source {
    dzr_source source;
    dzr_bytes bytes;
    size_t at, piece;
} dripping_source;

static dzr_status drip(dzr_source *source, void *out, size_t n, size_t *n_read, dzr_error *err)
{
    (void)err;
    dripping_source *const from = (dripping_source *)source;
    *n_read = DZR_MIN(DZR_MIN(n, from->piece), from->bytes.len - from->at);
    if (*n_read > 0)
        memcpy(out, from->bytes.at + from->at, *n_read);
    from->at += *n_read;
    return DZR_OK;
}

static dripping_source dripping(const void *bytes, size_t len, size_t piece)
{
    static const dzr_source_ops ops = {.read = drip};
    return (dripping_source){
            .source = {.ops = &ops, .name = "in.jsonl", .n_bytes = DZR_SIZE_UNKNOWN},
            .bytes = {bytes, len},
            .piece = piece,
    };
}

/* Reads it all and writes it as JSON lines into a memory sink; *n_batches counts. */
static dzr_status copy(
        dzr_source *source, const dzr_jsonl_read_options *options, dzr_sink **out, int *n_batches, dzr_error *err)
{
    const dzr_allocator *const alloc = options != NULL ? options->alloc : NULL;
    dzr_jsonl_reader *reader = NULL;
    dzr_json_writer *writer = NULL;
    dzr_sink *sink = NULL;
    dzr_status st = dzr_jsonl_reader_open(source, options, &reader, err);
    if (st == DZR_OK)
        st = dzr_sink_memory(1 << 26, alloc, &sink, err);
    if (st == DZR_OK)
        st = dzr_json_writer_open(
                sink, dzr_jsonl_reader_schema(reader), &(dzr_json_write_options){.alloc = alloc}, &writer, err);
    *n_batches = 0;
    while (st == DZR_OK) {
        dzr_batch *batch = NULL;
        st = dzr_jsonl_reader_next(reader, &batch, err);
        if (batch == NULL)
            break;
        ++*n_batches;
        st = dzr_json_writer_append(writer, batch, err);
        dzr_batch_free(batch);
    }
    if (st == DZR_OK)
        st = dzr_json_writer_finish(writer, err);
    dzr_json_writer_close(writer);
    dzr_jsonl_reader_close(reader);
    if (st == DZR_OK)
        *out = sink;
    else
        dzr_sink_close(sink);
    return st;
}

static void assert_copied(const void *in, size_t len, size_t piece, const dzr_jsonl_read_options *options,
        const char *want, size_t want_len)
{
    dzr_error err;
    dzr_sink *sink = NULL;
    int n_batches = 0;
    dripping_source source = dripping(in, len, piece);
    assert_ok(copy(&source.source, options, &sink, &n_batches, &err));
    const dzr_bytes have = dzr_sink_memory_bytes(sink);
    if (have.len != want_len || (want_len > 0 && memcmp(have.at, want, want_len) != 0))
        fail_msg("in pieces of %zu: wrote\n%.*s\ninstead of\n%s", piece, (int)have.len, (const char *)have.at, want);
    dzr_sink_close(sink);
}

static void columns_are_inferred_in_order_of_appearance(void **state)
{
    (void)state;
    static const struct {
        const char *in, *schema;
    } cases[] = {
            {"{\"a\":1,\"b\":true,\"c\":\"x\",\"d\":1.5}", "a int64, b bool, c string, d double"},
            {"{\"b\":1}\n{\"a\":1}", "b int64, a int64"},
            {"{\"a\":1}\n{\"a\":1.0}\n{\"a\":2}", "a double"},
            {"{\"a\":1e2}", "a double"},
            {"{\"a\":null}", "a string"},
            {"{\"a\":null}\n{\"a\":false}", "a bool"},
            {"{\"a\":9223372036854775807}\n{\"a\":-9223372036854775808}", "a int64"},
            {"{\"a\":9223372036854775808}\n{\"a\":1}", "a uint64"},
            {"{\"a\":18446744073709551615}\n{\"a\":-1}\n{\"a\":0.5}", NULL},
            {"{\"a\":0.5}\n{\"a\":-1}\n{\"a\":18446744073709551615}", "a double"},
            {"{\"a\":\"2024-01-01T00:00:00Z\"}", "a string"},
            {"{\"a\\u0062\":\"x\"}\n{\"ab\":\"y\"}", "ab string"},
            {"\xef\xbb\xbf{\"a\":1}", "a int64"},
            {"\n \t\r\n{}\n{\"a\":1}\n\n", "a int64"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dzr_error err;
        dzr_jsonl_reader *reader = NULL;
        dripping_source source = dripping(cases[i].in, strlen(cases[i].in), 1 << 20);
        const dzr_status st = dzr_jsonl_reader_open(&source.source, NULL, &reader, &err);
        if (cases[i].schema == NULL) {
            assert_string_equal(dzr_status_name(st), "DZR_ERR_TYPE");
            continue;
        }
        if (st != DZR_OK)
            fail_msg("%s: %s", cases[i].in, err.message);
        char have[256] = "";
        const dzr_schema *const schema = dzr_jsonl_reader_schema(reader);
        for (int32_t k = 0; k < dzr_schema_n_fields(schema); k++) {
            const dzr_field *const field = dzr_schema_field(schema, k);
            assert_true(field->nullable);
            const size_t len = strlen(have);
            snprintf(have + len, sizeof have - len, "%s%s %s", k > 0 ? ", " : "", field->name,
                    dzr_type_name(field->type));
        }
        assert_string_equal(have, cases[i].schema);
        dzr_jsonl_reader_close(reader);
    }
}

static const struct {
    const char *proves, *in;
    dzr_status want;
    int64_t line, offset;
    const char *message;
} complaints[] = {
        {"no_text", "", DZR_ERR_TYPE, -1, -1, "in.jsonl: no record from which columns could be inferred"},
        {"blank_lines_only", "\n \n", DZR_ERR_TYPE, -1, -1, "in.jsonl: no record from which columns could be inferred"},
        {"records_without_members", "{}\n{}\n", DZR_ERR_TYPE, -1, -1,
                "in.jsonl: the records have no members from which columns could be inferred"},
        {"array_over_lines", "[\n{\"a\":1}\n]\n", DZR_ERR_SYNTAX, 1, 1,
                "in.jsonl: line 1: byte 1: the text ends where a value was expected"},
        {"array_in_a_line", "[{\"a\":1}]", DZR_ERR_TYPE, 1, 0,
                "in.jsonl: line 1: an array where an object was expected"},
        {"pretty_object", "{\n  \"a\": 1\n}\n", DZR_ERR_SYNTAX, 1, 1,
                "in.jsonl: line 1: byte 1: the text ends where a member name or '}' was expected"},
        {"two_objects_in_a_line", "{\"a\":1}\n\n{\"a\":2} {\"a\":3}\n", DZR_ERR_SYNTAX, 3, 17,
                "in.jsonl: line 3: byte 8: '{' where the end of the line was expected"},
        {"array_after_a_number", "{\"a\":1}\n{\"a\":[1]}\n", DZR_ERR_TYPE, 2, -1,
                "in.jsonl: line 2: member \"a\": an array, where an earlier record has a whole number"},
        {"object_after_an_array", "{\"a\":{\"b\":[]}}\n{\"a\":{\"b\":{}}}\n", DZR_ERR_TYPE, 2, -1,
                "in.jsonl: line 2: member \"a.b\": an object, where an earlier record has an array"},
        {"mixed_elements", "{\"a\":[{\"b\":[1,true]}]}\n", DZR_ERR_TYPE, 1, -1,
                "in.jsonl: line 1: member \"a[].b[]\": a bool, where an earlier element has a whole number"},
        {"mixed_kinds", "{\"a\":1}\n{\"a\":\"x\"}\n", DZR_ERR_TYPE, 2, -1,
                "in.jsonl: line 2: member \"a\": a string, where an earlier record has a whole number"},
        {"beyond_64_bits", "{\"a\":99999999999999999999}\n", DZR_ERR_TYPE, 1, -1,
                "in.jsonl: line 1: member \"a\": number 99999999999999999999 is outside the range of int64 and uint64"},
        {"cut_in_the_last_line", "{\"a\":1}\n{\"a\":", DZR_ERR_SYNTAX, 2, 13,
                "in.jsonl: line 2: byte 5: the text ends where a value was expected"},
        {"cut_in_a_string", "{\"a\":\"x\"}\n{\"a\":\"y\n{\"a\":\"z\"}\n", DZR_ERR_SYNTAX, 2, 17,
                "in.jsonl: line 2: byte 7: the text ends where the closing '\"' of a string was expected"},
};

static void complaints_name_file_and_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof complaints / sizeof *complaints; i++) {
        for (size_t piece = 1; piece < 100000; piece *= 300) {
            dzr_error err;
            dzr_sink *sink = NULL;
            int n_batches = 0;
            dripping_source source = dripping(complaints[i].in, strlen(complaints[i].in), piece);
            const dzr_status st = copy(&source.source, NULL, &sink, &n_batches, &err);
            if (st != complaints[i].want || strcmp(err.message, complaints[i].message) != 0)
                fail_msg("%s: %s: \"%s\"", complaints[i].proves, dzr_status_name(st), err.message);
            if (err.line != complaints[i].line || err.offset != complaints[i].offset)
                fail_msg(
                        "%s: line %lld, offset %lld", complaints[i].proves, (long long)err.line, (long long)err.offset);
            assert_null(sink);
        }
    }
}

static void what_comes_after_the_sample_must_fit(void **state)
{
    (void)state;
    static const struct {
        const char *in, *message;
        dzr_status want;
    } cases[] = {
            {"{\"a\":1}\n\n{\"a\":5.5}\n",
                    "in.jsonl: line 3: member \"a\": number 5.5 is not int64 (as inferred from the records at the "
                    "start)",
                    DZR_ERR_TYPE},
            {"{\"a\":1}\n{\"a\":2,\"b\":1}\n",
                    "in.jsonl: line 2: member \"b\" is unknown (as inferred from the records at the start)",
                    DZR_ERR_TYPE},
            {"{\"a\":\"\"}\n{\"a\":\"\xff\"}\n",
                    "in.jsonl: line 2: member \"a\": string \"?\" is not valid Unicode (as inferred from the records "
                    "at the start)",
                    DZR_ERR_TYPE},
            {"{\"a\":1}\n{\"a\":2,}\n", "in.jsonl: line 2: byte 7: '}' where a member name was expected",
                    DZR_ERR_SYNTAX},
            {"{\"a\":1}\n{\"a\":\n2}\n", "in.jsonl: line 2: byte 5: the text ends where a value was expected",
                    DZR_ERR_SYNTAX},
            {"{\"a\":1}\n{\"a\":2}}\n", "in.jsonl: line 2: byte 7: '}' where the end of the line was expected",
                    DZR_ERR_SYNTAX},
            {"{\"a\":1}\n{\"a\":2\n,\"b\":3}\n",
                    "in.jsonl: line 2: byte 6: the text ends where ',' or '}' after a value was expected",
                    DZR_ERR_SYNTAX},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dzr_error err;
        dzr_sink *sink = NULL;
        int n_batches = 0;
        dripping_source source = dripping(cases[i].in, strlen(cases[i].in), 7);
        const dzr_status st =
                copy(&source.source, &(dzr_jsonl_read_options){.sample_rows = 1}, &sink, &n_batches, &err);
        if (st != cases[i].want || strcmp(err.message, cases[i].message) != 0)
            fail_msg("%s: %s: \"%s\"", cases[i].in, dzr_status_name(st), err.message);
    }
}

static void a_given_schema_and_its_rules_are_kept(void **state)
{
    (void)state;
    static const dzr_field fields[] = {{.name = "Id", .type = {.id = DZR_TYPE_INT32}, .nullable = false},
            {.name = "Name", .type = {.id = DZR_TYPE_STRING}, .nullable = false}};
    static const char in[] = "{\"name\":\"a\",\"more\":[1]}\n\n{\"ID\":7,\"name\":\"\xff\"}\nnull\n{\"id\":1}";
    static const char want[] = "{\"Id\":0,\"Name\":\"a\"}\n{\"Id\":7,\"Name\":\"\xef\xbf\xbd\"}\n{\"Id\":0,\"Name\":"
                               "\"\"}\n{\"Id\":1,\"Name\":\"\"}\n";
    dzr_error err;
    dzr_schema *schema = NULL;
    assert_ok(dzr_schema_new(fields, 2, NULL, &schema, &err));
    const dzr_jsonl_read_options options = {.schema = schema, .rules = DZR_JSON_RULES_GO};
    assert_copied(in, sizeof in - 1, 1, &options, want, sizeof want - 1);
    assert_copied(in, sizeof in - 1, 4096, &options, want, sizeof want - 1);
    assert_copied("", 0, 1, &options, "", 0);
    dzr_schema_free(schema);
}

/* Some megabytes, so that lines lie across blocks, in pieces and batches of odd sizes: nothing is lost or doubled. */
static void blocks_may_end_anywhere(void **state)
{
    (void)state;
    static const char filler[] = "some more text, long enough to be cut at any place of a block ......................";
    char *const good = malloc(4 << 20);
    size_t n_good = 0;
    for (int i = 0; n_good < (3 << 20); i++)
        n_good += (size_t)snprintf(good + n_good, 300,
                "{\"id\":%d,\"s\":\"\xc5\xbdofie \\\"%.*s\",\"d\":%d.5,\"b\":%s}\n", i, i % 83, filler, i,
                i % 3 == 0   ? "true"
                : i % 3 == 1 ? "false"
                             : "null");
    static const size_t pieces[] = {997, 65536, 1 << 20, 4 << 20};
    static const int64_t batch_rows[] = {1000, 0, 7777, 1};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        assert_copied(good, n_good, pieces[i], &(dzr_jsonl_read_options){.batch_rows = batch_rows[i]}, good, n_good);
    /* one stray byte makes simdjson refuse its block, which is then taken line by line up to the one at fault */
    good[n_good / 2] = (char)0xff;
    int64_t line = 1;
    for (size_t i = 0; i < n_good / 2; i++)
        line += good[i] == '\n';
    dzr_error err;
    dzr_sink *sink = NULL;
    int n_batches = 0;
    dripping_source source = dripping(good, n_good, 65536);
    const dzr_status st = copy(&source.source, NULL, &sink, &n_batches, &err);
    assert_true(st == DZR_ERR_TYPE || st == DZR_ERR_SYNTAX);
    assert_int_equal(err.line, line);
    free(good);
}

static void a_line_has_a_limit(void **state)
{
    (void)state;
    enum { LIMIT = 3 << 20 };
    dzr_error err;
    for (int over = 0; over < 2; over++) {
        const size_t len = LIMIT + (size_t)over;
        char *const text = malloc(len + 10);
        memset(text, 'x', len);
        memcpy(text, "{\"a\":\"", 6);
        memcpy(text + len - 2, "\"}\n{\"a\":1}\n", 3);
        for (int sampled = 0; sampled < 2; sampled++) {
            const dzr_field field = {.name = "a", .type = {.id = DZR_TYPE_STRING}, .nullable = true};
            dzr_schema *schema = NULL;
            assert_ok(dzr_schema_new(&field, 1, NULL, &schema, &err));
            const dzr_jsonl_read_options options = {.limits = {.line_bytes = LIMIT}, .schema = sampled ? NULL : schema};
            dripping_source source = dripping(text, len + 1, 100000);
            dzr_sink *sink = NULL;
            int n_batches = 0;
            if (over) {
                assert_fails(copy(&source.source, &options, &sink, &n_batches, &err), DZR_ERR_LIMIT,
                        "in.jsonl: line 1: is longer than the 3145728 bytes allowed");
                assert_int_equal(err.line, 1);
            } else {
                assert_ok(copy(&source.source, &options, &sink, &n_batches, &err));
                assert_int_equal(n_batches, 1);
                dzr_sink_close(sink);
            }
            dzr_schema_free(schema);
        }
        free(text);
    }
}

static void options_out_of_range_are_refused(void **state)
{
    (void)state;
    dzr_error err;
    dzr_jsonl_reader *reader = NULL;
    dripping_source source = dripping("{}", 2, 2);
    assert_fails(dzr_jsonl_reader_open(&source.source, &(dzr_jsonl_read_options){.batch_rows = -1}, &reader, &err),
            DZR_ERR_ARG, "negative");
    assert_fails(dzr_jsonl_reader_open(&source.source, &(dzr_jsonl_read_options){.sample_rows = -1}, &reader, &err),
            DZR_ERR_ARG, "negative");
    dzr_schema *schema = NULL;
    assert_ok(dzr_schema_new(NULL, 0, NULL, &schema, &err));
    assert_fails(dzr_jsonl_reader_open(&source.source, &(dzr_jsonl_read_options){.schema = schema}, &reader, &err),
            DZR_ERR_ARG, "a schema without columns");
    dzr_schema_free(schema);
    assert_null(reader);
}

static void every_failing_allocation_is_answered(void **state)
{
    (void)state;
    static const char in[] =
            "{\"a\":1,\"b\":\"x\\n\",\"c\":null}\n{\"a\":2,\"b\":\"a longer string than a view holds\"}\n";
    int64_t nth = 1;
    for (;; nth++) {
        alloc_nth alloc;
        dzr_error err;
        dzr_sink *sink = NULL;
        int n_batches = 0;
        alloc_nth_init(&alloc, nth);
        dripping_source source = dripping(in, sizeof in - 1, 1000);
        const dzr_status st = copy(&source.source,
                &(dzr_jsonl_read_options){.alloc = &alloc.allocator, .batch_rows = 1}, &sink, &n_batches, &err);
        if (st == DZR_OK) {
            dzr_sink_close(sink);
            assert_int_equal(alloc.n_out, 0);
            break;
        }
        assert_string_equal(dzr_status_name(st), "DZR_ERR_NOMEM");
        assert_int_equal(alloc.n_out, 0);
    }
    assert_true(nth > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(columns_are_inferred_in_order_of_appearance),
            cmocka_unit_test(complaints_name_file_and_line),
            cmocka_unit_test(what_comes_after_the_sample_must_fit),
            cmocka_unit_test(a_given_schema_and_its_rules_are_kept),
            cmocka_unit_test(blocks_may_end_anywhere),
            cmocka_unit_test(a_line_has_a_limit),
            cmocka_unit_test(options_out_of_range_are_refused),
            cmocka_unit_test(every_failing_allocation_is_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
