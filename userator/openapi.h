/* userator/openapi.h - what /openapi.json answers: the OpenAPI 3.1 document of the user API, which /docs and client
 * generators read. Called by routes.c. Spec: tests/userator/oracle/user_api_openapi.json. */
#ifndef USERATOR_OPENAPI_H
#define USERATOR_OPENAPI_H

#include <datarizer/io.h>

/* Static storage. */
dzr_bytes openapi_document(void);

#endif
