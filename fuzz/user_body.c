/* fuzz/user_body.c - the body of POST /users/. Holds: the answer is valid JSON with a detail and one of its statuses,
 * whatever the body is; a user that passes has a name in UTF-8, an address that stays as it is, and no negative age. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#include "email.h"
#include "validate.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void must(bool holds, const char *promise)
{
    if (holds)
        return;
    fprintf(stderr, "broken: %s\n", promise);
    abort();
}

static void check_answer(int status, dzr_bytes answer)
{
    must(status == 400 || status == 422, "a refusal is 400 or 422");
    must(u8_check(answer.at, answer.len) == NULL, "an answer is UTF-8");
    dzr_json_doc *doc = NULL;
    const dzr_json_doc_options options = {.depth = 2000}; /* what is echoed, and the detail around it */
    must(dzr_json_doc_open(answer, &options, &doc, NULL, NULL) == DZR_OK, "an answer is JSON");
    const dzr_json_value *const detail = dzr_json_member(dzr_json_doc_root(doc), "detail");
    must(detail != NULL && detail->kind == (status == 400 ? DZR_JSON_STRING : DZR_JSON_ARRAY), "with a detail");
    must(status == 400 || detail->as.first != NULL, "that is not empty");
    dzr_json_doc_close(doc);
}

static void check_user(const new_user *user)
{
    must(user->name.len == 0 || u8_check(user->name.at, user->name.len) == NULL, "a name is UTF-8");
    must(!user->has_age || user->age >= 0, "no age is negative");
    text_buf again;
    text_init(&again);
    must(email_normalize(user->email, &again), "a stored address is valid");
    must(again.len == user->email.len && memcmp(again.at, user->email.at, again.len) == 0, "and stays as it is");
    text_fini(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    /* The first byte says which content type comes with it. */
    static const char *const types[] = {"", "application/json", "APPLICATION/x+JSON; a=b", "text/plain"};
    const char *const type = types[len > 0 ? bytes[0] % 4 : 0];
    const bool is_picked = len > 0 && bytes[0] < 4;
    const user_body body = {
            {(const uint8_t *)(is_picked ? type : ""), is_picked ? strlen(type) : 0},
            {bytes + is_picked, len - is_picked},
    };
    text_buf answer, email;
    text_init(&answer);
    text_init(&email);
    new_user user;
    dzr_json_doc *doc = NULL;
    const int status = validate_user(&body, &user, &doc, &email, &answer);
    if (status != 0)
        check_answer(status, text_bytes(&answer));
    else
        check_user(&user);
    dzr_json_doc_close(doc);
    text_fini(&answer);
    text_fini(&email);
    return 0;
}
