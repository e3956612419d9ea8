/* fuzz/arrow_schema.c - a message with Arrow's schema to a tree of struct ArrowSchema.
 * Holds: memory stays under the arena's ceiling and none is left; a tree that was read, written and read again is the
 * same tree, by message and by text; only a type without a format string can't be written. */
#include "parquet/arrow_schema/arrow_schema.h"

#include "counting.h"

#define REQUIRE(condition)                                                                                             \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            __builtin_trap();                                                                                          \
    } while (0)

static void check_same_notes(const char *a, const char *b)
{
    dzr_arena arena;
    dzr__arena_init(&arena, NULL, 0);
    dzr_key_value *notes[2];
    int32_t n[2];
    REQUIRE(dzr__arrow_notes(a, &arena, &notes[0], &n[0], NULL) == DZR_OK);
    REQUIRE(dzr__arrow_notes(b, &arena, &notes[1], &n[1], NULL) == DZR_OK);
    REQUIRE(n[0] == n[1]);
    for (int32_t i = 0; i < n[0]; i++) {
        const dzr_key_value *const x = &notes[0][i], *const y = &notes[1][i];
        REQUIRE(x->key.len == y->key.len && memcmp(x->key.at, y->key.at, x->key.len) == 0);
        REQUIRE(x->value.len == y->value.len && memcmp(x->value.at, y->value.at, x->value.len) == 0);
    }
    dzr__arena_fini(&arena);
}

static void check_same(const struct ArrowSchema *a, const struct ArrowSchema *b)
{
    REQUIRE(strcmp(a->format, b->format) == 0 && strcmp(a->name, b->name) == 0 && a->flags == b->flags);
    REQUIRE(a->n_children == b->n_children && (a->dictionary != NULL) == (b->dictionary != NULL));
    check_same_notes(a->metadata, b->metadata);
    for (int64_t i = 0; i < a->n_children; i++)
        check_same(a->children[i], b->children[i]);
    if (a->dictionary != NULL)
        check_same(a->dictionary, b->dictionary);
}

static bool has_nameless(const struct ArrowSchema *schema)
{
    bool has = schema->format[0] == '\0' || (schema->dictionary != NULL && has_nameless(schema->dictionary));
    for (int64_t i = 0; i < schema->n_children && !has; i++)
        has = has_nameless(schema->children[i]);
    return has;
}

static void check_written(const struct ArrowSchema *tree)
{
    dzr_bytebuf message = {0}, text = {0};
    dzr_arena arena;
    struct ArrowSchema again;
    dzr_error err = {.message = ""};
    dzr__arena_init(&arena, NULL, 0);
    const dzr_status st = dzr__arrow_message_write(tree, &message, &err);
    REQUIRE(st == (has_nameless(tree) ? DZR_ERR_UNSUPPORTED : DZR_OK));
    if (st == DZR_OK) {
        REQUIRE(dzr__arrow_message_read((dzr_bytes){message.at, message.len}, &arena, &again, &err) == DZR_OK);
        check_same(tree, &again);
        REQUIRE(dzr__arrow_schema_write(tree, &text, &err) == DZR_OK && text.len % 4 == 0);
        dzr__arena_fini(&arena);
        REQUIRE(dzr__arrow_schema_read((dzr_bytes){text.at, text.len}, &arena, &again, &err) == DZR_OK);
        check_same(tree, &again);
    }
    dzr__bytebuf_fini(&message);
    dzr__bytebuf_fini(&text);
    dzr__arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    counting count = {0};
    const dzr_allocator alloc = {counting_allocate, counting_release, &count};
    const size_t ceiling = (1 << 16) + 16 * len;
    dzr_arena arena;
    dzr__arena_init(&arena, &alloc, ceiling);
    dzr_error err = {.message = ""};
    struct ArrowSchema tree;
    const dzr_status st = dzr__arrow_message_read((dzr_bytes){bytes, len}, &arena, &tree, &err);
    REQUIRE(count.most <= 2 * ceiling); /* blocks may be twice what is taken from them */
    if (st == DZR_OK)
        check_written(&tree);
    else
        REQUIRE(err.status == st && err.message[0] != '\0');
    dzr__arena_fini(&arena);
    REQUIRE(count.now == 0);
    return 0;
}
