/* parquet/metadata/shapes.c - which member of metadata.h is which field of parquet.thrift: the tables that thrift/
 * works by. Fields that are not here are skipped in reading: geospatial_statistics of ColumnMetaData, and
 * the parameters of VARIANT and of encryption. */
#include "parquet/metadata/metadata.h"

#define FIELD(struct_, id_, member_, required_, kind_, ...)                                                            \
    {                                                                                                                  \
        .name = #member_, .id = id_, .required = required_, .kind = DZR_THRIFT_##kind_,                                \
        .at = offsetof(struct_, member_), __VA_ARGS__                                                                  \
    }
#define EMPTY(id_, name_)                                                                                              \
    {                                                                                                                  \
        .name = name_, .id = id_, .kind = DZR_THRIFT_EMPTY                                                             \
    }
#define SHAPE(name_, struct_, fields_)                                                                                 \
    {                                                                                                                  \
        .name = name_, .fields = fields_, .n_fields = sizeof(fields_) / sizeof *(fields_), .size = sizeof(struct_)     \
    }

#define STATISTICS(...) FIELD(dzr_meta_statistics, __VA_ARGS__)
static const dzr_thrift_field statistics_fields[] = {
        STATISTICS(1, max, false, BYTES),
        STATISTICS(2, min, false, BYTES),
        STATISTICS(3, null_count, false, I64),
        STATISTICS(4, distinct_count, false, I64),
        STATISTICS(5, max_value, false, BYTES),
        STATISTICS(6, min_value, false, BYTES),
        STATISTICS(7, max_exact, false, BOOL),
        STATISTICS(8, min_exact, false, BOOL),
        STATISTICS(9, nan_count, false, I64),
};
const dzr_thrift_shape dzr__shape_statistics = SHAPE("Statistics", dzr_meta_statistics, statistics_fields);

static const dzr_thrift_field decimal_fields[] = {
        FIELD(dzr_meta_decimal, 1, scale, true, I32),
        FIELD(dzr_meta_decimal, 2, precision, true, I32),
};
static const dzr_thrift_shape decimal_shape = SHAPE("DecimalType", dzr_meta_decimal, decimal_fields);

static const dzr_thrift_field unit_fields[] = {
        EMPTY(DZR_UNIT_MILLIS, "MILLIS"),
        EMPTY(DZR_UNIT_MICROS, "MICROS"),
        EMPTY(DZR_UNIT_NANOS, "NANOS"),
};
static const dzr_thrift_shape unit_shape = SHAPE("TimeUnit", dzr_meta_unit, unit_fields);

static const dzr_thrift_field time_fields[] = {
        FIELD(dzr_meta_time, 1, utc, true, BOOL),
        FIELD(dzr_meta_time, 2, unit, true, STRUCT, .shape = &unit_shape),
};
static const dzr_thrift_shape time_shape = SHAPE("TimeType", dzr_meta_time, time_fields);

static const dzr_thrift_field integer_fields[] = {
        FIELD(dzr_meta_integer, 1, bits, true, I8),
        FIELD(dzr_meta_integer, 2, is_signed, true, BOOL),
};
static const dzr_thrift_shape integer_shape = SHAPE("IntType", dzr_meta_integer, integer_fields);

static const dzr_thrift_field geo_fields[] = {
        FIELD(dzr_meta_geo, DZR_GEO_CRS, crs, false, BYTES),
        FIELD(dzr_meta_geo, DZR_GEO_ALGORITHM, algorithm, false, I32),
};
static const dzr_thrift_shape geometry_shape = {.name = "GeometryType", geo_fields, 1, sizeof(dzr_meta_geo)};
static const dzr_thrift_shape geography_shape = SHAPE("GeographyType", dzr_meta_geo, geo_fields);

