/* parquet/metadata/metadata.h - what a file says of itself, as C structs: footer, schema, row groups, chunks, page
 * headers. The reader fills them from bytes, the writer turns them into bytes; shapes.c says which member is which
 * Thrift field. Members keep the order and meaning of parquet.thrift, whose struct each comment names; numbers of enums
 * that we do not know are kept as they are. dzr_bytes are views into the bytes that were read. */
#ifndef DZR_PARQUET_METADATA_H
#define DZR_PARQUET_METADATA_H

#include "parquet/internal.h"
#include "parquet/thrift/thrift.h"

/* Field ids for DZR_HAS, of those that may be absent and that somebody asks for. */
enum {
    DZR_STATISTICS_MAX = 1,
    DZR_STATISTICS_MIN = 2,
    DZR_STATISTICS_NULL_COUNT = 3,
    DZR_STATISTICS_DISTINCT_COUNT = 4,
    DZR_STATISTICS_MAX_VALUE = 5,
    DZR_STATISTICS_MIN_VALUE = 6,
    DZR_STATISTICS_MAX_EXACT = 7,
    DZR_STATISTICS_MIN_EXACT = 8,
    DZR_STATISTICS_NAN_COUNT = 9,

    DZR_UNIT_MILLIS = 1,
    DZR_UNIT_MICROS = 2,
    DZR_UNIT_NANOS = 3,

    DZR_LOGICAL_STRING = 1,
    DZR_LOGICAL_MAP = 2,
    DZR_LOGICAL_LIST = 3,
    DZR_LOGICAL_ENUM = 4,
    DZR_LOGICAL_DECIMAL = 5,
    DZR_LOGICAL_DATE = 6,
    DZR_LOGICAL_TIME = 7,
    DZR_LOGICAL_TIMESTAMP = 8,
    DZR_LOGICAL_INTEGER = 10,
    DZR_LOGICAL_UNKNOWN = 11,
    DZR_LOGICAL_JSON = 12,
    DZR_LOGICAL_BSON = 13,
    DZR_LOGICAL_UUID = 14,
    DZR_LOGICAL_FLOAT16 = 15,
    DZR_LOGICAL_GEOMETRY = 17,
    DZR_LOGICAL_GEOGRAPHY = 18,

    DZR_GEO_CRS = 1,
    DZR_GEO_ALGORITHM = 2,

    DZR_ELEMENT_TYPE = 1,
    DZR_ELEMENT_TYPE_LENGTH = 2,
    DZR_ELEMENT_REPETITION = 3,
    DZR_ELEMENT_NUM_CHILDREN = 5,
    DZR_ELEMENT_CONVERTED = 6,
    DZR_ELEMENT_SCALE = 7,
    DZR_ELEMENT_PRECISION = 8,
    DZR_ELEMENT_FIELD_ID = 9,
    DZR_ELEMENT_LOGICAL = 10,

    DZR_KEY_VALUE_VALUE = 2,

    DZR_COLUMN_KEY_VALUES = 8,
    DZR_COLUMN_INDEX_PAGE_OFFSET = 10,
    DZR_COLUMN_DICTIONARY_PAGE_OFFSET = 11,
    DZR_COLUMN_STATISTICS = 12,
    DZR_COLUMN_ENCODING_STATS = 13,
    DZR_COLUMN_BLOOM_OFFSET = 14,
    DZR_COLUMN_BLOOM_LENGTH = 15,
    DZR_COLUMN_SIZES = 16,

    DZR_SIZES_STRING_BYTES = 1,
    DZR_SIZES_REPS = 2,
    DZR_SIZES_DEFS = 3,

    DZR_OFFSET_INDEX_STRING_BYTES = 2,

    DZR_COLUMN_INDEX_NULL_COUNTS = 5,
    DZR_COLUMN_INDEX_REPS = 6,
    DZR_COLUMN_INDEX_DEFS = 7,
    DZR_COLUMN_INDEX_NAN_COUNTS = 8,

    DZR_CHUNK_FILE_PATH = 1,
    DZR_CHUNK_META = 3,
    DZR_CHUNK_OFFSET_INDEX_OFFSET = 4,
    DZR_CHUNK_OFFSET_INDEX_LENGTH = 5,
    DZR_CHUNK_COLUMN_INDEX_OFFSET = 6,
    DZR_CHUNK_COLUMN_INDEX_LENGTH = 7,
    DZR_CHUNK_CRYPTO = 8,
    DZR_CHUNK_ENCRYPTED_META = 9,

