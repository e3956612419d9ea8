/* parquet/writer/options.c - what the caller wants of a file and of its columns, with defaults filled in and checked.
 * Called by writer.c when a file is opened. */
#include "parquet/writer/writer.h"

enum {
    DEFAULT_GROUP_ROWS = 1000000,
    DEFAULT_GROUP_BYTES = 128 << 20,
    DEFAULT_PAGE_BYTES = 1 << 20,
    DEFAULT_PAGE_ROWS = 20000,
    DEFAULT_DICTIONARY_BYTES = 1 << 20,
    LARGEST_PAGE_BYTES = 1 << 30 /* sizes in a page header are 32 bits, and compression may add to them */
};

static dzr_status check_range(const char *option, int64_t value, int64_t min, int64_t max, dzr_error *err)
{
    if (value >= min && value <= max)
        return DZR_OK;
    return dzr_fail(err, DZR_ERR_ARG, "option %s is %lld, and must be %lld to %lld", option, (long long)value,
            (long long)min, (long long)max);
}

static dzr_status check_level(dzr_codec codec, int32_t level, dzr_error *err)
{
    const int64_t highest = codec == DZR_CODEC_ZSTD     ? 22
                            : codec == DZR_CODEC_GZIP   ? 9
                            : codec == DZR_CODEC_BROTLI ? 11
                                                        : 0;
    if (highest == 0 && level != 0)
        return dzr_fail(
                err, DZR_ERR_ARG, "option level is %d, and codec %s has none", (int)level, dzr_codec_name(codec));
    return check_range("level", level, 0, highest, err);
}

static dzr_status check_codec(dzr_codec codec, int32_t level, dzr_error *err)
{
    if (!dzr__codec_written(codec))
        return dzr_fail(err, DZR_ERR_ARG, "option codec is %d, which is no codec we write", (int)codec);
    return check_level(codec, level, err);
}

dzr_status dzr__write_options_fill(
        const dzr_parquet_write_options *given, dzr_parquet_write_options *out, dzr_error *err)
{
    *out = given != NULL ? *given : DZR_PARQUET_WRITE_DEFAULTS;
    DZR_TRY(check_codec(out->codec, out->level, err));
    DZR_TRY(check_range("row_group_rows", out->row_group_rows, 0, INT64_MAX, err));
    DZR_TRY(check_range("row_group_bytes", out->row_group_bytes, 0, INT64_MAX, err));
    DZR_TRY(check_range("page_bytes", out->page_bytes, 0, LARGEST_PAGE_BYTES, err));
    DZR_TRY(check_range("page_rows", out->page_rows, 0, INT32_MAX, err));
    DZR_TRY(check_range("dictionary_bytes", out->dictionary_bytes, -1, LARGEST_PAGE_BYTES, err));
    DZR_TRY(check_range("page_version", out->page_version, 0, 2, err));
    DZR_TRY(check_range("threads", out->threads, 0, DZR_MAX_THREADS, err));
    DZR_TRY(check_range("n_metadata", out->n_metadata, 0, INT32_MAX, err));
    DZR_TRY(check_range("n_sorting", out->n_sorting, 0, INT32_MAX, err));
    DZR_TRY(check_range("n_column_metadata", out->n_column_metadata, 0, INT32_MAX, err));
    DZR_TRY(check_range("n_columns", out->n_columns, 0, INT32_MAX, err));
    if (out->row_group_rows == 0)
        out->row_group_rows = DEFAULT_GROUP_ROWS;
    if (out->row_group_bytes == 0)
        out->row_group_bytes = DEFAULT_GROUP_BYTES;
    if (out->page_bytes == 0)
        out->page_bytes = DEFAULT_PAGE_BYTES;
    if (out->page_rows == 0)
        out->page_rows = DEFAULT_PAGE_ROWS;
    if (out->dictionary_bytes == 0)
        out->dictionary_bytes = DEFAULT_DICTIONARY_BYTES;
    return DZR_OK;
}

void dzr__write_options_fit(dzr_parquet_write_options *options, int32_t n_columns)
{
    enum { LEAST = 1024 };
    const size_t memory = options->memory, each = memory / 16 / (size_t)DZR_MAX(n_columns, 1);
    if (memory == 0)
        return;
    const int32_t of_column = (int32_t)DZR_MIN(DZR_MAX(each, (size_t)LEAST), (size_t)LARGEST_PAGE_BYTES);
    options->row_group_bytes = DZR_MIN(options->row_group_bytes, (int64_t)DZR_MIN(memory / 8, (size_t)INT64_MAX));
    options->page_bytes = DZR_MIN(options->page_bytes, of_column);
    options->dictionary_bytes = DZR_MIN(options->dictionary_bytes, of_column);
}

/* ---- columns ---- */

#define TYPE_BIT(physical) (1u << DZR_PHYSICAL_##physical)

