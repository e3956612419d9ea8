/* parquet/writer/writer.c - a Parquet file from batches: the public face, row groups, and the footer. See parquet.h.
 * Rows are encoded as they come (column.c); a row group's pages wait in memory until it is full, because in the file
 * its columns follow each other. Spec: parquet-format README.md "File format", parquet.thrift. */
#include "parquet/writer/writer.h"

#include <assert.h>

struct dzr_parquet_writer {
    dzr_sink *sink;
    dzr_quota *quota;                  /* what options.alloc is then; NULL: there is no budget */
    dzr_schema *schema;                /* of batches */
    dzr_schema *stored;                /* of what the columns take: without dictionaries, which they make themselves */
    dzr_parquet_write_options options; /* defaults filled in */
    dzr_columns columns;
    dzr_tree tree;          /* in the arena */
    dzr_arena arena;        /* what the footer will say */
    dzr_bytebuf row_groups; /* dzr_meta_row_group each */
    dzr_indexes indexes;
    dzr_file_notes notes; /* in the arena */
    uint64_t offset;      /* bytes written */
    int64_t n_rows;       /* of row groups written */
    int64_t group_rows;   /* of the one at hand */
    bool failed, finished;
};

/* ---- open and close ---- */

/* What every call that takes memory returns: a budget that did not suffice is a limit. */
static dzr_status writer_status(const dzr_parquet_writer *writer, dzr_status st, dzr_error *err)
{
    assert(writer != NULL);
    return dzr__quota_status(writer->quota, st, "", err);
}

static dzr_status append(dzr_parquet_writer *writer, const void *bytes, size_t n, dzr_error *err)
{
    DZR_TRY(dzr_sink_append(writer->sink, bytes, n, err));
    writer->offset += n;
    return DZR_OK;
}

static dzr_status open_columns(dzr_parquet_writer *writer, dzr_error *err)
{
    DZR_TRY(dzr__tree_make(writer->stored, &writer->arena, &writer->tree, err));
    const int32_t n = writer->tree.n_leaves;
    const dzr_parquet_column_options **const own = dzr__arena_zeroed(&writer->arena, (size_t)n, sizeof *own, err);
    if (own == NULL)
        return DZR_ERR_NOMEM;
    dzr__write_options_fit(&writer->options, n);
    DZR_TRY(dzr__column_options_match(&writer->options, &writer->tree, own, err));
    return dzr__columns_open(&writer->columns, &writer->tree, &writer->options, own, err);
}

static dzr_status open_writer(dzr_parquet_writer *writer, dzr_error *err)
{
    assert(writer != NULL);
    const dzr_parquet_write_options *const options = &writer->options;
    DZR_TRY(dzr__columns_init(&writer->columns, options, err));
    DZR_TRY(dzr_schema_decode(writer->schema, options->alloc, &writer->stored, err));
    DZR_TRY(open_columns(writer, err));
    DZR_TRY(dzr__notes_make(options, writer->schema, writer->columns.n, &writer->arena, &writer->notes, err));
    return append(writer, DZR_PARQUET_MAGIC, DZR_PARQUET_MAGIC_BYTES, err);
}

/* The writer, in its own budget when it has one. */
static dzr_status new_writer(dzr_sink *sink, const dzr_schema *schema, const dzr_parquet_write_options *options,
        dzr_parquet_writer **out, dzr_error *err)
{
    dzr_quota *quota = NULL;
    if (options->memory != 0)
        DZR_TRY(dzr__quota_new(options->memory, options->alloc, &quota, err));
    const dzr_allocator *const alloc = quota != NULL ? dzr__quota_allocator(quota) : options->alloc;
    dzr_parquet_writer *const writer = dzr_alloc_zeroed(alloc, 1, sizeof *writer, err);
    if (writer == NULL) {
        const dzr_status st = dzr__quota_status(quota, DZR_ERR_NOMEM, "", err);
        dzr__quota_close(quota);
        return st;
    }
    writer->sink = sink;
    writer->quota = quota;
    writer->schema = dzr_schema_hold(schema);
    writer->options = *options;
    writer->options.alloc = alloc;
    writer->row_groups.alloc = alloc;
    writer->indexes.columns.alloc = writer->indexes.offsets.alloc = alloc;
    dzr__arena_init(&writer->arena, alloc, 0);
    *out = writer;
    return DZR_OK;
}

