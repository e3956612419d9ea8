/* userator/characters.c - see characters.h. Unicode's tables are libunistring's. */
#include "characters.h"

#include <unictype.h>
#include <unistr.h>

bool is_white_space(uint32_t code)
{
    if (code < 0x80)
        return code == ' ' || (code >= '\t' && code <= '\r');
    return uc_is_property_white_space(code);
}

bool is_python_space(uint32_t code)
{
    return is_white_space(code) || (code >= 0x1c && code <= 0x1f);
}

dzr_bytes trim_white_space(dzr_bytes text)
{
    ucs4_t code = 0;
    while (text.len > 0) {
        const int n = u8_mbtouc(&code, text.at, text.len);
        if (!is_white_space(code))
            break;
        text = (dzr_bytes){text.at + n, text.len - (size_t)n};
    }
    while (text.len > 0) {
        const uint8_t *const last = u8_prev(&code, text.at + text.len, text.at);
        if (last == NULL || !is_white_space(code))
            break;
        text.len = (size_t)(last - text.at);
    }
    return text;
}
