/* userator/email_refuse.c - the checks that both parts of an address share, and the words of a refusal.
 * Called by email.c, email_split.c and email_domain.c. The words are email-validator's. */
#include <stdio.h>
#include <stdlib.h>
#include <unictype.h>
#include <uniname.h>
#include <unistr.h>

#include "email_internal.h"

enum { SHOWN_BYTES = UNINAME_MAX + 16 };

bool is_ascii(runes r)
{
    for (size_t i = 0; i < r.len; i++)
        if (r.at[i] >= 0x80)
            return false;
    return true;
}

void text_put_runes(text_buf *t, runes r)
{
    for (size_t i = 0; i < r.len; i++)
        text_put_character(t, r.at[i]);
}

text_buf *email_begin_reason(email_answer *answer)
{
    answer->out->len = answer->start;
    text_put_cstring(answer->out, answer->prefix);
    return answer->out;
}

bool email_refuse(email_answer *answer, const char *sentence)
{
    text_put_cstring(email_begin_reason(answer), sentence);
    return false;
}

bool email_refuse_length(email_answer *answer, const char *before, size_t len, size_t limit)
{
    text_buf *const reason = email_begin_reason(answer);
    const size_t excess = len - limit;
    text_put_cstring(reason, before);
    TEXT_LITERAL(reason, " (");
    text_put_int64(reason, (int64_t)excess);
    text_put_cstring(reason, excess > 1 ? " characters too many)." : " character too many).");
    return false;
}

/* ---- characters ---- */

bool is_atext(uint32_t code)
{
    return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z') || (code >= '0' && code <= '9') ||
           (code < 0x80 && code != 0 && strchr("_!#$%&'*+-/=?^`{|}~", (int)code) != NULL);
}

static bool is_general(uint32_t code, uint32_t mask)
{
    return uc_is_general_category_withtable(code, mask);
}

static bool is_visible(uint32_t code)
{
    return is_general(code, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_N | UC_CATEGORY_MASK_P | UC_CATEGORY_MASK_S);
}

/* At most SHOWN_BYTES, NUL-terminated. */
static void show(uint32_t code, char *out)
{
    if (is_visible(code)) {
        const char quote = code == '\\' || code == '\'' ? '"' : '\'';
        uint8_t bytes[6];
        const int n = u8_uctomb(bytes, code, sizeof bytes);
        snprintf(out, SHOWN_BYTES, "%c%.*s%c", quote, n > 0 ? n : 0, (const char *)bytes, quote);
    } else if (unicode_character_name(code, out) == NULL) {
        snprintf(out, SHOWN_BYTES, code < 0xffff ? "U+%04X" : "U+%08X", (unsigned)code);
    }
}

void email_put_shown(text_buf *reason, uint32_t code)
{
    char shown[SHOWN_BYTES];
    show(code, shown);
    text_put_cstring(reason, shown);
}

static int by_code(const void *left, const void *right)
{
    const uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

static int by_shown(const void *left, const void *right)
{
    char a[SHOWN_BYTES], b[SHOWN_BYTES];
    show(*(const uint32_t *)left, a);
    show(*(const uint32_t *)right, b);
    return strcmp(a, b);
}

/* `before`, the n characters of bad (at least one, in any order and number) sorted, a full stop. */
static bool refuse_characters(email_answer *answer, const char *before, uint32_t *bad, size_t n, bool sort_as_shown)
{
    qsort(bad, n, sizeof *bad, by_code);
    size_t n_kept = 1;
    for (size_t i = 1; i < n; i++)
        if (bad[i] != bad[n_kept - 1])
            bad[n_kept++] = bad[i];
    if (sort_as_shown)
        qsort(bad, n_kept, sizeof *bad, by_shown);
    text_buf *const reason = email_begin_reason(answer);
    text_put_cstring(reason, before);
    for (size_t i = 0; i < n_kept; i++) {
        text_put_cstring(reason, i == 0 ? "" : ", ");
        email_put_shown(reason, bad[i]);
    }
    TEXT_LITERAL(reason, ".");
    return false;
}

bool email_check_characters(email_answer *answer, runes r, rune_test is_allowed, const char *before)
{
    uint32_t bad[EMAIL_MAX_CHARACTERS];
    size_t n = 0;
    for (size_t i = 0; i < r.len && n < EMAIL_MAX_CHARACTERS; i++)
        if (!is_allowed(r.at[i]))
            bad[n++] = r.at[i];
    return n == 0 || refuse_characters(answer, before, bad, n, true);
}

static bool is_safe(uint32_t code, bool is_first, bool allow_space)
{
    if (code < 0x80)
        return code == ' ' ? allow_space : code > ' ' && code < 0x7f;
    return is_visible(code) || (is_general(code, UC_CATEGORY_MASK_M) && !is_first) ||
           (is_general(code, UC_CATEGORY_MASK_Zs) && allow_space);
}

bool email_check_safe(email_answer *answer, runes r, bool allow_space)
{
    uint32_t bad[EMAIL_MAX_CHARACTERS];
    size_t n = 0;
    for (size_t i = 0; i < r.len && n < EMAIL_MAX_CHARACTERS; i++)
        if (!is_safe(r.at[i], i == 0, allow_space))
            bad[n++] = r.at[i];
    return n == 0 || refuse_characters(answer, "The email address contains unsafe characters: ", bad, n, false);
}

/* ---- periods and hyphens ---- */

static bool has_pair(runes r, uint32_t first, uint32_t second)
{
    for (size_t i = 1; i < r.len; i++)
        if (r.at[i - 1] == first && r.at[i] == second)
            return true;
    return false;
}

bool email_check_dots(email_answer *answer, runes r, bool is_hostname)
{
    const uint32_t first = r.len > 0 ? r.at[0] : 0, last = r.len > 0 ? r.at[r.len - 1] : 0;
    if (last == '.')
        return email_refuse(answer, is_hostname
                                            ? "An email address cannot end with a period."
                                            : "An email address cannot have a period immediately before the @-sign.");
    if (first == '.')
        return email_refuse(answer, is_hostname ? "An email address cannot have a period immediately after the @-sign."
                                                : "An email address cannot start with a period.");
    if (has_pair(r, '.', '.'))
        return email_refuse(answer, "An email address cannot have two periods in a row.");
    if (!is_hostname)
        return true;
    if (last == '-')
        return email_refuse(answer, "An email address cannot end with a hyphen.");
    if (first == '-')
        return email_refuse(answer, "An email address cannot have a hyphen immediately after the @-sign.");
    if (has_pair(r, '.', '-') || has_pair(r, '-', '.'))
        return email_refuse(answer, "An email address cannot have a period and a hyphen next to each other.");
    return true;
}
