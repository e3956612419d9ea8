/* Copies an object of S3, or a file, to another place, a part at a time: sources and sinks by name. Keys, region and
 * endpoint come from the environment. What it writes appears whole or not at all. Valid C11 and C++.
 * usage: s3_copy FROM TO    for example s3_copy s3://bucket/a.parquet b.parquet */
#include <datarizer/store.h>

#include <stdio.h>

static dzr_status copy(dzr_source *from, dzr_sink *to, dzr_error *err)
{
    static uint8_t part[1 << 16];
    for (;;) {
        size_t n = 0;
        dzr_status status = dzr_source_read(from, part, sizeof part, &n, err);
        if (status != DZR_OK)
            return status;
        if (n == 0)
            return dzr_sink_commit(to, err);
        status = dzr_sink_append(to, part, n, err);
        if (status != DZR_OK)
            return status;
    }
}

int main(int argc, char **argv)
{
    dzr_source *from = NULL;
    dzr_sink *to = NULL;
    dzr_error err;
    if (argc != 3) {
        fprintf(stderr, "usage: s3_copy FROM TO\n");
        return 2;
    }
    const bool ok = dzr_store_open_source(argv[1], NULL, &from, &err) == DZR_OK &&
                    dzr_store_open_sink(argv[2], NULL, &to, &err) == DZR_OK && copy(from, to, &err) == DZR_OK;
    if (!ok)
        fprintf(stderr, "s3_copy: %s\n", err.message);
    dzr_sink_close(to);
    dzr_source_close(from);
    return ok ? 0 : 1;
}
