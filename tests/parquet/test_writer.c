/* tests/parquet/test_writer.c - what the writer writes, looked at as bytes: pages, CRCs, encodings, offsets and sizes;
 * its options; and what happens when memory or the sink fails at any call. */
#include "rows.h"

#include "alloc_nth.h"
#include "parquet/codec/codec.h"
#include "parquet/metadata/metadata.h"

/* ---- a file taken apart ---- */

typedef struct parts {
    dzr_bytes file;
    dzr_arena arena;
    dzr_meta_file meta;
} parts;

static void take_apart(const dzr_sink *sink, parts *out)
{
    dzr_error err;
    const dzr_leaf *leaves = NULL;
    int32_t n_leaves = 0;
    out->file = dzr_sink_memory_bytes(sink);
    const uint8_t *const end = out->file.at + out->file.len;
    assert_true(out->file.len >= 12);
    assert_memory_equal(out->file.at, "PAR1", 4);
    assert_memory_equal(end - 4, "PAR1", 4);
    const uint32_t len = dzr__load_u32(end - 8);
    assert_true(len <= out->file.len - 12);
    dzr__arena_init(&out->arena, NULL, 0);
    assert_ok(
            dzr__footer_read((dzr_bytes){end - 8 - len, len}, NULL, &out->arena, &out->meta, &leaves, &n_leaves, &err));
}

typedef struct chunk_facts {
    int32_t n_dictionary, n_plain, n_codes; /* pages */
    int64_t n_values, uncompressed;
    int64_t largest_page, most_rows;
} chunk_facts;

/* Walks the pages of a chunk, which begin at *at and must fill it to its last byte. */
static chunk_facts walk_chunk(const parts *file, const dzr_meta_column *meta, int64_t *at)
{
    dzr_error err;
    chunk_facts facts = {0};
    const int64_t end = *at + meta->compressed_size;
    while (*at < end) {
        dzr_meta_page page;
        dzr_cursor c = dzr__cursor(file->file.at + *at, (size_t)(end - *at));
        assert_ok(dzr__thrift_read(&c, &dzr__shape_page, &page, NULL, &err));
        const uint8_t *stored = NULL;
        assert_ok(dzr__cursor_take(&c, (uint64_t)page.compressed_size, &stored, &err));
        assert_true(DZR_HAS(&page, DZR_PAGE_HAS_CRC));
        assert_int_equal((uint32_t)page.crc, dzr__page_crc(stored, (size_t)page.compressed_size));
        if (page.type == DZR_PAGE_DICTIONARY) {
            assert_int_equal(*at, meta->dictionary_page_offset);
            assert_int_equal(facts.n_dictionary + facts.n_plain + facts.n_codes, 0);
            assert_int_equal(page.dictionary.encoding, DZR_ENCODING_PLAIN);
            facts.n_dictionary++;
        } else {
            assert_int_equal(page.type, DZR_PAGE_DATA);
            if (facts.n_values == 0)
                assert_int_equal(*at, meta->data_page_offset);
            assert_int_equal(page.data.def_encoding, DZR_ENCODING_RLE);
            facts.n_plain += page.data.encoding == DZR_ENCODING_PLAIN;
            facts.n_codes += page.data.encoding == DZR_ENCODING_RLE_DICTIONARY;
            facts.n_values += page.data.num_values;
            facts.most_rows = DZR_MAX(facts.most_rows, page.data.num_values);
            facts.largest_page = DZR_MAX(facts.largest_page, page.uncompressed_size);
        }
        facts.uncompressed += (stored - c.start) + page.uncompressed_size;
        *at += dzr__cursor_offset(&c);
    }
    assert_int_equal(*at, end);
    return facts;
}

static bool lists_encoding(const dzr_meta_column *meta, int32_t encoding)
{
    for (int32_t i = 0; i < meta->encodings.n; i++)
        if (meta->encodings.at[i] == encoding)
            return true;
    return false;
}

static int32_t counted_pages(const dzr_meta_column *meta, int32_t type, int32_t encoding)
{
    for (int32_t i = 0; i < meta->encoding_stats.n; i++)
        if (meta->encoding_stats.at[i].page_type == type && meta->encoding_stats.at[i].encoding == encoding)
            return meta->encoding_stats.at[i].count;
    return 0;
}

