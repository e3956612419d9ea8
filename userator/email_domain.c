/* userator/email_domain.c - the part after the @-sign: a host name, which may be international and may come as
 * Punycode. Called by email.c. ASCII names take the short way; the others are mapped as UTS 46 says, then libidn2
 * decides whether they are IDNA 2008. Spec: RFC 1035, 1123 2.1, 5890-5893, UTS 46 (non-transitional), RFC 5321 4.1.3,
 * RFC 6761. */
#include <arpa/inet.h>
#include <idn2.h>
#include <stdlib.h>
#include <unicase.h>
#include <uninorm.h>
#include <unistr.h>

#include <unictype.h>

#include "email_internal.h"

/* A domain on its way to its normal form. */
typedef struct domain_forms {
    runes given;
    uint32_t mapped[EMAIL_MAX_CHARACTERS];
    size_t n_mapped;
    text_buf ascii; /* A-labels */
    text_buf label; /* the one at work, NUL-terminated */
} domain_forms;

static runes mapped_runes(const domain_forms *d)
{
    return (runes){d->mapped, d->n_mapped};
}

static bool is_ascii_letter(uint32_t code)
{
    return (code | 0x20) >= 'a' && (code | 0x20) <= 'z';
}

static bool is_host_character(uint32_t code)
{
    return is_ascii_letter(code) || (code >= '0' && code <= '9') || code == '-' || code == '.' || code >= 0x80;
}

/* ---- [192.0.2.1], [IPv6:2001:db8::1]: valid or not, it is refused ---- */

static bool is_dotted_number(runes r)
{
    for (size_t i = 0; i < r.len; i++)
        if ((r.at[i] < '0' || r.at[i] > '9') && r.at[i] != '.')
            return false;
    return r.len > 0;
}

static bool is_literal_character(uint32_t code)
{
    return code >= 0x21 && code <= 0xfa;
}

/* Whether the code points, which may be anything, spell an address of this family. */
static bool is_ip_address(int family, runes r)
{
    char address[64];
    if (r.len >= sizeof address)
        return false;
    for (size_t i = 0; i < r.len; i++) {
        if (r.at[i] == 0 || r.at[i] >= 0x80)
            return false;
        address[i] = (char)r.at[i];
    }
    address[r.len] = '\0';
    struct in6_addr unused; /* the larger one */
    return inet_pton(family, address, &unused) == 1;
}

