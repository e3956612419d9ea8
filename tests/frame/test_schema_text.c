/* tests/frame/test_schema_text.c - schemas from text and back: what is taken, what it prints as, what is refused,
 * where. */
#include "alloc_nth.h"

#include <datarizer/schema_text.h>

#include <stdio.h>
#include <stdlib.h>

static dzr_bytes text_of(const char *text)
{
    return (dzr_bytes){(const uint8_t *)text, strlen(text)};
}

/* ---- what is taken ---- */

static const struct {
    const char *text, *printed;
} taken[] = {
        {"", ""},
        {" \n\t# nothing\n", ""},
        {"a int64", "a int64\n"},
        {"a int64,", "a int64\n"},
        {"a: INT64 Not Null , b:string", "a int64 not null,\nb string\n"},
        {"a int8, a uint8", "a int8,\na uint8\n"},
        {"not bool not null, null null, string string", "not bool not null,\nnull null,\nstring string\n"},
        {"\xc3\xa9t\xc3\xa9_1 double, \"1\" float, \"\" half",
                "\xc3\xa9t\xc3\xa9_1 double,\n\"1\" float,\n\"\" half\n"},
        {"\"a \"\"b\"\"\n\" uuid, \"plain\" binary", "\"a \"\"b\"\"\n\" uuid,\nplain binary\n"},
        {"p decimal(12,2), q decimal(5), r decimal(76, 76), w fixed(1048576)",
                "p decimal(12, 2),\nq decimal(5, 0),\nr decimal(76, 76),\nw fixed(1048576)\n"},
        {"a timestamp[ms], b timestamp[us,utc], c timestamp[NS, UTC]",
                "a timestamp[ms],\nb timestamp[us, UTC],\nc timestamp[ns, UTC]\n"},
        {"a timestamp[us, Europe/Berlin], b timestamp[us, +02:00] not null, c timestamp[us, \"a zone\"]",
                "a timestamp[us, Europe/Berlin],\nb timestamp[us, +02:00] not null,\nc timestamp[us, \"a zone\"]\n"},
        {"a time[ms], b time[us, UTC], c duration[ns], d date",
                "a time[ms],\nb time[us, UTC],\nc duration[ns],\nd date\n"},
        {"a list<string>, b list<string not null> not null, c list<item: list<int32>>",
                "a list<string>,\nb list<string not null> not null,\nc list<item: list<int32>>\n"},
        {"a list<element: string>, b list<\"x y\": string>", "a list<string>,\nb list<\"x y\": string>\n"},
        {"a struct<>, b struct<x int32, y struct<z string not null>,>",
                "a struct<>,\nb struct<x int32, y struct<z string not null>>\n"},
        {"a map<string, int64 not null>, b map<string not null, list<int8>>, c map<k: date, v: date>",
                "a map<string, int64 not null>,\nb map<string, list<int8>>,\nc map<k: date, v: date>\n"},
        {"a map<entries: struct<key string not null, value int32>>, b map<struct<k int8, v int8>>",
                "a map<entries: struct<key string not null, value int32>>,\nb map<k: int8, v: int8>\n"},
        {"a dictionary<string>, b dictionary<colors: int32 not null>",
                "a dictionary<string>,\nb dictionary<colors: int32>\n"},
};

static void each_text_prints_as_one_that_makes_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
        dzr_error err;
        dzr_schema *schema = NULL, *again = NULL;
        char *printed = NULL;
        assert_ok(dzr_schema_parse(text_of(taken[i].text), NULL, &schema, &err));
        assert_ok(dzr_schema_print(schema, NULL, &printed, &err));
        assert_string_equal(printed, taken[i].printed);
        assert_ok(dzr_schema_parse(text_of(printed), NULL, &again, &err));
        assert_true(dzr_schema_equal(schema, again));
        dzr_release(NULL, printed);
        dzr_schema_free(schema);
        dzr_schema_free(again);
    }
}

static void a_zone_is_kept_and_utc_is_none(void **state)
{
    (void)state;
    dzr_error err;
    dzr_schema *schema = NULL;
    assert_ok(dzr_schema_parse(
            text_of("a timestamp[us, UTC], b timestamp[us, -03:30], c timestamp[us]"), NULL, &schema, &err));
    assert_true(dzr_schema_field(schema, 0)->type.utc);
    assert_null(dzr_schema_field(schema, 0)->zone);
    assert_true(dzr_schema_field(schema, 1)->type.utc);
    assert_string_equal(dzr_schema_field(schema, 1)->zone, "-03:30");
    assert_false(dzr_schema_field(schema, 2)->type.utc);
    dzr_schema_free(schema);
}

