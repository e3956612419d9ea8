/* json/float.cpp - doubles and floats from scanned digits: one exact step where that is possible, libstdc++'s
 * from_chars otherwise, which needs no locale. Called by value.c; number.cpp prints. */
#include "json/internal.h"

#include <charconv>

namespace
{

/* Powers that a double, and a float, holds exactly: one multiplication or division then rounds once, as it must. */
constexpr double double_powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14,
        1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr float float_powers[] = {1e0F, 1e1F, 1e2F, 1e3F, 1e4F, 1e5F, 1e6F, 1e7F, 1e8F, 1e9F, 1e10F};

/* Whether a number that from_chars calls out of range is too large rather than too small: is it 1 or more? */
bool is_large(const dzr__json_number &number)
{
    int64_t digits = 0; /* of the mantissa */
    for (uint64_t rest = number.mantissa; rest > 0; rest /= 10)
        digits++;
    return digits + number.exponent > 0;
}

template <typename Real, size_t N>
bool make(const dzr__json_number &number, const Real (&powers)[N], uint64_t largest_exact, Real *out)
{
    if (number.exact && number.mantissa <= largest_exact) {
        const Real digits = static_cast<Real>(number.mantissa);
        const int32_t e = number.exponent;
        if (e > -static_cast<int32_t>(N) && e < static_cast<int32_t>(N)) {
            const Real value = e < 0 ? digits / powers[-e] : digits * powers[e];
            *out = number.negative ? -value : value;
            return true;
        }
    }
    const char *const text = reinterpret_cast<const char *>(number.text.at);
    Real value = 0;
    const auto read = std::from_chars(text, text + number.text.len, value);
    if (read.ec == std::errc::result_out_of_range) {
        if (is_large(number))
            return false;
        value = number.negative ? -Real{0} : Real{0};
    }
    *out = value;
    return true;
}

} // namespace

bool dzr__json_number_double(const dzr__json_number *number, double *out)
{
    return make(*number, double_powers, uint64_t{1} << 53, out);
}

bool dzr__json_number_float(const dzr__json_number *number, float *out)
{
    return make(*number, float_powers, uint64_t{1} << 24, out);
}
