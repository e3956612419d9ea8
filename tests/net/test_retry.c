/* tests/net/test_retry.c - the pure functions of the HTTP client: when to retry, how long to wait, what messages show.
 */
#include "net/client/internal.h"
#include "support.h"

static void retried_statuses_are_429_and_5xx_but_501(void **state)
{
    (void)state;
    static const int retried[] = {0, 429, 500, 502, 503, 504, 505, 520, 599, 600, 999};
    static const int answers[] = {
            200, 201, 204, 206, 301, 304, 307, 400, 401, 403, 404, 408, 409, 422, 425, 428, 430, 499, 501};
    for (size_t i = 0; i < sizeof retried / sizeof retried[0]; i++)
        if (!dzr__retry_status(retried[i]))
            fail_msg("%d should be retried", retried[i]);
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
        if (dzr__retry_status(answers[i]))
            fail_msg("%d should be an answer", answers[i]);
}

static void transport_errors_are_retried_unless_they_would_repeat(void **state)
{
    (void)state;
    static const CURLcode retried[] = {CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT, CURLE_GOT_NOTHING,
            CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_UNSUPPORTED_PROTOCOL,
            CURLE_WEIRD_SERVER_REPLY, CURLE_SSL_CONNECT_ERROR, CURLE_HTTP2};
    static const CURLcode final[] = {CURLE_URL_MALFORMAT, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE,
            CURLE_OUT_OF_MEMORY, CURLE_BAD_CONTENT_ENCODING};
    for (size_t i = 0; i < sizeof retried / sizeof retried[0]; i++)
        if (!dzr__retry_code(retried[i]))
            fail_msg("\"%s\" should be retried", curl_easy_strerror(retried[i]));
    for (size_t i = 0; i < sizeof final / sizeof final[0]; i++)
        if (dzr__retry_code(final[i]))
            fail_msg("\"%s\" should be final", curl_easy_strerror(final[i]));
}

static void waits_double_up_to_their_ceiling(void **state)
{
    (void)state;
    static const struct {
        int64_t min_ms, max_ms;
        int32_t n_failed_before;
        int64_t want_ms;
    } waits[] = {
            {1000, 30000, 0, 1000},
            {1000, 30000, 1, 2000},
            {1000, 30000, 4, 16000},
            {1000, 30000, 5, 30000},
            {1000, 30000, 62, 30000},
            {1000, 30000, INT32_MAX, 30000},
            {1000, INT64_MAX, 63, INT64_MAX},
            {5000, 1000, 0, 1000},
            {0, 30000, 7, 0},
            {0, 30000, INT32_MAX, 0},
            {1000, 0, 3, 0},
    };
    for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++)
        assert_int_equal(
                dzr__retry_backoff_ms(waits[i].min_ms, waits[i].max_ms, waits[i].n_failed_before), waits[i].want_ms);
}

static const int64_t now_ms = INT64_C(784111777) * 1000; /* Sun, 06 Nov 1994 08:49:37 GMT */

static void retry_after_is_seconds_or_an_http_date(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        bool parses;
        int64_t want_ms;
    } values[] = {
            {"0", true, 0},
            {"1", true, 1000},
            {"0120", true, 120000},
            {"86400", true, 86400000},
            {"Sun, 06 Nov 1994 08:49:37 GMT", true, 0},
            {"Sun, 06 Nov 1994 08:49:47 GMT", true, 10000},
            {"Sun, 06 Nov 1994 08:49:27 GMT", true, 0}, /* past */
            {"Mon, 07 Nov 1994 08:49:37 GMT", true, 86400000},
            {"Sunday, 06-Nov-94 08:49:47 GMT", true, 10000}, /* the two obsolete forms of RFC 9110 */
            {"Sun Nov  6 08:49:47 1994", true, 10000},
            {"", false, 0},
            {"-1", false, 0},
            {"+1", false, 0},
            {"1.5", false, 0},
            {"1 s", false, 0},
            {"soon", false, 0},
            {"Sun", false, 0},
            {"Sun, 32 Nov 1994 08:49:37 GMT", false, 0},
            {"1994-11-06T08:49:47Z", false, 0},
            {"20941106", true, INT64_C(20941106) * 1000},
    };
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        int64_t wait_ms = -7;
        if (dzr__retry_after_ms(values[i].value, now_ms, &wait_ms) != values[i].parses)
            fail_msg("\"%s\" should %sparse", values[i].value, values[i].parses ? "" : "not ");
        if (values[i].parses && wait_ms != values[i].want_ms)
            fail_msg("\"%s\" gives %lld", values[i].value, (long long)wait_ms);
    }
}

