/* tests/json/test_doc.c - one document by Python's rules: what is taken and printed back, what is refused where. */
#include "support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "alloc_nth.h"
#include "json/internal.h"

static dzr_bytes bytes_of(const char *s)
{
    return (dzr_bytes){(const uint8_t *)s, strlen(s)};
}

/* Parses text and gives what is printed back, to be freed. */
static char *parse_and_print(dzr_bytes text)
{
    dzr_error err;
    dzr_json_doc *doc = NULL;
    assert_ok(dzr_json_doc_open(text, NULL, &doc, NULL, &err));
    dzr_sink *sink = NULL;
    assert_ok(dzr_sink_memory(0x7fffffff, NULL, &sink, &err));
    assert_ok(dzr_json_value_print(dzr_json_doc_root(doc), sink, &err));
    const dzr_bytes printed = dzr_sink_memory_bytes(sink);
    char *const copy = malloc(printed.len + 1);
    assert_non_null(copy);
    memcpy(copy, printed.at, printed.len);
    copy[printed.len] = '\0';
    dzr_sink_close(sink);
    dzr_json_doc_close(doc);
    return copy;
}

static void assert_prints(dzr_bytes text, const char *want)
{
    char *const printed = parse_and_print(text);
    assert_string_equal(printed, want);
    free(printed);
}

static const struct {
    const char *proves, *text, *printed;
} accepted[] = {
        {"a_scalar_may_stand_alone", " 12 ", "12"},
        {"white_space_goes", "\t{ \"a\" :\r\n[ 1 , 2 ] }\n", "{\"a\":[1,2]}"},
        {"empty_containers", "[{},[],\"\"]", "[{},[],\"\"]"},
        {"words", "[null,true,false]", "[null,true,false]"},
        {"an_integer_of_any_length_stays_as_written", "-123456789012345678901234567890",
                "-123456789012345678901234567890"},
        {"minus_zero_is_the_integer_zero", "[-0,0]", "[0,0]"},
        {"a_float_stays_a_float", "[1.0,1e3,-0.0,1E5]", "[1.0,1000.0,-0.0,100000.0]"},
        {"python_prints_exponents_from_1e16_and_below_1e-4", "[1e15,1e16,0.0001,0.00001]",
                "[1000000000000000.0,1e+16,0.0001,1e-05]"},
        {"the_shortest_digits_that_read_back", "[0.1,0.30000000000000004,5e-324,1.7976931348623157e308]",
                "[0.1,0.30000000000000004,5e-324,1.7976931348623157e+308]"},
        {"too_small_is_zero", "[1e-400,-1e-400]", "[0.0,-0.0]"},
        {"what_is_not_finite_prints_as_null", "[NaN,Infinity,-Infinity,1e400,-1e400]", "[null,null,null,null,null]"},
        {"simple_escapes", "\"\\\" \\\\ \\/ \\b\\f\\n\\r\\t\"", "\"\\\" \\\\ / \\b\\f\\n\\r\\t\""},
        {"escapes_become_characters", "\"\\u00e9\\u4f8b\\ud83d\\ude00\\u007f\"",
                "\"\xc3\xa9\xe4\xbe\x8b\xf0\x9f\x98\x80\x7f\""},
        {"control_characters_stay_escaped", "\"\\u0000\\u001F\"", "\"\\u0000\\u001f\""},
        {"a_lone_surrogate_stays_escaped", "\"\\uD800x\\udfff\"", "\"\\ud800x\\udfff\""},
        {"a_high_surrogate_and_another_escape_do_not_join", "\"\\ud800\\u0041\"", "\"\\ud800A\""},
        {"encoded_surrogates_pass", "\"\xed\xa0\x80\"", "\"\\ud800\""},
        {"keys_are_case_sensitive", "{\"a\":1,\"A\":2}", "{\"a\":1,\"A\":2}"},
        {"a_repeated_key_keeps_its_place_and_takes_the_last_value", "{\"a\":1,\"b\":2,\"a\":[3]}",
                "{\"a\":[3],\"b\":2}"},
        {"an_escape_in_a_key_is_the_same_key", "{\"a\":1,\"\\u0061\":2}", "{\"a\":2}"},
        {"a_byte_order_mark_goes", "\xef\xbb\xbf[1]", "[1]"},
};

static void takes_what_python_takes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof accepted / sizeof *accepted; i++) {
        char *const printed = parse_and_print(bytes_of(accepted[i].text));
        if (strcmp(printed, accepted[i].printed) != 0)
            fail_msg("%s: %s", accepted[i].proves, printed);
        free(printed);
    }
}

