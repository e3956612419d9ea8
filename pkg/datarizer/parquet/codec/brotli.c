/* parquet/codec/brotli.c - Brotli pages. Called by codec.c. Both ways take their memory where ours comes from, so that
 * a budget counts it. */
#include "parquet/codec/brotli.h"

#include <brotli/decode.h>
#include <brotli/encode.h>
#include <setjmp.h>

/* ---- compressing ---- */

/* libbrotlienc ends the whole program when it gets no memory. So it is left at that moment, by a jump out of it, and
 * what it had is released for it: blocks are on a list, which stands before each of them. */
typedef struct block {
    struct block *next, *before;
} block;

typedef struct encoder_memory {
    const dzr_allocator *alloc;
    block *first;
    jmp_buf leave;
} encoder_memory;

static void *lend_or_leave(void *ctx, size_t n_bytes)
{
    encoder_memory *const memory = ctx;
    block *const lent =
            n_bytes > SIZE_MAX - DZR_ALIGN ? NULL : dzr_alloc_array(memory->alloc, n_bytes + DZR_ALIGN, 1, NULL);
    if (lent == NULL)
        longjmp(memory->leave, 1);
    *lent = (block){.next = memory->first};
    if (lent->next != NULL)
        lent->next->before = lent;
    memory->first = lent;
    return (uint8_t *)lent + DZR_ALIGN;
}

static void take_back_from_list(void *ctx, void *at)
{
    encoder_memory *const memory = ctx;
    if (at == NULL)
        return;
    block *const lent = (block *)(void *)((uint8_t *)at - DZR_ALIGN);
    if (lent->next != NULL)
        lent->next->before = lent->before;
    if (lent->before != NULL)
        lent->before->next = lent->next;
    else
        memory->first = lent->next;
    dzr_release(memory->alloc, lent);
}

/* *n is what out has room for, and becomes what is in it. */
static bool encode(encoder_memory *memory, int32_t level, dzr_bytes in, uint8_t *out, size_t *n)
{
    enum { QUALITY = 5 }; /* brotli's own default, 11, takes a hundred times as long */
    BrotliEncoderState *const state = BrotliEncoderCreateInstance(lend_or_leave, take_back_from_list, memory);
    if (state == NULL)
        return false;
    (void)BrotliEncoderSetParameter(state, BROTLI_PARAM_QUALITY, level == 0 ? QUALITY : (uint32_t)level);
    (void)BrotliEncoderSetParameter(state, BROTLI_PARAM_SIZE_HINT, (uint32_t)DZR_MIN(in.len, (size_t)UINT32_MAX));
    size_t n_in = in.len, n_left = *n;
    const bool done = BrotliEncoderCompressStream(state, BROTLI_OPERATION_FINISH, &n_in, &in.at, &n_left, &out, NULL) &&
                      BrotliEncoderIsFinished(state);
    BrotliEncoderDestroyInstance(state);
    *n -= n_left;
    return done;
}

/* A frame between the jump and what changes meanwhile, so that all of that is as it was left. */
static bool encode_or_leave(encoder_memory *memory, int32_t level, dzr_bytes in, uint8_t *out, size_t *n)
{
    return setjmp(memory->leave) == 0 && encode(memory, level, in, out, n);
}

dzr_status dzr__brotli_compress(const dzr_codecs *codecs, int32_t level, dzr_bytes in, dzr_bytebuf *out, dzr_error *err)
{
    DZR_TRY(dzr__bytebuf_reserve(out, BrotliEncoderMaxCompressedSize(in.len), err));
    encoder_memory memory = {.alloc = codecs->alloc};
    size_t n = out->cap;
    const bool done = encode_or_leave(&memory, level, in, out->at, &n);
    while (memory.first != NULL) {
        block *const lent = memory.first;
        memory.first = lent->next;
        dzr_release(memory.alloc, lent);
    }
    if (!done)
        return dzr_fail(err, DZR_ERR_NOMEM, "out of memory for a brotli encoder, at a page of %zu bytes", in.len);
    out->len = n;
    return DZR_OK;
}

/* ---- decompressing ---- */

static void *lend(void *alloc, size_t n_bytes)
{
    return dzr_alloc_array(alloc, n_bytes, 1, NULL);
}

static void take_back(void *alloc, void *lent)
{
    dzr_release(alloc, lent);
}

dzr_status dzr__brotli_decompress(const dzr_codecs *codecs, dzr_bytes in, uint8_t *out, size_t n, dzr_error *err)
{
    BrotliDecoderState *const state = BrotliDecoderCreateInstance(lend, take_back, (void *)(uintptr_t)codecs->alloc);
    if (state == NULL)
        return dzr_fail(err, DZR_ERR_NOMEM, "out of memory for a brotli decoder");
    size_t n_in = in.len, n_out = n;
    const uint8_t *from = in.at;
    const BrotliDecoderResult result = BrotliDecoderDecompressStream(state, &n_in, &from, &n_out, &out, NULL);
    const BrotliDecoderErrorCode code = BrotliDecoderGetErrorCode(state);
    BrotliDecoderDestroyInstance(state);
    if (code <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES && code >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES)
        return dzr_fail(err, DZR_ERR_NOMEM, "out of memory in the brotli decoder");
    if (result != BROTLI_DECODER_RESULT_SUCCESS || n_in > 0)
        return dzr_fail(
                err, DZR_ERR_CORRUPT, "a damaged brotli stream of %zu bytes, or more than the %zu expected", in.len, n);
    return n_out == 0 ? DZR_OK
                      : dzr_fail(err, DZR_ERR_CORRUPT, "brotli makes %zu bytes where %zu are expected", n - n_out, n);
}
