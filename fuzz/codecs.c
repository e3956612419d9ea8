/* fuzz/codecs.c - every codec, both ways. The first bytes say which and how many bytes are claimed; the rest is once
 * taken as compressed and once as what is to be compressed.
 * Holds: nothing past the claimed bytes is written; what was compressed comes back, also from streams that others
 * write: GZIP of two members, LZ4 in Hadoop's framing and as a frame. What LZ4 makes of a block is what a plain twin
 * from the format's text makes of it. Spec: parquet-format Compression.md; lz4 doc/lz4_Block_format.md. */
#include "parquet/codec/codec.h"

#include "counting.h"
#include "draw.h"
#include "require.h"

#include <lz4frame.h>

enum { MOST = 1 << 18 };

/* ---- the twin ---- */

static bool twin_length(dzr_bytes *in, size_t *len)
{
    if (*len != 15)
        return true;
    uint8_t more = 255;
    for (; more == 255; in->at++, in->len--) {
        if (in->len == 0 || *len > MOST)
            return false;
        more = in->at[0];
        *len += more;
    }
    return true;
}

static bool twin_lz4(dzr_bytes in, uint8_t *out, size_t n)
{
    size_t made = 0;
    while (in.len > 0) {
        const uint8_t token = *in.at++;
        in.len--;
        size_t literals = token >> 4, match = token & 15;
        if (!twin_length(&in, &literals) || literals > in.len || literals > n - made)
            return false;
        memcpy(out + made, in.at, literals);
        made += literals;
        in.at += literals;
        in.len -= literals;
        if (in.len == 0)
            break;
        if (in.len < 2)
            return false;
        const size_t back = (size_t)in.at[0] | (size_t)in.at[1] << 8;
        in.at += 2;
        in.len -= 2;
        if (!twin_length(&in, &match) || back == 0 || back > made || match + 4 > n - made)
            return false;
        for (match += 4; match > 0; match--, made++)
            out[made] = out[made - back];
    }
    return made == n;
}

/* ---- in ---- */

static void check_in(dzr_codecs *codecs, dzr_codec codec, dzr_bytes in, size_t n)
{
    dzr_error err = {.message = ""};
    uint8_t *const out = malloc(n + 1), *const twin = malloc(n + 1);
    REQUIRE(out != NULL && twin != NULL);
    out[n] = 0xee;
    const dzr_status st = dzr__decompress(codecs, (int32_t)codec, in, out, n, &err);
    REQUIRE(out[n] == 0xee);
    REQUIRE(st == DZR_OK || (err.status == st && err.message[0] != '\0'));
    if (codec == DZR_CODEC_LZ4_RAW && st == DZR_OK && in.len > 0) /* liblz4 wants more of a block's end than the twin */
        REQUIRE(twin_lz4(in, twin, n) && memcmp(out, twin, n) == 0);
    free(out);
    free(twin);
}

/* ---- there and back ---- */

static void check_back(dzr_codecs *codecs, int32_t codec, dzr_bytes packed, dzr_bytes want)
{
    dzr_error err;
    uint8_t *const out = malloc(want.len + 1);
    REQUIRE(out != NULL);
    out[want.len] = 0xee;
    REQUIRE_OK(dzr__decompress(codecs, codec, packed, out, want.len, &err));
    REQUIRE(out[want.len] == 0xee && (want.len == 0 || memcmp(out, want.at, want.len) == 0));
    if (want.len > 0) { /* nor are they one more or one less */
        REQUIRE(codec == DZR_CODEC_UNCOMPRESSED ||
                dzr__decompress(codecs, codec, packed, out, want.len - 1, &err) != DZR_OK);
        uint8_t *const more = malloc(want.len + 1);
        REQUIRE(more != NULL);
        REQUIRE(dzr__decompress(codecs, codec, packed, more, want.len + 1, &err) != DZR_OK);
        free(more);
    }
    free(out);
}

static void put_u32be(dzr_bytebuf *out, size_t number)
{
    dzr_error err;
    const uint32_t bytes = __builtin_bswap32((uint32_t)number);
    REQUIRE_OK(dzr__bytebuf_append(out, &bytes, 4, &err));
}

