/* json/doc.c - the scanner of json_doc.h: one pass over decoded text that builds the tree and, where the text is not
 * JSON, says so in the words and at the place of Python's json module (3.12, its C accelerator).
 * Recursion is bounded by options.depth. Spec: RFC 8259; CPython Modules/_json.c for what is complained about where. */
#include "json/internal.h"

#include <math.h>
#include <stdlib.h>

enum { DEFAULT_DEPTH = 1024, MOST_DEPTH = 10000, DEFAULT_DIGITS = 4300, FEW_MEMBERS = 8 };
#define DEFAULT_TEXT_BYTES ((size_t)64 << 20)
#define DEFAULT_MEMORY_BYTES ((size_t)1 << 30)

struct dzr_json_doc {
    dzr_arena arena;
    const dzr_json_value *root;
};

typedef struct scanner {
    dzr_cursor text;
    dzr_arena *arena;
    bool any_surrogate;
    uint32_t depth_left;
    dzr_json_doc_options options; /* with the defaults filled in */
    dzr_json_fault *fault;
    dzr_error *err; /* never NULL */
} scanner;

static dzr_status scan_value(scanner *s, dzr_json_value *value);

/* ---- complaints ---- */

static dzr_status refuse(scanner *s, const char *message, const uint8_t *at)
{
    int64_t position = 0;
    for (const uint8_t *byte = s->text.start; byte < at; byte++)
        position += (*byte & 0xc0) != 0x80;
    *s->fault = (dzr_json_fault){message, position};
    (void)dzr_fail(s->err, DZR_ERR_SYNTAX, "%s: character %lld", message, (long long)position);
    s->err->offset = at - s->text.start;
    return DZR_ERR_SYNTAX;
}

/* ---- small steps ---- */

static bool at_end(const scanner *s)
{
    return s->text.at == s->text.end;
}

static bool is_next(const scanner *s, char c)
{
    return !at_end(s) && *s->text.at == (uint8_t)c;
}

static void skip_space(scanner *s)
{
    while (!at_end(s) && (*s->text.at == ' ' || *s->text.at == '\n' || *s->text.at == '\r' || *s->text.at == '\t'))
        s->text.at++;
}

static bool take_word(scanner *s, const char *word, size_t n)
{
    if (!dzr__cursor_has(&s->text, n) || memcmp(s->text.at, word, n) != 0)
        return false;
    s->text.at += n;
    return true;
}

static bool is_digit(const uint8_t *at, const uint8_t *end)
{
    return at < end && *at >= '0' && *at <= '9';
}

static const uint8_t *skip_digits(const uint8_t *at, const uint8_t *end)
{
    while (is_digit(at, end))
        at++;
    return at;
}

/* ---- numbers ---- */

static dzr_status set_integer(scanner *s, dzr_json_value *value, const uint8_t *start, const uint8_t *end)
{
    const uint64_t n_digits = (uint64_t)(end - start) - (*start == '-');
    if (n_digits > s->options.integer_digits) {
        (void)dzr_fail(s->err, DZR_ERR_LIMIT, "an integer of %llu digits, limit is %u", (unsigned long long)n_digits,
                s->options.integer_digits);
        s->err->offset = start - s->text.start;
        return DZR_ERR_LIMIT;
    }
    value->kind = DZR_JSON_INTEGER;
    if (end - start == 2 && start[0] == '-' && start[1] == '0')
        start++;
    value->as.text = (dzr_bytes){start, (size_t)(end - start)};
    return DZR_OK;
}

/* A fraction or exponent that is not complete is left for the caller to stumble over. */
static dzr_status scan_number(scanner *s, dzr_json_value *value)
{
    const uint8_t *const start = s->text.at, *const end = s->text.end;
    const uint8_t *at = start + is_next(s, '-');
    if (!is_digit(at, end))
        return refuse(s, "Expecting value", start);
    at = *at == '0' ? at + 1 : skip_digits(at, end);
    const uint8_t *const whole_end = at;
    if (at < end && *at == '.' && is_digit(at + 1, end))
        at = skip_digits(at + 1, end);
    if (at < end && (*at == 'e' || *at == 'E')) {
        const bool has_sign = end - at > 1 && (at[1] == '-' || at[1] == '+');
        if (is_digit(at + 1 + has_sign, end))
            at = skip_digits(at + 1 + has_sign, end);
    }
    s->text.at = at;
    if (at == whole_end)
        return set_integer(s, value, start, at);
    value->kind = DZR_JSON_FLOAT;
    value->as.number = dzr__json_read_double((const char *)start, (size_t)(at - start));
    return DZR_OK;
}

