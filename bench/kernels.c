/* bench/kernels.c - the small loops that reading is made of, each by itself, in bytes made (or looked at) a tick of the
 * processor's time stamp counter: the plain one beside the one with AVX2 where there are two, ours beside the
 * library's. Data is made from a seed and fits into the second cache. Called by bench/cases/kernels.py. usage: kernels
 * ROUNDS     prints a line of JSON for each: the best of ROUNDS */
#include "parquet/codec/codec.h"
#include "parquet/codec/snappy_read.h"
#include "parquet/encoding/encoding.h"

#include <snappy-c.h>
#include <stdio.h>
#include <stdlib.h>
#include <x86intrin.h>

enum { N_VALUES = 64 << 10, ROOM = N_VALUES * 16, N_DICTIONARY = 1000, N_SNAPPY = 512 << 10 };

static uint64_t state = 20240501;

static uint64_t draw(void)
{
    uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static void fail(const char *what)
{
    fprintf(stderr, "kernels: %s\n", what);
    exit(1);
}

static void must(dzr_status st, const dzr_error *err)
{
    if (st != DZR_OK)
        fail(err->message);
}

/* One loop over the data that setup left in the statics below. */
typedef struct kernel {
    const char *name, *variant;
    void (*setup)(uint32_t width);
    void (*run)(uint32_t width);
    uint32_t width; /* of packed values, or of slots in bytes */
    size_t n_bytes; /* made or looked at; 0: what setup says */
} kernel;

static uint8_t in[ROOM + 64], out[ROOM + 64], dictionary[N_DICTIONARY * 16];
static uint32_t values[N_VALUES];
static dzr_bytebuf packed;
static size_t n_looked_at;
static dzr_error err;

/* ---- bit packing, levels, dictionaries ---- */

static void random_bytes(uint32_t width)
{
    (void)width;
    for (size_t i = 0; i < ROOM; i += 8)
        dzr__store_u64(in + i, draw());
}

static void unpack_plain(uint32_t width)
{
    dzr__unpack_plain(in, N_VALUES / 8 * width, width, 0, N_VALUES, (uint32_t *)(void *)out);
}

static void unpack_vectors(uint32_t width)
{
    dzr__unpack(in, N_VALUES / 8 * width, width, 0, N_VALUES, (uint32_t *)(void *)out);
}

static void pack(uint32_t width, uint32_t below)
{
    packed.len = 0;
    for (size_t i = 0; i < N_VALUES; i++)
        values[i] = (uint32_t)(draw() % below);
    must(dzr__rle_write(&packed, width, values, N_VALUES, &err), &err);
}

static void levels_setup(uint32_t width)
{
    pack(width, width == 1 ? 2 : 3);
}

static void levels(uint32_t width)
{
    dzr_rle runs;
    int64_t n_set = 0;
    dzr__rle_init(&runs, packed.at, packed.len, width);
    must(dzr__rle_read_bits(&runs, width == 1 ? 1 : 2, out, 0, N_VALUES, &n_set, &err), &err);
}

static void gather_setup(uint32_t size)
{
    (void)size;
    pack(10, N_DICTIONARY);
    for (size_t i = 0; i < sizeof dictionary; i++)
        dictionary[i] = (uint8_t)draw();
}

static void gather(uint32_t size)
{
    dzr_rle runs;
    dzr__rle_init(&runs, packed.at, packed.len, 10);
    must(dzr__rle_gather(&runs, dictionary, N_DICTIONARY, size, out, N_VALUES, &err), &err);
}

/* ---- other encodings ---- */

static void delta_setup(uint32_t size)
{
    uint64_t value = 1;
    for (size_t i = 0; i < N_VALUES; i++) {
        value += draw() % 1000;
        memcpy(in + i * size, &value, size);
    }
    packed.len = 0;
    must(dzr__delta_write(&packed, size, in, N_VALUES, &err), &err);
}

static void delta(uint32_t size)
{
    dzr_cursor bytes = dzr__cursor(packed.at, packed.len);
    must(dzr__delta_read(&bytes, size, N_VALUES, out, &err), &err);
}

static void split(uint32_t size)
{
    must(dzr__split_read((dzr_bytes){in, (size_t)size * N_VALUES}, size, N_VALUES, out, &err), &err);
}

/* ---- text, checksums ---- */

static void text(uint32_t every)
{
    for (size_t i = 0; i < ROOM; i++)
        in[i] = (uint8_t)('a' + draw() % 26);
    for (size_t i = 0; every > 0 && i + 2 < ROOM; i += every)
        memcpy(in + i, "\u00e9", 2);
}

static void utf8_plain(uint32_t every)
{
    (void)every;
    if (!dzr__utf8_valid_plain(in, ROOM))
        fail("the text is not UTF-8");
}

static void utf8_vectors(uint32_t every)
{
    (void)every;
    if (!dzr__utf8_valid(in, ROOM))
        fail("the text is not UTF-8");
}

static void crc(uint32_t width)
{
    (void)width;
    values[0] = dzr__page_crc(in, ROOM);
}

/* ---- Snappy ---- */

static void squeeze(void)
{
    size_t n = snappy_max_compressed_length(n_looked_at);
    packed.len = 0;
    must(dzr__bytebuf_reserve(&packed, n, &err), &err);
    if (snappy_compress((const char *)in, n_looked_at, (char *)packed.at, &n) != SNAPPY_OK)
        fail("libsnappy does not compress");
    packed.len = n;
}

static void snappy_words(uint32_t unused)
{
    (void)unused;
    static char words[3000][12];
    for (size_t i = 0; i < 3000; i++)
        for (size_t k = 0, n = 2 + draw() % 9; k < n; k++)
            words[i][k] = (char)('a' + draw() % 26);
    n_looked_at = 0;
    while (n_looked_at < N_SNAPPY) {
        const double u = (double)(draw() >> 11) * 0x1p-53; /* frequent words are more frequent */
        n_looked_at += (size_t)sprintf((char *)in + n_looked_at, "%s ", words[(size_t)(3000 * u * u * u)]);
    }
    squeeze();
}

static void snappy_numbers(uint32_t most)
{
    int64_t value = INT64_C(1) << 40;
    for (n_looked_at = 0; n_looked_at < N_SNAPPY; n_looked_at += sizeof value) {
        value += most == 1 ? 1 : (int64_t)(draw() % most);
        memcpy(in + n_looked_at, &value, sizeof value);
    }
    squeeze();
}

static void snappy_ours(uint32_t unused)
{
    (void)unused;
    must(dzr__snappy_decompress((dzr_bytes){packed.at, packed.len}, out, n_looked_at, &err), &err);
}

static void snappy_theirs(uint32_t unused)
{
    (void)unused;
    size_t n = ROOM;
    if (snappy_uncompress((const char *)packed.at, packed.len, (char *)out, &n) != SNAPPY_OK)
        fail("libsnappy does not decompress");
}

#define UNPACK(width)                                                                                                  \
    {"unpack " #width " bits", "plain", random_bytes, unpack_plain, width, N_VALUES * 4},                              \
    {                                                                                                                  \
        "unpack " #width " bits", "AVX2", random_bytes, unpack_vectors, width, N_VALUES * 4                            \
    }

static const kernel kernels[] = {
        UNPACK(1),
        UNPACK(4),
        UNPACK(8),
        UNPACK(13),
        UNPACK(20),
        UNPACK(25),
        {"unpack 32 bits", "plain", random_bytes, unpack_plain, 32, N_VALUES * 4},
        {"levels of 1 bit to validity", "plain", levels_setup, levels, 1, N_VALUES / 8},
        {"levels of 2 bits to validity", "AVX2", levels_setup, levels, 2, N_VALUES / 8},
        {"dictionary gather, 4 bytes", "AVX2", gather_setup, gather, 4, N_VALUES * 4},
        {"dictionary gather, 7 bytes", "AVX2", gather_setup, gather, 7, N_VALUES * 7},
        {"dictionary gather, 8 bytes", "AVX2", gather_setup, gather, 8, N_VALUES * 8},
        {"dictionary gather, 16 bytes", "AVX2", gather_setup, gather, 16, N_VALUES * 16},
        {"delta, 4 bytes", "plain", delta_setup, delta, 4, N_VALUES * 4},
        {"delta, 8 bytes", "plain", delta_setup, delta, 8, N_VALUES * 8},
        {"byte stream split, 4 bytes", "plain", random_bytes, split, 4, N_VALUES * 4},
        {"byte stream split, 8 bytes", "plain", random_bytes, split, 8, N_VALUES * 8},
        {"UTF-8, ASCII", "plain", text, utf8_plain, 0, ROOM},
        {"UTF-8, ASCII", "AVX2", text, utf8_vectors, 0, ROOM},
        {"UTF-8, a wide letter in 100", "plain", text, utf8_plain, 100, ROOM},
        {"UTF-8, a wide letter in 100", "AVX2", text, utf8_vectors, 100, ROOM},
        {"CRC-32 of a page", "zlib", random_bytes, crc, 0, ROOM},
        {"Snappy, words", "libsnappy", snappy_words, snappy_theirs, 0, 0},
        {"Snappy, words", "ours", snappy_words, snappy_ours, 0, 0},
        {"Snappy, int64 in steps of 0 to 999", "libsnappy", snappy_numbers, snappy_theirs, 1000, 0},
        {"Snappy, int64 in steps of 0 to 999", "ours", snappy_numbers, snappy_ours, 1000, 0},
        {"Snappy, int64 one after the other", "libsnappy", snappy_numbers, snappy_theirs, 1, 0},
        {"Snappy, int64 one after the other", "ours", snappy_numbers, snappy_ours, 1, 0},
};

static double bytes_a_tick(const kernel *k, int n_rounds)
{
    uint64_t best = UINT64_MAX;
    for (int round = 0; round < n_rounds; round++) {
        const uint64_t start = __rdtsc();
        k->run(k->width);
        const uint64_t ticks = __rdtsc() - start;
        best = ticks < best ? ticks : best;
    }
    return (double)(k->n_bytes != 0 ? k->n_bytes : n_looked_at) / (double)best;
}

int main(int argc, char **argv)
{
    const int n_rounds = argc == 2 ? atoi(argv[1]) : 0;
    if (n_rounds < 1) {
        fprintf(stderr, "usage: kernels ROUNDS\n");
        return 2;
    }
    for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++) {
        state = 20240501;
        kernels[i].setup(kernels[i].width);
        printf("{\"kernel\": \"%s\", \"variant\": \"%s\", \"bytes_a_tick\": %.3f}\n", kernels[i].name,
                kernels[i].variant, bytes_a_tick(&kernels[i], n_rounds));
    }
    dzr__bytebuf_fini(&packed);
    return 0;
}
