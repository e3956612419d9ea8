/* userator/routes_internal.h - what routes.c (which resource, which method) and users.c (the users) share. */
#ifndef USERATOR_ROUTES_INTERNAL_H
#define USERATOR_ROUTES_INTERNAL_H

#include "routes.h"
#include "text.h"

/* One event loop's own. */
typedef struct api_loop {
    user_db *db;
    user_reader *reader;
    text_buf answer;  /* the body that is being written; empty when a request comes in */
    text_buf scratch; /* what is decoded on the way: a path, a value of the query, an e-mail address */
} api_loop;

/* Answers what loop->answer holds, as JSON; 503 when memory ran out on the way. */
void answer_written(api_loop *loop, dzr_http_exchange *exchange, int status);
/* {"detail":"..."} */
void answer_detail(dzr_http_exchange *exchange, int status, const char *detail);

/* POST /users/, GET /users/, GET /users/{id}; id is the decoded segment of the path. */
void users_create(api_loop *loop, dzr_http_exchange *exchange);
void users_list(api_loop *loop, dzr_http_exchange *exchange);
void users_get(api_loop *loop, dzr_http_exchange *exchange, dzr_bytes id);

#endif
