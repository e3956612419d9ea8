/* parquet/writer/notes.c - what a footer says besides where values are: the file's metadata with Arrow's schema in it,
 * that of columns, and sorting; taken from the options once, when the file is opened. Called by writer.c.
 * Spec: parquet.thrift, FileMetaData.key_value_metadata, ColumnMetaData.key_value_metadata, RowGroup.sorting_columns.
 */
#include "parquet/arrow_schema/arrow_schema.h"
#include "parquet/writer/writer.h"

static dzr_status copy_text(dzr_arena *arena, dzr_bytes in, dzr_bytes *out, dzr_error *err)
{
    if (!dzr__utf8_valid(in.at, in.len))
        return dzr_fail(err, DZR_ERR_ARG, "is not UTF-8");
    const char *const copy = dzr__arena_text(arena, in.at, in.len, err);
    if (copy == NULL)
        return dzr__arena_status(err);
    *out = (dzr_bytes){(const uint8_t *)copy, in.len};
    return DZR_OK;
}

static dzr_status copy_entry(dzr_arena *arena, const dzr_key_value *in, dzr_meta_key_value *out, dzr_error *err)
{
    DZR_TRY(copy_text(arena, in->key, &out->key, err));
    if (in->value.at == NULL)
        return DZR_OK;
    out->has = 1u << DZR_KEY_VALUE_VALUE;
    return copy_text(arena, in->value, &out->value, err);
}

static bool is_arrow_schema(const dzr_key_value *entry)
{
    static const char key[] = DZR_ARROW_SCHEMA_KEY;
    return entry->key.len == sizeof key - 1 && memcmp(entry->key.at, key, sizeof key - 1) == 0;
}

/* How strings lie in memory is nothing that a file should say: as plain strings, which every function of a reader's
 * takes, and not as the views that they are here. */
static void without_views(struct ArrowSchema *schema)
{
    if (strcmp(schema->format, "vu") == 0 || strcmp(schema->format, "vz") == 0)
        schema->format++;
    for (int64_t i = 0; i < schema->n_children; i++)
        without_views(schema->children[i]);
    if (schema->dictionary != NULL)
        without_views(schema->dictionary);
}

/* What goes into the message, in the arena. pyarrow takes a file's metadata from there and nowhere else, so the n
 * entries are in it, too. */
static dzr_status make_tree(const dzr_schema *schema, const dzr_meta_key_value *entries, int32_t n, dzr_arena *arena,
        struct ArrowSchema *out, dzr_error *err)
{
    DZR_TRY(dzr__arrow_schema_of(schema, arena, out, err));
    without_views(out);
    dzr_key_value *const notes = dzr__arena_zeroed(arena, (size_t)n, sizeof *notes, err);
    if (notes == NULL)
        return DZR_ERR_NOMEM;
    for (int32_t i = 0; i < n; i++)
        notes[i] = (dzr_key_value){entries[i].key, entries[i].value};
    return dzr__arrow_metadata(notes, n, arena, &out->metadata, err);
}

static dzr_status make_arrow_schema(const dzr_schema *schema, const dzr_meta_key_value *entries, int32_t n,
        dzr_arena *arena, dzr_meta_key_value *out, dzr_error *err)
{
    static const char key[] = DZR_ARROW_SCHEMA_KEY;
    struct ArrowSchema tree;
    dzr_arena scratch;
    dzr_bytebuf text = {.alloc = arena->alloc};
    dzr__arena_init(&scratch, arena->alloc, 0);
    dzr_status st = make_tree(schema, entries, n, &scratch, &tree, err);
    if (st == DZR_OK)
        st = dzr__arrow_schema_write(&tree, &text, err);
    if (st == DZR_OK)
        st = copy_text(arena, (dzr_bytes){text.at, text.len}, &out->value, err);
    dzr__bytebuf_fini(&text);
    dzr__arena_fini(&scratch);
    out->key = (dzr_bytes){(const uint8_t *)key, sizeof key - 1};
    out->has = 1u << DZR_KEY_VALUE_VALUE;
    return st;
}

/* The caller's entries in their order, then ours. */
static dzr_status make_metadata(const dzr_parquet_write_options *options, const dzr_schema *schema, dzr_arena *arena,
        dzr_file_notes *out, dzr_error *err)
{
    dzr_meta_key_value *const entries = dzr__arena_zeroed(arena, (size_t)options->n_metadata + 1, sizeof *entries, err);
    if (entries == NULL)
        return dzr__arena_status(err);
    int32_t n = 0;
    for (int32_t i = 0; i < options->n_metadata; i++) {
        if (!options->no_arrow_schema && is_arrow_schema(&options->metadata[i]))
            continue;
        const dzr_status st = copy_entry(arena, &options->metadata[i], &entries[n++], err);
        if (st != DZR_OK)
            return dzr_fail_at(err, st, "option metadata: entry %d ", (int)i);
    }
    if (!options->no_arrow_schema) {
        DZR_TRY(make_arrow_schema(schema, entries, n, arena, &entries[n], err));
        n++;
    }
    out->metadata = entries;
    out->n_metadata = n;
    return DZR_OK;
}

