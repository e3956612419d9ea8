/* tests/parquet/test_scan_pages.c - ranges of rows of files made by hand: pages that begin inside a row, and offset
 * indexes that are right, lie, or are no index at all. */
#include "scan.h"

#include "handmade.h"
#include "parquet/encoding/encoding.h"

/* ---- a repeated column, in pages that end anywhere ---- */

enum { MOST_LEVELS = 2000 };

typedef struct lists {
    int32_t n_rows, n_levels;
    uint32_t reps[MOST_LEVELS], defs[MOST_LEVELS];
} lists;

static void make_lists(lists *out, int32_t n_rows, uint64_t seed)
{
    *out = (lists){.n_rows = n_rows};
    for (int32_t row = 0; row < n_rows; row++) {
        const uint64_t n = next_number(&seed) % 6;
        for (uint64_t i = 0; i < DZR_MAX(n, UINT64_C(1)); i++) {
            out->reps[out->n_levels] = i > 0;
            out->defs[out->n_levels++] = n > 0;
        }
    }
}

static void append_levels(dzr_bytebuf *body, const uint32_t *levels, int32_t n, bool with_length)
{
    dzr_error err;
    const size_t start = body->len;
    const uint32_t zero = 0;
    if (with_length)
        assert_ok(dzr__bytebuf_append(body, &zero, 4, &err));
    assert_ok(dzr__rle_write(body, 1, levels, n, &err));
    if (with_length)
        dzr__store_u32(body->at + start, (uint32_t)(body->len - start - 4));
}

/* Levels [first, first + n), whose values count on from *value. */
static void add_page(made *file, const lists *in, int32_t first, int32_t n, bool v2, int32_t *value)
{
    dzr_error err;
    dzr_bytebuf body = {0};
    int32_t n_set = 0, n_rows = 0;
    append_levels(&body, in->reps + first, n, !v2);
    const int32_t rep_bytes = (int32_t)body.len;
    append_levels(&body, in->defs + first, n, !v2);
    const int32_t def_bytes = (int32_t)body.len - rep_bytes;
    for (int32_t i = first; i < first + n; i++) {
        n_rows += in->reps[i] == 0;
        if (in->defs[i] == 0)
            continue;
        assert_ok(dzr__bytebuf_append(&body, value, sizeof *value, &err));
        ++*value;
        n_set++;
    }
    dzr_meta_page header =
            v2 ? v2_header(n, n - n_set, def_bytes, DZR_ENCODING_PLAIN) : v1_header(n, DZR_ENCODING_PLAIN);
    header.data_v2.num_rows = n_rows;
    header.data_v2.rep_bytes = rep_bytes;
    made_page(file, header, body.at, body.len);
    dzr__bytebuf_fini(&body);
}

static void made_lists(made *file, const lists *in)
{
    made_init(file, DZR_TYPE_INT32, false, in->n_rows);
    file->column.has |= 1u << DZR_ELEMENT_REPETITION;
    file->column.repetition = DZR_REPETITION_REPEATED;
    file->chunk.meta.num_values = in->n_levels;
}

static void pages_may_begin_inside_a_row(void **state)
{
    (void)state;
    dzr_error err;
    static lists in;
    uint64_t seed = 9;
    for (int round = 0; round < 12; round++) {
        made file;
        int32_t value = 0;
        make_lists(&in, 200, (uint64_t)round);
        made_lists(&file, &in);
        for (int32_t at = 0; at < in.n_levels;) {
            const int32_t some = 1 + (int32_t)(next_number(&seed) % 9);
            const int32_t n = DZR_MIN(some, in.n_levels - at);
            add_page(&file, &in, at, n, round % 2 == 1, &value);
            at += n;
        }
        made_finish(&file, 1);
        opened opened_file;
        dzr_batch *whole = NULL;
        assert_ok(open_bytes((dzr_bytes){file.bytes.at, file.bytes.len}, NULL, &opened_file, &err));
        assert_ok(dzr_parquet_read_row_group(opened_file.reader, 0, NULL, 0, &whole, &err));
        for (int64_t first = 0; first <= 200; first += 3) {
            const dzr_parquet_scan_options options = {
                    .first_row = first, .n_rows = 1 + first % 31, .batch_rows = 1 + first % 5};
            assert_ok(
                    scan_gives(opened_file.reader, &options, whole, first, DZR_MIN(1 + first % 31, 200 - first), &err));
        }
        dzr_batch_free(whole);
        close_opened(&opened_file);
        dzr__bytebuf_fini(&file.bytes);
    }
}

