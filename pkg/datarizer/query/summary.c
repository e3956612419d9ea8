/* query/summary.c - datarizer/summary.h: which columns there are, batches handed out to them column by column over the
 * threads, and at the end what they say, as values of their own types. */
#include "base/pool.h"
#include "query/sketch.h"

#include <math.h>

struct dzr_summary {
    const dzr_allocator *alloc;
    dzr_schema *given, *schema; /* of the batches; the same without dictionaries */
    dzr_pool *pool;
    dzr_arena arena;
    dzr__column_summary *columns;
    dzr_summary_column *said; /* of each; all are there after finish */
    dzr_batch **batches;      /* two of each: values and edges */
    int32_t n_columns, n_top, n_bins;
    int64_t n_rows;
    bool finished;
};

/* ---- columns ---- */

/* "above.name", in the arena. */
static const char *join(dzr_arena *arena, const char *above, const char *name, dzr_error *err)
{
    const size_t n = above != NULL ? strlen(above) + 1 : 0, len = strlen(name);
    char *const path = dzr__arena_zeroed(arena, n + len + 1, 1, err);
    if (path == NULL)
        return NULL;
    if (n > 0) {
        memcpy(path, above, n - 1);
        path[n - 1] = '.';
    }
    memcpy(path + n, name, len);
    return path;
}

static dzr_status add_columns(
        dzr_summary *summary, const dzr_field *fields, int32_t n, const char *above, int32_t *node, dzr_error *err)
{
    for (int32_t i = 0; i < n; i++) {
        const dzr_field *const field = &fields[i];
        const char *const path = join(&summary->arena, above, field->name, err);
        if (path == NULL)
            return DZR_ERR_NOMEM;
        const int32_t here = (*node)++;
        if (field->type.id != DZR_TYPE_STRUCT) {
            dzr__column_summary *const column = &summary->columns[summary->n_columns++];
            dzr__column_summary_init(column, field, summary->alloc);
            column->path = path;
            column->node = here;
        }
        DZR_TRY(add_columns(summary, field->children, field->n_children, path, node, err));
    }
    return DZR_OK;
}

static dzr_status set_up(dzr_summary *summary, const dzr_schema *schema, int32_t threads, dzr_error *err)
{
    const size_t n = (size_t)dzr_schema_n_nodes(schema);
    int32_t node = 0;
    summary->given = dzr_schema_hold(schema);
    DZR_TRY(dzr_schema_decode(schema, summary->alloc, &summary->schema, err));
    DZR_TRY(dzr__pool_new(threads, summary->alloc, &summary->pool, err));
    summary->columns = dzr_alloc_zeroed(summary->alloc, n, sizeof *summary->columns, err);
    summary->said = dzr_alloc_zeroed(summary->alloc, n, sizeof *summary->said, err);
    summary->batches = dzr_alloc_zeroed(summary->alloc, n, 2 * sizeof *summary->batches, err);
    if (summary->columns == NULL || summary->said == NULL || summary->batches == NULL)
        return DZR_ERR_NOMEM;
    const int32_t n_fields = dzr_schema_n_fields(summary->schema);
    return n_fields == 0 ? DZR_OK
                         : add_columns(summary, dzr_schema_field(summary->schema, 0), n_fields, NULL, &node, err);
}

dzr_status dzr_summary_new(
        const dzr_schema *schema, const dzr_summary_options *options, dzr_summary **out, dzr_error *err)
{
    static const dzr_summary_options defaults = {.alloc = NULL};
    if (options == NULL)
        options = &defaults;
    if (options->n_top < 0 || options->n_top > DZR_SUMMARY_VALUES || options->n_bins < 0 ||
            options->n_bins > DZR_SUMMARY_BINS)
        return dzr_fail(err, DZR_ERR_ARG, "%d top values and %d bins, the most are %d and %d", options->n_top,
                options->n_bins, (int)DZR_SUMMARY_VALUES, (int)DZR_SUMMARY_BINS);
    dzr_summary *const summary = dzr_alloc_zeroed(options->alloc, 1, sizeof *summary, err);
    if (summary == NULL)
        return DZR_ERR_NOMEM;
    summary->alloc = options->alloc;
    summary->n_top = options->n_top > 0 ? options->n_top : 10;
    summary->n_bins = options->n_bins > 0 ? options->n_bins : 32;
    dzr__arena_init(&summary->arena, options->alloc, 0);
    const dzr_status st = set_up(summary, schema, options->threads, err);
    if (st != DZR_OK) {
        dzr_summary_free(summary);
        return st;
    }
    *out = summary;
    return DZR_OK;
}

