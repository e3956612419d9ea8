/* tests/parquet/test_threads_read.c - with any number of threads a file gives the same rows, and a bad one the same
 * error at the same place; reads and scans, within limits and without memory. Also run under ThreadSanitizer. */
#include "nested.h"

#include "alloc_nth.h"
#include "checksum.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

static const int32_t numbers[] = {0, 2, 8};
enum { N_NUMBERS = sizeof numbers / sizeof *numbers, MOST_BATCHES = 64 };

/* ---- what comes out of a file ---- */

typedef struct outcome {
    dzr_status status;
    dzr_error err;
    int32_t n_batches;
    uint32_t sums[MOST_BATCHES]; /* of all columns */
    int64_t n_rows[MOST_BATCHES];
} outcome;

static void note_batch(outcome *out, dzr_batch *batch)
{
    uint32_t sum = 0;
    assert_true(out->n_batches < MOST_BATCHES);
    for (int32_t i = 0; i < dzr_schema_n_fields(dzr_batch_schema(batch)); i++)
        sum = column_checksum(sum, dzr_batch_column(batch, i));
    out->sums[out->n_batches] = sum;
    out->n_rows[out->n_batches++] = dzr_batch_n_rows(batch);
    dzr_batch_free(batch);
}

static void read_groups(dzr_parquet_reader *reader, outcome *out)
{
    for (int32_t i = 0; i < dzr_parquet_reader_n_row_groups(reader) && out->status == DZR_OK; i++) {
        dzr_batch *batch = NULL;
        out->status = dzr_parquet_read_row_group(reader, i, NULL, 0, &batch, &out->err);
        if (out->status == DZR_OK)
            note_batch(out, batch);
        else
            assert_null(batch);
    }
}

static void scan_rows(dzr_parquet_reader *reader, outcome *out)
{
    const dzr_parquet_scan_options options = {.batch_rows = 1700, .first_row = 300};
    dzr_parquet_scan *scan = NULL;
    out->status = dzr_parquet_scan_open(reader, &options, &scan, &out->err);
    while (out->status == DZR_OK) {
        dzr_batch *batch = NULL;
        out->status = dzr_parquet_scan_next(scan, &batch, &out->err);
        if (batch == NULL)
            break;
        note_batch(out, batch);
    }
    dzr_parquet_scan_close(scan);
}

static outcome read_file(dzr_source *source, const dzr_parquet_read_options *options, bool scan)
{
    outcome out = {.status = DZR_OK};
    dzr_parquet_reader *reader = NULL;
    out.status = dzr_parquet_reader_open(source, options, &reader, &out.err);
    if (out.status == DZR_OK && scan)
        scan_rows(reader, &out);
    else if (out.status == DZR_OK)
        read_groups(reader, &out);
    dzr_parquet_reader_close(reader);
    return out;
}

static void assert_same_outcome(const outcome *a, const outcome *b)
{
    assert_string_equal(dzr_status_name(a->status), dzr_status_name(b->status));
    if (a->status != DZR_OK) {
        assert_string_equal(a->err.message, b->err.message);
        assert_int_equal(a->err.row_group, b->err.row_group);
        assert_int_equal(a->err.column, b->err.column);
        assert_int_equal(a->err.offset, b->err.offset);
    }
    assert_int_equal(a->n_batches, b->n_batches);
    assert_memory_equal(a->sums, b->sums, (size_t)a->n_batches * sizeof *a->sums);
    assert_memory_equal(a->n_rows, b->n_rows, (size_t)a->n_batches * sizeof *a->n_rows);
}

/* Reads with any number of threads; what one reads is given back. */
static outcome assert_same(dzr_bytes file, dzr_parquet_read_options options, bool scan)
{
    outcome first = {.status = DZR_OK};
    for (size_t k = 0; k < N_NUMBERS; k++) {
        dzr_error err;
        dzr_source *source = NULL;
        assert_ok(dzr_source_memory(file, NULL, &source, &err));
        options.threads = numbers[k];
        const outcome out = read_file(source, &options, scan);
        dzr_source_close(source);
        if (k == 0)
            first = out;
        else
            assert_same_outcome(&first, &out);
    }
    return first;
}

/* ---- files ---- */

static dzr_batch *make_nested(int64_t n_rows)
{
    const dzr_field fields[] = {LEAF("id", INT64, false), GROUP("tags", LIST, true, LEAF("element", STRING, true)),
            GROUP("place", STRUCT, true, LEAF("name", STRING, true),
                    GROUP("points", LIST, false, LEAF("element", DOUBLE, false))),
            GROUP("grid", LIST, true, GROUP("element", LIST, true, LEAF("element", INT32, true))),
            GROUP("props", MAP, true,
                    GROUP("entries", STRUCT, false, LEAF("key", STRING, false), LEAF("value", INT64, true)))};
    dzr_error err;
    dzr_batch *batch = NULL;
    dzr_schema *const schema = schema_of(fields, sizeof fields / sizeof *fields);
    assert_ok(nested_rows(schema, n_rows, 1, NULL, &batch, &err));
    dzr_schema_free(schema);
    return batch;
}

