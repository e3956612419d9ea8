"""What is known of the files of apache/parquet-testing: what each is for, which engine does not read it, and why."""

# Refused as they are: a page's CRC is not that of its bytes. Without the check they have values.
WRONG_CRC = {"data/datapage_v1-corrupt-checksum.parquet", "data/rle-dict-uncompressed-corrupt-checksum.parquet"}

HUGE = "data/large_string_map.brotli.parquet"

# file -> what is special about it
SPECIAL = {
    "bad_data/ARROW-GH-43605.parquet": "dictionary of one entry, indices of no bits: odd and valid",
    "data/alltypes_plain.parquet": "PLAIN_DICTIONARY, INT96, strings without annotation (Impala)",
    "data/alltypes_plain.snappy.parquet": "the same with Snappy",
    "data/alltypes_tiny_pages.parquet": "thousands of pages with dictionaries and page indexes, INT96",
    "data/alltypes_tiny_pages_plain.parquet": "the same in PLAIN",
    "data/binary.parquet": "binary without annotation",
    "data/binary_truncated_min_max.parquet": "bounds cut short, exact or not",
    "data/byte_array_decimal.parquet": "DECIMAL(4, 2) on BYTE_ARRAY",
    "data/byte_stream_split.zstd.parquet": "BYTE_STREAM_SPLIT of FLOAT and DOUBLE",
    "data/column_chunk_key_value_metadata.parquet": "metadata of column chunks, one without a value; no rows",
    "data/data_index_bloom_encoding_stats.parquet": "bloom filter, page index, encoding_stats",
    "data/data_index_bloom_encoding_with_length.parquet": "bloom filter with its length",
    "data/datapage_v1-corrupt-checksum.parquet": "CRCs that do not match, pages V1",
    "data/datapage_v1-snappy-compressed-checksum.parquet": "CRCs of compressed pages",
    "data/datapage_v1-uncompressed-checksum.parquet": "CRCs of pages as they are",
    "data/datapage_v2.snappy.parquet": "pages V2, a list, RLE booleans",
    "data/delta_binary_packed.parquet": "DELTA_BINARY_PACKED of every bit width",
    "data/delta_byte_array.parquet": "DELTA_BYTE_ARRAY with nulls",
    "data/delta_encoding_optional_column.parquet": "DELTA encodings of optional columns",
    "data/dict-page-offset-zero.parquet": "dictionary_page_offset is there and 0",
    "data/fixed_length_byte_array.parquet": "FIXED_LEN_BYTE_ARRAY(4) with a page index",
    "data/fixed_length_decimal.parquet": "DECIMAL(25, 2) on FIXED_LEN_BYTE_ARRAY(11)",
    "data/float16_nonzeros_and_nans.parquet": "FLOAT16 with NaN",
    "data/floating_orders_nan_count.parquet": "both orders of floats, nan_count, page indexes",
    "data/geospatial/crs-arbitrary-value.parquet": "GEOMETRY whose coordinate system is spelled out",
    "data/geospatial/crs-default.parquet": "GEOMETRY of the default coordinate system",
    "data/geospatial/crs-geography.parquet": "GEOGRAPHY of the default coordinate system",
    "data/geospatial/crs-projjson.parquet": "GEOMETRY whose coordinate system the file's metadata has",
    "data/geospatial/crs-srid.parquet": "GEOMETRY whose coordinate system is a number",
    "data/geospatial/geography-lines.parquet": "GEOGRAPHY, lines over the antimeridian",
    "data/geospatial/geography-points.parquet": "GEOGRAPHY, points",
    "data/geospatial/geography-polygons.parquet": "GEOGRAPHY, polygons",
    "data/geospatial/geospatial-with-nan.parquet": "GEOMETRY with NaN among the coordinates",
    "data/geospatial/geospatial.parquet": "GEOMETRY of every kind, with nulls",
    "data/hadoop_lz4_compressed.parquet": "LZ4 in Hadoop's frames",
    "data/incorrect_map_schema.parquet": "a map whose keys are called optional",
    "data/int32_decimal.parquet": "DECIMAL(4, 2) on INT32",
    "data/int32_with_null_pages.parquet": "pages of nothing but nulls, with a page index",
    "data/int64_decimal.parquet": "DECIMAL(10, 2) on INT64",
    HUGE: "4 KB that become two strings of 1 GiB",
    "data/list_columns.parquet": "lists of numbers and of strings",
    "data/lz4_raw_compressed.parquet": "LZ4_RAW",
    "data/lz4_raw_compressed_larger.parquet": "LZ4_RAW, a larger page",
    "data/nan_in_stats.parquet": "NaN as a bound",
    "data/nation.dict-malformed.parquet": "dictionary page where the first data page should be; sizes too small",
    "data/nested_lists.snappy.parquet": "lists of lists of lists",
    "data/nested_structs.rust.parquet": "structs in structs, 216 columns",
    "data/non_hadoop_lz4_compressed.parquet": "LZ4 as bare blocks, against its specification",
    "data/nullable.impala.parquet": "maps and lists in structs, null at each level (Impala)",
    "data/nulls.snappy.parquet": "a struct of nothing but nulls",
    "data/plain-dict-uncompressed-checksum.parquet": "CRCs of dictionary pages",
    "data/repeated_no_annotation.parquet": "repeated fields without LIST; the footer says 0 rows",
    "data/rle-dict-uncompressed-corrupt-checksum.parquet": "CRC of a dictionary page that does not match",
    "data/rle_boolean_encoding.parquet": "BOOLEAN in RLE with nulls",
    "data/single_nan.parquet": "a row, which is null",
}

