/* ingest/job.c - dzr_ingest_run: the loop over pages.
 * One page: wait for it, check and index it, ask for the next when it is full, then convert it. Converted records
 * gather in a builder and go to the outputs in batches, so that neither pays for each page. */
#include "ingest/internal.h"
#include "net/client/internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

enum { DEFAULT_PAGE_LIMIT = 50, BATCH_ROWS = 1024 };

static const dzr_json_rules page_rules = {.fold_case = true, .null_is_zero = true};

typedef struct ingest_job {
    const dzr_ingest_options *options;
    int32_t page_limit;
    dzr_schema *schema;
    char *list_url; /* normalized; what comes before limit and skip */
    char *page_url; /* of the page asked for last */
    size_t page_url_bytes;
    dzr_bytes last_body; /* of the page before, while the client keeps it */
    dzr_http_client *client;
    dzr_json_parser *parser;
    dzr_builder *builder;
    dzr__outputs outputs;
    struct timespec begun;
    dzr_ingest_facts facts;
} ingest_job;

/* ---- set up ---- */

static dzr_status user_schema(const dzr_allocator *alloc, dzr_schema **out, dzr_error *err)
{
    static const dzr_field fields[] = {
            {.name = "id", .type = {.id = DZR_TYPE_INT32}},
            {.name = "name", .type = {.id = DZR_TYPE_STRING}},
            {.name = "email", .type = {.id = DZR_TYPE_STRING}},
            {.name = "age", .type = {.id = DZR_TYPE_INT32}},
    };
    return dzr_schema_new(fields, sizeof fields / sizeof fields[0], alloc, out, err);
}

static dzr_status open_job(ingest_job *job, dzr_error *err)
{
    const dzr_ingest_options *const options = job->options;
    const dzr_allocator *const alloc = options->alloc;
    dzr_http_client_options http = options->http;
    http.alloc = alloc;
    if (http.accept == NULL)
        http.accept = "application/json";
    if (options->page_limit < 0)
        return dzr_fail(err, DZR_ERR_ARG, "a page limit of %" PRId32 " can't be asked for", options->page_limit);
    job->page_limit = options->page_limit == 0 ? DEFAULT_PAGE_LIMIT : options->page_limit;
    if (options->schema != NULL && dzr_schema_n_fields(options->schema) == 0)
        return dzr_fail(err, DZR_ERR_ARG, "a schema without fields takes nothing from a record");
    if (options->schema != NULL)
        job->schema = dzr_schema_hold(options->schema);
    else
        DZR_TRY(user_schema(alloc, &job->schema, err));
    DZR_TRY(dzr__url_normalize(options->url, alloc, &job->list_url, err));
    job->page_url_bytes = strlen(job->list_url) + sizeof "?limit=&skip=" + 40 /* two numbers */;
    job->page_url = dzr_alloc_array(alloc, job->page_url_bytes, 1, err);
    if (job->page_url == NULL)
        return DZR_ERR_NOMEM;
    DZR_TRY(dzr_http_client_open(&http, &job->client, err));
    DZR_TRY(dzr_json_parser_new(job->schema, &page_rules, NULL, alloc, &job->parser, err));
    DZR_TRY(dzr_builder_new(job->schema, alloc, &job->builder, err));
    return dzr__outputs_open(&job->outputs, options, job->schema, err);
}

static void close_job(ingest_job *job)
{
    const dzr_allocator *const alloc = job->options->alloc;
    dzr__outputs_close(&job->outputs);
    dzr_http_client_close(job->client);
    dzr_json_parser_free(job->parser);
    dzr_builder_free(job->builder);
    dzr_schema_free(job->schema);
    dzr_release(alloc, job->list_url);
    dzr_release(alloc, job->page_url);
}

/* ---- one page ---- */

static dzr_status format_page_url(ingest_job *job, int64_t page, dzr_error *err)
{
    int64_t skip = 0;
    if (__builtin_mul_overflow(page, job->page_limit, &skip))
        return dzr_fail(err, DZR_ERR_LIMIT, "more records than 63 bits count");
    (void)snprintf(job->page_url, job->page_url_bytes, "%s%slimit=%" PRId32 "&skip=%" PRId64, job->list_url,
            strchr(job->list_url, '?') != NULL ? "&" : "?", job->page_limit, skip);
    return DZR_OK;
}

static dzr_status ask_for_page(ingest_job *job, int64_t page, dzr_error *err)
{
    DZR_TRY(format_page_url(job, page, err));
    return dzr_http_client_start(job->client, job->page_url, err);
}

static dzr_status check_status(const dzr_http_response *response, dzr_error *err)
{
    if (response->status == 200)
        return DZR_OK;
    char excerpt[DZR_EXCERPT_BYTES];
    dzr__body_excerpt(response->body, excerpt);
    return dzr_fail(
            err, DZR_ERR_HTTP, "status %d%s%s", response->status, excerpt[0] != '\0' ? ", body: " : "", excerpt);
}