static void a_date_is_waited_for_from_this_moment_not_from_its_second(void **state)
{
    (void)state;
    int64_t wait_ms = 0;
    assert_true(dzr__retry_after_ms("Sun, 06 Nov 1994 08:49:39 GMT", now_ms + 900, &wait_ms));
    assert_int_equal(wait_ms, 1100);
    assert_true(dzr__retry_after_ms("Sun, 06 Nov 1994 08:49:37 GMT", now_ms + 900, &wait_ms));
    assert_int_equal(wait_ms, 0);
    assert_true(dzr__retry_after_ms("2", now_ms + 900, &wait_ms));
    assert_int_equal(wait_ms, 2000);
}

static void seconds_past_64_bits_are_a_long_wait_not_a_short_one(void **state)
{
    (void)state;
    int64_t wait_ms = 0;
    assert_true(dzr__retry_after_ms("18446744073709551617", now_ms, &wait_ms));
    assert_true(wait_ms > INT64_C(1000) * 1000 * 1000 * 1000);
    assert_true(dzr__retry_after_ms("99999999999999999999999999999999999999999999", now_ms, &wait_ms));
    assert_true(wait_ms > INT64_C(1000) * 1000 * 1000 * 1000);
}

static void retry_after_counts_for_429_and_503_up_to_its_own_ceiling(void **state)
{
    (void)state;
    const dzr_http_client_options options = DZR_HTTP_CLIENT_DEFAULTS;
    static const struct {
        int status;
        const char *retry_after;
        int64_t want_ms; /* the second wait: 2 s without the header */
    } waits[] = {
            {429, "7", 7000},
            {503, "7", 7000},
            {500, "7", 2000},
            {502, "7", 2000},
            {0, "7", 2000},
            {503, "0", 0},
            {503, NULL, 2000},
            {503, "soon", 2000},
            {429, "45", 45000}, /* past wait_max_ms */
            {429, "61", 60000},
            {429, "99999999999999999999", 60000},
            {503, "Sun, 06 Nov 1994 08:49:40 GMT", 3000},
            {503, "Sun, 06 Nov 2094 08:49:40 GMT", 60000},
    };
    for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++)
        assert_int_equal(
                dzr__retry_wait_ms(&options, 1, waits[i].status, waits[i].retry_after, now_ms), waits[i].want_ms);
}

static void urls_are_shown_without_secrets(void **state)
{
    (void)state;
    static const struct {
        const char *url, *shown;
    } urls[] = {
            {"http://127.0.0.1:8000/users/?limit=50&skip=0", "http://127.0.0.1:8000/users/?limit=50&skip=0"},
            {"http://ann:secret@host/users/", "http://ann:xxxxx@host/users/"},
            {"http://ann@host/users/", "http://ann@host/users/"},
            {"https://host/a?api_key=abc&limit=5", "https://host/a?api_key=xxxxx&limit=5"},
            {"https://host/a?x=1&Access_Token=abc&&y", "https://host/a?x=1&Access_Token=xxxxx&&y"},
            {"https://host/a?X-Amz-Signature=00&X-Amz-Date=1", "https://host/a?X-Amz-Signature=xxxxx&X-Amz-Date=1"},
            {"https://host/a?token", "https://host/a?token"},
            {"https://host/a?author=me&keys=1&password=", "https://host/a?author=me&keys=1&password=xxxxx"},
            {"https://host/a#fragment", "https://host/a"},
            {"s3://key:secret@bucket/a", "s3://key:xxxxx@bucket/a"},
            {"localhost:8000/users/", "\"localhost:8000/users/\""},
            {"ann:secret@host", "(a URL that can't be read)"},
            {"http://", "\"http://\""},
            {"", "\"\""},
    };
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        char shown[DZR_URL_SHOWN_BYTES];
        dzr__url_shown(urls[i].url, shown);
        assert_string_equal(shown, urls[i].shown);
    }
}

static void a_long_url_is_shown_cut(void **state)
{
    (void)state;
    char url[2000];
    memset(url, 'a', sizeof url);
    memcpy(url, "http://host/", 12);
    url[sizeof url - 1] = '\0';
    char shown[DZR_URL_SHOWN_BYTES];
    dzr__url_shown(url, shown);
    assert_int_equal(strlen(shown), DZR_URL_SHOWN_BYTES - 1);
    assert_string_equal(shown + DZR_URL_SHOWN_BYTES - 5, "a...");
}