/* The indexes of all chunks, of one kind: each begins where the one before ends. */
static void check_indexes(const parts *file, bool of_columns, int64_t *at)
{
    dzr_error err;
    for (int32_t i = 0; i < file->meta.row_groups.n; i++)
        for (int32_t k = 0; k < file->meta.row_groups.at[i].columns.n; k++) {
            const dzr_meta_chunk *const chunk = &file->meta.row_groups.at[i].columns.at[k];
            if (of_columns && !DZR_HAS(chunk, DZR_CHUNK_COLUMN_INDEX_OFFSET))
                continue;
            assert_true(DZR_HAS(chunk, DZR_CHUNK_OFFSET_INDEX_OFFSET));
            assert_int_equal(of_columns ? chunk->column_index_offset : chunk->offset_index_offset, *at);
            const int32_t n = of_columns ? chunk->column_index_length : chunk->offset_index_length;
            dzr_cursor c = dzr__cursor(file->file.at + *at, (size_t)n);
            dzr_meta_column_index bounds;
            dzr_meta_offset_index offsets;
            dzr_arena arena;
            dzr__arena_init(&arena, NULL, 0);
            if (of_columns) {
                assert_ok(dzr__thrift_read(&c, &dzr__shape_column_index, &bounds, &arena, &err));
            } else {
                assert_ok(dzr__thrift_read(&c, &dzr__shape_offset_index, &offsets, &arena, &err));
                int64_t page_at = chunk->meta.data_page_offset;
                for (int32_t p = 0; p < offsets.pages.n; p++) {
                    assert_int_equal(offsets.pages.at[p].offset, page_at);
                    page_at += offsets.pages.at[p].n_bytes;
                }
                const bool has_dictionary = DZR_HAS(&chunk->meta, DZR_COLUMN_DICTIONARY_PAGE_OFFSET);
                const int64_t first =
                        has_dictionary ? chunk->meta.dictionary_page_offset : chunk->meta.data_page_offset;
                assert_int_equal(page_at, first + chunk->meta.compressed_size);
            }
            assert_int_equal(dzr__cursor_left(&c), 0);
            dzr__arena_fini(&arena);
            *at += n;
        }
}

/* The whole file: every byte belongs to something, and every number of the footer is what the pages say. */
static void check_file(const parts *file)
{
    const dzr_meta_file *const meta = &file->meta;
    int64_t at = 4, n_rows = 0;
    assert_int_equal(meta->version, 1);
    assert_memory_equal(meta->created_by.at, "datarizer version " DZR_VERSION, meta->created_by.len);
    assert_int_equal(meta->column_orders.n, meta->schema.n - 1);
    for (int32_t i = 0; i < meta->column_orders.n; i++)
        assert_int_equal(meta->column_orders.at[i].has, 1u << DZR_ORDER_TYPE);
    assert_false(DZR_HAS(&meta->schema.at[0], DZR_ELEMENT_REPETITION));
    for (int32_t g = 0; g < meta->row_groups.n; g++) {
        const dzr_meta_row_group *const group = &meta->row_groups.at[g];
        int64_t compressed = 0, uncompressed = 0;
        assert_true(group->num_rows > 0);
        assert_int_equal(group->file_offset, at);
        assert_int_equal(group->ordinal, g);
        for (int32_t i = 0; i < group->columns.n; i++) {
            const dzr_meta_chunk *const chunk = &group->columns.at[i];
            const dzr_meta_element *const element = &meta->schema.at[i + 1];
            const chunk_facts facts = walk_chunk(file, &chunk->meta, &at);
            assert_int_equal(chunk->file_offset, 0);
            assert_int_equal(chunk->meta.num_values, group->num_rows);
            assert_int_equal(facts.n_values, group->num_rows);
            assert_int_equal(facts.uncompressed, chunk->meta.uncompressed_size);
            assert_int_equal(facts.n_dictionary, facts.n_codes > 0 ? 1 : 0);
            assert_int_equal(DZR_HAS(&chunk->meta, DZR_COLUMN_DICTIONARY_PAGE_OFFSET), facts.n_codes > 0);
            assert_int_equal(lists_encoding(&chunk->meta, DZR_ENCODING_RLE_DICTIONARY), facts.n_codes > 0);
            assert_int_equal(lists_encoding(&chunk->meta, DZR_ENCODING_RLE), element->repetition);
            assert_int_equal(counted_pages(&chunk->meta, DZR_PAGE_DATA, DZR_ENCODING_PLAIN), facts.n_plain);
            assert_int_equal(counted_pages(&chunk->meta, DZR_PAGE_DATA, DZR_ENCODING_RLE_DICTIONARY), facts.n_codes);
            assert_int_equal(counted_pages(&chunk->meta, DZR_PAGE_DICTIONARY, DZR_ENCODING_PLAIN), facts.n_dictionary);
            assert_true(DZR_HAS(&chunk->meta.statistics, DZR_STATISTICS_NULL_COUNT));
            assert_false(DZR_HAS(&chunk->meta.statistics, DZR_STATISTICS_MIN));
            assert_int_equal(chunk->meta.path.n, 1);
            assert_int_equal(chunk->meta.path.at[0].len, element->name.len);
            assert_memory_equal(chunk->meta.path.at[0].at, element->name.at, element->name.len);
            compressed += chunk->meta.compressed_size;
            uncompressed += chunk->meta.uncompressed_size;
        }
        assert_int_equal(group->compressed_size, compressed);
        assert_int_equal(group->total_byte_size, uncompressed);
        n_rows += group->num_rows;
    }
    assert_int_equal(meta->num_rows, n_rows);
    check_indexes(file, true, &at);
    check_indexes(file, false, &at);
    assert_int_equal((size_t)at + dzr__load_u32(file->file.at + file->file.len - 8) + 8, file->file.len);
}

