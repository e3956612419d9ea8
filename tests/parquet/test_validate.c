/* tests/parquet/test_validate.c - files with one kind of damage each are found to have just that, whole files none; and
 * short memory ends the check. */
#include "alloc_nth.h"
#include "scan.h"

#include <datarizer/parquet_validate.h>

enum { ROWS = 400, GROUP_ROWS = 200, PAGE_ROWS = 50, ROOM = 1 << 20 };

/* ---- a file to damage: its bytes before the footer, and the footer as structs ---- */

typedef struct patient {
    uint8_t bytes[ROOM];
    size_t n_pages; /* bytes before the footer */
    dzr_meta_file meta;
    dzr_arena arena;
} patient;

static dzr_meta_chunk *chunk_of(patient *p, int32_t group, int32_t column)
{
    return &p->meta.row_groups.at[group].columns.at[column];
}

static dzr_sink *sound_file(void)
{
    const dzr_field fields[] = {LEAF("id", INT64, false), LEAF("t", STRING, true), LEAF("x", DOUBLE, true),
            GROUP("l", LIST, true, LEAF("element", INT32, true))};
    const dzr_parquet_sorting sorting = {.column = 0};
    const dzr_parquet_write_options options = {
            .row_group_rows = GROUP_ROWS, .page_rows = PAGE_ROWS, .sorting = &sorting, .n_sorting = 1};
    dzr_error err;
    dzr_sink *sink = NULL;
    dzr_builder *b = NULL;
    dzr_batch *batch = NULL;
    dzr_parquet_writer *writer = NULL;
    dzr_schema *const schema = schema_of(fields, 4);
    assert_ok(dzr_builder_new(schema, NULL, &b, &err));
    for (int i = 0; i < ROWS; i++) {
        char text[40];
        const int n = snprintf(text, sizeof text, "a text that is number %d", i * 7 % 90);
        assert_ok(dzr_builder_int(b, 0, i, &err));
        assert_ok(i % 5 == 0 ? dzr_builder_null(b, 1, &err)
                             : dzr_builder_bytes(b, 1, (dzr_bytes){(const uint8_t *)text, (size_t)n}, &err));
        assert_ok(dzr_builder_double(b, 2, i % 3 / 4.0, &err));
        for (int k = 0; k < i % 4; k++)
            assert_ok(k == 2 ? dzr_builder_null(b, 4, &err) : dzr_builder_int(b, 4, i - k, &err));
        assert_ok(i % 7 == 3 && i % 4 == 0 ? dzr_builder_null(b, 3, &err) : dzr_builder_list(b, 3, &err));
    }
    assert_ok(dzr_builder_finish(b, &batch, &err));
    assert_ok(dzr_sink_memory(SIZE_MAX, NULL, &sink, &err));
    assert_ok(dzr_parquet_writer_open(sink, schema, &options, &writer, &err));
    assert_ok(dzr_parquet_writer_append(writer, batch, &err));
    assert_ok(dzr_parquet_writer_finish(writer, &err));
    dzr_parquet_writer_close(writer);
    dzr_batch_free(batch);
    dzr_builder_free(b);
    dzr_schema_free(schema);
    return sink;
}

static void admit(patient *p)
{
    dzr_error err;
    dzr_sink *const sink = sound_file();
    const dzr_bytes file = dzr_sink_memory_bytes(sink);
    const dzr_leaf *leaves = NULL;
    int32_t n_leaves = 0;
    assert_true(file.len < ROOM / 2);
    memcpy(p->bytes, file.at, file.len);
    dzr_sink_close(sink);
    const uint32_t n_footer = dzr__load_u32(p->bytes + file.len - 8);
    p->n_pages = file.len - 8 - n_footer;
    dzr__arena_init(&p->arena, NULL, 0);
    const uint8_t *const copy = memcpy(p->bytes + ROOM / 2, p->bytes + p->n_pages, n_footer); /* views stay good */
    assert_ok(dzr__footer_read((dzr_bytes){copy, n_footer}, NULL, &p->arena, &p->meta, &leaves, &n_leaves, &err));
}

/* ---- what is found ---- */

typedef struct findings {
    int32_t n[DZR_PARQUET_FOUND_UNCHECKED + 1];
    char last[2 * DZR_ERROR_BYTES];
} findings;

static dzr_status note(void *ctx, const dzr_parquet_finding *finding, dzr_error *err)
{
    (void)err;
    findings *const f = ctx;
    f->n[finding->kind]++;
    snprintf(f->last, sizeof f->last, "%s: %s", dzr_parquet_finding_name(finding->kind), finding->message);
    return DZR_OK;
}