    DZR_ROW_GROUP_SORTING = 4,
    DZR_ROW_GROUP_FILE_OFFSET = 5,
    DZR_ROW_GROUP_COMPRESSED_SIZE = 6,
    DZR_ROW_GROUP_ORDINAL = 7,

    DZR_ORDER_TYPE = 1,
    DZR_ORDER_IEEE_754_TOTAL = 2,
    DZR_ORDER_INT96_TIMESTAMP = 3,

    DZR_FILE_KEY_VALUES = 5,
    DZR_FILE_CREATED_BY = 6,
    DZR_FILE_COLUMN_ORDERS = 7,
    DZR_FILE_ENCRYPTION = 8,

    DZR_PAGE_HAS_CRC = 4,
    DZR_PAGE_HAS_DATA = 5,
    DZR_PAGE_HAS_INDEX = 6,
    DZR_PAGE_HAS_DICTIONARY = 7,
    DZR_PAGE_HAS_DATA_V2 = 8,
    DZR_DATA_PAGE_STATISTICS = 5,
    DZR_DATA_PAGE_V2_IS_COMPRESSED = 7, /* absent means true */
    DZR_DATA_PAGE_V2_STATISTICS = 8
};

/* Statistics. min and max are the deprecated pair, in signed order. */
typedef struct dzr_meta_statistics {
    uint32_t has;
    dzr_bytes max, min;
    int64_t null_count, distinct_count;
    dzr_bytes max_value, min_value;
    bool max_exact, min_exact;
    int64_t nan_count;
} dzr_meta_statistics;

/* DecimalType */
typedef struct dzr_meta_decimal {
    uint32_t has;
    int32_t scale, precision;
} dzr_meta_decimal;

/* TimeUnit, a union: DZR_UNIT_MILLIS ... */
typedef struct dzr_meta_unit {
    uint32_t has;
} dzr_meta_unit;

/* TimeType, TimestampType */
typedef struct dzr_meta_time {
    uint32_t has;
    bool utc;
    dzr_meta_unit unit;
} dzr_meta_time;

/* IntType */
typedef struct dzr_meta_integer {
    uint32_t has;
    int8_t bits;
    bool is_signed;
} dzr_meta_integer;

/* GeometryType, which has no algorithm, and GeographyType. */
typedef struct dzr_meta_geo {
    uint32_t has;
    dzr_bytes crs;
    int32_t algorithm; /* EdgeInterpolationAlgorithm */
} dzr_meta_geo;

/* LogicalType, a union: DZR_LOGICAL_STRING ... Members that have no parameters, or ones we do not use, are bits only.
 */
typedef struct dzr_meta_logical {
    uint32_t has;
    dzr_meta_decimal decimal;
    dzr_meta_time time, timestamp;
    dzr_meta_integer integer;
    dzr_meta_geo geometry, geography;
} dzr_meta_logical;

/* SchemaElement */
typedef struct dzr_meta_element {
    uint32_t has;
    int32_t type; /* dzr_physical; a group has none */
    int32_t type_length;
    int32_t repetition; /* dzr_repetition; the root has none */
    dzr_bytes name;
    int32_t num_children;
    int32_t converted;
    int32_t scale, precision;
    int32_t field_id;
    dzr_meta_logical logical;
    int32_t vector_length;
} dzr_meta_element;

/* KeyValue */
typedef struct dzr_meta_key_value {
    uint32_t has;
    dzr_bytes key, value;
} dzr_meta_key_value;

/* SortingColumn */
typedef struct dzr_meta_sorting {
    uint32_t has;
    int32_t column;
    bool descending, nulls_first;
} dzr_meta_sorting;

/* PageEncodingStats */
typedef struct dzr_meta_encoding_stats {
    uint32_t has;
    int32_t page_type, encoding, count;
} dzr_meta_encoding_stats;

/* SizeStatistics: bytes of the strings without their lengths; how many levels there are of each, from 0 to the most. */
typedef struct dzr_meta_sizes {
    uint32_t has;
    int64_t string_bytes;
    DZR_LIST(int64_t) reps;
    DZR_LIST(int64_t) defs;
} dzr_meta_sizes;

/* ColumnMetaData */
typedef struct dzr_meta_column {
    uint32_t has;
    int32_t type;
    DZR_LIST(int32_t) encodings;
    DZR_LIST(dzr_bytes) path;
    int32_t codec;
    int64_t num_values;
    int64_t uncompressed_size, compressed_size; /* headers of pages included */
    DZR_LIST(dzr_meta_key_value) key_values;
    int64_t data_page_offset, index_page_offset, dictionary_page_offset;
    dzr_meta_statistics statistics;
    DZR_LIST(dzr_meta_encoding_stats) encoding_stats;
    int64_t bloom_offset;
    int32_t bloom_length;
    dzr_meta_sizes sizes;
} dzr_meta_column;

