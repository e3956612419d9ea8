/* base/internal.h - what the rooms above share of base and no program sees: TRY, cursor, checked sizes, arena, text. */
#ifndef DZR_BASE_INTERNAL_H
#define DZR_BASE_INTERNAL_H

#include <datarizer/io.h>
#include <datarizer/memory.h>

#include <string.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Returns a failing status at once: for functions that own nothing yet. */
#define DZR_TRY(expr)                                                                                                  \
    do {                                                                                                               \
        const dzr_status dzr_try_status_ = (expr);                                                                     \
        if (dzr_try_status_ != DZR_OK)                                                                                 \
            return dzr_try_status_;                                                                                    \
    } while (0)

#define DZR_MIN(a, b) ((a) < (b) ? (a) : (b))
#define DZR_MAX(a, b) ((a) > (b) ? (a) : (b))
#define DZR_LIKELY(x) __builtin_expect(!!(x), 1)
#define DZR_UNLIKELY(x) __builtin_expect(!!(x), 0)

/* As memcmp, the shorter first where one begins the other: below 0, 0, above. */
static inline int dzr__bytes_order(dzr_bytes a, dzr_bytes b)
{
    const size_t n = DZR_MIN(a.len, b.len);
    const int order = n > 0 ? memcmp(a.at, b.at, n) : 0;
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* ---- cursor: bytes from outside are read through one of these and never past `end` ---- */
typedef struct dzr_cursor {
    const uint8_t *start, *at, *end;
} dzr_cursor;

static inline dzr_cursor dzr__cursor(const uint8_t *at, size_t len)
{
    return (dzr_cursor){at, at, at + len};
}
static inline size_t dzr__cursor_left(const dzr_cursor *c)
{
    return (size_t)(c->end - c->at);
}
static inline bool dzr__cursor_has(const dzr_cursor *c, uint64_t n)
{
    return n <= (uint64_t)(c->end - c->at);
}
static inline int64_t dzr__cursor_offset(const dzr_cursor *c)
{
    return (int64_t)(c->at - c->start);
}
/* DZR_ERR_TRUNCATED (err->offset is the byte) when fewer than n bytes are left; the cursor then stays. */
DZR_MUST_CHECK dzr_status dzr__cursor_take(dzr_cursor *c, uint64_t n, const uint8_t **out, dzr_error *err);
DZR_MUST_CHECK dzr_status dzr__read_u8(dzr_cursor *c, uint8_t *out, dzr_error *err);
DZR_MUST_CHECK dzr_status dzr__read_u32le(dzr_cursor *c, uint32_t *out, dzr_error *err);
/* LEB128, 10 bytes at most. DZR_ERR_CORRUPT when it is wider than 64 bits. */
DZR_MUST_CHECK dzr_status dzr__read_uvarint(dzr_cursor *c, uint64_t *out, dzr_error *err);

/* ---- unaligned little-endian loads and stores ---- */
static inline uint32_t dzr__load_u32(const void *at)
{
    uint32_t v;
    memcpy(&v, at, sizeof v);
    return v;
}
static inline uint64_t dzr__load_u64(const void *at)
{
    uint64_t v;
    memcpy(&v, at, sizeof v);
    return v;
}
static inline void dzr__store_u32(void *at, uint32_t v)
{
    memcpy(at, &v, sizeof v);
}
static inline void dzr__store_u64(void *at, uint64_t v)
{
    memcpy(at, &v, sizeof v);
}
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "datarizer reads and writes little-endian files in place; this machine is big-endian"
#endif

/* Says that all of [at, at + n) is about to be written: the kernel then gives its pages at once, which takes two thirds
 * of what it takes page by page. */
void dzr__memory_populate(void *at, size_t n);

/* ---- arena: what lives and dies together; freed as one ---- */
typedef struct dzr_arena_block dzr_arena_block;
typedef struct dzr_arena {
    const dzr_allocator *alloc;
    dzr_arena_block *blocks; /* newest first */
    size_t used, room;       /* of the newest block's bytes */
    size_t total, max_bytes; /* DZR_ERR_LIMIT beyond max_bytes; 0 means none */
} dzr_arena;

void dzr__arena_init(dzr_arena *arena, const dzr_allocator *alloc, size_t max_bytes);
void dzr__arena_fini(dzr_arena *arena);
/* n * size bytes aligned to 16, cleared; NULL with err filled on DZR_ERR_NOMEM or DZR_ERR_LIMIT. */
void *dzr__arena_zeroed(dzr_arena *arena, size_t n, size_t size, dzr_error *err);
/* A NUL-terminated copy. */
char *dzr__arena_text(dzr_arena *arena, const void *at, size_t len, dzr_error *err);

/* ---- growing byte buffer with a ceiling; zero the struct and set alloc and max_bytes ---- */
typedef struct dzr_bytebuf {
    const dzr_allocator *alloc;
    uint8_t *at;
    size_t len, cap;
    size_t max_bytes; /* 0: none but memory */
} dzr_bytebuf;

/* Room for n more bytes after len; DZR_ERR_LIMIT over max_bytes. */
DZR_MUST_CHECK dzr_status dzr__bytebuf_reserve(dzr_bytebuf *buf, size_t n, dzr_error *err);
static inline dzr_status dzr__bytebuf_append(dzr_bytebuf *buf, const void *bytes, size_t n, dzr_error *err)
{
    if (DZR_UNLIKELY(n > buf->cap - buf->len))
        DZR_TRY(dzr__bytebuf_reserve(buf, n, err));
    if (n > 0)
        memcpy(buf->at + buf->len, bytes, n);
    buf->len += n;
    return DZR_OK;
}
void dzr__bytebuf_fini(dzr_bytebuf *buf);

/* ---- text ---- */
/* Whether the bytes are well-formed UTF-8 (no surrogates, no overlong forms, up to U+10FFFF). */
bool dzr__utf8_valid(const void *at, size_t len);
/* The same without vector instructions: for machines that have none, and to hold the other against. */
bool dzr__utf8_valid_plain(const void *at, size_t len);

/* ---- time ---- */
static inline int64_t dzr__clock_ms(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- civil time, proleptic Gregorian ---- */
/* Days since 1970-01-01 to year, month 1..12, day 1..31 and back. */
void dzr__civil_from_days(int64_t days, int64_t *year, int *month, int *day);
int64_t dzr__days_from_civil(int64_t year, int month, int day);

#ifdef __cplusplus
}
#endif
#endif
