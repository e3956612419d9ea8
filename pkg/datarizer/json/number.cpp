/* json/number.cpp - doubles to their shortest text and back, through libstdc++'s to_chars and from_chars.
 * Called by doc.c, doc_print.c and the writers of batches. C++ only for those two functions.
 * Spec: Python's float.__repr__ (exponent below -4 or from 16 on), Go's encoding/json floatEncoder (below -6, from 21
 * on). */
#include "json/internal.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

namespace
{

/* value is 0.DIGITS times 10 to the power of point. */
struct Decimal {
    char digits[17];
    size_t n_digits;
    int point;
};

template <typename Float> Decimal shortest(Float magnitude)
{
    char text[DZR__DOUBLE_BYTES];
    const auto printed = std::to_chars(text, text + sizeof text, magnitude, std::chars_format::scientific);
    Decimal decimal = {};
    const char *at = text;
    for (; *at != 'e'; at++)
        if (*at != '.')
            decimal.digits[decimal.n_digits++] = *at;
    at += at[1] == '+' ? 2 : 1; /* from_chars takes no plus */
    std::from_chars(at, printed.ptr, decimal.point);
    decimal.point++;
    return decimal;
}

char *put(char *out, const char *at, size_t n)
{
    std::memcpy(out, at, n);
    return out + n;
}

char *put_zeros(char *out, int n)
{
    for (; n > 0; n--)
        *out++ = '0';
    return out;
}

/* 1.5e+16: at least two digits of exponent in Python's style, as few as there are in Go's. */
char *put_exponential(char *out, const Decimal &decimal, dzr__double_style style)
{
    *out++ = decimal.digits[0];
    if (decimal.n_digits > 1) {
        *out++ = '.';
        out = put(out, decimal.digits + 1, decimal.n_digits - 1);
    }
    const int exponent = decimal.point - 1;
    const int size = exponent < 0 ? -exponent : exponent;
    *out++ = 'e';
    *out++ = exponent < 0 ? '-' : '+';
    if (size < 10 && style == DZR__DOUBLE_PYTHON)
        *out++ = '0';
    return std::to_chars(out, out + 4, size).ptr;
}

char *put_plain(char *out, const Decimal &decimal, dzr__double_style style)
{
    const int n_digits = static_cast<int>(decimal.n_digits);
    if (decimal.point <= 0) {
        out = put_zeros(put(out, "0.", 2), -decimal.point);
        return put(out, decimal.digits, decimal.n_digits);
    }
    if (decimal.point < n_digits) {
        out = put(out, decimal.digits, static_cast<size_t>(decimal.point));
        *out++ = '.';
        return put(out, decimal.digits + decimal.point, decimal.n_digits - static_cast<size_t>(decimal.point));
    }
    out = put_zeros(put(out, decimal.digits, decimal.n_digits), decimal.point - n_digits);
    return style == DZR__DOUBLE_PYTHON ? put(out, ".0", 2) : out;
}

template <typename Float> size_t print(Float value, dzr__double_style style, char *out)
{
    char *end = out;
    if (std::signbit(value))
        *end++ = '-';
    if (value == 0)
        return static_cast<size_t>(put(end, "0.0", style == DZR__DOUBLE_PYTHON ? 3 : 1) - out);
    const Decimal decimal = shortest(std::abs(value));
    const bool python = style == DZR__DOUBLE_PYTHON;
    const bool plain = decimal.point > (python ? -4 : -6) && decimal.point <= (python ? 16 : 21);
    end = plain ? put_plain(end, decimal, style) : put_exponential(end, decimal, style);
    return static_cast<size_t>(end - out);
}

} // namespace

size_t dzr__json_print_double(double value, dzr__double_style style, char *out)
{
    return print(value, style, out);
}

size_t dzr__json_print_float(float value, dzr__double_style style, char *out)
{
    return print(value, style, out);
}

double dzr__json_read_double(const char *at, size_t len)
{
    double value = 0;
    if (std::from_chars(at, at + len, value).ec != std::errc::result_out_of_range)
        return value;
    /* from_chars does not tell too large from too small: count where the first digit that is not zero stands. */
    const bool negative = at[0] == '-';
    long long point = 0;
    bool seen_digit = false, seen_dot = false;
    size_t i = negative ? 1 : 0;
    for (; i < len && at[i] != 'e' && at[i] != 'E'; i++) {
        seen_dot = seen_dot || at[i] == '.';
        seen_digit = seen_digit || (at[i] >= '1' && at[i] <= '9');
        if (at[i] != '.' && seen_digit && !seen_dot)
            point++;
        if (at[i] == '0' && !seen_digit && seen_dot)
            point--;
    }
    long long exponent = 0;
    if (i < len) {
        const bool below = at[i + 1] == '-';
        i += at[i + 1] == '-' || at[i + 1] == '+' ? 2 : 1;
        for (; i < len && exponent < (1LL << 40); i++)
            exponent = exponent * 10 + (at[i] - '0');
        exponent = below ? -exponent : exponent;
    }
    const double size = point + exponent > 0 ? std::numeric_limits<double>::infinity() : 0.0;
    return negative ? -size : size;
}
