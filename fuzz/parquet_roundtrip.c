/* fuzz/parquet_roundtrip.c - the writer: rows and options are drawn from the input, written and read back, by row
 * groups and in batches of a part of the rows. Holds: the writer takes every schema, or says which type it does not
 * have; what was written is read, and is what was given: values, nulls, types. */
#include "parquet_make.h"

#include "frame/internal.h"
#include "require.h"

#include <datarizer/parquet_validate.h>

/* A row group as a whole. */
static void compare_group(dzr_parquet_reader *reader, int32_t group, int64_t first, const dzr_batch *batch)
{
    dzr_error err;
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
    dzr_batch_free(part);
}

/* Columns that come as codes: some of those that have values other than booleans. */
static int32_t draw_dictionaries(draw *d, const dzr_schema *schema, int32_t *out, int32_t most)
{
    int32_t n = 0, column = 0;
    for (int32_t i = 0; i < dzr_schema_n_nodes(schema); i++) {
        const dzr_field *const field = dzr_schema_node(schema, i);
        if (field->n_children > 0)
            continue;
        if (field->type.id != DZR_TYPE_BOOL && field->type.id != DZR_TYPE_NULL && n < most && draw_one_in(d, 2))
            out[n++] = column;
        column++;
    }
    return n;
}

/* Some of the rows, batch by batch. */
static void compare_scan(draw *d, dzr_parquet_reader *reader, const dzr_batch *batch)
{
    dzr_error err;
    dzr_parquet_scan *scan = NULL;
    dzr_batch *part = NULL;
    const int64_t n_rows = dzr_batch_n_rows(batch);
    int32_t dictionaries[32];
    const int32_t n_dictionaries =
            draw_one_in(d, 2) ? draw_dictionaries(d, dzr_batch_schema(batch), dictionaries, 32) : 0;
    const dzr_parquet_scan_options options = {.dictionaries = dictionaries,
            .n_dictionaries = n_dictionaries,
            .first_row = (int64_t)draw_number(d, 2) % (n_rows + 2),
            .n_rows = (int64_t)draw_number(d, 2) % (n_rows + 2),
            .batch_rows = 1 + (int64_t)draw_below(d, 200)};
    int64_t row = DZR_MIN(options.first_row, n_rows);
    const int64_t end = options.n_rows == 0 ? n_rows : DZR_MIN(n_rows, row + options.n_rows);
    REQUIRE_OK(dzr_parquet_scan_open(reader, &options, &scan, &err));
    for (;;) {
        REQUIRE_OK(dzr_parquet_scan_next(scan, &part, &err));
        if (part == NULL)
            break;
        REQUIRE(dzr_batch_n_rows(part) == DZR_MIN(options.batch_rows, end - row));
        for (int32_t i = 0; i < dzr_schema_n_fields(dzr_batch_schema(batch)); i++)
            REQUIRE(same_rows(dzr_batch_column(batch, i), row, dzr_batch_column(part, i)));
        row += dzr_batch_n_rows(part);
        dzr_batch_free(part);
    }
    REQUIRE(row == end);
    dzr_parquet_scan_close(scan);
}

/* What a file says of its rows is true, but for an order that is drawn. */
static dzr_status found(void *ctx, const dzr_parquet_finding *finding, dzr_error *err)
{
    (void)ctx;
    if (finding->kind != DZR_PARQUET_FOUND_SORTING)
        return dzr_fail(err, DZR_ERR_CORRUPT, "%s: %s", dzr_parquet_finding_name(finding->kind), finding->message);
    return DZR_OK;
}

static void validate(dzr_source *source)
{
    dzr_error err = {.message = ""};
    REQUIRE_OK(dzr_parquet_validate(source, NULL, found, NULL, NULL, &err));
}

static void compare(draw *d, const dzr_sink *sink, const dzr_batch *batch)
{
    dzr_error err = {.message = ""};
    dzr_parquet_reader *reader = NULL;
    dzr_source *const source = made_source(sink);
    const dzr_parquet_read_options options = {.threads = draw_one_in(d, 16) ? 2 : 1};
    REQUIRE_OK(dzr_parquet_reader_open(source, &options, &reader, &err));
    REQUIRE(dzr_parquet_reader_n_rows(reader) == dzr_batch_n_rows(batch));
    int64_t first = 0;
    for (int32_t group = 0; group < dzr_parquet_reader_n_row_groups(reader); group++) {
        compare_group(reader, group, first, batch);
        first += dzr_parquet_reader_row_group_rows(reader, group);
    }
    REQUIRE(first == dzr_batch_n_rows(batch));
    compare_scan(d, reader, batch);
    dzr_parquet_reader_close(reader);
    validate(source);
    dzr_source_close(source);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    draw d = {bytes, bytes + len};
    dzr_batch *const batch = make_batch(&d);
    dzr_sink *const sink = make_file(&d, batch);
    if (sink != NULL)
        compare(&d, sink, batch);
    dzr_sink_close(sink);
    dzr_batch_free(batch);
    return 0;
}