static void a_type_prints_without_its_field(void **state)
{
    (void)state;
    dzr_error err;
    dzr_schema *schema = NULL;
    char *printed = NULL;
    assert_ok(dzr_schema_parse(text_of("a list<struct<x int8 not null>> not null"), NULL, &schema, &err));
    assert_ok(dzr_field_print_type(dzr_schema_field(schema, 0), NULL, &printed, &err));
    assert_string_equal(printed, "list<struct<x int8 not null>>");
    dzr_release(NULL, printed);
    dzr_schema_free(schema);
}

static void types_have_names_with_dots(void **state)
{
    (void)state;
    dzr_error err;
    dzr_schema *types = NULL;
    assert_ok(dzr_types_parse(text_of("id=int32, a.\"b c\".d = list<date> not null,"), NULL, &types, &err));
    assert_int_equal(dzr_schema_n_fields(types), 2);
    assert_string_equal(dzr_schema_field(types, 0)->name, "id");
    assert_true(dzr_schema_field(types, 0)->nullable);
    assert_string_equal(dzr_schema_field(types, 1)->name, "a.b c.d");
    assert_int_equal(dzr_schema_field(types, 1)->type.id, DZR_TYPE_LIST);
    assert_false(dzr_schema_field(types, 1)->nullable);
    dzr_schema_free(types);
}

/* ---- what is refused ---- */

static const struct {
    const char *text;
    int64_t offset;
    const char *message;
} refused[] = {
        {"a", 1,
                "column 2: expected a type (bool, int8, int16, int32, int64, uint8, uint16, uint32, uint64, half, "
                "float, "
                "double, string, binary, date, timestamp, time, duration, decimal, fixed, uuid, null, struct, list, "
                "map, "
                "dictionary), and the text ends here"},
        {"id varchar", 3, "column 4: expected a type (bool"},
        {"id varchar", 3, "dictionary), found \"varchar\""},
        {"\xc3\xa9 int8 int8", 8, "column 8: expected a comma or the end, found \"int8\""},
        {"a int8,\n  b int99", 12, "line 2, column 5: expected a type (bool"},
        {"a int8 not", 10, "column 11: expected null behind not, and the text ends here"},
        {"a null not null", 7, "column 8: a column of type null has nothing else, and can't be not null"},
        {", a int8", 0, "column 1: expected a column's name, found \",\""},
        {"a int8,, b int8", 7, "column 8: expected a column's name, found \",\""},
        {"1a int8", 0, "column 1: a name that begins with a digit stands in double quotes"},
        {"a-b int8", 1, "column 2: '-' means nothing here; a name with it stands in double quotes"},
        {"a \"int8\"", 2, "found \"int8\""},
        {"\"a int8", 0, "column 1: the name in double quotes that begins here has no end"},
        {"\"a\"\" int8", 0, "column 1: the name in double quotes that begins here has no end"},
        {"a decimal", 9,
                "column 10: expected ( with the digits in all and those after the point, and the text ends here"},
        {"a decimal(77)", 10, "column 11: expected a number of digits of 1 to 76, found 77"},
        {"a decimal(0)", 10, "column 11: expected a number of digits of 1 to 76, found 0"},
        {"a decimal(5, 6)", 13, "column 14: expected a number of digits after the point of 0 to 5, found 6"},
        {"a decimal(99999999999999999999)", 10, "found 99999999999999999999"},
        {"a fixed(0)", 8, "column 9: expected a number of bytes of 1 to 1048576, found 0"},
        {"a timestamp", 11, "column 12: expected a unit: [ms], [us] or [ns], and the text ends here"},
        {"a timestamp[s]", 12, "column 13: expected ms, us or ns, found \"s\""},
        {"a timestamp[us, ]", 16, "column 17: expected UTC or a time zone, found \"]\""},
        {"a timestamp[us, \"\"]", 16, "column 17: expected a time zone, found \"\""},
        {"a time[us, Europe/Berlin]", 11, "column 12: expected UTC, found \"Europe/Berlin\""},
        {"a duration[us, UTC]", 13, "column 14: expected ], found \",\""},
        {"a list", 6, "column 7: expected < with what is in it, and the text ends here"},
        {"a list<string, string>", 13, "column 14: expected > at the end of the list, found \",\""},
        {"a struct<x int8", 15, "column 16: expected a comma or >, and the text ends here"},
        {"a map<string>", 6, "column 7: a map has two types, of its keys and its values, or a struct of two fields"},
        {"a map<struct<x int8>>", 6, "column 7: a map has two types"},
};

static void errors_say_the_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        dzr_error err;
        dzr_schema *schema = NULL;
        assert_fails(
                dzr_schema_parse(text_of(refused[i].text), NULL, &schema, &err), DZR_ERR_SYNTAX, refused[i].message);
        assert_null(schema);
        assert_int_equal(err.offset, refused[i].offset);
    }
}

