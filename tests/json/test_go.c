/* tests/json/test_go.c - json_go.h: what Go's encoding/json takes, and its words for what it does not. The recorded v1
 * API (tests/v1) has more of the words. */
#include "support.h"

#include <datarizer/json_go.h>
#include <stdlib.h>

#include "alloc_nth.h"

enum { ID, NAME, EMAIL, AGE, N_FIELDS };

static const dzr_field fields[N_FIELDS] = {
        [ID] = {.name = "ID", .type.id = DZR_TYPE_INT64},
        [NAME] = {.name = "Name", .type.id = DZR_TYPE_STRING},
        [EMAIL] = {.name = "Email", .type.id = DZR_TYPE_STRING},
        [AGE] = {.name = "age", .type.id = DZR_TYPE_INT64},
};

static dzr_status new_decoder(const dzr_allocator *alloc, dzr_json_go **out, dzr_error *err)
{
    dzr_schema *schema = NULL;
    dzr_status status = dzr_schema_new(fields, N_FIELDS, alloc, &schema, err);
    if (status == DZR_OK)
        status = dzr_json_go_new(schema, "main.User", alloc, out, err);
    dzr_schema_free(schema);
    return status;
}

static dzr_json_go *decoder_of_users(void)
{
    dzr_json_go *decoder = NULL;
    dzr_error err;
    assert_ok(new_decoder(NULL, &decoder, &err));
    return decoder;
}

static dzr_bytes bytes_of(const char *text)
{
    return (dzr_bytes){(const uint8_t *)text, strlen(text)};
}

static void assert_bytes(dzr_bytes have, const char *want, size_t len)
{
    assert_int_equal(have.len, len);
    if (len > 0)
        assert_memory_equal(have.at, want, len);
}

static void records_are_taken_as_go_does(void **state)
{
    (void)state;
    static const struct {
        const char *text, *name, *email;
        int64_t age;
    } cases[] = {
            {"{\"name\":\"a\",\"EMAIL\":\"b\",\"Age\":-7}", "a", "b", -7},
            {"\t\r\n {\"Name\":\"a\"} \"Name\"", "a", "", 0},
            {"null", "", "", 0},
            {"nullx", "", "", 0},
            {"{}", "", "", 0},
            {"{\"name\":\"keep\",\"NAME\":null}", "keep", "", 0},
            {"{\"name\":\"a\",\"name\":\"b\",\"age\":1,\"AGE\":2}", "b", "", 2},
            {"{\"\\u006eame\":\"\\ud83d\\ude00\\ud800\\ud800x\\n\\/\"}", "\xF0\x9F\x98\x80\xEF\xBF\xBD\xEF\xBF\xBDx\n/",
                    "", 0},
            {"{\"name\":\"\xFF\xC3\",\"email\":\"\\\"\\\\\"}", "\xEF\xBF\xBD\xEF\xBF\xBD", "\"\\", 0},
            {"{\"x\":[{\"name\":\"no ]} \\\" \"},[]],\"y\":{},\"name\":\"a\",\"z\":-1.5e+3 }", "a", "", 0},
            {"{\"age\":9223372036854775807}", "", "", INT64_MAX},
            {"{\"age\":-9223372036854775808}", "", "", INT64_MIN},
            {"{\"age\":-0}", "", "", 0},
    };
    dzr_json_go *const decoder = decoder_of_users();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dzr_json_go_value values[N_FIELDS];
        dzr_error err;
        assert_ok(dzr_json_go_decode(decoder, bytes_of(cases[i].text), values, &err));
        assert_bytes(values[NAME].text, cases[i].name, strlen(cases[i].name));
        assert_bytes(values[EMAIL].text, cases[i].email, strlen(cases[i].email));
        assert_int_equal(values[AGE].number, cases[i].age);
        assert_int_equal(values[NAME].is_set, cases[i].name[0] != '\0');
        assert_false(values[ID].is_set);
    }
    dzr_json_go_free(decoder);
}

