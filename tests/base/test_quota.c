/* tests/base/test_quota.c - an allocator with a ceiling: never above it, blocks outlive it, and the words it has. */
#include "support.h"

#include "alloc_nth.h"
#include "base/quota.h"

static void what_is_taken_never_passes_the_limit(void **state)
{
    (void)state;
    dzr_error err;
    dzr_quota *quota = NULL;
    assert_ok(dzr__quota_new(10000, NULL, &quota, &err));
    const dzr_allocator *const alloc = dzr__quota_allocator(quota);
    const size_t empty = dzr__quota_taken(quota);
    assert_true(empty > 0 && empty < 1000);
    void *const block = dzr_alloc_array(alloc, 5000, 1, &err);
    assert_non_null(block);
    assert_int_equal((uintptr_t)block % DZR_ALIGN, 0);
    assert_int_equal(dzr__quota_taken(quota), empty + 5000 + DZR_ALIGN);
    assert_int_equal(dzr__quota_left(quota), 10000 - (empty + 5000 + DZR_ALIGN));
    assert_null(dzr_alloc_array(alloc, 5000, 1, &err));
    assert_int_equal(dzr__quota_status(quota, DZR_ERR_NOMEM, ", or ask for less", &err), DZR_ERR_LIMIT);
    assert_int_equal(err.status, DZR_ERR_LIMIT);
    assert_string_equal(err.message, "out of memory: 5000 bytes were asked for, which the memory budget of 10000 bytes "
                                     "does not allow: raise `memory`, or ask for less");
    dzr_release(alloc, block);
    assert_int_equal(dzr__quota_taken(quota), empty);
    void *const last = dzr_alloc_array(alloc, 10000 - empty - DZR_ALIGN, 1, &err); /* to the last byte */
    assert_non_null(last);
    assert_int_equal(dzr__quota_left(quota), 0);
    assert_null(dzr_alloc_array(alloc, 1, 1, &err));
    assert_null(dzr_alloc_array(alloc, SIZE_MAX, 1, &err));
    dzr_release(alloc, last);
    dzr__quota_close(quota);
}

static void blocks_outlive_who_made_it(void **state)
{
    (void)state;
    dzr_error err;
    alloc_nth nth;
    alloc_nth_init(&nth, 0);
    dzr_quota *quota = NULL;
    assert_ok(dzr__quota_new(10000, &nth.allocator, &quota, &err));
    const dzr_allocator *const alloc = dzr__quota_allocator(quota);
    uint8_t *const block = dzr_alloc_zeroed(alloc, 100, 1, &err);
    assert_non_null(block);
    dzr__quota_close(quota);
    assert_int_equal(nth.n_out, 2);
    block[99] = 1;
    dzr_release(alloc, block);
    assert_int_equal(nth.n_out, 0);
    dzr__quota_close(NULL);
}

static void memory_that_is_short_is_no_limit(void **state)
{
    (void)state;
    dzr_error err;
    alloc_nth nth;
    alloc_nth_init(&nth, 1);
    dzr_quota *quota = NULL;
    assert_fails(dzr__quota_new(10000, &nth.allocator, &quota, &err), DZR_ERR_NOMEM, "out of memory");
    assert_null(quota);
    assert_fails(dzr__quota_new(10, &nth.allocator, &quota, &err), DZR_ERR_LIMIT,
            "a memory budget of 10 bytes has no room for anything");
    alloc_nth_init(&nth, 2);
    assert_ok(dzr__quota_new(10000, &nth.allocator, &quota, &err));
    const size_t empty = dzr__quota_taken(quota);
    assert_null(dzr_alloc_array(dzr__quota_allocator(quota), 100, 1, &err));
    assert_int_equal(dzr__quota_taken(quota), empty);
    assert_int_equal(dzr__quota_status(quota, DZR_ERR_NOMEM, "", &err), DZR_ERR_NOMEM);
    assert_int_equal(dzr__quota_status(NULL, DZR_ERR_NOMEM, "", &err), DZR_ERR_NOMEM);
    assert_string_equal(err.message, "out of memory: 100 bytes were asked for");
    dzr__quota_close(quota);
    assert_int_equal(nth.n_out, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(what_is_taken_never_passes_the_limit),
            cmocka_unit_test(blocks_outlive_who_made_it),
            cmocka_unit_test(memory_that_is_short_is_no_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