static dzr_status check(
        const patient *p, const dzr_allocator *alloc, findings *f, dzr_parquet_checked *checked, dzr_error *why)
{
    dzr_error err;
    dzr_bytebuf out = {.max_bytes = ROOM};
    dzr_source *source = NULL;
    *f = (findings){.last = ""};
    assert_ok(dzr__bytebuf_append(&out, p->bytes, p->n_pages, &err));
    assert_ok(dzr__thrift_write(&out, &dzr__shape_file, &p->meta, &err));
    const uint32_t n_footer = (uint32_t)(out.len - p->n_pages);
    assert_ok(dzr__bytebuf_append(&out, &n_footer, sizeof n_footer, &err));
    assert_ok(dzr__bytebuf_append(&out, "PAR1", 4, &err));
    assert_ok(dzr_source_memory((dzr_bytes){out.at, out.len}, NULL, &source, &err));
    const dzr_parquet_read_options options = {.alloc = alloc};
    const dzr_status st = dzr_parquet_validate(source, &options, note, f, checked, why);
    dzr_source_close(source);
    dzr__bytebuf_fini(&out);
    return st;
}

/* ---- kinds of damage ---- */

static void no_damage(patient *p)
{
    (void)p;
}

static void rows_of_the_file(patient *p)
{
    p->meta.num_rows++;
}

static void bytes_of_a_group(patient *p)
{
    p->meta.row_groups.at[1].total_byte_size++;
}

static void bytes_of_nothing(patient *p)
{
    memset(p->bytes + p->n_pages, 0, 10);
    p->n_pages += 10;
}

static void two_in_one_place(patient *p)
{
    chunk_of(p, 0, 0)->column_index_offset = chunk_of(p, 1, 0)->column_index_offset;
    chunk_of(p, 0, 0)->column_index_length = chunk_of(p, 1, 0)->column_index_length;
}

static void bytes_of_a_chunk(patient *p)
{
    chunk_of(p, 0, 1)->meta.uncompressed_size++;
    p->meta.row_groups.at[0].total_byte_size++;
}

static void an_encoding_that_is_not_listed(patient *p)
{
    chunk_of(p, 0, 0)->meta.encodings.n = 0;
}

static void pages_that_are_not_there(patient *p)
{
    chunk_of(p, 1, 0)->meta.encoding_stats.at[0].count++;
}

static void a_bit_of_a_page(patient *p)
{
    static const int64_t numbers[] = {10, 11}; /* become 11 and 11: all but the checksum is as before */
    uint8_t *at = p->bytes;
    while (memcmp(at, numbers, sizeof numbers) != 0)
        at++;
    *at ^= 1;
}

static void a_page_header(patient *p)
{
    p->bytes[chunk_of(p, 0, 2)->meta.data_page_offset] = 0x0f;
}

static void a_null_count(patient *p)
{
    chunk_of(p, 0, 1)->meta.statistics.null_count++;
}

static void a_min_that_is_too_high(patient *p)
{
    static const int64_t one = 1;
    chunk_of(p, 0, 0)->meta.statistics.min_value.at = (const uint8_t *)&one;
}

static void a_max_that_is_not_exact(patient *p)
{
    static const int64_t more = GROUP_ROWS;
    chunk_of(p, 0, 0)->meta.statistics.max_value.at = (const uint8_t *)&more;
}

static void distinct_values(patient *p)
{
    dzr_meta_statistics *const s = &chunk_of(p, 0, 2)->meta.statistics;
    s->has |= 1u << DZR_STATISTICS_DISTINCT_COUNT;
    s->distinct_count = 4;
}

static void distinct_values_that_are_right(patient *p)
{
    distinct_values(p);
    chunk_of(p, 0, 2)->meta.statistics.distinct_count = 3;
}

/* Writes an index anew, behind the pages; where the old one was, bytes belong to nothing. */
static void put_index(patient *p, const dzr_thrift_shape *shape, const void *index, int64_t *offset, int32_t *length)
{
    dzr_error err;
    dzr_bytebuf out = {.max_bytes = 4096};
    assert_ok(dzr__thrift_write(&out, shape, index, &err));
    memcpy(p->bytes + p->n_pages, out.at, out.len);
    *offset = (int64_t)p->n_pages;
    *length = (int32_t)out.len;
    p->n_pages += out.len;
    dzr__bytebuf_fini(&out);
}

static void take_index(patient *p, const dzr_thrift_shape *shape, int64_t offset, int32_t length, void *out)
{
    dzr_error err;
    dzr_cursor in = dzr__cursor(p->bytes + offset, (size_t)length);
    p->arena.max_bytes = 0;
    assert_ok(dzr__thrift_read(&in, shape, out, &p->arena, &err));
}

