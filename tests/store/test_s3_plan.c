/* store/s3: which requests bring which ranges, how parts grow, what is tried again, and how S3's checksums are made. */
#include "support.h"

#include "store/s3/s3.h"

#include <stdio.h>
#include <stdlib.h>

enum { MIB = 1 << 20, MOST = 8 };

/* ---- joining and cutting ---- */

typedef struct span {
    uint64_t offset;
    size_t n_bytes;
} span;

static const struct {
    const char *proves;
    span asked[MOST], requests[MOST];
} plans[] = {
        {"one_range_is_one_request", {{5, 10}}, {{5, 10}}},
        {"ranges_that_touch_are_joined", {{0, 10}, {10, 10}}, {{0, 20}}},
        {"order_does_not_matter", {{10, 10}, {0, 10}}, {{0, 20}}},
        {"a_gap_of_a_mebibyte_is_read_too", {{0, 1}, {1 + MIB, 1}}, {{0, MIB + 2}}},
        {"a_longer_gap_is_not", {{0, 1}, {2 + MIB, 1}}, {{0, 1}, {2 + MIB, 1}}},
        {"a_range_within_another_adds_nothing", {{0, 100}, {20, 10}, {90, 5}}, {{0, 100}}},
        {"the_longer_of_two_that_overlap_counts", {{0, 100}, {50, 100}, {60, 10}}, {{0, 150}}},
        {"the_same_range_twice_is_asked_for_once", {{7, 3}, {7, 3}}, {{7, 3}}},
        {"sixteen_mebibytes_are_one_request", {{0, 16 * MIB}}, {{0, 16 * MIB}}},
        {"one_byte_more_is_two_of_like_size", {{0, 16 * MIB + 1}}, {{0, 8 * MIB + 1}, {8 * MIB + 1, 8 * MIB}}},
        {"what_was_joined_is_cut_as_well", {{0, 12 * MIB}, {12 * MIB, 12 * MIB}, {100 * MIB, 1}},
                {{0, 12 * MIB}, {12 * MIB, 12 * MIB}, {100 * MIB, 1}}},
        {"offsets_need_64_bits", {{(uint64_t)1 << 40, 5}, {((uint64_t)1 << 40) + 9, 5}}, {{(uint64_t)1 << 40, 14}}},
};

static void ranges_become_requests(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) {
        dzr_source_range ranges[MOST];
        size_t n = 0;
        for (; n < MOST && plans[i].asked[n].n_bytes > 0; n++)
            ranges[n] = (dzr_source_range){plans[i].asked[n].offset, plans[i].asked[n].n_bytes, NULL};
        dzr__s3_sort_ranges(ranges, n);
        dzr__s3_plan plan = {.sorted = ranges, .n = n};
        dzr__s3_piece piece;
        size_t k = 0;
        for (; dzr__s3_plan_next(&plan, &piece); k++)
            if (k == MOST || piece.offset != plans[i].requests[k].offset ||
                    piece.n_bytes != plans[i].requests[k].n_bytes)
                fail_msg("%s: request %zu is %zu bytes from %llu", plans[i].proves, k, piece.n_bytes,
                        (unsigned long long)piece.offset);
        if (k < MOST && plans[i].requests[k].n_bytes != 0)
            fail_msg("%s: only %zu requests", plans[i].proves, k);
    }
}

static void no_ranges_are_no_requests(void **state)
{
    (void)state;
    dzr__s3_plan plan = {.n = 0};
    dzr__s3_piece piece;
    assert_false(dzr__s3_plan_next(&plan, &piece));
}

/* Random ranges, the bytes of each request coming in random pieces: every range gets what the object has there, nobody
 * writes past its end, and no byte comes twice. */
static void every_range_gets_its_bytes(void **state)
{
    (void)state;
    enum { OBJECT = 40 * MIB, RANGES = 20 };
    uint8_t *const object = malloc(OBJECT);
    assert_non_null(object);
    for (size_t i = 0; i < OBJECT; i++)
        object[i] = (uint8_t)(i * 2654435761U >> 13);
    const unsigned seed = 20260301;
    srand(seed);
    for (int round = 0; round < 40; round++) {
        dzr_source_range ranges[RANGES];
        for (size_t i = 0; i < RANGES; i++) {
            const size_t n = 1 + (size_t)rand() % (round % 4 == 0 ? 4 * MIB : 5000);
            const uint64_t offset = (uint64_t)rand() % (OBJECT - n);
            ranges[i] = (dzr_source_range){offset, n, malloc(n + 1)};
            assert_non_null(ranges[i].out);
            ((uint8_t *)ranges[i].out)[n] = 0xA5;
        }
        dzr__s3_sort_ranges(ranges, RANGES);
        dzr__s3_plan plan = {.sorted = ranges, .n = RANGES};
        dzr__s3_piece piece;
        uint64_t last = 0;
        while (dzr__s3_plan_next(&plan, &piece)) {
            assert_true(piece.offset >= last && piece.n_bytes <= DZR__S3_PIECE);
            last = piece.offset + piece.n_bytes;
            for (size_t at = 0; at < piece.n_bytes;) {
                const size_t n = DZR_MIN(piece.n_bytes - at, 1 + (size_t)rand() % 100000);
                dzr__s3_scatter(ranges, &piece, piece.offset + at, object + piece.offset + at, n);
                at += n;
            }
        }
        for (size_t i = 0; i < RANGES; i++) {
            assert_memory_equal(ranges[i].out, object + ranges[i].offset, ranges[i].n_bytes);
            assert_int_equal(((const uint8_t *)ranges[i].out)[ranges[i].n_bytes], 0xA5);
            free(ranges[i].out);
        }
    }
    free(object);
}

