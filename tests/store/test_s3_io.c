/* store/s3: sources and sinks against a server that does as the test says: requests and bytes counted, memory that runs
 * out anywhere, threads, cancellation, deadlines, and messages that tell why. A real server is met in tests/s3. */
#include "support.h"

#include "alloc_nth.h"
#include "s3_double.h"
#include <datarizer/parquet.h>
#include <datarizer/store.h>
#include <datarizer/table.h>

#include <time.h>

enum { MIB = 1 << 20 };

static const char url[] = "s3://bucket/key";

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static s3_double server;

static int start(void **state)
{
    (void)state;
    setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent", 1);
    setenv("AWS_CONFIG_FILE", "/nonexistent", 1);
    unsetenv("AWS_REQUEST_CHECKSUM_CALCULATION");
    s3_double_start(&server);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    s3_double_stop(&server);
    return 0;
}

static void set_fault(const char *answer, int times)
{
    pthread_mutex_lock(&server.lock);
    server.fault = answer;
    server.n_faults = times;
    pthread_mutex_unlock(&server.lock);
}

/* ---- requests and bytes ---- */

static void what_is_near_the_end_costs_one_request(void **state)
{
    (void)state;
    dzr_error err;
    dzr_source *source = NULL;
    static uint8_t bytes[100000];
    s3_double_hold(&server, sizeof bytes);
    const dzr_s3_options options = s3_double_options(&server);
    assert_ok(dzr_s3_open_source(url, &options, &source, &err));
    assert_int_equal(source->n_bytes, sizeof bytes);
    assert_ok(dzr_source_read_at(source, sizeof bytes - 65536, bytes, 65536, &err));
    assert_memory_equal(bytes, server.object + sizeof bytes - 65536, 65536);
    dzr_s3_facts facts = dzr_s3_source_facts(source);
    assert_int_equal(facts.n_requests, 1);
    assert_int_equal(facts.n_bytes_received, 65536);
    assert_ok(dzr_source_read_at(source, 0, bytes, sizeof bytes, &err)); /* only what is before it is fetched */
    assert_memory_equal(bytes, server.object, sizeof bytes);
    facts = dzr_s3_source_facts(source);
    assert_int_equal(facts.n_requests, 2);
    assert_int_equal(facts.n_bytes_received, sizeof bytes);
    assert_int_equal(facts.n_retries, 0);
    assert_int_equal(facts.n_bytes_sent, 0);
    dzr_source_close(source);
}

static void a_stream_asks_for_growing_blocks_ahead(void **state)
{
    (void)state;
    enum { N = 10 * MIB + 7 };
    dzr_error err;
    dzr_source *source = NULL;
    static uint8_t bytes[70000];
    s3_double_hold(&server, N);
    const dzr_s3_options options = s3_double_options(&server);
    assert_ok(dzr_s3_open_source(url, &options, &source, &err));
    size_t at = 0;
    for (size_t n = 1; n > 0; at += n) {
        assert_ok(dzr_source_read(source, bytes, sizeof bytes, &n, &err));
        assert_memory_equal(bytes, server.object + at, n);
        if (at == 0) /* a reader of the first lines has not asked for all */
            assert_true(dzr_s3_source_facts(source).n_bytes_received <= 2 * MIB);
    }
    assert_int_equal(at, N);
    const dzr_s3_facts facts = dzr_s3_source_facts(source);
    assert_int_equal(facts.n_requests, 1 + 5); /* 0.5, 1, 2, 4 MiB and the rest, and the end */
    assert_int_equal(facts.n_bytes_received, N);
    dzr_source_close(source);
}

static void parts_and_small_objects_are_counted(void **state)
{
    (void)state;
    dzr_error err;
    dzr_sink *sink = NULL;
    uint8_t *const bytes = calloc(6, MIB);
    dzr_s3_options options = s3_double_options(&server);
    options.part_bytes = 5 * MIB;
    assert_ok(dzr_s3_open_sink(url, &options, &sink, &err));
    assert_ok(dzr_sink_append(sink, bytes, 3 * MIB, &err));
    assert_ok(dzr_sink_commit(sink, &err));
    assert_int_equal(dzr_s3_sink_facts(sink).n_requests, 1);
    assert_int_equal(dzr_s3_sink_facts(sink).n_bytes_sent, 3 * MIB);
    dzr_sink_close(sink);
    assert_ok(dzr_s3_open_sink(url, &options, &sink, &err));
    assert_ok(dzr_sink_append(sink, bytes, 6 * MIB, &err));
    assert_ok(dzr_sink_commit(sink, &err));
    assert_int_equal(dzr_s3_sink_facts(sink).n_requests, 4); /* begin, two parts, complete */
    assert_in_range(dzr_s3_sink_facts(sink).n_bytes_sent, 6 * MIB, 6 * MIB + 1000);
    dzr_sink_close(sink);
    assert_int_equal(server.n_object, 6 * MIB);
    free(bytes);
}

