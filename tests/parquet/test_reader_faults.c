/* tests/parquet/test_reader_faults.c - a read whose nth allocation fails, or whose nth call to the source: the right
 * status, a message, nothing leaked (the sanitizer looks), and nothing given out. */
#include "rows.h"

#include "alloc_nth.h"

#include <stdlib.h>

/* ---- a source that has no view and fails once ---- */

typedef struct flaky {
    dzr_source source;
    dzr_bytes bytes;
    int64_t calls, fail_at;
} flaky;

static dzr_status flaky_read_at(dzr_source *source, uint64_t offset, void *out, size_t n, dzr_error *err)
{
    flaky *const self = (flaky *)source;
    if (self->calls++ == self->fail_at)
        return dzr_fail(err, DZR_ERR_IO, "%s: Input/output error", source->name);
    memcpy(out, self->bytes.at + offset, n);
    return DZR_OK;
}

static const dzr_source_ops flaky_ops = {.read_at = flaky_read_at};

/* ---- the read: open, all row groups, all columns ---- */

static dzr_status read_all(dzr_source *source, const dzr_allocator *alloc, const dzr_batch *want, dzr_error *err)
{
    const dzr_parquet_read_options options = {.alloc = alloc};
    dzr_parquet_reader *reader = NULL;
    dzr_status st = dzr_parquet_reader_open(source, &options, &reader, err);
    if (st != DZR_OK) {
        assert_null(reader);
        return st;
    }
    int64_t first = 0;
    for (int32_t group = 0; group < dzr_parquet_reader_n_row_groups(reader) && st == DZR_OK; group++) {
        dzr_batch *batch = NULL;
        st = dzr_parquet_read_row_group(reader, group, NULL, 0, &batch, err);
        if (st != DZR_OK) {
            assert_null(batch);
            break;
        }
        for (int32_t i = 0; i < N_TYPES; i++)
            assert_same_column(dzr_batch_column(want, i), first, dzr_batch_column(batch, i));
        first += dzr_batch_n_rows(batch);
        dzr_batch_free(batch);
    }
    dzr_parquet_reader_close(reader);
    return st;
}

typedef struct read_job {
    dzr_source *source;
    const dzr_batch *want;
} read_job;

static dzr_status read_rows(const dzr_allocator *alloc, void *ctx, dzr_error *err)
{
    const read_job *const job = ctx;
    return read_all(job->source, alloc, job->want, err);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    static const dzr_codec codecs[] = {DZR_CODEC_UNCOMPRESSED, DZR_CODEC_GZIP, DZR_CODEC_ZSTD};
    dzr_batch *const batch = make_rows(60, true, NULLS_RUNS);
    for (size_t c = 0; c < sizeof codecs / sizeof *codecs; c++) {
        dzr_error err;
        dzr_sink *const sink = write_rows(
                batch, &(dzr_parquet_write_options){.codec = codecs[c], .page_rows = 25, .row_group_rows = 40});
        flaky unseen = {
                .source = {.ops = &flaky_ops, .name = "flaky"}, .bytes = dzr_sink_memory_bytes(sink), .fail_at = -1};
        unseen.source.n_bytes = unseen.bytes.len;
        dzr_source *viewed = NULL;
        assert_ok(dzr_source_memory(dzr_sink_memory_bytes(sink), NULL, &viewed, &err));
        assert_true(every_request_fails(read_rows, &(read_job){&unseen.source, batch}) > 100);
        assert_true(every_request_fails(read_rows, &(read_job){viewed, batch}) > 100);
        dzr_source_close(viewed);
        dzr_sink_close(sink);
    }
    dzr_batch_free(batch);
}

static void every_read_of_the_source_may_fail(void **state)
{
    (void)state;
    dzr_error err;
    dzr_batch *const batch = make_rows(60, true, NULLS_RUNS);
    dzr_sink *const sink = write_rows(batch, &(dzr_parquet_write_options){.page_rows = 25, .row_group_rows = 40});
    flaky source = {.source = {.ops = &flaky_ops, .name = "flaky"}, .bytes = dzr_sink_memory_bytes(sink)};
    source.source.n_bytes = source.bytes.len;
    dzr_status st = DZR_ERR_IO;
    for (source.fail_at = 0; st == DZR_ERR_IO; source.fail_at++) {
        source.calls = 0;
        st = read_all(&source.source, NULL, batch, &err);
        if (st != DZR_ERR_IO)
            break;
        assert_string_equal(err.message, "flaky: Input/output error");
        if (source.fail_at >= 2) { /* after magic and footer: one read a column chunk */
            assert_int_equal(err.row_group, (source.fail_at - 2) / N_TYPES);
            assert_int_equal(err.column, (source.fail_at - 2) % N_TYPES);
        }
    }
    assert_int_equal(st, DZR_OK);
    assert_int_equal(source.fail_at, 2 + 2 * N_TYPES);
    dzr_sink_close(sink);
    dzr_batch_free(batch);
}

/* Every shorter file, as an interrupted copy leaves it. */
static void a_file_cut_anywhere_is_refused(void **state)
{
    (void)state;
    dzr_batch *const batch = make_rows(5, true, NULLS_ALTERNATE);
    dzr_sink *const sink = write_rows(batch, &(dzr_parquet_write_options){.codec = DZR_CODEC_SNAPPY});
    const dzr_bytes whole = dzr_sink_memory_bytes(sink);
    for (size_t len = 0; len < whole.len; len++) {
        dzr_error err;
        dzr_source *source = NULL;
        dzr_parquet_reader *reader = NULL;
        uint8_t *const bytes = malloc(len > 0 ? len : 1);
        assert_non_null(bytes);
        memcpy(bytes, whole.at, len);
        assert_ok(dzr_source_memory((dzr_bytes){bytes, len}, NULL, &source, &err));
        const dzr_status st = dzr_parquet_reader_open(source, NULL, &reader, &err);
        assert_true(st == DZR_ERR_TRUNCATED || st == DZR_ERR_CORRUPT);
        assert_memory_equal(err.message, "memory: ", 8);
        assert_null(reader);
        dzr_source_close(source);
        free(bytes);
    }
    dzr_sink_close(sink);
    dzr_batch_free(batch);
}

static void a_stream_is_refused(void **state)
{
    (void)state;
    dzr_error err;
    dzr_parquet_reader *reader = NULL;
    flaky stream = {.source = {.ops = &flaky_ops, .name = "stdin", .n_bytes = DZR_SIZE_UNKNOWN}};
    assert_fails(dzr_parquet_reader_open(&stream.source, NULL, &reader, &err), DZR_ERR_ARG,
            "stdin: is a stream; a Parquet file is read from its end");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_allocation_may_fail),
            cmocka_unit_test(every_read_of_the_source_may_fail),
            cmocka_unit_test(a_file_cut_anywhere_is_refused),
            cmocka_unit_test(a_stream_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
