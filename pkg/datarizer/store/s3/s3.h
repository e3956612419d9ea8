/* store/s3/s3.h - what the files of the S3 part of the store share: settings, signatures, answers in XML, requests. */
#ifndef DZR_STORE_S3_H
#define DZR_STORE_S3_H

#include "base/internal.h"
#include <datarizer/s3.h>

#include <curl/curl.h>

/* ---- config.c: where keys, region and endpoint come from, and what a URL means ---- */
typedef struct dzr__s3_config {
    const char *access_key, *secret_key, *session_token; /* session_token "": none */
    const char *region;
    const char *ca_bundle; /* "": the system's */
    const char *scheme;    /* "https" */
    const char *host;      /* as it stands in the Host header: with the port, but not the scheme's own */
    const char *base;      /* path before the key: "" or "/bucket", encoded */
    const char *bucket;
    const char *key; /* as said; "" for none */
    const char *url; /* the s3:// one, for messages: cut when it is long */
} dzr__s3_config;

bool dzr__s3_is_url(const char *name);
/* What the store's callers want: theirs, or all from the environment. */
static inline dzr_s3_options dzr__s3_options(
        const dzr_s3_options *given, const dzr_allocator *alloc, const dzr_cancel *cancel)
{
    dzr_s3_options out = given != NULL ? *given : (dzr_s3_options){0};
    out.alloc = alloc;
    out.cancel = cancel != NULL ? cancel : out.cancel;
    return out;
}
/* Everything in arena. wants_key: a URL without a key is refused. Errors: DZR_ERR_ARG (the URL, the endpoint, no keys
 * anywhere; no message holds a secret), DZR_ERR_IO (a shared file that can't be read), DZR_ERR_LIMIT (one of more than
 * 1 MiB), DZR_ERR_NOMEM. */
DZR_MUST_CHECK dzr_status dzr__s3_config_make(const char *url, const dzr_s3_options *options, bool wants_key,
        dzr_arena *arena, dzr__s3_config *out, dzr_error *err);
/* One `name = value` of a profile in a shared file's text; an empty value when it has none. */
dzr_bytes dzr__s3_profile_value(dzr_bytes text, const char *profile, const char *name, bool is_config);

/* ---- sign.c ---- */
typedef struct dzr__s3_pair {
    const char *name, *value;
} dzr__s3_pair;

/* What is signed of a request. Names of headers are lower case and come in order; so do query's names. */
typedef struct dzr__s3_signing {
    const char *method;
    const char *path; /* encoded */
    const dzr__s3_pair *query;
    size_t n_query; /* not encoded yet */
    const dzr__s3_pair *headers;
    size_t n_headers;
    const char *payload_hash; /* 64 hexadecimal digits, or "UNSIGNED-PAYLOAD" */
    const char *time;         /* "20130524T000000Z" */
    const char *region, *service;
    const char *access_key, *secret_key;
} dzr__s3_signing;

enum { DZR__S3_HEX = 64 };

/* Appends text with all but A-Z a-z 0-9 - . _ ~ percent-encoded; '/' too unless keep_slash. */
DZR_MUST_CHECK dzr_status dzr__s3_encode(dzr_bytebuf *out, const char *text, bool keep_slash, dzr_error *err);
/* Appends "a=b&c=d", encoded. */
DZR_MUST_CHECK dzr_status dzr__s3_query(dzr_bytebuf *out, const dzr__s3_pair *query, size_t n, dzr_error *err);
/* SHA-256 in hexadecimal, with a NUL. */
DZR_MUST_CHECK dzr_status dzr__s3_hash(dzr_bytes bytes, char out[DZR__S3_HEX + 1], dzr_error *err);
/* The three steps, for the tests, and the Authorization header's value, NUL-terminated. */
DZR_MUST_CHECK dzr_status dzr__s3_canonical(const dzr__s3_signing *signing, dzr_bytebuf *out, dzr_error *err);
DZR_MUST_CHECK dzr_status dzr__s3_string_to_sign(const dzr__s3_signing *signing, dzr_bytebuf *out, dzr_error *err);
DZR_MUST_CHECK dzr_status dzr__s3_authorize(const dzr__s3_signing *signing, dzr_bytebuf *out, dzr_error *err);

/* ---- xml.c ---- */
/* The text of each element that is called by one of names, at any depth, goes to found with the name's index. Errors:
 * DZR_ERR_SYNTAX (no XML, a DTD, nested too deep), DZR_ERR_LIMIT (a text too long), what found answers, DZR_ERR_NOMEM.
 */
