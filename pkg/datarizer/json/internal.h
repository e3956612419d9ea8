/* json/internal.h - what the files of room json share. */
#ifndef DZR_JSON_INTERNAL_H
#define DZR_JSON_INTERNAL_H

#include "base/internal.h"

#include <datarizer/json.h>
#include <datarizer/json_doc.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- number.cpp, shortest.cpp ---- */

enum { DZR__DOUBLE_BYTES = 40 }; /* room for any, in either style; less is printed */

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

/* ---- simd.cpp: simdjson's first stage, which finds where tokens start and checks UTF-8 ---- */
typedef struct dzr__json_simd dzr__json_simd;

dzr__json_simd *dzr__json_simd_new(void); /* NULL when memory is short */
void dzr__json_simd_free(dzr__json_simd *simd);
/* Finds the tokens of text: their positions in *at, n of them, good until the next call; at[*n] and at[*n + 1] are len.
 * DZR_OK; DZR_ERR_SYNTAX when simdjson refuses the text (empty, not UTF-8, a control character inside a string, a
 * string without end); DZR_ERR_NOMEM. No message: the caller looks closer. */
DZR_MUST_CHECK dzr_status dzr__json_simd_index(
        dzr__json_simd *simd, const uint8_t *text, size_t len, const uint32_t **at, size_t *n);

/* ---- index.c: the tokens of a text, from simdjson or, for texts it refuses, found one by one ---- */
typedef struct dzr__json_index {
    const dzr_allocator *alloc;
    dzr__json_simd *simd;
    uint32_t *slow; /* room for slow_cap positions */
    size_t slow_cap;

    const uint8_t *text;
    size_t len;
    const uint32_t *at; /* where each token starts; at[n] is len */
    size_t n;
    bool clean; /* the text is UTF-8, its strings end and hold no control characters */
} dzr__json_index;

DZR_MUST_CHECK dzr_status dzr__json_index_init(dzr__json_index *index, const dzr_allocator *alloc, dzr_error *err);
void dzr__json_index_fini(dzr__json_index *index);
/* text must stay as it is while the tokens are used. DZR_ERR_LIMIT at 4 GiB, DZR_ERR_NOMEM. */
DZR_MUST_CHECK dzr_status dzr__json_index_text(dzr__json_index *index, dzr_bytes text, dzr_error *err);
/* The same tokens without simdjson; clean is false. */
DZR_MUST_CHECK dzr_status dzr__json_index_slowly(dzr__json_index *index, dzr_bytes text, dzr_error *err);

/* ---- token.c: a place in the index, and the words for what is wrong there ---- */
typedef struct dzr__json_walk {
    const uint8_t *text;
    size_t len;
    const uint32_t *next, *end; /* *end is len */
    bool clean;
    size_t escape;              /* for quick.c: no backslash stands between the record it took last and here */
    const uint32_t *quick_last; /* the last token behind which it may look; NULL: not known yet */
} dzr__json_walk;

/* The first byte of the next token; 0 at the end (and for a stray NUL, which is no token either). */
static inline uint8_t dzr__json_peek(const dzr__json_walk *walk)
{
    return walk->next < walk->end ? walk->text[*walk->next] : 0;
}
/* DZR_ERR_SYNTAX: "byte 12: 'x' where a value was expected" or "the text ends where ..."; err->offset is the byte. */
DZR_MUST_CHECK dzr_status dzr__json_unexpected(
        const dzr__json_walk *walk, size_t offset, const char *expected, dzr_error *err);
/* A number or literal that ends before `offset` is followed by white space, punctuation or nothing. */
static inline bool dzr__json_scalar_ends(const dzr__json_walk *walk, size_t offset)
{
    if (offset == walk->len)
        return true;
    switch (walk->text[offset]) {
    case ' ':
    case '\t':
    case '\n':
    case '\r':
    case ',':
    case ']':
    case '}':
    case ':':
    case '[':
    case '{':
        return true;
    default:
        return false;
    }
}
/* `lead` and then the bytes as one line of UTF-8 that fits a message: control characters and stray bytes become '?',
 * what is long ends in "...". */