/* ---- parts ---- */

static void ten_thousand_parts_are_enough_for_the_largest_object(void **state)
{
    (void)state;
    uint64_t n_bytes = 0;
    for (int32_t n = 0; n < 10000; n++) {
        const size_t part = dzr__s3_part_bytes((size_t)5 << 20, n);
        assert_true(part >= (size_t)5 << 20 && part <= (size_t)5 << 30); /* S3's smallest and largest */
        n_bytes += part;
    }
    assert_true(n_bytes >= (uint64_t)5 << 40);
    assert_int_equal(dzr__s3_part_bytes((size_t)8 << 20, 999), 8 << 20);
    assert_int_equal(dzr__s3_part_bytes((size_t)8 << 20, 1000), 16 << 20);
}

static void parts_in_memory_are_bounded(void **state)
{
    (void)state;
    assert_int_equal(dzr__s3_parts_at_once((size_t)5 << 20), 5);
    assert_int_equal(dzr__s3_parts_at_once((size_t)8 << 20), 5);
    assert_int_equal(dzr__s3_parts_at_once((size_t)16 << 20), 3);
    assert_int_equal(dzr__s3_parts_at_once((size_t)32 << 20), 2);
    assert_int_equal(dzr__s3_parts_at_once((size_t)4 << 30), 2);
}

/* ---- what is tried again ---- */

static void only_what_may_pass_is_tried_again(void **state)
{
    (void)state;
    static const int again[] = {408, 429, 500, 502, 503, 504};
    static const int final[] = {200, 206, 301, 304, 307, 400, 403, 404, 405, 409, 411, 412, 416, 501, 505};
    for (size_t i = 0; i < sizeof again / sizeof *again; i++)
        assert_true(dzr__s3_retries_status(again[i]));
    for (size_t i = 0; i < sizeof final / sizeof *final; i++)
        assert_false(dzr__s3_retries_status(final[i]));
    static const char *const codes[] = {"SlowDown", "InternalError", "ServiceUnavailable", "RequestTimeout",
            "OperationAborted", "ConditionalRequestConflict"};
    static const char *const others[] = {"", "AccessDenied", "NoSuchKey", "NoSuchBucket", "PreconditionFailed",
            "RequestTimeTooSkewed", "SignatureDoesNotMatch", "InvalidPart", "EntityTooSmall", "slowdown"};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        assert_true(dzr__s3_retries_code(codes[i]));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(dzr__s3_retries_code(others[i]));
}

/* ---- checksums: the values are those of sha256sum, md5sum and base64 ---- */

static void checksums_are_those_of_s3(void **state)
{
    (void)state;
    dzr_error err;
    uint8_t hashes[2][DZR__S3_SHA256];
    char text[DZR__S3_CHECKSUM];
    assert_ok(dzr__s3_sha256((dzr_bytes){NULL, 0}, hashes[0], &err));
    dzr__s3_checksum(hashes[0], text);
    assert_string_equal(text, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    assert_ok(dzr__s3_sha256((dzr_bytes){(const uint8_t *)"hello", 5}, hashes[0], &err));
    dzr__s3_checksum(hashes[0], text);
    assert_string_equal(text, "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=");
    assert_ok(dzr__s3_sha256((dzr_bytes){(const uint8_t *)"world", 5}, hashes[1], &err));
    assert_ok(dzr__s3_checksum_of_parts((const uint8_t(*)[DZR__S3_SHA256])hashes, 2, text, &err));
    assert_string_equal(text, "cwXbmyq8zXBsJW2z2X5f9I1nfP5NOlkEr7faDjlQ4eI=-2");
}

static void etags_are_those_of_s3(void **state)
{
    (void)state;
    char etag[DZR__S3_ETAG];
    dzr__s3_etag((dzr_bytes){NULL, 0}, etag);
    assert_string_equal(etag, "d41d8cd98f00b204e9800998ecf8427e");
    dzr__s3_etag((dzr_bytes){(const uint8_t *)"hello", 5}, etag);
    assert_string_equal(etag, "5d41402abc4b2a76b9719d911017c592");
    static const char parts[2][DZR__S3_ETAG] = {
            "\"5d41402abc4b2a76b9719d911017c592\"", "7D793037A0760186574B0282F2F435E7"};
    dzr__s3_etag_of_parts(parts, 2, etag);
    assert_string_equal(etag, "065947336a2f2a95ba8899f3675c3be6-2");
    static const char strange[][DZR__S3_ETAG] = {"", "\"\"", "\"5d41402abc4b2a76b9719d911017c59\"",
            "\"5d41402abc4b2a76b9719d911017c592-1\"", "\"zd41402abc4b2a76b9719d911017c592\""};
    for (size_t i = 0; i < sizeof strange / sizeof *strange; i++) {
        dzr__s3_etag_of_parts(&strange[i], 1, etag);
        assert_string_equal(etag, "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(ranges_become_requests),
            cmocka_unit_test(no_ranges_are_no_requests),
            cmocka_unit_test(every_range_gets_its_bytes),
            cmocka_unit_test(ten_thousand_parts_are_enough_for_the_largest_object),
            cmocka_unit_test(parts_in_memory_are_bounded),
            cmocka_unit_test(only_what_may_pass_is_tried_again),
            cmocka_unit_test(checksums_are_those_of_s3),
            cmocka_unit_test(etags_are_those_of_s3),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
