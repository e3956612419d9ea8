/* json/shortest.cpp - the shortest decimal that reads back as a double or float, by the Schubfach method: the number
 * and the ends of what rounds to it are scaled by one power of ten so that at most a few whole numbers lie between, of
 * which it takes the one with a zero at its end, or else the nearest. Called by number.cpp. Numbers from 2^-120 to
 * 2^230 go this way, with powers of ten as 128 bits that the compiler works out; the rest through libstdc++'s to_chars.
 * Spec: R. Giulietti, "The Schubfach way to render doubles" (2020), section 9. */
#include "json/shortest.h"

#include "json/internal.h"

#include <charconv>
#include <cstring>

namespace
{

__extension__ typedef unsigned __int128 wide;

/* Of 10 to the power of an exponent the first 128 bits, the first of them set; rounded up where there are more. */
constexpr int least_power = -54, most_power = 55; /* 5^55 is the last that 128 bits hold */

struct Powers {
    wide of[most_power - least_power + 1];
};

constexpr int bits_of(wide value)
{
    int n = 0;
    for (; value != 0; value >>= 1)
        n++;
    return n;
}

/* 2^127 to 2^128, divided by divisor of n_bits: bit by bit, rounded up; it is no power of two. */
constexpr wide reciprocal(wide divisor, int n_bits)
{
    wide rest = static_cast<wide>(1) << (n_bits - 1), quotient = 0;
    for (int i = 0; i < 128; i++) {
        const bool carry = (rest >> 127) != 0;
        rest <<= 1;
        quotient <<= 1;
        if (carry || rest >= divisor) {
            rest -= divisor;
            quotient |= 1;
        }
    }
    return quotient + 1;
}

constexpr Powers make_powers()
{
    Powers powers = {};
    wide five = 1;
    for (int i = 0; i <= most_power; i++, five *= 5) {
        const int n_bits = bits_of(five);
        powers.of[i - least_power] = five << (128 - n_bits);
        if (i > 0 && -i >= least_power)
            powers.of[-i - least_power] = reciprocal(five, n_bits);
    }
    return powers;
}

constexpr Powers powers = make_powers();

/* The logarithms' whole parts, exact for all exponents of doubles. */
constexpr int log10_of_power_of_2(int e)
{
    return e * 1262611 >> 22;
}
constexpr int log10_of_three_quarters_of_power_of_2(int e)
{
    return (e * 1262611 - 524031) >> 22;
}
constexpr int log2_of_power_of_10(int e)
{
    return e * 1741647 >> 19;
}

/* power * scaled without its last 128 bits, the last bit set when any of those was: what rounds then rounds as the
 * exact product. The power may be one unit too large, which is seen in the bits left out only. */
std::uint64_t product(wide power, std::uint64_t scaled)
{
    const wide lower = static_cast<wide>(static_cast<std::uint64_t>(power)) * scaled;
    const wide upper = static_cast<wide>(static_cast<std::uint64_t>(power >> 64)) * scaled + (lower >> 64);
    return static_cast<std::uint64_t>(upper >> 64) | (static_cast<std::uint64_t>(upper) > 1);
}

/* The same without the last 64 bits: a float has no use for more of the power. */
std::uint32_t product(wide power, std::uint32_t scaled)
{
    const wide all = static_cast<wide>(static_cast<std::uint64_t>(power >> 64) + 1) * scaled;
    return static_cast<std::uint32_t>(all >> 64) | (static_cast<std::uint32_t>(all >> 32) > 1);
}

/* s or s + 1, or ten times s or s + 1: whichever is within (below, above), four times as fine; 0 when both are. */
template <typename Word> Word only_one(Word s, Word step, Word below, Word above)
{
    const bool down = below <= 4 * s, up = 4 * (s + step) <= above;
    return down == up ? 0 : down ? s : s + step;
}

/* The whole number for mantissa * 2^exponent, in units of 10^power. at_edge: what is below is twice as near as what is
 * above. */
template <typename Word> Word nearest_short(Word mantissa, int exponent, bool at_edge, int power)
{
    const wide scale = powers.of[-power - least_power];
    const int shift = exponent + log2_of_power_of_10(-power) + 1;
    const Word odd = mantissa & 1; /* an end rounds to the even one */
    const Word middle = 4 * mantissa;
    const Word at = product(scale, static_cast<Word>(middle << shift));
    const Word below = product(scale, static_cast<Word>((middle - (at_edge ? 1 : 2)) << shift)) + odd;
    const Word above = product(scale, static_cast<Word>((middle + 2) << shift)) - odd;
    const Word s = at / 4;
    if (s >= 10) {
        const Word shorter = only_one<Word>(s / 10 * 10, 10, below, above);
        if (shorter != 0)
            return shorter;
    }
    const Word one = only_one<Word>(s, 1, below, above);
    if (one != 0)
        return one;
    const Word half = 4 * s + 2;
    return at < half || (at == half && s % 2 == 0) ? s : s + 1;
}

dzr_json::Decimal without_zeros(std::uint64_t digits, int exponent)
{
    if (digits % 10 != 0)
        return {digits, exponent};
    static const struct {
        std::uint32_t divisor;
        int n;
    } steps[] = {{100000000, 8}, {10000, 4}, {100, 2}, {10, 1}};
    for (const auto &step : steps)
        if (digits % step.divisor == 0) {
            digits /= step.divisor;
            exponent += step.n;
        }
    return digits % 10 == 0 ? without_zeros(digits, exponent) : dzr_json::Decimal{digits, exponent};
}

template <typename Float> dzr_json::Decimal by_library(Float magnitude)
{
    char text[DZR__DOUBLE_BYTES];
    const auto printed = std::to_chars(text, text + sizeof text, magnitude, std::chars_format::scientific);
    dzr_json::Decimal decimal = {};
    const char *at = text;
    int n_digits = 0;
    for (; *at != 'e'; at++)
        if (*at != '.') {
            decimal.digits = decimal.digits * 10 + static_cast<std::uint64_t>(*at - '0');
            n_digits++;
        }
    at += at[1] == '+' ? 2 : 1; /* from_chars takes no plus */
    std::from_chars(at, printed.ptr, decimal.exponent);
    decimal.exponent -= n_digits - 1;
    return decimal;
}

template <typename Float, typename Word, int n_bits> dzr_json::Decimal shortest(Float magnitude)
{
    constexpr int bias = (1 << (8 * sizeof(Word) - n_bits - 1)) - 2 + n_bits;
    Word bits = 0;
    std::memcpy(&bits, &magnitude, sizeof bits);
    constexpr Word hidden = Word{1} << (n_bits - 1);
    const int stored = static_cast<int>(bits >> (n_bits - 1));
    const Word fraction = bits & (hidden - 1);
    const int exponent = stored - bias;
    const bool at_edge = fraction == 0;
    const int power = at_edge ? log10_of_three_quarters_of_power_of_2(exponent) : log10_of_power_of_2(exponent);
    if (stored == 0 || -power < least_power || -power > most_power)
        return by_library(magnitude);
    return without_zeros(nearest_short<Word>(fraction | hidden, exponent, at_edge, power), power);
}

} // namespace

dzr_json::Decimal dzr_json::shortest(double magnitude)
{
    return ::shortest<double, std::uint64_t, 53>(magnitude);
}

dzr_json::Decimal dzr_json::shortest(float magnitude)
{
    return ::shortest<float, std::uint32_t, 24>(magnitude);
}
