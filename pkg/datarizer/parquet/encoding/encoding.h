/* parquet/encoding/encoding.h - values to the bytes of a page and back: the RLE / bit-packing hybrid, PLAIN, deltas
 * and split streams.
 * Called by reader/ and writer/ with one page at a time; knows nothing of files, pages' headers or codecs.
 * Messages say what is wrong with the bytes; the caller puts row group, column and offset before them.
 * Spec: parquet-format Encodings.md "PLAIN", "Dictionary Encoding", "Run Length Encoding / Bit-Packing Hybrid". */
#ifndef DZR_PARQUET_ENCODING_H
#define DZR_PARQUET_ENCODING_H

#include "frame/internal.h"

/* Bits that hold every value up to max: 0 for 0, 1 for 1, 2 for 2 and 3 ... */
static inline uint32_t dzr__bit_width(uint32_t max)
{
    return max == 0 ? 0 : 32 - (uint32_t)__builtin_clz(max);
}

/* ---- bit packing: value i takes bits [i * width, (i + 1) * width), least significant bit first ---- */
/* Reads exactly 4 * width bytes; width 0 .. 32. */
void dzr__unpack32(const uint8_t *in, uint32_t width, uint32_t out[32]);
/* Values [first, first + n) of a packed run that has n_bytes bytes, all n of them there (asserted). */
void dzr__unpack(const uint8_t *in, size_t n_bytes, uint32_t width, uint64_t first, size_t n, uint32_t *out);
/* The same without vector instructions: for machines that have none, and to hold the other against. */
void dzr__unpack_plain(const uint8_t *in, size_t n_bytes, uint32_t width, uint64_t first, size_t n, uint32_t *out);
/* As many of n values from the first of a run on, by eights, as can be had from n_bytes by AVX2 (bitpack_avx2.c): 0 on
 * a machine without, and for wide values. */
size_t dzr__unpack_avx2(const uint8_t *in, size_t n_bytes, uint32_t width, size_t n, uint32_t *out);
/* Eight values below 2^width to exactly width bytes; out has room for 8 more. */
void dzr__pack8(const uint32_t values[8], uint32_t width, uint8_t *out);

/* ---- RLE / bit-packing hybrid, reading ---- */
/* Where a reader of runs stands; the bytes are the page's. It has no end of its own: who reads knows how many values
 * there must be, and a last run that is longer, or padding after it, is fine (writers do both). */
typedef struct dzr_rle {
    dzr_cursor in;
    uint32_t width;        /* bits a value */
    uint32_t value;        /* of the repeated run at hand */
    uint64_t n_repeated;   /* values left in it */
    const uint8_t *packed; /* the bit-packed run at hand */
    size_t packed_bytes;
    uint64_t packed_next; /* its first value that is not read yet */
    uint64_t n_packed;    /* values left in it */
} dzr_rle;

/* width 0 .. 32, asserted: who takes it from a file checks it first. Bytes start with the first run. */
void dzr__rle_init(dzr_rle *rle, const uint8_t *at, size_t len, uint32_t width);

/* All three read exactly n values. Errors: DZR_ERR_TRUNCATED (the runs end before), DZR_ERR_CORRUPT (a run is longer
 * than 2^31 - 1, or repeats a value that needs more than width bits; and as said at each). What was written is then
 * undefined. */
DZR_MUST_CHECK dzr_status dzr__rle_read(dzr_rle *rle, uint32_t *out, int64_t n, dzr_error *err);
/* Bit first + i is set when value i equals max: definition levels to validity, with max 1 booleans to bits.
 * Bits outside [first, first + n) keep their value. *n_set counts those set. DZR_ERR_CORRUPT: a value is above max. */
DZR_MUST_CHECK dzr_status dzr__rle_read_bits(
        dzr_rle *rle, uint32_t max, uint8_t *bits, int64_t first, int64_t n, int64_t *n_set, dzr_error *err);
/* *all: whether the next n values are known to be `value` from one repeated run alone; nothing is read then, nor
 * otherwise. False only means that they have to be looked at. n is at least 1. */
