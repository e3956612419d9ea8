/* datarizer/filter.h - rows that an expression is true of: `age >= 18 and city in ('Praha', 'Brno')`, over batches of a
 * schema. The language is SQL's, so far as a filter needs it:
 *
 *     a or b   a and b   not a   (a)          column = != <> < <= > >= value, and two columns likewise
 *     column [not] in (value, ...)            column [not] between value and value
 *     column [not] like 'pattern' [escape 'c'], ilike without regard to case: % is any text, _ any one character
 *     a is [not] null   a is [not] true       a column of booleans by itself
 *
 * A column is a name, or names with dots from a struct down: address.city; one that is a word of the language or has
 * other characters than letters, digits and _ stands in double quotes. A value is a number, a 'string' (a quote in it
 * is doubled), true, false or null. Words of the language may be in upper case.
 *
 * A value has to go with its column. Whole numbers and decimals are compared exactly, with numbers of any kind; with a
 * floating-point column a number is first rounded to that column's type, as it was when the column was made. Strings
 * are compared byte by byte. Of a DATE, TIMESTAMP or TIME the value is ISO 8601's text: '2024-01-31',
 * '2024-01-31 12:00:00.5', with a zone where the column is an instant ('2024-01-31T12:00:00+02:00'; none is UTC); a
 * date is its midnight. The words date and timestamp may stand before it. Of a UUID it is its text, of BINARY and FIXED
 * the bytes of the string. NaN equals itself and is beyond all other numbers, and -0 equals 0. What compares with null
 * is unknown, and a row of which the whole is unknown is not one of those.
 * Two columns are compared exactly, too, whatever kinds of numbers they are, but for a decimal and a floating-point
 * number, which is refused, as is all that has no order, such as lists: they are null or not. */
#ifndef DATARIZER_FILTER_H
#define DATARIZER_FILTER_H

#include <datarizer/frame.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dzr_filter dzr_filter;

enum {
    DZR_FILTER_BYTES = 1 << 20, /* of an expression, at most */
    DZR_FILTER_DEPTH = 100      /* of parentheses and nots inside each other */
};

/* Understands the expression for rows of schema, which it holds. Errors, whose messages say the position (characters,
 * counted from 1; err->offset is the byte, from 0) and what would do: DZR_ERR_SYNTAX, DZR_ERR_NOT_FOUND (no such
 * column; the one most like it is named), DZR_ERR_TYPE (a value that does not go with its column), DZR_ERR_LIMIT,
 * DZR_ERR_NOMEM.
 */
DZR_API DZR_MUST_CHECK dzr_status dzr_filter_new(
        const char *expression, const dzr_schema *schema, const dzr_allocator *alloc, dzr_filter **out, dzr_error *err);
DZR_API void dzr_filter_free(dzr_filter *filter); /* NULL is allowed */

/* The nodes of the schema that it looks at, each once, in order. */
DZR_API int32_t dzr_filter_n_nodes(const dzr_filter *filter);
DZR_API int32_t dzr_filter_node(const dzr_filter *filter, int32_t index);

/* Sets bit i of selection, least significant first, where the expression is true of row i, and clears the others;
 * selection has room for n_rows bits of whole bytes. n_selected (may be NULL) is how many. Several threads may use one
 * filter. Errors: DZR_ERR_ARG for a batch of another schema, DZR_ERR_NOMEM. */
DZR_API DZR_MUST_CHECK dzr_status dzr_filter_apply(
        const dzr_filter *filter, const dzr_batch *batch, uint8_t *selection, int64_t *n_selected, dzr_error *err);

/* Those rows as a batch, from alloc: dzr_batch_select. */
DZR_API DZR_MUST_CHECK dzr_status dzr_filter_batch(
        const dzr_filter *filter, const dzr_batch *batch, const dzr_allocator *alloc, dzr_batch **out, dzr_error *err);

#ifdef __cplusplus
}
#endif
#endif
