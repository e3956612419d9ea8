/* query/filter.h - what the files of the filter share: the tree it becomes, and who makes and evaluates which part.
 * filter_lex.c words -> filter_parse.c the tree -> filter_bind.c what a comparison is for its column's type
 * (filter_number.c and filter_time.c its values, filter_name.c its columns) -> filter_eval.c a batch's rows
 * (filter_leaf.c one comparison, filter_like.c a pattern). */
#ifndef DZR_QUERY_FILTER_H
#define DZR_QUERY_FILTER_H

#include "query/internal.h"
#include <datarizer/filter.h>

/* ---- words ---- */

typedef enum filter_word {
    WORD_END,
    WORD_NAME,   /* bare */
    WORD_QUOTED, /* "a name" */
    WORD_NUMBER, /* digits, a point, an exponent; no sign */
    WORD_STRING, /* 'text' */
    WORD_OPEN,
    WORD_CLOSE,
    WORD_COMMA,
    WORD_DOT,
    WORD_MINUS,
    WORD_PLUS,
    WORD_EQ,
    WORD_NE,
    WORD_LT,
    WORD_LE,
    WORD_GT,
    WORD_GE,
} filter_word;

typedef struct filter_token {
    filter_word word;
    size_t at, end;  /* its bytes in the expression */
    dzr_bytes value; /* a name's or string's without quotes; else as it stands */
} filter_token;

typedef struct filter_lexer {
    dzr_bytes text; /* UTF-8, checked */
    size_t at;
    dzr_arena *arena;
} filter_lexer;

DZR_MUST_CHECK dzr_status dzr__filter_next(filter_lexer *lexer, filter_token *out, dzr_error *err);
/* Whether it is that word of the language, given in lower case. */
bool dzr__filter_is(const filter_token *token, const char *keyword);
/* Puts "position N: " before a message of its own. */
dzr_status dzr__filter_fail(const filter_lexer *lexer, size_t at, dzr_error *err, dzr_status status, const char *format,
        ...) DZR_PRINTF(5, 6);

/* ---- columns and values, as they are written ---- */

typedef enum filter_operand_kind {
    OPERAND_COLUMN,
    OPERAND_NUMBER,
    OPERAND_STRING,
    OPERAND_BOOL,
    OPERAND_NULL
} filter_operand_kind;

typedef struct filter_operand {
    filter_operand_kind kind;
    size_t at, end;   /* in the expression */
    dzr_bytes text;   /* of a string; of a number, without its sign */
    bool is_negative; /* a number */
    bool truth;       /* a bool */
    /* a column: the nodes from the field down to it */
    const int32_t *path;
    int32_t n_path;
    dzr_type type; /* its values': of a DICTIONARY its child's */
} filter_operand;

/* Finds parts[0 .. n_parts), which stand at [at, end) of the expression; names that have dots themselves are found
 * without quotes, too. Errors: DZR_ERR_NOT_FOUND, DZR_ERR_TYPE (inside a list). */
DZR_MUST_CHECK dzr_status dzr__filter_column(const filter_lexer *lexer, const dzr_schema *schema,
        const dzr_bytes *parts, int32_t n_parts, filter_operand *out, dzr_error *err);

/* A value between or at units of a column's integers. */
typedef struct filter_point {
    dzr_decimal floor; /* the greatest integer that is not above it */
    bool has_rest;     /* it lies above that */
    int beyond;        /* -1, 1: it is below, above all integers of 76 digits; floor is not set */
} filter_point;

/* A number with `scale` more digits before its point. Digits and exponent are those of a WORD_NUMBER. */
filter_point dzr__filter_point(dzr_bytes digits, bool is_negative, int32_t scale);
filter_point dzr__filter_point_at(dzr__wide value, bool has_rest);
/* Within the bounds of 64 bits and a bit: INT64_MIN - 1 and UINT64_MAX + 1 for what is beyond. */
dzr__wide dzr__filter_wide(const filter_point *point);

/* ISO 8601's text at a column's unit, days for DATE. Errors: DZR_ERR_TYPE with what would do. */
DZR_MUST_CHECK dzr_status dzr__filter_time(dzr_bytes text, dzr_type type, filter_point *out, dzr_error *err);

/* ---- the tree ---- */

enum { ACCEPT_LESS = 1, ACCEPT_EQUAL = 2, ACCEPT_GREATER = 4 }; /* which ways a value may lie beside another */

typedef enum filter_kind {
    FILTER_AND, /* of all children */
    FILTER_OR,
    FILTER_NOT,     /* of the first */
    FILTER_IS_TRUE, /* the first child is; never unknown */
    FILTER_IS_FALSE,
    FILTER_IS_UNKNOWN,
    FILTER_CONSTANT, /* `truth`, or unknown, of all rows */
    FILTER_IS_NULL,  /* from here on `column` */
    FILTER_RANGE,    /* integers, and floats by their keys: within [low, high] */
    FILTER_ORDER,    /* other types: beside `value`, as `accept` says */
    FILTER_SET,      /* one of `values` */
    FILTER_LIKE,
    FILTER_COLUMNS, /* two of them, as `accept` says */
} filter_kind;