static void every_number_of_the_footer_is_what_the_pages_say(void **state)
{
    (void)state;
    static const dzr_codec codecs[] = {DZR_CODEC_UNCOMPRESSED, DZR_CODEC_SNAPPY, DZR_CODEC_GZIP, DZR_CODEC_ZSTD,
            DZR_CODEC_LZ4_RAW, DZR_CODEC_BROTLI};
    for (int pattern = NULLS_NONE; pattern <= NULLS_LAST; pattern++)
        for (int32_t c = 0; c < 4; c++)
            for (int32_t d = -1; d <= 1; d++) {
                dzr_batch *const batch = make_rows(3000, pattern != NULLS_NONE, (nulls)pattern);
                const dzr_parquet_write_options options = {
                        .codec = codecs[c], .page_rows = 250, .row_group_rows = 1700, .dictionary_bytes = d * 1000};
                dzr_sink *const sink = write_rows(batch,
                        d < 0 ? &(dzr_parquet_write_options){.codec = codecs[c], .dictionary_bytes = -1} : &options);
                parts file;
                take_apart(sink, &file);
                check_file(&file);
                dzr__arena_fini(&file.arena);
                dzr_sink_close(sink);
                dzr_batch_free(batch);
            }
}

/* ---- one column at a time ---- */

typedef dzr_status (*add_row)(dzr_builder *builder, int64_t row, dzr_error *err);

static dzr_batch *make_column(dzr_type_id id, int64_t n, add_row add)
{
    dzr_error err;
    const dzr_field field = {.name = "x", .type = {.id = id}, .nullable = true};
    dzr_schema *schema = NULL;
    dzr_builder *builder = NULL;
    dzr_batch *batch = NULL;
    assert_ok(dzr_schema_new(&field, 1, NULL, &schema, &err));
    assert_ok(dzr_builder_new(schema, NULL, &builder, &err));
    for (int64_t row = 0; row < n; row++)
        assert_ok(add(builder, row, &err));
    assert_ok(dzr_builder_finish(builder, &batch, &err));
    dzr_builder_free(builder);
    dzr_schema_free(schema);
    return batch;
}

static dzr_status add_distinct(dzr_builder *builder, int64_t row, dzr_error *err)
{
    return dzr_builder_int(builder, 0, row * 1000003, err);
}
static dzr_status add_few(dzr_builder *builder, int64_t row, dzr_error *err)
{
    return dzr_builder_int(builder, 0, row * 7919 % 10, err);
}
static dzr_status add_few_then_distinct(dzr_builder *builder, int64_t row, dzr_error *err)
{
    return row < 1000 ? add_few(builder, row, err) : add_distinct(builder, row, err);
}
static dzr_status add_one_of_2000(dzr_builder *builder, int64_t row, dzr_error *err)
{
    return dzr_builder_int(builder, 0, (int64_t)(row_number(2 * row + 1, 0) >> 40) % 2000, err);
}
static dzr_status add_null(dzr_builder *builder, int64_t row, dzr_error *err)
{
    (void)row;
    return dzr_builder_null(builder, 0, err);
}
static dzr_status add_nulls_then_few(dzr_builder *builder, int64_t row, dzr_error *err)
{
    return row < 1000 ? dzr_builder_null(builder, 0, err) : add_few(builder, row, err);
}
static dzr_status add_constant(dzr_builder *builder, int64_t row, dzr_error *err)
{
    (void)row;
    return dzr_builder_int(builder, 0, 42, err);
}
static dzr_status add_text_100(dzr_builder *builder, int64_t row, dzr_error *err)
{
    uint8_t text[100];
    memset(text, 'a' + (int)(row % 26), sizeof text);
    memcpy(text, &(uint32_t){(uint32_t)row & 0x7f7f7f7f}, 4);
    return dzr_builder_bytes(builder, 0, (dzr_bytes){text, sizeof text}, err);
}
/* Values made to share a hash: the first word makes the hash's product zero, whatever the second is. */
static dzr_status add_colliding(dzr_builder *builder, int64_t row, dzr_error *err)
{
    const uint64_t words[3] = {0x9e3779b97f4a7c15u ^ sizeof words, (uint64_t)row % 400, 0};
    return dzr_builder_bytes(builder, 0, (dzr_bytes){(const uint8_t *)words, sizeof words}, err);
}
static dzr_status add_nan_sometimes(dzr_builder *builder, int64_t row, dzr_error *err)
{
    return dzr_builder_double(builder, 0, row % 5 == 4 ? __builtin_nan("") : (double)(row % 5), err);
}