/* ---- strings ---- */

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    const uint8_t lower = c | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* Four digits of an escape; false when one of them is none. */
static bool read_hex4(const uint8_t *at, uint32_t *code)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
        const int digit = hex_digit(at[i]);
        if (digit < 0)
            return false;
        value = value << 4 | (uint32_t)digit;
    }
    *code = value;
    return true;
}

static bool is_high_surrogate(uint32_t code)
{
    return code >= 0xd800 && code < 0xdc00;
}

static bool is_low_surrogate(uint32_t code)
{
    return code >= 0xdc00 && code < 0xe000;
}

/* Whether n characters follow `at` with one more behind them; Python wants that one before it looks at an escape. */
static bool has_more_than(const uint8_t *at, const uint8_t *end, int n)
{
    for (; n > 0 && at < end; n--) {
        at++;
        while (at < end && (*at & 0xc0) == 0x80)
            at++;
    }
    return n == 0 && at < end;
}

/* Reads the escape whose `u` is at `u`, both of a pair, and returns the bytes taken; 0 with *bad at the `u` that does
 * not have its four digits. */
static size_t unicode_escape(const uint8_t *u, const uint8_t *end, uint32_t *code, const uint8_t **bad)
{
    *bad = u;
    if (!has_more_than(u + 1, end, 4) || !read_hex4(u + 1, code))
        return 0;
    if (!is_high_surrogate(*code) || !has_more_than(u + 5, end, 6) || u[5] != '\\' || u[6] != 'u')
        return 5;
    uint32_t low = 0;
    *bad = u + 6;
    if (!read_hex4(u + 7, &low))
        return 0;
    if (!is_low_surrogate(low))
        return 5;
    *code = 0x10000 + ((*code - 0xd800) << 10) + (low - 0xdc00);
    return 11;
}

/* What stands for the character after a backslash, 0 when nothing does. */
static uint8_t simple_escape(uint8_t c)
{
    switch (c) {
    case '"':
    case '\\':
    case '/':
        return c;
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return 0;
    }
}

/* Goes on to the next quote or backslash. */
static dzr_status scan_plain(scanner *s, const uint8_t *quote)
{
    const uint8_t *at = s->text.at;
    while (at < s->text.end && *at != '"' && *at != '\\' && *at >= 0x20)
        at++;
    s->text.at = at;
    if (at == s->text.end)
        return refuse(s, "Unterminated string starting at", quote);
    return *at < 0x20 ? refuse(s, "Invalid control character at", at) : DZR_OK;
}

/* The rest of a string with escapes in it, from the first backslash on: checked before it is copied. */
static dzr_status scan_escapes(scanner *s, const uint8_t *quote, bool *lone_surrogate)
{
    while (*s->text.at == '\\') {
        const uint8_t *const backslash = s->text.at++;
        if (at_end(s))
            return refuse(s, "Unterminated string starting at", quote);
        size_t n = 1;
        if (*s->text.at == 'u') {
            uint32_t code = 0;
            const uint8_t *bad = NULL;
            n = unicode_escape(s->text.at, s->text.end, &code, &bad);
            if (n == 0)
                return refuse(s, "Invalid \\uXXXX escape", bad);
            *lone_surrogate = *lone_surrogate || is_high_surrogate(code) || is_low_surrogate(code);
        } else if (simple_escape(*s->text.at) == 0) {
            return refuse(s, "Invalid \\escape", backslash);
        }
        s->text.at += n;
        DZR_TRY(scan_plain(s, quote));
    }
    return DZR_OK;
}

/* Copies the text from start to the closing quote at s->text.at, which scan_escapes has passed, without its escapes;
 * each is longer than what it stands for. */
