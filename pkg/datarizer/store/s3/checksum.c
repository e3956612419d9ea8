/* store/s3/checksum.c - what S3 keeps to tell an object's bytes by: SHA-256 checksums and ETags. Called by client.c for
 * what is sent, sink.c for what must be there afterwards.
 * Spec: S3 User Guide, "Checking object integrity" (composite checksums); API Reference, Object ("ETag"). */
#include "store/s3/s3.h"

#include <openssl/evp.h>
#include <stdio.h>

enum { MD5_BYTES = 16 };

static bool digest(const EVP_MD *kind, const void *bytes, size_t n, uint8_t *out)
{
    return kind != NULL && EVP_Digest(n > 0 ? bytes : "", n, out, NULL, kind, NULL) == 1;
}

dzr_status dzr__s3_sha256(dzr_bytes bytes, uint8_t out[DZR__S3_SHA256], dzr_error *err)
{
    return digest(EVP_sha256(), bytes.at, bytes.len, out) ? DZR_OK
                                                          : dzr_fail(err, DZR_ERR_NOMEM, "libcrypto has no SHA-256");
}

void dzr__s3_checksum(const uint8_t hash[DZR__S3_SHA256], char out[DZR__S3_CHECKSUM])
{
    (void)EVP_EncodeBlock((uint8_t *)out, hash, DZR__S3_SHA256);
}

dzr_status dzr__s3_checksum_of_parts(
        const uint8_t (*hashes)[DZR__S3_SHA256], int32_t n, char out[DZR__S3_CHECKSUM], dzr_error *err)
{
    uint8_t hash[DZR__S3_SHA256];
    DZR_TRY(dzr__s3_sha256((dzr_bytes){(const uint8_t *)hashes, (size_t)n * sizeof *hashes}, hash, err));
    dzr__s3_checksum(hash, out);
    const size_t len = strlen(out);
    (void)snprintf(out + len, DZR__S3_CHECKSUM - len, "-%d", (int)n);
    return DZR_OK;
}

static void put_md5(const uint8_t md5[MD5_BYTES], char out[DZR__S3_ETAG])
{
    for (size_t i = 0; i < MD5_BYTES; i++)
        (void)snprintf(out + 2 * i, 3, "%02x", md5[i]);
}

void dzr__s3_etag(dzr_bytes bytes, char out[DZR__S3_ETAG])
{
    uint8_t md5[MD5_BYTES];
    out[0] = '\0';
    if (digest(EVP_md5(), bytes.at, bytes.len, md5))
        put_md5(md5, out);
}

static int hex_value(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* An ETag that is an MD5, in quotes or not. */
static bool read_md5(const char *etag, uint8_t out[MD5_BYTES])
{
    etag += *etag == '"';
    for (size_t i = 0; i < MD5_BYTES; i++) {
        const int high = hex_value(etag[2 * i]);
        const int low = high >= 0 ? hex_value(etag[2 * i + 1]) : -1;
        if (low < 0)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    const char *const end = etag + (size_t)2 * MD5_BYTES;
    return *end == '\0' || strcmp(end, "\"") == 0;
}

void dzr__s3_etag_of_parts(const char (*etags)[DZR__S3_ETAG], int32_t n, char out[DZR__S3_ETAG])
{
    uint8_t md5[MD5_BYTES];
    EVP_MD_CTX *const ctx = EVP_MD_CTX_new();
    bool ok = ctx != NULL && EVP_DigestInit_ex(ctx, EVP_md5(), NULL) == 1;
    for (int32_t i = 0; ok && i < n; i++)
        ok = read_md5(etags[i], md5) && EVP_DigestUpdate(ctx, md5, sizeof md5) == 1;
    ok = ok && EVP_DigestFinal_ex(ctx, md5, NULL) == 1;
    EVP_MD_CTX_free(ctx);
    out[0] = '\0';
    if (!ok)
        return;
    put_md5(md5, out);
    (void)snprintf(out + (size_t)2 * MD5_BYTES, 16, "-%d", (int)n);
}
