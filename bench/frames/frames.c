/* bench/frames/frames.c - our side of the frames cases: reads, writes and opens Parquet files, and prints what that
 * cost by itself, without starting the process, and the checksums of the values. Called by bench/cases/frames.py;
 * bench/peers/dataframes/frames.py is the same for the others.
 *
 * usage: frames read FILE THREADS [COLUMN]       every value of the file, or of one column, into memory
 *        frames write FILE OUT CODEC THREADS     FILE is read first; only writing it from memory counts
 *        frames footer FILE                      open, and know the schema
 * prints one line of JSON: cpu_s, system_s (of it in the kernel), wall_s, rows, and for read "sums": {column:
 * checksum}. */
#include "checksum.h"

#include <datarizer/table.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define TRY(expr)                                                                                                      \
    do {                                                                                                               \
        const dzr_status try_status_ = (expr);                                                                         \
        if (try_status_ != DZR_OK)                                                                                     \
            return try_status_;                                                                                        \
    } while (0)

typedef struct moment {
    double cpu_s, system_s, wall_s;
} moment;

static moment now(void)
{
    struct rusage used;
    struct timespec t;
    getrusage(RUSAGE_SELF, &used);
    clock_gettime(CLOCK_MONOTONIC, &t);
    const double system_s = (double)used.ru_stime.tv_sec + (double)used.ru_stime.tv_usec * 1e-6;
    return (moment){.cpu_s = (double)used.ru_utime.tv_sec + (double)used.ru_utime.tv_usec * 1e-6 + system_s,
            .system_s = system_s,
            .wall_s = (double)t.tv_sec + (double)t.tv_nsec * 1e-9};
}

static void print_cost(moment start, moment end, int64_t n_rows)
{
    printf("{\"cpu_s\": %.6f, \"system_s\": %.6f, \"wall_s\": %.6f, \"rows\": %" PRId64, end.cpu_s - start.cpu_s,
            end.system_s - start.system_s, end.wall_s - start.wall_s, n_rows);
}

/* All row groups of a file, in memory together. */
typedef struct frame {
    dzr_source *source;
    dzr_parquet_reader *reader;
    dzr_batch **batches;
    int32_t n_batches;
} frame;

static void frame_close(frame *f)
{
    for (int32_t i = 0; i < f->n_batches; i++)
        dzr_batch_free(f->batches[i]);
    free(f->batches);
    dzr_parquet_reader_close(f->reader);
    dzr_source_close(f->source);
}

static dzr_status frame_open(frame *f, const char *file, int32_t threads, dzr_error *err)
{
    const dzr_parquet_read_options options = {.threads = threads};
    TRY(dzr_store_open_source(file, NULL, &f->source, err));
    return dzr_parquet_reader_open(f->source, &options, &f->reader, err);
}

static dzr_status frame_read(frame *f, const char *column, dzr_error *err)
{
    const int32_t n = dzr_parquet_reader_n_row_groups(f->reader);
    int32_t index = column == NULL ? 0 : dzr_schema_find(dzr_parquet_reader_schema(f->reader), column);
    if (index < 0)
        return dzr_fail(err, DZR_ERR_ARG, "there is no column \"%s\"", column);
    f->batches = calloc((size_t)n + 1, sizeof *f->batches);
    if (f->batches == NULL)
        return dzr_fail(err, DZR_ERR_NOMEM, "out of memory");
    for (; f->n_batches < n; f->n_batches++)
        TRY(dzr_parquet_read_row_group(
                f->reader, f->n_batches, column == NULL ? NULL : &index, 1, &f->batches[f->n_batches], err));
    return DZR_OK;
}

static void print_sums(const frame *f, const char *column)
{
    const dzr_schema *const schema = dzr_parquet_reader_schema(f->reader);
    const int32_t n = column != NULL ? 1 : dzr_schema_n_fields(schema);
    uint64_t *const sums = calloc((size_t)n, sizeof *sums);
    uint64_t n_rows = 0;
    for (int32_t i = 0; i < f->n_batches && sums != NULL; i++) {
        checksum_batch(f->batches[i], n_rows, sums);
        n_rows += (uint64_t)dzr_batch_n_rows(f->batches[i]);
    }
    printf(", \"sums\": {");
    for (int32_t i = 0; i < n && sums != NULL; i++)
        printf("%s\"%s\": \"%016" PRIx64 "\"", i > 0 ? ", " : "",
                column != NULL ? column : dzr_schema_field(schema, i)->name, sums[i]);
    printf("}");
    free(sums);
}

static dzr_status read_file(frame *f, const char *file, int32_t threads, const char *column, dzr_error *err)
{
    const moment start = now();
    TRY(frame_open(f, file, threads, err));
    TRY(frame_read(f, column, err));
    print_cost(start, now(), dzr_parquet_reader_n_rows(f->reader));
    print_sums(f, column);
    return DZR_OK;
}

static dzr_status write_all(dzr_table_writer *writer, const frame *f, dzr_error *err)
{
    for (int32_t i = 0; i < f->n_batches; i++)
        TRY(dzr_table_writer_append(writer, f->batches[i], err));
    return dzr_table_writer_commit(writer, err);
}

static dzr_status write_file(
        frame *f, const char *file, const char *out, const char *codec, int32_t threads, dzr_error *err)
{
    dzr_table_write_options options = {.format = DZR_FORMAT_PARQUET, .threads = threads};
    dzr_table_writer *writer = NULL;
    TRY(dzr_codec_find(codec, &options.parquet.codec, err));
    TRY(frame_open(f, file, threads, err));
    TRY(frame_read(f, NULL, err));
    const moment start = now();
    TRY(dzr_table_writer_open(out, dzr_parquet_reader_schema(f->reader), &options, &writer, err));
    const dzr_status st = write_all(writer, f, err);
    dzr_table_writer_close(writer);
    print_cost(start, now(), dzr_parquet_reader_n_rows(f->reader));
    return st;
}

static dzr_status open_footer(frame *f, const char *file, dzr_error *err)
{
    const moment start = now();
    TRY(frame_open(f, file, 1, err));
    print_cost(start, now(), dzr_parquet_reader_n_rows(f->reader));
    printf(", \"columns\": %d", dzr_schema_n_fields(dzr_parquet_reader_schema(f->reader)));
    return DZR_OK;
}

int main(int argc, char **argv)
{
    frame f = {0};
    dzr_error err;
    dzr_status st;
    const char *const verb = argc > 1 ? argv[1] : "";
    if (strcmp(verb, "read") == 0 && (argc == 4 || argc == 5))
        st = read_file(&f, argv[2], atoi(argv[3]), argc == 5 ? argv[4] : NULL, &err);
    else if (strcmp(verb, "write") == 0 && argc == 6)
        st = write_file(&f, argv[2], argv[3], argv[4], atoi(argv[5]), &err);
    else if (strcmp(verb, "footer") == 0 && argc == 3)
        st = open_footer(&f, argv[2], &err);
    else {
        fprintf(stderr, "usage: frames read FILE THREADS [COLUMN] | write FILE OUT CODEC THREADS | footer FILE\n");
        return 2;
    }
    if (st == DZR_OK)
        printf("}\n");
    else
        fprintf(stderr, "frames: %s\n", err.message);
    frame_close(&f);
    return st == DZR_OK ? 0 : 1;
}
