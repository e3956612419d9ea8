/* tests/json/test_threads.c - JSON lines read by any number of threads: the same batches, then the same error. Also run
 * under ThreadSanitizer. */
#include "support.h"

#include "alloc_nth.h"
#include "base/internal.h"
#include <datarizer/json.h>

#include <stdio.h>
#include <stdlib.h>

static const int32_t numbers[] = {0, 2, 8};
enum { N_NUMBERS = sizeof numbers / sizeof *numbers };

/* ---- a stream that gives a few bytes a call, and fails at some byte ---- */

typedef struct stream {
    dzr_source source;
    dzr_bytes text;
    size_t at, piece, fail_at; /* fail_at: SIZE_MAX: never */
} stream;

static dzr_status stream_read(dzr_source *source, void *out, size_t n, size_t *n_read, dzr_error *err)
{
    stream *const s = (stream *)source;
    if (s->at >= s->fail_at)
        return dzr_fail(err, DZR_ERR_IO, "%s: the cable is cut", source->name);
    *n_read = DZR_MIN(DZR_MIN(n, s->piece), DZR_MIN(s->text.len, s->fail_at) - s->at);
    memcpy(out, s->text.at + s->at, *n_read);
    s->at += *n_read;
    return DZR_OK;
}

static stream stream_of(dzr_bytes text, size_t piece, size_t fail_at)
{
    static const dzr_source_ops ops = {.read = stream_read};
    return (stream){.source = {.ops = &ops, .name = "in.jsonl", .n_bytes = DZR_SIZE_UNKNOWN},
            .text = text,
            .piece = piece,
            .fail_at = DZR_MIN(fail_at, SIZE_MAX)};
}

/* ---- what came out ---- */

typedef struct outcome {
    dzr_status status;
    dzr_error err;
    dzr_sink *rows;        /* as JSON lines again */
    int64_t n_rows[10000]; /* of each batch */
    int32_t n_batches;
} outcome;

static void outcome_free(outcome *out)
{
    dzr_sink_close(out->rows);
    free(out);
}

static outcome *read_all(stream source, dzr_jsonl_read_options options)
{
    dzr_error err;
    outcome *const out = calloc(1, sizeof *out);
    assert_non_null(out);
    dzr_jsonl_reader *reader = NULL;
    dzr_json_writer *writer = NULL;
    assert_ok(dzr_sink_memory(SIZE_MAX, NULL, &out->rows, &err));
    out->status = dzr_jsonl_reader_open(&source.source, &options, &reader, &out->err);
    while (out->status == DZR_OK) {
        dzr_batch *batch = NULL;
        out->status = dzr_jsonl_reader_next(reader, &batch, &out->err);
        if (batch == NULL)
            break;
        if (writer == NULL)
            assert_ok(dzr_json_writer_open(out->rows, dzr_jsonl_reader_schema(reader), NULL, &writer, &err));
        assert_ok(dzr_json_writer_append(writer, batch, &err));
        assert_true(out->n_batches < 10000);
        out->n_rows[out->n_batches++] = dzr_batch_n_rows(batch);
        dzr_batch_free(batch);
    }
    if (writer != NULL)
        assert_ok(dzr_json_writer_finish(writer, &err));
    dzr_json_writer_close(writer);
    dzr_jsonl_reader_close(reader);
    return out;
}

static void assert_same_outcome(const outcome *a, const outcome *b)
{
    assert_string_equal(dzr_status_name(a->status), dzr_status_name(b->status));
    if (a->status != DZR_OK) {
        assert_string_equal(a->err.message, b->err.message);
        assert_int_equal(a->err.line, b->err.line);
        assert_int_equal(a->err.offset, b->err.offset);
    }
    assert_int_equal(a->n_batches, b->n_batches);
    assert_memory_equal(a->n_rows, b->n_rows, (size_t)a->n_batches * sizeof *a->n_rows);
    const dzr_bytes left = dzr_sink_memory_bytes(a->rows), right = dzr_sink_memory_bytes(b->rows);
    assert_int_equal(left.len, right.len);
    if (left.len > 0)
        assert_memory_equal(left.at, right.at, left.len);
}

/* Reads the text with any number of threads; what one does is given back. */
static outcome *assert_same(dzr_bytes text, size_t piece, size_t fail_at, dzr_jsonl_read_options options)
{
    outcome *first = NULL;
    for (size_t k = 0; k < N_NUMBERS; k++) {
        options.threads = numbers[k];
        outcome *const out = read_all(stream_of(text, piece, fail_at), options);
        if (first != NULL) {
            assert_same_outcome(first, out);
            outcome_free(out);
        } else {
            first = out;
        }
    }
    return first;
}

/* ---- texts ---- */

