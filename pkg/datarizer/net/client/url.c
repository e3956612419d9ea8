/* net/client/url.c - URLs through curl's own parser, so that what is checked here is what curl will ask for; and URLs
 * as messages may show them, without secrets. Called by client.c and room ingest. Spec: RFC 3986. */
#include "net/client/internal.h"

#include <stdio.h>
#include <strings.h>

static const char hidden[] = "xxxxx";

bool dzr__url_is_http(const char *url)
{
    return strncasecmp(url, "http://", 7) == 0 || strncasecmp(url, "https://", 8) == 0;
}

dzr_status dzr__url_normalize(const char *text, const dzr_allocator *alloc, char **out, dzr_error *err)
{
    char shown[DZR_URL_SHOWN_BYTES];
    dzr__url_shown(text, shown);
    if (!dzr__url_is_http(text))
        return dzr_fail(err, DZR_ERR_ARG, "%s: must begin with http:// or https://", shown);
    CURLU *const url = curl_url();
    if (url == NULL)
        return dzr_fail(err, DZR_ERR_NOMEM, "out of memory for a URL");
    char *whole = NULL;
    CURLUcode code = curl_url_set(url, CURLUPART_URL, text, 0);
    if (code == CURLUE_OK)
        code = curl_url_set(url, CURLUPART_FRAGMENT, NULL, 0);
    if (code == CURLUE_OK)
        code = curl_url_get(url, CURLUPART_URL, &whole, 0);
    dzr_status st = DZR_OK;
    if (code == CURLUE_OUT_OF_MEMORY)
        st = dzr_fail(err, DZR_ERR_NOMEM, "out of memory for a URL");
    else if (code != CURLUE_OK)
        st = dzr_fail(err, DZR_ERR_ARG, "%s: %s", shown, curl_url_strerror(code));
    else {
        const size_t n_bytes = strlen(whole) + 1;
        *out = dzr_alloc_array(alloc, n_bytes, 1, err);
        if (*out == NULL)
            st = DZR_ERR_NOMEM;
        else
            memcpy(*out, whole, n_bytes);
    }
    curl_free(whole);
    curl_url_cleanup(url);
    return st;
}

/* Names such as access_token, api_key, X-Amz-Signature, password. */
static bool names_a_secret(const char *name, size_t len)
{
    static const char *const within[] = {"token", "secret", "passw", "signature", "credential"};
    static const char *const endings[] = {"key", "pwd", "sig", "auth", "authorization"};
    for (size_t i = 0; i < sizeof within / sizeof within[0]; i++) {
        const size_t n = strlen(within[i]);
        for (size_t at = 0; at + n <= len; at++)
            if (strncasecmp(name + at, within[i], n) == 0)
                return true;
    }
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        const size_t n = strlen(endings[i]);
        if (len >= n && strncasecmp(name + len - n, endings[i], n) == 0)
            return true;
    }
    return false;
}

static void put(char out[DZR_URL_SHOWN_BYTES], size_t *len, const char *text, size_t n)
{
    for (size_t i = 0; i < n && *len < DZR_URL_SHOWN_BYTES; i++)
        out[(*len)++] = text[i];
}

/* Copies a query, its secrets hidden. */
static void put_query(char out[DZR_URL_SHOWN_BYTES], size_t *len, const char *query)
{
    while (*query != '\0') {
        const size_t n = strcspn(query, "&");
        const size_t n_name = strcspn(query, "=&");
        if (n_name < n && names_a_secret(query, n_name)) {
            put(out, len, query, n_name + 1);
            put(out, len, hidden, sizeof hidden - 1);
        } else {
            put(out, len, query, n);
        }
        query += n;
        if (*query == '&')
            put(out, len, query++, 1);
    }
}

/* The parts of a URL that was parsed: all before the query, then the query. */
static bool split(CURLU *url, char **front, char **query)
{
    char *password = NULL;
    const bool has_password = curl_url_get(url, CURLUPART_PASSWORD, &password, 0) == CURLUE_OK;
    curl_free(password);
    if (has_password && curl_url_set(url, CURLUPART_PASSWORD, hidden, 0) != CURLUE_OK)
        return false;
    const CURLUcode code = curl_url_get(url, CURLUPART_QUERY, query, 0);
    if (code != CURLUE_OK && code != CURLUE_NO_QUERY)
        return false;
    return curl_url_set(url, CURLUPART_QUERY, NULL, 0) == CURLUE_OK &&
           curl_url_set(url, CURLUPART_FRAGMENT, NULL, 0) == CURLUE_OK &&
           curl_url_get(url, CURLUPART_URL, front, 0) == CURLUE_OK;
}

void dzr__url_shown(const char *text, char out[DZR_URL_SHOWN_BYTES])
{
    CURLU *const url = curl_url();
    char *front = NULL;
    char *query = NULL;
    if (url != NULL && curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
            split(url, &front, &query)) {
        size_t len = 0;
        put(out, &len, front, strlen(front));
        if (query != NULL) {
            put(out, &len, "?", 1);
            put_query(out, &len, query);
        }
        if (len == DZR_URL_SHOWN_BYTES)
            memcpy(out + DZR_URL_SHOWN_BYTES - 4, "...", 4);
        else
            out[len] = '\0';
    } else if (strpbrk(text, "@?") == NULL) { /* where a secret would stand */
        char excerpt[DZR_EXCERPT_BYTES];
        dzr__body_excerpt((dzr_bytes){.at = (const uint8_t *)text, .len = strlen(text)}, excerpt);
        (void)snprintf(out, DZR_URL_SHOWN_BYTES, "\"%s\"", excerpt);
    } else {
        (void)snprintf(out, DZR_URL_SHOWN_BYTES, "(a URL that can't be read)");
    }
    curl_free(front);
    curl_free(query);
    curl_url_cleanup(url);
}
