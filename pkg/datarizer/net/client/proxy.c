/* net/client/proxy.c - what is never asked for through a proxy. Called by client.c and by the store's S3 client. */
#include "net/client/internal.h"

#include <stdio.h>
#include <stdlib.h>

/* Curl reads http_proxy and https_proxy itself. A proxy can't reach what is on this machine, so it is never asked to.
 */
dzr_status dzr__no_proxy(const dzr_allocator *alloc, char **out, dzr_error *err)
{
    static const char loopback[] = "localhost,127.0.0.0/8,::1";
    const char *others = getenv("no_proxy");
    if (others == NULL)
        others = getenv("NO_PROXY");
    *out = NULL;
    if (others != NULL && strcmp(others, "*") == 0)
        return DZR_OK; /* curl reads it too */
    const size_t n_bytes = sizeof loopback + 1 + (others != NULL ? strlen(others) : 0);
    *out = dzr_alloc_array(alloc, n_bytes, 1, err);
    if (*out == NULL)
        return DZR_ERR_NOMEM;
    (void)snprintf(*out, n_bytes, "%s%s%s", loopback, others != NULL ? "," : "", others != NULL ? others : "");
    return DZR_OK;
}
