/* tests/s3/s3_tool.c - what the tests do through the library, a command each. Data is made as it goes, from its own
 * position, so that no file is needed and nothing but the library takes memory.
 *     s3_tool put URL BYTES [PART_BYTES [no-overwrite]]   uploads BYTES; prints the process's peak memory in KiB
 *     s3_tool abandon URL BYTES PART_BYTES                the same, closed without commit
 *     s3_tool check URL BYTES                             reads it as a stream and by ranges, and compares
 *     s3_tool ranges URL OFFSET N [OFFSET N]...           prints the ranges' bytes in hexadecimal, read together
 *     s3_tool list|uploads URL                            a line each: size, key
 *     s3_tool stat|delete URL
 * Retries wait 10 ms at first. Of the environment: STALL_MS, STYLE (path, host). */
#include <datarizer/s3.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 64 << 10 };

static int report(dzr_status st, const dzr_error *err)
{
    if (st != DZR_OK)
        fprintf(stderr, "%s: %s\n", dzr_status_name(st), err->message);
    return st == DZR_OK ? 0 : 1;
}

/* The most memory this program had. getrusage would count what its parent had before exec. */
static long peak_kib(void)
{
    char line[256];
    long kib = -1;
    FILE *const status = fopen("/proc/self/status", "r");
    while (status != NULL && fgets(line, sizeof line, status) != NULL)
        if (strncmp(line, "VmHWM:", 6) == 0)
            kib = strtol(line + 6, NULL, 10);
    if (status != NULL)
        fclose(status);
    return kib;
}

static dzr_s3_options make_options(void)
{
    const char *const stall = getenv("STALL_MS"), *const style = getenv("STYLE");
    dzr_s3_options options = {.wait_ms = 10, .stall_timeout_ms = stall != NULL ? strtol(stall, NULL, 10) : 0};
    if (style != NULL)
        options.style = strcmp(style, "host") == 0 ? DZR_S3_STYLE_VIRTUAL_HOST : DZR_S3_STYLE_PATH;
    return options;
}

/* The bytes of an object from `at` on: eight of them are their position, mixed. */
static void make_bytes(uint64_t at, uint8_t *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const uint64_t word = ((at + i) / 8 + 1) * 0x9e3779b97f4a7c15;
        out[i] = (uint8_t)(word >> 8 * ((at + i) % 8));
    }
}

static int put(const char *url, uint64_t n_bytes, size_t part_bytes, bool no_overwrite, bool commit)
{
    static uint8_t piece[PIECE];
    dzr_error err;
    dzr_sink *sink = NULL;
    dzr_s3_options options = make_options();
    options.part_bytes = part_bytes;
    options.no_overwrite = no_overwrite;
    dzr_status st = dzr_s3_open_sink(url, &options, &sink, &err);
    for (uint64_t at = 0; st == DZR_OK && at < n_bytes;) {
        const size_t n = n_bytes - at < PIECE ? (size_t)(n_bytes - at) : PIECE;
        make_bytes(at, piece, n);
        st = dzr_sink_append(sink, piece, n, &err);
        at += n;
    }
    if (st == DZR_OK && commit)
        st = dzr_sink_commit(sink, &err);
    dzr_sink_close(sink);
    printf("%ld\n", peak_kib());
    return report(st, &err);
}

static dzr_status compare(const uint8_t *got, uint64_t at, size_t n, dzr_error *err)
{
    static uint8_t want[PIECE];
    make_bytes(at, want, n);
    return memcmp(got, want, n) == 0 ? DZR_OK : dzr_fail(err, DZR_ERR_CORRUPT, "other bytes around byte %" PRIu64, at);
}

static int check(const char *url, uint64_t n_bytes)
{
    static uint8_t piece[PIECE];
    dzr_error err;
    dzr_source *source = NULL;
    const dzr_s3_options options = make_options();
    dzr_status st = dzr_s3_open_source(url, &options, &source, &err);
    if (st == DZR_OK && source->n_bytes != n_bytes)
        st = dzr_fail(&err, DZR_ERR_CORRUPT, "has %" PRIu64 " bytes", source->n_bytes);
    uint64_t at = 0;
    for (size_t n = 1; st == DZR_OK && n > 0; at += n) {
        st = dzr_source_read(source, piece, PIECE, &n, &err);
        if (st == DZR_OK)
            st = compare(piece, at, n, &err);
    }
    if (st == DZR_OK && at != n_bytes)
        st = dzr_fail(&err, DZR_ERR_CORRUPT, "the stream has %" PRIu64 " bytes", at);
    for (uint64_t i = 0; st == DZR_OK && i < 5 && n_bytes > 0; i++) {
        const uint64_t from = n_bytes / 5 * i;
        const size_t n = n_bytes - from < 1000 ? (size_t)(n_bytes - from) : 1000;
        st = dzr_source_read_at(source, from, piece, n, &err);
        if (st == DZR_OK)
            st = compare(piece, from, n, &err);
    }
    dzr_source_close(source);
    return report(st, &err);
}

static int ranges(const char *url, int n, char **argv)
{
    dzr_error err;
    dzr_source *source = NULL;
    const dzr_s3_options options = make_options();
    dzr_status st = dzr_s3_open_source(url, &options, &source, &err);
    dzr_source_range wanted[64];
    uint8_t *bytes[64];
    for (int i = 0; i < n; i++) {
        const size_t len = (size_t)strtoull(argv[2 * i + 1], NULL, 10);
        bytes[i] = malloc(len + 1);
        wanted[i] = (dzr_source_range){strtoull(argv[2 * i], NULL, 10), len, bytes[i]};
    }
    if (st == DZR_OK)
        st = dzr_source_read_many(source, wanted, (size_t)n, &err);
    for (int i = 0; i < n; i++) {
        for (size_t k = 0; st == DZR_OK && k < wanted[i].n_bytes; k++)
            printf("%02x", bytes[i][k]);
        printf("\n");
        free(bytes[i]);
    }
    dzr_source_close(source);
    return report(st, &err);
}

static dzr_status print_object(void *ctx, const dzr_s3_object *object, dzr_error *err)
{
    (void)ctx, (void)err;
    printf("%" PRIu64 "\t%s\n", object->n_bytes, object->key);
    return DZR_OK;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    const char *const command = argv[1], *const url = argv[2];
    const uint64_t n_bytes = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;
    const size_t part_bytes = argc > 4 ? (size_t)strtoull(argv[4], NULL, 10) : 0;
    const dzr_s3_options options = make_options();
    dzr_error err;
    if (strcmp(command, "put") == 0)
        return put(url, n_bytes, part_bytes, argc > 5, true);
    if (strcmp(command, "abandon") == 0)
        return put(url, n_bytes, part_bytes, false, false);
    if (strcmp(command, "check") == 0)
        return check(url, n_bytes);
    if (strcmp(command, "ranges") == 0 && argc <= 3 + 128)
        return ranges(url, (argc - 3) / 2, argv + 3);
    if (strcmp(command, "list") == 0)
        return report(dzr_s3_list(url, &options, print_object, NULL, &err), &err);
    if (strcmp(command, "uploads") == 0)
        return report(dzr_s3_list_uploads(url, &options, print_object, NULL, &err), &err);
    if (strcmp(command, "delete") == 0)
        return report(dzr_s3_delete(url, &options, &err), &err);
    dzr_s3_object object = {0};
    const dzr_status st = dzr_s3_stat(url, &options, &object, &err);
    if (st == DZR_OK)
        printf("%" PRIu64 "\n", object.n_bytes);
    return report(st, &err);
}
