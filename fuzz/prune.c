/* fuzz/prune.c - what statistics and page indexes promise, beside every value: rows and options are drawn, and the file
 * asked about values that are in it.
 * Holds: a row group that has a row which compares so is never left out; no value is outside the bounds of its page,
 * and nulls are counted. The twin compares values as the frame has them, not as bytes. */
#include "parquet_make.h"

#include "frame/internal.h"
#include "parquet/encoding/encoding.h"
#include "parquet/reader/reader.h"
#include "require.h"

/* ---- the twin ---- */

static int sign_of(bool less, bool more)
{
    return less ? -1 : more ? 1 : 0;
}

static int compare_bytes(dzr_bytes a, dzr_bytes b)
{
    const int order = memcmp(a.at, b.at, DZR_MIN(a.len, b.len));
    return order != 0 ? order : sign_of(a.len<b.len, a.len> b.len);
}

#define NUMBERS(type)                                                                                                  \
    sign_of(((const type *)c->values)[i]<((const type *)c->values)[k], ((const type *)c->values)[i]>(                  \
            (const type *)c->values)[k])

/* Row i beside row k, neither null; not for floating point. */
static int compare_rows(const dzr_column *c, int64_t i, int64_t k)
{
    switch (c->type.id) {
    case DZR_TYPE_BOOL:
        return (int)dzr_column_bool(c, i) - (int)dzr_column_bool(c, k);
    case DZR_TYPE_INT8:
        return NUMBERS(int8_t);
    case DZR_TYPE_INT16:
        return NUMBERS(int16_t);
    case DZR_TYPE_UINT8:
        return NUMBERS(uint8_t);
    case DZR_TYPE_UINT16:
        return NUMBERS(uint16_t);
    case DZR_TYPE_UINT32:
        return NUMBERS(uint32_t);
    case DZR_TYPE_UINT64:
        return NUMBERS(uint64_t);
    case DZR_TYPE_STRING:
    case DZR_TYPE_BINARY:
        return compare_bytes(dzr_column_bytes(c, i), dzr_column_bytes(c, k));
    case DZR_TYPE_FIXED:
    case DZR_TYPE_UUID:
        return compare_bytes(dzr_column_fixed(c, i), dzr_column_fixed(c, k));
    case DZR_TYPE_DECIMAL:
        return dzr_decimal_compare(dzr_column_decimal(c, i), dzr_column_decimal(c, k));
    default:
        return dzr_type_bits(c->type) == 32 ? NUMBERS(int32_t) : NUMBERS(int64_t);
    }
}

static double number_of(const dzr_column *c, int64_t i)
{
    return c->type.id == DZR_TYPE_HALF    ? dzr_half_to_double(((const uint16_t *)c->values)[i])
           : c->type.id == DZR_TYPE_FLOAT ? (double)((const float *)c->values)[i]
                                          : ((const double *)c->values)[i];
}

static bool is_float(const dzr_column *c)
{
    return c->type.id == DZR_TYPE_HALF || c->type.id == DZR_TYPE_FLOAT || c->type.id == DZR_TYPE_DOUBLE;
}

/* Whether row i compares so with row k, which is not null. */
static bool matches(const dzr_column *c, int64_t i, dzr_parquet_compare compare, int64_t k)
{
    const bool is_null = dzr_column_is_null(c, i);
    if (compare == DZR_PARQUET_IS_NULL || compare == DZR_PARQUET_NOT_NULL)
        return is_null == (compare == DZR_PARQUET_IS_NULL);
    if (is_null)
        return false;
    const double a = is_float(c) ? number_of(c, i) : compare_rows(c, i, k), b = is_float(c) ? number_of(c, k) : 0;
    switch (compare) {
    case DZR_PARQUET_EQ:
        return a == b;
    case DZR_PARQUET_NE:
        return a != b;
    case DZR_PARQUET_LT:
        return a < b;
    case DZR_PARQUET_LE:
        return a <= b;
    case DZR_PARQUET_GT:
        return a > b;
    default:
        return a >= b;
    }
}

/* ---- beside it ---- */

static bool any_matches(const dzr_column *c, int64_t first, int64_t n, dzr_parquet_compare compare, int64_t k)
{
    for (int64_t i = first; i < first + n; i++)
        if (matches(c, i, compare, k))
            return true;
    return false;
}

/* The value of row k as the leaf's pages have it, without length; views into buf. */
static dzr_bytes value_of(const dzr_leaf *leaf, const dzr_column *c, int64_t k, dzr_bytebuf *buf)
{
    dzr_error err;
    buf->len = 0;
    if (c->type.id == DZR_TYPE_DECIMAL) {
        const dzr_decimal value = dzr_column_decimal(c, k);
        uint8_t bytes[sizeof value.word];
        const size_t n = leaf->physical == DZR_PHYSICAL_INT32   ? 4
                         : leaf->physical == DZR_PHYSICAL_INT64 ? 8
                                                                : (size_t)leaf->type_length;
        REQUIRE(n <= sizeof bytes);
        for (size_t i = 0; i < n; i++) /* integers begin with the lowest byte, bytes with the highest */
            bytes[leaf->physical == DZR_PHYSICAL_FIXED ? n - 1 - i : i] = (uint8_t)(value.word[i / 8] >> 8 * (i % 8));
        REQUIRE_OK(dzr__bytebuf_append(buf, bytes, n, &err));
        return (dzr_bytes){buf->at, n};
    }
    REQUIRE_OK(dzr__plain_write(buf, c, k, 1, &err));
    const size_t skip = leaf->physical == DZR_PHYSICAL_BYTE_ARRAY ? 4 : 0;
    return (dzr_bytes){buf->at + skip, buf->len - skip};
}