/* A message about the text of a page says how that begins: it often is an error page, not JSON at all. */
static dzr_status show_body(dzr_bytes body, dzr_error *err)
{
    if (err == NULL)
        return DZR_ERR_SYNTAX;
    char excerpt[DZR_EXCERPT_BYTES];
    dzr__body_excerpt(body, excerpt);
    const dzr_error bare = *err;
    (void)dzr_fail(err, bare.status, "%s, body: %s", bare.message, excerpt[0] != '\0' ? excerpt : "(empty)");
    err->offset = bare.offset;
    err->record = bare.record;
    return bare.status;
}

/* Waits for the page that was asked for and indexes it; asks for the next when this one is full. */
static dzr_status fetch_page(ingest_job *job, int64_t page, int64_t *n_records, dzr_bytes *body, dzr_error *err)
{
    dzr_http_response response;
    DZR_TRY(dzr_http_client_wait(job->client, &response, err));
    *body = response.body;
    DZR_TRY(check_status(&response, err));
    DZR_TRY(dzr_json_parser_index(job->parser, response.body, n_records, err));
    if (*n_records < job->page_limit)
        return DZR_OK;
    if (response.body.len == job->last_body.len && memcmp(response.body.at, job->last_body.at, response.body.len) == 0)
        return dzr_fail(err, DZR_ERR_HTTP, "the same page as the one before: the server seems to ignore skip");
    job->last_body = response.body;
    return ask_for_page(job, page + 1, err);
}

static dzr_status take_page(ingest_job *job, int64_t page, int64_t *n_records, dzr_error *err)
{
    dzr_bytes body = {NULL, 0};
    dzr_status st = fetch_page(job, page, n_records, &body, err);
    if (st == DZR_OK)
        st = dzr_json_parser_append(job->parser, job->builder, err);
    return st == DZR_ERR_SYNTAX ? show_body(body, err) : st;
}

/* Puts the place of a page before a message. */
static dzr_status at_page(ingest_job *job, int64_t page, dzr_status st, dzr_error *err)
{
    char url[DZR_URL_SHOWN_BYTES];
    if (format_page_url(job, page, NULL) != DZR_OK)
        return st;
    dzr__url_shown(job->page_url, url);
    return dzr_fail_at(err, st, "%s: page %" PRId64 ": ", url, page);
}

/* ---- the job ---- */

static dzr_status flush_rows(ingest_job *job, dzr_error *err)
{
    dzr_batch *batch = NULL;
    DZR_TRY(dzr_builder_finish(job->builder, &batch, err));
    const dzr_status st = dzr__outputs_append(&job->outputs, batch, err);
    dzr_batch_free(batch);
    return st;
}

static void update_facts(ingest_job *job)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    job->facts.duration_ms = (now.tv_sec - job->begun.tv_sec) * 1000 + (now.tv_nsec - job->begun.tv_nsec) / 1000000;
    if (job->client == NULL)
        return;
    const dzr_http_client_facts net = dzr_http_client_facts_get(job->client);
    job->facts.n_retries = net.n_retries;
    job->facts.n_body_bytes = net.n_body_bytes;
}

static dzr_status take_pages(ingest_job *job, dzr_error *err)
{
    DZR_TRY(ask_for_page(job, 0, err));
    int64_t n_records = job->page_limit;
    for (int64_t page = 0; n_records >= job->page_limit; page++) {
        const dzr_status st = take_page(job, page, &n_records, err);
        if (st != DZR_OK)
            return at_page(job, page, st, err);
        if (dzr_builder_n_rows(job->builder, 0) >= BATCH_ROWS)
            DZR_TRY(flush_rows(job, err));
        job->facts.n_pages++;
        job->facts.n_records += n_records;
        update_facts(job);
        if (job->options->on_page != NULL)
            job->options->on_page(job->options->ctx, &job->facts);
    }
    return flush_rows(job, err);
}

dzr_status dzr_ingest_run(const dzr_ingest_options *options, dzr_ingest_facts *facts, dzr_error *err)
{
    ingest_job job = {.options = options};
    clock_gettime(CLOCK_MONOTONIC, &job.begun);
    dzr_status st = open_job(&job, err);
    if (st == DZR_OK)
        st = take_pages(&job, err);
    if (st == DZR_OK && dzr_cancel_is_set(options->http.cancel))
        st = dzr_fail(err, DZR_ERR_CANCELLED, "cancelled");
    if (st == DZR_OK)
        st = dzr__outputs_commit(&job.outputs, err);
    update_facts(&job);
    *facts = job.facts;
    close_job(&job);
    return st;
}
