/* tests/parquet/test_codec.c - the codecs both ways, over wrong sizes and damage; the CRC of stored pages. */
#include "support.h"

#include "parquet/codec/codec.h"

#include <lz4frame.h>

static const dzr_codec all_codecs[] = {
        DZR_CODEC_UNCOMPRESSED, DZR_CODEC_SNAPPY, DZR_CODEC_GZIP, DZR_CODEC_ZSTD, DZR_CODEC_LZ4_RAW, DZR_CODEC_BROTLI};
enum { N_CODECS = sizeof all_codecs / sizeof *all_codecs };

/* Bytes that compress, and do not repeat simply. */
static void fill(uint8_t *at, size_t n)
{
    uint32_t x = 12345;
    for (size_t i = 0; i < n; i++) {
        x = x * 1664525 + 1013904223;
        at[i] = (uint8_t)(x >> 24 & 0x0f);
    }
}

static void every_size_comes_back(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 15, 100, 65535, 65536, 300000};
    dzr_error err;
    dzr_codecs codecs = {0};
    dzr_bytebuf packed = {0};
    static uint8_t in[300000], out[300000];
    fill(in, sizeof in);
    for (size_t c = 0; c < N_CODECS; c++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            const size_t n = sizes[i];
            assert_ok(dzr__compress(&codecs, all_codecs[c], 0, (dzr_bytes){in, n}, &packed, &err));
            memset(out, 0xee, sizeof out);
            assert_ok(
                    dzr__decompress(&codecs, (int32_t)all_codecs[c], (dzr_bytes){packed.at, packed.len}, out, n, &err));
            assert_memory_equal(out, in, n);
            assert_true(n == sizeof out || out[n] == 0xee);
        }
    dzr__bytebuf_fini(&packed);
    dzr__codecs_fini(&codecs);
}

static void levels_change_from_page_to_page(void **state)
{
    (void)state;
    static const struct {
        dzr_codec codec;
        int32_t level;
    } levels[] = {
            {DZR_CODEC_GZIP, 1}, {DZR_CODEC_GZIP, 9}, {DZR_CODEC_GZIP, 1}, {DZR_CODEC_ZSTD, 22}, {DZR_CODEC_ZSTD, 1}};
    dzr_error err;
    dzr_codecs codecs = {0};
    dzr_bytebuf packed = {0};
    static uint8_t in[100000], out[100000];
    fill(in, sizeof in);
    size_t lens[5];
    for (size_t i = 0; i < 5; i++) {
        assert_ok(dzr__compress(&codecs, levels[i].codec, levels[i].level, (dzr_bytes){in, sizeof in}, &packed, &err));
        lens[i] = packed.len;
        assert_ok(dzr__decompress(
                &codecs, (int32_t)levels[i].codec, (dzr_bytes){packed.at, packed.len}, out, sizeof out, &err));
        assert_memory_equal(out, in, sizeof in);
    }
    assert_true(lens[1] < lens[0] && lens[2] == lens[0]);
    dzr__bytebuf_fini(&packed);
    dzr__codecs_fini(&codecs);
}

static void a_wrong_size_is_corrupt_and_nothing_is_written_past_it(void **state)
{
    (void)state;
    dzr_error err;
    dzr_codecs codecs = {0};
    dzr_bytebuf packed = {0};
    uint8_t in[1000], out[1100];
    fill(in, sizeof in);
    for (size_t c = 0; c < N_CODECS; c++) {
        assert_ok(dzr__compress(&codecs, all_codecs[c], 0, (dzr_bytes){in, sizeof in}, &packed, &err));
        const dzr_bytes bytes = {packed.at, packed.len};
        static const size_t wrong[] = {0, 1, 999, 1001, 1100};
        for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
            memset(out, 0xee, sizeof out);
            assert_fails(dzr__decompress(&codecs, (int32_t)all_codecs[c], bytes, out, wrong[i], &err), DZR_ERR_CORRUPT,
                    "expected");
            for (size_t k = wrong[i]; k < sizeof out; k++)
                assert_int_equal(out[k], 0xee);
        }
    }
    dzr__bytebuf_fini(&packed);
    dzr__codecs_fini(&codecs);
}

