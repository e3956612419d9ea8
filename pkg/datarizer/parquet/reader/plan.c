/* parquet/reader/plan.c - one read: first what it takes (the batch's schema, which chunks, where they lie, how much
 * memory), then a task for each column. Tasks share nothing but the budget and the reader, which they only read; they
 * could run side by side. Spec: parquet.thrift, RowGroup, ColumnChunk, ColumnMetaData. */
#include "parquet/reader/reader.h"

/* Old writers left the dictionary page's header out of a chunk's size; it takes less than this. */
enum { MISSING_HEADER = 128 };

/* One column of a read. */
typedef struct column_task {
    const dzr_parquet_reader *reader;
    int32_t row_group, column;
    const dzr_leaf *leaf;
    const dzr_meta_column *meta;
    dzr_type type, stored; /* in the frame, and as what it is decoded */
    int64_t n_rows;        /* the row group's */
    int64_t n_levels;      /* the column's: n_rows but for lists */
    int32_t n_nodes;       /* from the field down to the column */
    int32_t *nodes;        /* of the reader's schema */
    int32_t *to_nodes;     /* and of the batch's */
    uint64_t offset;       /* of the chunk's first page */
    dzr_buffer *fetched;   /* the chunk, once it came with all others; NULL: not yet */
    size_t n_bytes;        /* where it ends at the latest */
    dzr_decoder decoder;
    dzr_assembly assembly; /* n_nodes > 1 */
} column_task;

/* A read. */
typedef struct plan {
    const dzr_parquet_reader *reader;
    int32_t row_group;
    dzr_arena arena; /* of what follows */
    column_task *tasks;
    int32_t n_tasks;
    dzr_field *fields; /* of the batch */
    int32_t n_fields, n_nodes;
    uint8_t *wanted; /* nested columns that are; 2: those that have their task */
    int32_t depth;   /* the way down to the node at hand */
    int32_t nodes[DZR_MAX_DEPTH], to_nodes[DZR_MAX_DEPTH];
} plan;

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
    task->n_levels = task->leaf->max_rep == 0 || task->n_rows == 0 ? task->n_rows : meta->num_values;
    if (task->leaf->max_rep == 0 ? meta->num_values != task->n_rows : meta->num_values < task->n_rows)
        return dzr_fail(err, DZR_ERR_CORRUPT, "it has %lld values, the row group %lld rows",
                (long long)meta->num_values, (long long)task->n_rows);
    if (!dzr__codec_known(meta->codec)) {
        const char *const name = dzr__compression_name(meta->codec);
        return dzr_fail(err, DZR_ERR_UNSUPPORTED, "codec %s (%d)", name != NULL ? name : "unknown", meta->codec);
    }
    return task->n_rows == 0 ? DZR_OK : locate(task, err); /* without rows it may say anything */
}

/* A task for a column, at the end of the way down to it. */
static dzr_status plan_column(plan *p, int32_t column, dzr_error *err)
{
    const dzr_parquet_reader *const reader = p->reader;
    const dzr_meta_row_group *const group = &reader->file.row_groups.at[p->row_group];
    column_task *const task = &p->tasks[p->n_tasks];
    *task = (column_task){.reader = reader,
            .row_group = p->row_group,
            .column = column,
            .leaf = &reader->leaves[column],
            .meta = &group->columns.at[column].meta,
            .n_rows = group->num_rows,
            .n_nodes = p->depth};
    const size_t n = (size_t)p->depth;
    task->nodes = dzr__arena_zeroed(&p->arena, 2 * n, sizeof *task->nodes, err);
    if (task->nodes == NULL)
        return dzr_fail_at(err, DZR_ERR_NOMEM, "%s: ", reader->source->name);
    task->to_nodes = task->nodes + n;
    memcpy(task->nodes, p->nodes, n * sizeof *task->nodes);
    memcpy(task->to_nodes, p->to_nodes, n * sizeof *task->nodes);
    dzr_status st = dzr__reader_type(reader, column, &task->type, err);
    if (st == DZR_OK)
        task->stored = dzr__stored_type(task->leaf, task->type);
    if (st == DZR_OK)
        st = check_chunk(task, &group->columns.at[column], err);
    if (st != DZR_OK)
        return fail_in_column(task, st, -1, err);
    p->n_tasks++;
    return DZR_OK;
}

static bool is_wanted(const plan *p, int32_t node)
{
    const dzr_tree_node *const tree = &p->reader->nodes[node];
    for (int32_t i = tree->first_leaf; i < tree->end_leaf; i++)
        if (p->wanted[i] != 0)
            return true;
    return false;
}

static dzr_status plan_node(plan *p, int32_t node, dzr_field *out, dzr_error *err);

