/* tests/parquet/test_page_index.c - what the page index says is what the data is, of files we write; and an index that
 * does not hold is refused with its place, while the values stay readable. */
#include "nested.h"

#include "parquet/writer/writer.h"

static dzr_parquet_reader *open_bytes(dzr_bytes file, dzr_source **source)
{
    dzr_error err;
    dzr_parquet_reader *reader = NULL;
    assert_ok(dzr_source_memory(file, NULL, source, &err));
    assert_ok(dzr_parquet_reader_open(*source, NULL, &reader, &err));
    return reader;
}

/* ---- the index and the data ---- */

/* Bounds hold every value of the page, and are values of it unless they are cut. */
static void check_page(const dzr_parquet_page *page, const dzr_column *column)
{
    int64_t n_nulls = 0, string_bytes = 0;
    bool min_met = false, max_met = false;
    for (int64_t row = page->first_row; row < page->first_row + page->n_rows; row++) {
        if (dzr_column_is_null(column, row)) {
            n_nulls++;
            continue;
        }
        uint8_t room[PLAIN_ROOM];
        const dzr_bytes value = plain_value(column, row, room);
        assert_true(page->has_min_max);
        const int low = dzr__bounds_compare(order_of(column), page->min, value);
        const int high = dzr__bounds_compare(order_of(column), page->max, value);
        assert_true(low <= 0 && high >= 0);
        min_met |= low == 0;
        max_met |= high == 0;
        string_bytes += (int64_t)value.len;
    }
    const bool is_string = column->type.id == DZR_TYPE_STRING || column->type.id == DZR_TYPE_BINARY;
    assert_true(page->has_null_count);
    assert_int_equal(page->n_nulls, n_nulls);
    assert_int_equal(page->is_null, n_nulls == page->n_rows);
    assert_int_equal(page->has_min_max, !page->is_null);
    assert_int_equal(page->has_string_bytes, is_string);
    assert_int_equal(page->n_string_bytes, is_string ? string_bytes : 0);
    assert_true(page->is_null || min_met || (is_string && page->min.len >= 61 && page->min.len <= 64));
    assert_true(page->is_null || max_met || (is_string && page->max.len <= 64));
}

static int check_order(const dzr_parquet_page_index *index, dzr_type type)
{
    const dzr_parquet_page *last = NULL;
    bool ascending = true, descending = true;
    for (int32_t i = 0; i < index->n_pages; i++) {
        const dzr_parquet_page *const page = &index->pages[i];
        if (page->is_null)
            continue;
        if (last != NULL) {
            const int min = dzr__bounds_compare(type, last->min, page->min);
            const int max = dzr__bounds_compare(type, last->max, page->max);
            ascending = ascending && min <= 0 && max <= 0;
            descending = descending && min >= 0 && max >= 0;
        }
        last = page;
    }
    return ascending ? DZR_PARQUET_ASCENDING : descending ? DZR_PARQUET_DESCENDING : DZR_PARQUET_UNORDERED;
}

/* Returns the number of pages that were looked at. */
static int64_t check_file(const dzr_sink *sink, const dzr_batch *batch)
{
    dzr_error err;
    dzr_source *source = NULL;
    dzr_parquet_reader *const reader = open_bytes(dzr_sink_memory_bytes(sink), &source);
    int64_t first = 0, n_pages = 0;
    for (int32_t g = 0; g < dzr_parquet_reader_n_row_groups(reader); g++) {
        const int64_t n_rows = dzr_parquet_reader_row_group_rows(reader, g);
        dzr_batch *part = NULL;
        assert_ok(dzr_batch_slice(batch, first, n_rows, &part, &err));
        for (int32_t i = 0; i < dzr_parquet_reader_n_columns(reader); i++) {
            dzr_parquet_page_index *index = NULL;
            const dzr_column *const column = dzr_batch_column(part, i);
            assert_ok(dzr_parquet_reader_page_index(reader, g, i, &index, &err));
            assert_non_null(index);
            if (dzr__fixed_bytes(column->type) > DZR_BOUND_BYTES && column->n_nulls < n_rows) {
                assert_false(index->has_bounds);
                dzr_parquet_page_index_free(index);
                continue;
            }
            assert_true(index->has_bounds);
            assert_int_equal(index->order, check_order(index, order_of(column)));
            int64_t rows = 0;
            for (int32_t p = 0; p < index->n_pages; p++) {
                assert_int_equal(index->pages[p].first_row, rows);
                check_page(&index->pages[p], column);
                rows += index->pages[p].n_rows;
            }
            assert_int_equal(rows, n_rows);
            n_pages += index->n_pages;
            dzr_parquet_page_index_free(index);
        }
        dzr_batch_free(part);
        first += n_rows;
    }
    dzr_parquet_reader_close(reader);
    dzr_source_close(source);
    return n_pages;
}

