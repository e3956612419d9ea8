/* parquet/reader/plan.c - one read: first what it takes (which chunks, where they lie, how much memory), then a task
 * for each column. Tasks share nothing but the budget and the reader, which they only read; they could run side by
 * side. Spec: parquet.thrift, RowGroup, ColumnChunk, ColumnMetaData. */
#include "parquet/reader/reader.h"

/* Old writers left the dictionary page's header out of a chunk's size; it takes less than this. */
enum { MISSING_HEADER = 128 };

/* One column of a read. */
typedef struct column_task {
    const dzr_parquet_reader *reader;
    int32_t row_group, column;
    const dzr_leaf *leaf;
    const dzr_meta_column *meta;
    dzr_type type;
    int64_t n_rows;
    uint64_t offset; /* of the chunk's first page */
    size_t n_bytes;  /* where it ends at the latest */
    dzr_decoder decoder;
} column_task;

/* Puts the place before err's message: file, row group, column, and the byte when it is one. */
static dzr_status fail_in_column(const column_task *task, dzr_status st, int64_t byte, dzr_error *err)
{
    if (err == NULL)
        return st;
    err->row_group = task->row_group;
    err->column = task->column;
    err->offset = byte;
    const char *const name = task->reader->source->name;
    if (byte < 0)
        return dzr_fail_at(err, st, "%s: row group %d, column \"%s\": ", name, task->row_group, task->leaf->path);
    return dzr_fail_at(err, st, "%s: row group %d, column \"%s\", byte %lld: ", name, task->row_group, task->leaf->path,
            (long long)byte);
}

/* ---- plan ---- */

/* Where the chunk lies: from the first of its offsets that is one, for a size that the file has. */
static dzr_status locate(column_task *task, dzr_error *err)
{
    const dzr_meta_column *const meta = task->meta;
    int64_t offset = meta->data_page_offset;
    if (DZR_HAS(meta, DZR_COLUMN_DICTIONARY_PAGE_OFFSET) && meta->dictionary_page_offset > 0 &&
            (offset <= 0 || meta->dictionary_page_offset < offset))
        offset = meta->dictionary_page_offset;
    if (offset < DZR_PARQUET_MAGIC_BYTES || meta->compressed_size < 0)
        return dzr_fail(err, DZR_ERR_CORRUPT, "its pages are said to be %lld bytes at byte %lld",
                (long long)meta->compressed_size, (long long)offset);
    const uint64_t end = task->reader->pages_end;
    if ((uint64_t)offset > end || (uint64_t)meta->compressed_size > end - (uint64_t)offset)
        return dzr_fail(err, DZR_ERR_TRUNCATED,
                "its pages are said to be %lld bytes at byte %lld, the footer is at byte %llu",
                (long long)meta->compressed_size, (long long)offset, (unsigned long long)end);
    task->offset = (uint64_t)offset;
    task->n_bytes = (size_t)DZR_MIN((uint64_t)meta->compressed_size + MISSING_HEADER, end - (uint64_t)offset);
    return DZR_OK;
}

static dzr_status check_chunk(column_task *task, const dzr_meta_chunk *chunk, dzr_error *err)
{
    if (!DZR_HAS(chunk, DZR_CHUNK_META) || DZR_HAS(chunk, DZR_CHUNK_CRYPTO))
        return dzr_fail(err, DZR_ERR_UNSUPPORTED, "is encrypted");
    if (DZR_HAS(chunk, DZR_CHUNK_FILE_PATH) && chunk->file_path.len > 0)
        return dzr_fail(err, DZR_ERR_UNSUPPORTED, "its pages are in another file");
    const dzr_meta_column *const meta = task->meta;
    if (meta->type != task->leaf->physical)
        return dzr_fail(err, DZR_ERR_CORRUPT, "its chunk has physical type %d, the schema says %d", meta->type,
                task->leaf->physical);
    if (meta->num_values != task->n_rows)
        return dzr_fail(err, DZR_ERR_CORRUPT, "it has %lld values, the row group %lld rows",
                (long long)meta->num_values, (long long)task->n_rows);
    if (!dzr__codec_known(meta->codec)) {
        const char *const name = dzr__compression_name(meta->codec);
        return dzr_fail(err, DZR_ERR_UNSUPPORTED, "codec %s (%d)", name != NULL ? name : "unknown", meta->codec);
    }
    return task->n_rows == 0 ? DZR_OK : locate(task, err); /* without rows it may say anything */
}

