/* parquet/codec/snappy_read.c - decompresses a Snappy block. Called by codec.c with one page.
 * libsnappy waits, for each copy from close by, until what it wrote just before can be loaded again: columns of
 * integers are made of such copies. In `near_by` the last eight bytes made stay in a register, `last`, and a copy that
 * reaches back no further than those is made of it without touching memory. Text has hardly any such copies, but many
 * short ones from all over, among literals, in an order that nobody can foretell: `far_off` does the same for each,
 * without a branch that depends on what it is. The two take turns by what they meet, while both ends are further away
 * than what they read and write at once; `one` does the rest, tag by tag, and is their plain twin.
 * Spec: google/snappy format_description.txt. */
#include "parquet/codec/snappy_read.h"

#include <inttypes.h>

enum {
    LITERAL = 0,        /* the low two bits of a tag */
    NEAR_COPY = 1,      /* length 4..11, offset of 11 bits */
    MIDDLE_COPY = 2,    /* length 1..64, offset of 16 bits; 3: of 32 */
    LITERAL_SHORT = 60, /* up to here the tag holds the length; 61..64: in 1..4 bytes after it */
    FAST_IN = 24,       /* bytes that near_by may read from one tag on: 5 of it, 16 of a literal */
    FAST_OUT = 80,      /* bytes that it may write: a copy of 64 in steps of 16 */
    WINDOW = 64,        /* bytes that far_off may take or make by one tag */
    N_LOOKED_AT = 256,  /* tags that it does before it asks whether it is the right one */
    TURN = 32 << 10,    /* bytes that near_by makes before far_off is tried again */
};

typedef struct block {
    const uint8_t *in, *in_end;
    uint8_t *out, *out_start, *out_end;
    const char *fault; /* what is wrong */
} block;

/* The last eight bytes of `last` followed by the first n (0..7) of `next`. */
static inline uint64_t follow(uint64_t last, uint64_t next, uint64_t n)
{
    /* two shifts: one by 64 is not defined */
    return last >> (8 * n) | next << 1 << (63 - 8 * n);
}

/* The last eight bytes once the n at `at` have joined `last`. The compiler makes moves of the conditions: no predictor
 * could learn them. */
static inline uint64_t join(uint64_t last, const uint8_t *at, uint64_t n)
{
    const bool few = n < 8;
    const uint64_t v = dzr__load_u64(few ? at : at + n - 8);
    const uint64_t with = follow(last, v, n & 7);
    return few ? with : v;
}

static inline uint64_t rotate(uint64_t v, uint64_t n_bytes)
{
    return v >> (8 * (n_bytes & 7)) | v << (-(8 * n_bytes) & 63);
}

static inline void copy16(uint8_t *to, const uint8_t *from)
{
    uint8_t both[16];
    memcpy(both, from, 16);
    memcpy(to, both, 16);
}

/* `offset` (1..8) bytes at the end of last, repeated to fill eight. */
static inline uint64_t repeat(uint64_t last, uint64_t offset)
{
    static const uint64_t times[9] = {0, 0x0101010101010101, 0x0001000100010001, 0x0001000001000001, 0x0000000100000001,
            0x0000010000000001, 0x0001000000000001, 0x0100000000000001, 1};
    return (last >> (64 - 8 * offset)) * times[offset];
}

/* Repeats the `offset` (1..8) bytes at the end of last over n (1..64) bytes; the new last. Writes up to 71 bytes. */
static inline uint64_t copy_near(uint8_t *out, uint64_t last, uint64_t offset, uint64_t n)
{
    const uint64_t pattern = repeat(last, offset);
    dzr__store_u64(out, pattern);
    if (DZR_LIKELY((offset & (offset - 1)) == 0)) { /* then eight bytes later all is the same */
        for (uint64_t i = 8; i < n; i += 8)
            dzr__store_u64(out + i, pattern);
        return n < 8 ? follow(last, pattern, n) : rotate(pattern, n);
    }
    if (n < 8)
        return follow(last, pattern, n);
    const uint64_t step = offset == 3 ? 6 : offset;
    for (uint64_t i = step; i < n; i += step)
        dzr__store_u64(out + i, pattern);
    return dzr__load_u64(out + n - 8);
}

