/* cmd/datarizer/parquet_options.c - what --codec, --level and --row-group-rows say. Called by commands that write. */
#include "cmd/datarizer/parquet_options.h"

#include <stdio.h>

const char *const parquet_codecs[] = {"snappy", "zstd", "gzip", "lz4_raw", "brotli", "uncompressed", "none", NULL};

static int most_level(dzr_codec codec)
{
    switch (codec) {
    case DZR_CODEC_ZSTD:
        return 22;
    case DZR_CODEC_GZIP:
        return 9;
    case DZR_CODEC_BROTLI:
        return 11;
    default:
        return 0;
    }
}

bool parquet_options_apply(const parquet_options *p, const char *program, dzr_parquet_write_options *options)
{
    dzr_error err;
    options->level = (int32_t)p->level;
    options->row_group_rows = p->row_group_rows;
    if (dzr_codec_find(p->codec, &options->codec, &err) != DZR_OK) {
        fprintf(stderr, "%s: --codec: %s\n", program, err.message);
        return false;
    }
    const int most = most_level(options->codec);
    if (p->level <= most)
        return true;
    if (most == 0)
        fprintf(stderr, "%s: --level: %s has no levels\n", program, p->codec);
    else
        fprintf(stderr, "%s: --level: %s ends at %d\n", program, p->codec, most);
    return false;
}