/* ColumnChunk */
typedef struct dzr_meta_chunk {
    uint32_t has;
    dzr_bytes file_path;
    int64_t file_offset; /* deprecated: 0 when written, ignored when read */
    dzr_meta_column meta;
    int64_t offset_index_offset;
    int32_t offset_index_length;
    int64_t column_index_offset;
    int32_t column_index_length;
    dzr_bytes encrypted_meta;
} dzr_meta_chunk;

/* RowGroup */
typedef struct dzr_meta_row_group {
    uint32_t has;
    DZR_LIST(dzr_meta_chunk) columns;
    int64_t total_byte_size; /* uncompressed */
    int64_t num_rows;
    DZR_LIST(dzr_meta_sorting) sorting;
    int64_t file_offset;
    int64_t compressed_size;
    int16_t ordinal;
} dzr_meta_row_group;

/* ColumnOrder, a union: DZR_ORDER_TYPE ... */
typedef struct dzr_meta_order {
    uint32_t has;
} dzr_meta_order;

/* FileMetaData */
typedef struct dzr_meta_file {
    uint32_t has;
    int32_t version;
    DZR_LIST(dzr_meta_element) schema;
    int64_t num_rows;
    DZR_LIST(dzr_meta_row_group) row_groups;
    DZR_LIST(dzr_meta_key_value) key_values;
    dzr_bytes created_by;
    DZR_LIST(dzr_meta_order) column_orders;
    dzr_bytes signing_key;
} dzr_meta_file;

/* DataPageHeader */
typedef struct dzr_meta_data_page {
    uint32_t has;
    int32_t num_values;
    int32_t encoding;
    int32_t def_encoding, rep_encoding;
    dzr_meta_statistics statistics;
} dzr_meta_data_page;

/* DictionaryPageHeader */
typedef struct dzr_meta_dictionary_page {
    uint32_t has;
    int32_t num_values;
    int32_t encoding;
    bool is_sorted;
} dzr_meta_dictionary_page;

/* DataPageHeaderV2 */
typedef struct dzr_meta_data_page_v2 {
    uint32_t has;
    int32_t num_values, num_nulls, num_rows;
    int32_t encoding;
    int32_t def_bytes, rep_bytes;
    bool is_compressed;
    dzr_meta_statistics statistics;
} dzr_meta_data_page_v2;

/* PageHeader */
typedef struct dzr_meta_page {
    uint32_t has;
    int32_t type; /* dzr_page_type */
    int32_t uncompressed_size, compressed_size;
    int32_t crc;
    dzr_meta_data_page data;
    dzr_meta_dictionary_page dictionary;
    dzr_meta_data_page_v2 data_v2;
} dzr_meta_page;

/* PageLocation */
typedef struct dzr_meta_location {
    uint32_t has;
    int64_t offset;
    int32_t n_bytes; /* header included */
    int64_t first_row;
} dzr_meta_location;

/* OffsetIndex */
typedef struct dzr_meta_offset_index {
    uint32_t has;
    DZR_LIST(dzr_meta_location) pages;
    DZR_LIST(int64_t) string_bytes;
} dzr_meta_offset_index;

/* ColumnIndex: an entry for each page. reps and defs: as in SizeStatistics, page after page. */
typedef struct dzr_meta_column_index {
    uint32_t has;
    DZR_LIST(bool) null_pages;
    DZR_LIST(dzr_bytes) min_values;
    DZR_LIST(dzr_bytes) max_values;
    int32_t order; /* dzr_parquet_order */
    DZR_LIST(int64_t) null_counts;
    DZR_LIST(int64_t) reps;
    DZR_LIST(int64_t) defs;
    DZR_LIST(int64_t) nan_counts;
} dzr_meta_column_index;

extern const dzr_thrift_shape dzr__shape_offset_index, dzr__shape_column_index;
extern const dzr_thrift_shape dzr__shape_file, dzr__shape_chunk, dzr__shape_column, dzr__shape_page,
        dzr__shape_statistics;

/* ---- footer (footer.c) ---- */
/* Parses and checks a footer (the bytes between the last page and its own length). The arena is fresh; its ceiling
 * becomes 64 KiB and 64 bytes for each of the footer. Checked: limits (0 in a field means its default) on schema nodes,
 * depth and row groups; row counts that are negative; row groups that do not have a chunk for each leaf; chunks without
 * metadata, unless encrypted. Errors: DZR_ERR_TRUNCATED, DZR_ERR_CORRUPT, DZR_ERR_LIMIT, DZR_ERR_NOMEM. */
