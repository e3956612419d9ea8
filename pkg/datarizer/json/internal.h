/* json/internal.h - what the files of room json share. */
#ifndef DZR_JSON_INTERNAL_H
#define DZR_JSON_INTERNAL_H

#include "base/internal.h"

#include <datarizer/json_doc.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- number.cpp ---- */

enum { DZR__DOUBLE_BYTES = 32 }; /* the longest that is printed, in either style */

typedef enum dzr__double_style {
    DZR__DOUBLE_PYTHON, /* repr(): "3.0", "1e-07", "1e+16" */
    DZR__DOUBLE_GO,     /* encoding/json: "3", "1e-7", "10000000000000000", "1e+21" */
} dzr__double_style;

/* Writes the shortest text that reads back as value, which is finite, to out (DZR__DOUBLE_BYTES of room, no NUL at the
 * end) and returns its length. The second takes value as a float: 0.1f is "0.1". */
size_t dzr__json_print_double(double value, dzr__double_style style, char *out);
size_t dzr__json_print_float(float value, dzr__double_style style, char *out);
/* Reads len bytes that are a JSON number. Beyond the range: infinity or zero, with the sign. */
double dzr__json_read_double(const char *at, size_t len);

/* ---- doc_decode.c ---- */

/* What a document is scanned from: UTF-8 in which lone surrogates may stand as three bytes. */
typedef struct dzr__json_text {
    dzr_bytes bytes;    /* of the input itself, or in the arena */
    bool any_surrogate; /* there is an encoded surrogate somewhere */
} dzr__json_text;

/* Finds the encoding as Python's json.detect_encoding and decodes as its "surrogatepass".
 * err is not NULL. Errors: DZR_ERR_CORRUPT, and the arena's. */
DZR_MUST_CHECK dzr_status dzr__json_decode(dzr_bytes input, dzr_arena *arena, dzr__json_text *out, dzr_error *err);
/* Writes code in 1 to 4 bytes (a surrogate in 3) and returns where the next goes. */
uint8_t *dzr__json_put_utf8(uint8_t *out, uint32_t code);

#ifdef __cplusplus
}
#endif
#endif
