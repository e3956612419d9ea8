/* tests/parquet/test_types_written.c - types whose values are stored in another form than a frame holds them, as the
 * writer stores them: the fewest bytes, what the schema says, their bounds in the footer and the page index, INT96, and
 * what stands in lists. That every value comes back is in test_roundtrip.c. */
#include "rows.h"

#include "parquet/writer/writer.h"

typedef struct opened {
    dzr_sink *sink;
    dzr_source *source;
    dzr_parquet_reader *reader;
} opened;

static void open_rows(const dzr_batch *batch, const dzr_parquet_write_options *options, opened *out)
{
    dzr_error err;
    out->sink = write_rows(batch, options);
    assert_ok(dzr_source_memory(dzr_sink_memory_bytes(out->sink), NULL, &out->source, &err));
    assert_ok(dzr_parquet_reader_open(out->source, NULL, &out->reader, &err));
}

static void close_opened(opened *file)
{
    dzr_parquet_reader_close(file->reader);
    dzr_source_close(file->source);
    dzr_sink_close(file->sink);
}

static dzr_parquet_chunk facts_of(const opened *file, int32_t column)
{
    dzr_error err;
    dzr_parquet_chunk facts;
    assert_ok(dzr_parquet_reader_chunk(file->reader, 0, column, &facts, &err));
    return facts;
}

/* A batch of one nullable column "x", of decimals from text or of numbers. */
static dzr_builder *builder_of(dzr_type type)
{
    dzr_error err;
    const dzr_field field = {.name = "x", .type = type, .nullable = true};
    dzr_schema *schema = NULL;
    dzr_builder *builder = NULL;
    assert_ok(dzr_schema_new(&field, 1, NULL, &schema, &err));
    assert_ok(dzr_builder_new(schema, NULL, &builder, &err));
    dzr_schema_free(schema);
    return builder;
}

static dzr_batch *finished(dzr_builder *builder)
{
    dzr_error err;
    dzr_batch *batch = NULL;
    assert_ok(dzr_builder_finish(builder, &batch, &err));
    dzr_builder_free(builder);
    return batch;
}

static dzr_batch *decimals(int32_t precision, const char *const *text, int n)
{
    dzr_error err;
    dzr_builder *const builder = builder_of((dzr_type){.id = DZR_TYPE_DECIMAL, .precision = precision});
    for (int i = 0; i < n; i++) {
        dzr_decimal value;
        assert_ok(dzr_decimal_parse(text[i], strlen(text[i]), precision, 0, &value, &err));
        assert_ok(dzr_builder_decimal(builder, 0, value, &err));
    }
    return finished(builder);
}

/* ---- what is stored ---- */

static void decimals_take_the_fewest_bytes(void **state)
{
    (void)state;
    static const struct {
        int32_t precision;
        const char *physical;
        size_t bytes; /* of a bound */
    } cases[] = {{1, "INT32", 4}, {9, "INT32", 4}, {10, "INT64", 8}, {18, "INT64", 8}, {19, "FIXED_LEN_BYTE_ARRAY", 9},
            {21, "FIXED_LEN_BYTE_ARRAY", 9}, {22, "FIXED_LEN_BYTE_ARRAY", 10}, {38, "FIXED_LEN_BYTE_ARRAY", 16},
            {39, "FIXED_LEN_BYTE_ARRAY", 17}, {76, "FIXED_LEN_BYTE_ARRAY", 32}};
    static const char *const text[] = {"-1", "9", "0"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dzr_batch *const batch = decimals(cases[i].precision, text, 3);
        opened file;
        open_rows(batch, NULL, &file);
        const dzr_parquet_chunk facts = facts_of(&file, 0);
        assert_string_equal(facts.physical_type, cases[i].physical);
        assert_true(facts.has_min_max && facts.min_exact && facts.max_exact);
        assert_int_equal(facts.min.len, cases[i].bytes);
        assert_int_equal(facts.min.at[0], 0xff);
        assert_int_equal(facts.max.at[cases[i].physical[0] == 'F' ? cases[i].bytes - 1 : 0], 9);
        close_opened(&file);
        dzr_batch_free(batch);
    }
}

