/* userator/email_internal.h - what email.c, email_split.c, email_refuse.c and email_domain.c share: an address as code
 * points, its parts, and the ways to refuse one. */
#ifndef USERATOR_EMAIL_INTERNAL_H
#define USERATOR_EMAIL_INTERNAL_H

#include "email.h"

enum {
    EMAIL_MAX_BYTES = 254, /* RFC 5321 4.5.3.1.3, RFC 3696 errata 1690 */
    LOCAL_MAX_CHARACTERS = 64,
    DOMAIN_MAX_BYTES = 253, /* RFC 1035 2.3.4 */
    LABEL_MAX_BYTES = 63,
};

/* Code points that somebody else owns. */
typedef struct runes {
    const uint32_t *at;
    size_t len;
} runes;

static inline runes runes_part(runes r, size_t start, size_t end)
{
    return (runes){r.at + start, end - start};
}
static inline runes runes_from(runes r, size_t start)
{
    return runes_part(r, start, r.len);
}

bool is_ascii(runes r);
void text_put_runes(text_buf *t, runes r);

/* Where the answer goes. All functions below that return bool return false when they refuse; the reason, one sentence,
 * then stands from `start` on, and what was there before is gone. */
typedef struct email_answer {
    text_buf *out;
    size_t start;       /* out's length at first */
    const char *prefix; /* of a reason: "After Unicode normalization: " or "" */
} email_answer;

/* ---- email_split.c ---- */

/* An address in its parts, which lie in the runes it was split from, or in `unquoted`. */
typedef struct email_parts {
    bool has_angle_brackets; /* and perhaps a name before them */
    bool is_quoted;          /* the local part was; it is here without quotes and backslashes */
    runes local, domain;
    uint32_t unquoted[EMAIL_MAX_CHARACTERS];
} email_parts;

bool email_split(email_answer *answer, runes address, email_parts *out);

/* ---- email_domain.c ---- */

/* Appends the domain's normal form, which is Unicode. *ascii_bytes: the length of its A-labels (RFC 5890). */
bool email_put_domain(email_answer *answer, runes domain, size_t *ascii_bytes);

/* ---- email_refuse.c ---- */

typedef bool (*rune_test)(uint32_t code);

bool email_refuse(email_answer *answer, const char *sentence);
/* `before`, " (3 characters too many)", a full stop. */
bool email_refuse_length(email_answer *answer, const char *before, size_t len, size_t limit);
/* When a character of r fails the test: `before`, those that fail, each once and sorted by what is shown, a full stop.
 */
bool email_check_characters(email_answer *answer, runes r, rune_test is_allowed, const char *before);
/* Control, format and unassigned characters, a combining one in front, and white space unless it is allowed. */
bool email_check_safe(email_answer *answer, runes r, bool allow_space);
/* Periods, and in a host name hyphens, where none may be. */
bool email_check_dots(email_answer *answer, runes r, bool is_hostname);
/* Begins a reason that the caller goes on with. */
text_buf *email_begin_reason(email_answer *answer);
/* A character as a reason shows it: in quotes when it can be seen, otherwise its Unicode name or number. */
void email_put_shown(text_buf *reason, uint32_t code);

/* RFC 5322 3.2.3 "atext". */
bool is_atext(uint32_t code);

#endif
