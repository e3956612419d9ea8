/* parquet/writer/tasks.c - the columns of a row group as tasks of a pool: they take rows in and end their chunks side
 * by side. Called by writer.c, which appends the chunks in order. What comes out does not depend on the number of
 * threads: a column sees the same rows in the same order, and who is first to fail is decided by the column's number.
 */
#include "parquet/writer/writer.h"

enum {
    STEP_ROWS = 1024,      /* a row group may end after each such step; columns take in as many at a time */
    SMALL_BYTES = 64 << 10 /* fewer are not worth another thread's attention */
};

dzr_status dzr__columns_init(dzr_columns *columns, const dzr_parquet_write_options *options, dzr_error *err)
{
    columns->alloc = options->alloc;
    DZR_TRY(dzr__pool_new(options->threads, options->alloc, &columns->pool, err));
    columns->n_benches = dzr__pool_n_threads(columns->pool);
    columns->benches = dzr_alloc_zeroed(options->alloc, (size_t)columns->n_benches, sizeof *columns->benches, err);
    if (columns->benches == NULL)
        return DZR_ERR_NOMEM;
    for (int32_t i = 0; i < columns->n_benches; i++) {
        dzr__page_press_init(&columns->benches[i].press, options->alloc);
        dzr__shreds_init(&columns->benches[i].shreds, options->alloc);
    }
    return DZR_OK;
}

dzr_status dzr__columns_open(dzr_columns *columns, const dzr_tree *tree, const dzr_parquet_write_options *options,
        const dzr_parquet_column_options *const *own, dzr_error *err)
{
    const size_t n = (size_t)tree->n_leaves;
    columns->at = dzr_alloc_zeroed(options->alloc, n, sizeof *columns->at, err);
    columns->costs = columns->at == NULL ? NULL : dzr_alloc_zeroed(options->alloc, n, sizeof *columns->costs, err);
    if (columns->costs == NULL)
        return DZR_ERR_NOMEM;
    for (; columns->n < tree->n_leaves; columns->n++)
        dzr__column_init(&columns->at[columns->n], &tree->leaves[columns->n], options, own[columns->n]);
    return DZR_OK;
}

void dzr__columns_fini(dzr_columns *columns)
{
    for (int32_t i = 0; i < columns->n; i++)
        dzr__column_fini(&columns->at[i]);
    for (int32_t i = 0; columns->benches != NULL && i < columns->n_benches; i++) {
        dzr__page_press_fini(&columns->benches[i].press);
        dzr__shreds_fini(&columns->benches[i].shreds);
    }
    dzr_release(columns->alloc, columns->at);
    dzr_release(columns->alloc, columns->costs);
    dzr_release(columns->alloc, columns->benches);
    dzr__pool_free(columns->pool);
}

static void release_column(dzr_column_writer *column)
{
    dzr__bytebuf_fini(&column->validity);
    dzr__bytebuf_fini(&column->reps);
    dzr__bytebuf_fini(&column->defs);
    dzr__bytebuf_fini(&column->plain);
    dzr__bytebuf_fini(&column->codes);
    dzr__dictionary_fini(&column->dictionary);
    dzr__page_index_fini(&column->index);
    dzr__segments_fini(&column->pages);
    dzr__segments_fini(&column->dictionary_page);
}

void dzr__columns_release(dzr_columns *columns)
{
    for (int32_t i = 0; i < columns->n; i++)
        release_column(&columns->at[i]);
    for (int32_t i = 0; i < columns->n_benches; i++) {
        dzr_page_press *const press = &columns->benches[i].press;
        dzr__bytebuf_fini(&press->body);
        dzr__bytebuf_fini(&press->stored);
        dzr__bytebuf_fini(&press->header);
        dzr__bytebuf_fini(&press->scratch);
        dzr__shreds_fini(&columns->benches[i].shreds);
    }
}

int64_t dzr__columns_bytes(const dzr_columns *columns)
{
    int64_t bytes = 0;
    for (int32_t i = 0; i < columns->n; i++)
        bytes += columns->at[i].plain_bytes + columns->at[i].dictionary.plain_bytes;
    return bytes;
}

/* The dearest first, by costs. */
static dzr_status run(dzr_columns *columns, dzr_task *task, void *ctx, dzr_error *err)
{
    uint64_t total = 0;
    for (int32_t i = 0; i < columns->n; i++)
        total += columns->costs[i];
    dzr_pool *const pool = total < SMALL_BYTES ? NULL : columns->pool;
    return dzr__pool_run(pool, task, ctx, (size_t)columns->n, columns->costs, err);
}

/* ---- rows in ---- */

