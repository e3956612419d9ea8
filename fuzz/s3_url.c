/* fuzz/s3_url.c - an s3:// URL, and on the lines after it an endpoint and a region, empty for none (store/s3/config.c).
 * Holds: bucket, key and host are within their rules; the request's URL is one whose path libcurl takes for the same,
 * without query or fragment, and decodes to bucket and key; a refusal has a reason and no secret. */
#include "store/s3/s3.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void must(bool holds, const char *promise)
{
    if (holds)
        return;
    fprintf(stderr, "broken: %s\n", promise);
    abort();
}

static void append(dzr_bytebuf *out, const char *text)
{
    dzr_error err;
    must(dzr__bytebuf_append(out, text, strlen(text), &err) == DZR_OK, "memory");
}

static void check_request(const dzr__s3_config *config)
{
    dzr_error err;
    dzr_bytebuf url = {0}, plain = {0};
    append(&url, config->scheme), append(&url, "://"), append(&url, config->host);
    const size_t path_at = url.len;
    append(&url, config->base), append(&url, "/");
    must(dzr__s3_encode(&url, config->key, true, &err) == DZR_OK, "memory");
    must(dzr__bytebuf_append(&url, "", 1, &err) == DZR_OK, "memory");
    append(&plain, config->base), append(&plain, "/"), append(&plain, config->key);
    const char *const path = (const char *)url.at + path_at;

    CURLU *const parsed = curl_url();
    must(parsed != NULL, "memory");
    if (curl_url_set(parsed, CURLUPART_URL, (const char *)url.at, CURLU_PATH_AS_IS) == CURLUE_OK) {
        char *part = NULL;
        must(curl_url_get(parsed, CURLUPART_PATH, &part, 0) == CURLUE_OK, "a URL has a path");
        must(strcmp(part, path) == 0, "libcurl takes the path for the same");
        curl_free(part);
        must(curl_url_get(parsed, CURLUPART_QUERY, &part, 0) == CURLUE_NO_QUERY, "a key adds no query");
        must(curl_url_get(parsed, CURLUPART_FRAGMENT, &part, 0) == CURLUE_NO_FRAGMENT, "a key adds no fragment");
        must(curl_url_get(parsed, CURLUPART_USER, &part, 0) == CURLUE_NO_USER, "an endpoint has no user");
    } else {
        must(strpbrk(config->host, "[.") != NULL, "only addresses may be none for libcurl");
    }
    curl_url_cleanup(parsed);

    int n = 0;
    char *const decoded = curl_easy_unescape(NULL, path, 0, &n);
    must(decoded != NULL, "memory");
    must((size_t)n == plain.len && memcmp(decoded, plain.at, plain.len) == 0, "the path decodes to bucket and key");
    curl_free(decoded);
    dzr__bytebuf_fini(&url);
    dzr__bytebuf_fini(&plain);
}

static void check_config(const dzr__s3_config *config, bool wants_key)
{
    static const char allowed[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._:[]";
    must(strcmp(config->scheme, "http") == 0 || strcmp(config->scheme, "https") == 0, "the scheme is one of two");
    must(config->host[0] != '\0' && config->host[strspn(config->host, allowed)] == '\0', "a host is one");
    must(strlen(config->bucket) >= 3 && strlen(config->bucket) <= 63, "a bucket's name is 3 to 63 bytes");
    must(config->bucket[strspn(config->bucket, "0123456789abcdefghijklmnopqrstuvwxyz-.")] == '\0', "of few characters");
    must(strlen(config->key) <= 1024 && dzr__utf8_valid(config->key, strlen(config->key)), "a key is short UTF-8");
    must(!wants_key || config->key[0] != '\0', "a key that is wanted is there");
    must(config->url[0] != '\0' && strlen(config->url) <= 303, "the URL for messages is short");
    must(config->base[0] == '\0' || (config->base[0] == '/' && strcmp(config->base + 1, config->bucket) == 0),
            "a path begins with the bucket or nothing");
    check_request(config);
}

static void leave_the_environment(void)
{
    static bool done;
    if (done)
        return;
    clearenv(); /* the settings come from the input alone */
    must(setenv("HOME", "/nonexistent", 1) == 0, "memory");
    done = true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    leave_the_environment();
    char *const text = malloc(len + 1);
    must(text != NULL, "memory");
    memcpy(text, bytes, len);
    text[len] = '\0';
    const bool shouted = memmem(text, len, "hush-hush", 9) != NULL; /* the secret stands in the input by chance */
    char *rest = text;
    const char *const url = strsep(&rest, "\n"), *const endpoint = strsep(&rest, "\n"), *const region = rest;
    for (int i = 0; i < 6; i++) {
        const bool wants_key = i % 2 == 0;
        const dzr_s3_options options = {.access_key = "AK",
                .secret_key = "hush-hush",
                .endpoint = endpoint,
                .region = region,
                .style = (dzr_s3_style)(i / 2)};
        dzr_error err = {0};
        dzr_arena arena;
        dzr__s3_config config;
        dzr__arena_init(&arena, NULL, 0);
        const dzr_status st = dzr__s3_config_make(url, &options, wants_key, &arena, &config, &err);
        if (st == DZR_OK)
            check_config(&config, wants_key);
        else
            must(st == DZR_ERR_ARG && err.status == st && err.message[0] != '\0', "a refusal has a reason");
        must(strstr(err.message, "hush-hush") == NULL || shouted, "and no secret");
        dzr__arena_fini(&arena);
    }
    free(text);
    return 0;
}
