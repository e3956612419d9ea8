/* bench/people.c - the `people` data of the convert cases: flat, made of nothing but the seed, so that a run can be
 * repeated anywhere. One JSON object a line with 11 members: id, name, email, age, weight, score, sex, day (date),
 * created_at (milliseconds, UTC), ignored (70 % null), country (8 values). Called by bench/run.py.
 * usage: people N_ROWS SEED > people.jsonl */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const first_names[] = {"Ada", "Alan", "Barbara", "Claude", "Dennis", "Edsger", "Frances", "Grace",
        "Hedy", "Ivan", "Jos\u00e9", "Katherine", "Linus", "Margaret", "Niklaus", "Ole", "Radia", "\u017dofie"};
static const char *const last_names[] = {"Allen", "Bernstein", "Dijkstra", "Hamilton", "Hopper", "Johnson", "Kernighan",
        "Lamarr", "Liskov", "Lovelace", "M\u00fcller", "Perlman", "Ritchie", "Shannon", "Sutherland", "Turing",
        "Wirth"};
static const char *const countries[] = {"BR", "CZ", "DE", "FR", "IN", "JP", "KE", "US"};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* splitmix64: every seed gives a full-length sequence of well-mixed words. */
static uint64_t next_word(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static double uniform(uint64_t word)
{
    return (double)(word >> 11) * 0x1p-53;
}

/* The words are drawn before they are used: the order in which a call's arguments are evaluated is the compiler's. */
static void print_person(uint64_t id, uint64_t *state)
{
    enum { N_WORDS = 17 };
    uint64_t w[N_WORDS];
    for (size_t i = 0; i < N_WORDS; i++)
        w[i] = next_word(state);
    printf("{\"id\":%" PRIu64 ",\"name\":\"%s %s\"", id, first_names[w[0] % COUNT(first_names)],
            last_names[w[1] % COUNT(last_names)]);
    printf(",\"email\":\"user%" PRIu64 ".%d@example.com\"", id, (int)(w[2] % 1000));
    printf(",\"age\":%d,\"weight\":%.1f,\"score\":%.17g,\"sex\":%s", (int)(w[3] % 100), 45 + 60 * uniform(w[4]),
            uniform(w[5]), w[6] % 2 != 0 ? "true" : "false");
    printf(",\"day\":\"%04d-%02d-%02d\"", (int)(1940 + w[7] % 80), (int)(1 + w[8] % 12), (int)(1 + w[9] % 28));
    printf(",\"created_at\":\"2024-%02d-%02dT%02d:%02d:%02d.%03dZ\"", (int)(1 + w[10] % 12), (int)(1 + w[11] % 28),
            (int)(w[12] / 3600 % 24), (int)(w[12] / 60 % 60), (int)(w[12] % 60), (int)(w[13] % 1000));
    if (w[14] % 10 < 7)
        printf(",\"ignored\":null");
    else
        printf(",\"ignored\":%" PRId64, (int64_t)(w[15] % (UINT64_C(1) << 32)) - (INT64_C(1) << 31));
    printf(",\"country\":\"%s\"}\n", countries[w[16] % COUNT(countries)]);
}

int main(int argc, char **argv)
{
    char *end_rows = NULL;
    char *end_seed = NULL;
    const uint64_t n_rows = argc == 3 ? strtoull(argv[1], &end_rows, 10) : 0;
    uint64_t state = argc == 3 ? strtoull(argv[2], &end_seed, 10) : 0;
    if (argc != 3 || *end_rows != '\0' || *end_seed != '\0') {
        fprintf(stderr, "usage: people N_ROWS SEED\n");
        return 2;
    }
    for (uint64_t id = 1; id <= n_rows; id++)
        print_person(id, &state);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        perror("people");
        return 1;
    }
    return 0;
}
