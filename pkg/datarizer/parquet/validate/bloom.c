/* parquet/validate/bloom.c - a chunk's bloom filter says of each of its values that it may be there. Called by chunk.c.
 * Spec: parquet-format BloomFilter.md; parquet.thrift, BloomFilterHeader. */
#include "parquet/validate/validate.h"

enum { BLOCK = 32, WORDS = 8, MOST_HEADER = 128, BLOOM_BLOCK = 1, BLOOM_XXHASH = 1, BLOOM_UNCOMPRESSED = 1 };

/* A union of which the first member is the only one that the format has. */
typedef struct one_of {
    uint32_t has;
} one_of;

typedef struct bloom_header {
    uint32_t has;
    int32_t n_bytes;
    one_of algorithm, hash, compression;
} bloom_header;

static const dzr_thrift_field first_member[] = {{.name = "first", .id = 1, .kind = DZR_THRIFT_EMPTY}};
static const dzr_thrift_shape one_of_shape = {"union", first_member, 1, sizeof(one_of)};
#define MEMBER(id_, member_, kind_, ...)                                                                               \
    {                                                                                                                  \
        .name = #member_, .id = id_, .required = true, .kind = kind_, .at = offsetof(bloom_header, member_),           \
        __VA_ARGS__                                                                                                    \
    }
static const dzr_thrift_field header_fields[] = {
        MEMBER(1, n_bytes, DZR_THRIFT_I32),
        MEMBER(2, algorithm, DZR_THRIFT_STRUCT, .shape = &one_of_shape),
        MEMBER(3, hash, DZR_THRIFT_STRUCT, .shape = &one_of_shape),
        MEMBER(4, compression, DZR_THRIFT_STRUCT, .shape = &one_of_shape),
};
static const dzr_thrift_shape header_shape = {"BloomFilterHeader", header_fields, 4, sizeof(bloom_header)};

/* Whether all eight bits of a hash are set in its block. */
static bool may_contain(const uint8_t *blocks, uint64_t n_blocks, uint64_t hash)
{
    static const uint32_t salts[WORDS] = {
            0x47b6137bU, 0x44974d91U, 0x8824ad5bU, 0xa2b7289dU, 0x705495c7U, 0x2df1424bU, 0x9efc4947U, 0x5c6bfb31U};
    const uint8_t *const block = blocks + BLOCK * ((hash >> 32) * n_blocks >> 32);
    for (size_t i = 0; i < WORDS; i++)
        if ((dzr__load_u32(block + 4 * i) >> ((uint32_t)hash * salts[i] >> 27) & 1) == 0)
            return false;
    return true;
}

static dzr_status check_values(
        dzr_chunk_check *c, dzr_place place, const uint8_t *blocks, uint64_t n_blocks, dzr_error *err)
{
    const dzr_decoder *const d = &c->task->decoder;
    for (int64_t row = 0; row < d->row; row++) {
        uint8_t room[DZR_PLAIN_ROOM];
        if (!dzr__decoder_has_value(d, row))
            continue;
        const dzr_bytes value = dzr__decoder_plain(d, row, room);
        if (!may_contain(blocks, n_blocks, dzr__xxh64(value.at, value.len)))
            return dzr__found(c->v, DZR_PARQUET_FOUND_BLOOM_FILTER, place, err,
                    "the bloom filter denies value %lld of the column chunk", (long long)row);
    }
    return DZR_OK;
}

/* The header, which has no length of its own; *n_header is what it takes. */
static dzr_status read_header(dzr_chunk_check *c, uint64_t at, bloom_header *header, uint64_t *n_header, dzr_error *why)
{
    const dzr_parquet_reader *const reader = c->v->reader;
    uint8_t bytes[MOST_HEADER];
    if (at < DZR_PARQUET_MAGIC_BYTES || at >= reader->pages_end)
        return dzr_fail(why, DZR_ERR_CORRUPT, "the bloom filter is said to be at byte %llu, the footer is at byte %llu",
                (unsigned long long)at, (unsigned long long)reader->pages_end);
    const size_t n = (size_t)DZR_MIN((uint64_t)sizeof bytes, reader->pages_end - at);
    DZR_TRY(dzr_source_read_at(reader->source, at, bytes, n, why));
    dzr_cursor in = dzr__cursor(bytes, n);
    dzr_status st = dzr__thrift_read(&in, &header_shape, header, NULL, why);
    if (st != DZR_OK)
        return dzr_fail_at(why, st, "bloom filter: ");
    *n_header = (uint64_t)(in.at - bytes);
    if (header->algorithm.has == 0 || header->hash.has == 0 || header->compression.has == 0)
        return dzr_fail(why, DZR_ERR_UNSUPPORTED, "the bloom filter has an algorithm, hash or compression of its own");
    if (header->n_bytes < BLOCK || header->n_bytes % BLOCK != 0 ||
            (uint64_t)header->n_bytes > reader->pages_end - at - *n_header)
        return dzr_fail(why, DZR_ERR_CORRUPT,
                "the bloom filter claims %d bytes at byte %llu, the footer is at byte %llu", header->n_bytes,
                (unsigned long long)at, (unsigned long long)reader->pages_end);
    return DZR_OK;
}

dzr_status dzr__check_bloom(dzr_chunk_check *c, dzr_error *err)
{
    const dzr_meta_column *const meta = c->task->meta;
    dzr_parquet_reader *const reader = c->v->reader;
    dzr_place place = c->place;
    bloom_header header;
    dzr_error why;
    uint64_t n_header = 0;
    if (!DZR_HAS(meta, DZR_COLUMN_BLOOM_OFFSET))
        return DZR_OK;
    c->v->checked.n_bloom_filters++;
    place.offset = meta->bloom_offset;
    dzr_status st = read_header(c, (uint64_t)meta->bloom_offset, &header, &n_header, &why);
    if (st != DZR_OK)
        return dzr__found_error(c->v, DZR_PARQUET_FOUND_BLOOM_FILTER, place, false, st, &why, err);
    const uint64_t n_all = n_header + (uint64_t)header.n_bytes;
    DZR_TRY(dzr__span_add(
            c->v, (uint64_t)meta->bloom_offset, n_all, place.row_group, place.column, "a bloom filter", err));
    if (DZR_HAS(meta, DZR_COLUMN_BLOOM_LENGTH) && (uint64_t)meta->bloom_length != n_all)
        DZR_TRY(dzr__found(c->v, DZR_PARQUET_FOUND_BLOOM_FILTER, place, err,
                "the bloom filter has %llu bytes, the footer claims %d", (unsigned long long)n_all,
                meta->bloom_length));
    uint8_t *const blocks = dzr_alloc_array(reader->alloc, (size_t)header.n_bytes, 1, err);
    if (blocks == NULL)
        return DZR_ERR_NOMEM;
    st = dzr_source_read_at(
            reader->source, (uint64_t)meta->bloom_offset + n_header, blocks, (size_t)header.n_bytes, err);
    if (st == DZR_OK)
        st = check_values(c, place, blocks, (uint64_t)header.n_bytes / BLOCK, err);
    dzr_release(reader->alloc, blocks);
    return st;
}
