/* tests/parquet/test_faults.c - nested files are written and read while memory, a source or the disk fails, at each
 * call in turn: one clear error, nothing leaked, and under the file's name what was there before. */
#include "nested.h"

#include "alloc_nth.h"
#include <datarizer/store.h>

#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- a nested file, both ways ---- */

static const dzr_field fields[] = {LEAF("id", INT64, false),
        GROUP("l", LIST, true, GROUP("element", LIST, true, LEAF("element", STRING, true))),
        GROUP("s", STRUCT, true, LEAF("a", DOUBLE, true), LEAF("b", BOOL, false),
                GROUP("c", LIST, false, LEAF("element", INT16, true))),
        GROUP("m", MAP, true,
                GROUP("key_value", STRUCT, false, LEAF("key", STRING, false),
                        GROUP("value", STRUCT, true, LEAF("x", DATE, true))))};
enum { N_FIELDS = sizeof fields / sizeof *fields, N_ROWS = 60 };

/* Every codec, both kinds of pages, dictionaries that fall back, and each of the other encodings. */
static const dzr_parquet_column_options encodings[] = {{.path = "id", .encoding = DZR_PARQUET_DELTA_BINARY_PACKED},
        {.path = "l.list.element.list.element", .encoding = DZR_PARQUET_DELTA_BYTE_ARRAY},
        {.path = "s.a", .encoding = DZR_PARQUET_BYTE_STREAM_SPLIT}, {.path = "s.b", .encoding = DZR_PARQUET_RLE},
        {.path = "m.key_value.key", .encoding = DZR_PARQUET_DELTA_LENGTH_BYTE_ARRAY}};
static const dzr_parquet_write_options choices[] = {{.codec = DZR_CODEC_UNCOMPRESSED, .page_rows = 20, .threads = 1},
        {.codec = DZR_CODEC_SNAPPY, .row_group_rows = 40, .dictionary_bytes = 300, .threads = 1},
        {.codec = DZR_CODEC_GZIP, .page_version = 2, .row_group_rows = 90, .threads = 1},
        {.codec = DZR_CODEC_ZSTD, .page_rows = 20, .row_group_rows = 40, .dictionary_bytes = 300, .threads = 1},
        {.codec = DZR_CODEC_LZ4_RAW, .page_version = 2, .page_bytes = 200, .dictionary_bytes = -1, .threads = 1},
        {.codec = DZR_CODEC_BROTLI, .dictionary_bytes = -1, .threads = 1},
        {.codec = DZR_CODEC_UNCOMPRESSED, .columns = encodings, .n_columns = 5, .page_rows = 20, .threads = 1}};
enum { N_CHOICES = sizeof choices / sizeof *choices };

static dzr_batch *make_batch(void)
{
    dzr_error err;
    dzr_batch *batch = NULL;
    dzr_schema *const schema = schema_of(fields, N_FIELDS);
    assert_ok(nested_rows(schema, N_ROWS, 5, NULL, &batch, &err));
    dzr_schema_free(schema);
    return batch;
}

static dzr_status write_batch(
        dzr_sink *sink, const dzr_batch *batch, const dzr_parquet_write_options *options, dzr_error *err)
{
    dzr_parquet_writer *writer = NULL;
    dzr_status st = dzr_parquet_writer_open(sink, dzr_batch_schema(batch), options, &writer, err);
    for (int i = 0; i < 2 && st == DZR_OK; i++)
        st = dzr_parquet_writer_append(writer, batch, err);
    if (st == DZR_OK)
        st = dzr_parquet_writer_finish(writer, err);
    dzr_parquet_writer_close(writer);
    return st;
}

static dzr_sink *made(const dzr_batch *batch, const dzr_parquet_write_options *options)
{
    dzr_error err;
    dzr_sink *sink = NULL;
    assert_ok(dzr_sink_memory(1 << 20, NULL, &sink, &err));
    assert_ok(write_batch(sink, batch, options, &err));
    return sink;
}

static void assert_rows(const dzr_batch *want, int64_t first, const dzr_batch *part)
{
    for (int32_t i = 0; i < N_FIELDS; i++)
        for (int64_t row = 0; row < dzr_batch_n_rows(part); row++)
            assert_same_row(dzr_batch_column(want, i), (first + row) % N_ROWS, dzr_batch_column(part, i), row);
}

