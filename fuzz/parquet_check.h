/* fuzz/parquet_check.h - whatever bytes are read as a Parquet file: what must hold then. */
#ifndef DZR_FUZZ_PARQUET_CHECK_H
#define DZR_FUZZ_PARQUET_CHECK_H

#include <datarizer/parquet.h>

/* Opens the bytes and reads every column of every row group, alone and together, all of it batch by batch, and page
 * indexes and statistics. Holds: no byte outside is touched, each error has a message that starts with the file's name,
 * memory stays within the budget, none is left, and the ways to read give the same rows.
 * Returns the rows of row groups that could be read whole, -1 when the file was refused when it was opened. */
int64_t check_file(dzr_bytes bytes, bool skip_crc, size_t memory);

enum { CHECK_MEMORY = 4 << 20 }; /* little enough for a fuzzer to reach the limits */

#endif
