/* userator/access_log.c - see access_log.h. */
#include "access_log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    LANE_BYTES = 512 * 1024,
    WAKE_BYTES = LANE_BYTES / 4, /* a lane this full does not wait for its tenth of a second */
    FLUSH_MS = 100,
    LOOK_MS = 50,     /* how often a file that takes no more is asked whether the log is closing ... */
    GIVE_UP_MS = 500, /* ... which then waits no longer than this */
    LINE_BYTES = 4 * (ACCESS_LOG_TARGET_BYTES + ACCESS_LOG_METHOD_BYTES) + 256, /* the longest line */
};

struct access_log_lane {
    access_log *log;
    pthread_mutex_t mutex; /* of filling, used and n_dropped */
    char *filling, *writing;
    size_t used;
    uint64_t n_dropped;
    /* the loop's own */
    time_t second;  /* that `stamp` shows */
    char stamp[32]; /* "2026-11-24T05:48:00" */
};

struct access_log {
    int fd;
    bool owns_fd;
    const char *path;
    void (*on_notice)(void *ctx, const char *line);
    void *ctx;
    int n_lanes;
    access_log_lane *lanes;
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t mutex; /* of all below */
    pthread_cond_t wake;
    bool has_lines, is_urgent, is_closing;
    /* the thread's own */
    uint64_t n_dropped; /* and not told yet */
    time_t told;
    int write_errno;
};

/* ---- one line ---- */

static char *put_text(char *at, const char *text)
{
    const size_t len = strlen(text);
    memcpy(at, text, len);
    return at + len;
}

