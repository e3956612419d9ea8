/* parquet/writer/statistics.c - a chunk's smallest and largest value and its NaNs, by the order the format gives each
 * type. Called by column.c with dense values, or once with a dictionary's entries. Spec: parquet.thrift, Statistics and
 * ColumnOrder (TYPE_ORDER, and its rules for floating point). */
#include "parquet/writer/writer.h"

#include "parquet/metadata/geo.h"

/* ---- numbers ---- */

/* Four of each side at once: a comparison need not wait for the one before. NaN loses every comparison. */
#define ADD_NUMBERS(name, type, member, lowest, highest)                                                               \
    static void name(dzr_minmax *minmax, const void *values, int64_t n)                                                \
    {                                                                                                                  \
        const type *const in = values;                                                                                 \
        type min[4] = {highest, highest, highest, highest};                                                            \
        type max[4] = {lowest, lowest, lowest, lowest};                                                                \
        int64_t i = 0;                                                                                                 \
        for (; i + 4 <= n; i += 4)                                                                                     \
            for (int k = 0; k < 4; k++) {                                                                              \
                min[k] = in[i + k] < min[k] ? in[i + k] : min[k];                                                      \
                max[k] = in[i + k] > max[k] ? in[i + k] : max[k];                                                      \
            }                                                                                                          \
        for (; i < n; i++) {                                                                                           \
            min[0] = in[i] < min[0] ? in[i] : min[0];                                                                  \
            max[0] = in[i] > max[0] ? in[i] : max[0];                                                                  \
        }                                                                                                              \
        for (int k = 1; k < 4; k++) {                                                                                  \
            min[0] = min[k] < min[0] ? min[k] : min[0];                                                                \
            max[0] = max[k] > max[0] ? max[k] : max[0];                                                                \
        }                                                                                                              \
        if (!minmax->any || min[0] < minmax->min.member)                                                               \
            minmax->min.member = min[0];                                                                               \
        if (!minmax->any || max[0] > minmax->max.member)                                                               \
            minmax->max.member = max[0];                                                                               \
        minmax->any = true;                                                                                            \
    }

ADD_NUMBERS(add_int32, int32_t, i32, INT32_MIN, INT32_MAX)
ADD_NUMBERS(add_uint32, uint32_t, u32, 0, UINT32_MAX)
ADD_NUMBERS(add_int64, int64_t, i64, INT64_MIN, INT64_MAX)
ADD_NUMBERS(add_uint64, uint64_t, u64, 0, UINT64_MAX)
ADD_NUMBERS(add_float, float, f32, -__builtin_inff(), __builtin_inff())
ADD_NUMBERS(add_double, double, f64, -__builtin_inf(), __builtin_inf())

static inline bool is_nan_half(uint16_t half)
{
    return (half & 0x7fff) > 0x7c00;
}

static int64_t count_nan(const dzr_column *values)
{
    int64_t n_nan = 0;
    if (values->type.id == DZR_TYPE_FLOAT) {
        const float *const in = values->values;
        for (int64_t i = 0; i < values->n_rows; i++)
            n_nan += in[i] != in[i];
    } else if (values->type.id == DZR_TYPE_DOUBLE) {
        const double *const in = values->values;
        for (int64_t i = 0; i < values->n_rows; i++)
            n_nan += in[i] != in[i];
    }
    if (values->type.id == DZR_TYPE_HALF) {
        const uint16_t *const in = values->values;
        for (int64_t i = 0; i < values->n_rows; i++)
            n_nan += is_nan_half(in[i]);
    }
    return n_nan;
}

static void add_halves(dzr_minmax *minmax, const uint16_t *in, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        if (is_nan_half(in[i]))
            continue;
        const double value = dzr_half_to_double(in[i]);
        if (!minmax->any || value < dzr_half_to_double(minmax->min.f16))
            minmax->min.f16 = in[i];
        if (!minmax->any || value > dzr_half_to_double(minmax->max.f16))
            minmax->max.f16 = in[i];
        minmax->any = true;
    }
}

