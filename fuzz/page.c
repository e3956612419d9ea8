/* fuzz/page.c - the pages of one column chunk through the decoder. The first four bytes say what the column is: type,
 * codec and nullability, rows (two bytes); the rest are its pages.
 * Holds: no byte outside is touched, every row is decoded or there is an error with a message, views stay in their
 * buffers, memory stays within the budget, and none is left. */
#include "parquet/reader/reader.h"

#include "counting.h"

enum {
    BUDGET = 1 << 20,
    SMALL = 256 << 10 /* codecs' states */,
    PER_BYTE = 16 /* what is kept of a page, for a byte of its header */
};

#define REQUIRE(condition)                                                                                             \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            __builtin_trap();                                                                                          \
    } while (0)

static void check_strings(const dzr_decoder *d)
{
    const dzr_view *const views = (const dzr_view *)(const void *)d->values->at;
    for (int64_t row = 0; row < d->n_rows; row++) {
        REQUIRE(views[row].len >= 0);
        const uint8_t *at = views[row].as.inlined;
        if (views[row].len > DZR_VIEW_INLINE) {
            REQUIRE(views[row].as.ref.buffer >= 0 && views[row].as.ref.buffer < d->n_data &&
                    views[row].as.ref.offset >= 0);
            const dzr_buffer *const data = d->data[views[row].as.ref.buffer];
            REQUIRE((size_t)views[row].as.ref.offset <= data->len &&
                    (size_t)views[row].len <= data->len - (size_t)views[row].as.ref.offset);
            at = data->at + views[row].as.ref.offset;
            REQUIRE(memcmp(at, views[row].as.ref.prefix, 4) == 0);
        }
        REQUIRE(d->type.id != DZR_TYPE_STRING || dzr__utf8_valid(at, (size_t)views[row].len));
    }
}

/* What must hold when the chunk is decoded. */
static void check_rows(const dzr_decoder *d)
{
    REQUIRE(d->row == d->n_rows);
    REQUIRE(d->n_nulls == 0 || d->max_def > 0);
    if (d->validity != NULL)
        REQUIRE(d->n_rows - dzr__bits_count(d->validity->at, 0, d->n_rows) == d->n_nulls);
    else
        REQUIRE(d->n_nulls == 0);
    if (d->type.id == DZR_TYPE_STRING || d->type.id == DZR_TYPE_BINARY)
        check_strings(d);
    volatile uint8_t sum = 0; /* every byte has been written, for a checker of memory */
    for (size_t i = 0; i < d->values->len; i++)
        sum = (uint8_t)(sum + d->values->at[i]);
    for (int64_t row = 0; d->validity != NULL && d->size != 0 && row < d->n_rows; row++)
        for (size_t i = 0; !dzr__bit_get(d->validity->at, row) && i < d->size; i++)
            REQUIRE(d->values->at[(size_t)row * d->size + i] == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const int32_t codecs[] = {DZR_CODEC_UNCOMPRESSED, DZR_CODEC_SNAPPY, DZR_CODEC_GZIP, DZR_CODEC_ZSTD};
    if (len < 4)
        return 0;
    counting count = {0};
    const dzr_allocator alloc = {counting_allocate, counting_release, &count};
    const dzr_type type = {.id = (dzr_type_id)(bytes[0] % (DZR_TYPE_TIMESTAMP + 1))};
    const uint32_t max_def = bytes[1] >> 2 & 3;
    const int64_t n_rows = bytes[2] | bytes[3] << 8;
    const dzr_chunk_bytes chunk = {.bytes = {.at = bytes + 4, .len = len - 4},
            .codec = codecs[bytes[1] & 3],
            .page_bytes = 256 << 10,
            .skip_crc = true};
    dzr_budget budget = {.limit = BUDGET};
    dzr_error err = {.message = ""};
    dzr_decoder decoder;
    size_t at = 0;
    dzr_status st = dzr__decoder_init(&decoder, type, max_def, n_rows, &budget, &alloc, &err);
    if (st == DZR_OK)
        st = dzr__decode_chunk(&decoder, &chunk, &at, &err);
    if (st == DZR_OK)
        check_rows(&decoder);
    else
        REQUIRE(err.status == st && err.message[0] != '\0');
    REQUIRE(at <= chunk.bytes.len);
    dzr__decoder_fini(&decoder);
    REQUIRE(count.now == 0);
    REQUIRE(count.most <= BUDGET + SMALL + len * PER_BYTE);
    return 0;
}
