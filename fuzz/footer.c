/* fuzz/footer.c - a footer's bytes to checked metadata.
 * Holds: memory stays under the ceiling that footer.c names and none is left; an accepted footer, written and read
 * again, is accepted, and written again is the same bytes; its leaves have levels that their depth allows, and their
 * types are known or refused with a message. */
#include "parquet/metadata/metadata.h"

#include "require.h"

#include "counting.h"

static void check_leaves(const dzr_meta_file *file, const dzr_leaf *leaves, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        const dzr_leaf *const leaf = &leaves[i];
        REQUIRE(leaf->element > 0 && leaf->element < file->schema.n && leaf->parent < leaf->element);
        REQUIRE(leaf->max_rep >= 0 && leaf->max_def >= leaf->max_rep && leaf->max_def <= 64);
        REQUIRE(dzr__utf8_valid(leaf->path, strlen(leaf->path)));
        dzr_type type;
        dzr_error err = {.message = ""};
        const dzr_status st = dzr__type_from_element(&file->schema.at[leaf->element], &type, &err);
        REQUIRE(st == DZR_OK ? dzr_type_name(type) != NULL : err.status == st && err.message[0] != '\0');
    }
    for (int32_t i = 0; i < file->row_groups.n; i++)
        REQUIRE(file->row_groups.at[i].columns.n == n && file->row_groups.at[i].num_rows >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    counting count = {0};
    const dzr_allocator alloc = {counting_allocate, counting_release, &count};
    dzr_arena arena, again;
    dzr__arena_init(&arena, &alloc, 0);
    dzr__arena_init(&again, NULL, 0);
    dzr_error err = {.message = ""};
    dzr_meta_file file, same;
    const dzr_leaf *leaves = NULL;
    int32_t n = 0;
    dzr_bytebuf once = {0}, twice = {0};
    const dzr_status st = dzr__footer_read((dzr_bytes){bytes, len}, NULL, &arena, &file, &leaves, &n, &err);
    REQUIRE(count.most <= 2 * ((size_t)(1 << 16) + 64 * len)); /* blocks may be twice what is taken from them */
    if (st == DZR_OK) {
        check_leaves(&file, leaves, n);
        REQUIRE(dzr__thrift_write(&once, &dzr__shape_file, &file, &err) == DZR_OK);
        REQUIRE(dzr__footer_read((dzr_bytes){once.at, once.len}, NULL, &again, &same, &leaves, &n, &err) == DZR_OK);
        REQUIRE(dzr__thrift_write(&twice, &dzr__shape_file, &same, &err) == DZR_OK);
        REQUIRE(once.len == twice.len && memcmp(once.at, twice.at, once.len) == 0);
    } else {
        REQUIRE(err.status == st && err.message[0] != '\0');
    }
    dzr__bytebuf_fini(&once);
    dzr__bytebuf_fini(&twice);
    dzr__arena_fini(&again);
    dzr__arena_fini(&arena);
    REQUIRE(count.now == 0);
    return 0;
}