DZR_MUST_CHECK dzr_status dzr__s3_xml(dzr_bytes xml, const char *const *names, size_t n_names,
        dzr_status (*found)(void *ctx, size_t name, const char *text, dzr_error *err), void *ctx, dzr_error *err);
/* The first text of one element into out, cut to fit; "" when there is none or it is no XML. */
void dzr__s3_xml_text(dzr_bytes xml, const char *name, char *out, size_t room);

/* ---- checksum.c ---- */
enum { DZR__S3_SHA256 = 32, DZR__S3_CHECKSUM = 64, DZR__S3_ETAG = 256 };

DZR_MUST_CHECK dzr_status dzr__s3_sha256(dzr_bytes bytes, uint8_t out[DZR__S3_SHA256], dzr_error *err);
/* What x-amz-checksum-sha256 says of bytes with that hash: base64. */
void dzr__s3_checksum(const uint8_t hash[DZR__S3_SHA256], char out[DZR__S3_CHECKSUM]);
/* The checksum of an object made of n parts: the hash of their hashes, and "-n". */
DZR_MUST_CHECK dzr_status dzr__s3_checksum_of_parts(
        const uint8_t (*hashes)[DZR__S3_SHA256], int32_t n, char out[DZR__S3_CHECKSUM], dzr_error *err);
/* The ETag, without quotes, of an object of one part where that is the MD5; "" where there is no MD5. */
void dzr__s3_etag(dzr_bytes bytes, char out[DZR__S3_ETAG]);
/* The same of n parts: the MD5 of their MD5s, and "-n"; "" when a part's ETag is none. */
void dzr__s3_etag_of_parts(const char (*etags)[DZR__S3_ETAG], int32_t n, char out[DZR__S3_ETAG]);

/* ---- client.c: requests, several at once, each tried again where that helps ---- */
typedef struct dzr__s3_client dzr__s3_client;
typedef struct dzr__s3_request dzr__s3_request;

enum { DZR__S3_MAX_QUERY = 6, DZR__S3_HEADER = 96, DZR__S3_FOUND = 1024 };

/* Fill the first part, zero the rest; it must stay where it is until done. */
struct dzr__s3_request {
    const char *method;
    bool on_bucket;                        /* the resource is the bucket, not the key */
    dzr__s3_pair query[DZR__S3_MAX_QUERY]; /* in the order of names */
    size_t n_query;
    dzr_bytes body;                       /* sent; stays the caller's */
    bool with_checksum;                   /* the server keeps the body's SHA-256, too */
    bool begins_checksums;                /* the parts of the upload that this begins will have one */
    bool asks_checksum;                   /* of the object */
    bool once;                            /* an attempt is one request: libcurl asks again by itself when a kept
                                             connection closes without an answer, so this goes by a new one */
    char range[DZR__S3_HEADER];           /* "bytes=0-99", or "" */
    const char *if_match, *if_none_match; /* NULL: none */
    /* where the body of a 2xx answer goes: at most room bytes (more is an error; with `exact` fewer are too), into
     * memory or, with `at` counted from the body's first byte, to take. A body that is tried again begins again.
     * Both NULL: to text. */
    uint8_t *into;
    void (*take)(void *ctx, size_t at, const uint8_t *bytes, size_t n);
    void *ctx;
    size_t room;
    bool exact;
    /* An element that a 2xx answer must have, and no error's Code; NULL: any body will do. Such a request changes what
     * the next one finds, so it goes `once`. */
    const char *must_say;
    bool last; /* no attempt follows the one under way */

    int status;       /* of the answer; 0 while there is none */
    size_t n_taken;   /* bytes that went to into or take */
    dzr_bytebuf text; /* any other body */
    char found[DZR__S3_FOUND];
    char etag[DZR__S3_ETAG];
    char content_range[DZR__S3_HEADER];
    char checksum[DZR__S3_HEADER]; /* x-amz-checksum-sha256; "": none was given */
    int64_t content_length;        /* -1: none was said */
    uint8_t hash[DZR__S3_SHA256];  /* of the body that was sent */
    int32_t n_failed;              /* attempts */
    bool done;
    dzr_status st; /* once done: DZR_OK for a 2xx that is as it should be */
    dzr_error err;

    dzr__s3_client *client; /* the rest is client.c's and request.c's */
    CURL *easy;
    struct curl_slist *headers;
    size_t n_header_bytes; /* of this answer */
    int64_t ready_ms, deadline_ms;
    bool running;
    char bucket_region[DZR__S3_HEADER], date[DZR__S3_HEADER], retry_after[DZR__S3_HEADER];
    char words[CURL_ERROR_SIZE];
    dzr__s3_request *next;
};

