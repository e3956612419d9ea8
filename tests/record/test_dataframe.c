/* tests/record/test_dataframe.c - frames of records: what they keep, and the same records back from batches, Parquet
 * and JSON lines; the hook, and every allocation failing. */
#include "frames.h"

/* ---- keeping ---- */

static void a_frame_keeps_copies_that_never_move(void **state)
{
    (void)state;
    dzr_dataframe *const frame = filled(1);
    const void *const first = dzr_dataframe_get(frame, 0);
    dzr_error err;
    assert_ok(fill(frame, 5000, &err));
    assert_int_equal(dzr_dataframe_length(frame), 5001);
    assert_ptr_equal(dzr_dataframe_get(frame, 0), first);
    check_rows(frame, 0, 1);
    check_rows(frame, 1, 5000);
    dzr_dataframe_free(frame);
    dzr_dataframe_free(NULL);
}

static void records_of_an_array_are_appended_at_once(void **state)
{
    (void)state;
    enum { N = 2500 };
    everything_store *const stores = malloc(N * sizeof *stores);
    everything *const rows = malloc(N * sizeof *rows);
    assert_non_null(stores);
    assert_non_null(rows);
    for (int i = 0; i < N; i++)
        rows[i] = make_row(i, &stores[i]);
    dzr_error err;
    dzr_dataframe *const frame = new_frame(&everything_type);
    assert_ok(dzr_dataframe_append(frame, rows, N, &err));
    assert_ok(dzr_dataframe_append(frame, rows, 0, &err));
    free(rows);
    free(stores);
    assert_int_equal(dzr_dataframe_length(frame), N);
    check_rows(frame, 0, N);
    dzr_dataframe_truncate(frame, 7);
    dzr_dataframe_truncate(frame, 9);
    assert_int_equal(dzr_dataframe_length(frame), 7);
    assert_ok(dzr_dataframe_append(frame, dzr_dataframe_get(frame, 0), 1, &err));
    check_rows(frame, 7, 1);
    dzr_dataframe_free(frame);
}

static void text_in_a_frame_ends_in_a_nul(void **state)
{
    (void)state;
    dzr_error err;
    dzr_dataframe *const frame = new_frame(&part_type);
    const part p = {.label = {(const uint8_t *)"abcdef", 3}};
    assert_ok(dzr_dataframe_append(frame, &p, 1, &err));
    const part *const kept = dzr_dataframe_get(frame, 0);
    assert_string_equal((const char *)kept->label.at, "abc");
    dzr_dataframe_free(frame);
}

/* ---- batches ---- */

static void a_batch_has_the_rows_asked_for(void **state)
{
    (void)state;
    dzr_error err;
    dzr_dataframe *const frame = filled(700);
    dzr_dataframe *const back = new_frame(&everything_type);
    for (int64_t first = 0; first < 700; first += 100) {
        dzr_batch *batch = NULL;
        assert_ok(dzr_dataframe_to_batch(frame, first, 100, &batch, &err));
        assert_int_equal(dzr_batch_n_rows(batch), 100);
        assert_ok(dzr_dataframe_append_batch(back, batch, NULL, &err));
        dzr_batch_free(batch);
    }
    check_rows(back, 0, 700);
    dzr_batch *batch = NULL;
    assert_ok(dzr_dataframe_to_batch(frame, 700, 0, &batch, &err));
    assert_int_equal(dzr_batch_n_rows(batch), 0);
    dzr_batch_free(batch);
    batch = NULL;
    assert_fails(dzr_dataframe_to_batch(frame, 690, 11, &batch, &err), DZR_ERR_ARG,
            "11 records from record 690 on, there are 700");
    assert_fails(dzr_dataframe_to_batch(frame, -1, 1, &batch, &err), DZR_ERR_ARG,
            "1 records from record -1 on, there are 700");
    assert_fails(dzr_dataframe_to_batch(frame, INT64_MAX, INT64_MAX, &batch, &err), DZR_ERR_ARG, "on, there are 700");
    assert_null(batch);
    dzr_dataframe_free(back);
    dzr_dataframe_free(frame);
}

/* ---- Parquet and JSON lines ---- */

