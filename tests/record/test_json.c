/* tests/record/test_json.c - one text into one struct where the recorded cases and Go (test_go.py) have nothing to say:
 * dates and times, what repeats, what is left beside an error, and texts made to hurt. */
#include "support.h"

#include <datarizer/record.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct point {
    int32_t x, y;
    bool has_y;
} point;
static const dzr_record_field point_fields[] = {
        DZR_FIELD(point, x, DZR_INT32),
        DZR_OPTIONAL(point, y, has_y, DZR_INT32),
};
static const dzr_record_type point_type = DZR_RECORD(point, point_fields);

typedef struct thing {
    dzr_bytes s, raw;
    int32_t i, day;
    double d;
    int64_t ms, ns;
    int64_t number;
    point at, last;
    bool has_last;
    dzr_list points;
    dzr_record_info info;
} thing;
static const dzr_record_field a_point = DZR_ELEMENT(point, DZR_STRUCT(&point_type));
static const dzr_record_field thing_fields[] = {
        DZR_FIELD(thing, s, DZR_STRING),
        DZR_FIELD(thing, raw, DZR_BINARY),
        DZR_FIELD(thing, i, DZR_INT32),
        DZR_FIELD(thing, day, DZR_DATE),
        DZR_FIELD(thing, d, DZR_DOUBLE),
        DZR_FIELD(thing, ms, DZR_TIMESTAMP(DZR_UNIT_MS, true)),
        DZR_FIELD(thing, ns, DZR_TIMESTAMP(DZR_UNIT_NS, false)),
        DZR_FIELD(thing, number, DZR_TIMESTAMP(DZR_UNIT_US, true), .json_number = true),
        DZR_FIELD(thing, at, DZR_STRUCT(&point_type)),
        DZR_OPTIONAL(thing, last, has_last, DZR_STRUCT(&point_type)),
        DZR_FIELD(thing, points, DZR_LIST(&a_point)),
        DZR_RECORD_INFO(thing, info),
};
static const dzr_record_type thing_type = DZR_RECORD(thing, thing_fields);

static dzr_record_parser *new_parser(void)
{
    dzr_record_parser *parser = NULL;
    dzr_error err;
    assert_ok(dzr_record_parser_new(&thing_type, NULL, &parser, &err));
    return parser;
}

static dzr_status parse(dzr_record_parser *parser, const char *text, thing *out, dzr_error *err)
{
    return dzr_record_parse(parser, (dzr_bytes){(const uint8_t *)text, strlen(text)}, NULL, out, err);
}

/* `before`, then `middle` n times, then `after`, behind one byte that is no part of the text. */
static char *repeated(const char *before, const char *middle, size_t n, const char *after)
{
    const size_t len = strlen(before) + n * strlen(middle) + strlen(after);
    char *const text = malloc(len + 1);
    assert_non_null(text);
    char *to = stpcpy(text, before);
    for (size_t i = 0; i < n; i++)
        to = stpcpy(to, middle);
    strcpy(to, after);
    return text;
}

static void assert_zero(const thing *t)
{
    const thing zero = {.i = 0};
    assert_memory_equal(t, &zero, sizeof zero);
}