static void the_first_row_of_a_page(patient *p)
{
    dzr_meta_offset_index index;
    dzr_meta_chunk *const chunk = chunk_of(p, 0, 0);
    take_index(p, &dzr__shape_offset_index, chunk->offset_index_offset, chunk->offset_index_length, &index);
    assert_int_equal(index.pages.n, GROUP_ROWS / PAGE_ROWS);
    index.pages.at[1].first_row++;
    put_index(p, &dzr__shape_offset_index, &index, &chunk->offset_index_offset, &chunk->offset_index_length);
}

static void a_bound_of_a_page(patient *p)
{
    static const int64_t more = PAGE_ROWS;
    dzr_meta_column_index index;
    dzr_meta_chunk *const chunk = chunk_of(p, 0, 0);
    take_index(p, &dzr__shape_column_index, chunk->column_index_offset, chunk->column_index_length, &index);
    index.max_values.at[2].at = (const uint8_t *)&more; /* below what is there, and below the page's min */
    put_index(p, &dzr__shape_column_index, &index, &chunk->column_index_offset, &chunk->column_index_length);
}

static void nulls_of_a_page(patient *p)
{
    dzr_meta_column_index index;
    dzr_meta_chunk *const chunk = chunk_of(p, 1, 1);
    take_index(p, &dzr__shape_column_index, chunk->column_index_offset, chunk->column_index_length, &index);
    index.null_counts.at[3]--;
    put_index(p, &dzr__shape_column_index, &index, &chunk->column_index_offset, &chunk->column_index_length);
}

static void sizes(patient *p, int64_t string_bytes, int64_t first_level)
{
    static int64_t defs[4];
    dzr_meta_column *const meta = &chunk_of(p, 0, 3)->meta;
    meta->has |= 1u << DZR_COLUMN_SIZES;
    meta->sizes.has = 1u << DZR_SIZES_STRING_BYTES | 1u << DZR_SIZES_DEFS;
    meta->sizes.string_bytes = string_bytes;
    meta->sizes.reps.n = 0;
    memset(defs, 0, sizeof defs);
    for (int i = 0; i < GROUP_ROWS; i++) {
        defs[i % 7 == 3 && i % 4 == 0 ? 0 : 1] += i % 4 == 0;
        defs[2] += i % 4 == 3;
        defs[3] += i % 4 == 3 ? 2 : i % 4;
    }
    defs[0] += first_level;
    meta->sizes.defs.at = defs;
    meta->sizes.defs.n = 4;
}

static void sizes_that_are_right(patient *p)
{
    sizes(p, 0, 0);
}

static void bytes_of_strings(patient *p)
{
    sizes(p, 1, 0);
}

static void a_histogram(patient *p)
{
    sizes(p, 0, 1);
}

/* A filter of one block, all of whose bits are `fill`. */
static void put_filter(patient *p, uint8_t fill)
{
    static const uint8_t header[] = {0x15, 0x40, 0x1c, 0x1c, 0, 0, 0x1c, 0x1c, 0, 0, 0x1c, 0x1c, 0, 0, 0};
    dzr_meta_column *const meta = &chunk_of(p, 0, 1)->meta;
    memcpy(p->bytes + p->n_pages, header, sizeof header);
    memset(p->bytes + p->n_pages + sizeof header, fill, 32);
    meta->has |= 1u << DZR_COLUMN_BLOOM_OFFSET;
    meta->bloom_offset = (int64_t)p->n_pages;
    p->n_pages += sizeof header + 32;
}

static void a_filter_that_knows_all(patient *p)
{
    put_filter(p, 0xff);
}

static void a_filter_that_denies_all(patient *p)
{
    put_filter(p, 0);
}

static void a_filter_that_is_elsewhere(patient *p)
{
    dzr_meta_column *const meta = &chunk_of(p, 0, 1)->meta;
    meta->has |= 1u << DZR_COLUMN_BLOOM_OFFSET;
    meta->bloom_offset = 1 << 30;
}

static void rows_in_another_order(patient *p)
{
    p->meta.row_groups.at[1].sorting.at[0].descending = true;
}

static void an_order_of_no_column(patient *p)
{
    p->meta.row_groups.at[1].sorting.at[0].column = 9;
}

static void a_codec_that_is_not_ours(patient *p)
{
    chunk_of(p, 0, 0)->meta.codec = 3; /* LZO */
}

