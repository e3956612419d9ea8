/* tests/userator/test_body.c - bodies of POST /users/ that the recordings leave open: where the original broke down
 * (500), what is not in them at all, and memory that grows with the answer. The rest: oracle/. */
#include "support.h"

#include <stdlib.h>

#include "validate.h"

static dzr_bytes bytes_of(const char *s)
{
    return (dzr_bytes){(const uint8_t *)s, strlen(s)};
}

/* The status, and the answer's body or the stored user as `name|email|age`, NUL-terminated, to be freed. */
static int validate(dzr_bytes body, const char *content_type, char **answer_out)
{
    text_buf answer, email;
    text_init(&answer);
    text_init(&email);
    new_user user;
    dzr_json_doc *doc = NULL;
    const user_body given = {bytes_of(content_type), body};
    const int status = validate_user(&given, &user, &doc, &email, &answer);
    if (status == 0) {
        text_put_bytes(&answer, user.name);
        TEXT_LITERAL(&answer, "|");
        text_put_bytes(&answer, user.email);
        TEXT_LITERAL(&answer, "|");
        if (user.has_age)
            text_put_int64(&answer, user.age);
    } else {
        assert_null(doc);
    }
    dzr_json_doc_close(doc);
    TEXT_LITERAL(&answer, "\0");
    assert_false(answer.failed);
    *answer_out = malloc(answer.len);
    assert_non_null(*answer_out);
    memcpy(*answer_out, answer.at, answer.len);
    text_fini(&answer);
    text_fini(&email);
    return status;
}

/* Entries of a detail list, without what they have in common. */
#define ENTRY(type, loc, msg, input)                                                                                   \
    "{\"type\":\"" type "\",\"loc\":[\"body\"" loc "],\"msg\":\"" msg "\",\"input\":" input "}"
#define AGE(type, msg, input) "{\"detail\":[" ENTRY(type, ",\"age\"", msg, input) "]}"
#define TOO_LARGE "int_parsing_size", "Unable to parse input string as an integer, exceeded maximum size"
#define NOT_FINITE "finite_number", "Input should be a finite number"
#define NOT_UNICODE "string_unicode", "Input should be a valid string, unable to parse raw data as a unicode string"
#define APPLY(macro, ...) macro(__VA_ARGS__)
#define WITH_AGE(age) "{\"name\":\"n\",\"email\":\"a@b.co\",\"age\":" age "}"
#define NO_OBJECT(input)                                                                                               \
    "{\"detail\":[" ENTRY("model_attributes_type", "",                                                                 \
            "Input should be a valid dictionary or object to extract fields from", input) "]}"

static const struct {
    const char *proves, *body, *content_type;
    int status; /* 0: a user */
    const char *answer;
} cases[] = {
        {"the_largest_age_is_stored", WITH_AGE("9223372036854775807"), "", 0, "n|a@b.co|9223372036854775807"},
        {"an_age_beyond_64_bits", WITH_AGE("9223372036854775808"), "", 422,
                APPLY(AGE, TOO_LARGE, "9223372036854775808")},
        {"an_age_beyond_64_bits_in_quotes", WITH_AGE("\"9223372036854775808\""), "", 422,
                APPLY(AGE, TOO_LARGE, "\"9223372036854775808\"")},
        {"a_float_beyond_64_bits", WITH_AGE("-9223372036854775808.0"), "", 422,
                APPLY(AGE, TOO_LARGE, "-9.223372036854776e+18")},
        {"an_age_that_is_nan", WITH_AGE("NaN"), "", 422, APPLY(AGE, NOT_FINITE, "null")},
        {"an_infinite_age", WITH_AGE("-Infinity"), "", 422, APPLY(AGE, NOT_FINITE, "null")},
        {"an_age_out_of_range_of_floats", WITH_AGE("1e400"), "", 422, APPLY(AGE, NOT_FINITE, "null")},
        {"an_age_with_a_lone_surrogate", WITH_AGE("\"\\ud800\""), "", 422, APPLY(AGE, NOT_UNICODE, "\"\\ud800\"")},
        {"a_name_with_a_lone_surrogate", "{\"name\":\"\\ud800\",\"email\":\"a@b.co\"}", "", 422,
                "{\"detail\":[{\"type\":\"string_unicode\",\"loc\":[\"body\",\"name\"],\"msg\":\"Input should be a "
                "valid string, "
                "unable to parse raw data as a unicode string\",\"input\":\"\\ud800\"}]}"},
        {"an_encoded_surrogate", "{\"name\":\"\xed\xa0\x80\",\"email\":\"a@b.co\"}", "", 422,
                "{\"detail\":[{\"type\":\"string_unicode\",\"loc\":[\"body\",\"name\"],\"msg\":\"Input should be a "
                "valid string, "
                "unable to parse raw data as a unicode string\",\"input\":\"\\ud800\"}]}"},
        {"text_that_is_not_utf8", "\xff\xfe", "text/plain", 422, NO_OBJECT("\"\xef\xbf\xbd\xef\xbf\xbd\"")},
        {"a_type_with_two_slashes_is_not_json", "{}", "application/json/x+json", 422, NO_OBJECT("\"{}\"")},
        {"a_type_without_subtype_is_not_json", "{}", "application/", 422, NO_OBJECT("\"{}\"")},
        {"only_the_type_before_the_semicolon_counts", "1", "text/plain;x=application/json", 422, NO_OBJECT("\"1\"")},
        {"a_json_type_has_any_case", WITH_AGE("null"), "Application/Hal+JSON ; v=1", 0, "n|a@b.co|"},
};

static void answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *answer = NULL;
        const int status = validate(bytes_of(cases[i].body), cases[i].content_type, &answer);
        if (status != cases[i].status || strcmp(answer, cases[i].answer) != 0)
            fail_msg("%s: %d %s", cases[i].proves, status, answer);
        free(answer);
    }
}

static void nesting_beyond_1024_is_a_body_that_does_not_parse(void **state)
{
    (void)state;
    static char body[3000];
    char *answer = NULL;
    memset(body, '[', 1025);
    memset(body + 1025, ']', 1025);
    assert_int_equal(validate((dzr_bytes){(const uint8_t *)body, 2050}, "", &answer), 400);
    assert_string_equal(answer, "{\"detail\":\"There was an error parsing the body\"}");
    free(answer);
    assert_int_equal(validate((dzr_bytes){(const uint8_t *)body + 1, 2048}, "", &answer), 422);
    free(answer);
}

static void an_answer_may_be_larger_than_its_buffer_begins(void **state)
{
    (void)state;
    enum { LEN = 300000 };
    char *const body = malloc(LEN);
    assert_non_null(body);
    memset(body, 'x', LEN);
    body[0] = body[LEN - 1] = '"';
    char *answer = NULL;
    assert_int_equal(validate((dzr_bytes){(const uint8_t *)body, LEN}, "", &answer), 422);
    assert_int_equal(strlen(answer), strlen(NO_OBJECT("")) + LEN);
    free(answer);
    free(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(answers),
            cmocka_unit_test(nesting_beyond_1024_is_a_body_that_does_not_parse),
            cmocka_unit_test(an_answer_may_be_larger_than_its_buffer_begins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