static const dzr_thrift_field logical_fields[] = {
        EMPTY(DZR_LOGICAL_STRING, "STRING"),
        EMPTY(DZR_LOGICAL_MAP, "MAP"),
        EMPTY(DZR_LOGICAL_LIST, "LIST"),
        EMPTY(DZR_LOGICAL_ENUM, "ENUM"),
        FIELD(dzr_meta_logical, DZR_LOGICAL_DECIMAL, decimal, false, STRUCT, .shape = &decimal_shape),
        EMPTY(DZR_LOGICAL_DATE, "DATE"),
        FIELD(dzr_meta_logical, DZR_LOGICAL_TIME, time, false, STRUCT, .shape = &time_shape),
        FIELD(dzr_meta_logical, DZR_LOGICAL_TIMESTAMP, timestamp, false, STRUCT, .shape = &time_shape),
        FIELD(dzr_meta_logical, DZR_LOGICAL_INTEGER, integer, false, STRUCT, .shape = &integer_shape),
        EMPTY(DZR_LOGICAL_UNKNOWN, "UNKNOWN"),
        EMPTY(DZR_LOGICAL_JSON, "JSON"),
        EMPTY(DZR_LOGICAL_BSON, "BSON"),
        EMPTY(DZR_LOGICAL_UUID, "UUID"),
        EMPTY(DZR_LOGICAL_FLOAT16, "FLOAT16"),
        EMPTY(16, "VARIANT"),
        FIELD(dzr_meta_logical, DZR_LOGICAL_GEOMETRY, geometry, false, STRUCT, .shape = &geometry_shape),
        FIELD(dzr_meta_logical, DZR_LOGICAL_GEOGRAPHY, geography, false, STRUCT, .shape = &geography_shape),
        EMPTY(19, "VECTOR"),
};
static const dzr_thrift_shape logical_shape = SHAPE("LogicalType", dzr_meta_logical, logical_fields);

#define ELEMENT(...) FIELD(dzr_meta_element, __VA_ARGS__)
static const dzr_thrift_field element_fields[] = {
        ELEMENT(DZR_ELEMENT_TYPE, type, false, I32),
        ELEMENT(DZR_ELEMENT_TYPE_LENGTH, type_length, false, I32),
        ELEMENT(DZR_ELEMENT_REPETITION, repetition, false, I32),
        ELEMENT(4, name, true, BYTES),
        ELEMENT(DZR_ELEMENT_NUM_CHILDREN, num_children, false, I32),
        ELEMENT(DZR_ELEMENT_CONVERTED, converted, false, I32),
        ELEMENT(DZR_ELEMENT_SCALE, scale, false, I32),
        ELEMENT(DZR_ELEMENT_PRECISION, precision, false, I32),
        ELEMENT(DZR_ELEMENT_FIELD_ID, field_id, false, I32),
        ELEMENT(DZR_ELEMENT_LOGICAL, logical, false, STRUCT, .shape = &logical_shape),
        ELEMENT(11, vector_length, false, I32),
};
static const dzr_thrift_shape element_shape = SHAPE("SchemaElement", dzr_meta_element, element_fields);

static const dzr_thrift_field key_value_fields[] = {
        FIELD(dzr_meta_key_value, 1, key, true, BYTES),
        FIELD(dzr_meta_key_value, DZR_KEY_VALUE_VALUE, value, false, BYTES),
};
static const dzr_thrift_shape key_value_shape = SHAPE("KeyValue", dzr_meta_key_value, key_value_fields);

static const dzr_thrift_field sorting_fields[] = {
        FIELD(dzr_meta_sorting, 1, column, true, I32),
        FIELD(dzr_meta_sorting, 2, descending, true, BOOL),
        FIELD(dzr_meta_sorting, 3, nulls_first, true, BOOL),
};
static const dzr_thrift_shape sorting_shape = SHAPE("SortingColumn", dzr_meta_sorting, sorting_fields);

static const dzr_thrift_field encoding_stats_fields[] = {
        FIELD(dzr_meta_encoding_stats, 1, page_type, true, I32),
        FIELD(dzr_meta_encoding_stats, 2, encoding, true, I32),
        FIELD(dzr_meta_encoding_stats, 3, count, true, I32),
};
static const dzr_thrift_shape encoding_stats_shape =
        SHAPE("PageEncodingStats", dzr_meta_encoding_stats, encoding_stats_fields);

