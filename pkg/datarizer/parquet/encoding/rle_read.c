/* parquet/encoding/rle_read.c - reads the RLE / bit-packing hybrid: levels, booleans and dictionary indices come
 * through here. Called by reader/page.c with one page's runs; works a run or a stack-buffer of values at a time, and
 * checks bounds once for each of those.
 * Spec: parquet-format Encodings.md, "Run Length Encoding / Bit-Packing Hybrid (RLE = 3)". */
#include "parquet/encoding/encoding.h"

#include <assert.h>

enum { BATCH = 256 }; /* values unpacked to the stack at once; a multiple of 32 */

void dzr__rle_init(dzr_rle *rle, const uint8_t *at, size_t len, uint32_t width)
{
    assert(width <= 32);
    *rle = (dzr_rle){.in = dzr__cursor(at, len), .width = width};
}

static dzr_status runs_end(const dzr_rle *rle, int64_t n_missing, dzr_error *err)
{
    return dzr_fail(err, DZR_ERR_TRUNCATED, "runs of %u-bit values end after %zu bytes, %lld values are missing",
            rle->width, (size_t)(rle->in.end - rle->in.start), (long long)n_missing);
}

static dzr_status next_packed_run(dzr_rle *rle, uint64_t n_groups, int64_t n_missing, dzr_error *err)
{
    const size_t left = dzr__cursor_left(&rle->in);
    uint64_t n_bytes = n_groups * rle->width; /* eight values of width bits; at most 2^31 * 32 */
    uint64_t n_values = n_groups * 8;
    if (n_bytes > left) { /* some writers drop the padding of the last run, so what is there counts */
        n_bytes = left;
        n_values = (uint64_t)left * 8 / rle->width;
        if (n_values == 0)
            return runs_end(rle, n_missing, err);
    }
    rle->packed = rle->in.at;
    rle->packed_bytes = (size_t)n_bytes;
    rle->packed_next = 0;
    rle->n_packed = n_values;
    rle->in.at += n_bytes;
    return DZR_OK;
}

static dzr_status next_repeated_run(dzr_rle *rle, uint64_t n_values, int64_t n_missing, dzr_error *err)
{
    const size_t n_bytes = (rle->width + 7) / 8;
    if (!dzr__cursor_has(&rle->in, n_bytes))
        return runs_end(rle, n_missing, err);
    uint32_t value = 0;
    if (n_bytes > 0)
        memcpy(&value, rle->in.at, n_bytes);
    rle->in.at += n_bytes;
    if (rle->width < 32 && value >> rle->width != 0)
        return dzr_fail(err, DZR_ERR_CORRUPT, "a run repeats %u, which %u bits can't hold", value, rle->width);
    rle->value = value;
    rle->n_repeated = n_values;
    return DZR_OK;
}

/* Takes the next run that has values; runs without any are passed over. */
static dzr_status next_run(dzr_rle *rle, int64_t n_missing, dzr_error *err)
{
    do {
        uint64_t header = 0;
        for (uint32_t shift = 0;; shift += 7) {
            if (rle->in.at == rle->in.end)
                return runs_end(rle, n_missing, err);
            const uint8_t byte = *rle->in.at++;
            header |= (uint64_t)(byte & 0x7f) << shift;
            if (byte < 0x80)
                break;
            if (shift == 28)
                return dzr_fail(err, DZR_ERR_CORRUPT, "a run's length takes more than 5 bytes");
        }
        if (header > UINT32_MAX)
            return dzr_fail(err, DZR_ERR_CORRUPT, "a run has more than 2^31 - 1 values");
        if ((header & 1) != 0)
            DZR_TRY(next_packed_run(rle, header >> 1, n_missing, err));
        else
            DZR_TRY(next_repeated_run(rle, header >> 1, n_missing, err));
    } while (rle->n_repeated == 0 && rle->n_packed == 0);
    return DZR_OK;
}

/* How many of n_missing values come from the run at hand; takes the next run when there is none. */
static dzr_status run_at_hand(dzr_rle *rle, int64_t n_missing, int64_t *n, dzr_error *err)
{
    if (rle->n_repeated == 0 && rle->n_packed == 0)
        DZR_TRY(next_run(rle, n_missing, err));
    const uint64_t n_run = rle->n_repeated != 0 ? rle->n_repeated : rle->n_packed;
    *n = (int64_t)DZR_MIN(n_run, (uint64_t)n_missing);
    return DZR_OK;
}

