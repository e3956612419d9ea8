/* fuzz/snappy.c - our Snappy decompressor beside libsnappy's. The input is a block.
 * Holds: both take it or neither does, and make the same bytes; none past the end are touched. */
#include "parquet/codec/snappy_read.h"

#include <snappy-c.h>
#include <stdlib.h>

enum { MOST = 1 << 20 };

#define REQUIRE(condition)                                                                                             \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            __builtin_trap();                                                                                          \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    size_t n = 0;
    const bool sized = snappy_uncompressed_length((const char *)bytes, len, &n) == SNAPPY_OK;
    if (n > MOST)
        return 0;
    uint8_t *const ours = malloc(n + 1), *const theirs = malloc(n + 1);
    REQUIRE(ours != NULL && theirs != NULL);
    size_t made = n;
    const bool taken = sized && snappy_uncompress((const char *)bytes, len, (char *)theirs, &made) == SNAPPY_OK;
    ours[n] = 0xee;
    dzr_error err = {.message = ""};
    const dzr_status st = dzr__snappy_decompress((dzr_bytes){bytes, len}, ours, n, &err);
    REQUIRE((st == DZR_OK) == taken);
    REQUIRE(ours[n] == 0xee);
    REQUIRE(!taken || memcmp(ours, theirs, n) == 0);
    REQUIRE(taken || (err.status == st && err.message[0] != '\0'));
    free(ours);
    free(theirs);
    return 0;
}
