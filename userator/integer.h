/* userator/integer.h - integers that come as text: of the path, of the query, and an age in quotes.
 * Spec: the rules of Pydantic's lax mode as recorded (docs/errors.md): white space around, one sign, digits with single
 * underscores between them, a fraction of zeros. */
#ifndef USERATOR_INTEGER_H
#define USERATOR_INTEGER_H

#include <datarizer/io.h>

typedef enum integer_verdict {
    INTEGER_OK,       /* value holds it */
    INTEGER_BELOW,    /* an integer below -2^63 */
    INTEGER_ABOVE,    /* an integer above 2^63 - 1 */
    INTEGER_TOO_LONG, /* of more than INTEGER_MAX_DIGITS digits, zeros before them not counted */
    INTEGER_NONE,     /* not an integer */
} integer_verdict;

enum { INTEGER_MAX_DIGITS = 4300 };

/* text is UTF-8. *value is 0 unless the answer is INTEGER_OK. */
integer_verdict integer_parse(dzr_bytes text, int64_t *value);

/* A number as JSON has it, "-0" to any length: only OK, BELOW and ABOVE are possible. */
integer_verdict integer_parse_json(dzr_bytes digits, int64_t *value);

#endif