static void every_page_is_what_its_index_says(void **state)
{
    (void)state;
    static const dzr_parquet_write_options options[] = {
            {.page_rows = 100},
            {.page_rows = 7, .dictionary_bytes = -1, .row_group_rows = 1000},
            {.page_bytes = 300, .codec = DZR_CODEC_SNAPPY},
            {.dictionary_bytes = 200, .page_rows = 50},
    };
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        for (nulls pattern = NULLS_NONE; pattern <= NULLS_LAST; pattern++) {
            dzr_batch *const batch = make_rows(3000, pattern != NULLS_NONE, pattern);
            dzr_sink *const sink = write_rows(batch, &options[i]);
            assert_true(check_file(sink, batch) > N_TYPES);
            dzr_sink_close(sink);
            dzr_batch_free(batch);
        }
}

/* ---- floating point, and order ---- */

static void pages_in_total_order_have_bounds_of_nan_too(void **state)
{
    (void)state;
    const double nan64 = __builtin_nan(""), values[] = {-1, nan64, 0.0, 2, nan64, nan64};
    dzr_error err;
    const dzr_field field = {.name = "x", .type = {.id = DZR_TYPE_DOUBLE}};
    dzr_schema *schema = NULL;
    dzr_builder *builder = NULL;
    dzr_batch *batch = NULL;
    dzr_source *source = NULL;
    dzr_parquet_page_index *index = NULL;
    assert_ok(dzr_schema_new(&field, 1, NULL, &schema, &err));
    assert_ok(dzr_builder_new(schema, NULL, &builder, &err));
    for (size_t i = 0; i < 6; i++)
        assert_ok(dzr_builder_double(builder, 0, values[i], &err));
    assert_ok(dzr_builder_finish(builder, &batch, &err));
    dzr_sink *const sink = write_rows(batch, &(dzr_parquet_write_options){.page_rows = 2, .float_total_order = true});
    dzr_parquet_reader *const reader = open_bytes(dzr_sink_memory_bytes(sink), &source);
    assert_ok(dzr_parquet_reader_page_index(reader, 0, 0, &index, &err));
    assert_true(index->has_bounds); /* which a page of NaN alone would not allow otherwise */
    assert_int_equal(index->order, DZR_PARQUET_ASCENDING);
    assert_int_equal(index->n_pages, 3);
    for (int32_t i = 0; i < 3; i++) {
        assert_int_equal(index->pages[i].has_min_max, i < 2); /* NaN bounds nothing to whoever reads */
        assert_int_equal(index->pages[i].n_nan, i == 0 ? 1 : i == 1 ? 0 : 2);
    }
    assert_memory_equal(index->pages[1].min.at, &values[2], sizeof *values); /* +0, since there is no -0 */
    dzr_parquet_page_index_free(index);
    dzr_parquet_reader_close(reader);
    dzr_source_close(source);
    dzr_sink_close(sink);
    dzr_batch_free(batch);
    dzr_builder_free(builder);
    dzr_schema_free(schema);
}

typedef struct doubles {
    dzr_sink *sink;
    dzr_source *source;
    dzr_parquet_reader *reader;
    dzr_parquet_page_index *index;
} doubles;

