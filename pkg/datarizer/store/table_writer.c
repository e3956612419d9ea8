/* store/table_writer.c - a file of records from batches, whatever its format. Called by convert.c and programs. */
#include "store/internal.h"

#include <stdlib.h>

struct dzr_table_writer {
    const dzr_allocator *alloc;
    dzr_sink *sink;
    dzr_parquet_writer *parquet; /* one of the three */
    dzr_json_writer *json;
    dzr_csv_writer *csv;
    dzr__sort_order *order; /* NULL: none is claimed */
};

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A name that stands twice among n, which it sorts; NULL when there is none. */
static const char *name_twice(const char **names, int32_t n)
{
    qsort(names, (size_t)n, sizeof *names, by_name);
    for (int32_t i = 1; i < n; i++)
        if (strcmp(names[i - 1], names[i]) == 0)
            return names[i];
    return NULL;
}

static dzr_status check_names_in(const char *file, const dzr_schema *schema, const char **names, dzr_error *err)
{
    const int32_t n_fields = dzr_schema_n_fields(schema);
    for (int32_t i = 0; i < n_fields; i++)
        names[i] = dzr_schema_field(schema, i)->name;
    const char *twice = name_twice(names, n_fields);
    if (twice != NULL)
        return dzr_fail(err, DZR_ERR_ARG, "%s: two columns have the name \"%s\", which JSON can't hold", file, twice);
    for (int32_t node = 0; node < dzr_schema_n_nodes(schema); node++) {
        const dzr_field *const field = dzr_schema_node(schema, node);
        if (field->type.id != DZR_TYPE_STRUCT)
            continue;
        for (int32_t i = 0; i < field->n_children; i++)
            names[i] = field->children[i].name;
        twice = name_twice(names, field->n_children);
        if (twice != NULL)
            return dzr_fail(err, DZR_ERR_ARG, "%s: two fields of \"%s\" have the name \"%s\", which JSON can't hold",
                    file, field->name, twice);
    }
    return DZR_OK;
}

/* A JSON object with a name twice is read as if the first was not there. */
static dzr_status check_names(const char *file, const dzr_schema *schema, const dzr_allocator *alloc, dzr_error *err)
{
    const char **const names = dzr_alloc_array(alloc, (size_t)dzr_schema_n_nodes(schema), sizeof *names, err);
    if (names == NULL)
        return DZR_ERR_NOMEM;
    const dzr_status st = check_names_in(file, schema, names, err);
    dzr_release(alloc, names);
    return st;
}

static dzr_status open_format(dzr_table_writer *writer, const char *name, const dzr_schema *schema,
        const dzr_table_write_options *options, dzr_error *err)
{
    dzr_format format = options->format;
    if (format == DZR_FORMAT_BY_NAME)
        DZR_TRY(dzr_format_of(name, &format, err));
    if (format == DZR_FORMAT_JSONL || format == DZR_FORMAT_JSON)
        DZR_TRY(check_names(name, schema, options->alloc, err));
    if (options->sort_order != NULL && format != DZR_FORMAT_PARQUET)
        return dzr_fail(err, DZR_ERR_ARG, "%s: only Parquet has a place for a sort order", name);
    if (options->sort_order != NULL)
        DZR_TRY(dzr__sort_order_new(name, options->sort_order, schema, options->alloc, &writer->order, err));
    const dzr_store_sink_options store = {.alloc = options->alloc,
            .make_folders = options->make_folders,
            .cancel = options->cancel,
            .s3 = options->s3};
    DZR_TRY(dzr_store_open_sink(name, &store, &writer->sink, err));
    if (format == DZR_FORMAT_PARQUET) {
        dzr_parquet_write_options parquet = options->parquet;
        parquet.alloc = options->alloc;
        parquet.threads = options->threads;
        if (writer->order != NULL)
            parquet.sorting = dzr__sort_order_columns(writer->order, &parquet.n_sorting);
        return dzr_parquet_writer_open(writer->sink, schema, &parquet, &writer->parquet, err);
    }
    if (format == DZR_FORMAT_CSV || format == DZR_FORMAT_TSV) {
        dzr_csv_write_options csv = {.alloc = options->alloc, .dialect = options->csv};
        if (csv.dialect.delimiter == 0)
            csv.dialect.delimiter = format == DZR_FORMAT_TSV ? '\t' : ',';
        return dzr_csv_writer_open(writer->sink, schema, &csv, &writer->csv, err);
    }
    const dzr_json_write_options json = {.alloc = options->alloc,
            .style = format == DZR_FORMAT_JSON ? DZR_JSON_ARRAY_LINES : DZR_JSON_LINES,
            .threads = options->threads};
    return dzr_json_writer_open(writer->sink, schema, &json, &writer->json, err);
}

dzr_status dzr_table_writer_open(const char *name, const dzr_schema *schema, const dzr_table_write_options *options,
        dzr_table_writer **out, dzr_error *err)
{
    static const dzr_table_write_options defaults = {.parquet = {.codec = DZR_CODEC_SNAPPY}};
    if (options == NULL)
        options = &defaults;
    dzr_table_writer *const writer = dzr_alloc_zeroed(options->alloc, 1, sizeof *writer, err);
    if (writer == NULL)
        return DZR_ERR_NOMEM;
    writer->alloc = options->alloc;
    const dzr_status st = open_format(writer, name, schema, options, err);
    if (st != DZR_OK) {
        dzr_table_writer_close(writer);
        return st;
    }
    *out = writer;
    return DZR_OK;
}

dzr_status dzr_table_writer_append(dzr_table_writer *writer, const dzr_batch *batch, dzr_error *err)
{
    if (writer->order != NULL)
        DZR_TRY(dzr__sort_order_check(writer->order, batch, err));
    if (writer->csv != NULL)
        return dzr_csv_writer_append(writer->csv, batch, err);
    return writer->parquet != NULL ? dzr_parquet_writer_append(writer->parquet, batch, err)
                                   : dzr_json_writer_append(writer->json, batch, err);
}

static void close_format(dzr_table_writer *writer)
{
    dzr_parquet_writer_close(writer->parquet);
    dzr_json_writer_close(writer->json);
    dzr_csv_writer_close(writer->csv);
    writer->parquet = NULL;
    writer->json = NULL;
    writer->csv = NULL;
}

dzr_status dzr__table_writer_finish(dzr_table_writer *writer, dzr_error *err)
{
    if (writer->csv != NULL)
        DZR_TRY(dzr_csv_writer_finish(writer->csv, err));
    else
        DZR_TRY(writer->parquet != NULL ? dzr_parquet_writer_finish(writer->parquet, err)
                                        : dzr_json_writer_finish(writer->json, err));
    close_format(writer);
    return DZR_OK;
}

dzr_status dzr__table_writer_commit_finished(dzr_table_writer *writer, dzr_error *err)
{
    return dzr_sink_commit(writer->sink, err);
}

dzr_status dzr_table_writer_commit(dzr_table_writer *writer, dzr_error *err)
{
    DZR_TRY(dzr__table_writer_finish(writer, err));
    return dzr_sink_commit(writer->sink, err);
}

uint64_t dzr_table_writer_n_bytes(const dzr_table_writer *writer)
{
    return writer->sink->n_bytes;
}

void dzr_table_writer_close(dzr_table_writer *writer)
{
    if (writer == NULL)
        return;
    close_format(writer);
    dzr__sort_order_free(writer->order);
    dzr_sink_close(writer->sink);
    dzr_release(writer->alloc, writer);
}