static void facts_of_other_sources_and_sinks_are_zeros(void **state)
{
    (void)state;
    dzr_error err;
    dzr_source *source = NULL;
    dzr_sink *sink = NULL;
    assert_ok(dzr_source_memory((dzr_bytes){NULL, 0}, NULL, &source, &err));
    assert_ok(dzr_sink_memory(10, NULL, &sink, &err));
    assert_int_equal(dzr_s3_source_facts(source).n_requests, 0);
    assert_int_equal(dzr_s3_sink_facts(sink).n_requests, 0);
    dzr_source_close(source);
    dzr_sink_close(sink);
}

/* ---- memory that runs out ---- */

static dzr_status read_all_ways(const dzr_s3_options *options, dzr_error *err)
{
    enum { N = 3 * MIB };
    dzr_source *source = NULL;
    static uint8_t bytes[N];
    uint8_t a[10], b[10];
    const dzr_source_range ranges[] = {{100, sizeof a, a}, {2 * MIB, sizeof b, b}};
    dzr_status st = dzr_s3_open_source(url, options, &source, err);
    if (st == DZR_OK)
        st = dzr_source_read_many(source, ranges, 2, err);
    if (st == DZR_OK)
        assert_memory_equal(a, server.object + 100, sizeof a);
    for (size_t at = 0, n = 1; st == DZR_OK && n > 0; at += n) {
        st = dzr_source_read(source, bytes, sizeof bytes, &n, err);
        if (st == DZR_OK)
            assert_memory_equal(bytes, server.object + at, n);
    }
    dzr_source_close(source);
    return st;
}

static void reading_survives_each_allocation_failing(void **state)
{
    (void)state;
    s3_double_hold(&server, 3 * MIB);
    dzr_error err;
    alloc_nth nth;
    dzr_s3_options options = s3_double_options(&server);
    dzr_status st = DZR_ERR_NOMEM;
    int64_t fail_at = 1;
    for (; st != DZR_OK; fail_at++) {
        alloc_nth_init(&nth, fail_at);
        options.alloc = &nth.allocator;
        st = read_all_ways(&options, &err);
        if (st != DZR_OK)
            assert_string_equal(dzr_status_name(st), "DZR_ERR_NOMEM");
        assert_int_equal(nth.n_out, 0);
    }
    assert_true(fail_at > 20);
}

static dzr_status write_parts(const dzr_s3_options *options, dzr_error *err)
{
    static uint8_t bytes[11 * MIB];
    dzr_sink *sink = NULL;
    dzr_status st = dzr_s3_open_sink(url, options, &sink, err);
    if (st == DZR_OK)
        st = dzr_sink_append(sink, bytes, sizeof bytes, err);
    if (st == DZR_OK)
        st = dzr_sink_commit(sink, err);
    dzr_sink_close(sink);
    return st;
}

static void writing_survives_each_allocation_failing_and_leaves_nothing(void **state)
{
    (void)state;
    dzr_error err;
    alloc_nth nth;
    dzr_s3_options options = s3_double_options(&server);
    options.part_bytes = 5 * MIB;
    options.retries = -1;
    dzr_status st = DZR_ERR_NOMEM;
    int64_t fail_at = 1;
    for (; st != DZR_OK; fail_at++) {
        alloc_nth_init(&nth, fail_at);
        options.alloc = &nth.allocator;
        st = write_parts(&options, &err);
        if (st != DZR_OK)
            assert_string_equal(dzr_status_name(st), "DZR_ERR_NOMEM");
        assert_int_equal(nth.n_out, 0);
        pthread_mutex_lock(&server.lock);
        assert_int_equal(server.object != NULL, st == DZR_OK);
        assert_false(server.pending);
        pthread_mutex_unlock(&server.lock);
    }
    assert_true(fail_at > 20);
    assert_int_equal(server.n_object, 11 * MIB);
}

/* ---- threads ---- */

typedef struct reader {
    pthread_t thread;
    dzr_source *source;
    unsigned seed; /* 0: reads the stream */
    bool ok;
} reader;

