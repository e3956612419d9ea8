/* fuzz/thrift.c - Thrift's compact protocol by the shapes of page header, statistics and page index; the first byte
 * says which. Holds: what was read can be written; that, read again and written again, is the same bytes. */
#include "parquet/metadata/metadata.h"

#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    if (len == 0)
        return 0;
    static const dzr_thrift_shape *const shapes[] = {
            &dzr__shape_statistics, &dzr__shape_page, &dzr__shape_offset_index, &dzr__shape_column_index};
    const dzr_thrift_shape *const shape = shapes[bytes[0] & 3];
    dzr_meta_page first, second; /* the largest of them */
    _Static_assert(sizeof first >= sizeof(dzr_meta_column_index), "room for each");
    dzr_arena arena;
    dzr__arena_init(&arena, NULL, (size_t)(1 << 16) + 64 * len);
    dzr_error err = {.message = ""};
    dzr_cursor c = dzr__cursor(bytes + 1, len - 1);
    const dzr_status st = dzr__thrift_read(&c, shape, &first, &arena, &err);
    REQUIRE(c.at <= c.end);
    if (st != DZR_OK) {
        REQUIRE((st == DZR_ERR_TRUNCATED || st == DZR_ERR_CORRUPT) && err.status == st && err.message[0] != '\0');
        dzr__arena_fini(&arena);
        return 0;
    }
    dzr_bytebuf once = {0}, twice = {0};
    REQUIRE(dzr__thrift_write(&once, shape, &first, &err) == DZR_OK);
    c = dzr__cursor(once.at, once.len);
    REQUIRE(dzr__thrift_read(&c, shape, &second, &arena, &err) == DZR_OK);
    REQUIRE(dzr__cursor_left(&c) == 0);
    REQUIRE(dzr__thrift_write(&twice, shape, &second, &err) == DZR_OK);
    REQUIRE(once.len == twice.len && memcmp(once.at, twice.at, once.len) == 0);
    dzr__bytebuf_fini(&once);
    dzr__bytebuf_fini(&twice);
    dzr__arena_fini(&arena);
    return 0;
}