static void parquet_gives_every_kind_back(void **state)
{
    (void)state;
    static const dzr_codec codecs[] = {DZR_CODEC_UNCOMPRESSED, DZR_CODEC_SNAPPY, DZR_CODEC_GZIP, DZR_CODEC_BROTLI,
            DZR_CODEC_ZSTD, DZR_CODEC_LZ4_RAW};
    dzr_error err;
    dzr_dataframe *const frame = filled(3000);
    const char *const path = in_folder("a.parquet");
    for (size_t i = 0; i < sizeof codecs / sizeof *codecs; i++) {
        const dzr_parquet_write_options options = {.codec = codecs[i], .row_group_rows = 1300, .page_rows = 170};
        dzr_dataframe *const back = new_frame(&everything_type);
        assert_ok(dzr_dataframe_write_parquet(frame, path, &options, &err));
        assert_ok(dzr_dataframe_read_parquet(back, path, NULL, &err));
        assert_int_equal(dzr_dataframe_length(back), 3000);
        check_rows(back, 0, 3000);
        dzr_dataframe_free(back);
    }
    assert_int_equal(unlink(path), 0);
    dzr_dataframe_free(frame);
}

static void json_lines_give_every_kind_back(void **state)
{
    (void)state;
    dzr_error err;
    dzr_dataframe *const frame = filled(3000);
    dzr_dataframe *const back = new_frame(&everything_type);
    const char *const path = in_folder("new/folder/a.jsonl");
    assert_ok(dzr_dataframe_write_jsonl(frame, path, &err));
    assert_ok(dzr_dataframe_read_jsonl(back, path, NULL, NULL, &err));
    assert_int_equal(dzr_dataframe_length(back), 3000);
    check_rows(back, 0, 3000);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(in_folder("new/folder")), 0);
    assert_int_equal(rmdir(in_folder("new")), 0);
    dzr_dataframe_free(back);
    dzr_dataframe_free(frame);
}

static void an_empty_frame_makes_files_that_read_as_empty(void **state)
{
    (void)state;
    dzr_error err;
    dzr_dataframe *const frame = new_frame(&everything_type);
    const char *path = in_folder("empty.parquet");
    assert_ok(dzr_dataframe_write_parquet(frame, path, NULL, &err));
    assert_ok(dzr_dataframe_read_parquet(frame, path, NULL, &err));
    assert_int_equal(dzr_dataframe_length(frame), 0);
    assert_int_equal(unlink(path), 0);
    path = in_folder("empty.jsonl");
    assert_ok(dzr_dataframe_write_jsonl(frame, path, &err));
    assert_ok(dzr_dataframe_read_jsonl(frame, path, NULL, NULL, &err));
    assert_int_equal(dzr_dataframe_length(frame), 0);
    assert_int_equal(unlink(path), 0);
    dzr_dataframe_free(frame);
}

static void a_million_rows_go_through_parquet(void **state)
{
    (void)state;
    enum { N = 1000000 };
    dzr_error err;
    dzr_dataframe *const frame = new_frame(&student_type);
    dzr_dataframe *const back = new_frame(&student_type);
    for (int64_t i = 0; i < N; i++) {
        char name_text[32];
        const student s = {.name = printed(name_text, "student %lld", i % 1000),
                .id = i,
                .age = (int32_t)(i % 90),
                .ignored = i % 7 == 0 ? (int32_t)i : 0,
                .has_ignored = i % 7 == 0};
        assert_ok(dzr_dataframe_append(frame, &s, 1, &err));
    }
    const char *const path = in_folder("million.parquet");
    const dzr_parquet_write_options options = {.codec = DZR_CODEC_SNAPPY, .row_group_rows = 300000};
    assert_ok(dzr_dataframe_write_parquet(frame, path, &options, &err));
    assert_ok(dzr_dataframe_read_parquet(back, path, NULL, &err));
    assert_int_equal(dzr_dataframe_length(back), N);
    for (int64_t i = 0; i < N; i++) {
        const student *const a = dzr_dataframe_get(frame, i), *const b = dzr_dataframe_get(back, i);
        if (a->id != b->id || a->age != b->age || a->ignored != b->ignored || a->has_ignored != b->has_ignored ||
                !same_bytes(a->name, b->name))
            fail_msg("row %lld differs", (long long)i);
    }
    assert_int_equal(unlink(path), 0);
    dzr_dataframe_free(back);
    dzr_dataframe_free(frame);
}