static dzr_status unescape(scanner *s, const uint8_t *start, dzr_bytes *out)
{
    const uint8_t *const end = s->text.at;
    uint8_t *const copy = dzr__arena_zeroed(s->arena, (size_t)(end - start), 1, s->err);
    if (copy == NULL)
        return s->err->status;
    uint8_t *to = copy;
    for (const uint8_t *at = start; at < end;) {
        const uint8_t *const backslash = memchr(at, '\\', (size_t)(end - at));
        const size_t n_plain = (size_t)((backslash != NULL ? backslash : end) - at);
        memcpy(to, at, n_plain);
        to += n_plain;
        if (backslash == NULL)
            break;
        at = backslash + 1;
        if (*at == 'u') {
            uint32_t code = 0;
            const uint8_t *bad = NULL;
            at += unicode_escape(at, s->text.end, &code, &bad);
            to = dzr__json_put_utf8(to, code);
        } else {
            *to++ = simple_escape(*at++);
        }
    }
    *out = (dzr_bytes){copy, (size_t)(to - copy)};
    return DZR_OK;
}

static bool has_encoded_surrogate(const uint8_t *at, const uint8_t *end)
{
    for (; end - at >= 3; at++)
        if (at[0] == 0xed && at[1] >= 0xa0)
            return true;
    return false;
}

/* A string whose opening quote is at s->text.at. Without escapes it stays where it is in the text. */
static dzr_status scan_string(scanner *s, dzr_bytes *text, bool *lone_surrogate)
{
    const uint8_t *const quote = s->text.at++;
    DZR_TRY(scan_plain(s, quote));
    const uint8_t *const start = quote + 1;
    *lone_surrogate = false;
    if (*s->text.at == '"') {
        *text = (dzr_bytes){start, (size_t)(s->text.at - start)};
    } else {
        DZR_TRY(scan_escapes(s, quote, lone_surrogate));
        DZR_TRY(unescape(s, start, text));
    }
    if (s->any_surrogate && has_encoded_surrogate(start, s->text.at))
        *lone_surrogate = true;
    s->text.at++;
    return DZR_OK;
}

/* ---- arrays and objects ---- */

static dzr_json_value *new_value(scanner *s)
{
    return dzr__arena_zeroed(s->arena, 1, sizeof(dzr_json_value), s->err);
}

static dzr_status enter(scanner *s)
{
    if (s->depth_left == 0)
        return dzr_fail(s->err, DZR_ERR_LIMIT, "nested deeper than %u", s->options.depth);
    s->depth_left--;
    s->text.at++; /* the bracket */
    skip_space(s);
    return DZR_OK;
}

static void leave(scanner *s)
{
    s->depth_left++;
    s->text.at++;
}

/* After an item: *more is false when `close` is next, otherwise the comma is taken. */
static dzr_status more_items(scanner *s, char close, bool *more)
{
    skip_space(s);
    *more = !is_next(s, close);
    if (!*more)
        return DZR_OK;
    if (!is_next(s, ','))
        return refuse(s, "Expecting ',' delimiter", s->text.at);
    s->text.at++;
    skip_space(s);
    return DZR_OK;
}

static dzr_status scan_array(scanner *s, dzr_json_value *array)
{
    array->kind = DZR_JSON_ARRAY;
    DZR_TRY(enter(s));
    const dzr_json_value **link = &array->as.first;
    for (bool more = !is_next(s, ']'); more;) {
        dzr_json_value *const item = new_value(s);
        if (item == NULL)
            return s->err->status;
        DZR_TRY(scan_value(s, item));
        *link = item;
        link = &item->next;
        DZR_TRY(more_items(s, ']', &more));
    }
    leave(s);
    return DZR_OK;
}

typedef struct member_place {
    dzr_json_value *member;
    size_t place;
} member_place;

static int compare_keys(const dzr_json_value *a, const dzr_json_value *b)
{
    return dzr__bytes_order(a->key, b->key);
}

static int by_key_then_place(const void *left, const void *right)
{
    const member_place *const a = left, *const b = right;
    const int order = compare_keys(a->member, b->member);
    return order != 0 ? order : (a->place > b->place) - (a->place < b->place);
}