#define SIZES(...) FIELD(dzr_meta_sizes, __VA_ARGS__)
static const dzr_thrift_field sizes_fields[] = {
        SIZES(DZR_SIZES_STRING_BYTES, string_bytes, false, I64),
        SIZES(DZR_SIZES_REPS, reps, false, LIST, .of = DZR_THRIFT_I64),
        SIZES(DZR_SIZES_DEFS, defs, false, LIST, .of = DZR_THRIFT_I64),
};
static const dzr_thrift_shape sizes_shape = SHAPE("SizeStatistics", dzr_meta_sizes, sizes_fields);

#define COLUMN(...) FIELD(dzr_meta_column, __VA_ARGS__)
static const dzr_thrift_field column_fields[] = {
        COLUMN(1, type, true, I32),
        COLUMN(2, encodings, true, LIST, .of = DZR_THRIFT_I32),
        COLUMN(3, path, true, LIST, .of = DZR_THRIFT_BYTES),
        COLUMN(4, codec, true, I32),
        COLUMN(5, num_values, true, I64),
        COLUMN(6, uncompressed_size, true, I64),
        COLUMN(7, compressed_size, true, I64),
        COLUMN(DZR_COLUMN_KEY_VALUES, key_values, false, LIST, .of = DZR_THRIFT_STRUCT, .shape = &key_value_shape),
        COLUMN(9, data_page_offset, true, I64),
        COLUMN(DZR_COLUMN_INDEX_PAGE_OFFSET, index_page_offset, false, I64),
        COLUMN(DZR_COLUMN_DICTIONARY_PAGE_OFFSET, dictionary_page_offset, false, I64),
        COLUMN(DZR_COLUMN_STATISTICS, statistics, false, STRUCT, .shape = &dzr__shape_statistics),
        COLUMN(DZR_COLUMN_ENCODING_STATS, encoding_stats, false, LIST, .of = DZR_THRIFT_STRUCT,
                .shape = &encoding_stats_shape),
        COLUMN(DZR_COLUMN_BLOOM_OFFSET, bloom_offset, false, I64),
        COLUMN(DZR_COLUMN_BLOOM_LENGTH, bloom_length, false, I32),
        COLUMN(DZR_COLUMN_SIZES, sizes, false, STRUCT, .shape = &sizes_shape),
};
const dzr_thrift_shape dzr__shape_column = SHAPE("ColumnMetaData", dzr_meta_column, column_fields);

#define CHUNK(...) FIELD(dzr_meta_chunk, __VA_ARGS__)
static const dzr_thrift_field chunk_fields[] = {
        CHUNK(DZR_CHUNK_FILE_PATH, file_path, false, BYTES),
        CHUNK(2, file_offset, true, I64),
        CHUNK(DZR_CHUNK_META, meta, false, STRUCT, .shape = &dzr__shape_column),
        CHUNK(DZR_CHUNK_OFFSET_INDEX_OFFSET, offset_index_offset, false, I64),
        CHUNK(DZR_CHUNK_OFFSET_INDEX_LENGTH, offset_index_length, false, I32),
        CHUNK(DZR_CHUNK_COLUMN_INDEX_OFFSET, column_index_offset, false, I64),
        CHUNK(DZR_CHUNK_COLUMN_INDEX_LENGTH, column_index_length, false, I32),
        EMPTY(DZR_CHUNK_CRYPTO, "crypto_metadata"),
        CHUNK(DZR_CHUNK_ENCRYPTED_META, encrypted_meta, false, BYTES),
};
const dzr_thrift_shape dzr__shape_chunk = SHAPE("ColumnChunk", dzr_meta_chunk, chunk_fields);

