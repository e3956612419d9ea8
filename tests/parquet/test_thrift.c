/* tests/parquet/test_thrift.c - the compact protocol: both ways over a shape with every kind, and over hostile bytes.
 */
#include "support.h"

#include "parquet/thrift/thrift.h"

typedef struct inner {
    uint32_t has;
    int32_t number;
    int64_t more;
} inner;

typedef struct thing {
    uint32_t has;
    bool yes, no;
    int8_t small;
    int16_t medium;
    int32_t number;
    int64_t large;
    dzr_bytes text;
    inner one;
    DZR_LIST(int32_t) numbers;
    DZR_LIST(bool) bits;
    DZR_LIST(inner) many;
    DZR_LIST(dzr_bytes) texts;
    int32_t far;
} thing;

static const dzr_thrift_field inner_fields[] = {
        {.name = "number", .id = 1, .required = true, .kind = DZR_THRIFT_I32, .at = offsetof(inner, number)},
        {.name = "more", .id = 2, .kind = DZR_THRIFT_I64, .at = offsetof(inner, more)},
};
static const dzr_thrift_shape inner_shape = {"Inner", inner_fields, 2, sizeof(inner)};

static const dzr_thrift_field thing_fields[] = {
        {.name = "yes", .id = 1, .kind = DZR_THRIFT_BOOL, .at = offsetof(thing, yes)},
        {.name = "no", .id = 2, .kind = DZR_THRIFT_BOOL, .at = offsetof(thing, no)},
        {.name = "small", .id = 3, .kind = DZR_THRIFT_I8, .at = offsetof(thing, small)},
        {.name = "medium", .id = 4, .kind = DZR_THRIFT_I16, .at = offsetof(thing, medium)},
        {.name = "number", .id = 5, .kind = DZR_THRIFT_I32, .at = offsetof(thing, number)},
        {.name = "large", .id = 6, .kind = DZR_THRIFT_I64, .at = offsetof(thing, large)},
        {.name = "text", .id = 7, .kind = DZR_THRIFT_BYTES, .at = offsetof(thing, text)},
        {.name = "one", .id = 8, .kind = DZR_THRIFT_STRUCT, .at = offsetof(thing, one), .shape = &inner_shape},
        {.name = "numbers", .id = 9, .kind = DZR_THRIFT_LIST, .of = DZR_THRIFT_I32, .at = offsetof(thing, numbers)},
        {.name = "bits", .id = 10, .kind = DZR_THRIFT_LIST, .of = DZR_THRIFT_BOOL, .at = offsetof(thing, bits)},
        {.name = "many",
                .id = 11,
                .kind = DZR_THRIFT_LIST,
                .of = DZR_THRIFT_STRUCT,
                .at = offsetof(thing, many),
                .shape = &inner_shape},
        {.name = "texts", .id = 12, .kind = DZR_THRIFT_LIST, .of = DZR_THRIFT_BYTES, .at = offsetof(thing, texts)},
        {.name = "there", .id = 13, .kind = DZR_THRIFT_EMPTY},
        {.name = "far", .id = 31, .kind = DZR_THRIFT_I32, .at = offsetof(thing, far)},
};
static const dzr_thrift_shape thing_shape = {
        "Thing", thing_fields, sizeof thing_fields / sizeof *thing_fields, sizeof(thing)};

static dzr_bytes text(const char *from)
{
    return (dzr_bytes){(const uint8_t *)from, strlen(from)};
}