/* Whether a key comes twice; a guess of true where finding out would take long. */
static bool may_repeat(const dzr_json_value *first, size_t n)
{
    if (n > FEW_MEMBERS)
        return true;
    for (const dzr_json_value *a = first; a != NULL; a = a->next)
        for (const dzr_json_value *b = a->next; b != NULL; b = b->next)
            if (compare_keys(a, b) == 0)
                return true;
    return false;
}

/* Keeps the first member of each key, with the value of the last. Sorting keeps a hostile object from costing n * n. */
static dzr_status drop_repeated(scanner *s, dzr_json_value *first, size_t n)
{
    member_place *const sorted = dzr__arena_zeroed(s->arena, n, sizeof *sorted, s->err);
    if (sorted == NULL)
        return s->err->status;
    size_t place = 0;
    for (dzr_json_value *member = first; member != NULL; member = (dzr_json_value *)member->next, place++)
        sorted[place] = (member_place){member, place};
    qsort(sorted, n, sizeof *sorted, by_key_then_place);
    for (size_t i = 0, kept = 0; i < n; i++) {
        if (i == kept || compare_keys(sorted[kept].member, sorted[i].member) != 0) {
            kept = i;
            continue;
        }
        sorted[kept].member->kind = sorted[i].member->kind;
        sorted[kept].member->lone_surrogate = sorted[i].member->lone_surrogate;
        sorted[kept].member->as = sorted[i].member->as;
        sorted[i].member->key.at = NULL; /* not kept */
    }
    for (dzr_json_value *member = first; member != NULL; member = (dzr_json_value *)member->next)
        while (member->next != NULL && member->next->key.at == NULL)
            member->next = member->next->next;
    return DZR_OK;
}

/* `"key" : value` into member. */
static dzr_status scan_member(scanner *s, dzr_json_value *member)
{
    bool lone_surrogate = false; /* keys are matched and printed by their bytes, so this does not matter */
    if (!is_next(s, '"'))
        return refuse(s, "Expecting property name enclosed in double quotes", s->text.at);
    DZR_TRY(scan_string(s, &member->key, &lone_surrogate));
    skip_space(s);
    if (!is_next(s, ':'))
        return refuse(s, "Expecting ':' delimiter", s->text.at);
    s->text.at++;
    skip_space(s);
    return scan_value(s, member);
}

static dzr_status scan_object(scanner *s, dzr_json_value *object)
{
    object->kind = DZR_JSON_OBJECT;
    DZR_TRY(enter(s));
    size_t n = 0;
    dzr_json_value *first = NULL, *last = NULL;
    for (bool more = !is_next(s, '}'); more; n++) {
        dzr_json_value *const member = new_value(s);
        if (member == NULL)
            return s->err->status;
        DZR_TRY(scan_member(s, member));
        if (first == NULL)
            first = member;
        else
            last->next = member;
        last = member;
        DZR_TRY(more_items(s, '}', &more));
    }
    leave(s);
    object->as.first = first;
    return may_repeat(first, n) ? drop_repeated(s, first, n) : DZR_OK;
}

/* ---- values ---- */

typedef struct word {
    const char *text;
    size_t n_bytes;
    dzr_json_kind kind;
    double number;
} word;

static bool scan_word(scanner *s, dzr_json_value *value)
{
    static const word words[] = {
            {"null", 4, DZR_JSON_NULL, 0},
            {"true", 4, DZR_JSON_TRUE, 0},
            {"false", 5, DZR_JSON_FALSE, 0},
            {"NaN", 3, DZR_JSON_FLOAT, NAN},
            {"Infinity", 8, DZR_JSON_FLOAT, INFINITY},
            {"-Infinity", 9, DZR_JSON_FLOAT, -INFINITY},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!take_word(s, words[i].text, words[i].n_bytes))
            continue;
        value->kind = words[i].kind;
        if (value->kind == DZR_JSON_FLOAT)
            value->as.number = words[i].number;
        return true;
    }
    return false;
}

