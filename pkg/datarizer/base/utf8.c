/* base/utf8.c - whether bytes are UTF-8: every string that comes from a file goes through here. Two ways that agree:
 * a plain one, and one that looks at 32 bytes at once where the machine has AVX2. How: John Keiser and Daniel Lemire,
 * "Validating UTF-8 In Less Than One Instruction Per Byte" (2021). What: Unicode 15, table 3-7. */
#include "base/internal.h"

bool dzr__utf8_valid_plain(const void *bytes, size_t len)
{
    if (len == 0)
        return true; /* bytes may be NULL then */
    const uint8_t *at = bytes;
    const uint8_t *const end = at + len;
    while (at < end) {
        while (end - at >= 8 && (dzr__load_u64(at) & 0x8080808080808080u) == 0)
            at += 8;
        if (at == end)
            break;
        const uint8_t lead = *at;
        if (lead < 0x80) {
            at++;
            continue;
        }
        /* the second byte's range depends on the lead, the rest are 80..BF */
        const int n = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
        if (lead < 0xC2 || lead > 0xF4 || end - at <= n)
            return false;
        const uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
        const uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
        if (at[1] < low || at[1] > high)
            return false;
        for (int i = 2; i <= n; i++)
            if ((at[i] & 0xC0) != 0x80)
                return false;
        at += n + 1;
    }
    return true;
}

#if defined __x86_64__

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))
#define AVX2_INLINE static inline __attribute__((target("avx2"), always_inline))

/* What two bytes after each other can do wrong. A pair is wrong when one of these is possible by the first byte's high
 * half, by its low half and by the second's high half. */
enum {
    TOO_SHORT = 1 << 0,                         /* a lead, and then no continuation */
    TOO_LONG = 1 << 1,                          /* ASCII, and then a continuation */
    OVERLONG_3 = 1 << 2,                        /* E0, 80..9F */
    TOO_LARGE = 1 << 3,                         /* F4, 90..BF; F5.. and 90..BF */
    SURROGATE = 1 << 4,                         /* ED, A0..BF */
    OVERLONG_2 = 1 << 5,                        /* C0..C1, any continuation */
    TOO_LARGE_1000 = 1 << 6,                    /* F5.., 80..8F */
    OVERLONG_4 = 1 << 6,                        /* F0, 80..8F */
    TWO_CONTINUE = 1 << 7,                      /* two continuations: right only in a character of three or four */
    CARRY = TOO_SHORT | TOO_LONG | TWO_CONTINUE /* the low half says nothing of these */
};

#define TWICE(...) _mm256_setr_epi8(__VA_ARGS__, __VA_ARGS__)
#define B(x) ((char)(x))

AVX2_INLINE __m256i high_half(__m256i bytes)
{
    return _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(0x0f));
}

/* The bytes that stand n before those of `now`. */
#define BEFORE(now, earlier, n) _mm256_alignr_epi8(now, _mm256_permute2x128_si256(earlier, now, 0x21), 16 - (n))

