/* Reads some columns of a Parquet file and nothing else of it, a row group at a time: for each column its values that
 * are there, and the sum of those that are DOUBLE. Valid C11 and C++.
 * usage: read_columns FILE.parquet COLUMN... */
#include <datarizer/parquet.h>
#include <datarizer/store.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int32_t find(const dzr_parquet_reader *reader, const char *name)
{
    const int32_t n = dzr_schema_n_fields(dzr_parquet_reader_schema(reader));
    for (int32_t i = 0; i < n; i++) /* a flat file: its columns are the fields */
        if (strcmp(dzr_schema_field(dzr_parquet_reader_schema(reader), i)->name, name) == 0)
            return i;
    return -1;
}

/* Adds up one column; the first error goes to err. */
static dzr_status sum(dzr_parquet_reader *reader, const char *name, dzr_error *err)
{
    const int32_t column = find(reader, name);
    int64_t n = 0;
    double total = 0;
    if (column < 0)
        return dzr_fail(err, DZR_ERR_NOT_FOUND, "there is no column %s", name);
    for (int32_t i = 0; i < dzr_parquet_reader_n_row_groups(reader); i++) {
        dzr_batch *batch = NULL;
        const dzr_status status = dzr_parquet_read_row_group(reader, i, &column, 1, &batch, err);
        if (status != DZR_OK)
            return status;
        const dzr_column *const values = dzr_batch_column(batch, 0);
        for (int64_t row = 0; row < values->n_rows; row++) {
            if (dzr_column_is_null(values, row))
                continue;
            n++;
            if (values->type.id == DZR_TYPE_DOUBLE)
                total += ((const double *)values->values)[row];
        }
        dzr_batch_free(batch);
    }
    printf("%s: %" PRId64 " values, sum %g\n", name, n, total);
    return DZR_OK;
}

int main(int argc, char **argv)
{
    dzr_source *source = NULL;
    dzr_parquet_reader *reader = NULL;
    dzr_error err;
    if (argc < 3) {
        fprintf(stderr, "usage: read_columns FILE.parquet COLUMN...\n");
        return 2;
    }
    bool ok = dzr_store_open_source(argv[1], NULL, &source, &err) == DZR_OK &&
              dzr_parquet_reader_open(source, NULL, &reader, &err) == DZR_OK;
    for (int i = 2; ok && i < argc; i++)
        ok = sum(reader, argv[i], &err) == DZR_OK;
    if (!ok)
        fprintf(stderr, "read_columns: %s\n", err.message);
    dzr_parquet_reader_close(reader);
    dzr_source_close(source);
    return ok ? 0 : 1;
}
