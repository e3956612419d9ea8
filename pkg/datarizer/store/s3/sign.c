/* store/s3/sign.c - Signature Version 4 on libcrypto. Called by client.c with each request; libcurl 7.88 signs too, but
 * does not put queries into their canonical form.
 * Spec: AWS General Reference, "Signature Version 4 signing process"; S3 API Reference, "Authenticating requests". */
#include "store/s3/s3.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>

enum { HASH = 32, DATE = 8 };

static dzr_status put(dzr_bytebuf *out, const char *text, dzr_error *err)
{
    return dzr__bytebuf_append(out, text, strlen(text), err);
}

static bool is_unreserved(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

dzr_status dzr__s3_encode(dzr_bytebuf *out, const char *text, bool keep_slash, dzr_error *err)
{
    static const char hex[] = "0123456789ABCDEF";
    for (; *text != '\0'; text++) {
        const uint8_t byte = (uint8_t)*text;
        const char escaped[] = {'%', hex[byte >> 4], hex[byte & 15]};
        if (is_unreserved(*text) || (keep_slash && *text == '/'))
            DZR_TRY(dzr__bytebuf_append(out, text, 1, err));
        else
            DZR_TRY(dzr__bytebuf_append(out, escaped, sizeof escaped, err));
    }
    return DZR_OK;
}

dzr_status dzr__s3_query(dzr_bytebuf *out, const dzr__s3_pair *query, size_t n, dzr_error *err)
{
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            DZR_TRY(put(out, "&", err));
        DZR_TRY(dzr__s3_encode(out, query[i].name, false, err));
        DZR_TRY(put(out, "=", err));
        DZR_TRY(dzr__s3_encode(out, query[i].value, false, err));
    }
    return DZR_OK;
}

static void to_hex(const uint8_t *bytes, char out[DZR__S3_HEX + 1])
{
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < HASH; i++) {
        out[2 * i] = hex[bytes[i] >> 4];
        out[2 * i + 1] = hex[bytes[i] & 15];
    }
    out[DZR__S3_HEX] = '\0';
}

dzr_status dzr__s3_hash(dzr_bytes bytes, char out[DZR__S3_HEX + 1], dzr_error *err)
{
    uint8_t sum[HASH];
    if (EVP_Digest(bytes.at, bytes.len, sum, NULL, EVP_sha256(), NULL) != 1)
        return dzr_fail(err, DZR_ERR_NOMEM, "libcrypto can't hash %zu bytes", bytes.len);
    to_hex(sum, out);
    return DZR_OK;
}

/* ---- step 1: the request in its canonical form ---- */

/* White space around is cut, and inside made one space. */
static dzr_status put_value(dzr_bytebuf *out, const char *value, dzr_error *err)
{
    value += strspn(value, " ");
    while (*value != '\0') {
        const size_t word = strcspn(value, " ");
        DZR_TRY(dzr__bytebuf_append(out, value, word, err));
        value += word;
        const size_t space = strspn(value, " ");
        value += space;
        if (space > 0 && *value != '\0')
            DZR_TRY(put(out, " ", err));
    }
    return DZR_OK;
}

/* A name that comes again adds its value to the first one's. */
static bool repeats(const dzr__s3_signing *signing, size_t i)
{
    return i > 0 && strcmp(signing->headers[i].name, signing->headers[i - 1].name) == 0;
}

#ifndef NDEBUG /* for the assert */
static bool in_order(const dzr__s3_pair *pairs, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (strcmp(pairs[i - 1].name, pairs[i].name) > 0)
            return false;
    return true;
}
#endif

static dzr_status put_signed_headers(dzr_bytebuf *out, const dzr__s3_signing *signing, dzr_error *err)
{
    for (size_t i = 0; i < signing->n_headers; i++) {
        if (repeats(signing, i))
            continue;
        if (i > 0)
            DZR_TRY(put(out, ";", err));
        DZR_TRY(put(out, signing->headers[i].name, err));
    }
    return DZR_OK;
}

