/* parquet/writer/dense.c - the values of a column's rows without the nulls, as data pages hold them. See writer.h. */
#include "parquet/writer/writer.h"

/* Moves values that have their bit set together; each is written, and counts only with its bit. */
#define COMPACT(name, from_type, to_type)                                                                              \
    static int64_t name(const void *from, const uint8_t *validity, int64_t first, int64_t n, void *to)                 \
    {                                                                                                                  \
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
COMPACT(compact_32, uint32_t, uint32_t)
COMPACT(compact_64, uint64_t, uint64_t)
COMPACT(compact_views, dzr_view, dzr_view)

static int64_t compact_bits(const void *from, const uint8_t *validity, int64_t first, int64_t n, void *to)
{
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
    static void name(const void *from, const int64_t *rows, int64_t n, void *to)                                       \
    {                                                                                                                  \
        for (int64_t i = 0; i < n; i++)                                                                                \
            ((to_type *)to)[i] = ((const from_type *)from)[rows[i]];                                                   \
    }

GATHER(gather_int8, int8_t, int32_t)
GATHER(gather_int16, int16_t, int32_t)
GATHER(gather_uint8, uint8_t, uint32_t)
GATHER(gather_uint16, uint16_t, uint32_t)
GATHER(gather_32, uint32_t, uint32_t)
GATHER(gather_64, uint64_t, uint64_t)
GATHER(gather_views, dzr_view, dzr_view)

static void gather_bits(const void *from, const int64_t *rows, int64_t n, void *to)
{
    memset(to, 0, dzr__bitmap_bytes(n));
    for (int64_t i = 0; i < n; i++)
        if (dzr__bit_get(from, rows[i]))
            dzr__bit_set(to, i);
}

/* A slot of a column of DECIMAL of up to 38 digits: two's complement, little-endian. */
typedef struct dzr_slot128 {
    uint64_t low;
    int64_t high;
} dzr_slot128;

/* Decimals as the integers that their digits fit, or as 16 bytes, the highest first. */
static inline __int128 load_decimal(const dzr_slot128 *value)
{
    return (__int128)((unsigned __int128)(uint64_t)value->high << 64 | value->low);
}
#define DECIMALS(bits, to_type, convert)                                                                               \
    static int64_t compact_decimal##bits(                                                                              \
            const void *from, const uint8_t *validity, int64_t first, int64_t n, void *to)                             \
    {                                                                                                                  \
        const dzr_slot128 *const in = from;                                                                            \
        int64_t n_out = 0;                                                                                             \
        for (int64_t i = first; i < first + n; i++)                                                                    \
            if (validity == NULL || dzr__bit_get(validity, i))                                                         \
                ((to_type *)to)[n_out++] = convert(&in[i]);                                                            \
        return n_out;                                                                                                  \
    }                                                                                                                  \
    static void gather_decimal##bits(const void *from, const int64_t *rows, int64_t n, void *to)                       \
    {                                                                                                                  \
        for (int64_t i = 0; i < n; i++)                                                                                \
            ((to_type *)to)[i] = convert(&((const dzr_slot128 *)from)[rows[i]]);                                       \
    }

static inline int32_t to_int32(const dzr_slot128 *value)
{
    return (int32_t)load_decimal(value);
}
static inline int64_t to_int64(const dzr_slot128 *value)
{
    return (int64_t)load_decimal(value);
}
static inline dzr_slot128 to_bytes(const dzr_slot128 *value)
{
    return (dzr_slot128){
            .low = __builtin_bswap64((uint64_t)value->high), .high = (int64_t)__builtin_bswap64(value->low)};
}
DECIMALS(32, int32_t, to_int32)
DECIMALS(64, int64_t, to_int64)
DECIMALS(128, dzr_slot128, to_bytes)

/* How each type is made dense: by what, to which width, as which type. */
typedef struct way {
    int64_t (*compact)(const void *from, const uint8_t *validity, int64_t first, int64_t n, void *to);
    void (*gather)(const void *from, const int64_t *rows, int64_t n, void *to);
    uint8_t size; /* bytes a value, 0 for bits */
    bool always;  /* also without nulls */
    dzr_type_id type;
} way;

static const way ways[] = {
        [DZR_TYPE_BOOL] = {compact_bits, gather_bits, 0, true, DZR_TYPE_BOOL},
        [DZR_TYPE_INT8] = {compact_int8, gather_int8, 4, true, DZR_TYPE_INT32},
        [DZR_TYPE_INT16] = {compact_int16, gather_int16, 4, true, DZR_TYPE_INT32},
        [DZR_TYPE_INT32] = {compact_32, gather_32, 4, false, DZR_TYPE_INT32},
        [DZR_TYPE_INT64] = {compact_64, gather_64, 8, false, DZR_TYPE_INT64},
        [DZR_TYPE_UINT8] = {compact_uint8, gather_uint8, 4, true, DZR_TYPE_UINT32},
        [DZR_TYPE_UINT16] = {compact_uint16, gather_uint16, 4, true, DZR_TYPE_UINT32},
        [DZR_TYPE_UINT32] = {compact_32, gather_32, 4, false, DZR_TYPE_UINT32},
        [DZR_TYPE_UINT64] = {compact_64, gather_64, 8, false, DZR_TYPE_UINT64},
        [DZR_TYPE_FLOAT] = {compact_32, gather_32, 4, false, DZR_TYPE_FLOAT},
        [DZR_TYPE_DOUBLE] = {compact_64, gather_64, 8, false, DZR_TYPE_DOUBLE},
        [DZR_TYPE_STRING] = {compact_views, gather_views, sizeof(dzr_view), false, DZR_TYPE_STRING},
        [DZR_TYPE_BINARY] = {compact_views, gather_views, sizeof(dzr_view), false, DZR_TYPE_BINARY},
        [DZR_TYPE_DATE] = {compact_32, gather_32, 4, false, DZR_TYPE_INT32},
        [DZR_TYPE_TIMESTAMP] = {compact_64, gather_64, 8, false, DZR_TYPE_INT64},
        [DZR_TYPE_UUID] = {compact_views, gather_views, 16, false, DZR_TYPE_UUID},
        [DZR_TYPE_DECIMAL] = {compact_decimal128, gather_decimal128, 16, true, DZR_TYPE_DECIMAL},
};

static const way *way_of(dzr_type type)
{
    static const way decimal32 = {compact_decimal32, gather_decimal32, 4, true, DZR_TYPE_INT32};
    static const way decimal64 = {compact_decimal64, gather_decimal64, 8, true, DZR_TYPE_INT64};
    if (type.id == DZR_TYPE_DECIMAL && type.precision <= 9)
        return &decimal32;
    return type.id == DZR_TYPE_DECIMAL && type.precision <= 18 ? &decimal64 : &ways[type.id];
}

dzr_status dzr__dense(
        const dzr_column *in, int64_t first, int64_t n, dzr_bytebuf *scratch, dzr_column *out, dzr_error *err)
{
    const way *const how = way_of(in->type);
    *out = (dzr_column){.type = {.id = how->type}, .n_rows = n, .data = in->data, .n_data = in->n_data};
    if (in->validity == NULL && !how->always) {
        out->values = (const uint8_t *)in->values + (size_t)first * how->size;
        return DZR_OK;
    }
    scratch->len = 0;
    DZR_TRY(dzr__bytebuf_reserve(scratch, DZR_MAX((size_t)n * DZR_MAX(how->size, 1), 1), err)); /* for none, too */
    out->n_rows = how->compact(in->values, in->validity, first, n, scratch->at);
    out->values = scratch->at;
    return DZR_OK;
}

dzr_status dzr__dense_rows(
        const dzr_column *in, const int64_t *rows, int64_t n, dzr_bytebuf *scratch, dzr_column *out, dzr_error *err)
{
    if (n == 0 || rows[n - 1] - rows[0] == n - 1) { /* ascending, so without a gap */
        dzr_column whole = *in;
        whole.validity = NULL;
        return dzr__dense(&whole, n == 0 ? 0 : rows[0], n, scratch, out, err);
    }
    const way *const how = way_of(in->type);
    scratch->len = 0;
    DZR_TRY(dzr__bytebuf_reserve(scratch, (size_t)n * DZR_MAX(how->size, 1), err));
    how->gather(in->values, rows, n, scratch->at);
    *out = (dzr_column){
            .type = {.id = how->type}, .n_rows = n, .values = scratch->at, .data = in->data, .n_data = in->n_data};
    return DZR_OK;
}
