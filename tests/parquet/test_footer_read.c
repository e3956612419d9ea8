/* tests/parquet/test_footer_read.c - what a file says of itself, and what is read of it for that: of rows' number the
 * footer, and no page. */
#include "alloc_nth.h"
#include "scan.h"

#include <datarizer/parquet_meta.h>

enum { GROUPS = 1000, ROWS = 200 };

/* A file of that many row groups. */
static dzr_sink *many_groups(void)
{
    static const dzr_field fields[] = {LEAF("n", INT64, false), LEAF("t", STRING, true)};
    const dzr_parquet_write_options options = {.row_group_rows = ROWS, .dictionary_bytes = -1};
    dzr_error err;
    dzr_sink *sink = NULL;
    dzr_batch *batch = NULL;
    dzr_parquet_writer *writer = NULL;
    dzr_schema *const schema = schema_of(fields, 2);
    assert_ok(dzr_sink_memory(SIZE_MAX, NULL, &sink, &err));
    assert_ok(nested_rows(schema, ROWS, 1, NULL, &batch, &err));
    assert_ok(dzr_parquet_writer_open(sink, schema, &options, &writer, &err));
    for (int i = 0; i < GROUPS; i++)
        assert_ok(dzr_parquet_writer_append(writer, batch, &err));
    assert_ok(dzr_parquet_writer_finish(writer, &err));
    dzr_parquet_writer_close(writer);
    dzr_batch_free(batch);
    dzr_schema_free(schema);
    return sink;
}

/* The footer, the eight bytes behind it, and the four that the file begins with: in a footer longer than what is read
 * of the end at first, that part comes twice. */
static void the_number_of_rows_takes_the_footer_and_no_page(void **state)
{
    (void)state;
    dzr_error err;
    plain_source source;
    dzr_parquet_reader *reader = NULL;
    dzr_sink *const sink = many_groups();
    const dzr_bytes file = dzr_sink_memory_bytes(sink);
    plain_source_init(&source, file);
    assert_ok(dzr_parquet_reader_open(&source.source, NULL, &reader, &err));
    assert_int_equal(dzr_parquet_reader_n_rows(reader), GROUPS * ROWS);
    assert_int_equal(dzr_parquet_reader_n_row_groups(reader), GROUPS);
    const size_t footer = dzr__load_u32(file.at + file.len - 8), first_look = 64 << 10;
    assert_true(footer > first_look);
    assert_int_equal(source.n_read, footer + first_look + 4);
    assert_int_equal(source.calls, 3);
    assert_true(source.n_read < file.len / 4);
    dzr_parquet_reader_close(reader);
    dzr_sink_close(sink);
}

/* Pages follow each other from the chunk's first byte to its last. */
typedef struct walked {
    int64_t next, n_values;
    int32_t n_pages, stop_after;
} walked;

static dzr_status next_page(void *ctx, const dzr_parquet_page_facts *page, dzr_error *err)
{
    walked *const w = ctx;
    assert_int_equal(page->offset, w->next);
    assert_string_equal(dzr_parquet_page_type_name(page->type), "DATA_PAGE");
    w->next += page->header_bytes + page->n_bytes;
    w->n_values += page->n_values;
    return ++w->n_pages == w->stop_after ? dzr_fail(err, DZR_ERR_EXISTS, "enough") : DZR_OK;
}

static void pages_are_walked_until_the_visitor_has_enough(void **state)
{
    (void)state;
    dzr_error err;
    plain_source source;
    dzr_parquet_reader *reader = NULL;
    dzr_parquet_chunk chunk;
    dzr_parquet_chunk_facts facts;
    dzr_sink *const sink = many_groups();
    plain_source_init(&source, dzr_sink_memory_bytes(sink));
    assert_ok(dzr_parquet_reader_open(&source.source, NULL, &reader, &err));
    for (int32_t column = 0; column < 2; column++) {
        assert_ok(dzr_parquet_reader_chunk(reader, 999, column, &chunk, &err));
        assert_ok(dzr_parquet_reader_chunk_facts(reader, 999, column, &facts, &err));
        walked w = {.next = facts.data_page_offset};
        assert_ok(dzr_parquet_reader_each_page(reader, 999, column, next_page, &w, &err));
        assert_int_equal(w.next, facts.data_page_offset + chunk.n_bytes);
        assert_int_equal(w.n_values, ROWS);
    }
    walked w = {.next = facts.data_page_offset, .stop_after = 1};
    assert_fails(dzr_parquet_reader_each_page(reader, 999, 1, next_page, &w, &err), DZR_ERR_EXISTS, "enough");
    assert_fails(dzr_parquet_reader_each_page(reader, 1000, 1, next_page, &w, &err), DZR_ERR_ARG, "row group 1000 of");
    assert_fails(dzr_parquet_reader_chunk_facts(reader, 0, 2, &facts, &err), DZR_ERR_ARG, "column 2 of 2");
    const dzr_parquet_file_facts file = dzr_parquet_reader_file_facts(reader);
    assert_int_equal(file.n_rows, GROUPS * ROWS);
    assert_int_equal(file.footer_offset + file.footer_bytes + 8, source.bytes.len);
    assert_int_equal(dzr_parquet_reader_group_facts(reader, 7).n_rows, ROWS);
    dzr_parquet_reader_close(reader);
    dzr_sink_close(sink);
}