static void unpack_next(dzr_rle *rle, uint32_t *out, int64_t n)
{
    dzr__unpack(rle->packed, rle->packed_bytes, rle->width, rle->packed_next, (size_t)n, out);
    rle->packed_next += (uint64_t)n;
    rle->n_packed -= (uint64_t)n;
}

dzr_status dzr__rle_read(dzr_rle *rle, uint32_t *out, int64_t n, dzr_error *err)
{
    while (n > 0) {
        int64_t step = 0;
        DZR_TRY(run_at_hand(rle, n, &step, err));
        if (rle->n_repeated != 0) {
            for (int64_t i = 0; i < step; i++)
                out[i] = rle->value;
            rle->n_repeated -= (uint64_t)step;
        } else {
            unpack_next(rle, out, step);
        }
        out += step;
        n -= step;
    }
    return DZR_OK;
}

static uint32_t largest(const uint32_t *values, int64_t n)
{
    uint32_t max = 0;
    for (int64_t i = 0; i < n; i++)
        max = DZR_MAX(max, values[i]);
    return max;
}

static dzr_status above_max(uint32_t value, uint32_t max, dzr_error *err)
{
    return dzr_fail(err, DZR_ERR_CORRUPT, "a level is %u, the highest of this column is %u", value, max);
}

/* At most BATCH values wider than one bit: compared one by one, and then taken to their place eight at a time. */
static dzr_status packed_levels(dzr_rle *rle, uint32_t max, uint8_t *bits, int64_t first, int64_t n, dzr_error *err)
{
    uint32_t levels[BATCH];
    uint8_t equal[BATCH / 8];
    unpack_next(rle, levels, n);
    const uint32_t top = largest(levels, n);
    if (top > max)
        return above_max(top, max, err);
    memset(levels + n, 0, (size_t)(-n & 7) * sizeof *levels); /* to a whole byte; not copied below */
    for (int64_t i = 0; i < n; i += 8) {
        uint32_t byte = 0;
        for (uint32_t k = 0; k < 8; k++)
            byte |= (uint32_t)(levels[i + k] == max) << k;
        equal[i / 8] = (uint8_t)byte;
    }
    dzr__bits_copy(bits, first, equal, 0, n);
    return DZR_OK;
}

dzr_status dzr__rle_read_bits(
        dzr_rle *rle, uint32_t max, uint8_t *bits, int64_t first, int64_t n, int64_t *n_set, dzr_error *err)
{
    const int64_t start = first;
    const int64_t end = first + n;
    while (first < end) {
        int64_t step = 0;
        DZR_TRY(run_at_hand(rle, end - first, &step, err));
        if (rle->n_repeated != 0) {
            if (rle->value > max)
                return above_max(rle->value, max, err);
            dzr__bits_fill(bits, first, step, rle->value == max);
            rle->n_repeated -= (uint64_t)step;
        } else if (rle->width == 1 && max == 1) { /* packed levels of one bit are validity already */
            dzr__bits_copy(bits, first, rle->packed, (int64_t)rle->packed_next, step);
            rle->packed_next += (uint64_t)step;
            rle->n_packed -= (uint64_t)step;
        } else {
            step = DZR_MIN(step, (int64_t)BATCH);
            DZR_TRY(packed_levels(rle, max, bits, first, step, err));
        }
        first += step;
    }
    *n_set = dzr__bits_count(bits, start, n);
    return DZR_OK;
}

dzr_status dzr__rle_next_all(dzr_rle *rle, uint32_t value, int64_t n, bool *all, dzr_error *err)
{
    int64_t in_run = 0;
    DZR_TRY(run_at_hand(rle, n, &in_run, err));
    *all = rle->n_repeated != 0 && rle->value == value && in_run == n;
    return DZR_OK;
}