static dzr_status read_groups(dzr_parquet_reader *reader, const dzr_batch *want, dzr_error *err)
{
    int64_t first = 0;
    for (int32_t group = 0; group < dzr_parquet_reader_n_row_groups(reader); group++) {
        dzr_batch *part = NULL;
        const dzr_status st = dzr_parquet_read_row_group(reader, group, NULL, 0, &part, err);
        if (st != DZR_OK)
            assert_null(part);
        DZR_TRY(st);
        assert_rows(want, first, part);
        first += dzr_batch_n_rows(part);
        dzr_batch_free(part);
    }
    assert_int_equal(first, 2 * N_ROWS);
    return DZR_OK;
}

/* From a row in the middle on, so that the page index is asked. */
static dzr_status read_batches(dzr_parquet_reader *reader, const dzr_batch *want, dzr_error *err)
{
    dzr_parquet_scan *scan = NULL;
    dzr_batch *part = NULL;
    int64_t row = 31;
    dzr_status st =
            dzr_parquet_scan_open(reader, &(dzr_parquet_scan_options){.first_row = row, .batch_rows = 17}, &scan, err);
    while (st == DZR_OK) {
        st = dzr_parquet_scan_next(scan, &part, err);
        if (st != DZR_OK || part == NULL)
            break;
        assert_rows(want, row, part);
        row += dzr_batch_n_rows(part);
        dzr_batch_free(part);
    }
    if (st == DZR_OK)
        assert_int_equal(row, 2 * N_ROWS);
    dzr_parquet_scan_close(scan);
    return st;
}

static dzr_status read_all(dzr_source *source, const dzr_allocator *alloc, const dzr_batch *want, dzr_error *err)
{
    dzr_parquet_reader *reader = NULL;
    const dzr_parquet_read_options options = {.alloc = alloc};
    dzr_status st = dzr_parquet_reader_open(source, &options, &reader, err);
    if (st != DZR_OK)
        assert_null(reader);
    if (st == DZR_OK)
        st = read_groups(reader, want, err);
    if (st == DZR_OK)
        st = read_batches(reader, want, err);
    dzr_parquet_reader_close(reader);
    return st;
}

/* ---- memory ---- */

typedef struct job {
    const dzr_batch *batch;
    dzr_parquet_write_options options;
    dzr_source *source;
} job;

static dzr_status write_job(const dzr_allocator *alloc, void *ctx, dzr_error *err)
{
    job *const work = ctx;
    dzr_error ignored;
    dzr_sink *sink = NULL;
    work->options.alloc = alloc;
    if (dzr_sink_memory(1 << 20, NULL, &sink, &ignored) != DZR_OK)
        fail();
    const dzr_status st = write_batch(sink, work->batch, &work->options, err);
    dzr_sink_close(sink);
    return st;
}

static dzr_status read_job(const dzr_allocator *alloc, void *ctx, dzr_error *err)
{
    const job *const work = ctx;
    return read_all(work->source, alloc, work->batch, err);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    dzr_error err;
    dzr_batch *const batch = make_batch();
    for (size_t i = 0; i < N_CHOICES; i++) {
        job work = {.batch = batch, .options = choices[i]};
        dzr_sink *const sink = made(batch, &choices[i]);
        assert_ok(dzr_source_memory(dzr_sink_memory_bytes(sink), NULL, &work.source, &err));
        assert_true(every_request_fails(write_job, &work) > 50);
        assert_true(every_request_fails(read_job, &work) > 100);
        dzr_source_close(work.source);
        dzr_sink_close(sink);
    }
    dzr_batch_free(batch);
}

/* ---- a source that fails at one call, or gives too little ---- */

typedef struct flaky {
    dzr_source source;
    dzr_bytes bytes;
    int64_t n_calls, fail_at;
    dzr_status fails_with;
} flaky;

