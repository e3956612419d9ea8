/* fuzz/schema_text.c - texts of schemas, and of types of some columns.
 * Holds: one that is refused says a position inside it; one that is taken prints as a text that is taken, too, makes
 * the same schema and prints the same. */
#include "require.h"

#include <datarizer/memory.h>
#include <datarizer/schema_text.h>

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_again(const dzr_schema *schema)
{
    dzr_error err;
    dzr_schema *again = NULL;
    char *text = NULL, *text_again = NULL;
    REQUIRE_OK(dzr_schema_print(schema, NULL, &text, &err));
    REQUIRE_OK(dzr_schema_parse((dzr_bytes){(const uint8_t *)text, strlen(text)}, NULL, &again, &err));
    REQUIRE(dzr_schema_equal(schema, again));
    REQUIRE_OK(dzr_schema_print(again, NULL, &text_again, &err));
    REQUIRE(strcmp(text, text_again) == 0);
    dzr_release(NULL, text);
    dzr_release(NULL, text_again);
    dzr_schema_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (int of_some = 0; of_some < 2; of_some++) {
        dzr_error err;
        dzr_schema *schema = NULL;
        const dzr_bytes text = {data, size};
        const dzr_status st =
                of_some ? dzr_types_parse(text, NULL, &schema, &err) : dzr_schema_parse(text, NULL, &schema, &err);
        if (st != DZR_OK) {
            REQUIRE(st == DZR_ERR_SYNTAX || st == DZR_ERR_LIMIT || st == DZR_ERR_ARG);
            REQUIRE(st == DZR_ERR_ARG || (err.offset >= 0 && err.offset <= (int64_t)size && err.line > 0));
            continue;
        }
        check_again(schema);
        dzr_schema_free(schema);
    }
    return 0;
}