enum { DZR__JSON_SHOWN = 80 };
void dzr__json_show(dzr_bytes text, const char *lead, char *out, size_t room);
/* The value that starts at `first` as a person would call it: "number 5.5", "an array". */
void dzr__json_describe(const dzr__json_walk *walk, const uint32_t *first, char out[DZR__JSON_SHOWN]);
/* DZR_ERR_TYPE: "an object where an array was expected" for the value that starts at `first`. */
dzr_status dzr__json_not_a(const dzr__json_walk *walk, const uint32_t *first, const char *expected, dzr_error *err);
/* true, false or null at the next token, which is taken; DZR_ERR_SYNTAX otherwise. */
DZR_MUST_CHECK dzr_status dzr__json_take_literal(dzr__json_walk *walk, const char *word, size_t len, dzr_error *err);
/* Takes one value of any kind, its grammar checked to the last byte. stack has room for depth bits.
 * DZR_ERR_LIMIT when it nests deeper than depth. */
DZR_MUST_CHECK dzr_status dzr__json_skip(
        dzr__json_walk *walk, uint8_t *stack, uint32_t depth, dzr_bytebuf *scratch, dzr_error *err);

/* ---- string.c ---- */
/* Takes the string at the next token. *out is a view into the text or, when it had to be changed, into scratch
 * (appended there; good until scratch grows again). Escapes that are no escapes, control characters and a missing end
 * are DZR_ERR_SYNTAX. Where bytes are not UTF-8 or a surrogate stands alone, each becomes U+FFFD and *replaced is set.
 */
DZR_MUST_CHECK dzr_status dzr__json_take_string(
        dzr__json_walk *walk, dzr_bytebuf *scratch, dzr_bytes *out, bool *replaced, dzr_error *err);

/* ---- number.c, float.cpp ---- */
typedef struct dzr__json_number {
    dzr_bytes text;
    uint64_t mantissa; /* of all digits while they fit */
    int32_t exponent;  /* of ten; value = mantissa * 10^exponent */
    bool negative;
    bool whole; /* neither fraction nor exponent is written */
    bool exact; /* mantissa and exponent hold the value: no digit was lost */
} dzr__json_number;

/* Takes the number at the next token; DZR_ERR_SYNTAX where it breaks JSON's grammar. */
DZR_MUST_CHECK dzr_status dzr__json_take_number(dzr__json_walk *walk, dzr__json_number *out, dzr_error *err);
/* Rounded to nearest; too small becomes zero, false when it is too large. */
bool dzr__json_number_double(const dzr__json_number *number, double *out);
bool dzr__json_number_float(const dzr__json_number *number, float *out);
/* Decimal digits; bytes of them, and room for DZR__JSON_INT_BYTES is needed. */
enum { DZR__JSON_INT_BYTES = 24 };
size_t dzr__json_print_int(int64_t value, char *out);
size_t dzr__json_print_uint(uint64_t value, char *out);

/* ---- time.c: dates and RFC 3339, both ways ---- */
enum { DZR__JSON_TIME_BYTES = 48 };
/* "2024-01-31"; years beyond 4 digits carry a sign (ISO 8601 expanded). Bytes written. */
size_t dzr__json_print_date(int32_t days, char out[DZR__JSON_TIME_BYTES]);
/* The time of a day, "12:34:56.789"; value 0 to a day. */
size_t dzr__json_print_time(int64_t value, dzr_time_unit unit, char out[DZR__JSON_TIME_BYTES]);
size_t dzr__json_print_timestamp(int64_t value, dzr_type type, char out[DZR__JSON_TIME_BYTES]);
/* What the printers write, and any RFC 3339 offset for an instant. False when the text is no such date, does not exist
 * in the calendar, or does not fit (a fraction finer than the unit, an instant beyond 64 bits). */
bool dzr__json_read_date(dzr_bytes text, int32_t *days);
bool dzr__json_read_time(dzr_bytes text, dzr_time_unit unit, int64_t *value); /* 24:00:00 is a time, too */
bool dzr__json_read_timestamp(dzr_bytes text, dzr_type type, int64_t *value);

/* ---- names.c: which column a member belongs to ---- */
typedef struct dzr__json_names {
    const dzr_allocator *alloc;
    const dzr_field *fields; /* the schema's, or a struct's */
    int32_t n_fields;
    bool fold_case;
    dzr_bytes *quoted; /* "name" with its quotes as it stands in a text, and a colon behind; len 0 where it would be
                          escaped */
    dzr_bytes *folded; /* with fold_case */
    int32_t *by_name;  /* hash tables of column + 1 */
    int32_t *by_folded;
    uint32_t n_slots; /* a power of two */
    dzr_arena arena;
    dzr_bytebuf folding;
} dzr__json_names;

DZR_MUST_CHECK dzr_status dzr__json_names_init(dzr__json_names *names, const dzr_field *fields, int32_t n_fields,
        bool fold_case, const dzr_allocator *alloc, dzr_error *err);
