/* frame/single.c - single values of types that C has not: floats of 16 bits, and UUIDs as text.
 * Called by the rooms above and by programs. Spec: IEEE 754-2019, binary16; RFC 9562, "UUID Format". */
#include "frame/internal.h"

/* ---- binary16: a sign, 5 bits of exponent from -14 (0: no leading one), 10 bits of fraction ---- */

enum { HALF_INFINITE = 0x7c00, HALF_QUIET = 0x200, FRACTION_BITS = 52, DROPPED_BITS = FRACTION_BITS - 10 };

uint16_t dzr_half_from_double(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    const uint32_t sign = (uint32_t)(bits >> 48) & 0x8000;
    const int exponent = (int)(bits >> FRACTION_BITS & 0x7ff) - 1023;
    const uint64_t fraction = bits & ((UINT64_C(1) << FRACTION_BITS) - 1);
    if (exponent == 1024 && fraction != 0)
        return (uint16_t)(sign | HALF_INFINITE | HALF_QUIET | fraction >> DROPPED_BITS);
    if (exponent > 15)
        return (uint16_t)(sign | HALF_INFINITE);
    const int shift = DROPPED_BITS + (exponent < -14 ? -14 - exponent : 0);
    if (shift > FRACTION_BITS + 1)
        return (uint16_t)sign; /* below half of the smallest */
    const uint64_t number = fraction | UINT64_C(1) << FRACTION_BITS;
    const uint64_t rest = number & ((UINT64_C(1) << shift) - 1), middle = UINT64_C(1) << (shift - 1);
    uint64_t kept = number >> shift;
    kept += rest > middle || (rest == middle && (kept & 1) != 0);
    /* the leading one of kept, and what rounding carries, add to the exponent */
    kept += (uint64_t)(exponent < -14 ? 0 : exponent + 14) << 10;
    return (uint16_t)(sign | kept);
}

double dzr_half_to_double(uint16_t half)
{
    const uint64_t sign = (uint64_t)(half & 0x8000) << 48;
    const uint64_t exponent = half >> 10 & 0x1f, fraction = half & 0x3ff;
    if (exponent == 0) {
        const double small = (double)fraction * 0x1p-24;
        return sign != 0 ? -small : small;
    }
    const uint64_t bits = sign | (exponent == 0x1f ? UINT64_C(0x7ff) : exponent - 15 + 1023) << FRACTION_BITS |
                          (fraction << DROPPED_BITS);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* ---- UUID ---- */

/* Whether a hyphen stands before byte i. */
static bool hyphen_before(int i)
{
    return i == 4 || i == 6 || i == 8 || i == 10;
}

void dzr_uuid_print(const uint8_t uuid[DZR_UUID_BYTES], char text[DZR_UUID_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < DZR_UUID_BYTES; i++) {
        if (hyphen_before(i))
            *text++ = '-';
        *text++ = digits[uuid[i] >> 4];
        *text++ = digits[uuid[i] & 15];
    }
    *text = '\0';
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool dzr_uuid_parse(const char *text, size_t len, uint8_t out[DZR_UUID_BYTES])
{
    uint8_t uuid[DZR_UUID_BYTES];
    if (len != DZR_UUID_TEXT - 1)
        return false;
    for (int i = 0; i < DZR_UUID_BYTES; i++) {
        if (hyphen_before(i) && *text++ != '-')
            return false;
        const int high = hex_digit(text[0]), low = hex_digit(text[1]);
        if (high < 0 || low < 0)
            return false;
        uuid[i] = (uint8_t)(high << 4 | low);
        text += 2;
    }
    memcpy(out, uuid, sizeof uuid);
    return true;
}