static dzr_status plan_column(
        const dzr_parquet_reader *reader, int32_t row_group, int32_t column, column_task *task, dzr_error *err)
{
    const dzr_meta_row_group *const group = &reader->file.row_groups.at[row_group];
    *task = (column_task){.reader = reader,
            .row_group = row_group,
            .column = column,
            .leaf = &reader->leaves[column],
            .meta = &group->columns.at[column].meta,
            .n_rows = group->num_rows};
    dzr_status st = dzr__reader_type(reader, column, &task->type, err);
    if (st == DZR_OK)
        st = check_chunk(task, &group->columns.at[column], err);
    return st == DZR_OK ? DZR_OK : fail_in_column(task, st, -1, err);
}

/* ---- run ---- */

/* The chunk's bytes: in place, or read into a buffer that views may keep. */
static dzr_status fetch(const column_task *task, dzr_budget *budget, dzr_chunk_bytes *chunk, dzr_error *err)
{
    dzr_source *const source = task->reader->source;
    chunk->bytes.len = task->n_bytes;
    dzr_status st = dzr_source_view_at(source, task->offset, task->n_bytes, &chunk->bytes.at, err);
    if (st == DZR_OK && chunk->bytes.at == NULL) {
        st = dzr__budget_take(budget, task->n_bytes, err);
        if (st == DZR_OK) {
            chunk->keeper = dzr__buffer_new(task->reader->alloc, task->n_bytes, err);
            st = chunk->keeper == NULL ? DZR_ERR_NOMEM : DZR_OK;
        }
        if (st != DZR_OK)
            return fail_in_column(task, st, (int64_t)task->offset, err);
        chunk->keeper->len = task->n_bytes;
        chunk->bytes.at = chunk->keeper->at;
        st = dzr_source_read_at(source, task->offset, chunk->keeper->at, task->n_bytes, err);
    }
    if (st != DZR_OK && err != NULL) { /* the source has put its name already */
        err->row_group = task->row_group;
        err->column = task->column;
    }
    return st;
}

static dzr_status run_column(column_task *task, dzr_budget *budget, dzr_error *err)
{
    if (task->n_rows == 0)
        return DZR_OK;
    dzr_chunk_bytes chunk = {.codec = task->meta->codec,
            .page_bytes = task->reader->limits.page_bytes,
            .skip_crc = task->reader->skip_crc};
    dzr_status st = fetch(task, budget, &chunk, err);
    if (st == DZR_OK) {
        size_t at = 0;
        st = dzr__decode_chunk(&task->decoder, &chunk, &at, err);
        if (st != DZR_OK)
            st = fail_in_column(task, st, (int64_t)(task->offset + at), err);
    }
    dzr__buffer_free(chunk.keeper);
    return st;
}

/* The decoded column becomes the batch's, which has the buffers then, also when this fails. */
static dzr_status hand_over(column_task *task, dzr_batch *batch, int32_t index, dzr_error *err)
{
    dzr_decoder *const decoder = &task->decoder;
    dzr_buffer *validity = decoder->validity;
    if (decoder->n_nulls == 0) {
        dzr__buffer_free(validity);
        validity = NULL;
    }
    const dzr_status st = dzr__batch_take_column(
            batch, index, decoder->n_nulls, validity, decoder->values, decoder->data, decoder->n_data, err);
    decoder->validity = decoder->values = NULL;
    decoder->n_data = 0;
    return st;
}

