/* cmd/api/v1/target.h - the target of a request by the rules of Go's net/http and net/url: paths and query parameters.
 * Called by routes.c; pure functions. */
#ifndef API_V1_TARGET_H
#define API_V1_TARGET_H

#include <datarizer/io.h>

/* Whether each "%" of a path is followed by two hexadecimal digits. */
bool target_path_is_valid(dzr_bytes path);
/* Whether the first segment of a path that is valid and begins with "/" is, decoded, `name`. */
bool target_first_segment_is(dzr_bytes path, const char *name);

/* Writes path, which begins with "/", without empty, "." and ".." segments; a slash at its end stays. Escapes are left
 * as they are. out has room for path.len bytes. Returns the bytes written; as many as path has when it was clean. */
size_t target_clean(dzr_bytes path, uint8_t *out);

/* Writes text as it may stand in a Location field: what is not printable ASCII is percent-encoded. out has room for
 * 3 * len bytes. Returns the bytes written. */
size_t target_encode(dzr_bytes text, uint8_t *out);

/* The first parameter called `name`, decoded into room, which has query.len bytes. Parameters with a ";" or an escape
 * that is none are passed over. false when there is none. */
bool target_parameter(dzr_bytes query, const char *name, uint8_t *room, dzr_bytes *out);

/* Decimal digits after an optional sign, within 64 bits. */
bool target_read_int(dzr_bytes text, int64_t *out);

#endif
