/* store/convert.c - all records of one file into another, batch by batch. Called by `datarizer convert`. */
#include "store/internal.h"

/* Of text at a time: what a core's cache holds, and little where several threads have some each. */
enum { BATCH_ROWS = 16384 };

/* How many rows come at a time, where nobody said: from text as above, and from Parquet, too, unless the row groups of
 * what is written are to be those of what is read. */
static void choose_batches(dzr_table_read_options *read, const char *out, dzr_format format)
{
    const bool unsaid = read->batch_rows == 0 && read->jsonl.batch_rows == 0 && read->csv.batch_rows == 0;
    dzr_error unused;
    if (read->jsonl.batch_rows == 0)
        read->jsonl.batch_rows = BATCH_ROWS;
    if (read->csv.batch_rows == 0)
        read->csv.batch_rows = BATCH_ROWS;
    if (format == DZR_FORMAT_BY_NAME && dzr_format_of(out, &format, &unused) != DZR_OK)
        return; /* the writer says why */
    if (unsaid && read->memory == 0 && format != DZR_FORMAT_PARQUET)
        read->batch_rows = BATCH_ROWS;
}

static dzr_status copy(dzr_table_reader *reader, dzr_table_writer *writer, dzr_convert_result *result, dzr_error *err)
{
    for (;;) {
        dzr_batch *batch = NULL;
        DZR_TRY(dzr_table_reader_next(reader, &batch, err));
        if (batch == NULL) {
            DZR_TRY(dzr__table_reader_end(reader, &result->n_bad, err));
            return dzr_table_writer_commit(writer, err);
        }
        result->n_rows += dzr_batch_n_rows(batch);
        const dzr_status st = dzr_table_writer_append(writer, batch, err);
        dzr_batch_free(batch);
        DZR_TRY(st);
    }
}

dzr_status dzr_convert(const char *in, const dzr_table_read_options *read_options, const char *out,
        const dzr_table_write_options *write_options, dzr_convert_result *result, dzr_error *err)
{
    dzr_table_reader *reader = NULL;
    dzr_table_writer *writer = NULL;
    dzr_convert_result done = {.n_rows = 0};
    dzr_table_write_options write =
            write_options != NULL ? *write_options : (dzr_table_write_options){.parquet = DZR_PARQUET_WRITE_DEFAULTS};
    dzr_arena kept;
    dzr__arena_init(&kept, write.alloc, 0);
    dzr_table_read_options read = read_options != NULL ? *read_options : (dzr_table_read_options){0};
    choose_batches(&read, out, write.format);
    dzr_status st = dzr_table_reader_open(in, &read, &reader, err);
    if (st == DZR_OK)
        st = dzr__keep(reader, read_options, &kept, &write.parquet, err);
    if (st == DZR_OK)
        st = dzr_table_writer_open(out, dzr_table_reader_schema(reader), &write, &writer, err);
    if (st == DZR_OK)
        st = copy(reader, writer, &done, err);
    done.n_bytes = st == DZR_OK ? dzr_table_writer_n_bytes(writer) : 0;
    if (st == DZR_OK && result != NULL)
        *result = done;
    dzr_table_writer_close(writer);
    dzr_table_reader_close(reader);
    dzr__arena_fini(&kept);
    return st;
}