static const struct {
    const char *proves;
    dzr_type_id type;
    int64_t n_rows;
    add_row add;
    int32_t dictionary_bytes, page_bytes;
    int32_t n_dictionary, n_codes, n_plain; /* pages of 500 rows at most */
} columns[] = {
        {"few_values_have_codes", DZR_TYPE_INT64, 2000, add_few, 0, 0, 1, 4, 0},
        {"one_value_has_codes", DZR_TYPE_INT64, 2000, add_constant, 0, 0, 1, 4, 0},
        {"distinct_values_lose_their_dictionary_at_the_first_page", DZR_TYPE_INT64, 2000, add_distinct, 0, 0, 0, 0, 4},
        {"a_short_column_of_distinct_values_has_none_either", DZR_TYPE_INT64, 3, add_distinct, 0, 0, 0, 0, 1},
        {"no_dictionary_when_told_so", DZR_TYPE_INT64, 2000, add_few, -1, 0, 0, 0, 4},
        {"values_that_come_again_later_keep_their_dictionary", DZR_TYPE_INT64, 3000, add_one_of_2000, 0, 0, 1, 6, 0},
        {"a_dictionary_that_stops_paying_ends_after_its_page", DZR_TYPE_INT64, 3000, add_few_then_distinct, 0, 0, 1, 3,
                3},
        {"a_full_dictionary_ends_inside_a_page", DZR_TYPE_INT64, 3000, add_few_then_distinct, 100 * 8, 0, 1, 3, 4},
        {"a_dictionary_too_small_for_one_value", DZR_TYPE_INT64, 2000, add_few, 7, 0, 0, 0, 4},
        {"a_dictionary_too_small_for_few_values", DZR_TYPE_INT64, 2000, add_few, 40, 0, 0, 0, 4},
        {"values_that_share_a_hash_soon_end_the_dictionary", DZR_TYPE_BINARY, 3000, add_colliding, 0, 0, 0, 0, 6},
        {"nulls_alone_need_no_dictionary", DZR_TYPE_INT64, 2000, add_null, 0, 0, 0, 0, 4},
        {"pages_of_nulls_decide_nothing", DZR_TYPE_INT64, 2000, add_nulls_then_few, 0, 0, 1, 2, 2},
        {"pages_end_by_bytes_of_numbers", DZR_TYPE_INT64, 1000, add_few, -1, 800, 0, 0, 10},
        {"pages_end_before_a_string_would_pass", DZR_TYPE_BINARY, 100, add_text_100, -1, 1050, 0, 0, 10},
        {"a_string_too_long_for_a_page_has_its_own", DZR_TYPE_BINARY, 10, add_text_100, -1, 50, 0, 0, 10},
        {"distinct_strings_on_trial_keep_to_page_bytes", DZR_TYPE_BINARY, 100, add_text_100, 0, 1050, 0, 0, 10},
        {"booleans_never_have_codes", DZR_TYPE_BOOL, 1000, add_null, 0, 0, 0, 0, 2},
};

