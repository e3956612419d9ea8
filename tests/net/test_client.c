/* tests/net/test_client.c - the HTTP client as a library: what start and wait promise a caller. What servers do wrong
 * is tested with the program, in tests/ingest. */
#include "net/canned_server.h"

#include <datarizer/http.h>

#include <time.h>

static const char *numbered(int n, const char *head)
{
    (void)head;
    static const char *const bodies[] = {"zero", "one", "two", "three"};
    return bodies[n];
}

static const char *never(int n, const char *head)
{
    (void)n;
    (void)head;
    return NULL;
}

static void assert_body(const dzr_http_response *response, const char *text)
{
    assert_int_equal(response->status, 200);
    assert_int_equal(response->body.len, strlen(text));
    assert_memory_equal(response->body.at, text, strlen(text));
}

static void a_body_stays_while_the_next_request_is_under_way(void **state)
{
    (void)state;
    dzr_error err;
    canned_server server;
    canned_start(&server, numbered);
    const dzr_http_client_options options = DZR_HTTP_CLIENT_DEFAULTS;
    dzr_http_client *client = NULL;
    assert_ok(dzr_http_client_open(&options, &client, &err));
    dzr_http_response first, second, third;
    assert_ok(dzr_http_client_start(client, server.url, &err));
    assert_ok(dzr_http_client_wait(client, &first, &err));
    assert_ok(dzr_http_client_start(client, server.url, &err));
    assert_body(&first, "zero");
    assert_ok(dzr_http_client_wait(client, &second, &err));
    assert_body(&first, "zero");
    assert_ok(dzr_http_client_start(client, server.url, &err));
    assert_ok(dzr_http_client_wait(client, &third, &err));
    assert_body(&second, "one");
    assert_body(&third, "two");
    const dzr_http_client_facts facts = dzr_http_client_facts_get(client);
    assert_int_equal(facts.n_requests, 3);
    assert_int_equal(facts.n_retries, 0);
    assert_int_equal(facts.n_body_bytes, strlen("zeroonetwo"));
    dzr_http_client_close(client);
    canned_stop(&server);
}

static void start_and_wait_come_in_turns(void **state)
{
    (void)state;
    dzr_error err;
    canned_server server;
    canned_start(&server, numbered);
    const dzr_http_client_options options = DZR_HTTP_CLIENT_DEFAULTS;
    dzr_http_client *client = NULL;
    dzr_http_response response = {.status = -7};
    assert_ok(dzr_http_client_open(&options, &client, &err));
    assert_fails(dzr_http_client_wait(client, &response, &err), DZR_ERR_ARG, "no request is under way");
    assert_int_equal(response.status, -7);
    assert_fails(dzr_http_client_start(client, "ftp://host/", &err), DZR_ERR_ARG, "must begin with http://");
    assert_ok(dzr_http_client_start(client, server.url, &err));
    assert_fails(dzr_http_client_start(client, server.url, &err), DZR_ERR_ARG, "a request is under way");
    assert_ok(dzr_http_client_wait(client, &response, &err));
    assert_body(&response, "zero");
    dzr_http_client_close(client);
    canned_stop(&server);
}

static void options_out_of_range_are_refused(void **state)
{
    (void)state;
    dzr_error err;
    dzr_http_client *client = NULL;
    dzr_http_client_options options = DZR_HTTP_CLIENT_DEFAULTS;
    options.retries = -1;
    assert_fails(dzr_http_client_open(&options, &client, &err), DZR_ERR_ARG, "can't be negative");
    options = DZR_HTTP_CLIENT_DEFAULTS;
    options.max_body_bytes = 0;
    assert_fails(dzr_http_client_open(&options, &client, &err), DZR_ERR_ARG, "a body limit of 0 bytes");
    assert_null(client);
}

static void *cancel_soon(void *arg)
{
    const struct timespec pause = {.tv_nsec = 50 * 1000 * 1000};
    nanosleep(&pause, NULL);
    dzr_cancel_set(arg);
    return NULL;
}