/* What the index says of the bounds' order, page after page, those of nulls left out. */
static void check_order(const dzr_parquet_page_index *index, dzr_type order)
{
    const dzr_parquet_page *last = NULL;
    for (int32_t p = 0; p < index->n_pages && index->order != DZR_PARQUET_UNORDERED; p++) {
        const dzr_parquet_page *const page = &index->pages[p];
        if (!page->has_min_max)
            continue;
        const int sign = index->order == DZR_PARQUET_ASCENDING ? 1 : -1;
        REQUIRE(last == NULL || (sign * dzr__bounds_compare(order, last->min, page->min) <= 0 &&
                                        sign * dzr__bounds_compare(order, last->max, page->max) <= 0));
        last = page;
    }
}

static void check_pages(
        const dzr_parquet_reader *reader, int32_t group, int32_t column, const dzr_column *c, int64_t first)
{
    dzr_error err;
    dzr_parquet_page_index *index = NULL;
    dzr_bytebuf buf = {0};
    const dzr_leaf *const leaf = &reader->leaves[column];
    const dzr_type order = dzr__ordered_as(c->type, leaf->physical);
    REQUIRE_OK(dzr_parquet_reader_page_index(reader, group, column, &index, &err));
    if (index == NULL)
        return;
    for (int32_t p = 0; p < index->n_pages; p++) {
        const dzr_parquet_page *const page = &index->pages[p];
        int64_t n_nulls = 0;
        for (int64_t i = first + page->first_row; i < first + page->first_row + page->n_rows; i++) {
            n_nulls += dzr_column_is_null(c, i);
            if (dzr_column_is_null(c, i) || !page->has_min_max || (is_float(c) && __builtin_isnan(number_of(c, i))))
                continue;
            const dzr_bytes value = value_of(leaf, c, i, &buf);
            REQUIRE(dzr__bounds_compare(order, page->min, value) <= 0);
            REQUIRE(dzr__bounds_compare(order, value, page->max) <= 0);
        }
        REQUIRE(!page->has_null_count || page->n_nulls == n_nulls);
        REQUIRE(!index->has_bounds || page->is_null == (n_nulls == page->n_rows));
    }
    check_order(index, order);
    dzr_parquet_page_index_free(index);
    dzr__bytebuf_fini(&buf);
}

static void check_group(
        draw *d, const dzr_parquet_reader *reader, int32_t group, int32_t column, const dzr_column *c, int64_t first)
{
    dzr_error err;
    dzr_bytebuf buf = {0};
    const int64_t n = dzr_parquet_reader_row_group_rows(reader, group);
    for (int tries = 0; tries < 6 && c->n_rows > 0; tries++) {
        const int64_t k = (int64_t)draw_number(d, 2) % c->n_rows;
        if (dzr_column_is_null(c, k))
            continue;
        const dzr_bytes value = value_of(&reader->leaves[column], c, k, &buf);
        for (int compare = DZR_PARQUET_EQ; compare <= DZR_PARQUET_NOT_NULL; compare++) {
            bool may = false;
            REQUIRE_OK(dzr_parquet_reader_may_match(
                    reader, group, column, (dzr_parquet_compare)compare, value, &may, &err));
            REQUIRE(may || !any_matches(c, first, n, (dzr_parquet_compare)compare, k));
        }
    }
    check_pages(reader, group, column, c, first);
    dzr__bytebuf_fini(&buf);
}

static void check_columns(draw *d, const dzr_sink *sink, const dzr_batch *batch)
{
    dzr_error err;
    dzr_parquet_reader *reader = NULL;
    dzr_source *const source = made_source(sink);
    REQUIRE_OK(dzr_parquet_reader_open(source, NULL, &reader, &err));
    const dzr_schema *const schema = dzr_batch_schema(batch);
    int32_t column = 0;
    for (int32_t f = 0; f < dzr_schema_n_fields(schema); f++) {
        const int32_t node = dzr_schema_field_node(schema, f), end = dzr_schema_node_end(schema, node);
        if (end == node + 1 && dzr_schema_node(schema, node)->type.id != DZR_TYPE_NULL) {
            int64_t first = 0;
            for (int32_t group = 0; group < dzr_parquet_reader_n_row_groups(reader); group++) {
                check_group(d, reader, group, column, dzr_batch_column(batch, f), first);
                first += dzr_parquet_reader_row_group_rows(reader, group);
            }
        }
        for (int32_t i = node; i < end; i++)
            column += dzr_schema_node(schema, i)->n_children == 0;
    }
    REQUIRE(column == dzr_parquet_reader_n_columns(reader));
    dzr_parquet_reader_close(reader);
    dzr_source_close(source);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    draw d = {bytes, bytes + len};
    dzr_batch *const batch = make_batch(&d);
    dzr_sink *const sink = make_file(&d, batch);
    if (sink != NULL)
        check_columns(&d, sink, batch);
    dzr_sink_close(sink);
    dzr_batch_free(batch);
    return 0;
}