/* Memory for all columns' values is taken before the first page is looked at. */
static dzr_status run(column_task *tasks, int32_t n, const dzr_parquet_reader *reader, dzr_batch *batch, dzr_error *err)
{
    dzr_budget budget = {.limit = reader->limits.row_group_bytes};
    for (int32_t i = 0; i < n; i++) {
        column_task *const task = &tasks[i];
        const dzr_status st = dzr__decoder_init(
                &task->decoder, task->type, (uint32_t)task->leaf->max_def, task->n_rows, &budget, reader->alloc, err);
        if (st != DZR_OK)
            return fail_in_column(task, st, -1, err);
    }
    for (int32_t i = 0; i < n; i++) {
        DZR_TRY(run_column(&tasks[i], &budget, err));
        const dzr_status st = hand_over(&tasks[i], batch, i, err);
        if (st != DZR_OK)
            return fail_in_column(&tasks[i], st, -1, err);
        dzr__decoder_fini(&tasks[i].decoder); /* its scratch memory; a second call finds nothing */
        tasks[i].decoder = (dzr_decoder){.alloc = reader->alloc};
    }
    return DZR_OK;
}

static dzr_status batch_schema(
        const dzr_parquet_reader *reader, const column_task *tasks, int32_t n, dzr_schema **out, dzr_error *err)
{
    dzr_field *const fields = dzr_alloc_array(reader->alloc, (size_t)n, sizeof *fields, err);
    if (fields == NULL)
        return DZR_ERR_NOMEM;
    for (int32_t i = 0; i < n; i++)
        fields[i] = *dzr_schema_field(reader->schema, tasks[i].column);
    const dzr_status st = dzr_schema_new(fields, n, reader->alloc, out, err);
    dzr_release(reader->alloc, fields);
    return st;
}

static dzr_status read_planned(const dzr_parquet_reader *reader, column_task *tasks, int32_t n, int64_t n_rows,
        dzr_batch **out, dzr_error *err)
{
    dzr_schema *schema = NULL;
    dzr_batch *batch = NULL;
    dzr_status st = batch_schema(reader, tasks, n, &schema, err);
    if (st == DZR_OK)
        st = dzr__batch_new(schema, n_rows, reader->alloc, &batch, err);
    dzr_schema_free(schema);
    if (st != DZR_OK)
        return dzr_fail_at(err, st, "%s: ", reader->source->name);
    st = run(tasks, n, reader, batch, err);
    if (st != DZR_OK) {
        dzr_batch_free(batch);
        return st;
    }
    *out = batch;
    return DZR_OK;
}

static dzr_status check_args(
        const dzr_parquet_reader *reader, int32_t row_group, const int32_t *columns, int32_t n_columns, dzr_error *err)
{
    const char *const name = reader->source->name;
    if (row_group < 0 || row_group >= reader->file.row_groups.n)
        return dzr_fail(err, DZR_ERR_ARG, "%s: row group %d of %d", name, row_group, reader->file.row_groups.n);
    if (columns == NULL)
        return DZR_OK;
    if (n_columns < 0)
        return dzr_fail(err, DZR_ERR_ARG, "%s: %d columns wanted", name, n_columns);
    for (int32_t i = 0; i < n_columns; i++)
        if (columns[i] < 0 || columns[i] >= reader->n_leaves)
            return dzr_fail(err, DZR_ERR_ARG, "%s: column %d of %d", name, columns[i], reader->n_leaves);
    return DZR_OK;
}

dzr_status dzr_parquet_read_row_group(dzr_parquet_reader *reader, int32_t row_group, const int32_t *columns,
        int32_t n_columns, dzr_batch **out, dzr_error *err)
{
    DZR_TRY(check_args(reader, row_group, columns, n_columns, err));
    const int32_t n = columns != NULL ? n_columns : reader->n_leaves;
    column_task *const tasks = dzr_alloc_zeroed(reader->alloc, (size_t)n, sizeof *tasks, err);
    if (tasks == NULL)
        return dzr_fail_at(err, DZR_ERR_NOMEM, "%s: ", reader->source->name);
    dzr_status st = DZR_OK;
    for (int32_t i = 0; i < n && st == DZR_OK; i++)
        st = plan_column(reader, row_group, columns != NULL ? columns[i] : i, &tasks[i], err);
    if (st == DZR_OK)
        st = read_planned(reader, tasks, n, reader->file.row_groups.at[row_group].num_rows, out, err);
    for (int32_t i = 0; i < n; i++)
        dzr__decoder_fini(&tasks[i].decoder);
    dzr_release(reader->alloc, tasks);
    return st;
}
