/* store/s3/sign.c against the signatures that Amazon publishes: each step of each request. */
#include "support.h"

#include "alloc_nth.h"
#include "store/s3/s3.h"

#include "sigv4_vectors.h"

#include <stdio.h>

typedef dzr_status step(const dzr__s3_signing *signing, dzr_bytebuf *out, dzr_error *err);

static void assert_step(const char *whose, step *run, const dzr__s3_signing *signing, const char *want, size_t len)
{
    dzr_error err;
    dzr_bytebuf got = {0};
    assert_ok(run(signing, &got, &err));
    if (got.len != len || memcmp(got.at, want, len) != 0)
        fail_msg("%s:\n%.*s\nis not\n%s", whose, (int)got.len, (const char *)got.at, want);
    dzr__bytebuf_fini(&got);
}

static size_t count(const dzr__s3_pair *pairs)
{
    size_t n = 0;
    while (n < MAX_PAIRS && pairs[n].name != NULL)
        n++;
    return n;
}

/* rest has time, region, service and keys. */
static void check(const vector *v, dzr__s3_signing rest)
{
    dzr_error err;
    dzr_bytebuf path = {0};
    char hash[DZR__S3_HEX + 1], want[4096];
    assert_ok(dzr__s3_encode(&path, v->path, true, &err));
    assert_ok(dzr__bytebuf_append(&path, "", 1, &err));
    assert_ok(dzr__s3_hash((dzr_bytes){(const uint8_t *)v->body, strlen(v->body)}, hash, &err));
    rest.method = v->method;
    rest.path = (const char *)path.at;
    rest.query = v->query, rest.n_query = count(v->query);
    rest.headers = v->headers, rest.n_headers = count(v->headers);
    rest.payload_hash = hash;

    int n = snprintf(want, sizeof want, "%s%s", v->canonical, hash);
    assert_step(v->name, dzr__s3_canonical, &rest, want, (size_t)n);
    if (v->hash != NULL) {
        n = snprintf(want, sizeof want, "AWS4-HMAC-SHA256\n%s\n%.8s/%s/%s/aws4_request\n%s", rest.time, rest.time,
                rest.region, rest.service, v->hash);
        assert_step(v->name, dzr__s3_string_to_sign, &rest, want, (size_t)n);
    }
    n = snprintf(want, sizeof want,
            "AWS4-HMAC-SHA256 Credential=%s/%.8s/%s/%s/aws4_request, SignedHeaders=%s, Signature=%s", rest.access_key,
            rest.time, rest.region, rest.service, v->signed_headers, v->signature);
    assert_step(v->name, dzr__s3_authorize, &rest, want, (size_t)n + 1); /* with its NUL */
    dzr__bytebuf_fini(&path);
}

static const dzr__s3_signing of_suite = {.time = "20150830T123600Z",
        .region = "us-east-1",
        .service = "service",
        .access_key = "AKIDEXAMPLE",
        .secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"};

static const dzr__s3_signing of_s3 = {.time = "20130524T000000Z",
        .region = "us-east-1",
        .service = "s3",
        .access_key = "AKIAIOSFODNN7EXAMPLE",
        .secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};

static void amazons_test_suite_is_signed_as_published(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof suite / sizeof *suite; i++)
        check(&suite[i], of_suite);
}

static void amazons_s3_examples_are_signed_as_published(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof s3 / sizeof *s3; i++)
        check(&s3[i], of_s3);
}

static void an_unsigned_payload_stands_for_its_hash(void **state)
{
    (void)state;
    static const dzr__s3_pair host = {"host", "h"};
    dzr__s3_signing signing = of_s3;
    signing.method = "GET", signing.path = "/k";
    signing.headers = &host, signing.n_headers = 1;
    signing.payload_hash = "UNSIGNED-PAYLOAD";
    static const char want[] = "GET\n/k\n\nhost:h\n\nhost\nUNSIGNED-PAYLOAD";
    assert_step("unsigned", dzr__s3_canonical, &signing, want, sizeof want - 1);
}

