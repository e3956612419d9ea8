/* parquet/reader/reader.c - opens a file (footer, schema) and answers what the footer says; plan.c reads values.
 * Spec: parquet-format README.md "File format"; parquet.thrift, FileMetaData. */
#include "parquet/reader/reader.h"

#include "parquet/metadata/geo.h"

#include <assert.h>

enum {
    SMALLEST_FILE = DZR_PARQUET_MAGIC_BYTES + DZR_PARQUET_TAIL_BYTES,
    FIRST_TAIL = 64 << 10 /* read at the end in one go: most footers are in it */
};

/* ---- footer ---- */

static dzr_status check_magics(const uint8_t *head, const uint8_t *tail, dzr_error *err)
{
    if (memcmp(tail, "PARE", DZR_PARQUET_MAGIC_BYTES) == 0)
        return dzr_fail(err, DZR_ERR_UNSUPPORTED, "its footer is encrypted");
    if (memcmp(tail, DZR_PARQUET_MAGIC, DZR_PARQUET_MAGIC_BYTES) != 0)
        return dzr_fail(err, DZR_ERR_CORRUPT, "no Parquet file: it does not end with PAR1");
    if (memcmp(head, DZR_PARQUET_MAGIC, DZR_PARQUET_MAGIC_BYTES) != 0)
        return dzr_fail(err, DZR_ERR_CORRUPT, "no Parquet file: it does not begin with PAR1");
    return DZR_OK;
}

/* The footer's length, once both magics are right: *n bytes before the file's last eight. */
static dzr_status footer_length(
        const dzr_parquet_reader *reader, const uint8_t *head, const uint8_t *tail_8, uint32_t *n, dzr_error *err)
{
    DZR_TRY(check_magics(head, tail_8 + 4, err));
    *n = dzr__load_u32(tail_8);
    if (*n > reader->limits.footer_bytes)
        return dzr_fail(err, DZR_ERR_LIMIT, "a footer of %u bytes, limit is %zu", *n, reader->limits.footer_bytes);
    if (*n > reader->source->n_bytes - SMALLEST_FILE)
        return dzr_fail(err, DZR_ERR_TRUNCATED, "claims a footer of %u bytes, the file has %llu", *n,
                (unsigned long long)reader->source->n_bytes);
    return DZR_OK;
}

/* The source's own errors carry its name already; *ours tells those that still need it. */
static dzr_status fetch_footer(dzr_parquet_reader *reader, dzr_bytes *out, bool *ours, dzr_error *err)
{
    dzr_source *const source = reader->source;
    const uint64_t size = source->n_bytes;
    *ours = true;
    if (size == DZR_SIZE_UNKNOWN)
        return dzr_fail(err, DZR_ERR_ARG, "is a stream; a Parquet file is read from its end");
    if (size < SMALLEST_FILE)
        return dzr_fail(err, DZR_ERR_TRUNCATED, "no Parquet file: it has %llu bytes, the smallest has %d",
                (unsigned long long)size, SMALLEST_FILE);
    *ours = false;
    const size_t n_tail = (size_t)DZR_MIN(size, (uint64_t)FIRST_TAIL);
    uint8_t head[DZR_PARQUET_MAGIC_BYTES];
    if (source->ops->read_many == NULL || n_tail == size)
        DZR_TRY(dzr_source_read_at(source, 0, head, sizeof head, err));
    else
        memcpy(head, DZR_PARQUET_MAGIC, sizeof head); /* not worth a round trip: plan.c looks at it */
    const uint8_t *tail = NULL;
    DZR_TRY(dzr_source_view_at(source, size - n_tail, n_tail, &tail, err));
    const bool in_place = tail != NULL;
    if (!in_place) {
        reader->footer = dzr_alloc_array(reader->alloc, n_tail, 1, err);
        *ours = reader->footer == NULL;
        if (reader->footer == NULL)
            return DZR_ERR_NOMEM;
        DZR_TRY(dzr_source_read_at(source, size - n_tail, reader->footer, n_tail, err));
        tail = reader->footer;
    }
    uint32_t n = 0;
    *ours = true;
    DZR_TRY(footer_length(reader, head, tail + n_tail - DZR_PARQUET_TAIL_BYTES, &n, err));
    reader->pages_end = size - DZR_PARQUET_TAIL_BYTES - n;
    if (n <= n_tail - DZR_PARQUET_TAIL_BYTES) {
        *out = (dzr_bytes){.at = tail + n_tail - DZR_PARQUET_TAIL_BYTES - n, .len = n};
        return DZR_OK;
    }
    *ours = false;
    *out = (dzr_bytes){.len = n};
    if (in_place)
        return dzr_source_view_at(source, reader->pages_end, n, &out->at, err);
    dzr_release(reader->alloc, reader->footer);
    reader->footer = dzr_alloc_array(reader->alloc, n, 1, err);
    *ours = reader->footer == NULL;
    if (reader->footer == NULL)
        return DZR_ERR_NOMEM;
    out->at = reader->footer;
    return dzr_source_read_at(source, reader->pages_end, reader->footer, n, err);
}

