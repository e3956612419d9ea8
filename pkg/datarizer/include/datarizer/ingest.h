/* datarizer/ingest.h - the whole job of pulling every record of a paginated API into files: fetched page by page,
 * landed as one JSON array and one Parquet file, both or neither. The program on it is cmd/ingest; the guide is
 * docs/ingest.md. */
#ifndef DATARIZER_INGEST_H
#define DATARIZER_INGEST_H

#include <datarizer/frame.h>
#include <datarizer/http.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How far a job is, or was at its end. */
typedef struct dzr_ingest_facts {
    int64_t n_pages; /* fetched and converted, the empty one at the end included */
    int64_t n_records;
    int64_t n_retries;
    int64_t n_body_bytes; /* of the pages */
    int64_t duration_ms;
} dzr_ingest_facts;

typedef struct dzr_ingest_options {
    const dzr_allocator *alloc;
    const char *url;     /* of the list; "limit=50&skip=0" is added to its query */
    const char *json;    /* as dzr_store_open_sink takes it; NULL or "": not wanted */
    const char *parquet; /* the same; one of the two is wanted */
    int32_t page_limit;  /* 0: 50. Records asked for at a time */
    /* What the records are: flat, no field nullable. NULL: the user API's id int32, name string, email string, age
     * int32. Keys match without regard to case, missing members and null become zero or "", unknown ones are skipped.
     */
    const dzr_schema *schema;
    dzr_http_client_options
            http; /* begin with DZR_HTTP_CLIENT_DEFAULTS; accept NULL: application/json; alloc is not used */
    void (*on_page)(void *ctx, const dzr_ingest_facts *so_far); /* may be NULL; after each page */
    void *ctx;
} dzr_ingest_options;

#define DZR_INGEST_DEFAULTS ((dzr_ingest_options){.http = DZR_HTTP_CLIENT_DEFAULTS})

/* Fetches URL?limit=L&skip=N for N = 0, L, 2L ... until a page is empty (`[]`, `null`) or has fewer than L records; a
 * longer page is taken whole. The next page is asked for as soon as this one is known to be full, before it is
 * converted. Memory does not depend on how many records there are: pages go to the files as they come, and the files
 * appear under their names, folders made where missing, when all is written and on disk. facts are filled also on an
 * error. Messages read "URL: page 3: record 17: ..."; pages and records count from 0. Errors: DZR_ERR_ARG (URL,
 * page_limit, a schema without fields, no output), those of dzr_http_client_wait, DZR_ERR_HTTP (a status but 200; the
 * same page again), DZR_ERR_SYNTAX, DZR_ERR_TYPE and DZR_ERR_LIMIT (a page that is not JSON, a value that does not fit;
 * err->record is its number on the page), DZR_ERR_IO and the other errors of a sink. After an error neither file has
 * changed, but for one case that the message tells: the JSON file was renamed into place and the Parquet file then
 * could not be. */
DZR_API DZR_MUST_CHECK dzr_status dzr_ingest_run(
        const dzr_ingest_options *options, dzr_ingest_facts *facts, dzr_error *err);

#ifdef __cplusplus
}
#endif
#endif
