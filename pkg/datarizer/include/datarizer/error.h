/* datarizer/error.h - how every call of the library answers: a status to act on, a message to read.
 * Included by every other header; stands on nothing. */
#ifndef DATARIZER_ERROR_H
#define DATARIZER_ERROR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DZR_API __attribute__((visibility("default")))
#define DZR_MUST_CHECK __attribute__((warn_unused_result))
#define DZR_PRINTF(format_at, first_at) __attribute__((format(printf, format_at, first_at)))

#ifdef __cplusplus
extern "C" {
#endif

/* name, what it says in one line */
#define DZR_STATUS_LIST(X)                                                                                             \
    X(DZR_OK, "ok")                                                                                                    \
    X(DZR_ERR_ARG, "invalid argument")                                                                                 \
    X(DZR_ERR_NOMEM, "out of memory")                                                                                  \
    X(DZR_ERR_IO, "reading or writing failed")                                                                         \
    X(DZR_ERR_NOT_FOUND, "not found")                                                                                  \
    X(DZR_ERR_EXISTS, "exists already")                                                                                \
    X(DZR_ERR_TRUNCATED, "data ends too early")                                                                        \
    X(DZR_ERR_CORRUPT, "data breaks the rules of its format")                                                          \
    X(DZR_ERR_UNSUPPORTED, "valid, but not supported")                                                                 \
    X(DZR_ERR_LIMIT, "beyond a limit")                                                                                 \
    X(DZR_ERR_SYNTAX, "text does not parse")                                                                           \
    X(DZR_ERR_TYPE, "value does not fit its type")                                                                     \
    X(DZR_ERR_NET, "no answer from the peer")                                                                          \
    X(DZR_ERR_HTTP, "the peer answered with an error")                                                                 \
    X(DZR_ERR_TIMEOUT, "ran out of time")                                                                              \
    X(DZR_ERR_CANCELLED, "cancelled")

typedef enum dzr_status {
#define DZR_STATUS_ENUM(name, text) name,
    DZR_STATUS_LIST(DZR_STATUS_ENUM)
#undef DZR_STATUS_ENUM
} dzr_status;

enum { DZR_ERROR_BYTES = 1024 };

/* What went wrong and where. The caller's, filled only when a call fails; its first content does not matter.
 * A number is -1 where it does not apply. */
typedef struct dzr_error {
    dzr_status status;
    int32_t row_group;             /* counted from 0 */
    int32_t column;                /* leaf column, counted from 0 */
    int64_t offset;                /* byte in the file or text */
    int64_t line;                  /* of a text, counted from 1 */
    int64_t record;                /* of a page or file, counted from 0 */
    char message[DZR_ERROR_BYTES]; /* one line, UTF-8, cut short at a character where it would not fit, NUL-terminated
                                    */
} dzr_error;

/* "DZR_ERR_CORRUPT" / "data breaks the rules of its format"; "unknown status" for a value outside the list. */
DZR_API const char *dzr_status_name(dzr_status status);
DZR_API const char *dzr_status_text(dzr_status status);

/* Fills err (which may be NULL) with a fresh message, every number -1, and returns status: `return dzr_fail(err, ...)`.
 */
DZR_API dzr_status dzr_fail(dzr_error *err, dzr_status status, const char *format, ...) DZR_PRINTF(3, 4);

#ifdef __clang_analyzer__ /* which can't look into it, and would think that it may return DZR_OK */
#define dzr_fail(err, status, ...) ((void)dzr_fail(err, status, __VA_ARGS__), (status))
#endif

/* Puts a place before the message that is there ("people.parquet: " + message) and returns err's status; with err NULL
 * it returns `status`. Used by callers on the way up. */
DZR_API dzr_status dzr_fail_at(dzr_error *err, dzr_status status, const char *format, ...) DZR_PRINTF(3, 4);

#ifdef __cplusplus
}
#endif
#endif