/* One column of doubles, two rows a page. */
static void write_doubles(const double *values, int n, doubles *out)
{
    dzr_error err;
    const dzr_field field = {.name = "x", .type = {.id = DZR_TYPE_DOUBLE}};
    dzr_schema *schema = NULL;
    dzr_builder *builder = NULL;
    dzr_batch *batch = NULL;
    assert_ok(dzr_schema_new(&field, 1, NULL, &schema, &err));
    assert_ok(dzr_builder_new(schema, NULL, &builder, &err));
    for (int i = 0; i < n; i++)
        assert_ok(dzr_builder_double(builder, 0, values[i], &err));
    assert_ok(dzr_builder_finish(builder, &batch, &err));
    out->sink = write_rows(batch, &(dzr_parquet_write_options){.page_rows = 2});
    out->reader = open_bytes(dzr_sink_memory_bytes(out->sink), &out->source);
    assert_ok(dzr_parquet_reader_page_index(out->reader, 0, 0, &out->index, &err));
    assert_non_null(out->index);
    dzr_batch_free(batch);
    dzr_builder_free(builder);
    dzr_schema_free(schema);
}

static void close_doubles(doubles *file)
{
    dzr_parquet_page_index_free(file->index);
    dzr_parquet_reader_close(file->reader);
    dzr_source_close(file->source);
    dzr_sink_close(file->sink);
}

static void nan_is_counted_and_is_no_bound_of_a_page(void **state)
{
    (void)state;
    const double nan64 = __builtin_nan("");
    doubles file;
    write_doubles((const double[]){1, nan64, 0.0, 2, nan64, 3}, 6, &file);
    const dzr_parquet_page *const pages = file.index->pages;
    assert_int_equal(file.index->n_pages, 3);
    assert_true(file.index->has_bounds && pages[0].has_nan_count);
    assert_int_equal(pages[0].n_nan, 1);
    assert_int_equal(pages[1].n_nan, 0);
    assert_int_equal(pages[2].n_nan, 1);
    const double one = 1, negative_zero = -0.0;
    assert_memory_equal(pages[0].min.at, &one, sizeof one);
    assert_memory_equal(pages[0].max.at, &one, sizeof one);
    assert_memory_equal(pages[1].min.at, &negative_zero, sizeof one);
    close_doubles(&file);
}

static void a_page_of_nan_alone_leaves_the_offset_index_only(void **state)
{
    (void)state;
    const double nan64 = __builtin_nan("");
    doubles file;
    write_doubles((const double[]){1, 2, nan64, nan64}, 4, &file);
    assert_int_equal(file.index->n_pages, 2);
    assert_false(file.index->has_bounds);
    assert_false(file.index->pages[0].has_min_max);
    close_doubles(&file);
}

static void the_order_of_bounds_is_told(void **state)
{
    (void)state;
    static const struct {
        double values[6];
        dzr_parquet_order order;
    } cases[] = {
            {{1, 2, 2, 3, 3, 9}, DZR_PARQUET_ASCENDING},
            {{9, 8, 8, 7, 1, 1}, DZR_PARQUET_DESCENDING},
            {{1, 9, 2, 3, 3, 4}, DZR_PARQUET_UNORDERED},
            {{5, 5, 5, 5, 5, 5}, DZR_PARQUET_ASCENDING},
            {{0.0, 0.0, -0.0, -0.0, 0.0, 0.0}, DZR_PARQUET_ASCENDING},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        doubles file;
        write_doubles(cases[i].values, 6, &file);
        assert_int_equal(file.index->order, cases[i].order);
        close_doubles(&file);
    }
}

static void pages_may_be_more_than_16_bits_count(void **state)
{
    (void)state;
    enum { N_PAGES = 70000 };
    static double values[2 * N_PAGES];
    doubles file;
    for (int i = 0; i < 2 * N_PAGES; i++)
        values[i] = i;
    write_doubles(values, 2 * N_PAGES, &file);
    assert_int_equal(file.index->n_pages, N_PAGES);
    assert_int_equal(file.index->pages[N_PAGES - 1].first_row, 2 * (N_PAGES - 1));
    close_doubles(&file);
}

/* ---- nested columns ---- */

