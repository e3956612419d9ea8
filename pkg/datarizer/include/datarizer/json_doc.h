/* datarizer/json_doc.h - one JSON document as a tree, by the rules of Python's json module (3.12): what it accepts, the
 * words and position of its complaint, and what it prints back. For request bodies and other small documents; records
 * by the million go through json.h. Spec: RFC 8259, and the places where Python is wider:
 * a byte order mark, UTF-16 and UTF-32, encoded surrogates, NaN, Infinity and -Infinity, a float beyond the range of a
 * double (infinite), integers of any length, lone surrogate escapes, any value at the top. */
#ifndef DATARIZER_JSON_DOC_H
#define DATARIZER_JSON_DOC_H

#include <datarizer/io.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum dzr_json_kind {
    DZR_JSON_NULL,
    DZR_JSON_FALSE,
    DZR_JSON_TRUE,
    DZR_JSON_INTEGER, /* without fraction and exponent */
    DZR_JSON_FLOAT,
    DZR_JSON_STRING,
    DZR_JSON_ARRAY,
    DZR_JSON_OBJECT,
} dzr_json_kind;

/* A node of the tree; belongs to its document. Strings are UTF-8 in which a lone surrogate stands as its three bytes
 * (ED A0..BF xx) and U+0000 as a zero byte. */
typedef struct dzr_json_value dzr_json_value;
struct dzr_json_value {
    dzr_json_kind kind;
    bool lone_surrogate; /* STRING: there is one in it, so it is not valid UTF-8 */
    union {
        dzr_bytes text;              /* STRING: its characters; INTEGER: as written, "-0" is "0" */
        double number;               /* FLOAT */
        const dzr_json_value *first; /* ARRAY, OBJECT: the first item or member, NULL when empty */
    } as;
    const dzr_json_value *next; /* the next item or member, NULL after the last */
    dzr_bytes key; /* of a member; a repeated key is one member: the place of the first, the value of the last */
};

typedef struct dzr_json_doc dzr_json_doc;

/* 0 means the value named. */
typedef struct dzr_json_doc_options {
    const dzr_allocator *alloc;
    size_t text_bytes;       /* 64 MiB */
    size_t memory_bytes;     /* 1 GiB: the tree; the worst text needs about 25 times its own size */
    uint32_t depth;          /* 1,024 arrays and objects inside each other, 10,000 at most */
    uint32_t integer_digits; /* 4,300, as Python's */
} dzr_json_doc_options;

/* Where the text stops being JSON, in Python's words. */
typedef struct dzr_json_fault {
    const char *message; /* "Expecting value"; static storage */
    int64_t position;    /* in characters (code points) from 0; a byte order mark does not count */
} dzr_json_fault;

/* Parses the whole of text, which must stay unchanged while the document lives. options may be NULL.
 * fault (may be NULL) is filled when the answer is DZR_ERR_SYNTAX.
 * Errors: DZR_ERR_SYNTAX (message is fault's with the position), DZR_ERR_CORRUPT (bytes that are not of the encoding
 * the first four announce; looked at before anything else), DZR_ERR_LIMIT (size, depth, digits, memory),
 * DZR_ERR_ARG (depth), DZR_ERR_NOMEM. *out is then left alone. */
DZR_API DZR_MUST_CHECK dzr_status dzr_json_doc_open(
        dzr_bytes text, const dzr_json_doc_options *options, dzr_json_doc **out, dzr_json_fault *fault, dzr_error *err);
DZR_API const dzr_json_value *dzr_json_doc_root(const dzr_json_doc *doc); /* never NULL */
DZR_API void dzr_json_doc_close(dzr_json_doc *doc);                       /* NULL is allowed */

/* The member of this name, case-sensitive; NULL when there is none or value is no object. Looks at one after the other.
 */
DZR_API const dzr_json_value *dzr_json_member(const dzr_json_value *value, const char *name);

/* Appends value to sink without white space, as Python's json.dumps(ensure_ascii=False, separators=(",", ":")): floats
 * as repr() (1e16 is 1e+16, 3.0 stays 3.0), strings as dzr_json_write_string. Always JSON: NaN and infinities are null.
 * Errors: the sink's. */
DZR_API DZR_MUST_CHECK dzr_status dzr_json_value_print(const dzr_json_value *value, dzr_sink *sink, dzr_error *err);

/* Bytes that dzr_json_write_string may touch for a text of len bytes: six a byte, quotes, and a block of 16 too far. */
#define DZR_JSON_STRING_ROOM(len) (6 * (len) + 18)
/* Writes text in quotes to out and returns the bytes written. Escaped are the quote, the backslash and what lies below
 * U+0020 (\b \t \n \f \r, others \u00xx); lone surrogates become \udxxx; other bytes that are not UTF-8 become U+FFFD,
 * so what comes out is always valid JSON in valid UTF-8. */
DZR_API size_t dzr_json_write_string(dzr_bytes text, uint8_t *out);

#ifdef __cplusplus
}
#endif
#endif