static void complaints_are_go_s_words(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        dzr_status status;
        const char *words;
    } cases[] = {
            {"", DZR_ERR_TRUNCATED, "EOF"},
            {" \t\r\n", DZR_ERR_TRUNCATED, "EOF"},
            {"-", DZR_ERR_TRUNCATED, "unexpected EOF"},
            {"tru", DZR_ERR_TRUNCATED, "unexpected EOF"},
            {"1.", DZR_ERR_TRUNCATED, "unexpected EOF"},
            {"1e+", DZR_ERR_TRUNCATED, "unexpected EOF"},
            {"{\"a\":\"\\", DZR_ERR_TRUNCATED, "unexpected EOF"},
            {"{\"a\":\"\\u12", DZR_ERR_TRUNCATED, "unexpected EOF"},
            {"{\"a\"", DZR_ERR_TRUNCATED, "unexpected EOF"},
            {"{\"a\":1,", DZR_ERR_TRUNCATED, "unexpected EOF"},
            {"[[]", DZR_ERR_TRUNCATED, "unexpected EOF"},
            {"\x01", DZR_ERR_SYNTAX, "invalid character '\\x01' looking for beginning of value"},
            {"\a", DZR_ERR_SYNTAX, "invalid character '\\a' looking for beginning of value"},
            {"\v", DZR_ERR_SYNTAX, "invalid character '\\v' looking for beginning of value"},
            {"\xA0", DZR_ERR_SYNTAX, "invalid character '\\u00a0' looking for beginning of value"},
            {"\xC3", DZR_ERR_SYNTAX, "invalid character '\xC3\x83' looking for beginning of value"},
            {"[1 2]", DZR_ERR_SYNTAX, "invalid character '2' after array element"},
            {"[1}", DZR_ERR_SYNTAX, "invalid character '}' after array element"},
            {"{\"a\":1]", DZR_ERR_SYNTAX, "invalid character ']' after object key:value pair"},
            {"{,}", DZR_ERR_SYNTAX, "invalid character ',' looking for beginning of object key string"},
            {"txue", DZR_ERR_SYNTAX, "invalid character 'x' in literal true (expecting 'r')"},
            {"falsy", DZR_ERR_SYNTAX, "invalid character 'y' in literal false (expecting 'e')"},
            {"[nul ]", DZR_ERR_SYNTAX, "invalid character ' ' in literal null (expecting 'l')"},
            {"[1ex]", DZR_ERR_SYNTAX, "invalid character 'x' in exponent of numeric literal"},
            {"false", DZR_ERR_TYPE, "json: cannot unmarshal bool into Go value of type main.User"},
            {"-1.5e3 x", DZR_ERR_TYPE, "json: cannot unmarshal number into Go value of type main.User"},
            {"{\"Id\":1e0}", DZR_ERR_TYPE,
                    "json: cannot unmarshal number 1e0 into Go struct field User.ID of type int"},
            {"{\"eMail\":[],\"age\":\"\"}", DZR_ERR_TYPE,
                    "json: cannot unmarshal array into Go struct field User.Email of type string"},
            {"{\"age\":\"\"} {", DZR_ERR_TYPE,
                    "json: cannot unmarshal string into Go struct field User.age of type int"},
    };
    dzr_json_go *const decoder = decoder_of_users();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dzr_json_go_value values[N_FIELDS];
        dzr_error err;
        assert_fails(
                dzr_json_go_decode(decoder, bytes_of(cases[i].text), values, &err), cases[i].status, cases[i].words);
        assert_bytes(dzr_json_go_complaint(decoder), cases[i].words, strlen(cases[i].words));
    }
    dzr_json_go_free(decoder);
}

static void a_complaint_is_whole_where_the_error_is_cut(void **state)
{
    (void)state;
    enum { N_DIGITS = 5000 };
    static char text[N_DIGITS + 16];
    memcpy(text, "{\"age\":", 7);
    memset(text + 7, '9', N_DIGITS);
    text[7 + N_DIGITS] = '}';
    dzr_json_go *const decoder = decoder_of_users();
    dzr_json_go_value values[N_FIELDS];
    dzr_error err;
    assert_fails(
            dzr_json_go_decode(decoder, bytes_of(text), values, &err), DZR_ERR_TYPE, "cannot unmarshal number 999");
    const dzr_bytes words = dzr_json_go_complaint(decoder);
    static const char end[] = "9 into Go struct field User.age of type int";
    assert_true(words.len > N_DIGITS);
    assert_memory_equal(words.at + words.len - strlen(end), end, strlen(end));
    dzr_json_go_free(decoder);
}