_GEO = ("fails", "LogicalType union has no variant set", "knows no GEOMETRY or GEOGRAPHY and refuses the file")
_LZ4 = ("fails", "unsupported compression codec: LZ4", "has LZ4_RAW only")
_CRC = ("fails", "crc32 checksum mismatch", "verifies CRCs, always")

# (file, engine) -> (outcome, part of its message, why). What is not named here is to be equal.
EXCEPTIONS = {
    **{(name, "Polars"): _GEO for name in SPECIAL if "geospatial" in name},
    **{(name, "parquet-go"): _CRC for name in WRONG_CRC},
    ("data/column_chunk_key_value_metadata.parquet", "parquet-go"): (
        "fails",
        "missing required field: 2:FIELD<BINARY>",
        "wants a value for every key",
    ),
    ("data/dict-page-offset-zero.parquet", "Polars"): (
        "fails",
        "SortingColumn.descending missing",
        "reports another field of the footer as missing",
    ),
    ("data/hadoop_lz4_compressed.parquet", "parquet-go"): _LZ4,
    ("data/non_hadoop_lz4_compressed.parquet", "parquet-go"): _LZ4,
    ("data/incorrect_map_schema.parquet", "pyarrow"): (
        "fails",
        "Map keys must be annotated as required",
        "insists on required keys",
    ),
    ("data/incorrect_map_schema.parquet", "Polars"): (
        "fails",
        "is Optional instead of required",
        "insists on required keys",
    ),
    ("data/lz4_raw_compressed_larger.parquet", "parquet-go"): (
        "differs",
        "column a, value 0: b'c7ce6bef-d5b0-4863-b199-8ea8c7fb117b', b''",
        "gives 10,000 empty strings",
    ),
    ("data/nation.dict-malformed.parquet", "Polars"): (
        "fails",
        "reported the wrong page size",
        "refuses the chunk's layout",
    ),
    ("data/nation.dict-malformed.parquet", "parquet-go"): ("fails", "unexpected EOF", "refuses the chunk's layout"),
    ("data/repeated_no_annotation.parquet", "Polars"): (
        "differs",
        "column id has 6 values, 0",
        "believes the footer's count of rows and gives none",
    ),
    (HUGE, "pyarrow"): (
        "fails",
        "Nested data conversions not implemented for chunked array outputs",
        "has no nested columns of more than 2 GiB",
    ),
}

# bad_data: file -> (what is wrong with it, part of what we say). Its fourth file is valid, see above.
REFUSED = {
    "bad_data/ARROW-GH-41317.parquet": (
        "columns of unequal length, lists of a wrong type in the footer",
        "a list of another type than expected",
    ),
    "bad_data/ARROW-GH-47662.parquet": (
        "a page of 364 bytes that claims 100 values of 4",
        "page has 364 bytes for 100 values",
    ),
    "bad_data/ARROW-RS-GH-6229-DICTHEADER.parquet": (
        "page headers without counts, chunks that reach past the footer",
        "the footer is at byte 291",
    ),
}
