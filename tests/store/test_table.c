/* tests/store/test_table.c - formats by name, tables through files in a folder of their own, and short memory. */
#include "support.h"

#include "alloc_nth.h"
#include "base/internal.h"
#include <datarizer/table.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void formats_are_told_by_name_and_ending(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        dzr_format format; /* BY_NAME: none */
    } files[] = {
            {"a.parquet", DZR_FORMAT_PARQUET},
            {"/x.y/a.b.PARQUET", DZR_FORMAT_PARQUET},
            {"a.jsonl", DZR_FORMAT_JSONL},
            {"a.NdJson", DZR_FORMAT_JSONL},
            {"-", DZR_FORMAT_BY_NAME},
            {"parquet", DZR_FORMAT_BY_NAME},
            {"a.parquet/b", DZR_FORMAT_BY_NAME},
            {"a.", DZR_FORMAT_BY_NAME},
            {".jsonl", DZR_FORMAT_JSONL},
            {"a.CSV", DZR_FORMAT_CSV},
            {"a.json", DZR_FORMAT_JSON},
            {"a.tsv", DZR_FORMAT_TSV},
    };
    dzr_error err;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        dzr_format format = DZR_FORMAT_BY_NAME;
        const dzr_status st = dzr_format_of(files[i].name, &format, &err);
        if (format != files[i].format || st != (format == DZR_FORMAT_BY_NAME ? DZR_ERR_ARG : DZR_OK))
            fail_msg("%s: %s", files[i].name, dzr_format_name(format));
    }
    dzr_format format = DZR_FORMAT_BY_NAME;
    assert_ok(dzr_format_find("NDJSON", &format, &err));
    assert_string_equal(dzr_format_name(format), "jsonl");
    assert_fails(dzr_format_find("orc", &format, &err), DZR_ERR_ARG,
            "no format \"orc\"; there are parquet, jsonl, json, csv and tsv");
}

/* A path in a fresh folder. */
static const char *fresh(const char *name)
{
    static char folder[] = "/tmp/dzr-table-XXXXXX", path[sizeof folder + 32];
    static bool made;
    if (!made)
        assert_non_null(mkdtemp(folder));
    made = true;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[100];
    snprintf(command, sizeof command, "rm -r '%.*s'", (int)(strrchr(fresh("x"), '/') - fresh("x")), fresh("x"));
    return system(command);
}

static void two_columns_of_a_name_do_not_become_json(void **state)
{
    (void)state;
    static const dzr_field fields[] = {{.name = "a", .type = {.id = DZR_TYPE_INT32}, .nullable = true},
            {.name = "b", .type = {.id = DZR_TYPE_INT32}, .nullable = true},
            {.name = "a", .type = {.id = DZR_TYPE_BOOL}, .nullable = true}};
    dzr_error err;
    dzr_schema *schema = NULL;
    dzr_table_writer *writer = NULL;
    assert_ok(dzr_schema_new(fields, 3, NULL, &schema, &err));
    assert_fails(dzr_table_writer_open(fresh("twice.jsonl"), schema, NULL, &writer, &err), DZR_ERR_ARG,
            "twice.jsonl: two columns have the name \"a\", which JSON can't hold");
    assert_int_equal(access(fresh("twice.jsonl"), F_OK), -1);
    assert_ok(dzr_table_writer_open(fresh("twice.parquet"), schema, NULL, &writer, &err));
    assert_ok(dzr_table_writer_commit(writer, &err));
    dzr_table_writer_close(writer);
    dzr_schema_free(schema);
}

static void two_fields_of_a_name_in_a_struct_do_not_either(void **state)
{
    (void)state;
    static const dzr_field twice[] = {{.name = "a", .type = {.id = DZR_TYPE_INT32}, .nullable = true},
            {.name = "a", .type = {.id = DZR_TYPE_BOOL}, .nullable = true}};
    static const dzr_field point = {
            .name = "p", .type = {.id = DZR_TYPE_STRUCT}, .nullable = true, .children = twice, .n_children = 2};
    dzr_error err;
    dzr_schema *schema = NULL;
    dzr_table_writer *writer = NULL;
    assert_ok(dzr_schema_new(&point, 1, NULL, &schema, &err));
    assert_fails(dzr_table_writer_open(fresh("twice.jsonl"), schema, NULL, &writer, &err), DZR_ERR_ARG,
            "twice.jsonl: two fields of \"p\" have the name \"a\", which JSON can't hold");
    dzr_schema_free(schema);
}

