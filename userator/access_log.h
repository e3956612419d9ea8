/* userator/access_log.h - one line a request, written so that it costs a loop next to nothing: each loop formats into a
 * buffer of its own, and one thread carries the buffers to the file every tenth of a second, one lane after the other.
 * A file that takes no more (a full disk, a pipe nobody reads) never holds up a request: lines are dropped, and their
 * number is told. Called by main.c.
 *
 *     2026-11-24T05:48:00.123Z 127.0.0.1:40312 GET /users/?skip=50 200 5123 85us
 *
 * time of the answer (UTC), peer, method, target, status, bytes of the body, time from the request's first byte to the
 * answer. What is not printable ASCII, a space, a quote or a backslash shows as \xHH; what is empty as "-". */
#ifndef USERATOR_ACCESS_LOG_H
#define USERATOR_ACCESS_LOG_H

#include <datarizer/io.h>

typedef struct access_log access_log;
typedef struct access_log_lane access_log_lane; /* one loop's buffer */

enum {
    ACCESS_LOG_TARGET_BYTES = 512, /* of a target that are shown; "..." stands for the rest */
    ACCESS_LOG_METHOD_BYTES = 32,
};

/* path: a file to append to (made when missing), or "-" for standard error. on_notice as in db.h.
 * Errors: DZR_ERR_IO (path and the system's words), DZR_ERR_NOMEM. */
DZR_MUST_CHECK dzr_status access_log_open(const char *path, int n_lanes, void (*on_notice)(void *ctx, const char *line),
        void *ctx, access_log **out, dzr_error *err);
/* Writes what is buffered still, as far as the file takes it within half a second. Nobody writes into a lane any more.
 * NULL is allowed. */
void access_log_close(access_log *log);
access_log_lane *access_log_lane_at(access_log *log, int index);

typedef struct access_log_entry {
    const char *peer;
    dzr_bytes method, target;
    int status;
    size_t body_bytes;
    int64_t duration_us;
} access_log_entry;

/* From the lane's own thread. */
void access_log_write(access_log_lane *lane, const access_log_entry *entry);

#endif
