/* userator/email.c - see email.h: unwraps `Name <address>`, checks the part before the @-sign and the lengths.
 * The split is email_split.c's, the domain email_domain.c's, the words of a refusal email_refuse.c's. */
#include "email.h"

#include <stdlib.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#include "characters.h"
#include "email_internal.h"

/* ---- `Name <address>` as Pydantic reads it, before the address is looked at ---- */

static bool is_name_character(uint32_t code)
{
    return is_atext(code) ||
           (code >= 0x80 && uc_is_general_category_withtable(code, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_N));
}

static runes trim(runes r)
{
    while (r.len > 0 && is_python_space(r.at[0]))
        r = runes_from(r, 1);
    while (r.len > 0 && is_python_space(r.at[r.len - 1]))
        r.len--;
    return r;
}

static size_t skip_space(runes r, size_t i)
{
    while (i < r.len && is_python_space(r.at[i]))
        i++;
    return i;
}

/* Whether "<" at `open` and ">" at the end of r enclose something on one line. */
static bool encloses(runes r, size_t open)
{
    if (open >= r.len || r.at[open] != '<' || r.len - open < 3)
        return false;
    for (size_t i = open + 1; i < r.len - 1; i++)
        if (r.at[i] == '\n')
            return false;
    return true;
}

/* Where the "<" is that ends a name in quotes, which reaches to the last quote that fits; r.len when there is none. */
static size_t end_of_quoted_name(runes r)
{
    for (size_t i = r.len - 1; i > 1; i--) {
        if (r.at[i] != '"')
            continue;
        const size_t open = skip_space(r, i + 1);
        if (encloses(r, open))
            return open;
    }
    return r.len;
}

/* `Name <address>`, `"Name" <address>` or `<address>` to address; anything else stays as it is. */
static runes unwrap(runes whole)
{
    const runes r = trim(whole);
    if (r.len == 0 || r.at[r.len - 1] != '>')
        return whole;
    size_t open = 0;
    if (r.at[0] == '"') {
        open = end_of_quoted_name(r);
    } else {
        while (open < r.len && (is_name_character(r.at[open]) || is_python_space(r.at[open])))
            open++;
    }
    return encloses(r, open) ? runes_part(r, open + 1, r.len - 1) : whole;
}

/* ---- the part before the @-sign ---- */

static bool is_local_character(uint32_t code)
{
    return is_atext(code) || code == '.' || code >= 0x80;
}

static bool is_quotable(uint32_t code)
{
    return code >= 0x20 && code != 0x7f;
}

/* Characters of the set, in pieces that are not empty, with periods between. */
static bool is_dot_atom(runes r)
{
    for (size_t i = 0; i < r.len; i++) {
        if (!is_local_character(r.at[i]))
            return false;
        if (r.at[i] == '.' && (i == 0 || i + 1 == r.len || r.at[i + 1] == '.'))
            return false;
    }
    return r.len > 0;
}

static bool check_local(email_answer *answer, runes local, bool is_quoted)
{
    if (local.len == 0)
        return email_refuse(answer, "There must be something before the @-sign.");
    if (local.len > LOCAL_MAX_CHARACTERS)
        return email_refuse_length(
                answer, "The email address is too long before the @-sign", local.len, LOCAL_MAX_CHARACTERS);
    if (is_dot_atom(local))
        return is_ascii(local) || email_check_safe(answer, local, false);
    if (is_quoted)
        return email_check_characters(answer, local, is_quotable,
                       "The email address contains invalid characters in quotes before the @-sign: ") &&
               email_check_safe(answer, local, true);
    return email_check_characters(answer, local, is_local_character,
                   "The email address contains invalid characters before the @-sign: ") &&
           email_check_dots(answer, local, false) &&
           email_refuse(answer, "The email address contains invalid characters before the @-sign.");
}

/* RFC 2142: names of mailboxes that mean the same in any case. */
static bool is_role(runes local)
{
    static const char *const roles[] = {"info", "marketing", "sales", "support", "abuse", "noc", "security",
            "postmaster", "hostmaster", "usenet", "news", "webmaster", "www", "uucp", "ftp"};
    for (size_t k = 0; k < sizeof roles / sizeof *roles; k++) {
        size_t i = 0;
        while (i < local.len && roles[k][i] != '\0' && (local.at[i] | 0x20) == (uint8_t)roles[k][i])
            i++;
        if (i == local.len && roles[k][i] == '\0')
            return true;
    }
    return false;
}

