/* tests/parquet/test_arrow_schema.c - Arrow's schema in its message: what pyarrow wrote is read, what we write is read
 * again, and nothing broken gets further than an error. tests/interop has pyarrow read what we write. */
#include "support.h"

#include "alloc_nth.h"
#include "parquet/arrow_schema/arrow_schema.h"

#include <stdio.h>
#include <stdlib.h>

#define TEXT(text) ((dzr_bytes){(const uint8_t *)(text), strlen(text)})

/* pyarrow 26: schema([field("id", int64(), nullable=False, metadata={"PARQUET:field_id": "7"}),
 * ("at", timestamp("us", "Europe/Berlin")), ("tags", list_(field("item", dictionary(int8(), string()))))]) */
static const char by_pyarrow[] =
        "/////5gBAAAQAAAAAAAKAAwABgAFAAgACgAAAAABBAAEAAAAhP///wQAAAADAAAA/AAAAKAAAAAEAAAAeP///wAAAQwUAAAAHAAA"
        "AAQAAAABAAAAJAAAAAQAAAB0YWdzAAAAAKj///8QABgACAAGAAcADAAQABQAEAAAAAAAAQUUAAAAPAAAACAAAAAEAAAAAAAAAAQA"
        "AABpdGVtAAAAAAgACAAAAAQACAAAAAQAAAAk////AAAAAQgAAAAEAAQABAAAABAAFAAIAAYABwAMAAAAEAAQAAAAAAABChAAAAAc"
        "AAAABAAAAAAAAAACAAAAYXQAAAgADAAGAAgACAAAAAAAAgAEAAAADQAAAEV1cm9wZS9CZXJsaW4AEgAYAAgAAAAHAAwAAAAQABQA"
        "EgAAAAAAAAIUAAAAXAAAAAgAAAAQAAAAAAAAAAIAAABpZAAAAQAAAAwAAAAIAAwABAAIAAgAAAAQAAAABAAAAAEAAAA3AAAAEAAA"
        "AFBBUlFVRVQ6ZmllbGRfaWQAAAAACAAMAAgABwAIAAAAAAAAAUAAAAA=";

static void tree_of(const char *text, dzr_arena *arena, struct ArrowSchema *out)
{
    dzr_error err;
    dzr__arena_init(arena, NULL, 0);
    assert_ok(dzr__arrow_schema_read(TEXT(text), arena, out, &err));
}

static void what_pyarrow_wrote_is_read(void **state)
{
    (void)state;
    dzr_arena arena;
    struct ArrowSchema tree;
    tree_of(by_pyarrow, &arena, &tree);
    assert_string_equal(tree.format, "+s");
    assert_int_equal(tree.n_children, 3);
    const struct ArrowSchema *const id = tree.children[0], *const at = tree.children[1], *const tags = tree.children[2];
    assert_string_equal(id->name, "id");
    assert_string_equal(id->format, "l");
    assert_int_equal(id->flags, 0);
    assert_memory_equal(id->metadata, "\1\0\0\0\20\0\0\0PARQUET:field_id\1\0\0\0007", 4 + 4 + 16 + 4 + 1);
    assert_string_equal(at->format, "tsu:Europe/Berlin");
    assert_int_equal(at->flags, ARROW_FLAG_NULLABLE);
    assert_null(at->metadata);
    assert_string_equal(tags->format, "+l");
    assert_string_equal(tags->children[0]->name, "item");
    assert_string_equal(tags->children[0]->format, "c");
    assert_string_equal(tags->children[0]->dictionary->format, "u");
    dzr__arena_fini(&arena);
}

/* ---- there and back ---- */

static struct ArrowSchema leaf(const char *format)
{
    return (struct ArrowSchema){.format = format, .name = "c", .flags = ARROW_FLAG_NULLABLE};
}

/* One field, written and read again, in the arena. */
static dzr_status round_trip(struct ArrowSchema *field, const dzr_allocator *alloc, dzr_arena *arena,
        struct ArrowSchema *out, dzr_error *err)
{
    struct ArrowSchema *children[] = {field};
    const struct ArrowSchema root = {.format = "+s", .name = "", .n_children = 1, .children = children};
    dzr_bytebuf text = {.alloc = alloc};
    dzr__arena_init(arena, alloc, 0);
    dzr_status st = dzr__arrow_schema_write(&root, &text, err);
    if (st == DZR_OK)
        st = dzr__arrow_schema_read((dzr_bytes){text.at, text.len}, arena, out, err);
    dzr__bytebuf_fini(&text);
    return st;
}

