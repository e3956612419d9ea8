/* userator/email.h - whether a text is an e-mail address, and its normal form.
 * Called by validate.c. Spec: what Pydantic 2.11's EmailStr makes of email-validator 2.2.0 without looking at DNS:
 * RFC 5321, 5322, 6531, 6532 (syntax), 5891 and UTS 46 (domains), 2142 (mailbox names). */
#ifndef USERATOR_EMAIL_H
#define USERATOR_EMAIL_H

#include "text.h"

enum { EMAIL_MAX_CHARACTERS = 2048 };

/* given is UTF-8: an address, or one with a name before it and angle brackets around it.
 * true: the normal form of the address was appended to out. false: the reason was, one sentence for the user.
 * When memory ran out out->failed is set and neither means anything. */
bool email_normalize(dzr_bytes given, text_buf *out);

#endif
