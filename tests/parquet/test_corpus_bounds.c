/* tests/parquet/test_corpus_bounds.c - the bad files of apache/parquet-testing, those whose CRCs are wrong, and the one
 * that becomes 2 GiB: each is refused for what is wrong with it, within 64 MiB counted by the allocator, and nothing is
 * left behind. tests/tools/test_corpus_bounds.py measures the program the same way. The files lie outside of the
 * project; without them there is nothing to test, and one line says so. */
#include "support.h"

#include "alloc_counting.h"

#include <datarizer/parquet.h>
#include <datarizer/store.h>

#include <stdio.h>
#include <sys/stat.h>

#define FOLDER "../shared/parquet-testing/"

enum { MOST_BYTES = 64 << 20 };

static const struct {
    const char *file;
    dzr_status want;
    const char *message;
} bad[] = {
        {"bad_data/ARROW-GH-41317.parquet", DZR_ERR_CORRUPT, "a list of another type than expected"},
        {"bad_data/ARROW-GH-47662.parquet", DZR_ERR_TRUNCATED, "page has 364 bytes for 100 values"},
        {"bad_data/ARROW-RS-GH-6229-DICTHEADER.parquet", DZR_ERR_TRUNCATED, "the footer is at byte 291"},
        {"data/datapage_v1-corrupt-checksum.parquet", DZR_ERR_CORRUPT, "byte 4: page has CRC 0f4f6d0a"},
        {"data/rle-dict-uncompressed-corrupt-checksum.parquet", DZR_ERR_CORRUPT, "byte 4: page has CRC 6522df69"},
        {"data/large_string_map.brotli.parquet", DZR_ERR_LIMIT, "page of 1073741828 bytes, limit is 536870912"},
};

/* The first error of opening the file and reading all of it. */
static dzr_status read_all(dzr_source *source, const dzr_allocator *alloc, dzr_error *err)
{
    const dzr_parquet_read_options options = {.alloc = alloc};
    dzr_parquet_reader *reader = NULL;
    dzr_status st = dzr_parquet_reader_open(source, &options, &reader, err);
    const int32_t n_groups = st == DZR_OK ? dzr_parquet_reader_n_row_groups(reader) : 0;
    for (int32_t i = 0; st == DZR_OK && i < n_groups; i++) {
        dzr_batch *batch = NULL;
        st = dzr_parquet_read_row_group(reader, i, NULL, 0, &batch, err);
        dzr_batch_free(batch);
    }
    dzr_parquet_reader_close(reader);
    return st;
}

static void bad_files_are_refused_within_64_mib(void **state)
{
    (void)state;
    struct stat facts;
    if (stat(FOLDER, &facts) != 0) {
        printf("skipped: there is no %s here\n", FOLDER);
        skip();
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char path[200];
        dzr_error err;
        counting count;
        dzr_source *source = NULL;
        counting_init(&count);
        snprintf(path, sizeof path, FOLDER "%s", bad[i].file);
        assert_ok(dzr_store_open_source(path, &count.allocator, &source, &err));
        assert_fails(read_all(source, &count.allocator, &err), bad[i].want, bad[i].message);
        assert_memory_equal(err.message, path, strlen(path));
        dzr_source_close(source);
        printf("%s: at most %zu bytes\n", bad[i].file, count.most);
        assert_true(count.most > 0 && count.most <= MOST_BYTES);
        assert_int_equal(count.n_out, 0);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(bad_files_are_refused_within_64_mib)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
