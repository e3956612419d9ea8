/* cmd/common/try.h - for functions that answer a dzr_status and own nothing yet. */
#ifndef CMD_COMMON_TRY_H
#define CMD_COMMON_TRY_H

#include <datarizer/error.h>

/* Returns at once what expr answers when that is not DZR_OK. */
#define TRY(expr)                                                                                                      \
    do {                                                                                                               \
        const dzr_status try_status_ = (expr);                                                                         \
        if (try_status_ != DZR_OK)                                                                                     \
            return try_status_;                                                                                        \
    } while (0)

#endif
