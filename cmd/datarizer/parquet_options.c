/* cmd/datarizer/parquet_options.c - what --codec, --level and --row-group-rows say. Called by convert, merge and split. */
#include "cmd/datarizer/parquet_options.h"

const char *const parquet_codecs[] = {"snappy", "zstd", "gzip", "lz4_raw", "brotli", "uncompressed", "none", NULL};

dzr_status parquet_options_apply(const parquet_options *p, dzr_parquet_write_options *options, dzr_error *err)
{
    options->level = (int32_t)p->level;
    options->row_group_rows = p->row_group_rows;
    return dzr_codec_find(p->codec, &options->codec, err);
}
