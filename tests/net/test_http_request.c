/* tests/net/test_http_request.c - the server's reader (net/server/request.c): what a handler gets to see, exact places
 * of limits, and that short memory is an answer. What is refused over the wire is test_raw_requests.py. */
#include "support.h"

#include "alloc_nth.h"
#include "net/server/internal.h"

static const dzr__http_limits limits = {.header_bytes = 200, .target_bytes = 20, .body_bytes = 30};

static dzr__http_progress feed_text(dzr__http_reader *reader, const char *text, size_t *used)
{
    return dzr__http_reader_feed(reader, (const uint8_t *)text, strlen(text), used);
}

static void assert_bytes(dzr_bytes bytes, const char *want)
{
    assert_int_equal(bytes.len, strlen(want));
    assert_memory_equal(bytes.at, want, bytes.len);
}

static void a_request_is_taken_apart(void **state)
{
    (void)state;
    dzr__http_reader reader;
    dzr__http_reader_init(&reader, NULL, &limits);
    const char *const text =
            "POST /a%20b?c=d?e HTTP/1.1\r\nHost: a\r\nX-Two:  b c \t\r\nx-two: d\r\nContent-Length: 3\r\n\r\nabcGET";
    size_t used = 0;
    assert_int_equal(feed_text(&reader, text, &used), DZR__HTTP_DONE);
    assert_int_equal(used, strlen(text) - strlen("GET"));
    const dzr_http_request *const request = &reader.request;
    assert_bytes(request->method, "POST");
    assert_bytes(request->target, "/a%20b?c=d?e");
    assert_bytes(request->path, "/a%20b");
    assert_bytes(request->query, "c=d?e");
    assert_bytes(request->body, "abc");
    assert_int_equal(request->minor_version, 1);
    assert_int_equal(request->n_headers, 4);
    size_t n_found = 0;
    assert_bytes(dzr_http_request_header(request, "x-two", &n_found), "b c");
    assert_int_equal(n_found, 2);
    assert_null(dzr_http_request_header(request, "x-three", &n_found).at);
    assert_int_equal(n_found, 0);
    assert_true(reader.keep_alive);
    dzr__http_reader_fini(&reader);
}

static void a_reader_reads_again_after_reset(void **state)
{
    (void)state;
    dzr__http_reader reader;
    dzr__http_reader_init(&reader, NULL, &limits);
    for (int i = 0; i < 3; i++) {
        size_t used = 0;
        assert_int_equal(feed_text(&reader, "GET / HTTP/1.0\r\n\r\n", &used), DZR__HTTP_DONE);
        assert_bytes(reader.request.target, "/");
        assert_null(reader.request.query.at);
        assert_int_equal(reader.request.n_headers, 0);
        assert_false(reader.keep_alive);
        dzr__http_reader_reset(&reader);
        assert_int_equal(feed_text(&reader, "\x01", &used), DZR__HTTP_BAD);
        assert_int_equal(reader.bad_status, 400);
        dzr__http_reader_reset(&reader);
    }
    dzr__http_reader_fini(&reader);
}

static const struct {
    const char *proves;
    const char *head;
    size_t fill; /* bytes of 'a' after head */
    const char *tail;
    int status; /* 0: taken */
} sizes[] = {
        {"a_target_at_its_limit_is_taken", "GET /", 19, " HTTP/1.0\r\n\r\n", 0},
        {"a_target_one_byte_longer_is_414", "GET /", 20, " HTTP/1.0\r\n\r\n", 414},
        {"a_head_at_its_limit_is_taken", "GET / HTTP/1.0\r\nX: ", 200 - 19 - 4, "\r\n\r\n", 0},
        {"a_head_one_byte_longer_is_431", "GET / HTTP/1.0\r\nX: ", 200 - 19 - 4 + 1, "\r\n\r\n", 431},
        {"a_body_at_its_limit_is_taken", "PUT / HTTP/1.0\r\nContent-Length: 30\r\n\r\n", 30, "", 0},
        {"a_body_one_byte_longer_is_413", "PUT / HTTP/1.0\r\nContent-Length: 31\r\n\r\n", 0, "", 413},
        {"a_chunk_at_the_limit_is_taken", "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1e\r\n", 30,
                "\r\n0\r\n\r\n", 0},
        {"a_chunk_one_byte_longer_is_413", "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1f\r\n", 0,
                "", 413},
        {"a_second_chunk_beyond_the_limit_is_413",
                "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1e\r\n", 30, "\r\n1\r\n", 413},
        {"a_method_at_its_limit_is_taken", "", 32, " / HTTP/1.0\r\n\r\n", 0},
        {"a_method_one_byte_longer_is_501", "", 33, " / HTTP/1.0\r\n\r\n", 501},
};

