/* store/keep.c - what a Parquet file says besides its rows, for another Parquet file to say it as well: metadata of
 * file and columns, and what the rows are in order of. Called by convert.c. Field ids, zones and notes of fields go
 * along with the schema. */
#include "store/internal.h"

/* Row groups of which rows are read. */
typedef struct kept {
    const dzr_parquet_reader *parquet;
    const int32_t *row_groups; /* NULL: all */
    int32_t n_row_groups, n_columns;
    const dzr_parquet_scan *scan; /* NULL: all columns, in their order */
    dzr_arena *arena;
    dzr_parquet_write_options *options;
} kept;

static dzr_status arena_status(const dzr_error *err)
{
    return err != NULL ? err->status : DZR_ERR_NOMEM;
}

static int32_t row_group_of(const kept *k, int32_t i)
{
    return k->row_groups != NULL ? k->row_groups[i] : i;
}

/* The file's number of the new file's column. */
static int32_t column_of(const kept *k, int32_t column)
{
    return k->scan != NULL ? dzr_parquet_scan_column(k->scan, column) : column;
}

static bool same_bytes(dzr_bytes a, dzr_bytes b)
{
    return a.len == b.len && (a.at == NULL) == (b.at == NULL) && (a.at == NULL || memcmp(a.at, b.at, a.len) == 0);
}

static bool has_key(const dzr_parquet_metadata *entries, int32_t n, dzr_bytes key)
{
    for (int32_t i = 0; i < n; i++)
        if (same_bytes(entries[i].key, key))
            return true;
    return false;
}

/* The file's entries but those of keys that the caller has as well, then the caller's. Arrow's schema is the writer's
 * to make. */
static dzr_status keep_metadata(kept *k, dzr_error *err)
{
    static const char arrow_schema[] = "ARROW:schema";
    dzr_parquet_write_options *const options = k->options;
    const int32_t n = dzr_parquet_reader_n_metadata(k->parquet);
    if (n == 0)
        return DZR_OK;
    dzr_parquet_metadata *const all =
            dzr__arena_zeroed(k->arena, (size_t)n + (size_t)options->n_metadata, sizeof *all, err);
    if (all == NULL)
        return arena_status(err);
    int32_t n_all = 0;
    for (int32_t i = 0; i < n; i++) {
        const dzr_parquet_metadata entry = dzr_parquet_reader_metadata(k->parquet, i);
        const bool is_text = dzr__utf8_valid(entry.key.at, entry.key.len) &&
                             dzr__utf8_valid(entry.value.at, entry.value.len); /* by the format; some files differ */
        const bool is_ours = same_bytes(entry.key, (dzr_bytes){(const uint8_t *)arrow_schema, sizeof arrow_schema - 1});
        if (is_text && !is_ours && !has_key(options->metadata, options->n_metadata, entry.key))
            all[n_all++] = entry;
    }
    for (int32_t i = 0; i < options->n_metadata; i++)
        all[n_all++] = options->metadata[i];
    options->metadata = all;
    options->n_metadata = n_all;
    return DZR_OK;
}

/* How many entries a column has in every row group, the same in all. */
static int32_t n_entries(const kept *k, int32_t column)
{
    dzr_parquet_chunk first, other;
    if (k->n_row_groups == 0 ||
            dzr_parquet_reader_chunk(k->parquet, row_group_of(k, 0), column, &first, NULL) != DZR_OK)
        return 0;
    for (int32_t i = 1; i < k->n_row_groups && first.n_metadata > 0; i++) {
        const int32_t group = row_group_of(k, i);
        if (dzr_parquet_reader_chunk(k->parquet, group, column, &other, NULL) != DZR_OK ||
                other.n_metadata != first.n_metadata)
            return 0;
        for (int32_t e = 0; e < first.n_metadata; e++) {
            const dzr_parquet_metadata a = dzr_parquet_reader_chunk_metadata(k->parquet, row_group_of(k, 0), column, e);
            const dzr_parquet_metadata b = dzr_parquet_reader_chunk_metadata(k->parquet, group, column, e);
            if (!same_bytes(a.key, b.key) || !same_bytes(a.value, b.value))
                return 0;
        }
    }
    return first.n_metadata;
}