AVX2_INLINE __m256i wrong_pairs(__m256i now, __m256i before)
{
    const __m256i first_high = TWICE(TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG,
            B(TWO_CONTINUE), B(TWO_CONTINUE), B(TWO_CONTINUE), B(TWO_CONTINUE), TOO_SHORT | OVERLONG_2, TOO_SHORT,
            TOO_SHORT | OVERLONG_3 | SURROGATE, TOO_SHORT | TOO_LARGE | TOO_LARGE_1000 | OVERLONG_4);
    const __m256i first_low = TWICE(B(CARRY | OVERLONG_3 | OVERLONG_2 | OVERLONG_4), B(CARRY | OVERLONG_2), B(CARRY),
            B(CARRY), B(CARRY | TOO_LARGE), B(CARRY | TOO_LARGE | TOO_LARGE_1000),
            B(CARRY | TOO_LARGE | TOO_LARGE_1000), B(CARRY | TOO_LARGE | TOO_LARGE_1000),
            B(CARRY | TOO_LARGE | TOO_LARGE_1000), B(CARRY | TOO_LARGE | TOO_LARGE_1000),
            B(CARRY | TOO_LARGE | TOO_LARGE_1000), B(CARRY | TOO_LARGE | TOO_LARGE_1000),
            B(CARRY | TOO_LARGE | TOO_LARGE_1000), B(CARRY | TOO_LARGE | TOO_LARGE_1000 | SURROGATE),
            B(CARRY | TOO_LARGE | TOO_LARGE_1000), B(CARRY | TOO_LARGE | TOO_LARGE_1000));
    const __m256i second_high = TWICE(TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
            TOO_SHORT, B(TOO_LONG | OVERLONG_2 | TWO_CONTINUE | OVERLONG_3 | TOO_LARGE_1000 | OVERLONG_4),
            B(TOO_LONG | OVERLONG_2 | TWO_CONTINUE | OVERLONG_3 | TOO_LARGE),
            B(TOO_LONG | OVERLONG_2 | TWO_CONTINUE | SURROGATE | TOO_LARGE),
            B(TOO_LONG | OVERLONG_2 | TWO_CONTINUE | SURROGATE | TOO_LARGE), TOO_SHORT, TOO_SHORT, TOO_SHORT,
            TOO_SHORT);
    const __m256i low = _mm256_and_si256(before, _mm256_set1_epi8(0x0f));
    return _mm256_and_si256(
            _mm256_and_si256(_mm256_shuffle_epi8(first_high, high_half(before)), _mm256_shuffle_epi8(first_low, low)),
            _mm256_shuffle_epi8(second_high, high_half(now)));
}

/* Not zero where a byte of `now` is wrong after those of `earlier`. */
AVX2_INLINE __m256i wrong(__m256i now, __m256i earlier)
{
    const __m256i pairs = wrong_pairs(now, BEFORE(now, earlier, 1));
    /* the third byte of three or four, or the fourth of four, must be a second continuation, and nothing else may */
    const __m256i third = _mm256_subs_epu8(BEFORE(now, earlier, 2), _mm256_set1_epi8(0x60));  /* 80.. for E0.. */
    const __m256i fourth = _mm256_subs_epu8(BEFORE(now, earlier, 3), _mm256_set1_epi8(0x70)); /* 80.. for F0.. */
    const __m256i must = _mm256_and_si256(_mm256_or_si256(third, fourth), _mm256_set1_epi8(B(0x80)));
    return _mm256_xor_si256(must, pairs);
}

AVX2_INLINE __m256i load(const uint8_t *at)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)at);
}

AVX2_INLINE bool ascii_128(const uint8_t *at)
{
    const __m256i any =
            _mm256_or_si256(_mm256_or_si256(load(at), load(at + 32)), _mm256_or_si256(load(at + 64), load(at + 96)));
    return _mm256_movemask_epi8(any) == 0;
}

AVX2 static bool valid_avx2(const uint8_t *at, size_t len)
{
    __m256i earlier = _mm256_setzero_si256(), fault = earlier;
    bool was_ascii = true;
    for (; len >= 32; at += 32, len -= 32) {
        const __m256i now = load(at);
        const bool is_ascii = _mm256_movemask_epi8(now) == 0;
        if (!is_ascii || !was_ascii)
            fault = _mm256_or_si256(fault, wrong(now, earlier));
        earlier = now;
        was_ascii = is_ascii;
        for (; is_ascii && len >= 160 && ascii_128(at + 32); at += 128, len -= 128)
            earlier = _mm256_setzero_si256();
    }
    uint8_t rest[32] = {0}; /* zeros after the end make a character that is not whole too short */
    if (len > 0)
        memcpy(rest, at, len);
    const __m256i now = load(rest);
    fault = _mm256_or_si256(fault, wrong(now, earlier));
    return _mm256_testz_si256(fault, fault) != 0;
}

bool dzr__utf8_valid(const void *bytes, size_t len)
{
    if (len < 32 || !__builtin_cpu_supports("avx2"))
        return dzr__utf8_valid_plain(bytes, len);
    return valid_avx2(bytes, len);
}

#else

bool dzr__utf8_valid(const void *bytes, size_t len)
{
    return dzr__utf8_valid_plain(bytes, len);
}

#endif