static void page_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        dzr_batch *const batch = make_column(columns[i].type, columns[i].n_rows, columns[i].add);
        const dzr_parquet_write_options options = {.codec = DZR_CODEC_SNAPPY,
                .page_rows = 500,
                .dictionary_bytes = columns[i].dictionary_bytes,
                .page_bytes = columns[i].page_bytes};
        dzr_sink *const sink = write_rows(batch, &options);
        parts file;
        take_apart(sink, &file);
        check_file(&file);
        int64_t at = 4;
        const chunk_facts facts = walk_chunk(&file, &file.meta.row_groups.at[0].columns.at[0].meta, &at);
        if (facts.n_dictionary != columns[i].n_dictionary || facts.n_codes != columns[i].n_codes ||
                facts.n_plain != columns[i].n_plain)
            fail_msg("%s: %d dictionaries, %d pages of codes, %d plain", columns[i].proves, facts.n_dictionary,
                    facts.n_codes, facts.n_plain);
        assert_true(facts.most_rows <= 500);
        dzr__arena_fini(&file.arena);
        dzr_sink_close(sink);
        dzr_batch_free(batch);
    }
}

static void statistics_do_not_depend_on_the_encoding(void **state)
{
    (void)state;
    dzr_batch *const batch = make_column(DZR_TYPE_DOUBLE, 1003, add_nan_sometimes);
    for (int32_t dictionary_bytes = -1; dictionary_bytes <= 24; dictionary_bytes++) {
        dzr_sink *const sink = write_rows(batch, &(dzr_parquet_write_options){.dictionary_bytes = dictionary_bytes});
        parts file;
        take_apart(sink, &file);
        const dzr_meta_statistics *const statistics = &file.meta.row_groups.at[0].columns.at[0].meta.statistics;
        const double low = -0.0, high = 3;
        assert_int_equal(statistics->nan_count, 200);
        assert_int_equal(statistics->null_count, 0);
        assert_memory_equal(statistics->min_value.at, &low, sizeof low);
        assert_memory_equal(statistics->max_value.at, &high, sizeof high);
        assert_true(statistics->min_exact && statistics->max_exact);
        dzr__arena_fini(&file.arena);
        dzr_sink_close(sink);
    }
    dzr_batch_free(batch);
}

/* ---- rows to row groups ---- */

static void the_file_does_not_depend_on_the_batches(void **state)
{
    (void)state;
    static const int64_t steps[] = {1, 7, 1000, 1024, 2500};
    static const dzr_parquet_write_options options[] = {
            {.codec = DZR_CODEC_SNAPPY},
            {.page_rows = 300, .dictionary_bytes = 900, .page_bytes = 4000},
            {.row_group_rows = 777, .page_rows = 100},
            {.row_group_bytes = 100000},
    };
    dzr_error err;
    dzr_batch *const batch = make_rows(2500, true, NULLS_RUNS);
    for (size_t o = 0; o < sizeof options / sizeof *options; o++) {
        dzr_sink *const whole = write_rows(batch, &options[o]);
        const dzr_bytes want = dzr_sink_memory_bytes(whole);
        for (size_t s = 0; s < sizeof steps / sizeof *steps; s++) {
            dzr_sink *sink = NULL;
            dzr_parquet_writer *writer = NULL;
            assert_ok(dzr_sink_memory(SIZE_MAX / 4, NULL, &sink, &err));
            assert_ok(dzr_parquet_writer_open(sink, dzr_batch_schema(batch), &options[o], &writer, &err));
            for (int64_t first = 0; first < 2500; first += steps[s]) {
                dzr_batch *part = NULL;
                assert_ok(dzr_batch_slice(batch, first, DZR_MIN(steps[s], 2500 - first), &part, &err));
                assert_ok(dzr_parquet_writer_append(writer, part, &err));
                dzr_batch_free(part);
            }
            assert_ok(dzr_parquet_writer_finish(writer, &err));
            dzr_parquet_writer_close(writer);
            const dzr_bytes got = dzr_sink_memory_bytes(sink);
            assert_int_equal(got.len, want.len);
            assert_memory_equal(got.at, want.at, want.len);
            dzr_sink_close(sink);
        }
        dzr_sink_close(whole);
    }
    dzr_batch_free(batch);
}

static void row_groups_end_by_rows_and_by_bytes(void **state)
{
    (void)state;
    static const struct {
        int64_t rows, bytes;
        int32_t n_groups;
        int64_t first_rows;
    } cases[] = {
            {1000, 0, 10, 1000},
            {3000, 0, 4, 3000},
            {10000, 0, 1, 10000},
            {0, 8 * 1024, 10, 1024}, /* 8 bytes a row; groups end at multiples of 1,024 rows */
            {0, 8 * 1024 + 1, 5, 2048},
            {0, 1, 10, 1024},
            {500, 8 * 1024, 20, 500},
            {1500, 8 * 1024, 10, 1024},
    };
    dzr_batch *const batch = make_column(DZR_TYPE_INT64, 10000, add_distinct);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const dzr_parquet_write_options options = {.row_group_rows = cases[i].rows, .row_group_bytes = cases[i].bytes};
        dzr_sink *const sink = write_rows(batch, &options);
        parts file;
        take_apart(sink, &file);
        check_file(&file);
        assert_int_equal(file.meta.row_groups.n, cases[i].n_groups);
        assert_int_equal(file.meta.row_groups.at[0].num_rows, cases[i].first_rows);
        dzr__arena_fini(&file.arena);
        dzr_sink_close(sink);
    }
    dzr_batch_free(batch);
}