static void decimals_at_both_ends_of_their_digits(void **state)
{
    (void)state;
    for (int32_t precision = 1; precision <= DZR_DECIMAL_DIGITS; precision++) {
        char low[DZR_DECIMAL_TEXT] = "-", high[DZR_DECIMAL_TEXT] = "";
        memset(low + 1, '9', (size_t)precision);
        memset(high, '9', (size_t)precision);
        const char *const text[] = {high, "0", low, "1", "-1"};
        dzr_batch *const batch = decimals(precision, text, 5), *back = NULL;
        opened file;
        dzr_error err;
        open_rows(batch, NULL, &file);
        assert_ok(dzr_parquet_read_row_group(file.reader, 0, NULL, 0, &back, &err));
        assert_same_column(dzr_batch_column(batch, 0), 0, dzr_batch_column(back, 0));
        close_opened(&file);
        dzr_batch_free(back);
        dzr_batch_free(batch);
    }
}

static void a_column_of_nothing_but_nulls(void **state)
{
    (void)state;
    dzr_error err;
    dzr_builder *const builder = builder_of((dzr_type){.id = DZR_TYPE_NULL});
    for (int i = 0; i < 3000; i++)
        assert_ok(dzr_builder_null(builder, 0, &err));
    dzr_batch *const batch = finished(builder), *back = NULL;
    opened file;
    open_rows(batch, &(dzr_parquet_write_options){.page_rows = 700, .page_version = 2}, &file);
    const dzr_parquet_chunk facts = facts_of(&file, 0);
    assert_string_equal(facts.physical_type, "INT32");
    assert_int_equal(facts.n_nulls, 3000);
    assert_false(facts.has_min_max);
    assert_true(dzr_schema_equal(dzr_parquet_reader_schema(file.reader), dzr_batch_schema(batch)));
    assert_ok(dzr_parquet_read_row_group(file.reader, 0, NULL, 0, &back, &err));
    assert_int_equal(dzr_batch_n_rows(back), 3000);
    assert_int_equal(dzr_batch_column(back, 0)->n_nulls, 3000);
    dzr_batch_free(back);
    close_opened(&file);
    dzr_batch_free(batch);
}

/* ---- INT96 ---- */

static dzr_batch *stamps(dzr_type type)
{
    static const int64_t values[] = {0, -1, 1, INT64_MIN, INT64_MAX, 1700000000123456, -86400000001, 86399999999};
    dzr_error err;
    dzr_builder *const builder = builder_of(type);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        assert_ok(dzr_builder_int(builder, 0, values[i], &err));
        assert_ok(dzr_builder_null(builder, 0, &err));
    }
    return finished(builder);
}

static void timestamps_as_int96_come_back_in_microseconds(void **state)
{
    (void)state;
    for (int turn = 0; turn < 8; turn++) {
        const dzr_time_unit unit = turn % 2 == 0 ? DZR_UNIT_US : DZR_UNIT_NS;
        dzr_batch *const batch = stamps((dzr_type){.id = DZR_TYPE_TIMESTAMP, .unit = unit, .utc = turn % 4 < 2}), *back;
        const dzr_parquet_column_options own = {.path = "x", .int96 = true};
        const bool of_column = turn >= 4;
        const dzr_parquet_write_options options = {
                .int96 = !of_column, .columns = &own, .n_columns = of_column ? 1 : 0, .dictionary_bytes = turn % 3 - 1};
        opened file;
        dzr_error err;
        open_rows(batch, &options, &file);
        const dzr_parquet_chunk facts = facts_of(&file, 0);
        assert_string_equal(facts.physical_type, "INT96");
        assert_int_equal(facts.n_nulls, 8);
        assert_false(facts.has_min_max);
        assert_ok(dzr_parquet_read_row_group(file.reader, 0, NULL, 0, &back, &err));
        const dzr_column *const in = dzr_batch_column(batch, 0), *const out = dzr_batch_column(back, 0);
        assert_true(dzr_type_equal(out->type, (dzr_type){.id = DZR_TYPE_TIMESTAMP, .unit = DZR_UNIT_US}));
        for (int64_t row = 0; row < in->n_rows; row++) {
            const int64_t value = ((const int64_t *)in->values)[row];
            const int64_t us = unit == DZR_UNIT_US ? value : value / 1000 - (value % 1000 < 0);
            assert_int_equal(dzr_column_is_null(in, row), dzr_column_is_null(out, row));
            assert_true(((const int64_t *)out->values)[row] == us);
        }
        dzr_batch_free(back);
        close_opened(&file);
        dzr_batch_free(batch);
    }
}