static void write_text(const char *path, const char *text)
{
    FILE *const file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void a_cancelled_conversion_leaves_nothing(void **state)
{
    (void)state;
    char in[64];
    dzr_error err;
    dzr_cancel *cancel = NULL;
    snprintf(in, sizeof in, "%s", fresh("some.jsonl"));
    write_text(in, "{\"a\":1}\n");
    assert_ok(dzr_cancel_new(NULL, &cancel, &err));
    dzr_cancel_set(cancel);
    const dzr_table_read_options options = {.cancel = cancel};
    assert_fails(dzr_convert(in, &options, fresh("cancelled.parquet"), NULL, NULL, &err), DZR_ERR_CANCELLED,
            "some.jsonl: cancelled");
    assert_int_equal(access(fresh("cancelled.parquet"), F_OK), -1);
    dzr_cancel_free(cancel);
}

/* There and back, with allocation 1 failing, then 2, 3 ...: always DZR_ERR_NOMEM, no new file, nothing leaks. */
static void every_failing_allocation_is_answered(void **state)
{
    (void)state;
    static const char text[] = "{\"a\":1,\"b\":\"a string longer than a view holds\"}\n{\"a\":null,\"b\":\"x\"}\n";
    char in[64], between[64], out[64];
    snprintf(in, sizeof in, "%s", fresh("in.jsonl"));
    snprintf(between, sizeof between, "%s", fresh("between.parquet"));
    snprintf(out, sizeof out, "%s", fresh("out.jsonl"));
    write_text(in, text);
    for (int way = 0; way < 2; way++) {
        for (int64_t nth = 1;; nth++) {
            alloc_nth alloc;
            dzr_error err;
            alloc_nth_init(&alloc, nth);
            const dzr_table_read_options read = {.alloc = &alloc.allocator};
            const dzr_table_write_options write = {.alloc = &alloc.allocator, .parquet = {.codec = DZR_CODEC_SNAPPY}};
            dzr_convert_result result = {.n_rows = -1};
            const dzr_status st =
                    dzr_convert(way == 0 ? in : between, &read, way == 0 ? between : out, &write, &result, &err);
            assert_int_equal(alloc.n_out, 0);
            assert_int_equal(access(way == 0 ? between : out, F_OK), st == DZR_OK ? 0 : -1);
            if (st == DZR_OK) {
                assert_int_equal(result.n_rows, 2);
                assert_true(nth > 10);
                break;
            }
            assert_string_equal(dzr_status_name(st), "DZR_ERR_NOMEM");
            assert_int_equal(result.n_rows, -1);
        }
    }
    char back[sizeof text + 1] = "";
    FILE *const file = fopen(out, "r");
    assert_non_null(file);
    assert_int_equal(fread(back, 1, sizeof back, file), sizeof text - 1);
    assert_string_equal(back, text);
    fclose(file);
}

/* ---- parts of a file ---- */

/* The numbers of column "n" of all batches, as text, and a bar between batches. */
static dzr_status numbers_of(const char *file, const dzr_table_read_options *options, char text[200], dzr_error *err)
{
    dzr_table_reader *reader = NULL;
    dzr_status st = dzr_table_reader_open(file, options, &reader, err);
    *text = '\0';
    while (st == DZR_OK) {
        dzr_batch *batch = NULL;
        st = dzr_table_reader_next(reader, &batch, err);
        if (batch == NULL)
            break;
        const int32_t n = dzr_schema_find(dzr_table_reader_schema(reader), "n");
        for (int64_t row = 0; row < dzr_batch_n_rows(batch); row++)
            snprintf(text + strlen(text), 200 - strlen(text), "%lld ",
                    (long long)((const int64_t *)dzr_batch_column(batch, n)->values)[row]);
        snprintf(text + strlen(text), 200 - strlen(text), "|");
        dzr_batch_free(batch);
    }
    dzr_table_reader_close(reader);
    return st;
}

static const struct {
    const char *proves;
    dzr_table_read_options options;
    const char *parquet, *jsonl; /* of numbers 0 to 9, in row groups of 4 */
} parts[] = {
        {"nothing_chosen_is_all", {.alloc = NULL}, "0 1 2 3 |4 5 6 7 |8 9 |", "0 1 2 3 4 5 6 7 8 9 |"},
        {"batches", {.batch_rows = 3}, "0 1 2 |3 4 5 |6 7 8 |9 |", "0 1 2 |3 4 5 |6 7 8 |9 |"},
        {"a_range", {.first_row = 3, .n_rows = 4}, "3 4 5 6 |", "3 4 5 6 |"},
        {"a_range_in_batches", {.first_row = 4, .n_rows = 5, .batch_rows = 3}, "4 5 6 |7 8 |", "4 5 |6 7 8 |"},
        {"to_the_end", {.first_row = 8}, "8 9 |", "8 9 |"},
        {"past_the_end", {.first_row = 8, .n_rows = 100}, "8 9 |", "8 9 |"},
        {"behind_the_end", {.first_row = 10}, "", ""},
        {"row_groups", {.row_groups = (const int32_t[]){2, 0}, .n_row_groups = 2}, "8 9 0 1 2 3 |", NULL},
        {"rows_of_row_groups", {.row_groups = (const int32_t[]){2, 0}, .n_row_groups = 2, .first_row = 1, .n_rows = 3},
                "9 0 1 |", NULL},
        {"a_column", {.columns = (const char *const[]){"n"}, .n_columns = 1}, "0 1 2 3 4 5 6 7 8 9 |",
                "0 1 2 3 4 5 6 7 8 9 |"},
        {"what_is_below_a_name", {.columns = (const char *const[]){"s", "n"}, .n_columns = 2, .n_rows = 2}, "0 1 |",
                "0 1 |"},
        {"a_filter", {.where = "n between 3 and 8 and n != 5"}, "3 4 6 7 8 |", "3 4 6 7 8 |"},
        {"a_filter_in_batches", {.where = "n > 2", .batch_rows = 3}, "3 4 5 |6 7 8 |9 |", "3 4 5 |6 7 8 |9 |"},
        {"a_filter_by_what_is_not_asked_for",
                {.where = "s.a and s.b = 'x' and n > 7", .columns = (const char *const[]){"n"}, .n_columns = 1},
                "8 9 |", "8 9 |"},
        {"a_filter_of_a_range", {.where = "n != 4", .first_row = 3, .n_rows = 3}, "3 5 |", "3 5 |"},
        {"a_filter_of_the_last", {.where = "n != 8", .last_rows = 3}, "7 9 |", "7 9 |"},
        {"some_of_what_is_left", {.where = "n != 4", .offset = 3, .has_limit = true, .limit = 3}, "3 5 6 |", "3 5 6 |"},
        {"none", {.has_limit = true}, "", ""},
};

static void any_part_of_a_file_is_read(void **state)
{
    (void)state;
    dzr_error err;
    char text[200], parquet[100];
    FILE *const lines = fopen(fresh("parts.jsonl"), "w");
    assert_non_null(lines);
    for (int i = 0; i < 10; i++)
        fprintf(lines, "{\"n\":%d,\"s\":{\"a\":true,\"b\":\"x\"}}\n", i);
    fclose(lines);
    snprintf(parquet, sizeof parquet, "%s", fresh("parts.parquet"));
    const dzr_table_write_options in_groups = {.parquet = {.row_group_rows = 4}};
    assert_ok(dzr_convert(fresh("parts.jsonl"), NULL, parquet, &in_groups, NULL, &err));
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        assert_ok(numbers_of(parquet, &parts[i].options, text, &err));
        assert_string_equal(text, parts[i].parquet);
        if (parts[i].jsonl == NULL) {
            assert_fails(numbers_of(fresh("parts.jsonl"), &parts[i].options, text, &err), DZR_ERR_UNSUPPORTED,
                    "parts.jsonl: row groups are chosen of Parquet files only");
            continue;
        }
        assert_ok(numbers_of(fresh("parts.jsonl"), &parts[i].options, text, &err));
        assert_string_equal(text, parts[i].jsonl);
    }
    const dzr_table_read_options absent = {.columns = (const char *const[]){"n", "s.c"}, .n_columns = 2};
    assert_fails(numbers_of(parquet, &absent, text, &err), DZR_ERR_ARG, "parts.parquet: there is no column \"s.c\"");
    const dzr_table_read_options front = {.columns = (const char *const[]){"s."}, .n_columns = 1};
    assert_fails(numbers_of(parquet, &front, text, &err), DZR_ERR_ARG, "there is no column \"s.\"");
    const dzr_table_read_options mistaken = {.where = "m = 1", .columns = (const char *const[]){"n"}, .n_columns = 1};
    assert_fails(numbers_of(parquet, &mistaken, text, &err), DZR_ERR_NOT_FOUND,
            "parts.parquet: where: position 1: there is no column \"m\"; \"n\" is the most like it");
    const dzr_table_read_options tight = {.memory = 10000};
    assert_fails(numbers_of(parquet, &tight, text, &err), DZR_ERR_LIMIT, "the memory budget of 10000 bytes");
    const dzr_table_read_options negative = {.first_row = -1};
    assert_fails(numbers_of(fresh("parts.jsonl"), &negative, text, &err), DZR_ERR_ARG, "0 rows from row -1 on");
}