/* What others write, of two parts. */
static void check_others(dzr_codecs *codecs, dzr_bytes in, size_t cut)
{
    dzr_error err;
    dzr_bytebuf part = {0}, all = {0};
    const dzr_bytes parts[] = {{in.at, cut}, {in.at + cut, in.len - cut}};
    for (int i = 0; i < 2; i++) {
        REQUIRE_OK(dzr__compress(codecs, DZR_CODEC_GZIP, 1, parts[i], &part, &err));
        REQUIRE_OK(dzr__bytebuf_append(&all, part.at, part.len, &err));
    }
    check_back(codecs, DZR_CODEC_GZIP, (dzr_bytes){all.at, all.len}, in);
    all.len = 0;
    for (int i = 0; i < 2; i++) {
        REQUIRE_OK(dzr__compress(codecs, DZR_CODEC_LZ4_RAW, 0, parts[i], &part, &err));
        put_u32be(&all, parts[i].len);
        put_u32be(&all, part.len);
        REQUIRE_OK(dzr__bytebuf_append(&all, part.at, part.len, &err));
    }
    check_back(codecs, DZR_CODEC_LZ4, (dzr_bytes){all.at, all.len}, in);
    const size_t room = LZ4F_compressFrameBound(in.len, NULL);
    all.len = 0;
    REQUIRE_OK(dzr__bytebuf_reserve(&all, room, &err));
    all.len = LZ4F_compressFrame(all.at, room, in.at, in.len, NULL);
    REQUIRE(!LZ4F_isError(all.len));
    check_back(codecs, DZR_CODEC_LZ4, (dzr_bytes){all.at, all.len}, in);
    dzr__bytebuf_fini(&part);
    dzr__bytebuf_fini(&all);
}

static void check_out(dzr_codecs *codecs, dzr_codec codec, int32_t level, dzr_bytes in)
{
    dzr_error err;
    dzr_bytebuf packed = {0};
    REQUIRE_OK(dzr__compress(codecs, codec, level, in, &packed, &err));
    check_back(codecs, (int32_t)codec, (dzr_bytes){packed.at, packed.len}, in);
    if (codec == DZR_CODEC_LZ4_RAW) {
        uint8_t *const twin = malloc(in.len + 1);
        REQUIRE(twin != NULL && twin_lz4((dzr_bytes){packed.at, packed.len}, twin, in.len));
        REQUIRE(in.len == 0 || memcmp(twin, in.at, in.len) == 0);
        free(twin);
    }
    dzr__bytebuf_fini(&packed);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const dzr_codec codecs[] = {DZR_CODEC_UNCOMPRESSED, DZR_CODEC_SNAPPY, DZR_CODEC_GZIP, DZR_CODEC_ZSTD,
            DZR_CODEC_BROTLI, DZR_CODEC_LZ4_RAW, DZR_CODEC_LZ4, (dzr_codec)3};
    counting count = {0};
    const dzr_allocator alloc = {counting_allocate, counting_release, &count};
    dzr_codecs state = {.alloc = &alloc};
    draw d = {bytes, bytes + len};
    const dzr_codec codec = codecs[draw_below(&d, sizeof codecs / sizeof *codecs)];
    const size_t n = draw_number(&d, 3) % MOST;
    const dzr_bytes in = {d.at, (size_t)(d.end - d.at)};
    check_in(&state, codec, in, n);
    if (in.len > 0 && dzr__codec_known((int32_t)codec)) { /* no bytes stand for no bytes */
        if (dzr__codec_written(codec))
            check_out(&state, codec,
                    codec == DZR_CODEC_GZIP || codec == DZR_CODEC_BROTLI || codec == DZR_CODEC_ZSTD ? (int32_t)(n % 5)
                                                                                                    : 0,
                    in);
        else
            check_others(&state, in, n % (in.len + 1));
    }
    dzr__codecs_fini(&state);
    REQUIRE(count.now == 0);
    return 0;
}
