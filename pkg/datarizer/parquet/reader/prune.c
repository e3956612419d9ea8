/* parquet/reader/prune.c - whether a row group can hold what is looked for, by the statistics of its chunks: where they
 * are missing, old, cut or make no sense, it can. Called by whoever chooses row groups to read.
 * Spec: parquet.thrift, Statistics and ColumnOrder. */
#include "parquet/reader/reader.h"

/* What the statistics tell for sure. */
typedef struct facts {
    dzr_type type;
    dzr_parquet_chunk chunk;
    bool has_bounds; /* both are values of the type, and not crossed */
    bool may_be_nan; /* some value, for all we know */
    bool all_nan;    /* every value that is there */
} facts;

static dzr_status gather(
        const dzr_parquet_reader *reader, int32_t row_group, int32_t column, facts *out, dzr_error *err)
{
    *out = (facts){0};
    DZR_TRY(dzr_parquet_reader_chunk(reader, row_group, column, &out->chunk, err));
    DZR_TRY(dzr_parquet_reader_can_read(reader, column, err));
    DZR_TRY(dzr__reader_order(reader, column, &out->type, err));
    const dzr_parquet_chunk *const chunk = &out->chunk;
    out->has_bounds = chunk->has_min_max && dzr__bound_valid(out->type, chunk->min) &&
                      dzr__bound_valid(out->type, chunk->max) &&
                      dzr__bounds_compare(out->type, chunk->min, chunk->max) <= 0;
    const dzr_meta_column *const meta = &reader->file.row_groups.at[row_group].columns.at[column].meta;
    const bool is_counted =
            DZR_HAS(meta, DZR_COLUMN_STATISTICS) && DZR_HAS(&meta->statistics, DZR_STATISTICS_NAN_COUNT);
    out->may_be_nan = dzr__type_is_float(out->type) && !(is_counted && meta->statistics.nan_count == 0);
    out->all_nan = out->may_be_nan && is_counted && chunk->has_null_count &&
                   meta->statistics.nan_count == chunk->n_values - chunk->n_nulls;
    return DZR_OK;
}

static bool is_nan(dzr_type type, dzr_bytes value)
{
    if (type.id == DZR_TYPE_FLOAT) {
        float number;
        memcpy(&number, value.at, sizeof number);
        return __builtin_isnan(number);
    }
    if (type.id == DZR_TYPE_HALF) {
        uint16_t half;
        memcpy(&half, value.at, sizeof half);
        return __builtin_isnan(dzr_half_to_double(half));
    }
    double number;
    memcpy(&number, value.at, sizeof number);
    return __builtin_isnan(number);
}

/* A value has the length of its type; NaN has it too, though it is no bound. */
static dzr_status check_value(const char *file, const facts *known, dzr_bytes value, bool *nan, dzr_error *err)
{
    *nan = dzr__type_is_float(known->type) && value.len == dzr_type_bits(known->type) / 8 && is_nan(known->type, value);
    if (*nan || !dzr__type_has_order(known->type) || dzr__bound_valid(known->type, value))
        return DZR_OK;
    return dzr_fail(err, DZR_ERR_ARG, "%s: column \"%s\": %zu bytes are no value of %s", file, known->chunk.path,
            value.len, dzr_type_name(known->type));
}

static bool bounds_allow(const facts *known, dzr_parquet_compare compare, dzr_bytes value)
{
    const int min = dzr__bounds_compare(known->type, known->chunk.min, value);
    const int max = dzr__bounds_compare(known->type, known->chunk.max, value);
    switch (compare) {
    case DZR_PARQUET_EQ:
        return min <= 0 && max >= 0;
    case DZR_PARQUET_NE: /* only when each value is that one */
        return min != 0 || max != 0 || !known->chunk.min_exact || !known->chunk.max_exact || known->may_be_nan;
    case DZR_PARQUET_LT:
        return min < 0;
    case DZR_PARQUET_LE:
        return min <= 0;
    case DZR_PARQUET_GT:
        return max > 0;
    case DZR_PARQUET_GE:
        return max >= 0;
    default:
        return true;
    }
}

dzr_status dzr_parquet_reader_may_match(const dzr_parquet_reader *reader, int32_t row_group, int32_t column,
        dzr_parquet_compare compare, dzr_bytes value, bool *out, dzr_error *err)
{
    facts known;
    bool nan = false;
    DZR_TRY(gather(reader, row_group, column, &known, err));
    const bool takes_value = compare != DZR_PARQUET_IS_NULL && compare != DZR_PARQUET_NOT_NULL;
    if (takes_value)
        DZR_TRY(check_value(reader->source->name, &known, value, &nan, err));
    const dzr_parquet_chunk *const chunk = &known.chunk;
    const bool has_values = chunk->n_values > 0 && !(chunk->has_null_count && chunk->n_nulls == chunk->n_values);
    if (compare == DZR_PARQUET_IS_NULL)
        *out = chunk->n_values > 0 && !(chunk->has_null_count && chunk->n_nulls == 0);
    else if (takes_value && !nan && known.all_nan)
        *out = has_values && compare == DZR_PARQUET_NE;
    else if (!takes_value || nan || !known.has_bounds)
        *out = has_values;
    else
        *out = has_values && bounds_allow(&known, compare, value);
    return DZR_OK;
}
