/* query/hyperloglog.c - how many distinct values there are, from 16 KiB of registers: the standard error is
 * 1.04 / sqrt(16384) = 0.81 %. Called by counts.c once a column has more values than it counts one by one.
 * The estimator needs no table of biases: Otmar Ertl, "New cardinality estimation algorithms for HyperLogLog sketches",
 * arXiv:1702.01284, algorithm 6; it is unbiased from none to 2^64. */
#include "query/sketch.h"

#include <math.h>

enum { RANK_BITS = 64 - DZR__HLL_BITS };

void dzr__hll_add(uint8_t registers[DZR__HLL_REGISTERS], uint64_t hash)
{
    uint8_t *const at = &registers[hash >> RANK_BITS];
    const uint64_t rest = hash << DZR__HLL_BITS;
    const uint8_t rank = rest == 0 ? RANK_BITS + 1 : (uint8_t)(__builtin_clzll(rest) + 1);
    *at = DZR_MAX(*at, rank);
}

static double sigma(double x)
{
    if (x == 1.0)
        return INFINITY;
    double y = 1, z = x, before = 0;
    do {
        x *= x;
        before = z;
        z += x * y;
        y += y;
    } while (z > before);
    return z;
}

static double tau(double x)
{
    if (x <= 0 || x >= 1)
        return 0;
    double y = 1, z = 1 - x, before = 0;
    do {
        x = sqrt(x);
        before = z;
        y *= 0.5;
        z -= (1 - x) * (1 - x) * y;
    } while (z < before);
    return z / 3;
}

double dzr__hll_estimate(const uint8_t registers[DZR__HLL_REGISTERS])
{
    const double m = DZR__HLL_REGISTERS;
    int32_t n[RANK_BITS + 2] = {0};
    for (int i = 0; i < DZR__HLL_REGISTERS; i++)
        n[registers[i]]++;
    double z = m * tau(1 - n[RANK_BITS + 1] / m);
    for (int k = RANK_BITS; k >= 1; k--)
        z = 0.5 * (z + n[k]);
    z += m * sigma(n[0] / m);
    return m * m / (2 * M_LN2 * z);
}

/* The finalizer of MurmurHash3: a bijection, so that words with one hash are one word. */
uint64_t dzr__hash_word(uint64_t word)
{
    word ^= word >> 33;
    word *= UINT64_C(0xff51afd7ed558ccd);
    word ^= word >> 33;
    word *= UINT64_C(0xc4ceb9fe1a85ec53);
    return word ^ word >> 33;
}

/* Eight bytes at a time: the two halves of a product of 128 bits are folded together. */
uint64_t dzr__hash_bytes(dzr_bytes bytes)
{
    const uint64_t odd = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t hash = bytes.len * odd;
    const uint8_t *at = bytes.at;
    for (size_t left = bytes.len; left > 0;) {
        uint64_t word = 0;
        const size_t n = DZR_MIN(left, sizeof word);
        memcpy(&word, at, n);
        const unsigned __int128 product = (unsigned __int128)(word ^ UINT64_C(0xa0761d6478bd642f)) * (hash ^ odd);
        hash = (uint64_t)product ^ (uint64_t)(product >> 64) ^ (hash << 1 | hash >> 63);
        at += n;
        left -= n;
    }
    return dzr__hash_word(hash);
}