static dzr_sink *make_file(bool nested, dzr_parquet_write_options options)
{
    dzr_batch *const batch = nested ? make_nested(4000) : make_rows(3000, true, NULLS_RUNS);
    dzr_sink *const sink = write_rows(batch, &options);
    dzr_batch_free(batch);
    return sink;
}

static void every_file_gives_the_same_rows(void **state)
{
    (void)state;
    static const dzr_codec codecs[] = {DZR_CODEC_UNCOMPRESSED, DZR_CODEC_SNAPPY, DZR_CODEC_ZSTD};
    for (size_t c = 0; c < sizeof codecs / sizeof *codecs; c++)
        for (int i = 0; i < 8; i++) {
            const bool nested = (i & 1) != 0, v2 = (i & 2) != 0, scan = (i & 4) != 0;
            dzr_sink *const sink = make_file(nested, (dzr_parquet_write_options){.codec = codecs[c],
                                                             .page_version = v2 ? 2 : 1,
                                                             .page_rows = 600,
                                                             .row_group_rows = 1900,
                                                             .dictionary_bytes = v2 ? 0 : 2000});
            const outcome out =
                    assert_same(dzr_sink_memory_bytes(sink), (dzr_parquet_read_options){.alloc = NULL}, scan);
            assert_int_equal(out.status, DZR_OK);
            assert_true(out.n_batches > 1);
            dzr_sink_close(sink);
        }
}

/* The delta encodings and byte-stream-split need memory of their own while a page is decoded. */
static void every_encoding_gives_the_same_rows(void **state)
{
    (void)state;
    static const dzr_parquet_column_options own[] = {{.path = "id", .encoding = DZR_PARQUET_DELTA_BINARY_PACKED},
            {.path = "tags.list.element", .encoding = DZR_PARQUET_DELTA_BYTE_ARRAY},
            {.path = "place.name", .encoding = DZR_PARQUET_DELTA_LENGTH_BYTE_ARRAY},
            {.path = "place.points.list.element", .encoding = DZR_PARQUET_BYTE_STREAM_SPLIT}};
    dzr_sink *const sink =
            make_file(true, (dzr_parquet_write_options){
                                    .codec = DZR_CODEC_ZSTD, .columns = own, .n_columns = 4, .dictionary_bytes = -1});
    for (int scan = 0; scan < 2; scan++) {
        const outcome out =
                assert_same(dzr_sink_memory_bytes(sink), (dzr_parquet_read_options){.alloc = NULL}, scan != 0);
        assert_int_equal(out.status, DZR_OK);
    }
    dzr_sink_close(sink);
}

/* ---- bad files ---- */

/* Some bytes changed at a time, all over the file: in pages, their headers, the footer. */
static void a_bad_file_gives_the_same_error(void **state)
{
    (void)state;
    int n_bad = 0;
    for (int i = 0; i < 4; i++) {
        const bool nested = (i & 1) != 0, scan = (i & 2) != 0;
        dzr_sink *const sink = make_file(nested,
                (dzr_parquet_write_options){.codec = DZR_CODEC_SNAPPY, .page_rows = 900, .row_group_rows = 2100});
        const dzr_bytes good = dzr_sink_memory_bytes(sink);
        uint8_t *const bad = malloc(good.len);
        uint64_t seed = 17;
        assert_non_null(bad);
        for (int round = 0; round < 30; round++) {
            memcpy(bad, good.at, good.len);
            for (int n = round % 4 == 0 ? 1 : 12; n > 0; n--)
                bad[next_number(&seed) % good.len] ^= (uint8_t)(1 + next_number(&seed) % 255);
            const dzr_parquet_read_options options = {.skip_crc = round % 2 != 0};
            n_bad += assert_same((dzr_bytes){bad, good.len}, options, scan).status != DZR_OK;
        }
        free(bad);
        dzr_sink_close(sink);
    }
    assert_true(n_bad > 50);
}

/* ---- limits ---- */

/* The limit for a row group is shared by its columns: the one that meets it must not be who happened to be last. */
static void a_limit_is_met_at_the_same_place(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        dzr_sink *const sink = make_file(i == 1, (dzr_parquet_write_options){.codec = DZR_CODEC_SNAPPY});
        int n_met = 0;
        size_t limit = 1000;
        outcome out = {.status = DZR_ERR_LIMIT};
        for (; out.status == DZR_ERR_LIMIT; limit += limit / 4) {
            const dzr_parquet_read_options options = {.limits.row_group_bytes = limit};
            out = assert_same(dzr_sink_memory_bytes(sink), options, false);
            n_met += out.status == DZR_ERR_LIMIT;
        }
        assert_int_equal(out.status, DZR_OK);
        assert_true(n_met > 10);
        dzr_sink_close(sink);
    }
}

