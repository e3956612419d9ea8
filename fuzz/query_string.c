/* fuzz/query_string.c - the text that reaches userator outside of JSON: paths, queries, integers, e-mail addresses;
 * each input is taken as all of them. Holds: what is decoded is UTF-8 and fits its room; the pieces of a query lie in
 * it, in order; an integer printed parses to itself; an address once normalized stays as it is; a refusal has a reason.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#include "email.h"
#include "integer.h"
#include "query.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void must(bool holds, const char *promise)
{
    if (holds)
        return;
    fprintf(stderr, "broken: %s\n", promise);
    abort();
}

static bool is_utf8(dzr_bytes text)
{
    return text.len == 0 || u8_check(text.at, text.len) == NULL;
}

/* To be freed. */
static dzr_bytes decode(dzr_bytes input, bool plus_is_space)
{
    uint8_t *const room = malloc(QUERY_ROOM(input.len) + 1);
    must(room != NULL, "memory");
    const dzr_bytes text = {room, query_decode(input, plus_is_space, room)};
    must(text.len <= QUERY_ROOM(input.len), "decoded text fits its room");
    must(is_utf8(text), "decoded text is UTF-8");
    return text;
}

static void split(dzr_bytes query)
{
    const uint8_t *const end = query.at + query.len;
    const uint8_t *at = query.at;
    dzr_bytes name, value;
    while (query_next(&query, &name, &value)) {
        must(name.at >= at && value.at >= name.at + name.len && value.at + value.len <= end, "pieces lie in order");
        must(name.len == 0 || memchr(name.at, '=', name.len) == NULL, "a name ends at the first equals sign");
        must(value.len == 0 || memchr(value.at, '&', value.len) == NULL, "a piece ends at the first and-sign");
        at = value.at + value.len;
    }
    must(query.len == 0, "all of a query is read");
}

static void read_integer(dzr_bytes text)
{
    int64_t value = 0, again = 0;
    if (integer_parse(text, &value) != INTEGER_OK) {
        must(value == 0, "no integer has no value");
        return;
    }
    char digits[32];
    const int n = snprintf(digits, sizeof digits, " %" PRId64 ".0", value);
    const dzr_bytes printed = {(const uint8_t *)digits, (size_t)n};
    must(integer_parse(printed, &again) == INTEGER_OK && again == value, "an integer printed parses to itself");
}

static void check_email(dzr_bytes given)
{
    text_buf first, second;
    text_init(&first);
    text_init(&second);
    const bool valid = email_normalize(given, &first);
    must(first.len > 0 && is_utf8(text_bytes(&first)), "an address or a reason, in UTF-8");
    if (valid) {
        must(first.len <= 254, "an address has 254 bytes at most");
        must(email_normalize(text_bytes(&first), &second), "a normalized address is valid");
        must(second.len == first.len && memcmp(first.at, second.at, first.len) == 0, "and stays as it is");
    }
    text_fini(&first);
    text_fini(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const dzr_bytes input = {bytes, len};
    split(input);
    const dzr_bytes path = decode(input, false), value = decode(input, true);
    read_integer(path);
    read_integer(value);
    check_email(path); /* arrives in JSON, which has seen to it that it is UTF-8 */
    free((void *)(uintptr_t)path.at);
    free((void *)(uintptr_t)value.at);
    return 0;
}