dzr_status dzr__s3_canonical(const dzr__s3_signing *signing, dzr_bytebuf *out, dzr_error *err)
{
    assert(in_order(signing->query, signing->n_query) && in_order(signing->headers, signing->n_headers));
    DZR_TRY(put(out, signing->method, err));
    DZR_TRY(put(out, "\n", err));
    DZR_TRY(put(out, signing->path, err));
    DZR_TRY(put(out, "\n", err));
    DZR_TRY(dzr__s3_query(out, signing->query, signing->n_query, err));
    for (size_t i = 0; i < signing->n_headers; i++) {
        if (repeats(signing, i)) {
            DZR_TRY(put(out, ",", err));
        } else {
            DZR_TRY(put(out, "\n", err));
            DZR_TRY(put(out, signing->headers[i].name, err));
            DZR_TRY(put(out, ":", err));
        }
        DZR_TRY(put_value(out, signing->headers[i].value, err));
    }
    DZR_TRY(put(out, "\n\n", err));
    DZR_TRY(put_signed_headers(out, signing, err));
    DZR_TRY(put(out, "\n", err));
    return put(out, signing->payload_hash, err);
}

/* ---- step 2 ---- */

static dzr_status put_scope(dzr_bytebuf *out, const dzr__s3_signing *signing, dzr_error *err)
{
    DZR_TRY(dzr__bytebuf_append(out, signing->time, DATE, err));
    DZR_TRY(put(out, "/", err));
    DZR_TRY(put(out, signing->region, err));
    DZR_TRY(put(out, "/", err));
    DZR_TRY(put(out, signing->service, err));
    return put(out, "/aws4_request", err);
}

dzr_status dzr__s3_string_to_sign(const dzr__s3_signing *signing, dzr_bytebuf *out, dzr_error *err)
{
    char hash[DZR__S3_HEX + 1];
    dzr_bytebuf canonical = {.alloc = out->alloc};
    dzr_status st = dzr__s3_canonical(signing, &canonical, err);
    if (st == DZR_OK)
        st = dzr__s3_hash((dzr_bytes){canonical.at, canonical.len}, hash, err);
    dzr__bytebuf_fini(&canonical);
    DZR_TRY(st);
    DZR_TRY(put(out, "AWS4-HMAC-SHA256\n", err));
    DZR_TRY(put(out, signing->time, err));
    DZR_TRY(put(out, "\n", err));
    DZR_TRY(put_scope(out, signing, err));
    DZR_TRY(put(out, "\n", err));
    return put(out, hash, err);
}

/* ---- step 3: the key of the day, region and service, and with it the signature ---- */

static bool hmac(const uint8_t *key, size_t key_len, const void *text, size_t len, uint8_t out[HASH])
{
    unsigned n = HASH;
    return HMAC(EVP_sha256(), key, (int)key_len, text, len, out, &n) != NULL;
}

static dzr_status sign(const dzr__s3_signing *signing, dzr_bytes text, char out[DZR__S3_HEX + 1], dzr_error *err)
{
    char first[256];
    uint8_t key[HASH];
    const int n = snprintf(first, sizeof first, "AWS4%s", signing->secret_key);
    if (n < 0 || (size_t)n >= sizeof first)
        return dzr_fail(err, DZR_ERR_ARG, "the secret key is longer than %zu bytes", sizeof first - 5);
    bool ok = hmac((const uint8_t *)first, (size_t)n, signing->time, DATE, key);
    ok = ok && hmac(key, HASH, signing->region, strlen(signing->region), key);
    ok = ok && hmac(key, HASH, signing->service, strlen(signing->service), key);
    ok = ok && hmac(key, HASH, "aws4_request", strlen("aws4_request"), key);
    ok = ok && hmac(key, HASH, text.at, text.len, key);
    explicit_bzero(first, sizeof first);
    if (!ok)
        return dzr_fail(err, DZR_ERR_NOMEM, "libcrypto can't sign");
    to_hex(key, out);
    return DZR_OK;
}

dzr_status dzr__s3_authorize(const dzr__s3_signing *signing, dzr_bytebuf *out, dzr_error *err)
{
    char signature[DZR__S3_HEX + 1];
    dzr_bytebuf text = {.alloc = out->alloc};
    dzr_status st = dzr__s3_string_to_sign(signing, &text, err);
    if (st == DZR_OK)
        st = sign(signing, (dzr_bytes){text.at, text.len}, signature, err);
    dzr__bytebuf_fini(&text);
    DZR_TRY(st);
    DZR_TRY(put(out, "AWS4-HMAC-SHA256 Credential=", err));
    DZR_TRY(put(out, signing->access_key, err));
    DZR_TRY(put(out, "/", err));
    DZR_TRY(put_scope(out, signing, err));
    DZR_TRY(put(out, ", SignedHeaders=", err));
    DZR_TRY(put_signed_headers(out, signing, err));
    DZR_TRY(put(out, ", Signature=", err));
    return dzr__bytebuf_append(out, signature, sizeof signature, err); /* with its NUL */
}
