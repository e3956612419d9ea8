/* fuzz/json_go.c - one record by Go's rules. Holds: the answer is one of those promised, and a refusal has Go's words
 * in one line; what is taken is UTF-8, is the same with anything after it, and comes back when it is written and read
 * again; what ends too early may be taken or refused when more follows, but a refusal stays one; memory is
 * bounded and none is left. */
#include "json_shared.h"

#include <datarizer/json_go.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum { NAME, AGE, N_FIELDS };

static dzr_json_go *new_decoder(const dzr_allocator *alloc)
{
    static const dzr_field fields[N_FIELDS] = {
            [NAME] = {.name = "Name", .type.id = DZR_TYPE_STRING}, [AGE] = {.name = "age", .type.id = DZR_TYPE_INT64}};
    dzr_schema *schema = NULL;
    dzr_json_go *decoder = NULL;
    REQUIRE(dzr_schema_new(fields, N_FIELDS, alloc, &schema, NULL) == DZR_OK);
    REQUIRE(dzr_json_go_new(schema, "main.User", alloc, &decoder, NULL) == DZR_OK);
    dzr_schema_free(schema);
    return decoder;
}

static bool same(dzr_bytes a, dzr_bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static void check_refusal(const dzr_json_go *decoder, dzr_status status, const dzr_error *err)
{
    const dzr_bytes words = dzr_json_go_complaint(decoder);
    REQUIRE(status == DZR_ERR_TRUNCATED || status == DZR_ERR_SYNTAX || status == DZR_ERR_LIMIT ||
            status == DZR_ERR_TYPE);
    REQUIRE(words.len > 0 && memchr(words.at, '\n', words.len) == NULL);
    REQUIRE(strncmp(err->message, (const char *)words.at, DZR_MIN(words.len, strlen(err->message))) == 0);
}

/* The record written as Go writes one, then read by another decoder. */
static void check_round(const dzr_allocator *alloc, const dzr_json_go_value *values)
{
    char *const text = malloc(DZR_JSON_GO_STRING_ROOM(values[NAME].text.len) + 64);
    REQUIRE(text != NULL);
    size_t n = (size_t)sprintf(text, "{\"AGE\":%lld,\"name\":", (long long)values[AGE].number);
    n += dzr_json_go_write_string(values[NAME].text, (uint8_t *)text + n);
    text[n++] = '}';
    dzr_json_go *const decoder = new_decoder(alloc);
    dzr_json_go_value again[N_FIELDS];
    REQUIRE(dzr_json_go_decode(decoder, (dzr_bytes){(const uint8_t *)text, n}, again, NULL) == DZR_OK);
    REQUIRE(same(again[NAME].text, values[NAME].text) && again[AGE].number == values[AGE].number);
    dzr_json_go_free(decoder);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    counting count = {0};
    const dzr_allocator alloc = {counting_allocate, counting_release, &count};
    dzr_json_go *const decoder = new_decoder(&alloc), *const other = new_decoder(&alloc);
    uint8_t *const longer = malloc(len + 2);
    REQUIRE(longer != NULL);
    if (len > 0)
        memcpy(longer, bytes, len);
    memcpy(longer + len, " }", 2);

    dzr_json_go_value values[N_FIELDS], with_more[N_FIELDS];
    dzr_error err;
    const dzr_status status = dzr_json_go_decode(decoder, (dzr_bytes){bytes, len}, values, &err);
    const dzr_status more = dzr_json_go_decode(other, (dzr_bytes){longer, len + 2}, with_more, NULL);
    if (status != DZR_OK)
        check_refusal(decoder, status, &err);
    if (status != DZR_ERR_TRUNCATED)
        REQUIRE(more == status && same(dzr_json_go_complaint(decoder), dzr_json_go_complaint(other)));
    if (status == DZR_OK) {
        for (int i = 0; i < N_FIELDS; i++)
            REQUIRE(same(values[i].text, with_more[i].text) && values[i].number == with_more[i].number);
        check_round(&alloc, values);
    }
    free(longer);
    dzr_json_go_free(other);
    dzr_json_go_free(decoder);
    REQUIRE(count.now == 0 && count.most < (size_t)100000 + 64 * len);
    return 0;
}