static const struct {
    const char *name;
    void (*damage)(patient *p);
    dzr_parquet_finding_kind kinds[2]; /* of findings, which there are at least one each and none of others */
    int32_t n_kinds;
    const char *last; /* is in the last finding of all */
} damages[] = {
        {"none", no_damage, {0}, 0, ""},
        {"rows_of_the_file", rows_of_the_file, {DZR_PARQUET_FOUND_FOOTER}, 1,
                "footer: memory: it claims 401 rows, its row groups 400"},
        {"bytes_of_a_group", bytes_of_a_group, {DZR_PARQUET_FOUND_FOOTER}, 1, "row group 1: it claims "},
        {"bytes_of_nothing", bytes_of_nothing, {DZR_PARQUET_FOUND_LAYOUT}, 1,
                "10 bytes up to the footer belong to nothing"},
        {"two_in_one_place", two_in_one_place, {DZR_PARQUET_FOUND_LAYOUT, DZR_PARQUET_FOUND_PAGE_INDEX}, 2,
                "a column index overlaps what is before it"},
        {"bytes_of_a_chunk", bytes_of_a_chunk, {DZR_PARQUET_FOUND_CHUNK}, 1, "column \"t\": it claims bytes: "},
        {"encoding", an_encoding_that_is_not_listed, {DZR_PARQUET_FOUND_CHUNK}, 1,
                "pages are in encoding PLAIN (0), which it does not list"},
        {"pages", pages_that_are_not_there, {DZR_PARQUET_FOUND_CHUNK}, 1, "it claims pages 5, its pages 4"},
        {"bit", a_bit_of_a_page, {DZR_PARQUET_FOUND_CRC}, 1, "column \"id\", page 0, byte 4: page has CRC "},
        {"page_header", a_page_header, {DZR_PARQUET_FOUND_PAGE}, 1, "page header: "},
        {"null_count", a_null_count, {DZR_PARQUET_FOUND_STATISTICS}, 1,
                "column \"t\": its statistics claims 41 nulls, there are 40"},
        {"min", a_min_that_is_too_high, {DZR_PARQUET_FOUND_STATISTICS}, 1,
                "column \"id\": its statistics has a min that is above the least value"},
        {"max", a_max_that_is_not_exact, {DZR_PARQUET_FOUND_STATISTICS}, 1,
                "a max that is said to be exact, and is above the greatest value (value 199"},
        {"distinct", distinct_values, {DZR_PARQUET_FOUND_STATISTICS}, 1, "claims 4 distinct values, there are 3"},
        {"distinct_right", distinct_values_that_are_right, {0}, 0, ""},
        {"first_row", the_first_row_of_a_page, {DZR_PARQUET_FOUND_PAGE_INDEX, DZR_PARQUET_FOUND_LAYOUT}, 2, ""},
        {"page_bound", a_bound_of_a_page, {DZR_PARQUET_FOUND_PAGE_INDEX, DZR_PARQUET_FOUND_LAYOUT}, 2, ""},
        {"page_nulls", nulls_of_a_page, {DZR_PARQUET_FOUND_PAGE_INDEX, DZR_PARQUET_FOUND_LAYOUT}, 2, ""},
        {"sizes_right", sizes_that_are_right, {0}, 0, ""},
        {"string_bytes", bytes_of_strings, {DZR_PARQUET_FOUND_SIZES}, 1, "claims 1 bytes of strings, there are 0"},
        {"histogram", a_histogram, {DZR_PARQUET_FOUND_SIZES}, 1, "definition levels of 0, there are "},
        {"bloom_all", a_filter_that_knows_all, {0}, 0, ""},
        {"bloom_none", a_filter_that_denies_all, {DZR_PARQUET_FOUND_BLOOM_FILTER}, 1,
                "the bloom filter denies value 1 of the column chunk"},
        {"bloom_elsewhere", a_filter_that_is_elsewhere, {DZR_PARQUET_FOUND_BLOOM_FILTER}, 1,
                "the bloom filter is said to be at byte 1073741824"},
        {"order", rows_in_another_order, {DZR_PARQUET_FOUND_SORTING}, 1,
                "row group 1: rows 0 and 1 are not in the order that it claims"},
        {"order_of_none", an_order_of_no_column, {DZR_PARQUET_FOUND_SORTING}, 1, "it is in order of column 9 of 4"},
        {"codec", a_codec_that_is_not_ours, {DZR_PARQUET_FOUND_UNCHECKED, DZR_PARQUET_FOUND_LAYOUT}, 2, ""},
};

