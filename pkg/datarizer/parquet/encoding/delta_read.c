/* parquet/encoding/delta_read.c - DELTA_BINARY_PACKED and DELTA_LENGTH_BYTE_ARRAY, reading.
 * Called by reader/page.c with one page's values. Blocks are taken a miniblock at a time, so that no size a page claims
 * asks for memory. Spec: parquet-format Encodings.md, "Delta Encoding (DELTA_BINARY_PACKED = 5)",
 * "Delta-length byte array (DELTA_LENGTH_BYTE_ARRAY = 6)". */
#include "parquet/encoding/encoding.h"

typedef struct delta_header {
    uint64_t n_miniblocks; /* a block */
    uint64_t n_per_miniblock;
    uint64_t n_values;
    uint64_t first;
} delta_header;

static uint64_t from_zigzag(uint64_t v)
{
    return (v >> 1) ^ (0 - (v & 1));
}

static dzr_status read_header(dzr_cursor *in, int64_t n_wanted, delta_header *h, dzr_error *err)
{
    uint64_t block = 0;
    DZR_TRY(dzr__read_uvarint(in, &block, err));
    DZR_TRY(dzr__read_uvarint(in, &h->n_miniblocks, err));
    DZR_TRY(dzr__read_uvarint(in, &h->n_values, err));
    DZR_TRY(dzr__read_uvarint(in, &h->first, err));
    h->first = from_zigzag(h->first);
    if (block == 0 || block % 128 != 0 || h->n_miniblocks == 0 || block % h->n_miniblocks != 0 ||
            block / h->n_miniblocks % 32 != 0)
        return dzr_fail(err, DZR_ERR_CORRUPT, "delta blocks of %llu values in %llu miniblocks",
                (unsigned long long)block, (unsigned long long)h->n_miniblocks);
    h->n_per_miniblock = block / h->n_miniblocks;
    if (h->n_values != (uint64_t)n_wanted)
        return dzr_fail(err, DZR_ERR_CORRUPT, "delta encoding of %llu values, the page has %lld",
                (unsigned long long)h->n_values, (long long)n_wanted);
    return DZR_OK;
}

/* Bits [bit, bit + width) of n_bytes bytes, least significant first; width 1 .. 64, all of them there. */
static uint64_t bits_at(const uint8_t *at, size_t n_bytes, uint64_t bit, uint32_t width)
{
    uint8_t window[16] = {0};
    const size_t first = (size_t)(bit >> 3);
    const unsigned shift = (unsigned)(bit & 7);
    const uint8_t *from = at + first;
    if (n_bytes - first < 9) {
        memcpy(window, from, n_bytes - first);
        from = window;
    }
    uint64_t value = dzr__load_u64(from) >> shift;
    if (shift + width > 64)
        value |= (uint64_t)from[8] << (64 - shift);
    return width == 64 ? value : value & ((UINT64_C(1) << width) - 1);
}

static void store(void *out, bool wide, int64_t i, uint64_t value)
{
    if (wide)
        dzr__store_u64((uint8_t *)out + (size_t)i * sizeof(uint64_t), value);
    else
        dzr__store_u32((uint8_t *)out + (size_t)i * sizeof(uint32_t), (uint32_t)value);
}

enum { BATCH = 128 /* deltas unpacked to the stack at once */ };

/* Sums from last on, which the last of them becomes. */
#define SUM(name, type)                                                                                                \
    static uint64_t name(const uint32_t *deltas, int64_t n, uint64_t min, uint64_t last, type *out)                    \
    {                                                                                                                  \
        for (int64_t i = 0; i < n; i++) {                                                                              \
            last += min + deltas[i];                                                                                   \
            memcpy(out + i, &(type){(type)last}, sizeof *out); /* out may lie anywhere */                              \
        }                                                                                                              \
        return last;                                                                                                   \
    }
SUM(sum_narrow, uint32_t)
SUM(sum_wide, uint64_t)

/* n deltas, each min more than what is stored in width bits, added up from *last. Sums wrap, as the writers' do.
 * n_bytes may be read, more than those deltas have. */
