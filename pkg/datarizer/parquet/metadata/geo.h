/* parquet/metadata/geo.h - GEOMETRY and GEOGRAPHY between a file's schema and the notes of a frame's field. Called by
 * reader/tree.c and writer/tree.c. Values are WKB in BINARY columns; what the annotation says besides travels as
 * Arrow's extension type geoarrow.wkb, so that other engines know it. Spec: parquet-format LogicalTypes.md "GEOMETRY",
 * "GEOGRAPHY", Geospatial.md; geoarrow.org, extension types. */
#ifndef DZR_PARQUET_METADATA_GEO_H
#define DZR_PARQUET_METADATA_GEO_H

#include "parquet/metadata/metadata.h"

/* Whether the element is annotated as GEOMETRY or GEOGRAPHY of WKB: then *is_geography, *crs (the format's default when
 * the file names none) and *algorithm, an EdgeInterpolationAlgorithm, say what it is. Any may be NULL. */
bool dzr__geo_known(const dzr_meta_element *element, bool *is_geography, dzr_bytes *crs, int32_t *algorithm);
/* "spherical" ...; NULL for an algorithm the format does not have. */
const char *dzr__geo_algorithm(int32_t algorithm);

/* Adds the notes of such an element to the field's, in the arena; any other element adds none. Errors: the arena's. */
DZR_MUST_CHECK dzr_status dzr__geo_add_notes(
        const dzr_meta_element *element, dzr_arena *arena, dzr_field *field, dzr_error *err);
/* Annotates the element of a BINARY field whose notes say that it is geoarrow.wkb; any other, and one whose notes are
 * not understood, stays as it is. Strings lie in the arena. Errors: the arena's. */
DZR_MUST_CHECK dzr_status dzr__geo_annotate(
        const dzr_field *field, dzr_arena *arena, dzr_meta_element *element, dzr_error *err);

#endif