static void every_kind_comes_back_as_it_went(void **state)
{
    (void)state;
    dzr_error err;
    int32_t numbers[20] = {INT32_MIN, INT32_MAX, 0, -1, 1};
    bool bits[3] = {true, false, true};
    inner many[2] = {{.number = 1}, {.has = 1u << 2, .number = 2, .more = INT64_MIN}};
    dzr_bytes texts[2] = {text(""), text("b")};
    const thing in = {
            .has = 0x80003ffe,
            .yes = true,
            .small = -128,
            .medium = INT16_MIN,
            .number = INT32_MIN,
            .large = INT64_MAX,
            .text = text("hello"),
            .one = {.number = 7},
            .numbers = {numbers, 20},
            .bits = {bits, 3},
            .many = {many, 2},
            .texts = {texts, 2},
            .far = -5,
    };
    dzr_bytebuf wire = {0};
    assert_ok(dzr__thrift_write(&wire, &thing_shape, &in, &err));

    dzr_arena arena;
    dzr__arena_init(&arena, NULL, 0);
    thing out;
    dzr_cursor c = dzr__cursor(wire.at, wire.len);
    assert_ok(dzr__thrift_read(&c, &thing_shape, &out, &arena, &err));
    assert_int_equal(dzr__cursor_left(&c), 0);
    assert_int_equal(out.has, 0x80003ffe);
    assert_true(out.yes && !out.no && out.small == -128 && out.medium == INT16_MIN && out.number == INT32_MIN);
    assert_true(out.large == INT64_MAX && out.far == -5 && out.one.number == 7);
    assert_int_equal(out.text.len, 5);
    assert_memory_equal(out.text.at, "hello", 5);
    assert_int_equal(out.numbers.n, 20);
    assert_memory_equal(out.numbers.at, numbers, sizeof numbers);
    assert_int_equal(out.bits.n, 3);
    assert_memory_equal(out.bits.at, bits, sizeof bits);
    assert_int_equal(out.many.n, 2);
    assert_true(!DZR_HAS(&out.many.at[0], 2) && out.many.at[1].more == INT64_MIN);
    assert_true(out.texts.n == 2 && out.texts.at[0].len == 0 && out.texts.at[1].at[0] == 'b');

    dzr_bytebuf again = {0};
    assert_ok(dzr__thrift_write(&again, &thing_shape, &out, &err));
    assert_int_equal(again.len, wire.len);
    assert_memory_equal(again.at, wire.at, wire.len);

    for (size_t n = 0; n < wire.len; n++) { /* a struct cut anywhere lacks at least its end */
        c = dzr__cursor(wire.at, n);
        const dzr_status st = dzr__thrift_read(&c, &thing_shape, &out, &arena, &err);
        assert_string_equal(dzr_status_name(st), "DZR_ERR_TRUNCATED");
    }
    dzr__bytebuf_fini(&wire);
    dzr__bytebuf_fini(&again);
    dzr__arena_fini(&arena);
}

