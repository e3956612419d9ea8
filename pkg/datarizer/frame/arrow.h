/* frame/arrow.h - Arrow's names for types and fields, for those who read or write them in other places than the C Data
 * Interface. All of it: arrow_schema.c. */
#ifndef DZR_FRAME_ARROW_H
#define DZR_FRAME_ARROW_H

#include "frame/internal.h"
#include <datarizer/arrow.h>

/* The schema as a struct ("+s") that the arena keeps; releasing it does nothing but mark it. Errors: the arena's;
 * DZR_ERR_LIMIT for a note of 2 GiB. */
DZR_MUST_CHECK dzr_status dzr__arrow_schema_of(
        const dzr_schema *schema, dzr_arena *arena, struct ArrowSchema *out, dzr_error *err);

/* The frame's type of a format string; notes are the field's, of which one may name an extension type. false when it
 * has none. */
bool dzr__arrow_type(const char *format, const dzr_key_value *notes, int32_t n_notes, dzr_type *out);
/* "d:10,2" and "d:10,2,64": *bits is how wide the array's values are. */
bool dzr__arrow_decimal(const char *format, dzr_type *out, int32_t *bits);
/* A timestamp's zone, in the format string; NULL for UTC and for all that has none. */
const char *dzr__arrow_zone(const char *format);

/* ArrowSchema.metadata (NULL is allowed) as notes in the arena, whose keys and values are views into it; and back: NULL
 * for no notes. Errors: the arena's; DZR_ERR_ARG for a number below 0, DZR_ERR_LIMIT for a note of 2 GiB. */
DZR_MUST_CHECK dzr_status dzr__arrow_notes(
        const char *metadata, dzr_arena *arena, dzr_key_value **out, int32_t *n_out, dzr_error *err);
DZR_MUST_CHECK dzr_status dzr__arrow_metadata(
        const dzr_key_value *notes, int32_t n, dzr_arena *arena, const char **out, dzr_error *err);
/* Whether a note says which extension type a field has; and notes without those: how many are left. */
bool dzr__arrow_is_extension_key(dzr_bytes key);
int32_t dzr__arrow_drop_extension(dzr_key_value *notes, int32_t n);

#endif
