/* userator/docs_ui.c - see docs_ui.h. The page loads everything from this server, by addresses relative to its own, so
 * it works without a network and behind a prefix too; the policy in its head has the browser hold to that.
 * DZR_HAS_DOCS_UI: the files were there when this was built (docs_ui.cmake). */
#include "docs_ui.h"

#include <string.h>

#define HTML "text/html; charset=utf-8"
#define SCRIPT "text/javascript; charset=utf-8"
#define LITERAL(text)                                                                                                  \
    {                                                                                                                  \
        (const uint8_t *)(text), sizeof(text) - 1                                                                      \
    }
#define HEAD                                                                                                           \
    "<!doctype html>\n"                                                                                                \
    "<html lang=\"en\">\n"                                                                                             \
    "<head>\n"                                                                                                         \
    "<meta charset=\"utf-8\">\n"                                                                                       \
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'self'; img-src 'self' data:; "                \
    "style-src 'self' 'unsafe-inline'\">\n"                                                                            \
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"                                       \
    "<title>User API</title>\n"

#ifdef DZR_HAS_DOCS_UI

#include "docs_ui_files.h"

#define FILE_BYTES(name)                                                                                               \
    {                                                                                                                  \
        docs_ui_##name, sizeof docs_ui_##name                                                                          \
    }
#define A_DAY "max-age=86400" /* the files change with the program only */

static const char page[] = HEAD "<link rel=\"icon\" href=\"docs/favicon-32x32.png\">\n"
                                "<link rel=\"stylesheet\" href=\"docs/swagger-ui.css\">\n"
                                "</head>\n"
                                "<body>\n"
                                "<!-- Swagger UI, Copyright SmartBear Software Inc., Apache License 2.0 -->\n"
                                "<div id=\"swagger-ui\"></div>\n"
                                "<script src=\"docs/swagger-ui-bundle.js\"></script>\n"
                                "<script src=\"docs/start.js\"></script>\n"
                                "</body>\n"
                                "</html>\n";

/* validatorUrl null: no picture from the makers' own server. */
static const char start_script[] = "window.ui = SwaggerUIBundle({\n"
                                   "  url: 'openapi.json',\n"
                                   "  dom_id: '#swagger-ui',\n"
                                   "  layout: 'BaseLayout',\n"
                                   "  deepLinking: true,\n"
                                   "  validatorUrl: null,\n"
                                   "  oauth2RedirectUrl: new URL('docs/oauth2-redirect', window.location).href\n"
                                   "});\n";

static const docs_asset assets[] = {
        {"/docs", HTML, LITERAL(page), {NULL, 0}, NULL},
        {"/redoc", HTML, LITERAL(page), {NULL, 0}, NULL},
        {"/docs/oauth2-redirect", HTML, FILE_BYTES(oauth2_html), {NULL, 0}, NULL},
        {"/docs/oauth2-redirect.js", SCRIPT, FILE_BYTES(oauth2_js), {NULL, 0}, A_DAY},
        {"/docs/start.js", SCRIPT, LITERAL(start_script), {NULL, 0}, A_DAY},
        {"/docs/swagger-ui-bundle.js", SCRIPT, FILE_BYTES(js), FILE_BYTES(js_gz), A_DAY},
        {"/docs/swagger-ui.css", "text/css; charset=utf-8", FILE_BYTES(css), FILE_BYTES(css_gz), A_DAY},
        {"/docs/favicon-32x32.png", "image/png", FILE_BYTES(icon), {NULL, 0}, A_DAY},
};

#else

static const char page[] = HEAD
        "</head>\n"
        "<body>\n"
        "<h1>User API</h1>\n"
        "<p>The API is described at <a href=\"openapi.json\">openapi.json</a>.</p>\n"
        "<p>This program was built without Swagger UI, the page to try it out. To add it, build again with a network "
        "and either pip or npm installed: <code>make clean build</code>; or give CMake a folder that has its files: "
        "<code>-DDZR_DOCS_UI_FOLDER=...</code> (scripts/fetch-swagger-ui.sh names them).</p>\n"
        "</body>\n"
        "</html>\n";

static const docs_asset assets[] = {
        {"/docs", HTML, LITERAL(page), {NULL, 0}, NULL},
        {"/redoc", HTML, LITERAL(page), {NULL, 0}, NULL},
        {"/docs/oauth2-redirect", HTML, LITERAL(page), {NULL, 0}, NULL},
};

#endif

const docs_asset *docs_ui_find(dzr_bytes path)
{
    for (size_t i = 0; i < sizeof assets / sizeof *assets; i++) {
        if (strlen(assets[i].path) == path.len && memcmp(assets[i].path, path.at, path.len) == 0)
            return &assets[i];
    }
    return NULL;
}