/* 0xN? is a field whose id is N past the last one's; the second digit is its type. */
static const struct {
    const char *proves;
    uint8_t in[24];
    size_t len;
    dzr_status want;
    const char *part;
} cases[] = {
        {"a_struct_without_fields", {0}, 1, DZR_OK, ""},
        {"no_bytes", {0}, 0, DZR_ERR_TRUNCATED, "1 bytes expected at byte 0"},
        {"an_id_in_full_after_delta_0", {0x05, 0x0a, 0x02, 0}, 4, DZR_OK, ""},
        {"an_id_in_full_may_go_back", {0x55, 2, 0x01, 0x02, 0}, 5, DZR_OK, ""},
        {"a_negative_id_is_unknown", {0x05, 0x01, 0x02, 0}, 4, DZR_OK, ""},
        {"an_id_past_the_bits_of_has_is_unknown", {0x05, 0x80, 0x01, 0x02, 0}, 5, DZR_OK, ""},
        {"an_id_of_more_than_16_bits", {0x05, 0xff, 0xff, 0xff, 0x0f, 0x02, 0}, 7, DZR_ERR_CORRUPT, "too wide"},
        {"type_0_with_a_delta", {0x10, 0}, 2, DZR_ERR_CORRUPT, "a field of unknown type"},
        {"type_14", {0x1e, 0}, 2, DZR_ERR_CORRUPT, "a field of unknown type"},
        {"an_optional_field_of_another_type_is_unknown", {0x55, 2, 0x15, 2, 0}, 5, DZR_OK, ""},
        {"a_required_field_of_another_type", {0x8c, 0x16, 2, 0, 0}, 5, DZR_ERR_CORRUPT,
                "Thing.one: Inner.number: another type"},
        {"a_32_bit_number_of_33_bits", {0x55, 0x80, 0x80, 0x80, 0x80, 0x10, 0}, 7, DZR_ERR_CORRUPT,
                "Thing.number: a number too wide"},
        {"a_16_bit_number_of_17_bits", {0x44, 0x80, 0x80, 0x04, 0}, 5, DZR_ERR_CORRUPT, "Thing.medium: "},
        {"a_varint_without_end", {0x66, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128}, 12, DZR_ERR_CORRUPT,
                "Thing.large: varint"},
        {"bytes_longer_than_what_is_left", {0x78, 5, 'a', 'b'}, 4, DZR_ERR_TRUNCATED, "Thing.text: 5 bytes expected"},
        {"bytes_of_2_to_the_63", {0x78, 128, 128, 128, 128, 128, 128, 128, 128, 128, 1, 'a'}, 12, DZR_ERR_TRUNCATED,
                "Thing.text: "},
        {"a_required_field_of_an_inner_struct_missing", {0x8c, 0x26, 2, 0, 0}, 5, DZR_ERR_CORRUPT,
                "Thing.one: Inner.number: missing"},
        {"an_empty_list_with_type", {0x99, 0x05, 0}, 3, DZR_OK, ""},
        {"an_empty_list_as_a_bare_0", {0x99, 0x00, 0}, 3, DZR_OK, ""},
        {"a_list_of_type_0", {0x99, 0x10, 1, 0}, 4, DZR_ERR_CORRUPT, "Thing.numbers: a list of unknown type"},
        {"a_list_of_another_type", {0x99, 0x18, 0, 0}, 4, DZR_ERR_CORRUPT, "Thing.numbers: a list of another type"},
        {"a_list_of_2_to_the_31_in_5_bytes", {0x99, 0xf5, 0xff, 0xff, 0xff, 0xff, 0x07, 0, 0, 0, 0, 0}, 12,
                DZR_ERR_TRUNCATED, "a list of 2147483647 elements at byte 7, where 5 bytes are left"},
        {"a_list_of_2_to_the_64_less_1", {0x99, 0xfc, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0},
                13, DZR_ERR_TRUNCATED, "a list of 18446744073709551615 elements"},
        {"a_count_in_full_that_would_fit_its_nibble", {0x99, 0xf5, 0x01, 0x02, 0}, 5, DZR_OK, ""},
        {"bools_in_a_list_as_0_1_2_of_type_1", {0xa9, 0x31, 0, 1, 2, 0}, 6, DZR_OK, ""},
        {"bools_in_a_list_as_0_1_2_of_type_2", {0xa9, 0x32, 0, 1, 2, 0}, 6, DZR_OK, ""},
        {"an_unknown_field_of_each_type",
                {0x05, 0x28, 1, 0x11, 0x12, 0x13, 9, 0x14, 2, 0x18, 1, 'x', 0x19, 0x11, 1, 0x1a, 0x23, 1, 2, 0x1c, 0,
                        0x1b, 0, 0},
                24, DZR_OK, ""},
        {"an_unknown_map", {0x05, 0x28, 1, 0x1b, 2, 0x58, 1, 1, 'a', 2, 0, 0}, 12, DZR_OK, ""},
        {"an_unknown_map_of_many", {0x05, 0x28, 1, 0x1b, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x11, 1, 1}, 12,
                DZR_ERR_TRUNCATED, "1 bytes expected"},
        {"an_unknown_double_and_uuid", {0x05, 0x28, 1, 0x17, 1, 2, 3, 4, 5, 6, 7, 8, 0}, 13, DZR_OK, ""},
        {"an_unknown_double_cut", {0x05, 0x28, 1, 0x17, 1, 2, 3, 4, 5, 6, 7}, 11, DZR_ERR_TRUNCATED,
                "8 bytes expected"},
        {"a_map_of_values_of_type_0", {0x05, 0x28, 1, 0x1b, 1, 0x10, 1, 1, 0}, 9, DZR_ERR_CORRUPT,
                "a value of unknown type"},
};