/* ---- offset indexes ---- */

/* 40 values 0, 1, 2 ... in 4 pages, whose places go to locations. */
static void made_numbers(made *file, dzr_meta_location locations[4])
{
    made_init(file, DZR_TYPE_INT32, false, 40);
    for (int32_t page = 0; page < 4; page++) {
        int32_t values[10];
        for (int32_t i = 0; i < 10; i++)
            values[i] = page * 10 + i;
        const size_t before = file->bytes.len;
        made_page(file, v1_header(10, DZR_ENCODING_PLAIN), values, sizeof values);
        locations[page] = (dzr_meta_location){
                .offset = (int64_t)before, .n_bytes = (int32_t)(file->bytes.len - before), .first_row = page * 10};
    }
    file->chunk.meta.compressed_size = (int64_t)file->bytes.len - 4;
}

static void add_index(made *file, dzr_meta_location *locations, int32_t n)
{
    dzr_error err;
    const dzr_meta_offset_index index = {.pages = {locations, n}};
    file->chunk.has |= 1u << DZR_CHUNK_OFFSET_INDEX_OFFSET | 1u << DZR_CHUNK_OFFSET_INDEX_LENGTH;
    file->chunk.offset_index_offset = (int64_t)file->bytes.len;
    assert_ok(dzr__thrift_write(&file->bytes, &dzr__shape_offset_index, &index, &err));
    file->chunk.offset_index_length = (int32_t)((int64_t)file->bytes.len - file->chunk.offset_index_offset);
}

/* Row 25 of the file, by a scan that begins there. */
static dzr_status read_row_25(made *file, int32_t *out, dzr_error *said)
{
    dzr_error err;
    opened opened_file;
    dzr_parquet_scan *scan = NULL;
    dzr_batch *batch = NULL;
    made_finish(file, 1);
    assert_ok(open_bytes((dzr_bytes){file->bytes.at, file->bytes.len}, NULL, &opened_file, &err));
    assert_ok(dzr_parquet_scan_open(opened_file.reader, &(dzr_parquet_scan_options){.first_row = 25}, &scan, &err));
    const dzr_status st = dzr_parquet_scan_next(scan, &batch, &err);
    if (st == DZR_OK) {
        assert_int_equal(dzr_batch_n_rows(batch), 15);
        *out = *(const int32_t *)dzr_batch_column(batch, 0)->values;
    } else {
        dzr_error again = {0};
        assert_null(batch);
        assert_int_equal(dzr_parquet_scan_next(scan, &batch, &again), DZR_ERR_ARG);
        assert_string_equal(again.message, "memory: reading failed before");
    }
    dzr_batch_free(batch);
    dzr_parquet_scan_close(scan);
    close_opened(&opened_file);
    dzr__bytebuf_fini(&file->bytes);
    *said = err;
    return st;
}

static void an_index_that_is_wrong_in_itself_is_not_used(void **state)
{
    (void)state;
    dzr_error err;
    for (int wrong = 0; wrong < 5; wrong++) {
        made file;
        dzr_meta_location locations[4];
        int32_t value = 0;
        made_numbers(&file, locations);
        if (wrong == 1)
            locations[2].first_row = 5; /* goes back */
        else if (wrong == 2)
            locations[3].offset = 1 << 30; /* not in the file */
        else if (wrong == 3)
            locations[0].offset = 1; /* before the chunk */
        add_index(&file, locations, 4);
        if (wrong == 4)
            file.chunk.offset_index_length = 3; /* ends too early */
        assert_ok(read_row_25(&file, &value, &err));
        assert_int_equal(value, 25);
    }
}

