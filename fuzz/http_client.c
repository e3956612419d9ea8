/* fuzz/http_client.c - what the HTTP client reads of headers and URLs by itself: Retry-After, URLs to show, body
 * excerpts. Properties: a wait is never negative nor past its ceiling; a shown text is one line of UTF-8 that ends; a
 * URL that was normalized is normal, and its password does not show. */
#include "net/client/internal.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_line(const char *text, size_t cap)
{
    const size_t len = strnlen(text, cap);
    require(len < cap);
    for (size_t i = 0; i < len; i++)
        require((unsigned char)text[i] >= 0x20 && text[i] != 0x7f);
}

static void check_url(const char *text)
{
    char shown[DZR_URL_SHOWN_BYTES];
    dzr__url_shown(text, shown);
    check_line(shown, sizeof shown);
    char *normal = NULL;
    if (dzr__url_normalize(text, NULL, &normal, NULL) != DZR_OK)
        return;
    char *again = NULL;
    require(dzr__url_normalize(normal, NULL, &again, NULL) == DZR_OK);
    require(strcmp(normal, again) == 0);
    dzr__url_shown(normal, shown);
    check_line(shown, sizeof shown);
    dzr_release(NULL, again);
    dzr_release(NULL, normal);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *const text = malloc(size + 1);
    if (text == NULL)
        return 0;
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';

    const dzr_http_client_options options = DZR_HTTP_CLIENT_DEFAULTS;
    const int64_t wait_ms = dzr__retry_wait_ms(&options, 2, 503, text, 784111777);
    require(wait_ms >= 0 && wait_ms <= options.retry_after_max_ms);
    int64_t asked_ms = 0;
    if (dzr__retry_after_ms(text, 784111777, &asked_ms))
        require(asked_ms >= 0);
    else
        require(wait_ms == 4000);

    char excerpt[DZR_EXCERPT_BYTES];
    dzr__body_excerpt((dzr_bytes){.at = data, .len = size}, excerpt);
    check_line(excerpt, sizeof excerpt);
    require(dzr__utf8_valid(excerpt, strlen(excerpt)));

    check_url(text);
    free(text);
    return 0;
}