/* ---- schema ---- */

dzr_status dzr__reader_type(const dzr_parquet_reader *reader, int32_t column, dzr_type *out, dzr_error *err)
{
    return dzr__type_from_element(&reader->file.schema.at[reader->leaves[column].element], out, err);
}

dzr_status dzr__reader_order(const dzr_parquet_reader *reader, int32_t column, dzr_type *out, dzr_error *err)
{
    const dzr_meta_element *const element = &reader->file.schema.at[reader->leaves[column].element];
    DZR_TRY(dzr__reader_type(reader, column, out, err));
    const bool is_interval = out->id == DZR_TYPE_FIXED && DZR_HAS(element, DZR_ELEMENT_CONVERTED) &&
                             element->converted == DZR_CONVERTED_INTERVAL;
    const bool is_unordered = is_interval || dzr__geo_known(element, NULL, NULL, NULL);
    *out = is_unordered ? (dzr_type){.id = DZR_TYPE_NULL} : dzr__ordered_as(*out, element->type);
    return DZR_OK;
}

static dzr_status count_rows(dzr_parquet_reader *reader, dzr_error *err)
{
    for (int32_t i = 0; i < reader->file.row_groups.n; i++)
        if (__builtin_add_overflow(reader->n_rows, reader->file.row_groups.at[i].num_rows, &reader->n_rows))
            return dzr_fail(err, DZR_ERR_CORRUPT, "row groups 0 to %d claim more than 2^63 rows", i);
    return DZR_OK;
}

static dzr_status read_footer(dzr_parquet_reader *reader, dzr_error *err)
{
    dzr_bytes footer = {0};
    bool ours = true;
    dzr_status st = fetch_footer(reader, &footer, &ours, err);
    if (st != DZR_OK)
        return ours ? dzr_fail_at(err, st, "%s: ", reader->source->name) : st;
    st = dzr__footer_read(
            footer, &reader->limits, &reader->arena, &reader->file, &reader->leaves, &reader->n_leaves, err);
    if (st != DZR_OK) {
        if (err != NULL && err->offset >= 0)
            err->offset += (int64_t)reader->pages_end;
        return dzr_fail_at(
                err, st, "%s: footer at byte %llu: ", reader->source->name, (unsigned long long)reader->pages_end);
    }
    st = count_rows(reader, err);
    if (st == DZR_OK)
        st = dzr__reader_make_schema(reader, err);
    if (st == DZR_OK) {
        const dzr_bytes by = reader->file.created_by;
        reader->created_by = dzr__arena_text(&reader->arena, by.at, by.len, err);
        if (reader->created_by == NULL)
            st = err != NULL ? err->status : DZR_ERR_NOMEM;
    }
    return st == DZR_OK ? DZR_OK : dzr_fail_at(err, st, "%s: ", reader->source->name);
}

/* The reader, in its own budget when it has one. */
static dzr_status new_reader(
        dzr_source *source, const dzr_parquet_read_options *options, dzr_parquet_reader **out, dzr_error *err)
{
    dzr_quota *quota = NULL;
    if (options->memory != 0)
        DZR_TRY(dzr__quota_new(options->memory, options->alloc, &quota, err));
    const dzr_allocator *const alloc = quota != NULL ? dzr__quota_allocator(quota) : options->alloc;
    dzr_parquet_reader *const reader = dzr_alloc_zeroed(alloc, 1, sizeof *reader, err);
    if (reader == NULL) {
        const dzr_status st = dzr__quota_status(quota, DZR_ERR_NOMEM, "", err);
        dzr__quota_close(quota);
        return st;
    }
    reader->alloc = alloc;
    reader->quota = quota;
    reader->source = source;
    reader->limits = dzr__parquet_limits(&options->limits);
    reader->skip_crc = options->skip_crc;
    dzr__arena_init(&reader->arena, alloc, 0);
    reader->spares = quota != NULL ? NULL : dzr__spares_new(alloc, err);
    if (quota == NULL && reader->spares == NULL) {
        dzr_release(alloc, reader);
        return DZR_ERR_NOMEM;
    }
    *out = reader;
    return DZR_OK;
}