static const struct {
    const char *text, *message;
} refused_types[] = {
        {"", "column 1: expected a column's name, and the text ends here"},
        {"id", "column 3: expected = and a type, and the text ends here"},
        {"id int32", "column 4: expected = and a type, found \"int32\""},
        {"id=int32,id=int64", "column 10: id has a type already"},
        {"a.b=int32,\"a.b\"=int64", "column 11: a.b has a type already"},
        {"a.=int32", "column 3: expected a name behind the dot, found \"=\""},
        {"a=int32;", "column 8: ';' means nothing here; a name with it stands in double quotes"},
};

static void errors_in_types_say_the_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused_types / sizeof *refused_types; i++) {
        dzr_error err;
        dzr_schema *types = NULL;
        assert_int_equal(dzr_types_parse(text_of(refused_types[i].text), NULL, &types, &err), DZR_ERR_SYNTAX);
        assert_string_equal(err.message, refused_types[i].message);
    }
}

static void a_zero_byte_and_text_that_is_not_utf8_are_refused(void **state)
{
    (void)state;
    dzr_error err;
    dzr_schema *schema = NULL;
    assert_int_equal(
            dzr_schema_parse((dzr_bytes){(const uint8_t *)"a\0 int8", 7}, NULL, &schema, &err), DZR_ERR_SYNTAX);
    assert_string_equal(err.message, "column 2: byte 0x00 means nothing here");
    assert_int_equal(
            dzr_schema_parse((dzr_bytes){(const uint8_t *)"\"a\0\" int8", 9}, NULL, &schema, &err), DZR_ERR_SYNTAX);
    assert_string_equal(err.message, "column 3: a name can't have U+0000 in it");
    assert_int_equal(dzr_schema_parse(text_of("\xff int8"), NULL, &schema, &err), DZR_ERR_ARG);
    assert_non_null(strstr(err.message, "not UTF-8"));
}

/* opening * n, middle, closing * n */
static char *nested(const char *opening, const char *middle, const char *closing, size_t n)
{
    char *const text = calloc(n * (strlen(opening) + strlen(closing)) + strlen(middle) + 8, 1);
    assert_non_null(text);
    char *at = stpcpy(text, "a ");
    for (size_t i = 0; i < n; i++)
        at = stpcpy(at, opening);
    at = stpcpy(at, middle);
    for (size_t i = 0; i < n; i++)
        at = stpcpy(at, closing);
    return text;
}

static void depth_and_columns_have_limits(void **state)
{
    (void)state;
    static const char *const openings[] = {"list<", "struct<a ", "map<int8, ", "dictionary<"};
    for (size_t i = 0; i < 4; i++) {
        dzr_error err;
        dzr_schema *schema = NULL;
        char *const text = nested(openings[i], "int8", ">", 100000);
        assert_fails(dzr_schema_parse(text_of(text), NULL, &schema, &err), DZR_ERR_LIMIT, "nested deeper than 64");
        free(text);
    }
    dzr_error err;
    dzr_schema *schema = NULL;
    char *text = nested("list<", "int8", ">", 63);
    assert_ok(dzr_schema_parse(text_of(text), NULL, &schema, &err));
    dzr_schema_free(schema);
    free(text);
    text = nested("int8, a ", "int8", "", 100000);
    assert_fails(dzr_schema_parse(text_of(text), NULL, &schema, &err), DZR_ERR_LIMIT, "more columns than 100000");
    free(text);
    text = nested("int8, a ", "int8", "", 99999);
    assert_ok(dzr_schema_parse(text_of(text), NULL, &schema, &err));
    assert_int_equal(dzr_schema_n_fields(schema), 100000);
    dzr_schema_free(schema);
    free(text);
}

static dzr_status parse_and_print(const dzr_allocator *alloc, void *ctx, dzr_error *err)
{
    (void)ctx;
    dzr_schema *schema = NULL;
    char *printed = NULL;
    dzr_status st = dzr_schema_parse(
            text_of("a map<string, list<item: int8>>, b struct<x decimal(5), y timestamp[us, Europe/Berlin]> not null"),
            alloc, &schema, err);
    if (st == DZR_OK)
        st = dzr_schema_print(schema, alloc, &printed, err);
    dzr_release(alloc, printed);
    dzr_schema_free(schema);
    return st;
}

static void each_request_for_memory_may_fail(void **state)
{
    (void)state;
    assert_true(every_request_fails(parse_and_print, NULL) > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(each_text_prints_as_one_that_makes_the_same),
            cmocka_unit_test(a_zone_is_kept_and_utc_is_none),
            cmocka_unit_test(a_type_prints_without_its_field),
            cmocka_unit_test(types_have_names_with_dots),
            cmocka_unit_test(errors_say_the_place),
            cmocka_unit_test(errors_in_types_say_the_place),
            cmocka_unit_test(a_zero_byte_and_text_that_is_not_utf8_are_refused),
            cmocka_unit_test(depth_and_columns_have_limits),
            cmocka_unit_test(each_request_for_memory_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