/* Records of some kinds, with blank lines between; bad is a line that takes the place of record bad_at. */
static dzr_bytebuf make_text(int n_records, const char *bad, int bad_at)
{
    dzr_bytebuf text = {0};
    dzr_error err;
    assert_ok(dzr__bytebuf_append(&text, "\xef\xbb\xbf", 3, &err));
    for (int i = 0; i < n_records; i++) {
        char line[400];
        int len = snprintf(line, sizeof line,
                "{\"id\":%d,\"name\":\"n\\u00e9%d\\n%.*s\",\"tags\":[%s],\"at\":{\"x\":%d.5,\"y\":%s}}%s\n", i,
                i * 7919, i % 90,
                "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890",
                i % 3 == 0   ? ""
                : i % 3 == 1 ? "\"a\""
                             : "\"a\",null,\"c\"",
                i % 1000, i % 5 == 0 ? "null" : "true", i % 11 == 0 ? "\r" : "");
        if (bad != NULL && i == bad_at) {
            assert_ok(dzr__bytebuf_append(&text, bad, strlen(bad), &err));
            len = snprintf(line, sizeof line, "\n");
        }
        assert_ok(dzr__bytebuf_append(&text, line, (size_t)len, &err));
        if (i % 17 == 0)
            assert_ok(dzr__bytebuf_append(&text, "\n \t\r\n", 5, &err));
    }
    return text;
}

static dzr_bytes bytes_of(const dzr_bytebuf *text)
{
    return (dzr_bytes){text->at, text->len};
}

static void batches_are_the_same(void **state)
{
    (void)state;
    static const int64_t batch_rows[] = {1, 7, 1000, 0};
    static const size_t pieces[] = {SIZE_MAX, 4096};
    static const int counts[] = {1, 2, 300, 4001};
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        dzr_bytebuf text = make_text(counts[c], NULL, 0);
        for (size_t b = counts[c] > 1000 ? 1 : 0; b < sizeof batch_rows / sizeof *batch_rows; b++)
            for (size_t p = 0; p < sizeof pieces / sizeof *pieces; p++) {
                const dzr_jsonl_read_options options = {.batch_rows = batch_rows[b], .sample_rows = 20};
                outcome *const out = assert_same(bytes_of(&text), pieces[p], SIZE_MAX, options);
                assert_string_equal(dzr_status_name(out->status), "DZR_OK");
                int64_t n = 0;
                for (int32_t i = 0; i < out->n_batches; i++)
                    n += out->n_rows[i];
                assert_int_equal(n, counts[c]);
                outcome_free(out);
            }
        dzr__bytebuf_fini(&text);
    }
}

static void the_first_bad_line_fails(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        dzr_status want;
        const char *part;
    } cases[] = {
            {"{\"id\":1,", DZR_ERR_SYNTAX, "line 2"},
            {"{\"id\":\"x\"}", DZR_ERR_TYPE, "member \"id\": string \"x\" is not int64"},
            {"{\"id\":1,\"new\":2}", DZR_ERR_TYPE, "new"},
            {"{\"id\":1} x", DZR_ERR_SYNTAX, "the end of the line"},
            {"{\"name\":\"\xff\"}", DZR_ERR_TYPE, "line 2"},
            {"[]", DZR_ERR_TYPE, "line 2"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dzr_bytebuf text = make_text(3000, cases[i].line, 2000);
        /* another one later, which must not be seen */
        dzr_bytebuf later = make_text(900, "{\"later\":", 100);
        dzr_error err;
        assert_ok(dzr__bytebuf_append(&text, later.at + 3, later.len - 3, &err));
        const dzr_jsonl_read_options options = {.batch_rows = 300, .sample_rows = 20};
        outcome *const out = assert_same(bytes_of(&text), 10000, SIZE_MAX, options);
        err = out->err;
        assert_fails(out->status, cases[i].want, cases[i].part);
        assert_int_equal(out->err.line, 2237); /* two blank ones after every 17th */
        assert_int_equal(out->n_batches, 6);
        outcome_free(out);
        dzr__bytebuf_fini(&later);
        dzr__bytebuf_fini(&text);
    }
}

static void what_cannot_be_read_comes_after_the_lines_before_it(void **state)
{
    (void)state;
    dzr_bytebuf good = make_text(3000, NULL, 0), bad = make_text(3000, "{\"id\":true}", 1500);
    for (size_t fail_at = 5000; fail_at < good.len; fail_at += 100001) {
        const dzr_jsonl_read_options options = {.batch_rows = 100, .sample_rows = 10};
        outcome *out = assert_same(bytes_of(&good), 3000, fail_at, options);
        dzr_error err = out->err;
        assert_fails(out->status, DZR_ERR_IO, "in.jsonl: the cable is cut");
        outcome_free(out);
        out = assert_same(bytes_of(&bad), 3000, fail_at, options);
        assert_true(out->status == DZR_ERR_IO || out->status == DZR_ERR_TYPE);
        outcome_free(out);
    }
    dzr__bytebuf_fini(&good);
    dzr__bytebuf_fini(&bad);
}