DZR_MUST_CHECK dzr_status dzr__rle_next_all(dzr_rle *rle, uint32_t value, int64_t n, bool *all, dzr_error *err);
/* out[i] = dictionary[value i]; both have slots of `size` bytes.
 * DZR_ERR_CORRUPT: a value is not below n_dictionary. */
DZR_MUST_CHECK dzr_status dzr__rle_gather(
        dzr_rle *rle, const void *dictionary, uint32_t n_dictionary, size_t size, void *out, int64_t n, dzr_error *err);

/* The deprecated BIT_PACKED levels (most significant bit first, no runs, no length), as dzr__rle_read_bits gives them.
 * *used is ceil(n * width / 8), the bytes they take. DZR_ERR_TRUNCATED when in has fewer, DZR_ERR_CORRUPT as above. */
DZR_MUST_CHECK dzr_status dzr__bit_packed_levels(dzr_bytes in, uint32_t max, uint8_t *bits, int64_t first, int64_t n,
        size_t *used, int64_t *n_set, dzr_error *err);

/* The same levels as numbers: n from the one numbered first, all of them there. */
void dzr__bit_packed_read(const uint8_t *in, uint32_t width, int64_t first, int64_t n, uint32_t *out);

/* ---- RLE / bit-packing hybrid, writing: appends runs to out. Errors: the buffer's ---- */
/* values below 2^width, width 0 .. 32; bit-packed runs are padded to a multiple of 8 values. */
DZR_MUST_CHECK dzr_status dzr__rle_write(
        dzr_bytebuf *out, uint32_t width, const uint32_t *values, int64_t n, dzr_error *err);
/* One value n times: the levels of a page without nulls. n 0 writes nothing. */
DZR_MUST_CHECK dzr_status dzr__rle_write_repeated(
        dzr_bytebuf *out, uint32_t width, uint32_t value, int64_t n, dzr_error *err);
/* Bits [first, first + n) as values of width 1: an optional column's levels from its validity, booleans from their
 * bits. */
DZR_MUST_CHECK dzr_status dzr__rle_write_bits(
        dzr_bytebuf *out, const uint8_t *bits, int64_t first, int64_t n, dzr_error *err);

/* ---- PLAIN, reading ---- */
/* n values of BYTE_ARRAY as views; those longer than 12 bytes point into data buffer `buffer` at their place in it,
 * counted from `base`, at or before in.at and less than 2 GiB before in's end. With utf8 every value must be UTF-8.
 * Errors: DZR_ERR_TRUNCATED (bytes end before the values do), DZR_ERR_CORRUPT (not UTF-8; err->record is the value). */
DZR_MUST_CHECK dzr_status dzr__plain_read_views(
        dzr_bytes in, int64_t n, const uint8_t *base, int32_t buffer, bool utf8, dzr_view *out, dzr_error *err);
/* n values of INT32 as INT8, INT16, UINT8 or UINT16. DZR_ERR_CORRUPT: a value is out of the type's range.
 * in has 4 * n bytes. */
DZR_MUST_CHECK dzr_status dzr__plain_read_narrow(
        const uint8_t *in, int64_t n, dzr_type_id type, void *out, dzr_error *err);
/* values has n_set slots of `size` bytes at its start; moves them apart so that row i, of n, has a
 * value where bit first + i of validity is set, and zero bytes elsewhere. n_set is the number of bits set (asserted in
 * debug). */
void dzr__spread(void *values, size_t size, const uint8_t *validity, int64_t first, int64_t n, int64_t n_set);
/* The same for bits: row i takes the next bit of `dense` where validity has one, else 0.
 * Writes bits [first, first + n) of out; dense starts at its bit 0. */
void dzr__spread_bits(const uint8_t *dense, const uint8_t *validity, uint8_t *out, int64_t first, int64_t n);

/* ---- delta encodings, reading ---- */
/* n values of DELTA_BINARY_PACKED into slots of `size` bytes, 4 or 8; in goes on behind them. Errors:
 * DZR_ERR_TRUNCATED, DZR_ERR_CORRUPT (a block's shape breaks the rules, another number of values than n). */