static dzr_status scan_value(scanner *s, dzr_json_value *value)
{
    if (at_end(s))
        return refuse(s, "Expecting value", s->text.at);
    switch (*s->text.at) {
    case '"':
        value->kind = DZR_JSON_STRING;
        return scan_string(s, &value->as.text, &value->lone_surrogate);
    case '{':
        return scan_object(s, value);
    case '[':
        return scan_array(s, value);
    default:
        break;
    }
    if (is_digit(s->text.at, s->text.end))
        return scan_number(s, value);
    return scan_word(s, value) ? DZR_OK : scan_number(s, value);
}

static dzr_status scan_document(scanner *s, dzr_json_value *root)
{
    skip_space(s);
    DZR_TRY(scan_value(s, root));
    skip_space(s);
    return at_end(s) ? DZR_OK : refuse(s, "Extra data", s->text.at);
}

/* ---- the public face ---- */

static dzr_status parse(dzr_bytes text, scanner *s, const dzr_json_value **out)
{
    dzr__json_text decoded;
    DZR_TRY(dzr__json_decode(text, s->arena, &decoded, s->err));
    s->text = dzr__cursor(decoded.bytes.at, decoded.bytes.len);
    s->any_surrogate = decoded.any_surrogate;
    dzr_json_value *const root = new_value(s);
    if (root == NULL)
        return s->err->status;
    DZR_TRY(scan_document(s, root));
    *out = root;
    return DZR_OK;
}

static dzr_json_doc_options with_defaults(const dzr_json_doc_options *given)
{
    dzr_json_doc_options options = given != NULL ? *given : (dzr_json_doc_options){.depth = 0};
    if (options.text_bytes == 0)
        options.text_bytes = DEFAULT_TEXT_BYTES;
    if (options.memory_bytes == 0)
        options.memory_bytes = DEFAULT_MEMORY_BYTES;
    if (options.depth == 0)
        options.depth = DEFAULT_DEPTH;
    if (options.integer_digits == 0)
        options.integer_digits = DEFAULT_DIGITS;
    return options;
}

dzr_status dzr_json_doc_open(
        dzr_bytes text, const dzr_json_doc_options *options, dzr_json_doc **out, dzr_json_fault *fault, dzr_error *err)
{
    dzr_error unwanted_err;
    dzr_json_fault unwanted_fault;
    scanner s = {.options = with_defaults(options),
            .fault = fault != NULL ? fault : &unwanted_fault,
            .err = err != NULL ? err : &unwanted_err};
    if (s.options.depth > MOST_DEPTH)
        return dzr_fail(err, DZR_ERR_ARG, "depth of %u, %d is the most", s.options.depth, MOST_DEPTH);
    if (text.len > s.options.text_bytes)
        return dzr_fail(err, DZR_ERR_LIMIT, "a text of %zu bytes, limit is %zu", text.len, s.options.text_bytes);
    dzr_json_doc *const doc = dzr_alloc_zeroed(s.options.alloc, 1, sizeof *doc, err);
    if (doc == NULL)
        return DZR_ERR_NOMEM;
    dzr__arena_init(&doc->arena, s.options.alloc, s.options.memory_bytes);
    s.arena = &doc->arena;
    s.depth_left = s.options.depth;
    const dzr_status status = parse(text, &s, &doc->root);
    if (status != DZR_OK) {
        dzr_json_doc_close(doc);
        return status;
    }
    *out = doc;
    return DZR_OK;
}

const dzr_json_value *dzr_json_doc_root(const dzr_json_doc *doc)
{
    return doc->root;
}

void dzr_json_doc_close(dzr_json_doc *doc)
{
    if (doc == NULL)
        return;
    const dzr_allocator *const alloc = doc->arena.alloc;
    dzr__arena_fini(&doc->arena);
    dzr_release(alloc, doc);
}

const dzr_json_value *dzr_json_member(const dzr_json_value *value, const char *name)
{
    if (value->kind != DZR_JSON_OBJECT)
        return NULL;
    const size_t len = strlen(name);
    for (const dzr_json_value *member = value->as.first; member != NULL; member = member->next)
        if (member->key.len == len && memcmp(member->key.at, name, len) == 0)
            return member;
    return NULL;
}