/* What all row groups say of a column, then the caller's. */
static dzr_status keep_column_metadata(kept *k, dzr_error *err)
{
    dzr_parquet_write_options *const options = k->options;
    int64_t n = 0;
    for (int32_t i = 0; i < k->n_columns; i++)
        n += n_entries(k, column_of(k, i));
    if (n == 0 || n > INT32_MAX - options->n_column_metadata)
        return DZR_OK;
    dzr_parquet_column_metadata *const all =
            dzr__arena_zeroed(k->arena, (size_t)n + (size_t)options->n_column_metadata, sizeof *all, err);
    if (all == NULL)
        return arena_status(err);
    int32_t n_all = 0;
    for (int32_t i = 0; i < k->n_columns; i++)
        for (int32_t e = 0; e < n_entries(k, column_of(k, i)); e++) {
            const dzr_parquet_metadata entry =
                    dzr_parquet_reader_chunk_metadata(k->parquet, row_group_of(k, 0), column_of(k, i), e);
            if (dzr__utf8_valid(entry.key.at, entry.key.len) && dzr__utf8_valid(entry.value.at, entry.value.len))
                all[n_all++] = (dzr_parquet_column_metadata){i, entry};
        }
    for (int32_t i = 0; i < options->n_column_metadata; i++)
        all[n_all++] = options->column_metadata[i];
    options->column_metadata = all;
    options->n_column_metadata = n_all;
    return DZR_OK;
}

/* As far as it holds for all rows together, because they come into other row groups, and as far as its columns come
 * along; unless the caller says what they are in order of. */
static dzr_status keep_sorting(kept *k, dzr_error *err)
{
    const int32_t n = dzr_parquet_reader_sorted(k->parquet, k->row_groups, k->n_row_groups);
    if (k->options->n_sorting > 0 || n == 0)
        return DZR_OK;
    dzr_parquet_sorting *const sorting = dzr__arena_zeroed(k->arena, (size_t)n, sizeof *sorting, err);
    if (sorting == NULL)
        return arena_status(err);
    int32_t n_kept = 0;
    for (bool found = true; n_kept < n && found; n_kept += found) {
        dzr_parquet_sorting *const to = &sorting[n_kept];
        *to = dzr_parquet_reader_sorting(k->parquet, row_group_of(k, 0), n_kept);
        const int32_t column = to->column;
        found = false;
        for (int32_t i = 0; i < k->n_columns && !found; i++) {
            found = column_of(k, i) == column;
            to->column = i;
        }
    }
    k->options->sorting = sorting;
    k->options->n_sorting = n_kept;
    return DZR_OK;
}

dzr_status dzr__keep(const dzr_table_reader *reader, const dzr_table_read_options *read, dzr_arena *arena,
        dzr_parquet_write_options *options, dzr_error *err)
{
    const dzr_parquet_reader *const parquet = dzr_table_reader_parquet(reader);
    if (parquet == NULL)
        return DZR_OK;
    const bool some = read != NULL && read->row_groups != NULL;
    kept k = {.parquet = parquet,
            .row_groups = some ? read->row_groups : NULL,
            .n_row_groups = some ? read->n_row_groups : dzr_parquet_reader_n_row_groups(parquet),
            .scan = dzr__table_reader_scan(reader),
            .arena = arena,
            .options = options};
    k.n_columns = k.scan != NULL ? dzr_parquet_scan_n_columns(k.scan) : dzr_parquet_reader_n_columns(parquet);
    DZR_TRY(keep_metadata(&k, err));
    DZR_TRY(keep_column_metadata(&k, err));
    return keep_sorting(&k, err);
}
