# Parsers of room parquet.
dzr_fuzz(page FILES page.c ROOMS parquet)
dzr_fuzz(parquet_file FILES parquet_file.c ROOMS parquet)
dzr_fuzz(thrift FILES thrift.c ROOMS parquet)
dzr_fuzz(footer FILES footer.c ROOMS parquet)
dzr_fuzz(snappy FILES snappy.c ROOMS parquet)