#define ROW_GROUP(...) FIELD(dzr_meta_row_group, __VA_ARGS__)
static const dzr_thrift_field row_group_fields[] = {
        ROW_GROUP(1, columns, true, LIST, .of = DZR_THRIFT_STRUCT, .shape = &dzr__shape_chunk),
        ROW_GROUP(2, total_byte_size, true, I64),
        ROW_GROUP(3, num_rows, true, I64),
        ROW_GROUP(DZR_ROW_GROUP_SORTING, sorting, false, LIST, .of = DZR_THRIFT_STRUCT, .shape = &sorting_shape),
        ROW_GROUP(DZR_ROW_GROUP_FILE_OFFSET, file_offset, false, I64),
        ROW_GROUP(DZR_ROW_GROUP_COMPRESSED_SIZE, compressed_size, false, I64),
        ROW_GROUP(DZR_ROW_GROUP_ORDINAL, ordinal, false, I16),
};
static const dzr_thrift_shape row_group_shape = SHAPE("RowGroup", dzr_meta_row_group, row_group_fields);

static const dzr_thrift_field order_fields[] = {
        EMPTY(DZR_ORDER_TYPE, "TYPE_ORDER"),
        EMPTY(DZR_ORDER_IEEE_754_TOTAL, "IEEE_754_TOTAL_ORDER"),
        EMPTY(DZR_ORDER_INT96_TIMESTAMP, "INT96_TIMESTAMP_ORDER"),
};
static const dzr_thrift_shape order_shape = SHAPE("ColumnOrder", dzr_meta_order, order_fields);

#define FILE_FIELD(...) FIELD(dzr_meta_file, __VA_ARGS__)
static const dzr_thrift_field file_fields[] = {
        FILE_FIELD(1, version, true, I32),
        FILE_FIELD(2, schema, true, LIST, .of = DZR_THRIFT_STRUCT, .shape = &element_shape),
        FILE_FIELD(3, num_rows, true, I64),
        FILE_FIELD(4, row_groups, true, LIST, .of = DZR_THRIFT_STRUCT, .shape = &row_group_shape),
        FILE_FIELD(DZR_FILE_KEY_VALUES, key_values, false, LIST, .of = DZR_THRIFT_STRUCT, .shape = &key_value_shape),
        FILE_FIELD(DZR_FILE_CREATED_BY, created_by, false, BYTES),
        FILE_FIELD(DZR_FILE_COLUMN_ORDERS, column_orders, false, LIST, .of = DZR_THRIFT_STRUCT, .shape = &order_shape),
        EMPTY(DZR_FILE_ENCRYPTION, "encryption_algorithm"),
        FILE_FIELD(9, signing_key, false, BYTES),
};
const dzr_thrift_shape dzr__shape_file = SHAPE("FileMetaData", dzr_meta_file, file_fields);

#define DATA_PAGE(...) FIELD(dzr_meta_data_page, __VA_ARGS__)
static const dzr_thrift_field data_page_fields[] = {
        DATA_PAGE(1, num_values, true, I32),
        DATA_PAGE(2, encoding, true, I32),
        DATA_PAGE(3, def_encoding, true, I32),
        DATA_PAGE(4, rep_encoding, true, I32),
        DATA_PAGE(DZR_DATA_PAGE_STATISTICS, statistics, false, STRUCT, .shape = &dzr__shape_statistics),
};
static const dzr_thrift_shape data_page_shape = SHAPE("DataPageHeader", dzr_meta_data_page, data_page_fields);

static const dzr_thrift_field dictionary_page_fields[] = {
        FIELD(dzr_meta_dictionary_page, 1, num_values, true, I32),
        FIELD(dzr_meta_dictionary_page, 2, encoding, true, I32),
        FIELD(dzr_meta_dictionary_page, 3, is_sorted, false, BOOL),
};
static const dzr_thrift_shape dictionary_page_shape =
        SHAPE("DictionaryPageHeader", dzr_meta_dictionary_page, dictionary_page_fields);