static void every_format_string_comes_back(void **state)
{
    (void)state;
    static const char *const formats[] = {"n", "b", "c", "s", "i", "l", "C", "S", "I", "L", "e", "f", "g", "z", "Z",
            "vz", "u", "U", "vu", "tdD", "tdm", "tts", "ttm", "ttu", "ttn", "tss:", "tsm:UTC", "tsu:Europe/Berlin",
            "tsn:+02:00", "tDs", "tDm", "tDu", "tDn", "tiM", "tiD", "tin", "d:10,2", "d:38,-3", "d:76,10,256",
            "d:5,2,32", "w:1", "w:1048576", "+s", "+l", "+L", "+vl", "+vL", "+w:3", "+m", "+r"};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        dzr_error err;
        dzr_arena arena;
        struct ArrowSchema field = leaf(formats[i]), tree;
        assert_ok(round_trip(&field, NULL, &arena, &tree, &err));
        assert_int_equal(tree.n_children, 1);
        assert_string_equal(tree.children[0]->format, formats[i]);
        assert_string_equal(tree.children[0]->name, "c");
        assert_int_equal(tree.children[0]->flags, ARROW_FLAG_NULLABLE);
        dzr__arena_fini(&arena);
    }
}

static void flags_dictionaries_and_notes_come_back(void **state)
{
    (void)state;
    static const char notes[] = "\2\0\0\0\1\0\0\0k\0\0\0\0\2\0\0\0\xff\0\3\0\0\0two";
    dzr_error err;
    dzr_arena arena;
    struct ArrowSchema key = leaf("vu"), value = leaf("tsu:UTC"), entries = leaf("+s"), values = leaf("+m"), tree;
    struct ArrowSchema *pair[] = {&key, &value}, *below[] = {&entries};
    key.flags = 0;
    entries.children = pair;
    entries.n_children = 2;
    values.flags = ARROW_FLAG_MAP_KEYS_SORTED;
    values.children = below;
    values.n_children = 1;
    struct ArrowSchema field = leaf("S");
    field.flags |= ARROW_FLAG_DICTIONARY_ORDERED;
    field.dictionary = &values;
    field.metadata = notes;
    assert_ok(round_trip(&field, NULL, &arena, &tree, &err));
    const struct ArrowSchema *const got = tree.children[0];
    assert_string_equal(got->format, "S");
    assert_int_equal(got->flags, ARROW_FLAG_NULLABLE | ARROW_FLAG_DICTIONARY_ORDERED);
    assert_memory_equal(got->metadata, notes, sizeof notes - 1);
    assert_int_equal(got->n_children, 0);
    assert_string_equal(got->dictionary->format, "+m");
    assert_int_equal(got->dictionary->flags, ARROW_FLAG_MAP_KEYS_SORTED);
    const struct ArrowSchema *const got_pair = got->dictionary->children[0];
    assert_int_equal(got_pair->children[0]->flags, 0);
    assert_string_equal(got_pair->children[1]->format, "tsu:UTC");
    dzr__arena_fini(&arena);
}

static void metadata_of_the_schema_comes_back(void **state)
{
    (void)state;
    static const char notes[] = "\1\0\0\0\6\0\0\0pandas\2\0\0\0{}";
    dzr_error err;
    dzr_arena arena;
    struct ArrowSchema tree;
    const struct ArrowSchema root = {.format = "+s", .name = "", .metadata = notes};
    dzr_bytebuf text = {0};
    dzr__arena_init(&arena, NULL, 0);
    assert_ok(dzr__arrow_schema_write(&root, &text, &err));
    assert_ok(dzr__arrow_schema_read((dzr_bytes){text.at, text.len}, &arena, &tree, &err));
    assert_memory_equal(tree.metadata, notes, sizeof notes - 1);
    assert_int_equal(tree.n_children, 0);
    dzr__bytebuf_fini(&text);
    dzr__arena_fini(&arena);
}

static void formats_that_there_are_not_are_not_written(void **state)
{
    (void)state;
    static const char *const formats[] = {"", "x", "ts", "tsx:", "tsu", "d:", "d:1,2,3,4", "d:1;2", "w:", "w:1x",
            "w:99999999999", "+w:", "+ud:0,1", "li"};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        dzr_error err;
        dzr_arena arena;
        struct ArrowSchema field = leaf(formats[i]), tree;
        char want[64];
        snprintf(want, sizeof want, "field \"c\" has the Arrow format \"%s\"", formats[i]);
        assert_fails(round_trip(&field, NULL, &arena, &tree, &err), DZR_ERR_UNSUPPORTED, want);
        dzr__arena_fini(&arena);
    }
}