static void dates_and_times_are_texts_or_numbers(void **state)
{
    (void)state;
    dzr_record_parser *const parser = new_parser();
    dzr_error err;
    thing t;
    assert_ok(parse(parser,
            "{\"day\":\"2024-02-29\",\"ms\":\"1970-01-01T00:00:00.5+00:30\",\"ns\":\"1969-12-31T23:59:59.999999999\","
            "\"number\":-7}",
            &t, &err));
    assert_int_equal(t.day, 19782);
    assert_int_equal(t.ms, 500 - 1800 * 1000);
    assert_int_equal(t.ns, -1);
    assert_int_equal(t.number, -7);
    assert_ok(parse(parser, "{\"day\":-2147483648,\"ms\":9223372036854775807,\"ns\":0}", &t, &err));
    assert_int_equal(t.day, INT32_MIN);
    assert_int_equal(t.ms, INT64_MAX);
    static const struct {
        const char *text, *message;
    } refused[] = {
            {"{\"day\":\"2023-02-29\"}",
                    "cannot unmarshal string \"2023-02-29\" into Go struct field thing.day of type"},
            {"{\"day\":2147483648}", "cannot unmarshal number 2147483648 into Go struct field thing.day"},
            {"{\"ms\":1.5}", "cannot unmarshal number 1.5 into Go struct field thing.ms"},
            {"{\"ms\":\"2024-01-01\"}", "cannot unmarshal string \"2024-01-01\" into Go struct field thing.ms"},
            {"{\"ms\":\"2024-01-01T00:00:00.0005Z\"}", "into Go struct field thing.ms"},
            {"{\"ms\":true}", "cannot unmarshal bool into Go struct field thing.ms of type time.Time"},
            {"{\"number\":\"2024-01-01T00:00:00Z\"}",
                    "cannot unmarshal string into Go struct field thing.number of type int64"},
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        assert_fails(parse(parser, refused[i].text, &t, &err), DZR_ERR_TYPE, refused[i].message);
    dzr_record_parser_free(parser);
}

static void structs_that_repeat_are_filled_on_and_lists_begin_anew(void **state)
{
    (void)state;
    dzr_record_parser *const parser = new_parser();
    dzr_error err;
    thing t;
    assert_ok(parse(parser,
            "{\"at\":{\"x\":1},\"AT\":{\"y\":2},\"last\":{\"x\":1,\"y\":1},\"last\":null,\"last\":{\"y\":3},"
            "\"points\":[{\"x\":1,\"y\":1},{}],\"points\":[{\"x\":5},null]}",
            &t, &err));
    assert_int_equal(t.at.x, 1);
    assert_true(t.at.has_y && t.at.y == 2);
    assert_true(t.has_last && t.last.x == 0 && t.last.has_y && t.last.y == 3);
    assert_int_equal(t.points.n_items, 2);
    const point *const points = t.points.items;
    assert_true(points[0].x == 5 && !points[0].has_y && points[1].x == 0);
    assert_ok(parse(parser, "{\"points\":[{}],\"points\":null}", &t, &err));
    assert_int_equal(t.points.n_items, 0);
    dzr_record_parser_free(parser);
}

/* A first text teaches the parser an order of names; later ones come in others, with names left out or unknown. */
static void names_are_found_in_any_order(void **state)
{
    (void)state;
    static const char *const texts[] = {"{\"i\":1,\"d\":2,\"s\":\"3\"}", "{\"s\":\"3\",\"i\":1,\"d\":2}",
            "{\"no\":{\"i\":9},\"d\":2,\"S\":\"3\",\"\\u0069\":1}", "{\"i\":9,\"i\":1,\"s\":\"\",\"s\":\"3\",\"d\":2}"};
    dzr_record_parser *const parser = new_parser();
    dzr_error err;
    for (int i = 0; i < 16; i++) {
        thing t;
        assert_ok(parse(parser, texts[i % 4 ^ i / 4], &t, &err));
        assert_int_equal(t.i, 1);
        assert_true(t.d == 2.0 && t.s.len == 1 && t.s.at[0] == '3');
    }
    dzr_record_parser_free(parser);
}

static void a_syntax_error_goes_first_and_leaves_nothing(void **state)
{
    (void)state;
    dzr_record_parser *const parser = new_parser();
    dzr_error err;
    thing t;
    assert_fails(parse(parser, "{\"i\":\"x\",\"s\":\"a\",\"points\":[{\"x\":1},{\"x\":]}", &t, &err), DZR_ERR_SYNTAX,
            "failed to parse record: invalid character ']' looking for beginning of value");
    assert_int_equal(err.offset, 40);
    assert_zero(&t);
    assert_fails(parse(parser, "{\"i\":1}}", &t, &err), DZR_ERR_SYNTAX, "invalid character '}' after top-level value");
    assert_zero(&t);
    assert_fails(parse(parser, "{\"i\":1,\"s\":\"abc", &t, &err), DZR_ERR_TRUNCATED, "unexpected end of JSON input");
    assert_int_equal(err.offset, 15);
    assert_zero(&t);
    dzr_record_parser_free(parser);
}

static void the_first_misfit_is_told_and_the_others_do_no_harm(void **state)
{
    (void)state;
    dzr_record_parser *const parser = new_parser();
    dzr_error err;
    thing t;
    assert_fails(
            parse(parser,
                    "{\"points\":[{\"x\":1},{\"x\":3000000000,\"y\":true},7,{\"x\":4}],\"i\":\"no\",\"s\":\"yes\"}", &t,
                    &err),
            DZR_ERR_TYPE, "cannot unmarshal number 3000000000 into Go struct field point.points.x of type int32");
    assert_int_equal(t.points.n_items, 4);
    const point *const points = t.points.items;
    assert_true(points[0].x == 1 && points[1].x == 0 && points[2].x == 0 && points[3].x == 4);
    assert_int_equal(t.s.len, 3);
    dzr_record_parser_free(parser);
}

static void messages_are_utf8_and_keep_the_place(void **state)
{
    (void)state;
    dzr_record_parser *const parser = new_parser();
    dzr_error err;
    thing t;
    assert_fails(parse(parser, "{\"raw\":\"\xff\xc3\"}", &t, &err), DZR_ERR_TYPE,
            "cannot unmarshal string \"??\" into Go struct field thing.raw of type []uint8");
    char *const digits = repeated("{\"i\":1", "0", 100000, "}");
    assert_fails(parse(parser, digits, &t, &err), DZR_ERR_TYPE, "000... into Go struct field thing.i of type int32");
    free(digits);
    dzr_record_parser_free(parser);
}

static void numbers_of_any_length_are_rounded_once(void **state)
{
    (void)state;
    dzr_record_parser *const parser = new_parser();
    dzr_error err;
    thing t;
    char *text = repeated("{\"d\":0.", "0", 1000000, "123e1000001}");
    assert_ok(parse(parser, text, &t, &err));
    assert_true(t.d == 1.23);
    free(text);
    text = repeated("{\"d\":1", "0", 1000000, "e-1000000}");
    assert_ok(parse(parser, text, &t, &err));
    assert_true(t.d == 1.0);
    free(text);
    assert_ok(parse(parser, "{\"d\":1e-99999999999999999999}", &t, &err));
    assert_true(t.d == 0.0);
    assert_fails(parse(parser, "{\"d\":-1e99999999999999999999}", &t, &err), DZR_ERR_TYPE,
            "cannot unmarshal number -1e99999999999999999999 into Go struct field thing.d of type float64");
    dzr_record_parser_free(parser);
}

/* Wherever it stands: 10,000 containers are walked over, one more is refused. */
static void depth_has_a_limit(void **state)
{
    (void)state;
    static const struct {
        const char *before;
        size_t levels;
    } places[] = {{"", 0}, {"{\"no\":", 1}, {"{\"i\":", 1}, {"{\"points\":[", 2}, {"{\"points\":[{\"x\":", 3},
            {"{\"s\":{\"a\":", 2}};
    dzr_record_parser *const parser = new_parser();
    dzr_error err;
    thing t;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char *text = repeated(places[i].before, "[", 10001 - places[i].levels, "");
        assert_fails(parse(parser, text, &t, &err), DZR_ERR_LIMIT, "invalid character '[' exceeded max depth");
        assert_zero(&t);
        text[strlen(text) - 1] = '\0';
        assert_fails(parse(parser, text, &t, &err), DZR_ERR_TRUNCATED, "unexpected end of JSON input");
        free(text);
    }
    char *const nested = repeated("{\"no\":", "{\"a\":", 9999, "");
    assert_fails(parse(parser, nested, &t, &err), DZR_ERR_TRUNCATED, "unexpected end of JSON input");
    free(nested);
    dzr_record_parser_free(parser);
}

