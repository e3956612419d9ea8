/* json/go_scan.c - a walk over a JSON text that checks its grammar step by step, and where the text leaves it in the
 * words of Go's encoding/json. Called by go_decode.c and room record, which take what they want on the way.
 * Spec: RFC 8259; the contexts of a complaint are those of Go 1.24's scanner. */
#include "json/internal.h"

static bool refuse(dzr__json_go_scan *scan, const char *context)
{
    scan->context = context;
    return false;
}

static bool is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

/* Below, false means: the text ended (at is end) or the byte at `at` is refused (context says where it stands). */

bool dzr__json_go_space(dzr__json_go_scan *scan)
{
    while (scan->at < scan->end && is_space(*scan->at))
        scan->at++;
    return scan->at < scan->end;
}

static bool is_digit(const dzr__json_go_scan *scan)
{
    return scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9';
}

static void skip_digits(dzr__json_go_scan *scan)
{
    while (is_digit(scan))
        scan->at++;
}

/* At least one digit. */
static bool scan_digits(dzr__json_go_scan *scan, const char *context)
{
    if (!is_digit(scan))
        return refuse(scan, context);
    skip_digits(scan);
    return true;
}

static bool scan_number(dzr__json_go_scan *scan)
{
    if (*scan->at == '-')
        scan->at++;
    if (scan->at < scan->end && *scan->at == '0')
        scan->at++; /* a digit after it is no part of the number */
    else if (!scan_digits(scan, "in numeric literal"))
        return false;
    if (scan->at < scan->end && *scan->at == '.') {
        scan->at++;
        if (!scan_digits(scan, "after decimal point in numeric literal"))
            return false;
    }
    if (scan->at < scan->end && (*scan->at | 0x20) == 'e') {
        scan->at++;
        if (scan->at < scan->end && (*scan->at == '+' || *scan->at == '-'))
            scan->at++;
        return scan_digits(scan, "in exponent of numeric literal");
    }
    return true;
}

static bool scan_word(dzr__json_go_scan *scan, const char *word, const char *const contexts[])
{
    for (size_t i = 0; word[i] != '\0'; i++, scan->at++)
        if (scan->at == scan->end || *scan->at != (uint8_t)word[i])
            return refuse(scan, i > 0 ? contexts[i - 1] : NULL);
    return true;
}

static bool scan_escape(dzr__json_go_scan *scan)
{
    if (scan->at == scan->end)
        return refuse(scan, "in string escape code");
    const uint8_t kind = *scan->at;
    if (kind != 'u') {
        if (kind == 0 || strchr("bfnrt\\/\"", kind) == NULL)
            return refuse(scan, "in string escape code");
        scan->at++;
        return true;
    }
    scan->at++;
    for (int i = 0; i < 4; i++, scan->at++) {
        if (scan->at == scan->end)
            return refuse(scan, "in \\u hexadecimal character escape");
        const uint8_t lower = *scan->at | 0x20;
        if (!is_digit(scan) && (lower < 'a' || lower > 'f'))
            return refuse(scan, "in \\u hexadecimal character escape");
    }
    return true;
}

/* Whether one of eight bytes ends a run of plain ASCII in a string: a quote, a backslash, a control character, or one
 * of 0x80 and more. A byte that follows such a one may be said to be one too. */
static bool any_special(uint64_t eight)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
    const uint64_t quote = eight ^ ones * '"', backslash = eight ^ ones * '\\';
    return ((eight | (eight - ones * 0x20) | (quote - ones) | (backslash - ones)) & tops) != 0;
}

/* From the opening quote. */
static bool scan_string(dzr__json_go_scan *scan)
{
    scan->is_plain = true;
    for (scan->at++; scan->at < scan->end;) {
        uint64_t eight;
        if ((size_t)(scan->end - scan->at) >= sizeof eight) {
            memcpy(&eight, scan->at, sizeof eight);
            if (!any_special(eight)) {
                scan->at += sizeof eight;
                continue;
            }
        }
        const uint8_t byte = *scan->at;
        if (byte < 0x20)
            return refuse(scan, "in string literal");
        scan->at++;
        if (byte == '"')
            return true;
        scan->is_plain &= byte != '\\' && byte < 0x80;
        if (byte == '\\' && !scan_escape(scan))
            return false;
    }
    return false;
}