static void bytes_that_are_no_text_come_back_as_they_were(void **state)
{
    (void)state;
    dzr_error err;
    dzr_dataframe *const frame = new_frame(&part_type);
    dzr_dataframe *const back = new_frame(&part_type);
    const part rows[] = {{.label = {(const uint8_t *)"fine", 4}}, {.label = {(const uint8_t *)"\xff\xfe no text", 10}}};
    assert_ok(dzr_dataframe_append(frame, rows, 2, &err));
    dzr_batch *batch = NULL;
    assert_fails(dzr_dataframe_to_batch(frame, 0, 2, &batch, &err), DZR_ERR_TYPE, "UTF-8");
    const char *const path = in_folder("bytes.parquet");
    assert_ok(dzr_dataframe_write_parquet(frame, path, NULL, &err));
    assert_ok(dzr_dataframe_read_parquet(back, path, NULL, &err));
    for (int64_t i = 0; i < 2; i++)
        assert_null(part_difference(dzr_dataframe_get(back, i), &rows[i]));
    assert_int_equal(unlink(path), 0);
    dzr_dataframe_free(back);
    dzr_dataframe_free(frame);
}

/* ---- JSON, and the hook ---- */

static dzr_bytes text_of(const char *chars)
{
    return (dzr_bytes){(const uint8_t *)chars, strlen(chars)};
}

static void each_element_has_its_own_bytes_as_its_origin(void **state)
{
    (void)state;
    dzr_error err;
    dzr_dataframe *const frame = new_frame(&student_type);
    const dzr_record_parse_options options = {.source_info = "here", .now_ms = 42};
    assert_ok(dzr_dataframe_parse_json(
            frame, text_of(" [ {\"NAME\":\"a\", \"other\":[1]} ,{\"age\":7}\n]"), &options, &err));
    assert_ok(dzr_dataframe_parse_json(frame, text_of("{\"ignored\":5}"), NULL, &err));
    assert_ok(dzr_dataframe_parse_json(frame, text_of("[]"), NULL, &err));
    assert_int_equal(dzr_dataframe_length(frame), 3);
    const student *const first = dzr_dataframe_get(frame, 0), *const second = dzr_dataframe_get(frame, 1),
                         *const third = dzr_dataframe_get(frame, 2);
    assert_string_equal((const char *)first->name.at, "a");
    assert_string_equal((const char *)first->info.raw_data.at, "{\"NAME\":\"a\", \"other\":[1]}");
    assert_string_equal((const char *)first->info.source_info.at, "here");
    assert_int_equal(first->info.ingest_timestamp, 42);
    assert_int_equal(second->age, 7);
    assert_string_equal((const char *)second->info.raw_data.at, "{\"age\":7}");
    assert_string_equal((const char *)second->info.row_hash.at, /* sha256sum's */
            "562b61ba314ef548c8ff32348d367d6f77725d8271605f850b81f77fc53cc572");
    assert_true(third->has_ignored);
    assert_int_equal(third->info.source_info.len, 0);
    assert_true(third->info.ingest_timestamp > 1700000000000);
    dzr_dataframe_free(frame);
}

static void a_bad_element_is_told_with_its_number_and_nothing_is_kept(void **state)
{
    (void)state;
    dzr_error err;
    dzr_dataframe *const frame = new_frame(&student_type);
    assert_fails(dzr_dataframe_parse_json(frame, text_of("[{},{\"age\":\"x\"},{}]"), NULL, &err), DZR_ERR_TYPE,
            "record 1: failed to parse record: json: cannot unmarshal string into Go struct field Student.Age of type "
            "int32");
    assert_int_equal(err.record, 1);
    assert_fails(dzr_dataframe_parse_json(frame, text_of("[{},{\"age\":}]"), NULL, &err), DZR_ERR_SYNTAX,
            "failed to parse record: invalid character '}' looking for beginning of value");
    assert_int_equal(err.offset, 11);
    assert_fails(dzr_dataframe_parse_json(frame, text_of("[{}"), NULL, &err), DZR_ERR_TRUNCATED,
            "failed to parse record: unexpected end of JSON input");
    assert_fails(dzr_dataframe_parse_json(frame, text_of(""), NULL, &err), DZR_ERR_TRUNCATED, "unexpected end");
    assert_int_equal(dzr_dataframe_length(frame), 0);
    dzr_dataframe_free(frame);
}

/* Wants people of age, and gives those without a name one. */
static dzr_status adults_only(void *ctx, void *record, dzr_error *err)
{
    student *const s = record;
    static char made[32];
    ++*(int *)ctx;
    if (s->age < 18)
        return dzr_fail(err, DZR_ERR_CANCELLED, "age %d is under 18", (int)s->age);
    if (s->name.len == 0)
        s->name = printed(made, "number %lld", *(int *)ctx);
    return DZR_OK;
}