static void ten_thousand_levels_are_the_limit(void **state)
{
    (void)state;
    enum { MOST = 10000 };
    char *const text = calloc(2 * MOST + 3, 1);
    assert_non_null(text);
    memset(text, '[', MOST);
    memset(text + MOST, ']', MOST);
    dzr_json_go *const decoder = decoder_of_users();
    dzr_json_go_value values[N_FIELDS];
    dzr_error err;
    assert_fails(dzr_json_go_decode(decoder, bytes_of(text), values, &err), DZR_ERR_TYPE, "cannot unmarshal array");
    memset(text, '[', MOST + 1);
    assert_fails(dzr_json_go_decode(decoder, bytes_of(text), values, &err), DZR_ERR_LIMIT,
            "invalid character '[' exceeded max depth");
    assert_int_equal(err.offset, MOST);
    dzr_json_go_free(decoder);
    free(text);
}

static void strings_are_written_as_go_does(void **state)
{
    (void)state;
    static const char text[] = "<>&'\"\\/\b\f\n\r\t\x1f\x7f\xE2\x80\xA8\xE2\x80\xA9\xE2\x82\xAC\0";
    static const char want[] =
            "\"\\u003c\\u003e\\u0026'\\\"\\\\/\\b\\f\\n\\r\\t\\u001f\x7f\\u2028\\u2029\xE2\x82\xAC\\u0000\"";
    uint8_t out[DZR_JSON_GO_STRING_ROOM(sizeof text - 1)];
    const size_t n = dzr_json_go_write_string((dzr_bytes){(const uint8_t *)text, sizeof text - 1}, out);
    assert_bytes((dzr_bytes){out, n}, want, sizeof want - 1);
}

static void other_types_are_refused(void **state)
{
    (void)state;
    static const dzr_field bad[] = {{.name = "x", .type.id = DZR_TYPE_DOUBLE}};
    dzr_schema *schema = NULL;
    dzr_json_go *decoder = NULL;
    dzr_error err;
    assert_ok(dzr_schema_new(bad, 1, NULL, &schema, &err));
    assert_fails(dzr_json_go_new(schema, "T", NULL, &decoder, &err), DZR_ERR_ARG, "field \"x\" is double");
    assert_null(decoder);
    dzr_schema_free(schema);
}

static dzr_status decode_some(const dzr_allocator *alloc, void *ctx, dzr_error *err)
{
    (void)ctx;
    dzr_json_go *decoder = NULL;
    dzr_status status = new_decoder(alloc, &decoder, err);
    dzr_json_go_value values[N_FIELDS];
    if (status == DZR_OK)
        status = dzr_json_go_decode(decoder, bytes_of("{\"NaMe\":\"\\n\",\"e\\u006dail\":\"\xFF\"}"), values, err);
    if (status == DZR_OK) {
        status = dzr_json_go_decode(decoder, bytes_of("{\"age\":1.5}"), values, err);
        status = status == DZR_ERR_TYPE ? DZR_OK : status;
    }
    dzr_json_go_free(decoder);
    return status;
}

static void every_failing_allocation_is_answered(void **state)
{
    (void)state;
    assert_true(every_request_fails(decode_some, NULL) > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(records_are_taken_as_go_does),
            cmocka_unit_test(complaints_are_go_s_words),
            cmocka_unit_test(a_complaint_is_whole_where_the_error_is_cut),
            cmocka_unit_test(ten_thousand_levels_are_the_limit),
            cmocka_unit_test(strings_are_written_as_go_does),
            cmocka_unit_test(other_types_are_refused),
            cmocka_unit_test(every_failing_allocation_is_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
