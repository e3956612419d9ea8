/* parquet/encoding/rle_write.c - writes the RLE / bit-packing hybrid: levels, booleans and dictionary indices.
 * Called by writer/ with one page's values. Values that repeat often enough become one run, the ones between are
 * packed; packed runs hold multiples of eight values, so a repeated run can only begin where one of them ends. Spec:
 * parquet-format Encodings.md, "Run Length Encoding / Bit-Packing Hybrid (RLE = 3)". */
#include "parquet/encoding/encoding.h"

#include <assert.h>

enum { LONGEST_RUN = INT32_MAX, MAX_HEADER = 5 };

static void put_header(dzr_bytebuf *out, uint32_t header)
{
    while (header >= 0x80) {
        out->at[out->len++] = (uint8_t)(header | 0x80);
        header >>= 7;
    }
    out->at[out->len++] = (uint8_t)header;
}

dzr_status dzr__rle_write_repeated(dzr_bytebuf *out, uint32_t width, uint32_t value, int64_t n, dzr_error *err)
{
    assert(width <= 32 && (width == 32 || value >> width == 0));
    const size_t value_bytes = (width + 7) / 8;
    while (n > 0) {
        const uint32_t step = (uint32_t)DZR_MIN(n, (int64_t)LONGEST_RUN);
        DZR_TRY(dzr__bytebuf_reserve(out, MAX_HEADER + sizeof value, err));
        put_header(out, step << 1);
        memcpy(out->at + out->len, &value, sizeof value);
        out->len += value_bytes;
        n -= step;
    }
    return DZR_OK;
}

static dzr_status write_packed(dzr_bytebuf *out, uint32_t width, const uint32_t *values, int64_t n, dzr_error *err)
{
    while (n > 0) {
        const int64_t step = DZR_MIN(n, (int64_t)LONGEST_RUN / 8 * 8);
        const size_t n_groups = (size_t)(step + 7) / 8;
        DZR_TRY(dzr__bytebuf_reserve(out, MAX_HEADER + n_groups * width + 8, err)); /* 8: what pack8 may touch */
        put_header(out, (uint32_t)n_groups << 1 | 1);
        for (size_t i = 0; i < (size_t)step / 8; i++) {
            dzr__pack8(values + 8 * i, width, out->at + out->len);
            out->len += width;
        }
        if (step % 8 != 0) {
            uint32_t last[8] = {0};
            memcpy(last, values + step / 8 * 8, (size_t)(step % 8) * sizeof *last);
            dzr__pack8(last, width, out->at + out->len);
            out->len += width;
        }
        values += step;
        n -= step;
    }
    return DZR_OK;
}

/* A repeated run pays off when it takes fewer bytes than its values packed, and than the header of a packed run after
 * it. */
static int64_t shortest_run(uint32_t width)
{
    return width >= 5 ? 8 : width >= 3 ? 16 : width == 2 ? 24 : 40;
}

dzr_status dzr__rle_write(dzr_bytebuf *out, uint32_t width, const uint32_t *values, int64_t n, dzr_error *err)
{
    assert(width <= 32);
    if (width == 0)
        return dzr__rle_write_repeated(out, 0, 0, n, err);
    const int64_t enough = shortest_run(width);
    int64_t packed_from = 0;
    int64_t at = 0;
    while (at < n) {
        int64_t same = 1;
        while (at + same < n && values[at + same] == values[at])
            same++;
        if (same >= enough) {
            DZR_TRY(write_packed(out, width, values + packed_from, at - packed_from, err));
            DZR_TRY(dzr__rle_write_repeated(out, width, values[at], same, err));
            at += same;
            packed_from = at;
        } else {
            at += (same + 7) / 8 * 8; /* to the end of a group of eight */
        }
    }
    return write_packed(out, width, values + packed_from, n - packed_from, err);
}

/* How many bits from `at` on, before `end`, are like the one at `at`. */
static int64_t same_bits(const uint8_t *bits, int64_t at, int64_t end)
{
    const bool value = dzr__bit_get(bits, at);
    int64_t i = at;
    while (i < end && i % 8 != 0) {
        if (dzr__bit_get(bits, i) != value)
            return i - at;
        i++;
    }
    const uint64_t like = value ? UINT64_MAX : 0;
    while (end - i >= 64) {
        const uint64_t differ = dzr__load_u64(bits + i / 8) ^ like;
        if (differ != 0)
            return i + __builtin_ctzll(differ) - at;
        i += 64;
    }
    while (i < end && dzr__bit_get(bits, i) == value)
        i++;
    return i - at;
}

static dzr_status write_packed_bits(dzr_bytebuf *out, const uint8_t *bits, int64_t first, int64_t n, dzr_error *err)
{
    while (n > 0) {
        const int64_t step = DZR_MIN(n, (int64_t)LONGEST_RUN / 8 * 8);
        const size_t n_groups = (size_t)(step + 7) / 8;
        DZR_TRY(dzr__bytebuf_reserve(out, MAX_HEADER + n_groups, err));
        put_header(out, (uint32_t)n_groups << 1 | 1);
        out->at[out->len + n_groups - 1] = 0; /* the padding */
        dzr__bits_copy(out->at + out->len, 0, bits, first, step);
        out->len += n_groups;
        first += step;
        n -= step;
    }
    return DZR_OK;
}

dzr_status dzr__rle_write_bits(dzr_bytebuf *out, const uint8_t *bits, int64_t first, int64_t n, dzr_error *err)
{
    const int64_t enough = shortest_run(1);
    const int64_t end = first + n;
    int64_t packed_from = first;
    int64_t at = first;
    while (at < end) {
        const int64_t same = same_bits(bits, at, end);
        if (same >= enough) {
            DZR_TRY(write_packed_bits(out, bits, packed_from, at - packed_from, err));
            DZR_TRY(dzr__rle_write_repeated(out, 1, dzr__bit_get(bits, at) ? 1 : 0, same, err));
            at += same;
            packed_from = at;
        } else {
            at += (same + 7) / 8 * 8;
        }
    }
    return write_packed_bits(out, bits, packed_from, end - packed_from, err);
}
