/* fuzz/draw.h - decisions drawn from a fuzzer's bytes, so that what is made of them is always well formed. Behind the
 * last byte every decision is the first of those there are. */
#ifndef DZR_FUZZ_DRAW_H
#define DZR_FUZZ_DRAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct draw {
    const uint8_t *at, *end;
} draw;

static inline uint8_t draw_byte(draw *d)
{
    return d->at == d->end ? 0 : *d->at++;
}

static inline uint64_t draw_number(draw *d, int n_bytes)
{
    uint64_t number = 0;
    for (int i = 0; i < n_bytes; i++)
        number |= (uint64_t)draw_byte(d) << 8 * i;
    return number;
}

/* 0 to n - 1. */
static inline uint32_t draw_below(draw *d, uint32_t n)
{
    return (uint32_t)draw_number(d, n <= 256 ? 1 : 4) % n;
}

static inline bool draw_one_in(draw *d, uint32_t n)
{
    return draw_below(d, n) == n - 1;
}

/* Numbers that look random, for what need not be drawn one by one. */
static inline uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static inline draw draw_random(uint64_t *state, uint8_t *room, size_t n)
{
    for (size_t i = 0; i < n; i++)
        room[i] = (uint8_t)next_random(state);
    return (draw){room, room + n};
}

#endif
