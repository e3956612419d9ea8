/* fuzz/s3_profile.c - text of the shared files (store/s3/config.c), as credentials and as config. Holds: a value lies
 * in the text, on one line, without white space around; written down plainly it is read as the same; a profile that
 * follows changes nothing. */
#include "store/s3/s3.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void must(bool holds, const char *promise)
{
    if (holds)
        return;
    fprintf(stderr, "broken: %s\n", promise);
    abort();
}

static bool same(dzr_bytes a, dzr_bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

/* To be freed. */
static dzr_bytes join(const char *before, dzr_bytes text, const char *after)
{
    const size_t n_before = strlen(before), n_after = strlen(after);
    uint8_t *const all = malloc(n_before + text.len + n_after + 1);
    must(all != NULL, "memory");
    memcpy(all, before, n_before);
    if (text.len > 0)
        memcpy(all + n_before, text.at, text.len);
    memcpy(all + n_before + text.len, after, n_after);
    return (dzr_bytes){all, n_before + text.len + n_after};
}

static void read_as(dzr_bytes text, const char *profile, bool is_config)
{
    const dzr_bytes value = dzr__s3_profile_value(text, profile, "region", is_config);
    if (value.len > 0) {
        must(value.at >= text.at && value.at + value.len <= text.at + text.len, "a value lies in the text");
        must(memchr(value.at, '\n', value.len) == NULL, "a value is on one line");
        must(!isspace(value.at[0]) && !isspace(value.at[value.len - 1]), "a value has no white space around");
        const dzr_bytes plain = join("[default]\nregion = ", value, "\n");
        must(same(value, dzr__s3_profile_value(plain, "default", "region", is_config)), "a value is read as the same");
        free((void *)(uintptr_t)plain.at);
    }
    const dzr_bytes longer = join("", text, "\n[profile x]\nregion=x\n[x]\nregion=x\n");
    must(same(value, dzr__s3_profile_value(longer, profile, "region", is_config)), "what follows changes nothing");
    free((void *)(uintptr_t)longer.at);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const dzr_bytes text = {bytes, len};
    read_as(text, "default", false);
    read_as(text, "default", true);
    read_as(text, "work", false);
    read_as(text, "work", true);
    return 0;
}
