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
    const char *scheme; /* "https" */
    const char *host;   /* as it stands in the Host header: with the port, but not the scheme's own */
    const char *base;   /* path before the key: "" or "/bucket", encoded */
    const char *bucket;
    const char *key; /* as said; "" for none */
    const char *url; /* the s3:// one, for messages: cut when it is long */
} dzr__s3_config;

bool dzr__s3_is_url(const char *name);
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

/* ---- client.c: requests, several at once, each tried again where that helps ---- */
typedef struct dzr__s3_client dzr__s3_client;
typedef struct dzr__s3_request dzr__s3_request;

enum { DZR__S3_MAX_QUERY = 6, DZR__S3_MAX_RANGE_HEADER = 64, DZR__S3_ETAG = 256 };

/* Fill the first part, zero the rest; it must stay where it is until done. */
struct dzr__s3_request {
    const char *method;
    bool on_bucket;                        /* the resource is the bucket, not the key */
    dzr__s3_pair query[DZR__S3_MAX_QUERY]; /* in the order of names */
    size_t n_query;
    dzr_bytes body;                       /* sent; stays the caller's */
    char range[DZR__S3_MAX_RANGE_HEADER]; /* "bytes=0-99", or "" */
    const char *if_match, *if_none_match; /* NULL: none */
    uint8_t *into;                        /* where the body of a 2xx answer goes; NULL: to `text` */
    size_t room;                          /* of into. More is an error */
    /* An element that a 2xx answer must have to be one; NULL: none. Such a request changes what the next one finds, so
     * it gets a connection of its own: on a kept one curl sends again by itself, unseen. */
    const char *must_say;
    bool last; /* no attempt follows the one under way */

    int status;       /* of the answer; 0 while there is none */
    size_t n_into;    /* bytes in `into` */
    dzr_bytebuf text; /* a body that is no 2xx's or has no into */
    char etag[DZR__S3_ETAG];
    char content_range[DZR__S3_MAX_RANGE_HEADER];
    int64_t content_length; /* -1: none was said */
    bool done;
    dzr_status st; /* once done: DZR_OK for a 2xx */
    dzr_error err;

    CURL *easy; /* the rest is client.c's */
    struct curl_slist *headers;
    int32_t n_failed;
    int64_t ready_ms;
    bool running;
    char words[CURL_ERROR_SIZE];
    dzr__s3_client *client;
    dzr__s3_request *next;
};

/* config and options stay the caller's and outlive the client. */
DZR_MUST_CHECK dzr_status dzr__s3_client_open(
        const dzr__s3_config *config, const dzr_s3_options *options, dzr__s3_client **out, dzr_error *err);
/* Cuts what is under way. NULL is allowed. */
void dzr__s3_client_close(dzr__s3_client *client);
/* Begins; dzr__s3_drive brings it on. */
DZR_MUST_CHECK dzr_status dzr__s3_start(dzr__s3_client *client, dzr__s3_request *request, dzr_error *err);
/* Moves all requests as far as they go now; with wait until one of them is done. DZR_ERR_CANCELLED. */
DZR_MUST_CHECK dzr_status dzr__s3_drive(dzr__s3_client *client, bool wait, dzr_error *err);
/* Forgets a request, done or not. Its text stays the caller's to free. */
void dzr__s3_drop(dzr__s3_client *client, dzr__s3_request *request);
/* start and drive until it is done; the status is the request's. */
DZR_MUST_CHECK dzr_status dzr__s3_run(dzr__s3_client *client, dzr__s3_request *request, dzr_error *err);
/* The same for a request whose answer must be known: cancelled, it waits for the attempt under way before it says so.
 */
DZR_MUST_CHECK dzr_status dzr__s3_run_out(dzr__s3_client *client, dzr__s3_request *request, dzr_error *err);
/* What ends drive from now on; NULL, for taking back what was begun: nothing. */
void dzr__s3_set_cancel(dzr__s3_client *client, const dzr_cancel *cancel);
/* Whether an answer of that status, or the error code inside one ("SlowDown"), may be another the next time. */
bool dzr__s3_retries_status(int status);
bool dzr__s3_retries_code(const char *code);

/* ---- source.c, sink.c ---- */
void dzr__s3_source_cancel(dzr_source *source, const dzr_cancel *cancel);
bool dzr__s3_is_source(const dzr_source *source);
/* A part's size when `n_parts` are there: it grows so that 10,000 parts are enough for 5 TiB. */
size_t dzr__s3_part_bytes(size_t first, int32_t n_parts);

#endif