/* ---- floating point in the total order of IEEE 754 ---- */

static void add_key(bool *any, dzr_number *min, dzr_number *max, int64_t key)
{
    min->i64 = *any ? DZR_MIN(min->i64, key) : key;
    max->i64 = *any ? DZR_MAX(max->i64, key) : key;
    *any = true;
}

/* Numbers and NaN apart: the latter lie outside of the infinities. */
static void add_keys(dzr_minmax *minmax, const dzr_column *values)
{
    const dzr_type_id id = values->type.id;
    const size_t size = dzr_type_bits(values->type) / 8;
    const int64_t infinity = id == DZR_TYPE_HALF    ? 0x7c00
                             : id == DZR_TYPE_FLOAT ? INT64_C(0x7f800000)
                                                    : INT64_C(0x7ff0000000000000);
    for (int64_t i = 0; i < values->n_rows; i++) {
        const int64_t key = dzr__total_order_key(id, (const uint8_t *)values->values + size * (size_t)i);
        if (key > infinity || key < -infinity - 1)
            add_key(&minmax->any_nan, &minmax->min_nan, &minmax->max_nan, key);
        else
            add_key(&minmax->any, &minmax->min, &minmax->max, key);
    }
}

static void merge_keys(dzr_minmax *minmax, const dzr_minmax *more)
{
    if (more->any) {
        add_key(&minmax->any, &minmax->min, &minmax->max, more->min.i64);
        add_key(&minmax->any, &minmax->min, &minmax->max, more->max.i64);
    }
    if (more->any_nan) {
        add_key(&minmax->any_nan, &minmax->min_nan, &minmax->max_nan, more->min_nan.i64);
        add_key(&minmax->any_nan, &minmax->min_nan, &minmax->max_nan, more->max_nan.i64);
    }
}

/* The bounds as values; those of NaN where there is nothing else. */
static void finish_keys(dzr_minmax *minmax, dzr_type_id id)
{
    const int64_t min = minmax->any ? minmax->min.i64 : minmax->min_nan.i64;
    const int64_t max = minmax->any ? minmax->max.i64 : minmax->max_nan.i64;
    dzr__total_order_value(id, min, &minmax->min);
    dzr__total_order_value(id, max, &minmax->max);
}

static void add_bools(dzr_minmax *minmax, const void *values, int64_t n)
{
    const int64_t n_true = dzr__bits_count(values, 0, n);
    const uint32_t min = n_true < n ? 0 : 1, max = n_true > 0 ? 1 : 0;
    minmax->min.u32 = minmax->any ? DZR_MIN(minmax->min.u32, min) : min;
    minmax->max.u32 = minmax->any ? DZR_MAX(minmax->max.u32, max) : max;
    minmax->any = true;
}

/* ---- strings: unsigned bytes, a prefix before what it begins ---- */

/* The first eight bytes as a number in their order, zeros where there are fewer. */
static inline uint64_t prefix_of(const dzr_column *values, int64_t i)
{
    const dzr_view *const view = (const dzr_view *)values->values + i;
    const uint8_t *const at = dzr_column_bytes(values, i).at; /* eight can be read: a short value is in its view */
    const uint64_t prefix = __builtin_bswap64(dzr__load_u64(at));
    return view->len >= 8 ? prefix : view->len == 0 ? 0 : prefix & UINT64_MAX << (64 - 8 * view->len);
}

/* Values longer than a bound that agree in all of its bytes are one to it, and greater than those bytes alone. */
static int compare_bound(dzr_bytes value, const dzr_bound *bound)
{
    const size_t len = DZR_MIN(value.len, (size_t)DZR_BOUND_BYTES);
    const int order = memcmp(value.at, bound->bytes, DZR_MIN(len, (size_t)bound->len));
    if (order != 0)
        return order;
    if (len != bound->len)
        return len < bound->len ? -1 : 1;
    return (int)(value.len > DZR_BOUND_BYTES) - (int)bound->longer;
}

