/* tests/parquet/test_schema_text.c - every schema of apache/parquet-testing as text, and back: it is the same. */
#include "support.h"

#include <datarizer/parquet.h>
#include <datarizer/schema_text.h>
#include <datarizer/store.h>

#include <dirent.h>
#include <stdio.h>

#define FOLDER "../shared/parquet-testing"

static size_t n_nested; /* columns */

static void check_zones(const dzr_schema *a, const dzr_schema *b)
{
    for (int32_t i = 0; i < dzr_schema_n_nodes(a); i++) {
        const char *const zone = dzr_schema_node(a, i)->zone, *const again = dzr_schema_node(b, i)->zone;
        assert_true((zone == NULL) == (again == NULL));
        if (zone != NULL)
            assert_string_equal(zone, again);
        n_nested += dzr_schema_node(a, i)->n_children > 0;
    }
}

/* false: it does not open. */
static bool check_file(const char *path)
{
    dzr_error err;
    dzr_source *source = NULL;
    dzr_parquet_reader *reader = NULL;
    assert_ok(dzr_store_open_source(path, NULL, &source, &err));
    const bool opens = dzr_parquet_reader_open(source, NULL, &reader, &err) == DZR_OK;
    if (opens) {
        const dzr_schema *const schema = dzr_parquet_reader_schema(reader);
        dzr_schema *again = NULL;
        char *text = NULL;
        assert_ok(dzr_schema_print(schema, NULL, &text, &err));
        assert_ok(dzr_schema_parse((dzr_bytes){(const uint8_t *)text, strlen(text)}, NULL, &again, &err));
        assert_true(dzr_schema_equal(schema, again));
        check_zones(schema, again);
        dzr_release(NULL, text);
        dzr_schema_free(again);
    }
    dzr_parquet_reader_close(reader);
    dzr_source_close(source);
    return opens;
}

static void every_schema_of_the_corpus_is_its_text(void **state)
{
    (void)state;
    static const char *const folders[] = {
            FOLDER "/data", FOLDER "/data/geospatial", FOLDER "/bad_data", FOLDER "/shredded_variant"};
    size_t n = 0;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        DIR *const folder = opendir(folders[i]);
        if (folder == NULL) {
            printf("skipped: there is no %s here\n", folders[i]);
            skip();
        }
        for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
            char path[512];
            const char *const ending = strrchr(entry->d_name, '.');
            if (ending == NULL || strcmp(ending, ".parquet") != 0)
                continue;
            (void)snprintf(path, sizeof path, "%s/%s", folders[i], entry->d_name);
            n += check_file(path);
        }
        closedir(folder);
    }
    printf("%zu schemas, %zu nested columns\n", n, n_nested);
    assert_true(n >= 150);
    assert_true(n_nested >= 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_schema_of_the_corpus_is_its_text)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