struct dzr__s3_client {
    const dzr__s3_config *config;
    dzr_s3_options options; /* with the defaults filled in */
    char *no_proxy;         /* NULL: as curl finds it */
    CURLM *multi;
    dzr__s3_request *requests; /* started and not dropped */
    dzr_s3_facts facts;
};

/* config stays the caller's and outlives the client. */
DZR_MUST_CHECK dzr_status dzr__s3_client_open(
        const dzr__s3_config *config, const dzr_s3_options *options, dzr__s3_client **out, dzr_error *err);
/* Cuts what is under way. NULL is allowed. */
void dzr__s3_client_close(dzr__s3_client *client);
/* Begins; dzr__s3_drive brings it on. */
DZR_MUST_CHECK dzr_status dzr__s3_start(dzr__s3_client *client, dzr__s3_request *request, dzr_error *err);
/* Moves all requests as far as they go now; with wait until one of them is done. DZR_ERR_CANCELLED. */
DZR_MUST_CHECK dzr_status dzr__s3_drive(dzr__s3_client *client, bool wait, dzr_error *err);
/* Until that one is done, which may not succeed: request->st. */
DZR_MUST_CHECK dzr_status dzr__s3_wait(dzr__s3_client *client, const dzr__s3_request *request, dzr_error *err);
/* Forgets a request, done or not, and its text. */
void dzr__s3_drop(dzr__s3_client *client, dzr__s3_request *request);
/* start and wait; the status is the request's. Its text is the caller's to free, always. */
DZR_MUST_CHECK dzr_status dzr__s3_run(dzr__s3_client *client, dzr__s3_request *request, dzr_error *err);
/* The same for a request whose answer must be known: cancelled, it waits for the attempt under way, though not for
 * long, before it says so; request->done and st then tell how that ended. */
DZR_MUST_CHECK dzr_status dzr__s3_run_out(dzr__s3_client *client, dzr__s3_request *request, dzr_error *err);
/* What ends drive from now on; NULL: nothing. */
void dzr__s3_set_cancel(dzr__s3_client *client, const dzr_cancel *cancel);
/* For taking back what was begun when all else has failed: from now on no cancel, few retries, little time. */
void dzr__s3_hurry(dzr__s3_client *client);
/* Whether an answer of that status, or the error code inside one ("SlowDown"), may be another the next time. */
bool dzr__s3_retries_status(int status);
bool dzr__s3_retries_code(const char *code);

/* ---- request.c: one attempt of a request, signed and given to curl ---- */
DZR_MUST_CHECK dzr_status dzr__s3_attempt_begin(dzr__s3_request *request, dzr_error *err);
/* Also of a request that has none. */
void dzr__s3_attempt_end(dzr__s3_request *request);
int dzr__s3_attempt_status(const dzr__s3_request *request);

/* ---- ranges.c: which requests bring what is asked for ---- */
enum {
    DZR__S3_GAP = 1 << 20,   /* ranges no further apart become one request: those bytes cost less than its delay */
    DZR__S3_PIECE = 16 << 20 /* more than that are several, for several connections */
};

typedef struct dzr__s3_piece {
    uint64_t offset;
    size_t n_bytes;
    size_t first, end; /* of the sorted ranges, those that may have bytes in it */
} dzr__s3_piece;

typedef struct dzr__s3_plan {
    const dzr_source_range *sorted; /* by offset, none of them empty */
    size_t n;
    size_t first, next; /* ranges that were joined; zero at the beginning, as all that follows */
    uint64_t at, end;   /* what of them is left */
    size_t step;
} dzr__s3_plan;

void dzr__s3_sort_ranges(dzr_source_range *ranges, size_t n);
/* False after the last. */
bool dzr__s3_plan_next(dzr__s3_plan *plan, dzr__s3_piece *piece);
/* Gives the ranges what they have in n bytes at offset. */
void dzr__s3_scatter(
        const dzr_source_range *sorted, const dzr__s3_piece *piece, uint64_t offset, const uint8_t *bytes, size_t n);

/* What a Content-Range header says: "bytes 5-9/10". False for anything else. */
bool dzr__content_range(const char *text, uint64_t *first, uint64_t *last, uint64_t *n_bytes);

/* ---- source.c, sink.c ---- */
void dzr__s3_source_cancel(dzr_source *source, const dzr_cancel *cancel);
bool dzr__s3_is_source(const dzr_source *source);
/* A part's size when `n_parts` are there: it grows so that 10,000 parts are enough for 5 TiB. */
size_t dzr__s3_part_bytes(size_t first, int32_t n_parts);
/* How many parts of that size are in memory, one of them being filled: fewer of large ones. */
size_t dzr__s3_parts_at_once(size_t part_bytes);

#endif
