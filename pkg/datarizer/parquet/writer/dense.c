/* parquet/writer/dense.c - the values of a column's rows without the nulls, as data pages hold them. See writer.h. */
#include "parquet/writer/writer.h"

/* Moves values that have their bit set together; each is written, and counts only with its bit. */
#define COMPACT(name, from_type, to_type)                                                                              \
    static int64_t name(                                                                                               \
            const void *from, const uint8_t *validity, int64_t first, int64_t n, const dzr_leaf_path *leaf, void *to)  \
    {                                                                                                                  \
        (void)leaf;                                                                                                    \
        const from_type *const in = (const from_type *)from + first;                                                   \
        to_type *const out = to;                                                                                       \
        int64_t n_out = 0;                                                                                             \
        if (validity == NULL) {                                                                                        \
            for (int64_t i = 0; i < n; i++)                                                                            \
                out[i] = in[i];                                                                                        \
            return n;                                                                                                  \
        }                                                                                                              \
        for (int64_t i = 0; i < n; i++) {                                                                              \
            out[n_out] = in[i];                                                                                        \
            n_out += dzr__bit_get(validity, first + i);                                                                \
        }                                                                                                              \
        return n_out;                                                                                                  \
    }

COMPACT(compact_int8, int8_t, int32_t)
COMPACT(compact_int16, int16_t, int32_t)
COMPACT(compact_uint8, uint8_t, uint32_t)
COMPACT(compact_uint16, uint16_t, uint32_t)
COMPACT(compact_16, uint16_t, uint16_t)
COMPACT(compact_32, uint32_t, uint32_t)
COMPACT(compact_64, uint64_t, uint64_t)
COMPACT(compact_views, dzr_view, dzr_view)

static int64_t compact_bits(
        const void *from, const uint8_t *validity, int64_t first, int64_t n, const dzr_leaf_path *leaf, void *to)
{
    (void)leaf;
    uint8_t *const out = to;
    memset(out, 0, dzr__bitmap_bytes(n));
    if (validity == NULL) {
        dzr__bits_copy(out, 0, from, first, n);
        return n;
    }
    int64_t n_out = 0;
    for (int64_t i = first; i < first + n; i++) {
        if (!dzr__bit_get(validity, i))
            continue;
        if (dzr__bit_get(from, i))
            dzr__bit_set(out, n_out);
        n_out++;
    }
    return n_out;
}

/* The rows named, one after the other. */
#define GATHER(name, from_type, to_type)                                                                               \
    static void name(const void *from, const int64_t *rows, int64_t n, const dzr_leaf_path *leaf, void *to)            \
    {                                                                                                                  \
        (void)leaf;                                                                                                    \
        for (int64_t i = 0; i < n; i++)                                                                                \
            ((to_type *)to)[i] = ((const from_type *)from)[rows[i]];                                                   \
    }

GATHER(gather_int8, int8_t, int32_t)
GATHER(gather_int16, int16_t, int32_t)
GATHER(gather_uint8, uint8_t, uint32_t)
GATHER(gather_uint16, uint16_t, uint32_t)
GATHER(gather_16, uint16_t, uint16_t)
GATHER(gather_32, uint32_t, uint32_t)
GATHER(gather_64, uint64_t, uint64_t)
GATHER(gather_views, dzr_view, dzr_view)

static void gather_bits(const void *from, const int64_t *rows, int64_t n, const dzr_leaf_path *leaf, void *to)
{
    (void)leaf;
    memset(to, 0, dzr__bitmap_bytes(n));
    for (int64_t i = 0; i < n; i++)
        if (dzr__bit_get(from, rows[i]))
            dzr__bit_set(to, i);
}

/* ---- values that are stored otherwise than in a frame ---- */

/* One value of the leaf's, at its width. */
static inline void put_bytes(const uint8_t *from, const dzr_leaf_path *leaf, uint8_t *to)
{
    memcpy(to, from, leaf->width);
}

/* An integer takes the lowest bytes; otherwise the highest of those that are wanted goes first. */
static inline void put_decimal(const uint8_t *from, const dzr_leaf_path *leaf, uint8_t *to)
{
    const size_t width = leaf->width;
    if (leaf->physical != DZR_PHYSICAL_FIXED)
        memcpy(to, from, width);
    else
        for (size_t i = 0; i < width; i++)
            to[i] = from[width - 1 - i];
}

