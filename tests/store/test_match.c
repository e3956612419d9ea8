/* tests/store/test_match.c - which files a pattern stands for; that of objects is tests/s3/test_objects.py's. */
#include "support.h"

#include <datarizer/store.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static void touch(const char *name)
{
    FILE *const file = fopen(name, "w");
    assert_non_null(file);
    fclose(file);
}

static int enter_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/dzr-match-XXXXXX");
    if (mkdtemp(folder) == NULL || chdir(folder) != 0)
        return -1;
    touch("a2");
    touch("a1");
    touch("b[1]");
    touch("b1");
    touch(".a3");
    return mkdir("sub", 0777) == 0 ? (touch("sub/a9"), 0) : -1;
}

static int leave_folder(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return chdir("/") == 0 && system(command) == 0 ? 0 : -1;
}

typedef struct names {
    char text[256];
    int left; /* the callback fails once it is 0; -1: never */
} names;

static dzr_status add(void *ctx, const char *name, dzr_error *err)
{
    names *const n = ctx;
    if (n->left == 0)
        return dzr_fail(err, DZR_ERR_LIMIT, "enough of them");
    n->left -= n->left > 0;
    strcat(n->text, name);
    strcat(n->text, " ");
    return DZR_OK;
}

static void assert_matches(const char *pattern, const char *want)
{
    dzr_error err;
    names n = {.left = -1};
    assert_ok(dzr_store_match(pattern, NULL, add, &n, &err));
    assert_string_equal(n.text, want);
}

static void test_patterns_match_files_in_order(void **state)
{
    (void)state;
    assert_matches("a*", "a1 a2 ");
    assert_matches("[ab]1", "a1 b1 ");
    assert_matches("*/a?", "sub/a9 ");
    char pattern[128], want[256];
    snprintf(pattern, sizeof pattern, "file://%s/a?", folder);
    snprintf(want, sizeof want, "%s/a1 %s/a2 ", folder, folder);
    assert_matches(pattern, want);
}

static void test_a_name_is_itself(void **state)
{
    (void)state;
    assert_matches("b[1]", "b[1] "); /* a file is called so, and b1 is not meant */
    assert_matches("b\\[1\\]", "b[1] ");
    assert_matches("none*", "none* ");
    assert_matches("none", "none ");
    assert_matches("-", "- ");
    assert_matches("", " ");
    assert_matches("http://127.0.0.1/a*?b=[1]", "http://127.0.0.1/a*?b=[1] ");
    assert_matches("s3://bucket*", "s3://bucket* ");
    assert_matches("s3://bucket/key", "s3://bucket/key ");
    assert_matches("ftp://host/a*", "ftp://host/a* ");
}

static void test_who_asks_can_end_it(void **state)
{
    (void)state;
    dzr_error err;
    names n = {.left = 1};
    assert_fails(dzr_store_match("a*", NULL, add, &n, &err), DZR_ERR_LIMIT, "enough of them");
    assert_string_equal(n.text, "a1 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_patterns_match_files_in_order),
            cmocka_unit_test(test_a_name_is_itself),
            cmocka_unit_test(test_who_asks_can_end_it),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