/* A member's name and its colon. */
static bool scan_key(dzr__json_go_scan *scan)
{
    if (!dzr__json_go_space(scan))
        return false;
    if (*scan->at != '"')
        return refuse(scan, "looking for beginning of object key string");
    const uint8_t *const quote = scan->at;
    if (!scan_string(scan))
        return false;
    scan->name = (dzr_bytes){quote, (size_t)(scan->at - quote)};
    if (!dzr__json_go_space(scan))
        return false;
    if (*scan->at != ':')
        return refuse(scan, "after object key");
    scan->at++;
    return true;
}

bool dzr__json_go_open(dzr__json_go_scan *scan, bool *more)
{
    const bool is_object = *scan->at == '{';
    scan->is_too_deep = scan->depth == DZR__JSON_GO_DEPTH;
    if (scan->is_too_deep)
        return refuse(scan, "exceeded max depth");
    scan->is_object[scan->depth++] = is_object;
    scan->at++;
    if (!dzr__json_go_space(scan))
        return false;
    *more = *scan->at != (is_object ? '}' : ']');
    if (!*more) {
        scan->at++;
        scan->depth--;
        return true;
    }
    return !is_object || scan_key(scan);
}

/* A scalar, an empty container, or the beginning of a container that has items. */
static bool begin_value(dzr__json_go_scan *scan, bool *more)
{
    static const char *const in_true[] = {
            "in literal true (expecting 'r')", "in literal true (expecting 'u')", "in literal true (expecting 'e')"};
    static const char *const in_false[] = {"in literal false (expecting 'a')", "in literal false (expecting 'l')",
            "in literal false (expecting 's')", "in literal false (expecting 'e')"};
    static const char *const in_null[] = {
            "in literal null (expecting 'u')", "in literal null (expecting 'l')", "in literal null (expecting 'l')"};
    if (!dzr__json_go_space(scan))
        return false;
    *more = false;
    switch (*scan->at) {
    case '{':
    case '[':
        return dzr__json_go_open(scan, more);
    case '"':
        return scan_string(scan);
    case 't':
        return scan_word(scan, "true", in_true);
    case 'f':
        return scan_word(scan, "false", in_false);
    case 'n':
        return scan_word(scan, "null", in_null);
    default:
        if (*scan->at != '-' && !is_digit(scan))
            return refuse(scan, "looking for beginning of value");
        return scan_number(scan);
    }
}

bool dzr__json_go_next(dzr__json_go_scan *scan, bool *more)
{
    if (!dzr__json_go_space(scan))
        return false;
    const bool is_object = scan->is_object[scan->depth - 1];
    const uint8_t byte = *scan->at;
    *more = byte == ',';
    if (*more) {
        scan->at++;
        return !is_object || scan_key(scan);
    }
    if (byte != (is_object ? '}' : ']'))
        return refuse(scan, is_object ? "after object key:value pair" : "after array element");
    scan->at++;
    scan->depth--;
    return true;
}

bool dzr__json_go_skip(dzr__json_go_scan *scan)
{
    const uint32_t outside = scan->depth;
    bool more = false;
    do {
        if (!begin_value(scan, &more))
            return false;
        while (!more && scan->depth > outside)
            if (!dzr__json_go_next(scan, &more))
                return false;
    } while (more);
    return true;
}

bool dzr__json_go_start(dzr__json_go_scan *scan, dzr_bytes text)
{
    scan->at = text.at;
    scan->end = text.at + text.len;
    scan->depth = 0;
    scan->context = NULL;
    scan->is_too_deep = false;
    return dzr__json_go_space(scan);
}

bool dzr__json_go_end(dzr__json_go_scan *scan)
{
    return !dzr__json_go_space(scan) || refuse(scan, "after top-level value");
}

dzr_status dzr__json_go_fault(const dzr__json_go_scan *scan)
{
    if (scan->at == scan->end)
        return DZR_ERR_TRUNCATED;
    return scan->is_too_deep ? DZR_ERR_LIMIT : DZR_ERR_SYNTAX;
}