static bool starts_with(runes r, const char *ascii)
{
    const size_t n = strlen(ascii);
    if (r.len < n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (r.at[i] != (uint8_t)ascii[i])
            return false;
    return true;
}

static bool refuse_literal(email_answer *answer, runes literal)
{
    static const char tag[] = "IPv6:";
    bool has_colon = false;
    for (size_t i = 0; i < literal.len; i++)
        has_colon = has_colon || literal.at[i] == ':';
    if (is_dotted_number(literal)) {
        if (!is_ip_address(AF_INET, literal))
            return email_refuse(answer, "The address in brackets after the @-sign is not valid: It is not an IPv4 "
                                        "address or is missing an address literal tag.");
    } else if (starts_with(literal, tag)) {
        if (!is_ip_address(AF_INET6, runes_from(literal, sizeof tag - 1)))
            return email_refuse(answer, "The IPv6 address in brackets after the @-sign is not valid.");
    } else if (!has_colon) {
        return email_refuse(answer, "The part after the @-sign in brackets is not an IPv4 address and has no address "
                                    "literal tag.");
    } else {
        return email_check_characters(answer, literal, is_literal_character,
                       "The part after the @-sign contains invalid characters in brackets: ") &&
               email_refuse(answer, "The part after the @-sign contains an invalid address literal tag in brackets.");
    }
    return email_refuse(answer, "A bracketed IP address after the @-sign is not allowed here.");
}

/* ---- the mapping of UTS 46: lower case, compatibility forms, the other periods ---- */

static bool too_long_to_map(email_answer *answer)
{
    return email_refuse(answer, "The email address is too long after the @-sign.");
}

static bool out_of_memory(email_answer *answer)
{
    answer->out->failed = true;
    return false;
}

static bool append_mapped(email_answer *answer, domain_forms *d, const uint32_t *at, size_t n)
{
    if (n > EMAIL_MAX_CHARACTERS - d->n_mapped)
        return too_long_to_map(answer);
    memcpy(d->mapped + d->n_mapped, at, n * sizeof *at);
    d->n_mapped += n;
    return true;
}

static bool is_other_period(uint32_t code)
{
    return code == 0x3002 || code == 0xff0e || code == 0xff61;
}

/* Deviations, which non-transitional processing keeps: sharp s and final sigma. */
static bool is_kept(uint32_t code)
{
    return code == 0xdf || code == 0x3c2;
}

enum { CAPITAL_SHARP_S = 0x1e9e };

/* Variation selectors and the like, which vanish. */
static bool is_ignored(uint32_t code)
{
    return uc_is_property_default_ignorable_code_point(code) &&
           uc_is_general_category_withtable(code, UC_CATEGORY_MASK_M);
}

static bool map_character(email_answer *answer, domain_forms *d, uint32_t code)
{
    if (code < 0x80) {
        const uint32_t lower = code >= 'A' && code <= 'Z' ? code | 0x20 : code;
        return append_mapped(answer, d, &lower, 1);
    }
    if (is_other_period(code))
        return append_mapped(answer, d, &(const uint32_t){'.'}, 1);
    if (is_kept(code))
        return append_mapped(answer, d, &code, 1);
    if (code == CAPITAL_SHARP_S)
        return append_mapped(answer, d, &(const uint32_t){0xdf}, 1);
    if (is_ignored(code))
        return true;
    uint32_t room[32];
    size_t n = sizeof room / sizeof *room;
    uint32_t *const folded = u32_casefold(&code, 1, NULL, UNINORM_NFKC, room, &n);
    if (folded == NULL)
        return out_of_memory(answer);
    bool has_period = false;
    for (size_t i = 0; i < n; i++)
        has_period = has_period || folded[i] == '.';
    bool fine = !has_period;
    if (has_period) {
        text_buf *const reason = email_begin_reason(answer);
        TEXT_LITERAL(reason, "The part after the @-sign contains invalid characters: ");
        email_put_shown(reason, code);
        TEXT_LITERAL(reason, ".");
    } else {
        fine = append_mapped(answer, d, folded, n);
    }
    if (folded != room)
        free(folded);
    return fine;
}

static bool map_domain(email_answer *answer, domain_forms *d)
{
    for (size_t i = 0; i < d->given.len; i++)
        if (!map_character(answer, d, d->given.at[i]))
            return false;
    if (is_ascii(mapped_runes(d)))
        return true;
    size_t n = 0;
    uint32_t *const normal = u32_normalize(UNINORM_NFC, d->mapped, d->n_mapped, NULL, &n);
    if (normal == NULL)
        return out_of_memory(answer);
    d->n_mapped = 0;
    const bool fine = append_mapped(answer, d, normal, n);
    free(normal);
    return fine;
}

/* ---- labels ---- */

/* The label of r that begins at *start, which goes on to the next; false after the last. */
static bool next_label(runes r, size_t *start, runes *label)
{
    if (*start > r.len)
        return false;
    size_t end = *start;
    while (end < r.len && r.at[end] != '.')
        end++;
    *label = runes_part(r, *start, end);
    *start = end + 1;
    return true;
}

/* RFC 5890 2.3.1: two characters and two hyphens in front are reserved; "xn--" is the only use. */
static bool check_reserved_labels(email_answer *answer, runes r)
{
    runes label;
    for (size_t start = 0; next_label(r, &start, &label);)
        if (label.len >= 4 && label.at[2] == '-' && label.at[3] == '-' && !starts_with(label, "xn"))
            return email_refuse(answer, "An email address cannot have two letters followed by two dashes immediately "
                                        "after the @-sign or after a period, except Punycode.");
    return true;
}

static bool refuse_idna(email_answer *answer, const char *before, int code)
{
    if (code == IDN2_MALLOC)
        return out_of_memory(answer);
    text_buf *const reason = email_begin_reason(answer);
    text_put_cstring(reason, before);
    TEXT_LITERAL(reason, " (");
    text_put_cstring(reason, idn2_strerror(code));
    TEXT_LITERAL(reason, ").");
    return false;
}

static const char *label_text(domain_forms *d, runes label)
{
    text_clear(&d->label);
    text_put_runes(&d->label, label);
    text_put(&d->label, "", 1);
    return d->label.failed ? NULL : (const char *)d->label.at;
}

/* The A-label of a label that is not ASCII: registration's rules are the strict ones, which look at context too. */
static bool put_a_label(email_answer *answer, domain_forms *d, runes label)
{
    const uint8_t *const unicode = (const uint8_t *)label_text(d, label);
    if (unicode == NULL)
        return out_of_memory(answer);
    uint8_t *encoded = NULL;
    const int code = idn2_register_u8(unicode, NULL, &encoded, 0);
    if (code != IDN2_OK)
        return refuse_idna(answer, "The part after the @-sign is invalid", code);
    text_put_cstring(&d->ascii, (const char *)encoded);
    idn2_free(encoded);
    return true;
}

/* mapped to its A-labels. */
static bool encode_labels(email_answer *answer, domain_forms *d)
{
    const runes mapped = mapped_runes(d);
    runes label;
    for (size_t start = 0; next_label(mapped, &start, &label);) {
        if (d->ascii.len > 0)
            TEXT_LITERAL(&d->ascii, ".");
        if (is_ascii(label))
            text_put_runes(&d->ascii, label);
        else if (!put_a_label(answer, d, label))
            return false;
    }
    return d->ascii.failed ? out_of_memory(answer) : true;
}

static bool is_same_as_given(const domain_forms *d)
{
    if (d->given.len != d->ascii.len)
        return false;
    for (size_t i = 0; i < d->given.len; i++)
        if (d->given.at[i] != d->ascii.at[i])
            return false;
    return true;
}

static bool check_lengths(email_answer *answer, const domain_forms *d)
{
    const dzr_bytes ascii = text_bytes(&d->ascii);
    if (ascii.len > DOMAIN_MAX_BYTES && is_same_as_given(d))
        return email_refuse_length(
                answer, "The email address is too long after the @-sign", ascii.len, DOMAIN_MAX_BYTES);
    if (ascii.len > DOMAIN_MAX_BYTES) {
        text_buf *const reason = email_begin_reason(answer);
        const int64_t excess = (int64_t)ascii.len - DOMAIN_MAX_BYTES;
        TEXT_LITERAL(reason, "The email address is too long after the @-sign (");
        text_put_int64(reason, excess);
        text_put_cstring(
                reason, excess == 1 ? " byte too many after IDNA encoding)." : " bytes too many after IDNA encoding).");
        return false;
    }
    for (size_t start = 0, i = 0; i <= ascii.len; i++) {
        if (i < ascii.len && ascii.at[i] != '.')
            continue;
        if (i - start > LABEL_MAX_BYTES)
            return email_refuse_length(answer, "After the @-sign, periods cannot be separated by so many characters",
                    i - start, LABEL_MAX_BYTES);
        start = i + 1;
    }
    return true;
}

static bool is_or_ends_with(dzr_bytes domain, const char *name)
{
    const size_t n = strlen(name);
    if (domain.len < n || memcmp(domain.at + domain.len - n, name, n) != 0)
        return false;
    return domain.len == n || domain.at[domain.len - n - 1] == '.';
}

/* Whether mail could go there from anywhere. */
static bool check_deliverable(email_answer *answer, dzr_bytes ascii)
{
    static const char *const reserved[] = {"arpa", "invalid", "local", "localhost", "onion", "test"};
    if (memchr(ascii.at, '.', ascii.len) == NULL)
        return email_refuse(answer, "The part after the @-sign is not valid. It should have a period.");
    if (!is_ascii_letter(ascii.at[ascii.len - 1]))
        return email_refuse(
                answer, "The part after the @-sign is not valid. It is not within a valid top-level domain.");
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (is_or_ends_with(ascii, reserved[i]))
            return email_refuse(answer, "The part after the @-sign is a special-use or reserved name that cannot be "
                                        "used with email.");
    return true;
}

/* A label that came as an A-label, decoded; it must be what its own U-label would be encoded as. */
static bool put_u_label(email_answer *answer, domain_forms *d, runes label)
{
    static const char refused[] = "The part after the @-sign is not valid IDNA";
    const char *const ascii = label_text(d, label);
    if (ascii == NULL)
        return out_of_memory(answer);
    char *unicode = NULL;
    int code = idn2_to_unicode_8z8z(ascii, &unicode, 0);
    if (code != IDN2_OK)
        return refuse_idna(answer, refused, code);
    uint8_t *encoded = NULL; /* of no use; what counts is that it comes to the same */
    code = idn2_register_u8((const uint8_t *)unicode, (const uint8_t *)ascii, &encoded, 0);
    idn2_free(encoded);
    if (code == IDN2_OK)
        text_put_cstring(answer->out, unicode);
    idn2_free(unicode);
    return code == IDN2_OK || refuse_idna(answer, refused, code);
}

/* mapped, with A-labels decoded, behind what is in answer already. */
static bool put_unicode(email_answer *answer, domain_forms *d)
{
    runes label;
    for (size_t start = 0; next_label(mapped_runes(d), &start, &label);) {
        if (start > label.len + 1)
            TEXT_LITERAL(answer->out, ".");
        if (!starts_with(label, "xn--"))
            text_put_runes(answer->out, label);
        else if (!put_u_label(answer, d, label))
            return false;
    }
    return true;
}

/* From the mapped form on. */
static bool finish_domain(email_answer *answer, domain_forms *d, size_t *ascii_bytes)
{
    if (!encode_labels(answer, d) || !check_lengths(answer, d) || !check_deliverable(answer, text_bytes(&d->ascii)))
        return false;
    *ascii_bytes = d->ascii.len;
    return put_unicode(answer, d);
}

bool email_put_domain(email_answer *answer, runes domain, size_t *ascii_bytes)
{
    if (domain.len == 0)
        return email_refuse(answer, "There must be something after the @-sign.");
    if (domain.at[0] == '[' && domain.at[domain.len - 1] == ']')
        return refuse_literal(answer, domain.len > 1 ? runes_part(domain, 1, domain.len - 1) : domain);
    domain_forms d;
    d.given = domain;
    d.n_mapped = 0;
    if (!email_check_characters(
                answer, domain, is_host_character, "The part after the @-sign contains invalid characters: ") ||
            !email_check_safe(answer, domain, false) || !map_domain(answer, &d) ||
            !email_check_characters(answer, mapped_runes(&d), is_host_character,
                    "The part after the @-sign contains invalid characters after Unicode normalization: ") ||
            !email_check_dots(answer, mapped_runes(&d), true) || !check_reserved_labels(answer, mapped_runes(&d)))
        return false;
    if (d.n_mapped == 0)
        return email_refuse(answer, "The part after the @-sign is invalid (Empty Label).");
    text_init(&d.ascii);
    text_init(&d.label);
    const bool fine = finish_domain(answer, &d, ascii_bytes);
    text_fini(&d.ascii);
    text_fini(&d.label);
    return fine;
}
