/* record/parquet.c - records to a Parquet file and from one, by name. Called by programs through dataframe.h.
 * Writing goes by batches of bounded rows, reading by row groups of the columns that members want. */
#include "record/internal.h"
#include <datarizer/store.h>

enum { BATCH_RECORDS = 65536 };

/* ---- writing ---- */

static dzr_status write_batches(
        const dzr_dataframe *frame, dzr_builder *builder, dzr_parquet_writer *writer, dzr_error *err)
{
    const int64_t n = dzr_dataframe_length(frame);
    for (int64_t i = 0; i < n;) {
        const int64_t end = DZR_MIN(n, i + BATCH_RECORDS);
        for (; i < end; i++)
            DZR_TRY(dzr__record_put(frame->type, dzr_dataframe_get(frame, i), builder, err));
        dzr_batch *batch = NULL;
        DZR_TRY(dzr_builder_finish(builder, &batch, err));
        const dzr_status st = dzr_parquet_writer_append(writer, batch, err);
        dzr_batch_free(batch);
        DZR_TRY(st);
    }
    return dzr_parquet_writer_finish(writer, err);
}

static dzr_status make_schema(const dzr_dataframe *frame, dzr_schema **out, dzr_error *err)
{
    bool *const is_text = dzr_alloc_array(frame->alloc, (size_t)dzr__record_n_nodes(frame->type), sizeof *is_text, err);
    if (is_text == NULL)
        return DZR_ERR_NOMEM;
    memset(is_text, true, (size_t)dzr__record_n_nodes(frame->type) * sizeof *is_text);
    for (int64_t i = 0; i < dzr_dataframe_length(frame); i++)
        dzr__record_check_text(frame->type, dzr_dataframe_get(frame, i), is_text);
    const dzr_status st = dzr__record_schema(frame->type, is_text, frame->alloc, out, err);
    dzr_release(frame->alloc, is_text);
    return st;
}

dzr_status dzr_dataframe_write_parquet(
        const dzr_dataframe *frame, const char *name, const dzr_parquet_write_options *options, dzr_error *err)
{
    dzr_parquet_write_options parquet = options != NULL ? *options : DZR_PARQUET_WRITE_DEFAULTS;
    parquet.alloc = frame->alloc;
    const dzr_store_sink_options store = {.alloc = frame->alloc};
    dzr_schema *schema = NULL;
    dzr_builder *builder = NULL;
    dzr_parquet_writer *writer = NULL;
    dzr_sink *sink = NULL;
    dzr_status st = dzr_store_open_sink(name, &store, &sink, err);
    if (st != DZR_OK)
        return dzr_fail_at(err, st, "failed to create local writer for path '%s': ", name);
    st = make_schema(frame, &schema, err);
    if (st == DZR_OK)
        st = dzr_builder_new(schema, frame->alloc, &builder, err);
    if (st == DZR_OK)
        st = dzr_parquet_writer_open(sink, schema, &parquet, &writer, err);
    if (st == DZR_OK)
        st = write_batches(frame, builder, writer, err);
    if (st == DZR_OK)
        st = dzr_sink_commit(sink, err);
    dzr_parquet_writer_close(writer);
    dzr_builder_free(builder);
    dzr_schema_free(schema);
    dzr_sink_close(sink);
    return st;
}

/* ---- reading ---- */

/* What is read of the file: the columns that fill members. */
typedef struct projection {
    int32_t *columns;
    int32_t n_columns;
} projection;

static bool has_values(dzr_type_id id)
{
    return id != DZR_TYPE_STRUCT && id != DZR_TYPE_LIST && id != DZR_TYPE_MAP;
}

/* In arena. Errors: as dzr__record_match. */
static dzr_status project(const dzr_dataframe *frame, const dzr_schema *schema,
        const dzr_dataframe_read_options *options, dzr_arena *arena, projection *out, dzr_error *err)
{
    const int32_t n_nodes = dzr_schema_n_nodes(schema);
    bool *const is_wanted = dzr__arena_zeroed(arena, (size_t)n_nodes, sizeof *is_wanted, err);
    out->columns = dzr__arena_zeroed(arena, (size_t)n_nodes, sizeof *out->columns, err);
    out->n_columns = 0;
    if (is_wanted == NULL || out->columns == NULL)
        return DZR_ERR_NOMEM;
    dzr__match *matches = NULL;
    DZR_TRY(dzr__record_match(frame->type, schema, options, arena, &matches, is_wanted, err));
    for (int32_t node = 0, column = 0; node < n_nodes; node++)
        if (has_values(dzr_schema_node(schema, node)->type.id)) {
            if (is_wanted[node])
                out->columns[out->n_columns++] = column;
            column++;
        }
    return DZR_OK;
}

static dzr_status read_row_groups(dzr_dataframe *frame, dzr_parquet_reader *reader, const char *name,
        const projection *wanted, const dzr_dataframe_read_options *options, dzr_error *err)
{
    for (int32_t i = 0; i < dzr_parquet_reader_n_row_groups(reader); i++) {
        dzr_batch *batch = NULL;
        DZR_TRY(dzr_parquet_read_row_group(reader, i, wanted->columns, wanted->n_columns, &batch, err));
        const dzr_status st = dzr_dataframe_append_batch(frame, batch, options, err);
        dzr_batch_free(batch);
        if (st == DZR_OK)
            continue;
        if (err != NULL)
            err->row_group = i;
        return dzr_fail_at(err, st, "%s: row group %d, ", name, (int)i);
    }
    return DZR_OK;
}

static dzr_status read_source(dzr_dataframe *frame, dzr_source *source, const dzr_dataframe_read_options *options,
        dzr_arena *arena, dzr_error *err)
{
    const dzr_parquet_read_options parquet = {.alloc = frame->alloc};
    dzr_parquet_reader *reader = NULL;
    dzr_status st = dzr_parquet_reader_open(source, &parquet, &reader, err);
    if (st != DZR_OK)
        return dzr_fail_at(err, st, "failed to create parquet reader: ");
    projection wanted;
    st = project(frame, dzr_parquet_reader_schema(reader), options, arena, &wanted, err);
    if (st == DZR_OK)
        st = read_row_groups(frame, reader, source->name, &wanted, options, err);
    else
        (void)dzr_fail_at(err, st, "%s: ", source->name);
    dzr_parquet_reader_close(reader);
    return st;
}

dzr_status dzr_dataframe_read_parquet(
        dzr_dataframe *frame, const char *name, const dzr_dataframe_read_options *options, dzr_error *err)
{
    const int64_t before = dzr_dataframe_length(frame);
    dzr_source *source = NULL;
    dzr_status st = dzr_store_open_source(name, frame->alloc, &source, err);
    if (st != DZR_OK)
        return dzr_fail_at(err, st, "failed to open parquet file '%s': ", name);
    dzr_arena arena;
    dzr__arena_init(&arena, frame->alloc, 0);
    st = read_source(frame, source, options, &arena, err);
    if (st != DZR_OK)
        dzr_dataframe_truncate(frame, before);
    dzr__arena_fini(&arena);
    dzr_source_close(source);
    return st;
}
