/* fuzz/thrift.c - Thrift's compact protocol by the shapes of page header and statistics; the first byte says which.
 * Holds: what was read can be written; that, read again and written again, is the same bytes. */
#include "parquet/metadata/metadata.h"

#define REQUIRE(condition)                                                                                             \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            __builtin_trap();                                                                                          \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    if (len == 0)
        return 0;
    const dzr_thrift_shape *const shape = (bytes[0] & 1) != 0 ? &dzr__shape_page : &dzr__shape_statistics;
    dzr_meta_page first, second; /* the larger of the two */
    dzr_error err = {.message = ""};
    dzr_cursor c = dzr__cursor(bytes + 1, len - 1);
    const dzr_status st = dzr__thrift_read(&c, shape, &first, NULL, &err);
    REQUIRE(c.at <= c.end);
    if (st != DZR_OK) {
        REQUIRE((st == DZR_ERR_TRUNCATED || st == DZR_ERR_CORRUPT) && err.status == st && err.message[0] != '\0');
        return 0;
    }
    dzr_bytebuf once = {0}, twice = {0};
    REQUIRE(dzr__thrift_write(&once, shape, &first, &err) == DZR_OK);
    c = dzr__cursor(once.at, once.len);
    REQUIRE(dzr__thrift_read(&c, shape, &second, NULL, &err) == DZR_OK);
    REQUIRE(dzr__cursor_left(&c) == 0);
    REQUIRE(dzr__thrift_write(&twice, shape, &second, &err) == DZR_OK);
    REQUIRE(once.len == twice.len && memcmp(once.at, twice.at, once.len) == 0);
    dzr__bytebuf_fini(&once);
    dzr__bytebuf_fini(&twice);
    return 0;
}
