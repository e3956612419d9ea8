/* tests/userator/test_email.c - addresses: the normal form of those that are valid, the reason for those that are not.
 * What the recordings hold is not here again, but what they leave open: rules that are met rarely. */
#include "support.h"

#include "email.h"

static dzr_bytes bytes_of(const char *s)
{
    return (dzr_bytes){(const uint8_t *)s, strlen(s)};
}

static void assert_answer(const char *given, bool want_valid, const char *want)
{
    text_buf out;
    text_init(&out);
    TEXT_LITERAL(&out, "kept ");
    const bool valid = email_normalize(bytes_of(given), &out);
    assert_false(out.failed);
    TEXT_LITERAL(&out, "\0");
    const char *const got = (const char *)out.at;
    if (strncmp(got, "kept ", 5) != 0 || valid != want_valid || strcmp(got + 5, want) != 0)
        fail_msg("%s: %s: %s", given, valid ? "valid" : "refused", got);
    text_fini(&out);
}

static const char *const valid[][2] = {
        {"a@b.co", "a@b.co"},
        {"A.b+c@EXAMPLE.Com", "A.b+c@example.com"},
        {"Sales@b.co", "sales@b.co"},
        {"Salesman@b.co", "Salesman@b.co"},
        {"\x1f a@b.co\xc2\xa0", "a@b.co"},
        {"\"<x@y.org>\" <a@b.co>", "a@b.co"},
        {"\"a\" \"b\" <a@b.co>", "a@b.co"},
        {"\xc5\xbdofie 2 <a@b.co>\n", "a@b.co"},
        {"e\xcc\x81@b.co", "\xc3\xa9@b.co"},
        {"\xe2\x84\xab@b.co", "\xc3\x85@b.co"}, /* Angstrom sign */
        {"a@stra\xc3\x9f"
         "e.de",
                "a@stra\xc3\x9f"
                "e.de"},
        {"a@STRA\xe1\xba\x9e"
         "E.de",
                "a@stra\xc3\x9f"
                "e.de"},
        {"a@xn--strae-oqa.de", "a@stra\xc3\x9f"
                               "e.de"},
        {"a@XN--MLLER-KVA.de", "a@m\xc3\xbcller.de"},
        {"a@mu\xcc\x88ller.de", "a@m\xc3\xbcller.de"},
        {"a@\xe4\xbe\x8b\xef\xbc\x8e\xe4\xbe\x8b\xef\xbd\xa1"
         "com",
                "a@\xe4\xbe\x8b.\xe4\xbe\x8b.com"},
        {"a@l\xc2\xb7l.com", "a@l\xc2\xb7l.com"}, /* a middle dot between two l */
        {"a@\xe3\x82\xab\xe3\x83\xbb.com", "a@\xe3\x82\xab\xe3\x83\xbb.com"},
};

static void normal_forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof valid / sizeof *valid; i++) {
        assert_answer(valid[i][0], true, valid[i][1]);
        assert_answer(valid[i][1], true, valid[i][1]);
    }
}

#define X32 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X60 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static const char *const refused[][2] = {
        {"a@b", "The part after the @-sign is not valid. It should have a period."},
        {"a@b-", "An email address cannot end with a hyphen."},
        {"a\n<x@b.co>\n>", "The part after the @-sign contains invalid characters: '>', U+000A."},
        {"\"a\\\"b\"@b.co", "Quoting the part before the @-sign is not allowed here."},
        {"\"a\x01\"@b.co", "The email address contains invalid characters in quotes before the @-sign: U+0001."},
        {"\"a\"", "An email address must have an @-sign."},
        {"a;b <c@d.co>", "The display name contains invalid characters when not quoted: ';'."},
        {"<<a@b.co>>", "A display name and angle brackets around the email address are not permitted here."},
        {"a<\xcc\xb8@b.co", "The email address contains invalid characters before the @-sign: '<'."},
        {"\xcd\xbe@b.co",
                "After Unicode normalization: The email address contains invalid characters before the @-sign: "
                "';'."}, /* Greek question mark */
        {"a\xe2\x80\x8b"
         "b@c.co",
                "The email address contains unsafe characters: ZERO WIDTH SPACE."},
        {"a\xee\x80\x80\xe2\x80\xa8@c.co", "The email address contains unsafe characters: LINE SEPARATOR, U+E000."},
        {"a'b(c\\@d.co", "The email address contains invalid characters before the @-sign: \"\\\", '('."},
        {"a@b'.co", "The part after the @-sign contains invalid characters: \"'\"."},
        {"a@\xe2\x92\x88"
         "b.co",
                "The part after the @-sign contains invalid characters: '\xe2\x92\x88'."},
        {"a@\xe1\xbf\xaf.co",
                "The part after the @-sign contains invalid characters after Unicode normalization: '`'."},
        {"a@\xe3\x83\xbb"
         "a.com",
                "The part after the @-sign is invalid (string contains a forbidden context-o character)."},
        {"a@xn--6a4b.com", "The part after the @-sign is not valid IDNA (string contains a disallowed character)."},
        {"a@[::1]", "The part after the @-sign contains an invalid address literal tag in brackets."},
        {"a@[x]", "The part after the @-sign in brackets is not an IPv4 address and has no address literal tag."},
        {"a@[IPv6:1]", "The IPv6 address in brackets after the @-sign is not valid."},
        {"a@[", "The part after the @-sign contains invalid characters: '['."},
        {"a@" X60 "." X60 "." X60 "." X60 "." X32 ".co",
                "The email address is too long after the @-sign (26 characters too many)."},
        {"a@" X60 "." X60 "." X60 "." X60 "." X32 ".CO",
                "The email address is too long after the @-sign (26 bytes too many after IDNA encoding)."},
        {"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9" X32 "@" X60 "." X60 "." X60 "." X32 ".co",
                "The email address is too long (4-9 characters too many)."},
};

static void reasons(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        assert_answer(refused[i][0], false, refused[i][1]);
}

static void an_address_of_2049_characters_is_not_looked_at(void **state)
{
    (void)state;
    char given[4 * 2049 + 1] = {0};
    for (int i = 0; i < 2049; i++)
        strcpy(given + 4 * i, "\xf0\x9f\x90\x8e");
    assert_answer(given, false, "Length must not exceed 2048 characters");
    given[4 * 2048] = '\0';
    assert_answer(given, false, "An email address must have an @-sign.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(normal_forms),
            cmocka_unit_test(reasons),
            cmocka_unit_test(an_address_of_2049_characters_is_not_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
