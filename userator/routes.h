/* userator/routes.h - what the user API answers: routes, checks, the words of every answer. Called by main.c, which
 * hands these functions to the HTTP server; the database is behind db.h, the pages of /docs behind docs_ui.h.
 * Every kind of bad input and its answer: docs/errors.md, "User API". */
#ifndef USERATOR_ROUTES_H
#define USERATOR_ROUTES_H

#include <datarizer/http_server.h>

#include "db.h"

/* The server's ctx is one of these, or a struct of main.c's that begins with one. */
typedef struct routes {
    user_db *db;
} routes;

/* Fit into dzr_http_server_options as handler, on_loop_start and on_loop_stop. A loop gets its own reader of the
 * database and one buffer that its answers are written into; loop_ctx is the loop's own.
 * Errors of start: DZR_ERR_NOMEM, and those of user_reader_open. */
void routes_handle(void *ctx, void *loop_ctx, dzr_http_exchange *exchange);
dzr_status routes_loop_start(void *ctx, int loop_index, void **loop_ctx, dzr_error *err);
void routes_loop_stop(void *ctx, void *loop_ctx);

#endif
