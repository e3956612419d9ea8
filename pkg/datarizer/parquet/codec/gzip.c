/* parquet/codec/gzip.c - GZIP means RFC 1952 here, header and CRC and all, and a page may be several members in a row.
 * Called by codec.c. zlib counts in 32 bits, so both ways go in pieces. */
#include "parquet/codec/gzip.h"

#include <assert.h>
#include <zlib.h>

enum {
    GZIP_WINDOW = 15 + 16, /* 32 KiB, and a gzip header rather than zlib's */
    GZIP_MEMORY = 8        /* zlib's default */
};

static voidpf zlib_allocate(voidpf alloc, uInt n, uInt size)
{
    return dzr_alloc_array(alloc, n, size, NULL);
}

static void zlib_release(voidpf alloc, voidpf block)
{
    dzr_release(alloc, block);
}

static z_stream *new_stream(const dzr_codecs *codecs, dzr_error *err)
{
    z_stream *const z = dzr_alloc_zeroed(codecs->alloc, 1, sizeof *z, err);
    if (z == NULL)
        return NULL;
    z->zalloc = zlib_allocate;
    z->zfree = zlib_release;
    z->opaque = (voidpf)(uintptr_t)codecs->alloc; /* only handed back to the two above, which take it const */
    return z;
}

static void free_deflate(dzr_codecs *codecs)
{
    if (codecs->gzip_in != NULL)
        (void)deflateEnd(codecs->gzip_in);
    dzr_release(codecs->alloc, codecs->gzip_in);
    codecs->gzip_in = NULL;
}

void dzr__gzip_fini(dzr_codecs *codecs)
{
    free_deflate(codecs);
    if (codecs->gzip_out != NULL)
        (void)inflateEnd(codecs->gzip_out);
    dzr_release(codecs->alloc, codecs->gzip_out);
    codecs->gzip_out = NULL;
}

/* A stream at its start, for this level. */
static dzr_status ready_deflate(dzr_codecs *codecs, int32_t level, dzr_error *err)
{
    if (codecs->gzip_in != NULL && codecs->gzip_level == level) {
        (void)deflateReset(codecs->gzip_in);
        return DZR_OK;
    }
    free_deflate(codecs);
    z_stream *const z = new_stream(codecs, err);
    if (z == NULL)
        return DZR_ERR_NOMEM;
    if (deflateInit2(z, level == 0 ? Z_DEFAULT_COMPRESSION : level, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY,
                Z_DEFAULT_STRATEGY) != Z_OK) {
        dzr_release(codecs->alloc, z);
        return dzr_fail(err, DZR_ERR_NOMEM, "out of memory for a gzip stream");
    }
    codecs->gzip_in = z;
    codecs->gzip_level = level;
    return DZR_OK;
}

dzr_status dzr__gzip_compress(dzr_codecs *codecs, int32_t level, dzr_bytes in, dzr_bytebuf *out, dzr_error *err)
{
    DZR_TRY(ready_deflate(codecs, level, err));
    z_stream *const z = codecs->gzip_in;
    assert(z != NULL);
    if (in.len > UINT32_MAX / 2) /* the caller's pages are smaller, so that both sides fit uInt */
        return dzr_fail(err, DZR_ERR_LIMIT, "gzip can't compress %zu bytes at once", in.len);
    DZR_TRY(dzr__bytebuf_reserve(out, deflateBound(z, in.len), err));
    z->next_in = (Bytef *)(uintptr_t)in.at; /* zlib reads it only */
    z->avail_in = (uInt)in.len;
    z->next_out = out->at;
    z->avail_out = (uInt)DZR_MIN(out->cap, (size_t)UINT32_MAX);
    if (deflate(z, Z_FINISH) != Z_STREAM_END)
        return dzr_fail(err, DZR_ERR_LIMIT, "gzip needs more than the %zu bytes it said", out->cap);
    out->len = (size_t)(z->next_out - out->at);
    return DZR_OK;
}

static dzr_status ready_inflate(dzr_codecs *codecs, dzr_error *err)
{
    if (codecs->gzip_out != NULL) {
        (void)inflateReset(codecs->gzip_out);
        return DZR_OK;
    }
    z_stream *const z = new_stream(codecs, err);
    if (z == NULL)
        return DZR_ERR_NOMEM;
    if (inflateInit2(z, GZIP_WINDOW) != Z_OK) {
        dzr_release(codecs->alloc, z);
        return dzr_fail(err, DZR_ERR_NOMEM, "out of memory for a gzip stream");
    }
    codecs->gzip_out = z;
    return DZR_OK;
}

/* One member from in, which moves on, into out[0 .. n); *made counts its bytes. */
static dzr_status inflate_member(z_stream *z, dzr_cursor *in, uint8_t *out, size_t n, size_t *made, dzr_error *err)
{
    uint8_t beyond = 0; /* where a byte too many shows itself */
    *made = 0;
    for (;;) {
        const size_t room = DZR_MIN(n - *made, (size_t)UINT32_MAX);
        z->next_in = (Bytef *)(uintptr_t)in->at; /* zlib reads it only */
        z->avail_in = (uInt)DZR_MIN(dzr__cursor_left(in), (size_t)UINT32_MAX);
        z->next_out = room > 0 ? out + *made : &beyond;
        z->avail_out = room > 0 ? (uInt)room : 1;
        const uInt in_before = z->avail_in, out_before = z->avail_out;
        const int code = inflate(z, Z_NO_FLUSH);
        const uInt taken = in_before - z->avail_in, put = out_before - z->avail_out;
        in->at += taken;
        if (room == 0 && put > 0)
            return dzr_fail(err, DZR_ERR_CORRUPT, "gzip makes more than the bytes expected");
        *made += put;
        if (code == Z_STREAM_END)
            return DZR_OK;
        if (code == Z_MEM_ERROR)
            return dzr_fail(err, DZR_ERR_NOMEM, "out of memory for a gzip stream");
        if (code != Z_OK && code != Z_BUF_ERROR)
            return dzr_fail(err, DZR_ERR_CORRUPT, "a damaged gzip member: %s", z->msg != NULL ? z->msg : "bad data");
        if (taken == 0 && put == 0)
            return dzr_fail(err, DZR_ERR_CORRUPT, "a gzip member ends too early");
    }
}

dzr_status dzr__gzip_decompress(dzr_codecs *codecs, dzr_bytes in, uint8_t *out, size_t n, dzr_error *err)
{
    DZR_TRY(ready_inflate(codecs, err));
    dzr_cursor c = dzr__cursor(in.at, in.len);
    size_t total = 0;
    while (dzr__cursor_left(&c) > 0) {
        size_t made = 0;
        DZR_TRY(inflate_member(codecs->gzip_out, &c, out + total, n - total, &made, err));
        total += made;
        (void)inflateReset(codecs->gzip_out);
    }
    if (total != n)
        return dzr_fail(err, DZR_ERR_CORRUPT, "gzip makes %zu bytes where %zu are expected", total, n);
    return DZR_OK;
}