static void histograms_count_the_levels_of_each_page(void **state)
{
    (void)state;
    dzr_error err;
    const dzr_field element = {.name = "element", .type = {.id = DZR_TYPE_STRING}, .nullable = true};
    const dzr_field field = {
            .name = "l", .type = {.id = DZR_TYPE_LIST}, .nullable = true, .children = &element, .n_children = 1};
    dzr_schema *schema = NULL;
    dzr_batch *batch = NULL;
    assert_ok(dzr_schema_new(&field, 1, NULL, &schema, &err));
    assert_ok(nested_rows(schema, 500, 7, NULL, &batch, &err));
    dzr_sink *const sink = write_rows(batch, &(dzr_parquet_write_options){.page_rows = 60});
    dzr_source *source = NULL;
    dzr_parquet_reader *const reader = open_bytes(dzr_sink_memory_bytes(sink), &source);
    dzr_parquet_page_index *index = NULL;
    assert_ok(dzr_parquet_reader_page_index(reader, 0, 0, &index, &err));
    assert_int_equal(index->n_pages, 9);
    assert_int_equal(index->n_reps, 2);
    assert_int_equal(index->n_defs, 4);
    const dzr_column *const lists = dzr_batch_column(batch, 0), *const texts = lists->children[0];
    for (int32_t p = 0; p < index->n_pages; p++) {
        const dzr_parquet_page *const page = &index->pages[p];
        int64_t reps[2] = {0}, defs[4] = {0}, string_bytes = 0;
        for (int64_t row = page->first_row; row < page->first_row + page->n_rows; row++) {
            int64_t first = 0;
            const int64_t n = dzr_column_list(lists, row, &first);
            reps[0]++;
            if (n == 0)
                defs[dzr_column_is_null(lists, row) ? 0 : 1]++;
            for (int64_t i = 0; i < n; i++) {
                reps[1] += i > 0;
                defs[dzr_column_is_null(texts, first + i) ? 2 : 3]++;
                string_bytes += (int64_t)dzr_column_bytes(texts, first + i).len;
            }
        }
        assert_memory_equal(index->reps + 2 * p, reps, sizeof reps);
        assert_memory_equal(index->defs + 4 * p, defs, sizeof defs);
        assert_int_equal(page->n_nulls, defs[0] + defs[1] + defs[2]);
        assert_int_equal(page->n_string_bytes, string_bytes);
    }
    dzr_parquet_page_index_free(index);
    dzr_parquet_reader_close(reader);
    dzr_source_close(source);
    dzr_sink_close(sink);
    dzr_batch_free(batch);
    dzr_schema_free(schema);
}

/* ---- an index that does not hold ---- */

typedef struct forged {
    dzr_meta_location pages[3];
    int32_t n_pages;
    int64_t string_bytes[3];
    int32_t n_string_bytes;
    bool nulls[3];
    dzr_bytes min[3], max[3];
    int32_t n_nulls, n_min, n_max;
    int64_t null_counts[3];
    int32_t n_null_counts;
    int64_t defs[8];
    int32_t n_defs;
} forged;

/* Three pages of two rows each, of an optional column of int32 in a file of 6 rows. */
static forged good_index(void)
{
    static const uint8_t one[4] = {1}, two[4] = {2};
    return (forged){.pages = {{.offset = 4, .n_bytes = 5}, {.offset = 9, .n_bytes = 5, .first_row = 2},
                            {.offset = 14, .n_bytes = 5, .first_row = 4}},
            .n_pages = 3,
            .min = {{one, 4}, {NULL, 0}, {one, 4}},
            .max = {{two, 4}, {NULL, 0}, {two, 4}},
            .nulls = {false, true, false},
            .n_nulls = 3,
            .n_min = 3,
            .n_max = 3,
            .null_counts = {0, 2, 1},
            .n_null_counts = 3};
}