/* What the format calls each encoding, and the types that have it. */
static const struct {
    int32_t encoding;
    uint32_t types;
} encodings[] = {
        [DZR_PARQUET_AUTO] = {DZR_ENCODING_PLAIN, UINT32_MAX},
        [DZR_PARQUET_PLAIN] = {DZR_ENCODING_PLAIN, UINT32_MAX},
        [DZR_PARQUET_RLE] = {DZR_ENCODING_RLE, TYPE_BIT(BOOLEAN)},
        [DZR_PARQUET_DELTA_BINARY_PACKED] = {DZR_ENCODING_DELTA_BINARY_PACKED, TYPE_BIT(INT32) | TYPE_BIT(INT64)},
        [DZR_PARQUET_DELTA_LENGTH_BYTE_ARRAY] = {DZR_ENCODING_DELTA_LENGTH_BYTE_ARRAY, TYPE_BIT(BYTE_ARRAY)},
        [DZR_PARQUET_DELTA_BYTE_ARRAY] = {DZR_ENCODING_DELTA_BYTE_ARRAY, TYPE_BIT(BYTE_ARRAY) | TYPE_BIT(FIXED)},
        [DZR_PARQUET_BYTE_STREAM_SPLIT] = {DZR_ENCODING_BYTE_STREAM_SPLIT,
                TYPE_BIT(INT32) | TYPE_BIT(INT64) | TYPE_BIT(FLOAT) | TYPE_BIT(DOUBLE) | TYPE_BIT(FIXED)},
};

int32_t dzr__encoding_of(dzr_parquet_encoding encoding)
{
    return encodings[encoding].encoding;
}

/* Whether days and nanoseconds hold every value: milliseconds reach further. */
static bool fits_int96(dzr_type type)
{
    return type.id == DZR_TYPE_TIMESTAMP && type.unit != DZR_UNIT_MS;
}

static dzr_status take_own(const dzr_parquet_column_options *own, dzr_leaf_path *leaf, dzr_error *err)
{
    if (own->int96 && !fits_int96(leaf->field->type))
        return dzr_fail(err, DZR_ERR_ARG, "option int96 is for timestamps in us and ns, not for %s",
                dzr_type_name(leaf->field->type));
    if (own->int96)
        dzr__leaf_as_int96(leaf);
    const dzr_physical physical = leaf->physical;
    if ((size_t)own->encoding >= sizeof encodings / sizeof *encodings)
        return dzr_fail(err, DZR_ERR_ARG, "option encoding is %d, and must be 0 to %zu", (int)own->encoding,
                sizeof encodings / sizeof *encodings - 1);
    if ((encodings[own->encoding].types >> physical & 1) == 0)
        return dzr_fail(err, DZR_ERR_ARG, "encoding %s is none of type %s",
                dzr__encoding_name(encodings[own->encoding].encoding), dzr__physical_name((int32_t)physical));
    return check_codec(own->codec, own->level, err);
}

/* The leaf of that path, or n_leaves. Looks from leaf `from` on and all around: whoever names columns in their order
 * finds each at once, and those of the same name one after the other. */
static int32_t find_leaf(const dzr_tree *tree, const char *path, int32_t from)
{
    for (int32_t i = 0; i < tree->n_leaves; i++) {
        const int32_t leaf = (int32_t)(((int64_t)from + i) % tree->n_leaves);
        if (strcmp(tree->leaves[leaf].text, path) == 0)
            return leaf;
    }
    return tree->n_leaves;
}

dzr_status dzr__column_options_match(const dzr_parquet_write_options *options, dzr_tree *tree,
        const dzr_parquet_column_options **of_leaf, dzr_error *err)
{
    for (int32_t i = 0; i < tree->n_leaves; i++) {
        const dzr_type type = tree->leaves[i].field->type;
        if (options->int96 && fits_int96(type))
            dzr__leaf_as_int96(&tree->leaves[i]);
        tree->leaves[i].total_order = options->float_total_order && dzr__type_is_float(type);
    }
    int32_t leaf = -1;
    for (int32_t i = 0; i < options->n_columns; i++) {
        const dzr_parquet_column_options *const own = &options->columns[i];
        if (own->path == NULL)
            return dzr_fail(err, DZR_ERR_ARG, "options for a column without a path, number %d", (int)i);
        leaf = find_leaf(tree, own->path, leaf + 1);
        if (leaf == tree->n_leaves)
            return dzr_fail(err, DZR_ERR_ARG, "options for column \"%s\": there is none", own->path);
        if (of_leaf[leaf] != NULL)
            return dzr_fail(err, DZR_ERR_ARG, "options for column \"%s\": given twice", own->path);
        const dzr_status st = take_own(own, &tree->leaves[leaf], err);
        if (st != DZR_OK)
            return dzr_fail_at(err, st, "options for column \"%s\": ", own->path);
        of_leaf[leaf] = own;
    }
    return DZR_OK;
}