void dzr__json_names_fini(dzr__json_names *names);
/* *column is -1 when no column has the name. An exact match goes first. */
DZR_MUST_CHECK dzr_status dzr__json_names_find(dzr__json_names *names, dzr_bytes name, int32_t *column, dzr_error *err);

/* ---- value.c: one value of one column, before the row is complete ---- */
typedef enum dzr__json_state { DZR__JSON_MISSING, DZR__JSON_NULL, DZR__JSON_SET } dzr__json_state;
typedef struct dzr__json_slot {
    dzr__json_state state;
    union {
        bool boolean;
        int64_t integer;
        uint64_t natural;
        double real;
        uint8_t uuid[DZR_UUID_BYTES];
        dzr_decimal decimal;
        struct {
            const uint8_t *at; /* NULL: at `offset` of scratch */
            size_t len, offset;
        } bytes;
        const uint32_t *nested; /* the first token of a struct, list or map whose syntax was checked */
    } as;
} dzr__json_slot;

/* What a member's value turned out to be; what does not fit is worded by the caller, who knows record and member. */
typedef enum dzr__json_fit {
    DZR__JSON_FITS,
    DZR__JSON_OTHER_KIND,
    DZR__JSON_OUT_OF_RANGE,
    DZR__JSON_BAD_TEXT, /* a string that is no date, no base64 ... */
    DZR__JSON_BAD_UTF8,
    DZR__JSON_IS_NULL,
} dzr__json_fit;

/* Takes the next value, which is no object and no array, and keeps it in slot when it fits. */
DZR_MUST_CHECK dzr_status dzr__json_take_value(dzr__json_walk *walk, const dzr_field *field,
        const dzr_json_rules *rules, dzr_bytebuf *scratch, dzr__json_slot *slot, dzr__json_fit *fit, dzr_error *err);
DZR_MUST_CHECK dzr_status dzr__json_fit_string(
        dzr_bytes text, dzr_type type, dzr_bytebuf *scratch, dzr__json_slot *slot, dzr__json_fit *fit, dzr_error *err);
dzr__json_fit dzr__json_fit_number(const dzr__json_number *number, dzr_type_id id, dzr__json_slot *slot);
/* DECIMAL: a number in digits. */
dzr__json_fit dzr__json_fit_decimal(dzr_bytes text, dzr_type type, dzr__json_slot *slot);
/* Appends what slot holds to the builder's column, which is no STRUCT, LIST or MAP; MISSING must have been settled. */
DZR_MUST_CHECK dzr_status dzr__json_put_value(const dzr__json_slot *slot, const dzr_field *field,
        const dzr_bytebuf *scratch, dzr_builder *builder, int32_t column, dzr_error *err);

/* ---- keys.c: map keys, which are strings in JSON whatever their type ---- */
/* DZR_ERR_UNSUPPORTED, naming the field, for a map whose keys are nested. */
DZR_MUST_CHECK dzr_status dzr__json_check_keys(const dzr_schema *schema, dzr_error *err);
/* A key of that type into slot, when it fits; it may be decoded into scratch. DZR_ERR_NOMEM. */
DZR_MUST_CHECK dzr_status dzr__json_read_key(
        dzr_bytes text, dzr_type type, dzr_bytebuf *scratch, dzr__json_slot *slot, dzr__json_fit *fit, dzr_error *err);

/* ---- record.c: one object into one row; nested.c: what is inside its members ---- */

/* The members of a row or of a struct. */
typedef struct dzr__json_object {
    dzr__json_names names;
    int32_t *nodes; /* of each field */
    int32_t *order; /* the field of the k-th member of the object before: the first guess for this one's */
} dzr__json_object;

/* A step from a column to a value inside it. */
typedef struct dzr__json_step {
    const char *field;   /* of a struct, or NULL */
    const uint32_t *key; /* the token of a map's key, or NULL */
    int64_t element;     /* of a list */
} dzr__json_step;

typedef struct dzr__json_record {
    const dzr_allocator *alloc;
    const dzr_schema *schema;
    dzr_json_rules rules;
    uint32_t depth;
    dzr__json_object row;
    dzr__json_slot *slots;      /* one a column */
    dzr__json_object **structs; /* by node; NULL for all that is no struct with members */
    const uint32_t **members;   /* by node: where the value is, for the members of the structs being converted */
    dzr__json_step path[DZR_MAX_DEPTH + 1];
    int n_steps;
    uint8_t *stack; /* depth bits */
    dzr_bytebuf scratch;
    dzr_error misfit;                         /* the first value that did not fit; status DZR_OK while there is none */
    struct dzr__json_quick *quick;            /* one a column */
    const void *quick_columns;                /* of the builder that they are bound to */
    uint64_t n_quick;                         /* records that quick.c has looked at */
    struct dzr_column_builder **quick_nulls;  /* columns that got a null in the last of them */
    int32_t n_quick_nulls, n_seen, n_unknown; /* members of the last of them: with a column, without one */
    bool has_nested;                          /* there are columns of lists, maps or structs */
    size_t quick_margin;                      /* what it may read beyond a token's start */
    uint32_t quick_pause, quick_penalty;
} dzr__json_record;