/* Reads that index from the file, whose own is replaced. */
static dzr_status read_forged(dzr_bytes file, forged *in, dzr_parquet_page_index **out, dzr_error *told)
{
    dzr_error err;
    const uint32_t n_footer = dzr__load_u32(file.at + file.len - 8);
    const dzr_bytes footer = {file.at + file.len - 8 - n_footer, n_footer};
    dzr_arena arena;
    dzr_meta_file meta;
    const dzr_leaf *leaves = NULL;
    int32_t n_leaves = 0;
    dzr__arena_init(&arena, NULL, 0);
    assert_ok(dzr__footer_read(footer, NULL, &arena, &meta, &leaves, &n_leaves, &err));
    dzr_meta_chunk *const chunk = &meta.row_groups.at[0].columns.at[0];
    dzr_bytebuf bytes = {0};
    assert_ok(dzr__bytebuf_append(&bytes, file.at, file.len - 8 - n_footer, &err));
    const dzr_meta_offset_index offsets = {.has = in->n_string_bytes > 0 ? 1u << DZR_OFFSET_INDEX_STRING_BYTES : 0,
            .pages = {in->pages, in->n_pages},
            .string_bytes = {in->string_bytes, in->n_string_bytes}};
    const dzr_meta_column_index bounds = {
            .has = 1u << DZR_COLUMN_INDEX_NULL_COUNTS | (in->n_defs > 0 ? 1u << DZR_COLUMN_INDEX_DEFS : 0),
            .null_pages = {in->nulls, in->n_nulls},
            .min_values = {in->min, in->n_min},
            .max_values = {in->max, in->n_max},
            .null_counts = {in->null_counts, in->n_null_counts},
            .defs = {in->defs, in->n_defs}};
    chunk->offset_index_offset = (int64_t)bytes.len;
    assert_ok(dzr__thrift_write(&bytes, &dzr__shape_offset_index, &offsets, &err));
    chunk->offset_index_length = (int32_t)((int64_t)bytes.len - chunk->offset_index_offset);
    chunk->column_index_offset = (int64_t)bytes.len;
    assert_ok(dzr__thrift_write(&bytes, &dzr__shape_column_index, &bounds, &err));
    chunk->column_index_length = (int32_t)((int64_t)bytes.len - chunk->column_index_offset);
    const size_t start = bytes.len;
    assert_ok(dzr__thrift_write(&bytes, &dzr__shape_file, &meta, &err));
    uint8_t tail[8] = {0, 0, 0, 0, 'P', 'A', 'R', '1'};
    dzr__store_u32(tail, (uint32_t)(bytes.len - start));
    assert_ok(dzr__bytebuf_append(&bytes, tail, sizeof tail, &err));
    dzr_source *source = NULL;
    dzr_parquet_reader *const reader = open_bytes((dzr_bytes){bytes.at, bytes.len}, &source);
    const dzr_status st = dzr_parquet_reader_page_index(reader, 0, 0, out, told);
    dzr_parquet_reader_close(reader);
    dzr_source_close(source);
    dzr__bytebuf_fini(&bytes);
    dzr__arena_fini(&arena);
    return st;
}

static dzr_sink *six_rows(void)
{
    dzr_error err;
    const dzr_field field = {.name = "x", .type = {.id = DZR_TYPE_INT32}, .nullable = true};
    dzr_schema *schema = NULL;
    dzr_builder *builder = NULL;
    dzr_batch *batch = NULL;
    assert_ok(dzr_schema_new(&field, 1, NULL, &schema, &err));
    assert_ok(dzr_builder_new(schema, NULL, &builder, &err));
    for (int64_t i = 0; i < 6; i++)
        assert_ok(dzr_builder_int(builder, 0, i, &err));
    assert_ok(dzr_builder_finish(builder, &batch, &err));
    dzr_sink *const sink = write_rows(batch, NULL);
    dzr_batch_free(batch);
    dzr_builder_free(builder);
    dzr_schema_free(schema);
    return sink;
}

#define REFUSED(change, ...)                                                                                           \
    do {                                                                                                               \
        forged index = good_index();                                                                                   \
        dzr_parquet_page_index *out = NULL;                                                                            \
        dzr_error err;                                                                                                 \
        change;                                                                                                        \
        assert_int_equal(read_forged(file, &index, &out, &err), DZR_ERR_CORRUPT);                                      \
        assert_null(out);                                                                                              \
        assert_int_equal(err.row_group, 0);                                                                            \
        assert_int_equal(err.column, 0);                                                                               \
        static const char *const parts[] = {"row group 0, column \"x\", ", __VA_ARGS__};                               \
        for (size_t part = 0; part < sizeof parts / sizeof *parts; part++)                                             \
            if (strstr(err.message, parts[part]) == NULL)                                                              \
                fail_msg("%s lacks %s", err.message, parts[part]);                                                     \
    } while (0)