dzr_status dzr_parquet_writer_open(dzr_sink *sink, const dzr_schema *schema, const dzr_parquet_write_options *options,
        dzr_parquet_writer **out, dzr_error *err)
{
    dzr_parquet_write_options filled;
    dzr_parquet_writer *writer = NULL;
    DZR_TRY(dzr__write_options_fill(options, &filled, err));
    if (sink->n_bytes != 0)
        return dzr_fail(err, DZR_ERR_ARG, "%s: a Parquet file starts at the first byte, and the sink has %llu",
                sink->name, (unsigned long long)sink->n_bytes);
    DZR_TRY(new_writer(sink, schema, &filled, &writer, err));
    const dzr_status st = writer_status(writer, open_writer(writer, err), err);
    if (st != DZR_OK) {
        dzr_parquet_writer_close(writer);
        return st;
    }
    *out = writer;
    return DZR_OK;
}

void dzr_parquet_writer_close(dzr_parquet_writer *writer)
{
    if (writer == NULL)
        return;
    dzr_quota *const quota = writer->quota;
    dzr__columns_fini(&writer->columns);
    dzr__bytebuf_fini(&writer->row_groups);
    dzr__segments_fini(&writer->indexes.columns);
    dzr__segments_fini(&writer->indexes.offsets);
    dzr__arena_fini(&writer->arena);
    dzr_schema_free(writer->schema);
    dzr_schema_free(writer->stored);
    dzr_release(writer->options.alloc, writer);
    dzr__quota_close(quota);
}

/* ---- row groups ---- */

static dzr_status flush_column(dzr_parquet_writer *writer, int32_t i, dzr_meta_chunk *chunk, dzr_error *err)
{
    dzr_column_writer *const column = &writer->columns.at[i];
    chunk->has = 1u << DZR_CHUNK_META;
    const dzr_status st =
            dzr__column_flush(column, writer->sink, &writer->offset, &writer->arena, &writer->indexes, chunk, err);
    if (st != DZR_OK && err != NULL)
        err->column = i;
    chunk->meta.path.at = (dzr_bytes *)(uintptr_t)column->leaf->names; /* only read */
    chunk->meta.path.n = column->leaf->n_names;
    return st;
}

/* Chunk after chunk. */
static dzr_status flush_columns(dzr_parquet_writer *writer, dzr_meta_row_group *group, dzr_error *err)
{
    DZR_TRY(dzr__columns_end(&writer->columns, err));
    for (int32_t i = 0; i < writer->columns.n; i++) {
        dzr_meta_chunk *const chunk = &group->columns.at[i];
        DZR_TRY(flush_column(writer, i, chunk, err));
        group->total_byte_size += chunk->meta.uncompressed_size;
        group->compressed_size += chunk->meta.compressed_size;
    }
    return DZR_OK;
}

static dzr_status flush_group(dzr_parquet_writer *writer, dzr_error *err)
{
    const size_t ordinal = writer->row_groups.len / sizeof(dzr_meta_row_group);
    dzr_meta_row_group group = {
            .has = 1u << DZR_ROW_GROUP_FILE_OFFSET | 1u << DZR_ROW_GROUP_COMPRESSED_SIZE,
            .num_rows = writer->group_rows,
            .file_offset = (int64_t)writer->offset,
    };
    if (ordinal <= INT16_MAX) {
        group.has |= 1u << DZR_ROW_GROUP_ORDINAL;
        group.ordinal = (int16_t)ordinal;
    }
    group.columns.at = dzr__arena_zeroed(&writer->arena, (size_t)writer->columns.n, sizeof *group.columns.at, err);
    if (group.columns.at == NULL)
        return DZR_ERR_NOMEM;
    group.columns.n = writer->columns.n;
    dzr_error why;
    const dzr_status st = flush_columns(writer, &group, &why);
    if (st != DZR_OK) {
        if (err != NULL)
            *err = why;
        return why.column < 0 ? st
                              : dzr_fail_at(err, st, "row group %zu, column \"%s\": ", ordinal,
                                        writer->columns.at[why.column].leaf->text);
    }
    dzr__notes_to_group(&writer->notes, &group);
    DZR_TRY(dzr__bytebuf_append(&writer->row_groups, &group, sizeof group, err));
    writer->n_rows += writer->group_rows;
    writer->group_rows = 0;
    if (writer->quota != NULL)
        dzr__columns_release(&writer->columns);
    return DZR_OK;
}

