/* parquet/reader/values.c - the values of a page to slots, by its encoding: dense first, then moved apart for nulls.
 * Called by page.c once the levels are read. Spec: parquet-format Encodings.md. */
#include "parquet/reader/entries.h"

#include <assert.h>

/* Takes memory from the budget that goes back to the allocator with the page: it counts once, at its most. */
static dzr_status take_passing(dzr_decoder *d, uint64_t n_bytes, dzr_error *err)
{
    if (n_bytes <= d->passing_bytes)
        return DZR_OK;
    DZR_TRY(dzr__budget_take(d->budget, n_bytes - d->passing_bytes, err));
    d->passing_bytes = (size_t)n_bytes;
    return DZR_OK;
}

static dzr_status too_few_bytes(size_t n_bytes, int64_t n_values, dzr_error *err)
{
    return dzr_fail(err, DZR_ERR_TRUNCATED, "page has %zu bytes for %lld values", n_bytes, (long long)n_values);
}

static dzr_status read_indices(dzr_decoder *d, dzr_bytes in, int64_t n_set, uint8_t *to, dzr_error *err)
{
    if (!d->has_dictionary)
        return dzr_fail(err, DZR_ERR_CORRUPT, "page refers to a dictionary, but none came before it");
    if (in.len == 0)
        return too_few_bytes(0, n_set, err);
    if (in.at[0] > 32)
        return dzr_fail(err, DZR_ERR_CORRUPT, "dictionary indices of %u bits, at most 32 are allowed", in.at[0]);
    dzr_rle runs;
    dzr__rle_init(&runs, in.at + 1, in.len - 1, in.at[0]);
    return dzr__rle_gather(&runs, d->dictionary, d->n_dictionary, DZR_MAX(d->size, 1), to, n_set, err);
}

/* Booleans by way of a byte each, which then become bits. */
static dzr_status read_bool_indices(dzr_decoder *d, dzr_bytes in, int64_t n, int64_t n_set, dzr_error *err)
{
    DZR_TRY(take_passing(d, (uint64_t)n_set, err));
    uint8_t *const values = dzr_alloc_array(d->alloc, (size_t)n_set, 1, err);
    if (values == NULL)
        return DZR_ERR_NOMEM;
    const dzr_status st = read_indices(d, in, n_set, values, err);
    if (st == DZR_OK) {
        for (int64_t i = 0; i < n_set; i++) { /* bit i is never behind byte i */
            const uint8_t bit = (uint8_t)(values[i] << (i & 7));
            values[i >> 3] = (i & 7) == 0 ? bit : values[i >> 3] | bit;
        }
        if (n_set == n)
            dzr__bits_copy(d->values->at, d->row, values, 0, n);
        else
            dzr__spread_bits(values, d->validity->at, d->values->at, d->row, n);
    }
    dzr_release(d->alloc, values);
    return st;
}

/* Booleans to bits: in PLAIN they are that already, in RLE they carry their length even in a V2 page. */
static dzr_status read_bools(dzr_decoder *d, int32_t encoding, dzr_bytes in, int64_t n, int64_t n_set, dzr_error *err)
{
    uint8_t *const bits = d->values->at;
    const uint8_t *const validity = n_set < n ? d->validity->at : NULL;
    if (dzr__is_dictionary_encoding(encoding))
        return read_bool_indices(d, in, n, n_set, err);
    if (encoding == DZR_ENCODING_PLAIN) {
        if (in.len < dzr__bitmap_bytes(n_set))
            return too_few_bytes(in.len, n_set, err);
        if (validity == NULL)
            dzr__bits_copy(bits, d->row, in.at, 0, n);
        else
            dzr__spread_bits(in.at, validity, bits, d->row, n);
        return DZR_OK;
    }
    const uint32_t n_bytes = in.len >= 4 ? dzr__load_u32(in.at) : 0;
    if (in.len < 4 || n_bytes > in.len - 4)
        return dzr_fail(err, DZR_ERR_TRUNCATED, "page has %zu bytes for run-length encoded booleans that claim %u",
                in.len, n_bytes);
    dzr_rle runs;
    int64_t n_true = 0;
    dzr__rle_init(&runs, in.at + 4, n_bytes, 1);
    if (validity == NULL)
        return dzr__rle_read_bits(&runs, 1, bits, d->row, n, &n_true, err);
    uint8_t *const dense = dzr_alloc_zeroed(d->alloc, dzr__bitmap_bytes(n_set), 1, err);
    if (dense == NULL)
        return DZR_ERR_NOMEM;
    const dzr_status st = dzr__rle_read_bits(&runs, 1, dense, 0, n_set, &n_true, err);
    if (st == DZR_OK)
        dzr__spread_bits(dense, validity, bits, d->row, n);
    dzr_release(d->alloc, dense);
    return st;
}

