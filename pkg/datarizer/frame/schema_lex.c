/* frame/schema_lex.c - the words of a schema's text, and its errors with the place they are about. Called by
 * schema_parse.c. What the words are: schema_text.h. */
#include "frame/schema_lex.h"

#include <stdio.h>

enum { SHOWN = 60 /* bytes of a word in a message */ };

dzr_status dzr__schema_fail(
        const dzr__schema_lexer *lexer, size_t at, dzr_error *err, dzr_status status, const char *format, ...)
{
    char what[DZR_ERROR_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    const dzr_bytes text = lexer->text;
    int64_t line = 1;
    size_t column = 1;
    for (size_t i = 0; i < at && i < text.len; i++) {
        column = text.at[i] == '\n' ? 1 : column + ((text.at[i] & 0xc0) != 0x80);
        line += text.at[i] == '\n';
    }
    if (text.len > 0 && memchr(text.at, '\n', text.len) != NULL)
        (void)dzr_fail(err, status, "line %lld, column %zu: %s", (long long)line, column, what);
    else
        (void)dzr_fail(err, status, "column %zu: %s", column, what);
    if (err != NULL) {
        err->offset = (int64_t)at;
        err->line = line;
    }
    return status;
}

/* How many bytes of the word are shown: whole characters. */
static int shown_bytes(const dzr__schema_lexer *lexer)
{
    size_t n = DZR_MIN(lexer->at - lexer->word_at, SHOWN);
    while (n > 0 && lexer->word_at + n < lexer->text.len && (lexer->text.at[lexer->word_at + n] & 0xc0) == 0x80)
        n--;
    return (int)n;
}

dzr_status dzr__schema_unexpected(const dzr__schema_lexer *lexer, const char *what, dzr_error *err)
{
    if (lexer->word == DZR__SCHEMA_END)
        return dzr__schema_fail(
                lexer, lexer->word_at, err, DZR_ERR_SYNTAX, "expected %s, and the text ends here", what);
    return dzr__schema_fail(lexer, lexer->word_at, err, DZR_ERR_SYNTAX, "expected %s, found %s%.*s%s", what,
            lexer->word == DZR__SCHEMA_QUOTED ? "" : "\"", shown_bytes(lexer),
            (const char *)lexer->text.at + lexer->word_at, lexer->word == DZR__SCHEMA_QUOTED ? "" : "\"");
}

bool dzr__schema_is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

bool dzr__schema_is_name_start(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
}

bool dzr__schema_is_zone(uint8_t c)
{
    return (c < 0x80 && dzr__schema_is_name_start(c)) || dzr__schema_is_digit(c) || c == '/' || c == '+' || c == '-' ||
           c == ':';
}

static uint8_t peek(const dzr__schema_lexer *lexer, size_t ahead)
{
    return lexer->text.len - lexer->at > ahead ? lexer->text.at[lexer->at + ahead] : 0;
}

static void skip_space(dzr__schema_lexer *lexer)
{
    for (;; lexer->at++) {
        while (peek(lexer, 0) == '#' && lexer->at < lexer->text.len) {
            const uint8_t *const end = memchr(lexer->text.at + lexer->at, '\n', lexer->text.len - lexer->at);
            lexer->at = end != NULL ? (size_t)(end - lexer->text.at) : lexer->text.len;
        }
        const uint8_t c = peek(lexer, 0);
        if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
            return;
    }
}

/* From a quote to the next that is not doubled. */
static dzr_status take_quoted(dzr__schema_lexer *lexer, dzr_error *err)
{
    const size_t start = ++lexer->at;
    for (; peek(lexer, 0) != '"' || peek(lexer, 1) == '"'; lexer->at++) {
        if (lexer->at == lexer->text.len)
            return dzr__schema_fail(lexer, lexer->word_at, err, DZR_ERR_SYNTAX,
                    "the name in double quotes that begins here has no end");
        if (peek(lexer, 0) == 0)
            return dzr__schema_fail(lexer, lexer->at, err, DZR_ERR_SYNTAX, "a name can't have U+0000 in it");
        lexer->at += peek(lexer, 0) == '"';
    }
    char *const value = dzr__arena_zeroed(lexer->arena, lexer->at - start + 1, 1, err);
    if (value == NULL)
        return DZR_ERR_NOMEM;
    size_t n = 0;
    for (size_t i = start; i < lexer->at; i++) {
        value[n++] = (char)lexer->text.at[i];
        i += lexer->text.at[i] == '"';
    }
    lexer->at++;
    lexer->word = DZR__SCHEMA_QUOTED;
    lexer->value = value;
    return DZR_OK;
}

/* What stands between word_at and at becomes the word's value. */
static dzr_status set_value(dzr__schema_lexer *lexer, dzr__schema_word word, dzr_error *err)
{
    lexer->word = word;
    lexer->value = dzr__arena_text(lexer->arena, lexer->text.at + lexer->word_at, lexer->at - lexer->word_at, err);
    return lexer->value != NULL ? DZR_OK : DZR_ERR_NOMEM;
}

static void begin_word(dzr__schema_lexer *lexer)
{
    skip_space(lexer);
    lexer->word = DZR__SCHEMA_END;
    lexer->word_at = lexer->at;
    lexer->value = NULL;
    lexer->sign = 0;
}

dzr_status dzr__schema_next(dzr__schema_lexer *lexer, dzr_error *err)
{
    begin_word(lexer);
    if (lexer->at == lexer->text.len)
        return DZR_OK;
    const uint8_t c = peek(lexer, 0);
    if (c == '"')
        return take_quoted(lexer, err);
    if (dzr__schema_is_digit(c)) {
        while (dzr__schema_is_digit(peek(lexer, 0)))
            lexer->at++;
        if (dzr__schema_is_name_start(peek(lexer, 0)))
            return dzr__schema_fail(lexer, lexer->word_at, err, DZR_ERR_SYNTAX,
                    "a name that begins with a digit stands in double quotes");
        return set_value(lexer, DZR__SCHEMA_NUMBER, err);
    }
    if (dzr__schema_is_name_start(c)) {
        while (dzr__schema_is_name_start(peek(lexer, 0)) || dzr__schema_is_digit(peek(lexer, 0)))
            lexer->at++;
        return set_value(lexer, DZR__SCHEMA_NAME, err);
    }
    if (c == 0 || strchr("<>()[],:=.", c) == NULL)
        return dzr__schema_fail(lexer, lexer->at, err, DZR_ERR_SYNTAX,
                c > 0x20 && c < 0x7f ? "'%c' means nothing here; a name with it stands in double quotes"
                                     : "byte 0x%02x means nothing here",
                c);
    lexer->at++;
    lexer->word = DZR__SCHEMA_SIGN;
    lexer->sign = (char)c;
    return DZR_OK;
}

dzr_status dzr__schema_next_zone(dzr__schema_lexer *lexer, dzr_error *err)
{
    begin_word(lexer);
    while (dzr__schema_is_zone(peek(lexer, 0)))
        lexer->at++;
    return lexer->at > lexer->word_at ? set_value(lexer, DZR__SCHEMA_NAME, err) : dzr__schema_next(lexer, err);
}

bool dzr__schema_is(const dzr__schema_lexer *lexer, const char *name)
{
    if (lexer->word != DZR__SCHEMA_NAME || strlen(lexer->value) != strlen(name))
        return false;
    for (size_t i = 0; name[i] != '\0'; i++) {
        const char c = lexer->value[i];
        if ((c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c) != name[i])
            return false;
    }
    return true;
}