static void a_memory_budget_suffices_for_any_number_or_none(void **state)
{
    (void)state;
    dzr_sink *const sink = make_file(true, (dzr_parquet_write_options){.codec = DZR_CODEC_ZSTD});
    for (int scan = 0; scan < 2; scan++) {
        size_t memory = 50000;
        outcome out = {.status = DZR_ERR_LIMIT};
        for (; out.status == DZR_ERR_LIMIT; memory += memory / 4) {
            const dzr_parquet_read_options options = {.memory = memory};
            out = assert_same(dzr_sink_memory_bytes(sink), options, scan != 0);
        }
        assert_int_equal(out.status, DZR_OK);
    }
    dzr_sink_close(sink);
}

static void the_nth_allocation_fails_without_a_leak(void **state)
{
    (void)state;
    dzr_sink *const sink =
            make_file(true, (dzr_parquet_write_options){.codec = DZR_CODEC_ZSTD, .row_group_rows = 2100});
    for (int scan = 0; scan < 2; scan++) {
        dzr_status st = DZR_ERR_NOMEM;
        int64_t n = 1;
        for (; st != DZR_OK; n += 1 + n / 6) {
            alloc_nth memory;
            dzr_error err;
            dzr_source *source = NULL;
            alloc_nth_init(&memory, n);
            const dzr_parquet_read_options options = {.alloc = &memory.allocator, .threads = 3};
            assert_ok(dzr_source_memory(dzr_sink_memory_bytes(sink), NULL, &source, &err));
            st = read_file(source, &options, scan != 0).status;
            assert_true(st == DZR_OK || st == DZR_ERR_NOMEM);
            assert_int_equal(memory.n_out, 0);
            dzr_source_close(source);
        }
        assert_true(n > 60);
    }
    dzr_sink_close(sink);
}

/* ---- several threads of the caller, on one reader that has some of its own ---- */

typedef struct shared {
    dzr_parquet_reader *reader;
    uint32_t sum;
    atomic_int n_failed;
} shared;

static void *read_shared(void *arg)
{
    shared *const s = arg;
    for (int round = 0; round < 5; round++) {
        dzr_error err;
        dzr_batch *batch = NULL;
        uint32_t sum = 0;
        if (dzr_parquet_read_row_group(s->reader, 0, NULL, 0, &batch, &err) != DZR_OK) {
            atomic_fetch_add(&s->n_failed, 1);
            continue;
        }
        for (int32_t i = 0; i < dzr_schema_n_fields(dzr_batch_schema(batch)); i++)
            sum = column_checksum(sum, dzr_batch_column(batch, i));
        dzr_batch_free(batch);
        if (sum != s->sum)
            atomic_fetch_add(&s->n_failed, 1);
    }
    return NULL;
}

static void several_callers_may_share_a_reader(void **state)
{
    (void)state;
    dzr_error err;
    dzr_sink *const sink = make_file(true, DZR_PARQUET_WRITE_DEFAULTS);
    dzr_source *source = NULL;
    shared s = {
            .sum = assert_same(dzr_sink_memory_bytes(sink), (dzr_parquet_read_options){.alloc = NULL}, false).sums[0]};
    const dzr_parquet_read_options options = {.threads = 3};
    pthread_t threads[3];
    assert_ok(dzr_source_memory(dzr_sink_memory_bytes(sink), NULL, &source, &err));
    assert_ok(dzr_parquet_reader_open(source, &options, &s.reader, &err));
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_shared, &s), 0);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(atomic_load(&s.n_failed), 0);
    dzr_parquet_reader_close(s.reader);
    dzr_source_close(source);
    dzr_sink_close(sink);
}

static void a_number_of_threads_out_of_range_is_refused(void **state)
{
    (void)state;
    dzr_sink *const sink = make_file(true, DZR_PARQUET_WRITE_DEFAULTS);
    static const int32_t wrong[] = {-1, 1025};
    for (size_t i = 0; i < 2; i++) {
        dzr_error err;
        dzr_source *source = NULL;
        dzr_parquet_reader *reader = NULL;
        const dzr_parquet_read_options options = {.threads = wrong[i]};
        assert_ok(dzr_source_memory(dzr_sink_memory_bytes(sink), NULL, &source, &err));
        assert_fails(dzr_parquet_reader_open(source, &options, &reader, &err), DZR_ERR_ARG, "must be 0 to 1024");
        assert_null(reader);
        dzr_source_close(source);
    }
    dzr_sink_close(sink);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_file_gives_the_same_rows),
            cmocka_unit_test(every_encoding_gives_the_same_rows),
            cmocka_unit_test(a_bad_file_gives_the_same_error),
            cmocka_unit_test(a_limit_is_met_at_the_same_place),
            cmocka_unit_test(a_memory_budget_suffices_for_any_number_or_none),
            cmocka_unit_test(the_nth_allocation_fails_without_a_leak),
            cmocka_unit_test(several_callers_may_share_a_reader),
            cmocka_unit_test(a_number_of_threads_out_of_range_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