static const struct {
    const char *text, *message;
    int64_t position, byte;
} refused[] = {
        {"", "Expecting value", 0, 0},
        {"   ", "Expecting value", 3, 3},
        {"}", "Expecting value", 0, 0},
        {"[", "Expecting value", 1, 1},
        {"[1,]", "Expecting value", 3, 3},
        {"[1 2]", "Expecting ',' delimiter", 3, 3},
        {"[1", "Expecting ',' delimiter", 2, 2},
        {"{", "Expecting property name enclosed in double quotes", 1, 1},
        {"{'a':1}", "Expecting property name enclosed in double quotes", 1, 1},
        {"{\"a\":1, }", "Expecting property name enclosed in double quotes", 8, 8},
        {"{\"a\" 1}", "Expecting ':' delimiter", 5, 5},
        {"{\"a\":}", "Expecting value", 5, 5},
        {"{} x", "Extra data", 3, 3},
        {"\"abc", "Unterminated string starting at", 0, 0},
        {"[\"a\\", "Unterminated string starting at", 1, 1},
        {"\"a\nb\"", "Invalid control character at", 2, 2},
        {"\"\\x41\"", "Invalid \\escape", 1, 1},
        {"\"\\u12G4\"", "Invalid \\uXXXX escape", 2, 2},
        {"\"\\u123\"", "Invalid \\uXXXX escape", 2, 2},
        {"\"\\ud83d\\uZZZZ \"", "Invalid \\uXXXX escape", 8, 8},
        {"01", "Extra data", 1, 1},
        {"+1", "Expecting value", 0, 0},
        {"-", "Expecting value", 0, 0},
        {"1.", "Extra data", 1, 1},
        {"1e+", "Extra data", 1, 1},
        {"nan", "Expecting value", 0, 0},
        {"-Infinit", "Expecting value", 0, 0},
        {"tru", "Expecting value", 0, 0},
        {"[\"\xc5\xbe\xf0\x9f\x90\x8e\" x", "Expecting ',' delimiter", 6, 10},
        {"\xef\xbb\xbf x", "Expecting value", 1, 1},
};

static void says_where_text_stops_being_json_as_python_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        dzr_error err;
        dzr_json_fault fault = {NULL, -1};
        dzr_json_doc *doc = NULL;
        assert_fails(dzr_json_doc_open(bytes_of(refused[i].text), NULL, &doc, &fault, &err), DZR_ERR_SYNTAX,
                refused[i].message);
        if (strcmp(fault.message, refused[i].message) != 0 || fault.position != refused[i].position)
            fail_msg("%s: %s at %lld", refused[i].text, fault.message, (long long)fault.position);
        assert_int_equal(err.offset, refused[i].byte);
        assert_null(doc);
    }
}

#define BYTES(literal) ((dzr_bytes){(const uint8_t *)(literal), sizeof(literal) - 1})

static void detects_utf16_and_utf32(void **state)
{
    (void)state;
    const char *const want = "\"\xc3\xa9\xf0\x9f\x98\x80\"";
    assert_prints(BYTES("\"\0\xe9\0\x3d\xd8\x00\xde\"\0"), want);
    assert_prints(BYTES("\xff\xfe\"\0\xe9\0\x3d\xd8\x00\xde\"\0"), want);
    assert_prints(BYTES("\0\"\0\xe9\xd8\x3d\xde\x00\0\""), want);
    assert_prints(BYTES("\xfe\xff\0\"\0\xe9\xd8\x3d\xde\x00\0\""), want);
    assert_prints(BYTES("\"\0\0\0\xe9\0\0\0\x00\xf6\x01\0\"\0\0\0"), want);
    assert_prints(BYTES("\0\0\xfe\xff\0\0\0\"\0\0\0\xe9\0\x01\xf6\x00\0\0\0\""), want);
    assert_prints(BYTES("1\0"), "1");
    assert_prints(BYTES("\"\0\x3d\xd8\"\0"), "\"\\ud83d\"");
}

