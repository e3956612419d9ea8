/* ingest/outputs.c - the two files of a job: both written as records come, both shown at its end, or neither.
 * Called by job.c. */
#include "ingest/internal.h"
#include "store/internal.h"
#include <datarizer/store.h>

/* A row group of records and a page are what the job holds at most. Most columns of such a list are nearly unique,
 * where a dictionary past a few values only costs time and memory. */
enum { ROW_GROUP_ROWS = 32768, DICTIONARY_BYTES = 16 << 10 };

static bool wanted(const char *name)
{
    return name != NULL && name[0] != '\0';
}

static dzr_status open_json(
        dzr__outputs *outputs, const dzr_ingest_options *options, const dzr_schema *schema, dzr_error *err)
{
    const dzr_store_sink_options sink = {.alloc = options->alloc, .make_folders = true, .cancel = options->http.cancel};
    const dzr_json_write_options json = {
            .alloc = options->alloc, .style = DZR_JSON_ARRAY_INDENTED, .escape_html = true};
    DZR_TRY(dzr_store_open_sink(options->json, &sink, &outputs->json_sink, err));
    return dzr_json_writer_open(outputs->json_sink, schema, &json, &outputs->json, err);
}

static dzr_status open_parquet(
        dzr__outputs *outputs, const dzr_ingest_options *options, const dzr_schema *schema, dzr_error *err)
{
    const dzr_store_sink_options sink = {.alloc = options->alloc, .make_folders = true, .cancel = options->http.cancel};
    dzr_parquet_write_options parquet = DZR_PARQUET_WRITE_DEFAULTS;
    parquet.alloc = options->alloc;
    parquet.row_group_rows = ROW_GROUP_ROWS;
    parquet.dictionary_bytes = DICTIONARY_BYTES;
    DZR_TRY(dzr_store_open_sink(options->parquet, &sink, &outputs->parquet_sink, err));
    return dzr_parquet_writer_open(outputs->parquet_sink, schema, &parquet, &outputs->parquet, err);
}

static dzr_status refuse_same(const dzr_ingest_options *options, dzr_error *err)
{
    if (!wanted(options->json) || !wanted(options->parquet) || !dzr__store_same_file(options->json, options->parquet))
        return DZR_OK;
    return dzr_fail(err, DZR_ERR_ARG, "%s: can't be the JSON and the Parquet output at once", options->parquet);
}

dzr_status dzr__outputs_open(
        dzr__outputs *outputs, const dzr_ingest_options *options, const dzr_schema *schema, dzr_error *err)
{
    *outputs = (dzr__outputs){0};
    if (!wanted(options->json) && !wanted(options->parquet))
        return dzr_fail(err, DZR_ERR_ARG, "no output is wanted: neither JSON nor Parquet");
    DZR_TRY(refuse_same(options, err)); /* before anything is written straight through */
    dzr_status st = wanted(options->json) ? open_json(outputs, options, schema, err) : DZR_OK;
    if (st == DZR_OK && wanted(options->parquet))
        st = open_parquet(outputs, options, schema, err);
    if (st == DZR_OK)
        st = refuse_same(options, err); /* folders that were missing can be told apart now */
    if (st != DZR_OK)
        dzr__outputs_close(outputs);
    return st;
}

dzr_status dzr__outputs_append(dzr__outputs *outputs, const dzr_batch *batch, dzr_error *err)
{
    if (outputs->json != NULL)
        DZR_TRY(dzr_json_writer_append(outputs->json, batch, err));
    return outputs->parquet != NULL ? dzr_parquet_writer_append(outputs->parquet, batch, err) : DZR_OK;
}

dzr_status dzr__outputs_commit(dzr__outputs *outputs, dzr_error *err)
{
    if (outputs->json != NULL) {
        DZR_TRY(dzr_json_writer_finish(outputs->json, err));
        DZR_TRY(dzr_sink_flush(outputs->json_sink, err));
    }
    if (outputs->parquet != NULL) {
        DZR_TRY(dzr_parquet_writer_finish(outputs->parquet, err));
        DZR_TRY(dzr_sink_flush(outputs->parquet_sink, err));
    }
    if (outputs->json != NULL)
        DZR_TRY(dzr_sink_commit(outputs->json_sink, err));
    if (outputs->parquet == NULL)
        return DZR_OK;
    const dzr_status st = dzr_sink_commit(outputs->parquet_sink, err);
    if (st != DZR_OK && outputs->json != NULL)
        return dzr_fail_at(err, st, "%s is written, but ", outputs->json_sink->name);
    return st;
}

void dzr__outputs_close(dzr__outputs *outputs)
{
    dzr_json_writer_close(outputs->json);
    dzr_parquet_writer_close(outputs->parquet);
    dzr_sink_close(outputs->json_sink);
    dzr_sink_close(outputs->parquet_sink);
    *outputs = (dzr__outputs){0};
}