#define DATA_PAGE_V2(...) FIELD(dzr_meta_data_page_v2, __VA_ARGS__)
static const dzr_thrift_field data_page_v2_fields[] = {
        DATA_PAGE_V2(1, num_values, true, I32),
        DATA_PAGE_V2(2, num_nulls, true, I32),
        DATA_PAGE_V2(3, num_rows, true, I32),
        DATA_PAGE_V2(4, encoding, true, I32),
        DATA_PAGE_V2(5, def_bytes, true, I32),
        DATA_PAGE_V2(6, rep_bytes, true, I32),
        DATA_PAGE_V2(DZR_DATA_PAGE_V2_IS_COMPRESSED, is_compressed, false, BOOL),
        DATA_PAGE_V2(DZR_DATA_PAGE_V2_STATISTICS, statistics, false, STRUCT, .shape = &dzr__shape_statistics),
};
static const dzr_thrift_shape data_page_v2_shape =
        SHAPE("DataPageHeaderV2", dzr_meta_data_page_v2, data_page_v2_fields);

#define PAGE(...) FIELD(dzr_meta_page, __VA_ARGS__)
static const dzr_thrift_field page_fields[] = {
        PAGE(1, type, true, I32),
        PAGE(2, uncompressed_size, true, I32),
        PAGE(3, compressed_size, true, I32),
        PAGE(DZR_PAGE_HAS_CRC, crc, false, I32),
        PAGE(DZR_PAGE_HAS_DATA, data, false, STRUCT, .shape = &data_page_shape),
        EMPTY(DZR_PAGE_HAS_INDEX, "index_page_header"),
        PAGE(DZR_PAGE_HAS_DICTIONARY, dictionary, false, STRUCT, .shape = &dictionary_page_shape),
        PAGE(DZR_PAGE_HAS_DATA_V2, data_v2, false, STRUCT, .shape = &data_page_v2_shape),
};
const dzr_thrift_shape dzr__shape_page = SHAPE("PageHeader", dzr_meta_page, page_fields);

static const dzr_thrift_field location_fields[] = {
        FIELD(dzr_meta_location, 1, offset, true, I64),
        FIELD(dzr_meta_location, 2, n_bytes, true, I32),
        FIELD(dzr_meta_location, 3, first_row, true, I64),
};
static const dzr_thrift_shape location_shape = SHAPE("PageLocation", dzr_meta_location, location_fields);

#define OFFSET_INDEX(...) FIELD(dzr_meta_offset_index, __VA_ARGS__)
static const dzr_thrift_field offset_index_fields[] = {
        OFFSET_INDEX(1, pages, true, LIST, .of = DZR_THRIFT_STRUCT, .shape = &location_shape),
        OFFSET_INDEX(DZR_OFFSET_INDEX_STRING_BYTES, string_bytes, false, LIST, .of = DZR_THRIFT_I64),
};
const dzr_thrift_shape dzr__shape_offset_index = SHAPE("OffsetIndex", dzr_meta_offset_index, offset_index_fields);

#define COLUMN_INDEX(...) FIELD(dzr_meta_column_index, __VA_ARGS__)
static const dzr_thrift_field column_index_fields[] = {
        COLUMN_INDEX(1, null_pages, true, LIST, .of = DZR_THRIFT_BOOL),
        COLUMN_INDEX(2, min_values, true, LIST, .of = DZR_THRIFT_BYTES),
        COLUMN_INDEX(3, max_values, true, LIST, .of = DZR_THRIFT_BYTES),
        COLUMN_INDEX(4, order, true, I32),
        COLUMN_INDEX(DZR_COLUMN_INDEX_NULL_COUNTS, null_counts, false, LIST, .of = DZR_THRIFT_I64),
        COLUMN_INDEX(DZR_COLUMN_INDEX_REPS, reps, false, LIST, .of = DZR_THRIFT_I64),
        COLUMN_INDEX(DZR_COLUMN_INDEX_DEFS, defs, false, LIST, .of = DZR_THRIFT_I64),
        COLUMN_INDEX(DZR_COLUMN_INDEX_NAN_COUNTS, nan_counts, false, LIST, .of = DZR_THRIFT_I64),
};
const dzr_thrift_shape dzr__shape_column_index = SHAPE("ColumnIndex", dzr_meta_column_index, column_index_fields);