/* A budget that does not suffice for a column's rows names the place. */
static dzr_status name_budget(const dzr_parquet_writer *writer, dzr_status st, dzr_error *err)
{
    if (st != DZR_ERR_NOMEM || writer->quota == NULL || err == NULL || err->column < 0)
        return st;
    return dzr_fail_at(err, st, "%s: row group %zu, column \"%s\": ", writer->sink->name,
            writer->row_groups.len / sizeof(dzr_meta_row_group), writer->columns.at[err->column].leaf->text);
}

static dzr_status append_batch(dzr_parquet_writer *writer, const dzr_batch *batch, dzr_error *err)
{
    const dzr_parquet_write_options *const options = &writer->options;
    for (int64_t first = 0, left = dzr_batch_n_rows(batch); left > 0;) {
        int64_t n = DZR_MIN(left, options->row_group_rows - writer->group_rows);
        const dzr_status st = dzr__columns_append(
                &writer->columns, batch, first, &n, writer->group_rows, options->row_group_bytes, err);
        if (st != DZR_OK)
            return name_budget(writer, st, err);
        first += n;
        left -= n;
        writer->group_rows += n;
        if (writer->group_rows == options->row_group_rows ||
                (dzr__columns_may_end(writer->group_rows) &&
                        dzr__columns_bytes(&writer->columns) >= options->row_group_bytes))
            DZR_TRY(flush_group(writer, err));
    }
    return DZR_OK;
}

enum { DECODED_ROWS = 1 << 16 }; /* at once: so many values stand for codes */

/* Columns of codes as their values, a part of the batch at a time. */
static dzr_status append_decoded(dzr_parquet_writer *writer, const dzr_batch *batch, dzr_error *err)
{
    const dzr_allocator *const alloc = writer->options.alloc;
    const int64_t n_rows = dzr_batch_n_rows(batch);
    if (dzr_schema_n_nodes(writer->stored) == dzr_schema_n_nodes(writer->schema))
        return append_batch(writer, batch, err);
    for (int64_t first = 0; first < n_rows; first += DECODED_ROWS) {
        dzr_batch *part = NULL, *decoded = NULL;
        dzr_status st =
                dzr__batch_slice(batch, first, DZR_MIN(n_rows - first, (int64_t)DECODED_ROWS), alloc, &part, err);
        if (st == DZR_OK)
            st = dzr_batch_decode(part, writer->stored, alloc, &decoded, err);
        dzr_batch_free(part);
        if (st == DZR_OK)
            st = append_batch(writer, decoded, err);
        dzr_batch_free(decoded);
        DZR_TRY(st);
    }
    return DZR_OK;
}

static dzr_status check_usable(const dzr_parquet_writer *writer, dzr_error *err)
{
    if (writer->finished)
        return dzr_fail(err, DZR_ERR_ARG, "%s: the Parquet file is finished already", writer->sink->name);
    if (writer->failed)
        return dzr_fail(err, DZR_ERR_ARG, "%s: writing the Parquet file failed before", writer->sink->name);
    return DZR_OK;
}

dzr_status dzr_parquet_writer_append(dzr_parquet_writer *writer, const dzr_batch *batch, dzr_error *err)
{
    DZR_TRY(check_usable(writer, err));
    const dzr_schema *const schema = dzr_batch_schema(batch);
    if (schema != writer->schema && !dzr_schema_equal(schema, writer->schema))
        return dzr_fail(err, DZR_ERR_ARG, "%s: the batch has another schema than the file", writer->sink->name);
    const dzr_status st = writer_status(writer, append_decoded(writer, batch, err), err);
    writer->failed = st != DZR_OK;
    return st;
}

/* ---- footer ---- */