static void no_rows_and_no_columns_are_files_too(void **state)
{
    (void)state;
    dzr_error err;
    dzr_schema *schema = NULL;
    assert_ok(dzr_schema_new(NULL, 0, NULL, &schema, &err));
    dzr_batch *const empty = make_rows(0, true, NULLS_NONE), *columnless = NULL;
    assert_ok(dzr__batch_new(schema, 5, NULL, &columnless, &err));
    const dzr_batch *const batches[] = {empty, columnless};
    for (size_t i = 0; i < 2; i++) {
        dzr_sink *const sink = write_rows(batches[i], NULL);
        parts file;
        take_apart(sink, &file);
        assert_int_equal(file.meta.row_groups.n, i == 0 ? 0 : 1);
        assert_int_equal(file.meta.num_rows, i == 0 ? 0 : 5);
        assert_int_equal(file.meta.schema.n, i == 0 ? N_TYPES + 1 : 1);
        dzr__arena_fini(&file.arena);
        dzr_sink_close(sink);
    }
    dzr_batch_free(empty);
    dzr_batch_free(columnless);
    dzr_schema_free(schema);
}

/* ---- wrong use ---- */

static const struct {
    dzr_parquet_write_options options;
    const char *part;
} refused[] = {
        {{.codec = (dzr_codec)3}, "option codec is 3"},
        {{.codec = DZR_CODEC_LZ4}, "option codec is 5, which is no codec we write"},
        {{.codec = (dzr_codec)-1}, "option codec is -1"},
        {{.codec = DZR_CODEC_ZSTD, .level = 23}, "option level is 23, and must be 0 to 22"},
        {{.codec = DZR_CODEC_GZIP, .level = 10}, "option level is 10, and must be 0 to 9"},
        {{.codec = DZR_CODEC_GZIP, .level = -1}, "option level is -1"},
        {{.codec = DZR_CODEC_SNAPPY, .level = 1}, "option level is 1, and codec snappy has none"},
        {{.row_group_rows = -1}, "option row_group_rows is -1"},
        {{.row_group_bytes = -1}, "option row_group_bytes is -1"},
        {{.page_bytes = -1}, "option page_bytes is -1"},
        {{.page_bytes = INT32_MAX}, "option page_bytes is 2147483647, and must be 0 to 1073741824"},
        {{.page_rows = -1}, "option page_rows is -1"},
        {{.dictionary_bytes = -2}, "option dictionary_bytes is -2, and must be -1 to 1073741824"},
        {{.page_version = -1}, "option page_version is -1, and must be 0 to 2"},
        {{.page_version = 3}, "option page_version is 3, and must be 0 to 2"},
        {{.n_columns = -1}, "option n_columns is -1"},
};

/* The columns are those of make_rows: c0 is a BOOL, c3 an INT32, c9 a FLOAT, c11 a STRING. */
static const struct {
    dzr_parquet_column_options columns[2];
    const char *message;
} refused_columns[] = {
        {{{.path = "c0"}, {.path = "x"}}, "options for column \"x\": there is none"},
        {{{.path = "c0"}, {.path = NULL}}, "options for a column without a path, number 1"},
        {{{.path = "c0"}, {.path = "c0"}}, "options for column \"c0\": given twice"},
        {{{.path = "c9"}, {.path = "c3", .codec = (dzr_codec)3}},
                "options for column \"c3\": option codec is 3, which is no codec we write"},
        {{{.path = "c9"}, {.path = "c3", .codec = DZR_CODEC_GZIP, .level = 10}},
                "options for column \"c3\": option level is 10, and must be 0 to 9"},
        {{{.path = "c9"}, {.path = "c3", .encoding = DZR_PARQUET_RLE}},
                "options for column \"c3\": encoding RLE is none of type INT32"},
        {{{.path = "c3"}, {.path = "c9", .encoding = DZR_PARQUET_DELTA_BINARY_PACKED}},
                "options for column \"c9\": encoding DELTA_BINARY_PACKED is none of type FLOAT"},
        {{{.path = "c3"}, {.path = "c9", .encoding = DZR_PARQUET_DELTA_LENGTH_BYTE_ARRAY}},
                "options for column \"c9\": encoding DELTA_LENGTH_BYTE_ARRAY is none of type FLOAT"},
        {{{.path = "c3"}, {.path = "c9", .encoding = DZR_PARQUET_DELTA_BYTE_ARRAY}},
                "options for column \"c9\": encoding DELTA_BYTE_ARRAY is none of type FLOAT"},
        {{{.path = "c3"}, {.path = "c11", .encoding = DZR_PARQUET_BYTE_STREAM_SPLIT}},
                "options for column \"c11\": encoding BYTE_STREAM_SPLIT is none of type BYTE_ARRAY"},
        {{{.path = "c3"}, {.path = "c11", .encoding = (dzr_parquet_encoding)7}},
                "options for column \"c11\": option encoding is 7, and must be 0 to 6"},
};

