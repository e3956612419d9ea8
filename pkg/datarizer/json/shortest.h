// json/shortest.h - the shortest decimal that reads back as a double or float. shortest.cpp has it, number.cpp prints
// it.
#ifndef DZR_JSON_SHORTEST_H
#define DZR_JSON_SHORTEST_H

#include <cstdint>

namespace dzr_json
{

// digits times 10 to the power of exponent; no zero at the end of the digits.
struct Decimal {
    std::uint64_t digits;
    int exponent;
};

// Of those that are shortest the closest; magnitude is finite and above 0.
Decimal shortest(double magnitude);
Decimal shortest(float magnitude);

} // namespace dzr_json

#endif