static void urls_are_normalized_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *url, *normal; /* NULL: refused */
    } urls[] = {
            {"http://host", "http://host/"},
            {"HTTP://Host:8000/users/", "http://Host:8000/users/"},
            {"http://host/users/?a=1#top", "http://host/users/?a=1"},
            {"http://[::1]:8000/users/", "http://[::1]:8000/users/"},
            {"host/users/", NULL},
            {"ftp://host/users/", NULL},
            {"file:///etc/passwd", NULL},
            {"http://", NULL},
            {"http://host:99999/", NULL},
            {"http://host/a b", NULL},
            {"http://host/a\nb", NULL},
            {"", NULL},
    };
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        char *normal = NULL;
        dzr_error err;
        const dzr_status st = dzr__url_normalize(urls[i].url, NULL, &normal, &err);
        if (urls[i].normal == NULL) {
            if (st != DZR_ERR_ARG)
                fail_msg("\"%s\" should be refused", urls[i].url);
            assert_null(normal);
        } else {
            assert_int_equal(st, DZR_OK);
            assert_string_equal(normal, urls[i].normal);
        }
        dzr_release(NULL, normal);
    }
}

static void bodies_are_shown_as_one_safe_line(void **state)
{
    (void)state;
    static const struct {
        const char *body, *shown;
    } bodies[] = {
            {"", ""},
            {"gone", "gone"},
            {"two\nlines\tand\ra bell\a", "two lines and a bell?"},
            {"Žofie 李 \xff\xc3", "Žofie 李 ??"},
            {"\x1b[31mred\xc2\x9b", "?[31mred??"},
    };
    char shown[DZR_EXCERPT_BYTES];
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        dzr__body_excerpt((dzr_bytes){(const uint8_t *)bodies[i].body, strlen(bodies[i].body)}, shown);
        assert_string_equal(shown, bodies[i].shown);
    }
    char long_body[1000];
    for (size_t i = 0; i < sizeof long_body; i += 2)
        memcpy(long_body + i, "\xc5\xbd", 2);
    dzr__body_excerpt((dzr_bytes){(const uint8_t *)long_body, sizeof long_body}, shown);
    assert_int_equal(strlen(shown), DZR_EXCERPT_BYTES - 1);
    assert_string_equal(shown + strlen(shown) - 5, "\xc5\xbd...");
}

static void what_broke_is_told_in_words_that_do_not_change(void **state)
{
    (void)state;
    static const struct {
        CURLcode code;
        long os_errno;
        const char *curl_words, *want;
    } rows[] = {
            {CURLE_COULDNT_RESOLVE_HOST, 0, "Could not resolve host: x", "the host's name does not resolve"},
            {CURLE_COULDNT_CONNECT, 111, "Failed to connect after 3 ms", "no connection: Connection refused"},
            {CURLE_COULDNT_CONNECT, 0, "Failed to connect after 3 ms", "no connection"},
            {CURLE_RECV_ERROR, 104, "Recv failure", "the connection broke while receiving: Connection reset by peer"},
            {CURLE_RECV_ERROR, 0, "Too large response headers", "Too large response headers"},
            {CURLE_RECV_ERROR, 0, "", "the connection broke while receiving"},
            {CURLE_PEER_FAILED_VERIFICATION, 0, "expired", "the server's certificate is not trusted: expired"},
            {CURLE_HTTP2, 0, "", "Error in the HTTP2 framing layer"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char words[DZR_WORDS_BYTES];
        dzr__transfer_words(rows[i].code, rows[i].os_errno, rows[i].curl_words, words);
        assert_string_equal(words, rows[i].want);
    }
}

static void durations_are_shown_in_their_largest_unit(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        const char *shown;
    } durations[] = {{0, "0 ms"}, {250, "250 ms"}, {1000, "1 s"}, {1500, "1.5 s"}, {15000, "15 s"}, {60000, "1 min"},
            {90000, "90 s"}, {300000, "5 min"}};
    for (size_t i = 0; i < sizeof durations / sizeof durations[0]; i++) {
        char shown[32];
        dzr__duration_words(durations[i].ms, shown);
        assert_string_equal(shown, durations[i].shown);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(retried_statuses_are_429_and_5xx_but_501),
            cmocka_unit_test(transport_errors_are_retried_unless_they_would_repeat),
            cmocka_unit_test(waits_double_up_to_their_ceiling),
            cmocka_unit_test(retry_after_is_seconds_or_an_http_date),
            cmocka_unit_test(a_date_is_waited_for_from_this_moment_not_from_its_second),
            cmocka_unit_test(seconds_past_64_bits_are_a_long_wait_not_a_short_one),
            cmocka_unit_test(retry_after_counts_for_429_and_503_up_to_its_own_ceiling),
            cmocka_unit_test(urls_are_shown_without_secrets),
            cmocka_unit_test(a_long_url_is_shown_cut),
            cmocka_unit_test(urls_are_normalized_or_refused),
            cmocka_unit_test(bodies_are_shown_as_one_safe_line),
            cmocka_unit_test(what_broke_is_told_in_words_that_do_not_change),
            cmocka_unit_test(durations_are_shown_in_their_largest_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
