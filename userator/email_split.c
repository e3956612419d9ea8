/* userator/email_split.c - cuts an address into the name before it, the part before the @-sign and the domain.
 * Called by email.c with what is left once a plain `Name <address>` has been unwrapped, so angle brackets seen here
 * belong to something unusual, and are refused in the end. Spec: RFC 5322 3.4, as email-validator 2.2.0 reads it. */
#include <stdlib.h>
#include <uninorm.h>

#include "characters.h"
#include "email_internal.h"

/* Whether the character at i merges with what follows into another, as "<" and U+0338 do: then it is no punctuation. */
static bool merges(runes r, size_t i)
{
    enum {
        FIRST_MARK = 0x300,
        LONGEST_LOOK = 32
    }; /* below U+0300 nothing combines; UAX 15 takes 30 marks as the most */
    size_t end = i + 1;
    while (end < r.len && r.at[end] >= FIRST_MARK && end - i < LONGEST_LOOK)
        end++;
    if (end == i + 1 && r.at[i] < FIRST_MARK)
        return false;
    uint32_t room[4 * LONGEST_LOOK];
    size_t n = sizeof room / sizeof *room;
    uint32_t *const normal = u32_normalize(UNINORM_NFC, r.at + i, end - i, room, &n);
    const bool changed = normal != NULL && n > 0 && normal[0] != r.at[i];
    if (normal != room)
        free(normal);
    return changed;
}

/* Index of the first @-sign, or with angle also "<", outside of quotes; r.len when there is none. */
static size_t find_special(runes r, bool angle)
{
    bool inside_quotes = false, escaped = false;
    for (size_t i = 0; i < r.len; i++) {
        const uint32_t c = r.at[i];
        const bool is_special = c == '@' || (angle && c == '<');
        if (!inside_quotes && c != '"' && !is_special)
            continue;
        if ((is_special || c == '"' || c == '\\' || escaped) && merges(r, i))
            continue;
        if (!inside_quotes) {
            if (is_special)
                return i;
            inside_quotes = true;
        } else if (c == '"' && !escaped) {
            inside_quotes = false;
        } else {
            escaped = c == '\\' && !escaped;
        }
    }
    return r.len;
}

/* Takes quotes and backslashes off text that begins with a quote; other text stays as it is. room has text.len. */
static bool unquote(email_answer *answer, runes in, uint32_t *room, runes *out, bool *is_quoted)
{
    *is_quoted = in.len > 0 && in.at[0] == '"';
    *out = in;
    if (!*is_quoted)
        return true;
    size_t n = 0;
    bool escaped = false;
    for (size_t i = 1; i < in.len; i++) {
        const uint32_t c = in.at[i];
        if (c == '"' && !escaped) {
            if (i + 1 == in.len)
                break;
            text_buf *const reason = email_begin_reason(answer);
            TEXT_LITERAL(reason, "Extra character(s) found after close quote: ");
            for (size_t k = i + 1; k < in.len; k++) {
                text_put_cstring(reason, k == i + 1 ? "" : ", ");
                email_put_shown(reason, in.at[k]);
            }
            return false;
        }
        escaped = c == '\\' && !escaped;
        if (!escaped)
            room[n++] = c;
    }
    *out = (runes){room, n};
    return true;
}

static bool is_allowed_in_name(uint32_t code)
{
    return is_atext(code) || code == ' ';
}

static bool check_name(email_answer *answer, runes name, uint32_t *room)
{
    while (name.len > 0 && is_python_space(name.at[name.len - 1]))
        name.len--;
    bool is_quoted = false;
    if (!unquote(answer, name, room, &name, &is_quoted))
        return false;
    if (!is_quoted && !email_check_characters(answer, name, is_allowed_in_name,
                              "The display name contains invalid characters when not quoted: "))
        return false;
    return email_check_safe(answer, name, true);
}

/* From "<" on, to what is between the angle brackets. */
static bool take_brackets_off(email_answer *answer, runes *address)
{
    runes r = *address;
    bool closed = false;
    for (size_t i = 0; i < r.len; i++)
        closed = closed || r.at[i] == '>';
    if (!closed)
        return email_refuse(answer, "An open angle bracket at the start of the email address has to be followed by a "
                                    "close angle bracket at the end.");
    while (r.at[r.len - 1] == ' ')
        r.len--;
    if (r.at[r.len - 1] != '>')
        return email_refuse(answer, "There can't be anything after the email address.");
    r = runes_from(r, 1);
    while (r.len > 0 && r.at[r.len - 1] == '>')
        r.len--;
    *address = r;
    return true;
}

bool email_split(email_answer *answer, runes address, email_parts *out)
{
    static const char no_at_sign[] = "An email address must have an @-sign.";
    size_t special = find_special(address, true);
    if (special == address.len)
        return email_refuse(answer, no_at_sign);
    out->has_angle_brackets = address.at[special] == '<';
    if (out->has_angle_brackets) {
        if (!check_name(answer, runes_part(address, 0, special), out->unquoted))
            return false;
        address = runes_from(address, special);
        if (!take_brackets_off(answer, &address))
            return false;
        special = find_special(address, false);
        if (special == address.len)
            return email_refuse(answer, no_at_sign);
    }
    out->domain = runes_from(address, special + 1);
    return unquote(answer, runes_part(address, 0, special), out->unquoted, &out->local, &out->is_quoted);
}
