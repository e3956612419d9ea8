/* parquet/reader/plan.c - one read: first what it takes (the batch's schema, which chunks, where they lie, how much
 * memory), then a task for each column. Tasks share nothing but the budget and the reader, which they only read; they
 * could run side by side. Spec: parquet.thrift, RowGroup, ColumnChunk, ColumnMetaData. */
#include "parquet/reader/plan.h"

/* Old writers left the dictionary page's header out of a chunk's size; it takes less than this. */
enum { MISSING_HEADER = 128 };

/* Puts the place before err's message: file, row group, column, and the byte when it is one. */
dzr_status dzr__task_fail(const dzr_column_task *task, dzr_status st, int64_t byte, dzr_error *err)
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
static dzr_status locate(dzr_column_task *task, dzr_error *err)
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

static dzr_status check_chunk(dzr_column_task *task, const dzr_meta_chunk *chunk, dzr_error *err)
{
    if (!DZR_HAS(chunk, DZR_CHUNK_META) || DZR_HAS(chunk, DZR_CHUNK_CRYPTO))
        return dzr_fail(err, DZR_ERR_UNSUPPORTED, "is encrypted");
    if (DZR_HAS(chunk, DZR_CHUNK_FILE_PATH) && chunk->file_path.len > 0)
        return dzr_fail(err, DZR_ERR_UNSUPPORTED, "its pages are in another file");
    const dzr_meta_column *const meta = task->meta;
    /* parquet-go 0.32 gives a column of nothing but nulls the type -1 here; without a value no type is needed. */
    if (meta->type != task->leaf->physical && task->type.id != DZR_TYPE_NULL)
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

dzr_status dzr__task_open_chunk(dzr_column_task *task, int32_t row_group, dzr_error *err)
{
    const dzr_meta_row_group *const group = &task->reader->file.row_groups.at[row_group];
    const dzr_meta_chunk *const chunk = &group->columns.at[task->column];
    task->row_group = row_group;
    task->meta = &chunk->meta;
    task->n_rows = group->num_rows;
    const dzr_status st = check_chunk(task, chunk, err);
    return st == DZR_OK ? DZR_OK : dzr__task_fail(task, st, -1, err);
}

/* A task for a column, at the end of the way down to it. */
static dzr_status plan_column(dzr_read_plan *p, int32_t column, dzr_error *err)
{
    const dzr_parquet_reader *const reader = p->reader;
    dzr_column_task *const task = &p->tasks[p->n_tasks];
    *task = (dzr_column_task){.reader = reader,
            .row_group = p->row_group,
            .column = column,
            .leaf = &reader->leaves[column],
            .n_nodes = p->depth};
    const size_t n = (size_t)p->depth;
    task->nodes = dzr__arena_zeroed(&p->arena, 2 * n, sizeof *task->nodes, err);
    if (task->nodes == NULL)
        return dzr_fail_at(err, DZR_ERR_NOMEM, "%s: ", reader->source->name);
    task->to_nodes = task->nodes + n;
    memcpy(task->nodes, p->nodes, n * sizeof *task->nodes);
    memcpy(task->to_nodes, p->to_nodes, n * sizeof *task->nodes);
    const dzr_status st = dzr__reader_type(reader, column, &task->type, err);
    if (st != DZR_OK)
        return dzr__task_fail(task, st, -1, err);
    task->stored = dzr__stored_type(task->leaf, task->type);
    p->n_tasks++;
    return DZR_OK;
}

/* The field of a column that is to come as codes: its own is that of the values. */
static dzr_status plan_codes(dzr_read_plan *p, dzr_field *out, dzr_error *err)
{
    dzr_column_task *const task = &p->tasks[p->n_tasks - 1];
    dzr_field *const values = dzr__arena_zeroed(&p->arena, 1, sizeof *values, err);
    if (values == NULL)
        return dzr_fail_at(err, DZR_ERR_NOMEM, "%s: ", p->reader->source->name);
    if (task->stored.id == DZR_TYPE_BOOL || task->type.id == DZR_TYPE_NULL) {
        const dzr_status st =
                dzr_fail(err, DZR_ERR_UNSUPPORTED, "a dictionary of values of %s", dzr_type_name(task->type));
        return dzr__task_fail(task, st, -1, err);
    }
    *values = (dzr_field){.name = out->name, .type = out->type, .zone = out->zone};
    out->type = (dzr_type){.id = DZR_TYPE_DICTIONARY};
    out->zone = NULL;
    out->children = values;
    out->n_children = 1;
    task->is_coded = true;
    p->n_nodes++;
    return DZR_OK;
}

static bool is_wanted(const dzr_read_plan *p, int32_t node)
{
    const dzr_tree_node *const tree = &p->reader->nodes[node];
    for (int32_t i = tree->first_leaf; i < tree->end_leaf; i++)
        if (p->wanted[i] != 0)
            return true;
    return false;
}

static dzr_status plan_node(dzr_read_plan *p, int32_t node, dzr_field *out, dzr_error *err);

/* The children that are wanted, or have columns below them that are. */
static dzr_status plan_children(dzr_read_plan *p, int32_t node, dzr_field *out, dzr_error *err)
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
static dzr_status plan_node(dzr_read_plan *p, int32_t node, dzr_field *out, dzr_error *err)
{
    const dzr_tree_node *const tree = &p->reader->nodes[node];
    *out = *dzr_schema_node(p->reader->schema, node);
    p->nodes[p->depth] = node;
    p->to_nodes[p->depth++] = p->n_nodes++;
    if (out->n_children > 0) {
        DZR_TRY(plan_children(p, node, out, err));
    } else {
        DZR_TRY(plan_column(p, tree->first_leaf, err));
        if (p->coded != NULL && p->coded[tree->first_leaf])
            DZR_TRY(plan_codes(p, out, err));
        if (p->wanted != NULL)
            p->wanted[tree->first_leaf] = 2;
    }
    p->depth--;
    return DZR_OK;
}

/* The columns that are wanted below fields, for the fields to know when the first of them comes. */
static dzr_status mark_wanted(dzr_read_plan *p, const int32_t *columns, int32_t n, dzr_error *err)
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

static dzr_status plan_columns(dzr_read_plan *p, const int32_t *columns, int32_t n, dzr_error *err)
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

static dzr_status check_columns(const dzr_parquet_reader *reader, const int32_t *columns, int32_t n, dzr_error *err)
{
    const char *const name = reader->source->name;
    if (n < 0)
        return dzr_fail(err, DZR_ERR_ARG, "%s: %d columns wanted", name, n);
    for (int32_t i = 0; i < n; i++)
        if (columns[i] < 0 || columns[i] >= reader->n_leaves)
            return dzr_fail(err, DZR_ERR_ARG, "%s: column %d of %d", name, columns[i], reader->n_leaves);
    return DZR_OK;
}

dzr_status dzr__plan_make(dzr_read_plan *p, const dzr_parquet_reader *reader, int32_t row_group, const int32_t *columns,
        int32_t n_columns, const int32_t *coded, int32_t n_coded, dzr_error *err)
{
    *p = (dzr_read_plan){.reader = reader, .row_group = row_group};
    dzr__arena_init(&p->arena, reader->alloc, 0);
    if (columns != NULL)
        DZR_TRY(check_columns(reader, columns, n_columns, err));
    DZR_TRY(check_columns(reader, coded, n_coded, err));
    if (n_coded > 0) {
        p->coded = dzr__arena_zeroed(&p->arena, (size_t)reader->n_leaves, 1, err);
        if (p->coded == NULL)
            return dzr_fail_at(err, DZR_ERR_NOMEM, "%s: ", reader->source->name);
    }
    for (int32_t i = 0; i < n_coded; i++)
        p->coded[coded[i]] = 1;
    return plan_columns(p, columns, columns != NULL ? n_columns : reader->n_leaves, err);
}

void dzr__plan_fini(dzr_read_plan *p)
{
    for (int32_t i = 0; i < p->n_tasks; i++)
        dzr__task_end(&p->tasks[i]);
    dzr__arena_fini(&p->arena);
}

dzr_status dzr__plan_schema(const dzr_read_plan *p, dzr_schema **out, dzr_error *err)
{
    const dzr_status st = dzr_schema_new(p->fields, p->n_fields, p->reader->alloc, out, err);
    return st == DZR_OK ? DZR_OK : dzr_fail_at(err, st, "%s: ", p->reader->source->name);
}