static void cut_or_damaged_streams_are_corrupt(void **state)
{
    (void)state;
    dzr_error err;
    dzr_codecs codecs = {0};
    dzr_bytebuf packed = {0};
    uint8_t in[1000], out[1000];
    fill(in, sizeof in);
    for (size_t c = 1; c < N_CODECS; c++) {
        const int32_t codec = (int32_t)all_codecs[c];
        assert_ok(dzr__compress(&codecs, all_codecs[c], 0, (dzr_bytes){in, sizeof in}, &packed, &err));
        for (size_t n = 0; n < packed.len; n++)
            assert_fails(dzr__decompress(&codecs, codec, (dzr_bytes){packed.at, n}, out, sizeof out, &err),
                    DZR_ERR_CORRUPT, "");
        packed.at[0] ^= 0xff;
        assert_fails(dzr__decompress(&codecs, codec, (dzr_bytes){packed.at, packed.len}, out, sizeof out, &err),
                DZR_ERR_CORRUPT, "");
        packed.at[0] ^= 0xff; /* the contexts work on after an error */
        assert_ok(dzr__decompress(&codecs, codec, (dzr_bytes){packed.at, packed.len}, out, sizeof out, &err));
        assert_memory_equal(out, in, sizeof in);
    }
    dzr__bytebuf_fini(&packed);
    dzr__codecs_fini(&codecs);
}

static void gzip_may_be_several_members(void **state)
{
    (void)state;
    dzr_error err;
    dzr_codecs codecs = {0};
    dzr_bytebuf packed = {0}, all = {0};
    uint8_t in[1000], out[1000];
    fill(in, sizeof in);
    static const size_t cuts[] = {0, 300, 300, 1000}; /* the second member is empty */
    for (size_t i = 0; i < 3; i++) {
        const dzr_bytes part = {in + cuts[i], cuts[i + 1] - cuts[i]};
        assert_ok(dzr__compress(&codecs, DZR_CODEC_GZIP, 0, part, &packed, &err));
        assert_ok(dzr__bytebuf_append(&all, packed.at, packed.len, &err));
    }
    const dzr_bytes bytes = {all.at, all.len};
    assert_ok(dzr__decompress(&codecs, DZR_CODEC_GZIP, bytes, out, sizeof out, &err));
    assert_memory_equal(out, in, sizeof in);
    assert_fails(dzr__decompress(&codecs, DZR_CODEC_GZIP, bytes, out, 300, &err), DZR_ERR_CORRUPT, "more than");
    assert_ok(dzr__bytebuf_append(&all, "junk", 4, &err));
    assert_fails(dzr__decompress(&codecs, DZR_CODEC_GZIP, (dzr_bytes){all.at, all.len}, out, sizeof out, &err),
            DZR_ERR_CORRUPT, "gzip member");
    dzr__bytebuf_fini(&packed);
    dzr__bytebuf_fini(&all);
    dzr__codecs_fini(&codecs);
}

/* Appends `block` in Hadoop's framing. */
static void frame_block(dzr_bytebuf *out, uint32_t makes, dzr_bytes block)
{
    dzr_error err;
    const uint32_t head[] = {__builtin_bswap32(makes), __builtin_bswap32((uint32_t)block.len)};
    assert_ok(dzr__bytebuf_append(out, head, sizeof head, &err));
    assert_ok(dzr__bytebuf_append(out, block.at, block.len, &err));
}

static void lz4_of_older_writers_comes_in_three_forms(void **state)
{
    (void)state;
    dzr_error err;
    dzr_codecs codecs = {0};
    dzr_bytebuf packed = {0}, framed = {0};
    uint8_t in[1000], out[1000];
    fill(in, sizeof in);
    for (size_t at = 0; at < sizeof in; at += 500) {
        assert_ok(dzr__compress(&codecs, DZR_CODEC_LZ4_RAW, 0, (dzr_bytes){in + at, 500}, &packed, &err));
        frame_block(&framed, 500, (dzr_bytes){packed.at, packed.len});
    }
    assert_ok(dzr__decompress(&codecs, DZR_CODEC_LZ4, (dzr_bytes){framed.at, framed.len}, out, sizeof out, &err));
    assert_memory_equal(out, in, sizeof in);
    assert_fails(dzr__decompress(&codecs, DZR_CODEC_LZ4, (dzr_bytes){framed.at, framed.len}, out, 999, &err),
            DZR_ERR_CORRUPT, "make no 999 bytes");
    assert_ok(dzr__compress(&codecs, DZR_CODEC_LZ4_RAW, 0, (dzr_bytes){in, sizeof in}, &packed, &err));
    memset(out, 0, sizeof out);
    assert_ok(dzr__decompress(&codecs, DZR_CODEC_LZ4, (dzr_bytes){packed.at, packed.len}, out, sizeof out, &err));
    assert_memory_equal(out, in, sizeof in);
    uint8_t frame[2000];
    const size_t n = LZ4F_compressFrame(frame, sizeof frame, in, sizeof in, NULL);
    assert_false(LZ4F_isError(n));
    memset(out, 0, sizeof out);
    assert_ok(dzr__decompress(&codecs, DZR_CODEC_LZ4, (dzr_bytes){frame, n}, out, sizeof out, &err));
    assert_memory_equal(out, in, sizeof in);
    assert_fails(dzr__decompress(&codecs, DZR_CODEC_LZ4, (dzr_bytes){frame, n - 1}, out, sizeof out, &err),
            DZR_ERR_CORRUPT, "in Hadoop's framing, as a block or as a frame");
    assert_fails(dzr__compress(&codecs, DZR_CODEC_LZ4, 0, (dzr_bytes){in, 1}, &packed, &err), DZR_ERR_UNSUPPORTED,
            "LZ4 is not written");
    assert_fails(dzr_codec_find("lz4", &(dzr_codec){0}, &err), DZR_ERR_ARG, "no codec is called \"lz4\"");
    dzr__bytebuf_fini(&packed);
    dzr__bytebuf_fini(&framed);
    dzr__codecs_fini(&codecs);
}