void dzr_summary_free(dzr_summary *summary)
{
    if (summary == NULL)
        return;
    for (int32_t i = 0; i < summary->n_columns; i++) {
        dzr__column_summary_fini(&summary->columns[i]);
        dzr_batch_free(summary->batches[2 * (size_t)i]);
        dzr_batch_free(summary->batches[2 * (size_t)i + 1]);
    }
    dzr__pool_free(summary->pool);
    dzr__arena_fini(&summary->arena);
    dzr_release(summary->alloc, summary->columns);
    dzr_release(summary->alloc, summary->said);
    dzr_release(summary->alloc, summary->batches);
    dzr_schema_free(summary->given);
    dzr_schema_free(summary->schema);
    dzr_release(summary->alloc, summary);
}

/* ---- batches ---- */

typedef struct work {
    dzr_summary *summary;
    const dzr_batch *batch;
} work;

static dzr_status add_to_column(void *ctx, int32_t slot, size_t task, dzr_error *err)
{
    const work *const w = ctx;
    (void)slot;
    return dzr__column_summary_add(&w->summary->columns[task], w->batch, err);
}

dzr_status dzr_summary_add(dzr_summary *summary, const dzr_batch *batch, dzr_error *err)
{
    dzr_batch *decoded = NULL;
    if (summary->finished || !dzr_schema_equal(dzr_batch_schema(batch), summary->given))
        return dzr_fail(
                err, DZR_ERR_ARG, "%s", summary->finished ? "the summary is finished" : "the batch has another schema");
    DZR_TRY(dzr_batch_decode(batch, summary->schema, summary->alloc, &decoded, err));
    work w = {summary, decoded};
    const dzr_status st = dzr__pool_run(summary->pool, add_to_column, &w, (size_t)summary->n_columns, NULL, err);
    dzr_batch_free(decoded);
    summary->n_rows += dzr_batch_n_rows(batch);
    return st;
}

/* ---- the end: values of the column's own type ---- */

/* A word of the counts, or a bound or edge of ints, as the column's value. */
static dzr_status put_int(dzr_builder *builder, const dzr_field *field, int64_t value, dzr_error *err)
{
    if (field->type.id == DZR_TYPE_BOOL)
        return dzr_builder_bool(builder, 0, value != 0, err);
    if (field->type.id == DZR_TYPE_UINT64)
        return dzr_builder_uint(builder, 0, (uint64_t)value ^ (uint64_t)1 << 63, err);
    if (field->type.id == DZR_TYPE_DECIMAL)
        return dzr_builder_decimal(builder, 0, dzr_decimal_from_int(value), err);
    return dzr_builder_int(builder, 0, value, err);
}

static dzr_bytes whole(const dzr_bytebuf *buf)
{
    return (dzr_bytes){buf->len > 0 ? buf->at : (const uint8_t *)"", buf->len};
}

static dzr_status put_bound(dzr_builder *builder, const dzr__column_summary *column, bool max, dzr_error *err)
{
    switch (column->kind) {
    case DZR__KIND_DOUBLE:
        return dzr_builder_double(builder, 0, max ? column->max.d : column->min.d, err);
    case DZR__KIND_DECIMAL:
        return dzr_builder_decimal(builder, 0, max ? column->max.decimal : column->min.decimal, err);
    case DZR__KIND_BYTES:
        return dzr_builder_bytes(builder, 0, whole(max ? &column->max_bytes : &column->min_bytes), err);
    case DZR__KIND_INT:
    case DZR__KIND_BOOL:
    case DZR__KIND_LIST:
    case DZR__KIND_NONE:
        break;
    }
    return put_int(builder, column->field, max ? column->max.i : column->min.i, err);
}

static dzr_status put_count(
        dzr_builder *builder, const dzr__column_summary *column, const dzr__count *count, dzr_error *err)
{
    const dzr_bytes key = dzr__counts_key(&column->counts, count);
    double number = 0;
    switch (column->kind) {
    case DZR__KIND_DOUBLE:
        memcpy(&number, &count->key, sizeof number);
        return dzr_builder_double(builder, 0, number, err);
    case DZR__KIND_DECIMAL:
        return dzr_builder_decimal(builder, 0, dzr_decimal_load(key.at, sizeof(dzr_decimal)), err);
    case DZR__KIND_BYTES:
        return dzr_builder_bytes(builder, 0, key, err);
    case DZR__KIND_INT:
    case DZR__KIND_BOOL:
    case DZR__KIND_LIST:
    case DZR__KIND_NONE:
        break;
    }
    return put_int(builder, column->field, (int64_t)count->key, err);
}

