/* tests/ingest/test_job.c - dzr_ingest_run as a library: every allocation failing in turn, facts, another schema. */
#include "alloc_nth.h"
#include "net/canned_server.h"

#include <datarizer/ingest.h>

#include <dirent.h>
#include <stdlib.h>

static char folder[64];

static int enter_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/dzr-job-XXXXXX");
    return mkdtemp(folder) != NULL && chdir(folder) == 0 ? 0 : -1;
}

static int leave_folder(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return chdir("/") == 0 && system(command) == 0 ? 0 : -1;
}

static int n_files(void)
{
    DIR *const dir = opendir(".");
    assert_non_null(dir);
    int n = 0;
    for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir))
        n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(dir);
    return n;
}

/* Two pages of two users, one of one. */
static const char *pages(int n, const char *head)
{
    (void)n;
    if (strstr(head, "limit=2&skip=0 ") != NULL)
        return "[{\"id\":1,\"name\":\"a\",\"email\":\"a@e\",\"age\":1},{\"id\":2,\"name\":\"b\",\"email\":\"b@e\","
               "\"age\":2}]";
    if (strstr(head, "limit=2&skip=2 ") != NULL)
        return "[{\"id\":3,\"name\":\"c\",\"email\":\"c@e\",\"age\":3},{\"id\":4,\"name\":\"d\",\"email\":\"d@e\","
               "\"age\":4}]";
    return "[{\"id\":5,\"name\":\"a name longer than a view holds\",\"email\":\"e@e\",\"age\":5}]";
}

static void whatever_allocation_fails_no_file_is_left_and_no_memory(void **state)
{
    (void)state;
    canned_server server;
    canned_start(&server, pages);
    dzr_status st = DZR_ERR_NOMEM;
    int64_t n = 0;
    while (st == DZR_ERR_NOMEM) {
        dzr_error err = {.message = ""};
        alloc_nth nth;
        alloc_nth_init(&nth, ++n);
        dzr_ingest_options options = DZR_INGEST_DEFAULTS;
        options.alloc = &nth.allocator;
        options.url = server.url;
        options.page_limit = 2;
        options.json = "users.json";
        options.parquet = "users.parquet";
        dzr_ingest_facts facts;
        st = dzr_ingest_run(&options, &facts, &err);
        if (nth.n_out != 0)
            fail_msg("allocation %lld: %lld blocks are left", (long long)n, (long long)nth.n_out);
        if (st == DZR_ERR_NOMEM) {
            if (strstr(err.message, "out of memory") == NULL)
                fail_msg("allocation %lld: \"%s\"", (long long)n, err.message);
            assert_int_equal(n_files(), 0);
        } else {
            assert_ok(st);
            assert_int_equal(facts.n_records, 5);
            assert_int_equal(facts.n_pages, 3);
        }
    }
    assert_true(n > 20); /* it did fail some */
    assert_int_equal(n_files(), 2);
    canned_stop(&server);
}

static void another_schema_takes_other_members(void **state)
{
    (void)state;
    canned_server server;
    canned_start(&server, pages);
    dzr_error err;
    static const dzr_field fields[] = {
            {.name = "email", .type = {.id = DZR_TYPE_STRING}}, {.name = "ID", .type = {.id = DZR_TYPE_INT64}}};
    dzr_schema *schema = NULL;
    assert_ok(dzr_schema_new(fields, 2, NULL, &schema, &err));
    dzr_ingest_options options = DZR_INGEST_DEFAULTS;
    options.url = server.url;
    options.page_limit = 2;
    options.json = "other.json";
    options.schema = schema;
    dzr_ingest_facts facts;
    assert_ok(dzr_ingest_run(&options, &facts, &err));
    dzr_schema_free(schema);
    canned_stop(&server);
    char text[128] = "";
    FILE *const file = fopen("other.json", "r");
    assert_non_null(file);
    assert_true(fread(text, 1, sizeof text - 1, file) > 0);
    fclose(file);
    static const char start[] = "[\n  {\n    \"email\": \"a@e\",\n    \"ID\": 1\n  },\n";
    assert_memory_equal(text, start, sizeof start - 1);
}

static void wrong_options_are_refused_with_facts_of_nothing(void **state)
{
    (void)state;
    dzr_error err;
    dzr_ingest_options options = DZR_INGEST_DEFAULTS;
    dzr_ingest_facts facts = {.n_pages = -7};
    options.url = "http://127.0.0.1:1/";
    options.page_limit = -1;
    options.json = "users.json";
    assert_fails(dzr_ingest_run(&options, &facts, &err), DZR_ERR_ARG, "a page limit of -1 can't be asked for");
    assert_int_equal(facts.n_pages, 0);
    options.page_limit = 0;
    options.json = "";
    assert_fails(dzr_ingest_run(&options, &facts, &err), DZR_ERR_ARG, "no output is wanted");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(
                    whatever_allocation_fails_no_file_is_left_and_no_memory, enter_folder, leave_folder),
            cmocka_unit_test_setup_teardown(another_schema_takes_other_members, enter_folder, leave_folder),
            cmocka_unit_test(wrong_options_are_refused_with_facts_of_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
