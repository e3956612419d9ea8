# Parsers of room parquet, its writer, and what its targets share.
add_library(fuzz_parquet STATIC parquet_make.c parquet_check.c parquet_edit.c parquet_change.c)
target_link_libraries(fuzz_parquet PUBLIC room_parquet dzr_compile)

dzr_fuzz(arrow_schema FILES arrow_schema.c ROOMS parquet)
dzr_fuzz(deltas FILES deltas.c ROOMS parquet)
dzr_fuzz(footer FILES footer.c ROOMS parquet)
dzr_fuzz(page FILES page.c ROOMS parquet)
dzr_fuzz(parquet_fields FILES parquet_fields.c ROOMS parquet LIBS fuzz_parquet)
dzr_fuzz(parquet_file FILES parquet_file.c ROOMS parquet LIBS fuzz_parquet)
dzr_fuzz(parquet_roundtrip FILES parquet_roundtrip.c ROOMS parquet LIBS fuzz_parquet)
dzr_fuzz(runs FILES runs.c ROOMS parquet)
dzr_fuzz(snappy FILES snappy.c ROOMS parquet)
dzr_fuzz(thrift FILES thrift.c ROOMS parquet)