static const struct {
    const char *proves, *text;
    bool keep_slash;
    const char *want;
} encodings[] = {
        {"nothing_stays_nothing", "", true, ""},
        {"slashes_stay_in_a_path", "/a//b/", true, "/a//b/"},
        {"and_are_encoded_in_a_query", "/a//b/", false, "%2Fa%2F%2Fb%2F"},
        {"dots_are_no_steps", "../a/./b", true, "../a/./b"},
        {"space_and_plus_stay_apart", "a b+c", true, "a%20b%2Bc"},
        {"a_percent_sign_is_data", "a%20b", true, "a%2520b"},
        {"digits_of_an_escape_are_capitals", "\u00ff\n\x7f", true, "%C3%BF%0A%7F"},
        {"marks_of_a_url_are_data", "a?b#c&d=e", true, "a%3Fb%23c%26d%3De"},
        {"only_four_marks_are_unreserved", "-._~!*'()", true, "-._~%21%2A%27%28%29"},
};

static void keys_are_encoded_by_s3s_rule(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++) {
        dzr_error err;
        dzr_bytebuf got = {0};
        assert_ok(dzr__s3_encode(&got, encodings[i].text, encodings[i].keep_slash, &err));
        assert_ok(dzr__bytebuf_append(&got, "", 1, &err));
        if (strcmp((const char *)got.at, encodings[i].want) != 0)
            fail_msg("%s: %s is not %s", encodings[i].proves, (const char *)got.at, encodings[i].want);
        dzr__bytebuf_fini(&got);
    }
}

static void a_secret_too_long_is_refused_and_not_shown(void **state)
{
    (void)state;
    dzr_error err;
    dzr_bytebuf out = {0};
    char secret[300];
    memset(secret, 'S', sizeof secret);
    secret[sizeof secret - 1] = '\0';
    dzr__s3_signing signing = of_s3;
    signing.method = "GET", signing.path = "/", signing.payload_hash = OF_NOTHING;
    signing.secret_key = secret;
    assert_fails(dzr__s3_authorize(&signing, &out, &err), DZR_ERR_ARG, "secret key is longer than 251 bytes");
    assert_null(strstr(err.message, "SS"));
    assert_int_equal(out.len, 0);
    secret[251] = '\0';
    assert_ok(dzr__s3_authorize(&signing, &out, &err));
    dzr__bytebuf_fini(&out);
}

static void every_failing_allocation_is_told(void **state)
{
    (void)state;
    const vector *const v = &suite[sizeof suite / sizeof *suite - 1];
    dzr__s3_signing signing = of_suite;
    signing.method = v->method, signing.path = v->path;
    signing.headers = v->headers, signing.n_headers = count(v->headers);
    signing.payload_hash = OF_NOTHING;
    dzr_status st = DZR_ERR_NOMEM;
    int64_t n = 0;
    while (st == DZR_ERR_NOMEM) {
        alloc_nth nth;
        alloc_nth_init(&nth, ++n);
        dzr_bytebuf out = {.alloc = &nth.allocator};
        dzr_error err;
        st = dzr__s3_authorize(&signing, &out, &err);
        dzr__bytebuf_fini(&out);
        assert_int_equal(nth.n_out, 0);
    }
    assert_int_equal(st, DZR_OK);
    assert_true(n > 3); /* the canonical request, the string to sign, the header */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(amazons_test_suite_is_signed_as_published),
            cmocka_unit_test(amazons_s3_examples_are_signed_as_published),
            cmocka_unit_test(an_unsigned_payload_stands_for_its_hash),
            cmocka_unit_test(keys_are_encoded_by_s3s_rule),
            cmocka_unit_test(a_secret_too_long_is_refused_and_not_shown),
            cmocka_unit_test(every_failing_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