static int compare_bounds(const dzr_bound *a, const dzr_bound *b)
{
    const int order = memcmp(a->bytes, b->bytes, DZR_MIN(a->len, b->len));
    if (order != 0)
        return order;
    if (a->len != b->len)
        return a->len < b->len ? -1 : 1;
    return (int)a->longer - (int)b->longer;
}

static void set_bound(dzr_bound *bound, dzr_bytes value)
{
    bound->len = (uint32_t)DZR_MIN(value.len, (size_t)DZR_BOUND_BYTES);
    memcpy(bound->bytes, value.at, bound->len);
    bound->longer = value.len > DZR_BOUND_BYTES;
}

static inline bool is_less(dzr_bytes a, dzr_bytes b)
{
    const size_t len = DZR_MIN(a.len, b.len);
    size_t i = 0;
    for (; i + 8 <= len; i += 8) {
        const uint64_t of_a = dzr__load_u64(a.at + i), of_b = dzr__load_u64(b.at + i);
        if (of_a != of_b)
            return __builtin_bswap64(of_a) < __builtin_bswap64(of_b);
    }
    const int order = memcmp(a.at + i, b.at + i, len - i);
    return order < 0 || (order == 0 && a.len < b.len);
}

/* Most values lie between the bounds, and eight bytes tell. */
static void add_strings(dzr_minmax *minmax, const dzr_column *values)
{
    dzr_bytes min = dzr_column_bytes(values, 0), max = min;
    uint64_t low = prefix_of(values, 0), high = low;
    for (int64_t i = 1; i < values->n_rows; i++) {
        const uint64_t prefix = prefix_of(values, i);
        if (DZR_LIKELY(prefix > low && prefix < high))
            continue;
        const dzr_bytes value = dzr_column_bytes(values, i);
        if (prefix < low || (prefix == low && is_less(value, min))) {
            min = value;
            low = prefix;
        }
        if (prefix > high || (prefix == high && is_less(max, value))) {
            max = value;
            high = prefix;
        }
    }
    if (!minmax->any || compare_bound(min, &minmax->min_bound) < 0)
        set_bound(&minmax->min_bound, min);
    if (!minmax->any || compare_bound(max, &minmax->max_bound) > 0)
        set_bound(&minmax->max_bound, max);
    minmax->any = true;
}

/* ---- values of one length: unsigned bytes, decimals as big-endian numbers with a sign ---- */

static int compare_fixed(const uint8_t *a, const uint8_t *b, size_t size, bool has_sign)
{
    const uint8_t flip = has_sign ? 0x80 : 0;
    const int first = (a[0] ^ flip) - (b[0] ^ flip);
    return first != 0 ? first : memcmp(a + 1, b + 1, size - 1);
}

static void add_fixed(dzr_minmax *minmax, const dzr_column *values)
{
    const uint8_t *at = values->values;
    const size_t size = (size_t)values->type.width;
    const bool has_sign = values->type.precision > 0;
    if (size > DZR_BOUND_BYTES)
        return; /* readers take a bound of such a type for as long as its values, which is more than it is worth */
    for (int64_t i = 0; i < values->n_rows; i++, at += size) {
        const dzr_bytes value = {at, size};
        if (!minmax->any || compare_fixed(at, minmax->min_bound.bytes, size, has_sign) < 0)
            set_bound(&minmax->min_bound, value);
        if (!minmax->any || compare_fixed(at, minmax->max_bound.bytes, size, has_sign) > 0)
            set_bound(&minmax->max_bound, value);
        minmax->any = true;
    }
}

void dzr__minmax_count_nan(dzr_minmax *minmax, const dzr_column *values)
{
    minmax->n_nan += count_nan(values);
}