/* ---- what is broken ---- */

static dzr_status read_message(const uint8_t *at, size_t len, dzr_error *err)
{
    dzr_arena arena;
    struct ArrowSchema tree;
    uint8_t *const exact = malloc(len > 0 ? len : 1); /* so that a sanitizer sees a byte too far */
    assert_non_null(exact);
    memcpy(exact, at, len);
    dzr__arena_init(&arena, NULL, 1 << 20);
    const dzr_status st = dzr__arrow_message_read((dzr_bytes){exact, len}, &arena, &tree, err);
    dzr__arena_fini(&arena);
    free(exact);
    return st;
}

/* A message of two fields, one of them nested, as we write it. */
static size_t message(uint8_t *to, size_t room)
{
    dzr_error err;
    struct ArrowSchema item = leaf("tsu:UTC"), list = leaf("+l"), number = leaf("i");
    struct ArrowSchema *below[] = {&item}, *children[] = {&number, &list};
    list.children = below;
    list.n_children = 1;
    number.metadata = "\1\0\0\0\1\0\0\0k\1\0\0\0v";
    const struct ArrowSchema root = {.format = "+s", .name = "", .n_children = 2, .children = children};
    dzr_bytebuf out = {0};
    assert_ok(dzr__arrow_message_write(&root, &out, &err));
    assert_true(out.len <= room);
    const size_t len = out.len;
    memcpy(to, out.at, len);
    dzr__bytebuf_fini(&out);
    return len;
}

static void a_message_cut_anywhere_is_an_error(void **state)
{
    (void)state;
    dzr_error err;
    uint8_t bytes[1024];
    const size_t len = message(bytes, sizeof bytes);
    assert_ok(read_message(bytes, len, &err));
    for (size_t n = 0; n < len; n++)
        assert_fails(read_message(bytes, n, &err), DZR_ERR_TRUNCATED, "");
}

static void a_message_shortened_with_its_length_never_reads_past_it(void **state)
{
    (void)state;
    dzr_error err;
    uint8_t bytes[1024];
    const size_t len = message(bytes, sizeof bytes);
    for (size_t n = 8; n < len; n++) {
        dzr__store_u32(bytes + 4, (uint32_t)(n - 8));
        const dzr_status st = read_message(bytes, n, &err);
        assert_true(st == DZR_ERR_CORRUPT || (st == DZR_OK && len - n < 8)); /* the padding is no loss */
    }
}

static void any_changed_byte_is_read_or_refused(void **state)
{
    (void)state;
    dzr_error err;
    uint8_t bytes[1024];
    const size_t len = message(bytes, sizeof bytes);
    int64_t n_refused = 0;
    for (size_t i = 0; i < len; i++)
        for (int change = 1; change < 256; change++) {
            bytes[i] ^= (uint8_t)change;
            const dzr_status st = read_message(bytes, len, &err);
            assert_true(st == DZR_OK || st == DZR_ERR_CORRUPT || st == DZR_ERR_TRUNCATED || st == DZR_ERR_LIMIT);
            n_refused += st != DZR_OK;
            bytes[i] ^= (uint8_t)change;
        }
    assert_true(n_refused > 1000);
}