/* Each limit holds at the same byte in one piece and byte by byte. */
static void limits_hold_at_their_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (size_t piece = 1; piece <= 4096; piece += 4095) {
            char text[512] = {0};
            strcpy(text, sizes[i].head);
            memset(text + strlen(text), 'a', sizes[i].fill);
            strcat(text, sizes[i].tail);
            dzr__http_reader reader;
            dzr__http_reader_init(&reader, NULL, &limits);
            dzr__http_progress progress = DZR__HTTP_MORE;
            for (size_t at = 0, used = 0; progress == DZR__HTTP_MORE && at < strlen(text); at += used)
                progress = dzr__http_reader_feed(
                        &reader, (const uint8_t *)text + at, DZR_MIN(piece, strlen(text) - at), &used);
            if (reader.bad_status != sizes[i].status ||
                    progress != (sizes[i].status == 0 ? DZR__HTTP_DONE : DZR__HTTP_BAD))
                fail_msg("%s: pieces of %zu: status %d", sizes[i].proves, piece, reader.bad_status);
            dzr__http_reader_fini(&reader);
        }
}

static void short_memory_is_503_and_leaks_nothing(void **state)
{
    (void)state;
    bool done = false;
    for (int64_t n = 1; !done; n++) {
        alloc_nth nth;
        alloc_nth_init(&nth, n);
        dzr__http_reader reader;
        static const dzr__http_limits wide = {.header_bytes = 8192, .target_bytes = 200, .body_bytes = 6000};
        dzr__http_reader_init(&reader, &nth.allocator, &wide);
        char text[8192] = "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n";
        for (int i = 0; i < 100; i++)
            strcat(text, "X: y\r\n");
        strcat(text, "\r\n");
        memset(text + strlen(text), 'b', 5000);
        size_t used = 0;
        const dzr__http_progress progress = feed_text(&reader, text, &used);
        done = nth.n_requests < n;
        assert_int_equal(progress, done ? DZR__HTTP_DONE : DZR__HTTP_BAD);
        assert_int_equal(reader.bad_status, done ? 0 : 503);
        dzr__http_reader_fini(&reader);
        assert_int_equal(nth.n_out, 0);
    }
}

/* ---- addresses.c ---- */

static struct in6_addr v4(uint32_t number)
{
    struct in6_addr address = {.s6_addr = {[10] = 0xff, [11] = 0xff}};
    memcpy(&address.s6_addr[12], &number, 4);
    return address;
}

static void addresses_are_counted_each_alone(void **state)
{
    (void)state;
    enum { N = 500 };
    dzr_error err;
    dzr__http_addresses *addresses = NULL;
    assert_ok(dzr__http_addresses_open(NULL, N, &addresses, &err));
    for (int round = 0; round < 3; round++) {
        for (uint32_t i = 0; i < N; i++) {
            const struct in6_addr address = v4(i / 2);
            assert_true(dzr__http_addresses_enter(addresses, &address, 2));
        }
        for (uint32_t i = 0; i < N / 2; i++) {
            const struct in6_addr address = v4(i);
            assert_false(dzr__http_addresses_enter(addresses, &address, 2));
        }
        for (uint32_t i = 0; i < N; i++) { /* leave in another order; the others must stay found */
            const struct in6_addr address = v4((i * 37 % N) / 2);
            dzr__http_addresses_leave(addresses, &address);
        }
    }
    dzr__http_addresses_close(addresses);
}

static void v6_addresses_of_one_network_count_together(void **state)
{
    (void)state;
    dzr_error err;
    dzr__http_addresses *addresses = NULL;
    assert_ok(dzr__http_addresses_open(NULL, 10, &addresses, &err));
    const struct in6_addr one = {.s6_addr = {0x20, 0x01, [7] = 1, [15] = 1}},
                          two = {.s6_addr = {0x20, 0x01, [7] = 1, [15] = 2}},
                          far = {.s6_addr = {0x20, 0x01, [7] = 2, [15] = 1}};
    assert_true(dzr__http_addresses_enter(addresses, &one, 1));
    assert_false(dzr__http_addresses_enter(addresses, &two, 1));
    assert_true(dzr__http_addresses_enter(addresses, &far, 1));
    dzr__http_addresses_leave(addresses, &one);
    assert_true(dzr__http_addresses_enter(addresses, &two, 1));
    dzr__http_addresses_close(addresses);
}

/* ---- server.c ---- */

static void never(void *ctx, void *loop_ctx, dzr_http_exchange *exchange)
{
    (void)ctx;
    (void)loop_ctx;
    dzr_http_answer(exchange, 500, NULL, NULL, 0, (dzr_bytes){NULL, 0});
}