static void an_index_that_does_not_hold_is_refused(void **state)
{
    (void)state;
    dzr_sink *const sink = six_rows();
    const dzr_bytes file = dzr_sink_memory_bytes(sink);
    REFUSED(index.pages[1].offset = 8, "offset index: page 1", "byte 8,");
    REFUSED(index.pages[0].offset = 3, "offset index: page 0", "byte 3,");
    REFUSED(index.pages[2].offset = INT64_MAX, "page 2", "9223372036854775807");
    REFUSED(index.pages[2].offset = -1, "page 2", "byte -1");
    REFUSED(index.pages[2].n_bytes = INT32_MAX, "page 2", "2147483647 bytes");
    REFUSED(index.pages[2].n_bytes = 0, "page 2", "0 bytes");
    REFUSED(index.pages[1].n_bytes = -5, "page 1", "-5 bytes");
    REFUSED(index.pages[0].first_row = 1, "page 0 begins with row 1 of 6");
    REFUSED(index.pages[2].first_row = 2, "page 2 begins with row 2 of 6, the next is row 3");
    REFUSED(index.pages[2].first_row = 6, "page 2 begins with row 6 of 6");
    REFUSED(index.pages[1].first_row = INT64_MIN, "page 1 begins with row -9223372036854775808");
    REFUSED(index.n_string_bytes = 2, "offset index: unencoded_byte_array_data_bytes has 2 entries for 3 pages");
    REFUSED(index.n_string_bytes = 3; index.string_bytes[1] = -1, "has -1 in entry 1");
    REFUSED(index.n_nulls = 2, "column index: null_pages has 2 entries for 3 pages");
    REFUSED(index.n_min = 2, "column index: min_values has 2 entries for 3 pages");
    REFUSED(index.n_max = 0, "column index: max_values has 0 entries for 3 pages");
    REFUSED(index.n_null_counts = 1, "null_counts has 1 entries for 3 pages");
    REFUSED(index.null_counts[2] = -7, "null_counts has -7 in entry 2");
    REFUSED(index.n_defs = 5, "definition_level_histograms has 5 entries for 3 pages");
    dzr_sink_close(sink);
}

static void bounds_that_are_no_values_are_not_given(void **state)
{
    (void)state;
    dzr_error err;
    dzr_sink *const sink = six_rows();
    const dzr_bytes file = dzr_sink_memory_bytes(sink);
    forged index = good_index();
    dzr_parquet_page_index *out = NULL;
    assert_ok(read_forged(file, &index, &out, &err));
    assert_true(out->pages[0].has_min_max && out->pages[2].has_min_max && out->pages[1].is_null);
    assert_int_equal(out->pages[1].n_rows, 2);
    assert_false(out->pages[1].has_min_max);
    dzr_parquet_page_index_free(out);
    index.min[0].len = 3;               /* too short */
    index.min[2] = good_index().max[0]; /* and above its max */
    index.max[2] = good_index().min[0];
    assert_ok(read_forged(file, &index, &out, &err));
    assert_false(out->pages[0].has_min_max || out->pages[2].has_min_max);
    dzr_parquet_page_index_free(out);
    dzr_sink_close(sink);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(pages_in_total_order_have_bounds_of_nan_too),
            cmocka_unit_test(every_page_is_what_its_index_says),
            cmocka_unit_test(nan_is_counted_and_is_no_bound_of_a_page),
            cmocka_unit_test(a_page_of_nan_alone_leaves_the_offset_index_only),
            cmocka_unit_test(the_order_of_bounds_is_told),
            cmocka_unit_test(pages_may_be_more_than_16_bits_count),
            cmocka_unit_test(histograms_count_the_levels_of_each_page),
            cmocka_unit_test(an_index_that_does_not_hold_is_refused),
            cmocka_unit_test(bounds_that_are_no_values_are_not_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
