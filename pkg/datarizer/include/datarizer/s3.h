/* datarizer/s3.h - objects of S3 and of servers that speak it (MinIO, Ceph): sources, sinks, and what tools need
 * besides. dzr_store_open_source and dzr_store_open_sink take s3://BUCKET/KEY too, with the settings of the
 * environment. Spec: Amazon S3 API Reference; AWS General Reference, "Signature Version 4". */
#ifndef DATARIZER_S3_H
#define DATARIZER_S3_H

#include <datarizer/cancel.h>
#include <datarizer/io.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum dzr_s3_style { DZR_S3_STYLE_AUTO, DZR_S3_STYLE_PATH, DZR_S3_STYLE_VIRTUAL_HOST } dzr_s3_style;

/* What is NULL or 0 comes from the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN; AWS_REGION
 * or AWS_DEFAULT_REGION; AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL; then from the profile (AWS_PROFILE, "default") in the
 * shared files (AWS_SHARED_CREDENTIALS_FILE, ~/.aws/credentials; AWS_CONFIG_FILE, ~/.aws/config): aws_access_key_id,
 * aws_secret_access_key, aws_session_token, region, endpoint_url; AWS_CA_BUNDLE, ca_bundle. The two keys and the token
 * come from one place, that of the access key. The region is us-east-1 where none is said, the endpoint Amazon's of the
 * region. Texts are copied. */
typedef struct dzr_s3_options {
    const dzr_allocator *alloc;
    const char *access_key, *secret_key, *session_token;
    const char *region;
    const char *endpoint;  /* "http://127.0.0.1:9000" */
    const char *ca_bundle; /* file of certificates, in PEM, to trust a server by; the system's where none is said */
    dzr_s3_style style;    /* AUTO: in the path with an endpoint and for names that are no host's, else in the host */
    int32_t retries;       /* attempts after the first; 0: 5, -1: none */
    int64_t wait_ms;       /* before the first retry, doubled up to 20 s, and a random part of it; 0: 200 */
    int64_t stall_timeout_ms;   /* a connection on which nothing moves for so long is cut; 0: 30 s */
    int64_t request_timeout_ms; /* for a request with its retries and waits; 0: 15 min */
    size_t part_bytes;          /* of a multipart upload; 0: 8 MiB; from 5 MiB to 5 GiB, as S3 wants it */
    bool no_overwrite;          /* a sink fails at commit with DZR_ERR_EXISTS when the object is there */
    const dzr_cancel *cancel;   /* NULL: never */
} dzr_s3_options;

/* What a source or a sink has asked of the server. */
typedef struct dzr_s3_facts {
    int64_t n_requests; /* sent or tried, retries among them */
    int64_t n_retries;
    int64_t n_bytes_sent; /* bodies only, also those of attempts that failed */
    int64_t n_bytes_received;
} dzr_s3_facts;

/* Sources read by range: opening takes one request, which brings the object's end with its size; it is kept, so that a
 * footer or a small object costs nothing more. dzr_source_read_many joins ranges that are 1 MiB apart or less, cuts
 * what is longer than 16 MiB, and has eight requests under way. dzr_source_read asks for the next 4 MiB while the
 * caller works on the last. An object that is replaced meanwhile is DZR_ERR_CORRUPT. Errors: DZR_ERR_ARG (not such a
 * URL), DZR_ERR_NOT_FOUND, DZR_ERR_HTTP (what the server says), DZR_ERR_NET, DZR_ERR_CANCELLED, DZR_ERR_NOMEM. options
 * may be NULL. */
DZR_API DZR_MUST_CHECK dzr_status dzr_s3_open_source(
        const char *url, const dzr_s3_options *options, dzr_source **out, dzr_error *err);

/* An object appears whole at commit, or not at all. Up to a part's size it is one request; a larger one goes up in
 * parts, four at a time, while the caller goes on; memory is five parts. After 1,000 parts their size doubles, and
 * after each 900 more, so that 10,000 are enough for 5 TiB, and fewer go up at a time: 48 MiB of memory up to 24 GB,
 * two parts beyond. Every request carries the SHA-256 of what it sends, which the server checks and keeps (unless
 * AWS_REQUEST_CHECKSUM_CALCULATION is when_required: some servers do not know it). close without commit, or after an
 * error, takes back the parts that are there; of a program that is killed they stay, unseen, until the bucket's
 * lifecycle rule removes them. Whether an answer that was lost meant success is found out by looking at the object.
 * Errors: as above, DZR_ERR_EXISTS. */
DZR_API DZR_MUST_CHECK dzr_status dzr_s3_open_sink(
        const char *url, const dzr_s3_options *options, dzr_sink **out, dzr_error *err);

/* source and sink are from the functions above, or from the store with an s3:// name; zeros for any other. */
DZR_API dzr_s3_facts dzr_s3_source_facts(const dzr_source *source);
DZR_API dzr_s3_facts dzr_s3_sink_facts(const dzr_sink *sink);

typedef struct dzr_s3_object {
    const char *key; /* good during the callback, or NULL from stat */
    uint64_t n_bytes;
} dzr_s3_object;

/* DZR_ERR_NOT_FOUND when there is none. */
DZR_API DZR_MUST_CHECK dzr_status dzr_s3_stat(
        const char *url, const dzr_s3_options *options, dzr_s3_object *out, dzr_error *err);
/* Deletes the object; one that is not there is no error, as S3 has it. */
DZR_API DZR_MUST_CHECK dzr_status dzr_s3_delete(const char *url, const dzr_s3_options *options, dzr_error *err);
/* Calls each for every object whose key begins with that of url (which may be empty: s3://BUCKET), in the order of
 * keys. A status other than DZR_OK from it ends the listing and is returned. */
DZR_API DZR_MUST_CHECK dzr_status dzr_s3_list(const char *url, const dzr_s3_options *options,
        dzr_status (*each)(void *ctx, const dzr_s3_object *object, dzr_error *err), void *ctx, dzr_error *err);
/* The same for uploads that were begun and neither completed nor taken back; n_bytes is 0. */
DZR_API DZR_MUST_CHECK dzr_status dzr_s3_list_uploads(const char *url, const dzr_s3_options *options,
        dzr_status (*each)(void *ctx, const dzr_s3_object *object, dzr_error *err), void *ctx, dzr_error *err);

#ifdef __cplusplus
}
#endif
#endif
