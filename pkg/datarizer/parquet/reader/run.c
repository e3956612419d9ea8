/* parquet/reader/run.c - reads the columns of one row group, as planned: memory first, then the chunks side by side, by
 * as many threads as the reader has, then each into the batch, in order. Tasks share nothing but the budget.
 * Spec: parquet-format README.md "Column chunks". */
#include "parquet/reader/entries.h"
#include "parquet/reader/scan.h"

/* The chunk's bytes: in place, or read into a buffer that views may keep. */
static dzr_status fetch(dzr_column_task *task, dzr_budget *budget, dzr_chunk_bytes *chunk, dzr_error *err)
{
    dzr_source *const source = task->reader->source;
    chunk->bytes.len = task->n_bytes;
    if (task->fetched != NULL) {
        chunk->keeper = task->fetched;
        chunk->bytes.at = chunk->keeper->at;
        task->fetched = NULL;
        return DZR_OK;
    }
    dzr_status st = dzr_source_view_at(source, task->offset, task->n_bytes, &chunk->bytes.at, err);
    if (st == DZR_OK && chunk->bytes.at == NULL) {
        st = dzr__budget_take(budget, task->n_bytes, err);
        if (st == DZR_OK) {
            chunk->keeper = dzr__buffer_new(task->reader->alloc, task->n_bytes, err);
            st = chunk->keeper == NULL ? DZR_ERR_NOMEM : DZR_OK;
        }
        if (st != DZR_OK)
            return dzr__task_fail(task, st, (int64_t)task->offset, err);
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

/* Page by page through a window. */
static dzr_status decode_pages(dzr_column_task *task, dzr_page_cursor *pages, dzr_error *err)
{
    dzr_decoder *const d = &task->decoder;
    while (d->level < d->n_levels) {
        dzr_meta_page header;
        dzr_stored_page page;
        size_t n_bytes = 0;
        if (pages->next == pages->end)
            return dzr__task_fail(task, dzr__pages_end(d, err), (int64_t)pages->next, err);
        DZR_TRY(dzr__page_cursor_header(pages, &header, &n_bytes, err));
        DZR_TRY(dzr__page_cursor_page(pages, &header, n_bytes, &page, err));
        const dzr_status st = dzr__decode_page(d, &page, err);
        if (st != DZR_OK)
            return dzr__task_fail(task, st, (int64_t)pages->next, err);
        pages->next += n_bytes + page.stored.len;
    }
    return DZR_OK;
}

/* A chunk is read whole where it came so, where the source shows it in place, and where strings that are not compressed
 * point into it. */
static bool is_read_whole(const dzr_column_task *task)
{
    const bool has_strings = task->stored.id == DZR_TYPE_STRING || task->stored.id == DZR_TYPE_BINARY;
    const bool is_kept = task->meta->codec == DZR_CODEC_UNCOMPRESSED && has_strings;
    return task->fetched != NULL || is_kept || task->reader->source->ops->view_at != NULL;
}

static dzr_status decode_whole(dzr_column_task *task, dzr_budget *budget, dzr_error *err)
{
    dzr_chunk_bytes chunk = {.codec = task->meta->codec,
            .page_bytes = task->reader->limits.page_bytes,
            .skip_crc = task->reader->skip_crc};
    size_t at = 0;
    dzr_status st = fetch(task, budget, &chunk, err);
    if (st == DZR_OK) {
        st = dzr__decode_chunk(&task->decoder, &chunk, &at, err);
        if (st != DZR_OK)
            st = dzr__task_fail(task, st, (int64_t)(task->offset + at), err);
    }
    dzr__buffer_free(chunk.keeper);
    return st;
}

static dzr_status decode_in_windows(dzr_column_task *task, dzr_error *err)
{
    dzr_page_cursor pages;
    dzr_status st = dzr__page_cursor_open(&pages, task, err);
    if (st == DZR_OK)
        st = decode_pages(task, &pages, err);
    dzr__page_cursor_close(&pages);
    return st;
}

static dzr_status run_column(dzr_column_task *task, dzr_budget *budget, dzr_error *err)
{
    dzr_status st = DZR_OK;
    if (task->n_levels > 0)
        st = is_read_whole(task) ? decode_whole(task, budget, err) : decode_in_windows(task, err);
    if (st != DZR_OK)
        return st;
    if (task->n_nodes > 1)
        st = dzr__assembly_finish(&task->assembly, err);
    if (st == DZR_OK)
        st = dzr__convert(&task->decoder, task->type, err);
    return st == DZR_OK ? DZR_OK : dzr__task_fail(task, st, -1, err);
}

static bool same_bits(const uint8_t *a, const uint8_t *b, int64_t n)
{
    if (memcmp(a, b, (size_t)(n / 8)) != 0)
        return false;
    return n % 8 == 0 || ((a[n / 8] ^ b[n / 8]) & ((1 << n % 8) - 1)) == 0;
}

/* Whether a struct or list that another column has given the batch is the same for this one. */
static bool is_same(const dzr_assembly_step *step, const dzr_column *given)
{
    if (step->n_rows != given->n_rows || step->n_nulls != given->n_nulls)
        return false;
    if (step->n_nulls > 0 && !same_bits(step->validity->at, given->validity, step->n_rows))
        return false;
    return !step->is_list ||
           memcmp(step->offsets->at, given->values, (size_t)(step->n_rows + 1) * sizeof(int32_t)) == 0;
}

/* What is above the column becomes the batch's, or is compared with what is there already. */
static dzr_status hand_over_above(dzr_column_task *task, dzr_batch *batch, bool *given, dzr_error *err)
{
    for (int32_t i = 0; i < task->n_nodes - 1; i++) {
        dzr_assembly_step *const step = &task->assembly.steps[i];
        const int32_t node = task->to_nodes[i];
        if (!step->nullable)
            step->n_nulls = 0; /* such as a struct above it has */
        if (given[node]) {
            if (!is_same(step, dzr_batch_node(batch, node)))
                return dzr_fail(err, DZR_ERR_CORRUPT, "its lists and nulls are not those of the columns beside it");
            continue;
        }
        dzr_buffer *validity = step->validity;
        if (step->n_nulls == 0) {
            dzr__buffer_free(validity);
            validity = NULL;
        }
        dzr_buffer *const offsets = step->offsets;
        step->validity = step->offsets = NULL;
        DZR_TRY(dzr__batch_take_node(batch, node, step->n_rows, step->n_nulls, validity, offsets, NULL, 0, err));
        given[node] = true;
    }
    return DZR_OK;
}

/* The decoded column becomes the batch's, which has the buffers then, also when this fails. */
static dzr_status hand_over(dzr_column_task *task, dzr_batch *batch, dzr_error *err)
{
    dzr_decoder *const decoder = &task->decoder;
    const int32_t node = task->to_nodes[task->n_nodes - 1];
    dzr_buffer *validity = decoder->validity;
    if (!dzr_schema_node(task->reader->schema, task->nodes[task->n_nodes - 1])->nullable)
        decoder->n_nulls = 0; /* of its own */
    if (decoder->n_nulls == 0) {
        dzr__buffer_free(validity);
        validity = NULL;
    }
    const dzr_status st = dzr__batch_take_node(batch, node, decoder->row, decoder->n_nulls, validity, decoder->values,
            decoder->data, decoder->n_data, err);
    decoder->validity = decoder->values = NULL;
    decoder->n_data = 0;
    if (st != DZR_OK || !task->is_coded)
        return st;
    dzr_decoder *const values = &task->dictionary;
    dzr_buffer *const slots = values->values;
    const int32_t n_data = values->n_data;
    values->values = NULL;
    values->n_data = 0;
    return dzr__batch_take_node(batch, node + 1, values->row, 0, NULL, slots, values->data, n_data, err);
}

dzr_status dzr__task_hand_over(dzr_column_task *task, dzr_batch *batch, bool *given, dzr_error *err)
{
    DZR_TRY(hand_over_above(task, batch, given, err));
    return hand_over(task, batch, err);
}

dzr_status dzr__task_prepare(
        dzr_column_task *task, int64_t n_levels, int64_t n_records, dzr_budget *budget, dzr_error *err)
{
    const dzr_parquet_reader *const reader = task->reader;
    dzr_decoder *const decoder = &task->decoder;
    const dzr_type codes = {.id = DZR_TYPE_DICTIONARY};
    if (task->is_coded)
        DZR_TRY(dzr__entries_new(task->stored, budget, reader->alloc, &task->entries, err));
    const bool is_made = !task->is_coded && !task->as_stored && dzr__makes_decimals(task->stored, task->type);
    DZR_TRY(dzr__decoder_init(decoder, task->is_coded ? codes : task->stored, is_made ? task->type.precision : 0,
            (uint32_t)task->leaf->max_def, n_levels, budget, reader->alloc, err));
    decoder->entries = task->entries;
    decoder->spares = reader->spares;
    if (task->n_nodes == 1)
        return DZR_OK;
    DZR_TRY(dzr__assembly_init(&task->assembly, task->n_nodes, n_records, budget, reader->alloc, err));
    for (int32_t i = 0; i < task->n_nodes; i++)
        dzr__assembly_add(
                &task->assembly, i, &reader->nodes[task->nodes[i]], dzr_schema_node(reader->schema, task->nodes[i]));
    return dzr__decoder_nest(decoder, &task->assembly, err);
}

void dzr__task_end(dzr_column_task *task)
{
    dzr__decoder_fini(&task->decoder);
    dzr__assembly_fini(&task->assembly);
    dzr__buffer_free(task->fetched);
    task->fetched = NULL;
    task->decoder = (dzr_decoder){.alloc = task->reader->alloc}; /* a second call finds nothing */
    dzr__entries_free(task->entries);
    task->entries = NULL;
    dzr__decoder_fini(&task->dictionary);
    task->dictionary = (dzr_decoder){.alloc = task->reader->alloc};
}

/* All chunks at once, where each read costs a round trip: the source joins neighbours. Nor were the file's first bytes
 * read when it was opened; they come with the chunk after them. */
static dzr_status fetch_together(dzr_read_plan *p, dzr_budget *budget, dzr_error *err)
{
    size_t n = 0;
    bool at_head = false;
    char head[DZR_PARQUET_MAGIC_BYTES];
    dzr_source_range *const ranges = dzr__arena_zeroed(&p->arena, (size_t)p->n_tasks + 1, sizeof *ranges, err);
    if (ranges == NULL)
        return dzr_fail_at(err, DZR_ERR_NOMEM, "%s: ", p->reader->source->name);
    for (int32_t i = 0; i < p->n_tasks; i++) {
        dzr_column_task *const task = &p->tasks[i];
        if (task->n_levels == 0)
            continue;
        dzr_status st = dzr__budget_take(budget, task->n_bytes, err);
        if (st == DZR_OK) {
            task->fetched = dzr__buffer_new(p->reader->alloc, task->n_bytes, err);
            st = task->fetched == NULL ? DZR_ERR_NOMEM : DZR_OK;
        }
        if (st != DZR_OK)
            return dzr__task_fail(task, st, (int64_t)task->offset, err);
        task->fetched->len = task->n_bytes;
        ranges[n++] = (dzr_source_range){task->offset, task->n_bytes, task->fetched->at};
        at_head = at_head || task->offset == sizeof head;
    }
    if (at_head)
        ranges[n++] = (dzr_source_range){0, sizeof head, head};
    DZR_TRY(dzr_source_read_many(p->reader->source, ranges, n, err));
    if (at_head && memcmp(head, DZR_PARQUET_MAGIC, sizeof head) != 0)
        return dzr_fail(
                err, DZR_ERR_CORRUPT, "%s: no Parquet file: it does not begin with PAR1", p->reader->source->name);
    return DZR_OK;
}

enum { SMALL_BYTES = 16 << 10 };

dzr_pool *dzr__read_pool(const dzr_parquet_reader *reader, const uint64_t *costs, int32_t n)
{
    uint64_t total = 0;
    for (int32_t i = 0; i < n; i++)
        total += DZR_MIN(costs[i], (uint64_t)SMALL_BYTES);
    return total < SMALL_BYTES ? NULL : reader->pool;
}

/* Tasks under way, and which of them have come to their end. */
typedef struct running {
    dzr_read_plan *plan;
    dzr_budget budget;
    bool *done;
} running;

static dzr_status run_task(void *ctx, int32_t slot, size_t i, dzr_error *err)
{
    (void)slot;
    running *const r = ctx;
    DZR_TRY(run_column(&r->plan->tasks[i], &r->budget, err));
    dzr__decoder_close(&r->plan->tasks[i].decoder);
    r->done[i] = true;
    return DZR_OK;
}

/* Columns up to the first that could not be read, which gives the error: what is wrong between two before it comes
 * first. */
static dzr_status hand_over_all(running *r, dzr_status read, const dzr_error *why, dzr_batch *batch, dzr_error *err)
{
    dzr_read_plan *const p = r->plan;
    bool *const given = dzr__arena_zeroed(&p->arena, (size_t)p->n_nodes, sizeof *given, err);
    if (given == NULL)
        return dzr_fail_at(err, DZR_ERR_NOMEM, "%s: ", p->reader->source->name);
    for (int32_t i = 0; i < p->n_tasks; i++) {
        dzr_column_task *const task = &p->tasks[i];
        if (!r->done[i]) {
            if (err != NULL)
                *err = *why;
            return read;
        }
        const dzr_status st = dzr__task_hand_over(task, batch, given, err);
        if (st != DZR_OK)
            return dzr__task_fail(task, st, -1, err);
        dzr__task_end(task);
    }
    return DZR_OK;
}

/* Memory for all columns' values is taken before the first page is looked at. */
static dzr_status run(dzr_read_plan *p, bool alone, dzr_batch *batch, dzr_error *err)
{
    const size_t n = (size_t)p->n_tasks;
    running r = {.plan = p, .budget = {.limit = p->reader->limits.row_group_bytes}};
    uint64_t *const costs = dzr__arena_zeroed(&p->arena, n, sizeof *costs, err);
    r.done = costs == NULL ? NULL : dzr__arena_zeroed(&p->arena, n, sizeof *r.done, err);
    if (r.done == NULL)
        return dzr_fail_at(err, DZR_ERR_NOMEM, "%s: ", p->reader->source->name);
    for (size_t i = 0; i < n; i++) {
        dzr_column_task *const task = &p->tasks[i];
        const dzr_status st = dzr__task_prepare(task, task->n_levels, task->n_rows, &r.budget, err);
        if (st != DZR_OK)
            return dzr__task_fail(task, st, -1, err);
        costs[i] = task->n_bytes;
    }
    if (p->reader->source->ops->read_many != NULL)
        DZR_TRY(fetch_together(p, &r.budget, err));
    dzr_error why;
    dzr_pool *const pool = alone ? NULL : dzr__read_pool(p->reader, costs, p->n_tasks);
    const dzr_status st = dzr__pool_run(pool, run_task, &r, n, costs, &why);
    return hand_over_all(&r, st, &why, batch, err);
}

/* alone: by the caller's thread. */
static dzr_status read_row_group(dzr_parquet_reader *reader, int32_t row_group, const int32_t *columns,
        int32_t n_columns, bool alone, dzr_batch **out, dzr_error *err)
{
    dzr_read_plan p;
    dzr_schema *schema = NULL;
    dzr_batch *batch = NULL;
    dzr_status st = dzr__plan_make(&p, reader, row_group, columns, n_columns, NULL, 0, err);
    for (int32_t i = 0; st == DZR_OK && i < p.n_tasks; i++)
        st = dzr__task_open_chunk(&p.tasks[i], row_group, err);
    if (st == DZR_OK)
        st = dzr__plan_schema(&p, &schema, err);
    if (st == DZR_OK)
        st = dzr__batch_new(schema, reader->file.row_groups.at[row_group].num_rows, reader->alloc, &batch, err);
    dzr_schema_free(schema);
    if (st == DZR_OK)
        st = run(&p, alone, batch, err);
    dzr__plan_fini(&p);
    if (st != DZR_OK) {
        dzr_batch_free(batch);
        return dzr__reader_status(reader, st, err);
    }
    *out = batch;
    return DZR_OK;
}

/* Who meets the end of the shared budget, and where, is a matter of time for columns side by side. A read that meets it
 * so is done again by one thread, which meets it always at the same place. */
dzr_status dzr_parquet_read_row_group(dzr_parquet_reader *reader, int32_t row_group, const int32_t *columns,
        int32_t n_columns, dzr_batch **out, dzr_error *err)
{
    if (row_group < 0 || row_group >= reader->file.row_groups.n)
        return dzr_fail(
                err, DZR_ERR_ARG, "%s: row group %d of %d", reader->source->name, row_group, reader->file.row_groups.n);
    const dzr_status st = read_row_group(reader, row_group, columns, n_columns, reader->pool == NULL, out, err);
    if (st != DZR_ERR_LIMIT || reader->pool == NULL)
        return st;
    return read_row_group(reader, row_group, columns, n_columns, true, out, err);
}