static dzr_status check_column(const char *option, int32_t entry, int32_t column, int32_t n_columns, dzr_error *err)
{
    if (column >= 0 && column < n_columns)
        return DZR_OK;
    return dzr_fail(err, DZR_ERR_ARG, "option %s: entry %d is column %d of %d", option, (int)entry, (int)column,
            (int)n_columns);
}

static dzr_status make_sorting(const dzr_parquet_write_options *options, int32_t n_columns, dzr_arena *arena,
        dzr_file_notes *out, dzr_error *err)
{
    out->sorting = dzr__arena_zeroed(arena, (size_t)options->n_sorting, sizeof *out->sorting, err);
    if (out->sorting == NULL)
        return dzr__arena_status(err);
    for (int32_t i = 0; i < options->n_sorting; i++) {
        const dzr_parquet_sorting *const in = &options->sorting[i];
        DZR_TRY(check_column("sorting", i, in->column, n_columns, err));
        out->sorting[i] =
                (dzr_meta_sorting){.column = in->column, .descending = in->descending, .nulls_first = in->nulls_first};
    }
    out->n_sorting = options->n_sorting;
    return DZR_OK;
}

/* Entries stand together by column, and each column's in their order. */
static dzr_status make_column_metadata(const dzr_parquet_write_options *options, int32_t n_columns, dzr_arena *arena,
        dzr_file_notes *out, dzr_error *err)
{
    const int32_t n = options->n_column_metadata;
    if (n == 0)
        return DZR_OK;
    dzr_column_notes *const columns = dzr__arena_zeroed(arena, (size_t)n_columns, sizeof *columns, err);
    dzr_meta_key_value *next =
            columns == NULL ? NULL : dzr__arena_zeroed(arena, (size_t)n, sizeof(dzr_meta_key_value), err);
    if (next == NULL)
        return dzr__arena_status(err);
    for (int32_t i = 0; i < n; i++) {
        DZR_TRY(check_column("column_metadata", i, options->column_metadata[i].column, n_columns, err));
        columns[options->column_metadata[i].column].n++;
    }
    for (int32_t i = 0; i < n_columns; i++) {
        columns[i].at = next;
        next += columns[i].n;
        columns[i].n = 0;
    }
    for (int32_t i = 0; i < n; i++) {
        const dzr_parquet_column_metadata *const in = &options->column_metadata[i];
        dzr_column_notes *const column = &columns[in->column];
        const dzr_status st = copy_entry(arena, &in->entry, &column->at[column->n++], err);
        if (st != DZR_OK)
            return dzr_fail_at(err, st, "option column_metadata: entry %d ", (int)i);
    }
    out->columns = columns;
    return DZR_OK;
}

dzr_status dzr__notes_make(const dzr_parquet_write_options *options, const dzr_schema *schema, int32_t n_columns,
        dzr_arena *arena, dzr_file_notes *out, dzr_error *err)
{
    DZR_TRY(make_metadata(options, schema, arena, out, err));
    DZR_TRY(make_sorting(options, n_columns, arena, out, err));
    return make_column_metadata(options, n_columns, arena, out, err);
}

void dzr__notes_to_group(const dzr_file_notes *notes, dzr_meta_row_group *group)
{
    if (notes->n_sorting > 0) {
        group->has |= 1u << DZR_ROW_GROUP_SORTING;
        group->sorting.at = notes->sorting;
        group->sorting.n = notes->n_sorting;
    }
    for (int32_t i = 0; i < group->columns.n && notes->columns != NULL; i++) {
        dzr_meta_column *const meta = &group->columns.at[i].meta;
        if (notes->columns[i].n == 0)
            continue;
        meta->has |= 1u << DZR_COLUMN_KEY_VALUES;
        meta->key_values.at = notes->columns[i].at;
        meta->key_values.n = notes->columns[i].n;
    }
}

void dzr__notes_to_file(const dzr_file_notes *notes, dzr_meta_file *file)
{
    if (notes->n_metadata == 0)
        return;
    file->has |= 1u << DZR_FILE_KEY_VALUES;
    file->key_values.at = notes->metadata;
    file->key_values.n = notes->n_metadata;
}