static void bad_options_are_refused_by_name(void **state)
{
    (void)state;
    dzr_error err;
    dzr_http_server *server = NULL;
    dzr_http_server_options options = {.listen = "127.0.0.1:0"};
    assert_fails(dzr_http_server_open(&options, &server, &err), DZR_ERR_ARG, "needs a handler");
    options.handler = never;
    static const char *const bad[] = {"", "8000", "127.0.0.1", ":8000", "127.0.0.1:", "[::1]", "[]:80", "::1:80",
            "127.0.0.1:http-alt", "127.0.0.1:65536", "127.0.0.1:99999", "127.0.0.1:-1", "127.0.0.1:80x"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        options.listen = bad[i];
        assert_fails(dzr_http_server_open(&options, &server, &err), DZR_ERR_ARG, "is no address to listen on");
    }
    options.listen = "256.0.0.1:80"; /* names no address of this machine */
    assert_fails(dzr_http_server_open(&options, &server, &err), DZR_ERR_NET, "256.0.0.1:80: ");
    options.listen = "127.0.0.1:0";
    options.idle_timeout_ms = -1;
    assert_fails(dzr_http_server_open(&options, &server, &err), DZR_ERR_ARG, "timeout is negative");
    assert_null(server);
}

static dzr_status failing_start(void *ctx, int loop_index, void **loop_ctx, dzr_error *err)
{
    (void)ctx;
    (void)loop_ctx;
    return loop_index == 1 ? dzr_fail(err, DZR_ERR_NOT_FOUND, "no database") : DZR_OK;
}

static void count_stop(void *ctx, void *loop_ctx)
{
    (void)loop_ctx;
    atomic_fetch_add((atomic_int *)ctx, 1);
}

static void a_failing_start_of_one_loop_fails_run_and_stops_the_others(void **state)
{
    (void)state;
    dzr_error err;
    atomic_int n_stops = 0;
    const dzr_http_server_options options = {.listen = "127.0.0.1:0",
            .n_loops = 3,
            .handler = never,
            .ctx = &n_stops,
            .on_loop_start = failing_start,
            .on_loop_stop = count_stop};
    dzr_http_server *server = NULL;
    assert_ok(dzr_http_server_open(&options, &server, &err));
    assert_fails(dzr_http_server_run(server, &err), DZR_ERR_NOT_FOUND, "no database");
    assert_int_equal(atomic_load(&n_stops), 2);
    assert_fails(dzr_http_server_run(server, &err), DZR_ERR_ARG, "runs only once");
    dzr_http_server_close(server);
}

static void a_server_stopped_before_run_ends_at_once(void **state)
{
    (void)state;
    dzr_error err;
    const dzr_http_server_options options = {.listen = "[::1]:0", .n_loops = 2, .handler = never};
    dzr_http_server *server = NULL;
    assert_ok(dzr_http_server_open(&options, &server, &err));
    assert_memory_equal(dzr_http_server_address(server), "[::1]:", 6);
    dzr_http_server_stop(server);
    assert_ok(dzr_http_server_run(server, &err));
    dzr_http_server_close(server);
}

static void short_memory_while_opening_leaks_nothing(void **state)
{
    (void)state;
    dzr_status st = DZR_ERR_NOMEM;
    for (int64_t n = 1; st != DZR_OK; n++) {
        alloc_nth nth;
        alloc_nth_init(&nth, n);
        dzr_error err;
        const dzr_http_server_options options = {
                .alloc = &nth.allocator, .listen = "127.0.0.1:0", .n_loops = 2, .max_per_address = 4, .handler = never};
        dzr_http_server *server = NULL;
        st = dzr_http_server_open(&options, &server, &err);
        assert_int_equal(st, nth.n_requests < n ? DZR_OK : DZR_ERR_NOMEM);
        dzr_http_server_close(server);
        assert_int_equal(nth.n_out, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_request_is_taken_apart),
            cmocka_unit_test(a_reader_reads_again_after_reset),
            cmocka_unit_test(limits_hold_at_their_byte),
            cmocka_unit_test(short_memory_is_503_and_leaks_nothing),
            cmocka_unit_test(addresses_are_counted_each_alone),
            cmocka_unit_test(v6_addresses_of_one_network_count_together),
            cmocka_unit_test(bad_options_are_refused_by_name),
            cmocka_unit_test(a_failing_start_of_one_loop_fails_run_and_stops_the_others),
            cmocka_unit_test(a_server_stopped_before_run_ends_at_once),
            cmocka_unit_test(short_memory_while_opening_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