/* The last rows and drawn ones, of both formats, with allocation 1 failing, then 2, 3 ... */
static void every_failing_allocation_of_tail_and_sample_is_answered(void **state)
{
    (void)state;
    dzr_error err;
    char files[2][64];
    snprintf(files[0], sizeof files[0], "%s", fresh("few.jsonl"));
    snprintf(files[1], sizeof files[1], "%s", fresh("few.parquet"));
    write_text(files[0], "{\"n\":1,\"s\":\"a string longer than a view\"}\n{\"n\":2,\"l\":[1,2]}\n{\"n\":3}\n");
    assert_ok(dzr_convert(files[0], NULL, files[1], NULL, NULL, &err));
    for (int way = 0; way < 4; way++) {
        dzr_status st = DZR_ERR_NOMEM;
        for (int64_t nth = 1; st != DZR_OK; nth++) {
            alloc_nth alloc;
            dzr_table_reader *reader = NULL;
            dzr_batch *batch = NULL;
            alloc_nth_init(&alloc, nth);
            const dzr_table_read_options read = {
                    .alloc = &alloc.allocator, .jsonl = {.batch_rows = 1}, .last_rows = way < 2 ? 2 : 0};
            if (way < 2) {
                st = dzr_table_reader_open(files[way % 2], &read, &reader, &err);
                st = st == DZR_OK ? dzr_table_reader_next(reader, &batch, &err) : st;
            } else {
                st = dzr_table_sample(files[way % 2], &read, 2, 1, &batch, &err);
            }
            if (st == DZR_OK)
                assert_int_equal(dzr_batch_n_rows(batch), way == 0 ? 1 : 2);
            else
                assert_string_equal(dzr_status_name(st), "DZR_ERR_NOMEM");
            dzr_batch_free(batch);
            dzr_table_reader_close(reader);
            assert_int_equal(alloc.n_out, 0);
            assert_true(st != DZR_OK || nth > 10);
        }
    }
}