/* Notes that the value at `first` of field, to which the path leads, does not fit, when it is the
 * first. */
void dzr__json_note_misfit(dzr__json_record *record, const dzr__json_walk *walk, const uint32_t *first,
        const dzr_field *field, dzr__json_fit fit);
/* The same for a member of the object to which the path leads that is not there. */
void dzr__json_note_missing(dzr__json_record *record, const dzr__json_walk *walk, const dzr_field *field);
DZR_MUST_CHECK dzr_status dzr__json_object_init(dzr__json_object *object, const dzr_schema *schema, int32_t node,
        bool fold_case, const dzr_allocator *alloc, dzr_error *err);
void dzr__json_object_fini(dzr__json_object *object, const dzr_allocator *alloc);
/* A member's name, of which `expected` (-1: none) is a guess, and its colon: the field in *field, -1 for none. */
DZR_MUST_CHECK dzr_status dzr__json_take_name(dzr__json_record *record, dzr__json_walk *walk, dzr__json_object *object,
        int32_t expected, const char *wanted, int32_t *field, dzr_error *err);
/* Whether an object or an array, whichever begins with `byte`, can be a value of that type. */
static inline bool dzr__json_opens(uint8_t byte, dzr_type_id id)
{
    return byte == '[' ? id == DZR_TYPE_LIST : id == DZR_TYPE_STRUCT || id == DZR_TYPE_MAP;
}
/* Appends to node `node` the nested value whose first token is `first`, once its syntax was checked. What does not fit
 * is noted; half a value may be appended then. Errors: DZR_ERR_LIMIT (2^31 - 1 elements), DZR_ERR_NOMEM. */
DZR_MUST_CHECK dzr_status dzr__json_put_nested(dzr__json_record *record, const dzr__json_walk *walk,
        const uint32_t *first, int32_t node, dzr_builder *builder, dzr_error *err);
/* A null, or where that is not allowed a zero: no element, fields that are null or zero. */
DZR_MUST_CHECK dzr_status dzr__json_put_nothing(
        dzr__json_record *record, int32_t node, dzr_builder *builder, dzr_error *err);

DZR_MUST_CHECK dzr_status dzr__json_record_init(dzr__json_record *record, const dzr_schema *schema,
        const dzr_json_rules *rules, const dzr_json_limits *limits, const dzr_allocator *alloc, dzr_error *err);
void dzr__json_record_fini(dzr__json_record *record);
/* Takes the next value of walk, which should be an object, and appends it to builder as a row. A value that does not
 * fit is kept as record->misfit and nothing is appended from then on, so that a syntax error further on can go first.
 * Only DZR_ERR_SYNTAX, DZR_ERR_LIMIT and DZR_ERR_NOMEM come back; the builder may then hold half a row. */
DZR_MUST_CHECK dzr_status dzr__json_take_record(
        dzr__json_record *record, dzr__json_walk *walk, dzr_builder *builder, dzr_error *err);

/* ---- quick.c: an object that looks like the ones before it, straight into its columns ---- */
/* Looks at the next value of walk and puts what it holds behind the last row of builder, not counted yet; *after is the
 * token behind it. False for all that is not plain: nothing has changed
 * then, and dzr__json_take_record finds out what it is. */
bool dzr__json_quick_take(dzr__json_record *record, dzr__json_walk *walk, dzr_builder *builder, const uint32_t **after);
/* Makes a row of it. False as above. */
bool dzr__json_quick_keep(dzr__json_record *record, const dzr__json_walk *walk, dzr_builder *builder);
DZR_MUST_CHECK dzr_status dzr__json_quick_init(dzr__json_record *record, dzr_error *err);

/* ---- origin.c ---- */
/* SHA-256 of text in hexadecimal digits, no NUL behind. False when libcrypto has none. */
enum { DZR__SHA256_HEX = 64 };
bool dzr__sha256_hex(dzr_bytes text, char out[DZR__SHA256_HEX]);