static void long_lists_and_strings_are_taken_whole(void **state)
{
    (void)state;
    enum { MANY = 1000000 };
    dzr_record_parser *const parser = new_parser();
    dzr_error err;
    thing t;
    char *text = repeated("{\"points\":[{\"x\":7}", ",{}", MANY - 1, "]}");
    assert_ok(parse(parser, text, &t, &err));
    assert_int_equal(t.points.n_items, MANY);
    assert_int_equal(((const point *)t.points.items)[0].x, 7);
    free(text);
    text = repeated("{\"s\":\"", "\\ud800\xff", MANY, "\",\"raw\":\"AAEC\"}");
    assert_ok(parse(parser, text, &t, &err));
    assert_int_equal(t.s.len, 6 * MANY);
    assert_memory_equal(t.s.at + 6 * (MANY - 1), "\xEF\xBF\xBD\xEF\xBF\xBD", 6);
    assert_int_equal(t.raw.len, 3);
    assert_memory_equal(t.raw.at, "\x00\x01\x02", 3);
    free(text);
    dzr_record_parser_free(parser);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(dates_and_times_are_texts_or_numbers),
            cmocka_unit_test(structs_that_repeat_are_filled_on_and_lists_begin_anew),
            cmocka_unit_test(names_are_found_in_any_order),
            cmocka_unit_test(a_syntax_error_goes_first_and_leaves_nothing),
            cmocka_unit_test(the_first_misfit_is_told_and_the_others_do_no_harm),
            cmocka_unit_test(messages_are_utf8_and_keep_the_place),
            cmocka_unit_test(numbers_of_any_length_are_rounded_once),
            cmocka_unit_test(depth_has_a_limit),
            cmocka_unit_test(long_lists_and_strings_are_taken_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