static void a_line_too_long_is_counted_the_same(void **state)
{
    (void)state;
    static char blank[3000];
    memset(blank, ' ', sizeof blank - 1);
    for (int at = 0; at < 900; at += 299) {
        dzr_bytebuf text = make_text(900, blank, at);
        const dzr_jsonl_read_options options = {
                .batch_rows = 100, .sample_rows = 5, .limits.line_bytes = sizeof(blank) / 2};
        outcome *out = assert_same(bytes_of(&text), 700, SIZE_MAX, options);
        const dzr_error err = out->err;
        assert_fails(out->status, DZR_ERR_LIMIT, "is longer than the 1500 bytes allowed");
        outcome_free(out);
        dzr__bytebuf_fini(&text);
    }
}

/* More blank lines than a batch has text, before there is a record. */
static void blank_lines_end_nothing(void **state)
{
    (void)state;
#ifdef __SANITIZE_THREAD__
    skip(); /* takes minutes there, and shows no other threads than the rest */
#endif
    dzr_error err;
    const size_t n = (size_t)70 << 20, line = 1 << 10;
    dzr_bytebuf text = {0};
    assert_ok(dzr__bytebuf_append(&text, "{\"a\":1}\n", 8, &err));
    assert_ok(dzr__bytebuf_reserve(&text, n + 100, &err));
    memset(text.at + text.len, ' ', n);
    for (size_t i = line; i <= n; i += line)
        text.at[text.len + i - 1] = '\n';
    text.len += n;
    assert_ok(dzr__bytebuf_append(&text, "{\"a\":2}\n{\"a\":", 13, &err));
    const dzr_jsonl_read_options options = {.batch_rows = 1, .sample_rows = 1};
    outcome *const out = assert_same(bytes_of(&text), SIZE_MAX, SIZE_MAX, options);
    err = out->err;
    assert_fails(out->status, DZR_ERR_SYNTAX, "line 71683: ");
    assert_int_equal(out->n_batches, 2);
    outcome_free(out);
    dzr__bytebuf_fini(&text);
}

static void a_reader_may_be_closed_at_any_time(void **state)
{
    (void)state;
    dzr_bytebuf text = make_text(5000, NULL, 0);
    for (int n_batches = 0; n_batches < 6; n_batches++) {
        dzr_error err;
        stream source = stream_of(bytes_of(&text), 5000, SIZE_MAX);
        dzr_jsonl_reader *reader = NULL;
        const dzr_jsonl_read_options options = {.batch_rows = 300, .threads = 4};
        assert_ok(dzr_jsonl_reader_open(&source.source, &options, &reader, &err));
        for (int i = 0; i < n_batches; i++) {
            dzr_batch *batch = NULL;
            assert_ok(dzr_jsonl_reader_next(reader, &batch, &err));
            assert_int_equal(dzr_batch_n_rows(batch), 300);
            dzr_batch_free(batch);
        }
        dzr_jsonl_reader_close(reader);
    }
    dzr__bytebuf_fini(&text);
}

static void the_nth_allocation_fails_without_a_leak(void **state)
{
    (void)state;
    dzr_bytebuf text = make_text(600, NULL, 0);
    dzr_status st = DZR_ERR_NOMEM;
    int64_t n = 1;
    for (; st != DZR_OK; n += 1 + n / 5) {
        alloc_nth memory;
        dzr_error err;
        stream source = stream_of(bytes_of(&text), SIZE_MAX, SIZE_MAX);
        dzr_jsonl_reader *reader = NULL;
        alloc_nth_init(&memory, n);
        const dzr_jsonl_read_options options = {.alloc = &memory.allocator, .batch_rows = 100, .threads = 3};
        st = dzr_jsonl_reader_open(&source.source, &options, &reader, &err);
        for (dzr_batch *batch = (dzr_batch *)1; st == DZR_OK && batch != NULL; dzr_batch_free(batch))
            st = dzr_jsonl_reader_next(reader, &batch, &err);
        assert_true(st == DZR_OK || st == DZR_ERR_NOMEM);
        dzr_jsonl_reader_close(reader);
        assert_int_equal(memory.n_out, 0);
    }
    assert_true(n > 15);
    dzr__bytebuf_fini(&text);
}

static void a_number_of_threads_out_of_range_is_refused(void **state)
{
    (void)state;
    static const int32_t wrong[] = {-1, 1025};
    for (size_t i = 0; i < 2; i++) {
        dzr_error err;
        stream source = stream_of((dzr_bytes){(const uint8_t *)"{\"a\":1}", 7}, SIZE_MAX, SIZE_MAX);
        dzr_jsonl_reader *reader = NULL;
        const dzr_jsonl_read_options options = {.threads = wrong[i]};
        assert_fails(
                dzr_jsonl_reader_open(&source.source, &options, &reader, &err), DZR_ERR_ARG, "and must be 0 to 1024");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(batches_are_the_same),
            cmocka_unit_test(the_first_bad_line_fails),
            cmocka_unit_test(what_cannot_be_read_comes_after_the_lines_before_it),
            cmocka_unit_test(a_line_too_long_is_counted_the_same),
            cmocka_unit_test(blank_lines_end_nothing),
            cmocka_unit_test(a_reader_may_be_closed_at_any_time),
            cmocka_unit_test(the_nth_allocation_fails_without_a_leak),
            cmocka_unit_test(a_number_of_threads_out_of_range_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