DZR_MUST_CHECK dzr_status dzr__delta_read(dzr_cursor *in, size_t size, int64_t n, void *out, dzr_error *err);
/* n values of DELTA_LENGTH_BYTE_ARRAY as views, as dzr__plain_read_views gives them. */
DZR_MUST_CHECK dzr_status dzr__delta_read_views(
        dzr_bytes in, int64_t n, const uint8_t *base, int32_t buffer, bool utf8, dzr_view *out, dzr_error *err);

/* ---- DELTA_BYTE_ARRAY, reading: each value is the front of the one before it, and bytes of its own ---- */
/* The lengths of n values: n of fronts, then n of what follows them (room for 2 * n). `in` then stands at those bytes,
 * which are all there, and *n_bytes is what the values take when they are put together. Errors: DZR_ERR_TRUNCATED,
 * DZR_ERR_CORRUPT (a negative length, a front that is longer than the value before), DZR_ERR_LIMIT (2 GiB or more). */
DZR_MUST_CHECK dzr_status dzr__prefixed_lengths(
        dzr_cursor *in, int64_t n, int32_t *lengths, uint64_t *n_bytes, dzr_error *err);
/* The values of those lengths, put together at `data`, the start of data buffer `buffer` of n_bytes; views as
 * dzr__plain_read_views gives them. DZR_ERR_CORRUPT: not UTF-8. */
DZR_MUST_CHECK dzr_status dzr__prefixed_views(const uint8_t *suffixes, int64_t n, const int32_t *lengths, uint8_t *data,
        int32_t buffer, bool utf8, dzr_view *out, dzr_error *err);
/* The same for values of a fixed size, to slots of it. DZR_ERR_CORRUPT: one has another length. */
DZR_MUST_CHECK dzr_status dzr__prefixed_fixed(
        const uint8_t *suffixes, int64_t n, const int32_t *lengths, size_t size, uint8_t *out, dzr_error *err);

/* ---- BYTE_STREAM_SPLIT, reading ---- */
/* n values into slots of `size` bytes, any number above 0. DZR_ERR_CORRUPT unless in has exactly n * size bytes. */
DZR_MUST_CHECK dzr_status dzr__split_read(dzr_bytes in, size_t size, int64_t n, void *out, dzr_error *err);

/* ---- PLAIN, writing ---- */
/* Appends those of rows [first, first + n) that are not null: booleans as bits (padded to a byte, so a page's booleans
 * take one call), 8- and 16-bit integers as INT32, strings with their 4-byte length. Errors: the buffer's. */
DZR_MUST_CHECK dzr_status dzr__plain_write(
        dzr_bytebuf *out, const dzr_column *column, int64_t first, int64_t n, dzr_error *err);

/* ---- other encodings, writing: append a page's n values, which come as PLAIN has them. Errors: the buffer's ---- */
/* DELTA_BINARY_PACKED of values of `size` bytes, 4 or 8. */
DZR_MUST_CHECK dzr_status dzr__delta_write(
        dzr_bytebuf *out, size_t size, const void *values, int64_t n, dzr_error *err);
/* DELTA_LENGTH_BYTE_ARRAY; what scratch holds is lost. */
DZR_MUST_CHECK dzr_status dzr__delta_write_strings(
        dzr_bytebuf *out, const uint8_t *plain, int64_t n, dzr_bytebuf *scratch, dzr_error *err);
/* DELTA_BYTE_ARRAY of values of `size` bytes, or of BYTE_ARRAY with size 0; what scratch holds is lost. */
DZR_MUST_CHECK dzr_status dzr__prefixed_write(
        dzr_bytebuf *out, size_t size, const uint8_t *plain, int64_t n, dzr_bytebuf *scratch, dzr_error *err);
/* BYTE_STREAM_SPLIT of values of `size` bytes. */
DZR_MUST_CHECK dzr_status dzr__split_write(
        dzr_bytebuf *out, size_t size, const void *values, int64_t n, dzr_error *err);

#endif
