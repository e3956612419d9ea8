/* tests/support.h - cmocka with what it needs before it, and the few helpers all tests share. */
#ifndef DZR_TESTS_SUPPORT_H
#define DZR_TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <datarizer/error.h>

/* The call succeeds; otherwise the test prints the error's message. */
#define assert_ok(expr)                                                                                                \
    do {                                                                                                               \
        const dzr_status assert_ok_status_ = (expr);                                                                   \
        if (assert_ok_status_ != DZR_OK)                                                                               \
            fail_msg("%s: %s: %s", #expr, dzr_status_name(assert_ok_status_), err.message);                            \
    } while (0)

/* The call fails with exactly this status, and err's message has `part` in it. Uses `err` of the test. */
#define assert_fails(expr, want, part)                                                                                 \
    do {                                                                                                               \
        const dzr_status assert_fails_status_ = (expr);                                                                \
        assert_string_equal(dzr_status_name(assert_fails_status_), dzr_status_name(want));                             \
        if (strstr(err.message, part) == NULL)                                                                         \
            fail_msg("%s: the message \"%s\" does not have \"%s\"", #expr, err.message, part);                         \
    } while (0)

#endif
