/* tests/parquet/test_scan_corpus.c - every file of apache/parquet-testing that reads: scans of it, whole and in part,
 * give what row groups read as a whole have. */
#include "scan.h"

#include "checksum.h"

#include <dirent.h>
#include <stdlib.h>

#define FOLDER "../shared/parquet-testing"

static size_t n_coded; /* scans with a dictionary */

/* The checksums of a column's rows [first, first + n), one for each row. */
static void row_checksums(const dzr_column *column, int64_t first, int64_t n, uint32_t *out)
{
    for (int64_t i = 0; i < n; i++)
        out[i] = (uint32_t)row_checksum(crc32(0, NULL, 0), column, first + i);
}

typedef struct want {
    int64_t n_rows;
    uint32_t *rows; /* of the whole column */
} want;

/* false: the column does not read. */
static bool read_whole(dzr_parquet_reader *reader, int32_t column, want *out)
{
    dzr_error err;
    const int64_t n_rows = dzr_parquet_reader_n_rows(reader);
    *out = (want){.rows = calloc((size_t)n_rows + 1, sizeof(uint32_t))};
    assert_non_null(out->rows);
    for (int32_t group = 0; group < dzr_parquet_reader_n_row_groups(reader); group++) {
        dzr_batch *batch = NULL;
        if (dzr_parquet_read_row_group(reader, group, &column, 1, &batch, &err) != DZR_OK)
            return false;
        row_checksums(dzr_batch_column(batch, 0), 0, dzr_batch_n_rows(batch), out->rows + out->n_rows);
        out->n_rows += dzr_batch_n_rows(batch);
        dzr_batch_free(batch);
    }
    return true;
}

/* false: not with a dictionary, of which there is none for such values. */
static bool compare(dzr_parquet_reader *reader, int32_t column, const want *all, int64_t first, int64_t n,
        int64_t batch_rows, bool coded)
{
    dzr_error err;
    dzr_parquet_scan *scan = NULL;
    dzr_schema *decoded = NULL;
    const dzr_parquet_scan_options options = {.columns = &column,
            .n_columns = 1,
            .first_row = first,
            .n_rows = n,
            .batch_rows = batch_rows,
            .dictionaries = &column,
            .n_dictionaries = coded};
    const dzr_status st = dzr_parquet_scan_open(reader, &options, &scan, &err);
    if (coded && st == DZR_ERR_UNSUPPORTED)
        return false;
    assert_int_equal(st, DZR_OK);
    uint32_t *const rows = calloc((size_t)batch_rows, sizeof *rows);
    assert_non_null(rows);
    assert_ok(dzr_schema_decode(dzr_parquet_scan_schema(scan), NULL, &decoded, &err));
    assert_int_equal(dzr_schema_n_nodes(decoded) < dzr_schema_n_nodes(dzr_parquet_scan_schema(scan)), coded);
    int64_t at = first;
    const int64_t end = first + DZR_MIN(n, all->n_rows - first);
    for (;;) {
        dzr_batch *batch = NULL, *plain = NULL;
        assert_ok(dzr_parquet_scan_next(scan, &batch, &err));
        if (batch == NULL)
            break;
        const int64_t n_rows = dzr_batch_n_rows(batch);
        assert_true(n_rows <= batch_rows && n_rows <= end - at);
        assert_ok(dzr_batch_decode(batch, decoded, NULL, &plain, &err));
        row_checksums(dzr_batch_column(plain, 0), 0, n_rows, rows);
        assert_memory_equal(rows, all->rows + at, (size_t)n_rows * sizeof *rows);
        at += n_rows;
        dzr_batch_free(plain);
        dzr_batch_free(batch);
    }
    assert_int_equal(at, end);
    dzr_schema_free(decoded);
    dzr_parquet_scan_close(scan);
    free(rows);
    return true;
}

static size_t read_columns(dzr_source *source, uint64_t seed)
{
    dzr_error err;
    size_t n_read = 0;
    dzr_parquet_reader *reader = NULL;
    if (dzr_parquet_reader_open(source, NULL, &reader, &err) != DZR_OK)
        return 0;
    for (int32_t column = 0; column < dzr_parquet_reader_n_columns(reader); column++) {
        want all;
        if (read_whole(reader, column, &all) && all.n_rows > 0) {
            n_read++;
            (void)compare(reader, column, &all, 0, all.n_rows, 1 + (int64_t)(next_number(&seed) % 100), false);
            for (int i = 0; i < 8; i++) {
                const int64_t first = (int64_t)(next_number(&seed) % (uint64_t)all.n_rows);
                const int64_t n = 1 + (int64_t)(next_number(&seed) % 500);
                const int64_t batch_rows = 1 + (int64_t)(next_number(&seed) % 200);
                (void)compare(reader, column, &all, first, n, batch_rows, false);
                if (i < 3)
                    n_coded += compare(reader, column, &all, first, n, batch_rows, true);
            }
        }
        free(all.rows);
    }
    dzr_parquet_reader_close(reader);
    return n_read;
}

/* Both from memory and from a source that shows nothing in place. */
static size_t read_file(const char *path)
{
    dzr_error err;
    FILE *const in = fopen(path, "rb");
    assert_non_null(in);
    assert_int_equal(fseek(in, 0, SEEK_END), 0);
    const size_t n = (size_t)ftell(in);
    rewind(in);
    uint8_t *const bytes = malloc(n + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, n, in), n);
    fclose(in);
    dzr_source *source = NULL;
    plain_source plain;
    plain_source_init(&plain, (dzr_bytes){bytes, n});
    assert_ok(dzr_source_memory((dzr_bytes){bytes, n}, NULL, &source, &err));
    const size_t n_read = read_columns(source, n);
    assert_int_equal(read_columns(&plain.source, n), n_read);
    dzr_source_close(source);
    free(bytes);
    return n_read;
}

static void scans_of_the_corpus_are_its_rows(void **state)
{
    (void)state;
    DIR *const folder = opendir(FOLDER "/data");
    if (folder == NULL) {
        printf("skipped: there is no %s here\n", FOLDER);
        skip();
    }
    size_t n_read = 0;
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        char path[1024];
        const size_t len = strlen(entry->d_name);
        if (len < 8 || strcmp(entry->d_name + len - 8, ".parquet") != 0 ||
                strstr(entry->d_name, "large_string") != NULL)
            continue;
        snprintf(path, sizeof path, "%s/data/%s", FOLDER, entry->d_name);
        n_read += read_file(path);
    }
    closedir(folder);
    printf("%zu columns, %zu scans with a dictionary\n", n_read, n_coded);
    assert_true(n_read > 150 && n_coded > 500);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(scans_of_the_corpus_are_its_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