static char *put_number(char *at, uint64_t value)
{
    char digits[20];
    int n = 0;
    do {
        digits[n++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    while (n > 0)
        *at++ = digits[--n];
    return at;
}

static char *put_escaped(char *at, dzr_bytes bytes, size_t max_bytes)
{
    static const char hex[] = "0123456789abcdef";
    if (bytes.len == 0)
        *at++ = '-';
    for (size_t i = 0; i < bytes.len && i < max_bytes; i++) {
        const uint8_t byte = bytes.at[i];
        if (byte > ' ' && byte < 0x7f && byte != '"' && byte != '\\') {
            *at++ = (char)byte;
        } else {
            *at++ = '\\';
            *at++ = 'x';
            *at++ = hex[byte >> 4];
            *at++ = hex[byte & 15];
        }
    }
    return bytes.len > max_bytes ? put_text(at, "...") : at;
}

static char *put_time(access_log_lane *lane, char *at)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (now.tv_sec != lane->second || lane->stamp[0] == '\0') {
        struct tm parts;
        lane->second = now.tv_sec;
        gmtime_r(&now.tv_sec, &parts);
        strftime(lane->stamp, sizeof lane->stamp, "%Y-%m-%dT%H:%M:%S", &parts);
    }
    at = put_text(at, lane->stamp);
    const long ms = now.tv_nsec / 1000000;
    *at++ = '.';
    *at++ = (char)('0' + ms / 100);
    *at++ = (char)('0' + ms / 10 % 10);
    *at++ = (char)('0' + ms % 10);
    *at++ = 'Z';
    return at;
}

/* At most LINE_BYTES, the line feed among them. */
static size_t format_line(access_log_lane *lane, const access_log_entry *entry, char *line)
{
    char *at = put_time(lane, line);
    *at++ = ' ';
    at = put_escaped(at, (dzr_bytes){(const uint8_t *)entry->peer, strlen(entry->peer)}, 64);
    *at++ = ' ';
    at = put_escaped(at, entry->method, ACCESS_LOG_METHOD_BYTES);
    *at++ = ' ';
    at = put_escaped(at, entry->target, ACCESS_LOG_TARGET_BYTES);
    *at++ = ' ';
    at = put_number(at, (uint64_t)entry->status);
    *at++ = ' ';
    at = put_number(at, entry->body_bytes);
    *at++ = ' ';
    at = put_number(at, entry->duration_us > 0 ? (uint64_t)entry->duration_us : 0);
    at = put_text(at, "us\n");
    return (size_t)(at - line);
}

static void wake_writer(access_log *log, bool is_urgent)
{
    pthread_mutex_lock(&log->mutex);
    log->has_lines = true;
    log->is_urgent = log->is_urgent || is_urgent;
    pthread_mutex_unlock(&log->mutex);
    pthread_cond_signal(&log->wake);
}

void access_log_write(access_log_lane *lane, const access_log_entry *entry)
{
    pthread_mutex_lock(&lane->mutex);
    const size_t before = lane->used;
    if (before <= LANE_BYTES - LINE_BYTES)
        lane->used += format_line(lane, entry, lane->filling + before);
    else
        lane->n_dropped++;
    const bool is_urgent = before < WAKE_BYTES && lane->used >= WAKE_BYTES;
    pthread_mutex_unlock(&lane->mutex);
    if (before == 0 || is_urgent)
        wake_writer(lane->log, is_urgent);
}

/* ---- the thread that writes ---- */

static void tell(access_log *log)
{
    char line[512];
    const time_t now = time(NULL);
    if (log->n_dropped == 0 || now == log->told)
        return;
    snprintf(line, sizeof line, "%.300s: %llu lines of the access log were lost%s%s", log->path,
            (unsigned long long)log->n_dropped, log->write_errno != 0 ? ": " : "",
            log->write_errno != 0 ? strerror(log->write_errno) : "");
    log->told = now;
    log->n_dropped = 0;
    log->write_errno = 0;
    if (log->on_notice != NULL)
        log->on_notice(log->ctx, line);
}

static bool is_closing(access_log *log)
{
    pthread_mutex_lock(&log->mutex);
    const bool closing = log->is_closing;
    pthread_mutex_unlock(&log->mutex);
    return closing;
}

/* Waits until the file takes more. A pipe that nobody reads must not keep the program from ending. */
static bool wait_for_room(access_log *log)
{
    struct pollfd file = {.fd = log->fd, .events = POLLOUT};
    for (int left_ms = GIVE_UP_MS; left_ms > 0;) {
        const int n = poll(&file, 1, LOOK_MS);
        if (n > 0 || (n < 0 && errno != EINTR))
            return true; /* or an error, of which write tells */
        left_ms = is_closing(log) ? left_ms - LOOK_MS : GIVE_UP_MS;
    }
    errno = EAGAIN;
    return false;
}

/* Whole lines that a pipe with room takes at once. */
static size_t piece_of(const char *at, size_t len)
{
    if (len <= PIPE_BUF)
        return len;
    const char *const end = memrchr(at, '\n', PIPE_BUF);
    return end != NULL ? (size_t)(end - at) + 1 : PIPE_BUF;
}

static void write_out(access_log *log, const char *at, size_t len)
{
    while (len > 0) {
        const ssize_t n = wait_for_room(log) ? write(log->fd, at, piece_of(at, len)) : -1;
        if (n > 0) {
            at += n;
            len -= (size_t)n;
        } else if (n < 0 && errno != EINTR) {
            log->write_errno = errno;
            for (const char *line = at; (line = memchr(line, '\n', len - (size_t)(line - at))) != NULL; line++)
                log->n_dropped++;
            return;
        }
    }
}

static void flush_lane(access_log *log, access_log_lane *lane)
{
    pthread_mutex_lock(&lane->mutex);
    char *full = lane->filling;
    const size_t len = lane->used;
    lane->filling = lane->writing;
    lane->writing = full;
    lane->used = 0;
    log->n_dropped += lane->n_dropped;
    lane->n_dropped = 0;
    pthread_mutex_unlock(&lane->mutex);
    write_out(log, full, len);
}

/* Sleeps until there are lines, then lets more gather. Returns false when the log is closing. */
static bool wait_for_lines(access_log *log)
{
    struct timespec until;
    pthread_mutex_lock(&log->mutex);
    while (!log->has_lines && !log->is_closing)
        pthread_cond_wait(&log->wake, &log->mutex);
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += FLUSH_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    while (!log->is_urgent && !log->is_closing && pthread_cond_timedwait(&log->wake, &log->mutex, &until) == 0)
        continue;
    const bool goes_on = !log->is_closing;
    log->has_lines = log->is_urgent = false;
    pthread_mutex_unlock(&log->mutex);
    return goes_on;
}

static void *log_main(void *ctx)
{
    access_log *log = ctx;
    bool goes_on;
    do {
        goes_on = wait_for_lines(log);
        for (int i = 0; i < log->n_lanes; i++)
            flush_lane(log, &log->lanes[i]);
        tell(log);
    } while (goes_on);
    return NULL;
}

/* ---- open and close ---- */

static dzr_status open_lanes(access_log *log, int n_lanes, dzr_error *err)
{
    log->lanes = dzr_alloc_zeroed(NULL, (size_t)n_lanes, sizeof *log->lanes, err);
    if (log->lanes == NULL)
        return DZR_ERR_NOMEM;
    for (; log->n_lanes < n_lanes; log->n_lanes++) {
        access_log_lane *lane = &log->lanes[log->n_lanes];
        lane->log = log;
        lane->filling = dzr_alloc_array(NULL, LANE_BYTES, 1, err);
        lane->writing = dzr_alloc_array(NULL, LANE_BYTES, 1, err);
        if (lane->filling == NULL || lane->writing == NULL) {
            dzr_release(NULL, lane->filling);
            dzr_release(NULL, lane->writing);
            return DZR_ERR_NOMEM;
        }
        pthread_mutex_init(&lane->mutex, NULL);
    }
    return DZR_OK;
}

static dzr_status start(access_log *log, const char *path, int n_lanes, dzr_error *err)
{
    if (strcmp(path, "-") == 0) {
        log->path = "standard error";
        log->fd = STDERR_FILENO;
    } else {
        log->path = path;
        log->fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
        if (log->fd < 0)
            return dzr_fail(err, DZR_ERR_IO, "%s: %s", path, strerror(errno));
        log->owns_fd = true;
    }
    const dzr_status status = open_lanes(log, n_lanes, err);
    if (status != DZR_OK)
        return status;
    const int code = pthread_create(&log->thread, NULL, log_main, log);
    if (code != 0)
        return dzr_fail(err, DZR_ERR_NOMEM, "no thread for the access log: %s", strerror(code));
    log->has_thread = true;
    return DZR_OK;
}

dzr_status access_log_open(const char *path, int n_lanes, void (*on_notice)(void *ctx, const char *line), void *ctx,
        access_log **out, dzr_error *err)
{
    access_log *log = dzr_alloc_zeroed(NULL, 1, sizeof *log, err);
    if (log == NULL)
        return DZR_ERR_NOMEM;
    log->fd = -1;
    log->on_notice = on_notice;
    log->ctx = ctx;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&log->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&log->mutex, NULL);
    const dzr_status status = start(log, path, n_lanes, err);
    if (status == DZR_OK)
        *out = log;
    else
        access_log_close(log);
    return status;
}

void access_log_close(access_log *log)
{
    if (log == NULL)
        return;
    if (log->has_thread) {
        pthread_mutex_lock(&log->mutex);
        log->is_closing = true;
        pthread_mutex_unlock(&log->mutex);
        pthread_cond_signal(&log->wake);
        pthread_join(log->thread, NULL);
    }
    for (int i = 0; i < log->n_lanes; i++) {
        pthread_mutex_destroy(&log->lanes[i].mutex);
        dzr_release(NULL, log->lanes[i].filling);
        dzr_release(NULL, log->lanes[i].writing);
    }
    dzr_release(NULL, log->lanes);
    if (log->owns_fd)
        close(log->fd);
    pthread_mutex_destroy(&log->mutex);
    pthread_cond_destroy(&log->wake);
    dzr_release(NULL, log);
}

access_log_lane *access_log_lane_at(access_log *log, int index)
{
    return &log->lanes[index];
}
