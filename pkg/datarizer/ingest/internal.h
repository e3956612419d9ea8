/* ingest/internal.h - what job.c and outputs.c share. */
#ifndef DZR_INGEST_INTERNAL_H
#define DZR_INGEST_INTERNAL_H

#include "base/internal.h"
#include <datarizer/ingest.h>
#include <datarizer/json.h>
#include <datarizer/parquet.h>

/* The files of a job; what is not wanted is NULL. */
typedef struct dzr__outputs {
    dzr_sink *json_sink, *parquet_sink;
    dzr_json_writer *json;
    dzr_parquet_writer *parquet;
} dzr__outputs;

/* On an error nothing is open. */
DZR_MUST_CHECK dzr_status dzr__outputs_open(
        dzr__outputs *outputs, const dzr_ingest_options *options, const dzr_schema *schema, dzr_error *err);
DZR_MUST_CHECK dzr_status dzr__outputs_append(dzr__outputs *outputs, const dzr_batch *batch, dzr_error *err);
/* Both are finished and flushed before either appears. */
DZR_MUST_CHECK dzr_status dzr__outputs_commit(dzr__outputs *outputs, dzr_error *err);
/* What was not committed leaves no trace. */
void dzr__outputs_close(dzr__outputs *outputs);

#endif