static void refuses_bytes_that_are_not_of_their_encoding(void **state)
{
    (void)state;
    static const struct {
        dzr_bytes text;
        const char *part;
    } bad[] = {
            {{(const uint8_t *)"\"\xff\"", 3}, "not UTF-8"},
            {{(const uint8_t *)"\"\xe2\x82\"", 4}, "not UTF-8"},
            {{(const uint8_t *)"\"\xed\xa0\x80\xff\"", 6}, "not UTF-8"},
            {{(const uint8_t *)"[\0]\0 ", 5}, "half a character"},
            {{(const uint8_t *)"[\0\0\0]\0", 6}, "part of a character"},
            {{(const uint8_t *)"[\0\0\0\0\0\x11\0", 8}, "no character 0x110000, at byte 4"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        dzr_error err;
        dzr_json_doc *doc = NULL;
        assert_fails(dzr_json_doc_open(bad[i].text, NULL, &doc, NULL, &err), DZR_ERR_CORRUPT, bad[i].part);
    }
}

static char *repeat(const char *before, const char *unit, size_t n, const char *after)
{
    const size_t unit_len = strlen(unit);
    char *const text = calloc(strlen(before) + n * unit_len + strlen(after) + 1, 1);
    assert_non_null(text);
    char *at = stpcpy(text, before);
    for (size_t i = 0; i < n; i++)
        at = stpcpy(at, unit);
    strcpy(at, after);
    return text;
}

static void assert_limit(const char *text, const dzr_json_doc_options *options, dzr_status want, const char *part)
{
    dzr_error err;
    dzr_json_doc *doc = NULL;
    if (want == DZR_OK)
        assert_ok(dzr_json_doc_open(bytes_of(text), options, &doc, NULL, &err));
    else
        assert_fails(dzr_json_doc_open(bytes_of(text), options, &doc, NULL, &err), want, part);
    dzr_json_doc_close(doc);
}

static void holds_its_limits(void **state)
{
    (void)state;
    char *text = repeat("", "1", 4300, "");
    assert_limit(text, NULL, DZR_OK, NULL);
    free(text);
    text = repeat("-", "1", 4301, "");
    assert_limit(text, NULL, DZR_ERR_LIMIT, "an integer of 4301 digits, limit is 4300");
    free(text);
    text = repeat("", "[", 1025, "");
    assert_limit(text, NULL, DZR_ERR_LIMIT, "nested deeper than 1024");
    assert_limit(text + 1, NULL, DZR_ERR_SYNTAX, "Expecting value");
    free(text);
    assert_limit("[[]]", &(dzr_json_doc_options){.depth = 2}, DZR_OK, NULL);
    assert_limit("[[{}]]", &(dzr_json_doc_options){.depth = 2}, DZR_ERR_LIMIT, "nested deeper than 2");
    assert_limit("[[],[],[]]", &(dzr_json_doc_options){.depth = 2}, DZR_OK, NULL);
    assert_limit("1", &(dzr_json_doc_options){.depth = 10001}, DZR_ERR_ARG, "10000 is the most");
    assert_limit("[1]", &(dzr_json_doc_options){.text_bytes = 2}, DZR_ERR_LIMIT, "a text of 3 bytes, limit is 2");
    text = repeat("[", "0,", 10000, "0]");
    assert_limit(text, &(dzr_json_doc_options){.memory_bytes = 1000}, DZR_ERR_LIMIT, "1000 bytes allowed");
    free(text);
}

static void finds_members_and_marks_lone_surrogates(void **state)
{
    (void)state;
    dzr_error err;
    dzr_json_doc *doc = NULL;
    assert_ok(
            dzr_json_doc_open(bytes_of("{\"a\":\"x\\ud800\",\"b\":\"\xed\xb0\x80\",\"c\":\"\xc3\xa9\",\"a\\u0000\":1}"),
                    NULL, &doc, NULL, &err));
    const dzr_json_value *const root = dzr_json_doc_root(doc);
    assert_int_equal(root->kind, DZR_JSON_OBJECT);
    assert_true(dzr_json_member(root, "a")->lone_surrogate);
    assert_int_equal(dzr_json_member(root, "a")->as.text.len, 4);
    assert_true(dzr_json_member(root, "b")->lone_surrogate);
    assert_false(dzr_json_member(root, "c")->lone_surrogate);
    assert_null(dzr_json_member(root, "d"));
    assert_null(dzr_json_member(dzr_json_member(root, "c"), "c"));
    dzr_json_doc_close(doc);
}

static void keeps_one_of_each_key_however_many_there_are(void **state)
{
    (void)state;
    enum { N = 50000, KEYS = 1000 };
    char *const text = malloc(N * 24 + 3);
    assert_non_null(text);
    char *at = stpcpy(text, "{");
    for (int i = 0; i < N; i++)
        at += sprintf(at, "%s\"k%d\":%d", i > 0 ? "," : "", i * 7 % KEYS, i);
    strcpy(at, "}");
    dzr_error err;
    dzr_json_doc *doc = NULL;
    assert_ok(dzr_json_doc_open(bytes_of(text), NULL, &doc, NULL, &err));
    int n = 0;
    for (const dzr_json_value *member = dzr_json_doc_root(doc)->as.first; member != NULL; member = member->next, n++) {
        char key[16], value[16];
        snprintf(key, sizeof key, "k%d", n * 7 % KEYS);    /* in order of first appearance */
        snprintf(value, sizeof value, "%d", N - KEYS + n); /* the last one */
        assert_int_equal(member->key.len, strlen(key));
        assert_memory_equal(member->key.at, key, member->key.len);
        assert_int_equal(member->as.text.len, strlen(value));
        assert_memory_equal(member->as.text.at, value, member->as.text.len);
    }
    assert_int_equal(n, KEYS);
    dzr_json_doc_close(doc);
    free(text);
}

static void writes_valid_json_whatever_the_bytes_are(void **state)
{
    (void)state;
    static const struct {
        dzr_bytes text;
        const char *want;
    } strings[] = {
            {{(const uint8_t *)"a\0b", 3}, "\"a\\u0000b\""},
            {{(const uint8_t *)"\xff\xc3\xa9\xe2\x82", 5}, "\"\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd\""},
            {{(const uint8_t *)"\xed\xb3\xbf\xed\xa0", 5}, "\"\\udcff\xef\xbf\xbd\xef\xbf\xbd\""},
            {{(const uint8_t *)"<&>\x7f/", 5}, "\"<&>\x7f/\""},
    };
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
        uint8_t out[DZR_JSON_STRING_ROOM(8)];
        const size_t n = dzr_json_write_string(strings[i].text, out);
        assert_int_equal(n, strlen(strings[i].want));
        assert_memory_equal(out, strings[i].want, n);
    }
}