static void add_up(const uint8_t *at, size_t n_bytes, uint32_t width, uint64_t min, int64_t n, uint64_t *last,
        bool wide, int64_t first, void *out)
{
    int64_t i = 0;
    for (uint32_t deltas[BATCH]; width <= 32 && i < n;) { /* a miniblock has a multiple of 32 of them */
        const int64_t step = DZR_MIN(n - i, (int64_t)BATCH);
        dzr__unpack(at, n_bytes, width, (uint64_t)i, (size_t)step, deltas);
        if (wide)
            *last = sum_wide(deltas, step, min, *last, (uint64_t *)out + first + i);
        else
            *last = sum_narrow(deltas, step, min, *last, (uint32_t *)out + first + i);
        i += step;
    }
    for (; i < n; i++) {
        *last += min + bits_at(at, n_bytes, (uint64_t)i * width, width);
        store(out, wide, first + i, *last);
    }
}

static dzr_status read_block(
        dzr_cursor *in, const delta_header *h, bool wide, int64_t *done, uint64_t *last, void *out, dzr_error *err)
{
    uint64_t min = 0;
    const uint8_t *widths = NULL;
    DZR_TRY(dzr__read_uvarint(in, &min, err));
    DZR_TRY(dzr__cursor_take(in, h->n_miniblocks, &widths, err));
    min = from_zigzag(min);
    for (uint64_t m = 0; m < h->n_miniblocks && (uint64_t)*done < h->n_values; m++) {
        const uint32_t width =
                widths[m]; /* those of miniblocks after the last value mean nothing and are not looked at */
        if (width > 64)    /* some writers subtract 32-bit values in 64 bits and need 33 */
            return dzr_fail(err, DZR_ERR_CORRUPT, "deltas of %u bits", width);
        uint64_t n_bytes = 0;
        if (__builtin_mul_overflow(h->n_per_miniblock / 8, (uint64_t)width, &n_bytes))
            n_bytes = UINT64_MAX;
        const uint8_t *packed = NULL;
        DZR_TRY(dzr__cursor_take(in, n_bytes, &packed, err));
        const int64_t n = (int64_t)DZR_MIN(h->n_per_miniblock, h->n_values - (uint64_t)*done);
        add_up(packed, (size_t)(in->end - packed), width, min, n, last, wide, *done, out);
        *done += n;
    }
    return DZR_OK;
}

dzr_status dzr__delta_read(dzr_cursor *in, size_t size, int64_t n, void *out, dzr_error *err)
{
    const bool wide = size == sizeof(uint64_t);
    delta_header h;
    DZR_TRY(read_header(in, n, &h, err));
    if (n == 0)
        return DZR_OK;
    store(out, wide, 0, h.first);
    uint64_t last = h.first;
    for (int64_t done = 1; done < n;)
        DZR_TRY(read_block(in, &h, wide, &done, &last, out, err));
    return DZR_OK;
}

/* ---- strings: their lengths, then all their bytes ---- */

/* Lengths stand in the last quarter of out: view i is written up to byte 16 * i + 16 after length i was read from byte
 * 12 * n + 4 * i, and length i + 1 lies behind that as long as i is below n. */
dzr_status dzr__delta_read_views(
        dzr_bytes bytes, int64_t n, const uint8_t *base, int32_t buffer, bool utf8, dzr_view *out, dzr_error *err)
{
    uint8_t *const lengths = (uint8_t *)out + (size_t)n * 12;
    dzr_cursor in = dzr__cursor(bytes.at, bytes.len);
    DZR_TRY(dzr__delta_read(&in, sizeof(int32_t), n, lengths, err));
    for (int64_t i = 0; i < n; i++) {
        const int32_t len = (int32_t)dzr__load_u32(lengths + (size_t)i * sizeof len);
        const uint8_t *at = NULL;
        if (len < 0)
            return dzr_fail(err, DZR_ERR_CORRUPT, "string value %lld claims a length of %d", (long long)i, len);
        DZR_TRY(dzr__cursor_take(&in, (uint64_t)len, &at, err));
        if (utf8 && !dzr__utf8_valid(at, (size_t)len)) {
            const dzr_status st = dzr_fail(err, DZR_ERR_CORRUPT, "string value %lld is not UTF-8", (long long)i);
            if (err != NULL)
                err->record = i;
            return st;
        }
        out[i] = dzr__view(at, len, buffer, (int32_t)(at - base));
    }
    return DZR_OK;
}
