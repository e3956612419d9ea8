/* fuzz/parquet_check.h - whatever bytes are read as a Parquet file: what must hold then. */
#ifndef DZR_FUZZ_PARQUET_CHECK_H
#define DZR_FUZZ_PARQUET_CHECK_H

#include <datarizer/parquet.h>

/* Opens the bytes and reads every column of every row group, alone and together, with page index and statistics.
 * Holds: no byte outside is touched, each error has a message that starts with the file's name, memory stays within the
 * limits, none is left, and reading columns together gives what reading them alone does.
 * Returns the rows read, -1 when the file was refused when it was opened. */
int64_t check_file(dzr_bytes bytes, bool skip_crc);

#endif