static void column_options_that_fit_no_column_are_refused(void **state)
{
    (void)state;
    dzr_error err;
    dzr_batch *const batch = make_rows(1, true, NULLS_NONE);
    dzr_sink *sink = NULL;
    assert_ok(dzr_sink_memory(1000, NULL, &sink, &err));
    for (size_t i = 0; i < sizeof refused_columns / sizeof *refused_columns; i++) {
        dzr_parquet_writer *writer = NULL;
        const dzr_parquet_write_options options = {.columns = refused_columns[i].columns, .n_columns = 2};
        assert_int_equal(dzr_parquet_writer_open(sink, dzr_batch_schema(batch), &options, &writer, &err), DZR_ERR_ARG);
        assert_string_equal(err.message, refused_columns[i].message);
        assert_null(writer);
        assert_int_equal(sink->n_bytes, 0);
    }
    dzr_sink_close(sink);
    dzr_batch_free(batch);
}

static void options_out_of_range_are_named(void **state)
{
    (void)state;
    dzr_error err;
    dzr_batch *const batch = make_rows(1, true, NULLS_NONE);
    dzr_sink *sink = NULL;
    assert_ok(dzr_sink_memory(1000, NULL, &sink, &err));
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        dzr_parquet_writer *writer = NULL;
        assert_fails(dzr_parquet_writer_open(sink, dzr_batch_schema(batch), &refused[i].options, &writer, &err),
                DZR_ERR_ARG, refused[i].part);
        assert_null(writer);
        assert_int_equal(sink->n_bytes, 0);
    }
    dzr_sink_close(sink);
    dzr_batch_free(batch);
}

static void wrong_use_is_an_argument_error(void **state)
{
    (void)state;
    dzr_error err;
    dzr_batch *const batch = make_rows(10, true, NULLS_NONE), *const other = make_rows(10, false, NULLS_NONE);
    dzr_sink *sink = NULL;
    dzr_parquet_writer *writer = NULL, *second = NULL;
    assert_ok(dzr_sink_memory(1 << 20, NULL, &sink, &err));
    assert_ok(dzr_parquet_writer_open(sink, dzr_batch_schema(batch), NULL, &writer, &err));
    assert_fails(dzr_parquet_writer_open(sink, dzr_batch_schema(batch), NULL, &second, &err), DZR_ERR_ARG,
            "memory: a Parquet file starts at the first byte, and the sink has 4");
    assert_fails(dzr_parquet_writer_append(writer, other, &err), DZR_ERR_ARG, "another schema");
    assert_ok(dzr_parquet_writer_append(writer, batch, &err)); /* nothing was taken of the other one */
    assert_ok(dzr_parquet_writer_finish(writer, &err));
    assert_fails(dzr_parquet_writer_append(writer, batch, &err), DZR_ERR_ARG, "finished already");
    assert_fails(dzr_parquet_writer_finish(writer, &err), DZR_ERR_ARG, "finished already");
    dzr_parquet_writer_close(writer);
    dzr_parquet_writer_close(NULL);
    parts file;
    take_apart(sink, &file);
    assert_int_equal(file.meta.num_rows, 10);
    dzr__arena_fini(&file.arena);
    dzr_sink_close(sink);
    dzr_batch_free(batch);
    dzr_batch_free(other);
}

/* ---- failures ---- */

