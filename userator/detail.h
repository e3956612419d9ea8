/* userator/detail.h - the body of a 422: {"detail":[{"type","loc","msg","input","ctx"}, ...]}, as FastAPI writes it.
 * Called by validate.c and routes.c. Spec: the recordings; docs/errors.md lists every entry. */
#ifndef USERATOR_DETAIL_H
#define USERATOR_DETAIL_H

#include <datarizer/json_doc.h>

#include "integer.h"
#include "text.h"

/* type, what msg says or begins with */
#define DETAIL_LIST(X)                                                                                                 \
    X(DETAIL_MISSING, "missing", "Field required")                                                                     \
    X(DETAIL_NOT_OBJECT, "model_attributes_type",                                                                      \
            "Input should be a valid dictionary or object to extract fields from")                                     \
    X(DETAIL_NOT_STRING, "string_type", "Input should be a valid string")                                              \
    X(DETAIL_NOT_UNICODE, "string_unicode",                                                                            \
            "Input should be a valid string, unable to parse raw data as a unicode string")                            \
    X(DETAIL_NOT_INTEGER, "int_type", "Input should be a valid integer")                                               \
    X(DETAIL_NOT_INTEGER_TEXT, "int_parsing", "Input should be a valid integer, unable to parse string as an integer") \
    X(DETAIL_FRACTION, "int_from_float", "Input should be a valid integer, got a number with a fractional part")       \
    X(DETAIL_NOT_FINITE, "finite_number", "Input should be a finite number")                                           \
    X(DETAIL_TOO_LARGE, "int_parsing_size", "Unable to parse input string as an integer, exceeded maximum size")       \
    X(DETAIL_TOO_SMALL, "greater_than_equal", "Input should be greater than or equal to ")                             \
    X(DETAIL_ABOVE_MOST, "less_than_equal", "Input should be less than or equal to ")                                  \
    X(DETAIL_BAD_EMAIL, "value_error", "value is not a valid email address: ")                                         \
    X(DETAIL_BAD_JSON, "json_invalid", "JSON decode error")

typedef enum detail_kind {
#define DETAIL_ENUM(name, type, message) name,
    DETAIL_LIST(DETAIL_ENUM)
#undef DETAIL_ENUM
            DETAIL_KINDS,
} detail_kind;

typedef struct detail {
    detail_kind kind;
    const char *part, *field;    /* where: "body" and "age"; field NULL: the whole part */
    const dzr_json_value *value; /* the input that is echoed; NULL: it is text_buf */
    dzr_bytes text;
    int64_t number;   /* TOO_SMALL and ABOVE_MOST: the bound; BAD_JSON: the position */
    dzr_bytes reason; /* BAD_EMAIL and BAD_JSON: what is wrong */
} detail;

/* A list that grows in `to`; nothing is written before the first entry. */
typedef struct detail_list {
    text_buf *to;
    size_t n;
} detail_list;

/* What there is to say about an integer that must be from least (INT64_MIN: no bound) to most (INT64_MAX: no bound);
 * DETAIL_KINDS when nothing is wrong with it. */
detail_kind detail_of_integer(integer_verdict verdict, int64_t value, int64_t least, int64_t most);

void detail_add(detail_list *list, const detail *entry);
/* After the last entry, when there was one. */
void detail_finish(detail_list *list);

#endif