/* n (1..64) bytes from offset (over 8) back; the new last. Writes up to 79 bytes. */
static inline uint64_t copy_far(uint8_t *out, uint64_t last, uint64_t offset, uint64_t n)
{
    const uint8_t *const from = out - offset;
    if (DZR_LIKELY(offset >= 16)) {
        copy16(out, from);
        for (uint64_t i = 16; i < n; i += 16)
            copy16(out + i, from + i);
    } else
        for (uint64_t i = 0; i < n; i += 8)
            dzr__store_u64(out + i, dzr__load_u64(from + i));
    return n < 8 ? follow(last, dzr__load_u64(from), n) : dzr__load_u64(from + n - 8);
}

/* What the tag of a copy and the bytes after it say; the bytes of offset after it. */
static inline uint64_t read_copy(const uint8_t *in, uint64_t tag, uint64_t *n, uint64_t *offset)
{
    *n = (tag >> 2) + 1;
    switch (tag & 3) {
    case NEAR_COPY:
        *n = (tag >> 2 & 7) + 4;
        *offset = *in | (tag >> 5) << 8;
        return 1;
    case MIDDLE_COPY:
        *offset = dzr__load_u32(in) & 0xffff;
        return 2;
    default:
        *offset = dzr__load_u32(in);
        return 4;
    }
}

static bool fail(block *b, const char *fault)
{
    b->fault = fault;
    return false;
}

/* A literal of n bytes at in, if they are all there. */
static inline bool long_literal(block *b, const uint8_t **in, uint8_t **out, uint64_t n)
{
    if (n > (uint64_t)(b->in_end - *in) || n > (uint64_t)(b->out_end - *out))
        return fail(b, "a literal reaches past the end");
    memcpy(*out, *in, n);
    *in += n;
    *out += n;
    return true;
}

/* The length of a literal whose tag has n - 1 in it, or says how many bytes after it do; those it goes past. */
static inline uint64_t literal_length(const uint8_t **in, uint64_t n)
{
    if (n <= LITERAL_SHORT)
        return n;
    const uint64_t n_extra = n - LITERAL_SHORT;
    n = (dzr__load_u32(*in) & (0xffffffff >> (32 - 8 * n_extra))) + (uint64_t)1;
    *in += n_extra;
    return n;
}

/* Goes on while both ends are far, for a turn, and leaves b before a tag. */
static bool near_by(block *b)
{
    const uint8_t *in = b->in;
    uint8_t *out = b->out;
    const uint8_t *const in_stop = b->in_end - FAST_IN;
    uint8_t *const out_stop = b->out_end - out > TURN + FAST_OUT ? out + TURN : b->out_end - FAST_OUT;
    const size_t n_before = (size_t)DZR_MIN(out - b->out_start, 8);
    uint64_t last = 0;
    memcpy((uint8_t *)&last + 8 - n_before, out - n_before, n_before);
    bool ok = true;
    while (in <= in_stop && out <= out_stop) {
        const uint64_t tag = *in++;
        if ((tag & 3) == LITERAL) {
            uint64_t n = (tag >> 2) + 1;
            if (DZR_LIKELY(n <= 16)) {
                copy16(out, in);
                last = join(last, in, n);
                in += n;
                out += n;
                continue;
            }
            n = literal_length(&in, n);
            ok = long_literal(b, &in, &out, n);
            if (!ok)
                break;
            last = n < 8 ? follow(last, dzr__load_u64(in - n), n) : dzr__load_u64(out - 8);
            continue;
        }
        uint64_t n, offset;
        in += read_copy(in, tag, &n, &offset);
        if (DZR_UNLIKELY(offset - 1 >= (uint64_t)(out - b->out_start))) { /* 0 wraps */
            ok = fail(b, "a copy from before the start");
            break;
        }
        last = offset <= 8 ? copy_near(out, last, offset, n) : copy_far(out, last, offset, n);
        out += n;
    }
    b->in = in;
    b->out = out;
    return ok;
}

