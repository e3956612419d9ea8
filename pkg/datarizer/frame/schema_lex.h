/* frame/schema_lex.h - the words of a schema's text, for schema_parse.c. */
#ifndef DZR_FRAME_SCHEMA_LEX_H
#define DZR_FRAME_SCHEMA_LEX_H

#include "frame/internal.h"

typedef enum dzr__schema_word {
    DZR__SCHEMA_END,
    DZR__SCHEMA_NAME,
    DZR__SCHEMA_QUOTED,
    DZR__SCHEMA_NUMBER,
    DZR__SCHEMA_SIGN, /* one of < > ( ) [ ] , : = . */
} dzr__schema_word;

typedef struct dzr__schema_lexer {
    dzr_bytes text;
    size_t at;        /* behind the word */
    dzr_arena *arena; /* for values */
    /* the word at hand */
    dzr__schema_word word;
    size_t word_at;
    const char *value; /* of a name without its quotes, NUL-terminated; of a number its digits; NULL: another word */
    char sign;         /* 0: another word */
} dzr__schema_lexer;

/* Takes the next word. Errors: DZR_ERR_SYNTAX, DZR_ERR_NOMEM. */
DZR_MUST_CHECK dzr_status dzr__schema_next(dzr__schema_lexer *lexer, dzr_error *err);
/* Behind the word at hand: a zone without quotes becomes the word, a name; otherwise as next. */
DZR_MUST_CHECK dzr_status dzr__schema_next_zone(dzr__schema_lexer *lexer, dzr_error *err);
/* Whether the word is this name in any case, without quotes. */
bool dzr__schema_is(const dzr__schema_lexer *lexer, const char *name);
bool dzr__schema_is_name_start(uint8_t c);
bool dzr__schema_is_digit(uint8_t c);
bool dzr__schema_is_zone(uint8_t c);
/* Fills err with the place of byte `at` and what is wrong there. Returns status. */
dzr_status dzr__schema_fail(const dzr__schema_lexer *lexer, size_t at, dzr_error *err, dzr_status status,
        const char *format, ...) DZR_PRINTF(5, 6);
/* `expected WHAT, found "x"` about the word at hand. */
dzr_status dzr__schema_unexpected(const dzr__schema_lexer *lexer, const char *what, dzr_error *err);

#endif
