/* query/filter_lex.c - a filter's words, and its errors with the position they are about. Called by filter_parse.c. */
#include "query/filter.h"

#include <stdarg.h>
#include <stdio.h>

dzr_status dzr__filter_fail(
        const filter_lexer *lexer, size_t at, dzr_error *err, dzr_status status, const char *format, ...)
{
    char what[DZR_ERROR_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    size_t position = 1;
    for (size_t i = 0; i < at && i < lexer->text.len; i++)
        position += (lexer->text.at[i] & 0xc0) != 0x80;
    (void)dzr_fail(err, status, "position %zu: %s", position, what);
    if (err != NULL)
        err->offset = (int64_t)at;
    return status;
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_start(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
}

static uint8_t peek(const filter_lexer *lexer, size_t ahead)
{
    return lexer->text.len - lexer->at > ahead ? lexer->text.at[lexer->at + ahead] : 0;
}

static void take_digits(filter_lexer *lexer)
{
    while (is_digit(peek(lexer, 0)))
        lexer->at++;
}

static dzr_status take_number(filter_lexer *lexer, filter_token *out, dzr_error *err)
{
    take_digits(lexer);
    if (peek(lexer, 0) == '.') {
        lexer->at++;
        take_digits(lexer);
    }
    if ((peek(lexer, 0) | 0x20) == 'e') {
        const size_t sign = peek(lexer, 1) == '+' || peek(lexer, 1) == '-';
        if (is_digit(peek(lexer, 1 + sign))) {
            lexer->at += 1 + sign;
            take_digits(lexer);
        }
    }
    if (is_name_start(peek(lexer, 0)) || peek(lexer, 0) == '.')
        return dzr__filter_fail(lexer, out->at, err, DZR_ERR_SYNTAX,
                "a number goes over into a name; a name that begins with a digit stands in double quotes");
    out->word = WORD_NUMBER;
    out->value = (dzr_bytes){lexer->text.at + out->at, lexer->at - out->at};
    return DZR_OK;
}

/* From a quote to the next that is not doubled. */
static dzr_status take_quoted(filter_lexer *lexer, uint8_t quote, filter_token *out, dzr_error *err)
{
    const size_t start = ++lexer->at;
    for (; peek(lexer, 0) != quote || peek(lexer, 1) == quote; lexer->at++) {
        if (lexer->at == lexer->text.len)
            return dzr__filter_fail(lexer, out->at, err, DZR_ERR_SYNTAX, "the %s that begins here has no end",
                    quote == '\'' ? "string" : "name in double quotes");
        lexer->at += peek(lexer, 0) == quote;
    }
    uint8_t *const value = dzr__arena_zeroed(lexer->arena, lexer->at - start + 1, 1, err);
    if (value == NULL)
        return DZR_ERR_NOMEM;
    size_t n = 0;
    for (size_t i = start; i < lexer->at; i++) {
        value[n++] = lexer->text.at[i];
        i += lexer->text.at[i] == quote;
    }
    lexer->at++;
    out->word = quote == '\'' ? WORD_STRING : WORD_QUOTED;
    out->value = (dzr_bytes){value, n};
    return DZR_OK;
}

static const struct {
    char text[3];
    filter_word word;
} signs[] = {{"!=", WORD_NE}, {"<>", WORD_NE}, {"<=", WORD_LE}, {">=", WORD_GE}, {"==", WORD_EQ}, {"(", WORD_OPEN},
        {")", WORD_CLOSE}, {",", WORD_COMMA}, {".", WORD_DOT}, {"-", WORD_MINUS}, {"+", WORD_PLUS}, {"=", WORD_EQ},
        {"<", WORD_LT}, {">", WORD_GT}};

static dzr_status take_sign(filter_lexer *lexer, filter_token *out, dzr_error *err)
{
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        const size_t len = strlen(signs[i].text);
        if (lexer->text.len - lexer->at < len || memcmp(lexer->text.at + lexer->at, signs[i].text, len) != 0)
            continue;
        lexer->at += len;
        out->word = signs[i].word;
        return DZR_OK;
    }
    return dzr__filter_fail(lexer, out->at, err, DZR_ERR_SYNTAX, "\"%c\" means nothing in a filter",
            lexer->text.at[lexer->at] < 0x20 ? '?' : (char)lexer->text.at[lexer->at]);
}

dzr_status dzr__filter_next(filter_lexer *lexer, filter_token *out, dzr_error *err)
{
    while (peek(lexer, 0) != 0 && strchr(" \t\r\n", peek(lexer, 0)) != NULL)
        lexer->at++;
    *out = (filter_token){.word = WORD_END, .at = lexer->at, .end = lexer->at};
    if (lexer->at == lexer->text.len)
        return DZR_OK;
    const uint8_t c = peek(lexer, 0);
    if (c == '\'' || c == '"') {
        DZR_TRY(take_quoted(lexer, c, out, err));
    } else if (is_digit(c) || (c == '.' && is_digit(peek(lexer, 1)))) {
        DZR_TRY(take_number(lexer, out, err));
    } else if (is_name_start(c)) {
        while (is_name_start(peek(lexer, 0)) || is_digit(peek(lexer, 0)))
            lexer->at++;
        out->word = WORD_NAME;
        out->value = (dzr_bytes){lexer->text.at + out->at, lexer->at - out->at};
    } else {
        DZR_TRY(take_sign(lexer, out, err));
    }
    out->end = lexer->at;
    return DZR_OK;
}

bool dzr__filter_is(const filter_token *token, const char *keyword)
{
    if (token->word != WORD_NAME || token->value.len != strlen(keyword))
        return false;
    for (size_t i = 0; i < token->value.len; i++)
        if ((token->value.at[i] | 0x20) != keyword[i])
            return false;
    return true;
}
