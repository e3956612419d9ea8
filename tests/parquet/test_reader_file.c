/* tests/parquet/test_reader_file.c - the file around the pages: its ends and footer, arguments, budget, columns that
 * can't be read, statistics. */
#include "handmade.h"

#include <datarizer/parquet.h>

#include <stdio.h>
#include <stdlib.h>

/* ---- the file around the pages ---- */

static void files_that_are_none_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        dzr_status want;
        const char *message;
    } files[] = {
            {"", 0, DZR_ERR_TRUNCATED, "memory: no Parquet file: it has 0 bytes, the smallest has 12"},
            {"PAR1\0\0\0PAR1", 11, DZR_ERR_TRUNCATED, "memory: no Parquet file: it has 11 bytes, the smallest has 12"},
            {"PAR1\0\0\0\0PAR2", 12, DZR_ERR_CORRUPT, "memory: no Parquet file: it does not end with PAR1"},
            {"PAR0\0\0\0\0PAR1", 12, DZR_ERR_CORRUPT, "memory: no Parquet file: it does not begin with PAR1"},
            {"PARE\0\0\0\0PARE", 12, DZR_ERR_UNSUPPORTED, "memory: its footer is encrypted"},
            {"PAR1\1\0\0\0PAR1", 12, DZR_ERR_TRUNCATED, "memory: claims a footer of 1 bytes, the file has 12"},
            {"PAR1\xff\xff\xff\xffPAR1", 12, DZR_ERR_LIMIT, "memory: a footer of 4294967295 bytes, limit is 268435456"},
            {"PAR1\0\0\0\0PAR1", 12, DZR_ERR_TRUNCATED, "memory: footer at byte 4: "},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        opened file;
        dzr_error err = {.message = ""};
        const dzr_status st = open_bytes((dzr_bytes){(const uint8_t *)files[i].bytes, files[i].len}, NULL, &file, &err);
        if (st != files[i].want || strstr(err.message, files[i].message) == NULL)
            fail_msg("file %zu: %s, \"%s\"", i, dzr_status_name(st), err.message);
        assert_null(file.reader);
        close_opened(&file);
    }
}

static void arguments_are_checked_first(void **state)
{
    (void)state;
    made made_file;
    made_init(&made_file, DZR_TYPE_INT32, false, 1);
    made_page(&made_file, v1_header(1, DZR_ENCODING_PLAIN), BODY(7, 0, 0, 0));
    made_finish(&made_file, 2);
    opened file;
    dzr_error err;
    dzr_batch *batch = NULL;
    dzr_parquet_chunk facts;
    assert_ok(open_bytes((dzr_bytes){made_file.bytes.at, made_file.bytes.len}, NULL, &file, &err));
    assert_int_equal(dzr_parquet_reader_n_rows(file.reader), 2);
    assert_int_equal(dzr_parquet_reader_row_group_rows(file.reader, 1), 1);
    assert_string_equal(dzr_parquet_reader_created_by(file.reader), "");
    const int32_t columns[] = {0, 1}, negative[] = {-1}, twice[] = {0, 0};
    assert_fails(
            dzr_parquet_read_row_group(file.reader, 2, NULL, 0, &batch, &err), DZR_ERR_ARG, "memory: row group 2 of 2");
    assert_fails(dzr_parquet_read_row_group(file.reader, -1, NULL, 0, &batch, &err), DZR_ERR_ARG,
            "memory: row group -1 of 2");
    assert_fails(
            dzr_parquet_read_row_group(file.reader, 0, columns, 2, &batch, &err), DZR_ERR_ARG, "memory: column 1 of 1");
    assert_fails(dzr_parquet_read_row_group(file.reader, 0, negative, 1, &batch, &err), DZR_ERR_ARG,
            "memory: column -1 of 1");
    assert_fails(dzr_parquet_read_row_group(file.reader, 0, columns, -1, &batch, &err), DZR_ERR_ARG,
            "memory: -1 columns wanted");
    assert_fails(dzr_parquet_reader_chunk(file.reader, 0, 1, &facts, &err), DZR_ERR_ARG, "memory: column 1 of 1");
    assert_fails(dzr_parquet_reader_can_read(file.reader, 1, &err), DZR_ERR_ARG, "memory: column 1 of 1");
    assert_null(batch);
    assert_ok(dzr_parquet_read_row_group(file.reader, 1, twice, 2, &batch, &err)); /* a column may be wanted twice */
    assert_int_equal(((const int32_t *)dzr_batch_column(batch, 1)->values)[0], 7);
    dzr_batch_free(batch);
    assert_ok(dzr_parquet_read_row_group(file.reader, 1, columns, 0, &batch, &err)); /* or none: rows without columns */
    assert_int_equal(dzr_batch_n_rows(batch), 1);
    dzr_batch_free(batch);
    close_opened(&file);
    dzr__bytebuf_fini(&made_file.bytes);
}

