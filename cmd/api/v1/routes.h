/* cmd/api/v1/routes.h - what the v1 API answers. Called by main.c, on the loops' threads. */
#ifndef API_V1_ROUTES_H
#define API_V1_ROUTES_H

#include <datarizer/http_server.h>

#include "db.h"

typedef struct v1_routes {
    v1_db *db;
    void (*on_notice)(void *ctx, const char *line); /* a failure that its client is only told of as 500 or 503 */
} v1_routes;

/* ctx is a v1_routes; for dzr_http_server_options. */
dzr_status v1_routes_start_loop(void *ctx, int loop_index, void **loop_ctx, dzr_error *err);
void v1_routes_stop_loop(void *ctx, void *loop_ctx);
void v1_routes_handle(void *ctx, void *loop_ctx, dzr_http_exchange *exchange);

#endif
