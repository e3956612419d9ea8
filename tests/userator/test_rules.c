/* tests/userator/test_rules.c - integers, queries and paths, as text that comes from outside: what is read and what is
 * refused. Bodies: test_body.c; addresses: test_email.c; all of it over HTTP: oracle/. */
#include "support.h"

#include "integer.h"
#include "query.h"

static dzr_bytes bytes_of(const char *s)
{
    return (dzr_bytes){(const uint8_t *)s, strlen(s)};
}

static const struct {
    const char *text;
    integer_verdict want;
    int64_t value;
} integers[] = {
        {"31", INTEGER_OK, 31},
        {"-5", INTEGER_OK, -5},
        {"+31", INTEGER_OK, 31},
        {"007", INTEGER_OK, 7},
        {"-0", INTEGER_OK, 0},
        {" \t31\r\n", INTEGER_OK, 31},
        {"\xc2\xa0"
         "1\xe2\x80\x83",
                INTEGER_OK, 1},
        {"\xc2\x85"
         "1",
                INTEGER_OK, 1},
        {"3_1", INTEGER_OK, 31},
        {"1_0.00", INTEGER_OK, 10},
        {"31.0", INTEGER_OK, 31},
        {"9223372036854775807", INTEGER_OK, INT64_MAX},
        {"-9223372036854775808", INTEGER_OK, INT64_MIN},
        {"9223372036854775808", INTEGER_ABOVE, 0},
        {"-9223372036854775809", INTEGER_BELOW, 0},
        {"99999999999999999999999999.0", INTEGER_ABOVE, 0},
        {"", INTEGER_NONE, 0},
        {" ", INTEGER_NONE, 0},
        {"-", INTEGER_NONE, 0},
        {"--1", INTEGER_NONE, 0},
        {"+-1", INTEGER_NONE, 0},
        {"- 1", INTEGER_NONE, 0},
        {"3 1", INTEGER_NONE, 0},
        {"_1", INTEGER_NONE, 0},
        {"1_", INTEGER_NONE, 0},
        {"3__1", INTEGER_NONE, 0},
        {"1_.0", INTEGER_NONE, 0},
        {"31.", INTEGER_NONE, 0},
        {".0", INTEGER_NONE, 0},
        {"3.5", INTEGER_NONE, 0},
        {"1.0_0", INTEGER_NONE, 0},
        {"1.0.0", INTEGER_NONE, 0},
        {"1e3", INTEGER_NONE, 0},
        {"0x1f", INTEGER_NONE, 0},
        {"0-1", INTEGER_NONE, 0},
        {"\x1c"
         "1",
                INTEGER_NONE, 0},
        {"\xd9\xa3", INTEGER_NONE, 0},
        {"abc", INTEGER_NONE, 0},
};

static void integers_are_read_as_pydantic_reads_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof integers / sizeof *integers; i++) {
        int64_t value = -1;
        const integer_verdict verdict = integer_parse(bytes_of(integers[i].text), &value);
        if (verdict != integers[i].want || value != integers[i].value)
            fail_msg("\"%s\": verdict %d, value %lld", integers[i].text, (int)verdict, (long long)value);
    }
    int64_t value = -1;
    assert_int_equal(integer_parse((dzr_bytes){(const uint8_t *)"1\0", 2}, &value), INTEGER_NONE);
}

static void an_integer_has_4300_digits_at_most(void **state)
{
    (void)state;
    char text[4400];
    int64_t value = -1;
    memset(text, '1', sizeof text);
    const uint8_t *const at = (const uint8_t *)text;
    assert_int_equal(integer_parse((dzr_bytes){at, 4300}, &value), INTEGER_ABOVE);
    assert_int_equal(integer_parse((dzr_bytes){at, 4301}, &value), INTEGER_TOO_LONG);
    memset(text, '0', 100);
    assert_int_equal(integer_parse((dzr_bytes){at, 4400}, &value), INTEGER_ABOVE); /* zeros in front do not count */
    memset(text, '0', sizeof text - 1);
    assert_int_equal(integer_parse((dzr_bytes){at, 4400}, &value), INTEGER_OK);
    assert_int_equal(value, 1);
}

static const struct {
    const char *proves, *text;
    bool plus_is_space;
    const char *want;
} decoded[] = {
        {"plain text stays", "limit", true, "limit"},
        {"hexadecimal digits of any case", "%4a%4A%c5%be", true, "JJ\xc5\xbe"},
        {"a plus is a space in a query", "+2%2B", true, " 2+"},
        {"and a plus in a path", "+2%2B", false, "+2+"},
        {"a percent sign without digits stays", "%zz%4%", true, "%zz%4%"},
        {"a stray byte is replaced", "a%ffb", true,
                "a\xef\xbf\xbd"
                "b"},
        {"a sequence cut short is replaced once", "%e4%be%41", true,
                "\xef\xbf\xbd"
                "A"},
        {"an encoded surrogate is three faults", "%ed%a0%80", true, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"an overlong form is two faults", "%c0%80", true, "\xef\xbf\xbd\xef\xbf\xbd"},
        {"four bytes", "%f0%9f%90%8e", true, "\xf0\x9f\x90\x8e"},
        {"a byte that is not encoded is Latin-1", "\xe9", true, "\xc3\xa9"},
        {"it ends a sequence", "%e4\xbe%ad", true, "\xef\xbf\xbd\xc2\xbe\xef\xbf\xbd"},
};

static void percent_signs_are_decoded_as_urllib_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof decoded / sizeof *decoded; i++) {
        uint8_t out[64] = {0};
        const size_t n = query_decode(bytes_of(decoded[i].text), decoded[i].plus_is_space, out);
        if (n != strlen(decoded[i].want) || memcmp(out, decoded[i].want, n) != 0)
            fail_msg("%s: %.*s", decoded[i].proves, (int)n, (const char *)out);
    }
}

static void a_query_is_cut_at_and_signs_and_first_equals_signs(void **state)
{
    (void)state;
    dzr_bytes query = bytes_of("&&a=1&b&=c&d=e=f;g&&"), name, value;
    static const char *const want[][2] = {{"a", "1"}, {"b", ""}, {"", "c"}, {"d", "e=f;g"}};
    for (size_t i = 0; i < 4; i++) {
        assert_true(query_next(&query, &name, &value));
        assert_int_equal(name.len, strlen(want[i][0]));
        assert_memory_equal(name.at, want[i][0], name.len);
        assert_int_equal(value.len, strlen(want[i][1]));
        assert_memory_equal(value.at, want[i][1], value.len);
        assert_non_null(value.at); /* given, if empty */
    }
    assert_false(query_next(&query, &name, &value));
    dzr_bytes none = {NULL, 0};
    assert_false(query_next(&none, &name, &value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(integers_are_read_as_pydantic_reads_them),
            cmocka_unit_test(an_integer_has_4300_digits_at_most),
            cmocka_unit_test(percent_signs_are_decoded_as_urllib_does),
            cmocka_unit_test(a_query_is_cut_at_and_signs_and_first_equals_signs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
