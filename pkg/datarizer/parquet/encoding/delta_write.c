/* parquet/encoding/delta_write.c - the delta encodings, the way out: integers as packed differences, strings with their
 * lengths in front, strings without the front they share with the one before. Called by writer/body.c with a page's
 * values as PLAIN has them. Blocks have 128 values in 4 miniblocks, as other writers' have. Spec: parquet-format
 * Encodings.md, "Delta Encoding", "Delta-length byte array", "Delta Strings". */
#include "parquet/encoding/encoding.h"

enum {
    N_MINIBLOCKS = 4,
    PER_MINIBLOCK = 32,
    BLOCK = N_MINIBLOCKS * PER_MINIBLOCK,
    MAX_VARINT = 10,
    MAX_HEADER = 4 * MAX_VARINT,
    MAX_BLOCK = MAX_VARINT + N_MINIBLOCKS + BLOCK * 8,
    SLACK = 8 /* what pack may touch behind its last byte */
};

static void put_uvarint(dzr_bytebuf *out, uint64_t value)
{
    while (value >= 0x80) {
        out->at[out->len++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    out->at[out->len++] = (uint8_t)value;
}

static void put_zigzag(dzr_bytebuf *out, int64_t value)
{
    put_uvarint(out, (uint64_t)value << 1 ^ (uint64_t)(value >> 63));
}

/* A miniblock, each value in the lowest `width` bits, 1 to 64: 4 * width bytes. */
static void pack(dzr_bytebuf *out, const uint64_t *values, unsigned width)
{
    uint8_t *at = out->at + out->len;
    uint64_t word = 0;
    unsigned n_bits = 0;
    for (int i = 0; i < PER_MINIBLOCK; i++) {
        word |= values[i] << n_bits;
        n_bits += width;
        if (n_bits >= 64) {
            dzr__store_u64(at, word);
            at += 8;
            n_bits -= 64;
            word = n_bits == 0 ? 0 : values[i] >> (width - n_bits);
        }
    }
    dzr__store_u64(at, word);
    out->len += (size_t)PER_MINIBLOCK / 8 * width;
}

/* n deltas, 1 to BLOCK, with room for the zeros that fill the last miniblock. Those after it have no bytes. */
static dzr_status write_block(dzr_bytebuf *out, uint64_t deltas[BLOCK], size_t n, dzr_error *err)
{
    int64_t min = (int64_t)deltas[0];
    for (size_t i = 1; i < n; i++)
        min = DZR_MIN(min, (int64_t)deltas[i]);
    for (size_t i = 0; i < n; i++)
        deltas[i] -= (uint64_t)min;
    memset(deltas + n, 0, (BLOCK - n) * sizeof *deltas);
    DZR_TRY(dzr__bytebuf_reserve(out, MAX_BLOCK + SLACK, err));
    put_zigzag(out, min);
    uint8_t *const widths = out->at + out->len;
    out->len += N_MINIBLOCKS;
    for (size_t m = 0; m < N_MINIBLOCKS; m++) {
        uint64_t any = 0;
        for (size_t i = 0; i < PER_MINIBLOCK; i++)
            any |= deltas[m * PER_MINIBLOCK + i];
        widths[m] = any == 0 ? 0 : (uint8_t)(64 - __builtin_clzll(any));
        if (widths[m] > 0)
            pack(out, deltas + m * PER_MINIBLOCK, widths[m]);
    }
    return DZR_OK;
}

/* Value i with its sign. */
static inline uint64_t load(const uint8_t *values, bool wide, int64_t i)
{
    return wide ? dzr__load_u64(values + (size_t)i * 8) : (uint64_t)(int32_t)dzr__load_u32(values + (size_t)i * 4);
}

/* Differences wrap at the values' own width, so that none takes more bits than a value. */
static inline uint64_t difference(uint64_t a, uint64_t b, bool wide)
{
    return wide ? a - b : (uint64_t)(int32_t)(uint32_t)(a - b);
}

dzr_status dzr__delta_write(dzr_bytebuf *out, size_t size, const void *values, int64_t n, dzr_error *err)
{
    const bool wide = size == sizeof(uint64_t);
    uint64_t last = n > 0 ? load(values, wide, 0) : 0;
    DZR_TRY(dzr__bytebuf_reserve(out, MAX_HEADER, err));
    put_uvarint(out, BLOCK);
    put_uvarint(out, N_MINIBLOCKS);
    put_uvarint(out, (uint64_t)n);
    put_zigzag(out, (int64_t)last);
    for (int64_t i = 1; i < n;) {
        uint64_t deltas[BLOCK];
        const int64_t step = DZR_MIN(n - i, (int64_t)BLOCK);
        for (int64_t k = 0; k < step; k++) {
            const uint64_t value = load(values, wide, i + k);
            deltas[k] = difference(value, last, wide);
            last = value;
        }
        DZR_TRY(write_block(out, deltas, (size_t)step, err));
        i += step;
    }
    return DZR_OK;
}

/* ---- strings ---- */

/* The next value of PLAIN, which is known to be whole; size 0: it has its length before it. */
static dzr_bytes next_value(const uint8_t **at, size_t size)
{
    dzr_bytes value = {.at = *at, .len = size};
    if (size == 0) {
        value.len = dzr__load_u32(*at);
        value.at += sizeof(uint32_t);
    }
    *at = value.at + value.len;
    return value;
}

dzr_status dzr__delta_write_strings(
        dzr_bytebuf *out, const uint8_t *plain, int64_t n, dzr_bytebuf *scratch, dzr_error *err)
{
    scratch->len = 0;
    DZR_TRY(dzr__bytebuf_reserve(scratch, (size_t)n * sizeof(uint32_t), err));
    const uint8_t *at = plain;
    for (int64_t i = 0; i < n; i++)
        dzr__store_u32(scratch->at + (size_t)i * sizeof(uint32_t), (uint32_t)next_value(&at, 0).len);
    DZR_TRY(dzr__delta_write(out, sizeof(uint32_t), scratch->at, n, err));
    at = plain;
    for (int64_t i = 0; i < n; i++) {
        const dzr_bytes value = next_value(&at, 0);
        DZR_TRY(dzr__bytebuf_append(out, value.at, value.len, err));
    }
    return DZR_OK;
}

/* How many bytes both begin with. */
static size_t shared_front(dzr_bytes a, dzr_bytes b)
{
    const size_t most = DZR_MIN(a.len, b.len);
    size_t n = 0;
    while (most - n >= 8) {
        const uint64_t differ = dzr__load_u64(a.at + n) ^ dzr__load_u64(b.at + n);
        if (differ != 0)
            return n + (size_t)__builtin_ctzll(differ) / 8;
        n += 8;
    }
    while (n < most && a.at[n] == b.at[n])
        n++;
    return n;
}

dzr_status dzr__prefixed_write(
        dzr_bytebuf *out, size_t size, const uint8_t *plain, int64_t n, dzr_bytebuf *scratch, dzr_error *err)
{
    const size_t lengths_bytes = (size_t)n * sizeof(uint32_t);
    scratch->len = 0;
    DZR_TRY(dzr__bytebuf_reserve(scratch, DZR_MAX(2 * lengths_bytes, 1), err));
    uint8_t *const fronts = scratch->at, *const own = scratch->at + lengths_bytes;
    const uint8_t *at = plain;
    dzr_bytes before = {0};
    for (int64_t i = 0; i < n; i++) {
        const dzr_bytes value = next_value(&at, size);
        const size_t front = shared_front(before, value);
        dzr__store_u32(fronts + (size_t)i * sizeof(uint32_t), (uint32_t)front);
        dzr__store_u32(own + (size_t)i * sizeof(uint32_t), (uint32_t)(value.len - front));
        before = value;
    }
    DZR_TRY(dzr__delta_write(out, sizeof(uint32_t), fronts, n, err));
    DZR_TRY(dzr__delta_write(out, sizeof(uint32_t), own, n, err));
    at = plain;
    for (int64_t i = 0; i < n; i++) {
        const dzr_bytes value = next_value(&at, size);
        const size_t front = dzr__load_u32(fronts + (size_t)i * sizeof(uint32_t));
        DZR_TRY(dzr__bytebuf_append(out, value.at + front, value.len - front, err));
    }
    return DZR_OK;
}
