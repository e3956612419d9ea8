/* parquet/encoding/bitpack.c - integers of 0 to 32 bits, packed without gaps.
 * Called by rle_read.c and rle_write.c. The unpacker of 32 values is made once a width, so every shift is a constant;
 * bitpack_avx2.c takes most of the work where it can.
 * Spec: parquet-format Encodings.md, "Run Length Encoding / Bit-Packing Hybrid (RLE = 3)". */
#include "parquet/encoding/encoding.h"

#include <assert.h>

static inline __attribute__((always_inline)) void unpack32_at(const uint8_t *in, const uint32_t width, uint32_t *out)
{
    const uint32_t mask = width == 32 ? UINT32_MAX : (1u << width) - 1;
#pragma GCC unroll 32
    for (uint32_t i = 0; i < 32; i++) {
        const uint32_t bit = i * width;
        const uint32_t word = bit / 32, shift = bit % 32;
        uint32_t value = dzr__load_u32(in + (size_t)4 * word) >> shift;
        if (shift + width > 32)
            value |= dzr__load_u32(in + (size_t)4 * word + 4) << (32 - shift);
        out[i] = value & mask;
    }
}

#define EACH_WIDTH(X)                                                                                                  \
    X(1)                                                                                                               \
    X(2)                                                                                                               \
    X(3)                                                                                                               \
    X(4)                                                                                                               \
    X(5)                                                                                                               \
    X(6)                                                                                                               \
    X(7)                                                                                                               \
    X(8)                                                                                                               \
    X(9)                                                                                                               \
    X(10)                                                                                                              \
    X(11)                                                                                                              \
    X(12)                                                                                                              \
    X(13)                                                                                                              \
    X(14) X(15) X(16) X(17) X(18) X(19) X(20) X(21) X(22) X(23) X(24) X(25) X(26) X(27) X(28) X(29) X(30) X(31) X(32)

#define UNPACK_WIDTH(width)                                                                                            \
    static void unpack32_##width(const uint8_t *in, uint32_t *out)                                                     \
    {                                                                                                                  \
        unpack32_at(in, width, out);                                                                                   \
    }
EACH_WIDTH(UNPACK_WIDTH)

static void unpack32_0(const uint8_t *in, uint32_t *out)
{
    (void)in;
    memset(out, 0, 32 * sizeof *out);
}

void dzr__unpack32(const uint8_t *in, uint32_t width, uint32_t out[32])
{
#define UNPACK_NAME(width) unpack32_##width,
    static void (*const by_width[33])(const uint8_t *, uint32_t *) = {unpack32_0, EACH_WIDTH(UNPACK_NAME)};
    by_width[width](in, out);
}

/* One value, touching no byte past the run. */
static uint32_t unpack_one(const uint8_t *in, size_t n_bytes, uint32_t width, uint64_t index)
{
    const uint64_t bit = index * width;
    const size_t byte = (size_t)(bit / 8);
    const uint32_t shift = bit % 8;
    uint64_t word = 0;
    if (n_bytes - byte >= 8)
        word = dzr__load_u64(in + byte);
    else
        memcpy(&word, in + byte, n_bytes - byte);
    return (uint32_t)(word >> shift & ((UINT64_C(1) << width) - 1));
}

/* with_vectors is a constant at each call. */
static inline __attribute__((always_inline)) void unpack(const uint8_t *in, size_t n_bytes, uint32_t width,
        uint64_t first, size_t n, uint32_t *out, const bool with_vectors)
{
    if (width == 0) {
        memset(out, 0, n * sizeof *out);
        return;
    }
    assert((first + n) * width <= (uint64_t)n_bytes * 8);
    size_t done = 0;
    for (; done < n && (first + done) % 8 != 0; done++)
        out[done] = unpack_one(in, n_bytes, width, first + done);
    if (with_vectors && n - done >= 8) {
        const size_t at = (size_t)((first + done) / 8 * width);
        done += dzr__unpack_avx2(in + at, n_bytes - at, width, n - done, out + done);
    }
    for (; n - done >= 32; done += 32)
        dzr__unpack32(in + (first + done) / 8 * width, width, out + done);
    for (; done < n; done++)
        out[done] = unpack_one(in, n_bytes, width, first + done);
}

void dzr__unpack(const uint8_t *in, size_t n_bytes, uint32_t width, uint64_t first, size_t n, uint32_t *out)
{
    unpack(in, n_bytes, width, first, n, out, true);
}

void dzr__unpack_plain(const uint8_t *in, size_t n_bytes, uint32_t width, uint64_t first, size_t n, uint32_t *out)
{
    unpack(in, n_bytes, width, first, n, out, false);
}

void dzr__pack8(const uint32_t values[8], uint32_t width, uint8_t *out)
{
    uint64_t word = 0;
    uint32_t n_bits = 0;
    for (int i = 0; i < 8; i++) {
        word |= (uint64_t)values[i] << n_bits;
        n_bits += width;
        if (n_bits >= 32) {
            dzr__store_u32(out, (uint32_t)word);
            out += 4;
            word >>= 32;
            n_bits -= 32;
        }
    }
    dzr__store_u64(out, word); /* the rest, and bytes the next eight overwrite */
}