static inline void put_int96(const uint8_t *from, const dzr_leaf_path *leaf, uint8_t *to)
{
    const bool is_us = leaf->field->type.unit == DZR_UNIT_US;
    const int64_t value = (int64_t)dzr__load_u64(from), a_day = dzr__units_a_day(leaf->field->type.unit);
    const int64_t days = value / a_day - (value % a_day < 0);
    const int64_t of_day = value % a_day + (value % a_day < 0 ? a_day : 0);
    dzr__store_u64(to, (uint64_t)(is_us ? of_day * 1000 : of_day));
    dzr__store_u32(to + sizeof(uint64_t), (uint32_t)(days + DZR_JULIAN_DAY_OF_1970));
}

/* stride: bytes from one value to the next in the frame. */
#define CONVERT(name, put, stride)                                                                                     \
    static int64_t compact_##name(                                                                                     \
            const void *from, const uint8_t *validity, int64_t first, int64_t n, const dzr_leaf_path *leaf, void *to)  \
    {                                                                                                                  \
        const size_t size = stride;                                                                                    \
        int64_t n_out = 0;                                                                                             \
        for (int64_t i = first; i < first + n; i++)                                                                    \
            if (validity == NULL || dzr__bit_get(validity, i))                                                         \
                put((const uint8_t *)from + size * (size_t)i, leaf, (uint8_t *)to + leaf->width * (size_t)n_out++);    \
        return n_out;                                                                                                  \
    }                                                                                                                  \
    static void gather_##name(const void *from, const int64_t *rows, int64_t n, const dzr_leaf_path *leaf, void *to)   \
    {                                                                                                                  \
        const size_t size = stride;                                                                                    \
        for (int64_t i = 0; i < n; i++)                                                                                \
            put((const uint8_t *)from + size * (size_t)rows[i], leaf, (uint8_t *)to + leaf->width * (size_t)i);        \
    }

CONVERT(fixed, put_bytes, leaf->width)
CONVERT(decimal, put_decimal, dzr_type_bits(leaf->field->type) / 8)
CONVERT(int96, put_int96, sizeof(int64_t))

/* A column of nothing but nulls has no values, not even where they would lie. */
static int64_t compact_nothing(
        const void *from, const uint8_t *validity, int64_t first, int64_t n, const dzr_leaf_path *leaf, void *to)
{
    (void)from, (void)validity, (void)first, (void)n, (void)leaf, (void)to;
    return 0;
}

/* ---- the ways ---- */

/* How each type is made dense: by what, and as which type. */
typedef struct way {
    int64_t (*compact)(
            const void *from, const uint8_t *validity, int64_t first, int64_t n, const dzr_leaf_path *leaf, void *to);
    void (*gather)(const void *from, const int64_t *rows, int64_t n, const dzr_leaf_path *leaf, void *to);
    bool always; /* also without nulls */
    dzr_type_id type;
} way;

static const way ways[] = {
        [DZR_TYPE_BOOL] = {compact_bits, gather_bits, true, DZR_TYPE_BOOL},
        [DZR_TYPE_INT8] = {compact_int8, gather_int8, true, DZR_TYPE_INT32},
        [DZR_TYPE_INT16] = {compact_int16, gather_int16, true, DZR_TYPE_INT32},
        [DZR_TYPE_INT32] = {compact_32, gather_32, false, DZR_TYPE_INT32},
        [DZR_TYPE_INT64] = {compact_64, gather_64, false, DZR_TYPE_INT64},
        [DZR_TYPE_UINT8] = {compact_uint8, gather_uint8, true, DZR_TYPE_UINT32},
        [DZR_TYPE_UINT16] = {compact_uint16, gather_uint16, true, DZR_TYPE_UINT32},
        [DZR_TYPE_UINT32] = {compact_32, gather_32, false, DZR_TYPE_UINT32},
        [DZR_TYPE_UINT64] = {compact_64, gather_64, false, DZR_TYPE_UINT64},
        [DZR_TYPE_FLOAT] = {compact_32, gather_32, false, DZR_TYPE_FLOAT},
        [DZR_TYPE_DOUBLE] = {compact_64, gather_64, false, DZR_TYPE_DOUBLE},
        [DZR_TYPE_STRING] = {compact_views, gather_views, false, DZR_TYPE_STRING},
        [DZR_TYPE_BINARY] = {compact_views, gather_views, false, DZR_TYPE_BINARY},
        [DZR_TYPE_DATE] = {compact_32, gather_32, false, DZR_TYPE_INT32},
        [DZR_TYPE_TIMESTAMP] = {compact_64, gather_64, false, DZR_TYPE_INT64},
        [DZR_TYPE_DURATION] = {compact_64, gather_64, false, DZR_TYPE_INT64},
        [DZR_TYPE_TIME] = {compact_64, gather_64, false, DZR_TYPE_INT64},
        [DZR_TYPE_HALF] = {compact_16, gather_16, false, DZR_TYPE_HALF},
        [DZR_TYPE_FIXED] = {compact_fixed, gather_fixed, false, DZR_TYPE_FIXED},
        [DZR_TYPE_UUID] = {compact_fixed, gather_fixed, false, DZR_TYPE_FIXED},
        [DZR_TYPE_DECIMAL] = {compact_decimal, gather_decimal, true, DZR_TYPE_FIXED},
        [DZR_TYPE_NULL] = {compact_nothing, gather_32, true, DZR_TYPE_INT32},
};