typedef struct dzr_leaf dzr_leaf;
DZR_MUST_CHECK dzr_status dzr__footer_read(dzr_bytes footer, const dzr_parquet_limits *limits, dzr_arena *arena,
        dzr_meta_file *out, const dzr_leaf **leaves, int32_t *n_leaves, dzr_error *err);

/* The limits with defaults in place of zeros. */
dzr_parquet_limits dzr__parquet_limits(const dzr_parquet_limits *limits);

/* ---- schema (schema.c) ---- */
/* A column of the file: a primitive node, with what its ancestors make of it. */
struct dzr_leaf {
    int32_t element;     /* its number in dzr_meta_file.schema */
    int32_t parent;      /* its group's; 0 is the root, whose children are flat columns */
    int32_t physical;    /* dzr_physical, or a number we do not know */
    int32_t type_length; /* of FIXED_LEN_BYTE_ARRAY; 0 otherwise */
    int16_t max_def, max_rep;
    const char *path; /* "a.b.c", in the arena */
};

/* Walks the tree of n elements. Errors: DZR_ERR_CORRUPT (children counted wrongly, a node without repetition, a leaf
 * with no type or with length <= 0, a VECTOR), DZR_ERR_LIMIT, DZR_ERR_NOMEM; the message names the node by number and
 * name. */
DZR_MUST_CHECK dzr_status dzr__leaves_read(const dzr_meta_element *elements, int32_t n,
        const dzr_parquet_limits *limits, dzr_arena *arena, const dzr_leaf **out, int32_t *n_out, dzr_error *err);

/* ---- types (types.c) ---- */
/* The frame's type of a leaf, by its logical type, else its converted type, else its physical type. An annotation that
 * the format does not have (yet) is ignored. INT96 is a TIMESTAMP in microseconds, INTERVAL is 12 bytes. Errors:
 * DZR_ERR_UNSUPPORTED (a type the frame can't hold, named), DZR_ERR_CORRUPT (an annotation that is not allowed on this
 * physical type). */
DZR_MUST_CHECK dzr_status dzr__type_from_element(const dzr_meta_element *element, dzr_type *out, dzr_error *err);
/* The element of a field: name (a view), repetition, logical type and, where there is one, converted; besides, of a
 * value its physical type, and of a STRUCT, LIST or MAP its number of children. */
void dzr__element_from_field(const dzr_field *field, dzr_meta_element *out);
dzr_physical dzr__physical_of(dzr_type type);
/* Bytes of a value where that is FIXED_LEN_BYTE_ARRAY: the fewest for a DECIMAL; 0 for other types. */
int32_t dzr__fixed_bytes(dzr_type type);
/* INT96: 64 bits of nanoseconds of a day, then 32 bits of the Julian day. */
enum { DZR_INT96_BYTES = 12, DZR_JULIAN_DAY_OF_1970 = 2440588 };
/* Whether values are compared as unsigned numbers. */
bool dzr__type_is_unsigned(dzr_type type);

/* ---- order (order.c) ---- */
/* Whether values may be NaN, and zeros have a sign. */
static inline bool dzr__type_is_float(dzr_type type)
{
    return type.id == DZR_TYPE_FLOAT || type.id == DZR_TYPE_DOUBLE || type.id == DZR_TYPE_HALF;
}
/* As what a type's bounds are compared: DECIMAL on integers as those, else as signed bytes, highest first; a type whose
 * bounds say nothing on that physical type as DZR_TYPE_NULL. */
dzr_type dzr__ordered_as(dzr_type type, int32_t physical);
/* Whether the format gives the type's bounds an order that dzr__bounds_compare knows, and whether a bound is one of the
 * type: its length is right, and it is not NaN. */
bool dzr__type_has_order(dzr_type type);
bool dzr__bound_valid(dzr_type type, dzr_bytes bound);
/* Less than, equal to or greater than 0, as a is to b: both valid, of a type that has an order. Zeros of both signs are
 * equal. */
int dzr__bounds_compare(dzr_type type, dzr_bytes a, dzr_bytes b);
/* A value of FLOAT, DOUBLE or HALF as a number that has its place in IEEE_754_TOTAL_ORDER, and back. */
int64_t dzr__total_order_key(dzr_type_id id, const void *value);
void dzr__total_order_value(dzr_type_id id, int64_t key, void *value);

#endif