void dzr__bit_packed_read(const uint8_t *in, uint32_t width, int64_t first, int64_t n, uint32_t *out)
{
    uint64_t bit = (uint64_t)first * width;
    for (int64_t i = 0; i < n; i++) {
        uint32_t level = 0;
        for (uint32_t k = 0; k < width; k++, bit++)
            level = level << 1 | ((uint32_t)in[bit / 8] >> (7 - bit % 8) & 1u);
        out[i] = level;
    }
}

dzr_status dzr__bit_packed_levels(dzr_bytes in, uint32_t max, uint8_t *bits, int64_t first, int64_t n, size_t *used,
        int64_t *n_set, dzr_error *err)
{
    const uint32_t width = dzr__bit_width(max);
    assert(width > 0); /* a level that has no choice has no bytes */
    if ((uint64_t)n > (uint64_t)in.len * 8 / width)
        return dzr_fail(
                err, DZR_ERR_TRUNCATED, "%lld bit-packed levels of %u bits in %zu bytes", (long long)n, width, in.len);
    *n_set = 0;
    for (int64_t i = 0; i < n; i++) {
        uint32_t level = 0;
        dzr__bit_packed_read(in.at, width, i, 1, &level);
        if (level > max)
            return above_max(level, max, err);
        if (level == max)
            dzr__bit_set(bits, first + i);
        else
            dzr__bit_clear(bits, first + i);
        *n_set += level == max ? 1 : 0;
    }
    *used = ((size_t)n * width + 7) / 8;
    return DZR_OK;
}

/* size and step are constants at the calls that matter, so that copies become single loads and stores; a size that is
 * no power of two is copied in two steps that overlap. */
static inline __attribute__((always_inline)) void copy_slot(uint8_t *to, const uint8_t *from, size_t size, size_t step)
{
    memcpy(to, from, step);
    if (size != step)
        memcpy(to + size - step, from + size - step, step);
}

static inline __attribute__((always_inline)) dzr_status gather(dzr_rle *rle, const uint8_t *dictionary,
        uint32_t n_dictionary, const size_t size, const size_t step_bytes, uint8_t *out, int64_t n, dzr_error *err)
{
    while (n > 0) {
        int64_t step = 0;
        uint32_t index[BATCH], top;
        DZR_TRY(run_at_hand(rle, n, &step, err));
        const bool repeated = rle->n_repeated != 0;
        if (repeated) {
            top = rle->value;
            rle->n_repeated -= (uint64_t)step;
        } else {
            step = DZR_MIN(step, (int64_t)BATCH);
            unpack_next(rle, index, step);
            top = largest(index, step);
        }
        if (DZR_UNLIKELY(top >= n_dictionary))
            return dzr_fail(
                    err, DZR_ERR_CORRUPT, "a value is entry %u of the dictionary, which has %u", top, n_dictionary);
        if (repeated) {
            const uint8_t *const value = dictionary + size * top;
            for (int64_t i = 0; i < step; i++)
                copy_slot(out + size * (size_t)i, value, size, step_bytes);
        } else {
            for (int64_t i = 0; i < step; i++)
                copy_slot(out + size * (size_t)i, dictionary + size * index[i], size, step_bytes);
        }
        out += size * (size_t)step;
        n -= step;
    }
    return DZR_OK;
}

dzr_status dzr__rle_gather(
        dzr_rle *rle, const void *dictionary, uint32_t n_dictionary, size_t size, void *out, int64_t n, dzr_error *err)
{
    switch (size) {
    case 1:
        return gather(rle, dictionary, n_dictionary, 1, 1, out, n, err);
    case 2:
        return gather(rle, dictionary, n_dictionary, 2, 2, out, n, err);
    case 4:
        return gather(rle, dictionary, n_dictionary, 4, 4, out, n, err);
    case 8:
        return gather(rle, dictionary, n_dictionary, 8, 8, out, n, err);
    case 16:
        return gather(rle, dictionary, n_dictionary, 16, 16, out, n, err);
    default:
        break;
    }
    if (size < 4)
        return gather(rle, dictionary, n_dictionary, size, 2, out, n, err);
    if (size < 8)
        return gather(rle, dictionary, n_dictionary, size, 4, out, n, err);
    if (size < 16)
        return gather(rle, dictionary, n_dictionary, size, 8, out, n, err);
    return gather(rle, dictionary, n_dictionary, size, size, out, n, err);
}