dzr_status dzr_parquet_reader_open(
        dzr_source *source, const dzr_parquet_read_options *options, dzr_parquet_reader **out, dzr_error *err)
{
    static const dzr_parquet_read_options defaults;
    dzr_parquet_reader *reader = NULL;
    if (options == NULL)
        options = &defaults;
    dzr_status st = new_reader(source, options, &reader, err);
    if (st != DZR_OK)
        return dzr_fail_at(err, st, "%s: ", source->name);
    assert(reader != NULL);
    const bool alone = reader->quota != NULL && options->threads <= DZR_MAX_THREADS;
    st = dzr__pool_new(alone ? DZR_MIN(options->threads, 1) : options->threads, reader->alloc, &reader->pool, err);
    if (st != DZR_OK)
        st = dzr_fail_at(err, st, "%s: ", source->name);
    else
        st = read_footer(reader, err);
    st = dzr__reader_status(reader, st, err);
    if (st != DZR_OK) {
        dzr_parquet_reader_close(reader);
        return st;
    }
    *out = reader;
    return DZR_OK;
}

void dzr_parquet_reader_close(dzr_parquet_reader *reader)
{
    if (reader == NULL)
        return;
    dzr_quota *const quota = reader->quota;
    dzr__pool_free(reader->pool);
    dzr__spares_free(reader->spares);
    dzr_schema_free(reader->schema);
    dzr__arena_fini(&reader->arena);
    dzr_release(reader->alloc, reader->footer);
    dzr_release(reader->alloc, reader);
    dzr__quota_close(quota);
}

/* ---- what the footer says ---- */

const dzr_schema *dzr_parquet_reader_schema(const dzr_parquet_reader *reader)
{
    return reader->schema;
}

int32_t dzr_parquet_reader_n_columns(const dzr_parquet_reader *reader)
{
    return reader->n_leaves;
}

const char *dzr_parquet_reader_path(const dzr_parquet_reader *reader, int32_t column)
{
    return reader->leaves[column].path;
}

int64_t dzr_parquet_reader_n_rows(const dzr_parquet_reader *reader)
{
    return reader->n_rows;
}

int32_t dzr_parquet_reader_n_row_groups(const dzr_parquet_reader *reader)
{
    return reader->file.row_groups.n;
}

int64_t dzr_parquet_reader_row_group_rows(const dzr_parquet_reader *reader, int32_t row_group)
{
    return reader->file.row_groups.at[row_group].num_rows;
}

const char *dzr_parquet_reader_created_by(const dzr_parquet_reader *reader)
{
    return reader->created_by;
}

int32_t dzr_parquet_reader_n_metadata(const dzr_parquet_reader *reader)
{
    return reader->file.key_values.n;
}

static dzr_parquet_metadata entry_of(const dzr_meta_key_value *entry)
{
    return (dzr_parquet_metadata){.key = entry->key, .value = entry->value};
}

dzr_parquet_metadata dzr_parquet_reader_metadata(const dzr_parquet_reader *reader, int32_t index)
{
    return entry_of(&reader->file.key_values.at[index]);
}

dzr_parquet_metadata dzr_parquet_reader_chunk_metadata(
        const dzr_parquet_reader *reader, int32_t row_group, int32_t column, int32_t index)
{
    return entry_of(&reader->file.row_groups.at[row_group].columns.at[column].meta.key_values.at[index]);
}

int32_t dzr_parquet_reader_n_sorting(const dzr_parquet_reader *reader, int32_t row_group)
{
    return reader->file.row_groups.at[row_group].sorting.n;
}

dzr_parquet_sorting dzr_parquet_reader_sorting(const dzr_parquet_reader *reader, int32_t row_group, int32_t index)
{
    const dzr_meta_sorting *const entry = &reader->file.row_groups.at[row_group].sorting.at[index];
    return (dzr_parquet_sorting){
            .column = entry->column, .descending = entry->descending, .nulls_first = entry->nulls_first};
}

dzr_status dzr_parquet_reader_can_read(const dzr_parquet_reader *reader, int32_t column, dzr_error *err)
{
    if (column < 0 || column >= reader->n_leaves)
        return dzr_fail(err, DZR_ERR_ARG, "%s: column %d of %d", reader->source->name, column, reader->n_leaves);
    dzr_type type;
    const dzr_status st = dzr__reader_type(reader, column, &type, err);
    if (st == DZR_OK)
        return DZR_OK;
    if (err != NULL)
        err->column = column;
    return dzr_fail_at(err, st, "%s: column \"%s\": ", reader->source->name, reader->leaves[column].path);
}

