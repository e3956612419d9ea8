/* fuzz/snappy.c - our Snappy decompressor beside libsnappy's. The input is a block.
 * Holds: both take it or neither does, and make the same bytes; none past the end are touched. */
#include "parquet/codec/snappy_read.h"

#include "require.h"

#include <snappy-c.h>
#include <stdlib.h>

enum { MOST = 1 << 20 };

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
    /* libsnappy counts a literal in 32 bits, where one of 2^32 bytes is none at all */
    const bool wraps = st != DZR_OK && memmem(bytes, len, "\xfc\xff\xff\xff\xff", 5) != NULL;
    REQUIRE((st == DZR_OK) == taken || wraps);
    REQUIRE(ours[n] == 0xee);
    REQUIRE(st != DZR_OK || memcmp(ours, theirs, n) == 0);
    REQUIRE(st == DZR_OK || (err.status == st && err.message[0] != '\0'));
    free(ours);
    free(theirs);
    return 0;
}