static void a_zlib_stream_is_not_gzip(void **state)
{
    (void)state;
    static const uint8_t zlib_of_a[] = {0x78, 0x9c, 0x4b, 0x04, 0x00, 0x00, 0x62, 0x00, 0x62};
    dzr_error err;
    dzr_codecs codecs = {0};
    uint8_t out[1];
    assert_fails(dzr__decompress(&codecs, DZR_CODEC_GZIP, (dzr_bytes){zlib_of_a, sizeof zlib_of_a}, out, 1, &err),
            DZR_ERR_CORRUPT, "gzip member");
    dzr__codecs_fini(&codecs);
}

static void no_bytes_stand_for_no_bytes(void **state)
{
    (void)state;
    dzr_error err;
    dzr_codecs codecs = {0};
    uint8_t out[1];
    for (size_t c = 0; c < N_CODECS; c++) {
        const int32_t codec = (int32_t)all_codecs[c];
        assert_ok(dzr__decompress(&codecs, codec, (dzr_bytes){NULL, 0}, NULL, 0, &err));
        assert_fails(dzr__decompress(&codecs, codec, (dzr_bytes){NULL, 0}, out, 1, &err), DZR_ERR_CORRUPT,
                "0 bytes where 1 are expected");
    }
    dzr__codecs_fini(&codecs);
}

static void codecs_we_lack_are_named(void **state)
{
    (void)state;
    dzr_error err;
    dzr_codecs codecs = {0};
    uint8_t out[1];
    const dzr_bytes in = {(const uint8_t *)"x", 1};
    assert_fails(dzr__decompress(&codecs, 3, in, out, 1, &err), DZR_ERR_UNSUPPORTED, "codec LZO is not supported");
    assert_fails(dzr__decompress(&codecs, 99, in, out, 1, &err), DZR_ERR_UNSUPPORTED, "codec 99 is not known");
    assert_fails(dzr__decompress(&codecs, -1, in, out, 1, &err), DZR_ERR_UNSUPPORTED, "codec -1 is not known");
    dzr__codecs_fini(&codecs);
}

static void codecs_have_names(void **state)
{
    (void)state;
    dzr_error err;
    dzr_codec codec = DZR_CODEC_UNCOMPRESSED;
    for (size_t c = 0; c < N_CODECS; c++) {
        assert_ok(dzr_codec_find(dzr_codec_name(all_codecs[c]), &codec, &err));
        assert_int_equal(codec, all_codecs[c]);
    }
    assert_ok(dzr_codec_find("ZStd", &codec, &err));
    assert_int_equal(codec, DZR_CODEC_ZSTD);
    assert_ok(dzr_codec_find("NONE", &codec, &err));
    assert_int_equal(codec, DZR_CODEC_UNCOMPRESSED);
    assert_fails(dzr_codec_find("lzo", &codec, &err), DZR_ERR_ARG,
            "\"lzo\"; there are snappy, zstd, gzip, lz4_raw, brotli and none");
    assert_null(dzr_codec_name((dzr_codec)3));
}

static void crc_is_the_one_of_gzip(void **state)
{
    (void)state;
    assert_int_equal(dzr__page_crc("123456789", 9), 0xcbf43926); /* the catalogue's check value of CRC-32 */
    assert_int_equal(dzr__page_crc(NULL, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_size_comes_back),
            cmocka_unit_test(levels_change_from_page_to_page),
            cmocka_unit_test(a_wrong_size_is_corrupt_and_nothing_is_written_past_it),
            cmocka_unit_test(cut_or_damaged_streams_are_corrupt),
            cmocka_unit_test(gzip_may_be_several_members),
            cmocka_unit_test(lz4_of_older_writers_comes_in_three_forms),
            cmocka_unit_test(a_zlib_stream_is_not_gzip),
            cmocka_unit_test(no_bytes_stand_for_no_bytes),
            cmocka_unit_test(codecs_we_lack_are_named),
            cmocka_unit_test(codecs_have_names),
            cmocka_unit_test(crc_is_the_one_of_gzip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