/* Puts a local part that has been checked, and is not quoted, in NFC and appends it. */
static bool put_normal_local(email_answer *answer, runes local)
{
    if (is_ascii(local)) {
        const bool to_lower = is_role(local);
        for (size_t i = 0; i < local.len; i++)
            text_put_character(answer->out, to_lower ? local.at[i] | 0x20 : local.at[i]);
        return true;
    }
    uint32_t room[4 * LOCAL_MAX_CHARACTERS];
    size_t n = sizeof room / sizeof *room;
    uint32_t *const normal = u32_normalize(UNINORM_NFC, local.at, local.len, room, &n);
    if (normal == NULL) {
        answer->out->failed = true;
        return false;
    }
    const runes in_nfc = {normal, n};
    bool fine = true;
    if (n != local.len || memcmp(normal, local.at, n * sizeof *normal) != 0) {
        answer->prefix = "After Unicode normalization: ";
        fine = check_local(answer, in_nfc, false);
        answer->prefix = "";
    }
    if (fine)
        text_put_runes(answer->out, in_nfc);
    if (normal != room)
        free(normal);
    return fine;
}

/* ---- lengths of the whole ---- */

static size_t utf8_bytes(runes r)
{
    size_t n = 0;
    for (size_t i = 0; i < r.len; i++)
        n += r.at[i] < 0x80 ? 1 : r.at[i] < 0x800 ? 2 : r.at[i] < 0x10000 ? 3 : 4;
    return n;
}

static size_t widest_character(runes r)
{
    size_t widest = 1;
    for (size_t i = 0; i < r.len; i++) {
        const size_t n = utf8_bytes(runes_part(r, i, i + 1));
        widest = n > widest ? n : widest;
    }
    return widest;
}

/* In characters, as far as bytes tell: two figures where characters take more than one. */
static bool refuse_original_length(email_answer *answer, const email_parts *parts, size_t n_bytes)
{
    static const char before[] = "The email address is too long";
    if (parts->local.len + 1 + parts->domain.len == n_bytes)
        return email_refuse_length(answer, before, n_bytes, EMAIL_MAX_BYTES);
    const size_t excess = n_bytes - EMAIL_MAX_BYTES;
    const size_t widest_local = widest_character(parts->local), widest_domain = widest_character(parts->domain);
    const size_t widest = widest_local > widest_domain ? widest_local : widest_domain;
    const size_t least = excess / widest > 0 ? excess / widest : 1;
    text_buf *const reason = email_begin_reason(answer);
    text_put_cstring(reason, before);
    TEXT_LITERAL(reason, " (");
    if (least != excess) {
        text_put_int64(reason, (int64_t)least);
        TEXT_LITERAL(reason, "-");
    }
    text_put_int64(reason, (int64_t)excess);
    text_put_cstring(reason, excess > 1 ? " characters too many)." : " character too many).");
    return false;
}

static bool check_form_length(email_answer *answer, size_t n_bytes, const char *form)
{
    if (n_bytes <= EMAIL_MAX_BYTES)
        return true;
    const size_t excess = n_bytes - EMAIL_MAX_BYTES;
    text_buf *const reason = email_begin_reason(answer);
    TEXT_LITERAL(reason, "The email address is too long ");
    text_put_cstring(reason, form);
    TEXT_LITERAL(reason, " (");
    text_put_int64(reason, (int64_t)excess);
    text_put_cstring(reason, excess > 1 ? " bytes too many)." : " byte too many).");
    return false;
}

/* ---- all of it ---- */

static bool put_normal_form(email_answer *answer, runes address)
{
    email_parts parts;
    if (!email_split(answer, address, &parts) || !check_local(answer, parts.local, parts.is_quoted))
        return false;
    if (parts.is_quoted)
        return email_refuse(answer, "Quoting the part before the @-sign is not allowed here.");
    text_buf *const out = answer->out;
    if (!put_normal_local(answer, parts.local))
        return false;
    TEXT_LITERAL(out, "@");
    const size_t local_bytes = out->len - answer->start;
    size_t ascii_domain_bytes = 0;
    if (!email_put_domain(answer, parts.domain, &ascii_domain_bytes))
        return false;
    const size_t original_bytes = utf8_bytes(parts.local) + 1 + utf8_bytes(parts.domain);
    if (original_bytes > EMAIL_MAX_BYTES)
        return refuse_original_length(answer, &parts, original_bytes);
    if (!check_form_length(answer, out->len - answer->start, "after normalization") ||
            !check_form_length(answer, local_bytes + ascii_domain_bytes,
                    "when the part after the @-sign is converted to IDNA ASCII"))
        return false;
    if (parts.has_angle_brackets)
        return email_refuse(
                answer, "A display name and angle brackets around the email address are not permitted here.");
    return true;
}

bool email_normalize(dzr_bytes given, text_buf *out)
{
    email_answer answer = {.out = out, .start = out->len, .prefix = ""};
    uint32_t codes[EMAIL_MAX_CHARACTERS];
    size_t n = 0;
    for (size_t i = 0; i < given.len; n++) {
        if (n == EMAIL_MAX_CHARACTERS)
            return email_refuse(&answer, "Length must not exceed 2048 characters");
        ucs4_t code = 0;
        i += (size_t)u8_mbtouc(&code, given.at + i, given.len - i);
        codes[n] = code;
    }
    return put_normal_form(&answer, trim(unwrap((runes){codes, n})));
}
