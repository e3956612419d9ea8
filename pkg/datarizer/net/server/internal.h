/* net/server/internal.h - what the files of the HTTP server share. */
#ifndef DZR_NET_SERVER_INTERNAL_H
#define DZR_NET_SERVER_INTERNAL_H

#include "base/internal.h"

#include <datarizer/http_server.h>

/* "Not Found" for 404; "Status" for a number without a phrase here. */
const char *dzr__http_reason(int status);

#endif