static void each_damage_is_found_and_nothing_else(void **state)
{
    (void)state;
    static patient p;
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        dzr_error err;
        findings f;
        dzr_parquet_checked checked;
        admit(&p);
        damages[i].damage(&p);
        assert_ok(check(&p, NULL, &f, &checked, &err));
        int32_t n_all = 0;
        for (int32_t kind = 0; kind <= DZR_PARQUET_FOUND_UNCHECKED; kind++) {
            bool wanted = false;
            for (int32_t k = 0; k < damages[i].n_kinds; k++)
                wanted = wanted || damages[i].kinds[k] == (dzr_parquet_finding_kind)kind;
            if (wanted != (f.n[kind] > 0))
                fail_msg("%s: %d findings of kind %s, last: %s", damages[i].name, f.n[kind],
                        dzr_parquet_finding_name((dzr_parquet_finding_kind)kind), f.last);
            n_all += f.n[kind];
        }
        if (strstr(f.last, damages[i].last) == NULL)
            fail_msg("%s: %s", damages[i].name, f.last);
        assert_int_equal(checked.n_findings + checked.n_unchecked, n_all);
        assert_int_equal(checked.n_chunks, 8);
        dzr__arena_fini(&p.arena);
    }
}

static void what_was_checked_is_counted(void **state)
{
    (void)state;
    static patient p;
    dzr_error err;
    findings f;
    dzr_parquet_checked checked;
    admit(&p);
    put_filter(&p, 0xff);
    assert_ok(check(&p, NULL, &f, &checked, &err));
    assert_int_equal(checked.n_row_groups, 2);
    assert_int_equal(checked.n_pages, checked.n_crcs);
    assert_true(checked.n_pages >= 2 * 4 * GROUP_ROWS / PAGE_ROWS);
    assert_true(checked.n_values > 4 * ROWS); /* lists have more than one a row */
    assert_int_equal(checked.n_indexes, 8);
    assert_int_equal(checked.n_bloom_filters, 1);
    dzr__arena_fini(&p.arena);
}

static void what_is_no_parquet_file_is_a_finding(void **state)
{
    (void)state;
    dzr_error err;
    findings f = {.last = ""};
    dzr_source *source = NULL;
    dzr_parquet_checked checked;
    assert_ok(
            dzr_source_memory((dzr_bytes){(const uint8_t *)"PAR1 and what follows is none", 29}, NULL, &source, &err));
    assert_ok(dzr_parquet_validate(source, NULL, note, &f, &checked, &err));
    assert_string_equal(f.last, "footer: memory: no Parquet file: it does not end with PAR1");
    assert_int_equal(checked.n_findings, 1);
    dzr_source_close(source);
}

static dzr_status stop(void *ctx, const dzr_parquet_finding *finding, dzr_error *err)
{
    ++*(int *)ctx;
    return dzr_fail(err, DZR_ERR_EXISTS, "seen: %s", finding->message);
}

static void the_hook_may_end_it(void **state)
{
    (void)state;
    dzr_error err;
    dzr_source *source = NULL;
    int n = 0;
    assert_ok(
            dzr_source_memory((dzr_bytes){(const uint8_t *)"PAR1 and what follows is none", 29}, NULL, &source, &err));
    assert_fails(dzr_parquet_validate(source, NULL, stop, &n, NULL, &err), DZR_ERR_EXISTS, "seen: memory: no Parquet");
    assert_int_equal(n, 1);
    dzr_source_close(source);
}

/* With allocation 1 failing, then 2, 3 ... of a file that has all there is to check. */
static void every_failing_allocation_ends_it(void **state)
{
    (void)state;
    static patient p;
    dzr_error err;
    findings f;
    admit(&p);
    put_filter(&p, 0xff);
    sizes_that_are_right(&p);
    distinct_values_that_are_right(&p);
    dzr_status st = DZR_ERR_NOMEM;
    for (int64_t nth = 1; st != DZR_OK; nth++) {
        alloc_nth alloc;
        alloc_nth_init(&alloc, nth);
        st = check(&p, &alloc.allocator, &f, NULL, &err);
        if (st != DZR_OK)
            assert_string_equal(dzr_status_name(st), "DZR_ERR_NOMEM");
        assert_string_equal(f.last, "");
        assert_int_equal(alloc.n_out, 0);
        assert_true(st != DZR_OK || nth > 100);
    }
    dzr__arena_fini(&p.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_damage_is_found_and_nothing_else),
            cmocka_unit_test(what_was_checked_is_counted), cmocka_unit_test(what_is_no_parquet_file_is_a_finding),
            cmocka_unit_test(the_hook_may_end_it), cmocka_unit_test(every_failing_allocation_ends_it)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