static void *read_in_thread(void *arg)
{
    reader *const r = arg;
    uint8_t bytes[5000];
    size_t n = 1;
    r->ok = true;
    for (int i = 0; i < 60 && r->ok && r->seed != 0; i++) {
        const size_t at = (size_t)rand_r(&r->seed) % (2 * MIB - sizeof bytes);
        r->ok = dzr_source_read_at(r->source, at, bytes, sizeof bytes, NULL) == DZR_OK &&
                memcmp(bytes, server.object + at, sizeof bytes) == 0;
    }
    for (size_t at = 0; r->ok && r->seed == 0 && n > 0; at += n)
        r->ok = dzr_source_read(r->source, bytes, sizeof bytes, &n, NULL) == DZR_OK &&
                memcmp(bytes, server.object + at, n) == 0;
    return NULL;
}

static void threads_may_share_a_source(void **state)
{
    (void)state;
    enum { THREADS = 4 };
    s3_double_hold(&server, 2 * MIB);
    dzr_error err;
    dzr_source *source = NULL;
    const dzr_s3_options options = s3_double_options(&server);
    assert_ok(dzr_s3_open_source(url, &options, &source, &err));
    reader readers[THREADS];
    for (unsigned i = 0; i < THREADS; i++) {
        readers[i] = (reader){.source = source, .seed = i};
        assert_int_equal(pthread_create(&readers[i].thread, NULL, read_in_thread, &readers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(readers[i].thread, NULL);
        assert_true(readers[i].ok);
    }
    dzr_source_close(source);
}

/* ---- ends that come from here ---- */

static void *cancel_soon(void *cancel)
{
    nanosleep(&(struct timespec){.tv_nsec = 100 * 1000 * 1000}, NULL);
    dzr_cancel_set(cancel);
    return NULL;
}

/* A server that does not answer, and one that is asked again after a wait. */
static void cancelling_ends_any_wait_at_once(void **state)
{
    (void)state;
    static const char *const faults[] = {"", "HTTP/1.1 503 X\r\nContent-Length: 0\r\nRetry-After: 20\r\n\r\n"};
    for (size_t i = 0; i < 2; i++) {
        dzr_error err;
        dzr_source *source = NULL;
        dzr_cancel *cancel = NULL;
        pthread_t thread;
        assert_ok(dzr_cancel_new(NULL, &cancel, &err));
        set_fault(faults[i], 99);
        dzr_s3_options options = s3_double_options(&server);
        options.cancel = cancel;
        pthread_create(&thread, NULL, cancel_soon, cancel);
        const int64_t began_ms = now_ms();
        assert_fails(dzr_s3_open_source(url, &options, &source, &err), DZR_ERR_CANCELLED, "s3://bucket/key: cancelled");
        assert_true(now_ms() - began_ms < 5000);
        pthread_join(thread, NULL);
        dzr_cancel_free(cancel);
    }
}

static void cancelling_reaches_a_table_that_is_being_opened(void **state)
{
    (void)state;
    dzr_error err;
    dzr_cancel *cancel = NULL;
    dzr_table_reader *table = NULL;
    pthread_t thread;
    assert_ok(dzr_cancel_new(NULL, &cancel, &err));
    set_fault("", 99);
    const dzr_s3_options s3 = s3_double_options(&server);
    const dzr_table_read_options options = {.format = DZR_FORMAT_PARQUET, .cancel = cancel, .s3 = &s3};
    pthread_create(&thread, NULL, cancel_soon, cancel);
    assert_fails(dzr_table_reader_open(url, &options, &table, &err), DZR_ERR_CANCELLED, "s3://bucket/key: cancelled");
    pthread_join(thread, NULL);
    dzr_cancel_free(cancel);
}

static void a_request_has_its_deadline(void **state)
{
    (void)state;
    dzr_error err;
    dzr_source *source = NULL;
    dzr_s3_options options = s3_double_options(&server);
    options.request_timeout_ms = 300;
    set_fault("", 99);
    assert_fails(dzr_s3_open_source(url, &options, &source, &err), DZR_ERR_TIMEOUT,
            "s3://bucket/key: no complete answer within 300 ms");
    set_fault("HTTP/1.1 503 X\r\nContent-Length: 0\r\nRetry-After: 9\r\n\r\n", 99); /* no time for such a wait */
    assert_fails(dzr_s3_open_source(url, &options, &source, &err), DZR_ERR_HTTP, "s3://bucket/key: status 503");
}

static void a_wait_that_is_asked_for_is_heeded(void **state)
{
    (void)state;
    dzr_error err;
    dzr_source *source = NULL;
    s3_double_hold(&server, 10);
    const dzr_s3_options options = s3_double_options(&server);
    set_fault("HTTP/1.1 503 X\r\nContent-Length: 0\r\nRetry-After: 1\r\n\r\n", 1);
    const int64_t began_ms = now_ms();
    assert_ok(dzr_s3_open_source(url, &options, &source, &err));
    assert_true(now_ms() - began_ms >= 1000);
    assert_int_equal(dzr_s3_source_facts(source).n_retries, 1);
    dzr_source_close(source);
}

/* ---- what a message says, and how often was asked ---- */

static const struct {
    const char *proves, *answer;
    dzr_status want;
    const char *part;
    int n_requests;
} told[] = {
        {"a_clock_that_is_wrong", "HTTP/1.1 403 X\r\nContent-Length: 0\r\nDate: Tue, 03 Mar 2020 10:00:00 GMT\r\n\r\n",
                DZR_ERR_HTTP, " min ahead of the server's, S3 allows 15", 1},
        {"skew_without_a_date",
                "HTTP/1.1 403 X\r\nContent-Length: 48\r\n\r\n<Error><Code>RequestTimeTooSkewed</Code></Error>",
                DZR_ERR_HTTP, "status 403 RequestTimeTooSkewed; the clock here and the server's differ too much", 1},
        {"another_region", "HTTP/1.1 301 X\r\nContent-Length: 0\r\nx-amz-bucket-region: eu-west-3\r\n\r\n",
                DZR_ERR_HTTP, "status 301; the bucket is in eu-west-3, the region here is us-east-1", 1},
        {"denied_once", "HTTP/1.1 403 X\r\nContent-Length: 40\r\n\r\n<Error><Code>AccessDenied</Code></Error>",
                DZR_ERR_HTTP, "s3://bucket/key: status 403 AccessDenied", 1},
        {"not_there", "HTTP/1.1 404 X\r\nContent-Length: 37\r\n\r\n<Error><Code>NoSuchKey</Code></Error>",
                DZR_ERR_NOT_FOUND, "s3://bucket/key: status 404 NoSuchKey", 1},
        {"busy_each_time", "HTTP/1.1 503 X\r\nContent-Length: 36\r\n\r\n<Error><Code>SlowDown</Code></Error>",
                DZR_ERR_HTTP, "status 503 SlowDown after 6 attempts", 6},
        {"too_many_requests", "HTTP/1.1 429 X\r\nContent-Length: 0\r\n\r\n", DZR_ERR_HTTP,
                "status 429 after 6 attempts", 6},
        {"no_http", "SSH-2.0-x\r\n", DZR_ERR_NET, "after 6 attempts", 6},
        {"control_characters_of_others_are_not_shown",
                "HTTP/1.1 400 X\r\nContent-Length: 64\r\n\r\n"
                "<Error><Code>Bad</Code><Message>a\x7f\nb</Message></Error>          ",
                DZR_ERR_HTTP, "status 400 Bad: a? b", 1},
};

static void failures_say_why_and_are_tried_again_only_where_that_helps(void **state)
{
    (void)state;
    s3_double_hold(&server, 10);
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        dzr_error err;
        dzr_source *source = NULL;
        const dzr_s3_options options = s3_double_options(&server);
        set_fault(told[i].answer, 99);
        server.n_requests = 0;
        const dzr_status st = dzr_s3_open_source(url, &options, &source, &err);
        if (st != told[i].want || strstr(err.message, told[i].part) == NULL || server.n_requests != told[i].n_requests)
            fail_msg("%s: %s after %d requests: %s", told[i].proves, dzr_status_name(st), server.n_requests,
                    err.message);
    }
}

static void bytes_that_arrived_otherwise_are_noticed(void **state)
{
    (void)state;
    dzr_error err;
    dzr_sink *sink = NULL;
    const dzr_s3_options options = s3_double_options(&server);
    server.checksum = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    assert_ok(dzr_s3_open_sink(url, &options, &sink, &err));
    assert_ok(dzr_sink_append(sink, "hello", 5, &err));
    assert_fails(dzr_sink_commit(sink, &err), DZR_ERR_CORRUPT,
            "the server has bytes of SHA-256 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=, "
            "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ= was sent");
    assert_fails(dzr_sink_append(sink, "x", 1, &err), DZR_ERR_ARG, "has failed before");
    assert_fails(dzr_sink_commit(sink, &err), DZR_ERR_ARG, "has failed before");
    dzr_sink_close(sink);
}

static void options_that_can_not_be_are_refused(void **state)
{
    (void)state;
    dzr_error err;
    dzr_sink *sink = NULL;
    dzr_s3_options options = s3_double_options(&server);
    options.part_bytes = 5 * MIB - 1;
    assert_fails(dzr_s3_open_sink(url, &options, &sink, &err), DZR_ERR_ARG, "parts of 5242879 bytes");
    options.part_bytes = ((size_t)5 << 30) + 1;
    assert_fails(dzr_s3_open_sink(url, &options, &sink, &err), DZR_ERR_ARG, "parts of 5368709121 bytes");
    options.part_bytes = 0;
    options.retries = -2;
    assert_fails(dzr_s3_open_sink(url, &options, &sink, &err), DZR_ERR_ARG, "can't be negative");
    assert_int_equal(server.n_requests, 0);
}

/* ---- a Parquet file ---- */

/* 40,000 rows of one column, through the store into the server. */
static void put_parquet(void)
{
    dzr_error err;
    dzr_table_writer *writer = NULL;
    dzr_schema *schema = NULL;
    dzr_builder *builder = NULL;
    dzr_batch *batch = NULL;
    const dzr_field field = {.name = "x", .type = {.id = DZR_TYPE_INT64}};
    const dzr_s3_options s3 = s3_double_options(&server);
    const dzr_table_write_options options = {.format = DZR_FORMAT_PARQUET, .s3 = &s3};
    assert_ok(dzr_schema_new(&field, 1, NULL, &schema, &err));
    assert_ok(dzr_builder_new(schema, NULL, &builder, &err));
    for (int64_t i = 0; i < 40000; i++) {
        assert_ok(dzr_builder_int(builder, 0, i * 2654435761 % 1000003, &err));
    }
    assert_ok(dzr_builder_finish(builder, &batch, &err));
    assert_ok(dzr_table_writer_open(url, schema, &options, &writer, &err));
    assert_ok(dzr_table_writer_append(writer, batch, &err));
    assert_ok(dzr_table_writer_commit(writer, &err));
    dzr_table_writer_close(writer);
    dzr_batch_free(batch);
    dzr_builder_free(builder);
    dzr_schema_free(schema);
}

static void a_parquet_file_is_read_by_two_requests_its_first_bytes_among_them(void **state)
{
    (void)state;
    dzr_error err;
    dzr_table_reader *table = NULL;
    dzr_batch *batch = NULL;
    put_parquet();
    assert_true(server.n_object > 100000);
    const dzr_s3_options s3 = s3_double_options(&server);
    const dzr_table_read_options options = {.format = DZR_FORMAT_PARQUET, .s3 = &s3};
    server.n_requests = 0;
    assert_ok(dzr_table_reader_open(url, &options, &table, &err));
    assert_int_equal(server.n_requests, 1);
    assert_ok(dzr_table_reader_next(table, &batch, &err));
    assert_int_equal(dzr_batch_n_rows(batch), 40000);
    assert_int_equal(server.n_requests, 2);
    dzr_batch_free(batch);
    dzr_table_reader_close(table);
    memcpy(server.object, "PARX", 4);
    assert_ok(dzr_table_reader_open(url, &options, &table, &err));
    assert_fails(dzr_table_reader_next(table, &batch, &err), DZR_ERR_CORRUPT,
            "s3://bucket/key: no Parquet file: it does not begin with PAR1");
    dzr_table_reader_close(table);
}

int main(void)
{
#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, start, stop)
    const struct CMUnitTest tests[] = {
            WITH_SERVER(what_is_near_the_end_costs_one_request),
            WITH_SERVER(a_stream_asks_for_growing_blocks_ahead),
            WITH_SERVER(parts_and_small_objects_are_counted),
            cmocka_unit_test(facts_of_other_sources_and_sinks_are_zeros),
            WITH_SERVER(reading_survives_each_allocation_failing),
            WITH_SERVER(writing_survives_each_allocation_failing_and_leaves_nothing),
            WITH_SERVER(threads_may_share_a_source),
            WITH_SERVER(cancelling_ends_any_wait_at_once),
            WITH_SERVER(cancelling_reaches_a_table_that_is_being_opened),
            WITH_SERVER(a_request_has_its_deadline),
            WITH_SERVER(a_wait_that_is_asked_for_is_heeded),
            WITH_SERVER(failures_say_why_and_are_tried_again_only_where_that_helps),
            WITH_SERVER(bytes_that_arrived_otherwise_are_noticed),
            WITH_SERVER(options_that_can_not_be_are_refused),
            WITH_SERVER(a_parquet_file_is_read_by_two_requests_its_first_bytes_among_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