static dzr_status open_builder(const dzr_summary *summary, const dzr_field *field, dzr_builder **out, dzr_error *err)
{
    dzr_schema *schema = NULL;
    DZR_TRY(dzr_schema_new(field, 1, summary->alloc, &schema, err));
    const dzr_status st = dzr_builder_new(schema, summary->alloc, out, err);
    dzr_schema_free(schema);
    return st;
}

/* Bounds, then the most frequent. */
static dzr_status say_values(dzr_summary *summary, const dzr__column_summary *column, dzr_summary_column *out,
        dzr_batch **batch, dzr_error *err)
{
    const dzr_field field = {.name = "value", .type = column->field->type, .zone = column->field->zone};
    dzr__count *top = NULL;
    dzr_builder *builder = NULL;
    dzr_status st = dzr__counts_top(&column->counts, summary->n_top, &top, &out->n_top, err);
    dzr_summary_top *const told =
            st == DZR_OK ? dzr__arena_zeroed(&summary->arena, (size_t)out->n_top, sizeof *told, err) : NULL;
    if (st == DZR_OK)
        st = told == NULL ? DZR_ERR_NOMEM : open_builder(summary, &field, &builder, err);
    if (st == DZR_OK)
        st = put_bound(builder, column, false, err);
    if (st == DZR_OK)
        st = put_bound(builder, column, true, err);
    for (int32_t i = 0; st == DZR_OK && i < out->n_top; i++) {
        told[i] = (dzr_summary_top){top[i].n, top[i].n + column->counts.forgotten};
        st = put_count(builder, column, &top[i], err);
    }
    if (st == DZR_OK)
        st = dzr_builder_finish(builder, batch, err);
    if (st == DZR_OK) {
        out->top = told;
        out->values = *batch;
    }
    dzr_builder_free(builder);
    dzr_release(summary->alloc, top);
    return st;
}

/* The type of a histogram's edges. */
static dzr_field edge_field(const dzr__column_summary *column)
{
    dzr_field field = {.name = "edge", .type = column->field->type, .zone = column->field->zone};
    const bool is_plain = field.type.id >= DZR_TYPE_INT8 && field.type.id <= DZR_TYPE_INT64;
    const bool is_unsigned = field.type.id >= DZR_TYPE_UINT8 && field.type.id <= DZR_TYPE_UINT64;
    if (column->kind == DZR__KIND_BYTES || column->kind == DZR__KIND_LIST || is_plain)
        field.type = (dzr_type){.id = DZR_TYPE_INT64};
    else if (is_unsigned)
        field.type = (dzr_type){.id = DZR_TYPE_UINT64};
    else if (column->kind != DZR__KIND_INT)
        field.type = (dzr_type){.id = DZR_TYPE_DOUBLE};
    return field;
}

/* Edge i of n; the outer ones are the bounds. */
static dzr_status put_edge(dzr_builder *builder, const dzr__column_summary *column, const dzr_field *field,
        int64_t width, int32_t i, int32_t n, dzr_error *err)
{
    if (column->kind == DZR__KIND_BYTES || column->kind == DZR__KIND_LIST) {
        const int64_t edge = dzr__bins_int_edge(&column->bins, width, i);
        return dzr_builder_int(builder, 0, i == 0 ? column->min_length : i == n ? column->max_length : edge, err);
    }
    if (column->kind == DZR__KIND_DOUBLE || column->kind == DZR__KIND_DECIMAL) {
        const bool is_bound = column->kind == DZR__KIND_DOUBLE && column->n_infinite == 0;
        const double place = dzr__bins_double_edge(&column->bins, width, i);
        return dzr_builder_double(builder, 0,
                is_bound && i == 0   ? column->min.d
                : is_bound && i == n ? column->max.d
                                     : place,
                err);
    }
    const int64_t edge = i == 0 ? column->min.i : i == n ? column->max.i : dzr__bins_int_edge(&column->bins, width, i);
    if (field->type.id == DZR_TYPE_UINT64 && column->field->type.id != DZR_TYPE_UINT64)
        return dzr_builder_uint(builder, 0, (uint64_t)edge, err);
    const dzr_field own = {.type = field->type};
    return put_int(builder, &own, edge, err);
}