static void int96_is_for_timestamps_that_fit_it(void **state)
{
    (void)state;
    static const struct {
        dzr_type type;
        const char *message;
    } cases[] = {
            {{.id = DZR_TYPE_TIMESTAMP, .unit = DZR_UNIT_MS},
                    "options for column \"x\": option int96 is for timestamps in us and ns, not for timestamp[ms]"},
            {{.id = DZR_TYPE_INT64},
                    "options for column \"x\": option int96 is for timestamps in us and ns, not for int64"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dzr_batch *const batch = finished(builder_of(cases[i].type));
        const dzr_parquet_column_options own = {.path = "x", .int96 = true};
        const dzr_parquet_write_options options = {.columns = &own, .n_columns = 1};
        dzr_parquet_writer *writer = NULL;
        dzr_sink *sink = NULL;
        dzr_error err;
        assert_ok(dzr_sink_memory(1 << 20, NULL, &sink, &err));
        assert_fails(dzr_parquet_writer_open(sink, dzr_batch_schema(batch), &options, &writer, &err), DZR_ERR_ARG,
                cases[i].message);
        assert_null(writer);
        dzr_sink_close(sink);
        opened file;
        open_rows(
                batch, &(dzr_parquet_write_options){.int96 = true}, &file); /* wanted of the file, it is passed over */
        assert_true(dzr_schema_equal(dzr_parquet_reader_schema(file.reader), dzr_batch_schema(batch)));
        close_opened(&file);
        dzr_batch_free(batch);
    }
}

/* ---- bounds of pages ---- */

/* 100 rows of ascending values, 10 a page. */
static dzr_batch *ascending(dzr_type type)
{
    dzr_error err;
    dzr_builder *const builder = builder_of(type);
    for (int64_t row = -50; row < 50; row++) {
        uint8_t bytes[DZR_BOUND_BYTES] = {(uint8_t)(row + 128)};
        if (type.id == DZR_TYPE_DECIMAL)
            assert_ok(dzr_builder_decimal(builder, 0, dzr_decimal_from_int(row), &err));
        else if (type.id == DZR_TYPE_HALF)
            assert_ok(dzr_builder_double(builder, 0, (double)row, &err));
        else if (type.id == DZR_TYPE_TIME)
            assert_ok(dzr_builder_int(builder, 0, row + 50, &err));
        else
            assert_ok(dzr_builder_bytes(builder, 0, (dzr_bytes){bytes, dzr_type_bits(type) / 8}, &err));
    }
    return finished(builder);
}

static void pages_have_bounds_in_the_order_of_their_type(void **state)
{
    (void)state;
    static const dzr_type types[] = {{.id = DZR_TYPE_DECIMAL, .precision = 9},
            {.id = DZR_TYPE_DECIMAL, .precision = 18}, {.id = DZR_TYPE_DECIMAL, .precision = 19},
            {.id = DZR_TYPE_DECIMAL, .precision = 76}, {.id = DZR_TYPE_HALF}, {.id = DZR_TYPE_TIME},
            {.id = DZR_TYPE_TIME, .unit = DZR_UNIT_NS}, {.id = DZR_TYPE_FIXED, .width = 3},
            {.id = DZR_TYPE_FIXED, .width = DZR_BOUND_BYTES}, {.id = DZR_TYPE_UUID}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        dzr_batch *const batch = ascending(types[i]);
        dzr_error err;
        opened file;
        open_rows(batch, &(dzr_parquet_write_options){.page_rows = 10}, &file);
        dzr_parquet_page_index *index = NULL;
        assert_ok(dzr_parquet_reader_page_index(file.reader, 0, 0, &index, &err));
        assert_true(index != NULL && index->has_bounds);
        assert_int_equal(index->n_pages, 10);
        assert_int_equal(index->order, DZR_PARQUET_ASCENDING);
        for (int32_t page = 0; page < index->n_pages; page++)
            assert_true(index->pages[page].has_min_max);
        assert_int_equal(index->pages[0].has_nan_count, types[i].id == DZR_TYPE_HALF);
        dzr_parquet_page_index_free(index);
        const dzr_parquet_chunk facts = facts_of(&file, 0);
        bool may_match = true;
        assert_ok(dzr_parquet_reader_may_match(file.reader, 0, 0, DZR_PARQUET_LT, facts.min, &may_match, &err));
        assert_false(may_match);
        assert_ok(dzr_parquet_reader_may_match(file.reader, 0, 0, DZR_PARQUET_EQ, facts.max, &may_match, &err));
        assert_true(may_match);
        close_opened(&file);
        dzr_batch_free(batch);
    }
}

/* ---- in lists ---- */

static void lists_hold_every_type(void **state)
{
    (void)state;
    dzr_error err;
    for (int32_t i = 0; i < N_TYPES; i++) {
        const dzr_field element = {.name = "element", .type = every_type[i], .nullable = true};
        const dzr_field field = {
                .name = "x", .type = {.id = DZR_TYPE_LIST}, .nullable = true, .children = &element, .n_children = 1};
        dzr_schema *schema = NULL;
        dzr_builder *builder = NULL;
        assert_ok(dzr_schema_new(&field, 1, NULL, &schema, &err));
        assert_ok(dzr_builder_new(schema, NULL, &builder, &err));
        dzr_schema_free(schema);
        for (int64_t row = 0, n = 0; row < 600; row++) {
            for (int64_t k = 0; k < row % 7; k++, n++) {
                if (n % 5 == 3)
                    assert_ok(dzr_builder_null(builder, 1, &err));
                else
                    assert_ok(append_value(builder, 1, every_type[i], n, &err));
            }
            if (row % 7 == 0 && row % 2 == 0)
                assert_ok(dzr_builder_null(builder, 0, &err));
            else
                assert_ok(dzr_builder_list(builder, 0, &err));
        }
        dzr_batch *const batch = finished(builder);
        for (int turn = 0; turn < 3; turn++) { /* dictionaries that pay, that fill up, and none */
            const dzr_parquet_write_options options = {
                    .page_rows = 100, .page_version = turn % 2 + 1, .dictionary_bytes = turn == 2 ? -1 : turn * 900};
            dzr_batch *back = NULL;
            opened file;
            open_rows(batch, &options, &file);
            assert_ok(dzr_parquet_read_row_group(file.reader, 0, NULL, 0, &back, &err));
            assert_same_column(dzr_batch_node(batch, 1), 0, dzr_batch_node(back, 1));
            dzr_batch_free(back);
            close_opened(&file);
        }
        dzr_batch_free(batch);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(decimals_take_the_fewest_bytes),
            cmocka_unit_test(decimals_at_both_ends_of_their_digits),
            cmocka_unit_test(a_column_of_nothing_but_nulls),
            cmocka_unit_test(timestamps_as_int96_come_back_in_microseconds),
            cmocka_unit_test(int96_is_for_timestamps_that_fit_it),
            cmocka_unit_test(pages_have_bounds_in_the_order_of_their_type),
            cmocka_unit_test(lists_hold_every_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
