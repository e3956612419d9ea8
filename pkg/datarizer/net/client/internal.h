/* net/client/internal.h - what the files of the HTTP client share, and what rooms store and ingest take from it: the
 * retry rules, URLs, words for messages. */
#ifndef DZR_NET_CLIENT_INTERNAL_H
#define DZR_NET_CLIENT_INTERNAL_H

#include "base/internal.h"
#include <datarizer/http.h>

#include <curl/curl.h>

/* ---- retry.c: pure functions ---- */

/* Whether an answer of that status is worth another attempt: 429, and 500 up but 501. */
bool dzr__retry_status(int status);
/* Whether a transfer that ended so is: any trouble of transport, but not what would only happen again. */
bool dzr__retry_code(CURLcode code);
/* min * 2^n_failed_before up to max: the wait after attempt n_failed_before (from 0) when the server asks for none. */
int64_t dzr__retry_backoff_ms(int64_t min_ms, int64_t max_ms, int32_t n_failed_before);
/* What a Retry-After header asks for: seconds, or an HTTP date (one that is past asks for 0). False for anything else.
 * *wait_ms is never negative; it is not cut to any ceiling but INT64_MAX. */
bool dzr__retry_after_ms(const char *value, int64_t now_unix_ms, int64_t *wait_ms);
/* The wait after attempt n_failed_before. retry_after may be NULL; it counts for 429 and 503 only, and up to its
 * ceiling. */
int64_t dzr__retry_wait_ms(const dzr_http_client_options *options, int32_t n_failed_before, int status,
        const char *retry_after, int64_t now_unix_ms);

/* ---- url.c ---- */

bool dzr__url_is_http(const char *url);
/* Normalized by curl's parser, without fragment. Errors: DZR_ERR_ARG (does not parse; not http or https; no host), with
 * the text in the message, DZR_ERR_NOMEM. Free *out with dzr_release. */
DZR_MUST_CHECK dzr_status dzr__url_normalize(const char *text, const dzr_allocator *alloc, char **out, dzr_error *err);

enum { DZR_URL_SHOWN_BYTES = 512 };
/* The URL as messages show it: the password and the values of query parameters that look like secrets are "xxxxx"; cut
 * with "..." where it does not fit. Text that is no URL is quoted, or left out where it might have a secret in it. */
void dzr__url_shown(const char *url, char out[DZR_URL_SHOWN_BYTES]);

/* ---- proxy.c ---- */
/* For CURLOPT_NOPROXY: this machine and what the environment says; *out NULL: leave it to curl. Free with dzr_release.
 */
DZR_MUST_CHECK dzr_status dzr__no_proxy(const dzr_allocator *alloc, char **out, dzr_error *err);

/* ---- client.c: for the store, which reads ranges and bodies of any size ---- */

/* What sends the requests: for options of its own before a start, and the last answer's status and header after a wait
 * or in a take. */
CURL *dzr__http_client_easy(dzr_http_client *client);
/* Gets the bodies of answers that are 2xx from now on, as they come; `at` counts from a body's first byte. A body that
 * is tried again begins again. Another status than DZR_OK cuts the transfer and is wait's. */
typedef dzr_status dzr__http_take(void *ctx, uint64_t at, const uint8_t *bytes, size_t n, dzr_error *err);
void dzr__http_client_take(dzr_http_client *client, dzr__http_take *take, void *ctx);
/* What ends waits from now on; NULL: nothing. */
void dzr__http_client_cancel(dzr_http_client *client, const dzr_cancel *cancel);

/* ---- words.c ---- */

enum { DZR_WORDS_BYTES = 320, DZR_EXCERPT_BYTES = 208 };
/* What went wrong with a transfer, without URL and without numbers that change from run to run.
 * curl_words is curl's own text, used where ours would say less. */
void dzr__transfer_words(CURLcode code, long os_errno, const char *curl_words, char out[DZR_WORDS_BYTES]);
/* "15 s", "1.5 s", "250 ms", "5 min". */
void dzr__duration_words(int64_t ms, char out[32]);
/* The start of a body for a message: one line, anything that is not printable UTF-8 as "?", "..." when cut; "" for
 * none. */
void dzr__body_excerpt(dzr_bytes body, char out[DZR_EXCERPT_BYTES]);

#endif
