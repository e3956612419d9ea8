/* tests/s3/one_column.c - sums one int64 column of a Parquet file: the tests count what that asks of S3.
 *     one_column URL COLUMN */
#include <datarizer/parquet.h>
#include <datarizer/store.h>

#include <inttypes.h>
#include <stdio.h>

static dzr_status sum(dzr_parquet_reader *reader, const char *name, int64_t *out, dzr_error *err)
{
    const int32_t column = dzr_schema_find(dzr_parquet_reader_schema(reader), name); /* without nesting: its number */
    for (int32_t i = 0; i < dzr_parquet_reader_n_row_groups(reader); i++) {
        dzr_batch *batch = NULL;
        const dzr_status st = dzr_parquet_read_row_group(reader, i, &column, 1, &batch, err);
        if (st != DZR_OK)
            return st;
        const int64_t *const values = dzr_batch_column(batch, 0)->values;
        for (int64_t row = 0; row < dzr_batch_n_rows(batch); row++)
            *out += values[row];
        dzr_batch_free(batch);
    }
    return DZR_OK;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    dzr_error err;
    dzr_source *source = NULL;
    dzr_parquet_reader *reader = NULL;
    int64_t total = 0;
    dzr_status st = dzr_store_open_source(argv[1], NULL, &source, &err);
    if (st == DZR_OK)
        st = dzr_parquet_reader_open(source, NULL, &reader, &err);
    if (st == DZR_OK)
        st = sum(reader, argv[2], &total, &err);
    if (st == DZR_OK)
        printf("%" PRId64 "\n", total);
    else
        fprintf(stderr, "%s\n", err.message);
    dzr_parquet_reader_close(reader);
    dzr_source_close(source);
    return st == DZR_OK ? 0 : 1;
}
