/* fuzz/require.h - what must hold, in a target: where it does not, the place is printed and the program stops. */
#ifndef DZR_FUZZ_REQUIRE_H
#define DZR_FUZZ_REQUIRE_H

#include <stdio.h>

#define REQUIRE(condition)                                                                                             \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: must hold: %s\n", __FILE__, __LINE__, #condition);                                 \
            __builtin_trap();                                                                                          \
        }                                                                                                              \
    } while (0)

/* The call succeeds; otherwise what `err` of the target says of it is printed. */
#define REQUIRE_OK(expr)                                                                                               \
    do {                                                                                                               \
        if ((expr) != DZR_OK) {                                                                                        \
            fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #expr, err.message);                                \
            __builtin_trap();                                                                                          \
        }                                                                                                              \
    } while (0)

#endif
