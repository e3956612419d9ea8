/* fuzz/parquet_edit.h - a valid Parquet file, changed field by field. */
#ifndef DZR_FUZZ_PARQUET_EDIT_H
#define DZR_FUZZ_PARQUET_EDIT_H

#include "draw.h"

#include "base/internal.h"

/* Takes a file apart into footer, page headers, page bodies and page indexes, makes one to four changes to them, and
 * puts it together again: Thrift's lengths, the places of pages and indexes, and checksums are right, but where a field
 * that says so was itself changed. Changed are fields by the shapes of metadata.h (numbers, lists' lengths, what is
 * there at all), bytes of bodies, compressed and not, and which pages there are and in which order.
 * False, and out is of no use, when the file can't be taken apart or out is full. */
bool edit_file(dzr_bytes file, draw *d, dzr_bytebuf *out);

#endif