static dzr_status says_nothing(void *ctx, void *record, dzr_error *err)
{
    (void)ctx;
    (void)record;
    (void)err;
    return DZR_ERR_TYPE;
}

static void a_hook_sets_members_wherever_records_come_from(void **state)
{
    (void)state;
    dzr_error err;
    int calls = 0;
    dzr_dataframe *const frame = new_frame(&student_type);
    const dzr_record_parse_options parse = {.hook = adults_only, .ctx = &calls};
    const dzr_dataframe_read_options read = {.hook = adults_only, .ctx = &calls};
    assert_ok(dzr_dataframe_parse_json(frame, text_of("[{\"age\":18},{\"age\":20,\"name\":\"b\"}]"), &parse, &err));
    assert_string_equal((const char *)((const student *)dzr_dataframe_get(frame, 0))->name.at, "number 1");
    assert_string_equal((const char *)((const student *)dzr_dataframe_get(frame, 1))->name.at, "b");
    const char *path = in_folder("a.jsonl");
    assert_ok(dzr_dataframe_write_jsonl(frame, path, &err));
    assert_ok(dzr_dataframe_read_jsonl(frame, path, adults_only, &calls, &err));
    assert_int_equal(unlink(path), 0);
    path = in_folder("a.parquet");
    assert_ok(dzr_dataframe_write_parquet(frame, path, NULL, &err));
    assert_ok(dzr_dataframe_read_parquet(frame, path, &read, &err));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(calls, 2 + 2 + 4);
    assert_int_equal(dzr_dataframe_length(frame), 8);
    dzr_dataframe_free(frame);
}

static void what_a_hook_refuses_has_its_place_and_status(void **state)
{
    (void)state;
    dzr_error err;
    int calls = 0;
    const dzr_record_parse_options parse = {.hook = adults_only, .ctx = &calls};
    const dzr_record_parse_options silent = {.hook = says_nothing};
    const dzr_dataframe_read_options read = {.hook = adults_only, .ctx = &calls};
    dzr_dataframe *const frame = new_frame(&student_type);
    const char *const minors = "[{\"age\":18},{\"age\":17}]";
    assert_fails(dzr_dataframe_parse_json(frame, text_of(minors), &parse, &err), DZR_ERR_CANCELLED,
            "record 1: age 17 is under 18");
    assert_int_equal(err.record, 1);
    assert_fails(dzr_dataframe_parse_json(frame, text_of(minors), &silent, &err), DZR_ERR_TYPE,
            "record 0: the hook refuses the record");
    assert_int_equal(dzr_dataframe_parse_json(frame, text_of(minors), &parse, NULL), DZR_ERR_CANCELLED);
    assert_int_equal(dzr_dataframe_length(frame), 0);
    assert_ok(dzr_dataframe_parse_json(frame, text_of(minors), NULL, &err));
    const char *path = in_folder("a.jsonl");
    assert_ok(dzr_dataframe_write_jsonl(frame, path, &err));
    assert_fails(dzr_dataframe_read_jsonl(frame, path, adults_only, &calls, &err), DZR_ERR_CANCELLED,
            "failed to parse JSONL at line 2: age 17 is under 18");
    assert_int_equal(err.line, 2);
    assert_int_equal(unlink(path), 0);
    path = in_folder("a.parquet");
    assert_ok(dzr_dataframe_write_parquet(frame, path, NULL, &err));
    assert_fails(dzr_dataframe_read_parquet(frame, path, &read, &err), DZR_ERR_CANCELLED,
            "a.parquet: row group 0, row 1: age 17 is under 18");
    assert_int_equal(err.row_group, 0);
    assert_int_equal(err.record, 1);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(dzr_dataframe_length(frame), 2);
    dzr_dataframe_free(frame);
}

/* ---- out of memory ---- */

static const char elements[] =
        "[{\"id\":1,\"one\":{\"label\":\"\\u00e9 long enough to be kept outside\",\"marks\":[1,2]},"
        "\"names\":[\"a\",null],\"grid\":[[1],[]],\"all\":{\"raw\":\"AAECAw==\"}},{\"id\":2}]";

