/* net/client/words.c - the words of the client's messages: what broke, how long, how a body begins.
 * Called by client.c and room ingest. */
#include "net/client/internal.h"

#include <stdio.h>

static const char *code_words(CURLcode code)
{
    switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
        return "the proxy's name does not resolve";
    case CURLE_COULDNT_RESOLVE_HOST:
        return "the host's name does not resolve";
    case CURLE_COULDNT_CONNECT:
        return "no connection";
    case CURLE_GOT_NOTHING:
        return "the connection closed without an answer";
    case CURLE_PARTIAL_FILE:
        return "the body was cut short";
    case CURLE_SEND_ERROR:
        return "the connection broke while sending";
    case CURLE_RECV_ERROR:
        return "the connection broke while receiving";
    case CURLE_UNSUPPORTED_PROTOCOL: /* curl's status for an answer that looks like HTTP/0.9 */
    case CURLE_WEIRD_SERVER_REPLY:
        return "the answer is not HTTP";
    case CURLE_URL_MALFORMAT:
        return "the URL can't be read";
    case CURLE_PEER_FAILED_VERIFICATION:
        return "the server's certificate is not trusted";
    case CURLE_SSL_CONNECT_ERROR:
        return "the TLS handshake failed";
    case CURLE_OUT_OF_MEMORY: /* curl has no other status for a header line past its limit */
        return "out of memory, or a header line of more than 100 kB came";
    case CURLE_BAD_CONTENT_ENCODING:
        return "the body's Content-Encoding can't be undone";
    default:
        return NULL;
    }
}

void dzr__transfer_words(CURLcode code, long os_errno, const char *curl_words, char out[DZR_WORDS_BYTES])
{
    const char *const words = code_words(code);
    const bool of_system = code == CURLE_COULDNT_CONNECT || code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR;
    const bool says_why = code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CONNECT_ERROR;
    const bool not_of_system = (code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR) && os_errno == 0;
    if (words == NULL || (not_of_system && curl_words[0] != '\0'))
        (void)snprintf(out, DZR_WORDS_BYTES, "%s", curl_words[0] != '\0' ? curl_words : curl_easy_strerror(code));
    else if (of_system && os_errno != 0)
        (void)snprintf(out, DZR_WORDS_BYTES, "%s: %s", words, strerror((int)os_errno));
    else if (says_why && curl_words[0] != '\0')
        (void)snprintf(out, DZR_WORDS_BYTES, "%s: %s", words, curl_words);
    else
        (void)snprintf(out, DZR_WORDS_BYTES, "%s", words);
}

void dzr__duration_words(int64_t ms, char out[32])
{
    if (ms >= 60000 && ms % 60000 == 0)
        (void)snprintf(out, 32, "%lld min", (long long)(ms / 60000));
    else if (ms >= 1000 && ms % 1000 == 0)
        (void)snprintf(out, 32, "%lld s", (long long)(ms / 1000));
    else if (ms >= 1000)
        (void)snprintf(out, 32, "%.1f s", (double)ms / 1000);
    else
        (void)snprintf(out, 32, "%lld ms", (long long)ms);
}

/* How many bytes the well-formed character at `at` takes, 0 when it is none or a control character. */
static size_t character_bytes(const uint8_t *at, size_t left)
{
    if (at[0] < 0x80)
        return at[0] >= 0x20 && at[0] != 0x7f ? 1 : 0;
    for (size_t n = 2; n <= 4 && n <= left; n++)
        if (dzr__utf8_valid(at, n))
            return at[0] == 0xC2 && at[1] < 0xA0 ? 0 : n; /* U+0080 .. U+009F steer terminals too */
    return 0;
}

void dzr__body_excerpt(dzr_bytes body, char out[DZR_EXCERPT_BYTES])
{
    static const char dots[] = "...";
    const size_t room = DZR_EXCERPT_BYTES - sizeof dots;
    size_t len = 0;
    size_t i = 0;
    while (i < body.len) {
        const size_t n = character_bytes(body.at + i, body.len - i);
        if (len + DZR_MAX(n, (size_t)1) > room)
            break;
        if (n == 0)
            out[len++] = body.at[i] == '\n' || body.at[i] == '\t' || body.at[i] == '\r' ? ' ' : '?';
        else
            memcpy(out + len, body.at + i, n);
        len += n;
        i += DZR_MAX(n, (size_t)1);
    }
    if (i < body.len) {
        memcpy(out + len, dots, sizeof dots - 1);
        len += sizeof dots - 1;
    }
    out[len] = '\0';
}