static void no_base64_is_an_error(void **state)
{
    (void)state;
    dzr_error err;
    dzr_arena arena;
    struct ArrowSchema tree;
    dzr__arena_init(&arena, NULL, 0);
    static const char *const bad[] = {"!!!!", "abc", "a\xff\xff\xff"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_fails(dzr__arrow_schema_read(TEXT(bad[i]), &arena, &tree, &err), DZR_ERR_CORRUPT, "no base64");
    assert_fails(dzr__arrow_schema_read(TEXT(""), &arena, &tree, &err), DZR_ERR_TRUNCATED, "");
    assert_fails(dzr__arrow_schema_read(TEXT("/////wAAAAA="), &arena, &tree, &err), DZR_ERR_CORRUPT,
            "byte 0: a message of nothing");
    dzr__arena_fini(&arena);
}

static void a_message_that_is_no_schema_is_refused(void **state)
{
    (void)state;
    dzr_error err;
    uint8_t bytes[1024];
    const size_t len = message(bytes, sizeof bytes);
    const size_t root = 8 + dzr__load_u32(bytes + 8), vtable = root - dzr__load_u32(bytes + root);
    uint16_t slot = 0;
    memcpy(&slot, bytes + vtable + 4 + 2, sizeof slot); /* header_type */
    assert_int_equal(bytes[root + slot], 1);
    bytes[root + slot] = 3; /* a record batch */
    assert_fails(read_message(bytes, len, &err), DZR_ERR_CORRUPT, "a message that is no schema");
}

static void a_nest_too_deep_is_refused(void **state)
{
    (void)state;
    enum { DEEP = DZR_MAX_DEPTH + 1 };
    dzr_error err;
    struct ArrowSchema lists[DEEP], *below[DEEP], tree;
    for (int i = 0; i < DEEP; i++) {
        below[i] = &lists[i];
        lists[i] = leaf(i + 1 < DEEP ? "+l" : "i");
        if (i + 1 < DEEP) {
            lists[i].children = &below[i + 1];
            lists[i].n_children = 1;
        }
    }
    dzr_arena arena;
    assert_fails(round_trip(&lists[0], NULL, &arena, &tree, &err), DZR_ERR_LIMIT, "nested deeper than 64");
    dzr__arena_fini(&arena);
    assert_ok(round_trip(&lists[1], NULL, &arena, &tree, &err));
    dzr__arena_fini(&arena);
}

/* Tables may be shared: fields whose children are all the same two grow without end from a few bytes. */
static void fields_that_share_their_children_meet_the_ceiling(void **state)
{
    (void)state;
    enum { LEVELS = 60, FIELD = 24 };
    uint8_t bytes[4096] = {0};
    uint8_t *const at = bytes + 8; /* the flatbuffer */
    const uint16_t field_vtable[] = {4 + 2 * 6, 8, 0, 0, 0, 0, 0, 4}, schema_vtable[] = {8, 8, 0, 4},
                   root_vtable[] = {10, 12, 0, 8, 4};
    memcpy(at + 8, root_vtable, sizeof root_vtable);
    memcpy(at + 24, schema_vtable, sizeof schema_vtable);
    memcpy(at + 32, field_vtable, sizeof field_vtable);
    dzr__store_u32(at, 48); /* the root */
    dzr__store_u32(at + 48, 48 - 8);
    dzr__store_u32(at + 52, 60 - 52);
    at[56] = 1; /* a schema */
    dzr__store_u32(at + 60, 60 - 24);
    dzr__store_u32(at + 64, 68 - 64);
    size_t here = 68;
    for (int i = 0; i < LEVELS; i++) { /* a vector of two, both the field behind it, whose children come next */
        dzr__store_u32(at + here, 2);
        dzr__store_u32(at + here + 4, 8);
        dzr__store_u32(at + here + 8, 4);
        dzr__store_u32(at + here + 12, (uint32_t)(here + 12 - 32));
        dzr__store_u32(at + here + 16, 4);
        here += 20;
    }
    dzr__store_u32(at + here, 0); /* the last has none */
    here += 4;
    dzr__store_u32(bytes, UINT32_MAX);
    dzr__store_u32(bytes + 4, (uint32_t)here);
    dzr_error err;
    assert_fails(read_message(bytes, 8 + here, &err), DZR_ERR_LIMIT, "needs more than the 1048576 bytes allowed");
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    static const char notes[] = "\1\0\0\0\1\0\0\0k\1\0\0\0v";
    bool reached = true;
    for (int64_t n = 1; reached; n++) {
        dzr_error err;
        dzr_arena arena;
        alloc_nth nth;
        alloc_nth_init(&nth, n);
        struct ArrowSchema values = leaf("tsu:Europe/Berlin"), field = leaf("i"), tree;
        field.dictionary = &values;
        field.metadata = notes;
        const dzr_status st = round_trip(&field, &nth.allocator, &arena, &tree, &err);
        dzr__arena_fini(&arena);
        reached = nth.n_requests >= n;
        assert_int_equal(st, reached ? DZR_ERR_NOMEM : DZR_OK);
        assert_int_equal(nth.n_out, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(what_pyarrow_wrote_is_read),
            cmocka_unit_test(every_format_string_comes_back),
            cmocka_unit_test(flags_dictionaries_and_notes_come_back),
            cmocka_unit_test(metadata_of_the_schema_comes_back),
            cmocka_unit_test(formats_that_there_are_not_are_not_written),
            cmocka_unit_test(a_message_cut_anywhere_is_an_error),
            cmocka_unit_test(a_message_shortened_with_its_length_never_reads_past_it),
            cmocka_unit_test(any_changed_byte_is_read_or_refused),
            cmocka_unit_test(no_base64_is_an_error),
            cmocka_unit_test(a_message_that_is_no_schema_is_refused),
            cmocka_unit_test(a_nest_too_deep_is_refused),
            cmocka_unit_test(fields_that_share_their_children_meet_the_ceiling),
            cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