/* Opens, appends twice, finishes; the sink stays the caller's. */
static dzr_status write_twice(
        dzr_sink *sink, const dzr_batch *batch, const dzr_parquet_write_options *options, dzr_error *err)
{
    dzr_parquet_writer *writer = NULL;
    dzr_status st = dzr_parquet_writer_open(sink, dzr_batch_schema(batch), options, &writer, err);
    if (st == DZR_OK)
        st = dzr_parquet_writer_append(writer, batch, err);
    if (st == DZR_OK)
        st = dzr_parquet_writer_append(writer, batch, err);
    if (st == DZR_OK)
        st = dzr_parquet_writer_finish(writer, err);
    if (st != DZR_OK && writer != NULL) { /* after an error only close is useful */
        dzr_error ignored;
        assert_int_equal(dzr_parquet_writer_append(writer, batch, &ignored), DZR_ERR_ARG);
        assert_int_equal(dzr_parquet_writer_finish(writer, &ignored), DZR_ERR_ARG);
    }
    dzr_parquet_writer_close(writer);
    return st;
}

typedef struct write_job {
    const dzr_batch *batch;
    dzr_parquet_write_options options;
} write_job;

static dzr_status write_to_memory(const dzr_allocator *alloc, void *ctx, dzr_error *err)
{
    write_job *const job = ctx;
    dzr_sink *sink = NULL;
    assert_int_equal(dzr_sink_memory(1 << 24, NULL, &sink, err), DZR_OK);
    job->options.alloc = alloc;
    const dzr_status st = write_twice(sink, job->batch, &job->options, err);
    dzr_sink_close(sink);
    return st;
}

static void the_nth_allocation_fails(void **state)
{
    (void)state;
    static const dzr_codec codecs[] = {/* test_faults.c has the others */
            DZR_CODEC_UNCOMPRESSED, DZR_CODEC_SNAPPY, DZR_CODEC_GZIP, DZR_CODEC_ZSTD};
    dzr_batch *const batch = make_rows(600, true, NULLS_RUNS);
    for (size_t c = 0; c < sizeof codecs / sizeof *codecs; c++) {
        write_job job = {.batch = batch,
                .options = {.codec = codecs[c],
                        .row_group_rows = 500,
                        .page_rows = 100,
                        .dictionary_bytes = 2000,
                        .threads = 1}};
        assert_true(every_request_fails(write_to_memory, &job) > 100);
    }
    dzr_batch_free(batch);
}

typedef struct failing_sink {
    dzr_sink sink;
    int64_t n_calls, fail_at;
} failing_sink;

static dzr_status failing_append(dzr_sink *sink, const void *bytes, size_t n, dzr_error *err)
{
    (void)bytes;
    (void)n;
    failing_sink *const failing = (failing_sink *)(void *)sink;
    if (++failing->n_calls == failing->fail_at)
        return dzr_fail(err, DZR_ERR_IO, "disk: No space left on device");
    return DZR_OK;
}

static void the_sink_fails_at_any_call(void **state)
{
    (void)state;
    static const dzr_sink_ops ops = {.append = failing_append};
    dzr_batch *const batch = make_rows(600, true, NULLS_RUNS);
    for (int64_t fail_at = 1;; fail_at++) {
        dzr_error err = {.message = ""};
        alloc_nth nth;
        alloc_nth_init(&nth, 0);
        failing_sink failing = {.sink = {.ops = &ops, .name = "disk"}, .fail_at = fail_at};
        const dzr_parquet_write_options options = {.alloc = &nth.allocator, .row_group_rows = 500};
        const dzr_status st = write_twice(&failing.sink, batch, &options, &err);
        assert_int_equal(nth.n_out, 0);
        assert_int_equal(failing.n_calls, st == DZR_OK ? fail_at - 1 : fail_at); /* no call after the one that failed */
        if (st == DZR_OK) {
            assert_true(fail_at > 20);
            break;
        }
        assert_string_equal(dzr_status_name(st), "DZR_ERR_IO");
        assert_non_null(strstr(err.message, "disk: No space left on device"));
    }
    dzr_batch_free(batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_number_of_the_footer_is_what_the_pages_say),
            cmocka_unit_test(page_table),
            cmocka_unit_test(statistics_do_not_depend_on_the_encoding),
            cmocka_unit_test(the_file_does_not_depend_on_the_batches),
            cmocka_unit_test(row_groups_end_by_rows_and_by_bytes),
            cmocka_unit_test(no_rows_and_no_columns_are_files_too),
            cmocka_unit_test(options_out_of_range_are_named),
            cmocka_unit_test(column_options_that_fit_no_column_are_refused),
            cmocka_unit_test(wrong_use_is_an_argument_error),
            cmocka_unit_test(the_nth_allocation_fails),
            cmocka_unit_test(the_sink_fails_at_any_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
