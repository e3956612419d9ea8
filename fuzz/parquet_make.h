/* fuzz/parquet_make.h - Parquet files that are all valid and all different: schema, rows and options are drawn. */
#ifndef DZR_FUZZ_PARQUET_MAKE_H
#define DZR_FUZZ_PARQUET_MAKE_H

#include "draw.h"

#include <datarizer/parquet.h>

/* Rows of a schema: of every type there is, nested up to three deep. The caller's. */
dzr_batch *make_batch(draw *d);
/* The file of those rows, by options that are drawn too, in a sink of memory that is the caller's; NULL when the writer
 * does not have one of the types. */
dzr_sink *make_file(draw *d, const dzr_batch *batch);

/* A source over what the sink holds; must be closed before it. */
dzr_source *made_source(const dzr_sink *sink);
/* Rows [first, first + b's rows) of a are b's, nulls and all below what is there; b may have codes for values. */
bool same_rows(const dzr_column *a, int64_t first, const dzr_column *b);

#endif