/* The tag at hand, byte by byte: up to the very ends, and whatever it is. */
static bool one(block *b)
{
    const uint64_t tag = *b->in++;
    const uint64_t left = (uint64_t)(b->in_end - b->in);
    uint8_t ahead[4] = {0};
    memcpy(ahead, b->in, DZR_MIN(left, sizeof ahead));
    uint64_t n = (tag >> 2) + 1, n_extra = 0, offset = 0;
    if ((tag & 3) == LITERAL) {
        if (n > LITERAL_SHORT) {
            n_extra = n - LITERAL_SHORT;
            n = (dzr__load_u32(ahead) & (0xffffffff >> (32 - 8 * n_extra))) + (uint64_t)1;
        }
        if (n_extra > left || n > left - n_extra)
            return fail(b, "a literal reaches past the end");
    } else {
        n_extra = read_copy(ahead, tag, &n, &offset);
        if (n_extra > left)
            return fail(b, "it ends inside a copy");
        if (offset - 1 >= (uint64_t)(b->out - b->out_start))
            return fail(b, "a copy from before the start");
    }
    if (n > (uint64_t)(b->out_end - b->out))
        return fail(b, "it makes more than it says");
    b->in += n_extra;
    if ((tag & 3) == LITERAL) {
        memcpy(b->out, b->in, n);
        b->in += n;
    } else {
        const uint8_t *const from = b->out - offset;
        for (uint64_t i = 0; i < n; i++) /* they may overlap */
            b->out[i] = from[i];
    }
    b->out += n;
    return true;
}

/* What a tag says: from bit 0 its length, from 8 how far behind it the next tag is, from 16 what to add to the offset,
 * and from 32 which of the bytes behind it that is. A literal gets an offset that is always good; one whose length
 * follows, and a copy with an offset of 32 bits, get 0, which never is. */
#define SAYS(n, step, more, mask) ((n) | (uint64_t)(step) << 8 | (uint64_t)(more) << 16 | (uint64_t)(mask) << 32)
#define SAYS_LITERAL(n) ((n) <= LITERAL_SHORT ? SAYS(n, n, WINDOW, 0) : 0)
#define SAYS_COPY(tag)                                                                                                 \
    (((tag)&3) == NEAR_COPY            ? SAYS(((tag) >> 2 & 7) + 4, 1, (tag) >> 5 << 8, 0xff)                          \
            : ((tag)&3) == MIDDLE_COPY ? SAYS(((tag) >> 2) + 1, 2, 0, 0xffff)                                          \
                                       : 0)
#define TAG(tag) (((tag)&3) == LITERAL ? SAYS_LITERAL(((tag) >> 2) + 1) : SAYS_COPY(tag))
#define TAGS_4(tag) TAG(tag), TAG(tag + 1), TAG(tag + 2), TAG(tag + 3)
#define TAGS_16(tag) TAGS_4(tag), TAGS_4(tag + 4), TAGS_4(tag + 8), TAGS_4(tag + 12)
#define TAGS_64(tag) TAGS_16(tag), TAGS_16(tag + 16), TAGS_16(tag + 32), TAGS_16(tag + 48)
static const uint64_t tags[256] = {TAGS_64(0), TAGS_64(64), TAGS_64(128), TAGS_64(192)};

/* Without a branch, which the compiler would make of it otherwise: what comes next in text can't be predicted. */
static inline uint64_t if_literal(uint64_t tag, uint64_t literal, uint64_t copy)
{
#if defined __x86_64__
    __asm__("testb $3, %b[tag]\n\tcmovz %[literal], %[copy]"
            : [copy] "+r"(copy)
            : [literal] "r"(literal), [tag] "q"(tag)
            : "cc");
    return copy;
#else
    const uint64_t is_literal = 0 - (((tag & 3) - 1) >> 63);
    return copy ^ ((copy ^ literal) & is_literal);
#endif
}

static inline void copy8(uint8_t *to, const uint8_t *from)
{
    dzr__store_u64(to, dzr__load_u64(from));
}

/* Up to n tags, which neither end is near, at least WINDOW bytes from the start; up to one that is for `one` to do, if
 * there is any. The number done; *n_near of them are copies from eight bytes back. Bytes go in eights, so that a load
 * finds whole what a store has just left. */