static dzr_status fill_schema(dzr_parquet_writer *writer, dzr_meta_file *file, dzr_error *err)
{
    const size_t n = (size_t)writer->columns.n;
    file->schema.at = writer->tree.elements;
    file->schema.n = writer->tree.n_elements;
    file->column_orders.at = dzr__arena_zeroed(&writer->arena, n, sizeof(dzr_meta_order), err);
    if (file->column_orders.at == NULL)
        return DZR_ERR_NOMEM;
    file->column_orders.n = writer->columns.n;
    for (size_t i = 0; i < n; i++)
        file->column_orders.at[i].has =
                1u << (writer->tree.leaves[i].total_order ? DZR_ORDER_IEEE_754_TOTAL : DZR_ORDER_TYPE);
    return DZR_OK;
}

/* Column indexes, then offset indexes, between the last page and the footer, which learns where they are. */
static dzr_status write_indexes(dzr_parquet_writer *writer, dzr_meta_file *file, dzr_error *err)
{
    const dzr_segments *const columns = &writer->indexes.columns, *const offsets = &writer->indexes.offsets;
    const int64_t columns_at = (int64_t)writer->offset, offsets_at = columns_at + (int64_t)columns->n_bytes;
    for (int32_t i = 0; i < file->row_groups.n; i++)
        for (int32_t k = 0; k < writer->columns.n; k++) {
            dzr_meta_chunk *const chunk = &file->row_groups.at[i].columns.at[k];
            chunk->column_index_offset += columns_at;
            chunk->offset_index_offset += offsets_at;
        }
    DZR_TRY(dzr__segments_write(columns, writer->sink, err));
    DZR_TRY(dzr__segments_write(offsets, writer->sink, err));
    writer->offset += columns->n_bytes + offsets->n_bytes;
    return DZR_OK;
}

static dzr_status write_footer(dzr_parquet_writer *writer, dzr_error *err)
{
    static const char created_by[] = "datarizer version " DZR_VERSION;
    dzr_meta_file file = {
            .has = 1u << DZR_FILE_CREATED_BY | 1u << DZR_FILE_COLUMN_ORDERS,
            .version = 1, /* what the format asks writers for, until somebody says what 2 means */
            .num_rows = writer->n_rows,
            .created_by = {(const uint8_t *)created_by, sizeof created_by - 1},
    };
    dzr__notes_to_file(&writer->notes, &file);
    DZR_TRY(fill_schema(writer, &file, err));
    file.row_groups.at = (dzr_meta_row_group *)(void *)writer->row_groups.at;
    const size_t n_groups = writer->row_groups.len / sizeof(dzr_meta_row_group);
    if (n_groups > INT32_MAX)
        return dzr_fail(err, DZR_ERR_LIMIT, "%zu row groups, limit is %d", n_groups, INT32_MAX);
    file.row_groups.n = (int32_t)n_groups;
    DZR_TRY(write_indexes(writer, &file, err));
    dzr_bytebuf *const out = &writer->columns.benches[0].press.body;
    out->len = 0;
    DZR_TRY(dzr__thrift_write(out, &dzr__shape_file, &file, err));
    if (out->len > UINT32_MAX)
        return dzr_fail(err, DZR_ERR_LIMIT, "a footer of %zu bytes, limit is %u", out->len, UINT32_MAX);
    uint8_t tail[DZR_PARQUET_TAIL_BYTES];
    dzr__store_u32(tail, (uint32_t)out->len);
    memcpy(tail + sizeof(uint32_t), DZR_PARQUET_MAGIC, DZR_PARQUET_MAGIC_BYTES);
    DZR_TRY(dzr__bytebuf_append(out, tail, sizeof tail, err));
    return append(writer, out->at, out->len, err);
}

dzr_status dzr_parquet_writer_finish(dzr_parquet_writer *writer, dzr_error *err)
{
    DZR_TRY(check_usable(writer, err));
    dzr_status st = writer->group_rows > 0 ? flush_group(writer, err) : DZR_OK;
    if (st == DZR_OK)
        st = write_footer(writer, err);
    st = writer_status(writer, st, err);
    writer->failed = st != DZR_OK;
    writer->finished = st == DZR_OK;
    return st;
}
