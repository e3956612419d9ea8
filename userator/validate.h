/* userator/validate.h - from the body of POST /users/ to the user to store, or to the answer that says what is wrong.
 * Called by routes.c. Spec: the recordings (shape.*, bad.*, age.*, ctype.*, json.*, email.*). */
#ifndef USERATOR_VALIDATE_H
#define USERATOR_VALIDATE_H

#include <datarizer/json_doc.h>

#include "text.h"

/* The views are good as long as the document, the body and the text of the address are. */
typedef struct new_user {
    dzr_bytes name;
    dzr_bytes email; /* normalized */
    bool has_age;    /* false: null */
    int64_t age;     /* not negative */
} new_user;

/* What came with a POST. */
typedef struct user_body {
    dzr_bytes content_type; /* the header's value; empty when absent */
    dzr_bytes bytes;
} user_body;

/* Answers 0 when the user is valid: *user holds it, *doc what its name lies in (the caller closes it), email its
 * address. Otherwise the HTTP status (400, 422 or 503) of the answer whose body has been written; *doc is then NULL.
 * answer and email are empty before the call, except that email may be anything when the answer is not 0. */
int validate_user(const user_body *body, new_user *user, dzr_json_doc **doc, text_buf *email, text_buf *answer);

#endif
