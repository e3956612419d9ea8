/* Turns a file of JSON lines into a Parquet file, whose schema the lines tell, in bounded memory. Valid C11 and C++.
 * usage: jsonl_to_parquet IN.jsonl OUT.parquet */
#include <datarizer/table.h>

#include <inttypes.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    dzr_table_write_options options = {0};
    dzr_convert_result result;
    dzr_error err;
    if (argc != 3) {
        fprintf(stderr, "usage: jsonl_to_parquet IN.jsonl OUT.parquet\n");
        return 2;
    }
    options.parquet.codec = DZR_CODEC_ZSTD;
    if (dzr_convert(argv[1], NULL, argv[2], &options, &result, &err) != DZR_OK) {
        fprintf(stderr, "jsonl_to_parquet: %s\n", err.message);
        return 1;
    }
    printf("%" PRId64 " rows, %" PRIu64 " bytes\n", result.n_rows, result.n_bytes);
    return 0;
}