static void the_last_rows_and_samples_want_sensible_numbers(void **state)
{
    (void)state;
    dzr_error err;
    dzr_table_reader *reader = NULL;
    dzr_batch *batch = NULL;
    const dzr_table_read_options both = {.last_rows = 2, .first_row = 1}, negative = {.last_rows = -1};
    assert_fails(dzr_table_reader_open("a.jsonl", &both, &reader, &err), DZR_ERR_ARG, "the last 2 rows, from row 1 on");
    assert_fails(dzr_table_reader_open("a.jsonl", &negative, &reader, &err), DZR_ERR_ARG, "the last -1 rows");
    assert_fails(dzr_table_sample("a.jsonl", &both, 1, 1, &batch, &err), DZR_ERR_ARG, "a sample of 1 rows");
    assert_fails(dzr_table_sample("a.jsonl", NULL, -1, 1, &batch, &err), DZR_ERR_ARG, "a sample of -1 rows");
    int64_t n = -1;
    assert_fails(dzr_table_count("a.txt", NULL, &n, &err), DZR_ERR_ARG, "a.txt: its name does not tell the format");
    assert_int_equal(n, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(formats_are_told_by_name_and_ending),
            cmocka_unit_test(two_columns_of_a_name_do_not_become_json),
            cmocka_unit_test(two_fields_of_a_name_in_a_struct_do_not_either),
            cmocka_unit_test(a_cancelled_conversion_leaves_nothing),
            cmocka_unit_test(any_part_of_a_file_is_read),
            cmocka_unit_test(every_failing_allocation_is_answered),
            cmocka_unit_test(every_failing_allocation_of_tail_and_sample_is_answered),
            cmocka_unit_test(the_last_rows_and_samples_want_sensible_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, remove_folder);
}