/* What a column's values are compared as. */
typedef enum filter_class {
    CLASS_INTEGER, /* also BOOL, DATE, TIMESTAMP, TIME, DURATION */
    CLASS_FLOAT,   /* by keys in the order of integers: dzr__filter_key */
    CLASS_DECIMAL,
    CLASS_BYTES, /* STRING, BINARY, FIXED, UUID */
    CLASS_NULL,
    CLASS_NONE /* not at all */
} filter_class;

typedef union filter_value {
    dzr__wide integer; /* also a float's key */
    filter_point decimal;
    dzr_bytes bytes;
} filter_value;

/* One piece of a LIKE's pattern. */
typedef struct filter_like {
    const uint32_t *codes; /* characters, LIKE_ANY_ONE and LIKE_ANY; in lower case where that does not count */
    int32_t n_codes;
    bool ignores_case;
    bool is_simple; /* no _ and case counts: bytes between the %s */
    const dzr_bytes *pieces;
    int32_t n_pieces;
} filter_like;

typedef struct filter_node filter_node;
struct filter_node {
    filter_kind kind;
    filter_node *first, *next; /* children */
    filter_operand column, other;
    filter_class class;
    bool truth;      /* CONSTANT; RANGE: false for what is outside of it */
    bool is_unknown; /* CONSTANT; a SET that has a null in it is unknown of what it has not */
    uint8_t accept;
    dzr__wide low, high;
    filter_value value;
    const filter_value *values; /* in order */
    int32_t n_values;
    filter_like like;
};

filter_class dzr__filter_class(dzr_type type);
/* Doubles in order of integers: -0 is 0, NaN above all. */
static inline int64_t dzr__filter_key(double value)
{
    int64_t bits;
    const double unsigned_zero = value + 0.0;
    if (value != value)
        return INT64_MAX;
    memcpy(&bits, &unsigned_zero, sizeof bits);
    return bits ^ (int64_t)((uint64_t)(bits >> 63) >> 1);
}
/* -1, 0, 1 */
int dzr__filter_compare(filter_class class, const filter_value *a, const filter_value *b);

/* ---- binding: a node from what is written ---- */
typedef struct filter_binder {
    const filter_lexer *lexer;
    dzr_arena *arena;
} filter_binder;

/* column (left) is a column. */
DZR_MUST_CHECK dzr_status dzr__filter_bind_compare(const filter_binder *b, uint8_t accept, const filter_operand *left,
        const filter_operand *right, filter_node *out, dzr_error *err);
DZR_MUST_CHECK dzr_status dzr__filter_bind_in(const filter_binder *b, const filter_operand *column,
        const filter_operand *values, int32_t n_values, filter_node *out, dzr_error *err);
DZR_MUST_CHECK dzr_status dzr__filter_bind_like(const filter_binder *b, const filter_operand *column,
        const filter_operand *pattern, const filter_operand *escape, bool ignores_case, filter_node *out,
        dzr_error *err);

/* ---- the whole ---- */
struct dzr_filter {
    dzr_arena arena;
    dzr_schema *schema;
    const filter_node *root;
    int32_t *nodes; /* that it looks at */
    int32_t n_nodes;
};

DZR_MUST_CHECK dzr_status dzr__filter_parse(
        dzr_bytes text, const dzr_schema *schema, dzr_arena *arena, filter_node **out, dzr_error *err);

/* ---- evaluation: two bitmaps, of rows it is true of and of those it is false of; unknown is neither ---- */
typedef struct filter_truth {
    uint64_t *is_true, *is_false;
} filter_truth;

typedef struct filter_run {
    const dzr_batch *batch;
    const dzr_allocator *alloc;
    int64_t n_rows;
    size_t n_words;
} filter_run;

/* A node from RANGE on; also what stands under nulls gets an answer, which the caller takes away. */
DZR_MUST_CHECK dzr_status dzr__filter_leaf(
        const filter_run *run, const filter_node *node, uint64_t *is_true, dzr_error *err);
bool dzr__filter_like(const filter_like *like, dzr_bytes text);
/* Compiles it. Errors: DZR_ERR_SYNTAX (an escape with nothing behind it), DZR_ERR_NOMEM. */
enum { LIKE_ANY = 0x110000, LIKE_ANY_ONE };
DZR_MUST_CHECK dzr_status dzr__filter_like_new(
        dzr_bytes pattern, dzr_bytes escape, bool ignores_case, dzr_arena *arena, filter_like *out, dzr_error *err);

#endif
