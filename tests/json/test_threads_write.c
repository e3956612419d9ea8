/* tests/json/test_threads_write.c - the JSON writer gives the same text with any number of threads, and fails the same.
 * Also run under ThreadSanitizer. */
#include "support.h"

#include "alloc_nth.h"
#include "base/internal.h"
#include <datarizer/json.h>

#include <stdio.h>
#include <stdlib.h>

static const int32_t numbers[] = {0, 2, 8};
enum { N_NUMBERS = sizeof numbers / sizeof *numbers };

static const dzr_field fields[] = {{.name = "id", .type = {.id = DZR_TYPE_INT64}},
        {.name = "a \"name\" <b>", .type = {.id = DZR_TYPE_STRING}, .nullable = true},
        {.name = "tags",
                .type = {.id = DZR_TYPE_LIST},
                .nullable = true,
                .children = (const dzr_field[]){{.name = "element", .type = {.id = DZR_TYPE_DOUBLE}}},
                .n_children = 1}};

/* Rows whose strings have about `len` bytes, the last of every huge_every rows 5 MiB. */
static dzr_batch *make_batch(int64_t n_rows, size_t len, int64_t huge_every)
{
    dzr_error err;
    dzr_schema *schema = NULL;
    dzr_builder *builder = NULL;
    dzr_batch *batch = NULL;
    const size_t huge = (size_t)5 << 20;
    char *const text = malloc(huge);
    assert_non_null(text);
    for (size_t i = 0; i < huge; i++)
        text[i] = (char)(i % 97 == 0 ? '"' : i % 61 == 0 ? '\n' : 'a' + (int)(i % 26));
    assert_ok(dzr_schema_new(fields, 3, NULL, &schema, &err));
    assert_ok(dzr_builder_new(schema, NULL, &builder, &err));
    for (int64_t row = 0; row < n_rows; row++) {
        const bool is_huge = huge_every > 0 && row % huge_every == huge_every - 1;
        const size_t n = is_huge ? huge : len + (size_t)(row * 7 % 13);
        assert_ok(dzr_builder_int(builder, 0, row, &err));
        if (row % 5 == 0)
            assert_ok(dzr_builder_null(builder, 1, &err));
        else
            assert_ok(dzr_builder_bytes(builder, 1, (dzr_bytes){(const uint8_t *)text, n}, &err));
        for (int64_t i = 0; i < row % 4; i++)
            assert_ok(dzr_builder_double(builder, 3, (double)row / 8, &err));
        assert_ok(dzr_builder_list(builder, 2, &err));
    }
    assert_ok(dzr_builder_finish(builder, &batch, &err));
    dzr_builder_free(builder);
    dzr_schema_free(schema);
    free(text);
    return batch;
}

/* The batch n_times, into a sink of at most `room` bytes. */
static dzr_status print(const dzr_batch *batch, int n_times, const dzr_json_write_options *options, size_t room,
        dzr_sink **out, dzr_error *err)
{
    dzr_json_writer *writer = NULL;
    *out = NULL;
    DZR_TRY(dzr_sink_memory(room, NULL, out, err));
    DZR_TRY(dzr_json_writer_open(*out, dzr_batch_schema(batch), options, &writer, err));
    dzr_status st = DZR_OK;
    for (int i = 0; i < n_times && st == DZR_OK; i++)
        st = dzr_json_writer_append(writer, batch, err);
    if (st == DZR_OK)
        st = dzr_json_writer_finish(writer, err);
    dzr_json_writer_close(writer);
    return st;
}

static void assert_same_text(const dzr_batch *batch, int n_times, dzr_json_write_options options)
{
    dzr_sink *first = NULL;
    for (size_t k = 0; k < N_NUMBERS; k++) {
        dzr_error err;
        dzr_sink *sink = NULL;
        options.threads = numbers[k];
        assert_ok(print(batch, n_times, &options, SIZE_MAX, &sink, &err));
        if (first == NULL) {
            first = sink;
            continue;
        }
        const dzr_bytes want = dzr_sink_memory_bytes(first), got = dzr_sink_memory_bytes(sink);
        assert_int_equal(want.len, got.len);
        assert_memory_equal(want.at, got.at, want.len);
        dzr_sink_close(sink);
    }
    dzr_sink_close(first);
}

static void text_is_the_same(void **state)
{
    (void)state;
    static const struct {
        int64_t n_rows;
        size_t len;
        int64_t huge_every;
    } cases[] = {
            {0, 0, 0}, {1, 10, 0}, {64, 10, 0}, {65, 0, 0}, {6000, 30, 0}, {60, 30000, 0}, {10, 10, 7}, {600, 3, 400}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dzr_batch *const batch = make_batch(cases[i].n_rows, cases[i].len, cases[i].huge_every);
        for (int style = 0; style < 2; style++) {
            const dzr_json_write_options options = {
                    .style = style == 0 ? DZR_JSON_LINES : DZR_JSON_ARRAY_INDENTED, .escape_html = style == 1};
            assert_same_text(batch, 2, options);
        }
        dzr_batch_free(batch);
    }
}

static void a_sink_that_is_full_fails_at_any_number(void **state)
{
    (void)state;
    dzr_batch *const batch = make_batch(8000, 40, 3000);
    for (size_t room = 1; room < 4 << 20; room += 1777777)
        for (size_t k = 0; k < N_NUMBERS; k++) {
            dzr_error err;
            dzr_sink *sink = NULL;
            const dzr_json_write_options options = {.threads = numbers[k]};
            assert_fails(print(batch, 2, &options, room, &sink, &err), DZR_ERR_LIMIT, "bytes allowed");
            dzr_sink_close(sink);
        }
    dzr_batch_free(batch);
}

static void the_nth_allocation_fails_without_a_leak(void **state)
{
    (void)state;
    dzr_batch *const batch = make_batch(3000, 100, 1000);
    dzr_status st = DZR_ERR_NOMEM;
    int64_t n = 1;
    for (; st != DZR_OK; n++) {
        alloc_nth memory;
        dzr_error err;
        dzr_sink *sink = NULL;
        alloc_nth_init(&memory, n);
        const dzr_json_write_options options = {.alloc = &memory.allocator, .threads = 3};
        st = print(batch, 1, &options, SIZE_MAX, &sink, &err);
        assert_true(st == DZR_OK || st == DZR_ERR_NOMEM);
        assert_int_equal(memory.n_out, 0);
        dzr_sink_close(sink);
    }
    assert_true(n > 10);
    dzr_batch_free(batch);
}

static void a_number_of_threads_out_of_range_is_refused(void **state)
{
    (void)state;
    dzr_batch *const batch = make_batch(1, 1, 0);
    static const int32_t wrong[] = {-1, 1025};
    for (size_t i = 0; i < 2; i++) {
        dzr_error err;
        dzr_sink *sink = NULL;
        const dzr_json_write_options options = {.threads = wrong[i]};
        assert_fails(print(batch, 1, &options, SIZE_MAX, &sink, &err), DZR_ERR_ARG, "must be 0 to 1024");
        dzr_sink_close(sink);
    }
    dzr_batch_free(batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(text_is_the_same),
            cmocka_unit_test(a_sink_that_is_full_fails_at_any_number),
            cmocka_unit_test(the_nth_allocation_fails_without_a_leak),
            cmocka_unit_test(a_number_of_threads_out_of_range_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
