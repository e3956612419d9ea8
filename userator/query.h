/* userator/query.h - what a URL's path and query hold once their percent signs are gone.
 * Called by routes.c. Spec: WHATWG URL "application/x-www-form-urlencoded parsing", Python's urllib.parse. */
#ifndef USERATOR_QUERY_H
#define USERATOR_QUERY_H

#include <datarizer/io.h>

/* Bytes that decoding len bytes may come to: Latin-1 takes two in UTF-8, U+FFFD three, as "%ff" does. */
#define QUERY_ROOM(len) (2 * (len))

/* Decodes %XX (a percent sign without two hexadecimal digits stays), and with plus_is_space "+" too, into out, which
 * has QUERY_ROOM(text.len) bytes. What comes out is UTF-8: each faulty sequence of encoded bytes becomes U+FFFD, a byte
 * of text itself from 0x80 on is taken as Latin-1. Returns the bytes written. */
size_t query_decode(dzr_bytes text, bool plus_is_space, uint8_t *out);

/* The next `name=value` of a query, still encoded; empty pieces between "&" are skipped, a piece without "=" has an
 * empty value. *rest is what is left to read, the query at first. false at the end. */
bool query_next(dzr_bytes *rest, dzr_bytes *name, dzr_bytes *value);

#endif