static void the_budget_covers_all_columns_of_a_read(void **state)
{
    (void)state;
    made made_file;
    made_init(&made_file, DZR_TYPE_INT32, false, 2);
    made_page(&made_file, v1_header(2, DZR_ENCODING_PLAIN), BODY(7, 0, 0, 0, 8, 0, 0, 0));
    made_finish(&made_file, 1);
    opened file;
    dzr_error err;
    dzr_batch *batch = NULL;
    const dzr_parquet_read_options options = {.limits = {.row_group_bytes = 15}};
    assert_ok(open_bytes((dzr_bytes){made_file.bytes.at, made_file.bytes.len}, &options, &file, &err));
    const int32_t columns[] = {0, 0};
    assert_fails(dzr_parquet_read_row_group(file.reader, 0, columns, 2, &batch, &err), DZR_ERR_LIMIT,
            COLUMN "8 bytes more are needed, 8 of the 15 allowed for a row group are taken");
    assert_ok(dzr_parquet_read_row_group(file.reader, 0, columns, 1, &batch, &err));
    dzr_batch_free(batch);
    close_opened(&file);
    dzr__bytebuf_fini(&made_file.bytes);
}

static void a_column_that_cannot_be_read_is_shown(void **state)
{
    (void)state;
    made made_file;
    made_unknown_type(&made_file);
    made_finish(&made_file, 1);
    opened file;
    dzr_error err;
    assert_ok(open_bytes((dzr_bytes){made_file.bytes.at, made_file.bytes.len}, NULL, &file, &err));
    assert_string_equal(dzr_schema_field(dzr_parquet_reader_schema(file.reader), 0)->name, "x");
    assert_fails(dzr_parquet_reader_can_read(file.reader, 0, &err), DZR_ERR_UNSUPPORTED,
            "memory: column \"x\": physical type 8 is not known");
    assert_int_equal(err.column, 0);
    dzr_parquet_chunk facts;
    assert_ok(dzr_parquet_reader_chunk(file.reader, 0, 0, &facts, &err));
    assert_string_equal(facts.physical_type, "unknown");
    close_opened(&file);
    dzr__bytebuf_fini(&made_file.bytes);
}

/* ---- statistics ---- */

static dzr_parquet_chunk chunk_facts(made *made_file)
{
    dzr_error err;
    opened file;
    dzr_parquet_chunk facts;
    made_file->chunk.meta.has |= 1u << DZR_COLUMN_STATISTICS;
    made_finish(made_file, 1);
    assert_ok(open_bytes((dzr_bytes){made_file->bytes.at, made_file->bytes.len}, NULL, &file, &err));
    assert_ok(dzr_parquet_reader_chunk(file.reader, 0, 0, &facts, &err));
    facts.path = facts.physical_type = NULL;
    close_opened(&file);
    dzr__bytebuf_fini(&made_file->bytes);
    return facts;
}

static void bounds_are_given_where_they_can_be_trusted(void **state)
{
    (void)state;
    made file;
    static const uint8_t nan[] = {0, 0, 0xc0, 0x7f};
    const dzr_bytes four = {(const uint8_t *)"\1\0\0\0", 4}, three = {(const uint8_t *)"\1\0\0", 3},
                    not_a_number = {nan, 4};
    const uint32_t deprecated = 1u << DZR_STATISTICS_MIN | 1u << DZR_STATISTICS_MAX;
    const uint32_t current = 1u << DZR_STATISTICS_MIN_VALUE | 1u << DZR_STATISTICS_MAX_VALUE;

    made_init(&file, DZR_TYPE_INT32, false, 0);
    file.chunk.meta.statistics = (dzr_meta_statistics){.has = deprecated, .min = four, .max = four};
    assert_true(chunk_facts(&file).has_min_max); /* signed, so the old pair is right */

    made_init(&file, DZR_TYPE_UINT32, false, 0);
    file.chunk.meta.statistics = (dzr_meta_statistics){.has = deprecated, .min = four, .max = four};
    assert_false(chunk_facts(&file).has_min_max);

    made_init(&file, DZR_TYPE_INT32, false, 0);
    file.chunk.meta.statistics = (dzr_meta_statistics){.has = deprecated, .min = three, .max = four};
    assert_false(chunk_facts(&file).has_min_max); /* shorter than the type */

    made_init(&file, DZR_TYPE_FLOAT, false, 0);
    file.chunk.meta.statistics = (dzr_meta_statistics){.has = deprecated, .min = four, .max = not_a_number};
    assert_false(chunk_facts(&file).has_min_max);

    made_init(&file, DZR_TYPE_INT32, false, 0);
    file.chunk.meta.statistics = (dzr_meta_statistics){
            .has = current | 1u << DZR_STATISTICS_NULL_COUNT, .min_value = four, .max_value = four, .null_count = 0};
    const dzr_parquet_chunk facts = chunk_facts(&file);
    assert_false(facts.has_min_max); /* no column_orders */
    assert_true(facts.has_null_count);

    made_init(&file, DZR_TYPE_INT32, false, 0);
    file.chunk.meta.statistics = (dzr_meta_statistics){.has = 1u << DZR_STATISTICS_NULL_COUNT, .null_count = -1};
    assert_false(chunk_facts(&file).has_null_count);
}