bool dzr_parquet_reader_geo(const dzr_parquet_reader *reader, int32_t column, dzr_parquet_geo *out)
{
    int32_t algorithm = 0;
    if (column < 0 || column >= reader->n_leaves ||
            !dzr__geo_known(
                    &reader->file.schema.at[reader->leaves[column].element], &out->is_geography, &out->crs, &algorithm))
        return false;
    out->algorithm = out->is_geography ? dzr__geo_algorithm(algorithm) : NULL;
    return true;
}

/* ---- statistics ---- */

bool dzr__reader_has_order(const dzr_parquet_reader *reader, int32_t column, dzr_type *out)
{
    if (column >= reader->file.column_orders.n || dzr__reader_order(reader, column, out, NULL) != DZR_OK)
        return false;
    const dzr_meta_order *const order = &reader->file.column_orders.at[column];
    return DZR_HAS(order, DZR_ORDER_TYPE) || (DZR_HAS(order, DZR_ORDER_IEEE_754_TOTAL) && dzr__type_is_float(*out));
}

/* The deprecated pair was compared as signed numbers whatever the type, so it is good where that was right. */
static bool is_signed_number(const dzr_parquet_reader *reader, int32_t column)
{
    dzr_type type;
    return dzr__reader_order(reader, column, &type, NULL) == DZR_OK && !dzr__type_is_unsigned(type) &&
           type.id <= DZR_TYPE_TIME && type.id != DZR_TYPE_STRING && type.id != DZR_TYPE_BINARY;
}

static void set_bounds(
        const dzr_parquet_reader *reader, int32_t column, const dzr_meta_statistics *statistics, dzr_parquet_chunk *out)
{
    dzr_type order;
    if (dzr__reader_has_order(reader, column, &order) && DZR_HAS(statistics, DZR_STATISTICS_MIN_VALUE) &&
            DZR_HAS(statistics, DZR_STATISTICS_MAX_VALUE)) {
        out->min = statistics->min_value;
        out->max = statistics->max_value;
        out->min_exact = DZR_HAS(statistics, DZR_STATISTICS_MIN_EXACT) && statistics->min_exact;
        out->max_exact = DZR_HAS(statistics, DZR_STATISTICS_MAX_EXACT) && statistics->max_exact;
    } else if (DZR_HAS(statistics, DZR_STATISTICS_MIN) && DZR_HAS(statistics, DZR_STATISTICS_MAX) &&
               is_signed_number(reader, column)) {
        out->min = statistics->min;
        out->max = statistics->max;
    } else {
        return;
    }
    out->has_min_max = dzr__reader_order(reader, column, &order, NULL) == DZR_OK && dzr__bound_valid(order, out->min) &&
                       dzr__bound_valid(order, out->max);
    if (!out->has_min_max) {
        out->min = out->max = (dzr_bytes){0};
        out->min_exact = out->max_exact = false;
    }
}

dzr_status dzr_parquet_reader_chunk(
        const dzr_parquet_reader *reader, int32_t row_group, int32_t column, dzr_parquet_chunk *out, dzr_error *err)
{
    const char *const name = reader->source->name;
    if (row_group < 0 || row_group >= reader->file.row_groups.n)
        return dzr_fail(err, DZR_ERR_ARG, "%s: row group %d of %d", name, row_group, reader->file.row_groups.n);
    if (column < 0 || column >= reader->n_leaves)
        return dzr_fail(err, DZR_ERR_ARG, "%s: column %d of %d", name, column, reader->n_leaves);
    const dzr_leaf *const leaf = &reader->leaves[column];
    const dzr_meta_chunk *const chunk = &reader->file.row_groups.at[row_group].columns.at[column];
    if (!DZR_HAS(chunk, DZR_CHUNK_META))
        return dzr_fail(
                err, DZR_ERR_UNSUPPORTED, "%s: row group %d, column \"%s\": is encrypted", name, row_group, leaf->path);
    const dzr_meta_column *const meta = &chunk->meta;
    const char *const physical = dzr__physical_name(leaf->physical);
    *out = (dzr_parquet_chunk){.path = leaf->path,
            .physical_type = physical != NULL ? physical : "unknown",
            .codec = meta->codec,
            .n_values = meta->num_values,
            .n_bytes = meta->compressed_size,
            .n_bytes_uncompressed = meta->uncompressed_size,
            .n_metadata = meta->key_values.n};
    if (!DZR_HAS(meta, DZR_COLUMN_STATISTICS))
        return DZR_OK;
    out->has_null_count = DZR_HAS(&meta->statistics, DZR_STATISTICS_NULL_COUNT) && meta->statistics.null_count >= 0;
    out->n_nulls = out->has_null_count ? meta->statistics.null_count : 0;
    set_bounds(reader, column, &meta->statistics, out);
    return DZR_OK;
}
