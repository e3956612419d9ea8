/* userator/docs_ui.h - the pages of /docs: Swagger UI's own distribution, compiled into the program, and the page that
 * starts it. Built without it (no network, DZR_DOCS_UI=OFF) the pages say how to add it.
 * Called by routes.c for GET and HEAD. */
#ifndef USERATOR_DOCS_UI_H
#define USERATOR_DOCS_UI_H

#include <datarizer/io.h>

/* Static storage. */
typedef struct docs_asset {
    const char *path; /* "/docs" */
    const char *content_type;
    dzr_bytes body;
    dzr_bytes gzip; /* the same body, gzip-coded, for who accepts it (Content-Encoding: gzip, Vary: Accept-Encoding);
                       at NULL where there is none */
    const char *cache_control; /* NULL: none */
} docs_asset;

/* The asset at a path as routed ("/docs", "/redoc", "/docs/oauth2-redirect", "/docs/swagger-ui.css" ...: no query,
 * percent-decoded); NULL when there is none. Each of them is GET and HEAD only. */
const docs_asset *docs_ui_find(dzr_bytes path);

#endif