/* What the format gives no order, an order that is to come, and one that we do not know. */
static void bounds_without_an_order_are_not_given(void **state)
{
    (void)state;
    static const dzr_bytes twelve = {(const uint8_t *)"123456789012", 12}, eight = {(const uint8_t *)"12345678", 8};
    static const struct {
        const char *proves;
        dzr_physical physical;
        int32_t type_length, converted; /* -1: none */
        uint32_t logical, order;
        bool given;
    } cases[] = {
            {"bytes_have_one", DZR_PHYSICAL_BYTE_ARRAY, 0, -1, 0, 1u << DZR_ORDER_TYPE, true},
            {"geometry_has_none", DZR_PHYSICAL_BYTE_ARRAY, 0, -1, 1u << DZR_LOGICAL_GEOMETRY, 1u << DZR_ORDER_TYPE,
                    false},
            {"geography_has_none", DZR_PHYSICAL_BYTE_ARRAY, 0, -1, 1u << DZR_LOGICAL_GEOGRAPHY, 1u << DZR_ORDER_TYPE,
                    false},
            {"interval_has_none", DZR_PHYSICAL_FIXED, 12, DZR_CONVERTED_INTERVAL, 0, 1u << DZR_ORDER_TYPE, false},
            {"fixed_has_one", DZR_PHYSICAL_FIXED, 12, -1, 0, 1u << DZR_ORDER_TYPE, true},
            {"int96_has_none", DZR_PHYSICAL_INT96, 0, -1, 0, 1u << DZR_ORDER_TYPE, false},
            {"int64_has_one", DZR_PHYSICAL_INT64, 0, -1, 0, 1u << DZR_ORDER_TYPE, true},
            {"an_unknown_order", DZR_PHYSICAL_INT64, 0, -1, 0, 1u << 9, false},
            {"ieee_754_total_order", DZR_PHYSICAL_DOUBLE, 0, -1, 0, 1u << DZR_ORDER_IEEE_754_TOTAL, true},
            {"which_is_none_of_integers", DZR_PHYSICAL_INT64, 0, -1, 0, 1u << DZR_ORDER_IEEE_754_TOTAL, false},
            {"an_order_of_int96_alone", DZR_PHYSICAL_DOUBLE, 0, -1, 0, 1u << DZR_ORDER_INT96_TIMESTAMP, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        made file;
        made_init(&file, DZR_TYPE_BINARY, false, 0);
        file.column.type = file.chunk.meta.type = (int32_t)cases[i].physical;
        file.column.has |= cases[i].type_length > 0 ? 1u << DZR_ELEMENT_TYPE_LENGTH : 0;
        file.column.has |= cases[i].converted >= 0 ? 1u << DZR_ELEMENT_CONVERTED : 0;
        file.column.has |= cases[i].logical != 0 ? 1u << DZR_ELEMENT_LOGICAL : 0;
        file.column.type_length = cases[i].type_length;
        file.column.converted = cases[i].converted;
        file.column.logical.has = cases[i].logical;
        file.order = cases[i].order;
        const bool is_eight = cases[i].physical == DZR_PHYSICAL_INT64 || cases[i].physical == DZR_PHYSICAL_DOUBLE;
        const dzr_bytes bound = is_eight ? eight : twelve;
        file.chunk.meta.statistics =
                (dzr_meta_statistics){.has = 1u << DZR_STATISTICS_MIN_VALUE | 1u << DZR_STATISTICS_MAX_VALUE,
                        .min_value = bound,
                        .max_value = bound};
        if (chunk_facts(&file).has_min_max != cases[i].given)
            fail_msg("%s", cases[i].proves);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(files_that_are_none_are_refused),
            cmocka_unit_test(arguments_are_checked_first),
            cmocka_unit_test(the_budget_covers_all_columns_of_a_read),
            cmocka_unit_test(a_column_that_cannot_be_read_is_shown),
            cmocka_unit_test(bounds_are_given_where_they_can_be_trusted),
            cmocka_unit_test(bounds_without_an_order_are_not_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