void dzr__minmax_add(dzr_minmax *minmax, const dzr_column *values)
{
    const int64_t n = values->n_rows;
    if (n == 0)
        return;
    minmax->type = values->type;
    if (minmax->total) {
        add_keys(minmax, values);
        return;
    }
    switch (values->type.id) {
    case DZR_TYPE_BOOL:
        add_bools(minmax, values->values, n);
        break;
    case DZR_TYPE_INT32:
        add_int32(minmax, values->values, n);
        break;
    case DZR_TYPE_UINT32:
        add_uint32(minmax, values->values, n);
        break;
    case DZR_TYPE_INT64:
        add_int64(minmax, values->values, n);
        break;
    case DZR_TYPE_UINT64:
        add_uint64(minmax, values->values, n);
        break;
    case DZR_TYPE_FLOAT:
        if (count_nan(values) < n)
            add_float(minmax, values->values, n);
        break;
    case DZR_TYPE_DOUBLE:
        if (count_nan(values) < n)
            add_double(minmax, values->values, n);
        break;
    case DZR_TYPE_HALF:
        add_halves(minmax, values->values, n);
        break;
    case DZR_TYPE_FIXED:
        add_fixed(minmax, values);
        break;
    default:
        add_strings(minmax, values);
        break;
    }
}

void dzr__minmax_merge(dzr_minmax *minmax, const dzr_minmax *more)
{
    minmax->n_nan += more->n_nan;
    if (minmax->total) {
        merge_keys(minmax, more);
        return;
    }
    if (!more->any)
        return;
    if (more->type.id != DZR_TYPE_STRING && more->type.id != DZR_TYPE_BINARY) {
        const bool fixed = more->type.id == DZR_TYPE_FIXED;
        const void *const least = fixed ? (const void *)more->min_bound.bytes : &more->min;
        const void *const most = fixed ? (const void *)more->max_bound.bytes : &more->max;
        const dzr_column min = {.type = more->type, .n_rows = 1, .values = least};
        const dzr_column max = {.type = more->type, .n_rows = 1, .values = most};
        dzr__minmax_add(minmax, &min);
        dzr__minmax_add(minmax, &max);
        return;
    }
    if (!minmax->any || compare_bounds(&more->min_bound, &minmax->min_bound) < 0)
        minmax->min_bound = more->min_bound;
    if (!minmax->any || compare_bounds(&more->max_bound, &minmax->max_bound) > 0)
        minmax->max_bound = more->max_bound;
    minmax->type = more->type;
    minmax->any = true;
}

/* ---- writing them down ---- */

/* Bytes of the last character in text[0 .. len), whole or not, by its lead byte; 1 for bytes that are none. */
static uint32_t last_character(const uint8_t *text, uint32_t len)
{
    uint32_t n = 1;
    while (n < 4 && n < len && (text[len - n] & 0xc0) == 0x80)
        n++;
    return (text[len - n] & 0xc0) == 0xc0 ? n : 1;
}

/* Drops a character that the cut has left without its tail. */
static void end_at_character(dzr_bound *bound)
{
    const uint32_t n = last_character(bound->bytes, bound->len);
    if (!dzr__utf8_valid(bound->bytes + bound->len - n, n))
        bound->len -= n;
}

/* The next character that takes as many bytes, in its place; false when there is none. */
static bool next_character(uint8_t *at, uint32_t n)
{
    static const uint8_t last_of[][4] = {{0x7f}, {0xdf, 0xbf}, {0xef, 0xbf, 0xbf}, {0xf4, 0x8f, 0xbf, 0xbf}};
    if (memcmp(at, last_of[n - 1], n) == 0)
        return false;
    uint32_t i = n - 1;
    for (; i > 0 && at[i] == 0xbf; i--)
        at[i] = 0x80;
    at[i]++;
    if (n == 3 && at[0] == 0xed && at[1] == 0xa0) { /* U+D800 .. U+DFFF are no characters */
        at[0] = 0xee;
        at[1] = 0x80;
    }
    return true;
}

