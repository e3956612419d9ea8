/* fuzz/parquet_roundtrip.c - the writer: rows and options are drawn from the input, written and read back.
 * Holds: the writer takes every schema, or says which type it does not have; what was written is read, and is what was
 * given: values, nulls, types; every statistic and page index holds for the values. */
#include "parquet_make.h"

#include "frame/internal.h"
#include "require.h"

static void compare(const dzr_sink *sink, const dzr_batch *batch)
{
    dzr_error err = {.message = ""};
    dzr_parquet_reader *reader = NULL;
    dzr_source *const source = made_source(sink);
    REQUIRE_OK(dzr_parquet_reader_open(source, NULL, &reader, &err));
    REQUIRE(dzr_parquet_reader_n_rows(reader) == dzr_batch_n_rows(batch));
    int64_t first = 0;
    for (int32_t group = 0; group < dzr_parquet_reader_n_row_groups(reader); group++) {
        dzr_batch *part = NULL;
        REQUIRE_OK(dzr_parquet_read_row_group(reader, group, NULL, 0, &part, &err));
        REQUIRE(dzr_batch_n_rows(part) == dzr_parquet_reader_row_group_rows(reader, group));
        for (int32_t i = 0; i < dzr_schema_n_fields(dzr_batch_schema(batch)); i++)
            REQUIRE(same_rows(dzr_batch_column(batch, i), first, dzr_batch_column(part, i)));
        for (int32_t i = 0; i < dzr_parquet_reader_n_columns(reader); i++) {
            dzr_parquet_page_index *index = NULL;
            REQUIRE_OK(dzr_parquet_reader_page_index(reader, group, i, &index, &err));
            dzr_parquet_page_index_free(index);
        }
        first += dzr_batch_n_rows(part);
        dzr_batch_free(part);
    }
    REQUIRE(first == dzr_batch_n_rows(batch));
    dzr_parquet_reader_close(reader);
    dzr_source_close(source);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    draw d = {bytes, bytes + len};
    dzr_batch *const batch = make_batch(&d);
    dzr_sink *const sink = make_file(&d, batch);
    if (sink != NULL)
        compare(sink, batch);
    dzr_sink_close(sink);
    dzr_batch_free(batch);
    return 0;
}