static int64_t far_tags(block *b, int64_t n, int64_t *n_near)
{
    const uint8_t *in = b->in;
    uint8_t *out = b->out;
    int64_t i = 0;
    uint64_t tag = *in++;
    for (; i < n; i++) {
        const uint64_t says = tags[tag], len = says & 0xff;
        const uint64_t after_literal = in[(tag >> 2) + 1], after_copy = in[tag & 3]; /* as many bytes of offset */
        const uint64_t offset = (dzr__load_u32(in) & says >> 32) + (says >> 16 & 0xffff);
        if (DZR_UNLIKELY(offset - 8 > (uint64_t)(out - b->out_start) - 8)) /* below 8 wraps */
            break;
        const uint8_t *const from = (const uint8_t *)if_literal(tag, (uintptr_t)in, (uintptr_t)(out - offset));
        copy8(out, from);
        copy8(out + 8, from + 8);
        copy8(out + 16, from + 16);
        copy8(out + 24, from + 24);
        for (uint64_t k = 32; DZR_UNLIKELY(k < len); k += 8)
            copy8(out + k, from + k);
        *n_near += offset == 8;
        in += (says >> 8 & 0xff) + 1;
        out += len;
        tag = if_literal(tag, after_literal, after_copy);
    }
    b->in = in - 1;
    b->out = out;
    return i;
}

/* Tags that far_tags may do: each takes up to 61 bytes, makes up to 64, and looks at no more than twice that. */
static int64_t tags_ahead(const block *b)
{
    const int64_t n_in = (b->in_end - b->in) / WINDOW - 2, n_out = (b->out_end - b->out) / WINDOW - 2;
    return DZR_MIN(n_in, n_out);
}

/* Goes on while both ends are far and copies are not those near_by is for; leaves b before a tag. */
static bool far_off(block *b)
{
    int64_t n_done = 0, n_near = 0;
    while (b->out - b->out_start < WINDOW && b->in < b->in_end)
        if (!one(b))
            return false;
    for (int64_t n = tags_ahead(b); n > 0; n = tags_ahead(b)) {
        n = DZR_MIN(n, N_LOOKED_AT - n_done);
        const int64_t n_here = far_tags(b, n, &n_near);
        n_done += n_here;
        if (n_here < n) {
            n_near += (*b->in & 3) != LITERAL;
            n_done++;
            if (!one(b))
                return false;
        }
        if (n_done == N_LOOKED_AT) {
            if (n_near > N_LOOKED_AT / 4)
                break;
            n_done = n_near = 0;
        }
    }
    return true;
}

static bool is_far_from_ends(const block *b)
{
    return b->in_end - b->in >= FAST_IN && b->out_end - b->out >= FAST_OUT;
}

/* Up to the end. */
static bool careful(block *b)
{
    while (b->in < b->in_end)
        if (!one(b))
            return false;
    return b->out == b->out_end || fail(b, "it makes less than it says");
}

static dzr_status read_length(dzr_bytes in, uint64_t *n, size_t *n_header, dzr_error *err)
{
    uint64_t value = 0;
    for (size_t i = 0; i < in.len && i < 5; i++) {
        value |= (uint64_t)(in.at[i] & 0x7f) << (7 * i);
        if ((in.at[i] & 0x80) == 0) {
            if (value > UINT32_MAX)
                break;
            *n = value;
            *n_header = i + 1;
            return DZR_OK;
        }
    }
    return dzr_fail(err, DZR_ERR_CORRUPT, "not a snappy block: its length can't be read");
}

dzr_status dzr__snappy_decompress(dzr_bytes in, uint8_t *out, size_t n, dzr_error *err)
{
    uint64_t claims = 0;
    size_t n_header = 0;
    DZR_TRY(read_length(in, &claims, &n_header, err));
    if (claims != n)
        return dzr_fail(err, DZR_ERR_CORRUPT, "snappy makes %" PRIu64 " bytes where %zu are expected", claims, n);
    block b = {.in = in.at + n_header, .in_end = in.at + in.len, .out = out, .out_start = out, .out_end = out + n};
    bool ok = true;
    for (bool turn = false; ok && is_far_from_ends(&b); turn = !turn)
        ok = turn ? near_by(&b) : far_off(&b);
    if (ok && careful(&b))
        return DZR_OK;
    return dzr_fail(err, DZR_ERR_CORRUPT, "a damaged snappy block of %zu bytes: %s, at byte %td", in.len, b.fault,
            b.in - in.at);
}
