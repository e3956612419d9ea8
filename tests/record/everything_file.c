/* tests/record/everything_file.c - frames of everything.h's rows for test_interop.py.
 *     everything_file write PATH N     rows 0 .. N as Parquet
 *     everything_file check PATH N     exit status 1, and the reason, unless the Parquet file holds just these */
#include "everything.h"

#include <stdlib.h>

static int fail(const char *what)
{
    fprintf(stderr, "everything_file: %s\n", what);
    return 1;
}

static int write_rows(dzr_dataframe *frame, const char *path, int64_t n)
{
    dzr_error err;
    dzr_status st = DZR_OK;
    for (int64_t i = 0; st == DZR_OK && i < n; i++) {
        everything_store store;
        const everything row = make_row(i, &store);
        st = dzr_dataframe_append(frame, &row, 1, &err);
    }
    if (st == DZR_OK)
        st = dzr_dataframe_write_parquet(frame, path, NULL, &err);
    return st == DZR_OK ? 0 : fail(err.message);
}

static int check_rows(dzr_dataframe *frame, const char *path, int64_t n)
{
    dzr_error err;
    if (dzr_dataframe_read_parquet(frame, path, NULL, &err) != DZR_OK)
        return fail(err.message);
    if (dzr_dataframe_length(frame) != n)
        return fail("another number of rows");
    for (int64_t i = 0; i < n; i++) {
        everything_store store;
        const everything want = make_row(i, &store);
        const char *const what = difference(dzr_dataframe_get(frame, i), &want);
        if (what != NULL) {
            fprintf(stderr, "everything_file: row %lld differs in %s\n", (long long)i, what);
            return 1;
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return fail("write|check PATH N");
    dzr_error err;
    dzr_dataframe *frame = NULL;
    if (dzr_dataframe_new(&everything_type, NULL, &frame, &err) != DZR_OK)
        return fail(err.message);
    const int64_t n = strtoll(argv[3], NULL, 10);
    const int status = strcmp(argv[1], "write") == 0 ? write_rows(frame, argv[2], n) : check_rows(frame, argv[2], n);
    dzr_dataframe_free(frame);
    return status;
}
