/* datarizer/json_go.h - one record out of a text by the rules of Go's encoding/json (1.24), with its complaints word
 * for word: what json.NewDecoder(r).Decode(&record) does with a struct of strings and ints. For services that have to
 * answer as a Go program did; records by the million go through json.h. Spec: RFC 8259, and Go's json.Decoder. */
#ifndef DATARIZER_JSON_GO_H
#define DATARIZER_JSON_GO_H

#include <datarizer/frame.h>
#include <datarizer/io.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dzr_json_go dzr_json_go;

typedef struct dzr_json_go_value {
    bool is_set;    /* false: absent or null; the other two are then empty and 0 */
    dzr_bytes text; /* STRING: UTF-8, in which U+0000 is a zero byte; of the text or the decoder's */
    int64_t number; /* INT64 */
} dzr_json_go_value;

/* A decoder for records of schema, whose fields are STRING or INT64 and whose names are the members'. type_name is what
 * Go calls the struct, "main.User", and stands in complaints. Used by one thread at a time, for any number of texts.
 * Errors: DZR_ERR_ARG (another type), DZR_ERR_NOMEM. */
DZR_API DZR_MUST_CHECK dzr_status dzr_json_go_new(
        const dzr_schema *schema, const char *type_name, const dzr_allocator *alloc, dzr_json_go **out, dzr_error *err);
DZR_API void dzr_json_go_free(dzr_json_go *decoder); /* NULL is allowed */

/* Decodes the first JSON value of text; what follows it is not looked at. values has room for one a field and is good
 * until the next call, as long as text is. Names match exactly or else without regard to case; the last of a repeated
 * one counts, but a null leaves what was there; names the schema does not have are passed over. A null for the whole
 * sets nothing. Bytes that are not UTF-8 and lone surrogates become U+FFFD.
 * Errors: DZR_ERR_TRUNCATED (the text has no value, or ends in it), DZR_ERR_SYNTAX, DZR_ERR_LIMIT (more than 10,000
 * arrays and objects inside each other), DZR_ERR_TYPE (the first value of a wrong type, when the syntax is right),
 * DZR_ERR_NOMEM. values then holds nothing of use. */
DZR_API DZR_MUST_CHECK dzr_status dzr_json_go_decode(
        dzr_json_go *decoder, dzr_bytes text, dzr_json_go_value *values, dzr_error *err);
/* What Go's error says, whole ("unexpected EOF"), after a decode that failed in the first four ways; good until the
 * next. err's message is the same, but cut where it is too long for it. */
DZR_API dzr_bytes dzr_json_go_complaint(const dzr_json_go *decoder);

/* Bytes that dzr_json_go_write_string may touch for a text of len bytes. */
#define DZR_JSON_GO_STRING_ROOM(len) (6 * (len) + 18)
/* Writes text, which is UTF-8, in quotes to out as Go's json.Encoder does and returns the bytes written: escaped are
 * the quote, the backslash, what lies below U+0020 (\b \f \n \r \t, others \u00xx), and < > & U+2028 U+2029. */
DZR_API size_t dzr_json_go_write_string(dzr_bytes text, uint8_t *out);

#ifdef __cplusplus
}
#endif
#endif
