/* json/escape.h - which of 16 bytes are not written as they are between the quotes of a JSON string. escape.c and
 * writer_rows.c look at text so, where the machine can. */
#ifndef DZR_JSON_ESCAPE_H
#define DZR_JSON_ESCAPE_H

#include "base/internal.h"

#ifdef __SSE2__
#include <emmintrin.h>

/* All bits of a byte are set when it is '"', '\\' or below 20, or with html one of < > & and E2, which begins U+2028.
 */
static inline __m128i dzr__json_stops(__m128i block, bool html)
{
    const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), control = _mm_set1_epi8(0x1f);
    __m128i stop = _mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash));
    stop = _mm_or_si128(stop, _mm_cmpeq_epi8(_mm_min_epu8(block, control), block)); /* at most 0x1f */
    if (!html)
        return stop;
    const __m128i less = _mm_set1_epi8('<'), greater = _mm_set1_epi8('>'), and = _mm_set1_epi8('&');
    const __m128i separator = _mm_set1_epi8((char)0xE2);
    stop = _mm_or_si128(stop, _mm_or_si128(_mm_cmpeq_epi8(block, less), _mm_cmpeq_epi8(block, greater)));
    return _mm_or_si128(stop, _mm_or_si128(_mm_cmpeq_epi8(block, and), _mm_cmpeq_epi8(block, separator)));
}
#endif

#endif
