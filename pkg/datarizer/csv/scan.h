/* csv/scan.h - what both ways of scanning do with 64 bytes once it is known which of them are what. For scan.c and
 * scan_avx2.c.
 * Quotes toggle: a byte is inside quotes when the number of quotes up to it is odd. That holds as long as every quote
 * is one that opens (behind a delimiter or line break), one that closes (before one), or half of a doubled one; the
 * first that is none of these is found here, too, and ends the scan. */
#ifndef DZR_CSV_SCAN_H
#define DZR_CSV_SCAN_H

#include "csv/internal.h"

typedef struct csv_marks {
    uint64_t delimiter, quote, feed, ret; /* a bit a byte */
} csv_marks;

/* Each bit becomes the parity of itself and all below. */
static inline __attribute__((always_inline)) uint64_t csv_parity(uint64_t bits)
{
    for (unsigned by = 1; by < 64; by *= 2)
        bits ^= bits << by;
    return bits;
}

/* False at a stray quote. counts has a bit for each byte that is one of the text; next is the byte behind the block;
 * cap_ends leaves room for a block of ends. */
static inline __attribute__((always_inline)) bool csv_take_block(
        dzr__csv_scan *scan, csv_marks marks, uint64_t counts, size_t base, uint8_t next)
{
    const uint64_t breaks = marks.delimiter | marks.feed | marks.ret;
    uint64_t outside = ~UINT64_C(0);
    if (scan->has_quote) {
        const uint64_t inside = csv_parity(marks.quote) ^ scan->inside;
        const uint64_t open = marks.quote & inside, close = marks.quote & ~inside;
        const uint64_t may_open = (breaks & ~inside) | marks.quote;
        const uint64_t bad = (open & ~(may_open << 1 | scan->before_ok)) |
                             ((close << 1 | scan->after_close) & ~(breaks | marks.quote) & counts);
        scan->before_ok = may_open >> 63;
        scan->after_close = close >> 63;
        scan->inside = (uint64_t)((int64_t)inside >> 63);
        outside = ~inside;
        if (DZR_UNLIKELY(bad != 0)) {
            scan->stray = base + (size_t)__builtin_ctzll(bad);
            outside &= (bad & (0 - bad)) - 1;
        }
    }
    /* of CR LF the LF counts */
    const uint64_t lone = marks.ret & ~(marks.feed >> 1 | (uint64_t)(next == '\n') << 63);
    uint64_t ends = (marks.delimiter | marks.feed | lone) & outside;
    scan->n_lines += __builtin_popcountll(marks.feed | lone);
    uint32_t *to = scan->ends + scan->n_ends;
    scan->n_ends += (size_t)__builtin_popcountll(ends);
    while (ends != 0) {
        for (int i = 0; i < 4; i++) { /* those that are too many are overwritten */
            *to++ = (uint32_t)base + (uint32_t)__builtin_ctzll(ends | UINT64_C(1) << 63);
            ends &= ends - (ends != 0);
        }
    }
    return scan->stray == SIZE_MAX;
}

/* scan_avx2.c: whole blocks of text[from, to), and how far it came: `from` on machines without AVX2. */
size_t dzr__csv_scan_avx2(dzr__csv_scan *scan, const uint8_t *text, size_t from, size_t to);

#endif