static void hostile_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dzr_error err = {.message = ""};
        dzr_arena arena;
        dzr__arena_init(&arena, NULL, 1 << 16);
        thing out;
        dzr_cursor c = dzr__cursor(cases[i].in, cases[i].len);
        const dzr_status st = dzr__thrift_read(&c, &thing_shape, &out, &arena, &err);
        if (st != cases[i].want || strstr(err.message, cases[i].part) == NULL)
            fail_msg("%s: %s \"%s\"", cases[i].proves, dzr_status_name(st), err.message);
        if (st == DZR_OK && dzr__cursor_left(&c) != 0)
            fail_msg("%s: %zu bytes are left", cases[i].proves, dzr__cursor_left(&c));
        dzr__arena_fini(&arena);
    }
}

static void only_1_is_true_in_a_list_of_bools(void **state)
{
    (void)state;
    dzr_error err;
    dzr_arena arena;
    dzr__arena_init(&arena, NULL, 0);
    thing out;
    const uint8_t in[] = {0xa9, 0x42, 0, 1, 2, 1, 0};
    dzr_cursor c = dzr__cursor(in, sizeof in);
    assert_ok(dzr__thrift_read(&c, &thing_shape, &out, &arena, &err));
    assert_int_equal(out.bits.n, 4);
    assert_true(!out.bits.at[0] && out.bits.at[1] && !out.bits.at[2] && out.bits.at[3]);
    dzr__arena_fini(&arena);
}

/* Unknown field 20, `step` again and again: structs in structs, lists in lists, maps in maps. */
static void nesting_ends_at_64(void **state)
{
    (void)state;
    static const uint8_t steps[][3] = {{0x1c}, {0x19}, {1, 0xbb}};
    static const uint8_t firsts[] = {0x0c, 0x09, 0x0b};
    static const size_t lens[] = {1, 1, 2};
    for (size_t k = 0; k < 3; k++) {
        uint8_t in[1000] = {firsts[k], 0x28};
        size_t len = 2;
        while (len + 2 < sizeof in) {
            memcpy(in + len, steps[k], lens[k]);
            len += lens[k];
        }
        dzr_error err;
        thing out;
        dzr_cursor c = dzr__cursor(in, len);
        assert_fails(dzr__thrift_read(&c, &thing_shape, &out, NULL, &err), DZR_ERR_CORRUPT, "deeper than 64");
        assert_true(err.offset > 60 && err.offset < 300);
    }
    uint8_t fits[200] = {0x0c, 0x28};
    memset(fits + 2, 0x1c, 62); /* and 63 ends, and the outermost one */
    dzr_error err;
    thing out;
    dzr_cursor c = dzr__cursor(fits, 2 + 62 + 63 + 1);
    assert_ok(dzr__thrift_read(&c, &thing_shape, &out, NULL, &err));
    assert_int_equal(dzr__cursor_left(&c), 0);
}

static void a_list_may_take_no_more_than_the_arena_allows(void **state)
{
    (void)state;
    dzr_error err;
    dzr_arena arena;
    dzr__arena_init(&arena, NULL, 1000);
    static uint8_t in[3000] = {0xb9, 0xfc, 0xd0, 0x0f}; /* 2000 structs */
    thing out;
    dzr_cursor c = dzr__cursor(in, sizeof in);
    assert_fails(dzr__thrift_read(&c, &thing_shape, &out, &arena, &err), DZR_ERR_LIMIT, "Thing.many: needs more");
    dzr__arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_kind_comes_back_as_it_went),
            cmocka_unit_test(hostile_table),
            cmocka_unit_test(only_1_is_true_in_a_list_of_bools),
            cmocka_unit_test(nesting_ends_at_64),
            cmocka_unit_test(a_list_may_take_no_more_than_the_arena_allows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
