/* parquet/reader/scan.c - rows of a file, batch by batch: some columns, some row groups, a range of rows, as many at a
 * time as the caller says. What is kept from one batch to the next is what pages hold beyond it, so memory is bounded
 * by a batch and a page of each column, not by row groups. */
#include "parquet/reader/scan.h"

enum { BATCH_ROWS = 65536, LEAST_BATCH_ROWS = 256 };

struct dzr_parquet_scan {
    dzr_parquet_reader *reader;
    dzr_read_plan plan; /* what follows is in its arena */
    dzr_schema *schema;
    dzr_segment_rows *segments;
    dzr_scan_column *columns; /* one for each task of the plan */
    dzr_column_task *parts;   /* a batch's rows, until it has them */
    bool *given, *done;       /* nodes that the batch has; columns that are read for it */
    uint64_t *costs;          /* of the columns, as far as is known */
    int64_t n_rows;           /* of the batch at hand */
    int64_t batch_rows;
    int64_t n_left; /* rows to come */
    bool failed;
};

/* ---- which rows ---- */

static dzr_status check_options(
        const dzr_parquet_reader *reader, const dzr_parquet_scan_options *options, dzr_error *err)
{
    const char *const name = reader->source->name;
    if (options->first_row < 0 || options->n_rows < 0)
        return dzr_fail(err, DZR_ERR_ARG, "%s: %lld rows from row %lld on", name, (long long)options->n_rows,
                (long long)options->first_row);
    if (options->batch_rows < 0)
        return dzr_fail(err, DZR_ERR_ARG, "%s: batches of %lld rows", name, (long long)options->batch_rows);
    if (options->row_groups == NULL)
        return DZR_OK;
    if (options->n_row_groups < 0)
        return dzr_fail(err, DZR_ERR_ARG, "%s: %d row groups wanted", name, options->n_row_groups);
    for (int32_t i = 0; i < options->n_row_groups; i++)
        if (options->row_groups[i] < 0 || options->row_groups[i] >= reader->file.row_groups.n)
            return dzr_fail(err, DZR_ERR_ARG, "%s: row group %d of %d", name, options->row_groups[i],
                    reader->file.row_groups.n);
    return DZR_OK;
}

/* The row groups that have rows in the range, and how many rows it has. */
static dzr_status find_rows(dzr_parquet_scan *scan, const dzr_parquet_scan_options *options, dzr_error *err)
{
    const dzr_parquet_reader *const reader = scan->reader;
    const int32_t n = options->row_groups != NULL ? options->n_row_groups : reader->file.row_groups.n;
    int64_t before = options->first_row;
    const int64_t most = options->n_rows > 0 ? options->n_rows : INT64_MAX;
    scan->segments = dzr__arena_zeroed(&scan->plan.arena, (size_t)n, sizeof *scan->segments, err);
    if (scan->segments == NULL)
        return dzr_fail_at(err, DZR_ERR_NOMEM, "%s: ", reader->source->name);
    for (int32_t i = 0, k = 0; i < n && scan->n_left < most; i++) {
        const int32_t row_group = options->row_groups != NULL ? options->row_groups[i] : i;
        const int64_t n_rows = reader->file.row_groups.at[row_group].num_rows;
        if (n_rows <= before) {
            before -= n_rows;
            continue;
        }
        scan->segments[k++] = (dzr_segment_rows){.row_group = row_group, .first = before};
        if (n_rows - before > most - scan->n_left) /* row groups may be named again and again: no sum wraps */
            scan->n_left = most;
        else
            scan->n_left += n_rows - before;
        before = 0;
    }
    return DZR_OK;
}

/* ---- open and close ---- */

static size_t claimed_bytes(const dzr_parquet_reader *reader, int32_t row_group, int32_t column)
{
    const int64_t n = reader->file.row_groups.at[row_group].columns.at[column].meta.compressed_size;
    return n > 0 ? (size_t)n : 0;
}

