/* json/number.cpp - doubles to their shortest text, which shortest.cpp finds, and back through libstdc++'s from_chars.
 * Called by doc.c, doc_print.c and the writers of batches.
 * Spec: Python's float.__repr__ (exponent below -4 or from 16 on), Go's encoding/json floatEncoder (below -6, from 21
 * on). */
#include "json/internal.h"

#include "json/digits.h"
#include "json/shortest.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

namespace
{

constexpr size_t most_digits = 17;

/* value is 0.DIGITS times 10 to the power of point. */
struct Printed {
    char digits[DZR__DIGITS_ROOM + most_digits]; /* any most_digits bytes from a digit on can be copied */
    int n_digits, point;
};

char *put(char *out, const char *at, size_t n)
{
    std::memcpy(out, at, n);
    return out + n;
}

/* 1.5e+16: at least two digits of exponent in Python's style, as few as there are in Go's. */
char *put_exponential(char *out, const Printed &printed, dzr__double_style style)
{
    *out++ = printed.digits[0];
    if (printed.n_digits > 1) {
        *out++ = '.';
        out = put(out, printed.digits + 1, static_cast<size_t>(printed.n_digits) - 1);
    }
    const int exponent = printed.point - 1;
    const int size = exponent < 0 ? -exponent : exponent;
    *out++ = 'e';
    *out++ = exponent < 0 ? '-' : '+';
    if (size < 10 && style == DZR__DOUBLE_PYTHON)
        *out++ = '0';
    return std::to_chars(out, out + 4, size).ptr;
}

/* Copies have one size, whatever there is: DZR__DOUBLE_BYTES has room for what is written over. */
char *put_plain(char *out, const Printed &printed, dzr__double_style style)
{
    if (printed.point <= 0) {
        put(out, "0.000000", 8);
        out += 2 - printed.point;
        put(out, printed.digits, most_digits);
        return out + printed.n_digits;
    }
    put(out, printed.digits, most_digits);
    if (printed.point < printed.n_digits) {
        out[printed.point] = '.';
        put(out + printed.point + 1, printed.digits + printed.point, most_digits - 1);
        return out + printed.n_digits + 1;
    }
    std::memset(out + printed.n_digits, '0', static_cast<size_t>(printed.point - printed.n_digits));
    out += printed.point;
    return style == DZR__DOUBLE_PYTHON ? put(out, ".0", 2) : out;
}

template <typename Float> size_t print(Float value, dzr__double_style style, char *const out)
{
    const bool python = style == DZR__DOUBLE_PYTHON;
    constexpr Float most_whole = static_cast<Float>(std::uint64_t{1} << std::numeric_limits<Float>::digits);
    const Float magnitude = std::abs(value);
    char *end = out;
    *end = '-';
    end += std::signbit(value) ? 1 : 0;
    if (magnitude < most_whole) {
        const auto whole = static_cast<std::uint64_t>(magnitude);
        if (static_cast<Float>(whole) == magnitude) {
            end = dzr__put_uint(end, whole);
            return static_cast<size_t>((python ? put(end, ".0", 2) : end) - out);
        }
    }
    const dzr_json::Decimal decimal = dzr_json::shortest(magnitude);
    Printed printed = {};
    printed.n_digits = static_cast<int>(dzr__put_uint(printed.digits, decimal.digits) - printed.digits);
    printed.point = printed.n_digits + decimal.exponent;
    const bool plain = printed.point > (python ? -4 : -6) && printed.point <= (python ? 16 : 21);
    end = plain ? put_plain(end, printed, style) : put_exponential(end, printed, style);
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
