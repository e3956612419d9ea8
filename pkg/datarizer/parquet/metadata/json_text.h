/* parquet/metadata/json_text.h - just enough JSON for the notes of geo.c: the members of one object. The room knows no
 * other JSON, and room json is not below it. */
#ifndef DZR_PARQUET_METADATA_JSON_TEXT_H
#define DZR_PARQUET_METADATA_JSON_TEXT_H

#include "base/internal.h"

/* Whether the bytes are one JSON value, of kind object when `object` is set, nested no deeper than 64, and UTF-8. */
bool dzr__json_text_valid(dzr_bytes text, bool object);

typedef struct dzr_json_member {
    dzr_bytes key, value; /* as they stand in the text, strings with their quotes */
} dzr_json_member;

/* The next member of an object that dzr__json_text_valid; *at is 0 at first. false at the end. */
bool dzr__json_text_next(dzr_bytes object, size_t *at, dzr_json_member *out);

/* What a string means, without quotes and escapes, in the arena. A lone surrogate becomes U+FFFD. Errors: the arena's.
 */
DZR_MUST_CHECK dzr_status dzr__json_text_unescape(dzr_bytes string, dzr_arena *arena, dzr_bytes *out, dzr_error *err);
/* Appends UTF-8 as a string, with quotes. Errors: the buffer's. */
DZR_MUST_CHECK dzr_status dzr__json_text_append(dzr_bytebuf *out, dzr_bytes string, dzr_error *err);

#endif