static dzr_status flaky_read_at(dzr_source *source, uint64_t offset, void *out, size_t n, dzr_error *err)
{
    flaky *const self = (flaky *)(void *)source;
    if (++self->n_calls == self->fail_at)
        return dzr_fail(err, self->fails_with, "%s: %s", source->name,
                self->fails_with == DZR_ERR_IO ? strerror(EIO) : "ends before its size");
    memcpy(out, self->bytes.at + offset, n);
    return DZR_OK;
}

static void every_read_may_fail(void **state)
{
    (void)state;
    static const dzr_source_ops ops = {.read_at = flaky_read_at};
    dzr_error err;
    dzr_batch *const batch = make_batch();
    for (size_t i = 0; i < 2 * N_CHOICES; i++) {
        dzr_sink *const sink = made(batch, &choices[i / 2]);
        const dzr_bytes bytes = dzr_sink_memory_bytes(sink);
        const dzr_status fails_with = i % 2 == 0 ? DZR_ERR_IO : DZR_ERR_TRUNCATED;
        dzr_status st = fails_with;
        int64_t n = 0;
        while (st != DZR_OK) {
            alloc_nth nth;
            flaky source = {.source = {.ops = &ops, .name = "flaky", .n_bytes = bytes.len},
                    .bytes = bytes,
                    .fail_at = ++n,
                    .fails_with = fails_with};
            alloc_nth_init(&nth, 0);
            st = read_all(&source.source, &nth.allocator, batch, &err);
            assert_int_equal(nth.n_out, 0);
            if (st == DZR_OK)
                break;
            assert_string_equal(dzr_status_name(st), dzr_status_name(fails_with));
            assert_string_equal(err.message,
                    fails_with == DZR_ERR_IO ? "flaky: Input/output error" : "flaky: ends before its size");
            assert_int_equal(source.n_calls, n); /* nor is it asked again */
        }
        assert_true(n > 5);
        dzr_sink_close(sink);
    }
    dzr_batch_free(batch);
}

/* ---- files ---- */

typedef struct folder {
    char path[64], file[80];
} folder;

static folder make_folder(void)
{
    folder made_one;
    snprintf(made_one.path, sizeof made_one.path, "/tmp/dzr-faults-XXXXXX");
    assert_non_null(mkdtemp(made_one.path));
    snprintf(made_one.file, sizeof made_one.file, "%s/a.parquet", made_one.path);
    return made_one;
}

static void put_file(const char *path, dzr_bytes bytes)
{
    FILE *const file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.at, 1, bytes.len, file), bytes.len);
    assert_int_equal(fclose(file), 0);
}

/* The folder has nothing but, where there is one, the old file. */
static void assert_untouched(const folder *where, const char *old)
{
    DIR *const entries = opendir(where->path);
    assert_non_null(entries);
    for (const struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries))
        if (entry->d_name[0] != '.' || strlen(entry->d_name) > 2)
            assert_true(old != NULL && strcmp(entry->d_name, "a.parquet") == 0);
    closedir(entries);
    if (old == NULL)
        return;
    char text[64] = "";
    FILE *const file = fopen(where->file, "rb");
    assert_non_null(file);
    assert_int_equal(fread(text, 1, sizeof text - 1, file), strlen(old));
    fclose(file);
    assert_string_equal(text, old);
}

static dzr_status write_to_file(const folder *where, const dzr_batch *batch, dzr_error *err)
{
    dzr_sink *sink = NULL;
    DZR_TRY(dzr_store_open_sink(where->file, NULL, &sink, err));
    dzr_status st = write_batch(sink, batch, &choices[0], err);
    if (st == DZR_OK)
        st = dzr_sink_commit(sink, err);
    dzr_sink_close(sink);
    return st;
}