/* What the values of rows [first, first + n) take as PLAIN, at most. */
static int64_t most_bytes(const dzr_column_writer *column, const dzr_batch *batch, int64_t first, int64_t n)
{
    const dzr_leaf_path *const leaf = column->leaf;
    int64_t end = first + n;
    for (int32_t i = 0; i < leaf->n_steps - 1; i++) {
        const int32_t *const offsets = dzr_batch_node(batch, leaf->steps[i].node)->values;
        if (!leaf->steps[i].is_list)
            continue;
        first = offsets[first];
        end = offsets[end];
    }
    const dzr_column *const in = dzr_batch_node(batch, leaf->steps[leaf->n_steps - 1].node);
    if (column->physical == DZR_PHYSICAL_BOOLEAN)
        return end - first;
    if (column->physical != DZR_PHYSICAL_BYTE_ARRAY)
        return (end - first) * (int64_t)column->width;
    int64_t bytes = (end - first) * (int64_t)sizeof(uint32_t);
    for (int64_t i = first; i < end; i++)
        bytes += ((const dzr_view *)in->values)[i].len;
    return bytes;
}

/* How many of n rows may be taken in before somebody has to look whether the row group is full: the end of the first
 * step at which it might be. costs get what they take in each column. */
static int64_t rows_at_once(
        dzr_columns *columns, const dzr_batch *batch, int64_t first, int64_t n, int64_t group_rows, int64_t group_bytes)
{
    int64_t bytes = dzr__columns_bytes(columns), rows = 0;
    memset(columns->costs, 0, (size_t)columns->n * sizeof *columns->costs);
    do {
        const int64_t step = DZR_MIN(n - rows, STEP_ROWS - (group_rows + rows) % STEP_ROWS);
        for (int32_t i = 0; i < columns->n; i++) {
            const int64_t more = most_bytes(&columns->at[i], batch, first + rows, step);
            columns->costs[i] += (uint64_t)more;
            bytes += more;
        }
        rows += step;
    } while (rows < n && bytes < group_bytes);
    return rows;
}

typedef struct row_task {
    dzr_columns *columns;
    const dzr_batch *batch;
    int64_t first, n;
} row_task;

/* Rows [first, first + n) into one column. */
static dzr_status append_rows(
        dzr_column_writer *column, dzr_bench *bench, const dzr_batch *batch, int64_t first, int64_t n, dzr_error *err)
{
    const dzr_leaf_path *const leaf = column->leaf;
    const dzr_column *const in = dzr_batch_node(batch, leaf->steps[leaf->n_steps - 1].node);
    if (!column->is_nested)
        return dzr__column_append(column, &bench->press, in, first, n, err);
    while (n > 0) {
        int64_t n_done = 0;
        DZR_TRY(dzr__shred(&bench->shreds, batch, leaf, first, n, &n_done, err));
        DZR_TRY(dzr__column_append_records(column, &bench->press, in, &bench->shreds, err));
        first += n_done;
        n -= n_done;
    }
    return DZR_OK;
}

static dzr_status append_task(void *ctx, int32_t slot, size_t i, dzr_error *err)
{
    const row_task *const task = ctx;
    for (int64_t done = 0; done < task->n; done += STEP_ROWS) {
        const dzr_status st = append_rows(&task->columns->at[i], &task->columns->benches[slot], task->batch,
                task->first + done, DZR_MIN(task->n - done, (int64_t)STEP_ROWS), err);
        if (st != DZR_OK) {
            err->column = (int32_t)i;
            return st;
        }
    }
    return DZR_OK;
}

dzr_status dzr__columns_append(dzr_columns *columns, const dzr_batch *batch, int64_t first, int64_t *n,
        int64_t group_rows, int64_t group_bytes, dzr_error *err)
{
    *n = rows_at_once(columns, batch, first, *n, group_rows, group_bytes);
    row_task task = {.columns = columns, .batch = batch, .first = first, .n = *n};
    return run(columns, append_task, &task, err);
}

bool dzr__columns_may_end(int64_t group_rows)
{
    return group_rows % STEP_ROWS == 0;
}

/* ---- the chunks' ends ---- */

static dzr_status end_task(void *ctx, int32_t slot, size_t i, dzr_error *err)
{
    dzr_columns *const columns = ctx;
    const dzr_status st = dzr__column_end(&columns->at[i], &columns->benches[slot].press, err);
    if (st != DZR_OK)
        err->column = (int32_t)i;
    return st;
}

dzr_status dzr__columns_end(dzr_columns *columns, dzr_error *err)
{
    for (int32_t i = 0; i < columns->n; i++) {
        const dzr_column_writer *const column = &columns->at[i];
        columns->costs[i] = column->plain.len + column->codes.len + column->dictionary.plain.len;
    }
    return run(columns, end_task, columns, err);
}
