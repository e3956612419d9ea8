/* fuzz/mutated_files.c - reads files that were valid before they were changed: ours, drawn from a seed, and those of
 * the folders given. usage: mutated_files COUNT SEED [FOLDER]... Half of the changes are fields, with lengths and
 * checksums put right (parquet_edit.h), half are bytes. Each file is read as parquet_check.h says, within MEMORY bytes,
 * and may take a second of the processor. A child does the reading: when it ends or stands still, the parent says at
 * which file. Exit status 0 when all were read or refused. The same COUNT and SEED give the same files. */
#include "parquet_check.h"
#include "parquet_edit.h"
#include "parquet_make.h"
#include "require.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_FILES = 1000, MOST_BYTES = 256 << 10, MEMORY = 64 << 20, READ_MS = 1000, STALL_S = 30 };

/* ---- files of others ---- */

typedef struct files {
    dzr_bytes at[MOST_FILES];
    int32_t n;
} files;

static void load(files *out, const char *path)
{
    struct stat facts;
    FILE *const file = fopen(path, "rb");
    REQUIRE(file != NULL && fstat(fileno(file), &facts) == 0);
    const size_t len = (size_t)facts.st_size;
    if (S_ISREG(facts.st_mode) && len > 0 && len <= MOST_BYTES && out->n < MOST_FILES) {
        uint8_t *const bytes = malloc(len);
        REQUIRE(bytes != NULL && fread(bytes, 1, len, file) == len);
        out->at[out->n++] = (dzr_bytes){bytes, len};
    }
    fclose(file);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* In the order of their names; a folder that is not there has none. */
static void load_folder(files *out, const char *folder)
{
    struct dirent **entries = NULL;
    const int n = scandir(folder, &entries, NULL, by_name);
    for (int i = 0; i < n; i++) {
        char path[4096];
        const char *const end = strrchr(entries[i]->d_name, '.');
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if (end != NULL && strcmp(end, ".parquet") == 0)
            load(out, path);
        free(entries[i]);
    }
    free(entries);
}

/* ---- changed ---- */

/* A few bytes, near the end as often as elsewhere, where the footer is; or the file ends early. */
static void change_file_bytes(dzr_bytebuf *file, uint64_t *state)
{
    for (uint64_t n = 1 + next_random(state) % 8; n > 0 && file->len > 0; n--) {
        const size_t back =
                (size_t)next_random(state) % (next_random(state) % 2 == 0 ? DZR_MIN(file->len, 600u) : file->len);
        uint8_t *const at = file->at + file->len - 1 - back;
        switch (next_random(state) % 16) {
        case 0:
            file->len -= back;
            break;
        case 1:
            memset(at, (int)(next_random(state) % 2 * 255), DZR_MIN(back, 8u));
            break;
        default:
            *at = (uint8_t)(next_random(state) % 2 == 0 ? *at ^ 1u << next_random(state) % 8 : next_random(state));
            break;
        }
    }
}

/* File `number`: chosen, changed. */
static void make_changed(const files *others, uint64_t seed, uint64_t number, dzr_bytebuf *out)
{
    uint8_t room[300];
    uint64_t state = seed * UINT64_C(1000003) + number;
    dzr_error err;
    dzr_bytes file = {0};
    dzr_batch *batch = NULL;
    dzr_sink *sink = NULL;
    if (others->n > 0 && next_random(&state) % 2 == 0)
        file = others->at[next_random(&state) % (uint64_t)others->n];
    while (file.at == NULL) {
        draw d = draw_random(&state, room, sizeof room);
        batch = make_batch(&d);
        sink = make_file(&d, batch);
        if (sink != NULL)
            file = dzr_sink_memory_bytes(sink);
        else
            dzr_batch_free(batch);
    }
    draw d = draw_random(&state, room, sizeof room);
    out->len = 0;
    if (next_random(&state) % 2 == 0 || !edit_file(file, &d, out)) {
        out->len = 0;
        REQUIRE_OK(dzr__bytebuf_append(out, file.at, file.len, &err));
        change_file_bytes(out, &state);
    }
    if (sink != NULL)
        dzr_batch_free(batch);
    dzr_sink_close(sink);
}

/* ---- read ---- */

/* What the child tells the parent. */
typedef struct progress {
    volatile uint64_t number; /* the file at hand */
    uint64_t n_refused, n_with_rows, n_without_rows, n_bytes;
    int64_t worst_ms;
    uint64_t worst;
} progress;

static int64_t cpu_ms(void)
{
    return dzr__clock_ms(CLOCK_PROCESS_CPUTIME_ID);
}

static void read_all(const files *others, uint64_t count, uint64_t seed, progress *p)
{
    dzr_bytebuf file = {.max_bytes = 64 << 20};
    for (p->number = 0; p->number < count; p->number++) {
        make_changed(others, seed, p->number, &file);
        const int64_t start = cpu_ms();
        const int64_t n_rows = check_file((dzr_bytes){file.at, file.len}, p->number % 2 == 0, MEMORY);
        const int64_t took = cpu_ms() - start;
        if (took > p->worst_ms) {
            p->worst_ms = took;
            p->worst = p->number;
        }
        REQUIRE(took <= READ_MS);
        p->n_bytes += file.len;
        *(n_rows < 0 ? &p->n_refused : n_rows > 0 ? &p->n_with_rows : &p->n_without_rows) += 1;
    }
    dzr__bytebuf_fini(&file);
}

/* Until the child ends; one that stands still is ended. */
static int wait_for(pid_t child, const progress *p)
{
    int status = 0;
    uint64_t last = 0;
    for (int ticks = 0;; ticks++) {
        const pid_t ended = waitpid(child, &status, WNOHANG);
        if (ended == child)
            return status;
        REQUIRE(ended == 0 || errno == EINTR);
        if (p->number != last) {
            last = p->number;
            ticks = 0;
        }
        if (ticks == STALL_S * 10) {
            fprintf(stderr, "stands still at file %llu for %d s\n", (unsigned long long)last, STALL_S);
            kill(child, SIGKILL);
        }
        nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    }
}

static void save(const files *others, uint64_t seed, uint64_t number, const char *path)
{
    dzr_bytebuf bytes = {0};
    make_changed(others, seed, number, &bytes);
    FILE *const file = fopen(path, "wb");
    if (file == NULL || fwrite(bytes.at, 1, bytes.len, file) != bytes.len || fclose(file) != 0)
        perror(path);
    dzr__bytebuf_fini(&bytes);
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: %s COUNT SEED [FOLDER]...\n", argv[0]);
        return 2;
    }
    static files others;
    const uint64_t count = strtoull(argv[1], NULL, 10), seed = strtoull(argv[2], NULL, 10);
    for (int i = 3; i < argc; i++)
        load_folder(&others, argv[i]);
    progress *const p = mmap(NULL, sizeof *p, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(p != MAP_FAILED);
    const int64_t start = dzr__clock_ms(CLOCK_MONOTONIC);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        read_all(&others, count, seed, p);
        exit(0); /* not _exit: a leak is found when the program ends */
    }
    const int status = wait_for(child, p);
    printf("%llu files from seed %llu and %d files of others, %llu bytes, %.1f s: %llu refused when opened, %llu read "
           "whole, "
           "%llu without a row to read; %d MiB of memory at most; longest %lld ms, file %llu\n",
            (unsigned long long)p->number, (unsigned long long)seed, (int)others.n, (unsigned long long)p->n_bytes,
            (double)(dzr__clock_ms(CLOCK_MONOTONIC) - start) / 1000, (unsigned long long)p->n_refused,
            (unsigned long long)p->n_with_rows, (unsigned long long)p->n_without_rows, MEMORY >> 20,
            (long long)p->worst_ms, (unsigned long long)p->worst);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    save(&others, seed, p->number, "mutated.parquet");
    fprintf(stderr, "file %llu, now in mutated.parquet, ended it: %s %d\n", (unsigned long long)p->number,
            WIFSIGNALED(status) ? "signal" : "exit status",
            WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    return 1;
}
