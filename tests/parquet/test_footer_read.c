/* tests/parquet/test_footer_read.c - what is read of a file to say how many rows it has: its footer, and no page. */
#include "scan.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_number_of_rows_takes_the_footer_and_no_page)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