static void an_index_that_says_other_rows_than_the_page_has_is_an_error(void **state)
{
    (void)state;
    dzr_error err;
    made file;
    dzr_meta_location locations[4];
    int32_t value = 0;
    made_numbers(&file, locations);
    locations[3].first_row = 29;
    add_index(&file, locations, 4);
    assert_fails(read_row_25(&file, &value, &err), DZR_ERR_CORRUPT, "page has 10 rows, the offset index says 9");
    assert_memory_equal(err.message, COLUMN, strlen(COLUMN) - 2); /* its byte comes then */
    assert_int_equal(err.row_group, 0);
    assert_int_equal(err.column, 0);
    assert_int_equal(err.offset, locations[2].offset);
    /* one that leaves a page out */
    made_numbers(&file, locations);
    locations[1] = locations[2];
    locations[2] = locations[3];
    add_index(&file, locations, 2);
    assert_fails(read_row_25(&file, &value, &err), DZR_ERR_CORRUPT, "page has 10 rows, the offset index says 20");
}

static void an_index_of_pages_that_begin_inside_a_row_is_an_error(void **state)
{
    (void)state;
    dzr_error err;
    static lists in;
    made file;
    dzr_meta_location locations[2];
    int32_t value = 0;
    in = (lists){.n_rows = 40, .n_levels = 41};
    for (int32_t i = 0; i < 41; i++) {
        in.reps[i] = i == 20; /* row 19 has two values */
        in.defs[i] = 1;
    }
    made_lists(&file, &in);
    for (int32_t page = 0; page < 2; page++) {
        const size_t before = file.bytes.len;
        add_page(&file, &in, page * 20, page == 0 ? 20 : 21, false, &value);
        locations[page] = (dzr_meta_location){
                .offset = (int64_t)before, .n_bytes = (int32_t)(file.bytes.len - before), .first_row = page * 20};
    }
    file.chunk.meta.compressed_size = (int64_t)file.bytes.len - 4;
    add_index(&file, locations, 2);
    assert_fails(read_row_25(&file, &value, &err), DZR_ERR_CORRUPT,
            "its first repetition level is 1, and a row begins with 0");
}

static void pages_that_end_too_early_are_truncated(void **state)
{
    (void)state;
    dzr_error err;
    made file;
    dzr_meta_location locations[4];
    made_numbers(&file, locations);
    file.bytes.len = (size_t)locations[3].offset;
    file.chunk.meta.compressed_size = (int64_t)file.bytes.len - 4;
    made_finish(&file, 1);
    /* pages end where the footer begins */
    opened opened_file;
    dzr_parquet_scan *scan = NULL;
    dzr_batch *batch = NULL;
    assert_ok(open_bytes((dzr_bytes){file.bytes.at, file.bytes.len}, NULL, &opened_file, &err));
    assert_ok(dzr_parquet_scan_open(opened_file.reader, &(dzr_parquet_scan_options){.batch_rows = 25}, &scan, &err));
    assert_ok(dzr_parquet_scan_next(scan, &batch, &err)); /* what is there can be had */
    dzr_batch_free(batch);
    assert_fails(
            dzr_parquet_scan_next(scan, &batch, &err), DZR_ERR_TRUNCATED, "pages end, 10 of 40 values are missing");
    assert_memory_equal(err.message, COLUMN, strlen(COLUMN) - 2); /* its byte comes then */
    assert_null(batch);
    dzr_parquet_scan_close(scan);
    close_opened(&opened_file);
    dzr__bytebuf_fini(&file.bytes);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(pages_may_begin_inside_a_row),
            cmocka_unit_test(an_index_that_is_wrong_in_itself_is_not_used),
            cmocka_unit_test(an_index_that_says_other_rows_than_the_page_has_is_an_error),
            cmocka_unit_test(an_index_of_pages_that_begin_inside_a_row_is_an_error),
            cmocka_unit_test(pages_that_end_too_early_are_truncated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