/* Everything that a frame does, once; what it holds besides rows 0..2 does not matter. */
static dzr_status use_all(const dzr_allocator *alloc, const char *parquet, const char *jsonl, dzr_error *err)
{
    dzr_dataframe *frame = NULL;
    dzr_batch *batch = NULL;
    dzr_status st = dzr_dataframe_new(&everything_type, alloc, &frame, err);
    if (st == DZR_OK)
        st = fill(frame, 3, err);
    if (st == DZR_OK)
        st = dzr_dataframe_to_batch(frame, 0, 3, &batch, err);
    if (st == DZR_OK)
        st = dzr_dataframe_append_batch(frame, batch, NULL, err);
    if (st == DZR_OK)
        st = dzr_dataframe_parse_json(frame, text_of(elements), &(dzr_record_parse_options){.now_ms = 1}, err);
    if (st == DZR_OK)
        st = dzr_dataframe_write_jsonl(frame, jsonl, err);
    if (st == DZR_OK)
        st = dzr_dataframe_read_jsonl(frame, jsonl, NULL, NULL, err);
    if (st == DZR_OK)
        st = dzr_dataframe_write_parquet(frame, parquet, NULL, err);
    if (st == DZR_OK)
        st = dzr_dataframe_read_parquet(frame, parquet, NULL, err);
    if (st == DZR_OK)
        check_rows(frame, 0, 3);
    dzr_batch_free(batch);
    dzr_dataframe_free(frame);
    return st;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    char parquet[128], jsonl[128];
    (void)snprintf(parquet, sizeof parquet, "%s/a.parquet", folder);
    (void)snprintf(jsonl, sizeof jsonl, "%s/a.jsonl", folder);
    dzr_error err;
    for (int64_t i = 1;; i++) {
        alloc_nth nth;
        alloc_nth_init(&nth, i);
        const dzr_status st = use_all(&nth.allocator, parquet, jsonl, &err);
        const bool met = nth.n_requests >= i;
        if (st != (met ? DZR_ERR_NOMEM : DZR_OK) || nth.n_out != 0)
            fail_msg("request %lld: %s, %lld blocks left, \"%s\"", (long long)i, dzr_status_name(st),
                    (long long)nth.n_out, err.message);
        if (!met) {
            assert_true(i > 1000);
            break;
        }
    }
    assert_int_equal(unlink(parquet), 0);
    assert_int_equal(unlink(jsonl), 0);
}

static void a_frame_is_as_it_was_when_memory_runs_out(void **state)
{
    (void)state;
    dzr_error err;
    dzr_batch *batch = NULL;
    dzr_dataframe *const three = filled(3);
    assert_ok(dzr_dataframe_to_batch(three, 0, 3, &batch, &err));
    for (int64_t i = 1;; i++) {
        alloc_nth nth;
        alloc_nth_init(&nth, 0);
        dzr_dataframe *frame = NULL;
        assert_ok(dzr_dataframe_new(&everything_type, &nth.allocator, &frame, &err));
        assert_ok(fill(frame, 3, &err));
        nth.n_requests = 0;
        nth.fail_at = i;
        const dzr_status st = dzr_dataframe_append_batch(frame, batch, NULL, &err);
        assert_int_equal(dzr_dataframe_length(frame), st == DZR_OK ? 6 : 3);
        check_rows(frame, 0, 3);
        dzr_dataframe_free(frame);
        assert_int_equal(nth.n_out, 0);
        if (st == DZR_OK)
            break;
        assert_int_equal(st, DZR_ERR_NOMEM);
    }
    dzr_batch_free(batch);
    dzr_dataframe_free(three);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_frame_keeps_copies_that_never_move),
            cmocka_unit_test(records_of_an_array_are_appended_at_once),
            cmocka_unit_test(text_in_a_frame_ends_in_a_nul),
            cmocka_unit_test(a_batch_has_the_rows_asked_for),
            cmocka_unit_test(parquet_gives_every_kind_back),
            cmocka_unit_test(json_lines_give_every_kind_back),
            cmocka_unit_test(an_empty_frame_makes_files_that_read_as_empty),
            cmocka_unit_test(a_million_rows_go_through_parquet),
            cmocka_unit_test(bytes_that_are_no_text_come_back_as_they_were),
            cmocka_unit_test(each_element_has_its_own_bytes_as_its_origin),
            cmocka_unit_test(a_bad_element_is_told_with_its_number_and_nothing_is_kept),
            cmocka_unit_test(a_hook_sets_members_wherever_records_come_from),
            cmocka_unit_test(what_a_hook_refuses_has_its_place_and_status),
            cmocka_unit_test(every_allocation_may_fail),
            cmocka_unit_test(a_frame_is_as_it_was_when_memory_runs_out),
    };
    return cmocka_run_group_tests_name("record: dataframes", tests, make_folder, drop_folder);
}