/* The children that are wanted, or have columns below them that are. */
static dzr_status plan_children(plan *p, int32_t node, dzr_field *out, dzr_error *err)
{
    const dzr_schema *const schema = p->reader->schema;
    const int32_t n = dzr_schema_node(schema, node)->n_children;
    dzr_field *const children = dzr__arena_zeroed(&p->arena, (size_t)n, sizeof *children, err);
    if (children == NULL)
        return dzr_fail_at(err, DZR_ERR_NOMEM, "%s: ", p->reader->source->name);
    out->children = children;
    out->n_children = 0;
    for (int32_t i = 0, child = node + 1; i < n; i++, child = dzr_schema_node_end(schema, child))
        if (is_wanted(p, child))
            DZR_TRY(plan_node(p, child, &children[out->n_children++], err));
    if (out->type.id == DZR_TYPE_MAP && children[0].n_children < 2)
        out->type.id = DZR_TYPE_LIST;
    return DZR_OK;
}

/* A node of the batch, and what is wanted below it. */
static dzr_status plan_node(plan *p, int32_t node, dzr_field *out, dzr_error *err)
{
    const dzr_tree_node *const tree = &p->reader->nodes[node];
    *out = *dzr_schema_node(p->reader->schema, node);
    p->nodes[p->depth] = node;
    p->to_nodes[p->depth++] = p->n_nodes++;
    if (out->n_children > 0) {
        DZR_TRY(plan_children(p, node, out, err));
    } else {
        DZR_TRY(plan_column(p, tree->first_leaf, err));
        if (p->wanted != NULL)
            p->wanted[tree->first_leaf] = 2;
    }
    p->depth--;
    return DZR_OK;
}

/* The columns that are wanted below fields, for the fields to know when the first of them comes. */
static dzr_status mark_wanted(plan *p, const int32_t *columns, int32_t n, dzr_error *err)
{
    const dzr_parquet_reader *const reader = p->reader;
    for (int32_t i = 0; i < n; i++) {
        const int32_t column = columns != NULL ? columns[i] : i;
        if (reader->nodes[reader->leaf_nodes[column]].parent < 0)
            continue;
        if (p->wanted == NULL)
            p->wanted = dzr__arena_zeroed(&p->arena, (size_t)reader->n_leaves, 1, err);
        if (p->wanted == NULL)
            return dzr_fail_at(err, DZR_ERR_NOMEM, "%s: ", reader->source->name);
        p->wanted[column] = 1;
    }
    return DZR_OK;
}

static dzr_status plan_columns(plan *p, const int32_t *columns, int32_t n, dzr_error *err)
{
    const dzr_parquet_reader *const reader = p->reader;
    p->tasks = dzr__arena_zeroed(&p->arena, (size_t)n, sizeof *p->tasks, err);
    p->fields = p->tasks == NULL ? NULL : dzr__arena_zeroed(&p->arena, (size_t)n, sizeof *p->fields, err);
    if (p->fields == NULL)
        return dzr_fail_at(err, DZR_ERR_NOMEM, "%s: ", reader->source->name);
    DZR_TRY(mark_wanted(p, columns, n, err));
    for (int32_t i = 0; i < n; i++) {
        const int32_t column = columns != NULL ? columns[i] : i;
        int32_t node = reader->leaf_nodes[column];
        const bool is_nested = reader->nodes[node].parent >= 0;
        if (is_nested && p->wanted[column] == 2)
            continue; /* came with its field */
        while (reader->nodes[node].parent >= 0)
            node = reader->nodes[node].parent;
        DZR_TRY(plan_node(p, node, &p->fields[p->n_fields++], err));
    }
    return DZR_OK;
}

/* ---- run ---- */

/* The chunk's bytes: in place, or read into a buffer that views may keep. */
static dzr_status fetch(column_task *task, dzr_budget *budget, dzr_chunk_bytes *chunk, dzr_error *err)
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
    dzr_chunk_bytes chunk = {.codec = task->meta->codec,
            .page_bytes = task->reader->limits.page_bytes,
            .skip_crc = task->reader->skip_crc};
    dzr_status st = task->n_levels == 0 ? DZR_OK : fetch(task, budget, &chunk, err);
    if (st == DZR_OK && task->n_levels > 0) {
        size_t at = 0;
        st = dzr__decode_chunk(&task->decoder, &chunk, &at, err);
        if (st != DZR_OK)
            st = fail_in_column(task, st, (int64_t)(task->offset + at), err);
    }
    dzr__buffer_free(chunk.keeper);
    if (st != DZR_OK)
        return st;
    if (task->n_nodes > 1)
        st = dzr__assembly_finish(&task->assembly, err);
    if (st == DZR_OK)
        st = dzr__convert(&task->decoder, task->type, err);
    return st == DZR_OK ? DZR_OK : fail_in_column(task, st, -1, err);
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
static dzr_status hand_over_above(column_task *task, dzr_batch *batch, bool *given, dzr_error *err)
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
static dzr_status hand_over(column_task *task, dzr_batch *batch, dzr_error *err)
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
    return st;
}

