/* frame/bitmap.c - runs of bits: fill, count, copy. Bit 0 is the lowest bit of byte 0 (Arrow "Validity bitmaps"). */
#include "frame/internal.h"

void dzr__bits_fill(uint8_t *bits, int64_t first, int64_t n, bool value)
{
    int64_t i = first;
    const int64_t end = first + n;
    for (; i < end && (i & 7) != 0; i++)
        value ? dzr__bit_set(bits, i) : dzr__bit_clear(bits, i);
    if (i < end) {
        memset(bits + (i >> 3), value ? 0xff : 0, (size_t)((end - i) >> 3));
        i += (end - i) & ~(int64_t)7;
    }
    for (; i < end; i++)
        value ? dzr__bit_set(bits, i) : dzr__bit_clear(bits, i);
}

int64_t dzr__bits_count(const uint8_t *bits, int64_t first, int64_t n)
{
    int64_t count = 0;
    int64_t i = first;
    const int64_t end = first + n;
    for (; i < end && (i & 7) != 0; i++)
        count += dzr__bit_get(bits, i);
    for (; end - i >= 64; i += 64)
        count += __builtin_popcountll(dzr__load_u64(bits + (i >> 3)));
    for (; i < end; i++)
        count += dzr__bit_get(bits, i);
    return count;
}

void dzr__bits_copy(uint8_t *to, int64_t to_first, const uint8_t *from, int64_t from_first, int64_t n)
{
    int64_t done = 0;
    for (; done < n && ((to_first + done) & 7) != 0; done++)
        dzr__bit_get(from, from_first + done) ? dzr__bit_set(to, to_first + done) : dzr__bit_clear(to, to_first + done);
    const unsigned shift = (unsigned)((from_first + done) & 7);
    const uint8_t *source = from + ((from_first + done) >> 3);
    uint8_t *target = to + ((to_first + done) >> 3);
    for (; n - done >= 8; done += 8, source++) {
        const unsigned low = (unsigned)source[0] >> shift;
        *target++ = (uint8_t)(shift == 0 ? low : low | (unsigned)source[1] << (8 - shift));
    }
    for (; done < n; done++)
        dzr__bit_get(from, from_first + done) ? dzr__bit_set(to, to_first + done) : dzr__bit_clear(to, to_first + done);
}