/* Makes a cut bound greater than everything it begins: its last unit that can grow does, those after it go. False when
 * none can. */
static bool grow_bound(dzr_bound *bound, bool utf8)
{
    while (bound->len > 0) {
        const uint32_t n = utf8 ? last_character(bound->bytes, bound->len) : 1;
        uint8_t *const last = bound->bytes + bound->len - n;
        if (utf8 ? dzr__utf8_valid(last, n) && next_character(last, n) : ++*last != 0)
            return true;
        bound->len -= n;
    }
    return false;
}

static void finish_strings(dzr_minmax *minmax, bool utf8, dzr_meta_statistics *out)
{
    dzr_bound *const min = &minmax->min_bound, *const max = &minmax->max_bound;
    out->min_exact = !min->longer;
    out->max_exact = !max->longer;
    if (min->longer && utf8)
        end_at_character(min);
    out->min_value = (dzr_bytes){min->bytes, min->len};
    out->has |= 1u << DZR_STATISTICS_MIN_VALUE | 1u << DZR_STATISTICS_MIN_EXACT;
    if (max->longer) {
        if (utf8)
            end_at_character(max);
        if (!grow_bound(max, utf8))
            return;
    }
    out->max_value = (dzr_bytes){max->bytes, max->len};
    out->has |= 1u << DZR_STATISTICS_MAX_VALUE | 1u << DZR_STATISTICS_MAX_EXACT;
}

/* A zero may stand for the other one too: readers compare -0 and +0 in different ways. */
static void finish_zeros(dzr_minmax *minmax, dzr_type_id id)
{
    if (id == DZR_TYPE_FLOAT) {
        if (minmax->min.f32 == 0)
            minmax->min.f32 = -0.0f;
        if (minmax->max.f32 == 0)
            minmax->max.f32 = 0.0f;
    } else if (id == DZR_TYPE_DOUBLE) {
        if (minmax->min.f64 == 0)
            minmax->min.f64 = -0.0;
        if (minmax->max.f64 == 0)
            minmax->max.f64 = 0.0;
    } else if (id == DZR_TYPE_HALF) {
        if ((minmax->min.f16 & 0x7fff) == 0)
            minmax->min.f16 = 0x8000;
        if ((minmax->max.f16 & 0x7fff) == 0)
            minmax->max.f16 = 0;
    }
}

void dzr__minmax_finish(dzr_minmax *minmax, const dzr_leaf_path *leaf, dzr_meta_statistics *out)
{
    const dzr_type type = leaf->field->type;
    if (dzr__type_is_float(type)) {
        out->nan_count = minmax->n_nan;
        out->has |= 1u << DZR_STATISTICS_NAN_COUNT;
    }
    if (!(minmax->any || minmax->any_nan) || leaf->physical == DZR_PHYSICAL_INT96 ||
            dzr__geo_known(leaf->element, NULL, NULL, NULL))
        return; /* two whose order nobody has laid down */
    if (leaf->physical == DZR_PHYSICAL_BYTE_ARRAY ||
            (leaf->physical == DZR_PHYSICAL_FIXED && type.id != DZR_TYPE_HALF)) {
        finish_strings(minmax, type.id == DZR_TYPE_STRING, out);
        return;
    }
    if (minmax->total)
        finish_keys(minmax, type.id);
    else
        finish_zeros(minmax, type.id);
    const size_t size = leaf->physical == DZR_PHYSICAL_BOOLEAN ? 1 : leaf->width;
    out->min_value = (dzr_bytes){(const uint8_t *)&minmax->min, size};
    out->max_value = (dzr_bytes){(const uint8_t *)&minmax->max, size};
    out->min_exact = out->max_exact = true;
    out->has |= 1u << DZR_STATISTICS_MIN_VALUE | 1u << DZR_STATISTICS_MIN_EXACT | 1u << DZR_STATISTICS_MAX_VALUE |
                1u << DZR_STATISTICS_MAX_EXACT;
}
