/* net/client/retry.c - when to try again and how long to wait: pure functions, called by client.c.
 * The rules are go-retryablehttp's default policy and backoff (docs/ingest.md), with a ceiling on Retry-After.
 * Spec: RFC 9110, 10.2.3 "Retry-After" and 5.6.7 "Date/Time Formats". */
#include "net/client/internal.h"

bool dzr__retry_status(int status)
{
    return status == 429 || status == 0 || (status >= 500 && status != 501);
}

bool dzr__retry_code(CURLcode code)
{
    switch (code) {
    /* the request itself is wrong, or this machine can't make it */
    case CURLE_URL_MALFORMAT:
    case CURLE_BAD_FUNCTION_ARGUMENT:
    case CURLE_UNKNOWN_OPTION:
    case CURLE_NOT_BUILT_IN:
    case CURLE_FAILED_INIT:
    case CURLE_OUT_OF_MEMORY:
    /* the peer is not who it should be */
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    /* a whole body came, in an encoding that can't be undone */
    case CURLE_BAD_CONTENT_ENCODING:
        return false;
    default:
        return true;
    }
}

int64_t dzr__retry_backoff_ms(int64_t min_ms, int64_t max_ms, int32_t n_failed_before)
{
    int64_t wait_ms = min_ms;
    for (int32_t i = 0; i < n_failed_before && wait_ms < max_ms; i++)
        if (__builtin_mul_overflow(wait_ms, 2, &wait_ms) || wait_ms == 0)
            return wait_ms == 0 ? 0 : max_ms;
    return DZR_MIN(wait_ms, max_ms);
}

static bool parse_seconds(const char *value, int64_t *wait_ms)
{
    int64_t ms = 0;
    for (const char *at = value; *at != '\0'; at++) {
        if (*at < '0' || *at > '9')
            return false;
        if (__builtin_mul_overflow(ms, 10, &ms) || __builtin_add_overflow(ms, (*at - '0') * 1000, &ms))
            ms = INT64_MAX / 10; /* more than anybody waits; the digits that follow keep it there */
    }
    *wait_ms = ms;
    return *value != '\0';
}

bool dzr__retry_after_ms(const char *value, int64_t now_unix_ms, int64_t *wait_ms)
{
    if (parse_seconds(value, wait_ms))
        return true;
    /* curl's reader of dates takes much more than HTTP's three formats; each of those begins with a day's name and has
     * a time in it. */
    const bool letter = (value[0] >= 'A' && value[0] <= 'Z') || (value[0] >= 'a' && value[0] <= 'z');
    if (!letter || strchr(value, ':') == NULL)
        return false;
    const int64_t then_unix_s = curl_getdate(value, NULL);
    if (then_unix_s == -1)
        return false;
    int64_t ms = 0;
    if (__builtin_mul_overflow(then_unix_s, 1000, &ms) || __builtin_sub_overflow(ms, now_unix_ms, &ms))
        return false;
    *wait_ms = DZR_MAX(ms, (int64_t)0);
    return true;
}

int64_t dzr__retry_wait_ms(const dzr_http_client_options *options, int32_t n_failed_before, int status,
        const char *retry_after, int64_t now_unix_ms)
{
    int64_t wait_ms = 0;
    if ((status == 429 || status == 503) && retry_after != NULL &&
            dzr__retry_after_ms(retry_after, now_unix_ms, &wait_ms))
        return DZR_MIN(wait_ms, options->retry_after_max_ms);
    return dzr__retry_backoff_ms(options->wait_min_ms, options->wait_max_ms, n_failed_before);
}