static dzr_status open_columns(dzr_parquet_scan *scan, dzr_error *err)
{
    dzr_read_plan *const p = &scan->plan;
    const size_t n = (size_t)p->n_tasks;
    scan->columns = dzr__arena_zeroed(&p->arena, n, sizeof *scan->columns, err);
    scan->parts = scan->columns == NULL ? NULL : dzr__arena_zeroed(&p->arena, n, sizeof *scan->parts, err);
    scan->given = scan->parts == NULL ? NULL : dzr__arena_zeroed(&p->arena, (size_t)p->n_nodes, sizeof(bool), err);
    scan->done = scan->given == NULL ? NULL : dzr__arena_zeroed(&p->arena, n, sizeof *scan->done, err);
    scan->costs = scan->done == NULL ? NULL : dzr__arena_zeroed(&p->arena, n, sizeof *scan->costs, err);
    if (scan->costs == NULL)
        return dzr_fail_at(err, DZR_ERR_NOMEM, "%s: ", scan->reader->source->name);
    for (size_t i = 0; i < n; i++) {
        dzr_column_task *const task = &p->tasks[i];
        dzr_scan_column *const column = &scan->columns[i];
        *column = (dzr_scan_column){
                .task = task, .segments = scan->segments, .budget = {.limit = scan->reader->limits.row_group_bytes}};
        const dzr_status st = dzr__task_prepare(task, 0, 0, &column->budget, err);
        if (st != DZR_OK)
            return dzr__task_fail(task, st, -1, err);
        if (scan->n_left > 0) /* the cost, until a chunk is opened */
            task->n_bytes = claimed_bytes(scan->reader, scan->segments[0].row_group, task->column);
    }
    return DZR_OK;
}

/* How many rows a batch has when nobody says: within a budget so many that a sixteenth of it holds them, counted with
 * the bytes that most types take. */
static int64_t usual_rows(const dzr_parquet_scan *scan)
{
    const dzr_quota *const quota = scan->reader->quota;
    if (quota == NULL)
        return BATCH_ROWS;
    const size_t row_bytes = sizeof(dzr_view) * (size_t)DZR_MAX(scan->plan.n_tasks, 1);
    const size_t n = dzr__quota_left(quota) / 16 / row_bytes;
    return (int64_t)DZR_MIN(DZR_MAX(n, (size_t)LEAST_BATCH_ROWS), (size_t)BATCH_ROWS);
}

static dzr_status open_scan(dzr_parquet_scan *scan, const dzr_parquet_scan_options *options, dzr_error *err)
{
    const dzr_parquet_reader *const reader = scan->reader;
    DZR_TRY(dzr__plan_make(&scan->plan, reader,
            options->row_groups != NULL && options->n_row_groups > 0 ? options->row_groups[0] : 0, options->columns,
            options->n_columns, options->dictionaries, options->n_dictionaries, err));
    DZR_TRY(find_rows(scan, options, err));
    DZR_TRY(dzr__plan_schema(&scan->plan, &scan->schema, err));
    return open_columns(scan, err);
}

dzr_status dzr_parquet_scan_open(
        dzr_parquet_reader *reader, const dzr_parquet_scan_options *options, dzr_parquet_scan **out, dzr_error *err)
{
    static const dzr_parquet_scan_options defaults;
    if (options == NULL)
        options = &defaults;
    DZR_TRY(check_options(reader, options, err));
    dzr_parquet_scan *const scan = dzr_alloc_zeroed(reader->alloc, 1, sizeof *scan, err);
    if (scan == NULL)
        return dzr__reader_status(reader, dzr_fail_at(err, DZR_ERR_NOMEM, "%s: ", reader->source->name), err);
    scan->reader = reader;
    const dzr_status st = open_scan(scan, options, err);
    scan->batch_rows = options->batch_rows > 0 ? options->batch_rows : usual_rows(scan);
    if (st != DZR_OK) {
        dzr_parquet_scan_close(scan);
        return dzr__reader_status(reader, st, err);
    }
    *out = scan;
    return DZR_OK;
}

void dzr_parquet_scan_close(dzr_parquet_scan *scan)
{
    if (scan == NULL)
        return;
    for (int32_t i = 0; scan->columns != NULL && i < scan->plan.n_tasks; i++)
        dzr__scan_column_close(&scan->columns[i]);
    dzr_schema_free(scan->schema);
    dzr__plan_fini(&scan->plan);
    dzr_release(scan->reader->alloc, scan);
}

