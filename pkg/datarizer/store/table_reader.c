/* store/table_reader.c - a file of records as batches, whatever its format. Called by convert.c and programs. */
#include "base/internal.h"
#include <datarizer/table.h>

struct dzr_table_reader {
    const dzr_allocator *alloc;
    const dzr_cancel *cancel;
    dzr_source *source;
    dzr_parquet_reader *parquet; /* one of the two */
    dzr_jsonl_reader *jsonl;
    int32_t row_group; /* the next */
};

static dzr_status open_parquet(dzr_table_reader *reader, const dzr_table_read_options *options, dzr_error *err)
{
    const dzr_parquet_read_options parquet = {.alloc = options->alloc, .limits = options->limits};
    if (reader->source->n_bytes == DZR_SIZE_UNKNOWN)
        return dzr_fail(err, DZR_ERR_UNSUPPORTED,
                "%s: Parquet is read from its end, which takes a file and not a stream", reader->source->name);
    return dzr_parquet_reader_open(reader->source, &parquet, &reader->parquet, err);
}

static dzr_status open_format(
        dzr_table_reader *reader, const char *name, const dzr_table_read_options *options, dzr_error *err)
{
    dzr_format format = options->format;
    if (format == DZR_FORMAT_BY_NAME)
        DZR_TRY(dzr_format_of(name, &format, err));
    const dzr_store_source_options store = {.alloc = options->alloc, .cancel = options->cancel, .s3 = options->s3};
    DZR_TRY(dzr_store_open_source_with(name, &store, &reader->source, err));
    if (format == DZR_FORMAT_PARQUET)
        return open_parquet(reader, options, err);
    dzr_jsonl_read_options jsonl = options->jsonl;
    jsonl.alloc = options->alloc;
    return dzr_jsonl_reader_open(reader->source, &jsonl, &reader->jsonl, err);
}

dzr_status dzr_table_reader_open(
        const char *name, const dzr_table_read_options *options, dzr_table_reader **out, dzr_error *err)
{
    static const dzr_table_read_options defaults = {.alloc = NULL};
    if (options == NULL)
        options = &defaults;
    dzr_table_reader *const reader = dzr_alloc_zeroed(options->alloc, 1, sizeof *reader, err);
    if (reader == NULL)
        return DZR_ERR_NOMEM;
    reader->alloc = options->alloc;
    reader->cancel = options->cancel;
    const dzr_status st = open_format(reader, name, options, err);
    if (st != DZR_OK) {
        dzr_table_reader_close(reader);
        return st;
    }
    *out = reader;
    return DZR_OK;
}

void dzr_table_reader_close(dzr_table_reader *reader)
{
    if (reader == NULL)
        return;
    dzr_parquet_reader_close(reader->parquet);
    dzr_jsonl_reader_close(reader->jsonl);
    dzr_source_close(reader->source);
    dzr_release(reader->alloc, reader);
}

const dzr_schema *dzr_table_reader_schema(const dzr_table_reader *reader)
{
    return reader->parquet != NULL ? dzr_parquet_reader_schema(reader->parquet)
                                   : dzr_jsonl_reader_schema(reader->jsonl);
}

const dzr_parquet_reader *dzr_table_reader_parquet(const dzr_table_reader *reader)
{
    return reader->parquet;
}

dzr_status dzr_table_reader_next(dzr_table_reader *reader, dzr_batch **out, dzr_error *err)
{
    *out = NULL;
    if (dzr_cancel_is_set(reader->cancel))
        return dzr_fail(err, DZR_ERR_CANCELLED, "%s: cancelled", reader->source->name);
    if (reader->jsonl != NULL)
        return dzr_jsonl_reader_next(reader->jsonl, out, err);
    if (reader->row_group == dzr_parquet_reader_n_row_groups(reader->parquet))
        return DZR_OK;
    return dzr_parquet_read_row_group(reader->parquet, reader->row_group++, NULL, 0, out, err);
}