/* A file may not be larger than so many bytes: the system takes what fits of a write, and refuses the rest. */
static void set_file_limit(rlim_t n_bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = DZR_MIN(n_bytes, limit.rlim_max);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_write_that_stops_anywhere_leaves_what_was_there(void **state)
{
    (void)state;
    dzr_error err;
    dzr_batch *const batch = make_batch();
    dzr_sink *const sink = made(batch, &choices[0]);
    const size_t n_bytes = dzr_sink_memory_bytes(sink).len;
    const folder where = make_folder();
    char want[160];
    snprintf(want, sizeof want, "%s: writing failed: File too large", where.file);
    assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    for (size_t limit = 1; limit < n_bytes; limit += limit < 16 ? 3 : 173) {
        const char *const old = limit % 2 == 0 ? "what was there" : NULL;
        (void)unlink(where.file);
        if (old != NULL)
            put_file(where.file, (dzr_bytes){(const uint8_t *)old, strlen(old)});
        set_file_limit(limit);
        const dzr_status st = write_to_file(&where, batch, &err);
        set_file_limit(RLIM_INFINITY);
        assert_string_equal(dzr_status_name(st), "DZR_ERR_IO");
        assert_non_null(strstr(err.message, want)); /* behind row group and column, where it is one's */
        assert_untouched(&where, old);
    }
    assert_ok(write_to_file(&where, batch, &err));
    assert_int_equal(unlink(where.file), 0);
    assert_int_equal(rmdir(where.path), 0);
    dzr_sink_close(sink);
    dzr_batch_free(batch);
}

/* A file system of n_bytes at the folder, which only this process sees. */
static bool mount_disk(const folder *where, int n_kib)
{
    char size[32];
    snprintf(size, sizeof size, "size=%dk", n_kib);
    return mount("tmpfs", where->path, "tmpfs", 0, size) == 0;
}

static void a_full_disk_leaves_what_was_there(void **state)
{
    (void)state;
    enum { PAGE_KIB = 4 };
    dzr_error err;
    const folder where = make_folder();
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
            !mount_disk(&where, PAGE_KIB)) {
        print_message("skipped: no file system may be mounted here: %s\n", strerror(errno));
        assert_int_equal(rmdir(where.path), 0);
        skip();
    }
    assert_int_equal(umount(where.path), 0);
    dzr_batch *const batch = make_batch();
    char want[160];
    snprintf(want, sizeof want, "%s: writing failed: No space left on device", where.file);
    dzr_status st = DZR_ERR_IO;
    int n_full = 0;
    for (int n_kib = PAGE_KIB; st != DZR_OK; n_kib += PAGE_KIB) {
        const char *const old = n_kib > PAGE_KIB ? "what was there" : NULL; /* that takes a page of the disk, too */
        assert_true(mount_disk(&where, n_kib));
        if (old != NULL)
            put_file(where.file, (dzr_bytes){(const uint8_t *)old, strlen(old)});
        st = write_to_file(&where, batch, &err);
        if (st != DZR_OK) {
            n_full++;
            assert_string_equal(dzr_status_name(st), "DZR_ERR_IO");
            assert_non_null(strstr(err.message, want));
            assert_untouched(&where, old);
        }
        assert_int_equal(umount(where.path), 0);
    }
    assert_true(n_full >= 2);
    assert_int_equal(rmdir(where.path), 0);
    dzr_batch_free(batch);
}

/* Another process cuts the file after it was opened: what is missing is said, wherever it was cut. */
static void a_file_that_is_cut_while_it_is_open_is_truncated(void **state)
{
    (void)state;
    dzr_error err;
    dzr_batch *const batch = make_batch();
    dzr_sink *const sink = made(batch, &choices[3]);
    const dzr_bytes bytes = dzr_sink_memory_bytes(sink);
    const folder where = make_folder();
    for (size_t len = 0; len < bytes.len; len += 31) {
        dzr_source *source = NULL;
        put_file(where.file, bytes);
        assert_ok(dzr_store_open_source(where.file, NULL, &source, &err));
        assert_int_equal(truncate(where.file, (off_t)len), 0);
        assert_fails(read_all(source, NULL, batch, &err), DZR_ERR_TRUNCATED, where.file);
        dzr_source_close(source);
    }
    assert_int_equal(unlink(where.file), 0);
    assert_int_equal(rmdir(where.path), 0);
    dzr_sink_close(sink);
    dzr_batch_free(batch);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_allocation_may_fail),
            cmocka_unit_test(every_read_may_fail),
            cmocka_unit_test(a_write_that_stops_anywhere_leaves_what_was_there),
            cmocka_unit_test(a_full_disk_leaves_what_was_there),
            cmocka_unit_test(a_file_that_is_cut_while_it_is_open_is_truncated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