static void another_thread_ends_a_wait(void **state)
{
    (void)state;
    dzr_error err;
    canned_server server;
    canned_start(&server, never);
    dzr_cancel *cancel = NULL;
    assert_ok(dzr_cancel_new(NULL, &cancel, &err));
    assert_false(dzr_cancel_is_set(cancel));
    assert_false(dzr_cancel_is_set(NULL));
    dzr_http_client_options options = DZR_HTTP_CLIENT_DEFAULTS;
    options.cancel = cancel;
    dzr_http_client *client = NULL;
    dzr_http_response response;
    assert_ok(dzr_http_client_open(&options, &client, &err));
    assert_ok(dzr_http_client_start(client, server.url, &err));
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, cancel_soon, cancel), 0);
    assert_fails(dzr_http_client_wait(client, &response, &err), DZR_ERR_CANCELLED, "cancelled");
    pthread_join(thread, NULL);
    assert_true(dzr_cancel_is_set(cancel));
    dzr_http_client_close(client);
    dzr_cancel_free(cancel);
    canned_stop(&server);
}

static void a_cancelled_client_takes_no_answer_however_fast_it_came(void **state)
{
    (void)state;
    dzr_error err;
    canned_server server;
    canned_start(&server, numbered);
    dzr_cancel *cancel = NULL;
    assert_ok(dzr_cancel_new(NULL, &cancel, &err));
    dzr_http_client_options options = DZR_HTTP_CLIENT_DEFAULTS;
    options.cancel = cancel;
    dzr_http_client *client = NULL;
    dzr_http_response response;
    assert_ok(dzr_http_client_open(&options, &client, &err));
    for (int i = 0; i < 2; i++) {
        assert_ok(dzr_http_client_start(client, server.url, &err));
        if (i == 1) {
            const struct timespec pause = {.tv_nsec = 50 * 1000 * 1000};
            nanosleep(&pause, NULL);
            dzr_cancel_set(cancel);
            assert_fails(dzr_http_client_wait(client, &response, &err), DZR_ERR_CANCELLED, "cancelled");
        } else {
            assert_ok(dzr_http_client_wait(client, &response, &err));
        }
    }
    dzr_http_client_close(client);
    dzr_cancel_free(cancel);
    canned_stop(&server);
}

static void close_cuts_a_request_under_way(void **state)
{
    (void)state;
    dzr_error err;
    canned_server server;
    canned_start(&server, never);
    const dzr_http_client_options options = DZR_HTTP_CLIENT_DEFAULTS;
    dzr_http_client *client = NULL;
    assert_ok(dzr_http_client_open(&options, &client, &err));
    assert_ok(dzr_http_client_start(client, server.url, &err));
    dzr_http_client_close(client);
    dzr_http_client_close(NULL);
    canned_stop(&server);
}

static void the_job_deadline_runs_from_the_first_start(void **state)
{
    (void)state;
    dzr_error err;
    canned_server server;
    canned_start(&server, never);
    dzr_http_client_options options = DZR_HTTP_CLIENT_DEFAULTS;
    options.job_timeout_ms = 100;
    dzr_http_client *client = NULL;
    dzr_http_response response;
    assert_ok(dzr_http_client_open(&options, &client, &err));
    for (int i = 0; i < 2; i++) {
        assert_ok(dzr_http_client_start(client, server.url, &err));
        assert_fails(
                dzr_http_client_wait(client, &response, &err), DZR_ERR_TIMEOUT, "the job's time of 100 ms is over");
    }
    dzr_http_client_close(client);
    canned_stop(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_body_stays_while_the_next_request_is_under_way),
            cmocka_unit_test(start_and_wait_come_in_turns),
            cmocka_unit_test(options_out_of_range_are_refused),
            cmocka_unit_test(another_thread_ends_a_wait),
            cmocka_unit_test(a_cancelled_client_takes_no_answer_however_fast_it_came),
            cmocka_unit_test(close_cuts_a_request_under_way),
            cmocka_unit_test(the_job_deadline_runs_from_the_first_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