static dzr_status say_bins(dzr_summary *summary, const dzr__column_summary *column, dzr_summary_column *out,
        dzr_batch **batch, dzr_error *err)
{
    const dzr_field field = edge_field(column);
    dzr_builder *builder = NULL;
    int64_t width = 1;
    int64_t *const bins = dzr__arena_zeroed(&summary->arena, (size_t)summary->n_bins, sizeof *bins, err);
    if (bins == NULL)
        return DZR_ERR_NOMEM;
    dzr__bins_join(&column->bins, summary->n_bins, bins, &out->n_bins, &width);
    DZR_TRY(open_builder(summary, &field, &builder, err));
    dzr_status st = DZR_OK;
    for (int32_t i = 0; st == DZR_OK && i <= out->n_bins; i++)
        st = put_edge(builder, column, &field, width, i, out->n_bins, err);
    if (st == DZR_OK)
        st = dzr_builder_finish(builder, batch, err);
    if (st == DZR_OK) {
        out->bins = bins;
        out->edges = *batch;
    }
    dzr_builder_free(builder);
    return st;
}

/* The mean of an exact sum; UINT64's were moved down, a decimal's are unscaled. */
static void say_moments(const dzr__column_summary *column, dzr_summary_column *out)
{
    const dzr_type type = column->field->type;
    const double unit = type.id == DZR_TYPE_DECIMAL && column->kind == DZR__KIND_INT ? pow(10, type.scale) : 1;
    const double n = (double)column->n_numbers;
    const bool is_number = type.id < DZR_TYPE_STRING || type.id == DZR_TYPE_DECIMAL || type.id == DZR_TYPE_HALF;
    double mean = column->mean;
    if (column->kind == DZR__KIND_INT) {
        const __int128 moved = type.id == DZR_TYPE_UINT64 ? (__int128)column->n_numbers << 63 : 0;
        mean = (double)((long double)(column->sum + moved) / (long double)column->n_numbers);
    }
    out->mean = mean / unit;
    out->has_mean = is_number && column->kind != DZR__KIND_BOOL && column->n_numbers > 0 && column->n_infinite == 0 &&
                    isfinite(out->mean);
    out->stddev = n > 1 ? sqrt(column->m2 / (n - 1)) / unit : 0;
    out->has_stddev = out->has_mean && n > 1 && isfinite(out->stddev);
    if (!out->has_mean)
        out->mean = 0;
    if (!out->has_stddev)
        out->stddev = 0;
}

static dzr_status say(dzr_summary *summary, int32_t index, dzr_error *err)
{
    const dzr__column_summary *const column = &summary->columns[index];
    dzr_summary_column *const out = &summary->said[index];
    const bool has_lengths = column->field->type.id == DZR_TYPE_STRING || column->field->type.id == DZR_TYPE_BINARY ||
                             column->kind == DZR__KIND_LIST;
    *out = (dzr_summary_column){.path = column->path,
            .field = column->field,
            .n_values = column->n_values,
            .n_nulls = column->n_nulls,
            .n_nan = column->n_nan,
            .n_infinite = column->n_infinite,
            .n_true = column->n_true,
            .n_distinct =
                    column->kind == DZR__KIND_LIST ? -1 : dzr__counts_distinct(&column->counts) + (column->n_nan > 0),
            .distinct_is_exact = column->kind != DZR__KIND_LIST && column->counts.registers == NULL,
            .has_bounds = column->has_bounds,
            .top_is_exact = column->counts.forgotten == 0 && !column->counts.left_out,
            .has_lengths = has_lengths && column->n_numbers > 0};
    if (out->has_lengths) {
        out->min_length = column->min_length;
        out->max_length = column->max_length;
        out->mean_length = (double)((long double)column->sum / (long double)column->n_numbers);
    } else {
        say_moments(column, out);
    }
    if (column->has_bounds)
        DZR_TRY(say_values(summary, column, out, &summary->batches[2 * (size_t)index], err));
    if (column->bins.n != NULL && column->kind != DZR__KIND_BOOL)
        DZR_TRY(say_bins(summary, column, out, &summary->batches[2 * index + 1], err));
    return DZR_OK;
}

dzr_status dzr_summary_finish(dzr_summary *summary, dzr_error *err)
{
    for (int32_t i = 0; i < summary->n_columns && !summary->finished; i++)
        DZR_TRY(say(summary, i, err));
    summary->finished = true;
    return DZR_OK;
}

int64_t dzr_summary_n_rows(const dzr_summary *summary)
{
    return summary->n_rows;
}

int32_t dzr_summary_n_columns(const dzr_summary *summary)
{
    return summary->n_columns;
}

const dzr_summary_column *dzr_summary_column_at(const dzr_summary *summary, int32_t index)
{
    return &summary->said[index];
}