/* Memory for a column's values, and in a nested one what the levels are to become. */
static dzr_status prepare(column_task *task, dzr_budget *budget, dzr_error *err)
{
    const dzr_parquet_reader *const reader = task->reader;
    dzr_decoder *const decoder = &task->decoder;
    DZR_TRY(dzr__decoder_init(
            decoder, task->stored, (uint32_t)task->leaf->max_def, task->n_levels, budget, reader->alloc, err));
    if (task->n_nodes == 1)
        return DZR_OK;
    DZR_TRY(dzr__assembly_init(&task->assembly, task->n_nodes, task->n_rows, budget, reader->alloc, err));
    for (int32_t i = 0; i < task->n_nodes; i++)
        dzr__assembly_add(
                &task->assembly, i, &reader->nodes[task->nodes[i]], dzr_schema_node(reader->schema, task->nodes[i]));
    return dzr__decoder_nest(decoder, &task->assembly, err);
}

static void end_task(column_task *task)
{
    dzr__decoder_fini(&task->decoder);
    dzr__assembly_fini(&task->assembly);
    dzr__buffer_free(task->fetched);
    task->fetched = NULL;
    task->decoder = (dzr_decoder){.alloc = task->reader->alloc}; /* a second call finds nothing */
}

/* All chunks at once, where each read costs a round trip: the source joins neighbours. Nor were the file's first bytes
 * read when it was opened; they come with the chunk after them. */
static dzr_status fetch_together(plan *p, dzr_budget *budget, dzr_error *err)
{
    size_t n = 0;
    bool at_head = false;
    char head[DZR_PARQUET_MAGIC_BYTES];
    dzr_source_range *const ranges = dzr__arena_zeroed(&p->arena, (size_t)p->n_tasks + 1, sizeof *ranges, err);
    if (ranges == NULL)
        return dzr_fail_at(err, DZR_ERR_NOMEM, "%s: ", p->reader->source->name);
    for (int32_t i = 0; i < p->n_tasks; i++) {
        column_task *const task = &p->tasks[i];
        if (task->n_levels == 0)
            continue;
        dzr_status st = dzr__budget_take(budget, task->n_bytes, err);
        if (st == DZR_OK) {
            task->fetched = dzr__buffer_new(p->reader->alloc, task->n_bytes, err);
            st = task->fetched == NULL ? DZR_ERR_NOMEM : DZR_OK;
        }
        if (st != DZR_OK)
            return fail_in_column(task, st, (int64_t)task->offset, err);
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

/* Memory for all columns' values is taken before the first page is looked at. */
static dzr_status run(plan *p, dzr_batch *batch, dzr_error *err)
{
    dzr_budget budget = {.limit = p->reader->limits.row_group_bytes};
    bool *const given = dzr__arena_zeroed(&p->arena, (size_t)p->n_nodes, sizeof *given, err);
    if (given == NULL)
        return dzr_fail_at(err, DZR_ERR_NOMEM, "%s: ", p->reader->source->name);
    for (int32_t i = 0; i < p->n_tasks; i++) {
        const dzr_status st = prepare(&p->tasks[i], &budget, err);
        if (st != DZR_OK)
            return fail_in_column(&p->tasks[i], st, -1, err);
    }
    if (p->reader->source->ops->read_many != NULL)
        DZR_TRY(fetch_together(p, &budget, err));
    for (int32_t i = 0; i < p->n_tasks; i++) {
        column_task *const task = &p->tasks[i];
        DZR_TRY(run_column(task, &budget, err));
        dzr_status st = hand_over_above(task, batch, given, err);
        if (st == DZR_OK)
            st = hand_over(task, batch, err);
        if (st != DZR_OK)
            return fail_in_column(task, st, -1, err);
        end_task(task);
    }
    return DZR_OK;
}

static dzr_status read_planned(plan *p, int64_t n_rows, dzr_batch **out, dzr_error *err)
{
    const dzr_parquet_reader *const reader = p->reader;
    dzr_schema *schema = NULL;
    dzr_batch *batch = NULL;
    dzr_status st = dzr_schema_new(p->fields, p->n_fields, reader->alloc, &schema, err);
    if (st == DZR_OK)
        st = dzr__batch_new(schema, n_rows, reader->alloc, &batch, err);
    dzr_schema_free(schema);
    if (st != DZR_OK)
        return dzr_fail_at(err, st, "%s: ", reader->source->name);
    st = run(p, batch, err);
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
    plan p = {.reader = reader, .row_group = row_group};
    dzr__arena_init(&p.arena, reader->alloc, 0);
    dzr_status st = plan_columns(&p, columns, columns != NULL ? n_columns : reader->n_leaves, err);
    if (st == DZR_OK)
        st = read_planned(&p, reader->file.row_groups.at[row_group].num_rows, out, err);
    for (int32_t i = 0; i < p.n_tasks; i++)
        end_task(&p.tasks[i]);
    dzr__arena_fini(&p.arena);
    return dzr__reader_status(reader, st, err);
}