/* n values as PLAIN has them, of a fixed size, to slots. */
static dzr_status take_stored(const dzr_decoder *d, const uint8_t *in, int64_t n, void *to, dzr_error *err)
{
    if (d->digits != 0)
        return dzr__decimals_read(in, n, d->type, d->digits, to, err);
    if (!dzr__is_as_stored(d))
        return dzr__plain_read_narrow(in, n, d->type.id, to, err);
    if (n > 0)
        memcpy(to, in, d->size * (size_t)n);
    return DZR_OK;
}

/* n values of PLAIN to slots. base is where data buffer `buffer` starts, for strings. */
dzr_status dzr__read_plain(
        dzr_decoder *d, dzr_bytes in, int64_t n, const uint8_t *base, int32_t buffer, void *to, dzr_error *err)
{
    if (dzr__has_views(d))
        return dzr__plain_read_views(in, n, base, buffer, d->type.id == DZR_TYPE_STRING, to, err);
    if (d->size == 0) { /* a dictionary of booleans */
        for (int64_t i = 0; i < n; i++)
            ((uint8_t *)to)[i] = in.at[i >> 3] >> (i & 7) & 1;
        return DZR_OK;
    }
    const size_t size = dzr__stored_size(d);
    assert(size > 0);
    if ((uint64_t)n > in.len / size)
        return too_few_bytes(in.len, n, err);
    return take_stored(d, in.at, n, to, err);
}

static bool is_integer(const dzr_decoder *d)
{
    return d->size != 0 && !dzr__has_views(d) && d->type.id != DZR_TYPE_FLOAT && d->type.id != DZR_TYPE_DOUBLE &&
           d->type.id != DZR_TYPE_FIXED;
}

/* n values of DELTA_BINARY_PACKED or BYTE_STREAM_SPLIT to slots of `size` bytes. */
static dzr_status read_sized(int32_t encoding, dzr_bytes bytes, size_t size, int64_t n, void *to, dzr_error *err)
{
    dzr_cursor in = dzr__cursor(bytes.at, bytes.len);
    return encoding == DZR_ENCODING_DELTA_BINARY_PACKED ? dzr__delta_read(&in, size, n, to, err)
                                                        : dzr__split_read(bytes, size, n, to, err);
}

/* The same to the column's, by way of what PLAIN has where they hold something else. */
static dzr_status read_numbers(dzr_decoder *d, int32_t encoding, dzr_bytes bytes, int64_t n, void *to, dzr_error *err)
{
    const size_t size = dzr__stored_size(d);
    if (dzr__is_as_stored(d))
        return read_sized(encoding, bytes, size, n, to, err);
    DZR_TRY(take_passing(d, (uint64_t)n * size, err));
    uint8_t *const stored = dzr_alloc_array(d->alloc, (size_t)n, size, err);
    if (stored == NULL)
        return DZR_ERR_NOMEM;
    dzr_status st = read_sized(encoding, bytes, size, n, stored, err);
    if (st == DZR_OK)
        st = take_stored(d, stored, n, to, err);
    dzr_release(d->alloc, stored);
    return st;
}

/* Values put together in a buffer that the column keeps. It is counted before it is made, since a few bytes may claim
 * many long values. */
static dzr_status join_views(dzr_decoder *d, const uint8_t *suffixes, int64_t n, const int32_t *lengths,
        uint64_t n_bytes, dzr_view *to, dzr_error *err)
{
    dzr_buffer *buffer = NULL;
    int32_t index = 0;
    DZR_TRY(dzr__decoder_buffer(d, n_bytes, &buffer, err));
    DZR_TRY(dzr__decoder_keep(d, buffer, &index, err));
    return dzr__prefixed_views(suffixes, n, lengths, buffer->at, index, d->type.id == DZR_TYPE_STRING, to, err);
}

/* n values of DELTA_BYTE_ARRAY to slots. What PLAIN would have of decimals stands behind their lengths meanwhile. */
static dzr_status read_prefixed(dzr_decoder *d, dzr_bytes bytes, int64_t n, void *to, dzr_error *err)
{
    const bool is_fixed = d->type.id == DZR_TYPE_FIXED, is_made = is_fixed && !dzr__is_as_stored(d);
    const size_t size = 2 * sizeof(int32_t) + (is_made ? dzr__stored_size(d) : 0);
    dzr_cursor in = dzr__cursor(bytes.at, bytes.len);
    uint64_t n_bytes = 0;
    DZR_TRY(take_passing(d, (uint64_t)n * size, err));
    int32_t *const lengths = dzr_alloc_array(d->alloc, (size_t)n, size, err);
    if (lengths == NULL)
        return DZR_ERR_NOMEM;
    uint8_t *const stored = is_made ? (uint8_t *)(lengths + 2 * (size_t)n) : to;
    dzr_status st = dzr__prefixed_lengths(&in, n, lengths, &n_bytes, err);
    if (st == DZR_OK)
        st = is_fixed ? dzr__prefixed_fixed(in.at, n, lengths, dzr__stored_size(d), stored, err)
                      : join_views(d, in.at, n, lengths, n_bytes, to, err);
    if (st == DZR_OK && is_made)
        st = take_stored(d, stored, n, to, err);
    dzr_release(d->alloc, lengths);
    return st;
}