static const way *way_of(const dzr_leaf_path *leaf)
{
    static const way int96 = {compact_int96, gather_int96, true, DZR_TYPE_FIXED};
    static const way time32 = {compact_32, gather_32, false, DZR_TYPE_INT32};
    static const way decimal32 = {compact_decimal, gather_decimal, true, DZR_TYPE_INT32};
    static const way decimal64 = {compact_decimal, gather_decimal, true, DZR_TYPE_INT64};
    const dzr_type_id id = leaf->field->type.id;
    if (leaf->physical == DZR_PHYSICAL_INT96)
        return &int96;
    if (id == DZR_TYPE_TIME && leaf->physical == DZR_PHYSICAL_INT32)
        return &time32;
    if (id == DZR_TYPE_DECIMAL && leaf->physical != DZR_PHYSICAL_FIXED)
        return leaf->physical == DZR_PHYSICAL_INT32 ? &decimal32 : &decimal64;
    return &ways[id];
}

/* Bytes of a dense value, 0 for bits. */
static size_t size_of(const dzr_leaf_path *leaf)
{
    return leaf->physical == DZR_PHYSICAL_BYTE_ARRAY ? sizeof(dzr_view) : leaf->width;
}

static dzr_column dense_column(const dzr_leaf_path *leaf, const way *how, const dzr_column *in, int64_t n)
{
    dzr_column out = {.type = {.id = how->type}, .n_rows = n, .data = in->data, .n_data = in->n_data};
    if (how->type == DZR_TYPE_FIXED) {
        out.type.width = (int32_t)leaf->width;
        out.type.precision = leaf->field->type.precision;
    }
    return out;
}

dzr_status dzr__dense(const dzr_leaf_path *leaf, const dzr_column *in, int64_t first, int64_t n, dzr_bytebuf *scratch,
        dzr_column *out, dzr_error *err)
{
    const way *const how = way_of(leaf);
    const size_t size = size_of(leaf);
    *out = dense_column(leaf, how, in, n);
    if (in->validity == NULL && !how->always) {
        out->values = (const uint8_t *)in->values + (size_t)first * size;
        return DZR_OK;
    }
    scratch->len = 0;
    DZR_TRY(dzr__bytebuf_reserve(scratch, DZR_MAX((size_t)n * DZR_MAX(size, 1), 1), err)); /* for none, too */
    out->n_rows = how->compact(in->values, in->validity, first, n, leaf, scratch->at);
    out->values = scratch->at;
    return DZR_OK;
}

dzr_status dzr__dense_rows(const dzr_leaf_path *leaf, const dzr_column *in, const int64_t *rows, int64_t n,
        dzr_bytebuf *scratch, dzr_column *out, dzr_error *err)
{
    if (n == 0 || rows[n - 1] - rows[0] == n - 1) { /* ascending, so without a gap */
        dzr_column whole = *in;
        whole.validity = NULL;
        return dzr__dense(leaf, &whole, n == 0 ? 0 : rows[0], n, scratch, out, err);
    }
    const way *const how = way_of(leaf);
    scratch->len = 0;
    DZR_TRY(dzr__bytebuf_reserve(scratch, (size_t)n * DZR_MAX(size_of(leaf), 1), err));
    *out = dense_column(leaf, how, in, n);
    how->gather(in->values, rows, n, leaf, scratch->at);
    out->values = scratch->at;
    return DZR_OK;
}
