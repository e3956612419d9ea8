/* parquet/encoding/bitpack_avx2.c - eight packed integers at once, for machines with AVX2. Called by bitpack.c, whose
 * unpackers are the plain twins. Spec: parquet-format Encodings.md, "Run Length Encoding / Bit-Packing Hybrid (RLE =
 * 3)".
 */
#include "parquet/encoding/encoding.h"

#if defined __x86_64__

#include <immintrin.h>

enum { WIDEST = 25 /* bits that four bytes hold wherever a value begins in its byte */ };

/* Value i of eight takes bits [i * width, ...). The second four begin in byte width / 2 of a group, where the second
 * half of a register is loaded from; BIT is the first bit of value i there, BYTES where its four bytes are. */
#define BIT(width, i) ((i)*width - ((i) < 4 ? 0 : width / 2 * 8))
#define BYTE(width, i, k) ((BIT(width, i)) / 8 + (k))
#define BYTES(width, i) BYTE(width, i, 0), BYTE(width, i, 1), BYTE(width, i, 2), BYTE(width, i, 3)
#define SHIFT(width, i) (BIT(width, i) % 8)
#define WIDTH(width)                                                                                                   \
    {                                                                                                                  \
        {BYTES(width, 0), BYTES(width, 1), BYTES(width, 2), BYTES(width, 3), BYTES(width, 4), BYTES(width, 5),         \
                BYTES(width, 6), BYTES(width, 7)},                                                                     \
                {SHIFT(width, 0), SHIFT(width, 1), SHIFT(width, 2), SHIFT(width, 3), SHIFT(width, 4), SHIFT(width, 5), \
                        SHIFT(width, 6), SHIFT(width, 7)},                                                             \
    }

static const struct {
    uint8_t bytes[32]; /* which to bring to each value */
    int32_t shifts[8]; /* and how far they stand from their place */
} widths[WIDEST + 1] = {WIDTH(0), WIDTH(1), WIDTH(2), WIDTH(3), WIDTH(4), WIDTH(5), WIDTH(6), WIDTH(7), WIDTH(8),
        WIDTH(9), WIDTH(10), WIDTH(11), WIDTH(12), WIDTH(13), WIDTH(14), WIDTH(15), WIDTH(16), WIDTH(17), WIDTH(18),
        WIDTH(19), WIDTH(20), WIDTH(21), WIDTH(22), WIDTH(23), WIDTH(24), WIDTH(25)};

__attribute__((target("avx2"))) static size_t unpack(
        const uint8_t *in, size_t n_bytes, uint32_t width, size_t n, uint32_t *out)
{
    const __m256i bytes = _mm256_loadu_si256((const __m256i *)(const void *)widths[width].bytes);
    const __m256i shifts = _mm256_loadu_si256((const __m256i *)(const void *)widths[width].shifts);
    const __m256i mask = _mm256_set1_epi32((int)((1u << width) - 1));
    const size_t half = width / 2, reach = half + 16; /* bytes of a group's that are loaded */
    size_t done = 0;
    for (; n - done >= 8 && n_bytes >= reach; done += 8, in += width, n_bytes -= width) {
        const __m256i both =
                _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)in)),
                        _mm_loadu_si128((const __m128i *)(const void *)(in + half)), 1);
        const __m256i values = _mm256_srlv_epi32(_mm256_shuffle_epi8(both, bytes), shifts);
        _mm256_storeu_si256((__m256i *)(void *)(out + done), _mm256_and_si256(values, mask));
    }
    return done;
}

size_t dzr__unpack_avx2(const uint8_t *in, size_t n_bytes, uint32_t width, size_t n, uint32_t *out)
{
    return width <= WIDEST && __builtin_cpu_supports("avx2") ? unpack(in, n_bytes, width, n, out) : 0;
}

#else

size_t dzr__unpack_avx2(const uint8_t *in, size_t n_bytes, uint32_t width, size_t n, uint32_t *out)
{
    (void)in, (void)n_bytes, (void)width, (void)n, (void)out;
    return 0;
}

#endif
