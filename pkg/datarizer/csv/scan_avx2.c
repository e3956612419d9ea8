/* csv/scan_avx2.c - which bytes end fields, 32 at a time, for machines with AVX2. Called by scan.c, which has the plain
 * twin. */
#include "csv/scan.h"

#if defined __x86_64__

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,bmi,popcnt")))

AVX2 static inline uint64_t equal(__m256i low, __m256i high, __m256i byte)
{
    const uint32_t first = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, byte));
    const uint32_t second = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, byte));
    return (uint64_t)second << 32 | first;
}

AVX2 static size_t scan_blocks(dzr__csv_scan *scan, const uint8_t *text, size_t from, size_t to)
{
    const __m256i delimiter = _mm256_set1_epi8((char)scan->delimiter), quote = _mm256_set1_epi8((char)scan->quote);
    const __m256i feed = _mm256_set1_epi8('\n'), ret = _mm256_set1_epi8('\r');
    for (; to - from >= DZR__CSV_BLOCK; from += DZR__CSV_BLOCK) {
        const __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)(text + from));
        const __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(text + from + 32));
        const csv_marks marks = {
                equal(low, high, delimiter), equal(low, high, quote), equal(low, high, feed), equal(low, high, ret)};
        if (!csv_take_block(scan, marks, ~UINT64_C(0), from, text[from + DZR__CSV_BLOCK]))
            break;
    }
    return from;
}

size_t dzr__csv_scan_avx2(dzr__csv_scan *scan, const uint8_t *text, size_t from, size_t to)
{
    const bool can =
            __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt");
    return can ? scan_blocks(scan, text, from, to) : from;
}

#else

size_t dzr__csv_scan_avx2(dzr__csv_scan *scan, const uint8_t *text, size_t from, size_t to)
{
    (void)scan;
    (void)text;
    (void)to;
    return from;
}

#endif