static void prints_numbers_as_go_does(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *as_double, *as_float;
    } numbers[] = {
            {3, "3", "3"},
            {-0.0, "-0", "-0"},
            {0.1, "0.1", "0.1"},
            {1e-7, "1e-7", "1e-7"},
            {1e-6, "0.000001", "0.000001"},
            {1e20, "100000000000000000000", "100000000000000000000"},
            {1e21, "1e+21", "1e+21"},
            {16777217, "16777217", "16777216"},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char out[DZR__DOUBLE_BYTES + 1] = {0};
        out[dzr__json_print_double(numbers[i].value, DZR__DOUBLE_GO, out)] = '\0';
        assert_string_equal(out, numbers[i].as_double);
        out[dzr__json_print_float((float)numbers[i].value, DZR__DOUBLE_GO, out)] = '\0';
        assert_string_equal(out, numbers[i].as_float);
    }
}

static void fails_cleanly_at_each_allocation(void **state)
{
    (void)state;
    char *const text = repeat("{\"a\\n\":\"\\u00e9\",\"a\":[", "{\"k\":1,\"k\":2},", 200, "0],\"a\":1}");
    dzr_status status = DZR_ERR_NOMEM;
    int64_t n = 0;
    while (status != DZR_OK) {
        alloc_nth nth;
        alloc_nth_init(&nth, ++n);
        const dzr_json_doc_options options = {.alloc = &nth.allocator};
        dzr_error err;
        dzr_json_doc *doc = NULL;
        status = dzr_json_doc_open(bytes_of(text), &options, &doc, NULL, &err);
        if (status != DZR_OK)
            assert_string_equal(dzr_status_name(status), "DZR_ERR_NOMEM");
        dzr_json_doc_close(doc);
        assert_int_equal(nth.n_out, 0);
    }
    assert_true(n > 3);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(takes_what_python_takes),
            cmocka_unit_test(says_where_text_stops_being_json_as_python_does),
            cmocka_unit_test(detects_utf16_and_utf32),
            cmocka_unit_test(refuses_bytes_that_are_not_of_their_encoding),
            cmocka_unit_test(holds_its_limits),
            cmocka_unit_test(finds_members_and_marks_lone_surrogates),
            cmocka_unit_test(keeps_one_of_each_key_however_many_there_are),
            cmocka_unit_test(writes_valid_json_whatever_the_bytes_are),
            cmocka_unit_test(prints_numbers_as_go_does),
            cmocka_unit_test(fails_cleanly_at_each_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