int32_t dzr_parquet_scan_n_columns(const dzr_parquet_scan *scan)
{
    return scan->plan.n_tasks;
}

int32_t dzr_parquet_scan_column(const dzr_parquet_scan *scan, int32_t column)
{
    return scan->plan.tasks[column].column;
}

const dzr_schema *dzr_parquet_scan_schema(const dzr_parquet_scan *scan)
{
    return scan->schema;
}

/* ---- batches ---- */

static dzr_status read_column(void *ctx, int32_t slot, size_t i, dzr_error *err)
{
    (void)slot;
    dzr_parquet_scan *const scan = ctx;
    DZR_TRY(dzr__scan_column_read(&scan->columns[i], scan->n_rows, &scan->parts[i], err));
    scan->done[i] = true;
    return DZR_OK;
}

/* Columns up to the first that could not be read, which gives the error: what is wrong between two before it comes
 * first. */
static dzr_status hand_over(
        dzr_parquet_scan *scan, dzr_status read, const dzr_error *why, dzr_batch *batch, dzr_error *err)
{
    memset(scan->given, 0, (size_t)scan->plan.n_nodes * sizeof *scan->given);
    for (int32_t i = 0; i < scan->plan.n_tasks; i++) {
        if (!scan->done[i]) {
            if (err != NULL)
                *err = *why;
            return read;
        }
        const dzr_status st = dzr__task_hand_over(&scan->parts[i], batch, scan->given, err);
        if (st != DZR_OK)
            return dzr__task_fail(&scan->plan.tasks[i], st, -1, err);
    }
    return DZR_OK;
}

/* Columns side by side, by as many threads as the reader has. Each has a budget of its own. */
static dzr_status read_batch(dzr_parquet_scan *scan, int64_t n_rows, dzr_batch *batch, dzr_error *err)
{
    const dzr_read_plan *const p = &scan->plan;
    const size_t n = (size_t)p->n_tasks;
    dzr_error why;
    for (size_t i = 0; i < n; i++) {
        scan->costs[i] = p->tasks[i].n_bytes;
        scan->done[i] = false;
        scan->parts[i] = (dzr_column_task){.reader = scan->reader};
    }
    scan->n_rows = n_rows;
    dzr_pool *const pool = dzr__read_pool(scan->reader, scan->costs, p->n_tasks);
    dzr_status st = dzr__pool_run(pool, read_column, scan, n, scan->costs, &why);
    st = hand_over(scan, st, &why, batch, err);
    for (size_t i = 0; i < n; i++)
        dzr__task_end(&scan->parts[i]);
    return st;
}

dzr_status dzr_parquet_scan_next(dzr_parquet_scan *scan, dzr_batch **out, dzr_error *err)
{
    dzr_parquet_reader *const reader = scan->reader;
    const int64_t n = DZR_MIN(scan->batch_rows, scan->n_left);
    dzr_batch *batch = NULL;
    *out = NULL;
    if (scan->failed)
        return dzr_fail(err, DZR_ERR_ARG, "%s: reading failed before", reader->source->name);
    if (n == 0)
        return DZR_OK;
    dzr_status st = dzr__batch_new(scan->schema, n, reader->alloc, &batch, err);
    if (st != DZR_OK)
        st = dzr_fail_at(err, st, "%s: ", reader->source->name);
    else
        st = read_batch(scan, n, batch, err);
    if (st != DZR_OK) {
        scan->failed = true;
        dzr_batch_free(batch);
        return dzr__reader_status(reader, st, err);
    }
    scan->n_left -= n;
    *out = batch;
    return DZR_OK;
}

static dzr_status next_of(void *scan, dzr_batch **out, dzr_error *err)
{
    return dzr_parquet_scan_next(scan, out, err);
}

static void close_of(void *scan)
{
    dzr_parquet_scan_close(scan);
}

dzr_batch_source dzr_parquet_scan_batches(dzr_parquet_scan *scan)
{
    return (dzr_batch_source){.ctx = scan, .next = next_of, .close = close_of};
}
