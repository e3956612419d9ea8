/* fuzz/page.c - the pages of one column chunk through the decoder. The first five bytes say what the column is: type;
 * codec and nullability; levels (two bytes); lists and structs above it, and how many records. The rest are its pages.
 * Holds: no byte outside is touched, every row is decoded or there is an error with a message, views stay in their
 * buffers, lists end where their elements do, memory stays within the budget, and none is left. */
#include "parquet/reader/reader.h"

#include "counting.h"
#include "require.h"

enum {
    BUDGET = 1 << 20,
    SMALL = 256 << 10, /* codecs' states ... */
    WINDOW = 17 << 20, /* ... but for Brotli's, whose stream says how much it looks back on */
    PER_BYTE = 16      /* what is kept of a page, for a byte of its header */
};

static void check_strings(const dzr_decoder *d)
{
    const dzr_view *const views = (const dzr_view *)(const void *)d->values->at;
    for (int64_t row = 0; row < d->row; row++) {
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
    REQUIRE(d->level == d->n_levels && d->row <= d->n_rows && (d->assembly != NULL || d->row == d->n_rows));
    REQUIRE(d->n_nulls == 0 || d->max_def > 0);
    if (d->validity != NULL)
        REQUIRE(d->row - dzr__bits_count(d->validity->at, 0, d->row) == d->n_nulls);
    else
        REQUIRE(d->n_nulls == 0);
    if (d->type.id == DZR_TYPE_STRING || d->type.id == DZR_TYPE_BINARY)
        check_strings(d);
    volatile uint8_t sum = 0; /* every byte has been written, for a checker of memory */
    const size_t n_bytes = d->size == 0 ? dzr__bitmap_bytes(d->row) : d->size * (size_t)d->row;
    for (size_t i = 0; i < n_bytes; i++)
        sum = (uint8_t)(sum + d->values->at[i]);
    for (int64_t row = 0; d->validity != NULL && d->size != 0 && row < d->row; row++)
        for (size_t i = 0; !dzr__bit_get(d->validity->at, row) && i < d->size; i++)
            REQUIRE(d->values->at[(size_t)row * d->size + i] == 0);
}

/* Lists' offsets begin at 0, never fall, and end at the rows of what is below. */
static void check_above(const dzr_decoder *d)
{
    for (int32_t i = 0; i < d->assembly->n_steps - 1; i++) {
        const dzr_assembly_step *const step = &d->assembly->steps[i];
        const int64_t below = i + 2 < d->assembly->n_steps ? step[1].n_rows : d->row;
        REQUIRE(i > 0 || step->n_rows == d->assembly->n_records);
        if (step->nullable && step->n_rows > 0)
            REQUIRE(step->n_rows - dzr__bits_count(step->validity->at, 0, step->n_rows) == step->n_nulls);
        if (!step->is_list) {
            REQUIRE(below == step->n_rows);
            continue;
        }
        const int32_t *const offsets = (const int32_t *)(const void *)step->offsets->at;
        REQUIRE(offsets[0] == 0 && offsets[step->n_rows] == below);
        for (int64_t row = 0; row < step->n_rows; row++)
            REQUIRE(offsets[row] <= offsets[row + 1]);
    }
}

/* What is above a column: L a list that may be null, S a struct that may be, s one that may not. */
static const char *const above[] = {"", "L", "LL", "SL", "LS", "LsL", "LSLS", "LLLL"};

/* The steps down to a column; returns its definition level. */
static dzr_status assemble_as(dzr_assembly *assembly, const char *shape, bool nullable, int64_t n_records,
        dzr_budget *budget, const dzr_allocator *alloc, uint32_t *max_def, dzr_error *err)
{
    const int32_t n = (int32_t)strlen(shape);
    dzr_tree_node node = {.parent = -1};
    DZR_TRY(dzr__assembly_init(assembly, n + 1, n_records, budget, alloc, err));
    for (int32_t i = 0; i <= n; i++) {
        const bool is_list = shape[i] == 'L';
        const dzr_field field = {.type = {.id = is_list ? DZR_TYPE_LIST : DZR_TYPE_STRUCT},
                .nullable = i < n ? shape[i] != 's' : nullable};
        const dzr_field leaf = {.type = {.id = DZR_TYPE_INT32}, .nullable = nullable};
        node.def = (int16_t)(node.exists + field.nullable);
        dzr__assembly_add(assembly, i, &node, i < n ? &field : &leaf);
        *max_def = (uint32_t)node.def;
        node.exists = (int16_t)(node.def + is_list);
        node.rep = (int16_t)(node.rep + is_list);
        node.parent = i;
    }
    return DZR_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const int32_t codecs[] = {DZR_CODEC_UNCOMPRESSED, DZR_CODEC_SNAPPY, DZR_CODEC_GZIP, DZR_CODEC_ZSTD,
            DZR_CODEC_BROTLI, DZR_CODEC_LZ4_RAW, DZR_CODEC_LZ4, 3};
    enum { HEAD = 5, N_FLAT = DZR_TYPE_TIMESTAMP + 1 };
    if (len < HEAD)
        return 0;
    counting count = {0};
    const dzr_allocator alloc = {counting_allocate, counting_release, &count};
    const bool is_fixed = bytes[0] % (N_FLAT + 1) == N_FLAT;
    const dzr_type type = {.id = is_fixed ? DZR_TYPE_FIXED : (dzr_type_id)(bytes[0] % (N_FLAT + 1)),
            .width = 1 + bytes[0] / (N_FLAT + 1)};
    const dzr_type decimal = {.id = DZR_TYPE_DECIMAL, .precision = (bytes[1] >> 5) * 5};
    const int32_t digits = dzr__makes_decimals(type, decimal) ? decimal.precision : 0;
    const char *const shape = above[bytes[4] % 8];
    const int64_t n_levels = bytes[2] | bytes[3] << 8, n_records = n_levels * (31 - bytes[4] / 8) / 31;
    uint32_t max_def = bytes[1] >> 3 & 3;
    const dzr_chunk_bytes chunk = {.bytes = {.at = bytes + HEAD, .len = len - HEAD},
            .codec = codecs[bytes[1] & 7],
            .page_bytes = 256 << 10,
            .skip_crc = true};
    dzr_budget budget = {.limit = BUDGET};
    dzr_error err = {.message = ""};
    dzr_assembly assembly = {0};
    dzr_decoder decoder;
    size_t at = 0;
    dzr_status st = DZR_OK;
    const bool is_nested = shape[0] != '\0';
    if (is_nested)
        st = assemble_as(&assembly, shape, max_def % 2 != 0, n_records, &budget, &alloc, &max_def, &err);
    REQUIRE(st == DZR_OK || st == DZR_ERR_LIMIT);
    if (st == DZR_OK) {
        st = dzr__decoder_init(&decoder, type, digits, max_def, n_levels, &budget, &alloc, &err);
        if (st == DZR_OK && is_nested)
            st = dzr__decoder_nest(&decoder, &assembly, &err);
        if (st == DZR_OK)
            st = dzr__decode_chunk(&decoder, &chunk, &at, &err);
        if (st == DZR_OK && is_nested)
            st = dzr__assembly_finish(&assembly, &err);
        if (st == DZR_OK)
            check_rows(&decoder);
        if (st == DZR_OK && is_nested)
            check_above(&decoder);
        dzr__decoder_fini(&decoder);
    }
    REQUIRE(st == DZR_OK || (err.status == st && err.message[0] != '\0'));
    REQUIRE(at <= chunk.bytes.len);
    if (is_nested)
        dzr__assembly_fini(&assembly);
    REQUIRE(count.now == 0);
    REQUIRE(count.most <= BUDGET + (chunk.codec == DZR_CODEC_BROTLI ? (size_t)WINDOW : SMALL) + len * PER_BYTE);
    return 0;
}