/* ---- escape.c ---- */
/* Writes text as it stands between the quotes of a JSON string; to has room for 6 bytes a byte and 16 more. With html
 * also
 * <, >, &, U+2028 and U+2029 are escaped. Bytes written. */
size_t dzr__json_escape(dzr_bytes text, bool html, uint8_t *to);

/* ---- infer.c: a schema from what records hold ---- */
typedef struct dzr__json_seen dzr__json_seen; /* what one member was seen to hold */
typedef struct dzr__json_infer {
    const dzr_allocator *alloc;
    dzr_arena arena; /* names */
    dzr__json_seen *seen;
    int32_t n_seen, cap_seen;
    int32_t *table; /* hash table of index + 1 */
    uint32_t n_slots;
    dzr_bytebuf scratch;
    int64_t n_records;
} dzr__json_infer;

void dzr__json_infer_init(dzr__json_infer *infer, const dzr_allocator *alloc);
void dzr__json_infer_fini(dzr__json_infer *infer);
/* Takes one record. Errors: DZR_ERR_SYNTAX; DZR_ERR_TYPE (no object, kinds that have no type in common);
 * DZR_ERR_UNSUPPORTED (a name with U+0000); DZR_ERR_LIMIT (DZR_MAX_COLUMNS, DZR_MAX_DEPTH); DZR_ERR_NOMEM. The caller
 * puts the line before. */
DZR_MUST_CHECK dzr_status dzr__json_infer_record(dzr__json_infer *infer, dzr__json_walk *walk, dzr_error *err);
/* Columns in the order they were first seen, all nullable. DZR_ERR_TYPE without any record. */
DZR_MUST_CHECK dzr_status dzr__json_infer_schema(const dzr__json_infer *infer, dzr_schema **out, dzr_error *err);

/* ---- go_scan.c: a walk over a text that checks its grammar, with Go's complaints ---- */
enum { DZR__JSON_GO_DEPTH = 10000 };

typedef struct dzr__json_go_scan {
    const uint8_t *at, *end; /* at: past what was walked over, or where it went wrong */
    const char *context;     /* of a byte that is refused, or that is missing inside a token; NULL: any may follow */
    dzr_bytes name;          /* of the member whose value comes next, with its quotes */
    bool is_plain;           /* the string that was walked over last is ASCII without escapes; of a name too */
    bool is_too_deep;
    uint32_t depth;
    bool is_object[DZR__JSON_GO_DEPTH]; /* what is open: an object or an array */
} dzr__json_go_scan;

/* Each step answers false when the text ends or the byte at `at` is refused; dzr__json_go_fault tells which, and it is
 * the last step. */
/* To the value of the text; false: there is none. */
bool dzr__json_go_start(dzr__json_go_scan *scan, dzr_bytes text);
/* To the next byte that is not white space. */
bool dzr__json_go_space(dzr__json_go_scan *scan);
/* From a bracket into the container: *more says whether there is an item, of an object past its name and colon. An
 * empty one is left again. */
bool dzr__json_go_open(dzr__json_go_scan *scan, bool *more);
/* From the end of an item to the next one; without *more out of the container. */
bool dzr__json_go_next(dzr__json_go_scan *scan, bool *more);
/* White space, and one value of any kind. */
bool dzr__json_go_skip(dzr__json_go_scan *scan);
/* Nothing but white space is left. */
bool dzr__json_go_end(dzr__json_go_scan *scan);
/* DZR_ERR_TRUNCATED, DZR_ERR_SYNTAX or DZR_ERR_LIMIT (too deep). */
dzr_status dzr__json_go_fault(const dzr__json_go_scan *scan);

/* ---- go_walk.c: over an array that was found sound, and words ---- */
static inline const uint8_t *dzr__json_go_past_space(const uint8_t *at)
{
    while (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')
        at++;
    return at;
}
/* Of an item or member, so that something follows it. */
const uint8_t *dzr__json_go_past_value(const uint8_t *at);
/* A byte as strconv.Quote shows the character of that number, in single quotes. */
enum { DZR__JSON_GO_QUOTED = 10 };
void dzr__json_go_quote(uint8_t byte, char out[DZR__JSON_GO_QUOTED]);
/* What Go calls a value that begins so: "object", "number" ... */
const char *dzr__json_go_kind(uint8_t first);

/* FNV-1a, for tables of names. */
static inline uint32_t dzr__json_hash(dzr_bytes name)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < name.len; i++)
        h = (h ^ name.at[i]) * 16777619u;
    return h;
}

#ifdef __cplusplus
}
#endif
#endif