dzr_status dzr__check_encoding(const dzr_decoder *d, int32_t encoding, dzr_error *err)
{
    if (encoding == DZR_ENCODING_PLAIN || (encoding == DZR_ENCODING_RLE && d->size == 0) ||
            dzr__is_dictionary_encoding(encoding) || (encoding == DZR_ENCODING_DELTA_BINARY_PACKED && is_integer(d)) ||
            (encoding == DZR_ENCODING_DELTA_LENGTH_BYTE_ARRAY && dzr__has_views(d)) ||
            (encoding == DZR_ENCODING_DELTA_BYTE_ARRAY && (dzr__has_views(d) || d->type.id == DZR_TYPE_FIXED)) ||
            (encoding == DZR_ENCODING_BYTE_STREAM_SPLIT && dzr__stored_size(d) != 0))
        return DZR_OK;
    const char *const name = dzr__encoding_name(encoding);
    return dzr_fail(err, DZR_ERR_UNSUPPORTED, "encoding %s (%d) of %s values", name != NULL ? name : "unknown",
            encoding, dzr_type_name(d->type));
}

/* n > 0 values, one after the other. */
static dzr_status read_dense(dzr_decoder *d, int32_t encoding, dzr_bytes in, int64_t n, const uint8_t *base,
        int32_t buffer, void *to, dzr_error *err)
{
    switch (encoding) {
    case DZR_ENCODING_RLE_DICTIONARY:
    case DZR_ENCODING_PLAIN_DICTIONARY:
        return read_indices(d, in, n, to, err);
    case DZR_ENCODING_DELTA_BINARY_PACKED:
    case DZR_ENCODING_BYTE_STREAM_SPLIT:
        return read_numbers(d, encoding, in, n, to, err);
    case DZR_ENCODING_DELTA_LENGTH_BYTE_ARRAY:
        return dzr__delta_read_views(in, n, base, buffer, d->type.id == DZR_TYPE_STRING, to, err);
    case DZR_ENCODING_DELTA_BYTE_ARRAY:
        return read_prefixed(d, in, n, to, err);
    default:
        return dzr__read_plain(d, in, n, base, buffer, to, err);
    }
}

/* n > 0 values as codes. A page that brought no new value is not needed for those it has. */
static dzr_status read_codes(dzr_decoder *d, int32_t encoding, dzr_bytes in, int64_t n, const uint8_t *base,
        int32_t buffer, int32_t *to, dzr_error *err)
{
    dzr_decoder *const values = &d->entries->values;
    const int64_t n_before = values->row;
    const int32_t n_data = dzr__views_into_page(values, encoding) ? buffer : values->n_data;
    uint64_t n_bytes = 0;
    if (__builtin_mul_overflow((uint64_t)n, values->size, &n_bytes))
        n_bytes = UINT64_MAX;
    DZR_TRY(take_passing(d, n_bytes, err));
    void *const slots = dzr_alloc_array(d->alloc, (size_t)n, values->size, err);
    if (slots == NULL)
        return DZR_ERR_NOMEM;
    dzr_status st = read_dense(values, encoding, in, n, base, buffer, slots, err);
    if (st == DZR_OK)
        st = dzr__entries_add(d->entries, slots, n, false, to, err);
    dzr_release(d->alloc, slots);
    while (st == DZR_OK && values->row == n_before && values->n_data > n_data)
        dzr__buffer_free(values->data[--values->n_data]);
    return st;
}

dzr_status dzr__read_values(dzr_decoder *d, int32_t encoding, dzr_bytes in, int64_t n, int64_t n_set,
        const uint8_t *base, int32_t buffer, dzr_error *err)
{
    if (d->size == 0)
        return n_set == 0 ? DZR_OK : read_bools(d, encoding, in, n, n_set, err); /* bits start as zeros */
    uint8_t *const to = d->values->at + d->size * (size_t)d->row;
    const bool to_codes = d->entries != NULL && !dzr__is_dictionary_encoding(encoding);
    if (n_set > 0)
        DZR_TRY(to_codes ? read_codes(d, encoding, in, n_set, base, buffer, (int32_t *)(void *)to, err)
                         : read_dense(d, encoding, in, n_set, base, buffer, to, err));
    if (n_set < n)
        dzr__spread(to, d->size, d->validity->at, d->row, n, n_set);
    return DZR_OK;
}