/* Bounds of a column of bool, strings and numbers, with allocation 1 failing, then 2, 3 ... */
static void bounds_become_values_of_their_column(void **state)
{
    (void)state;
    static const dzr_field fields[] = {LEAF("b", BOOL, true), LEAF("t", STRING, true), LEAF("i", INT8, true)};
    static const uint8_t one = 1, minus[] = {0xfe, 0xff, 0xff, 0xff}, cut[] = {'a', 0xc5};
    dzr_error err;
    dzr_sink *sink = NULL;
    dzr_source *source = NULL;
    dzr_parquet_writer *writer = NULL;
    dzr_parquet_reader *reader = NULL;
    dzr_batch *batch = NULL;
    dzr_schema *const schema = schema_of(fields, 3);
    assert_ok(dzr_sink_memory(SIZE_MAX, NULL, &sink, &err));
    assert_ok(dzr_parquet_writer_open(sink, schema, NULL, &writer, &err));
    assert_ok(dzr_parquet_writer_finish(writer, &err));
    dzr_parquet_writer_close(writer);
    assert_ok(dzr_source_memory(dzr_sink_memory_bytes(sink), NULL, &source, &err));
    dzr_status st = DZR_ERR_NOMEM;
    for (int64_t nth = 1; st != DZR_OK; nth++) {
        alloc_nth alloc;
        alloc_nth_init(&alloc, nth);
        const dzr_parquet_read_options options = {.alloc = &alloc.allocator};
        st = dzr_parquet_reader_open(source, &options, &reader, &err);
        if (st == DZR_OK)
            st = dzr_parquet_reader_values(
                    reader, 1, (dzr_bytes[]){{NULL, 0}, {(const uint8_t *)"abc", 3}}, 2, &batch, &err);
        if (st != DZR_OK)
            assert_string_equal(dzr_status_name(st), "DZR_ERR_NOMEM");
        else
            assert_true(dzr_column_is_null(dzr_batch_column(batch, 0), 0));
        dzr_batch_free(batch);
        dzr_parquet_reader_close(reader);
        batch = NULL;
        reader = NULL;
        assert_int_equal(alloc.n_out, 0);
    }
    assert_ok(dzr_parquet_reader_open(source, NULL, &reader, &err));
    assert_ok(dzr_parquet_reader_values(reader, 0, (dzr_bytes[]){{&one, 1}, {NULL, 0}, {&one, 1}}, 3, &batch, &err));
    assert_true(dzr_column_bool(dzr_batch_column(batch, 0), 2) && dzr_column_is_null(dzr_batch_column(batch, 0), 1));
    dzr_batch_free(batch);
    assert_ok(dzr_parquet_reader_values(reader, 2, (dzr_bytes[]){{minus, 4}}, 1, &batch, &err));
    assert_int_equal(((const int8_t *)dzr_batch_column(batch, 0)->values)[0], -2);
    dzr_batch_free(batch);
    assert_ok(dzr_parquet_reader_values(reader, 1, (dzr_bytes[]){{cut, 2}}, 1, &batch, &err));
    assert_int_equal(dzr_batch_column(batch, 0)->type.id, DZR_TYPE_BINARY);
    dzr_batch_free(batch);
    assert_fails(dzr_parquet_reader_values(reader, 2, (dzr_bytes[]){{cut, 2}}, 1, &batch, &err), DZR_ERR_ARG,
            "memory: column \"i\": a value of 2 bytes, those of the type have 4");
    dzr_parquet_reader_close(reader);
    dzr_source_close(source);
    dzr_schema_free(schema);
    dzr_sink_close(sink);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_number_of_rows_takes_the_footer_and_no_page),
            cmocka_unit_test(pages_are_walked_until_the_visitor_has_enough),
            cmocka_unit_test(bounds_become_values_of_their_column)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
